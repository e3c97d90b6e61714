/*
 * times.c - instants as text, in files that go out and come in.
 *
 * Always UTC: what a file says must not depend on where it is read.
 *
 * Source: ISO 8601, the profile of RFC 3339.
 */
#include "core/core.h"

#include <inttypes.h>

#define DAY_MS 86400000

/* `len` digits at `text`; negative: other characters stand there. */
static int digits(const char *text, int len)
{
    int value = 0;
    for (int i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/* "2026-10-18": the date must be in the calendar. */
static bool take_date(const char *text, int64_t *out_days)
{
    if (strnlen(text, 10) < 10 || text[4] != '-' || text[7] != '-') {
        return false;
    }
    int year = digits(text, 4);
    int month = digits(text + 5, 2);
    int day = digits(text + 8, 2);
    if (year < 0 || month < 1 || month > 12 || day < 1) {
        return false;
    }
    int64_t same_year = 0;
    int same_month = 0;
    int same_day = 0;
    *out_days = od__days_of_date(year, month, day);
    od__date_of_days(*out_days, &same_year, &same_month, &same_day);
    return same_month == month && same_day == day; /* no 30 February */
}

/* "T15:04:05Z" or "T15:04:05.123Z", to the end. */
static bool take_clock(const char *text, int64_t *out_ms)
{
    if (strnlen(text, 10) < 10 || text[0] != 'T' || text[3] != ':' ||
        text[6] != ':') {
        return false;
    }
    int hour = digits(text + 1, 2);
    int minute = digits(text + 4, 2);
    int second = digits(text + 7, 2);
    int ms = 0;
    text += 9;
    if (text[0] == '.') {
        ms = strnlen(text, 5) == 5 ? digits(text + 1, 3) : -1;
        text += 4;
    }
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
        second > 59 || ms < 0 || strcmp(text, "Z") != 0) {
        return false;
    }
    *out_ms = ((hour * 60 + minute) * 60 + second) * (int64_t)1000 + ms;
    return true;
}

bool od__time_parse(const char *text, int64_t *out)
{
    int64_t days = 0;
    int64_t ms = 0;
    if (!take_date(text, &days) ||
        (text[10] != '\0' && !take_clock(text + 10, &ms))) {
        return false;
    }
    *out = days * DAY_MS + ms;
    return true;
}

void od__time_text(int64_t utc_ms, char out[OD__TIME_SIZE])
{
    int64_t rest = 0;
    int64_t year = 0;
    int month = 0;
    int day = 0;
    char fraction[8] = "";
    od__date_of_days(od__floor_div(utc_ms, DAY_MS, &rest), &year, &month, &day);
    if (rest % 1000 != 0) {
        (void)snprintf(fraction, sizeof fraction, ".%03u",
                       (unsigned)(rest % 1000) & 1023u);
    }
    (void)snprintf(out, OD__TIME_SIZE,
                   "%04" PRId64 "-%02d-%02dT%02d:%02d:%02d%sZ", year, month,
                   day, (int)(rest / 3600000), (int)(rest / 60000 % 60),
                   (int)(rest / 1000 % 60), fraction);
}
