/*
 * message_once.c - send a text over SIP or wait for one, and print what is
 * reported, for the interop tests. Drives the transport's table with a sink of
 * its own; there is no engine. run.sh starts it against other people's SIP
 * software.
 *
 *   message_once --trunk 127.0.0.1:5070 --text "Hello" --arrivals 1
 *
 * Prints one line for each report. Its exit status is 0 if the text came to its
 * end and as much arrived as was expected; whether it was the right end, run.sh
 * says.
 */
#include "base/base.h"

#include <outdial/backend.h>
#include <outdial/transport.h>

#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>

#define SESSION_ID "0123456789abcdef0123456789abcdef"

typedef struct text_plan {
    char host[128];
    int32_t port;
    int32_t own_port; /* 0: any */
    bool tcp;
    bool imdn;
    bool refuse; /* what arrives first is not stored */
    const char *user;
    const char *password;
    const char *text; /* NULL: none is sent */
    uint64_t from;
    int arrivals;      /* that are waited for */
    int64_t linger_ms; /* after the end, for answers */
    int64_t limit_ms;  /* give up */
} text_plan;

typedef struct sender {
    text_plan plan;
    const od_transport_ops *ops;
    void *ctx;
    od__wake wake;
    int64_t now_ms;
    bool ended;
    int arrived;
    char id[128]; /* of the text that was sent */
} sender;

/* == reports ============================================================== */

static void on_ended(sender *s, const od_report *report)
{
    printf("ended status=%d fault=%s disposition=%s delivery=%s ids=%d\n",
           report->status, od_err_name((od_err)report->fault),
           od_disposition_name(report->disposition),
           od_delivery_name(report->delivery), report->network_ids_len);
    if (report->network_ids_len > 0) {
        od__text_copy(s->id, sizeof s->id, report->network_ids[0]);
    }
    s->ended = true;
}

static void on_arrival(sender *s, const od_report *report)
{
    od_err answer = s->plan.refuse && s->arrived == 0 ? OD_ERR_LIMIT : OD_OK;
    if (report->kind == OD_REPORT_RECEIPT) {
        printf("receipt delivery=%s code=%s ours=%d\n",
               od_delivery_name(report->delivery), report->network_code,
               strcmp(report->network_ids[0], s->id) == 0);
    } else {
        printf("reply from=%" PRIu64 " to=%" PRIu64 " text=%s\n", report->from,
               report->to, report->text);
    }
    s->arrived++;
    s->ops->received(s->ctx, report->token, answer);
}

static void on_report(void *ctx, const od_report *report)
{
    sender *s = ctx;
    if (report->kind == OD_REPORT_ENDED) {
        on_ended(s, report);
    } else if (report->kind == OD_REPORT_RECEIPT ||
               report->kind == OD_REPORT_REPLY) {
        on_arrival(s, report);
    } else if (report->kind == OD_REPORT_TRUNK) {
        printf("trunk %s\n", report->up ? "up" : "down");
    }
    (void)fflush(stdout);
}

static void on_wake(void *ctx)
{
    sender *s = ctx;
    od__wake_signal(&s->wake);
}

/* == the loop ============================================================= */

static void turn(sender *s, int64_t until_ms)
{
    od_now now;
    od_now_read(&now);
    int64_t at_ms = s->ops->deadline_ms(s->ctx);
    at_ms = at_ms < until_ms ? at_ms : until_ms;
    int64_t wait_ms = at_ms > now.mono_ms ? at_ms - now.mono_ms : 0;
    struct pollfd fd = {.fd = s->wake.fd, .events = POLLIN};
    (void)poll(&fd, 1, (int)wait_ms);
    od__wake_clear(&s->wake);
    od_now_read(&now);
    s->now_ms = now.mono_ms;
    s->ops->step(s->ctx, &now, 64);
}

static bool is_done(const sender *s)
{
    return (s->plan.text == NULL || s->ended) && s->arrived >= s->plan.arrivals;
}

static bool run(sender *s)
{
    int64_t limit_ms = s->now_ms + s->plan.limit_ms;
    while (!is_done(s) && s->now_ms < limit_ms) {
        turn(s, limit_ms);
    }
    int64_t linger_ms = s->now_ms + s->plan.linger_ms;
    while (s->now_ms < linger_ms) {
        turn(s, linger_ms);
    }
    return is_done(s);
}

/* == begin and end ======================================================== */

static bool fail(const char *what, const od_errmsg *errmsg)
{
    (void)fprintf(stderr, "%s: %s\n", what, errmsg->text);
    return false;
}

