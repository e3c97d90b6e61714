/*
 * test_survey_parse.c - the survey text format: every directive, every error
 * with its line, its word and the cure.
 */
#include "support/test.h"

#include "core/core.h"

static od__survey survey;
static od_errmsg errmsg;

static void parses(const char *text)
{
    errmsg.text[0] = '\0';
    od_err err = od__survey_parse(text, strlen(text), &survey, &errmsg);
    if (err != OD_OK) {
        fail_msg("%s: %s", text, errmsg.text);
    }
}

/* The text of the failure begins with "line N:" and holds both others. */
static void fails(const char *text, int line, const char *word,
                  const char *cure)
{
    char head[32];
    (void)snprintf(head, sizeof head, "line %d: ", line);
    errmsg.text[0] = '\0';
    od_err err = od__survey_parse(text, strlen(text), &survey, &errmsg);
    if (err != OD_ERR_FORMAT || strstr(errmsg.text, head) != errmsg.text ||
        strstr(errmsg.text, word) == NULL ||
        strstr(errmsg.text, cure) == NULL) {
        fail_msg("%s\n-> %s \"%s\"\nnot \"%s...%s...%s\"", text,
                 od_err_name(err), errmsg.text, head, word, cure);
    }
}

/* One question with these lines in it; the first of them is line 4. */
static void question_fails(const char *lines, int line, const char *word,
                           const char *cure)
{
    char text[2048];
    (void)snprintf(text, sizeof text, "survey s\nquestion q\nplay p\n%s",
                   lines);
    fails(text, line, word, cure);
}

static const od__question *question_parses(const char *lines)
{
    char text[2048];
    (void)snprintf(text, sizeof text, "survey s\nquestion q\nplay p\n%s",
                   lines);
    parses(text);
    return &survey.questions[0];
}

/* -- what is understood ------------------------------------------------------- */

/* The example of survey.h. */
static const char example[] =
    "survey Satisfaction\n"
    "question happy               # the first question is asked first\n"
    "  play ask_happy             # prompts of the media library, in order\n"
    "  key 1 Yes -> why           # digit, label, then the next question\n"
    "  key 2 No -> why\n"
    "  key 9 \"Stop calling\" optout\n"
    "  tries 3                    # times it is asked, 1 to 9; default 3\n"
    "  timeout 5s                 # for the first digit; default 5s\n"
    "  invalid say_again          # prompt after a wrong key\n"
    "  silence still_there        # prompt after no key\n"
    "  barge_in no                # default yes: a key stops the prompt\n"
    "question why\n"
    "  play ask_why\n"
    "  digits 1-3                 # a number of 1 to 3 digits instead of keys\n"
    "  range 1 100                # refused outside; optional\n"
    "  gap 3s                     # between digits; default 3s; '#' ends\n"
    "  next -> end                # default: the question that follows\n"
    "end goodbye                  # prompts played before hanging up\n"
    "failed sorry                 # prompts when the tries are used up\n";

static void test_survey_parse_example(void **state)
{
    (void)state;
    parses(example);
    assert_string_equal(survey.name, "Satisfaction");
    assert_int_equal(survey.questions_len, 2);
    const od__question *q = &survey.questions[0];
    assert_string_equal(q->name, "happy");
    assert_int_equal(q->play.len, 1);
    assert_string_equal(q->play.names[0], "ask_happy");
    assert_int_equal(q->choices_len, 3);
    assert_int_equal(q->choices[0].key, '1');
    assert_string_equal(q->choices[0].label, "Yes");
    assert_int_equal(q->choices[0].next, 1);
    assert_string_equal(q->choices[2].label, "Stop calling");
    assert_int_equal(q->choices[2].next, OD__GOTO_OPT_OUT);
    assert_int_equal(q->tries, 3);
    assert_int_equal(q->timeout_ms, 5000);
    assert_string_equal(q->invalid.names[0], "say_again");
    assert_string_equal(q->silence.names[0], "still_there");
    assert_false(q->barge_in);
    assert_int_equal(q->digits_max, 0);
    q = &survey.questions[1];
    assert_int_equal(q->digits_min, 1);
    assert_int_equal(q->digits_max, 3);
    assert_true(q->has_range);
    assert_int_equal(q->range_min, 1);
    assert_int_equal(q->range_max, 100);
    assert_int_equal(q->gap_ms, 3000);
    assert_int_equal(q->next, OD__GOTO_END);
    assert_true(q->barge_in);
    assert_string_equal(survey.end.names[0], "goodbye");
    assert_string_equal(survey.failed.names[0], "sorry");
}

