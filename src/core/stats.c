/*
 * stats.c - the monitor: where every contact of a campaign stands.
 *
 * Sums that the storage keeps, sorted into "now" and "waiting" by the openings
 * of the lanes. The cost depends on the number of places, not of contacts.
 */
#include "core/core.h"

#define MINUTE_MS 60000

/* Claims over the last 60 s: this minute, and the part of the one before that
 * the 60 s reach into. */
static double per_minute(const od_counters *c, int64_t utc_ms)
{
    int64_t minute = utc_ms / MINUTE_MS;
    double into = (double)(utc_ms % MINUTE_MS) / MINUTE_MS;
    if (c->minute == minute) {
        return (double)c->minute_calls +
               (double)c->minute_calls_before * (1.0 - into);
    }
    if (c->minute == minute - 1) {
        return (double)c->minute_calls * (1.0 - into);
    }
    return 0.0;
}

static void take_counters(const od_counters *c, int64_t utc_ms,
                          od_campaign_stats *out)
{
    out->contacts = c->targets;
    out->in_progress = c->flight;
    out->finished = c->done;
    out->blocked = c->blocked;
    memcpy(out->blocked_by, c->blocked_by, sizeof out->blocked_by);
    memcpy(out->finished_by, c->done_by, sizeof out->finished_by);
    memcpy(out->attempts_by, c->attempts_by, sizeof out->attempts_by);
    for (size_t i = 0; i < OD_DISPOSITIONS; i++) {
        out->attempts += c->attempts_by[i];
    }
    out->opted_out = c->opted_out;
    out->surveys_done = c->surveys_done;
    out->talk_ms = c->talk_ms;
    int64_t answered = c->attempts_by[OD_DISPOSITION_ANSWERED] +
                       c->attempts_by[OD_DISPOSITION_UNFINISHED] +
                       c->attempts_by[OD_DISPOSITION_MACHINE];
    out->talk_ms_mean = answered > 0 ? c->talk_ms / answered : 0;
    memcpy(out->delivery_by, c->delivery_by, sizeof out->delivery_by);
    out->segments = c->segments;
    out->replies = c->replies;
    out->calls_per_minute = per_minute(c, utc_ms);
}

static od_err take_lanes(od_engine *engine, const od_campaign_record *record,
                         od_campaign_stats *out)
{
    od_lane_row rows[128];
    size_t count = 0;
    int32_t after = -1;
    int64_t opens = OD_NEVER;
    bool any_open = false;
    int32_t place = 0;
    od__opening opening;
    memset(&opening, 0, sizeof opening);
    do {
        od_err err = OD__STORE(engine, lane_scan)(
            engine->store, record->id, after, rows, OD__LEN(rows), &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            after = rows[i].lane;
            if (od_lane_place(rows[i].lane) != place) {
                place = od_lane_place(rows[i].lane);
                od__decide_place(&engine->law, record,
                                 od__places_get(engine, place),
                                 engine->now.utc_ms, &opening);
            }
            if (opening.verdict.kind == OD_VERDICT_DEFER) {
                out->waiting_window += rows[i].ready;
                if (opening.verdict.until_utc_ms < opens) {
                    opens = opening.verdict.until_utc_ms;
                }
                continue;
            }
            any_open = true;
            if (od_lane_is_retry(rows[i].lane)) {
                out->waiting_retry += rows[i].ready;
            } else {
                out->queued += rows[i].ready;
            }
        }
    } while (count == OD__LEN(rows));
    out->next_open_utc_ms = !any_open && opens != OD_NEVER ? opens : 0;
    return OD_OK;
}

od_err od_campaign_stats_get(od_engine *engine, od_id campaign,
                             od_campaign_stats *out)
{
    od_campaign_record *record = NULL;
    od_counters counters;
    od_campaign_stats stats;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err = od__law_look(engine);
    if (err == OD_OK) {
        err = od__campaign_read(engine, campaign, &record);
    }
    if (err != OD_OK) {
        return err;
    }
    err = OD__STORE(engine, counters)(engine->store, campaign, &counters);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    memset(&stats, 0, sizeof stats);
    stats.state = record->state;
    stats.enrolling = record->state == OD_CAMPAIGN_RUNNING && !record->filled;
    take_counters(&counters, engine->now.utc_ms, &stats);
    err = take_lanes(engine, record, &stats);
    if (err == OD_OK) {
        *out = stats;
    }
    return err;
}
