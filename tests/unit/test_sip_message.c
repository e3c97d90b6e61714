/*
 * test_sip_message.c - texts over SIP against a far end in this process.
 *
 * The far end is one UDP socket: it answers each MESSAGE as it was told and
 * sends what the test wants. What others' SIP software makes of us, and what
 * takes half a minute, tests/interop shows.
 */
#include "support/test.h"

#include "base/base.h"
#include "transport/sip/message_parts.h"

#include <outdial/backend.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOTS 8
#define WAIT_MS 10000
#define SIZE 9000

/* == the far end ========================================================== */

typedef struct far_end {
    int fd;
    uint16_t port;
    const char *status;  /* of answers to MESSAGE; NULL: it is silent */
    const char *headers; /* of those answers */
    int messages;        /* that came */
    char last[SIZE];     /* of them */
    size_t last_len;
    od__address near; /* where the other side is */
    int answers;      /* to what was sent */
    char answer[SIZE];
    int sent;
    int call; /* its Call-ID; 0: one for each MESSAGE */
} far_end;

static void far_open_at(far_end *far, const char *address)
{
    struct sockaddr_in local = {.sin_family = AF_INET};
    socklen_t len = sizeof local;
    memset(far, 0, sizeof *far);
    far->headers = "";
    (void)inet_pton(AF_INET, address, &local.sin_addr);
    far->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(far->fd >= 0);
    assert_int_equal(bind(far->fd, (struct sockaddr *)&local, sizeof local), 0);
    assert_int_equal(getsockname(far->fd, (struct sockaddr *)&local, &len), 0);
    far->port = ntohs(local.sin_port);
}

static void far_open(far_end *far)
{
    far_open_at(far, "127.0.0.1");
}

/* The line of a header with its name, or "". */
static void line_of(const char *text, const char *name, char out[400])
{
    const char *at = strstr(text, name);
    size_t len = at != NULL ? strcspn(at, "\r\n") : 0;
    assert_true(len < 400);
    memcpy(out, at != NULL ? at : "", len);
    out[len] = '\0';
}

static void far_put(const far_end *far, const char *text)
{
    (void)sendto(far->fd, text, strlen(text), 0, &far->near.any,
                 sizeof far->near.v4);
}

static void far_respond(const far_end *far, const char *request,
                        const char *status, const char *headers)
{
    static const char *const names[] = {
        "Via:", "From:", "To:", "Call-ID:", "CSeq:"};
    char lines[5][400];
    char text[4096];
    for (size_t i = 0; i < OD__LEN(names); i++) {
        line_of(request, names[i], lines[i]);
    }
    (void)snprintf(text, sizeof text,
                   "SIP/2.0 %s\r\n%s\r\n%s\r\n%s;tag=far\r\n%s\r\n%s\r\n%s"
                   "Content-Length: 0\r\n\r\n",
                   status, lines[0], lines[1], lines[2], lines[3], lines[4],
                   headers);
    far_put(far, text);
}

static void far_turn(far_end *far)
{
    char text[SIZE];
    for (;;) {
        socklen_t len = sizeof far->near;
        ssize_t got = recvfrom(far->fd, text, sizeof text - 1, MSG_DONTWAIT,
                               &far->near.any, &len);
        if (got <= 0) {
            return;
        }
        text[got] = '\0';
        if (strncmp(text, "SIP/2.0", 7) == 0) {
            memcpy(far->answer, text, (size_t)got + 1);
            far->answers++;
        } else if (strncmp(text, "OPTIONS", 7) == 0) {
            far_respond(far, text, "200 OK", "");
        } else {
            assert_int_equal(strncmp(text, "MESSAGE ", 8), 0);
            memcpy(far->last, text, (size_t)got + 1);
            far->last_len = (size_t)got;
            far->messages++;
            if (far->status != NULL) {
                far_respond(far, text, far->status, far->headers);
            }
        }
    }
}

/* Send a MESSAGE; `branch` makes it another one or the same again. */
static void far_send_as(far_end *far, int branch, const char *from,
                        const char *type, const char *body)
{
    char text[SIZE];
    int len = snprintf(text, sizeof text,
                       "MESSAGE sip:+13105550100@127.0.0.1 SIP/2.0\r\n"
                       "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bK%u%d\r\n"
                       "From: %s;tag=1\r\n"
                       "To: <sip:+13105550199@127.0.0.1>\r\n"
                       "Call-ID: call%u%d\r\n"
                       "CSeq: 1 MESSAGE\r\n"
                       "%s%s%s"
                       "Content-Length: %zu\r\n\r\n%s",
                       far->port, far->port, branch, from, far->port,
                       far->call != 0 ? far->call : branch,
                       type[0] != '\0' ? "Content-Type: " : "", type,
                       type[0] != '\0' ? "\r\n" : "", strlen(body), body);
    assert_true(len < (int)sizeof text);
    far_put(far, text);
}

static void far_send(far_end *far, const char *type, const char *body)
{
    far_send_as(far, ++far->sent, "<sip:+12125550100@x>", type, body);
}

/* == our side ============================================================= */

#define HEARD_MAX 2000

/* A report, with its texts. */
typedef struct heard {
    od_report report;
    char network_id[128];
    char code[16];
    char text[OD_MESSAGE_MAX + 1];
} heard;

typedef struct near_side {
    od_transport *transport;
    const od_transport_ops *ops;
    void *ctx;
    od_sink *sink;
    od__wake wake;
    size_t reports_max;
    int ended;
    int arrived;
    heard last;    /* ENDED */
    heard arrival; /* RECEIPT or REPLY */
    uint64_t tokens[HEARD_MAX];
} near_side;

