/*
 * test_sender.c - texts per minute of a caller ID: one limit for all campaigns
 * that show it, smooth, and halved when the network says so.
 */
#include "support/test.h"

#include "core/core.h"

#define CAMPAIGNS 4
#define FROM UINT64_C(12125550100)

typedef struct desk {
    od_engine *engine;
    od__active active[CAMPAIGNS];
} desk;

static int setup(void **state)
{
    desk *d = calloc(1, sizeof *d);
    assert_non_null(d);
    d->engine = calloc(1, sizeof *d->engine);
    assert_non_null(d->engine);
    d->engine->options.campaigns_max = CAMPAIGNS;
    d->engine->senders = calloc(2 * CAMPAIGNS, sizeof(od__sender));
    d->engine->active = calloc(2 * CAMPAIGNS, sizeof(od__active *));
    assert_non_null(d->engine->senders);
    assert_non_null(d->engine->active);
    d->engine->now.mono_ms = 1000;
    for (size_t i = 0; i < CAMPAIGNS; i++) {
        d->engine->active[i] = &d->active[i];
        d->active[i].record.channel = OD_CHANNEL_TEXT;
        d->active[i].record.caller_id = FROM;
    }
    d->engine->active_len = CAMPAIGNS;
    *state = d;
    return 0;
}

static int teardown(void **state)
{
    desk *d = *state;
    free(d->engine->senders);
    free(d->engine->active);
    free(d->engine);
    free(d);
    return 0;
}

/* The i-th campaign runs with a limit; 0: none. */
static void run(desk *d, size_t i, uint64_t from, int32_t per_minute)
{
    d->active[i].running = true;
    d->active[i].record.caller_id = from;
    d->active[i].record.texts_per_minute_max = per_minute;
    od__senders_turn(d->engine);
}

static void pass(desk *d, int64_t ms)
{
    d->engine->now.mono_ms += ms;
    od__senders_turn(d->engine);
}

static int take_all(desk *d, uint64_t from)
{
    int taken = 0;
    while (taken < 1000000 && od__sender_take(d->engine, from)) {
        taken++;
    }
    return taken;
}

static int take_for(desk *d, uint64_t from, int64_t ms)
{
    int taken = 0;
    for (int64_t i = 0; i < ms; i += 10) {
        pass(d, 10);
        taken += take_all(d, from);
    }
    return taken;
}

static void test_sender_without_limit(void **state)
{
    desk *d = *state;
    run(d, 0, FROM, 0);
    assert_int_equal(od__sender_room(d->engine, FROM), INT32_MAX);
    assert_true(od__sender_next_ms(d->engine, FROM) == OD_NEVER);
    assert_true(od__sender_take(d->engine, FROM));
    od__sender_undo(d->engine, FROM);
    od__sender_slow(d->engine, FROM, 1000);
    assert_int_equal(d->engine->senders_len, 0);
}

/* Never more than the limit in a minute, and all of it; at once a twentieth of
 * a second's worth, at least one. */
static void test_sender_rates(void **state)
{
    static const int32_t rates[] = {6, 60, 600, 60000, 600000};
    desk *d = *state;
    for (size_t i = 0; i < OD__LEN(rates); i++) {
        uint64_t from = FROM + i;
        int32_t at_once = rates[i] / 1200 > 1 ? rates[i] / 1200 : 1;
        run(d, 0, from, rates[i]);
        assert_int_equal(od__sender_room(d->engine, from), at_once);
        assert_int_equal(take_all(d, from), at_once);
        assert_int_equal(od__sender_room(d->engine, from), 0);
        assert_in_range(take_for(d, from, 60000), rates[i] - 1, rates[i]);
    }
}

