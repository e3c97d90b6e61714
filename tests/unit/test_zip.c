/*
 * test_zip.c - what postal codes tell, in which forms; and what the whole table
 * must keep to.
 */
#include "support/test.h"

#include "place/plan.h"

/* "US-FL|America/Chicago,America/New_York", or "" where nothing is found. */
static void check(const char *text, const char *wanted)
{
    char got[OD__PLACE_KEY_SIZE] = "";
    od__plan_row row;
    if (od__zip_find(text, &row)) {
        od__writer writer;
        od__writer_init(&writer, got, sizeof got);
        od__write(&writer, "%s", row.region);
        for (size_t i = 0; i < row.zones_len; i++) {
            od__write(&writer, "%c%s", i > 0 ? ',' : '|', row.zones[i]);
        }
        assert_true(row.callable && row.zones_len > 0);
    }
    if (strcmp(got, wanted) != 0) {
        fail_msg("%s: %s, not %s", text, got, wanted);
    }
}

static void test_zip_forms(void **state)
{
    (void)state;
    static const char *const zips[] = {"33101",    "33101-1234",  "33101 1234",
                                       " 33101\t", "33101-0000 ", "33101  "};
    for (size_t i = 0; i < OD__LEN(zips); i++) {
        assert_true(od__zip_is_valid(zips[i]));
        check(zips[i], "US-FL|America/New_York");
    }
    static const char *const codes[] = {"K1A 0B1", "k1a0b1",    "K1A-0B1",
                                        "K1A",     " k1A 0b1 ", "K1a "};
    for (size_t i = 0; i < OD__LEN(codes); i++) {
        assert_true(od__zip_is_valid(codes[i]));
        check(codes[i], "CA-ON|America/Toronto");
    }
}

static void test_zip_refuses_other_forms(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        " ",
                                        "3310",
                                        "331011",
                                        "331011234",
                                        "33101-",
                                        "33101-123",
                                        "33101-12345",
                                        "33101 123",
                                        "33101--1234",
                                        "33101x",
                                        "x33101",
                                        "3310I",
                                        "33-101",
                                        "33101-12a4",
                                        "\xef\xbc\x93"
                                        "3101",
                                        "K1",
                                        "K1A0",
                                        "K1A 0B",
                                        "K1A 0B12",
                                        "K1A  0B1",
                                        "K1A_0B1",
                                        "KIA 0B1",
                                        "D1A 0B1",
                                        "F1A 0B1",
                                        "I1A 0B1",
                                        "O1A 0B1",
                                        "Q1A 0B1",
                                        "U1A 0B1",
                                        "W1A 0B1",
                                        "Z1A 0B1",
                                        "K1O 0B1",
                                        "K1A 0I1",
                                        "SW1A 1AA",
                                        "M1 1AE",
                                        "W1A 0AX",
                                        "K1A 0B1 x",
                                        "1K1 A0B",
                                        "-33101"};
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        if (od__zip_is_valid(texts[i])) {
            fail_msg("\"%s\" is a postal code", texts[i]);
        }
        check(texts[i], "");
    }
    assert_false(od__zip_is_valid(NULL));
    od__plan_row row;
    assert_false(od__zip_find(NULL, &row));
}

/* W and Z are inside a code, though none begins with them. */
static void test_zip_letters_inside(void **state)
{
    (void)state;
    check("H3Z 2Y7", "CA-QC|America/Toronto");
    check("T2W 4Z1", "CA-AB|America/Edmonton");
}

static void test_zip_of_states(void **state)
{
    (void)state;
    check("00501", "US-NY|America/New_York");    /* Holtsville */
    check("00901", "US-PR|America/Puerto_Rico"); /* San Juan */
    check("00802", "US-VI|America/St_Thomas");   /* St. Thomas */
    check("02108", "US-MA|America/New_York");    /* Boston */
    check("05501", "US-MA|America/New_York");    /* Andover */
    check("05602", "US-VT|America/New_York");    /* Montpelier */
    check("06510", "US-CT|America/New_York");    /* New Haven */
    check("06390", "US-NY|America/New_York");    /* Fishers Island */
    check("10001", "US-NY|America/New_York");
    check("19103", "US-PA|America/New_York"); /* Philadelphia */
    check("19801", "US-DE|America/New_York"); /* Wilmington */
    check("20001", "US-DC|America/New_York"); /* Washington */
    check("20190", "US-VA|America/New_York"); /* Reston */
    check("21201", "US-MD|America/New_York"); /* Baltimore */
    check("30303", "US-GA|America/New_York"); /* Atlanta */
    check("39813", "US-GA|America/New_York"); /* Arlington, Georgia */
    check("35203", "US-AL|America/Chicago");  /* Birmingham */
    check("60601", "US-IL|America/Chicago");  /* Chicago */
    check("73301", "US-TX|America/Chicago");  /* Austin */
    check("77002", "US-TX|America/Chicago");  /* Houston */
    check("80202", "US-CO|America/Denver");   /* Denver */
    check("90001", "US-CA|America/Los_Angeles");
    check("96813", "US-HI|Pacific/Honolulu");
    check("98101", "US-WA|America/Los_Angeles"); /* Seattle */
    check("99501", "US-AK|America/Adak,America/Anchorage");
    check("99801", "US-AK|America/Anchorage"); /* Juneau */
}

