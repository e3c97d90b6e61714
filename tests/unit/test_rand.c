/*
 * test_rand.c - the published sequence, even spread, seeds of the system.
 */
#include "support/test.h"

#include "base/base.h"

static void test_rand_is_splitmix64(void **state)
{
    (void)state;
    /* The first numbers of the reference implementation for this seed. */
    static const uint64_t expected[] = {
        6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
        4593380528125082431u, 16408922859458223821u};
    od__rand rand = {1234567};
    for (size_t i = 0; i < OD__LEN(expected); i++) {
        assert_int_equal(od__rand_next(&rand), expected[i]);
    }
}

static void test_rand_below_is_even(void **state)
{
    (void)state;
    od__rand rand = {od_test_seed(2)};
    int counts[7] = {0};
    for (int i = 0; i < 70000; i++) {
        uint64_t value = od__rand_below(&rand, 7);
        assert_true(value < 7);
        counts[value]++;
    }
    for (size_t i = 0; i < 7; i++) {
        assert_in_range(counts[i], 9500, 10500);
    }
    assert_int_equal(od__rand_below(&rand, 1), 0);
    uint64_t wide = (UINT64_MAX / 2) + 2; /* nearly half are refused */
    for (int i = 0; i < 100; i++) {
        assert_true(od__rand_below(&rand, wide) < wide);
    }
}

static void test_rand_system_seeds_differ(void **state)
{
    (void)state;
    od__rand a = {0};
    od__rand b = {0};
    assert_int_equal(od__rand_system(&a), OD_OK);
    assert_int_equal(od__rand_system(&b), OD_OK);
    assert_true(a.state != b.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rand_is_splitmix64),
        cmocka_unit_test(test_rand_below_is_even),
        cmocka_unit_test(test_rand_system_seeds_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
