/*
 * forecast_queue.c - lanes of numbers by their due times.
 *
 * A pairing heap that runs through the numbers themselves: adding is O(1),
 * taking the first out O(log n) amortised, and neither can run out of memory.
 *
 *        first (due 5)
 *          |
 *        child (due 7) -- sibling (due 6) -- sibling (due 9)
 *
 * Called by forecast_run.c only.
 */
#include "core/forecast.h"

#include <assert.h>

static bool is_before(const od__number *a, const od__number *b)
{
    return a->due_utc_ms != b->due_utc_ms ? a->due_utc_ms < b->due_utc_ms
                                          : a->phone < b->phone;
}

/* Two heaps become one. */
static uint32_t join(od__number *rows, uint32_t a, uint32_t b)
{
    if (a == 0 || b == 0) {
        return a + b;
    }
    if (is_before(&rows[b - 1], &rows[a - 1])) {
        uint32_t other = a;
        a = b;
        b = other;
    }
    rows[b - 1].sibling = rows[a - 1].child;
    rows[a - 1].child = b;
    return a;
}

void od__queue_put(od__number *rows, uint32_t *first, uint32_t number)
{
    rows[number - 1].child = 0;
    rows[number - 1].sibling = 0;
    *first = join(rows, *first, number);
}

/* Children in pairs from the left, then the pairs from the right. */
uint32_t od__queue_take(od__number *rows, uint32_t *first)
{
    assert(*first != 0);
    uint32_t taken = *first;
    uint32_t left = rows[taken - 1].child;
    uint32_t pairs = 0;
    while (left != 0) {
        uint32_t a = left;
        uint32_t b = rows[a - 1].sibling;
        left = b != 0 ? rows[b - 1].sibling : 0;
        rows[a - 1].sibling = 0;
        if (b != 0) {
            rows[b - 1].sibling = 0;
        }
        uint32_t pair = join(rows, a, b);
        rows[pair - 1].sibling = pairs;
        pairs = pair;
    }
    uint32_t all = 0;
    while (pairs != 0) {
        uint32_t next = rows[pairs - 1].sibling;
        rows[pairs - 1].sibling = 0;
        all = join(rows, all, pairs);
        pairs = next;
    }
    *first = all;
    return taken;
}
