/*
 * forecast_run.c - calls in virtual time.
 *
 *      +-----------+  due, and its place open   +--------+ a call  +------+
 *      | lane of   | -------------------------> | lanes  | ------> | live |
 *      | a place   | <------------------------- | in turn|         +------+
 *      +-----------+     nothing due, closed    +--------+            |
 *            ^                                                        |
 *            +------------------ retry -------------------------------+
 *
 * What step, pick, pace and call do, without a store and a network: time jumps
 * from one instant at which something is due to the next. A lane that is due
 * and open stands in a row with the others; the first gets the calls that can
 * begin and goes to the end. Decisions, retries and places are those of a real
 * run. The same numbers, options and seed give the same run: lanes stand by
 * their ids where they are due at once, numbers by phone.
 */
#include "core/forecast.h"

#include <assert.h>

#define HOUR_MS 3600000
#define CALL_MICRO 1000000

typedef struct lane {
    od__timer timer; /* while it waits; id: of the lane */
    uint32_t first;  /* of its queue */
    int32_t next;    /* in the row; OD_NONE: the last */
    bool in_row;
    bool closed; /* it waits for its place to open */
} lane;

typedef struct call {
    od__timer timer; /* its end; id: of the slot */
    uint32_t number;
    int32_t free_next;
    int64_t claimed_utc_ms;
    od__fate fate;
} call;

typedef struct place {
    bool known;
    od__opening opening;
} place;

typedef struct run {
    const od__course *course;
    od_engine *engine;
    od__number *rows;
    od_forecast *out;
    int64_t billed_ms;
    int64_t utc_ms;
    lane *lanes; /* by od_lane_of() */
    place *places;
    size_t lanes_len;
    od__heap waiting; /* lanes */
    int32_t row_first;
    int32_t row_last;
    call *calls;
    size_t calls_len;
    int32_t calls_free;
    int64_t live;
    od__heap ends;
    int64_t tokens_micro;
    int64_t tokens_at_ms;
    int64_t hour; /* that is counted */
    int64_t hour_calls;
    bool stopped;
    int32_t stop_reason; /* od_reason */
    od_err err;
} run;

/* == lanes ================================================================ */

static const od__opening *opening_of(run *r, int32_t id)
{
    place *p = &r->places[id];
    if (!p->known || p->opening.until_utc_ms <= r->utc_ms) {
        p->known = true;
        od__decide_place(&r->engine->law, r->course->campaign,
                         od__places_get(r->engine, id), r->utc_ms, &p->opening);
    }
    return &p->opening;
}

static void row_put(run *r, int32_t id)
{
    lane *l = &r->lanes[id];
    l->in_row = true;
    l->next = OD_NONE;
    if (r->row_first == OD_NONE) {
        r->row_first = id;
    } else {
        r->lanes[r->row_last].next = id;
    }
    r->row_last = id;
}

static int32_t row_take(run *r)
{
    int32_t id = r->row_first;
    r->row_first = r->lanes[id].next;
    r->lanes[id].in_row = false;
    return id;
}

/* Where a lane stands that was asked: in the row, waiting, or nowhere. */
static void settle(run *r, int32_t id)
{
    lane *l = &r->lanes[id];
    l->closed = false;
    if (l->first == 0) {
        od__heap_unset(&r->waiting, &l->timer);
        return;
    }
    int64_t due_utc_ms = r->rows[l->first - 1].due_utc_ms;
    if (due_utc_ms <= r->utc_ms) {
        od__heap_unset(&r->waiting, &l->timer);
        row_put(r, id);
    } else {
        od__heap_set(&r->waiting, &l->timer, due_utc_ms);
    }
}

static void wait_for(run *r, int32_t id, const od__opening *opening)
{
    int64_t until = opening->verdict.until_utc_ms;
    r->lanes[id].closed = true;
    od__heap_set(&r->waiting, &r->lanes[id].timer,
                 until > r->utc_ms ? until : r->utc_ms + 1);
}

