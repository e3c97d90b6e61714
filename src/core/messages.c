/*
 * messages.c - texts that were sent and replies that came, for the host.
 *
 * Lists, files, and the one thing a host can say of a reply: that it asks to be
 * left alone. The rest of delivery.h about templates is compose.c's.
 */
#include "core/core.h"

#define PAGE_ROWS 64

/* -- texts ---------------------------------------------------------------- */

static void tell_message(od_engine *engine, const od_message_record *r,
                         od_message *out)
{
    *out = (od_message){.attempt = r->attempt,
                        .campaign = r->campaign,
                        .contact = r->contact,
                        .reply = r->reply,
                        .phone = od__sender_keep(engine, r->phone),
                        .caller_id = od__sender_keep(engine, r->caller_id),
                        .trunk = r->trunk,
                        .text = r->text,
                        .network_code = r->network_code,
                        .notice = r->notice,
                        .encoding = r->encoding,
                        .segments = r->segments,
                        .disposition = r->disposition,
                        .delivery = r->delivery,
                        .status = r->status,
                        .fault = r->fault,
                        .claimed_utc_ms = r->claimed_utc_ms,
                        .ended_utc_ms = r->ended_utc_ms,
                        .delivery_utc_ms = r->delivery_utc_ms};
}

od_err od_messages_list(od_engine *engine, const od_call_filter *filter,
                        od_id after_id, od_message *rows, size_t rows_max,
                        size_t *count)
{
    od_call_filter wanted;
    uint64_t phone = 0;
    size_t len = 0;
    od_err err = od__list_check(engine, after_id, rows, rows_max, count);
    if (err == OD_OK) {
        err = od__filter_take(engine, filter, &wanted, &phone);
    }
    if (err != OD_OK) {
        return err;
    }
    od_message_record *records =
        od__arena_take(&engine->arena, rows_max * sizeof *records);
    if (records == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    err = OD__STORE(engine, message_scan)(engine->store, &wanted, phone,
                                          after_id, records, rows_max, &len);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    for (size_t i = 0; i < len; i++) {
        tell_message(engine, &records[i], &rows[i]);
    }
    *count = len;
    return OD_OK;
}

static void number_cell(od__csv_out *csv, uint64_t number)
{
    char text[OD_PHONE_MAX + 1];
    od__sender_text(number, text);
    od__csv_cell(csv, text, true);
}

static void write_message(od__csv_out *csv, const od_message_record *r)
{
    od__csv_number(csv, r->attempt);
    od__csv_number(csv, r->campaign);
    od__csv_number(csv, r->contact);
    number_cell(csv, r->phone);
    number_cell(csv, r->caller_id);
    od__csv_cell(csv, od_disposition_name(r->disposition), false);
    od__csv_cell(csv, od_delivery_name(r->delivery), false);
    od__csv_cell(csv, r->network_code, true);
    od__csv_number(csv, r->status);
    od__csv_cell(csv, r->fault == OD_OK ? "" : od_err_name(r->fault), false);
    od__export_time(csv, r->claimed_utc_ms);
    od__export_time(csv, r->ended_utc_ms);
    od__export_time(csv, r->delivery_utc_ms);
    od__csv_cell(csv, od_text_encoding_name(r->encoding), false);
    od__csv_number(csv, r->segments);
    od__csv_cell(csv, od_notice_name(r->notice), false);
    od__csv_number(csv, r->reply);
    od__csv_cell(csv, r->trunk, true);
    od__csv_cell(csv, r->session_id, false);
    od__csv_cell(csv, r->text, true);
    od__csv_end_row(csv);
}

od_err od_messages_export(od_engine *engine, const od_call_filter *filter,
                          const char *path)
{
    static const char *const names[] = {
        "attempt",     "campaign", "contact",       "phone",      "caller_id",
        "disposition", "delivery", "network_code",  "status",     "fault",
        "claimed",     "ended",    "delivery_time", "encoding",   "segments",
        "notice",      "reply",    "trunk",         "session_id", "text",
        NULL};
    od__csv_out *csv = NULL;
    od_message_record rows[PAGE_ROWS];
    od_call_filter wanted;
    uint64_t phone = 0;
    size_t count = PAGE_ROWS;
    od_id after = 0;
    od_err err = od__export_begin(engine, path, names, &csv);
    if (err != OD_OK) {
        return err;
    }
    od__csv_end_row(csv);
    err = od__filter_take(engine, filter, &wanted, &phone);
    while (err == OD_OK && count == PAGE_ROWS) {
        err = od__store_err(engine, OD__STORE(engine, message_scan)(
                                        engine->store, &wanted, phone, after,
                                        rows, PAGE_ROWS, &count));
        for (size_t i = 0; err == OD_OK && i < count; i++) {
            write_message(csv, &rows[i]);
            after = rows[i].attempt;
        }
    }
    return od__export_end(engine, csv, err);
}

/* -- replies -------------------------------------------------------------- */

/* A filter of any version; NULL takes all. Numbers may be short codes. */
static od_err take_filter(od_engine *engine, const od_reply_filter *filter,
                          od_reply_filter *out, uint64_t *phone)
{
    od_reply_filter_init(out);
    *phone = 0;
    if (filter == NULL) {
        return OD_OK;
    }
    od_err err =
        od__sized_copy(out, sizeof *out, filter, sizeof(od_reply_filter),
                       "od_reply_filter", &engine->errmsg);
    if (err == OD_OK && out->phone != NULL && out->phone[0] != '\0') {
        err = od__sender_check(engine, out->phone, phone);
    }
    return err;
}

static void tell_reply(od_engine *engine, const od_reply_record *r,
                       od_reply *out)
{
    *out = (od_reply){.id = r->id,
                      .campaign = r->campaign,
                      .attempt = r->attempt,
                      .utc_ms = r->utc_ms,
                      .phone = od__sender_keep(engine, r->phone),
                      .to = od__sender_keep(engine, r->to),
                      .trunk = r->trunk,
                      .text = r->text,
                      .kind = r->kind,
                      .answered = r->answered};
}

od_err od_replies_list(od_engine *engine, const od_reply_filter *filter,
                       od_id after_id, od_reply *rows, size_t rows_max,
                       size_t *count)
{
    od_reply_filter wanted;
    uint64_t phone = 0;
    size_t len = 0;
    od_err err = od__list_check(engine, after_id, rows, rows_max, count);
    if (err == OD_OK) {
        err = take_filter(engine, filter, &wanted, &phone);
    }
    if (err != OD_OK) {
        return err;
    }
    od_reply_record *records =
        od__arena_take(&engine->arena, rows_max * sizeof *records);
    if (records == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    err = OD__STORE(engine, reply_scan)(engine->store, &wanted, phone, after_id,
                                        records, rows_max, &len);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    for (size_t i = 0; i < len; i++) {
        tell_reply(engine, &records[i], &rows[i]);
    }
    *count = len;
    return OD_OK;
}

/* The text of a failure names the id. */
static od_err read_reply(od_engine *engine, od_id id, od_reply_record *out)
{
    od_err err = id > 0 ? OD__STORE(engine, reply_get)(engine->store, id, out)
                        : OD_ERR_NOT_FOUND;
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err, "there is no reply %lld",
                               (long long)id);
    }
    return od__store_err(engine, err);
}

