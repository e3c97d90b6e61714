/*
 * test_step.c - one step and its deadline: nothing that could be done waits
 * for something else to happen.
 *
 * The storage in memory has no epoch and the carrier no deadline, so time
 * moves by the engine's own deadlines alone.
 */
#include "support/mute.h"
#include "support/shaky.h"

typedef struct play {
    od_stage stage;
    od_mute mute;
    od_shaky shaky;
} play;

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_init(&p->stage);
    mute_init(&p->mute);
    p->stage.world.options.calls_max = 1000;
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

static void begin(play *p)
{
    mute_open(&p->mute, &p->stage, shaky_new(&p->shaky, NULL));
}

static od_id go(play *p)
{
    od_campaign_options o;
    stage_options(&p->stage, &o, "first");
    o.concurrent_max = 1000;
    return stage_go(&p->stage, &o);
}

/* Step at deadlines only, for so long; never a step of the test's own. */
static od_err follow(play *p, int64_t ms)
{
    od_now *now = &p->stage.world.now;
    int64_t end = now->mono_ms + ms;
    for (int i = 0; i < 100000; i++) {
        int64_t next = od_engine_deadline_ms(p->stage.engine);
        int64_t to = next < end ? next : end;
        if (to > now->mono_ms) {
            now->utc_ms += to - now->mono_ms;
            now->mono_ms = to;
        }
        if (next > end) {
            return OD_OK;
        }
        od_event event;
        od_err err = od_engine_step(p->stage.engine, now);
        while (od_engine_next_event(p->stage.engine, &event)) {
            if (event.type == OD_EVENT_FAULT) {
                p->stage.world.events[OD_EVENT_FAULT]++;
            }
        }
        if (err != OD_OK) {
            return err;
        }
    }
    fail_msg("the engine never rests");
    return OD_OK;
}

/* The same, through failures. */
static void follow_through(play *p, int64_t ms)
{
    int64_t end = p->stage.world.now.mono_ms + ms;
    for (int i = 0; i < 1000 && p->stage.world.now.mono_ms < end; i++) {
        if (follow(p, end - p->stage.world.now.mono_ms) == OD_OK) {
            return;
        }
    }
}

/* -- deadlines ---------------------------------------------------------------- */

static void test_step_claims_on_beyond_claims_max(void **state)
{
    play *p = *state;
    p->stage.world.options.claims_max = 2;
    begin(p);
    stage_people(&p->stage, 400); /* due within 64 ms of each other */
    (void)go(p);
    assert_int_equal(follow(p, 100), OD_OK);
    assert_int_equal(p->mute.dials_len, 400);
}

static void test_step_wakes_for_each_token(void **state)
{
    play *p = *state;
    p->mute.trunk.calls_per_second_max = 10;
    begin(p);
    stage_people(&p->stage, 100);
    (void)go(p);
    assert_int_equal(follow(p, 1000), OD_OK);
    assert_in_range(p->mute.dials_len, 10, 11);
    assert_int_equal(follow(p, 4000), OD_OK);
    assert_in_range(p->mute.dials_len, 50, 51);
}

/* A trunk of two channels makes ten calls, two by two. */
static void test_step_gives_channels_back(void **state)
{
    play *p = *state;
    p->mute.trunk.calls_max = 2;
    begin(p);
    stage_people(&p->stage, 10);
    (void)go(p);
    for (size_t done = 0; done < 10; done += 2) {
        assert_int_equal(follow(p, 1000), OD_OK);
        assert_int_equal(p->mute.dials_len, done + 2);
        mute_post(&p->mute, done, OD_REPORT_ENDED, 486);
        mute_post(&p->mute, done + 1, OD_REPORT_ENDED, 603);
        od_engine_wake(p->stage.engine);
        stage_run(&p->stage, 10);
    }
    assert_int_equal(od_engine_calls_live(p->stage.engine), 0);
}

static void test_step_wakes_for_the_opening(void **state)
{
    play *p = *state;
    p->stage.world.now.utc_ms = od_world_time("2027-03-10T12:00:00Z"); /* 7:00 */
    begin(p);
    stage_people(&p->stage, 3);
    (void)go(p);
    assert_int_equal(follow(p, STAGE_HOUR - 1000), OD_OK);
    assert_int_equal(p->mute.dials_len, 0);
    assert_int_equal(follow(p, 1000), OD_OK);
    assert_int_equal(p->mute.dials_len, 3);
}

static void test_step_wakes_for_the_scheduled_start(void **state)
{
    play *p = *state;
    od_campaign_options o;
    begin(p);
    stage_people(&p->stage, 3);
    stage_options(&p->stage, &o, "first");
    o.start_utc_ms = p->stage.world.now.utc_ms + STAGE_HOUR;
    od_id campaign = stage_go(&p->stage, &o);
    assert_int_equal(stage_state(&p->stage, campaign), OD_CAMPAIGN_SCHEDULED);
    assert_int_equal(follow(p, STAGE_HOUR - 1), OD_OK);
    assert_int_equal(stage_state(&p->stage, campaign), OD_CAMPAIGN_SCHEDULED);
    assert_int_equal(follow(p, 100), OD_OK);
    assert_int_equal(stage_state(&p->stage, campaign), OD_CAMPAIGN_RUNNING);
    assert_int_equal(p->mute.dials_len, 3);
}

