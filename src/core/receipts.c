/*
 * receipts.c - what a receipt, or its absence, makes of a text and its target.
 *
 * A receipt names a part of a text by the id that the network gave it. It may
 * be ahead of the answer that brings the id, so one that matches nothing is
 * looked up again for a while. Two of one text never go into the same commit:
 * what the second makes of it depends on what the first has left.
 *
 * The storage believes the higher rank and ignores the rest; what is ignored is
 * known before, and neither told nor written. A text that could not be
 * delivered may be tried again by the policy of its campaign, and one that
 * arrived after all is not, but only while its target stands as this text left
 * it: a callback, an entry on the list, a later text have the last word.
 *
 * A campaign that may send again what was not delivered completes when it knows
 * of all that it sent (roster.c); others do not wait for receipts. A target that
 * one makes ready after that, or while the campaign is paused, waits there until
 * the campaign runs again.
 *
 * A text of which nothing is heard in its validity period and a day is UNKNOWN;
 * its target is left alone. A receipt that comes later still counts.
 */
#include "core/core.h"

/* A receipt that matches nothing is kept so long, and looked up so often. */
#define WAIT_MS 60000
#define LOOK_MS 1000

/* Overdue texts of one step, and how often they are looked for. */
#define OVERDUE_ROWS 100
#define SWEEP_MS 60000

static bool is_lost(int32_t delivery)
{
    return delivery == OD_DELIVERY_FAILED || delivery == OD_DELIVERY_EXPIRED;
}

static bool is_open(int32_t delivery)
{
    return delivery == OD_DELIVERY_ACCEPTED || delivery == OD_DELIVERY_SENT;
}

/* -- what follows from it ------------------------------------------------- */

/* Delivery of the text once a part, or (OD_NONE) all that are open, have this
 * one; OD_NONE: nothing changes. */
static int32_t joined(const od_message_record *message, int32_t part,
                      int32_t delivery)
{
    uint8_t parts[OD_SEGMENTS_MAX];
    int32_t len = message->parts_len;
    bool rises = false;
    if (len < 0 || len > OD_SEGMENTS_MAX || (part != OD_NONE && part < 0) ||
        part >= len) {
        return OD_NONE; /* no such part */
    }
    memcpy(parts, message->parts, sizeof parts);
    for (int32_t i = 0; i < len; i++) {
        bool meant = part == OD_NONE ? is_open(parts[i]) : i == part;
        if (meant && od_delivery_rank(delivery) > od_delivery_rank(parts[i])) {
            parts[i] = (uint8_t)delivery;
            rises = true;
        }
    }
    return rises ? od_delivery_join(parts, (size_t)len) : OD_NONE;
}

/* By the policy of the campaign for texts that were not delivered. */
static od_err try_again(od_engine *engine, const od_message_record *message,
                        od_receipt_record *out)
{
    const od_campaign_record *campaign = NULL;
    od_err err = od__inbox_campaign(engine, message->campaign, &campaign);
    if (err == OD_OK && campaign != NULL) {
        od__retry_receipt(campaign, message,
                          od__places_get(engine, message->place), out);
    }
    return err;
}

/* All of the row but the code. `after` is what joined() says of the text. */
static od_err propose(od_engine *engine, const od_message_record *message,
                      const od__receipt *receipt, int32_t part, int32_t after,
                      od_receipt_record *out)
{
    int32_t before = message->delivery;
    int32_t delivery = receipt->delivery;
    bool stands = message->notice == OD_NOTICE_NONE &&
                  message->target_disposition == message->disposition &&
                  message->attempts == message->attempts_before + 1;
    memset(out, 0, sizeof *out);
    out->attempt = message->attempt;
    out->phone = message->phone;
    out->utc_ms = engine->now.utc_ms;
    out->part = part;
    out->delivery = delivery;
    out->disposition = is_lost(delivery) ? receipt->disposition
                       : is_lost(after)  ? message->disposition
                                         : OD_DISPOSITION_NONE;
    out->number_invalid =
        is_lost(delivery) && receipt->disposition == OD_DISPOSITION_NOT_FOUND;
    out->target_state = OD_NONE;
    if (stands && after == OD_DELIVERY_DELIVERED && is_lost(before)) {
        out->target_state = OD_TARGET_DONE; /* it arrived after all */
    } else if (stands && is_lost(after) && !is_lost(before) &&
               message->target_state == OD_TARGET_DONE) {
        return try_again(engine, message, out);
    }
    return OD_OK;
}

/* -- into the batch ------------------------------------------------------- */

static bool is_in_batch(const od_engine *engine, od_id attempt)
{
    const od__batch *batch = engine->batch;
    for (size_t i = 0; i < batch->receipts_len; i++) {
        if (batch->receipts[i].attempt == attempt) {
            return true;
        }
    }
    return false;
}

