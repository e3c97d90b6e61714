/*
 * test_consent.c - evidence of consent: what is taken, what comes out, what
 * revokes it, and what the ledger says, over each storage.
 */
#include "support/stage.h"

#include "base/base.h"

#define DAY_MS 86400000

/* Evidence that is fine. */
static od_consent evidence(const od_stage *s)
{
    return (od_consent){.phone = stage_phone(0),
                        .seller = "Acme Solar",
                        .obtained_utc_ms = s->world.now.utc_ms - DAY_MS,
                        .kind = OD_CONSENT_WRITTEN,
                        .purpose = OD_PURPOSE_MARKETING};
}

static void add(od_stage *s, od_consent consent)
{
    stage_ok(s, od_consent_add(s->engine, &consent));
}

static size_t listed(od_stage *s, const char *phone)
{
    od_consent rows[100];
    size_t count = 0;
    stage_ok(s, od_consents_list(s->engine, phone, 0, rows, 100, &count));
    return count;
}

/* Rows of a number that are in force. */
static size_t in_force(od_stage *s, const char *phone)
{
    od_consent rows[100];
    size_t count = 0;
    size_t found = 0;
    stage_ok(s, od_consents_list(s->engine, phone, 0, rows, 100, &count));
    for (size_t i = 0; i < count; i++) {
        found += rows[i].revoked_utc_ms == 0 ? 1 : 0;
    }
    return found;
}

/* The last row of the ledger; it is of this kind. */
static const char *last_payload(od_stage *s, int32_t kind)
{
    od_ledger_row rows[100];
    size_t count = 0;
    stage_ok(s, od_ledger_read(s->engine, 0, rows, 100, &count));
    assert_in_range(count, 1, 99);
    assert_int_equal(rows[count - 1].kind, kind);
    assert_int_equal(rows[count - 1].subject, 0);
    return rows[count - 1].payload;
}

/* Rows of evidence in the ledger. */
static size_t ledger_rows(od_stage *s)
{
    od_ledger_row rows[100];
    size_t count = 0;
    size_t found = 0;
    stage_ok(s, od_ledger_read(s->engine, 0, rows, 100, &count));
    for (size_t i = 0; i < count; i++) {
        found += rows[i].kind == OD_LEDGER_CONSENT_ADD ? 1 : 0;
    }
    return found;
}

/* -- one row --------------------------------------------------------------------- */

static void test_consent_everything_comes_back(void **state)
{
    od_stage *s = *state;
    od_consent rows[4];
    size_t count = 0;
    od_consent c = {.phone = "(212) 555-1000",
                    .seller = "Acme \"Solar\"",
                    .how = "web form",
                    .text = "I agree to be called\nby Caf\xc3\xa9.",
                    .reference = "s3://consents/1",
                    .who = "Ann O'Neil",
                    .obtained_utc_ms = s->world.now.utc_ms - 1,
                    .kind = OD_CONSENT_WRITTEN,
                    .purpose = OD_PURPOSE_HEALTH};
    memset(c.sha256, 0xa5, sizeof c.sha256);
    add(s, c);
    stage_ok(s, od_consents_list(s->engine, NULL, 0, rows, 4, &count));
    assert_int_equal(count, 1);
    assert_true(rows[0].id > 0);
    assert_string_equal(rows[0].phone, "+12125551000");
    assert_string_equal(rows[0].seller, c.seller);
    assert_string_equal(rows[0].how, c.how);
    assert_string_equal(rows[0].text, c.text);
    assert_string_equal(rows[0].reference, c.reference);
    assert_string_equal(rows[0].who, c.who);
    assert_true(rows[0].obtained_utc_ms == c.obtained_utc_ms);
    assert_true(rows[0].added_utc_ms == s->world.now.utc_ms);
    assert_true(rows[0].revoked_utc_ms == 0);
    assert_int_equal(rows[0].kind, OD_CONSENT_WRITTEN);
    assert_int_equal(rows[0].purpose, OD_PURPOSE_HEALTH);
    assert_memory_equal(rows[0].sha256, c.sha256, 32);
}

