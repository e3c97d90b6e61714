/*
 * memory_consents.c - evidence of consent.
 *
 * A row is one block with its texts. It is made before anything is changed, and
 * hung on the line of its phone or freed afterwards.
 */
#include "storage/memory.h"

/* == rows ================================================================= */

/* The texts of a row, which its block holds in this order. */
#define TEXTS 5

static const char **text_at(od_consent_record *record, size_t at)
{
    const char **texts[TEXTS] = {&record->seller, &record->how, &record->text,
                                 &record->reference, &record->who};
    return texts[at];
}

static od__memory_consent *make_consent(od__memory *memory,
                                        const od_consent_record *row)
{
    od_consent_record record = *row;
    size_t bytes = sizeof(od__memory_consent);
    for (size_t i = 0; i < TEXTS; i++) {
        bytes += strlen(od__text_or_empty(*text_at(&record, i))) + 1;
    }
    od__memory_line *line = od__memory_line_make(memory, row->phone);
    od__memory_consent *consent =
        line != NULL ? od__alloc(&memory->allocator, bytes) : NULL;
    if (consent == NULL) {
        return NULL;
    }
    char *pen = (char *)(consent + 1);
    for (size_t i = 0; i < TEXTS; i++) {
        const char *text = od__text_or_empty(*text_at(&record, i));
        size_t text_bytes = strlen(text) + 1;
        memcpy(pen, text, text_bytes);
        *text_at(&record, i) = pen;
        pen += text_bytes;
    }
    record.revoked_utc_ms = 0;
    consent->record = record;
    consent->line = line;
    return consent;
}

static void discard(od__memory *memory, od__memory_consent **staged, size_t len)
{
    for (size_t i = 0; staged != NULL && i < len; i++) {
        od__free(&memory->allocator, staged[i]);
    }
    od__free(&memory->allocator, staged);
}

/* Rows that may be needed: an array of len, or NULL when out of memory. */
static od__memory_consent **stage(od__memory *memory,
                                  const od_consent_record *rows, size_t len)
{
    if (!od__rows_reserve(&memory->consents, len, &memory->allocator)) {
        return NULL;
    }
    od__memory_consent **staged =
        od__alloc(&memory->allocator, len * sizeof(void *));
    for (size_t i = 0; staged != NULL && i < len; i++) {
        staged[i] = make_consent(memory, &rows[i]);
        if (staged[i] == NULL) {
            discard(memory, staged, i);
            staged = NULL;
        }
    }
    return staged;
}

static bool is_same(const od_consent_record *a, const od_consent_record *b)
{
    return a->purpose == b->purpose && a->kind == b->kind &&
           a->obtained_utc_ms == b->obtained_utc_ms &&
           strcmp(a->seller, b->seller) == 0;
}

/* Hang a staged row on its line; false: there was one, and it is freed. */
static bool apply(od__memory *memory, od__memory_consent *staged)
{
    od__memory_line *line = staged->line;
    for (const od__memory_consent *other = line->consents; other != NULL;
         other = other->next_of_phone) {
        if (is_same(&other->record, &staged->record)) {
            od__free(&memory->allocator, staged);
            return false;
        }
    }
    od__rows_push(&memory->consents, staged);
    staged->record.id = (od_id)memory->consents.len;
    staged->next_of_phone = line->consents;
    line->consents = staged;
    return true;
}

/* == of a line ============================================================ */

bool od__memory_consents_revoke(od__memory_line *line, const char *seller,
                                int64_t utc_ms)
{
    bool any = false;
    for (od__memory_consent *consent = line->consents; consent != NULL;
         consent = consent->next_of_phone) {
        od_consent_record *record = &consent->record;
        if (record->revoked_utc_ms == 0 &&
            (seller == NULL || strcmp(record->seller, seller) == 0)) {
            record->revoked_utc_ms = utc_ms;
            any = true;
        }
    }
    return any;
}

