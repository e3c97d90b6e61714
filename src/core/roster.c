/*
 * roster.c - the campaigns that run: record, script or text, lanes.
 *
 * A copy of what the store says, read again when it may have changed: by our
 * own calls (roster_stale), by another process (the epoch), by what a commit
 * did to the queues (lanes_stale). A campaign whose prompts changed while calls
 * live is replaced by a second entry; the first is retired and goes when its
 * last call ends. Only an engine with a transport has a roster.
 */
#include "core/core.h"

#include <stdlib.h>

#define FILL_ROWS 5000

/* Different answers of a campaign that are read at first. */
#define RESULTS_ROOM 2048

/* -- finding ------------------------------------------------------------- */

od__active *od__roster_find(od_engine *engine, od_id campaign)
{
    for (size_t i = 0; i < engine->active_len; i++) {
        od__active *active = engine->active[i];
        if (active->record.id == campaign && !active->retired) {
            return active;
        }
    }
    return NULL;
}

int32_t od__roster_live(const od_engine *engine, od_id campaign)
{
    int32_t live = 0;
    for (size_t i = 0; i < engine->active_len; i++) {
        if (engine->active[i]->record.id == campaign) {
            live += engine->active[i]->live;
        }
    }
    return live;
}

/* Index of the first lane not below `lane`. */
static size_t lane_at(const od__active *active, int32_t lane)
{
    size_t low = 0;
    size_t high = active->lanes_len;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (active->lanes[middle].lane < lane) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

od__lane *od__roster_lane(od__active *active, int32_t lane)
{
    size_t at = lane_at(active, lane);
    return at < active->lanes_len && active->lanes[at].lane == lane
               ? &active->lanes[at]
               : NULL;
}

/* -- lanes ---------------------------------------------------------------- */

/* Room for one more lane. */
static od_err lanes_grow(od_engine *engine, od__active *active)
{
    if (active->lanes_len < active->lanes_room) {
        return OD_OK;
    }
    size_t room = active->lanes_room == 0 ? 64 : active->lanes_room * 2;
    od__lane *lanes = od__alloc(&engine->allocator, room * sizeof *lanes);
    if (lanes == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    if (active->lanes_len > 0) {
        memcpy(lanes, active->lanes, active->lanes_len * sizeof *lanes);
    }
    od__free(&engine->allocator, active->lanes);
    active->lanes = lanes;
    active->lanes_room = room;
    return OD_OK;
}

static od_err lane_add(od_engine *engine, od__active *active, int32_t lane,
                       od__lane **out)
{
    const od__place_entry *place = NULL;
    size_t at = lane_at(active, lane);
    if (at < active->lanes_len && active->lanes[at].lane == lane) {
        *out = &active->lanes[at];
        return OD_OK;
    }
    od_err err = od__places_read(engine, od_lane_place(lane), &place);
    if (err == OD_OK) {
        err = lanes_grow(engine, active);
    }
    if (err != OD_OK) {
        return err;
    }
    memmove(&active->lanes[at + 1], &active->lanes[at],
            (active->lanes_len - at) * sizeof *active->lanes);
    active->lanes_len++;
    od__lane *added = &active->lanes[at];
    memset(added, 0, sizeof *added);
    added->lane = lane;
    added->due_next_utc_ms = OD_NEVER;
    od__decide_place(&engine->law, &active->record, place, engine->now.utc_ms,
                     &added->opening);
    *out = added;
    return OD_OK;
}

void od__roster_due(od_engine *engine, const od__due *due)
{
    od__active *active = od__roster_find(engine, due->campaign);
    od__lane *row = NULL;
    if (active == NULL) {
        return;
    }
    if (lane_add(engine, active, due->lane, &row) != OD_OK) {
        active->lanes_stale = true; /* read them all later */
    } else if (due->utc_ms < row->due_next_utc_ms) {
        row->due_next_utc_ms = due->utc_ms;
    }
}

void od__roster_stale(od_engine *engine)
{
    for (size_t i = 0; i < engine->active_len; i++) {
        engine->active[i]->lanes_stale = true;
    }
}

static od_err read_lanes(od_engine *engine, od__active *active)
{
    od_lane_row rows[128];
    size_t count = 0;
    int32_t after = -1;
    active->lanes_len = 0;
    do {
        od_err err = OD__STORE(engine, lane_scan)(
            engine->store, active->record.id, after, rows, OD__LEN(rows),
            &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            od__lane *lane = NULL;
            err = lane_add(engine, active, rows[i].lane, &lane);
            if (err != OD_OK) {
                return err;
            }
            lane->due_next_utc_ms = rows[i].due_next_utc_ms;
            after = rows[i].lane;
        }
    } while (count == OD__LEN(rows));
    active->lanes_stale = false;
    active->check_complete = true;
    active->recounted = active->recounted && active->lanes_len == 0;
    /* The store does not know of these before the commit. */
    for (size_t i = 0; i < engine->batch->dues_len; i++) {
        if (engine->batch->dues[i].campaign == active->record.id) {
            od__roster_due(engine, &engine->batch->dues[i]);
        }
    }
    return OD_OK;
}

/* Was a next phone made ready? Then there is a target more, in a lane that may
 * be new. Most people have no other phone: lanes are not read for nothing. */
static od_err seek(od_engine *engine, od__active *active)
{
    od_counters counters;
    od_err err = OD__STORE(engine, counters)(engine->store, active->record.id,
                                             &counters);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    active->lanes_stale =
        active->lanes_stale || counters.targets != active->targets;
    active->targets = counters.targets;
    active->seeks = false;
    return OD_OK;
}

od_err od__roster_lanes(od_engine *engine)
{
    for (size_t i = 0; i < engine->active_len; i++) {
        od__active *active = engine->active[i];
        if (!active->running) {
            continue;
        }
        if (active->seeks) {
            od_err err = seek(engine, active);
            if (err != OD_OK) {
                return err;
            }
        }
        if (active->lanes_stale) {
            od_err err = read_lanes(engine, active);
            if (err != OD_OK) {
                return err;
            }
        }
        for (size_t j = 0; j < active->lanes_len; j++) {
            od__lane *lane = &active->lanes[j];
            if (lane->opening.until_utc_ms <= engine->now.utc_ms ||
                lane->opening.from_utc_ms > engine->now.utc_ms) {
                od__decide_place(&engine->law, &active->record,
                                 od__places_get(engine,
                                                od_lane_place(lane->lane)),
                                 engine->now.utc_ms, &lane->opening);
            }
        }
    }
    return OD_OK;
}

/* Move a state by our own doing. If somebody else moved it first, or the host
 * does not read its events, we look again later. */
static od_err move(od_engine *engine, od_id campaign, int32_t from, int32_t to,
                   const char *why)
{
    od_err err = od__campaign_move(engine, campaign, from, to, why);
    if (err == OD_ERR_STATE || err == OD_ERR_LIMIT) {
        engine->roster_stale = engine->roster_stale || err == OD_ERR_STATE;
        engine->events_short = engine->events_short || err == OD_ERR_LIMIT;
        engine->errmsg.text[0] = '\0';
        return OD_OK;
    }
    return err;
}

/* -- coming and going ------------------------------------------------------ */

static void drop(od_engine *engine, size_t at)
{
    od__active *active = engine->active[at];
    od__script_free(active->script);
    od__composer_free(active->composer);
    od__free(&engine->allocator, active->lanes);
    od__free(&engine->allocator, active);
    engine->active_len--;
    memmove(&engine->active[at], &engine->active[at + 1],
            (engine->active_len - at) * sizeof *engine->active);
}

static void drop_idle(od_engine *engine)
{
    for (size_t i = engine->active_len; i-- > 0;) {
        const od__active *active = engine->active[i];
        if (!active->running && !active->untold && active->live == 0) {
            drop(engine, i);
        }
    }
}

void od__roster_free(od_engine *engine)
{
    while (engine->active_len > 0) {
        drop(engine, engine->active_len - 1);
    }
    od__free(&engine->allocator, engine->active);
    engine->active = NULL;
}

/* Does a change of the record need another script? */
static bool same_script(const od_campaign_record *a,
                        const od_campaign_record *b)
{
    return a->channel == b->channel && od__composer_is_of(a, b) &&
           a->prompts_len == b->prompts_len &&
           memcmp(a->prompts, b->prompts,
                  (size_t)a->prompts_len * sizeof *a->prompts) == 0 &&
           a->survey == b->survey && a->opt_out_prompt == b->opt_out_prompt &&
           a->opt_out_key == b->opt_out_key;
}

/* Who comes later competes from now on, not for what the others got before. */
static int64_t least_served(const od_engine *engine, int32_t priority)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < engine->active_len; i++) {
        const od__active *active = engine->active[i];
        if (active->running && active->record.priority == priority &&
            active->served < least) {
            least = active->served;
        }
    }
    return least == INT64_MAX ? 0 : least;
}

