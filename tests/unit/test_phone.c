/*
 * test_phone.c - od__phone_parse: formats, every error, trunk prefixes, and
 * texts that no one meant as a number.
 */
#include "support/test.h"

#include "place/place.h"

typedef struct phone_case {
    const char *text;
    const char *country;
    uint64_t phone; /* 0: not set */
    od__phone_err err;
} phone_case;

#define FL UINT64_C(18505550123)

static void check_cases(const phone_case *cases, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint64_t phone = 0;
        od__phone_err err =
            od__phone_parse(cases[i].text, cases[i].country, &phone);
        if (err != cases[i].err || phone != cases[i].phone) {
            fail_msg("\"%s\" (%s): %d \"%s\", %llu", cases[i].text,
                     cases[i].country != NULL ? cases[i].country : "-",
                     (int)err, od__phone_err_text(err),
                     (unsigned long long)phone);
        }
    }
}

static void test_phone_reads_usual_formats(void **state)
{
    (void)state;
    static const phone_case cases[] = {
        {"8505550123", "US", FL, OD__PHONE_OK},
        {"18505550123", "US", FL, OD__PHONE_OK},
        {"+18505550123", "US", FL, OD__PHONE_OK},
        {"+18505550123", NULL, FL, OD__PHONE_OK},
        {"+18505550123", "", FL, OD__PHONE_OK},
        {"+18505550123", "ZZ", FL, OD__PHONE_OK},
        {"+18505550123", "GB", FL, OD__PHONE_OK},
        {"+1 (850) 555-0123", "US", FL, OD__PHONE_OK},
        {"(850) 555-0123", "us", FL, OD__PHONE_OK},
        {"(850)555-0123", "CA", FL, OD__PHONE_OK},
        {"850-555-0123", "JM", FL, OD__PHONE_OK},
        {"850.555.0123", "PR", FL, OD__PHONE_OK},
        {"850/555/0123", "US", FL, OD__PHONE_OK},
        {"850 555 0123", "US", FL, OD__PHONE_OK},
        {" 850 555 0123\t", "US", FL, OD__PHONE_OK},
        {"850 555 0123\r\n", "US", FL, OD__PHONE_OK},
        {"1-850-555-0123", "US", FL, OD__PHONE_OK},
        {"1 (850) 555 0123", "US", FL, OD__PHONE_OK},
        {"+1.850.555.0123", "US", FL, OD__PHONE_OK},
        {"(+1) 850 555 0123", "US", FL, OD__PHONE_OK},
        {"tel:+1-850-555-0123", "US", FL, OD__PHONE_OK},
        {"TEL:850-555-0123", "US", FL, OD__PHONE_OK},
        {" tel:+18505550123", "US", FL, OD__PHONE_OK},
        {"0018505550123", "GB", FL, OD__PHONE_OK},
        {"0018505550123", NULL, FL, OD__PHONE_OK},
        {"011 1 850 555 0123", "US", FL, OD__PHONE_OK},
        {"850\xc2\xa0"
         "555\xc2\xa0"
         "0123",
         "US", FL, OD__PHONE_OK},
        {"850\xe2\x80\x91"
         "555\xe2\x80\x93"
         "0123",
         "US", FL, OD__PHONE_OK},
        {"\xe2\x80\xaa+1 850 555 0123\xe2\x80\xac", "US", FL, OD__PHONE_OK},
        {"\xef\xbb\xbf"
         "8505550123",
         "US", FL, OD__PHONE_OK},
        {"\xef\xbc\x8b\xef\xbc\x91 850 555 0123", "US", FL, OD__PHONE_OK},
        {"\xef\xbc\x98\xef\xbc\x95\xef\xbc\x90 555 0123", "US", FL,
         OD__PHONE_OK},
        {"850\xef\xbc\x8d"
         "555\xe3\x80\x80"
         "0123",
         "US", FL, OD__PHONE_OK},
        {"8505550123", "US", FL, OD__PHONE_OK},
    };
    check_cases(cases, OD__LEN(cases));
}

