/*
 * test_window.c - od__windows_open at the changes of the clock, over midnight
 * and in several zones; and against an oracle that asks minute by minute.
 */
#include "support/zone_kit.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

/* Is it so in one zone (NULL second) or two? `until` 0: closed for good. */
static void check(const od_window *windows, size_t len, const char *first,
                  const char *second, int64_t at, bool open, int64_t until)
{
    const od__zone *list[2] = {zone_kit_named(first), NULL};
    size_t zones_len = 1;
    if (second != NULL) {
        list[zones_len++] = zone_kit_named(second);
    }
    int64_t got = -1;
    bool is_open = od__windows_open(windows, len, list, zones_len, at, &got);
    if (is_open != open || got != until) {
        fail_msg("%s: %s until %lld (%+lld min)", first,
                 is_open ? "open" : "closed", (long long)got,
                 (long long)(got - until) / 60000);
    }
}

static const od_window office[] = {{OD_WEEKDAYS, 9 * 60, 17 * 60}};
static const od_window always[] = {{OD_EVERY_DAY, 0, 1440}};

static void test_window_opens_and_closes(void **state)
{
    (void)state;
    const char *ny = "America/New_York"; /* -4 h in June */
    check(office, 1, ny, NULL, utc(2027, 6, 1, 12, 59), false,
          utc(2027, 6, 1, 13, 0));
    check(office, 1, ny, NULL, utc(2027, 6, 1, 13, 0) - 1, false,
          utc(2027, 6, 1, 13, 0));
    check(office, 1, ny, NULL, utc(2027, 6, 1, 13, 0), true,
          utc(2027, 6, 1, 21, 0));
    check(office, 1, ny, NULL, utc(2027, 6, 1, 21, 0) - 1, true,
          utc(2027, 6, 1, 21, 0));
    check(office, 1, ny, NULL, utc(2027, 6, 1, 21, 0), false,
          utc(2027, 6, 2, 13, 0));
    /* Friday evening: Monday. */
    check(office, 1, ny, NULL, utc(2027, 6, 4, 21, 0), false,
          utc(2027, 6, 7, 13, 0));
}

static void test_window_none_is_never(void **state)
{
    (void)state;
    const od__zone *zone = zone_kit_named("UTC");
    int64_t until = 0;
    assert_false(od__windows_open(office, 0, &zone, 1, 0, &until));
    assert_true(until == OD_NEVER);
    assert_false(od__windows_open(office, 1, &zone, 0, 0, &until));
    assert_true(until == OD_NEVER);
    assert_false(od__windows_open(always, 1, &zone, 1, OD_NEVER, &until));
    assert_true(until == OD_NEVER);
    assert_false(od__windows_open(always, 1, &zone, 1, INT64_MIN, &until));
    assert_true(until == OD_NEVER);
}

static void test_window_always_open_never_closes(void **state)
{
    (void)state;
    check(always, 1, "America/New_York", "Asia/Tokyo", utc(2027, 3, 13, 12, 0),
          true, OD_NEVER);
    static const od_window halves[] = {{OD_EVERY_DAY, 0, 700},
                                       {OD_EVERY_DAY, 700, 1440}};
    check(halves, 2, "America/New_York", NULL, utc(2027, 11, 6, 12, 0), true,
          OD_NEVER);
}

static void test_window_touching_ones_are_one(void **state)
{
    (void)state;
    /* Monday 20:00 to Tuesday 6:00, written as two. */
    static const od_window night[] = {{OD_MONDAY, 20 * 60, 1440},
                                      {OD_TUESDAY, 0, 6 * 60}};
    check(night, 2, "UTC", NULL, utc(2027, 6, 7, 21, 0), true,
          utc(2027, 6, 8, 6, 0));
    check(night, 2, "UTC", NULL, utc(2027, 6, 7, 23, 59), true,
          utc(2027, 6, 8, 6, 0));
    check(night, 2, "UTC", NULL, utc(2027, 6, 8, 6, 0), false,
          utc(2027, 6, 14, 20, 0));
    /* 24:00 without a next: closes at midnight. */
    check(night, 1, "UTC", NULL, utc(2027, 6, 7, 21, 0), true,
          utc(2027, 6, 8, 0, 0));
    /* Overlapping and touching within a day, in any order. */
    static const od_window day[] = {
        {OD_MONDAY, 600, 720}, {OD_MONDAY, 540, 660}, {OD_MONDAY, 720, 780}};
    check(day, 3, "UTC", NULL, utc(2027, 6, 7, 9, 0), true,
          utc(2027, 6, 7, 13, 0));
    /* All days but Wednesday: Thursday to Tuesday without a break. */
    static const od_window most[] = {{OD_EVERY_DAY & ~OD_WEDNESDAY, 0, 1440}};
    check(most, 1, "UTC", NULL, utc(2027, 6, 10, 0, 0), true,
          utc(2027, 6, 16, 0, 0));
}

