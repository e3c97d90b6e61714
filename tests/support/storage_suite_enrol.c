/*
 * storage_suite_enrol.c - who becomes a target, when, and who stops being one.
 */
#include "support/storage_kit.h"

static int64_t due_of(od_kit *kit, uint64_t phone)
{
    return kit->now + od_target_spread_ms(phone);
}

/* Make a READY target BLOCKED for a reason, through the judge. */
static bool rule_block(od_kit_judge *judge, const od_candidate *candidate,
                       od_verdict *out)
{
    (void)candidate;
    out->kind = OD_VERDICT_BLOCK;
    out->reason = *(const int32_t *)judge->rule_ctx;
    return true;
}

/* Blocks all targets of the lane that are due within the second. */
static void block_all(od_kit *kit, od_id campaign, int32_t lane,
                      int32_t reason)
{
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    judge.rule = rule_block;
    judge.rule_ctx = &reason;
    kit->now += 1000;
    od_lane_request got =
        kit_ask(kit, campaign, lane, 1, KIT_SEEN_MAX, &judge);
    assert_true(got.scanned > 0);
}

/* == fill ================================================================= */

static void fill_in_slices(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    kit_add_many(kit, group, 50);
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_cas(kit, campaign, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_RUNNING);
    od_fill fill = {
        .campaign = campaign, .utc_ms = kit->now, .rows_max = 7};
    kit_ok(kit, OP(fill, &fill));
    assert_int_equal(fill.rows, 7);
    assert_false(fill.done);
    assert_false(kit_campaign_get(kit, campaign).filled);
    assert_int_equal(kit_counters(kit, campaign).ready, 7);
    kit_reopen(kit);
    assert_int_equal(kit_fill(kit, campaign, 7, 0), 43);
    assert_true(kit_campaign_get(kit, campaign).filled);
    assert_int_equal(
        kit_lane_ready(kit, campaign, od_lane_of(kit->place_a, false)), 50);
    for (uint64_t phone = KIT_PHONE; phone < KIT_PHONE + 50; phone++) {
        od_candidate got = kit_candidate(kit, campaign, phone);
        assert_int_equal(got.state, OD_TARGET_READY);
        assert_int_equal(got.due_utc_ms, due_of(kit, phone));
        assert_int_equal(got.place, kit->place_a);
        assert_int_equal(got.attempts, 0);
        assert_int_equal(got.disposition, OD_DISPOSITION_NONE);
        assert_int_equal(got.reason, OD_REASON_NONE);
    }
    /* A filled campaign is left alone. */
    kit_ok(kit, OP(fill, &fill));
    assert_int_equal(fill.rows, 0);
    assert_true(fill.done);
}

static void fill_of_nobody(od_kit *kit)
{
    od_id none = kit_campaign(kit, "none", 0, 0);
    od_id empty = kit_campaign(kit, "empty", kit_group(kit, "a"), 0);
    kit_start(kit, none);
    kit_start(kit, empty);
    assert_true(kit_campaign_get(kit, none).filled);
    assert_true(kit_campaign_get(kit, empty).filled);
    assert_int_equal(kit_counters(kit, empty).targets, 0);
    od_fill fill = {.campaign = 999, .rows_max = 10};
    kit_err(kit, OP(fill, &fill), OD_ERR_NOT_FOUND);
}

static void fill_takes_a_phone_once(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_id of_a = kit_add(kit, a, KIT_PHONE, kit->place_a);
    od_id of_b = kit_add(kit, b, KIT_PHONE, kit->place_b);
    od_id both = kit_add(kit, a, KIT_PHONE + 1, kit->place_a);
    kit_ok(kit, OP(member_join, both, b, kit->now));
    od_id ab = kit_campaign(kit, "ab", a, b);
    od_id ba = kit_campaign(kit, "ba", b, a);
    kit_start(kit, ab);
    kit_start(kit, ba);
    assert_int_equal(kit_counters(kit, ab).targets, 2);
    /* Group by group, in the order of the campaign. */
    assert_int_equal(kit_candidate(kit, ab, KIT_PHONE).contact, of_a);
    assert_int_equal(kit_candidate(kit, ab, KIT_PHONE).place, kit->place_a);
    assert_int_equal(kit_candidate(kit, ba, KIT_PHONE).contact, of_b);
    assert_int_equal(kit_candidate(kit, ba, KIT_PHONE).place, kit->place_b);
}

