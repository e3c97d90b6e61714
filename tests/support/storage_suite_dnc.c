/*
 * storage_suite_dnc.c - the do-not-call list and what it does to targets.
 */
#include "support/storage_kit.h"

static void dnc_add_tells_what_is_new(od_kit *kit)
{
    od_dnc_record rows[] = {
        {.phone = KIT_PHONE, .scope = OD_DNC_ALL, .reason = "a"},
        {.phone = KIT_PHONE, .scope = OD_DNC_ALL, .reason = "b"},
        {.phone = KIT_PHONE, .scope = OD_DNC_VOICE},
        {.phone = KIT_PHONE, .scope = OD_DNC_CAMPAIGN, .campaign = 3},
        {.phone = KIT_PHONE, .scope = OD_DNC_CAMPAIGN, .campaign = 4},
        {.phone = KIT_PHONE + 1, .scope = OD_DNC_ALL},
    };
    od_ledger_entry notes[OD__LEN(rows)];
    bool added[OD__LEN(rows)];
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        notes[i] = kit_note(kit, OD_LEDGER_DNC_ADD, (od_id)i);
    }
    kit_ok(kit, OP(dnc_add, rows, notes, OD__LEN(rows), added));
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        assert_int_equal(added[i], i != 1);
    }
    /* One ledger row for each that is new, in order. */
    od_ledger_row ledger[8];
    size_t count = 0;
    kit_ok(kit, OP(ledger_scan, 0, ledger, 8, &count));
    assert_int_equal(count, 5);
    static const od_id subjects[] = {0, 2, 3, 4, 5};
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(ledger[i].subject, subjects[i]);
        assert_int_equal(ledger[i].kind, OD_LEDGER_DNC_ADD);
    }
    kit_reopen(kit);
    kit_ok(kit, OP(dnc_add, rows, notes, OD__LEN(rows), NULL));
    assert_int_equal(kit_ledger_len(kit), 5);
    od_dnc_record row;
    kit_ok(kit, OP(dnc_scan, 0, &row, 1, &count));
    assert_string_equal(row.reason, "a"); /* kept as it is */
    kit_ok(kit, OP(dnc_add, NULL, NULL, 0, NULL));
}

static void dnc_keeps_every_field(od_kit *kit)
{
    od_dnc_record rows[] = {{.id = 77, /* ignored */
                             .phone = KIT_PHONE,
                             .scope = OD_DNC_CAMPAIGN,
                             .campaign = 5,
                             .attempt = 6,
                             .reason = "sagte \"nein\"",
                             .source = "call",
                             .added_utc_ms = 1234567890123},
                            {.phone = KIT_PHONE, .scope = OD_DNC_TEXT}};
    od_ledger_entry notes[] = {kit_note(kit, OD_LEDGER_DNC_ADD, 6),
                               kit_note(kit, OD_LEDGER_DNC_ADD, 0)};
    kit_ok(kit, OP(dnc_add, rows, notes, 2, NULL));
    kit_reopen(kit);
    od_dnc_record got[3];
    size_t count = 0;
    kit_ok(kit, OP(dnc_scan, 0, got, 3, &count));
    assert_int_equal(count, 2);
    assert_true(got[0].id > 0 && got[1].id > got[0].id);
    assert_int_equal(got[0].phone, KIT_PHONE);
    assert_int_equal(got[0].scope, OD_DNC_CAMPAIGN);
    assert_int_equal(got[0].campaign, 5);
    assert_int_equal(got[0].attempt, 6);
    assert_string_equal(got[0].reason, "sagte \"nein\"");
    assert_string_equal(got[0].source, "call");
    assert_int_equal(got[0].added_utc_ms, 1234567890123);
    assert_string_equal(got[1].reason, ""); /* were NULL */
    assert_string_equal(got[1].source, "");
    kit_ok(kit, OP(dnc_scan, got[0].id, got, 3, &count));
    assert_int_equal(count, 1);
    assert_int_equal(got[0].scope, OD_DNC_TEXT);
}

