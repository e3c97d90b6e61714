/*
 * test_forecast.c - what a forecast says, leaves alone and refuses, and that it
 * outlives memory and storages that fail. That it is right shows
 * test_forecast_run.c.
 */
#include "support/forecast_kit.h"

/* -- what it says --------------------------------------------------------- */

static void test_forecast_same_seed(void **state)
{
    forecast_kit *p = *state;
    od_campaign_options o;
    od_forecast_options how;
    forecast_kit_people(p, 400);
    forecast_kit_options(p, &o);
    forecast_kit_add(p, &o);
    od_forecast_options_init(&how);
    how.seed = 7;
    od_forecast a = forecast_kit_look(p, &how);
    od_forecast b = forecast_kit_look(p, &how);
    assert_memory_equal(&a, &b, sizeof a);
    how.seed = 8;
    b = forecast_kit_look(p, &how);
    assert_memory_not_equal(&a, &b, sizeof a);
}

/* Whatever the numbers are kept in. */
static void test_forecast_same_of_sqlite(void **state)
{
    forecast_kit *p = *state;
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
        forecast_kit_people(p, 700);
        stage_dnc(&p->stage, forecast_kit_phone(3));
        stage_dnc(&p->stage, "+1602*");
        forecast_kit_options(p, &o);
        forecast_kit_add(p, &o);
        two[i] = forecast_kit_look(p, NULL);
    }
    assert_true(two[0].calls > 600);
    assert_int_equal(two[0].never_by[OD_REASON_DNC], 101);
    assert_memory_equal(&two[0], &two[1], sizeof two[0]);
}

static void test_forecast_figures(void **state)
{
    forecast_kit *p = *state;
    od_campaign_options o;
    od_forecast_options how;
    forecast_kit_people(p, 100);
    forecast_kit_options(p, &o);
    forecast_kit_add(p, &o);
    od_forecast_options_init(&how);
    how.answer = 1000;
    how.ring_ms = 1000;
    how.talk_ms = 61000;
    how.price_micros = 10000;
    how.calls_max = 7;
    how.calls_per_second_max = 1000;
    od_forecast f = forecast_kit_look(p, &how);
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
    forecast_kit_near("finish", f.finish_utc_ms - p->hours_from, 15 * 62000, 0,
                      1000);
    how.increment_s = 60;
    f = forecast_kit_look(p, &how);
    assert_int_equal(f.cost_micros, 100 * 2 * 10000);
    /* One call a second: the pace. */
    how.calls_max = 1000;
    how.calls_per_second_max = 1;
    how.talk_ms = 500;
    f = forecast_kit_look(p, &how);
    forecast_kit_near("pace", f.finish_utc_ms - p->hours_from, 99000 + 1500, 0,
                      1000);
    how.answer = 0;
    how.busy = 1000;
    f = forecast_kit_look(p, &how);
    assert_int_equal(f.unreached, 100);
    assert_int_equal(f.calls, 300);
    assert_int_equal(f.cost_micros, 0);
    /* It does not get far. */
    how.end_utc_ms = p->stage.world.now.utc_ms + 10000;
    f = forecast_kit_look(p, &how);
    assert_int_equal(f.finish_utc_ms, 0);
    assert_int_equal(f.calls, 10);
    assert_int_equal(f.never_by[OD_REASON_NONE], 90);
}

static void test_forecast_begins_later(void **state)
{
    forecast_kit *p = *state;
    od_campaign_options o;
    od_forecast_options how;
    forecast_kit_people(p, 50);
    forecast_kit_options(p, &o);
    o.start_utc_ms = p->stage.world.now.utc_ms + 2 * STAGE_HOUR;
    forecast_kit_add(p, &o);
    od_forecast f = forecast_kit_look(p, NULL);
    assert_int_equal(f.hours[0] + f.hours[1], 0);
    assert_true(f.hours[2] > 0);
    od_forecast_options_init(&how);
    how.end_utc_ms = o.start_utc_ms;
    f = forecast_kit_look(p, &how);
    assert_int_equal(f.never_by[OD_REASON_CAMPAIGN_STATE], 50);
    assert_int_equal(f.finish_utc_ms, 0);
}

