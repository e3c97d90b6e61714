/*
 * test_place.c - evidence that agrees narrows, evidence that disagrees widens;
 * keys and back.
 */
#include "support/test.h"

#include "place/place.h"

static void check_evidence(uint64_t phone, const od__evidence *evidence,
                           const char *wanted)
{
    od__place place;
    char key[OD__PLACE_KEY_SIZE];
    memset(&place, 0x5a, sizeof place);
    od__place_make(phone, evidence, &place);
    od__place_key(&place, key, sizeof key);
    if (strcmp(key, wanted) != 0) {
        const char *texts[] = {evidence->timezone, evidence->state,
                               evidence->zip};
        for (size_t i = 0; i < OD__LEN(texts); i++) {
            texts[i] = texts[i] != NULL ? texts[i] : "-";
        }
        fail_msg("+%llu %s %s %s: %s, not %s", (unsigned long long)phone,
                 texts[0], texts[1], texts[2], key, wanted);
    }
}

static void check(uint64_t phone, const char *timezone, const char *state,
                  const char *wanted)
{
    const od__evidence evidence = {timezone, state, NULL, OD_LINE_UNKNOWN};
    check_evidence(phone, &evidence, wanted);
}

/* The same of a state and a postal code. */
static void check_zip(uint64_t phone, const char *state, const char *zip,
                      const char *wanted)
{
    const od__evidence evidence = {NULL, state, zip, OD_LINE_UNKNOWN};
    check_evidence(phone, &evidence, wanted);
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

static void test_place_zip_is_evidence_like_a_state(void **state)
{
    (void)state;
    /* Alone, it narrows what the number says of its state. */
    check_zip(tallahassee, NULL, "32501", "US-FL|America/Chicago");
    check_zip(tallahassee, NULL, "33101-1234", "US-FL|America/New_York");
    check_zip(tallahassee, "", "32401",
              "US-FL|America/Chicago,America/New_York");
    check_zip(gary, NULL, "46402", "US-IN|America/Chicago");
    check_zip(yukon, NULL, "X0A 0H0",
              "CA,CA-NU|America/Atikokan,America/Cambridge_Bay,"
              "America/Iqaluit,America/Rankin_Inlet,America/Resolute");
    /* Of another state, it widens. */
    check_zip(new_york, NULL, "94103",
              "US-CA,US-NY|America/Los_Angeles,America/New_York");
    check_zip(new_york, NULL, "32501",
              "US-FL,US-NY|America/Chicago,America/New_York");
    check_zip(new_york, NULL, "M5V 2T6",
              "CA-ON,US-NY|America/New_York,America/Toronto");
    /* It does for a number of which nothing is known. */
    check_zip(unknown, NULL, "60601", "US-IL|America/Chicago");
    check_zip(toll_free, NULL, "60601", "");
    /* Not a postal code, or one without a place. */
    static const char *const none[] = {"",      "3250",  "99x",   "00001",
                                       "34001", "09001", "96201", "Pensacola"};
    for (size_t i = 0; i < OD__LEN(none); i++) {
        check_zip(tallahassee, NULL, none[i],
                  "US-FL|America/Chicago,America/New_York");
    }
}

static void test_place_zip_and_state(void **state)
{
    (void)state;
    /* They agree: an address, as narrow as both. */
    check_zip(tallahassee, "FL", "32501", "US-FL|America/Chicago");
    check_zip(new_york, "FL", "32501",
              "US-FL,US-NY|America/Chicago,America/New_York");
    check_zip(new_york, "FL", "33101", "US-FL,US-NY|America/New_York");
    check_zip(unknown, "Florida", "33101", "US-FL|America/New_York");
    check_zip(yukon, "NT", "X1A 2P7",
              "CA,CA-NT|America/Edmonton,America/Inuvik,America/Whitehorse");
    /* They do not: all zones of both, also if the number fits to one. */
    check_zip(unknown, "IL", "33101",
              "US-FL,US-IL|America/Chicago,America/New_York");
    check_zip(tallahassee, "CA", "32501",
              "US-CA,US-FL|"
              "America/Chicago,America/Los_Angeles,America/New_York");
    check_zip(tallahassee, "FL", "94103",
              "US-CA,US-FL|"
              "America/Chicago,America/Los_Angeles,America/New_York");
    check_zip(new_york, "FL", "94103",
              "US-CA,US-FL,US-NY|"
              "America/Chicago,America/Los_Angeles,America/New_York");
}

static void test_place_zip_and_zone(void **state)
{
    (void)state;
    /* The address allows it, or the number does. */
    check_evidence(new_york, &(od__evidence){"US/Central", "FL", "32501", 0},
                   "US-FL,US-NY|US/Central");
    check_evidence(new_york,
                   &(od__evidence){"America/New_York", "", "32501", 0},
                   "US-FL,US-NY|America/New_York");
    /* A zone of the state that its postal code has not. */
    check_evidence(new_york,
                   &(od__evidence){"America/Chicago", "FL", "33101", 0},
                   "US-FL,US-NY|America/Chicago,America/New_York");
    check_evidence(unknown, &(od__evidence){"America/Denver", "", "33101", 0},
                   "US-FL|America/Denver,America/New_York");
}

/* Five digits are a postal code of many countries. */
static void test_place_zip_of_another_part_of_the_world(void **state)
{
    (void)state;
    check_zip(london, NULL, "33101", "GB|Europe/London");
    check_zip(UINT64_C(4952515555), NULL, "33098", "DE|Europe/Berlin");
    check_zip(UINT64_C(4952515555), "US-FL", "33098",
              "DE,US-FL|America/Chicago,America/New_York,Europe/Berlin");
}

static void test_place_keeps_the_line(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "US-NY|America/New_York", "US-NY|America/New_York|mobile",
        "US-NY|America/New_York|landline", "US-NY|America/New_York|business"};
    for (int32_t line = 0; line < OD_LINES; line++) {
        check_evidence(new_york, &(od__evidence){NULL, NULL, NULL, line},
                       wanted[line]);
        /* Nowhere there are no lines. */
        check_evidence(unknown, &(od__evidence){NULL, NULL, NULL, line}, "");
        check_evidence(toll_free, &(od__evidence){"UTC", "NY", NULL, line}, "");
    }
    static const int32_t others[] = {-1, OD_LINES, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < OD__LEN(others); i++) {
        check_evidence(new_york, &(od__evidence){NULL, NULL, NULL, others[i]},
                       wanted[0]);
    }
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
            const od__evidence evidence = {zones[i % 3], states[i / 3],
                                           i % 2 == 0 ? "32501" : NULL,
                                           (int32_t)(npa % OD_LINES)};
            od__place_make(phone, &evidence, &place);
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
    const od__evidence nothing = {NULL, NULL, NULL, OD_LINE_UNKNOWN};
    od__place_make(new_york, &nothing, &place);
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
    assert_true(od__place_parse("|UTC", &place));
    assert_int_equal(place.line, OD_LINE_UNKNOWN);
    assert_true(od__place_parse("|UTC|business", &place));
    assert_int_equal(place.line, OD_LINE_BUSINESS);
    assert_true(od__place_parse("US-FL||landline", &place));
    assert_int_equal(place.line, OD_LINE_LANDLINE);
}

