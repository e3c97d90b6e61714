/*
 * test_sip.c - the transport table of SIP against a callee in this process.
 *
 * The callee is one UDP socket that answers each INVITE at once, or not at all.
 * What others' SIP software makes of us, tests/interop shows.
 */
#include "support/test.h"

#include "base/base.h"
#include "transport/sip/sip.h"

#include <outdial/backend.h>
#include <outdial/transport.h>

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOTS 32
#define WAIT_MS 10000

/* == the callee =========================================================== */

typedef struct callee {
    int fd;
    bool v6;
    uint16_t port;
    bool mute; /* does not answer INVITEs */
    int invites;
    int byes;
    int cancels;
    char invite[4096]; /* the last one */
    od__address from;  /* its sender */
    socklen_t from_len;
} callee;

/* False: this machine has no such loopback. */
static bool callee_open_at(callee *c, const char *address)
{
    od__address local;
    socklen_t len = sizeof local.v4;
    memset(c, 0, sizeof *c);
    memset(&local, 0, sizeof local);
    c->v6 = strchr(address, ':') != NULL;
    local.any.sa_family = c->v6 ? AF_INET6 : AF_INET;
    if (c->v6) {
        len = sizeof local.v6;
        (void)inet_pton(AF_INET6, address, &local.v6.sin6_addr);
    } else {
        (void)inet_pton(AF_INET, address, &local.v4.sin_addr);
    }
    c->fd = socket(local.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || bind(c->fd, &local.any, len) != 0 ||
        getsockname(c->fd, &local.any, &len) != 0) {
        return false;
    }
    c->port = ntohs(c->v6 ? local.v6.sin6_port : local.v4.sin_port);
    return true;
}

static void callee_open(callee *c)
{
    assert_true(callee_open_at(c, "127.0.0.1"));
}

/* The line of a header with its name, or "". */
static void line_of(const char *text, const char *name, char out[300])
{
    const char *at = strstr(text, name);
    size_t len = at != NULL ? strcspn(at, "\r\n") : 0;
    assert_true(len < 300);
    memcpy(out, at != NULL ? at : "", len);
    out[len] = '\0';
}

static void callee_respond(const callee *c, const char *request,
                           const char *status, const od__address *to,
                           socklen_t to_len)
{
    bool invite = strncmp(request, "INVITE", 6) == 0;
    const char *type = c->v6 ? "IP6 ::1" : "IP4 127.0.0.1";
    char sdp[300] = "";
    char text[4096];
    char lines[5][300];
    if (invite) {
        (void)snprintf(sdp, sizeof sdp,
                       "v=0\r\no=- 1 1 IN %s\r\ns=-\r\nc=IN %s\r\nt=0 0\r\n"
                       "m=audio 9 RTP/AVP 0 101\r\n"
                       "a=rtpmap:101 telephone-event/8000\r\n",
                       type, type);
    }
    line_of(request, "Via:", lines[0]);
    line_of(request, "From:", lines[1]);
    line_of(request, "To:", lines[2]);
    line_of(request, "Call-ID:", lines[3]);
    line_of(request, "CSeq:", lines[4]);
    int len = snprintf(
        text, sizeof text,
        "SIP/2.0 %s\r\n%s\r\n%s\r\n%s%s\r\n%s\r\n%s\r\n"
        "Contact: <sip:callee@%s:%u>\r\n%s"
        "Content-Length: %zu\r\n\r\n%s",
        status, lines[0], lines[1], lines[2],
        strstr(lines[2], "tag=") != NULL ? "" : ";tag=callee", lines[3],
        lines[4], c->v6 ? "[::1]" : "127.0.0.1", c->port,
        invite ? "Content-Type: application/sdp\r\n" : "", strlen(sdp), sdp);
    (void)sendto(c->fd, text, (size_t)len, 0, &to->any, to_len);
}

