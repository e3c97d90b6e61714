/*
 * out.c - a file that appears whole or not at all.
 *
 * Bytes go to a file beside the wanted one. od__out_done syncs it and renames
 * it into place, so a reader never sees half of it, who has the old file open
 * keeps it, and a failure leaves the old one as it was. The first failure is
 * kept until then; what is put after it is dropped.
 *
 * Called by csv_out.c, by the registry and by the ledger's extracts.
 */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES 65536
#define NAMES_MAX 16 /* other files of this process on their way to a path */

struct od__out {
    int fd;
    int failed; /* errno of the first write that failed, or 0 */
    uint64_t at;
    size_t len;
    char *path;
    char *part_path;
    uint8_t buffer[BUFFER_BYTES];
};

static od_err fail_io(od_errmsg *errmsg, int error, const char *path)
{
    bool full = error == ENOSPC || error == EDQUOT;
    return od__fail(errmsg, full ? OD_ERR_FULL : OD_ERR_IO,
                    "cannot write %s: %s", path, strerror(error));
}

/* Open a new file beside out->path. 0 or errno. */
static int open_part(od__out *out, size_t part_size)
{
    for (int n = 0; n < NAMES_MAX; n++) {
        (void)snprintf(out->part_path, part_size, "%s.part-%ld-%d", out->path,
                       (long)getpid(), n);
        out->fd =
            open(out->part_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (out->fd >= 0) {
            return 0;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    return errno;
}

static void free_out(od__out *out)
{
    free(out->path);
    free(out->part_path);
    free(out);
}

od_err od__out_create(od__out **out, const char *path, od_errmsg *errmsg)
{
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) {
        /* Renaming would put a file in the place of a device or pipe. */
        return od__fail(errmsg, OD_ERR_INVALID, "%s is not a regular file",
                        path);
    }
    od__out *made = malloc(sizeof *made);
    if (made == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for %s", path);
    }
    made->fd = -1;
    made->failed = 0;
    made->at = 0;
    made->len = 0;
    size_t part_size = strlen(path) + 48; /* and two numbers */
    made->path = strdup(path);
    made->part_path = malloc(part_size);
    if (made->path == NULL || made->part_path == NULL) {
        free_out(made);
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for %s", path);
    }
    int error = open_part(made, part_size);
    if (error != 0) {
        free_out(made);
        return fail_io(errmsg, error, path);
    }
    *out = made;
    return OD_OK;
}

static void write_at(od__out *out, uint64_t at, const uint8_t *bytes,
                     size_t len)
{
    while (len > 0 && out->failed == 0) {
        ssize_t written = pwrite(out->fd, bytes, len, (off_t)at);
        if (written >= 0) {
            at += (uint64_t)written;
            bytes += written;
            len -= (size_t)written;
        } else if (errno != EINTR) {
            out->failed = errno;
        }
    }
}

static void flush(od__out *out)
{
    write_at(out, out->at, out->buffer, out->len);
    out->at += out->len;
    out->len = 0;
}

void od__out_put(od__out *out, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;
    while (len > 0) {
        if (out->len == BUFFER_BYTES) {
            flush(out);
        }
        size_t room = BUFFER_BYTES - out->len;
        size_t part = len < room ? len : room;
        memcpy(out->buffer + out->len, from, part);
        out->len += part;
        from += part;
        len -= part;
    }
}

void od__out_text(od__out *out, const char *text)
{
    od__out_put(out, text, strlen(text));
}

void od__out_skip(od__out *out, size_t len)
{
    flush(out);
    out->at += len;
}

void od__out_fill(od__out *out, size_t at, const void *bytes, size_t len)
{
    write_at(out, at, bytes, len);
}

/* Make a rename last. Some file systems cannot; the file is whole anyway. */
static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL   ? strdup(".")
                   : slash == path ? strdup("/")
                                   : strndup(path, (size_t)(slash - path));
    int fd =
        folder != NULL ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
    free(folder);
}

od_err od__out_done(od__out *out, od_errmsg *errmsg)
{
    flush(out);
    if (out->failed == 0 && fsync(out->fd) != 0) {
        out->failed = errno;
    }
    if (close(out->fd) != 0 && out->failed == 0) {
        out->failed = errno;
    }
    if (out->failed == 0 && rename(out->part_path, out->path) != 0) {
        out->failed = errno;
    }
    od_err err = OD_OK;
    if (out->failed == 0) {
        sync_folder(out->path);
    } else {
        err = fail_io(errmsg, out->failed, out->path);
        (void)unlink(out->part_path);
    }
    free_out(out);
    return err;
}

void od__out_discard(od__out *out)
{
    if (out != NULL) {
        (void)close(out->fd);
        (void)unlink(out->part_path);
        free_out(out);
    }
}