static void test_survey_parse_defaults(void **state)
{
    (void)state;
    const od__question *q = question_parses("key 1 Yes");
    assert_int_equal(q->tries, 3);
    assert_int_equal(q->timeout_ms, 5000);
    assert_int_equal(q->gap_ms, 3000);
    assert_true(q->barge_in);
    assert_int_equal(q->choices[0].next, OD__GOTO_END);
    assert_int_equal(survey.end.len, 0);
    assert_int_equal(survey.failed.len, 0);
    assert_false(q->has_range);
}

static void test_survey_parse_unsaid_targets_follow(void **state)
{
    (void)state;
    parses("survey s\nquestion a\nplay p\nkey 1 One\nkey 2 Two hangup\n"
           "question b\nplay p\ndigits 2\nquestion c\nplay p\nkey * Star\n");
    assert_int_equal(survey.questions[0].choices[0].next, 1);
    assert_int_equal(survey.questions[0].choices[1].next, OD__GOTO_HANGUP);
    assert_int_equal(survey.questions[1].next, 2);
    assert_int_equal(survey.questions[1].digits_min, 2);
    assert_int_equal(survey.questions[1].digits_max, 2);
    assert_int_equal(survey.questions[2].choices[0].next, OD__GOTO_END);
}

static void test_survey_parse_every_key(void **state)
{
    (void)state;
    const od__question *q = question_parses(
        "key 0 a\nkey 1 b\nkey 2 c\nkey 3 d\nkey 4 e\nkey 5 f\nkey 6 g\n"
        "key 7 h\nkey 8 i\nkey 9 j\nkey * k\nkey # l # a comment\n");
    assert_int_equal(q->choices_len, 12);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(q->choices[i].key, OD__KEYS[i]);
        assert_int_equal(q->choices[i].label[0], 'a' + i);
        assert_int_equal(strlen(q->choices[i].label), 1);
    }
}

static void test_survey_parse_form_is_free(void **state)
{
    (void)state;
    parses("# a comment\r\n\r\n\t survey \"Two words\" # more\r\n"
           "   question q\r\n\tplay a b\tc\r\nplay d\r\nkey\t1\t\"Yes # no\"\r\n"
           "tries 9\r\ntimeout 60s\r\ngap 1s");
    assert_string_equal(survey.name, "Two words");
    const od__question *q = &survey.questions[0];
    assert_int_equal(q->play.len, 4);
    assert_string_equal(q->play.names[3], "d");
    assert_string_equal(q->choices[0].label, "Yes # no");
    assert_int_equal(q->tries, 9);
    assert_int_equal(q->timeout_ms, 60000);
    assert_int_equal(q->gap_ms, 1000);
}

static void test_survey_parse_circles_and_utf8(void **state)
{
    (void)state;
    parses("survey \xc3\xbc\nquestion \xc3\xa4\nplay \xe2\x82\xac\n"
           "key 1 \xf0\x9f\x98\x80 -> \xc3\xa4\nkey 2 No -> end\n");
    assert_int_equal(survey.questions[0].choices[0].next, 0);
}

static void test_survey_parse_limits_are_reached(void **state)
{
    (void)state;
    char text[16384] = "survey s\n";
    char name[64];
    memset(name, 'n', sizeof name);
    name[63] = '\0';
    for (int i = 0; i < OD_QUESTIONS_MAX; i++) {
        size_t len = strlen(text);
        (void)snprintf(text + len, sizeof text - len,
                       "question q%d\nplay p\nkey 1 %s\n", i, name);
    }
    parses(text);
    assert_int_equal(survey.questions_len, OD_QUESTIONS_MAX);
    assert_string_equal(survey.questions[63].choices[0].label, name);
    strcat(text, "question one_more\n");
    fails(text, 2 + 3 * OD_QUESTIONS_MAX, "one_more", "64");
    const od__question *q = question_parses(
        "digits 18\nrange 0 999999999999999999\nplay p2 p3 p4 p5 p6 p7 p8\n");
    assert_int_equal(q->digits_max, 18);
    assert_int_equal(q->range_max, 999999999999999999);
    assert_int_equal(q->play.len, 8);
}