/* Texts that are not given are empty; what an inquiry was for plays no part. */
static void test_consent_only_what_is_needed(void **state)
{
    static const uint8_t none[32];
    od_stage *s = *state;
    od_consent row;
    size_t count = 0;
    od_consent c = {.phone = stage_phone(0),
                    .obtained_utc_ms = s->world.now.utc_ms,
                    .kind = OD_CONSENT_INQUIRY,
                    .purpose = 99};
    add(s, c);
    stage_ok(s, od_consents_list(s->engine, NULL, 0, &row, 1, &count));
    assert_int_equal(count, 1);
    assert_string_equal(row.seller, "");
    assert_string_equal(row.how, "");
    assert_string_equal(row.text, "");
    assert_string_equal(row.reference, "");
    assert_string_equal(row.who, "");
    assert_int_equal(row.purpose, OD_PURPOSE_UNSTATED);
    assert_memory_equal(row.sha256, none, 32);
    const char *payload = last_payload(s, OD_LEDGER_CONSENT_ADD);
    assert_non_null(strstr(payload, "\"kind\":\"inquiry\""));
    assert_null(strstr(payload, "purpose"));
    assert_null(strstr(payload, "sha256"));
    assert_null(strstr(payload, "seller"));
}

static void test_consent_refuses(void **state)
{
    static char longer[OD_TEXT_MAX + 2];
    static char name[OD_NAME_MAX + 2];
    od_stage *s = *state;
    memset(longer, 'x', OD_TEXT_MAX + 1);
    memset(name, 'x', OD_NAME_MAX + 1);
    od_consent good = evidence(s);
    struct {
        od_consent row;
        const char *text;
    } cases[20];
    size_t len = 0;
#define BAD(field, value, why)                                                 \
    do {                                                                       \
        cases[len].row = good;                                                 \
        cases[len].row.field = (value);                                        \
        cases[len++].text = (why);                                             \
    } while (0)
    BAD(phone, NULL, "phone");
    BAD(phone, "nobody", "\"nobody\"");
    BAD(phone, "+1900*", "\"+1900*\"");
    BAD(kind, 0, "kind 0");
    BAD(kind, OD_CONSENT_KINDS, "kind 5");
    BAD(kind, -1, "kind -1");
    BAD(purpose, OD_PURPOSE_UNSTATED, "purpose is missing");
    BAD(purpose, OD_PURPOSES, "purpose 8");
    BAD(purpose, -1, "purpose -1");
    BAD(obtained_utc_ms, s->world.now.utc_ms + 1, "2027-03-10T17:00:00.001Z");
    BAD(obtained_utc_ms, 0, "before 1990");
    BAD(obtained_utc_ms, 631151999999, "1989-12-31T23:59:59.999Z");
    BAD(obtained_utc_ms, INT64_MIN, "before 1990");
    BAD(obtained_utc_ms, INT64_MAX, "future");
    BAD(seller, name, "seller is longer than 127");
    BAD(how, name, "how");
    BAD(reference, name, "reference");
    BAD(who, "caf\xc3", "who is not UTF-8");
    BAD(text, longer, "text is longer than 4095");
    BAD(text, "\xff", "text is not UTF-8");
    for (size_t i = 0; i < len; i++) {
        stage_fails(s, od_consent_add(s->engine, &cases[i].row),
                    OD_ERR_INVALID, cases[i].text);
    }
    stage_fails(s, od_consent_add(s->engine, NULL), OD_ERR_INVALID, "consent");
    assert_int_equal(od_consent_add(NULL, &good), OD_ERR_INVALID);
    assert_int_equal(listed(s, NULL), 0);
    assert_int_equal(ledger_rows(s), 0);
    good.obtained_utc_ms = 631152000000; /* the first day of 1990 */
    add(s, good);
    good.obtained_utc_ms = s->world.now.utc_ms;
    add(s, good);
}

/* The same evidence again is no change; any difference in what it is evidence
 * of makes it another. */