static void keep(heard *out, const od_report *report)
{
    memset(out, 0, sizeof *out);
    out->report = *report;
    od__text_copy(out->code, sizeof out->code, report->network_code);
    od__text_copy(out->text, sizeof out->text, report->text);
    if (report->network_ids_len > 0) {
        assert_int_equal(report->network_ids_len, 1);
        od__text_copy(out->network_id, sizeof out->network_id,
                      report->network_ids[0]);
    }
}

static void on_report(void *ctx, const od_report *report)
{
    near_side *near = ctx;
    if (report->kind == OD_REPORT_ENDED) {
        near->ended++;
        assert_in_range(report->slot, 0, SLOTS - 1);
        assert_int_equal(report->attempt, report->slot + 1);
        keep(&near->last, report);
    } else if (report->kind != OD_REPORT_TRUNK) {
        assert_true(report->kind == OD_REPORT_RECEIPT ||
                    report->kind == OD_REPORT_REPLY);
        assert_true(report->token != 0);
        assert_true(near->arrived < HEARD_MAX);
        near->tokens[near->arrived++] = report->token;
        keep(&near->arrival, report);
    }
}

static void on_wake(void *ctx)
{
    near_side *near = ctx;
    od__wake_signal(&near->wake);
}

static void trunk_init(od_sip_trunk *trunk, const far_end *far)
{
    od_sip_trunk_init(trunk);
    trunk->name = "far";
    trunk->host = "127.0.0.1";
    trunk->port = far->port;
    trunk->texts_max = SLOTS;
}

