/*
 * csv_out.c - rows into a CSV file that appears whole or not at all.
 *
 * Rows go to a file beside the wanted one. od__csv_done syncs it and renames
 * it into place, so a reader never sees half of it and a failed export leaves
 * the old file as it was. The first failure is kept until then; what is
 * written after it is dropped.
 *
 * Cells are quoted where csv_in.c would read something else otherwise. Rows
 * end with LF.
 *
 * Source: RFC 4180; OWASP, "CSV Injection" (the first characters of formulas).
 */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES 65536
#define NAMES_MAX 16 /* other exports of this process to the same path */

struct od__csv_out {
    int fd;
    int failed; /* errno of the first write that failed, or 0 */
    size_t row_cells;
    bool is_lone_empty; /* the row is one empty cell so far */
    size_t len;
    char *path;
    char *part_path;
    char buffer[BUFFER_BYTES];
};

/* == the file ============================================================= */

static od_err fail_io(od_errmsg *errmsg, int error, const char *path)
{
    bool full = error == ENOSPC || error == EDQUOT;
    return od__fail(errmsg, full ? OD_ERR_FULL : OD_ERR_IO,
                    "cannot write %s: %s", path, strerror(error));
}

/* Open a new file beside csv->path. 0 or errno. */
static int open_part(od__csv_out *csv, size_t part_size)
{
    for (int n = 0; n < NAMES_MAX; n++) {
        (void)snprintf(csv->part_path, part_size, "%s.part-%ld-%d", csv->path,
                       (long)getpid(), n);
        csv->fd =
            open(csv->part_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (csv->fd >= 0) {
            return 0;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    return errno;
}

static void free_csv(od__csv_out *csv)
{
    if (csv != NULL) {
        free(csv->path);
        free(csv->part_path);
        free(csv);
    }
}

od_err od__csv_create(od__csv_out **out, const char *path, od_errmsg *errmsg)
{
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) {
        /* Renaming would put a file in the place of a device or pipe. */
        return od__fail(errmsg, OD_ERR_INVALID, "%s is not a regular file",
                        path);
    }
    od__csv_out *csv = malloc(sizeof *csv);
    if (csv == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for %s", path);
    }
    csv->fd = -1;
    csv->failed = 0;
    csv->row_cells = 0;
    csv->is_lone_empty = false;
    csv->len = 0;
    size_t part_size = strlen(path) + 48; /* and two numbers */
    csv->path = strdup(path);
    csv->part_path = malloc(part_size);
    if (csv->path == NULL || csv->part_path == NULL) {
        free_csv(csv);
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for %s", path);
    }
    int error = open_part(csv, part_size);
    if (error != 0) {
        free_csv(csv);
        return fail_io(errmsg, error, path);
    }
    *out = csv;
    return OD_OK;
}

static void flush(od__csv_out *csv)
{
    size_t at = 0;
    while (at < csv->len && csv->failed == 0) {
        ssize_t written = write(csv->fd, csv->buffer + at, csv->len - at);
        if (written >= 0) {
            at += (size_t)written;
        } else if (errno != EINTR) {
            csv->failed = errno;
        }
    }
    csv->len = 0;
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

od_err od__csv_done(od__csv_out *csv, od_errmsg *errmsg)
{
    flush(csv);
    if (csv->failed == 0 && fsync(csv->fd) != 0) {
        csv->failed = errno;
    }
    if (close(csv->fd) != 0 && csv->failed == 0) {
        csv->failed = errno;
    }
    if (csv->failed == 0 && rename(csv->part_path, csv->path) != 0) {
        csv->failed = errno;
    }
    od_err err = OD_OK;
    if (csv->failed == 0) {
        sync_folder(csv->path);
    } else {
        err = fail_io(errmsg, csv->failed, csv->path);
        (void)unlink(csv->part_path);
    }
    free_csv(csv);
    return err;
}

void od__csv_discard(od__csv_out *csv)
{
    if (csv != NULL) {
        (void)close(csv->fd);
        (void)unlink(csv->part_path);
        free_csv(csv);
    }
}

/* == cells ================================================================ */

static void put_bytes(od__csv_out *csv, const char *bytes, size_t len)
{
    while (len > 0) {
        if (csv->len == BUFFER_BYTES) {
            flush(csv);
        }
        size_t room = BUFFER_BYTES - csv->len;
        size_t part = len < room ? len : room;
        memcpy(csv->buffer + csv->len, bytes, part);
        csv->len += part;
        bytes += part;
        len -= part;
    }
}

static void put_quoted(od__csv_out *csv, const char *text)
{
    for (;;) {
        const char *quote = strchr(text, '"');
        if (quote == NULL) {
            break;
        }
        put_bytes(csv, text, (size_t)(quote - text) + 1);
        put_bytes(csv, "\"", 1);
        text = quote + 1;
    }
    put_bytes(csv, text, strlen(text));
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static bool needs_quotes(const char *text, size_t len)
{
    /* A reader takes spaces off the ends of a bare cell. */
    return len > 0 && (is_space(text[0]) || is_space(text[len - 1]) ||
                       strcspn(text, ",\"\r\n") < len);
}

/* Would a spreadsheet run it, once its apostrophes are gone? Counting all of
 * them makes od__csv_unguard the exact reverse. */
static bool is_formula(const char *text)
{
    text += strspn(text, "'");
    return *text != '\0' && strchr("=+-@\t\r\n", *text) != NULL;
}

static void begin_cell(od__csv_out *csv)
{
    if (csv->row_cells > 0) {
        put_bytes(csv, ",", 1);
    }
    csv->row_cells++;
}

void od__csv_cell(od__csv_out *csv, const char *text, bool guard)
{
    text = text != NULL ? text : "";
    size_t len = strlen(text);
    begin_cell(csv);
    csv->is_lone_empty = csv->row_cells == 1 && len == 0;
    bool quoted = needs_quotes(text, len);
    if (quoted) {
        put_bytes(csv, "\"", 1);
    }
    if (guard && is_formula(text)) {
        put_bytes(csv, "'", 1);
    }
    if (quoted) {
        put_quoted(csv, text);
        put_bytes(csv, "\"", 1);
    } else {
        put_bytes(csv, text, len);
    }
}

void od__csv_number(od__csv_out *csv, int64_t number)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%" PRId64, number);
    begin_cell(csv);
    csv->is_lone_empty = false;
    put_bytes(csv, text, (size_t)len);
}

void od__csv_end_row(od__csv_out *csv)
{
    if (csv->is_lone_empty) {
        put_bytes(csv, "\"\"", 2); /* an empty line is no row */
    }
    put_bytes(csv, "\n", 1);
    csv->row_cells = 0;
    csv->is_lone_empty = false;
}

void od__csv_raw(od__csv_out *csv, const char *text)
{
    put_bytes(csv, text, strlen(text));
}

const char *od__csv_unguard(const char *text)
{
    return text[0] == '\'' && is_formula(text) ? text + 1 : text;
}
