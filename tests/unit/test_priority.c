/*
 * test_priority.c - whose call is next: priorities are strict, weights share
 * what is left, and nobody is owed what could not be used.
 */
#include "support/stage.h"

#include "core/core.h"

#define CALLS_MAX 8000
#define PER_SECOND 10

typedef struct play {
    od_stage stage;
    od_id groups[4];
    od_id begun[CALLS_MAX]; /* campaigns, in the order of their calls */
    size_t len;
    char names[4][16];
} play;

static void on_event(void *ctx, const od_event *event)
{
    play *p = ctx;
    if (event->type == OD_EVENT_CALL_DIALING) {
        assert_true(p->len < CALLS_MAX);
        p->begun[p->len++] = event->u.call.campaign;
    }
}

/* Everybody is busy; the trunk begins so many calls a second. */
static void open_with(play *p, int32_t per_second)
{
    stage_init(&p->stage);
    p->stage.world.sim_options.model.busy = 1000;
    p->stage.world.sim_options.calls_per_second_max = per_second;
    p->stage.world.on_event = on_event;
    p->stage.world.on_event_ctx = p;
    stage_open(&p->stage, NULL);
}

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    open_with(p, PER_SECOND);
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

/* Options of campaign `which`, with people of its own. */
static od_campaign_options options(play *p, int which, int people,
                                   int32_t priority, int32_t weight)
{
    od_stage *s = &p->stage;
    od_campaign_options o;
    (void)snprintf(p->names[which], sizeof p->names[which], "campaign %d",
                   which);
    stage_ok(s, od_group_add(s->engine, p->names[which], &p->groups[which]));
    for (int i = 0; i < people; i++) {
        (void)od_world_contact(&s->world, p->groups[which],
                               stage_phone(which * 2000 + i), NULL);
    }
    stage_options(s, &o, p->names[which]);
    o.groups = &p->groups[which];
    o.recall = OD_NONE;
    o.concurrent_max = 1000;
    o.priority = priority;
    o.weight = weight;
    return o;
}

static od_id go(play *p, int which, int people, int32_t priority,
                int32_t weight)
{
    od_campaign_options o = options(p, which, people, priority, weight);
    return stage_go(&p->stage, &o);
}

/* Calls of a campaign among those from `from` to `to`. */
static size_t calls(const play *p, od_id id, size_t from, size_t to)
{
    size_t found = 0;
    for (size_t i = from; i < to && i < p->len; i++) {
        found += p->begun[i] == id ? 1 : 0;
    }
    return found;
}

static void run_to(play *p, size_t len)
{
    for (int i = 0; p->len < len && i < 100000; i++) {
        stage_run(&p->stage, 100);
    }
    assert_true(p->len >= len);
}

/* Within a tenth of what it should be. */
static void about(size_t got, size_t want)
{
    assert_in_range(got, want * 9 / 10, want * 11 / 10);
}

/* == priority ============================================================== */

static void test_priority_is_strict(void **state)
{
    play *p = *state;
    od_id low = go(p, 0, 100, 1, 100);
    od_id high = go(p, 1, 100, 9, 1);
    od_id middle = go(p, 2, 100, 5, 10);
    run_to(p, 300);
    assert_int_equal(calls(p, high, 0, 100), 100);
    assert_int_equal(calls(p, middle, 100, 200), 100);
    assert_int_equal(calls(p, low, 200, 300), 100);
}

/* Who is first and cannot use it leaves it to the next. */
static void test_priority_leaves_what_it_cannot_use(void **state)
{
    play *p = *state;
    od_id low = go(p, 0, 200, 1, 10);
    od_campaign_options o = options(p, 1, 200, 9, 10);
    o.concurrent_max = 1;
    for (int i = 0; i < 200; i++) {
        stage_far(&p->stage, stage_phone(2000 + i), "ring 5s status 486");
    }
    od_id high = stage_go(&p->stage, &o);
    stage_run(&p->stage, 10000);
    assert_in_range(calls(p, high, 0, p->len), 2, 3);
    assert_true(calls(p, low, 0, p->len) > 90);
}

/* An equal that has nothing to call does not halve the share of who is first,
 * to the good of who is last. */
static void test_priority_not_to_the_last_for_an_idle_equal(void **state)
{
    play *p = *state;
    od_window evening = {OD_EVERY_DAY, 18 * 60, 20 * 60};
    stage_end(&p->stage);
    open_with(p, 400); /* twenty at a time */
    od_campaign_options idle = options(p, 0, 10, 9, 100);
    idle.windows = &evening;
    idle.windows_len = 1;
    (void)stage_go(&p->stage, &idle);
    od_id high = go(p, 1, 400, 9, 1);
    od_id low = go(p, 2, 400, 1, 10);
    stage_run(&p->stage, 100); /* until all are due */
    size_t from = p->len;
    for (int i = 0; i < 10; i++) { /* a host that looks now and then */
        p->stage.world.now.mono_ms += 500;
        p->stage.world.now.utc_ms += 500;
        stage_run(&p->stage, 1);
    }
    assert_true(p->len >= from + 200);
    assert_true(calls(p, high, 0, p->len) < 400); /* it had more */
    assert_int_equal(calls(p, high, from, p->len), p->len - from);
    assert_int_equal(calls(p, low, from, p->len), 0);
}

