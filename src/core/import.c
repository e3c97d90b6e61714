/*
 * import.c - a CSV file becomes contacts of a group, a slice in each step.
 *
 *     read some KB -> check rows -> gather -> sort by phone -> store slices
 *       ^                                                          |
 *       +----------------------------------------------------------+
 *
 * Rows are gathered and sorted in memory because the store's keys begin with
 * the phone: sorted slices are several times as fast. Memory is bounded by
 * OD__GATHER_ROWS and OD__GATHER_BYTES, whatever the file. Each turn either
 * reads or stores one slice, so that the host's loop goes on. What is stored stays; an
 * import that is begun again finds it there.
 */
#include "core/import.h"

#include <stdlib.h>

#define READ_BYTES 131072

bool od__import_is_running(const od_engine *engine)
{
    return engine->import != NULL && !engine->import->told;
}

bool od__import_is_due(const od_engine *engine)
{
    return od__import_is_running(engine) &&
           (!engine->import->report.done || od__events_has_room(engine));
}

void od__import_free(od_engine *engine)
{
    od__import *im = engine->import;
    if (im == NULL) {
        return;
    }
    od__csv_close(im->csv);
    od__csv_discard(im->rejects);
    od__arena_free(&im->header);
    od__arena_free(&im->texts);
    free(im->rows);
    free(im->order);
    free(im);
    engine->import = NULL;
}

static void end(od__import *im, od_err err)
{
    od_errmsg why = im->engine->errmsg;
    if (im->report.done) {
        return;
    }
    if (im->rejects != NULL) {
        od_err closed = od__csv_done(im->rejects, &why);
        im->rejects = NULL;
        err = err == OD_OK ? closed : err;
    }
    im->report.bytes = od__csv_bytes(im->csv);
    od__csv_close(im->csv);
    im->csv = NULL;
    im->storing = false;
    im->report.done = true;
    im->report.err = err;
    if (err != OD_OK) {
        od__text_copy(im->report.text, sizeof im->report.text, why.text);
    }
}

/* -- the header ----------------------------------------------------------------- */

typedef struct header_seen {
    od__import *im;
    od_err err;
} header_seen;

static bool on_header(void *ctx, od__csv_record *record)
{
    header_seen *seen = ctx;
    seen->err = od__import_record(seen->im, record);
    return seen->err == OD_OK && !seen->im->has_header;
}

static od_err fail_empty(od_engine *engine)
{
    return od__engine_fail(engine, OD_ERR_FORMAT,
                           "the file is empty: its first line must name the "
                           "columns, \"phone\" among them");
}

/* At the start already, so that a file without one is refused there. Where
 * it does not come within READ_BYTES, the turns go on looking. */
static od_err read_header(od__import *im)
{
    header_seen seen = {im, OD_OK};
    od_err err = od__csv_read(im->csv, READ_BYTES, on_header, &seen,
                              &im->read_all, &im->engine->errmsg);
    if (err == OD_OK) {
        err = seen.err;
    }
    return err == OD_OK && im->read_all && !im->has_header
               ? fail_empty(im->engine)
               : err;
}

/* -- turns -------------------------------------------------------------------------- */

static int by_phone(const void *a, const void *b)
{
    const place_in_order *x = a;
    const place_in_order *y = b;
    if (x->phone != y->phone) {
        return x->phone < y->phone ? -1 : 1;
    }
    return x->row < y->row ? -1 : x->row > y->row;
}

static bool on_record(void *ctx, od__csv_record *record)
{
    od__import *im = ctx;
    od_err err = od__import_record(im, record);
    if (err != OD_OK) {
        end(im, err);
        return false;
    }
    return im->rows_len < OD__GATHER_ROWS &&
           im->texts_bytes < OD__GATHER_BYTES;
}

static void read_some(od__import *im)
{
    od_err err = od__csv_read(im->csv, READ_BYTES, on_record, im,
                              &im->read_all, &im->engine->errmsg);
    if (im->report.done) {
        return;
    }
    if (err != OD_OK) {
        end(im, err);
        return;
    }
    if (im->read_all && !im->has_header) {
        end(im, fail_empty(im->engine));
        return;
    }
    if (im->read_all || im->rows_len >= OD__GATHER_ROWS ||
        im->texts_bytes >= OD__GATHER_BYTES) {
        qsort(im->order, im->rows_len, sizeof *im->order, by_phone);
        im->storing = true;
        im->stored = 0;
    }
}

static void count_results(od__import *im, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        switch (im->results[i]) {
        case OD_MEMBER_ADDED:
            im->report.added++;
            break;
        case OD_MEMBER_UPDATED:
            im->report.updated++;
            break;
        case OD_MEMBER_SAME_IMPORT:
            im->report.duplicate_file++;
            break;
        case OD_MEMBER_PRESENT:
            im->report.duplicate_group++;
            break;
        }
    }
}

static void store_some(od__import *im)
{
    od_engine *engine = im->engine;
    size_t len = im->rows_len - im->stored;
    len = len < OD__SLICE_ROWS ? len : OD__SLICE_ROWS;
    for (size_t i = 0; i < len; i++) {
        im->slice[i] = im->rows[im->order[im->stored + i].row];
    }
    od_member_batch batch = {.group = im->group,
                             .import = im->token,
                             .utc_ms = engine->now.utc_ms,
                             .update = im->update,
                             .rows = im->slice,
                             .rows_len = len,
                             .results = im->results};
    od_err err = len == 0 ? OD_OK
                          : OD__STORE(engine, member_put)(engine->store,
                                                          &batch);
    if (err != OD_OK) {
        end(im, od__store_err(engine, err));
        return;
    }
    count_results(im, len);
    im->stored += len;
    if (im->stored < im->rows_len) {
        return;
    }
    im->storing = false;
    im->rows_len = 0;
    im->texts_bytes = 0;
    od__arena_reset(&im->texts);
    if (im->read_all) {
        end(im, OD_OK);
    }
}