static void test_phone_reads_other_countries(void **state)
{
    (void)state;
    static const phone_case cases[] = {
        {"+44 20 7946 0958", "US", UINT64_C(442079460958), OD__PHONE_OK},
        {"+44 (0)20 7946 0958", "US", UINT64_C(442079460958), OD__PHONE_OK},
        {"00 44 (0) 20 7946 0958", "FR", UINT64_C(442079460958), OD__PHONE_OK},
        {"020 7946 0958", "GB", UINT64_C(442079460958), OD__PHONE_OK},
        {"20 7946 0958", "GB", UINT64_C(442079460958), OD__PHONE_OK},
        {"442079460958", "GB", UINT64_C(442079460958), OD__PHONE_OK},
        {"01481 960194", "GG", UINT64_C(441481960194), OD__PHONE_OK},
        {"01144 20 7946 0958", "US", UINT64_C(442079460958), OD__PHONE_OK},
        {"01 23 45 67 89", "FR", UINT64_C(33123456789), OD__PHONE_OK},
        {"33123456789", "FR", UINT64_C(33123456789), OD__PHONE_OK},
        {"0170 1234567", "DE", UINT64_C(491701234567), OD__PHONE_OK},
        {"491701234567", "DE", UINT64_C(491701234567), OD__PHONE_OK},
        {"+39 06 6982 0001", "US", UINT64_C(390669820001), OD__PHONE_OK},
        {"06 6982 0001", "IT", UINT64_C(390669820001), OD__PHONE_OK},
        {"8 (495) 123-45-67", "RU", UINT64_C(74951234567), OD__PHONE_OK},
        {"74951234567", "RU", UINT64_C(74951234567), OD__PHONE_OK},
        {"8 701 123 4567", "KZ", UINT64_C(77011234567), OD__PHONE_OK},
        {"06 1 234 5678", "HU", UINT64_C(3612345678), OD__PHONE_OK},
        {"0412 345 678", "AU", UINT64_C(61412345678), OD__PHONE_OK},
        {"9876543210", "IN", UINT64_C(919876543210), OD__PHONE_OK},
        {"9198765432", "IN", UINT64_C(919198765432), OD__PHONE_OK},
        {"07 12 34 56 78", "CI", UINT64_C(2250712345678), OD__PHONE_OK},
        {"+683 4000", "US", UINT64_C(6834000), OD__PHONE_OK},
        {"+1 876 555 0123", "GB", UINT64_C(18765550123), OD__PHONE_OK},
        {"612 345 678", "ES", UINT64_C(34612345678), OD__PHONE_OK},
    };
    check_cases(cases, OD__LEN(cases));
}

