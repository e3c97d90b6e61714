/*
 * facts.c - the law, the number plan and the clocks of the checker; see
 * facts.h.
 */
#include "facts.h"

#include <stdlib.h>
#include <string.h>

/* == the law =============================================================== */

#define MON_FRI 0x1fu
#define MON_SAT 0x3fu
#define SAT_SUN 0x60u
#define SUNDAY 0x40u
#define DAILY 0x7fu
#define HOLIDAY 0x80u

#define H(hour) ((hour)*60)
#define SOLD FACT_BIT(FACT_MARKETING)
#define NOT_SOLD (FACT_CALM & ~SOLD)

#define HOURS1(name, where, why, which, d1, a1, b1)                            \
    {                                                                          \
        .id = name, .in = where, .purposes = why, .lines = which,              \
        .effect = FACT_WINDOW, .windows_len = 1, .windows = {                  \
            {d1, a1, b1}                                                       \
        }                                                                      \
    }
#define HOURS2(name, where, why, which, d1, a1, b1, d2, a2, b2)                \
    {                                                                          \
        .id = name, .in = where, .purposes = why, .lines = which,              \
        .effect = FACT_WINDOW, .windows_len = 2, .windows = {                  \
            {d1, a1, b1},                                                      \
            {d2, a2, b2}                                                       \
        }                                                                      \
    }
/* Closed on the holidays of the set. */
#define CLOSED(name, where, which, set)                                        \
    {                                                                          \
        .id = name, .in = where, .purposes = SOLD, .lines = which,             \
        .effect = FACT_WINDOW, .windows_len = 1,                               \
        .windows = {{DAILY, 0, H(24)}}, .holidays = set                        \
    }
#define CAP(name, where, why, which, but, n, ms, each)                         \
    {                                                                          \
        .id = name, .in = where, .purposes = why, .lines = which,              \
        .unless = but, .effect = FACT_CAP, .cap = n, .cap_ms = ms,             \
        .cap_each = each                                                       \
    }
#define CONSENT(name, where, why, which, kind)                                 \
    {                                                                          \
        .id = name, .in = where, .purposes = why, .lines = which,              \
        .effect = FACT_CONSENT, .consent = kind                                \
    }
#define BAN(name, where, which, but)                                           \
    {                                                                          \
        .id = name, .in = where, .purposes = SOLD, .lines = which,             \
        .unless = but, .effect = FACT_BAN                                      \
    }

#define DAY_MS INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)

