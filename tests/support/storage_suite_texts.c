/*
 * storage_suite_texts.c - texts from the claim to the end, and how they are
 * found.
 */
#include "support/storage_kit.h"

#define DAY_MS 86400000

/* == one text ============================================================= */

static void text_is_live_when_it_is_claimed(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    kit_reopen(kit);
    od_attempt_record flight;
    size_t count = 0;
    kit_ok(kit, OP(flight_scan, 0, &flight, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(flight.attempt, attempt);
    assert_int_equal(flight.channel, OD_CHANNEL_TEXT);
    assert_int_equal(flight.notice, OD_NOTICE_NONE);
    assert_int_equal(flight.caller_id, KIT_CALLER_ID);
    assert_string_equal(flight.trunk, KIT_TRUNK);
    od_message_record row;
    kit_ok(kit, OP(message_scan, NULL, 0, 0, &row, 1, &count));
    assert_int_equal(count, 0); /* it has not ended */
    kit_ok(kit, OP(message_last, KIT_PHONE, 0, &row));
    char text[64];
    kit_text_for(KIT_PHONE, text, sizeof text);
    assert_string_equal(row.text, text);
    assert_int_equal(row.attempt, attempt);
    assert_int_equal(row.ended_utc_ms, 0);
    assert_int_equal(row.parts_len, 0);
    assert_int_equal(row.delivery, OD_DELIVERY_NONE);
    assert_int_equal(row.target_state, OD_TARGET_FLIGHT);
    assert_int_equal(kit_counters(kit, campaign).minute_calls, 1);
    od_counters sums = kit_counters(kit, campaign);
    assert_int_equal(sums.delivery_by[OD_DELIVERY_NONE], 0);
}

static void text_keeps_every_field(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 2);
    kit->caller_id = 24680; /* a short code */
    od_candidate before = kit_candidate(kit, campaign, KIT_PHONE + 1);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE + 1);
    int64_t claimed = kit->now;
    kit->now += 2000;
    od_kit_sent sent;
    kit_sent_init(kit, &sent, attempt, 1);
    od_outcome outcome = kit_text_end(kit, attempt, KIT_PHONE + 1, &sent);
    outcome.sip_status = 202;
    kit_send_outcomes(kit, &outcome, 1);
    kit_reopen(kit);
    char text[64];
    kit_text_for(KIT_PHONE + 1, text, sizeof text);
    od_message_record row = kit_message(kit, attempt);
    assert_string_equal(row.text, text);
    assert_string_equal(row.trunk, KIT_TRUNK);
    assert_string_equal(row.network_code, "");
    assert_int_equal(strlen(row.session_id), 32);
    assert_int_equal(row.campaign, campaign);
    assert_int_equal(row.contact, before.contact);
    assert_int_equal(row.reply, 0);
    assert_int_equal(row.phone, KIT_PHONE + 1);
    assert_int_equal(row.caller_id, 24680);
    assert_int_equal(row.notice, OD_NOTICE_NONE);
    assert_int_equal(row.encoding, OD_TEXT_ENCODING_UCS2);
    assert_int_equal(row.segments, KIT_SEGMENTS);
    assert_int_equal(row.disposition, OD_DISPOSITION_SENT);
    assert_int_equal(row.status, 202);
    assert_int_equal(row.fault, OD_OK);
    assert_int_equal(row.delivery, OD_DELIVERY_ACCEPTED);
    assert_int_equal(row.attempts_before, 0);
    assert_int_equal(row.claimed_utc_ms, claimed);
    assert_int_equal(row.ended_utc_ms, outcome.ended_utc_ms);
    assert_int_equal(row.delivery_utc_ms, outcome.ended_utc_ms);
    assert_int_equal(row.open_until_utc_ms, kit->now + DAY_MS);
    assert_int_equal(row.parts_len, 1);
    assert_int_equal(row.parts[0], OD_DELIVERY_ACCEPTED);
    assert_int_equal(row.place, kit->place_a);
    assert_int_equal(row.target_state, OD_TARGET_DONE);
    assert_int_equal(row.target_disposition, OD_DISPOSITION_SENT);
    assert_int_equal(row.attempts, 1);
    assert_int_equal(od_tries_of(row.tries, OD_DISPOSITION_SENT), 1);
}

