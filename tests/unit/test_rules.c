/*
 * test_rules.c - the rules as a host sees them: listed, added, removed, lifted;
 * what is refused, what the ledger says, and who else sees it.
 */
#include "support/stage.h"

#include "core/core.h"

#define US "\n in US\n purpose any\n cite c\n verified yes\n"
#define BAN "rule t.ban" US " ban\n"

static od_stage s;

static int setup(void **state)
{
    (void)state;
    stage_init(&s);
    s.world.lawful = true;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stage_end(&s);
    return 0;
}

static od_storage *open_file(void)
{
    od_storage *storage = NULL;
    od_errmsg errmsg;
    od_err err =
        od_storage_open_sqlite(&storage, stage_path(&s, "a.db"), &errmsg);
    if (err == OD_ERR_UNSUPPORTED) {
        skip();
    }
    assert_int_equal(err, OD_OK);
    return storage;
}

/* A rule as it is listed; false: it is not. */
static bool find(const char *id, od_rule *out)
{
    static od_rule rows[1000];
    size_t count = 0;
    stage_ok(&s, od_rules_list(s.engine, 0, rows, 1000, &count));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].id, id) == 0) {
            *out = rows[i];
            return true;
        }
    }
    return false;
}

static bool exists(const char *id)
{
    od_rule ignored;
    return find(id, &ignored);
}

static void hash(uint8_t out[32])
{
    stage_ok(&s, od_rules_hash(s.engine, out));
}

static bool is_hash(const uint8_t was[32])
{
    uint8_t now[32];
    hash(now);
    return memcmp(now, was, sizeof now) == 0;
}

static od_override row(const char *name, const char *rule, od_id campaign)
{
    return (od_override){.name = name,
                         .rule = rule,
                         .reason = "all agreed",
                         .who = "A. Counsel",
                         .campaign = campaign};
}

static void lift(const char *name, const char *rule, od_id campaign)
{
    const od_override o = row(name, rule, campaign);
    stage_ok(&s, od_override_add(s.engine, &o));
}

/* The n-th last row of a kind in the ledger: its payload holds all of these. */
static void ledger_says(int32_t kind, size_t nth_last, const char *a,
                        const char *b)
{
    od_ledger_row rows[200];
    size_t count = 0;
    stage_ok(&s, od_ledger_read(s.engine, 0, rows, 200, &count));
    for (size_t i = count; i-- > 0;) {
        if (rows[i].kind == kind && nth_last-- == 0) {
            if (strstr(rows[i].payload, a) == NULL ||
                strstr(rows[i].payload, b) == NULL) {
                fail_msg("%s", rows[i].payload);
            }
            return;
        }
    }
    fail_msg("no such row");
}

/* == listing ============================================================== */

static void test_rules_list(void **state)
{
    od_rule r;
    (void)state;
    stage_open(&s, NULL);
    assert_true(find("us-pa.hours", &r));
    assert_string_equal(r.set, "us-pa");
    assert_string_equal(r.jurisdiction, "US-PA");
    assert_string_equal(r.text, "window mon-sat 9:00-19:00");
    assert_non_null(strstr(r.citation, "Act 47"));
    assert_string_equal(r.from, "2026-10-18");
    assert_string_equal(r.until, "");
    assert_int_equal(r.effect, OD_RULE_WINDOW);
    assert_true(r.verified && !r.host && !r.lifted);
    assert_true(find("us-pa.hours.before", &r));
    assert_string_equal(r.from, "");
    assert_string_equal(r.until, "2026-10-17");
    assert_true(find("world.hours", &r));
    assert_string_equal(r.jurisdiction, "*");
    assert_false(r.verified);
}

