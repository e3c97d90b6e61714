/*
 * smsc_player.c - an SMSC that obeys plays; see smsc_player.h.
 */
#include "support/smsc_player.h"

#include "support/test.h"

#include "base/base.h"
#include "text/text.h"
#include "transport/sim.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>

#define EVENTS_MAX 1024
#define PLAYS_MAX 32
#define AGAIN_MS 500
#define HEARD_MAX 65536

/* Something to be done for a submit. */
typedef struct event {
    int64_t at_ms;     /* OD_NEVER: it was done, and awaits its answer */
    uint32_t sequence; /* of that */
    uint32_t epoch;    /* connection it belongs to */
    size_t submit;
    const od__sim_text_word *word; /* NULL: no event */
} event;

struct od_smsc_player {
    od_smsc smsc;
    pthread_t thread;
    atomic_bool stop;
    atomic_bool drop;
    uint64_t phones[PLAYS_MAX];
    od__sim_text_play *plays[PLAYS_MAX];
    size_t plays_len;
    size_t seen; /* submits that were looked at */
    int64_t now_ms;
    event events[EVENTS_MAX];
    pthread_mutex_t lock; /* of what was heard */
    size_t heard_len;
    char heard[HEARD_MAX]; /* all texts, in a row */
};

/* == what is to be done =================================================== */

static event *add_event(od_smsc_player *p)
{
    for (size_t i = 0; i < EVENTS_MAX; i++) {
        if (p->events[i].word == NULL) {
            return &p->events[i];
        }
    }
    fail_msg("too much happens");
    return NULL;
}

static od__sim_text_play *play_of(od_smsc_player *p, const char *phone)
{
    uint64_t number = strtoull(phone, NULL, 10);
    for (size_t i = 0; i < p->plays_len; i++) {
        if (p->phones[i] == number) {
            return p->plays[i];
        }
    }
    fail_msg("a text to %s, which has no play", phone);
    return NULL;
}

static void plan_submit(od_smsc_player *p, size_t submit)
{
    uint32_t len;
    int64_t at_ms = p->now_ms;
    const od__sim_text_word *words =
        od__sim_text_play_next(play_of(p, p->smsc.submits[submit].dest), &len);
    (void)snprintf(p->smsc.submits[submit].id, sizeof p->smsc.submits[0].id,
                   "%zx", submit + 0xa00);
    for (uint32_t i = 0; i < len; i++) {
        if (words[i].verb == OD__SIM_TEXT_WAIT) {
            at_ms += words[i].ms;
        } else if (words[i].verb != OD__SIM_TEXT_LOST) {
            *add_event(p) = (event){.at_ms = at_ms,
                                    .epoch = p->smsc.connections,
                                    .submit = submit,
                                    .word = &words[i]};
        }
    }
}

/* Write a text behind the others, without the header of a part. */
static void hear(od_smsc_player *p, const od_smsc_submit *submit)
{
    uint16_t units[OD_SMSC_TEXT_MAX / 2];
    size_t at = (submit->esm_class & 0x40) != 0 ? 1u + submit->text[0] : 0;
    size_t len = submit->text_len - at;
    (void)pthread_mutex_lock(&p->lock);
    char *out = p->heard + p->heard_len;
    size_t room = sizeof p->heard - p->heard_len;
    int32_t heard;
    if (submit->coding == 8) {
        for (size_t i = 0; i < len / 2; i++) {
            units[i] = (uint16_t)(submit->text[at + 2 * i] << 8 |
                                  submit->text[at + 2 * i + 1]);
        }
        heard = od__utf16_decode(units, len / 2, out, room);
    } else {
        heard = od__gsm_decode(submit->text + at, len, out, room);
    }
    p->heard_len += heard > 0 ? (size_t)heard : 0;
    (void)pthread_mutex_unlock(&p->lock);
}

bool od_smsc_player_heard(od_smsc_player *p, const char *text)
{
    (void)pthread_mutex_lock(&p->lock);
    bool found = strstr(p->heard, text) != NULL;
    (void)pthread_mutex_unlock(&p->lock);
    return found;
}

/* == doing it ============================================================= */

static uint32_t send_receipt(od_smsc_player *p, const od_smsc_submit *submit,
                             const od__sim_text_word *word)
{
    static const char *const stats[OD_DELIVERIES] = {
        [OD_DELIVERY_SENT] = "ENROUTE",
        [OD_DELIVERY_DELIVERED] = "DELIVRD",
        [OD_DELIVERY_FAILED] = "UNDELIV",
        [OD_DELIVERY_EXPIRED] = "EXPIRED",
        [OD_DELIVERY_UNKNOWN] = "UNKNOWN"};
    char text[200];
    (void)snprintf(text, sizeof text,
                   "id:%s sub:001 dlvrd:001 submit date:2611261200 done "
                   "date:2611261201 stat:%s err:%s text:",
                   submit->id, stats[word->delivery],
                   word->code[0] != '\0' ? word->code : "000");
    return od_smsc_receipt(&p->smsc, text);
}

