/*
 * ledger_extract.c - the ledger as files: rows as they are, or what they say
 * of calls.
 *
 * Files are written beside their place and renamed into it. Every row is on a
 * line of its own whatever its payload: what no engine has written stands as a
 * text, and whoever checks the chain finds it.
 */
#include "core/core.h"

#include <inttypes.h>

#define OPTIONS_SIZE_MIN sizeof(od_ledger_extract_options)

/* An extract under way. */
typedef struct extract {
    const char *path;
    int32_t format;
    od__calls_wanted wanted; /* rows or calls */
    od__about about;
    od__out *file; /* of rows */
} extract;

/* -- JSON Lines ----------------------------------------------------------- */

/* A payload that is no object of ours, as a JSON text. */
static od_err write_as_text(od_engine *engine, const char *payload,
                            od__out *file)
{
    /* A character takes six at most. */
    size_t size = payload != NULL ? strlen(payload) * 6 + 3 : 3;
    char *text = od__alloc(&engine->allocator, size);
    od__writer writer;
    if (text == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    od__writer_init(&writer, text, size);
    od__write_json(&writer, payload);
    od__out_text(file, text);
    od__free(&engine->allocator, text);
    return OD_OK;
}

static void write_head(const od_ledger_row *row, od__out *file)
{
    char head[384];
    char salt[33];
    char digest[65];
    char hash[65];
    od__hex(row->salt, sizeof row->salt, salt);
    od__hex(row->digest, sizeof row->digest, digest);
    od__hex(row->hash, sizeof row->hash, hash);
    (void)snprintf(head, sizeof head,
                   "{\"seq\":%" PRId64 ",\"utc_ms\":%" PRId64
                   ",\"kind\":\"%s\",\"subject\":%" PRId64
                   ",\"salt\":%s%s%s,\"digest\":\"%s\",\"hash\":\"%s\""
                   ",\"payload\":",
                   row->seq, row->utc_ms, od_ledger_kind_name(row->kind),
                   row->subject, row->erased ? "" : "\"",
                   row->erased ? "null" : salt, row->erased ? "" : "\"", digest,
                   hash);
    od__out_text(file, head);
}

static od_err write_row(od_engine *engine, void *ctx, const od_ledger_row *row)
{
    extract *x = ctx;
    od__payload payload;
    bool wanted = false;
    od_err err = od__about_row(engine, &x->about, row, &wanted);
    if (err != OD_OK || !wanted || row->utc_ms < x->wanted.since_utc_ms ||
        (x->wanted.until_utc_ms != 0 &&
         row->utc_ms >= x->wanted.until_utc_ms)) {
        return err;
    }
    write_head(row, x->file);
    if (row->erased) {
        od__out_text(x->file, "null");
    } else if (od__payload_read(row->payload, &payload)) {
        od__out_text(x->file, row->payload);
    } else {
        err = write_as_text(engine, row->payload, x->file);
    }
    od__out_text(x->file, "}\n");
    return err;
}

static od_err write_rows(od_engine *engine, extract *x)
{
    od_err err = od__out_create(&x->file, x->path, &engine->errmsg);
    if (err != OD_OK) {
        return err;
    }
    od__about_init(engine, x->wanted.phone, x->wanted.campaign, &x->about);
    err = od__ledger_each(engine, 0, INT64_MAX, write_row, x);
    od__about_free(&x->about);
    if (err != OD_OK) {
        od__out_discard(x->file);
        return err;
    }
    return od__out_done(x->file, &engine->errmsg);
}

/* -- CSV ------------------------------------------------------------------ */

static od_err write_calls(od_engine *engine, const extract *x)
{
    od__csv_out *file = NULL;
    od_err err = od__csv_create(&file, x->path, &engine->errmsg);
    if (err != OD_OK) {
        return err;
    }
    err = od__ledger_calls(engine, &x->wanted, file);
    if (err != OD_OK) {
        od__csv_discard(file);
        return err;
    }
    return od__csv_done(file, &engine->errmsg);
}

/* -- options -------------------------------------------------------------- */

static od_err take_options(od_engine *engine,
                           const od_ledger_extract_options *options,
                           extract *out)
{
    od_ledger_extract_options o;
    od_err err = od__sized_copy(&o, sizeof o, options, OPTIONS_SIZE_MIN,
                                "od_ledger_extract_options", &engine->errmsg);
    if (err != OD_OK) {
        return err;
    }
    if (o.path == NULL || o.path[0] == '\0' || strlen(o.path) > OD_PATH_MAX) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "path must have 1 to %d bytes", OD_PATH_MAX);
    }
    if (o.format != OD_LEDGER_JSON_LINES && o.format != OD_LEDGER_CALLS_CSV) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "format %d is not known", (int)o.format);
    }
    if (o.campaign < 0 || o.since_utc_ms < 0 || o.until_utc_ms < 0) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "campaign %" PRId64 ", since %" PRId64
                               ", until %" PRId64 ": none may be negative",
                               o.campaign, o.since_utc_ms, o.until_utc_ms);
    }
    *out = (extract){.path = o.path,
                     .format = o.format,
                     .wanted = {.campaign = o.campaign,
                                .since_utc_ms = o.since_utc_ms,
                                .until_utc_ms = o.until_utc_ms}};
    return o.phone != NULL && o.phone[0] != '\0'
               ? od__phone_check(engine, o.phone, NULL, &out->wanted.phone)
               : OD_OK;
}

od_err od_ledger_extract(od_engine *engine,
                         const od_ledger_extract_options *options)
{
    extract x;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (options == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "options must not be NULL");
    }
    od_err err = take_options(engine, options, &x);
    if (err != OD_OK) {
        return err;
    }
    return x.format == OD_LEDGER_JSON_LINES ? write_rows(engine, &x)
                                            : write_calls(engine, &x);
}

od_err od_ledger_export(od_engine *engine, const char *path)
{
    od_ledger_extract_options options;
    od_ledger_extract_options_init(&options);
    options.path = path;
    return od_ledger_extract(engine, &options);
}
