/*
 * sender.c - how many texts a minute leave with one caller ID.
 *
 * Carriers count by the number that is shown, whatever trunk it comes through.
 * Of all campaigns that run and show it the least texts_per_minute_max holds;
 * notices count, too. A row stays when its campaigns do not run any more, so
 * that stopping and starting is no way around the limit; it is used again when
 * the room is needed.
 */
#include "core/core.h"

static od__sender *find(const od_engine *engine, uint64_t caller_id)
{
    for (size_t i = 0; i < engine->senders_len; i++) {
        if (engine->senders[i].caller_id == caller_id) {
            return &engine->senders[i];
        }
    }
    return NULL;
}

/* As find, of one that is limited now. */
static od__sender *limited(const od_engine *engine, uint64_t caller_id)
{
    od__sender *sender = find(engine, caller_id);
    return sender != NULL && sender->per_minute > 0 ? sender : NULL;
}

/* A new row: there are as many as campaigns, so one is free if none is left. */
static od__sender *add(od_engine *engine, uint64_t caller_id)
{
    size_t at = engine->senders_len;
    if (at == 2 * (size_t)engine->options.campaigns_max) {
        while (at > 0 && engine->senders[at - 1].per_minute > 0) {
            at--;
        }
        if (at == 0) {
            return NULL;
        }
        at--;
    } else {
        engine->senders_len++;
    }
    od__sender *sender = &engine->senders[at];
    memset(sender, 0, sizeof *sender);
    sender->caller_id = caller_id;
    return sender;
}

static void note_limit(od_engine *engine, const od_campaign_record *record)
{
    int32_t limit = record->texts_per_minute_max;
    od__sender *sender = find(engine, record->caller_id);
    sender = sender != NULL ? sender : add(engine, record->caller_id);
    if (sender != NULL &&
        (sender->per_minute == 0 || limit < sender->per_minute)) {
        sender->per_minute = limit;
    }
}

/* Texts per 1000 s, rounded down. */
static int64_t rate_milli(int32_t per_minute)
{
    return (int64_t)per_minute * 1000 / 60;
}

void od__senders_turn(od_engine *engine)
{
    for (size_t i = 0; i < engine->senders_len; i++) {
        engine->senders[i].per_minute = 0;
    }
    for (size_t i = 0; i < engine->active_len; i++) {
        const od__active *active = engine->active[i];
        if (active->running && active->record.channel == OD_CHANNEL_TEXT &&
            active->record.texts_per_minute_max > 0) {
            note_limit(engine, &active->record);
        }
    }
    for (size_t i = 0; i < engine->senders_len; i++) {
        od__sender *sender = &engine->senders[i];
        int64_t rate = rate_milli(sender->per_minute);
        if (rate > 0 && sender->meter.rate_max_milli == 0) {
            od__meter_init(&sender->meter, rate, 0, engine->now.mono_ms);
        } else if (rate > 0 && rate != sender->meter.rate_max_milli) {
            od__meter_limit(&sender->meter, rate);
        }
        od__meter_turn(&sender->meter, engine->now.mono_ms);
    }
}

int32_t od__sender_room(const od_engine *engine, uint64_t caller_id)
{
    const od__sender *sender = limited(engine, caller_id);
    return sender != NULL
               ? (int32_t)od__meter_room(&sender->meter, engine->now.mono_ms)
               : INT32_MAX;
}

int64_t od__sender_next_ms(const od_engine *engine, uint64_t caller_id)
{
    const od__sender *sender = limited(engine, caller_id);
    return sender != NULL ? od__meter_next_ms(&sender->meter) : OD_NEVER;
}

bool od__sender_take(od_engine *engine, uint64_t caller_id)
{
    od__sender *sender = limited(engine, caller_id);
    if (sender == NULL) {
        return true;
    }
    if (od__meter_room(&sender->meter, engine->now.mono_ms) < 1) {
        return false;
    }
    od__meter_spend(&sender->meter);
    return true;
}

void od__sender_undo(od_engine *engine, uint64_t caller_id)
{
    od__sender *sender = limited(engine, caller_id);
    if (sender != NULL) {
        od__meter_refund(&sender->meter);
    }
}

void od__sender_slow(od_engine *engine, uint64_t caller_id, int64_t hold_ms)
{
    od__sender *sender = limited(engine, caller_id);
    if (sender == NULL) {
        return;
    }
    if (hold_ms > 0) {
        od__meter_hold(&sender->meter, engine->now.mono_ms + hold_ms);
    }
    od__meter_slow(&sender->meter, engine->now.mono_ms);
}
