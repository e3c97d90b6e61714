/*
 * storage_suite_consent.c - evidence of consent: rows, facts, what they free
 * and what revokes them.
 */
#include "support/storage_kit.h"

#define MARKETING OD_PURPOSE_MARKETING
#define SURVEY OD_PURPOSE_SURVEY

static od_consents facts(od_kit *kit, od_id campaign, uint64_t phone)
{
    return kit_candidate(kit, campaign, phone).consents;
}

static od_consent_record only_row(od_kit *kit, uint64_t phone)
{
    od_consent_record rows[2];
    size_t count = 0;
    kit_ok(kit, OP(consent_scan, phone, 0, rows, 2, &count));
    assert_int_equal(count, 1);
    return rows[0];
}

static void revoke(od_kit *kit, uint64_t phone, const char *seller)
{
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CONSENT_REVOKE, 0);
    kit_ok(kit, OP(consent_revoke, phone, seller, kit->now, &note));
}

/* == rows ================================================================= */

static void consent_add_tells_what_is_new(od_kit *kit)
{
    od_consent_record rows[8];
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        rows[i] = kit_consent(kit, KIT_PHONE, OD_CONSENT_EXPRESS, MARKETING);
    }
    rows[1].text = "Other words, the same evidence.";
    rows[2].phone++;
    rows[3].seller = "ACME, Inc."; /* told apart byte by byte */
    rows[4].purpose = SURVEY;
    rows[5].kind = OD_CONSENT_WRITTEN;
    rows[6].obtained_utc_ms++;
    rows[7].seller = "";
    od_ledger_entry notes[OD__LEN(rows)];
    bool added[OD__LEN(rows)];
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        notes[i] = kit_note(kit, OD_LEDGER_CONSENT_ADD, (od_id)i);
    }
    kit_ok(kit, OP(consent_add, rows, notes, OD__LEN(rows), kit->now, added));
    od_ledger_row ledger[9];
    size_t count = 0;
    kit_ok(kit, OP(ledger_scan, 0, ledger, 9, &count));
    assert_int_equal(count, 7);
    for (size_t i = 0, at = 0; i < OD__LEN(rows); i++) {
        assert_int_equal(added[i], i != 1);
        if (i != 1) {
            assert_int_equal(ledger[at].kind, OD_LEDGER_CONSENT_ADD);
            assert_int_equal(ledger[at++].subject, i);
        }
    }
    kit_reopen(kit);
    kit_ok(kit, OP(consent_add, rows, notes, OD__LEN(rows), kit->now, NULL));
    kit_ok(kit, OP(consent_add, NULL, NULL, 0, kit->now, NULL));
    assert_int_equal(kit_ledger_len(kit), 7);
    od_consent_record row;
    kit_ok(kit, OP(consent_scan, KIT_PHONE, 0, &row, 1, &count));
    assert_string_equal(row.text, "You may call me."); /* kept as it is */
}

static void consent_keeps_every_field(od_kit *kit)
{
    od_consent_record want = {.id = 77, /* ignored */
                              .phone = 990000000000001u,
                              .kind = OD_CONSENT_WRITTEN,
                              .purpose = OD_PURPOSE_EMERGENCY,
                              .obtained_utc_ms = 700000000000,
                              .added_utc_ms = 1234567890123,
                              .revoked_utc_ms = 5, /* ignored */
                              .seller = "Müller & \"Söhne\"",
                              .how = "paper",
                              .text = "I agree; 'yes'.\nSigned",
                              .reference = "box 7",
                              .who = "Zoë"};
    memset(want.sha256, 0xab, sizeof want.sha256);
    assert_true(kit_consent_add(kit, &want));
    kit_reopen(kit);
    od_consent_record got = only_row(kit, want.phone);
    assert_true(got.id > 0);
    assert_int_equal(got.phone, want.phone);
    assert_int_equal(got.kind, want.kind);
    assert_int_equal(got.purpose, want.purpose);
    assert_int_equal(got.obtained_utc_ms, want.obtained_utc_ms);
    assert_int_equal(got.added_utc_ms, want.added_utc_ms);
    assert_int_equal(got.revoked_utc_ms, 0);
    assert_string_equal(got.seller, want.seller);
    assert_string_equal(got.how, want.how);
    assert_string_equal(got.text, want.text);
    assert_string_equal(got.reference, want.reference);
    assert_string_equal(got.who, want.who);
    assert_memory_equal(got.sha256, want.sha256, sizeof want.sha256);
}

