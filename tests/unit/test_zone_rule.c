/*
 * test_zone_rule.c - the POSIX rule of a TZif footer: what is one, and which
 * offset it gives.
 */
#include "support/test.h"

#include "place/place.h"

static od__zone_rule rule_of(const char *text)
{
    od__zone_rule rule;
    memset(&rule, 0x5a, sizeof rule);
    if (!od__zone_rule_parse(text, strlen(text), &rule)) {
        fail_msg("\"%s\" is not read", text);
    }
    return rule;
}

static int64_t utc_s(int64_t year, int month, int day, int hour, int minute)
{
    return od__days_of_date(year, month, day) * 86400 + hour * 3600 +
           minute * 60;
}

static void test_zone_rule_parse_accepts_rules(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "UTC0",
        "EST5",
        "EST+5",
        "<+0330>-3:30",
        "<-00>0",
        "XXX-0:00:01",
        "EST5EDT,M3.2.0,M11.1.0",
        "EST5EDT4,M3.2.0/2,M11.1.0/2:00:00",
        "IST-1GMT0,M10.5.0,M3.5.0/1",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
        "EET-2EEST,M3.4.4/50,M10.4.4/50",
        "XXX3EDT4,0/0,J365/23",
        "IST-2IDT,M3.4.4/26,M10.5.0",
        "AAA24BBB-24,J1/167,J365/-167",
    };
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        (void)rule_of(texts[i]);
    }
}

static void test_zone_rule_parse_refuses_others(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "E",
        "ES5",
        "EST",
        "5EST",
        "<>5",
        "<ab>5",
        "<EST5",
        "E1T5",
        "EST25",
        "EST5:60",
        "EST5:",
        "EST5:30:",
        "EST--5",
        "EST5EDT",
        "EST5ED,M3.2.0,M11.1.0",
        "EST5EDT,M3.2.0",
        "EST5EDT,M3.2.0,",
        "EST5EDT,M3.2.0,M11.1.0,",
        "EST5EDT,M3.2.0,M11.1.0 ",
        "EST5EDT,M0.2.0,M11.1.0",
        "EST5EDT,M13.2.0,M11.1.0",
        "EST5EDT,M3.0.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0",
        "EST5EDT,M3.2,M11.1.0",
        "EST5EDT,J0,J365",
        "EST5EDT,J366,J365",
        "EST5EDT,366,0",
        "EST5EDT,M3.2.0/168,M11.1.0",
        "EST5EDT,M3.2.0/-168,M11.1.0",
        "EST5EDT,M3.2.0/,M11.1.0",
        "EST5EDT,M00000000003.2.0,M11.1.0",
        "EST99999999999999999999",
        ":America/New_York",
    };
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        od__zone_rule rule;
        if (od__zone_rule_parse(texts[i], strlen(texts[i]), &rule)) {
            fail_msg("\"%s\" is read", texts[i]);
        }
    }
    od__zone_rule rule;
    assert_false(od__zone_rule_parse("EST5\0EDT", 8, &rule));
}

static void check_day(const od__zone_rule *rule, int64_t before_s,
                      int32_t old_s, int32_t new_s)
{
    assert_int_equal(od__zone_rule_offset_s(rule, before_s - 1), old_s);
    assert_int_equal(od__zone_rule_offset_s(rule, before_s), new_s);
    assert_true(od__zone_rule_next_s(rule, before_s - 1) == before_s);
    assert_true(od__zone_rule_next_s(rule, before_s) > before_s);
}

static void test_zone_rule_changes_the_clock(void **state)
{
    (void)state;
    od__zone_rule rule = rule_of("EST5EDT,M3.2.0,M11.1.0");
    check_day(&rule, utc_s(2027, 3, 14, 7, 0), -18000, -14400);
    check_day(&rule, utc_s(2027, 11, 7, 6, 0), -14400, -18000);
    check_day(&rule, utc_s(12027, 3, 14, 7, 0), -18000, -14400);

    rule = rule_of("IST-1GMT0,M10.5.0,M3.5.0/1");
    check_day(&rule, utc_s(2027, 3, 28, 1, 0), 0, 3600);
    check_day(&rule, utc_s(2027, 10, 31, 1, 0), 3600, 0);

    rule = rule_of("<-02>2<-01>,M3.5.0/-1,M10.5.0/0");
    check_day(&rule, utc_s(2027, 3, 28, 1, 0), -7200, -3600);
    check_day(&rule, utc_s(2027, 10, 31, 1, 0), -3600, -7200);

    /* The south: the year begins in summer. */
    rule = rule_of("AEST-10AEDT,M10.1.0,M4.1.0/3");
    check_day(&rule, utc_s(2027, 4, 3, 16, 0), 39600, 36000);
    check_day(&rule, utc_s(2027, 10, 2, 16, 0), 36000, 39600);
    assert_int_equal(od__zone_rule_offset_s(&rule, utc_s(2027, 1, 1, 0, 0)),
                     39600);
}

