/*
 * storage_suite_claim.c - the second half of an exchange: who is judged, in
 * what order, and what each ruling does.
 */
#include "support/storage_kit.h"

/* The n-th ruling follows a script of "adbs": allow, defer, block, stop. */
typedef struct od_script {
    const char *rulings;
    int64_t until_utc_ms;
} od_script;

static bool rule_script(od_kit_judge *judge, const od_candidate *candidate,
                        od_verdict *out)
{
    (void)candidate;
    const od_script *script = judge->rule_ctx;
    size_t at = judge->seen_len - 1;
    assert_true(at < strlen(script->rulings));
    switch (script->rulings[at]) {
    case 'a':
        return true;
    case 'd':
        out->kind = OD_VERDICT_DEFER;
        out->reason = OD_REASON_RULE_WINDOW;
        out->until_utc_ms = script->until_utc_ms;
        return true;
    case 'b':
        out->kind = OD_VERDICT_BLOCK;
        out->reason = OD_REASON_ALREADY_REACHED;
        return true;
    default:
        return false;
    }
}

static od_lane_request ask_script(od_kit *kit, od_id campaign,
                                  const char *rulings, int64_t until_utc_ms,
                                  od_kit_judge *judge)
{
    od_script script = {rulings, until_utc_ms};
    kit_judge_init(kit, judge);
    judge->rule = rule_script;
    judge->rule_ctx = &script;
    return kit_ask(kit, campaign, od_lane_of(kit->place_a, false), 100, 100,
                   judge);
}

/* == order ================================================================ */

static void claim_by_due_time_then_phone(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 200);
    /* Two of them much later. */
    od_kit_judge judge;
    (void)ask_script(kit, campaign, "dds", kit->now + 60000, &judge);
    uint64_t late[] = {judge.seen[0].phone, judge.seen[1].phone};
    uint64_t low = late[0] < late[1] ? late[0] : late[1];
    uint64_t high = late[0] < late[1] ? late[1] : late[0];
    kit_reopen(kit);

    kit_judge_init(kit, &judge);
    od_lane_request got = kit_ask(
        kit, campaign, od_lane_of(kit->place_a, false), 500, 250, &judge);
    assert_int_equal(got.scanned, 198);
    assert_int_equal(got.claimed, 198);
    assert_int_equal(got.due_next_utc_ms, kit->now + 60000);
    for (size_t i = 1; i < judge.seen_len; i++) {
        const od_candidate *a = &judge.seen[i - 1];
        const od_candidate *b = &judge.seen[i];
        assert_true(a->due_utc_ms < b->due_utc_ms ||
                    (a->due_utc_ms == b->due_utc_ms && a->phone < b->phone));
    }
    kit->now += 60000;
    kit_judge_init(kit, &judge);
    got = kit_ask(kit, campaign, od_lane_of(kit->place_a, false), 500, 250,
                  &judge);
    assert_int_equal(got.claimed, 2);
    assert_int_equal(got.due_next_utc_ms, OD_NEVER);
    assert_int_equal(judge.seen[0].phone, low);
    assert_int_equal(judge.seen[1].phone, high);
}

/* Defer by anything up to an hour. */
static bool rule_scatter(od_kit_judge *judge, const od_candidate *candidate,
                         od_verdict *out)
{
    (void)candidate;
    out->kind = OD_VERDICT_DEFER;
    out->until_utc_ms = judge->owner->now + 1 +
                        (int64_t)od__rand_below(judge->rule_ctx, 3600000);
    return true;
}