static bool make_transport(od_transport **out, const text_plan *plan)
{
    od_sip_trunk trunk;
    od_sip_trunk_init(&trunk);
    trunk.name = "test";
    trunk.host = plan->host;
    trunk.port = plan->port;
    trunk.protocol = plan->tcp ? OD_SIP_TCP : OD_SIP_UDP;
    trunk.username = plan->user;
    trunk.password = plan->password;
    trunk.texts_max = 4;
    trunk.imdn = plan->imdn;
    trunk.no_calls = 1;
    const od_sip_trunk *trunks[] = {&trunk};
    od_sip_options options;
    od_sip_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    options.port = plan->own_port;
    od_errmsg errmsg = {""};
    return od_transport_new_sip(out, &options, &errmsg) == OD_OK ||
           fail("options", &errmsg);
}

static bool send_text(sender *s)
{
    od_send send;
    memset(&send, 0, sizeof send);
    send.attempt = 1;
    send.to = 12125550123u;
    send.from = s->plan.from;
    send.text = s->plan.text;
    send.segments = 1;
    send.validity_s = 3600;
    memcpy(send.session_id, SESSION_ID, sizeof SESSION_ID);
    od_err err = s->ops->send(s->ctx, &send);
    if (err != OD_OK) {
        (void)fprintf(stderr, "send: %s\n", od_err_name(err));
    }
    return err == OD_OK;
}

static bool play(sender *s, od_transport *transport, od_sink *sink)
{
    od_errmsg errmsg = {""};
    od_now now;
    od_now_read(&now);
    s->now_ms = now.mono_ms;
    s->ops = od_transport_ops_get(transport);
    s->ctx = od_transport_ctx_get(transport);
    if (s->ops->start(s->ctx, sink, 4, &now, &errmsg) != OD_OK) {
        return fail("start", &errmsg);
    }
    return (s->plan.text == NULL || send_text(s)) && run(s);
}

static bool parse_trunk(text_plan *plan, const char *text)
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

static bool parse(text_plan *plan, int argc, char **argv)
{
    static const struct option options[] = {
        {"trunk", required_argument, NULL, 't'},
        {"port", required_argument, NULL, 'o'},
        {"tcp", no_argument, NULL, 'T'},
        {"imdn", no_argument, NULL, 'i'},
        {"refuse", no_argument, NULL, 'r'},
        {"user", required_argument, NULL, 'u'},
        {"password", required_argument, NULL, 'p'},
        {"text", required_argument, NULL, 'x'},
        {"from", required_argument, NULL, 'f'},
        {"arrivals", required_argument, NULL, 'n'},
        {"linger", required_argument, NULL, 'l'},
        {"limit", required_argument, NULL, 'L'},
        {NULL, 0, NULL, 0},
    };
    bool good = true;
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        int value = optarg != NULL ? atoi(optarg) : 0;
        switch (o) {
        case 't':
            good = good && parse_trunk(plan, optarg);
            break;
        case 'o':
            plan->own_port = value;
            break;
        case 'T':
            plan->tcp = true;
            break;
        case 'i':
            plan->imdn = true;
            break;
        case 'r':
            plan->refuse = true;
            break;
        case 'u':
            plan->user = optarg;
            break;
        case 'p':
            plan->password = optarg;
            break;
        case 'x':
            plan->text = optarg;
            break;
        case 'f':
            plan->from = strtoull(optarg, NULL, 10);
            break;
        case 'n':
            plan->arrivals = value;
            break;
        case 'l':
            plan->linger_ms = value;
            break;
        case 'L':
            plan->limit_ms = value;
            break;
        default:
            good = false;
        }
    }
    return good && plan->port > 0;
}

int main(int argc, char **argv)
{
    sender s;
    memset(&s, 0, sizeof s);
    s.plan.from = 13105550100u;
    s.plan.linger_ms = 300;
    s.plan.limit_ms = 15000;
    if (!parse(&s.plan, argc, argv)) {
        (void)fprintf(stderr, "usage: message_once --trunk HOST:PORT ...\n");
        return 2;
    }
    od_transport *transport = NULL;
    od_sink *sink = NULL;
    bool good = od__wake_init(&s.wake, NULL) == OD_OK &&
                od_sink_new(&sink, on_report, on_wake, &s) == OD_OK &&
                make_transport(&transport, &s.plan) &&
                play(&s, transport, sink);
    od_transport_free(transport);
    od_sink_free(sink);
    od__wake_close(&s.wake);
    return good ? 0 : 1;
}
