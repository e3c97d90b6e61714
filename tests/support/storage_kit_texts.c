/*
 * storage_kit_texts.c - what the tests of texts, receipts and replies are
 * written with.
 */
#include "support/storage_kit.h"

#include <inttypes.h>

/* == texts ================================================================ */

od_id kit_text_campaign(od_kit *kit, const char *name, od_id group)
{
    od_id campaign = kit_campaign(kit, name, group, 0);
    od_campaign_record record = kit_campaign_get(kit, campaign);
    record.channel = OD_CHANNEL_TEXT;
    (void)snprintf(record.text, sizeof record.text, "Hello {{phone}}");
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CAMPAIGN_SET, campaign);
    kit_ok(kit, OP(campaign_put, &record, &note, NULL));
    assert_true(campaign < 64);
    kit->texts_of |= UINT64_C(1) << campaign;
    return campaign;
}

od_id kit_texts_with(od_kit *kit, const char *name, size_t n)
{
    od_id group = kit_group(kit, name);
    kit_add_many(kit, group, n);
    od_id campaign = kit_text_campaign(kit, name, group);
    kit_start(kit, campaign);
    kit->now += 1000;
    return campaign;
}

bool kit_is_of_texts(const od_kit *kit, od_id campaign)
{
    return campaign > 0 && campaign < 64 &&
           (kit->texts_of >> campaign & 1) != 0;
}

void kit_text_for(uint64_t phone, char *out, size_t out_bytes)
{
    (void)snprintf(out, out_bytes, "Hello +%" PRIu64 " \xe2\x9c\x93", phone);
}

void kit_sent_init(od_kit *kit, od_kit_sent *sent, od_id attempt,
                   int32_t parts)
{
    memset(sent, 0, sizeof *sent);
    sent->sent = (od_sent){.delivery = OD_DELIVERY_ACCEPTED,
                           .network_ids_len = parts,
                           .network_ids = sent->ids,
                           .open_until_utc_ms = kit->now + 86400000};
    for (int32_t i = 0; i < parts; i++) {
        (void)snprintf(sent->texts[i], sizeof sent->texts[i],
                       "%" PRId64 "-%" PRId32, attempt, i);
        sent->ids[i] = sent->texts[i];
    }
}

od_outcome kit_text_end(od_kit *kit, od_id attempt, uint64_t phone,
                        const od_kit_sent *sent)
{
    return (od_outcome){.attempt = attempt,
                        .phone = phone,
                        .sip_call_id = "",
                        .ended_utc_ms = kit->now + 300,
                        .disposition = sent != NULL ? OD_DISPOSITION_SENT
                                                    : OD_DISPOSITION_FAILED,
                        .sip_status = sent != NULL ? 0 : 0x45,
                        .reached_network = sent != NULL,
                        .target_state = OD_TARGET_DONE,
                        .sent = sent != NULL ? &sent->sent : NULL};
}

od_id kit_text(od_kit *kit, od_id campaign, uint64_t phone, int32_t parts)
{
    od_id attempt = kit_claim(kit, campaign, phone);
    od_kit_sent sent;
    kit_sent_init(kit, &sent, attempt, parts);
    od_outcome outcome = kit_text_end(kit, attempt, phone, &sent);
    kit_send_outcomes(kit, &outcome, 1);
    return attempt;
}

