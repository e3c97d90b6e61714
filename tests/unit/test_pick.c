/*
 * test_pick.c - who is called next: nobody starves, nothing that may begin
 * waits for something else to happen.
 *
 * The storage is the one in memory: it has no epoch, so no poll of it hides a
 * deadline that was forgotten.
 */
#include "support/stage.h"

#include "base/base.h"

static int setup(void **state)
{
    od_stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    stage_init(s);
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

/* More are due than a step may claim: the next step comes at once. */
static void test_pick_more_than_one_step_claims(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    s->world.options.claims_max = 1;
    s->world.options.calls_max = 1000;
    stage_open(s, NULL);
    stage_people(s, 300);
    stage_far_all(s, 300, "silent");
    stage_options(s, &o, "first");
    o.concurrent_max = 1000;
    (void)stage_go(s, &o);
    stage_run(s, 1000);
    assert_int_equal(od_engine_calls_live(s->engine), 300);
}

/* The trunk lets ten begin in a second: the tokens are waited for, and used. */
static void test_pick_goes_on_with_each_token(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    s->world.sim_options.calls_per_second_max = 10;
    stage_open(s, NULL);
    stage_people(s, 60);
    stage_far_all(s, 60, "silent");
    stage_options(s, &o, "first");
    o.concurrent_max = 100;
    (void)stage_go(s, &o);
    stage_run(s, 1000);
    assert_in_range(od_engine_calls_live(s->engine), 9, 12);
    stage_run(s, 2000);
    assert_in_range(od_engine_calls_live(s->engine), 29, 32);
}

/* A place that is free is used at once, whoever's end freed it. */
static void test_pick_fills_the_place_of_who_ended(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    stage_open(s, NULL);
    stage_people(s, 20);
    stage_far_all(s, 20, "ring 1s status 486");
    stage_options(s, &o, "first");
    o.concurrent_max = 1;
    o.recall = OD_NONE;
    od_id campaign = stage_go(s, &o);
    stage_run(s, 20500);
    assert_int_equal(stage_calls(s, campaign, NULL), 20);
}

/* Each lane may ask for all that is left: together they get no more. */
static void test_pick_keeps_the_limit_over_lanes(void **state)
{
    static const char *const zones[] = {"America/New_York", "America/Chicago",
                                        "America/Denver"};
    od_stage *s = *state;
    od_campaign_options o;
    char phone[24];
    s->world.now.utc_ms = od_world_time("2027-03-10T08:00:00Z");
    stage_open(s, NULL);
    for (int i = 0; i < 30; i++) {
        (void)snprintf(phone, sizeof phone, "+1212555%04d", 1000 + i);
        (void)od_world_contact(&s->world, s->group, phone, zones[i % 3]);
        assert_int_equal(od_sim_play(s->world.sim, phone, "silent", NULL),
                         OD_OK);
    }
    stage_options(s, &o, "first");
    o.concurrent_max = 5;
    (void)stage_go(s, &o);
    stage_run(s, 1000);
    assert_int_equal(od_engine_calls_live(s->engine), 0);
    s->world.now.utc_ms += 9 * STAGE_HOUR; /* all lanes open at once */
    stage_run(s, 1000);
    assert_int_equal(od_engine_calls_live(s->engine), 5);
}

typedef struct shares {
    od_id campaigns[4];
    int64_t calls[4];
} shares;

static void count_dials(void *ctx, const od_event *event)
{
    shares *n = ctx;
    for (size_t i = 0; event->type == OD_EVENT_CALL_DIALING && i < 4; i++) {
        n->calls[i] += event->u.call.campaign == n->campaigns[i] ? 1 : 0;
    }
}

/* Campaigns over the same trunk, each with people of its own, which is full
 * all the time: they advance alike. */
static void share(od_stage *s, int32_t calls_max, int campaigns,
                  const char *play, int64_t ms)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    shares n = {{0}, {0}};
    s->world.options.calls_max = calls_max;
    s->world.on_event = count_dials;
    s->world.on_event_ctx = &n;
    stage_open(s, NULL);
    for (int c = 0; c < campaigns; c++) {
        od_id group = 0;
        od_campaign_options o;
        stage_ok(s, od_group_add(s->engine, names[c], &group));
        for (int i = 0; i < 100; i++) {
            const char *phone = stage_phone(c * 100 + i);
            (void)od_world_contact(&s->world, group, phone, NULL);
            stage_far(s, phone, play);
        }
        stage_options(s, &o, names[c]);
        o.groups = &group;
        o.concurrent_max = 20;
        n.campaigns[c] = stage_go(s, &o);
    }
    stage_run(s, ms);
    int64_t most = 0;
    int64_t least = INT64_MAX;
    for (int c = 0; c < campaigns; c++) {
        most = n.calls[c] > most ? n.calls[c] : most;
        least = n.calls[c] < least ? n.calls[c] : least;
    }
    if (least * 3 < most * 2) {
        fail_msg("%d campaigns, %d calls at once, %s: from %d to %d calls",
                 campaigns, (int)calls_max, play, (int)least, (int)most);
    }
    stage_end(s);
    stage_init(s);
}

