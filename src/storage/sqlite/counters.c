/*
 * counters.c - sums that are gathered in memory and stored once per commit.
 *
 * A transaction that moves 5,000 targets writes some ten rows here, not
 * 10,000. tally.c knows which sum changes with what; here only differences are
 * kept, one od_counters per campaign, and added to the rows of `counter` and
 * `lane_counter` by the finish. Where more campaigns or lanes are touched than
 * there is room for, what was gathered is stored in between.
 *
 * Numbers in `counter.kind` are stored: append only.
 */
#include "storage/sqlite/sqlite.h"

#include "storage/tally.h"

#include <stdlib.h>

/* One field of od_counters, or a row of them. */
typedef struct field {
    int64_t kind; /* of the first */
    size_t at;
    size_t len;
} field;

#define FIELD(kind, name)                                                      \
    {                                                                          \
        kind, offsetof(od_counters, name), 1                                   \
    }
#define ARRAY(kind, name, len)                                                 \
    {                                                                          \
        kind, offsetof(od_counters, name), len                                 \
    }

/* A number for each value of an enum, and room for more before the next. */
_Static_assert(OD_REASONS <= 100 && OD_DISPOSITIONS <= 100 &&
                   OD_DELIVERIES <= 100,
               "counter.kind");

/* `targets` is the sum of four others; the minutes stand in `pace`. */
static const field fields[] = {
    FIELD(OD__COUNTER_READY, ready),
    FIELD(2, flight),
    FIELD(3, done),
    FIELD(4, blocked),
    FIELD(5, opted_out),
    FIELD(6, surveys_done),
    FIELD(7, talk_ms),
    FIELD(8, segments),
    FIELD(9, replies),
    ARRAY(100, blocked_by, OD_REASONS),
    ARRAY(200, done_by, OD_DISPOSITIONS),
    ARRAY(300, attempts_by, OD_DISPOSITIONS),
    ARRAY(400, delivery_by, OD_DELIVERIES),
};

static int64_t *field_at(od_counters *sums, const field *f, size_t i)
{
    return (int64_t *)(void *)((char *)sums + f->at) + i;
}

/* The field of a stored number; NULL: of a newer version. */
static int64_t *field_of_kind(od_counters *sums, int64_t kind)
{
    for (size_t i = 0; i < OD__LEN(fields); i++) {
        int64_t at = kind - fields[i].kind;
        if (at >= 0 && at < (int64_t)fields[i].len) {
            return field_at(sums, &fields[i], (size_t)at);
        }
    }
    return NULL;
}

/* == gathering ============================================================ */

void od__sums_reset(od__sqlite *s)
{
    s->sums_len = 0;
    if (s->lane_sums_len > 0) {
        memset(s->lane_sums, 0, sizeof s->lane_sums);
        s->lane_sums_len = 0;
    }
    s->sums_err = OD_OK;
}

/* Make room by storing what is there; the first failure is kept. */
static void flush_early(od__sqlite *s)
{
    od_err err = od__sums_flush(s);
    od__sums_reset(s);
    s->sums_err = err;
}

static od__sums *sums_of(od__sqlite *s, od_id campaign)
{
    for (size_t i = 0; i < s->sums_len; i++) {
        if (s->sums[i].campaign == campaign) {
            return &s->sums[i];
        }
    }
    if (s->sums_len == OD__SUMS_MAX) {
        flush_early(s);
    }
    od__sums *sums = &s->sums[s->sums_len++];
    *sums = (od__sums){.campaign = campaign};
    return sums;
}

od_counters *od__sums_of(od__sqlite *s, od_id campaign)
{
    return &sums_of(s, campaign)->delta;
}

void od__sums_claim(od__sqlite *s, od_id campaign)
{
    sums_of(s, campaign)->claims++;
}

