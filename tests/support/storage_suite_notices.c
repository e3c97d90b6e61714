/*
 * storage_suite_notices.c - notices: live like attempts, of no target; and
 * whose texts and replies are erased.
 */
#include "support/storage_kit.h"

#define OTHER (KIT_PHONE + 1)

/* == notices ============================================================== */

static void notice_keeps_every_field(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id reply =
        kit_reply_owed(kit, campaign, KIT_PHONE, OD_NOTICE_CONFIRM);
    kit->caller_id = 24680;
    kit->now += 2000;
    od_notice_claim claim = kit_notice(kit, reply, OD_NOTICE_CONFIRM, false);
    assert_true(claim.claimed);
    kit_reopen(kit);
    od_attempt_record flight;
    size_t count = 0;
    kit_ok(kit, OP(flight_scan, 0, &flight, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(flight.attempt, claim.attempt);
    assert_int_equal(flight.campaign, campaign);
    assert_int_equal(flight.contact, 0);
    assert_int_equal(flight.phone, KIT_PHONE);
    assert_int_equal(flight.caller_id, 24680);
    assert_int_equal(flight.channel, OD_CHANNEL_TEXT);
    assert_int_equal(flight.notice, OD_NOTICE_CONFIRM);
    assert_int_equal(flight.claimed_utc_ms, kit->now);
    od_reply_record answered = kit_reply_get(kit, reply);
    assert_int_equal(answered.answered, OD_NOTICE_CONFIRM);
    assert_int_equal(answered.owed, OD_NOTICE_NONE);
    od_kit_sent sent;
    kit_sent_init(kit, &sent, claim.attempt, 1);
    od_outcome outcome =
        kit_text_end(kit, claim.attempt, KIT_PHONE, &sent);
    kit_send_outcomes(kit, &outcome, 1);
    kit_reopen(kit);
    od_message_record row = kit_message(kit, claim.attempt);
    assert_string_equal(row.text, "You will get no more texts.");
    assert_string_equal(row.session_id, "0123456789abcdef0123456789abcdef");
    assert_string_equal(row.trunk, KIT_TRUNK);
    assert_int_equal(row.campaign, campaign);
    assert_int_equal(row.contact, 0);
    assert_int_equal(row.reply, reply);
    assert_int_equal(row.phone, KIT_PHONE);
    assert_int_equal(row.caller_id, 24680);
    assert_int_equal(row.notice, OD_NOTICE_CONFIRM);
    assert_int_equal(row.encoding, OD_TEXT_ENCODING_GSM);
    assert_int_equal(row.segments, 1);
    assert_int_equal(row.disposition, OD_DISPOSITION_SENT);
    assert_int_equal(row.delivery, OD_DELIVERY_ACCEPTED);
    assert_int_equal(row.target_state, 0); /* there is a target; not its */
    assert_int_equal(row.place, 0);
    int32_t part = -7;
    char id[32];
    (void)snprintf(id, sizeof id, "%d-0", (int)claim.attempt);
    kit_ok(kit, OP(message_find, KIT_TRUNK, id, &row, &part));
    assert_int_equal(row.attempt, claim.attempt);
    kit_err(kit, OP(message_last, KIT_PHONE, 0, &row), OD_ERR_NOT_FOUND);
}

/* Neither its claim nor its end is seen in sums, target or line. */
static void notice_counts_nowhere(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    (void)kit_text(kit, campaign, KIT_PHONE, 1);
    od_id ids[2];
    for (size_t i = 0; i < OD__LEN(ids); i++) {
        ids[i] = kit_reply_owed(kit, campaign, KIT_PHONE, OD_NOTICE_HELP);
    }
    od_counters before = kit_counters(kit, campaign);
    od_candidate target = kit_candidate(kit, campaign, KIT_PHONE);
    kit->now += 120000;
    for (size_t i = 0; i < OD__LEN(ids); i++) {
        od_notice_claim claim =
            kit_notice(kit, ids[i], OD_NOTICE_HELP, false);
        assert_true(claim.claimed);
        od_counters live = kit_counters(kit, campaign);
        assert_memory_equal(&before, &live, sizeof live);
        assert_true(kit_candidate(kit, campaign, KIT_PHONE).in_flight);
        od_kit_sent sent;
        kit_sent_init(kit, &sent, claim.attempt, 2);
        od_outcome outcome = kit_text_end(kit, claim.attempt, KIT_PHONE,
                                          i == 0 ? &sent : NULL);
        outcome.reached_network = true;
        outcome.answered = true;
        outcome.number_invalid = true;
        outcome.follow = true;
        outcome.survey_done = true;
        outcome.talk_ms = 9;
        outcome.target_state = OD_TARGET_BLOCKED;
        outcome.reason = OD_REASON_NUMBER_INVALID;
        kit_send_outcomes(kit, &outcome, 1);
        od_receipt_record receipt =
            kit_receipt(kit, claim.attempt, KIT_PHONE, OD_NONE,
                        OD_DELIVERY_FAILED);
        receipt.target_state = OD_TARGET_READY;
        receipt.number_invalid = true;
        assert_int_equal(kit_receive(kit, &receipt), i == 0);
        kit_reopen(kit);
        od_counters after = kit_counters(kit, campaign);
        assert_memory_equal(&before, &after, sizeof after);
        od_candidate now = kit_candidate(kit, campaign, KIT_PHONE);
        assert_memory_equal(&target, &now, sizeof now);
        od_message_record row = kit_message(kit, claim.attempt);
        assert_int_equal(row.disposition, i == 0
                                              ? OD_DISPOSITION_UNDELIVERED
                                              : OD_DISPOSITION_FAILED);
        assert_int_equal(row.delivery, i == 0 ? OD_DELIVERY_FAILED
                                              : OD_DELIVERY_NONE);
    }
}

static void notice_is_claimed_once(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id reply =
        kit_reply_owed(kit, campaign, KIT_PHONE, OD_NOTICE_CONFIRM);
    assert_false(kit_notice(kit, reply, OD_NOTICE_HELP, false).claimed);
    assert_false(kit_notice(kit, reply, OD_NOTICE_NONE, false).claimed);
    assert_false(
        kit_notice(kit, reply + 9, OD_NOTICE_CONFIRM, false).claimed);
    od_notice_claim claim = kit_notice(kit, reply, OD_NOTICE_CONFIRM, false);
    assert_true(claim.claimed);
    kit_reopen(kit);
    assert_false(kit_notice(kit, reply, OD_NOTICE_CONFIRM, false).claimed);
    od_outcome outcome = kit_text_end(kit, claim.attempt, KIT_PHONE, NULL);
    kit_send_outcomes(kit, &outcome, 1);
    assert_false(kit_notice(kit, reply, OD_NOTICE_CONFIRM, false).claimed);
    /* A reply that is owed nothing. */
    od_reply_record other =
        kit_reply(kit, campaign, KIT_PHONE, OD_REPLY_OTHER);
    assert_true(kit_reply_put(kit, &other));
    assert_false(kit_notice(kit, kit_reply_last(kit), OD_NOTICE_NONE, false)
                     .claimed);
}

static void notice_that_did_not_leave(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id reply =
        kit_reply_owed(kit, campaign, KIT_PHONE, OD_NOTICE_CONFIRM);
    od_notice_claim claim = kit_notice(kit, reply, OD_NOTICE_CONFIRM, false);
    assert_true(claim.claimed);
    od_outcome outcome = kit_text_end(kit, claim.attempt, KIT_PHONE, NULL);
    outcome.owed_until_utc_ms = kit->now + 60000;
    kit_send_outcomes(kit, &outcome, 1);
    kit_reopen(kit);
    od_reply_record row = kit_reply_get(kit, reply);
    assert_int_equal(row.owed, OD_NOTICE_CONFIRM);
    assert_true(row.owed_until_utc_ms == outcome.owed_until_utc_ms);
    assert_int_equal(row.answered, OD_NOTICE_NONE);
    claim = kit_notice(kit, reply, OD_NOTICE_CONFIRM, false);
    assert_true(claim.claimed);
    assert_int_equal(kit_reply_get(kit, reply).answered, OD_NOTICE_CONFIRM);
}

static void notice_lapses(od_kit *kit)
{
    od_id reply = kit_reply_owed(kit, 0, KIT_PHONE, OD_NOTICE_CONFIRM);
    kit->now += 300000;
    assert_false(kit_notice(kit, reply, OD_NOTICE_CONFIRM, false).claimed);
    kit_reopen(kit);
    assert_int_equal(kit_reply_get(kit, reply).owed, OD_NOTICE_CONFIRM);
    kit->now--; /* nothing had changed */
    assert_true(kit_notice(kit, reply, OD_NOTICE_CONFIRM, false).claimed);
}

/* Not while something is on its way to the phone, notices included. */
static void notice_waits_for_what_is_live(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_id first = kit_reply_owed(kit, campaign, KIT_PHONE, OD_NOTICE_HELP);
    od_id second =
        kit_reply_owed(kit, campaign, KIT_PHONE, OD_NOTICE_CONFIRM);
    od_id call = kit_claim(kit, campaign, KIT_PHONE);
    assert_false(kit_notice(kit, first, OD_NOTICE_HELP, false).claimed);
    od_outcome outcome =
        kit_outcome(kit, call, KIT_PHONE, OD_DISPOSITION_BUSY);
    kit_send_outcomes(kit, &outcome, 1);
    od_notice_claim claim = kit_notice(kit, first, OD_NOTICE_HELP, false);
    assert_true(claim.claimed);
    assert_false(kit_notice(kit, second, OD_NOTICE_CONFIRM, false).claimed);
    od_outcome end = kit_text_end(kit, claim.attempt, KIT_PHONE, NULL);
    kit_send_outcomes(kit, &end, 1);
    assert_true(kit_notice(kit, second, OD_NOTICE_CONFIRM, false).claimed);
}

/* Two for one phone in one exchange: the first is live when the second is
 * asked for. */
static void notice_two_in_one_exchange(od_kit *kit)
{
    const od_id ids[] = {
        kit_reply_owed(kit, 0, KIT_PHONE, OD_NOTICE_CONFIRM),
        kit_reply_owed(kit, 0, KIT_PHONE, OD_NOTICE_HELP),
        kit_reply_owed(kit, 0, OTHER, OD_NOTICE_HELP)};
    static const int32_t notices[] = {OD_NOTICE_CONFIRM, OD_NOTICE_HELP,
                                      OD_NOTICE_HELP};
    od_notice_claim claims[3];
    for (size_t i = 0; i < 3; i++) {
        claims[i] = (od_notice_claim){
            .reply = ids[i],
            .notice = notices[i],
            .session_id = "0123456789abcdef0123456789abcdef",
            .trunk = KIT_TRUNK,
            .text = "x",
            .ledger = kit_note(kit, OD_LEDGER_ATTEMPT, 0)};
    }
    od_exchange exchange = {
        .utc_ms = kit->now, .notices = claims, .notices_len = 3};
    int64_t rows = kit_ledger_len(kit);
    kit_ok(kit, OP(exchange, &exchange));
    kit_reopen(kit);
    assert_true(claims[0].claimed && !claims[1].claimed && claims[2].claimed);
    assert_true(claims[2].attempt > claims[0].attempt);
    assert_int_equal(kit_ledger_len(kit), rows + 2);
    assert_int_equal(kit_ledger_last(kit).subject, claims[2].attempt);
}

static bool sees_flight(od_kit_judge *judge, const od_candidate *candidate,
                        od_verdict *out)
{
    (void)judge;
    assert_true(candidate->in_flight);
    out->kind = OD_VERDICT_DEFER;
    return true;
}

/* It is claimed before the lanes are asked. */
static void notice_is_seen_by_the_judge(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id reply = kit_reply_owed(kit, campaign, KIT_PHONE, OD_NOTICE_HELP);
    od_notice_claim claim = {.reply = reply,
                             .notice = OD_NOTICE_HELP,
                             .session_id = "0123456789abcdef0123456789abcdef",
                             .trunk = KIT_TRUNK,
                             .text = "x",
                             .ledger = kit_note(kit, OD_LEDGER_ATTEMPT, 0)};
    od_lane_request lane = {.campaign = campaign,
                            .lane = od_lane_of(kit->place_a, false),
                            .claims_max = 1,
                            .scan_max = 1};
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    judge.rule = sees_flight;
    od_exchange exchange = {.utc_ms = kit->now,
                            .notices = &claim,
                            .notices_len = 1,
                            .lanes = &lane,
                            .lanes_len = 1,
                            .judge = kit_judge_slot,
                            .judge_ctx = &judge};
    kit_ok(kit, OP(exchange, &exchange));
    assert_true(claim.claimed);
    assert_int_equal(judge.seen_len, 1);
    assert_int_equal(lane.claimed, 0);
}

/* Who is on the list gets what confirms that, and nothing else. */
static void notice_unless_listed(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    const struct {
        od_dnc_record row;
        bool forbids;
    } cases[] = {
        {{.scope = OD_DNC_ALL}, true},
        {{.scope = OD_DNC_TEXT}, true},
        {{.scope = OD_DNC_VOICE}, false},
        {{.scope = OD_DNC_CAMPAIGN, .campaign = campaign}, true},
        {{.scope = OD_DNC_CAMPAIGN, .campaign = campaign + 1}, false},
        {{.scope = OD_DNC_ALL, .prefix = true}, true},
        {{.scope = OD_DNC_ALL, .expires_utc_ms = kit->now + 1}, true},
        {{.scope = OD_DNC_ALL, .expires_utc_ms = kit->now}, false},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        uint64_t phone = KIT_PHONE + i;
        od_dnc_record row = cases[i].row;
        row.phone = phone;
        assert_true(kit_dnc_put(kit, &row));
        od_id reply =
            kit_reply_owed(kit, campaign, phone, OD_NOTICE_HELP);
        bool claimed = kit_notice(kit, reply, OD_NOTICE_HELP, true).claimed;
        assert_int_equal(claimed, !cases[i].forbids);
        if (!claimed) { /* through the list it goes */
            kit_reopen(kit);
            assert_true(
                kit_notice(kit, reply, OD_NOTICE_HELP, false).claimed);
        }
    }
}

/* To somebody of no campaign; his opt-out counts nowhere. */
static void notice_of_no_campaign(od_kit *kit)
{
    od_id reply = kit_reply_owed(kit, 0, OTHER + 70, OD_NOTICE_HELP);
    od_notice_claim claim = kit_notice(kit, reply, OD_NOTICE_HELP, true);
    assert_true(claim.claimed);
    const od_dnc_record dnc = {.phone = OTHER + 70,
                               .attempt = claim.attempt,
                               .source = "reply",
                               .added_utc_ms = kit->now};
    od_kit_sent sent;
    kit_sent_init(kit, &sent, claim.attempt, 1);
    const od_outcome outcome =
        kit_text_end(kit, claim.attempt, OTHER + 70, &sent);
    const od_ledger_entry notes[] = {kit_note(kit, OD_LEDGER_DNC_ADD, 0),
                                     kit_note(kit, OD_LEDGER_OUTCOME, 0)};
    od_exchange exchange = {.utc_ms = kit->now,
                            .dnc = &dnc,
                            .dnc_len = 1,
                            .outcomes = &outcome,
                            .outcomes_len = 1,
                            .ledger = notes,
                            .ledger_len = 2};
    kit_ok(kit, OP(exchange, &exchange));
    assert_true(kit_receive_part(kit, claim.attempt, OTHER + 70, 0,
                                 OD_DELIVERY_DELIVERED));
    kit_reopen(kit);
    od_message_record row = kit_message(kit, claim.attempt);
    assert_int_equal(row.campaign, 0);
    assert_int_equal(row.delivery, OD_DELIVERY_DELIVERED);
}

/* == who is erased ======================================================== */

static od_erase erase(od_kit *kit, uint64_t phone, int64_t before_utc_ms)
{
    od_erase out = {.phone = phone, .before_utc_ms = before_utc_ms};
    od_ledger_entry note = kit_note(kit, OD_LEDGER_ERASE, 0);
    kit_ok(kit, OP(person_erase, &out, &note));
    kit->erased = true;
    return out;
}

static void erase_takes_texts(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 2);
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 2);
    od_id other = kit_text(kit, campaign, OTHER, 1);
    assert_true(kit_receive_part(kit, attempt, KIT_PHONE, 0,
                                 OD_DELIVERY_DELIVERED));
    od_counters before = kit_counters(kit, campaign);
    od_id reply = kit_reply_owed(kit, campaign, KIT_PHONE, OD_NOTICE_HELP);
    od_notice_claim claim = kit_notice(kit, reply, OD_NOTICE_HELP, false);
    od_erase what = {.phone = KIT_PHONE, .before_utc_ms = kit->now};
    od_ledger_entry note = kit_note(kit, OD_LEDGER_ERASE, 0);
    kit_err(kit, OP(person_erase, &what, &note), OD_ERR_STATE);
    od_outcome outcome = kit_text_end(kit, claim.attempt, KIT_PHONE, NULL);
    kit_send_outcomes(kit, &outcome, 1);
    kit->now += 60000;
    assert_int_equal(erase(kit, KIT_PHONE, kit->now).calls, 2);
    kit_reopen(kit);
    od_message_record row = kit_message(kit, attempt);
    assert_int_equal(row.phone, 0);
    assert_int_equal(row.contact, 0);
    assert_string_equal(row.text, "");
    assert_string_equal(row.session_id, "");
    assert_string_equal(row.trunk, KIT_TRUNK);
    assert_int_equal(row.caller_id, KIT_CALLER_ID);
    assert_int_equal(row.delivery, OD_DELIVERY_ACCEPTED);
    assert_int_equal(row.parts[0], OD_DELIVERY_DELIVERED);
    row = kit_message(kit, claim.attempt);
    assert_int_equal(row.phone, 0);
    assert_string_equal(row.text, "");
    int32_t part = 0;
    char id[32];
    for (int i = 0; i < 2; i++) {
        (void)snprintf(id, sizeof id, "%d-%d", (int)attempt, i);
        kit_err(kit, OP(message_find, KIT_TRUNK, id, &row, &part),
                OD_ERR_NOT_FOUND);
    }
    kit_err(kit, OP(message_last, KIT_PHONE, 0, &row), OD_ERR_NOT_FOUND);
    size_t count = 9;
    kit_ok(kit, OP(message_scan, NULL, KIT_PHONE, 0, &row, 1, &count));
    assert_int_equal(count, 0);
    assert_int_equal(kit_message(kit, other).phone, OTHER);
    od_counters after = kit_counters(kit, campaign);
    assert_int_equal(after.segments, before.segments);
    assert_memory_equal(after.delivery_by, before.delivery_by,
                        sizeof after.delivery_by);
    assert_int_equal(after.replies, 1);
}

