/*
 * transport_suite_media.c - plays and keys: the part of the transport suite
 * with sound.
 */
#include "support/test.h"

#include "support/transport_suite_parts.h"

static void play(bench *b, int32_t id, const od_prompt *prompt,
                 int64_t offset_ms)
{
    b->log.ops->play(b->log.ctx, 0, id, &prompt, 1, offset_ms);
}

/* Wait for the n-th end of a play; it must be of this id. */
static const od_test_row *await_play_end(bench *b, od_id attempt, size_t nth,
                                         int32_t id)
{
    const od_test_row *row =
        od_test_log_await(&b->log, OD_REPORT_PLAY_ENDED, attempt, nth, SOON_MS);
    assert_non_null(row);
    assert_int_equal(id, row->report.play);
    return row;
}

/* The digits that were reported so far. */
static void digits_of(const bench *b, od_id attempt, char *out, size_t size)
{
    size_t len = od_test_log_count(&b->log, OD_REPORT_DIGIT, attempt);
    assert_true(len < size);
    for (size_t i = 0; i < len; i++) {
        out[i] = od_test_log_find(&b->log, OD_REPORT_DIGIT, attempt, i + 1)
                     ->report.digit;
    }
    out[len] = '\0';
}

/* -- plays ---------------------------------------------------------------- */

static void test_transport_plays_to_the_end(void **state)
{
    bench *b = *state;
    const od_prompt *prompt = bench_prompt(400);
    od_id attempt = bench_answered(b, FAR_AT_ONCE);
    int64_t begin_ms = b->log.now.mono_ms;
    play(b, 7, prompt, 0);
    const od_test_row *row = await_play_end(b, attempt, 1, 7);
    assert_int_equal(400, row->report.heard_ms);
    bench_assert_near(b, row->at_ms - begin_ms, 400);
    const od_test_row *ended = bench_hangup(b, 0, attempt);
    assert_int_equal(400, ended->report.heard_ms);
    od_prompt_drop(prompt);
}

static void test_transport_plays_prompts_in_a_row(void **state)
{
    bench *b = *state;
    const od_prompt *prompts[17];
    for (size_t i = 0; i < OD__LEN(prompts); i++) {
        prompts[i] = bench_prompt(20);
    }
    od_id attempt = bench_answered(b, FAR_AT_ONCE);
    int64_t begin_ms = b->log.now.mono_ms;
    b->log.ops->play(b->log.ctx, 0, 1, prompts, OD__LEN(prompts), 0);
    /* A transport that still needs the prompts holds them by itself. */
    for (size_t i = 0; i < OD__LEN(prompts); i++) {
        od_prompt_drop(prompts[i]);
    }
    const od_test_row *row = await_play_end(b, attempt, 1, 1);
    assert_int_equal(340, row->report.heard_ms);
    bench_assert_near(b, row->at_ms - begin_ms, 340);
}

static void test_transport_plays_from_an_offset(void **state)
{
    bench *b = *state;
    const od_prompt *prompts[] = {bench_prompt(400), bench_prompt(200)};
    od_id attempt = bench_answered(b, FAR_AT_ONCE);
    b->log.ops->play(b->log.ctx, 0, 1, prompts, 2, 300);
    const od_test_row *row = await_play_end(b, attempt, 1, 1);
    assert_int_equal(300, row->report.heard_ms);
    b->log.ops->play(b->log.ctx, 0, 2, prompts, 2, 1000);
    row = await_play_end(b, attempt, 2, 2);
    assert_int_equal(200, row->report.heard_ms);
    od_prompt_drop(prompts[0]);
    od_prompt_drop(prompts[1]);
}

static void test_transport_play_is_replaced(void **state)
{
    bench *b = *state;
    const od_prompt *prompt = bench_prompt(1000);
    od_id attempt = bench_answered(b, FAR_AT_ONCE);
    play(b, 1, prompt, 0);
    od_test_log_run(&b->log, 400);
    int64_t begin_ms = b->log.now.mono_ms;
    play(b, 2, prompt, 0);
    const od_test_row *row = await_play_end(b, attempt, 1, 1);
    bench_assert_near(b, row->report.heard_ms, 400);
    bench_assert_near(b, row->at_ms, begin_ms);
    int64_t heard_ms = row->report.heard_ms;
    row = await_play_end(b, attempt, 2, 2);
    assert_int_equal(1000, row->report.heard_ms);
    bench_assert_near(b, row->at_ms - begin_ms, 1000);
    const od_test_row *ended = bench_hangup(b, 0, attempt);
    assert_int_equal(1000 + heard_ms, ended->report.heard_ms);
    od_prompt_drop(prompt);
}

static void test_transport_play_is_replaced_at_once(void **state)
{
    bench *b = *state;
    const od_prompt *prompt = bench_prompt(200);
    od_id attempt = bench_answered(b, FAR_AT_ONCE);
    play(b, 1, prompt, 0);
    play(b, 2, prompt, 0);
    play(b, 3, prompt, 0);
    bench_assert_near(b, await_play_end(b, attempt, 1, 1)->report.heard_ms, 0);
    bench_assert_near(b, await_play_end(b, attempt, 2, 2)->report.heard_ms, 0);
    assert_int_equal(200, await_play_end(b, attempt, 3, 3)->report.heard_ms);
    od_prompt_drop(prompt);
}