/* A queue that was stirred hands out everybody once, in order. */
static void claim_thousands_in_order(od_kit *kit)
{
    enum { N = 1500 };
    od__rand rand = {od_test_seed(5)};
    od_id campaign = kit_start_with(kit, "c", N);
    int32_t lane = od_lane_of(kit->place_a, false);
    od_kit_judge judge;
    od_lane_request got = {.scanned = 1};
    while (got.scanned > 0) {
        kit_judge_init(kit, &judge);
        judge.rule = rule_scatter;
        judge.rule_ctx = &rand;
        got = kit_ask(kit, campaign, lane, 1, 250, &judge);
    }
    /* Out of the middle, and some of them back. */
    for (uint64_t i = 0; i < N; i += 3) {
        (void)kit_dnc_add(kit, KIT_PHONE + i, OD_DNC_ALL, 0);
        if (i % 2 == 0) {
            kit_dnc_remove(kit, KIT_PHONE + i, OD_DNC_ALL, 0);
        }
    }
    kit->now += 3600001;
    od_candidate last = {0};
    int64_t claimed = 0;
    for (got.claimed = 1; got.claimed > 0; claimed += got.claimed) {
        kit_judge_init(kit, &judge);
        got = kit_ask(kit, campaign, lane, 250, 250, &judge);
        for (size_t i = 0; i < judge.seen_len; i++) {
            const od_candidate *next = &judge.seen[i];
            assert_true(last.due_utc_ms < next->due_utc_ms ||
                        (last.due_utc_ms == next->due_utc_ms &&
                         last.phone < next->phone));
            last = *next;
        }
    }
    assert_int_equal(claimed, N - N / 6);
    assert_int_equal(kit_counters(kit, campaign).blocked, N / 6);
}

static void claim_only_what_is_due(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    kit_add_many(kit, group, 64);
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    int32_t lane = od_lane_of(kit->place_a, false);
    kit->now += 20; /* some of the 64 buckets */
    od_lane_row row;
    size_t count = 0;
    kit_ok(kit, OP(lane_scan, campaign, 0, &row, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(row.lane, lane);
    assert_int_equal(row.ready, 64);
    assert_true(row.due_next_utc_ms <= kit->now);
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    od_lane_request got = kit_ask(kit, campaign, lane, 100, 100, &judge);
    assert_true(got.claimed > 0 && got.claimed < 64);
    assert_true(got.due_next_utc_ms > kit->now);
    for (size_t i = 0; i < judge.seen_len; i++) {
        assert_true(judge.seen[i].due_utc_ms <= kit->now);
    }
    assert_int_equal(kit_lane_ready(kit, campaign, lane), 64 - got.claimed);
}

static void claim_at_the_due_time_itself(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_kit_judge judge;
    (void)ask_script(kit, campaign, "d", kit->now + 500, &judge);
    int32_t lane = od_lane_of(kit->place_a, false);
    kit->now += 499;
    assert_int_equal(kit_ask(kit, campaign, lane, 1, 1, NULL).scanned, 0);
    kit->now += 1;
    assert_int_equal(kit_ask(kit, campaign, lane, 1, 1, NULL).claimed, 1);
}

/* == rulings ============================================================== */

static void claim_allow(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 3);
    int64_t rows = kit_ledger_len(kit);
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    od_lane_request got = kit_ask(
        kit, campaign, od_lane_of(kit->place_a, false), 2, 100, &judge);
    assert_int_equal(got.claimed, 2);
    assert_int_equal(got.scanned, 2);
    assert_true(judge.attempts[1] > judge.attempts[0]);
    kit_reopen(kit);

    od_attempt_record flights[4];
    size_t count = 0;
    kit_ok(kit, OP(flight_scan, 0, flights, 4, &count));
    assert_int_equal(count, 2);
    for (size_t i = 0; i < 2; i++) {
        char session[33];
        (void)snprintf(session, sizeof session, "%032llx",
                       (unsigned long long)judge.attempts[i]);
        assert_int_equal(flights[i].attempt, judge.attempts[i]);
        assert_int_equal(flights[i].campaign, campaign);
        assert_int_equal(flights[i].contact, judge.seen[i].contact);
        assert_int_equal(flights[i].phone, judge.seen[i].phone);
        assert_string_equal(flights[i].session_id, session);
        assert_string_equal(flights[i].sip_call_id, "");
        assert_string_equal(flights[i].trunk, "trunk-a");
        assert_int_equal(flights[i].claimed_utc_ms, kit->now);
        assert_int_equal(flights[i].answered_utc_ms, 0);
        assert_int_equal(flights[i].ended_utc_ms, 0);
        assert_int_equal(flights[i].disposition, OD_DISPOSITION_NONE);
    }
    kit_ok(kit, OP(flight_scan, judge.attempts[0], flights, 4, &count));
    assert_int_equal(count, 1);
    assert_int_equal(flights[0].attempt, judge.attempts[1]);

    assert_int_equal(kit_ledger_len(kit), rows + 2);
    od_ledger_row row = kit_ledger_last(kit);
    assert_int_equal(row.kind, OD_LEDGER_ATTEMPT);
    assert_int_equal(row.subject, judge.attempts[1]);
    assert_int_equal(row.utc_ms, kit->now);
    od_candidate target =
        kit_candidate(kit, campaign, judge.seen[0].phone);
    assert_int_equal(target.state, OD_TARGET_FLIGHT);
    assert_int_equal(target.attempts, 0); /* it did not end yet */
    assert_true(target.in_flight);
    assert_int_equal(kit_counters(kit, campaign).flight, 2);
}

static void claim_defer(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 3);
    int64_t rows = kit_ledger_len(kit);
    od_kit_judge judge;
    int64_t until = kit->now + 3600000;
    od_lane_request got = ask_script(kit, campaign, "ddd", until, &judge);
    assert_int_equal(got.scanned, 3);
    assert_int_equal(got.claimed, 0);
    assert_int_equal(got.due_next_utc_ms, until);
    kit_reopen(kit);
    for (uint64_t i = 0; i < 3; i++) {
        od_candidate target = kit_candidate(kit, campaign, KIT_PHONE + i);
        assert_int_equal(target.state, OD_TARGET_READY);
        assert_int_equal(target.due_utc_ms, until);
        assert_int_equal(target.reason, OD_REASON_NONE);
    }
    assert_int_equal(kit_ledger_len(kit), rows);
}

