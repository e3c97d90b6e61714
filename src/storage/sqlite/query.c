/*
 * query.c - a statement in use, and the checked reading of its rows.
 *
 * Statements are prepared when they are first used and kept. A query borrows
 * one: from new to end it is nobody else's, afterwards it is reset and its
 * parameters are cleared, so that no memory of a caller is kept.
 */
#include "storage/sqlite/sqlite.h"

#include <assert.h>

od__query od__query_new(od__sqlite *s, od__sql sql, const int64_t *values,
                        size_t len)
{
    od__query query = {.s = s, .err = OD_OK};
    if (s->stmts[sql] == NULL) {
        int rc =
            sqlite3_prepare_v3(s->db, od__sql_text(sql), -1,
                               SQLITE_PREPARE_PERSISTENT, &s->stmts[sql], NULL);
        if (rc != SQLITE_OK) {
            query.err = od__sqlite_fail(s, rc);
            return query;
        }
    }
    query.stmt = s->stmts[sql];
    assert(!sqlite3_stmt_busy(query.stmt));
    for (size_t i = 0; i < len; i++) {
        od__query_i64(&query, values[i]);
    }
    return query;
}

static void check_bind(od__query *query, int rc)
{
    if (rc != SQLITE_OK && query->err == OD_OK) {
        query->err = od__sqlite_fail(query->s, rc);
    }
}

void od__query_i64(od__query *query, int64_t value)
{
    if (query->err == OD_OK) {
        query->bound++;
        check_bind(query, sqlite3_bind_int64(query->stmt, query->bound, value));
    }
}

void od__query_text(od__query *query, const char *text)
{
    if (query->err == OD_OK) {
        query->bound++;
        check_bind(query, sqlite3_bind_text(query->stmt, query->bound,
                                            od__text_or_empty(text), -1,
                                            SQLITE_STATIC));
    }
}

void od__query_blob(od__query *query, const void *bytes, size_t len)
{
    if (query->err == OD_OK) {
        query->bound++;
        check_bind(query, sqlite3_bind_blob64(query->stmt, query->bound,
                                              len > 0 ? bytes : "", len,
                                              SQLITE_STATIC));
    }
}

bool od__query_next(od__query *query)
{
    if (query->err != OD_OK) {
        return false;
    }
    query->column = 0;
    int rc = sqlite3_step(query->stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        query->err = od__sqlite_fail(query->s, rc);
    }
    return rc == SQLITE_ROW;
}

od_err od__query_end(od__query *query)
{
    if (query->stmt != NULL) {
        (void)sqlite3_reset(query->stmt);
        (void)sqlite3_clear_bindings(query->stmt);
        query->stmt = NULL;
    }
    return query->err;
}

od_err od__query_run(od__query *query)
{
    (void)od__query_next(query);
    return od__query_end(query);
}

od_err od__sqlite_run(od__sqlite *s, od__sql sql, const int64_t *values,
                      size_t len)
{
    od__query query = od__query_new(s, sql, values, len);
    return od__query_run(&query);
}

/* == columns ============================================================== */

/* The present column makes no sense. */
static void bad_column(od__query *query, int column)
{
    if (query->err == OD_OK) {
        const char *name = sqlite3_column_name(query->stmt, column);
        query->err = od__sqlite_corrupt(query->s, od__text_or_empty(name));
    }
}

static void no_memory(od__query *query)
{
    if (query->err == OD_OK) {
        query->err = od__sqlite_memory(query->s);
    }
}

bool od__row_is_null(const od__query *query)
{
    return sqlite3_column_type(query->stmt, query->column) == SQLITE_NULL;
}

int64_t od__row_i64(od__query *query, int64_t min, int64_t max)
{
    int column = query->column++;
    int64_t value = sqlite3_column_int64(query->stmt, column);
    if (sqlite3_column_type(query->stmt, column) != SQLITE_INTEGER ||
        value < min || value > max) {
        bad_column(query, column);
        return min;
    }
    return value;
}

int32_t od__row_i32(od__query *query, int32_t min, int32_t max)
{
    return (int32_t)od__row_i64(query, min, max);
}

bool od__row_bool(od__query *query)
{
    return od__row_i64(query, 0, 1) != 0;
}

od_id od__row_id(od__query *query)
{
    return od__row_i64(query, 0, INT64_MAX - 1);
}

uint64_t od__row_phone(od__query *query)
{
    return (uint64_t)od__row_i64(query, 1, OD__PHONE_LAST);
}

uint64_t od__row_phone_or_none(od__query *query)
{
    return (uint64_t)od__row_i64(query, 0, OD__PHONE_LAST);
}

int32_t od__row_place(od__query *query)
{
    return od__row_i32(query, 0, INT32_MAX / 2 - 1);
}

void od__text_clean(char *text, size_t len, size_t max)
{
    len = strnlen(text, len);
    if (!od__utf8_is_valid(text, len)) {
        for (size_t i = 0; i < len; i++) {
            if ((unsigned char)text[i] >= 0x80) {
                text[i] = '?';
            }
        }
    }
    if (len > max) {
        od__text_copy(text, max + 1, text);
    }
}

char *od__row_blob(od__query *query, size_t *len)
{
    int column = query->column++;
    const void *bytes = sqlite3_column_blob(query->stmt, column);
    int bytes_len = sqlite3_column_bytes(query->stmt, column);
    size_t room = bytes != NULL && bytes_len > 0 ? (size_t)bytes_len : 0;
    char *out = od__arena_take(&query->s->arena, room + 1);
    *len = 0;
    if (out == NULL) {
        no_memory(query);
        return NULL;
    }
    if (room > 0) {
        memcpy(out, bytes, room);
    }
    out[room] = '\0';
    *len = room;
    return out;
}

const char *od__row_text(od__query *query, size_t max)
{
    if (sqlite3_column_bytes(query->stmt, query->column) == 0) {
        query->column++;
        return "";
    }
    size_t len;
    char *text = od__row_blob(query, &len);
    if (text == NULL) {
        return "";
    }
    od__text_clean(text, len, max);
    return text;
}

void od__row_text_copy(od__query *query, char *out, size_t out_size)
{
    od__text_copy(out, out_size, od__row_text(query, out_size - 1));
}

void od__row_bytes(od__query *query, uint8_t *out, size_t len)
{
    int column = query->column++;
    const void *bytes = sqlite3_column_blob(query->stmt, column);
    if (bytes == NULL ||
        (size_t)sqlite3_column_bytes(query->stmt, column) != len) {
        bad_column(query, column);
        memset(out, 0, len);
        return;
    }
    memcpy(out, bytes, len);
}

od_err od__query_ids(od__query *query, od__ids *out)
{
    od_id *items = NULL;
    size_t len = 0;
    size_t room = 0;
    while (od__query_next(query)) {
        if (len == room) {
            room = room > 0 ? room * 2 : 16;
            od_id *more =
                od__arena_take(&query->s->arena, room * sizeof *items);
            if (more == NULL) {
                no_memory(query);
                break;
            }
            if (len > 0) {
                memcpy(more, items, len * sizeof *items);
            }
            items = more;
        }
        items[len++] = od__row_i64(query, 1, INT64_MAX - 1);
    }
    od_err err = od__query_end(query);
    if (err == OD_OK) {
        *out = (od__ids){.items = items, .len = len};
    }
    return err;
}