static void test_consent_once(void **state)
{
    od_stage *s = *state;
    od_consent c = evidence(s);
    add(s, c);
    c.who = "Somebody else";
    add(s, c);
    assert_int_equal(listed(s, NULL), 1);
    assert_int_equal(ledger_rows(s), 1);
    c.obtained_utc_ms++;
    add(s, c);
    c.kind = OD_CONSENT_EXPRESS;
    add(s, c);
    c.purpose = OD_PURPOSE_DEBT;
    add(s, c);
    c.seller = "acme solar"; /* byte by byte */
    add(s, c);
    c.phone = stage_phone(1);
    add(s, c);
    assert_int_equal(listed(s, NULL), 6);
    assert_int_equal(listed(s, stage_phone(0)), 5);
    assert_int_equal(listed(s, "(212) 555-1001"), 1);
    assert_int_equal(listed(s, stage_phone(2)), 0);
}

static void test_consent_list_pages(void **state)
{
    od_stage *s = *state;
    od_consent rows[7];
    size_t count = 7;
    size_t seen = 0;
    od_id after = 0;
    for (int i = 0; i < 20; i++) {
        od_consent c = evidence(s);
        c.phone = stage_phone(i);
        add(s, c);
    }
    while (count == 7) {
        stage_ok(s, od_consents_list(s->engine, NULL, after, rows, 7, &count));
        for (size_t i = 0; i < count; i++, seen++) {
            assert_string_equal(rows[i].phone, stage_phone((int)seen));
            assert_true(rows[i].id > after);
            after = rows[i].id;
        }
    }
    assert_int_equal(seen, 20);
    stage_fails(s, od_consents_list(s->engine, "x", 0, rows, 7, &count),
                OD_ERR_INVALID, "\"x\"");
    stage_fails(s, od_consents_list(s->engine, NULL, -1, rows, 7, &count),
                OD_ERR_INVALID, "cursor");
    stage_fails(s, od_consents_list(s->engine, NULL, 0, NULL, 7, &count),
                OD_ERR_INVALID, "rows");
    stage_fails(s, od_consents_list(s->engine, NULL, 0, rows, 0, &count),
                OD_ERR_INVALID, "rows_max");
}

/* What was listed is handed in again, with all its texts. */
static void test_consent_add_what_was_listed(void **state)
{
    od_stage *s = *state;
    od_consent rows[8];
    size_t count = 0;
    od_consent c = evidence(s);
    c.how = "a recorded call";
    c.text = "What was said, in so many words";
    c.reference = "tape 7";
    c.who = "Ann";
    add(s, c);
    for (int i = 0; i < 3; i++) {
        stage_ok(s, od_consents_list(s->engine, NULL, 0, rows, 8, &count));
        rows[0].obtained_utc_ms -= 1 + i;
        stage_ok(s, od_consent_add(s->engine, &rows[0]));
    }
    stage_ok(s, od_consents_list(s->engine, NULL, 0, rows, 8, &count));
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(rows[i].phone, stage_phone(0));
        assert_string_equal(rows[i].seller, "Acme Solar");
        assert_string_equal(rows[i].how, c.how);
        assert_string_equal(rows[i].text, c.text);
        assert_string_equal(rows[i].reference, c.reference);
        assert_string_equal(rows[i].who, c.who);
    }
    stage_ok(s, od_consents_list(s->engine, rows[0].phone, 0, rows, 8, &count));
    assert_int_equal(count, 4);
    stage_ok(s, od_consent_revoke(s->engine, rows[1].phone, rows[1].seller,
                                  rows[1].how));
    const char *payload = last_payload(s, OD_LEDGER_CONSENT_REVOKE);
    assert_string_equal(payload,
                        "{\"phone\":\"+12125551000\",\"seller\":\"Acme Solar\","
                        "\"reason\":\"a recorded call\"}");
}

/* The next step looks at what was blocked for want of it. */
static void test_consent_wakes_the_engine(void **state)
{
    od_stage *s = *state;
    stage_run(s, 10);
    assert_true(od_engine_deadline_ms(s->engine) > s->world.now.mono_ms);
    add(s, evidence(s));
    assert_true(od_engine_deadline_ms(s->engine) <= s->world.now.mono_ms);
    stage_run(s, 10);
    assert_true(od_engine_deadline_ms(s->engine) > s->world.now.mono_ms);
    stage_ok(s, od_consent_revoke(s->engine, stage_phone(0), NULL, NULL));
    assert_true(od_engine_deadline_ms(s->engine) <= s->world.now.mono_ms);
}