/* Page by page it is the same list, built-in ones first. */
static void test_rules_list_pages(void **state)
{
    static od_rule all[1000];
    od_rule page[7];
    size_t count = 0;
    size_t len = 0;
    bool host = false;
    char ids[1000][40];
    (void)state;
    stage_open(&s, NULL);
    stage_ok(&s, od_rules_add(s.engine, "aaa", BAN));
    stage_ok(&s, od_rules_list(s.engine, 0, all, 1000, &len));
    for (size_t i = 0; i < len; i++) {
        assert_true(all[i].host || !host);
        host = all[i].host;
        (void)snprintf(ids[i], sizeof ids[i], "%s", all[i].id);
    }
    assert_true(host);
    for (size_t at = 0; at < len; at += count) {
        stage_ok(&s, od_rules_list(s.engine, at, page, 7, &count));
        assert_int_equal(count, len - at < 7 ? len - at : 7);
        for (size_t i = 0; i < count; i++) {
            assert_string_equal(page[i].id, ids[at + i]);
        }
    }
    stage_ok(&s, od_rules_list(s.engine, len, page, 7, &count));
    assert_int_equal(count, 0);
    stage_ok(&s, od_rules_list(s.engine, SIZE_MAX, page, 7, &count));
    assert_int_equal(count, 0);
    count = 99;
    stage_fails(&s, od_rules_list(s.engine, 0, NULL, 7, &count), OD_ERR_INVALID,
                "");
    stage_fails(&s, od_rules_list(s.engine, 0, page, 0, &count), OD_ERR_INVALID,
                "");
    stage_fails(&s, od_rules_list(s.engine, 0, page, 1001, &count),
                OD_ERR_INVALID, "");
    assert_int_equal(count, 99);
    assert_int_equal(od_rules_list(NULL, 0, page, 7, &count), OD_ERR_INVALID);
}

/* == adding =============================================================== */

static void test_rules_add_and_remove(void **state)
{
    uint8_t before[32];
    od_rule r;
    (void)state;
    stage_open(&s, NULL);
    hash(before);
    stage_ok(&s, od_rules_add(s.engine, "acme", BAN));
    assert_true(find("t.ban", &r));
    assert_string_equal(r.set, "acme");
    assert_true(r.host && r.verified && !r.lifted);
    assert_false(is_hash(before));
    ledger_says(OD_LEDGER_RULES, 0, "\"add\"", "acme");
    stage_ok(&s, od_rules_remove(s.engine, "acme"));
    assert_false(exists("t.ban"));
    assert_true(is_hash(before));
    ledger_says(OD_LEDGER_RULES, 0, "\"remove\"", "acme");
    /* Built-in ones stay. */
    stage_fails(&s, od_rules_remove(s.engine, "us-fl"), OD_ERR_NOT_FOUND,
                "us-fl");
    stage_fails(&s, od_rules_remove(s.engine, "acme"), OD_ERR_NOT_FOUND,
                "acme");
    stage_fails(&s, od_rules_remove(s.engine, NULL), OD_ERR_INVALID, "");
    assert_int_equal(od_rules_remove(NULL, "acme"), OD_ERR_INVALID);
}

static void test_rules_add_whole_or_not(void **state)
{
    uint8_t before[32];
    (void)state;
    stage_open(&s, NULL);
    hash(before);
    stage_fails(&s,
                od_rules_add(s.engine, "acme",
                             BAN "rule t.hours\n in US\n purpose any\n"
                                 " window mon-fri 25:00\n cite c\n"
                                 " verified yes\n"),
                OD_ERR_FORMAT, "rules acme, line 10, window: ");
    assert_non_null(strstr(od_engine_errmsg(s.engine), "mon-fri 25:00"));
    assert_false(exists("t.ban"));
    assert_true(is_hash(before));
    /* It was not stored either: the name is free. */
    stage_ok(&s, od_rules_add(s.engine, "acme", BAN));
}

static void test_rules_add_taken(void **state)
{
    (void)state;
    stage_open(&s, NULL);
    stage_ok(&s, od_rules_add(s.engine, "acme", BAN));
    stage_fails(&s, od_rules_add(s.engine, "acme", "rule t.x" US " ban\n"),
                OD_ERR_EXISTS, "acme");
    stage_fails(&s, od_rules_add(s.engine, "acme", BAN), OD_ERR_EXISTS,
                "acme"); /* also the same */
    stage_fails(&s, od_rules_add(s.engine, "more", BAN), OD_ERR_EXISTS,
                "t.ban");
    stage_fails(&s, od_rules_add(s.engine, "more", "rule us.hours" US " ban\n"),
                OD_ERR_EXISTS, "us.hours");
    stage_fails(&s, od_rules_add(s.engine, "us-fl", "rule t.x" US " ban\n"),
                OD_ERR_EXISTS, "us-fl");
    assert_false(exists("t.x"));
}

