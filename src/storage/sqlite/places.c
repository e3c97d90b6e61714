/*
 * places.c - the interned texts that say where a number may be.
 *
 * Few, small and never changed; the engine keeps them all in memory.
 */
#include "storage/sqlite/sqlite.h"

static od_err find(od__sqlite *s, const char *key, int32_t *out)
{
    *out = 0;
    od__query query = od__query_new(s, OD__SQL_PLACE_FIND, NULL, 0);
    od__query_text(&query, key);
    if (od__query_next(&query)) {
        *out = od__row_i32(&query, 1, INT32_MAX / 2 - 1);
    }
    return od__query_end(&query);
}

static od_err add(od__sqlite *s, const char *key, int32_t *out)
{
    od_err err = find(s, key, out);
    if (err != OD_OK || *out != 0) {
        return err;
    }
    od__query query = od__query_new(s, OD__SQL_PLACE_ADD, NULL, 0);
    od__query_text(&query, key);
    err = od__query_run(&query);
    int64_t id = sqlite3_last_insert_rowid(s->db);
    if (err == OD_OK && id >= INT32_MAX / 2) {
        err = od__sqlite_corrupt(s, "place");
    }
    *out = (int32_t)id;
    return err;
}

od_err od__sqlite_place_put(void *ctx, const char *key, int32_t *out)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    int32_t place;
    od_err err = find(s, key, &place);
    if (err == OD_OK && place == 0) {
        err = od__sqlite_begin(s);
        if (err == OD_OK) {
            err = add(s, key, &place);
        }
        err = od__sqlite_finish(s, err);
    }
    if (err == OD_OK) {
        *out = place;
    }
    return err;
}

od_err od__sqlite_place_scan(void *ctx, int32_t after, od_place_record *rows,
                             size_t rows_max, size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query =
        OD__QUERY(s, OD__SQL_PLACE_SCAN, after, (int64_t)rows_max);
    size_t len = 0;
    while (len < rows_max && od__query_next(&query)) {
        od_place_record *row = &rows[len++];
        memset(row, 0, sizeof *row);
        row->place = od__row_i32(&query, 1, INT32_MAX / 2 - 1);
        od__row_text_copy(&query, row->key, sizeof row->key);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}