/* What else stands between a stage and recorded calls that sell. */
static void lift(od_stage *s, const char *rule)
{
    od_override o = {.name = rule,
                     .rule = rule,
                     .reason = "this test is about consent",
                     .who = "the test"};
    stage_ok(s, od_override_add(s->engine, &o));
}

/* A number that is blocked for want of consent is called once there is some,
 * of the right kind, purpose and seller. */
static void test_consent_unblocks(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_caller_id shown = {"+12125550100", "contract 7"};
    stage_people(s, 3);
    stage_far_all(s, 2, "ring 1s answer wait 1s hangup");
    stage_far(s, stage_phone(2), "status 486"); /* keeps the campaign going */
    od_consent c = evidence(s);
    c.phone = stage_phone(2);
    add(s, c);
    lift(s, "us.registry");
    lift(s, "us.optout.key");
    stage_ok(s, od_caller_id_add(s->engine, &shown));
    stage_options(s, &o, "sells");
    o.purpose = OD_PURPOSE_MARKETING;
    o.seller = "Acme Solar";
    od_id campaign = stage_go(s, &o);
    stage_run(s, 3000);
    assert_int_equal(stage_stats(s, campaign).blocked_by[OD_REASON_CONSENT], 2);
    c = evidence(s);
    c.seller = "Acme";
    add(s, c);
    c = evidence(s);
    c.purpose = OD_PURPOSE_HEALTH;
    add(s, c);
    c = evidence(s);
    c.kind = OD_CONSENT_EXPRESS; /* to sell takes more */
    add(s, c);
    c.kind = OD_CONSENT_PURCHASE;
    add(s, c);
    stage_run(s, 5000);
    assert_int_equal(stage_stats(s, campaign).blocked_by[OD_REASON_CONSENT], 2);
    add(s, evidence(s));
    stage_run(s, 5000);
    assert_int_equal(stage_calls(s, campaign, stage_phone(0)), 1);
    assert_int_equal(stage_last(s, campaign, stage_phone(0)).disposition,
                     OD_DISPOSITION_ANSWERED);
    assert_int_equal(stage_stats(s, campaign).blocked_by[OD_REASON_CONSENT], 1);
    assert_int_equal(stage_calls(s, campaign, stage_phone(1)), 0);
}

/* -- revoking -------------------------------------------------------------------- */

static void test_consent_revoke(void **state)
{
    od_stage *s = *state;
    od_consent rows[8];
    size_t count = 0;
    od_consent c = evidence(s);
    add(s, c);
    c.purpose = OD_PURPOSE_DEBT;
    add(s, c);
    c.seller = "Other";
    add(s, c);
    c.seller = NULL;
    add(s, c);
    c.phone = stage_phone(1);
    add(s, c);
    stage_ok(s, od_consent_revoke(s->engine, stage_phone(0), "Acme Solar",
                                  "by mail"));
    assert_int_equal(in_force(s, stage_phone(0)), 2);
    stage_fails(s, od_consent_revoke(s->engine, stage_phone(0), "Acme Solar",
                                     NULL),
                OD_ERR_NOT_FOUND, "Acme Solar");
    stage_ok(s, od_consent_revoke(s->engine, stage_phone(0), "", NULL));
    assert_int_equal(in_force(s, stage_phone(0)), 1);
    assert_string_equal(last_payload(s, OD_LEDGER_CONSENT_REVOKE),
                        "{\"phone\":\"+12125551000\",\"seller\":\"\"}");
    stage_run(s, 1000);
    stage_ok(s, od_consent_revoke(s->engine, "212-555-1000", NULL, NULL));
    assert_string_equal(last_payload(s, OD_LEDGER_CONSENT_REVOKE),
                        "{\"phone\":\"+12125551000\"}");
    assert_int_equal(in_force(s, stage_phone(0)), 0);
    assert_int_equal(in_force(s, stage_phone(1)), 1);
    stage_fails(s, od_consent_revoke(s->engine, stage_phone(0), NULL, NULL),
                OD_ERR_NOT_FOUND, "+12125551000");
    stage_ok(s, od_consents_list(s->engine, stage_phone(0), 0, rows, 8,
                                 &count));
    assert_int_equal(count, 4); /* what was revoked stays on record */
    assert_true(rows[2].revoked_utc_ms == s->world.now.utc_ms);
    assert_true(rows[0].revoked_utc_ms == s->world.now.utc_ms - 1000);
}

