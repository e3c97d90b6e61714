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

static od_err flush(od__list_import *im)
{
    if (im->len == 0) {
        return OD_OK;
    }
    od_err err = im->store(im);
    for (size_t i = 0; err == OD_OK && i < im->len; i++) {
        im->added += im->is_new[i] ? 1 : 0;
        im->present += im->is_new[i] ? 0 : 1;
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
                     : im->take(im, record);
    im->rows++;
    if (err == OD_ERR_INVALID) {
        im->rejected++;
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
        im->err = im->header(im, record, &is_row);
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

od_err od__list_import_run(od__list_import *im, const char *path,
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
    return err;
}
