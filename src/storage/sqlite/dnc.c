/*
 * dnc.c - the do-not-call list.
 *
 * An entry blocks the READY targets of its number when it is added, so that
 * the monitor shows it at once; what protects people is the look that every
 * claim takes at this table in its own transaction (facts.c).
 *
 * Entries of prefixes stand in the same table, with scopes of their own. That
 * there are none, as nearly always, is asked once in each transaction; else
 * each prefix of a number is looked up.
 */
#include "storage/sqlite/sqlite.h"

#include <inttypes.h>

/* dnc.expires_at of what forbids for ever. */
#define EXPIRES_NEVER INT64_MAX

#define PAGE 256

/* == does it forbid to try? =============================================== */

static od_err read_prefixes(od__sqlite *s)
{
    od__query query = od__query_new(s, OD__SQL_DNC_PREFIXES, NULL, 0);
    bool has = od__query_next(&query) && od__row_bool(&query);
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        s->prefixes = has ? 1 : 0;
    }
    return err;
}

/* Add an entry that forbids: a number of dnc.expires_at; 0: there is none. */
static void note(od_candidate *facts, int64_t expires_at)
{
    if (expires_at != 0) {
        od__dnc_note(facts, expires_at == EXPIRES_NEVER ? 0 : expires_at);
    }
}

static od_err check_with(od__sqlite *s, od__sql sql, int32_t channel,
                         int64_t utc_ms, od_candidate *facts)
{
    od__query query = OD__QUERY(s, sql, (int64_t)facts->phone, facts->campaign,
                                utc_ms, channel);
    if (od__query_next(&query)) {
        note(facts, od__row_i64(&query, INT64_MIN, INT64_MAX));
    }
    return od__query_end(&query);
}

/* Are there prefixes on the list? */
static od_err has_prefixes(od__sqlite *s, bool *out)
{
    od_err err = s->prefixes < 0 ? read_prefixes(s) : OD_OK;
    *out = s->prefixes > 0;
    return err;
}

od_err od__dnc_facts(od__sqlite *s, int64_t expires_at, int64_t utc_ms,
                     od_candidate *out)
{
    int32_t channel;
    bool has;
    note(out, expires_at);
    od_err err = has_prefixes(s, &has);
    if (err != OD_OK || !has) {
        return err;
    }
    err = od__campaign_channel(s, out->campaign, &channel);
    return err == OD_OK
               ? check_with(s, OD__SQL_DNC_CHECK_PREFIX, channel, utc_ms, out)
               : err;
}

static od_err check(od__sqlite *s, int32_t channel, int64_t utc_ms,
                    od_candidate *facts)
{
    bool has = false;
    od_err err = check_with(s, OD__SQL_DNC_CHECK, channel, utc_ms, facts);
    if (err == OD_OK) {
        err = has_prefixes(s, &has);
    }
    return err == OD_OK && has
               ? check_with(s, OD__SQL_DNC_CHECK_PREFIX, channel, utc_ms, facts)
               : err;
}

od_err od__dnc_listed(od__sqlite *s, uint64_t phone, int32_t channel,
                      od_id campaign, int64_t utc_ms, bool *out)
{
    od_candidate facts = {.campaign = campaign, .phone = phone};
    od_err err = check(s, channel, utc_ms, &facts);
    *out = facts.dnc;
    return err;
}

/* == adding =============================================================== */

od_err od__campaigns_ready(od__sqlite *s, od__ids *out)
{
    od__query query = od__query_new(s, OD__SQL_CAMPAIGNS_READY, NULL, 0);
    return od__query_ids(&query, out);
}

static int64_t scope_of(int32_t scope, bool prefix)
{
    return scope + (prefix ? OD__DNC_PREFIX : 0);
}