static void text_in_ten_parts(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, OD_SEGMENTS_MAX);
    kit_reopen(kit);
    od_message_record row = kit_message(kit, attempt);
    assert_int_equal(row.parts_len, OD_SEGMENTS_MAX);
    for (int32_t i = 0; i < OD_SEGMENTS_MAX; i++) {
        char id[32];
        int32_t part = -7;
        (void)snprintf(id, sizeof id, "%d-%d", (int)attempt, (int)i);
        kit_ok(kit, OP(message_find, KIT_TRUNK, id, &row, &part));
        assert_int_equal(row.attempt, attempt);
        assert_int_equal(part, i);
    }
    od_counters sums = kit_counters(kit, campaign);
    assert_int_equal(sums.segments, KIT_SEGMENTS);
    assert_int_equal(sums.delivery_by[OD_DELIVERY_ACCEPTED], 1);
    assert_int_equal(sums.attempts_by[OD_DISPOSITION_SENT], 1);
    assert_int_equal(sums.done_by[OD_DISPOSITION_SENT], 1);
}

#define ID_BYTES 128

static bool allow_longest(void *ctx, const od_candidate *candidate,
                          od_id attempt, od_ruling *out)
{
    (void)candidate;
    out->verdict.kind = OD_VERDICT_ALLOW;
    out->text = ctx;
    out->encoding = OD_TEXT_ENCODING_GSM;
    out->segments = OD_SEGMENTS_MAX;
    memset(out->session_id, '0', 32);
    memset(out->trunk, 't', sizeof out->trunk - 1);
    out->ledger = (od_ledger_entry){
        .kind = OD_LEDGER_ATTEMPT, .subject = attempt, .payload = "{}"};
    return true;
}

/* Text, trunk and ids as long as they may be; most of an id is the same. */
static void text_as_long_as_can_be(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    char text[OD_MESSAGE_MAX + 1] = "";
    memset(text, 'x', OD_MESSAGE_MAX);
    od_lane_request lane = {.campaign = campaign,
                            .lane = od_lane_of(kit->place_a, false),
                            .claims_max = 1,
                            .scan_max = 1};
    od_exchange exchange = {.utc_ms = kit->now,
                            .lanes = &lane,
                            .lanes_len = 1,
                            .judge = allow_longest,
                            .judge_ctx = text};
    kit_ok(kit, OP(exchange, &exchange));
    od_message_record row;
    kit_ok(kit, OP(message_last, KIT_PHONE, 0, &row));
    assert_string_equal(row.text, text);
    od_id attempt = row.attempt;
    od_kit_sent sent;
    char ids[OD_SEGMENTS_MAX][ID_BYTES];
    kit_sent_init(kit, &sent, attempt, OD_SEGMENTS_MAX);
    for (int i = 0; i < OD_SEGMENTS_MAX; i++) {
        memset(ids[i], 'i', ID_BYTES);
        ids[i][ID_BYTES - 2] = (char)('0' + i);
        ids[i][ID_BYTES - 1] = '\0';
        sent.ids[i] = ids[i];
    }
    od_outcome outcome = kit_text_end(kit, attempt, KIT_PHONE, &sent);
    kit_send_outcomes(kit, &outcome, 1);
    kit_reopen(kit);
    row = kit_message(kit, attempt);
    assert_string_equal(row.text, text);
    assert_int_equal(strlen(row.trunk), 63);
    char trunk[64];
    (void)snprintf(trunk, sizeof trunk, "%s", row.trunk);
    for (int32_t i = 0; i < OD_SEGMENTS_MAX; i++) {
        int32_t part = -7;
        assert_int_equal(strlen(ids[i]), ID_BYTES - 1);
        kit_ok(kit, OP(message_find, trunk, ids[i], &row, &part));
        assert_int_equal(part, i);
    }
    int32_t part = -7;
    trunk[62] = '\0';
    kit_err(kit, OP(message_find, trunk, ids[0], &row, &part),
            OD_ERR_NOT_FOUND);
}

