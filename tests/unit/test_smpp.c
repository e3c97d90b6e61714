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

/* == outcomes ============================================================= */

static void check_refusal(uint32_t status, int32_t disposition, bool bare)
{
    od_smpp_kit kit;
    od_smpp_kit_open(&kit, NULL);
    kit.smsc.submit_status = status;
    kit.smsc.bare_refusals = bare;
    assert_int_equal(od_smpp_kit_send(&kit, 0, "Hello"), OD_OK);
    const od_smpp_row *ended = od_smpp_kit_await(&kit, OD_REPORT_ENDED, 1);
    assert_int_equal(ended->report.disposition, disposition);
    assert_int_equal(ended->report.status, status);
    assert_int_equal(ended->report.fault, OD_OK);
    assert_int_equal(ended->report.network_ids_len, 0);
    assert_int_equal(kit.smsc.submits_len, 1);
    od_smpp_kit_close(&kit);
}

static void test_smpp_refusals_say_why(void **state)
{
    (void)state;
    check_refusal(0x58, OD_DISPOSITION_CONGESTION, false);
    check_refusal(0x14, OD_DISPOSITION_CONGESTION, true);
    check_refusal(0x0b, OD_DISPOSITION_NOT_FOUND, false);
    check_refusal(0x45, OD_DISPOSITION_FAILED, true);
    check_refusal(0x0a, OD_DISPOSITION_DECLINED, false);
    check_refusal(0x0400, OD_DISPOSITION_FAILED, false); /* a vendor's */
}

/* 200 letters: two parts. */
static const char *two_parts(void)
{
    static char text[201];
    memset(text, 'x', 200);
    return text;
}

static void test_smpp_parts_have_headers_and_ids(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    assert_int_equal(od_smpp_kit_send(&kit, 0, two_parts()), OD_OK);
    const od_smpp_row *ended = od_smpp_kit_await(&kit, OD_REPORT_ENDED, 1);
    assert_int_equal(ended->report.disposition, OD_DISPOSITION_SENT);
    assert_int_equal(ended->report.network_ids_len, 2);
    assert_string_equal(ended->ids[0], "m1");
    assert_string_equal(ended->ids[1], "m2");
    const od_smsc_submit *parts = kit.smsc.submits;
    for (uint8_t i = 0; i < 2; i++) {
        const uint8_t header[] = {5, 0, 3, parts[0].text[3], 2,
                                  (uint8_t)(i + 1)};
        assert_int_equal(parts[i].esm_class, 0x40);
        assert_memory_equal(parts[i].text, header, sizeof header);
    }
    assert_int_equal(parts[0].text_len, 159);
    assert_int_equal(parts[1].text_len, 200 - 153 + 6);

    /* The next one has another reference. */
    assert_int_equal(od_smpp_kit_send(&kit, 0, two_parts()), OD_OK);
    (void)od_smpp_kit_await(&kit, OD_REPORT_ENDED, 2);
    assert_int_not_equal(kit.smsc.submits[2].text[3],
                         kit.smsc.submits[0].text[3]);
    od_smpp_kit_close(&kit);
}

static void test_smpp_part_refused_is_unknown(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    kit.smsc.submit_status = 0x58;
    kit.smsc.refuse_only = 2;
    assert_int_equal(od_smpp_kit_send(&kit, 0, two_parts()), OD_OK);
    const od_smpp_row *ended = od_smpp_kit_await(&kit, OD_REPORT_ENDED, 1);
    assert_int_equal(ended->report.disposition, OD_DISPOSITION_UNKNOWN);
    assert_int_equal(ended->report.status, 0x58);
    od_smpp_kit_close(&kit);
}

static void test_smpp_all_parts_refused_is_refused(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    kit.smsc.submit_status = 0x58;
    assert_int_equal(od_smpp_kit_send(&kit, 0, two_parts()), OD_OK);
    const od_smpp_row *ended = od_smpp_kit_await(&kit, OD_REPORT_ENDED, 1);
    assert_int_equal(ended->report.disposition, OD_DISPOSITION_CONGESTION);
    assert_int_equal(ended->report.fault, OD_OK);
    od_smpp_kit_close(&kit);
}

