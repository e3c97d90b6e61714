/*
 * test_explain.c - would this number be called now, and if not, why not and
 * when? What is explained is what then happens.
 */
#include "support/stage.h"

#include "base/base.h"

static int setup(void **state)
{
    od_stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    stage_begin(s);
    stage_people(s, 4);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    od_stage *s = *state;
    stage_end(s);
    free(s);
    return 0;
}

static void is(od_verdict v, int32_t kind, int32_t reason)
{
    if (v.kind != kind || v.reason != reason) {
        fail_msg("%s %s, not %s %s", od_verdict_kind_name(v.kind),
                 od_reason_name(v.reason), od_verdict_kind_name(kind),
                 od_reason_name(reason));
    }
    assert_int_equal(v.kind == OD_VERDICT_DEFER, v.until_utc_ms > 0);
}

static od_verdict explain(od_stage *s, od_id campaign, int person)
{
    return stage_explain(s, campaign, stage_phone(person));
}

static void test_explain_by_campaign_state(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    stage_options(s, &o, "first");
    o.start_utc_ms = s->world.now.utc_ms + STAGE_HOUR;
    od_id id = stage_add(s, &o);
    is(explain(s, id, 0), OD_VERDICT_BLOCK, OD_REASON_CAMPAIGN_STATE);
    stage_ok(s, od_campaign_start(s->engine, id));
    od_verdict v = explain(s, id, 0);
    is(v, OD_VERDICT_DEFER, OD_REASON_CAMPAIGN_STATE);
    assert_true(v.until_utc_ms == o.start_utc_ms);
    stage_far_all(s, 4, "ring 1s status 486");
    stage_run(s, STAGE_HOUR + 3000);
    is(explain(s, id, 0), OD_VERDICT_DEFER, OD_REASON_RETRY_DELAY);
    stage_ok(s, od_campaign_pause(s->engine, id));
    is(explain(s, id, 0), OD_VERDICT_BLOCK, OD_REASON_CAMPAIGN_STATE);
    stage_dnc(s, stage_phone(0));
    is(explain(s, id, 0), OD_VERDICT_BLOCK, OD_REASON_DNC);
}

static void test_explain_numbers(void **state)
{
    od_stage *s = *state;
    od_id id = stage_go(s, NULL);
    od_verdict v;
    is(stage_explain(s, id, "hello"), OD_VERDICT_BLOCK,
       OD_REASON_NUMBER_INVALID);
    is(stage_explain(s, id, ""), OD_VERDICT_BLOCK, OD_REASON_NUMBER_INVALID);
    is(stage_explain(s, id, "+18005551000"), OD_VERDICT_BLOCK,
       OD_REASON_NUMBER_INVALID);
    is(stage_explain(s, id, "+13125551000"), OD_VERDICT_BLOCK,
       OD_REASON_NOT_ENROLLED);
    stage_fails(s, od_campaign_explain(s->engine, id, NULL, &v),
                OD_ERR_INVALID, "phone");
    stage_fails(s, od_campaign_explain(s->engine, id, "+12125551000", NULL),
                OD_ERR_INVALID, "out");
    stage_fails(s, od_campaign_explain(s->engine, 9876, "+12125551000", &v),
                OD_ERR_NOT_FOUND, "9876");
    assert_int_equal(od_campaign_explain(NULL, id, "+12125551000", &v),
                     OD_ERR_INVALID);
}

static void test_explain_through_a_call(void **state)
{
    od_stage *s = *state;
    stage_far(s, stage_phone(0), "ring 5s answer wait 1s hangup");
    stage_far(s, stage_phone(1), "ring 1s status 404");
    stage_far(s, stage_phone(2), "ring 1s status 503");
    stage_far(s, stage_phone(3), "ring 1s status 486");
    od_campaign_options o;
    stage_options(s, &o, "first");
    o.fail_stop_pct = OD_NONE;
    od_id id = stage_go(s, &o);
    stage_run(s, 2500);
    is(explain(s, id, 0), OD_VERDICT_DEFER, OD_REASON_IN_FLIGHT);
    is(explain(s, id, 1), OD_VERDICT_BLOCK, OD_REASON_NUMBER_INVALID);
    od_verdict v = explain(s, id, 2); /* a full trunk: soon again */
    is(v, OD_VERDICT_DEFER, OD_REASON_RETRY_DELAY);
    assert_true(v.until_utc_ms <= s->world.now.utc_ms + STAGE_MINUTE);
    v = explain(s, id, 3);
    is(v, OD_VERDICT_DEFER, OD_REASON_RETRY_DELAY);
    assert_true(v.until_utc_ms > s->world.now.utc_ms + 59 * STAGE_MINUTE);
    stage_run(s, 10000);
    is(explain(s, id, 0), OD_VERDICT_BLOCK, OD_REASON_ALREADY_REACHED);
    stage_run(s, 4 * STAGE_HOUR);
    is(explain(s, id, 3), OD_VERDICT_BLOCK, OD_REASON_ATTEMPTS_USED);
}

/* It said when; then it is called, within a minute of it. */
static void test_explain_is_what_happens(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_window morning = {OD_SATURDAY, 10 * 60, 12 * 60};
    stage_far_all(s, 4, "ring 1s status 486");
    stage_options(s, &o, "first");
    o.windows = &morning;
    o.windows_len = 1;
    od_id id = stage_go(s, &o);
    stage_run(s, 1000);
    od_verdict v = explain(s, id, 0);
    is(v, OD_VERDICT_DEFER, OD_REASON_CAMPAIGN_WINDOW);
    assert_true(v.until_utc_ms == od_world_time("2027-03-13T15:00:00Z"));
    stage_ok(s, od_world_run_until(&s->world, v.until_utc_ms - 1000, 0));
    assert_int_equal(stage_calls(s, id, NULL), 0);
    stage_run(s, STAGE_MINUTE);
    assert_int_equal(stage_calls(s, id, stage_phone(0)), 1);
    assert_true(stage_last(s, id, stage_phone(0)).claimed_utc_ms >=
                v.until_utc_ms);
}

