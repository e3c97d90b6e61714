/*
 * storage_suite_targets.c - targets as they are asked for one by one: the scan,
 * call-backs, tries, calls that are remembered, the fill that begins anew; and
 * what groups know of the state of their members.
 */
#include "support/storage_kit.h"

/* == scan ================================================================= */

static void target_scan_is_by_phone(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    for (uint64_t i = 0; i < 9; i++) { /* not in the order of phones */
        (void)kit_add(kit, group, KIT_PHONE + i * 7 % 9, kit->place_a);
    }
    (void)kit_add(kit, group, 19u, kit->place_a); /* shorter, so smaller */
    od_id campaign = kit_campaign(kit, "c", group, 0);
    od_id other = kit_campaign(kit, "d", group, 0);
    kit_start(kit, campaign);
    kit_start(kit, other);
    kit->now += 1000;
    (void)kit_call(kit, campaign, KIT_PHONE + 3, OD_DISPOSITION_BUSY,
                   OD_TARGET_DONE);
    (void)kit_claim(kit, campaign, KIT_PHONE + 4);
    kit_reopen(kit);
    od_candidate rows[4];
    size_t count = 0;
    kit_ok(kit, OP(target_scan, campaign, 0, kit->now, rows, 4, &count));
    assert_int_equal(count, 4);
    assert_int_equal(rows[0].phone, 19);
    assert_int_equal(rows[1].phone, KIT_PHONE);
    kit_ok(kit, OP(target_scan, campaign, KIT_PHONE + 2, kit->now, rows, 4,
                   &count));
    assert_int_equal(count, 4);
    for (uint64_t i = 0; i < 4; i++) {
        assert_int_equal(rows[i].campaign, campaign);
        assert_int_equal(rows[i].phone, KIT_PHONE + 3 + i);
        assert_int_equal(rows[i].in_flight, i == 1);
    }
    assert_int_equal(rows[0].state, OD_TARGET_DONE);
    assert_int_equal(rows[0].attempts, 1);
    assert_int_equal(rows[1].state, OD_TARGET_FLIGHT);
    kit_ok(kit, OP(target_scan, campaign, KIT_PHONE + 8, kit->now, rows, 4,
                   &count));
    assert_int_equal(count, 0);
    kit_ok(kit, OP(target_scan, 99, 0, kit->now, rows, 4, &count));
    assert_int_equal(count, 0);
}

/* Who comes and goes between two pages is seen. */
static void target_scan_sees_what_changed(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    kit_add_many(kit, group, 3);
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    od_candidate rows[5];
    size_t count = 0;
    kit_ok(kit, OP(target_scan, campaign, 0, kit->now, rows, 1, &count));
    assert_int_equal(count, 1);
    od_id late = kit_add(kit, group, KIT_PHONE + 9, kit->place_a);
    kit_ok(kit, OP(target_scan, campaign, rows[0].phone, kit->now, rows, 5,
                   &count));
    assert_int_equal(count, 3);
    assert_int_equal(rows[2].contact, late);
    kit_ok(kit, OP(member_remove, late, 0));
    kit_ok(kit, OP(target_scan, campaign, 0, kit->now, rows, 5, &count));
    assert_int_equal(count, 3);
}

static void target_scan_at_an_instant(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_dnc_record entry = {.phone = KIT_PHONE,
                           .scope = OD_DNC_ALL,
                           .expires_utc_ms = kit->now + 5000};
    assert_true(kit_dnc_put(kit, &entry));
    od_candidate row;
    size_t count = 0;
    kit_ok(kit, OP(target_scan, campaign, 0, kit->now + 4999, &row, 1,
                   &count));
    assert_true(row.dnc);
    assert_int_equal(row.dnc_until_utc_ms, kit->now + 5000);
    kit_ok(kit, OP(target_scan, campaign, 0, kit->now + 5000, &row, 1,
                   &count));
    assert_false(row.dnc);
    assert_int_equal(row.dnc_until_utc_ms, 0);
}

