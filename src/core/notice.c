/*
 * notice.c - the texts that replies are owed: confirmations, and answers to
 * HELP.
 *
 * What a reply is owed is stored with it and claimed once, so that it is sent
 * once at most, whatever happens. This keeps those that are open in mind, takes
 * a slot for each when its phone is free, and sends what the exchange claimed.
 * One that did not leave (throttled, a trunk that went down) is owed again.
 * No window and no cap stands in the way: the person has just written. A
 * confirmation goes to who is on the list, and only as long as he is; HELP to
 * who is not. The campaign need not run; it need only still have the text.
 *
 * Source: 47 CFR 64.1200(a)(12) (one confirmation, within five minutes).
 */
#include "core/core.h"

#include "text/text.h"

#define PAGE_ROWS 32

/* A phone that is in a call, or a text that found no slot, is looked at again
 * after it. */
#define LOOK_MS 1000
#define SLOT_MS 200

/* Of a campaign that says nothing. */
#define VALIDITY_S 86400

/* -- what is owed --------------------------------------------------------- */

void od__notice_add(od_engine *engine, const od_reply_record *reply)
{
    if (engine->inbox == NULL || reply->owed == OD_NOTICE_NONE) {
        return;
    }
    od__notices *notices = &engine->inbox->notices;
    for (size_t i = 0; i < notices->owed_len; i++) {
        od__owed *owed = &notices->owed[i];
        if (owed->reply == reply->id) { /* it may be owed another one now */
            owed->notice = reply->owed;
            owed->until_utc_ms = reply->owed_until_utc_ms;
            return;
        }
    }
    if (notices->owed_len == OD__OWED_MAX) {
        notices->more = true;
        return;
    }
    notices->owed[notices->owed_len++] =
        (od__owed){.reply = reply->id,
                   .campaign = reply->campaign,
                   .phone = reply->phone,
                   .to = reply->to,
                   .notice = reply->owed,
                   .until_utc_ms = reply->owed_until_utc_ms,
                   .look_mono_ms = engine->now.mono_ms};
}

void od__notices_stale(od_engine *engine)
{
    engine->inbox->notices.more = true;
}

static void drop(od__notices *notices, size_t at)
{
    notices->owed_len--;
    memmove(&notices->owed[at], &notices->owed[at + 1],
            (notices->owed_len - at) * sizeof notices->owed[0]);
}

/* What the store knows of, as long as there is room. */
static od_err load(od_engine *engine)
{
    od__notices *notices = &engine->inbox->notices;
    od_reply_record rows[PAGE_ROWS];
    size_t count = PAGE_ROWS;
    od_id after = 0;
    notices->more = false;
    while (count == PAGE_ROWS && !notices->more) {
        od_err err = OD__STORE(engine, reply_owed)(
            engine->store, engine->now.utc_ms, after, rows, PAGE_ROWS, &count);
        if (err != OD_OK) {
            notices->more = true;
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            after = rows[i].id;
            od__notice_add(engine, &rows[i]);
        }
    }
    return OD_OK;
}

/* -- whether it can be sent ----------------------------------------------- */

static bool is_live(const od_engine *engine, uint64_t phone)
{
    size_t left = engine->calls_live;
    for (int32_t i = 0; left > 0 && i < engine->options.calls_max; i++) {
        const od__call *call = &engine->calls[i];
        if (call->state != OD__CALL_FREE && call->phone == phone) {
            return true;
        }
        left -= call->state != OD__CALL_FREE ? 1 : 0;
    }
    return false;
}

/* Has the person written again? It counts once it is stored. */
static bool has_written(const od_engine *engine, uint64_t phone)
{
    const od__batch *batch = engine->batch;
    for (size_t i = 0; i < batch->replies_len; i++) {
        if (batch->replies[i].phone == phone) {
            return true;
        }
    }
    return false;
}

static const char *text_of(const od_campaign_record *campaign, int32_t notice)
{
    return notice == OD_NOTICE_CONFIRM ? campaign->confirm_text
           : notice == OD_NOTICE_HELP  ? campaign->help_text
                                       : "";
}

/* Is it still right to send it? Who took the opt-out back needs no
 * confirmation, and a number that is not one gets nothing. */
