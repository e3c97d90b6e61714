/*
 * build.c - texts, and perhaps a base, into a new registry file.
 *
 * Everything that could make a list silently too short is refused instead: a
 * text without one good line (another format, a wrong column), a base that is
 * damaged, of another name or newer than the changes. Single bad lines are
 * counted, the first of them is kept in the file, and all can be had as CSV.
 */
#include "registry/registry.h"

#include <stdlib.h>

#define REJECT_TEXT 200

typedef struct build {
    od_registry_build_options options;
    od__registry_columns columns;
    od__registry_header header;
    od__registry_bitmap bitmap;
    od__hash *hash;
    od__csv_out *rejects; /* NULL: nowhere */
    int32_t path_at;      /* text that is read */
    const char *why;      /* of the first line that it rejects; NULL: none */
    bool no_memory;
} build;

/* == options ============================================================== */

static od_err check_path(const char *path, const char *what, od_errmsg *errmsg)
{
    size_t len = strlen(path);
    if (len == 0 || len > OD_PATH_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID, "%s has %zu bytes, not 1 to %d",
                        what, len, OD_PATH_MAX);
    }
    return OD_OK;
}

static od_err check_paths(const od_registry_build_options *o, od_errmsg *errmsg)
{
    if (o->paths == NULL || o->paths_len < 1 ||
        o->paths_len > OD_REGISTRY_PATHS_MAX) {
        return od__fail(
            errmsg, OD_ERR_INVALID, "paths_len is %zu, not 1 to %d texts",
            o->paths != NULL ? o->paths_len : 0, OD_REGISTRY_PATHS_MAX);
    }
    if (o->out_path == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "out_path is NULL");
    }
    od_err err = check_path(o->out_path, "out_path", errmsg);
    if (err == OD_OK && o->base_path != NULL) {
        err = check_path(o->base_path, "base_path", errmsg);
    }
    if (err == OD_OK && o->reject_path != NULL) {
        err = check_path(o->reject_path, "reject_path", errmsg);
    }
    for (size_t i = 0; err == OD_OK && i < o->paths_len; i++) {
        err = o->paths[i] != NULL
                  ? check_path(o->paths[i], "a path", errmsg)
                  : od__fail(errmsg, OD_ERR_INVALID, "paths[%zu] is NULL", i);
    }
    return err;
}

static bool is_same(const char *a, const char *b)
{
    return a != NULL && b != NULL &&
           (strcmp(a, b) == 0 || od__file_is_same(a, b));
}

/* What is written must not be what is read. */
static od_err check_distinct(const od_registry_build_options *o,
                             od_errmsg *errmsg)
{
    const char *twice = NULL;
    if (is_same(o->reject_path, o->out_path) ||
        is_same(o->reject_path, o->base_path)) {
        twice = o->reject_path;
    }
    for (size_t i = 0; i < o->paths_len; i++) {
        if (is_same(o->paths[i], o->out_path) ||
            is_same(o->paths[i], o->reject_path)) {
            twice = o->paths[i];
        }
    }
    return twice == NULL ? OD_OK
                         : od__fail(errmsg, OD_ERR_INVALID,
                                    "%s is to be read and written, or to hold "
                                    "two things",
                                    twice);
}

static od_err check_options(const od_registry_build_options *o,
                            od_errmsg *errmsg)
{
    od_err err = check_paths(o, errmsg);
    if (err != OD_OK) {
        return err;
    }
    if (o->name == NULL && o->base_path == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "name is NULL");
    }
    if (o->name != NULL && !od__registry_name_is_valid(o->name)) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "name \"%.40s\" is not 1 to %d of a-z 0-9 . -", o->name,
                        OD_REGISTRY_NAME_MAX);
    }
    if (o->obtained_utc_ms <= 0) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "obtained_utc_ms is %lld, not over 0",
                        (long long)o->obtained_utc_ms);
    }
    if (o->column_phone < 0) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "column_phone is %d, not 1 and up", o->column_phone);
    }
    if (o->column_action < OD_NONE ||
        (o->column_action > 0 && o->base_path == NULL)) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        o->column_action < OD_NONE
                            ? "column_action is %d, not 1 and up"
                            : "column_action is %d without a base_path to "
                              "change",
                        o->column_action);
    }
    return check_distinct(o, errmsg);
}

