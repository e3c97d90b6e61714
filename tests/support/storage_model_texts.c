/*
 * storage_model_texts.c - texts, receipts, replies and notices, the plain way.
 */
#include "support/storage_model.h"

static uint64_t number_of(size_t phone)
{
    return phone != MODEL_NONE ? model_phone(phone) : 0;
}

/* == texts ================================================================ */

od_model_text *model_text(od_model *model, od_id attempt)
{
    for (size_t i = 0; i < model->texts_len; i++) {
        if (model->texts[i].attempt == attempt) {
            return &model->texts[i];
        }
    }
    return NULL;
}

void model_text_add(od_model *model, size_t phone, size_t campaign,
                    size_t reply, od_id attempt)
{
    assert_true(model->texts_len < MODEL_TEXTS);
    od_model_text *text = &model->texts[model->texts_len++];
    *text = (od_model_text){.attempt = attempt,
                            .campaign = campaign,
                            .phone = phone,
                            .reply = reply};
    if (reply == 0) {
        text->attempts_before =
            model->campaigns[campaign].targets[phone].attempts;
    }
    model->lines[phone].text = model->texts_len;
}

static bool waits(int32_t delivery)
{
    return delivery == OD_DELIVERY_ACCEPTED || delivery == OD_DELIVERY_SENT;
}

bool model_text_end(od_model *model, od_model_line *line,
                    const od_outcome *outcome)
{
    od_model_text *text = &model->texts[line->text - 1];
    text->ended = true;
    text->disposition = outcome->disposition;
    text->ended_utc_ms = outcome->ended_utc_ms;
    if (outcome->sent != NULL) {
        text->parts_len = outcome->sent->network_ids_len;
        for (int32_t i = 0; i < text->parts_len; i++) {
            text->parts[i] = outcome->sent->delivery;
        }
        text->delivery = outcome->sent->delivery;
        text->delivery_utc_ms = outcome->ended_utc_ms;
        text->open_until_utc_ms =
            waits(text->delivery) ? outcome->sent->open_until_utc_ms : 0;
    }
    return text->reply != 0;
}

/* == receipts ============================================================= */

/* The better known, the higher. */
static int32_t rank(int32_t delivery)
{
    static const int32_t known[] = {
        OD_DELIVERY_ACCEPTED, OD_DELIVERY_SENT, OD_DELIVERY_UNKNOWN,
        OD_DELIVERY_FAILED, OD_DELIVERY_DELIVERED};
    int32_t as =
        delivery == OD_DELIVERY_EXPIRED ? OD_DELIVERY_FAILED : delivery;
    int32_t out = 0;
    for (int32_t i = 0; i < (int32_t)OD__LEN(known); i++) {
        out = known[i] == as ? i + 1 : out;
    }
    return out;
}

static bool has_part(const od_model_text *text, int32_t delivery)
{
    for (int32_t i = 0; i < text->parts_len; i++) {
        if (text->parts[i] == delivery) {
            return true;
        }
    }
    return false;
}

/* Of all parts: the first of these that one of them is. */
static int32_t joined(const od_model_text *text)
{
    static const int32_t order[] = {
        OD_DELIVERY_FAILED,   OD_DELIVERY_EXPIRED, OD_DELIVERY_UNKNOWN,
        OD_DELIVERY_ACCEPTED, OD_DELIVERY_SENT,    OD_DELIVERY_DELIVERED};
    size_t at = 0;
    while (!has_part(text, order[at])) {
        at++;
    }
    return order[at];
}

static bool has_later(const od_model *model, const od_model_text *text)
{
    for (size_t i = 0; i < model->texts_len; i++) {
        const od_model_text *other = &model->texts[i];
        if (other->reply == 0 && other->campaign == text->campaign &&
            other->phone == text->phone && other->attempt > text->attempt) {
            return true;
        }
    }
    return false;
}

