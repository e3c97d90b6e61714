/*
 * pace.c - limits per trunk and channel: what is live, and how many a second.
 *
 * A trunk has a meter for calls and one for texts: neither takes from the
 * other. Trunks are used in proportion to the places they have free.
 *
 * What a trunk takes is found out. A meter is slowed when the network says that
 * it is full: 503, 429, a burst of 480 of calls; CONGESTION of texts. A
 * Retry-After holds the trunk that long, for its channel.
 */
#include "core/core.h"

/* So many 480 in a second are a burst, if they are most of what ended. */
#define BURST 5

/* A trunk is held no longer than this, whatever it says. */
#define HOLD_MAX_S 3600

static bool limits_are_sound(int32_t live_max, int32_t per_second_max)
{
    return live_max >= 0 && (live_max == 0 || per_second_max >= 1);
}

/* 0 and 0: it carries none of the channel. */
static void meter_init(od__meter *meter, int32_t live_max,
                       int32_t per_second_max, int64_t now_ms)
{
    int64_t per_second = live_max > 0 ? per_second_max : 0;
    od__meter_init(meter, per_second * 1000, live_max, now_ms);
}

od_err od__pace_init(od_engine *engine)
{
    for (int32_t i = 0; i < OD_TRUNKS_MAX; i++) {
        od__trunk *trunk = &engine->trunks[i];
        od_trunk_info *info = &trunk->info;
        memset(info, 0, sizeof *info);
        od_err err = OD__TRUNKS(engine, trunk_get)(engine->carrier, i, info);
        if (err == OD_ERR_NOT_FOUND) {
            break;
        }
        if (err != OD_OK) {
            return od__engine_fail(engine, err, "trunk %d cannot be read", i);
        }
        if ((info->calls_max == 0 && info->texts_max == 0) ||
            !limits_are_sound(info->calls_max, info->calls_per_second_max) ||
            !limits_are_sound(info->texts_max, info->texts_per_second_max)) {
            return od__engine_fail(engine, OD_ERR_INVALID,
                                   "trunk \"%.63s\" has a limit below 1",
                                   info->name);
        }
        meter_init(&trunk->meters[OD_CHANNEL_VOICE], info->calls_max,
                   info->calls_per_second_max, engine->now.mono_ms);
        meter_init(&trunk->meters[OD_CHANNEL_TEXT], info->texts_max,
                   info->texts_per_second_max, engine->now.mono_ms);
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

/* Is a call's end one of a burst of 480 in this second? */
static bool is_burst(od__trunk *trunk, int32_t status, int64_t now_ms)
{
    if (now_ms - trunk->second_mono_ms >= 1000) {
        trunk->second_mono_ms = now_ms;
        trunk->second_ended = 0;
        trunk->second_unreached = 0;
    }
    trunk->second_ended++;
    trunk->second_unreached += status == 480 ? 1 : 0;
    return status == 480 && trunk->second_unreached >= BURST &&
           2 * trunk->second_unreached > trunk->second_ended;
}

int64_t od__pace_hold_ms(const od_report *report)
{
    int64_t hold_s = report->retry_after_s < HOLD_MAX_S ? report->retry_after_s
                                                        : HOLD_MAX_S;
    return hold_s > 0 ? hold_s * 1000 : 0;
}

bool od__pace_is_throttled(const od_report *report)
{
    return report->fault == OD_ERR_LIMIT ||
           (report->fault == OD_OK &&
            report->disposition == OD_DISPOSITION_CONGESTION);
}

void od__pace_note(od_engine *engine, int32_t index, int32_t channel,
                   const od_report *report)
{
    od__trunk *trunk = &engine->trunks[index];
    od__meter *meter = &trunk->meters[channel];
    int64_t now_ms = engine->now.mono_ms;
    bool full = report->fault == OD_ERR_LIMIT;
    if (channel == OD_CHANNEL_TEXT) {
        full = od__pace_is_throttled(report);
    } else if (is_burst(trunk, report->status, now_ms) ||
               report->status == 503 || report->status == 429) {
        full = true;
    }
    if (full) {
        int64_t hold_ms = od__pace_hold_ms(report);
        if (hold_ms > 0) {
            od__meter_hold(meter, now_ms + hold_ms);
        }
        od__meter_slow(meter, now_ms);
    }
}

void od__pace_turn(od_engine *engine)
{
    for (int32_t i = 0; i < engine->trunks_len; i++) {
        od__trunk *trunk = &engine->trunks[i];
        if (trunk->untold) {
            tell(engine, trunk);
        }
        for (int32_t c = 0; c < OD__CHANNELS; c++) {
            od__meter_turn(&trunk->meters[c], engine->now.mono_ms);
        }
    }
}

/* == places ================================================================ */

size_t od__pace_bytes_max(const od_engine *engine)
{
    size_t most = 0;
    for (int32_t i = 0; i < engine->trunks_len; i++) {
        const od_trunk_info *info = &engine->trunks[i].info;
        size_t bytes = info->text_bytes_max > 0 ? (size_t)info->text_bytes_max
                                                : SIZE_MAX;
        most = info->texts_max > 0 && bytes > most ? bytes : most;
    }
    return most > 0 ? most : SIZE_MAX;
}

static bool takes_bytes(const od__trunk *trunk, size_t bytes)
{
    return trunk->info.text_bytes_max <= 0 ||
           bytes <= (size_t)trunk->info.text_bytes_max;
}

bool od__pace_carries(const od_engine *engine, size_t bytes)
{
    bool carries = false;
    for (int32_t i = 0; i < engine->trunks_len; i++) {
        const od__trunk *trunk = &engine->trunks[i];
        carries = carries || (trunk->info.up && trunk->info.texts_max > 0 &&
                              takes_bytes(trunk, bytes));
    }
    return carries;
}

int32_t od__pace_take(od_engine *engine, int32_t channel, size_t bytes)
{
    int32_t best = OD_NONE;
    int64_t best_share = -1;
    for (int32_t i = 0; i < engine->trunks_len; i++) {
        const od__trunk *trunk = &engine->trunks[i];
        const od__meter *meter = &trunk->meters[channel];
        if (!trunk->info.up || !takes_bytes(trunk, bytes) ||
            od__meter_room(meter, engine->now.mono_ms) < 1) {
            continue;
        }
        int64_t share =
            od__meter_places(meter) * 1000000 / meter->room_max_milli;
        if (share > best_share) {
            best = i;
            best_share = share;
        }
    }
    if (best != OD_NONE) {
        od__meter_take(&engine->trunks[best].meters[channel]);
    }
    return best;
}

void od__pace_undo(od_engine *engine, int32_t trunk, int32_t channel)
{
    od__meter_undo(&engine->trunks[trunk].meters[channel]);
}

void od__pace_release(od_engine *engine, int32_t trunk, int32_t channel)
{
    od__meter_release(&engine->trunks[trunk].meters[channel]);
}

int32_t od__pace_room(const od_engine *engine, int32_t channel)
{
    int64_t room = 0;
    for (int32_t i = 0; i < engine->trunks_len; i++) {
        const od__trunk *trunk = &engine->trunks[i];
        room += trunk->info.up ? od__meter_room(&trunk->meters[channel],
                                                engine->now.mono_ms)
                               : 0;
    }
    return (int32_t)(room < INT32_MAX ? room : INT32_MAX);
}

int64_t od__pace_next_ms(const od_engine *engine, int32_t channel)
{
    int64_t next = OD_NEVER;
    for (int32_t i = 0; i < engine->trunks_len; i++) {
        const od__trunk *trunk = &engine->trunks[i];
        int64_t at_ms = trunk->info.up
                            ? od__meter_next_ms(&trunk->meters[channel])
                            : OD_NEVER;
        next = at_ms < next ? at_ms : next;
    }
    return next;
}
