/*
 * test_roster.c - the campaigns that run: limits across them, and what happens
 * when one changes under its live calls.
 */
#include "support/stage.h"

#include "core/core.h"

static int setup(void **state)
{
    od_stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    stage_init(s);
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

/* A campaign over people of its own, from `first` on. */
static od_id campaign_of(od_stage *s, const char *name, int first, int people,
                         int32_t concurrent_max)
{
    od_campaign_options o;
    od_id group = 0;
    stage_ok(s, od_group_add(s->engine, name, &group));
    for (int i = first; i < first + people; i++) {
        (void)od_world_contact(&s->world, group, stage_phone(i), NULL);
    }
    stage_options(s, &o, name);
    o.groups = &group;
    o.concurrent_max = concurrent_max;
    return stage_add(s, &o);
}

static int64_t live_of(od_stage *s, od_id campaign)
{
    return stage_stats(s, campaign).in_progress;
}

/* -- limits ------------------------------------------------------------------- */

static void test_roster_each_campaign_keeps_its_limit(void **state)
{
    od_stage *s = *state;
    stage_open(s, NULL);
    stage_far_all(s, 40, "ring 1s answer wait 5s hangup");
    od_id a = campaign_of(s, "a", 0, 20, 3);
    od_id b = campaign_of(s, "b", 20, 20, 7);
    stage_ok(s, od_campaign_start(s->engine, a));
    stage_ok(s, od_campaign_start(s->engine, b));
    bool full = false;
    for (int i = 0; i < 200; i++) {
        stage_run(s, 100);
        assert_true(live_of(s, a) <= 3);
        assert_true(live_of(s, b) <= 7);
        full = full || (live_of(s, a) == 3 && live_of(s, b) == 7);
    }
    assert_true(full);
}

static void test_roster_engine_limit_over_all(void **state)
{
    od_stage *s = *state;
    s->world.options.calls_max = 5;
    stage_open(s, NULL);
    stage_far_all(s, 40, "ring 1s answer wait 5s hangup");
    od_id a = campaign_of(s, "a", 0, 20, 20);
    od_id b = campaign_of(s, "b", 20, 20, 20);
    stage_ok(s, od_campaign_start(s->engine, a));
    stage_ok(s, od_campaign_start(s->engine, b));
    for (int i = 0; i < 400; i++) {
        stage_run(s, 100);
        assert_true(od_engine_calls_live(s->engine) <= 5);
        assert_int_equal(live_of(s, a) + live_of(s, b),
                         od_engine_calls_live(s->engine));
    }
    assert_true(stage_calls(s, a, NULL) > 5);
    assert_true(stage_calls(s, b, NULL) > 5);
}

/* Beyond campaigns_max they wait, running by name, until another ends. */
static void test_roster_campaigns_max(void **state)
{
    od_stage *s = *state;
    od_id ids[3];
    s->world.options.campaigns_max = 1;
    stage_open(s, NULL);
    stage_far_all(s, 30, "ring 1s answer wait 2s hangup");
    for (int c = 0; c < 3; c++) {
        char name[16];
        (void)snprintf(name, sizeof name, "c%d", c);
        ids[c] = campaign_of(s, name, c * 5, 5, 10);
        stage_ok(s, od_campaign_start(s->engine, ids[c]));
    }
    stage_run(s, 2000);
    assert_int_equal(live_of(s, ids[0]), 5);
    assert_int_equal(live_of(s, ids[1]), 0);
    for (int c = 0; c < 3; c++) {
        assert_true(od_world_run_to_state(&s->world, ids[c],
                                          OD_CAMPAIGN_COMPLETED, STAGE_MINUTE));
        assert_int_equal(stage_calls(s, ids[c], NULL), 5);
    }
}

static void test_roster_pause_makes_place_for_another(void **state)
{
    od_stage *s = *state;
    s->world.options.campaigns_max = 1;
    stage_open(s, NULL);
    stage_far_all(s, 10, "ring 1s answer wait 2s hangup");
    od_id a = campaign_of(s, "a", 0, 5, 1);
    od_id b = campaign_of(s, "b", 5, 5, 5);
    stage_ok(s, od_campaign_start(s->engine, a));
    stage_ok(s, od_campaign_start(s->engine, b));
    stage_run(s, 1000);
    stage_ok(s, od_campaign_pause(s->engine, a));
    assert_true(od_world_run_to_state(&s->world, b, OD_CAMPAIGN_COMPLETED,
                                      STAGE_MINUTE));
    assert_int_equal(stage_calls(s, b, NULL), 5);
    assert_int_equal(stage_calls(s, a, NULL), 1);
}

/* -- updates while calls live ---------------------------------------------------- */

static void test_roster_concurrent_max_changes_at_once(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    stage_open(s, NULL);
    stage_people(s, 20);
    stage_far_all(s, 20, "ring 1s answer wait 600s hangup");
    stage_options(s, &o, "first");
    o.concurrent_max = 2;
    od_id campaign = stage_go(s, &o);
    stage_run(s, 3000);
    /* The prompt has been heard and the call hung up: all of them are new. */
    assert_in_range(live_of(s, campaign), 1, 2);
    o.concurrent_max = 9;
    stage_ok(s, od_campaign_update(s->engine, campaign, &o));
    stage_run(s, 100);
    assert_int_equal(live_of(s, campaign), 9);
}

/* A prompt that is changed while the campaign pauses is heard by those who are
 * called afterwards, also when a call lived through the pause. */
static void test_roster_new_prompt_after_a_pause(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    stage_open(s, NULL);
    od_id longer = od_world_prompt(&s->world, "longer", 7000);
    stage_people(s, 2);
    stage_far_all(s, 2, "ring 1s answer wait 600s hangup");
    stage_options(s, &o, "first");
    o.concurrent_max = 1;
    o.prompts = &longer;
    od_id campaign = stage_go(s, &o);
    stage_run(s, 2000);
    assert_int_equal(live_of(s, campaign), 1);
    stage_ok(s, od_campaign_pause(s->engine, campaign));
    stage_run(s, 100);
    o.prompts = &s->hello;
    stage_ok(s, od_campaign_update(s->engine, campaign, &o));
    stage_run(s, 100);
    assert_int_equal(live_of(s, campaign), 1);
    stage_ok(s, od_campaign_resume(s->engine, campaign));
    assert_true(od_world_run_to_state(&s->world, campaign,
                                      OD_CAMPAIGN_COMPLETED, STAGE_MINUTE));
    /* Live calls keep what they began with. */
    od_call rows[3];
    size_t count = 0;
    stage_ok(s, od_calls_list(s->engine, NULL, 0, rows, 3, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].heard_ms, 7000);
    assert_int_equal(rows[1].heard_ms, 2000);
}

/* Old calls count in the campaign's limit while the new script runs. */
static void test_roster_limit_counts_old_calls(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    stage_open(s, NULL);
    od_id longer = od_world_prompt(&s->world, "longer", 30000);
    stage_people(s, 20);
    stage_far_all(s, 20, "ring 1s answer wait 600s hangup");
    stage_options(s, &o, "first");
    o.concurrent_max = 3;
    o.prompts = &longer;
    od_id campaign = stage_go(s, &o);
    stage_run(s, 5000);
    stage_ok(s, od_campaign_pause(s->engine, campaign));
    stage_run(s, 10);
    o.prompts = &s->hello;
    stage_ok(s, od_campaign_update(s->engine, campaign, &o));
    stage_ok(s, od_campaign_resume(s->engine, campaign));
    for (int i = 0; i < 400; i++) {
        stage_run(s, 100);
        assert_true(live_of(s, campaign) <= 3);
    }
    assert_true(stage_calls(s, campaign, NULL) > 6);
}

/* Again and again, with one place for a running campaign and calls that hold
 * the old ones: it goes on when those have ended. */
static void test_roster_goes_on_after_many_updates(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_id prompts[4];
    s->world.options.campaigns_max = 1;
    stage_open(s, NULL);
    for (int i = 0; i < 4; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "p%d", i);
        prompts[i] = od_world_prompt(&s->world, name, 20000 + i * 20);
    }
    stage_people(s, 10);
    stage_far_all(s, 10, "ring 1s answer wait 600s hangup");
    stage_options(s, &o, "first");
    o.prompts = &prompts[0];
    o.concurrent_max = 1;
    od_id campaign = stage_go(s, &o);
    for (int i = 1; i < 4; i++) {
        stage_run(s, 2000);
        stage_ok(s, od_campaign_pause(s->engine, campaign));
        stage_run(s, 10);
        o.prompts = &prompts[i];
        o.concurrent_max = 1 + i;
        stage_ok(s, od_campaign_update(s->engine, campaign, &o));
        stage_ok(s, od_campaign_resume(s->engine, campaign));
    }
    assert_true(od_world_run_to_state(&s->world, campaign,
                                      OD_CAMPAIGN_COMPLETED, 10 * STAGE_MINUTE));
    assert_int_equal(stage_calls(s, campaign, NULL), 10);
}