static void test_transport_play_is_stopped(void **state)
{
    bench *b = *state;
    const od_prompt *prompt = bench_prompt(5000);
    od_id attempt = bench_answered(b, FAR_AT_ONCE);
    play(b, 1, prompt, 0);
    od_test_log_run(&b->log, 300);
    b->log.ops->play_stop(b->log.ctx, 0);
    const od_test_row *row = await_play_end(b, attempt, 1, 1);
    bench_assert_near(b, row->report.heard_ms, 300);
    /* Nothing plays: nothing to stop. */
    b->log.ops->play_stop(b->log.ctx, 0);
    od_test_log_run(&b->log, 200);
    assert_int_equal(1,
                     od_test_log_count(&b->log, OD_REPORT_PLAY_ENDED, attempt));
    od_prompt_drop(prompt);
}

static void test_transport_hangup_ends_a_play(void **state)
{
    bench *b = *state;
    const od_prompt *prompt = bench_prompt(5000);
    od_id attempt = bench_answered(b, FAR_AT_ONCE);
    play(b, 1, prompt, 0);
    od_test_log_run(&b->log, 300);
    const od_test_row *ended = bench_hangup(b, 0, attempt);
    bench_assert_near(b, ended->report.heard_ms, 300);
    od_prompt_drop(prompt);
}

static void test_transport_far_end_ends_a_play(void **state)
{
    bench *b = *state;
    const od_prompt *prompt = bench_prompt(5000);
    od_id attempt = bench_answered(b, FAR_HANGS_UP);
    play(b, 1, prompt, 0);
    const od_test_row *ended = bench_await(b, OD_REPORT_ENDED, attempt);
    assert_true(ended->report.remote);
    bench_assert_near(b, ended->report.heard_ms, 600);
    od_prompt_drop(prompt);
}

static void test_transport_plays_in_many_calls(void **state)
{
    bench *b = *state;
    const od_prompt *prompt = bench_prompt(500);
    od_id attempts[16];
    for (uint32_t i = 0; i < OD__LEN(attempts); i++) {
        assert_int_equal(OD_OK, bench_dial(b, i, FAR_ANSWERS, &attempts[i]));
    }
    for (uint32_t i = 0; i < OD__LEN(attempts); i++) {
        (void)bench_await(b, OD_REPORT_ANSWERED, attempts[i]);
        b->log.ops->play(b->log.ctx, i, (int32_t)i, &prompt, 1, 0);
    }
    for (uint32_t i = 0; i < OD__LEN(attempts); i++) {
        const od_test_row *row = await_play_end(b, attempts[i], 1, (int32_t)i);
        assert_int_equal(i, row->report.slot);
        assert_int_equal(500, row->report.heard_ms);
    }
    od_prompt_drop(prompt);
}

/* -- keys ----------------------------------------------------------------- */

static void test_transport_digits_come_once_each(void **state)
{
    bench *b = *state;
    od_id attempt = bench_answered(b, FAR_PRESSES);
    od_test_log_run(&b->log, 2000);
    char digits[32];
    digits_of(b, attempt, digits, sizeof digits);
    assert_string_equal("15#", digits);
}

static void test_transport_digit_repeats(void **state)
{
    bench *b = *state;
    od_id attempt = bench_answered(b, FAR_REPEATS);
    od_test_log_run(&b->log, 2000);
    char digits[32];
    digits_of(b, attempt, digits, sizeof digits);
    assert_string_equal("55", digits);
}

static void test_transport_digits_of_every_kind(void **state)
{
    bench *b = *state;
    od_id attempt = bench_answered(b, FAR_PRESSES_ALL);
    (void)od_test_log_await(&b->log, OD_REPORT_DIGIT, attempt, 16, SOON_MS);
    od_test_log_run(&b->log, 500);
    char digits[32];
    digits_of(b, attempt, digits, sizeof digits);
    assert_string_equal("0123456789*#ABCD", digits);
}

static void test_transport_digit_comes_while_playing(void **state)
{
    bench *b = *state;
    const od_prompt *prompt = bench_prompt(3000);
    od_id attempt = bench_answered(b, FAR_PRESSES);
    play(b, 1, prompt, 0);
    (void)bench_await(b, OD_REPORT_DIGIT, attempt);
    assert_int_equal(0,
                     od_test_log_count(&b->log, OD_REPORT_PLAY_ENDED, attempt));
    b->log.ops->play_stop(b->log.ctx, 0);
    const od_test_row *row = await_play_end(b, attempt, 1, 1);
    bench_assert_near(b, row->report.heard_ms, 300);
    od_prompt_drop(prompt);
}

static void test_transport_sends_keys(void **state)
{
    bench *b = *state;
    od_id attempt = bench_answered(b, FAR_AT_ONCE);
    od_err err =
        b->log.ops->digits_send(b->log.ctx, 0, OD_TRANSPORT_SUITE_KEYS);
    assert_int_equal(OD_OK, err);
    od_test_log_run(&b->log, 2000);
    assert_int_equal(0, od_test_log_count(&b->log, OD_REPORT_ENDED, attempt));
    assert_int_equal(0, od_test_log_count(&b->log, OD_REPORT_DIGIT, attempt));
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, bench_setup, bench_teardown)

const struct CMUnitTest transport_suite_media[] = {
    TEST(test_transport_plays_to_the_end),
    TEST(test_transport_plays_prompts_in_a_row),
    TEST(test_transport_plays_from_an_offset),
    TEST(test_transport_play_is_replaced),
    TEST(test_transport_play_is_replaced_at_once),
    TEST(test_transport_play_is_stopped),
    TEST(test_transport_hangup_ends_a_play),
    TEST(test_transport_far_end_ends_a_play),
    TEST(test_transport_plays_in_many_calls),
    TEST(test_transport_digits_come_once_each),
    TEST(test_transport_digit_repeats),
    TEST(test_transport_digits_of_every_kind),
    TEST(test_transport_digit_comes_while_playing),
    TEST(test_transport_sends_keys),
    {NULL, NULL, NULL, NULL, NULL},
};
