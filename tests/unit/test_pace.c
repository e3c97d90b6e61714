/*
 * test_pace.c - live calls and calls per second of trunks, in virtual time.
 */
#include "support/test.h"

#include "core/core.h"

static od_trunk_info trunks[OD_TRUNKS_MAX + 1];
static int32_t trunks_len;
static od_err trunk_err;

static od_err trunk_get(void *ctx, int32_t index, od_trunk_info *out)
{
    (void)ctx;
    if (trunk_err != OD_OK) {
        return trunk_err;
    }
    if (index >= trunks_len) {
        return OD_ERR_NOT_FOUND;
    }
    *out = trunks[index];
    return OD_OK;
}

static const od_transport_ops ops = {.trunk_get = trunk_get};

/* An engine that is nothing but its trunks. */
static int setup(void **state)
{
    od_engine *engine = calloc(1, sizeof *engine);
    assert_non_null(engine);
    engine->transport_ops = &ops;
    engine->now.mono_ms = 1000;
    trunks_len = 0;
    trunk_err = OD_OK;
    *state = engine;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void trunk(int32_t calls_max, int32_t per_second)
{
    trunks[trunks_len++] = (od_trunk_info){.name = "t",
                                           .calls_max = calls_max,
                                           .calls_per_second_max = per_second,
                                           .up = true};
}

static void begin(od_engine *engine)
{
    assert_int_equal(od__pace_init(engine), OD_OK);
}

static void pass(od_engine *engine, int64_t ms)
{
    engine->now.mono_ms += ms;
    od__pace_turn(engine);
}

/* Take all that can be taken. */
static int take_all(od_engine *engine)
{
    int taken = 0;
    while (od__pace_take(engine, OD_CHANNEL_VOICE, 0) != OD_NONE) {
        taken++;
        assert_true(taken < 100000);
    }
    return taken;
}

static void test_pace_needs_a_trunk(void **state)
{
    od_engine *engine = *state;
    assert_int_equal(od__pace_init(engine), OD_ERR_INVALID);
    assert_true(strlen(engine->errmsg.text) > 0);
    trunk_err = OD_ERR_IO;
    assert_int_equal(od__pace_init(engine), OD_ERR_IO);
}

static void test_pace_takes_at_most_sixteen_trunks(void **state)
{
    od_engine *engine = *state;
    for (int i = 0; i <= OD_TRUNKS_MAX; i++) {
        trunk(1, 1);
    }
    begin(engine);
    assert_int_equal(engine->trunks_len, OD_TRUNKS_MAX);
}

/* Over any second no more than calls_per_second_max begin, but for what the
 * bucket held: a twentieth of a second, at least one. */
static void test_pace_calls_per_second(void **state)
{
    static const int32_t rates[] = {1, 3, 10, 33, 1000, 10000};
    od_engine *engine = *state;
    for (size_t r = 0; r < OD__LEN(rates); r++) {
        int32_t rate = rates[r];
        int64_t bucket_milli = rate > 20 ? 50 * (int64_t)rate : 1000;
        trunks_len = 0;
        trunk(INT32_MAX, rate);
        begin(engine);
        int taken = take_all(engine);
        assert_int_equal(taken, bucket_milli / 1000);
        for (int ms = 0; ms < 10000; ms++) {
            pass(engine, 1);
            taken += take_all(engine);
            int64_t most = bucket_milli + (int64_t)rate * (ms + 1);
            assert_true(taken <= most / 1000);
        }
        assert_true(taken >= 10 * rate - 1); /* and they are all used */
    }
}

/* Long silence does not save up calls. */
static void test_pace_bucket_is_bounded(void **state)
{
    od_engine *engine = *state;
    trunk(100000, 100);
    begin(engine);
    pass(engine, 86400000);
    assert_int_equal(take_all(engine), 5);
    pass(engine, INT64_MAX / 4);
    assert_int_equal(take_all(engine), 5);
}

static void test_pace_live_calls(void **state)
{
    od_engine *engine = *state;
    trunk(3, 10000);
    begin(engine);
    assert_int_equal(od__pace_room(engine, OD_CHANNEL_VOICE), 3);
    assert_int_equal(take_all(engine), 3);
    assert_int_equal(od__pace_room(engine, OD_CHANNEL_VOICE), 0);
    assert_true(od__pace_next_ms(engine, OD_CHANNEL_VOICE) == OD_NEVER);
    od__pace_release(engine, 0, OD_CHANNEL_VOICE);
    assert_int_equal(od__pace_room(engine, OD_CHANNEL_VOICE), 1);
    assert_int_equal(take_all(engine), 1);
}

/* A call that never left gives its token back, one that ended does not. */
static void test_pace_undo_and_release(void **state)
{
    od_engine *engine = *state;
    trunk(10, 1);
    begin(engine);
    assert_int_equal(od__pace_take(engine, OD_CHANNEL_VOICE, 0), 0);
    assert_int_equal(od__pace_take(engine, OD_CHANNEL_VOICE, 0), OD_NONE);
    od__pace_undo(engine, 0, OD_CHANNEL_VOICE);
    assert_int_equal(engine->trunks[0].meters[OD_CHANNEL_VOICE].live, 0);
    assert_int_equal(od__pace_take(engine, OD_CHANNEL_VOICE, 0), 0);
    od__pace_release(engine, 0, OD_CHANNEL_VOICE);
    assert_int_equal(engine->trunks[0].meters[OD_CHANNEL_VOICE].live, 0);
    assert_int_equal(od__pace_take(engine, OD_CHANNEL_VOICE, 0), OD_NONE);
}

/* The next token comes when it says, not a millisecond earlier or later. */
static void test_pace_next_token(void **state)
{
    static const int32_t rates[] = {1, 3, 7, 20, 999, 10000};
    od_engine *engine = *state;
    for (size_t r = 0; r < OD__LEN(rates); r++) {
        trunks_len = 0;
        trunk(INT32_MAX, rates[r]);
        begin(engine);
        assert_true(od__pace_next_ms(engine, OD_CHANNEL_VOICE) ==
                    engine->now.mono_ms);
        (void)take_all(engine);
        int64_t next = od__pace_next_ms(engine, OD_CHANNEL_VOICE);
        assert_true(next > engine->now.mono_ms && next != OD_NEVER);
        pass(engine, next - engine->now.mono_ms - 1);
        assert_int_equal(od__pace_room(engine, OD_CHANNEL_VOICE), 0);
        pass(engine, 1);
        assert_true(od__pace_room(engine, OD_CHANNEL_VOICE) > 0);
    }
}

static void test_pace_trunk_down(void **state)
{
    od_engine *engine = *state;
    trunk(10, 10000);
    trunk(10, 10000);
    begin(engine);
    engine->trunks[0].info.up = false;
    assert_int_equal(od__pace_room(engine, OD_CHANNEL_VOICE), 10);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(od__pace_take(engine, OD_CHANNEL_VOICE, 0), 1);
    }
    engine->trunks[1].info.up = false;
    assert_int_equal(od__pace_take(engine, OD_CHANNEL_VOICE, 0), OD_NONE);
    assert_true(od__pace_next_ms(engine, OD_CHANNEL_VOICE) == OD_NEVER);
}