static void steer(od_model *model, const od_model_text *text,
                  const od_receipt_record *receipt)
{
    od_model_campaign *campaign = &model->campaigns[text->campaign];
    od_model_target *target = &campaign->targets[text->phone];
    bool stands = target->there && (target->state == OD_TARGET_DONE ||
                                    target->state == OD_TARGET_READY);
    if (receipt->target_state == OD_NONE || !stands ||
        has_later(model, text)) {
        return;
    }
    if (target->disposition != text->disposition) {
        target->disposition = text->disposition;
        target->tries[text->disposition] +=
            target->tries[text->disposition] < 15 ? 1 : 0;
    }
    target->state = OD_TARGET_DONE;
    if (receipt->target_state == OD_TARGET_READY) {
        target->due_utc_ms = receipt->due_utc_ms;
        target->state = model_owned(model, campaign, text->phone)
                            ? OD_TARGET_READY
                            : OD_TARGET_DONE;
    } else if (receipt->follow) {
        model_follow(model, campaign, text->phone, receipt->utc_ms);
    }
}

bool model_receipt(od_model *model, const od_receipt_record *receipt)
{
    od_model_text *text = model_text(model, receipt->attempt);
    if (text == NULL || !text->ended ||
        number_of(text->phone) != receipt->phone) {
        return false;
    }
    bool rises = false;
    for (int32_t i = 0; i < text->parts_len; i++) {
        bool meant = receipt->part == OD_NONE ? waits(text->parts[i])
                                              : receipt->part == i;
        if (meant && rank(receipt->delivery) > rank(text->parts[i])) {
            text->parts[i] = receipt->delivery;
            rises = true;
        }
    }
    if (!rises) {
        return false;
    }
    int32_t now = joined(text);
    bool failed = now == OD_DELIVERY_FAILED || now == OD_DELIVERY_EXPIRED;
    bool says_so = receipt->delivery == OD_DELIVERY_FAILED ||
                   receipt->delivery == OD_DELIVERY_EXPIRED;
    text->delivery_utc_ms =
        now != text->delivery ? receipt->utc_ms : text->delivery_utc_ms;
    text->delivery = now;
    text->open_until_utc_ms = waits(now) ? text->open_until_utc_ms : 0;
    if (now == OD_DELIVERY_DELIVERED) {
        text->disposition = OD_DISPOSITION_SENT;
    } else if (failed && says_so) {
        text->disposition = receipt->disposition;
    }
    model->ledger_len++;
    if (text->reply == 0 && text->phone != MODEL_NONE) {
        od_model_line *line = &model->lines[text->phone];
        line->number_invalid = line->number_invalid || receipt->number_invalid;
        steer(model, text, receipt);
    }
    return true;
}

/* == replies ============================================================== */

bool model_reply(od_model *model, const od_reply_record *reply, bool owes)
{
    for (size_t i = 0; i < model->replies_len; i++) {
        if (model->replies[i].nonce == reply->nonce) {
            return false;
        }
    }
    assert_true(model->replies_len < MODEL_REPLIES);
    od_model_reply *row = &model->replies[model->replies_len++];
    *row = (od_model_reply){.nonce = reply->nonce,
                            .campaign = MODEL_CAMPAIGNS,
                            .phone = model_index(reply->phone),
                            .utc_ms = reply->utc_ms,
                            .kind = reply->kind};
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        if (model->campaigns[i].id == reply->campaign) {
            row->campaign = i;
        }
    }
    if (owes && reply->owed != OD_NOTICE_NONE) {
        row->owed = reply->owed;
        row->owed_until_utc_ms = reply->owed_until_utc_ms;
    }
    model->ledger_len++;
    return true;
}

bool model_notice(od_model *model, const od_notice_claim *claim,
                  int64_t utc_ms)
{
    if (claim->reply < 1 || (size_t)claim->reply > model->replies_len) {
        return false;
    }
    od_model_reply *reply = &model->replies[claim->reply - 1];
    return reply->owed != OD_NOTICE_NONE && reply->owed == claim->notice &&
           reply->owed_until_utc_ms > utc_ms &&
           model->lines[reply->phone].attempt == 0 &&
           !(claim->unless_listed &&
             model_forbids_texts(model, reply->phone, reply->campaign,
                                 utc_ms));
}