/* The network gives the id of one who is erased to another. */
static void erase_frees_network_ids(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 3);
    od_id attempts[3];
    for (size_t i = 0; i < 3; i++) {
        attempts[i] = kit_claim(kit, campaign, KIT_PHONE + i);
        od_kit_sent sent;
        kit_sent_init(kit, &sent, attempts[i], 1);
        sent.ids[0] = "7";
        od_outcome outcome =
            kit_text_end(kit, attempts[i], KIT_PHONE + i, &sent);
        kit_send_outcomes(kit, &outcome, 1);
        if (i == 0) {
            kit->now += 60000;
            (void)erase(kit, KIT_PHONE, kit->now);
        }
    }
    /* The second one had it before the third: who has it keeps it. */
    kit->now += 60000;
    (void)erase(kit, OTHER, kit->now);
    kit_reopen(kit);
    od_message_record row;
    int32_t part = -7;
    kit_ok(kit, OP(message_find, KIT_TRUNK, "7", &row, &part));
    assert_int_equal(row.attempt, attempts[2]);
    assert_int_equal(part, 0);
}

static void erase_keeps_what_is_recent(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 1);
    od_reply_record reply =
        kit_reply(kit, campaign, KIT_PHONE, OD_REPLY_OTHER);
    assert_true(kit_reply_put(kit, &reply));
    int64_t before = kit->now; /* ended later, came at that instant */
    assert_int_equal(erase(kit, KIT_PHONE, before).calls, 0);
    kit_reopen(kit);
    od_message_record row = kit_message(kit, attempt);
    assert_int_equal(row.phone, KIT_PHONE);
    assert_int_equal(row.target_state, OD_TARGET_DONE);
    assert_int_equal(kit_reply_get(kit, kit_reply_last(kit)).phone,
                     KIT_PHONE);
}