static void dnc_ids_are_not_reused(od_kit *kit)
{
    (void)kit_dnc_add(kit, KIT_PHONE, OD_DNC_ALL, 0);
    od_dnc_record first;
    od_dnc_record second;
    size_t count = 0;
    kit_ok(kit, OP(dnc_scan, 0, &first, 1, &count));
    kit_dnc_remove(kit, KIT_PHONE, OD_DNC_ALL, 0);
    kit_reopen(kit);
    (void)kit_dnc_add(kit, KIT_PHONE, OD_DNC_ALL, 0);
    kit_ok(kit, OP(dnc_scan, 0, &second, 1, &count));
    assert_true(second.id > first.id);
}

static void dnc_check_knows_scopes(od_kit *kit)
{
    static const struct {
        int32_t scope;
        od_id of;    /* campaign of the entry */
        od_id asked; /* campaign that asks */
        bool forbids;
    } cases[] = {
        {OD_DNC_ALL, 0, 0, true},        {OD_DNC_ALL, 0, 5, true},
        {OD_DNC_VOICE, 0, 0, true},      {OD_DNC_VOICE, 0, 5, true},
        {OD_DNC_TEXT, 0, 0, false},      {OD_DNC_TEXT, 0, 5, false},
        {OD_DNC_CAMPAIGN, 5, 0, false},  {OD_DNC_CAMPAIGN, 5, 5, true},
        {OD_DNC_CAMPAIGN, 5, 6, false},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        uint64_t phone = KIT_PHONE + i;
        bool got = true;
        kit_ok(kit, OP(dnc_check, phone, OD_CHANNEL_VOICE, cases[i].asked,
                       kit->now, &got));
        assert_false(got);
        (void)kit_dnc_add(kit, phone, cases[i].scope, cases[i].of);
        kit_ok(kit, OP(dnc_check, phone, OD_CHANNEL_VOICE, cases[i].asked,
                       kit->now, &got));
        assert_int_equal(got, cases[i].forbids);
    }
}

static void dnc_add_blocks_ready_targets(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    kit_add_many(kit, group, 8);
    od_id c1 = kit_campaign(kit, "c1", group, 0);
    od_id c2 = kit_campaign(kit, "c2", group, 0);
    kit_start(kit, c1);
    kit_start(kit, c2);
    assert_true(kit_dnc_add(kit, KIT_PHONE, OD_DNC_ALL, 0));
    assert_true(kit_dnc_add(kit, KIT_PHONE + 1, OD_DNC_VOICE, 0));
    assert_true(kit_dnc_add(kit, KIT_PHONE + 2, OD_DNC_TEXT, 0));
    assert_true(kit_dnc_add(kit, KIT_PHONE + 3, OD_DNC_CAMPAIGN, c2));
    /* 4 done, 5 in flight, 6 tried and READY */
    (void)kit_call(kit, c1, KIT_PHONE + 4, OD_DISPOSITION_ANSWERED,
                   OD_TARGET_DONE);
    (void)kit_claim(kit, c1, KIT_PHONE + 5);
    (void)kit_call(kit, c1, KIT_PHONE + 6, OD_DISPOSITION_BUSY,
                   OD_TARGET_READY);
    for (uint64_t i = 4; i < 7; i++) {
        assert_true(kit_dnc_add(kit, KIT_PHONE + i, OD_DNC_ALL, 0));
    }
    kit_reopen(kit);
    static const int in_c1[] = {
        OD_TARGET_BLOCKED, OD_TARGET_BLOCKED, OD_TARGET_READY,
        OD_TARGET_READY,   OD_TARGET_DONE,    OD_TARGET_FLIGHT,
        OD_TARGET_BLOCKED, OD_TARGET_READY};
    static const int in_c2[] = {
        OD_TARGET_BLOCKED, OD_TARGET_BLOCKED, OD_TARGET_READY,
        OD_TARGET_BLOCKED, OD_TARGET_BLOCKED, OD_TARGET_BLOCKED,
        OD_TARGET_BLOCKED, OD_TARGET_READY};
    for (uint64_t i = 0; i < 8; i++) {
        od_candidate got = kit_candidate(kit, c1, KIT_PHONE + i);
        assert_int_equal(got.state, in_c1[i]);
        assert_int_equal(got.reason, in_c1[i] == OD_TARGET_BLOCKED
                                         ? OD_REASON_DNC
                                         : OD_REASON_NONE);
        assert_int_equal(kit_state(kit, c2, KIT_PHONE + i), in_c2[i]);
    }
    assert_int_equal(kit_counters(kit, c1).blocked_by[OD_REASON_DNC], 3);
}

