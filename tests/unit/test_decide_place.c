/*
 * test_decide_place.c - the half of the decision that is about places: rules,
 * the campaign's windows, zones, and when to look again.
 */
#include "support/test.h"

#include "core/core.h"

#include <time.h>

#define HOUR 3600000
#define MINUTE 60000

#define US "\n in US\n purpose any\n cite c\n verified yes\n"
#define HOURS "rule us.hours" US " window daily 8:00-21:00\n"

typedef struct fixture {
    od__zones *zones;
    od__place_entry entry;
    od_campaign_record campaign;
    od__law law;
    od__lift lifts[4];
} fixture;

static int64_t at(const char *text)
{
    struct tm tm;
    memset(&tm, 0, sizeof tm);
    assert_non_null(strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm));
    return (int64_t)timegm(&tm) * 1000;
}

/* These rules and no others. */
static void rules(fixture *f, const char *text)
{
    od_errmsg errmsg = {""};
    od__rule_set_free(&f->law.set);
    od__rule_set_init(&f->law.set, NULL);
    if (od__rule_set_add(&f->law.set, "t", text, strlen(text), true, &errmsg) !=
        OD_OK) {
        fail_msg("%s", errmsg.text);
    }
}

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    od_errmsg errmsg;
    assert_non_null(f);
    assert_int_equal(od__zones_new(&f->zones, "/usr/share/zoneinfo", &errmsg),
                     OD_OK);
    f->campaign.id = 7;
    f->campaign.state = OD_CAMPAIGN_RUNNING;
    f->campaign.purpose = OD_PURPOSE_MARKETING;
    f->law.lifts = f->lifts;
    rules(f, HOURS);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    od__zones_free(f->zones);
    od__rule_set_free(&f->law.set);
    free(f);
    return 0;
}

/* The place is in these zones; up to two. */
static void in_zones(fixture *f, const char *a, const char *b)
{
    const char *names[] = {a, b};
    memset(&f->entry, 0, sizeof f->entry);
    f->entry.zones_known = true;
    for (size_t i = 0; i < 2 && names[i] != NULL; i++) {
        (void)snprintf(f->entry.place.zones[i], sizeof f->entry.place.zones[i],
                       "%s", names[i]);
        f->entry.zones[i] = od__zones_get(f->zones, names[i], NULL);
        assert_non_null(f->entry.zones[i]);
        f->entry.place.zones_len++;
    }
}

static void window(fixture *f, uint32_t days, int from_h, int to_h)
{
    f->campaign.windows[f->campaign.windows_len++] =
        (od_window){days, from_h * 60, to_h * 60};
}

static od__opening look(fixture *f, const char *when)
{
    od__opening out;
    od__decide_place(&f->law, &f->campaign, &f->entry, at(when), &out);
    assert_true(out.from_utc_ms == at(when));
    assert_true(out.until_utc_ms > at(when));
    assert_true(out.until_utc_ms <= at(when) + HOUR);
    return out;
}

/* The same, so many ms later. */
static od__opening look_ms(fixture *f, const char *when, int64_t ms)
{
    od__opening out;
    od__decide_place(&f->law, &f->campaign, &f->entry, at(when) + ms, &out);
    return out;
}

/* Is this rule one that judges each number? */
static bool judges(const fixture *f, const od__opening *o, const char *rule)
{
    for (uint16_t i = 0; i < o->rules_len; i++) {
        if (strcmp(f->law.set.rows[o->rules[i]].id, rule) == 0) {
            return true;
        }
    }
    return false;
}

static void is(od__opening o, int32_t kind, int32_t reason, const char *until)
{
    assert_int_equal(o.verdict.kind, kind);
    assert_int_equal(o.verdict.reason, reason);
    if (until != NULL) {
        assert_true(o.verdict.until_utc_ms == at(until));
    }
}

static void test_decide_place_unknown(void **state)
{
    fixture *f = *state;
    od__opening out;
    od__decide_place(&f->law, &f->campaign, NULL, 0, &out);
    is(out, OD_VERDICT_BLOCK, OD_REASON_PLACE_UNKNOWN, NULL);
    in_zones(f, NULL, NULL);
    is(look(f, "2027-03-10T17:00:00Z"), OD_VERDICT_BLOCK,
       OD_REASON_PLACE_UNKNOWN, NULL);
    in_zones(f, "America/New_York", NULL);
    f->entry.zones_known = false; /* one of them has no data: it may come */
    is(look(f, "2027-03-10T17:00:00Z"), OD_VERDICT_DEFER,
       OD_REASON_PLACE_UNKNOWN, "2027-03-10T18:00:00Z");
}

