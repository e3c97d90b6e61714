/*
 * test_script_opt_out.c - the opt-out key works at every moment, and what is
 * said about it is true.
 */
#include "support/talk.h"

static bool listed(od_talk *p)
{
    bool out = false;
    stage_ok(&p->stage, od_dnc_check(p->stage.engine, stage_phone(0), 0, &out));
    return out;
}

/* At `moment` the person presses 9: listed, confirmed, hung up. */
static void opts_out(od_talk *p, size_t plays_before)
{
    talk_key(p, '9');
    assert_int_equal(p->opt_outs, 1);
    assert_true(listed(p));
    talk_plays(p, plays_before + 1, 1);
    assert_int_equal(p->mute.hangups, 0);
    talk_keys(p, "9199"); /* nothing more to say */
    talk_played(p);
    talk_hung_up(p);
    talk_end(p);
    assert_int_equal(p->opt_outs, 1);
}

static void with_confirmation(od_talk *p)
{
    talk_begin(p);
    stage_ok(&p->stage, od_media_find(p->stage.engine, "removed",
                                      &p->options.opt_out_prompt));
}

static void test_script_opt_out_in_the_intro(void **state)
{
    od_talk *p = *state;
    with_confirmation(p);
    talk_call(p, NULL);
    opts_out(p, 1);
}

static void test_script_opt_out_in_the_pause(void **state)
{
    od_talk *p = *state;
    p->stage.world.options.answer_wait_ms = 1000;
    with_confirmation(p);
    talk_call(p, NULL);
    opts_out(p, 0);
    stage_run(&p->stage, 5000);
    assert_int_equal(p->mute.plays, 1);
}

static void test_script_opt_out_while_asked(void **state)
{
    od_talk *p = *state;
    with_confirmation(p);
    talk_call(p, talk_survey);
    talk_played(p);
    talk_key(p, '1');
    opts_out(p, 3); /* barge_in no does not hold it up */
    assert_int_equal(p->answers, 1);
}

static void test_script_opt_out_while_listening(void **state)
{
    od_talk *p = *state;
    with_confirmation(p);
    talk_call(p, talk_survey);
    talk_played(p);
    talk_played(p);
    opts_out(p, 2);
}

static void test_script_opt_out_at_the_last_word(void **state)
{
    od_talk *p = *state;
    with_confirmation(p);
    talk_call(p, talk_survey);
    talk_played(p);
    talk_key(p, '#');
    opts_out(p, 3);
}

static void test_script_opt_out_by_choice(void **state)
{
    od_talk *p = *state;
    with_confirmation(p);
    p->options.opt_out_key = OD_NONE;
    talk_call(p, talk_survey);
    talk_played(p);
    talk_key(p, '9'); /* a wrong key, no more */
    assert_false(listed(p));
    talk_key(p, '3');
    talk_answered(p, 1, "q", "Stop", "3");
    assert_true(listed(p));
    assert_int_equal(p->opt_outs, 1);
    talk_played(p);
    talk_hung_up(p);
}

static void test_script_opt_out_without_confirmation(void **state)
{
    od_talk *p = *state;
    talk_begin(p);
    talk_call(p, NULL);
    talk_key(p, '9');
    assert_true(listed(p));
    talk_hung_up(p);
}

/* The confirmation is a promise: it is said when it is kept, not before. */
static void test_script_opt_out_is_stored_first(void **state)
{
    od_talk *p = *state;
    with_confirmation(p);
    talk_call(p, NULL);
    p->shaky.only = "exchange";
    shaky_fail(&p->shaky, 1, true);
    talk_key(p, '9');
    assert_int_equal(p->opt_outs, 0);
    assert_int_equal(p->mute.plays, 1);
    talk_played(p); /* the intro ends: still nothing is said, nor hung up */
    assert_int_equal(p->mute.plays, 1);
    assert_int_equal(p->mute.hangups, 0);
    shaky_fail(&p->shaky, 0, false);
    talk_step(p);
    assert_int_equal(p->opt_outs, 1);
    assert_true(listed(p));
    talk_plays(p, 2, 1);
}

/* They hung up before it was stored: it is stored all the same. */
static void test_script_opt_out_then_gone(void **state)
{
    od_talk *p = *state;
    with_confirmation(p);
    talk_call(p, NULL);
    mute_digit(&p->mute, 0, '9');
    mute_post(&p->mute, 0, OD_REPORT_ENDED, 200);
    talk_step(p);
    assert_true(listed(p));
    assert_int_equal(p->opt_outs, 1);
    assert_int_equal(p->ended, 1);
    assert_int_equal(p->mute.plays, 1);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 0);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_script_opt_out_in_the_intro),
        TEST(test_script_opt_out_in_the_pause),
        TEST(test_script_opt_out_while_asked),
        TEST(test_script_opt_out_while_listening),
        TEST(test_script_opt_out_at_the_last_word),
        TEST(test_script_opt_out_by_choice),
        TEST(test_script_opt_out_without_confirmation),
        TEST(test_script_opt_out_is_stored_first),
        TEST(test_script_opt_out_then_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
