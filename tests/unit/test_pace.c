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
    while (od__pace_take(engine) != OD_NONE) {
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
    assert_int_equal(od__pace_room(engine), 3);
    assert_int_equal(take_all(engine), 3);
    assert_int_equal(od__pace_room(engine), 0);
    assert_true(od__pace_next_ms(engine) == OD_NEVER);
    od__pace_release(engine, 0);
    assert_int_equal(od__pace_room(engine), 1);
    assert_int_equal(take_all(engine), 1);
}

/* A call that never left gives its token back, one that ended does not. */
static void test_pace_undo_and_release(void **state)
{
    od_engine *engine = *state;
    trunk(10, 1);
    begin(engine);
    assert_int_equal(od__pace_take(engine), 0);
    assert_int_equal(od__pace_take(engine), OD_NONE);
    od__pace_undo(engine, 0);
    assert_int_equal(engine->trunks[0].live, 0);
    assert_int_equal(od__pace_take(engine), 0);
    od__pace_release(engine, 0);
    assert_int_equal(engine->trunks[0].live, 0);
    assert_int_equal(od__pace_take(engine), OD_NONE);
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
        assert_true(od__pace_next_ms(engine) == engine->now.mono_ms);
        (void)take_all(engine);
        int64_t next = od__pace_next_ms(engine);
        assert_true(next > engine->now.mono_ms && next != OD_NEVER);
        pass(engine, next - engine->now.mono_ms - 1);
        assert_int_equal(od__pace_room(engine), 0);
        pass(engine, 1);
        assert_true(od__pace_room(engine) > 0);
    }
}

static void test_pace_trunk_down(void **state)
{
    od_engine *engine = *state;
    trunk(10, 10000);
    trunk(10, 10000);
    begin(engine);
    engine->trunks[0].info.up = false;
    assert_int_equal(od__pace_room(engine), 10);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(od__pace_take(engine), 1);
    }
    engine->trunks[1].info.up = false;
    assert_int_equal(od__pace_take(engine), OD_NONE);
    assert_true(od__pace_next_ms(engine) == OD_NEVER);
}

/* Trunks of 30 and 10 channels carry calls three to one. */
static void test_pace_shares_by_free_channels(void **state)
{
    od_engine *engine = *state;
    trunk(30, 10000);
    trunk(10, 10000);
    begin(engine);
    for (int i = 0; i < 20; i++) {
        assert_int_not_equal(od__pace_take(engine), OD_NONE);
    }
    assert_in_range(engine->trunks[0].live, 14, 16);
    assert_in_range(engine->trunks[1].live, 4, 6);
    assert_int_equal(take_all(engine), 20);
    assert_int_equal(engine->trunks[0].live, 30);
    assert_int_equal(engine->trunks[1].live, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pace_needs_a_trunk, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_pace_takes_at_most_sixteen_trunks,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_pace_calls_per_second, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_pace_bucket_is_bounded, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_pace_live_calls, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pace_undo_and_release, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_pace_next_token, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pace_trunk_down, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pace_shares_by_free_channels,
                                        setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