static void dnc_remove_frees_what_it_alone_blocked(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    kit_add_many(kit, group, 3);
    od_id c1 = kit_campaign(kit, "c1", group, 0);
    od_id c2 = kit_campaign(kit, "c2", group, 0);
    kit_start(kit, c1);
    kit_start(kit, c2);
    (void)kit_dnc_add(kit, KIT_PHONE, OD_DNC_ALL, 0);
    (void)kit_dnc_add(kit, KIT_PHONE, OD_DNC_TEXT, 0);
    (void)kit_dnc_add(kit, KIT_PHONE, OD_DNC_CAMPAIGN, c2);
    kit_reopen(kit);
    kit->now += 90000;
    int64_t rows = kit_ledger_len(kit);
    kit_dnc_remove(kit, KIT_PHONE, OD_DNC_ALL, 0);
    assert_int_equal(kit_ledger_len(kit), rows + 1);
    assert_int_equal(kit_ledger_last(kit).kind, OD_LEDGER_DNC_REMOVE);
    od_candidate got = kit_candidate(kit, c1, KIT_PHONE);
    assert_int_equal(got.state, OD_TARGET_READY);
    assert_int_equal(got.due_utc_ms, kit->now);
    assert_int_equal(got.reason, OD_REASON_NONE);
    assert_int_equal(kit_state(kit, c2, KIT_PHONE), OD_TARGET_BLOCKED);
    kit_dnc_remove(kit, KIT_PHONE, OD_DNC_CAMPAIGN, c2);
    assert_int_equal(kit_state(kit, c2, KIT_PHONE), OD_TARGET_READY);
}

/* Who was put on the list while waiting for a retry waits on. */
static void dnc_remove_keeps_a_delay(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 2);
    int64_t due = kit->now + 3600000;
    for (uint64_t phone = KIT_PHONE; phone < KIT_PHONE + 2; phone++) {
        od_id attempt = kit_claim(kit, campaign, phone);
        od_outcome outcome =
            kit_outcome(kit, attempt, phone, OD_DISPOSITION_BUSY);
        outcome.due_utc_ms = due;
        kit_send_outcomes(kit, &outcome, 1);
        (void)kit_dnc_add(kit, phone, OD_DNC_ALL, 0);
    }
    kit->now = due - 1;
    kit_dnc_remove(kit, KIT_PHONE, OD_DNC_ALL, 0);
    kit->now = due + 1;
    kit_dnc_remove(kit, KIT_PHONE + 1, OD_DNC_ALL, 0);
    kit_reopen(kit);
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.state, OD_TARGET_READY);
    assert_int_equal(got.due_utc_ms, due);
    got = kit_candidate(kit, campaign, KIT_PHONE + 1);
    assert_int_equal(got.due_utc_ms, due + 1);
}

static void dnc_remove_leaves_other_reasons(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    kit_add_many(kit, group, 1);
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    od_outcome outcome =
        kit_outcome(kit, attempt, KIT_PHONE, OD_DISPOSITION_NOT_FOUND);
    outcome.target_state = OD_TARGET_BLOCKED;
    outcome.reason = OD_REASON_NUMBER_INVALID;
    kit_send_outcomes(kit, &outcome, 1);
    (void)kit_dnc_add(kit, KIT_PHONE, OD_DNC_ALL, 0);
    assert_int_equal(kit_candidate(kit, campaign, KIT_PHONE).reason,
                     OD_REASON_NUMBER_INVALID);
    kit_dnc_remove(kit, KIT_PHONE, OD_DNC_ALL, 0);
    assert_int_equal(kit_candidate(kit, campaign, KIT_PHONE).reason,
                     OD_REASON_NUMBER_INVALID);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_BLOCKED);
}

