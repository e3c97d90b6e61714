/*
 * storage_suite_receipts.c - what networks say of texts that they took, and
 * what becomes of their targets then.
 */
#include "support/storage_kit.h"

/* == receipts ============================================================= */

/* In every order: the higher rank is believed, once. */
static void receipt_in_every_order(od_kit *kit)
{
    static const struct {
        int32_t said[3]; /* 0: nothing more */
        bool heeded[3];
        int32_t delivery;
        int32_t disposition;
    } cases[] = {
        {{OD_DELIVERY_SENT, OD_DELIVERY_DELIVERED, OD_DELIVERY_SENT},
         {true, true, false}, OD_DELIVERY_DELIVERED, OD_DISPOSITION_SENT},
        {{OD_DELIVERY_DELIVERED, OD_DELIVERY_SENT, OD_DELIVERY_FAILED},
         {true, false, false}, OD_DELIVERY_DELIVERED, OD_DISPOSITION_SENT},
        {{OD_DELIVERY_FAILED, OD_DELIVERY_EXPIRED, OD_DELIVERY_DELIVERED},
         {true, false, true}, OD_DELIVERY_DELIVERED, OD_DISPOSITION_SENT},
        {{OD_DELIVERY_EXPIRED, OD_DELIVERY_FAILED, OD_DELIVERY_UNKNOWN},
         {true, false, false}, OD_DELIVERY_EXPIRED,
         OD_DISPOSITION_UNDELIVERED},
        {{OD_DELIVERY_UNKNOWN, OD_DELIVERY_SENT, OD_DELIVERY_FAILED},
         {true, false, true}, OD_DELIVERY_FAILED, OD_DISPOSITION_UNDELIVERED},
        {{OD_DELIVERY_UNKNOWN, OD_DELIVERY_DELIVERED, 0},
         {true, true, false}, OD_DELIVERY_DELIVERED, OD_DISPOSITION_SENT},
        {{OD_DELIVERY_ACCEPTED, OD_DELIVERY_NONE, OD_DELIVERIES},
         {false, false, false}, OD_DELIVERY_ACCEPTED, OD_DISPOSITION_SENT},
    };
    od_id campaign = kit_texts_with(kit, "c", OD__LEN(cases));
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        uint64_t phone = KIT_PHONE + i;
        od_id attempt = kit_text(kit, campaign, phone, 1);
        int64_t changed = kit_message(kit, attempt).delivery_utc_ms;
        for (size_t k = 0; k < 3; k++) {
            kit->now += 1000;
            assert_int_equal(kit_receive_part(kit, attempt, phone, 0,
                                              cases[i].said[k]),
                             cases[i].heeded[k]);
            changed = cases[i].heeded[k] ? kit->now : changed;
        }
        kit_reopen(kit);
        od_message_record row = kit_message(kit, attempt);
        assert_int_equal(row.delivery, cases[i].delivery);
        assert_int_equal(row.disposition, cases[i].disposition);
        assert_int_equal(row.delivery_utc_ms, changed);
        /* The target was left alone. */
        assert_int_equal(row.target_state, OD_TARGET_DONE);
        assert_int_equal(row.target_disposition, OD_DISPOSITION_SENT);
    }
}

static void receipt_keeps_every_field(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 1);
    od_message_record before = kit_message(kit, attempt);
    kit->now += 5000;
    od_receipt_record receipt =
        kit_receipt(kit, attempt, KIT_PHONE, 0, OD_DELIVERY_SENT);
    (void)snprintf(receipt.network_code, sizeof receipt.network_code,
                   "ENROUTE-0000001"); /* as long as can be */
    assert_true(kit_receive(kit, &receipt));
    kit_reopen(kit);
    od_message_record row = kit_message(kit, attempt);
    assert_string_equal(row.network_code, "ENROUTE-0000001");
    assert_int_equal(row.delivery, OD_DELIVERY_SENT);
    assert_int_equal(row.delivery_utc_ms, kit->now);
    assert_int_equal(row.open_until_utc_ms, before.open_until_utc_ms);
    assert_int_equal(row.ended_utc_ms, before.ended_utc_ms);
    receipt.delivery = OD_DELIVERY_FAILED;
    receipt.disposition = OD_DISPOSITION_NOT_FOUND;
    receipt.number_invalid = true;
    (void)snprintf(receipt.network_code, sizeof receipt.network_code, "1");
    assert_true(kit_receive(kit, &receipt));
    kit_reopen(kit);
    row = kit_message(kit, attempt);
    assert_string_equal(row.network_code, "1");
    assert_int_equal(row.disposition, OD_DISPOSITION_NOT_FOUND);
    assert_int_equal(row.open_until_utc_ms, 0);
    assert_true(kit_candidate(kit, campaign, KIT_PHONE).number_invalid);
}

