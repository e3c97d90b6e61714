/*
 * test_smpp.c - the transport table of SMPP against an SMSC in this process.
 *
 * What others' SMSCs make of us, tests/interop shows.
 */
#include "support/test.h"

#include "support/smpp_kit.h"

static void test_smpp_binds_as_transceiver(void **state)
{
    od_smpp_kit kit;
    od_trunk_info info;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    assert_string_equal(kit.smsc.system_id, "outdial");
    assert_string_equal(kit.smsc.password, "secret");
    assert_string_equal(kit.smsc.system_type, "");
    assert_int_equal(kit.smsc.interface_version, 0x34);
    assert_int_equal(kit.ops->trunk_get(kit.ctx, 0, &info), OD_OK);
    assert_true(info.up);
    assert_int_equal(info.calls_max, 0);
    assert_int_equal(info.texts_max, 10);
    assert_int_equal(kit.ops->trunk_get(kit.ctx, 1, &info), OD_ERR_NOT_FOUND);
    od_smpp_kit_close(&kit);
}

static void test_smpp_text_is_sent_and_delivered(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    assert_int_equal(od_smpp_kit_send(&kit, 7, "Hello [you]"), OD_OK);
    const od_smpp_row *ended = od_smpp_kit_await(&kit, OD_REPORT_ENDED, 1);
    assert_int_equal(ended->report.slot, 7);
    assert_int_equal(ended->report.attempt, 8);
    assert_int_equal(ended->report.disposition, OD_DISPOSITION_SENT);
    assert_int_equal(ended->report.delivery, OD_DELIVERY_ACCEPTED);
    assert_int_equal(ended->report.status, 0);
    assert_int_equal(ended->report.network_ids_len, 1);
    assert_string_equal(ended->ids[0], "m1");

    const od_smsc_submit *submit = &kit.smsc.submits[0];
    assert_string_equal(submit->source, "15550100000");
    assert_string_equal(submit->dest, "15551230001");
    assert_string_equal(submit->validity, "000001000000000R");
    assert_int_equal(submit->source_ton, 1);
    assert_int_equal(submit->source_npi, 1);
    assert_int_equal(submit->dest_ton, 1);
    assert_int_equal(submit->dest_npi, 1);
    assert_int_equal(submit->registered, 1);
    assert_int_equal(submit->coding, 0);
    assert_int_equal(submit->esm_class, 0);
    assert_int_equal(submit->text_len, 13);
    assert_memory_equal(submit->text, "Hello \x1b<you\x1b>", 13);

    uint32_t sequence = od_smsc_receipt(
        &kit.smsc, "id:m1 sub:001 dlvrd:001 submit date:2611261200 done "
                   "date:2611261201 stat:DELIVRD err:000 text:Hello");
    const od_smpp_row *receipt = od_smpp_kit_await(&kit, OD_REPORT_RECEIPT, 1);
    assert_int_equal(receipt->report.delivery, OD_DELIVERY_DELIVERED);
    assert_int_equal(receipt->report.trunk, 0);
    assert_string_equal(receipt->ids[0], "m1");
    assert_string_equal(receipt->code, "000");

    /* Acknowledged once it is stored, not before. */
    for (int i = 0; i < 5; i++) {
        od_smpp_kit_turn(&kit, 5);
    }
    assert_null(od_smsc_answer_to(&kit.smsc, sequence));
    kit.ops->received(kit.ctx, receipt->report.token, OD_OK);
    OD_SMPP_KIT_UNTIL(&kit, od_smsc_answer_to(&kit.smsc, sequence) != NULL);
    assert_int_equal(od_smsc_answer_to(&kit.smsc, sequence)->status, 0);
    od_smpp_kit_close(&kit);
}

/* 200 letters: two parts. */
static const char *two_parts(void)
{
    static char text[201];
    memset(text, 'x', 200);
    return text;
}

/* == what comes in ======================================================== */