/* Progress may be skipped when the host does not read; the end may not. */
static void tell(od__import *im)
{
    od_engine *engine = im->engine;
    if (!od__events_has_room(engine)) {
        engine->events_short = true;
        return;
    }
    od_event *e = od__events_put(engine, OD_EVENT_IMPORT);
    e->u.import.import = im->id;
    e->u.import.bytes = im->report.bytes;
    e->u.import.bytes_total = im->report.bytes_total;
    e->u.import.rows = im->report.rows;
    e->u.import.done = im->report.done;
    e->u.import.err = im->report.err;
    im->told = im->report.done;
    if (od__batch_is_empty(engine->batch)) {
        od__events_show(engine);
    }
}

void od__import_turn(od_engine *engine)
{
    od__import *im = engine->import;
    if (im == NULL || im->told) {
        return;
    }
    od_errmsg step_errmsg = engine->errmsg;
    engine->errmsg.text[0] = '\0';
    bool stored = im->storing;
    if (im->cancelled) {
        end(im, od__engine_fail(engine, OD_ERR_CANCELLED,
                                "the import was cancelled"));
    } else if (im->storing) {
        store_some(im);
    } else if (!im->report.done) {
        read_some(im);
    }
    if (im->csv != NULL) {
        im->report.bytes = od__csv_bytes(im->csv);
    }
    if (stored) {
        od__roster_stale(engine);
    }
    if (stored || im->report.done) {
        tell(im);
    }
    engine->errmsg = step_errmsg;
}

/* -- the public face ---------------------------------------------------------------- */

static od_err open_files(od__import *im, const od_import_options *o)
{
    od_engine *engine = im->engine;
    od_err err = od__csv_open(&im->csv, o->path, &engine->errmsg);
    if (err == OD_OK && o->reject_path != NULL) {
        err = od__csv_create(&im->rejects, o->reject_path, &engine->errmsg);
    }
    if (err == OD_OK && im->rejects != NULL) {
        od__csv_cell(im->rejects, "line", false);
        od__csv_cell(im->rejects, "reason", false);
        od__csv_cell(im->rejects, "text", false);
        od__csv_end_row(im->rejects);
    }
    return err;
}

static od_err take_options(od_engine *engine, const od_import_options *options,
                           od_import_options *out)
{
    if (options == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "options must not be NULL");
    }
    od_err err = od__sized_copy(out, sizeof *out, options,
                                sizeof(od_import_options), "od_import_options",
                                &engine->errmsg);
    if (err == OD_OK) {
        err = od__import_paths_check(engine, out->path, out->reject_path);
    }
    if (err != OD_OK) {
        return err;
    }
    out->country = out->country != NULL ? out->country : engine->country;
    if (strlen(out->country) != 2 || !od__country_is_known(out->country)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "country \"%.16s\" is not an ISO 3166 code of "
                               "two letters",
                               out->country);
    }
    if (out->duplicate != OD_DUPLICATE_SKIP &&
        out->duplicate != OD_DUPLICATE_UPDATE) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "duplicate is %d: 0 and 1 are allowed",
                               (int)out->duplicate);
    }
    return OD_OK;
}

od_err od_import_start(od_engine *engine, od_id group,
                       const od_import_options *options, od_id *out)
{
    od_import_options o;
    od_group row;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = take_options(engine, options, &o);
    if (err == OD_OK) {
        err = od__group_read(engine, group, &row);
    }
    if (err != OD_OK) {
        return err;
    }
    if (od__import_is_running(engine)) {
        return od__engine_fail(engine, OD_ERR_LIMIT,
                               "an import is running: wait for its end");
    }
    od__import_free(engine);
    od__import *im = calloc(1, sizeof *im);
    if (im == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    im->engine = engine;
    engine->import = im;
    im->rows = calloc(OD__GATHER_ROWS, sizeof *im->rows);
    im->order = calloc(OD__GATHER_ROWS, sizeof *im->order);
    err = im->rows == NULL || im->order == NULL
              ? od__engine_fail(engine, OD_ERR_MEMORY, "out of memory")
              : open_files(im, &o);
    if (err == OD_OK) {
        err = read_header(im);
    }
    if (err != OD_OK) {
        od__import_free(engine);
        return err;
    }
    im->id = ++engine->import_id;
    im->token = engine->now.utc_ms * 65536 +
                (int64_t)(od__rand_next(&engine->rand) & 0xffff);
    im->group = group;
    im->update = o.duplicate == OD_DUPLICATE_UPDATE;
    memcpy(im->country, o.country, 3);
    im->report.bytes_total = od__csv_bytes_total(im->csv);
    engine->deadline_ms = engine->now.mono_ms;
    if (out != NULL) {
        *out = im->id;
    }
    return OD_OK;
}

static od_err find(od_engine *engine, od_id import)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (engine->import == NULL || engine->import->id != import) {
        return od__engine_fail(engine, OD_ERR_NOT_FOUND,
                               "import %lld is not the last one",
                               (long long)import);
    }
    return OD_OK;
}

od_err od_import_report_get(od_engine *engine, od_id import,
                            od_import_report *out)
{
    od_err err = find(engine, import);
    if (err == OD_OK && out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    if (err == OD_OK) {
        *out = engine->import->report;
    }
    return err;
}

od_err od_import_cancel(od_engine *engine, od_id import)
{
    od_err err = find(engine, import);
    if (err == OD_OK) {
        engine->import->cancelled = true;
        engine->deadline_ms = engine->now.mono_ms;
    }
    return err;
}
