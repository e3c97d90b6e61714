/*
 * tmr_wheel.c - libre's timer interface (re_tmr.h) on a timing wheel.
 *
 * libre keeps its timers in one sorted list, searched linearly, on wall time.
 * This object takes the place of that one: it defines every function of the
 * interface, so the linker never pulls the archive's. Start and cancel are
 * O(1), a timer moves at most five times before it fires, and the clock is
 * monotonic. Not part of a build with -DOUTDIAL_LIBRE=shared.
 *
 * The wheel has six levels of 64 slots. Level n holds the timers whose time
 * differs from `tick` first in its n-th group of six bits:
 *
 *   tick     ...|group 2|group 1|group 0|     level 0: a slot is 1 ms
 *   a timer  ...|same   |differs|any    |  -> level 1, slot = its group 1
 *
 * When `tick` reaches a slot of an upper level, its timers sink to the levels
 * below. What differs beyond the six levels (two years) waits in `far`.
 *
 * Invariants:
 *   - Timers of a level below are all earlier than those of a level above.
 *   - `tick` is the first millisecond that was not polled yet. A timer that
 *     is earlier than that waits in `due`, in the order of its time.
 *   - A bit of `used` may be set for a slot that cancelling has emptied, never
 *     the other way round.
 *   - Timers fire in the order of their times, at one time in the order they
 *     were started, and only those whose time has come when the poll begins.
 *
 * libre never shares a loop between threads that this library runs, so each
 * thread has a wheel of its own and no lock.
 */
#include "transport/sip/libre.h"

#include "base/base.h"

#include <limits.h>
#include <stdio.h>

#define LEVELS 6
#define GROUP_BITS 6
#define SLOTS (1u << GROUP_BITS)
#define SPAN_BITS (LEVELS * GROUP_BITS)

typedef struct wheel {
    uint64_t tick;
    uint64_t used[LEVELS]; /* a bit per slot */
    struct list slots[LEVELS][SLOTS];
    struct list far;
    struct list due;
} wheel;

static _Thread_local wheel here;

uint64_t tmr_jiffies(void)
{
    od_now now;
    od_now_read(&now);
    return (uint64_t)now.mono_ms;
}

uint64_t tmr_jiffies_usec(void)
{
    return tmr_jiffies() * 1000;
}

static void insert(wheel *w, struct tmr *tmr)
{
    if (tmr->jfs < w->tick) {
        list_append(&w->due, &tmr->le, tmr);
        return;
    }
    uint64_t differs = tmr->jfs ^ w->tick;
    if (differs >> SPAN_BITS != 0) {
        list_append(&w->far, &tmr->le, tmr);
        return;
    }
    unsigned level = 0;
    if (differs != 0) {
        level = (63u - (unsigned)__builtin_clzll(differs)) / GROUP_BITS;
    }
    unsigned slot = (tmr->jfs >> (level * GROUP_BITS)) & (SLOTS - 1);
    list_append(&w->slots[level][slot], &tmr->le, tmr);
    w->used[level] |= UINT64_C(1) << slot;
}

/* Where the next thing happens: a slot to fire or to sink. */
typedef struct place {
    uint64_t tick;
    struct list *timers;
    bool fires;
} place;

/* Find it; slots that are empty lose their bit. False: there is no timer. */
static bool next_place(wheel *w, place *out)
{
    for (unsigned level = 0; level < LEVELS; level++) {
        while (w->used[level] != 0) {
            unsigned slot = (unsigned)__builtin_ctzll(w->used[level]);
            if (w->slots[level][slot].head == NULL) {
                w->used[level] &= ~(UINT64_C(1) << slot);
                continue;
            }
            unsigned shift = level * GROUP_BITS;
            uint64_t above = w->tick >> shift >> GROUP_BITS;
            out->tick = (above << GROUP_BITS | slot) << shift;
            out->timers = &w->slots[level][slot];
            out->fires = level == 0;
            return true;
        }
    }
    if (w->far.head != NULL) {
        out->tick = ((w->tick >> SPAN_BITS) + 1) << SPAN_BITS;
        out->timers = &w->far;
        out->fires = false;
        return true;
    }
    return false;
}

