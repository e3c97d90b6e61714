/*
 * dnc_import.c - the do-not-call list from a CSV file.
 *
 * Goes to the store in slices, each with its ledger rows in one transaction; a
 * slice that is stored stays. A first record with a phone column is a header;
 * without one the first column is the phone.
 */
#include "core/core.h"

#include <stdlib.h>

#define SLICE_ROWS 2000
#define READ_BYTES 65536

typedef struct dnc_import {
    od_engine *engine;
    od_dnc_report report;
    od__csv_out *rejects;
    size_t phone_at;
    size_t reason_at;
    bool began;
    bool has_reason;
    od_err err;
    size_t len;
    od_dnc_record rows[SLICE_ROWS];
    od_ledger_entry ledger[SLICE_ROWS];
    bool added[SLICE_ROWS];
    char reasons[SLICE_ROWS][OD_NAME_MAX + 1];
    char payloads[SLICE_ROWS][192];
} dnc_import;

static od_err flush(dnc_import *im)
{
    od_engine *engine = im->engine;
    if (im->len == 0) {
        return OD_OK;
    }
    od_err err = OD__STORE(engine, dnc_add)(engine->store, im->rows,
                                            im->ledger, im->len, im->added);
    for (size_t i = 0; err == OD_OK && i < im->len; i++) {
        im->report.added += im->added[i] ? 1 : 0;
        im->report.present += im->added[i] ? 0 : 1;
    }
    im->len = 0;
    return od__store_err(engine, err);
}

/* Is the first record a header? */
static bool take_header(dnc_import *im, const od__csv_record *record)
{
    bool is_header = false;
    for (size_t i = 0; i < record->len; i++) {
        if (od__column_is(record->cells[i], "phone")) {
            im->phone_at = i;
            is_header = true;
        }
    }
    for (size_t i = 0; is_header && i < record->len; i++) {
        if (od__column_is(record->cells[i], "reason")) {
            im->reason_at = i;
            im->has_reason = true;
        }
    }
    return is_header;
}

static void reject(dnc_import *im, const od__csv_record *record,
                   const char *why)
{
    im->report.rejected++;
    if (im->rejects != NULL) {
        od__csv_number(im->rejects, record->line);
        od__csv_cell(im->rejects, why, true);
        od__csv_cell(im->rejects, record->raw, true);
        od__csv_end_row(im->rejects);
    }
}

static void take_row(dnc_import *im, const od__csv_record *record)
{
    od_engine *engine = im->engine;
    const char *cell =
        im->phone_at < record->len ? record->cells[im->phone_at] : "";
    uint64_t phone = 0;
    od__phone_err bad = od__phone_parse(od__csv_unguard(cell), engine->country,
                                        &phone);
    im->report.rows++;
    if (bad != OD__PHONE_OK || record->has_nul || record->too_long) {
        reject(im, record,
               bad != OD__PHONE_OK ? od__phone_err_text(bad)
                                   : "has a NUL byte or is too long");
        return;
    }
    size_t at = im->len++;
    const char *reason = im->has_reason && im->reason_at < record->len
                             ? record->cells[im->reason_at]
                             : "";
    if (!od__utf8_is_valid(reason, strlen(reason))) {
        reason = "";
    }
    od__text_copy(im->reasons[at], sizeof im->reasons[at],
                  od__csv_unguard(reason));
    im->rows[at] = (od_dnc_record){.phone = phone,
                                   .scope = OD_DNC_ALL,
                                   .reason = im->reasons[at],
                                   .source = "import",
                                   .added_utc_ms = engine->now.utc_ms};
    od__writer payload;
    od__writer_init(&payload, im->payloads[at], sizeof im->payloads[at]);
    od__ledger_dnc(&im->rows[at], &payload);
    od__ledger_entry(engine, &im->ledger[at], OD_LEDGER_DNC_ADD, 0,
                     im->payloads[at]);
}

static bool on_record(void *ctx, od__csv_record *record)
{
    dnc_import *im = ctx;
    bool empty = record->len == 0 ||
                 (record->len == 1 && record->cells[0][0] == '\0');
    bool header = !im->began && take_header(im, record);
    im->began = true;
    if (!header && !empty) {
        take_row(im, record);
    }
    if (im->len == SLICE_ROWS) {
        im->err = flush(im);
    }
    return im->err == OD_OK;
}

static od_err run(dnc_import *im, const char *path)
{
    od__csv_in *csv = NULL;
    bool done = false;
    od_err err = od__csv_open(&csv, path, &im->engine->errmsg);
    while (err == OD_OK && !done) {
        err = od__csv_read(csv, READ_BYTES, on_record, im, &done,
                           &im->engine->errmsg);
        err = im->err != OD_OK ? im->err : err;
    }
    od__csv_close(csv);
    return err == OD_OK ? flush(im) : err;
}

static od_err open_rejects(od_engine *engine, const char *path,
                           od__csv_out **out)
{
    if (path == NULL) {
        return OD_OK;
    }
    od_err err = od__csv_create(out, path, &engine->errmsg);
    if (err == OD_OK) {
        od__csv_cell(*out, "line", false);
        od__csv_cell(*out, "reason", false);
        od__csv_cell(*out, "text", false);
        od__csv_end_row(*out);
    }
    return err;
}

od_err od_dnc_import(od_engine *engine, const char *path,
                     const char *reject_path, od_dnc_report *out)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__import_paths_check(engine, path, reject_path);
    if (err != OD_OK) {
        return err;
    }
    dnc_import *im = calloc(1, sizeof *im);
    if (im == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    im->engine = engine;
    err = open_rejects(engine, reject_path, &im->rejects);
    if (err == OD_OK) {
        err = run(im, path);
    }
    if (im->rejects != NULL) {
        /* Also after a failure: what was rejected so far is worth knowing. */
        od_err closed = od__csv_done(im->rejects,
                                     err == OD_OK ? &engine->errmsg : NULL);
        err = err == OD_OK ? closed : err;
    }
    if (err == OD_OK && out != NULL) {
        *out = im->report;
    }
    free(im);
    od__engine_changed(engine);
    if (engine->transport != NULL) { /* what was stored counts, also now */
        od_err heeded = od__calls_heed_dnc(engine, 0);
        err = err == OD_OK ? heeded : err;
    }
    return err;
}