const fact_rule fact_law[] = {
    /* 47 CFR 64.1200(c)(1): kept for every purpose but emergencies. */
    HOURS1("us.hours", "US", FACT_CALM, FACT_LINES, DAILY, H(8), H(21)),
    /* 12 CFR 1006.6(b) */
    HOURS1("us.debt.hours", "US", FACT_BIT(FACT_DEBT), FACT_LINES, DAILY, H(8),
           H(21)),
    /* 47 CFR 64.1200(a)(2), (a)(3) */
    CONSENT("us.consent.marketing", "US", SOLD, FACT_PEOPLE, FACT_WRITTEN),
    /* (a)(1) */
    CONSENT("us.consent.other", "US", NOT_SOLD, FACT_BIT(FACT_MOBILE),
            FACT_EXPRESS),
    /* (a)(3)(ii) to (v) */
    CAP("us.cap.survey", "US", FACT_BIT(FACT_SURVEY), FACT_BIT(FACT_LANDLINE),
        FACT_EXPRESS, 3, 30 * DAY_MS, false),
    CAP("us.cap.commercial", "US",
        FACT_BIT(FACT_INFORMATIONAL) | FACT_BIT(FACT_DEBT),
        FACT_BIT(FACT_LANDLINE), FACT_EXPRESS, 3, 30 * DAY_MS, false),
    CAP("us.cap.charity", "US", FACT_BIT(FACT_CHARITY), FACT_BIT(FACT_LANDLINE),
        FACT_EXPRESS, 3, 30 * DAY_MS, false),
    CAP("us.cap.health.day", "US", FACT_BIT(FACT_HEALTH),
        FACT_BIT(FACT_LANDLINE), FACT_EXPRESS, 1, DAY_MS, false),
    CAP("us.cap.health.week", "US", FACT_BIT(FACT_HEALTH),
        FACT_BIT(FACT_LANDLINE), FACT_EXPRESS, 3, 7 * DAY_MS, false),
    /* 12 CFR 1006.14(b)(2) */
    CAP("us.debt.calls", "US", FACT_BIT(FACT_DEBT), FACT_LINES, 0, 7,
        7 * DAY_MS, true),
    /* 47 CFR 64.1200(c)(2) */
    {.id = "us.registry",
     .in = "US",
     .purposes = SOLD,
     .lines = FACT_PEOPLE,
     .unless = FACT_WRITTEN | FACT_RELATED,
     .effect = FACT_REGISTRY,
     .registry = "us.national",
     .registry_days = 31},
    /* CRTC */
    HOURS2("ca.hours", "CA", SOLD, FACT_LINES, MON_FRI, H(9), H(21) + 30,
           SAT_SUN, H(10), H(18)),
    HOURS2("ca.hours.auto", "CA", NOT_SOLD, FACT_LINES, MON_FRI, H(9),
           H(21) + 30, SAT_SUN, H(10), H(18)),
    CONSENT("ca.consent", "CA", SOLD, FACT_LINES, FACT_EXPRESS),
    {.id = "ca.registry",
     .in = "CA",
     .purposes = SOLD,
     .lines = FACT_PEOPLE,
     .effect = FACT_REGISTRY,
     .registry = "ca.dncl",
     .registry_days = 31},
    /* PECR reg. 19 */
    CONSENT("gb.consent", "GB", SOLD, FACT_LINES, FACT_EXPRESS),
    /* courtesy */
    {.id = "world.hours",
     .in = "*",
     .except = true,
     .purposes = FACT_CALM,
     .lines = FACT_LINES,
     .effect = FACT_WINDOW,
     .windows_len = 1,
     .windows = {{DAILY, H(8), H(21)}}},
    /* states */
    HOURS1("us-al.hours", "US-AL", SOLD, FACT_LINES, MON_SAT, H(8), H(20)),
    CLOSED("us-al.holidays", "US-AL", FACT_LINES, FACT_AL),
    BAN("us-az.mobile", "US-AZ", FACT_BIT(FACT_MOBILE), FACT_WRITTEN),
    HOURS1("us-ca.auto", "US-CA", FACT_CALM, FACT_LINES, DAILY, H(9), H(21)),
    CONSENT("us-ca.consent", "US-CA", FACT_CALM, FACT_LINES, FACT_EXPRESS),
    HOURS1("us-fl.hours", "US-FL", SOLD, FACT_LINES, DAILY, H(8), H(20)),
    CAP("us-fl.cap", "US-FL", SOLD, FACT_LINES, 0, 3, DAY_MS, false),
    CONSENT("us-fl.consent", "US-FL", SOLD, FACT_LINES, FACT_WRITTEN),
    HOURS1("us-il.hours", "US-IL", FACT_CALM, FACT_LINES, DAILY, H(8), H(21)),
    HOURS1("us-in.auto", "US-IN", FACT_CALM, FACT_LINES, DAILY, H(9), H(20)),
    HOURS1("us-ky.hours", "US-KY", SOLD, FACT_PEOPLE, DAILY, H(10), H(21)),
    HOURS1("us-la.hours", "US-LA", SOLD, FACT_LINES, MON_SAT, H(8), H(20)),
    CLOSED("us-la.holidays", "US-LA", FACT_LINES, FACT_LA),
    HOURS1("us-ma.hours", "US-MA", SOLD, FACT_LINES, DAILY, H(8), H(20)),
    HOURS1("us-md.hours", "US-MD", SOLD, FACT_LINES, DAILY, H(8), H(20)),
    CAP("us-md.cap", "US-MD", SOLD, FACT_LINES, 0, 3, DAY_MS, false),
    HOURS1("us-me.auto", "US-ME", FACT_CALM, FACT_LINES, MON_FRI, H(9), H(17)),
    CAP("us-me.auto.cap", "US-ME", FACT_CALM, FACT_LINES, 0, 1, 8 * HOUR_MS,
        false),
    HOURS1("us-ms.hours", "US-MS", SOLD, FACT_LINES, MON_SAT, H(8), H(20)),
    BAN("us-ms.recorded", "US-MS", FACT_LINES, FACT_RELATED),
    HOURS2("us-ne.auto", "US-NE", FACT_CALM, FACT_LINES, MON_SAT, H(8), H(21),
           SUNDAY, H(13), H(21)),
    {.id = "us-ne.auto.holidays",
     .in = "US-NE",
     .purposes = FACT_CALM,
     .lines = FACT_LINES,
     .effect = FACT_WINDOW,
     .windows_len = 2,
     .windows = {{MON_SAT, H(8), H(21)}, {SUNDAY | HOLIDAY, H(13), H(21)}},
     .holidays = FACT_US},
    HOURS1("us-nv.hours", "US-NV", SOLD, FACT_LINES, DAILY, H(9), H(20)),
    HOURS1("us-ny.hours", "US-NY", SOLD, FACT_LINES, DAILY, H(8), H(21)),
    HOURS1("us-ok.hours", "US-OK", SOLD, FACT_LINES, DAILY, H(8), H(20)),
    CAP("us-ok.cap", "US-OK", SOLD, FACT_LINES, 0, 3, DAY_MS, false),
    CONSENT("us-ok.consent", "US-OK", SOLD, FACT_LINES, FACT_WRITTEN),
    HOURS1("us-or.hours", "US-OR", SOLD, FACT_LINES, DAILY, H(8), H(20)),
    CAP("us-or.cap", "US-OR", SOLD, FACT_LINES, FACT_RELATED, 3, DAY_MS, false),
    /* Act 47 of 2026: another day, other hours. */
    {.id = "us-pa.hours.before",
     .in = "US-PA",
     .purposes = SOLD,
     .lines = FACT_LINES,
     .effect = FACT_WINDOW,
     .windows_len = 1,
     .windows = {{DAILY, H(8), H(21)}},
     .until = 20261017},
    {.id = "us-pa.hours",
     .in = "US-PA",
     .purposes = SOLD,
     .lines = FACT_LINES,
     .effect = FACT_WINDOW,
     .windows_len = 1,
     .windows = {{MON_SAT, H(9), H(19)}},
     .from = 20261018},
    CLOSED("us-pa.holidays", "US-PA", FACT_LINES, FACT_PA),
    HOURS2("us-ri.hours", "US-RI", SOLD, FACT_PEOPLE, MON_FRI, H(9), H(18),
           0x20u, H(10), H(17)),
    CLOSED("us-ri.holidays", "US-RI", FACT_PEOPLE, FACT_RI),
    HOURS2("us-tx.hours", "US-TX", SOLD, FACT_LINES, MON_SAT, H(9), H(21),
           SUNDAY, H(12), H(21)),
    HOURS1("us-ut.hours", "US-UT", SOLD, FACT_LINES, MON_SAT, H(8), H(21)),
    CLOSED("us-ut.holidays", "US-UT", FACT_LINES, FACT_UT),
    HOURS1("us-wa.hours", "US-WA", SOLD, FACT_LINES, DAILY, H(8), H(20)),
    BAN("us-wa.recorded", "US-WA", FACT_LINES, 0),
    HOURS1("us-wa.auto", "US-WA", FACT_CALM, FACT_LINES, DAILY, H(8), H(21)),
};
const size_t fact_law_len = sizeof fact_law / sizeof *fact_law;

