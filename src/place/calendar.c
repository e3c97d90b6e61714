/*
 * calendar.c - days and dates of the Gregorian calendar, in both directions.
 *
 * Pure arithmetic on 64 bits, so that no year a time zone can ask for is
 * beyond it. A year is taken to begin in March: then the leap day is its last
 * day, and the months follow one formula (153 days in each five months).
 *
 * Called by zone.c, zone_rule.c, holiday.c and window.c.
 */
#include "place/place.h"

/* Days of 400 years, and from 0000-03-01 to 1970-01-01. */
#define ERA_DAYS 146097
#define EPOCH_DAYS 719468

int64_t od__floor_div(int64_t value, int64_t divisor, int64_t *rest)
{
    int64_t quotient = value / divisor;
    int64_t left = value % divisor;
    if (left < 0) {
        left += divisor;
        quotient--;
    }
    *rest = left;
    return quotient;
}

int64_t od__days_of_date(int64_t year, int month, int day)
{
    int64_t year_of_era;
    int64_t era =
        od__floor_div(month <= 2 ? year - 1 : year, 400, &year_of_era);
    int64_t month_from_march = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_DAYS;
}

void od__date_of_days(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t day_of_era;
    int64_t era = od__floor_div(days + EPOCH_DAYS, ERA_DAYS, &day_of_era);
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                           day_of_era / 146096) /
                          365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (int)((5 * day_of_year + 2) / 153);
    *day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *month =
        month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *year = era * 400 + year_of_era + (*month <= 2 ? 1 : 0);
}

int od__weekday_of_days(int64_t days)
{
    int64_t rest;
    (void)od__floor_div(days + 3, 7, &rest); /* 1970-01-01 was a Thursday */
    return (int)rest;
}
