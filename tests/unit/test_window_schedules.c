/*
 * test_window_schedules.c - od__schedules_open: holidays, dates in force,
 * several schedules at once; and against a judge that asks minute by minute.
 */
#include "support/zone_kit.h"

#define DAY_MS INT64_C(86400000)

#define ALWAYS INT64_MIN, INT64_MAX

/* What the schedules under test must say in `zone`, or in two: "A+B". */
static const od__schedule *schedules;
static size_t schedules_len;
static const char *zone;

static void check(int64_t at, bool open, int64_t until, size_t closed)
{
    const od__zone *list[2];
    char name[40];
    const char *second = strchr(zone, '+');
    size_t len = second != NULL ? (size_t)(second - zone) : strlen(zone);
    memcpy(name, zone, len);
    name[len] = '\0';
    list[0] = zone_kit_named(name);
    list[1] = second != NULL ? zone_kit_named(second + 1) : NULL;
    int64_t got = -1;
    size_t got_closed = 99;
    bool is_open =
        od__schedules_open(schedules, schedules_len, list,
                           second != NULL ? 2 : 1, at, &got, &got_closed);
    if (is_open != open || got != until || got_closed != closed) {
        fail_msg("%s: %s until %lld (%+lld min), closed is %zu", zone,
                 is_open ? "open" : "closed", (long long)got,
                 (long long)(got - until) / 60000, got_closed);
    }
}

static void check_open(int64_t at, int64_t until)
{
    check(at, true, until, schedules_len);
}

static void check_closed(int64_t at, size_t closed, int64_t until)
{
    check(at, false, until, closed);
}

static const od__holidays july_4 = {"july",
                                    {{.form = OD__HOLIDAY_FIXED,
                                      .month = 7,
                                      .day = 4,
                                      .observed = OD__OBSERVED_WEEKEND}},
                                    1};
static const od_window office[] = {{OD_WEEKDAYS, 540, 1020}};
static const od_window daily[] = {{OD_EVERY_DAY, 480, 1260}};
static const od_window always[] = {{OD_EVERY_DAY, 0, 1440}};

static void under_test(const od__schedule *all, size_t len, const char *where)
{
    schedules = all;
    schedules_len = len;
    zone = where;
}

static void test_schedules_closed_on_holidays(void **state)
{
    (void)state;
    static const od__schedule week = {daily, 1, &july_4, ALWAYS};
    under_test(&week, 1, "America/New_York");
    /* Sunday 2027-07-04 is one, and Monday is observed. */
    check_open(utc(2027, 7, 3, 20, 0), utc(2027, 7, 4, 1, 0));
    check_closed(utc(2027, 7, 4, 1, 0), 0, utc(2027, 7, 6, 12, 0));
    check_closed(utc(2027, 7, 5, 16, 0), 0, utc(2027, 7, 6, 12, 0));
    check_open(utc(2027, 7, 6, 12, 0), utc(2027, 7, 7, 1, 0));
    /* The date is the zone's own: in Honolulu it is the day before. */
    zone = "Pacific/Honolulu";
    check_open(utc(2027, 7, 4, 6, 0), utc(2027, 7, 4, 7, 0));
    /* Weeks that know no holidays have none. */
    static const od__schedule plain = {daily, 1, NULL, ALWAYS};
    under_test(&plain, 1, "America/New_York");
    check_open(utc(2027, 7, 4, 16, 0), utc(2027, 7, 5, 1, 0));
}

static void test_schedules_open_on_holidays(void **state)
{
    (void)state;
    static const od_window windows[] = {
        {OD_WEEKDAYS, 540, 1020},
        {OD_SUNDAY | OD__HOLIDAY_BIT, 780, 1260}}; /* 13:00-21:00 */
    static const od__schedule week = {windows, 2, &july_4, ALWAYS};
    under_test(&week, 1, "UTC");
    /* Monday 2027-07-05, observed: as on Sundays, not as on Mondays. */
    check_closed(utc(2027, 7, 5, 10, 0), 0, utc(2027, 7, 5, 13, 0));
    check_open(utc(2027, 7, 5, 13, 0), utc(2027, 7, 5, 21, 0));
    check_closed(utc(2027, 7, 5, 21, 0), 0, utc(2027, 7, 6, 9, 0));
    /* Saturday 2026-07-04 has no window of its own, but as a holiday. */
    check_closed(utc(2026, 7, 3, 21, 0), 0, utc(2026, 7, 4, 13, 0));
    /* Windows of the holiday and of the day before meet at midnight. */
    static const od_window night[] = {{OD_SATURDAY, 1200, 1440},
                                      {OD__HOLIDAY_BIT, 0, 360}};
    static const od__schedule party = {night, 2, &july_4, ALWAYS};
    under_test(&party, 1, "UTC");
    check_open(utc(2027, 7, 3, 20, 0), utc(2027, 7, 4, 6, 0));
    check_closed(utc(2027, 7, 4, 6, 0), 0, utc(2027, 7, 5, 0, 0));
    /* Without holidays such a window is never open. */
    static const od__schedule other = {night, 2, NULL, ALWAYS};
    under_test(&other, 1, "UTC");
    check_open(utc(2027, 7, 3, 20, 0), utc(2027, 7, 4, 0, 0));
    check_closed(utc(2027, 7, 4, 0, 0), 0, utc(2027, 7, 10, 20, 0));
}

