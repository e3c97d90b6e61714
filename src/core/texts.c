/*
 * texts.c - texts on their way: a slot, one send, one end.
 *
 * A text is claimed in an exchange and sent when that is durable. It ends once,
 * with what the network said to it, or with the failure of the send; what
 * becomes of its target is retry.c's, as of a call. Receipts come later and
 * find no slot any more. Nothing hangs a text up.
 */
#include "core/core.h"

#include <assert.h>

#define DAY_MS INT64_C(86400000)

/* How soon to look again for a trunk that takes so long a text, while others
 * are free. */
#define TRUNK_WAIT_MS 100

/* -- slots ----------------------------------------------------------------- */

/* A slot, and a place for its event. */
static int32_t take_slot(od_engine *engine)
{
    if (!od__events_promise(engine, OD__TEXT_EVENTS)) {
        engine->events_short = true;
        return OD_NONE;
    }
    int32_t slot = od__call_take(engine);
    if (slot == OD_NONE) {
        od__events_release(engine, OD__TEXT_EVENTS);
    }
    return slot;
}

int32_t od__text_take(od_engine *engine, od__active *active, uint64_t caller_id,
                      size_t bytes)
{
    if (!od__sender_take(engine, caller_id)) {
        od__pick_wait(engine, od__sender_next_ms(engine, caller_id));
        return OD_NONE;
    }
    int32_t trunk = od__pace_take(engine, OD_CHANNEL_TEXT, bytes);
    if (trunk == OD_NONE) {
        engine->pick.starved[OD_CHANNEL_TEXT] = true;
        if (od__pace_room(engine, OD_CHANNEL_TEXT) > 0) { /* of others */
            od__pick_wait(engine, engine->now.mono_ms + TRUNK_WAIT_MS);
        }
        od__sender_undo(engine, caller_id);
        return OD_NONE;
    }
    int32_t slot = take_slot(engine);
    if (slot == OD_NONE) {
        od__pace_undo(engine, trunk, OD_CHANNEL_TEXT);
        od__sender_undo(engine, caller_id);
        return OD_NONE;
    }
    od__call *call = &engine->calls[slot];
    call->channel = OD_CHANNEL_TEXT;
    call->trunk = trunk;
    call->promised = OD__TEXT_EVENTS;
    call->active = active;
    call->letter.caller_id = caller_id;
    if (active != NULL) {
        active->live++;
    }
    od__call_draw_session(engine, call);
    return slot;
}

void od__text_put_back(od_engine *engine, int32_t slot)
{
    const od__call *call = &engine->calls[slot];
    assert(call->channel == OD_CHANNEL_TEXT && call->state == OD__CALL_FREE);
    od__pace_undo(engine, call->trunk, OD_CHANNEL_TEXT);
    od__sender_undo(engine, call->letter.caller_id);
    od__call_put_back(engine, slot);
}

/* -- sending --------------------------------------------------------------- */

void od__text_begin(od_engine *engine, int32_t slot, const od__letter *letter)
{
    od__call *call = &engine->calls[slot];
    assert(call->state == OD__CALL_FREE);
    call->letter = *letter;
    call->attempt = letter->attempt;
    call->contact = letter->contact;
    call->phone = letter->phone;
    call->claimed_utc_ms = engine->now.utc_ms;
    call->claimed_mono_ms = engine->now.mono_ms;
    call->state = OD__CALL_DIALING;
}

void od__text_send(od_engine *engine, int32_t slot)
{
    od__call *call = &engine->calls[slot];
    od__letter *letter = &call->letter;
    od_send send;
    memset(&send, 0, sizeof send);
    send.slot = (uint32_t)slot;
    send.trunk = call->trunk;
    send.attempt = call->attempt;
    send.to = call->phone;
    send.from = letter->caller_id;
    send.campaign = letter->campaign;
    send.text = letter->text;
    send.encoding = letter->encoding;
    send.segments = letter->segments;
    send.validity_s = letter->validity_s;
    memcpy(send.session_id, call->session_id, sizeof send.session_id);
    od_err err = OD__TRUNKS(engine, send)(engine->carrier, &send);
    letter->text = NULL; /* it lives no longer than this step */
    if (err != OD_OK) {
        od_report report;
        memset(&report, 0, sizeof report);
        report.kind = OD_REPORT_ENDED;
        report.fault = err;
        report.disposition = err == OD_ERR_LIMIT ? OD_DISPOSITION_CONGESTION
                                                 : OD_DISPOSITION_FAILED;
        od__call_feed(engine, slot, OD__IN_ENDED, &report);
    }
}

/* -- the end --------------------------------------------------------------- */

/* What a transport may say of a text; anything else is a failure. */
static int32_t disposition_of(const od_report *report)
{
    switch (report->disposition) {
    case OD_DISPOSITION_SENT:
    case OD_DISPOSITION_CONGESTION:
    case OD_DISPOSITION_NOT_FOUND:
    case OD_DISPOSITION_DECLINED:
    case OD_DISPOSITION_UNKNOWN:
        return report->disposition;
    default:
        return report->fault == OD_ERR_LIMIT ? OD_DISPOSITION_CONGESTION
                                             : OD_DISPOSITION_FAILED;
    }
}