static void test_smpp_reply_is_acknowledged_when_stored(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    const od_smsc_deliver stop = {.source = "+15551230001",
                                  .dest = "74545",
                                  .text = "Stop \x02\x1b\x65",
                                  .text_len = 8};
    uint32_t first = od_smsc_deliver_send(&kit.smsc, &stop);
    uint32_t second = od_smsc_deliver_send(&kit.smsc, &stop);
    const od_smpp_row *reply = od_smpp_kit_await(&kit, OD_REPORT_REPLY, 1);
    const od_smpp_row *again = od_smpp_kit_await(&kit, OD_REPORT_REPLY, 2);
    assert_true(reply->report.from == 15551230001);
    assert_true(reply->report.to == 74545);
    assert_string_equal(reply->text, "Stop $\xe2\x82\xac");
    /* The second one could not be stored. */
    kit.ops->received(kit.ctx, again->report.token, OD_ERR_LIMIT);
    kit.ops->received(kit.ctx, reply->report.token, OD_OK);
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.answers_len == 2);
    assert_int_equal(od_smsc_answer_to(&kit.smsc, first)->status, 0);
    assert_int_equal(od_smsc_answer_to(&kit.smsc, second)->status, 0x64);
    assert_int_equal(od_smsc_answer_to(&kit.smsc, first)->command, 0x80000005);
    /* A token that is over means nothing. */
    kit.ops->received(kit.ctx, reply->report.token, OD_OK);
    kit.ops->received(kit.ctx, UINT64_MAX, OD_OK);
    for (int i = 0; i < 5; i++) {
        od_smpp_kit_turn(&kit, 5);
    }
    assert_int_equal(kit.smsc.answers_len, 2);
    od_smpp_kit_close(&kit);
}

static void test_smpp_letters_are_nobody(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    const od_smsc_deliver from_bank = {
        .source = "MyBank", .text = "Offer", .text_len = 5};
    uint32_t sequence = od_smsc_deliver_send(&kit.smsc, &from_bank);
    OD_SMPP_KIT_UNTIL(&kit, od_smsc_answer_to(&kit.smsc, sequence) != NULL);
    assert_int_equal(od_smsc_answer_to(&kit.smsc, sequence)->status, 0);
    assert_int_equal(od_smpp_kit_count(&kit, OD_REPORT_REPLY), 0);
    od_smpp_kit_close(&kit);
}

static uint32_t deliver_part(od_smpp_kit *kit, uint8_t number, uint8_t total,
                             const char *text)
{
    uint8_t octets[64] = {5, 0, 3, 77, total, number};
    memcpy(octets + 6, text, strlen(text));
    const od_smsc_deliver part = {
        .esm_class = 0x40, .text = octets, .text_len = 6 + strlen(text)};
    return od_smsc_deliver_send(&kit->smsc, &part);
}

static void test_smpp_parts_are_put_together(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    uint32_t sequences[3];
    sequences[0] = deliver_part(&kit, 3, 3, "me");
    sequences[1] = deliver_part(&kit, 1, 3, "please ");
    uint32_t repeated = deliver_part(&kit, 3, 3, "me");
    sequences[2] = deliver_part(&kit, 2, 3, "stop texting ");
    const od_smpp_row *reply = od_smpp_kit_await(&kit, OD_REPORT_REPLY, 1);
    assert_string_equal(reply->text, "please stop texting me");
    /* Who repeats has given up the first one. */
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.answers_len == 1);
    assert_int_equal(od_smsc_answer_to(&kit.smsc, sequences[0])->status, 0x64);
    kit.ops->received(kit.ctx, reply->report.token, OD_OK);
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.answers_len == 4);
    assert_int_equal(od_smsc_answer_to(&kit.smsc, sequences[1])->status, 0);
    assert_int_equal(od_smsc_answer_to(&kit.smsc, sequences[2])->status, 0);
    assert_int_equal(od_smsc_answer_to(&kit.smsc, repeated)->status, 0);
    od_smpp_kit_close(&kit);
}

/* What was not acknowledged comes again over the next connection; the answer to
 * what came over the last one is not sent over this one. */
static void test_smpp_answers_stay_with_their_connection(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    uint32_t old = od_smsc_receipt(&kit.smsc, "id:1 stat:DELIVRD");
    (void)deliver_part(&kit, 1, 2, "half");
    const od_smpp_row *receipt = od_smpp_kit_await(&kit, OD_REPORT_RECEIPT, 1);
    od_smsc_hang_up(&kit.smsc, false);
    assert_true(od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 3)->report.up);
    kit.ops->received(kit.ctx, receipt->report.token, OD_OK);
    uint32_t again = od_smsc_receipt(&kit.smsc, "id:1 stat:DELIVRD");
    receipt = od_smpp_kit_await(&kit, OD_REPORT_RECEIPT, 2);
    kit.ops->received(kit.ctx, receipt->report.token, OD_OK);
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.answers_len == 1);
    assert_null(od_smsc_answer_to(&kit.smsc, old));
    assert_non_null(od_smsc_answer_to(&kit.smsc, again));

    (void)deliver_part(&kit, 2, 2, "and half");
    (void)deliver_part(&kit, 1, 2, "half ");
    assert_string_equal(od_smpp_kit_await(&kit, OD_REPORT_REPLY, 1)->text,
                        "half and half");
    od_smpp_kit_close(&kit);
}

