/*
 * test_memory.c - the host's allocator is used and the arena keeps its blocks.
 */
#include "support/test.h"

#include "base/base.h"

static int allocs;
static int frees;

static void *count_alloc(void *ctx, size_t bytes)
{
    assert_ptr_equal(ctx, &allocs);
    allocs++;
    void *block = malloc(bytes);
    assert_non_null(block);
    memset(block, 0xee, bytes);
    return block;
}

static void count_free(void *ctx, void *block)
{
    assert_ptr_equal(ctx, &allocs);
    frees++;
    free(block);
}

static void *no_memory(void *ctx, size_t bytes)
{
    (void)ctx;
    (void)bytes;
    return NULL;
}

static void test_memory_uses_the_hosts_allocator(void **state)
{
    (void)state;
    const od_allocator allocator = {count_alloc, count_free, &allocs};
    uint8_t *block = od__alloc(&allocator, 100);
    assert_non_null(block);
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(block[i], 0);
    }
    od__free(&allocator, block);
    assert_int_equal(allocs, 1);
    assert_int_equal(frees, 1);
    const od_allocator empty = {no_memory, count_free, &allocs};
    assert_null(od__alloc(&empty, 1));
}

static void test_memory_without_allocator_is_malloc(void **state)
{
    (void)state;
    const od_allocator zero = {0};
    const od_allocator *allocators[] = {NULL, &zero};
    for (size_t i = 0; i < 2; i++) {
        uint8_t *block = od__alloc(allocators[i], 8);
        assert_non_null(block);
        assert_int_equal(block[7], 0);
        od__free(allocators[i], block);
        od__free(allocators[i], NULL);
        block = od__alloc(allocators[i], 0);
        assert_non_null(block);
        od__free(allocators[i], block);
    }
}

static void test_memory_arena_gives_distinct_aligned_memory(void **state)
{
    (void)state;
    od__rand rand = {od_test_seed(3)};
    od__arena arena = {0};
    uint8_t *blocks[500];
    size_t lens[500];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 500; i++) {
            lens[i] = 1 + od__rand_below(&rand, i % 50 == 0 ? 40000 : 200);
            blocks[i] = od__arena_take(&arena, lens[i]);
            assert_non_null(blocks[i]);
            assert_int_equal((uintptr_t)blocks[i] % 16, 0);
            memset(blocks[i], (int)(i & 0xff), lens[i]);
        }
        for (size_t i = 0; i < 500; i++) {
            assert_int_equal(blocks[i][0], i & 0xff);
            assert_int_equal(blocks[i][lens[i] - 1], i & 0xff);
        }
        od__arena_reset(&arena);
    }
    od__arena_free(&arena);
    assert_null(arena.first);
}

static void test_memory_arena_reset_keeps_blocks(void **state)
{
    (void)state;
    od__arena arena = {0};
    od__arena_reset(&arena);
    void *first = od__arena_take(&arena, 10000);
    void *second = od__arena_take(&arena, 10000);
    od__arena_reset(&arena);
    assert_ptr_equal(od__arena_take(&arena, 10000), first);
    assert_ptr_equal(od__arena_take(&arena, 10000), second);
    od__arena_free(&arena);
    od__arena_free(&arena);
}

static void test_memory_arena_refuses_impossible_lengths(void **state)
{
    (void)state;
    od__arena arena = {0};
    assert_null(od__arena_take(&arena, SIZE_MAX));
    assert_null(od__arena_take(&arena, SIZE_MAX / 2));
    assert_null(od__arena_text(&arena, "x", SIZE_MAX));
    od__arena_free(&arena);
}

static void test_memory_arena_text(void **state)
{
    (void)state;
    od__arena arena = {0};
    assert_string_equal(od__arena_text(&arena, NULL, 5), "");
    assert_string_equal(od__arena_text(&arena, "abc", 0), "");
    char source[] = "abcdef";
    const char *text = od__arena_text(&arena, source, 3);
    source[0] = 'x';
    assert_string_equal(text, "abc");
    od__arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_uses_the_hosts_allocator),
        cmocka_unit_test(test_memory_without_allocator_is_malloc),
        cmocka_unit_test(test_memory_arena_gives_distinct_aligned_memory),
        cmocka_unit_test(test_memory_arena_reset_keeps_blocks),
        cmocka_unit_test(test_memory_arena_refuses_impossible_lengths),
        cmocka_unit_test(test_memory_arena_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
