/*
 * test_sip_inbound.c - texts and receipts that come in over SIP.
 */
#include "support/text_side.h"

#include <unistd.h>

static void test_message_replies(void **state)
{
    (void)state;
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    od_text_begin(&near, &far, &trunk);
    od_text_expect_arrival(&near, &far, "text/plain;charset=utf-8",
                           "Stop \xc3\xa9", OD_REPORT_REPLY);
    const od_report *report = &near.arrival.report;
    assert_int_equal(report->from, 12125550100);
    assert_int_equal(report->to, 13105550100);
    assert_int_equal(report->trunk, 0);
    assert_string_equal(near.arrival.text, "Stop \xc3\xa9");
    assert_memory_equal(near.arrival.network_id, "call", 4);

    /* As long as it may be, empty, and with bytes that are no UTF-8. */
    static char text[OD_MESSAGE_MAX + 2];
    memset(text, 'x', OD_MESSAGE_MAX);
    od_text_expect_arrival(&near, &far, "text/plain", text, OD_REPORT_REPLY);
    assert_string_equal(near.arrival.text, text);
    od_text_expect_arrival(&near, &far, "text/plain", "", OD_REPORT_REPLY);
    assert_string_equal(near.arrival.text, "");
    od_text_expect_arrival(&near, &far, "Text/Plain",
                           "STOP \xe9\xe2\x82\xac\xe2\x82", OD_REPORT_REPLY);
    assert_string_equal(near.arrival.text, "STOP ?\xe2\x82\xac??");
    od_text_expect_arrival(
        &near, &far, "message/cpim",
        "From: <sip:x@y>\r\n\r\nContent-Type: text/plain\r\n\r\nYes",
        OD_REPORT_REPLY);
    assert_string_equal(near.arrival.text, "Yes");
    od_text_end(&near, &far);
}

static void test_message_replies_name_their_sender(void **state)
{
    (void)state;
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    od_text_begin(&near, &far, &trunk);
    od_text_peer_send_as(&far, 900,
                         "\"x\" <sip:anonymous@x>\r\nP-Asserted-Identity: "
                         "<sip:alice@x>, <tel:+12125550111>\r\nX: y",
                         "text/plain", "Hi");
    od_text_run_until(&near, &far, &near.arrived, 1);
    assert_int_equal(near.arrival.report.from, 12125550111);
    near.ops->received(near.ctx, near.arrival.report.token, OD_OK);
    od_text_run_until(&near, &far, &far.answers, 1);

    /* Nobody's words are kept, but who sent them is told that they came. */
    od_text_peer_send_as(&far, 901, "<sip:anonymous@x>", "text/plain", "Hi");
    od_text_run_until(&near, &far, &far.answers, 2);
    assert_int_equal(strncmp(far.answer, "SIP/2.0 200 ", 12), 0);
    assert_int_equal(near.arrived, 1);
    od_text_end(&near, &far);
}

static void test_message_refuses_what_it_cannot_read(void **state)
{
    (void)state;
    static char text[OD_MESSAGE_MAX + 2];
    memset(text, 'x', OD_MESSAGE_MAX + 1);
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    od_text_begin(&near, &far, &trunk);
    od_text_expect_answer(&near, &far, "text/plain;charset=iso-8859-1", "Hi",
                          "415");
    assert_non_null(strstr(far.answer, "\r\nAccept: text/plain, message/cpim, "
                                       "message/imdn+xml\r\n"));
    od_text_expect_answer(&near, &far, "application/im-iscomposing+xml", "<x/>",
                          "415");
    od_text_expect_answer(&near, &far, "text/html", "<p>", "415");
    od_text_expect_answer(&near, &far, "", "Hi", "415");
    od_text_expect_answer(&near, &far, "text/plain\r\nContent-Encoding: gzip",
                          "Hi", "415");
    od_text_expect_answer(&near, &far, "message/cpim",
                          "A: b\r\n\r\nContent-Type: text/html\r\n\r\nHi",
                          "415");
    od_text_expect_answer(&near, &far, "message/cpim",
                          "A: b\r\n\r\nContent-Type: text/plain\r\n"
                          "Content-Transfer-Encoding: base64\r\n\r\nSGk=",
                          "415");
    od_text_expect_answer(&near, &far, "text/plain", text, "413");
    od_text_expect_answer(&near, &far, "message/cpim", "no header", "400");
    od_text_expect_answer(&near, &far, "message/imdn+xml", "<imdn/>", "400");
    assert_int_equal(near.arrived, 0);
    od_text_end(&near, &far);
}