static void test_consent_revoke_refuses(void **state)
{
    static char name[OD_NAME_MAX + 2];
    od_stage *s = *state;
    memset(name, 'x', OD_NAME_MAX + 1);
    add(s, evidence(s));
    stage_fails(s, od_consent_revoke(s->engine, NULL, NULL, NULL),
                OD_ERR_INVALID, "phone");
    stage_fails(s, od_consent_revoke(s->engine, "x", NULL, NULL),
                OD_ERR_INVALID, "\"x\"");
    stage_fails(s, od_consent_revoke(s->engine, stage_phone(0), name, NULL),
                OD_ERR_INVALID, "seller");
    stage_fails(s, od_consent_revoke(s->engine, stage_phone(0), NULL, name),
                OD_ERR_INVALID, "reason");
    stage_fails(s, od_consent_revoke(s->engine, stage_phone(0), NULL, "\xff"),
                OD_ERR_INVALID, "reason");
    assert_int_equal(od_consent_revoke(NULL, stage_phone(0), NULL, NULL),
                     OD_ERR_INVALID);
    assert_int_equal(in_force(s, NULL), 1);
}

/* Who asks not to be called has revoked; an entry for texts, one campaign or a
 * prefix says less. */
static void test_consent_revoked_by_dnc(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    stage_options(s, &o, "a");
    od_id campaign = stage_add(s, &o);
    for (int i = 0; i < 4; i++) {
        od_consent c = evidence(s);
        c.phone = stage_phone(i);
        add(s, c);
    }
    od_dnc_entry e = {.phone = stage_phone(0), .scope = OD_DNC_TEXT};
    stage_ok(s, od_dnc_add(s->engine, &e));
    e = (od_dnc_entry){.phone = stage_phone(0),
                       .scope = OD_DNC_CAMPAIGN,
                       .campaign = campaign};
    stage_ok(s, od_dnc_add(s->engine, &e));
    e = (od_dnc_entry){.phone = "+1212555*"};
    stage_ok(s, od_dnc_add(s->engine, &e));
    assert_int_equal(in_force(s, NULL), 4);
    e = (od_dnc_entry){.phone = stage_phone(0)};
    stage_ok(s, od_dnc_add(s->engine, &e));
    e = (od_dnc_entry){.phone = stage_phone(1), .scope = OD_DNC_VOICE};
    stage_ok(s, od_dnc_add(s->engine, &e));
    e = (od_dnc_entry){.phone = stage_phone(2),
                       .expires_utc_ms = s->world.now.utc_ms + DAY_MS};
    stage_ok(s, od_dnc_add(s->engine, &e));
    for (int i = 0; i < 4; i++) {
        assert_int_equal(in_force(s, stage_phone(i)), i == 3 ? 1 : 0);
    }
}

/* -- the ledger ------------------------------------------------------------------ */

static void test_consent_payload(void **state)
{
    od_stage *s = *state;
    char want[700];
    char hash[65];
    uint8_t text_sha256[32];
    od_consent c = {.phone = stage_phone(0),
                    .seller = "Acme",
                    .how = "web form",
                    .text = "Call me \"now\"",
                    .reference = "r1",
                    .who = "Ann",
                    .obtained_utc_ms = 1800000000123,
                    .kind = OD_CONSENT_EXPRESS,
                    .purpose = OD_PURPOSE_SURVEY};
    memset(c.sha256, 0x0f, sizeof c.sha256);
    od__sha256(c.text, strlen(c.text), text_sha256);
    od__hex(text_sha256, 32, hash);
    add(s, c);
    (void)snprintf(
        want, sizeof want,
        "{\"phone\":\"+12125551000\",\"kind\":\"express\","
        "\"purpose\":\"survey\",\"obtained_utc_ms\":1800000000123,"
        "\"seller\":\"Acme\",\"how\":\"web form\",\"reference\":\"r1\","
        "\"who\":\"Ann\",\"sha256\":\"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0"
        "f0f0f0f0f0f0f0f0f0f0f0f\",\"text_sha256\":\"%s\","
        "\"text\":\"Call me \\\"now\\\"\"}",
        hash);
    assert_string_equal(last_payload(s, OD_LEDGER_CONSENT_ADD), want);
    stage_ok(s, od_ledger_verify(s->engine, NULL, NULL));
}