/* Trunks of 30 and 10 channels carry calls three to one. */
static void test_pace_shares_by_free_channels(void **state)
{
    od_engine *engine = *state;
    trunk(30, 10000);
    trunk(10, 10000);
    begin(engine);
    for (int i = 0; i < 20; i++) {
        assert_int_not_equal(od__pace_take(engine, OD_CHANNEL_VOICE, 0),
                             OD_NONE);
    }
    assert_in_range(engine->trunks[0].meters[OD_CHANNEL_VOICE].live, 14, 16);
    assert_in_range(engine->trunks[1].meters[OD_CHANNEL_VOICE].live, 4, 6);
    assert_int_equal(take_all(engine), 20);
    assert_int_equal(engine->trunks[0].meters[OD_CHANNEL_VOICE].live, 30);
    assert_int_equal(engine->trunks[1].meters[OD_CHANNEL_VOICE].live, 10);
}

/* == what a trunk takes ==================================================== */

/* A call of the first trunk ended so. */
static void ended(od_engine *engine, int32_t status, int32_t retry_after_s)
{
    const od_report report = {.kind = OD_REPORT_ENDED,
                              .status = status,
                              .retry_after_s = retry_after_s};
    od__pace_note(engine, 0, OD_CHANNEL_VOICE, &report);
}