static void claim_defer_into_the_past_is_a_little_later(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 2);
    od_kit_judge judge;
    od_lane_request got =
        ask_script(kit, campaign, "dd", kit->now - 5, &judge);
    assert_int_equal(got.scanned, 2); /* each once */
    assert_int_equal(got.due_next_utc_ms, kit->now + 1);
    (void)ask_script(kit, campaign, "", 0, &judge);
    kit->now += 1;
    got = ask_script(kit, campaign, "dd", kit->now, &judge);
    assert_int_equal(got.due_next_utc_ms, kit->now + 1);
}

static void claim_block(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 3);
    od_kit_judge judge;
    od_lane_request got = ask_script(kit, campaign, "bab", 0, &judge);
    assert_int_equal(got.scanned, 3);
    assert_int_equal(got.claimed, 1);
    assert_int_equal(got.due_next_utc_ms, OD_NEVER);
    kit_reopen(kit);
    od_candidate target =
        kit_candidate(kit, campaign, judge.seen[2].phone);
    assert_int_equal(target.state, OD_TARGET_BLOCKED);
    assert_int_equal(target.reason, OD_REASON_ALREADY_REACHED);
    od_counters sums = kit_counters(kit, campaign);
    assert_int_equal(sums.blocked_by[OD_REASON_ALREADY_REACHED], 2);
    assert_int_equal(sums.flight, 1);
}

static void claim_stop(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 4);
    od_kit_judge judge;
    od_lane_request got =
        ask_script(kit, campaign, "ads", kit->now + 9, &judge);
    assert_int_equal(got.scanned, 2); /* the third does not count */
    assert_int_equal(got.claimed, 1);
    od_candidate left = kit_candidate(kit, campaign, judge.seen[2].phone);
    assert_int_equal(left.state, OD_TARGET_READY);
    assert_int_equal(left.due_utc_ms, judge.seen[2].due_utc_ms);
    assert_int_equal(got.due_next_utc_ms, left.due_utc_ms);
    assert_true(kit_claim(kit, campaign, left.phone) > judge.attempts[0]);
}