/* What the network says is delivered is, and nothing is waited for. */
static void text_delivered_at_once(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    od_kit_sent sent;
    kit_sent_init(kit, &sent, attempt, 2);
    sent.sent.delivery = OD_DELIVERY_DELIVERED;
    sent.ids[1] = ""; /* it has no name */
    od_outcome outcome = kit_text_end(kit, attempt, KIT_PHONE, &sent);
    kit_send_outcomes(kit, &outcome, 1);
    kit_reopen(kit);
    od_message_record row = kit_message(kit, attempt);
    assert_int_equal(row.delivery, OD_DELIVERY_DELIVERED);
    assert_int_equal(row.parts_len, 2);
    assert_int_equal(row.open_until_utc_ms, 0);
    int32_t part = -7;
    kit_err(kit, OP(message_find, KIT_TRUNK, "", &row, &part),
            OD_ERR_NOT_FOUND);
    assert_int_equal(part, -7);
}

static void text_that_was_refused(od_kit *kit)
{
    static const int32_t ends[] = {OD_DISPOSITION_CONGESTION,
                                   OD_DISPOSITION_UNKNOWN};
    od_id campaign = kit_texts_with(kit, "c", OD__LEN(ends));
    for (size_t i = 0; i < OD__LEN(ends); i++) {
        uint64_t phone = KIT_PHONE + i;
        od_id attempt = kit_claim(kit, campaign, phone);
        od_outcome outcome = kit_text_end(kit, attempt, phone, NULL);
        outcome.disposition = ends[i];
        outcome.fault = OD_ERR_IO;
        outcome.reached_network = ends[i] == OD_DISPOSITION_UNKNOWN;
        outcome.target_state = OD_TARGET_READY;
        outcome.due_utc_ms = kit->now + 60000;
        kit_send_outcomes(kit, &outcome, 1);
        kit_reopen(kit);
        od_message_record row = kit_message(kit, attempt);
        assert_int_equal(row.disposition, ends[i]);
        assert_int_equal(row.delivery, OD_DELIVERY_NONE);
        assert_int_equal(row.delivery_utc_ms, 0);
        assert_int_equal(row.open_until_utc_ms, 0);
        assert_int_equal(row.status, 0x45);
        assert_int_equal(row.fault, OD_ERR_IO);
        assert_int_equal(row.parts_len, 0);
        assert_int_equal(row.target_state, OD_TARGET_READY);
        assert_int_equal(row.attempts, outcome.reached_network ? 1 : 0);
    }
    od_counters sums = kit_counters(kit, campaign);
    assert_int_equal(sums.delivery_by[OD_DELIVERY_NONE], 2);
    assert_int_equal(sums.segments, 0);
    assert_int_equal(sums.attempts_by[OD_DISPOSITION_CONGESTION], 1);
    assert_int_equal(sums.attempts_by[OD_DISPOSITION_UNKNOWN], 1);
}

static void text_counts_the_attempts_before(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    for (int32_t i = 0; i < 3; i++) {
        od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
        od_outcome outcome = kit_text_end(kit, attempt, KIT_PHONE, NULL);
        outcome.disposition = OD_DISPOSITION_UNKNOWN;
        outcome.reached_network = true;
        outcome.target_state = OD_TARGET_READY;
        outcome.due_utc_ms = kit->now;
        kit_send_outcomes(kit, &outcome, 1);
        kit->now += 1000;
        od_message_record row = kit_message(kit, attempt);
        assert_int_equal(row.attempts_before, i);
        assert_int_equal(row.attempts, i + 1);
    }
}

/* == what is known of lines =============================================== */