static void dnc_remove_what_is_not_there(od_kit *kit)
{
    (void)kit_dnc_add(kit, KIT_PHONE, OD_DNC_ALL, 0);
    (void)kit_dnc_add(kit, KIT_PHONE, OD_DNC_CAMPAIGN, 3);
    od_ledger_entry note = kit_note(kit, OD_LEDGER_DNC_REMOVE, 0);
    int64_t rows = kit_ledger_len(kit);
    static const struct {
        uint64_t phone;
        bool prefix;
        int32_t scope;
        od_id campaign;
    } others[] = {
        {KIT_PHONE, false, OD_DNC_VOICE, 0},
        {KIT_PHONE, false, OD_DNC_CAMPAIGN, 4},
        {KIT_PHONE, true, OD_DNC_ALL, 0},
        {KIT_PHONE + 1, false, OD_DNC_ALL, 0},
        {KIT_PHONE / 10, false, OD_DNC_ALL, 0},
        {KIT_PHONE / 10, true, OD_DNC_ALL, 0},
    };
    for (size_t i = 0; i < OD__LEN(others); i++) {
        kit_err(kit,
                OP(dnc_remove, others[i].phone, others[i].prefix,
                   others[i].scope, others[i].campaign, kit->now, &note),
                OD_ERR_NOT_FOUND);
    }
    kit_dnc_remove(kit, KIT_PHONE, OD_DNC_ALL, 0);
    kit_err(kit,
            OP(dnc_remove, KIT_PHONE, false, OD_DNC_ALL, 0, kit->now, &note),
            OD_ERR_NOT_FOUND);
    assert_int_equal(kit_ledger_len(kit), rows + 1);
}

/* == entries that expire ================================================== */

static bool forbids_at(od_kit *kit, uint64_t phone, int64_t utc_ms)
{
    bool out = false;
    kit_ok(kit, OP(dnc_check, phone, OD_CHANNEL_VOICE, 0, utc_ms, &out));
    return out;
}

static void dnc_expires_at_its_instant(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_dnc_record row = {.phone = KIT_PHONE,
                         .scope = OD_DNC_VOICE,
                         .expires_utc_ms = kit->now + 5000};
    assert_true(kit_dnc_put(kit, &row));
    kit_reopen(kit);
    od_dnc_record got;
    size_t count = 0;
    kit_ok(kit, OP(dnc_scan, 0, &got, 1, &count));
    assert_int_equal(got.expires_utc_ms, row.expires_utc_ms);
    assert_true(forbids_at(kit, KIT_PHONE, kit->now + 4999));
    assert_false(forbids_at(kit, KIT_PHONE, kit->now + 5000));
    /* The judge is told, the target stays in the queue. */
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_READY);
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    (void)kit_ask(kit, campaign, od_lane_of(kit->place_a, false), 1, 1,
                  &judge);
    assert_int_equal(judge.seen_len, 1);
    assert_true(judge.seen[0].dnc);
    assert_int_equal(judge.seen[0].dnc_until_utc_ms, row.expires_utc_ms);
}

static void dnc_until_is_the_latest(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_dnc_record row = {.phone = KIT_PHONE, .scope = OD_DNC_ALL};
    row.expires_utc_ms = kit->now - 1; /* over */
    assert_true(kit_dnc_put(kit, &row));
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_false(got.dnc);
    assert_int_equal(got.dnc_until_utc_ms, 0);
    row.scope = OD_DNC_VOICE;
    row.expires_utc_ms = kit->now + 1000;
    assert_true(kit_dnc_put(kit, &row));
    row.scope = OD_DNC_TEXT; /* forbids no call */
    row.expires_utc_ms = kit->now + 90000;
    assert_true(kit_dnc_put(kit, &row));
    got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_true(got.dnc);
    assert_int_equal(got.dnc_until_utc_ms, kit->now + 1000);
    row = (od_dnc_record){.phone = KIT_PHONE / 1000,
                          .prefix = true,
                          .scope = OD_DNC_CAMPAIGN,
                          .campaign = campaign,
                          .expires_utc_ms = kit->now + 3000};
    assert_true(kit_dnc_put(kit, &row));
    got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.dnc_until_utc_ms, kit->now + 3000);
    row.phone /= 10;
    row.expires_utc_ms = 0;
    assert_true(kit_dnc_put(kit, &row));
    got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_true(got.dnc);
    assert_int_equal(got.dnc_until_utc_ms, 0); /* for ever */
}

