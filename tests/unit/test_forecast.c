/*
 * test_forecast.c - what is forecast is what then happens.
 *
 * A campaign is forecast, then run against a simulated carrier with the same
 * shares, ring and talk: calls, people, reasons and the end must agree. The two
 * draw otherwise, so sums are compared with a margin (answers with a wider one:
 * they are fewer) and reasons exactly.
 */
#include "support/shaky.h"
#include "support/stage.h"

#include "base/base.h"

#include <inttypes.h>

#define PEOPLE 2000
#define RING_MS 12000
#define DAY (24 * INT64_C(3600000))

typedef struct play {
    od_stage stage;
    od_shaky shaky;
    od_storage *storage;
    od_id campaign;
    int64_t begun;
    int64_t ended;
    int64_t live;
    int64_t live_peak;
    int64_t last_end_utc_ms;
    int64_t hours[OD_FORECAST_HOURS];
    int64_t hours_from;
    int64_t slack_ms; /* one try more of one person moves the end so far */
} play;

static void on_event(void *ctx, const od_event *event)
{
    play *p = ctx;
    if (event->type == OD_EVENT_CALL_DIALING) {
        int64_t hour = (event->utc_ms - p->hours_from) / STAGE_HOUR;
        p->begun++;
        p->live++;
        p->live_peak = p->live > p->live_peak ? p->live : p->live_peak;
        if (hour >= 0 && hour < OD_FORECAST_HOURS) {
            p->hours[hour]++;
        }
    }
    if (event->type == OD_EVENT_CALL_ENDED) {
        p->ended++;
        p->live--;
        p->last_end_utc_ms = event->utc_ms;
    }
}

/* A carrier that behaves as a forecast assumes by default. */
static void begin(play *p)
{
    od_sim_model *m = &p->stage.world.sim_options.model;
    memset(p, 0, sizeof *p);
    stage_init(&p->stage);
    *m = (od_sim_model){.answer = 300,
                        .busy = 50,
                        .declined = 20,
                        .not_found = 10,
                        .ring_ms_min = RING_MS,
                        .ring_ms_max = RING_MS};
    p->slack_ms = STAGE_HOUR / 4;
    p->stage.world.sim_options.calls_max = 50;
    p->stage.world.sim_options.calls_per_second_max = 10;
    p->storage = shaky_new(&p->shaky, NULL);
    stage_open(&p->stage, p->storage);
    p->stage.world.on_event = on_event;
    p->stage.world.on_event_ctx = p;
}

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    begin(p);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    play *p = *state;
    stage_end(&p->stage);
    free(p);
    return 0;
}

/* New York, Chicago, Denver, Los Angeles, Phoenix, Miami, and one that may be
 * in two zones. */
static const char *const areas[] = {"212", "312", "303", "213",
                                    "602", "305", "850"};

static const char *phone_of(int i)
{
    static char out[24];
    (void)snprintf(out, sizeof out, "+1%s555%04d", areas[i % 7], 1300 + i / 7);
    return out;
}

static void people(play *p, int n)
{
    for (int i = 0; i < n; i++) {
        (void)od_world_contact(&p->stage.world, p->stage.group, phone_of(i),
                               NULL);
    }
}

static void options(play *p, od_campaign_options *o)
{
    stage_options(&p->stage, o, "first");
    o->concurrent_max = 20;
}

static od_forecast look(play *p, const od_forecast_options *o)
{
    od_forecast out;
    memset(&out, 0x5a, sizeof out);
    stage_ok(&p->stage,
             od_campaign_forecast(p->stage.engine, p->campaign, o, &out));
    return out;
}

/* -- what then happens ---------------------------------------------------- */

/* Who was never called, by reason, read from the rows. */
static void never(play *p, int64_t by[OD_REASONS])
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

static void near(const char *what, int64_t got, int64_t want, int64_t percent,
                 int64_t slack)
{
    int64_t differ = got > want ? got - want : want - got;
    if (differ * 100 > want * percent + slack * 100) {
        fail_msg("%s: %" PRId64 " forecast, %" PRId64 " happened", what, got,
                 want);
    }
}