static void text_is_a_contact_of_the_line(od_kit *kit)
{
    od_id texts = kit_texts_with(kit, "texts", 2);
    od_id calls = kit_campaign(kit, "calls",
                               kit_campaign_get(kit, texts).groups[0], 0);
    kit_start(kit, calls);
    kit->now += 1000;
    (void)kit_call(kit, calls, KIT_PHONE, OD_DISPOSITION_BUSY,
                   OD_TARGET_READY);
    int64_t called = kit->now;
    kit->now += 60000;
    od_id attempt = kit_claim(kit, texts, KIT_PHONE);
    int64_t claimed = kit->now;
    assert_true(kit_candidate(kit, calls, KIT_PHONE).in_flight);
    od_kit_sent sent;
    kit_sent_init(kit, &sent, attempt, 1);
    od_outcome outcome = kit_text_end(kit, attempt, KIT_PHONE, &sent);
    kit_send_outcomes(kit, &outcome, 1);
    kit_reopen(kit);
    od_candidate got = kit_candidate(kit, calls, KIT_PHONE);
    assert_false(got.in_flight);
    assert_int_equal(got.line_called_utc_ms, claimed);
    assert_int_equal(got.line_answered_utc_ms, 0);
    assert_int_equal(got.recent_len, 2);
    assert_int_equal(got.recent[0].utc_ms, claimed);
    assert_int_equal(got.recent[0].campaign, texts);
    assert_int_equal(got.recent[1].utc_ms, called);
    assert_int_equal(got.recent[1].campaign, calls);
}

/* attempt_scan knows of calls, message_scan of texts, flight_scan of both. */
static void text_is_no_call(od_kit *kit)
{
    od_id texts = kit_texts_with(kit, "texts", 3);
    od_id calls = kit_campaign(kit, "calls",
                               kit_campaign_get(kit, texts).groups[0], 0);
    kit_start(kit, calls);
    kit->now += 1000;
    od_id sent = kit_text(kit, texts, KIT_PHONE, 1);
    od_id called = kit_call(kit, calls, KIT_PHONE, OD_DISPOSITION_BUSY,
                            OD_TARGET_READY);
    (void)kit_claim(kit, texts, KIT_PHONE + 1);
    (void)kit_claim(kit, calls, KIT_PHONE + 2);
    kit_reopen(kit);
    static const uint64_t phones[] = {0, KIT_PHONE};
    for (size_t i = 0; i < OD__LEN(phones); i++) {
        od_attempt_record call;
        od_message_record text;
        size_t count = 0;
        kit_ok(kit, OP(attempt_scan, NULL, phones[i], 0, &call, 1, &count));
        assert_int_equal(count, 1);
        assert_int_equal(call.attempt, called);
        assert_int_equal(call.channel, OD_CHANNEL_VOICE);
        kit_ok(kit, OP(attempt_scan, NULL, phones[i], called, &call, 1,
                       &count));
        assert_int_equal(count, 0);
        kit_ok(kit, OP(message_scan, NULL, phones[i], 0, &text, 1, &count));
        assert_int_equal(count, 1);
        assert_int_equal(text.attempt, sent);
        kit_ok(kit, OP(message_scan, NULL, phones[i], sent, &text, 1,
                       &count));
        assert_int_equal(count, 0);
    }
    od_attempt_record flights[3];
    size_t count = 0;
    kit_ok(kit, OP(flight_scan, 0, flights, 3, &count));
    assert_int_equal(count, 2);
    assert_int_equal(flights[0].channel, OD_CHANNEL_TEXT);
    assert_int_equal(flights[1].channel, OD_CHANNEL_VOICE);
}

static void text_sent_is_not_revived(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 2);
    (void)kit_text(kit, campaign, KIT_PHONE, 1);
    od_id lost = kit_text(kit, campaign, KIT_PHONE + 1, 1);
    od_receipt_record receipt =
        kit_receipt(kit, lost, KIT_PHONE + 1, 0, OD_DELIVERY_FAILED);
    receipt.target_state = OD_TARGET_DONE;
    assert_true(kit_receive(kit, &receipt));
    kit_cas(kit, campaign, OD_CAMPAIGN_RUNNING, OD_CAMPAIGN_COMPLETED);
    kit_cas(kit, campaign, OD_CAMPAIGN_COMPLETED, OD_CAMPAIGN_RUNNING);
    (void)kit_fill(kit, campaign, 10, 5);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_DONE);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE + 1),
                     OD_TARGET_READY);
}