static int64_t rate(const od_engine *engine)
{
    return engine->trunks[0].meters[OD_CHANNEL_VOICE].rate_milli;
}

static void test_pace_halves_when_full(void **state)
{
    static const int32_t full[] = {503, 429};
    od_engine *engine = *state;
    for (size_t i = 0; i < OD__LEN(full); i++) {
        trunks_len = 0;
        trunk(1000, 100);
        begin(engine);
        ended(engine, full[i], 0);
        assert_int_equal(rate(engine), 50000);
    }
    trunks_len = 0;
    trunk(1000, 100);
    begin(engine);
    const od_report limit = {.kind = OD_REPORT_ENDED, .fault = OD_ERR_LIMIT};
    od__pace_note(engine, 0, OD_CHANNEL_VOICE, &limit);
    assert_int_equal(rate(engine), 50000);
}

/* What a person or a number says is no fault of the trunk. */
static void test_pace_other_ends_do_not_slow(void **state)
{
    static const int32_t statuses[] = {0,   200, 302, 403, 404, 408, 486,
                                       487, 500, 502, 504, 600, 603};
    od_engine *engine = *state;
    trunk(1000, 100);
    begin(engine);
    for (size_t i = 0; i < OD__LEN(statuses); i++) {
        for (int n = 0; n < 20; n++) {
            ended(engine, statuses[i], 30);
        }
    }
    assert_int_equal(rate(engine), 100000);
    assert_int_equal(od__pace_room(engine, OD_CHANNEL_VOICE), 5);
}

/* Calls of one burst come back one by one: at most once a second. */
static void test_pace_halves_once_a_second(void **state)
{
    od_engine *engine = *state;
    trunk(1000, 100);
    begin(engine);
    for (int i = 0; i < 100; i++) {
        ended(engine, 503, 0);
    }
    assert_int_equal(rate(engine), 50000);
    pass(engine, 999);
    ended(engine, 503, 0);
    assert_int_equal(rate(engine), 50000);
    pass(engine, 1);
    int64_t before = rate(engine);
    ended(engine, 503, 0);
    assert_int_equal(rate(engine), before / 2);
}

/* It always calls again: a call in ten seconds is left. */
static void test_pace_never_stops_for_good(void **state)
{
    od_engine *engine = *state;
    trunk(1000, 1);
    begin(engine);
    for (int i = 0; i < 100; i++) {
        engine->now.mono_ms += 1000; /* and no turn to grow in */
        ended(engine, 503, 0);
    }
    assert_int_equal(rate(engine), 100);
    (void)take_all(engine);
    int64_t next = od__pace_next_ms(engine, OD_CHANNEL_VOICE);
    assert_true(next != OD_NEVER && next <= engine->now.mono_ms + 10000);
}

/* 480 is what a person who is not there gives, unless most of what ends gives
 * it at once. */
static void test_pace_burst_of_480(void **state)
{
    od_engine *engine = *state;
    trunk(1000, 100);
    begin(engine);
    for (int i = 0; i < 4; i++) {
        ended(engine, 480, 0);
    }
    assert_int_equal(rate(engine), 100000);
    pass(engine, 1000); /* another second */
    for (int i = 0; i < 5; i++) {
        ended(engine, 486, 0);
    }
    for (int i = 0; i < 5; i++) {
        ended(engine, 480, 0);
    }
    assert_int_equal(rate(engine), 100000); /* half of them */
    ended(engine, 480, 0);
    assert_int_equal(rate(engine), 50000);
}

