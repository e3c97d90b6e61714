/*
 * sqlite.c - open and free a file, and the table of slots.
 *
 * One connection per storage: it reads, writes and checkpoints. Opening takes
 * these steps: SQLite opens the file; the connection is set up so that a file
 * made by an enemy can run nothing (no triggers, no views, no functions out of
 * the schema) and that every commit is on the disk when it returns; schema.c
 * checks whose file it is and brings it up to date.
 *
 * A path never means more than a file: "./" is put before a relative one, so
 * that neither ":memory:" nor "file:..." is special.
 */
#include "storage/sqlite/sqlite.h"

#include <stdlib.h>
#include <time.h>

#define BUSY_MS 10000
/* Longest value that is read: a prompt and some. */
#define VALUE_BYTES_MAX (OD_MEDIA_BYTES_MAX + 1048576)

/* The cache is small on purpose: a commit that balanced a tree looks at every
 * page of it (pages that are swapped get a number behind all others for a
 * while, and the commit truncates there). */
static const char settings[] = "PRAGMA foreign_keys = ON;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA secure_delete = FAST;"
                               "PRAGMA cache_size = -16384;" /* KiB, at most */
                               "PRAGMA journal_size_limit = 67108864;";

void od__sqlite_pause(void)
{
    struct timespec step = {.tv_nsec = 500000};
    (void)nanosleep(&step, NULL);
}

/* Called again and again while another connection holds the lock. Short even
 * steps: SQLite's own growing ones starve a dialer beside an importer. */
static int on_busy(void *ctx, int calls)
{
    od__sqlite *s = ctx;
    od_now now;
    od_now_read(&now);
    if (calls == 0) {
        s->busy_since_ms = now.mono_ms;
    }
    if (now.mono_ms - s->busy_since_ms >= s->hooks.busy_ms) {
        return 0;
    }
    od__sqlite_pause();
    return 1;
}

static int on_commit(void *ctx, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    od__sqlite *s = ctx;
    s->wal_pages = pages;
    if (pages < s->wal_tried) {
        s->wal_tried = 0; /* the log began anew */
    }
    return SQLITE_OK;
}

static int configure(od__sqlite *s)
{
    (void)sqlite3_extended_result_codes(s->db, 1);
    (void)sqlite3_busy_handler(s->db, on_busy, s);
    (void)sqlite3_wal_hook(s->db, on_commit, s);
    (void)sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
    const int off[] = {SQLITE_DBCONFIG_ENABLE_TRIGGER,
                       SQLITE_DBCONFIG_ENABLE_VIEW,
                       SQLITE_DBCONFIG_TRUSTED_SCHEMA};
    for (size_t i = 0; i < OD__LEN(off); i++) {
        (void)sqlite3_db_config(s->db, off[i], 0, NULL);
    }
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    int rc = sqlite3_exec(s->db, settings, NULL, NULL, NULL);
    if (rc == SQLITE_OK && s->hooks.pages_max > 0) {
        char sql[64];
        (void)snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld",
                       (long long)s->hooks.pages_max);
        rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    }
    return rc;
}

static void sqlite_free(void *ctx)
{
    od__sqlite *s = ctx;
    for (size_t i = 0; i < OD__LEN(s->stmts); i++) {
        (void)sqlite3_finalize(s->stmts[i]);
    }
    (void)sqlite3_close(s->db);
    od__lease_drop(s);
    od__arena_free(&s->arena);
    od__arena_free(&s->judge_arena);
    free(s->bytes);
    free(s->scratch);
    free(s);
}

static const char *sqlite_errmsg(void *ctx)
{
    const od__sqlite *s = ctx;
    return s->errmsg.text;
}

/* Open what is at s->path. */
static od_err open_file(od__sqlite *s)
{
    int rc = sqlite3_open_v2(s->path, &s->db,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                                 SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                             NULL);
    if (rc == SQLITE_OK && sqlite3_db_readonly(s->db, "main") == 1) {
        rc = SQLITE_READONLY;
    }
    if (rc == SQLITE_OK) {
        rc = configure(s);
    }
    return rc == SQLITE_OK ? od__schema_open(s) : od__sqlite_fail(s, rc);
}

