/*
 * test_registry_change.c - change lists: a new file out of an old one.
 */
#include "support/registry_kit.h"

#include <unistd.h>

static registry_kit kit;

static int setup(void **state)
{
    (void)state;
    registry_kit_begin(&kit);
    kit.options.out_path = kit.base;
    registry_kit_builds(&kit, "2125550100\n2125550101\n9075550100\n");
    kit.options.out_path = kit.out;
    kit.options.base_path = kit.base;
    kit.options.obtained_utc_ms = REGISTRY_KIT_OBTAINED + 86400000;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    registry_kit_end(&kit);
    return 0;
}

static bool has(const char *path, uint64_t phone)
{
    od__registry *registry = NULL;
    assert_int_equal(od__registry_open(&registry, path, NULL), OD_OK);
    bool found = od__registry_has(registry, phone);
    od__registry_free(registry);
    return found;
}

static bool covers(const char *path, uint64_t phone)
{
    od__registry *registry = NULL;
    assert_int_equal(od__registry_open(&registry, path, NULL), OD_OK);
    bool found = od__registry_covers(registry, phone);
    od__registry_free(registry);
    return found;
}

static void fails(const char *text, od_err err, const char *word)
{
    od_registry_info before = kit.info;
    size_t files = registry_kit_files(&kit);
    assert_int_equal(registry_kit_build(&kit, text), err);
    if (strstr(kit.errmsg.text, word) == NULL) {
        fail_msg("\"%s\" does not name %s", kit.errmsg.text, word);
    }
    assert_memory_equal(&before, &kit.info, sizeof before);
    assert_int_equal(access(kit.out, F_OK), -1);
    assert_int_equal(registry_kit_files(&kit), files);
}

static void test_registry_change_adds_and_deletes(void **state)
{
    (void)state;
    uint8_t base_sha256[32];
    memcpy(base_sha256, kit.info.sha256, 32);
    registry_kit_builds(&kit, "212,5550102,A,2026-11-20\n"
                              "2125550100,D,2026-11-20\n"
                              "+12125550101 , a\n"
                              "212,5550109,d\n"
                              "3125550100,D\n"
                              "2125550103,X\n"
                              "2125550103\n"
                              "212,5550104,A\n"
                              "212,5550104,D\n");
    assert_int_equal(kit.info.added, 2);
    assert_int_equal(kit.info.removed, 2);
    assert_int_equal(kit.info.present, 1);
    assert_int_equal(kit.info.absent, 2);
    assert_int_equal(kit.info.rejected, 2);
    assert_string_equal(kit.info.first_reject_why, "has no action A or D");
    assert_int_equal(kit.info.count, 3);
    assert_memory_equal(kit.info.base_sha256, base_sha256, 32);
    assert_int_equal(kit.info.obtained_utc_ms,
                     REGISTRY_KIT_OBTAINED + 86400000);
    assert_int_equal(od_registry_verify(kit.out, &kit.info, NULL), OD_OK);
    assert_true(has(kit.out, 12125550102));
    assert_true(has(kit.out, 12125550101));
    assert_true(has(kit.out, 19075550100));
    assert_false(has(kit.out, 12125550100));
    assert_false(has(kit.out, 12125550103));
    assert_false(has(kit.out, 12125550104));
    /* The base is what it was. */
    assert_true(has(kit.base, 12125550100));
    assert_int_equal(od_registry_verify(kit.base, &kit.info, NULL), OD_OK);
    assert_int_equal(kit.info.count, 3);
}

static void test_registry_change_columns(void **state)
{
    (void)state;
    kit.options.column_phone = 3;
    kit.options.column_action = 1;
    registry_kit_builds(&kit, "D,x,2125550100\nA,,312,5550100\n"
                              "A,y\n,y,2125550101\n");
    assert_int_equal(kit.info.removed, 1);
    assert_int_equal(kit.info.added, 1);
    assert_int_equal(kit.info.rejected, 2);
    kit.options.column_phone = 2;
    kit.options.column_action = 5;
    registry_kit_builds(&kit, "x,212,5550100,,D\nx,2125550101,,,D\n");
    assert_int_equal(kit.info.removed, 2);
    assert_int_equal(kit.info.count, 1);
}

static void test_registry_change_in_its_own_place(void **state)
{
    (void)state;
    od__registry *old = NULL;
    assert_int_equal(od__registry_open(&old, kit.base, NULL), OD_OK);
    kit.options.out_path = kit.base;
    registry_kit_builds(&kit, "2125550100,D\n");
    assert_true(od__registry_has(old, 12125550100));
    assert_true(od__registry_changed(old));
    assert_false(has(kit.base, 12125550100));
    od__registry_free(old);
}