/* A year of closed days is longer than the search. */
static void test_schedules_look_no_further_than_the_horizon(void **state)
{
    (void)state;
    static const od_window party[] = {{OD__HOLIDAY_BIT, 0, 1440}};
    static const od__schedule week = {party, 1, &july_4, ALWAYS};
    under_test(&week, 1, "UTC");
    const int64_t opens = utc(2028, 7, 4, 0, 0);
    check_closed(opens - OD__WINDOW_SEARCH_DAYS * DAY_MS, 0, opens);
    check_closed(opens - OD__WINDOW_SEARCH_DAYS * DAY_MS - 1000, 0, OD_NEVER);
    /* Open all days but the holiday. */
    static const od__schedule most = {always, 1, &july_4, ALWAYS};
    under_test(&most, 1, "UTC");
    check_open(opens - OD__WINDOW_SEARCH_DAYS * DAY_MS, opens);
    check_open(opens - OD__WINDOW_SEARCH_DAYS * DAY_MS - 1000, OD_NEVER);
    check_closed(opens, 0, opens + DAY_MS);
}

/* Pennsylvania, Act 47 of 2026: 8 to 21 daily until 2026-10-17, a Saturday;
 * then Monday to Saturday 9 to 19. */
static void test_schedules_change_on_a_date(void **state)
{
    (void)state;
    static const od_window after[] = {{OD_EVERY_DAY & ~OD_SUNDAY, 540, 1140}};
    const int64_t first = od__days_of_date(2026, 10, 18);
    const od__schedule both[] = {{daily, 1, NULL, INT64_MIN, first - 1},
                                 {after, 1, NULL, first, INT64_MAX}};
    under_test(both, 2, "America/New_York"); /* -4 h */
    check_open(utc(2026, 10, 11, 12, 0), utc(2026, 10, 12, 1, 0));
    check_closed(utc(2026, 10, 12, 1, 0), 0, utc(2026, 10, 12, 12, 0));
    check_open(utc(2026, 10, 17, 12, 0), utc(2026, 10, 18, 1, 0));
    check_closed(utc(2026, 10, 18, 1, 0), 0, utc(2026, 10, 19, 13, 0));
    check_closed(utc(2026, 10, 18, 4, 0), 1, utc(2026, 10, 19, 13, 0));
    check_open(utc(2026, 10, 19, 13, 0), utc(2026, 10, 19, 23, 0));
    check_closed(utc(2026, 10, 19, 23, 0), 1, utc(2026, 10, 20, 13, 0));
    /* Midnight comes an hour later in Chicago. */
    zone = "America/Chicago";
    check_closed(utc(2026, 10, 18, 4, 59), 0, utc(2026, 10, 19, 14, 0));
    check_closed(utc(2026, 10, 18, 5, 0), 1, utc(2026, 10, 19, 14, 0));
}

static void test_schedules_not_in_force_forbid_nothing(void **state)
{
    (void)state;
    const int64_t day = od__days_of_date(2027, 6, 2); /* Wednesday */
    const od__schedule closed = {NULL, 0, NULL, day, day};
    under_test(&closed, 1, "UTC");
    check_open(utc(2027, 6, 1, 0, 0), utc(2027, 6, 2, 0, 0));
    check_closed(utc(2027, 6, 2, 0, 0), 0, utc(2027, 6, 3, 0, 0));
    check_open(utc(2027, 6, 3, 0, 0), OD_NEVER);
    /* Dates that never come, holidays and all. */
    const od__schedule never = {NULL, 0, &july_4, day, day - 1};
    under_test(&never, 1, "UTC");
    check_open(utc(2027, 6, 2, 0, 0), OD_NEVER);
    /* What is open until midnight goes on behind the last day. */
    static const od_window evening[] = {{OD_WEDNESDAY, 1080, 1440}};
    const od__schedule last = {evening, 1, NULL, INT64_MIN, day};
    under_test(&last, 1, "UTC");
    check_closed(utc(2027, 6, 2, 17, 0), 0, utc(2027, 6, 2, 18, 0));
    check_open(utc(2027, 6, 2, 18, 0), OD_NEVER);
}