/* A registry that must be asked and is not there stops a campaign. */
static void test_forecast_registry_missing(void **state)
{
    forecast_kit *p = *state;
    od_campaign_options o;
    forecast_kit_people(p, 70);
    forecast_kit_rules(
        p, "rule ours.registry\n  in US-FL\n  purpose informational\n"
           "  registry ours 31d\n  cite c\n  verified yes\n");
    forecast_kit_options(p, &o);
    forecast_kit_add(p, &o);
    od_forecast f = forecast_kit_look(p, NULL);
    assert_int_equal(f.finish_utc_ms, 0);
    assert_true(f.never_by[OD_REASON_REGISTRY_STALE] >= 10);
}

static void test_forecast_learned(void **state)
{
    forecast_kit *p = *state;
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
    forecast_kit_open(p);
    forecast_kit_people(p, 500);
    forecast_kit_options(p, &o);
    o.guards.short_max = OD_NONE;
    forecast_kit_add(p, &o);
    od_forecast_options_init(&how);
    how.learned = 1;
    od_forecast f = forecast_kit_look(p, &how);
    assert_int_equal(f.learned, 0); /* there are no calls yet */
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, p->campaign));
    while (p->ended < 150) {
        stage_run(&p->stage, 5000);
    }
    f = forecast_kit_look(p, &how);
    assert_int_equal(f.learned, p->ended >= 200);
    while (p->ended < 400) {
        stage_run(&p->stage, 5000);
    }
    f = forecast_kit_look(p, &how);
    assert_int_equal(f.learned, 1);
    forecast_kit_near("talk", f.talk_ms, f.answered * 1000, 15, 0);
    assert_true(f.answered * 10 > (f.answered + f.unreached) * 9);
    how.learned = 0;
    od_forecast g = forecast_kit_look(p, &how);
    assert_int_equal(g.learned, 0);
    assert_true(g.answered * 10 < (g.answered + g.unreached) * 9);
}

/* -- what it leaves alone ------------------------------------------------- */

static void test_forecast_changes_nothing(void **state)
{
    forecast_kit *p = *state;
    od_campaign_options o;
    od_ledger_head before;
    od_ledger_head after;
    forecast_kit_people(p, 300);
    forecast_kit_options(p, &o);
    forecast_kit_add(p, &o);
    for (int i = 0; i < 2; i++) {
        od_campaign_stats a = stage_stats(&p->stage, p->campaign);
        stage_ok(&p->stage, od_ledger_head_get(p->stage.engine, &before));
        (void)forecast_kit_look(p, NULL);
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

static void refused(forecast_kit *p, const od_forecast_options *o,
                    const char *text)
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
    forecast_kit *p = *state;
    od_campaign_options o;
    od_forecast out;
    od_forecast_options how;
    forecast_kit_options(p, &o);
    forecast_kit_add(p, &o);
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
    BAD(end_utc_ms, p->stage.world.now.utc_ms + 367 * FORECAST_KIT_DAY);
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
    out = forecast_kit_look(p, NULL);
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
    forecast_kit *p = *state;
    od_campaign_options o;
    od_forecast out;
    forecast_kit_options(p, &o);
    forecast_kit_add(p, &o);
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
    forecast_kit *p = *state;
    od_campaign_options o;
    forecast_kit_options(p, &o);
    forecast_kit_add(p, &o);
    p->shaky.ops.target_scan = broken;
    od_forecast f = forecast_kit_look(p, NULL);
    assert_int_equal(f.contacts, 4);
    assert_int_equal(f.calls, 0);
    assert_int_equal(f.never, 2); /* one was to be called, one is blocked */
}

static void test_forecast_storage_fails(void **state)
{
    forecast_kit *p = *state;
    od_campaign_options o;
    od_forecast_options how;
    od_forecast out;
    int64_t reads = 0;
    forecast_kit_people(p, 20);
    forecast_kit_options(p, &o);
    forecast_kit_add(p, &o);
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
    forecast_kit *p = *state;
    od_campaign_options o;
    od_forecast out;
    purse h = {.fail_at = 0};
    od_allocator allocator = {take, give, &h};
    int64_t n = 0;
    stage_end(&p->stage);
    stage_init(&p->stage);
    p->stage.world.options.allocator = &allocator;
    stage_open(&p->stage, NULL);
    forecast_kit_people(p, 300);
    forecast_kit_options(p, &o);
    forecast_kit_add(p, &o);
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

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, forecast_kit_setup,                  \
                                    forecast_kit_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
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