/* Run to the end and compare with what was forecast at `from_utc_ms`, when so
 * many calls had begun. */
static void happens(play *p, const od_forecast *f, int64_t from_utc_ms,
                    int64_t begun)
{
    int64_t by[OD_REASONS];
    int64_t peak = 0;
    od_campaign_stats stats;
    assert_true(od_world_run_to_state(&p->stage.world, p->campaign,
                                      OD_CAMPAIGN_COMPLETED, 80 * DAY));
    stage_run(&p->stage, STAGE_MINUTE); /* calls that outlive its end */
    stats = stage_stats(&p->stage, p->campaign);
    never(p, by);
    near("calls", f->calls, p->begun - begun, 5, 5);
    for (int32_t i = 0; i < OD_REASONS; i++) {
        if (i != OD_REASON_CAMPAIGN_ENDED && f->never_by[i] != by[i]) {
            fail_msg("never for %s: %" PRId64 " forecast, %" PRId64 " happened",
                     od_reason_name(i), f->never_by[i], by[i]);
        }
    }
    near("ended", f->never_by[OD_REASON_CAMPAIGN_ENDED],
         by[OD_REASON_CAMPAIGN_ENDED], 5, 5);
    near("finish", f->finish_utc_ms - from_utc_ms,
         p->last_end_utc_ms - from_utc_ms, 5, p->slack_ms);
    near("peak", f->concurrent_peak, p->live_peak, 5, 1);
    if (begun == 0) {
        near("answered", f->answered,
             stats.attempts_by[OD_DISPOSITION_ANSWERED], 15, 5);
        near("talk", f->talk_ms, stats.talk_ms, 15, 10000);
    }
    for (size_t i = 0; i < OD_FORECAST_HOURS; i++) {
        peak = p->hours[i] > peak ? p->hours[i] : peak;
    }
    near("hourly peak", f->calls_per_hour_peak, peak, 8, 5);
}

static void start(play *p, const od_campaign_options *o)
{
    p->campaign = stage_add(&p->stage, o);
    p->hours_from = p->stage.world.now.utc_ms;
}

/* Forecast before the start, start, run, compare. */
static od_forecast compare(play *p, const od_campaign_options *o)
{
    start(p, o);
    od_forecast f = look(p, NULL);
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, p->campaign));
    happens(p, &f, p->hours_from, 0);
    assert_int_equal(f.contacts, f.answered + f.unreached + f.never);
    return f;
}

static void test_forecast_windows_and_zones(void **state)
{
    play *p = *state;
    od_campaign_options o;
    const od_window windows[] = {{OD_WEEKDAYS, 10 * 60, 12 * 60},
                                 {OD_EVERY_DAY, 17 * 60, 18 * 60 + 30}};
    people(p, PEOPLE);
    options(p, &o);
    o.windows = windows;
    o.windows_len = 2;
    od_forecast f = compare(p, &o);
    assert_int_equal(f.contacts, PEOPLE);
    assert_int_equal(f.never, 0);
    assert_true(f.hours_len > 24);
    assert_true(f.calls > 3500);
}

static void test_forecast_retries(void **state)
{
    play *p = *state;
    od_campaign_options o;
    people(p, PEOPLE);
    options(p, &o);
    o.attempts_max = 6;
    o.retries[OD_DISPOSITION_BUSY] = (od_retry){.delay_s = 300};
    o.retries[OD_DISPOSITION_NO_ANSWER] =
        (od_retry){.delay_s = 7200, .attempts_max = 3};
    o.retries[OD_DISPOSITION_DECLINED] = (od_retry){.delay_s = OD_NONE};
    o.skip_called_h = 3;
    p->slack_ms = 3 * STAGE_HOUR;
    (void)compare(p, &o);
}

static void test_forecast_dayparts(void **state)
{
    play *p = *state;
    od_campaign_options o;
    people(p, PEOPLE);
    options(p, &o);
    o.spread_dayparts = 1;
    o.attempts_max = 4;
    o.concurrent_max = 45;
    (void)compare(p, &o);
}

