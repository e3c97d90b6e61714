/*
 * rows.c - lists: columns for people, JSON Lines for programs.
 *
 * A command names its columns once and puts values; which of the two forms is
 * written is decided here alone. Rows are written as they come, so a list may
 * be longer than memory.
 */
#include "cli.h"

#include <string.h>

static void put_cell(cli_rows *rows, const cli_column *column,
                     const char *value)
{
    if (column->width == 0) {
        return;
    }
    if (rows->cells++ > 0) {
        (void)fputs("  ", stdout);
    }
    cli_text_put(stdout, value, column->width == CLI_REST ? 0 : column->width);
}

static void put_title(cli_rows *rows, const cli_column *column)
{
    char title[64];
    (void)snprintf(title, sizeof title, "%s", column->name);
    for (char *at = title; *at != '\0'; at++) {
        *at = *at == '_' ? ' ' : *at;
    }
    put_cell(rows, column, title);
}

static void end_line(cli_rows *rows)
{
    (void)fputc('\n', stdout);
    rows->cells = 0;
}

void cli_rows_begin(cli_rows *rows, const cli *c, const cli_column *columns)
{
    memset(rows, 0, sizeof *rows);
    rows->columns = columns;
    rows->is_json = c->json;
    rows->json.to = stdout;
    if (rows->is_json) {
        return;
    }
    for (const cli_column *column = columns; column->name; column++) {
        put_title(rows, column);
    }
    end_line(rows);
}

/* The column that is due; opens the object before the first. */
static const cli_column *next(cli_rows *rows)
{
    if (rows->at == 0 && rows->is_json) {
        cli_json_open(&rows->json, NULL, '{');
    }
    return &rows->columns[rows->at++];
}

void cli_rows_text(cli_rows *rows, const char *value)
{
    const cli_column *column = next(rows);
    if (rows->is_json) {
        cli_json_text(&rows->json, column->name, value);
    } else {
        put_cell(rows, column, value);
    }
}

void cli_rows_int(cli_rows *rows, int64_t value)
{
    const cli_column *column = next(rows);
    char text[24];
    if (rows->is_json) {
        cli_json_int(&rows->json, column->name, value);
    } else {
        (void)snprintf(text, sizeof text, "%" PRId64, value);
        put_cell(rows, column, text);
    }
}

void cli_rows_bool(cli_rows *rows, bool value)
{
    const cli_column *column = next(rows);
    if (rows->is_json) {
        cli_json_bool(&rows->json, column->name, value);
    } else {
        put_cell(rows, column, value ? "yes" : "no");
    }
}

void cli_rows_time(cli_rows *rows, int64_t utc_ms)
{
    const cli_column *column = next(rows);
    char text[CLI_TIME_SIZE];
    if (rows->is_json) {
        cli_json_time(&rows->json, column->name, utc_ms);
    } else {
        cli_time_text(utc_ms, text);
        put_cell(rows, column, text);
    }
}

void cli_rows_span(cli_rows *rows, int64_t ms)
{
    const cli_column *column = next(rows);
    char text[CLI_TIME_SIZE];
    if (rows->is_json) {
        cli_json_int(&rows->json, column->name, ms);
    } else {
        cli_span_text(ms, text);
        put_cell(rows, column, text);
    }
}

void cli_rows_end(cli_rows *rows)
{
    if (rows->is_json) {
        cli_json_close(&rows->json, '}');
        cli_json_line(&rows->json);
    } else {
        end_line(rows);
    }
    rows->at = 0;
}
