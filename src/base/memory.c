/*
 * memory.c - the host's allocator, and a region that is emptied at once.
 *
 * An arena is a list of blocks. Taking moves a mark in the present block or
 * goes on to the next one; resetting goes back to the first and keeps them
 * all, so a call that is repeated allocates only the first time.
 *
 *   first -> [used####....] -> [now: used##......] -> [free] -> NULL
 *
 * Blocks after `now` hold nothing.
 */
#include "base/base.h"

#include <assert.h>
#include <stdlib.h>

#define ALIGN 16
#define BLOCK_BYTES 16384
#define TAKE_MAX ((size_t)1 << 30)

struct od__arena_block {
    struct od__arena_block *next;
    size_t bytes; /* room in data */
    size_t used;
    _Alignas(ALIGN) uint8_t data[];
};

void *od__alloc(const od_allocator *allocator, size_t bytes)
{
    if (allocator == NULL || allocator->alloc == NULL) {
        return calloc(1, bytes > 0 ? bytes : 1);
    }
    void *block = allocator->alloc(allocator->ctx, bytes > 0 ? bytes : 1);
    if (block != NULL) {
        memset(block, 0, bytes);
    }
    return block;
}

void od__free(const od_allocator *allocator, void *block)
{
    if (allocator == NULL || allocator->alloc == NULL) {
        free(block);
    } else if (allocator->free != NULL) {
        allocator->free(allocator->ctx, block);
    }
}

void od__arena_reset(od__arena *arena)
{
    arena->now = arena->first;
    if (arena->now != NULL) {
        arena->now->used = 0;
    }
}

void od__arena_free(od__arena *arena)
{
    struct od__arena_block *block = arena->first;
    while (block != NULL) {
        struct od__arena_block *next = block->next;
        free(block);
        block = next;
    }
    *arena = (od__arena){0};
}

/* Make a block with room for `bytes` and put it behind the present one. */
static bool grow(od__arena *arena, size_t bytes)
{
    size_t room = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    struct od__arena_block *block = malloc(sizeof *block + room);
    if (block == NULL) {
        return false;
    }
    block->bytes = room;
    block->used = 0;
    if (arena->now == NULL) {
        block->next = arena->first;
        arena->first = block;
    } else {
        block->next = arena->now->next;
        arena->now->next = block;
    }
    arena->now = block;
    return true;
}

void *od__arena_take(od__arena *arena, size_t bytes)
{
    if (bytes > TAKE_MAX) {
        return NULL;
    }
    bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    struct od__arena_block *block = arena->now;
    if (block == NULL || block->bytes - block->used < bytes) {
        struct od__arena_block *next = block != NULL ? block->next : NULL;
        if (next != NULL && next->bytes >= bytes) {
            next->used = 0;
            arena->now = next;
        } else if (!grow(arena, bytes)) {
            return NULL;
        }
        block = arena->now;
    }
    void *out = block->data + block->used;
    block->used += bytes;
    return out;
}

const char *od__arena_text(od__arena *arena, const char *text, size_t len)
{
    if (text == NULL || len == 0) {
        return "";
    }
    char *out = len < TAKE_MAX ? od__arena_take(arena, len + 1) : NULL;
    if (out != NULL) {
        memcpy(out, text, len);
        out[len] = '\0';
    }
    return out;
}