static void test_zone_rule_counts_days_both_ways(void **state)
{
    (void)state;
    /* J60 is the first of March in every year, 59 only in common years. */
    od__zone_rule rule = rule_of("AAA0BBB,J60/0,J300/0");
    check_day(&rule, utc_s(2027, 3, 1, 0, 0), 0, 3600);
    check_day(&rule, utc_s(2028, 3, 1, 0, 0), 0, 3600);
    rule = rule_of("AAA0BBB,59/0,J300/0");
    check_day(&rule, utc_s(2027, 3, 1, 0, 0), 0, 3600);
    check_day(&rule, utc_s(2028, 2, 29, 0, 0), 0, 3600);
}

static void test_zone_rule_times_reach_other_days(void **state)
{
    (void)state;
    /* 50 hours after Thursday begins: Saturday 2:00. */
    od__zone_rule rule = rule_of("EET-2EEST,M3.4.4/50,M10.4.4/50");
    check_day(&rule, utc_s(2027, 3, 27, 0, 0), 7200, 10800);
    /* Over the new year, forth and back. */
    rule = rule_of("AAA0BBB,J365/167,J100/0");
    check_day(&rule, utc_s(2027, 1, 6, 23, 0), 0, 3600);
    rule = rule_of("AAA0BBB,J1/-167,J100/0");
    check_day(&rule, utc_s(2026, 12, 25, 1, 0), 0, 3600);
}

static void test_zone_rule_without_change_has_no_next(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t offset_s;
    } cases[] = {{"EST5", -18000},
                 {"<+0545>-5:45", 20700},
                 {"XXX3EDT4,0/0,J365/23", -14400},
                 {"EST5EDT,0/0,J365/25", -14400},
                 {"AAA0BBB0,M3.2.0,M11.1.0", 0}};
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od__zone_rule rule = rule_of(cases[i].text);
        for (int day = 0; day < 800; day++) {
            int64_t at_s = utc_s(2027, 1, 1, 0, 0) + day * INT64_C(43200);
            assert_int_equal(od__zone_rule_offset_s(&rule, at_s),
                             cases[i].offset_s);
            assert_true(od__zone_rule_next_s(&rule, at_s) == INT64_MAX);
        }
    }
}

/* Any text of the right letters: next and offset never contradict. */
static void test_zone_rule_survives_random_texts(void **state)
{
    (void)state;
    static const char letters[] = "ESTD<>+-,/.:MJ0123456789";
    od__rand rand = {od_test_seed(5)};
    for (int round = 0; round < 50000; round++) {
        char text[48] = "EST5EDT,M3.2.0/2,M11.1.0/2";
        size_t len = strlen(text);
        for (int i = 0; i < 3; i++) {
            text[od__rand_below(&rand, len)] =
                letters[od__rand_below(&rand, sizeof letters - 1)];
        }
        od__zone_rule rule;
        if (!od__zone_rule_parse(text, len, &rule)) {
            continue;
        }
        int64_t at_s =
            (int64_t)od__rand_below(&rand, 20000000000) - 10000000000;
        int64_t next_s = od__zone_rule_next_s(&rule, at_s);
        int32_t now_s = od__zone_rule_offset_s(&rule, at_s);
        assert_true(next_s > at_s);
        if (next_s != INT64_MAX) {
            assert_true(od__zone_rule_offset_s(&rule, next_s) != now_s);
            assert_true(od__zone_rule_offset_s(&rule, next_s - 1) == now_s);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zone_rule_parse_accepts_rules),
        cmocka_unit_test(test_zone_rule_parse_refuses_others),
        cmocka_unit_test(test_zone_rule_changes_the_clock),
        cmocka_unit_test(test_zone_rule_counts_days_both_ways),
        cmocka_unit_test(test_zone_rule_times_reach_other_days),
        cmocka_unit_test(test_zone_rule_without_change_has_no_next),
        cmocka_unit_test(test_zone_rule_survives_random_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
