/*
 * test_window_text.c - od_window_parse: what is a window, and what is not.
 */
#include "support/test.h"

#include "place/place.h"

static void test_window_parse_reads_windows(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        od_window window;
    } cases[] = {
        {"mon-fri 09:00-17:30", {OD_WEEKDAYS, 540, 1050}},
        {"MON-Fri 9:00-17:30", {OD_WEEKDAYS, 540, 1050}},
        {"sat,sun 10-16", {OD_SATURDAY | OD_SUNDAY, 600, 960}},
        {"daily 8:00-24:00", {OD_EVERY_DAY, 480, 1440}},
        {"Daily 0-24", {OD_EVERY_DAY, 0, 1440}},
        {"weekdays 9-17", {OD_WEEKDAYS, 540, 1020}},
        {"weekend 00:00-0:01", {OD_SATURDAY | OD_SUNDAY, 0, 1}},
        {"tue 23:59-24:00", {OD_TUESDAY, 1439, 1440}},
        {"mon-mon 9-17", {OD_MONDAY, 540, 1020}},
        {"fri-mon 9-17",
         {OD_FRIDAY | OD_SATURDAY | OD_SUNDAY | OD_MONDAY, 540, 1020}},
        {"sun-sat 9-17", {OD_EVERY_DAY, 540, 1020}},
        {"mon,wed-thu,mon 9-17",
         {OD_MONDAY | OD_WEDNESDAY | OD_THURSDAY, 540, 1020}},
        {"  mon - fri ,  sun\t9 - 17  ", {OD_WEEKDAYS | OD_SUNDAY, 540, 1020}},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_window got = {0};
        if (od_window_parse(cases[i].text, &got) != OD_OK ||
            memcmp(&got, &cases[i].window, sizeof got) != 0) {
            fail_msg("\"%s\": %x %d-%d", cases[i].text, (unsigned)got.days,
                     (int)got.start_min, (int)got.end_min);
        }
    }
}

static void test_window_parse_refuses_others(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "mon",
        "9-17",
        "mon 9",
        "mon 9-",
        "mon -17",
        "mon 9-17 x",
        "mon9-17",
        "monday 9-17",
        "mo 9-17",
        "xyz 9-17",
        "mon- 9-17",
        "mon, 9-17",
        ",mon 9-17",
        "mon-tue-wed 9-17",
        "daily,mon 9-17",
        "mon,daily 9-17",
        "weekday 9-17",
        "dail y 9-17",
        "mon 17-9",
        "mon 9-9",
        "mon 24-24",
        "mon 24:00-24:00",
        "mon 9-24:01",
        "mon 9-25",
        "mon 9:60-17",
        "mon 9:5-17",
        "mon 9:005-17",
        "mon 9:-17",
        "mon :30-17",
        "mon 009-17",
        "mon 9 :00-17",
        "mon +9-17",
        "mon 9.00-17.00",
        "mon 9am-5pm",
        "mon 99999999999999999999-17",
        "m\xc3\xb6n 9-17",
        "mon 9-17\n",
        "MON\0379-17",
    };
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        od_window got = {1, 2, 3};
        if (od_window_parse(texts[i], &got) != OD_ERR_FORMAT) {
            fail_msg("\"%s\" is read", texts[i]);
        }
        assert_true(got.days == 1 && got.start_min == 2 && got.end_min == 3);
    }
}

static void test_window_parse_checks_arguments(void **state)
{
    (void)state;
    od_window window;
    assert_int_equal(od_window_parse(NULL, &window), OD_ERR_INVALID);
    assert_int_equal(od_window_parse("daily 9-17", NULL), OD_ERR_INVALID);
}

/* Any bytes: what is read is a window that has no problem. */
static void test_window_parse_survives_mutations(void **state)
{
    (void)state;
    static const char letters[] = "montuedailyweekendsSAT,-: 0123456789";
    od__rand rand = {od_test_seed(9)};
    int accepted = 0;
    for (int round = 0; round < 100000; round++) {
        char text[] = "mon-fri,sun 09:00-17:30";
        for (uint64_t i = od__rand_below(&rand, 5); i > 0; i--) {
            size_t at = od__rand_below(&rand, sizeof text - 1);
            text[at] = od__rand_below(&rand, 4) == 0
                           ? (char)od__rand_below(&rand, 256)
                           : letters[od__rand_below(&rand, sizeof letters - 1)];
        }
        od_window window;
        if (od_window_parse(text, &window) == OD_OK) {
            accepted++;
            assert_null(od__window_problem(&window));
        }
    }
    assert_true(accepted > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_parse_reads_windows),
        cmocka_unit_test(test_window_parse_refuses_others),
        cmocka_unit_test(test_window_parse_checks_arguments),
        cmocka_unit_test(test_window_parse_survives_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
