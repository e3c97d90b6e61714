/*
 * heap.c - a binary heap of deadlines, smallest on top.
 *
 * Each timer knows its place, so moving and removing one costs O(log n)
 * without a search. Memory is taken once; the heap never grows. Timers of one
 * instant come in the order of their ids, so that a run can be repeated.
 *
 * Invariants: items[t->index - 1] == t for each timer in the heap; no item is
 * before its parent; index is 0 for every timer outside.
 */
#include "base/base.h"

#include <assert.h>

od_err od__heap_init(od__heap *heap, uint32_t len_max,
                     const od_allocator *allocator)
{
    assert(heap != NULL && len_max > 0 && len_max < UINT32_MAX / 2);
    od__timer **items = od__alloc(allocator, len_max * sizeof(od__timer *));
    if (items == NULL) {
        return OD_ERR_MEMORY;
    }
    *heap = (od__heap){.items = items, .len = 0, .len_max = len_max};
    return OD_OK;
}

void od__heap_clear(od__heap *heap, const od_allocator *allocator)
{
    for (uint32_t i = 0; i < heap->len; i++) {
        heap->items[i]->index = 0;
    }
    od__free(allocator, heap->items);
    *heap = (od__heap){0};
}

static bool is_before(const od__timer *a, const od__timer *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->id < b->id;
}

static void put(od__heap *heap, uint32_t place, od__timer *timer)
{
    heap->items[place] = timer;
    timer->index = place + 1;
}

static void sift_up(od__heap *heap, uint32_t place, od__timer *timer)
{
    while (place > 0) {
        uint32_t parent = (place - 1) / 2;
        if (!is_before(timer, heap->items[parent])) {
            break;
        }
        put(heap, place, heap->items[parent]);
        place = parent;
    }
    put(heap, place, timer);
}

static void sift_down(od__heap *heap, uint32_t place, od__timer *timer)
{
    for (;;) {
        uint32_t child = 2 * place + 1;
        if (child >= heap->len) {
            break;
        }
        if (child + 1 < heap->len &&
            is_before(heap->items[child + 1], heap->items[child])) {
            child++;
        }
        if (!is_before(heap->items[child], timer)) {
            break;
        }
        put(heap, place, heap->items[child]);
        place = child;
    }
    put(heap, place, timer);
}

/* Put `timer` where it belongs, starting from a place that is free. */
static void settle(od__heap *heap, uint32_t place, od__timer *timer)
{
    if (place > 0 && is_before(timer, heap->items[(place - 1) / 2])) {
        sift_up(heap, place, timer);
    } else {
        sift_down(heap, place, timer);
    }
}

void od__heap_set(od__heap *heap, od__timer *timer, int64_t at_ms)
{
    timer->at_ms = at_ms;
    if (timer->index != 0) {
        assert(heap->items[timer->index - 1] == timer);
        settle(heap, timer->index - 1, timer);
        return;
    }
    assert(heap->len < heap->len_max);
    heap->len++;
    sift_up(heap, heap->len - 1, timer);
}

void od__heap_unset(od__heap *heap, od__timer *timer)
{
    if (timer->index == 0) {
        return;
    }
    uint32_t place = timer->index - 1;
    assert(place < heap->len && heap->items[place] == timer);
    timer->index = 0;
    heap->len--;
    if (place < heap->len) {
        settle(heap, place, heap->items[heap->len]);
    }
}

od__timer *od__heap_first(const od__heap *heap)
{
    return heap->len > 0 ? heap->items[0] : NULL;
}