static void test_rules_add_refuses(void **state)
{
    static const char *const names[] = {
        "",    NULL,       "A",
        "a b", "a/b",      "a_b",
        "a\n", "\xc3\xa4", "abcdefghijklmnopqrstuvwxyz.12345"};
    char *big = malloc(256 * 1024 + 2);
    (void)state;
    assert_non_null(big);
    stage_open(&s, NULL);
    for (size_t i = 0; i < OD__LEN(names); i++) {
        stage_fails(&s, od_rules_add(s.engine, names[i], BAN), OD_ERR_INVALID,
                    "name of 1 to 31");
    }
    stage_fails(&s, od_rules_add(s.engine, "a", NULL), OD_ERR_INVALID, "text");
    stage_fails(&s, od_rules_add(s.engine, "a", ""), OD_ERR_INVALID, "text");
    memset(big, '#', 256 * 1024 + 1);
    big[256 * 1024 + 1] = '\0';
    stage_fails(&s, od_rules_add(s.engine, "a", big), OD_ERR_INVALID, "262144");
    assert_int_equal(od_rules_add(NULL, "a", BAN), OD_ERR_INVALID);
    /* The longest that may be. */
    for (size_t i = 99; i < 256 * 1024; i += 100) {
        big[i] = '\n';
    }
    memcpy(big, BAN, sizeof BAN - 1);
    big[sizeof BAN - 1] = '#';
    big[256 * 1024] = '\0';
    stage_ok(&s,
             od_rules_add(s.engine, "abcdefghijklmnopqrstuvwxyz.1234", big));
    assert_true(exists("t.ban"));
    free(big);
}

static void test_rules_add_limit_of_sets(void **state)
{
    char name[32];
    char text[200];
    (void)state;
    stage_open(&s, NULL);
    for (int i = 0; i < OD__RULE_SETS_MAX; i++) {
        (void)snprintf(name, sizeof name, "set.%d", i);
        (void)snprintf(text, sizeof text, "rule t.%d" US " ban\n", i);
        stage_ok(&s, od_rules_add(s.engine, name, text));
    }
    stage_fails(&s, od_rules_add(s.engine, "more", BAN), OD_ERR_LIMIT, "64");
    stage_ok(&s, od_rules_remove(s.engine, "set.7"));
    stage_ok(&s, od_rules_add(s.engine, "more", BAN));
    stage_fails(&s, od_rules_add(s.engine, "again", "rule t.x" US " ban\n"),
                OD_ERR_LIMIT, "64");
}

/* Sets of holidays alone are sets, too. */
static void test_rules_add_limit_of_holiday_sets(void **state)
{
    char name[32];
    char text[64];
    (void)state;
    stage_open(&s, NULL);
    for (int i = 0; i < OD__RULE_SETS_MAX; i++) {
        (void)snprintf(name, sizeof name, "set.%d", i);
        (void)snprintf(text, sizeof text, "holidays t.%d\n day jan 1\n", i);
        stage_ok(&s, od_rules_add(s.engine, name, text));
    }
    stage_fails(&s, od_rules_add(s.engine, "more", BAN), OD_ERR_LIMIT, "64");
}

static void test_rules_add_limit_of_rules(void **state)
{
    static char text[128 * 1024];
    size_t len = 0;
    (void)state;
    stage_open(&s, NULL);
    size_t have = s.engine->law.set.len;
    for (size_t i = have; i < OD__RULES_MAX; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "rule t.%zu" US " ban\n", i);
    }
    stage_ok(&s, od_rules_add(s.engine, "many", text));
    assert_int_equal(s.engine->law.set.len, OD__RULES_MAX);
    stage_fails(&s, od_rules_add(s.engine, "more", BAN), OD_ERR_LIMIT, "1024");
    assert_false(exists("t.ban"));
}

/* == lifting ============================================================== */