static void test_decide_place_federal_hours(void **state)
{
    fixture *f = *state;
    in_zones(f, "America/New_York", NULL);
    is(look(f, "2027-03-10T12:59:59Z"), OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW,
       "2027-03-10T13:00:00Z");
    is(look(f, "2027-03-10T13:00:00Z"), OD_VERDICT_ALLOW, OD_REASON_NONE, NULL);
    /* The last ten seconds are for calls that are on their way. */
    is(look(f, "2027-03-11T01:59:49Z"), OD_VERDICT_ALLOW, OD_REASON_NONE, NULL);
    is(look(f, "2027-03-11T01:59:50Z"), OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW,
       "2027-03-11T13:00:00Z");
    od__opening o = look(f, "2027-03-11T02:00:00Z"); /* 21:00 */
    is(o, OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW, "2027-03-11T13:00:00Z");
    assert_string_equal(o.verdict.rule, "us.hours");
}

/* All zones that the number may be in: 8:00 in the west to 21:00 in the
 * east. */
static void test_decide_place_every_zone(void **state)
{
    fixture *f = *state;
    in_zones(f, "America/New_York", "America/Los_Angeles");
    is(look(f, "2027-03-10T15:59:00Z"), OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW,
       "2027-03-10T16:00:00Z");
    is(look(f, "2027-03-10T16:00:00Z"), OD_VERDICT_ALLOW, OD_REASON_NONE, NULL);
    is(look(f, "2027-03-11T02:00:00Z"), OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW,
       "2027-03-11T16:00:00Z");
}

static void test_decide_place_campaign_window(void **state)
{
    fixture *f = *state;
    in_zones(f, "America/New_York", NULL);
    window(f, OD_WEEKDAYS, 10, 12);
    window(f, OD_WEEKDAYS, 14, 23); /* the rules end it at 21:00 */
    od__opening o = look(f, "2027-03-10T14:00:00Z"); /* 9:00 */
    is(o, OD_VERDICT_DEFER, OD_REASON_CAMPAIGN_WINDOW, "2027-03-10T15:00:00Z");
    assert_string_equal(o.verdict.rule, "");
    is(look(f, "2027-03-10T17:00:00Z"), OD_VERDICT_DEFER,
       OD_REASON_CAMPAIGN_WINDOW, "2027-03-10T19:00:00Z");
    is(look(f, "2027-03-11T01:59:49Z"), OD_VERDICT_ALLOW, OD_REASON_NONE, NULL);
    /* Friday 21:00: the next window opens on Monday, an hour earlier by UTC,
     * because the clocks have changed. */
    is(look(f, "2027-03-13T02:00:00Z"), OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW,
       "2027-03-15T14:00:00Z");
}

static void test_decide_place_never(void **state)
{
    fixture *f = *state;
    in_zones(f, "America/New_York", NULL);
    window(f, OD_EVERY_DAY, 21, 24);
    is(look(f, "2027-03-10T17:00:00Z"), OD_VERDICT_BLOCK, OD_REASON_NEVER_OPEN,
       NULL);
    /* A window open in each zone, but never in both at once. */
    f->campaign.windows_len = 0;
    in_zones(f, "America/New_York", "Pacific/Honolulu");
    window(f, OD_EVERY_DAY, 9, 12);
    is(look(f, "2027-03-10T17:00:00Z"), OD_VERDICT_BLOCK, OD_REASON_NEVER_OPEN,
       NULL);
}

/* An opening is looked at again when it ends, and at least hourly. */
static void test_decide_place_when_to_look_again(void **state)
{
    fixture *f = *state;
    in_zones(f, "America/New_York", NULL);
    od__opening o = look(f, "2027-03-10T17:00:00Z");
    assert_true(o.until_utc_ms == at("2027-03-10T18:00:00Z"));
    o = look(f, "2027-03-11T01:50:00Z"); /* ten minutes before its end */
    assert_true(o.until_utc_ms == at("2027-03-11T01:59:50Z"));
    o = look(f, "2027-03-11T12:59:00Z"); /* a minute before it opens */
    assert_true(o.until_utc_ms == at("2027-03-11T13:00:00Z"));
    in_zones(f, NULL, NULL);
    o = look(f, "2027-03-10T17:00:00Z");
    assert_true(o.until_utc_ms > at("2027-03-10T17:00:00Z"));
}