static bool is_quota_answer(const od_campaign_record *record,
                            const char *question, const char *choice)
{
    return record->quota_answers > 0 &&
           strcmp(question, record->quota_question) == 0 &&
           strcmp(choice, record->quota_choice) == 0;
}

/* What was answered before, in the arena; *count rows. */
static od_err read_results(od_engine *engine, od_id campaign, od_result **out,
                           size_t *count)
{
    for (size_t room = RESULTS_ROOM;; room = *count) {
        od_result *rows = od__arena_take(&engine->arena, room * sizeof *rows);
        if (rows == NULL) {
            return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
        }
        od_err err = OD__STORE(engine, result_scan)(engine->store, campaign,
                                                    rows, room, count);
        if (err != OD_OK || *count <= room) {
            *out = rows;
            return od__store_err(engine, err);
        }
    }
}

/* How often the answer of the quota was given before: what is stored, and what
 * will be with the batch. */
static od_err read_quota(od_engine *engine, od__active *active)
{
    const od_campaign_record *record = &active->record;
    const od__batch *batch = engine->batch;
    od_result *rows = NULL;
    size_t count = 0;
    active->quota_given = 0;
    active->quota_reached = false;
    if (record->quota_answers == 0) {
        return OD_OK;
    }
    od_err err = read_results(engine, record->id, &rows, &count);
    if (err != OD_OK) {
        return err;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_quota_answer(record, rows[i].question, rows[i].choice)) {
            active->quota_given = rows[i].count;
        }
    }
    for (size_t i = 0; i < batch->answers_len; i++) {
        const od_answer_record *row = &batch->answers[i];
        active->quota_given +=
            row->campaign == record->id &&
                    is_quota_answer(record, row->question, row->choice)
                ? 1
                : 0;
    }
    active->quota_reached = active->quota_given >= record->quota_answers;
    return OD_OK;
}