static od_err is_right(od_engine *engine, const od__owed *owed, bool *out)
{
    od_candidate candidate;
    bool listed = false;
    *out = false;
    od_err err = OD__STORE(engine, dnc_check)(engine->store, owed->phone,
                                              OD_CHANNEL_TEXT, owed->campaign,
                                              engine->now.utc_ms, &listed);
    if (err == OD_OK) {
        err = OD__STORE(engine, candidate)(engine->store, owed->campaign,
                                           owed->phone, engine->now.utc_ms,
                                           &candidate);
    }
    if (err == OD_OK) {
        *out = listed == (owed->notice == OD_NOTICE_CONFIRM) &&
               !candidate.number_invalid;
    }
    return od__store_err(engine, err);
}

/* -- claiming ------------------------------------------------------------- */

static void write_decision(od_engine *engine, const od__letter *letter,
                           const od_notice_claim *claim, char *out,
                           size_t out_size)
{
    char phone[OD_PHONE_MAX + 1];
    char from[OD_PHONE_MAX + 1];
    char hash[65];
    uint8_t sha256[32];
    od__writer payload;
    od__sender_text(letter->phone, phone);
    od__sender_text(letter->caller_id, from);
    od__sha256(claim->text, strlen(claim->text), sha256);
    od__hex(sha256, sizeof sha256, hash);
    od__writer_init(&payload, out, out_size);
    od__write(&payload,
              "{\"campaign\":%lld,\"notice\":\"%s\",\"reply\":%lld,"
              "\"phone\":\"%s\",\"from\":\"%s\",\"session\":\"%s\","
              "\"trunk\":",
              (long long)letter->campaign, od_notice_name(claim->notice),
              (long long)claim->reply, phone, from, claim->session_id);
    od__write_json(&payload, claim->trunk);
    od__write(&payload,
              ",\"encoding\":\"%s\",\"segments\":%d,\"text_sha256\":\"%s\","
              "\"rules\":\"%s\"}",
              od_text_encoding_name(claim->encoding), (int)claim->segments,
              hash, engine->law.hash);
}

/* A slot is taken: everything that the claim and the sending need. */
static void claim(od_engine *engine, const od__owed *owed, int32_t slot,
                  uint64_t caller_id, const od_campaign_record *campaign,
                  const od_text_info *info)
{
    od__notices *notices = &engine->inbox->notices;
    size_t at = notices->claims_len++;
    const od__call *call = &engine->calls[slot];
    char *text = notices->texts[at];
    od__text_copy(text, sizeof notices->texts[at], info->text);
    notices->slots[at] = slot;
    notices->letters[at] = (od__letter){.campaign = owed->campaign,
                                        .phone = owed->phone,
                                        .caller_id = caller_id,
                                        .text = text,
                                        .notice = owed->notice,
                                        .until_utc_ms = owed->until_utc_ms,
                                        .encoding = info->encoding,
                                        .segments = info->segments,
                                        .validity_s = campaign->validity_s > 0
                                                          ? campaign->validity_s
                                                          : VALIDITY_S};
    od_notice_claim *out = &notices->claims[at];
    *out = (od_notice_claim){.reply = owed->reply,
                             .notice = owed->notice,
                             .unless_listed = owed->notice == OD_NOTICE_HELP,
                             .caller_id = caller_id,
                             .session_id = call->session_id,
                             .trunk = engine->trunks[call->trunk].info.name,
                             .text = text,
                             .encoding = info->encoding,
                             .segments = info->segments};
    write_decision(engine, &notices->letters[at], out, notices->payloads[at],
                   sizeof notices->payloads[at]);
    od__ledger_entry(engine, &out->ledger, OD_LEDGER_ATTEMPT, 0,
                     notices->payloads[at]);
}