/* Spring forward, 2027-03-14 2:00: 8:00 comes an hour earlier by UTC. */
static void test_decide_place_clock_changes(void **state)
{
    fixture *f = *state;
    in_zones(f, "America/New_York", NULL);
    is(look(f, "2027-03-14T02:00:00Z"), OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW,
       "2027-03-14T12:00:00Z");
    is(look(f, "2027-11-07T01:00:00Z"), OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW,
       "2027-11-07T13:00:00Z");
}

/* Every window of the campaign stands alone. */
static void test_decide_place_windows_fit(void **state)
{
    fixture *f = *state;
    in_zones(f, "America/New_York", NULL);
    for (int i = 0; i < OD_WINDOWS_MAX; i++) {
        f->campaign.windows[i] = (od_window){OD_MONDAY, 600 + i, 601 + i};
    }
    f->campaign.windows_len = OD_WINDOWS_MAX;
    /* Monday 2027-03-15, 10:31 in New York: the last of them. */
    is(look(f, "2027-03-15T14:31:00Z"), OD_VERDICT_ALLOW, OD_REASON_NONE, NULL);
    is(look(f, "2027-03-15T14:32:00Z"), OD_VERDICT_DEFER,
       OD_REASON_CAMPAIGN_WINDOW, "2027-03-22T14:00:00Z");
}

/* The ten seconds before a window closes are kept to the ms. */
static void test_decide_place_last_ten_seconds(void **state)
{
    fixture *f = *state;
    in_zones(f, "America/New_York", NULL);
    const char *ten_before = "2027-03-11T01:59:50Z";
    od__opening o = look_ms(f, ten_before, -1);
    is(o, OD_VERDICT_ALLOW, OD_REASON_NONE, NULL);
    assert_true(o.until_utc_ms == at(ten_before));
    is(look_ms(f, ten_before, 0), OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW,
       "2027-03-11T13:00:00Z");
    is(look_ms(f, ten_before, 9999), OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW,
       "2027-03-11T13:00:00Z");
    /* Windows that touch do not close. */
    f->campaign.windows_len = 0;
    window(f, OD_EVERY_DAY, 9, 12);
    window(f, OD_EVERY_DAY, 12, 15);
    is(look(f, "2027-03-10T16:59:55Z"), OD_VERDICT_ALLOW, OD_REASON_NONE, NULL);
    is(look(f, "2027-03-10T19:59:50Z"), OD_VERDICT_DEFER,
       OD_REASON_CAMPAIGN_WINDOW, "2027-03-11T14:00:00Z");
}

/* The first rule that is closed is told; the campaign's windows last. */
static void test_decide_place_which_rule(void **state)
{
    fixture *f = *state;
    in_zones(f, "America/New_York", NULL);
    rules(f, HOURS "rule t.noon" US " window daily 12:00-22:00\n");
    window(f, OD_EVERY_DAY, 13, 22);
    assert_string_equal(look(f, "2027-03-10T12:00:00Z").verdict.rule,
                        "us.hours");
    assert_string_equal(look(f, "2027-03-10T13:00:00Z").verdict.rule, "t.noon");
    od__opening o = look(f, "2027-03-10T17:00:00Z");
    assert_string_equal(o.verdict.rule, "");
    is(o, OD_VERDICT_DEFER, OD_REASON_CAMPAIGN_WINDOW, "2027-03-10T18:00:00Z");
    /* All of them must be open. */
    is(look(f, "2027-03-10T12:00:00Z"), OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW,
       "2027-03-10T18:00:00Z");
}

static void lift(fixture *f, const char *rule, od_id campaign)
{
    od__lift *l = &f->lifts[f->law.lifts_len++];
    l->campaign = campaign;
    (void)snprintf(l->rule, sizeof l->rule, "%s", rule);
}

static void test_decide_place_lifted(void **state)
{
    fixture *f = *state;
    const char *night = "2027-03-11T04:00:00Z";
    in_zones(f, "America/New_York", NULL);
    rules(f, HOURS "rule t.ban" US " ban\n");
    lift(f, "us.hours", 8);
    lift(f, "t.bans", 0);
    od__opening o = look(f, night);
    is(o, OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW, "2027-03-11T13:00:00Z");
    assert_true(judges(f, &o, "t.ban"));
    lift(f, "us.hours", 7);
    lift(f, "t.ban", 0);
    o = look(f, night);
    is(o, OD_VERDICT_ALLOW, OD_REASON_NONE, NULL);
    assert_int_equal(o.rules_len, 0);
}