/* -- pause, resume, stop with live calls --------------------------------------------- */

static void test_roster_pause_lets_answered_calls_finish(void **state)
{
    od_stage *s = *state;
    stage_open(s, NULL);
    stage_people(s, 20);
    stage_far_all(s, 20, "ring 1s answer wait 600s hangup");
    od_id campaign = stage_go(s, NULL);
    stage_run(s, 2000);
    stage_ok(s, od_campaign_pause(s->engine, campaign));
    int64_t dialed = s->world.events[OD_EVENT_CALL_DIALING];
    stage_run(s, STAGE_MINUTE);
    assert_int_equal(s->world.events[OD_EVENT_CALL_DIALING], dialed);
    assert_int_equal(od_engine_calls_live(s->engine), 0);
    assert_int_equal(stage_stats(s, campaign)
                         .attempts_by[OD_DISPOSITION_ANSWERED],
                     dialed);
}

/* A stop and a start in one breath do not call anybody twice. */
static void test_roster_stop_and_start_at_once(void **state)
{
    od_stage *s = *state;
    stage_open(s, NULL);
    stage_people(s, 20);
    stage_far_all(s, 20, "ring 1s answer wait 3s hangup");
    od_id campaign = stage_go(s, NULL);
    for (int i = 0; i < 3; i++) {
        stage_run(s, 1500);
        stage_ok(s, od_campaign_stop(s->engine, campaign));
        stage_ok(s, od_campaign_start(s->engine, campaign));
    }
    assert_true(od_world_run_to_state(&s->world, campaign,
                                      OD_CAMPAIGN_COMPLETED, STAGE_MINUTE));
    for (int i = 0; i < 20; i++) {
        assert_int_equal(stage_calls(s, campaign, stage_phone(i)), 1);
    }
}

