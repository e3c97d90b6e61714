/*
 * test_file.c - a whole file, or a reason.
 */
#include "support/test.h"

#include "base/base.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[600];

static void write_file(const char *folder, const char *text)
{
    (void)snprintf(path, sizeof path, "%s/file", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static void test_file_reads_all(void **state)
{
    (void)state;
    char *folder = od_test_folder();
    uint8_t *bytes = NULL;
    size_t len = 0;
    write_file(folder, "some bytes");
    assert_int_equal(od__file_read(path, 10, &bytes, &len, NULL), OD_OK);
    assert_int_equal(len, 10);
    assert_memory_equal(bytes, "some bytes", 10);
    free(bytes);
    write_file(folder, "");
    assert_int_equal(od__file_read(path, 10, &bytes, &len, NULL), OD_OK);
    assert_int_equal(len, 0);
    assert_non_null(bytes);
    free(bytes);
    od_test_folder_remove(folder);
}

static void test_file_refuses(void **state)
{
    (void)state;
    char *folder = od_test_folder();
    uint8_t *bytes = NULL;
    size_t len = 77;
    od_errmsg errmsg;
    write_file(folder, "some bytes");
    assert_int_equal(od__file_read(path, 9, &bytes, &len, &errmsg),
                     OD_ERR_INVALID);
    assert_non_null(strstr(errmsg.text, path));
    assert_int_equal(od__file_read(folder, 9, &bytes, &len, &errmsg),
                     OD_ERR_INVALID);
    (void)snprintf(path, sizeof path, "%s/absent", folder);
    assert_int_equal(od__file_read(path, 9, &bytes, &len, &errmsg), OD_ERR_IO);
    (void)snprintf(path, sizeof path, "%s/pipe", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(od__file_read(path, 9, &bytes, &len, &errmsg),
                     OD_ERR_INVALID); /* and does not wait for a writer */
    assert_int_equal(od__file_read("/dev/zero", 9, &bytes, &len, &errmsg),
                     OD_ERR_INVALID);
    assert_null(bytes);
    assert_int_equal(len, 77);
    od_test_folder_remove(folder);
}

static void test_file_is_same_by_any_name(void **state)
{
    (void)state;
    char *folder = od_test_folder();
    char a[256];
    char b[256];
    (void)snprintf(a, sizeof a, "%s/a", folder);
    (void)snprintf(b, sizeof b, "%s/b", folder);
    assert_false(od__file_is_same(a, a)); /* not there */
    write_file(folder, "some bytes");
    (void)snprintf(a, sizeof a, "%s/file", folder);
    assert_true(od__file_is_same(a, a));
    assert_false(od__file_is_same(a, b));
    assert_int_equal(symlink(a, b), 0);
    assert_true(od__file_is_same(a, b));
    assert_false(od__file_is_same(a, folder));
    od_test_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_reads_all),
        cmocka_unit_test(test_file_refuses),
        cmocka_unit_test(test_file_is_same_by_any_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