/* == where numbers are ===================================================== */

#define NEW_YORK "America/New_York"
#define CHICAGO "America/Chicago"
#define DENVER "America/Denver"
#define PACIFIC "America/Los_Angeles"
#define BOISE "America/Boise"

#define IN1(region, z1)                                                        \
    {                                                                          \
        .regions_len = 1, .zones_len = 1, .regions = {region}, .zones = { z1 } \
    }
#define IN2(region, z1, z2)                                                    \
    {                                                                          \
        .regions_len = 1, .zones_len = 2, .regions = {region}, .zones = {      \
            z1,                                                                \
            z2                                                                 \
        }                                                                      \
    }

const fact_area fact_areas[] = {
    {"1212", 7, IN1("US-NY", NEW_YORK)},
    {"1305", 7, IN1("US-FL", NEW_YORK)},
    {"1850", 7, IN2("US-FL", NEW_YORK, CHICAGO)},
    {"1213", 7, IN1("US-CA", PACIFIC)},
    {"1215", 7, IN1("US-PA", NEW_YORK)},
    {"1713", 7, IN1("US-TX", CHICAGO)},
    {"1915", 7, IN1("US-TX", DENVER)},
    {"1207", 7, IN1("US-ME", NEW_YORK)},
    {"1206", 7, IN1("US-WA", PACIFIC)},
    {"1503", 7, IN1("US-OR", PACIFIC)},
    {"1541", 7, IN2("US-OR", PACIFIC, BOISE)},
    {"1405", 7, IN1("US-OK", CHICAGO)},
    {"1410", 7, IN1("US-MD", NEW_YORK)},
    {"1602", 7, IN1("US-AZ", "America/Phoenix")},
    {"1808", 7, IN1("US-HI", "Pacific/Honolulu")},
    {"1907", 7, IN2("US-AK", "America/Anchorage", "America/Adak")},
    {"1504", 7, IN1("US-LA", CHICAGO)},
    {"1401", 7, IN1("US-RI", NEW_YORK)},
    {"1801", 7, IN1("US-UT", DENVER)},
    {"1205", 7, IN1("US-AL", CHICAGO)},
    {"1317", 7, IN1("US-IN", "America/Indiana/Indianapolis")},
    {"1502", 7, IN1("US-KY", NEW_YORK)},
    {"1402", 7, IN2("US-NE", CHICAGO, DENVER)},
    {"1601", 7, IN1("US-MS", CHICAGO)},
    {"1702", 7, IN1("US-NV", PACIFIC)},
    {"1312", 7, IN1("US-IL", CHICAGO)},
    {"1617", 7, IN1("US-MA", NEW_YORK)},
    {"1416", 7, IN1("CA-ON", "America/Toronto")},
    {"1604", 7, IN1("CA-BC", "America/Vancouver")},
    {"1204", 7, IN1("CA-MB", "America/Winnipeg")},
    {"4420", 8, IN1("GB", "Europe/London")},
    {"331", 8, IN1("FR", "Europe/Paris")},
    {"4930", 7, IN1("DE", "Europe/Berlin")},
    {"813", 8, IN1("JP", "Asia/Tokyo")},
    {"9122", 8, IN1("IN", "Asia/Kolkata")},
    {"9771", 7, IN1("NP", "Asia/Kathmandu")},
    {"612",
     8,
     {.regions_len = 1,
      .zones_len = 9,
      .regions = {"AU"},
      .zones = {"Australia/Sydney", "Australia/Lord_Howe", "Australia/Adelaide",
                "Australia/Brisbane", "Australia/Darwin", "Australia/Perth",
                "Australia/Eucla", "Indian/Christmas", "Indian/Cocos"}}},
};
const size_t fact_areas_len = sizeof fact_areas / sizeof *fact_areas;

