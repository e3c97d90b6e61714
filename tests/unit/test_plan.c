/*
 * test_plan.c - the number plan: area codes, split ones above all, countries,
 * and that the tables hang together.
 */
#include "support/test.h"

#include "place/plan.h"

#include <unistd.h>

static bool has_zone(const od__plan_row *row, const char *zone)
{
    for (size_t i = 0; i < row->zones_len; i++) {
        if (strcmp(row->zones[i], zone) == 0) {
            return true;
        }
    }
    return false;
}

static uint64_t in_npa(unsigned npa)
{
    return UINT64_C(10000000000) + npa * UINT64_C(10000000) + 5550123;
}

static void check_npa(unsigned npa, const char *region, const char *first,
                      const char *second)
{
    od__plan_row row = {0};
    if (!od__plan_find(in_npa(npa), &row) || !row.callable) {
        fail_msg("%u is not callable", npa);
    }
    if (strcmp(row.region, region) != 0 || !has_zone(&row, first) ||
        (second != NULL && !has_zone(&row, second)) ||
        (second == NULL && row.zones_len != 1)) {
        fail_msg("%u: %s, %zu zones", npa, row.region, row.zones_len);
    }
}

static void test_plan_finds_single_zone_codes(void **state)
{
    (void)state;
    check_npa(212, "US-NY", "America/New_York", NULL);
    check_npa(312, "US-IL", "America/Chicago", NULL);
    check_npa(303, "US-CO", "America/Denver", NULL);
    check_npa(602, "US-AZ", "America/Phoenix", NULL);
    check_npa(213, "US-CA", "America/Los_Angeles", NULL);
    check_npa(808, "US-HI", "Pacific/Honolulu", NULL);
    check_npa(915, "US-TX", "America/Denver", NULL);
    check_npa(787, "US-PR", "America/Puerto_Rico", NULL);
    check_npa(671, "US-GU", "Pacific/Guam", NULL);
    check_npa(416, "CA-ON", "America/Toronto", NULL);
    check_npa(437, "CA-ON", "America/Toronto", NULL);
    check_npa(876, "JM", "America/Jamaica", NULL);
    check_npa(849, "DO", "America/Santo_Domingo", NULL);
}

/* Area codes on a time zone border, and what was laid over them. */
static void test_plan_split_codes_have_all_zones(void **state)
{
    (void)state;
    static const struct {
        unsigned npa;
        const char *region;
        const char *first;
        const char *second;
    } cases[] = {
        {850, "US-FL", "America/New_York", "America/Chicago"},
        {448, "US-FL", "America/New_York", "America/Chicago"},
        {270, "US-KY", "America/New_York", "America/Chicago"},
        {364, "US-KY", "America/New_York", "America/Chicago"},
        {606, "US-KY", "America/New_York", "America/Chicago"},
        {423, "US-TN", "America/New_York", "America/Chicago"},
        {729, "US-TN", "America/New_York", "America/Chicago"},
        {219, "US-IN", "America/Indiana/Indianapolis", "America/Chicago"},
        {574, "US-IN", "America/Indiana/Indianapolis", "America/Chicago"},
        {812, "US-IN", "America/Indiana/Indianapolis", "America/Chicago"},
        {930, "US-IN", "America/Indiana/Indianapolis", "America/Chicago"},
        {906, "US-MI", "America/Detroit", "America/Menominee"},
        {620, "US-KS", "America/Chicago", "America/Denver"},
        {785, "US-KS", "America/Chicago", "America/Denver"},
        {308, "US-NE", "America/Chicago", "America/Denver"},
        {402, "US-NE", "America/Chicago", "America/Denver"},
        {531, "US-NE", "America/Chicago", "America/Denver"},
        {605, "US-SD", "America/Chicago", "America/Denver"},
        {701, "US-ND", "America/Chicago", "America/Denver"},
        {541, "US-OR", "America/Los_Angeles", "America/Boise"},
        {458, "US-OR", "America/Los_Angeles", "America/Boise"},
        {208, "US-ID", "America/Los_Angeles", "America/Boise"},
        {986, "US-ID", "America/Los_Angeles", "America/Boise"},
        {775, "US-NV", "America/Los_Angeles", "America/Denver"},
        {928, "US-AZ", "America/Phoenix", "America/Denver"},
        {907, "US-AK", "America/Anchorage", "America/Adak"},
        {250, "CA-BC", "America/Vancouver", "America/Edmonton"},
        {257, "CA-BC", "America/Vancouver", "America/Dawson_Creek"},
        {306, "CA-SK", "America/Regina", "America/Edmonton"},
        {807, "CA-ON", "America/Toronto", "America/Winnipeg"},
        {418, "CA-QC", "America/Toronto", "America/Halifax"},
        {709, "CA-NL", "America/St_Johns", "America/Goose_Bay"},
        {879, "CA-NL", "America/St_Johns", "America/Goose_Bay"},
        {867, "CA", "America/Whitehorse", "America/Iqaluit"},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        check_npa(cases[i].npa, cases[i].region, cases[i].first,
                  cases[i].second);
    }
}

