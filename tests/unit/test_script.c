/*
 * test_script.c - what happens after the answer: prompts, keys, silence.
 */
#include "support/talk.h"

/* -- prompts only --------------------------------------------------------------- */

static void test_script_prompts_then_hang_up(void **state)
{
    od_talk *p = *state;
    talk_begin(p);
    od_id prompts[2] = {p->stage.hello, p->stage.hello};
    p->options.prompts = prompts;
    p->options.prompts_len = 2;
    talk_call(p, NULL);
    talk_plays(p, 1, 2);
    talk_keys(p, "12345*#0"); /* nothing was asked */
    assert_int_equal(p->mute.hangups, 0);
    talk_played(p);
    talk_hung_up(p);
    talk_end(p);
    assert_true(p->survey_done);
    assert_int_equal(p->answers, 0);
}

static void test_script_pause_before_the_first_word(void **state)
{
    od_talk *p = *state;
    p->stage.world.options.answer_wait_ms = 700;
    talk_begin(p);
    talk_call(p, NULL);
    assert_int_equal(p->mute.plays, 0);
    stage_run(&p->stage, 699);
    assert_int_equal(p->mute.plays, 0);
    stage_run(&p->stage, 1);
    talk_plays(p, 1, 1);
}

static void test_script_longest_talk_time(void **state)
{
    od_talk *p = *state;
    p->stage.world.options.call_max_s = 30;
    talk_begin(p);
    talk_call(p, NULL);
    stage_run(&p->stage, 29900);
    assert_int_equal(p->mute.hangups, 0);
    stage_run(&p->stage, 200);
    talk_hung_up(p);
    talk_end(p);
    assert_false(p->survey_done);
}

/* -- keys ------------------------------------------------------------------------- */

static void test_script_keys_lead_on(void **state)
{
    od_talk *p = *state;
    talk_begin(p);
    talk_call(p, talk_survey);
    talk_played(p); /* the intro */
    talk_plays(p, 2, 2);
    talk_key(p, '1'); /* into the prompt */
    talk_answered(p, 1, "q", "Yes", "1");
    talk_plays(p, 3, 1);
    talk_key(p, '1'); /* no barge-in here */
    assert_int_equal(p->answers, 1);
    talk_played(p);
    talk_key(p, '1');
    talk_answered(p, 2, "why", "Because", "1");
    talk_plays(p, 4, 1); /* bye */
    assert_int_equal(p->mute.hangups, 0);
    talk_key(p, '1'); /* too late */
    talk_played(p);
    talk_hung_up(p);
    talk_end(p);
    assert_int_equal(p->answers, 2);
    assert_true(p->survey_done);
}

static void test_script_hash_and_hangup(void **state)
{
    od_talk *p = *state;
    talk_begin(p);
    talk_call(p, talk_survey);
    talk_played(p);
    talk_played(p);
    talk_key(p, '#');
    talk_answered(p, 1, "q", "Done", "#");
    talk_plays(p, 3, 1);
    talk_played(p);
    talk_hung_up(p);
    talk_end(p);
}

static void test_script_hangup_key(void **state)
{
    od_talk *p = *state;
    talk_begin(p);
    talk_call(p, talk_survey);
    talk_played(p);
    talk_key(p, '2');
    talk_answered(p, 1, "q", "No", "2");
    talk_hung_up(p);
    talk_end(p);
    assert_true(p->survey_done);
}

static void test_script_wrong_key_then_tries_used(void **state)
{
    od_talk *p = *state;
    talk_begin(p);
    talk_call(p, talk_survey);
    talk_played(p);
    talk_plays(p, 2, 2);
    talk_key(p, '7');
    talk_plays(p, 3, 3); /* wrong, then the question again */
    talk_key(p, '8');
    talk_plays(p, 4, 1); /* sorry */
    talk_played(p);
    talk_hung_up(p);
    talk_end(p);
    assert_int_equal(p->answers, 0);
    assert_false(p->survey_done);
}

static void test_script_silence(void **state)
{
    od_talk *p = *state;
    talk_begin(p);
    talk_call(p, talk_survey);
    talk_played(p);
    talk_played(p);
    stage_run(&p->stage, 4900);
    talk_plays(p, 2, 2);
    stage_run(&p->stage, 200);
    talk_plays(p, 3, 3); /* nothing, then the question again */
    talk_played(p);
    stage_run(&p->stage, 5100);
    talk_plays(p, 4, 1);
    talk_played(p);
    talk_hung_up(p);
}

/* The end of a play that was cut off by a key says nothing about the next. */
static void test_script_end_of_an_old_play(void **state)
{
    od_talk *p = *state;
    talk_begin(p);
    talk_call(p, talk_survey);
    int32_t intro = p->mute.play;
    talk_played(p);
    int32_t question = p->mute.play;
    talk_key(p, '1');
    talk_plays(p, 3, 1);
    int32_t why = p->mute.play;
    assert_true(intro != question && question != why);
    p->mute.play = question;
    talk_played(p);
    talk_key(p, '1'); /* still playing: no barge-in */
    assert_int_equal(p->answers, 1);
    p->mute.play = why;
    talk_played(p);
    talk_key(p, '1');
    assert_int_equal(p->answers, 2);
}

static void test_script_foreign_keys(void **state)
{
    od_talk *p = *state;
    talk_begin(p);
    talk_call(p, talk_survey);
    talk_played(p);
    talk_played(p);
    talk_keys(p, "ABCD");
    talk_plays(p, 2, 2); /* not even wrong */
    talk_key(p, '1');
    assert_int_equal(p->answers, 1);
}

/* Round and round: it ends, and each visit is an answer of its own. */
static void test_script_circle_ends(void **state)
{
    od_talk *p = *state;
    od_answer rows[64];
    size_t count = 0;
    talk_begin(p);
    talk_call(p, talk_survey);
    talk_played(p);
    for (int i = 0; i < 20 && p->mute.hangups == 0; i++) {
        talk_key(p, '1');
        talk_played(p);
        talk_key(p, '2');
    }
    talk_played(p);
    talk_hung_up(p);
    talk_end(p);
    assert_false(p->survey_done);
    assert_int_equal(p->answers, 6); /* three times two questions */
    stage_ok(&p->stage, od_answers_list(p->stage.engine, p->campaign, 0, rows,
                                        64, &count));
    assert_int_equal(count, 6);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows[i].visit, 1 + (int)i / 2);
        assert_string_equal(rows[i].question, i % 2 == 0 ? "q" : "why");
    }
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_script_prompts_then_hang_up),
        TEST(test_script_pause_before_the_first_word),
        TEST(test_script_longest_talk_time),
        TEST(test_script_keys_lead_on),
        TEST(test_script_hash_and_hangup),
        TEST(test_script_hangup_key),
        TEST(test_script_wrong_key_then_tries_used),
        TEST(test_script_silence),
        TEST(test_script_end_of_an_old_play),
        TEST(test_script_foreign_keys),
        TEST(test_script_circle_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