static void consent_scan_pages(od_kit *kit)
{
    for (uint64_t i = 0; i < 24; i++) {
        od_consent_record row = kit_consent(kit, KIT_PHONE + i % 3,
                                            OD_CONSENT_EXPRESS, MARKETING);
        row.obtained_utc_ms += (int64_t)i;
        assert_true(kit_consent_add(kit, &row));
    }
    for (uint64_t phone = 0; phone <= KIT_PHONE + 3;
         phone = phone == 0 ? KIT_PHONE : phone + 1) {
        od_consent_record rows[5];
        od_id after = 0;
        size_t count = 5;
        size_t found = 0;
        while (count == 5) {
            kit_ok(kit, OP(consent_scan, phone, after, rows, 5, &count));
            for (size_t i = 0; i < count; i++) {
                assert_true(rows[i].id > after);
                assert_true(phone == 0 || rows[i].phone == phone);
                after = rows[i].id;
                found++;
            }
        }
        size_t of_one = phone < KIT_PHONE + 3 ? 8 : 0;
        assert_int_equal(found, phone == 0 ? 24 : of_one);
    }
}

/* == facts ================================================================ */

static void consents_are_facts_by_kind(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_consent_record rows[] = {
        kit_consent(kit, KIT_PHONE, OD_CONSENT_EXPRESS, MARKETING),
        kit_consent(kit, KIT_PHONE, OD_CONSENT_EXPRESS, SURVEY),
        kit_consent(kit, KIT_PHONE, OD_CONSENT_WRITTEN, SURVEY),
        kit_consent(kit, KIT_PHONE, OD_CONSENT_PURCHASE, 0),
        kit_consent(kit, KIT_PHONE, OD_CONSENT_PURCHASE, 0),
        kit_consent(kit, KIT_PHONE, OD_CONSENT_INQUIRY, 0),
        kit_consent(kit, KIT_PHONE, 99, 99), /* of a newer version */
    };
    rows[3].obtained_utc_ms = 2000;
    rows[4].obtained_utc_ms = 1000;
    rows[5].obtained_utc_ms = 3000;
    od_consents got = facts(kit, campaign, KIT_PHONE);
    assert_int_equal(got.express, 0);
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        assert_true(kit_consent_add(kit, &rows[i]));
    }
    kit_reopen(kit);
    got = facts(kit, campaign, KIT_PHONE);
    assert_int_equal(got.express, 1 << MARKETING | 1 << SURVEY);
    assert_int_equal(got.written, 1 << SURVEY);
    assert_int_equal(got.purchased_utc_ms, 2000); /* the latest */
    assert_int_equal(got.inquired_utc_ms, 3000);
    revoke(kit, KIT_PHONE, NULL); /* the recount knows no such kind */
}

static void consents_are_of_the_seller(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    static const char *const others[] = {"", "Acme, Inc", "acme, inc.",
                                         "Acme, Inc.."};
    for (size_t i = 0; i < OD__LEN(others); i++) {
        od_consent_record row =
            kit_consent(kit, KIT_PHONE, OD_CONSENT_EXPRESS, MARKETING);
        row.seller = others[i];
        assert_true(kit_consent_add(kit, &row));
        assert_int_equal(facts(kit, campaign, KIT_PHONE).express, 0);
    }
    /* A campaign without a seller takes rows without one. */
    od_campaign_record record = kit_campaign_get(kit, campaign);
    record.seller[0] = '\0';
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CAMPAIGN_SET, campaign);
    kit_ok(kit, OP(campaign_put, &record, &note, NULL));
    assert_int_equal(facts(kit, campaign, KIT_PHONE).express, 1 << MARKETING);
    /* No such campaign, no seller. */
    assert_int_equal(facts(kit, 99, KIT_PHONE).express, 0);
}

