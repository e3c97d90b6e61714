/*
 * memory_dnc.c - the do-not-call list.
 *
 * An entry is one block with its texts. It is made before anything is changed
 * (staged), and put on the list or freed afterwards. Entries of a phone hang on
 * its line; those of a prefix on a line of their own, which is found by asking
 * for every beginning of a phone.
 */
#include "storage/memory.h"

/* Where entries of a phone or a prefix hang, or NULL. */
static od__memory_line *line_of(const od__memory *memory, uint64_t phone,
                                bool prefix)
{
    return prefix ? od__map_get(&memory->prefixes, phone)
                  : od__memory_line_find(memory, phone);
}

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

static void add_facts(const od__memory_line *line, int32_t channel,
                      int64_t utc_ms, od_candidate *out)
{
    const od__memory_dnc *entry = line != NULL ? line->entries : NULL;
    for (; entry != NULL; entry = entry->next_of_phone) {
        const od_dnc_record *record = &entry->record;
        if (od__dnc_forbids(record->scope, record->campaign, channel,
                            out->campaign) &&
            od__dnc_in_force(record->expires_utc_ms, utc_ms)) {
            od__dnc_note(out, record->expires_utc_ms);
        }
    }
}

void od__memory_dnc_facts(const od__memory *memory, int32_t channel,
                          int64_t utc_ms, od_candidate *out)
{
    add_facts(line_of(memory, out->phone, false), channel, utc_ms, out);
    uint64_t digits = memory->prefixes.len > 0 ? out->phone : 0;
    for (; digits > 0; digits /= 10) {
        add_facts(line_of(memory, digits, true), channel, utc_ms, out);
    }
}

/* Only entries that never expire are still there at the end of time. */
static bool forbids_for_ever(const od__memory *memory,
                             const od__memory_target *target)
{
    const od_campaign_record *campaign = &target->campaign->record;
    od_candidate facts = {.campaign = campaign->id, .phone = target->phone};
    od__memory_dnc_facts(memory, campaign->channel, INT64_MAX, &facts);
    return facts.dnc;
}

/* == staging ============================================================== */

static od__memory_dnc *make_entry(od__memory *memory, const od_dnc_record *row)
{
    const char *reason = od__text_or_empty(row->reason);
    const char *source = od__text_or_empty(row->source);
    size_t reason_bytes = strlen(reason) + 1;
    size_t source_bytes = strlen(source) + 1;
    od__memory_line *line = row->prefix
                                ? od__memory_prefix_make(memory, row->phone)
                                : od__memory_line_make(memory, row->phone);
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
                            target->campaign->record.channel,
                            target->campaign->record.id)) {
            od__memory_target_lift(target);
            target->state = OD_TARGET_BLOCKED;
            target->reason = OD_REASON_DNC;
            od__memory_target_drop(target);
        }
    }
}

bool od__memory_dnc_apply(od__memory *memory, od__memory_dnc **staged)
{
    od__memory_line *line = (*staged)->line;
    const od_dnc_record row = (*staged)->record;
    od__memory_dnc *entry = find_entry(line, row.scope, row.campaign);
    if (entry != NULL) {
        od__free(&memory->allocator, *staged);
        *staged = NULL;
        if (!od__dnc_prolongs(entry->record.expires_utc_ms,
                              row.expires_utc_ms)) {
            return false;
        }
        entry->record.expires_utc_ms = row.expires_utc_ms;
    } else {
        entry = *staged;
        od__rows_push(&memory->entries, entry);
        entry->record.id = (od_id)memory->entries.len;
        entry->next_of_phone = line->entries;
        line->entries = entry;
    }
    *staged = entry;
    if (od__dnc_revokes(&row)) {
        (void)od__memory_consents_revoke(line, NULL, row.added_utc_ms);
    }
    if (od__dnc_blocks(&row)) {
        block_targets(entry);
    }
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
        bool is_new = od__memory_dnc_apply(memory, &staged[i]);
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

/* Targets that no entry forbids for ever any more are due again. */
static void free_targets(const od__memory *memory, const od__memory_line *line,
                         int64_t utc_ms)
{
    for (od__memory_target *target = line->targets; target != NULL;
         target = target->next_of_phone) {
        if (target->state == OD_TARGET_BLOCKED &&
            target->reason == OD_REASON_DNC &&
            !forbids_for_ever(memory, target)) {
            od__memory_target_free(memory, target, utc_ms);
        }
    }
}

static bool begins_with(uint64_t phone, uint64_t digits)
{
    while (phone > digits) {
        phone /= 10;
    }
    return phone == digits;
}

/* The same for all phones that begin with these digits. */
static void free_prefix(const od__memory *memory, uint64_t digits,
                        int64_t utc_ms)
{
    const od__memory_line *line = NULL;
    size_t at = 0;
    while ((line = od__map_next(&memory->lines_by_phone, &at)) != NULL) {
        if (begins_with(line->phone, digits)) {
            free_targets(memory, line, utc_ms);
        }
    }
}

static void drop_entry(od__memory *memory, od__memory_line *line,
                       od__memory_dnc *entry)
{
    od__memory_dnc **at = &line->entries;
    while (*at != entry) {
        at = &(*at)->next_of_phone;
    }
    *at = entry->next_of_phone;
    memory->entries.at[entry->record.id - 1] = NULL;
    od__free(&memory->allocator, entry);
}

bool od__memory_dnc_release(od__memory *memory, const od_release *release)
{
    od__memory_line *line = od__memory_line_find(memory, release->phone);
    bool found = false;
    od__memory_dnc *next = NULL;
    for (od__memory_dnc *entry = line != NULL ? line->entries : NULL;
         entry != NULL; entry = next) {
        next = entry->next_of_phone;
        if (strcmp(entry->record.source, release->source) == 0) {
            drop_entry(memory, line, entry);
            found = true;
        }
    }
    if (found) {
        free_targets(memory, line, release->utc_ms);
    }
    return found;
}

od_err od__memory_dnc_remove(void *ctx, uint64_t phone, bool prefix,
                             int32_t scope, od_id campaign, int64_t utc_ms,
                             const od_ledger_entry *ledger)
{
    od__memory *memory = ctx;
    od__memory_line *line = line_of(memory, phone, prefix);
    od__memory_dnc *entry = find_entry(line, scope, campaign);
    if (entry == NULL) {
        return od__fail(&memory->errmsg, OD_ERR_NOT_FOUND,
                        "+%" PRIu64 "%s is not on the do-not-call list", phone,
                        prefix ? "*" : "");
    }
    if (!od__memory_ledger_reserve(memory, 1,
                                   od__texts_bytes(ledger->payload))) {
        return od__memory_fail_full(memory);
    }
    drop_entry(memory, line, entry);
    if (prefix) {
        free_prefix(memory, phone, utc_ms);
    } else {
        free_targets(memory, line, utc_ms);
    }
    od__memory_ledger_append(memory, ledger);
    return OD_OK;
}

od_err od__memory_dnc_check(void *ctx, uint64_t phone, int32_t channel,
                            od_id campaign, int64_t utc_ms, bool *out)
{
    const od__memory *memory = ctx;
    od_candidate facts = {.campaign = campaign, .phone = phone};
    od__memory_dnc_facts(memory, channel, utc_ms, &facts);
    *out = facts.dnc;
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