od_err od_reply_get(od_engine *engine, od_id reply, od_reply *out)
{
    od_reply_record record;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err = read_reply(engine, reply, &record);
    if (err == OD_OK) {
        tell_reply(engine, &record, out);
    }
    return err;
}

static void write_reply(od__csv_out *csv, const od_reply_record *r)
{
    od__csv_number(csv, r->id);
    od__csv_number(csv, r->campaign);
    od__csv_number(csv, r->attempt);
    od__export_time(csv, r->utc_ms);
    number_cell(csv, r->phone);
    number_cell(csv, r->to);
    od__csv_cell(csv, od_reply_kind_name(r->kind), false);
    od__csv_cell(csv, od_notice_name(r->answered), false);
    od__csv_cell(csv, r->trunk, true);
    od__csv_cell(csv, r->text, true);
    od__csv_end_row(csv);
}

od_err od_replies_export(od_engine *engine, const od_reply_filter *filter,
                         const char *path)
{
    static const char *const names[] = {
        "reply", "campaign", "attempt", "time", "phone", "to",
        "kind",  "answered", "trunk",   "text", NULL};
    od__csv_out *csv = NULL;
    od_reply_record rows[PAGE_ROWS];
    od_reply_filter wanted;
    uint64_t phone = 0;
    size_t count = PAGE_ROWS;
    od_id after = 0;
    od_err err = od__export_begin(engine, path, names, &csv);
    if (err != OD_OK) {
        return err;
    }
    od__csv_end_row(csv);
    err = take_filter(engine, filter, &wanted, &phone);
    while (err == OD_OK && count == PAGE_ROWS) {
        err = od__store_err(engine, OD__STORE(engine, reply_scan)(
                                        engine->store, &wanted, phone, after,
                                        rows, PAGE_ROWS, &count));
        for (size_t i = 0; err == OD_OK && i < count; i++) {
            write_reply(csv, &rows[i]);
            after = rows[i].id;
        }
    }
    return od__export_end(engine, csv, err);
}

