/*
 * calls.c - live attempts, ended calls, survey answers, results.
 *
 * A live attempt is a row of `flight`; its end moves it into `attempt`, where
 * nothing is changed again until the person is erased, or, if it is a text,
 * into `message` (messages.c). What comes for an
 * attempt that is not live was stored before and is ignored. Results are
 * counted as answers come, so that reading them costs nothing.
 */
#include "storage/sqlite/sqlite.h"

#include "storage/tally.h"

/* == rows ================================================================= */

static void read_attempt(od__query *query, od_attempt_record *out)
{
    memset(out, 0, sizeof *out);
    out->attempt = od__row_id(query);
    out->campaign = od__row_id(query);
    out->contact = od__row_id(query);
    out->phone = od__row_phone_or_none(query);
    out->caller_id = od__row_phone_or_none(query);
    out->session_id = od__row_text(query, 32);
    out->sip_call_id = od__row_text(query, 127);
    out->trunk = od__row_text(query, 63);
    out->claimed_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->answered_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->ended_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->heard_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->disposition = od__row_i32(query, 0, INT32_MAX);
    out->sip_status = od__row_i32(query, INT32_MIN, INT32_MAX);
    out->fault = od__row_i32(query, INT32_MIN, INT32_MAX);
    out->survey_done = od__row_bool(query);
    out->reached_network = od__row_bool(query);
    out->channel = od__row_i32(query, OD_CHANNEL_VOICE, OD_CHANNEL_TEXT);
    out->notice = od__row_i32(query, 0, INT32_MAX);
}

