/*
 * meter.c - how many may begin, as what takes them lets it: tokens and places.
 *
 * A bucket of tokens, counted in millionths. It holds a twentieth of a second,
 * at least one: a limit per second is one at every instant for the carrier's
 * counter. What is taken is found out: a meter begins at the limits it was
 * given, halves its rate when it is slowed, at most once a second, and grows
 * back by a twentieth of its limit each second in which it was not. It knows
 * neither who slows it nor what is counted.
 *
 *     rate   limit --slow--> /2 --slow--> /4 --a second--> + limit/20 ...
 *     room   limit --slow--> 7/8 of what is live ---------> + limit/20 ...
 */
#include "core/core.h"

#include <assert.h>

#define ONE_MICRO 1000000
#define ONE_MILLI 1000

/* Any bucket is full, and any limit grown to, after it; no product of it with a
 * rate overflows. */
#define FULL_MS 3600000

/* Steps of growth from nothing to the limit. */
#define GROWTH 20

/* At least one in ten seconds, or it is never known to be free again. */
#define RATE_MIN_MILLI 100

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t bucket_micro(const od__meter *meter)
{
    int64_t twentieth = meter->rate_milli * 50;
    return twentieth > ONE_MICRO ? twentieth : ONE_MICRO;
}

void od__meter_init(od__meter *meter, int64_t rate_max_milli, int32_t room_max,
                    int64_t now_ms)
{
    memset(meter, 0, sizeof *meter);
    meter->rate_max_milli = rate_max_milli;
    meter->room_max_milli = (int64_t)room_max * ONE_MILLI;
    meter->rate_milli = rate_max_milli;
    meter->room_milli = meter->room_max_milli;
    meter->tokens_micro = rate_max_milli > 0 ? bucket_micro(meter) : 0;
    meter->at_mono_ms = now_ms;
    meter->slowed_mono_ms = now_ms - 1000;
}

void od__meter_limit(od__meter *meter, int64_t rate_max_milli)
{
    bool slowed = meter->rate_milli < meter->rate_max_milli;
    meter->rate_max_milli = rate_max_milli;
    meter->rate_milli =
        slowed ? least(meter->rate_milli, rate_max_milli) : rate_max_milli;
    meter->tokens_micro = least(meter->tokens_micro, bucket_micro(meter));
}

void od__meter_slow(od__meter *meter, int64_t now_ms)
{
    if (now_ms - meter->slowed_mono_ms < 1000) {
        return; /* of the same burst */
    }
    int64_t room = (int64_t)meter->live * (ONE_MILLI * 7 / 8);
    int64_t rate = meter->rate_milli / 2;
    int64_t rate_min = least(RATE_MIN_MILLI, meter->rate_max_milli);
    meter->slowed_mono_ms = now_ms;
    meter->rate_milli = rate > rate_min ? rate : rate_min;
    if (room < meter->room_milli) {
        meter->room_milli = room > ONE_MILLI ? room : ONE_MILLI;
    }
    meter->tokens_micro = least(meter->tokens_micro, bucket_micro(meter));
}

void od__meter_hold(od__meter *meter, int64_t until_ms)
{
    if (until_ms > meter->held_mono_ms) {
        meter->held_mono_ms = until_ms;
    }
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

void od__meter_turn(od__meter *meter, int64_t now_ms)
{
    int64_t from_ms = meter->at_mono_ms;
    int64_t passed_ms = least(now_ms - from_ms, FULL_MS);
    meter->at_mono_ms = now_ms;
    if (passed_ms > 0 && now_ms - meter->slowed_mono_ms >= 1000) {
        meter->rate_milli =
            least(meter->rate_max_milli,
                  meter->rate_milli +
                      growth(meter->rate_max_milli, from_ms, passed_ms));
        meter->room_milli =
            least(meter->room_max_milli,
                  meter->room_milli +
                      growth(meter->room_max_milli, from_ms, passed_ms));
    }
    meter->tokens_micro =
        least(meter->tokens_micro + passed_ms * meter->rate_milli,
              bucket_micro(meter));
}

/* -- places ---------------------------------------------------------------- */

int64_t od__meter_places(const od__meter *meter)
{
    return meter->room_max_milli == 0
               ? INT32_MAX
               : meter->room_milli / ONE_MILLI - meter->live;
}

int64_t od__meter_room(const od__meter *meter, int64_t now_ms)
{
    int64_t places = od__meter_places(meter);
    if (meter->rate_max_milli == 0 || places <= 0 ||
        meter->held_mono_ms > now_ms) {
        return 0;
    }
    return least(meter->tokens_micro / ONE_MICRO, places);
}

void od__meter_spend(od__meter *meter)
{
    assert(meter->tokens_micro >= ONE_MICRO);
    meter->tokens_micro -= ONE_MICRO;
}

void od__meter_refund(od__meter *meter)
{
    meter->tokens_micro += ONE_MICRO;
}

void od__meter_take(od__meter *meter)
{
    od__meter_spend(meter);
    meter->live++;
}

void od__meter_undo(od__meter *meter)
{
    od__meter_refund(meter);
    meter->live--;
}

void od__meter_release(od__meter *meter)
{
    meter->live--;
}

int64_t od__meter_next_ms(const od__meter *meter)
{
    bool full = meter->room_max_milli > 0 &&
                meter->live >= meter->room_max_milli / ONE_MILLI;
    if (meter->rate_max_milli == 0 || full) {
        return OD_NEVER;
    }
    int64_t lacking = ONE_MICRO - meter->tokens_micro;
    int64_t rate = meter->rate_milli;
    int64_t wait_ms = lacking <= 0 ? 0 : (lacking + rate - 1) / rate;
    int64_t at_ms = meter->at_mono_ms + wait_ms;
    if (od__meter_places(meter) <= 0 && at_ms < meter->at_mono_ms + 1000) {
        at_ms = meter->at_mono_ms + 1000; /* it may have grown by then */
    }
    return at_ms > meter->held_mono_ms ? at_ms : meter->held_mono_ms;
}
