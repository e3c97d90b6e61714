/*
 * pace.c - limits per trunk: live calls, and calls per second.
 *
 * A bucket of tokens for each trunk, counted in thousandths so that a step of
 * one millisecond adds calls_per_second_max of them. The bucket holds a
 * twentieth of a second, at least one call: a limit per second is one at every
 * instant for the carrier's counter. Trunks are used in proportion to the
 * channels they have free.
 */
#include "core/core.h"

#define CALL_MILLI 1000

static int64_t bucket_milli(const od__trunk *trunk)
{
    int64_t twentieth = (int64_t)trunk->info.calls_per_second_max * 50;
    return twentieth > CALL_MILLI ? twentieth : CALL_MILLI;
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
        trunk->tokens_milli = bucket_milli(trunk);
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

void od__pace_turn(od_engine *engine)
{
    for (int32_t i = 0; i < engine->trunks_len; i++) {
        od__trunk *trunk = &engine->trunks[i];
        if (trunk->untold) {
            tell(engine, trunk);
        }
        int64_t passed_ms = engine->now.mono_ms - trunk->at_mono_ms;
        int64_t room = bucket_milli(trunk);
        trunk->at_mono_ms = engine->now.mono_ms;
        if (passed_ms > 1000) {
            passed_ms = 1000; /* fills any bucket; cannot overflow */
        }
        trunk->tokens_milli += passed_ms * trunk->info.calls_per_second_max;
        if (trunk->tokens_milli > room) {
            trunk->tokens_milli = room;
        }
    }
}

static bool has_channel(const od__trunk *trunk)
{
    return trunk->info.up && trunk->live < trunk->info.calls_max;
}

int32_t od__pace_take(od_engine *engine)
{
    int32_t best = OD_NONE;
    int64_t best_share = -1;
    for (int32_t i = 0; i < engine->trunks_len; i++) {
        const od__trunk *trunk = &engine->trunks[i];
        if (!has_channel(trunk) || trunk->tokens_milli < CALL_MILLI) {
            continue;
        }
        int64_t share = (int64_t)(trunk->info.calls_max - trunk->live) * 1000 /
                        trunk->info.calls_max;
        if (share > best_share) {
            best = i;
            best_share = share;
        }
    }
    if (best != OD_NONE) {
        engine->trunks[best].live++;
        engine->trunks[best].tokens_milli -= CALL_MILLI;
    }
    return best;
}

void od__pace_undo(od_engine *engine, int32_t trunk)
{
    engine->trunks[trunk].live--;
    engine->trunks[trunk].tokens_milli += CALL_MILLI;
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
        if (has_channel(trunk)) {
            int64_t tokens = trunk->tokens_milli / CALL_MILLI;
            int64_t channels = trunk->info.calls_max - trunk->live;
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
        if (!has_channel(trunk)) {
            continue;
        }
        int64_t lacking = CALL_MILLI - trunk->tokens_milli;
        int64_t cps = trunk->info.calls_per_second_max;
        int64_t wait_ms = lacking <= 0 ? 0 : (lacking + cps - 1) / cps;
        if (trunk->at_mono_ms + wait_ms < next) {
            next = trunk->at_mono_ms + wait_ms;
        }
    }
    return next;
}