static void test_zip_of_states_with_two_zones(void **state)
{
    (void)state;
    check("32301", "US-FL|America/New_York");                 /* Tallahassee */
    check("32401", "US-FL|America/Chicago,America/New_York"); /* Panama City */
    check("32456", "US-FL|America/Chicago,America/New_York"); /* its east */
    check("32501", "US-FL|America/Chicago");                  /* Pensacola */
    check("37203", "US-TN|America/Chicago");                  /* Nashville */
    check("37347", "US-TN|America/Chicago,America/New_York"); /* Jasper */
    check("37402", "US-TN|America/New_York");                 /* Chattanooga */
    check("37902", "US-TN|America/New_York");                 /* Knoxville */
    check("40202", "US-KY|America/New_York");                 /* Louisville */
    check("42101", "US-KY|America/Chicago"); /* Bowling Green */
    check("42701", "US-KY|America/Chicago,America/New_York");
    check("46204", "US-IN|America/Indiana/Indianapolis");
    check("46402", "US-IN|America/Chicago"); /* Gary */
    check("46534", "US-IN|America/Chicago,America/Indiana/Indianapolis");
    check("47708", "US-IN|America/Chicago"); /* Evansville */
    check("48201", "US-MI|America/Detroit");
    check("49801", "US-MI|America/Detroit,America/Menominee");
    check("57104", "US-SD|America/Chicago");                   /* Sioux Falls */
    check("57501", "US-SD|America/Chicago,America/Denver");    /* Pierre */
    check("57701", "US-SD|America/Denver");                    /* Rapid City */
    check("58102", "US-ND|America/Chicago");                   /* Fargo */
    check("58601", "US-ND|America/Chicago,America/Denver");    /* Dickinson */
    check("67202", "US-KS|America/Chicago");                   /* Wichita */
    check("67735", "US-KS|America/Chicago,America/Denver");    /* Goodland */
    check("68102", "US-NE|America/Chicago");                   /* Omaha */
    check("69153", "US-NE|America/Chicago,America/Denver");    /* Ogallala */
    check("69361", "US-NE|America/Denver");                    /* Scottsbluff */
    check("79830", "US-TX|America/Chicago,America/Denver");    /* Alpine */
    check("79901", "US-TX|America/Denver");                    /* El Paso */
    check("88510", "US-TX|America/Denver");                    /* El Paso */
    check("83501", "US-ID|America/Boise,America/Los_Angeles"); /* Lewiston */
    check("83702", "US-ID|America/Boise");                     /* Boise */
    check("83814", "US-ID|America/Los_Angeles"); /* Coeur d'Alene */
    check("85003", "US-AZ|America/Phoenix");
    check("86033", "US-AZ|America/Denver,America/Phoenix"); /* Kayenta */
    check("86515", "US-AZ|America/Denver,America/Phoenix"); /* Window Rock */
    check("89101", "US-NV|America/Los_Angeles");            /* Las Vegas */
    check("89421", "US-NV|America/Denver,America/Los_Angeles");
    check("89883", "US-NV|America/Denver,America/Los_Angeles");
    check("97201", "US-OR|America/Los_Angeles");               /* Portland */
    check("97914", "US-OR|America/Boise,America/Los_Angeles"); /* Ontario */
}

static void test_zip_of_the_pacific(void **state)
{
    (void)state;
    check("96799", "US-AS|Pacific/Pago_Pago");
    check("96910", "US-GU|Pacific/Guam");
    check("96932", "US-GU|Pacific/Guam");
    check("96933", "");
    check("96940", "PW|Pacific/Palau");
    check("96950", "US-MP|Pacific/Saipan");
    od__plan_row row;
    assert_true(od__zip_find("96941", &row));
    assert_string_equal(row.region, "FM");
    assert_true(od__zip_find("96960", &row));
    assert_string_equal(row.region, "MH");
}

/* Whoever has a military address may be anywhere. */
static void test_zip_military_and_unused_have_no_place(void **state)
{
    (void)state;
    static const char *const zips[] = {"09001", "09899", "34001", "96201",
                                       "96401", "96601", "00001", "00401",
                                       "34301", "51701", "98701", "51900"};
    for (size_t i = 0; i < OD__LEN(zips); i++) {
        assert_true(od__zip_is_valid(zips[i]));
        check(zips[i], "");
    }
}