static void dnc_is_prolonged_never_shortened(od_kit *kit)
{
    static const struct {
        int64_t stored; /* after now; 0: for ever */
        int64_t row;
        bool is_new;
    } cases[] = {
        {1000, 2000, true},  {1000, 1000, false}, {2000, 1000, false},
        {1000, 0, true},     {0, 1000, false},    {0, 0, false},
        {-5, 1000, true},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_dnc_record row = {.phone = KIT_PHONE + i,
                             .scope = OD_DNC_ALL,
                             .reason = "first",
                             .source = "host"};
        row.expires_utc_ms =
            cases[i].stored != 0 ? kit->now + cases[i].stored : 0;
        assert_true(kit_dnc_put(kit, &row));
        int64_t rows = kit_ledger_len(kit);
        int64_t added = kit->now;
        od_dnc_record longer = row;
        longer.reason = "second";
        longer.source = "call";
        longer.attempt = 9;
        longer.expires_utc_ms =
            cases[i].row != 0 ? kit->now + cases[i].row : 0;
        kit->now += 10;
        assert_int_equal(kit_dnc_put(kit, &longer), cases[i].is_new);
        assert_int_equal(kit_ledger_len(kit),
                         rows + (cases[i].is_new ? 1 : 0));
        kit_reopen(kit);
        od_dnc_record got[8];
        size_t count = 0;
        kit_ok(kit, OP(dnc_scan, 0, got, 8, &count));
        assert_int_equal(count, i + 1); /* one entry for each phone */
        assert_int_equal(got[i].phone, KIT_PHONE + i);
        assert_int_equal(got[i].expires_utc_ms, cases[i].is_new
                                                    ? longer.expires_utc_ms
                                                    : row.expires_utc_ms);
        assert_string_equal(got[i].reason, "first"); /* all else stays */
        assert_string_equal(got[i].source, "host");
        assert_int_equal(got[i].attempt, 0);
        assert_int_equal(got[i].added_utc_ms, added);
    }
}

/* What becomes an entry for ever blocks like one. */
static void dnc_prolonged_for_ever_blocks(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_dnc_record row = {.phone = KIT_PHONE,
                         .scope = OD_DNC_ALL,
                         .expires_utc_ms = kit->now + 5000};
    assert_true(kit_dnc_put(kit, &row));
    row.expires_utc_ms += 5000;
    assert_true(kit_dnc_put(kit, &row));
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_READY);
    row.expires_utc_ms = 0;
    assert_true(kit_dnc_put(kit, &row));
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.state, OD_TARGET_BLOCKED);
    assert_int_equal(got.reason, OD_REASON_DNC);
}

/* In an exchange, too: it counts as an opt-out then. */
static void dnc_prolonged_in_a_call(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    od_dnc_record row = {.phone = KIT_PHONE,
                         .scope = OD_DNC_ALL,
                         .attempt = attempt,
                         .added_utc_ms = kit->now,
                         .expires_utc_ms = kit->now + 5000};
    od_ledger_entry note = kit_note(kit, OD_LEDGER_DNC_ADD, attempt);
    od_exchange exchange = {.utc_ms = kit->now,
                            .dnc = &row,
                            .dnc_len = 1,
                            .ledger = &note,
                            .ledger_len = 1};
    int64_t rows = kit_ledger_len(kit);
    kit_ok(kit, OP(exchange, &exchange));
    kit_ok(kit, OP(exchange, &exchange)); /* sent again */
    assert_int_equal(kit_ledger_len(kit), rows + 1);
    assert_int_equal(kit_counters(kit, campaign).opted_out, 1);
    row.expires_utc_ms = 0;
    kit_ok(kit, OP(exchange, &exchange));
    assert_int_equal(kit_ledger_len(kit), rows + 2);
    assert_int_equal(kit_counters(kit, campaign).opted_out, 2);
}

/* == prefixes ============================================================= */

