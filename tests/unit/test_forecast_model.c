/*
 * test_forecast_model.c - calls as they are drawn: the shares come out, a call
 * does not depend on those before it, and each end has its times.
 */
#include "support/test.h"

#include "core/forecast.h"

#include <inttypes.h>

#define DRAWS 100000
#define RING_OUT 30000

static od__model model_of(uint64_t seed)
{
    od__model m = {
        .seed = seed, .total = 1000, .ring_ms = 9000, .talk_ms = 20000};
    m.shares[OD_DISPOSITION_ANSWERED] = 300;
    m.shares[OD_DISPOSITION_BUSY] = 50;
    m.shares[OD_DISPOSITION_DECLINED] = 20;
    m.shares[OD_DISPOSITION_NOT_FOUND] = 10;
    return m;
}

static void share_is(int64_t count, int64_t per_1000)
{
    int64_t want = DRAWS * per_1000 / 1000;
    int64_t differ = count > want ? count - want : want - count;
    /* Five standard deviations, at most. */
    if (differ * differ > 25 * want) {
        fail_msg("%" PRId64 " of %d, not about %" PRId64, count, DRAWS, want);
    }
}

/* Over phones at their first call, and over the calls of one phone. */
static void test_forecast_model_shares(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        od__model m = model_of(7);
        int64_t counts[OD_DISPOSITIONS] = {0};
        for (uint32_t i = 0; i < DRAWS; i++) {
            od__fate fate;
            od__model_draw(&m, way == 0 ? 12125550000 + i : 12125550000,
                           way == 0 ? 0 : i, RING_OUT, &fate);
            counts[fate.disposition]++;
        }
        share_is(counts[OD_DISPOSITION_ANSWERED], 300);
        share_is(counts[OD_DISPOSITION_BUSY], 50);
        share_is(counts[OD_DISPOSITION_DECLINED], 20);
        share_is(counts[OD_DISPOSITION_NOT_FOUND], 10);
        share_is(counts[OD_DISPOSITION_NO_ANSWER], 620);
    }
}

static void test_forecast_model_order_and_seed(void **state)
{
    (void)state;
    od__model m = model_of(1);
    od__model other = model_of(2);
    int differ = 0;
    for (uint64_t phone = 12125550000; phone < 12125550500; phone++) {
        od__fate a;
        od__fate b;
        od__fate c;
        od__model_draw(&m, phone, 2, RING_OUT, &a);
        od__model_draw(&m, phone + 1, 0, RING_OUT, &b);
        od__model_draw(&m, phone, 2, RING_OUT, &b);
        assert_int_equal(a.disposition, b.disposition);
        od__model_draw(&other, phone, 2, RING_OUT, &c);
        differ += c.disposition != a.disposition ? 1 : 0;
    }
    assert_true(differ > 100);
}

static void test_forecast_model_times(void **state)
{
    (void)state;
    for (int32_t end = 1; end < OD_DISPOSITIONS; end++) {
        od__model m = {.total = 5, .ring_ms = 9000, .talk_ms = 20000};
        od__fate fate;
        m.shares[end] = 5;
        od__model_draw(&m, 12125550000, 0, RING_OUT, &fate);
        bool answered = end == OD_DISPOSITION_ANSWERED ||
                        end == OD_DISPOSITION_UNFINISHED ||
                        end == OD_DISPOSITION_MACHINE;
        assert_int_equal(fate.disposition, end);
        assert_int_equal(fate.answered, answered);
        assert_int_equal(fate.talk_ms, answered ? 20000 : 0);
        assert_int_equal(fate.ring_ms == 9000,
                         answered || end == OD_DISPOSITION_DECLINED);
        /* Nobody rings longer than the campaign lets it. */
        od__model_draw(&m, 12125550000, 0, 5000, &fate);
        assert_true(fate.ring_ms <= 5000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forecast_model_shares),
        cmocka_unit_test(test_forecast_model_order_and_seed),
        cmocka_unit_test(test_forecast_model_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
