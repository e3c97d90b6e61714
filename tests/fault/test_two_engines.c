/*
 * test_two_engines.c - one engine dials, another manages, on one SQLite file.
 *
 * What the one that manages stores takes effect in the other within 200 ms of
 * its time, and only one dials.
 */
#include "support/stage.h"

#include "base/base.h"

#define SOON_MS 200

typedef struct play {
    od_stage dialer;
    od_stage desk; /* no transport: it manages */
    char path[800];
} play;

static od_storage *open_file(play *p)
{
    od_storage *storage = NULL;
    od_errmsg errmsg = {""};
    if (od_storage_open_sqlite(&storage, p->path, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    return storage;
}

/* The desk's clock is the dialer's. */
static void open_desk(play *p)
{
    od_errmsg errmsg = {""};
    p->desk.world.now = p->dialer.world.now;
    if (od_engine_new(&p->desk.world.engine, NULL, open_file(p), NULL,
                      &p->desk.world.now, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    p->desk.engine = p->desk.world.engine;
    p->desk.group = p->dialer.group;
    p->desk.hello = p->dialer.hello;
}

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    od_storage *storage = NULL;
    assert_non_null(p);
    *state = p;
    stage_init(&p->dialer);
    stage_init(&p->desk);
    (void)snprintf(p->path, sizeof p->path, "%s",
                   stage_path(&p->dialer, "a.db"));
    if (od_storage_open_sqlite(&storage, p->path, NULL) ==
        OD_ERR_UNSUPPORTED) {
        skip();
    }
    stage_open(&p->dialer, storage);
    open_desk(p);
    return 0;
}

static int teardown(void **state)
{
    play *p = *state;
    stage_end(&p->desk);
    stage_end(&p->dialer);
    free(p);
    return 0;
}

/* Both live on for so long; the desk steps now and then. */
static void run(play *p, int64_t ms)
{
    stage_run(&p->dialer, ms);
    p->desk.world.now = p->dialer.world.now;
    stage_ok(&p->desk, od_engine_step(p->desk.engine, &p->desk.world.now));
}

static int64_t dialed(const play *p)
{
    return p->dialer.world.events[OD_EVENT_CALL_DIALING];
}

/* -- what the desk does is obeyed ------------------------------------------------ */

static void test_two_engines_dnc_cancels_ringing(void **state)
{
    play *p = *state;
    stage_people(&p->dialer, 3);
    stage_far_all(&p->dialer, 3, "ring 25s answer");
    od_id campaign = stage_go(&p->dialer, NULL);
    run(p, 3000);
    assert_int_equal(od_engine_calls_live(p->dialer.engine), 3);
    stage_dnc(&p->desk, stage_phone(1));
    run(p, SOON_MS);
    assert_int_equal(od_engine_calls_live(p->dialer.engine), 2);
    od_call last = stage_last(&p->desk, campaign, stage_phone(1));
    assert_int_equal(last.disposition, OD_DISPOSITION_CANCELLED);
    assert_int_equal(stage_stats(&p->desk, campaign).blocked_by[OD_REASON_DNC],
                     1);
}

static void test_two_engines_dnc_before_the_call(void **state)
{
    play *p = *state;
    od_campaign_options o;
    stage_people(&p->dialer, 20);
    stage_far_all(&p->dialer, 20, "ring 1s status 486");
    stage_options(&p->dialer, &o, "first");
    o.concurrent_max = 1;
    od_id campaign = stage_go(&p->dialer, &o);
    run(p, 500);
    for (int i = 0; i < 20; i++) {
        stage_dnc(&p->desk, stage_phone(i)); /* one of them rings */
    }
    run(p, STAGE_HOUR * 2);
    assert_int_equal(dialed(p), 1);
    assert_int_equal(stage_state(&p->desk, campaign), OD_CAMPAIGN_COMPLETED);
}

static void test_two_engines_pause_and_resume(void **state)
{
    play *p = *state;
    od_campaign_options o;
    stage_people(&p->dialer, 300);
    stage_far_all(&p->dialer, 300, "ring 100ms status 486");
    stage_options(&p->dialer, &o, "first");
    o.concurrent_max = 3;
    od_id campaign = stage_go(&p->dialer, &o);
    run(p, 2000);
    assert_true(dialed(p) > 20);
    stage_ok(&p->desk, od_campaign_pause(p->desk.engine, campaign));
    run(p, SOON_MS);
    int64_t before = dialed(p);
    run(p, STAGE_MINUTE);
    assert_int_equal(dialed(p), before);
    stage_ok(&p->desk, od_campaign_resume(p->desk.engine, campaign));
    run(p, SOON_MS);
    assert_true(dialed(p) > before);
    stage_ok(&p->desk, od_campaign_stop(p->desk.engine, campaign));
    run(p, SOON_MS);
    before = dialed(p);
    run(p, STAGE_MINUTE);
    assert_int_equal(dialed(p), before);
    /* The dialing host heard of all of it: its own start, pause, resume. */
    assert_true(p->dialer.world.events[OD_EVENT_CAMPAIGN_STATE] >= 3);
}

static void test_two_engines_start_at_the_desk(void **state)
{
    play *p = *state;
    stage_people(&p->desk, 5);
    stage_far_all(&p->dialer, 5, "ring 1s answer wait 1s hangup");
    od_id campaign = stage_go(&p->desk, NULL);
    run(p, SOON_MS);
    assert_int_equal(dialed(p), 5);
    run(p, 10000);
    assert_int_equal(stage_state(&p->desk, campaign), OD_CAMPAIGN_COMPLETED);
    assert_int_equal(stage_calls(&p->desk, campaign, NULL), 5);
}

static void test_two_engines_contacts_are_enrolled(void **state)
{
    play *p = *state;
    od_import_options io;
    static const char csv[] = "phone\n+12125552001\n+12125552002\n";
    stage_people(&p->dialer, 1);
    stage_far_all(&p->dialer, 30, "ring 20s answer");
    od_id campaign = stage_go(&p->dialer, NULL);
    run(p, 1000);
    (void)od_world_contact(&p->desk.world, p->desk.group, stage_phone(7),
                           NULL);
    run(p, SOON_MS);
    assert_int_equal(dialed(p), 2);
    assert_int_equal(stage_stats(&p->desk, campaign).in_progress, 2);
    od_import_options_init(&io);
    io.path = stage_file(&p->desk, "in.csv", csv, strlen(csv));
    od_import_report r = od_world_import(&p->desk.world, p->desk.group, &io);
    assert_int_equal(r.added, 2);
    run(p, SOON_MS);
    assert_int_equal(dialed(p), 4);
    assert_int_equal(stage_stats(&p->desk, campaign).contacts, 4);
}

static void test_two_engines_options_change(void **state)
{
    play *p = *state;
    od_campaign_options o;
    stage_people(&p->dialer, 50);
    stage_far_all(&p->dialer, 50, "ring 28s status 486");
    stage_options(&p->dialer, &o, "first");
    o.concurrent_max = 2;
    od_id campaign = stage_go(&p->dialer, &o);
    run(p, 1000);
    assert_int_equal(od_engine_calls_live(p->dialer.engine), 2);
    o.concurrent_max = 30;
    stage_ok(&p->desk, od_campaign_update(p->desk.engine, campaign, &o));
    run(p, SOON_MS);
    assert_int_equal(od_engine_calls_live(p->dialer.engine), 30);
}

/* A contact moves to where it is night before it is called. */
static void test_two_engines_contact_moves(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_contact rows[3];
    size_t count = 0;
    stage_people(&p->dialer, 3);
    stage_far_all(&p->dialer, 3, "ring 5s status 486");
    stage_options(&p->dialer, &o, "first");
    o.concurrent_max = 1;
    od_id campaign = stage_go(&p->dialer, &o);
    run(p, 1000);
    assert_int_equal(dialed(p), 1);
    stage_ok(&p->desk, od_contacts_list(p->desk.engine, p->desk.group, 0, rows,
                                        3, &count));
    for (size_t i = 0; i < 3; i++) {
        od_contact c = {.id = rows[i].id, .timezone = "Asia/Tokyo"};
        stage_ok(&p->desk, od_contact_update(p->desk.engine, &c));
        stage_ok(&p->desk, od_contacts_list(p->desk.engine, p->desk.group, 0,
                                            rows, 3, &count));
    }
    run(p, STAGE_MINUTE);
    assert_int_equal(dialed(p), 1);
    assert_int_equal(stage_stats(&p->desk, campaign).waiting_window, 3);
}

/* -- one dials --------------------------------------------------------------------- */

static od_err try_second(play *p, od_world *world, const char *owner)
{
    od_world_init(world, p->dialer.world.now.utc_ms, 77);
    world->options.owner = owner;
    return od_world_try_open(world, open_file(p));
}

static void test_two_engines_second_dialer_is_refused(void **state)
{
    play *p = *state;
    od_world second;
    assert_int_equal(try_second(p, &second, "second"), OD_ERR_LOCKED);
    assert_non_null(strstr(second.fault, "test")); /* who holds it */
    stage_people(&p->dialer, 3);
    od_id campaign = stage_go(&p->dialer, NULL);
    run(p, 1000);
    assert_int_equal(dialed(p), 3);
    assert_int_equal(try_second(p, &second, "second"), OD_ERR_LOCKED);
    /* The refused one settled nothing of what lives. */
    assert_int_equal(stage_stats(&p->desk, campaign).in_progress, 3);
    od_world_close(&p->dialer.world);
    assert_int_equal(try_second(p, &second, "second"), OD_OK);
    /* It settled what the first left. */
    assert_int_equal(stage_stats(&p->desk, campaign).in_progress, 0);
    assert_int_equal(stage_stats(&p->desk, campaign)
                         .attempts_by[OD_DISPOSITION_UNKNOWN],
                     3);
    od_world third;
    assert_int_equal(try_second(p, &third, "third"), OD_ERR_LOCKED);
    assert_non_null(strstr(third.fault, "second"));
    od_world_close(&second);
}

/* The desk reads while the other writes: its figures are of one instant. */
static void test_two_engines_figures_of_one_instant(void **state)
{
    play *p = *state;
    od_campaign_options o;
    stage_people(&p->dialer, 200);
    stage_options(&p->dialer, &o, "first");
    o.concurrent_max = 20;
    od_id campaign = stage_go(&p->dialer, &o);
    for (int i = 0; i < 300; i++) {
        run(p, 333);
        od_campaign_stats n = stage_stats(&p->desk, campaign);
        assert_int_equal(n.contacts, n.queued + n.waiting_window +
                                         n.waiting_retry + n.in_progress +
                                         n.finished + n.blocked);
        assert_int_equal(n.in_progress,
                         od_engine_calls_live(p->dialer.engine));
        assert_int_equal(n.in_progress + n.attempts, dialed(p));
    }
    stage_ok(&p->desk, od_ledger_verify(p->desk.engine, NULL, NULL));
}

/* Both change the list and the campaign at once; the chain of the ledger holds
 * and nothing is lost. */
static void test_two_engines_both_write(void **state)
{
    play *p = *state;
    od_dnc_entry rows[200];
    size_t count = 0;
    stage_people(&p->dialer, 30);
    od_id campaign = stage_go(&p->dialer, NULL);
    for (int i = 0; i < 40; i++) {
        run(p, 250);
        stage_dnc(&p->desk, stage_phone(1000 + i));
        stage_dnc(&p->dialer, stage_phone(2000 + i));
        od_stage *s = i % 2 == 0 ? &p->desk : &p->dialer;
        if (stage_state(s, campaign) == OD_CAMPAIGN_RUNNING) {
            stage_ok(s, od_campaign_pause(s->engine, campaign));
        } else {
            stage_ok(s, od_campaign_resume(s->engine, campaign));
        }
    }
    stage_ok(&p->dialer, od_dnc_list(p->dialer.engine, 0, rows, 200, &count));
    assert_int_equal(count, 80);
    stage_ok(&p->dialer, od_ledger_verify(p->dialer.engine, NULL, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_two_engines_dnc_cancels_ringing),
        TEST(test_two_engines_dnc_before_the_call),
        TEST(test_two_engines_pause_and_resume),
        TEST(test_two_engines_start_at_the_desk),
        TEST(test_two_engines_contacts_are_enrolled),
        TEST(test_two_engines_options_change),
        TEST(test_two_engines_contact_moves),
        TEST(test_two_engines_second_dialer_is_refused),
        TEST(test_two_engines_figures_of_one_instant),
        TEST(test_two_engines_both_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
