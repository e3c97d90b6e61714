/*
 * test_preflight_places.c - what the rules of the members' places ask of a
 * campaign: each requirement broken alone, with its cure.
 *
 * The people are in New York. A recorded sales call to them needs
 * identification, an opt-out offered at once, a seller, proof of the caller ID,
 * the national registry, consent in writing, patience and a media path.
 */
#include "support/stage.h"

#include "core/core.h"

#define ROWS 64
#define DAY (24 * (int64_t)STAGE_HOUR)
#define PEOPLE 3

typedef struct play {
    od_stage stage;
    od_campaign_options o; /* of a campaign without any problem */
    od_id prompts[4];      /* who calls, the offer, what is sold */
    od_id id;              /* of that campaign, once it was added */
    int names;
    char name[32];
    od_problem rows[ROWS];
    size_t count;
} play;

/* == the campaign ========================================================== */

static void attach_registry(play *p, int64_t obtained_utc_ms)
{
    static const char text[] = "212,5559999\n";
    od_registry_build_options build;
    od_errmsg errmsg;
    char list[700];
    const char *paths[] = {list};
    (void)snprintf(list, sizeof list, "%s",
                   stage_file(&p->stage, "list.txt", text, sizeof text - 1));
    od_registry_build_options_init(&build);
    build.paths = paths;
    build.paths_len = 1;
    build.name = "us.national";
    build.out_path = stage_path(&p->stage, "list.reg");
    build.obtained_utc_ms = obtained_utc_ms;
    if (od_registry_build(&build, NULL, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    stage_ok(&p->stage, od_registry_attach(p->stage.engine, build.out_path));
}

static void consent(play *p, const char *phone, const char *seller)
{
    const od_consent row = {.phone = phone,
                            .seller = seller,
                            .obtained_utc_ms = p->stage.world.now.utc_ms,
                            .kind = OD_CONSENT_WRITTEN,
                            .purpose = OD_PURPOSE_MARKETING};
    stage_ok(&p->stage, od_consent_add(p->stage.engine, &row));
}

static void fill_options(play *p)
{
    stage_options(&p->stage, &p->o, p->name);
    p->o.purpose = OD_PURPOSE_MARKETING;
    p->o.seller = "Acme Inc.";
    p->o.prompts = p->prompts;
    p->o.prompts_len = 3;
    p->o.identity_prompt = p->prompts[0];
    p->o.offer_prompt = p->prompts[1];
}

static int setup(void **state)
{
    static const od_caller_id row = {.phone = "+12125550100",
                                     .evidence = "letter of 2027-01-02"};
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_init(&p->stage);
    p->stage.world.lawful = true;
    stage_open(&p->stage, NULL);
    p->prompts[0] = od_world_prompt(&p->stage.world, "who", 1500);
    p->prompts[1] = od_world_prompt(&p->stage.world, "offer", 2500);
    p->prompts[2] = od_world_prompt(&p->stage.world, "sale", 9000);
    p->prompts[3] = p->stage.hello;
    stage_people(&p->stage, PEOPLE);
    stage_ok(&p->stage, od_caller_id_add(p->stage.engine, &row));
    attach_registry(p, p->stage.world.now.utc_ms);
    consent(p, stage_phone(0), "Acme Inc.");
    fill_options(p);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    play *p = *state;
    stage_end(&p->stage);
    free(p);
    return 0;
}

static void look_at(play *p, od_id id)
{
    stage_ok(&p->stage, od_campaign_problems(p->stage.engine, id, p->rows,
                                             ROWS, &p->count));
    assert_true(p->count <= ROWS);
}

/* A campaign with the options as they are, under a name of its own. */
static od_id look(play *p)
{
    (void)snprintf(p->name, sizeof p->name, "sale %d", ++p->names);
    p->id = stage_add(&p->stage, &p->o);
    look_at(p, p->id);
    return p->id;
}

static void tell(const play *p)
{
    for (size_t i = 0; i < p->count; i++) {
        print_error("%d %s %lld %s: %s\n", (int)p->rows[i].severity,
                    p->rows[i].rule, (long long)p->rows[i].count,
                    p->rows[i].what, p->rows[i].cure);
    }
}

static void finds(const play *p, int32_t severity, const char *rule,
                  int64_t count, const char *what, const char *cure)
{
    for (size_t i = 0; i < p->count; i++) {
        const od_problem *row = &p->rows[i];
        if (row->severity == severity && strcmp(row->rule, rule) == 0 &&
            row->count == count && strstr(row->what, what) != NULL &&
            strstr(row->cure, cure) != NULL) {
            return;
        }
    }
    tell(p);
    fail_msg("nothing of rule \"%s\" says \"%s\" with \"%s\" of %lld", rule,
             what, cure, (long long)count);
}

/* The same, and nothing else. */
static void finds_one(play *p, int32_t severity, const char *rule,
                      const char *what, const char *cure)
{
    finds(p, severity, rule, PEOPLE, what, cure);
    if (p->count != 1) {
        tell(p);
        fail_msg("%zu problems, not 1", p->count);
    }
}

static void finds_none(const play *p)
{
    if (p->count != 0) {
        tell(p);
        fail_msg("%zu problems, not 0", p->count);
    }
}

#define ERROR_OF OD_SEVERITY_ERROR
#define WARNING_OF OD_SEVERITY_WARNING

/* == what is said ========================================================== */

static void test_preflight_places_lawful(void **state)
{
    play *p = *state;
    od_id id = look(p);
    finds_none(p);
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, id));
}