/* == the base ============================================================= */

static od_err check_base(const build *b, const od_registry_info *base,
                         od_errmsg *errmsg)
{
    const od_registry_build_options *o = &b->options;
    if (o->name != NULL && strcmp(o->name, base->name) != 0) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "name is \"%s\", but %s holds \"%s\"", o->name,
                        o->base_path, base->name);
    }
    if (o->obtained_utc_ms < base->obtained_utc_ms) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "the texts were obtained before %s was", o->base_path);
    }
    return OD_OK;
}

static od_err load_base(build *b, od_errmsg *errmsg)
{
    od__registry *base = NULL;
    od_registry_info *info = &b->header.info;
    od_err err = od__registry_open(&base, b->options.base_path, errmsg);
    if (err == OD_OK) {
        err = check_base(b, od__registry_info(base), errmsg);
    }
    if (err == OD_OK) {
        err = od__registry_check(base, errmsg);
    }
    if (err == OD_OK) {
        const od_registry_info *from = od__registry_info(base);
        od__text_copy(info->name, sizeof info->name, from->name);
        memcpy(info->base_sha256, from->sha256, sizeof info->base_sha256);
        info->whole |= from->whole;
        err = od__registry_bitmap_load(&b->bitmap, base, errmsg);
    }
    od__registry_free(base);
    return err;
}

/* == the texts ============================================================ */

static void reject(build *b, int64_t number, const char *line, size_t len,
                   const char *why)
{
    od_registry_info *info = &b->header.info;
    b->why = b->why == NULL ? why : b->why;
    info->rejected++;
    if (info->rejected == 1) {
        info->first_reject_line = number;
        info->first_reject_path = b->path_at;
        od__text_copy(info->first_reject_why, sizeof info->first_reject_why,
                      why);
    }
    if (b->rejects != NULL) {
        char text[REJECT_TEXT + 1];
        len = len < REJECT_TEXT ? len : REJECT_TEXT;
        for (size_t i = 0; i < len; i++) {
            text[i] = line[i];
            if (line[i] == '\0') {
                text[i] = '?';
            }
        }
        text[len] = '\0';
        od__csv_cell(b->rejects, b->options.paths[b->path_at], true);
        od__csv_number(b->rejects, number);
        od__csv_cell(b->rejects, why, true);
        od__csv_cell(b->rejects, text, true);
        od__csv_end_row(b->rejects);
    }
}

static void on_line(void *ctx, int64_t number, const char *line, size_t len)
{
    build *b = ctx;
    od_registry_info *info = &b->header.info;
    od__registry_change change;
    info->text_lines++;
    const char *why = od__registry_line_parse(line, len, &b->columns, &change);
    if (why != NULL) {
        reject(b, number, line, len, why);
        return;
    }
    if (change.action == 'D') {
        bool was = od__registry_bitmap_remove(&b->bitmap, change.number);
        info->removed += was ? 1 : 0;
        info->absent += was ? 0 : 1;
        return;
    }
    bool changed = false;
    if (!od__registry_bitmap_add(&b->bitmap, change.number, &changed)) {
        b->no_memory = true;
    }
    info->added += changed ? 1 : 0;
    info->present += changed ? 0 : 1;
    if (change.action == ' ') {
        b->bitmap.listed[change.number.area] = true;
    }
}

