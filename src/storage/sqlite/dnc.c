/*
 * dnc.c - the do-not-call list.
 *
 * An entry blocks the READY targets of its number when it is added, so that
 * the monitor shows it at once; what protects people is the look that every
 * claim takes at this table in its own transaction (queue.c).
 */
#include "storage/sqlite/sqlite.h"

#include <inttypes.h>

static od_err check(od__sqlite *s, uint64_t phone, od_id campaign, bool *out)
{
    od__query query = OD__QUERY(s, OD__SQL_DNC_CHECK, (int64_t)phone, campaign);
    *out = od__query_next(&query) && od__row_bool(&query);
    return od__query_end(&query);
}

od_err od__campaigns_ready(od__sqlite *s, od__ids *out)
{
    od__query query = od__query_new(s, OD__SQL_CAMPAIGNS_READY, NULL, 0);
    return od__query_ids(&query, out);
}

/* Insert; *added false: there is one of its phone, scope and campaign. */
static od_err insert(od__sqlite *s, const od_dnc_record *row, bool *added)
{
    od__query query =
        OD__QUERY(s, OD__SQL_DNC_ADD, (int64_t)row->phone, row->scope,
                  row->campaign, row->attempt, row->added_utc_ms);
    od__query_text(&query, row->reason);
    od__query_text(&query, row->source);
    od_err err = od__query_run(&query);
    *added = err == OD_OK && sqlite3_changes(s->db) > 0;
    return err;
}

static od_err block(od__sqlite *s, od_id campaign, uint64_t phone)
{
    od_candidate target;
    bool found;
    od_err err = od__target_get(s, campaign, phone, &target, &found);
    if (err != OD_OK || !found || target.state != OD_TARGET_READY) {
        return err;
    }
    od_candidate after = target;
    after.state = OD_TARGET_BLOCKED;
    after.reason = OD_REASON_DNC;
    return od__target_set(s, &target, &after);
}

od_err od__dnc_put(od__sqlite *s, const od_dnc_record *row,
                   const od__ids *ready, bool *added)
{
    od_err err = insert(s, row, added);
    for (size_t i = 0; err == OD_OK && *added && i < ready->len; i++) {
        if (od__dnc_forbids(row->scope, row->campaign, ready->items[i])) {
            err = block(s, ready->items[i], row->phone);
        }
    }
    return err;
}

od_err od__sqlite_dnc_add(void *ctx, const od_dnc_record *rows,
                          const od_ledger_entry *ledger, size_t len,
                          bool *added)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__ids ready;
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = od__campaigns_ready(s, &ready);
    }
    for (size_t i = 0; err == OD_OK && i < len; i++) {
        bool is_new;
        err = od__dnc_put(s, &rows[i], &ready, &is_new);
        if (err == OD_OK && is_new) {
            err = od__ledger_put(s, &ledger[i], 1);
        }
        if (err == OD_OK && added != NULL) {
            added[i] = is_new;
        }
    }
    return od__sqlite_finish(s, err);
}

/* Targets that no entry forbids any more are due again. */
static od_err free_targets(od__sqlite *s, uint64_t phone, int64_t utc_ms)
{
    od__ids campaigns;
    od__query query = OD__QUERY(s, OD__SQL_TARGETS_BLOCKED, (int64_t)phone);
    od_err err = od__query_ids(&query, &campaigns);
    for (size_t i = 0; err == OD_OK && i < campaigns.len; i++) {
        od_candidate target;
        bool found = false;
        bool is_listed;
        err = check(s, phone, campaigns.items[i], &is_listed);
        if (err == OD_OK && !is_listed) {
            err = od__target_get(s, campaigns.items[i], phone, &target, &found);
        }
        if (err == OD_OK && found) {
            od_candidate after = target;
            after.state = OD_TARGET_READY;
            after.reason = OD_REASON_NONE;
            after.due_utc_ms = utc_ms;
            err = od__target_set(s, &target, &after);
        }
    }
    return err;
}

static od_err remove_entry(od__sqlite *s, uint64_t phone, int32_t scope,
                           od_id campaign)
{
    od_err err =
        OD__RUN(s, OD__SQL_DNC_REMOVE, (int64_t)phone, scope, campaign);
    if (err == OD_OK && sqlite3_changes(s->db) == 0) {
        err = od__fail(&s->errmsg, OD_ERR_NOT_FOUND,
                       "+%" PRIu64 " is not on the do-not-call list", phone);
    }
    return err;
}

od_err od__sqlite_dnc_remove(void *ctx, uint64_t phone, int32_t scope,
                             od_id campaign, int64_t utc_ms,
                             const od_ledger_entry *ledger)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = remove_entry(s, phone, scope, campaign);
    }
    if (err == OD_OK) {
        err = free_targets(s, phone, utc_ms);
    }
    if (err == OD_OK) {
        err = od__ledger_put(s, ledger, 1);
    }
    return od__sqlite_finish(s, err);
}

od_err od__sqlite_dnc_check(void *ctx, uint64_t phone, od_id campaign,
                            bool *out)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    bool is_listed;
    od_err err = check(s, phone, campaign, &is_listed);
    if (err == OD_OK) {
        *out = is_listed;
    }
    return err;
}

od_err od__sqlite_dnc_scan(void *ctx, od_id after, od_dnc_record *rows,
                           size_t rows_max, size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query = OD__QUERY(s, OD__SQL_DNC_SCAN, after, (int64_t)rows_max);
    size_t len = 0;
    while (len < rows_max && od__query_next(&query)) {
        od_dnc_record *row = &rows[len++];
        memset(row, 0, sizeof *row);
        row->id = od__row_id(&query);
        row->phone = od__row_phone(&query);
        row->scope = od__row_i32(&query, OD_DNC_ALL, OD_DNC_CAMPAIGN);
        row->campaign = od__row_id(&query);
        row->attempt = od__row_id(&query);
        row->added_utc_ms = od__row_i64(&query, INT64_MIN, INT64_MAX);
        row->reason = od__row_text(&query, OD_TEXT_MAX);
        row->source = od__row_text(&query, OD_TEXT_MAX);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}
