/*
 * rig.c - drives one campaign of chaos; see rig.h.
 */
#include "rig.h"

#include <inttypes.h>

#define STEPS_MAX 3000000
#define LOOK_MS 600000

/* == chance ================================================================ */

static uint64_t random64(rig *r)
{
    r->rand += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t x = r->rand;
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

int rig_below(rig *r, int n)
{
    return (int)(random64(r) % (uint64_t)n);
}

int rig_between(rig *r, int low, int high)
{
    return low + rig_below(r, high - low + 1);
}

bool rig_chance(rig *r, int percent)
{
    return rig_below(r, 100) < percent;
}

/* == telling =============================================================== */

static void stamp(const rig *r, char *out, size_t size)
{
    time_t at = (time_t)(r->now.utc_ms / 1000);
    struct tm tm;
    (void)gmtime_r(&at, &tm);
    (void)strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

void rig_say(rig *r, const char *fmt, ...)
{
    char *line = r->actions[r->actions_len++ % RIG_ACTIONS];
    char at[40];
    va_list args;
    stamp(r, at, sizeof at);
    int len = snprintf(line, sizeof r->actions[0], "%s ", at);
    va_start(args, fmt);
    (void)vsnprintf(line + len, sizeof r->actions[0] - (size_t)len, fmt, args);
    va_end(args);
    for (char *end = line; (end = strchr(end, '\n')) != NULL;) {
        *end = ';';
    }
    if (r->verbose) {
        (void)printf("%s\n", line);
    }
}

void rig_fail(rig *r, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(r->failure, sizeof r->failure, fmt, args);
    va_end(args);
    longjmp(r->out, 1);
}

static void on_broken(void *ctx, const char *text)
{
    rig_fail(ctx, "%s", text);
}

bool rig_ok(rig *r, od_err err, const char *what)
{
    switch (err) {
    case OD_OK:
        return true;
    case OD_ERR_STATE:
    case OD_ERR_REFUSED:
    case OD_ERR_NOT_FOUND:
    case OD_ERR_EXISTS:
    case OD_ERR_LIMIT:
        break;
    default:
        if (r->c.healthy) {
            rig_fail(r, "%s: %s, %s", what, od_err_name(err),
                     od_engine_errmsg(r->engine));
        }
    }
    rig_say(r, "  %s: %s: %.110s", what, od_err_name(err),
            od_engine_errmsg(r->engine));
    return false;
}

/* == the far end, listened to ============================================== */

static void on_report(void *ctx, const od_report *report)
{
    rig *r = ctx;
    switch (report->kind) {
    case OD_REPORT_PROGRESS:
    case OD_REPORT_RINGING:
        chk_on_reached(&r->c, report->attempt);
        break;
    case OD_REPORT_ANSWERED:
        chk_on_answered(&r->c, report->attempt);
        break;
    case OD_REPORT_DIGIT:
        chk_on_digit(&r->c, report->attempt, report->digit);
        break;
    case OD_REPORT_ENDED:
        rig_say(r, "  attempt %lld ends, status %d, fault %d",
                (long long)report->attempt, report->status, report->fault);
        chk_on_end(&r->c, report->attempt, report->status,
                   report->fault == OD_ERR_LIMIT, report->retry_after_s);
        break;
    case OD_REPORT_MACHINE:
        chk_on_machine(&r->c, report->attempt);
        break;
    case OD_REPORT_TRUNK:
        r->c.trunk_up[report->trunk] = report->up;
        break;
    case OD_REPORT_PLAY_ENDED:
    case OD_REPORT_RECEIPT:
    case OD_REPORT_REPLY:
        break;
    }
    od_sink_post(r->engine_sink, report);
}

static void on_wake(void *ctx)
{
    rig *r = ctx;
    od_sink_wake(r->engine_sink);
}

static void tap_free(void *ctx)
{
    rig *r = ctx;
    od_transport_free(r->sim);
    od_sink_free(r->tap_sink);
    r->tap_sink = NULL;
}

static od_err tap_start(void *ctx, od_sink *sink, uint32_t calls_max,
                        const od_now *now, od_errmsg *errmsg)
{
    rig *r = ctx;
    r->engine_sink = sink;
    od_err err = od_sink_new(&r->tap_sink, on_report, on_wake, r);
    return err != OD_OK ? err
                        : r->carrier.start(r->carrier_ctx, r->tap_sink,
                                           calls_max, now, errmsg);
}

static od_err tap_trunk_get(void *ctx, int32_t index, od_trunk_info *out)
{
    rig *r = ctx;
    od_err err = r->carrier.trunk_get(r->carrier_ctx, index, out);
    if (err == OD_OK) {
        r->c.trunks_len = index + 1;
        r->c.trunk_calls_max = out->calls_max;
        r->c.trunk_up[index] = out->up;
    }
    return err;
}

static void tap_step(void *ctx, const od_now *now, size_t reports_max)
{
    rig *r = ctx;
    r->carrier.step(r->carrier_ctx, now, reports_max);
}

static int64_t tap_deadline(void *ctx)
{
    rig *r = ctx;
    return r->carrier.deadline_ms(r->carrier_ctx);
}

static od_err tap_dial(void *ctx, const od_dial *dial)
{
    rig *r = ctx;
    chk_flight_row rows[ROWS_FLIGHTS];
    const chk_flight_row *found = NULL;
    size_t len = rows_flights(r, rows);
    for (size_t i = 0; i < len; i++) {
        found = rows[i].phone == dial->to ? &rows[i] : found;
    }
    rig_states(r);
    rig_say(r, "dial +%" PRIu64 " campaign %lld attempt %lld", dial->to,
            (long long)dial->campaign, (long long)dial->attempt);
    const chk_dial told = {.attempt = dial->attempt,
                           .campaign = dial->campaign,
                           .to = dial->to,
                           .trunk = dial->trunk,
                           .session = dial->session_id};
    chk_on_dial(&r->c, &told, found);
    r->slots[dial->slot % RIG_SLOTS] = dial->attempt;
    od_err err = r->carrier.dial(r->carrier_ctx, dial);
    if (err != OD_OK) {
        chk_on_dial_failed(&r->c, dial->attempt, err == OD_ERR_LIMIT);
    }
    return err;
}

static void tap_hangup(void *ctx, uint32_t slot)
{
    rig *r = ctx;
    chk_on_hangup(&r->c, r->slots[slot % RIG_SLOTS]);
    r->carrier.hangup(r->carrier_ctx, slot);
}

static void tap_play(void *ctx, uint32_t slot, int32_t play,
                     const od_prompt *const *prompts, size_t prompts_len,
                     int64_t offset_ms)
{
    rig *r = ctx;
    r->carrier.play(r->carrier_ctx, slot, play, prompts, prompts_len,
                    offset_ms);
}

static void tap_play_stop(void *ctx, uint32_t slot)
{
    rig *r = ctx;
    r->carrier.play_stop(r->carrier_ctx, slot);
}

static od_transport *open_tap(rig *r)
{
    od_transport *out = NULL;
    od_errmsg errmsg = {""};
    if (od_transport_new_sim(&r->sim, &r->sim_options, &errmsg) != OD_OK) {
        rig_fail(r, "sim: %s", errmsg.text);
    }
    r->carrier = *od_transport_ops_get(r->sim);
    r->carrier_ctx = od_transport_ctx_get(r->sim);
    r->tap = (od_transport_ops){.size = sizeof r->tap,
                                .free = tap_free,
                                .start = tap_start,
                                .trunk_get = tap_trunk_get,
                                .step = tap_step,
                                .deadline_ms = tap_deadline,
                                .dial = tap_dial,
                                .hangup = tap_hangup,
                                .play = tap_play,
                                .play_stop = tap_play_stop};
    if (od_transport_new(&out, &r->tap, r, &errmsg) != OD_OK) {
        rig_fail(r, "transport: %s", errmsg.text);
    }
    return out;
}

/* == processes ============================================================= */

static od_storage *open_inner(rig *r)
{
    od_storage *storage = NULL;
    od_errmsg errmsg = {""};
    od_err err = r->on_sqlite
                     ? od_storage_open_sqlite(&storage, r->path, &errmsg)
                     : od_storage_new_memory(&storage, &errmsg);
    if (err != OD_OK) {
        rig_fail(r, "storage: %s", errmsg.text);
    }
    return storage;
}

void rig_open(rig *r)
{
    od_errmsg errmsg = {""};
    od_storage *inner =
        r->wrapped && !r->on_sqlite ? r->fault.inner : open_inner(r);
    od_storage *storage = od_fault_new(&r->fault, inner, NULL);
    storage = shaky_new(&r->shaky, storage);
    r->wrapped = true;
    if (r->on_sqlite && r->raw == NULL) {
        rows_open(r);
    }
    r->c.utc_ms = r->now.utc_ms;
    r->c.mono_ms = r->now.mono_ms;
    r->c.healthy = true;
    r->c.late = false;
    r->options.seed = r->seed + (uint64_t)r->deaths * 1000003 + 1;
    if (od_engine_new(&r->engine, &r->options, storage, open_tap(r), &r->now,
                      &errmsg) != OD_OK) {
        rig_fail(r, "open: %s", errmsg.text);
    }
}

void rig_states(rig *r)
{
    for (int i = 0; i < CHK_CAMPAIGNS; i++) {
        chk_campaign *at = &r->c.campaigns[i];
        if (at->id == 0) {
            continue;
        }
        int before = at->state;
        at->state = rows_state(r, at->id);
        bool begins = at->state == CHK_RUNNING && before != CHK_RUNNING &&
                      before != CHK_PAUSED;
        if (begins) {
            chk_campaign_begins(&r->c, i);
        }
        if (begins && r->now.utc_ms < at->start_utc_ms) {
            rig_fail(r, "6: campaign %d begins before its time", i);
        }
    }
}

/* What lived when it died, and what became of it. */
void rig_die(rig *r)
{
    chk_flight_row flights[ROWS_FLIGHTS];
    size_t len = rows_flights(r, flights);
    chk *c = &r->c;
    rig_say(r, "the process dies, %zu calls live%s", len,
            r->fault.crashed ? ", the store before it" : "");
    chk_on_death(c);
    for (size_t i = 0; i < len; i++) {
        if (chk_call_of(c, flights[i].attempt) == NULL) {
            chk_on_claimed(c, &flights[i]);
        }
    }
    for (int i = 0; i < c->calls_len; i++) {
        chk_call *call = &c->calls[i];
        if (call->asked_out && !call->told_out) {
            const chk_entry entry = {.phone = call->phone,
                                     .scope = CHK_DNC_ALL};
            call->told_out = rows_listed(r, &entry);
            if (!call->told_out) {
                chk_opt_out_lost(c, call);
            }
        }
    }
    r->fault.crashed = true;
    od_engine_free(r->engine);
    r->engine = NULL;
    if (r->on_sqlite) {
        od_storage_free(r->fault.inner);
    }
    int64_t away = rig_between(r, 1, 3600) * INT64_C(1000);
    r->now.mono_ms += away;
    r->now.utc_ms += away;
    r->deaths++;
    r->fault_until_mono = 0;
    rig_open(r);
    for (int i = 0; i < c->calls_len; i++) {
        chk_call *call = &c->calls[i];
        const chk_flight_row *flight = NULL;
        chk_attempt_row row;
        if (call->stage != CHK_LOST) {
            continue;
        }
        for (size_t j = 0; j < len; j++) {
            flight = flights[j].attempt == call->attempt ? &flights[j] : flight;
        }
        bool found = rows_attempt(r, call->attempt, &row);
        chk_settled(c, call, flight, found ? &row : NULL);
    }
    plan_attach(r);
    rig_states(r);
    rig_say(r, "another begins");
}

void rig_restart(rig *r)
{
    rig_say(r, "the process ends in good order");
    for (int i = 0; i < r->c.calls_len; i++) {
        r->c.calls[i].host_hung_up = true;
    }
    if (!rig_ok(r, od_engine_stop(r->engine), "stop")) {
        return;
    }
    int64_t dials = r->c.dials;
    int64_t until = r->now.mono_ms + 5000;
    while (od_engine_calls_live(r->engine) > 0 && r->now.mono_ms < until) {
        rig_run_until(r, r->now.mono_ms + 100);
        rig_step(r);
    }
    if (r->c.dials != dials || od_engine_calls_live(r->engine) > 0) {
        rig_fail(r, "8: a stopped engine dials, or keeps calls");
    }
    rig_die(r);
}

/* == steps ================================================================= */

static void take_call(rig *r, const od_event *event)
{
    const od_event_call *call = &event->u.call;
    chk_attempt_row row;
    if (event->type == OD_EVENT_CALL_DIALING) {
        chk_event_dialing(&r->c, call->attempt);
    } else if (event->type == OD_EVENT_CALL_ENDED) {
        bool found = rows_attempt(r, call->attempt, &row);
        chk_event_ended(&r->c, call->attempt, call->disposition,
                        call->sip_status, call->survey_done,
                        found ? &row : NULL);
    }
}

static void take_events(rig *r)
{
    od_event event;
    while (od_engine_next_event(r->engine, &event)) {
        switch (event.type) {
        case OD_EVENT_OPT_OUT:
            rig_say(r, "  %s opts out", event.u.opt_out.phone);
            chk_event_opt_out(&r->c, event.u.opt_out.attempt);
            break;
        case OD_EVENT_CAMPAIGN_STATE:
            rig_say(r, "  campaign %lld is %s %.100s",
                    (long long)event.u.campaign.campaign,
                    od_campaign_state_name(event.u.campaign.state),
                    event.u.campaign.text);
            chk_event_state(&r->c, event.u.campaign.campaign,
                            event.u.campaign.state, event.u.campaign.text);
            break;
        case OD_EVENT_FAULT:
            rig_say(r, "  fault: %.120s", event.u.fault.text);
            break;
        default:
            take_call(r, &event);
        }
    }
}

void rig_step(rig *r)
{
    chk_flight_row flights[ROWS_FLIGHTS];
    if (++r->steps > STEPS_MAX) {
        rig_fail(r, "the engine never rests");
    }
    r->c.utc_ms = r->now.utc_ms;
    r->c.mono_ms = r->now.mono_ms;
    chk_refill(&r->c);
    od_err err = od_engine_step(r->engine, &r->now);
    rig_states(r);
    take_events(r);
    if (r->fault.crashed) {
        rig_die(r);
        return;
    }
    size_t len = rows_flights(r, flights);
    if (err != OD_OK && r->c.healthy) {
        rig_fail(r, "step: %s, %s", od_err_name(err),
                 od_engine_errmsg(r->engine));
    }
    chk_after_step(&r->c, err == OD_OK, od_engine_calls_live(r->engine),
                   flights, len);
    if (r->fault_until_mono != 0 && r->now.mono_ms >= r->fault_until_mono) {
        shaky_fail(&r->shaky, 0, false);
        r->fault_until_mono = 0;
        rig_say(r, "the store works again");
    } else if (r->fault_until_mono == 0 && err == OD_OK &&
               r->shaky.fail_at == 0) {
        r->c.healthy = true;
    }
}

void rig_run_until(rig *r, int64_t mono_ms)
{
    int64_t next = 0;
    do {
        int64_t soonest = r->now.mono_ms;
        if (r->gap_ms > 0) {
            soonest += od_engine_calls_live(r->engine) > 0 || !r->on_sqlite
                           ? r->gap_ms
                           : 15000;
        }
        next = od_engine_deadline_ms(r->engine);
        next = next > soonest ? next : soonest;
        int64_t to = next < mono_ms ? next : mono_ms;
        to = to > r->now.mono_ms ? to : r->now.mono_ms; /* it died meanwhile */
        r->now.utc_ms += to - r->now.mono_ms;
        r->now.mono_ms = to;
        if (next <= mono_ms) { /* not before the engine asks for it */
            rig_step(r);
        }
    } while (next <= mono_ms);
    r->c.utc_ms = r->now.utc_ms;
    r->c.mono_ms = r->now.mono_ms;
}

/* == all =================================================================== */

static void end_all(rig *r)
{
    shaky_fail(&r->shaky, 0, false);
    rig_run_until(r, r->now.mono_ms + 2000);
    rig_step(r);
    rig_step(r);
    if (rig_chance(r, 50)) {
        rig_restart(r);
    } else {
        rig_die(r);
    }
    rows_check_all(r);
}

static void play(rig *r)
{
    plan_begin(r);
    rig_open(r);
    plan_fill(r);
    plan_attach(r);
    for (int i = 0; i < CHK_CAMPAIGNS; i++) {
        if (r->c.campaigns[i].id != 0) {
            act_start(r, i);
        }
    }
    while (r->now.mono_ms < r->end_mono_ms) {
        int64_t next = r->now.mono_ms + LOOK_MS;
        bool acts = rig_chance(r, 12);
        if (acts) {
            next = r->now.mono_ms + rig_between(r, 1, LOOK_MS);
        }
        rig_run_until(r, next);
        if (acts) {
            act_random(r);
            rig_states(r);
        }
        chk_look(&r->c);
    }
    end_all(r);
}

void rig_play_all(rig *r)
{
    r->c.calls = calloc(CHK_CALLS, sizeof *r->c.calls);
    r->c.broken = on_broken;
    r->c.ctx = r;
    r->rand = r->seed;
    if (setjmp(r->out) == 0) {
        play(r);
        od_engine_free(r->engine);
        r->engine = NULL;
    } else if (r->verbose) {
        rows_show(r);
    }
    od_engine_free(r->desk);
    if (r->raw != NULL) {
        rows_close(r);
    }
    od_test_folder_remove(r->folder);
    free(r->c.calls);
}