static void consents_of_who_is_not_enrolled(od_kit *kit)
{
    od_id campaign = kit_campaign(kit, "c", 0, 0);
    od_consent_record row =
        kit_consent(kit, KIT_PHONE, OD_CONSENT_WRITTEN, MARKETING);
    assert_true(kit_consent_add(kit, &row));
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.contact, 0);
    assert_int_equal(got.consents.written, 1 << MARKETING);
}

static bool rule_wants_consent(od_kit_judge *judge,
                               const od_candidate *candidate, od_verdict *out)
{
    (void)judge;
    if (candidate->consents.express == 0) {
        out->kind = OD_VERDICT_BLOCK;
        out->reason = OD_REASON_CONSENT;
    }
    return true;
}

static void consents_are_told_to_the_judge(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 2);
    od_consent_record row =
        kit_consent(kit, KIT_PHONE + 1, OD_CONSENT_EXPRESS, MARKETING);
    assert_true(kit_consent_add(kit, &row));
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    judge.rule = rule_wants_consent;
    (void)kit_ask(kit, campaign, od_lane_of(kit->place_a, false), 9, 9,
                  &judge);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_BLOCKED);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE + 1),
                     OD_TARGET_FLIGHT);
}

/* == what a row frees ===================================================== */

static bool rule_block(od_kit_judge *judge, const od_candidate *candidate,
                       od_verdict *out)
{
    (void)candidate;
    out->kind = OD_VERDICT_BLOCK;
    out->reason = *(const int32_t *)judge->rule_ctx;
    return true;
}

static void block_all(od_kit *kit, od_id campaign, int32_t reason)
{
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    judge.rule = rule_block;
    judge.rule_ctx = &reason;
    (void)kit_ask(kit, campaign, od_lane_of(kit->place_a, false), 99, 99,
                  &judge);
}

static void consent_add_frees_who_wants_for_it(od_kit *kit)
{
    od_id c1 = kit_start_with(kit, "c1", 3);
    od_id c2 = kit_start_with(kit, "c2", 3);
    od_id c3 = kit_start_with(kit, "c3", 3);
    block_all(kit, c1, OD_REASON_CONSENT);
    block_all(kit, c2, OD_REASON_CONSENT);
    block_all(kit, c3, OD_REASON_PLACE_UNKNOWN);
    kit->now += 60000;
    od_consent_record row =
        kit_consent(kit, KIT_PHONE, OD_CONSENT_PURCHASE, 0);
    row.seller = "somebody else"; /* it is for the judge to say */
    assert_true(kit_consent_add(kit, &row));
    kit_reopen(kit);
    const od_id freed[] = {c1, c2};
    for (size_t i = 0; i < 2; i++) {
        od_candidate got = kit_candidate(kit, freed[i], KIT_PHONE);
        assert_int_equal(got.state, OD_TARGET_READY);
        assert_int_equal(got.reason, OD_REASON_NONE);
        assert_int_equal(got.due_utc_ms, kit->now);
    }
    assert_int_equal(kit_state(kit, c1, KIT_PHONE + 1), OD_TARGET_BLOCKED);
    assert_int_equal(kit_state(kit, c3, KIT_PHONE), OD_TARGET_BLOCKED);
    /* What is on record already frees nobody. */
    block_all(kit, c1, OD_REASON_CONSENT);
    assert_false(kit_consent_add(kit, &row));
    assert_int_equal(kit_state(kit, c1, KIT_PHONE), OD_TARGET_BLOCKED);
}

