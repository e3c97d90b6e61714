/*
 * messages.c - texts: live and ended ones, what receipts say of them, and how
 * they are found.
 *
 * A live text is a row of `flight`, as a call is. Its end moves it into
 * `message`, the row of which stands in the chain of its phone like that of a
 * call, and notes its network ids in `message_part`, where receipts find it. A
 * network id that is given out again names the later text; the row keeps its
 * own ids, so that they can be erased. receipt.c knows what an end and a
 * receipt make of a text.
 */
#include "storage/sqlite/sqlite.h"

#include "storage/tally.h"

#include <assert.h>
#include <inttypes.h>

/* == rows ================================================================= */

static void read_parts(od__query *query, od_message_record *out)
{
    size_t len;
    const char *parts = od__row_blob(query, &len);
    bool makes_sense = len <= OD_SEGMENTS_MAX;
    for (size_t i = 0; parts != NULL && makes_sense && i < len; i++) {
        out->parts[i] = (uint8_t)parts[i];
        makes_sense = out->parts[i] < OD_DELIVERIES;
    }
    out->parts_len = makes_sense ? (int32_t)len : 0;
    if (!makes_sense && query->err == OD_OK) {
        query->err = od__sqlite_corrupt(query->s, "parts");
    }
}

/* Columns MESSAGE and MESSAGE_TARGET of sql.c. */
static void read_message(od__query *query, od_message_record *out)
{
    memset(out, 0, sizeof *out);
    out->attempt = od__row_id(query);
    out->campaign = od__row_id(query);
    out->contact = od__row_id(query);
    out->reply = od__row_id(query);
    out->phone = od__row_phone_or_none(query);
    out->caller_id = od__row_phone_or_none(query);
    out->session_id = od__row_text(query, 32);
    out->trunk = od__row_text(query, 63);
    out->text = od__row_text(query, OD_MESSAGE_MAX);
    out->network_code = od__row_text(query, 15);
    out->notice = od__row_i32(query, 0, INT32_MAX);
    out->encoding = od__row_i32(query, 0, INT32_MAX);
    out->segments = od__row_i32(query, 0, INT32_MAX);
    out->disposition = od__row_i32(query, 0, INT32_MAX);
    out->status = od__row_i32(query, INT32_MIN, INT32_MAX);
    out->fault = od__row_i32(query, INT32_MIN, INT32_MAX);
    out->delivery = od__row_i32(query, 0, OD_DELIVERIES - 1);
    out->attempts_before = od__row_i32(query, 0, INT32_MAX - 1);
    out->claimed_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->ended_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->delivery_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->open_until_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    read_parts(query, out);
    out->place = od__row_place(query);
    out->target_state = od__row_i32(query, OD_TARGET_READY, OD_TARGET_BLOCKED);
    out->target_disposition = od__row_i32(query, 0, INT32_MAX);
    out->attempts = od__row_i32(query, 0, INT32_MAX - 1);
    out->tries = (uint64_t)od__row_i64(query, INT64_MIN, INT64_MAX);
}

/* The only row of a statement; ends the query. */
static od_err read_one(od__query *query, od_message_record *out, bool *found)
{
    *found = od__query_next(query);
    if (*found) {
        read_message(query, out);
    }
    od_err err = od__query_end(query);
    *found = *found && err == OD_OK;
    return err;
}