/* Rules of numbers are picked: those that apply to the campaign and the place,
 * but for windows. */
static void test_decide_place_picks_rules(void **state)
{
    fixture *f = *state;
    in_zones(f, "America/New_York", NULL);
    rules(f, HOURS "rule t.cap" US " cap 1 per 1h\n"
                   "rule t.consent" US " consent express\n"
                   "rule t.ban" US " ban\n"
                   "rule t.registry" US " registry us.test 31d\n"
                   "rule t.seller" US " require seller\n"
                   "rule t.fl\n in US-FL\n purpose any\n ban\n cite c\n"
                   " verified yes\n"
                   "rule t.debt\n in US\n purpose debt\n ban\n cite c\n"
                   " verified yes\n"
                   "rule t.mobile\n in US\n purpose any\n line mobile\n ban\n"
                   " cite c\n verified yes\n");
    f->entry.place.regions_len = 1;
    (void)snprintf(f->entry.place.regions[0], sizeof f->entry.place.regions[0],
                   "US-NY");
    f->entry.place.line = OD_LINE_LANDLINE;
    od__opening o = look(f, "2027-03-10T17:00:00Z");
    assert_int_equal(o.rules_len, 5);
    assert_true(judges(f, &o, "t.cap") && judges(f, &o, "t.consent") &&
                judges(f, &o, "t.ban") && judges(f, &o, "t.registry") &&
                judges(f, &o, "t.seller"));
    /* Also while the place is closed: who is blocked is told so. */
    assert_int_equal(look(f, "2027-03-11T04:00:00Z").rules_len, 5);
    f->entry.place.line = OD_LINE_UNKNOWN;
    f->campaign.purpose = OD_PURPOSE_UNSTATED;
    f->entry.place.regions_len = 0;
    assert_int_equal(look(f, "2027-03-10T17:00:00Z").rules_len, 8);
}

#define DATED(id, dates, effect) "rule " id US dates effect
#define FROM " from 2027-03-11\n"
#define UNTIL " until 2027-03-10\n"

/* A rule begins and ends at local midnight, to the ms, whatever its effect. */
static void test_decide_place_dates(void **state)
{
    static const char *const ids[] = {"t.ban", "t.cap", "t.consent",
                                      "t.registry"};
    fixture *f = *state;
    const char *midnight = "2027-03-11T05:00:00Z"; /* of New York */
    in_zones(f, "America/New_York", NULL);
    rules(f,
          DATED("t.ban", FROM, " ban\n") DATED("t.cap", FROM, " cap 1 per 1h\n")
              DATED("t.consent", FROM, " consent express\n")
                  DATED("t.registry", FROM, " registry r 31d\n")
                      DATED("t.window", FROM, " window daily 9-10\n"));
    od__opening o = look_ms(f, midnight, -1);
    assert_int_equal(o.rules_len, 0);
    assert_true(o.until_utc_ms == at(midnight));
    /* It closes in less than ten seconds. */
    is(o, OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW, "2027-03-11T14:00:00Z");
    o = look(f, midnight);
    for (size_t i = 0; i < OD__LEN(ids); i++) {
        assert_true(judges(f, &o, ids[i]));
    }
    is(o, OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW, "2027-03-11T14:00:00Z");
    is(look(f, "2027-03-11T04:59:49Z"), OD_VERDICT_ALLOW, OD_REASON_NONE, NULL);
    rules(f, DATED("t.ban", UNTIL, " ban\n")
                 DATED("t.window", UNTIL, " window daily 9-10\n"));
    o = look_ms(f, midnight, -1);
    assert_true(judges(f, &o, "t.ban"));
    is(o, OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW, midnight);
    o = look(f, midnight);
    assert_int_equal(o.rules_len, 0);
    is(o, OD_VERDICT_ALLOW, OD_REASON_NONE, NULL);
}

