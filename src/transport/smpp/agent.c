/*
 * agent.c - the thread that keeps a trunk bound: its loop, buffers and timers.
 *
 * Output stands in one buffer until it is written. Input is read only while
 * there is room for the answers that it may ask for, so a peer that sends and
 * does not read is slowed down by its own socket; one that does not read at all
 * for response_ms is given up.
 *
 * The pause before the next try doubles with each, and is the shortest again
 * once a connection was bound for longer than the pause that would come. Each
 * is up to an eighth shorter by chance, so that many hosts do not come back at
 * once.
 */
#include "transport/smpp/agent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

#define READS_MAX 8 /* of a turn */

/* Room that one PDU, or one acknowledgement, may need for answers. */
#define ROOM_FOR_ONE 8192

/* When to offer the engine again what it had no place for. */
#define UNTOLD_MS 50

/* == output =============================================================== */

uint8_t *od__smpp_agent_room(od__smpp_agent *agent, size_t need)
{
    size_t len = agent->out_to - agent->out_from;
    if (need > sizeof agent->out - len) {
        agent->cramped = true;
        return NULL;
    }
    if (need > sizeof agent->out - agent->out_to) {
        memmove(agent->out, agent->out + agent->out_from, len);
        agent->out_from = 0;
        agent->out_to = len;
    }
    return agent->out + agent->out_to;
}

void od__smpp_agent_put(od__smpp_agent *agent, size_t len)
{
    if (agent->out_from == agent->out_to) {
        agent->moved_ms = agent->now_ms;
    }
    agent->out_to += len;
}

void od__smpp_agent_answer(od__smpp_agent *agent, uint32_t command,
                           uint32_t status, uint32_t sequence)
{
    uint8_t *out = od__smpp_agent_room(agent, OD__SMPP_SUBMIT_MAX);
    if (out == NULL) {
        od__smpp_agent_fail(agent, 0, "the SMSC does not read");
        return;
    }
    od__smpp_agent_put(agent,
                       od__smpp_pdu_plain(out, command, status, sequence));
}

/* May something be done that asks for answers? */
static bool has_room(od__smpp_agent *agent)
{
    return od__smpp_agent_room(agent, ROOM_FOR_ONE) != NULL;
}

/* == input ================================================================ */

/* Do what the PDUs say that were read. */
static void take_pdus(od__smpp_agent *agent)
{
    size_t at = 0;
    while (!agent->failed && has_room(agent)) {
        size_t left = agent->in_len - at;
        int32_t len = od__smpp_pdu_len(agent->in + at, left);
        if (len == OD_NONE) {
            od__smpp_agent_fail(agent, 0, "the SMSC sends no PDUs");
            break;
        }
        if (len == 0 || (size_t)len > left) {
            break;
        }
        od__smpp_pdu pdu;
        bool readable = od__smpp_pdu_read(&pdu, agent->in + at, (size_t)len);
        od__smpp_session_pdu(agent, &pdu, readable);
        at += (size_t)len;
    }
    memmove(agent->in, agent->in + at, agent->in_len - at);
    agent->in_len -= at;
}

static void receive(od__smpp_agent *agent)
{
    agent->more = false;
    for (int i = 0; i < READS_MAX; i++) {
        take_pdus(agent);
        if (agent->failed || !has_room(agent)) {
            return;
        }
        int32_t len =
            od__smpp_link_read(&agent->link, agent->in + agent->in_len,
                               sizeof agent->in - agent->in_len);
        if (len == OD_NONE) {
            od__smpp_agent_fail(agent, 0, "%s", agent->link.why);
        }
        if (len <= 0) {
            return;
        }
        agent->in_len += (size_t)len;
    }
    agent->more = true;
}

static void flush(od__smpp_agent *agent)
{
    while (agent->out_from < agent->out_to) {
        int32_t len =
            od__smpp_link_write(&agent->link, agent->out + agent->out_from,
                                agent->out_to - agent->out_from);
        if (len == OD_NONE) {
            char why[sizeof agent->link.why];
            memcpy(why, agent->link.why, sizeof why);
            if (!agent->failed) {
                receive(agent); /* answers that came before the end */
            }
            od__smpp_agent_fail(agent, 0, "%s", why);
        }
        if (len <= 0) {
            return;
        }
        agent->out_from += (size_t)len;
        agent->written += (uint64_t)len;
        agent->moved_ms = agent->now_ms;
        od__smpp_window_left(&agent->window, agent->written,
                             agent->now_ms + agent->trunk->response_ms);
    }
    agent->out_from = agent->out_to = 0;
}

