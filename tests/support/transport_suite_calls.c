/*
 * transport_suite_calls.c - calls begin and end: the part of the transport
 * suite without sound.
 */
#include "support/test.h"

#include "support/transport_suite_parts.h"

/* -- the trunk ------------------------------------------------------------ */

static void test_transport_has_a_trunk(void **state)
{
    bench *b = *state;
    od_trunk_info info;
    memset(&info, 0xff, sizeof info);
    assert_int_equal(OD_OK, b->log.ops->trunk_get(b->log.ctx, 0, &info));
    assert_true(info.name[0] != '\0');
    assert_non_null(memchr(info.name, '\0', sizeof info.name));
    assert_int_equal(BENCH_CHANNELS, info.calls_max);
    assert_true(info.calls_per_second_max > 0);
    assert_true(info.up);
}

static void test_transport_has_one_trunk(void **state)
{
    bench *b = *state;
    od_trunk_info info;
    assert_int_equal(OD_ERR_NOT_FOUND,
                     b->log.ops->trunk_get(b->log.ctx, 1, &info));
    assert_int_equal(OD_ERR_NOT_FOUND,
                     b->log.ops->trunk_get(b->log.ctx, -1, &info));
}

static void test_transport_idle_has_nothing_to_say(void **state)
{
    bench *b = *state;
    od_test_log_run(&b->log, 50);
    for (size_t i = 0; i < b->log.len; i++) {
        assert_int_equal(OD_REPORT_TRUNK, b->log.rows[i]->report.kind);
    }
}

/* -- answered ------------------------------------------------------------- */

static void test_transport_answers_after_ringing(void **state)
{
    bench *b = *state;
    int64_t begin_ms = b->log.now.mono_ms;
    od_id attempt = bench_answered(b, FAR_ANSWERS);
    const od_test_row *ringing =
        od_test_log_find(&b->log, OD_REPORT_RINGING, attempt, 1);
    const od_test_row *answered =
        od_test_log_find(&b->log, OD_REPORT_ANSWERED, attempt, 1);
    assert_non_null(ringing);
    assert_true(ringing->at_ms <= answered->at_ms);
    bench_assert_near(b, answered->at_ms - begin_ms, 300);
    assert_int_equal(0, answered->report.slot);
    assert_non_null(answered->report.sip_call_id);
}

static void test_transport_hangup_ends_an_answered_call(void **state)
{
    bench *b = *state;
    od_id attempt = bench_answered(b, FAR_AT_ONCE);
    const od_test_row *answered =
        od_test_log_find(&b->log, OD_REPORT_ANSWERED, attempt, 1);
    const od_test_row *ended = bench_hangup(b, 0, attempt);
    assert_int_equal(200, ended->report.status);
    assert_int_equal(OD_OK, ended->report.fault);
    assert_false(ended->report.remote);
    assert_int_equal(0, ended->report.heard_ms);
    assert_int_equal(0, ended->report.slot);
    assert_string_equal(answered->call_id, ended->call_id);
}

static void test_transport_far_end_hangs_up(void **state)
{
    bench *b = *state;
    od_id attempt = bench_answered(b, FAR_HANGS_UP);
    int64_t begin_ms = b->log.now.mono_ms;
    const od_test_row *ended = bench_await(b, OD_REPORT_ENDED, attempt);
    bench_assert_near(b, ended->at_ms - begin_ms, 600);
    assert_int_equal(200, ended->report.status);
    assert_int_equal(OD_OK, ended->report.fault);
    assert_true(ended->report.remote);
    assert_int_equal(0, ended->report.retry_after_s);
    assert_int_equal(0, od_test_log_count(&b->log, OD_REPORT_MACHINE, attempt));
}

/* -- machines ------------------------------------------------------------- */

static void test_transport_tells_of_a_machine(void **state)
{
    bench *b = *state;
    if ((b->suite->can & OD_FAR_MACHINE) == 0) {
        skip();
    }
    od_id attempt = bench_answered(b, FAR_MACHINE);
    int64_t begin_ms = b->log.now.mono_ms;
    const od_test_row *machine = bench_await(b, OD_REPORT_MACHINE, attempt);
    bench_assert_near(b, machine->at_ms - begin_ms, 500);
    assert_int_equal(0, machine->report.slot);
    const od_test_row *ended = bench_await(b, OD_REPORT_ENDED, attempt);
    bench_assert_near(b, ended->at_ms - begin_ms, 1000);
    assert_int_equal(200, ended->report.status);
    assert_int_equal(1, od_test_log_count(&b->log, OD_REPORT_MACHINE, attempt));
}

