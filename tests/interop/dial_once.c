/*
 * dial_once.c - place one call over SIP and print what is reported, for the
 * interop tests. Drives the transport's table with a sink of its own; there is
 * no engine. run.sh starts it against other people's SIP software.
 *
 *   dial_once --trunk 127.0.0.1:5070 --play 1000
 *
 * Prints one line for each report. Its exit status is 0 if the call came to
 * its end and 1 if not; whether it was the right end, run.sh says.
 */
#include "base/base.h"
#include "media/media.h"

#include <outdial/backend.h>
#include <outdial/transport.h>

#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define SESSION_ID "0123456789abcdef0123456789abcdef"

typedef struct call_plan {
    char host[128];
    int32_t port;
    bool tcp;
    const char *user;
    const char *password;
    const char *prefix;
    const char *address; /* ours */
    int32_t trying_ms;
    int32_t silent_ms;
    int64_t play_ms;   /* of the prompt played after the answer; 0: none */
    int64_t hangup_ms; /* after the answer; -1: when the prompt ends */
    int64_t hangup_early_ms; /* after the dial; -1: never */
    const char *digits;      /* sent after the answer */
    int64_t linger_ms;       /* after the end, for CANCEL and BYE */
    int64_t limit_ms;        /* give up */
    bool wait_down;          /* until the trunk is reported down; no call */
} call_plan;

typedef struct caller {
    call_plan plan;
    const od_transport_ops *ops;
    void *ctx;
    od__wake wake;
    const od_prompt *prompt;
    int64_t now_ms;
    int64_t hangup_at_ms;
    bool ended;
    bool down;
} caller;

/* == reports ============================================================== */

static void on_answered(caller *c)
{
    if (c->plan.digits != NULL) {
        od_err err = c->ops->digits_send(c->ctx, 0, c->plan.digits);
        printf("digits_send %s\n", od_err_name(err));
    }
    if (c->prompt != NULL) {
        c->ops->play(c->ctx, 0, 1, &c->prompt, 1, 0);
    }
    if (c->plan.hangup_ms >= 0) {
        c->hangup_at_ms = c->now_ms + c->plan.hangup_ms;
    }
}

static void on_report(void *ctx, const od_report *report)
{
    caller *c = ctx;
    switch (report->kind) {
    case OD_REPORT_PROGRESS:
        printf("progress\n");
        break;
    case OD_REPORT_RINGING:
        printf("ringing\n");
        break;
    case OD_REPORT_ANSWERED:
        printf("answered\n");
        on_answered(c);
        break;
    case OD_REPORT_DIGIT:
        printf("digit %c\n", report->digit);
        break;
    case OD_REPORT_PLAY_ENDED:
        printf("play_ended heard_ms=%" PRId64 "\n", report->heard_ms);
        if (c->plan.hangup_ms < 0) {
            c->hangup_at_ms = c->now_ms;
        }
        break;
    case OD_REPORT_RECEIPT:
    case OD_REPORT_REPLY:
        break; /* this tool dials */
    case OD_REPORT_MACHINE:
        printf("machine\n");
        break;
    case OD_REPORT_ENDED:
        printf("ended status=%d fault=%s remote=%d heard_ms=%" PRId64
               " call_id=%s\n",
               report->status, od_err_name((od_err)report->fault),
               report->remote, report->heard_ms,
               report->sip_call_id != NULL ? "yes" : "no");
        c->ended = true;
        break;
    case OD_REPORT_TRUNK:
        printf("trunk %s status=%d\n", report->up ? "up" : "down",
               report->status);
        c->down = !report->up;
        break;
    }
    (void)fflush(stdout);
}

static void on_wake(void *ctx)
{
    caller *c = ctx;
    od__wake_signal(&c->wake);
}

/* == the loop ============================================================= */