/* A number is ready: into its lane. */
static void put(run *r, uint32_t number)
{
    const od__number *n = &r->rows[number - 1];
    int32_t id = od_lane_of(n->place, n->attempts > 0);
    lane *l = &r->lanes[id];
    od__queue_put(r->rows, &l->first, number);
    if (!l->in_row && !l->closed) {
        settle(r, id);
    }
}

/* == pace ================================================================= */

static int64_t rate_milli(const run *r)
{
    return r->course->calls_per_second_max * 1000;
}

/* As pace.c counts: a bucket of a twentieth of a second, at least a call. */
static void count_tokens(run *r)
{
    int64_t room = rate_milli(r) * 50;
    int64_t passed_ms = r->utc_ms - r->tokens_at_ms;
    room = room > CALL_MICRO ? room : CALL_MICRO;
    passed_ms = passed_ms < 20000 ? passed_ms : 20000; /* fills any bucket */
    r->tokens_micro += passed_ms * rate_milli(r);
    r->tokens_micro = r->tokens_micro < room ? r->tokens_micro : room;
    r->tokens_at_ms = r->utc_ms;
}

static bool has_room(const run *r)
{
    return r->live < r->course->calls_max && r->tokens_micro >= CALL_MICRO;
}

/* == calls ================================================================ */

static void count_call(run *r)
{
    int64_t hour = (r->utc_ms - r->course->now_utc_ms) / HOUR_MS;
    if (hour != r->hour) {
        r->hour = hour;
        r->hour_calls = 0;
    }
    r->hour_calls++;
    r->out->calls++;
    if (r->hour_calls > r->out->calls_per_hour_peak) {
        r->out->calls_per_hour_peak = r->hour_calls;
    }
    if (hour < OD_FORECAST_HOURS) {
        r->out->hours[hour]++;
        r->out->hours_len = (int32_t)hour + 1;
    }
}

static void begin_call(run *r, uint32_t number)
{
    od__number *n = &r->rows[number - 1];
    assert(r->calls_free != OD_NONE);
    call *c = &r->calls[r->calls_free];
    r->calls_free = c->free_next;
    c->number = number;
    c->claimed_utc_ms = r->utc_ms;
    od__model_draw(r->course->model, n->phone, n->attempts,
                   r->course->campaign->ring_timeout_ms, &c->fate);
    n->state = OD_TARGET_FLIGHT;
    n->flags |= OD__NUMBER_CALLED;
    r->live++;
    if (r->live > r->out->concurrent_peak) {
        r->out->concurrent_peak = r->live;
    }
    int64_t ms = c->fate.ring_ms + c->fate.talk_ms;
    od__heap_set(&r->ends, &c->timer, r->utc_ms + (ms > 0 ? ms : 1));
}

/* The contact's next phone, if it is no target yet. */
static void follow(run *r, const od__number *n, int64_t due_utc_ms)
{
    od__number *next = n->follow != 0 ? &r->rows[n->follow - 1] : NULL;
    if (next != NULL && (next->flags & OD__NUMBER_DORMANT) != 0) {
        next->flags &= (uint8_t)~OD__NUMBER_DORMANT;
        next->state = OD_TARGET_READY;
        next->due_utc_ms = due_utc_ms;
        put(r, n->follow);
    }
}

static void count_text(run *r, const od__number *n)
{
    bool ucs2 = (n->flags & OD__NUMBER_UCS2) != 0;
    r->out->segments += n->segments;
    r->out->segments_ucs2 += ucs2 ? n->segments : 0;
    r->out->texts_ucs2 += ucs2 ? 1 : 0;
}

static void count_talk(run *r, const od__fate *fate)
{
    int64_t step = r->course->talk_step_ms;
    if (fate->answered) {
        r->out->talk_ms += fate->talk_ms;
        r->billed_ms += (fate->talk_ms + step - 1) / step * step;
    }
}

