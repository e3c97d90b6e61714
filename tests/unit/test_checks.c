/*
 * test_checks.c - every check of the decision about one number, in the order
 * in which it decides: od_campaign_checks().
 */
#include "support/stage.h"

#include "core/core.h"

#define ROWS OD_CHECKS_MAX

typedef struct play {
    od_stage stage;
    od_check rows[ROWS];
    size_t count;
} play;

static play *begin(bool lawful)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_init(&p->stage);
    p->stage.world.lawful = lawful;
    stage_open(&p->stage, NULL);
    return p;
}

static int setup(void **state)
{
    *state = begin(false);
    return 0;
}

static int setup_lawful(void **state)
{
    *state = begin(true);
    return 0;
}

static int teardown(void **state)
{
    play *p = *state;
    stage_end(&p->stage);
    free(p);
    return 0;
}

static void tell(const play *p)
{
    char text[256];
    for (size_t i = 0; i < p->count; i++) {
        od_verdict_text(&p->rows[i].verdict, text, sizeof text);
        print_error("%-9s %s [%s] [%s]\n", p->rows[i].name, text,
                    p->rows[i].evidence, p->rows[i].citation);
    }
}

/* All checks of a number; the first that does not allow is what explain
 * says. */
static void look(play *p, od_id id, const char *phone)
{
    od_verdict want = stage_explain(&p->stage, id, phone);
    od_verdict got = {.kind = OD_VERDICT_ALLOW};
    stage_ok(&p->stage, od_campaign_checks(p->stage.engine, id, phone, p->rows,
                                           ROWS, &p->count));
    assert_true(p->count > 0 && p->count <= ROWS);
    for (size_t i = p->count; i-- > 0;) {
        const od_check *row = &p->rows[i];
        assert_true(row->name[0] != '\0');
        assert_non_null(row->citation);
        if (row->evidence[0] == '\0') {
            tell(p);
            fail_msg("check \"%s\" has no evidence", row->name);
        }
        /* What comes of a rule has its id and where it stands. */
        bool of_rule = row->citation[0] != '\0';
        assert_true(!of_rule || row->verdict.rule[0] != '\0');
        got = row->verdict.kind != OD_VERDICT_ALLOW ? row->verdict : got;
    }
    if (got.kind != want.kind || got.reason != want.reason ||
        got.until_utc_ms != want.until_utc_ms ||
        strcmp(got.rule, want.rule) != 0) {
        char text[256];
        tell(p);
        od_verdict_text(&want, text, sizeof text);
        fail_msg("not as explained: %s", text);
    }
}

static const od_check *row_of(const play *p, const char *name,
                              const char *rule)
{
    for (size_t i = 0; i < p->count; i++) {
        if (strcmp(p->rows[i].name, name) == 0 &&
            (rule == NULL || strcmp(p->rows[i].verdict.rule, rule) == 0)) {
            return &p->rows[i];
        }
    }
    tell(p);
    fail_msg("no check \"%s\" of rule %s", name, rule != NULL ? rule : "-");
    return NULL;
}

static void says(const play *p, const char *name, const char *rule,
                 int32_t kind, const char *evidence)
{
    const od_check *row = row_of(p, name, rule);
    if (row->verdict.kind != kind || strstr(row->evidence, evidence) == NULL) {
        tell(p);
        fail_msg("check \"%s\" does not say \"%s\"", name, evidence);
    }
}

#define ALLOW OD_VERDICT_ALLOW
#define DEFER OD_VERDICT_DEFER
#define BLOCK OD_VERDICT_BLOCK

/* == the list ============================================================== */