/* Whoever has no number that takes texts has another, perhaps. */
static void text_is_followed(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    od_member_row row = kit_row_more(kit, KIT_PHONE, KIT_PHONE + 1, 0);
    od_id contact = kit_put_row(kit, group, &row);
    od_id campaign = kit_text_campaign(kit, "c", group);
    kit_start(kit, campaign);
    kit->now += 1000;
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    od_outcome outcome = kit_text_end(kit, attempt, KIT_PHONE, NULL);
    outcome.disposition = OD_DISPOSITION_NOT_FOUND;
    outcome.number_invalid = true;
    outcome.follow = true;
    kit_send_outcomes(kit, &outcome, 1);
    od_candidate next = kit_candidate(kit, campaign, KIT_PHONE + 1);
    assert_int_equal(next.contact, contact);
    assert_int_equal(next.state, OD_TARGET_READY);
    assert_int_equal(next.due_utc_ms, outcome.ended_utc_ms);
    assert_true(kit_candidate(kit, campaign, KIT_PHONE).number_invalid);
}

/* == answers ============================================================== */

static bool answer(od_kit *kit, od_id attempt, uint64_t phone, int32_t visit)
{
    const od_answer_record row = {.campaign = 1, /* the only one */
                                  .attempt = attempt,
                                  .phone = phone,
                                  .utc_ms = kit->now,
                                  .visit = visit,
                                  .question = "q",
                                  .digits = "1",
                                  .choice = "Yes"};
    od_ledger_entry note = kit_note(kit, OD_LEDGER_ANSWER, attempt);
    od_exchange exchange = {.utc_ms = kit->now,
                            .answers = &row,
                            .answers_len = 1,
                            .ledger = &note,
                            .ledger_len = 1};
    int64_t rows = kit_ledger_len(kit);
    kit_ok(kit, OP(exchange, &exchange));
    return kit_ledger_len(kit) > rows;
}

/* A text is answered after it ended. */
static void text_is_answered(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 3);
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 1);
    assert_int_equal(campaign, 1);
    kit->now += 3600000;
    assert_true(answer(kit, attempt, KIT_PHONE, 1));
    kit_reopen(kit);
    assert_false(answer(kit, attempt, KIT_PHONE, 1));
    assert_true(answer(kit, attempt, KIT_PHONE, 2));
    assert_false(answer(kit, attempt, KIT_PHONE + 1, 3));
    assert_false(answer(kit, attempt + 50, KIT_PHONE, 3));
    /* Delivered or not: who answers has it. */
    assert_true(kit_receive_part(kit, attempt, KIT_PHONE, 0,
                                 OD_DELIVERY_FAILED));
    assert_true(answer(kit, attempt, KIT_PHONE, 3));
    od_id refused = kit_claim(kit, campaign, KIT_PHONE + 1);
    assert_true(answer(kit, refused, KIT_PHONE + 1, 1)); /* it is live */
    od_outcome outcome = kit_text_end(kit, refused, KIT_PHONE + 1, NULL);
    kit_send_outcomes(kit, &outcome, 1);
    assert_false(answer(kit, refused, KIT_PHONE + 1, 2));
    /* Nobody answered for it, but the person has. */
    od_id unknown = kit_claim(kit, campaign, KIT_PHONE + 2);
    outcome = kit_text_end(kit, unknown, KIT_PHONE + 2, NULL);
    outcome.reached_network = true;
    outcome.disposition = OD_DISPOSITION_UNKNOWN;
    kit_send_outcomes(kit, &outcome, 1);
    assert_true(answer(kit, unknown, KIT_PHONE + 2, 1));
    od_result result;
    size_t count = 0;
    kit_ok(kit, OP(result_scan, campaign, &result, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(result.count, 5);
    od_answer_record rows[6];
    kit_ok(kit, OP(answer_scan, campaign, 0, rows, 6, &count));
    assert_int_equal(count, 5);
    assert_int_equal(rows[0].attempt, attempt);
    assert_int_equal(rows[0].campaign, campaign);
}

/* == finding ============================================================== */

static od_id find(od_kit *kit, const char *trunk, const char *id,
                  int32_t *part)
{
    od_message_record row;
    od_err err = OP(message_find, trunk, id, &row, part);
    assert_true(err == OD_OK || err == OD_ERR_NOT_FOUND);
    return err == OD_OK ? row.attempt : 0;
}

/* Networks begin anew with their ids: the last one that was given it. */
static void message_find_the_last_one(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 4);
    od_id attempts[4];
    for (size_t i = 0; i < OD__LEN(attempts); i++) {
        attempts[i] = kit_claim(kit, campaign, KIT_PHONE + i);
    }
    int32_t part = -7;
    assert_int_equal(find(kit, KIT_TRUNK, "7", &part), 0);
    static const size_t order[] = {0, 2, 1, 3}; /* not that of the claims */
    for (size_t i = 0; i < OD__LEN(order); i++) {
        size_t at = order[i];
        od_kit_sent sent;
        kit_sent_init(kit, &sent, attempts[at], 2);
        sent.ids[1] = "7";
        if (i == 3) { /* both of its parts */
            sent.ids[0] = "7";
        }
        od_outcome outcome =
            kit_text_end(kit, attempts[at], KIT_PHONE + at, &sent);
        kit_send_outcomes(kit, &outcome, 1);
        kit_reopen(kit);
        assert_int_equal(find(kit, KIT_TRUNK, "7", &part), attempts[at]);
        assert_int_equal(part, 1);
    }
    assert_int_equal(find(kit, "trunk-b", "7", &part), 0);
    assert_int_equal(find(kit, KIT_TRUNK, "77", &part), 0);
    assert_int_equal(find(kit, KIT_TRUNK, "", &part), 0);
}

