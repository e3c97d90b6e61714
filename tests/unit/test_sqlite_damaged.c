/*
 * test_sqlite_damaged.c - files whose bytes are not what they were: every slot
 * says so and none crashes.
 */
#include "support/sqlite_touch.h"

/* == damaged bytes ======================================================== */

static void write_file(const char *path, const uint8_t *bytes, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void remove_beside(const kit *k)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-lease"};
    for (size_t i = 0; i < OD__LEN(endings); i++) {
        char path[700];
        (void)snprintf(path, sizeof path, "%s%s", k->path, endings[i]);
        (void)unlink(path);
    }
}

static void test_random_bytes(void **state)
{
    (void)state;
    od__rand random = {od_test_seed(1)};
    kit k = kit_new();
    static uint8_t bytes[40000];
    static const size_t sizes[] = {2, 15, 100, 512, 4096, 40000};
    for (size_t i = 0; i < OD__LEN(sizes); i++) {
        for (size_t at = 0; at < sizes[i]; at++) {
            bytes[at] = (uint8_t)od__rand_next(&random);
        }
        write_file(k.path, bytes, sizes[i]);
        kit_open_fails(k.path, OD_ERR_CORRUPT, NULL);
        remove_beside(&k);
    }
    kit_free(&k);
}

static void test_truncated_file(void **state)
{
    (void)state;
    kit k = kit_new();
    fill_file(&k);
    kit_close(&k);
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(od__file_read(k.path, 1 << 24, &bytes, &len, NULL), OD_OK);
    assert_true(len > 40 * 4096);
    const size_t lens[] = {50, 100, 2048, 4096, 5000, len / 2, len - 4096};
    for (size_t i = 0; i < OD__LEN(lens); i++) {
        remove_beside(&k);
        write_file(k.path, bytes, lens[i]);
        kit_open_fails(k.path, OD_ERR_CORRUPT, NULL);
    }
    /* A piece of the last page is missed by nobody but who reads it. */
    remove_beside(&k);
    write_file(k.path, bytes, len - 1000);
    kit_open(&k);
    use_everything(&k);
    free(bytes);
    kit_free(&k);
}

/* Spoil a few bytes, in one spot or all over, or a whole page. */
static void spoil(uint8_t *bytes, size_t len, od__rand *random)
{
    size_t spots = 1 + (size_t)od__rand_below(random, 20);
    for (size_t i = 0; i < spots; i++) {
        size_t at = (size_t)od__rand_below(random, len);
        bytes[at] = (uint8_t)od__rand_next(random);
    }
    if (od__rand_below(random, 4) == 0) {
        size_t page = (size_t)od__rand_below(random, len / 4096);
        memset(bytes + page * 4096, (int)od__rand_below(random, 256), 4096);
    }
}

static void test_spoiled_bytes(void **state)
{
    (void)state;
    od__rand random = {od_test_seed(2)};
    kit k = kit_new();
    fill_file(&k);
    kit_close(&k);
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(od__file_read(k.path, 1 << 24, &bytes, &len, NULL), OD_OK);
    uint8_t *copy = malloc(len);
    assert_non_null(copy);
    int opened = 0;
    for (int i = 0; i < 150; i++) {
        memcpy(copy, bytes, len);
        spoil(copy, len, &random);
        remove_beside(&k);
        write_file(k.path, copy, len);
        od_errmsg errmsg = {""};
        od_err err = od__sqlite_open(&k.s, k.path, NULL, &errmsg);
        if (err == OD_OK) {
            opened++;
            use_everything(&k);
            kit_close(&k);
        } else {
            assert_true(err == OD_ERR_CORRUPT || err == OD_ERR_VERSION ||
                        err == OD_ERR_IO);
            k.s = NULL;
        }
    }
    print_message("%d of 150 could be opened\n", opened);
    assert_true(opened > 20);
    free(copy);
    free(bytes);
    kit_free(&k);
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_truncated_file),
        cmocka_unit_test(test_spoiled_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