static void fill_ignores_dnc(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    kit_add_many(kit, group, 2);
    assert_true(kit_dnc_add(kit, KIT_PHONE, OD_DNC_ALL, 0));
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.state, OD_TARGET_READY);
    assert_true(got.dnc);
    assert_false(kit_candidate(kit, campaign, KIT_PHONE + 1).dnc);
}

static void fill_meets_who_came_meanwhile(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_id older = kit_add(kit, b, KIT_PHONE + 90, kit->place_a);
    kit_add_many(kit, a, 20);
    od_id campaign = kit_campaign(kit, "c", a, 0);
    kit_cas(kit, campaign, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_RUNNING);
    od_fill fill = {
        .campaign = campaign, .utc_ms = kit->now, .rows_max = 10};
    kit_ok(kit, OP(fill, &fill));
    (void)kit_add(kit, a, KIT_PHONE + 80, kit->place_a);
    kit_ok(kit, OP(member_join, older, a, kit->now));
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE + 80),
                     OD_TARGET_READY);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE + 90),
                     OD_TARGET_READY);
    (void)kit_fill(kit, campaign, 10, 0);
    assert_int_equal(kit_counters(kit, campaign).targets, 22);
}

/* The standings of targets that a second start looks at. */
static const struct {
    int32_t disposition;
    int32_t target_state;
    int32_t reason;
    int32_t calls;
    int32_t after; /* od_target_state after the second fill */
} standings[] = {
    {OD_DISPOSITION_BUSY, OD_TARGET_DONE, 0, 1, OD_TARGET_READY},
    {OD_DISPOSITION_BUSY, OD_TARGET_DONE, 0, 2, OD_TARGET_DONE},
    {OD_DISPOSITION_ANSWERED, OD_TARGET_DONE, 0, 1, OD_TARGET_DONE},
    {OD_DISPOSITION_BUSY, OD_TARGET_BLOCKED, OD_REASON_PLACE_UNKNOWN, 2,
     OD_TARGET_READY},
    {OD_DISPOSITION_BUSY, OD_TARGET_BLOCKED, OD_REASON_NEVER_OPEN, 1,
     OD_TARGET_READY},
    {OD_DISPOSITION_BUSY, OD_TARGET_BLOCKED, OD_REASON_ATTEMPTS_USED, 2,
     OD_TARGET_READY},
    {OD_DISPOSITION_BUSY, OD_TARGET_BLOCKED, OD_REASON_DNC, 1,
     OD_TARGET_BLOCKED},
    {OD_DISPOSITION_NOT_FOUND, OD_TARGET_BLOCKED,
     OD_REASON_NUMBER_INVALID, 1, OD_TARGET_BLOCKED},
    {OD_DISPOSITION_BUSY, OD_TARGET_READY, 0, 1, OD_TARGET_READY},
    {OD_DISPOSITION_BUSY, OD_TARGET_BLOCKED, OD_REASON_CONSENT, 1,
     OD_TARGET_READY},
    {OD_DISPOSITION_BUSY, OD_TARGET_BLOCKED, OD_REASON_RULE_BAN, 1,
     OD_TARGET_READY},
    {OD_DISPOSITION_BUSY, OD_TARGET_BLOCKED, OD_REASON_REGISTRY, 1,
     OD_TARGET_READY},
    {OD_DISPOSITION_BUSY, OD_TARGET_BLOCKED, OD_REASON_CAMPAIGN_ENDED, 1,
     OD_TARGET_READY},
    {OD_DISPOSITION_BUSY, OD_TARGET_BLOCKED, OD_REASON_RULE_CAP, 1,
     OD_TARGET_BLOCKED},
    {OD_DISPOSITION_BUSY, OD_TARGET_BLOCKED, OD_REASON_REGISTRY_STALE, 1,
     OD_TARGET_READY},
};

