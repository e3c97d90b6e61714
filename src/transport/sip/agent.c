/*
 * agent.c - the thread that runs libre's loop and takes the engine's commands.
 *
 * libre's loop cannot be stepped or polled from outside, so it gets a thread of
 * its own; nothing of it is touched by any other. Commands come through the
 * link (link.c), whose descriptor is one of the loop's.
 *
 * libre is initialised once per process and never closed: its libre_close()
 * releases nothing but the loop of the thread that calls it. libre_init()
 * replaces the handler of SIGPIPE; the host's is put back. The thread blocks
 * all signals.
 *
 * Stopping does no protocol work: the ports close first, so that whatever
 * libre's destructors want to send goes nowhere.
 */
#include "transport/sip/agent.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* libre's tables have 16 buckets if not told otherwise, and doubled the CPU of
 * a call that way. Powers of two. */
#define CLIENT_BUCKETS 32768
#define SERVER_BUCKETS 8192
#define CONNECTION_BUCKETS 64

/* What a burst of answers needs; the default holds 166 messages. */
#define SOCKET_BUFFER (4 * 1024 * 1024)

/* libre's table of descriptors is indexed by their numbers. */
#define DESCRIPTORS_MAX 65536

/* == once per process ===================================================== */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_result;

static void initialise(void)
{
    struct sigaction before;
    (void)sigaction(SIGPIPE, NULL, &before);
    once_result = libre_init();
    (void)sigaction(SIGPIPE, &before, NULL);
}

/* == legs ================================================================= */

static void publish_closing(od__agent *agent)
{
    atomic_store(&agent->link->closing,
                 agent->legs - agent->legs_live + agent->legs_ended);
}

static void on_second(void *arg)
{
    od__agent *agent = arg;
    agent->ended_now = (agent->ended_now + 1) % OD__LINGER_S;
    agent->legs_ended -= agent->ended[agent->ended_now];
    agent->ended[agent->ended_now] = 0;
    publish_closing(agent);
    if (agent->legs_ended > 0) {
        tmr_start(&agent->second, 1000, on_second, agent);
    }
}

static void leg_destructor(void *arg)
{
    od__leg *leg = arg;
    od__agent *agent = leg->agent;
    if (leg->call != NULL) {
        od__session_gone(leg->call);
    }
    od__agent_leg_let_go(leg);
    agent->legs--;
    agent->legs_ended++;
    agent->ended[agent->ended_now]++;
    if (!tmr_isrunning(&agent->second)) {
        tmr_start(&agent->second, 1000, on_second, agent);
    }
    publish_closing(agent);
}

od__leg *od__agent_leg_new(od__agent *agent, od__call *call, int32_t trunk)
{
    od__leg *leg = mem_zalloc(sizeof *leg, leg_destructor);
    if (leg != NULL) {
        leg->agent = agent;
        leg->call = call;
        leg->trunk = trunk;
        agent->legs++;
        agent->legs_live++;
    }
    return leg;
}

void od__agent_leg_let_go(od__leg *leg)
{
    if (leg->call != NULL) {
        leg->call = NULL;
        leg->agent->legs_live--;
        publish_closing(leg->agent);
    }
}

/* == commands ============================================================= */

static void on_wake(int flags, void *arg)
{
    (void)flags;
    od__agent *agent = arg;
    uint32_t slot;
    uint32_t arrival;
    unsigned asked;
    od__link_listen_agent(agent->link);
    if (atomic_load(&agent->link->stop)) {
        re_cancel();
        return;
    }
    while (od__link_asks(agent->link, &slot, &asked)) {
        od__call *call = &agent->calls[slot];
        if ((asked & OD__ASK_SEND) != 0) {
            od__message_send(&agent->messages[slot]);
        } else if ((asked & OD__ASK_DIAL) != 0) {
            od__session_dial(call, (asked & OD__ASK_HANGUP) != 0);
        } else if ((asked & OD__ASK_HANGUP) != 0) {
            od__session_hangup(call);
        }
    }
    while (od__link_answer(agent->link, &arrival)) {
        od__inbound_answer(agent, arrival);
    }
}

