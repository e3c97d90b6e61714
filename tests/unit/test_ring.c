/*
 * test_ring.c - the queue between two threads.
 */
#include "support/test.h"

#include "base/base.h"

#include <pthread.h>
#include <sched.h>

typedef struct message {
    uint64_t number;
    uint64_t check;
    char text[24];
} message;

static void test_ring_keeps_order_and_bound(void **state)
{
    (void)state;
    od__ring *ring = od__ring_new(sizeof(int), 4);
    assert_non_null(ring);
    int got = -1;
    assert_true(od__ring_is_empty(ring));
    assert_false(od__ring_take(ring, &got));
    int next_in = 0;
    int next_out = 0;
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 4; i++) {
            assert_true(od__ring_put(ring, &next_in));
            next_in++;
        }
        assert_false(od__ring_put(ring, &next_in));
        assert_false(od__ring_is_empty(ring));
        for (int i = 0; i < 4; i++) {
            assert_true(od__ring_take(ring, &got));
            assert_int_equal(got, next_out);
            next_out++;
        }
        assert_false(od__ring_take(ring, &got));
        assert_true(od__ring_is_empty(ring));
    }
    od__ring_free(ring);
    od__ring_free(NULL);
}

static void test_ring_rounds_its_capacity_up(void **state)
{
    (void)state;
    od__ring *ring = od__ring_new(1, 5);
    assert_non_null(ring);
    const uint8_t item = 7;
    int count = 0;
    while (od__ring_put(ring, &item)) {
        count++;
    }
    assert_int_equal(count, 8);
    od__ring_free(ring);
    assert_null(od__ring_new(1024, SIZE_MAX / 2));
}

#define MESSAGES 100000

static void *put_messages(void *ctx)
{
    od__ring *ring = ctx;
    for (uint64_t i = 0; i < MESSAGES; i++) {
        message m = {.number = i, .check = ~i};
        (void)snprintf(m.text, sizeof m.text, "%llu", (unsigned long long)i);
        while (!od__ring_put(ring, &m)) {
            (void)sched_yield();
        }
    }
    return NULL;
}

static void test_ring_between_two_threads(void **state)
{
    (void)state;
    od__ring *ring = od__ring_new(sizeof(message), 64);
    assert_non_null(ring);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, put_messages, ring), 0);
    for (uint64_t i = 0; i < MESSAGES;) {
        message m;
        if (!od__ring_take(ring, &m)) {
            (void)sched_yield();
            continue;
        }
        assert_int_equal(m.number, i);
        assert_int_equal(m.check, ~i);
        assert_int_equal(strtoull(m.text, NULL, 10), i);
        i++;
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(od__ring_is_empty(ring));
    od__ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ring_keeps_order_and_bound),
        cmocka_unit_test(test_ring_rounds_its_capacity_up),
        cmocka_unit_test(test_ring_between_two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