static void callee_turn(callee *c)
{
    char text[4096];
    od__address from;
    for (;;) {
        socklen_t from_len = sizeof from;
        ssize_t len = recvfrom(c->fd, text, sizeof text - 1, MSG_DONTWAIT,
                               &from.any, &from_len);
        if (len <= 0) {
            return;
        }
        text[len] = '\0';
        bool invite = strncmp(text, "INVITE", 6) == 0;
        if (invite) {
            c->invites++;
            memcpy(c->invite, text, (size_t)len + 1);
            c->from = from;
            c->from_len = from_len;
        }
        c->byes += strncmp(text, "BYE", 3) == 0;
        c->cancels += strncmp(text, "CANCEL", 6) == 0;
        if (!(invite && c->mute) && strncmp(text, "ACK", 3) != 0 &&
            strncmp(text, "SIP", 3) != 0) {
            callee_respond(c, text, "200 OK", &from, from_len);
        }
    }
}

/* Answer the last INVITE. */
static void callee_answer(const callee *c, const char *status)
{
    callee_respond(c, c->invite, status, &c->from, c->from_len);
}

/* == our side ============================================================= */

typedef struct near_side {
    od_transport *transport;
    const od_transport_ops *ops;
    void *ctx;
    od_sink *sink;
    od__wake wake;
    size_t reports_max;             /* of each step */
    size_t posted;                  /* in the step at hand */
    int kinds[OD_REPORT_TRUNK + 1]; /* reports of each kind */
    int last[SLOTS];                /* kind of the last report */
    int32_t fault;
    int32_t status;
} near_side;

static void on_report(void *ctx, const od_report *report)
{
    near_side *near = ctx;
    near->posted++;
    near->kinds[report->kind]++;
    if (report->kind == OD_REPORT_TRUNK) {
        return;
    }
    assert_in_range(report->slot, 0, SLOTS - 1);
    assert_int_equal(report->attempt, report->slot + 1);
    assert_int_not_equal(near->last[report->slot], OD_REPORT_ENDED);
    near->last[report->slot] = (int)report->kind;
    if (report->kind == OD_REPORT_ENDED) {
        near->fault = report->fault;
        near->status = report->status;
    }
}

static void on_wake(void *ctx)
{
    near_side *near = ctx;
    od__wake_signal(&near->wake);
}

