/*
 * target.c - small questions about targets, campaigns and entries.
 *
 * Pure functions; backend.h states each rule where it applies. Every storage
 * asks here, or says the same in the language of its queries, so that all of
 * them agree.
 */
#include "storage/storage.h"

bool od__campaign_is_live(int32_t state)
{
    return state == OD_CAMPAIGN_SCHEDULED || state == OD_CAMPAIGN_RUNNING ||
           state == OD_CAMPAIGN_PAUSED;
}

bool od__campaign_begins(int32_t from, int32_t to)
{
    return to == OD_CAMPAIGN_RUNNING && from != OD_CAMPAIGN_PAUSED;
}

int32_t od__target_lane(int32_t place, int32_t attempts)
{
    return od_lane_of(place, attempts > 0);
}

int64_t od__target_due_ms(int64_t utc_ms, uint64_t phone)
{
    return utc_ms + od_target_spread_ms(phone);
}

bool od__target_is_untried(int32_t state, int32_t attempts)
{
    return attempts == 0 &&
           (state == OD_TARGET_READY || state == OD_TARGET_BLOCKED);
}

bool od__reason_is_of_place(int32_t reason)
{
    return reason == OD_REASON_PLACE_UNKNOWN ||
           reason == OD_REASON_NEVER_OPEN;
}

bool od__target_revives(const od_candidate *target, int32_t attempts_below)
{
    switch (target->state) {
    case OD_TARGET_DONE:
        return target->disposition != OD_DISPOSITION_ANSWERED &&
               target->attempts < attempts_below;
    case OD_TARGET_BLOCKED:
        return od__reason_is_of_place(target->reason) ||
               target->reason == OD_REASON_ATTEMPTS_USED;
    default:
        return false;
    }
}

bool od__dnc_forbids(int32_t scope, od_id entry_campaign, od_id campaign)
{
    switch (scope) {
    case OD_DNC_ALL:
    case OD_DNC_VOICE:
        return true;
    case OD_DNC_CAMPAIGN:
        return campaign != 0 && entry_campaign == campaign;
    default:
        return false;
    }
}

const char *od__text_or_empty(const char *text)
{
    return text != NULL ? text : "";
}
