/*
 * test_tmr_wheel.c - libre's timer interface on our wheel, in virtual time.
 *
 * This program has its own od_now_read(), so the library's clock is not linked
 * and time moves only when a test says so.
 */
#include "support/test.h"

#include "base/base.h"

#include "transport/sip/libre.h"

#include <limits.h>
#include <pthread.h>

static _Thread_local int64_t clock_ms = 1000;

void od_now_read(od_now *out)
{
    out->mono_ms = clock_ms;
    out->utc_ms = 0;
}

/* A timer that writes down when it fired. */
typedef struct probe {
    struct tmr tmr;
    int64_t at_ms; /* when it should */
    int64_t fired_ms;
    uint64_t fired_nth;
    int fired;
    struct probe *other; /* cancelled when this one fires */
    uint64_t again_ms;   /* started anew when it fires */
} probe;

static _Thread_local uint64_t fired_total;

static void on_fire(void *arg)
{
    probe *p = arg;
    assert_false(tmr_isrunning(&p->tmr));
    p->fired++;
    p->fired_ms = clock_ms;
    p->fired_nth = ++fired_total;
    if (p->other != NULL) {
        tmr_cancel(&p->other->tmr);
    }
    if (p->again_ms != 0) {
        tmr_start(&p->tmr, p->again_ms, on_fire, p);
    }
}

static void start(probe *p, uint64_t delay_ms)
{
    p->at_ms = clock_ms + (int64_t)delay_ms;
    tmr_start(&p->tmr, delay_ms, on_fire, p);
}

/* Run the loop as libre does, to `until_ms`. */
static void run(int64_t until_ms)
{
    while (clock_ms < until_ms) {
        tmr_poll(NULL);
        uint64_t wait = tmr_next_timeout(NULL);
        int64_t left = until_ms - clock_ms;
        clock_ms += wait == 0 || wait > (uint64_t)left ? left : (int64_t)wait;
    }
    tmr_poll(NULL);
}

static void test_wheel_fires_at_its_time(void **state)
{
    (void)state;
    static const uint64_t delays[] = {
        0,     1,      2,      62,     63,       64,       65,
        127,   128,    500,    4095,   4096,     4097,     8191,
        32000, 262143, 262144, 262145, 16777215, 16777216, 16777217};
    for (size_t i = 0; i < OD__LEN(delays); i++) {
        probe p = {.at_ms = 0};
        start(&p, delays[i]);
        int64_t at_ms = p.at_ms;
        assert_int_equal(tmr_get_expire(&p.tmr), delays[i]);
        if (delays[i] > 0) {
            run(at_ms - 1);
            assert_int_equal(p.fired, 0);
        }
        run(at_ms + 1);
        assert_int_equal(p.fired, 1);
        assert_true(p.fired_ms >= at_ms);
        assert_true(p.fired_ms <= at_ms + 1);
        assert_int_equal(tmr_get_expire(&p.tmr), 0);
    }
}

static void test_wheel_keeps_order(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    static probe probes[COUNT];
    memset(probes, 0, sizeof probes);
    od__rand rand = {od_test_seed(7)};
    /* Started at different times, many of them for the same time. */
    for (int i = 0; i < COUNT; i++) {
        start(&probes[i], od__rand_below(&rand, 9000));
        if (i % 10 == 9) {
            run(clock_ms + (int64_t)od__rand_below(&rand, 20));
        }
    }
    run(clock_ms + 20000);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(probes[i].fired, 1);
        for (int j = i > 200 ? i - 200 : 0; j < i; j++) {
            if (probes[j].at_ms == probes[i].at_ms) {
                assert_true(probes[j].fired_nth < probes[i].fired_nth);
            } else if (probes[j].at_ms > clock_ms - 20000) {
                assert_true((probes[j].at_ms < probes[i].at_ms) ==
                            (probes[j].fired_nth < probes[i].fired_nth));
            }
        }
    }
}

static void test_wheel_waits_exactly(void **state)
{
    (void)state;
    probe p = {.at_ms = 0};
    run(clock_ms + 1);
    assert_int_equal(tmr_next_timeout(NULL), 0);
    start(&p, 40);
    assert_in_range(tmr_next_timeout(NULL), 1, 40);
    /* A loop that is told the way wakes seldom. */
    start(&p, 32000);
    int wakes = 0;
    while (p.fired == 0) {
        clock_ms += (int64_t)tmr_next_timeout(NULL);
        tmr_poll(NULL);
        wakes++;
    }
    assert_int_equal(clock_ms, p.at_ms);
    assert_in_range(wakes, 1, 6);
    start(&p, UINT64_C(1) << 40);
    assert_int_equal(tmr_next_timeout(NULL), INT_MAX);
    tmr_cancel(&p.tmr);
    assert_int_equal(tmr_next_timeout(NULL), 0);
}

