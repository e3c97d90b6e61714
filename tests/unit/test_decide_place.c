/*
 * test_decide_place.c - the half of the decision that is about places: rules,
 * the campaign's windows, zones, and when to look again.
 */
#include "support/test.h"

#include "core/core.h"

#include <time.h>

#define HOUR 3600000
#define MINUTE 60000

typedef struct fixture {
    od__zones *zones;
    od__place_entry entry;
    od_campaign_record campaign;
} fixture;

static int64_t at(const char *text)
{
    struct tm tm;
    memset(&tm, 0, sizeof tm);
    assert_non_null(strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm));
    return (int64_t)timegm(&tm) * 1000;
}

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    od_errmsg errmsg;
    assert_non_null(f);
    assert_int_equal(od__zones_new(&f->zones, "/usr/share/zoneinfo", &errmsg),
                     OD_OK);
    f->campaign.state = OD_CAMPAIGN_RUNNING;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    od__zones_free(f->zones);
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
        (void)snprintf(f->entry.place.zones[i],
                       sizeof f->entry.place.zones[i], "%s", names[i]);
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
    od__decide_place(&f->campaign, &f->entry, at(when), &out);
    return out;
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
    od__decide_place(&f->campaign, NULL, 0, &out);
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
    is(look(f, "2027-03-10T12:59:59Z"), OD_VERDICT_DEFER,
       OD_REASON_RULE_WINDOW, "2027-03-10T13:00:00Z");
    is(look(f, "2027-03-10T13:00:00Z"), OD_VERDICT_ALLOW, OD_REASON_NONE,
       NULL);
    /* The last ten seconds are for calls that are on their way. */
    is(look(f, "2027-03-11T01:59:49Z"), OD_VERDICT_ALLOW, OD_REASON_NONE,
       NULL);
    is(look(f, "2027-03-11T01:59:50Z"), OD_VERDICT_DEFER,
       OD_REASON_RULE_WINDOW, "2027-03-11T13:00:00Z");
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
    is(look(f, "2027-03-10T15:59:00Z"), OD_VERDICT_DEFER,
       OD_REASON_RULE_WINDOW, "2027-03-10T16:00:00Z");
    is(look(f, "2027-03-10T16:00:00Z"), OD_VERDICT_ALLOW, OD_REASON_NONE,
       NULL);
    is(look(f, "2027-03-11T02:00:00Z"), OD_VERDICT_DEFER,
       OD_REASON_RULE_WINDOW, "2027-03-11T16:00:00Z");
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
    is(look(f, "2027-03-11T01:59:49Z"), OD_VERDICT_ALLOW, OD_REASON_NONE,
       NULL);
    /* Friday 21:00: the next window opens on Monday, an hour earlier by UTC,
     * because the clocks have changed. */
    is(look(f, "2027-03-13T02:00:00Z"), OD_VERDICT_DEFER,
       OD_REASON_RULE_WINDOW, "2027-03-15T14:00:00Z");
}

static void test_decide_place_never(void **state)
{
    fixture *f = *state;
    in_zones(f, "America/New_York", NULL);
    window(f, OD_EVERY_DAY, 21, 24);
    is(look(f, "2027-03-10T17:00:00Z"), OD_VERDICT_BLOCK,
       OD_REASON_NEVER_OPEN, NULL);
    assert_int_equal(
        od__decide_windows(&f->campaign, &f->entry.place,
                           (od_window[OD_WINDOWS_MAX]){{0, 0, 0}},
                           OD_WINDOWS_MAX),
        0);
    /* A window open in each zone, but never in both at once. */
    f->campaign.windows_len = 0;
    in_zones(f, "America/New_York", "Pacific/Honolulu");
    window(f, OD_EVERY_DAY, 9, 12);
    is(look(f, "2027-03-10T17:00:00Z"), OD_VERDICT_BLOCK,
       OD_REASON_NEVER_OPEN, NULL);
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
    is(look(f, "2027-03-14T02:00:00Z"), OD_VERDICT_DEFER,
       OD_REASON_RULE_WINDOW, "2027-03-14T12:00:00Z");
    is(look(f, "2027-11-07T01:00:00Z"), OD_VERDICT_DEFER,
       OD_REASON_RULE_WINDOW, "2027-11-07T13:00:00Z");
}

/* Every window stands alone; more than fit are cut, never written beyond. */
static void test_decide_place_windows_fit(void **state)
{
    fixture *f = *state;
    od_window out[OD_WINDOWS_MAX + 1];
    in_zones(f, "America/New_York", NULL);
    for (int i = 0; i < OD_WINDOWS_MAX; i++) {
        f->campaign.windows[i] = (od_window){OD_MONDAY, 600 + i, 601 + i};
    }
    f->campaign.windows_len = OD_WINDOWS_MAX;
    memset(out, 0x5a, sizeof out);
    assert_int_equal(od__decide_windows(&f->campaign, &f->entry.place, out,
                                        OD_WINDOWS_MAX),
                     OD_WINDOWS_MAX);
    assert_int_equal(out[OD_WINDOWS_MAX].days, 0x5a5a5a5a);
    assert_int_equal(od__decide_windows(&f->campaign, &f->entry.place, out, 3),
                     3);
    /* Monday 2027-03-15, 10:31 in New York: the last of them. */
    is(look(f, "2027-03-15T14:31:00Z"), OD_VERDICT_ALLOW, OD_REASON_NONE,
       NULL);
    is(look(f, "2027-03-15T14:32:00Z"), OD_VERDICT_DEFER,
       OD_REASON_CAMPAIGN_WINDOW, "2027-03-22T14:00:00Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_decide_place_unknown, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_decide_place_federal_hours, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_decide_place_every_zone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_decide_place_campaign_window,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_decide_place_never, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_decide_place_when_to_look_again,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_decide_place_clock_changes, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_decide_place_windows_fit, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