static od_err read_messages(od__query *query, od_message_record *rows,
                            size_t rows_max, size_t *count)
{
    size_t len = 0;
    while (len < rows_max && od__query_next(query)) {
        read_message(query, &rows[len++]);
    }
    od_err err = od__query_end(query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}

/* == the end of a text ==================================================== */

/* "id\0id\0..." */
static od_err pack_ids(od__sqlite *s, const od_sent *sent, char **out,
                       size_t *len)
{
    int32_t ids_len = sent != NULL ? sent->network_ids_len : 0;
    size_t bytes = 0;
    assert(ids_len <= OD_SEGMENTS_MAX);
    for (int32_t i = 0; i < ids_len; i++) {
        bytes += strlen(sent->network_ids[i]) + 1;
    }
    char *at = od__arena_take(&s->arena, bytes + 1);
    *out = at;
    *len = bytes;
    if (at == NULL) {
        return od__sqlite_memory(s);
    }
    for (int32_t i = 0; i < ids_len; i++) {
        size_t id_bytes = strlen(sent->network_ids[i]) + 1;
        memcpy(at, sent->network_ids[i], id_bytes);
        at += id_bytes;
    }
    return OD_OK;
}

static od_err insert_message(od__sqlite *s, const od_message_record *message,
                             const od_outcome *outcome)
{
    char *ids;
    size_t ids_len;
    od_err err = pack_ids(s, outcome->sent, &ids, &ids_len);
    if (err != OD_OK) {
        return err;
    }
    bool counts = outcome->reached_network && message->notice == OD_NOTICE_NONE;
    od__query query = OD__QUERY(
        s, OD__SQL_MESSAGE_ADD, message->attempt, message->campaign,
        message->contact, message->reply, (int64_t)message->phone,
        (int64_t)message->caller_id, message->notice, message->encoding,
        message->segments, message->disposition, message->status,
        message->fault, counts, message->delivery, message->attempts_before,
        message->claimed_utc_ms, message->ended_utc_ms,
        message->delivery_utc_ms, message->open_until_utc_ms);
    od__query_text(&query, message->session_id);
    od__query_text(&query, message->trunk);
    od__query_text(&query, message->text);
    od__query_blob(&query, message->parts, (size_t)message->parts_len);
    od__query_blob(&query, ids, ids_len);
    return od__query_run(&query);
}

static od_err insert_parts(od__sqlite *s, const od_message_record *message,
                           const od_sent *sent)
{
    od_err err = OD_OK;
    for (int32_t i = 0; err == OD_OK && i < message->parts_len; i++) {
        if (sent->network_ids[i][0] != '\0') {
            od__query query =
                OD__QUERY(s, OD__SQL_MESSAGE_PART_ADD, message->attempt, i);
            od__query_text(&query, sent->network_ids[i]);
            od__query_text(&query, message->trunk);
            err = od__query_run(&query);
        }
    }
    return err;
}

od_err od__message_put(od__sqlite *s, const od_outcome *outcome)
{
    od_message_record message;
    bool found;
    od__query query =
        OD__QUERY(s, OD__SQL_MESSAGE_LIVE, (int64_t)outcome->phone);
    od_err err = read_one(&query, &message, &found);
    if (err != OD_OK || !found) {
        return err;
    }
    od__message_end(&message, outcome);
    err = insert_message(s, &message, outcome);
    if (err == OD_OK) {
        err = insert_parts(s, &message, outcome->sent);
    }
    if (message.notice == OD_NOTICE_NONE) {
        od__tally_text(od__sums_of(s, message.campaign), message.delivery,
                       message.segments);
    } else if (err == OD_OK && outcome->owed_until_utc_ms != 0) {
        err = OD__RUN(s, OD__SQL_REPLY_OWE_AGAIN, message.reply, message.notice,
                      outcome->owed_until_utc_ms);
    }
    return err;
}

od_err od__message_was_sent(od__sqlite *s, od_id attempt, uint64_t phone,
                            bool *out)
{
    od__query query =
        OD__QUERY(s, OD__SQL_MESSAGE_SENT, attempt, (int64_t)phone);
    *out = od__query_next(&query);
    return od__query_end(&query);
}

/* == receipts ============================================================= */

static od_err store_receipt(od__sqlite *s, const od_message_record *message,
                            const od_receipt_record *receipt)
{
    char code[sizeof receipt->network_code];
    od__text_copy(code, sizeof code, receipt->network_code);
    od__query query =
        OD__QUERY(s, OD__SQL_MESSAGE_SET, message->attempt,
                  message->disposition, message->delivery,
                  message->delivery_utc_ms, message->open_until_utc_ms);
    od__query_text(&query, code);
    od__query_blob(&query, message->parts, (size_t)message->parts_len);
    return od__query_run(&query);
}

/* Did the campaign make a later attempt to the phone, which has ended? */
static od_err find_later(od__sqlite *s, const od_message_record *message,
                         bool *out)
{
    od__query query =
        OD__QUERY(s, OD__SQL_MESSAGE_LATER, (int64_t)message->phone,
                  message->attempt, message->campaign);
    *out = od__query_next(&query);
    return od__query_end(&query);
}

/* What becomes of the target, which is this. */
static od_err steer(od__sqlite *s, od_message_record *message,
                    const od_receipt_record *receipt,
                    const od_candidate *target)
{
    bool ready = receipt->target_state == OD_TARGET_READY;
    od_candidate after = *target;
    od_err err = ready ? od__target_ready(s, &after) : OD_OK;
    bool owned = after.state == OD_TARGET_READY;
    if (err != OD_OK || !od__message_steer(message, receipt, owned)) {
        return err;
    }
    after.state = message->target_state;
    after.disposition = message->target_disposition;
    after.tries = message->tries;
    after.due_utc_ms = ready ? receipt->due_utc_ms : target->due_utc_ms;
    err = od__target_set(s, target, &after);
    return err == OD_OK && receipt->follow && !ready
               ? od__target_follow(s, &after, receipt->utc_ms)
               : err;
}

static od_err move_target(od__sqlite *s, od_message_record *message,
                          const od_receipt_record *receipt)
{
    od_candidate target;
    bool found;
    bool later = false;
    if (receipt->target_state == OD_NONE) {
        return OD_OK;
    }
    od_err err =
        od__target_get(s, message->campaign, message->phone, &target, &found);
    if (err == OD_OK && found) {
        err = find_later(s, message, &later);
    }
    return err == OD_OK && found && !later ? steer(s, message, receipt, &target)
                                           : err;
}

od_err od__receipt_put(od__sqlite *s, const od_receipt_record *receipt,
                       bool *applied)
{
    od_message_record message;
    bool found;
    od__query query = OD__QUERY(s, OD__SQL_MESSAGE_GET, receipt->attempt);
    od_err err = read_one(&query, &message, &found);
    *applied = false;
    if (err != OD_OK || !found || message.phone != receipt->phone) {
        return err;
    }
    int32_t before = message.delivery;
    *applied = od__message_receive(&message, receipt);
    if (!*applied) {
        return OD_OK;
    }
    err = store_receipt(s, &message, receipt);
    if (message.notice != OD_NOTICE_NONE) {
        return err; /* it counts nowhere and has no target */
    }
    od__tally_delivery(od__sums_of(s, message.campaign), before,
                       message.delivery);
    if (err == OD_OK && receipt->number_invalid) {
        err = OD__RUN(s, OD__SQL_LINE_INVALID, (int64_t)message.phone);
    }
    return err == OD_OK ? move_target(s, &message, receipt) : err;
}

/* == erasing ============================================================== */

static od_err erase_ids(od__sqlite *s, od_id attempt, const char *trunk,
                        const char *ids, size_t len)
{
    od_err err = OD_OK;
    for (size_t at = 0; err == OD_OK && at < len;) {
        od__query query = OD__QUERY(s, OD__SQL_MESSAGE_PART_REMOVE, attempt);
        od__query_text(&query, ids + at);
        od__query_text(&query, trunk);
        err = od__query_run(&query);
        at += strlen(ids + at) + 1;
    }
    return err;
}

od_err od__message_erase(od__sqlite *s, od_id attempt)
{
    const char *trunk = "";
    const char *ids = NULL;
    size_t ids_len = 0;
    od__query query = OD__QUERY(s, OD__SQL_MESSAGE_IDS, attempt);
    if (od__query_next(&query)) {
        trunk = od__row_text(&query, 63);
        ids = od__row_blob(&query, &ids_len);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        err = erase_ids(s, attempt, trunk, ids, ids_len);
    }
    return err == OD_OK ? OD__RUN(s, OD__SQL_MESSAGE_ERASE, attempt) : err;
}

/* == the slots ============================================================ */

od_err od__sqlite_message_scan(void *ctx, const od_call_filter *filter,
                               uint64_t phone, od_id after,
                               od_message_record *rows, size_t rows_max,
                               size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_call_filter all;
    if (filter == NULL) {
        od_call_filter_init(&all);
        filter = &all;
    }
    od__sql sql = phone != 0              ? OD__SQL_MESSAGE_SCAN_PHONE
                  : filter->campaign != 0 ? OD__SQL_MESSAGE_SCAN_CAMPAIGN
                                          : OD__SQL_MESSAGE_SCAN;
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
    return read_messages(&query, rows, rows_max, count);
}

od_err od__sqlite_message_find(void *ctx, const char *trunk,
                               const char *network_id, od_message_record *out,
                               int32_t *part)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_message_record row;
    int32_t at = 0;
    od__query query = od__query_new(s, OD__SQL_MESSAGE_FIND, NULL, 0);
    od__query_text(&query, network_id);
    od__query_text(&query, trunk);
    bool found = od__query_next(&query);
    if (found) {
        read_message(&query, &row);
        at = od__row_i32(&query, 0, OD_SEGMENTS_MAX - 1);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK && !found) {
        err = od__fail(&s->errmsg, OD_ERR_NOT_FOUND,
                       "no text with the network id \"%s\"", network_id);
    }
    if (err == OD_OK) {
        *out = row;
        *part = at;
    }
    return err;
}

