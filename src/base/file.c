/*
 * file.c - a whole file in memory, and whether two names are one file.
 *
 * For sounds and surveys, which are small. What grows without bound is read
 * piece by piece by csv_in.c.
 */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Fill `bytes` until it is full or the file ends. False: errno says why. */
static bool read_all(int fd, uint8_t *bytes, size_t bytes_max, size_t *len)
{
    size_t at = 0;
    while (at < bytes_max) {
        ssize_t got = read(fd, bytes + at, bytes_max - at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return false;
        }
        if (got == 0) {
            break;
        }
        at += (size_t)got;
    }
    *len = at;
    return true;
}

static od_err read_open_file(int fd, const char *path, size_t bytes_max,
                             uint8_t **bytes, size_t *len, od_errmsg *errmsg)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return od__fail(errmsg, OD_ERR_IO, "cannot read %s: %s", path,
                        strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        return od__fail(errmsg, OD_ERR_INVALID, "%s is not a regular file",
                        path);
    }
    if ((uint64_t)info.st_size > bytes_max) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "%s has %lld bytes, more than %zu", path,
                        (long long)info.st_size, bytes_max);
    }
    /* One byte more than its size shows that it grew meanwhile. */
    size_t room = (size_t)info.st_size + 1;
    uint8_t *buffer = malloc(room);
    if (buffer == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for %s", path);
    }
    size_t got = 0;
    if (!read_all(fd, buffer, room, &got)) {
        od_err err = od__fail(errmsg, OD_ERR_IO, "cannot read %s: %s", path,
                              strerror(errno));
        free(buffer);
        return err;
    }
    if (got == room) {
        free(buffer);
        return od__fail(errmsg, OD_ERR_IO, "%s grows while it is read", path);
    }
    *bytes = buffer;
    *len = got;
    return OD_OK;
}

od_err od__file_read(const char *path, size_t bytes_max, uint8_t **bytes,
                     size_t *len, od_errmsg *errmsg)
{
    /* Opening a pipe must not wait for its writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return od__fail(errmsg, OD_ERR_IO, "cannot open %s: %s", path,
                        strerror(errno));
    }
    od_err err = read_open_file(fd, path, bytes_max, bytes, len, errmsg);
    (void)close(fd);
    return err;
}

bool od__file_is_same(const char *a, const char *b)
{
    struct stat x;
    struct stat y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}