/* == begin ================================================================ */

/* The socket that libre bound; it does not give it out. */
static void enlarge_buffers(const struct sa *bound)
{
    for (int fd = 0; fd < DESCRIPTORS_MAX; fd++) {
        struct sa local;
        int type = 0;
        int bytes = SOCKET_BUFFER;
        socklen_t type_len = sizeof type;
        local.len = sizeof local.u;
        if (getsockname(fd, &local.u.sa, &local.len) == 0 &&
            getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) == 0 &&
            type == SOCK_DGRAM && sa_cmp(&local, bound, SA_ALL)) {
            /* The kernel may give less; FORCE needs a privilege. */
            if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
                           sizeof bytes) != 0) {
                (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes,
                                 sizeof bytes);
            }
            (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
            return;
        }
    }
}

static int bind_port(od__agent *agent, enum sip_transp protocol)
{
    struct sa local;
    int err = sa_set_str(&local, agent->config->address,
                         (uint16_t)agent->config->port);
    if (err != 0) {
        return err;
    }
    err = sip_transp_add(agent->sip, protocol, &local);
    if (err != 0) {
        return err;
    }
    struct sa bound;
    if (protocol == SIP_TRANSP_UDP &&
        sip_transp_laddr(agent->sip, &bound, protocol, &local) == 0) {
        enlarge_buffers(&bound);
    }
    return 0;
}

static int bind_ports(od__agent *agent)
{
    bool wanted[2] = {false, false};
    for (size_t i = 0; i < agent->config->trunks_len; i++) {
        wanted[agent->config->trunks[i].protocol] = true;
    }
    int err = 0;
    if (wanted[OD_SIP_UDP]) {
        err = bind_port(agent, SIP_TRANSP_UDP);
    }
    if (err == 0 && wanted[OD_SIP_TCP]) {
        err = bind_port(agent, SIP_TRANSP_TCP);
    }
    return err;
}

/* Later requests of a call may go to hosts by name. */
static void find_resolver(od__agent *agent)
{
    struct sa servers[4];
    uint32_t count = OD__LEN(servers);
    char domain[256];
    if (dns_srv_get(domain, sizeof domain, servers, &count) != 0 ||
        dnsc_alloc(&agent->dns, NULL, servers, count) != 0) {
        agent->dns = NULL;
    }
}

static int size_descriptors(void)
{
    struct rlimit limit;
    int size = DESCRIPTORS_MAX;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
        limit.rlim_cur < DESCRIPTORS_MAX) {
        size = (int)limit.rlim_cur;
    }
    return fd_setsize(size);
}

static int begin(od__agent *agent)
{
    int err = size_descriptors();
    if (err == 0) {
        find_resolver(agent);
        err = sip_alloc(&agent->sip, agent->dns, CLIENT_BUCKETS, SERVER_BUCKETS,
                        CONNECTION_BUCKETS, agent->config->user_agent, NULL,
                        agent);
    }
    if (err == 0) {
        sip_set_trace_handler(agent->sip, od__stray_trace);
        err = bind_ports(agent);
    }
    if (err == 0) {
        err = hash_alloc(&agent->calls_by_id, CLIENT_BUCKETS);
    }
    if (err == 0) {
        err = od__stray_listen(agent, true);
    }
    if (err == 0) {
        err = sipsess_listen(&agent->sessions, agent->sip, CLIENT_BUCKETS, NULL,
                             NULL);
    }
    if (err == 0) {
        err = od__stray_listen(agent, false);
    }
    if (err == 0) {
        err = fd_listen(agent->link->wake.fd, FD_READ, on_wake, agent);
    }
    if (err == 0) {
        od__inbound_begin(agent);
        od__trunk_begin(agent);
    }
    return err;
}

/* == end ================================================================== */