static void test_plan_knows_young_codes(void **state)
{
    (void)state;
    check_npa(357, "US-CA", "America/Los_Angeles", NULL);
    check_npa(436, "US-OH", "America/New_York", NULL);
    check_npa(457, "US-LA", "America/Chicago", NULL);
    check_npa(465, "US-NY", "America/New_York", NULL);
    check_npa(471, "US-MS", "America/Chicago", NULL);
    check_npa(483, "US-AL", "America/Chicago", NULL);
    check_npa(621, "US-TX", "America/Chicago", NULL);
    check_npa(624, "US-NY", "America/New_York", NULL);
    check_npa(679, "US-MI", "America/Detroit", NULL);
    check_npa(837, "US-CA", "America/Los_Angeles", NULL);
    check_npa(861, "US-IL", "America/Chicago", NULL);
    check_npa(924, "US-MN", "America/Chicago", NULL);
}

static void test_plan_service_codes_are_not_callable(void **state)
{
    (void)state;
    static const unsigned codes[] = {
        500, 521, 522, 523, 524, 525, 526, 527, 528, 529, 532, 533, 535,
        538, 542, 543, 544, 545, 546, 549, 550, 552, 553, 554, 556, 558,
        566, 569, 577, 578, 588, 589, 600, 622, 633, 644, 655, 677, 688,
        700, 710, 800, 833, 844, 855, 866, 877, 888, 900};
    for (size_t i = 0; i < OD__LEN(codes); i++) {
        od__plan_row row;
        memset(&row, 0xff, sizeof row);
        assert_true(od__plan_find(in_npa(codes[i]), &row));
        assert_false(row.callable);
        assert_int_equal(row.zones_len, 0);
        assert_string_equal(row.region, "");
    }
    od__plan_row row;
    assert_true(od__plan_find(UINT64_C(12129760123), &row));
    assert_false(row.callable);
    assert_true(od__plan_find(UINT64_C(448001234567), &row));
    assert_false(row.callable);
    assert_true(od__plan_find(UINT64_C(80012345678), &row));
    assert_false(row.callable);
}

static void test_plan_unknown_prefixes_are_not_found(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {0,
                                       1,
                                       12,
                                       999,
                                       UINT64_C(15555550123),
                                       UINT64_C(11005550123),
                                       UINT64_C(12915550123),
                                       UINT64_C(15655550123),
                                       UINT64_C(1212555012),
                                       UINT64_C(121255501234),
                                       UINT64_C(99912345678),
                                       UINT64_C(21012345678),
                                       UINT64_MAX};
    for (size_t i = 0; i < OD__LEN(numbers); i++) {
        od__plan_row row;
        assert_false(od__plan_find(numbers[i], &row));
    }
}