/* A trunk for each callee. */
static void near_make_trunks(near_side *near, const callee *far, size_t far_len,
                             const od_sip_options *base)
{
    static const char *const names[] = {"far", "other"};
    od_sip_trunk trunks[2];
    const od_sip_trunk *pointers[2];
    od_errmsg errmsg = {""};
    assert_true(far_len <= OD__LEN(trunks));
    for (size_t i = 0; i < far_len; i++) {
        od_sip_trunk_init(&trunks[i]);
        trunks[i].name = names[i];
        trunks[i].host = far[i].v6 ? "[::1]" : "127.0.0.1";
        trunks[i].port = far[i].port;
        trunks[i].calls_max = SLOTS;
        pointers[i] = &trunks[i];
    }
    od_sip_options options;
    od_sip_options_init(&options);
    if (base != NULL) {
        options = *base;
    }
    options.trunks = pointers;
    options.trunks_len = far_len;
    memset(near, 0, sizeof *near);
    near->reports_max = 16;
    assert_int_equal(od__wake_init(&near->wake, NULL), OD_OK);
    assert_int_equal(od_sink_new(&near->sink, on_report, on_wake, near), OD_OK);
    if (od_transport_new_sip(&near->transport, &options, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    near->ops = od_transport_ops_get(near->transport);
    near->ctx = od_transport_ctx_get(near->transport);
}

static void near_make(near_side *near, const callee *far,
                      const od_sip_options *base)
{
    near_make_trunks(near, far, 1, base);
}

static od_err near_start(near_side *near)
{
    od_errmsg errmsg = {""};
    od_now now;
    od_now_read(&now);
    od_err err = near->ops->start(near->ctx, near->sink, SLOTS, &now, &errmsg);
    assert_true((err == OD_OK) == (errmsg.text[0] == '\0'));
    return err;
}

static void near_free(near_side *near)
{
    od_transport_free(near->transport);
    od_sink_free(near->sink);
    od__wake_close(&near->wake);
}

static od_err near_dial_by(near_side *near, uint32_t slot, int32_t trunk)
{
    od_dial dial;
    memset(&dial, 0, sizeof dial);
    dial.slot = slot;
    dial.trunk = trunk;
    dial.attempt = slot + 1;
    dial.to = 12125550100u + slot;
    dial.from = 13105550100u;
    memcpy(dial.session_id, "000000000000000000000000000000ab", 33);
    near->last[slot] = 0;
    return near->ops->dial(near->ctx, &dial);
}

static od_err near_dial(near_side *near, uint32_t slot)
{
    return near_dial_by(near, slot, 0);
}

/* Both sides have a turn. */
static void turn(near_side *near, callee *far)
{
    struct pollfd fds[2] = {{.fd = near->wake.fd, .events = POLLIN},
                            {.fd = far->fd, .events = POLLIN}};
    od_now now;
    od_now_read(&now);
    int wait_ms = near->ops->deadline_ms(near->ctx) <= now.mono_ms ? 0 : 20;
    (void)poll(fds, 2, wait_ms);
    od__wake_clear(&near->wake);
    callee_turn(far);
    od_now_read(&now);
    near->posted = 0;
    near->ops->step(near->ctx, &now, near->reports_max);
    assert_true(near->posted <= near->reports_max);
}

/* Until there were `count` reports of a kind. */
static void run_until(near_side *near, callee *far, od_report_kind kind,
                      int count)
{
    int64_t until_us = od__mono_us() + WAIT_MS * 1000;
    while (near->kinds[kind] < count) {
        assert_true(od__mono_us() < until_us);
        turn(near, far);
    }
    assert_int_equal(near->kinds[kind], count);
}

static void run_until_count(near_side *near, callee *far, const int *what,
                            int count)
{
    int64_t until_us = od__mono_us() + WAIT_MS * 1000;
    while (*what < count) {
        assert_true(od__mono_us() < until_us);
        turn(near, far);
    }
}

/* == tests ================================================================ */

static void test_sip_invite_says_who_and_what(void **state)
{
    (void)state;
    callee far;
    near_side near;
    od_sip_options options;
    od_sip_options_init(&options);
    options.user_agent = "test/1 %s%n";
    callee_open(&far);
    near_make(&near, &far, &options);
    assert_int_equal(near_start(&near), OD_OK);
    assert_int_equal(near_dial(&near, 3), OD_OK);
    run_until(&near, &far, OD_REPORT_ANSWERED, 1);
    assert_non_null(strstr(far.invite, "INVITE sip:+12125550103@127.0.0.1:"));
    assert_non_null(strstr(far.invite, "From: <sip:+13105550100@127.0.0.1>"));
    assert_non_null(strstr(
        far.invite, "P-Asserted-Identity: <sip:+13105550100@127.0.0.1>\r\n"));
    assert_non_null(strstr(far.invite, "Session-ID: "
                                       "000000000000000000000000000000ab;"));
    assert_non_null(strstr(far.invite, "User-Agent: test/1 %s%n\r\n"));
    near.ops->hangup(near.ctx, 3);
    run_until(&near, &far, OD_REPORT_ENDED, 1);
    assert_int_equal(near.status, 200);
    run_until_count(&near, &far, &far.byes, 1);
    near_free(&near);
    (void)close(far.fd);
}

static void test_sip_dial_refuses(void **state)
{
    (void)state;
    callee far;
    near_side near;
    od_sip_options options;
    od_sip_options_init(&options);
    options.trying_ms = 500;
    callee_open(&far);
    far.mute = true;
    near_make(&near, &far, &options);
    od_trunk_info info;
    assert_int_equal(near.ops->trunk_get(near.ctx, 0, &info), OD_OK);
    assert_true(info.up);
    assert_string_equal(info.name, "far");
    assert_int_equal(near.ops->trunk_get(near.ctx, 1, &info), OD_ERR_NOT_FOUND);
    assert_int_equal(near.ops->trunk_get(near.ctx, -1, &info),
                     OD_ERR_NOT_FOUND);
    assert_int_equal(near_start(&near), OD_OK);

    od_dial dial;
    memset(&dial, 0, sizeof dial);
    dial.attempt = 1;
    assert_int_equal(near.ops->dial(near.ctx, &dial), OD_ERR_INVALID);
    memcpy(dial.session_id, "0000000000000000000000000000\r\n00", 33);
    assert_int_equal(near.ops->dial(near.ctx, &dial), OD_ERR_INVALID);
    memcpy(dial.session_id, "00000000000000000000000000000000", 33);
    dial.trunk = 1;
    assert_int_equal(near.ops->dial(near.ctx, &dial), OD_ERR_INVALID);
    dial.trunk = 0;
    dial.slot = SLOTS;
    assert_int_equal(near.ops->dial(near.ctx, &dial), OD_ERR_INVALID);
    assert_int_equal(near_dial(&near, 0), OD_OK);
    assert_int_equal(near_dial(&near, 0), OD_ERR_INVALID);

    /* Without a call, or before its answer, these do nothing. */
    near.ops->hangup(near.ctx, 5);
    near.ops->hangup(near.ctx, SLOTS + 5);
    near.ops->play_stop(near.ctx, 0);
    assert_int_equal(near.ops->digits_send(near.ctx, 0, "1"), OD_ERR_STATE);
    near.ops->hangup(near.ctx, 0);
    near.ops->hangup(near.ctx, 0);
    run_until(&near, &far, OD_REPORT_ENDED, 1);
    near.ops->hangup(near.ctx, 0);
    turn(&near, &far);
    assert_int_equal(near.kinds[OD_REPORT_ENDED], 1);
    near_free(&near);
    (void)close(far.fd);
}

/* Hang-ups that overtake the dial, slots that are used again at once, and a
 * step that may post one report only. */
static void test_sip_slots_never_leak(void **state)
{
    (void)state;
    callee far;
    near_side near;
    callee_open(&far);
    near_make(&near, &far, NULL);
    near.reports_max = 1;
    assert_int_equal(near_start(&near), OD_OK);
    od__rand rand = {od_test_seed(5)};
    int dialed = 0;
    int64_t until_us = od__mono_us() + WAIT_MS * 1000;
    memset(near.last, 0, sizeof near.last);
    for (uint32_t i = 0; i < SLOTS; i++) {
        assert_int_equal(near_dial(&near, i), OD_OK);
        dialed++;
    }
    while (near.kinds[OD_REPORT_ENDED] < 1000) {
        assert_true(od__mono_us() < until_us);
        turn(&near, &far);
        for (uint32_t i = 0; i < SLOTS; i++) {
            if (near.last[i] == OD_REPORT_ENDED && dialed < 1000) {
                assert_int_equal(near_dial(&near, i), OD_OK);
                dialed++;
            }
            if (od__rand_below(&rand, 4) == 0) {
                near.ops->hangup(near.ctx, i);
            }
        }
    }
    assert_int_equal(dialed, 1000);
    turn(&near, &far);
    assert_int_equal(near.kinds[OD_REPORT_ENDED], 1000);
    assert_int_equal(near.fault, OD_OK);
    near_free(&near);
    (void)close(far.fd);
}

static void test_sip_free_says_nothing(void **state)
{
    (void)state;
    callee far;
    near_side near;
    callee_open(&far);
    near_make(&near, &far, NULL);
    assert_int_equal(near_start(&near), OD_OK);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(near_dial(&near, i), OD_OK);
    }
    run_until(&near, &far, OD_REPORT_ANSWERED, 4);
    far.mute = true;
    int invites = far.invites;
    for (uint32_t i = 4; i < 8; i++) {
        assert_int_equal(near_dial(&near, i), OD_OK);
    }
    run_until_count(&near, &far, &far.invites, invites + 4);
    near_free(&near);
    callee_turn(&far);
    assert_int_equal(far.byes, 0);
    assert_int_equal(far.cancels, 0);
    (void)close(far.fd);
}

/* == hang-up before the answer ============================================ */

/* A call to a callee that leaves the INVITE to the test, hung up. */
typedef struct crossing {
    near_side near;
    callee far[2]; /* the other one answers */
} crossing;

/* The agent does in order what it is asked: when the second call is answered,
 * the hang-up of the first one was seen. */
static void crossing_begin(crossing *c)
{
    callee_open(&c->far[0]);
    callee_open(&c->far[1]);
    c->far[0].mute = true;
    near_make_trunks(&c->near, c->far, 2, NULL);
    assert_int_equal(near_start(&c->near), OD_OK);
    assert_int_equal(near_dial(&c->near, 0), OD_OK);
    run_until_count(&c->near, &c->far[0], &c->far[0].invites, 1);
    c->near.ops->hangup(c->near.ctx, 0);
    assert_int_equal(near_dial_by(&c->near, 1, 1), OD_OK);
    run_until(&c->near, &c->far[1], OD_REPORT_ANSWERED, 1);
    assert_int_equal(c->near.kinds[OD_REPORT_ENDED], 0);
    callee_turn(&c->far[0]);
    assert_int_equal(c->far[0].cancels, 0);
}

/* ENDED, with this status. */
static void crossing_ended(crossing *c, int32_t status)
{
    run_until(&c->near, &c->far[0], OD_REPORT_ENDED, 1);
    assert_int_equal(c->near.last[0], OD_REPORT_ENDED);
    assert_int_equal(c->near.status, status);
    assert_int_equal(c->near.fault, OD_OK);
}

static void crossing_end(crossing *c)
{
    near_free(&c->near);
    (void)close(c->far[0].fd);
    (void)close(c->far[1].fd);
}

static void test_sip_hangup_waits_to_cancel(void **state)
{
    (void)state;
    crossing c;
    crossing_begin(&c);
    callee_answer(&c.far[0], "100 Trying");
    run_until_count(&c.near, &c.far[0], &c.far[0].cancels, 1);
    assert_int_equal(c.near.kinds[OD_REPORT_ENDED], 0);
    assert_int_equal(near_dial(&c.near, 0), OD_ERR_INVALID);
    c.near.ops->hangup(c.near.ctx, 0);
    callee_answer(&c.far[0], "487 Request Terminated");
    crossing_ended(&c, 487);
    assert_int_equal(c.near.kinds[OD_REPORT_ANSWERED], 1);
    assert_int_equal(near_dial(&c.near, 0), OD_OK);
    crossing_end(&c);
}

static void test_sip_answer_crosses_hangup(void **state)
{
    (void)state;
    crossing c;
    crossing_begin(&c);
    callee_answer(&c.far[0], "200 OK");
    crossing_ended(&c, 200);
    assert_int_equal(c.near.kinds[OD_REPORT_ANSWERED], 2);
    run_until_count(&c.near, &c.far[0], &c.far[0].byes, 1);
    assert_int_equal(c.far[0].cancels, 0);
    crossing_end(&c);
}

static void test_sip_answer_crosses_cancel(void **state)
{
    (void)state;
    crossing c;
    crossing_begin(&c);
    callee_answer(&c.far[0], "180 Ringing");
    run_until_count(&c.near, &c.far[0], &c.far[0].cancels, 1);
    callee_answer(&c.far[0], "200 OK");
    crossing_ended(&c, 200);
    assert_int_equal(c.near.kinds[OD_REPORT_ANSWERED], 2);
    run_until_count(&c.near, &c.far[0], &c.far[0].byes, 1);
    crossing_end(&c);
}

static void test_sip_refusal_crosses_cancel(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int32_t status;
    } finals[] = {
        {"404 Not Found", 404}, {"302 Moved", 302}, {"401 Unauthorized", 401}};
    for (size_t i = 0; i < OD__LEN(finals); i++) {
        crossing c;
        crossing_begin(&c);
        callee_answer(&c.far[0], "180 Ringing");
        run_until_count(&c.near, &c.far[0], &c.far[0].cancels, 1);
        callee_answer(&c.far[0], finals[i].line);
        crossing_ended(&c, finals[i].status);
        assert_int_equal(c.far[0].byes, 0);
        crossing_end(&c);
    }
}