static void claim_limits(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 10);
    int32_t lane = od_lane_of(kit->place_a, false);
    od_lane_request got = kit_ask(kit, campaign, lane, 0, 100, NULL);
    assert_int_equal(got.scanned, 0);
    got = kit_ask(kit, campaign, lane, 100, 0, NULL);
    assert_int_equal(got.scanned, 0);
    assert_true(got.due_next_utc_ms <= kit->now);
    got = kit_ask(kit, campaign, lane, 3, 100, NULL);
    assert_int_equal(got.scanned, 3);
    assert_int_equal(got.claimed, 3);
    got = kit_ask(kit, campaign, lane, 100, 4, NULL);
    assert_int_equal(got.scanned, 4);
    assert_int_equal(got.claimed, 4);
    got = kit_ask(kit, campaign, lane, 100, 100, NULL);
    assert_int_equal(got.claimed, 3);
    got = kit_ask(kit, campaign, lane, 100, 100, NULL);
    assert_int_equal(got.claimed, 0);
    assert_int_equal(got.due_next_utc_ms, OD_NEVER);
}

/* == lanes ================================================================ */

static void claim_lanes_in_their_order(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    for (uint64_t i = 0; i < 4; i++) {
        (void)kit_add(kit, group, KIT_PHONE + i,
                      i < 2 ? kit->place_a : kit->place_b);
    }
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    kit->now += 1000;
    od_lane_request lanes[] = {
        {.campaign = campaign,
         .lane = od_lane_of(kit->place_b, false),
         .claims_max = 5,
         .scan_max = 5},
        {.campaign = campaign,
         .lane = od_lane_of(kit->place_b, true),
         .claims_max = 5,
         .scan_max = 5},
        {.campaign = 999, .lane = 2, .claims_max = 5, .scan_max = 5},
        {.campaign = campaign,
         .lane = od_lane_of(999, false),
         .claims_max = 5,
         .scan_max = 5},
        {.campaign = campaign,
         .lane = od_lane_of(kit->place_a, false),
         .claims_max = 1,
         .scan_max = 5},
    };
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    od_exchange exchange = {.utc_ms = kit->now,
                            .lanes = lanes,
                            .lanes_len = OD__LEN(lanes),
                            .judge = kit_judge_slot,
                            .judge_ctx = &judge};
    kit_ok(kit, OP(exchange, &exchange));
    static const int32_t claimed[] = {2, 0, 0, 0, 1};
    for (size_t i = 0; i < OD__LEN(lanes); i++) {
        assert_int_equal(lanes[i].claimed, claimed[i]);
        assert_int_equal(lanes[i].scanned, claimed[i]);
        if (i < 4) {
            assert_int_equal(lanes[i].due_next_utc_ms, OD_NEVER);
        }
    }
    assert_true(lanes[4].due_next_utc_ms <= kit->now);
    assert_int_equal(judge.seen_len, 3);
    assert_int_equal(judge.seen[0].place, kit->place_b);
    assert_int_equal(judge.seen[2].place, kit->place_a);
}

static bool rule_stop_in_place(od_kit_judge *judge,
                               const od_candidate *candidate, od_verdict *out)
{
    (void)out;
    return candidate->place != *(const int32_t *)judge->rule_ctx;
}

static void claim_stop_ends_one_lane_only(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    (void)kit_add(kit, group, KIT_PHONE, kit->place_a);
    (void)kit_add(kit, group, KIT_PHONE + 1, kit->place_b);
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    kit->now += 1000;
    od_lane_request lanes[] = {{.campaign = campaign,
                                .lane = od_lane_of(kit->place_a, false),
                                .claims_max = 5,
                                .scan_max = 5},
                               {.campaign = campaign,
                                .lane = od_lane_of(kit->place_b, false),
                                .claims_max = 5,
                                .scan_max = 5}};
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    judge.rule = rule_stop_in_place;
    judge.rule_ctx = &kit->place_a;
    od_exchange exchange = {.utc_ms = kit->now,
                            .lanes = lanes,
                            .lanes_len = 2,
                            .judge = kit_judge_slot,
                            .judge_ctx = &judge};
    kit_ok(kit, OP(exchange, &exchange));
    assert_int_equal(lanes[0].claimed, 0);
    assert_int_equal(lanes[1].claimed, 1);
}

