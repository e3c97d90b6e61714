/*
 * consents.c - evidence that people agreed to be called.
 *
 * A phone has few rows, and all that is asked begins with the phone: one index
 * serves all. That no row is there twice is checked before one is added.
 */
#include "storage/sqlite/sqlite.h"

#include <inttypes.h>

/* == adding and revoking ================================================== */

static od_err find(od__sqlite *s, const od_consent_record *row, bool *found)
{
    od__query query = OD__QUERY(s, OD__SQL_CONSENT_FIND, (int64_t)row->phone,
                                row->kind, row->purpose, row->obtained_utc_ms);
    od__query_text(&query, row->seller);
    *found = od__query_next(&query);
    return od__query_end(&query);
}

static od_err insert(od__sqlite *s, const od_consent_record *row)
{
    od__query query =
        OD__QUERY(s, OD__SQL_CONSENT_ADD, (int64_t)row->phone, row->kind,
                  row->purpose, row->obtained_utc_ms, row->added_utc_ms);
    od__query_text(&query, row->seller);
    od__query_text(&query, row->how);
    od__query_text(&query, row->text);
    od__query_text(&query, row->reference);
    od__query_text(&query, row->who);
    od__query_blob(&query, row->sha256, sizeof row->sha256);
    return od__query_run(&query);
}

static od_err put(od__sqlite *s, const od_consent_record *row,
                  const od_ledger_entry *ledger, int64_t utc_ms, bool *added)
{
    bool found;
    od_err err = find(s, row, &found);
    *added = err == OD_OK && !found;
    if (!*added) {
        return err;
    }
    err = insert(s, row);
    if (err == OD_OK) {
        err = od__targets_agree(s, row->phone, utc_ms);
    }
    return err == OD_OK ? od__ledger_put(s, ledger, 1) : err;
}

od_err od__sqlite_consent_add(void *ctx, const od_consent_record *rows,
                              const od_ledger_entry *ledger, size_t len,
                              int64_t utc_ms, bool *added)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_err err = od__sqlite_begin(s);
    for (size_t i = 0; err == OD_OK && i < len; i++) {
        bool is_new;
        err = put(s, &rows[i], &ledger[i], utc_ms, &is_new);
        if (err == OD_OK && added != NULL) {
            added[i] = is_new;
        }
    }
    return od__sqlite_finish(s, err);
}

static od_err revoke(od__sqlite *s, uint64_t phone, const char *seller,
                     int64_t utc_ms)
{
    od__query query = OD__QUERY(s,
                                seller == NULL ? OD__SQL_CONSENT_REVOKE
                                               : OD__SQL_CONSENT_REVOKE_SELLER,
                                (int64_t)phone, utc_ms);
    if (seller != NULL) {
        od__query_text(&query, seller);
    }
    od_err err = od__query_run(&query);
    if (err == OD_OK && sqlite3_changes(s->db) == 0) {
        err = od__fail(&s->errmsg, OD_ERR_NOT_FOUND,
                       "no consent of +%" PRIu64 " is in force", phone);
    }
    return err;
}

od_err od__sqlite_consent_revoke(void *ctx, uint64_t phone, const char *seller,
                                 int64_t utc_ms, const od_ledger_entry *ledger)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = revoke(s, phone, seller, utc_ms);
    }
    if (err == OD_OK) {
        err = od__ledger_put(s, ledger, 1);
    }
    return od__sqlite_finish(s, err);
}

/* == reading ============================================================== */

static void read_consent(od__query *query, od_consent_record *out)
{
    memset(out, 0, sizeof *out);
    out->id = od__row_id(query);
    out->phone = od__row_phone(query);
    out->kind = od__row_i32(query, 0, INT32_MAX);
    out->purpose = od__row_i32(query, 0, INT32_MAX);
    out->obtained_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->added_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->revoked_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->seller = od__row_text(query, OD_TEXT_MAX);
    out->how = od__row_text(query, OD_TEXT_MAX);
    out->text = od__row_text(query, OD_TEXT_MAX);
    out->reference = od__row_text(query, OD_TEXT_MAX);
    out->who = od__row_text(query, OD_TEXT_MAX);
    od__row_bytes(query, out->sha256, sizeof out->sha256);
}

od_err od__sqlite_consent_scan(void *ctx, uint64_t phone, od_id after,
                               od_consent_record *rows, size_t rows_max,
                               size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query =
        phone == 0
            ? OD__QUERY(s, OD__SQL_CONSENT_SCAN, after, (int64_t)rows_max)
            : OD__QUERY(s, OD__SQL_CONSENT_SCAN_PHONE, after, (int64_t)rows_max,
                        (int64_t)phone);
    size_t len = 0;
    while (len < rows_max && od__query_next(&query)) {
        read_consent(&query, &rows[len++]);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}

od_err od__consent_facts(od__sqlite *s, od_id campaign, uint64_t phone,
                         od_consents *out)
{
    od__query query =
        OD__QUERY(s, OD__SQL_CONSENT_FACTS, campaign, (int64_t)phone);
    while (od__query_next(&query)) {
        int32_t kind = od__row_i32(&query, 0, INT32_MAX);
        int32_t purpose = od__row_i32(&query, 0, INT32_MAX);
        int64_t obtained_utc_ms = od__row_i64(&query, INT64_MIN, INT64_MAX);
        od__consent_note(out, kind, purpose, obtained_utc_ms);
    }
    return od__query_end(&query);
}