/* A prompt in the store that cannot be played any more: paused, with why. */
static void test_roster_pauses_what_it_cannot_load(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_campaign now;
    od_id survey = 0;
    static const char text[] = "survey s\nquestion q\nplay ask\nkey 1 Yes\n";
    stage_open(s, NULL);
    stage_people(s, 1);
    od_id ask = od_world_prompt(&s->world, "ask", 1000);
    stage_ok(s, od_survey_add(s->engine, text, strlen(text), &survey));
    stage_options(s, &o, "first");
    o.survey = survey;
    od_id campaign = stage_add(s, &o);
    stage_ok(s, od_campaign_start(s->engine, campaign));
    /* Behind the engine's back: another process, an edited file. */
    stage_ok(s, od__asset_drop(s->engine, OD_ASSET_MEDIA, ask));
    stage_run(s, 1000);
    stage_ok(s, od_campaign_get(s->engine, campaign, &now));
    assert_int_equal(now.state, OD_CAMPAIGN_PAUSED);
    assert_non_null(strstr(now.state_text, "ask"));
}

/* Options that no version stores, out of a damaged one: it calls all the same,
 * and nothing is written beyond its end. */
static void test_roster_of_a_damaged_record(void **state)
{
    static const int32_t odd[] = {0, -1, INT32_MAX};
    od_stage *s = *state;
    stage_open(s, NULL);
    od_engine *engine = s->engine;
    stage_far_all(s, 300, "ring 1s answer wait 3s hangup");
    for (size_t i = 0; i < OD__LEN(odd); i++) {
        char name[16];
        od_campaign_record record;
        od_ledger_entry entry;
        od_id ignored = 0;
        (void)snprintf(name, sizeof name, "odd %zu", i);
        od_id id = campaign_of(s, name, (int)i * 100, 100, 10);
        stage_ok(s, OD__STORE(engine, campaign_get)(engine->store, id,
                                                    &record));
        record.weight = odd[i];
        record.priority = odd[i];
        record.guards.sample = odd[i];
        od__ledger_entry(engine, &entry, OD_LEDGER_CAMPAIGN_SET, id, "{}");
        stage_ok(s, OD__STORE(engine, campaign_put)(engine->store, &record,
                                                    &entry, &ignored));
        stage_ok(s, od_campaign_start(engine, id));
        assert_true(od_world_run_to_state(&s->world, id,
                                          OD_CAMPAIGN_COMPLETED, STAGE_HOUR));
        assert_int_equal(stage_calls(s, id, NULL), 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_roster_each_campaign_keeps_its_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_roster_engine_limit_over_all,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_roster_campaigns_max, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_roster_pause_makes_place_for_another, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_roster_concurrent_max_changes_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_roster_new_prompt_after_a_pause,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_roster_limit_counts_old_calls,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_roster_goes_on_after_many_updates,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_roster_pause_lets_answered_calls_finish, setup, teardown),
        cmocka_unit_test_setup_teardown(test_roster_stop_and_start_at_once,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_roster_pauses_what_it_cannot_load,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_roster_of_a_damaged_record, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
