/*
 * list_import.c - a CSV file into a list: what the do-not-call list and the
 * evidence of consent share.
 *
 *     record -> header, once -> take -> slice full -> store, next slice
 *                                |
 *                                +--> rejected, with the reason
 *
 * Goes to the store in slices, each with its ledger rows in one transaction; a
 * slice that is stored stays, whatever comes after it. Called by dnc_import.c
 * and consent_import.c, which know what the columns mean.
 */
#include "core/core.h"

#include <stdlib.h>

#define READ_BYTES 65536

od_err od__list_columns(od_engine *engine, const od__csv_record *record,
                        const char *const *names, size_t len, int32_t *at)
{
    for (size_t n = 0; n < len; n++) {
        at[n] = OD_NONE;
        for (size_t i = 0; i < record->len; i++) {
            if (!od__column_is(record->cells[i], names[n])) {
                continue;
            }
            if (at[n] != OD_NONE) {
                return od__engine_fail(engine, OD_ERR_FORMAT,
                                       "line %lld: there are two columns "
                                       "\"%s\": rename one of them",
                                       (long long)record->line, names[n]);
            }
            at[n] = (int32_t)i;
        }
    }
    return OD_OK;
}

static char *cell_of(od__csv_record *record, int32_t at)
{
    static char none[1];
    return at != OD_NONE && (size_t)at < record->len ? record->cells[at] : none;
}

const char *od__list_text(od__csv_record *record, int32_t at)
{
    return od__csv_unguard(cell_of(record, at));
}

const char *od__list_code(od__csv_record *record, int32_t at)
{
    char *cell = cell_of(record, at);
    return cell[0] == '\0' ? cell : od__cell_code(cell);
}

od_err od__list_ledger(od__list_import *im, int32_t kind,
                       const od__writer *payload)
{
    const char *kept = od__arena_text(&im->texts, payload->out, payload->len);
    if (kept == NULL) {
        return od__engine_fail(im->engine, OD_ERR_MEMORY, "out of memory");
    }
    od__ledger_entry(im->engine, &im->ledger[im->len], kind, 0, kept);
    return OD_OK;
}

static od_err flush(od__list_import *im)
{
    if (im->len == 0) {
        return OD_OK;
    }
    od_err err = im->kind->store(im);
    for (size_t i = 0; err == OD_OK && i < im->len; i++) {
        im->figures.added += im->is_new[i] ? 1 : 0;
        im->figures.present += im->is_new[i] ? 0 : 1;
    }
    im->len = 0;
    od__arena_reset(&im->texts);
    return od__store_err(im->engine, err);
}

static od_err take_row(od__list_import *im, od__csv_record *record)
{
    od_engine *engine = im->engine;
    od_err err = record->has_nul || record->too_long
                     ? od__engine_fail(engine, OD_ERR_INVALID,
                                       "has a NUL byte or is too long")
                     : im->kind->take(im, record);
    im->figures.rows++;
    if (err == OD_ERR_INVALID) {
        im->figures.rejected++;
        od__rejects_put(im->rejects, record, engine->errmsg.text);
        engine->errmsg.text[0] = '\0';
        return OD_OK;
    }
    im->len += err == OD_OK ? 1 : 0;
    return err == OD_OK && im->len == OD__LIST_SLICE ? flush(im) : err;
}

static bool on_record(void *ctx, od__csv_record *record)
{
    od__list_import *im = ctx;
    bool is_row = true;
    if (record->len == 0 || (record->len == 1 && record->cells[0][0] == '\0')) {
        return true;
    }
    if (!im->began) {
        im->began = true;
        im->err = im->kind->header(im, record, &is_row);
    }
    if (im->err == OD_OK && is_row) {
        im->err = take_row(im, record);
    }
    return im->err == OD_OK;
}

static od_err read_all(od__list_import *im, const char *path)
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

static od_err run(od__list_import *im, const char *path,
                  const char *reject_path)
{
    od_engine *engine = im->engine;
    od_err err = od__rejects_open(engine, reject_path, &im->rejects);
    if (err == OD_OK) {
        err = read_all(im, path);
    }
    if (im->rejects != NULL) {
        /* Also after a failure: what was rejected so far is worth knowing. */
        od_err closed =
            od__csv_done(im->rejects, err == OD_OK ? &engine->errmsg : NULL);
        err = err == OD_OK ? closed : err;
    }
    od__arena_free(&im->texts);
    od__engine_changed(engine);
    return err == OD_OK && im->kind->needs_header && !im->began
               ? od__columns_missing(engine)
               : err;
}

od_err od__list_import_run(od_engine *engine, const od__list_kind *kind,
                           const char *path, const char *reject_path,
                           od__list_figures *out)
{
    *out = (od__list_figures){0};
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__import_paths_check(engine, path, reject_path);
    if (err != OD_OK) {
        return err;
    }
    od__list_import *im = calloc(1, sizeof *im);
    void *ctx = calloc(1, kind->ctx_size);
    if (im == NULL || ctx == NULL) {
        err = od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    } else {
        im->engine = engine;
        im->kind = kind;
        im->ctx = ctx;
        err = run(im, path, reject_path);
        *out = im->figures;
    }
    free(ctx);
    free(im);
    return err;
}