static void end_call(run *r, call *c)
{
    od__number *n = &r->rows[c->number - 1];
    od_outcome outcome = {.phone = n->phone,
                          .ended_utc_ms = r->utc_ms,
                          .talk_ms = c->fate.talk_ms,
                          .disposition = c->fate.disposition,
                          .reached_network = true};
    const od__tried tried = {.attempts = n->attempts,
                             .tries = n->tries,
                             .claimed_utc_ms = c->claimed_utc_ms,
                             .place = od__places_get(r->engine, n->place)};
    od__retry(r->course->campaign, &tried, r->utc_ms, &outcome);
    count_talk(r, &c->fate);
    r->err = od__number_note(r->engine, r->course->numbers, n,
                             c->claimed_utc_ms, true);
    n->line_called_utc_ms = c->claimed_utc_ms;
    if (outcome.answered) {
        n->line_answered_utc_ms = r->utc_ms;
        n->flags |= OD__NUMBER_ANSWERED;
    }
    if (outcome.disposition == OD_DISPOSITION_SENT) {
        n->flags |= OD__NUMBER_ANSWERED;
        count_text(r, n);
    }
    n->flags |= outcome.number_invalid ? OD__NUMBER_INVALID : 0;
    n->attempts =
        n->attempts < UINT8_MAX ? (uint8_t)(n->attempts + 1) : UINT8_MAX;
    n->tries = od_tries_add(n->tries, outcome.disposition);
    n->disposition = (uint8_t)outcome.disposition;
    n->state = (uint8_t)outcome.target_state;
    n->reason = OD_REASON_NONE;
    r->out->finish_utc_ms = r->utc_ms;
    r->live--;
    c->free_next = r->calls_free;
    r->calls_free = (int32_t)c->timer.id;
    if (n->state == OD_TARGET_READY) {
        n->due_utc_ms = outcome.due_utc_ms;
        put(r, c->number);
    } else if (outcome.follow) {
        follow(r, n, r->utc_ms);
    }
}

/* Calls that have ended by now, each at its own time. */
static void end_calls(run *r, int64_t utc_ms)
{
    od__timer *timer = od__heap_first(&r->ends);
    while (r->err == OD_OK && timer != NULL && timer->at_ms <= utc_ms) {
        od__heap_unset(&r->ends, timer);
        r->utc_ms = timer->at_ms;
        end_call(r, &r->calls[timer->id]);
        timer = od__heap_first(&r->ends);
    }
    r->utc_ms = utc_ms;
}

/* == what may begin ======================================================= */

static void judge(run *r, uint32_t number, const od__opening *opening,
                  od_verdict *out)
{
    od_candidate candidate;
    const od__facts facts = {.law = &r->engine->law,
                             .registries = r->engine->registries,
                             .campaign = r->course->campaign,
                             .given = r->course->given,
                             .candidate = &candidate,
                             .opening = opening,
                             .utc_ms = r->utc_ms};
    od__number_tell(r->course->numbers, &r->rows[number - 1],
                    r->course->campaign->id, r->utc_ms, &candidate);
    od__decide(&facts, out);
    if (out->kind == OD_VERDICT_ALLOW &&
        (r->rows[number - 1].flags & OD__NUMBER_MUTE) != 0) {
        *out = (od_verdict){.kind = OD_VERDICT_BLOCK, .reason = OD_REASON_TEXT};
    }
}

/* What a verdict other than ALLOW does to the number. */
static void carry_out(run *r, uint32_t number, const od_verdict *verdict)
{
    od__number *n = &r->rows[number - 1];
    int64_t until = verdict->until_utc_ms;
    n->reason = (uint8_t)verdict->reason;
    if (verdict->kind == OD_VERDICT_DEFER) {
        n->due_utc_ms = until > r->utc_ms ? until : r->utc_ms + 1;
        put(r, number);
        return;
    }
    n->state = OD_TARGET_BLOCKED;
    r->out->finish_utc_ms = r->utc_ms;
    if (od__pick_follows(verdict)) {
        follow(r, n, r->utc_ms + 1);
    }
}