static void fill_revives(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    kit_add_many(kit, group, OD__LEN(standings));
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    for (size_t i = 0; i < OD__LEN(standings); i++) {
        uint64_t phone = KIT_PHONE + i;
        if (standings[i].calls == 2) {
            (void)kit_call(kit, campaign, phone, OD_DISPOSITION_BUSY,
                           OD_TARGET_READY);
        }
        od_id attempt = kit_claim(kit, campaign, phone);
        od_outcome outcome =
            kit_outcome(kit, attempt, phone, standings[i].disposition);
        outcome.target_state = standings[i].target_state;
        outcome.reason = standings[i].reason;
        kit_send_outcomes(kit, &outcome, 1);
    }
    int64_t due_kept =
        kit_candidate(kit, campaign, KIT_PHONE + 8).due_utc_ms;
    kit_cas(kit, campaign, OD_CAMPAIGN_RUNNING, OD_CAMPAIGN_IDLE);
    kit->now += 60000;
    kit_cas(kit, campaign, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_RUNNING);
    assert_int_equal(kit_fill(kit, campaign, 4, 2), OD__LEN(standings));
    for (size_t i = 0; i < OD__LEN(standings); i++) {
        od_candidate got = kit_candidate(kit, campaign, KIT_PHONE + i);
        assert_int_equal(got.state, standings[i].after);
        assert_int_equal(got.attempts, standings[i].calls);
        assert_int_equal(got.disposition, standings[i].disposition);
        if (got.state == OD_TARGET_READY) {
            assert_int_equal(got.due_utc_ms,
                             i == 8 ? due_kept : due_of(kit, KIT_PHONE + i));
        }
    }
    assert_int_equal(
        kit_lane_ready(kit, campaign, od_lane_of(kit->place_a, true)), 10);
}

static void fill_revives_none_that_are_done(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    kit_add_many(kit, group, 1);
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    (void)kit_call(kit, campaign, KIT_PHONE, OD_DISPOSITION_BUSY,
                   OD_TARGET_DONE);
    kit_cas(kit, campaign, OD_CAMPAIGN_RUNNING, OD_CAMPAIGN_COMPLETED);
    kit_cas(kit, campaign, OD_CAMPAIGN_COMPLETED, OD_CAMPAIGN_RUNNING);
    assert_int_equal(kit_fill(kit, campaign, 10, 0), 1);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_DONE);
}

/* == members of live campaigns ============================================ */

static void enrol_into_live_campaigns(od_kit *kit)
{
    static const struct {
        int32_t state;
        bool enrols;
    } cases[] = {{OD_CAMPAIGN_IDLE, false},
                 {OD_CAMPAIGN_SCHEDULED, true},
                 {OD_CAMPAIGN_RUNNING, true},
                 {OD_CAMPAIGN_PAUSED, true},
                 {OD_CAMPAIGN_COMPLETED, false}};
    od_id group = kit_group(kit, "a");
    od_id other = kit_group(kit, "b");
    od_id joins = kit_add(kit, other, KIT_PHONE + 1, kit->place_b);
    od_id campaigns[OD__LEN(cases)];
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "c%zu", i);
        campaigns[i] = kit_campaign(kit, name, group, 0);
        if (cases[i].state != OD_CAMPAIGN_IDLE) {
            kit_cas(kit, campaigns[i], OD_CAMPAIGN_IDLE, cases[i].state);
        }
    }
    (void)kit_add(kit, group, KIT_PHONE, kit->place_a);
    kit_ok(kit, OP(member_join, joins, group, kit->now));
    (void)kit_add(kit, other, KIT_PHONE + 2, kit->place_a);
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        int want = cases[i].enrols ? OD_TARGET_READY : -1;
        assert_int_equal(kit_state(kit, campaigns[i], KIT_PHONE), want);
        assert_int_equal(kit_state(kit, campaigns[i], KIT_PHONE + 1), want);
        assert_int_equal(kit_state(kit, campaigns[i], KIT_PHONE + 2), -1);
        if (cases[i].enrols) {
            od_candidate got =
                kit_candidate(kit, campaigns[i], KIT_PHONE + 1);
            assert_int_equal(got.contact, joins);
            assert_int_equal(got.place, kit->place_b);
            assert_int_equal(got.due_utc_ms, due_of(kit, KIT_PHONE + 1));
        }
    }
    /* A scheduled one that begins to run has them once. */
    kit_cas(kit, campaigns[1], OD_CAMPAIGN_SCHEDULED, OD_CAMPAIGN_RUNNING);
    assert_int_equal(kit_fill(kit, campaigns[1], 10, 0), 2);
    assert_int_equal(kit_counters(kit, campaigns[1]).targets, 2);
}

