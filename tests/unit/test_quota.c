/*
 * test_quota.c - a campaign ends when the answer that its quota counts was
 * given often enough.
 */
#include "support/stage.h"

#include "core/core.h"

#define PEOPLE 40

static const char yes[] = "ring 1s answer wait 3s press 1";
static const char no[] = "ring 1s answer wait 3s press 2";

typedef struct play {
    od_stage stage;
    od_campaign_options o; /* five who say yes, one call at a time */
} play;

static void open_on(play *p, od_storage *storage)
{
    static const char text[] = "survey vote\nquestion vote\nplay hello\n"
                               "key 1 Yes\nkey 2 No\n";
    stage_open(&p->stage, storage);
    stage_options(&p->stage, &p->o, "vote");
    stage_ok(&p->stage, od_survey_add(p->stage.engine, text, sizeof text - 1,
                                      &p->o.survey));
    p->o.prompts_len = 0;
    p->o.concurrent_max = 1;
    p->o.quota_answers = 5;
    p->o.quota_question = "vote";
    p->o.quota_choice = "Yes";
}

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_init(&p->stage);
    open_on(p, NULL);
    stage_people(&p->stage, PEOPLE);
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

static void completes(play *p, od_id id)
{
    assert_true(od_world_run_to_state(&p->stage.world, id,
                                      OD_CAMPAIGN_COMPLETED, STAGE_HOUR));
}

static int64_t given(play *p, od_id id, const char *choice)
{
    od_result rows[8];
    size_t count = 0;
    stage_ok(&p->stage, od_results_get(p->stage.engine, id, rows, 8, &count));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].choice, choice) == 0) {
            return rows[i].count;
        }
    }
    return 0;
}

static void is_text(play *p, od_id id, const char *want)
{
    od_campaign now;
    stage_ok(&p->stage, od_campaign_get(p->stage.engine, id, &now));
    assert_string_equal(now.state_text, want);
}

static void test_quota_ends_the_campaign(void **state)
{
    play *p = *state;
    stage_far_all(&p->stage, PEOPLE, yes);
    od_id id = stage_go(&p->stage, &p->o);
    completes(p, id);
    assert_int_equal(given(p, id, "Yes"), 5);
    assert_int_equal(stage_calls(&p->stage, id, NULL), 5);
    is_text(p, id, "its quota is reached: 5 answered \"Yes\" to \"vote\"");
    /* The others wait: nobody is blocked, nobody is called. */
    od_campaign_stats stats = stage_stats(&p->stage, id);
    assert_int_equal(stats.queued + stats.waiting_window, PEOPLE - 5);
    stage_run(&p->stage, STAGE_HOUR);
    assert_int_equal(stage_calls(&p->stage, id, NULL), 5);
}

/* Other answers, and answers to other questions, do not count. */
static void test_quota_counts_one_answer(void **state)
{
    play *p = *state;
    stage_far_all(&p->stage, PEOPLE, no);
    for (int i = 0; i < 4; i++) {
        stage_far(&p->stage, stage_phone(i), yes);
    }
    od_id id = stage_go(&p->stage, &p->o);
    completes(p, id);
    assert_int_equal(given(p, id, "Yes"), 4);
    assert_int_equal(given(p, id, "No"), PEOPLE - 4);
    is_text(p, id, "");
}

/* Calls that live when it is reached go on to their end, and are counted. */
static void test_quota_lets_live_calls_finish(void **state)
{
    play *p = *state;
    stage_far_all(&p->stage, PEOPLE, "ring 1s answer wait 9s press 1");
    for (int i = 0; i < 5; i++) {
        stage_far(&p->stage, stage_phone(i), yes);
    }
    p->o.concurrent_max = 12;
    od_id id = stage_go(&p->stage, &p->o);
    completes(p, id);
    assert_int_equal(given(p, id, "Yes"), 5);
    size_t live = od_engine_calls_live(p->stage.engine);
    assert_in_range(live, 7, 12);
    stage_run(&p->stage, STAGE_MINUTE);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 0);
    assert_int_equal(given(p, id, "Yes"), 5 + (int64_t)live);
    assert_int_equal(stage_calls(&p->stage, id, NULL), 5 + live);
    assert_int_equal(stage_state(&p->stage, id), OD_CAMPAIGN_COMPLETED);
}

/* Of this run and of those before it. */
static void test_quota_counts_earlier_runs(void **state)
{
    play *p = *state;
    stage_far_all(&p->stage, PEOPLE, yes);
    od_id id = stage_go(&p->stage, &p->o);
    completes(p, id);
    /* It is reached: another run calls nobody. */
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, id));
    completes(p, id);
    assert_int_equal(stage_calls(&p->stage, id, NULL), 5);
    p->o.quota_answers = 8;
    stage_ok(&p->stage, od_campaign_update(p->stage.engine, id, &p->o));
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, id));
    completes(p, id);
    assert_int_equal(given(p, id, "Yes"), 8);
    is_text(p, id, "its quota is reached: 8 answered \"Yes\" to \"vote\"");
}