/* With a window of one, what follows a refused part is not sent. */
static void test_smpp_first_part_refused_stops_the_rest(void **state)
{
    od_smpp_kit kit;
    od_smpp_trunk trunk;
    (void)state;
    memset(&kit, 0, sizeof kit);
    od_smpp_kit_trunk(&kit, &trunk);
    trunk.window = 1;
    od_smpp_kit_open(&kit, &trunk);
    kit.smsc.submit_status = 0x14;
    assert_int_equal(od_smpp_kit_send(&kit, 0, two_parts()), OD_OK);
    const od_smpp_row *ended = od_smpp_kit_await(&kit, OD_REPORT_ENDED, 1);
    assert_int_equal(ended->report.disposition, OD_DISPOSITION_CONGESTION);
    assert_int_equal(ended->report.status, 0x14);
    assert_int_equal(kit.smsc.submits_len, 1);
    od_smpp_kit_close(&kit);
}

static void test_smpp_payload_carries_all(void **state)
{
    od_smpp_kit kit;
    od_smpp_trunk trunk;
    char text[1531];
    (void)state;
    memset(text, 'y', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memset(&kit, 0, sizeof kit);
    od_smpp_kit_trunk(&kit, &trunk);
    trunk.long_texts = OD_SMPP_LONG_PAYLOAD;
    od_smpp_kit_open(&kit, &trunk);
    assert_int_equal(od_smpp_kit_send(&kit, 0, text), OD_OK);
    const od_smpp_row *ended = od_smpp_kit_await(&kit, OD_REPORT_ENDED, 1);
    assert_int_equal(ended->report.disposition, OD_DISPOSITION_SENT);
    assert_int_equal(ended->report.network_ids_len, 1);
    assert_true(kit.smsc.submits[0].payload);
    assert_int_equal(kit.smsc.submits[0].esm_class, 0);
    assert_int_equal(kit.smsc.submits[0].text_len, 1530);
    assert_memory_equal(kit.smsc.submits[0].text, text, 1530);
    od_smpp_kit_close(&kit);
}

static void test_smpp_silence_is_unknown_and_late_answers_are_nothing(
    void **state)
{
    od_smpp_kit kit;
    od_smpp_trunk trunk;
    (void)state;
    memset(&kit, 0, sizeof kit);
    od_smpp_kit_trunk(&kit, &trunk);
    trunk.response_ms = 500;
    od_smpp_kit_open(&kit, &trunk);
    kit.smsc.mute_submits = true;
    assert_int_equal(od_smpp_kit_send(&kit, 0, "Hello"), OD_OK);
    const od_smpp_row *ended = od_smpp_kit_await(&kit, OD_REPORT_ENDED, 1);
    assert_int_equal(ended->report.disposition, OD_DISPOSITION_UNKNOWN);
    assert_int_equal(ended->report.fault, OD_OK);

    od_smsc_accept(&kit.smsc, &kit.smsc.submits[0], "late");
    kit.smsc.mute_submits = false;
    assert_int_equal(od_smpp_kit_send(&kit, 0, "Hello again"), OD_OK);
    ended = od_smpp_kit_await(&kit, OD_REPORT_ENDED, 2);
    assert_int_equal(ended->report.disposition, OD_DISPOSITION_SENT);
    assert_int_equal(od_smpp_kit_count(&kit, OD_REPORT_ENDED), 2);
    assert_int_equal(kit.smsc.connections, 1);
    assert_int_equal(kit.smsc.submits_len, 2);
    od_smpp_kit_close(&kit);
}

/* == the window =========================================================== */

static void test_smpp_window_is_a_limit(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    kit.smsc.mute_submits = true;
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(od_smpp_kit_send(&kit, i, two_parts()), OD_OK);
    }
    assert_int_equal(od_smpp_kit_send(&kit, 10, "Hello"), OD_ERR_LIMIT);
    assert_int_equal(od_smpp_kit_send(&kit, 3, "Hello"), OD_ERR_INVALID);
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.submits_len == 10);
    for (int i = 0; i < 5; i++) {
        od_smpp_kit_turn(&kit, 5);
    }
    assert_int_equal(kit.smsc.submits_len, 10); /* requests, not texts */

    kit.smsc.mute_submits = false;
    for (size_t i = 0; i < 10; i++) {
        od_smsc_accept(&kit.smsc, &kit.smsc.submits[i], "a");
    }
    (void)od_smpp_kit_await(&kit, OD_REPORT_ENDED, 10);
    for (size_t i = 0; i < kit.len; i++) {
        if (kit.rows[i]->report.kind == OD_REPORT_ENDED) {
            assert_int_equal(kit.rows[i]->report.disposition,
                             OD_DISPOSITION_SENT);
        }
    }
    assert_int_equal(kit.smsc.submits_len, 20);
    assert_int_equal(od_smpp_kit_send(&kit, 0, "Hello"), OD_OK);
    (void)od_smpp_kit_await(&kit, OD_REPORT_ENDED, 11);
    od_smpp_kit_close(&kit);
}