static void test_plan_finds_countries(void **state)
{
    (void)state;
    static const struct {
        uint64_t phone;
        const char *region;
        const char *zone;
        size_t zones_len;
    } cases[] = {
        {UINT64_C(442079460958), "GB", "Europe/London", 1},
        {UINT64_C(33123456789), "FR", "Europe/Paris", 1},
        {UINT64_C(34612345678), "ES", "Atlantic/Canary", 2},
        {UINT64_C(353123456789), "IE", "Europe/Dublin", 1},
        {UINT64_C(74951234567), "RU", "Asia/Kamchatka", 11},
        {UINT64_C(77011234567), "KZ", "Asia/Almaty", 1},
        {UINT64_C(61412345678), "AU", "Australia/Lord_Howe", 9},
        {UINT64_C(5511987654321), "BR", "America/Noronha", 4},
        {UINT64_C(525512345678), "MX", "America/Tijuana", 7},
        {UINT64_C(628123456789), "ID", "Asia/Jayapura", 3},
        {UINT64_C(9779812345678), "NP", "Asia/Kathmandu", 1},
        {UINT64_C(6834000), "NU", "Pacific/Niue", 1},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od__plan_row row;
        assert_true(od__plan_find(cases[i].phone, &row));
        assert_true(row.callable);
        assert_string_equal(row.region, cases[i].region);
        assert_int_equal(row.zones_len, cases[i].zones_len);
        assert_true(has_zone(&row, cases[i].zone));
    }
}

static void test_plan_knows_countries_by_code(void **state)
{
    (void)state;
    static const char *const known[] = {"US", "us", "Ca", "GB", "GG",
                                        "JM", "PR", "KZ", "XK", "VI"};
    static const char *const unknown[] = {"",   "U",        "USA", "ZZ",
                                          "1A", "\xc3\xa9", "UK"};
    for (size_t i = 0; i < OD__LEN(known); i++) {
        assert_true(od__country_is_known(known[i]));
    }
    for (size_t i = 0; i < OD__LEN(unknown); i++) {
        assert_false(od__country_is_known(unknown[i]));
    }
    assert_false(od__country_is_known(NULL));
}

static void test_plan_clock_knows_twins(void **state)
{
    (void)state;
    assert_string_equal(od__plan_clock("US/Central"), "America/Chicago");
    assert_string_equal(od__plan_clock("America/Detroit"), "America/New_York");
    assert_string_equal(od__plan_clock("America/Toronto"), "America/Toronto");
    assert_string_equal(od__plan_clock("No/Where"), "No/Where");
    assert_string_equal(od__plan_clock(""), "");
}

/* Every zone of the tables is one that can be loaded. */
static void test_plan_zones_exist(void **state)
{
    (void)state;
    if (access("/usr/share/zoneinfo/UTC", R_OK) != 0) {
        skip();
    }
    for (unsigned npa = 200; npa < 1000; npa++) {
        od__plan_row row = {0};
        if (!od__plan_find(in_npa(npa), &row)) {
            continue;
        }
        for (size_t i = 0; i < row.zones_len; i++) {
            od__zone *zone = NULL;
            od_errmsg msg = {""};
            if (od__zone_load(&zone, "/usr/share/zoneinfo", row.zones[i],
                              &msg) != OD_OK) {
                fail_msg("%s: %s", row.zones[i], msg.text);
            }
            od__zone_free(zone);
        }
    }
    for (size_t i = 0; i < od__plan_regions_len; i++) {
        od__plan_row row = {0};
        const char *code = od__plan_regions[i].code;
        if (!od__region_zones(code, &row)) {
            assert_true(strcmp(code, "US") == 0 || strcmp(code, "CA") == 0);
            continue;
        }
        assert_in_range(row.zones_len, 1, OD__ZONES_MAX);
        for (size_t j = 0; j < row.zones_len; j++) {
            od__zone *zone = NULL;
            if (od__zone_load(&zone, "/usr/share/zoneinfo", row.zones[j],
                              NULL) != OD_OK) {
                fail_msg("%s of %s", row.zones[j], code);
            }
            od__zone_free(zone);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan_finds_single_zone_codes),
        cmocka_unit_test(test_plan_split_codes_have_all_zones),
        cmocka_unit_test(test_plan_knows_young_codes),
        cmocka_unit_test(test_plan_service_codes_are_not_callable),
        cmocka_unit_test(test_plan_unknown_prefixes_are_not_found),
        cmocka_unit_test(test_plan_finds_countries),
        cmocka_unit_test(test_plan_knows_countries_by_code),
        cmocka_unit_test(test_plan_clock_knows_twins),
        cmocka_unit_test(test_plan_zones_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