static void write_ledger(od_engine *engine, const od_message_record *message,
                         const od_receipt_record *row)
{
    char phone[OD_PHONE_MAX + 1];
    od__writer payload;
    od__sender_text(message->phone, phone);
    od__ledger_row(engine, OD_LEDGER_DELIVERY, message->attempt, &payload);
    od__write(&payload, "{\"campaign\":%lld,\"phone\":\"%s\"",
              (long long)message->campaign, phone);
    if (row->part != OD_NONE && message->parts_len > 1) {
        od__write(&payload, ",\"part\":%d,\"parts\":%d", (int)row->part + 1,
                  (int)message->parts_len);
    }
    od__write(&payload, ",\"delivery\":\"%s\"",
              od_delivery_name(row->delivery));
    if (is_lost(row->delivery)) {
        od__write(&payload, ",\"disposition\":\"%s\"",
                  od_disposition_name(row->disposition));
    }
    od__write(&payload, ",\"code\":");
    od__write_json(&payload, row->network_code);
    od__write(&payload, "}");
}

static void make_event(od__receipt *receipt, const od_message_record *message,
                       int32_t delivery, int32_t disposition)
{
    od_event_message *e = &receipt->event;
    memset(e, 0, sizeof *e);
    e->campaign = message->campaign;
    e->attempt = message->attempt;
    e->contact = message->contact;
    od__sender_text(message->phone, e->phone);
    e->disposition = delivery == OD_DELIVERY_DELIVERED ? OD_DISPOSITION_SENT
                     : is_lost(delivery)               ? disposition
                                                       : message->disposition;
    e->delivery = delivery;
    e->segments = message->segments;
    memcpy(e->network_code, receipt->network_code, sizeof e->network_code);
}

/* The target is ready again: the lanes of a campaign that runs hear of it. */
static void note_due(od_engine *engine, const od_message_record *message,
                     const od_receipt_record *row)
{
    od__batch *batch = engine->batch;
    if (row->target_state != OD_TARGET_READY) {
        return;
    }
    od__due *due = &batch->dues[batch->dues_len++];
    *due = (od__due){.campaign = message->campaign,
                     .lane = od_lane_of(message->place, true),
                     .utc_ms = row->due_utc_ms};
    od__roster_due(engine, due);
}

/* Put what a receipt says into the batch. *taken false: nothing changes, so
 * there is nothing to store. */
static od_err store(od_engine *engine, od__receipt *receipt,
                    const od_message_record *message, int32_t part, bool *taken)
{
    od__batch *batch = engine->batch;
    od_receipt_record row;
    int32_t after = joined(message, part, receipt->delivery);
    *taken = after != OD_NONE;
    if (!*taken) {
        return OD_OK;
    }
    od_err err = propose(engine, message, receipt, part, after, &row);
    if (err != OD_OK) {
        return err;
    }
    memcpy(row.network_code, receipt->network_code, sizeof row.network_code);
    batch->receipts[batch->receipts_len++] = row;
    write_ledger(engine, message, &row);
    note_due(engine, message, &row);
    make_event(receipt, message, after, row.disposition);
    if (after == message->delivery) {
        receipt->tells = false; /* other parts are still awaited */
        od__events_release(engine, 1);
    }
    receipt->follows = row.follow;
    receipt->state = OD__INBOX_BATCHED;
    return OD_OK;
}

/* -- receipts that came --------------------------------------------------- */

static void forget(od_engine *engine, od__receipt *receipt, od_err err)
{
    if (receipt->tells) {
        receipt->tells = false;
        od__events_release(engine, 1);
    }
    if (!receipt->own) {
        od__inbox_answer(engine, receipt->token, err);
    }
    receipt->state = OD__INBOX_FREE;
}

/* It may be ahead of the answer to its text, or of nothing we sent. */
static void not_found(od_engine *engine, od__receipt *receipt)
{
    int64_t now = engine->now.mono_ms;
    if (receipt->network_id[0] == '\0' ||
        now - receipt->came_mono_ms >= WAIT_MS) {
        forget(engine, receipt, OD_OK);
        return;
    }
    receipt->look_mono_ms = now + LOOK_MS;
}

static od_err look(od_engine *engine, od__receipt *receipt)
{
    od_message_record message;
    int32_t part = 0;
    bool taken = false;
    bool known = receipt->trunk >= 0 && receipt->trunk < engine->trunks_len;
    od_err err = OD_ERR_NOT_FOUND;
    if (known && receipt->network_id[0] != '\0') {
        err = OD__STORE(engine, message_find)(
            engine->store, engine->trunks[receipt->trunk].info.name,
            receipt->network_id, &message, &part);
    }
    if (err == OD_ERR_NOT_FOUND) {
        not_found(engine, receipt);
        return OD_OK;
    }
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    if (is_in_batch(engine, message.attempt)) {
        return OD_OK; /* in the next step */
    }
    if (!od__events_promise(engine, 1)) {
        forget(engine, receipt, OD_ERR_LIMIT);
        return OD_OK;
    }
    receipt->tells = true;
    err = store(engine, receipt, &message, part, &taken);
    if (err != OD_OK) {
        receipt->tells = false;
        od__events_release(engine, 1);
        return err;
    }
    if (!taken) {
        forget(engine, receipt, OD_OK);
    }
    return OD_OK;
}

