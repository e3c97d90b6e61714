/*
 * window.c - schedules of weekly windows, read in several zones at once.
 *
 * A zone is open at an instant if the local minute lies in a window that each
 * of the schedules has on the local date; all zones must be open. That one
 * sentence is the whole meaning, so clock changes need no rule of their own: a
 * window that would begin in the hour that is skipped opens when the clock
 * arrives behind it, and one in the hour that comes twice is open twice. Nor
 * do holidays, and the dates between which a schedule is in force: they only
 * choose which windows a date has.
 *
 * Between two changes of its offset the local clock of a zone runs evenly, so
 * the next opening and closing are found by steps from boundary to boundary,
 * never minute by minute:
 *
 *     closed: let each closed schedule name its next opening, go to the latest,
 *             ask all again, until none objects; zones among each other alike;
 *     open:   the earliest closing of any schedule in any zone.
 *
 * Each step moves on by at least one boundary of a day or one clock change,
 * and nothing is sought beyond OD__WINDOW_SEARCH_DAYS, which bounds the work.
 *
 * Called by the engine's decision. No state, no allocation.
 */
#include "place/place.h"

#include <assert.h>

#define DAY_S INT64_C(86400)
#define DAY_MIN 1440

/* Kinds of days besides the weekdays 0 to 6. */
#define KIND_HOLIDAY 7 /* the place of OD__HOLIDAY_BIT in od_window.days */
#define KIND_FREE 8    /* the schedule is not in force: open all day */

/* All that a zone must satisfy at once. */
typedef struct demand {
    const od__schedule *schedules;
    size_t len;
} demand;

/* == one schedule, in local time ========================================== */

/* A local time: a date in days since 1970-01-01 and a second of that day. */
typedef struct moment {
    int64_t day;
    int64_t second;
} moment;

/* Which windows hold on a date. */
static int kind_of(const od__schedule *s, int64_t day)
{
    if (day < s->from_day || day > s->until_day) {
        return KIND_FREE;
    }
    if (s->holidays != NULL && od__holidays_has(s->holidays, day)) {
        return KIND_HOLIDAY;
    }
    return od__weekday_of_days(day);
}

static bool is_on(const od_window *window, int kind)
{
    return (window->days >> kind & 1u) != 0;
}

/* The latest end of a window that is open at this minute, 0 if none is. */
static int32_t end_at(const od__schedule *s, int kind, int32_t minute)
{
    int32_t end = 0;
    if (kind == KIND_FREE) {
        return minute < DAY_MIN ? DAY_MIN : 0;
    }
    for (size_t i = 0; i < s->windows_len; i++) {
        const od_window *window = &s->windows[i];
        if (is_on(window, kind) && window->start_min <= minute &&
            minute < window->end_min && window->end_min > end) {
            end = window->end_min;
        }
    }
    return end;
}

static bool is_open(const od__schedule *s, moment now)
{
    return end_at(s, kind_of(s, now.day), (int32_t)(now.second / 60)) > 0;
}

/* Seconds until an open schedule closes if the clock runs evenly, at most
 * left_s. The windows of a day that touch or overlap count as one, and so do
 * those that meet at midnight. */
static int64_t close_in_s(const od__schedule *s, moment now, int64_t left_s)
{
    int32_t minute = (int32_t)(now.second / 60);
    int64_t midnight_s = -now.second; /* of the day that is looked at */
    for (int64_t day = now.day; midnight_s < left_s; day++) {
        int kind = kind_of(s, day);
        int32_t end = minute;
        for (int32_t next; (next = end_at(s, kind, end)) > 0;) {
            end = next;
        }
        if (end < DAY_MIN) {
            int64_t in_s = midnight_s + end * INT64_C(60);
            return in_s < left_s ? in_s : left_s;
        }
        midnight_s += DAY_S;
        minute = 0;
    }
    return left_s;
}

/* Seconds until a closed schedule opens, at most left_s. */
static int64_t open_in_s(const od__schedule *s, moment now, int64_t left_s)
{
    int64_t midnight_s = -now.second;
    for (int64_t day = now.day; midnight_s < left_s; day++) {
        int kind = kind_of(s, day);
        int32_t first = kind == KIND_FREE ? 0 : DAY_MIN;
        for (size_t i = 0; i < s->windows_len; i++) {
            const od_window *window = &s->windows[i];
            if (is_on(window, kind) && window->start_min < first &&
                midnight_s + window->start_min * INT64_C(60) > 0) {
                first = window->start_min;
            }
        }
        if (first < DAY_MIN) {
            int64_t in_s = midnight_s + first * INT64_C(60);
            return in_s < left_s ? in_s : left_s;
        }
        midnight_s += DAY_S;
    }
    return left_s;
}

/* == all schedules, in local time ========================================= */

/* The first schedule that is closed; their number if none is. */
static size_t closed_at(const demand *all, moment now)
{
    size_t at = 0;
    while (at < all->len && is_open(&all->schedules[at], now)) {
        at++;
    }
    return at;
}

static bool all_open(const demand *all, moment now)
{
    return closed_at(all, now) == all->len;
}

static int64_t first_close_in_s(const demand *all, moment now, int64_t left_s)
{
    for (size_t i = 0; i < all->len; i++) {
        left_s = close_in_s(&all->schedules[i], now, left_s);
    }
    return left_s;
}

static moment moment_after(moment now, int64_t in_s)
{
    moment then = {now.day, 0};
    then.day += od__floor_div(now.second + in_s, DAY_S, &then.second);
    return then;
}