static void test_wheel_cancel_and_restart(void **state)
{
    (void)state;
    probe a = {.at_ms = 0};
    probe b = {.at_ms = 0};
    start(&a, 10);
    start(&b, 10);
    tmr_cancel(&a.tmr);
    assert_false(tmr_isrunning(&a.tmr));
    tmr_cancel(&a.tmr);
    start(&b, 50); /* moves it */
    run(clock_ms + 40);
    assert_int_equal(b.fired, 0);
    run(clock_ms + 11);
    assert_int_equal(a.fired, 0);
    assert_int_equal(b.fired, 1);
    tmr_start(NULL, 1, on_fire, NULL);
    tmr_cancel(NULL);
    tmr_init(NULL);
}

static void test_wheel_handler_cancels_neighbour(void **state)
{
    (void)state;
    /* Both due at once: the first takes the second away. */
    probe a = {.at_ms = 0};
    probe b = {.at_ms = 0};
    probe c = {.at_ms = 0};
    a.other = &b;
    start(&a, 100);
    start(&b, 100);
    start(&c, 100);
    run(clock_ms + 200);
    assert_int_equal(a.fired, 1);
    assert_int_equal(b.fired, 0);
    assert_int_equal(c.fired, 1);
}

static void test_wheel_handler_restarts_itself(void **state)
{
    (void)state;
    probe p = {.at_ms = 0};
    p.again_ms = 64;
    start(&p, 64);
    run(clock_ms + 64 * 100 + 1);
    assert_int_equal(p.fired, 100);
    tmr_cancel(&p.tmr);
}

/* Handlers start timers for times that others, started long before, share. */
static probe *late;

static void on_start_late(void *arg)
{
    (void)arg;
    start(late, 6);
}

static void test_wheel_handler_starts_beyond_a_boundary(void **state)
{
    (void)state;
    clock_ms = (clock_ms / 4096 + 2) * 4096;
    tmr_poll(NULL);
    int64_t edge_ms = clock_ms + 4096;
    probe before = {.at_ms = 0};
    probe after = {.at_ms = 0};
    struct tmr starter = {.th = NULL};
    late = &after;
    start(&before, 4096 + 3);
    tmr_start(&starter, 4096 - 1, on_start_late, NULL);
    /* One poll that is late for all of them. */
    clock_ms = edge_ms - 1;
    tmr_poll(NULL);
    clock_ms = edge_ms + 50;
    tmr_poll(NULL);
    assert_int_equal(before.fired, 1);
    assert_int_equal(after.fired, 1);
    assert_true(before.fired_nth < after.fired_nth);
}

static void test_wheel_far_timers(void **state)
{
    (void)state;
    const uint64_t year = UINT64_C(31536000000);
    probe far[3] = {{.at_ms = 0}};
    start(&far[0], 5 * year);
    start(&far[1], 1 * year);
    start(&far[2], UINT64_MAX);
    int wakes = 0;
    while (far[0].fired == 0 && wakes < 20000) {
        clock_ms += (int64_t)tmr_next_timeout(NULL);
        tmr_poll(NULL);
        wakes++;
    }
    assert_int_equal(far[1].fired, 1);
    assert_int_equal(far[0].fired, 1);
    assert_int_equal(far[0].fired_ms, far[0].at_ms);
    assert_int_equal(far[2].fired, 0);
    tmr_cancel(&far[2].tmr);
    assert_int_equal(tmr_next_timeout(NULL), 0);
}

static void test_wheel_loop_that_was_stopped(void **state)
{
    (void)state;
    probe p[3] = {{.at_ms = 0}};
    start(&p[0], 5);
    start(&p[1], 70000);
    start(&p[2], 3000000);
    clock_ms += 1000000; /* the process was stopped for long */
    tmr_poll(NULL);
    assert_int_equal(p[0].fired + p[1].fired + p[2].fired, 2);
    run(p[2].at_ms - 1);
    assert_int_equal(p[2].fired, 0);
    run(p[2].at_ms);
    assert_int_equal(p[2].fired, 1);
}

