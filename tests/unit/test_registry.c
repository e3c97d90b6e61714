/*
 * test_registry.c - registry files are built from lists, and answer as the
 * lists would.
 */
#include "support/registry_kit.h"

#include <inttypes.h>
#include <unistd.h>

static registry_kit kit;

static int setup(void **state)
{
    (void)state;
    registry_kit_begin(&kit);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    registry_kit_end(&kit);
    return 0;
}

static od__registry *opened(void)
{
    od__registry *registry = NULL;
    od_errmsg errmsg = {""};
    if (od__registry_open(&registry, kit.out, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    assert_int_equal(od__registry_check(registry, &errmsg), OD_OK);
    return registry;
}

static void test_registry_small_file_is_small(void **state)
{
    (void)state;
    static const int areas[] = {212, 305, 404, 617, 907};
    char *text = malloc(20000);
    assert_non_null(text);
    size_t at = 0;
    for (int i = 0; i < 1000; i++) {
        at += (size_t)sprintf(text + at, "%d,%03d%04d\n", areas[i % 5],
                              312 + i % 90, i * 7);
    }
    registry_kit_builds(&kit, text);
    free(text);
    assert_int_equal(kit.info.count, 1000);
    assert_int_equal(kit.info.areas, 5);
    assert_in_range(kit.info.file_bytes, 2000, 42000);
    size_t len = 0;
    free(registry_kit_read(kit.out, &len));
    assert_int_equal(len, kit.info.file_bytes);
}

/* Both forms of an exchange, at their border and full. */
static void test_registry_dense_and_sparse(void **state)
{
    (void)state;
    static const uint32_t counts[] = {1,
                                      2,
                                      OD__REGISTRY_SPARSE_MAX - 1,
                                      OD__REGISTRY_SPARSE_MAX,
                                      OD__REGISTRY_SPARSE_MAX + 1,
                                      9999,
                                      10000};
    char *text = malloc(400000);
    assert_non_null(text);
    size_t at = 0;
    int64_t total = 0;
    for (uint32_t e = 0; e < OD__LEN(counts); e++) {
        for (uint32_t i = 0; i < counts[e]; i++) { /* 9999 first */
            at +=
                (size_t)sprintf(text + at, "907,%03u%04u\n", 993 + e, 9999 - i);
        }
        total += counts[e];
    }
    registry_kit_builds(&kit, text);
    free(text);
    assert_int_equal(kit.info.count, total);
    assert_int_equal(kit.info.file_bytes,
                     512 + 2 * 6400 + 2 * (1 + 2 + 623 + 624) + 3 * 1250);
    od__registry *registry = opened();
    for (uint64_t e = 0; e < OD__LEN(counts); e++) {
        for (uint64_t i = 0; i < 10000; i++) {
            assert_int_equal(
                od__registry_has(registry, 19079930000 + e * 10000 + i),
                9999 - i < counts[e]);
        }
    }
    od__registry_free(registry);
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

#define RANDOM_NUMBERS 60000

/* A random set, in random order, against a sorted array. */
static void test_registry_random_set(void **state)
{
    (void)state;
    od__rand rand = {.state = od_test_seed(11)};
    uint64_t *numbers = calloc(RANDOM_NUMBERS, sizeof *numbers);
    char *text = malloc(RANDOM_NUMBERS * 12 + 1);
    assert_non_null(numbers);
    assert_non_null(text);
    for (size_t i = 0; i < RANDOM_NUMBERS; i++) {
        /* Some exchanges are full, most hold a handful. */
        uint64_t exchange = od__rand_below(&rand, 3) > 0
                                ? 200 + od__rand_below(&rand, 3)
                                : 212 + od__rand_below(&rand, 99);
        uint64_t area = 200 + 7 * od__rand_below(&rand, 12);
        numbers[i] = UINT64_C(10000000000) + area * 10000000 +
                     exchange * 10000 + od__rand_below(&rand, 3000);
        (void)sprintf(text + 11 * i, "%010" PRIu64 "\n",
                      numbers[i] % UINT64_C(10000000000));
    }
    registry_kit_builds(&kit, text);
    od__registry *registry = opened();
    qsort(numbers, RANDOM_NUMBERS, sizeof *numbers, by_value);
    int64_t distinct = 0;
    for (size_t i = 0; i < RANDOM_NUMBERS; i++) {
        uint32_t area = (uint32_t)(numbers[i] / 10000000 % 1000);
        uint32_t exchange = (uint32_t)(numbers[i] / 10000 % 1000);
        bool is_number =
            area % 100 / 10 != 9 && area % 100 != 11 && exchange % 100 != 11;
        bool is_first = i == 0 || numbers[i] != numbers[i - 1];
        distinct += is_number && is_first ? 1 : 0;
        assert_int_equal(od__registry_has(registry, numbers[i]), is_number);
    }
    assert_int_equal(kit.info.count, distinct);
    size_t hits = 0;
    for (int i = 0; i < 300000; i++) {
        uint64_t phone =
            UINT64_C(12000000000) + od__rand_below(&rand, UINT64_C(850000000));
        bool listed = bsearch(&phone, numbers, RANDOM_NUMBERS, sizeof phone,
                              by_value) != NULL;
        bool found = od__registry_has(registry, phone);
        assert_true(found ? listed : true);
        hits += found ? 1 : 0;
        if (listed && !found) { /* then it is no number at all */
            assert_true(phone / 10000000 % 100 == 11 ||
                        phone / 10000 % 100 == 11 ||
                        phone / 100000000 % 10 == 9 ||
                        phone / 10000000 % 100 / 10 == 9);
        }
    }
    print_message("%" PRId64 " numbers, %zu hits\n", distinct, hits);
    od__registry_free(registry);
    free(numbers);
    free(text);
}

static void test_registry_other_numbers(void **state)
{
    (void)state;
    registry_kit_builds(&kit, "2002000000\n9999999999\n9899999999\n");
    assert_int_equal(kit.info.count, 2);
    od__registry *registry = opened();
    static const uint64_t others[] = {
        0,           1,           2002000000,   12002000001,  11992000000,
        12001999999, 22002000000, 112002000000, 442079460013, 19999999999,
        20000000000, UINT64_MAX};
    for (size_t i = 0; i < OD__LEN(others); i++) {
        assert_false(od__registry_has(registry, others[i]));
    }
    assert_true(od__registry_has(registry, 12002000000));
    assert_true(od__registry_has(registry, 19899999999));
    od__registry_free(registry);
}

static void test_registry_covers_what_occurs(void **state)
{
    (void)state;
    registry_kit_builds(&kit, "2125550100\n9075550100\n+442079460013\n");
    assert_int_equal(kit.info.areas, 2);
    assert_false(kit.info.whole);
    od__registry *registry = opened();
    assert_true(od__registry_covers(registry, 12125550100));
    assert_true(od__registry_covers(registry, 12122000000));
    assert_true(od__registry_covers(registry, 19079999999));
    assert_false(od__registry_covers(registry, 13125550100));
    assert_false(od__registry_covers(registry, 12121999999));
    assert_false(od__registry_covers(registry, 442079460013));
    assert_false(od__registry_covers(registry, 2125550100));
    od__registry_free(registry);
}

static void test_registry_covers_all_if_whole(void **state)
{
    (void)state;
    kit.options.whole = true;
    registry_kit_builds(&kit, "2125550100\n");
    assert_true(kit.info.whole);
    assert_int_equal(kit.info.areas, 1);
    od__registry *registry = opened();
    assert_true(od__registry_covers(registry, 13125550100));
    assert_false(od__registry_has(registry, 13125550100));
    assert_false(od__registry_covers(registry, 442079460013));
    assert_false(od__registry_covers(registry, 0));
    od__registry_free(registry);
}

static void test_registry_several_texts(void **state)
{
    (void)state;
    char second[700];
    (void)snprintf(second, sizeof second, "%s/second.txt", kit.folder);
    registry_kit_write(&kit, second, "9075550100\nx\n9075550101", 23);
    const char *paths[] = {kit.text, second, kit.text};
    kit.options.paths = paths;
    kit.options.paths_len = 3;
    registry_kit_builds(&kit, "2125550100\n2125550101");
    assert_int_equal(kit.info.added, 4);
    assert_int_equal(kit.info.present, 2);
    assert_int_equal(kit.info.rejected, 1);
    assert_int_equal(kit.info.first_reject_path, 1);
    assert_int_equal(kit.info.first_reject_line, 2);
    /* As `cat` and `sha256sum` have it. */
    static const char bytes[] = "2125550100\n2125550101"
                                "9075550100\nx\n9075550101"
                                "2125550100\n2125550101";
    uint8_t sha256[32];
    od__sha256(bytes, sizeof bytes - 1, sha256);
    assert_memory_equal(kit.info.source_sha256, sha256, 32);
}

static void test_registry_says_what_it_is(void **state)
{
    (void)state;
    od_registry_info info;
    od_now now;
    od_now_read(&now);
    registry_kit_builds(&kit, "x\n2125550100\n");
    assert_string_equal(kit.info.name, "us.test");
    assert_int_equal(kit.info.obtained_utc_ms, REGISTRY_KIT_OBTAINED);
    assert_in_range(kit.info.built_utc_ms, now.utc_ms, now.utc_ms + 600000);
    assert_int_equal(kit.info.file_version, 1);
    /* The build tells what the file tells, down to the last byte. */
    memset(&info, 0x5a, sizeof info);
    assert_int_equal(od_registry_info_read(kit.out, &info, NULL), OD_OK);
    assert_memory_equal(&info, &kit.info, sizeof info);
    memset(&info, 0x5a, sizeof info);
    assert_int_equal(od_registry_verify(kit.out, &info, NULL), OD_OK);
    assert_memory_equal(&info, &kit.info, sizeof info);
    assert_int_equal(od_registry_build(&kit.options, NULL, NULL), OD_OK);
}

static void test_registry_changed(void **state)
{
    (void)state;
    registry_kit_builds(&kit, "2125550100\n");
    od__registry *registry = opened();
    assert_false(od__registry_changed(registry));
    registry_kit_builds(&kit, "2125550101\n"); /* renamed into its place */
    assert_true(od__registry_changed(registry));
    assert_true(od__registry_has(registry, 12125550100)); /* still whole */
    od__registry *fresh = opened();
    assert_false(od__registry_changed(fresh));
    assert_true(od__registry_has(fresh, 12125550101));
    assert_false(od__registry_has(fresh, 12125550100));
    od__registry_free(registry);
    assert_int_equal(unlink(kit.out), 0);
    assert_true(od__registry_changed(fresh));
    assert_true(od__registry_has(fresh, 12125550101));
    od__registry_free(fresh);
    od__registry_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_registry_small_file_is_small),
        TEST(test_registry_dense_and_sparse),
        TEST(test_registry_random_set),
        TEST(test_registry_other_numbers),
        TEST(test_registry_covers_what_occurs),
        TEST(test_registry_covers_all_if_whole),
        TEST(test_registry_several_texts),
        TEST(test_registry_says_what_it_is),
        TEST(test_registry_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
