/*
 * transport_suite.c - the far end's plays, the bench, and the run.
 *
 * After every test the bench hangs up what is left and checks the promise on
 * which slots depend: each accepted call has ended exactly once, and nothing
 * was reported of it afterwards. None was a machine twice, or before it had
 * answered, or asks to stay away longer than a day.
 */
#include "support/test.h"

#include "media/media.h"
#include "support/transport_suite_parts.h"

const od_far_play od_transport_suite_plays[] = {
    {FAR_ANSWERS, "ring 300ms answer", 0},
    {FAR_AT_ONCE, "answer", 0},
    {FAR_HANGS_UP, "answer wait 600ms hangup", 0},
    {FAR_RINGS, "ring 60s", 0},
    {FAR_SILENT, "silent", 0},
    {FAR_BUSY_ONCE, "status 486 each answer", 0},
    {FAR_PRESSES, "answer wait 300ms press 15#", 0},
    {FAR_REPEATS, "answer; wait 300ms; press 5; wait 200ms; press 5", 0},
    {FAR_PRESSES_ALL, "answer wait 300ms press 0123456789*#ABCD", 0},
    {FAR_MACHINE, "answer wait 500ms machine wait 500ms hangup",
     OD_FAR_MACHINE},
    {FAR_COME_BACK, "status 503 retry 30 each ring 100ms status 480 retry 7",
     OD_FAR_RETRY_AFTER},
    {FAR_REFUSES + 4, "status 404", 0},
    {FAR_REFUSES + 80, "ring 100ms status 480", 0},
    {FAR_REFUSES + 86, "status 486", 0},
    {FAR_REFUSES + 103, "status 503", 0},
    {FAR_REFUSES + 200, "status 600", 0},
    {FAR_REFUSES + 203, "ring 200ms status 603", 0},
    {0, NULL, 0},
};

/* -- the bench ------------------------------------------------------------ */

od_err bench_dial(bench *b, uint32_t slot, uint64_t phone, od_id *attempt)
{
    od_id next = ++b->attempt_last;
    od_err err = od_test_log_dial(&b->log, slot, next, phone);
    if (err == OD_OK) {
        assert_true(b->calls_len < BENCH_CALLS_MAX);
        b->calls[b->calls_len].slot = slot;
        b->calls[b->calls_len].attempt = next;
        b->calls_len++;
    }
    if (attempt != NULL) {
        *attempt = next;
    }
    return err;
}

const od_test_row *bench_await(bench *b, od_report_kind kind, od_id attempt)
{
    const od_test_row *row =
        od_test_log_await(&b->log, kind, attempt, 1, SOON_MS);
    assert_non_null(row);
    return row;
}

od_id bench_answered(bench *b, uint64_t phone)
{
    od_id attempt = 0;
    assert_int_equal(OD_OK, bench_dial(b, 0, phone, &attempt));
    (void)bench_await(b, OD_REPORT_ANSWERED, attempt);
    return attempt;
}

const od_test_row *bench_hangup(bench *b, uint32_t slot, od_id attempt)
{
    b->log.ops->hangup(b->log.ctx, slot);
    return bench_await(b, OD_REPORT_ENDED, attempt);
}

void bench_assert_near(const bench *b, int64_t value, int64_t expected)
{
    int64_t slack_ms = b->suite->slack_ms;
    if (value < expected - slack_ms || value > expected + slack_ms) {
        fail_msg("%lld is not %lld, give or take %lld", (long long)value,
                 (long long)expected, (long long)slack_ms);
    }
}

const od_prompt *bench_prompt(int64_t ms)
{
    size_t samples_len = (size_t)ms * OD__RATE_HZ / 1000;
    int16_t *samples = calloc(samples_len, sizeof *samples);
    assert_non_null(samples);
    const od_prompt *prompt = NULL;
    assert_int_equal(OD_OK,
                     od__prompt_new(&prompt, samples, samples_len, NULL));
    free(samples);
    assert_int_equal(ms, od_prompt_duration_ms(prompt));
    return prompt;
}

static int setup(void **state, int32_t channels)
{
    const od_transport_suite *suite = *state;
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->suite = suite;
    od_test_log_open(&b->log, suite->make(channels), BENCH_CHANNELS,
                     suite->real_time);
    *state = b;
    return 0;
}

int bench_setup(void **state)
{
    return setup(state, BENCH_CHANNELS);
}

int bench_setup_small(void **state)
{
    return setup(state, 2);
}

/* Nothing of an attempt may follow its end. */
static void check_last(const od_test_log *log, od_id attempt)
{
    const od_test_row *last = NULL;
    for (size_t i = 0; i < log->len; i++) {
        if (log->rows[i]->report.kind != OD_REPORT_TRUNK &&
            log->rows[i]->report.attempt == attempt) {
            last = log->rows[i];
        }
    }
    assert_non_null(last);
    assert_int_equal(OD_REPORT_ENDED, last->report.kind);
}

static void check_facts(const od_test_log *log, od_id attempt)
{
    const od_test_row *end = od_test_log_find(log, OD_REPORT_ENDED, attempt, 1);
    assert_in_range(end->report.retry_after_s, 0, 86400);
    size_t answers = 0;
    size_t machines = 0;
    for (size_t i = 0; i < log->len; i++) {
        const od_report *r = &log->rows[i]->report;
        bool own = r->kind != OD_REPORT_TRUNK && r->attempt == attempt;
        answers += own && r->kind == OD_REPORT_ANSWERED ? 1 : 0;
        if (own && r->kind == OD_REPORT_MACHINE) {
            assert_int_equal(1, answers);
            machines++;
        }
    }
    assert_true(machines <= 1);
}

int bench_teardown(void **state)
{
    bench *b = *state;
    for (size_t i = 0; i < b->calls_len; i++) {
        od_id attempt = b->calls[i].attempt;
        if (od_test_log_count(&b->log, OD_REPORT_ENDED, attempt) == 0) {
            (void)bench_hangup(b, b->calls[i].slot, attempt);
        }
    }
    od_test_log_run(&b->log, b->suite->real_time ? 50 : 120000);
    for (size_t i = 0; i < b->calls_len; i++) {
        od_id attempt = b->calls[i].attempt;
        assert_int_equal(1,
                         od_test_log_count(&b->log, OD_REPORT_ENDED, attempt));
        check_last(&b->log, attempt);
        check_facts(&b->log, attempt);
    }
    od_test_log_close(&b->log);
    free(b);
    return 0;
}

/* -- the run -------------------------------------------------------------- */

#define TESTS_MAX 64

static size_t gather(struct CMUnitTest *tests, size_t len,
                     const struct CMUnitTest *more,
                     const od_transport_suite *suite)
{
    for (; more->test_func != NULL; more++) {
        assert_true(len < TESTS_MAX);
        tests[len] = *more;
        /* cmocka hands it to the fixtures as it is; they only read it. */
        memcpy(&tests[len].initial_state, &suite, sizeof suite);
        len++;
    }
    return len;
}

int od_transport_suite_run(const od_transport_suite *suite)
{
    static struct CMUnitTest tests[TESTS_MAX];
    size_t len = gather(tests, 0, transport_suite_calls, suite);
    len = gather(tests, len, transport_suite_media, suite);
    return _cmocka_run_group_tests("transport_suite", tests, len, NULL, NULL);
}
