/*
 * upkeep.c - change counter, checkpoint, backup.
 *
 * Checkpoints are ours, not SQLite's: a commit should not wait for one unless
 * the log has grown out of hand. They obey two rules that keep clear of the
 * "WAL reset" defect of SQLite 3.7.0 to 3.51.2 (a checkpoint of a log that is
 * copied in full already, while another connection begins it anew): one
 * process at a time, under a lock; and only behind a commit of our own, so
 * that there is always something left to copy.
 *
 * There is no PRAGMA optimize: every statement finds its rows by a key without
 * statistics, and with those of a table that was small once it may not.
 */
#include "storage/sqlite/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Worth a checkpoint between two steps: 4 MB. */
#define MAINTAIN_PAGES 1000

/* == change counter ======================================================= */

od_err od__sqlite_epoch(void *ctx, int64_t *out)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    int64_t version = 0;
    od__query query = od__query_new(s, OD__SQL_DATA_VERSION, NULL, 0);
    if (od__query_next(&query)) {
        version = od__row_i64(&query, INT64_MIN, INT64_MAX);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        *out = version;
    }
    return err;
}

/* == checkpoint =========================================================== */

/* A small commit, so that the log is not copied in full. */
static od_err mark(od__sqlite *s)
{
    od_err err = od__sqlite_run(s, OD__SQL_BEGIN, NULL, 0);
    if (err == OD_OK) {
        od__query query = OD__QUERY(s, OD__SQL_META_SET, s->wal_pages);
        od__query_text(&query, "checkpoint");
        err = od__query_run(&query);
    }
    if (err == OD_OK) {
        err = od__sqlite_run(s, OD__SQL_COMMIT, NULL, 0);
    }
    if (err != OD_OK && !sqlite3_get_autocommit(s->db)) {
        (void)od__sqlite_run(s, OD__SQL_ROLLBACK, NULL, 0);
    }
    return err;
}

/* What fails here fails nobody: the log stays, and the next one tries. */
void od__sqlite_checkpoint(od__sqlite *s, int pages_min)
{
    if (s->wal_pages - s->wal_tried < pages_min ||
        !od__lease_checkpoint_lock(s)) {
        return;
    }
    od_errmsg errmsg = s->errmsg;
    if (mark(s) == OD_OK) {
        (void)sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE,
                                        NULL, NULL);
    }
    s->wal_tried = s->wal_pages;
    s->errmsg = errmsg;
    od__lease_checkpoint_unlock(s);
}

od_err od__sqlite_maintain(void *ctx, const od_now *now)
{
    (void)now;
    od__sqlite_checkpoint(od__sqlite_enter(ctx), MAINTAIN_PAGES);
    return OD_OK;
}

/* == backup =============================================================== */

/* Copy through a connection of its own: the writer goes on meanwhile. */
static od_err copy_into(od__sqlite *s, const char *path)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_open_v2(s->path, &db,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                                 SQLITE_OPEN_EXRESCODE,
                             NULL);
    if (rc == SQLITE_OK) {
        (void)sqlite3_busy_timeout(db, (int)s->hooks.busy_ms);
        rc = sqlite3_prepare_v2(db, "VACUUM INTO ?1", -1, &stmt, NULL);
    }
    if (rc == SQLITE_OK) {
        (void)sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC);
        rc = sqlite3_step(stmt);
        rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
    }
    od_err err = rc == SQLITE_OK ? OD_OK
                                 : od__sqlite_fail_at(&s->errmsg, path, db, rc,
                                                      s->hooks.busy_ms);
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
    return err;
}

/* A file or folder, to the disk. */
static bool sync_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;
    int error = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    errno = error;
    return done;
}

static bool sync_folder_of(const char *path)
{
    char folder[OD_PATH_MAX + 3];
    (void)snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    slash[slash == folder ? 1 : 0] = '\0';
    return sync_path(folder);
}

od_err od__sqlite_backup(void *ctx, const char *path)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    char target[OD_PATH_MAX + 3];
    int len = snprintf(target, sizeof target, "%s%s",
                       path[0] == '/' ? "" : "./", path);
    if (path[0] == '\0' || len >= (int)sizeof target) {
        return od__fail(&s->errmsg, OD_ERR_INVALID,
                        "backup: a path of 1 to %d bytes is needed",
                        OD_PATH_MAX);
    }
    /* Make it here, empty: then it is ours, and SQLite takes it. */
    int fd = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno == EEXIST
                   ? od__fail(&s->errmsg, OD_ERR_EXISTS,
                              "%s is there already; choose another path",
                              target)
                   : od__sqlite_fail_file(s, target, errno);
    }
    (void)close(fd);
    od_err err = copy_into(s, target);
    if (err == OD_OK && (!sync_path(target) || !sync_folder_of(target))) {
        err = od__sqlite_fail_file(s, target, errno);
    }
    if (err != OD_OK) {
        (void)unlink(target);
    }
    return err;
}
