/*
 * holiday.c - holidays by rule: is this date one?
 *
 * A row names a day of each year: a date, the n-th or last weekday of a month,
 * Easter, or the election; an offset in days moves it. Where it falls on a
 * weekend the law of many places keeps another day, Friday or Monday. Both
 * days count, since a call on either may be the one that is forbidden.
 *
 * Offsets and observed days may lead into the year before or behind (January 1
 * 2028 is a Saturday, kept on December 31 2027), so a date near the turn is
 * compared with the rows of both years.
 *
 * Called by window.c. Pure: no state, no table of dates.
 */
#include "place/place.h"

#include <assert.h>

/* So far at most is a holiday from what its form names. */
#define REACH_DAYS (OD__HOLIDAY_OFFSET_MAX + 1)

/* Day of a date that may not exist. */
static bool day_fixed(int64_t year, int month, int day, int64_t *out)
{
    int64_t same_year;
    int same_month;
    int same_day;
    *out = od__days_of_date(year, month, day);
    od__date_of_days(*out, &same_year, &same_month, &same_day);
    return same_month == month;
}

/* The n-th weekday of a month, n from 1. */
static bool day_nth(int64_t year, int month, int weekday, int nth, int64_t *out)
{
    int64_t first = od__days_of_date(year, month, 1);
    int ahead = (weekday - od__weekday_of_days(first) + 7) % 7;
    return day_fixed(year, month, 1 + ahead + 7 * (nth - 1), out);
}

static int64_t day_last(int64_t year, int month, int weekday)
{
    int64_t last = month < 12 ? od__days_of_date(year, month + 1, 1) - 1
                              : od__days_of_date(year, 12, 31);
    return last - (od__weekday_of_days(last) - weekday + 7) % 7;
}

/* Easter Sunday, by the anonymous Gregorian computus (Meeus, Astronomical
 * Algorithms, chapter 8). The calendar repeats after 5,700,000 years, and its
 * dates of Easter with it. */
static int64_t day_easter(int64_t year)
{
    int64_t y;
    (void)od__floor_div(year, 5700000, &y);
    int64_t century = y / 100;
    int64_t golden = y % 19; /* the year of the moon's cycle, from 0 */
    int64_t moon =           /* days from March 21 to the full moon */
        (19 * golden + century - century / 4 -
         (century - (century + 8) / 25 + 1) / 3 + 15) %
        30;
    int64_t sunday = /* days from there to the Sunday that follows */
        (32 + 2 * (century % 4) + 2 * (y % 100 / 4) - moon - y % 100 % 4) % 7;
    int64_t late = (golden + 11 * moon + 22 * sunday) / 451;
    return od__days_of_date(year, 3, 22) + moon + sunday - 7 * late;
}

static bool is_in(int32_t value, int32_t min, int32_t max)
{
    return min <= value && value <= max;
}

/* The day that the form names in a year; false: none. */
static bool day_of_form(const od__holiday *row, int64_t year, int64_t *out)
{
    bool has_month = is_in(row->month, 1, 12);
    bool has_weekday = has_month && is_in(row->weekday, 0, 6);
    switch (row->form) {
    case OD__HOLIDAY_FIXED:
        return has_month && is_in(row->day, 1, 31) &&
               day_fixed(year, row->month, row->day, out);
    case OD__HOLIDAY_NTH:
        return has_weekday && is_in(row->nth, 1, 5) &&
               day_nth(year, row->month, row->weekday, row->nth, out);
    case OD__HOLIDAY_LAST:
        if (has_weekday) {
            *out = day_last(year, row->month, row->weekday);
        }
        return has_weekday;
    case OD__HOLIDAY_EASTER:
        *out = day_easter(year);
        return true;
    case OD__HOLIDAY_ELECTION: /* 2 USC 7 */
        if (year % 2 != 0 || !day_nth(year, 11, 0, 1, out)) {
            return false;
        }
        (*out)++;
        return true;
    default:
        return false;
    }
}

static int64_t observed_on(const od__holiday *row, int64_t day)
{
    int weekday = od__weekday_of_days(day);
    if (weekday == 6 && row->observed != OD__OBSERVED_NONE) {
        return day + 1;
    }
    if (weekday == 5 && row->observed == OD__OBSERVED_WEEKEND) {
        return day - 1;
    }
    return day;
}

static bool row_has(const od__holiday *row, int64_t year, int64_t day)
{
    int64_t own;
    if (!is_in(row->offset, -OD__HOLIDAY_OFFSET_MAX, OD__HOLIDAY_OFFSET_MAX) ||
        !is_in(row->observed, OD__OBSERVED_NONE, OD__OBSERVED_WEEKEND) ||
        !day_of_form(row, year, &own)) {
        return false;
    }
    own += row->offset;
    return day == own || day == observed_on(row, own);
}

bool od__holidays_has(const od__holidays *holidays, int64_t day)
{
    assert(holidays != NULL && holidays->len <= OD__HOLIDAYS_MAX);
    int64_t first;
    int64_t last;
    int month;
    int ignored;
    od__date_of_days(day - REACH_DAYS, &first, &month, &ignored);
    od__date_of_days(day + REACH_DAYS, &last, &month, &ignored);
    for (size_t i = 0; i < holidays->len; i++) {
        for (int64_t year = first; year <= last; year++) {
            if (row_has(&holidays->rows[i], year, day)) {
                return true;
            }
        }
    }
    return false;
}
