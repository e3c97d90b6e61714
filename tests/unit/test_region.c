/*
 * test_region.c - states and provinces as people write them, and their zones.
 */
#include "support/test.h"

#include "place/place.h"

static void check_parse(const char *text, const char *country,
                        const char *wanted)
{
    const char *code = od__region_parse(text, country);
    if ((code == NULL) != (wanted == NULL) ||
        (code != NULL && strcmp(code, wanted) != 0)) {
        fail_msg("\"%s\": %s", text, code != NULL ? code : "NULL");
    }
}

static void test_region_parse_reads_names_and_codes(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"FL", "US-FL"},
        {"fl", "US-FL"},
        {"US-FL", "US-FL"},
        {"us-fl", "US-FL"},
        {"Florida", "US-FL"},
        {" florida ", "US-FL"},
        {"Fla.", "US-FL"},
        {"N.Y.", "US-NY"},
        {"NEW YORK", "US-NY"},
        {"new-york", "US-NY"},
        {"D.C.", "US-DC"},
        {"Washington, D.C.", "US-DC"},
        {"Washington", "US-WA"},
        {"West Virginia", "US-WV"},
        {"Virginia", "US-VA"},
        {"Puerto Rico", "US-PR"},
        {"ON", "CA-ON"},
        {"Ontario", "CA-ON"},
        {"CA-QC", "CA-QC"},
        {"Qu\xc3\xa9"
         "bec",
         "CA-QC"},
        {"QU\xc3\x89"
         "BEC",
         "CA-QC"},
        {"\xc3\x8ele-du-Prince-\xc3\x89"
         "douard",
         "CA-PE"},
        {"Nouvelle-\xc3\x89"
         "cosse",
         "CA-NS"},
        {"Newfoundland & Labrador", "CA-NL"},
        {"NF", "CA-NL"},
        {"CA", "US-CA"},
        {"", NULL},
        {" ", NULL},
        {"ZZ", NULL},
        {"Floridaa", NULL},
        {"FL 32301", NULL},
        {"Bavaria", NULL},
        {"\xc3", NULL},
        {"FL\xc3", NULL},
        {"Florida Florida Florida Florida Florida Florida Florida", NULL},
        {"&&&&&&&&&&&&&&&&&&&&", NULL},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        check_parse(cases[i][0], "US", cases[i][1]);
        check_parse(cases[i][0], NULL, cases[i][1]);
        check_parse(cases[i][0], "", cases[i][1]);
        check_parse(cases[i][0], "CA", cases[i][1]);
    }
    assert_null(od__region_parse(NULL, "US"));
}

/* Italy has a province CA, too, and Georgia is a country. */
static void test_region_parse_needs_the_country(void **state)
{
    (void)state;
    check_parse("CA", "IT", NULL);
    check_parse("Georgia", "GE", NULL);
    check_parse("FL", "ZZ", NULL);
    check_parse("US-FL", "IT", "US-FL");
    check_parse("ca-on", "GB", "CA-ON");
    check_parse("FL", "JM", "US-FL");
}

static void test_region_zones_are_the_union(void **state)
{
    (void)state;
    static const struct {
        const char *region;
        size_t zones_len;
    } cases[] = {{"US-FL", 2}, {"US-NY", 1}, {"US-TX", 2}, {"US-AZ", 2},
                 {"US-AK", 2}, {"CA-NU", 5}, {"CA-BC", 5}, {"CA-PE", 1},
                 {"JM", 1},    {"GB", 1},    {"RU", 11},   {"GG", 1}};
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od__plan_row row = {0};
        assert_true(od__region_zones(cases[i].region, &row));
        assert_int_equal(row.zones_len, cases[i].zones_len);
        assert_string_equal(row.region, cases[i].region);
        assert_true(row.callable);
    }
    static const char *const unknown[] = {"",      "US",     "CA",     "US-ZZ",
                                          "us-fl", "US-FLX", "Florida"};
    for (size_t i = 0; i < OD__LEN(unknown); i++) {
        od__plan_row row;
        assert_false(od__region_zones(unknown[i], &row));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_region_parse_reads_names_and_codes),
        cmocka_unit_test(test_region_parse_needs_the_country),
        cmocka_unit_test(test_region_zones_are_the_union),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
