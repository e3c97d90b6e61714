/*
 * test_forecast_run.c - what is forecast is what then happens.
 *
 * A campaign is forecast, then run against a simulated carrier with the same
 * shares, ring and talk: calls, people, reasons and the end must agree. The two
 * draw otherwise, so sums are compared with a margin (answers with a wider one:
 * they are fewer) and reasons exactly.
 */
#include "support/forecast_kit.h"

#include <inttypes.h>

#define PEOPLE 2000
#define DAY FORECAST_KIT_DAY
#define SLACK_MS (STAGE_HOUR / 4)

/* Who was never called, by reason, read from the rows. */
static void never(forecast_kit *p, int64_t by[OD_REASONS])
{
    static od_candidate rows[PEOPLE * 2];
    size_t count = 0;
    memset(by, 0, OD_REASONS * sizeof *by);
    assert_int_equal(p->shaky.inner_ops->target_scan(
                         p->shaky.inner_ctx, p->campaign, 0,
                         p->stage.world.now.utc_ms, rows, PEOPLE * 2, &count),
                     OD_OK);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].tries == 0) {
            by[rows[i].state == OD_TARGET_BLOCKED ? rows[i].reason
                                                  : OD_REASON_CAMPAIGN_ENDED]++;
        }
    }
}

/* Run to the end and compare with what was forecast at `from_utc_ms`, when so
 * many calls had begun. One try more of one person moves the end by slack_ms at
 * most. */
static void happens(forecast_kit *p, const od_forecast *f, int64_t from_utc_ms,
                    int64_t begun, int64_t slack_ms)
{
    int64_t by[OD_REASONS];
    int64_t peak = 0;
    od_campaign_stats stats;
    assert_true(od_world_run_to_state(&p->stage.world, p->campaign,
                                      OD_CAMPAIGN_COMPLETED, 80 * DAY));
    stage_run(&p->stage, STAGE_MINUTE); /* calls that outlive its end */
    stats = stage_stats(&p->stage, p->campaign);
    never(p, by);
    forecast_kit_near("calls", f->calls, p->begun - begun, 5, 5);
    for (int32_t i = 0; i < OD_REASONS; i++) {
        if (i != OD_REASON_CAMPAIGN_ENDED && f->never_by[i] != by[i]) {
            fail_msg("never for %s: %" PRId64 " forecast, %" PRId64 " happened",
                     od_reason_name(i), f->never_by[i], by[i]);
        }
    }
    forecast_kit_near("ended", f->never_by[OD_REASON_CAMPAIGN_ENDED],
                      by[OD_REASON_CAMPAIGN_ENDED], 5, 5);
    forecast_kit_near("finish", f->finish_utc_ms - from_utc_ms,
                      p->last_end_utc_ms - from_utc_ms, 5, slack_ms);
    forecast_kit_near("peak", f->concurrent_peak, p->live_peak, 5, 1);
    if (begun == 0) {
        forecast_kit_near("answered", f->answered,
                          stats.attempts_by[OD_DISPOSITION_ANSWERED], 15, 5);
        forecast_kit_near("talk", f->talk_ms, stats.talk_ms, 15, 10000);
    }
    for (size_t i = 0; i < OD_FORECAST_HOURS; i++) {
        peak = p->hours[i] > peak ? p->hours[i] : peak;
    }
    forecast_kit_near("hourly peak", f->calls_per_hour_peak, peak, 8, 5);
}

/* Forecast before the start, start, run, compare. */
static od_forecast compare_within(forecast_kit *p, const od_campaign_options *o,
                                  int64_t slack_ms)
{
    forecast_kit_add(p, o);
    od_forecast f = forecast_kit_look(p, NULL);
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, p->campaign));
    happens(p, &f, p->hours_from, 0, slack_ms);
    assert_int_equal(f.contacts, f.answered + f.unreached + f.never);
    return f;
}

static od_forecast compare(forecast_kit *p, const od_campaign_options *o)
{
    return compare_within(p, o, SLACK_MS);
}

static void test_forecast_run_windows_and_zones(void **state)
{
    forecast_kit *p = *state;
    od_campaign_options o;
    const od_window windows[] = {{OD_WEEKDAYS, 10 * 60, 12 * 60},
                                 {OD_EVERY_DAY, 17 * 60, 18 * 60 + 30}};
    forecast_kit_people(p, PEOPLE);
    forecast_kit_options(p, &o);
    o.windows = windows;
    o.windows_len = 2;
    od_forecast f = compare(p, &o);
    assert_int_equal(f.contacts, PEOPLE);
    assert_int_equal(f.never, 0);
    assert_true(f.hours_len > 24);
    assert_true(f.calls > 3500);
}

static void test_forecast_run_retries(void **state)
{
    forecast_kit *p = *state;
    od_campaign_options o;
    forecast_kit_people(p, PEOPLE);
    forecast_kit_options(p, &o);
    o.attempts_max = 6;
    o.retries[OD_DISPOSITION_BUSY] = (od_retry){.delay_s = 300};
    o.retries[OD_DISPOSITION_NO_ANSWER] =
        (od_retry){.delay_s = 7200, .attempts_max = 3};
    o.retries[OD_DISPOSITION_DECLINED] = (od_retry){.delay_s = OD_NONE};
    o.skip_called_h = 3;
    (void)compare_within(p, &o, 3 * STAGE_HOUR);
}

static void test_forecast_run_dayparts(void **state)
{
    forecast_kit *p = *state;
    od_campaign_options o;
    forecast_kit_people(p, PEOPLE);
    forecast_kit_options(p, &o);
    o.spread_dayparts = 1;
    o.attempts_max = 4;
    o.concurrent_max = 45;
    (void)compare(p, &o);
}