static void test_schedules_none_forbid_nothing(void **state)
{
    (void)state;
    int64_t until = 0;
    size_t closed = 99;
    const od__zone *here = zone_kit_named("America/New_York");
    assert_true(od__schedules_open(NULL, 0, &here, 1, utc(2027, 6, 1, 0, 0),
                                   &until, &closed));
    assert_true(until == OD_NEVER);
    assert_int_equal(closed, 0);
    /* But nowhere nothing is open, nor at the end of time. */
    static const od__schedule week = {always, 1, NULL, ALWAYS};
    assert_false(od__schedules_open(&week, 1, NULL, 0, utc(2027, 6, 1, 0, 0),
                                    &until, &closed));
    assert_true(until == OD_NEVER);
    assert_int_equal(closed, 1);
    assert_false(od__schedules_open(NULL, 0, NULL, 0, 0, &until, NULL));
    static const int64_t ends[] = {INT64_MIN, OD_NEVER, INT64_MAX};
    for (size_t i = 0; i < OD__LEN(ends); i++) {
        assert_false(
            od__schedules_open(&week, 1, &here, 1, ends[i], &until, &closed));
        assert_true(until == OD_NEVER);
    }
}

static void test_schedules_all_at_once(void **state)
{
    (void)state;
    static const od_window texas[] = {{OD_EVERY_DAY & ~OD_SUNDAY, 540, 1260},
                                      {OD_SUNDAY, 720, 1260}};
    static const od_window late[] = {{OD_EVERY_DAY, 630, 1439}};
    static const od__schedule all[] = {{daily, 1, NULL, ALWAYS},
                                       {texas, 2, NULL, ALWAYS},
                                       {late, 1, &july_4, ALWAYS}};
    under_test(all, 3, "UTC");
    check_closed(utc(2027, 6, 7, 7, 0), 0, utc(2027, 6, 7, 10, 30));
    check_closed(utc(2027, 6, 7, 8, 0), 1, utc(2027, 6, 7, 10, 30));
    check_closed(utc(2027, 6, 7, 9, 0), 2, utc(2027, 6, 7, 10, 30));
    check_open(utc(2027, 6, 7, 10, 30), utc(2027, 6, 7, 21, 0));
    check_closed(utc(2027, 7, 3, 21, 0), 0, utc(2027, 7, 6, 10, 30));
    check_closed(utc(2027, 7, 4, 12, 0), 2, utc(2027, 7, 6, 10, 30));
    /* Each is open for hours, but never with the others. */
    static const od_window morning[] = {{OD_EVERY_DAY, 0, 480}};
    static const od__schedule apart[] = {{daily, 1, NULL, ALWAYS},
                                         {morning, 1, NULL, ALWAYS}};
    under_test(apart, 2, "America/New_York");
    check_closed(utc(2027, 6, 7, 7, 0), 0, OD_NEVER);
    check_closed(utc(2027, 6, 7, 16, 0), 1, OD_NEVER);
}

/* The first one that is closed anywhere, whichever zone closes it. */
static void test_schedules_closed_in_some_zone(void **state)
{
    (void)state;
    static const od__schedule all[] = {{daily, 1, NULL, ALWAYS},
                                       {office, 1, NULL, ALWAYS}};
    under_test(all, 2, "America/New_York+America/Los_Angeles");
    /* 9:00 in New York, 6:00 in Los Angeles. */
    check_closed(utc(2027, 6, 7, 13, 0), 0, utc(2027, 6, 7, 16, 0));
    /* 11:00 and 8:00: the first is open in both. */
    check_closed(utc(2027, 6, 7, 15, 0), 1, utc(2027, 6, 7, 16, 0));
    check_open(utc(2027, 6, 7, 16, 0), utc(2027, 6, 7, 21, 0));
    check_closed(utc(2027, 6, 7, 21, 0), 1, utc(2027, 6, 8, 16, 0));
    /* 21:00 and 18:00. */
    check_closed(utc(2027, 6, 8, 1, 0), 0, utc(2027, 6, 8, 16, 0));
    zone = "America/Los_Angeles+America/New_York";
    check_closed(utc(2027, 6, 7, 13, 0), 0, utc(2027, 6, 7, 16, 0));
}

