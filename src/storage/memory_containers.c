/*
 * memory_containers.c - the four containers that the storage in memory is made
 * of: see memory_containers.h.
 *
 * All grow by doubling, so that n additions cost O(n) in all. A pool's slabs
 * and the blocks of texts are never moved: pointers into them stay good.
 */
#include "storage/memory_containers.h"

#include <assert.h>

#define SLAB_ROWS_MIN 16
#define SLAB_ROWS_MAX 8192
#define TEXT_BLOCK_BYTES 65536
#define ALIGN 16

/* == pointers in a row ==================================================== */

bool od__rows_reserve(od__rows *rows, size_t extra,
                      const od_allocator *allocator)
{
    size_t need = rows->len + extra;
    if (need <= rows->room) {
        return true;
    }
    size_t room = rows->room > 0 ? rows->room * 2 : 8;
    room = room < need ? need : room;
    if (room > SIZE_MAX / sizeof(void *)) {
        return false;
    }
    void **at = od__alloc(allocator, room * sizeof(void *));
    if (at == NULL) {
        return false;
    }
    if (rows->len > 0) {
        memcpy(at, rows->at, rows->len * sizeof(void *));
    }
    od__free(allocator, rows->at);
    rows->at = at;
    rows->room = room;
    return true;
}

void od__rows_push(od__rows *rows, void *row)
{
    assert(rows->len < rows->room);
    rows->at[rows->len++] = row;
}

void od__rows_insert(od__rows *rows, size_t at, void *row)
{
    assert(rows->len < rows->room && at <= rows->len);
    memmove(rows->at + at + 1, rows->at + at,
            (rows->len - at) * sizeof(void *));
    rows->at[at] = row;
    rows->len++;
}

void od__rows_clear(od__rows *rows, const od_allocator *allocator)
{
    od__free(allocator, rows->at);
    *rows = (od__rows){0};
}

void *od__rows_of_id(const od__rows *rows, int64_t id)
{
    if (id < 1 || (uint64_t)id > rows->len) {
        return NULL;
    }
    return rows->at[id - 1];
}

/* == rows of one size that stay where they are ============================ */

void od__pool_init(od__pool *pool, size_t row_bytes)
{
    *pool = (od__pool){0};
    pool->row_bytes = (row_bytes + ALIGN - 1) / ALIGN * ALIGN;
}

bool od__pool_reserve(od__pool *pool, size_t extra,
                      const od_allocator *allocator)
{
    if (extra <= pool->free_len) {
        return true;
    }
    size_t rows = pool->slab_rows * 2;
    rows = rows < SLAB_ROWS_MIN ? SLAB_ROWS_MIN : rows;
    rows = rows > SLAB_ROWS_MAX ? SLAB_ROWS_MAX : rows;
    rows = rows < extra - pool->free_len ? extra - pool->free_len : rows;
    if (rows > (SIZE_MAX - ALIGN) / pool->row_bytes) {
        return false;
    }
    char *slab = od__alloc(allocator, ALIGN + rows * pool->row_bytes);
    if (slab == NULL) {
        return false;
    }
    *(void **)(void *)slab = pool->slabs;
    pool->slabs = slab;
    pool->slab_rows = rows > SLAB_ROWS_MAX ? SLAB_ROWS_MAX : rows;
    /* Backwards, so that rows are taken in the order of their addresses. */
    for (size_t i = rows; i > 0; i--) {
        od__pool_give(pool, slab + ALIGN + (i - 1) * pool->row_bytes);
    }
    return true;
}

void *od__pool_take(od__pool *pool)
{
    assert(pool->free_len > 0);
    void *row = pool->free_first;
    memcpy(&pool->free_first, row, sizeof(void *));
    pool->free_len--;
    memset(row, 0, pool->row_bytes);
    return row;
}

void od__pool_give(od__pool *pool, void *row)
{
    memcpy(row, &pool->free_first, sizeof(void *));
    pool->free_first = row;
    pool->free_len++;
}

static void free_chain(void *first, const od_allocator *allocator)
{
    while (first != NULL) {
        void *next = NULL;
        memcpy(&next, first, sizeof next);
        od__free(allocator, first);
        first = next;
    }
}