static void test_wheel_100000_timers(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    probe *probes = calloc(COUNT, sizeof *probes);
    assert_non_null(probes);
    od__rand rand = {od_test_seed(11)};
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < COUNT; i++) {
            start(&probes[i], od__rand_below(&rand, 64000));
        }
        run(clock_ms + 1);
    }
    for (int i = 0; i < COUNT; i++) {
        probes[i].fired = 0;
        start(&probes[i], 1 + od__rand_below(&rand, 64000));
    }
    for (int i = 0; i < COUNT; i += 2) {
        tmr_cancel(&probes[i].tmr);
    }
    run(clock_ms + 64001);
    int64_t last_ms = 0;
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(probes[i].fired, i % 2);
        if (i % 2 == 1) {
            assert_int_equal(probes[i].fired_ms, probes[i].at_ms);
            last_ms =
                probes[i].fired_ms > last_ms ? probes[i].fired_ms : last_ms;
        }
    }
    assert_true(last_ms > 0);
    assert_int_equal(tmr_next_timeout(NULL), 0);
    free(probes);
}

/* Compare with a plain model under random starts, cancels and jumps. */
static void test_wheel_agrees_with_a_list(void **state)
{
    (void)state;
    enum { COUNT = 200, ROUNDS = 20000 };
    static probe probes[COUNT];
    memset(probes, 0, sizeof probes);
    od__rand rand = {od_test_seed(13)};
    for (int round = 0; round < ROUNDS; round++) {
        probe *p = &probes[od__rand_below(&rand, COUNT)];
        switch (od__rand_below(&rand, 4)) {
        case 0:
            tmr_cancel(&p->tmr);
            break;
        case 1:
            clock_ms += (int64_t)od__rand_below(
                &rand, UINT64_C(1) << od__rand_below(&rand, 20));
            tmr_poll(NULL);
            for (int i = 0; i < COUNT; i++) {
                assert_true(!tmr_isrunning(&probes[i].tmr) ||
                            probes[i].at_ms > clock_ms);
            }
            break;
        default:
            start(p, od__rand_below(&rand, UINT64_C(1)
                                               << od__rand_below(&rand, 24)));
            break;
        }
        int64_t first_ms = INT64_MAX;
        for (int i = 0; i < COUNT; i++) {
            if (tmr_isrunning(&probes[i].tmr) && probes[i].at_ms < first_ms) {
                first_ms = probes[i].at_ms;
            }
        }
        uint64_t wait = tmr_next_timeout(NULL);
        if (first_ms == INT64_MAX) {
            assert_int_equal(wait, 0);
        } else {
            assert_true(wait >= 1);
            assert_true((int64_t)wait <= first_ms - clock_ms || wait == 1);
        }
    }
    for (int i = 0; i < COUNT; i++) {
        tmr_cancel(&probes[i].tmr);
    }
}

/* -- threads ------------------------------------------------------------- */

static void *other_thread(void *arg)
{
    probe *mine = arg;
    clock_ms = 777000;
    if (tmr_next_timeout(NULL) != 0) {
        return NULL; /* sees the timers of another thread */
    }
    start(mine, 30);
    run(clock_ms + 40);
    return mine->fired == 1 && fired_total == 1 ? mine : NULL;
}

static void test_wheel_is_per_thread(void **state)
{
    (void)state;
    probe here = {.at_ms = 0};
    probe there = {.at_ms = 0};
    start(&here, 30);
    pthread_t thread;
    void *result = NULL;
    assert_int_equal(pthread_create(&thread, NULL, other_thread, &there), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, &there);
    assert_int_equal(here.fired, 0);
    run(clock_ms + 31);
    assert_int_equal(here.fired, 1);
    assert_int_equal(there.fired, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wheel_fires_at_its_time),
        cmocka_unit_test(test_wheel_keeps_order),
        cmocka_unit_test(test_wheel_waits_exactly),
        cmocka_unit_test(test_wheel_cancel_and_restart),
        cmocka_unit_test(test_wheel_handler_cancels_neighbour),
        cmocka_unit_test(test_wheel_handler_restarts_itself),
        cmocka_unit_test(test_wheel_handler_starts_beyond_a_boundary),
        cmocka_unit_test(test_wheel_far_timers),
        cmocka_unit_test(test_wheel_loop_that_was_stopped),
        cmocka_unit_test(test_wheel_100000_timers),
        cmocka_unit_test(test_wheel_agrees_with_a_list),
        cmocka_unit_test(test_wheel_is_per_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
