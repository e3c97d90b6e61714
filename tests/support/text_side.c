/*
 * text_side.c - see text_side.h.
 */
#include "support/text_side.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* == the far end ========================================================== */

void od_text_peer_open_at(od_text_peer *far, const char *address)
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

void od_text_peer_open(od_text_peer *far)
{
    od_text_peer_open_at(far, "127.0.0.1");
}

void od_text_line(const char *text, const char *name, char out[400])
{
    const char *at = strstr(text, name);
    size_t len = at != NULL ? strcspn(at, "\r\n") : 0;
    assert_true(len < 400);
    memcpy(out, at != NULL ? at : "", len);
    out[len] = '\0';
}

static void far_put(const od_text_peer *far, const char *text)
{
    (void)sendto(far->fd, text, strlen(text), 0, &far->near.any,
                 sizeof far->near.v4);
}

void od_text_peer_respond(const od_text_peer *far, const char *request,
                          const char *status, const char *headers)
{
    static const char *const names[] = {
        "Via:", "From:", "To:", "Call-ID:", "CSeq:"};
    char lines[5][400];
    char text[4096];
    for (size_t i = 0; i < OD__LEN(names); i++) {
        od_text_line(request, names[i], lines[i]);
    }
    (void)snprintf(text, sizeof text,
                   "SIP/2.0 %s\r\n%s\r\n%s\r\n%s;tag=far\r\n%s\r\n%s\r\n%s"
                   "Content-Length: 0\r\n\r\n",
                   status, lines[0], lines[1], lines[2], lines[3], lines[4],
                   headers);
    far_put(far, text);
}

static void far_turn(od_text_peer *far)
{
    char text[OD_TEXT_PACKET_MAX];
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
            od_text_peer_respond(far, text, "200 OK", "");
        } else {
            assert_int_equal(strncmp(text, "MESSAGE ", 8), 0);
            memcpy(far->last, text, (size_t)got + 1);
            far->last_len = (size_t)got;
            far->messages++;
            if (far->status != NULL) {
                od_text_peer_respond(far, text, far->status, far->headers);
            }
        }
    }
}

void od_text_peer_send_as(od_text_peer *far, int branch, const char *from,
                          const char *type, const char *body)
{
    char text[OD_TEXT_PACKET_MAX];
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

void od_text_peer_send(od_text_peer *far, const char *type, const char *body)
{
    od_text_peer_send_as(far, ++far->sent, "<sip:+12125550100@x>", type, body);
}

/* == our side ============================================================= */

static void keep(od_text_heard *out, const od_report *report)
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
    od_text_side *near = ctx;
    if (report->kind == OD_REPORT_ENDED) {
        near->ended++;
        assert_in_range(report->slot, 0, OD_TEXT_SLOTS - 1);
        assert_int_equal(report->attempt, report->slot + 1);
        keep(&near->last, report);
    } else if (report->kind != OD_REPORT_TRUNK) {
        assert_true(report->kind == OD_REPORT_RECEIPT ||
                    report->kind == OD_REPORT_REPLY);
        assert_true(report->token != 0);
        assert_true(near->arrived < OD_TEXT_HEARD_MAX);
        near->tokens[near->arrived++] = report->token;
        keep(&near->arrival, report);
    }
}

static void on_wake(void *ctx)
{
    od_text_side *near = ctx;
    od__wake_signal(&near->wake);
}

void od_text_trunk_init(od_sip_trunk *trunk, const od_text_peer *far)
{
    od_sip_trunk_init(trunk);
    trunk->name = "far";
    trunk->host = "127.0.0.1";
    trunk->port = far->port;
    trunk->texts_max = OD_TEXT_SLOTS;
}

void od_text_begin_all(od_text_side *near, const od_sip_trunk *const *trunks,
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
    if (near->ops->start(near->ctx, near->sink, OD_TEXT_SLOTS, &now, &errmsg) !=
        OD_OK) {
        fail_msg("%s", errmsg.text);
    }
}

void od_text_begin_alone(od_text_side *near, const od_sip_trunk *trunk)
{
    od_text_begin_all(near, &trunk, 1);
}

void od_text_turn(od_text_side *near, od_text_peer *far)
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

void od_text_run_until(od_text_side *near, od_text_peer *far, const int *what,
                       int count)
{
    int64_t until_us = od__mono_us() + OD_TEXT_WAIT_MS * 1000;
    while (*what < count) {
        assert_true(od__mono_us() < until_us);
        od_text_turn(near, far);
    }
    assert_int_equal(*what, count);
}

void od_text_meet(od_text_side *near, od_text_peer *far)
{
    int64_t until_us = od__mono_us() + OD_TEXT_WAIT_MS * 1000;
    while (far->near.any.sa_family == 0) {
        assert_true(od__mono_us() < until_us);
        od_text_turn(near, far);
    }
}

void od_text_begin(od_text_side *near, od_text_peer *far,
                   const od_sip_trunk *trunk)
{
    od_text_begin_alone(near, trunk);
    od_text_meet(near, far);
}

void od_text_end(od_text_side *near, od_text_peer *far)
{
    od_transport_free(near->transport);
    od_sink_free(near->sink);
    od__wake_close(&near->wake);
    (void)close(far->fd);
}

od_err od_text_send(od_text_side *near, uint32_t slot, const char *text)
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

void od_text_send_and_end(od_text_side *near, od_text_peer *far,
                          const char *status)
{
    int ended = near->ended;
    far->status = status;
    assert_int_equal(od_text_send(near, 0, "Hi"), OD_OK);
    od_text_run_until(near, far, &near->ended, ended + 1);
}

void od_text_expect_answer(od_text_side *near, od_text_peer *far,
                           const char *type, const char *body,
                           const char *status)
{
    int answers = far->answers;
    od_text_peer_send(far, type, body);
    od_text_run_until(near, far, &far->answers, answers + 1);
    if (strncmp(far->answer + 8, status, strlen(status)) != 0) {
        fail_msg("%s: %s", type, far->answer);
    }
}

void od_text_expect_arrival(od_text_side *near, od_text_peer *far,
                            const char *type, const char *body,
                            od_report_kind kind)
{
    int answers = far->answers;
    int arrived = near->arrived;
    od_text_peer_send(far, type, body);
    od_text_run_until(near, far, &near->arrived, arrived + 1);
    assert_int_equal(near->arrival.report.kind, kind);
    assert_int_equal(far->answers, answers);
    near->ops->received(near->ctx, near->arrival.report.token, OD_OK);
    od_text_run_until(near, far, &far->answers, answers + 1);
    assert_int_equal(strncmp(far->answer, "SIP/2.0 200 ", 12), 0);
}