static void near_begin_all(near_side *near, const od_sip_trunk *const *trunks,
                           size_t trunks_len)
{
    od_sip_options options;
    od_errmsg errmsg = {""};
    od_now now;
    od_sip_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = trunks_len;
    memset(near, 0, sizeof *near);
    near->reports_max = 16;
    assert_int_equal(od__wake_init(&near->wake, NULL), OD_OK);
    assert_int_equal(od_sink_new(&near->sink, on_report, on_wake, near), OD_OK);
    if (od_transport_new_sip(&near->transport, &options, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    near->ops = od_transport_ops_get(near->transport);
    near->ctx = od_transport_ctx_get(near->transport);
    od_now_read(&now);
    if (near->ops->start(near->ctx, near->sink, SLOTS, &now, &errmsg) !=
        OD_OK) {
        fail_msg("%s", errmsg.text);
    }
}

static void near_begin(near_side *near, const od_sip_trunk *trunk)
{
    near_begin_all(near, &trunk, 1);
}

static void turn(near_side *near, far_end *far)
{
    struct pollfd fds[2] = {{.fd = near->wake.fd, .events = POLLIN},
                            {.fd = far->fd, .events = POLLIN}};
    od_now now;
    od_now_read(&now);
    int wait_ms = near->ops->deadline_ms(near->ctx) <= now.mono_ms ? 0 : 20;
    (void)poll(fds, 2, wait_ms);
    od__wake_clear(&near->wake);
    far_turn(far);
    od_now_read(&now);
    near->ops->step(near->ctx, &now, near->reports_max);
}

static void run_until(near_side *near, far_end *far, const int *what, int count)
{
    int64_t until_us = od__mono_us() + WAIT_MS * 1000;
    while (*what < count) {
        assert_true(od__mono_us() < until_us);
        turn(near, far);
    }
    assert_int_equal(*what, count);
}

/* The far end knows where we are once it had our OPTIONS. */
static void meet(near_side *near, far_end *far)
{
    int64_t until_us = od__mono_us() + WAIT_MS * 1000;
    while (far->near.any.sa_family == 0) {
        assert_true(od__mono_us() < until_us);
        turn(near, far);
    }
}

static void begin(near_side *near, far_end *far, const od_sip_trunk *trunk)
{
    near_begin(near, trunk);
    meet(near, far);
}

static void end(near_side *near, far_end *far)
{
    od_transport_free(near->transport);
    od_sink_free(near->sink);
    od__wake_close(&near->wake);
    (void)close(far->fd);
}

static od_err near_send(near_side *near, uint32_t slot, const char *text)
{
    od_send send;
    memset(&send, 0, sizeof send);
    send.slot = slot;
    send.attempt = slot + 1;
    send.to = 12125550100u + slot;
    send.from = 13105550100u;
    send.text = text;
    send.segments = 1;
    send.validity_s = 3600;
    memcpy(send.session_id, "000000000000000000000000000000ab", 33);
    return near->ops->send(near->ctx, &send);
}

/* A text is sent, and answered with a status. */
static void send_and_end(near_side *near, far_end *far, const char *status)
{
    int ended = near->ended;
    far->status = status;
    assert_int_equal(near_send(near, 0, "Hi"), OD_OK);
    run_until(near, far, &near->ended, ended + 1);
}

/* The far end sends something and has this answer. */
static void expect_answer(near_side *near, far_end *far, const char *type,
                          const char *body, const char *status)
{
    int answers = far->answers;
    far_send(far, type, body);
    run_until(near, far, &far->answers, answers + 1);
    if (strncmp(far->answer + 8, status, strlen(status)) != 0) {
        fail_msg("%s: %s", type, far->answer);
    }
}

/* The same of what is handed on, and answered once the engine said so. */
static void expect_arrival(near_side *near, far_end *far, const char *type,
                           const char *body, od_report_kind kind)
{
    int answers = far->answers;
    int arrived = near->arrived;
    far_send(far, type, body);
    run_until(near, far, &near->arrived, arrived + 1);
    assert_int_equal(near->arrival.report.kind, kind);
    assert_int_equal(far->answers, answers);
    near->ops->received(near->ctx, near->arrival.report.token, OD_OK);
    run_until(near, far, &far->answers, answers + 1);
    assert_int_equal(strncmp(far->answer, "SIP/2.0 200 ", 12), 0);
}

/* == what leaves ========================================================== */

static void test_message_says_who_and_what(void **state)
{
    (void)state;
    static const char text[] = "%s%n \xf0\x9f\x98\x80\r\nX-Evil: 1\r\n\r\nBye";
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    char length[40];
    far_open(&far);
    trunk_init(&trunk, &far);
    far.status = "200 OK";
    begin(&near, &far, &trunk);
    assert_int_equal(near_send(&near, 3, text), OD_OK);
    run_until(&near, &far, &near.ended, 1);
    assert_int_equal(far.messages, 1);
    assert_memory_equal(far.last, "MESSAGE sip:+12125550103@127.0.0.1:", 35);
    char *body = strstr(far.last, "\r\n\r\n") + 4;
    assert_string_equal(body, text);
    body[-2] = '\0';
    (void)snprintf(length, sizeof length, "\r\nContent-Length: %zu\r\n",
                   sizeof text - 1);
    assert_non_null(strstr(far.last, length));
    assert_non_null(
        strstr(far.last, "\r\nFrom: <sip:+13105550100@127.0.0.1>;tag="));
    assert_non_null(strstr(far.last, "\r\nP-Asserted-Identity: "
                                     "<sip:+13105550100@127.0.0.1>\r\n"));
    assert_non_null(strstr(
        far.last, "\r\nSession-ID: 000000000000000000000000000000ab;remote="));
    assert_non_null(strstr(far.last, "\r\nExpires: 3600\r\n"));
    assert_non_null(
        strstr(far.last, "\r\nContent-Type: text/plain;charset=utf-8\r\n"));
    assert_null(strstr(far.last, "\r\nContact:"));
    assert_null(strstr(far.last, "X-Evil"));

    const heard *last = &near.last;
    assert_int_equal(last->report.status, 200);
    assert_int_equal(last->report.disposition, OD_DISPOSITION_SENT);
    assert_int_equal(last->report.delivery, OD_DELIVERY_DELIVERED);
    assert_int_equal(last->report.fault, OD_OK);
    char call_id[400];
    line_of(far.last, "Call-ID: ", call_id);
    assert_string_equal(call_id + strlen("Call-ID: "), last->network_id);
    assert_int_equal(strlen(last->network_id), 32);
    end(&near, &far);
}

static void test_message_short_codes(void **state)
{
    (void)state;
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    od_send send;
    far_open(&far);
    trunk_init(&trunk, &far);
    far.status = "202 Accepted";
    begin(&near, &far, &trunk);
    memset(&send, 0, sizeof send);
    send.attempt = 1;
    send.to = 12125550100u;
    send.from = 24680;
    send.text = "Hi";
    memcpy(send.session_id, "000000000000000000000000000000ab", 33);
    assert_int_equal(near.ops->send(near.ctx, &send), OD_OK);
    run_until(&near, &far, &near.ended, 1);
    assert_non_null(strstr(far.last, "\r\nFrom: <sip:24680@127.0.0.1>;tag="));
    assert_non_null(
        strstr(far.last, "\r\nP-Asserted-Identity: <sip:24680@127.0.0.1>\r\n"));
    assert_null(strstr(far.last, "\r\nExpires:"));
    end(&near, &far);
}

static void test_message_statuses(void **state)
{
    (void)state;
    static const struct {
        const char *status;
        int32_t code;
        int32_t disposition;
    } cases[] = {
        {"200 OK", 200, OD_DISPOSITION_SENT},
        {"202 Accepted", 202, OD_DISPOSITION_SENT},
        {"204 No Notification", 204, OD_DISPOSITION_SENT},
        {"302 Moved", 302, OD_DISPOSITION_REDIRECTED},
        {"400 Bad Request", 400, OD_DISPOSITION_FAILED},
        {"401 Unauthorized", 401, OD_DISPOSITION_FAILED},
        {"403 Forbidden", 403, OD_DISPOSITION_DECLINED},
        {"404 Not Found", 404, OD_DISPOSITION_NOT_FOUND},
        {"408 Timeout", 408, OD_DISPOSITION_UNKNOWN},
        {"410 Gone", 410, OD_DISPOSITION_NOT_FOUND},
        {"415 Media", 415, OD_DISPOSITION_FAILED},
        {"429 Provide Referrer", 429, OD_DISPOSITION_CONGESTION},
        {"480 Unavailable", 480, OD_DISPOSITION_FAILED},
        {"484 Incomplete", 484, OD_DISPOSITION_NOT_FOUND},
        {"500 Error", 500, OD_DISPOSITION_FAILED},
        {"503 Unavailable", 503, OD_DISPOSITION_CONGESTION},
        {"504 Timeout", 504, OD_DISPOSITION_UNKNOWN},
        {"603 Decline", 603, OD_DISPOSITION_DECLINED},
        {"604 Nowhere", 604, OD_DISPOSITION_NOT_FOUND},
        {"607 Unwanted", 607, OD_DISPOSITION_DECLINED},
        {"608 Rejected", 608, OD_DISPOSITION_DECLINED},
        {"999 What", 0, OD_DISPOSITION_UNKNOWN},
    };
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    far_open(&far);
    trunk_init(&trunk, &far);
    far.headers = "Retry-After: 7\r\nContact: <sip:+19005550100@127.0.0.1>\r\n";
    begin(&near, &far, &trunk);
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        bool sent = cases[i].disposition == OD_DISPOSITION_SENT;
        send_and_end(&near, &far, cases[i].status);
        const od_report *report = &near.last.report;
        if (report->disposition != cases[i].disposition ||
            report->status != cases[i].code) {
            fail_msg("%s: status %d, disposition %d", cases[i].status,
                     report->status, report->disposition);
        }
        assert_int_equal(report->fault, OD_OK);
        assert_int_equal(report->retry_after_s, cases[i].code >= 300 ? 7 : 0);
        assert_int_equal(report->network_ids_len, sent);
        if (sent) {
            assert_int_equal(report->delivery, cases[i].code == 200
                                                   ? OD_DELIVERY_DELIVERED
                                                   : OD_DELIVERY_ACCEPTED);
        }
    }
    /* One request each, whatever the answer was. */
    assert_int_equal(far.messages, OD__LEN(cases));
    end(&near, &far);
}

/* A provisional answer ends nothing. */
static void test_message_provisional(void **state)
{
    (void)state;
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    far_open(&far);
    trunk_init(&trunk, &far);
    begin(&near, &far, &trunk);
    assert_int_equal(near_send(&near, 0, "Hi"), OD_OK);
    run_until(&near, &far, &far.messages, 1);
    far_respond(&far, far.last, "100 Trying", "");
    turn(&near, &far);
    turn(&near, &far);
    assert_int_equal(near.ended, 0);
    far_respond(&far, far.last, "202 Accepted", "");
    run_until(&near, &far, &near.ended, 1);
    assert_int_equal(near.last.report.delivery, OD_DELIVERY_ACCEPTED);
    /* What comes again is nobody's. */
    far_respond(&far, far.last, "404 Not Found", "");
    turn(&near, &far);
    turn(&near, &far);
    assert_int_equal(near.ended, 1);
    end(&near, &far);
}

/* What is not answered is sent again, the same within one transaction. */
static void test_message_is_repeated(void **state)
{
    (void)state;
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    char first[SIZE];
    far_open(&far);
    trunk_init(&trunk, &far);
    begin(&near, &far, &trunk);
    assert_int_equal(near_send(&near, 0, "Hi"), OD_OK);
    run_until(&near, &far, &far.messages, 1);
    memcpy(first, far.last, far.last_len + 1);
    run_until(&near, &far, &far.messages, 2);
    assert_string_equal(far.last, first);
    assert_int_equal(near.ended, 0);
    far_respond(&far, far.last, "202 Accepted", "");
    far_respond(&far, far.last, "202 Accepted", "");
    run_until(&near, &far, &near.ended, 1);
    turn(&near, &far);
    assert_int_equal(near.ended, 1);
    end(&near, &far);
}

#define CHALLENGE                                                              \
    "WWW-Authenticate: Digest realm=\"x\", nonce=\"%s\", qop=\"auth\"%s\r\n"

static void test_message_authenticates(void **state)
{
    (void)state;
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    char first[400];
    char second[400];
    char challenge[300];
    far_open(&far);
    trunk_init(&trunk, &far);
    trunk.username = "alice";
    trunk.password = "secret";
    begin(&near, &far, &trunk);
    assert_int_equal(near_send(&near, 0, "Hi"), OD_OK);
    run_until(&near, &far, &far.messages, 1);
    line_of(far.last, "Call-ID: ", first);
    assert_null(strstr(far.last, "Authorization:"));
    (void)snprintf(challenge, sizeof challenge, CHALLENGE, "one", "");
    far_respond(&far, far.last, "401 Unauthorized", challenge);
    run_until(&near, &far, &far.messages, 2);
    line_of(far.last, "Call-ID: ", second);
    assert_string_equal(first, second);
    assert_non_null(strstr(far.last, "\r\nCSeq: 2 MESSAGE\r\n"));
    assert_non_null(strstr(far.last, "\r\nAuthorization: Digest "
                                     "username=\"alice\", realm=\"x\", "
                                     "nonce=\"one\""));
    /* The nonce was too old. */
    (void)snprintf(challenge, sizeof challenge, CHALLENGE, "two",
                   ", stale=true");
    far_respond(&far, far.last, "401 Unauthorized", challenge);
    run_until(&near, &far, &far.messages, 3);
    assert_non_null(strstr(far.last, "nonce=\"two\""));
    /* And again: enough. */
    (void)snprintf(challenge, sizeof challenge, CHALLENGE, "three",
                   ", stale=true");
    far_respond(&far, far.last, "401 Unauthorized", challenge);
    run_until(&near, &far, &near.ended, 1);
    assert_int_equal(near.last.report.status, 401);
    assert_int_equal(near.last.report.disposition, OD_DISPOSITION_FAILED);
    assert_int_equal(far.messages, 3);

    /* Credentials that are refused are not tried again. */
    (void)snprintf(challenge, sizeof challenge, CHALLENGE, "one", "");
    far.headers = challenge;
    send_and_end(&near, &far, "401 Unauthorized");
    assert_int_equal(near.last.report.status, 401);
    assert_int_equal(far.messages, 5);
    end(&near, &far);
}

static void test_message_size_over_udp(void **state)
{
    (void)state;
    static char text[OD_MESSAGE_MAX + 2];
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    od_trunk_info info;
    char challenge[1000];
    char nonce[600];
    far_open(&far);
    trunk_init(&trunk, &far);
    trunk.username = "alice";
    trunk.password = "secret";
    far.status = "200 OK";
    begin(&near, &far, &trunk);
    assert_int_equal(near.ops->trunk_get(near.ctx, 0, &info), OD_OK);
    assert_in_range(info.text_bytes_max, 200, 500);
    memset(text, 'x', (size_t)info.text_bytes_max);
    assert_int_equal(near_send(&near, 0, text), OD_OK);
    run_until(&near, &far, &near.ended, 1);
    assert_int_equal(near.last.report.disposition, OD_DISPOSITION_SENT);
    assert_true(far.last_len <= OD__MESSAGE_UDP_MAX);

    /* With usual credentials it fits as well, with endless ones it does not. */
    far.status = NULL;
    memset(nonce, 'n', sizeof nonce);
    for (int i = 0; i < 2; i++) {
        nonce[i == 0 ? 90 : 599] = '\0';
        assert_int_equal(near_send(&near, 0, text), OD_OK);
        run_until(&near, &far, &far.messages, 2 + 2 * i);
        (void)snprintf(challenge, sizeof challenge, CHALLENGE, nonce, "");
        far_respond(&far, far.last, "401 Unauthorized", challenge);
        nonce[90] = 'n';
        if (i == 0) {
            run_until(&near, &far, &far.messages, 3);
            assert_true(far.last_len <= OD__MESSAGE_UDP_MAX);
            far_respond(&far, far.last, "200 OK", "");
        }
        run_until(&near, &far, &near.ended, 2 + i);
    }
    assert_int_equal(near.last.report.status, 401);
    assert_int_equal(near.last.report.fault, OD_ERR_LIMIT);

    memset(text, 'x', OD_MESSAGE_MAX);
    assert_int_equal(near_send(&near, 0, text), OD_OK);
    run_until(&near, &far, &near.ended, 4);
    assert_int_equal(near.last.report.disposition, OD_DISPOSITION_FAILED);
    assert_int_equal(near.last.report.fault, OD_ERR_LIMIT);
    assert_int_equal(near.last.report.status, 0);
    assert_null(near.last.report.sip_call_id);
    assert_int_equal(far.messages, 4);
    end(&near, &far);
}

static void test_message_send_refuses(void **state)
{
    (void)state;
    static char text[OD_MESSAGE_MAX + 2];
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    far_open(&far);
    trunk_init(&trunk, &far);
    trunk.texts_max = 2;
    begin(&near, &far, &trunk);
    memset(text, 'x', OD_MESSAGE_MAX + 1);
    assert_int_equal(near_send(&near, 0, text), OD_ERR_INVALID);
    assert_int_equal(near_send(&near, 0, ""), OD_ERR_INVALID);
    assert_int_equal(near_send(&near, 0, NULL), OD_ERR_INVALID);
    assert_int_equal(near_send(&near, SLOTS, "Hi"), OD_ERR_LIMIT);
    od_send send;
    memset(&send, 0, sizeof send);
    send.text = "Hi";
    memcpy(send.session_id, "0000000000000000000000000000\r\n00", 33);
    assert_int_equal(near.ops->send(near.ctx, &send), OD_ERR_INVALID);
    memcpy(send.session_id, "00000000000000000000000000000000", 33);
    send.trunk = 1;
    assert_int_equal(near.ops->send(near.ctx, &send), OD_ERR_TRANSPORT);

    assert_int_equal(near_send(&near, 0, "Hi"), OD_OK);
    assert_int_equal(near_send(&near, 0, "Hi"), OD_ERR_LIMIT);
    assert_int_equal(near_send(&near, 1, "Hi"), OD_OK);
    assert_int_equal(near_send(&near, 2, "Hi"), OD_ERR_LIMIT);
    /* A text is no call: this does nothing. */
    near.ops->hangup(near.ctx, 0);
    near.ops->play_stop(near.ctx, 0);
    assert_int_equal(near.ops->digits_send(near.ctx, 0, "1"), OD_ERR_STATE);
    run_until(&near, &far, &far.messages, 2);
    assert_int_equal(near.ended, 0);
    far_respond(&far, far.last, "200 OK", "");
    run_until(&near, &far, &near.ended, 1);
    assert_int_equal(near_send(&near, 2, "Hi"), OD_OK);
    run_until(&near, &far, &far.messages, 3);
    end(&near, &far); /* with two of them under way */
}

static void test_message_texts_only(void **state)
{
    (void)state;
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    od_trunk_info info;
    od_dial dial;
    far_open(&far);
    trunk_init(&trunk, &far);
    trunk.no_calls = 1;
    trunk.texts_per_second_max = 25;
    begin(&near, &far, &trunk);
    assert_int_equal(near.ops->trunk_get(near.ctx, 0, &info), OD_OK);
    assert_int_equal(info.calls_max, 0);
    assert_int_equal(info.texts_max, SLOTS);
    assert_int_equal(info.texts_per_second_max, 25);
    memset(&dial, 0, sizeof dial);
    dial.attempt = 1;
    dial.to = 12125550100u;
    memcpy(dial.session_id, "000000000000000000000000000000ab", 33);
    assert_int_equal(near.ops->dial(near.ctx, &dial), OD_ERR_LIMIT);
    send_and_end(&near, &far, "200 OK");
    end(&near, &far);
}

/* Over TCP there is no limit of size, and who does not listen got nothing. */
static void test_message_over_tcp(void **state)
{
    (void)state;
    static char text[OD_MESSAGE_MAX + 1];
    static char got[SIZE];
    struct sockaddr_in local = {.sin_family = AF_INET};
    socklen_t len = sizeof local;
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    od_trunk_info info;
    far_open(&far); /* its socket stays silent */
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)&local, sizeof local),
                     0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&local, &len), 0);
    far.port = ntohs(local.sin_port);
    trunk_init(&trunk, &far);
    trunk.protocol = OD_SIP_TCP;
    near_begin(&near, &trunk);
    assert_int_equal(near.ops->trunk_get(near.ctx, 0, &info), OD_OK);
    assert_int_equal(info.text_bytes_max, 0);
    int fd = accept(listener, NULL, NULL);
    assert_true(fd >= 0);
    memset(text, 'x', OD_MESSAGE_MAX);
    assert_int_equal(near_send(&near, 0, text), OD_OK);
    size_t got_len = 0;
    while (strstr(got, text) == NULL) {
        ssize_t more = read(fd, got + got_len, sizeof got - got_len - 1);
        assert_true(more > 0);
        got_len += (size_t)more;
        got[got_len] = '\0';
    }
    assert_non_null(strstr(got, "MESSAGE sip:+12125550100@127.0.0.1:"));
    assert_non_null(strstr(got, ";transport=tcp SIP/2.0\r\n"));

    (void)close(listener);
    (void)close(fd);
    /* The connection that libre has ends first. */
    int64_t until_us = od__mono_us() + WAIT_MS * 1000;
    int32_t disposition = 0;
    uint32_t slot = 0;
    while (disposition != OD_DISPOSITION_CONGESTION) {
        assert_true(od__mono_us() < until_us);
        slot = slot % (SLOTS - 1) + 1;
        od_err err = near_send(&near, slot, "Hi");
        if (err != OD_OK) {
            assert_true(err == OD_ERR_LIMIT || err == OD_ERR_TRANSPORT);
        }
        turn(&near, &far);
        disposition = near.last.report.disposition;
    }
    assert_int_equal(near.last.report.fault, OD_ERR_TRANSPORT);
    assert_int_equal(near.last.report.status, 0);
    end(&near, &far);
}

