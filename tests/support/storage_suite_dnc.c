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
        kit_ok(kit, OP(dnc_check, phone, cases[i].asked, kit->now, &got));
        assert_false(got);
        (void)kit_dnc_add(kit, phone, cases[i].scope, cases[i].of);
        kit_ok(kit, OP(dnc_check, phone, cases[i].asked, kit->now, &got));
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
    CASE(dnc_remove_leaves_other_reasons),
    CASE(dnc_remove_what_is_not_there),
    CASE(dnc_scan_pages),
    {NULL, NULL},
};