static void rules(play *p, const char *text)
{
    stage_ok(&p->stage, od_rules_add(p->stage.engine, "ours", text));
}

/* One call a day to Florida, consent in California, none to Arizona. */
static void test_forecast_rules(void **state)
{
    play *p = *state;
    od_campaign_options o;
    people(p, PEOPLE);
    rules(p, "rule ours.cap\n  in US-FL\n  purpose informational\n"
             "  cap 1 per 24h\n  cite c\n  verified yes\n"
             "rule ours.consent\n  in US-CA\n  purpose informational\n"
             "  consent express\n  cite c\n  verified yes\n"
             "rule ours.ban\n  in US-AZ\n  purpose informational\n"
             "  ban\n  cite c\n  verified yes\n");
    for (int i = 3; i < PEOPLE; i += 14) {
        od_consent consent = {.phone = phone_of(i),
                              .seller = "Acme",
                              .how = "web form",
                              .kind = OD_CONSENT_EXPRESS,
                              .purpose = OD_PURPOSE_INFORMATIONAL,
                              .obtained_utc_ms =
                                  od_world_time("2027-01-01T00:00:00Z")};
        stage_ok(&p->stage, od_consent_add(p->stage.engine, &consent));
    }
    options(p, &o);
    o.seller = "Acme";
    od_forecast f = compare(p, &o);
    assert_int_equal(f.never_by[OD_REASON_CONSENT], 143);
    assert_int_equal(f.never_by[OD_REASON_RULE_BAN], 286);
    assert_true(f.finish_utc_ms > p->hours_from + 2 * DAY);
}

static void test_forecast_list(void **state)
{
    play *p = *state;
    od_campaign_options o;
    people(p, PEOPLE);
    for (int i = 0; i < 700; i += 7) {
        stage_dnc(&p->stage, phone_of(i));
    }
    stage_dnc(&p->stage, "+1602*");
    od_dnc_entry passing = {.phone = "+1303*",
                            .expires_utc_ms = p->stage.world.now.utc_ms + DAY};
    stage_ok(&p->stage, od_dnc_add(p->stage.engine, &passing));
    options(p, &o);
    od_forecast f = compare(p, &o);
    assert_int_equal(f.never_by[OD_REASON_DNC], 100 + 286);
    assert_true(f.finish_utc_ms > p->hours_from + DAY);
}

/* It ends before all were called: retries and first calls take turns. */
static void test_forecast_end(void **state)
{
    play *p = *state;
    od_campaign_options o;
    people(p, PEOPLE);
    options(p, &o);
    o.concurrent_max = 5;
    o.retry_delay_s = 1800;
    o.end_utc_ms = p->stage.world.now.utc_ms + 3 * STAGE_HOUR;
    od_forecast f = compare(p, &o);
    assert_true(f.never_by[OD_REASON_CAMPAIGN_ENDED] > 200);
    assert_true(f.finish_utc_ms >= o.end_utc_ms);
    assert_true(f.finish_utc_ms < o.end_utc_ms + STAGE_MINUTE);
}

/* Nobody answers at the first phone: the second is called. */
static void test_forecast_further_phones(void **state)
{
    play *p = *state;
    od_campaign_options o;
    for (int i = 0; i < 600; i++) {
        char phone2[24];
        (void)snprintf(phone2, sizeof phone2, "+1646555%04d", 1300 + i);
        od_contact contact = {.phone = phone_of(i), .phone2 = phone2};
        od_id id = 0;
        stage_ok(&p->stage, od_contact_add(p->stage.engine, p->stage.group,
                                           &contact, &id));
    }
    stage_dnc(&p->stage, phone_of(0));
    options(p, &o);
    o.attempts_max = 2;
    od_forecast f = compare(p, &o);
    assert_true(f.contacts > 600 + 200);
}