static void test_checks_all_in_order(void **state)
{
    static const char *const names[] = {
        "campaign", "number",   "dnc",      "enrolled", "reached", "attempts",
        "in flight", "answered", "called",  "retry",    "place",   "rule"};
    play *p = *state;
    od_stage *s = &p->stage;
    od_window day = {OD_EVERY_DAY, 9 * 60, 18 * 60};
    od_campaign_options o;
    stage_people(s, 1);
    stage_far_all(s, 1, "ring 1s status 486");
    stage_options(s, &o, "first");
    o.windows = &day;
    o.windows_len = 1;
    o.attempts_max = 4;
    od_id id = stage_go(s, &o);
    stage_run(s, 10000);
    look(p, id, stage_phone(0));
    size_t at = 0;
    for (size_t i = 0; i < OD__LEN(names); i++) { /* rules lie between */
        while (at < p->count && strcmp(p->rows[at].name, names[i]) != 0) {
            at++;
        }
        if (at == p->count) {
            tell(p);
            fail_msg("no check \"%s\" in its place", names[i]);
        }
    }
    says(p, "campaign", NULL, ALLOW, "running");
    says(p, "number", NULL, ALLOW, "not reported as unassigned");
    says(p, "dnc", NULL, ALLOW, "not on the list");
    says(p, "enrolled", NULL, ALLOW, "contact ");
    says(p, "reached", NULL, ALLOW, "last call: busy");
    says(p, "attempts", NULL, ALLOW, "1 of 4");
    says(p, "in flight", NULL, ALLOW, "no call to it");
    says(p, "retry", NULL, DEFER, "due 2027-03-10T18:00:0");
    says(p, "answered", NULL, ALLOW, "never answered");
    says(p, "called", NULL, ALLOW, "last called 2027-03-10T17:00:00Z");
    says(p, "place", NULL, ALLOW, "US-NY|America/New_York");
    says(p, "rule", "us.hours", ALLOW, "window daily 8:00-21:00");
    says(p, "windows", NULL, ALLOW, "window daily 9:00-18:00");
    assert_string_equal(row_of(p, "rule", "us.hours")->citation,
                        "47 CFR 64.1200(c)(1), (e); 16 CFR 310.4(c)");
}

/* What stands in the way, one after the other. */
static void test_checks_of_what_is_in_the_way(void **state)
{
    play *p = *state;
    od_stage *s = &p->stage;
    stage_people(s, 4);
    stage_far(s, stage_phone(0), "ring 1s answer wait 2s hangup");
    stage_far(s, stage_phone(1), "ring 1s status 404");
    stage_far(s, stage_phone(2), "ring 20s status 486");
    stage_dnc(s, stage_phone(3));
    od_id id = stage_go(s, NULL);
    stage_run(s, 10000);
    look(p, id, stage_phone(0));
    says(p, "reached", NULL, BLOCK, "last call: answered");
    says(p, "answered", NULL, ALLOW, "last answered 2027-03-10T17:00:0");
    look(p, id, stage_phone(1));
    says(p, "number", NULL, BLOCK, "reported as not assigned");
    look(p, id, stage_phone(2));
    says(p, "in flight", NULL, DEFER, "a call to it is under way");
    look(p, id, stage_phone(3));
    says(p, "dnc", NULL, BLOCK, "on the list");
    look(p, id, "+12125559999");
    says(p, "enrolled", NULL, BLOCK, "contact 0");
}

static void test_checks_of_no_number(void **state)
{
    play *p = *state;
    od_id id = stage_go(&p->stage, (stage_people(&p->stage, 1), NULL));
    look(p, id, "hello");
    assert_int_equal(p->count, 1);
    says(p, "phone", NULL, BLOCK, "not a phone number: it ");
    assert_int_equal(p->rows[0].verdict.reason, OD_REASON_NUMBER_INVALID);
    look(p, id, "+18005551000");
    says(p, "phone", NULL, BLOCK, "toll-free");
    look(p, id, "");
}

/* == the campaign ========================================================== */