void od__memory_consents_facts(const od__memory_line *line, const char *seller,
                               od_consents *out)
{
    for (const od__memory_consent *consent = line->consents; consent != NULL;
         consent = consent->next_of_phone) {
        const od_consent_record *record = &consent->record;
        if (record->revoked_utc_ms == 0 &&
            strcmp(record->seller, seller) == 0) {
            od__consent_note(out, record->kind, record->purpose,
                             record->obtained_utc_ms);
        }
    }
}

void od__memory_consents_drop(od__memory *memory, od__memory_line *line,
                              int64_t before_utc_ms)
{
    od__memory_consent **at = &line->consents;
    while (*at != NULL) {
        od__memory_consent *consent = *at;
        int64_t revoked = consent->record.revoked_utc_ms;
        if (revoked != 0 && revoked < before_utc_ms) {
            *at = consent->next_of_phone;
            memory->consents.at[consent->record.id - 1] = NULL;
            od__free(&memory->allocator, consent);
        } else {
            at = &consent->next_of_phone;
        }
    }
}

/* Targets that evidence may free are due again. */
static void free_targets(const od__memory *memory, const od__memory_line *line,
                         int64_t utc_ms)
{
    for (od__memory_target *target = line->targets; target != NULL;
         target = target->next_of_phone) {
        if (target->state == OD_TARGET_BLOCKED &&
            od__reason_is_of_consent(target->reason)) {
            od__memory_target_free(memory, target, utc_ms);
        }
    }
}

/* == slots ================================================================ */

od_err od__memory_consent_add(void *ctx, const od_consent_record *rows,
                              const od_ledger_entry *ledger, size_t len,
                              int64_t utc_ms, bool *added)
{
    od__memory *memory = ctx;
    size_t texts_bytes = 0;
    for (size_t i = 0; i < len; i++) {
        texts_bytes += od__texts_bytes(ledger[i].payload);
    }
    od__memory_consent **staged = stage(memory, rows, len);
    if (staged == NULL ||
        !od__memory_ledger_reserve(memory, len, texts_bytes)) {
        discard(memory, staged, len);
        return od__memory_fail_full(memory);
    }
    for (size_t i = 0; i < len; i++) {
        const od__memory_line *line = staged[i]->line;
        bool is_new = apply(memory, staged[i]);
        if (is_new) {
            free_targets(memory, line, utc_ms);
            od__memory_ledger_append(memory, &ledger[i]);
        }
        if (added != NULL) {
            added[i] = is_new;
        }
    }
    od__free(&memory->allocator, staged);
    return OD_OK;
}

od_err od__memory_consent_revoke(void *ctx, uint64_t phone, const char *seller,
                                 int64_t utc_ms, const od_ledger_entry *ledger)
{
    od__memory *memory = ctx;
    od__memory_line *line = od__memory_line_find(memory, phone);
    if (!od__memory_ledger_reserve(memory, 1,
                                   od__texts_bytes(ledger->payload))) {
        return od__memory_fail_full(memory);
    }
    if (line == NULL || !od__memory_consents_revoke(line, seller, utc_ms)) {
        return od__fail(&memory->errmsg, OD_ERR_NOT_FOUND,
                        "no consent of +%" PRIu64 " is in force", phone);
    }
    od__memory_ledger_append(memory, ledger);
    return OD_OK;
}

od_err od__memory_consent_scan(void *ctx, uint64_t phone, od_id after,
                               od_consent_record *rows, size_t rows_max,
                               size_t *count)
{
    const od__memory *memory = ctx;
    size_t len = 0;
    size_t at = after > 0 ? (size_t)after : 0;
    for (; at < memory->consents.len && len < rows_max; at++) {
        const od__memory_consent *consent = memory->consents.at[at];
        if (consent != NULL &&
            (phone == 0 || consent->record.phone == phone)) {
            rows[len++] = consent->record;
        }
    }
    *count = len;
    return OD_OK;
}
