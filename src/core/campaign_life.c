/*
 * campaign_life.c - start, pause, resume, stop: the table, then the store.
 *
 * The state in the store is the truth; it is changed only from the state that
 * was read (compare and set), so two hosts cannot undo each other unseen.
 */
#include "core/core.h"

#define YEAR_MS (INT64_C(366) * 86400000)

od_err od__campaign_move(od_engine *engine, od_id campaign, int32_t from,
                         int32_t to, const char *why)
{
    char text[OD__PAYLOAD_SIZE];
    od__writer payload;
    od_ledger_entry entry;
    if (!od__events_has_room(engine)) {
        return od__engine_fail(engine, OD_ERR_LIMIT,
                               "the event queue is full: read the events");
    }
    od__writer_init(&payload, text, sizeof text);
    od__write(&payload, "{\"from\":\"%s\",\"to\":\"%s\",\"why\":",
              od_campaign_state_name(from), od_campaign_state_name(to));
    od__write_json(&payload, why);
    od__write(&payload, "}");
    od__ledger_entry(engine, &entry, OD_LEDGER_CAMPAIGN_STATE, campaign, text);
    od_err err = OD__STORE(engine, campaign_cas)(
        engine->store, campaign, from, to, why, engine->now.utc_ms, &entry);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    od__active *active = od__roster_find(engine, campaign);
    if (active != NULL) {
        active->record.state = to;
        active->running = to == OD_CAMPAIGN_RUNNING;
    }
    od_event *e = od__events_put(engine, OD_EVENT_CAMPAIGN_STATE);
    e->u.campaign.campaign = campaign;
    e->u.campaign.state = to;
    od__text_copy(e->u.campaign.text, sizeof e->u.campaign.text, why);
    if (od__batch_is_empty(engine->batch)) {
        od__events_show(engine);
    }
    od__engine_changed(engine);
    return OD_OK;
}

static od_err refuse(od_engine *engine, const od_campaign_record *record,
                     const char *verb)
{
    return od__engine_fail(engine, OD_ERR_STATE,
                           "campaign \"%s\" is %s: it cannot be %s",
                           record->name, od_campaign_state_name(record->state),
                           verb);
}

/* Move by an input of the host; `checked`: preflight must find nothing. */
static od_err move(od_engine *engine, od_id campaign, od__campaign_input input,
                   const char *verb, bool checked)
{
    od_campaign_record *record = NULL;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__campaign_read(engine, campaign, &record);
    if (err != OD_OK) {
        return err;
    }
    if (input == OD__CAMPAIGN_START &&
        record->start_utc_ms > engine->now.utc_ms) {
        input = OD__CAMPAIGN_START_LATER;
    }
    int32_t to = od__campaign_next(record->state, input);
    if (to == OD_NONE) {
        return refuse(engine, record, verb);
    }
    if (checked) {
        od_problem first;
        size_t problems = 0;
        size_t errors = 0;
        err = od__preflight(engine, record, false, &first, 1, &problems,
                            &errors);
        if (err != OD_OK) {
            return err;
        }
        if (errors > 0) {
            return od__engine_fail(
                engine, OD_ERR_REFUSED,
                "campaign \"%s\" has %zu problem%s, the first: %s: %s",
                record->name, errors, errors > 1 ? "s" : "", first.what,
                first.cure);
        }
    }
    err = od__campaign_move(engine, campaign, record->state, to, "");
    if (err == OD_ERR_STATE) {
        return od__engine_fail(engine, err,
                               "another process changed campaign \"%s\" at "
                               "the same moment: look at it and try again",
                               record->name);
    }
    return err;
}

od_err od_campaign_start(od_engine *engine, od_id campaign)
{
    return move(engine, campaign, OD__CAMPAIGN_START, "started", true);
}

od_err od_campaign_pause(od_engine *engine, od_id campaign)
{
    return move(engine, campaign, OD__CAMPAIGN_PAUSE, "paused", false);
}

od_err od_campaign_resume(od_engine *engine, od_id campaign)
{
    return move(engine, campaign, OD__CAMPAIGN_RESUME, "resumed", true);
}

/* Why a number of the campaign cannot be called back. */
static od_err check_call_back(od_engine *engine,
                              const od_campaign_record *record,
                              const od_candidate *candidate, const char *phone)
{
    if (candidate->contact == 0) {
        return od__engine_fail(engine, OD_ERR_NOT_FOUND,
                               "%s is not in campaign \"%s\"", phone,
                               record->name);
    }
    if (candidate->state == OD_TARGET_FLIGHT) {
        return od__engine_fail(engine, OD_ERR_STATE,
                               "a call to %s is under way", phone);
    }
    if (candidate->state == OD_TARGET_BLOCKED &&
        !od_reason_may_pass(candidate->reason)) {
        return od__engine_fail(engine, OD_ERR_STATE, "%s is blocked: %s", phone,
                               od_reason_name(candidate->reason));
    }
    if (candidate->attempts >= record->attempts_max) {
        return od__engine_fail(engine, OD_ERR_STATE,
                               "%s has used its %d attempts: raise "
                               "attempts_max first",
                               phone, (int)candidate->attempts);
    }
    return OD_OK;
}

static od_err call_back(od_engine *engine, const od_campaign_record *record,
                        uint64_t phone, int64_t utc_ms)
{
    od_candidate candidate;
    char text[OD__PAYLOAD_SIZE];
    char phone_text[OD_PHONE_MAX + 1];
    od__writer payload;
    od_ledger_entry entry;
    od_err err = OD__STORE(engine, candidate)(
        engine->store, record->id, phone, engine->now.utc_ms, &candidate);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    od__phone_text(phone, phone_text);
    err = check_call_back(engine, record, &candidate, phone_text);
    if (err != OD_OK) {
        return err;
    }
    od__writer_init(&payload, text, sizeof text);
    od__write(&payload, "{\"phone\":\"%s\",\"due_utc_ms\":%lld}", phone_text,
              (long long)utc_ms);
    od__ledger_entry(engine, &entry, OD_LEDGER_CALLBACK, record->id, text);
    err = OD__STORE(engine, target_call_back)(engine->store, record->id, phone,
                                              utc_ms, &entry);
    od__engine_changed(engine);
    return od__store_err(engine, err);
}

od_err od_campaign_callback(od_engine *engine, od_id campaign,
                            const char *phone, int64_t utc_ms)
{
    od_campaign_record *record = NULL;
    uint64_t number = 0;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__phone_check(engine, phone, NULL, &number);
    if (err == OD_OK) {
        err = od__campaign_read(engine, campaign, &record);
    }
    if (err != OD_OK) {
        return err;
    }
    if (utc_ms < engine->now.utc_ms ||
        utc_ms - engine->now.utc_ms > YEAR_MS) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "utc_ms is %lld: a call back is within a year "
                               "from now",
                               (long long)utc_ms);
    }
    return call_back(engine, record, number, utc_ms);
}

od_err od_campaign_stop(od_engine *engine, od_id campaign)
{
    return move(engine, campaign, OD__CAMPAIGN_STOP, "stopped", false);
}
