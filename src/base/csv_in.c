/*
 * csv_in.c - records out of a CSV file, piece by piece, in constant memory.
 *
 * libcsv takes the cells apart; this file reads, counts lines, bounds memory
 * and puts the cells of a record together. Bytes go to libcsv one physical
 * line at a time, so each call completes at most one record and the reader
 * can stop behind any of them:
 *
 *   buffer  [ consumed | line \n | line \n | line ...        ]
 *                      ^ pos       ^ lf                      ^ len
 *
 * What counts as what, in files that people make:
 * - LF, CRLF and lone CR end a line; a blank line is no record.
 * - Spaces and tabs around a bare cell are taken off, those in quotes stay.
 * - A quote inside a bare cell is a character; one inside a quoted cell that
 *   is neither doubled nor before a comma or the end is one as well.
 * - A quote that is never closed is an error, after all records before it.
 * - Over the limits a record is handed out cut and marked, and reading goes
 *   on behind it.
 *
 * Invariants: between records nothing is kept in libcsv; its cell, all that is
 * allocated after od__csv_open, never grows beyond CELL_MAX and one buffer.
 */
#include "base/base.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES 65536
#define CELLS_MAX 512
#define CELL_MAX 65536
#define RECORD_MAX 1048576
#define RAW_MAX 1000
#define NOT_SOUGHT SIZE_MAX

struct od__csv_in {
    struct csv_parser parser;
    int fd;
    bool is_open_record; /* libcsv holds the beginning of one */
    bool is_after_cr;    /* the last byte ended a line; LF belongs to it */
    bool is_file_read;
    bool is_done;
    bool is_stopped; /* by on_record */
    bool buffer_has_nul;
    bool may_have_nul;  /* a piece of this record's bytes had one */
    int64_t line;       /* of the byte at pos */
    int64_t quote_line; /* where the cell began that libcsv is in */
    int64_t bytes;      /* of the file, before the buffer */
    int64_t bytes_total;
    size_t pos;
    size_t len;
    size_t lf;         /* next LF at or behind pos, len if none */
    size_t cells_seen; /* of this record, also beyond CELLS_MAX */
    size_t text_len;   /* used of text */
    od__csv_record record;
    od__csv_on_record on_record;
    void *ctx;
    char *path;
    char *cells[CELLS_MAX];
    size_t lens[CELLS_MAX];
    char raw[RAW_MAX + 1];
    char text[RECORD_MAX + CELLS_MAX]; /* cells, each with its NUL */
    char buffer[BUFFER_BYTES];
};

/* == putting a record together ============================================ */

static void on_cell(void *bytes, size_t len, void *ctx)
{
    od__csv_in *csv = ctx;
    csv->cells_seen++;
    size_t room = RECORD_MAX + CELLS_MAX - csv->text_len;
    if (csv->record.len == CELLS_MAX || room == 0) {
        csv->record.too_long = true;
        return;
    }
    if (len > CELL_MAX || len > room - 1) {
        csv->record.too_long = true;
        len = len > CELL_MAX ? CELL_MAX : len;
        len = len > room - 1 ? room - 1 : len;
    }
    char *cell = csv->text + csv->text_len;
    memcpy(cell, bytes, len);
    cell[len] = '\0';
    if (csv->may_have_nul && memchr(cell, '\0', len) != NULL) {
        csv->record.has_nul = true;
    }
    csv->cells[csv->record.len] = cell;
    csv->lens[csv->record.len] = len;
    csv->record.len++;
    csv->text_len += len + 1;
}

/* The cells lie in text one behind the other: a copy of its beginning, with
 * commas in place of the NULs between, is the raw text. */
