/*
 * test_survey_torn.c - 20,000 surveys that were damaged: understood or refused
 * with a line, never more.
 *
 * Seeded mutations of a valid text. What is accepted must keep the promises
 * that the script relies on.
 */
#include "support/torn.h"

#include "core/core.h"

#define TEXTS 20000

static const char valid[] =
    "survey Satisfaction\n"
    "question happy # first\n"
    "  play ask_happy\n"
    "  key 1 Yes -> why\n"
    "  key 2 No -> why\n"
    "  key # Hash -> why\n"
    "  key 9 \"Stop calling\" optout\n"
    "  key 0 Bye hangup\n"
    "  tries 3\n"
    "  timeout 5s\n"
    "  invalid say_again\n"
    "  silence still_there\n"
    "  barge_in no\n"
    "question why\n"
    "  play ask_why ask_more\n"
    "  digits 1-3\n"
    "  range 1 100\n"
    "  gap 3s\n"
    "  next -> last\n"
    "question last\n"
    "  play \"the end\"\n"
    "  key * Again -> happy\n"
    "  key 1 \"No more\" -> end\n"
    "end goodbye\n"
    "failed sorry\n";

static const char *const strewn[] = {
    "survey ", "question ", "play ", "key ", "digits ", "range ", "tries ",
    "timeout ", "gap ", "invalid ", "silence ", "barge_in ", "next ", "-> ",
    "end ", "failed ", "optout ", "hangup ", "\"", "#", "\n", "\r\n", "1-3",
    "99999999999999999999 ", "-1 ", "happy ", "key 1 A -> happy\n",
    "question happy\n", "\xff\xfe", "\xc3", "\xe2\x82\xac"};

static const od_torn_words words = {strewn, OD__LEN(strewn)};

static void check_target(const od__survey *s, int32_t next)
{
    assert_true((next >= 0 && next < s->questions_len) ||
                next == OD__GOTO_END || next == OD__GOTO_HANGUP ||
                next == OD__GOTO_OPT_OUT);
}

/* What the script takes for granted. */
static void check_survey(const od__survey *s)
{
    assert_in_range(strlen(s->name), 1, OD_NAME_MAX);
    assert_in_range(s->questions_len, 1, OD_QUESTIONS_MAX);
    assert_in_range(s->end.len, 0, OD__SCRIPT_PROMPTS_MAX);
    for (int32_t i = 0; i < s->questions_len; i++) {
        const od__question *q = &s->questions[i];
        assert_in_range(strlen(q->name), 1, 63);
        assert_in_range(q->play.len, 1, OD__SCRIPT_PROMPTS_MAX);
        assert_in_range(q->invalid.len, 0, OD__SCRIPT_PROMPTS_MAX);
        assert_in_range(q->silence.len, 0, OD__SCRIPT_PROMPTS_MAX);
        assert_in_range(q->tries, 1, 9);
        assert_in_range(q->timeout_ms, 1000, 60000);
        assert_in_range(q->gap_ms, 1000, 60000);
        assert_true((q->choices_len > 0) != (q->digits_max > 0));
        assert_in_range(q->digits_max, 0, 18);
        assert_true(q->digits_max == 0 || (q->digits_min >= 1 &&
                                           q->digits_min <= q->digits_max));
        for (int32_t j = 0; j < q->choices_len; j++) {
            assert_non_null(strchr(OD__KEYS, q->choices[j].key));
            assert_in_range(strlen(q->choices[j].label), 1, 63);
            check_target(s, q->choices[j].next);
        }
        if (q->digits_max > 0) {
            check_target(s, q->next);
        }
    }
}

static void test_survey_torn(void **state)
{
    (void)state;
    od_torn *t = calloc(1, sizeof *t);
    od__survey *survey = malloc(sizeof *survey);
    int accepted = 0;
    assert_non_null(t);
    assert_non_null(survey);
    t->rand.state = od_test_seed(4);
    for (int i = 0; i < TEXTS; i++) {
        od_errmsg errmsg = {""};
        torn_make(t, valid, strlen(valid), &words);
        char *exact = torn_exact(t);
        od_err err = od__survey_parse(exact, t->len, survey, &errmsg);
        free(exact);
        if (err == OD_OK) {
            accepted++;
            check_survey(survey);
            continue;
        }
        assert_int_equal(err, OD_ERR_FORMAT);
        assert_memory_equal(errmsg.text, "line ", 5);
        assert_non_null(strchr(errmsg.text + 5, ':'));
    }
    print_message("%d of %d were understood\n", accepted, TEXTS);
    assert_in_range(accepted, TEXTS / 100, TEXTS / 2);
    free(survey);
    free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_survey_torn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
