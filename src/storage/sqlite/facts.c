/*
 * facts.c - what is known of a target and its phone.
 *
 * One statement of point look-ups says it: the target, the do-not-call list,
 * live attempts, the line, and whether there is any consent. Only where there
 * is one, or where prefixes are on the list, another statement is asked.
 *
 * The calls of a line that are remembered are a text, "when campaign " for
 * each, the latest first, so that a statement can put one before the others. It
 * may end in a torn one, behind those that count.
 */
#include "storage/sqlite/sqlite.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* == calls that are remembered ============================================ */

void od__recent_text(int64_t utc_ms, od_id campaign, char *out)
{
    (void)snprintf(out, OD__RECENT_TEXT_MAX, "%" PRId64 " %" PRId64 " ", utc_ms,
                   campaign);
}

/* A number and the space behind it. */
static bool parse_number(const char **at, int64_t min, int64_t *out)
{
    const char *text = *at;
    char *end = NULL;
    if (text[0] != '-' && (text[0] < '0' || text[0] > '9')) {
        return false;
    }
    errno = 0;
    long long value = strtoll(text, &end, 10);
    *out = value;
    *at = end + 1;
    return errno == 0 && *end == ' ' && value >= min;
}

static void read_recent(od__query *query, od_candidate *out)
{
    const char *at = od__row_text(query, OD__RECENT_TEXT_MAX * OD_RECENT_MAX);
    int32_t len = 0;
    while (*at != '\0' && len < OD_RECENT_MAX) {
        od_recent *row = &out->recent[len];
        if (!parse_number(&at, INT64_MIN, &row->utc_ms) ||
            !parse_number(&at, 1, &row->campaign)) {
            query->err = query->err == OD_OK
                             ? od__sqlite_corrupt(query->s, "recent")
                             : query->err;
            break;
        }
        len++;
    }
    out->recent_len = len;
}

/* == all of it ============================================================ */

/* Columns of a target and its facts at this instant, FACTS of sql.c. */
static void read_candidate(od__query *query, int64_t utc_ms, od_candidate *out)
{
    od__row_target(query, out);
    int64_t expires_at = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->in_flight = od__row_bool(query);
    out->number_invalid = od__row_bool(query);
    out->line_called_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->line_answered_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    read_recent(query, out);
    bool has_consent = od__row_bool(query);
    if (query->err == OD_OK) {
        query->err = od__dnc_facts(query->s, expires_at, utc_ms, out);
    }
    if (query->err == OD_OK && has_consent) {
        query->err = od__consent_facts(query->s, out->campaign, out->phone,
                                       &out->consents);
    }
}

/* Every row of a statement that gives candidates. */
static od_err read_candidates(od__query *query, int64_t utc_ms,
                              od_candidate *rows, size_t rows_max,
                              size_t *count)
{
    size_t len = 0;
    while (len < rows_max && od__query_next(query)) {
        read_candidate(query, utc_ms, &rows[len++]);
    }
    *count = len;
    return od__query_end(query);
}

od_err od__lane_due(od__sqlite *s, const od_lane_request *lane, int64_t utc_ms,
                    od_candidate *rows, size_t rows_max, size_t *count)
{
    od__query query = OD__QUERY(s, OD__SQL_LANE_DUE, lane->campaign, lane->lane,
                                utc_ms, (int64_t)rows_max);
    return read_candidates(&query, utc_ms, rows, rows_max, count);
}

od_err od__sqlite_candidate(void *ctx, od_id campaign, uint64_t phone,
                            int64_t utc_ms, od_candidate *out)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_candidate row;
    memset(&row, 0, sizeof row);
    od_err err = od__sqlite_read(s);
    if (err == OD_OK) {
        size_t count;
        od__query query =
            OD__QUERY(s, OD__SQL_CANDIDATE, campaign, (int64_t)phone, utc_ms);
        err = read_candidates(&query, utc_ms, &row, 1, &count);
    }
    err = od__sqlite_read_end(s, err);
    if (err == OD_OK) {
        *out = row;
    }
    return err;
}

od_err od__sqlite_target_scan(void *ctx, od_id campaign, uint64_t after,
                              int64_t utc_ms, od_candidate *rows,
                              size_t rows_max, size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    size_t len = 0;
    od_err err = od__sqlite_read(s);
    if (err == OD_OK) {
        od__query query = OD__QUERY(s, OD__SQL_TARGET_SCAN, campaign,
                                    (int64_t)after, utc_ms, (int64_t)rows_max);
        err = read_candidates(&query, utc_ms, rows, rows_max, &len);
    }
    err = od__sqlite_read_end(s, err);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}
