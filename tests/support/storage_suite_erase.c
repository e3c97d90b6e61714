/*
 * storage_suite_erase.c - a person is erased, and the ledger holds all the
 * same.
 */
#include "support/storage_kit.h"

#define OTHER (KIT_PHONE + 1)

static od_erase erase(od_kit *kit, uint64_t phone, int64_t before_utc_ms)
{
    od_erase out = {.phone = phone, .before_utc_ms = before_utc_ms};
    od_ledger_entry note = kit_note(kit, OD_LEDGER_ERASE, 0);
    out.contacts = 77;
    out.calls = 77;
    kit_ok(kit, OP(person_erase, &out, &note));
    kit->erased = true;
    return out;
}

static size_t listed(od_kit *kit, uint64_t phone)
{
    od_attempt_record rows[9];
    size_t count = 0;
    kit_ok(kit, OP(attempt_scan, NULL, phone, 0, rows, 9, &count));
    return count;
}

/* == contacts ============================================================= */

static void erase_contacts_of_the_phone(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    (void)kit_add(kit, a, KIT_PHONE, kit->place_a);
    od_id loose = kit_add(kit, b, KIT_PHONE, kit->place_a);
    kit_ok(kit, OP(member_remove, loose, b)); /* in no group */
    od_member_row row = kit_row_more(kit, OTHER, KIT_PHONE, KIT_PHONE + 2);
    od_id second = kit_put_row(kit, a, &row);
    row = kit_row_more(kit, OTHER, KIT_PHONE + 2, KIT_PHONE);
    od_id third = kit_put_row(kit, b, &row);
    od_erase got = erase(kit, KIT_PHONE, 0);
    assert_int_equal(got.contacts, 2);
    assert_int_equal(got.calls, 0);
    kit_reopen(kit);
    od_contact_record rows[5];
    size_t count = 0;
    kit_ok(kit, OP(contact_scan, 0, 0, rows, 5, &count));
    assert_int_equal(count, 2);
    kit_ok(kit, OP(contact_get, second, &rows[0]));
    assert_int_equal(rows[0].phones[0], 0);
    assert_int_equal(rows[0].places[0], 0);
    assert_string_equal(rows[0].contact.phone2, "");
    assert_int_equal(rows[0].phones[1], KIT_PHONE + 2);
    assert_string_equal(rows[0].contact.phone3, "+15551230002");
    assert_string_equal(rows[0].contact.first_name, "Ada");
    kit_ok(kit, OP(contact_get, third, &rows[0]));
    assert_int_equal(rows[0].phones[0], KIT_PHONE + 2);
    assert_int_equal(rows[0].phones[1], 0);
    assert_string_equal(rows[0].contact.phone3, "");
}

static void erase_of_nobody(od_kit *kit)
{
    int64_t rows = kit_ledger_len(kit);
    od_erase got = erase(kit, KIT_PHONE + 99, kit->now);
    assert_int_equal(got.contacts, 0);
    assert_int_equal(got.calls, 0);
    assert_int_equal(kit_ledger_len(kit), rows + 1);
    assert_int_equal(kit_ledger_last(kit).kind, OD_LEDGER_ERASE);
}

static void erase_not_during_a_call(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    (void)kit_claim(kit, campaign, KIT_PHONE);
    int64_t rows = kit_ledger_len(kit);
    int64_t seq = 1;
    od_erase what = {.phone = KIT_PHONE,
                     .before_utc_ms = kit->now,
                     .seqs = &seq,
                     .seqs_len = 1};
    od_ledger_entry note = kit_note(kit, OD_LEDGER_ERASE, 0);
    kit_err(kit, OP(person_erase, &what, &note), OD_ERR_STATE);
    assert_int_equal(kit_ledger_len(kit), rows);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_FLIGHT);
    od_ledger_row row;
    size_t count = 0;
    kit_ok(kit, OP(ledger_scan, 0, &row, 1, &count));
    assert_false(row.erased);
    od_contact_record contact;
    kit_ok(kit, OP(contact_scan, 0, 0, &contact, 1, &count));
    assert_int_equal(count, 1);
}

/* == the ledger =========================================================== */

