/*
 * test_end.c - the instant at which a campaign ends: end_utc_ms.
 */
#include "support/stage.h"

#include "core/core.h"

#define PEOPLE 200

static int setup(void **state)
{
    od_stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    stage_begin(s);
    stage_people(s, PEOPLE);
    stage_far_all(s, PEOPLE, "ring 1s answer wait 2s hangup");
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    od_stage *s = *state;
    stage_end(s);
    free(s);
    return 0;
}

static od_campaign_options options(od_stage *s)
{
    od_campaign_options o;
    stage_options(s, &o, "ends");
    o.concurrent_max = 2;
    return o;
}

/* No call was claimed at the end or after it. */
static void none_after(od_stage *s, od_id id, int64_t end_utc_ms)
{
    static od_call rows[1000];
    size_t count = 0;
    stage_ok(s, od_calls_list(s->engine, NULL, 0, rows, 1000, &count));
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(rows[i].campaign != id ||
                    rows[i].claimed_utc_ms < end_utc_ms);
    }
}

static void test_end_stops_claims_at_the_instant(void **state)
{
    od_stage *s = *state;
    od_campaign now;
    od_campaign_options o = options(s);
    o.concurrent_max = 10;
    o.end_utc_ms = s->world.now.utc_ms + 20003;
    od_id id = stage_go(s, &o);
    stage_ok(s, od_world_run_until(&s->world, o.end_utc_ms - 1, 0));
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_RUNNING);
    size_t live = od_engine_calls_live(s->engine);
    size_t before = stage_calls(s, id, NULL);
    assert_true(live > 0);
    stage_run(s, 1); /* it does not sleep through it */
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_COMPLETED);
    stage_ok(s, od_campaign_get(s->engine, id, &now));
    assert_string_equal(now.state_text, "its end has come");
    /* Live calls go on to their end, nobody else is called. */
    assert_int_equal(od_engine_calls_live(s->engine), live);
    stage_run(s, STAGE_HOUR);
    assert_int_equal(stage_calls(s, id, NULL), before + live);
    none_after(s, id, o.end_utc_ms);
}

/* Also where the host was late. */
static void test_end_of_a_late_host(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = options(s);
    o.end_utc_ms = s->world.now.utc_ms + 10000;
    od_id id = stage_go(s, &o);
    stage_run(s, 5000);
    s->world.now.utc_ms += STAGE_HOUR;
    s->world.now.mono_ms += STAGE_HOUR;
    stage_run(s, STAGE_MINUTE);
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_COMPLETED);
    none_after(s, id, o.end_utc_ms);
}

static void test_end_explains_itself(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = options(s);
    o.end_utc_ms = s->world.now.utc_ms + 5000;
    od_id id = stage_go(s, &o);
    stage_run(s, 10000);
    od_verdict v = stage_explain(s, id, stage_phone(PEOPLE - 1));
    assert_int_equal(v.kind, OD_VERDICT_BLOCK);
    assert_int_equal(v.reason, OD_REASON_CAMPAIGN_ENDED);
    stage_fails(s, od_campaign_start(s->engine, id), OD_ERR_REFUSED,
                "its end has passed");
    o.end_utc_ms = 0;
    stage_ok(s, od_campaign_update(s->engine, id, &o));
    stage_ok(s, od_campaign_start(s->engine, id));
    stage_run(s, STAGE_HOUR);
    assert_int_equal(stage_calls(s, id, NULL), PEOPLE);
}

/* Begins and ends by itself. */
static void test_end_of_a_scheduled_campaign(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = options(s);
    o.start_utc_ms = s->world.now.utc_ms + STAGE_HOUR;
    o.end_utc_ms = o.start_utc_ms + 10000;
    o.recall = OD_NONE;
    od_id id = stage_go(s, &o);
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_SCHEDULED);
    stage_run(s, STAGE_HOUR + 5000);
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_RUNNING);
    stage_run(s, 5000);
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_COMPLETED);
    none_after(s, id, o.end_utc_ms);
}

/* The host slept through all of it: nobody is called, and it is asked. */
static void test_end_of_a_campaign_that_never_began(void **state)
{
    od_stage *s = *state;
    od_campaign now;
    od_campaign_options o = options(s);
    o.start_utc_ms = s->world.now.utc_ms + STAGE_MINUTE;
    o.end_utc_ms = o.start_utc_ms + 10000;
    o.recall = OD_NONE;
    od_id id = stage_go(s, &o);
    s->world.now.utc_ms += STAGE_HOUR;
    s->world.now.mono_ms += STAGE_HOUR;
    stage_run(s, STAGE_MINUTE);
    stage_ok(s, od_campaign_get(s->engine, id, &now));
    assert_int_equal(now.state, OD_CAMPAIGN_PAUSED);
    assert_string_equal(now.state_text,
                        "its end has passed: set a later end_utc_ms");
    assert_int_equal(stage_calls(s, id, NULL), 0);
}

/* Nobody is due for hours: the end wakes the engine all the same. */
static void test_end_while_all_wait(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = options(s);
    od_window evening = {OD_EVERY_DAY, 18 * 60, 20 * 60};
    o.windows = &evening;
    o.windows_len = 1;
    o.recall = OD_NONE;
    o.end_utc_ms = s->world.now.utc_ms + STAGE_HOUR;
    od_id id = stage_go(s, &o);
    stage_run(s, STAGE_HOUR);
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_COMPLETED);
    assert_int_equal(stage_calls(s, id, NULL), 0);
}

/* Sooner, later and taken away while it runs. */
static void test_end_changes_while_running(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = options(s);
    int64_t now = s->world.now.utc_ms;
    o.end_utc_ms = now + 20000;
    od_id id = stage_go(s, &o);
    stage_run(s, 15000);
    o.end_utc_ms = 0;
    stage_ok(s, od_campaign_update(s->engine, id, &o));
    stage_run(s, 15000);
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_RUNNING);
    o.end_utc_ms = now + STAGE_HOUR;
    stage_ok(s, od_campaign_update(s->engine, id, &o));
    stage_run(s, 5000);
    o.end_utc_ms = s->world.now.utc_ms + 2000;
    stage_ok(s, od_campaign_update(s->engine, id, &o));
    stage_run(s, 2000);
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_COMPLETED);
    none_after(s, id, o.end_utc_ms);
    /* Paused ones stay paused: they end when they are resumed. */
    o.end_utc_ms = 0;
    stage_ok(s, od_campaign_update(s->engine, id, &o));
    stage_ok(s, od_campaign_start(s->engine, id));
    stage_run(s, 3000);
    stage_ok(s, od_campaign_pause(s->engine, id));
    o.end_utc_ms = s->world.now.utc_ms + 1000;
    stage_ok(s, od_campaign_update(s->engine, id, &o));
    stage_run(s, 5000);
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_PAUSED);
    stage_fails(s, od_campaign_resume(s->engine, id), OD_ERR_REFUSED,
                "its end has passed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_end_stops_claims_at_the_instant),
        TEST(test_end_of_a_late_host),
        TEST(test_end_explains_itself),
        TEST(test_end_of_a_scheduled_campaign),
        TEST(test_end_of_a_campaign_that_never_began),
        TEST(test_end_while_all_wait),
        TEST(test_end_changes_while_running),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
