/*
 * csv_out.c - rows into a CSV file, which out.c makes appear whole or not at
 * all.
 *
 * Cells are quoted where csv_in.c would read something else otherwise. Rows
 * end with LF.
 *
 * Source: RFC 4180; OWASP, "CSV Injection" (the first characters of formulas).
 */
#include "base/base.h"

#include <inttypes.h>
#include <stdlib.h>

struct od__csv_out {
    od__out *out;
    size_t row_cells;
    bool is_lone_empty; /* the row is one empty cell so far */
};

od_err od__csv_create(od__csv_out **out, const char *path, od_errmsg *errmsg)
{
    od__csv_out *csv = calloc(1, sizeof *csv);
    if (csv == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for %s", path);
    }
    od_err err = od__out_create(&csv->out, path, errmsg);
    if (err != OD_OK) {
        free(csv);
        return err;
    }
    *out = csv;
    return OD_OK;
}

od_err od__csv_done(od__csv_out *csv, od_errmsg *errmsg)
{
    od_err err = od__out_done(csv->out, errmsg);
    free(csv);
    return err;
}

void od__csv_discard(od__csv_out *csv)
{
    if (csv != NULL) {
        od__out_discard(csv->out);
        free(csv);
    }
}

/* == cells ================================================================ */

static void put_quoted(od__csv_out *csv, const char *text)
{
    for (;;) {
        const char *quote = strchr(text, '"');
        if (quote == NULL) {
            break;
        }
        od__out_put(csv->out, text, (size_t)(quote - text) + 1);
        od__out_text(csv->out, "\"");
        text = quote + 1;
    }
    od__out_text(csv->out, text);
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
        od__out_text(csv->out, ",");
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
        od__out_text(csv->out, "\"");
    }
    if (guard && is_formula(text)) {
        od__out_text(csv->out, "'");
    }
    if (quoted) {
        put_quoted(csv, text);
        od__out_text(csv->out, "\"");
    } else {
        od__out_put(csv->out, text, len);
    }
}

void od__csv_number(od__csv_out *csv, int64_t number)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%" PRId64, number);
    begin_cell(csv);
    csv->is_lone_empty = false;
    od__out_put(csv->out, text, (size_t)len);
}

void od__csv_end_row(od__csv_out *csv)
{
    if (csv->is_lone_empty) {
        od__out_text(csv->out, "\"\""); /* an empty line is no row */
    }
    od__out_text(csv->out, "\n");
    csv->row_cells = 0;
    csv->is_lone_empty = false;
}

const char *od__csv_unguard(const char *text)
{
    return text[0] == '\'' && is_formula(text) ? text + 1 : text;
}