/* Raised, lowered and taken away while it runs. */
static void test_quota_changes_while_running(void **state)
{
    play *p = *state;
    stage_far_all(&p->stage, PEOPLE, yes);
    od_id id = stage_go(&p->stage, &p->o);
    while (given(p, id, "Yes") < 3) {
        stage_run(&p->stage, 1000);
    }
    p->o.quota_answers = 7;
    stage_ok(&p->stage, od_campaign_update(p->stage.engine, id, &p->o));
    while (given(p, id, "Yes") < 6) {
        stage_run(&p->stage, 1000);
    }
    assert_int_equal(stage_state(&p->stage, id), OD_CAMPAIGN_RUNNING);
    p->o.quota_answers = 2;
    stage_ok(&p->stage, od_campaign_update(p->stage.engine, id, &p->o));
    stage_run(&p->stage, 100);
    assert_int_equal(stage_state(&p->stage, id), OD_CAMPAIGN_COMPLETED);
    is_text(p, id, "its quota is reached: 2 answered \"Yes\" to \"vote\"");
    p->o.quota_answers = 0;
    stage_ok(&p->stage, od_campaign_update(p->stage.engine, id, &p->o));
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, id));
    completes(p, id);
    assert_int_equal(given(p, id, "Yes"), PEOPLE);
}

/* The campaign is read again in the very step in which the answer comes: it is
 * not durable yet, but it was given. */
static void test_quota_counts_what_is_not_durable(void **state)
{
    play *p = *state;
    stage_far_all(&p->stage, PEOPLE, yes);
    p->o.quota_answers = 1;
    od_id id = stage_go(&p->stage, &p->o);
    od_engine *engine = p->stage.engine;
    while (given(p, id, "Yes") == 0) {
        od__engine_changed(engine);
        od_now *now = &p->stage.world.now;
        now->mono_ms += 50;
        now->utc_ms += 50;
        stage_ok(&p->stage, od_engine_step(engine, now));
    }
    const od__active *active = od__roster_find(engine, id);
    assert_true(active == NULL || active->quota_given == 1);
    completes(p, id);
    assert_int_equal(stage_calls(&p->stage, id, NULL), 1);
}

/* Its prompts changed while a call lived: what the call still brings counts for
 * the campaign as it is now. */
static void test_quota_counts_calls_of_old_prompts(void **state)
{
    play *p = *state;
    stage_far_all(&p->stage, PEOPLE, yes);
    stage_far(&p->stage, stage_phone(1), "ring 1s answer wait 90s hangup");
    p->o.quota_answers = 1;
    p->o.concurrent_max = 2;
    od_id id = stage_go(&p->stage, &p->o);
    while (p->stage.world.events[OD_EVENT_CALL_ANSWERED] < 2) {
        stage_run(&p->stage, 100);
    }
    stage_ok(&p->stage, od_campaign_pause(p->stage.engine, id));
    p->o.prompts = &p->stage.hello;
    p->o.prompts_len = 1;
    stage_ok(&p->stage, od_campaign_update(p->stage.engine, id, &p->o));
    stage_ok(&p->stage, od_campaign_resume(p->stage.engine, id));
    while (given(p, id, "Yes") == 0) {
        stage_run(&p->stage, 100);
    }
    assert_int_equal(stage_state(&p->stage, id), OD_CAMPAIGN_COMPLETED);
    stage_run(&p->stage, STAGE_HOUR);
    assert_int_equal(stage_calls(&p->stage, id, NULL), 2);
}

/* A process takes over where another died. */
static void test_quota_survives_the_process(void **state)
{
    play *p = *state;
    od_storage *storage = NULL;
    char path[700];
    (void)snprintf(path, sizeof path, "%s", stage_path(&p->stage, "a.db"));
    od_world_close(&p->stage.world);
    assert_int_equal(od_storage_open_sqlite(&storage, path, NULL), OD_OK);
    open_on(p, storage);
    stage_people(&p->stage, PEOPLE);
    stage_far_all(&p->stage, PEOPLE, yes);
    od_id id = stage_go(&p->stage, &p->o);
    while (given(p, id, "Yes") < 3) {
        stage_run(&p->stage, 1000);
    }
    od_world_close(&p->stage.world);
    assert_int_equal(od_storage_open_sqlite(&storage, path, NULL), OD_OK);
    stage_open(&p->stage, storage);
    stage_far_all(&p->stage, PEOPLE, yes);
    completes(p, id);
    assert_int_equal(given(p, id, "Yes"), 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_quota_ends_the_campaign),
        TEST(test_quota_counts_one_answer),
        TEST(test_quota_lets_live_calls_finish),
        TEST(test_quota_counts_earlier_runs),
        TEST(test_quota_changes_while_running),
        TEST(test_quota_counts_what_is_not_durable),
        TEST(test_quota_counts_calls_of_old_prompts),
        TEST(test_quota_survives_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
