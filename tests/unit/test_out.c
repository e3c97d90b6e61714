/*
 * test_out.c - where a file appears, and that it does not appear when
 * something went wrong.
 */
#include "support/test.h"

#include "base/base.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;
static char path[600];

static int setup(void **state)
{
    (void)state;
    folder = od_test_folder();
    (void)snprintf(path, sizeof path, "%s/out.txt", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    od_test_folder_remove(folder);
    return 0;
}

static void expect_file(const char *expected, size_t expected_len)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(od__file_read(path, 1 << 24, &bytes, &len, NULL), OD_OK);
    assert_int_equal(len, expected_len);
    assert_memory_equal(bytes, expected, len);
    free(bytes);
}

static size_t count_files(void)
{
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    size_t count = 0;
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        count += e->d_name[0] != '.';
    }
    (void)closedir(dir);
    return count;
}

static od__out *created(void)
{
    od__out *out = NULL;
    assert_int_equal(od__out_create(&out, path, NULL), OD_OK);
    return out;
}

static void test_out_appears_when_done(void **state)
{
    (void)state;
    od__out *out = created();
    od__out_put(out, "a\0b", 3);
    od__out_text(out, "c\n");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(count_files(), 1);
    assert_int_equal(od__out_done(out, NULL), OD_OK);
    assert_int_equal(count_files(), 1);
    expect_file("a\0bc\n", 5);
}

static void test_out_empty(void **state)
{
    (void)state;
    assert_int_equal(od__out_done(created(), NULL), OD_OK);
    expect_file("", 0);
}

static void test_out_discard_keeps_the_old_file(void **state)
{
    (void)state;
    od__out *out = created();
    od__out_text(out, "old");
    assert_int_equal(od__out_done(out, NULL), OD_OK);
    out = created();
    od__out *other = created();
    od__out_text(out, "new");
    assert_int_equal(count_files(), 3);
    od__out_discard(out);
    od__out_discard(other);
    od__out_discard(NULL);
    assert_int_equal(count_files(), 1);
    expect_file("old", 3);
}

static void test_out_fills_what_was_skipped(void **state)
{
    (void)state;
    od__out *out = created();
    od__out_text(out, "<");
    od__out_skip(out, 5);
    od__out_text(out, ">");
    od__out_fill(out, 4, "45", 2);
    od__out_fill(out, 1, "123", 3);
    assert_int_equal(od__out_done(out, NULL), OD_OK);
    expect_file("<12345>", 7);
}

/* Over several buffers, in pieces that do not divide them. */
static void test_out_long(void **state)
{
    (void)state;
    size_t len = 300007;
    char *text = malloc(len);
    assert_non_null(text);
    for (size_t i = 0; i < len; i++) {
        text[i] = (char)('a' + i % 23);
    }
    od__out *out = created();
    for (size_t at = 0; at < len;) {
        size_t part = at % 7919 + 1 < len - at ? at % 7919 + 1 : len - at;
        od__out_put(out, text + at, part);
        at += part;
    }
    assert_int_equal(od__out_done(out, NULL), OD_OK);
    expect_file(text, len);
    free(text);
}

static void test_out_refuses_places(void **state)
{
    (void)state;
    od__out *out = NULL;
    od_errmsg errmsg;
    assert_int_equal(od__out_create(&out, folder, &errmsg), OD_ERR_INVALID);
    assert_int_equal(od__out_create(&out, "/dev/null", &errmsg),
                     OD_ERR_INVALID);
    (void)snprintf(path, sizeof path, "%s/absent/out.txt", folder);
    assert_int_equal(od__out_create(&out, path, &errmsg), OD_ERR_IO);
    assert_non_null(strstr(errmsg.text, path));
    assert_null(out);
}

static void test_out_rename_fails(void **state)
{
    (void)state;
    od__out *out = created();
    od__out_text(out, "x");
    assert_int_equal(mkdir(path, 0700), 0); /* in its way */
    od_errmsg errmsg;
    assert_int_equal(od__out_done(out, &errmsg), OD_ERR_IO);
    assert_non_null(strstr(errmsg.text, path));
    assert_int_equal(count_files(), 1);
}

/* A write fails in between: it is told at the end, and the old file stays. */
static void test_out_write_fails(void **state)
{
    (void)state;
    static char block[1 << 16];
    od__out *out = created();
    od__out_text(out, "old");
    assert_int_equal(od__out_done(out, NULL), OD_OK);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {100000, before.rlim_max};
    void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    out = created();
    for (int i = 0; i < 8; i++) {
        od__out_put(out, block, sizeof block);
    }
    od_errmsg errmsg;
    od_err err = od__out_done(out, &errmsg);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, old);
    assert_int_equal(err, OD_ERR_IO);
    assert_non_null(strstr(errmsg.text, path));
    assert_int_equal(count_files(), 1);
    expect_file("old", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_out_appears_when_done, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_out_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_out_discard_keeps_the_old_file,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_out_fills_what_was_skipped, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_out_long, setup, teardown),
        cmocka_unit_test_setup_teardown(test_out_refuses_places, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_out_rename_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(test_out_write_fails, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