static void test_preflight_places_identity(void **state)
{
    play *p = *state;
    p->o.identity_prompt = 0;
    od_id id = look(p);
    finds_one(p, ERROR_OF, "us.id.start", "does not say who calls",
              "identity_prompt");
    stage_fails(&p->stage, od_campaign_start(p->stage.engine, id),
                OD_ERR_REFUSED, "does not say who calls");
    p->o.identity_prompt = p->prompts[1]; /* not the first */
    (void)look(p);
    finds_one(p, ERROR_OF, "us.id.start", "does not say who calls",
              "identity_prompt");
    p->o.identity_prompt = p->prompts[3]; /* not played */
    (void)look(p);
    finds_one(p, ERROR_OF, "us.id.start", "does not say who calls",
              "identity_prompt");
}

static void test_preflight_places_offer(void **state)
{
    play *p = *state;
    p->o.offer_prompt = 0;
    (void)look(p);
    finds_one(p, ERROR_OF, "us.optout.key", "no prompt offers the opt-out",
              "offer_prompt");
    p->o.offer_prompt = p->prompts[3];
    (void)look(p);
    finds_one(p, ERROR_OF, "us.optout.key", "no prompt offers the opt-out",
              "offer_prompt");
    p->o.offer_prompt = p->prompts[0]; /* all in one */
    (void)look(p);
    finds_none(p);
    p->o.opt_out_key = OD_NONE;
    (void)look(p);
    finds_one(p, ERROR_OF, "us.optout.key", "no key opts out", "opt_out_key");
}

/* Two seconds may pass, not more. */
static void test_preflight_places_offer_is_late(void **state)
{
    play *p = *state;
    od_id prompts[3] = {p->prompts[0], p->prompts[3], p->prompts[1]};
    p->o.prompts = prompts;
    (void)look(p);
    finds_none(p); /* 2000 ms between */
    prompts[1] = od_world_prompt(&p->stage.world, "longer", 2001);
    (void)look(p);
    finds_one(p, ERROR_OF, "us.optout.key", "prompts of 2001 ms stand before",
              "right behind identity_prompt");
    prompts[1] = p->prompts[2];
    (void)look(p);
    finds_one(p, ERROR_OF, "us.optout.key", "9000 ms", "offer_prompt");
}