/* From the middle of a run, with calls under way. */
static void test_forecast_in_the_middle(void **state)
{
    play *p = *state;
    od_campaign_options o;
    people(p, PEOPLE);
    options(p, &o);
    start(p, &o);
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, p->campaign));
    stage_run(&p->stage, STAGE_HOUR + 10 * STAGE_MINUTE);
    int64_t begun = p->begun;
    assert_true(p->live > 0);
    p->hours_from = p->stage.world.now.utc_ms;
    memset(p->hours, 0, sizeof p->hours);
    od_forecast f = look(p, NULL);
    assert_int_equal(f.contacts, PEOPLE);
    assert_true(f.answered + f.unreached + f.never < PEOPLE);
    happens(p, &f, p->hours_from, begun);
    /* Started again: those who did not answer have no attempt left. */
    f = look(p, NULL);
    assert_int_equal(f.calls, 0);
    o.attempts_max = 5;
    stage_ok(&p->stage, od_campaign_update(p->stage.engine, p->campaign, &o));
    p->hours_from = p->stage.world.now.utc_ms;
    memset(p->hours, 0, sizeof p->hours);
    begun = p->begun;
    f = look(p, NULL);
    assert_true(f.calls > 500);
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, p->campaign));
    happens(p, &f, p->hours_from, begun);
}

/* -- what it says --------------------------------------------------------- */

static void test_forecast_same_seed(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_forecast_options how;
    people(p, 400);
    options(p, &o);
    start(p, &o);
    od_forecast_options_init(&how);
    how.seed = 7;
    od_forecast a = look(p, &how);
    od_forecast b = look(p, &how);
    assert_memory_equal(&a, &b, sizeof a);
    how.seed = 8;
    b = look(p, &how);
    assert_memory_not_equal(&a, &b, sizeof a);
}

/* Whatever the numbers are kept in. */
static void test_forecast_same_of_sqlite(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_errmsg errmsg = {""};
    od_storage *sqlite = NULL;
    od_forecast two[2];
    for (int i = 0; i < 2; i++) {
        if (i == 1) {
            char path[700];
            (void)snprintf(path, sizeof path, "%s",
                           stage_path(&p->stage, "forecast.db"));
            od_err err = od_storage_open_sqlite(&sqlite, path, &errmsg);
            if (err == OD_ERR_UNSUPPORTED) {
                return;
            }
            assert_int_equal(err, OD_OK);
            od_world_close(&p->stage.world);
            stage_open(&p->stage, sqlite);
        }
        people(p, 700);
        stage_dnc(&p->stage, phone_of(3));
        stage_dnc(&p->stage, "+1602*");
        options(p, &o);
        start(p, &o);
        two[i] = look(p, NULL);
    }
    assert_true(two[0].calls > 600);
    assert_int_equal(two[0].never_by[OD_REASON_DNC], 101);
    assert_memory_equal(&two[0], &two[1], sizeof two[0]);
}

static void test_forecast_figures(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_forecast_options how;
    people(p, 100);
    options(p, &o);
    start(p, &o);
    od_forecast_options_init(&how);
    how.answer = 1000;
    how.ring_ms = 1000;
    how.talk_ms = 61000;
    how.price_micros = 10000;
    how.calls_max = 7;
    how.calls_per_second_max = 1000;
    od_forecast f = look(p, &how);
    assert_int_equal(f.calls, 100);
    assert_int_equal(f.answered, 100);
    assert_int_equal(f.unreached, 0);
    assert_int_equal(f.never, 0);
    assert_int_equal(f.concurrent_peak, 7);
    assert_int_equal(f.talk_ms, 6100000);
    assert_int_equal(f.cost_micros, 100 * 66 * 10000 / 60);
    assert_int_equal(f.calls_per_hour_peak, 100);
    assert_int_equal(f.hours[0], 100);
    assert_int_equal(f.hours_len, 1);
    assert_int_equal(f.learned, 0);
    /* 15 rounds of 62 s, begun within a second. */
    near("finish", f.finish_utc_ms - p->hours_from, 15 * 62000, 0, 1000);
    how.increment_s = 60;
    f = look(p, &how);
    assert_int_equal(f.cost_micros, 100 * 2 * 10000);
    /* One call a second: the pace. */
    how.calls_max = 1000;
    how.calls_per_second_max = 1;
    how.talk_ms = 500;
    f = look(p, &how);
    near("pace", f.finish_utc_ms - p->hours_from, 99000 + 1500, 0, 1000);
    how.answer = 0;
    how.busy = 1000;
    f = look(p, &how);
    assert_int_equal(f.unreached, 100);
    assert_int_equal(f.calls, 300);
    assert_int_equal(f.cost_micros, 0);
    /* It does not get far. */
    how.end_utc_ms = p->stage.world.now.utc_ms + 10000;
    f = look(p, &how);
    assert_int_equal(f.finish_utc_ms, 0);
    assert_int_equal(f.calls, 10);
    assert_int_equal(f.never_by[OD_REASON_NONE], 90);
}