/* == what comes in ======================================================== */

static void test_message_replies(void **state)
{
    (void)state;
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    far_open(&far);
    trunk_init(&trunk, &far);
    begin(&near, &far, &trunk);
    expect_arrival(&near, &far, "text/plain;charset=utf-8", "Stop \xc3\xa9",
                   OD_REPORT_REPLY);
    const od_report *report = &near.arrival.report;
    assert_int_equal(report->from, 12125550100);
    assert_int_equal(report->to, 13105550100);
    assert_int_equal(report->trunk, 0);
    assert_string_equal(near.arrival.text, "Stop \xc3\xa9");
    assert_memory_equal(near.arrival.network_id, "call", 4);

    /* As long as it may be, empty, and with bytes that are no UTF-8. */
    static char text[OD_MESSAGE_MAX + 2];
    memset(text, 'x', OD_MESSAGE_MAX);
    expect_arrival(&near, &far, "text/plain", text, OD_REPORT_REPLY);
    assert_string_equal(near.arrival.text, text);
    expect_arrival(&near, &far, "text/plain", "", OD_REPORT_REPLY);
    assert_string_equal(near.arrival.text, "");
    expect_arrival(&near, &far, "Text/Plain", "STOP \xe9\xe2\x82\xac\xe2\x82",
                   OD_REPORT_REPLY);
    assert_string_equal(near.arrival.text, "STOP ?\xe2\x82\xac??");
    expect_arrival(&near, &far, "message/cpim",
                   "From: <sip:x@y>\r\n\r\nContent-Type: text/plain\r\n\r\nYes",
                   OD_REPORT_REPLY);
    assert_string_equal(near.arrival.text, "Yes");
    end(&near, &far);
}