static void erase_takes_replies(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 2);
    od_id old = kit_reply_owed(kit, campaign, KIT_PHONE, OD_NOTICE_HELP);
    od_id other = kit_reply_owed(kit, campaign, OTHER, OD_NOTICE_HELP);
    kit->now += 1000;
    od_id late = kit_reply_owed(kit, campaign, KIT_PHONE, OD_NOTICE_HELP);
    (void)erase(kit, KIT_PHONE, kit->now);
    kit_reopen(kit);
    od_reply_record got = kit_reply_get(kit, old);
    assert_int_equal(got.phone, 0);
    assert_int_equal(got.contact, 0);
    assert_string_equal(got.text, "");
    assert_string_equal(got.network_id, "");
    assert_int_equal(got.owed, OD_NOTICE_NONE);
    assert_int_equal(got.campaign, campaign);
    assert_int_equal(got.kind, OD_REPLY_HELP);
    assert_false(kit_notice(kit, old, OD_NOTICE_HELP, false).claimed);
    od_reply_record rows[3];
    size_t count = 0;
    kit_ok(kit, OP(reply_owed, kit->now, 0, rows, 3, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].id, other);
    assert_int_equal(rows[1].id, late);
    kit_ok(kit, OP(reply_scan, NULL, KIT_PHONE, 0, rows, 3, &count));
    assert_int_equal(count, 1);
    /* Handed over again by the network: it is known. */
    od_reply_record again =
        kit_reply(kit, campaign, KIT_PHONE, OD_REPLY_HELP);
    again.nonce = got.nonce;
    assert_false(kit_reply_put(kit, &again));
}