static void test_schedules_at_the_changes_of_the_clock(void **state)
{
    (void)state;
    /* The change itself is on the holiday: Sundays 2027-03-14, 2027-11-07. */
    static const od__holidays sundays = {
        "changes",
        {{.form = OD__HOLIDAY_NTH, .month = 3, .weekday = 6, .nth = 2},
         {.form = OD__HOLIDAY_NTH, .month = 11, .weekday = 6, .nth = 1}},
        2};
    static const od_window windows[] = {{OD__HOLIDAY_BIT, 90, 150}};
    static const od__schedule week = {windows, 1, &sundays, ALWAYS};
    under_test(&week, 1, "America/New_York");
    /* 1:30 to 2:30, of which the clock skips the second half. */
    check_closed(utc(2027, 3, 14, 5, 0), 0, utc(2027, 3, 14, 6, 30));
    check_open(utc(2027, 3, 14, 6, 30), utc(2027, 3, 14, 7, 0));
    /* It comes to the first half twice. */
    check_closed(utc(2027, 11, 7, 4, 0), 0, utc(2027, 11, 7, 5, 30));
    check_open(utc(2027, 11, 7, 5, 30), utc(2027, 11, 7, 6, 0));
    check_closed(utc(2027, 11, 7, 6, 0), 0, utc(2027, 11, 7, 6, 30));
    check_open(utc(2027, 11, 7, 6, 30), utc(2027, 11, 7, 7, 30));
    /* A rule that begins on the day of the change: the day has 23 hours. */
    const int64_t day = od__days_of_date(2027, 3, 14);
    const od__schedule closed = {NULL, 0, NULL, day, day};
    under_test(&closed, 1, "America/New_York");
    check_open(utc(2027, 3, 13, 12, 0), utc(2027, 3, 14, 5, 0));
    check_closed(utc(2027, 3, 14, 5, 0), 0, utc(2027, 3, 15, 4, 0));
    /* Samoa had no December 30 in 2011. */
    const int64_t lost = od__days_of_date(2011, 12, 30);
    const od__schedule skipped = {NULL, 0, NULL, lost, lost};
    under_test(&skipped, 1, "Pacific/Apia");
    check_open(utc(2011, 12, 29, 0, 0), OD_NEVER);
}

/* == the judge ============================================================ */

static bool schedule_by_hand(const od__schedule *s, const od__local *local)
{
    int64_t day = od__days_of_date(local->year, local->month, local->day);
    if (day < s->from_day || day > s->until_day) {
        return true;
    }
    uint32_t bit = 1u << local->weekday;
    if (s->holidays != NULL && od__holidays_has(s->holidays, day)) {
        bit = OD__HOLIDAY_BIT;
    }
    for (size_t i = 0; i < s->windows_len; i++) {
        if ((s->windows[i].days & bit) != 0 &&
            local->minute >= s->windows[i].start_min &&
            local->minute < s->windows[i].end_min) {
            return true;
        }
    }
    return false;
}

/* The first schedule that is closed in any zone; their number: none. */
static size_t closed_by_hand(const od__schedule *all, size_t len,
                             const od__zone *const *list, size_t zones_len,
                             int64_t at)
{
    size_t first = len;
    for (size_t i = 0; i < zones_len; i++) {
        od__local local;
        od__zone_local(list[i], at, &local);
        for (size_t j = 0; j < first; j++) {
            if (!schedule_by_hand(&all[j], &local)) {
                first = j;
            }
        }
    }
    return first;
}

static int64_t turn_by_hand(const od__schedule *all, size_t len,
                            const od__zone *const *list, size_t zones_len,
                            int64_t at)
{
    bool now = closed_by_hand(all, len, list, zones_len, at) == len;
    int64_t end = at + OD__WINDOW_SEARCH_DAYS * DAY_MS;
    for (int64_t next = at - at % 60000 + 60000; next <= end; next += 60000) {
        if ((closed_by_hand(all, len, list, zones_len, next) == len) != now) {
            return next;
        }
    }
    return OD_NEVER;
}

typedef struct plan {
    od__schedule schedules[3];
    od_window windows[3][3];
    od__holidays holidays[3];
    size_t len;
} plan;

static int32_t below(od__rand *rand, uint64_t end)
{
    return (int32_t)od__rand_below(rand, end);
}

