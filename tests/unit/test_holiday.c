/*
 * test_holiday.c - od__holidays_has against dates that were looked up, and
 * Easter against another algorithm.
 */
#include "support/test.h"

#include "place/place.h"

#define FIRST_YEAR 2024
#define LAST_YEAR 2032

static int64_t date(int32_t text)
{
    return od__days_of_date(text / 10000, text / 100 % 100, text % 100);
}

/* Are these (yyyymmdd, in order) all holidays of the years 2024 to 2032? */
static void check(const od__holiday *rows, size_t rows_len,
                  const int32_t *wanted, size_t wanted_len)
{
    od__holidays holidays = {"test", {{0}}, rows_len};
    memcpy(holidays.rows, rows, rows_len * sizeof *rows);
    size_t at = 0;
    for (int64_t day = od__days_of_date(FIRST_YEAR, 1, 1);
         day <= od__days_of_date(LAST_YEAR, 12, 31); day++) {
        bool is_wanted = at < wanted_len && date(wanted[at]) == day;
        if (od__holidays_has(&holidays, day) != is_wanted) {
            int64_t year;
            int month;
            int of_month;
            od__date_of_days(day, &year, &month, &of_month);
            fail_msg("%d-%02d-%02d is %s holiday", (int)year, month, of_month,
                     is_wanted ? "no" : "a");
        }
        at += is_wanted ? 1 : 0;
    }
    assert_int_equal(at, wanted_len);
}

#define CHECK(row, ...)                                                        \
    do {                                                                       \
        static const int32_t days[] = {__VA_ARGS__};                           \
        check(&row, 1, days, OD__LEN(days));                                   \
    } while (0)

static void test_holiday_fixed_is_its_date(void **state)
{
    (void)state;
    static const od__holiday flag = {
        .form = OD__HOLIDAY_FIXED, .month = 6, .day = 14};
    CHECK(flag, 20240614, 20250614, 20260614, 20270614, 20280614, 20290614,
          20300614, 20310614, 20320614);
    static const od__holiday leap = {
        .form = OD__HOLIDAY_FIXED, .month = 2, .day = 29};
    CHECK(leap, 20240229, 20280229, 20320229);
}

static void test_holiday_observed_days_count_too(void **state)
{
    (void)state;
    /* Saturday in 2026, Sunday in 2027 and 2032. */
    od__holiday july = {.form = OD__HOLIDAY_FIXED,
                        .month = 7,
                        .day = 4,
                        .observed = OD__OBSERVED_WEEKEND};
    CHECK(july, 20240704, 20250704, 20260703, 20260704, 20270704, 20270705,
          20280704, 20290704, 20300704, 20310704, 20320704, 20320705);
    july.observed = OD__OBSERVED_SUNDAY;
    CHECK(july, 20240704, 20250704, 20260704, 20270704, 20270705, 20280704,
          20290704, 20300704, 20310704, 20320704, 20320705);
    july.observed = OD__OBSERVED_NONE;
    CHECK(july, 20240704, 20250704, 20260704, 20270704, 20280704, 20290704,
          20300704, 20310704, 20320704);
    /* Saturday in 2028, Sunday in 2029. */
    static const od__holiday veterans = {.form = OD__HOLIDAY_FIXED,
                                         .month = 11,
                                         .day = 11,
                                         .observed = OD__OBSERVED_WEEKEND};
    CHECK(veterans, 20241111, 20251111, 20261111, 20271111, 20281110, 20281111,
          20291111, 20291112, 20301111, 20311111, 20321111);
}

/* January 1 is a Saturday in 2028 and 2033, December 31 a Sunday in 2023 and
 * 2028. */
static void test_holiday_observed_across_the_year_end(void **state)
{
    (void)state;
    static const od__holiday new_year = {.form = OD__HOLIDAY_FIXED,
                                         .month = 1,
                                         .day = 1,
                                         .observed = OD__OBSERVED_WEEKEND};
    CHECK(new_year, 20240101, 20250101, 20260101, 20270101, 20271231, 20280101,
          20290101, 20300101, 20310101, 20320101, 20321231);
    static const od__holiday new_years_eve = {.form = OD__HOLIDAY_FIXED,
                                              .month = 12,
                                              .day = 31,
                                              .observed = OD__OBSERVED_SUNDAY};
    CHECK(new_years_eve, 20240101, 20241231, 20251231, 20261231, 20271231,
          20281231, 20290101, 20291231, 20301231, 20311231, 20321231);
}

