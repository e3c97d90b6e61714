/*
 * test_script_digits.c - questions that take a number.
 */
#include "support/talk.h"

static const char number[] = "survey s\n"
                             "question n\n"
                             "play ask\n"
                             "digits 2-4\n"
                             "range 10 2000\n"
                             "gap 2s\n"
                             "tries 2\n"
                             "invalid wrong\n"
                             "silence nothing\n"
                             "next -> k\n"
                             "question k\n"
                             "play ask more\n"
                             "key 1 Fine\n"
                             "failed sorry\n";

/* The question's prompt plays. */
static void asked(od_talk *p)
{
    talk_begin(p);
    p->options.opt_out_key = '*';
    talk_call(p, number);
    talk_played(p);
    talk_plays(p, 2, 1);
}

/* The next question is asked. */
static void went_on(od_talk *p, const char *digits)
{
    talk_answered(p, 1, "n", digits, digits);
    talk_plays(p, 3, 2);
}

static void refused(od_talk *p)
{
    assert_int_equal(p->answers, 0);
    talk_plays(p, 3, 2); /* wrong, then the question again */
}

static void test_script_digits_all_at_once(void **state)
{
    od_talk *p = *state;
    asked(p);
    talk_keys(p, "1234");
    went_on(p, "1234");
}

static void test_script_digits_hash_ends(void **state)
{
    od_talk *p = *state;
    asked(p);
    talk_played(p);
    talk_keys(p, "37#");
    went_on(p, "37");
}

static void test_script_digits_gap_ends(void **state)
{
    od_talk *p = *state;
    asked(p);
    talk_played(p);
    talk_keys(p, "12");
    stage_run(&p->stage, 1900);
    talk_key(p, '3'); /* the gap begins anew */
    stage_run(&p->stage, 1900);
    assert_int_equal(p->answers, 0);
    stage_run(&p->stage, 200);
    went_on(p, "123");
}

/* The first digit stops the prompt; its end means nothing any more. */
static void test_script_digits_barge_in(void **state)
{
    od_talk *p = *state;
    asked(p);
    talk_key(p, '4');
    talk_played(p);
    stage_run(&p->stage, 1900);
    talk_keys(p, "2#");
    went_on(p, "42");
}

static void test_script_digits_too_few(void **state)
{
    od_talk *p = *state;
    asked(p);
    talk_keys(p, "5#");
    refused(p);
    talk_played(p);
    talk_keys(p, "#"); /* none at all */
    talk_plays(p, 4, 1); /* sorry: two tries */
}

static void test_script_digits_range(void **state)
{
    od_talk *p = *state;
    asked(p);
    talk_keys(p, "2001");
    refused(p);
    talk_keys(p, "2000");
    assert_int_equal(p->answers, 1);
    assert_string_equal(p->last.digits, "2000");
}

/* Zeros in front count as digits, and are kept. */
static void test_script_digits_leading_zeros(void **state)
{
    od_talk *p = *state;
    asked(p);
    talk_keys(p, "0010");
    went_on(p, "0010");
}

static void test_script_digits_leading_zeros_out_of_range(void **state)
{
    od_talk *p = *state;
    asked(p);
    talk_keys(p, "0009");
    refused(p);
}

static void test_script_digits_silence(void **state)
{
    od_talk *p = *state;
    asked(p);
    talk_played(p);
    stage_run(&p->stage, 5100);
    talk_plays(p, 3, 2);
    /* What was pressed before does not come back. */
    talk_keys(p, "77#");
    talk_answered(p, 1, "n", "77", "77");
}

/* Half a number, then a wrong one: the halves are not put together. */
static void test_script_digits_begin_anew(void **state)
{
    od_talk *p = *state;
    asked(p);
    talk_key(p, '9');
    stage_run(&p->stage, 2100); /* one digit alone is too few */
    refused(p);
    talk_keys(p, "88#");
    talk_answered(p, 1, "n", "88", "88");
}

static void test_script_digits_opt_out_in_between(void **state)
{
    od_talk *p = *state;
    bool listed = false;
    asked(p);
    talk_keys(p, "12*");
    assert_int_equal(p->opt_outs, 1);
    assert_int_equal(p->answers, 0);
    stage_ok(&p->stage, od_dnc_check(p->stage.engine, stage_phone(0), 0,
                                     &listed));
    assert_true(listed);
    stage_run(&p->stage, 10000); /* the gap's timer is gone */
    assert_int_equal(p->answers, 0);
    talk_hung_up(p);
}

static void test_script_digits_eighteen(void **state)
{
    static const char survey[] = "survey s\nquestion n\nplay ask\ndigits 18\n"
                                 "range 0 999999999999999999\n";
    od_talk *p = *state;
    talk_begin(p);
    p->options.opt_out_key = OD_NONE;
    talk_call(p, survey);
    talk_played(p);
    talk_keys(p, "999999999999999999");
    talk_answered(p, 1, "n", "999999999999999999", "999999999999999999");
    talk_hung_up(p);
    talk_end(p);
    assert_true(p->survey_done);
}

/* What the store keeps of an answer: digits, label, visit, time. */
static void test_script_digits_stored(void **state)
{
    od_talk *p = *state;
    od_answer rows[4];
    od_result results[4];
    size_t count = 0;
    asked(p);
    talk_keys(p, "33#");
    talk_key(p, '1');
    talk_end(p);
    stage_ok(&p->stage, od_answers_list(p->stage.engine, p->campaign, 0, rows,
                                        4, &count));
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].question, "n");
    assert_string_equal(rows[0].digits, "33");
    assert_string_equal(rows[0].choice, "33");
    assert_string_equal(rows[0].phone, stage_phone(0));
    assert_int_equal(rows[0].visit, 1);
    assert_int_equal(rows[0].campaign, p->campaign);
    assert_true(rows[0].utc_ms == p->stage.world.now.utc_ms);
    assert_string_equal(rows[1].choice, "Fine");
    assert_true(rows[1].id > rows[0].id);
    stage_ok(&p->stage, od_results_get(p->stage.engine, p->campaign, results,
                                       4, &count));
    assert_int_equal(count, 2);
    assert_string_equal(results[0].choice, "33");
    assert_int_equal(results[0].count, 1);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_script_digits_all_at_once),
        TEST(test_script_digits_hash_ends),
        TEST(test_script_digits_gap_ends),
        TEST(test_script_digits_barge_in),
        TEST(test_script_digits_too_few),
        TEST(test_script_digits_range),
        TEST(test_script_digits_leading_zeros),
        TEST(test_script_digits_leading_zeros_out_of_range),
        TEST(test_script_digits_silence),
        TEST(test_script_digits_begin_anew),
        TEST(test_script_digits_opt_out_in_between),
        TEST(test_script_digits_eighteen),
        TEST(test_script_digits_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