const fact_address fact_states[] = {
    {"NY", IN1("US-NY", NEW_YORK)},
    {"FL", IN2("US-FL", NEW_YORK, CHICAGO)},
    {"TX", IN2("US-TX", CHICAGO, DENVER)},
    {"PA", IN1("US-PA", NEW_YORK)},
    {"CA", IN1("US-CA", PACIFIC)},
    {"OR", IN2("US-OR", PACIFIC, BOISE)},
    {"ME", IN1("US-ME", NEW_YORK)},
    {"KY", IN2("US-KY", CHICAGO, NEW_YORK)},
    {"NV", IN2("US-NV", PACIFIC, DENVER)},
    {"UT", IN1("US-UT", DENVER)},
    {"AZ", IN2("US-AZ", "America/Phoenix", DENVER)},
};
const size_t fact_states_len = sizeof fact_states / sizeof *fact_states;

const fact_address fact_zips[] = {
    {"10001", IN1("US-NY", NEW_YORK)},
    {"32202", IN1("US-FL", NEW_YORK)},
    {"32501", IN1("US-FL", CHICAGO)},
    {"32401", IN2("US-FL", NEW_YORK, CHICAGO)},
    {"77002", IN1("US-TX", CHICAGO)},
    {"79901", IN1("US-TX", DENVER)},
    {"79821", IN2("US-TX", CHICAGO, DENVER)},
    {"90001", IN1("US-CA", PACIFIC)},
    {"15201", IN1("US-PA", NEW_YORK)},
    {"97201", IN1("US-OR", PACIFIC)},
    {"M5V 2T6", IN1("CA-ON", "America/Toronto")},
};
const size_t fact_zips_len = sizeof fact_zips / sizeof *fact_zips;

static void add_text(const char **texts, int *len, const char *text)
{
    for (int i = 0; i < *len; i++) {
        if (strcmp(texts[i], text) == 0) {
            return;
        }
    }
    texts[(*len)++] = text;
}

