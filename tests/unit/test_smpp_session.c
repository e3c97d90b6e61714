/*
 * test_smpp_session.c - texts on their way: their outcomes, and the window.
 */
#include "support/test.h"

#include "support/smpp_kit.h"
#include "transport/smpp/agent.h"

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
        const uint8_t header[] = {
            5, 0, 3, parts[0].text[3], 2, (uint8_t)(i + 1)};
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

static void test_smpp_late_answers_are_nothing(void **state)
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
    assert_int_equal(od_smpp_kit_send(&kit, 3, "Hello"), OD_ERR_LIMIT);
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

/* == a minute without a network =========================================== */

/* What texts need of an agent: a clock, a door, a window, a buffer. */
typedef struct bench {
    od__smpp_door door;
    od_sink *sink;
    od__smpp_trunk trunk;
    od__smpp_agent *agent;
} bench;

static void on_report(void *ctx, const od_report *report)
{
    (void)ctx;
    (void)report;
}

static void bench_open(bench *b, int32_t window)
{
    memset(b, 0, sizeof *b);
    assert_int_equal(od_sink_new(&b->sink, on_report, NULL, NULL), OD_OK);
    assert_int_equal(od__smpp_door_init(&b->door, 10, b->sink, NULL), OD_OK);
    b->agent = calloc(1, sizeof *b->agent);
    assert_non_null(b->agent);
    b->agent->trunk = &b->trunk;
    b->agent->door = &b->door;
    b->agent->now_ms = 1000;
    b->agent->state = OD__SMPP_BOUND;
    assert_int_equal(od__smpp_window_init(&b->agent->window, window), OD_OK);
}

static void bench_close(bench *b)
{
    od__smpp_window_clear(&b->agent->window);
    free(b->agent);
    od__smpp_door_close(&b->door);
    od_sink_free(b->sink);
}

static void bench_add(bench *b, const char *words)
{
    od__smpp_text *text;
    od_send send;
    memset(&send, 0, sizeof send);
    send.from = 74545;
    send.to = 15551230001;
    send.text = words;
    assert_int_equal(od__smpp_text_new(&text, &b->trunk, &send, 0), OD_OK);
    od__smpp_session_add(b->agent, text);
    od__smpp_session_ask(b->agent);
}

/* All that stands in the buffer leaves. */
static void bench_leave(bench *b, int64_t until_ms)
{
    b->agent->written += b->agent->out_to - b->agent->out_from;
    b->agent->out_from = b->agent->out_to = 0;
    od__smpp_window_left(&b->agent->window, b->agent->written, until_ms);
}

/* How the next text has ended; NONE: none has. */
static int32_t bench_end(bench *b, int32_t *fault)
{
    od__smpp_text *text;
    if (!od__ring_take(b->door.ended, &text)) {
        return OD_DISPOSITION_NONE;
    }
    int32_t disposition = text->disposition;
    *fault = text->fault;
    od__smpp_text_free(text);
    return disposition;
}

/* What waits for its turn so long does not leave any more: the window of hours
 * may have closed, and the person may have asked for no more. */
static void test_smpp_text_that_waits_does_not_leave_late(void **state)
{
    bench b;
    int32_t fault;
    (void)state;
    bench_open(&b, 1);
    bench_add(&b, "first");
    bench_add(&b, "second");
    bench_leave(&b, OD_NEVER - 1);
    assert_int_equal(od__smpp_session_due_ms(b.agent), 1000 + OD__SMPP_WAIT_MS);
    b.agent->now_ms = 1000 + OD__SMPP_WAIT_MS - 1;
    od__smpp_session_expire(b.agent);
    assert_int_equal(bench_end(&b, &fault), OD_DISPOSITION_NONE);
    b.agent->now_ms++;
    od__smpp_session_expire(b.agent);
    assert_int_equal(bench_end(&b, &fault), OD_DISPOSITION_CONGESTION);
    assert_int_equal(fault, OD_ERR_TRANSPORT);
    assert_int_equal(bench_end(&b, &fault), OD_DISPOSITION_NONE);
    assert_null(b.agent->asking);
    assert_int_equal(od__smpp_session_due_ms(b.agent), 1000 + OD__SMPP_TEXT_MS);
    assert_int_equal(b.agent->window.len, 1);
    assert_false(b.agent->failed);
    od__smpp_session_lost(b.agent);
    assert_int_equal(bench_end(&b, &fault), OD_DISPOSITION_UNKNOWN);
    bench_close(&b);
}

