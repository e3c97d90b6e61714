/*
 * heap.c - a binary heap of deadlines, smallest on top.
 *
 * Each timer knows its place, so moving and removing one costs O(log n)
 * without a search. Memory is taken once; the heap never grows. Timers of one
 * instant come in the order of their ids, so that a run can be repeated.
 *
 * Invariants: items[t->index - 1].timer == t for each timer in the heap; no
 * item is before its parent; index is 0 for every timer outside.
 */
#include "base/base.h"

#include <assert.h>

od_err od__heap_init(od__heap *heap, uint32_t len_max,
                     const od_allocator *allocator)
{
    assert(heap != NULL && len_max > 0 && len_max < UINT32_MAX / 2);
    od__heap_item *items = od__alloc(allocator, len_max * sizeof *items);
    if (items == NULL) {
        return OD_ERR_MEMORY;
    }
    *heap = (od__heap){.items = items, .len = 0, .len_max = len_max};
    return OD_OK;
}

void od__heap_clear(od__heap *heap, const od_allocator *allocator)
{
    for (uint32_t i = 0; i < heap->len; i++) {
        heap->items[i].timer->index = 0;
    }
    od__free(allocator, heap->items);
    *heap = (od__heap){0};
}

static bool is_before(const od__heap_item *a, const od__heap_item *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->id < b->id;
}

static void put(od__heap *heap, uint32_t place, const od__heap_item *item)
{
    heap->items[place] = *item;
    item->timer->index = place + 1;
}

static void sift_up(od__heap *heap, uint32_t place, const od__heap_item *item)
{
    while (place > 0) {
        uint32_t parent = (place - 1) / 2;
        if (!is_before(item, &heap->items[parent])) {
            break;
        }
        put(heap, place, &heap->items[parent]);
        place = parent;
    }
    put(heap, place, item);
}

static void sift_down(od__heap *heap, uint32_t place, const od__heap_item *item)
{
    for (;;) {
        uint32_t child = 2 * place + 1;
        if (child >= heap->len) {
            break;
        }
        if (child + 1 < heap->len &&
            is_before(&heap->items[child + 1], &heap->items[child])) {
            child++;
        }
        if (!is_before(&heap->items[child], item)) {
            break;
        }
        put(heap, place, &heap->items[child]);
        place = child;
    }
    put(heap, place, item);
}

/* Put an item, which is none of the heap's own, where it belongs, starting
 * from a place that is free. */
static void settle(od__heap *heap, uint32_t place, const od__heap_item *item)
{
    if (place > 0 && is_before(item, &heap->items[(place - 1) / 2])) {
        sift_up(heap, place, item);
    } else {
        sift_down(heap, place, item);
    }
}

void od__heap_set(od__heap *heap, od__timer *timer, int64_t at_ms)
{
    const od__heap_item item = {
        .at_ms = at_ms, .timer = timer, .id = timer->id};
    timer->at_ms = at_ms;
    if (timer->index != 0) {
        assert(heap->items[timer->index - 1].timer == timer);
        settle(heap, timer->index - 1, &item);
        return;
    }
    assert(heap->len < heap->len_max);
    heap->len++;
    sift_up(heap, heap->len - 1, &item);
}

void od__heap_unset(od__heap *heap, od__timer *timer)
{
    if (timer->index == 0) {
        return;
    }
    uint32_t place = timer->index - 1;
    assert(place < heap->len && heap->items[place].timer == timer);
    timer->index = 0;
    heap->len--;
    if (place < heap->len) {
        const od__heap_item last = heap->items[heap->len];
        settle(heap, place, &last);
    }
}

od__timer *od__heap_first(const od__heap *heap)
{
    return heap->len > 0 ? heap->items[0].timer : NULL;
}