/* Judge what is due in a lane that is out of the row, while calls can begin. */
static void ask(run *r, int32_t id, const od__opening *opening)
{
    lane *l = &r->lanes[id];
    bool blocked = opening->verdict.kind == OD_VERDICT_BLOCK;
    od_verdict verdict;
    l->closed = true; /* what is put back does not move it meanwhile */
    while (l->first != 0 && r->rows[l->first - 1].due_utc_ms <= r->utc_ms &&
           (blocked || has_room(r)) && !r->stopped) {
        judge(r, l->first, opening, &verdict);
        if (od__decide_pauses(&verdict)) {
            r->stopped = true; /* the engine would pause the campaign */
            r->stop_reason = verdict.reason;
            break;
        }
        uint32_t number = od__queue_take(r->rows, &l->first);
        if (verdict.kind == OD_VERDICT_ALLOW) {
            r->tokens_micro -= CALL_MICRO;
            count_call(r);
            begin_call(r, number);
        } else {
            carry_out(r, number, &verdict);
        }
    }
    settle(r, id);
}

/* Lanes that something is due in: into the row, if their place is open. */
static void wake(run *r)
{
    od__timer *timer = od__heap_first(&r->waiting);
    while (timer != NULL && timer->at_ms <= r->utc_ms && !r->stopped) {
        int32_t id = (int32_t)timer->id;
        const od__opening *opening = opening_of(r, od_lane_place(id));
        od__heap_unset(&r->waiting, timer);
        if (opening->verdict.kind == OD_VERDICT_DEFER) {
            wait_for(r, id, opening);
        } else if (opening->verdict.kind == OD_VERDICT_BLOCK) {
            ask(r, id, opening);
        } else {
            settle(r, id);
        }
        timer = od__heap_first(&r->waiting);
    }
}

static void claim(run *r)
{
    while (r->row_first != OD_NONE && has_room(r) && !r->stopped) {
        int32_t id = row_take(r);
        const od__opening *opening = opening_of(r, od_lane_place(id));
        if (opening->verdict.kind == OD_VERDICT_DEFER) {
            wait_for(r, id, opening);
        } else {
            ask(r, id, opening);
        }
    }
}

/* == time ================================================================= */

/* The next instant at which something can happen, or OD_NEVER. */
static int64_t next_of(const run *r)
{
    const od__timer *end = od__heap_first(&r->ends);
    const od__timer *due = od__heap_first(&r->waiting);
    int64_t next = end != NULL ? end->at_ms : OD_NEVER;
    if (due != NULL && due->at_ms < next) {
        next = due->at_ms;
    }
    if (r->row_first != OD_NONE && r->live < r->course->calls_max) {
        int64_t lacking = CALL_MICRO - r->tokens_micro;
        int64_t rate = rate_milli(r);
        int64_t token =
            r->utc_ms + (lacking > 0 ? (lacking + rate - 1) / rate : 1);
        next = token < next ? token : next;
    }
    return next;
}

/* Why a number waits that was never called, at the end. */
static void name_reasons(run *r)
{
    const od_campaign_record *campaign = r->course->campaign;
    bool ended = campaign->end_utc_ms != 0 &&
                 campaign->end_utc_ms <= r->course->end_utc_ms;
    bool begun = r->course->begin_utc_ms < r->course->end_utc_ms;
    for (size_t i = 0; i < r->course->numbers->len; i++) {
        od__number *n = &r->rows[i];
        if (n->state != OD_TARGET_READY ||
            (n->flags & (OD__NUMBER_CALLED | OD__NUMBER_DORMANT)) != 0) {
            continue;
        }
        const od_verdict *v = &opening_of(r, n->place)->verdict;
        if (r->stopped) {
            n->reason = (uint8_t)r->stop_reason;
        } else if (ended) {
            n->reason = OD_REASON_CAMPAIGN_ENDED;
        } else if (!begun) {
            n->reason = OD_REASON_CAMPAIGN_STATE;
        } else if (v->kind != OD_VERDICT_ALLOW) {
            n->reason = (uint8_t)v->reason;
        }
    }
}

