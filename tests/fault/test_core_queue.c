/*
 * test_core_queue.c - what comes due while there is no place in the queue of
 * events: it waits for the host to read, it is not forgotten, and the engine
 * rests meanwhile.
 *
 * That dialing stops and that nothing is lost is test_engine_events.c.
 */
#include "support/talk.h"

#define DAY (24 * STAGE_HOUR)

static int setup(void **state)
{
    (void)talk_setup(state);
    od_talk *p = *state;
    p->stage.world.options.events_max = 256;
    talk_begin(p);
    return 0;
}

/* One step later; the events stay where they are. */
static void step(od_talk *p, int64_t ms)
{
    p->stage.world.now.mono_ms += ms;
    p->stage.world.now.utc_ms += ms;
    (void)od_engine_step(p->stage.engine, &p->stage.world.now);
}

static void steps(od_talk *p, int n, int64_t ms)
{
    while (n-- > 0) {
        step(p, ms);
    }
}

/* It does not turn for nothing while it waits for the host. */
static void rests(od_talk *p)
{
    const od_now *now = &p->stage.world.now;
    for (int i = 0; i < 50; i++) {
        if (od_engine_deadline_ms(p->stage.engine) > now->mono_ms) {
            return;
        }
        step(p, 0);
    }
    fail_msg("the engine turns without end");
}

/* Make events until no place is left. */
static void fill_queue(od_talk *p)
{
    od_campaign_options o;
    od_err err = OD_OK;
    stage_options(&p->stage, &o, "noise");
    o.start_utc_ms = p->stage.world.now.utc_ms + DAY;
    od_id noise = stage_add(&p->stage, &o);
    for (int i = 0; err == OD_OK && i < 1000; i++) {
        err = stage_state(&p->stage, noise) == OD_CAMPAIGN_IDLE
                  ? od_campaign_start(p->stage.engine, noise)
                  : od_campaign_stop(p->stage.engine, noise);
    }
    stage_fails(&p->stage, err, OD_ERR_LIMIT, "read the events");
}

/* The host reads again. */
static void read_on(od_talk *p)
{
    talk_step(p);
    stage_run(&p->stage, 2000);
}

static void test_core_queue_full_as_the_last_target_is_blocked(void **state)
{
    od_talk *p = *state;
    stage_dnc(&p->stage, stage_phone(0));
    od_id id = stage_go(&p->stage, &p->options);
    fill_queue(p);
    steps(p, 20, 10);
    rests(p);
    assert_int_equal(stage_state(&p->stage, id), OD_CAMPAIGN_RUNNING);
    read_on(p);
    assert_int_equal(stage_state(&p->stage, id), OD_CAMPAIGN_COMPLETED);
    assert_int_equal(p->mute.dials_len, 0);
}

/* The fiftieth failure of fifty finds no place for the event of the pause. */
static void test_core_queue_full_as_the_guard_trips(void **state)
{
    od_talk *p = *state;
    enum { SAMPLE = 50, PEOPLE = 150 };
    for (int i = 1; i < PEOPLE; i++) {
        (void)od_world_contact(&p->stage.world, p->stage.group, stage_phone(i),
                               NULL);
    }
    p->options.concurrent_max = SAMPLE;
    p->options.fail_stop_pct = 100;
    od_id id = stage_go(&p->stage, &p->options);
    stage_run(&p->stage, 5000);
    assert_int_equal(p->mute.dials_len, SAMPLE);
    fill_queue(p);
    for (size_t i = 0; i < SAMPLE; i++) {
        mute_post(&p->mute, i, OD_REPORT_ENDED, 404);
    }
    steps(p, 10, 10);
    rests(p);
    assert_int_equal(p->mute.dials_len, SAMPLE);
    read_on(p);
    assert_int_equal(stage_state(&p->stage, id), OD_CAMPAIGN_PAUSED);
    assert_int_equal(p->mute.dials_len, SAMPLE);
}