/* What belongs to a record that was read. */
static od_err read_besides(od_engine *engine, od__active *active)
{
    od_err err = od__given_read(engine, &active->record, &active->given);
    return err == OD_OK ? read_quota(engine, active) : err;
}

void od__roster_answer(od_engine *engine, od_id campaign, const char *question,
                       const char *choice)
{
    od__active *active = od__roster_find(engine, campaign);
    if (active != NULL && is_quota_answer(&active->record, question, choice)) {
        active->quota_given++;
        active->quota_reached =
            active->quota_given >= active->record.quota_answers;
    }
}

/* Why a campaign cannot call, however it came to run; NULL: it can. */
static const char *unfit(const od_campaign_record *record)
{
    if (record->channel == OD_CHANNEL_TEXT) {
        return record->caller_id == 0 || record->text[0] == '\0'
                   ? "it has no caller ID, or no text"
                   : NULL;
    }
    return record->caller_id == 0 ||
                   (record->prompts_len == 0 && record->survey == 0)
               ? "it has no caller ID, or nothing to play"
               : NULL;
}

/* What its people hear, or read. */
static od_err load(od_engine *engine, od__active *active)
{
    return active->record.channel == OD_CHANNEL_TEXT
               ? od__composer_new(engine, &active->record, &active->composer)
               : od__script_load(engine, &active->record, NULL, NULL,
                                 &active->script);
}

