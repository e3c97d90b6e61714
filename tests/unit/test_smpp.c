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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smpp_binds_as_transceiver),
        cmocka_unit_test(test_smpp_text_is_sent_and_delivered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