/* == called back ========================================================== */

static void end_as(od_kit *kit, od_id campaign, uint64_t phone,
                   int32_t target_state, int32_t reason)
{
    od_id attempt = kit_claim(kit, campaign, phone);
    od_outcome outcome =
        kit_outcome(kit, attempt, phone, OD_DISPOSITION_ANSWERED);
    outcome.target_state = target_state;
    outcome.reason = reason;
    kit_send_outcomes(kit, &outcome, 1);
}

static void call_back_from_every_state(od_kit *kit)
{
    static const struct {
        int32_t state;
        int32_t reason;
        od_err want;
    } cases[] = {
        {OD_TARGET_READY, 0, OD_OK},
        {OD_TARGET_DONE, 0, OD_OK},
        {OD_TARGET_FLIGHT, 0, OD_ERR_STATE},
        {OD_TARGET_BLOCKED, OD_REASON_PLACE_UNKNOWN, OD_OK},
        {OD_TARGET_BLOCKED, OD_REASON_NEVER_OPEN, OD_OK},
        {OD_TARGET_BLOCKED, OD_REASON_ATTEMPTS_USED, OD_OK},
        {OD_TARGET_BLOCKED, OD_REASON_CONSENT, OD_OK},
        {OD_TARGET_BLOCKED, OD_REASON_RULE_BAN, OD_OK},
        {OD_TARGET_BLOCKED, OD_REASON_REGISTRY, OD_OK},
        {OD_TARGET_BLOCKED, OD_REASON_REGISTRY_STALE, OD_OK},
        {OD_TARGET_BLOCKED, OD_REASON_CAMPAIGN_ENDED, OD_OK},
        {OD_TARGET_BLOCKED, OD_REASON_DNC, OD_ERR_STATE},
        {OD_TARGET_BLOCKED, OD_REASON_NUMBER_INVALID, OD_ERR_STATE},
        {OD_TARGET_BLOCKED, OD_REASON_ALREADY_REACHED, OD_ERR_STATE},
    };
    od_id campaign = kit_start_with(kit, "c", OD__LEN(cases));
    int64_t due = kit->now + 7200000;
    int64_t freed = 0;
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        uint64_t phone = KIT_PHONE + i;
        if (cases[i].state == OD_TARGET_FLIGHT) {
            (void)kit_claim(kit, campaign, phone);
        } else {
            end_as(kit, campaign, phone, cases[i].state, cases[i].reason);
        }
        int64_t rows = kit_ledger_len(kit);
        od_candidate before = kit_candidate(kit, campaign, phone);
        od_ledger_entry note = kit_note(kit, OD_LEDGER_CALLBACK, campaign);
        kit_err(kit, OP(target_call_back, campaign, phone, due, &note),
                cases[i].want);
        kit_reopen(kit);
        od_candidate got = kit_candidate(kit, campaign, phone);
        if (cases[i].want != OD_OK) {
            assert_memory_equal(&got, &before, sizeof got);
            assert_int_equal(kit_ledger_len(kit), rows);
            continue;
        }
        assert_int_equal(got.state, OD_TARGET_READY);
        assert_int_equal(got.reason, OD_REASON_NONE);
        assert_int_equal(got.disposition, OD_DISPOSITION_CALLBACK);
        assert_int_equal(got.due_utc_ms, due);
        assert_int_equal(got.attempts, 1);
        assert_int_equal(got.tries, before.tries);
        assert_int_equal(kit_ledger_len(kit), rows + 1);
        assert_int_equal(kit_ledger_last(kit).kind, OD_LEDGER_CALLBACK);
        assert_int_equal(kit_ledger_last(kit).subject, campaign);
        freed++;
    }
    assert_int_equal(
        kit_lane_ready(kit, campaign, od_lane_of(kit->place_a, true)), freed);
}

