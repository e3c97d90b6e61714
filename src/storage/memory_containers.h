/*
 * memory_containers.h - the four containers that the storage in memory is made
 * of.
 *
 * Each can be asked to reserve first; what was reserved cannot fail. So an
 * operation reserves all it may need, and only then changes anything. Memory
 * comes from an od_allocator; nothing is given back before the clear, but rows
 * that a pool was given are used again.
 */
#ifndef OD_SRC_STORAGE_MEMORY_CONTAINERS_H
#define OD_SRC_STORAGE_MEMORY_CONTAINERS_H

#include "base/base.h"

/* == pointers in a row ==================================================== */

typedef struct od__rows {
    void **at;
    size_t len;
    size_t room;
} od__rows;

/* Room for `extra` more; false: out of memory, and nothing changed. */
bool od__rows_reserve(od__rows *rows, size_t extra,
                      const od_allocator *allocator);
/* Needs room. */
void od__rows_push(od__rows *rows, void *row);
/* Put a row before position `at`; needs room. */
void od__rows_insert(od__rows *rows, size_t at, void *row);
void od__rows_clear(od__rows *rows, const od_allocator *allocator);
/* The row of this id, when rows stand in the order of their ids from 1, or
 * NULL. Any id may be asked. */
void *od__rows_of_id(const od__rows *rows, int64_t id);

/* == rows of one size that stay where they are ============================ */

typedef struct od__pool {
    size_t row_bytes; /* a multiple of 16 */
    void *free_first; /* chain through the first word */
    size_t free_len;
    void *slabs; /* chain through the first word */
    size_t slab_rows; /* of the last slab */
} od__pool;

void od__pool_init(od__pool *pool, size_t row_bytes);
bool od__pool_reserve(od__pool *pool, size_t extra,
                      const od_allocator *allocator);
/* A zeroed row; needs one reserved. */
void *od__pool_take(od__pool *pool);
void od__pool_give(od__pool *pool, void *row);
void od__pool_clear(od__pool *pool, const od_allocator *allocator);

/* == number -> pointer ==================================================== */

/* Open addressing, linear probing, at most two thirds full. Only grows. */
typedef struct od__map {
    struct od__map_slot {
        uint64_t key;
        void *value; /* NULL: free */
    } *slots;
    size_t slots_len; /* 0 or a power of two */
    size_t len;
} od__map;

bool od__map_reserve(od__map *map, size_t extra,
                     const od_allocator *allocator);
/* NULL: not in it. */
void *od__map_get(const od__map *map, uint64_t key);
/* The values, in no order, one at a time: set *at to 0, then take until NULL.
 */
void *od__map_next(const od__map *map, size_t *at);
/* Add a key that is not in it; needs room. */
void od__map_put(od__map *map, uint64_t key, void *value);
void od__map_clear(od__map *map, const od_allocator *allocator);

/* Hash of a text under a seed, to key a map with. */
uint64_t od__hash_text(uint64_t seed, const char *text);

/* == texts that stay ====================================================== */

typedef struct od__texts {
    void *blocks; /* chain through the first word */
    char *now;
    size_t left;
} od__texts;

/* Room for texts of so many bytes in all, their NULs included. */
bool od__texts_reserve(od__texts *texts, size_t bytes,
                       const od_allocator *allocator);
/* Copy; needs room. NULL and "" take none. */
const char *od__texts_add(od__texts *texts, const char *text);
/* How much room a text takes. */
size_t od__texts_bytes(const char *text);
void od__texts_clear(od__texts *texts, const od_allocator *allocator);

#endif
