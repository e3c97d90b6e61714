/*
 * replies.c - texts that came in, and what they are owed.
 *
 * A reply is told from every other by its nonce, which stands in an index, so
 * that it is stored once. What it is owed stands in a partial index over the
 * instant until which that is so: what was claimed has left it, and what nobody
 * claimed in time is behind what is asked for. The notice that is claimed is a
 * live text like any other, but of no target.
 */
#include "storage/sqlite/sqlite.h"

#include "storage/tally.h"

/* == rows ================================================================= */

/* Columns REPLY of sql.c. */
static void read_reply(od__query *query, od_reply_record *out)
{
    memset(out, 0, sizeof *out);
    out->dnc_at = OD_NONE;
    out->id = od__row_id(query);
    out->nonce = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->campaign = od__row_id(query);
    out->attempt = od__row_id(query);
    out->contact = od__row_id(query);
    out->phone = od__row_phone_or_none(query);
    out->to = od__row_phone_or_none(query);
    out->utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->kind = od__row_i32(query, 0, INT32_MAX);
    out->owed = od__row_i32(query, 0, INT32_MAX);
    out->owed_until_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->answered = od__row_i32(query, 0, INT32_MAX);
    out->trunk = od__row_text(query, 63);
    out->network_id = od__row_text(query, 127);
    out->text = od__row_text(query, OD_MESSAGE_MAX);
}

static od_err read_replies(od__query *query, od_reply_record *rows,
                           size_t rows_max, size_t *count)
{
    size_t len = 0;
    while (len < rows_max && od__query_next(query)) {
        read_reply(query, &rows[len++]);
    }
    od_err err = od__query_end(query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}

static od_err get(od__sqlite *s, od_id id, od_reply_record *out, bool *found)
{
    od__query query = OD__QUERY(s, OD__SQL_REPLY_GET, id);
    *found = od__query_next(&query);
    if (*found) {
        read_reply(&query, out);
    }
    return od__query_end(&query);
}

/* == what comes in ======================================================== */

static od_err insert(od__sqlite *s, const od_reply_record *reply, int32_t owed)
{
    od__query query =
        OD__QUERY(s, OD__SQL_REPLY_ADD, reply->nonce, reply->campaign,
                  reply->attempt, reply->contact, (int64_t)reply->phone,
                  (int64_t)reply->to, reply->utc_ms, reply->kind, owed,
                  owed != OD_NOTICE_NONE ? reply->owed_until_utc_ms : 0);
    od__query_text(&query, reply->trunk);
    od__query_text(&query, reply->network_id);
    od__query_text(&query, reply->text);
    return od__query_run(&query);
}

od_err od__reply_put(od__sqlite *s, const od_reply_record *reply,
                     const bool *dnc_added, bool *applied)
{
    od__query query = OD__QUERY(s, OD__SQL_REPLY_FIND, reply->nonce);
    bool found = od__query_next(&query);
    od_err err = od__query_end(&query);
    *applied = err == OD_OK && !found;
    if (!*applied) {
        return err;
    }
    bool is_owed = reply->dnc_at == OD_NONE || dnc_added[reply->dnc_at];
    err = insert(s, reply, is_owed ? reply->owed : OD_NOTICE_NONE);
    if (err == OD_OK && reply->campaign != 0) {
        od__tally_reply(od__sums_of(s, reply->campaign));
    }
    return err;
}

/* == notices ============================================================== */

/* May the notice be claimed, for this reply? */
static od_err check_notice(od__sqlite *s, int64_t utc_ms,
                           const od_notice_claim *notice,
                           const od_reply_record *reply, bool *out)
{
    od_attempt_record flight;
    bool listed = false;
    *out = notice->notice != OD_NOTICE_NONE && reply->owed == notice->notice &&
           reply->owed_until_utc_ms > utc_ms;
    if (!*out) {
        return OD_OK;
    }
    od_err err = od__flight_get(s, reply->phone, &flight);
    if (err == OD_OK && notice->unless_listed) {
        err = od__dnc_listed(s, reply->phone, OD_CHANNEL_TEXT, reply->campaign,
                             utc_ms, &listed);
    }
    *out = flight.attempt == 0 && !listed;
    return err;
}

static od_err begin_notice(od__sqlite *s, int64_t utc_ms,
                           const od_reply_record *reply,
                           const od_notice_claim *notice)
{
    const od_message_record message = {.attempt = notice->attempt,
                                       .campaign = reply->campaign,
                                       .reply = reply->id,
                                       .phone = reply->phone,
                                       .caller_id = notice->caller_id,
                                       .session_id = notice->session_id,
                                       .trunk = notice->trunk,
                                       .text = notice->text,
                                       .notice = notice->notice,
                                       .encoding = notice->encoding,
                                       .segments = notice->segments,
                                       .claimed_utc_ms = utc_ms};
    od_ledger_entry entry = notice->ledger;
    entry.subject = notice->attempt;
    od_err err = od__flight_add(s, OD_CHANNEL_TEXT, &message);
    if (err == OD_OK) {
        od__sequence_take(s, OD__SEQUENCE_ATTEMPT);
        err = OD__RUN(s, OD__SQL_REPLY_ANSWERED, reply->id, notice->notice);
    }
    return err == OD_OK ? od__ledger_put(s, &entry, 1) : err;
}

od_err od__notice_claim(od__sqlite *s, int64_t utc_ms, od_notice_claim *notice)
{
    od_reply_record reply;
    bool allowed = false;
    notice->claimed = false;
    od_err err = get(s, notice->reply, &reply, &allowed);
    if (err == OD_OK && allowed) {
        err = check_notice(s, utc_ms, notice, &reply, &allowed);
    }
    if (err == OD_OK && allowed) {
        err = od__sequence_peek(s, OD__SEQUENCE_ATTEMPT, &notice->attempt);
    }
    if (err != OD_OK || !allowed) {
        return err;
    }
    notice->claimed = true;
    return begin_notice(s, utc_ms, &reply, notice);
}

/* == the slots ============================================================ */

od_err od__sqlite_reply_scan(void *ctx, const od_reply_filter *filter,
                             uint64_t phone, od_id after, od_reply_record *rows,
                             size_t rows_max, size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_reply_filter all;
    if (filter == NULL) {
        od_reply_filter_init(&all);
        filter = &all;
    }
    od__sql sql = phone != 0              ? OD__SQL_REPLY_SCAN_PHONE
                  : filter->campaign != 0 ? OD__SQL_REPLY_SCAN_CAMPAIGN
                                          : OD__SQL_REPLY_SCAN;
    /* Parameters beyond those that a statement has are left out. */
    const int64_t values[] = {after,
                              (int64_t)rows_max,
                              filter->since_utc_ms,
                              filter->until_utc_ms,
                              filter->campaign,
                              (int64_t)phone};
    size_t len = phone != 0 ? 6 : filter->campaign != 0 ? 5 : 4;
    od__query query = od__query_new(s, sql, values, len);
    return read_replies(&query, rows, rows_max, count);
}

od_err od__sqlite_reply_get(void *ctx, od_id id, od_reply_record *out)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_reply_record row;
    bool found;
    od_err err = get(s, id, &row, &found);
    if (err == OD_OK && !found) {
        err = od__sqlite_no(s, "reply", id);
    }
    if (err == OD_OK) {
        *out = row;
    }
    return err;
}

