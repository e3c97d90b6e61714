/*
 * test_place.c - evidence that agrees narrows, evidence that disagrees widens;
 * keys and back.
 */
#include "support/test.h"

#include "place/place.h"

static void check(uint64_t phone, const char *timezone, const char *state,
                  const char *wanted)
{
    od__place place;
    char key[OD__PLACE_KEY_SIZE];
    memset(&place, 0x5a, sizeof place);
    od__place_make(phone, timezone, state, &place);
    od__place_key(&place, key, sizeof key);
    if (strcmp(key, wanted) != 0) {
        fail_msg("+%llu %s %s: %s, not %s", (unsigned long long)phone,
                 timezone != NULL ? timezone : "-", state != NULL ? state : "-",
                 key, wanted);
    }
}

static const uint64_t new_york = UINT64_C(12125550123);
static const uint64_t tallahassee = UINT64_C(18505550123);
static const uint64_t gary = UINT64_C(12195550123);
static const uint64_t alaska = UINT64_C(19075550123);
static const uint64_t yukon = UINT64_C(18675550123);
static const uint64_t halifax = UINT64_C(19025550123);
static const uint64_t unknown = UINT64_C(15555550123);
static const uint64_t toll_free = UINT64_C(18005550123);
static const uint64_t london = UINT64_C(442079460958);
static const uint64_t moscow = UINT64_C(74951234567);

static void test_place_from_the_number_alone(void **state)
{
    (void)state;
    check(new_york, NULL, NULL, "US-NY|America/New_York");
    check(new_york, "", "", "US-NY|America/New_York");
    check(tallahassee, NULL, NULL, "US-FL|America/Chicago,America/New_York");
    check(london, NULL, NULL, "GB|Europe/London");
    check(halifax, NULL, NULL, "CA|America/Halifax");
    check(unknown, NULL, NULL, "");
    check(0, NULL, NULL, "");
    check(toll_free, NULL, NULL, "");
}

static void test_place_zone_that_fits_is_the_zone(void **state)
{
    (void)state;
    check(tallahassee, "America/Chicago", NULL, "US-FL|America/Chicago");
    check(tallahassee, "America/New_York", "FL", "US-FL|America/New_York");
    /* Another name of a clock that the plan allows. */
    check(tallahassee, "US/Central", NULL, "US-FL|US/Central");
    check(gary, "America/Indiana/Knox", NULL, "US-IN|America/Indiana/Knox");
    check(alaska, "America/Juneau", NULL, "US-AK|America/Juneau");
    check(moscow, "Europe/Volgograd", NULL, "RU|Europe/Volgograd");
    /* The state allows it, though the number is from elsewhere. */
    check(new_york, "America/Denver", "Colorado", "US-CO,US-NY|America/Denver");
    /* The plan allows it, though the state does not. */
    check(new_york, "America/New_York", "CA", "US-CA,US-NY|America/New_York");
}

static void test_place_zone_that_does_not_fit_widens(void **state)
{
    (void)state;
    check(new_york, "America/Chicago", NULL,
          "US-NY|America/Chicago,America/New_York");
    check(new_york, "America/Chicago", "NY",
          "US-NY|America/Chicago,America/New_York");
    check(new_york, "America/Chicago", "CA",
          "US-CA,US-NY|"
          "America/Chicago,America/Los_Angeles,America/New_York");
    /* A neighbour's clock is not ours, even if it shows the same today. */
    check(new_york, "America/Toronto", NULL,
          "US-NY|America/New_York,America/Toronto");
    check(london, "Asia/Tokyo", NULL, "GB|Asia/Tokyo,Europe/London");
}

static void test_place_state_that_agrees_narrows(void **state)
{
    (void)state;
    check(new_york, NULL, "NY", "US-NY|America/New_York");
    check(tallahassee, NULL, "Florida",
          "US-FL|America/Chicago,America/New_York");
    check(yukon, NULL, "YT", "CA,CA-YT|America/Dawson,America/Whitehorse");
    check(halifax, NULL, "PE", "CA,CA-PE|America/Halifax");
    /* A state of two zones, an area code of one. */
    check(UINT64_C(13055550123), NULL, "FL", "US-FL|America/New_York");
    check(UINT64_C(19155550123), NULL, "TX", "US-TX|America/Denver");
}

static void test_place_state_that_disagrees_widens(void **state)
{
    (void)state;
    check(new_york, NULL, "CA",
          "US-CA,US-NY|America/Los_Angeles,America/New_York");
    check(new_york, NULL, "FL", "US-FL,US-NY|America/Chicago,America/New_York");
    check(new_york, NULL, "ON",
          "CA-ON,US-NY|America/Atikokan,America/New_York,America/Toronto,"
          "America/Winnipeg");
    /* CA is a word of many countries; US-CA is not. */
    check(london, NULL, "CA", "GB|Europe/London");
    check(london, NULL, "US-CA", "GB,US-CA|America/Los_Angeles,Europe/London");
}

static void test_place_of_an_unknown_number(void **state)
{
    (void)state;
    check(unknown, "America/Chicago", NULL, "|America/Chicago");
    check(unknown, NULL, "IL", "US-IL|America/Chicago");
    check(unknown, "America/Chicago", "FL", "US-FL|America/Chicago");
    check(unknown, "America/Denver", "IL",
          "US-IL|America/Chicago,America/Denver");
    check(unknown, "no zone", "no state", "");
}

static void test_place_not_callable_has_none(void **state)
{
    (void)state;
    check(toll_free, "America/Chicago", "FL", "");
    check(UINT64_C(12129760123), "America/New_York", "NY", "");
    check(UINT64_C(80012345678), "Europe/Paris", NULL, "");
}