/* In force while it is such a date in any zone of the place. */
static void test_decide_place_dates_in_two_zones(void **state)
{
    fixture *f = *state;
    in_zones(f, "America/New_York", "America/Los_Angeles");
    rules(f, DATED("t.from", FROM, " ban\n")
                 DATED("t.until", UNTIL, " cap 1 per 1h\n"));
    od__opening o = look_ms(f, "2027-03-11T05:00:00Z", -1);
    assert_true(!judges(f, &o, "t.from") && judges(f, &o, "t.until"));
    o = look(f, "2027-03-11T05:00:00Z");
    assert_true(judges(f, &o, "t.from") && judges(f, &o, "t.until"));
    o = look_ms(f, "2027-03-11T08:00:00Z", -1);
    assert_true(judges(f, &o, "t.from") && judges(f, &o, "t.until"));
    assert_true(o.until_utc_ms == at("2027-03-11T08:00:00Z"));
    o = look(f, "2027-03-11T08:00:00Z");
    assert_true(judges(f, &o, "t.from") && !judges(f, &o, "t.until"));
}

/* It is looked at again at every midnight and at every jump of a clock. */
static void test_decide_place_looks_at_midnight(void **state)
{
    fixture *f = *state;
    rules(f, "rule t.ban" US " ban\n");
    in_zones(f, "America/New_York", "Asia/Kolkata");
    assert_true(look(f, "2027-03-10T04:30:00Z").until_utc_ms ==
                at("2027-03-10T05:00:00Z"));
    assert_true(look(f, "2027-03-10T18:00:00Z").until_utc_ms ==
                at("2027-03-10T18:30:00Z"));
    assert_true(look(f, "2027-03-14T06:30:00Z").until_utc_ms ==
                at("2027-03-14T07:00:00Z"));
    assert_true(look(f, "2027-03-10T10:00:00Z").until_utc_ms ==
                at("2027-03-10T11:00:00Z"));
}

/* More rules than an opening can hold: no call, rather than one too many. */
static void test_decide_place_too_many_rules(void **state)
{
    fixture *f = *state;
    char *text = calloc(1, 32768);
    size_t len = 0;
    assert_non_null(text);
    in_zones(f, "America/New_York", NULL);
    for (int i = 0; i < OD__OPENING_RULES; i++) {
        len += (size_t)snprintf(text + len, 32768 - len,
                                "rule t.%d" US " cap 1 per 1h\n", i);
    }
    rules(f, text);
    od__opening o = look(f, "2027-03-10T17:00:00Z");
    is(o, OD_VERDICT_ALLOW, OD_REASON_NONE, NULL);
    assert_int_equal(o.rules_len, OD__OPENING_RULES);
    (void)snprintf(text + len, 32768 - len, "rule t.x" US " ban\n");
    rules(f, text);
    o = look(f, "2027-03-10T17:00:00Z");
    is(o, OD_VERDICT_BLOCK, OD_REASON_NEVER_OPEN, NULL);
    assert_int_equal(o.rules_len, 0);
    free(text);
}

/* No rule has hours for it, and the campaign has none. */
static void test_decide_place_always_open(void **state)
{
    fixture *f = *state;
    in_zones(f, "America/New_York", NULL);
    rules(f, "rule t.ban" US " ban\n");
    is(look(f, "2027-03-11T08:00:00Z"), OD_VERDICT_ALLOW, OD_REASON_NONE, NULL);
    f->campaign.purpose = OD_PURPOSE_EMERGENCY;
    rules(f, "rule t.hours\n in US\n purpose any-but-emergency\n"
             " window daily 8-21\n cite c\n verified yes\n");
    is(look(f, "2027-03-11T08:00:00Z"), OD_VERDICT_ALLOW, OD_REASON_NONE, NULL);
}

/* A rule of holidays without windows for them: closed all day. */
static void test_decide_place_holiday(void **state)
{
    fixture *f = *state;
    in_zones(f, "America/New_York", NULL);
    rules(f, "holidays t.days\n observed sun-mon\n day jul 4\n" HOURS
             "rule t.days" US " window daily 0:00-24:00\n holidays t.days\n");
    od__opening o = look(f, "2027-07-05T16:00:00Z"); /* July 4 is a Sunday */
    is(o, OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW, "2027-07-06T12:00:00Z");
    assert_string_equal(o.verdict.rule, "t.days");
    is(look(f, "2027-07-06T16:00:00Z"), OD_VERDICT_ALLOW, OD_REASON_NONE, NULL);
}

/* -- one by one ----------------------------------------------------------- */

typedef struct seen {
    size_t len;
    const char *names[8];
    char rules[8][40];
    od_verdict verdicts[8];
} seen;

static void on_check(void *ctx, const char *name, const od__rule *rule,
                     const od_verdict *verdict)
{
    seen *s = ctx;
    s->names[s->len] = name;
    (void)snprintf(s->rules[s->len], sizeof s->rules[0], "%s",
                   rule != NULL ? rule->id : "");
    s->verdicts[s->len++] = *verdict;
}