static void erase_payloads_and_keep_the_chain(od_kit *kit)
{
    od_ledger_entry notes[5];
    od_dnc_record dnc[5];
    for (size_t i = 0; i < 5; i++) {
        dnc[i] = (od_dnc_record){.phone = KIT_PHONE + i};
        notes[i] = kit_note(kit, OD_LEDGER_DNC_ADD, 40 + (od_id)i);
    }
    kit_ok(kit, OP(dnc_add, dnc, notes, 5, NULL));
    od_ledger_row before[5];
    uint8_t hashes[5][32];
    size_t count = 0;
    kit_ok(kit, OP(ledger_scan, 0, before, 5, &count));
    for (size_t i = 0; i < 5; i++) {
        memcpy(hashes[i], before[i].hash, 32);
    }
    const int64_t seqs[] = {-1, 0, 2, 4, 4711};
    od_erase what = {
        .phone = KIT_PHONE, .seqs = seqs, .seqs_len = OD__LEN(seqs)};
    od_ledger_entry note = kit_note(kit, OD_LEDGER_ERASE, 5);
    kit_ok(kit, OP(person_erase, &what, &note));
    kit_reopen(kit);
    od_ledger_row rows[7];
    kit_ok(kit, OP(ledger_scan, 0, rows, 7, &count));
    assert_int_equal(count, 6);
    for (size_t i = 0; i < 5; i++) {
        uint8_t digest[32];
        od_ledger_digest(&notes[i], digest);
        bool gone = i == 1 || i == 3;
        assert_int_equal(rows[i].erased, gone);
        assert_string_equal(rows[i].payload, gone ? "" : notes[i].payload);
        assert_int_equal(rows[i].salt[0], gone ? 0 : notes[i].salt[0]);
        assert_memory_equal(rows[i].digest, digest, 32);
        assert_memory_equal(rows[i].hash, hashes[i], 32);
        assert_int_equal(rows[i].utc_ms, notes[i].utc_ms);
        assert_int_equal(rows[i].kind, OD_LEDGER_DNC_ADD);
        assert_int_equal(rows[i].subject, 40 + i);
    }
    assert_int_equal(rows[5].kind, OD_LEDGER_ERASE);
    assert_int_equal(rows[5].subject, 5);
    assert_string_equal(rows[5].payload, note.payload);
    (void)erase(kit, KIT_PHONE, 0); /* again: nothing is named */
    kit_ok(kit, OP(ledger_scan, 1, rows, 1, &count));
    assert_true(rows[0].erased);
}

static void ledger_add_appends_one_row(od_kit *kit)
{
    (void)kit_dnc_add(kit, KIT_PHONE, OD_DNC_ALL, 0);
    od_ledger_entry note = kit_note(kit, OD_LEDGER_REGISTRY, 9);
    kit_ok(kit, OP(ledger_add, &note));
    kit_reopen(kit);
    od_ledger_row row = kit_ledger_last(kit);
    assert_int_equal(row.seq, 2);
    assert_int_equal(row.kind, OD_LEDGER_REGISTRY);
    assert_int_equal(row.subject, 9);
    assert_string_equal(row.payload, note.payload);
    assert_memory_equal(row.salt, note.salt, sizeof row.salt);
}

/* == calls ================================================================ */

/* A call with one answer that ends when it begins, a minute after the last. */
static od_id call_with_answer(od_kit *kit, od_id campaign, uint64_t phone)
{
    kit->now += 60000;
    od_id attempt = kit_claim(kit, campaign, phone);
    od_answer_record answer = {.campaign = campaign,
                               .attempt = attempt,
                               .phone = phone,
                               .utc_ms = kit->now,
                               .visit = 1,
                               .question = "q",
                               .digits = "4155551234",
                               .choice = "4155551234"};
    od_outcome end = kit_outcome(kit, attempt, phone, OD_DISPOSITION_BUSY);
    end.ended_utc_ms = kit->now;
    od_ledger_entry notes[] = {kit_note(kit, OD_LEDGER_ANSWER, attempt),
                               kit_note(kit, OD_LEDGER_OUTCOME, attempt)};
    od_exchange exchange = {.utc_ms = kit->now,
                            .answers = &answer,
                            .answers_len = 1,
                            .outcomes = &end,
                            .outcomes_len = 1,
                            .ledger = notes,
                            .ledger_len = 2};
    kit_ok(kit, OP(exchange, &exchange));
    return attempt;
}