/* -- errors -------------------------------------------------------------------- */

static void test_survey_parse_errors_of_lines(void **state)
{
    (void)state;
    fails("survey s\nquestion q\nwhat is this\n", 3, "\"what\"", "guide");
    fails("survey s\nquestion q\nplay \"abc\n", 3, "quote", "add a \"");
    fails("survey s\n\nplay p\n", 3, "\"play\"", "question NAME");
    fails("survey s\nend bye\nkey 1 a\n", 3, "\"key\"", "question NAME");
    fails("question q\n", 1, "\"question\"", "survey NAME");
    fails("survey s\nsurvey t\n", 2, "survey", "one line");
    fails("survey\n", 1, "survey", "survey NAME");
    fails("survey a b\n", 1, "survey", "survey NAME");
    fails("survey \"\"\n", 1, "bad length", "1 to 127");
    fails("", 0, "no question", "survey NAME");
    fails("survey s\n", 1, "no question", "question NAME");
    fails("survey \"a\001b\"\n", 1, "control", "remove");
    char text[1024] = "survey s\nquestion q\nplay ";
    for (int i = 0; i < 24; i++) {
        strcat(text, "w ");
    }
    fails(text, 3, "too many words", "24");
    memset(text, 'x', 300);
    text[300] = '\0';
    fails(text, 1, "too long", "255");
    memset(text, 'x', 200);
    memcpy(text, "survey ", 7);
    text[200] = '\0';
    fails(text, 1, "xxx", "1 to 127");
}

static void test_survey_parse_errors_of_names(void **state)
{
    (void)state;
    char text[512] = "survey s\nquestion ";
    fails("survey s\nquestion\n", 2, "question", "question NAME");
    fails("survey s\nquestion a b\n", 2, "question", "question NAME");
    fails("survey s\nquestion end\n", 2, "\"end\"", "another name");
    fails("survey s\nquestion q\nplay p\nkey 1 a\nquestion q\n", 5, "\"q\"",
          "rename");
    fails("survey s\nquestion \"\"\n", 2, "bad length", "1 to 63");
    size_t len = strlen(text);
    memset(text + len, 'n', 64);
    text[len + 64] = '\0';
    fails(text, 2, "nnn", "1 to 63");
    fails("survey s\nquestion \"a\x7f\"\n", 2, "control", "remove");
    question_fails("play \"\"\n", 4, "bad length", "1 to 127");
    question_fails("play \"a\tb\"\n", 4, "control", "remove");
    question_fails("play\n", 4, "\"play\"", "media library");
    question_fails("play a b c d e f g h\n", 4, "\"play\"", "8");
    question_fails("invalid\n", 4, "\"invalid\"", "media library");
    question_fails("silence\n", 4, "\"silence\"", "media library");
    question_fails("end\n", 4, "\"end\"", "media library");
    question_fails("failed\n", 4, "\"failed\"", "media library");
}

static void test_survey_parse_errors_of_keys(void **state)
{
    (void)state;
    question_fails("key\n", 4, "key", "0123456789*#");
    question_fails("key 1\n", 4, "key", "Label");
    question_fails("key 12 Yes\n", 4, "key", "0123456789*#");
    question_fails("key A Yes\n", 4, "key", "0123456789*#");
    question_fails("key \"\" Yes\n", 4, "key", "0123456789*#");
    question_fails("key 1 Yes\nkey 1 No\n", 5, "\"1\"", "remove one");
    question_fails("key 1 \"\"\n", 4, "bad length", "1 to 63");
    question_fails("key 1 \"a\tb\"\n", 4, "control", "remove");
    question_fails("key 1 Yes no\n", 4, "\"key\"", "->");
    question_fails("key 1 Yes ->\n", 4, "\"key\"", "-> question");
    question_fails("key 1 Yes -> a b\n", 4, "\"key\"", "-> question");
    question_fails("key 1 Yes -> nowhere\n", 4, "\"nowhere\"", "define it");
    question_fails("key 1 Yes -> hangup\n", 4, "\"hangup\"", "define it");
    question_fails("digits 2\nkey 1 Yes\n", 5, "\"q\"", "one of both");
    question_fails("key 1 Yes\ndigits 2\n", 5, "\"q\"", "one of both");
    question_fails("digits 2\ndigits 2\n", 5, "\"q\"", "once");
}