/* Evidence may exempt from a ban or a registry: it is for the judge to say. */
static void consent_add_frees_whom_it_may_exempt(od_kit *kit)
{
    static const struct {
        int32_t reason;
        int state;
    } cases[] = {
        {OD_REASON_RULE_BAN, OD_TARGET_READY},
        {OD_REASON_REGISTRY, OD_TARGET_READY},
        {OD_REASON_REGISTRY_STALE, OD_TARGET_READY},
        {OD_REASON_DNC, OD_TARGET_BLOCKED},
        {OD_REASON_NUMBER_INVALID, OD_TARGET_BLOCKED},
        {OD_REASON_ATTEMPTS_USED, OD_TARGET_BLOCKED},
        {OD_REASON_CAMPAIGN_ENDED, OD_TARGET_BLOCKED},
    };
    od_id campaigns[OD__LEN(cases)];
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "c%zu", i);
        campaigns[i] = kit_start_with(kit, name, 2);
        block_all(kit, campaigns[i], cases[i].reason);
    }
    kit->now += 60000;
    od_consent_record row =
        kit_consent(kit, KIT_PHONE, OD_CONSENT_PURCHASE, 0);
    assert_true(kit_consent_add(kit, &row));
    kit_reopen(kit);
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_candidate got = kit_candidate(kit, campaigns[i], KIT_PHONE);
        assert_int_equal(got.state, cases[i].state);
        assert_int_equal(kit_state(kit, campaigns[i], KIT_PHONE + 1),
                         OD_TARGET_BLOCKED);
        if (got.state == OD_TARGET_READY) {
            assert_int_equal(got.reason, OD_REASON_NONE);
            assert_int_equal(got.due_utc_ms, kit->now);
        }
    }
}

/* == revoking ============================================================= */

static void consent_revoke_of_one_seller_or_all(od_kit *kit)
{
    od_consent_record row =
        kit_consent(kit, KIT_PHONE, OD_CONSENT_EXPRESS, MARKETING);
    assert_true(kit_consent_add(kit, &row));
    row.seller = "B";
    assert_true(kit_consent_add(kit, &row));
    row.seller = "";
    assert_true(kit_consent_add(kit, &row));
    row.phone++;
    assert_true(kit_consent_add(kit, &row));
    int64_t rows = kit_ledger_len(kit);
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CONSENT_REVOKE, 4);
    kit_err(kit, OP(consent_revoke, KIT_PHONE, "C", kit->now, &note),
            OD_ERR_NOT_FOUND);
    kit_err(kit, OP(consent_revoke, KIT_PHONE + 9, NULL, kit->now, &note),
            OD_ERR_NOT_FOUND);
    assert_int_equal(kit_ledger_len(kit), rows);
    int64_t first = kit->now;
    kit_ok(kit, OP(consent_revoke, KIT_PHONE, "B", kit->now, &note));
    assert_int_equal(kit_ledger_len(kit), rows + 1);
    assert_int_equal(kit_ledger_last(kit).subject, 4);
    kit_err(kit, OP(consent_revoke, KIT_PHONE, "B", kit->now, &note),
            OD_ERR_NOT_FOUND);
    kit->now += 1000;
    revoke(kit, KIT_PHONE, NULL);
    kit_reopen(kit);
    od_consent_record got[4];
    size_t count = 0;
    kit_ok(kit, OP(consent_scan, 0, 0, got, 4, &count));
    assert_int_equal(count, 4);
    assert_int_equal(got[0].revoked_utc_ms, kit->now);
    assert_int_equal(got[1].revoked_utc_ms, first); /* as it was */
    assert_int_equal(got[2].revoked_utc_ms, kit->now);
    assert_int_equal(got[3].revoked_utc_ms, 0);
    revoke(kit, KIT_PHONE + 1, ""); /* "" is a seller, too */
}

/* Who revokes, and later agrees again, has agreed. */
static void consent_after_a_revocation(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_consent_record row =
        kit_consent(kit, KIT_PHONE, OD_CONSENT_EXPRESS, MARKETING);
    assert_true(kit_consent_add(kit, &row));
    revoke(kit, KIT_PHONE, NULL);
    assert_int_equal(facts(kit, campaign, KIT_PHONE).express, 0);
    assert_false(kit_consent_add(kit, &row)); /* the same evidence again */
    assert_int_equal(facts(kit, campaign, KIT_PHONE).express, 0);
    row.obtained_utc_ms = kit->now;
    assert_true(kit_consent_add(kit, &row));
    assert_int_equal(facts(kit, campaign, KIT_PHONE).express, 1 << MARKETING);
}