/* Take what one notice needs. *keep false: it is owed no more. */
static od_err weigh(od_engine *engine, od__owed *owed, bool *keep)
{
    const od_campaign_record *campaign = NULL;
    od_text_info info;
    bool right = false;
    *keep = true;
    if (has_written(engine, owed->phone)) {
        return OD_OK; /* the next step knows what */
    }
    if (is_live(engine, owed->phone)) {
        owed->look_mono_ms = engine->now.mono_ms + LOOK_MS;
        return OD_OK;
    }
    od_err err = is_right(engine, owed, &right);
    if (err == OD_OK) {
        err = od__inbox_campaign(engine, owed->campaign, &campaign);
    }
    if (err != OD_OK) {
        return err;
    }
    uint64_t caller_id = owed->to != 0      ? owed->to
                         : campaign != NULL ? campaign->caller_id
                                            : 0;
    *keep = right && campaign != NULL && caller_id != 0 &&
            od_text_measure(text_of(campaign, owed->notice), NULL, &info,
                            NULL) == OD_OK &&
            info.segments > 0;
    if (!*keep) {
        return OD_OK;
    }
    int32_t slot = od__text_take(engine, NULL, caller_id, strlen(info.text));
    if (slot == OD_NONE) {
        owed->look_mono_ms = engine->now.mono_ms + SLOT_MS;
        return OD_OK;
    }
    claim(engine, owed, slot, caller_id, campaign, &info);
    return OD_OK;
}

od_err od__notices_turn(od_engine *engine)
{
    od__notices *notices = &engine->inbox->notices;
    od_err err = OD_OK;
    notices->claims_len = 0;
    if (engine->stopping) {
        return OD_OK;
    }
    if (notices->more && notices->owed_len <= OD__OWED_MAX / 2) {
        err = load(engine);
    }
    for (size_t i = 0; err == OD_OK && i < notices->owed_len &&
                       notices->claims_len < OD__NOTICES_MAX;) {
        od__owed *owed = &notices->owed[i];
        bool keep = owed->until_utc_ms > engine->now.utc_ms;
        if (keep && owed->look_mono_ms <= engine->now.mono_ms) {
            err = weigh(engine, owed, &keep);
        }
        if (keep) {
            i++;
        } else {
            drop(notices, i);
        }
    }
    if (err != OD_OK) {
        od__notices_undo(engine);
    }
    return err;
}

/* -- after the exchange --------------------------------------------------- */

/* Why was it not claimed? If it is not owed any more, forget it. */
static void look_again(od_engine *engine, od__owed *owed)
{
    od_reply_record reply;
    od_err err =
        OD__STORE(engine, reply_get)(engine->store, owed->reply, &reply);
    owed->look_mono_ms = engine->now.mono_ms + LOOK_MS;
    if (err == OD_ERR_NOT_FOUND ||
        (err == OD_OK && reply.owed != owed->notice)) {
        owed->until_utc_ms = 0; /* dropped by the next turn */
    }
}

static void settle(od_engine *engine, const od_notice_claim *claimed)
{
    od__notices *notices = &engine->inbox->notices;
    for (size_t i = 0; i < notices->owed_len; i++) {
        if (notices->owed[i].reply != claimed->reply) {
            continue;
        }
        if (claimed->claimed) {
            drop(notices, i);
        } else {
            look_again(engine, &notices->owed[i]);
        }
        return;
    }
}

void od__notices_done(od_engine *engine)
{
    od__notices *notices = &engine->inbox->notices;
    for (size_t i = 0; i < notices->claims_len; i++) {
        const od_notice_claim *claimed = &notices->claims[i];
        if (claimed->claimed) {
            notices->letters[i].attempt = claimed->attempt;
            od__text_begin(engine, notices->slots[i], &notices->letters[i]);
        } else {
            od__text_put_back(engine, notices->slots[i]);
        }
        settle(engine, claimed);
    }
    for (size_t i = 0; i < notices->claims_len; i++) {
        if (notices->claims[i].claimed) {
            od__text_send(engine, notices->slots[i]);
        }
    }
    notices->claims_len = 0;
}

void od__notices_undo(od_engine *engine)
{
    od__notices *notices = &engine->inbox->notices;
    for (size_t i = notices->claims_len; i-- > 0;) {
        od__text_put_back(engine, notices->slots[i]);
    }
    notices->claims_len = 0;
}

int64_t od__notices_deadline_ms(const od_engine *engine)
{
    const od__notices *notices = &engine->inbox->notices;
    int64_t at = OD_NEVER;
    if (engine->stopping) {
        return OD_NEVER;
    }
    if (notices->more && notices->owed_len <= OD__OWED_MAX / 2) {
        return engine->now.mono_ms;
    }
    for (size_t i = 0; i < notices->owed_len; i++) {
        int64_t look = notices->owed[i].look_mono_ms;
        at = look < at ? look : at;
    }
    return at;
}