static bool has_text(const char *const *texts, int len, const char *text)
{
    for (int i = 0; i < len; i++) {
        if (strcmp(texts[i], text) == 0) {
            return true;
        }
    }
    return false;
}

/* Who agrees narrows, who does not widens. */
static void join(const fact_place *a, const fact_place *b, fact_place *out)
{
    bool agree = a->regions_len > 0 && b->regions_len > 0;
    memset(out, 0, sizeof *out);
    for (int i = 0; i < a->regions_len; i++) {
        add_text(out->regions, &out->regions_len, a->regions[i]);
        for (int j = 0; j < b->regions_len; j++) {
            agree = agree && strcmp(a->regions[i], b->regions[j]) == 0;
        }
    }
    for (int i = 0; i < b->regions_len; i++) {
        add_text(out->regions, &out->regions_len, b->regions[i]);
    }
    for (int i = 0; agree && i < a->zones_len; i++) {
        if (has_text(b->zones, b->zones_len, a->zones[i])) {
            add_text(out->zones, &out->zones_len, a->zones[i]);
        }
    }
    if (out->zones_len > 0) {
        return;
    }
    for (int i = 0; i < a->zones_len; i++) {
        add_text(out->zones, &out->zones_len, a->zones[i]);
    }
    for (int i = 0; i < b->zones_len; i++) {
        add_text(out->zones, &out->zones_len, b->zones[i]);
    }
}

static const fact_place *address(const fact_address *rows, size_t len,
                                 const char *text)
{
    static const fact_place none;
    for (size_t i = 0; i < len; i++) {
        if (strcmp(rows[i].text, text) == 0) {
            return &rows[i].place;
        }
    }
    return &none;
}

/* Zones of one country that show the same time. */
static const char *clock_of(const char *zone)
{
    static const char *const same[][2] = {
        {"America/Indiana/Indianapolis", NEW_YORK}, {BOISE, DENVER}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (strcmp(zone, same[i][0]) == 0) {
            return same[i][1];
        }
    }
    return zone;
}

static bool shows(const fact_place *place, const char *zone)
{
    for (int i = 0; i < place->zones_len; i++) {
        if (strcmp(clock_of(place->zones[i]), clock_of(zone)) == 0) {
            return true;
        }
    }
    return false;
}

void fact_place_of(uint64_t phone, const char *zone, const char *state,
                   const char *zip, int line, fact_place *out)
{
    static const fact_place none;
    const fact_place *plan = &none;
    fact_place home;
    char digits[24];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    for (uint64_t n = phone; n > 0; n /= 10) {
        digits[--at] = (char)('0' + n % 10);
    }
    for (size_t i = 0; i < fact_areas_len; i++) {
        const char *prefix = fact_areas[i].prefix;
        if (strncmp(digits + at, prefix, strlen(prefix)) == 0) {
            plan = &fact_areas[i].place;
        }
    }
    /* States and postal codes of America say nothing of numbers of elsewhere,
     * where the same letters and digits are other places. */
    bool america = digits[at] == '1';
    join(address(fact_states, america ? fact_states_len : 0, state),
         address(fact_zips, america ? fact_zips_len : 0, zip), &home);
    join(plan, &home, out);
    out->line = line;
    if (zone[0] == '\0') {
        return;
    }
    if (shows(plan, zone) || shows(&home, zone)) {
        out->zones_len = 1;
        out->zones[0] = zone;
        return;
    }
    /* It contradicts: nothing that is known is ruled out. */
    for (int i = 0; i < plan->zones_len; i++) {
        add_text(out->zones, &out->zones_len, plan->zones[i]);
    }
    for (int i = 0; i < home.zones_len; i++) {
        add_text(out->zones, &out->zones_len, home.zones[i]);
    }
    add_text(out->zones, &out->zones_len, zone);
}

/* == what time it is ======================================================= */

#define QUARTER_S 900 /* clocks change at quarters of an hour only */
#define MEMORY 4096

/* Offsets that were asked for: TZ is expensive to change. */
static struct memory {
    int64_t quarter;
    long offset;
    char name[40];
} memory[MEMORY];

