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

const od_far_play od_transport_suite_text_plays[] = {
    {TEXT_ACCEPTED, "accept", 0},
    {TEXT_SLOW, "wait 2s accept", 0},
    {TEXT_LOST, "lost", 0},
    {TEXT_NOBODY, "reject 11", 0},
    {TEXT_REFUSED, "reject 69", 0},
    {TEXT_THROTTLED, "reject 88", 0},
    {TEXT_QUEUE_FULL, "reject 20", 0},
    {TEXT_DELIVERED, "accept wait 200ms delivered", OD_FAR_RECEIPTS},
    {TEXT_FAILED, "accept wait 200ms failed", OD_FAR_RECEIPTS},
    {TEXT_SENT, "accept wait 200ms code 001 sent wait 200ms code 034 expired",
     OD_FAR_STATES},
    {TEXT_UNKNOWN, "accept wait 200ms sent wait 200ms unknown", OD_FAR_STATES},
    {TEXT_REPLIES,
     "accept wait 200ms "
     "reply Stop.+Thank+you+%C3%A4%E2%82%AC+%F0%9F%98%80+1%2B1",
     0},
    {TEXT_REPLIES_TWICE, "accept wait 200ms reply one wait 100ms reply two", 0},
    {0, NULL, 0},
};

/* -- the bench ------------------------------------------------------------ */

static void note_accepted(bench *b, uint32_t slot, od_id attempt, bool text)
{
    assert_true(b->calls_len < BENCH_CALLS_MAX);
    b->calls[b->calls_len].slot = slot;
    b->calls[b->calls_len].text = text;
    b->calls[b->calls_len].attempt = attempt;
    b->calls_len++;
}