/* Freed between the hang-up and the end of the INVITE. */
static void test_sip_free_while_cancelling(void **state)
{
    (void)state;
    crossing c;
    crossing_begin(&c);
    callee_answer(&c.far[0], "100 Trying");
    run_until_count(&c.near, &c.far[0], &c.far[0].cancels, 1);
    assert_int_equal(c.near.kinds[OD_REPORT_ENDED], 0);
    crossing_end(&c);
}

/* == limits and trunks ==================================================== */

static void test_sip_closing_legs_are_limited(void **state)
{
    (void)state;
    callee far;
    near_side near;
    od_sip_options options;
    od_sip_options_init(&options);
    options.closing_max = 3;
    callee_open(&far);
    near_make(&near, &far, &options);
    assert_int_equal(near_start(&near), OD_OK);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(near_dial(&near, i), OD_OK);
        run_until(&near, &far, OD_REPORT_ANSWERED, (int)i + 1);
        near.ops->hangup(near.ctx, i);
        run_until(&near, &far, OD_REPORT_ENDED, (int)i + 1);
    }
    assert_int_equal(near_dial(&near, 0), OD_ERR_LIMIT);
    near_free(&near);
    (void)close(far.fd);
}

static void test_sip_trunk_limit_is_kept(void **state)
{
    (void)state;
    callee far;
    near_side near;
    callee_open(&far);
    far.mute = true;
    near_make(&near, &far, NULL);
    od_trunk_info info;
    assert_int_equal(near.ops->trunk_get(near.ctx, 0, &info), OD_OK);
    assert_int_equal(info.calls_max, SLOTS);
    od_now now;
    od_now_read(&now);
    assert_int_equal(
        near.ops->start(near.ctx, near.sink, SLOTS + 1, &now, NULL), OD_OK);
    for (uint32_t i = 0; i < SLOTS; i++) {
        assert_int_equal(near_dial(&near, i), OD_OK);
    }
    od_dial dial;
    memset(&dial, 0, sizeof dial);
    dial.slot = SLOTS;
    memcpy(dial.session_id, "00000000000000000000000000000000", 33);
    assert_int_equal(near.ops->dial(near.ctx, &dial), OD_ERR_LIMIT);
    near_free(&near);
    (void)close(far.fd);
}