static void test_core_queue_full_as_a_campaign_is_to_start(void **state)
{
    od_talk *p = *state;
    p->options.start_utc_ms = p->stage.world.now.utc_ms + 5000;
    od_id id = stage_go(&p->stage, &p->options);
    fill_queue(p);
    steps(p, 10, 1000);
    rests(p);
    assert_int_equal(stage_state(&p->stage, id), OD_CAMPAIGN_SCHEDULED);
    read_on(p);
    assert_int_equal(stage_state(&p->stage, id), OD_CAMPAIGN_RUNNING);
    assert_int_equal(p->mute.dials_len, 1);
}

/* Ten people in each of as many places as states in four zones. */
static void settle(od_talk *p)
{
    static const char *const zones[] = {"America/New_York", "America/Chicago",
                                        "America/Denver",
                                        "America/Los_Angeles"};
    static const char *const states[] = {
        "NY", "NJ", "CT", "MA", "VT", "NH", "ME", "RI", "PA", "DE", "MD",
        "VA", "WV", "NC", "SC", "GA", "FL", "OH", "MI", "IN", "KY"};
    enum { ZONES = sizeof zones / sizeof *zones };
    enum { STATES = sizeof states / sizeof *states };
    for (int i = 0; i < 10 * ZONES * STATES; i++) {
        od_contact row;
        memset(&row, 0, sizeof row);
        row.phone = stage_phone(i + 1);
        row.timezone = zones[i % ZONES];
        row.state = states[i / ZONES % STATES];
        stage_ok(&p->stage, od_contact_add(p->stage.engine, p->stage.group,
                                           &row, NULL));
    }
}

/* More lanes are due than one step looks at, and no call may begin. */
static void test_core_queue_full_with_many_lanes_due(void **state)
{
    od_talk *p = *state;
    settle(p);
    p->options.concurrent_max = 100;
    (void)stage_go(&p->stage, &p->options);
    steps(p, 50, 100);
    assert_in_range(p->mute.dials_len, 1, 99);
    rests(p);
}

static od_import_report report_of(od_talk *p, od_id import)
{
    od_import_report out;
    memset(&out, 0, sizeof out);
    stage_ok(&p->stage, od_import_report_get(p->stage.engine, import, &out));
    return out;
}

/* It has failed, which the host cannot be told yet: it stores no more. */
static void test_core_queue_full_as_an_import_fails(void **state)
{
    od_talk *p = *state;
    enum { ROW = 13, ROWS = 8000 };
    static char text[6 + ROW * ROWS + 1];
    size_t len = (size_t)snprintf(text, sizeof text, "phone\n");
    od_import_options o;
    od_id import = 0;
    for (int i = 0; i < ROWS; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "+1212557%04d\n", 1000 + i);
    }
    od_import_options_init(&o);
    o.path = stage_file(&p->stage, "people.csv", text, len);
    stage_ok(&p->stage,
             od_import_start(p->stage.engine, p->stage.group, &o, &import));
    fill_queue(p);
    p->shaky.only = "member_put";
    shaky_fail(&p->shaky, 1, false);
    for (int i = 0; i < 1000 && !report_of(p, import).done; i++) {
        step(p, 1);
    }
    assert_int_equal(report_of(p, import).err, OD_ERR_IO);
    assert_int_equal(report_of(p, import).added, 0);
    steps(p, 10, 1);
    rests(p);
    assert_int_equal(report_of(p, import).added, 0);
    read_on(p);
    assert_int_equal(report_of(p, import).added, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, talk_teardown)
    const struct CMUnitTest tests[] = {
        T(test_core_queue_full_as_the_last_target_is_blocked),
        T(test_core_queue_full_as_the_guard_trips),
        T(test_core_queue_full_as_a_campaign_is_to_start),
        T(test_core_queue_full_with_many_lanes_due),
        T(test_core_queue_full_as_an_import_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