/* == the campaign ========================================================== */

static void test_preflight_places_caller_id(void **state)
{
    play *p = *state;
    stage_ok(&p->stage,
             od_caller_id_remove(p->stage.engine, "+12125550100"));
    (void)look(p);
    finds(p, ERROR_OF, "us.callerid", PEOPLE, "without proof",
          "od_caller_id_add");
    p->o.caller_id = NULL;
    (void)look(p);
    assert_int_equal(p->count, 1); /* none at all is told once */
    finds(p, ERROR_OF, "", 0, "no caller ID", "caller_id");
}

static void test_preflight_places_seller(void **state)
{
    play *p = *state;
    p->o.seller = NULL;
    consent(p, stage_phone(0), NULL);
    (void)look(p);
    finds_one(p, ERROR_OF, "us.seller", "no seller", "set seller");
}

static void test_preflight_places_abandoned(void **state)
{
    play *p = *state;
    p->o.guards.abandon_max = OD_NONE;
    (void)look(p);
    finds_one(p, ERROR_OF, "us.abandon", "30 in 1000", "guards.abandon_max");
    p->o.guards.abandon_max = 31;
    (void)look(p);
    finds_one(p, ERROR_OF, "us.abandon", "30 in 1000", "guards.abandon_max");
    p->o.guards.abandon_max = 30;
    (void)look(p);
    finds_none(p);
}

static void test_preflight_places_ring(void **state)
{
    static const char rule[] = "rule host.ring\n  in US-NY\n  purpose any\n"
                               "  require ring 25s\n  cite our own\n"
                               "  verified no\n";
    play *p = *state;
    stage_ok(&p->stage, od_rules_add(p->stage.engine, "host", rule));
    (void)look(p);
    finds_none(p);
    p->o.ring_timeout_ms = 24999;
    (void)look(p);
    finds_one(p, ERROR_OF, "host.ring", "after 24999 ms, 25000 are the least",
              "ring_timeout_ms");
}

/* == registries, consent, bans ============================================= */

static void test_preflight_places_not_scrubbed(void **state)
{
    play *p = *state;
    stage_ok(&p->stage, od_registry_detach(p->stage.engine, "us.national"));
    (void)look(p);
    finds_one(p, ERROR_OF, "us.registry", "the list is not scrubbed",
              "od_registry_attach");
}

/* Thirty-one days, and a warning in the last five. */
static void test_preflight_places_scrubbed_long_ago(void **state)
{
    play *p = *state;
    od_id id = look(p);
    stage_run(&p->stage, 26 * DAY - 1);
    look_at(p, id);
    finds_none(p);
    stage_run(&p->stage, 1);
    look_at(p, id);
    finds_one(p, WARNING_OF, "us.registry", "too old in 5 days", "soon");
    stage_run(&p->stage, 5 * DAY - 1);
    look_at(p, id);
    finds_one(p, WARNING_OF, "us.registry", "too old in 1 days", "soon");
    stage_run(&p->stage, 1);
    look_at(p, id);
    finds_one(p, ERROR_OF, "us.registry",
              "was obtained 31 days ago, 31 are allowed", "new copy");
    attach_registry(p, p->stage.world.now.utc_ms);
    look_at(p, id);
    finds_none(p);
    /* A copy of tomorrow is none of today. */
    attach_registry(p, p->stage.world.now.utc_ms + DAY);
    look_at(p, id);
    finds_one(p, ERROR_OF, "us.registry", "obtained", "new copy");
}

