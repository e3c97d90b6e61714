/*
 * test_core_law.c - what the law forbids is not called, however it came about:
 * a group that grows, rules that change, a queue of events that is full, a
 * record that nobody wrote.
 */
#include "support/mute.h"
#include "support/shaky.h"

#include "core/core.h"

typedef struct trial {
    od_stage stage;
    od_mute mute;
    od_shaky shaky;
    od_campaign_options o;
} trial;

static int setup(void **state)
{
    trial *t = calloc(1, sizeof *t);
    assert_non_null(t);
    stage_init(&t->stage);
    mute_init(&t->mute);
    mute_open(&t->mute, &t->stage, shaky_new(&t->shaky, NULL));
    stage_options(&t->stage, &t->o, "first");
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    trial *t = *state;
    stage_end(&t->stage);
    free(t);
    return 0;
}

static void add_rules(trial *t, const char *name, const char *text)
{
    stage_ok(&t->stage, od_rules_add(t->stage.engine, name, text));
}

static void state_is(trial *t, od_id id, int32_t state, const char *text)
{
    od_campaign now;
    stage_ok(&t->stage, od_campaign_get(t->stage.engine, id, &now));
    if (now.state != state || strstr(now.state_text, text) == NULL) {
        fail_msg("%s \"%s\", not %s \"%s\"", od_campaign_state_name(now.state),
                 now.state_text, od_campaign_state_name(state), text);
    }
}

/* Among the checks of a number: it waits, and the rule says why. */
static void told(trial *t, od_id id, const char *phone, const char *rule)
{
    od_check rows[96];
    size_t count = 0;
    stage_ok(&t->stage, od_campaign_checks(t->stage.engine, id, phone, rows,
                                           OD__LEN(rows), &count));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].verdict.rule, rule) == 0) {
            assert_string_equal(rows[i].name, "require");
            assert_int_equal(rows[i].verdict.kind, OD_VERDICT_DEFER);
            assert_int_equal(rows[i].verdict.reason, OD_REASON_RULE_REQUIRE);
            assert_string_equal(rows[i].evidence,
                                "require ring 60s: the campaign does not");
            return;
        }
    }
    fail_msg("no check of rule %s", rule);
}

/* == what a rule requires ================================================== */

static const char ohio[] = "rule host.oh\n  in US-OH\n  purpose any\n"
                            "  require ring 60s\n  cite our own\n"
                            "  verified no\n";

/* Nobody was in Ohio when it began, so nobody asked what Ohio asks. */
static void test_core_law_group_that_grows(void **state)
{
    trial *t = *state;
    add_rules(t, "host", ohio);
    stage_people(&t->stage, 1);
    od_id id = stage_go(&t->stage, &t->o);
    stage_run(&t->stage, 1000);
    assert_int_equal(t->mute.dials_len, 1);
    (void)od_world_contact(&t->stage.world, t->stage.group, "+16145551000",
                           "America/New_York");
    stage_run(&t->stage, 10 * STAGE_MINUTE);
    assert_int_equal(t->mute.dials_len, 1);
    state_is(t, id, OD_CAMPAIGN_PAUSED, "host.oh");
    told(t, id, "+16145551000", "host.oh");
    stage_fails(&t->stage, od_campaign_resume(t->stage.engine, id),
                OD_ERR_REFUSED, "60000 are the least");
    t->o.ring_timeout_ms = 60000;
    stage_ok(&t->stage, od_campaign_update(t->stage.engine, id, &t->o));
    stage_ok(&t->stage, od_campaign_resume(t->stage.engine, id));
    stage_run(&t->stage, 1000);
    assert_int_equal(t->mute.dials_len, 2);
}

