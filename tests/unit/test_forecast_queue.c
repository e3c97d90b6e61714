/*
 * test_forecast_queue.c - numbers leave a queue by due time, then by phone,
 * whatever came in between.
 */
#include "support/test.h"

#include "core/forecast.h"

#include <inttypes.h>
#include <stdlib.h>

#define NUMBERS 3000

static bool is_before(const od__number *a, const od__number *b)
{
    return a->due_utc_ms < b->due_utc_ms ||
           (a->due_utc_ms == b->due_utc_ms && a->phone < b->phone);
}

static void test_forecast_queue_one(void **state)
{
    (void)state;
    od__number row = {.phone = 1};
    uint32_t first = 0;
    od__queue_put(&row, &first, 1);
    assert_int_equal(first, 1);
    assert_int_equal(od__queue_take(&row, &first), 1);
    assert_int_equal(first, 0);
}

/* The one that is taken is the least of those that are in. */
static void test_forecast_queue_random(void **state)
{
    static od__number rows[NUMBERS];
    static bool in[NUMBERS];
    (void)state;
    od__rand rand = {.state = 20270310};
    uint32_t first = 0;
    size_t len = 0;
    print_message("seed %" PRIu64 "\n", rand.state);
    memset(rows, 0, sizeof rows);
    memset(in, 0, sizeof in);
    for (int turn = 0; turn < 20000; turn++) {
        size_t at = (size_t)od__rand_below(&rand, NUMBERS);
        if (!in[at]) {
            rows[at].phone = 1000 + at;
            rows[at].due_utc_ms = (int64_t)od__rand_below(&rand, 500);
            od__queue_put(rows, &first, (uint32_t)at + 1);
            in[at] = true;
            len++;
        }
        if (od__rand_below(&rand, 3) == 0 && len > 0) {
            uint32_t taken = od__queue_take(rows, &first);
            for (size_t i = 0; i < NUMBERS; i++) {
                assert_false(in[i] && is_before(&rows[i], &rows[taken - 1]));
            }
            assert_true(in[taken - 1]);
            in[taken - 1] = false;
            len--;
        }
    }
    assert_true(len > 100);
    for (; len > 0; len--) {
        in[od__queue_take(rows, &first) - 1] = false;
    }
    assert_int_equal(first, 0);
    for (size_t i = 0; i < NUMBERS; i++) {
        assert_false(in[i]);
    }
}

/* Put in order and in reverse: deep chains take no stack and no age. */
static void test_forecast_queue_long(void **state)
{
    enum { LEN = 200000 };
    od__number *rows = calloc(LEN, sizeof *rows);
    (void)state;
    assert_non_null(rows);
    for (int way = 0; way < 2; way++) {
        uint32_t first = 0;
        for (uint32_t i = 0; i < LEN; i++) {
            rows[i].phone = i;
            rows[i].due_utc_ms = way == 0 ? i : LEN - (int64_t)i;
            od__queue_put(rows, &first, i + 1);
        }
        for (uint32_t i = 0; i < LEN; i++) {
            assert_int_equal(od__queue_take(rows, &first),
                             way == 0 ? i + 1 : LEN - i);
        }
        assert_int_equal(first, 0);
    }
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forecast_queue_one),
        cmocka_unit_test(test_forecast_queue_random),
        cmocka_unit_test(test_forecast_queue_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