static od_err read_text(build *b, const char *path, od_errmsg *errmsg)
{
    const od_registry_info *info = &b->header.info;
    int64_t lines = info->text_lines;
    int64_t rejected = info->rejected;
    b->why = NULL;
    od_err err = od__registry_text_read(path, b->hash, on_line, b, errmsg);
    if (err != OD_OK) {
        return err;
    }
    if (b->no_memory) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for the numbers");
    }
    lines = info->text_lines - lines;
    if (lines > 0 && lines == info->rejected - rejected) {
        return od__fail(errmsg, OD_ERR_FORMAT,
                        "%s has no good line; the first bad one %s", path,
                        b->why);
    }
    return OD_OK;
}

static od_err read_texts(build *b, od_errmsg *errmsg)
{
    const od_registry_build_options *o = &b->options;
    b->hash = od__hash_new();
    if (b->hash == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a hash");
    }
    for (size_t i = 0; i < o->paths_len; i++) {
        b->path_at = (int32_t)i;
        od_err err = read_text(b, o->paths[i], errmsg);
        if (err != OD_OK) {
            return err;
        }
    }
    od__hash_end(b->hash, b->header.info.source_sha256);
    if (o->base_path == NULL && b->header.info.text_lines == 0) {
        return od__fail(errmsg, OD_ERR_FORMAT, "%s has no line", o->paths[0]);
    }
    return OD_OK;
}

/* == all of it ============================================================ */

static od_err open_rejects(build *b, od_errmsg *errmsg)
{
    if (b->options.reject_path == NULL) {
        return OD_OK;
    }
    od_err err = od__csv_create(&b->rejects, b->options.reject_path, errmsg);
    if (err == OD_OK) {
        static const char *const columns[] = {"file", "line", "reason", "text"};
        for (size_t i = 0; i < OD__LEN(columns); i++) {
            od__csv_cell(b->rejects, columns[i], false);
        }
        od__csv_end_row(b->rejects);
    }
    return err;
}

/* The rejected lines are of use after a failure too, the first of all. */
static od_err close_rejects(build *b, od_err err, od_errmsg *errmsg)
{
    if (b->rejects == NULL) {
        return err;
    }
    od_err closed = od__csv_done(b->rejects, err == OD_OK ? errmsg : NULL);
    b->rejects = NULL;
    return err == OD_OK ? closed : err;
}

static od_err run(build *b, od_errmsg *errmsg)
{
    od_registry_info *info = &b->header.info;
    const od_registry_build_options *o = &b->options;
    od_now now;
    od_now_read(&now);
    info->obtained_utc_ms = o->obtained_utc_ms;
    info->built_utc_ms = now.utc_ms;
    info->whole = o->whole;
    b->columns.phone = o->column_phone > 0 ? o->column_phone : 1;
    b->columns.action = o->base_path != NULL ? o->column_action : OD_NONE;
    if (o->name != NULL) {
        od__text_copy(info->name, sizeof info->name, o->name);
    }
    od_err err = o->base_path != NULL ? load_base(b, errmsg) : OD_OK;
    if (err == OD_OK) {
        err = open_rejects(b, errmsg);
    }
    if (err == OD_OK) {
        err = close_rejects(b, read_texts(b, errmsg), errmsg);
    }
    if (err == OD_OK) {
        err = od__registry_bitmap_write(&b->bitmap, o->out_path, &b->header,
                                        errmsg);
    }
    return err;
}

od_err od_registry_build(const od_registry_build_options *options,
                         od_registry_info *out, od_errmsg *errmsg)
{
    od_err err = OD_OK;
    if (options == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "options is NULL");
    }
    build *b = calloc(1, sizeof *b);
    if (b == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a build");
    }
    err =
        od__sized_copy(&b->options, sizeof b->options, options,
                       sizeof b->options, "od_registry_build_options", errmsg);
    if (err == OD_OK) {
        err = check_options(&b->options, errmsg);
    }
    if (err == OD_OK) {
        err = run(b, errmsg);
    }
    if (err == OD_OK && out != NULL) {
        *out = b->header.info;
    }
    od__hash_free(b->hash);
    od__registry_bitmap_free(&b->bitmap);
    free(b);
    return err;
}