static void test_transport_hangup_before_a_machine_is_known(void **state)
{
    bench *b = *state;
    if ((b->suite->can & OD_FAR_MACHINE) == 0) {
        skip();
    }
    od_id attempt = bench_answered(b, FAR_MACHINE);
    (void)bench_hangup(b, 0, attempt);
    od_test_log_run(&b->log, 1000);
    assert_int_equal(0, od_test_log_count(&b->log, OD_REPORT_MACHINE, attempt));
}

/* -- not answered --------------------------------------------------------- */

static void test_transport_tells_refusals_apart(void **state)
{
    bench *b = *state;
    static const int32_t statuses[] = {404, 480, 486, 503, 600, 603};
    od_id attempts[OD__LEN(statuses)];
    for (uint32_t i = 0; i < OD__LEN(statuses); i++) {
        uint64_t phone = FAR_REFUSES + (uint64_t)statuses[i] - 400;
        assert_int_equal(OD_OK, bench_dial(b, i, phone, &attempts[i]));
    }
    for (uint32_t i = 0; i < OD__LEN(statuses); i++) {
        const od_test_row *ended = bench_await(b, OD_REPORT_ENDED, attempts[i]);
        assert_int_equal(statuses[i], ended->report.status);
        assert_int_equal(OD_OK, ended->report.fault);
        assert_int_equal(i, ended->report.slot);
        assert_int_equal(0, ended->report.retry_after_s);
        assert_int_equal(
            0, od_test_log_count(&b->log, OD_REPORT_ANSWERED, attempts[i]));
    }
}

static void test_transport_tells_when_to_come_back(void **state)
{
    bench *b = *state;
    if ((b->suite->can & OD_FAR_RETRY_AFTER) == 0) {
        skip();
    }
    static const struct {
        int32_t status;
        int32_t seconds;
    } expected[] = {{503, 30}, {480, 7}};
    for (size_t i = 0; i < OD__LEN(expected); i++) {
        od_id attempt = 0;
        assert_int_equal(OD_OK, bench_dial(b, 0, FAR_COME_BACK, &attempt));
        const od_test_row *ended = bench_await(b, OD_REPORT_ENDED, attempt);
        assert_int_equal(expected[i].status, ended->report.status);
        assert_int_equal(expected[i].seconds, ended->report.retry_after_s);
        assert_int_equal(OD_OK, ended->report.fault);
    }
    /* It belongs to that call, not to its slot. */
    od_id attempt = 0;
    assert_int_equal(OD_OK, bench_dial(b, 0, FAR_REFUSES + 103, &attempt));
    const od_test_row *ended = bench_await(b, OD_REPORT_ENDED, attempt);
    assert_int_equal(0, ended->report.retry_after_s);
}

/* The far end answers a CANCEL with 487; a transport need not wait for it. */
static void check_cancelled(const od_test_row *ended)
{
    int32_t status = ended->report.status;
    assert_true(status == 487 || status == 0);
    assert_int_equal(OD_OK, ended->report.fault);
    assert_false(ended->report.remote);
}

static void test_transport_hangup_cancels_ringing(void **state)
{
    bench *b = *state;
    od_id attempt = 0;
    assert_int_equal(OD_OK, bench_dial(b, 0, FAR_RINGS, &attempt));
    (void)bench_await(b, OD_REPORT_RINGING, attempt);
    check_cancelled(bench_hangup(b, 0, attempt));
}

static void test_transport_hangup_before_any_answer(void **state)
{
    bench *b = *state;
    od_id attempt = 0;
    assert_int_equal(OD_OK, bench_dial(b, 0, FAR_RINGS, &attempt));
    check_cancelled(bench_hangup(b, 0, attempt));
}