/* 2027-03-14, 2:00 becomes 3:00 at 7:00 UTC (New York). */
static void test_window_in_the_hour_that_is_skipped(void **state)
{
    (void)state;
    const char *ny = "America/New_York";
    const int64_t change = utc(2027, 3, 14, 7, 0);
    static const od_window inside[] = {{OD_SUNDAY, 150, 240}}; /* 2:30-4:00 */
    check(inside, 1, ny, NULL, utc(2027, 3, 14, 5, 0), false, change);
    check(inside, 1, ny, NULL, change - 1, false, change);
    check(inside, 1, ny, NULL, change, true, utc(2027, 3, 14, 8, 0));
    static const od_window lost[] = {{OD_SUNDAY, 120, 180}}; /* 2:00-3:00 */
    check(lost, 1, ny, NULL, utc(2027, 3, 14, 5, 0), false,
          utc(2027, 3, 21, 6, 0));
    static const od_window across[] = {{OD_SUNDAY, 60, 150}}; /* 1:00-2:30 */
    check(across, 1, ny, NULL, utc(2027, 3, 14, 6, 0), true, change);
    static const od_window over[] = {{OD_SUNDAY, 60, 300}}; /* 1:00-5:00 */
    check(over, 1, ny, NULL, utc(2027, 3, 14, 6, 0), true,
          utc(2027, 3, 14, 9, 0));
    check(office, 1, ny, NULL, utc(2027, 3, 12, 22, 0), false,
          utc(2027, 3, 15, 13, 0));
}

/* 2027-11-07, 2:00 becomes 1:00 at 6:00 UTC (New York). */
static void test_window_in_the_hour_that_comes_twice(void **state)
{
    (void)state;
    const char *ny = "America/New_York";
    static const od_window half[] = {{OD_SUNDAY, 90, 240}}; /* 1:30-4:00 */
    check(half, 1, ny, NULL, utc(2027, 11, 7, 5, 0), false,
          utc(2027, 11, 7, 5, 30));
    check(half, 1, ny, NULL, utc(2027, 11, 7, 5, 30), true,
          utc(2027, 11, 7, 6, 0));
    check(half, 1, ny, NULL, utc(2027, 11, 7, 6, 0), false,
          utc(2027, 11, 7, 6, 30));
    check(half, 1, ny, NULL, utc(2027, 11, 7, 6, 30), true,
          utc(2027, 11, 7, 9, 0));
    static const od_window hour[] = {{OD_SUNDAY, 60, 120}}; /* 1:00-2:00 */
    check(hour, 1, ny, NULL, utc(2027, 11, 7, 5, 0), true,
          utc(2027, 11, 7, 7, 0));
    check(office, 1, ny, NULL, utc(2027, 11, 5, 21, 0), false,
          utc(2027, 11, 8, 14, 0));
}