/* Repeated before and after it is answered, a text comes once. */
static void test_message_comes_once(void **state)
{
    (void)state;
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    od_text_begin(&near, &far, &trunk);
    for (int i = 0; i < 3; i++) {
        od_text_peer_send_as(&far, 900, "<sip:+12125550100@x>", "text/plain",
                             "STOP");
    }
    od_text_run_until(&near, &far, &near.arrived, 1);
    /* What is sent after it is dealt with after it. */
    od_text_expect_answer(&near, &far, "text/html", "", "415");
    od_text_turn(&near, &far);
    assert_int_equal(near.arrived, 1);
    assert_int_equal(far.answers, 1);
    near.ops->received(near.ctx, near.arrival.report.token, OD_OK);
    od_text_run_until(&near, &far, &far.answers, 2);
    od_text_peer_send_as(&far, 900, "<sip:+12125550100@x>", "text/plain",
                         "STOP");
    od_text_run_until(&near, &far, &far.answers, 3);
    assert_int_equal(strncmp(far.answer, "SIP/2.0 200 ", 12), 0);
    assert_int_equal(near.arrived, 1);
    od_text_end(&near, &far);
}

#define RECEIPT(id, what)                                                      \
    "<imdn><message-id>" id                                                    \
    "</message-id><delivery-notification><status><" what                       \
    "/></status></delivery-notification></imdn>"

static void test_message_receipts(void **state)
{
    (void)state;
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    char body[600];
    char id[400];
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    trunk.imdn = 1;
    od_text_begin(&near, &far, &trunk);
    od_text_send_and_end(&near, &far, "202 Accepted");
    assert_non_null(strstr(far.last, "\r\nContent-Type: message/cpim\r\n"));
    assert_non_null(strstr(far.last, "\r\nimdn.Disposition-Notification: "
                                     "positive-delivery, negative-delivery"));
    od_text_line(far.last, "imdn.Message-ID: ", id);
    assert_string_equal(id + strlen("imdn.Message-ID: "), near.last.network_id);

    (void)snprintf(body, sizeof body, RECEIPT("%s", "delivered"),
                   near.last.network_id);
    od_text_expect_arrival(&near, &far, "message/imdn+xml", body,
                           OD_REPORT_RECEIPT);
    assert_string_equal(near.arrival.network_id, near.last.network_id);
    assert_int_equal(near.arrival.report.delivery, OD_DELIVERY_DELIVERED);
    assert_string_equal(near.arrival.code, "delivered");
    od_text_expect_arrival(
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
    od_text_expect_answer(
        &near, &far, "message/imdn+xml",
        "<imdn><message-id>abc</message-id><display-notification>"
        "<status><displayed/>",
        "200");
    assert_int_equal(near.arrived, arrived);
    od_text_end(&near, &far);
}

/* Two accounts at one host: a receipt goes to the one that sent the text. */
static void test_message_receipts_find_their_trunk(void **state)
{
    (void)state;
    od_text_peer far;
    od_text_side near;
    od_sip_trunk one;
    od_sip_trunk other;
    const od_sip_trunk *trunks[] = {&one, &other};
    char body[600];
    od_text_peer_open(&far);
    od_text_trunk_init(&one, &far);
    one.imdn = 1;
    other = one;
    other.name = "other";
    od_text_begin_all(&near, trunks, 2);
    od_text_meet(&near, &far);
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
        od_text_run_until(&near, &far, &near.ended, i + 1);
        (void)snprintf(body, sizeof body, RECEIPT("%s", "failed"),
                       near.last.network_id);
        od_text_expect_arrival(&near, &far, "message/imdn+xml", body,
                               OD_REPORT_RECEIPT);
        assert_int_equal(near.arrival.report.trunk, i);
    }
    od_text_end(&near, &far);
}