static void enrol_only_who_is_added(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    (void)kit_add(kit, group, KIT_PHONE, kit->place_a);
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_cas(kit, campaign, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_RUNNING);
    assert_int_equal(kit_put(kit, group, KIT_PHONE, kit->place_a, NULL),
                     OD_MEMBER_PRESENT);
    od_member_row row = kit_row(kit, KIT_PHONE, kit->place_b);
    od_member_result result;
    od_member_batch batch = {.group = group,
                             .utc_ms = kit->now,
                             .update = true,
                             .rows = &row,
                             .rows_len = 1,
                             .results = &result};
    kit_ok(kit, OP(member_put, &batch));
    assert_int_equal(result, OD_MEMBER_UPDATED);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), -1);
    (void)kit_fill(kit, campaign, 10, 0);
    assert_int_equal(kit_candidate(kit, campaign, KIT_PHONE).place,
                     kit->place_b);
}

static void enrol_keeps_a_target_that_is_there(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_id first = kit_add(kit, a, KIT_PHONE, kit->place_a);
    od_id campaign = kit_campaign(kit, "c", a, b);
    kit_start(kit, campaign);
    (void)kit_call(kit, campaign, KIT_PHONE, OD_DISPOSITION_ANSWERED,
                   OD_TARGET_DONE);
    (void)kit_add(kit, b, KIT_PHONE, kit->place_b);
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.state, OD_TARGET_DONE);
    assert_int_equal(got.contact, first);
    assert_int_equal(got.place, kit->place_a);
}

/* == leaving ============================================================== */

static void leave_untried_are_gone(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    od_id ids[6];
    for (size_t i = 0; i < 6; i++) {
        ids[i] = kit_add(kit, group, KIT_PHONE + i, kit->place_a);
    }
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    /* 0 READY; 1 tried, READY; 2 DONE; 3 in flight; 4 BLOCKED untried;
     * 5 READY after an attempt that does not count */
    (void)kit_call(kit, campaign, KIT_PHONE + 1, OD_DISPOSITION_BUSY,
                   OD_TARGET_READY);
    (void)kit_call(kit, campaign, KIT_PHONE + 2, OD_DISPOSITION_ANSWERED,
                   OD_TARGET_DONE);
    (void)kit_claim(kit, campaign, KIT_PHONE + 3);
    assert_true(kit_dnc_add(kit, KIT_PHONE + 4, OD_DNC_ALL, 0));
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE + 5);
    od_outcome outcome = kit_outcome(kit, attempt, KIT_PHONE + 5,
                                     OD_DISPOSITION_CONGESTION);
    outcome.reached_network = false;
    kit_send_outcomes(kit, &outcome, 1);

    for (size_t i = 0; i < 6; i++) {
        kit_ok(kit, OP(member_remove, ids[i], i % 2 == 0 ? group : 0));
    }
    kit_reopen(kit);
    static const int want[] = {
        -1, OD_TARGET_DONE, OD_TARGET_DONE, OD_TARGET_FLIGHT, -1, -1};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(kit_state(kit, campaign, KIT_PHONE + i), want[i]);
    }
    assert_int_equal(kit_counters(kit, campaign).targets, 3);
    /* The end of a call finds its target, whoever left. */
    outcome = kit_outcome(
        kit, 3, KIT_PHONE + 3, OD_DISPOSITION_BUSY);
    od_attempt_record flight;
    size_t count = 0;
    kit_ok(kit, OP(flight_scan, 0, &flight, 1, &count));
    assert_int_equal(count, 1);
    outcome.attempt = flight.attempt;
    kit_send_outcomes(kit, &outcome, 1);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE + 3),
                     OD_TARGET_DONE);
}