/* What the network gave, kept in the batch beside the outcome. */
static const od_sent *keep_sent(od_engine *engine, const od__call *call,
                                const od_report *report)
{
    od__batch *batch = engine->batch;
    size_t row = batch->outcomes_len - 1;
    int32_t len = report->network_ids != NULL ? report->network_ids_len : 0;
    len = len < 1 ? 1 : len > OD_SEGMENTS_MAX ? OD_SEGMENTS_MAX : len;
    for (int32_t i = 0; i < len; i++) {
        const char *id =
            report->network_ids != NULL && report->network_ids[i] != NULL
                ? report->network_ids[i]
                : "";
        char *kept = batch->network_ids[row][i];
        od__text_copy(kept, sizeof batch->network_ids[row][i], id);
        batch->network_ids_at[row][i] = kept;
    }
    batch->sents[row] = (od_sent){
        .delivery = report->delivery == OD_DELIVERY_DELIVERED ||
                            report->delivery == OD_DELIVERY_UNKNOWN
                        ? report->delivery
                        : OD_DELIVERY_ACCEPTED,
        .network_ids_len = len,
        .network_ids = batch->network_ids_at[row],
        .open_until_utc_ms = engine->now.utc_ms +
                             (int64_t)call->letter.validity_s * 1000 + DAY_MS};
    return &batch->sents[row];
}

/* Ids as far as they fit with what comes behind them: a row is whole JSON. */
static void write_ids(const od_sent *sent, od__writer *payload)
{
    const char *gap = "";
    od__write(payload, ",\"network_ids\":[");
    for (int32_t i = 0; i < sent->network_ids_len; i++) {
        char id[OD__NETWORK_ID_SIZE * 6 + 3];
        od__writer w;
        od__writer_init(&w, id, sizeof id);
        od__write_json(&w, sent->network_ids[i]);
        if (payload->len + w.len + 8 > payload->size) {
            break;
        }
        od__write(payload, "%s%s", gap, id);
        gap = ",";
    }
    od__write(payload, "]");
}

static void tell_end(od_engine *engine, od__call *call,
                     const od_outcome *outcome)
{
    const od__letter *letter = &call->letter;
    char phone[OD_PHONE_MAX + 1];
    od__writer payload;
    od__phone_text(call->phone, phone);
    od__ledger_row(engine, OD_LEDGER_OUTCOME, call->attempt, &payload);
    od__write(&payload,
              "{\"channel\":\"text\",\"campaign\":%lld,\"phone\":\"%s\","
              "\"disposition\":\"%s\",\"status\":%d,\"fault\":%d,"
              "\"segments\":%d,\"counts\":%s",
              (long long)letter->campaign, phone,
              od_disposition_name(outcome->disposition),
              (int)outcome->sip_status, (int)outcome->fault,
              (int)letter->segments,
              outcome->reached_network ? "true" : "false");
    if (letter->notice != OD_NOTICE_NONE) {
        od__write(&payload, ",\"notice\":\"%s\"",
                  od_notice_name(letter->notice));
    }
    if (outcome->sent != NULL) {
        od__write(&payload, ",\"delivery\":\"%s\"",
                  od_delivery_name(outcome->sent->delivery));
        write_ids(outcome->sent, &payload);
    }
    od__write(&payload, "}");

    od_event *e = od__call_event(engine, call, OD_EVENT_MESSAGE);
    assert(e != NULL);
    e->u.message.campaign = letter->campaign;
    e->u.message.attempt = call->attempt;
    e->u.message.contact = call->contact;
    memcpy(e->u.message.phone, phone, sizeof phone);
    e->u.message.disposition = outcome->disposition;
    e->u.message.delivery =
        outcome->sent != NULL ? outcome->sent->delivery : OD_DELIVERY_NONE;
    e->u.message.status = outcome->sip_status;
    e->u.message.fault = outcome->fault;
    e->u.message.segments = letter->segments;
}

/* Whether the network had it counts; that it was full does not. */
static bool has_reached(int32_t disposition, const od_report *report)
{
    return disposition == OD_DISPOSITION_SENT ||
           disposition == OD_DISPOSITION_UNKNOWN ||
           (disposition != OD_DISPOSITION_CONGESTION && report->status != 0);
}

void od__text_end(od_engine *engine, int32_t slot, const od_report *report)
{
    od__call *call = &engine->calls[slot];
    od_outcome *outcome =
        &engine->batch->outcomes[engine->batch->outcomes_len++];
    memset(outcome, 0, sizeof *outcome);
    outcome->attempt = call->attempt;
    outcome->phone = call->phone;
    outcome->sip_call_id = call->sip_call_id;
    outcome->ended_utc_ms = engine->now.utc_ms;
    outcome->disposition = disposition_of(report);
    outcome->sip_status = report->status;
    outcome->fault = report->fault;
    outcome->reached_network = has_reached(outcome->disposition, report);
    if (outcome->disposition == OD_DISPOSITION_SENT) {
        outcome->sent = keep_sent(engine, call, report);
    }
    if (call->active != NULL) {
        od__call_propose(engine, call, report, outcome);
    } else {
        outcome->target_state = OD_TARGET_DONE; /* a notice has none */
        outcome->owed_until_utc_ms =
            outcome->disposition == OD_DISPOSITION_CONGESTION
                ? call->letter.until_utc_ms
                : 0;
    }
    od__pace_note(engine, call->trunk, OD_CHANNEL_TEXT, report);
    if (od__pace_is_throttled(report)) {
        od__sender_slow(engine, call->letter.caller_id,
                        od__pace_hold_ms(report));
    }
    tell_end(engine, call, outcome);
    od__pace_release(engine, call->trunk, OD_CHANNEL_TEXT);
    od__call_act_later(engine, slot, OD__ACT_FREE);
}