static void call_back_of_who_was_not_called(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CALLBACK, campaign);
    int64_t rows = kit_ledger_len(kit);
    kit_err(kit, OP(target_call_back, campaign, KIT_PHONE + 1, 5, &note),
            OD_ERR_NOT_FOUND);
    kit_err(kit, OP(target_call_back, 99, KIT_PHONE, 5, &note),
            OD_ERR_NOT_FOUND);
    assert_int_equal(kit_ledger_len(kit), rows);
    kit_ok(kit, OP(target_call_back, campaign, KIT_PHONE, kit->now + 9,
                   &note));
    od_lane_row lane;
    size_t count = 0;
    kit_ok(kit, OP(lane_scan, campaign, 0, &lane, 1, &count));
    assert_int_equal(count, 1); /* untried, so still a first try */
    assert_int_equal(lane.lane, od_lane_of(kit->place_a, false));
    assert_int_equal(lane.due_next_utc_ms, kit->now + 9);
    /* A fill does not look at a disposition of who is READY. */
    kit_cas(kit, campaign, OD_CAMPAIGN_RUNNING, OD_CAMPAIGN_IDLE);
    kit_start(kit, campaign);
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.due_utc_ms, kit->now + 9);
    assert_int_equal(got.disposition, OD_DISPOSITION_CALLBACK);
}

/* == tries and calls ====================================================== */

static void tries_count_every_end(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 2);
    static const int32_t ends[] = {
        OD_DISPOSITION_BUSY,       OD_DISPOSITION_NO_ANSWER,
        OD_DISPOSITION_CONGESTION, OD_DISPOSITION_BUSY,
        OD_DISPOSITION_CALLBACK,   OD_DISPOSITION_UNKNOWN};
    for (size_t i = 0; i < OD__LEN(ends); i++) {
        od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
        od_outcome end = kit_outcome(kit, attempt, KIT_PHONE, ends[i]);
        end.reached_network = ends[i] != OD_DISPOSITION_CONGESTION;
        kit_send_outcomes(kit, &end, 1);
        kit_send_outcomes(kit, &end, 1); /* sent again, counted once */
    }
    kit_reopen(kit);
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.attempts, 5);
    for (int32_t i = 0; i < OD_DISPOSITIONS; i++) {
        int32_t want = 0;
        for (size_t k = 0; k < OD__LEN(ends); k++) {
            want += ends[k] == i ? 1 : 0;
        }
        assert_int_equal(od_tries_of(got.tries, i), want);
    }
    assert_int_equal(kit_candidate(kit, campaign, KIT_PHONE + 1).tries, 0);
}

static void tries_stay_at_fifteen(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    for (int i = 0; i < 17; i++) {
        (void)kit_call(kit, campaign, KIT_PHONE, OD_DISPOSITION_CALLBACK,
                       OD_TARGET_READY);
    }
    (void)kit_call(kit, campaign, KIT_PHONE, OD_DISPOSITION_BUSY,
                   OD_TARGET_READY);
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(od_tries_of(got.tries, OD_DISPOSITION_CALLBACK), 15);
    assert_int_equal(od_tries_of(got.tries, OD_DISPOSITION_BUSY), 1);
    assert_int_equal(got.attempts, 18);
}

static void recent_calls_of_all_campaigns(od_kit *kit)
{
    od_id c1 = kit_start_with(kit, "c1", 1);
    od_id c2 = kit_start_with(kit, "c2", 1);
    od_recent want[20];
    for (size_t i = 0; i < 20; i++) {
        od_id campaign = i % 3 == 0 ? c1 : c2;
        kit->now += 1000;
        (void)kit_call(kit, campaign, KIT_PHONE, OD_DISPOSITION_BUSY,
                       OD_TARGET_READY);
        want[i] = (od_recent){kit->now, campaign};
        /* An attempt that rang nowhere is none. */
        od_id attempt = kit_claim(kit, c1, KIT_PHONE);
        od_outcome end =
            kit_outcome(kit, attempt, KIT_PHONE, OD_DISPOSITION_CONGESTION);
        end.reached_network = false;
        kit_send_outcomes(kit, &end, 1);
        od_candidate got = kit_candidate(kit, c2, KIT_PHONE);
        size_t len = i + 1 < OD_RECENT_MAX ? i + 1 : OD_RECENT_MAX;
        assert_int_equal(got.recent_len, len);
        for (size_t k = 0; k < len; k++) {
            assert_int_equal(got.recent[k].utc_ms, want[i - k].utc_ms);
            assert_int_equal(got.recent[k].campaign, want[i - k].campaign);
        }
    }
    (void)kit_claim(kit, c1, KIT_PHONE); /* live: not before it ended */
    kit_reopen(kit);
    od_candidate got = kit_candidate(kit, 99, KIT_PHONE);
    assert_int_equal(got.recent_len, OD_RECENT_MAX);
    assert_int_equal(got.recent[0].utc_ms, want[19].utc_ms);
    assert_int_equal(kit_candidate(kit, c1, KIT_PHONE + 1).recent_len, 0);
}