static void message_last_by_caller_id(od_kit *kit)
{
    od_id first = kit_texts_with(kit, "c", 2);
    od_id group = kit_campaign_get(kit, first).groups[0];
    od_id second = kit_text_campaign(kit, "d", group);
    od_id calls = kit_campaign(kit, "e", group, 0);
    kit_start(kit, second);
    kit_start(kit, calls);
    kit->now += 1000;
    od_message_record row;
    kit_err(kit, OP(message_last, KIT_PHONE, 0, &row), OD_ERR_NOT_FOUND);
    kit->caller_id = 24680;
    od_id a = kit_text(kit, first, KIT_PHONE, 1);
    kit->caller_id = 13579;
    od_id b = kit_text(kit, second, KIT_PHONE, 1);
    (void)kit_call(kit, calls, KIT_PHONE, OD_DISPOSITION_BUSY,
                   OD_TARGET_DONE); /* is none */
    kit_reopen(kit);
    kit_ok(kit, OP(message_last, KIT_PHONE, 0, &row));
    assert_int_equal(row.attempt, b);
    kit_ok(kit, OP(message_last, KIT_PHONE, 13579, &row));
    assert_int_equal(row.attempt, b);
    kit_ok(kit, OP(message_last, KIT_PHONE, 24680, &row));
    assert_int_equal(row.attempt, a);
    assert_int_equal(row.campaign, first);
    kit_err(kit, OP(message_last, KIT_PHONE, 99999, &row), OD_ERR_NOT_FOUND);
    kit_err(kit, OP(message_last, KIT_PHONE + 1, 0, &row), OD_ERR_NOT_FOUND);
    kit_err(kit, OP(message_last, KIT_PHONE + 99, 0, &row),
            OD_ERR_NOT_FOUND);
    /* A live one counts for what it is. */
    od_id c = kit_claim(kit, first, KIT_PHONE + 1);
    kit_ok(kit, OP(message_last, KIT_PHONE + 1, 13579, &row));
    assert_int_equal(row.attempt, c);
    kit_err(kit, OP(message_last, KIT_PHONE + 1, 24680, &row),
            OD_ERR_NOT_FOUND);
}

static size_t count_messages(od_kit *kit, const od_call_filter *filter,
                             uint64_t phone)
{
    od_message_record rows[3];
    od_id after = 0;
    size_t count = OD__LEN(rows);
    size_t found = 0;
    while (count == OD__LEN(rows)) {
        kit_ok(kit, OP(message_scan, filter, phone, after, rows,
                       OD__LEN(rows), &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].attempt > after);
            after = rows[i].attempt;
        }
        found += count;
    }
    return found;
}