static void erase_makes_old_calls_nameless(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 2);
    od_id old = call_with_answer(kit, campaign, KIT_PHONE);
    od_id others = call_with_answer(kit, campaign, OTHER);
    od_id young = call_with_answer(kit, campaign, KIT_PHONE);
    od_counters before = kit_counters(kit, campaign);
    od_erase got = erase(kit, KIT_PHONE, kit->now); /* not one of now */
    assert_int_equal(got.contacts, 1);
    assert_int_equal(got.calls, 1);
    kit_reopen(kit);
    assert_int_equal(listed(kit, KIT_PHONE), 1);
    assert_int_equal(listed(kit, OTHER), 1);
    od_attempt_record rows[4];
    size_t count = 0;
    kit_ok(kit, OP(attempt_scan, NULL, 0, 0, rows, 4, &count));
    assert_int_equal(count, 3);
    assert_int_equal(rows[0].attempt, old);
    assert_int_equal(rows[0].phone, 0);
    assert_int_equal(rows[0].contact, 0);
    assert_string_equal(rows[0].session_id, "");
    assert_string_equal(rows[0].sip_call_id, "");
    assert_string_equal(rows[0].trunk, "trunk-a"); /* it is ours */
    assert_int_equal(rows[0].caller_id, KIT_CALLER_ID);
    assert_int_equal(rows[0].campaign, campaign);
    assert_int_equal(rows[0].disposition, OD_DISPOSITION_BUSY);
    assert_true(rows[0].claimed_utc_ms > 0 && rows[0].ended_utc_ms > 0);
    assert_int_equal(rows[1].attempt, others);
    assert_int_equal(rows[1].phone, OTHER);
    assert_int_equal(rows[2].attempt, young);
    assert_int_equal(rows[2].phone, KIT_PHONE);
    assert_string_equal(rows[2].sip_call_id, "call@host");
    od_counters after = kit_counters(kit, campaign);
    assert_memory_equal(before.attempts_by, after.attempts_by,
                        sizeof after.attempts_by);
    /* Of the calls that are remembered it is one less. */
    od_candidate target = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(target.recent_len, 1);
    assert_int_equal(target.recent[0].utc_ms, kit->now);
    /* And calls that come later are listed behind those that stayed. */
    od_id group = kit_group(kit, "later");
    (void)kit_add(kit, group, KIT_PHONE, kit->place_a);
    od_id later = kit_campaign(kit, "later", group, 0);
    kit_start(kit, later);
    (void)kit_call(kit, later, KIT_PHONE, OD_DISPOSITION_BUSY,
                   OD_TARGET_READY);
    assert_int_equal(listed(kit, KIT_PHONE), 2);
}

static void erase_makes_old_answers_nameless(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 2);
    od_id attempts[] = {call_with_answer(kit, campaign, KIT_PHONE),
                        call_with_answer(kit, campaign, OTHER),
                        call_with_answer(kit, campaign, KIT_PHONE)};
    (void)erase(kit, KIT_PHONE, kit->now);
    kit_reopen(kit);
    od_answer_record rows[4];
    size_t count = 0;
    kit_ok(kit, OP(answer_scan, campaign, 0, rows, 4, &count));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++) {
        static const uint64_t phones[] = {0, OTHER, KIT_PHONE};
        const char *text = i == 0 ? "" : "4155551234";
        assert_int_equal(rows[i].attempt, attempts[i]);
        assert_int_equal(rows[i].phone, phones[i]);
        assert_string_equal(rows[i].digits, text);
        assert_string_equal(rows[i].choice, text);
        assert_string_equal(rows[i].question, "q");
        assert_int_equal(rows[i].visit, 1);
    }
    od_result result;
    kit_ok(kit, OP(result_scan, campaign, &result, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(result.count, 3);
}

/* An answer that came before, in a call that ended later. */
static void erase_by_the_time_of_each(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    od_answer_record answer = {.campaign = campaign,
                               .attempt = attempt,
                               .phone = KIT_PHONE,
                               .utc_ms = kit->now,
                               .question = "q",
                               .digits = "1",
                               .choice = "Yes"};
    od_ledger_entry note = kit_note(kit, OD_LEDGER_ANSWER, attempt);
    od_exchange exchange = {.utc_ms = kit->now,
                            .answers = &answer,
                            .answers_len = 1,
                            .ledger = &note,
                            .ledger_len = 1};
    kit_ok(kit, OP(exchange, &exchange));
    od_outcome end =
        kit_outcome(kit, attempt, KIT_PHONE, OD_DISPOSITION_BUSY);
    kit_send_outcomes(kit, &end, 1);
    assert_int_equal(erase(kit, KIT_PHONE, end.ended_utc_ms).calls, 0);
    od_answer_record row;
    size_t count = 0;
    kit_ok(kit, OP(answer_scan, campaign, 0, &row, 1, &count));
    assert_int_equal(row.phone, 0);
    assert_int_equal(listed(kit, KIT_PHONE), 1);
    assert_int_equal(erase(kit, KIT_PHONE, end.ended_utc_ms + 1).calls, 1);
    assert_int_equal(listed(kit, KIT_PHONE), 0);
}

static void erase_consents_that_were_revoked(od_kit *kit)
{
    od_consent_record row =
        kit_consent(kit, KIT_PHONE, OD_CONSENT_EXPRESS, OD_PURPOSE_SURVEY);
    assert_true(kit_consent_add(kit, &row));
    od_consent_record other = row;
    other.phone = OTHER;
    assert_true(kit_consent_add(kit, &other));
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CONSENT_REVOKE, 0);
    kit_ok(kit, OP(consent_revoke, KIT_PHONE, NULL, kit->now, &note));
    kit_ok(kit, OP(consent_revoke, OTHER, NULL, kit->now, &note));
    row.obtained_utc_ms++;
    assert_true(kit_consent_add(kit, &row)); /* in force */
    od_consent_record rows[4];
    size_t count = 0;
    (void)erase(kit, KIT_PHONE, kit->now); /* not one of now */
    kit_ok(kit, OP(consent_scan, 0, 0, rows, 4, &count));
    assert_int_equal(count, 3);
    (void)erase(kit, KIT_PHONE, kit->now + 1);
    kit_reopen(kit);
    kit_ok(kit, OP(consent_scan, 0, 0, rows, 4, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].phone, OTHER);
    assert_int_equal(rows[1].phone, KIT_PHONE);
    assert_int_equal(rows[1].revoked_utc_ms, 0);
    od_id last = rows[1].id;
    row.obtained_utc_ms++;
    assert_true(kit_consent_add(kit, &row)); /* ids are not used again */
    kit_ok(kit, OP(consent_scan, KIT_PHONE, last, rows, 4, &count));
    assert_int_equal(count, 1);
}

