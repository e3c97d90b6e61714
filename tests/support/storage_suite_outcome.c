/*
 * storage_suite_outcome.c - the first half of an exchange: what happened, its
 * ledger rows, and batches that are sent again.
 */
#include "support/storage_kit.h"

static od_attempt_record only_attempt(od_kit *kit, od_id attempt)
{
    od_attempt_record row = {0};
    size_t count = 0;
    kit_ok(kit, OP(attempt_scan, NULL, 0, attempt - 1, &row, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(row.attempt, attempt);
    return row;
}

/* == one end ============================================================== */

static void outcome_to_every_state(od_kit *kit)
{
    static const struct {
        int32_t disposition;
        bool reached;
        int32_t target_state;
        int32_t reason;
    } cases[] = {
        {OD_DISPOSITION_BUSY, true, OD_TARGET_READY, OD_REASON_NONE},
        {OD_DISPOSITION_CONGESTION, false, OD_TARGET_READY, OD_REASON_NONE},
        {OD_DISPOSITION_ANSWERED, true, OD_TARGET_DONE, OD_REASON_NONE},
        {OD_DISPOSITION_CANCELLED, false, OD_TARGET_DONE, OD_REASON_NONE},
        {OD_DISPOSITION_NOT_FOUND, true, OD_TARGET_BLOCKED,
         OD_REASON_NUMBER_INVALID},
        {OD_DISPOSITION_UNKNOWN, true, OD_TARGET_DONE, OD_REASON_NONE},
    };
    od_id campaign = kit_start_with(kit, "c", OD__LEN(cases));
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        uint64_t phone = KIT_PHONE + i;
        od_id attempt = kit_claim(kit, campaign, phone);
        int64_t claimed = kit->now;
        kit->now += 30000;
        od_outcome outcome =
            kit_outcome(kit, attempt, phone, cases[i].disposition);
        outcome.reached_network = cases[i].reached;
        outcome.target_state = cases[i].target_state;
        outcome.reason = cases[i].reason;
        outcome.due_utc_ms = kit->now + 777;
        kit_send_outcomes(kit, &outcome, 1);
        kit_reopen(kit);
        od_candidate got = kit_candidate(kit, campaign, phone);
        assert_int_equal(got.state, cases[i].target_state);
        assert_int_equal(got.reason, cases[i].reason);
        assert_int_equal(got.disposition, cases[i].disposition);
        assert_int_equal(got.attempts, cases[i].reached ? 1 : 0);
        assert_false(got.in_flight);
        assert_int_equal(got.line_called_utc_ms,
                         cases[i].reached ? claimed : 0);
        bool answered = cases[i].disposition == OD_DISPOSITION_ANSWERED;
        assert_int_equal(got.line_answered_utc_ms,
                         answered ? outcome.ended_utc_ms : 0);
        if (got.state == OD_TARGET_READY) {
            assert_int_equal(got.due_utc_ms, kit->now + 777);
        }
    }
    /* Who was tried queues for a retry, who never rang for a first try. */
    assert_int_equal(
        kit_lane_ready(kit, campaign, od_lane_of(kit->place_a, true)), 1);
    assert_int_equal(
        kit_lane_ready(kit, campaign, od_lane_of(kit->place_a, false)), 1);
    od_counters sums = kit_counters(kit, campaign);
    assert_int_equal(sums.done_by[OD_DISPOSITION_ANSWERED], 1);
    assert_int_equal(sums.done_by[OD_DISPOSITION_CANCELLED], 1);
    assert_int_equal(sums.done_by[OD_DISPOSITION_UNKNOWN], 1);
    assert_int_equal(sums.blocked_by[OD_REASON_NUMBER_INVALID], 1);
    assert_int_equal(sums.attempts_by[OD_DISPOSITION_CONGESTION], 1);
    assert_int_equal(sums.talk_ms, 5000);
}

static void outcome_keeps_every_field(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_id contact = kit_candidate(kit, campaign, KIT_PHONE).contact;
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    int64_t claimed = kit->now;
    char call_id[128];
    memset(call_id, '%', sizeof call_id - 1);
    call_id[127] = '\0';
    od_outcome outcome = {.attempt = attempt,
                          .phone = KIT_PHONE,
                          .sip_call_id = call_id,
                          .answered_utc_ms = claimed + 3000,
                          .ended_utc_ms = claimed + 9000,
                          .talk_ms = 6000,
                          .heard_ms = 5980,
                          .disposition = OD_DISPOSITION_ANSWERED,
                          .sip_status = 200,
                          .fault = OD_ERR_TRANSPORT,
                          .survey_done = true,
                          .reached_network = true,
                          .answered = true,
                          .target_state = OD_TARGET_DONE};
    kit_send_outcomes(kit, &outcome, 1);
    kit_reopen(kit);
    od_attempt_record got = only_attempt(kit, attempt);
    assert_int_equal(got.campaign, campaign);
    assert_int_equal(got.contact, contact);
    assert_int_equal(got.phone, KIT_PHONE);
    assert_int_equal(strlen(got.session_id), 32);
    assert_string_equal(got.sip_call_id, call_id);
    assert_string_equal(got.trunk, "trunk-a");
    assert_int_equal(got.claimed_utc_ms, claimed);
    assert_int_equal(got.answered_utc_ms, claimed + 3000);
    assert_int_equal(got.ended_utc_ms, claimed + 9000);
    assert_int_equal(got.heard_ms, 5980);
    assert_int_equal(got.disposition, OD_DISPOSITION_ANSWERED);
    assert_int_equal(got.sip_status, 200);
    assert_int_equal(got.fault, OD_ERR_TRANSPORT);
    assert_true(got.survey_done);
    assert_true(got.reached_network);
    od_counters sums = kit_counters(kit, campaign);
    assert_int_equal(sums.surveys_done, 1);
    assert_int_equal(sums.talk_ms, 6000);
    assert_int_equal(sums.opted_out, 0);
}

static void outcome_keeps_the_time_of_the_answer(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    od_answered answered = {attempt, KIT_PHONE, kit->now + 2500};
    od_exchange exchange = {
        .utc_ms = kit->now, .answered = &answered, .answered_len = 1};
    kit_ok(kit, OP(exchange, &exchange));
    kit_reopen(kit);
    od_attempt_record row;
    size_t count = 0;
    kit_ok(kit, OP(flight_scan, 0, &row, 1, &count));
    assert_int_equal(row.answered_utc_ms, kit->now + 2500);
    assert_int_equal(row.ended_utc_ms, 0);
    od_outcome outcome =
        kit_outcome(kit, attempt, KIT_PHONE, OD_DISPOSITION_ANSWERED);
    outcome.answered_utc_ms = 0;
    outcome.target_state = OD_TARGET_DONE;
    outcome.sip_call_id = NULL;
    kit_send_outcomes(kit, &outcome, 1);
    od_attempt_record got = only_attempt(kit, attempt);
    assert_int_equal(got.answered_utc_ms, answered.utc_ms);
    assert_string_equal(got.sip_call_id, "");
    /* It is not live any more: too late. */
    answered.utc_ms += 1;
    kit_ok(kit, OP(exchange, &exchange));
    assert_int_equal(only_attempt(kit, attempt).answered_utc_ms,
                     kit->now + 2500);
}

static void outcome_marks_the_line(od_kit *kit)
{
    od_id c1 = kit_start_with(kit, "c1", 2);
    od_id c2 = kit_start_with(kit, "c2", 2);
    od_id attempt = kit_claim(kit, c1, KIT_PHONE);
    int64_t claimed = kit->now;
    od_outcome outcome =
        kit_outcome(kit, attempt, KIT_PHONE, OD_DISPOSITION_NOT_FOUND);
    outcome.number_invalid = true;
    outcome.target_state = OD_TARGET_DONE;
    kit_send_outcomes(kit, &outcome, 1);
    kit_reopen(kit);
    od_candidate got = kit_candidate(kit, c2, KIT_PHONE);
    assert_true(got.number_invalid);
    assert_int_equal(got.line_called_utc_ms, claimed);
    assert_int_equal(got.line_answered_utc_ms, 0);
    assert_int_equal(got.attempts, 0); /* those of the other campaign */
    assert_false(kit_candidate(kit, c2, KIT_PHONE + 1).number_invalid);
    /* A later call does not take the mark away. */
    (void)kit_call(kit, c2, KIT_PHONE, OD_DISPOSITION_ANSWERED,
                   OD_TARGET_DONE);
    got = kit_candidate(kit, c1, KIT_PHONE);
    assert_true(got.number_invalid);
    assert_int_equal(got.line_answered_utc_ms, kit->now + 5000);
}

static void outcome_of_an_unknown_attempt(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    int64_t rows = kit_ledger_len(kit);
    od_outcome outcome =
        kit_outcome(kit, 4711, KIT_PHONE, OD_DISPOSITION_BUSY);
    kit_send_outcomes(kit, &outcome, 1);
    assert_int_equal(kit_ledger_len(kit), rows);
    assert_int_equal(kit_candidate(kit, campaign, KIT_PHONE).attempts, 0);
}

/* == a whole batch ======================================================== */

/* Everything that can happen to one call, with its ledger rows. */
typedef struct od_batch {
    od_dnc_record dnc[2];
    od_answered answered;
    od_answer_record answers[3];
    od_outcome outcome;
    od_ledger_entry notes[6];
    od_exchange exchange;
} od_batch;

static void make_batch(od_kit *kit, od_id campaign, od_id attempt,
                       uint64_t phone, od_batch *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < 2; i++) {
        out->dnc[i] = (od_dnc_record){.phone = phone,
                                      .scope = i == 0 ? OD_DNC_ALL
                                                      : OD_DNC_VOICE,
                                      .attempt = attempt,
                                      .reason = "key 9",
                                      .source = "call",
                                      .added_utc_ms = kit->now};
        out->notes[i] = kit_note(kit, OD_LEDGER_DNC_ADD, attempt);
    }
    out->answered = (od_answered){attempt, phone, kit->now};
    for (int32_t i = 0; i < 3; i++) {
        out->answers[i] = (od_answer_record){.campaign = campaign,
                                             .attempt = attempt,
                                             .phone = phone,
                                             .utc_ms = kit->now + i,
                                             .visit = 1 + i / 2,
                                             .question =
                                                 i == 1 ? "why" : "happy",
                                             .digits = "1",
                                             .choice = "Yes"};
        out->notes[2 + i] = kit_note(kit, OD_LEDGER_ANSWER, attempt);
    }
    out->outcome =
        kit_outcome(kit, attempt, phone, OD_DISPOSITION_ANSWERED);
    out->outcome.target_state = OD_TARGET_DONE;
    out->notes[5] = kit_note(kit, OD_LEDGER_OUTCOME, attempt);
    out->exchange = (od_exchange){.utc_ms = kit->now,
                                  .dnc = out->dnc,
                                  .dnc_len = 2,
                                  .answered = &out->answered,
                                  .answered_len = 1,
                                  .answers = out->answers,
                                  .answers_len = 3,
                                  .outcomes = &out->outcome,
                                  .outcomes_len = 1,
                                  .ledger = out->notes,
                                  .ledger_len = 6};
}