static void test_message_replies_name_their_sender(void **state)
{
    (void)state;
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    far_open(&far);
    trunk_init(&trunk, &far);
    begin(&near, &far, &trunk);
    far_send_as(&far, 900,
                "\"x\" <sip:anonymous@x>\r\nP-Asserted-Identity: "
                "<sip:alice@x>, <tel:+12125550111>\r\nX: y",
                "text/plain", "Hi");
    run_until(&near, &far, &near.arrived, 1);
    assert_int_equal(near.arrival.report.from, 12125550111);
    near.ops->received(near.ctx, near.arrival.report.token, OD_OK);
    run_until(&near, &far, &far.answers, 1);

    /* Nobody's words are kept, but who sent them is told that they came. */
    far_send_as(&far, 901, "<sip:anonymous@x>", "text/plain", "Hi");
    run_until(&near, &far, &far.answers, 2);
    assert_int_equal(strncmp(far.answer, "SIP/2.0 200 ", 12), 0);
    assert_int_equal(near.arrived, 1);
    end(&near, &far);
}

static void test_message_refuses_what_it_cannot_read(void **state)
{
    (void)state;
    static char text[OD_MESSAGE_MAX + 2];
    memset(text, 'x', OD_MESSAGE_MAX + 1);
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    far_open(&far);
    trunk_init(&trunk, &far);
    begin(&near, &far, &trunk);
    expect_answer(&near, &far, "text/plain;charset=iso-8859-1", "Hi", "415");
    assert_non_null(strstr(far.answer, "\r\nAccept: text/plain, message/cpim, "
                                       "message/imdn+xml\r\n"));
    expect_answer(&near, &far, "application/im-iscomposing+xml", "<x/>", "415");
    expect_answer(&near, &far, "text/html", "<p>", "415");
    expect_answer(&near, &far, "", "Hi", "415");
    expect_answer(&near, &far, "text/plain\r\nContent-Encoding: gzip", "Hi",
                  "415");
    expect_answer(&near, &far, "message/cpim",
                  "A: b\r\n\r\nContent-Type: text/html\r\n\r\nHi", "415");
    expect_answer(&near, &far, "message/cpim",
                  "A: b\r\n\r\nContent-Type: text/plain\r\n"
                  "Content-Transfer-Encoding: base64\r\n\r\nSGk=",
                  "415");
    expect_answer(&near, &far, "text/plain", text, "413");
    expect_answer(&near, &far, "message/cpim", "no header", "400");
    expect_answer(&near, &far, "message/imdn+xml", "<imdn/>", "400");
    assert_int_equal(near.arrived, 0);
    end(&near, &far);
}