static void test_transport_hangup_of_a_silent_call(void **state)
{
    bench *b = *state;
    od_id attempt = 0;
    assert_int_equal(OD_OK, bench_dial(b, 0, FAR_SILENT, &attempt));
    od_test_log_run(&b->log, 500);
    assert_int_equal(0,
                     od_test_log_count(&b->log, OD_REPORT_PROGRESS, attempt));
    assert_int_equal(0, od_test_log_count(&b->log, OD_REPORT_RINGING, attempt));
    const od_test_row *ended = bench_hangup(b, 0, attempt);
    assert_int_equal(0, ended->report.status);
}

static void test_transport_hangup_is_idempotent(void **state)
{
    bench *b = *state;
    od_id attempt = bench_answered(b, FAR_AT_ONCE);
    b->log.ops->hangup(b->log.ctx, 0);
    b->log.ops->hangup(b->log.ctx, 0);
    (void)bench_hangup(b, 0, attempt);
    b->log.ops->hangup(b->log.ctx, 0);
    b->log.ops->hangup(b->log.ctx, 1);
    od_test_log_run(&b->log, 100);
    /* The slot is not haunted by the hangups that came too late. */
    (void)bench_answered(b, FAR_AT_ONCE);
    od_test_log_run(&b->log, 200);
    assert_int_equal(
        0, od_test_log_count(&b->log, OD_REPORT_ENDED, b->attempt_last));
}

static void test_transport_hangup_meets_the_far_end(void **state)
{
    bench *b = *state;
    od_id attempt = bench_answered(b, FAR_HANGS_UP);
    od_test_log_run(&b->log, 600 - b->suite->slack_ms / 2);
    (void)bench_hangup(b, 0, attempt);
    od_test_log_run(&b->log, 1000);
}

/* -- slots and limits ----------------------------------------------------- */

static void test_transport_slot_is_free_after_the_end(void **state)
{
    bench *b = *state;
    static const uint64_t phones[] = {FAR_REFUSES + 86, FAR_AT_ONCE,
                                      FAR_REFUSES + 4, FAR_AT_ONCE};
    for (size_t i = 0; i < OD__LEN(phones); i++) {
        od_id attempt = 0;
        assert_int_equal(OD_OK, bench_dial(b, 7, phones[i], &attempt));
        if (phones[i] == FAR_AT_ONCE) {
            (void)bench_await(b, OD_REPORT_ANSWERED, attempt);
            b->log.ops->hangup(b->log.ctx, 7);
        }
        const od_test_row *ended = bench_await(b, OD_REPORT_ENDED, attempt);
        assert_int_equal(7, ended->report.slot);
    }
}

static void test_transport_channels_are_limited(void **state)
{
    bench *b = *state;
    od_trunk_info info;
    assert_int_equal(OD_OK, b->log.ops->trunk_get(b->log.ctx, 0, &info));
    assert_int_equal(2, info.calls_max);
    od_id first = 0;
    od_id third = 0;
    assert_int_equal(OD_OK, bench_dial(b, 0, FAR_RINGS, &first));
    assert_int_equal(OD_OK, bench_dial(b, 1, FAR_RINGS, NULL));
    assert_int_equal(OD_ERR_LIMIT, bench_dial(b, 2, FAR_RINGS, &third));
    od_test_log_run(&b->log, 200);
    assert_int_equal(0, od_test_log_count(&b->log, OD_REPORT_ENDED, third));
    (void)bench_hangup(b, 0, first);
    assert_int_equal(OD_OK, bench_dial(b, 0, FAR_RINGS, NULL));
}

static void test_transport_next_call_is_another(void **state)
{
    bench *b = *state;
    od_id attempt = 0;
    assert_int_equal(OD_OK, bench_dial(b, 0, FAR_BUSY_ONCE, &attempt));
    const od_test_row *ended = bench_await(b, OD_REPORT_ENDED, attempt);
    assert_int_equal(486, ended->report.status);
    (void)bench_answered(b, FAR_BUSY_ONCE);
}