od_err od__sqlite_message_last(void *ctx, uint64_t phone, uint64_t caller_id,
                               od_message_record *out)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_message_record row;
    bool found = false;
    od_err err = od__sqlite_read(s);
    if (err == OD_OK) {
        od__query query = OD__QUERY(s, OD__SQL_MESSAGE_LIVE, (int64_t)phone);
        err = read_one(&query, &row, &found);
    }
    bool is_it = found && row.notice == OD_NOTICE_NONE &&
                 (caller_id == 0 || row.caller_id == caller_id);
    if (err == OD_OK && !is_it) {
        od__query query = OD__QUERY(s, OD__SQL_MESSAGE_LAST, (int64_t)phone,
                                    (int64_t)caller_id);
        err = read_one(&query, &row, &found);
    }
    err = od__sqlite_read_end(s, err);
    if (err == OD_OK && !found) {
        err = od__fail(&s->errmsg, OD_ERR_NOT_FOUND, "no text to +%" PRIu64,
                       phone);
    }
    if (err == OD_OK) {
        *out = row;
    }
    return err;
}

od_err od__sqlite_message_overdue(void *ctx, int64_t utc_ms,
                                  od_message_record *rows, size_t rows_max,
                                  size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query =
        OD__QUERY(s, OD__SQL_MESSAGE_OVERDUE, utc_ms, (int64_t)rows_max);
    return read_messages(&query, rows, rows_max, count);
}
