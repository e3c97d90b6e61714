/*
 * registries.c - registry files that an engine has in use.
 *
 * A file is opened and checked when it is attached, and again, by its path,
 * when another was renamed into its place; the old one is kept until the new
 * one is known to be good. Taking a file into use is in the ledger, with the
 * hash that names it. decide.c asks; it reads mapped memory only.
 *
 * Files belong to the process: every engine that dials is told of them by its
 * host. What is not attached is missing, and a rule that needs it allows no
 * call.
 */
#include "core/core.h"

#include "registry/registry.h"

#define FILES_MAX 16
#define DAY_MS INT64_C(86400000)

typedef struct registry_file {
    od__registry *file;
    char path[OD_PATH_MAX + 1];
} registry_file;

struct od__registries {
    size_t len;
    registry_file rows[FILES_MAX];
};

/* Index of a name; FILES_MAX: not in use. */
static size_t index_of(const od__registries *all, const char *name)
{
    for (size_t i = 0; all != NULL && i < all->len; i++) {
        if (strcmp(od__registry_info(all->rows[i].file)->name, name) == 0) {
            return i;
        }
    }
    return FILES_MAX;
}

static const od__registry *find(const od__registries *all, const char *name)
{
    size_t at = index_of(all, name);
    return at < FILES_MAX ? all->rows[at].file : NULL;
}

/* == asking ================================================================ */

od__registry_answer od__registries_ask(const od__registries *registries,
                                       const char *name, int32_t age_days_max,
                                       uint64_t phone, int64_t utc_ms)
{
    const od__registry *file = find(registries, name);
    if (file == NULL) {
        return OD__REGISTRY_MISSING;
    }
    int64_t age_ms = utc_ms - od__registry_info(file)->obtained_utc_ms;
    /* One that was obtained later is not one that was asked before. */
    if (age_ms < 0 || age_ms > age_days_max * DAY_MS) {
        return OD__REGISTRY_OLD;
    }
    if (od__registry_has(file, phone)) {
        return OD__REGISTRY_LISTED;
    }
    return od__registry_covers(file, phone) ? OD__REGISTRY_CLEAR
                                            : OD__REGISTRY_UNCOVERED;
}

int64_t od__registries_obtained(const od__registries *registries,
                                const char *name)
{
    const od__registry *file = find(registries, name);
    return file != NULL ? od__registry_info(file)->obtained_utc_ms : 0;
}

void od__registries_tell(const od__registries *registries, const char *name,
                         char *out, size_t out_size)
{
    const od__registry *file = find(registries, name);
    od__writer w;
    char hash[65];
    od__writer_init(&w, out, out_size);
    if (file == NULL) {
        return;
    }
    const od_registry_info *info = od__registry_info(file);
    od__hex(info->sha256, 8, hash); /* as many digits as tell files apart */
    od__write(&w, "%s %lld %s", info->name, (long long)info->obtained_utc_ms,
              hash);
}

/* == taking into use ======================================================= */

static od_err record(od_engine *engine, const char *change,
                     const od_registry_info *info)
{
    char text[OD__PAYLOAD_SIZE];
    char hash[65];
    char source[65];
    od__writer payload;
    od_ledger_entry entry;
    od__hex(info->sha256, sizeof info->sha256, hash);
    od__hex(info->source_sha256, sizeof info->source_sha256, source);
    od__writer_init(&payload, text, sizeof text);
    od__write(&payload,
              "{\"change\":\"%s\",\"name\":\"%s\",\"obtained_utc_ms\":%lld,"
              "\"count\":%lld,\"areas\":%d,\"whole\":%s,\"sha256\":\"%s\","
              "\"source_sha256\":\"%s\"}",
              change, info->name, (long long)info->obtained_utc_ms,
              (long long)info->count, (int)info->areas,
              info->whole ? "true" : "false", hash, source);
    od__ledger_entry(engine, &entry, OD_LEDGER_REGISTRY, 0, text);
    return od__store_err(engine, OD__STORE(engine, ledger_add)(engine->store,
                                                               &entry));
}