static void test_smpp_thousand_are_outstanding(void **state)
{
    od_smpp_kit kit;
    od_smpp_trunk trunk;
    bool seen[1000] = {false};
    (void)state;
    memset(&kit, 0, sizeof kit);
    od_smpp_kit_trunk(&kit, &trunk);
    trunk.window = 1000;
    od_smpp_kit_open(&kit, &trunk);
    kit.reports_max = 7;
    kit.smsc.mute_submits = true;
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(od_smpp_kit_send(&kit, i, "Hello"), OD_OK);
    }
    assert_int_equal(od_smpp_kit_send(&kit, 1000, "Hello"), OD_ERR_LIMIT);
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.submits_len == 1000);
    assert_int_equal(od_smpp_kit_count(&kit, OD_REPORT_ENDED), 0);
    for (size_t i = 1000; i > 0; i--) { /* the last one first */
        od_smsc_accept(&kit.smsc, &kit.smsc.submits[i - 1], "1");
    }
    (void)od_smpp_kit_await(&kit, OD_REPORT_ENDED, 1000);
    for (size_t i = 0; i < kit.len; i++) {
        const od_report *report = &kit.rows[i]->report;
        if (report->kind == OD_REPORT_ENDED) {
            assert_int_equal(report->disposition, OD_DISPOSITION_SENT);
            assert_false(seen[report->slot]);
            seen[report->slot] = true;
        }
    }
    od_smpp_kit_close(&kit);
}

/* == the connection ======================================================= */

static void test_smpp_drop_in_mid_window(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    kit.smsc.mute_submits = true;
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(od_smpp_kit_send(&kit, i, "Hello"), OD_OK);
    }
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.submits_len == 8);
    for (size_t i = 0; i < 3; i++) {
        od_smsc_accept(&kit.smsc, &kit.smsc.submits[i], "a");
    }
    od_smsc_hang_up(&kit.smsc, false);
    (void)od_smpp_kit_await(&kit, OD_REPORT_ENDED, 8);
    for (size_t i = 0; i < kit.len; i++) {
        const od_report *report = &kit.rows[i]->report;
        if (report->kind == OD_REPORT_ENDED) {
            assert_int_equal(report->disposition,
                             report->slot < 3 ? OD_DISPOSITION_SENT
                                              : OD_DISPOSITION_UNKNOWN);
        }
    }
    const od_smpp_row *down = od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 2);
    assert_false(down->report.up);
    assert_string_equal(down->text, "lost: the SMSC closed the connection");
    assert_true(od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 3)->report.up);
    assert_int_equal(kit.smsc.submits_len, 8); /* none is sent again */
    kit.smsc.mute_submits = false;
    assert_int_equal(od_smpp_kit_send(&kit, 0, "Hello"), OD_OK);
    assert_int_equal(
        od_smpp_kit_await(&kit, OD_REPORT_ENDED, 9)->report.disposition,
        OD_DISPOSITION_SENT);
    od_smpp_kit_close(&kit);
}

static void test_smpp_restart_is_found_and_told(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    od_smsc_stop(&kit.smsc);
    od_smsc_hang_up(&kit.smsc, true);
    assert_false(od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 2)->report.up);
    const od_smpp_row *down = od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 3);
    assert_false(down->report.up);
    assert_string_equal(down->text, "cannot connect: Connection refused");
    assert_int_equal(od_smpp_kit_send(&kit, 0, "Hello"), OD_ERR_TRANSPORT);
    od_smsc_restart(&kit.smsc);
    assert_true(od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 4)->report.up);
    assert_int_equal(od_smpp_kit_send(&kit, 0, "Hello"), OD_OK);
    (void)od_smpp_kit_await(&kit, OD_REPORT_ENDED, 1);
    od_smpp_kit_close(&kit);
}

