/*
 * test_core_defects.c - what must not be lost when things cross: a key behind
 * the end of a prompt, a store that fails in the middle, an answer behind
 * hundreds of other reports.
 *
 * The queue of events is never full here: see test_core_queue.c for that, and
 * test_core_sqlite.c for what another process does.
 */
#include "support/talk.h"

#define MANY 520 /* more reports than one step takes */

static bool listed(od_talk *p)
{
    bool out = false;
    stage_ok(&p->stage, od_dnc_check(p->stage.engine, stage_phone(0), 0, &out));
    return out;
}

/* Second by second; the store may fail. */
static void pass(od_talk *p, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        p->stage.world.now.mono_ms += 1000;
        p->stage.world.now.utc_ms += 1000;
        talk_step(p);
    }
}

static void with_confirmation(od_talk *p)
{
    talk_begin(p);
    stage_ok(&p->stage, od_media_find(p->stage.engine, "removed",
                                      &p->options.opt_out_prompt));
}

static void break_store(od_talk *p, const char *slot)
{
    p->shaky.only = slot;
    shaky_fail(&p->shaky, 1, true);
}

static void mend_store(od_talk *p)
{
    shaky_fail(&p->shaky, 0, false);
    p->shaky.only = NULL;
}

/* -- opting out ------------------------------------------------------------ */

/* The last prompt ends right behind the key, and the key cannot be stored yet:
 * the person stays on the line until it is, and then hears so. */
static void test_core_opt_out_not_stored_yet_is_not_hung_up(void **state)
{
    od_talk *p = *state;
    with_confirmation(p);
    talk_call(p, talk_survey);
    talk_played(p);
    talk_key(p, '#');
    talk_plays(p, 3, 1); /* hello; ask, more; bye */
    break_store(p, "exchange");
    mute_digit(&p->mute, 0, '9');
    mute_played(&p->mute, 0);
    talk_step(p);
    assert_true(p->shaky.failures > 0);
    assert_false(listed(p));
    assert_int_equal(p->mute.hangups, 0);
    mend_store(p);
    pass(p, 2);
    assert_true(listed(p));
    assert_int_equal(p->opt_outs, 1);
    talk_plays(p, 4, 1);
    assert_int_equal(p->mute.hangups, 0);
    talk_played(p);
    talk_hung_up(p);
    talk_end(p);
}

static void test_core_opt_out_pressed_as_we_hang_up_is_stored(void **state)
{
    od_talk *p = *state;
    with_confirmation(p);
    talk_call(p, NULL);
    mute_played(&p->mute, 0);
    mute_digit(&p->mute, 0, '9');
    talk_step(p);
    talk_hung_up(p);
    talk_end(p);
    assert_true(listed(p));
    assert_int_equal(p->opt_outs, 1);
    talk_plays(p, 1, 1);
}

/* No call may begin, but what is said in one that lives is stored. */
static void opts_out_while_broken(od_talk *p, const char *slot)
{
    talk_begin(p);
    talk_call(p, NULL);
    break_store(p, slot);
    stage_dnc(&p->stage, stage_phone(1)); /* makes it read its campaigns */
    pass(p, 10);
    assert_true(p->shaky.failures > 0);
    talk_key(p, '9');
    pass(p, 10);
    assert_true(listed(p));
    assert_int_equal(p->opt_outs, 1);
    talk_hung_up(p);
    talk_end(p);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 0);
    assert_int_equal(stage_calls(&p->stage, p->campaign, stage_phone(0)), 1);
}

static void test_core_opt_out_is_stored_without_a_lease(void **state)
{
    opts_out_while_broken(*state, "lease");
}

static void test_core_opt_out_is_stored_without_campaigns(void **state)
{
    opts_out_while_broken(*state, "campaign_get");
}

/* Half of a list of numbers was stored before the store failed; one of them
 * rings. */
static void test_core_dnc_import_that_fails_cancels_who_rings(void **state)
{
    od_talk *p = *state;
    enum { ROW = 13, ROWS = 4000 };
    static char text[6 + ROW * ROWS + 1];
    size_t len = (size_t)snprintf(text, sizeof text, "phone\n%s\n",
                                  stage_phone(0));
    for (int i = 1; i < ROWS; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "+1212557%04d\n", 1000 + i);
    }
    talk_begin(p);
    p->campaign = stage_go(&p->stage, &p->options);
    stage_run(&p->stage, 100);
    assert_int_equal(p->mute.dials_len, 1);
    p->shaky.only = "dnc_add";
    shaky_fail(&p->shaky, 2, false);
    assert_int_equal(
        od_dnc_import(p->stage.engine,
                      stage_file(&p->stage, "dnc.csv", text, len), NULL, NULL),
        OD_ERR_IO);
    mend_store(p);
    pass(p, 2);
    assert_true(listed(p));
    talk_hung_up(p);
}

/* -- beginning ------------------------------------------------------------- */

/* What would not start by hand does not start by its time either. */
static void test_core_scheduled_campaign_that_was_stripped_pauses(void **state)
{
    od_talk *p = *state;
    talk_begin(p);
    p->options.start_utc_ms = p->stage.world.now.utc_ms + 5000;
    od_id id = stage_go(&p->stage, &p->options);
    assert_int_equal(stage_state(&p->stage, id), OD_CAMPAIGN_SCHEDULED);
    p->options.caller_id = NULL;
    p->options.prompts_len = 0;
    stage_ok(&p->stage,
             od_campaign_update(p->stage.engine, id, &p->options));
    stage_run(&p->stage, STAGE_MINUTE);
    assert_int_equal(stage_state(&p->stage, id), OD_CAMPAIGN_PAUSED);
    assert_int_equal(p->mute.dials_len, 0);
}

/* -- time ------------------------------------------------------------------ */

/* The host was away for longer than phones ring. One of them was answered in
 * time: its report waits behind more than one step takes. */
static void test_core_answer_behind_many_reports_is_not_rung_out(void **state)
{
    od_talk *p = *state;
    p->stage.world.options.calls_max = MANY;
    talk_begin(p);
    for (int i = 1; i < MANY; i++) {
        (void)od_world_contact(&p->stage.world, p->stage.group, stage_phone(i),
                               NULL);
    }
    p->options.concurrent_max = MANY;
    (void)stage_go(&p->stage, &p->options);
    stage_run(&p->stage, 10000);
    assert_int_equal(p->mute.dials_len, MANY);
    for (size_t i = 1; i < MANY; i++) {
        mute_post(&p->mute, i, OD_REPORT_RINGING, 180);
    }
    mute_post(&p->mute, 0, OD_REPORT_ANSWERED, 200);
    p->stage.world.now.mono_ms += 40000;
    p->stage.world.now.utc_ms += 40000;
    talk_step(p);
    talk_plays(p, 1, 1);
    assert_int_equal(p->mute.hangups, MANY - 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)
    const struct CMUnitTest tests[] = {
        T(test_core_opt_out_not_stored_yet_is_not_hung_up),
        T(test_core_opt_out_pressed_as_we_hang_up_is_stored),
        T(test_core_opt_out_is_stored_without_a_lease),
        T(test_core_opt_out_is_stored_without_campaigns),
        T(test_core_dnc_import_that_fails_cancels_who_rings),
        T(test_core_scheduled_campaign_that_was_stripped_pauses),
        T(test_core_answer_behind_many_reports_is_not_rung_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
