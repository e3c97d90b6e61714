/*
 * memory_campaigns.c - campaigns and the fill.
 *
 * The fill walks the groups of a campaign in their order, each by contact id;
 * record.filled, fill_group and fill_contact say where it stands. Members that
 * come meanwhile are enrolled when they are put, so it need not look back.
 */
#include "storage/memory.h"

/* == put ================================================================== */

static od__memory_campaign *find_name(const od__memory *memory,
                                      const char *name)
{
    for (size_t i = 0; i < memory->campaigns.len; i++) {
        od__memory_campaign *campaign = memory->campaigns.at[i];
        if (strcmp(campaign->record.name, name) == 0) {
            return campaign;
        }
    }
    return NULL;
}

/* The group that stands at this position of `old` and is not in `now`. */
static od__memory_group *lost_group(const od__memory *memory,
                                    const od_campaign_record *old,
                                    const od_campaign_record *now, int32_t at)
{
    if (od__memory_campaign_has(now, old->groups[at])) {
        return NULL;
    }
    return od__rows_of_id(&memory->groups, old->groups[at]);
}

static bool reserve_lost(od__memory *memory, const od_campaign_record *old,
                         const od_campaign_record *now)
{
    for (int32_t i = 0; i < old->groups_len; i++) {
        const od__memory_group *group = lost_group(memory, old, now, i);
        const od__memory_member *member = NULL;
        size_t at = 0;
        while (group != NULL &&
               (member = od__memory_member_next(group, &at)) != NULL) {
            if (!od__memory_leave_reserve(memory, member->contact)) {
                return false;
            }
        }
    }
    return true;
}

static void drop_targets(od__memory *memory, od__memory_campaign *campaign,
                         const od__memory_contact *contact)
{
    for (size_t i = 0; i < OD__MEMORY_PHONES; i++) {
        od__memory_target *target = od__memory_target_of(
            od__memory_contact_line(contact, i), campaign);
        if (target != NULL && (i == 0 || target->contact == contact->id)) {
            od__memory_target_left(memory, target, contact);
        }
    }
}

/* Targets of members of groups that the campaign had. */
static void drop_lost(od__memory *memory, od__memory_campaign *campaign,
                      const od_campaign_record *old)
{
    for (int32_t i = 0; i < old->groups_len; i++) {
        const od__memory_group *group =
            lost_group(memory, old, &campaign->record, i);
        const od__memory_member *member = NULL;
        size_t at = 0;
        while (group != NULL &&
               (member = od__memory_member_next(group, &at)) != NULL) {
            drop_targets(memory, campaign, member->contact);
        }
    }
}

static bool has_same_groups(const od_campaign_record *a,
                            const od_campaign_record *b)
{
    return a->groups_len == b->groups_len &&
           memcmp(a->groups, b->groups,
                  (size_t)a->groups_len * sizeof a->groups[0]) == 0;
}

static void restart_fill(od__memory_campaign *campaign)
{
    campaign->fill_group = 0;
    campaign->fill_contact = 0;
}

/* Replace the options, keep what is not an option. */
static void set_options(od__memory *memory, od__memory_campaign *campaign,
                        const od_campaign_record *record)
{
    od_campaign_record old = campaign->record;
    campaign->record = *record;
    campaign->record.id = old.id;
    campaign->record.state = old.state;
    campaign->record.started_utc_ms = old.started_utc_ms;
    campaign->record.filled = old.filled;
    memcpy(campaign->record.state_text, old.state_text,
           sizeof old.state_text);
    if (!has_same_groups(&old, record)) {
        restart_fill(campaign);
        drop_lost(memory, campaign, &old);
    }
}

static od_err add_campaign(od__memory *memory,
                           const od_campaign_record *record,
                           const od_ledger_entry *ledger, od_id *out)
{
    const od_allocator *allocator = &memory->allocator;
    od__memory_campaign *campaign = od__alloc(allocator, sizeof *campaign);
    if (campaign == NULL ||
        !od__rows_reserve(&memory->campaigns, 1, allocator)) {
        od__free(allocator, campaign);
        return od__memory_fail_full(memory);
    }
    od__rows_push(&memory->campaigns, campaign);
    campaign->record.id = (od_id)memory->campaigns.len;
    set_options(memory, campaign, record);
    od_ledger_entry entry = *ledger;
    entry.subject = campaign->record.id;
    od__memory_ledger_append(memory, &entry);
    *out = campaign->record.id;
    return OD_OK;
}

od_err od__memory_campaign_put(void *ctx, const od_campaign_record *record,
                               const od_ledger_entry *ledger, od_id *out)
{
    od__memory *memory = ctx;
    od__memory_campaign *campaign =
        od__rows_of_id(&memory->campaigns, record->id);
    if (record->id != 0 && campaign == NULL) {
        return od__memory_fail_no(memory, "campaign", record->id);
    }
    const od__memory_campaign *other = find_name(memory, record->name);
    if (other != NULL && other != campaign) {
        return od__fail(&memory->errmsg, OD_ERR_EXISTS,
                        "the name \"%s\" is taken", record->name);
    }
    if (!od__memory_ledger_reserve(memory, 1,
                                   od__texts_bytes(ledger->payload))) {
        return od__memory_fail_full(memory);
    }
    if (campaign == NULL) {
        return add_campaign(memory, record, ledger, out);
    }
    if (!reserve_lost(memory, &campaign->record, record)) {
        return od__memory_fail_full(memory);
    }
    set_options(memory, campaign, record);
    od__memory_ledger_append(memory, ledger);
    return OD_OK;
}