static void test_phone_names_each_error(void **state)
{
    (void)state;
    static const phone_case cases[] = {
        {"", "US", 0, OD__PHONE_EMPTY},
        {"   ", "US", 0, OD__PHONE_EMPTY},
        {"+", "US", 0, OD__PHONE_EMPTY},
        {"()-", "US", 0, OD__PHONE_EMPTY},
        {"tel:", "US", 0, OD__PHONE_EMPTY},
        {"n/a", "US", 0, OD__PHONE_LETTERS},
        {"850-555-CALL", "US", 0, OD__PHONE_LETTERS},
        {"x12", "US", 0, OD__PHONE_LETTERS},
        {"850 555 0123 x", "US", 0, OD__PHONE_LETTERS},
        {"850 555 0123 or", "US", 0, OD__PHONE_LETTERS},
        {"8.50556E+09", "US", 0, OD__PHONE_LETTERS},
        {"850-555-0123x12", "US", 0, OD__PHONE_EXTENSION},
        {"850-555-0123 X 12", "US", 0, OD__PHONE_EXTENSION},
        {"850-555-0123 ext. 12", "US", 0, OD__PHONE_EXTENSION},
        {"850-555-0123 Ext:12", "US", 0, OD__PHONE_EXTENSION},
        {"850-555-0123 extn 12", "US", 0, OD__PHONE_EXTENSION},
        {"850-555-0123 extension 12", "US", 0, OD__PHONE_EXTENSION},
        {"850-555-0123 #12", "US", 0, OD__PHONE_EXTENSION},
        {"tel:+1-850-555-0123;ext=12", "US", 0, OD__PHONE_EXTENSION},
        {"850-555-0123;12", "US", 0, OD__PHONE_CHARACTER},
        {"850-555-0123, 850-555-0124", "US", 0, OD__PHONE_CHARACTER},
        {"850-555-0123 / 850-555-0124", "US", 0, OD__PHONE_LONG},
        {"850+5550123", "US", 0, OD__PHONE_CHARACTER},
        {"++18505550123", "US", 0, OD__PHONE_CHARACTER},
        {"850*5550123", "US", 0, OD__PHONE_CHARACTER},
        {"850555\xff"
         "0123",
         "US", 0, OD__PHONE_CHARACTER},
        {"850555\xe2\x80", "US", 0, OD__PHONE_CHARACTER},
        {"555-0123", "US", 0, OD__PHONE_SHORT},
        {"911", "US", 0, OD__PHONE_SHORT},
        {"+1850555012", "US", 0, OD__PHONE_SHORT},
        {"850555012345", "US", 0, OD__PHONE_LONG},
        {"+185055501234", "US", 0, OD__PHONE_LONG},
        {"12345678901234567890123456789012345678901234567890", "US", 0,
         OD__PHONE_LONG},
        {"+1234567890123456", "US", 0, OD__PHONE_LONG},
        {"+999 1234 5678", "US", 0, OD__PHONE_COUNTRY},
        {"+0 1234 5678", "US", 0, OD__PHONE_COUNTRY},
        {"8505550123", NULL, 0, OD__PHONE_COUNTRY},
        {"8505550123", "", 0, OD__PHONE_COUNTRY},
        {"8505550123", "ZZ", 0, OD__PHONE_COUNTRY},
        {"8505550123", "USA", 0, OD__PHONE_COUNTRY},
        {"+44 00 0000 0000", "US", 0, OD__PHONE_SHORT},
    };
    check_cases(cases, OD__LEN(cases));
}

static void test_phone_judges_north_american_numbers(void **state)
{
    (void)state;
    static const phone_case cases[] = {
        {"850-155-0123", "US", 0, OD__PHONE_EXCHANGE},
        {"850-055-0123", "US", 0, OD__PHONE_EXCHANGE},
        {"850-911-0123", "US", 0, OD__PHONE_EXCHANGE},
        {"850-211-0123", "US", 0, OD__PHONE_EXCHANGE},
        {"191-555-0123", "US", UINT64_C(11915550123), OD__PHONE_AREA},
        {"291-555-0123", "US", UINT64_C(12915550123), OD__PHONE_AREA},
        {"555-555-0123", "US", UINT64_C(15555550123), OD__PHONE_AREA},
        {"565-555-0123", "US", UINT64_C(15655550123), OD__PHONE_AREA},
        {"411-555-0123", "US", UINT64_C(14115550123), OD__PHONE_AREA},
        {"800-555-0123", "US", UINT64_C(18005550123), OD__PHONE_SERVICE},
        {"1-833-555-0123", "US", UINT64_C(18335550123), OD__PHONE_SERVICE},
        {"900-555-0123", "US", UINT64_C(19005550123), OD__PHONE_SERVICE},
        {"533-555-0123", "US", UINT64_C(15335550123), OD__PHONE_SERVICE},
        {"600-555-0123", "CA", UINT64_C(16005550123), OD__PHONE_SERVICE},
        {"212-976-0123", "US", UINT64_C(12129760123), OD__PHONE_SERVICE},
        {"212-555-1212", "US", UINT64_C(12125551212), OD__PHONE_SERVICE},
        {"+44 800 123 4567", "US", UINT64_C(448001234567), OD__PHONE_SERVICE},
        {"+800 1234 5678", "US", UINT64_C(80012345678), OD__PHONE_SERVICE},
        {"+881 6 1234 5678", "US", UINT64_C(881612345678), OD__PHONE_SERVICE},
        /* codes that old tables call invalid */
        {"436-555-0123", "US", UINT64_C(14365550123), OD__PHONE_OK},
        {"679-555-0123", "US", UINT64_C(16795550123), OD__PHONE_OK},
        {"861-555-0123", "US", UINT64_C(18615550123), OD__PHONE_OK},
        {"465-555-0123", "US", UINT64_C(14655550123), OD__PHONE_OK},
    };
    check_cases(cases, OD__LEN(cases));
}

