/*
 * test_sip_message.c - texts that leave over SIP, and their answers.
 *
 * What others' SIP software makes of us, and what takes half a minute,
 * tests/interop shows.
 */
#include "support/text_side.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static void test_message_says_who_and_what(void **state)
{
    (void)state;
    static const char text[] = "%s%n \xf0\x9f\x98\x80\r\nX-Evil: 1\r\n\r\nBye";
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    char length[40];
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    far.status = "200 OK";
    od_text_begin(&near, &far, &trunk);
    assert_int_equal(od_text_send(&near, 3, text), OD_OK);
    od_text_run_until(&near, &far, &near.ended, 1);
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

    const od_text_heard *last = &near.last;
    assert_int_equal(last->report.status, 200);
    assert_int_equal(last->report.disposition, OD_DISPOSITION_SENT);
    assert_int_equal(last->report.delivery, OD_DELIVERY_DELIVERED);
    assert_int_equal(last->report.fault, OD_OK);
    char call_id[400];
    od_text_line(far.last, "Call-ID: ", call_id);
    assert_string_equal(call_id + strlen("Call-ID: "), last->network_id);
    assert_int_equal(strlen(last->network_id), 32);
    od_text_end(&near, &far);
}

static void test_message_short_codes(void **state)
{
    (void)state;
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    od_send send;
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    far.status = "202 Accepted";
    od_text_begin(&near, &far, &trunk);
    memset(&send, 0, sizeof send);
    send.attempt = 1;
    send.to = 12125550100u;
    send.from = 24680;
    send.text = "Hi";
    memcpy(send.session_id, "000000000000000000000000000000ab", 33);
    assert_int_equal(near.ops->send(near.ctx, &send), OD_OK);
    od_text_run_until(&near, &far, &near.ended, 1);
    assert_non_null(strstr(far.last, "\r\nFrom: <sip:24680@127.0.0.1>;tag="));
    assert_non_null(
        strstr(far.last, "\r\nP-Asserted-Identity: <sip:24680@127.0.0.1>\r\n"));
    assert_null(strstr(far.last, "\r\nExpires:"));
    od_text_end(&near, &far);
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
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    far.headers = "Retry-After: 7\r\nContact: <sip:+19005550100@127.0.0.1>\r\n";
    od_text_begin(&near, &far, &trunk);
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        bool sent = cases[i].disposition == OD_DISPOSITION_SENT;
        od_text_send_and_end(&near, &far, cases[i].status);
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
                                                   : OD_DELIVERY_UNKNOWN);
        }
    }
    /* One request each, whatever the answer was. */
    assert_int_equal(far.messages, OD__LEN(cases));
    od_text_end(&near, &far);
}

/* A provisional answer ends nothing. */
static void test_message_provisional(void **state)
{
    (void)state;
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    od_text_begin(&near, &far, &trunk);
    assert_int_equal(od_text_send(&near, 0, "Hi"), OD_OK);
    od_text_run_until(&near, &far, &far.messages, 1);
    od_text_peer_respond(&far, far.last, "100 Trying", "");
    od_text_turn(&near, &far);
    od_text_turn(&near, &far);
    assert_int_equal(near.ended, 0);
    od_text_peer_respond(&far, far.last, "202 Accepted", "");
    od_text_run_until(&near, &far, &near.ended, 1);
    assert_int_equal(near.last.report.delivery, OD_DELIVERY_UNKNOWN);
    /* What comes again is nobody's. */
    od_text_peer_respond(&far, far.last, "404 Not Found", "");
    od_text_turn(&near, &far);
    od_text_turn(&near, &far);
    assert_int_equal(near.ended, 1);
    od_text_end(&near, &far);
}

/* What is not answered is sent again, the same within one transaction. */
static void test_message_is_repeated(void **state)
{
    (void)state;
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    char first[OD_TEXT_PACKET_MAX];
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    od_text_begin(&near, &far, &trunk);
    assert_int_equal(od_text_send(&near, 0, "Hi"), OD_OK);
    od_text_run_until(&near, &far, &far.messages, 1);
    memcpy(first, far.last, far.last_len + 1);
    od_text_run_until(&near, &far, &far.messages, 2);
    assert_string_equal(far.last, first);
    assert_int_equal(near.ended, 0);
    od_text_peer_respond(&far, far.last, "202 Accepted", "");
    od_text_peer_respond(&far, far.last, "202 Accepted", "");
    od_text_run_until(&near, &far, &near.ended, 1);
    od_text_turn(&near, &far);
    assert_int_equal(near.ended, 1);
    od_text_end(&near, &far);
}

#define CHALLENGE                                                              \
    "WWW-Authenticate: Digest realm=\"x\", nonce=\"%s\", qop=\"auth\"%s\r\n"