static void test_rules_override(void **state)
{
    uint8_t before[32];
    od_override rows[4];
    od_rule r;
    size_t count = 0;
    od_campaign_options options;
    (void)state;
    stage_open(&s, NULL);
    stage_options(&s, &options, "first");
    od_id campaign = stage_add(&s, &options);
    hash(before);
    lift("for one", "us.hours", campaign);
    assert_true(find("us.hours", &r));
    assert_false(r.lifted); /* not for all */
    assert_false(is_hash(before));
    lift("for all", "us.hours", 0);
    assert_true(find("us.hours", &r) && r.lifted);
    ledger_says(OD_LEDGER_OVERRIDE, 0, "\"add\"", "for all");
    ledger_says(OD_LEDGER_OVERRIDE, 0, "A. Counsel", "all agreed");
    stage_ok(&s, od_overrides_list(s.engine, 0, rows, 4, &count));
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].name, "for one");
    assert_true(rows[0].campaign == campaign);
    assert_string_equal(rows[1].name, "for all");
    assert_string_equal(rows[1].rule, "us.hours");
    assert_string_equal(rows[1].reason, "all agreed");
    assert_string_equal(rows[1].who, "A. Counsel");
    assert_true(rows[1].campaign == 0);
    stage_ok(&s, od_overrides_list(s.engine, 1, rows, 4, &count));
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].name, "for all");
    stage_ok(&s, od_overrides_list(s.engine, 2, rows, 4, &count));
    assert_int_equal(count, 0);
    stage_ok(&s, od_override_remove(s.engine, "for all"));
    assert_true(find("us.hours", &r) && !r.lifted);
    ledger_says(OD_LEDGER_OVERRIDE, 0, "\"remove\"", "A. Counsel");
    stage_ok(&s, od_override_remove(s.engine, "for one"));
    assert_true(is_hash(before));
    stage_fails(&s, od_override_remove(s.engine, "for one"), OD_ERR_NOT_FOUND,
                "for one");
    stage_fails(&s, od_override_remove(s.engine, NULL), OD_ERR_INVALID, "");
    assert_int_equal(od_override_remove(NULL, "x"), OD_ERR_INVALID);
    assert_int_equal(od_overrides_list(NULL, 0, rows, 4, &count),
                     OD_ERR_INVALID);
}

/* Fields of an override that is refused, one at a time. */
static void refuses(const od_override *o, od_err err, const char *text)
{
    size_t count = 99;
    od_override rows[1];
    stage_fails(&s, od_override_add(s.engine, o), err, text);
    stage_ok(&s, od_overrides_list(s.engine, 0, rows, 1, &count));
    assert_int_equal(count, 0);
}

static void test_rules_override_refuses(void **state)
{
    char reason[1025];
    char who[OD_NAME_MAX + 2];
    (void)state;
    stage_open(&s, NULL);
    memset(reason, 'x', sizeof reason);
    reason[1024] = '\0';
    memset(who, 'x', sizeof who);
    who[OD_NAME_MAX + 1] = '\0';
    od_override o = row("a", "us.none", 0);
    refuses(&o, OD_ERR_NOT_FOUND, "us.none");
    o = row("a", "us.hours", 4711);
    refuses(&o, OD_ERR_NOT_FOUND, "4711");
    o = row("", "us.hours", 0);
    refuses(&o, OD_ERR_INVALID, "name");
    o = row(NULL, "us.hours", 0);
    refuses(&o, OD_ERR_INVALID, "name");
    o = row(who, "us.hours", 0);
    refuses(&o, OD_ERR_INVALID, "name");
    o = row("a", NULL, 0);
    refuses(&o, OD_ERR_INVALID, "rule");
    o = row("a", "", 0);
    refuses(&o, OD_ERR_INVALID, "rule");
    o = row("a", "us.hours.that.is.longer.than.ids", 0);
    refuses(&o, OD_ERR_INVALID, "rule");
    o = row("a", "us.hours", -1);
    refuses(&o, OD_ERR_NOT_FOUND, "-1");
    const char *const lines[] = {NULL, "", "two\nlines", "a\rb", "\xff"};
    for (size_t i = 0; i < OD__LEN(lines); i++) {
        o = row("a", "us.hours", 0);
        o.reason = lines[i];
        refuses(&o, OD_ERR_INVALID, "reason");
        o = row("a", "us.hours", 0);
        o.who = lines[i];
        refuses(&o, OD_ERR_INVALID, "who");
    }
    o = row("a", "us.hours", 0);
    o.reason = reason;
    refuses(&o, OD_ERR_INVALID, "1023");
    o = row("a", "us.hours", 0);
    o.who = who;
    refuses(&o, OD_ERR_INVALID, "127");
    stage_fails(&s, od_override_add(s.engine, NULL), OD_ERR_INVALID, "NULL");
    assert_int_equal(od_override_add(NULL, &o), OD_ERR_INVALID);
    /* A name that is taken. */
    lift("a", "us.hours", 0);
    o = row("a", "us-fl.cap", 0);
    stage_fails(&s, od_override_add(s.engine, &o), OD_ERR_EXISTS, "\"a\"");
    o = row("a", "us.hours", 0);
    stage_fails(&s, od_override_add(s.engine, &o), OD_ERR_EXISTS, "\"a\"");
}

