/*
 * export.c - tables as CSV files.
 *
 * Each file is written beside its place and renamed into it, so that it appears
 * whole or not at all. Texts from people are guarded against spreadsheets that
 * run formulas.
 */
#include "core/core.h"

#include <time.h>

#define PAGE_ROWS 256

od_err od__export_begin(od_engine *engine, const char *path,
                        const char *const *names, od__csv_out **out)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (path == NULL || path[0] == '\0' || strlen(path) > OD_PATH_MAX) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "path must have 1 to %d bytes", OD_PATH_MAX);
    }
    od_err err = od__csv_create(out, path, &engine->errmsg);
    for (; err == OD_OK && *names != NULL; names++) {
        od__csv_cell(*out, *names, false);
    }
    return err;
}

od_err od__export_end(od_engine *engine, od__csv_out *csv, od_err err)
{
    if (err != OD_OK) {
        od__csv_discard(csv);
        return err;
    }
    return od__csv_done(csv, &engine->errmsg);
}

void od__export_time(od__csv_out *csv, int64_t utc_ms)
{
    char text[40] = "";
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm tm;
    if (utc_ms != 0 && gmtime_r(&seconds, &tm) != NULL) {
        (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    }
    od__csv_cell(csv, text, false);
}

/* The same to the millisecond, where the instant is read in again. */
static void exact_cell(od__csv_out *csv, int64_t utc_ms)
{
    char text[OD__TIME_SIZE] = "";
    if (utc_ms != 0) {
        od__time_text(utc_ms, text);
    }
    od__csv_cell(csv, text, false);
}

/* -- calls ------------------------------------------------------------------- */

static void write_call(od__csv_out *csv, const od_call *call,
                       uint64_t caller_id)
{
    char shown[OD_PHONE_MAX + 1];
    int64_t talk_ms = call->answered_utc_ms != 0
                          ? call->ended_utc_ms - call->answered_utc_ms
                          : 0;
    od__csv_number(csv, call->attempt);
    od__csv_number(csv, call->campaign);
    od__csv_number(csv, call->contact);
    od__csv_cell(csv, call->phone, true);
    od__csv_cell(csv, od_disposition_name(call->disposition), false);
    od__csv_number(csv, call->sip_status);
    od__csv_cell(csv, call->fault == OD_OK ? "" : od_err_name(call->fault),
                 false);
    od__export_time(csv, call->claimed_utc_ms);
    od__export_time(csv, call->answered_utc_ms);
    od__export_time(csv, call->ended_utc_ms);
    od__csv_number(csv, talk_ms > 0 ? talk_ms : 0);
    od__csv_number(csv, call->heard_ms);
    od__csv_cell(csv, call->survey_done ? "yes" : "no", false);
    od__csv_cell(csv, call->reached_network ? "yes" : "no", false);
    od__csv_cell(csv, call->trunk, true);
    od__csv_cell(csv, call->session_id, false);
    od__csv_cell(csv, call->sip_call_id, true);
    od__sender_text(caller_id, shown);
    od__csv_cell(csv, shown, true);
    od__csv_end_row(csv);
}

od_err od_calls_export(od_engine *engine, const od_call_filter *filter,
                       const char *path)
{
    static const char *const names[] = {
        "attempt",     "campaign",    "contact",      "phone",
        "disposition", "sip_status",  "fault",        "claimed",
        "answered",    "ended",       "talk_ms",      "heard_ms",
        "survey_done", "counts",      "trunk",        "session_id",
        "sip_call_id", "caller_id",   NULL};
    od__csv_out *csv = NULL;
    od_attempt_record rows[PAGE_ROWS];
    od_call_filter wanted;
    uint64_t phone = 0;
    size_t count = 0;
    od_id after = 0;
    od_err err = od__export_begin(engine, path, names, &csv);
    if (err != OD_OK) {
        return err;
    }
    od__csv_end_row(csv);
    err = od__filter_take(engine, filter, &wanted, &phone);
    while (err == OD_OK) {
        err = od__store_err(engine, OD__STORE(engine, attempt_scan)(
                                        engine->store, &wanted, phone, after,
                                        rows, PAGE_ROWS, &count));
        for (size_t i = 0; err == OD_OK && i < count; i++) {
            od_call call;
            od__call_tell(engine, &rows[i], &call);
            write_call(csv, &call, rows[i].caller_id);
            after = rows[i].attempt;
        }
        od__arena_reset(&engine->arena);
        if (count < PAGE_ROWS) {
            break;
        }
    }
    return od__export_end(engine, csv, err);
}

/* -- answers ------------------------------------------------------------------ */

od_err od_answers_export(od_engine *engine, od_id campaign, const char *path)
{
    static const char *const names[] = {"attempt",  "phone",  "time",
                                        "question", "visit",  "digits",
                                        "choice",   NULL};
    od__csv_out *csv = NULL;
    od_answer_record rows[PAGE_ROWS];
    od_campaign_record *ignored = NULL;
    size_t count = 0;
    od_id after = 0;
    od_err err = od__export_begin(engine, path, names, &csv);
    if (err != OD_OK) {
        return err;
    }
    od__csv_end_row(csv);
    err = od__campaign_read(engine, campaign, &ignored);
    while (err == OD_OK) {
        err = od__store_err(engine, OD__STORE(engine, answer_scan)(
                                        engine->store, campaign, after, rows,
                                        PAGE_ROWS, &count));
        for (size_t i = 0; err == OD_OK && i < count; i++) {
            char phone[OD_PHONE_MAX + 1];
            od__phone_text(rows[i].phone, phone);
            od__csv_number(csv, rows[i].attempt);
            od__csv_cell(csv, phone, true);
            od__export_time(csv, rows[i].utc_ms);
            od__csv_cell(csv, rows[i].question, true);
            od__csv_number(csv, rows[i].visit);
            od__csv_cell(csv, rows[i].digits, true);
            od__csv_cell(csv, rows[i].choice, true);
            od__csv_end_row(csv);
            after = rows[i].id;
        }
        if (count < PAGE_ROWS) {
            break;
        }
    }
    return od__export_end(engine, csv, err);
}

/* -- the do-not-call list ----------------------------------------------------- */

od_err od_dnc_export(od_engine *engine, const char *path)
{
    static const char *const names[] = {"phone",  "scope", "campaign", "reason",
                                        "source", "added", "expires",
                                        NULL};
    static const char *const scopes[] = {"all", "voice", "text", "campaign"};
    od__csv_out *csv = NULL;
    od_dnc_record rows[PAGE_ROWS];
    size_t count = 0;
    od_id after = 0;
    od_err err = od__export_begin(engine, path, names, &csv);
    if (err != OD_OK) {
        return err;
    }
    od__csv_end_row(csv);
    do {
        err = od__store_err(engine,
                            OD__STORE(engine, dnc_scan)(
                                engine->store, after, rows, PAGE_ROWS, &count));
        for (size_t i = 0; err == OD_OK && i < count; i++) {
            char phone[OD_PHONE_MAX + 1];
            char cell[OD_PHONE_MAX + 2];
            od__phone_text(rows[i].phone, phone);
            (void)snprintf(cell, sizeof cell, "%s%s", phone,
                           rows[i].prefix ? "*" : "");
            od__csv_cell(csv, cell, true);
            od__csv_cell(csv, scopes[rows[i].scope & 3], false);
            od__csv_number(csv, rows[i].campaign);
            od__csv_cell(csv, rows[i].reason, true);
            od__csv_cell(csv, rows[i].source, true);
            od__export_time(csv, rows[i].added_utc_ms);
            exact_cell(csv, rows[i].expires_utc_ms);
            od__csv_end_row(csv);
            after = rows[i].id;
        }
    } while (err == OD_OK && count == PAGE_ROWS);
    return od__export_end(engine, csv, err);
}

/* -- consent -------------------------------------------------------------------- */

static void write_consent(od__csv_out *csv, const od_consent_record *row)
{
    static const uint8_t none[32];
    char phone[OD_PHONE_MAX + 1];
    char hash[65] = "";
    const char *purpose = row->purpose != OD_PURPOSE_UNSTATED
                              ? od_purpose_name(row->purpose)
                              : "";
    od__phone_text(row->phone, phone);
    if (memcmp(row->sha256, none, sizeof none) != 0) {
        od__hex(row->sha256, sizeof row->sha256, hash);
    }
    od__csv_cell(csv, phone, true);
    od__csv_cell(csv, od_consent_kind_name(row->kind), false);
    od__csv_cell(csv, purpose, false);
    od__csv_cell(csv, row->seller, true);
    exact_cell(csv, row->obtained_utc_ms);
    od__csv_cell(csv, row->how, true);
    od__csv_cell(csv, row->text, true);
    od__csv_cell(csv, row->reference, true);
    od__csv_cell(csv, row->who, true);
    od__csv_cell(csv, hash, false);
    od__export_time(csv, row->added_utc_ms);
    od__export_time(csv, row->revoked_utc_ms);
    od__csv_end_row(csv);
}

od_err od_consent_export(od_engine *engine, const char *path)
{
    static const char *const names[] = {
        "phone", "kind",      "purpose", "seller", "obtained", "how",    "text",
        "reference", "who",   "sha256",  "added",  "revoked",  NULL};
    od__csv_out *csv = NULL;
    od_consent_record rows[PAGE_ROWS];
    size_t count = 0;
    od_id after = 0;
    od_err err = od__export_begin(engine, path, names, &csv);
    if (err != OD_OK) {
        return err;
    }
    od__csv_end_row(csv);
    do {
        err = od__store_err(engine, OD__STORE(engine, consent_scan)(
                                        engine->store, 0, after, rows,
                                        PAGE_ROWS, &count));
        for (size_t i = 0; err == OD_OK && i < count; i++) {
            write_consent(csv, &rows[i]);
            after = rows[i].id;
        }
    } while (err == OD_OK && count == PAGE_ROWS);
    return od__export_end(engine, csv, err);
}

/* -- groups --------------------------------------------------------------------- */

/* Names of custom fields that occur in a group, in the arena. */
typedef struct columns {
    size_t len;
    const char *names[OD_FIELDS_MAX * 4];
} columns;

static size_t column_of(const columns *c, const char *name)
{
    for (size_t i = 0; i < c->len; i++) {
        if (strcmp(c->names[i], name) == 0) {
            return i;
        }
    }
    return c->len;
}

typedef od_err (*on_contact)(od_engine *engine, void *ctx,
                             const od_contact_record *row);

static od_err each_contact(od_engine *engine, od_id group, on_contact visit,
                           void *ctx)
{
    od_contact_record rows[PAGE_ROWS];
    size_t count = 0;
    od_id after = 0;
    do {
        od_err err = od__store_err(
            engine, OD__STORE(engine, contact_scan)(engine->store, group,
                                                    after, rows, PAGE_ROWS,
                                                    &count));
        for (size_t i = 0; err == OD_OK && i < count; i++) {
            err = visit(engine, ctx, &rows[i]);
            after = rows[i].contact.id;
        }
        if (err != OD_OK) {
            return err;
        }
    } while (count == PAGE_ROWS);
    return OD_OK;
}

static od_err collect_columns(od_engine *engine, void *ctx,
                              const od_contact_record *row)
{
    columns *c = ctx;
    const od_contact *contact = &row->contact;
    for (size_t i = 0; i < contact->fields_len; i++) {
        const char *name = contact->fields[i].name;
        if (column_of(c, name) < c->len) {
            continue;
        }
        if (c->len == OD__LEN(c->names)) {
            return od__engine_fail(engine, OD_ERR_LIMIT,
                                   "the group has more than %zu different "
                                   "custom fields",
                                   OD__LEN(c->names));
        }
        c->names[c->len] = od__arena_text(&engine->arena, name, strlen(name));
        if (c->names[c->len] == NULL) {
            return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
        }
        c->len++;
    }
    return OD_OK;
}

typedef struct contact_writer {
    od__csv_out *csv;
    const columns *columns;
} contact_writer;

static od_err write_contact(od_engine *engine, void *ctx,
                            const od_contact_record *row)
{
    contact_writer *w = ctx;
    const od_contact *contact = &row->contact;
    char phones[OD_PHONES_MORE][OD_PHONE_MAX + 1];
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        od__phone_more_text(row->phones[i], phones[i]);
    }
    const char *const texts[] = {
        contact->phone,    contact->first_name, contact->last_name,
        contact->email,    contact->company,    contact->notes,
        contact->timezone, contact->state,      contact->zip,
        phones[0],         phones[1],
        contact->line != OD_LINE_UNKNOWN ? od_line_name(contact->line) : ""};
    (void)engine;
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        od__csv_cell(w->csv, texts[i], true);
    }
    for (size_t i = 0; i < w->columns->len; i++) {
        const char *value = "";
        for (size_t j = 0; j < contact->fields_len; j++) {
            if (strcmp(contact->fields[j].name, w->columns->names[i]) == 0) {
                value = contact->fields[j].value;
            }
        }
        od__csv_cell(w->csv, value, true);
    }
    od__csv_end_row(w->csv);
    return OD_OK;
}

od_err od_group_export(od_engine *engine, od_id group, const char *path)
{
    static const char *const names[] = {"phone",    "first_name", "last_name",
                                        "email",    "company",    "notes",
                                        "timezone", "state",      "zip",
                                        "phone2",   "phone3",     "line",
                                        NULL};
    od__csv_out *csv = NULL;
    columns custom = {0, {NULL}};
    contact_writer writer = {NULL, &custom};
    od_group row;
    od_err err = od__export_begin(engine, path, names, &csv);
    if (err != OD_OK) {
        return err;
    }
    writer.csv = csv;
    err = od__group_read(engine, group, &row);
    if (err == OD_OK) {
        err = each_contact(engine, group, collect_columns, &custom);
    }
    for (size_t i = 0; i < custom.len; i++) {
        od__csv_cell(csv, custom.names[i], true);
    }
    od__csv_end_row(csv);
    if (err == OD_OK) {
        err = each_contact(engine, group, write_contact, &writer);
    }
    return od__export_end(engine, csv, err);
}