/* Also after a begin() that failed half way. */
static void finish(od__agent *agent)
{
    fd_close(agent->link->wake.fd);
    sip_transp_flush(agent->sip);
    od__trunk_stop(agent);
    for (uint32_t i = 0; i < agent->link->lines_len; i++) {
        od__session_abandon(&agent->calls[i]);
        od__message_abandon(&agent->messages[i]);
    }
    od__inbound_abandon(agent);
    /* Requests under way end, and with them the sessions that wait for them. */
    sip_close(agent->sip, true);
    sipsess_close_all(agent->sessions);
    agent->forks = mem_deref(agent->forks);
    agent->requests = mem_deref(agent->requests);
    agent->responses = mem_deref(agent->responses);
    agent->sessions = mem_deref(agent->sessions);
    agent->sip = mem_deref(agent->sip);
    agent->dns = mem_deref(agent->dns);
    agent->calls_by_id = mem_deref(agent->calls_by_id);
    tmr_cancel(&agent->second);
}

static void *run(void *arg)
{
    od__agent *agent = arg;
    (void)prctl(PR_SET_NAME, "od-sip");
    int err = re_thread_init();
    bool inside = err == 0;
    if (err == 0) {
        err = begin(agent);
    }
    if (err != 0) {
        agent->begun_err =
            od__fail(&agent->begun_errmsg,
                     err == ENOMEM ? OD_ERR_MEMORY : OD_ERR_TRANSPORT,
                     "SIP on %s port %d: %s", agent->config->address,
                     agent->config->port, strerror(err));
    }
    /* The starter frees the agent of a begin() that failed only after the
     * thread was joined. */
    (void)sem_post(&agent->begun);
    /* It returns when on_wake() says so. Should its poll fail, calls must not
     * wait for ever: once more. */
    while (err == 0 && !atomic_load(&agent->link->stop)) {
        if (re_main(NULL) != 0) {
            (void)sched_yield();
        }
    }
    if (inside) {
        finish(agent);
        re_thread_close();
    }
    return NULL;
}

/* == from the engine's thread ============================================= */

static int start_thread(od__agent *agent)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int err = pthread_create(&agent->thread, NULL, run, agent);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

static void release(od__agent *agent)
{
    (void)sem_destroy(&agent->begun);
    free(agent->calls);
    free(agent->messages);
    free(agent);
}

od_err od__agent_new(od__agent **out, const od__config *config, od__link *link,
                     struct od__media *media, od_errmsg *errmsg)
{
    (void)pthread_once(&once, initialise);
    od__agent *agent = calloc(1, sizeof *agent);
    if (agent == NULL || once_result != 0) {
        free(agent);
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for SIP");
    }
    agent->config = config;
    agent->link = link;
    agent->media = media;
    agent->calls = calloc(link->lines_len, sizeof *agent->calls);
    agent->messages = calloc(link->lines_len, sizeof *agent->messages);
    (void)sem_init(&agent->begun, 0, 0);
    if (agent->calls == NULL || agent->messages == NULL) {
        release(agent);
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for %u calls",
                        link->lines_len);
    }
    for (uint32_t i = 0; i < link->lines_len; i++) {
        agent->calls[i].agent = agent;
        agent->calls[i].slot = i;
        agent->messages[i].agent = agent;
        agent->messages[i].slot = i;
    }

    int wrong = start_thread(agent);
    if (wrong != 0) {
        release(agent);
        return od__fail(errmsg, OD_ERR_TRANSPORT, "no thread for SIP: %s",
                        strerror(wrong));
    }
    while (sem_wait(&agent->begun) != 0) {
        continue; /* a signal came */
    }
    if (agent->begun_err != OD_OK) {
        (void)pthread_join(agent->thread, NULL);
        od_err err =
            od__fail(errmsg, agent->begun_err, "%s", agent->begun_errmsg.text);
        release(agent);
        return err;
    }
    *out = agent;
    return OD_OK;
}

void od__agent_free(od__agent *agent)
{
    if (agent != NULL) {
        od__link_stop(agent->link);
        (void)pthread_join(agent->thread, NULL);
        release(agent);
    }
}