/* The longest texts come back, and the ledger holds all of them. */
static void test_rules_override_longest(void **state)
{
    char reason[1024];
    char who[OD_NAME_MAX + 1];
    char name[OD_NAME_MAX + 1];
    od_override rows[1];
    od_ledger_row ledger[50];
    size_t count = 0;
    (void)state;
    memset(reason, '"', sizeof reason);
    memset(who, '\x01', sizeof who);
    memset(name, '\\', sizeof name);
    reason[1023] = who[OD_NAME_MAX] = name[OD_NAME_MAX] = '\0';
    stage_open(&s, NULL);
    stage_ok(&s,
             od_rules_add(s.engine, "acme",
                          "rule abcdefghijklmnopqrstuvwxyz.1234" US " ban\n"));
    od_override o = row(name, "abcdefghijklmnopqrstuvwxyz.1234", 0);
    o.reason = reason;
    o.who = who;
    stage_ok(&s, od_override_add(s.engine, &o));
    stage_ok(&s, od_overrides_list(s.engine, 0, rows, 1, &count));
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].name, name);
    assert_string_equal(rows[0].who, who);
    assert_string_equal(rows[0].reason, reason);
    assert_string_equal(rows[0].rule, "abcdefghijklmnopqrstuvwxyz.1234");
    stage_ok(&s, od_ledger_read(s.engine, 0, ledger, 50, &count));
    const char *payload = ledger[count - 1].payload;
    assert_int_equal(ledger[count - 1].kind, OD_LEDGER_OVERRIDE);
    assert_true(strlen(payload) > 2 * 1023 + 6 * OD_NAME_MAX);
    assert_string_equal(payload + strlen(payload) - 2, "\"}");
}

static void test_rules_override_limit(void **state)
{
    char name[32];
    (void)state;
    stage_open(&s, NULL);
    for (int i = 0; i < OD__LIFTS_MAX; i++) {
        (void)snprintf(name, sizeof name, "override %d", i);
        lift(name, "us.hours", 0);
    }
    const od_override o = row("more", "us-fl.cap", 0);
    stage_fails(&s, od_override_add(s.engine, &o), OD_ERR_LIMIT, "256");
    stage_ok(&s, od_override_remove(s.engine, "override 100"));
    stage_ok(&s, od_override_add(s.engine, &o));
    assert_int_equal(s.engine->law.lifts_len, OD__LIFTS_MAX);
}

/* A rule that would be lifted the moment it is added is refused. */
static void test_rules_override_outlives_its_rule(void **state)
{
    od_rule r;
    (void)state;
    stage_open(&s, NULL);
    stage_ok(&s, od_rules_add(s.engine, "acme", BAN));
    lift("a", "t.ban", 0);
    stage_ok(&s, od_rules_remove(s.engine, "acme"));
    stage_fails(&s, od_rules_add(s.engine, "acme", BAN), OD_ERR_EXISTS,
                "lifts \"t.ban\" already");
    stage_ok(&s, od_override_remove(s.engine, "a"));
    stage_ok(&s, od_rules_add(s.engine, "acme", BAN));
    assert_true(find("t.ban", &r) && !r.lifted);
}