static void dnc_revokes_consents(od_kit *kit)
{
    static const struct {
        od_dnc_record entry;
        bool revokes;
    } cases[] = {
        {{.scope = OD_DNC_ALL}, true},
        {{.scope = OD_DNC_VOICE}, true},
        {{.scope = OD_DNC_ALL, .expires_utc_ms = KIT_NOW + 5000}, true},
        {{.scope = OD_DNC_TEXT}, false},
        {{.scope = OD_DNC_CAMPAIGN, .campaign = 1}, false},
        {{.scope = OD_DNC_ALL, .prefix = true}, false},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_dnc_record entry = cases[i].entry;
        entry.phone = 15551000000u + i;
        od_consent_record rows[] = {
            kit_consent(kit, entry.phone, OD_CONSENT_WRITTEN, MARKETING),
            kit_consent(kit, entry.phone, OD_CONSENT_PURCHASE, 0)};
        rows[1].seller = "any";
        assert_true(kit_consent_add(kit, &rows[0]));
        assert_true(kit_consent_add(kit, &rows[1]));
        kit->now += 1000;
        assert_true(kit_dnc_put(kit, &entry));
        kit_reopen(kit);
        od_consent_record got[2];
        size_t count = 0;
        kit_ok(kit, OP(consent_scan, entry.phone, 0, got, 2, &count));
        assert_int_equal(count, 2);
        for (size_t k = 0; k < 2; k++) {
            assert_int_equal(got[k].revoked_utc_ms,
                             cases[i].revokes ? kit->now : 0);
        }
    }
}

/* An entry that is not new revokes nothing; one that is prolonged is new. */
static void dnc_revokes_when_it_is_new(od_kit *kit)
{
    od_dnc_record entry = {.phone = KIT_PHONE,
                           .scope = OD_DNC_ALL,
                           .expires_utc_ms = kit->now + 5000};
    assert_true(kit_dnc_put(kit, &entry));
    od_consent_record row =
        kit_consent(kit, KIT_PHONE, OD_CONSENT_EXPRESS, MARKETING);
    assert_true(kit_consent_add(kit, &row));
    kit->now += 1000;
    assert_false(kit_dnc_put(kit, &entry));
    assert_int_equal(only_row(kit, KIT_PHONE).revoked_utc_ms, 0);
    entry.expires_utc_ms++;
    assert_true(kit_dnc_put(kit, &entry));
    assert_int_equal(only_row(kit, KIT_PHONE).revoked_utc_ms, kit->now);
}

static void opt_out_revokes_consents(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_consent_record row =
        kit_consent(kit, KIT_PHONE, OD_CONSENT_EXPRESS, MARKETING);
    assert_true(kit_consent_add(kit, &row));
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    od_dnc_record entry = {.phone = KIT_PHONE,
                           .scope = OD_DNC_ALL,
                           .attempt = attempt,
                           .source = "call",
                           .added_utc_ms = kit->now + 7};
    od_ledger_entry note = kit_note(kit, OD_LEDGER_DNC_ADD, attempt);
    od_exchange exchange = {.utc_ms = kit->now,
                            .dnc = &entry,
                            .dnc_len = 1,
                            .ledger = &note,
                            .ledger_len = 1};
    kit_ok(kit, OP(exchange, &exchange));
    assert_int_equal(only_row(kit, KIT_PHONE).revoked_utc_ms, kit->now + 7);
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_consent[] = {
    CASE(consent_add_tells_what_is_new),
    CASE(consent_keeps_every_field),
    CASE(consent_scan_pages),
    CASE(consents_are_facts_by_kind),
    CASE(consents_are_of_the_seller),
    CASE(consents_of_who_is_not_enrolled),
    CASE(consents_are_told_to_the_judge),
    CASE(consent_add_frees_who_wants_for_it),
    CASE(consent_add_frees_whom_it_may_exempt),
    CASE(consent_revoke_of_one_seller_or_all),
    CASE(consent_after_a_revocation),
    CASE(dnc_revokes_consents),
    CASE(dnc_revokes_when_it_is_new),
    CASE(opt_out_revokes_consents),
    {NULL, NULL},
};