static long offset_s(const char *zone, int64_t utc_s)
{
    int64_t quarter = utc_s / QUARTER_S;
    uint64_t hash = (uint64_t)quarter;
    for (const char *c = zone; *c != '\0'; c++) {
        hash = hash * 31 + (uint64_t)(unsigned char)*c;
    }
    struct memory *m = &memory[hash * UINT64_C(0x9e3779b97f4a7c15) >> 52];
    if (m->name[0] == '\0' || m->quarter != quarter ||
        strcmp(m->name, zone) != 0) {
        struct tm local;
        time_t at = (time_t)(quarter * QUARTER_S);
        (void)setenv("TZ", zone, 1);
        tzset();
        (void)localtime_r(&at, &local);
        m->quarter = quarter;
        m->offset = local.tm_gmtoff;
        (void)strncpy(m->name, zone, sizeof m->name - 1);
        (void)setenv("TZ", "UTC", 1);
    }
    return m->offset;
}

void fact_local(const char *zone, int64_t utc_ms, struct tm *out)
{
    int64_t utc_s = utc_ms / 1000;
    time_t shifted = (time_t)(utc_s + offset_s(zone, utc_s));
    (void)gmtime_r(&shifted, out);
}

/* == holidays ============================================================== */

/* Days since 1970 of a date; months may be beyond the year. */
static int64_t day_of(int year, int month, int day)
{
    struct tm tm;
    memset(&tm, 0, sizeof tm);
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    tm.tm_mday = day;
    tm.tm_hour = 12;
    return (int64_t)timegm(&tm) / 86400;
}

/* 0 Sunday to 6 */
static int weekday_of(int64_t day)
{
    return (int)((day + 4) % 7); /* 1970-01-01 was a Thursday */
}

/* The nth weekday of a month; nth 0: the last. */
static int64_t nth(int year, int month, int weekday, int n)
{
    if (n == 0) {
        int64_t last = day_of(year, month + 1, 1) - 1;
        return last - (weekday_of(last) - weekday + 7) % 7;
    }
    int64_t first = day_of(year, month, 1);
    return first + (weekday - weekday_of(first) + 7) % 7 + 7 * (n - 1);
}

/* Gauss, as corrected for the Gregorian calendar: 1900 to 2099. */
static int64_t easter(int year)
{
    int a = year % 19;
    int d = (19 * a + 24) % 30;
    int e = (2 * (year % 4) + 4 * (year % 7) + 6 * d + 5) % 7;
    int late = 22 + d + e;
    if (late == 57 || (late == 56 && d == 28 && a > 10)) {
        late -= 7;
    }
    return day_of(year, 3, late);
}

/* Is `day` that holiday, or where it is observed? */
static bool kept(int64_t day, int64_t holiday)
{
    int weekday = weekday_of(holiday);
    return day == holiday || (weekday == 0 && day == holiday + 1) ||
           (weekday == 6 && day == holiday - 1);
}

static bool federal(int64_t day, int y)
{
    return kept(day, day_of(y, 1, 1)) || kept(day, nth(y, 1, 1, 3)) ||
           kept(day, nth(y, 2, 1, 3)) || kept(day, nth(y, 5, 1, 0)) ||
           kept(day, day_of(y, 6, 19)) || kept(day, day_of(y, 7, 4)) ||
           kept(day, nth(y, 9, 1, 1)) || kept(day, nth(y, 10, 1, 2)) ||
           kept(day, day_of(y, 11, 11)) || kept(day, nth(y, 11, 4, 4)) ||
           kept(day, day_of(y, 12, 25));
}

static bool election(int64_t day, int y)
{
    return y % 2 == 0 && day == nth(y, 11, 1, 1) + 1;
}

static bool in_set(fact_holidays set, int64_t day, int y)
{
    switch (set) {
    case FACT_US:
        return federal(day, y);
    case FACT_AL:
        return federal(day, y) || kept(day, easter(y) - 47) ||
               kept(day, nth(y, 4, 1, 4)) || kept(day, nth(y, 6, 1, 1)) ||
               kept(day, day_of(y, 12, 1));
    case FACT_LA:
        return kept(day, day_of(y, 1, 1)) || kept(day, nth(y, 1, 1, 3)) ||
               kept(day, easter(y) - 47) || kept(day, easter(y) - 2) ||
               kept(day, nth(y, 5, 1, 0)) || kept(day, day_of(y, 7, 4)) ||
               kept(day, nth(y, 9, 1, 1)) || election(day, y) ||
               kept(day, day_of(y, 11, 1)) || kept(day, day_of(y, 11, 11)) ||
               kept(day, nth(y, 11, 4, 4)) || kept(day, nth(y, 11, 4, 4) + 1) ||
               kept(day, day_of(y, 12, 25));
    case FACT_PA:
        return federal(day, y) || kept(day, easter(y) - 2) ||
               kept(day, day_of(y, 6, 14)) || election(day, y);
    case FACT_RI:
        return federal(day, y) || kept(day, day_of(y, 5, 4)) ||
               kept(day, nth(y, 8, 1, 2)) || election(day, y);
    case FACT_UT:
        return federal(day, y) || kept(day, day_of(y, 7, 24));
    case FACT_NO_HOLIDAYS:
        break;
    }
    return false;
}