/* One call a day to Florida, consent in California, none to Arizona. */
static void test_forecast_run_rules(void **state)
{
    forecast_kit *p = *state;
    od_campaign_options o;
    forecast_kit_people(p, PEOPLE);
    forecast_kit_rules(p, "rule ours.cap\n  in US-FL\n  purpose informational\n"
             "  cap 1 per 24h\n  cite c\n  verified yes\n"
             "rule ours.consent\n  in US-CA\n  purpose informational\n"
             "  consent express\n  cite c\n  verified yes\n"
             "rule ours.ban\n  in US-AZ\n  purpose informational\n"
             "  ban\n  cite c\n  verified yes\n");
    for (int i = 3; i < PEOPLE; i += 14) {
        od_consent consent = {.phone = forecast_kit_phone(i),
                              .seller = "Acme",
                              .how = "web form",
                              .kind = OD_CONSENT_EXPRESS,
                              .purpose = OD_PURPOSE_INFORMATIONAL,
                              .obtained_utc_ms =
                                  od_world_time("2027-01-01T00:00:00Z")};
        stage_ok(&p->stage, od_consent_add(p->stage.engine, &consent));
    }
    forecast_kit_options(p, &o);
    o.seller = "Acme";
    od_forecast f = compare(p, &o);
    assert_int_equal(f.never_by[OD_REASON_CONSENT], 143);
    assert_int_equal(f.never_by[OD_REASON_RULE_BAN], 286);
    assert_true(f.finish_utc_ms > p->hours_from + 2 * DAY);
}

static void test_forecast_run_list(void **state)
{
    forecast_kit *p = *state;
    od_campaign_options o;
    forecast_kit_people(p, PEOPLE);
    for (int i = 0; i < 700; i += 7) {
        stage_dnc(&p->stage, forecast_kit_phone(i));
    }
    stage_dnc(&p->stage, "+1602*");
    od_dnc_entry passing = {.phone = "+1303*",
                            .expires_utc_ms = p->stage.world.now.utc_ms + DAY};
    stage_ok(&p->stage, od_dnc_add(p->stage.engine, &passing));
    forecast_kit_options(p, &o);
    od_forecast f = compare(p, &o);
    assert_int_equal(f.never_by[OD_REASON_DNC], 100 + 286);
    assert_true(f.finish_utc_ms > p->hours_from + DAY);
}

/* It ends before all were called: retries and first calls take turns. */
static void test_forecast_run_end(void **state)
{
    forecast_kit *p = *state;
    od_campaign_options o;
    forecast_kit_people(p, PEOPLE);
    forecast_kit_options(p, &o);
    o.concurrent_max = 5;
    o.retry_delay_s = 1800;
    o.end_utc_ms = p->stage.world.now.utc_ms + 3 * STAGE_HOUR;
    od_forecast f = compare(p, &o);
    assert_true(f.never_by[OD_REASON_CAMPAIGN_ENDED] > 200);
    assert_true(f.finish_utc_ms >= o.end_utc_ms);
    assert_true(f.finish_utc_ms < o.end_utc_ms + STAGE_MINUTE);
}

/* Nobody answers at the first phone: the second is called. */
static void test_forecast_run_further_phones(void **state)
{
    forecast_kit *p = *state;
    od_campaign_options o;
    for (int i = 0; i < 600; i++) {
        char phone2[24];
        (void)snprintf(phone2, sizeof phone2, "+1646555%04d", 1300 + i);
        od_contact contact = {.phone = forecast_kit_phone(i), .phone2 = phone2};
        od_id id = 0;
        stage_ok(&p->stage, od_contact_add(p->stage.engine, p->stage.group,
                                           &contact, &id));
    }
    stage_dnc(&p->stage, forecast_kit_phone(0));
    forecast_kit_options(p, &o);
    o.attempts_max = 2;
    od_forecast f = compare(p, &o);
    assert_true(f.contacts > 600 + 200);
}

/* From the middle of a run, with calls under way. */
static void test_forecast_run_in_the_middle(void **state)
{
    forecast_kit *p = *state;
    od_campaign_options o;
    forecast_kit_people(p, PEOPLE);
    forecast_kit_options(p, &o);
    forecast_kit_add(p, &o);
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, p->campaign));
    stage_run(&p->stage, STAGE_HOUR + 10 * STAGE_MINUTE);
    int64_t begun = p->begun;
    assert_true(p->live > 0);
    p->hours_from = p->stage.world.now.utc_ms;
    memset(p->hours, 0, sizeof p->hours);
    od_forecast f = forecast_kit_look(p, NULL);
    assert_int_equal(f.contacts, PEOPLE);
    assert_true(f.answered + f.unreached + f.never < PEOPLE);
    happens(p, &f, p->hours_from, begun, SLACK_MS);
    /* Started again: those who did not answer have no attempt left. */
    f = forecast_kit_look(p, NULL);
    assert_int_equal(f.calls, 0);
    o.attempts_max = 5;
    stage_ok(&p->stage, od_campaign_update(p->stage.engine, p->campaign, &o));
    p->hours_from = p->stage.world.now.utc_ms;
    memset(p->hours, 0, sizeof p->hours);
    begun = p->begun;
    f = forecast_kit_look(p, NULL);
    assert_true(f.calls > 500);
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, p->campaign));
    happens(p, &f, p->hours_from, begun, SLACK_MS);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, forecast_kit_setup,                  \
                                    forecast_kit_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_forecast_run_windows_and_zones),
        TEST(test_forecast_run_retries),
        TEST(test_forecast_run_dayparts),
        TEST(test_forecast_run_rules),
        TEST(test_forecast_run_list),
        TEST(test_forecast_run_end),
        TEST(test_forecast_run_further_phones),
        TEST(test_forecast_run_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
