/*
 * pace.c - limits per trunk: live calls, and calls per second.
 *
 * A bucket of tokens for each trunk, counted in millionths. The bucket holds a
 * twentieth of a second, at least one call: a limit per second is one at every
 * instant for the carrier's counter. Trunks are used in proportion to the
 * channels they have free.
 *
 * What a trunk takes is found out: it begins at the limits it was given, halves
 * its rate when the network says that it is full (503, 429, a burst of 480), at
 * most once a second, and grows back by a twentieth of its limit each second in
 * which the network does not. A Retry-After holds the trunk that long.
 *
 *     rate   limit --full--> /2 --full--> /4 --a second--> + limit/20 ...
 *     room   limit --full--> 7/8 of the calls that live --> + limit/20 ...
 */
#include "core/core.h"

#define CALL_MICRO 1000000
#define CALL_MILLI 1000

/* Steps of growth from nothing to the limit. */
#define GROWTH 20

/* At least one call in ten seconds, or it is never known to be free again. */
#define RATE_MIN_MILLI 100

/* So many 480 in a second are a burst, if they are most of what ended. */
#define BURST 5

/* A trunk is held no longer than this, whatever it says. */
#define HOLD_MAX_S 3600

static int64_t bucket_micro(const od__trunk *trunk)
{
    int64_t twentieth = trunk->rate_milli * 50;
    return twentieth > CALL_MICRO ? twentieth : CALL_MICRO;
}

static int64_t rate_limit_milli(const od__trunk *trunk)
{
    return (int64_t)trunk->info.calls_per_second_max * CALL_MILLI;
}

static int64_t room_limit_milli(const od__trunk *trunk)
{
    return (int64_t)trunk->info.calls_max * CALL_MILLI;
}

od_err od__pace_init(od_engine *engine)
{
    for (int32_t i = 0; i < OD_TRUNKS_MAX; i++) {
        od__trunk *trunk = &engine->trunks[i];
        od_err err =
            OD__TRUNKS(engine, trunk_get)(engine->carrier, i, &trunk->info);
        if (err == OD_ERR_NOT_FOUND) {
            break;
        }
        if (err != OD_OK) {
            return od__engine_fail(engine, err, "trunk %d cannot be read", i);
        }
        if (trunk->info.calls_max < 1 ||
            trunk->info.calls_per_second_max < 1) {
            return od__engine_fail(engine, OD_ERR_INVALID,
                                   "trunk \"%.63s\" has a limit below 1",
                                   trunk->info.name);
        }
        trunk->at_mono_ms = engine->now.mono_ms;
        trunk->slowed_mono_ms = engine->now.mono_ms - 1000;
        trunk->rate_milli = rate_limit_milli(trunk);
        trunk->room_milli = room_limit_milli(trunk);
        trunk->tokens_micro = bucket_micro(trunk);
        engine->trunks_len = i + 1;
    }
    if (engine->trunks_len == 0) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "the transport has no trunk");
    }
    return OD_OK;
}

static void tell(od_engine *engine, od__trunk *trunk)
{
    trunk->untold = !od__events_has_room(engine);
    if (trunk->untold) {
        engine->events_short = true;
        return;
    }
    od_event *e = od__events_put(engine, OD_EVENT_TRUNK);
    od__text_copy(e->u.trunk.trunk, sizeof e->u.trunk.trunk,
                  trunk->info.name);
    e->u.trunk.up = trunk->info.up;
    od__text_copy(e->u.trunk.text, sizeof e->u.trunk.text, trunk->text);
}

void od__pace_report(od_engine *engine, const od_report *report)
{
    if (report->trunk < 0 || report->trunk >= engine->trunks_len) {
        return;
    }
    od__trunk *trunk = &engine->trunks[report->trunk];
    trunk->info.up = report->up;
    od__text_copy(trunk->text, sizeof trunk->text,
                  report->text != NULL ? report->text : "");
    tell(engine, trunk);
}

/* == what a trunk takes ==================================================== */

static void slow_down(od__trunk *trunk, int64_t now_ms)
{
    if (now_ms - trunk->slowed_mono_ms < 1000) {
        return; /* calls of the same burst */
    }
    int64_t room = (int64_t)trunk->live * (CALL_MILLI * 7 / 8);
    trunk->slowed_mono_ms = now_ms;
    trunk->rate_milli /= 2;
    if (trunk->rate_milli < RATE_MIN_MILLI) {
        trunk->rate_milli = RATE_MIN_MILLI;
    }
    if (room < trunk->room_milli) {
        trunk->room_milli = room > CALL_MILLI ? room : CALL_MILLI;
    }
    if (trunk->tokens_micro > bucket_micro(trunk)) {
        trunk->tokens_micro = bucket_micro(trunk);
    }
}

void od__pace_note(od_engine *engine, int32_t index, const od_report *report)
{
    od__trunk *trunk = &engine->trunks[index];
    int64_t now_ms = engine->now.mono_ms;
    if (now_ms - trunk->second_mono_ms >= 1000) {
        trunk->second_mono_ms = now_ms;
        trunk->second_ended = 0;
        trunk->second_unreached = 0;
    }
    trunk->second_ended++;
    trunk->second_unreached += report->status == 480 ? 1 : 0;
    bool burst = report->status == 480 && trunk->second_unreached >= BURST &&
                 2 * trunk->second_unreached > trunk->second_ended;
    bool full = report->status == 503 || report->status == 429 || burst ||
                report->fault == OD_ERR_LIMIT;
    if (!full) {
        return;
    }
    int64_t hold_s = report->retry_after_s < HOLD_MAX_S ? report->retry_after_s
                                                        : HOLD_MAX_S;
    if (hold_s > 0 && now_ms + hold_s * 1000 > trunk->held_mono_ms) {
        trunk->held_mono_ms = now_ms + hold_s * 1000;
    }
    slow_down(trunk, now_ms);
}