static void assert_ledger_tail(od_kit *kit, const od_ledger_entry *notes,
                               size_t len)
{
    od_ledger_row rows[16];
    size_t count = 0;
    kit_ok(kit, OP(ledger_scan, kit_ledger_len(kit) - (int64_t)len, rows, 16,
                   &count));
    assert_int_equal(count, len);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(rows[i].kind, notes[i].kind);
        assert_int_equal(rows[i].subject, notes[i].subject);
        assert_int_equal(rows[i].utc_ms, notes[i].utc_ms);
        assert_string_equal(rows[i].payload, notes[i].payload);
        assert_memory_equal(rows[i].salt, notes[i].salt,
                            sizeof rows[i].salt);
    }
}

static void batch_is_applied_in_order(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 2);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    od_batch batch;
    make_batch(kit, campaign, attempt, KIT_PHONE, &batch);
    int64_t rows = kit_ledger_len(kit);
    kit_ok(kit, OP(exchange, &batch.exchange));
    kit_reopen(kit);
    assert_int_equal(kit_ledger_len(kit), rows + 6);
    assert_ledger_tail(kit, batch.notes, 6);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_DONE);
    od_counters sums = kit_counters(kit, campaign);
    assert_int_equal(sums.opted_out, 2); /* two entries, each new */
    assert_int_equal(sums.attempts_by[OD_DISPOSITION_ANSWERED], 1);
    od_answer_record answers[4];
    size_t count = 0;
    kit_ok(kit, OP(answer_scan, campaign, 0, answers, 4, &count));
    assert_int_equal(count, 3);
}