static void caller_id_of_an_attempt(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    kit_reopen(kit);
    od_attempt_record row;
    size_t count = 0;
    kit_ok(kit, OP(flight_scan, 0, &row, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(row.caller_id, KIT_CALLER_ID);
    od_outcome end =
        kit_outcome(kit, attempt, KIT_PHONE, OD_DISPOSITION_BUSY);
    kit_send_outcomes(kit, &end, 1);
    kit_reopen(kit);
    kit_ok(kit, OP(attempt_scan, NULL, 0, 0, &row, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(row.caller_id, KIT_CALLER_ID);
}

/* == the fill begins anew ================================================= */

static void refill_looks_at_everybody_again(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 5);
    end_as(kit, campaign, KIT_PHONE, OD_TARGET_BLOCKED, OD_REASON_RULE_BAN);
    end_as(kit, campaign, KIT_PHONE + 1, OD_TARGET_BLOCKED, OD_REASON_DNC);
    od_campaign_record before = kit_campaign_get(kit, campaign);
    assert_true(before.filled);
    int64_t rows = kit_ledger_len(kit);
    kit->now += 60000;
    kit_ok(kit, OP(refill, campaign));
    kit_reopen(kit);
    od_campaign_record got = kit_campaign_get(kit, campaign);
    assert_false(got.filled);
    assert_int_equal(got.state, OD_CAMPAIGN_RUNNING);
    assert_int_equal(got.started_utc_ms, before.started_utc_ms);
    assert_int_equal(kit_ledger_len(kit), rows);
    assert_int_equal(kit_fill(kit, campaign, 2, 0), 5);
    od_candidate target = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(target.state, OD_TARGET_READY);
    assert_int_equal(target.due_utc_ms,
                     kit->now + od_target_spread_ms(KIT_PHONE));
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE + 1),
                     OD_TARGET_BLOCKED);
    kit_err(kit, OP(refill, 99), OD_ERR_NOT_FOUND);
}

/* Who is through stays so; a start makes them ready again. */
static void refill_leaves_alone_who_is_through(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 2);
    (void)kit_call(kit, campaign, KIT_PHONE, OD_DISPOSITION_BUSY,
                   OD_TARGET_DONE);
    kit_ok(kit, OP(refill, campaign));
    kit_reopen(kit);
    assert_int_equal(kit_fill(kit, campaign, 5, 9), 2);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_DONE);
    kit_cas(kit, campaign, OD_CAMPAIGN_RUNNING, OD_CAMPAIGN_IDLE);
    kit_cas(kit, campaign, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_RUNNING);
    kit_ok(kit, OP(refill, campaign)); /* the start's fill is not through */
    assert_int_equal(kit_fill(kit, campaign, 5, 9), 2);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_READY);
}

static void refill_of_a_fill_that_is_half_done(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    kit_add_many(kit, group, 10);
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_cas(kit, campaign, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_RUNNING);
    od_fill fill = {.campaign = campaign, .utc_ms = kit->now, .rows_max = 4};
    kit_ok(kit, OP(fill, &fill));
    kit_ok(kit, OP(refill, campaign));
    assert_int_equal(kit_fill(kit, campaign, 3, 0), 10);
    assert_int_equal(kit_counters(kit, campaign).targets, 10);
}