void od__pool_clear(od__pool *pool, const od_allocator *allocator)
{
    free_chain(pool->slabs, allocator);
    od__pool_init(pool, pool->row_bytes);
}

/* == number -> pointer ==================================================== */

/* Spreads neighbours, which phones and hashes in a row would be. */
static size_t first_slot(uint64_t key, size_t slots_len)
{
    key ^= key >> 32;
    key *= 0x9e3779b97f4a7c15u;
    key ^= key >> 29;
    return (size_t)key & (slots_len - 1);
}

/* The slot of a key, or the free one where it belongs. */
static struct od__map_slot *find_slot(struct od__map_slot *slots,
                                      size_t slots_len, uint64_t key)
{
    size_t i = first_slot(key, slots_len);
    while (slots[i].value != NULL && slots[i].key != key) {
        i = (i + 1) & (slots_len - 1);
    }
    return &slots[i];
}

bool od__map_reserve(od__map *map, size_t extra, const od_allocator *allocator)
{
    size_t need = map->len + extra;
    if (need <= map->slots_len / 3 * 2) {
        return true;
    }
    size_t slots_len = map->slots_len > 0 ? map->slots_len * 2 : 16;
    while (slots_len / 3 * 2 < need) {
        if (slots_len > SIZE_MAX / 4 / sizeof *map->slots) {
            return false;
        }
        slots_len *= 2;
    }
    struct od__map_slot *slots =
        od__alloc(allocator, slots_len * sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < map->slots_len; i++) {
        if (map->slots[i].value != NULL) {
            *find_slot(slots, slots_len, map->slots[i].key) = map->slots[i];
        }
    }
    od__free(allocator, map->slots);
    map->slots = slots;
    map->slots_len = slots_len;
    return true;
}

void *od__map_get(const od__map *map, uint64_t key)
{
    return map->slots_len > 0
               ? find_slot(map->slots, map->slots_len, key)->value
               : NULL;
}

void *od__map_next(const od__map *map, size_t *at)
{
    void *value = NULL;
    while (value == NULL && *at < map->slots_len) {
        value = map->slots[(*at)++].value;
    }
    return value;
}

void od__map_put(od__map *map, uint64_t key, void *value)
{
    assert(value != NULL && map->len < map->slots_len / 3 * 2);
    struct od__map_slot *slot = find_slot(map->slots, map->slots_len, key);
    assert(slot->value == NULL);
    slot->key = key;
    slot->value = value;
    map->len++;
}

void od__map_clear(od__map *map, const od_allocator *allocator)
{
    od__free(allocator, map->slots);
    *map = (od__map){0};
}

/* FNV-1a, 64 bits. */
uint64_t od__hash_text(uint64_t seed, const char *text)
{
    uint64_t hash = seed ^ 0xcbf29ce484222325u;
    for (; *text != '\0'; text++) {
        hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
    }
    return hash;
}

/* == texts that stay ====================================================== */

bool od__texts_reserve(od__texts *texts, size_t bytes,
                       const od_allocator *allocator)
{
    if (bytes <= texts->left) {
        return true;
    }
    size_t room = bytes > TEXT_BLOCK_BYTES ? bytes : TEXT_BLOCK_BYTES;
    if (room > SIZE_MAX - ALIGN) {
        return false;
    }
    char *block = od__alloc(allocator, ALIGN + room);
    if (block == NULL) {
        return false;
    }
    *(void **)(void *)block = texts->blocks;
    texts->blocks = block;
    texts->now = block + ALIGN;
    texts->left = room;
    return true;
}

const char *od__texts_add(od__texts *texts, const char *text)
{
    size_t bytes = od__texts_bytes(text);
    if (bytes == 0) {
        return "";
    }
    assert(bytes <= texts->left);
    char *out = texts->now;
    memcpy(out, text, bytes);
    texts->now += bytes;
    texts->left -= bytes;
    return out;
}

size_t od__texts_bytes(const char *text)
{
    return text != NULL && text[0] != '\0' ? strlen(text) + 1 : 0;
}

void od__texts_clear(od__texts *texts, const od_allocator *allocator)
{
    free_chain(texts->blocks, allocator);
    *texts = (od__texts){0};
}