/* One a minute is one a minute, at most. */
static void test_sender_slowest(void **state)
{
    desk *d = *state;
    run(d, 0, FROM, 1);
    assert_true(od__sender_take(d->engine, FROM));
    int64_t next = od__sender_next_ms(d->engine, FROM);
    assert_in_range(next - d->engine->now.mono_ms, 60000, 65000);
    pass(d, next - d->engine->now.mono_ms - 1);
    assert_false(od__sender_take(d->engine, FROM));
    pass(d, 1);
    assert_true(od__sender_take(d->engine, FROM));
}

static void test_sender_least_of_all(void **state)
{
    desk *d = *state;
    run(d, 0, FROM, 600);
    run(d, 1, FROM, 60);
    run(d, 2, FROM + 1, 6000);
    run(d, 3, FROM, 0);
    assert_in_range(take_for(d, FROM, 10000), 10, 12);
    assert_in_range(take_for(d, FROM + 1, 10000), 1000, 1006);
    d->active[1].running = false;
    assert_in_range(take_for(d, FROM, 10000), 100, 102);
    /* A campaign that calls limits no texts. */
    d->active[0].record.channel = OD_CHANNEL_VOICE;
    od__senders_turn(d->engine);
    assert_int_equal(od__sender_room(d->engine, FROM), INT32_MAX);
}

/* Pausing and resuming is no way around the limit. */
static void test_sender_stop_and_start(void **state)
{
    desk *d = *state;
    int taken = 0;
    for (int i = 0; i < 1000; i++) {
        run(d, 0, FROM, 60);
        taken += take_all(d, FROM);
        d->active[0].running = false;
        pass(d, 10);
    }
    assert_in_range(taken, 10, 12); /* in ten seconds */
}

static void test_sender_undo(void **state)
{
    desk *d = *state;
    run(d, 0, FROM, 60);
    assert_true(od__sender_take(d->engine, FROM));
    assert_false(od__sender_take(d->engine, FROM));
    od__sender_undo(d->engine, FROM);
    assert_true(od__sender_take(d->engine, FROM));
    assert_false(od__sender_take(d->engine, FROM));
}

static void test_sender_slows_and_grows_back(void **state)
{
    desk *d = *state;
    run(d, 0, FROM, 6000);
    run(d, 1, FROM + 1, 6000);
    od__sender_slow(d->engine, FROM, 0);
    od__sender_slow(d->engine, FROM, 0); /* of the same burst */
    assert_int_equal(d->engine->senders[0].meter.rate_milli, 50000);
    assert_int_equal(d->engine->senders[1].meter.rate_milli, 100000);
    (void)take_all(d, FROM);
    assert_in_range(take_for(d, FROM, 1000), 45, 55);
    /* A new limit leaves it slow. */
    run(d, 0, FROM, 12000);
    assert_in_range(d->engine->senders[0].meter.rate_milli, 50000, 60000);
    pass(d, 20000);
    assert_int_equal(d->engine->senders[0].meter.rate_milli, 200000);
    od__sender_slow(d->engine, FROM, 30000);
    assert_int_equal(od__sender_room(d->engine, FROM), 0);
    assert_true(od__sender_next_ms(d->engine, FROM) ==
                d->engine->now.mono_ms + 30000);
    pass(d, 30000);
    assert_true(od__sender_take(d->engine, FROM));
}

/* More caller IDs than there is room for come and go: those that nobody uses
 * give way, those in use are limited. */
static void test_sender_rows_are_used_again(void **state)
{
    desk *d = *state;
    run(d, 0, FROM, 60);
    for (uint64_t i = 1; i < 100; i++) {
        run(d, 1, FROM + i, 60);
        assert_true(od__sender_room(d->engine, FROM + i) <= 1);
        assert_true(d->engine->senders_len <= 2 * CAMPAIGNS);
        assert_true(od__sender_room(d->engine, FROM) <= 1);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_sender_without_limit),
        T(test_sender_rates),
        T(test_sender_slowest),
        T(test_sender_least_of_all),
        T(test_sender_stop_and_start),
        T(test_sender_undo),
        T(test_sender_slows_and_grows_back),
        T(test_sender_rows_are_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