static void batch_sent_again_is_ignored(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 2);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    od_batch batch;
    make_batch(kit, campaign, attempt, KIT_PHONE, &batch);
    kit_ok(kit, OP(exchange, &batch.exchange));
    int64_t rows = kit_ledger_len(kit);
    od_counters before = kit_counters(kit, campaign);
    kit_reopen(kit);
    kit_ok(kit, OP(exchange, &batch.exchange));
    kit_ok(kit, OP(exchange, &batch.exchange));
    assert_int_equal(kit_ledger_len(kit), rows);
    od_counters after = kit_counters(kit, campaign);
    assert_memory_equal(&after, &before, sizeof after);
    od_answer_record answers[4];
    size_t count = 0;
    kit_ok(kit, OP(answer_scan, campaign, 0, answers, 4, &count));
    assert_int_equal(count, 3);
    od_result results[4];
    kit_ok(kit, OP(result_scan, campaign, results, 4, &count));
    assert_int_equal(count, 2);
    assert_int_equal(results[0].count, 2);
}

/* The call goes on; then the batch is sent again with its end in it. */
static void batch_sent_again_with_more(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 2);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    od_id other = kit_claim(kit, campaign, KIT_PHONE + 1);
    od_batch batch;
    make_batch(kit, campaign, attempt, KIT_PHONE, &batch);
    batch.exchange.dnc_len = 1;
    batch.exchange.answers_len = 2;
    batch.exchange.outcomes_len = 0;
    od_ledger_entry first[] = {batch.notes[0], batch.notes[2],
                               batch.notes[3]};
    batch.exchange.ledger = first;
    batch.exchange.ledger_len = 3;
    kit_ok(kit, OP(exchange, &batch.exchange));
    int64_t rows = kit_ledger_len(kit);

    od_outcome outcomes[] = {
        batch.outcome,
        kit_outcome(kit, other, KIT_PHONE + 1, OD_DISPOSITION_BUSY)};
    od_ledger_entry all[] = {
        batch.notes[0], batch.notes[1], batch.notes[2], batch.notes[3],
        batch.notes[4], batch.notes[5],
        kit_note(kit, OD_LEDGER_OUTCOME, other)};
    batch.exchange.dnc_len = 2;
    batch.exchange.answers_len = 3;
    batch.exchange.outcomes = outcomes;
    batch.exchange.outcomes_len = 2;
    batch.exchange.ledger = all;
    batch.exchange.ledger_len = 7;
    kit_ok(kit, OP(exchange, &batch.exchange));
    assert_int_equal(kit_ledger_len(kit), rows + 4);
    od_ledger_entry want[] = {all[1], all[4], all[5], all[6]};
    assert_ledger_tail(kit, want, 4);
    assert_int_equal(kit_counters(kit, campaign).opted_out, 2);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_DONE);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE + 1),
                     OD_TARGET_READY);
    /* The same, twice in one batch. */
    batch.exchange.outcomes_len = 0;
    batch.exchange.ledger_len = 5;
    rows = kit_ledger_len(kit);
    kit_ok(kit, OP(exchange, &batch.exchange));
    assert_int_equal(kit_ledger_len(kit), rows);
}