/* A split area code: 8:00 to 21:00 in both. */
static void test_window_in_two_zones_is_the_intersection(void **state)
{
    (void)state;
    static const od_window legal[] = {{OD_EVERY_DAY, 480, 1260}};
    const char *ny = "America/New_York";
    const char *chicago = "America/Chicago";
    check(legal, 1, ny, chicago, utc(2027, 6, 1, 12, 30), false,
          utc(2027, 6, 1, 13, 0));
    check(legal, 1, chicago, ny, utc(2027, 6, 1, 13, 0), true,
          utc(2027, 6, 2, 1, 0));
    check(legal, 1, ny, chicago, utc(2027, 6, 2, 1, 0), false,
          utc(2027, 6, 2, 13, 0));
    /* Between the change in New York and the one in Chicago they are two
     * hours apart, for one hour. */
    static const od_window night[] = {{OD_EVERY_DAY, 60, 180}};
    check(night, 1, ny, chicago, utc(2027, 3, 14, 4, 0), false,
          utc(2027, 3, 15, 6, 0));
    /* Phoenix does not change: Denver's Navajo Nation does. */
    check(legal, 1, "America/Phoenix", "America/Denver",
          utc(2027, 3, 14, 14, 0), false, utc(2027, 3, 14, 15, 0));
}

static void test_window_of_zones_that_share_no_hour(void **state)
{
    (void)state;
    check(office, 1, "America/New_York", "Asia/Tokyo", utc(2027, 6, 1, 0, 0),
          false, OD_NEVER);
    /* The weekday differs: Monday evening here is Tuesday there. */
    static const od_window evening[] = {{OD_MONDAY, 1080, 1440},
                                        {OD_TUESDAY, 0, 1080}};
    check(evening, 2, "America/Los_Angeles", "Asia/Tokyo",
          utc(2027, 6, 6, 0, 0), false, utc(2027, 6, 8, 1, 0));
    check(evening, 2, "America/Los_Angeles", "Asia/Tokyo",
          utc(2027, 6, 8, 1, 0), true, utc(2027, 6, 8, 9, 0));
}

static void test_window_in_half_hour_zones(void **state)
{
    (void)state;
    check(office, 1, "Asia/Kolkata", NULL, utc(2027, 6, 1, 3, 29), false,
          utc(2027, 6, 1, 3, 30));
    check(office, 1, "Asia/Kathmandu", NULL, utc(2027, 6, 1, 3, 15), true,
          utc(2027, 6, 1, 11, 15));
    /* Lord Howe moves by half an hour (2027-04-04, 2:00 becomes 1:30). */
    static const od_window half[] = {{OD_SUNDAY, 95, 130}}; /* 1:35-2:10 */
    check(half, 1, "Australia/Lord_Howe", NULL, utc(2027, 4, 3, 14, 35), true,
          utc(2027, 4, 3, 15, 0));
    check(half, 1, "Australia/Lord_Howe", NULL, utc(2027, 4, 3, 15, 0), false,
          utc(2027, 4, 3, 15, 5));
}

/* == the oracle =========================================================== */