/* More than can wait for the engine: the network keeps the rest. */
static void test_smpp_full_inbox_has_the_network_keep_it(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    kit.reports_max = 50;
    uint32_t last = 0;
    for (int i = 0; i < 1025; i++) {
        last = od_smsc_receipt(&kit.smsc, "id:1 stat:DELIVRD");
    }
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.answers_len == 1);
    assert_int_equal(od_smsc_answer_to(&kit.smsc, last)->status, 0x64);
    (void)od_smpp_kit_await(&kit, OD_REPORT_RECEIPT, 1024);
    for (size_t i = 0; i < kit.len; i++) {
        if (kit.rows[i]->report.kind == OD_REPORT_RECEIPT) {
            kit.ops->received(kit.ctx, kit.rows[i]->report.token, OD_OK);
        }
    }
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.answers_len == 1025);
    (void)od_smsc_receipt(&kit.smsc, "id:1 stat:DELIVRD");
    (void)od_smpp_kit_await(&kit, OD_REPORT_RECEIPT, 1025);
    od_smpp_kit_close(&kit);
}

static void test_smpp_data_sm_is_taken(void **state)
{
    od_smpp_kit kit;
    uint8_t pdu[256];
    const uint8_t tlvs[] = {0x04, 0x24, 0, 4, 'S', 'T', 'O', 'P'};
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    kit.acknowledge = true;
    const od_smsc_deliver data = {.tlvs = tlvs, .tlvs_len = sizeof tlvs};
    od_smsc_send(&kit.smsc, pdu, od_smsc_deliver_write(pdu, &data, 99, true));
    assert_string_equal(od_smpp_kit_await(&kit, OD_REPORT_REPLY, 1)->text,
                        "STOP");
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.answers_len == 1);
    assert_int_equal(kit.smsc.answers[0].command, 0x80000103);
    assert_int_equal(kit.smsc.answers[0].sequence, 99);
    od_smpp_kit_close(&kit);
}

static void test_smpp_broken_deliver_is_refused_for_good(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    uint32_t sequence = od_smsc_send_plain(&kit.smsc, 0x05, 0, 0);
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.answers_len == 1);
    assert_int_equal(od_smsc_answer_to(&kit.smsc, sequence)->status, 0x65);
    od_smpp_kit_close(&kit);
}

/* == the table ============================================================ */

static void test_smpp_send_refuses_what_it_cannot_send(void **state)
{
    od_smpp_kit kit;
    od_send send;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    assert_int_equal(od_smpp_kit_send(&kit, 0, ""), OD_ERR_INVALID);
    assert_int_equal(od_smpp_kit_send(&kit, 0, "\xff"), OD_ERR_INVALID);
    assert_int_equal(od_smpp_kit_send(&kit, OD_SMPP_KIT_SLOTS, "Hello"),
                     OD_ERR_LIMIT);
    memset(&send, 0, sizeof send);
    send.trunk = 1;
    send.text = "Hello";
    assert_int_equal(kit.ops->send(kit.ctx, &send), OD_ERR_TRANSPORT);
    assert_int_equal(od_smpp_kit_send(&kit, 0, "Hello"), OD_OK);
    (void)od_smpp_kit_await(&kit, OD_REPORT_ENDED, 1);
    od_smpp_kit_close(&kit);
}

static void test_smpp_free_with_everything_under_way(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    kit.smsc.mute_submits = true;
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(od_smpp_kit_send(&kit, i, two_parts()), OD_OK);
    }
    (void)od_smsc_receipt(&kit.smsc, "id:1 stat:DELIVRD");
    (void)deliver_part(&kit, 1, 2, "half");
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.submits_len == 10);
    od_smpp_kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smpp_binds_as_transceiver),
        cmocka_unit_test(test_smpp_text_is_sent_and_delivered),
        cmocka_unit_test(test_smpp_reply_is_acknowledged_when_stored),
        cmocka_unit_test(test_smpp_letters_are_nobody),
        cmocka_unit_test(test_smpp_parts_are_put_together),
        cmocka_unit_test(test_smpp_answers_stay_with_their_connection),
        cmocka_unit_test(test_smpp_full_inbox_has_the_network_keep_it),
        cmocka_unit_test(test_smpp_data_sm_is_taken),
        cmocka_unit_test(test_smpp_broken_deliver_is_refused_for_good),
        cmocka_unit_test(test_smpp_send_refuses_what_it_cannot_send),
        cmocka_unit_test(test_smpp_free_with_everything_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