/* Who was called and is removed everywhere is not called again; who only left
 * the group is. */
static void leave_removed_is_not_called_again(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_id ids[4];
    for (size_t i = 0; i < 4; i++) {
        ids[i] = kit_add(kit, a, KIT_PHONE + i, kit->place_a);
    }
    od_id heir = kit_add(kit, b, KIT_PHONE + 3, kit->place_b);
    od_id campaign = kit_campaign(kit, "c", a, b);
    kit_start(kit, campaign);
    for (size_t i = 0; i < 4; i++) {
        (void)kit_call(kit, campaign, KIT_PHONE + i, OD_DISPOSITION_BUSY,
                       OD_TARGET_READY);
    }
    kit_ok(kit, OP(member_remove, ids[0], 0));
    kit_ok(kit, OP(member_remove, ids[1], a));
    kit_ok(kit, OP(member_remove, ids[2], a));
    kit_ok(kit, OP(member_remove, ids[2], 0)); /* in two steps */
    kit_ok(kit, OP(member_remove, ids[3], 0)); /* b holds the phone */
    kit_reopen(kit);
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.state, OD_TARGET_DONE);
    assert_int_equal(got.disposition, OD_DISPOSITION_BUSY);
    assert_int_equal(got.attempts, 1);
    static const int want[] = {OD_TARGET_DONE, OD_TARGET_READY, OD_TARGET_DONE,
                               OD_TARGET_READY};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(kit_state(kit, campaign, KIT_PHONE + i), want[i]);
    }
    assert_int_equal(kit_candidate(kit, campaign, KIT_PHONE + 3).contact, heir);
    assert_int_equal(
        kit_lane_ready(kit, campaign, od_lane_of(kit->place_a, true)), 1);
}

static void leave_removed_contact_can_come_back(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    od_id id = kit_add(kit, group, KIT_PHONE, kit->place_a);
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    kit_ok(kit, OP(member_remove, id, group));
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), -1);
    kit_ok(kit, OP(member_join, id, group, kit->now));
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_READY);
}

static void leave_other_group_holds_the_phone(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_id of_a = kit_add(kit, a, KIT_PHONE, kit->place_a);
    od_id of_b = kit_add(kit, b, KIT_PHONE, kit->place_b);
    od_id both = kit_add(kit, a, KIT_PHONE + 1, kit->place_a);
    kit_ok(kit, OP(member_join, both, b, kit->now));
    od_id ab = kit_campaign(kit, "ab", a, b);
    od_id only_a = kit_campaign(kit, "a", a, 0);
    od_id only_b = kit_campaign(kit, "b", b, 0);
    kit_start(kit, ab);
    kit_start(kit, only_a);
    kit_start(kit, only_b);

    kit_ok(kit, OP(member_remove, of_a, a));
    kit_ok(kit, OP(member_remove, both, a));
    /* It belongs to the other contact now, in its place. */
    od_candidate got = kit_candidate(kit, ab, KIT_PHONE);
    assert_int_equal(got.contact, of_b);
    assert_int_equal(got.place, kit->place_b);
    assert_int_equal(got.due_utc_ms, due_of(kit, KIT_PHONE));
    assert_int_equal(
        kit_lane_ready(kit, ab, od_lane_of(kit->place_b, false)), 1);
    got = kit_candidate(kit, ab, KIT_PHONE + 1);
    assert_int_equal(got.contact, both);
    assert_int_equal(got.place, kit->place_a);
    assert_int_equal(kit_counters(kit, only_a).targets, 0);
    assert_int_equal(kit_counters(kit, only_b).targets, 2);

    kit_ok(kit, OP(member_remove, of_b, 0));
    assert_int_equal(kit_state(kit, ab, KIT_PHONE), -1);
    assert_int_equal(kit_state(kit, only_b, KIT_PHONE), -1);
}