static void test_pace_retry_after_holds(void **state)
{
    od_engine *engine = *state;
    trunk(1000, 100);
    begin(engine);
    int64_t from = engine->now.mono_ms;
    ended(engine, 503, 30);
    assert_int_equal(od__pace_room(engine, OD_CHANNEL_VOICE), 0);
    assert_int_equal(od__pace_take(engine, OD_CHANNEL_VOICE, 0), OD_NONE);
    assert_true(od__pace_next_ms(engine, OD_CHANNEL_VOICE) == from + 30000);
    ended(engine, 503, 10); /* a shorter one does not shorten it */
    ended(engine, 503, 0);
    pass(engine, 29999);
    assert_int_equal(od__pace_room(engine, OD_CHANNEL_VOICE), 0);
    pass(engine, 1);
    assert_true(od__pace_room(engine, OD_CHANNEL_VOICE) > 0);
    /* A day is too long to believe. */
    from = engine->now.mono_ms;
    ended(engine, 429, 86400);
    assert_true(od__pace_next_ms(engine, OD_CHANNEL_VOICE) == from + 3600000);
    pass(engine, 3600000);
    assert_true(od__pace_room(engine, OD_CHANNEL_VOICE) > 0);
}

/* The other trunk goes on. */
static void test_pace_holds_one_trunk(void **state)
{
    od_engine *engine = *state;
    trunk(10, 100);
    trunk(10, 100);
    begin(engine);
    ended(engine, 503, 30);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(od__pace_take(engine, OD_CHANNEL_VOICE, 0), 1);
    }
    assert_int_equal(od__pace_take(engine, OD_CHANNEL_VOICE, 0), OD_NONE);
}

/* A twentieth of the limit a second, from a second after it was slowed. */
static void test_pace_grows_to_the_limit(void **state)
{
    od_engine *engine = *state;
    trunk(1000, 100);
    begin(engine);
    ended(engine, 503, 0);
    pass(engine, 999);
    assert_int_equal(rate(engine), 50000);
    for (int second = 1; second <= 12; second++) {
        pass(engine, 1000);
        int64_t most = 50000 + 5000 * second;
        assert_in_range(rate(engine), most < 100000 ? most : 100000, 100000);
        assert_true(rate(engine) <= most + 20);
    }
    pass(engine, 86400000);
    assert_int_equal(rate(engine), 100000);
}

/* How often the engine steps does not matter. */
static void test_pace_grows_alike_in_small_steps(void **state)
{
    static const int32_t limits[] = {1, 3, 10, 10000};
    od_engine *engine = *state;
    for (size_t i = 0; i < OD__LEN(limits); i++) {
        int64_t limit = (int64_t)limits[i] * 1000;
        trunks_len = 0;
        trunk(1000, limits[i]);
        begin(engine);
        ended(engine, 503, 0);
        pass(engine, 999);
        assert_int_equal(rate(engine), limit / 2);
        for (int ms = 0; ms < 5000; ms++) {
            pass(engine, 1);
        }
        assert_in_range(rate(engine), limit * 3 / 4 - 2, limit * 3 / 4 + 2);
    }
}