static void test_forecast_begins_later(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_forecast_options how;
    people(p, 50);
    options(p, &o);
    o.start_utc_ms = p->stage.world.now.utc_ms + 2 * STAGE_HOUR;
    start(p, &o);
    od_forecast f = look(p, NULL);
    assert_int_equal(f.hours[0] + f.hours[1], 0);
    assert_true(f.hours[2] > 0);
    od_forecast_options_init(&how);
    how.end_utc_ms = o.start_utc_ms;
    f = look(p, &how);
    assert_int_equal(f.never_by[OD_REASON_CAMPAIGN_STATE], 50);
    assert_int_equal(f.finish_utc_ms, 0);
}

/* A registry that must be asked and is not there stops a campaign. */
static void test_forecast_registry_missing(void **state)
{
    play *p = *state;
    od_campaign_options o;
    people(p, 70);
    rules(p, "rule ours.registry\n  in US-FL\n  purpose informational\n"
             "  registry ours 31d\n  cite c\n  verified yes\n");
    options(p, &o);
    start(p, &o);
    od_forecast f = look(p, NULL);
    assert_int_equal(f.finish_utc_ms, 0);
    assert_true(f.never_by[OD_REASON_REGISTRY_STALE] >= 10);
}

static void test_forecast_learned(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_forecast_options how;
    od_sim_options *sim = &p->stage.world.sim_options;
    stage_end(&p->stage);
    stage_init(&p->stage);
    sim->model = (od_sim_model){.answer = 800,
                                .busy = 200,
                                .ring_ms_min = 4000,
                                .ring_ms_max = 6000,
                                .talk_ms_min = 500,
                                .talk_ms_max = 1500};
    p->storage = shaky_new(&p->shaky, NULL);
    stage_open(&p->stage, p->storage);
    p->stage.world.on_event = on_event;
    p->stage.world.on_event_ctx = p;
    people(p, 500);
    options(p, &o);
    o.guards.short_max = OD_NONE;
    start(p, &o);
    od_forecast_options_init(&how);
    how.learned = 1;
    od_forecast f = look(p, &how);
    assert_int_equal(f.learned, 0); /* there are no calls yet */
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, p->campaign));
    while (p->ended < 150) {
        stage_run(&p->stage, 5000);
    }
    f = look(p, &how);
    assert_int_equal(f.learned, p->ended >= 200);
    while (p->ended < 400) {
        stage_run(&p->stage, 5000);
    }
    f = look(p, &how);
    assert_int_equal(f.learned, 1);
    near("talk", f.talk_ms, f.answered * 1000, 15, 0);
    assert_true(f.answered * 10 > (f.answered + f.unreached) * 9);
    how.learned = 0;
    od_forecast g = look(p, &how);
    assert_int_equal(g.learned, 0);
    assert_true(g.answered * 10 < (g.answered + g.unreached) * 9);
}

/* -- what it leaves alone ------------------------------------------------- */

