/*
 * lease.c - the right to dial, and the right to checkpoint.
 *
 * The authority is a lock of the operating system on a file beside the
 * database, "<path>-lease": byte 0 for dialing, byte 1 for a checkpoint. The
 * locks belong to the open file description: they fall when its process ends,
 * however it ends, and nobody needs to guess from a heartbeat who is alive.
 * (A child that is forked and executes nothing holds them on; one that
 * executes another program does not.) The row in `lease` only says to others
 * who it is. The file stays when the lease falls: removing it would let two
 * hold one each.
 */
#include "storage/sqlite/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BYTE_DIAL = 0, BYTE_CHECKPOINT = 1 };

/* == locks ================================================================ */

static bool set_lock(int fd, short type, off_t byte)
{
    struct flock lock = {
        .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

/* Whoever may write the database may lock. */
static bool open_file(od__sqlite *s)
{
    if (s->lease_fd < 0) {
        struct stat info;
        mode_t mode = stat(s->path, &info) == 0 ? (info.st_mode & 0666) : 0600;
        s->lease_fd = open(s->lease_path,
                           O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
    }
    return s->lease_fd >= 0;
}

/* Is the file that is locked the one that others find? */
static bool is_in_place(const od__sqlite *s)
{
    struct stat ours;
    struct stat theirs;
    return fstat(s->lease_fd, &ours) == 0 &&
           stat(s->lease_path, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
           ours.st_ino == theirs.st_ino;
}

void od__lease_drop(od__sqlite *s)
{
    if (s->lease_fd >= 0) {
        (void)close(s->lease_fd);
    }
    s->lease_fd = -1;
    s->leased = false;
}

bool od__lease_checkpoint_lock(od__sqlite *s)
{
    return open_file(s) && set_lock(s->lease_fd, F_WRLCK, BYTE_CHECKPOINT);
}

void od__lease_checkpoint_unlock(od__sqlite *s)
{
    (void)set_lock(s->lease_fd, F_UNLCK, BYTE_CHECKPOINT);
}

/* == the row ============================================================== */

static od_err write_row(od__sqlite *s, const char *owner, const od_now *now)
{
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        od__query query = OD__QUERY(s, OD__SQL_LEASE_SET, getpid(),
                                    s->lease_since_ms, now->utc_ms);
        od__query_text(&query, owner);
        err = od__query_run(&query);
    }
    return od__sqlite_finish(s, err);
}

static void write_time(char *out, size_t out_size, int64_t utc_ms)
{
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm tm;
    if (gmtime_r(&seconds, &tm) == NULL ||
        strftime(out, out_size, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0) {
        (void)snprintf(out, out_size, "an unknown time");
    }
}

/* Somebody else has it: say who. */
static od_err fail_held(od__sqlite *s)
{
    const char *owner = "";
    int64_t pid = 0;
    int64_t since_ms = 0;
    od__query query = od__query_new(s, OD__SQL_LEASE_GET, NULL, 0);
    if (od__query_next(&query)) {
        pid = od__row_i64(&query, 0, INT32_MAX);
        since_ms = od__row_i64(&query, INT64_MIN, INT64_MAX);
        owner = od__row_text(&query, OD_NAME_MAX);
    }
    od_err err = od__query_end(&query);
    if (err != OD_OK) {
        return err;
    }
    if (pid == 0) {
        return od__fail(&s->errmsg, OD_ERR_LOCKED,
                        "%s: another process is about to dial from it",
                        s->path);
    }
    char since[64];
    write_time(since, sizeof since, since_ms);
    return od__fail(&s->errmsg, OD_ERR_LOCKED,
                    "%s: dialing is held by %s (process %lld) since %s; stop "
                    "it first",
                    s->path, owner, (long long)pid, since);
}

od_err od__sqlite_lease(void *ctx, const char *owner, const od_now *now)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    if (s->leased && !is_in_place(s)) {
        od__lease_drop(s);
    }
    if (s->leased) {
        return write_row(s, owner, now);
    }
    if (!open_file(s)) {
        return od__sqlite_fail_file(s, s->lease_path, errno);
    }
    if (!set_lock(s->lease_fd, F_WRLCK, BYTE_DIAL)) {
        return errno == EAGAIN || errno == EACCES
                   ? fail_held(s)
                   : od__sqlite_fail_file(s, s->lease_path, errno);
    }
    s->lease_since_ms = now->utc_ms;
    od_err err = write_row(s, owner, now);
    s->leased = err == OD_OK;
    if (!s->leased) {
        (void)set_lock(s->lease_fd, F_UNLCK, BYTE_DIAL);
    }
    return err;
}
