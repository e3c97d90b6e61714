/*
 * import.c - a CSV file becomes contacts of a group, a slice in each step.
 *
 *     read some KB -> check rows -> gather -> sort by phone -> store slices
 *       ^                                                          |
 *       +----------------------------------------------------------+
 *
 * Rows are gathered and sorted in memory because the store's keys begin with
 * the phone: sorted slices are several times as fast. Memory is bounded by
 * GATHER_ROWS and GATHER_BYTES, whatever the file. Each turn either reads or
 * stores one slice, so that the host's loop goes on. What is stored stays; an
 * import that is begun again finds it there.
 */
#include "core/core.h"

#include <stdlib.h>

#define READ_BYTES 131072
#define GATHER_ROWS 65536
#define GATHER_BYTES (32u << 20)
#define SLICE_ROWS 4000

typedef struct place_in_order {
    uint64_t phone;
    uint32_t row;
} place_in_order;

struct od__import {
    od_id id;
    int64_t token;
    od_id group;
    char country[3];
    bool update;
    bool cancelled;
    bool read_all;
    bool told; /* the last event is in the queue */
    od__csv_in *csv;
    od__csv_out *rejects;
    od_import_report report;
    od__columns columns; /* len 0: the header is still to come */
    /* what is gathered */
    od__arena texts;
    size_t texts_bytes;
    size_t rows_len;
    od_member_row *rows;      /* GATHER_ROWS */
    place_in_order *order;    /* GATHER_ROWS */
    /* what is being stored */
    bool storing;
    size_t stored;
    od_err err; /* of a record; ends the import */
    od_member_row slice[SLICE_ROWS];
    od_member_result results[SLICE_ROWS];
    od_engine *engine;
};

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
    od__columns_free(&im->columns);
    od__arena_free(&im->texts);
    free(im->rows);
    free(im->order);
    free(im);
    engine->import = NULL;
}

/* Not from inside a read: the file is closed here. */
static void end(od__import *im, od_err err)
{
    od_errmsg why = im->engine->errmsg;
    if (im->report.done) {
        return;
    }
    /* What was gathered and is not stored was not imported. */
    im->report.rows -= (int64_t)(im->rows_len - im->stored);
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

/* -- one record ----------------------------------------------------------------- */

static void reject(od__import *im, const od__csv_record *record,
                   const char *why)
{
    im->report.rejected++;
    od__rejects_put(im->rejects, record, why);
}

static bool is_blank(const od__csv_record *record)
{
    for (size_t i = 0; i < record->len; i++) {
        if (record->lens[i] > 0) {
            return false;
        }
    }
    return true;
}

static const char *keep(od__import *im, const char *text, bool *full)
{
    size_t len = strlen(text);
    if (len == 0) {
        return "";
    }
    const char *kept = od__arena_text(&im->texts, text, len);
    im->texts_bytes += len + 1;
    *full = *full || kept == NULL;
    return kept;
}

/* Copy a checked row into what is gathered. */
static bool gather(od__import *im, const od_member_row *row)
{
    bool full = false;
    od_member_row *kept = &im->rows[im->rows_len];
    od_contact *c = &kept->contact;
    *kept = *row;
    c->first_name = keep(im, c->first_name, &full);
    c->last_name = keep(im, c->last_name, &full);
    c->email = keep(im, c->email, &full);
    c->company = keep(im, c->company, &full);
    c->notes = keep(im, c->notes, &full);
    c->timezone = keep(im, c->timezone, &full);
    c->state = keep(im, c->state, &full);
    c->zip = keep(im, c->zip, &full);
    if (c->fields_len > 0) {
        od_field *fields =
            od__arena_take(&im->texts, c->fields_len * sizeof *fields);
        im->texts_bytes += c->fields_len * sizeof *fields;
        for (size_t i = 0; fields != NULL && i < c->fields_len; i++) {
            fields[i].name = row->contact.fields[i].name;
            fields[i].value = keep(im, row->contact.fields[i].value, &full);
        }
        full = full || fields == NULL;
        c->fields = fields;
    }
    if (full) {
        return false;
    }
    im->order[im->rows_len] =
        (place_in_order){row->phone, (uint32_t)im->rows_len};
    im->rows_len++;
    return true;
}

static od_err take_record(od__import *im, od__csv_record *record)
{
    od_engine *engine = im->engine;
    od_contact contact;
    od_field fields[OD_FIELDS_MAX];
    od_member_row row;
    im->report.rows++;
    if (record->has_nul || record->too_long) {
        reject(im, record,
               record->has_nul ? "has a NUL byte" : "is too long");
        return OD_OK;
    }
    if (record->len > im->columns.len) {
        reject(im, record, "has more cells than the header");
        return OD_OK;
    }
    od_err err =
        od__columns_spread(engine, &im->columns, record, &contact, fields);
    bool no_phone = err == OD_OK && contact.phone == NULL;
    if (err == OD_OK) {
        err = od__contact_check(engine, &contact, im->country, &row);
    }
    if (err == OD_ERR_INVALID) {
        reject(im, record, no_phone ? "has no phone" : engine->errmsg.text);
        engine->errmsg.text[0] = '\0';
        return OD_OK;
    }
    if (err == OD_OK && !gather(im, &row)) {
        err = od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    return err;
}

static bool on_record(void *ctx, od__csv_record *record)
{
    od__import *im = ctx;
    if (!is_blank(record)) {
        im->err = take_record(im, record);
    }
    return im->err == OD_OK && im->rows_len < GATHER_ROWS &&
           im->texts_bytes < GATHER_BYTES;
}

static bool on_header(void *ctx, od__csv_record *record)
{
    od__import *im = ctx;
    if (is_blank(record)) {
        return true;
    }
    im->err = od__columns_take(im->engine, &im->columns, record);
    return false;
}

/* Read as far as the header. */
static od_err read_header(od__import *im)
{
    bool done = false;
    od_err err = OD_OK;
    while (err == OD_OK && im->columns.len == 0 && !done) {
        err = od__csv_read(im->csv, READ_BYTES, on_header, im, &done,
                           &im->engine->errmsg);
        err = im->err != OD_OK ? im->err : err;
    }
    if (err == OD_OK && im->columns.len == 0) {
        return od__columns_missing(im->engine);
    }
    return err;
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

static void read_some(od__import *im)
{
    od_err err = od__csv_read(im->csv, READ_BYTES, on_record, im,
                              &im->read_all, &im->engine->errmsg);
    err = im->err != OD_OK ? im->err : err;
    if (err != OD_OK) {
        end(im, err);
        return;
    }
    if (im->read_all || im->rows_len >= GATHER_ROWS ||
        im->texts_bytes >= GATHER_BYTES) {
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
    len = len < SLICE_ROWS ? len : SLICE_ROWS;
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
    im->stored = 0;
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
    if (err == OD_OK) {
        err = read_header(im);
    }
    return err == OD_OK
               ? od__rejects_open(engine, o->reject_path, &im->rejects)
               : err;
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
    im->rows = calloc(GATHER_ROWS, sizeof *im->rows);
    im->order = calloc(GATHER_ROWS, sizeof *im->order);
    err = im->rows == NULL || im->order == NULL
              ? od__engine_fail(engine, OD_ERR_MEMORY, "out of memory")
              : open_files(im, &o);
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