od_message_record kit_message(od_kit *kit, od_id attempt)
{
    od_message_record row;
    size_t count = 0;
    memset(&row, 0xa5, sizeof row);
    kit_ok(kit, OP(message_scan, NULL, 0, attempt - 1, &row, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(row.attempt, attempt);
    return row;
}

/* == receipts ============================================================= */

od_receipt_record kit_receipt(od_kit *kit, od_id attempt, uint64_t phone,
                              int32_t part, int32_t delivery)
{
    return (od_receipt_record){.attempt = attempt,
                               .phone = phone,
                               .part = part,
                               .delivery = delivery,
                               .disposition = OD_DISPOSITION_UNDELIVERED,
                               .target_state = OD_NONE,
                               .utc_ms = kit->now,
                               .network_code = "042"};
}

/* Send what has one ledger row: did it follow? */
static bool send_one(od_kit *kit, od_exchange *exchange, int32_t kind,
                     od_id subject)
{
    od_ledger_entry note = kit_note(kit, kind, subject);
    int64_t rows = kit_ledger_len(kit);
    exchange->utc_ms = kit->now;
    exchange->ledger = &note;
    exchange->ledger_len = 1;
    kit_ok(kit, OP(exchange, exchange));
    od_ledger_row last = kit_ledger_last(kit);
    assert_in_range(last.seq, rows, rows + 1);
    if (last.seq > rows) {
        assert_int_equal(last.kind, kind);
        assert_int_equal(last.subject, subject);
        assert_string_equal(last.payload, note.payload);
    }
    return last.seq > rows;
}

bool kit_receive(od_kit *kit, const od_receipt_record *receipt)
{
    od_exchange exchange = {.receipts = receipt, .receipts_len = 1};
    return send_one(kit, &exchange, OD_LEDGER_DELIVERY, receipt->attempt);
}

bool kit_receive_part(od_kit *kit, od_id attempt, uint64_t phone, int32_t part,
                      int32_t delivery)
{
    od_receipt_record receipt =
        kit_receipt(kit, attempt, phone, part, delivery);
    return kit_receive(kit, &receipt);
}

/* == replies ============================================================== */

od_reply_record kit_reply(od_kit *kit, od_id campaign, uint64_t phone,
                          int32_t kind)
{
    return (od_reply_record){.nonce = ++kit->nonce,
                             .campaign = campaign,
                             .phone = phone,
                             .to = KIT_CALLER_ID,
                             .trunk = KIT_TRUNK,
                             .network_id = "in-1",
                             .text = "Stop. Thank you",
                             .utc_ms = kit->now,
                             .kind = kind,
                             .dnc_at = OD_NONE};
}

bool kit_reply_put(od_kit *kit, const od_reply_record *reply)
{
    od_exchange exchange = {.replies = reply, .replies_len = 1};
    return send_one(kit, &exchange, OD_LEDGER_REPLY, reply->attempt);
}

od_id kit_reply_owed(od_kit *kit, od_id campaign, uint64_t phone,
                     int32_t notice)
{
    od_reply_record reply =
        kit_reply(kit, campaign, phone,
                  notice == OD_NOTICE_HELP ? OD_REPLY_HELP : OD_REPLY_OPT_OUT);
    reply.owed = notice;
    reply.owed_until_utc_ms = kit->now + 300000;
    assert_true(kit_reply_put(kit, &reply));
    return kit_reply_last(kit);
}

od_reply_record kit_reply_get(od_kit *kit, od_id id)
{
    od_reply_record out;
    memset(&out, 0xa5, sizeof out);
    kit_ok(kit, OP(reply_get, id, &out));
    assert_int_equal(out.id, id);
    return out;
}

od_id kit_reply_last(od_kit *kit)
{
    od_reply_record rows[50];
    od_id last = 0;
    size_t count = OD__LEN(rows);
    while (count == OD__LEN(rows)) {
        kit_ok(kit, OP(reply_scan, NULL, 0, last, rows, OD__LEN(rows),
                       &count));
        last = count > 0 ? rows[count - 1].id : last;
    }
    return last;
}

od_notice_claim kit_notice(od_kit *kit, od_id reply, int32_t notice,
                           bool unless_listed)
{
    od_notice_claim claim = {
        .reply = reply,
        .notice = notice,
        .unless_listed = unless_listed,
        .claimed = true,
        .caller_id = kit->caller_id,
        .session_id = "0123456789abcdef0123456789abcdef",
        .trunk = KIT_TRUNK,
        .text = "You will get no more texts.",
        .encoding = OD_TEXT_ENCODING_GSM,
        .segments = 1,
        .ledger = kit_note(kit, OD_LEDGER_ATTEMPT, 0)};
    int64_t rows = kit_ledger_len(kit);
    od_exchange exchange = {
        .utc_ms = kit->now, .notices = &claim, .notices_len = 1};
    kit_ok(kit, OP(exchange, &exchange));
    od_ledger_row last = kit_ledger_last(kit);
    assert_int_equal(last.seq, rows + (claim.claimed ? 1 : 0));
    if (claim.claimed) {
        assert_true(claim.attempt > 0);
        assert_int_equal(last.subject, claim.attempt);
        assert_string_equal(last.payload, claim.ledger.payload);
    }
    return claim;
}

bool kit_release(od_kit *kit, uint64_t phone, const char *source)
{
    const od_release release = {phone, source, kit->now};
    od_exchange exchange = {.releases = &release, .releases_len = 1};
    return send_one(kit, &exchange, OD_LEDGER_DNC_REMOVE, 0);
}
