/*
 * test_text.c - UTF-8, cutting, comparing, JSON.
 */
#include "support/test.h"

#include "base/base.h"

static void test_text_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        {"", true},
        {"plain", true},
        {"\xc2\x80 \xdf\xbf", true},
        {"\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf", true},
        {"\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf", true},
        {"\x80", false}, /* continuation alone */
        {"\xc3", false}, /* cut */
        {"\xe2\x82", false},
        {"\xf0\x9f\x98", false},
        {"\xc0\xaf", false}, /* overlong */
        {"\xc1\xbf", false},
        {"\xe0\x9f\xbf", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xed\xa0\x80", false},     /* surrogate */
        {"\xf4\x90\x80\x80", false}, /* beyond U+10FFFF */
        {"\xf5\x80\x80\x80", false},
        {"\xff", false},
        {"\xe2\x28\xa1", false},
        {"caf\xe9", false}, /* Latin-1 */
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        assert_int_equal(
            od__utf8_is_valid(cases[i].text, strlen(cases[i].text)),
            cases[i].valid);
    }
    assert_false(od__utf8_is_valid("a\0b", 3));
}

static void test_text_copy_cuts_between_characters(void **state)
{
    (void)state;
    char out[6];
    od__text_copy(out, sizeof out, "hello");
    assert_string_equal(out, "hello");
    od__text_copy(out, sizeof out, "hello!");
    assert_string_equal(out, "hello");
    od__text_copy(out, sizeof out, "hell\xc3\xa9");
    assert_string_equal(out, "hell");
    od__text_copy(out, sizeof out, "he\xf0\x9f\x98\x80");
    assert_string_equal(out, "he");
    od__text_copy(out, sizeof out, "h\xf0\x9f\x98\x80");
    assert_string_equal(out, "h\xf0\x9f\x98\x80");
    od__text_copy(out, sizeof out, "h\xf0\x9f\x98\x80x");
    assert_string_equal(out, "h\xf0\x9f\x98\x80");
    od__text_copy(out, sizeof out, NULL);
    assert_string_equal(out, "");
    od__text_copy(out, 1, "x");
    assert_string_equal(out, "");
    od__text_copy(out, sizeof out, "\x80\x80\x80\x80\x80\x80\x80");
    assert_true(strlen(out) < sizeof out);
}

static void test_text_equal_nocase(void **state)
{
    (void)state;
    assert_true(od__text_equal_nocase("First_Name", "fIRST_nAME"));
    assert_true(od__text_equal_nocase("", ""));
    assert_false(od__text_equal_nocase("a", ""));
    assert_false(od__text_equal_nocase("a", "ab"));
    assert_false(od__text_equal_nocase("@", "`")); /* differ in that bit */
    assert_false(od__text_equal_nocase("[", "{"));
}

static void test_text_writer_says_when_it_is_full(void **state)
{
    (void)state;
    char out[8];
    od__writer writer;
    od__writer_init(&writer, out, sizeof out);
    assert_string_equal(out, "");
    od__write(&writer, "%d-%s", 12, "ab");
    od__write(&writer, "%s", "cd");
    assert_false(writer.full);
    assert_string_equal(out, "12-abcd");
    assert_int_equal(writer.len, 7);
    od__write(&writer, "%s", "");
    assert_false(writer.full);
    od__write(&writer, "%s", "e");
    assert_true(writer.full);
    assert_string_equal(out, "12-abcd");
    od__writer_init(&writer, out, 4);
    od__write(&writer, "abcdef");
    assert_true(writer.full);
    assert_string_equal(out, "abc");
    od__write(&writer, "%s", ""); /* nothing follows a cut */
    od__write_json(&writer, "x");
    assert_string_equal(out, "abc");
}

static void check_json(const char *text, const char *expected)
{
    char out[256];
    od__writer writer;
    od__writer_init(&writer, out, sizeof out);
    od__write_json(&writer, text);
    assert_false(writer.full);
    assert_string_equal(out, expected);
    assert_int_equal(writer.len, strlen(expected));
}

/* Whatever takes a conversion over, the text is that of printf. */
static void test_text_writer_writes_as_printf(void **state)
{
    (void)state;
    static const long long numbers[] = {
        0, 9, -1, 10, INT64_MAX, INT64_MIN, INT32_MAX, -987654321};
    char out[128];
    char expected[128];
    od__writer writer;
    for (size_t i = 0; i < OD__LEN(numbers); i++) {
        long long n = numbers[i];
        od__writer_init(&writer, out, sizeof out);
        od__write(&writer, "%lld,%d:%s", n, (int)n, "a");
        od__write(&writer, "%s%%%d %.2s %u %lld", "b", (int)n, "cde",
                  (unsigned)n, n);
        (void)snprintf(expected, sizeof expected, "%lld,%d:ab%%%d cd %u %lld",
                       n, (int)n, (int)n, (unsigned)n, n);
        assert_string_equal(out, expected);
        assert_int_equal(writer.len, strlen(expected));
        assert_false(writer.full);
    }
}

static void test_text_writer_cuts_at_any_length(void **state)
{
    (void)state;
    static const char whole[] = "ab-12 1234567890123 7";
    for (size_t size = 1; size <= sizeof whole; size++) {
        char out[sizeof whole];
        od__writer writer;
        od__writer_init(&writer, out, size);
        od__write(&writer, "%s%d %lld %u", "ab", -12, 1234567890123LL, 7U);
        assert_int_equal(writer.full, size < sizeof whole);
        assert_int_equal(writer.len, size - 1);
        assert_memory_equal(out, whole, size - 1);
        assert_int_equal(out[size - 1], '\0');
    }
}

static void test_text_json_escapes(void **state)
{
    (void)state;
    check_json(NULL, "\"\"");
    check_json("", "\"\"");
    check_json("plain", "\"plain\"");
    check_json("a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
    check_json("\n\r\t\x01\x1f\x7f", "\"\\n\\r\\t\\u0001\\u001f\\u007f\"");
    check_json("caf\xc3\xa9 \xf0\x9f\x98\x80",
               "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"");
    check_json("caf\xe9!", "\"caf\\ufffd!\"");
    check_json("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
}

static void test_text_json_cut_at_any_length(void **state)
{
    (void)state;
    for (size_t size = 1; size < 40; size++) {
        char out[40];
        od__writer writer;
        od__writer_init(&writer, out, size);
        od__write_json(&writer, "a\x01\"\xc3\xa9 some more text\xff");
        assert_true(strlen(out) < size);
        assert_int_equal(writer.len, strlen(out));
        assert_int_equal(writer.full, size < 35);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_utf8),
        cmocka_unit_test(test_text_copy_cuts_between_characters),
        cmocka_unit_test(test_text_equal_nocase),
        cmocka_unit_test(test_text_writer_says_when_it_is_full),
        cmocka_unit_test(test_text_writer_writes_as_printf),
        cmocka_unit_test(test_text_writer_cuts_at_any_length),
        cmocka_unit_test(test_text_json_escapes),
        cmocka_unit_test(test_text_json_cut_at_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
