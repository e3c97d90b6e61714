/*
 * events.c - the queue of events and its promise: none is ever dropped.
 *
 *      head        shown        tail                 head + room
 *       | visible    | not yet    | promised, free      |
 *       |            | durable    |                     |
 *
 * Before a call is claimed, places for all its events are promised to it; each
 * event it makes uses one of them up, its end gives the rest back. Events of
 * other kinds need a free place beyond the promises, and wait without one. A
 * fault has a place of its own: while the store fails nothing else is visible.
 */
#include "core/core.h"

#include <assert.h>

static uint64_t used(const od__events *events)
{
    return events->tail - events->head + events->promised;
}

bool od__events_promise(od_engine *engine, int32_t places)
{
    od__events *events = &engine->events;
    if (used(events) + (uint64_t)places > events->room) {
        return false;
    }
    events->promised += (uint64_t)places;
    return true;
}

void od__events_release(od_engine *engine, int32_t places)
{
    assert(engine->events.promised >= (uint64_t)places);
    engine->events.promised -= (uint64_t)places;
}

bool od__events_has_room(const od_engine *engine)
{
    return used(&engine->events) < engine->events.room;
}

od_event *od__events_put(od_engine *engine, od_event_type type)
{
    od__events *events = &engine->events;
    assert(events->tail - events->head < events->room);
    od_event *event = &events->rows[events->tail % events->room];
    events->tail++;
    memset(event, 0, sizeof *event);
    event->type = type;
    event->utc_ms = engine->now.utc_ms;
    return event;
}

void od__events_show(od_engine *engine)
{
    engine->events.shown = engine->events.tail;
}

bool od_engine_next_event(od_engine *engine, od_event *out)
{
    if (engine == NULL || out == NULL) {
        return false;
    }
    od__events *events = &engine->events;
    if (events->has_fault) {
        events->has_fault = false;
        *out = events->fault;
        return true;
    }
    if (events->head == events->shown) {
        return false;
    }
    *out = events->rows[events->head % events->room];
    events->head++;
    if (engine->events_short) { /* who waited for a place looks again */
        engine->events_short = false;
        engine->deadline_ms = engine->now.mono_ms;
        od__engine_changed(engine);
    }
    return true;
}