/* The widest place, with the longest of everything. */
static void test_place_key_holds_every_place(void **state)
{
    (void)state;
    char text[OD__PLACE_KEY_SIZE] = "";
    char again[OD__PLACE_KEY_SIZE];
    od__writer writer;
    od__writer_init(&writer, text, sizeof text);
    for (int i = 0; i < OD__REGIONS_MAX; i++) {
        od__write(&writer, "%sUS-XX%c", i > 0 ? "," : "", 'A' + i);
    }
    for (int i = 0; i < OD__ZONES_MAX; i++) {
        od__write(&writer, "%cA/%037d", i > 0 ? ',' : '|', i);
    }
    od__write(&writer, "|landline");
    assert_false(writer.full);
    od__place place;
    assert_true(od__place_parse(text, &place));
    assert_int_equal(place.regions_len, OD__REGIONS_MAX);
    assert_int_equal(place.zones_len, OD__ZONES_MAX);
    od__place_key(&place, again, sizeof again);
    assert_string_equal(again, text);
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
        "US-FL|UTC|mobil",
        "US-FL|UTC|mobiles",
        "US-FL|UTC|Mobile",
        "US-FL|UTC|mobile|",
        "US-FL|UTC|mobile,landline",
        "US-FL|UTC,|mobile",
        "US-FL|mobile|UTC",
        "|||mobile",
        "||mobile",
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
        char text[] = "US-AL,US-FL|America/Chicago,America/New_York|mobile";
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
        cmocka_unit_test(test_place_zip_is_evidence_like_a_state),
        cmocka_unit_test(test_place_zip_and_state),
        cmocka_unit_test(test_place_zip_and_zone),
        cmocka_unit_test(test_place_zip_of_another_part_of_the_world),
        cmocka_unit_test(test_place_keeps_the_line),
        cmocka_unit_test(test_place_unknown_texts_count_as_absent),
        cmocka_unit_test(test_place_key_comes_back),
        cmocka_unit_test(test_place_key_that_does_not_fit_is_unknown),
        cmocka_unit_test(test_place_parse_sorts),
        cmocka_unit_test(test_place_key_holds_every_place),
        cmocka_unit_test(test_place_parse_refuses_others),
        cmocka_unit_test(test_place_parse_survives_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