static void test_preflight_places_no_consent(void **state)
{
    play *p = *state;
    od_id id = look(p);
    stage_ok(&p->stage,
             od_consent_revoke(p->stage.engine, stage_phone(0), NULL, NULL));
    look_at(p, id);
    finds_one(p, WARNING_OF, "us.consent.marketing",
              "3 contacts need consent, and none is on record",
              "od_consent_import");
    /* For another seller, or less than in writing, is none of this campaign. */
    od_consent row = {.phone = stage_phone(0),
                      .seller = "Another",
                      .obtained_utc_ms = p->stage.world.now.utc_ms,
                      .kind = OD_CONSENT_WRITTEN,
                      .purpose = OD_PURPOSE_MARKETING};
    stage_ok(&p->stage, od_consent_add(p->stage.engine, &row));
    row.seller = "Acme Inc.";
    row.kind = OD_CONSENT_EXPRESS;
    stage_ok(&p->stage, od_consent_add(p->stage.engine, &row));
    row.kind = OD_CONSENT_WRITTEN;
    row.purpose = OD_PURPOSE_SURVEY;
    stage_ok(&p->stage, od_consent_add(p->stage.engine, &row));
    look_at(p, id);
    finds_one(p, WARNING_OF, "us.consent.marketing", "none is on record",
              "od_consent_import");
    for (int i = 0; i < 100; i++) { /* a page of others before it */
        char seller[32];
        (void)snprintf(seller, sizeof seller, "Seller %d", i);
        row.seller = seller;
        stage_ok(&p->stage, od_consent_add(p->stage.engine, &row));
    }
    consent(p, stage_phone(1), "Acme Inc.");
    look_at(p, id);
    finds_none(p);
}

/* People in Washington may not be called at all, the others go on. */
static void test_preflight_places_banned(void **state)
{
    play *p = *state;
    (void)od_world_contact(&p->stage.world, p->stage.group, "+12065551000",
                           NULL);
    od_id id = look(p);
    assert_int_equal(p->count, 1);
    finds(p, WARNING_OF, "us-wa.recorded", 1, "1 contacts may not be called",
          "leave them out");
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, id));
}

/* == which rules ask ======================================================= */

/* What is lifted asks nothing more. */
static void test_preflight_places_lifted(void **state)
{
    play *p = *state;
    const od_override lift = {.name = "seller",
                              .rule = "us.seller",
                              .reason = "a test",
                              .who = "tests"};
    p->o.seller = NULL;
    consent(p, stage_phone(0), NULL);
    od_id id = look(p);
    finds(p, ERROR_OF, "us.seller", PEOPLE, "no seller", "set seller");
    stage_ok(&p->stage, od_override_add(p->stage.engine, &lift));
    look_at(p, id);
    assert_int_equal(p->count, 0);
}

/* What is not in force yet, or no more, forbids nothing. */
static void test_preflight_places_dates(void **state)
{
    static const char rules[] =
        "rule host.past\n  in US-NY\n  purpose any\n  require ring 60s\n"
        "  until 2027-03-09\n  cite our own\n  verified no\n"
        "rule host.coming\n  in US-NY\n  purpose any\n  require ring 60s\n"
        "  from 2027-03-12\n  cite our own\n  verified no\n";
    play *p = *state;
    stage_ok(&p->stage, od_rules_add(p->stage.engine, "host", rules));
    od_id id = look(p);
    finds_none(p);
    stage_run(&p->stage, 36 * (int64_t)STAGE_HOUR); /* midnight there: 5:00Z */
    look_at(p, id);
    finds_one(p, ERROR_OF, "host.coming", "60000 are the least",
              "ring_timeout_ms");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_preflight_places_lawful),
        TEST(test_preflight_places_identity),
        TEST(test_preflight_places_offer),
        TEST(test_preflight_places_offer_is_late),
        TEST(test_preflight_places_caller_id),
        TEST(test_preflight_places_seller),
        TEST(test_preflight_places_abandoned),
        TEST(test_preflight_places_ring),
        TEST(test_preflight_places_not_scrubbed),
        TEST(test_preflight_places_scrubbed_long_ago),
        TEST(test_preflight_places_no_consent),
        TEST(test_preflight_places_banned),
        TEST(test_preflight_places_lifted),
        TEST(test_preflight_places_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