/* == the connection ======================================================= */

void od__smpp_agent_fail(od__smpp_agent *agent, uint32_t status,
                         const char *fmt, ...)
{
    if (agent->failed) {
        return;
    }
    agent->failed = true;
    agent->health.status = od__smpp_status_report(status);
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(agent->health.text, sizeof agent->health.text, fmt, args);
    va_end(args);
}

/* Tell the engine about the trunk, now or when it has a place for it. */
static void tell(od__smpp_agent *agent)
{
    agent->is_untold = !od__smpp_door_health(agent->door, &agent->health);
}

static void open_link(od__smpp_agent *agent)
{
    od_now now;
    bool begun = od__smpp_link_open(&agent->link);
    od_now_read(&now); /* the resolver may have taken its time */
    agent->now_ms = now.mono_ms;
    agent->until_ms = agent->now_ms + agent->trunk->response_ms;
    if (!begun) {
        od__smpp_agent_fail(agent, 0, "%s", agent->link.why);
    }
}

static void send_bind(od__smpp_agent *agent)
{
    agent->bind_sequence = od__smpp_window_sequence(&agent->window);
    agent->until_ms = agent->now_ms + agent->trunk->response_ms;
    uint8_t *out = od__smpp_agent_room(agent, OD__SMPP_SUBMIT_MAX);
    od__smpp_agent_put(
        agent, od__smpp_pdu_bind(out, agent->trunk, agent->bind_sequence));
}

static void raise_trunk(od__smpp_agent *agent)
{
    agent->bound_ms = agent->heard_ms = agent->now_ms;
    agent->enquiring = false;
    agent->health.up = true;
    agent->health.status = 0;
    (void)snprintf(agent->health.text, sizeof agent->health.text,
                   "bound to %.100s:%d", agent->trunk->host,
                   (int)agent->trunk->port);
    atomic_store(&agent->door->up, true);
    tell(agent);
}

static void plan_next_try(od__smpp_agent *agent, bool was_up)
{
    if (was_up && agent->now_ms - agent->bound_ms > agent->pause_ms) {
        agent->pause_ms = agent->trunk->reconnect_ms_min;
    }
    uint64_t jitter = (uint64_t)agent->pause_ms / 8 + 1;
    agent->until_ms = agent->now_ms + agent->pause_ms -
                      (int64_t)od__rand_below(&agent->rand, jitter);
    agent->pause_ms = agent->pause_ms > agent->trunk->reconnect_ms_max / 2
                          ? agent->trunk->reconnect_ms_max
                          : agent->pause_ms * 2;
}

static void drop(od__smpp_agent *agent)
{
    bool was_up = agent->health.up;
    atomic_store(&agent->door->up, false);
    od__smpp_link_close(&agent->link);
    od__smpp_session_lost(agent);
    od__smpp_inbox_lost(&agent->inbox);
    agent->in_len = agent->out_from = agent->out_to = 0;
    agent->written = 0;
    agent->more = false;
    agent->failed = false;
    plan_next_try(agent, was_up);
    /* What is known already is not told each time. */
    agent->health.up = false;
    if (!agent->has_down || was_up ||
        strcmp(agent->down, agent->health.text) != 0) {
        agent->has_down = true;
        memcpy(agent->down, agent->health.text, sizeof agent->down);
        tell(agent);
    }
}

void od__smpp_agent_feed(od__smpp_agent *agent, od__smpp_bind_input input)
{
    switch (od__smpp_bind_next(&agent->state, input)) {
    case OD__SMPP_DO_NOTHING:
        break;
    case OD__SMPP_DO_OPEN:
        open_link(agent);
        break;
    case OD__SMPP_DO_BIND:
        send_bind(agent);
        break;
    case OD__SMPP_DO_RAISE:
        raise_trunk(agent);
        break;
    case OD__SMPP_DO_DROP:
        drop(agent);
        break;
    }
}