static void test_transport_reports_are_bounded(void **state)
{
    bench *b = *state;
    b->log.reports_max = 1; /* the log asserts that it is kept */
    od_id attempts[8];
    for (uint32_t i = 0; i < OD__LEN(attempts); i++) {
        uint64_t phone = i % 2 == 0 ? FAR_REFUSES + 86 : FAR_HANGS_UP;
        assert_int_equal(OD_OK, bench_dial(b, i, phone, &attempts[i]));
    }
    for (uint32_t i = 0; i < OD__LEN(attempts); i++) {
        const od_test_row *ended = bench_await(b, OD_REPORT_ENDED, attempts[i]);
        assert_int_equal(i % 2 == 0 ? 486 : 200, ended->report.status);
    }
    b->log.reports_max = 0;
    size_t len = b->log.len;
    assert_int_equal(OD_OK, bench_dial(b, 0, FAR_REFUSES + 86, NULL));
    for (int i = 0; i < 20; i++) {
        od_test_log_advance(&b->log, b->log.now.mono_ms + 20);
    }
    assert_int_equal(len, b->log.len);
    b->log.reports_max = 100;
}

static void test_transport_many_calls_at_once(void **state)
{
    bench *b = *state;
    static const uint64_t phones[] = {FAR_ANSWERS, FAR_HANGS_UP,
                                      FAR_REFUSES + 86, FAR_RINGS};
    for (uint32_t i = 0; i < BENCH_CHANNELS; i++) {
        uint64_t phone = phones[i % OD__LEN(phones)];
        assert_int_equal(OD_OK, bench_dial(b, i, phone, NULL));
    }
    od_test_log_run(&b->log, 2000);
    for (size_t i = 0; i < b->calls_len; i++) {
        od_id attempt = b->calls[i].attempt;
        size_t answers =
            od_test_log_count(&b->log, OD_REPORT_ANSWERED, attempt);
        size_t ends = od_test_log_count(&b->log, OD_REPORT_ENDED, attempt);
        assert_int_equal(i % 4 < 2 ? 1 : 0, answers);
        assert_int_equal(i % 4 == 1 || i % 4 == 2 ? 1 : 0, ends);
    }
}

static void test_transport_freed_without_a_start(void **state)
{
    bench *b = *state;
    od_transport_free(b->suite->make(1));
}

static void test_transport_freed_with_live_calls(void **state)
{
    bench *b = *state;
    od_test_log other;
    od_test_log_open(&other, b->suite->make(4), 4, b->suite->real_time);
    assert_int_equal(OD_OK, od_test_log_dial(&other, 0, 1, FAR_RINGS));
    assert_int_equal(OD_OK, od_test_log_dial(&other, 1, 2, FAR_AT_ONCE));
    assert_int_equal(OD_OK, od_test_log_dial(&other, 2, 3, FAR_SILENT));
    assert_non_null(
        od_test_log_await(&other, OD_REPORT_ANSWERED, 2, 1, SOON_MS));
    od_test_log_close(&other);
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, bench_setup, bench_teardown)
#define TEST_SMALL(function)                                                   \
    cmocka_unit_test_setup_teardown(function, bench_setup_small, bench_teardown)

const struct CMUnitTest transport_suite_calls[] = {
    TEST(test_transport_has_a_trunk),
    TEST(test_transport_has_one_trunk),
    TEST(test_transport_idle_has_nothing_to_say),
    TEST(test_transport_answers_after_ringing),
    TEST(test_transport_hangup_ends_an_answered_call),
    TEST(test_transport_far_end_hangs_up),
    TEST(test_transport_tells_of_a_machine),
    TEST(test_transport_hangup_before_a_machine_is_known),
    TEST(test_transport_tells_refusals_apart),
    TEST(test_transport_tells_when_to_come_back),
    TEST(test_transport_hangup_cancels_ringing),
    TEST(test_transport_hangup_before_any_answer),
    TEST(test_transport_hangup_of_a_silent_call),
    TEST(test_transport_hangup_is_idempotent),
    TEST(test_transport_hangup_meets_the_far_end),
    TEST(test_transport_slot_is_free_after_the_end),
    TEST_SMALL(test_transport_channels_are_limited),
    TEST(test_transport_next_call_is_another),
    TEST(test_transport_reports_are_bounded),
    TEST(test_transport_many_calls_at_once),
    TEST(test_transport_freed_without_a_start),
    TEST(test_transport_freed_with_live_calls),
    {NULL, NULL, NULL, NULL, NULL},
};