/* The text is what the worst of its parts is. */
static void receipt_of_parts(od_kit *kit)
{
    static const struct {
        int32_t part;
        int32_t said;
        bool heeded;
        int32_t delivery;
    } steps[] = {
        {2, OD_DELIVERY_DELIVERED, true, OD_DELIVERY_ACCEPTED},
        {0, OD_DELIVERY_SENT, true, OD_DELIVERY_ACCEPTED},
        {2, OD_DELIVERY_FAILED, false, OD_DELIVERY_ACCEPTED},
        {1, OD_DELIVERY_SENT, true, OD_DELIVERY_SENT},
        {3, OD_DELIVERY_SENT, false, OD_DELIVERY_SENT},  /* not there */
        {-5, OD_DELIVERY_SENT, false, OD_DELIVERY_SENT},
        {OD_NONE, OD_DELIVERY_SENT, false, OD_DELIVERY_SENT},
        {OD_NONE, OD_DELIVERY_UNKNOWN, true, OD_DELIVERY_UNKNOWN},
        {OD_NONE, OD_DELIVERY_FAILED, false, OD_DELIVERY_UNKNOWN},
        {0, OD_DELIVERY_EXPIRED, true, OD_DELIVERY_EXPIRED},
        {1, OD_DELIVERY_FAILED, true, OD_DELIVERY_FAILED},
        {1, OD_DELIVERY_DELIVERED, true, OD_DELIVERY_EXPIRED},
        {0, OD_DELIVERY_DELIVERED, true, OD_DELIVERY_DELIVERED},
    };
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 3);
    for (size_t i = 0; i < OD__LEN(steps); i++) {
        int32_t was = kit_message(kit, attempt).delivery;
        int64_t then = kit_message(kit, attempt).delivery_utc_ms;
        kit->now += 1000;
        assert_int_equal(kit_receive_part(kit, attempt, KIT_PHONE,
                                          steps[i].part, steps[i].said),
                         steps[i].heeded);
        kit_reopen(kit);
        od_message_record row = kit_message(kit, attempt);
        assert_int_equal(row.delivery, steps[i].delivery);
        assert_int_equal(row.delivery_utc_ms,
                         was == row.delivery ? then : kit->now);
        od_counters sums = kit_counters(kit, campaign);
        assert_int_equal(sums.delivery_by[steps[i].delivery], 1);
    }
    assert_int_equal(kit_message(kit, attempt).disposition,
                     OD_DISPOSITION_SENT);
}

/* All that is not delivered yet expires at once; what was, stays. */
static void receipt_of_all_parts(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, OD_SEGMENTS_MAX);
    assert_true(kit_receive_part(kit, attempt, KIT_PHONE, 9,
                                 OD_DELIVERY_DELIVERED));
    assert_true(kit_receive_part(kit, attempt, KIT_PHONE, OD_NONE,
                                 OD_DELIVERY_EXPIRED));
    kit_reopen(kit);
    od_message_record row = kit_message(kit, attempt);
    for (int32_t i = 0; i < OD_SEGMENTS_MAX; i++) {
        assert_int_equal(row.parts[i], i == 9 ? OD_DELIVERY_DELIVERED
                                              : OD_DELIVERY_EXPIRED);
    }
    assert_int_equal(row.delivery, OD_DELIVERY_EXPIRED);
    assert_int_equal(row.disposition, OD_DISPOSITION_UNDELIVERED);
}