static void test_explain_places(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_window noon = {OD_EVERY_DAY, 12 * 60, 12 * 60 + 30};
    s->world.now.utc_ms = od_world_time("2027-03-11T02:30:00Z"); /* 21:30 */
    (void)od_world_contact(&s->world, s->group, "+18505551000", NULL);
    (void)od_world_contact(&s->world, s->group, "+14155551000", NULL);
    stage_far(s, "+14155551000", "silent");
    stage_options(s, &o, "first");
    od_id id = stage_go(s, &o);
    stage_run(s, 1000);
    od_verdict v = explain(s, id, 0);
    is(v, OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW);
    assert_string_equal(v.rule, "us.hours");
    assert_true(v.until_utc_ms == od_world_time("2027-03-11T13:00:00Z"));
    is(stage_explain(s, id, "+14155551000"), OD_VERDICT_DEFER,
       OD_REASON_IN_FLIGHT);
    /* Two zones: 8:00 in the west of the two. */
    v = stage_explain(s, id, "850-555-1000");
    is(v, OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW);
    assert_true(v.until_utc_ms == od_world_time("2027-03-11T14:00:00Z"));
    o.windows = &noon;
    o.windows_len = 1;
    stage_ok(s, od_campaign_update(s->engine, id, &o));
    stage_run(s, 1000);
    is(stage_explain(s, id, "+18505551000"), OD_VERDICT_BLOCK,
       OD_REASON_NEVER_OPEN);
}

static void test_explain_recently(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    stage_far(s, stage_phone(0), "ring 1s answer wait 1s hangup");
    stage_far(s, stage_phone(1), "ring 1s status 486");
    od_id first = stage_go(s, NULL);
    stage_run(s, 10000);
    assert_int_equal(stage_calls(s, first, stage_phone(0)), 1);
    stage_options(s, &o, "second");
    o.skip_answered_h = 48;
    o.skip_called_h = 24;
    od_id second = stage_go(s, &o);
    stage_run(s, 1000);
    od_verdict v = explain(s, second, 0);
    is(v, OD_VERDICT_DEFER, OD_REASON_RECENTLY_ANSWERED);
    int64_t ended = stage_last(s, first, stage_phone(0)).ended_utc_ms;
    assert_true(v.until_utc_ms == ended + 48 * (int64_t)STAGE_HOUR);
    v = explain(s, second, 1);
    is(v, OD_VERDICT_DEFER, OD_REASON_RECENTLY_CALLED);
    int64_t claimed = stage_last(s, first, stage_phone(1)).claimed_utc_ms;
    assert_true(v.until_utc_ms == claimed + 24 * (int64_t)STAGE_HOUR);
}

/* Explaining changes nothing: no call, no count, no row. */
static void test_explain_changes_nothing(void **state)
{
    od_stage *s = *state;
    int64_t before = 0;
    int64_t after = 0;
    od_id id = stage_go(s, NULL);
    stage_ok(s, od_ledger_verify(s->engine, &before, NULL));
    od_campaign_stats a = stage_stats(s, id);
    for (int i = 0; i < 4; i++) {
        (void)explain(s, id, i);
        (void)stage_explain(s, id, "+13125551000");
    }
    od_campaign_stats b = stage_stats(s, id);
    assert_memory_equal(&a, &b, sizeof a);
    stage_ok(s, od_ledger_verify(s->engine, &after, NULL));
    assert_int_equal(before, after);
}

/* -- as a text ------------------------------------------------------------------ */

static void test_explain_text(void **state)
{
    char text[256];
    (void)state;
    od_verdict v = {.kind = OD_VERDICT_DEFER,
                    .reason = OD_REASON_RULE_WINDOW,
                    .until_utc_ms = od_world_time("2027-03-11T13:00:00Z"),
                    .rule = "us.hours"};
    od_verdict_text(&v, text, sizeof text);
    assert_memory_equal(text, "defer: ", 7);
    assert_non_null(strstr(text, "us.hours"));
    assert_non_null(strstr(text, "2027-03-11T13:00:00Z"));
    for (int32_t r = 0; r < OD_REASONS; r++) {
        v = (od_verdict){.kind = OD_VERDICT_BLOCK, .reason = r};
        od_verdict_text(&v, text, sizeof text);
        assert_memory_equal(text, "block: ", 7);
        assert_true(strlen(text) > 15);
        assert_null(strchr(text, '?'));
    }
    v = (od_verdict){.kind = 99, .reason = -1, .rule = "nobody's"};
    v.until_utc_ms = INT64_MAX; /* beyond what a calendar knows */
    od_verdict_text(&v, text, sizeof text);
    assert_memory_equal(text, "?: ?", 4);
    for (size_t size = 1; size < 20; size++) {
        memset(text, 0x5a, sizeof text);
        od_verdict_text(&v, text, size);
        assert_true(strlen(text) < size);
        assert_int_equal(text[size], 0x5a);
    }
    memset(text, 0x5a, sizeof text);
    od_verdict_text(&v, text, 0);
    od_verdict_text(NULL, text, sizeof text);
    od_verdict_text(&v, NULL, 5);
    assert_int_equal(text[0], 0x5a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_explain_by_campaign_state),
        TEST(test_explain_numbers),
        TEST(test_explain_through_a_call),
        TEST(test_explain_is_what_happens),
        TEST(test_explain_places),
        TEST(test_explain_recently),
        TEST(test_explain_changes_nothing),
        cmocka_unit_test(test_explain_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