/* Seconds until no schedule is closed, at most left_s. */
static int64_t all_open_in_s(const demand *all, moment now, int64_t left_s)
{
    int64_t in_s = 0;
    size_t agreed = 0;
    size_t at = 0;
    while (agreed < all->len && in_s < left_s) {
        const od__schedule *s = &all->schedules[at];
        moment then = moment_after(now, in_s);
        if (is_open(s, then)) {
            agreed++;
        } else {
            in_s += open_in_s(s, then, left_s - in_s);
            agreed = 1;
        }
        at = at + 1 < all->len ? at + 1 : 0;
    }
    return in_s;
}

/* == one zone, in UTC ===================================================== */

static moment moment_at(const od__zone *zone, int64_t utc_s)
{
    moment now;
    int64_t local_s = utc_s + od__zone_offset_s(zone, utc_s * 1000);
    now.day = od__floor_div(local_s, DAY_S, &now.second);
    return now;
}

/* The instant at which a zone stops being what it is now, open or closed;
 * limit_s: not before that. */
static int64_t turn_s(const demand *all, const od__zone *zone, int64_t utc_s,
                      int64_t limit_s)
{
    moment now = moment_at(zone, utc_s);
    bool was_open = all_open(all, now);
    while (utc_s < limit_s) {
        int64_t change_ms = od__zone_change_next(zone, utc_s * 1000);
        int64_t change_s = change_ms == OD_NEVER ? INT64_MAX : change_ms / 1000;
        int64_t stop_s = change_s < limit_s ? change_s : limit_s;
        int64_t left_s = stop_s - utc_s;
        int64_t in_s = was_open ? first_close_in_s(all, now, left_s)
                                : all_open_in_s(all, now, left_s);
        utc_s += in_s;
        if (in_s < left_s) {
            return utc_s;
        }
        /* The clock jumps: judge anew where it lands. */
        now = moment_at(zone, utc_s);
        if (utc_s < limit_s && all_open(all, now) != was_open) {
            return utc_s;
        }
    }
    return limit_s;
}

/* == all zones ============================================================ */

static int64_t first_close_s(const demand *all, const od__zone *const *zones,
                             size_t zones_len, int64_t utc_s, int64_t limit_s)
{
    int64_t first_s = limit_s;
    for (size_t i = 0; i < zones_len; i++) {
        first_s = turn_s(all, zones[i], utc_s, first_s);
    }
    return first_s;
}

/* The first instant from utc_s on at which no zone is closed. */
static int64_t all_open_s(const demand *all, const od__zone *const *zones,
                          size_t zones_len, int64_t utc_s, int64_t limit_s)
{
    size_t agreed = 0;
    size_t at = 0;
    while (agreed < zones_len && utc_s < limit_s) {
        if (all_open(all, moment_at(zones[at], utc_s))) {
            agreed++;
        } else {
            utc_s = turn_s(all, zones[at], utc_s, limit_s);
            agreed = 1;
        }
        at = at + 1 < zones_len ? at + 1 : 0;
    }
    return utc_s;
}

/* The first schedule that is closed in any of the zones. */
static size_t first_closed(const demand *all, const od__zone *const *zones,
                           size_t zones_len, int64_t utc_s)
{
    demand before = *all;
    for (size_t i = 0; i < zones_len; i++) {
        before.len = closed_at(&before, moment_at(zones[i], utc_s));
    }
    return before.len;
}

bool od__schedules_open(const od__schedule *schedules, size_t schedules_len,
                        const od__zone *const *zones, size_t zones_len,
                        int64_t utc_ms, int64_t *until, size_t *closed)
{
    const demand all = {schedules, schedules_len};
    const int64_t search_s = OD__WINDOW_SEARCH_DAYS * DAY_S;
    int64_t rest;
    int64_t utc_s = od__floor_div(utc_ms, 1000, &rest);
    bool is_known = zones_len > 0 && utc_s <= OD_NEVER / 1000 - 2 * search_s &&
                    utc_s >= -(OD_NEVER / 1000 - 2 * search_s);
    *until = OD_NEVER;
    if (closed != NULL) {
        *closed = is_known ? first_closed(&all, zones, zones_len, utc_s)
                           : schedules_len;
    }
    if (!is_known) {
        return false;
    }
    int64_t limit_s = utc_s + search_s + 1; /* the last instant counts */
    int64_t open_s = all_open_s(&all, zones, zones_len, utc_s, limit_s);
    bool is_open_now = open_s == utc_s;
    int64_t turn = is_open_now
                       ? first_close_s(&all, zones, zones_len, utc_s, limit_s)
                       : open_s;
    if (turn < limit_s) {
        *until = turn * 1000;
    }
    return is_open_now;
}

bool od__windows_open(const od_window *windows, size_t windows_len,
                      const od__zone *const *zones, size_t zones_len,
                      int64_t utc_ms, int64_t *until)
{
    const od__schedule week = {windows, windows_len, NULL, INT64_MIN,
                               INT64_MAX};
    return od__schedules_open(&week, 1, zones, zones_len, utc_ms, until, NULL);
}

const char *od__window_problem(const od_window *window)
{
    if (window->days == 0 || (window->days & ~OD_EVERY_DAY) != 0) {
        return "has no day, or one that is not of the week";
    }
    if (window->start_min < 0 || window->start_min >= DAY_MIN) {
        return "must start between 0:00 and 23:59";
    }
    if (window->end_min <= window->start_min) {
        return "must end after it starts";
    }
    if (window->end_min > DAY_MIN) {
        return "must end by 24:00";
    }
    return NULL;
}
