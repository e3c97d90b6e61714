/*
 * zone_rule.c - the rule that a TZif file ends with: what the clock does after
 * the last change that the file lists.
 *
 * The text is the POSIX TZ variable with the extensions of RFC 8536, 3.3.1:
 *
 *     EST5EDT,M3.2.0,M11.1.0      second Sunday of March, first of November
 *     <-02>2<-01>,M3.5.0/-1,...   names in <>, times from -167 to 167 hours
 *     IST-1GMT0,M10.5.0,M3.5.0/1  the other time may be the earlier one
 *     XXX3EDT4,0/0,J365/23        the other time all year long
 *
 * Reading allows nothing beyond that. Offsets here are local minus UTC; the
 * text has them the other way round.
 *
 * Called by zone.c, mostly while a file is read: it lists the changes of the
 * next decades in its table, and asks here only for what is beyond.
 */
#include "place/place.h"

#define DAY_S 86400

/* == reading ============================================================== */

typedef struct cursor {
    const char *at;
    const char *end;
} cursor;

static char peek(const cursor *c)
{
    return c->at < c->end ? *c->at : '\0';
}

static bool take(cursor *c, char wanted)
{
    if (peek(c) != wanted) {
        return false;
    }
    c->at++;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take_name(cursor *c)
{
    bool quoted = take(c, '<');
    const char *first = c->at;
    while (
        is_letter(peek(c)) ||
        (quoted && (is_digit(peek(c)) || peek(c) == '+' || peek(c) == '-'))) {
        c->at++;
    }
    return c->at - first >= 3 && (!quoted || take(c, '>'));
}

static bool take_number(cursor *c, int32_t min, int32_t max, int32_t *out)
{
    int32_t value = 0;
    const char *first = c->at;
    while (is_digit(peek(c)) && c->at - first < 4) {
        value = value * 10 + (peek(c) - '0');
        c->at++;
    }
    *out = value;
    return c->at > first && value >= min && value <= max;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(cursor *c, int32_t hours_max, int32_t *out)
{
    int32_t hours;
    int32_t minutes = 0;
    int32_t seconds = 0;
    bool negative = take(c, '-');
    if (!negative) {
        (void)take(c, '+');
    }
    if (!take_number(c, 0, hours_max, &hours) ||
        (take(c, ':') &&
         (!take_number(c, 0, 59, &minutes) ||
          (take(c, ':') && !take_number(c, 0, 59, &seconds))))) {
        return false;
    }
    int32_t time_s = hours * 3600 + minutes * 60 + seconds;
    *out = negative ? -time_s : time_s;
    return true;
}

static bool take_day(cursor *c, od__zone_day *out)
{
    od__zone_day day = {.time_s = 2 * 3600};
    if (take(c, 'M')) {
        day.form = 'M';
        if (!take_number(c, 1, 12, &day.month) || !take(c, '.') ||
            !take_number(c, 1, 5, &day.week) || !take(c, '.') ||
            !take_number(c, 0, 6, &day.day)) {
            return false;
        }
    } else if (take(c, 'J')) {
        day.form = 'J';
        if (!take_number(c, 1, 365, &day.day)) {
            return false;
        }
    } else {
        day.form = '0';
        if (!take_number(c, 0, 365, &day.day)) {
            return false;
        }
    }
    if (take(c, '/') && !take_time(c, 167, &day.time_s)) {
        return false;
    }
    *out = day;
    return true;
}

bool od__zone_rule_parse(const char *text, size_t len, od__zone_rule *out)
{
    cursor c = {text, text + len};
    od__zone_rule rule = {0};
    int32_t west_s;
    if (!take_name(&c) || !take_time(&c, 24, &west_s)) {
        return false;
    }
    rule.std_s = -west_s;
    if (c.at < c.end) {
        rule.has_dst = true;
        rule.dst_s = rule.std_s + 3600;
        if (!take_name(&c)) {
            return false;
        }
        if (peek(&c) != ',') {
            if (!take_time(&c, 24, &west_s)) {
                return false;
            }
            rule.dst_s = -west_s;
        }
        if (!take(&c, ',') || !take_day(&c, &rule.start) || !take(&c, ',') ||
            !take_day(&c, &rule.end)) {
            return false;
        }
    }
    if (c.at != c.end) {
        return false;
    }
    *out = rule;
    return true;
}

/* == reckoning ============================================================ */

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Seconds from 1970 to a rule's day and time of that year, on its clock. */
static int64_t day_s(const od__zone_day *day, int64_t year)
{
    int64_t days;
    if (day->form == 'M') {
        int64_t first = od__days_of_date(year, day->month, 1);
        int64_t next = day->month == 12
                           ? od__days_of_date(year + 1, 1, 1)
                           : od__days_of_date(year, day->month + 1, 1);
        int weekday = (day->day + 6) % 7; /* ours begin on Monday */
        days = first + (weekday - od__weekday_of_days(first) + 7) % 7 +
               7 * (day->week - 1);
        while (days >= next) { /* the fifth is the last */
            days -= 7;
        }
    } else {
        days = od__days_of_date(year, 1, 1) + day->day;
        if (day->form == 'J' && !(is_leap(year) && day->day >= 60)) {
            days--; /* J counts from 1 and never counts a leap day */
        }
    }
    return days * DAY_S + day->time_s;
}

/*
 * Changes of the years around an instant: two before, its own, two after. A
 * time of 167 hours can push a change over the new year, never further.
 */
#define AROUND 10

typedef struct change {
    int64_t at_s;
    bool to_dst;
} change;

static void changes_around(const od__zone_rule *rule, int64_t utc_s,
                           change out[AROUND])
{
    int64_t rest;
    int64_t year;
    int month;
    int day;
    od__date_of_days(od__floor_div(utc_s + rule->std_s, DAY_S, &rest), &year,
                     &month, &day);
    for (int i = 0; i < AROUND; i += 2) {
        int64_t of_year = year - 2 + i / 2;
        out[i].at_s = day_s(&rule->start, of_year) - rule->std_s;
        out[i].to_dst = true;
        out[i + 1].at_s = day_s(&rule->end, of_year) - rule->dst_s;
        out[i + 1].to_dst = false;
    }
}

/* The latest change up to utc_s decides. Where one year's end meets the next
 * one's start, the other time goes on. */
static int32_t offset_among(const od__zone_rule *rule,
                            const change changes[AROUND], int64_t utc_s)
{
    int64_t latest = INT64_MIN;
    bool is_dst = false;
    for (int i = 0; i < AROUND; i++) {
        int64_t at_s = changes[i].at_s;
        if (at_s <= utc_s &&
            (at_s > latest || (at_s == latest && changes[i].to_dst))) {
            latest = at_s;
            is_dst = changes[i].to_dst;
        }
    }
    return is_dst ? rule->dst_s : rule->std_s;
}

int32_t od__zone_rule_offset_s(const od__zone_rule *rule, int64_t utc_s)
{
    if (!rule->has_dst) {
        return rule->std_s;
    }
    change changes[AROUND];
    changes_around(rule, utc_s, changes);
    return offset_among(rule, changes, utc_s);
}

int64_t od__zone_rule_next_s(const od__zone_rule *rule, int64_t utc_s)
{
    if (!rule->has_dst) {
        return INT64_MAX;
    }
    change changes[AROUND];
    changes_around(rule, utc_s, changes);
    int32_t now_s = offset_among(rule, changes, utc_s);
    int64_t after = utc_s;
    /* The last year is only there to judge the end of the one before it. A
     * rule that does not change the clock in two years never does. */
    for (int round = 0; round < AROUND; round++) {
        int64_t next = INT64_MAX;
        for (int i = 0; i < AROUND - 2; i++) {
            if (changes[i].at_s > after && changes[i].at_s < next) {
                next = changes[i].at_s;
            }
        }
        if (next == INT64_MAX || offset_among(rule, changes, next) != now_s) {
            return next;
        }
        after = next;
    }
    return INT64_MAX;
}