/* That it does not run is told last, if the number is blocked for good. */
static void test_checks_of_a_campaign_that_does_not_run(void **state)
{
    play *p = *state;
    od_stage *s = &p->stage;
    od_campaign_options o;
    stage_people(s, 2);
    stage_far_all(s, 2, "ring 1s status 486");
    stage_options(s, &o, "first");
    od_id id = stage_add(s, &o);
    look(p, id, stage_phone(0));
    assert_string_equal(p->rows[0].name, "campaign");
    says(p, "campaign", NULL, BLOCK, "idle");
    stage_ok(s, od_campaign_start(s->engine, id));
    stage_run(s, 10000);
    stage_ok(s, od_campaign_pause(s->engine, id));
    look(p, id, stage_phone(0)); /* its retry would come: the state decides */
    assert_string_equal(p->rows[0].name, "campaign");
    says(p, "retry", NULL, DEFER, "due");
    stage_dnc(s, stage_phone(0));
    look(p, id, stage_phone(0));
    assert_string_equal(p->rows[p->count - 1].name, "campaign");
    says(p, "campaign", NULL, BLOCK, "paused");
    says(p, "dnc", NULL, BLOCK, "on the list");
}

static void test_checks_of_a_campaign_that_is_over(void **state)
{
    play *p = *state;
    od_stage *s = &p->stage;
    od_campaign_options o;
    stage_people(s, 2);
    stage_far_all(s, 2, "ring 1s answer wait 2s hangup");
    stage_options(s, &o, "first");
    o.concurrent_max = 1;
    o.end_utc_ms = s->world.now.utc_ms + 1000;
    od_id id = stage_go(s, &o);
    stage_run(s, 20000);
    assert_int_equal(stage_calls(s, id, NULL), 1);
    bool first = stage_calls(s, id, stage_phone(0)) == 1;
    look(p, id, stage_phone(first ? 0 : 1)); /* answered */
    says(p, "reached", NULL, BLOCK, "answered");
    look(p, id, stage_phone(first ? 1 : 0));
    assert_string_equal(p->rows[0].name, "campaign");
    assert_int_equal(p->rows[0].verdict.reason, OD_REASON_CAMPAIGN_ENDED);
}

/* == rules ================================================================= */

/* Enrol, whatever preflight says of it. */
static od_id enrol(play *p, const od_campaign_options *o)
{
    od_engine *engine = p->stage.engine;
    od_id id = stage_add(&p->stage, o);
    stage_ok(&p->stage, od__campaign_move(engine, id, OD_CAMPAIGN_IDLE,
                                          OD_CAMPAIGN_RUNNING, ""));
    stage_run(&p->stage, 1000);
    return id;
}

/* Two caps are met: the one that holds longer decides. */
static void test_checks_of_caps(void **state)
{
    static const char rules[] =
        "rule host.day\n  in US-NY\n  purpose any\n  cap 1 per 24h\n"
        "  cite our day\n  verified no\n"
        "rule host.week\n  in US-NY\n  purpose any\n  cap 1 per 7d\n"
        "  cite our week\n  verified no\n";
    play *p = *state;
    od_stage *s = &p->stage;
    stage_people(s, 1);
    stage_far_all(s, 1, "ring 1s status 486");
    od_id id = stage_go(s, NULL);
    stage_run(s, 10000);
    stage_ok(s, od_rules_add(s->engine, "host", rules));
    stage_run(s, STAGE_HOUR);
    assert_int_equal(stage_calls(s, id, NULL), 1);
    look(p, id, stage_phone(0));
    says(p, "cap", "host.day", DEFER, "1 calls since 2027-03-09T");
    says(p, "cap", "host.week", DEFER, "1 calls since 2027-03-03T");
    assert_string_equal(row_of(p, "cap", NULL)->verdict.rule, "host.week");
    assert_string_equal(row_of(p, "cap", NULL)->citation, "our week");
}