static void test_priority_changes_while_running(void **state)
{
    play *p = *state;
    od_id one = go(p, 0, 1500, 5, 10);
    od_campaign_options o = options(p, 1, 1500, 1, 10);
    od_id two = stage_go(&p->stage, &o);
    run_to(p, 500);
    assert_int_equal(calls(p, two, 0, 500), 0);
    o.priority = 5;
    stage_ok(&p->stage, od_campaign_update(p->stage.engine, two, &o));
    size_t from = p->len;
    run_to(p, from + 400); /* equals from now on, for nothing before */
    about(calls(p, one, from, from + 400), 200);
    about(calls(p, two, from, from + 400), 200);
    o.priority = 9;
    stage_ok(&p->stage, od_campaign_update(p->stage.engine, two, &o));
    from = p->len;
    run_to(p, from + 100);
    assert_int_equal(calls(p, two, from, from + 100), 100);
}

/* == weight ================================================================ */

static void test_priority_weights(void **state)
{
    play *p = *state;
    od_id ids[3] = {go(p, 0, 2000, 5, 10), go(p, 1, 2000, 5, 30),
                    go(p, 2, 2000, 5, 60)};
    run_to(p, 2000);
    about(calls(p, ids[0], 0, 2000), 200);
    about(calls(p, ids[1], 0, 2000), 600);
    about(calls(p, ids[2], 0, 2000), 1200);
    /* At any time, not only in the end. */
    about(calls(p, ids[2], 500, 1000), 300);
}

/* The same where many calls begin in one step. */
static void test_priority_weights_of_a_fast_trunk(void **state)
{
    play *p = *state;
    stage_end(&p->stage);
    open_with(p, 1000); /* fifty at a time */
    od_id ids[2] = {go(p, 0, 2000, 5, 25), go(p, 1, 2000, 5, 75)};
    run_to(p, 2000);
    about(calls(p, ids[0], 0, 2000), 500);
    about(calls(p, ids[1], 0, 2000), 1500);
}

static void test_priority_late_comers_do_not_catch_up(void **state)
{
    play *p = *state;
    od_id first = go(p, 0, 1500, 5, 10);
    run_to(p, 600);
    od_id second = go(p, 1, 1500, 5, 10);
    size_t from = p->len;
    run_to(p, from + 400);
    about(calls(p, first, from, from + 400), 200);
    about(calls(p, second, from, from + 400), 200);
}

/* Nor does who had nothing to call for an hour. */
static void test_priority_who_was_idle_does_not_catch_up(void **state)
{
    play *p = *state;
    od_window afternoon = {OD_EVERY_DAY, 12 * 60 + 1, 20 * 60};
    od_id first = go(p, 0, 1800, 5, 10);
    od_campaign_options o = options(p, 1, 1800, 5, 10);
    o.windows = &afternoon;
    o.windows_len = 1;
    od_id second = stage_go(&p->stage, &o);
    stage_ok(&p->stage,
             od_world_run_until(&p->stage.world,
                                od_world_time(STAGE_NOON) + 59000, 0));
    assert_int_equal(calls(p, second, 0, p->len), 0);
    assert_true(p->len > 500);
    stage_run(&p->stage, 1000);
    size_t from = p->len;
    run_to(p, from + 400);
    about(calls(p, first, from, from + 400), 200);
    about(calls(p, second, from, from + 400), 200);
}

/* However heavy: what it cannot use goes to the others at full speed. */
static void test_priority_idle_does_not_stall(void **state)
{
    play *p = *state;
    od_window evening = {OD_EVERY_DAY, 18 * 60, 20 * 60};
    od_campaign_options o = options(p, 0, 100, 5, 100);
    o.windows = &evening;
    o.windows_len = 1;
    (void)stage_go(&p->stage, &o);
    o = options(p, 1, 100, 5, 100); /* one call, for ever */
    o.concurrent_max = 1;
    o.ring_timeout_ms = 120000;
    for (int i = 0; i < 100; i++) {
        stage_far(&p->stage, stage_phone(2000 + i), "silent");
    }
    (void)stage_go(&p->stage, &o);
    od_id busy = go(p, 2, 1000, 5, 1);
    stage_run(&p->stage, 60000);
    assert_in_range(calls(p, busy, 0, p->len), 60 * PER_SECOND - 12,
                    60 * PER_SECOND + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_priority_is_strict),
        TEST(test_priority_leaves_what_it_cannot_use),
        TEST(test_priority_not_to_the_last_for_an_idle_equal),
        TEST(test_priority_changes_while_running),
        TEST(test_priority_weights),
        TEST(test_priority_weights_of_a_fast_trunk),
        TEST(test_priority_late_comers_do_not_catch_up),
        TEST(test_priority_who_was_idle_does_not_catch_up),
        TEST(test_priority_idle_does_not_stall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
