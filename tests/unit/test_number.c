/*
 * test_number.c - phone numbers as URIs have them.
 */
#include "support/test.h"

#include "transport/sip/message_parts.h"

static uint64_t read_user(const char *text)
{
    return od__number_read(text, strlen(text));
}

static uint64_t find(const char *text)
{
    return od__number_find(text, strlen(text));
}

static void test_number_write(void **state)
{
    (void)state;
    char text[24];
    od__number_write(text, sizeof text, 13105550100);
    assert_string_equal(text, "+13105550100");
    od__number_write(text, sizeof text, 1000000);
    assert_string_equal(text, "+1000000");
    od__number_write(text, sizeof text, 999999);
    assert_string_equal(text, "999999");
}

static void test_number_read(void **state)
{
    (void)state;
    assert_int_equal(read_user("+13105550100"), 13105550100);
    assert_int_equal(read_user("13105550100"), 13105550100);
    assert_int_equal(read_user("%2B13105550100"), 13105550100);
    assert_int_equal(read_user("+1-310.555(0100)"), 13105550100);
    assert_int_equal(read_user("+1310;phone-context=x"), 1310);
    assert_int_equal(read_user("999999999999999"), 999999999999999);
    assert_int_equal(read_user("246"), 246);
    static const char *const none[] = {
        "",    "+",     "12",           "0123", "+0123", "anonymous",
        "12a", "1 310", "++1310555010", "%2b",  "-",     "1310555010012345",
        "%"};
    for (size_t i = 0; i < OD__LEN(none); i++) {
        if (read_user(none[i]) != 0) {
            fail_msg("%s is a number", none[i]);
        }
    }
    assert_int_equal(od__number_read("1310\0"
                                     "55",
                                     7),
                     0);
}

static void test_number_find(void **state)
{
    (void)state;
    assert_int_equal(find("<sip:+13105550100@host>"), 13105550100);
    assert_int_equal(find("sip:+13105550100@host"), 13105550100);
    assert_int_equal(find("Alice <sips:+13105550100@host;x=y>"), 13105550100);
    assert_int_equal(find("\"<sip:+999@x>\" <tel:+13105550100>"), 13105550100);
    assert_int_equal(find("<TEL:24680;phone-context=+1>"), 24680);
    assert_int_equal(find(""), 0);
    assert_int_equal(find("\""), 0);
    assert_int_equal(find("\"<sip:+13105550100@host>"), 0);
    assert_int_equal(find("<"), 0);
    assert_int_equal(find("<sip:"), 0);
    assert_int_equal(find("<sip:alice@host>"), 0);
    assert_int_equal(find("<mailto:13105550100@host>"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number_write),
        cmocka_unit_test(test_number_read),
        cmocka_unit_test(test_number_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