static void test_holiday_nth_weekday(void **state)
{
    (void)state;
    static const od__holiday king = {
        .form = OD__HOLIDAY_NTH, .month = 1, .weekday = 0, .nth = 3};
    CHECK(king, 20240115, 20250120, 20260119, 20270118, 20280117, 20290115,
          20300121, 20310120, 20320119);
    static const od__holiday presidents = {
        .form = OD__HOLIDAY_NTH, .month = 2, .weekday = 0, .nth = 3};
    CHECK(presidents, 20240219, 20250217, 20260216, 20270215, 20280221,
          20290219, 20300218, 20310217, 20320216);
    static const od__holiday labor = {
        .form = OD__HOLIDAY_NTH, .month = 9, .weekday = 0, .nth = 1};
    CHECK(labor, 20240902, 20250901, 20260907, 20270906, 20280904, 20290903,
          20300902, 20310901, 20320906);
    static const od__holiday columbus = {
        .form = OD__HOLIDAY_NTH, .month = 10, .weekday = 0, .nth = 2};
    CHECK(columbus, 20241014, 20251013, 20261012, 20271011, 20281009, 20291008,
          20301014, 20311013, 20321011);
    od__holiday thanksgiving = {
        .form = OD__HOLIDAY_NTH, .month = 11, .weekday = 3, .nth = 4};
    CHECK(thanksgiving, 20241128, 20251127, 20261126, 20271125, 20281123,
          20291122, 20301128, 20311127, 20321125);
    /* The day after is not always the fourth Friday. */
    thanksgiving.offset = 1;
    CHECK(thanksgiving, 20241129, 20251128, 20261127, 20271126, 20281124,
          20291123, 20301129, 20311128, 20321126);
    /* Only some years have a fifth Monday in January. */
    static const od__holiday fifth = {
        .form = OD__HOLIDAY_NTH, .month = 1, .weekday = 0, .nth = 5};
    CHECK(fifth, 20240129, 20280131, 20290129);
}

static void test_holiday_last_weekday(void **state)
{
    (void)state;
    static const od__holiday memorial = {
        .form = OD__HOLIDAY_LAST, .month = 5, .weekday = 0};
    CHECK(memorial, 20240527, 20250526, 20260525, 20270531, 20280529, 20290528,
          20300527, 20310526, 20320531);
    static const od__holiday december = {
        .form = OD__HOLIDAY_LAST, .month = 12, .weekday = 6};
    CHECK(december, 20241229, 20251228, 20261227, 20271226, 20281231, 20291230,
          20301229, 20311228, 20321226);
}

static void test_holiday_easter_and_what_hangs_on_it(void **state)
{
    (void)state;
    od__holiday row = {.form = OD__HOLIDAY_EASTER};
    CHECK(row, 20240331, 20250420, 20260405, 20270328, 20280416, 20290401,
          20300421, 20310413, 20320328);
    row.offset = -2; /* Good Friday */
    CHECK(row, 20240329, 20250418, 20260403, 20270326, 20280414, 20290330,
          20300419, 20310411, 20320326);
    row.offset = -47; /* Mardi Gras */
    CHECK(row, 20240213, 20250304, 20260217, 20270209, 20280229, 20290213,
          20300305, 20310225, 20320210);
    row.offset = 1; /* Easter Monday */
    CHECK(row, 20240401, 20250421, 20260406, 20270329, 20280417, 20290402,
          20300422, 20310414, 20320329);
}

/* Knuth, The Art of Computer Programming, 1.3.2, exercise 14: by golden
 * number and epact, as the calendar reform itself counts. */
static int64_t easter_by_epact(int64_t year)
{
    int64_t golden = year % 19 + 1;
    int64_t century = year / 100 + 1;
    int64_t skipped = 3 * century / 4 - 12;
    int64_t moon = (8 * century + 5) / 25 - 5;
    int64_t sunday = 5 * year / 4 - skipped - 10;
    int64_t epact = ((11 * golden + 20 + moon - skipped) % 30 + 30) % 30;
    if ((epact == 25 && golden > 11) || epact == 24) {
        epact++;
    }
    int64_t full = 44 - epact;
    full += full < 21 ? 30 : 0;
    return od__days_of_date(year, 3, 1) + full + 7 - (sunday + full) % 7 - 1;
}

static void test_holiday_easter_of_eight_thousand_years(void **state)
{
    (void)state;
    static const od__holidays easter = {
        "easter", {{.form = OD__HOLIDAY_EASTER}}, 1};
    for (int64_t year = 1583; year < 9999; year++) {
        int64_t wanted = easter_by_epact(year);
        for (int64_t day = od__days_of_date(year, 3, 20);
             day <= od__days_of_date(year, 4, 27); day++) {
            if (od__holidays_has(&easter, day) != (day == wanted)) {
                fail_msg("Easter of %d", (int)year);
            }
        }
    }
    /* The earliest, the latest, and both exceptions of the rule. */
    assert_true(easter_by_epact(1818) == date(18180322));
    assert_true(easter_by_epact(2038) == date(20380425));
    assert_true(easter_by_epact(1954) == date(19540418));
    assert_true(easter_by_epact(1981) == date(19810419));
}