static void test_smpp_bind_refused_names_the_code(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_begin(&kit, NULL, NULL);
    kit.smsc.bind_status = 0x0e;
    od_smpp_kit_start(&kit, NULL);
    const od_smpp_row *down = od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 1);
    assert_false(down->report.up);
    assert_int_equal(down->report.status, 0x0e);
    assert_string_equal(down->text,
                        "bind refused: ESME_RINVPASWD (0x0000000e)");
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.binds >= 3);
    assert_int_equal(od_smpp_kit_count(&kit, OD_REPORT_TRUNK), 1);
    kit.smsc.bind_status = 0;
    assert_true(od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 2)->report.up);
    od_smpp_kit_close(&kit);
}

static void test_smpp_bind_without_answer_is_given_up(void **state)
{
    od_smpp_kit kit;
    od_smpp_trunk trunk;
    (void)state;
    od_smpp_kit_begin(&kit, NULL, NULL);
    od_smpp_kit_trunk(&kit, &trunk);
    trunk.response_ms = 500;
    kit.smsc.mute_binds = true;
    od_smpp_kit_start(&kit, &trunk);
    assert_string_equal(od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 1)->text,
                        "the bind was not answered");
    od_smpp_kit_close(&kit);
}

static void test_smpp_enquires_and_answers_enquiries(void **state)
{
    od_smpp_kit kit;
    od_smpp_trunk trunk;
    (void)state;
    memset(&kit, 0, sizeof kit);
    od_smpp_kit_trunk(&kit, &trunk);
    trunk.enquire_s = 1;
    trunk.response_ms = 500;
    od_smpp_kit_open(&kit, &trunk);
    (void)od_smsc_send_plain(&kit.smsc, 0x15, 0, 0);
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.enquiry_answers == 1);
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.enquiries == 1);
    kit.smsc.mute_enquiries = true;
    const od_smpp_row *down = od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 2);
    assert_string_equal(down->text, "enquire_link was not answered");
    assert_int_equal(kit.smsc.enquiries, 2);
    od_smpp_kit_close(&kit);
}

static void test_smpp_unbind_is_answered_and_bound_anew(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    (void)od_smsc_send_plain(&kit.smsc, 0x06, 0, 0);
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.unbind_answers == 1);
    assert_string_equal(od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 2)->text,
                        "the SMSC has unbound");
    assert_true(od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 3)->report.up);
    od_smpp_kit_close(&kit);
}

static void test_smpp_unknown_commands_are_nacked(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    (void)od_smsc_send_plain(&kit.smsc, 0x0003, 0, 0);     /* query_sm */
    (void)od_smsc_send_plain(&kit.smsc, 0x00010200, 0, 0); /* a vendor's */
    (void)od_smsc_send_plain(&kit.smsc, 0x80000021, 0, 0); /* an answer */
    (void)od_smsc_send_plain(&kit.smsc, 0x0102, 0, 0); /* alert_notification */
    (void)od_smsc_send_plain(&kit.smsc, 0x15, 0, 0);
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.enquiry_answers == 1);
    assert_int_equal(kit.smsc.nacks, 2);
    od_smpp_kit_close(&kit);
}

static void test_smpp_nack_refuses_a_submit(void **state)
{
    od_smpp_kit kit;
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    kit.smsc.mute_submits = true;
    assert_int_equal(od_smpp_kit_send(&kit, 0, "Hello"), OD_OK);
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.submits_len == 1);
    (void)od_smsc_send_plain(&kit.smsc, 0x80000000, 0x02,
                             kit.smsc.submits[0].sequence);
    const od_smpp_row *ended = od_smpp_kit_await(&kit, OD_REPORT_ENDED, 1);
    assert_int_equal(ended->report.disposition, OD_DISPOSITION_FAILED);
    assert_int_equal(ended->report.status, 0x02);
    od_smpp_kit_close(&kit);
}

static void test_smpp_impossible_length_drops_the_connection(void **state)
{
    od_smpp_kit kit;
    const uint8_t lengths[][4] = {{0, 0, 0, 15}, {0, 1, 0, 1}, {255, 0, 0, 0}};
    (void)state;
    od_smpp_kit_open(&kit, NULL);
    for (size_t i = 0; i < OD__LEN(lengths); i++) {
        od_smsc_send(&kit.smsc, lengths[i], 4);
        assert_string_equal(
            od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 2 * i + 2)->text,
            "the SMSC sends no PDUs");
        assert_true(
            od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 2 * i + 3)->report.up);
    }
    od_smpp_kit_close(&kit);
}

/* The SMSC stops reading with texts of 1,530 letters under way: what it may have
 * whole is UNKNOWN, what stayed here may be sent again. */
