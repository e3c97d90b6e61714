/*
 * storage_drive_texts.c - what of random exchanges is about texts.
 */
#include "support/storage_drive.h"

size_t drive_live_campaign(const od_model *model, const od_model_line *line)
{
    if (line->attempt == 0) {
        return MODEL_CAMPAIGNS;
    }
    return line->text != 0 ? model->texts[line->text - 1].campaign
                           : line->campaign;
}

/* == ends and receipts ==================================================== */

void drive_end_text(od_talk *talk, od_outcome *outcome, od_kit_sent *sent)
{
    od_drive *drive = talk->drive;
    static const int32_t refused[] = {
        OD_DISPOSITION_FAILED, OD_DISPOSITION_CONGESTION,
        OD_DISPOSITION_NOT_FOUND, OD_DISPOSITION_UNKNOWN};
    outcome->answered = false;
    outcome->answered_utc_ms = 0;
    outcome->survey_done = false;
    outcome->talk_ms = 0;
    outcome->sip_call_id = "";
    if (drive_chance(drive, 4)) {
        outcome->disposition =
            refused[drive_below(drive, OD__LEN(refused))];
        outcome->reached_network =
            outcome->disposition == OD_DISPOSITION_UNKNOWN;
        return;
    }
    kit_sent_init(drive->kit, sent, outcome->attempt,
                  1 + (int32_t)drive_below(drive, 4));
    sent->sent.delivery = drive_chance(drive, 10) ? OD_DELIVERY_DELIVERED
                                                  : OD_DELIVERY_ACCEPTED;
    sent->sent.open_until_utc_ms += (int64_t)drive_below(drive, 5000);
    outcome->sent = &sent->sent;
    outcome->disposition = OD_DISPOSITION_SENT;
    outcome->reached_network = true;
    outcome->target_state = drive_chance(drive, 4) ? outcome->target_state
                                                   : OD_TARGET_DONE;
}

/* Mostly of a text that is not long ago. */
static void add_receipt(od_talk *talk)
{
    od_drive *drive = talk->drive;
    od_model *model = drive->model;
    static const int32_t states[] = {OD_NONE, OD_TARGET_READY, OD_TARGET_READY,
                                     OD_TARGET_DONE};
    if (model->texts_len == 0) {
        return;
    }
    size_t span = drive_chance(drive, 6) ? model->texts_len : 12;
    span = span > model->texts_len ? model->texts_len : span;
    const od_model_text *text =
        &model->texts[model->texts_len - 1 - drive_below(drive, span)];
    uint64_t phone = drive_chance(drive, 20) ? model_phone(drive_phone(drive))
                     : text->phone != MODEL_NONE ? model_phone(text->phone)
                                                 : 0;
    od_receipt_record receipt =
        kit_receipt(drive->kit, text->attempt, phone,
                    (int32_t)drive_below(drive, 6) - 1,
                    (int32_t)drive_below(drive, OD_DELIVERIES + 1));
    receipt.disposition = drive_chance(drive, 4) ? OD_DISPOSITION_NOT_FOUND
                                                 : OD_DISPOSITION_UNDELIVERED;
    receipt.target_state = states[drive_below(drive, OD__LEN(states))];
    receipt.due_utc_ms = drive->kit->now + (int64_t)drive_below(drive, 3000);
    receipt.number_invalid = drive_chance(drive, 30);
    receipt.follow = drive_chance(drive, 2);
    od_exchange *exchange = &talk->exchange;
    talk->notes[exchange->ledger_len++] =
        kit_note(drive->kit, OD_LEDGER_DELIVERY, receipt.attempt);
    talk->receipts[exchange->receipts_len++] = receipt;
    drive->receipts += model_receipt(model, &receipt) ? 1 : 0;
}

/* == replies ============================================================== */

static void add_reply(od_talk *talk)
{
    od_drive *drive = talk->drive;
    od_model *model = drive->model;
    od_exchange *exchange = &talk->exchange;
    size_t campaign = (size_t)drive_below(drive, MODEL_CAMPAIGNS + 1);
    od_reply_record reply = kit_reply(
        drive->kit,
        campaign < MODEL_CAMPAIGNS ? model->campaigns[campaign].id : 0,
        model_phone(drive_phone(drive)), (int32_t)drive_below(drive, 4));
    if (drive_chance(drive, 8) && model->replies_len > 0) {
        reply.nonce =
            model->replies[drive_below(drive, model->replies_len)].nonce;
    }
    reply.owed = (int32_t)drive_below(drive, 3);
    reply.owed_until_utc_ms = drive->kit->now +
                              (int64_t)drive_below(drive, 5000);
    bool hangs = exchange->dnc_len > 0 && drive_chance(drive, 2);
    reply.dnc_at = hangs ? 0 : OD_NONE;
    talk->notes[exchange->ledger_len++] =
        kit_note(drive->kit, OD_LEDGER_REPLY, 0);
    talk->replies[exchange->replies_len++] = reply;
    (void)model_reply(model, &reply, !hangs || talk->dnc_new[0]);
}