static void message_scan_filters(od_kit *kit)
{
    od_id first = kit_texts_with(kit, "c", 8);
    od_id second = kit_text_campaign(
        kit, "d", kit_campaign_get(kit, first).groups[0]);
    kit_start(kit, second);
    kit->now += 1000;
    for (uint64_t i = 0; i < 7; i++) {
        kit->now += 1000;
        od_id attempt = kit_text(kit, first, KIT_PHONE + i, 1);
        if (i % 2 == 0) {
            assert_true(kit_receive_part(kit, attempt, KIT_PHONE + i, 0,
                                         OD_DELIVERY_FAILED));
        }
    }
    int64_t since = kit->now + 1;
    kit->now += 1000;
    (void)kit_text(kit, second, KIT_PHONE, 1);
    (void)kit_claim(kit, second, KIT_PHONE + 1); /* has not ended */
    kit_reopen(kit);
    od_call_filter filter;
    od_call_filter_init(&filter);
    assert_int_equal(count_messages(kit, NULL, 0), 8);
    assert_int_equal(count_messages(kit, &filter, 0), 8);
    assert_int_equal(count_messages(kit, &filter, KIT_PHONE), 2);
    filter.campaign = first;
    assert_int_equal(count_messages(kit, &filter, 0), 7);
    assert_int_equal(count_messages(kit, &filter, KIT_PHONE), 1);
    filter.disposition = OD_DISPOSITION_UNDELIVERED;
    assert_int_equal(count_messages(kit, &filter, 0), 4);
    assert_int_equal(count_messages(kit, &filter, KIT_PHONE + 1), 0);
    filter.campaign = 0;
    filter.disposition = OD_DISPOSITION_SENT;
    assert_int_equal(count_messages(kit, &filter, 0), 4);
    filter.since_utc_ms = since;
    assert_int_equal(count_messages(kit, &filter, 0), 1);
    filter.since_utc_ms = 0;
    filter.until_utc_ms = since;
    assert_int_equal(count_messages(kit, &filter, 0), 3);
    filter.campaign = 999;
    assert_int_equal(count_messages(kit, &filter, 0), 0);
    assert_int_equal(count_messages(kit, NULL, KIT_PHONE + 99), 0);
    size_t count = 9;
    od_message_record row;
    kit_ok(kit, OP(message_scan, NULL, 0, INT64_MAX, &row, 1, &count));
    assert_int_equal(count, 0);
}

static void message_overdue_in_order(od_kit *kit)
{
    static const int64_t until[] = {500, 100, 300, 100, 900, 300};
    od_id campaign = kit_texts_with(kit, "c", OD__LEN(until));
    int64_t base = kit->now + 100000;
    od_id attempts[OD__LEN(until)];
    for (size_t i = 0; i < OD__LEN(until); i++) {
        uint64_t phone = KIT_PHONE + i;
        attempts[i] = kit_claim(kit, campaign, phone);
        od_kit_sent sent;
        kit_sent_init(kit, &sent, attempts[i], 1);
        sent.sent.open_until_utc_ms = base + until[i];
        od_outcome outcome = kit_text_end(kit, attempts[i], phone, &sent);
        kit_send_outcomes(kit, &outcome, 1);
    }
    kit_reopen(kit);
    od_message_record rows[6];
    size_t count = 9;
    kit_ok(kit, OP(message_overdue, base + 99, rows, 6, &count));
    assert_int_equal(count, 0);
    static const size_t order[] = {1, 3, 2, 5, 0};
    kit_ok(kit, OP(message_overdue, base + 500, rows, 6, &count));
    assert_int_equal(count, OD__LEN(order));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows[i].attempt, attempts[order[i]]);
    }
    assert_true(kit_receive_part(kit, attempts[1], KIT_PHONE + 1, 0,
                                 OD_DELIVERY_SENT)); /* still waited for */
    assert_true(kit_receive_part(kit, attempts[3], KIT_PHONE + 3, 0,
                                 OD_DELIVERY_UNKNOWN));
    assert_true(kit_receive_part(kit, attempts[2], KIT_PHONE + 2, 0,
                                 OD_DELIVERY_DELIVERED));
    kit_ok(kit, OP(message_overdue, base + 300, rows, 6, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].attempt, attempts[1]);
    assert_int_equal(rows[1].attempt, attempts[5]);
    kit_ok(kit, OP(message_overdue, base + 300, rows, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].attempt, attempts[1]);
}

