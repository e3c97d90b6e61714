/*
 * test_call.c - how calls end: machines, surveys left unfinished, networks that
 * say when to come back. The carrier is simulated.
 */
#include "support/stage.h"

#include "core/core.h"

static const char survey_text[] = "survey two\n"
                                  "question first\nplay hello\nkey 1 Yes\n"
                                  "key 2 No\n"
                                  "question second\nplay hello\nkey 1 Yes\n"
                                  "key 2 No\n";
static const char first_only[] =
    "ring 1s answer wait 1s press 1 wait 1s hangup";
static const char both[] = "ring 1s answer wait 1s press 1 wait 1s press 2";
static const char at_once[] = "ring 1s answer wait 1500ms hangup";
static const char machine[] = "ring 1s answer wait 1s machine wait 20s hangup";

static int setup(void **state)
{
    od_stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    stage_begin(s);
    stage_people(s, 1);
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

/* A survey of two questions; who leaves it is called again. */
static od_campaign_options surveyed(od_stage *s)
{
    od_campaign_options o;
    stage_options(s, &o, "survey");
    if (od_survey_find(s->engine, "two", &o.survey) != OD_OK) {
        stage_ok(s, od_survey_add(s->engine, survey_text,
                                  sizeof survey_text - 1, &o.survey));
    }
    o.prompts_len = 0;
    o.retry_unfinished = 1;
    return o;
}

/* The only person plays this; how the first call ended. */
static od_call one_call(od_stage *s, const od_campaign_options *o,
                        const char *play, od_id *out)
{
    stage_far_all(s, 1, play);
    *out = stage_go(s, o);
    stage_run(s, STAGE_MINUTE);
    assert_int_equal(stage_calls(s, *out, NULL), 1);
    return stage_last(s, *out, stage_phone(0));
}

static void waits_to_retry(od_stage *s, od_id id)
{
    od_verdict v = stage_explain(s, id, stage_phone(0));
    assert_int_equal(v.kind, OD_VERDICT_DEFER);
    assert_int_equal(v.reason, OD_REASON_RETRY_DELAY);
}

/* == machines ============================================================== */

static void test_call_of_a_machine(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_id id = 0;
    stage_options(s, &o, "first");
    o.attempts_max = 2;
    od_call call = one_call(s, &o, machine, &id);
    assert_int_equal(call.disposition, OD_DISPOSITION_MACHINE);
    assert_true(call.answered_utc_ms != 0);
    assert_true(call.reached_network);
    assert_true(call.heard_ms >= 1900); /* it hears the script all the same */
    assert_true(call.survey_done);
    waits_to_retry(s, id);
    /* The next time somebody is there. */
    stage_far_all(s, 1, "ring 1s answer wait 5s hangup");
    stage_run(s, STAGE_HOUR);
    assert_int_equal(stage_last(s, id, stage_phone(0)).disposition,
                     OD_DISPOSITION_ANSWERED);
    od_campaign_stats stats = stage_stats(s, id);
    assert_int_equal(stats.attempts_by[OD_DISPOSITION_MACHINE], 1);
    assert_int_equal(stats.attempts_by[OD_DISPOSITION_ANSWERED], 1);
    assert_int_equal(stats.finished_by[OD_DISPOSITION_ANSWERED], 1);
}

static void test_call_of_machines_by_policy(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_id id = 0;
    stage_options(s, &o, "none");
    o.retries[OD_DISPOSITION_MACHINE].delay_s = OD_NONE;
    (void)one_call(s, &o, machine, &id);
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_COMPLETED);
    stage_options(s, &o, "two");
    o.attempts_max = 10;
    o.retries[OD_DISPOSITION_MACHINE].delay_s = 600;
    o.retries[OD_DISPOSITION_MACHINE].attempts_max = 2;
    (void)one_call(s, &o, machine, &id);
    stage_run(s, 9 * STAGE_MINUTE);
    assert_int_equal(stage_calls(s, id, NULL), 1);
    assert_true(od_world_run_to_state(&s->world, id, OD_CAMPAIGN_COMPLETED,
                                      STAGE_HOUR));
    assert_int_equal(stage_calls(s, id, NULL), 2);
}

/* No person: nobody has left a survey, and no answer holds others back. */
static void test_call_of_a_machine_is_no_answer(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = surveyed(s);
    od_id id = 0;
    od_call call = one_call(s, &o, machine, &id);
    assert_int_equal(call.disposition, OD_DISPOSITION_MACHINE);
    assert_false(call.survey_done);
    stage_options(s, &o, "others");
    o.skip_answered_h = 24;
    call = one_call(s, &o, "ring 1s answer wait 5s hangup", &id);
    assert_int_equal(call.disposition, OD_DISPOSITION_ANSWERED);
}

/* Its hang-up before the machine was known as one is an answer. */
static void test_call_of_a_machine_that_was_not_known(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_id id = 0;
    stage_options(s, &o, "first");
    od_call call =
        one_call(s, &o, "ring 1s answer wait 500ms hangup", &id);
    assert_int_equal(call.disposition, OD_DISPOSITION_ANSWERED);
}

/* == surveys that are left ================================================= */