void drive_add_news(od_talk *talk, bool releases)
{
    od_drive *drive = talk->drive;
    od_exchange *exchange = &talk->exchange;
    for (size_t i = 0; releases && i < OD__LEN(talk->releases); i++) {
        if (drive_chance(drive, 3)) {
            size_t phone = drive_phone(drive);
            talk->notes[exchange->ledger_len++] =
                kit_note(drive->kit, OD_LEDGER_DNC_REMOVE, 0);
            talk->releases[exchange->releases_len++] =
                (od_release){model_phone(phone), "reply", exchange->utc_ms};
            drive->model->ledger_len +=
                model_release(drive->model, phone, exchange->utc_ms) ? 1 : 0;
        }
    }
    size_t receipts = (size_t)drive_below(drive, DRIVE_BATCH_MAX);
    for (size_t i = 0; i < receipts; i++) {
        add_receipt(talk);
    }
    if (drive_chance(drive, 4)) {
        add_reply(talk);
    }
}

void drive_opt_out(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_model *model = drive->model;
    size_t at = (size_t)drive_below(drive, model->replies_len + 1);
    size_t phone = at < model->replies_len ? model->replies[at].phone : 0;
    phone = phone != MODEL_NONE ? phone : drive_phone(drive);
    od_reply_record owed = {.id = (od_id)at + 1,
                            .owed = (int32_t)drive_below(drive, 3),
                            .owed_until_utc_ms = kit->now + 300000};
    const od_dnc_record row = {.phone = model_phone(phone),
                               .scope = OD_DNC_ALL,
                               .source = "reply",
                               .added_utc_ms = kit->now,
                               .expires_utc_ms = drive_expiry(drive)};
    od_ledger_entry note = kit_note(kit, OD_LEDGER_DNC_ADD, 0);
    bool added = false;
    if (at == model->replies_len) {
        kit_err(kit, OP(reply_opt_out, &owed, &row, &note, &added),
                OD_ERR_NOT_FOUND);
        return;
    }
    const od_model_key key = {
        .at = phone, .scope = OD_DNC_ALL, .of_reply = true};
    bool is_new =
        model_dnc_add(model, &key, row.expires_utc_ms, kit->now);
    kit_ok(kit, OP(reply_opt_out, &owed, &row, &note, &added));
    assert_int_equal(added, is_new);
    model->replies[at].kind = OD_REPLY_OPT_OUT;
    if (is_new) {
        model->ledger_len++;
        model->replies[at].owed = owed.owed;
        model->replies[at].owed_until_utc_ms =
            owed.owed != OD_NOTICE_NONE ? owed.owed_until_utc_ms : 0;
    }
}

/* == notices ============================================================== */

/* Mostly what is owed, to one of those that wrote last. */
void drive_add_notices(od_talk *talk)
{
    od_drive *drive = talk->drive;
    od_model *model = drive->model;
    od_exchange *exchange = &talk->exchange;
    size_t len = (size_t)drive_below(drive, OD__LEN(talk->notices) + 1);
    for (size_t i = 0; i < len && model->replies_len > 0; i++) {
        size_t span = model->replies_len < 6 ? model->replies_len : 6;
        size_t at = model->replies_len - 1 - drive_below(drive, span);
        int32_t owed = model->replies[at].owed;
        talk->notices[i] = (od_notice_claim){
            .reply = (od_id)at + 1,
            .notice = drive_chance(drive, 8) ? (int32_t)drive_below(drive, 3)
                                             : owed,
            .unless_listed = drive_chance(drive, 2),
            .session_id = "0123456789abcdef0123456789abcdef",
            .trunk = KIT_TRUNK,
            .text = "Bye",
            .segments = 1,
            .ledger = kit_note(drive->kit, OD_LEDGER_ATTEMPT, 0)};
        exchange->notices_len++;
        talk->claimed[i] =
            model_notice(model, &talk->notices[i], exchange->utc_ms);
        if (talk->claimed[i]) {
            od_model_reply *reply = &model->replies[at];
            od_model_line *line = &model->lines[reply->phone];
            reply->answered = reply->owed;
            reply->owed = OD_NOTICE_NONE;
            reply->owed_until_utc_ms = 0;
            /* Which attempt it is, the storage says. */
            line->attempt = OD_NEVER;
            line->claimed_utc_ms = exchange->utc_ms;
            model_text_add(model, reply->phone, reply->campaign, at + 1,
                           OD_NEVER);
            model->ledger_len++;
            drive->notices++;
        }
    }
}

void drive_check_notices(od_talk *talk)
{
    od_model *model = talk->drive->model;
    for (size_t i = 0; i < talk->exchange.notices_len; i++) {
        const od_notice_claim *claim = &talk->notices[i];
        assert_int_equal(claim->claimed, talk->claimed[i]);
        for (size_t k = 0; claim->claimed && k < model->texts_len; k++) {
            od_model_text *text = &model->texts[k];
            if (text->attempt == OD_NEVER &&
                text->reply == (size_t)claim->reply) {
                text->attempt = claim->attempt;
                model->lines[text->phone].attempt = claim->attempt;
            }
        }
    }
}