static void test_holiday_election_in_even_years(void **state)
{
    (void)state;
    od__holiday row = {.form = OD__HOLIDAY_ELECTION};
    CHECK(row, 20241105, 20261103, 20281107, 20301105, 20321102);
    row.offset = 1;
    CHECK(row, 20241106, 20261104, 20281108, 20301106, 20321103);
}

static void test_holiday_offset_across_the_year_end(void **state)
{
    (void)state;
    static const od__holiday late = {.form = OD__HOLIDAY_FIXED,
                                     .month = 12,
                                     .day = 31,
                                     .offset = OD__HOLIDAY_OFFSET_MAX};
    CHECK(late, 20240310, 20250311, 20260311, 20270311, 20280310, 20290311,
          20300311, 20310311, 20320310);
    /* 70 days before January 1: a Saturday in 2032, so Friday counts. */
    static const od__holiday early = {.form = OD__HOLIDAY_FIXED,
                                      .month = 1,
                                      .day = 1,
                                      .offset = -OD__HOLIDAY_OFFSET_MAX,
                                      .observed = OD__OBSERVED_WEEKEND};
    CHECK(early, 20241023, 20251023, 20261023, 20271022, 20271023, 20281023,
          20291023, 20301023, 20311023, 20321022, 20321023);
}

static void test_holiday_any_row_of_a_set(void **state)
{
    (void)state;
    static const od__holiday rows[] = {
        {.form = OD__HOLIDAY_ELECTION},
        {.form = OD__HOLIDAY_FIXED, .month = 11, .day = 3},
        {.form = OD__HOLIDAY_LAST, .month = 2, .weekday = 3}};
    static const int32_t wanted[] = {
        20240229, 20241103, 20241105, 20250227, 20251103, 20260226,
        20261103, 20270225, 20271103, 20280224, 20281103, 20281107,
        20290222, 20291103, 20300228, 20301103, 20301105, 20310227,
        20311103, 20320226, 20321102, 20321103};
    check(rows, OD__LEN(rows), wanted, OD__LEN(wanted));
    check(rows, 0, NULL, 0);
}

static void test_holiday_out_of_range_is_no_day(void **state)
{
    (void)state;
    static const od__holiday rows[] = {
        {.form = 0, .month = 1, .day = 1, .weekday = 1, .nth = 1},
        {.form = 6, .month = 1, .day = 1, .weekday = 1, .nth = 1},
        {.form = OD__HOLIDAY_FIXED, .month = 0, .day = 1},
        {.form = OD__HOLIDAY_FIXED, .month = 13, .day = 1},
        {.form = OD__HOLIDAY_FIXED, .month = 1, .day = 0},
        {.form = OD__HOLIDAY_FIXED, .month = 1, .day = 32},
        {.form = OD__HOLIDAY_FIXED, .month = 2, .day = 30},
        {.form = OD__HOLIDAY_FIXED, .month = 4, .day = 31},
        {.form = OD__HOLIDAY_NTH, .month = 1, .weekday = 0, .nth = 0},
        {.form = OD__HOLIDAY_NTH, .month = 1, .weekday = 0, .nth = 6},
        {.form = OD__HOLIDAY_NTH, .month = 1, .weekday = 7, .nth = 1},
        {.form = OD__HOLIDAY_NTH, .month = 1, .weekday = -1, .nth = 1},
        {.form = OD__HOLIDAY_LAST, .month = 0, .weekday = 0},
        {.form = OD__HOLIDAY_LAST, .month = 1, .weekday = 7},
        {.form = OD__HOLIDAY_EASTER, .offset = OD__HOLIDAY_OFFSET_MAX + 1},
        {.form = OD__HOLIDAY_EASTER, .offset = INT32_MIN},
        {.form = OD__HOLIDAY_EASTER, .observed = -1},
        {.form = OD__HOLIDAY_EASTER, .observed = 3}};
    check(rows, OD__LEN(rows), NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holiday_fixed_is_its_date),
        cmocka_unit_test(test_holiday_observed_days_count_too),
        cmocka_unit_test(test_holiday_observed_across_the_year_end),
        cmocka_unit_test(test_holiday_nth_weekday),
        cmocka_unit_test(test_holiday_last_weekday),
        cmocka_unit_test(test_holiday_easter_and_what_hangs_on_it),
        cmocka_unit_test(test_holiday_easter_of_eight_thousand_years),
        cmocka_unit_test(test_holiday_election_in_even_years),
        cmocka_unit_test(test_holiday_offset_across_the_year_end),
        cmocka_unit_test(test_holiday_any_row_of_a_set),
        cmocka_unit_test(test_holiday_out_of_range_is_no_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