static bool open_by_hand(const od_window *windows, size_t len,
                         const od__zone *const *list, size_t zones_len,
                         int64_t at)
{
    for (size_t i = 0; i < zones_len; i++) {
        od__local local;
        bool found = false;
        od__zone_local(list[i], at, &local);
        for (size_t j = 0; j < len && !found; j++) {
            found = (windows[j].days & 1u << local.weekday) != 0 &&
                    local.minute >= windows[j].start_min &&
                    local.minute < windows[j].end_min;
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static int64_t turn_by_hand(const od_window *windows, size_t len,
                            const od__zone *const *list, size_t zones_len,
                            int64_t at)
{
    bool now = open_by_hand(windows, len, list, zones_len, at);
    int64_t end = at + OD__WINDOW_SEARCH_DAYS * DAY_MS;
    for (int64_t next = at - at % 60000 + 60000; next <= end; next += 60000) {
        if (open_by_hand(windows, len, list, zones_len, next) != now) {
            return next;
        }
    }
    return OD_NEVER;
}

static size_t random_windows(od__rand *rand, od_window out[4])
{
    size_t len = 1 + od__rand_below(rand, 4);
    for (size_t i = 0; i < len; i++) {
        uint64_t kind = od__rand_below(rand, 4);
        uint32_t days =
            kind == 0 ? OD_EVERY_DAY : 1 + (uint32_t)od__rand_below(rand, 127);
        int32_t start = (int32_t)od__rand_below(rand, 1440);
        if (kind == 1) {
            start = 0;
        }
        int32_t end =
            start + 1 + (int32_t)od__rand_below(rand, (uint64_t)(1440 - start));
        if (kind == 2) {
            end = 1440;
        }
        out[i] = (od_window){days, start, end};
    }
    return len;
}

static void test_window_agrees_with_the_oracle(void **state)
{
    (void)state;
    static const char *const names[] = {"America/New_York",
                                        "America/Chicago",
                                        "America/Denver",
                                        "America/Phoenix",
                                        "America/Los_Angeles",
                                        "Pacific/Honolulu",
                                        "America/St_Johns",
                                        "Europe/London",
                                        "Europe/Dublin",
                                        "Asia/Kolkata",
                                        "Asia/Kathmandu",
                                        "Australia/Lord_Howe",
                                        "Pacific/Chatham",
                                        "Asia/Gaza",
                                        "Africa/Casablanca",
                                        "Pacific/Apia",
                                        "UTC"};
    od__rand rand = {od_test_seed(2027)};
    int never = 0;
    int open = 0;
    for (int round = 0; round < 1500; round++) {
        od_window windows[4];
        const od__zone *list[3];
        size_t len = random_windows(&rand, windows);
        size_t zones_len = 1 + od__rand_below(&rand, 3);
        for (size_t i = 0; i < zones_len; i++) {
            list[i] =
                zone_kit_named(names[od__rand_below(&rand, OD__LEN(names))]);
        }
        int64_t at = utc(2020, 1, 1, 0, 0) +
                     (int64_t)od__rand_below(&rand, 30 * 365) * DAY_MS;
        int64_t change = od__zone_change_next(list[0], at);
        if (change != OD_NEVER && od__rand_below(&rand, 3) != 0) {
            at = change - 2 * DAY_MS;
        }
        at += (int64_t)od__rand_below(&rand, 3 * (uint64_t)DAY_MS);
        int64_t until = 0;
        bool is_open =
            od__windows_open(windows, len, list, zones_len, at, &until);
        assert_int_equal(is_open,
                         open_by_hand(windows, len, list, zones_len, at));
        int64_t wanted = turn_by_hand(windows, len, list, zones_len, at);
        if (until != wanted) {
            fail_msg("round %d at %lld: %lld, not %lld", round, (long long)at,
                     (long long)until, (long long)wanted);
        }
        never += until == OD_NEVER;
        open += is_open;
    }
    print_message("%d open, %d for ever as they are\n", open, never);
}

static void test_window_problem_names_it(void **state)
{
    (void)state;
    static const od_window fine[] = {
        {OD_MONDAY, 0, 1}, {OD_EVERY_DAY, 0, 1440}, {OD_SUNDAY, 1439, 1440}};
    for (size_t i = 0; i < OD__LEN(fine); i++) {
        assert_null(od__window_problem(&fine[i]));
    }
    static const od_window bad[] = {{0, 0, 60},
                                    {0x80, 0, 60},
                                    {OD_EVERY_DAY, -1, 60},
                                    {OD_MONDAY, 60, 60},
                                    {OD_MONDAY, 61, 60},
                                    {OD_MONDAY, 1440, 1441},
                                    {OD_MONDAY, 0, 1441},
                                    {OD_MONDAY, INT32_MIN, INT32_MAX}};
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        assert_non_null(od__window_problem(&bad[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_opens_and_closes),
        cmocka_unit_test(test_window_none_is_never),
        cmocka_unit_test(test_window_always_open_never_closes),
        cmocka_unit_test(test_window_touching_ones_are_one),
        cmocka_unit_test(test_window_in_the_hour_that_is_skipped),
        cmocka_unit_test(test_window_in_the_hour_that_comes_twice),
        cmocka_unit_test(test_window_in_two_zones_is_the_intersection),
        cmocka_unit_test(test_window_of_zones_that_share_no_hour),
        cmocka_unit_test(test_window_in_half_hour_zones),
        cmocka_unit_test(test_window_agrees_with_the_oracle),
        cmocka_unit_test(test_window_problem_names_it),
    };
    return cmocka_run_group_tests(tests, zone_kit_setup, zone_kit_teardown);
}