/* == what they do to calls ================================================ */

/* A campaign that may call: informational, with what asks for evidence
 * lifted. */
static od_id go(const char *name)
{
    od_campaign_options options;
    static const char *const rules[] = {"us.consent.other", "us.id.start",
                                        "us.optout.exempt"};
    for (size_t i = 0; i < OD__LEN(rules); i++) {
        const od_override o = row(rules[i], rules[i], 0);
        od_err err = od_override_add(s.engine, &o);
        assert_true(err == OD_OK || err == OD_ERR_EXISTS);
    }
    stage_options(&s, &options, name);
    return stage_go(&s, &options);
}

static void is_blocked_by(od_id campaign, const char *rule)
{
    od_verdict v = stage_explain(&s, campaign, stage_phone(0));
    assert_int_equal(v.kind, OD_VERDICT_BLOCK);
    assert_string_equal(v.rule, rule);
}

/* In force with the next decision; lifted, who was blocked is called. */
static void test_rules_blocked_become_due(void **state)
{
    (void)state;
    stage_open(&s, NULL);
    stage_people(&s, 1);
    (void)od_world_contact(&s.world, s.group, "+18085551000", NULL);
    stage_ok(&s,
             od_rules_add(s.engine, "acme",
                          "rule t.mobile\n in US-NY\n purpose any\n cite c\n"
                          " verified yes\n ban\n"));
    od_id first = go("first"); /* it is 7:00 in Honolulu: it waits */
    od_id second = go("second");
    stage_run(&s, 1000);
    is_blocked_by(first, "t.mobile");
    assert_int_equal(stage_stats(&s, first).blocked, 1);
    lift("one", "t.mobile", second);
    stage_far_all(&s, 1, "status 486");
    stage_run(&s, 1000);
    assert_int_equal(stage_stats(&s, first).blocked, 1);
    assert_int_equal(stage_calls(&s, second, stage_phone(0)), 1);
    stage_ok(&s, od_rules_remove(s.engine, "acme"));
    stage_run(&s, 60000);
    assert_int_equal(stage_stats(&s, first).blocked, 0);
    assert_int_equal(stage_calls(&s, first, stage_phone(0)), 1);
}

static void test_rules_in_force_at_once(void **state)
{
    (void)state;
    stage_open(&s, NULL);
    stage_people(&s, 1);
    stage_far_all(&s, 1, "status 486");
    od_id campaign = go("first");
    stage_run(&s, 1000);
    assert_int_equal(stage_calls(&s, campaign, NULL), 1);
    stage_ok(&s, od_rules_add(s.engine, "acme", BAN));
    is_blocked_by(campaign, "t.ban");
    stage_run(&s, 2 * STAGE_HOUR); /* its next try was due */
    assert_int_equal(stage_calls(&s, campaign, NULL), 1);
    assert_int_equal(stage_stats(&s, campaign).blocked, 1);
}

/* Every decision to dial names the law it was taken by. */
static void test_rules_hash_in_the_ledger(void **state)
{
    (void)state;
    stage_open(&s, NULL);
    stage_people(&s, 1);
    (void)go("first");
    stage_run(&s, 1000);
    char expected[80];
    (void)snprintf(expected, sizeof expected, "\"rules\":\"%s\"",
                   s.engine->law.hash);
    ledger_says(OD_LEDGER_ATTEMPT, 0, expected, "+12125551000");
}

/* == other engines ======================================================== */