static void leave_not_the_owner_of_the_target(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_id of_a = kit_add(kit, a, KIT_PHONE, kit->place_a);
    od_id of_b = kit_add(kit, b, KIT_PHONE, kit->place_b);
    od_id ab = kit_campaign(kit, "ab", a, b);
    kit_start(kit, ab);
    kit_ok(kit, OP(member_remove, of_b, 0));
    od_candidate got = kit_candidate(kit, ab, KIT_PHONE);
    assert_int_equal(got.contact, of_a);
    assert_int_equal(got.place, kit->place_a);
}

static void leave_frees_who_was_blocked_for_the_place(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_id of_a = kit_add(kit, a, KIT_PHONE, kit->place_a);
    od_id of_b = kit_add(kit, b, KIT_PHONE, kit->place_b);
    od_id ab = kit_campaign(kit, "ab", a, b);
    kit_start(kit, ab);
    int64_t due = kit_candidate(kit, ab, KIT_PHONE).due_utc_ms;
    block_all(kit, ab, od_lane_of(kit->place_a, false),
              OD_REASON_PLACE_UNKNOWN);
    kit_ok(kit, OP(member_remove, of_a, 0));
    od_candidate got = kit_candidate(kit, ab, KIT_PHONE);
    assert_int_equal(got.contact, of_b);
    assert_int_equal(got.state, OD_TARGET_READY);
    assert_int_equal(got.reason, OD_REASON_NONE);
    assert_int_equal(got.due_utc_ms, due); /* as it was */
}

static void leave_with_the_group(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    kit_add_many(kit, a, 60);
    od_id of_b = kit_add(kit, b, KIT_PHONE + 5, kit->place_b);
    od_id ab = kit_campaign(kit, "ab", a, b);
    kit_start(kit, ab);
    (void)kit_call(kit, ab, KIT_PHONE, OD_DISPOSITION_BUSY, OD_TARGET_READY);
    kit_ok(kit, OP(group_remove, a));
    kit_reopen(kit);
    assert_int_equal(kit_counters(kit, ab).targets, 2);
    assert_int_equal(kit_state(kit, ab, KIT_PHONE), OD_TARGET_READY);
    assert_int_equal(kit_candidate(kit, ab, KIT_PHONE + 5).contact, of_b);
    /* A group that is no more is passed over by the next fill. */
    kit_cas(kit, ab, OD_CAMPAIGN_RUNNING, OD_CAMPAIGN_IDLE);
    kit_cas(kit, ab, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_RUNNING);
    assert_int_equal(kit_fill(kit, ab, 10, 0), 1);
}

static void leave_with_the_group_of_the_campaign(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    kit_add_many(kit, a, 10);
    od_id of_b = kit_add(kit, b, KIT_PHONE + 5, kit->place_b);
    od_id ab = kit_campaign(kit, "ab", a, b);
    od_id other = kit_campaign(kit, "a", a, 0);
    kit_start(kit, ab);
    kit_start(kit, other);
    (void)kit_call(kit, ab, KIT_PHONE, OD_DISPOSITION_BUSY, OD_TARGET_READY);
    kit_cas(kit, ab, OD_CAMPAIGN_RUNNING, OD_CAMPAIGN_IDLE);

    od_campaign_record record = kit_campaign_get(kit, ab);
    record.groups[0] = b;
    record.groups_len = 1;
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CAMPAIGN_SET, ab);
    kit_ok(kit, OP(campaign_put, &record, &note, NULL));
    kit_reopen(kit);
    assert_int_equal(kit_counters(kit, ab).targets, 2);
    assert_int_equal(kit_state(kit, ab, KIT_PHONE), OD_TARGET_READY);
    od_candidate got = kit_candidate(kit, ab, KIT_PHONE + 5);
    assert_int_equal(got.contact, of_b);
    assert_int_equal(got.place, kit->place_b);
    assert_int_equal(kit_counters(kit, other).targets, 10);
    od_contact_record row;
    size_t count = 0;
    kit_ok(kit, OP(contact_scan, a, 0, &row, 1, &count));
    assert_int_equal(count, 1);
}