static void test_step_wakes_for_ring_timeout_and_retry(void **state)
{
    play *p = *state;
    begin(p);
    stage_people(&p->stage, 1);
    od_id campaign = go(p);
    assert_int_equal(follow(p, 29000), OD_OK);
    assert_int_equal(p->mute.hangups, 0);
    assert_int_equal(follow(p, 1500), OD_OK);
    assert_int_equal(p->mute.hangups, 1);
    mute_post(&p->mute, 0, OD_REPORT_ENDED, 487);
    stage_ok(&p->stage, od_engine_step(p->stage.engine, &p->stage.world.now));
    assert_int_equal(stage_last(&p->stage, campaign, NULL).disposition,
                     OD_DISPOSITION_NO_ANSWER);
    assert_int_equal(follow(p, STAGE_HOUR + 1000), OD_OK);
    assert_int_equal(p->mute.dials_len, 2);
}

/* -- completion --------------------------------------------------------------- */

static void is_completed(play *p, od_id campaign)
{
    assert_int_equal(follow(p, 1000), OD_OK);
    assert_int_equal(stage_state(&p->stage, campaign), OD_CAMPAIGN_COMPLETED);
}

/* All that were enrolled are on the list: there is no call whose end could
 * bring the completion about. */
static void test_step_completes_when_all_are_blocked(void **state)
{
    play *p = *state;
    begin(p);
    stage_people(&p->stage, 3);
    for (int i = 0; i < 3; i++) {
        stage_dnc(&p->stage, stage_phone(i));
    }
    is_completed(p, go(p));
    assert_int_equal(p->mute.dials_len, 0);
}

static void test_step_completes_when_none_is_left_to_enrol(void **state)
{
    play *p = *state;
    begin(p);
    stage_people(&p->stage, 1);
    od_id campaign = go(p);
    assert_int_equal(follow(p, 1000), OD_OK);
    mute_post(&p->mute, 0, OD_REPORT_ANSWERED, 200);
    mute_post(&p->mute, 0, OD_REPORT_ENDED, 200);
    stage_ok(&p->stage, od_engine_step(p->stage.engine, &p->stage.world.now));
    is_completed(p, campaign);
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, campaign));
    is_completed(p, campaign);
    assert_int_equal(p->mute.dials_len, 1);
}

static void test_step_completes_when_the_last_leaves(void **state)
{
    play *p = *state;
    od_id contact = 0;
    p->stage.world.now.utc_ms = od_world_time("2027-03-10T12:00:00Z");
    begin(p);
    stage_people(&p->stage, 1);
    od_id campaign = go(p);
    assert_int_equal(follow(p, 1000), OD_OK);
    assert_int_equal(stage_state(&p->stage, campaign), OD_CAMPAIGN_RUNNING);
    od_contact row;
    size_t count = 0;
    stage_ok(&p->stage, od_contacts_list(p->stage.engine, p->stage.group, 0,
                                         &row, 1, &count));
    contact = row.id;
    stage_ok(&p->stage, od_contact_remove(p->stage.engine, contact));
    is_completed(p, campaign);
}

/* -- a store that fails -------------------------------------------------------- */

/* Whatever fails once, with nothing else that could wake the engine: it tries
 * again by itself, and soon. */
static void test_step_tries_again_after_any_failure(void **state)
{
    static const char *const slots[] = {"lease",    "campaign_scan",
                                        "fill",     "lane_scan",
                                        "exchange", "campaign_get"};
    play *p = *state;
    begin(p);
    for (int i = 0; i < 6; i++) {
        (void)od_world_contact(&p->stage.world, p->stage.group, stage_phone(i),
                               NULL);
        od_campaign_options o;
        char name[16];
        (void)snprintf(name, sizeof name, "c%d", i);
        stage_options(&p->stage, &o, name);
        p->shaky.only = slots[i];
        size_t before = p->mute.dials_len;
        (void)stage_go(&p->stage, &o);
        shaky_fail(&p->shaky, 1, false);
        /* The lease is renewed every five seconds. */
        p->stage.world.now.mono_ms += 5000;
        p->stage.world.now.utc_ms += 5000;
        assert_int_equal(follow(p, 0), OD_ERR_IO);
        assert_int_equal(p->shaky.failures, i + 1);
        assert_int_equal(p->stage.world.events[OD_EVENT_FAULT], i + 1);
        assert_int_equal(follow(p, 1000), OD_OK);
        assert_true(p->mute.dials_len > before);
        for (size_t d = before; d < p->mute.dials_len; d++) {
            mute_post(&p->mute, d, OD_REPORT_ANSWERED, 200);
            mute_post(&p->mute, d, OD_REPORT_ENDED, 200);
        }
        stage_ok(&p->stage,
                 od_engine_step(p->stage.engine, &p->stage.world.now));
    }
}