/* What a limit grows by in these milliseconds: the parts of a second add up to
 * the whole, however often the engine steps. */
static int64_t growth(int64_t limit_milli, int64_t from_ms, int64_t ms)
{
    const int64_t whole_ms = GROWTH * 1000;
    int64_t at_ms = from_ms % whole_ms;
    return limit_milli * (at_ms + ms) / whole_ms -
           limit_milli * at_ms / whole_ms;
}

/* Grow by so many milliseconds in which the network did not complain. */
static void grow(od__trunk *trunk, int64_t from_ms, int64_t ms)
{
    int64_t rate_max = rate_limit_milli(trunk);
    int64_t room_max = room_limit_milli(trunk);
    trunk->rate_milli += growth(rate_max, from_ms, ms);
    trunk->room_milli += growth(room_max, from_ms, ms);
    trunk->rate_milli =
        trunk->rate_milli < rate_max ? trunk->rate_milli : rate_max;
    trunk->room_milli =
        trunk->room_milli < room_max ? trunk->room_milli : room_max;
}

void od__pace_turn(od_engine *engine)
{
    for (int32_t i = 0; i < engine->trunks_len; i++) {
        od__trunk *trunk = &engine->trunks[i];
        if (trunk->untold) {
            tell(engine, trunk);
        }
        int64_t from_ms = trunk->at_mono_ms;
        int64_t passed_ms = engine->now.mono_ms - from_ms;
        trunk->at_mono_ms = engine->now.mono_ms;
        if (passed_ms > 20000) {
            passed_ms = 20000; /* grows to any limit; cannot overflow */
        }
        if (passed_ms > 0 &&
            engine->now.mono_ms - trunk->slowed_mono_ms >= 1000) {
            grow(trunk, from_ms, passed_ms);
        }
        int64_t room = bucket_micro(trunk);
        trunk->tokens_micro += passed_ms * trunk->rate_milli;
        if (trunk->tokens_micro > room) {
            trunk->tokens_micro = room;
        }
    }
}

/* == places ================================================================ */

static int64_t free_channels(const od__trunk *trunk)
{
    return trunk->room_milli / CALL_MILLI - trunk->live;
}

static bool has_channel(const od_engine *engine, const od__trunk *trunk)
{
    return trunk->info.up && free_channels(trunk) > 0 &&
           trunk->held_mono_ms <= engine->now.mono_ms;
}

int32_t od__pace_take(od_engine *engine)
{
    int32_t best = OD_NONE;
    int64_t best_share = -1;
    for (int32_t i = 0; i < engine->trunks_len; i++) {
        const od__trunk *trunk = &engine->trunks[i];
        if (!has_channel(engine, trunk) || trunk->tokens_micro < CALL_MICRO) {
            continue;
        }
        int64_t share = free_channels(trunk) * 1000 / trunk->info.calls_max;
        if (share > best_share) {
            best = i;
            best_share = share;
        }
    }
    if (best != OD_NONE) {
        engine->trunks[best].live++;
        engine->trunks[best].tokens_micro -= CALL_MICRO;
    }
    return best;
}

void od__pace_undo(od_engine *engine, int32_t trunk)
{
    engine->trunks[trunk].live--;
    engine->trunks[trunk].tokens_micro += CALL_MICRO;
}

void od__pace_release(od_engine *engine, int32_t trunk)
{
    engine->trunks[trunk].live--;
}

int32_t od__pace_room(const od_engine *engine)
{
    int64_t room = 0;
    for (int32_t i = 0; i < engine->trunks_len; i++) {
        const od__trunk *trunk = &engine->trunks[i];
        if (has_channel(engine, trunk)) {
            int64_t tokens = trunk->tokens_micro / CALL_MICRO;
            int64_t channels = free_channels(trunk);
            room += tokens < channels ? tokens : channels;
        }
    }
    return (int32_t)(room < INT32_MAX ? room : INT32_MAX);
}

int64_t od__pace_next_ms(const od_engine *engine)
{
    int64_t next = OD_NEVER;
    for (int32_t i = 0; i < engine->trunks_len; i++) {
        const od__trunk *trunk = &engine->trunks[i];
        if (!trunk->info.up || trunk->live >= trunk->info.calls_max) {
            continue;
        }
        int64_t lacking = CALL_MICRO - trunk->tokens_micro;
        int64_t rate = trunk->rate_milli;
        int64_t wait_ms = lacking <= 0 ? 0 : (lacking + rate - 1) / rate;
        int64_t at_ms = trunk->at_mono_ms + wait_ms;
        if (free_channels(trunk) <= 0 && at_ms < trunk->at_mono_ms + 1000) {
            at_ms = trunk->at_mono_ms + 1000; /* it may have grown by then */
        }
        at_ms = at_ms > trunk->held_mono_ms ? at_ms : trunk->held_mono_ms;
        next = at_ms < next ? at_ms : next;
    }
    return next;
}
