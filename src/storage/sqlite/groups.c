/*
 * groups.c - named sets of contacts.
 *
 * The number of members is kept in the row. Removing a group walks its
 * members, because each may have a target that nobody else holds.
 */
#include "storage/sqlite/sqlite.h"

#include <inttypes.h>

#define PAGE 256

static od_err find(od__sqlite *s, const char *name, od_id *out)
{
    *out = 0;
    od__query query = od__query_new(s, OD__SQL_GROUP_FIND, NULL, 0);
    od__query_text(&query, name);
    if (od__query_next(&query)) {
        *out = od__row_id(&query);
    }
    return od__query_end(&query);
}

od_err od__group_check(od__sqlite *s, od_id group)
{
    od__query query = OD__QUERY(s, OD__SQL_GROUP_GET, group);
    bool found = od__query_next(&query);
    od_err err = od__query_end(&query);
    return err != OD_OK || found ? err : od__sqlite_no(s, "group", group);
}

static od_err put(od__sqlite *s, od_id *id, const char *name)
{
    od_id other;
    od_err err = *id != 0 ? od__group_check(s, *id) : OD_OK;
    if (err == OD_OK) {
        err = find(s, name, &other);
    }
    if (err == OD_OK && other != 0 && other != *id) {
        err = od__fail(&s->errmsg, OD_ERR_EXISTS, "the name \"%s\" is taken",
                       name);
    }
    if (err != OD_OK) {
        return err;
    }
    if (*id != 0) {
        od__query query = OD__QUERY(s, OD__SQL_GROUP_RENAME, *id);
        od__query_text(&query, name);
        return od__query_run(&query);
    }
    od__query query = od__query_new(s, OD__SQL_GROUP_ADD, NULL, 0);
    od__query_text(&query, name);
    err = od__query_run(&query);
    *id = sqlite3_last_insert_rowid(s->db);
    return err;
}

od_err od__sqlite_group_put(void *ctx, od_id id, const char *name, od_id *out)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_id row = id;
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = put(s, &row, name);
    }
    err = od__sqlite_finish(s, err);
    if (err == OD_OK && id == 0) {
        *out = row;
    }
    return err;
}

/* == removing ============================================================= */

static od_err read_members(od__sqlite *s, od_id group, uint64_t after,
                           od__phones rows[PAGE], size_t *count)
{
    size_t len = 0;
    od__query query =
        OD__QUERY(s, OD__SQL_MEMBER_PHONES_PAGE, group, (int64_t)after, PAGE);
    while (len < PAGE && od__query_next(&query)) {
        od__row_phones(&query, &rows[len++]);
    }
    *count = len;
    return od__query_end(&query);
}

od_err od__group_leave(od__sqlite *s, od_id group, const od__ids *campaigns,
                       bool remove)
{
    od__phones rows[PAGE];
    uint64_t after = 0;
    size_t len = PAGE;
    od_err err = OD_OK;
    while (err == OD_OK && len == PAGE) {
        err = read_members(s, group, after, rows, &len);
        for (size_t i = 0; err == OD_OK && i < len; i++) {
            after = rows[i].first;
            if (remove) {
                err = OD__RUN(s, OD__SQL_MEMBER_REMOVE, group,
                              (int64_t)rows[i].first);
            }
            for (size_t c = 0; err == OD_OK && c < campaigns->len; c++) {
                err = od__targets_leave(s, campaigns->items[c], &rows[i]);
            }
        }
    }
    return err;
}

static od_err remove_group(od__sqlite *s, od_id group)
{
    od_err err = od__group_check(s, group);
    if (err != OD_OK) {
        return err;
    }
    od__ids campaigns;
    od__query query = OD__QUERY(s, OD__SQL_CAMPAIGNS_OF_GROUP, group);
    err = od__query_ids(&query, &campaigns);
    /* The group goes first: then none of its members counts as one. */
    if (err == OD_OK) {
        err = OD__RUN(s, OD__SQL_GROUP_REMOVE, group);
    }
    return err == OD_OK ? od__group_leave(s, group, &campaigns, true) : err;
}

od_err od__sqlite_group_remove(void *ctx, od_id id)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = remove_group(s, id);
    }
    return od__sqlite_finish(s, err);
}

od_err od__sqlite_group_scan(void *ctx, od_id after, od_group *rows,
                             size_t rows_max, size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query =
        OD__QUERY(s, OD__SQL_GROUP_SCAN, after, (int64_t)rows_max);
    size_t len = 0;
    while (len < rows_max && od__query_next(&query)) {
        od_group *row = &rows[len++];
        memset(row, 0, sizeof *row);
        row->id = od__row_id(&query);
        row->members = od__row_i64(&query, 0, INT64_MAX);
        row->fresh_utc_ms = od__row_i64(&query, INT64_MIN, INT64_MAX);
        od__row_text_copy(&query, row->name, sizeof row->name);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}

/* == freshness and places ================================================= */

od_err od__sqlite_group_validate(void *ctx, od_id group, int64_t utc_ms)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = od__group_check(s, group);
    }
    if (err == OD_OK) {
        err = OD__RUN(s, OD__SQL_GROUP_VALIDATE, group, utc_ms);
    }
    return od__sqlite_finish(s, err);
}

od_err od__sqlite_group_places(void *ctx, od_id group, int32_t after,
                               od_place_count *rows, size_t rows_max,
                               size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query =
        OD__QUERY(s, OD__SQL_GROUP_PLACES, group, after, (int64_t)rows_max);
    size_t len = 0;
    while (len < rows_max && od__query_next(&query)) {
        od_place_count *row = &rows[len++];
        memset(row, 0, sizeof *row);
        row->place = od__row_place(&query);
        row->members = od__row_i64(&query, 1, INT64_MAX);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}