/* -- receipts that did not come ------------------------------------------- */

/* One overdue text. *done false: no room for it now. */
static od_err give_up(od_engine *engine, const od_message_record *message,
                      bool *done)
{
    od__inbox *inbox = engine->inbox;
    bool taken = false;
    *done = false;
    if (is_in_batch(engine, message->attempt) ||
        inbox->receipts_len == OD__RECEIPTS_MAX ||
        !od__events_promise(engine, 1)) {
        return OD_OK;
    }
    od__receipt *receipt = inbox->receipts[inbox->receipts_len++];
    memset(receipt, 0, sizeof *receipt);
    receipt->state = OD__INBOX_WAITS;
    receipt->own = true;
    receipt->tells = true;
    receipt->delivery = OD_DELIVERY_UNKNOWN;
    receipt->look_mono_ms = engine->now.mono_ms;
    od_err err = store(engine, receipt, message, OD_NONE, &taken);
    if (err != OD_OK || !taken) {
        forget(engine, receipt, OD_OK);
    }
    *done = err == OD_OK;
    return err;
}

/* The earliest open text says when to look again. */
static od_err sweep(od_engine *engine, size_t rows_max)
{
    od__inbox *inbox = engine->inbox;
    od_message_record rows[OVERDUE_ROWS];
    size_t count = 0;
    int64_t now = engine->now.mono_ms;
    if (inbox->overdue_utc_ms > engine->now.utc_ms ||
        inbox->sweep_mono_ms > now || rows_max == 0) {
        return OD_OK;
    }
    size_t max = rows_max < OVERDUE_ROWS ? rows_max : OVERDUE_ROWS;
    od_err err = OD__STORE(engine, message_overdue)(engine->store, OD_NEVER,
                                                    rows, max, &count);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    inbox->sweep_mono_ms = now + SWEEP_MS;
    inbox->overdue_utc_ms = OD_NEVER;
    for (size_t i = 0; i < count; i++) {
        bool done = false;
        if (rows[i].open_until_utc_ms <= engine->now.utc_ms) {
            err = give_up(engine, &rows[i], &done);
        }
        if (err != OD_OK || !done) {
            inbox->overdue_utc_ms = rows[i].open_until_utc_ms;
            return err;
        }
    }
    if (count == max) { /* there may be more */
        inbox->overdue_utc_ms = engine->now.utc_ms;
        inbox->sweep_mono_ms = now;
    }
    return OD_OK;
}

/* -- a step --------------------------------------------------------------- */

od_err od__receipts_turn(od_engine *engine, size_t rows_max)
{
    od__inbox *inbox = engine->inbox;
    size_t before = engine->batch->receipts_len;
    for (size_t i = 0; i < inbox->receipts_len; i++) {
        od__receipt *receipt = inbox->receipts[i];
        if (receipt->state != OD__INBOX_WAITS ||
            receipt->look_mono_ms > engine->now.mono_ms) {
            continue;
        }
        if (engine->batch->receipts_len - before >= rows_max) {
            return OD_OK;
        }
        od_err err = look(engine, receipt);
        if (err == OD_ERR_CORRUPT) { /* it must not stand in the way for ever */
            forget(engine, receipt, err);
        }
        if (err != OD_OK) {
            return err;
        }
    }
    return sweep(engine, rows_max - (engine->batch->receipts_len - before));
}

/* Texts that the network has taken: their receipts may be here already. */
static bool note_sent(od_engine *engine)
{
    const od__batch *batch = engine->batch;
    od__inbox *inbox = engine->inbox;
    bool any = false;
    for (size_t i = 0; i < batch->outcomes_len; i++) {
        const od_sent *sent = batch->outcomes[i].sent;
        any = any || sent != NULL;
        if (sent != NULL && is_open(sent->delivery) &&
            sent->open_until_utc_ms < inbox->overdue_utc_ms) {
            inbox->overdue_utc_ms = sent->open_until_utc_ms;
        }
    }
    return any;
}

void od__receipts_done(od_engine *engine)
{
    od__inbox *inbox = engine->inbox;
    bool sent = note_sent(engine);
    for (size_t i = 0; i < inbox->receipts_len; i++) {
        od__receipt *receipt = inbox->receipts[i];
        if (receipt->state == OD__INBOX_WAITS && sent) {
            receipt->look_mono_ms = engine->now.mono_ms;
        }
        if (receipt->state != OD__INBOX_BATCHED) {
            continue;
        }
        if (receipt->tells) {
            receipt->tells = false;
            od__events_release(engine, 1);
            od__events_put(engine, OD_EVENT_MESSAGE)->u.message =
                receipt->event;
        }
        od__active *active = od__roster_find(engine, receipt->event.campaign);
        if (active != NULL) {
            active->check_complete = true;
            active->seeks = active->seeks || receipt->follows;
        }
        forget(engine, receipt, OD_OK);
    }
}
