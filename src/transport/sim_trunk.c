/*
 * sim_trunk.c - one simulated trunk: up or down, and its congestion.
 *
 * A trunk carries so many calls at once and so many new ones within any second.
 * What comes on top meets congestion, and does not count towards either: twice
 * the calls that it carries see every second one refused. Exact, by the times
 * at which the last ones began, calls and texts apart:
 *
 *     begun_ms   | 5300 | 5400 | 4700 | 4900 |     at most 4 a second
 *                                ^ oldest
 *     5650: the fourth last began within the second, so this one is refused
 *     5700: it takes the place of the oldest
 *
 * Called by sim.c only.
 */
#include "transport/transport.h"

#include <stdlib.h>

#define SECOND_MS 1000

/* -- so many within any second -------------------------------------------- */

static od_err rate_init(od__sim_rate *rate, int32_t per_second)
{
    if (per_second == 0) {
        return OD_OK;
    }
    rate->begun_ms = calloc((size_t)per_second, sizeof(int64_t));
    if (rate->begun_ms == NULL) {
        return OD_ERR_MEMORY;
    }
    rate->len = (uint32_t)per_second;
    for (uint32_t i = 0; i < rate->len; i++) {
        rate->begun_ms[i] = INT64_MIN;
    }
    return OD_OK;
}

static void rate_clear(od__sim_rate *rate)
{
    free(rate->begun_ms);
    memset(rate, 0, sizeof *rate);
}

static bool rate_has_room(const od__sim_rate *rate, int64_t now_ms)
{
    return rate->len == 0 || rate->begun_ms[rate->oldest] <= now_ms - SECOND_MS;
}

static void rate_take(od__sim_rate *rate, int64_t now_ms)
{
    if (rate->len > 0) {
        rate->begun_ms[rate->oldest] = now_ms;
        rate->oldest = (rate->oldest + 1) % rate->len;
    }
}

/* -- the trunk ------------------------------------------------------------ */

od_err od__sim_trunk_init(od__sim_trunk *trunk, int32_t congestion_cps,
                          int32_t congestion_tps)
{
    memset(trunk, 0, sizeof *trunk);
    trunk->up = true;
    trunk->up_told = true;
    od_err err = rate_init(&trunk->call_rate, congestion_cps);
    if (err == OD_OK) {
        err = rate_init(&trunk->text_rate, congestion_tps);
    }
    if (err != OD_OK) {
        od__sim_trunk_clear(trunk);
    }
    return err;
}

void od__sim_trunk_clear(od__sim_trunk *trunk)
{
    rate_clear(&trunk->call_rate);
    rate_clear(&trunk->text_rate);
}

bool od__sim_trunk_begin(od__sim_trunk *trunk, int64_t now_ms,
                         int32_t calls_max)
{
    trunk->live++;
    if ((calls_max > 0 && trunk->carried >= (uint32_t)calls_max) ||
        !rate_has_room(&trunk->call_rate, now_ms)) {
        return false;
    }
    rate_take(&trunk->call_rate, now_ms);
    trunk->carried++;
    return true;
}

void od__sim_trunk_end(od__sim_trunk *trunk, bool carried)
{
    trunk->live--;
    trunk->carried -= carried ? 1 : 0;
}

bool od__sim_trunk_takes_text(const od__sim_trunk *trunk, int64_t now_ms)
{
    return rate_has_room(&trunk->text_rate, now_ms);
}

void od__sim_trunk_begin_text(od__sim_trunk *trunk, int64_t now_ms, bool taken)
{
    trunk->texts++;
    if (taken) {
        rate_take(&trunk->text_rate, now_ms);
    }
}

void od__sim_trunk_end_text(od__sim_trunk *trunk)
{
    trunk->texts--;
}
