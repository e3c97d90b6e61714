/*
 * rows.c - what is stored, read past the engine: a file by SQL of our own, over
 * a connection of our own; memory by the scans of its table.
 */
#include "rig.h"

#include <sqlite3.h>

static const od_storage_ops *ops(rig *r)
{
    return od_storage_ops_get(r->fault.inner);
}

static void *ctx(rig *r)
{
    return od_storage_ctx_get(r->fault.inner);
}

static void must(rig *r, od_err err, const char *slot)
{
    if (err != OD_OK) {
        rig_fail(r, "%s cannot be read: %s", slot, od_err_name(err));
    }
}

static sqlite3_stmt *query(rig *r, const char *sql, int64_t first)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(r->raw, sql, -1, &stmt, NULL) != SQLITE_OK) {
        rig_fail(r, "sql: %s", sqlite3_errmsg(r->raw));
    }
    (void)sqlite3_bind_int64(stmt, 1, first); /* fails if there is no place */
    return stmt;
}

static bool next(rig *r, sqlite3_stmt *stmt)
{
    int rc = sqlite3_step(stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        rig_fail(r, "sql: %s", sqlite3_errmsg(r->raw));
    }
    return rc == SQLITE_ROW;
}

static void text_of(sqlite3_stmt *stmt, int column, char *out, size_t size)
{
    (void)snprintf(out, size, "%s",
                   (const char *)sqlite3_column_text(stmt, column));
}

void rows_open(rig *r)
{
    if (sqlite3_open_v2(r->path, &r->raw, SQLITE_OPEN_READWRITE, NULL) !=
        SQLITE_OK) {
        rig_fail(r, "%s cannot be opened", r->path);
    }
    (void)sqlite3_busy_timeout(r->raw, 5000);
}

void rows_close(rig *r)
{
    (void)sqlite3_close(r->raw);
    r->raw = NULL;
}

/* == live attempts ========================================================= */

size_t rows_flights(rig *r, chk_flight_row *out)
{
    size_t len = 0;
    if (r->on_sqlite) {
        sqlite3_stmt *stmt =
            query(r,
                  "SELECT attempt, campaign, contact, phone, claimed_at, "
                  "answered_at, session_id FROM flight ORDER BY attempt",
                  0);
        while (len < ROWS_FLIGHTS && next(r, stmt)) {
            chk_flight_row *row = &out[len++];
            row->attempt = sqlite3_column_int64(stmt, 0);
            row->campaign = sqlite3_column_int64(stmt, 1);
            row->contact = sqlite3_column_int64(stmt, 2);
            row->phone = (uint64_t)sqlite3_column_int64(stmt, 3);
            row->claimed_utc_ms = sqlite3_column_int64(stmt, 4);
            row->answered_utc_ms = sqlite3_column_int64(stmt, 5);
            text_of(stmt, 6, row->session, sizeof row->session);
        }
        (void)sqlite3_finalize(stmt);
        return len;
    }
    static od_attempt_record rows[ROWS_FLIGHTS];
    must(r, ops(r)->flight_scan(ctx(r), 0, rows, ROWS_FLIGHTS, &len),
         "flight_scan");
    for (size_t i = 0; i < len; i++) {
        out[i] = (chk_flight_row){.attempt = rows[i].attempt,
                                  .campaign = rows[i].campaign,
                                  .contact = rows[i].contact,
                                  .phone = rows[i].phone,
                                  .claimed_utc_ms = rows[i].claimed_utc_ms,
                                  .answered_utc_ms = rows[i].answered_utc_ms};
        (void)snprintf(out[i].session, sizeof out[i].session, "%s",
                       rows[i].session_id);
    }
    return len;
}

/* == ended attempts ======================================================== */

static void of_sql(sqlite3_stmt *stmt, chk_attempt_row *out)
{
    out->attempt = sqlite3_column_int64(stmt, 0);
    out->campaign = sqlite3_column_int64(stmt, 1);
    out->phone = (uint64_t)sqlite3_column_int64(stmt, 2);
    out->disposition = sqlite3_column_int(stmt, 3);
    out->sip_status = sqlite3_column_int(stmt, 4);
    out->reached = sqlite3_column_int(stmt, 5) != 0;
    text_of(stmt, 6, out->session, sizeof out->session);
}

#define ATTEMPTS                                                               \
    "SELECT id, campaign, phone, disposition, sip_status, reached_network, "   \
    "session_id FROM attempt "