/* Who moves to Ohio takes its rules along. */
static void test_core_law_contact_that_moves(void **state)
{
    trial *t = *state;
    const od_window later = {OD_EVERY_DAY, 12 * 60 + 30, 20 * 60};
    od_contact row;
    add_rules(t, "host", ohio);
    od_id contact = od_world_contact(&t->stage.world, t->stage.group,
                                     stage_phone(0), NULL);
    t->o.windows = &later;
    t->o.windows_len = 1;
    od_id id = stage_go(&t->stage, &t->o);
    stage_run(&t->stage, STAGE_MINUTE);
    memset(&row, 0, sizeof row);
    row.id = contact;
    row.phone = stage_phone(0);
    row.state = "OH";
    stage_ok(&t->stage, od_contact_update(t->stage.engine, &row));
    stage_run(&t->stage, 4 * STAGE_HOUR);
    assert_int_equal(t->mute.dials_len, 0);
    state_is(t, id, OD_CAMPAIGN_PAUSED, "host.oh");
}

/* The proof of the caller ID goes while the campaign runs. */
static void test_core_law_caller_id_without_proof(void **state)
{
    static const char rule[] = "rule host.id\n  in US\n  purpose any\n"
                               "  require caller-id\n  cite our own\n"
                               "  verified no\n";
    static const od_caller_id proof = {.phone = "+12125550100",
                                       .evidence = "a letter"};
    trial *t = *state;
    add_rules(t, "host", rule);
    stage_ok(&t->stage, od_caller_id_add(t->stage.engine, &proof));
    stage_people(&t->stage, 2);
    t->o.concurrent_max = 1;
    od_id id = stage_go(&t->stage, &t->o);
    stage_run(&t->stage, 1000);
    assert_int_equal(t->mute.dials_len, 1);
    stage_ok(&t->stage, od_caller_id_remove(t->stage.engine, proof.phone));
    mute_post(&t->mute, 0, OD_REPORT_ENDED, 486);
    stage_run(&t->stage, 10 * STAGE_MINUTE);
    assert_int_equal(t->mute.dials_len, 1);
    state_is(t, id, OD_CAMPAIGN_PAUSED, "host.id");
}

/* Rules that it would not be started under come into force while it runs.
 * Members are not gone through for that: there may be millions. */
static void test_core_law_rules_that_change(void **state)
{
    static const char york[] = "rule host.ny\n  in US-NY\n  purpose any\n"
                               "  require ring 60s\n  cite our own\n"
                               "  verified no\n";
    trial *t = *state;
    stage_people(&t->stage, 3);
    t->o.concurrent_max = 1;
    od_id id = stage_go(&t->stage, &t->o);
    stage_run(&t->stage, 1000);
    assert_int_equal(t->mute.dials_len, 1);
    t->shaky.only = "group_places";
    shaky_fail(&t->shaky, 1000, false);
    add_rules(t, "host", york);
    mute_post(&t->mute, 0, OD_REPORT_ENDED, 486);
    stage_run(&t->stage, STAGE_MINUTE);
    assert_int_equal(t->mute.dials_len, 1);
    assert_int_equal(t->shaky.calls, 0);
    state_is(t, id, OD_CAMPAIGN_PAUSED, "host.ny");
}

/* == a start that is not one =============================================== */

/* Its time has come, it may not start, and there is room for one event. */
static void test_core_law_scheduled_with_room_for_one_event(void **state)
{
    trial *t = *state;
    od_event event;
    stage_people(&t->stage, 1);
    t->o.start_utc_ms = t->stage.world.now.utc_ms + STAGE_HOUR;
    od_id id = stage_go(&t->stage, &t->o);
    t->o.purpose = OD_PURPOSE_UNSTATED; /* it may not start like this */
    stage_ok(&t->stage, od_campaign_update(t->stage.engine, id, &t->o));
    od_campaign_options other;
    stage_options(&t->stage, &other, "noise");
    const od_window evening = {OD_EVERY_DAY, 20 * 60, 21 * 60};
    other.windows = &evening;
    other.windows_len = 1;
    od_id noise = stage_go(&t->stage, &other);
    od_err err = OD_OK;
    for (bool paused = false; err == OD_OK; paused = !paused) {
        err = paused ? od_campaign_resume(t->stage.engine, noise)
                     : od_campaign_pause(t->stage.engine, noise);
    }
    assert_int_equal(err, OD_ERR_LIMIT);
    assert_true(od_engine_next_event(t->stage.engine, &event));
    t->stage.world.now.mono_ms += STAGE_HOUR + 1000;
    t->stage.world.now.utc_ms += STAGE_HOUR + 1000;
    t->shaky.only = "group_places";
    shaky_fail(&t->shaky, 1000, false);
    for (int i = 0; i < 20; i++) {
        t->stage.world.now.mono_ms += 100;
        t->stage.world.now.utc_ms += 100;
        stage_ok(&t->stage, od_engine_step(t->stage.engine,
                                           &t->stage.world.now));
    }
    assert_int_equal(t->mute.dials_len, 0);
    assert_int_not_equal(stage_state(&t->stage, id), OD_CAMPAIGN_RUNNING);
    assert_int_equal(t->shaky.calls, 0); /* nobody goes through the members */
    stage_run(&t->stage, STAGE_MINUTE); /* the host reads */
    stage_run(&t->stage, STAGE_MINUTE);
    state_is(t, id, OD_CAMPAIGN_PAUSED, "no purpose is stated");
    assert_int_equal(t->mute.dials_len, 0);
}