/* == a turn =============================================================== */

static void take_from_engine(od__smpp_agent *agent)
{
    od__smpp_text *text;
    od__smpp_ack ack;
    while (od__ring_take(agent->door->texts, &text)) {
        od__smpp_session_add(agent, text);
    }
    if (agent->state != OD__SMPP_BOUND) {
        od__smpp_session_lost(agent); /* they came too late */
    }
    while (has_room(agent) && od__ring_take(agent->door->acks, &ack)) {
        od__smpp_inbox_ack(agent, &ack);
    }
}

/* Ask whether the SMSC is there, after a silence; give it up if it is not. */
static void enquire(od__smpp_agent *agent)
{
    const od__smpp_trunk *trunk = agent->trunk;
    if (agent->out_from < agent->out_to &&
        agent->now_ms >= agent->moved_ms + trunk->response_ms) {
        od__smpp_agent_fail(agent, 0, "the SMSC does not read");
    } else if (agent->enquiring && agent->now_ms >= agent->enquiry_until_ms) {
        od__smpp_agent_fail(agent, 0, "enquire_link was not answered");
    } else if (!agent->enquiring &&
               agent->now_ms >= agent->heard_ms + trunk->enquire_ms) {
        agent->enquiring = true;
        agent->enquiry_until_ms = agent->now_ms + trunk->response_ms;
        od__smpp_agent_answer(agent, OD__SMPP_ENQUIRE_LINK, OD__SMPP_ROK,
                              od__smpp_window_sequence(&agent->window));
    }
}

static void advance_link(od__smpp_agent *agent)
{
    if (!od__smpp_link_advance(&agent->link)) {
        od__smpp_agent_fail(agent, 0, "%s", agent->link.why);
    } else if (agent->link.phase == OD__SMPP_LINK_OPEN) {
        od__smpp_agent_feed(agent, OD__SMPP_CONNECTED);
    } else if (agent->now_ms >= agent->until_ms) {
        od__smpp_agent_fail(agent, 0, "cannot connect: no answer");
    }
}

static void turn(od__smpp_agent *agent)
{
    agent->cramped = false;
    take_from_engine(agent);
    if (agent->state == OD__SMPP_PAUSE && agent->now_ms >= agent->until_ms) {
        od__smpp_agent_feed(agent, OD__SMPP_DUE);
    }
    if (agent->state == OD__SMPP_CONNECT && !agent->failed) {
        advance_link(agent);
    }
    if (agent->state == OD__SMPP_BIND || agent->state == OD__SMPP_BOUND) {
        receive(agent);
    }
    if (agent->state == OD__SMPP_BIND && !agent->failed &&
        agent->now_ms >= agent->until_ms) {
        od__smpp_agent_fail(agent, 0, "the bind was not answered");
    }
    if (agent->state == OD__SMPP_BOUND && !agent->failed) {
        od__smpp_session_expire(agent);
        od__smpp_inbox_expire(agent);
        enquire(agent);
        od__smpp_session_ask(agent);
    }
    if (agent->link.phase == OD__SMPP_LINK_OPEN) {
        flush(agent);
        /* What was put off for want of room need not wait for the peer. */
        agent->more =
            agent->more || (agent->cramped && agent->out_from == agent->out_to);
    }
    if (agent->failed) {
        od__smpp_agent_feed(agent, OD__SMPP_LOST);
    }
    if (agent->is_untold) {
        tell(agent);
    }
}

static void earlier(int64_t *due_ms, int64_t at_ms)
{
    if (at_ms < *due_ms) {
        *due_ms = at_ms;
    }
}

