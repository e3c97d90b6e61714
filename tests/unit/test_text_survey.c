/*
 * test_text_survey.c - what answers the question of a text survey.
 */
#include "support/test.h"

#include "core/core.h"

static void test_text_survey_match(void **state)
{
    (void)state;
    od__survey *survey = calloc(1, sizeof *survey);
    od_errmsg errmsg = {""};
    static const char text[] = "survey S\n"
                               "question q\n"
                               "  play hello\n"
                               "  key 1 \"S\u00ed\"\n"
                               "  key 2 1\n"
                               "  key * \"None (of them)\"\n"
                               "  key 4 Same\n"
                               "  key 5 same!\n"
                               "  key 6 \"\u00c9cole\"\n";
    static const struct {
        const char *text;
        char key; /* 0: no answer */
    } rows[] = {{"1", '1'},
                {" 1) ", '1'},
                {"1.", '1'},
                {"1!!!", '1'},
                {"11", 0},
                {"1 2", 0},
                {"2", '2'},
                {"*", '*'},
                {"#", 0},
                {"none (of them)", '*'},
                {"NONE (OF THEM", '*'},
                {"si", '1'},
                {"S\u00cd", '1'},
                {"\u00a0s\u00ed.\u00a0", '1'},
                {"\uff33\uff29", '1'},
                {"\u00c9COLE", '6'},
                {"\u00e9cole", '6'},
                {"same", 0}, /* of two */
                {"", 0},
                {" . ", 0},
                {"s\xc3", 0}};
    assert_non_null(survey);
    assert_int_equal(od__survey_parse(text, strlen(text), survey, &errmsg),
                     OD_OK);
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        char digits[OD__DIGITS_MAX + 1] = "";
        char choice[64] = "";
        int32_t next = 0;
        bool answers = od__text_survey_match(
            &survey->questions[0], rows[i].text, digits, choice, &next);
        if (answers != (rows[i].key != 0) || digits[0] != rows[i].key) {
            fail_msg("\"%s\" is answer '%c', not '%c'", rows[i].text, digits[0],
                     rows[i].key);
        }
    }
    char *longest = calloc(1, OD_MESSAGE_MAX + 1);
    char digits[OD__DIGITS_MAX + 1];
    char choice[64];
    int32_t next = 0;
    assert_non_null(longest);
    memset(longest, '1', OD_MESSAGE_MAX);
    assert_false(od__text_survey_match(&survey->questions[0], longest, digits,
                                       choice, &next));
    free(longest);
    free(survey);
}

static void test_text_survey_digits(void **state)
{
    (void)state;
    od__question q = {.digits_min = 2,
                      .digits_max = 18,
                      .has_range = true,
                      .range_min = 5,
                      .range_max = 1000};
    static const struct {
        const char *text;
        const char *digits; /* NULL: no answer */
    } rows[] = {{"12", "12"},
                {" 0012. ", "0012"},
                {"1000", "1000"},
                {"5", NULL},
                {"04", NULL},
                {"1001", NULL},
                {"12a", NULL},
                {"1 2", NULL},
                {"+12", NULL},
                {"1.5", NULL},
                {"", NULL},
                {".", NULL},
                {"000000000000000012", "000000000000000012"},
                {"0000000000000000012", NULL}};
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        char digits[OD__DIGITS_MAX + 1] = "";
        char choice[64] = "";
        int32_t next = 7;
        bool answers =
            od__text_survey_match(&q, rows[i].text, digits, choice, &next);
        if (answers != (rows[i].digits != NULL)) {
            fail_msg("\"%s\"", rows[i].text);
        }
        if (answers) {
            assert_string_equal(digits, rows[i].digits);
            assert_string_equal(choice, rows[i].digits);
            assert_int_equal(next, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_survey_match),
        cmocka_unit_test(test_text_survey_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