static void receipt_of_nothing_is_ignored(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 4);
    od_id calls = kit_campaign(
        kit, "calls", kit_campaign_get(kit, campaign).groups[0], 0);
    kit_start(kit, calls);
    kit->now += 1000;
    od_id sent = kit_text(kit, campaign, KIT_PHONE, 1);
    od_id live = kit_claim(kit, campaign, KIT_PHONE + 1);
    od_id refused = kit_claim(kit, campaign, KIT_PHONE + 2);
    od_outcome outcome = kit_text_end(kit, refused, KIT_PHONE + 2, NULL);
    kit_send_outcomes(kit, &outcome, 1);
    od_id called = kit_call(kit, calls, KIT_PHONE + 3, OD_DISPOSITION_BUSY,
                            OD_TARGET_READY);
    const struct {
        od_id attempt;
        uint64_t phone;
        int32_t part;
    } cases[] = {
        {sent + 100, KIT_PHONE, 0}, {0, KIT_PHONE, 0},
        {-1, KIT_PHONE, 0},         {sent, KIT_PHONE + 1, 0},
        {sent, KIT_PHONE, 1},       {live, KIT_PHONE + 1, 0},
        {live, KIT_PHONE + 1, OD_NONE}, {refused, KIT_PHONE + 2, 0},
        {refused, KIT_PHONE + 2, OD_NONE}, {called, KIT_PHONE + 3, 0},
    };
    od_counters before = kit_counters(kit, campaign);
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_receipt_record receipt =
            kit_receipt(kit, cases[i].attempt, cases[i].phone, cases[i].part,
                        OD_DELIVERY_FAILED);
        receipt.target_state = OD_TARGET_READY;
        receipt.number_invalid = true;
        assert_false(kit_receive(kit, &receipt));
        assert_false(
            kit_candidate(kit, campaign, cases[i].phone).number_invalid);
    }
    od_counters after = kit_counters(kit, campaign);
    assert_memory_equal(&before, &after, sizeof after);
}

/* With its end in one exchange, and twice: after the outcomes, in order. */
static void receipt_with_the_end(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    od_kit_sent sent;
    kit_sent_init(kit, &sent, attempt, 1);
    od_outcome outcome = kit_text_end(kit, attempt, KIT_PHONE, &sent);
    const od_receipt_record receipts[] = {
        kit_receipt(kit, attempt, KIT_PHONE, 0, OD_DELIVERY_SENT),
        kit_receipt(kit, attempt, KIT_PHONE, 0, OD_DELIVERY_DELIVERED),
        kit_receipt(kit, attempt, KIT_PHONE, 0, OD_DELIVERY_SENT)};
    const od_ledger_entry notes[] = {
        kit_note(kit, OD_LEDGER_OUTCOME, 1),
        kit_note(kit, OD_LEDGER_DELIVERY, 2),
        kit_note(kit, OD_LEDGER_DELIVERY, 3),
        kit_note(kit, OD_LEDGER_DELIVERY, 4)};
    od_exchange exchange = {.utc_ms = kit->now,
                            .outcomes = &outcome,
                            .outcomes_len = 1,
                            .receipts = receipts,
                            .receipts_len = 3,
                            .ledger = notes,
                            .ledger_len = 4};
    int64_t rows = kit_ledger_len(kit);
    for (int i = 0; i < 2; i++) { /* sent again, nothing changes */
        kit_ok(kit, OP(exchange, &exchange));
        kit_reopen(kit);
        assert_int_equal(kit_ledger_len(kit), rows + 3);
        assert_int_equal(kit_ledger_last(kit).subject, 3);
        assert_int_equal(kit_message(kit, attempt).delivery,
                         OD_DELIVERY_DELIVERED);
        od_counters sums = kit_counters(kit, campaign);
        assert_int_equal(sums.delivery_by[OD_DELIVERY_DELIVERED], 1);
        assert_int_equal(sums.delivery_by[OD_DELIVERY_ACCEPTED], 0);
    }
}