/* The longest texts, of bytes that take six when they are written: the payload
 * is whole JSON, without the text where it does not fit. */
static void test_consent_payload_of_long_texts(void **state)
{
    static char text[OD_TEXT_MAX + 1];
    static char name[OD_NAME_MAX + 1];
    od_stage *s = *state;
    memset(text, 0, sizeof text);
    memset(name, 1, OD_NAME_MAX);
    int64_t before = 0;
    od_consent c = evidence(s);
    stage_ok(s, od_ledger_verify(s->engine, &before, NULL));
    c.text = text;
    for (size_t len = 3700; len <= OD_TEXT_MAX; len += 5) {
        memset(text, 'x', len);
        c.obtained_utc_ms--;
        od_ledger_row row;
        size_t count = 0;
        add(s, c);
        stage_ok(s, od_ledger_read(s->engine, before++, &row, 1, &count));
        assert_int_equal(row.kind, OD_LEDGER_CONSENT_ADD);
        size_t size = strlen(row.payload);
        bool whole = strstr(row.payload, "\"text\":") != NULL;
        assert_true(size < 4096);
        assert_int_equal(row.payload[size - 1], '}');
        assert_true(whole || len + 250 > 4096);
        assert_true(!whole || size > len);
        assert_non_null(strstr(row.payload, "\"text_sha256\":\""));
    }
    memset(text, 1, OD_TEXT_MAX);
    c.seller = name;
    c.how = name;
    c.reference = name;
    c.who = name;
    stage_ok(s, od_consent_revoke(s->engine, c.phone, NULL, NULL));
    c.phone = stage_phone(1);
    add(s, c);
    od_consent row;
    size_t count = 0;
    stage_ok(s, od_consents_list(s->engine, c.phone, 0, &row, 1, &count));
    assert_string_equal(row.text, text);
    assert_string_equal(row.who, name);
    stage_ok(s, od_ledger_verify(s->engine, NULL, NULL));
}

static void test_consent_names(void **state)
{
    (void)state;
    assert_string_equal(od_consent_kind_name(OD_CONSENT_EXPRESS), "express");
    assert_string_equal(od_consent_kind_name(OD_CONSENT_WRITTEN), "written");
    assert_string_equal(od_consent_kind_name(OD_CONSENT_PURCHASE), "purchase");
    assert_string_equal(od_consent_kind_name(OD_CONSENT_INQUIRY), "inquiry");
    assert_string_equal(od_consent_kind_name(0), "?");
    assert_string_equal(od_consent_kind_name(OD_CONSENT_KINDS), "?");
    for (int32_t i = 0; i < OD_DISPOSITIONS; i++) {
        assert_string_not_equal(od_disposition_name(i), "?");
    }
    for (int32_t i = 0; i < OD_REASONS; i++) {
        assert_string_not_equal(od_reason_name(i), "?");
    }
    for (int32_t i = OD_LEDGER_CAMPAIGN_SET; i <= OD_LEDGER_DELIVERY; i++) {
        assert_string_not_equal(od_ledger_kind_name(i), "?");
    }
    assert_string_equal(od_ledger_kind_name(OD_LEDGER_DELIVERY + 1), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_BOTH(test_consent_everything_comes_back),
        STAGE_BOTH(test_consent_only_what_is_needed),
        STAGE_BOTH(test_consent_refuses),
        STAGE_BOTH(test_consent_once),
        STAGE_BOTH(test_consent_list_pages),
        STAGE_BOTH(test_consent_add_what_was_listed),
        STAGE_BOTH(test_consent_wakes_the_engine),
        STAGE_BOTH(test_consent_unblocks),
        STAGE_BOTH(test_consent_revoke),
        STAGE_BOTH(test_consent_revoke_refuses),
        STAGE_BOTH(test_consent_revoked_by_dnc),
        STAGE_BOTH(test_consent_payload),
        STAGE_BOTH(test_consent_payload_of_long_texts),
        cmocka_unit_test(test_consent_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