static void test_place_unknown_texts_count_as_absent(void **state)
{
    (void)state;
    static const char *const zones[] = {
        "",    " ",  "..", "/etc/passwd", "America/../x", "Eastern Time",
        "a,b", "a|b"};
    static const char *const states[] = {"",     "ZZ", "Atlantis",
                                         "\xff", "|",  "FL,GA"};
    for (size_t i = 0; i < OD__LEN(zones); i++) {
        for (size_t j = 0; j < OD__LEN(states); j++) {
            check(tallahassee, zones[i], states[j],
                  "US-FL|America/Chicago,America/New_York");
        }
    }
}

/* == keys ================================================================= */

static void test_place_key_comes_back(void **state)
{
    (void)state;
    static const char *const states[] = {NULL, "FL", "ON", "NU", "AK"};
    static const char *const zones[] = {NULL, "America/Chicago", "UTC"};
    for (uint64_t npa = 200; npa < 1000; npa++) {
        uint64_t phone = UINT64_C(10005550123) + npa * 10000000;
        for (size_t i = 0; i < OD__LEN(states) * OD__LEN(zones); i++) {
            od__place place;
            od__place again;
            char key[OD__PLACE_KEY_SIZE];
            od__place_make(phone, zones[i % 3], states[i / 3], &place);
            od__place_key(&place, key, sizeof key);
            assert_true(od__place_parse(key, &again));
            assert_memory_equal(&place, &again, sizeof place);
        }
    }
}

static void test_place_key_that_does_not_fit_is_unknown(void **state)
{
    (void)state;
    od__place place;
    char key[23];
    od__place_make(new_york, NULL, NULL, &place);
    od__place_key(&place, key, sizeof key);
    assert_string_equal(key, "US-NY|America/New_York");
    od__place_key(&place, key, sizeof key - 1);
    assert_string_equal(key, "");
    od__place_key(&place, key, 1);
    assert_string_equal(key, "");
}

static void test_place_parse_sorts(void **state)
{
    (void)state;
    od__place place;
    char key[OD__PLACE_KEY_SIZE];
    assert_true(od__place_parse("US-FL,GB,US-AL,US-FL|B,A,B", &place));
    od__place_key(&place, key, sizeof key);
    assert_string_equal(key, "GB,US-AL,US-FL|A,B");
    assert_true(od__place_parse("US-FL|", &place));
    assert_true(place.regions_len == 1 && place.zones_len == 0);
    assert_true(od__place_parse("|UTC", &place));
    assert_true(place.regions_len == 0 && place.zones_len == 1);
    assert_true(od__place_parse("", &place));
    assert_true(place.regions_len == 0 && place.zones_len == 0);
    assert_true(od__place_parse("|", &place));
    assert_true(place.regions_len == 0 && place.zones_len == 0);
}

static void test_place_parse_refuses_others(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "US-FL",
        "UTC",
        "||",
        "US-FL||UTC",
        "US-FL|UTC|",
        ",|UTC",
        "US-FL,|",
        "US-FL|UTC,",
        "US-FL|,UTC",
        "us-fl|UTC",
        "U|UTC",
        "USA|UTC",
        "US-|UTC",
        "US-ABCD|UTC",
        "US FL|UTC",
        "US-FL|../x",
        "US-FL|/x",
        "US-FL|a b",
        "US-FL |UTC",
        "|AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AA,AB,AC,AD,AE,AF,AG,AH,AI|",
        "|A,B,C,D,E,F,G,H,I,J,K,L,M,N,O,P,Q"};
    od__place place;
    od__place before;
    memset(&place, 0x5a, sizeof place);
    before = place;
    for (size_t i = 0; i < OD__LEN(keys); i++) {
        if (od__place_parse(keys[i], &place)) {
            fail_msg("\"%s\" is read", keys[i]);
        }
        assert_memory_equal(&place, &before, sizeof place);
    }
}

static void test_place_parse_survives_mutations(void **state)
{
    (void)state;
    od__rand rand = {od_test_seed(13)};
    for (int round = 0; round < 50000; round++) {
        char text[] = "US-AL,US-FL|America/Chicago,America/New_York";
        for (uint64_t i = 1 + od__rand_below(&rand, 4); i > 0; i--) {
            text[od__rand_below(&rand, sizeof text - 1)] =
                od__rand_below(&rand, 2) == 0
                    ? (char)od__rand_below(&rand, 256)
                    : ",|-/A"[od__rand_below(&rand, 5)];
        }
        od__place place;
        od__place again;
        char key[OD__PLACE_KEY_SIZE];
        if (od__place_parse(text, &place)) {
            od__place_key(&place, key, sizeof key);
            assert_true(od__place_parse(key, &again));
            assert_memory_equal(&place, &again, sizeof place);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_place_from_the_number_alone),
        cmocka_unit_test(test_place_zone_that_fits_is_the_zone),
        cmocka_unit_test(test_place_zone_that_does_not_fit_widens),
        cmocka_unit_test(test_place_state_that_agrees_narrows),
        cmocka_unit_test(test_place_state_that_disagrees_widens),
        cmocka_unit_test(test_place_of_an_unknown_number),
        cmocka_unit_test(test_place_not_callable_has_none),
        cmocka_unit_test(test_place_unknown_texts_count_as_absent),
        cmocka_unit_test(test_place_key_comes_back),
        cmocka_unit_test(test_place_key_that_does_not_fit_is_unknown),
        cmocka_unit_test(test_place_parse_sorts),
        cmocka_unit_test(test_place_parse_refuses_others),
        cmocka_unit_test(test_place_parse_survives_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
