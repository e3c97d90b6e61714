/*
 * sim_trunk.c - one simulated trunk: up or down, and its congestion.
 *
 * A trunk carries so many calls at once and so many new ones within any second.
 * What comes on top meets congestion, and does not count towards either: twice
 * the calls that it carries see every second one refused. Exact, by the times
 * at which the last ones began:
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

od_err od__sim_trunk_init(od__sim_trunk *trunk, int32_t congestion_cps)
{
    memset(trunk, 0, sizeof *trunk);
    trunk->up = true;
    trunk->up_told = true;
    if (congestion_cps == 0) {
        return OD_OK;
    }
    trunk->begun_ms = calloc((size_t)congestion_cps, sizeof(int64_t));
    if (trunk->begun_ms == NULL) {
        return OD_ERR_MEMORY;
    }
    trunk->begun_len = (uint32_t)congestion_cps;
    for (uint32_t i = 0; i < trunk->begun_len; i++) {
        trunk->begun_ms[i] = INT64_MIN;
    }
    return OD_OK;
}

void od__sim_trunk_clear(od__sim_trunk *trunk)
{
    free(trunk->begun_ms);
    trunk->begun_ms = NULL;
}

bool od__sim_trunk_begin(od__sim_trunk *trunk, int64_t now_ms,
                         int32_t calls_max)
{
    trunk->live++;
    if (calls_max > 0 && trunk->carried >= (uint32_t)calls_max) {
        return false;
    }
    if (trunk->begun_len > 0) {
        if (trunk->begun_ms[trunk->oldest] > now_ms - SECOND_MS) {
            return false;
        }
        trunk->begun_ms[trunk->oldest] = now_ms;
        trunk->oldest = (trunk->oldest + 1) % trunk->begun_len;
    }
    trunk->carried++;
    return true;
}

void od__sim_trunk_end(od__sim_trunk *trunk, bool carried)
{
    trunk->live--;
    trunk->carried -= carried ? 1 : 0;
}
