/*
 * ledger.c - the append-only, hash-chained record.
 *
 * Rows are sealed while their transaction is open. The head of the chain is
 * read once in each transaction (one seek to the last row), because another
 * process may have appended since; a roll-back forgets it. A row whose payload
 * and salt were erased keeps their digest, which is all that its hash covers.
 */
#include "storage/sqlite/sqlite.h"

static od_err read_head(od__sqlite *s)
{
    int64_t seq = 0;
    uint8_t hash[32] = {0};
    od__query query = od__query_new(s, OD__SQL_LEDGER_HEAD, NULL, 0);
    if (od__query_next(&query)) {
        seq = od__row_i64(&query, 1, INT64_MAX - 1);
        od__row_bytes(&query, hash, sizeof hash);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        s->ledger_seq = seq;
        memcpy(s->ledger_hash, hash, sizeof hash);
    }
    return err;
}

static od_err append(od__sqlite *s, const od_ledger_entry *entry)
{
    uint8_t hash[32];
    int64_t seq = s->ledger_seq + 1;
    od_ledger_seal(s->ledger_hash, seq, entry, hash);
    od__query query = OD__QUERY(s, OD__SQL_LEDGER_ADD, seq, entry->utc_ms,
                                entry->subject, entry->kind);
    od__query_text(&query, entry->payload);
    od__query_blob(&query, entry->salt, sizeof entry->salt);
    od__query_blob(&query, hash, sizeof hash);
    od_err err = od__query_run(&query);
    if (err == OD_OK) {
        s->ledger_seq = seq;
        memcpy(s->ledger_hash, hash, sizeof hash);
    }
    return err;
}

od_err od__ledger_put(od__sqlite *s, const od_ledger_entry *entries, size_t len)
{
    od_err err = len > 0 && s->ledger_seq < 0 ? read_head(s) : OD_OK;
    for (size_t i = 0; err == OD_OK && i < len; i++) {
        err = append(s, &entries[i]);
    }
    return err;
}

/* == erasing and reading ================================================== */

od_err od__ledger_erase(od__sqlite *s, int64_t seq)
{
    od_ledger_entry entry;
    memset(&entry, 0, sizeof entry);
    od__query query = OD__QUERY(s, OD__SQL_LEDGER_GET, seq);
    bool found = od__query_next(&query);
    if (found) {
        size_t len;
        entry.payload = od__row_blob(&query, &len);
        od__row_bytes(&query, entry.salt, sizeof entry.salt);
    }
    od_err err = od__query_end(&query);
    if (err != OD_OK || !found) {
        return err;
    }
    uint8_t digest[32];
    od_ledger_digest(&entry, digest);
    query = OD__QUERY(s, OD__SQL_LEDGER_ERASE, seq);
    od__query_blob(&query, digest, sizeof digest);
    return od__query_run(&query);
}

/* Stored if the row was erased, else that of what it says. */
static void read_digest(od__query *query, od_ledger_row *row)
{
    row->erased = !od__row_is_null(query);
    if (row->erased) {
        od__row_bytes(query, row->digest, sizeof row->digest);
        return;
    }
    od_ledger_entry entry;
    memset(&entry, 0, sizeof entry);
    entry.payload = row->payload;
    memcpy(entry.salt, row->salt, sizeof entry.salt);
    od_ledger_digest(&entry, row->digest);
}

od_err od__sqlite_ledger_scan(void *ctx, int64_t after_seq, od_ledger_row *rows,
                              size_t rows_max, size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query =
        OD__QUERY(s, OD__SQL_LEDGER_SCAN, after_seq, (int64_t)rows_max);
    size_t len = 0;
    while (len < rows_max && od__query_next(&query)) {
        od_ledger_row *row = &rows[len++];
        memset(row, 0, sizeof *row);
        row->seq = od__row_i64(&query, 1, INT64_MAX);
        row->utc_ms = od__row_i64(&query, INT64_MIN, INT64_MAX);
        row->subject = od__row_i64(&query, INT64_MIN, INT64_MAX);
        row->kind = od__row_i32(&query, INT32_MIN, INT32_MAX);
        /* As it stands: what was changed must fail the check of its hash. */
        size_t payload_len;
        row->payload = od__row_blob(&query, &payload_len);
        od__row_bytes(&query, row->salt, sizeof row->salt);
        od__row_bytes(&query, row->hash, sizeof row->hash);
        read_digest(&query, row);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}

od_err od__sqlite_ledger_add(void *ctx, const od_ledger_entry *ledger)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = od__ledger_put(s, ledger, 1);
    }
    return od__sqlite_finish(s, err);
}
