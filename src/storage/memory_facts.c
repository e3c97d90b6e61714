/*
 * memory_facts.c - what is known of a target and its phone, for the judge and
 * for whoever asks: one, or all of a campaign by phone.
 *
 * Targets hang on their lines, in no order. The list by phone is made when
 * somebody asks for it, and again when a target came or went since.
 */
#include "storage/memory.h"

#include <stdlib.h>

/* == facts ================================================================ */

static void line_facts(const od__memory_line *line, od_candidate *out)
{
    out->in_flight = line->flight != NULL;
    out->number_invalid = line->number_invalid;
    out->line_called_utc_ms = line->called_utc_ms;
    out->line_answered_utc_ms = line->answered_utc_ms;
    for (const od__memory_attempt *attempt = line->attempts_first;
         attempt != NULL; attempt = attempt->next_of_phone) {
        if (attempt->record.reached_network &&
            attempt->record.notice == OD_NOTICE_NONE) {
            od__recent_add(out, attempt->record.claimed_utc_ms,
                           attempt->record.campaign);
        }
    }
}

/* What is known of out->phone in out->campaign besides its target. Either of
 * line and campaign may be NULL. */
static void phone_facts(const od__memory *memory, const od__memory_line *line,
                        const od__memory_campaign *campaign, int64_t utc_ms,
                        od_candidate *out)
{
    if (line != NULL) {
        line_facts(line, out);
    }
    if (line != NULL && campaign != NULL) {
        od__memory_consents_facts(line, campaign->record.seller,
                                  &out->consents);
    }
    od__memory_dnc_facts(memory,
                         campaign != NULL ? campaign->record.channel
                                          : OD_CHANNEL_VOICE,
                         utc_ms, out);
}

void od__memory_facts(const od__memory *memory,
                      const od__memory_target *target, int64_t utc_ms,
                      od_candidate *out)
{
    memset(out, 0, sizeof *out);
    out->campaign = target->campaign->record.id;
    out->phone = target->phone;
    phone_facts(memory, target->line, target->campaign, utc_ms, out);
    out->contact = target->contact;
    out->place = target->queue->place;
    out->state = target->state;
    out->reason = target->reason;
    out->attempts = target->attempts;
    out->disposition = target->disposition;
    out->due_utc_ms = target->due_utc_ms;
    out->tries = target->tries;
}

/* == all targets of a campaign, by phone ================================== */

static int compare_targets(const void *a, const void *b)
{
    const od__memory_target *left = *(od__memory_target *const *)a;
    const od__memory_target *right = *(od__memory_target *const *)b;
    return (left->phone > right->phone) - (left->phone < right->phone);
}

/* Make the list of targets if one came or went since. false: out of memory. */
static bool list_targets(od__memory *memory, od__memory_campaign *campaign)
{
    od__rows *targets = &campaign->targets;
    if (campaign->targets_listed) {
        return true;
    }
    targets->len = 0;
    if (!od__rows_reserve(targets, (size_t)campaign->sums.targets,
                          &memory->allocator)) {
        return false;
    }
    size_t at = 0;
    const od__memory_line *line = NULL;
    while ((line = od__map_next(&memory->lines_by_phone, &at)) != NULL) {
        od__memory_target *target = od__memory_target_of(line, campaign);
        if (target != NULL) {
            od__rows_push(targets, target);
        }
    }
    if (targets->len > 0) {
        qsort(targets->at, targets->len, sizeof(void *), compare_targets);
    }
    campaign->targets_listed = true;
    return true;
}

/* Position of the first target after a phone. */
static size_t target_at(const od__memory_campaign *campaign, uint64_t after)
{
    size_t low = 0;
    size_t high = campaign->targets.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const od__memory_target *target = campaign->targets.at[middle];
        if (target->phone <= after) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* == slots ================================================================ */

od_err od__memory_candidate(void *ctx, od_id campaign, uint64_t phone,
                            int64_t utc_ms, od_candidate *out)
{
    const od__memory *memory = ctx;
    const od__memory_line *line = od__memory_line_find(memory, phone);
    const od__memory_campaign *owner =
        od__rows_of_id(&memory->campaigns, campaign);
    const od__memory_target *target = od__memory_target_of(line, owner);
    if (target != NULL) {
        od__memory_facts(memory, target, utc_ms, out);
        return OD_OK;
    }
    memset(out, 0, sizeof *out);
    out->campaign = campaign;
    out->phone = phone;
    phone_facts(memory, line, owner, utc_ms, out);
    return OD_OK;
}

od_err od__memory_target_scan(void *ctx, od_id campaign, uint64_t after,
                              int64_t utc_ms, od_candidate *rows,
                              size_t rows_max, size_t *count)
{
    od__memory *memory = ctx;
    od__memory_campaign *row = od__rows_of_id(&memory->campaigns, campaign);
    if (row != NULL && !list_targets(memory, row)) {
        return od__memory_fail_full(memory);
    }
    size_t len = 0;
    size_t at = row != NULL ? target_at(row, after) : 0;
    for (; row != NULL && at < row->targets.len && len < rows_max; at++) {
        od__memory_facts(memory, row->targets.at[at], utc_ms, &rows[len++]);
    }
    *count = len;
    return OD_OK;
}