/* Put timers where they belong, seen from `tick`. */
static void sink(wheel *w, struct list *timers)
{
    struct list moved = *timers;
    list_init(timers);
    struct le *le = moved.head;
    while (le != NULL) {
        struct tmr *tmr = le->data;
        le = le->next;
        memset(&tmr->le, 0, sizeof tmr->le);
        insert(w, tmr);
    }
}

/* Handlers start and cancel timers, so the list is begun anew each time. */
static void fire_due(wheel *w)
{
    while (w->due.head != NULL) {
        struct tmr *tmr = w->due.head->data;
        tmr_h *handler = tmr->th;
        tmr->th = NULL;
        list_unlink(&tmr->le);
        if (handler != NULL) {
            handler(tmr->arg);
        }
    }
}

/*
 * Go on to `tick`, with the timers of the place that was left or reached. Upper
 * slots that begin here sink at once: a timer that is started next must find
 * them on the levels below.
 */
static void move(wheel *w, uint64_t tick, struct list *timers)
{
    w->tick = tick;
    if (timers != NULL) {
        sink(w, timers);
    }
    place next;
    while (next_place(w, &next) && !next.fires && next.tick <= tick) {
        sink(w, next.timers);
    }
}

void tmr_poll(struct list *tmrl)
{
    (void)tmrl;
    wheel *w = &here;
    const uint64_t now = tmr_jiffies();
    fire_due(w);
    place next;
    while (next_place(w, &next) && next.tick <= now) {
        /* Past a slot that fires, so that all of it is due. */
        move(w, next.fires ? next.tick + 1 : next.tick, next.timers);
        fire_due(w);
    }
    if (w->tick <= now) {
        move(w, now + 1, NULL);
    }
}

uint64_t tmr_next_timeout(struct list *tmrl)
{
    (void)tmrl;
    wheel *w = &here;
    place next;
    if (w->due.head != NULL) {
        return 1;
    }
    if (!next_place(w, &next)) {
        return 0;
    }
    /* An upper slot is met early: its timers sink, then are waited for. */
    const uint64_t now = tmr_jiffies();
    uint64_t wait = next.tick > now ? next.tick - now : 1;
    return wait < INT_MAX ? wait : INT_MAX;
}

void tmr_init(struct tmr *tmr)
{
    if (tmr != NULL) {
        memset(tmr, 0, sizeof *tmr);
    }
}

void tmr_start(struct tmr *tmr, uint64_t delay, tmr_h *th, void *arg)
{
    if (tmr == NULL) {
        return;
    }
    if (tmr->th != NULL) {
        list_unlink(&tmr->le);
    }
    tmr->th = th;
    tmr->arg = arg;
    if (th != NULL) {
        const uint64_t now = tmr_jiffies();
        tmr->jfs = delay < UINT64_MAX - now ? now + delay : UINT64_MAX;
        insert(&here, tmr);
    }
}

void tmr_cancel(struct tmr *tmr)
{
    tmr_start(tmr, 0, NULL, NULL);
}

uint64_t tmr_get_expire(const struct tmr *tmr)
{
    if (tmr == NULL || tmr->th == NULL) {
        return 0;
    }
    const uint64_t now = tmr_jiffies();
    return tmr->jfs > now ? tmr->jfs - now : 0;
}

int tmr_status(struct re_printf *pf, void *unused)
{
    (void)unused;
    uint32_t count = list_count(&here.far) + list_count(&here.due);
    for (unsigned level = 0; level < LEVELS; level++) {
        for (unsigned slot = 0; slot < SLOTS; slot++) {
            count += list_count(&here.slots[level][slot]);
        }
    }
    return count > 0 ? re_hprintf(pf, "Timers: %u\n", count) : 0;
}

void tmr_debug(void)
{
    (void)re_fprintf(stderr, "%H", tmr_status, NULL);
}