static void test_smpp_deaf_peer_is_given_up(void **state)
{
    od_smpp_kit kit;
    od_smpp_trunk trunk;
    static char text[1531];
    (void)state;
    memset(text, 'z', sizeof text - 1);
    memset(&kit, 0, sizeof kit);
    od_smpp_kit_trunk(&kit, &trunk);
    trunk.window = 1000;
    trunk.response_ms = 1000;
    trunk.long_texts = OD_SMPP_LONG_PAYLOAD;
    od_smpp_kit_open(&kit, &trunk);
    kit.smsc.deaf = true;
    od_smsc_stop(&kit.smsc); /* this connection is the only one */
    /* The kernel holds some megabytes of it, so texts follow until some stay
     * here; those that were not answered in time make room. */
    size_t stayed = 0;
    size_t unknown = 0;
    size_t sent = 0;
    size_t looked = 0;
    int64_t until_us = od__mono_us() + OD_SMPP_KIT_WAIT_MS * 1000;
    uint32_t slot = 0;
    while (stayed == 0) {
        assert_true(od__mono_us() < until_us);
        while (od_smpp_kit_send(&kit, slot, text) == OD_OK) {
            slot = (slot + 1) % OD_SMPP_KIT_SLOTS;
            sent++;
        }
        od_smpp_kit_turn(&kit, 5);
        for (; looked < kit.len; looked++) {
            const od_report *report = &kit.rows[looked]->report;
            if (report->kind != OD_REPORT_ENDED) {
                continue;
            }
            bool left = report->disposition == OD_DISPOSITION_UNKNOWN;
            assert_true(left ||
                        report->disposition == OD_DISPOSITION_CONGESTION);
            assert_int_equal(report->fault, left ? OD_OK : OD_ERR_TRANSPORT);
            unknown += left ? 1 : 0;
            stayed += left ? 0 : 1;
        }
    }
    assert_true(unknown > 0);
    OD_SMPP_KIT_UNTIL(&kit, od_smpp_kit_count(&kit, OD_REPORT_ENDED) == sent);
    unknown = 0;
    for (size_t i = 0; i < kit.len; i++) {
        unknown += kit.rows[i]->report.disposition == OD_DISPOSITION_UNKNOWN;
    }
    /* What is said never to have left is not there. Nothing is answered: that
     * would reset what the kernel still holds. */
    kit.smsc.mute_submits = true;
    kit.smsc.deaf = false;
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.fd < 0);
    assert_int_equal(kit.smsc.submits_len, unknown);
    od_smpp_kit_close(&kit);
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
    od_smsc_send(&kit.smsc, pdu,
                 od_smsc_deliver_write(pdu, &data, 99, true));
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
                     OD_ERR_INVALID);
    memset(&send, 0, sizeof send);
    send.trunk = 1;
    send.text = "Hello";
    assert_int_equal(kit.ops->send(kit.ctx, &send), OD_ERR_INVALID);
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
        cmocka_unit_test(test_smpp_refusals_say_why),
        cmocka_unit_test(test_smpp_parts_have_headers_and_ids),
        cmocka_unit_test(test_smpp_part_refused_is_unknown),
        cmocka_unit_test(test_smpp_all_parts_refused_is_refused),
        cmocka_unit_test(test_smpp_first_part_refused_stops_the_rest),
        cmocka_unit_test(test_smpp_payload_carries_all),
        cmocka_unit_test(test_smpp_silence_is_unknown_and_late_answers_are_nothing),
        cmocka_unit_test(test_smpp_window_is_a_limit),
        cmocka_unit_test(test_smpp_thousand_are_outstanding),
        cmocka_unit_test(test_smpp_drop_in_mid_window),
        cmocka_unit_test(test_smpp_restart_is_found_and_told),
        cmocka_unit_test(test_smpp_bind_refused_names_the_code),
        cmocka_unit_test(test_smpp_bind_without_answer_is_given_up),
        cmocka_unit_test(test_smpp_enquires_and_answers_enquiries),
        cmocka_unit_test(test_smpp_unbind_is_answered_and_bound_anew),
        cmocka_unit_test(test_smpp_unknown_commands_are_nacked),
        cmocka_unit_test(test_smpp_nack_refuses_a_submit),
        cmocka_unit_test(test_smpp_impossible_length_drops_the_connection),
        cmocka_unit_test(test_smpp_deaf_peer_is_given_up),
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