static void test_message_authenticates(void **state)
{
    (void)state;
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    char first[400];
    char second[400];
    char challenge[300];
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    trunk.username = "alice";
    trunk.password = "secret";
    od_text_begin(&near, &far, &trunk);
    assert_int_equal(od_text_send(&near, 0, "Hi"), OD_OK);
    od_text_run_until(&near, &far, &far.messages, 1);
    od_text_line(far.last, "Call-ID: ", first);
    assert_null(strstr(far.last, "Authorization:"));
    (void)snprintf(challenge, sizeof challenge, CHALLENGE, "one", "");
    od_text_peer_respond(&far, far.last, "401 Unauthorized", challenge);
    od_text_run_until(&near, &far, &far.messages, 2);
    od_text_line(far.last, "Call-ID: ", second);
    assert_string_equal(first, second);
    assert_non_null(strstr(far.last, "\r\nCSeq: 2 MESSAGE\r\n"));
    assert_non_null(strstr(far.last, "\r\nAuthorization: Digest "
                                     "username=\"alice\", realm=\"x\", "
                                     "nonce=\"one\""));
    /* The nonce was too old. */
    (void)snprintf(challenge, sizeof challenge, CHALLENGE, "two",
                   ", stale=true");
    od_text_peer_respond(&far, far.last, "401 Unauthorized", challenge);
    od_text_run_until(&near, &far, &far.messages, 3);
    assert_non_null(strstr(far.last, "nonce=\"two\""));
    /* And again: enough. */
    (void)snprintf(challenge, sizeof challenge, CHALLENGE, "three",
                   ", stale=true");
    od_text_peer_respond(&far, far.last, "401 Unauthorized", challenge);
    od_text_run_until(&near, &far, &near.ended, 1);
    assert_int_equal(near.last.report.status, 401);
    assert_int_equal(near.last.report.disposition, OD_DISPOSITION_FAILED);
    assert_int_equal(far.messages, 3);

    /* Credentials that are refused are not tried again. */
    (void)snprintf(challenge, sizeof challenge, CHALLENGE, "one", "");
    far.headers = challenge;
    od_text_send_and_end(&near, &far, "401 Unauthorized");
    assert_int_equal(near.last.report.status, 401);
    assert_int_equal(far.messages, 5);
    od_text_end(&near, &far);
}

static void test_message_size_over_udp(void **state)
{
    (void)state;
    static char text[OD_MESSAGE_MAX + 2];
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    od_trunk_info info;
    char challenge[1000];
    char nonce[600];
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    trunk.username = "alice";
    trunk.password = "secret";
    far.status = "200 OK";
    od_text_begin(&near, &far, &trunk);
    assert_int_equal(near.ops->trunk_get(near.ctx, 0, &info), OD_OK);
    assert_in_range(info.text_bytes_max, 200, 500);
    memset(text, 'x', (size_t)info.text_bytes_max);
    assert_int_equal(od_text_send(&near, 0, text), OD_OK);
    od_text_run_until(&near, &far, &near.ended, 1);
    assert_int_equal(near.last.report.disposition, OD_DISPOSITION_SENT);
    assert_true(far.last_len <= OD__MESSAGE_UDP_MAX);

    /* With usual credentials it fits as well, with endless ones it does not. */
    far.status = NULL;
    memset(nonce, 'n', sizeof nonce);
    for (int i = 0; i < 2; i++) {
        nonce[i == 0 ? 90 : 599] = '\0';
        assert_int_equal(od_text_send(&near, 0, text), OD_OK);
        od_text_run_until(&near, &far, &far.messages, 2 + 2 * i);
        (void)snprintf(challenge, sizeof challenge, CHALLENGE, nonce, "");
        od_text_peer_respond(&far, far.last, "401 Unauthorized", challenge);
        nonce[90] = 'n';
        if (i == 0) {
            od_text_run_until(&near, &far, &far.messages, 3);
            assert_true(far.last_len <= OD__MESSAGE_UDP_MAX);
            od_text_peer_respond(&far, far.last, "200 OK", "");
        }
        od_text_run_until(&near, &far, &near.ended, 2 + i);
    }
    assert_int_equal(near.last.report.status, 401);
    assert_int_equal(near.last.report.fault, OD_ERR_LIMIT);

    memset(text, 'x', OD_MESSAGE_MAX);
    assert_int_equal(od_text_send(&near, 0, text), OD_OK);
    od_text_run_until(&near, &far, &near.ended, 4);
    assert_int_equal(near.last.report.disposition, OD_DISPOSITION_FAILED);
    assert_int_equal(near.last.report.fault, OD_ERR_LIMIT);
    assert_int_equal(near.last.report.status, 0);
    assert_null(near.last.report.sip_call_id);
    assert_int_equal(far.messages, 4);
    od_text_end(&near, &far);
}