/* -- declared by the host ------------------------------------------------- */

/* A confirmation is owed within five minutes of the reply. */
static od_err find_owed(od_engine *engine, od_reply_record *reply)
{
    od_campaign_record *campaign = NULL;
    int64_t until_utc_ms = reply->utc_ms + OD__OWED_MS;
    reply->owed = OD_NOTICE_NONE;
    reply->owed_until_utc_ms = 0;
    if (reply->campaign == 0 || until_utc_ms <= engine->now.utc_ms) {
        return OD_OK;
    }
    od_err err = od__campaign_read(engine, reply->campaign, &campaign);
    if (err == OD_OK && campaign->confirm_text[0] != '\0') {
        reply->owed = OD_NOTICE_CONFIRM;
        reply->owed_until_utc_ms = until_utc_ms;
    }
    return err;
}

static od_err opt_out(od_engine *engine, od_reply_record *reply)
{
    od_dnc_record row;
    od_ledger_entry ledger;
    od__writer payload;
    char text[OD__PAYLOAD_SIZE];
    bool added = false;
    reply->trunk = reply->network_id = reply->text = ""; /* they do not last */
    od_err err = find_owed(engine, reply);
    if (err != OD_OK) {
        return err;
    }
    od__reply_entry(reply->phone, reply->attempt, engine->now.utc_ms, &row);
    od__writer_init(&payload, text, sizeof text);
    od__ledger_dnc(&row, &payload);
    od__ledger_entry(engine, &ledger, OD_LEDGER_DNC_ADD, reply->attempt, text);
    err = OD__STORE(engine, reply_opt_out)(engine->store, reply, &row, &ledger,
                                           &added);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    if (added) {
        od__notice_add(engine, reply);
    }
    od__engine_changed(engine);
    return engine->transport != NULL ? od__calls_heed_dnc(engine, reply->phone)
                                     : OD_OK;
}

od_err od_reply_opt_out(od_engine *engine, od_id reply)
{
    od_reply_record record;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = read_reply(engine, reply, &record);
    if (err == OD_OK && record.phone == 0) {
        return od__engine_fail(engine, OD_ERR_NOT_FOUND,
                               "reply %lld was erased", (long long)reply);
    }
    if (err != OD_OK || record.kind == OD_REPLY_OPT_OUT) {
        return err; /* nothing happens again */
    }
    if (record.phone < OD__SHORT_CODES) {
        return OD_OK;
    }
    return opt_out(engine, &record);
}