/* Another file judges otherwise: what was blocked is judged anew. */
static od_err judge_anew(od_engine *engine)
{
    return engine->transport != NULL ? od__law_judge_anew(engine) : OD_OK;
}

static od_err put(od_engine *engine, od__registry *file, const char *path)
{
    od__registries *all = engine->registries;
    const od_registry_info *info = od__registry_info(file);
    size_t at = index_of(all, info->name);
    if (at == FILES_MAX && all->len == FILES_MAX) {
        return od__engine_fail(engine, OD_ERR_LIMIT,
                               "%d registry files are in use: detach one first",
                               FILES_MAX);
    }
    od_err err = record(engine, "attach", info);
    if (err != OD_OK) {
        return err;
    }
    if (at < FILES_MAX) {
        od__registry_free(all->rows[at].file);
    } else {
        at = all->len++;
    }
    all->rows[at].file = file;
    od__text_copy(all->rows[at].path, sizeof all->rows[at].path, path);
    return OD_OK;
}

od_err od_registry_attach(od_engine *engine, const char *path)
{
    od__registry *file = NULL;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    size_t len = path != NULL ? strnlen(path, OD_PATH_MAX + 1) : 0;
    if (len == 0 || len > OD_PATH_MAX) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "the path of a registry file has 1 to %d bytes",
                               OD_PATH_MAX);
    }
    if (engine->registries == NULL) {
        engine->registries =
            od__alloc(&engine->allocator, sizeof *engine->registries);
    }
    if (engine->registries == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    od_err err = od__registry_open(&file, path, &engine->errmsg);
    if (err != OD_OK) {
        return err;
    }
    err = put(engine, file, path);
    if (err != OD_OK) {
        od__registry_free(file);
        return err;
    }
    return judge_anew(engine);
}

od_err od_registry_detach(od_engine *engine, const char *name)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od__registries *all = engine->registries;
    size_t at = name != NULL ? index_of(all, name) : FILES_MAX;
    if (at == FILES_MAX) {
        return od__engine_fail(engine, OD_ERR_NOT_FOUND,
                               "no registry file called \"%s\" is in use",
                               name != NULL ? name : "");
    }
    od_err err = record(engine, "detach",
                        od__registry_info(all->rows[at].file));
    if (err != OD_OK) {
        return err;
    }
    od__registry_free(all->rows[at].file);
    all->rows[at] = all->rows[--all->len];
    return judge_anew(engine);
}

od_err od_registries_list(od_engine *engine, size_t after,
                          od_registry_info *rows, size_t rows_max,
                          size_t *count)
{
    od_err err = od__list_check(engine, 0, rows, rows_max, count);
    if (err != OD_OK) {
        return err;
    }
    const od__registries *all = engine->registries;
    size_t len = 0;
    while (all != NULL && len < rows_max && after < all->len) {
        rows[len++] = *od__registry_info(all->rows[after++].file);
    }
    *count = len;
    return OD_OK;
}

void od__registries_refresh(od_engine *engine)
{
    od__registries *all = engine->registries;
    for (size_t i = 0; all != NULL && i < all->len; i++) {
        registry_file *row = &all->rows[i];
        od__registry *file = NULL;
        if (!od__registry_changed(row->file) ||
            od__registry_open(&file, row->path, NULL) != OD_OK) {
            continue; /* the old one stays until a good one is there */
        }
        if (strcmp(od__registry_info(file)->name,
                   od__registry_info(row->file)->name) != 0 ||
            record(engine, "swap", od__registry_info(file)) != OD_OK) {
            od__registry_free(file);
            continue;
        }
        od__registry_free(row->file);
        row->file = file;
        (void)judge_anew(engine); /* what fails is told by the next commit */
    }
}

void od__registries_free(od_engine *engine)
{
    od__registries *all = engine->registries;
    for (size_t i = 0; all != NULL && i < all->len; i++) {
        od__registry_free(all->rows[i].file);
    }
    od__free(&engine->allocator, all);
    engine->registries = NULL;
}