/* When something is to be done that no descriptor announces. */
static int64_t due_ms(const od__smpp_agent *agent)
{
    const od__smpp_trunk *trunk = agent->trunk;
    int64_t due = agent->is_untold ? agent->now_ms + UNTOLD_MS : OD_NEVER;
    if (agent->more) {
        return agent->now_ms;
    }
    if (agent->state != OD__SMPP_BOUND) {
        earlier(&due, agent->until_ms);
        return due;
    }
    earlier(&due, agent->enquiring ? agent->enquiry_until_ms
                                   : agent->heard_ms + trunk->enquire_ms);
    earlier(&due, agent->window.due_ms);
    earlier(&due, od__smpp_inbox_due_ms(&agent->inbox));
    earlier(&due, od__smpp_session_due_ms(agent));
    if (agent->out_from < agent->out_to) {
        earlier(&due, agent->moved_ms + trunk->response_ms);
    }
    return due;
}

static void wait_for_work(od__smpp_agent *agent)
{
    od_now now;
    struct pollfd fds[2] = {
        {.fd = agent->door->wake.fd, .events = POLLIN},
        {.fd = agent->link.fd}, /* -1 is passed over */
    };
    fds[1].events = od__smpp_link_events(&agent->link);
    if (agent->out_from < agent->out_to) {
        fds[1].events |= POLLOUT;
    }
    if (!has_room(agent)) {
        fds[1].events &= (short)~POLLIN;
    }
    od_now_read(&now);
    int64_t wait_ms = due_ms(agent) - now.mono_ms;
    wait_ms = wait_ms < 0 ? 0 : wait_ms;
    wait_ms = wait_ms > 3600000 ? 3600000 : wait_ms;
    (void)poll(fds, OD__LEN(fds), (int)wait_ms);
    od_now_read(&now);
    agent->now_ms = now.mono_ms;
}

static void *run(void *arg)
{
    od__smpp_agent *agent = arg;
    (void)prctl(PR_SET_NAME, "od-smpp");
    while (!atomic_load(&agent->door->stop)) {
        od__smpp_door_listen_agent(agent->door);
        turn(agent);
        wait_for_work(agent);
    }
    return NULL;
}

/* == begin and end ======================================================== */

/* The thread takes no signals: they are the host's. */
static od_err begin_thread(od__smpp_agent *agent, od_errmsg *errmsg)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int result = pthread_create(&agent->thread, NULL, run, agent);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result != 0) {
        return od__fail(errmsg, OD_ERR_TRANSPORT, "no thread for SMPP: %s",
                        strerror(result));
    }
    agent->has_thread = true;
    return OD_OK;
}

od_err od__smpp_agent_new(od__smpp_agent **out, const od__smpp_trunk *trunk,
                          od__smpp_door *door, od_errmsg *errmsg)
{
    od_now now;
    od__smpp_agent *agent = calloc(1, sizeof *agent);
    if (agent == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a trunk");
    }
    od_now_read(&now);
    agent->trunk = trunk;
    agent->door = door;
    agent->now_ms = agent->until_ms = now.mono_ms;
    agent->pause_ms = trunk->reconnect_ms_min;
    agent->link.fd = -1;
    od__smpp_inbox_init(&agent->inbox);
    if (od__rand_system(&agent->rand) != OD_OK) {
        agent->rand.state = (uint64_t)od__mono_us();
    }
    od_err err = od__smpp_window_init(&agent->window, trunk->window);
    if (err != OD_OK) {
        (void)od__fail(errmsg, err, "no memory for a trunk");
    } else {
        err = od__smpp_link_init(&agent->link, trunk, errmsg);
    }
    if (err == OD_OK) {
        err = begin_thread(agent, errmsg);
    }
    if (err != OD_OK) {
        od__smpp_agent_free(agent);
        return err;
    }
    *out = agent;
    return OD_OK;
}

void od__smpp_agent_free(od__smpp_agent *agent)
{
    if (agent == NULL) {
        return;
    }
    if (agent->has_thread) {
        od__smpp_door_stop(agent->door);
        (void)pthread_join(agent->thread, NULL);
    }
    od__smpp_link_clear(&agent->link);
    while (agent->first != NULL) {
        od__smpp_text *text = agent->first;
        agent->first = text->next;
        od__smpp_text_free(text);
    }
    od__smpp_inbox_clear(&agent->inbox);
    od__smpp_window_clear(&agent->window);
    /* A bind may stand in it, with the password. */
    explicit_bzero(agent->out, sizeof agent->out);
    free(agent);
}