static void lane_scan_is_by_lane(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    for (uint64_t i = 0; i < 6; i++) {
        (void)kit_add(kit, group, KIT_PHONE + i,
                      i < 3 ? kit->place_b : kit->place_a);
    }
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    (void)kit_call(kit, campaign, KIT_PHONE, OD_DISPOSITION_BUSY,
                   OD_TARGET_READY);
    int32_t want[] = {od_lane_of(kit->place_a, false),
                      od_lane_of(kit->place_b, false),
                      od_lane_of(kit->place_b, true)};
    int64_t ready[] = {3, 2, 1};
    od_lane_row rows[4];
    size_t count = 0;
    kit_ok(kit, OP(lane_scan, campaign, 0, rows, 4, &count));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(rows[i].lane, want[i]);
        assert_int_equal(rows[i].ready, ready[i]);
    }
    kit_ok(kit, OP(lane_scan, campaign, want[1], rows, 4, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].lane, want[2]);
    kit_ok(kit, OP(lane_scan, campaign, 0, rows, 2, &count));
    assert_int_equal(count, 2);
}

/* == facts ================================================================ */

/* Defer who has a live call, as the engine does. */
static bool rule_free_line(od_kit_judge *judge, const od_candidate *candidate,
                           od_verdict *out)
{
    if (candidate->in_flight) {
        out->kind = OD_VERDICT_DEFER;
        out->reason = OD_REASON_IN_FLIGHT;
        out->until_utc_ms = judge->owner->now + 1000;
    }
    return true;
}

static void claim_one_live_call_per_phone(od_kit *kit)
{
    od_id c1 = kit_start_with(kit, "c1", 3);
    od_id c2 = kit_start_with(kit, "c2", 3);
    od_id live = kit_claim(kit, c1, KIT_PHONE);
    assert_true(kit_candidate(kit, c2, KIT_PHONE).in_flight);
    assert_false(kit_candidate(kit, c2, KIT_PHONE + 1).in_flight);
    kit->now += 1000;
    /* Both campaigns in one exchange. */
    int32_t lane = od_lane_of(kit->place_a, false);
    od_lane_request lanes[] = {
        {.campaign = c1, .lane = lane, .claims_max = 9, .scan_max = 9},
        {.campaign = c2, .lane = lane, .claims_max = 9, .scan_max = 9}};
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    judge.rule = rule_free_line;
    od_exchange exchange = {.utc_ms = kit->now,
                            .lanes = lanes,
                            .lanes_len = 2,
                            .judge = kit_judge_slot,
                            .judge_ctx = &judge};
    kit_ok(kit, OP(exchange, &exchange));
    assert_int_equal(lanes[0].claimed, 2);
    assert_int_equal(lanes[1].claimed, 0);
    assert_int_equal(lanes[1].scanned, 3);
    for (size_t i = 2; i < 5; i++) {
        assert_int_equal(judge.seen[i].campaign, c2);
        assert_true(judge.seen[i].in_flight);
    }
    /* The line is free when the call has ended. */
    od_outcome outcome =
        kit_outcome(kit, live, KIT_PHONE, OD_DISPOSITION_BUSY);
    kit_send_outcomes(kit, &outcome, 1);
    assert_false(kit_candidate(kit, c2, KIT_PHONE).in_flight);
    (void)kit_claim(kit, c2, KIT_PHONE);
    assert_true(kit_candidate(kit, c1, KIT_PHONE).in_flight);
    assert_int_equal(kit_state(kit, c1, KIT_PHONE), OD_TARGET_READY);
}

static void claim_sees_dnc(od_kit *kit)
{
    assert_true(kit_dnc_add(kit, KIT_PHONE, OD_DNC_VOICE, 0));
    od_id c1 = kit_start_with(kit, "c1", 2);
    od_id c2 = kit_start_with(kit, "c2", 2);
    assert_true(kit_candidate(kit, c2, KIT_PHONE).dnc);
    od_kit_judge judge;
    (void)ask_script(kit, c1, "ddd", kit->now + 5, &judge);
    assert_int_equal(judge.seen_len, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(judge.seen[i].dnc, judge.seen[i].phone == KIT_PHONE);
    }
}