static void make_raw(od__csv_in *csv)
{
    size_t len = csv->text_len > 0 ? csv->text_len - 1 : 0;
    bool is_cut = len > RAW_MAX;
    len = is_cut ? RAW_MAX : len;
    memcpy(csv->raw, csv->text, len);
    size_t at = 0;
    for (size_t i = 0; i < csv->record.len; i++) {
        at += csv->lens[i];
        if (at >= len) {
            break;
        }
        csv->raw[at] = ',';
        at++;
    }
    if (csv->record.has_nul) {
        for (char *c = memchr(csv->raw, '\0', len); c != NULL;
             c = memchr(c, '\0', len - (size_t)(c - csv->raw))) {
            *c = '?';
        }
    }
    /* Cut between characters: a UTF-8 one has three bytes behind its first. */
    for (size_t i = 0; is_cut && i < 3 && len > 0; i++) {
        if (((unsigned char)csv->text[len] & 0xc0) != 0x80) {
            break;
        }
        len--;
    }
    csv->raw[len] = '\0';
}

static void begin_record(od__csv_in *csv)
{
    csv->record.len = 0;
    csv->record.line = csv->line;
    csv->record.has_nul = false;
    csv->record.too_long = false;
    csv->quote_line = csv->line;
    csv->may_have_nul = false;
    csv->cells_seen = 0;
    csv->text_len = 0;
    csv->is_open_record = true;
}

static void on_end(int terminator, void *ctx)
{
    (void)terminator;
    od__csv_in *csv = ctx;
    make_raw(csv);
    csv->is_open_record = false;
    if (!csv->on_record(csv->ctx, &csv->record)) {
        csv->is_stopped = true;
    }
}

/* == reading ============================================================== */

/* A cell that is over the limit keeps its beginning. libcsv takes the spaces
 * and the quote at its end off again, so these stay counted. */
static void bound_cell(od__csv_in *csv)
{
    if (csv->parser.entry_pos > CELL_MAX) {
        csv->record.too_long = true;
        csv->parser.entry_pos = CELL_MAX;
        csv->parser.spaces = csv->parser.spaces > 0 ? 1 : 0;
    }
}

/* Count the line that the byte at `end - 1` ends, if it ends one. */
static void count_line(od__csv_in *csv, size_t end)
{
    char last = csv->buffer[end - 1];
    if (last == '\r' || (last == '\n' && !csv->is_after_cr)) {
        csv->line++;
    }
    csv->is_after_cr = last == '\r';
}

/* Step over blank lines and the spaces before a record. */
static void skip_blank(od__csv_in *csv)
{
    while (csv->pos < csv->len) {
        char c = csv->buffer[csv->pos];
        if (c != '\n' && c != '\r' && c != ' ' && c != '\t') {
            return;
        }
        csv->pos++;
        count_line(csv, csv->pos);
    }
}

/* Behind the next line end, or the end of what is there. */
static size_t find_line_end(od__csv_in *csv)
{
    if (csv->lf == NOT_SOUGHT || csv->lf < csv->pos) {
        const char *lf =
            memchr(csv->buffer + csv->pos, '\n', csv->len - csv->pos);
        csv->lf = lf != NULL ? (size_t)(lf - csv->buffer) : csv->len;
    }
    const char *cr = memchr(csv->buffer + csv->pos, '\r', csv->lf - csv->pos);
    if (cr != NULL) {
        return (size_t)(cr - csv->buffer) + 1;
    }
    return csv->lf < csv->len ? csv->lf + 1 : csv->len;
}

/* Hand libcsv the rest of the present line. */
static od_err feed_line(od__csv_in *csv, od_errmsg *errmsg)
{
    if (!csv->is_open_record) {
        skip_blank(csv);
        if (csv->pos == csv->len) {
            return OD_OK;
        }
        begin_record(csv);
    }
    csv->may_have_nul = csv->may_have_nul || csv->buffer_has_nul;
    size_t end = find_line_end(csv);
    size_t cells_before = csv->cells_seen;
    size_t fed = csv_parse(&csv->parser, csv->buffer + csv->pos, end - csv->pos,
                           on_cell, on_end, csv);
    if (fed != end - csv->pos) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for %s", csv->path);
    }
    if (csv->is_open_record && csv->cells_seen != cells_before) {
        csv->quote_line = csv->line;
    }
    bound_cell(csv);
    csv->pos = end;
    count_line(csv, end);
    return OD_OK;
}