/* == who is through stays through ========================================== */

/* "Never again after such an end" holds when everything is judged anew. */
static void test_core_law_judged_anew_is_not_called_again(void **state)
{
    static const char rule[] = "rule host.cap\n  in US\n  purpose any\n"
                               "  cap 9 per 7d\n  cite our own\n"
                               "  verified no\n";
    trial *t = *state;
    stage_people(&t->stage, 2);
    t->o.concurrent_max = 1;
    t->o.retries[OD_DISPOSITION_DECLINED].delay_s = OD_NONE;
    od_id id = stage_go(&t->stage, &t->o);
    stage_run(&t->stage, 1000);
    mute_post(&t->mute, 0, OD_REPORT_ENDED, 603);
    stage_run(&t->stage, 1000);
    stage_run(&t->stage, 1000);
    assert_int_equal(t->mute.dials_len, 2);
    add_rules(t, "host", rule);
    stage_run(&t->stage, 1000);
    mute_post(&t->mute, 1, OD_REPORT_ENDED, 603);
    stage_run(&t->stage, STAGE_HOUR);
    assert_int_equal(t->mute.dials_len, 2);
    assert_int_equal(stage_state(&t->stage, id), OD_CAMPAIGN_COMPLETED);
    stage_ok(&t->stage, od_campaign_start(t->stage.engine, id));
    stage_run(&t->stage, STAGE_HOUR);
    assert_int_equal(t->mute.dials_len, 2);
}

/* It stays DONE, too: the person may ask to be called. */
static void test_core_law_judged_anew_stays_done(void **state)
{
    static const char rule[] = "rule host.cap\n  in US\n  purpose any\n"
                               "  cap 9 per 7d\n  cite our own\n"
                               "  verified no\n";
    trial *t = *state;
    char first[OD_PHONE_MAX + 1];
    stage_people(&t->stage, 2);
    t->o.retries[OD_DISPOSITION_DECLINED].delay_s = OD_NONE;
    od_id id = stage_go(&t->stage, &t->o);
    stage_run(&t->stage, 1000);
    od__phone_text(t->mute.dials[0].to, first);
    mute_post(&t->mute, 0, OD_REPORT_ENDED, 603);
    stage_run(&t->stage, 1000);
    add_rules(t, "host", rule);
    stage_run(&t->stage, 1000);
    stage_ok(&t->stage, od_campaign_callback(t->stage.engine, id, first,
                                             t->stage.world.now.utc_ms +
                                                 STAGE_HOUR));
}

/* Who had no hour between a rule and the campaign's windows has one when these
 * are widened, while it runs or is paused. */