static void test_sip_trunks_are_told_apart(void **state)
{
    (void)state;
    callee far[2];
    near_side near;
    od_trunk_info info;
    callee_open(&far[0]);
    callee_open(&far[1]);
    near_make_trunks(&near, far, 2, NULL);
    assert_int_equal(near_start(&near), OD_OK);
    assert_int_equal(near.ops->trunk_get(near.ctx, 1, &info), OD_OK);
    assert_string_equal(info.name, "other");
    assert_int_equal(near_dial_by(&near, 0, 1), OD_OK);
    run_until(&near, &far[1], OD_REPORT_ANSWERED, 1);
    assert_int_equal(near_dial_by(&near, 1, 0), OD_OK);
    run_until(&near, &far[0], OD_REPORT_ANSWERED, 2);
    assert_int_equal(far[0].invites, 1);
    assert_int_equal(far[1].invites, 1);
    near_free(&near);
    (void)close(far[0].fd);
    (void)close(far[1].fd);
}

static void test_sip_speaks_ipv6(void **state)
{
    (void)state;
    callee far;
    near_side near;
    if (!callee_open_at(&far, "::1")) {
        if (far.fd >= 0) {
            (void)close(far.fd);
        }
        skip();
    }
    near_make(&near, &far, NULL);
    assert_int_equal(near_start(&near), OD_OK);
    assert_int_equal(near_dial(&near, 0), OD_OK);
    run_until(&near, &far, OD_REPORT_ANSWERED, 1);
    assert_non_null(strstr(far.invite, "INVITE sip:+12125550100@[::1]:"));
    assert_non_null(strstr(far.invite, "c=IN IP6 ::1\r\n"));
    near.ops->hangup(near.ctx, 0);
    run_until(&near, &far, OD_REPORT_ENDED, 1);
    run_until_count(&near, &far, &far.byes, 1);
    near_free(&near);
    (void)close(far.fd);
}