/* FAILED, but of a part only, and that was wrong: it is waited for again. */
static void receipt_that_opens_again(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 2);
    assert_true(kit_receive_part(kit, attempt, KIT_PHONE, 0,
                                 OD_DELIVERY_FAILED));
    od_message_record row;
    size_t count = 9;
    kit_ok(kit, OP(message_overdue, INT64_MAX, &row, 1, &count));
    assert_int_equal(count, 0);
    assert_true(kit_receive_part(kit, attempt, KIT_PHONE, 0,
                                 OD_DELIVERY_DELIVERED));
    kit_reopen(kit);
    kit_ok(kit, OP(message_overdue, kit->now, &row, 1, &count));
    assert_int_equal(count, 1); /* at once: nobody says for how long */
    assert_int_equal(row.delivery, OD_DELIVERY_ACCEPTED);
    assert_true(kit_receive_part(kit, attempt, KIT_PHONE, OD_NONE,
                                 OD_DELIVERY_UNKNOWN));
    kit_ok(kit, OP(message_overdue, INT64_MAX, &row, 1, &count));
    assert_int_equal(count, 0);
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_receipts[] = {
    CASE(receipt_in_every_order),
    CASE(receipt_keeps_every_field),
    CASE(receipt_of_parts),
    CASE(receipt_of_all_parts),
    CASE(receipt_of_nothing_is_ignored),
    CASE(receipt_with_the_end),
    CASE(receipt_that_opens_again),
    {NULL, NULL},
};

/* == targets ============================================================== */

static od_receipt_record lost(od_kit *kit, od_id attempt, uint64_t phone,
                              int32_t target_state)
{
    od_receipt_record out =
        kit_receipt(kit, attempt, phone, 0, OD_DELIVERY_FAILED);
    out.target_state = target_state;
    out.due_utc_ms = kit->now + 90000;
    return out;
}

static void steer_to_another_try(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 1);
    kit->now += 60000;
    od_receipt_record receipt =
        lost(kit, attempt, KIT_PHONE, OD_TARGET_READY);
    assert_true(kit_receive(kit, &receipt));
    kit_reopen(kit);
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.state, OD_TARGET_READY);
    assert_int_equal(got.reason, OD_REASON_NONE);
    assert_int_equal(got.disposition, OD_DISPOSITION_UNDELIVERED);
    assert_int_equal(got.due_utc_ms, receipt.due_utc_ms);
    assert_int_equal(got.attempts, 1);
    assert_int_equal(od_tries_of(got.tries, OD_DISPOSITION_SENT), 1);
    assert_int_equal(od_tries_of(got.tries, OD_DISPOSITION_UNDELIVERED), 1);
    assert_int_equal(
        kit_lane_ready(kit, campaign, od_lane_of(kit->place_a, true)), 1);
    od_counters sums = kit_counters(kit, campaign);
    assert_int_equal(sums.ready, 1);
    assert_int_equal(sums.done_by[OD_DISPOSITION_SENT], 0);
    assert_int_equal(sums.attempts_by[OD_DISPOSITION_SENT], 1);
    assert_int_equal(sums.attempts_by[OD_DISPOSITION_UNDELIVERED], 0);
    /* It is tried again, and that is its own affair. */
    kit->now = receipt.due_utc_ms;
    od_id again = kit_text(kit, campaign, KIT_PHONE, 1);
    assert_true(kit_receive_part(kit, again, KIT_PHONE, 0,
                                 OD_DELIVERY_DELIVERED));
    assert_int_equal(kit_message(kit, again).attempts_before, 1);
    assert_int_equal(kit_message(kit, attempt).disposition,
                     OD_DISPOSITION_UNDELIVERED);
}

static void steer_to_the_end(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 1);
    od_receipt_record receipt = lost(kit, attempt, KIT_PHONE, OD_TARGET_DONE);
    receipt.disposition = OD_DISPOSITION_NOT_FOUND;
    assert_true(kit_receive(kit, &receipt));
    kit_reopen(kit);
    od_counters sums = kit_counters(kit, campaign);
    assert_int_equal(sums.done_by[OD_DISPOSITION_NOT_FOUND], 1);
    assert_int_equal(sums.done_by[OD_DISPOSITION_SENT], 0);
    /* What was wrong is taken back, and no try is counted twice. */
    receipt.delivery = OD_DELIVERY_DELIVERED;
    assert_true(kit_receive(kit, &receipt));
    kit_reopen(kit);
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.state, OD_TARGET_DONE);
    assert_int_equal(got.disposition, OD_DISPOSITION_SENT);
    assert_int_equal(od_tries_of(got.tries, OD_DISPOSITION_NOT_FOUND), 1);
    assert_int_equal(od_tries_of(got.tries, OD_DISPOSITION_SENT), 2);
    assert_false(kit_receive(kit, &receipt));
}