/* Insert or prolong; *added false: there is one that lasts as long. */
static od_err insert(od__sqlite *s, const od_dnc_record *row, bool *added)
{
    od__query query = OD__QUERY(s, OD__SQL_DNC_ADD, (int64_t)row->phone,
                                scope_of(row->scope, row->prefix),
                                row->campaign, row->attempt, row->added_utc_ms,
                                row->expires_utc_ms == 0 ? EXPIRES_NEVER
                                                         : row->expires_utc_ms);
    od__query_text(&query, row->reason);
    od__query_text(&query, row->source);
    od_err err = od__query_run(&query);
    *added = err == OD_OK && sqlite3_changes(s->db) > 0;
    s->prefixes = -1;
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

static od_err forbids_campaign(od__sqlite *s, const od_dnc_record *row,
                               od_id campaign, bool *out)
{
    int32_t channel;
    od_err err = od__campaign_channel(s, campaign, &channel);
    *out = err == OD_OK &&
           od__dnc_forbids(row->scope, row->campaign, channel, campaign);
    return err;
}

od_err od__dnc_put(od__sqlite *s, const od_dnc_record *row,
                   const od__ids *ready, bool *added)
{
    od_err err = insert(s, row, added);
    if (err == OD_OK && *added && od__dnc_revokes(row)) {
        err = OD__RUN(s, OD__SQL_CONSENT_REVOKE, (int64_t)row->phone,
                      row->added_utc_ms);
    }
    bool blocks = *added && od__dnc_blocks(row);
    for (size_t i = 0; err == OD_OK && blocks && i < ready->len; i++) {
        bool forbids;
        err = forbids_campaign(s, row, ready->items[i], &forbids);
        if (err == OD_OK && forbids) {
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

/* == removing ============================================================= */

/* A target is due again, unless an entry forbids it for ever. */
static od_err free_target(od__sqlite *s, od_id campaign, uint64_t phone,
                          int64_t utc_ms)
{
    od_candidate facts = {.campaign = campaign, .phone = phone};
    int32_t channel;
    od_err err = od__campaign_channel(s, campaign, &channel);
    if (err == OD_OK) {
        err = check(s, channel, utc_ms, &facts);
    }
    bool stays = facts.dnc && facts.dnc_until_utc_ms == 0;
    return err == OD_OK && !stays ? od__target_free(s, campaign, phone, utc_ms)
                                  : err;
}

static od_err free_phone(od__sqlite *s, uint64_t phone, int64_t utc_ms)
{
    od__ids campaigns;
    od__query query =
        OD__QUERY(s, OD__SQL_TARGETS_BLOCKED, (int64_t)phone, OD_REASON_DNC);
    od_err err = od__query_ids(&query, &campaigns);
    for (size_t i = 0; err == OD_OK && i < campaigns.len; i++) {
        err = free_target(s, campaigns.items[i], phone, utc_ms);
    }
    return err;
}

/* The blocked ones of a campaign from a phone to another. */
static od_err free_range(od__sqlite *s, od_id campaign, int64_t first,
                         int64_t last, int64_t utc_ms)
{
    int64_t after = first - 1;
    size_t len = PAGE;
    od_err err = OD_OK;
    while (err == OD_OK && len == PAGE) {
        int64_t phones[PAGE];
        len = 0;
        od__query query = OD__QUERY(s, OD__SQL_TARGETS_BLOCKED_PAGE, campaign,
                                    after, last, PAGE);
        while (len < PAGE && od__query_next(&query)) {
            phones[len++] = (int64_t)od__row_phone(&query);
        }
        err = od__query_end(&query);
        for (size_t i = 0; err == OD_OK && i < len; i++) {
            after = phones[i];
            err = free_target(s, campaign, (uint64_t)after, utc_ms);
        }
    }
    return err;
}

/* Numbers that begin with a prefix are a range for each length that they may
 * have. */
static od_err free_prefix(od__sqlite *s, uint64_t prefix, int64_t utc_ms)
{
    od__ids campaigns;
    od__query query = OD__QUERY(s, OD__SQL_CAMPAIGN_SCAN, 0, INT64_MAX);
    od_err err = od__query_ids(&query, &campaigns);
    for (int64_t width = 1;
         width <= OD__PHONE_LAST && (int64_t)prefix <= OD__PHONE_LAST / width;
         width *= 10) {
        int64_t first = (int64_t)prefix * width;
        for (size_t i = 0; err == OD_OK && i < campaigns.len; i++) {
            err = free_range(s, campaigns.items[i], first, first + width - 1,
                             utc_ms);
        }
    }
    return err;
}

static od_err remove_entry(od__sqlite *s, uint64_t phone, int64_t scope,
                           od_id campaign)
{
    od_err err =
        OD__RUN(s, OD__SQL_DNC_REMOVE, (int64_t)phone, scope, campaign);
    if (err == OD_OK && sqlite3_changes(s->db) == 0) {
        err = od__fail(&s->errmsg, OD_ERR_NOT_FOUND,
                       "+%" PRIu64 "%s is not on the do-not-call list", phone,
                       scope >= OD__DNC_PREFIX ? "*" : "");
    }
    s->prefixes = -1;
    return err;
}

od_err od__sqlite_dnc_remove(void *ctx, uint64_t phone, bool prefix,
                             int32_t scope, od_id campaign, int64_t utc_ms,
                             const od_ledger_entry *ledger)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = remove_entry(s, phone, scope_of(scope, prefix), campaign);
    }
    if (err == OD_OK) {
        err = prefix ? free_prefix(s, phone, utc_ms)
                     : free_phone(s, phone, utc_ms);
    }
    if (err == OD_OK) {
        err = od__ledger_put(s, ledger, 1);
    }
    return od__sqlite_finish(s, err);
}

od_err od__dnc_release(od__sqlite *s, const od_release *release, bool *applied)
{
    od__query query =
        OD__QUERY(s, OD__SQL_DNC_RELEASE, (int64_t)release->phone);
    od__query_text(&query, release->source);
    od_err err = od__query_run(&query);
    *applied = err == OD_OK && sqlite3_changes(s->db) > 0;
    return *applied ? free_phone(s, release->phone, release->utc_ms) : err;
}

/* == reading ============================================================== */

od_err od__sqlite_dnc_check(void *ctx, uint64_t phone, int32_t channel,
                            od_id campaign, int64_t utc_ms, bool *out)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    bool listed = false;
    od_err err = od__sqlite_read(s);
    if (err == OD_OK) {
        err = od__dnc_listed(s, phone, channel, campaign, utc_ms, &listed);
    }
    err = od__sqlite_read_end(s, err);
    if (err == OD_OK) {
        *out = listed;
    }
    return err;
}

static void read_entry(od__query *query, od_dnc_record *out)
{
    memset(out, 0, sizeof *out);
    out->id = od__row_id(query);
    out->phone = od__row_phone(query);
    int32_t scope = od__row_i32(query, 0, OD__DNC_PREFIX + OD_DNC_CAMPAIGN);
    out->prefix = scope >= OD__DNC_PREFIX;
    out->scope = out->prefix ? scope - OD__DNC_PREFIX : scope;
    if (out->scope > OD_DNC_CAMPAIGN && query->err == OD_OK) {
        query->err = od__sqlite_corrupt(query->s, "scope");
    }
    out->campaign = od__row_id(query);
    out->attempt = od__row_id(query);
    out->added_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    int64_t expires_at = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->expires_utc_ms = expires_at == EXPIRES_NEVER ? 0 : expires_at;
    out->reason = od__row_text(query, OD_TEXT_MAX);
    out->source = od__row_text(query, OD_TEXT_MAX);
}

od_err od__sqlite_dnc_scan(void *ctx, od_id after, od_dnc_record *rows,
                           size_t rows_max, size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query = OD__QUERY(s, OD__SQL_DNC_SCAN, after, (int64_t)rows_max);
    size_t len = 0;
    while (len < rows_max && od__query_next(&query)) {
        read_entry(&query, &rows[len++]);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}
