/*
 * memory_assets.c - media, surveys, rules and the like: named bytes that never
 * change.
 *
 * One sequence of ids for all kinds. There are few, so names are compared one
 * by one.
 */
#include "storage/memory.h"

static od__memory_asset *asset_of(const od__memory *memory, int32_t kind,
                                  od_id id)
{
    od__memory_asset *asset = od__rows_of_id(&memory->assets, id);
    return asset != NULL && asset->record.kind == kind ? asset : NULL;
}

static bool name_is_taken(const od__memory *memory, int32_t kind,
                          const char *name)
{
    for (size_t i = 0; i < memory->assets.len; i++) {
        const od__memory_asset *asset = memory->assets.at[i];
        if (asset != NULL && asset->record.kind == kind &&
            strcmp(asset->record.name, name) == 0) {
            return true;
        }
    }
    return false;
}

od_err od__memory_asset_put(void *ctx, const od_asset_record *record,
                            const od_ledger_entry *ledger, od_id *out)
{
    od__memory *memory = ctx;
    if (name_is_taken(memory, record->kind, record->name)) {
        return od__fail(&memory->errmsg, OD_ERR_EXISTS,
                        "the name \"%s\" is taken", record->name);
    }
    if (record->bytes_len > SIZE_MAX - sizeof(od__memory_asset) ||
        !od__rows_reserve(&memory->assets, 1, &memory->allocator) ||
        !od__memory_ledger_reserve(memory, 1,
                                   od__texts_bytes(ledger->payload))) {
        return od__memory_fail_full(memory);
    }
    od__memory_asset *asset =
        od__alloc(&memory->allocator, sizeof *asset + record->bytes_len);
    if (asset == NULL) {
        return od__memory_fail_full(memory);
    }
    asset->record = *record;
    asset->record.id = (od_id)memory->assets.len + 1;
    asset->record.bytes = asset + 1;
    if (record->bytes_len > 0) {
        memcpy(asset + 1, record->bytes, record->bytes_len);
    }
    od__rows_push(&memory->assets, asset);
    od_ledger_entry entry = *ledger;
    entry.subject = asset->record.id;
    od__memory_ledger_append(memory, &entry);
    *out = asset->record.id;
    return OD_OK;
}

od_err od__memory_asset_get(void *ctx, int32_t kind, od_id id,
                            od_asset_record *out)
{
    od__memory *memory = ctx;
    const od__memory_asset *asset = asset_of(memory, kind, id);
    if (asset == NULL) {
        return od__memory_fail_no(memory, "asset", id);
    }
    *out = asset->record;
    return OD_OK;
}

od_err od__memory_asset_scan(void *ctx, int32_t kind, od_id after,
                             od_asset_record *rows, size_t rows_max,
                             size_t *count)
{
    od__memory *memory = ctx;
    size_t len = 0;
    size_t at = after > 0 ? (size_t)after : 0;
    for (; at < memory->assets.len && len < rows_max; at++) {
        const od__memory_asset *asset = memory->assets.at[at];
        if (asset != NULL && asset->record.kind == kind) {
            rows[len] = asset->record;
            rows[len].bytes = NULL;
            len++;
        }
    }
    *count = len;
    return OD_OK;
}

od_err od__memory_asset_remove(void *ctx, int32_t kind, od_id id,
                               const od_ledger_entry *ledger)
{
    od__memory *memory = ctx;
    od__memory_asset *asset = asset_of(memory, kind, id);
    if (asset == NULL) {
        return od__memory_fail_no(memory, "asset", id);
    }
    if (!od__memory_ledger_reserve(memory, 1,
                                   od__texts_bytes(ledger->payload))) {
        return od__memory_fail_full(memory);
    }
    memory->assets.at[id - 1] = NULL;
    od__free(&memory->allocator, asset);
    od__memory_ledger_append(memory, ledger);
    return OD_OK;
}