static void test_smpp_texts_end_within_a_minute(void **state)
{
    bench b;
    int32_t fault;
    (void)state;
    bench_open(&b, 1);
    bench_add(&b, "first");
    bench_leave(&b, OD_NEVER - 1);
    b.agent->now_ms = 1000 + OD__SMPP_TEXT_MS - 1;
    od__smpp_session_expire(b.agent);
    assert_int_equal(bench_end(&b, &fault), OD_DISPOSITION_NONE);
    b.agent->now_ms++;
    od__smpp_session_expire(b.agent);
    assert_int_equal(bench_end(&b, &fault), OD_DISPOSITION_UNKNOWN);
    assert_int_equal(fault, OD_OK);
    assert_int_equal(b.agent->window.len, 0);
    assert_false(b.agent->failed);
    bench_close(&b);
}

/* One that stands in the buffer could still leave: it ends with the
 * connection, and did not leave. */
static void test_smpp_text_in_the_buffer_takes_the_connection(void **state)
{
    bench b;
    int32_t fault;
    (void)state;
    bench_open(&b, 1);
    bench_add(&b, "first");
    b.agent->now_ms = 1000 + OD__SMPP_TEXT_MS;
    od__smpp_session_expire(b.agent);
    assert_int_equal(bench_end(&b, &fault), OD_DISPOSITION_NONE);
    assert_true(b.agent->failed);
    od__smpp_session_lost(b.agent);
    assert_int_equal(bench_end(&b, &fault), OD_DISPOSITION_CONGESTION);
    assert_int_equal(fault, OD_ERR_TRANSPORT);
    bench_close(&b);
}

/* An answer to what has not left comes from nowhere. */
static void test_smpp_answer_before_the_request_is_nothing(void **state)
{
    bench b;
    int32_t fault;
    od__smpp_pdu pdu;
    (void)state;
    bench_open(&b, 1);
    bench_add(&b, "first");
    memset(&pdu, 0, sizeof pdu);
    pdu.command = OD__SMPP_SUBMIT_SM | OD__SMPP_RESP;
    pdu.sequence = 1;
    pdu.status = 0x58;
    od__smpp_session_pdu(b.agent, &pdu, true);
    assert_int_equal(bench_end(&b, &fault), OD_DISPOSITION_NONE);
    bench_leave(&b, 2000);
    od__smpp_session_pdu(b.agent, &pdu, true);
    assert_int_equal(bench_end(&b, &fault), OD_DISPOSITION_CONGESTION);
    assert_int_equal(fault, OD_OK);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smpp_refusals_say_why),
        cmocka_unit_test(test_smpp_parts_have_headers_and_ids),
        cmocka_unit_test(test_smpp_part_refused_is_unknown),
        cmocka_unit_test(test_smpp_all_parts_refused_is_refused),
        cmocka_unit_test(test_smpp_first_part_refused_stops_the_rest),
        cmocka_unit_test(test_smpp_payload_carries_all),
        cmocka_unit_test(test_smpp_late_answers_are_nothing),
        cmocka_unit_test(test_smpp_window_is_a_limit),
        cmocka_unit_test(test_smpp_thousand_are_outstanding),
        cmocka_unit_test(test_smpp_text_that_waits_does_not_leave_late),
        cmocka_unit_test(test_smpp_texts_end_within_a_minute),
        cmocka_unit_test(test_smpp_text_in_the_buffer_takes_the_connection),
        cmocka_unit_test(test_smpp_answer_before_the_request_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