static void test_message_send_refuses(void **state)
{
    (void)state;
    static char text[OD_MESSAGE_MAX + 2];
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    trunk.texts_max = 2;
    od_text_begin(&near, &far, &trunk);
    memset(text, 'x', OD_MESSAGE_MAX + 1);
    assert_int_equal(od_text_send(&near, 0, text), OD_ERR_INVALID);
    assert_int_equal(od_text_send(&near, 0, ""), OD_ERR_INVALID);
    assert_int_equal(od_text_send(&near, 0, NULL), OD_ERR_INVALID);
    assert_int_equal(od_text_send(&near, OD_TEXT_SLOTS, "Hi"), OD_ERR_LIMIT);
    od_send send;
    memset(&send, 0, sizeof send);
    send.text = "Hi";
    memcpy(send.session_id, "0000000000000000000000000000\r\n00", 33);
    assert_int_equal(near.ops->send(near.ctx, &send), OD_ERR_INVALID);
    memcpy(send.session_id, "00000000000000000000000000000000", 33);
    send.trunk = 1;
    assert_int_equal(near.ops->send(near.ctx, &send), OD_ERR_TRANSPORT);

    assert_int_equal(od_text_send(&near, 0, "Hi"), OD_OK);
    assert_int_equal(od_text_send(&near, 0, "Hi"), OD_ERR_LIMIT);
    assert_int_equal(od_text_send(&near, 1, "Hi"), OD_OK);
    assert_int_equal(od_text_send(&near, 2, "Hi"), OD_ERR_LIMIT);
    /* A text is no call: this does nothing. */
    near.ops->hangup(near.ctx, 0);
    near.ops->play_stop(near.ctx, 0);
    assert_int_equal(near.ops->digits_send(near.ctx, 0, "1"), OD_ERR_STATE);
    od_text_run_until(&near, &far, &far.messages, 2);
    assert_int_equal(near.ended, 0);
    od_text_peer_respond(&far, far.last, "200 OK", "");
    od_text_run_until(&near, &far, &near.ended, 1);
    assert_int_equal(od_text_send(&near, 2, "Hi"), OD_OK);
    od_text_run_until(&near, &far, &far.messages, 3);
    od_text_end(&near, &far); /* with two of them under way */
}

static void test_message_texts_only(void **state)
{
    (void)state;
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    od_trunk_info info;
    od_dial dial;
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    trunk.no_calls = 1;
    trunk.texts_per_second_max = 25;
    od_text_begin(&near, &far, &trunk);
    assert_int_equal(near.ops->trunk_get(near.ctx, 0, &info), OD_OK);
    assert_int_equal(info.calls_max, 0);
    assert_int_equal(info.texts_max, OD_TEXT_SLOTS);
    assert_int_equal(info.texts_per_second_max, 25);
    memset(&dial, 0, sizeof dial);
    dial.attempt = 1;
    dial.to = 12125550100u;
    memcpy(dial.session_id, "000000000000000000000000000000ab", 33);
    assert_int_equal(near.ops->dial(near.ctx, &dial), OD_ERR_LIMIT);
    od_text_send_and_end(&near, &far, "200 OK");
    od_text_end(&near, &far);
}

/* Over TCP there is no limit of size, and who does not listen got nothing. */
static void test_message_over_tcp(void **state)
{
    (void)state;
    static char text[OD_MESSAGE_MAX + 1];
    static char got[OD_TEXT_PACKET_MAX];
    struct sockaddr_in local = {.sin_family = AF_INET};
    socklen_t len = sizeof local;
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    od_trunk_info info;
    od_text_peer_open(&far); /* its socket stays silent */
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)&local, sizeof local),
                     0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&local, &len), 0);
    far.port = ntohs(local.sin_port);
    od_text_trunk_init(&trunk, &far);
    trunk.protocol = OD_SIP_TCP;
    od_text_begin_alone(&near, &trunk);
    assert_int_equal(near.ops->trunk_get(near.ctx, 0, &info), OD_OK);
    assert_int_equal(info.text_bytes_max, 0);
    int fd = accept(listener, NULL, NULL);
    assert_true(fd >= 0);
    memset(text, 'x', OD_MESSAGE_MAX);
    assert_int_equal(od_text_send(&near, 0, text), OD_OK);
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
    int64_t until_us = od__mono_us() + OD_TEXT_WAIT_MS * 1000;
    int32_t disposition = 0;
    uint32_t slot = 0;
    while (disposition != OD_DISPOSITION_CONGESTION) {
        assert_true(od__mono_us() < until_us);
        slot = slot % (OD_TEXT_SLOTS - 1) + 1;
        od_err err = od_text_send(&near, slot, "Hi");
        if (err != OD_OK) {
            assert_true(err == OD_ERR_LIMIT || err == OD_ERR_TRANSPORT);
        }
        od_text_turn(&near, &far);
        disposition = near.last.report.disposition;
    }
    assert_int_equal(near.last.report.fault, OD_ERR_TRANSPORT);
    assert_int_equal(near.last.report.status, 0);
    od_text_end(&near, &far);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