/* A trunk that is full carries what it carries, less an eighth. */
static void test_pace_room_shrinks_and_grows(void **state)
{
    od_engine *engine = *state;
    trunk(100, 10000);
    begin(engine);
    assert_int_equal(take_all(engine), 100);
    ended(engine, 503, 0);
    for (int i = 0; i < 20; i++) {
        od__pace_release(engine, 0, OD_CHANNEL_VOICE);
    }
    /* 87 of 100 */
    assert_int_equal(od__pace_room(engine, OD_CHANNEL_VOICE), 7);
    assert_int_equal(take_all(engine), 7);
    /* It is full, but may have grown in a second. */
    assert_true(od__pace_next_ms(engine, OD_CHANNEL_VOICE) ==
                engine->now.mono_ms + 1000);
    pass(engine, 1000);
    assert_int_equal(take_all(engine), 5);
    pass(engine, 2000);
    assert_int_equal(take_all(engine), 8);
    pass(engine, 3600000);
    assert_int_equal(od__pace_room(engine, OD_CHANNEL_VOICE), 0);
    assert_true(od__pace_next_ms(engine, OD_CHANNEL_VOICE) == OD_NEVER);
}

/* One call can always be made, also where none lived. */
static void test_pace_room_for_one(void **state)
{
    od_engine *engine = *state;
    trunk(100, 10000);
    begin(engine);
    ended(engine, 503, 0);
    assert_int_equal(take_all(engine), 1);
}

/* A trunk that carries half of what it was said to settles near the half, and
 * loses little to find that out. */
static void test_pace_finds_what_a_trunk_takes(void **state)
{
    od_engine *engine = *state;
    int64_t begun = 0;
    int64_t refused = 0;
    trunk(100000, 100);
    begin(engine);
    for (int second = 0; second < 600; second++) {
        int in_second = 0;
        for (int ms = 0; ms < 1000; ms += 5) {
            pass(engine, 5);
            int taken = take_all(engine);
            for (int i = 0; i < taken; i++) {
                begun++;
                if (++in_second > 50) {
                    refused++;
                    ended(engine, 503, 0);
                }
                od__pace_release(engine, 0, OD_CHANNEL_VOICE);
            }
        }
    }
    assert_in_range(begun - refused, 600 * 35, 600 * 50);
    assert_true(refused * 10 < begun);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* == of texts ============================================================== */

static void text_trunk(int32_t texts_max, int32_t per_second, int32_t bytes_max)
{
    trunks[trunks_len++] = (od_trunk_info){.name = "t",
                                           .texts_max = texts_max,
                                           .texts_per_second_max = per_second,
                                           .text_bytes_max = bytes_max,
                                           .up = true};
}

/* A trunk may carry one, the other, or both; neither takes from the other. */
static void test_pace_channels(void **state)
{
    od_engine *engine = *state;
    trunk(3, 10000);
    text_trunk(4, 10000, 0);
    begin(engine);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(od__pace_take(engine, OD_CHANNEL_VOICE, 0), 0);
    }
    assert_int_equal(od__pace_take(engine, OD_CHANNEL_VOICE, 0), OD_NONE);
    assert_true(od__pace_next_ms(engine, OD_CHANNEL_VOICE) == OD_NEVER);
    assert_int_equal(od__pace_room(engine, OD_CHANNEL_TEXT), 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(od__pace_take(engine, OD_CHANNEL_TEXT, 10), 1);
    }
    assert_int_equal(od__pace_take(engine, OD_CHANNEL_TEXT, 10), OD_NONE);
    od__pace_release(engine, 1, OD_CHANNEL_TEXT);
    assert_int_equal(od__pace_room(engine, OD_CHANNEL_TEXT), 1);
    assert_int_equal(od__pace_room(engine, OD_CHANNEL_VOICE), 0);
}

static void test_pace_limits_of_channels(void **state)
{
    static const od_trunk_info bad[] = {
        {.name = "t"},
        {.name = "t", .calls_max = -1},
        {.name = "t", .texts_max = 1},
        {.name = "t", .calls_max = 1, .calls_per_second_max = 1,
         .texts_max = 1},
        {.name = "t", .calls_max = 1, .calls_per_second_max = 1,
         .texts_max = -1, .texts_per_second_max = 1}};
    od_engine *engine = *state;
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        trunks[0] = bad[i];
        trunks_len = 1;
        assert_int_equal(od__pace_init(engine), OD_ERR_INVALID);
    }
}

