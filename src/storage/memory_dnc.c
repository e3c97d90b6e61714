/*
 * memory_dnc.c - the do-not-call list.
 *
 * An entry is one block with its texts. It is made before anything is changed
 * (staged), and put on the list or freed afterwards.
 */
#include "storage/memory.h"

static od__memory_dnc *find_entry(const od__memory_line *line, int32_t scope,
                                  od_id campaign)
{
    od__memory_dnc *entry = line != NULL ? line->entries : NULL;
    while (entry != NULL && (entry->record.scope != scope ||
                             entry->record.campaign != campaign)) {
        entry = entry->next_of_phone;
    }
    return entry;
}

bool od__memory_dnc_forbids(const od__memory_line *line, od_id campaign)
{
    for (const od__memory_dnc *entry = line->entries; entry != NULL;
         entry = entry->next_of_phone) {
        if (od__dnc_forbids(entry->record.scope, entry->record.campaign,
                            campaign)) {
            return true;
        }
    }
    return false;
}

/* == staging ============================================================== */

static od__memory_dnc *make_entry(od__memory *memory, const od_dnc_record *row)
{
    const char *reason = od__text_or_empty(row->reason);
    const char *source = od__text_or_empty(row->source);
    size_t reason_bytes = strlen(reason) + 1;
    size_t source_bytes = strlen(source) + 1;
    od__memory_line *line = od__memory_line_make(memory, row->phone);
    od__memory_dnc *entry =
        line == NULL ? NULL
                     : od__alloc(&memory->allocator,
                                 sizeof *entry + reason_bytes + source_bytes);
    if (entry == NULL) {
        return NULL;
    }
    char *texts = (char *)(entry + 1);
    memcpy(texts, reason, reason_bytes);
    memcpy(texts + reason_bytes, source, source_bytes);
    entry->record = *row;
    entry->record.reason = texts;
    entry->record.source = texts + reason_bytes;
    entry->line = line;
    return entry;
}

od__memory_dnc **od__memory_dnc_stage(od__memory *memory,
                                      const od_dnc_record *rows, size_t len)
{
    if (!od__rows_reserve(&memory->entries, len, &memory->allocator)) {
        return NULL;
    }
    od__memory_dnc **staged =
        od__alloc(&memory->allocator, len * sizeof(void *));
    for (size_t i = 0; staged != NULL && i < len; i++) {
        staged[i] = make_entry(memory, &rows[i]);
        if (staged[i] == NULL) {
            od__memory_dnc_discard(memory, staged, i);
            staged = NULL;
        }
    }
    return staged;
}

void od__memory_dnc_discard(od__memory *memory, od__memory_dnc **staged,
                            size_t len)
{
    for (size_t i = 0; staged != NULL && i < len; i++) {
        od__free(&memory->allocator, staged[i]);
    }
    od__free(&memory->allocator, staged);
}

static void block_targets(const od__memory_dnc *entry)
{
    for (od__memory_target *target = entry->line->targets; target != NULL;
         target = target->next_of_phone) {
        if (target->state == OD_TARGET_READY &&
            od__dnc_forbids(entry->record.scope, entry->record.campaign,
                            target->campaign->record.id)) {
            od__memory_target_lift(target);
            target->state = OD_TARGET_BLOCKED;
            target->reason = OD_REASON_DNC;
            od__memory_target_drop(target);
        }
    }
}

bool od__memory_dnc_apply(od__memory *memory, od__memory_dnc *staged)
{
    od__memory_line *line = staged->line;
    if (find_entry(line, staged->record.scope, staged->record.campaign) !=
        NULL) {
        od__free(&memory->allocator, staged);
        return false;
    }
    od__rows_push(&memory->entries, staged);
    staged->record.id = (od_id)memory->entries.len;
    staged->next_of_phone = line->entries;
    line->entries = staged;
    block_targets(staged);
    return true;
}

/* == slots ================================================================ */

od_err od__memory_dnc_add(void *ctx, const od_dnc_record *rows,
                          const od_ledger_entry *ledger, size_t len,
                          bool *added)
{
    od__memory *memory = ctx;
    size_t texts_bytes = 0;
    for (size_t i = 0; i < len; i++) {
        texts_bytes += od__texts_bytes(ledger[i].payload);
    }
    od__memory_dnc **staged = od__memory_dnc_stage(memory, rows, len);
    if (staged == NULL ||
        !od__memory_ledger_reserve(memory, len, texts_bytes)) {
        od__memory_dnc_discard(memory, staged, len);
        return od__memory_fail_full(memory);
    }
    for (size_t i = 0; i < len; i++) {
        bool is_new = od__memory_dnc_apply(memory, staged[i]);
        if (is_new) {
            od__memory_ledger_append(memory, &ledger[i]);
        }
        if (added != NULL) {
            added[i] = is_new;
        }
    }
    od__free(&memory->allocator, staged);
    return OD_OK;
}

/* Targets that no entry forbids any more are due again. */
static void free_targets(const od__memory_line *line, int64_t utc_ms)
{
    for (od__memory_target *target = line->targets; target != NULL;
         target = target->next_of_phone) {
        if (target->state == OD_TARGET_BLOCKED &&
            target->reason == OD_REASON_DNC &&
            !od__memory_dnc_forbids(line, target->campaign->record.id)) {
            od__memory_target_lift(target);
            target->state = OD_TARGET_READY;
            target->reason = OD_REASON_NONE;
            target->due_utc_ms = utc_ms;
            od__memory_target_drop(target);
        }
    }
}

od_err od__memory_dnc_remove(void *ctx, uint64_t phone, int32_t scope,
                             od_id campaign, int64_t utc_ms,
                             const od_ledger_entry *ledger)
{
    od__memory *memory = ctx;
    od__memory_line *line = od__memory_line_find(memory, phone);
    od__memory_dnc *entry = find_entry(line, scope, campaign);
    if (entry == NULL) {
        return od__fail(&memory->errmsg, OD_ERR_NOT_FOUND,
                        "+%" PRIu64 " is not on the do-not-call list", phone);
    }
    if (!od__memory_ledger_reserve(memory, 1,
                                   od__texts_bytes(ledger->payload))) {
        return od__memory_fail_full(memory);
    }
    od__memory_dnc **at = &line->entries;
    while (*at != entry) {
        at = &(*at)->next_of_phone;
    }
    *at = entry->next_of_phone;
    memory->entries.at[entry->record.id - 1] = NULL;
    od__free(&memory->allocator, entry);
    free_targets(line, utc_ms);
    od__memory_ledger_append(memory, ledger);
    return OD_OK;
}

od_err od__memory_dnc_check(void *ctx, uint64_t phone, od_id campaign,
                            bool *out)
{
    const od__memory *memory = ctx;
    const od__memory_line *line = od__memory_line_find(memory, phone);
    *out = line != NULL && od__memory_dnc_forbids(line, campaign);
    return OD_OK;
}

od_err od__memory_dnc_scan(void *ctx, od_id after, od_dnc_record *rows,
                           size_t rows_max, size_t *count)
{
    const od__memory *memory = ctx;
    size_t len = 0;
    size_t at = after > 0 ? (size_t)after : 0;
    for (; at < memory->entries.len && len < rows_max; at++) {
        const od__memory_dnc *entry = memory->entries.at[at];
        if (entry != NULL) {
            rows[len++] = entry->record;
        }
    }
    *count = len;
    return OD_OK;
}