/* Without the lease somebody else may be dialing: no call begins until it is
 * held again, however often the rest works. */
static void test_step_no_call_without_the_lease(void **state)
{
    play *p = *state;
    begin(p);
    assert_int_equal(follow(p, 10), OD_OK);
    p->shaky.only = "lease";
    p->shaky.err = OD_ERR_LOCKED;
    shaky_fail(&p->shaky, 1, true);
    p->stage.world.now.mono_ms += 5000;
    p->stage.world.now.utc_ms += 5000;
    stage_people(&p->stage, 3);
    (void)go(p);
    follow_through(p, 4000);
    assert_int_equal(p->mute.dials_len, 0);
    assert_int_equal(p->stage.world.events[OD_EVENT_FAULT], 1);
    shaky_fail(&p->shaky, 0, false);
    assert_int_equal(follow(p, 1000), OD_OK);
    assert_int_equal(p->mute.dials_len, 3);
}

/* An epoch that the storage in memory has not. */
static int64_t epoch_now;

static od_err give_epoch(void *ctx, int64_t *out)
{
    (void)ctx;
    *out = epoch_now;
    return OD_OK;
}

/* Another process put a ringing number on the list, and just then a read
 * fails: the call is cancelled as soon as the list can be read. */
static void test_step_heeds_dnc_after_a_failure(void **state)
{
    play *p = *state;
    od_storage *storage = shaky_new(&p->shaky, NULL);
    od_dnc_record row = {.phone = 12125551000u, .scope = OD_DNC_ALL};
    od_ledger_entry entry = {.kind = OD_LEDGER_DNC_ADD, .payload = "{}"};
    epoch_now = 1;
    p->shaky.ops.epoch = give_epoch;
    mute_open(&p->mute, &p->stage, storage);
    stage_people(&p->stage, 1);
    (void)go(p);
    assert_int_equal(follow(p, 1000), OD_OK);
    assert_int_equal(p->mute.dials_len, 1);
    const od_storage_ops *inner = p->shaky.inner_ops;
    assert_int_equal(inner->dnc_add(p->shaky.inner_ctx, &row, &entry, 1, NULL),
                     OD_OK);
    epoch_now = 2;
    p->shaky.only = "dnc_check";
    shaky_fail(&p->shaky, 1, false);
    follow_through(p, 1000);
    assert_int_equal(p->shaky.failures, 1);
    assert_int_equal(p->mute.hangups, 1);
}

/* -- time ----------------------------------------------------------------------- */

static void test_step_refuses_time_that_goes_back(void **state)
{
    play *p = *state;
    begin(p);
    od_now now = p->stage.world.now;
    now.mono_ms -= 1;
    stage_fails(&p->stage, od_engine_step(p->stage.engine, &now),
                OD_ERR_INVALID, "went back");
    stage_ok(&p->stage, od_engine_step(p->stage.engine, &p->stage.world.now));
    stage_fails(&p->stage, od_engine_step(p->stage.engine, NULL),
                OD_ERR_INVALID, "now");
    assert_int_equal(od_engine_step(NULL, &now), OD_ERR_INVALID);
}

/* The wall clock is set forward over the opening, and back before it. */
static void test_step_wall_clock_jumps(void **state)
{
    play *p = *state;
    p->stage.world.now.utc_ms = od_world_time("2027-03-10T12:00:00Z"); /* 7:00 */
    begin(p);
    stage_people(&p->stage, 1);
    (void)go(p);
    assert_int_equal(follow(p, 1000), OD_OK);
    assert_int_equal(p->mute.dials_len, 0);
    p->stage.world.now.utc_ms += 2 * STAGE_HOUR;
    stage_ok(&p->stage, od_engine_step(p->stage.engine, &p->stage.world.now));
    assert_int_equal(p->mute.dials_len, 1);
    p->stage.world.now.utc_ms -= 2 * STAGE_HOUR;
    (void)od_world_contact(&p->stage.world, p->stage.group, stage_phone(1),
                           NULL);
    assert_int_equal(follow(p, 2000), OD_OK);
    assert_int_equal(p->mute.dials_len, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_step_claims_on_beyond_claims_max,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_step_wakes_for_each_token, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_step_gives_channels_back, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_step_wakes_for_the_opening, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_step_wakes_for_the_scheduled_start,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_step_wakes_for_ring_timeout_and_retry, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_step_completes_when_all_are_blocked, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_step_completes_when_none_is_left_to_enrol, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_step_completes_when_the_last_leaves, setup, teardown),
        cmocka_unit_test_setup_teardown(test_step_tries_again_after_any_failure,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_step_no_call_without_the_lease,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_step_heeds_dnc_after_a_failure,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_step_refuses_time_that_goes_back,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_step_wall_clock_jumps, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
