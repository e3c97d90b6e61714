/*
 * test_rules.c - the rows of calling rules, and the windows they leave.
 */
#include "support/test.h"

#include "core/core.h"

static od__place place_of(uint64_t phone)
{
    od__place place;
    od__place_make(phone, &(od__evidence){NULL, NULL, NULL, 0}, &place);
    return place;
}

static void test_rules_rows_are_complete(void **state)
{
    size_t len = 0;
    const od__rule *rules = od__rules(&len);
    (void)state;
    assert_true(len > 0);
    for (size_t i = 0; i < len; i++) {
        assert_true(strlen(rules[i].id) > 0);
        /* A verdict holds the id. */
        assert_true(strlen(rules[i].id) < sizeof(((od_verdict *)0)->rule));
        assert_true(strlen(rules[i].region) > 0);
        assert_true(strlen(rules[i].citation) > 0);
        assert_null(od__window_problem(&rules[i].window));
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(rules[i].id, rules[j].id);
        }
    }
}

/* 47 CFR 64.1200(c)(1): not before 8 a.m. nor after 9 p.m., every day. */
static void test_rules_federal_hours_everywhere(void **state)
{
    static const uint64_t phones[] = {12125551000u, 13055551000u, 14165551000u,
                                      442079460000u, 18765551000u};
    (void)state;
    for (size_t i = 0; i < OD__LEN(phones); i++) {
        od__place place = place_of(phones[i]);
        od_window out[OD_WINDOWS_MAX];
        size_t len = od__rules_windows(&place, out, OD__LEN(out));
        assert_int_equal(len, 1);
        assert_int_equal(out[0].days, OD_EVERY_DAY);
        assert_int_equal(out[0].start_min, 8 * 60);
        assert_int_equal(out[0].end_min, 21 * 60);
    }
}

/* Where nothing is known the rules of everywhere hold. */
static void test_rules_apply_nowhere_too(void **state)
{
    od__place nowhere;
    od_window out[1];
    (void)state;
    memset(&nowhere, 0, sizeof nowhere);
    assert_int_equal(od__rules_windows(&nowhere, out, 1), 1);
    assert_int_equal(out[0].start_min, 8 * 60);
    assert_int_equal(out[0].end_min, 21 * 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_rows_are_complete),
        cmocka_unit_test(test_rules_federal_hours_everywhere),
        cmocka_unit_test(test_rules_apply_nowhere_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