static void test_sip_trunk_goes_down_and_comes_back(void **state)
{
    (void)state;
    callee far;
    near_side near;
    od_sip_options options;
    od_sip_options_init(&options);
    options.trying_ms = 500;
    callee_open(&far);
    near_make(&near, &far, &options);
    assert_int_equal(near_start(&near), OD_OK);
    /* Nobody reads the socket: no answer to OPTIONS. */
    od_now now;
    int64_t until_us = od__mono_us() + WAIT_MS * 1000;
    while (near.kinds[OD_REPORT_TRUNK] == 0) {
        struct pollfd fd = {.fd = near.wake.fd, .events = POLLIN};
        assert_true(od__mono_us() < until_us);
        (void)poll(&fd, 1, 100);
        od__wake_clear(&near.wake);
        od_now_read(&now);
        near.ops->step(near.ctx, &now, 16);
    }
    od_trunk_info info;
    assert_int_equal(near.ops->trunk_get(near.ctx, 0, &info), OD_OK);
    assert_false(info.up);
    assert_int_equal(near_dial(&near, 0), OD_ERR_TRANSPORT);
    run_until(&near, &far, OD_REPORT_TRUNK, 2);
    assert_int_equal(near.ops->trunk_get(near.ctx, 0, &info), OD_OK);
    assert_true(info.up);
    assert_int_equal(near_dial(&near, 0), OD_OK);
    near_free(&near);
    (void)close(far.fd);
}

