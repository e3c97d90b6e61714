/*
 * test_times.c - instants as text, there and back.
 */
#include "support/test.h"

#include "core/core.h"

static void test_times_parse(void **state)
{
    static const struct {
        const char *text;
        int64_t utc_ms;
    } cases[] = {
        {"1970-01-01", 0},
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.001Z", 1},
        {"1969-12-31T23:59:59.999Z", -1},
        {"2026-10-18", 1792281600000},
        {"2026-10-18T15:04:05Z", 1792335845000},
        {"2024-02-29T23:59:59.250Z", 1709251199250},
        {"9999-12-31T23:59:59Z", 253402300799000},
    };
    (void)state;
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        int64_t got = 7;
        assert_true(od__time_parse(cases[i].text, &got));
        assert_true(got == cases[i].utc_ms);
    }
}

static void test_times_refuse(void **state)
{
    static const char *const texts[] = {"",
                                        "2026",
                                        "2026-10",
                                        "2026-10-1",
                                        "2026-10-018",
                                        "2026-02-29",
                                        "2026-02-30",
                                        "2100-02-29",
                                        "2026-04-31",
                                        "2026-00-10",
                                        "2026-13-10",
                                        "2026-10-00",
                                        "2026-10-32",
                                        "-026-10-18",
                                        "2026/10/18",
                                        "18.10.2026",
                                        " 2026-10-18",
                                        "2026-10-18 ",
                                        "2026-10-18T",
                                        "2026-10-18Z",
                                        "2026-10-18T15:04Z",
                                        "2026-10-18T15:04:05",
                                        "2026-10-18t15:04:05z",
                                        "2026-10-18T15:04:05+00:00",
                                        "2026-10-18T24:00:00Z",
                                        "2026-10-18T23:60:00Z",
                                        "2026-10-18T23:59:60Z",
                                        "2026-10-18T15:04:05.Z",
                                        "2026-10-18T15:04:05.1Z",
                                        "2026-10-18T15:04:05.1234Z",
                                        "2026-10-18T15:04:05.123",
                                        "2026-10-18T15:04:05Z0",
                                        "2026-10-1\xc3\xa9"};
    (void)state;
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        int64_t got = 7;
        if (od__time_parse(texts[i], &got)) {
            fail_msg("\"%s\" was taken", texts[i]);
        }
        assert_true(got == 7);
    }
}

static void test_times_text(void **state)
{
    char text[OD__TIME_SIZE];
    (void)state;
    od__time_text(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00Z");
    od__time_text(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    od__time_text(1792335845007, text);
    assert_string_equal(text, "2026-10-18T15:04:05.007Z");
    od__time_text(INT64_MAX, text); /* any value, also of a torn store */
    assert_int_equal(text[strlen(text) - 1], 'Z');
    od__time_text(INT64_MIN, text);
    assert_int_equal(text[strlen(text) - 1], 'Z');
}

static void test_times_there_and_back(void **state)
{
    od__rand rand = {.state = od_test_seed(11)};
    (void)state;
    for (int i = 0; i < 20000; i++) {
        char text[OD__TIME_SIZE];
        int64_t utc_ms = (int64_t)od__rand_below(&rand, 253402300800000);
        int64_t got = 0;
        utc_ms = i % 2 == 0 ? utc_ms : utc_ms / 1000 * 1000;
        od__time_text(utc_ms, text);
        assert_true(od__time_parse(text, &got));
        assert_true(got == utc_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times_parse),
        cmocka_unit_test(test_times_refuse),
        cmocka_unit_test(test_times_text),
        cmocka_unit_test(test_times_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
