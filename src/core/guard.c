/*
 * guard.c - when a campaign is paused for its own good.
 *
 * Counts how many of the last attempts failed: numbers that do not exist,
 * trunks that are full, calls that ended in errors. A list gone stale or a
 * trunk that refuses everything stops the campaign before it burns the list.
 */
#include "core/core.h"

#define GUARD_SAMPLE 50

bool od__guard_note(od__active *active, int32_t disposition)
{
    bool failed = disposition == OD_DISPOSITION_NOT_FOUND ||
                  disposition == OD_DISPOSITION_CONGESTION ||
                  disposition == OD_DISPOSITION_FAILED;
    if (disposition == OD_DISPOSITION_CANCELLED) {
        return false;
    }
    active->guard_bits = active->guard_bits << 1 | (failed ? 1u : 0u);
    active->guard_bits &= (1ull << GUARD_SAMPLE) - 1;
    if (active->guard_len < GUARD_SAMPLE) {
        active->guard_len++;
    }
    if (active->record.fail_stop_pct == OD_NONE ||
        active->guard_len < GUARD_SAMPLE) {
        return false;
    }
    int32_t share = __builtin_popcountll(active->guard_bits) * 100;
    return share >= active->record.fail_stop_pct * GUARD_SAMPLE;
}