/* Repeated before and after it is answered, a text comes once. */
static void test_message_comes_once(void **state)
{
    (void)state;
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    far_open(&far);
    trunk_init(&trunk, &far);
    begin(&near, &far, &trunk);
    for (int i = 0; i < 3; i++) {
        far_send_as(&far, 900, "<sip:+12125550100@x>", "text/plain", "STOP");
    }
    run_until(&near, &far, &near.arrived, 1);
    /* What is sent after it is dealt with after it. */
    expect_answer(&near, &far, "text/html", "", "415");
    turn(&near, &far);
    assert_int_equal(near.arrived, 1);
    assert_int_equal(far.answers, 1);
    near.ops->received(near.ctx, near.arrival.report.token, OD_OK);
    run_until(&near, &far, &far.answers, 2);
    far_send_as(&far, 900, "<sip:+12125550100@x>", "text/plain", "STOP");
    run_until(&near, &far, &far.answers, 3);
    assert_int_equal(strncmp(far.answer, "SIP/2.0 200 ", 12), 0);
    assert_int_equal(near.arrived, 1);
    end(&near, &far);
}

#define RECEIPT(id, what)                                                      \
    "<imdn><message-id>" id                                                    \
    "</message-id><delivery-notification><status><" what                       \
    "/></status></delivery-notification></imdn>"