/* == groups =============================================================== */

static int64_t fresh_of(od_kit *kit, od_id group)
{
    od_group row;
    size_t count = 0;
    kit_ok(kit, OP(group_scan, group - 1, &row, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(row.id, group);
    return row.fresh_utc_ms;
}

static void group_is_fresh_when_it_was_looked_at(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    od_id other = kit_group(kit, "b");
    assert_int_equal(fresh_of(kit, group), 0);
    (void)kit_add(kit, group, KIT_PHONE, kit->place_a);
    assert_int_equal(fresh_of(kit, group), kit->now);
    kit->now += 1000;
    (void)kit_put(kit, group, KIT_PHONE, kit->place_a, NULL); /* PRESENT */
    assert_int_equal(fresh_of(kit, group), kit->now - 1000);
    kit_ok(kit, OP(group_validate, group, kit->now + 5000));
    kit_reopen(kit);
    assert_int_equal(fresh_of(kit, group), kit->now + 5000);
    kit_ok(kit, OP(group_validate, group, kit->now)); /* never goes back */
    (void)kit_add(kit, group, KIT_PHONE + 1, kit->place_a);
    assert_int_equal(fresh_of(kit, group), kit->now + 5000);
    assert_int_equal(fresh_of(kit, other), 0);
    kit_ok(kit, OP(group_put, group, "renamed", NULL));
    assert_int_equal(fresh_of(kit, group), kit->now + 5000);
    kit_err(kit, OP(group_validate, 99, kit->now), OD_ERR_NOT_FOUND);
}

static void group_places_counts_members(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    od_id other = kit_group(kit, "b");
    int32_t third = kit_place(kit, "US-CA|America/Los_Angeles");
    for (uint64_t i = 0; i < 6; i++) {
        (void)kit_add(kit, group, KIT_PHONE + i,
                      i < 1 ? third : i < 3 ? kit->place_b : kit->place_a);
    }
    od_member_row row = kit_row_more(kit, KIT_PHONE, KIT_PHONE + 50, 0);
    row.place = third;
    (void)kit_put_row(kit, group, &row); /* further phones do not count */
    (void)kit_add(kit, other, KIT_PHONE, kit->place_a);
    kit_reopen(kit);
    od_place_count rows[4];
    size_t count = 0;
    kit_ok(kit, OP(group_places, group, 0, rows, 4, &count));
    assert_int_equal(count, 3);
    assert_int_equal(rows[0].place, kit->place_a);
    assert_int_equal(rows[0].members, 3);
    assert_int_equal(rows[1].place, kit->place_b);
    assert_int_equal(rows[1].members, 2);
    assert_int_equal(rows[2].place, third);
    assert_int_equal(rows[2].members, 1);
    kit_ok(kit, OP(group_places, group, kit->place_a, rows, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].place, kit->place_b);
    kit_ok(kit, OP(group_places, group, third, rows, 1, &count));
    assert_int_equal(count, 0);
    kit_ok(kit, OP(group_places, 99, 0, rows, 4, &count));
    assert_int_equal(count, 0);
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_targets[] = {
    CASE(target_scan_is_by_phone),
    CASE(target_scan_sees_what_changed),
    CASE(target_scan_at_an_instant),
    CASE(call_back_from_every_state),
    CASE(call_back_of_who_was_not_called),
    CASE(tries_count_every_end),
    CASE(tries_stay_at_fifteen),
    CASE(recent_calls_of_all_campaigns),
    CASE(caller_id_of_an_attempt),
    CASE(refill_looks_at_everybody_again),
    CASE(refill_leaves_alone_who_is_through),
    CASE(refill_of_a_fill_that_is_half_done),
    CASE(group_is_fresh_when_it_was_looked_at),
    CASE(group_places_counts_members),
    {NULL, NULL},
};