static void test_pick_campaigns_take_turns(void **state)
{
    static const char *const plays[] = {
        "status 486", "ring 1s status 486", "ring 2s answer wait 1s hangup",
        "ring 1500ms status 603"};
    od_stage *s = *state;
    for (int campaigns = 2; campaigns <= 4; campaigns++) {
        for (size_t p = 0; p < OD__LEN(plays); p++) {
            share(s, 1, campaigns, plays[p], p == 0 ? 90 : 90000);
            share(s, 3, campaigns, plays[p], p == 0 ? 90 : 90000);
        }
    }
}

/* The same for the places within a campaign. */
static void test_pick_lanes_take_turns(void **state)
{
    static const char *const formats[] = {
        "+1212555%04d", "+1312555%04d", "+1303555%04d", "+1415555%04d"};
    od_stage *s = *state;
    od_campaign_options o;
    int64_t calls[4] = {0};
    s->world.options.calls_max = 1;
    stage_open(s, NULL);
    for (size_t p = 0; p < 4; p++) {
        for (int i = 0; i < 50; i++) {
            char phone[24];
            (void)snprintf(phone, sizeof phone, formats[p], 2000 + i);
            (void)od_world_contact(&s->world, s->group, phone, NULL);
            stage_far(s, phone, "ring 1s status 486");
        }
    }
    stage_options(s, &o, "first");
    od_id campaign = stage_go(s, &o);
    stage_run(s, 60000);
    for (size_t p = 0; p < 4; p++) {
        for (int i = 0; i < 50; i++) {
            char phone[24];
            (void)snprintf(phone, sizeof phone, formats[p], 2000 + i);
            calls[p] += (int64_t)stage_calls(s, campaign, phone);
        }
        assert_in_range(calls[p], 10, 20);
    }
}

/* What may never be called is sorted out even when no call may begin: area
 * code 850 may be in two zones, of which never both are in this half hour. */
static void test_pick_blocks_without_a_free_place(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_window window = {OD_EVERY_DAY, 12 * 60, 12 * 60 + 30};
    s->world.options.calls_max = 1;
    stage_open(s, NULL);
    stage_people(s, 1);
    stage_far_all(s, 1, "answer");
    stage_options(s, &o, "first");
    o.windows = &window;
    o.windows_len = 1;
    od_id campaign = stage_go(s, &o);
    stage_run(s, 100);
    assert_int_equal(od_engine_calls_live(s->engine), 1);
    (void)od_world_contact(&s->world, s->group, "+18505551000", NULL);
    stage_run(s, 100);
    od_campaign_stats n = stage_stats(s, campaign);
    assert_int_equal(n.blocked_by[OD_REASON_NEVER_OPEN], 1);
}

/* Nobody is called while the number is busy with another campaign; both get
 * their call in the end. */
static void test_pick_one_call_per_phone(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    stage_open(s, NULL);
    stage_people(s, 5);
    stage_far_all(s, 5, "ring 1s answer wait 5s hangup");
    stage_options(s, &o, "a");
    od_id a = stage_go(s, &o);
    o.name = "b";
    od_id b = stage_go(s, &o);
    for (int i = 0; i < 600; i++) {
        stage_run(s, 100);
        assert_true(od_engine_calls_live(s->engine) <= 5);
    }
    assert_int_equal(stage_calls(s, a, NULL), 5);
    assert_int_equal(stage_calls(s, b, NULL), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pick_more_than_one_step_claims,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_pick_goes_on_with_each_token,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_pick_keeps_the_limit_over_lanes,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_pick_fills_the_place_of_who_ended,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_pick_campaigns_take_turns, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_pick_lanes_take_turns, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_pick_blocks_without_a_free_place,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_pick_one_call_per_phone, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
