/*
 * test_sqlite_full.c - a file that reached its limit, or a disk that is full:
 * a slot says so, leaves no trace, and all that was stored is there.
 */
#include "support/sqlite_kit.h"

#include <sched.h>
#include <sys/mount.h>

#define OPS (&od__sqlite_ops)

static void expect_counts(const kit *k, int64_t members)
{
    assert_int_equal(kit_number(k, "SELECT count(*) FROM member"), members);
    assert_int_equal(kit_number(k, "SELECT count(*) FROM contact"), members);
    assert_int_equal(kit_number(k, "SELECT members FROM contact_group"),
                     members);
}

static void test_file_at_its_limit(void **state)
{
    (void)state;
    const od__sqlite_hooks small = {.pages_max = 150};
    kit k = kit_new();
    kit_open_with(&k, &small);
    od_id group = kit_group(&k, "people");
    int64_t members = 0;
    od_err err = OD_OK;
    while (err == OD_OK) {
        err = kit_put(&k, group, 1, (uint64_t)members, 500);
        members += err == OD_OK ? 500 : 0;
        assert_true(members < 100000);
    }
    assert_int_equal(err, OD_ERR_FULL);
    assert_non_null(strstr(OPS->errmsg(k.s), "disk is full"));
    expect_counts(&k, members);
    /* What is stored can be read, and written again when there is room. */
    od_contact_record last;
    kit_ok(&k, OPS->contact_get(k.s, members, &last));
    assert_int_equal(last.phone, KIT_PHONE + (uint64_t)members - 1);
    kit_close(&k);
    kit_open(&k);
    kit_ok(&k, kit_put(&k, group, 1, (uint64_t)members, 500));
    expect_counts(&k, members + 500);
    kit_free(&k);
}

/* In a child: a disk of 1 MB of its own. 77: may not mount here. */
static int fill_disk(void *ctx, int say, int wait)
{
    (void)say;
    (void)wait;
    kit k = *(const kit *)ctx;
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", k.folder, "tmpfs", 0, "size=1m") != 0) {
        return 77;
    }
    if (od__sqlite_open(&k.s, k.path, NULL, NULL) != OD_OK) {
        return 1;
    }
    od_id group = 0;
    if (OPS->group_put(k.s, 0, "people", &group) != OD_OK) {
        return 2;
    }
    int64_t members = 0;
    od_err err = OD_OK;
    while (err == OD_OK && members < 100000) {
        err = kit_put(&k, group, 1, (uint64_t)members, 500);
        members += err == OD_OK ? 500 : 0;
    }
    if (err != OD_ERR_FULL) {
        (void)fprintf(stderr, "%s: %s\n", od_err_name(err), OPS->errmsg(k.s));
        return 3;
    }
    od_group row = {0};
    size_t count = 0;
    if (OPS->group_scan(k.s, 0, &row, 1, &count) != OD_OK ||
        row.members != members) {
        return 4;
    }
    OPS->free(k.s);
    return 0;
}

static void test_disk_that_is_full(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_child child = kit_fork(fill_disk, &k);
    int status = kit_child_end(&child);
    kit_free(&k);
    if (status == 77) {
        print_message("no right to mount: not tested\n");
        skip();
    }
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_at_its_limit),
        cmocka_unit_test(test_disk_that_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
