/*
 * failure.c - what SQLite says, as an od_err and a text with the cure.
 *
 * The only place that reads result codes. The text names the file, because a
 * host may hold several, and what the user can do. Codes that our statements
 * cannot cause on our tables (a broken constraint, a missing column) mean that
 * another program changed the file.
 */
#include "storage/sqlite/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

static od_err fail_system(od_errmsg *errmsg, const char *path, int error,
                          const char *what)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return od__fail(errmsg, OD_ERR_FULL,
                        "%s: the disk is full; free some space", path);
    case EACCES:
    case EPERM:
    case EROFS:
        return od__fail(errmsg, OD_ERR_READONLY,
                        "%s: the file or its folder cannot be written; give "
                        "this user the right to",
                        path);
    case ENOENT:
    case ENOTDIR:
        return od__fail(errmsg, OD_ERR_IO,
                        "%s: %s, its folder does not exist; make it first",
                        path, what);
    default:
        return od__fail(errmsg, OD_ERR_IO, "%s: %s, %s", path, what,
                        error != 0 ? strerror(error)
                                   : "is it a file that others may read?");
    }
}

static bool is_allowed(const char *path, int mode)
{
    return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0;
}

/* Why a file could not be opened, as errno. SQLite tries several ways and
 * keeps the errno of the last. */
static int why_not_open(const char *path, int error)
{
    char folder[OD_PATH_MAX + 3];
    (void)snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL) {
        return error;
    }
    slash[slash == folder ? 1 : 0] = '\0';
    if (!is_allowed(folder, F_OK)) {
        return errno;
    }
    bool is_there = is_allowed(path, F_OK);
    return is_allowed(folder, W_OK) && (!is_there || is_allowed(path, W_OK))
               ? error
               : errno;
}

od_err od__sqlite_fail_at(od_errmsg *errmsg, const char *path, sqlite3 *db,
                          int rc, int64_t busy_ms)
{
    int error = db != NULL ? sqlite3_system_errno(db) : 0;
    const char *text = db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        return od__fail(errmsg, OD_ERR_MEMORY, "%s: out of memory", path);
    case SQLITE_FULL:
        return fail_system(errmsg, path, ENOSPC, text);
    case SQLITE_READONLY:
        if (rc == SQLITE_READONLY_DBMOVED) {
            return od__fail(errmsg, OD_ERR_IO,
                            "%s was moved or removed while it was open; open "
                            "it again",
                            path);
        }
        return fail_system(errmsg, path, EROFS, text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return od__fail(errmsg, OD_ERR_LOCKED,
                        "%s: another program has held it for over %" PRId64
                        " ms; end that program or try again",
                        path, busy_ms);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return od__fail(errmsg, OD_ERR_CORRUPT,
                        "%s is damaged or not a database; take a backup, or "
                        "another path (%s)",
                        path, text);
    case SQLITE_CANTOPEN:
        return fail_system(errmsg, path, why_not_open(path, error),
                           "cannot be opened");
    case SQLITE_IOERR:
        if (rc == SQLITE_IOERR_NOMEM) {
            return od__fail(errmsg, OD_ERR_MEMORY, "%s: out of memory", path);
        }
        return fail_system(errmsg, path, error, "reading or writing failed");
    case SQLITE_ERROR:
    case SQLITE_SCHEMA:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_AUTH:
    case SQLITE_TOOBIG:
        return od__fail(errmsg, OD_ERR_CORRUPT,
                        "%s was changed by another program; take a backup (%s)",
                        path, text);
    default:
        return od__fail(errmsg, OD_ERR_IO, "%s: SQLite failed with %d (%s)",
                        path, rc, text);
    }
}

od_err od__sqlite_fail(od__sqlite *s, int rc)
{
    return od__sqlite_fail_at(&s->errmsg, s->path, s->db, rc, s->hooks.busy_ms);
}

od_err od__sqlite_corrupt(od__sqlite *s, const char *what)
{
    return od__fail(&s->errmsg, OD_ERR_CORRUPT,
                    "%s: a stored value of '%s' makes no sense; take a backup",
                    s->path, what);
}

od_err od__sqlite_memory(od__sqlite *s)
{
    return od__fail(&s->errmsg, OD_ERR_MEMORY, "%s: out of memory", s->path);
}

od_err od__sqlite_no(od__sqlite *s, const char *what, od_id id)
{
    return od__fail(&s->errmsg, OD_ERR_NOT_FOUND, "no %s %" PRId64, what, id);
}

od_err od__sqlite_fail_file(od__sqlite *s, const char *path, int error)
{
    return fail_system(&s->errmsg, path, error, "cannot be opened");
}