/* == places =============================================================== */

static void update_place(od_kit *kit, od_id contact, int32_t place)
{
    od_member_row row = kit_row(kit, KIT_PHONE, place);
    kit_ok(kit, OP(contact_update, contact, &row, kit->now));
}

static void place_change_moves_the_lane(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    od_id fresh = kit_add(kit, group, KIT_PHONE, kit->place_a);
    od_id tried = kit_add(kit, group, KIT_PHONE + 1, kit->place_a);
    od_id done = kit_add(kit, group, KIT_PHONE + 2, kit->place_a);
    od_id flies = kit_add(kit, group, KIT_PHONE + 3, kit->place_a);
    od_id c1 = kit_campaign(kit, "c1", group, 0);
    od_id c2 = kit_campaign(kit, "c2", group, 0);
    kit_start(kit, c1);
    kit_start(kit, c2);
    kit_cas(kit, c2, OD_CAMPAIGN_RUNNING, OD_CAMPAIGN_IDLE);
    (void)kit_call(kit, c1, KIT_PHONE + 1, OD_DISPOSITION_BUSY,
                   OD_TARGET_READY);
    (void)kit_call(kit, c1, KIT_PHONE + 2, OD_DISPOSITION_ANSWERED,
                   OD_TARGET_DONE);
    od_id attempt = kit_claim(kit, c1, KIT_PHONE + 3);
    int64_t due = kit_candidate(kit, c1, KIT_PHONE).due_utc_ms;

    od_id all[] = {fresh, tried, done, flies};
    for (size_t i = 0; i < OD__LEN(all); i++) {
        update_place(kit, all[i], kit->place_b);
    }
    kit_reopen(kit);
    int32_t first = od_lane_of(kit->place_b, false);
    int32_t retry = od_lane_of(kit->place_b, true);
    assert_int_equal(kit_lane_ready(kit, c1, first), 1);
    assert_int_equal(kit_lane_ready(kit, c1, retry), 1);
    /* A campaign that does not run follows as well. */
    assert_int_equal(kit_lane_ready(kit, c2, first), 4);
    for (uint64_t i = 0; i < 4; i++) {
        assert_int_equal(kit_candidate(kit, c1, KIT_PHONE + i).place,
                         kit->place_b);
    }
    assert_int_equal(kit_candidate(kit, c1, KIT_PHONE).due_utc_ms, due);
    /* A call that ends queues in the new place. */
    od_outcome outcome =
        kit_outcome(kit, attempt, KIT_PHONE + 3, OD_DISPOSITION_BUSY);
    kit_send_outcomes(kit, &outcome, 1);
    assert_int_equal(kit_lane_ready(kit, c1, retry), 2);
}