static od_engine *open_other(void)
{
    od_engine *other = NULL;
    od_errmsg errmsg = {""};
    if (od_engine_new(&other, NULL, open_file(), NULL, &s.world.now, &errmsg) !=
        OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    return other;
}

/* Another engine on the file sees them within a poll. */
static void test_rules_of_another_engine(void **state)
{
    (void)state;
    stage_open(&s, open_file());
    stage_people(&s, 2);
    stage_far_all(&s, 2, "status 486");
    od_id campaign = go("first");
    stage_run(&s, 1000);
    od_engine *other = open_other();
    assert_int_equal(od_rules_add(other, "acme", BAN), OD_OK);
    stage_run(&s, 100);
    assert_true(exists("t.ban"));
    is_blocked_by(campaign, "t.ban");
    const od_override o = row("x", "t.ban", 0);
    assert_int_equal(od_override_add(other, &o), OD_OK);
    stage_run(&s, 100);
    od_rule r;
    assert_true(find("t.ban", &r) && r.lifted);
    assert_int_equal(stage_explain(&s, campaign, stage_phone(0)).reason,
                     OD_REASON_RETRY_DELAY);
    assert_int_equal(od_override_remove(other, "x"), OD_OK);
    assert_int_equal(od_rules_remove(other, "acme"), OD_OK);
    stage_run(&s, 100);
    assert_false(exists("t.ban"));
    uint8_t theirs[32];
    assert_int_equal(od_rules_hash(other, theirs), OD_OK);
    assert_true(is_hash(theirs));
    od_engine_free(other);
}

/* Somebody else removes an override; the list is of those that are left. */
static void test_rules_overrides_list_while_one_goes(void **state)
{
    od_override rows[3];
    size_t count = 0;
    (void)state;
    stage_open(&s, open_file());
    lift("a", "us.hours", 0);
    lift("b", "us-fl.cap", 0);
    lift("c", "us-fl.hours", 0);
    od_engine *other = open_other();
    assert_int_equal(od_override_remove(other, "b"), OD_OK);
    stage_ok(&s, od_overrides_list(s.engine, 0, rows, 3, &count));
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].name, "a");
    assert_string_equal(rows[1].name, "c");
    od_engine_free(other);
}

/* A rule is lifted while nobody dials: who was blocked is called when somebody
 * does again. */
static void test_rules_lifted_while_nobody_dials(void **state)
{
    (void)state;
    stage_open(&s, open_file());
    stage_people(&s, 1);
    (void)od_world_contact(&s.world, s.group, "+18085551000", NULL);
    stage_ok(&s, od_rules_add(s.engine, "acme",
                              "rule t.ny\n in US-NY\n purpose any\n cite c\n"
                              " verified yes\n ban\n"));
    od_id campaign = go("first"); /* it is 7:00 in Honolulu: it waits */
    stage_run(&s, 1000);
    is_blocked_by(campaign, "t.ny");
    od_world_close(&s.world);
    od_engine *other = open_other();
    assert_int_equal(od_rules_remove(other, "acme"), OD_OK);
    od_engine_free(other);
    od_world_open(&s.world, open_file());
    s.engine = s.world.engine;
    stage_far_all(&s, 1, "status 486");
    stage_run(&s, 10000);
    assert_int_equal(stage_calls(&s, campaign, stage_phone(0)), 1);
}

/* They stay with the file. */
static void test_rules_stay(void **state)
{
    od_rule r;
    (void)state;
    stage_open(&s, open_file());
    stage_ok(&s, od_rules_add(s.engine, "acme", BAN));
    lift("a", "t.ban", 0);
    uint8_t before[32];
    hash(before);
    od_world_close(&s.world);
    stage_open(&s, open_file());
    assert_true(find("t.ban", &r) && r.lifted);
    assert_true(is_hash(before));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rules_list),
        TEST(test_rules_list_pages),
        TEST(test_rules_add_and_remove),
        TEST(test_rules_add_whole_or_not),
        TEST(test_rules_add_taken),
        TEST(test_rules_add_refuses),
        TEST(test_rules_add_limit_of_sets),
        TEST(test_rules_add_limit_of_holiday_sets),
        TEST(test_rules_add_limit_of_rules),
        TEST(test_rules_override),
        TEST(test_rules_override_refuses),
        TEST(test_rules_override_longest),
        TEST(test_rules_override_limit),
        TEST(test_rules_override_outlives_its_rule),
        TEST(test_rules_blocked_become_due),
        TEST(test_rules_in_force_at_once),
        TEST(test_rules_hash_in_the_ledger),
        TEST(test_rules_of_another_engine),
        TEST(test_rules_overrides_list_while_one_goes),
        TEST(test_rules_lifted_while_nobody_dials),
        TEST(test_rules_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