static uint32_t send_reply(od_smsc_player *p, const od_smsc_submit *submit,
                           const char *reply)
{
    uint16_t units[120];
    uint8_t octets[240];
    int32_t len = od__utf16_encode(reply, strlen(reply), units, OD__LEN(units));
    assert_true(len > 0);
    for (int32_t i = 0; i < len; i++) {
        octets[2 * i] = (uint8_t)(units[i] >> 8);
        octets[2 * i + 1] = (uint8_t)units[i];
    }
    const od_smsc_deliver deliver = {.source = submit->dest,
                                     .dest = submit->source,
                                     .coding = 8,
                                     .text = octets,
                                     .text_len = (size_t)len * 2};
    return od_smsc_deliver_send(&p->smsc, &deliver);
}

static void refuse(od_smsc_player *p, const od_smsc_submit *submit,
                   int32_t status)
{
    (void)od_smsc_send_plain(&p->smsc, 0x80000004, (uint32_t)status,
                             submit->sequence);
}

static void do_event(od_smsc_player *p, event *e)
{
    const od_smsc_submit *submit = &p->smsc.submits[e->submit];
    bool same = e->epoch == p->smsc.connections;
    switch (e->word->verb) {
    case OD__SIM_TEXT_ACCEPT:
        if (same) {
            od_smsc_accept(&p->smsc, submit, submit->id);
        }
        e->word = NULL;
        break;
    case OD__SIM_TEXT_REJECT:
        if (same) {
            refuse(p, submit, e->word->status);
        }
        e->word = NULL;
        break;
    case OD__SIM_TEXT_RECEIPT:
        e->sequence = send_receipt(p, submit, e->word);
        break;
    default:
        e->sequence = send_reply(p, submit, e->word->reply);
        break;
    }
    e->epoch = p->smsc.connections;
    e->at_ms = OD_NEVER;
}

/* It was handed over: has it arrived? */
static void check_event(od_smsc_player *p, event *e)
{
    const od_smsc_answer *answer = od_smsc_answer_to(&p->smsc, e->sequence);
    if (answer != NULL && answer->status == 0) {
        e->word = NULL;
    } else if (answer != NULL || e->epoch != p->smsc.connections) {
        e->at_ms = p->now_ms + AGAIN_MS;
    }
}

static void turn(od_smsc_player *p)
{
    od_now now;
    od_smsc_pump(&p->smsc, -1, 5);
    od_now_read(&now);
    p->now_ms = now.mono_ms;
    if (atomic_exchange(&p->drop, false)) {
        od_smsc_hang_up(&p->smsc, false);
    }
    for (; p->seen < p->smsc.submits_len; p->seen++) {
        hear(p, &p->smsc.submits[p->seen]);
        plan_submit(p, p->seen);
    }
    if (p->smsc.fd < 0 || p->smsc.binds < p->smsc.connections) {
        return;
    }
    for (size_t i = 0; i < EVENTS_MAX; i++) {
        event *e = &p->events[i];
        if (e->word != NULL && e->at_ms == OD_NEVER) {
            check_event(p, e);
        } else if (e->word != NULL && e->at_ms <= p->now_ms) {
            do_event(p, e);
        }
    }
}

static void *run(void *arg)
{
    od_smsc_player *p = arg;
    while (!atomic_load(&p->stop)) {
        turn(p);
    }
    return NULL;
}

/* == begin and end ======================================================== */

od_smsc_player *od_smsc_player_new(const od_far_play *plays)
{
    od_smsc_player *p = calloc(1, sizeof *p);
    assert_non_null(p);
    od_smsc_open(&p->smsc, NULL, NULL);
    assert_int_equal(pthread_mutex_init(&p->lock, NULL), 0);
    p->smsc.mute_submits = true; /* the plays answer them */
    for (; plays->phone != 0; plays++) {
        assert_true(p->plays_len < PLAYS_MAX);
        p->phones[p->plays_len] = plays->phone;
        assert_int_equal(
            od__sim_text_play_new(&p->plays[p->plays_len], plays->play, NULL),
            OD_OK);
        p->plays_len++;
    }
    assert_int_equal(pthread_create(&p->thread, NULL, run, p), 0);
    return p;
}

void od_smsc_player_free(od_smsc_player *p)
{
    if (p == NULL) {
        return;
    }
    atomic_store(&p->stop, true);
    (void)pthread_join(p->thread, NULL);
    od_smsc_close(&p->smsc);
    (void)pthread_mutex_destroy(&p->lock);
    for (size_t i = 0; i < p->plays_len; i++) {
        od__sim_text_play_free(p->plays[i]);
    }
    free(p);
}

uint16_t od_smsc_player_port(const od_smsc_player *p)
{
    return p->smsc.port;
}

void od_smsc_player_drop(od_smsc_player *p)
{
    atomic_store(&p->drop, true);
}