static void test_forecast_changes_nothing(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_ledger_head before;
    od_ledger_head after;
    people(p, 300);
    options(p, &o);
    start(p, &o);
    for (int i = 0; i < 2; i++) {
        od_campaign_stats a = stage_stats(&p->stage, p->campaign);
        stage_ok(&p->stage, od_ledger_head_get(p->stage.engine, &before));
        (void)look(p, NULL);
        stage_ok(&p->stage, od_ledger_head_get(p->stage.engine, &after));
        od_campaign_stats b = stage_stats(&p->stage, p->campaign);
        assert_memory_equal(&a, &b, sizeof a);
        assert_memory_equal(&before, &after, sizeof before);
        assert_int_equal(stage_state(&p->stage, p->campaign),
                         i == 0 ? OD_CAMPAIGN_IDLE : OD_CAMPAIGN_RUNNING);
        stage_ok(&p->stage,
                 i == 0 ? od_campaign_start(p->stage.engine, p->campaign)
                        : OD_OK);
        stage_run(&p->stage, i == 0 ? STAGE_MINUTE : 0);
    }
}

/* -- what it refuses ------------------------------------------------------ */

static void refused(play *p, const od_forecast_options *o, const char *text)
{
    od_forecast out;
    od_forecast same;
    memset(&out, 0x5a, sizeof out);
    same = out;
    stage_fails(&p->stage,
                od_campaign_forecast(p->stage.engine, p->campaign, o, &out),
                OD_ERR_INVALID, text);
    assert_memory_equal(&out, &same, sizeof out);
}

