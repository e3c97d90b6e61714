/*
 * dnc_import.c - the do-not-call list from a CSV file.
 *
 * A first record with a phone column is a header; without one the first column
 * is the phone. How rows are read and stored is list_import.c.
 */
#include "core/core.h"

enum { PHONE, REASON, SCOPE, EXPIRES, COLUMNS };

static const char *const names[COLUMNS] = {"phone", "reason", "scope",
                                           "expires"};

typedef struct dnc_import {
    int32_t at[COLUMNS]; /* where each column stands, or OD_NONE */
    od_dnc_record rows[OD__LIST_SLICE];
} dnc_import;

static od_err take_header(od__list_import *list, const od__csv_record *record,
                          bool *is_row)
{
    dnc_import *im = list->ctx;
    od_err err = od__list_columns(list->engine, record, names, COLUMNS, im->at);
    *is_row = im->at[PHONE] == OD_NONE;
    if (*is_row) { /* what looked like other columns is a row as well */
        for (size_t i = 0; i < COLUMNS; i++) {
            im->at[i] = i == PHONE ? 0 : OD_NONE;
        }
        list->engine->errmsg.text[0] = '\0';
        return OD_OK;
    }
    return err;
}

/* Scope and end of an entry: those of most lists are not given. */
static od_err take_terms(od_engine *engine, const char *scope,
                         const char *expires, od_dnc_record *row)
{
    static const char *const scopes[] = {"all", "voice", "text"};
    size_t at = 0;
    while (scope[0] != '\0' && at < OD__LEN(scopes) &&
           !od__text_equal_nocase(scope, scopes[at])) {
        at++;
    }
    if (at == OD__LEN(scopes)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "scope \"%.32s\" is not one of all, voice, text",
                               scope);
    }
    row->scope = (int32_t)at;
    if (expires[0] == '\0') {
        return OD_OK;
    }
    if (!od__time_parse(expires, &row->expires_utc_ms)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "expires \"%.32s\" is no time: write 2027-01-31 "
                               "or 2027-01-31T15:04:05Z",
                               expires);
    }
    if (row->expires_utc_ms <= engine->now.utc_ms) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "expires \"%.32s\" has passed", expires);
    }
    return OD_OK;
}

/* The reason as far as it is one: it is no reason to go on calling. */
static const char *keep_reason(od__list_import *list, const char *text)
{
    char reason[OD_NAME_MAX + 1];
    od__text_copy(reason, sizeof reason,
                  od__utf8_is_valid(text, strlen(text)) ? text : "");
    return od__arena_text(&list->texts, reason, strlen(reason));
}

static od_err take_row(od__list_import *list, od__csv_record *record)
{
    dnc_import *im = list->ctx;
    od_engine *engine = list->engine;
    od_dnc_record *row = &im->rows[list->len];
    char text[192];
    od__writer payload;
    *row =
        (od_dnc_record){.source = "import", .added_utc_ms = engine->now.utc_ms};
    od_err err =
        od__dnc_phone_check(engine, od__list_code(record, im->at[PHONE]), row);
    if (err == OD_OK) {
        err = take_terms(engine, od__list_code(record, im->at[SCOPE]),
                         od__list_code(record, im->at[EXPIRES]), row);
    }
    if (err != OD_OK) {
        return err;
    }
    row->reason = keep_reason(list, od__list_text(record, im->at[REASON]));
    if (row->reason == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    od__writer_init(&payload, text, sizeof text);
    od__ledger_dnc(row, &payload);
    return od__list_ledger(list, OD_LEDGER_DNC_ADD, &payload);
}

static od_err store(od__list_import *list)
{
    const dnc_import *im = list->ctx;
    return OD__STORE(list->engine, dnc_add)(
        list->engine->store, im->rows, list->ledger, list->len, list->is_new);
}

static const od__list_kind kind = {.ctx_size = sizeof(dnc_import),
                                   .header = take_header,
                                   .take = take_row,
                                   .store = store};

od_err od_dnc_import(od_engine *engine, const char *path,
                     const char *reject_path, od_dnc_report *out)
{
    od__list_figures f;
    od_err err = od__list_import_run(engine, &kind, path, reject_path, &f);
    if (err == OD_OK && out != NULL) {
        *out = (od_dnc_report){f.rows, f.added, f.present, f.rejected};
    }
    if (f.rows > 0 && engine->transport != NULL) {
        /* What was stored counts, also now and after a failure. */
        od_err heeded = od__calls_heed_dnc(engine, 0);
        err = err == OD_OK ? heeded : err;
    }
    return err;
}