static void test_sip_start_fails_on_a_taken_port(void **state)
{
    (void)state;
    callee far;
    near_side near;
    od_sip_options options;
    od_sip_options_init(&options);
    callee_open(&far);
    options.port = far.port;
    near_make(&near, &far, &options);
    assert_int_equal(near_start(&near), OD_ERR_TRANSPORT);
    od_now now;
    od_now_read(&now);
    assert_int_equal(near.ops->start(near.ctx, near.sink, 0, &now, NULL),
                     OD_ERR_INVALID);
    near_free(&near);

    /* One that was never started can be freed as well. */
    near_make(&near, &far, NULL);
    near_free(&near);
    (void)close(far.fd);
}

static void test_sip_transports_are_independent(void **state)
{
    (void)state;
    enum { COUNT = 3 };
    callee far[COUNT];
    near_side near[COUNT];
    for (int i = 0; i < COUNT; i++) {
        od_sip_options options;
        od_sip_options_init(&options);
        options.rtp_port_min = 20000 + 2000 * i;
        options.rtp_port_max = 21999 + 2000 * i;
        callee_open(&far[i]);
        near_make(&near[i], &far[i], &options);
        assert_int_equal(near_start(&near[i]), OD_OK);
    }
    for (int round = 0; round < 2; round++) {
        for (int i = round; i < COUNT; i++) {
            near[i].last[0] = 0;
            assert_int_equal(near_dial(&near[i], (uint32_t)round), OD_OK);
        }
        for (int i = round; i < COUNT; i++) {
            run_until(&near[i], &far[i], OD_REPORT_ANSWERED, round + 1);
        }
        near_free(&near[round]);
    }
    near[2].ops->hangup(near[2].ctx, 0);
    run_until(&near[2], &far[2], OD_REPORT_ENDED, 1);
    near_free(&near[2]);
    for (int i = 0; i < COUNT; i++) {
        (void)close(far[i].fd);
    }
}

static void host_handler(int signal_number)
{
    (void)signal_number;
}

static void test_sip_leaves_the_hosts_sigpipe(void **state)
{
    (void)state;
    /* The first transport of the process has replaced nothing. */
    struct sigaction now;
    assert_int_equal(sigaction(SIGPIPE, NULL, &now), 0);
    assert_ptr_equal(now.sa_handler, host_handler);
}

int main(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = host_handler;
    (void)sigaction(SIGPIPE, &action, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sip_invite_says_who_and_what),
        cmocka_unit_test(test_sip_leaves_the_hosts_sigpipe),
        cmocka_unit_test(test_sip_dial_refuses),
        cmocka_unit_test(test_sip_slots_never_leak),
        cmocka_unit_test(test_sip_free_says_nothing),
        cmocka_unit_test(test_sip_hangup_waits_to_cancel),
        cmocka_unit_test(test_sip_answer_crosses_hangup),
        cmocka_unit_test(test_sip_answer_crosses_cancel),
        cmocka_unit_test(test_sip_refusal_crosses_cancel),
        cmocka_unit_test(test_sip_free_while_cancelling),
        cmocka_unit_test(test_sip_closing_legs_are_limited),
        cmocka_unit_test(test_sip_trunk_limit_is_kept),
        cmocka_unit_test(test_sip_trunks_are_told_apart),
        cmocka_unit_test(test_sip_speaks_ipv6),
        cmocka_unit_test(test_sip_trunk_goes_down_and_comes_back),
        cmocka_unit_test(test_sip_start_fails_on_a_taken_port),
        cmocka_unit_test(test_sip_transports_are_independent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