bool fact_is_holiday(fact_holidays set, const struct tm *local)
{
    int year = local->tm_year + 1900;
    int64_t day = day_of(year, local->tm_mon + 1, local->tm_mday);
    /* New Year on a Saturday is kept in the year before. */
    return in_set(set, day, year) || in_set(set, day, year + 1) ||
           in_set(set, day, year - 1);
}

/* == asking ================================================================ */

static bool in_country(const char *region, const char *country)
{
    return strncmp(region, country, 2) == 0 &&
           (region[2] == '\0' || region[2] == '-');
}

static bool names(const char *list, const char *region)
{
    size_t len = strlen(region);
    for (const char *at = list; (at = strstr(at, region)) != NULL; at++) {
        bool whole = (at == list || at[-1] == ' ') &&
                     (at[len] == ' ' || at[len] == '\0');
        if (whole) {
            return true;
        }
    }
    return false;
}

static bool of_place(const fact_rule *rule, const fact_place *place)
{
    bool elsewhere = place->regions_len == 0;
    bool found = false;
    for (int i = 0; i < place->regions_len; i++) {
        const char *region = place->regions[i];
        char country[3] = {region[0], region[1], '\0'};
        found = found || names(rule->in, region) || names(rule->in, country);
        elsewhere = elsewhere ||
                    !(in_country(region, "US") || in_country(region, "CA"));
    }
    return rule->in[0] == '*' ? !rule->except || elsewhere : found;
}

bool fact_concerns(const fact_rule *rule, const fact_place *place, int purpose)
{
    bool line = place->line == FACT_UNKNOWN ||
                (rule->lines & FACT_BIT(place->line)) != 0;
    return line && (rule->purposes & FACT_BIT(purpose)) != 0 &&
           of_place(rule, place);
}

static bool dated(const fact_rule *rule, const struct tm *local)
{
    int date = (local->tm_year + 1900) * 10000 + (local->tm_mon + 1) * 100 +
               local->tm_mday;
    return date >= rule->from && (rule->until == 0 || date <= rule->until);
}

bool fact_in_force(const fact_rule *rule, const fact_place *place,
                   int64_t utc_ms)
{
    for (int i = 0; i < place->zones_len; i++) {
        struct tm local;
        fact_local(place->zones[i], utc_ms, &local);
        if (dated(rule, &local)) {
            return true;
        }
    }
    return false;
}

static bool inside(const fact_window *windows, int len, unsigned day,
                   int minute)
{
    for (int i = 0; i < len; i++) {
        if ((windows[i].days & day) != 0 && minute >= windows[i].start_min &&
            minute < windows[i].end_min) {
            return true;
        }
    }
    return false;
}

static unsigned day_bit(const struct tm *local)
{
    return 1u << (unsigned)((local->tm_wday + 6) % 7);
}

bool fact_open(const fact_rule *rule, const fact_place *place, int64_t utc_ms)
{
    for (int i = 0; i < place->zones_len; i++) {
        struct tm local;
        fact_local(place->zones[i], utc_ms, &local);
        unsigned day = rule->holidays != FACT_NO_HOLIDAYS &&
                               fact_is_holiday(rule->holidays, &local)
                           ? HOLIDAY
                           : day_bit(&local);
        if (dated(rule, &local) &&
            !inside(rule->windows, rule->windows_len, day,
                    local.tm_hour * 60 + local.tm_min)) {
            return false;
        }
    }
    return true;
}

bool fact_windows_open(const fact_window *windows, int len,
                       const fact_place *place, int64_t utc_ms)
{
    for (int i = 0; i < place->zones_len; i++) {
        struct tm local;
        fact_local(place->zones[i], utc_ms, &local);
        if (!inside(windows, len, day_bit(&local),
                    local.tm_hour * 60 + local.tm_min)) {
            return false;
        }
    }
    return true;
}