/* A few additions are not the list of an area code. */
static void test_registry_change_does_not_widen(void **state)
{
    (void)state;
    registry_kit_builds(&kit, "3125550100,A\n9075550100,D\n");
    assert_int_equal(kit.info.areas, 2);
    assert_true(has(kit.out, 13125550100));
    assert_false(covers(kit.out, 13125550100));
    assert_true(covers(kit.out, 12125550100));
    assert_true(covers(kit.out, 19075550100)); /* empty, but known to be */
}

static void test_registry_change_another_area(void **state)
{
    (void)state;
    kit.options.column_action = OD_NONE;
    registry_kit_builds(&kit, "3125550100\n2125550100\n");
    assert_int_equal(kit.info.areas, 3);
    assert_int_equal(kit.info.present, 1);
    assert_int_equal(kit.info.count, 4);
    assert_true(covers(kit.out, 13125550100));
}

static void test_registry_change_keeps_whole_and_name(void **state)
{
    (void)state;
    kit.options.name = NULL;
    registry_kit_builds(&kit, "2125550100,D\n");
    assert_string_equal(kit.info.name, "us.test");
    assert_false(kit.info.whole);
    kit.options.whole = true;
    kit.options.out_path = kit.base;
    registry_kit_builds(&kit, "2125550100,D\n");
    kit.options.whole = false;
    kit.options.out_path = kit.out;
    registry_kit_builds(&kit, "");
    assert_true(kit.info.whole);
    assert_int_equal(kit.info.text_lines, 0);
    assert_int_equal(kit.info.count, 2);
}

static void test_registry_change_down_to_nothing(void **state)
{
    (void)state;
    registry_kit_builds(&kit, "2125550100,D\n2125550101,D\n9075550100,D\n");
    assert_int_equal(kit.info.count, 0);
    assert_int_equal(kit.info.areas, 2);
    assert_int_equal(kit.info.file_bytes, 512 + 6400);
    assert_int_equal(od_registry_verify(kit.out, &kit.info, NULL), OD_OK);
    assert_true(covers(kit.out, 12125550100));
    assert_false(has(kit.out, 12125550100));
}

/* Every kind of exchange comes through a base unchanged. */
static void test_registry_change_large_base(void **state)
{
    (void)state;
    od_registry_info before;
    char *text = malloc(400000);
    assert_non_null(text);
    size_t at = 0;
    for (int i = 0; i < 30000; i++) {
        at += (size_t)sprintf(text + at, "212,%03d%04d\n",
                              300 + i % 7 * (i % 3), i % 10000);
    }
    kit.options.base_path = NULL;
    kit.options.out_path = kit.base;
    registry_kit_builds(&kit, text);
    free(text);
    before = kit.info;
    kit.options.base_path = kit.base;
    kit.options.out_path = kit.out;
    registry_kit_builds(&kit, "212,2000000,A\n212,2000000,D\n");
    assert_int_equal(kit.info.count, before.count);
    size_t a_len = 0;
    size_t b_len = 0;
    uint8_t *a = registry_kit_read(kit.base, &a_len);
    uint8_t *b = registry_kit_read(kit.out, &b_len);
    assert_int_equal(a_len, b_len);
    assert_memory_equal(a + 512, b + 512, a_len - 512);
    free(a);
    free(b);
}

static void test_registry_change_refuses_bases(void **state)
{
    (void)state;
    kit.options.name = "us.other";
    fails("2125550100,D\n", OD_ERR_INVALID, "us.other");
    kit.options.name = "us.test";
    kit.options.obtained_utc_ms = REGISTRY_KIT_OBTAINED - 1;
    fails("2125550100,D\n", OD_ERR_INVALID, "obtained");
    kit.options.obtained_utc_ms = REGISTRY_KIT_OBTAINED;
    fails("2125550100\n", OD_ERR_FORMAT, "no action");
    kit.options.base_path = kit.text;
    kit.options.column_action = OD_NONE;
    fails("2125550100,D\n", OD_ERR_FORMAT, "list.txt");
    kit.options.base_path = "/no/such/base";
    fails("2125550100,D\n", OD_ERR_IO, "/no/such/base");
    size_t len = 0;
    uint8_t *bytes = registry_kit_read(kit.base, &len);
    bytes[len - 1] ^= 1; /* a number that is not on the list */
    registry_kit_write(&kit, kit.base, bytes, len);
    free(bytes);
    kit.options.base_path = kit.base;
    fails("2125550100,D\n", OD_ERR_CORRUPT, "hash");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_registry_change_adds_and_deletes),
        TEST(test_registry_change_columns),
        TEST(test_registry_change_in_its_own_place),
        TEST(test_registry_change_does_not_widen),
        TEST(test_registry_change_another_area),
        TEST(test_registry_change_keeps_whole_and_name),
        TEST(test_registry_change_down_to_nothing),
        TEST(test_registry_change_large_base),
        TEST(test_registry_change_refuses_bases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