/* The retry waits for its time when the truth is heard. */
static void steer_takes_a_retry_back(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 1);
    od_receipt_record receipt =
        lost(kit, attempt, KIT_PHONE, OD_TARGET_READY);
    assert_true(kit_receive(kit, &receipt));
    receipt.delivery = OD_DELIVERY_DELIVERED;
    receipt.target_state = OD_TARGET_DONE;
    assert_true(kit_receive(kit, &receipt));
    kit_reopen(kit);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_DONE);
    assert_int_equal(
        kit_lane_ready(kit, campaign, od_lane_of(kit->place_a, true)), 0);
    assert_int_equal(
        kit_counters(kit, campaign).done_by[OD_DISPOSITION_SENT], 1);
}

/* A part that fails after the text has: the same again is no other try. */
static void steer_counts_one_try(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 2);
    for (int32_t part = 0; part < 2; part++) {
        od_receipt_record receipt =
            lost(kit, attempt, KIT_PHONE, OD_TARGET_READY);
        receipt.part = part;
        receipt.due_utc_ms += part * 1000;
        assert_true(kit_receive(kit, &receipt));
        kit_reopen(kit);
        od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
        assert_int_equal(got.due_utc_ms, receipt.due_utc_ms);
        assert_int_equal(od_tries_of(got.tries, OD_DISPOSITION_UNDELIVERED),
                         1);
    }
}

/* Nobody has the phone any more: it is not tried again. */
static void steer_of_nobody(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    od_id contact = kit_add(kit, group, KIT_PHONE, kit->place_a);
    od_id campaign = kit_text_campaign(kit, "c", group);
    kit_start(kit, campaign);
    kit->now += 1000;
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 1);
    kit_ok(kit, OP(member_remove, contact, 0));
    od_receipt_record receipt =
        lost(kit, attempt, KIT_PHONE, OD_TARGET_READY);
    assert_true(kit_receive(kit, &receipt));
    kit_reopen(kit);
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.state, OD_TARGET_DONE);
    assert_int_equal(got.disposition, OD_DISPOSITION_UNDELIVERED);
}

/* Late: the campaign has tried the phone again since. */
static void steer_leaves_a_later_attempt_alone(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 2);
    od_id first = kit_claim(kit, campaign, KIT_PHONE);
    od_kit_sent sent;
    kit_sent_init(kit, &sent, first, 1);
    od_outcome outcome = kit_text_end(kit, first, KIT_PHONE, &sent);
    outcome.target_state = OD_TARGET_READY;
    outcome.due_utc_ms = kit->now;
    kit_send_outcomes(kit, &outcome, 1);
    (void)kit_text(kit, campaign, KIT_PHONE, 1);
    od_candidate before = kit_candidate(kit, campaign, KIT_PHONE);
    od_receipt_record receipt = lost(kit, first, KIT_PHONE, OD_TARGET_READY);
    receipt.follow = true;
    assert_true(kit_receive(kit, &receipt)); /* of the text it is the truth */
    kit_reopen(kit);
    od_candidate after = kit_candidate(kit, campaign, KIT_PHONE);
    assert_memory_equal(&before, &after, sizeof after);
    assert_int_equal(kit_message(kit, first).disposition,
                     OD_DISPOSITION_UNDELIVERED);
}

/* What other campaigns do, and notices, is no attempt of this one. */
static void steer_heeds_its_campaign_alone(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id other = kit_text_campaign(
        kit, "d", kit_campaign_get(kit, campaign).groups[0]);
    kit_start(kit, other);
    kit->now += 1000;
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 1);
    (void)kit_text(kit, other, KIT_PHONE, 1);
    od_id reply =
        kit_reply_owed(kit, campaign, KIT_PHONE, OD_NOTICE_HELP);
    od_notice_claim claim = kit_notice(kit, reply, OD_NOTICE_HELP, false);
    assert_true(claim.claimed);
    od_receipt_record receipt =
        lost(kit, attempt, KIT_PHONE, OD_TARGET_READY);
    assert_true(kit_receive(kit, &receipt)); /* the notice is live */
    kit_reopen(kit);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_READY);
    assert_int_equal(kit_state(kit, other, KIT_PHONE), OD_TARGET_DONE);
}