od_err od__sqlite_open(od__sqlite **out, const char *path,
                       const od__sqlite_hooks *hooks, od_errmsg *errmsg)
{
    size_t len = path != NULL ? strnlen(path, OD_PATH_MAX + 1) : 0;
    if (out == NULL || len == 0 || len > OD_PATH_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "sqlite: a path of 1 to %d bytes is needed",
                        OD_PATH_MAX);
    }
    od__sqlite *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "%s: out of memory", path);
    }
    s->lease_fd = -1;
    if (hooks != NULL) {
        s->hooks = *hooks;
    }
    if (s->hooks.busy_ms == 0) {
        s->hooks.busy_ms = BUSY_MS;
    }
    (void)snprintf(s->path, sizeof s->path, "%s%s", path[0] == '/' ? "" : "./",
                   path);
    (void)snprintf(s->lease_path, sizeof s->lease_path, "%s-lease", s->path);
    od_err err = open_file(s);
    if (err != OD_OK) {
        if (errmsg != NULL) {
            *errmsg = s->errmsg;
        }
        sqlite_free(s);
        return err;
    }
    *out = s;
    return OD_OK;
}

od_err od_storage_open_sqlite(od_storage **out, const char *path,
                              od_errmsg *errmsg)
{
    if (out == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "sqlite: out is NULL");
    }
    od__sqlite *s;
    od_err err = od__sqlite_open(&s, path, NULL, errmsg);
    if (err != OD_OK) {
        return err;
    }
    err = od_storage_new(out, &od__sqlite_ops, s, errmsg);
    if (err != OD_OK) {
        sqlite_free(s);
    }
    return err;
}

const od_storage_ops od__sqlite_ops = {
    .size = sizeof(od_storage_ops),
    .free = sqlite_free,
    .errmsg = sqlite_errmsg,
    .lease = od__sqlite_lease,
    .epoch = od__sqlite_epoch,
    .maintain = od__sqlite_maintain,
    .backup = od__sqlite_backup,
    .place_put = od__sqlite_place_put,
    .place_scan = od__sqlite_place_scan,
    .group_put = od__sqlite_group_put,
    .group_remove = od__sqlite_group_remove,
    .group_scan = od__sqlite_group_scan,
    .group_validate = od__sqlite_group_validate,
    .group_places = od__sqlite_group_places,
    .member_put = od__sqlite_member_put,
    .member_join = od__sqlite_member_join,
    .member_remove = od__sqlite_member_remove,
    .contact_get = od__sqlite_contact_get,
    .contact_update = od__sqlite_contact_update,
    .contact_scan = od__sqlite_contact_scan,
    .dnc_add = od__sqlite_dnc_add,
    .dnc_remove = od__sqlite_dnc_remove,
    .dnc_check = od__sqlite_dnc_check,
    .dnc_scan = od__sqlite_dnc_scan,
    .consent_add = od__sqlite_consent_add,
    .consent_revoke = od__sqlite_consent_revoke,
    .consent_scan = od__sqlite_consent_scan,
    .campaign_put = od__sqlite_campaign_put,
    .campaign_get = od__sqlite_campaign_get,
    .campaign_scan = od__sqlite_campaign_scan,
    .campaign_cas = od__sqlite_campaign_cas,
    .fill = od__sqlite_fill,
    .refill = od__sqlite_refill,
    .target_scan = od__sqlite_target_scan,
    .target_call_back = od__sqlite_target_call_back,
    .lane_scan = od__sqlite_lane_scan,
    .counters = od__sqlite_counters,
    .candidate = od__sqlite_candidate,
    .exchange = od__sqlite_exchange,
    .flight_scan = od__sqlite_flight_scan,
    .attempt_scan = od__sqlite_attempt_scan,
    .message_scan = od__sqlite_message_scan,
    .message_find = od__sqlite_message_find,
    .message_last = od__sqlite_message_last,
    .message_overdue = od__sqlite_message_overdue,
    .reply_scan = od__sqlite_reply_scan,
    .reply_get = od__sqlite_reply_get,
    .reply_owed = od__sqlite_reply_owed,
    .reply_opt_out = od__sqlite_reply_opt_out,
    .answer_scan = od__sqlite_answer_scan,
    .result_scan = od__sqlite_result_scan,
    .asset_put = od__sqlite_asset_put,
    .asset_get = od__sqlite_asset_get,
    .asset_scan = od__sqlite_asset_scan,
    .asset_remove = od__sqlite_asset_remove,
    .ledger_scan = od__sqlite_ledger_scan,
    .ledger_add = od__sqlite_ledger_add,
    .person_erase = od__sqlite_person_erase,
};
