/*
 * test_calendar.c - days to dates and back, against counting by hand.
 */
#include "support/test.h"

#include "place/place.h"

static int month_len(int64_t year, int month)
{
    static const int lens[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : lens[month - 1];
}

static void test_calendar_counts_every_day_of_a_thousand_years(void **state)
{
    (void)state;
    int64_t days = od__days_of_date(1600, 1, 1);
    int weekday = 5; /* a Saturday */
    for (int64_t year = 1600; year < 2600; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 1; day <= month_len(year, month); day++, days++) {
                int64_t y;
                int m;
                int d;
                od__date_of_days(days, &y, &m, &d);
                assert_true(y == year && m == month && d == day);
                assert_true(od__days_of_date(year, month, day) == days);
                assert_int_equal(od__weekday_of_days(days), weekday);
                weekday = (weekday + 1) % 7;
            }
        }
    }
}

static void test_calendar_knows_landmarks(void **state)
{
    (void)state;
    assert_true(od__days_of_date(1970, 1, 1) == 0);
    assert_int_equal(od__weekday_of_days(0), 3);
    assert_true(od__days_of_date(2027, 3, 14) == 20891);
    assert_int_equal(od__weekday_of_days(20891), 6);
    assert_true(od__days_of_date(1969, 12, 31) == -1);
    assert_true(od__days_of_date(0, 3, 1) == -719468);
}

static void test_calendar_rounds_down(void **state)
{
    (void)state;
    int64_t rest;
    assert_true(od__floor_div(-1, 1000, &rest) == -1 && rest == 999);
    assert_true(od__floor_div(-1000, 1000, &rest) == -1 && rest == 0);
    assert_true(od__floor_div(999, 1000, &rest) == 0 && rest == 999);
    assert_true(od__floor_div(INT64_MIN, 1000, &rest) < 0 && rest >= 0);
}

/* Back and forth over all the years 64 bits of milliseconds can name. */
static void test_calendar_has_no_limit(void **state)
{
    (void)state;
    od__rand rand = {od_test_seed(11)};
    for (int i = 0; i < 100000; i++) {
        int64_t days =
            (int64_t)od__rand_below(&rand, 213503982334) - 106751991167;
        int64_t year;
        int month;
        int day;
        od__date_of_days(days, &year, &month, &day);
        assert_true(od__days_of_date(year, month, day) == days);
        assert_in_range(day, 1, month_len(year, month));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar_counts_every_day_of_a_thousand_years),
        cmocka_unit_test(test_calendar_knows_landmarks),
        cmocka_unit_test(test_calendar_rounds_down),
        cmocka_unit_test(test_calendar_has_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
