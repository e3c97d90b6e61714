/*
 * test_decide.c - the decision: each check and each effect of a rule with both
 * of its outcomes, their order, and the instants at which asking again makes
 * sense.
 */
#include "support/registry_kit.h"
#include "support/stage.h"

#include "core/core.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
/* Wednesday 2027-03-10, 17:00 UTC: noon in New York. */
#define NOON INT64_C(1804698000000)
#define US "\n in US\n purpose any\n cite c\n verified yes\n"

static od__law law;
static od_campaign_record c;
static od_candidate t;
static od__opening opening;
static const od__registries *registries;

/* A campaign that runs, a fresh number, an open place, no rules. */
static int setup(void **state)
{
    (void)state;
    memset(&c, 0, sizeof c);
    memset(&t, 0, sizeof t);
    memset(&opening, 0, sizeof opening);
    memset(&law, 0, sizeof law);
    od__rule_set_init(&law.set, NULL);
    registries = NULL;
    c.id = 7;
    c.state = OD_CAMPAIGN_RUNNING;
    c.purpose = OD_PURPOSE_MARKETING;
    c.attempts_max = 3;
    t.contact = 1;
    t.phone = 12125551000u;
    t.state = OD_TARGET_READY;
    opening.verdict.kind = OD_VERDICT_ALLOW;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    od__rule_set_free(&law.set);
    return 0;
}