/* A text is answered after it ended: its answer goes when its time comes. */
static void erase_takes_late_answers(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 1);
    kit->now += 60000;
    const od_answer_record answer = {.campaign = campaign,
                                     .attempt = attempt,
                                     .phone = KIT_PHONE,
                                     .utc_ms = kit->now,
                                     .visit = 1,
                                     .question = "q",
                                     .digits = "1",
                                     .choice = "Yes"};
    const od_ledger_entry note = kit_note(kit, OD_LEDGER_ANSWER, attempt);
    od_exchange exchange = {.utc_ms = kit->now,
                            .answers = &answer,
                            .answers_len = 1,
                            .ledger = &note,
                            .ledger_len = 1};
    kit_ok(kit, OP(exchange, &exchange));
    od_answer_record row;
    size_t count = 0;
    for (int64_t after = 0; after < 2; after++) {
        (void)erase(kit, KIT_PHONE, kit->now + after);
        kit_reopen(kit);
        assert_int_equal(kit_message(kit, attempt).phone, 0);
        kit_ok(kit, OP(answer_scan, campaign, 0, &row, 1, &count));
        assert_int_equal(count, 1);
        assert_int_equal(row.phone, after == 0 ? KIT_PHONE : 0);
        assert_string_equal(row.digits, after == 0 ? "1" : "");
    }
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_notices[] = {
    CASE(notice_keeps_every_field),
    CASE(notice_counts_nowhere),
    CASE(notice_is_claimed_once),
    CASE(notice_that_did_not_leave),
    CASE(notice_lapses),
    CASE(notice_waits_for_what_is_live),
    CASE(notice_two_in_one_exchange),
    CASE(notice_is_seen_by_the_judge),
    CASE(notice_unless_listed),
    CASE(notice_of_no_campaign),
    CASE(erase_takes_texts),
    CASE(erase_frees_network_ids),
    CASE(erase_keeps_what_is_recent),
    CASE(erase_takes_replies),
    CASE(erase_takes_late_answers),
    {NULL, NULL},
};
