/*
 * test_smpp_agent.c - a connection that is kept, and what is made of one that
 * is not.
 */
#include "support/test.h"

#include "support/smpp_kit.h"

#include <sys/socket.h>

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
            assert_int_equal(report->disposition, report->slot < 3
                                                      ? OD_DISPOSITION_SENT
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

/* The SMSC stops reading with texts of 1,530 letters under way: what it may
 * have whole is UNKNOWN, what stayed here may be sent again. */
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

/* The SMSC reads now and then, and little: nothing is lost or torn. */
static void test_smpp_slow_reader_gets_everything(void **state)
{
    od_smpp_kit kit;
    od_smpp_trunk trunk;
    static char text[1531];
    const int little = 4096;
    (void)state;
    od_smpp_kit_begin(&kit, NULL, NULL);
    (void)setsockopt(kit.smsc.listener, SOL_SOCKET, SO_RCVBUF, &little,
                     sizeof little);
    od_smpp_kit_trunk(&kit, &trunk);
    trunk.window = 1000;
    trunk.long_texts = OD_SMPP_LONG_PAYLOAD;
    od_smpp_kit_start(&kit, &trunk);
    (void)od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 1);
    for (uint32_t i = 0; i < 1000; i++) {
        memset(text, 'a' + (int)(i % 26), sizeof text - 1);
        assert_int_equal(od_smpp_kit_send(&kit, i, text), OD_OK);
    }
    for (int turns = 0; od_smpp_kit_count(&kit, OD_REPORT_ENDED) < 1000;
         turns++) {
        assert_true(turns < 20000);
        kit.smsc.deaf = turns % 3 != 0;
        od_smpp_kit_turn(&kit, 1);
    }
    assert_int_equal(kit.smsc.submits_len, 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        memset(text, 'a' + (int)(i % 26), sizeof text - 1);
        assert_int_equal(kit.smsc.submits[i].text_len, 1530);
        assert_memory_equal(kit.smsc.submits[i].text, text, 1530);
    }
    for (size_t i = 0; i < kit.len; i++) {
        assert_true(kit.rows[i]->report.kind != OD_REPORT_ENDED ||
                    kit.rows[i]->report.disposition == OD_DISPOSITION_SENT);
    }
    od_smpp_kit_close(&kit);
}

/* Pauses double, and are short again after the trunk was up for long. */
static void test_smpp_pauses_grow(void **state)
{
    static const int64_t pauses_ms[] = {10, 20, 40, 80, 160, 320, 640};
    od_smpp_kit kit;
    od_smpp_trunk trunk;
    (void)state;
    od_smpp_kit_begin(&kit, NULL, NULL);
    od_smpp_kit_trunk(&kit, &trunk);
    trunk.reconnect_ms_min = 10;
    trunk.reconnect_ms_max = 640;
    kit.smsc.bind_status = 0x0d;
    od_smpp_kit_start(&kit, &trunk);
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.binds == 1);
    int64_t begin_us = od__mono_us();
    int64_t least_us = 0;
    for (uint32_t i = 0; i < OD__LEN(pauses_ms); i++) {
        least_us += (pauses_ms[i] - pauses_ms[i] / 8) * 1000;
        OD_SMPP_KIT_UNTIL(&kit, kit.smsc.connections == i + 2);
        /* Our clock is in ms, and an end is seen a little later. */
        assert_true(od__mono_us() - begin_us >= least_us - 5000);
    }
    kit.smsc.bind_status = 0;
    const od_smpp_row *up = od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 2);
    assert_true(up->report.up);
    begin_us = od__mono_us();
    while (od__mono_us() - begin_us < 800000) {
        od_smpp_kit_turn(&kit, 10);
    }
    od_smsc_hang_up(&kit.smsc, false);
    begin_us = od__mono_us();
    assert_true(od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 4)->report.up);
    assert_true(od__mono_us() - begin_us < 540000);
    od_smpp_kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
        cmocka_unit_test(test_smpp_slow_reader_gets_everything),
        cmocka_unit_test(test_smpp_pauses_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