static od_err enter(od_engine *engine, const od_campaign_record *record)
{
    if (engine->active_len == 2 * (size_t)engine->options.campaigns_max) {
        engine->left_out = true; /* waits until another ends */
        return OD_OK;
    }
    od__active *active = od__alloc(&engine->allocator, sizeof *active);
    if (active == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    active->record = *record;
    active->running = true;
    active->lanes_stale = true;
    active->served = least_served(engine, record->priority);
    od_err err = load(engine, active);
    if (err == OD_OK) {
        err = read_besides(engine, active);
    }
    if (err != OD_OK) {
        od__script_free(active->script);
        od__composer_free(active->composer);
        od__free(&engine->allocator, active);
        if (err == OD_ERR_NOT_FOUND || err == OD_ERR_FORMAT ||
            err == OD_ERR_INVALID || err == OD_ERR_LIMIT) {
            od_errmsg why = engine->errmsg;
            return move(engine, record->id, OD_CAMPAIGN_RUNNING,
                        OD_CAMPAIGN_PAUSED, why.text);
        }
        return err;
    }
    engine->active[engine->active_len++] = active;
    return OD_OK;
}

static size_t running_len(const od_engine *engine)
{
    size_t len = 0;
    for (size_t i = 0; i < engine->active_len; i++) {
        len += engine->active[i]->running ? 1 : 0;
    }
    return len;
}

/* A state that somebody else gave to a campaign of the roster: the host of this
 * engine hears of it too.
 * false: there is no place for the event. */
static bool tell_state(od_engine *engine, const od_campaign_record *record)
{
    if (!od__events_has_room(engine)) {
        return false;
    }
    od_event *e = od__events_put(engine, OD_EVENT_CAMPAIGN_STATE);
    e->u.campaign.campaign = record->id;
    e->u.campaign.state = record->state;
    od__text_copy(e->u.campaign.text, sizeof e->u.campaign.text,
                  record->state_text);
    return true;
}

static od_err take_record(od_engine *engine, const od_campaign_record *record)
{
    od__active *active = od__roster_find(engine, record->id);
    bool runs = record->state == OD_CAMPAIGN_RUNNING;
    const char *why = runs ? unfit(record) : NULL;
    if (why != NULL) {
        if (active != NULL) {
            active->running = false;
        }
        return move(engine, record->id, OD_CAMPAIGN_RUNNING,
                    OD_CAMPAIGN_PAUSED, why);
    }
    if (record->state == OD_CAMPAIGN_SCHEDULED &&
        record->start_utc_ms < engine->scheduled_utc_ms) {
        engine->scheduled_utc_ms = record->start_utc_ms;
    }
    if (active != NULL && active->record.state != record->state &&
        !tell_state(engine, record)) {
        active->running = false; /* until the host has read its events */
        active->untold = true;
        engine->events_short = true;
        return OD_OK;
    }
    if (active != NULL && !same_script(&active->record, record)) {
        active->running = false; /* also while it pauses: it will resume */
        active->retired = true;
        active = NULL;
    }
    if (active != NULL) {
        if (active->record.priority != record->priority) {
            active->served = least_served(engine, record->priority);
        }
        active->record = *record;
        active->running = runs;
        active->untold = false;
        active->lanes_stale = true;
        active->guard_tripped = active->guard_tripped && runs;
        return read_besides(engine, active);
    }
    if (!runs) {
        return OD_OK;
    }
    if (running_len(engine) >= (size_t)engine->options.campaigns_max) {
        engine->left_out = true;
        return OD_OK;
    }
    return enter(engine, record);
}

static void bound(int32_t *value, int32_t min, int32_t max)
{
    *value = *value < min ? min : *value > max ? max : *value;
}

/* A damaged store hands out what no option lets through. What is an index, a
 * divisor, a length or a factor here is kept in its range. */
static void mend(od_campaign_record *record)
{
    od_guards *guards = &record->guards;
    int32_t *const shares[] = {&guards->short_max, &guards->prefix_max,
                               &guards->unheard_max, &guards->abandon_max,
                               &guards->brief_max};
    for (size_t i = 0; i < OD__LEN(shares); i++) {
        bound(shares[i], OD_NONE, 1000);
    }
    bound(&record->fail_stop_pct, OD_NONE, 100);
    bound(&record->priority, 1, 9);
    bound(&record->weight, 1, 100);
    bound(&record->guards.sample, 20, OD__GUARD_SAMPLE_MAX);
    bound(&record->channel, OD_CHANNEL_VOICE, OD_CHANNEL_TEXT);
    bound(&record->texts_per_minute_max, 0, 600000);
    bound(&record->validity_s, 60, 604800);
}

od_err od__roster_refresh(od_engine *engine)
{
    od_id ids[64];
    size_t count = 0;
    od_id after = 0;
    engine->scheduled_utc_ms = OD_NEVER;
    engine->roster_stale = false;
    engine->left_out = false;
    do {
        od_err err = OD__STORE(engine, campaign_scan)(
            engine->store, after, ids, OD__LEN(ids), &count);
        if (err != OD_OK) {
            engine->roster_stale = true;
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            od_campaign_record record;
            after = ids[i];
            err = OD__STORE(engine, campaign_get)(engine->store, ids[i],
                                                  &record);
            if (err == OD_OK) {
                mend(&record);
                err = take_record(engine, &record);
            } else if (err != OD_ERR_NOT_FOUND) {
                err = od__store_err(engine, err);
            }
            if (err != OD_OK && err != OD_ERR_NOT_FOUND) {
                engine->roster_stale = true;
                return err;
            }
        }
    } while (count == OD__LEN(ids));
    drop_idle(engine);
    size_t max = (size_t)engine->options.campaigns_max;
    if (engine->left_out && running_len(engine) < max &&
        engine->active_len < 2 * max) {
        engine->roster_stale = true; /* a place came free behind its turn */
    }
    return OD_OK;
}

/* -- a turn ---------------------------------------------------------------- */

/* Its time has come. It may have changed since it was checked: what would not
 * start by hand does not start by itself. */
static od_err begin_one(od_engine *engine, const od_campaign_record *record)
{
    od_problem first;
    char why[256];
    size_t problems = 0;
    size_t errors = 0;
    /* It may have to be told running and paused: both or nothing, and before
     * its members are gone through. */
    if (!od__events_promise(engine, 2)) {
        engine->events_short = true;
        return OD_OK;
    }
    od__events_release(engine, 2);
    od_err err =
        od__preflight(engine, record, false, &first, 1, &problems, &errors);
    if (err == OD_OK) {
        err = move(engine, record->id, record->state,
                   od__campaign_next(record->state, OD__CAMPAIGN_TIME), "");
    }
    if (err != OD_OK || errors == 0) {
        return err;
    }
    (void)snprintf(why, sizeof why, "%.120s: %.120s", first.what, first.cure);
    return move(engine, record->id, OD_CAMPAIGN_RUNNING,
                od__campaign_next(OD_CAMPAIGN_RUNNING, OD__CAMPAIGN_PAUSE),
                why);
}

static od_err begin_scheduled(od_engine *engine)
{
    od_id ids[64];
    size_t count = 0;
    od_id after = 0;
    do {
        od_err err = OD__STORE(engine, campaign_scan)(
            engine->store, after, ids, OD__LEN(ids), &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            od_campaign_record record;
            after = ids[i];
            err = OD__STORE(engine, campaign_get)(engine->store, ids[i],
                                                  &record);
            if (err == OD_OK && record.state == OD_CAMPAIGN_SCHEDULED &&
                record.start_utc_ms <= engine->now.utc_ms) {
                err = begin_one(engine, &record);
            }
            if (err != OD_OK) {
                return od__store_err(engine, err);
            }
        }
    } while (count == OD__LEN(ids));
    engine->roster_stale = true;
    return OD_OK;
}

static od_err fill(od_engine *engine, od__active *active)
{
    od_fill slice;
    memset(&slice, 0, sizeof slice);
    slice.campaign = active->record.id;
    slice.utc_ms = engine->now.utc_ms;
    slice.rows_max = FILL_ROWS;
    slice.attempts_below = active->record.recall == OD_NONE
                               ? 0
                               : active->record.attempts_max;
    od_err err = OD__STORE(engine, fill)(engine->store, &slice);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    active->lanes_stale = true;
    active->record.filled = slice.done;
    return OD_OK;
}

bool od__roster_may_end(const od_engine *engine, const od__active *active)
{
    if (!active->check_complete || !active->record.filled ||
        active->lanes_stale || active->live > 0 ||
        od__import_is_running(engine)) {
        return false;
    }
    for (size_t i = 0; i < active->lanes_len; i++) {
        if (active->lanes[i].due_next_utc_ms != OD_NEVER) {
            return false;
        }
    }
    return true;
}

/* Could a receipt bring back a number whose text is still on its way? */
static bool awaits_receipts(const od_campaign_record *c,
                            const od_counters *sums)
{
    return c->channel == OD_CHANNEL_TEXT && c->attempts_max > 1 &&
           c->recall != OD_NONE &&
           c->retries[OD_DISPOSITION_UNDELIVERED].delay_s != OD_NONE &&
           sums->delivery_by[OD_DELIVERY_ACCEPTED] +
                   sums->delivery_by[OD_DELIVERY_SENT] > 0;
}

/* Is nothing left to call? Asked of the counters, never of the rows. */
static od_err finish(od_engine *engine, od__active *active)
{
    od_counters counters;
    if (!od__roster_may_end(engine, active)) {
        return OD_OK;
    }
    od_err err = OD__STORE(engine, counters)(engine->store, active->record.id,
                                             &counters);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    if (counters.ready > 0) { /* once: they may stay wrong */
        active->lanes_stale = !active->recounted;
        active->recounted = true;
    } else if (counters.flight == 0 &&
               !awaits_receipts(&active->record, &counters)) {
        err = move(engine, active->record.id, OD_CAMPAIGN_RUNNING,
                   od__campaign_next(OD_CAMPAIGN_RUNNING, OD__CAMPAIGN_FINISH),
                   "");
    }
    active->check_complete = err != OD_OK; /* then the next step asks again */
    return err;
}

/* A guard tripped. No call begins until the state has moved. */
static od_err guard(od_engine *engine, od__active *active)
{
    od_err err = move(engine, active->record.id, OD_CAMPAIGN_RUNNING,
                      OD_CAMPAIGN_PAUSED, active->guard_why);
    if (err == OD_OK && !active->running) {
        od__guard_clear(active);
    }
    return err;
}

bool od__roster_is_over(const od_engine *engine, const od__active *active)
{
    int64_t end_utc_ms = active->record.end_utc_ms;
    return active->quota_reached ||
           (end_utc_ms != 0 && end_utc_ms <= engine->now.utc_ms);
}

/* Its end has come, or enough have answered: whoever is left is left. */
static od_err complete(od_engine *engine, const od__active *active)
{
    char why[192] = "its end has come";
    if (active->quota_reached) {
        (void)snprintf(why, sizeof why, "its quota is reached: %d answered "
                                        "\"%.63s\" to \"%.63s\"",
                       (int)active->record.quota_answers,
                       active->record.quota_choice,
                       active->record.quota_question);
    }
    return move(engine, active->record.id, OD_CAMPAIGN_RUNNING,
                od__campaign_next(OD_CAMPAIGN_RUNNING, OD__CAMPAIGN_FINISH),
                why);
}

od_err od__roster_turn(od_engine *engine)
{
    od_err err = OD_OK;
    if (engine->scheduled_utc_ms <= engine->now.utc_ms) {
        err = begin_scheduled(engine);
    }
    if (err == OD_OK && engine->roster_stale) {
        err = od__roster_refresh(engine);
    }
    for (size_t i = 0; err == OD_OK && i < engine->active_len; i++) {
        od__active *active = engine->active[i];
        if (!active->running) {
            continue;
        }
        if (active->guard_tripped) {
            err = guard(engine, active);
        } else if (od__roster_is_over(engine, active)) {
            err = complete(engine, active);
        } else if (!active->record.filled) {
            err = fill(engine, active);
        } else {
            err = finish(engine, active);
        }
        if (engine->roster_stale) {
            break; /* a state moved: the list of campaigns may change */
        }
    }
    return err;
}