static void of_record(const od_attempt_record *record, chk_attempt_row *out)
{
    out->attempt = record->attempt;
    out->campaign = record->campaign;
    out->phone = record->phone;
    out->disposition = record->disposition;
    out->sip_status = record->sip_status;
    out->reached = record->reached_network;
    (void)snprintf(out->session, sizeof out->session, "%s", record->session_id);
}

bool rows_attempt(rig *r, int64_t attempt, chk_attempt_row *out)
{
    od_attempt_record record;
    size_t count = 0;
    if (r->on_sqlite) {
        sqlite3_stmt *stmt = query(r, ATTEMPTS "WHERE id = ?", attempt);
        bool found = next(r, stmt);
        if (found) {
            of_sql(stmt, out);
        }
        (void)sqlite3_finalize(stmt);
        return found;
    }
    must(r,
         ops(r)->attempt_scan(ctx(r), NULL, 0, attempt - 1, &record, 1, &count),
         "attempt_scan");
    if (count == 0 || record.attempt != attempt) {
        return false;
    }
    of_record(&record, out);
    return true;
}

static void all_attempts(rig *r)
{
    chk_attempt_row row;
    od_attempt_record record;
    size_t count = 0;
    if (r->on_sqlite) {
        sqlite3_stmt *stmt = query(r, ATTEMPTS, 0);
        while (next(r, stmt)) {
            of_sql(stmt, &row);
            chk_rows_attempt(&r->c, &row);
        }
        (void)sqlite3_finalize(stmt);
        return;
    }
    record.attempt = 0;
    do {
        must(r,
             ops(r)->attempt_scan(ctx(r), NULL, 0, record.attempt, &record, 1,
                                  &count),
             "attempt_scan");
        if (count > 0) {
            of_record(&record, &row);
            chk_rows_attempt(&r->c, &row);
        }
    } while (count > 0);
}

/* == campaigns and targets ================================================= */

int rows_state(rig *r, int64_t campaign)
{
    od_campaign_record record;
    if (!r->on_sqlite) {
        must(r, ops(r)->campaign_get(ctx(r), campaign, &record),
             "campaign_get");
        return record.state;
    }
    sqlite3_stmt *stmt =
        query(r, "SELECT state FROM campaign WHERE id = ?", campaign);
    int state = next(r, stmt) ? sqlite3_column_int(stmt, 0) : -1;
    (void)sqlite3_finalize(stmt);
    return state;
}

#define TARGETS 512

static size_t targets(rig *r, int64_t campaign, chk_target_row *out)
{
    size_t len = 0;
    size_t count = 0;
    od_candidate row;
    if (r->on_sqlite) {
        sqlite3_stmt *stmt =
            query(r,
                  "SELECT phone, state, reason, attempts, disposition, due_at "
                  "FROM target WHERE campaign = ?",
                  campaign);
        while (len < TARGETS && next(r, stmt)) {
            chk_target_row *t = &out[len++];
            t->phone = (uint64_t)sqlite3_column_int64(stmt, 0);
            t->state = sqlite3_column_int(stmt, 1);
            t->reason = sqlite3_column_int(stmt, 2);
            t->attempts = sqlite3_column_int(stmt, 3);
            t->disposition = sqlite3_column_int(stmt, 4);
            t->due_utc_ms = sqlite3_column_int64(stmt, 5);
        }
        (void)sqlite3_finalize(stmt);
        return len;
    }
    row.phone = 0;
    do {
        must(r,
             ops(r)->target_scan(ctx(r), campaign, row.phone, r->now.utc_ms,
                                 &row, 1, &count),
             "target_scan");
        if (count > 0) {
            out[len++] = (chk_target_row){.phone = row.phone,
                                          .state = row.state,
                                          .reason = row.reason,
                                          .attempts = row.attempts,
                                          .disposition = row.disposition,
                                          .due_utc_ms = row.due_utc_ms};
        }
    } while (count > 0 && len < TARGETS);
    return len;
}

void rows_show(rig *r)
{
    static chk_target_row rows[TARGETS];
    for (int i = 0; i < CHK_CAMPAIGNS; i++) {
        const chk_campaign *at = &r->c.campaigns[i];
        size_t len = at->id != 0 ? targets(r, at->id, rows) : 0;
        if (len > 0) {
            (void)printf("campaign %d, purpose %d, attempts_max %d, delay %d, "
                         "%s\n",
                         i, at->purpose, at->attempts_max, at->retry_delay_s,
                         od_campaign_state_name(at->state));
        }
        for (int j = 0; j < at->windows_len; j++) {
            (void)printf("  window %x %d-%d\n", at->windows[j].days,
                         at->windows[j].start_min, at->windows[j].end_min);
        }
        for (size_t j = 0; j < len; j++) {
            (void)printf("  %llu state %d, %s, %d attempts, %s, due %+lld s\n",
                         (unsigned long long)rows[j].phone, rows[j].state,
                         od_reason_name(rows[j].reason), rows[j].attempts,
                         od_disposition_name(rows[j].disposition),
                         (long long)(rows[j].due_utc_ms - r->now.utc_ms) /
                             1000);
        }
    }
}