/* == sent again =========================================================== */

static void text_end_sent_again(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    od_kit_sent sent;
    kit_sent_init(kit, &sent, attempt, 3);
    od_outcome outcome = kit_text_end(kit, attempt, KIT_PHONE, &sent);
    kit_send_outcomes(kit, &outcome, 1);
    int64_t rows = kit_ledger_len(kit);
    od_counters before = kit_counters(kit, campaign);
    kit_send_outcomes(kit, &outcome, 1);
    outcome.sent = NULL;
    outcome.disposition = OD_DISPOSITION_UNKNOWN;
    kit_send_outcomes(kit, &outcome, 1);
    assert_int_equal(kit_ledger_len(kit), rows);
    od_counters after = kit_counters(kit, campaign);
    assert_memory_equal(&before, &after, sizeof after);
    assert_int_equal(kit_message(kit, attempt).disposition,
                     OD_DISPOSITION_SENT);
}

/* == the campaign ========================================================= */

static void text_campaign_keeps_every_field(od_kit *kit)
{
    od_campaign_record record = {.name = "texts",
                                 .channel = OD_CHANNEL_TEXT,
                                 .caller_id = 24680,
                                 .text_policy = OD_TEXT_POLICY_CUT,
                                 .segments_max = 3,
                                 .transliterate = 1,
                                 .validity_s = 3600,
                                 .texts_per_minute_max = 600};
    memset(record.text, 'x', OD_MESSAGE_MAX);
    memset(record.opt_out_text, 'o', OD_NOTICE_MAX);
    memset(record.confirm_text, 'c', OD_NOTICE_MAX);
    memset(record.help_text, 'h', OD_NOTICE_MAX);
    record.retries[OD_DISPOSITION_UNDELIVERED].attempts_max = 4;
    record.retries[OD_DISPOSITION_UNDELIVERED].delay_s = 90;
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CAMPAIGN_SET, 0);
    od_id campaign = 0;
    kit_ok(kit, OP(campaign_put, &record, &note, &campaign));
    kit_reopen(kit);
    for (int i = 0; i < 2; i++) { /* as it was added, as it was changed */
        od_campaign_record got = kit_campaign_get(kit, campaign);
        assert_int_equal(got.channel, OD_CHANNEL_TEXT);
        assert_int_equal(got.caller_id, 24680);
        assert_int_equal(got.text_policy, OD_TEXT_POLICY_CUT);
        assert_int_equal(got.segments_max, 3);
        assert_int_equal(got.transliterate, 1);
        assert_int_equal(got.validity_s, 3600);
        assert_int_equal(got.texts_per_minute_max, 600);
        assert_string_equal(got.text, record.text);
        assert_string_equal(got.opt_out_text, record.opt_out_text);
        assert_string_equal(got.confirm_text, record.confirm_text);
        assert_string_equal(got.help_text, record.help_text);
        assert_memory_equal(got.retries, record.retries,
                            sizeof got.retries);
        record.id = campaign;
        (void)snprintf(record.text, sizeof record.text, "shorter");
        record.opt_out_text[0] = '\0';
        kit_ok(kit, OP(campaign_put, &record, &note, NULL));
        kit_reopen(kit);
    }
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_texts[] = {
    CASE(text_is_live_when_it_is_claimed),
    CASE(text_keeps_every_field),
    CASE(text_in_ten_parts),
    CASE(text_as_long_as_can_be),
    CASE(text_delivered_at_once),
    CASE(text_that_was_refused),
    CASE(text_counts_the_attempts_before),
    CASE(text_is_a_contact_of_the_line),
    CASE(text_is_no_call),
    CASE(text_sent_is_not_revived),
    CASE(text_is_followed),
    CASE(text_is_answered),
    CASE(message_find_the_last_one),
    CASE(message_last_by_caller_id),
    CASE(message_scan_filters),
    CASE(message_overdue_in_order),
    CASE(text_end_sent_again),
    CASE(text_campaign_keeps_every_field),
    {NULL, NULL},
};