static void test_zip_of_canada(void **state)
{
    (void)state;
    check("A1C 5M2", "CA-NL|America/Goose_Bay,America/St_Johns");
    check("B3J 1S9", "CA-NS|America/Halifax");
    check("C1A 4P3", "CA-PE|America/Halifax");
    check("E2L 1A1", "CA-NB|America/Moncton");
    check("G1R 4P5",
          "CA-QC|America/Blanc-Sablon,America/Halifax,America/Toronto");
    check("H2Y 1C6", "CA-QC|America/Toronto");
    check("J8X 2K1", "CA-QC|America/Toronto");
    check("M5V 2T6", "CA-ON|America/Toronto");
    check("P8N 1A1", "CA-ON|America/Atikokan,America/Toronto,America/Winnipeg");
    check("R3C 0V8", "CA-MB|America/Winnipeg");
    check("S4P 3Y2", "CA-SK|America/Edmonton,America/Regina");
    check("T5J 2R7", "CA-AB|America/Edmonton");
    check("V6B 1A1",
          "CA-BC|America/Creston,America/Dawson_Creek,America/Edmonton,"
          "America/Fort_Nelson,America/Vancouver");
    check("Y1A 1A1", "CA-YT|America/Dawson,America/Whitehorse");
}

static void test_zip_of_a_letter_that_two_territories_share(void **state)
{
    (void)state;
    check("X0A 0H0",
          "CA-NU|America/Atikokan,America/Cambridge_Bay,America/Iqaluit,"
          "America/Rankin_Inlet,America/Resolute");
    check("X1A 2P7",
          "CA-NT|America/Edmonton,America/Inuvik,America/Whitehorse");
    check("X9X 1A1",
          "CA|America/Atikokan,America/Cambridge_Bay,America/Edmonton,"
          "America/Inuvik,America/Iqaluit,America/Rankin_Inlet,"
          "America/Resolute,America/Whitehorse");
}

/* == the table ============================================================ */

static bool is_in(const od__plan_row *row, const char *zone)
{
    for (size_t i = 0; i < row->zones_len; i++) {
        if (strcmp(row->zones[i], zone) == 0) {
            return true;
        }
    }
    return false;
}

static void test_zip_table_is_sorted_and_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < od__plan_zips_len; i++) {
        const od__plan_zip *zip = &od__plan_zips[i];
        assert_true(i == 0 || strcmp(zip[-1].prefix, zip->prefix) < 0);
        char text[6] = "00000";
        if (zip->prefix[0] >= 'A') {
            memcpy(text, "A9Z", 4); /* of no longer prefix */
        }
        memcpy(text, zip->prefix, strlen(zip->prefix));
        od__plan_row row;
        if (!od__zip_find(text, &row)) {
            fail_msg("%s is not found", text);
        }
        assert_ptr_equal(row.region, od__plan_regions[zip->region].code);
    }
}

static void test_zip_zones_are_zones_of_the_region(void **state)
{
    (void)state;
    for (int zip3 = 0; zip3 < 1000; zip3++) {
        char text[6];
        od__plan_row row;
        od__plan_row region;
        snprintf(text, sizeof text, "%03d01", zip3);
        if (!od__zip_find(text, &row)) {
            continue;
        }
        if (!od__region_zones(row.region, &region)) {
            fail_msg("%s: %s", text, row.region);
        }
        for (size_t i = 0; i < row.zones_len; i++) {
            assert_true(is_in(&region, row.zones[i]));
        }
    }
}

static void test_zip_survives_noise(void **state)
{
    (void)state;
    od__rand rand = {od_test_seed(90210)};
    for (int round = 0; round < 200000; round++) {
        static const char some[] = "0123456789AKXkz -\xc3\xff";
        char text[12];
        size_t len = (size_t)od__rand_below(&rand, sizeof text);
        for (size_t i = 0; i < len; i++) {
            text[i] = some[od__rand_below(&rand, sizeof some - 1)];
        }
        text[len] = '\0';
        od__plan_row row;
        if (od__zip_find(text, &row)) {
            assert_true(od__zip_is_valid(text));
            assert_true(row.region[0] != '\0' && row.zones_len > 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zip_forms),
        cmocka_unit_test(test_zip_refuses_other_forms),
        cmocka_unit_test(test_zip_letters_inside),
        cmocka_unit_test(test_zip_of_states),
        cmocka_unit_test(test_zip_of_states_with_two_zones),
        cmocka_unit_test(test_zip_of_the_pacific),
        cmocka_unit_test(test_zip_military_and_unused_have_no_place),
        cmocka_unit_test(test_zip_of_canada),
        cmocka_unit_test(test_zip_of_a_letter_that_two_territories_share),
        cmocka_unit_test(test_zip_table_is_sorted_and_found),
        cmocka_unit_test(test_zip_zones_are_zones_of_the_region),
        cmocka_unit_test(test_zip_survives_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
