/*
 * call.c - slots of live calls: reports and timers become inputs.
 *
 * Finds the call, asks the table in call_states.c for the next state and does
 * the action; holds no decision about states. What an action says goes into the
 * batch of the step. What may only follow a commit (hanging up after an
 * opt-out, freeing the slot) is noted as an act and done by od__calls_act().
 *
 * A text has a slot, too, and one input: its end, which is texts.c's.
 */
#include "core/core.h"

#include <assert.h>

/* -- slots ----------------------------------------------------------------- */

od_err od__calls_init(od_engine *engine)
{
    size_t max = (size_t)engine->options.calls_max;
    engine->calls = od__alloc(&engine->allocator, max * sizeof(od__call));
    if (engine->calls == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    od_err err = od__heap_init(&engine->timers, (uint32_t)max * 2,
                               &engine->allocator);
    if (err != OD_OK) {
        return od__engine_fail(engine, err, "out of memory");
    }
    for (size_t i = 0; i < max; i++) {
        engine->calls[i].timer.id = (uint32_t)i;
        engine->calls[i].expiry.id = (uint32_t)(i + max);
        engine->calls[i].free_next = i + 1 < max ? (int32_t)i + 1 : OD_NONE;
    }
    engine->calls_free = 0;
    return OD_OK;
}

void od__calls_free(od_engine *engine)
{
    od__heap_clear(&engine->timers, &engine->allocator); /* of the calls */
    od__free(&engine->allocator, engine->calls);
    engine->calls = NULL;
}

int32_t od__call_take(od_engine *engine)
{
    int32_t slot = engine->calls_free;
    if (slot == OD_NONE) {
        return OD_NONE;
    }
    od__call *call = &engine->calls[slot];
    od__timer timer = call->timer;
    od__timer expiry = call->expiry;
    engine->calls_free = call->free_next;
    memset(call, 0, sizeof *call);
    call->timer = timer;
    call->expiry = expiry;
    engine->calls_live++;
    return slot;
}

void od__call_put_back(od_engine *engine, int32_t slot)
{
    od__call *call = &engine->calls[slot];
    od__heap_unset(&engine->timers, &call->timer);
    od__heap_unset(&engine->timers, &call->expiry);
    od__events_release(engine, call->promised);
    call->promised = 0;
    call->state = OD__CALL_FREE;
    call->attempt = 0;
    if (call->active != NULL) {
        call->active->live--;
    }
    call->free_next = engine->calls_free;
    engine->calls_free = slot;
    engine->calls_live--;
}

void od__call_draw_session(od_engine *engine, od__call *call)
{
    const uint64_t session[2] = {od__rand_next(&engine->rand),
                                 od__rand_next(&engine->rand)};
    od__hex((const uint8_t *)session, sizeof session, call->session_id);
}

size_t od_engine_calls_live(const od_engine *engine)
{
    return engine == NULL ? 0 : engine->calls_live;
}

/* -- what becomes durable --------------------------------------------------- */

void od__call_act_later(od_engine *engine, int32_t slot, od__act act)
{
    od__call *call = &engine->calls[slot];
    if (call->act == OD__ACT_NONE) {
        engine->batch->acts[engine->batch->acts_len++] = (uint32_t)slot;
    }
    call->act = (uint8_t)act;
}

od_event *od__call_event(od_engine *engine, od__call *call,
                         od_event_type type)
{
    if (call->promised == 0) {
        return NULL;
    }
    call->promised--;
    od__events_release(engine, 1);
    return od__events_put(engine, type);
}

static od_event *call_event(od_engine *engine, od__call *call,
                            od_event_type type)
{
    od_event *e = od__call_event(engine, call, type);
    assert(e != NULL);
    e->u.call.campaign = call->active->record.id;
    e->u.call.attempt = call->attempt;
    e->u.call.contact = call->contact;
    od__phone_text(call->phone, e->u.call.phone);
    return e;
}

void od__call_store_answer(od_engine *engine, int32_t slot,
                           const char *question, const char *digits,
                           const char *choice, int32_t visit)
{
    od__call *call = &engine->calls[slot];
    od__batch *batch = engine->batch;
    char phone[OD_PHONE_MAX + 1];
    od__writer payload;
    od_id campaign = call->active->record.id;
    size_t at = batch->answers_len++;
    od__text_copy(batch->answer_digits[at], sizeof batch->answer_digits[at],
                  digits);
    /* A choice that is the digits themselves moves with them. */
    batch->answers[at] = (od_answer_record){
        .campaign = campaign,
        .attempt = call->attempt,
        .phone = call->phone,
        .utc_ms = engine->now.utc_ms,
        .visit = visit,
        .question = question,
        .digits = batch->answer_digits[at],
        .choice = choice == digits ? batch->answer_digits[at] : choice};
    od__roster_answer(engine, campaign, question, choice);
    od__phone_text(call->phone, phone);
    od__ledger_row(engine, OD_LEDGER_ANSWER, call->attempt, &payload);
    od__write(&payload, "{\"campaign\":%lld,\"phone\":\"%s\",\"question\":",
              (long long)campaign, phone);
    od__write_json(&payload, question);
    od__write(&payload, ",\"digits\":\"%s\",\"choice\":", digits);
    od__write_json(&payload, choice);
    od__write(&payload, ",\"visit\":%d}", (int)visit);
    od_event *e = od__call_event(engine, call, OD_EVENT_ANSWER);
    if (e != NULL) {
        e->u.answer.campaign = campaign;
        e->u.answer.attempt = call->attempt;
        memcpy(e->u.answer.phone, phone, sizeof phone);
        od__text_copy(e->u.answer.question, sizeof e->u.answer.question,
                      question);
        od__text_copy(e->u.answer.digits, sizeof e->u.answer.digits, digits);
        od__text_copy(e->u.answer.choice, sizeof e->u.answer.choice, choice);
    }
}

void od__call_store_opt_out(od_engine *engine, int32_t slot)
{
    od__call *call = &engine->calls[slot];
    od__batch *batch = engine->batch;
    od__writer payload;
    if (call->opted_out) {
        return;
    }
    call->opted_out = true;
    call->walk.at = OD__AT_WAIT; /* for the commit: no play's end hangs up */
    od__heap_unset(&engine->timers, &call->timer);
    od_dnc_record *row = &batch->dnc[batch->dnc_len++];
    *row = (od_dnc_record){.phone = call->phone,
                           .scope = OD_DNC_ALL,
                           .attempt = call->attempt,
                           .reason = "asked during the call",
                           .source = "call",
                           .added_utc_ms = engine->now.utc_ms};
    od__ledger_row(engine, OD_LEDGER_DNC_ADD, call->attempt, &payload);
    od__ledger_dnc(row, &payload);
    od_event *e = od__call_event(engine, call, OD_EVENT_OPT_OUT);
    if (e != NULL) {
        e->u.opt_out.campaign = call->active->record.id;
        e->u.opt_out.attempt = call->attempt;
        od__phone_text(call->phone, e->u.opt_out.phone);
    }
    od__call_act_later(engine, slot, OD__ACT_SAY_OPT_OUT);
}

/* -- the end ----------------------------------------------------------------- */

static od_disposition of_status(int32_t status)
{
    switch (status) {
    case 486:
    case 600:
        return OD_DISPOSITION_BUSY;
    case 408:
    case 480:
    case 487:
        return OD_DISPOSITION_NO_ANSWER;
    case 403:
    case 603:
    case 607:
    case 608:
        return OD_DISPOSITION_DECLINED;
    case 404:
    case 410:
    case 484:
    case 604:
        return OD_DISPOSITION_NOT_FOUND;
    case 429:
    case 503:
        return OD_DISPOSITION_CONGESTION;
    default:
        return status >= 300 && status < 400 ? OD_DISPOSITION_REDIRECTED
                                             : OD_DISPOSITION_FAILED;
    }
}

/* By whom or what. Who opted out has finished, whatever was left to ask. */
static od_disposition answered_as(const od__call *call)
{
    const od__active *active = call->active;
    if (call->machine) {
        return OD_DISPOSITION_MACHINE;
    }
    bool unfinished = active->record.retry_unfinished != 0 &&
                      active->script->questions_len > 0 &&
                      !call->survey_done && !call->opted_out;
    return unfinished ? OD_DISPOSITION_UNFINISHED : OD_DISPOSITION_ANSWERED;
}

static od_disposition disposition(const od__call *call,
                                  const od_report *report)
{
    bool final_word = report->status != 0 && report->status != 487;
    if (call->answered_utc_ms != 0) {
        return answered_as(call);
    }
    if (call->given_up) {
        return OD_DISPOSITION_CANCELLED;
    }
    if (call->ring_out && !final_word) {
        return OD_DISPOSITION_NO_ANSWER;
    }
    if (report->fault == OD_ERR_LIMIT) {
        return OD_DISPOSITION_CONGESTION; /* no channel */
    }
    return of_status(report->status);
}

static void tell_end(od_engine *engine, od__call *call,
                     const od_outcome *outcome)
{
    int64_t rang_until = call->answered_mono_ms != 0 ? call->answered_mono_ms
                                                     : engine->now.mono_ms;
    int64_t ring_ms = rang_until - call->claimed_mono_ms;
    char phone[OD_PHONE_MAX + 1];
    od__writer payload;
    od__phone_text(call->phone, phone);
    od__ledger_row(engine, OD_LEDGER_OUTCOME, call->attempt, &payload);
    od__write(&payload,
              "{\"campaign\":%lld,\"phone\":\"%s\",\"disposition\":\"%s\","
              "\"sip_status\":%d,\"fault\":%d,\"ring_ms\":%lld,"
              "\"talk_ms\":%lld,\"heard_ms\":%lld,\"survey_done\":%s,"
              "\"counts\":%s,\"sip_call_id\":",
              (long long)call->active->record.id, phone,
              od_disposition_name(outcome->disposition),
              (int)outcome->sip_status, (int)outcome->fault,
              (long long)ring_ms, (long long)outcome->talk_ms,
              (long long)outcome->heard_ms,
              outcome->survey_done ? "true" : "false",
              outcome->reached_network ? "true" : "false");
    od__write_json(&payload, call->sip_call_id);
    od__write(&payload, "}");

    od_event *e = call_event(engine, call, OD_EVENT_CALL_ENDED);
    e->u.call.disposition = outcome->disposition;
    e->u.call.sip_status = outcome->sip_status;
    e->u.call.fault = outcome->fault;
    e->u.call.ring_ms = ring_ms;
    e->u.call.talk_ms = outcome->talk_ms;
    e->u.call.survey_done = outcome->survey_done;
}

void od__call_propose(od_engine *engine, od__call *call,
                      const od_report *report, od_outcome *outcome)
{
    od__batch *batch = engine->batch;
    od__active *active = call->active;
    int64_t utc_ms = engine->now.utc_ms;
    const od__tried tried = {.attempts = call->attempts,
                             .tries = call->tries,
                             .claimed_utc_ms = call->claimed_utc_ms,
                             .place = od__places_get(engine, call->place)};
    od__retry(&active->record, &tried, utc_ms, outcome);
    int64_t asked_utc_ms = utc_ms + (int64_t)report->retry_after_s * 1000;
    if (outcome->disposition == OD_DISPOSITION_CONGESTION &&
        outcome->target_state == OD_TARGET_READY &&
        asked_utc_ms > outcome->due_utc_ms) {
        outcome->due_utc_ms = asked_utc_ms; /* the network said when */
    }
    if (call->dnc && outcome->disposition == OD_DISPOSITION_CANCELLED) {
        outcome->target_state = OD_TARGET_READY; /* for the judge, at once: */
        outcome->due_utc_ms = utc_ms;            /* the list decides */
        outcome->follow = false;
    }
    if (outcome->target_state == OD_TARGET_READY) {
        bool retry = call->attempts + (outcome->reached_network ? 1 : 0) > 0;
        od__due *due = &batch->dues[batch->dues_len++];
        *due = (od__due){.campaign = active->record.id,
                         .lane = od_lane_of(call->place, retry),
                         .utc_ms = outcome->due_utc_ms};
        od__roster_due(engine, due);
    }
    call->follows = outcome->follow;
    (void)od__guard_note(active, outcome);
}

static void end(od_engine *engine, int32_t slot, const od_report *report)
{
    od__call *call = &engine->calls[slot];
    od__batch *batch = engine->batch;
    int64_t utc_ms = engine->now.utc_ms;
    od_outcome *outcome = &batch->outcomes[batch->outcomes_len++];

    memset(outcome, 0, sizeof *outcome);
    outcome->attempt = call->attempt;
    outcome->phone = call->phone;
    outcome->sip_call_id = call->sip_call_id;
    outcome->answered_utc_ms = call->answered_utc_ms;
    outcome->ended_utc_ms = utc_ms;
    outcome->talk_ms = call->answered_mono_ms != 0
                           ? engine->now.mono_ms - call->answered_mono_ms
                           : 0;
    outcome->heard_ms = report->heard_ms;
    outcome->disposition = (int32_t)disposition(call, report);
    outcome->sip_status = report->status;
    outcome->fault = report->fault;
    outcome->survey_done = call->survey_done;
    /* A full trunk does not count as an attempt. */
    outcome->reached_network =
        (call->reached || report->status != 0) &&
        outcome->disposition != OD_DISPOSITION_CONGESTION;
    od__call_propose(engine, call, report, outcome);
    od__pace_note(engine, call->trunk, OD_CHANNEL_VOICE, report);
    tell_end(engine, call, outcome);
    od__heap_unset(&engine->timers, &call->timer);
    od__heap_unset(&engine->timers, &call->expiry);
    od__pace_release(engine, call->trunk, OD_CHANNEL_VOICE);
    od__call_act_later(engine, slot, OD__ACT_FREE);
}

/* -- inputs ------------------------------------------------------------------ */

static void answered(od_engine *engine, int32_t slot)
{
    od__call *call = &engine->calls[slot];
    od__batch *batch = engine->batch;
    if (call->answered_utc_ms != 0) {
        return;
    }
    call->reached = true;
    call->answered_utc_ms = engine->now.utc_ms;
    call->answered_mono_ms = engine->now.mono_ms;
    batch->answered[batch->answered_len++] =
        (od_answered){call->attempt, call->phone, engine->now.utc_ms};
    (void)call_event(engine, call, OD_EVENT_CALL_ANSWERED);
    od__heap_unset(&engine->timers, &call->timer);
    if (call->state != OD__CALL_ANSWERED) {
        return; /* it crossed our CANCEL: the transport hangs it up */
    }
    od__heap_set(&engine->timers, &call->expiry,
                 engine->now.mono_ms +
                     (int64_t)engine->options.call_max_s * 1000);
    if (engine->options.answer_wait_ms > 0) {
        od__heap_set(&engine->timers, &call->timer,
                     engine->now.mono_ms + engine->options.answer_wait_ms);
    } else {
        od__walk_begin(engine, call, slot);
    }
}

static void hang_up(od_engine *engine, int32_t slot)
{
    od__call *call = &engine->calls[slot];
    od__heap_unset(&engine->timers, &call->timer);
    OD__TRUNKS(engine, hangup)(engine->carrier, (uint32_t)slot);
}

static void act_on(od_engine *engine, int32_t slot, od__call_action action,
                   const od_report *report)
{
    od__call *call = &engine->calls[slot];
    switch (action) {
    case OD__DO_NOTHING:
        break;
    case OD__DO_PROGRESS:
        call->reached = true;
        break;
    case OD__DO_RING:
        call->reached = true;
        if (!call->rang) {
            call->rang = true;
            (void)call_event(engine, call, OD_EVENT_CALL_RINGING);
        }
        break;
    case OD__DO_ANSWER:
        answered(engine, slot);
        break;
    case OD__DO_DIGIT:
        od__walk_digit(engine, call, slot, report->digit);
        break;
    case OD__DO_PLAYED:
        od__walk_played(engine, call, slot, report->play);
        break;
    case OD__DO_END:
        if (call->channel == OD_CHANNEL_TEXT) {
            od__text_end(engine, slot, report);
        } else {
            end(engine, slot, report);
        }
        break;
    case OD__DO_RING_OUT:
        call->ring_out = true;
        hang_up(engine, slot);
        break;
    case OD__DO_SCRIPT_TIMER:
        od__walk_timer(engine, call, slot);
        break;
    case OD__DO_HANGUP:
        call->given_up = call->answered_utc_ms == 0;
        hang_up(engine, slot);
        break;
    }
}

void od__call_feed(od_engine *engine, int32_t slot, od__call_input input,
                   const od_report *report)
{
    od__call *call = &engine->calls[slot];
    od__call_cell cell = od__call_next((od__call_state)call->state, input);
    call->state = cell.next;
    act_on(engine, slot, (od__call_action)cell.action, report);
}

void od__call_hangup(od_engine *engine, int32_t slot)
{
    od__call_feed(engine, slot, OD__IN_HANGUP, NULL);
}

void od__call_report(void *ctx, const od_report *report)
{
    static const od__call_input inputs[] = {
        [OD_REPORT_PROGRESS] = OD__IN_PROGRESS,
        [OD_REPORT_RINGING] = OD__IN_RINGING,
        [OD_REPORT_ANSWERED] = OD__IN_ANSWERED,
        [OD_REPORT_DIGIT] = OD__IN_DIGIT,
        [OD_REPORT_PLAY_ENDED] = OD__IN_PLAY_ENDED,
        [OD_REPORT_ENDED] = OD__IN_ENDED,
    };
    od_engine *engine = ctx;
    if (report->kind == OD_REPORT_TRUNK) {
        od__pace_report(engine, report);
        return;
    }
    if (report->kind == OD_REPORT_RECEIPT || report->kind == OD_REPORT_REPLY) {
        od__inbox_take(engine, report);
        return;
    }
    bool of_call = (report->kind >= OD_REPORT_PROGRESS &&
                    report->kind <= OD_REPORT_ENDED) ||
                   report->kind == OD_REPORT_MACHINE;
    if (!of_call ||
        report->slot >= (uint32_t)engine->options.calls_max) {
        return;
    }
    od__call *call = &engine->calls[report->slot];
    if (call->attempt == 0 || call->attempt != report->attempt) {
        return; /* late, of a call that is over */
    }
    if (call->channel == OD_CHANNEL_TEXT && report->kind != OD_REPORT_ENDED) {
        return; /* a text does nothing but end */
    }
    if (report->kind == OD_REPORT_MACHINE) {
        call->machine = call->machine || call->answered_utc_ms != 0;
        return; /* it hears the script all the same */
    }
    if (report->sip_call_id != NULL) {
        od__text_copy(call->sip_call_id, sizeof call->sip_call_id,
                      report->sip_call_id);
    }
    od__call_feed(engine, (int32_t)report->slot, inputs[report->kind], report);
}

size_t od__calls_expire(od_engine *engine, size_t max)
{
    uint32_t calls_max = (uint32_t)engine->options.calls_max;
    size_t done = 0;
    while (done < max) {
        od__timer *timer = od__heap_first(&engine->timers);
        if (timer == NULL || timer->at_ms > engine->now.mono_ms) {
            break;
        }
        bool expiry = timer->id >= calls_max;
        od__heap_unset(&engine->timers, timer);
        od__call_feed(engine,
                      (int32_t)(expiry ? timer->id - calls_max : timer->id),
                      expiry ? OD__IN_EXPIRE : OD__IN_TIMER, NULL);
        done++;
    }
    return done;
}

/* -- after the commit -------------------------------------------------------- */

void od__call_begin(od_engine *engine, int32_t slot)
{
    od__call *call = &engine->calls[slot];
    call->state = OD__CALL_DIALING;
    (void)call_event(engine, call, OD_EVENT_CALL_DIALING);
    od__heap_set(&engine->timers, &call->timer,
                 engine->now.mono_ms + call->ring_timeout_ms);
}

void od__call_dial(od_engine *engine, int32_t slot)
{
    od__call *call = &engine->calls[slot];
    od_dial dial;
    memset(&dial, 0, sizeof dial);
    dial.slot = (uint32_t)slot;
    dial.trunk = call->trunk;
    dial.attempt = call->attempt;
    dial.to = call->phone;
    dial.from = call->active->record.caller_id;
    dial.campaign = call->active->record.id;
    memcpy(dial.session_id, call->session_id, sizeof dial.session_id);
    od_err err = OD__TRUNKS(engine, dial)(engine->carrier, &dial);
    if (err != OD_OK) {
        od_report report;
        memset(&report, 0, sizeof report);
        report.kind = OD_REPORT_ENDED;
        report.fault = err;
        od__call_feed(engine, slot, OD__IN_ENDED, &report);
    }
}

/* The store may have made the contact's next phone ready, in a lane that only
 * it knows. */
static void seek_follower(od_engine *engine, od_id campaign)
{
    od__active *current = od__roster_find(engine, campaign);
    if (current != NULL) {
        current->seeks = true;
    }
}

/* A notice has no campaign that waits for it. */
static void free_slot(od_engine *engine, int32_t slot)
{
    od__call *call = &engine->calls[slot];
    od__active *active = call->active;
    if (active != NULL) {
        active->check_complete = true;
        if (call->follows) {
            seek_follower(engine, active->record.id);
        }
    }
    if (call->letter.notice != OD_NOTICE_NONE) {
        od__notices_stale(engine); /* it may be owed again */
    }
    od__call_put_back(engine, slot);
    if (active != NULL && !active->running && active->live == 0) {
        engine->roster_stale = true; /* another may have its place */
    }
}

void od__calls_act(od_engine *engine)
{
    od__batch *batch = engine->batch;
    size_t len = batch->acts_len;
    batch->acts_len = 0;
    for (size_t i = 0; i < len; i++) {
        int32_t slot = (int32_t)batch->acts[i];
        od__call *call = &engine->calls[slot];
        od__act act = (od__act)call->act;
        call->act = OD__ACT_NONE;
        if (act == OD__ACT_FREE) {
            free_slot(engine, slot);
        } else if (call->state == OD__CALL_ANSWERED) {
            od__walk_say_opt_out(engine, call, slot);
        }
    }
}

od_err od__calls_heed_dnc(od_engine *engine, uint64_t phone)
{
    size_t left = engine->calls_live;
    for (int32_t i = 0; left > 0 && i < engine->options.calls_max; i++) {
        od__call *call = &engine->calls[i];
        left -= call->state != OD__CALL_FREE ? 1 : 0;
        bool before_answer = call->channel == OD_CHANNEL_VOICE &&
                             (call->state == OD__CALL_DIALING ||
                              call->state == OD__CALL_RINGING);
        if (!before_answer || (phone != 0 && call->phone != phone)) {
            continue;
        }
        bool listed = false;
        od_err err = OD__STORE(engine, dnc_check)(
            engine->store, call->phone, call->channel, call->active->record.id,
            engine->now.utc_ms, &listed);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        if (listed) {
            call->dnc = true;
            od__call_hangup(engine, i);
        }
    }
    return OD_OK;
}

od_err od_call_hangup(od_engine *engine, od_id attempt)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    for (int32_t i = 0; engine->calls_live > 0 && attempt > 0 &&
                        i < engine->options.calls_max;
         i++) {
        if (engine->calls[i].attempt == attempt &&
            engine->calls[i].channel == OD_CHANNEL_VOICE) {
            od__call_hangup(engine, i);
            return OD_OK;
        }
    }
    return od__engine_fail(engine, OD_ERR_NOT_FOUND,
                           "no live call has the attempt id %lld",
                           (long long)attempt);
}