static void check_targets(rig *r, int campaign)
{
    static chk_target_row rows[TARGETS];
    od_campaign_stats s;
    size_t len = targets(r, r->c.campaigns[campaign].id, rows);
    od_err err =
        od_campaign_stats_get(r->engine, r->c.campaigns[campaign].id, &s);
    if (err != OD_OK) {
        rig_fail(r, "the figures: %s", od_engine_errmsg(r->engine));
    }
    const int64_t by_state[] = {s.queued + s.waiting_window + s.waiting_retry,
                                s.in_progress, s.finished, s.blocked};
    chk_rows_targets(&r->c, campaign, rows, len, by_state, s.attempts_by);
}

/* == lists ================================================================= */

/* In a file, the scope of a prefix has 16 more. */
bool rows_listed(rig *r, const chk_entry *entry)
{
    od_dnc_record row;
    size_t count = 0;
    if (r->on_sqlite) {
        sqlite3_stmt *stmt = query(r,
                                   "SELECT 1 FROM dnc WHERE phone = ? AND "
                                   "scope = ? AND campaign = ?",
                                   (int64_t)entry->phone);
        (void)sqlite3_bind_int(stmt, 2,
                               entry->scope + (entry->prefix ? 16 : 0));
        (void)sqlite3_bind_int64(stmt, 3, entry->campaign);
        bool found = next(r, stmt);
        (void)sqlite3_finalize(stmt);
        return found;
    }
    row.id = 0;
    do {
        must(r, ops(r)->dnc_scan(ctx(r), row.id, &row, 1, &count), "dnc_scan");
        if (count > 0 && row.phone == entry->phone &&
            row.prefix == entry->prefix && row.scope == entry->scope &&
            row.campaign == entry->campaign) {
            return true;
        }
    } while (count > 0);
    return false;
}

/* == the ledger ============================================================ */

static void sql_ledger(rig *r)
{
    sqlite3_stmt *stmt =
        query(r,
              "SELECT seq, utc_ms, subject, kind, payload, salt, hash FROM "
              "ledger ORDER BY seq",
              0);
    while (next(r, stmt)) {
        chk_ledger_row row = {.seq = sqlite3_column_int64(stmt, 0),
                              .utc_ms = sqlite3_column_int64(stmt, 1),
                              .subject = sqlite3_column_int64(stmt, 2),
                              .kind = sqlite3_column_int(stmt, 3),
                              .payload =
                                  (const char *)sqlite3_column_text(stmt, 4)};
        if (sqlite3_column_bytes(stmt, 5) != 16 ||
            sqlite3_column_bytes(stmt, 6) != 32) {
            rig_fail(r, "9: row %lld of the ledger has no salt or hash",
                     (long long)row.seq);
        }
        memcpy(row.salt, sqlite3_column_blob(stmt, 5), 16);
        memcpy(row.hash, sqlite3_column_blob(stmt, 6), 32);
        chk_rows_ledger(&r->c, &row);
    }
    (void)sqlite3_finalize(stmt);
}

static void memory_ledger(rig *r)
{
    od_ledger_row in;
    size_t count = 0;
    in.seq = 0;
    do {
        must(r, ops(r)->ledger_scan(ctx(r), in.seq, &in, 1, &count),
             "ledger_scan");
        if (count > 0) {
            chk_ledger_row row = {.seq = in.seq,
                                  .utc_ms = in.utc_ms,
                                  .subject = in.subject,
                                  .kind = in.kind,
                                  .payload = in.payload};
            memcpy(row.salt, in.salt, 16);
            memcpy(row.hash, in.hash, 32);
            chk_rows_ledger(&r->c, &row);
        }
    } while (count > 0);
}

void rows_check_all(rig *r)
{
    all_attempts(r);
    for (int i = 0; i < CHK_CAMPAIGNS; i++) {
        if (r->c.campaigns[i].id != 0) {
            check_targets(r, i);
        }
    }
    if (r->on_sqlite) {
        sql_ledger(r);
    } else {
        memory_ledger(r);
    }
    chk_rows_end(&r->c);
}