static void test_call_left_unfinished(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = surveyed(s);
    od_id id = 0;
    o.attempts_max = 2;
    od_call call = one_call(s, &o, first_only, &id);
    assert_int_equal(call.disposition, OD_DISPOSITION_UNFINISHED);
    assert_false(call.survey_done);
    waits_to_retry(s, id);
    stage_far_all(s, 1, both);
    stage_run(s, STAGE_HOUR + STAGE_MINUTE);
    call = stage_last(s, id, stage_phone(0));
    assert_int_equal(call.disposition, OD_DISPOSITION_ANSWERED);
    assert_true(call.survey_done);
    assert_int_equal(stage_calls(s, id, NULL), 2);
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_COMPLETED);
}

/* Somebody answered, so other campaigns leave the number alone. */
static void test_call_left_unfinished_is_an_answer(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = surveyed(s);
    od_id id = 0;
    od_call call = one_call(s, &o, at_once, &id);
    assert_int_equal(call.disposition, OD_DISPOSITION_UNFINISHED);
    stage_options(s, &o, "others");
    o.skip_answered_h = 24;
    id = stage_go(s, &o);
    stage_run(s, STAGE_MINUTE);
    assert_int_equal(stage_explain(s, id, stage_phone(0)).reason,
                     OD_REASON_RECENTLY_ANSWERED);
}

static void test_call_left_unfinished_for_good(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = surveyed(s);
    od_id id = 0;
    o.attempts_max = 5;
    o.retries[OD_DISPOSITION_UNFINISHED].attempts_max = 2;
    (void)one_call(s, &o, at_once, &id);
    assert_true(od_world_run_to_state(&s->world, id, OD_CAMPAIGN_COMPLETED,
                                      9 * (int64_t)STAGE_HOUR));
    assert_int_equal(stage_calls(s, id, NULL), 2);
}

/* Nothing was asked, or it was not asked for, or the person wants no more. */
static void test_call_not_unfinished(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = surveyed(s);
    od_id id = 0;
    o.name = "not asked for";
    o.retry_unfinished = 0;
    od_call call = one_call(s, &o, first_only, &id);
    assert_int_equal(call.disposition, OD_DISPOSITION_ANSWERED);
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_COMPLETED);
    stage_options(s, &o, "no survey");
    o.retry_unfinished = 1;
    call = one_call(s, &o, at_once, &id);
    assert_int_equal(call.disposition, OD_DISPOSITION_ANSWERED);
    o = surveyed(s);
    o.name = "opts out";
    call = one_call(s, &o, "ring 1s answer wait 1s press 9", &id);
    assert_int_equal(call.disposition, OD_DISPOSITION_ANSWERED);
    assert_false(call.survey_done);
    assert_int_equal(stage_explain(s, id, stage_phone(0)).reason,
                     OD_REASON_DNC);
}

/* == when to come back ===================================================== */

static void test_call_retry_after(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_id id = 0;
    stage_options(s, &o, "first");
    int64_t begun = s->world.now.utc_ms;
    od_call call = one_call(s, &o, "ring 1s status 503 retry 900", &id);
    assert_int_equal(call.disposition, OD_DISPOSITION_CONGESTION);
    assert_false(call.reached_network);
    od_verdict v = stage_explain(s, id, stage_phone(0));
    assert_int_equal(v.reason, OD_REASON_RETRY_DELAY);
    assert_in_range(v.until_utc_ms, begun + 900000, begun + 902000);
    /* The trunk is held as long: nobody else is called over it. */
    (void)od_world_contact(&s->world, s->group, stage_phone(1), NULL);
    stage_far(s, stage_phone(1), "ring 1s answer wait 5s hangup");
    stage_run(s, 10 * STAGE_MINUTE);
    assert_int_equal(stage_calls(s, id, stage_phone(1)), 0);
    stage_run(s, 5 * STAGE_MINUTE);
    assert_int_equal(stage_calls(s, id, stage_phone(1)), 1);
}

/* Sooner than the campaign's own delay is not heeded; of a person who is busy
 * it says nothing. */
static void test_call_retry_after_other(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_id id = 0;
    stage_options(s, &o, "slow");
    o.retries[OD_DISPOSITION_CONGESTION].delay_s = 1800;
    int64_t begun = s->world.now.utc_ms;
    (void)one_call(s, &o, "ring 1s status 503 retry 20", &id);
    assert_in_range(stage_explain(s, id, stage_phone(0)).until_utc_ms,
                    begun + 1801000, begun + 1802000);
    stage_ok(s, od_campaign_stop(s->engine, id));
    stage_options(s, &o, "busy");
    begun = s->world.now.utc_ms;
    (void)one_call(s, &o, "ring 1s status 486 retry 86400", &id);
    assert_in_range(stage_explain(s, id, stage_phone(0)).until_utc_ms,
                    begun + 3601000, begun + 3602000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_call_of_a_machine),
        TEST(test_call_of_machines_by_policy),
        TEST(test_call_of_a_machine_is_no_answer),
        TEST(test_call_of_a_machine_that_was_not_known),
        TEST(test_call_left_unfinished),
        TEST(test_call_left_unfinished_is_an_answer),
        TEST(test_call_left_unfinished_for_good),
        TEST(test_call_not_unfinished),
        TEST(test_call_retry_after),
        TEST(test_call_retry_after_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