static od_err fill_buffer(od__csv_in *csv, od_errmsg *errmsg)
{
    csv->bytes += (int64_t)csv->len;
    csv->pos = 0;
    csv->len = 0;
    csv->lf = NOT_SOUGHT;
    while (csv->len < BUFFER_BYTES && !csv->is_file_read) {
        ssize_t got =
            read(csv->fd, csv->buffer + csv->len, BUFFER_BYTES - csv->len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return od__fail(errmsg, OD_ERR_IO, "cannot read %s: %s", csv->path,
                            strerror(errno));
        }
        csv->is_file_read = got == 0;
        csv->len += (size_t)got;
    }
    if (csv->bytes == 0 && csv->len >= 3 &&
        memcmp(csv->buffer, "\xef\xbb\xbf", 3) == 0) {
        csv->pos = 3;
    }
    csv->buffer_has_nul = memchr(csv->buffer, '\0', csv->len) != NULL;
    return OD_OK;
}

/* The file has ended, perhaps without a line end. */
static od_err finish(od__csv_in *csv, od_errmsg *errmsg)
{
    if (csv->is_open_record) {
        (void)csv_set_opts(&csv->parser, CSV_STRICT | CSV_STRICT_FINI);
        if (csv_fini(&csv->parser, on_cell, on_end, csv) != 0) {
            return od__fail(errmsg, OD_ERR_FORMAT,
                            "%s: the quote of line %lld is never closed",
                            csv->path, (long long)csv->quote_line);
        }
    }
    csv->is_done = true;
    return OD_OK;
}

od_err od__csv_read(od__csv_in *csv, size_t bytes, od__csv_on_record on_record,
                    void *ctx, bool *done, od_errmsg *errmsg)
{
    csv->on_record = on_record;
    csv->ctx = ctx;
    csv->is_stopped = false;
    int64_t until = od__csv_bytes(csv) + (int64_t)bytes;
    while (!csv->is_done && !csv->is_stopped && od__csv_bytes(csv) < until) {
        od_err err;
        if (csv->pos < csv->len) {
            err = feed_line(csv, errmsg);
        } else if (!csv->is_file_read) {
            err = fill_buffer(csv, errmsg);
        } else {
            err = finish(csv, errmsg);
        }
        if (err != OD_OK) {
            return err;
        }
    }
    *done = csv->is_done;
    return OD_OK;
}

/* == open and close ======================================================= */

od_err od__csv_open(od__csv_in **out, const char *path, od_errmsg *errmsg)
{
    od__csv_in *csv = calloc(1, sizeof *csv);
    char *path_copy = strdup(path);
    if (csv == NULL || path_copy == NULL) {
        free(csv);
        free(path_copy);
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for %s", path);
    }
    csv->path = path_copy;
    csv->fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (csv->fd < 0 || fstat(csv->fd, &info) != 0) {
        od_err err = od__fail(errmsg, OD_ERR_IO, "cannot open %s: %s", path,
                              strerror(errno));
        od__csv_close(csv);
        return err;
    }
    if (S_ISDIR(info.st_mode)) {
        od__csv_close(csv);
        return od__fail(errmsg, OD_ERR_IO, "cannot read %s: %s", path,
                        strerror(EISDIR));
    }
    csv->bytes_total = S_ISREG(info.st_mode) ? (int64_t)info.st_size : 0;
    csv->line = 1;
    csv->lf = NOT_SOUGHT;
    csv->record.cells = csv->cells;
    csv->record.lens = csv->lens;
    csv->record.raw = csv->raw;
    (void)csv_init(&csv->parser, 0);
    csv_set_blk_size(&csv->parser, CELL_MAX);
    *out = csv;
    return OD_OK;
}

int64_t od__csv_bytes(const od__csv_in *csv)
{
    return csv->bytes + (int64_t)csv->pos;
}

int64_t od__csv_bytes_total(const od__csv_in *csv)
{
    return csv->bytes_total;
}

void od__csv_close(od__csv_in *csv)
{
    if (csv != NULL) {
        if (csv->fd >= 0) {
            (void)close(csv->fd);
        }
        csv_free(&csv->parser);
        free(csv->path);
        free(csv);
    }
}
