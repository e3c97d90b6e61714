/*
 * queue.c - the dial queue as the engine asks for it: fill and lanes.
 *
 * The queue of a lane is a range of one partial index, in the order in which
 * it is dialed.
 */
#include "storage/sqlite/sqlite.h"

/* == fill ================================================================= */

/* Where a fill stands: the position of the group and the last phone in it. */
typedef struct fill_place {
    bool filled;
    bool anew; /* who is through is left alone */
    int64_t at;
    uint64_t phone;
    od_id group; /* 0: no group is left */
} fill_place;

static od_err read_place(od__sqlite *s, od_id campaign, fill_place *out)
{
    od__query query = OD__QUERY(s, OD__SQL_FILL_GET, campaign);
    bool found = od__query_next(&query);
    if (found) {
        out->filled = od__row_bool(&query);
        out->at = od__row_i64(&query, 0, INT32_MAX);
        out->phone = (uint64_t)od__row_i64(&query, 0, OD__PHONE_LAST);
        out->anew = od__row_bool(&query);
    }
    od_err err = od__query_end(&query);
    return err != OD_OK || found ? err : od__sqlite_no(s, "campaign", campaign);
}

/* The group at this position, or the next one that there is. */
static od_err seek_group(od__sqlite *s, od_id campaign, fill_place *place)
{
    od__query query =
        OD__QUERY(s, OD__SQL_FILL_GROUP_NEXT, campaign, place->at);
    place->group = 0;
    if (od__query_next(&query)) {
        int64_t at = od__row_i64(&query, 0, INT32_MAX);
        place->phone = at == place->at ? place->phone : 0;
        place->at = at;
        place->group = od__row_id(&query);
    }
    return od__query_end(&query);
}

/* Enrol one member, or revive the target that it has. */
static od_err enrol(od__sqlite *s, const od_fill *fill,
                    const od_candidate *member)
{
    bool added;
    od_err err = od__target_add(s, member, &added);
    return err == OD_OK && !added ? od__target_meet(s, member, fill) : err;
}

/* Members of one group behind place->phone, `rows_max` at most. */
static od_err fill_group(od__sqlite *s, const od_fill *fill, fill_place *place,
                         int64_t rows_max, int64_t *rows)
{
    od__query query = OD__QUERY(s, OD__SQL_MEMBER_PAGE, place->group,
                                (int64_t)place->phone, rows_max);
    while (od__query_next(&query)) {
        od_candidate member = {.campaign = fill->campaign};
        member.phone = od__row_phone(&query);
        member.contact = od__row_id(&query);
        member.place = od__row_place(&query);
        member.due_utc_ms = od__target_due_ms(fill->utc_ms, member.phone);
        place->phone = member.phone;
        *rows += 1;
        if (query.err == OD_OK) {
            query.err = enrol(s, fill, &member);
        }
    }
    return od__query_end(&query);
}

static od_err fill_slice(od__sqlite *s, const od_fill *fill, int64_t *rows,
                         bool *done)
{
    fill_place place = {0};
    od_err err = read_place(s, fill->campaign, &place);
    *rows = 0;
    *done = place.filled;
    if (err != OD_OK || place.filled) {
        return err;
    }
    od_fill slice = *fill;
    if (place.anew) {
        slice.attempts_below = 0;
    }
    while (err == OD_OK && !*done && *rows < fill->rows_max) {
        err = seek_group(s, fill->campaign, &place);
        if (err != OD_OK || place.group == 0) {
            *done = err == OD_OK;
            break;
        }
        int64_t left = fill->rows_max - *rows;
        int64_t before = *rows;
        err = fill_group(s, &slice, &place, left, rows);
        if (*rows - before < left) {
            place.at++;
            place.phone = 0;
        }
    }
    return err == OD_OK ? OD__RUN(s, OD__SQL_FILL_SET, fill->campaign, *done,
                                  place.at, (int64_t)place.phone)
                        : err;
}

od_err od__sqlite_fill(void *ctx, od_fill *fill)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    int64_t rows = 0;
    bool done = false;
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = fill_slice(s, fill, &rows, &done);
    }
    err = od__sqlite_finish(s, err);
    if (err == OD_OK) {
        fill->rows = rows;
        fill->done = done;
    }
    return err;
}

od_err od__sqlite_refill(void *ctx, od_id campaign)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = OD__RUN(s, OD__SQL_FILL_AGAIN, campaign);
    }
    if (err == OD_OK && sqlite3_changes(s->db) == 0) {
        err = od__sqlite_no(s, "campaign", campaign);
    }
    return od__sqlite_finish(s, err);
}

/* == lanes ================================================================ */

od_err od__sqlite_lane_scan(void *ctx, od_id campaign, int32_t after,
                            od_lane_row *rows, size_t rows_max, size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query =
        OD__QUERY(s, OD__SQL_LANE_SCAN, campaign, after, (int64_t)rows_max);
    size_t len = 0;
    while (len < rows_max && od__query_next(&query)) {
        od_lane_row *row = &rows[len++];
        memset(row, 0, sizeof *row);
        row->lane = od__row_i32(&query, 0, INT32_MAX);
        row->ready = od__row_i64(&query, 1, INT64_MAX);
        row->due_next_utc_ms = od__row_i64(&query, INT64_MIN, INT64_MAX);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}

od_err od__lane_next(od__sqlite *s, od_id campaign, int32_t lane, int64_t *out)
{
    *out = OD_NEVER;
    od__query query = OD__QUERY(s, OD__SQL_LANE_NEXT, campaign, lane);
    if (od__query_next(&query)) {
        *out = od__row_i64(&query, INT64_MIN, INT64_MAX);
    }
    return od__query_end(&query);
}
