/*
 * test_csv_out.c - rows as they stand in the file.
 */
#include "support/test.h"

#include "base/base.h"

#include <sys/stat.h>
#include <unistd.h>

static char *folder;
static char path[600];

static int setup(void **state)
{
    (void)state;
    folder = od_test_folder();
    (void)snprintf(path, sizeof path, "%s/out.csv", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    od_test_folder_remove(folder);
    return 0;
}

static void expect_file(const char *expected)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(od__file_read(path, 1 << 24, &bytes, &len, NULL), OD_OK);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(bytes, expected, len);
    free(bytes);
}

static void test_csv_out_quotes_what_needs_it(void **state)
{
    (void)state;
    od__csv_out *csv = NULL;
    assert_int_equal(od__csv_create(&csv, path, NULL), OD_OK);
    od__csv_cell(csv, "plain", false);
    od__csv_cell(csv, "a,b", false);
    od__csv_cell(csv, "say \"hi\"", false);
    od__csv_cell(csv, "two\nlines", false);
    od__csv_cell(csv, " spaces ", false);
    od__csv_cell(csv, "", false);
    od__csv_cell(csv, NULL, false);
    od__csv_number(csv, INT64_MIN);
    od__csv_end_row(csv);
    od__csv_cell(csv, "", false);
    od__csv_end_row(csv);
    od__csv_number(csv, 0);
    od__csv_end_row(csv);
    assert_int_equal(od__csv_done(csv, NULL), OD_OK);
    expect_file("plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\" spaces \","
                ",,-9223372036854775808\n\"\"\n0\n");
}

static void test_csv_out_guards_formulas(void **state)
{
    (void)state;
    od__csv_out *csv = NULL;
    assert_int_equal(od__csv_create(&csv, path, NULL), OD_OK);
    static const char *const cells[] = {
        "=1+1", "+1", "-1", "@x", "\t=", "'=1", "''=1", "'plain", "x=1", "'"};
    for (size_t i = 0; i < OD__LEN(cells); i++) {
        od__csv_cell(csv, cells[i], true);
    }
    od__csv_end_row(csv);
    od__csv_cell(csv, "=1+1", false);
    od__csv_end_row(csv);
    assert_int_equal(od__csv_done(csv, NULL), OD_OK);
    expect_file("'=1+1,'+1,'-1,'@x,\"'\t=\",''=1,'''=1,'plain,x=1,'\n=1+1\n");
}

static void test_csv_out_unguard_is_the_reverse(void **state)
{
    (void)state;
    assert_string_equal(od__csv_unguard("'=1"), "=1");
    assert_string_equal(od__csv_unguard("''=1"), "'=1");
    assert_string_equal(od__csv_unguard("'''-"), "''-");
    assert_string_equal(od__csv_unguard("'plain"), "'plain");
    assert_string_equal(od__csv_unguard("=1"), "=1");
    assert_string_equal(od__csv_unguard("'"), "'");
    assert_string_equal(od__csv_unguard(""), "");
}

/* What test_out.c shows of all files. */
static void test_csv_out_appears_when_done(void **state)
{
    (void)state;
    od__csv_out *csv = NULL;
    assert_int_equal(od__csv_create(&csv, path, NULL), OD_OK);
    od__csv_cell(csv, "x", false);
    od__csv_end_row(csv);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(od__csv_done(csv, NULL), OD_OK);
    expect_file("x\n");
    assert_int_equal(od__csv_create(&csv, path, NULL), OD_OK);
    od__csv_cell(csv, "new", false);
    od__csv_discard(csv);
    od__csv_discard(NULL);
    expect_file("x\n");
}

static void test_csv_out_tells_what_failed(void **state)
{
    (void)state;
    od__csv_out *csv = NULL;
    od_errmsg errmsg;
    assert_int_equal(od__csv_create(&csv, folder, &errmsg), OD_ERR_INVALID);
    assert_non_null(strstr(errmsg.text, folder));
    assert_null(csv);
    assert_int_equal(od__csv_create(&csv, path, NULL), OD_OK);
    od__csv_cell(csv, "x", false);
    assert_int_equal(mkdir(path, 0700), 0); /* in its way */
    assert_int_equal(od__csv_done(csv, &errmsg), OD_ERR_IO);
    assert_non_null(strstr(errmsg.text, path));
}

static void test_csv_out_long_rows(void **state)
{
    (void)state;
    size_t len = 200000;
    char *text = malloc(len + 2);
    assert_non_null(text);
    memset(text, 'x', len);
    text[len] = '\0';
    od__csv_out *csv = NULL;
    assert_int_equal(od__csv_create(&csv, path, NULL), OD_OK);
    od__csv_cell(csv, text, false);
    od__csv_end_row(csv);
    assert_int_equal(od__csv_done(csv, NULL), OD_OK);
    memcpy(text + len, "\n", 2);
    expect_file(text);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_csv_out_quotes_what_needs_it,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_csv_out_guards_formulas, setup,
                                        teardown),
        cmocka_unit_test(test_csv_out_unguard_is_the_reverse),
        cmocka_unit_test_setup_teardown(test_csv_out_appears_when_done, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_csv_out_tells_what_failed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_csv_out_long_rows, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