/* These rules, all in force where the number is. */
static void rules(const char *text)
{
    od_errmsg errmsg = {""};
    od__rule_set_free(&law.set);
    od__rule_set_init(&law.set, NULL);
    if (od__rule_set_add(&law.set, "t", text, strlen(text), true, &errmsg) !=
        OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    opening.rules_len = 0;
    for (size_t i = 0; i < law.set.len; i++) {
        opening.rules[opening.rules_len++] = (uint16_t)i;
    }
}

static od__facts facts_at(int64_t utc_ms)
{
    return (od__facts){.law = &law,
                       .registries = registries,
                       .campaign = &c,
                       .candidate = &t,
                       .opening = &opening,
                       .utc_ms = utc_ms};
}

static od_verdict decide_at(int64_t utc_ms)
{
    od_verdict out;
    od__facts facts = facts_at(utc_ms);
    memset(&out, 0xff, sizeof out);
    od__decide(&facts, &out);
    return out;
}

static void told(od_verdict v, int32_t kind, int32_t reason, int64_t until,
                 int line)
{
    if (v.kind != kind || v.reason != reason || v.until_utc_ms != until) {
        fail_msg("line %d: %s %s %lld, not %s %s %lld", line,
                 od_verdict_kind_name(v.kind), od_reason_name(v.reason),
                 (long long)v.until_utc_ms, od_verdict_kind_name(kind),
                 od_reason_name(reason), (long long)until);
    }
}

#define allows() told(decide_at(NOON), OD_VERDICT_ALLOW, 0, 0, __LINE__)
#define blocks(reason)                                                         \
    told(decide_at(NOON), OD_VERDICT_BLOCK, (reason), 0, __LINE__)
#define defers(reason, until)                                                  \
    told(decide_at(NOON), OD_VERDICT_DEFER, (reason), (until), __LINE__)

/* == the campaign and the number =========================================== */

static void test_decide_allows_a_fresh_number(void **state)
{
    (void)state;
    allows();
    assert_string_equal(decide_at(NOON).rule, "");
}

static void test_decide_campaign_state(void **state)
{
    (void)state;
    for (int32_t s = 0; s < OD_CAMPAIGN_STATES; s++) {
        if (s != OD_CAMPAIGN_RUNNING) {
            c.state = s;
            c.start_utc_ms = 0;
            blocks(OD_REASON_CAMPAIGN_STATE);
        }
    }
    c.state = OD_CAMPAIGN_SCHEDULED;
    c.start_utc_ms = NOON + 5000;
    defers(OD_REASON_CAMPAIGN_STATE, NOON + 5000);
    c.start_utc_ms = NOON; /* has come: not an instant in the past */
    blocks(OD_REASON_CAMPAIGN_STATE);
}

static void test_decide_campaign_end(void **state)
{
    (void)state;
    c.end_utc_ms = NOON + 1;
    allows();
    c.end_utc_ms = NOON;
    blocks(OD_REASON_CAMPAIGN_ENDED);
    c.state = OD_CAMPAIGN_PAUSED; /* the end says more than the pause */
    blocks(OD_REASON_CAMPAIGN_ENDED);
}

static void test_decide_number(void **state)
{
    (void)state;
    t.number_invalid = true;
    blocks(OD_REASON_NUMBER_INVALID);
}

static void test_decide_dnc(void **state)
{
    (void)state;
    t.dnc_until_utc_ms = NOON + DAY; /* of no entry */
    allows();
    t.dnc = true;
    defers(OD_REASON_DNC, NOON + DAY);
    t.dnc_until_utc_ms = 0;
    blocks(OD_REASON_DNC);
}

static void test_decide_enrolled(void **state)
{
    (void)state;
    t.contact = 0;
    blocks(OD_REASON_NOT_ENROLLED);
}

static void test_decide_who_was_reached(void **state)
{
    (void)state;
    t.attempts = 1;
    t.disposition = OD_DISPOSITION_ANSWERED;
    blocks(OD_REASON_ALREADY_REACHED);
    t.disposition = OD_DISPOSITION_UNKNOWN;
    blocks(OD_REASON_ALREADY_REACHED);
    c.redial_unknown = 1;
    allows();
    t.disposition = OD_DISPOSITION_UNFINISHED;
    blocks(OD_REASON_ALREADY_REACHED);
    c.retry_unfinished = 1;
    allows();
    c.recall = OD_NONE;
    t.disposition = OD_DISPOSITION_BUSY;
    blocks(OD_REASON_ALREADY_REACHED);
    t.disposition = OD_DISPOSITION_CALLBACK; /* asked for it */
    allows();
    t.attempts = 0; /* the trunk was full: it was not tried */
    t.disposition = OD_DISPOSITION_CONGESTION;
    allows();
}

static void test_decide_attempts(void **state)
{
    (void)state;
    t.attempts = 2;
    allows();
    t.attempts = 3;
    blocks(OD_REASON_ATTEMPTS_USED);
    t.attempts = 7; /* attempts_max was lowered */
    blocks(OD_REASON_ATTEMPTS_USED);
}

/* So many that ended alike may be fewer. */
static void test_decide_attempts_of_an_ending(void **state)
{
    (void)state;
    c.attempts_max = 20;
    c.retries[OD_DISPOSITION_BUSY].attempts_max = 2;
    t.attempts = 1;
    t.disposition = OD_DISPOSITION_BUSY;
    t.tries = od_tries_add(0, OD_DISPOSITION_BUSY);
    allows();
    t.tries = od_tries_add(t.tries, OD_DISPOSITION_NO_ANSWER);
    allows();
    t.tries = od_tries_add(t.tries, OD_DISPOSITION_BUSY);
    blocks(OD_REASON_ATTEMPTS_USED);
    t.disposition = OD_DISPOSITION_NO_ANSWER; /* it was not busy last */
    allows();
}

static void test_decide_in_flight_waits(void **state)
{
    (void)state;
    t.in_flight = true;
    od_verdict v = decide_at(NOON);
    defers(OD_REASON_IN_FLIGHT, v.until_utc_ms);
    assert_true(v.until_utc_ms > NOON && v.until_utc_ms <= NOON + 60000);
}

static void test_decide_retry_delay(void **state)
{
    (void)state;
    t.attempts = 1;
    t.disposition = OD_DISPOSITION_BUSY;
    t.due_utc_ms = NOON + 1;
    defers(OD_REASON_RETRY_DELAY, NOON + 1);
    t.due_utc_ms = NOON;
    allows();
    /* A full trunk is no attempt, but a call to it is due later as well. */
    t.attempts = 0;
    t.disposition = OD_DISPOSITION_CONGESTION;
    t.due_utc_ms = NOON + 60000;
    defers(OD_REASON_RETRY_DELAY, NOON + 60000);
    /* The spread of fresh numbers over some ms is no delay. */
    t.disposition = OD_DISPOSITION_NONE;
    t.due_utc_ms = NOON + 63;
    allows();
}

static void test_decide_recently(void **state)
{
    (void)state;
    t.line_answered_utc_ms = NOON - 24 * HOUR + 1;
    t.line_called_utc_ms = NOON - 2 * HOUR + 1;
    allows(); /* both off */
    c.skip_answered_h = 24;
    defers(OD_REASON_RECENTLY_ANSWERED, NOON + 1);
    c.skip_answered_h = 23;
    allows();
    c.skip_called_h = 2;
    defers(OD_REASON_RECENTLY_CALLED, NOON + 1);
    t.line_called_utc_ms -= 1; /* to the ms */
    allows();
    t.line_called_utc_ms = 0; /* never */
    allows();
    c.skip_called_h = 8760;
    t.line_called_utc_ms = NOON;
    defers(OD_REASON_RECENTLY_CALLED, NOON + 8760 * HOUR);
}

static void test_decide_place_is_the_opening(void **state)
{
    (void)state;
    opening.verdict = (od_verdict){.kind = OD_VERDICT_DEFER,
                                   .reason = OD_REASON_RULE_WINDOW,
                                   .until_utc_ms = NOON + HOUR,
                                   .rule = "us.hours"};
    defers(OD_REASON_RULE_WINDOW, NOON + HOUR);
    assert_string_equal(decide_at(NOON).rule, "us.hours");
}

/* == rules ================================================================= */

static void test_decide_ban(void **state)
{
    (void)state;
    rules("rule t.ban" US " ban\n");
    blocks(OD_REASON_RULE_BAN);
    assert_string_equal(decide_at(NOON).rule, "t.ban");
    opening.rules_len = 0; /* not in force there */
    allows();
}

/* Consent is of a purpose; written is express, too; express is not written. */
static void test_decide_consent(void **state)
{
    (void)state;
    rules("rule t.express" US " consent express\n");
    blocks(OD_REASON_CONSENT);
    assert_string_equal(decide_at(NOON).rule, "t.express");
    t.consents.express = 1u << OD_PURPOSE_SURVEY;
    t.consents.written = 1u << OD_PURPOSE_HEALTH;
    blocks(OD_REASON_CONSENT);
    t.consents.express |= 1u << OD_PURPOSE_MARKETING;
    allows();
    t.consents.express = 0;
    t.consents.written = 1u << OD_PURPOSE_MARKETING;
    allows();
    rules("rule t.written" US " consent written\n");
    allows();
    t.consents.express = 1u << OD_PURPOSE_MARKETING;
    t.consents.written = 1u << OD_PURPOSE_SURVEY;
    blocks(OD_REASON_CONSENT);
    t.consents.purchased_utc_ms = NOON; /* no consent */
    blocks(OD_REASON_CONSENT);
}

static void test_decide_consent_unless(void **state)
{
    (void)state;
    rules("rule t.express" US " unless relationship\n consent express\n");
    blocks(OD_REASON_CONSENT);
    t.consents.inquired_utc_ms = NOON;
    allows();
}

/* No consent is of a purpose that nobody stated, not even a bit 0. */
static void test_decide_consent_unstated(void **state)
{
    (void)state;
    rules("rule t.express" US " consent express\n"
          "rule t.ban" US " unless express written\n ban\n");
    c.purpose = OD_PURPOSE_UNSTATED;
    t.consents.express = UINT32_MAX;
    t.consents.written = UINT32_MAX;
    opening.rules_len = 1;
    blocks(OD_REASON_CONSENT);
    opening.rules[0] = 1;
    blocks(OD_REASON_RULE_BAN);
    c.purpose = OD_PURPOSE_DEBT;
    allows();
}

static void test_decide_unless_consent(void **state)
{
    (void)state;
    rules("rule t.ban" US " unless written\n ban\n");
    t.consents.express = 1u << OD_PURPOSE_MARKETING;
    blocks(OD_REASON_RULE_BAN);
    t.consents.written = 1u << OD_PURPOSE_SURVEY;
    blocks(OD_REASON_RULE_BAN);
    t.consents.written = 1u << OD_PURPOSE_MARKETING;
    allows();
    t.consents.purchased_utc_ms = NOON;
    t.consents.written = 0;
    blocks(OD_REASON_RULE_BAN);
    rules("rule t.ban" US " unless express\n ban\n");
    allows();
    t.consents.express = 0;
    blocks(OD_REASON_RULE_BAN);
    t.consents.written = 1u << OD_PURPOSE_MARKETING;
    allows();
}

/* 18 months after a purchase and 3 after an inquiry, never more. */
static void test_decide_unless_relationship(void **state)
{
    (void)state;
    rules("rule t.ban" US " unless relationship\n ban\n");
    t.consents.express = 1u << OD_PURPOSE_MARKETING;
    t.consents.written = 1u << OD_PURPOSE_MARKETING;
    blocks(OD_REASON_RULE_BAN);
    t.consents.purchased_utc_ms = NOON - 546 * DAY + 1;
    allows();
    t.consents.purchased_utc_ms = NOON - 546 * DAY;
    blocks(OD_REASON_RULE_BAN);
    t.consents.inquired_utc_ms = NOON - 89 * DAY + 1;
    allows();
    t.consents.inquired_utc_ms = NOON - 89 * DAY;
    blocks(OD_REASON_RULE_BAN);
    /* A relationship is of no purpose. */
    t.consents.inquired_utc_ms = NOON;
    c.purpose = OD_PURPOSE_UNSTATED;
    allows();
    rules("rule t.ban" US " unless written relationship\n ban\n");
    allows();
}

/* Calls of a campaign, so many ms apart, the latest so long ago. */
static void recent(int32_t len, int64_t apart, int64_t ago, od_id campaign)
{
    memset(t.recent, 0, sizeof t.recent);
    t.recent_len = len;
    for (int32_t i = 0; i < len; i++) {
        t.recent[i] = (od_recent){NOON - ago - i * apart, campaign};
    }
}

/* The period rolls: three in 24 hours, to the millisecond. */
static void test_decide_cap_rolls(void **state)
{
    (void)state;
    rules("rule t.cap" US " cap 3 per 24h\n");
    recent(2, 1000, 0, c.id);
    allows();
    recent(3, 1000, 0, c.id);
    defers(OD_REASON_RULE_CAP, NOON + DAY - 2000);
    assert_string_equal(decide_at(NOON).rule, "t.cap");
    recent(3, 0, DAY - 1, c.id);
    defers(OD_REASON_RULE_CAP, NOON + 1);
    recent(3, 0, DAY, c.id);
    allows();
    /* More than the cap, of before there was one: the third latest counts. */
    recent(10, HOUR, 0, c.id);
    defers(OD_REASON_RULE_CAP, NOON + 22 * HOUR);
}

static void test_decide_cap_of_whom(void **state)
{
    (void)state;
    rules("rule t.cap" US " cap 2 per 24h\n");
    recent(2, 1000, 0, 99);
    defers(OD_REASON_RULE_CAP, NOON + DAY - 1000);
    rules("rule t.cap" US " cap 2 per 24h each campaign\n");
    allows();
    t.recent[1].campaign = c.id;
    allows();
    recent(5, HOUR, 0, 99);
    t.recent[1].campaign = c.id;
    t.recent[3].campaign = c.id;
    defers(OD_REASON_RULE_CAP, NOON + 21 * HOUR);
}

/* Sixteen calls are remembered: a cap of 16 is told from 15 of them. */
static void test_decide_cap_of_sixteen(void **state)
{
    (void)state;
    rules("rule t.cap" US " cap 16 per 30d\n");
    recent(15, HOUR, 0, c.id);
    allows();
    recent(16, HOUR, 0, c.id);
    defers(OD_REASON_RULE_CAP, NOON + 30 * DAY - 15 * HOUR);
}

/* Calls of other campaigns may have pushed our own out of memory. What is not
 * remembered may have been: wait until it has left the period. */
static void test_decide_cap_beyond_memory(void **state)
{
    (void)state;
    rules("rule t.cap" US " cap 2 per 24h each campaign\n");
    recent(16, HOUR, 0, 99);
    defers(OD_REASON_RULE_CAP, NOON + 9 * HOUR);
    t.recent[4].campaign = c.id;
    defers(OD_REASON_RULE_CAP, NOON + 9 * HOUR);
    recent(16, HOUR, 9 * HOUR, 99);
    allows();
    recent(15, HOUR, 0, 99); /* there were no more */
    allows();
}

/* Of several caps the longest deferral is told. */
static void test_decide_cap_longest(void **state)
{
    (void)state;
    rules("rule t.day" US " cap 2 per 24h\n"
          "rule t.week" US " cap 3 per 7d\n"
          "rule t.hour" US " cap 1 per 1h\n");
    recent(3, 1000, 0, c.id);
    defers(OD_REASON_RULE_CAP, NOON + 7 * DAY - 2000);
    assert_string_equal(decide_at(NOON).rule, "t.week");
    recent(2, 1000, 0, c.id);
    defers(OD_REASON_RULE_CAP, NOON + DAY - 1000);
    assert_string_equal(decide_at(NOON).rule, "t.day");
    recent(1, 0, 0, c.id);
    defers(OD_REASON_RULE_CAP, NOON + HOUR);
    assert_string_equal(decide_at(NOON).rule, "t.hour");
}

static void test_decide_cap_unless(void **state)
{
    (void)state;
    rules("rule t.cap" US " unless express relationship\n cap 1 per 1h\n");
    recent(1, 0, 0, c.id);
    defers(OD_REASON_RULE_CAP, NOON + HOUR);
    t.consents.express = 1u << OD_PURPOSE_MARKETING;
    allows();
    t.consents.express = 0;
    t.consents.inquired_utc_ms = NOON - DAY;
    allows();
}

/* == registries ============================================================ */

/* A file with one number of 212, and no other area, in use. */
static void attach(od_stage *s, int64_t obtained_utc_ms)
{
    static registry_kit kit;
    registry_kit_begin(&kit);
    kit.options.obtained_utc_ms = obtained_utc_ms;
    registry_kit_builds(&kit, "2125551000\n");
    stage_ok(s, od_registry_attach(s->engine, kit.out));
    registry_kit_end(&kit); /* it is mapped */
    registries = s->engine->registries;
}

static void test_decide_registry(void **state)
{
    (void)state;
    od_stage s;
    rules("rule t.registry" US " registry us.test 31d\n");
    defers(OD_REASON_REGISTRY_STALE, NOON + HOUR); /* none */
    stage_begin(&s);
    attach(&s, NOON - 31 * DAY);
    blocks(OD_REASON_REGISTRY);
    assert_string_equal(decide_at(NOON).rule, "t.registry");
    told(decide_at(NOON + 1), OD_VERDICT_DEFER, OD_REASON_REGISTRY_STALE,
         NOON + 1 + HOUR, __LINE__);
    t.phone = 12125551001u;
    allows();
    t.phone = 13055551001u; /* the file says nothing of Miami */
    blocks(OD_REASON_REGISTRY_STALE);
    attach(&s, NOON + 1); /* of the future */
    defers(OD_REASON_REGISTRY_STALE, NOON + HOUR);
    registries = NULL;
    stage_end(&s);
}

static void test_decide_registry_unless(void **state)
{
    (void)state;
    rules("rule t.registry" US
          " unless written relationship\n registry us.test 31d\n");
    t.consents.express = 1u << OD_PURPOSE_MARKETING;
    defers(OD_REASON_REGISTRY_STALE, NOON + HOUR);
    t.consents.written = 1u << OD_PURPOSE_MARKETING;
    allows();
    t.consents.written = 0;
    t.consents.purchased_utc_ms = NOON - DAY;
    allows();
}

/* == the order ============================================================= */

#define EVERY_EFFECT                                                           \
    "rule t.cap" US " cap 1 per 24h\n"                                         \
    "rule t.consent" US " consent express\n"                                   \
    "rule t.ban" US " unless written\n ban\n"                                  \
    "rule t.registry" US " unless relationship\n registry us.test 31d\n"

static const int32_t order[] = {OD_REASON_CAMPAIGN_STATE,
                                OD_REASON_NUMBER_INVALID,
                                OD_REASON_DNC,
                                OD_REASON_REGISTRY_STALE,
                                OD_REASON_RULE_BAN,
                                OD_REASON_CONSENT,
                                OD_REASON_NOT_ENROLLED,
                                OD_REASON_ALREADY_REACHED,
                                OD_REASON_ATTEMPTS_USED,
                                OD_REASON_IN_FLIGHT,
                                OD_REASON_RECENTLY_ANSWERED,
                                OD_REASON_RECENTLY_CALLED,
                                OD_REASON_RULE_CAP,
                                OD_REASON_RETRY_DELAY,
                                OD_REASON_RULE_WINDOW};

/* All reasons from the i-th on, none before it. */
static void reasons_from(size_t i)
{
    uint32_t bit = 1u << OD_PURPOSE_MARKETING;
    c.state = i == 0 ? OD_CAMPAIGN_PAUSED : OD_CAMPAIGN_RUNNING;
    t.number_invalid = i <= 1;
    t.dnc = i <= 2;
    t.consents.purchased_utc_ms = i <= 3 ? 0 : NOON;
    t.consents.written = i <= 4 ? 0 : bit;
    opening.rules[2] = 2;
    if (i == 5) { /* written consent lifts the ban, and is consent: no ban */
        opening.rules[2] = 1;
        t.consents.written = 0;
    }
    t.contact = i <= 6 ? 0 : 1;
    t.disposition = i <= 7 ? OD_DISPOSITION_ANSWERED : OD_DISPOSITION_BUSY;
    t.attempts = i <= 8 ? 3 : 1;
    t.in_flight = i <= 9;
    c.skip_answered_h = 1;
    c.skip_called_h = 1;
    t.line_answered_utc_ms = i <= 10 ? NOON : 0;
    t.line_called_utc_ms = i <= 11 ? NOON : 0;
    recent(i <= 12 ? 1 : 0, 0, 0, c.id);
    t.due_utc_ms = i <= 13 ? NOON + HOUR : 0;
    opening.verdict.kind = OD_VERDICT_DEFER;
    opening.verdict.reason = OD_REASON_RULE_WINDOW;
}

/* The first check that does not allow decides. */
static void test_decide_order(void **state)
{
    (void)state;
    rules(EVERY_EFFECT);
    for (size_t i = 0; i < OD__LEN(order); i++) {
        reasons_from(i);
        assert_int_equal(decide_at(NOON).reason, order[i]);
    }
}

typedef struct seen {
    size_t len;
    const char *names[32];
    const od__rule *rules[32];
    od_verdict verdicts[32];
} seen;

static void on_check(void *ctx, const char *name, const od__rule *rule,
                     const od_verdict *verdict)
{
    seen *s = ctx;
    s->names[s->len] = name;
    s->rules[s->len] = rule;
    s->verdicts[s->len++] = *verdict;
}

/* Every check is told, whatever the others say, in the order that decides;
 * rules one by one, those that allow too. */
static void test_decide_each(void **state)
{
    static const char *const names[] = {
        "campaign", "number",   "dnc",     "registry", "ban",
        "consent",  "enrolled", "reached", "attempts", "in flight",
        "answered", "called",   "cap",     "retry",    "place"};
    seen s = {0};
    (void)state;
    rules(EVERY_EFFECT "rule t.cap2" US " cap 2 per 24h\n");
    reasons_from(0);
    od__facts facts = facts_at(NOON);
    od__decide_each(&facts, on_check, &s);
    assert_int_equal(s.len, OD__LEN(names) + 1);
    for (size_t i = 0, at = 0; i < s.len; i++, at += i == 13 ? 0 : 1) {
        assert_string_equal(s.names[i], names[at]);
        bool ruled = at == 3 || at == 4 || at == 5 || at == 12;
        assert_int_equal(s.rules[i] != NULL, ruled);
        bool allowed =
            s.rules[i] != NULL && strcmp(s.rules[i]->id, "t.cap2") == 0;
        assert_int_equal(s.verdicts[i].kind == OD_VERDICT_ALLOW, allowed);
        assert_string_equal(s.verdicts[i].rule,
                            ruled && !allowed ? s.rules[i]->id : "");
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_decide_allows_a_fresh_number),
        TEST(test_decide_campaign_state),
        TEST(test_decide_campaign_end),
        TEST(test_decide_number),
        TEST(test_decide_dnc),
        TEST(test_decide_enrolled),
        TEST(test_decide_who_was_reached),
        TEST(test_decide_attempts),
        TEST(test_decide_attempts_of_an_ending),
        TEST(test_decide_in_flight_waits),
        TEST(test_decide_retry_delay),
        TEST(test_decide_recently),
        TEST(test_decide_place_is_the_opening),
        TEST(test_decide_ban),
        TEST(test_decide_consent),
        TEST(test_decide_consent_unless),
        TEST(test_decide_consent_unstated),
        TEST(test_decide_unless_consent),
        TEST(test_decide_unless_relationship),
        TEST(test_decide_cap_rolls),
        TEST(test_decide_cap_of_whom),
        TEST(test_decide_cap_of_sixteen),
        TEST(test_decide_cap_beyond_memory),
        TEST(test_decide_cap_longest),
        TEST(test_decide_cap_unless),
        TEST(test_decide_registry),
        TEST(test_decide_registry_unless),
        TEST(test_decide_order),
        TEST(test_decide_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