static void test_message_receipts(void **state)
{
    (void)state;
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    char body[600];
    char id[400];
    far_open(&far);
    trunk_init(&trunk, &far);
    trunk.imdn = 1;
    begin(&near, &far, &trunk);
    send_and_end(&near, &far, "202 Accepted");
    assert_non_null(strstr(far.last, "\r\nContent-Type: message/cpim\r\n"));
    assert_non_null(strstr(far.last, "\r\nimdn.Disposition-Notification: "
                                     "positive-delivery, negative-delivery"));
    line_of(far.last, "imdn.Message-ID: ", id);
    assert_string_equal(id + strlen("imdn.Message-ID: "), near.last.network_id);

    (void)snprintf(body, sizeof body, RECEIPT("%s", "delivered"),
                   near.last.network_id);
    expect_arrival(&near, &far, "message/imdn+xml", body, OD_REPORT_RECEIPT);
    assert_string_equal(near.arrival.network_id, near.last.network_id);
    assert_int_equal(near.arrival.report.delivery, OD_DELIVERY_DELIVERED);
    assert_string_equal(near.arrival.code, "delivered");
    expect_arrival(
        &near, &far, "message/cpim",
        "From: x\r\n\r\nContent-Type: message/imdn+xml\r\n\r\n" RECEIPT(
            "abc", "forbidden"),
        OD_REPORT_RECEIPT);
    assert_string_equal(near.arrival.network_id, "abc");
    assert_int_equal(near.arrival.report.delivery, OD_DELIVERY_FAILED);
    assert_int_equal(near.arrival.report.disposition,
                     OD_DISPOSITION_UNDELIVERED);
    assert_string_equal(near.arrival.code, "forbidden");
    int arrived = near.arrived;
    expect_answer(&near, &far, "message/imdn+xml",
                  "<imdn><message-id>abc</message-id><display-notification>"
                  "<status><displayed/>",
                  "200");
    assert_int_equal(near.arrived, arrived);
    end(&near, &far);
}

/* Two accounts at one host: a receipt goes to the one that sent the text. */
static void test_message_receipts_find_their_trunk(void **state)
{
    (void)state;
    far_end far;
    near_side near;
    od_sip_trunk one;
    od_sip_trunk other;
    const od_sip_trunk *trunks[] = {&one, &other};
    char body[600];
    far_open(&far);
    trunk_init(&one, &far);
    one.imdn = 1;
    other = one;
    other.name = "other";
    near_begin_all(&near, trunks, 2);
    meet(&near, &far);
    far.status = "200 OK";
    od_send send;
    memset(&send, 0, sizeof send);
    send.attempt = 1;
    send.to = 12125550100u;
    send.from = 13105550100u;
    send.text = "Hi";
    memcpy(send.session_id, "000000000000000000000000000000ab", 33);
    for (int32_t i = 0; i < 2; i++) {
        send.trunk = i;
        assert_int_equal(near.ops->send(near.ctx, &send), OD_OK);
        run_until(&near, &far, &near.ended, i + 1);
        (void)snprintf(body, sizeof body, RECEIPT("%s", "failed"),
                       near.last.network_id);
        expect_arrival(&near, &far, "message/imdn+xml", body,
                       OD_REPORT_RECEIPT);
        assert_int_equal(near.arrival.report.trunk, i);
    }
    end(&near, &far);
}