od_err od__sqlite_reply_owed(void *ctx, int64_t utc_ms, od_id after,
                             od_reply_record *rows, size_t rows_max,
                             size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query =
        OD__QUERY(s, OD__SQL_REPLY_OWED, utc_ms, after, (int64_t)rows_max);
    return read_replies(&query, rows, rows_max, count);
}

static od_err opt_out(od__sqlite *s, const od_reply_record *owed,
                      const od_dnc_record *row, const od_ledger_entry *ledger,
                      bool *added)
{
    od__ids ready;
    od_err err = OD__RUN(s, OD__SQL_REPLY_OPT_OUT, owed->id, OD_REPLY_OPT_OUT);
    if (err == OD_OK && sqlite3_changes(s->db) == 0) {
        err = od__sqlite_no(s, "reply", owed->id);
    }
    if (err == OD_OK) {
        err = od__campaigns_ready(s, &ready);
    }
    if (err == OD_OK) {
        err = od__dnc_put(s, row, &ready, added);
    }
    if (err != OD_OK || !*added) {
        return err;
    }
    err = OD__RUN(s, OD__SQL_REPLY_OWE, owed->id, owed->owed,
                  owed->owed != OD_NOTICE_NONE ? owed->owed_until_utc_ms : 0);
    return err == OD_OK ? od__ledger_put(s, ledger, 1) : err;
}

od_err od__sqlite_reply_opt_out(void *ctx, const od_reply_record *owed,
                                const od_dnc_record *row,
                                const od_ledger_entry *ledger, bool *added)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    bool is_new = false;
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = opt_out(s, owed, row, ledger, &is_new);
    }
    err = od__sqlite_finish(s, err);
    if (err == OD_OK && added != NULL) {
        *added = is_new;
    }
    return err;
}