od_err bench_dial(bench *b, uint32_t slot, uint64_t phone, od_id *attempt)
{
    od_id next = ++b->attempt_last;
    od_err err = od_test_log_dial(&b->log, slot, next, phone);
    if (err == OD_OK) {
        note_accepted(b, slot, next, false);
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

od_err bench_send_text(bench *b, od_send *send)
{
    send->attempt = ++b->attempt_last;
    od_err err = b->log.ops->send(b->log.ctx, send);
    if (err == OD_OK) {
        note_accepted(b, send->slot, send->attempt, true);
    }
    return err;
}

od_err bench_send(bench *b, uint32_t slot, uint64_t phone, od_id *attempt)
{
    od_send send = od_test_log_text(slot, 0, phone);
    od_err err = bench_send_text(b, &send);
    if (attempt != NULL) {
        *attempt = send.attempt;
    }
    return err;
}

const od_report *bench_text_end(bench *b, od_id attempt)
{
    const od_test_row *row =
        od_test_log_await(&b->log, OD_REPORT_ENDED, attempt, 1, TEXT_END_MS);
    assert_non_null(row);
    return &row->report;
}

const od_report *bench_sent(bench *b, uint64_t phone)
{
    od_id attempt = 0;
    assert_int_equal(OD_OK, bench_send(b, 0, phone, &attempt));
    const od_report *end = bench_text_end(b, attempt);
    assert_int_equal(OD_DISPOSITION_SENT, end->disposition);
    return end;
}

void bench_await_up(bench *b)
{
    od_trunk_info info;
    int64_t until_ms = b->log.now.mono_ms + SOON_MS;
    assert_int_equal(OD_OK, b->log.ops->trunk_get(b->log.ctx, 0, &info));
    while (!info.up && b->log.now.mono_ms < until_ms) {
        od_test_log_advance(&b->log, until_ms);
        assert_int_equal(OD_OK, b->log.ops->trunk_get(b->log.ctx, 0, &info));
    }
    assert_true(info.up);
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

static bench *open_bench(void **state, od_transport *transport)
{
    const od_transport_suite *suite = *state;
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->suite = suite;
    od_test_log_open(&b->log, transport, BENCH_CHANNELS, suite->real_time);
    *state = b;
    return b;
}

static int setup(void **state, int32_t channels)
{
    const od_transport_suite *suite = *state;
    (void)open_bench(state, suite->make(channels));
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

static int setup_texts(void **state, int32_t texts_max)
{
    const od_transport_suite *suite = *state;
    bench_await_up(open_bench(state, suite->make_texts(texts_max)));
    return 0;
}

int bench_setup_texts(void **state)
{
    return setup_texts(state, BENCH_CHANNELS);
}

int bench_setup_texts_small(void **state)
{
    return setup_texts(state, 2);
}

/* Is it of an attempt, and not of a trunk or of what the network hands over? */
static bool is_of(const od_report *report, od_id attempt)
{
    return report->kind != OD_REPORT_TRUNK &&
           report->kind != OD_REPORT_RECEIPT &&
           report->kind != OD_REPORT_REPLY && report->attempt == attempt;
}

/* Nothing of an attempt may follow its end. */
static void check_last(const od_test_log *log, od_id attempt)
{
    const od_test_row *last = NULL;
    for (size_t i = 0; i < log->len; i++) {
        if (is_of(&log->rows[i]->report, attempt)) {
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
        bool own = is_of(r, attempt);
        answers += own && r->kind == OD_REPORT_ANSWERED ? 1 : 0;
        if (own && r->kind == OD_REPORT_MACHINE) {
            assert_int_equal(1, answers);
            machines++;
        }
    }
    assert_true(machines <= 1);
}

/* Was this network id given to a text before this row? */
static bool is_known(const od_test_log *log, size_t row, const char *id)
{
    for (size_t i = 0; i < row; i++) {
        const od_report *r = &log->rows[i]->report;
        for (int32_t k = 0; k < r->network_ids_len; k++) {
            if (r->kind == OD_REPORT_ENDED &&
                strcmp(r->network_ids[k], id) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* The end of a text, at a row of the log, says what it must. */
static void check_text_end(const od_test_log *log, size_t row)
{
    const od_report *end = &log->rows[row]->report;
    if (end->disposition != OD_DISPOSITION_SENT) {
        assert_true(end->disposition == OD_DISPOSITION_CONGESTION ||
                    end->disposition == OD_DISPOSITION_NOT_FOUND ||
                    end->disposition == OD_DISPOSITION_DECLINED ||
                    end->disposition == OD_DISPOSITION_FAILED ||
                    end->disposition == OD_DISPOSITION_UNKNOWN);
        return;
    }
    assert_int_equal(OD_OK, end->fault);
    assert_true(end->delivery == OD_DELIVERY_ACCEPTED ||
                end->delivery == OD_DELIVERY_DELIVERED);
    assert_in_range(end->network_ids_len, 1, OD_SEGMENTS_MAX);
    for (int32_t i = 0; i < end->network_ids_len; i++) {
        const char *id = end->network_ids[i];
        assert_true(strlen(id) <= 127);
        for (int32_t k = 0; k < i && id[0] != '\0'; k++) {
            assert_string_not_equal(id, end->network_ids[k]);
        }
        assert_false(id[0] != '\0' && is_known(log, row, id));
    }
}

static void check_text(const od_test_log *log, od_id attempt)
{
    size_t reports = 0;
    for (size_t i = 0; i < log->len; i++) {
        if (is_of(&log->rows[i]->report, attempt)) {
            assert_int_equal(OD_REPORT_ENDED, log->rows[i]->report.kind);
            check_text_end(log, i);
            reports++;
        }
    }
    assert_int_equal(1, reports);
}

static void end_all(bench *b)
{
    for (size_t i = 0; i < b->calls_len; i++) {
        od_id attempt = b->calls[i].attempt;
        if (b->calls[i].text) {
            (void)bench_text_end(b, attempt);
        } else if (od_test_log_count(&b->log, OD_REPORT_ENDED, attempt) == 0) {
            (void)bench_hangup(b, b->calls[i].slot, attempt);
        }
    }
    od_test_log_run(&b->log, b->suite->real_time ? 50 : 120000);
}

int bench_teardown(void **state)
{
    bench *b = *state;
    end_all(b);
    for (size_t i = 0; i < b->calls_len; i++) {
        od_id attempt = b->calls[i].attempt;
        assert_int_equal(1,
                         od_test_log_count(&b->log, OD_REPORT_ENDED, attempt));
        if (b->calls[i].text) {
            check_text(&b->log, attempt);
        } else {
            check_last(&b->log, attempt);
            check_facts(&b->log, attempt);
        }
    }
    od_test_log_close(&b->log);
    free(b);
    return 0;
}

/* -- the run -------------------------------------------------------------- */

#define TESTS_MAX 96

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
    size_t len = 0;
    if (suite->make != NULL) {
        len = gather(tests, len, transport_suite_calls, suite);
        len = gather(tests, len, transport_suite_media, suite);
    }
    if (suite->make_texts != NULL) {
        len = gather(tests, len, transport_suite_texts, suite);
    }
    return _cmocka_run_group_tests("transport_suite", tests, len, NULL, NULL);
}