static void widens(trial *t, bool paused)
{
    static const char noon[] = "rule host.late\n  in US-OH\n  purpose any\n"
                               "  window daily 20:00-21:00\n"
                               "  cite our own\n  verified no\n";
    const od_window midday = {OD_EVERY_DAY, 12 * 60, 13 * 60};
    const od_window day = {OD_EVERY_DAY, 12 * 60, 21 * 60};
    add_rules(t, "host", noon);
    stage_people(&t->stage, 1);
    (void)od_world_contact(&t->stage.world, t->stage.group, "+16145551000",
                           "America/New_York");
    t->o.windows = &midday;
    t->o.windows_len = 1;
    t->o.attempts_max = 1;
    od_id id = stage_go(&t->stage, &t->o);
    stage_run(&t->stage, 1000);
    assert_int_equal(t->mute.dials_len, 1); /* it still rings */
    if (paused) {
        stage_ok(&t->stage, od_campaign_pause(t->stage.engine, id));
    }
    t->o.windows = &day;
    stage_ok(&t->stage, od_campaign_update(t->stage.engine, id, &t->o));
    if (paused) {
        stage_ok(&t->stage, od_campaign_resume(t->stage.engine, id));
    }
    stage_run(&t->stage, 8 * STAGE_HOUR + STAGE_MINUTE);
    assert_int_equal(t->mute.dials_len, 2);
}

static void test_core_law_windows_that_widen(void **state)
{
    widens(*state, false);
}

static void test_core_law_windows_that_widen_in_a_pause(void **state)
{
    widens(*state, true);
}

/* == what is said of a decision ============================================ */