static void batch_with_the_same_twice(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    od_batch batch;
    make_batch(kit, campaign, attempt, KIT_PHONE, &batch);
    od_dnc_record dnc[] = {batch.dnc[0], batch.dnc[0]};
    od_answer_record answers[] = {batch.answers[0], batch.answers[0]};
    od_outcome outcomes[] = {batch.outcome, batch.outcome};
    batch.exchange.dnc = dnc;
    batch.exchange.answers = answers;
    batch.exchange.answers_len = 2;
    batch.exchange.outcomes = outcomes;
    batch.exchange.outcomes_len = 2;
    int64_t rows = kit_ledger_len(kit);
    kit_ok(kit, OP(exchange, &batch.exchange));
    assert_int_equal(kit_ledger_len(kit), rows + 3);
    od_counters sums = kit_counters(kit, campaign);
    assert_int_equal(sums.opted_out, 1);
    assert_int_equal(sums.attempts_by[OD_DISPOSITION_ANSWERED], 1);
    assert_int_equal(kit_candidate(kit, campaign, KIT_PHONE).attempts, 1);
}

/* == opting out =========================================================== */

static void opt_out_in_a_call(od_kit *kit)
{
    od_id c1 = kit_start_with(kit, "c1", 2);
    od_id c2 = kit_start_with(kit, "c2", 2);
    od_id attempt = kit_claim(kit, c1, KIT_PHONE);
    od_dnc_record dnc = {.phone = KIT_PHONE,
                         .scope = OD_DNC_ALL,
                         .attempt = attempt,
                         .source = "call"};
    od_ledger_entry note = kit_note(kit, OD_LEDGER_DNC_ADD, attempt);
    od_exchange exchange = {.utc_ms = kit->now,
                            .dnc = &dnc,
                            .dnc_len = 1,
                            .ledger = &note,
                            .ledger_len = 1};
    kit_ok(kit, OP(exchange, &exchange));
    kit_reopen(kit);
    /* The call goes on; other campaigns are blocked at once. */
    assert_int_equal(kit_state(kit, c1, KIT_PHONE), OD_TARGET_FLIGHT);
    assert_true(kit_candidate(kit, c1, KIT_PHONE).dnc);
    assert_int_equal(kit_state(kit, c2, KIT_PHONE), OD_TARGET_BLOCKED);
    assert_int_equal(kit_counters(kit, c1).opted_out, 1);
    assert_int_equal(kit_counters(kit, c2).opted_out, 0);
    od_dnc_record row;
    size_t count = 0;
    kit_ok(kit, OP(dnc_scan, 0, &row, 1, &count));
    assert_int_equal(row.attempt, attempt);
}

