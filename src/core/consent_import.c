/*
 * consent_import.c - evidence of consent from a CSV file.
 *
 * The header names the columns. A row is checked as od_consent_add() checks
 * it; what cannot be understood is rejected whole, because half a row of
 * evidence proves nothing. How rows are read and stored is list_import.c.
 */
#include "core/core.h"

enum {
    PHONE,
    KIND,
    OBTAINED,
    PURPOSE, /* the columns before must be there */
    SELLER,
    HOW,
    TEXT,
    REFERENCE,
    WHO,
    SHA256,
    REVOKED, /* of an export: evidence that is not in force any more */
    COLUMNS
};

static const char *const names[COLUMNS] = {
    "phone", "kind",      "obtained", "purpose", "seller", "how",
    "text",  "reference", "who",      "sha256",  "revoked"};

typedef struct consent_import {
    size_t columns; /* of the header */
    int32_t at[COLUMNS];
    od_consent_record rows[OD__LIST_SLICE];
} consent_import;

static od_err take_header(od__list_import *list, const od__csv_record *record,
                          bool *is_row)
{
    consent_import *im = list->ctx;
    *is_row = false;
    im->columns = record->len;
    od_err err = od__list_columns(list->engine, record, names, COLUMNS, im->at);
    for (size_t i = 0; err == OD_OK && i < PURPOSE; i++) {
        if (im->at[i] == OD_NONE) {
            return od__engine_fail(list->engine, OD_ERR_FORMAT,
                                   "line %lld: the header \"%.80s\" has no "
                                   "column \"%s\": name the columns in the "
                                   "first line",
                                   (long long)record->line, record->raw,
                                   names[i]);
        }
    }
    return err;
}

static od_err take_kind(od_engine *engine, const char *text, int32_t *out)
{
    for (int32_t kind = 1; kind < OD_CONSENT_KINDS; kind++) {
        if (od__text_equal_nocase(text, od_consent_kind_name(kind))) {
            *out = kind;
            return OD_OK;
        }
    }
    return od__engine_fail(engine, OD_ERR_INVALID,
                           "kind \"%.32s\" is not one of express, written, "
                           "purchase, inquiry",
                           text);
}

/* An empty one is judged with the kind. */
static od_err take_purpose(od_engine *engine, const char *text, int32_t *out)
{
    if (text[0] == '\0') {
        *out = OD_PURPOSE_UNSTATED;
        return OD_OK;
    }
    for (int32_t i = OD_PURPOSE_UNSTATED + 1; i < OD_PURPOSES; i++) {
        if (od__text_equal_nocase(text, od_purpose_name(i))) {
            *out = i;
            return OD_OK;
        }
    }
    return od__engine_fail(engine, OD_ERR_INVALID,
                           "purpose \"%.32s\" is not one of marketing, "
                           "informational, survey, charity, health, debt, "
                           "emergency",
                           text);
}

static od_err take_time(od_engine *engine, const char *text, int64_t *out)
{
    return od__time_parse(text, out)
               ? OD_OK
               : od__engine_fail(engine, OD_ERR_INVALID,
                                 "obtained \"%.32s\" is no time: write "
                                 "2026-10-18 or 2026-10-18T15:04:05Z",
                                 text);
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20; /* lower case */
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static od_err take_hash(od_engine *engine, const char *text, uint8_t out[32])
{
    bool is_hash = strlen(text) == 64;
    for (size_t i = 0; is_hash && i < 64; i++) {
        int digit = digit_of(text[i]);
        is_hash = digit >= 0;
        out[i / 2] = (uint8_t)(out[i / 2] * 16 + (is_hash ? digit : 0));
    }
    return is_hash || text[0] == '\0'
               ? OD_OK
               : od__engine_fail(
                     engine, OD_ERR_INVALID,
                     "sha256 \"%.72s\" is not 64 hexadecimal digits", text);
}

/* Cells into a row; its texts still belong to the record. */
static od_err spread(const od__list_import *list, od__csv_record *record,
                     od_consent *out)
{
    const consent_import *im = list->ctx;
    od_engine *engine = list->engine;
    const int32_t *at = im->at;
    *out = (od_consent){.phone = od__list_code(record, at[PHONE]),
                        .seller = od__list_text(record, at[SELLER]),
                        .how = od__list_text(record, at[HOW]),
                        .text = od__list_text(record, at[TEXT]),
                        .reference = od__list_text(record, at[REFERENCE]),
                        .who = od__list_text(record, at[WHO])};
    if (record->len > im->columns) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "has more cells than the header");
    }
    const char *revoked = od__list_code(record, at[REVOKED]);
    if (revoked[0] != '\0') {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "was revoked: \"%.32s\" stands in its column "
                               "\"revoked\"",
                               revoked);
    }
    od_err err = take_kind(engine, od__list_code(record, at[KIND]), &out->kind);
    bool purposeless =
        out->kind == OD_CONSENT_PURCHASE || out->kind == OD_CONSENT_INQUIRY;
    if (err == OD_OK && !purposeless) {
        err = take_purpose(engine, od__list_code(record, at[PURPOSE]),
                           &out->purpose);
    }
    if (err == OD_OK) {
        err = take_time(engine, od__list_code(record, at[OBTAINED]),
                        &out->obtained_utc_ms);
    }
    return err == OD_OK ? take_hash(engine, od__list_code(record, at[SHA256]),
                                    out->sha256)
                        : err;
}

static od_err take_row(od__list_import *list, od__csv_record *record)
{
    consent_import *im = list->ctx;
    od_engine *engine = list->engine;
    od_consent_record *row = &im->rows[list->len];
    od_consent consent;
    od__writer payload;
    char text[OD__CONSENT_PAYLOAD];
    od_err err = spread(list, record, &consent);
    if (err == OD_OK) {
        err = od__consent_check(engine, &consent, row);
    }
    if (err == OD_OK) {
        /* The record moves on with the next row. */
        err = od__consent_keep(engine, &list->texts, row);
    }
    if (err != OD_OK) {
        return err;
    }
    od__writer_init(&payload, text, sizeof text);
    od__consent_payload(row, &payload);
    return od__list_ledger(list, OD_LEDGER_CONSENT_ADD, &payload);
}

static od_err store(od__list_import *list)
{
    const consent_import *im = list->ctx;
    od_engine *engine = list->engine;
    return OD__STORE(engine, consent_add)(engine->store, im->rows, list->ledger,
                                          list->len, engine->now.utc_ms,
                                          list->is_new);
}

static const od__list_kind kind = {.ctx_size = sizeof(consent_import),
                                   .needs_header = true,
                                   .header = take_header,
                                   .take = take_row,
                                   .store = store};

od_err od_consent_import(od_engine *engine, const char *path,
                         const char *reject_path, od_consent_report *out)
{
    od__list_figures f;
    od_err err = od__list_import_run(engine, &kind, path, reject_path, &f);
    if (err == OD_OK && out != NULL) {
        *out = (od_consent_report){f.rows, f.added, f.present, f.rejected};
    }
    return err;
}
