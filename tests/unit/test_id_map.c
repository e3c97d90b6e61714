/*
 * test_id_map.c - things by id, against a plain table of the same.
 */
#include "support/test.h"

#include "core/core.h"

#define IDS 4096

static void test_id_map_begins_empty(void **state)
{
    od__id_map map;
    size_t at = 0;
    (void)state;
    od__id_map_init(&map, NULL);
    assert_null(od__id_map_get(&map, 0));
    assert_null(od__id_map_remove(&map, 7));
    assert_null(od__id_map_next(&map, &at));
    od__id_map_free(&map);
    od__id_map_free(&map); /* does nothing */
}

static void test_id_map_takes_any_id(void **state)
{
    const int64_t ids[] = {0, 1, -1, INT64_MAX, INT64_MIN, 64, 128, 1 << 20};
    od__id_map map;
    char values[OD__LEN(ids)];
    (void)state;
    od__id_map_init(&map, NULL);
    for (size_t i = 0; i < OD__LEN(ids); i++) {
        assert_true(od__id_map_put(&map, ids[i], &values[i]));
    }
    for (size_t i = 0; i < OD__LEN(ids); i++) {
        assert_ptr_equal(od__id_map_get(&map, ids[i]), &values[i]);
    }
    assert_true(od__id_map_put(&map, 64, &values[0])); /* replaces */
    assert_int_equal(map.len, OD__LEN(ids));
    assert_ptr_equal(od__id_map_remove(&map, 64), &values[0]);
    assert_null(od__id_map_get(&map, 64));
    od__id_map_free(&map);
}

/* Every value is where it was put, and is met once. */
static void same(const od__id_map *map, char *const *table)
{
    size_t len = 0;
    size_t met = 0;
    size_t at = 0;
    for (int i = 0; i < IDS; i++) {
        assert_ptr_equal(od__id_map_get(map, i), table[i]);
        len += table[i] != NULL ? 1 : 0;
    }
    while (od__id_map_next(map, &at) != NULL) {
        met++;
    }
    assert_int_equal(map->len, len);
    assert_int_equal(met, len);
}

static void test_id_map_random(void **state)
{
    static char things[IDS];
    static char *table[IDS];
    od__rand rand = {od_test_seed(1)};
    od__id_map map;
    (void)state;
    memset(table, 0, sizeof table);
    od__id_map_init(&map, NULL);
    for (int turn = 0; turn < 200000; turn++) {
        /* Ids near each other, and more of them as time goes on. */
        int id = (int)od__rand_below(&rand, 1 + (uint64_t)turn / 50) % IDS;
        if (od__rand_below(&rand, 2) == 0) {
            char *thing = &things[od__rand_below(&rand, IDS)];
            assert_true(od__id_map_put(&map, id, thing));
            table[id] = thing;
        } else {
            assert_ptr_equal(od__id_map_remove(&map, id), table[id]);
            table[id] = NULL;
        }
        if (turn % 20000 == 0) {
            same(&map, table);
        }
    }
    same(&map, table);
    od__id_map_free(&map);
}

/* -- memory ends ---------------------------------------------------------- */

static int blocks_left;

static void *alloc_some(void *ctx, size_t bytes)
{
    (void)ctx;
    return blocks_left-- > 0 ? malloc(bytes) : NULL;
}

static void free_one(void *ctx, void *block)
{
    (void)ctx;
    free(block);
}

static void test_id_map_keeps_what_it_has_when_memory_ends(void **state)
{
    const od_allocator allocator = {.alloc = alloc_some, .free = free_one};
    od__id_map map;
    int64_t id = 0;
    (void)state;
    blocks_left = 2;
    od__id_map_init(&map, &allocator);
    while (od__id_map_put(&map, id, &map)) {
        id++;
        assert_true(id < 1000);
    }
    assert_true(id > 64);
    assert_int_equal(map.len, id);
    for (int64_t i = 0; i < id; i++) {
        assert_ptr_equal(od__id_map_get(&map, i), &map);
    }
    assert_null(od__id_map_get(&map, id));
    od__id_map_free(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_id_map_begins_empty),
        cmocka_unit_test(test_id_map_takes_any_id),
        cmocka_unit_test(test_id_map_random),
        cmocka_unit_test(test_id_map_keeps_what_it_has_when_memory_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