static void random_windows(od__rand *rand, od_window *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int32_t kind = below(rand, 5);
        uint32_t days = kind < 2 ? OD_EVERY_DAY | (uint32_t)below(rand, 2) << 7
                                 : 1 + (uint32_t)below(rand, 255);
        int32_t start = kind == 1 ? 0 : below(rand, 1440);
        int32_t end = start + 1 + below(rand, (uint64_t)(1440 - start));
        out[i] = (od_window){days, start, kind == 2 ? 1440 : end};
    }
}

/* Holidays of all forms around a day, on it if they can be. */
static void random_holidays(od__rand *rand, int64_t day, od__holidays *out)
{
    memset(out, 0, sizeof *out);
    out->len = (size_t)below(rand, 5);
    for (size_t i = 0; i < out->len; i++) {
        int64_t year;
        od__holiday *row = &out->rows[i];
        od__date_of_days(day + below(rand, 20), &year, &row->month, &row->day);
        row->form = 1 + below(rand, 5);
        row->weekday = below(rand, 7);
        row->nth = 1 + below(rand, 5);
        row->offset = below(rand, 3) - 1;
        row->observed = below(rand, 3);
    }
}

static void random_plan(od__rand *rand, int64_t day, plan *out)
{
    out->len = (size_t)below(rand, 4);
    for (size_t i = 0; i < out->len; i++) {
        od__schedule *s = &out->schedules[i];
        random_windows(rand, out->windows[i], 3);
        random_holidays(rand, day, &out->holidays[i]);
        s->windows = out->windows[i];
        s->windows_len = below(rand, 12) == 0 ? 0 : 1 + (size_t)below(rand, 3);
        s->holidays = below(rand, 4) == 0 ? NULL : &out->holidays[i];
        s->from_day = below(rand, 3) == 0 ? day + below(rand, 16) : INT64_MIN;
        s->until_day = below(rand, 3) == 0 ? day + below(rand, 16) : INT64_MAX;
    }
}

static void test_schedules_agree_with_the_judge(void **state)
{
    (void)state;
    static const char *const names[] = {
        "America/New_York", "America/Chicago",  "America/Phoenix",
        "Pacific/Honolulu", "America/St_Johns", "Europe/London",
        "Asia/Kathmandu",   "Asia/Gaza",        "Australia/Lord_Howe",
        "Pacific/Chatham",  "Pacific/Apia",     "UTC"};
    od__rand rand = {od_test_seed(4711)};
    int never = 0;
    int open = 0;
    for (int round = 0; round < 1200; round++) {
        plan p;
        const od__zone *list[3];
        size_t zones_len = 1 + (size_t)below(&rand, 3);
        for (size_t i = 0; i < zones_len; i++) {
            list[i] = zone_kit_named(names[below(&rand, OD__LEN(names))]);
        }
        int64_t at = utc(2011, 12, 20, 0, 0) + below(&rand, 25 * 365) * DAY_MS;
        int64_t change = od__zone_change_next(list[0], at);
        if (change != OD_NEVER && below(&rand, 3) != 0) {
            at = change - 2 * DAY_MS;
        }
        at += (int64_t)od__rand_below(&rand, 3 * (uint64_t)DAY_MS);
        random_plan(&rand, at / DAY_MS, &p);
        int64_t until = 0;
        size_t closed = 0;
        bool is_open = od__schedules_open(p.schedules, p.len, list, zones_len,
                                          at, &until, &closed);
        assert_int_equal(
            closed, closed_by_hand(p.schedules, p.len, list, zones_len, at));
        assert_int_equal(is_open, closed == p.len);
        int64_t wanted = turn_by_hand(p.schedules, p.len, list, zones_len, at);
        if (until != wanted) {
            fail_msg("round %d at %lld: %lld, not %lld", round, (long long)at,
                     (long long)until, (long long)wanted);
        }
        never += until == OD_NEVER;
        open += is_open;
    }
    print_message("%d open, %d for ever as they are\n", open, never);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schedules_closed_on_holidays),
        cmocka_unit_test(test_schedules_open_on_holidays),
        cmocka_unit_test(test_schedules_look_no_further_than_the_horizon),
        cmocka_unit_test(test_schedules_change_on_a_date),
        cmocka_unit_test(test_schedules_not_in_force_forbid_nothing),
        cmocka_unit_test(test_schedules_none_forbid_nothing),
        cmocka_unit_test(test_schedules_all_at_once),
        cmocka_unit_test(test_schedules_closed_in_some_zone),
        cmocka_unit_test(test_schedules_at_the_changes_of_the_clock),
        cmocka_unit_test(test_schedules_agree_with_the_judge),
    };
    return cmocka_run_group_tests(tests, zone_kit_setup, zone_kit_teardown);
}
