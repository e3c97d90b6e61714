/*
 * test_events.c - the queue of events: nothing dropped, nothing early.
 */
#include "support/test.h"

#include "core/core.h"

#define ROOM 256

static int setup(void **state)
{
    od_engine *engine = calloc(1, sizeof *engine);
    assert_non_null(engine);
    engine->events.rows = calloc(ROOM, sizeof *engine->events.rows);
    assert_non_null(engine->events.rows);
    engine->events.room = ROOM;
    engine->deadline_ms = OD_NEVER;
    *state = engine;
    return 0;
}

static int teardown(void **state)
{
    od_engine *engine = *state;
    free(engine->events.rows);
    free(engine);
    return 0;
}

static void put(od_engine *engine, od_id attempt)
{
    od_event *e = od__events_put(engine, OD_EVENT_CALL_DIALING);
    e->u.call.attempt = attempt;
}

static od_id take(od_engine *engine)
{
    od_event e;
    return od_engine_next_event(engine, &e) ? e.u.call.attempt : 0;
}

static void test_events_in_order_when_shown(void **state)
{
    od_engine *engine = *state;
    put(engine, 1);
    put(engine, 2);
    assert_int_equal(take(engine), 0); /* not durable yet */
    od__events_show(engine);
    put(engine, 3);
    assert_int_equal(take(engine), 1);
    assert_int_equal(take(engine), 2);
    assert_int_equal(take(engine), 0);
    od__events_show(engine);
    assert_int_equal(take(engine), 3);
    assert_int_equal(take(engine), 0);
}

static void test_events_none_leaves_out_alone(void **state)
{
    od_engine *engine = *state;
    od_event e;
    memset(&e, 0x5a, sizeof e);
    od_event same = e;
    assert_false(od_engine_next_event(engine, &e));
    assert_memory_equal(&e, &same, sizeof e);
    assert_false(od_engine_next_event(NULL, &e));
    put(engine, 1);
    od__events_show(engine);
    assert_false(od_engine_next_event(engine, NULL));
    assert_int_equal(take(engine), 1);
}

static void test_events_are_zeroed_and_dated(void **state)
{
    od_engine *engine = *state;
    od_event e;
    memset(engine->events.rows, 0x5a, ROOM * sizeof *engine->events.rows);
    engine->now.utc_ms = 77;
    (void)od__events_put(engine, OD_EVENT_TRUNK);
    od__events_show(engine);
    assert_true(od_engine_next_event(engine, &e));
    assert_int_equal(e.type, OD_EVENT_TRUNK);
    assert_int_equal(e.utc_ms, 77);
    assert_string_equal(e.u.trunk.trunk, "");
    assert_false(e.u.trunk.up);
}

/* Promised places are nobody else's, until they are used or given back. */
static void test_events_promises_hold(void **state)
{
    od_engine *engine = *state;
    assert_true(od__events_promise(engine, ROOM - 1));
    assert_true(od__events_has_room(engine));
    put(engine, 1); /* of no call */
    assert_false(od__events_has_room(engine));
    assert_false(od__events_promise(engine, 1));
    od__events_release(engine, 1); /* a call makes an event */
    put(engine, 2);
    assert_false(od__events_has_room(engine));
    od__events_release(engine, 1); /* a call ends with one left over */
    assert_true(od__events_has_room(engine));
    assert_true(od__events_promise(engine, 1));
    assert_false(od__events_promise(engine, 1));
}

static void test_events_full_until_read(void **state)
{
    od_engine *engine = *state;
    for (int i = 1; i <= ROOM; i++) {
        assert_true(od__events_has_room(engine));
        put(engine, i);
    }
    assert_false(od__events_has_room(engine));
    assert_false(od__events_promise(engine, 1));
    assert_true(od__events_promise(engine, 0));
    od__events_show(engine);
    assert_int_equal(take(engine), 1);
    assert_true(od__events_promise(engine, 1));
    assert_false(od__events_has_room(engine));
}

/* Round and round the ring: all come out, in order. */
static void test_events_wrap(void **state)
{
    od_engine *engine = *state;
    od_id in = 0;
    od_id out = 0;
    for (int round = 0; round < 1000; round++) {
        for (int i = 0; i < 7 * (round % 30) && od__events_has_room(engine);
             i++) {
            put(engine, ++in);
        }
        od__events_show(engine);
        for (int i = 0; i < 5 * (round % 37); i++) {
            od_id got = take(engine);
            if (got == 0) {
                break;
            }
            assert_int_equal(got, ++out);
        }
    }
    for (od_id got = take(engine); got != 0; got = take(engine)) {
        assert_int_equal(got, ++out);
    }
    assert_int_equal(in, out);
    assert_true(in > 10 * ROOM);
}

/* A fault is told while nothing else may be. */
static void test_events_fault_has_its_own_place(void **state)
{
    od_engine *engine = *state;
    od_event e;
    for (int i = 1; i <= ROOM; i++) {
        put(engine, i);
    }
    engine->events.fault.type = OD_EVENT_FAULT;
    engine->events.has_fault = true;
    assert_true(od_engine_next_event(engine, &e));
    assert_int_equal(e.type, OD_EVENT_FAULT);
    assert_false(od_engine_next_event(engine, &e));
}

/* Who waits for room is woken by the first event that is read. */
static void test_events_reading_wakes(void **state)
{
    od_engine *engine = *state;
    engine->now.mono_ms = 500;
    put(engine, 1);
    put(engine, 2);
    od__events_show(engine);
    assert_int_equal(take(engine), 1);
    assert_true(engine->deadline_ms == OD_NEVER);
    engine->events_short = true;
    assert_int_equal(take(engine), 2);
    assert_int_equal(engine->deadline_ms, 500);
    assert_false(engine->events_short);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_events_in_order_when_shown, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_events_none_leaves_out_alone,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_events_are_zeroed_and_dated,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_events_promises_hold, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_events_full_until_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_events_wrap, setup, teardown),
        cmocka_unit_test_setup_teardown(test_events_fault_has_its_own_place,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_events_reading_wakes, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
