/*
 * text.c - lines out of a text file, in constant memory.
 *
 * Plainer than base/csv_in.c and an order of magnitude faster, as a registry's
 * text has no quotes and no cells that span lines. Anything that can be read
 * to its end will do, also a pipe from `unzip -p`.
 */
#include "registry/registry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define BUFFER_BYTES 1048576u

typedef struct reader {
    int fd;
    const char *path;
    od__hash *hash;
    od__registry_on_line on_line;
    void *ctx;
    int64_t line;
    size_t len; /* in the buffer */
    bool ended;
    char buffer[BUFFER_BYTES];
} reader;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void hand_out(reader *r, const char *line, size_t len)
{
    r->line++;
    if (r->line == 1 && len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
        line += 3; /* byte order mark */
        len -= 3;
    }
    if (len > OD__REGISTRY_LINE_MAX) {
        len = OD__REGISTRY_LINE_MAX + 1;
    } else {
        while (len > 0 && is_blank(line[len - 1])) {
            len--;
        }
        while (len > 0 && is_blank(line[0])) {
            line++;
            len--;
        }
    }
    if (len > 0) {
        r->on_line(r->ctx, r->line, line, len);
    }
}

/* Hand out the lines of the buffer that are complete; keep the rest. */
static void hand_out_lines(reader *r)
{
    const char *at = r->buffer;
    const char *end = r->buffer + r->len;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL) {
            break;
        }
        hand_out(r, at, (size_t)(stop - at));
        at = stop + 1;
    }
    r->len = (size_t)(end - at);
    memmove(r->buffer, at, r->len);
    if (r->ended && r->len > 0) {
        hand_out(r, r->buffer, r->len);
        r->len = 0;
    } else if (r->len > OD__REGISTRY_LINE_MAX) {
        /* Too long whatever comes: its beginning is all that is shown. */
        r->len = OD__REGISTRY_LINE_MAX + 1;
    }
}

static od_err read_lines(reader *r, od_errmsg *errmsg)
{
    while (!r->ended) {
        ssize_t got =
            read(r->fd, r->buffer + r->len, sizeof r->buffer - r->len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return od__fail(errmsg, OD_ERR_IO, "cannot read %s: %s", r->path,
                            strerror(errno));
        }
        od__hash_add(r->hash, r->buffer + r->len, (size_t)got);
        r->len += (size_t)got;
        r->ended = got == 0;
        hand_out_lines(r);
    }
    return OD_OK;
}

od_err od__registry_text_read(const char *path, od__hash *hash,
                              od__registry_on_line on_line, void *ctx,
                              od_errmsg *errmsg)
{
    reader *r = malloc(sizeof *r);
    if (r == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory to read %s", path);
    }
    r->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0) {
        od_err err = od__fail(errmsg, OD_ERR_IO, "cannot open %s: %s", path,
                              strerror(errno));
        free(r);
        return err;
    }
    r->path = path;
    r->hash = hash;
    r->on_line = on_line;
    r->ctx = ctx;
    r->line = 0;
    r->len = 0;
    r->ended = false;
    od_err err = read_lines(r, errmsg);
    (void)close(r->fd);
    free(r);
    return err;
}