static od_err read_attempts(od__query *query, od_attempt_record *rows,
                            size_t rows_max, size_t *count)
{
    size_t len = 0;
    while (len < rows_max && od__query_next(query)) {
        read_attempt(query, &rows[len++]);
    }
    od_err err = od__query_end(query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}

od_err od__flight_add(od__sqlite *s, int32_t channel,
                      const od_message_record *row)
{
    od__query query =
        OD__QUERY(s, OD__SQL_FLIGHT_ADD, (int64_t)row->phone, row->attempt,
                  row->campaign, row->contact, row->claimed_utc_ms,
                  (int64_t)row->caller_id, channel, row->notice, row->reply,
                  row->encoding, row->segments, row->attempts_before);
    od__query_text(&query, row->session_id);
    od__query_text(&query, row->trunk);
    od__query_text(&query, row->text);
    return od__query_run(&query);
}

od_err od__flight_get(od__sqlite *s, uint64_t phone, od_attempt_record *out)
{
    memset(out, 0, sizeof *out);
    od__query query = OD__QUERY(s, OD__SQL_FLIGHT_GET, (int64_t)phone);
    if (od__query_next(&query)) {
        read_attempt(&query, out);
    }
    return od__query_end(&query);
}

/* == the end of an attempt ================================================ */

static od_err insert_attempt(od__sqlite *s, const od_attempt_record *flight,
                             const od_outcome *outcome)
{
    int64_t answered_utc_ms = outcome->answered_utc_ms != 0
                                  ? outcome->answered_utc_ms
                                  : flight->answered_utc_ms;
    od__query query = OD__QUERY(
        s, OD__SQL_ATTEMPT_ADD, flight->attempt, flight->campaign,
        flight->contact, (int64_t)flight->phone, flight->claimed_utc_ms,
        answered_utc_ms, outcome->ended_utc_ms, outcome->talk_ms,
        outcome->heard_ms, outcome->disposition, outcome->sip_status,
        outcome->fault, outcome->survey_done, outcome->reached_network,
        (int64_t)flight->caller_id);
    od__query_text(&query, flight->session_id);
    od__query_text(&query, outcome->sip_call_id);
    od__query_text(&query, flight->trunk);
    return od__query_run(&query);
}

/* The target of the attempt, unless it is gone. */
static od_err move_target(od__sqlite *s, const od_attempt_record *flight,
                          const od_outcome *outcome)
{
    od_candidate target;
    bool found;
    od_err err =
        od__target_get(s, flight->campaign, flight->phone, &target, &found);
    if (err != OD_OK || !found) {
        return err;
    }
    od_candidate after = target;
    after.attempts += outcome->reached_network ? 1 : 0;
    after.disposition = outcome->disposition;
    after.tries = od_tries_add(target.tries, outcome->disposition);
    after.state = outcome->target_state;
    after.reason = outcome->target_state == OD_TARGET_BLOCKED ? outcome->reason
                                                              : OD_REASON_NONE;
    if (outcome->target_state == OD_TARGET_READY) {
        after.due_utc_ms = outcome->due_utc_ms;
        err = od__target_ready(s, &after);
    }
    if (err == OD_OK) {
        err = od__target_set(s, &target, &after);
    }
    return err == OD_OK && outcome->follow &&
                   outcome->target_state != OD_TARGET_READY
               ? od__target_follow(s, &after, outcome->ended_utc_ms)
               : err;
}

/* It begins the chain of its phone now. A notice is not remembered as a call
 * is. */
static od_err mark_line(od__sqlite *s, const od_attempt_record *flight,
                        const od_outcome *outcome)
{
    char recent[OD__RECENT_TEXT_MAX] = "";
    bool counts = flight->notice == OD_NOTICE_NONE;
    bool reached = counts && outcome->reached_network;
    if (reached) {
        od__recent_text(flight->claimed_utc_ms, flight->campaign, recent);
    }
    od__query query =
        OD__QUERY(s, OD__SQL_LINE_SET, (int64_t)flight->phone, flight->attempt,
                  reached ? flight->claimed_utc_ms : 0,
                  counts && outcome->answered ? outcome->ended_utc_ms : 0,
                  counts && outcome->number_invalid);
    od__query_text(&query, recent);
    return od__query_run(&query);
}

od_err od__outcome_put(od__sqlite *s, const od_outcome *outcome, bool *applied)
{
    od_attempt_record flight;
    od_err err = od__flight_get(s, outcome->phone, &flight);
    *applied = err == OD_OK && outcome->attempt != 0 &&
               flight.attempt == outcome->attempt;
    if (!*applied) {
        return err;
    }
    err = flight.channel == OD_CHANNEL_TEXT
              ? od__message_put(s, outcome)
              : insert_attempt(s, &flight, outcome);
    if (err == OD_OK) {
        err = OD__RUN(s, OD__SQL_FLIGHT_REMOVE, (int64_t)flight.phone);
    }
    if (err == OD_OK && flight.notice == OD_NOTICE_NONE) {
        od__tally_end(od__sums_of(s, flight.campaign), outcome);
        err = move_target(s, &flight, outcome);
    }
    return err == OD_OK ? mark_line(s, &flight, outcome) : err;
}

/* == answers ============================================================== */

/* *added false: the attempt gave one to this question and visit already. */
static od_err insert_answer(od__sqlite *s, const od_answer_record *answer,
                            int32_t channel, bool *added)
{
    od__query query = OD__QUERY(s, OD__SQL_ANSWER_ADD, answer->campaign,
                                answer->attempt, (int64_t)answer->phone,
                                answer->utc_ms, answer->visit, channel);
    od__query_text(&query, answer->question);
    od__query_text(&query, answer->digits);
    od__query_text(&query, answer->choice);
    od_err err = od__query_run(&query);
    *added = err == OD_OK && sqlite3_changes(s->db) > 0;
    return err;
}

/* May an attempt be answered, as a live one or as a text that was sent? */
static od_err find_asked(od__sqlite *s, const od_answer_record *answer,
                         int32_t *channel, bool *out)
{
    od_attempt_record flight;
    od_err err = od__flight_get(s, answer->phone, &flight);
    *out = err == OD_OK && flight.campaign != 0 && answer->attempt != 0 &&
           flight.attempt == answer->attempt;
    *channel = flight.channel;
    if (err == OD_OK && !*out) {
        *channel = OD_CHANNEL_TEXT;
        err = od__message_was_sent(s, answer->attempt, answer->phone, out);
    }
    return err;
}

od_err od__answer_put(od__sqlite *s, const od_answer_record *answer,
                      bool *applied)
{
    int32_t channel;
    od_err err = find_asked(s, answer, &channel, applied);
    if (err == OD_OK && *applied) {
        err = insert_answer(s, answer, channel, applied);
    }
    if (err != OD_OK || !*applied) {
        return err;
    }
    od__query query = OD__QUERY(s, OD__SQL_RESULT_ADD, answer->campaign,
                                sqlite3_last_insert_rowid(s->db));
    od__query_text(&query, answer->question);
    od__query_text(&query, answer->choice);
    return od__query_run(&query);
}

/* == scans ================================================================ */

od_err od__sqlite_flight_scan(void *ctx, od_id after, od_attempt_record *rows,
                              size_t rows_max, size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query =
        OD__QUERY(s, OD__SQL_FLIGHT_SCAN, after, (int64_t)rows_max);
    return read_attempts(&query, rows, rows_max, count);
}

od_err od__sqlite_attempt_scan(void *ctx, const od_call_filter *filter,
                               uint64_t phone, od_id after,
                               od_attempt_record *rows, size_t rows_max,
                               size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_call_filter all;
    if (filter == NULL) {
        od_call_filter_init(&all);
        filter = &all;
    }
    od__sql sql = phone != 0              ? OD__SQL_ATTEMPT_SCAN_PHONE
                  : filter->campaign != 0 ? OD__SQL_ATTEMPT_SCAN_CAMPAIGN
                                          : OD__SQL_ATTEMPT_SCAN;
    /* Parameters beyond those that a statement has are left out. */
    const int64_t values[] = {after,
                              (int64_t)rows_max,
                              filter->disposition,
                              filter->since_utc_ms,
                              filter->until_utc_ms,
                              filter->campaign,
                              (int64_t)phone};
    size_t len = phone != 0 ? 7 : filter->campaign != 0 ? 6 : 5;
    od__query query = od__query_new(s, sql, values, len);
    return read_attempts(&query, rows, rows_max, count);
}

od_err od__sqlite_answer_scan(void *ctx, od_id campaign, od_id after,
                              od_answer_record *rows, size_t rows_max,
                              size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query =
        OD__QUERY(s, OD__SQL_ANSWER_SCAN, campaign, after, (int64_t)rows_max);
    size_t len = 0;
    while (len < rows_max && od__query_next(&query)) {
        od_answer_record *row = &rows[len++];
        memset(row, 0, sizeof *row);
        row->id = od__row_id(&query);
        row->campaign = od__row_id(&query);
        row->attempt = od__row_id(&query);
        row->phone = od__row_phone_or_none(&query);
        row->utc_ms = od__row_i64(&query, INT64_MIN, INT64_MAX);
        row->visit = od__row_i32(&query, INT32_MIN, INT32_MAX);
        row->question = od__row_text(&query, 63);
        row->digits = od__row_text(&query, 31);
        row->choice = od__row_text(&query, 63);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}

od_err od__sqlite_result_scan(void *ctx, od_id campaign, od_result *rows,
                              size_t rows_max, size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query = OD__QUERY(s, OD__SQL_RESULT_SCAN, campaign);
    size_t len = 0;
    while (od__query_next(&query)) {
        if (len < rows_max) {
            od_result *row = &rows[len];
            memset(row, 0, sizeof *row);
            row->count = od__row_i64(&query, 0, INT64_MAX);
            od__row_text_copy(&query, row->question, sizeof row->question);
            od__row_text_copy(&query, row->choice, sizeof row->choice);
        }
        len++;
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}