static void place_change_frees(od_kit *kit)
{
    static const struct {
        int32_t reason;
        bool moves;
        int state;
    } cases[] = {
        {OD_REASON_PLACE_UNKNOWN, true, OD_TARGET_READY},
        {OD_REASON_PLACE_UNKNOWN, false, OD_TARGET_BLOCKED},
        {OD_REASON_NEVER_OPEN, true, OD_TARGET_READY},
        {OD_REASON_NEVER_OPEN, false, OD_TARGET_BLOCKED},
        {OD_REASON_NUMBER_INVALID, true, OD_TARGET_BLOCKED},
        {OD_REASON_ALREADY_REACHED, true, OD_TARGET_BLOCKED},
        {OD_REASON_DNC, true, OD_TARGET_BLOCKED},
        {OD_REASON_ATTEMPTS_USED, true, OD_TARGET_READY},
        {OD_REASON_CONSENT, true, OD_TARGET_READY},
        {OD_REASON_CONSENT, false, OD_TARGET_BLOCKED},
        {OD_REASON_RULE_BAN, true, OD_TARGET_READY},
        {OD_REASON_REGISTRY, true, OD_TARGET_READY},
        {OD_REASON_REGISTRY_STALE, true, OD_TARGET_READY},
        {OD_REASON_CAMPAIGN_ENDED, true, OD_TARGET_READY},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "n%zu", i);
        od_id group = kit_group(kit, name);
        uint64_t phone = KIT_PHONE + i;
        od_id contact = kit_add(kit, group, phone, kit->place_a);
        od_id campaign = kit_campaign(kit, name, group, 0);
        kit_start(kit, campaign);
        block_all(kit, campaign, od_lane_of(kit->place_a, false),
                  cases[i].reason);
        assert_int_equal(kit_candidate(kit, campaign, phone).reason,
                         cases[i].reason);
        kit->now += 5000;
        update_place(kit, contact,
                     cases[i].moves ? kit->place_b : kit->place_a);
        od_candidate got = kit_candidate(kit, campaign, phone);
        assert_int_equal(got.state, cases[i].state);
        if (cases[i].state == OD_TARGET_READY) {
            assert_int_equal(got.due_utc_ms, kit->now);
            assert_int_equal(got.reason, OD_REASON_NONE);
        }
    }
}

static void place_change_by_a_batch(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    (void)kit_add(kit, group, KIT_PHONE, kit->place_a);
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    block_all(kit, campaign, od_lane_of(kit->place_a, false),
              OD_REASON_PLACE_UNKNOWN);
    od_member_row row = kit_row(kit, KIT_PHONE, kit->place_b);
    od_member_result result;
    od_member_batch batch = {.group = group,
                             .import = 3,
                             .utc_ms = kit->now + 17,
                             .update = true,
                             .rows = &row,
                             .rows_len = 1,
                             .results = &result};
    kit_ok(kit, OP(member_put, &batch));
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.state, OD_TARGET_READY);
    assert_int_equal(got.place, kit->place_b);
    assert_int_equal(got.due_utc_ms, kit->now + 17);
}

static void place_change_of_who_owns_no_target(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    (void)kit_add(kit, a, KIT_PHONE, kit->place_a);
    od_id of_b = kit_add(kit, b, KIT_PHONE, kit->place_a);
    od_id campaign = kit_campaign(kit, "ab", a, b);
    kit_start(kit, campaign);
    update_place(kit, of_b, kit->place_b);
    assert_int_equal(kit_candidate(kit, campaign, KIT_PHONE).place,
                     kit->place_a);
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_enrol[] = {
    CASE(fill_in_slices),
    CASE(fill_of_nobody),
    CASE(fill_takes_a_phone_once),
    CASE(fill_ignores_dnc),
    CASE(fill_meets_who_came_meanwhile),
    CASE(fill_revives),
    CASE(fill_revives_none_that_are_done),
    CASE(enrol_into_live_campaigns),
    CASE(enrol_only_who_is_added),
    CASE(enrol_keeps_a_target_that_is_there),
    CASE(leave_untried_are_gone),
    CASE(leave_removed_is_not_called_again),
    CASE(leave_removed_contact_can_come_back),
    CASE(leave_other_group_holds_the_phone),
    CASE(leave_not_the_owner_of_the_target),
    CASE(leave_frees_who_was_blocked_for_the_place),
    CASE(leave_with_the_group),
    CASE(leave_with_the_group_of_the_campaign),
    CASE(place_change_moves_the_lane),
    CASE(place_change_frees),
    CASE(place_change_by_a_batch),
    CASE(place_change_of_who_owns_no_target),
    {NULL, NULL},
};