/* What the engine does not store stays with the network. */
static void test_message_is_kept_by_the_network(void **state)
{
    (void)state;
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    od_text_begin(&near, &far, &trunk);
    far.call = 900;
    od_text_peer_send(&far, "text/plain", "STOP");
    od_text_run_until(&near, &far, &near.arrived, 1);
    uint64_t token = near.arrival.report.token;
    near.ops->received(near.ctx, token, OD_ERR_LIMIT);
    od_text_run_until(&near, &far, &far.answers, 1);
    assert_int_equal(strncmp(far.answer, "SIP/2.0 503 ", 12), 0);
    assert_non_null(strstr(far.answer, "\r\nRetry-After: 5\r\n"));
    /* Told twice, or of what never was: nothing. */
    near.ops->received(near.ctx, token, OD_OK);
    near.ops->received(near.ctx, 0, OD_OK);
    near.ops->received(near.ctx, UINT64_MAX, OD_OK);
    /* The same request by another way, as a proxy tries again. */
    od_text_expect_arrival(&near, &far, "text/plain", "STOP", OD_REPORT_REPLY);
    assert_int_equal(far.answers, 2);
    od_text_end(&near, &far);
}

/* As many as there are places wait; one more does not. Places are used again,
 * and those that wait at the end go without a word. */
static void test_message_places_are_bounded(void **state)
{
    (void)state;
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    od_text_begin(&near, &far, &trunk);
    while (near.arrived < OD__ARRIVALS_MAX) {
        od_text_peer_send(&far, "text/plain", "Hi");
        od_text_run_until(&near, &far, &near.arrived, near.arrived + 1);
    }
    od_text_expect_answer(&near, &far, "text/plain", "Hi", "503");
    assert_non_null(strstr(far.answer, "\r\nRetry-After: 5\r\n"));
    int answers = far.answers;
    for (int i = 0; i < OD__ARRIVALS_MAX; i++) {
        near.ops->received(near.ctx, near.tokens[i], OD_OK);
        od_text_run_until(&near, &far, &far.answers, answers + i + 1);
    }
    for (int i = 0; i < 100; i++) {
        od_text_peer_send(&far, "text/plain", "Hi");
    }
    od_text_run_until(&near, &far, &near.arrived, OD__ARRIVALS_MAX + 100);
    od_text_end(&near, &far);
}

static void test_message_of_strangers(void **state)
{
    (void)state;
    od_text_peer far;
    od_text_peer stranger;
    od_text_side near;
    od_sip_trunk trunk;
    od_sip_trunk calls;
    const od_sip_trunk *trunks[] = {&trunk, &calls};
    od_text_peer_open(&far);
    od_text_peer_open_at(&stranger, "127.0.0.2");
    od_text_trunk_init(&trunk, &far);
    trunk.host = "127.0.0.3";
    trunk.port = 9;
    od_text_trunk_init(&calls, &far);
    calls.name = "calls";
    calls.texts_max = 0;
    od_text_begin_all(&near, trunks, 2);
    od_text_meet(&near, &far);
    stranger.near = far.near;
    od_text_expect_answer(&near, &stranger, "text/plain", "STOP", "403");
    /* A trunk, but not for texts. */
    od_text_expect_answer(&near, &far, "text/plain", "STOP", "405");
    assert_non_null(
        strstr(far.answer, "\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n"));
    assert_int_equal(near.arrived, 0);
    (void)close(stranger.fd);
    od_text_end(&near, &far);
}

/* Without a trunk for texts everything is as it was. */
static void test_message_without_texts(void **state)
{
    (void)state;
    od_text_peer far;
    od_text_side near;
    od_sip_trunk trunk;
    od_trunk_info info;
    od_text_peer_open(&far);
    od_text_trunk_init(&trunk, &far);
    trunk.texts_max = 0;
    od_text_begin(&near, &far, &trunk);
    assert_int_equal(near.ops->trunk_get(near.ctx, 0, &info), OD_OK);
    assert_int_equal(info.texts_max, 0);
    assert_int_equal(od_text_send(&near, 0, "Hi"), OD_ERR_LIMIT);
    od_text_expect_answer(&near, &far, "text/plain", "STOP", "405");
    assert_non_null(
        strstr(far.answer, "\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n"));
    od_text_end(&near, &far);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