static void test_survey_parse_errors_of_numbers(void **state)
{
    (void)state;
    question_fails("digits\n", 4, "digits", "1-3");
    question_fails("digits 0\n", 4, "\"0\"", "1 to 18");
    question_fails("digits 19\n", 4, "\"19\"", "1 to 18");
    question_fails("digits 3-1\n", 4, "\"1\"", "3 to 18");
    question_fails("digits 1-\n", 4, "\"digits\"", "1 to 18");
    question_fails("digits -3\n", 4, "\"digits\"", "1 to 18");
    question_fails("digits x\n", 4, "\"x\"", "1 to 18");
    question_fails("digits 2x\n", 4, "\"2x\"", "1 to 18");
    question_fails("digits 99999999999999999999\n", 4, "\"9999", "1 to 18");
    question_fails("range 1\n", 4, "range", "range 1 100");
    question_fails("range -1 5\n", 4, "\"-1\"", "use 0 to");
    question_fails("range 5 1\n", 4, "\"1\"", "use 5 to");
    question_fails("range 1 5\nkey 1 a\n", 2, "\"q\"", "digits");
    question_fails("tries\n", 4, "tries", "1 to 9");
    question_fails("tries 0\n", 4, "\"0\"", "1 to 9");
    question_fails("tries 10\n", 4, "\"10\"", "1 to 9");
    question_fails("timeout 5\n", 4, "\"5\"", "unit s");
    question_fails("timeout 5ms\n", 4, "\"5ms\"", "unit s");
    question_fails("timeout 0s\n", 4, "\"0s\"", "1 to 60");
    question_fails("timeout 61s\n", 4, "\"61s\"", "1 to 60");
    question_fails("timeout\n", 4, "\"timeout\"", "such as 5s");
    question_fails("gap 61s\n", 4, "\"61s\"", "1 to 60");
    question_fails("gap\n", 4, "\"gap\"", "such as 5s");
    question_fails("barge_in\n", 4, "barge_in", "yes");
    question_fails("barge_in maybe\n", 4, "\"maybe\"", "yes");
}

static void test_survey_parse_errors_of_the_whole(void **state)
{
    (void)state;
    fails("survey s\nquestion q\nkey 1 a\n", 2, "\"q\"", "play PROMPT");
    fails("survey s\nquestion q\nplay p\n", 2, "\"q\"", "key");
    fails("survey s\nquestion a\nplay p\nkey 1 x -> end\nquestion b\nplay p\n"
          "key 1 y\n",
          5, "\"b\"", "lead to it");
    /* Reached only from one that is not reached itself. */
    fails("survey s\nquestion a\nplay p\nkey 1 x -> end\nquestion b\nplay p\n"
          "key 1 y -> c\nquestion c\nplay p\nkey 1 z -> b\n",
          5, "\"b\"", "lead to it");
    /* A line that would say nothing. */
    question_fails("key 1 a\nnext -> end\n", 2, "\"q\"", "behind each key");
    question_fails("next -> nowhere\ndigits 1\n", 4, "\"nowhere\"", "define");
    question_fails("next end\n", 4, "\"next\"", "->");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_survey_parse_example),
        cmocka_unit_test(test_survey_parse_defaults),
        cmocka_unit_test(test_survey_parse_unsaid_targets_follow),
        cmocka_unit_test(test_survey_parse_every_key),
        cmocka_unit_test(test_survey_parse_form_is_free),
        cmocka_unit_test(test_survey_parse_circles_and_utf8),
        cmocka_unit_test(test_survey_parse_limits_are_reached),
        cmocka_unit_test(test_survey_parse_errors_of_lines),
        cmocka_unit_test(test_survey_parse_errors_of_names),
        cmocka_unit_test(test_survey_parse_errors_of_keys),
        cmocka_unit_test(test_survey_parse_errors_of_numbers),
        cmocka_unit_test(test_survey_parse_errors_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
