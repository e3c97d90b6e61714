/*
 * step.c - one step: drain, expire, turn, pick, commit, act, deadline.
 *
 * The order is the promise. What is reported in a step is seen by the decisions
 * of the same step; everything is durable before anything of it leaves: the
 * INVITE or the text after its attempt, the event after its row, the
 * confirmation of an opt-out after its entry. When the store fails, the batch is
 * kept and nothing of it is acted upon.
 */
#include "core/core.h"

/* Reports and timers in one step. */
#define INPUTS_MAX 512

/* Places in the batch that reports leave to timers. */
#define TIMERS_RESERVE 64

#define LEASE_MS 5000
#define MAINTAIN_MS 1000
#define ZONES_MS 3600000
#define REGISTRIES_MS 1000

/* Pause after a failure of the store. */
#define RETRY_MS 200

/* The wall clock moved by itself: every opening is judged again. */
#define JUMP_MS 2000

static size_t inputs_left(const od_engine *engine)
{
    size_t room = od__batch_room(engine->batch);
    room = room > TIMERS_RESERVE ? room - TIMERS_RESERVE : 0;
    return room < INPUTS_MAX ? room : INPUTS_MAX;
}

/* What other processes changed, and the housekeeping. */
static od_err look_around(od_engine *engine)
{
    int64_t now = engine->now.mono_ms;
    od_err err = OD_OK;
    if (engine->storage_ops->epoch != NULL && now >= engine->poll_at_ms) {
        int64_t epoch = 0;
        engine->poll_at_ms = now + engine->options.poll_ms;
        err = OD__STORE(engine, epoch)(engine->store, &epoch);
        if (err == OD_OK && epoch != engine->epoch) {
            engine->roster_stale = true;
            od__roster_stale(engine);
            err = od__law_refresh(engine);
            if (err == OD_OK) {
                err = od__calls_heed_dnc(engine, 0);
            }
            od__notices_stale(engine);
            /* What could not be looked at is looked at again. */
            engine->epoch = err == OD_OK ? epoch : engine->epoch;
        }
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
    }
    if (engine->law.assets_sum == OD_NONE) {
        err = od__law_refresh(engine);
    }
    if (err != OD_OK) {
        return err;
    }
    if (now >= engine->lease_at_ms) {
        err = OD__STORE(engine, lease)(engine->store, engine->owner,
                                       &engine->now);
        /* Not held, no call: the next step asks for it again. */
        engine->lease_at_ms = err == OD_OK ? now + LEASE_MS : now;
    }
    if (err == OD_OK && engine->storage_ops->maintain != NULL &&
        now >= engine->maintain_at_ms) {
        /* Housekeeping: what really fails, the next commit says. */
        engine->maintain_at_ms = now + MAINTAIN_MS;
        (void)OD__STORE(engine, maintain)(engine->store, &engine->now);
    }
    if (now >= engine->zones_at_ms) {
        engine->zones_at_ms = now + ZONES_MS;
        od__places_refresh(engine);
    }
    if (now >= engine->registries_at_ms) {
        engine->registries_at_ms = now + REGISTRIES_MS;
        od__registries_refresh(engine);
    }
    return od__store_err(engine, err);
}

static od_err commit(od_engine *engine)
{
    od__batch *batch = engine->batch;
    od__pick *pick = &engine->pick;
    od_exchange x;
    od__notices *notices = &engine->inbox->notices;
    if (od__batch_is_empty(batch) && pick->lanes_len == 0 &&
        notices->claims_len == 0) {
        return OD_OK;
    }
    od__batch_exchange(batch, engine->now.utc_ms, &x);
    x.notices = notices->claims;
    x.notices_len = notices->claims_len;
    x.lanes = pick->lanes;
    x.lanes_len = pick->lanes_len;
    x.judge = od__pick_judge;
    x.judge_ctx = engine;
    return od__store_err(engine, OD__STORE(engine, exchange)(engine->store,
                                                             &x));
}

/* -- the deadline ------------------------------------------------------------ */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* A wall time as monotonic time; far ones are never, the rest is enough. */
static int64_t mono_of(const od_engine *engine, int64_t utc_ms)
{
    if (utc_ms == OD_NEVER) {
        return OD_NEVER;
    }
    int64_t wait_ms = utc_ms - engine->now.utc_ms;
    return engine->now.mono_ms + (wait_ms > 0 ? wait_ms : 0);
}

static int64_t lanes_deadline(const od_engine *engine)
{
    int64_t at = OD_NEVER;
    for (size_t i = 0; i < engine->active_len; i++) {
        const od__active *active = engine->active[i];
        bool asap = active->lanes_stale || !active->record.filled ||
                    ((active->guard_tripped ||
                      od__roster_is_over(engine, active)) &&
                     od__events_has_room(engine)) ||
                    od__roster_may_end(engine, active);
        if (!active->running) {
            continue;
        }
        if (asap) {
            return engine->now.mono_ms;
        }
        if (active->record.end_utc_ms != 0) {
            at = least(at, mono_of(engine, active->record.end_utc_ms));
        }
        for (size_t j = 0; j < active->lanes_len; j++) {
            const od__lane *lane = &active->lanes[j];
            if (lane->due_next_utc_ms == OD_NEVER) {
                continue;
            }
            if (lane->opening.verdict.kind == OD_VERDICT_DEFER) {
                at = least(at, mono_of(engine, lane->opening.until_utc_ms));
            } else if (lane->due_next_utc_ms > engine->now.utc_ms) {
                at = least(at, mono_of(engine, lane->due_next_utc_ms));
            }
        }
    }
    return at;
}