/* What the engine does not store stays with the network. */
static void test_message_is_kept_by_the_network(void **state)
{
    (void)state;
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    far_open(&far);
    trunk_init(&trunk, &far);
    begin(&near, &far, &trunk);
    far.call = 900;
    far_send(&far, "text/plain", "STOP");
    run_until(&near, &far, &near.arrived, 1);
    uint64_t token = near.arrival.report.token;
    near.ops->received(near.ctx, token, OD_ERR_LIMIT);
    run_until(&near, &far, &far.answers, 1);
    assert_int_equal(strncmp(far.answer, "SIP/2.0 503 ", 12), 0);
    assert_non_null(strstr(far.answer, "\r\nRetry-After: 5\r\n"));
    /* Told twice, or of what never was: nothing. */
    near.ops->received(near.ctx, token, OD_OK);
    near.ops->received(near.ctx, 0, OD_OK);
    near.ops->received(near.ctx, UINT64_MAX, OD_OK);
    /* The same request by another way, as a proxy tries again. */
    expect_arrival(&near, &far, "text/plain", "STOP", OD_REPORT_REPLY);
    assert_int_equal(far.answers, 2);
    end(&near, &far);
}

/* As many as there are places wait; one more does not. Places are used again,
 * and those that wait at the end go without a word. */
static void test_message_places_are_bounded(void **state)
{
    (void)state;
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    far_open(&far);
    trunk_init(&trunk, &far);
    begin(&near, &far, &trunk);
    while (near.arrived < OD__ARRIVALS_MAX) {
        far_send(&far, "text/plain", "Hi");
        run_until(&near, &far, &near.arrived, near.arrived + 1);
    }
    expect_answer(&near, &far, "text/plain", "Hi", "503");
    assert_non_null(strstr(far.answer, "\r\nRetry-After: 5\r\n"));
    int answers = far.answers;
    for (int i = 0; i < OD__ARRIVALS_MAX; i++) {
        near.ops->received(near.ctx, near.tokens[i], OD_OK);
        run_until(&near, &far, &far.answers, answers + i + 1);
    }
    for (int i = 0; i < 100; i++) {
        far_send(&far, "text/plain", "Hi");
    }
    run_until(&near, &far, &near.arrived, OD__ARRIVALS_MAX + 100);
    end(&near, &far);
}

static void test_message_of_strangers(void **state)
{
    (void)state;
    far_end far;
    far_end stranger;
    near_side near;
    od_sip_trunk trunk;
    od_sip_trunk calls;
    const od_sip_trunk *trunks[] = {&trunk, &calls};
    far_open(&far);
    far_open_at(&stranger, "127.0.0.2");
    trunk_init(&trunk, &far);
    trunk.host = "127.0.0.3";
    trunk.port = 9;
    trunk_init(&calls, &far);
    calls.name = "calls";
    calls.texts_max = 0;
    near_begin_all(&near, trunks, 2);
    meet(&near, &far);
    stranger.near = far.near;
    expect_answer(&near, &stranger, "text/plain", "STOP", "403");
    /* A trunk, but not for texts. */
    expect_answer(&near, &far, "text/plain", "STOP", "405");
    assert_non_null(
        strstr(far.answer, "\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n"));
    assert_int_equal(near.arrived, 0);
    (void)close(stranger.fd);
    end(&near, &far);
}

/* Without a trunk for texts everything is as it was. */
static void test_message_without_texts(void **state)
{
    (void)state;
    far_end far;
    near_side near;
    od_sip_trunk trunk;
    od_trunk_info info;
    far_open(&far);
    trunk_init(&trunk, &far);
    trunk.texts_max = 0;
    begin(&near, &far, &trunk);
    assert_int_equal(near.ops->trunk_get(near.ctx, 0, &info), OD_OK);
    assert_int_equal(info.texts_max, 0);
    assert_int_equal(near_send(&near, 0, "Hi"), OD_ERR_LIMIT);
    expect_answer(&near, &far, "text/plain", "STOP", "405");
    assert_non_null(
        strstr(far.answer, "\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n"));
    end(&near, &far);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_says_who_and_what),
        cmocka_unit_test(test_message_short_codes),
        cmocka_unit_test(test_message_statuses),
        cmocka_unit_test(test_message_provisional),
        cmocka_unit_test(test_message_is_repeated),
        cmocka_unit_test(test_message_authenticates),
        cmocka_unit_test(test_message_size_over_udp),
        cmocka_unit_test(test_message_send_refuses),
        cmocka_unit_test(test_message_texts_only),
        cmocka_unit_test(test_message_over_tcp),
        cmocka_unit_test(test_message_replies),
        cmocka_unit_test(test_message_replies_name_their_sender),
        cmocka_unit_test(test_message_refuses_what_it_cannot_read),
        cmocka_unit_test(test_message_comes_once),
        cmocka_unit_test(test_message_receipts),
        cmocka_unit_test(test_message_receipts_find_their_trunk),
        cmocka_unit_test(test_message_is_kept_by_the_network),
        cmocka_unit_test(test_message_places_are_bounded),
        cmocka_unit_test(test_message_of_strangers),
        cmocka_unit_test(test_message_without_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