static void test_phone_text_is_e164(void **state)
{
    (void)state;
    char text[OD_PHONE_MAX + 1];
    od__phone_text(FL, text);
    assert_string_equal(text, "+18505550123");
    od__phone_text(UINT64_C(999999999999999), text);
    assert_string_equal(text, "+999999999999999");
    od__phone_text(0, text);
    assert_string_equal(text, "+0");
}

static void test_phone_errors_have_texts(void **state)
{
    (void)state;
    for (int err = OD__PHONE_OK; err <= OD__PHONE_CHARACTER; err++) {
        assert_true(strlen(od__phone_err_text((od__phone_err)err)) > 5);
    }
}

/* Any bytes: no crash, and what is accepted reads back as itself. */
static void test_phone_survives_mutations(void **state)
{
    (void)state;
    static const char *const seeds[] = {
        "+1 (850) 555-0123", "tel:+44-20-7946-0958;ext=7",
        "\xef\xbc\x8b\xef\xbc\x91 850 555 0123", "8 (495) 123-45-67",
        "011 44 20 7946 0958 extension 4"};
    static const char *const countries[] = {"US", "GB", "DE", "RU",
                                            "IT", "HU", "MH", NULL};
    od__rand rand = {od_test_seed(7)};
    for (int round = 0; round < 200000; round++) {
        char text[64];
        od__text_copy(text, sizeof text,
                      seeds[od__rand_below(&rand, OD__LEN(seeds))]);
        size_t len = strlen(text);
        size_t changes = 1 + od__rand_below(&rand, 6);
        for (size_t i = 0; i < changes; i++) {
            char c = (char)(od__rand_below(&rand, 2) == 0
                                ? '0' + od__rand_below(&rand, 10)
                                : od__rand_below(&rand, 256));
            text[od__rand_below(&rand, len)] = c;
        }
        uint64_t phone = 0;
        const char *country = countries[od__rand_below(&rand, 8)];
        char exact[64]; /* so that a sanitizer sees reads beyond the NUL */
        char *copy = malloc(strlen(text) + 1);
        assert_non_null(copy);
        memcpy(copy, text, strlen(text) + 1);
        od__phone_err err = od__phone_parse(copy, country, &phone);
        free(copy);
        if (err == OD__PHONE_OK) {
            uint64_t again = 0;
            od__phone_text(phone, exact);
            assert_int_equal(od__phone_parse(exact, NULL, &again),
                             OD__PHONE_OK);
            assert_true(again == phone);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phone_reads_usual_formats),
        cmocka_unit_test(test_phone_reads_other_countries),
        cmocka_unit_test(test_phone_names_each_error),
        cmocka_unit_test(test_phone_judges_north_american_numbers),
        cmocka_unit_test(test_phone_text_is_e164),
        cmocka_unit_test(test_phone_errors_have_texts),
        cmocka_unit_test(test_phone_survives_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