/* Mondays alone, and Christmas and New Year are Mondays: three weeks are not
 * for ever. */
static void test_decide_place_opens_after_weeks(void **state)
{
    fixture *f = *state;
    seen s = {0};
    in_zones(f, "America/New_York", NULL);
    rules(f, "holidays t.days\n day dec 25\n day jan 1\n"
             "rule t.mondays" US " window mon 9:00-18:00\n holidays t.days\n");
    od__opening o = look(f, "2028-12-18T23:00:00Z");
    is(o, OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW, "2029-01-08T14:00:00Z");
    assert_string_equal(o.verdict.rule, "t.mondays");
    od__decide_place_each(&f->law, &f->campaign, &f->entry,
                          at("2028-12-18T23:00:00Z"), on_check, &s);
    assert_int_equal(s.len, 1);
    assert_int_equal(s.verdicts[0].kind, OD_VERDICT_DEFER);
    assert_true(s.verdicts[0].until_utc_ms == at("2029-01-08T14:00:00Z"));
    /* A window that the law closes until a date, months ahead. */
    rules(f, "rule t.early" US " until 2027-09-30\n window daily 6:00-7:00\n");
    window(f, OD_EVERY_DAY, 9, 12);
    is(look(f, "2027-03-10T17:00:00Z"), OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW,
       "2027-10-01T13:00:00Z");
}

static void test_decide_place_each(void **state)
{
    fixture *f = *state;
    seen s = {0};
    int64_t when = at("2027-03-11T04:00:00Z"); /* 23:00 */
    in_zones(f, "America/New_York", NULL);
    rules(f, HOURS "rule t.ban" US " ban\n"
                   "rule t.late" US " window daily 22:00-23:30\n"
                   "rule t.never" US " until 2026-01-01\n window mon 1-2\n");
    window(f, OD_MONDAY, 9, 10);
    od__decide_place_each(&f->law, &f->campaign, &f->entry, when, on_check, &s);
    assert_int_equal(s.len, 4);
    assert_string_equal(s.names[0], "rule");
    assert_string_equal(s.rules[0], "us.hours");
    assert_int_equal(s.verdicts[0].kind, OD_VERDICT_DEFER);
    assert_int_equal(s.verdicts[0].reason, OD_REASON_RULE_WINDOW);
    assert_true(s.verdicts[0].until_utc_ms == at("2027-03-11T13:00:00Z"));
    assert_string_equal(s.verdicts[0].rule, "us.hours");
    assert_string_equal(s.rules[1], "t.late");
    assert_int_equal(s.verdicts[1].kind, OD_VERDICT_ALLOW);
    assert_string_equal(s.verdicts[1].rule, "");
    assert_string_equal(s.rules[2], "t.never");
    assert_int_equal(s.verdicts[2].kind, OD_VERDICT_ALLOW); /* no more */
    assert_string_equal(s.names[3], "windows");
    assert_int_equal(s.verdicts[3].reason, OD_REASON_CAMPAIGN_WINDOW);
    assert_true(s.verdicts[3].until_utc_ms == at("2027-03-15T13:00:00Z"));
    /* Of a place that is not known there is nothing to tell. */
    s.len = 0;
    od__decide_place_each(&f->law, &f->campaign, NULL, when, on_check, &s);
    f->entry.zones_known = false;
    od__decide_place_each(&f->law, &f->campaign, &f->entry, when, on_check, &s);
    assert_int_equal(s.len, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_decide_place_unknown),
        TEST(test_decide_place_federal_hours),
        TEST(test_decide_place_every_zone),
        TEST(test_decide_place_campaign_window),
        TEST(test_decide_place_never),
        TEST(test_decide_place_when_to_look_again),
        TEST(test_decide_place_clock_changes),
        TEST(test_decide_place_windows_fit),
        TEST(test_decide_place_last_ten_seconds),
        TEST(test_decide_place_which_rule),
        TEST(test_decide_place_lifted),
        TEST(test_decide_place_picks_rules),
        TEST(test_decide_place_dates),
        TEST(test_decide_place_dates_in_two_zones),
        TEST(test_decide_place_looks_at_midnight),
        TEST(test_decide_place_too_many_rules),
        TEST(test_decide_place_always_open),
        TEST(test_decide_place_holiday),
        TEST(test_decide_place_opens_after_weeks),
        TEST(test_decide_place_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
