/*
 * memory_ledger.c - the hash chain.
 *
 * Row seq stands at seq - 1. Rows are only ever appended.
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
    od_ledger_seal(last != NULL ? last->hash : zero, row->seq, entry,
                   row->hash);
    od__rows_push(&memory->ledger, row);
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