static int64_t earliest(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* One turn; waits at most until `until_ms`. */
static void turn(caller *c, int64_t until_ms)
{
    od_now now;
    od_now_read(&now);
    int64_t at_ms = earliest(c->ops->deadline_ms(c->ctx), until_ms);
    int64_t wait_ms = at_ms > now.mono_ms ? at_ms - now.mono_ms : 0;
    struct pollfd fd = {.fd = c->wake.fd, .events = POLLIN};
    (void)poll(&fd, 1, (int)wait_ms);
    od__wake_clear(&c->wake);
    od_now_read(&now);
    c->now_ms = now.mono_ms;
    c->ops->step(c->ctx, &now, 64);
}

static void run(caller *c)
{
    int64_t begin_ms = c->now_ms;
    int64_t limit_ms = begin_ms + c->plan.limit_ms;
    if (c->plan.hangup_early_ms >= 0) {
        c->hangup_at_ms = begin_ms + c->plan.hangup_early_ms;
    }
    while (!c->ended && !(c->plan.wait_down && c->down) &&
           c->now_ms < limit_ms) {
        turn(c, earliest(c->hangup_at_ms, limit_ms));
        if (c->now_ms >= c->hangup_at_ms) {
            c->hangup_at_ms = OD_NEVER;
            printf("hangup\n");
            c->ops->hangup(c->ctx, 0);
        }
    }
    int64_t linger_ms = c->now_ms + c->plan.linger_ms;
    while (c->now_ms < linger_ms) {
        turn(c, linger_ms);
    }
}

/* == begin and end ======================================================== */

static bool fail(const char *what, const od_errmsg *errmsg)
{
    (void)fprintf(stderr, "%s: %s\n", what, errmsg->text);
    return false;
}

static bool make_prompt(caller *c)
{
    size_t len = (size_t)c->plan.play_ms * OD__RATE_HZ / 1000;
    int16_t *samples = calloc(len, sizeof *samples);
    od_errmsg errmsg = {""};
    for (size_t i = 0; samples != NULL && i < len; i++) {
        samples[i] =
            (int16_t)(8000.0 * sin((double)i * 440.0 * 6.2831853 / 8000.0));
    }
    od_err err = samples == NULL
                     ? OD_ERR_MEMORY
                     : od__prompt_new(&c->prompt, samples, len, &errmsg);
    free(samples);
    return err == OD_OK || fail("prompt", &errmsg);
}

static bool make_transport(od_transport **out, const call_plan *plan)
{
    od_sip_trunk trunk;
    od_sip_trunk_init(&trunk);
    trunk.name = "test";
    trunk.host = plan->host;
    trunk.port = plan->port;
    trunk.protocol = plan->tcp ? OD_SIP_TCP : OD_SIP_UDP;
    trunk.username = plan->user;
    trunk.password = plan->password;
    trunk.dial_prefix = plan->prefix;
    const od_sip_trunk *trunks[] = {&trunk};
    od_sip_options options;
    od_sip_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    options.address = plan->address;
    options.trying_ms = plan->trying_ms;
    options.silent_peer_ms = plan->silent_ms;
    od_errmsg errmsg = {""};
    return od_transport_new_sip(out, &options, &errmsg) == OD_OK ||
           fail("options", &errmsg);
}

static bool dial(caller *c)
{
    od_dial dial;
    memset(&dial, 0, sizeof dial);
    dial.attempt = 1;
    dial.to = 12125550123u;
    dial.from = 13105550100u;
    memcpy(dial.session_id, SESSION_ID, sizeof SESSION_ID);
    od_err err = c->ops->dial(c->ctx, &dial);
    if (err != OD_OK) {
        (void)fprintf(stderr, "dial: %s\n", od_err_name(err));
    }
    return err == OD_OK;
}

static bool call(caller *c, od_transport *transport, od_sink *sink)
{
    od_errmsg errmsg = {""};
    od_now now;
    od_now_read(&now);
    c->now_ms = now.mono_ms;
    c->hangup_at_ms = OD_NEVER;
    c->ops = od_transport_ops_get(transport);
    c->ctx = od_transport_ctx_get(transport);
    if (c->ops->start(c->ctx, sink, 4, &now, &errmsg) != OD_OK) {
        return fail("start", &errmsg);
    }
    if (!c->plan.wait_down && !dial(c)) {
        return false;
    }
    run(c);
    return c->plan.wait_down ? c->down : c->ended;
}

static bool parse_trunk(call_plan *plan, const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t len = colon != NULL ? (size_t)(colon - text) : 0;
    if (len == 0 || len >= sizeof plan->host) {
        return false;
    }
    memcpy(plan->host, text, len);
    plan->host[len] = '\0';
    plan->port = atoi(colon + 1);
    return true;
}

static bool parse(call_plan *plan, int argc, char **argv)
{
    static const struct option options[] = {
        {"trunk", required_argument, NULL, 't'},
        {"tcp", no_argument, NULL, 'T'},
        {"user", required_argument, NULL, 'u'},
        {"password", required_argument, NULL, 'p'},
        {"prefix", required_argument, NULL, 'x'},
        {"address", required_argument, NULL, 'a'},
        {"trying", required_argument, NULL, 'y'},
        {"silent", required_argument, NULL, 's'},
        {"play", required_argument, NULL, 'P'},
        {"hangup", required_argument, NULL, 'h'},
        {"hangup-early", required_argument, NULL, 'H'},
        {"digits", required_argument, NULL, 'd'},
        {"linger", required_argument, NULL, 'l'},
        {"limit", required_argument, NULL, 'L'},
        {"wait-down", no_argument, NULL, 'w'},
        {NULL, 0, NULL, 0},
    };
    bool good = true;
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        int value = optarg != NULL ? atoi(optarg) : 0;
        switch (o) {
        case 't':
            good = good && parse_trunk(plan, optarg);
            break;
        case 'T':
            plan->tcp = true;
            break;
        case 'u':
            plan->user = optarg;
            break;
        case 'p':
            plan->password = optarg;
            break;
        case 'x':
            plan->prefix = optarg;
            break;
        case 'a':
            plan->address = optarg;
            break;
        case 'y':
            plan->trying_ms = value;
            break;
        case 's':
            plan->silent_ms = value;
            break;
        case 'P':
            plan->play_ms = value;
            break;
        case 'h':
            plan->hangup_ms = value;
            break;
        case 'H':
            plan->hangup_early_ms = value;
            break;
        case 'd':
            plan->digits = optarg;
            break;
        case 'l':
            plan->linger_ms = value;
            break;
        case 'L':
            plan->limit_ms = value;
            break;
        case 'w':
            plan->wait_down = true;
            break;
        default:
            good = false;
        }
    }
    return good && plan->port > 0;
}

int main(int argc, char **argv)
{
    caller c;
    memset(&c, 0, sizeof c);
    c.plan.hangup_ms = -1;
    c.plan.hangup_early_ms = -1;
    c.plan.linger_ms = 300;
    c.plan.limit_ms = 15000;
    if (!parse(&c.plan, argc, argv)) {
        (void)fprintf(stderr, "usage: dial_once --trunk HOST:PORT ...\n");
        return 2;
    }
    od_transport *transport = NULL;
    od_sink *sink = NULL;
    bool good = od__wake_init(&c.wake, NULL) == OD_OK &&
                od_sink_new(&sink, on_report, on_wake, &c) == OD_OK &&
                (c.plan.play_ms == 0 || make_prompt(&c)) &&
                make_transport(&transport, &c.plan) &&
                call(&c, transport, sink);
    od_transport_free(transport);
    od_sink_free(sink);
    if (c.prompt != NULL) {
        od_prompt_drop(c.prompt);
    }
    od__wake_close(&c.wake);
    return good ? 0 : 1;
}