static void use_registry(trial *t, const char *text)
{
    od_registry_build_options build;
    od_errmsg errmsg = {""};
    char list[700];
    const char *paths[] = {list};
    (void)snprintf(list, sizeof list, "%s",
                   stage_file(&t->stage, "list.txt", text, strlen(text)));
    od_registry_build_options_init(&build);
    build.paths = paths;
    build.paths_len = 1;
    build.name = "our.list";
    build.out_path = stage_path(&t->stage, "list.reg");
    build.obtained_utc_ms = t->stage.world.now.utc_ms;
    if (od_registry_build(&build, NULL, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    stage_ok(&t->stage, od_registry_attach(t->stage.engine, build.out_path));
}

/* The decisions to dial say these of consent and registry, in any order. */
static void decided(trial *t, const char *const *texts, size_t len)
{
    static od_ledger_row rows[500];
    size_t count = 0;
    size_t found = 0;
    size_t decisions = 0;
    stage_ok(&t->stage, od_ledger_read(t->stage.engine, 0, rows, OD__LEN(rows),
                                       &count));
    for (size_t i = 0; i < count; i++) {
        decisions += rows[i].kind == OD_LEDGER_ATTEMPT ? 1 : 0;
        for (size_t j = 0; rows[i].kind == OD_LEDGER_ATTEMPT && j < len; j++) {
            found += strstr(rows[i].payload, texts[j]) != NULL ? 1 : 0;
        }
    }
    assert_int_equal(decisions, len);
    assert_int_equal(found, len);
}

/* A customer on the registry may be called. The ledger says why, and does not
 * say that the registry had nothing against it. */
static void test_core_law_ledger_of_a_relationship(void **state)
{
    static const char rules[] =
        "rule host.one\n  in US\n  purpose any\n  unless relationship\n"
        "  registry our.list 31d\n  cite our own\n  verified no\n"
        "rule host.two\n  in US-NY\n  purpose any\n  unless relationship\n"
        "  registry our.list 31d\n  cite our own\n  verified no\n";
    trial *t = *state;
    const int64_t bought = t->stage.world.now.utc_ms - 5000;
    char exempt[160];
    char asked[160];
    const od_consent purchase = {.phone = stage_phone(0),
                                 .obtained_utc_ms = bought,
                                 .kind = OD_CONSENT_PURCHASE};
    add_rules(t, "host", rules);
    use_registry(t, "212,5551000\n");
    stage_people(&t->stage, 2);
    stage_ok(&t->stage, od_consent_add(t->stage.engine, &purchase));
    (void)stage_go(&t->stage, &t->o);
    stage_run(&t->stage, 1000);
    assert_int_equal(t->mute.dials_len, 2);
    (void)snprintf(exempt, sizeof exempt,
                   "\"consent\":\"none; purchase %lld\",\"registry\":\"\"",
                   (long long)bought);
    (void)snprintf(asked, sizeof asked,
                   "\"consent\":\"\",\"registry\":\"our.list %lld ",
                   (long long)t->stage.world.now.utc_ms - 1000);
    const char *const texts[] = {exempt, asked};
    decided(t, texts, OD__LEN(texts));
}

/* == overrides ============================================================= */

/* An override was given for one rule, not for whatever is called so later. */
static void test_core_law_override_outlives_its_rule(void **state)
{
    static const char ban[] = "rule host.oh\n  in US\n  purpose any\n"
                              "  ban\n  cite our own\n  verified no\n";
    static const od_override lift = {.name = "patience",
                                     .rule = "host.oh",
                                     .reason = "they know us",
                                     .who = "the lawyer"};
    trial *t = *state;
    add_rules(t, "host", ohio);
    stage_ok(&t->stage, od_override_add(t->stage.engine, &lift));
    stage_ok(&t->stage, od_rules_remove(t->stage.engine, "host"));
    stage_fails(&t->stage, od_rules_add(t->stage.engine, "other", ban),
                OD_ERR_EXISTS, "\"host.oh\"");
    stage_ok(&t->stage, od_override_remove(t->stage.engine, "patience"));
    add_rules(t, "other", ban);
}

/* == a store that fails ==================================================== */

static bool in_force(trial *t, const char *id)
{
    static od_rule rows[1000];
    size_t count = 0;
    stage_ok(&t->stage, od_rules_list(t->stage.engine, 0, rows, OD__LEN(rows),
                                      &count));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

static bool stored(trial *t)
{
    od_asset_record row;
    size_t count = 0;
    assert_int_equal(t->shaky.inner_ops->asset_scan(t->shaky.inner_ctx,
                                                    OD_ASSET_RULES, 0, &row, 1,
                                                    &count),
                     OD_OK);
    return count > 0;
}

/* Whatever fails as rules come and go: soon those are in force that are
 * stored. Nobody else changes this store, so no epoch tells. */
static void test_core_law_rules_that_could_not_be_read(void **state)
{
    trial *t = *state;
    bool done = false;
    int broken = 0;
    for (int64_t n = 1; !done && n < 100; n++) {
        bool there = stored(t);
        t->shaky.only = "asset_scan";
        shaky_fail(&t->shaky, n, false);
        od_err err = there ? od_rules_remove(t->stage.engine, "host")
                           : od_rules_add(t->stage.engine, "host", ohio);
        done = t->shaky.failures == 0 && !there;
        broken += err != OD_OK && stored(t) != there ? 1 : 0;
        t->shaky.failures = 0;
        shaky_fail(&t->shaky, 0, false);
        stage_run(&t->stage, 1000);
        assert_int_equal(in_force(t, "host.oh"), stored(t));
    }
    assert_true(done);
    assert_true(broken > 0);
}

/* == records that nobody wrote ============================================= */

static od_err impossible_get(void *ctx, od_id id, od_campaign_record *out)
{
    od_shaky *s = ctx;
    od_err err = s->inner_ops->campaign_get(s->inner_ctx, id, out);
    out->guards = (od_guards){0, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX,
                              INT32_MAX};
    out->fail_stop_pct = INT32_MAX;
    out->priority = INT32_MAX;
    out->weight = 0;
    return err;
}

/* Nothing is divided, indexed or multiplied by what cannot be. */
static void test_core_law_impossible_options(void **state)
{
    trial *t = *state;
    enum { PEOPLE = 60 };
    stage_people(&t->stage, PEOPLE);
    t->shaky.ops.campaign_get = impossible_get;
    (void)stage_go(&t->stage, &t->o);
    for (size_t i = 0; i < PEOPLE; i++) {
        stage_run(&t->stage, 1000);
        assert_true(t->mute.dials_len > i);
        mute_post(&t->mute, i, OD_REPORT_ANSWERED, 0);
        mute_post(&t->mute, i, OD_REPORT_ENDED, 200);
    }
}

static od_err nameless_get(void *ctx, od_id id, od_campaign_record *out)
{
    od_shaky *s = ctx;
    od_err err = s->inner_ops->campaign_get(s->inner_ctx, id, out);
    out->caller_id = 0;
    return err;
}

/* Two hosts: one changed what the other started at the same moment. */
static void test_core_law_caller_id_gone(void **state)
{
    trial *t = *state;
    stage_people(&t->stage, 3);
    t->o.concurrent_max = 1;
    od_id id = stage_go(&t->stage, &t->o);
    stage_run(&t->stage, 1000);
    assert_int_equal(t->mute.dials_len, 1);
    t->shaky.ops.campaign_get = nameless_get;
    stage_dnc(&t->stage, stage_phone(2)); /* makes it read its campaigns */
    mute_post(&t->mute, 0, OD_REPORT_ENDED, 486);
    stage_run(&t->stage, STAGE_MINUTE);
    assert_int_equal(t->mute.dials_len, 1);
    state_is(t, id, OD_CAMPAIGN_PAUSED, "no caller ID");
}

static od_err miscounted(void *ctx, od_id campaign, od_counters *out)
{
    od_shaky *s = ctx;
    od_err err = s->inner_ops->counters(s->inner_ctx, campaign, out);
    out->ready++;
    return err;
}

static bool misplacing_judge(void *ctx, const od_candidate *candidate,
                             od_id attempt, od_ruling *out)
{
    const od_exchange *x = ctx;
    od_candidate row = *candidate;
    row.place = 77777;
    return x->judge(x->judge_ctx, &row, attempt, out);
}

static od_err misplacing_exchange(void *ctx, od_exchange *x)
{
    od_shaky *s = ctx;
    od_exchange copy = *x;
    copy.judge = misplacing_judge;
    copy.judge_ctx = x;
    return s->inner_ops->exchange(s->inner_ctx, &copy);
}

/* Steps until the engine rests, at most 100. */
static int steps_to_rest(trial *t)
{
    od_now *now = &t->stage.world.now;
    int steps = 0;
    do {
        now->mono_ms++;
        now->utc_ms++;
        stage_ok(&t->stage, od_engine_step(t->stage.engine, now));
    } while (++steps < 100 &&
             od_engine_deadline_ms(t->stage.engine) <= now->mono_ms);
    return steps;
}

/* A target stands in a lane that is not the one of its place. */
static void test_core_law_target_in_a_wrong_lane(void **state)
{
    trial *t = *state;
    stage_people(&t->stage, 1);
    t->shaky.ops.exchange = misplacing_exchange;
    (void)stage_go(&t->stage, &t->o);
    assert_in_range(steps_to_rest(t), 1, 20); /* it is enrolled */
    t->stage.world.now.mono_ms += 1000;
    t->stage.world.now.utc_ms += 1000;
    assert_in_range(steps_to_rest(t), 1, 20);
    assert_int_equal(t->mute.dials_len, 0);
}

/* Its counters say that somebody is left, and no lane does. */
static void test_core_law_counters_that_are_wrong(void **state)
{
    trial *t = *state;
    stage_people(&t->stage, 1);
    t->shaky.ops.counters = miscounted;
    od_id id = stage_go(&t->stage, &t->o);
    stage_run(&t->stage, 1000);
    assert_int_equal(t->mute.dials_len, 1);
    mute_post(&t->mute, 0, OD_REPORT_ENDED, 404);
    assert_in_range(steps_to_rest(t), 1, 20);
    assert_int_equal(stage_state(&t->stage, id), OD_CAMPAIGN_RUNNING);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_core_law_group_that_grows),
        T(test_core_law_contact_that_moves),
        T(test_core_law_caller_id_without_proof),
        T(test_core_law_rules_that_change),
        T(test_core_law_scheduled_with_room_for_one_event),
        T(test_core_law_judged_anew_is_not_called_again),
        T(test_core_law_judged_anew_stays_done),
        T(test_core_law_windows_that_widen),
        T(test_core_law_windows_that_widen_in_a_pause),
        T(test_core_law_ledger_of_a_relationship),
        T(test_core_law_override_outlives_its_rule),
        T(test_core_law_rules_that_could_not_be_read),
        T(test_core_law_impossible_options),
        T(test_core_law_caller_id_gone),
        T(test_core_law_target_in_a_wrong_lane),
        T(test_core_law_counters_that_are_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