/* When a token comes that something due waits for. */
static int64_t tokens_deadline(const od_engine *engine)
{
    int64_t at = engine->pick.wait_ms;
    for (int32_t c = 0; c < OD__CHANNELS; c++) {
        if (engine->pick.starved[c] && od__pace_room(engine, c) == 0) {
            at = least(at, od__pace_next_ms(engine, c));
        }
    }
    return at;
}

static void set_deadline(od_engine *engine)
{
    int64_t now = engine->now.mono_ms;
    int64_t at = OD_NEVER;
    if (engine->transport != NULL) {
        const od__timer *timer = od__heap_first(&engine->timers);
        at = timer != NULL ? timer->at_ms : OD_NEVER;
        at = least(at, OD__TRUNKS(engine, deadline_ms)(engine->carrier));
        /* Else the host must read first. */
        if (od__events_has_room(engine) && !engine->events_short) {
            at = least(at, mono_of(engine, engine->scheduled_utc_ms));
        }
        at = least(at, lanes_deadline(engine));
        at = least(at, tokens_deadline(engine));
        at = least(at, od__inbox_deadline_ms(engine));
        if (engine->pick.more || engine->roster_stale ||
            !od__batch_is_empty(engine->batch)) {
            at = now;
        }
        if (engine->storage_ops->epoch != NULL) {
            at = least(at, engine->poll_at_ms);
            at = least(at, engine->lease_at_ms);
        }
        if (engine->retry_at_ms != 0) {
            at = engine->retry_at_ms; /* the step was not done to its end */
        }
    }
    if (od__import_is_due(engine)) {
        at = now;
    }
    engine->deadline_ms = at < now ? now : at;
}

/* -- the step ------------------------------------------------------------------ */

/* The store failed: tell it once, try again soon. */
static void stumble(od_engine *engine, od_err err)
{
    engine->retry_at_ms = engine->now.mono_ms + RETRY_MS;
    if (engine->faulty) {
        return;
    }
    engine->faulty = true;
    od_event *e = &engine->events.fault;
    memset(e, 0, sizeof *e);
    e->type = OD_EVENT_FAULT;
    e->utc_ms = engine->now.utc_ms;
    e->u.fault.err = err;
    od__text_copy(e->u.fault.text, sizeof e->u.fault.text, engine->errmsg.text);
    engine->events.has_fault = true;
}

/* Reports first, then timers: a timer that is due may be answered by a report
 * that has not been read yet. When the batch takes no more reports the timers
 * have a reserve, so that calls still end. */
static void take_inputs(od_engine *engine)
{
    size_t room = inputs_left(engine);
    OD__TRUNKS(engine, step)(engine->carrier, &engine->now, room);
    bool drained = OD__TRUNKS(engine, deadline_ms)(engine->carrier) >
                   engine->now.mono_ms;
    if (drained || room == 0) {
        (void)od__calls_expire(engine, od__batch_room(engine->batch));
    }
}

/* All that decides what may begin. A failure of it stops claims, not the
 * storing of what happened. */
static od_err prepare(od_engine *engine)
{
    od_err err = look_around(engine);
    if (err == OD_OK) {
        err = od__roster_turn(engine);
    }
    if (err == OD_OK) {
        err = od__roster_lanes(engine);
    }
    if (err == OD_OK) {
        od__senders_turn(engine);
        err = od__notices_turn(engine);
    }
    if (err == OD_OK) {
        od__pick_lanes(engine);
    }
    return err;
}

static od_err dial_step(od_engine *engine)
{
    take_inputs(engine);
    od__pace_turn(engine);
    od__pick_clear(engine);
    od_err prepared = od__inbox_turn(engine, inputs_left(engine));
    if (prepared == OD_OK) {
        prepared = prepare(engine);
    }
    od_err err = commit(engine);
    if (err != OD_OK) {
        od__notices_undo(engine);
        od__pick_undo(engine);
        stumble(engine, err);
        return err;
    }
    od_err followed = od__inbox_done(engine);
    prepared = prepared == OD_OK ? followed : prepared;
    od__batch_clear(engine->batch);
    od__events_show(engine);
    size_t live = engine->calls_live;
    od__calls_act(engine);
    bool freed = engine->calls_live < live; /* a place for who is due */
    od__notices_done(engine);
    od__pick_done(engine);
    /* Without places for events nothing more begins until the host reads. */
    engine->pick.more = freed || (engine->pick.more && !engine->events_short);
    if (prepared != OD_OK) {
        stumble(engine, prepared);
        return prepared;
    }
    engine->faulty = false;
    engine->retry_at_ms = 0;
    return OD_OK;
}

od_err od__step(od_engine *engine)
{
    od_err err = OD_OK;
    od__arena_reset(&engine->arena);
    if (engine->transport != NULL) {
        err = dial_step(engine);
    }
    od__import_turn(engine);
    set_deadline(engine);
    return err;
}

/* Did the wall clock move otherwise than the monotonic one? */
static bool jumped(const od_now *before, const od_now *now)
{
    int64_t drift = (now->utc_ms - before->utc_ms) -
                    (now->mono_ms - before->mono_ms);
    return drift > JUMP_MS || drift < -JUMP_MS;
}

od_err od_engine_step(od_engine *engine, const od_now *now)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (now == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "now must not be NULL");
    }
    if (now->mono_ms < engine->now.mono_ms) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "monotonic time went back from %lld to %lld ms",
                               (long long)engine->now.mono_ms,
                               (long long)now->mono_ms);
    }
    if (jumped(&engine->now, now)) {
        od__roster_stale(engine);
    }
    engine->now = *now;
    od__wake_clear(&engine->wake);
    return od__step(engine);
}
