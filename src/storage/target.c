/*
 * target.c - small questions about targets, campaigns, entries and consents.
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

int64_t od__target_due_kept_ms(int64_t utc_ms, int64_t due_utc_ms)
{
    return due_utc_ms > utc_ms ? due_utc_ms : utc_ms;
}

bool od__reason_is_of_consent(int32_t reason)
{
    return reason == OD_REASON_CONSENT || reason == OD_REASON_RULE_BAN ||
           reason == OD_REASON_REGISTRY ||
           reason == OD_REASON_REGISTRY_STALE;
}

bool od__target_revives(const od_candidate *target, int32_t attempts_below)
{
    switch (target->state) {
    case OD_TARGET_DONE:
        return target->disposition != OD_DISPOSITION_ANSWERED &&
               target->disposition != OD_DISPOSITION_SENT &&
               target->attempts < attempts_below;
    case OD_TARGET_BLOCKED:
        return od_reason_may_pass(target->reason);
    default:
        return false;
    }
}

bool od__target_calls_back(int32_t state, int32_t reason)
{
    return state == OD_TARGET_READY || state == OD_TARGET_DONE ||
           (state == OD_TARGET_BLOCKED && od_reason_may_pass(reason));
}

uint64_t od__phone_after(uint64_t phone, uint64_t first, const uint64_t *more,
                         const int32_t *more_places, int32_t *place)
{
    bool passed = phone == first;
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        if (passed && more[i] != 0 && more[i] != phone) {
            *place = more_places[i];
            return more[i];
        }
        passed = passed || more[i] == phone;
    }
    return 0;
}

/* == the list ============================================================= */

bool od__dnc_forbids(int32_t scope, od_id entry_campaign, int32_t channel,
                     od_id campaign)
{
    switch (scope) {
    case OD_DNC_ALL:
        return true;
    case OD_DNC_VOICE:
        return channel != OD_CHANNEL_TEXT;
    case OD_DNC_TEXT:
        return channel == OD_CHANNEL_TEXT;
    case OD_DNC_CAMPAIGN:
        return campaign != 0 && entry_campaign == campaign;
    default:
        return false;
    }
}

bool od__dnc_in_force(int64_t expires_utc_ms, int64_t utc_ms)
{
    return expires_utc_ms == 0 || utc_ms < expires_utc_ms;
}

bool od__dnc_prolongs(int64_t stored_utc_ms, int64_t row_utc_ms)
{
    return stored_utc_ms != 0 &&
           (row_utc_ms == 0 || row_utc_ms > stored_utc_ms);
}

bool od__dnc_revokes(const od_dnc_record *row)
{
    return !row->prefix &&
           (row->scope == OD_DNC_ALL || row->scope == OD_DNC_VOICE);
}

bool od__dnc_blocks(const od_dnc_record *row)
{
    return !row->prefix && row->expires_utc_ms == 0;
}

void od__dnc_note(od_candidate *facts, int64_t expires_utc_ms)
{
    bool for_ever = expires_utc_ms == 0 ||
                    (facts->dnc && facts->dnc_until_utc_ms == 0);
    if (for_ever) {
        facts->dnc_until_utc_ms = 0;
    } else if (expires_utc_ms > facts->dnc_until_utc_ms) {
        facts->dnc_until_utc_ms = expires_utc_ms;
    }
    facts->dnc = true;
}

/* == consents and calls =================================================== */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void od__consent_note(od_consents *facts, int32_t kind, int32_t purpose,
                      int64_t obtained_utc_ms)
{
    bool known = purpose >= 0 && purpose < OD_PURPOSES;
    uint32_t bit = known ? (uint32_t)1 << purpose : 0;
    switch (kind) {
    case OD_CONSENT_EXPRESS:
        facts->express |= bit;
        break;
    case OD_CONSENT_WRITTEN:
        facts->written |= bit;
        break;
    case OD_CONSENT_PURCHASE:
        facts->purchased_utc_ms =
            later(facts->purchased_utc_ms, obtained_utc_ms);
        break;
    case OD_CONSENT_INQUIRY:
        facts->inquired_utc_ms = later(facts->inquired_utc_ms, obtained_utc_ms);
        break;
    default:
        break;
    }
}

void od__recent_add(od_candidate *facts, int64_t utc_ms, od_id campaign)
{
    if (facts->recent_len == OD_RECENT_MAX) {
        facts->recent_len--;
    }
    memmove(facts->recent + 1, facts->recent,
            (size_t)facts->recent_len * sizeof facts->recent[0]);
    facts->recent[0] = (od_recent){.utc_ms = utc_ms, .campaign = campaign};
    facts->recent_len++;
}

bool od__members_are_fresh(const od_member_batch *batch)
{
    bool fresh = batch->import > 0;
    for (size_t i = 0; !fresh && i < batch->rows_len; i++) {
        fresh = batch->results[i] == OD_MEMBER_ADDED ||
                batch->results[i] == OD_MEMBER_UPDATED;
    }
    return fresh;
}

const char *od__text_or_empty(const char *text)
{
    return text != NULL ? text : "";
}
