/*
 * test_err.c - texts of failures, names of errors, structs of two versions.
 */
#include "support/test.h"

#include "base/base.h"

typedef struct options {
    size_t size;
    int32_t first;
    int32_t second;
} options;

/* The same struct as a later version has it. */
typedef struct options_later {
    size_t size;
    int32_t first;
    int32_t second;
    int64_t third;
} options_later;

static void test_err_names(void **state)
{
    (void)state;
    assert_string_equal(od_err_name(OD_OK), "OD_OK");
    assert_string_equal(od_err_name(OD_ERR_FORMAT), "OD_ERR_FORMAT");
    assert_string_equal(od_err_name((od_err)-999), "OD_ERR_?");
    assert_string_equal(od_err_name((od_err)1), "OD_ERR_?");
    for (int err = -1; err >= OD_ERR_FORMAT; err--) {
        assert_string_not_equal(od_err_name((od_err)err), "OD_ERR_?");
    }
}

static void test_err_version_is_that_of_the_headers(void **state)
{
    (void)state;
    char expected[32];
    (void)snprintf(expected, sizeof expected, "%d.%d.%d", OD_VERSION_MAJOR,
                   OD_VERSION_MINOR, OD_VERSION_PATCH);
    assert_string_equal(od_version(), expected);
}

static void test_err_fail_writes_text(void **state)
{
    (void)state;
    od_errmsg errmsg;
    assert_int_equal(od__fail(&errmsg, OD_ERR_LIMIT, "%d of %s", 7, "x"),
                     OD_ERR_LIMIT);
    assert_string_equal(errmsg.text, "7 of x");
    assert_int_equal(od__fail(NULL, OD_ERR_IO, "nobody hears"), OD_ERR_IO);
}

static void test_err_fail_may_quote_its_own_text(void **state)
{
    (void)state;
    od_errmsg errmsg;
    (void)od__fail(&errmsg, OD_ERR_IO, "inner");
    (void)od__fail(&errmsg, OD_ERR_IO, "outer: %s", errmsg.text);
    assert_string_equal(errmsg.text, "outer: inner");
}

static void test_err_fail_keeps_one_printable_line(void **state)
{
    (void)state;
    od_errmsg errmsg;
    (void)od__fail(&errmsg, OD_ERR_IO, "name %s", "a\r\nb\x1b[2J\x7f\xc3\xa9");
    assert_string_equal(errmsg.text, "name a??b?[2J?\xc3\xa9");
}

static void test_err_fail_cuts_between_characters(void **state)
{
    (void)state;
    od_errmsg errmsg;
    char text[700];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text + 510, "\xc3\xa9", 2); /* over the last byte that fits */
    (void)od__fail(&errmsg, OD_ERR_IO, "%s", text);
    assert_int_equal(strlen(errmsg.text), 510);
    assert_true(od__utf8_is_valid(errmsg.text, 510));
}

static void test_err_fail_is_utf8_whatever_goes_in(void **state)
{
    (void)state;
    od_errmsg errmsg;
    (void)od__fail(&errmsg, OD_ERR_IO, "\"%.4s\" is bad",
                   "\xe2\x82\xac\xe2\x82\xac");
    assert_string_equal(errmsg.text, "\"\xe2\x82\xac?\" is bad");
    (void)od__fail(&errmsg, OD_ERR_IO, "%s", "caf\xc3");
    assert_string_equal(errmsg.text, "caf?");
    (void)od__fail(&errmsg, OD_ERR_IO, "\xff%s\x80", "\xed\xa0\x80");
    assert_string_equal(errmsg.text, "?????");
    (void)od__fail(&errmsg, OD_ERR_IO, "%s", "\xf0\x9f\x98\x80 \xc3\xa9");
    assert_string_equal(errmsg.text, "\xf0\x9f\x98\x80 \xc3\xa9");
}

static void test_err_sized_copy_fills_a_shorter_one(void **state)
{
    (void)state;
    options src = {.size = sizeof src, .first = 1, .second = 2};
    options_later dst;
    memset(&dst, 0xff, sizeof dst);
    assert_int_equal(
        od__sized_copy(&dst, sizeof dst, &src, sizeof src, "o", NULL), OD_OK);
    assert_int_equal(dst.size, sizeof dst);
    assert_int_equal(dst.first, 1);
    assert_int_equal(dst.second, 2);
    assert_int_equal(dst.third, 0);
}

static void test_err_sized_copy_takes_a_longer_one_with_zero_tail(void **state)
{
    (void)state;
    options_later src = {.size = sizeof src, .first = 1};
    options dst = {.second = 9};
    assert_int_equal(
        od__sized_copy(&dst, sizeof dst, &src, sizeof dst, "o", NULL), OD_OK);
    assert_int_equal(dst.size, sizeof dst);
    assert_int_equal(dst.first, 1);
    assert_int_equal(dst.second, 0);
}

static void test_err_sized_copy_refuses_unknown_fields(void **state)
{
    (void)state;
    options_later src = {.size = sizeof src, .third = 1};
    options dst = {.second = 9};
    od_errmsg errmsg;
    assert_int_equal(od__sized_copy(&dst, sizeof dst, &src, sizeof dst,
                                    "od_options", &errmsg),
                     OD_ERR_VERSION);
    assert_non_null(strstr(errmsg.text, "od_options"));
    assert_int_equal(dst.second, 9);
}

static void test_err_sized_copy_refuses_garbage_sizes(void **state)
{
    (void)state;
    options src = {.size = 0};
    options dst;
    assert_int_equal(
        od__sized_copy(&dst, sizeof dst, &src, sizeof dst, "o", NULL),
        OD_ERR_INVALID);
    src.size = sizeof src - 1;
    assert_int_equal(
        od__sized_copy(&dst, sizeof dst, &src, sizeof dst, "o", NULL),
        OD_ERR_INVALID);
    /* Not read that far: the address sanitizer would see it. */
    src.size = SIZE_MAX;
    assert_int_equal(
        od__sized_copy(&dst, sizeof dst, &src, sizeof dst, "o", NULL),
        OD_ERR_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err_names),
        cmocka_unit_test(test_err_version_is_that_of_the_headers),
        cmocka_unit_test(test_err_fail_writes_text),
        cmocka_unit_test(test_err_fail_may_quote_its_own_text),
        cmocka_unit_test(test_err_fail_keeps_one_printable_line),
        cmocka_unit_test(test_err_fail_cuts_between_characters),
        cmocka_unit_test(test_err_fail_is_utf8_whatever_goes_in),
        cmocka_unit_test(test_err_sized_copy_fills_a_shorter_one),
        cmocka_unit_test(test_err_sized_copy_takes_a_longer_one_with_zero_tail),
        cmocka_unit_test(test_err_sized_copy_refuses_unknown_fields),
        cmocka_unit_test(test_err_sized_copy_refuses_garbage_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
