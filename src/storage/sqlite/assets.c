/*
 * assets.c - media, surveys and what else the host gave: named bytes that never
 * change.
 *
 * The bytes of one asset may be 32 MiB: they are handed out in a block of
 * their own that is freed with the next slot, not in the arena, which keeps
 * what it once took.
 */
#include "storage/sqlite/sqlite.h"

#include <stdlib.h>

/* OD_ERR_NOT_FOUND with its text. */
static od_err no_asset(od__sqlite *s, int32_t kind, od_id id)
{
    static const char *const names[] = {
        [OD_ASSET_MEDIA] = "media",         [OD_ASSET_SURVEY] = "survey",
        [OD_ASSET_RULES] = "rules",         [OD_ASSET_OVERRIDE] = "override",
        [OD_ASSET_CALLER_ID] = "caller ID",
    };
    bool known = kind >= OD_ASSET_MEDIA && kind <= OD_ASSET_CALLER_ID;
    return od__sqlite_no(s, known ? names[kind] : "asset", id);
}

static od_err find(od__sqlite *s, int32_t kind, const char *name, od_id *out)
{
    *out = 0;
    od__query query = OD__QUERY(s, OD__SQL_ASSET_FIND, kind);
    od__query_text(&query, name);
    if (od__query_next(&query)) {
        *out = od__row_id(&query);
    }
    return od__query_end(&query);
}

static od_err add(od__sqlite *s, const od_asset_record *record, od_id *out)
{
    od_id other;
    od_err err = find(s, record->kind, record->name, &other);
    if (err == OD_OK && other != 0) {
        err = od__fail(&s->errmsg, OD_ERR_EXISTS, "the name \"%s\" is taken",
                       record->name);
    }
    if (err != OD_OK) {
        return err;
    }
    od__query query =
        OD__QUERY(s, OD__SQL_ASSET_ADD, record->kind, record->measure);
    od__query_text(&query, record->name);
    od__query_blob(&query, record->sha256, sizeof record->sha256);
    od__query_blob(&query, record->bytes, record->bytes_len);
    err = od__query_run(&query);
    *out = sqlite3_last_insert_rowid(s->db);
    return err;
}

od_err od__sqlite_asset_put(void *ctx, const od_asset_record *record,
                            const od_ledger_entry *ledger, od_id *out)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_id id = 0;
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = add(s, record, &id);
    }
    if (err == OD_OK) {
        od_ledger_entry entry = *ledger;
        entry.subject = id;
        err = od__ledger_put(s, &entry, 1);
    }
    err = od__sqlite_finish(s, err);
    if (err == OD_OK) {
        *out = id;
    }
    return err;
}

/* All but the bytes. */
static void read_asset(od__query *query, od_asset_record *out)
{
    memset(out, 0, sizeof *out);
    out->id = od__row_id(query);
    out->kind = od__row_i32(query, OD_ASSET_MEDIA, OD_ASSET_CALLER_ID);
    out->measure = od__row_i32(query, 0, INT32_MAX);
    od__row_text_copy(query, out->name, sizeof out->name);
    od__row_bytes(query, out->sha256, sizeof out->sha256);
    out->bytes_len = (size_t)od__row_i64(query, 0, INT32_MAX);
}

/* The bytes of the present row, in s->bytes; a NUL stands behind them. */
static void read_bytes(od__query *query, od_asset_record *out)
{
    od__sqlite *s = query->s;
    const void *bytes = sqlite3_column_blob(query->stmt, query->column);
    int len = sqlite3_column_bytes(query->stmt, query->column);
    out->bytes_len = bytes != NULL && len > 0 ? (size_t)len : 0;
    s->bytes = malloc(out->bytes_len + 1);
    if (s->bytes == NULL) {
        query->err = od__sqlite_memory(s);
        return;
    }
    if (out->bytes_len > 0) {
        memcpy(s->bytes, bytes, out->bytes_len);
    }
    ((char *)s->bytes)[out->bytes_len] = '\0';
    out->bytes = s->bytes;
}

od_err od__sqlite_asset_get(void *ctx, int32_t kind, od_id id,
                            od_asset_record *out)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_asset_record record;
    od__query query = OD__QUERY(s, OD__SQL_ASSET_GET, id, kind);
    bool found = od__query_next(&query);
    if (found) {
        read_asset(&query, &record);
    }
    if (found && query.err == OD_OK) {
        read_bytes(&query, &record);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK && !found) {
        err = no_asset(s, kind, id);
    }
    if (err == OD_OK) {
        *out = record;
    }
    return err;
}

od_err od__sqlite_asset_scan(void *ctx, int32_t kind, od_id after,
                             od_asset_record *rows, size_t rows_max,
                             size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query =
        OD__QUERY(s, OD__SQL_ASSET_SCAN, after, kind, (int64_t)rows_max);
    size_t len = 0;
    while (len < rows_max && od__query_next(&query)) {
        read_asset(&query, &rows[len++]);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}

static od_err remove_asset(od__sqlite *s, int32_t kind, od_id id)
{
    od_err err = OD__RUN(s, OD__SQL_ASSET_REMOVE, id, kind);
    if (err == OD_OK && sqlite3_changes(s->db) == 0) {
        err = no_asset(s, kind, id);
    }
    return err;
}

od_err od__sqlite_asset_remove(void *ctx, int32_t kind, od_id id,
                               const od_ledger_entry *ledger)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = remove_asset(s, kind, id);
    }
    if (err == OD_OK) {
        err = od__ledger_put(s, ledger, 1);
    }
    return od__sqlite_finish(s, err);
}
