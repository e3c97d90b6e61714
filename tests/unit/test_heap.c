/*
 * test_heap.c - the heap of deadlines against a plain search.
 */
#include "support/test.h"

#include "base/base.h"

#define TIMERS 100

static void test_heap_is_ordered(void **state)
{
    (void)state;
    od__heap heap;
    od__timer timers[5] = {{0}};
    static const int64_t at[5] = {30, 10, OD_NEVER, -4, 20};
    assert_int_equal(od__heap_init(&heap, 5, NULL), OD_OK);
    assert_null(od__heap_first(&heap));
    for (uint32_t i = 0; i < 5; i++) {
        timers[i].id = i;
        od__heap_set(&heap, &timers[i], at[i]);
    }
    static const uint32_t order[5] = {3, 1, 4, 0, 2};
    for (size_t i = 0; i < 5; i++) {
        od__timer *first = od__heap_first(&heap);
        assert_int_equal(first->id, order[i]);
        od__heap_unset(&heap, first);
        assert_int_equal(first->index, 0);
    }
    assert_null(od__heap_first(&heap));
    od__heap_clear(&heap, NULL);
}

static void test_heap_breaks_ties_by_id(void **state)
{
    (void)state;
    od__heap heap;
    od__timer timers[TIMERS] = {{0}};
    assert_int_equal(od__heap_init(&heap, TIMERS, NULL), OD_OK);
    for (uint32_t i = 0; i < TIMERS; i++) {
        timers[i].id = (i * 37) % TIMERS;
        od__heap_set(&heap, &timers[i], 5);
    }
    for (uint32_t i = 0; i < TIMERS; i++) {
        od__timer *first = od__heap_first(&heap);
        assert_int_equal(first->id, i);
        od__heap_unset(&heap, first);
    }
    od__heap_clear(&heap, NULL);
}

static void test_heap_clear_lets_timers_go(void **state)
{
    (void)state;
    od__heap heap;
    od__timer timer = {0};
    assert_int_equal(od__heap_init(&heap, 1, NULL), OD_OK);
    od__heap_unset(&heap, &timer); /* not in it: nothing happens */
    od__heap_set(&heap, &timer, 1);
    od__heap_clear(&heap, NULL);
    assert_int_equal(timer.index, 0);
    assert_null(heap.items);
}

static void *no_memory(void *ctx, size_t bytes)
{
    (void)ctx;
    (void)bytes;
    return NULL;
}

static void no_free(void *ctx, void *block)
{
    (void)ctx;
    (void)block;
}

static void test_heap_without_memory(void **state)
{
    (void)state;
    od__heap heap;
    const od_allocator none = {.alloc = no_memory, .free = no_free};
    assert_int_equal(od__heap_init(&heap, 4, &none), OD_ERR_MEMORY);
}

static od__timer *search(od__timer *timers)
{
    od__timer *best = NULL;
    for (size_t i = 0; i < TIMERS; i++) {
        od__timer *t = &timers[i];
        if (t->index != 0 && (best == NULL || t->at_ms < best->at_ms ||
                              (t->at_ms == best->at_ms && t->id < best->id))) {
            best = t;
        }
    }
    return best;
}

static void test_heap_equals_a_search(void **state)
{
    (void)state;
    od__rand rand = {od_test_seed(1)};
    od__heap heap;
    od__timer timers[TIMERS] = {{0}};
    assert_int_equal(od__heap_init(&heap, TIMERS, NULL), OD_OK);
    for (uint32_t i = 0; i < TIMERS; i++) {
        timers[i].id = i;
    }
    for (int round = 0; round < 20000; round++) {
        od__timer *timer = &timers[od__rand_below(&rand, TIMERS)];
        if (od__rand_below(&rand, 3) == 0) {
            od__heap_unset(&heap, timer);
        } else {
            od__heap_set(&heap, timer, (int64_t)od__rand_below(&rand, 50));
        }
        assert_ptr_equal(od__heap_first(&heap), search(timers));
        assert_true(timer->index <= heap.len);
    }
    od__heap_clear(&heap, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heap_is_ordered),
        cmocka_unit_test(test_heap_breaks_ties_by_id),
        cmocka_unit_test(test_heap_clear_lets_timers_go),
        cmocka_unit_test(test_heap_without_memory),
        cmocka_unit_test(test_heap_equals_a_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
