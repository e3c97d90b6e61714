/*
 * histogram.c - where the verdicts over all numbers of a campaign stand.
 *
 * Asks the queue, not its numbers: the counters and the lanes, each judged by
 * its place. So the cost does not depend on the number of contacts, and what
 * only a number itself could tell is counted as the queue has it.
 */
#include "core/core.h"

#include <stdlib.h>

/* Reasons times rules, far more than there ever are. */
#define VERDICTS_MAX 256

typedef struct histogram {
    od_verdict_count rows[VERDICTS_MAX];
    size_t len;
} histogram;

static void add(histogram *h, const od_verdict *verdict, int64_t count)
{
    for (size_t i = 0; i < h->len; i++) {
        od_verdict *v = &h->rows[i].verdict;
        if (v->kind == verdict->kind && v->reason == verdict->reason &&
            strcmp(v->rule, verdict->rule) == 0) {
            h->rows[i].count += count;
            if (verdict->until_utc_ms < v->until_utc_ms) {
                v->until_utc_ms = verdict->until_utc_ms;
            }
            return;
        }
    }
    if (count > 0 && h->len < VERDICTS_MAX) {
        h->rows[h->len++] = (od_verdict_count){*verdict, count};
    }
}

/* What is said of numbers of which so much is known. */
static od_verdict judge(const od_engine *engine,
                        const od_campaign_record *record,
                        const od__opening *opening, od_candidate candidate)
{
    od_verdict out;
    candidate.campaign = record->id;
    candidate.contact = 1; /* one of its contacts */
    const od__facts facts = {.law = &engine->law,
                             .registries = engine->registries,
                             .campaign = record,
                             .candidate = &candidate,
                             .opening = opening,
                             .utc_ms = engine->now.utc_ms};
    od__decide_told(&facts, &out);
    return out;
}

/* What is ready: judged by the place of its lane, and by the time at which the
 * first of it is due. */
static od_err add_lanes(od_engine *engine, const od_campaign_record *record,
                        histogram *h)
{
    od_lane_row rows[128];
    size_t count = 0;
    int32_t after = -1;
    do {
        od_err err = OD__STORE(engine, lane_scan)(
            engine->store, record->id, after, rows, OD__LEN(rows), &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            od__opening opening;
            od_candidate candidate = {.state = OD_TARGET_READY,
                                      .place = od_lane_place(rows[i].lane),
                                      .due_utc_ms = rows[i].due_next_utc_ms};
            after = rows[i].lane;
            od__decide_place(&engine->law, record,
                             od__places_get(engine, candidate.place),
                             engine->now.utc_ms, &opening);
            opening.rules_len = 0; /* of each number: not known here */
            candidate.disposition = candidate.due_utc_ms > engine->now.utc_ms
                                        ? OD_DISPOSITION_NO_ANSWER
                                        : OD_DISPOSITION_NONE;
            od_verdict verdict = judge(engine, record, &opening, candidate);
            add(h, &verdict, rows[i].ready);
        }
    } while (count == OD__LEN(rows));
    return OD_OK;
}

/* What the counters know: blocked, under way, and through. */
static void add_counters(od_engine *engine, const od_campaign_record *record,
                         const od_counters *counters, histogram *h)
{
    const od__opening open = {.verdict = {.kind = OD_VERDICT_ALLOW}};
    for (int32_t i = 0; i < OD_REASONS; i++) {
        const od_verdict blocked = {.kind = OD_VERDICT_BLOCK, .reason = i};
        add(h, &blocked, counters->blocked_by[i]);
    }
    od_verdict flight = judge(engine, record, &open,
                              (od_candidate){.state = OD_TARGET_FLIGHT,
                                             .in_flight = true});
    add(h, &flight, counters->flight);
    for (int32_t d = 0; d < OD_DISPOSITIONS; d++) {
        od_verdict done =
            judge(engine, record, &open,
                  (od_candidate){.state = OD_TARGET_DONE,
                                 .disposition = d,
                                 .attempts = record->attempts_max,
                                 .number_invalid =
                                     d == OD_DISPOSITION_NOT_FOUND});
        add(h, &done, counters->done_by[d]);
    }
}

static int most_first(const void *a, const void *b)
{
    const od_verdict_count *x = a;
    const od_verdict_count *y = b;
    if (x->count != y->count) {
        return x->count > y->count ? -1 : 1;
    }
    if (x->verdict.reason != y->verdict.reason) {
        return x->verdict.reason < y->verdict.reason ? -1 : 1;
    }
    return strcmp(x->verdict.rule, y->verdict.rule);
}

static od_err fill_histogram(od_engine *engine, od_id campaign, histogram *h)
{
    od_campaign_record *record = NULL;
    od_counters counters;
    od_err err = od__campaign_read(engine, campaign, &record);
    if (err != OD_OK) {
        return err;
    }
    err = OD__STORE(engine, counters)(engine->store, campaign, &counters);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    err = od__law_look(engine);
    if (err != OD_OK) {
        return err;
    }
    add_counters(engine, record, &counters, h);
    return add_lanes(engine, record, h);
}

od_err od_campaign_histogram(od_engine *engine, od_id campaign,
                             od_verdict_count *rows, size_t rows_max,
                             size_t *count)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (count == NULL || (rows == NULL && rows_max > 0)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "rows and count must not be NULL");
    }
    histogram *h = od__arena_take(&engine->arena, sizeof *h);
    if (h == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    h->len = 0;
    od_err err = fill_histogram(engine, campaign, h);
    if (err != OD_OK) {
        return err;
    }
    qsort(h->rows, h->len, sizeof *h->rows, most_first);
    for (size_t i = 0; i < h->len && i < rows_max; i++) {
        rows[i] = h->rows[i];
    }
    *count = h->len;
    return OD_OK;
}
