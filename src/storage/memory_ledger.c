/*
 * memory_ledger.c - the hash chain.
 *
 * Row seq stands at seq - 1. Rows are only ever appended; the payload of one
 * may be dropped, its digest stays.
 */
#include "storage/memory.h"

bool od__memory_ledger_reserve(od__memory *memory, size_t len,
                               size_t texts_bytes)
{
    return od__rows_reserve(&memory->ledger, len, &memory->allocator) &&
           od__pool_reserve(&memory->ledger_pool, len, &memory->allocator) &&
           od__texts_reserve(&memory->texts, texts_bytes, &memory->allocator);
}

void od__memory_ledger_append(od__memory *memory, const od_ledger_entry *entry)
{
    static const uint8_t zero[32];
    const od_ledger_row *last =
        od__rows_of_id(&memory->ledger, (int64_t)memory->ledger.len);
    od_ledger_row *row = od__pool_take(&memory->ledger_pool);
    row->seq = (int64_t)memory->ledger.len + 1;
    row->utc_ms = entry->utc_ms;
    row->subject = entry->subject;
    row->kind = entry->kind;
    row->payload = od__texts_add(&memory->texts, entry->payload);
    memcpy(row->salt, entry->salt, sizeof row->salt);
    od_ledger_digest(entry, row->digest);
    od_ledger_seal_digest(last != NULL ? last->hash : zero, row->seq,
                          row->utc_ms, row->kind, row->subject, row->digest,
                          row->hash);
    od__rows_push(&memory->ledger, row);
}

void od__memory_ledger_forget(od__memory *memory, int64_t seq)
{
    od_ledger_row *row = od__rows_of_id(&memory->ledger, seq);
    if (row != NULL) {
        row->payload = "";
        memset(row->salt, 0, sizeof row->salt);
        row->erased = true;
    }
}

od_err od__memory_ledger_scan(void *ctx, int64_t after_seq,
                              od_ledger_row *rows, size_t rows_max,
                              size_t *count)
{
    od__memory *memory = ctx;
    size_t len = 0;
    while (len < rows_max && after_seq < INT64_MAX) {
        const od_ledger_row *row =
            od__rows_of_id(&memory->ledger, ++after_seq);
        if (row == NULL) {
            break;
        }
        rows[len++] = *row;
    }
    *count = len;
    return OD_OK;
}

od_err od__memory_ledger_add(void *ctx, const od_ledger_entry *ledger)
{
    od__memory *memory = ctx;
    if (!od__memory_ledger_reserve(memory, 1,
                                   od__texts_bytes(ledger->payload))) {
        return od__memory_fail_full(memory);
    }
    od__memory_ledger_append(memory, ledger);
    return OD_OK;
}