static void text_ended(od_engine *engine, int32_t disposition, od_err fault)
{
    const od_report report = {.kind = OD_REPORT_ENDED,
                              .disposition = disposition,
                              .fault = fault};
    od__pace_note(engine, 0, OD_CHANNEL_TEXT, &report);
}

/* Congestion of texts slows texts; that the trunk went down does not. */
static void test_pace_texts_slow_down(void **state)
{
    od_engine *engine = *state;
    trunks[trunks_len++] = (od_trunk_info){.name = "t",
                                           .calls_max = 100,
                                           .calls_per_second_max = 100,
                                           .texts_max = 100,
                                           .texts_per_second_max = 100,
                                           .up = true};
    begin(engine);
    const od__meter *meters = engine->trunks[0].meters;
    text_ended(engine, OD_DISPOSITION_SENT, OD_OK);
    text_ended(engine, OD_DISPOSITION_FAILED, OD_OK);
    text_ended(engine, OD_DISPOSITION_UNKNOWN, OD_OK);
    text_ended(engine, OD_DISPOSITION_CONGESTION, OD_ERR_TRANSPORT);
    assert_int_equal(meters[OD_CHANNEL_TEXT].rate_milli, 100000);
    text_ended(engine, OD_DISPOSITION_CONGESTION, OD_OK);
    assert_int_equal(meters[OD_CHANNEL_TEXT].rate_milli, 50000);
    assert_int_equal(meters[OD_CHANNEL_VOICE].rate_milli, 100000);
    pass(engine, 1000);
    text_ended(engine, OD_DISPOSITION_CONGESTION, OD_ERR_LIMIT);
    assert_in_range(meters[OD_CHANNEL_TEXT].rate_milli, 25000, 30000);
}

/* Long texts go where they are taken. */
static void test_pace_bytes(void **state)
{
    od_engine *engine = *state;
    assert_true(od__pace_bytes_max(engine) == SIZE_MAX);
    text_trunk(10, 10000, 100);
    text_trunk(2, 10000, 200);
    trunk(10, 10000);
    begin(engine);
    assert_int_equal(od__pace_bytes_max(engine), 200);
    assert_int_equal(od__pace_take(engine, OD_CHANNEL_TEXT, 101), 1);
    assert_int_equal(od__pace_take(engine, OD_CHANNEL_TEXT, 200), 1);
    assert_int_equal(od__pace_take(engine, OD_CHANNEL_TEXT, 200), OD_NONE);
    assert_int_equal(od__pace_take(engine, OD_CHANNEL_TEXT, 100), 0);
    assert_int_equal(od__pace_take(engine, OD_CHANNEL_TEXT, 201), OD_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pace_needs_a_trunk),
        TEST(test_pace_takes_at_most_sixteen_trunks),
        TEST(test_pace_calls_per_second),
        TEST(test_pace_bucket_is_bounded),
        TEST(test_pace_channels),
        TEST(test_pace_limits_of_channels),
        TEST(test_pace_texts_slow_down),
        TEST(test_pace_bytes),
        TEST(test_pace_live_calls),
        TEST(test_pace_undo_and_release),
        TEST(test_pace_next_token),
        TEST(test_pace_trunk_down),
        TEST(test_pace_shares_by_free_channels),
        TEST(test_pace_halves_when_full),
        TEST(test_pace_other_ends_do_not_slow),
        TEST(test_pace_halves_once_a_second),
        TEST(test_pace_never_stops_for_good),
        TEST(test_pace_burst_of_480),
        TEST(test_pace_retry_after_holds),
        TEST(test_pace_holds_one_trunk),
        TEST(test_pace_grows_to_the_limit),
        TEST(test_pace_grows_alike_in_small_steps),
        TEST(test_pace_room_shrinks_and_grows),
        TEST(test_pace_room_for_one),
        TEST(test_pace_finds_what_a_trunk_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