void od__lane_count(od__sqlite *s, od_id campaign, int32_t lane, int step)
{
    if (s->lane_sums_len >= OD__LANE_SUMS_MAX / 2) {
        flush_early(s);
    }
    uint64_t hash = ((uint64_t)campaign * 31 + (uint64_t)(uint32_t)lane) *
                    0x9e3779b97f4a7c15u;
    size_t at = (size_t)(hash >> 32) % OD__LANE_SUMS_MAX;
    while (s->lane_sums[at].campaign != 0) {
        if (s->lane_sums[at].campaign == campaign &&
            s->lane_sums[at].lane == lane) {
            s->lane_sums[at].ready += step;
            return;
        }
        at = (at + 1) % OD__LANE_SUMS_MAX;
    }
    s->lane_sums[at] =
        (od__lane_sum){.campaign = campaign, .lane = lane, .ready = step};
    s->lane_sums_len++;
}

/* == storing ============================================================== */

static od_err store_sums(od__sqlite *s, od__sums *sums)
{
    od_err err = OD_OK;
    for (size_t i = 0; i < OD__LEN(fields); i++) {
        for (size_t at = 0; at < fields[i].len && err == OD_OK; at++) {
            int64_t delta = *field_at(&sums->delta, &fields[i], at);
            if (delta != 0) {
                err = OD__RUN(s, OD__SQL_COUNTER_ADD, sums->campaign,
                              fields[i].kind + (int64_t)at, delta);
            }
        }
    }
    if (err == OD_OK && sums->claims > 0) {
        err = OD__RUN(s, OD__SQL_PACE_ADD, sums->campaign,
                      s->claims_utc_ms / 60000, sums->claims);
    }
    return err;
}

od_err od__sums_flush(od__sqlite *s)
{
    od_err err = s->sums_err;
    for (size_t i = 0; i < s->sums_len && err == OD_OK; i++) {
        err = store_sums(s, &s->sums[i]);
    }
    size_t lanes = s->lane_sums_len > 0 ? OD__LANE_SUMS_MAX : 0;
    for (size_t i = 0; i < lanes && err == OD_OK; i++) {
        const od__lane_sum *sum = &s->lane_sums[i];
        if (sum->campaign != 0 && sum->ready != 0) {
            err = OD__RUN(s, OD__SQL_LANE_ADD, sum->campaign, sum->lane,
                          sum->ready);
        }
    }
    return err;
}

/* == reading ============================================================== */

static od_err read_sums(od__sqlite *s, od_id campaign, od_counters *out)
{
    od__query query = OD__QUERY(s, OD__SQL_COUNTER_SCAN, campaign);
    while (od__query_next(&query)) {
        int64_t kind = od__row_i64(&query, 0, INT64_MAX);
        int64_t value = od__row_i64(&query, 0, INT64_MAX / 8);
        int64_t *sum = field_of_kind(out, kind);
        if (sum != NULL) {
            *sum = value;
        }
    }
    out->targets = out->ready + out->flight + out->done + out->blocked;
    return od__query_end(&query);
}

static od_err read_pace(od__sqlite *s, od_id campaign, od_counters *out)
{
    od__query query = OD__QUERY(s, OD__SQL_PACE_GET, campaign);
    if (od__query_next(&query)) {
        out->minute = od__row_i64(&query, INT64_MIN, INT64_MAX);
        out->minute_calls = od__row_i64(&query, 0, INT64_MAX);
        out->minute_calls_before = od__row_i64(&query, 0, INT64_MAX);
    }
    return od__query_end(&query);
}

od_err od__sqlite_counters(void *ctx, od_id campaign, od_counters *out)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_counters sums;
    memset(&sums, 0, sizeof sums);
    od_err err = od__sqlite_read(s);
    if (err == OD_OK) {
        int32_t state;
        err = od__campaign_state(s, campaign, &state);
    }
    if (err == OD_OK) {
        err = read_sums(s, campaign, &sums);
    }
    if (err == OD_OK) {
        err = read_pace(s, campaign, &sums);
    }
    err = od__sqlite_read_end(s, err);
    if (err == OD_OK) {
        *out = sums;
    }
    return err;
}