/* == targets, line and list =============================================== */

/* While a call names the phone its targets stay, but none is called. */
static void erase_ends_the_calling(od_kit *kit)
{
    od_id c1 = kit_start_with(kit, "c1", 1);
    od_id c2 = kit_start_with(kit, "c2", 1);
    od_id c3 = kit_start_with(kit, "c3", 1);
    (void)call_with_answer(kit, c1, KIT_PHONE);
    (void)kit_call(kit, c3, KIT_PHONE, OD_DISPOSITION_ANSWERED,
                   OD_TARGET_DONE);
    (void)erase(kit, KIT_PHONE, 0);
    kit_reopen(kit);
    od_candidate got = kit_candidate(kit, c1, KIT_PHONE);
    assert_int_equal(got.state, OD_TARGET_DONE);
    assert_int_equal(got.disposition, OD_DISPOSITION_BUSY);
    assert_int_equal(kit_state(kit, c2, KIT_PHONE), -1); /* was not tried */
    assert_int_equal(kit_state(kit, c3, KIT_PHONE), OD_TARGET_DONE);
    assert_true(kit_candidate(kit, c2, KIT_PHONE).line_called_utc_ms > 0);
}

/* Also targets whose contact was gone long ago. */
static void erase_ends_what_nobody_owns(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 2);
    for (uint64_t i = 0; i < 2; i++) {
        uint64_t phone = KIT_PHONE + i;
        od_id contact = kit_candidate(kit, campaign, phone).contact;
        od_id attempt = kit_claim(kit, campaign, phone);
        kit_ok(kit, OP(member_remove, contact, 0));
        od_outcome end =
            kit_outcome(kit, attempt, phone, OD_DISPOSITION_CONGESTION);
        end.reached_network = i == 1;
        kit_send_outcomes(kit, &end, 1);
        od_ledger_entry note = kit_note(kit, OD_LEDGER_CALLBACK, campaign);
        kit_ok(kit, OP(target_call_back, campaign, phone, kit->now, &note));
        assert_int_equal(kit_state(kit, campaign, phone), OD_TARGET_READY);
        (void)erase(kit, phone, 0);
    }
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), -1);
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE + 1);
    assert_int_equal(got.state, OD_TARGET_DONE);
    assert_int_equal(got.disposition, OD_DISPOSITION_CALLBACK);
}

static void erase_takes_all_with_the_last_call(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 2);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    od_outcome end =
        kit_outcome(kit, attempt, KIT_PHONE, OD_DISPOSITION_ANSWERED);
    end.target_state = OD_TARGET_DONE;
    end.number_invalid = true;
    kit_send_outcomes(kit, &end, 1);
    od_erase got = erase(kit, KIT_PHONE, end.ended_utc_ms + 1);
    assert_int_equal(got.calls, 1);
    kit_reopen(kit);
    od_candidate target = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(target.contact, 0);
    assert_int_equal(target.line_called_utc_ms, 0);
    assert_int_equal(target.line_answered_utc_ms, 0);
    assert_false(target.number_invalid);
    assert_int_equal(target.recent_len, 0);
    assert_int_equal(kit_counters(kit, campaign).targets, 1);
    assert_int_equal(kit_counters(kit, campaign).done, 0);
    /* Who comes back is somebody new. */
    od_id group = kit_campaign_get(kit, campaign).groups[0];
    (void)kit_add(kit, group, KIT_PHONE, kit->place_b);
    target = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(target.state, OD_TARGET_READY);
    assert_int_equal(target.attempts, 0);
    assert_int_equal(target.tries, 0);
    (void)kit_call(kit, campaign, KIT_PHONE, OD_DISPOSITION_BUSY,
                   OD_TARGET_READY);
    assert_int_equal(listed(kit, KIT_PHONE), 1);
}

