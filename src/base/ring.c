/*
 * ring.c - a bounded queue between two threads, without a lock.
 *
 *        head                tail
 *   [ ] [ a ] [ b ] [ c ] [ ] [ ]      tail - head items wait
 *
 * Positions count for ever and are reduced by a mask; capacity is a power of
 * two. The putting thread alone moves `tail`, the taking thread alone moves
 * `head`; each publishes with release what the other reads with acquire. Each
 * side remembers the other's last seen position, so the shared lines are
 * touched only when the queue looks full or empty.
 */
#include "base/base.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#define LINE 64 /* bytes of a cache line: the two sides do not share one */

struct od__ring {
    size_t item_size;
    size_t mask;
    uint8_t *items;
    /* of the putting thread */
    _Alignas(LINE) atomic_size_t tail;
    size_t head_seen;
    /* of the taking thread */
    _Alignas(LINE) atomic_size_t head;
    size_t tail_seen;
};

od__ring *od__ring_new(size_t item_size, size_t items_max)
{
    assert(item_size > 0 && items_max > 0);
    if (items_max > SIZE_MAX / 4 / item_size) {
        return NULL;
    }
    size_t capacity = 1;
    while (capacity < items_max) {
        capacity *= 2;
    }
    od__ring *ring = aligned_alloc(LINE, sizeof *ring);
    if (ring == NULL) {
        return NULL;
    }
    memset(ring, 0, sizeof *ring);
    ring->items = calloc(capacity, item_size);
    if (ring->items == NULL) {
        free(ring);
        return NULL;
    }
    ring->item_size = item_size;
    ring->mask = capacity - 1;
    atomic_init(&ring->tail, 0);
    atomic_init(&ring->head, 0);
    return ring;
}

void od__ring_free(od__ring *ring)
{
    if (ring != NULL) {
        free(ring->items);
        free(ring);
    }
}

bool od__ring_put(od__ring *ring, const void *item)
{
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    if (tail - ring->head_seen > ring->mask) {
        ring->head_seen =
            atomic_load_explicit(&ring->head, memory_order_acquire);
        if (tail - ring->head_seen > ring->mask) {
            return false;
        }
    }
    memcpy(ring->items + (tail & ring->mask) * ring->item_size, item,
           ring->item_size);
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
    return true;
}

bool od__ring_take(od__ring *ring, void *item)
{
    size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    if (head == ring->tail_seen) {
        ring->tail_seen =
            atomic_load_explicit(&ring->tail, memory_order_acquire);
        if (head == ring->tail_seen) {
            return false;
        }
    }
    memcpy(item, ring->items + (head & ring->mask) * ring->item_size,
           ring->item_size);
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
    return true;
}

bool od__ring_is_empty(const od__ring *ring)
{
    /* Head first: it never passes the tail that is read after it. */
    size_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    return head == atomic_load_explicit(&ring->tail, memory_order_acquire);
}
