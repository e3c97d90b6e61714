/*
 * window.c - weekly windows read in several zones at once.
 *
 * A zone is open at an instant if the local weekday and minute lie in one of
 * the windows; all zones must be open. That one sentence is the whole meaning,
 * so clock changes need no rule of their own: a window that would begin in the
 * hour that is skipped opens when the clock arrives behind it, and one in the
 * hour that comes twice is open twice.
 *
 * Between two changes of its offset the local clock of a zone runs evenly, so
 * the next opening and closing are found by steps from boundary to boundary,
 * never minute by minute:
 *
 *     closed: let each closed zone name its next opening, go to the latest,
 *             ask all again, until none objects;
 *     open:   the earliest closing of any zone.
 *
 * Each step moves on by at least one boundary of the week or one clock change,
 * and nothing is sought beyond OD__WINDOW_SEARCH_DAYS, which bounds the work.
 *
 * Called by the engine's decision. No state, no allocation.
 */
#include "place/place.h"

#define DAY_S 86400
#define DAY_MIN 1440

/* After so many days the week repeats: what is open until then (windows that
 * meet at midnight are one) never closes, what is closed never opens. */
#define WEEK_DAYS 7

typedef struct week {
    const od_window *windows;
    size_t len;
} week;

/* == one zone's week, in local time ======================================= */

/* A local time: a day of the week and a second of that day. */
typedef struct moment {
    int weekday;
    int64_t second;
} moment;

static moment moment_at(const od__zone *zone, int64_t utc_s)
{
    moment now;
    int64_t local_s = utc_s + od__zone_offset_s(zone, utc_s * 1000);
    now.weekday =
        od__weekday_of_days(od__floor_div(local_s, DAY_S, &now.second));
    return now;
}

static bool is_on(const od_window *window, int weekday)
{
    return (window->days >> weekday & 1u) != 0;
}

/* The latest end of a window that is open at this minute, 0 if none is. */
static int32_t end_at(const week *w, int weekday, int32_t minute)
{
    int32_t end = 0;
    for (size_t i = 0; i < w->len; i++) {
        const od_window *window = &w->windows[i];
        if (is_on(window, weekday) && window->start_min <= minute &&
            minute < window->end_min && window->end_min > end) {
            end = window->end_min;
        }
    }
    return end;
}

static bool is_open(const week *w, moment now)
{
    return end_at(w, now.weekday, (int32_t)(now.second / 60)) > 0;
}

/* Seconds until the week closes if the clock runs evenly; -1: never. The
 * windows of a day that touch or overlap count as one. */
static int64_t close_in_s(const week *w, moment now)
{
    int64_t days_s = 0;
    int32_t minute = (int32_t)(now.second / 60);
    for (int day = 0; day <= WEEK_DAYS; day++) {
        int weekday = (now.weekday + day) % 7;
        int32_t end = minute;
        for (int32_t next; (next = end_at(w, weekday, end)) > 0;) {
            end = next;
        }
        if (end < DAY_MIN) {
            return days_s + end * INT64_C(60) - now.second;
        }
        days_s += DAY_S;
        minute = 0;
    }
    return -1;
}

/* Seconds until a closed week opens; -1: never. */
static int64_t open_in_s(const week *w, moment now)
{
    for (int day = 0; day <= WEEK_DAYS; day++) {
        int weekday = (now.weekday + day) % 7;
        int32_t first = DAY_MIN;
        for (size_t i = 0; i < w->len; i++) {
            const od_window *window = &w->windows[i];
            if (is_on(window, weekday) && window->start_min < first &&
                (day > 0 || window->start_min * INT64_C(60) > now.second)) {
                first = window->start_min;
            }
        }
        if (first < DAY_MIN) {
            return day * INT64_C(86400) + first * INT64_C(60) - now.second;
        }
    }
    return -1;
}

/* == one zone, in UTC ===================================================== */

/* The instant at which a zone stops being what it is now, open or closed;
 * limit_s: not before that. */
static int64_t turn_s(const week *w, const od__zone *zone, int64_t utc_s,
                      int64_t limit_s)
{
    bool was_open = is_open(w, moment_at(zone, utc_s));
    while (utc_s < limit_s) {
        moment now = moment_at(zone, utc_s);
        int64_t change_ms = od__zone_change_next(zone, utc_s * 1000);
        int64_t change_s = change_ms == OD_NEVER ? INT64_MAX : change_ms / 1000;
        int64_t in_s = was_open ? close_in_s(w, now) : open_in_s(w, now);
        if (in_s >= 0 && utc_s + in_s < change_s) {
            return utc_s + in_s < limit_s ? utc_s + in_s : limit_s;
        }
        if (change_s >= limit_s) {
            return limit_s;
        }
        utc_s = change_s; /* the clock jumps: judge anew where it lands */
        if (is_open(w, moment_at(zone, utc_s)) != was_open) {
            return utc_s;
        }
    }
    return limit_s;
}

/* == all zones ============================================================ */

static int64_t first_close_s(const week *w, const od__zone *const *zones,
                             size_t zones_len, int64_t utc_s, int64_t limit_s)
{
    int64_t first_s = limit_s;
    for (size_t i = 0; i < zones_len; i++) {
        first_s = turn_s(w, zones[i], utc_s, first_s);
    }
    return first_s;
}

/* The first instant from utc_s on at which no zone is closed. */
static int64_t all_open_s(const week *w, const od__zone *const *zones,
                          size_t zones_len, int64_t utc_s, int64_t limit_s)
{
    size_t agreed = 0;
    size_t at = 0;
    while (agreed < zones_len && utc_s < limit_s) {
        if (is_open(w, moment_at(zones[at], utc_s))) {
            agreed++;
        } else {
            utc_s = turn_s(w, zones[at], utc_s, limit_s);
            agreed = 1;
        }
        at = at + 1 < zones_len ? at + 1 : 0;
    }
    return utc_s;
}

bool od__windows_open(const od_window *windows, size_t windows_len,
                      const od__zone *const *zones, size_t zones_len,
                      int64_t utc_ms, int64_t *until)
{
    const week w = {windows, windows_len};
    const int64_t search_s = OD__WINDOW_SEARCH_DAYS * (int64_t)DAY_S;
    int64_t rest;
    int64_t utc_s = od__floor_div(utc_ms, 1000, &rest);
    *until = OD_NEVER;
    if (zones_len == 0 || utc_s > OD_NEVER / 1000 - 2 * search_s ||
        utc_s < -(OD_NEVER / 1000 - 2 * search_s)) {
        return false;
    }
    int64_t limit_s = utc_s + search_s + 1; /* the last instant counts */
    int64_t open_s = all_open_s(&w, zones, zones_len, utc_s, limit_s);
    bool is_open_now = open_s == utc_s;
    int64_t turn = is_open_now
                       ? first_close_s(&w, zones, zones_len, utc_s, limit_s)
                       : open_s;
    if (turn < limit_s) {
        *until = turn * 1000;
    }
    return is_open_now;
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