/* A sales call without anything on record. */
static void test_checks_of_evidence(void **state)
{
    play *p = *state;
    od_stage *s = &p->stage;
    od_campaign_options o;
    const char *phone = stage_phone(0);
    stage_people(s, 1);
    (void)od_world_contact(&s->world, s->group, "+12065551000", NULL);
    (void)od_world_contact(&s->world, s->group, "+16015551000", NULL);
    stage_options(s, &o, "sale");
    o.purpose = OD_PURPOSE_MARKETING;
    o.seller = "Acme Inc.";
    od_id id = enrol(p, &o);
    look(p, id, phone);
    says(p, "registry", "us.registry", DEFER,
         "registry us.national is not in use");
    says(p, "consent", "us.consent.marketing", BLOCK,
         "no consent for marketing on record");
    const od_consent row = {.phone = phone,
                            .seller = "Acme Inc.",
                            .obtained_utc_ms = s->world.now.utc_ms,
                            .kind = OD_CONSENT_WRITTEN,
                            .purpose = OD_PURPOSE_MARKETING};
    stage_ok(s, od_consent_add(s->engine, &row));
    look(p, id, phone);
    says(p, "registry", "us.registry", ALLOW, "evidence on record exempts");
    says(p, "consent", "us.consent.marketing", ALLOW,
         "written consent for marketing on record");
    /* Nobody may be called so in Washington. */
    look(p, id, "+12065551000");
    says(p, "ban", "us-wa.recorded", BLOCK, "no evidence exempts");
    /* In Mississippi who has dealt with the seller may. */
    look(p, id, "+16015551000");
    says(p, "ban", "us-ms.recorded", BLOCK, "no evidence on record exempts");
}

/* Whatever the place, the rules and the state: as explained. */
static void test_checks_are_as_explained(void **state)
{
    static const char *const phones[] = {
        "+12065551000", "+13055551000", "+16025551000", "+18505551000",
        "+12015551000", "+16015551000", "+442071838750", "+14165551000",
        "+17875551000", "+33142685300", "+12125551000"};
    play *p = *state;
    od_stage *s = &p->stage;
    for (size_t i = 0; i < OD__LEN(phones); i++) {
        (void)od_world_contact(&s->world, s->group, phones[i], NULL);
    }
    for (int32_t purpose = 0; purpose < OD_PURPOSES; purpose++) {
        od_campaign_options o;
        char name[32];
        stage_options(s, &o, name);
        (void)snprintf(name, sizeof name, "purpose %d", (int)purpose);
        o.purpose = purpose;
        od_id id = enrol(p, &o);
        for (int hour = 0; hour < 24; hour += 5) {
            stage_run(s, 5 * (int64_t)STAGE_HOUR);
            for (size_t i = 0; i < OD__LEN(phones); i++) {
                look(p, id, phones[i]);
            }
        }
    }
}

/* == arguments ============================================================= */

static void test_checks_little_room(void **state)
{
    play *p = *state;
    od_stage *s = &p->stage;
    od_check two[3];
    size_t count = 0;
    stage_people(s, 1);
    od_id id = stage_go(s, NULL);
    look(p, id, stage_phone(0));
    memset(two, 0x5a, sizeof two);
    stage_ok(s, od_campaign_checks(s->engine, id, stage_phone(0), two, 2,
                                   &count));
    assert_int_equal(count, p->count);
    assert_string_equal(two[1].name, p->rows[1].name);
    assert_int_equal(two[2].name[0], 0x5a);
    stage_ok(s, od_campaign_checks(s->engine, id, stage_phone(0), NULL, 0,
                                   &count));
    assert_int_equal(count, p->count);
    stage_fails(s, od_campaign_checks(s->engine, 9876, "x", two, 2, &count),
                OD_ERR_NOT_FOUND, "9876");
    stage_fails(s, od_campaign_checks(s->engine, id, NULL, two, 2, &count),
                OD_ERR_INVALID, "phone");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define LAWFUL(name)                                                           \
    cmocka_unit_test_setup_teardown(name, setup_lawful, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_checks_all_in_order),
        TEST(test_checks_of_what_is_in_the_way),
        TEST(test_checks_of_no_number),
        TEST(test_checks_of_a_campaign_that_does_not_run),
        TEST(test_checks_of_a_campaign_that_is_over),
        TEST(test_checks_of_caps),
        LAWFUL(test_checks_of_evidence),
        LAWFUL(test_checks_are_as_explained),
        TEST(test_checks_little_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