void model_texts_forget(od_model *model, size_t phone, int64_t before_utc_ms)
{
    for (size_t i = 0; i < model->texts_len; i++) {
        od_model_text *text = &model->texts[i];
        if (text->phone == phone && text->ended_utc_ms < before_utc_ms) {
            text->phone = MODEL_NONE;
        }
    }
    for (size_t i = 0; i < model->replies_len; i++) {
        od_model_reply *reply = &model->replies[i];
        if (reply->phone == phone && reply->utc_ms < before_utc_ms) {
            reply->phone = MODEL_NONE;
            reply->owed = OD_NOTICE_NONE;
            reply->owed_until_utc_ms = 0;
        }
    }
}

/* == does the storage say the same? ======================================= */

static od_id id_of(const od_model *model, size_t campaign)
{
    return campaign < MODEL_CAMPAIGNS ? model->campaigns[campaign].id : 0;
}

static void compare_text(od_kit *kit, const od_model *model,
                         const od_model_text *want)
{
    od_message_record got = kit_message(kit, want->attempt);
    assert_int_equal(got.campaign, id_of(model, want->campaign));
    assert_int_equal(got.phone, number_of(want->phone));
    assert_int_equal(got.reply, want->reply);
    assert_int_equal(got.disposition, want->disposition);
    assert_int_equal(got.delivery, want->delivery);
    assert_int_equal(got.attempts_before, want->attempts_before);
    assert_int_equal(got.ended_utc_ms, want->ended_utc_ms);
    assert_int_equal(got.delivery_utc_ms, want->delivery_utc_ms);
    assert_int_equal(got.open_until_utc_ms, want->open_until_utc_ms);
    assert_int_equal(got.parts_len, want->parts_len);
    for (int32_t i = 0; i < want->parts_len; i++) {
        assert_int_equal(got.parts[i], want->parts[i]);
    }
}

/* Each is known by the names that it was given, unless it is nameless. */
static void compare_names(od_kit *kit, const od_model_text *want)
{
    for (int32_t i = 0; i < want->parts_len; i++) {
        char id[32];
        od_message_record got;
        int32_t part = -7;
        (void)snprintf(id, sizeof id, "%d-%d", (int)want->attempt, (int)i);
        od_err err = want->phone != MODEL_NONE ? OD_OK : OD_ERR_NOT_FOUND;
        kit_err(kit, OP(message_find, KIT_TRUNK, id, &got, &part), err);
        if (err == OD_OK) {
            assert_int_equal(got.attempt, want->attempt);
            assert_int_equal(part, i);
        }
    }
}

static void compare_last(od_kit *kit, const od_model *model, size_t phone)
{
    od_id last = 0;
    for (size_t i = 0; i < model->texts_len; i++) {
        const od_model_text *text = &model->texts[i];
        last = text->phone == phone && text->reply == 0 ? text->attempt : last;
    }
    od_message_record got;
    kit_err(kit, OP(message_last, model_phone(phone), 0, &got),
            last != 0 ? OD_OK : OD_ERR_NOT_FOUND);
    if (last != 0) {
        assert_int_equal(got.attempt, last);
    }
}

void model_compare_texts(od_kit *kit, od_model *model)
{
    for (size_t i = 0; i < model->texts_len; i++) {
        if (model->texts[i].ended) {
            compare_text(kit, model, &model->texts[i]);
            compare_names(kit, &model->texts[i]);
        }
    }
    for (size_t phone = 0; phone < MODEL_PHONES; phone++) {
        compare_last(kit, model, phone);
    }
    for (size_t i = 0; i < model->replies_len; i++) {
        const od_model_reply *want = &model->replies[i];
        od_reply_record got = kit_reply_get(kit, (od_id)i + 1);
        assert_int_equal(got.nonce, want->nonce);
        assert_int_equal(got.campaign, id_of(model, want->campaign));
        assert_int_equal(got.phone, number_of(want->phone));
        assert_int_equal(got.kind, want->kind);
        assert_int_equal(got.owed, want->owed);
        assert_int_equal(got.owed_until_utc_ms, want->owed_until_utc_ms);
        assert_int_equal(got.answered, want->answered);
    }
}