static void dnc_of_a_prefix(od_kit *kit)
{
    static const struct {
        uint64_t digits;
        uint64_t phone;
        bool forbids;
    } cases[] = {
        {1900, 19005551234u, true},
        {1900, 1900, true}, /* itself */
        {1900, 190, false},
        {1900, 18995551234u, false},
        {1900, 19015551234u, false},
        {1900, 11900555123u, false}, /* not in the middle */
        {4, 491701234567u, true},
        {49170123456789u, 491701234567890u, true}, /* 14 digits of 15 */
        {49170123456789u, 491701234567990u, false},
        {44, 442071234567u, true},
        {449, 442071234567u, false},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_dnc_record row = {
            .phone = cases[i].digits, .prefix = true, .scope = OD_DNC_ALL};
        assert_false(forbids_at(kit, cases[i].phone, kit->now));
        assert_true(kit_dnc_put(kit, &row));
        assert_false(kit_dnc_put(kit, &row));
        kit_reopen(kit);
        assert_int_equal(forbids_at(kit, cases[i].phone, kit->now),
                         cases[i].forbids);
        od_dnc_record got;
        size_t count = 0;
        kit_ok(kit, OP(dnc_scan, 0, &got, 1, &count));
        assert_int_equal(got.phone, cases[i].digits);
        assert_true(got.prefix);
        od_ledger_entry note = kit_note(kit, OD_LEDGER_DNC_REMOVE, 0);
        kit_ok(kit, OP(dnc_remove, cases[i].digits, true, OD_DNC_ALL, 0,
                       kit->now, &note));
        assert_false(forbids_at(kit, cases[i].phone, kit->now));
    }
}

static void dnc_of_a_prefix_has_a_scope(od_kit *kit)
{
    od_id c1 = kit_start_with(kit, "c1", 1);
    od_id c2 = kit_start_with(kit, "c2", 1);
    od_dnc_record row = {.phone = KIT_PHONE / 100,
                         .prefix = true,
                         .scope = OD_DNC_CAMPAIGN,
                         .campaign = c2};
    assert_true(kit_dnc_put(kit, &row));
    row.scope = OD_DNC_TEXT;
    row.campaign = 0;
    assert_true(kit_dnc_put(kit, &row));
    assert_false(kit_candidate(kit, c1, KIT_PHONE).dnc);
    assert_true(kit_candidate(kit, c2, KIT_PHONE).dnc);
    assert_false(forbids_at(kit, KIT_PHONE, kit->now));
}

/* An entry of a phone and one of a prefix of the same digits are two. */
static void dnc_of_a_prefix_is_another_entry(od_kit *kit)
{
    od_dnc_record row = {.phone = KIT_PHONE, .scope = OD_DNC_ALL};
    assert_true(kit_dnc_put(kit, &row));
    row.prefix = true;
    assert_true(kit_dnc_put(kit, &row));
    kit_reopen(kit);
    od_dnc_record got[3];
    size_t count = 0;
    kit_ok(kit, OP(dnc_scan, 0, got, 3, &count));
    assert_int_equal(count, 2);
    assert_false(got[0].prefix);
    assert_true(got[1].prefix);
    kit_dnc_remove(kit, KIT_PHONE, OD_DNC_ALL, 0);
    assert_true(forbids_at(kit, KIT_PHONE, kit->now));
    assert_true(forbids_at(kit, KIT_PHONE * 10, kit->now));
}

static void dnc_of_a_prefix_blocks_nobody_by_itself(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 3);
    od_dnc_record row = {
        .phone = KIT_PHONE / 10, .prefix = true, .scope = OD_DNC_ALL};
    assert_true(kit_dnc_put(kit, &row));
    assert_int_equal(kit_counters(kit, campaign).ready, 3);
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    (void)kit_ask(kit, campaign, od_lane_of(kit->place_a, false), 3, 3,
                  &judge);
    assert_int_equal(judge.seen_len, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(judge.seen[i].dnc);
        assert_int_equal(judge.seen[i].dnc_until_utc_ms, 0);
    }
}

static bool rule_listed(od_kit_judge *judge, const od_candidate *candidate,
                        od_verdict *out)
{
    (void)judge;
    if (candidate->dnc) {
        out->kind = OD_VERDICT_BLOCK;
        out->reason = OD_REASON_DNC;
    }
    return true;
}

/* Whom the judge blocked for a prefix is free when the prefix goes, unless
 * another entry forbids for ever. */
