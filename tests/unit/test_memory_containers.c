/*
 * test_memory_containers.c - rows, pools, the map and texts of the storage in
 * memory.
 */
#include "support/test.h"

#include "storage/memory_containers.h"

static void test_rows_grow_and_insert(void **state)
{
    (void)state;
    od__rows rows = {0};
    int marks[200];
    for (size_t i = 0; i < 200; i++) {
        assert_true(od__rows_reserve(&rows, 1, NULL));
        if (i % 2 == 0) {
            od__rows_push(&rows, &marks[i]);
        } else {
            od__rows_insert(&rows, 0, &marks[i]);
        }
    }
    assert_int_equal(rows.len, 200);
    assert_ptr_equal(rows.at[0], &marks[199]);
    assert_ptr_equal(rows.at[99], &marks[1]);
    assert_ptr_equal(rows.at[100], &marks[0]);
    assert_ptr_equal(rows.at[199], &marks[198]);
    static const int64_t none[] = {0, -1, 201, INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < OD__LEN(none); i++) {
        assert_null(od__rows_of_id(&rows, none[i]));
    }
    assert_ptr_equal(od__rows_of_id(&rows, 1), &marks[199]);
    assert_ptr_equal(od__rows_of_id(&rows, 200), &marks[198]);
    assert_false(od__rows_reserve(&rows, SIZE_MAX / 4, NULL));
    assert_int_equal(rows.len, 200);
    od__rows_clear(&rows, NULL);
}

static void test_pool_uses_rows_again(void **state)
{
    (void)state;
    od__pool pool;
    od__pool_init(&pool, 20);
    assert_int_equal(pool.row_bytes, 32);
    void *taken[1000];
    assert_true(od__pool_reserve(&pool, 1000, NULL));
    for (size_t i = 0; i < 1000; i++) {
        taken[i] = od__pool_take(&pool);
        assert_int_equal((uintptr_t)taken[i] % 16, 0);
        memset(taken[i], 0xff, 20);
    }
    od__pool_give(&pool, taken[7]);
    od__pool_give(&pool, taken[9]);
    assert_ptr_equal(od__pool_take(&pool), taken[9]);
    uint8_t *again = od__pool_take(&pool);
    assert_ptr_equal(again, taken[7]);
    for (size_t i = 0; i < 32; i++) {
        assert_int_equal(again[i], 0);
    }
    assert_false(od__pool_reserve(&pool, SIZE_MAX / 8, NULL));
    od__pool_clear(&pool, NULL);
    assert_int_equal(pool.free_len, 0);
}

static void test_map_finds_every_key(void **state)
{
    (void)state;
    od__map map = {0};
    assert_null(od__map_get(&map, 5));
    static int values[20000];
    /* Neighbours, as phones are; multiples of 2^32; zero. */
    for (uint64_t i = 0; i < 10000; i++) {
        assert_true(od__map_reserve(&map, 2, NULL));
        od__map_put(&map, i, &values[i]);
        od__map_put(&map, (i + 1) << 32, &values[10000 + i]);
    }
    for (uint64_t i = 0; i < 10000; i++) {
        assert_ptr_equal(od__map_get(&map, i), &values[i]);
        assert_ptr_equal(od__map_get(&map, (i + 1) << 32),
                         &values[10000 + i]);
    }
    assert_null(od__map_get(&map, 10000));
    assert_int_equal(map.len, 20000);
    assert_true(map.slots_len / 3 * 2 >= map.len);
    assert_false(od__map_reserve(&map, SIZE_MAX / 4, NULL));
    od__map_clear(&map, NULL);
    assert_null(od__map_get(&map, 5));
}

static void test_map_next_finds_every_value_once(void **state)
{
    (void)state;
    od__map map = {0};
    size_t at = 0;
    assert_null(od__map_next(&map, &at));
    static int values[1000];
    assert_true(od__map_reserve(&map, OD__LEN(values), NULL));
    for (uint64_t i = 0; i < OD__LEN(values); i++) {
        od__map_put(&map, i * 977, &values[i]);
    }
    size_t found = 0;
    int *value = NULL;
    at = 0;
    while ((value = od__map_next(&map, &at)) != NULL) {
        assert_int_equal((*value)++, 0);
        found++;
    }
    assert_int_equal(found, OD__LEN(values));
    assert_null(od__map_next(&map, &at));
    od__map_clear(&map, NULL);
}

static void test_hash_of_texts(void **state)
{
    (void)state;
    assert_true(od__hash_text(0, "a") == od__hash_text(0, "a"));
    assert_true(od__hash_text(0, "a") != od__hash_text(1, "a"));
    assert_true(od__hash_text(0, "a") != od__hash_text(0, "b"));
    assert_true(od__hash_text(od__hash_text(0, "ab"), "c") !=
                od__hash_text(od__hash_text(0, "a"), "bc"));
}

static void test_texts_stay(void **state)
{
    (void)state;
    od__texts texts = {0};
    assert_string_equal(od__texts_add(&texts, NULL), "");
    assert_string_equal(od__texts_add(&texts, ""), "");
    assert_int_equal(od__texts_bytes(NULL), 0);
    assert_int_equal(od__texts_bytes("abc"), 4);
    const char *kept[5000];
    char text[64];
    for (size_t i = 0; i < OD__LEN(kept); i++) {
        (void)snprintf(text, sizeof text, "text number %zu", i);
        assert_true(
            od__texts_reserve(&texts, od__texts_bytes(text), NULL));
        kept[i] = od__texts_add(&texts, text);
    }
    char *large = calloc(1, 200001);
    assert_non_null(large);
    memset(large, 'x', 200000);
    assert_true(od__texts_reserve(&texts, 200001, NULL));
    assert_string_equal(od__texts_add(&texts, large), large);
    free(large);
    for (size_t i = 0; i < OD__LEN(kept); i++) {
        (void)snprintf(text, sizeof text, "text number %zu", i);
        assert_string_equal(kept[i], text);
    }
    assert_false(od__texts_reserve(&texts, SIZE_MAX - 3, NULL));
    od__texts_clear(&texts, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_grow_and_insert),
        cmocka_unit_test(test_pool_uses_rows_again),
        cmocka_unit_test(test_map_finds_every_key),
        cmocka_unit_test(test_map_next_finds_every_value_once),
        cmocka_unit_test(test_hash_of_texts),
        cmocka_unit_test(test_texts_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