static void steer_leaves_flight_and_block_alone(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 2);
    od_id sent = kit_text(kit, campaign, KIT_PHONE, 2);
    od_id flown = kit_claim(kit, campaign, KIT_PHONE + 1);
    od_kit_sent ids;
    kit_sent_init(kit, &ids, flown, 1);
    od_outcome outcome = kit_text_end(kit, flown, KIT_PHONE + 1, &ids);
    outcome.target_state = OD_TARGET_BLOCKED;
    outcome.reason = OD_REASON_ATTEMPTS_USED;
    kit_send_outcomes(kit, &outcome, 1);
    od_receipt_record receipt =
        lost(kit, flown, KIT_PHONE + 1, OD_TARGET_READY);
    assert_true(kit_receive(kit, &receipt));
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE + 1),
                     OD_TARGET_BLOCKED);
    /* In flight again: a callback. */
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CALLBACK, campaign);
    kit_ok(kit, OP(target_call_back, campaign, KIT_PHONE, kit->now, &note));
    (void)kit_claim(kit, campaign, KIT_PHONE);
    receipt = lost(kit, sent, KIT_PHONE, OD_TARGET_DONE);
    assert_true(kit_receive(kit, &receipt));
    kit_reopen(kit);
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.state, OD_TARGET_FLIGHT);
    assert_int_equal(got.disposition, OD_DISPOSITION_CALLBACK);
    assert_int_equal(od_tries_of(got.tries, OD_DISPOSITION_UNDELIVERED), 0);
}

static void steer_is_followed(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    od_member_row row = kit_row_more(kit, KIT_PHONE, KIT_PHONE + 1, 0);
    od_id contact = kit_put_row(kit, group, &row);
    od_id campaign = kit_text_campaign(kit, "c", group);
    kit_start(kit, campaign);
    kit->now += 1000;
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 2);
    kit->now += 5000;
    od_receipt_record receipt =
        lost(kit, attempt, KIT_PHONE, OD_TARGET_READY);
    receipt.follow = true; /* means nothing here */
    assert_true(kit_receive(kit, &receipt));
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE + 1), -1);
    receipt = lost(kit, attempt, KIT_PHONE, OD_TARGET_DONE);
    receipt.part = 1;
    receipt.follow = true;
    assert_true(kit_receive(kit, &receipt));
    kit_reopen(kit);
    od_candidate next = kit_candidate(kit, campaign, KIT_PHONE + 1);
    assert_int_equal(next.contact, contact);
    assert_int_equal(next.state, OD_TARGET_READY);
    assert_int_equal(next.place, kit->place_b);
    assert_int_equal(next.due_utc_ms, receipt.utc_ms);
}

/* The target is gone: the text is told of all the same. */
static void steer_of_no_target(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 1);
    od_erase erase = {.phone = KIT_PHONE, .before_utc_ms = kit->now + 60000};
    od_ledger_entry note = kit_note(kit, OD_LEDGER_ERASE, 0);
    kit_ok(kit, OP(person_erase, &erase, &note));
    kit->erased = true;
    od_message_record row;
    size_t count = 0;
    kit_ok(kit, OP(message_overdue, INT64_MAX, &row, 1, &count));
    assert_int_equal(count, 1); /* nameless, and waited for */
    assert_int_equal(row.attempt, attempt);
    assert_int_equal(row.phone, 0);
    od_receipt_record receipt = lost(kit, attempt, 0, OD_TARGET_READY);
    receipt.delivery = OD_DELIVERY_UNKNOWN;
    receipt.part = OD_NONE;
    assert_true(kit_receive(kit, &receipt));
    kit_reopen(kit);
    assert_int_equal(kit_message(kit, attempt).delivery,
                     OD_DELIVERY_UNKNOWN);
    assert_int_equal(kit_counters(kit, campaign).targets, 0);
    assert_int_equal(
        kit_counters(kit, campaign).delivery_by[OD_DELIVERY_UNKNOWN], 1);
}

const od_kit_case kit_cases_steer[] = {
    CASE(steer_to_another_try),
    CASE(steer_to_the_end),
    CASE(steer_takes_a_retry_back),
    CASE(steer_counts_one_try),
    CASE(steer_of_nobody),
    CASE(steer_leaves_a_later_attempt_alone),
    CASE(steer_heeds_its_campaign_alone),
    CASE(steer_leaves_flight_and_block_alone),
    CASE(steer_is_followed),
    CASE(steer_of_no_target),
    {NULL, NULL},
};