static void test_forecast_bad_options(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_forecast out;
    od_forecast_options how;
    options(p, &o);
    start(p, &o);
#define BAD(field, value)                                                      \
    do {                                                                       \
        od_forecast_options_init(&how);                                        \
        how.field = (value);                                                   \
        refused(p, &how, #field);                                              \
    } while (0)
    BAD(price_micros, -1);
    BAD(price_micros, 100000001);
    BAD(end_utc_ms, -1);
    BAD(end_utc_ms, p->stage.world.now.utc_ms);
    BAD(end_utc_ms, p->stage.world.now.utc_ms + 367 * DAY);
    BAD(increment_s, -1);
    BAD(increment_s, 61);
    BAD(learned, 2);
    BAD(answer, 1001);
    BAD(busy, -1);
    BAD(declined, 1001);
    BAD(not_found, -5);
    BAD(ring_ms, 120001);
    BAD(talk_ms, 7200001);
    BAD(calls_per_second_max, -1);
    BAD(calls_max, 320001);
#undef BAD
    od_forecast_options_init(&how);
    how.answer = 600;
    how.busy = 500;
    refused(p, &how, "1100");
    od_forecast_options_init(&how);
    how.size = 8;
    refused(p, &how, "od_forecast_options");
    od_engine *e = p->stage.engine;
    stage_fails(&p->stage, od_campaign_forecast(e, p->campaign, NULL, NULL),
                OD_ERR_INVALID, "out");
    stage_fails(&p->stage, od_campaign_forecast(e, 9876, NULL, &out),
                OD_ERR_NOT_FOUND, "9876");
    assert_int_equal(od_campaign_forecast(NULL, 1, NULL, &out), OD_ERR_INVALID);
    /* Nobody is in it. */
    out = look(p, NULL);
    assert_int_equal(out.contacts, 0);
    assert_int_equal(out.calls, 0);
}

static od_err many(void *ctx, od_id campaign, od_counters *out)
{
    (void)ctx;
    (void)campaign;
    memset(out, 0, sizeof *out);
    out->targets = 20000001;
    return OD_OK;
}

static void test_forecast_too_many(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_forecast out;
    options(p, &o);
    start(p, &o);
    p->shaky.ops.counters = many;
    stage_fails(&p->stage,
                od_campaign_forecast(p->stage.engine, p->campaign, NULL, &out),
                OD_ERR_LIMIT, "20000000");
}

/* A database may be anybody's. */
static od_err broken(void *ctx, od_id campaign, uint64_t after, int64_t utc_ms,
                     od_candidate *rows, size_t rows_max, size_t *count)
{
    static const int32_t places[] = {-5, 0, INT32_MAX, 1 << 20};
    (void)ctx;
    (void)utc_ms;
    *count = 0;
    for (size_t i = 0; after == 0 && i < 4 && i < rows_max; i++) {
        rows[i] = (od_candidate){.campaign = campaign,
                                 .phone = 12125551000 + i,
                                 .contact = 1,
                                 .place = places[i],
                                 .state = (int32_t)i,
                                 .reason = 9999,
                                 .attempts = 100000,
                                 .disposition = 15,
                                 .due_utc_ms = INT64_MIN};
        *count = i + 1;
    }
    return OD_OK;
}

static void test_forecast_broken_rows(void **state)
{
    play *p = *state;
    od_campaign_options o;
    options(p, &o);
    start(p, &o);
    p->shaky.ops.target_scan = broken;
    od_forecast f = look(p, NULL);
    assert_int_equal(f.contacts, 4);
    assert_int_equal(f.calls, 0);
    assert_int_equal(f.never, 2); /* one was to be called, one is blocked */
}

static void test_forecast_storage_fails(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_forecast_options how;
    od_forecast out;
    int64_t reads = 0;
    people(p, 20);
    options(p, &o);
    start(p, &o);
    od_forecast_options_init(&how);
    how.learned = 1;
    for (int64_t at = 1;; at++) {
        shaky_fail(&p->shaky, at, false);
        od_err err =
            od_campaign_forecast(p->stage.engine, p->campaign, &how, &out);
        if (p->shaky.failures == reads) {
            assert_int_equal(err, OD_OK);
            break;
        }
        reads = p->shaky.failures;
        assert_int_equal(err, OD_ERR_IO);
        assert_true(od_engine_errmsg(p->stage.engine)[0] != '\0');
    }
    assert_true(reads >= 26); /* the facts of each of the twenty, and more */
    shaky_fail(&p->shaky, 0, false);
}

/* -- memory --------------------------------------------------------------- */

typedef struct purse {
    int64_t calls;
    int64_t live;
    int64_t fail_at;
} purse;

static void *take(void *ctx, size_t bytes)
{
    purse *h = ctx;
    if (++h->calls == h->fail_at) {
        return NULL;
    }
    h->live++;
    return malloc(bytes);
}

static void give(void *ctx, void *block)
{
    purse *h = ctx;
    h->live -= block != NULL ? 1 : 0;
    free(block);
}

static void test_forecast_memory(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_forecast out;
    purse h = {.fail_at = 0};
    od_allocator allocator = {take, give, &h};
    int64_t n = 0;
    stage_end(&p->stage);
    stage_init(&p->stage);
    p->stage.world.options.allocator = &allocator;
    stage_open(&p->stage, NULL);
    people(p, 300);
    options(p, &o);
    start(p, &o);
    int64_t live = h.live;
    for (n = 1;; n++) {
        h.calls = 0;
        h.fail_at = n;
        od_err err =
            od_campaign_forecast(p->stage.engine, p->campaign, NULL, &out);
        assert_int_equal(h.live, live);
        if (h.calls < n) {
            assert_int_equal(err, OD_OK);
            break;
        }
        assert_int_equal(err, OD_ERR_MEMORY);
    }
    h.fail_at = 0;
    assert_true(n > 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_forecast_windows_and_zones),
        TEST(test_forecast_retries),
        TEST(test_forecast_dayparts),
        TEST(test_forecast_rules),
        TEST(test_forecast_list),
        TEST(test_forecast_end),
        TEST(test_forecast_further_phones),
        TEST(test_forecast_in_the_middle),
        TEST(test_forecast_same_seed),
        TEST(test_forecast_same_of_sqlite),
        TEST(test_forecast_figures),
        TEST(test_forecast_begins_later),
        TEST(test_forecast_registry_missing),
        TEST(test_forecast_learned),
        TEST(test_forecast_changes_nothing),
        TEST(test_forecast_bad_options),
        TEST(test_forecast_too_many),
        TEST(test_forecast_broken_rows),
        TEST(test_forecast_storage_fails),
        TEST(test_forecast_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