static void go(run *r)
{
    int64_t next = r->course->begin_utc_ms;
    while (r->err == OD_OK && next < r->course->end_utc_ms && !r->stopped) {
        assert(next >= r->utc_ms);
        end_calls(r, next);
        count_tokens(r);
        wake(r);
        claim(r);
        next = next_of(r);
    }
    end_calls(r, OD_NEVER); /* the last ones end after the end */
    r->utc_ms = r->course->end_utc_ms;
}

/* == setting up =========================================================== */

static size_t flights_of(const od__numbers *numbers)
{
    size_t len = 0;
    for (size_t i = 0; i < numbers->len; i++) {
        len += numbers->rows[i].state == OD_TARGET_FLIGHT ? 1 : 0;
    }
    return len;
}

static od_err init(run *r, const od__course *course, od_forecast *out)
{
    const od_allocator *allocator = &course->engine->allocator;
    size_t places_len = (size_t)course->numbers->place_max + 1;
    size_t begun = flights_of(course->numbers);
    memset(r, 0, sizeof *r);
    r->course = course;
    r->engine = course->engine;
    r->rows = course->numbers->rows;
    r->out = out;
    r->utc_ms = course->now_utc_ms;
    r->tokens_at_ms = course->now_utc_ms - 20000; /* a full bucket */
    r->hour = OD_NONE;
    r->row_first = OD_NONE;
    r->lanes_len = 2 * places_len;
    r->calls_len = (size_t)course->calls_max + begun;
    r->lanes = od__alloc(allocator, r->lanes_len * sizeof *r->lanes);
    r->places = od__alloc(allocator, places_len * sizeof *r->places);
    r->calls = od__alloc(allocator, r->calls_len * sizeof *r->calls);
    if (r->lanes == NULL || r->places == NULL || r->calls == NULL ||
        od__heap_init(&r->waiting, (uint32_t)r->lanes_len, allocator) !=
            OD_OK ||
        od__heap_init(&r->ends, (uint32_t)r->calls_len, allocator) != OD_OK) {
        return od__engine_fail(r->engine, OD_ERR_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < r->lanes_len; i++) {
        r->lanes[i].timer.id = (uint32_t)i;
    }
    for (size_t i = 0; i < r->calls_len; i++) {
        r->calls[i].timer.id = (uint32_t)i;
        r->calls[i].free_next = i + 1 < r->calls_len ? (int32_t)i + 1 : OD_NONE;
    }
    return OD_OK;
}

static void clear(run *r)
{
    const od_allocator *allocator = &r->engine->allocator;
    od__heap_clear(&r->waiting, allocator);
    od__heap_clear(&r->ends, allocator);
    od__free(allocator, r->lanes);
    od__free(allocator, r->places);
    od__free(allocator, r->calls);
}

/* Numbers into their lanes; calls that live begin now, as far as is known. */
static void place_numbers(run *r)
{
    for (size_t i = 0; i < r->course->numbers->len; i++) {
        const od__number *n = &r->rows[i];
        if (n->state == OD_TARGET_FLIGHT) {
            begin_call(r, (uint32_t)i + 1);
        } else if (n->state == OD_TARGET_READY &&
                   (n->flags & OD__NUMBER_DORMANT) == 0) {
            od__queue_put(
                r->rows, &r->lanes[od_lane_of(n->place, n->attempts > 0)].first,
                (uint32_t)i + 1);
        }
    }
    for (size_t i = 0; i < r->lanes_len; i++) {
        if (r->lanes[i].first != 0) {
            od__heap_set(&r->waiting, &r->lanes[i].timer,
                         r->rows[r->lanes[i].first - 1].due_utc_ms);
        }
    }
}

od_err od__forecast_run(const od__course *course, od_forecast *out,
                        int64_t *billed_ms, bool *stopped)
{
    run r;
    od_err err = init(&r, course, out);
    if (err == OD_OK) {
        place_numbers(&r);
        out->finish_utc_ms = course->begin_utc_ms;
        go(&r);
        err = r.err;
    }
    if (err == OD_OK) {
        name_reasons(&r);
    }
    *billed_ms = r.billed_ms;
    *stopped = r.stopped;
    clear(&r);
    return err;
}