/* == state and reading ==================================================== */

od_err od__memory_campaign_cas(void *ctx, od_id id, int32_t from, int32_t to,
                               const char *state_text, int64_t utc_ms,
                               const od_ledger_entry *ledger)
{
    od__memory *memory = ctx;
    od__memory_campaign *campaign = od__rows_of_id(&memory->campaigns, id);
    if (campaign == NULL) {
        return od__memory_fail_no(memory, "campaign", id);
    }
    od_campaign_record *record = &campaign->record;
    if (record->state != from) {
        return od__fail(&memory->errmsg, OD_ERR_STATE,
                        "campaign %" PRId64 " is in state %" PRId32
                        ", not %" PRId32,
                        id, record->state, from);
    }
    if (!od__memory_ledger_reserve(memory, 1,
                                   od__texts_bytes(ledger->payload))) {
        return od__memory_fail_full(memory);
    }
    record->state = to;
    od__text_copy(record->state_text, sizeof record->state_text,
                  od__text_or_empty(state_text));
    if (od__campaign_begins(from, to)) {
        record->filled = false;
        record->started_utc_ms = utc_ms;
        campaign->fill_anew = false;
        restart_fill(campaign);
    }
    od__memory_ledger_append(memory, ledger);
    return OD_OK;
}

od_err od__memory_campaign_get(void *ctx, od_id id, od_campaign_record *out)
{
    od__memory *memory = ctx;
    const od__memory_campaign *campaign =
        od__rows_of_id(&memory->campaigns, id);
    if (campaign == NULL) {
        return od__memory_fail_no(memory, "campaign", id);
    }
    *out = campaign->record;
    return OD_OK;
}

od_err od__memory_campaign_scan(void *ctx, od_id after, od_id *ids,
                                size_t ids_max, size_t *count)
{
    const od__memory *memory = ctx;
    size_t len = 0;
    size_t at = after > 0 ? (size_t)after : 0;
    for (; at < memory->campaigns.len && len < ids_max; at++) {
        const od__memory_campaign *campaign = memory->campaigns.at[at];
        ids[len++] = campaign->record.id;
    }
    *count = len;
    return OD_OK;
}

/* == fill ================================================================= */

/* Enrol one member, or revive its target. false: out of memory. */
static bool meet(od__memory *memory, od__memory_campaign *campaign,
                 const od__memory_contact *contact, const od_fill *fill)
{
    od__memory_target *target = od__memory_target_of(contact->line, campaign);
    if (od__memory_queue_make(memory, campaign, contact->place) == NULL) {
        return false;
    }
    if (target != NULL) {
        (void)od__memory_target_take(memory, target, contact);
        od__memory_target_revive(
            memory, target, campaign->fill_anew ? 0 : fill->attempts_below,
            fill->utc_ms);
        return true;
    }
    if (!od__pool_reserve(&memory->target_pool, 1, &memory->allocator)) {
        return false;
    }
    od__memory_target_add(memory, campaign, contact, 0,
                          od__target_due_ms(fill->utc_ms,
                                            contact->line->phone));
    return true;
}

/* Go on in the group where the fill stands. *ended: that was all of it.
 * false: out of memory. */
static bool fill_group(od__memory *memory, od__memory_campaign *campaign,
                       od_fill *fill, bool *ended)
{
    od__memory_group *group = od__rows_of_id(
        &memory->groups, campaign->record.groups[campaign->fill_group]);
    size_t at = group != NULL
                    ? od__memory_member_seek(group, campaign->fill_contact)
                    : 0;
    *ended = false;
    while (fill->rows < fill->rows_max) {
        const od__memory_member *member =
            group != NULL ? od__memory_member_next(group, &at) : NULL;
        if (member == NULL) {
            *ended = true;
            return true;
        }
        if (!meet(memory, campaign, member->contact, fill)) {
            return false;
        }
        campaign->fill_contact = member->contact->id;
        fill->rows++;
    }
    return true;
}

/* Out of memory after some members is a shorter slice, not a failure. */
od_err od__memory_fill(void *ctx, od_fill *fill)
{
    od__memory *memory = ctx;
    od__memory_campaign *campaign =
        od__rows_of_id(&memory->campaigns, fill->campaign);
    if (campaign == NULL) {
        return od__memory_fail_no(memory, "campaign", fill->campaign);
    }
    od_campaign_record *record = &campaign->record;
    fill->rows = 0;
    bool ended = true;
    while (!record->filled && ended) {
        if (campaign->fill_group >= record->groups_len) {
            record->filled = true;
        } else if (!fill_group(memory, campaign, fill, &ended)) {
            if (fill->rows == 0) {
                return od__memory_fail_full(memory);
            }
            break;
        } else if (ended) {
            campaign->fill_group++;
            campaign->fill_contact = 0;
        }
    }
    fill->done = record->filled;
    return OD_OK;
}

od_err od__memory_refill(void *ctx, od_id campaign)
{
    od__memory *memory = ctx;
    od__memory_campaign *row = od__rows_of_id(&memory->campaigns, campaign);
    if (row == NULL) {
        return od__memory_fail_no(memory, "campaign", campaign);
    }
    row->fill_anew = row->fill_anew || row->record.filled;
    row->record.filled = false;
    restart_fill(row);
    return OD_OK;
}