static void opt_out_after_the_call(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 2);
    od_id attempt = kit_call(kit, campaign, KIT_PHONE,
                             OD_DISPOSITION_ANSWERED, OD_TARGET_DONE);
    /* An opt-out is never lost, whatever became of its call. */
    od_dnc_record dnc[] = {
        {.phone = KIT_PHONE, .scope = OD_DNC_ALL, .attempt = attempt},
        {.phone = KIT_PHONE + 1, .scope = OD_DNC_ALL, .attempt = 0}};
    od_ledger_entry notes[] = {
        kit_note(kit, OD_LEDGER_DNC_ADD, attempt),
        kit_note(kit, OD_LEDGER_DNC_ADD, 0)};
    od_exchange exchange = {.utc_ms = kit->now,
                            .dnc = dnc,
                            .dnc_len = 2,
                            .ledger = notes,
                            .ledger_len = 2};
    kit_ok(kit, OP(exchange, &exchange));
    assert_true(kit_candidate(kit, campaign, KIT_PHONE).dnc);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE + 1),
                     OD_TARGET_BLOCKED);
    assert_int_equal(kit_counters(kit, campaign).opted_out, 1);
}

static void opt_out_of_who_is_listed(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    (void)kit_dnc_add(kit, KIT_PHONE, OD_DNC_ALL, 0);
    int64_t rows = kit_ledger_len(kit);
    od_dnc_record dnc = {
        .phone = KIT_PHONE, .scope = OD_DNC_ALL, .attempt = attempt};
    od_ledger_entry note = kit_note(kit, OD_LEDGER_DNC_ADD, attempt);
    od_exchange exchange = {.utc_ms = kit->now,
                            .dnc = &dnc,
                            .dnc_len = 1,
                            .ledger = &note,
                            .ledger_len = 1};
    kit_ok(kit, OP(exchange, &exchange));
    assert_int_equal(kit_ledger_len(kit), rows);
    assert_int_equal(kit_counters(kit, campaign).opted_out, 0);
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_outcome[] = {
    CASE(outcome_to_every_state),
    CASE(outcome_keeps_every_field),
    CASE(outcome_keeps_the_time_of_the_answer),
    CASE(outcome_marks_the_line),
    CASE(outcome_of_an_unknown_attempt),
    CASE(batch_is_applied_in_order),
    CASE(batch_sent_again_is_ignored),
    CASE(batch_sent_again_with_more),
    CASE(batch_with_the_same_twice),
    CASE(opt_out_in_a_call),
    CASE(opt_out_after_the_call),
    CASE(opt_out_of_who_is_listed),
    {NULL, NULL},
};