static void erase_a_further_phone_of_a_target(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    od_member_row row = kit_row_more(kit, OTHER, KIT_PHONE, 0);
    (void)kit_put_row(kit, group, &row);
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    kit->now += 1000;
    od_id attempt = kit_claim(kit, campaign, OTHER);
    od_outcome end = kit_outcome(kit, attempt, OTHER, OD_DISPOSITION_BUSY);
    end.target_state = OD_TARGET_DONE;
    end.follow = true;
    kit_send_outcomes(kit, &end, 1);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_READY);
    od_erase got = erase(kit, KIT_PHONE, kit->now);
    assert_int_equal(got.contacts, 0);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), -1);
    assert_int_equal(kit_state(kit, campaign, OTHER), OD_TARGET_DONE);
}

static bool rule_never_open(od_kit_judge *judge, const od_candidate *candidate,
                            od_verdict *out)
{
    (void)judge;
    (void)candidate;
    out->kind = OD_VERDICT_BLOCK;
    out->reason = OD_REASON_NEVER_OPEN;
    return true;
}

/* It is taken from the contact as by an update: what was not tried is gone,
 * also when it was blocked, and a call of another campaign names the phone. */
static void erase_a_further_phone_that_was_blocked(od_kit *kit)
{
    od_id first = kit_start_with(kit, "first", 1);
    (void)kit_call(kit, first, KIT_PHONE, OD_DISPOSITION_ANSWERED,
                   OD_TARGET_DONE);
    od_id group = kit_group(kit, "a");
    od_member_row row = kit_row_more(kit, OTHER, KIT_PHONE, 0);
    row.places[0] = kit->place_a;
    (void)kit_put_row(kit, group, &row);
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    kit->now += 1000;
    for (int i = 0; i < 2; i++) {
        od_kit_judge judge;
        kit_judge_init(kit, &judge);
        judge.rule = rule_never_open;
        judge.follow = true;
        (void)kit_ask(kit, campaign, od_lane_of(kit->place_a, false), 9, 9,
                      &judge);
        kit->now++;
    }
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_BLOCKED);
    (void)erase(kit, KIT_PHONE, 0);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), -1);
    assert_int_equal(kit_state(kit, first, KIT_PHONE), OD_TARGET_DONE);
    assert_int_equal(kit_state(kit, campaign, OTHER), OD_TARGET_BLOCKED);
}

static void erase_keeps_the_list(od_kit *kit)
{
    (void)kit_dnc_add(kit, KIT_PHONE, OD_DNC_ALL, 0);
    (void)kit_dnc_put(kit, &(od_dnc_record){.phone = KIT_PHONE,
                                            .scope = OD_DNC_VOICE,
                                            .expires_utc_ms = kit->now + 9});
    (void)erase(kit, KIT_PHONE, kit->now);
    kit_reopen(kit);
    od_dnc_record rows[3];
    size_t count = 0;
    kit_ok(kit, OP(dnc_scan, 0, rows, 3, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].phone, KIT_PHONE);
    bool listed_now = false;
    kit_ok(kit, OP(dnc_check, KIT_PHONE, OD_CHANNEL_VOICE, 0, kit->now,
                   &listed_now));
    assert_true(listed_now);
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_erase[] = {
    CASE(erase_contacts_of_the_phone),
    CASE(erase_of_nobody),
    CASE(erase_not_during_a_call),
    CASE(erase_payloads_and_keep_the_chain),
    CASE(ledger_add_appends_one_row),
    CASE(erase_makes_old_calls_nameless),
    CASE(erase_makes_old_answers_nameless),
    CASE(erase_by_the_time_of_each),
    CASE(erase_consents_that_were_revoked),
    CASE(erase_ends_the_calling),
    CASE(erase_ends_what_nobody_owns),
    CASE(erase_takes_all_with_the_last_call),
    CASE(erase_a_further_phone_of_a_target),
    CASE(erase_a_further_phone_that_was_blocked),
    CASE(erase_keeps_the_list),
    {NULL, NULL},
};