static void claim_after_what_happened(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 3);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    od_outcome outcome =
        kit_outcome(kit, attempt, KIT_PHONE, OD_DISPOSITION_BUSY);
    od_dnc_record dnc = {.phone = KIT_PHONE + 1, .scope = OD_DNC_ALL};
    od_ledger_entry notes[] = {
        kit_note(kit, OD_LEDGER_DNC_ADD, 0),
        kit_note(kit, OD_LEDGER_OUTCOME, attempt)};
    kit->now += 10;
    od_lane_request lanes[] = {{.campaign = campaign,
                                .lane = od_lane_of(kit->place_a, true),
                                .claims_max = 5,
                                .scan_max = 5},
                               {.campaign = campaign,
                                .lane = od_lane_of(kit->place_a, false),
                                .claims_max = 5,
                                .scan_max = 5}};
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    od_exchange exchange = {.utc_ms = kit->now,
                            .dnc = &dnc,
                            .dnc_len = 1,
                            .outcomes = &outcome,
                            .outcomes_len = 1,
                            .ledger = notes,
                            .ledger_len = 2,
                            .lanes = lanes,
                            .lanes_len = 2,
                            .judge = kit_judge_slot,
                            .judge_ctx = &judge};
    kit_ok(kit, OP(exchange, &exchange));
    /* The call that ended is due again; who was listed is not asked. */
    assert_int_equal(judge.seen_len, 2);
    assert_int_equal(judge.seen[0].phone, KIT_PHONE);
    assert_int_equal(judge.seen[0].attempts, 1);
    assert_int_equal(judge.seen[0].disposition, OD_DISPOSITION_BUSY);
    assert_int_equal(judge.seen[0].line_called_utc_ms, kit->now - 10);
    assert_int_equal(judge.seen[1].phone, KIT_PHONE + 2);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE + 1),
                     OD_TARGET_BLOCKED);
    od_ledger_row rows[4];
    size_t count = 0;
    kit_ok(kit, OP(ledger_scan, kit_ledger_len(kit) - 4, rows, 4, &count));
    static const int32_t kinds[] = {OD_LEDGER_DNC_ADD, OD_LEDGER_OUTCOME,
                                    OD_LEDGER_ATTEMPT, OD_LEDGER_ATTEMPT};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(rows[i].kind, kinds[i]);
    }
}

static void claim_counts_the_calls_of_a_minute(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 10);
    int32_t lane = od_lane_of(kit->place_a, false);
    static const struct {
        int64_t later_ms;
        int32_t claims;
        int64_t calls;
        int64_t before;
    } cases[] = {{0, 2, 2, 0},
                 {58000, 1, 3, 0}, /* still the first minute */
                 {1000, 2, 2, 3},
                 {60000, 1, 1, 2},
                 {120000, 1, 1, 0}};
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        kit->now += cases[i].later_ms;
        (void)kit_ask(kit, campaign, lane, cases[i].claims, 100, NULL);
        kit_reopen(kit);
        od_counters sums = kit_counters(kit, campaign);
        assert_int_equal(sums.minute, kit->now / 60000);
        assert_int_equal(sums.minute_calls, cases[i].calls);
        assert_int_equal(sums.minute_calls_before, cases[i].before);
    }
}

static void exchange_of_nothing(od_kit *kit)
{
    int64_t rows = kit_ledger_len(kit);
    od_exchange exchange = {.utc_ms = kit->now};
    kit_ok(kit, OP(exchange, &exchange));
    assert_int_equal(kit_ledger_len(kit), rows);
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_claim[] = {
    CASE(claim_by_due_time_then_phone),
    CASE(claim_thousands_in_order),
    CASE(claim_only_what_is_due),
    CASE(claim_at_the_due_time_itself),
    CASE(claim_allow),
    CASE(claim_defer),
    CASE(claim_defer_into_the_past_is_a_little_later),
    CASE(claim_block),
    CASE(claim_stop),
    CASE(claim_limits),
    CASE(claim_lanes_in_their_order),
    CASE(claim_stop_ends_one_lane_only),
    CASE(lane_scan_is_by_lane),
    CASE(claim_one_live_call_per_phone),
    CASE(claim_sees_dnc),
    CASE(claim_after_what_happened),
    CASE(claim_counts_the_calls_of_a_minute),
    CASE(exchange_of_nothing),
    {NULL, NULL},
};