static void dnc_remove_of_a_prefix_frees(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 12);
    od_dnc_record prefix = {
        .phone = KIT_PHONE / 10, .prefix = true, .scope = OD_DNC_ALL};
    assert_true(kit_dnc_put(kit, &prefix));
    od_dnc_record wider = prefix;
    wider.phone = KIT_PHONE / 100;
    wider.scope = OD_DNC_VOICE;
    wider.expires_utc_ms = kit->now + 900000; /* not for ever */
    assert_true(kit_dnc_put(kit, &wider));
    (void)kit_dnc_add(kit, KIT_PHONE + 1, OD_DNC_ALL, 0);
    (void)kit_dnc_add(kit, KIT_PHONE + 10, OD_DNC_ALL, 0);
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    judge.rule = rule_listed;
    (void)kit_ask(kit, campaign, od_lane_of(kit->place_a, false), 99, 99,
                  &judge);
    assert_int_equal(kit_counters(kit, campaign).blocked_by[OD_REASON_DNC],
                     12);
    kit->now += 60000;
    od_ledger_entry note = kit_note(kit, OD_LEDGER_DNC_REMOVE, 0);
    kit_ok(kit, OP(dnc_remove, prefix.phone, true, OD_DNC_ALL, 0, kit->now,
                   &note));
    kit_reopen(kit);
    for (uint64_t i = 0; i < 12; i++) {
        /* 1 is listed itself; 10 and 11 do not begin so. */
        bool freed = i != 1 && i < 10;
        od_candidate got = kit_candidate(kit, campaign, KIT_PHONE + i);
        assert_int_equal(got.state,
                         freed ? OD_TARGET_READY : OD_TARGET_BLOCKED);
        assert_int_equal(got.due_utc_ms == kit->now, freed);
        assert_true(got.dnc); /* the wider one is in force still */
    }
    /* And an entry of the phone frees nobody whom a prefix forbids for ever. */
    assert_true(kit_dnc_put(kit, &prefix));
    kit_dnc_remove(kit, KIT_PHONE + 1, OD_DNC_ALL, 0);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE + 1),
                     OD_TARGET_BLOCKED);
}

/* == reading ============================================================== */

static void dnc_scan_pages(od_kit *kit)
{
    for (uint64_t i = 0; i < 25; i++) {
        (void)kit_dnc_add(kit, KIT_PHONE + i, OD_DNC_ALL, 0);
    }
    for (uint64_t i = 0; i < 25; i += 2) {
        kit_dnc_remove(kit, KIT_PHONE + i, OD_DNC_ALL, 0);
    }
    od_dnc_record rows[5];
    size_t count = 5;
    od_id after = 0;
    uint64_t phone = KIT_PHONE + 1;
    while (count == 5) {
        kit_ok(kit, OP(dnc_scan, after, rows, 5, &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].id > after);
            assert_int_equal(rows[i].phone, phone);
            phone += 2;
            after = rows[i].id;
        }
    }
    assert_int_equal(phone, KIT_PHONE + 25);
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_dnc[] = {
    CASE(dnc_add_tells_what_is_new),
    CASE(dnc_keeps_every_field),
    CASE(dnc_ids_are_not_reused),
    CASE(dnc_check_knows_scopes),
    CASE(dnc_add_blocks_ready_targets),
    CASE(dnc_remove_frees_what_it_alone_blocked),
    CASE(dnc_remove_keeps_a_delay),
    CASE(dnc_remove_leaves_other_reasons),
    CASE(dnc_remove_what_is_not_there),
    CASE(dnc_expires_at_its_instant),
    CASE(dnc_until_is_the_latest),
    CASE(dnc_is_prolonged_never_shortened),
    CASE(dnc_prolonged_for_ever_blocks),
    CASE(dnc_prolonged_in_a_call),
    CASE(dnc_of_a_prefix),
    CASE(dnc_of_a_prefix_has_a_scope),
    CASE(dnc_of_a_prefix_is_another_entry),
    CASE(dnc_of_a_prefix_blocks_nobody_by_itself),
    CASE(dnc_remove_of_a_prefix_frees),
    CASE(dnc_scan_pages),
    {NULL, NULL},
};
