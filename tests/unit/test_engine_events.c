/*
 * test_engine_events.c - a host that does not read its events: dialing stops,
 * nothing is lost, and all goes on when it reads.
 */
#include "support/mute.h"
#include "support/shaky.h"

#include "core/core.h"

#define SEEN_MAX 4096

typedef struct play {
    od_stage stage;
    od_mute mute;
    od_shaky shaky;
    od_id noise; /* a campaign that is paused and resumed to make events */
    size_t seen_len;
    od_event seen[SEEN_MAX];
} play;

static int64_t epoch_now;

static od_err give_epoch(void *ctx, int64_t *out)
{
    (void)ctx;
    *out = epoch_now;
    return OD_OK;
}

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_init(&p->stage);
    mute_init(&p->mute);
    p->stage.world.options.events_max = 256;
    od_storage *storage = shaky_new(&p->shaky, NULL);
    p->shaky.ops.epoch = give_epoch;
    mute_open(&p->mute, &p->stage, storage);
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

static od_engine *engine_of(play *p)
{
    return p->stage.engine;
}

static void read_events(play *p)
{
    while (p->seen_len < SEEN_MAX &&
           od_engine_next_event(engine_of(p), &p->seen[p->seen_len])) {
        p->seen_len++;
    }
    assert_true(p->seen_len < SEEN_MAX);
}

/* Step at deadlines for so long without reading. The engine must rest: it may
 * not turn for nothing while it waits for the host. */
static void follow(play *p, int64_t ms)
{
    od_now *now = &p->stage.world.now;
    int64_t end = now->mono_ms + ms;
    int turns = 0;
    while (od_engine_deadline_ms(engine_of(p)) <= end) {
        int64_t to = od_engine_deadline_ms(engine_of(p));
        turns = to > now->mono_ms ? 0 : turns + 1;
        if (turns > 50) {
            fail_msg("the engine turns without end");
        }
        if (to > now->mono_ms) {
            now->utc_ms += to - now->mono_ms;
            now->mono_ms = to;
        }
        stage_ok(&p->stage, od_engine_step(engine_of(p), now));
    }
    now->utc_ms += end - now->mono_ms;
    now->mono_ms = end;
}

/* Make events until no place is left. */
static void fill_queue(play *p)
{
    od_campaign_options o;
    od_id group = 0;
    if (p->noise == 0) {
        od_id later = 0;
        stage_ok(&p->stage, od_group_add(engine_of(p), "noise", &group));
        later = od_world_contact(&p->stage.world, group, "+18085551000", NULL);
        assert_true(later > 0); /* in Honolulu it is 7:00 */
        stage_options(&p->stage, &o, "noise");
        o.groups = &group;
        p->noise = stage_go(&p->stage, &o);
    }
    od_err err = OD_OK;
    for (int i = 0; err == OD_OK && i < 1000; i++) {
        err = stage_state(&p->stage, p->noise) == OD_CAMPAIGN_RUNNING
                  ? od_campaign_pause(engine_of(p), p->noise)
                  : od_campaign_resume(engine_of(p), p->noise);
    }
    stage_fails(&p->stage, err, OD_ERR_LIMIT, "read the events");
}

/* How often a campaign was said to be in a state. */
static int told(const play *p, od_id campaign, int32_t state)
{
    int times = 0;
    for (size_t i = 0; i < p->seen_len; i++) {
        const od_event *e = &p->seen[i];
        times += e->type == OD_EVENT_CAMPAIGN_STATE &&
                 e->u.campaign.campaign == campaign &&
                 e->u.campaign.state == state;
    }
    return times;
}

static int seen(const play *p, od_event_type type)
{
    int times = 0;
    for (size_t i = 0; i < p->seen_len; i++) {
        times += p->seen[i].type == type;
    }
    return times;
}

/* -- calls ---------------------------------------------------------------------- */

static void end_all(play *p, size_t from, int32_t status)
{
    for (size_t i = from; i < p->mute.dials_len; i++) {
        mute_post(&p->mute, i, OD_REPORT_RINGING, 180);
        mute_post(&p->mute, i, OD_REPORT_ENDED, status);
    }
}

static void test_engine_events_unread_stop_the_dialing(void **state)
{
    play *p = *state;
    od_campaign_options o;
    stage_people(&p->stage, 300);
    stage_options(&p->stage, &o, "first");
    o.concurrent_max = 1000;
    o.recall = OD_NONE;
    od_id campaign = stage_go(&p->stage, &o);
    size_t ended = 0;
    for (int i = 0; i < 100; i++) {
        follow(p, 100);
        end_all(p, ended, 486);
        ended = p->mute.dials_len;
    }
    /* Each call makes three events and was promised five places. */
    assert_in_range(ended, 80, 86);
    follow(p, STAGE_HOUR);
    assert_int_equal(p->mute.dials_len, ended);
    for (int i = 0; i < 100 && p->mute.dials_len < 300; i++) {
        read_events(p);
        follow(p, 100);
        end_all(p, ended, 486);
        ended = p->mute.dials_len;
    }
    follow(p, 100);
    read_events(p);
    follow(p, 100);
    read_events(p);
    assert_int_equal(p->mute.dials_len, 300);
    assert_int_equal(seen(p, OD_EVENT_CALL_DIALING), 300);
    assert_int_equal(seen(p, OD_EVENT_CALL_RINGING), 300);
    assert_int_equal(seen(p, OD_EVENT_CALL_ENDED), 300);
    assert_int_equal(told(p, campaign, OD_CAMPAIGN_COMPLETED), 1);
}

/* -- the others ------------------------------------------------------------------- */

static void test_engine_events_completion_waits(void **state)
{
    play *p = *state;
    stage_people(&p->stage, 1);
    od_id campaign = stage_go(&p->stage, NULL);
    follow(p, 100);
    assert_int_equal(p->mute.dials_len, 1);
    fill_queue(p);
    mute_post(&p->mute, 0, OD_REPORT_RINGING, 180);
    mute_post(&p->mute, 0, OD_REPORT_ANSWERED, 200);
    stage_ok(&p->stage, od_engine_step(engine_of(p), &p->stage.world.now));
    fill_queue(p);
    mute_post(&p->mute, 0, OD_REPORT_ENDED, 200);
    stage_ok(&p->stage, od_engine_step(engine_of(p), &p->stage.world.now));
    fill_queue(p); /* what the call gave back */
    follow(p, STAGE_MINUTE);
    assert_int_equal(stage_state(&p->stage, campaign), OD_CAMPAIGN_RUNNING);
    read_events(p);
    follow(p, 100);
    read_events(p);
    assert_int_equal(stage_state(&p->stage, campaign), OD_CAMPAIGN_COMPLETED);
    assert_int_equal(told(p, campaign, OD_CAMPAIGN_COMPLETED), 1);
}

static void test_engine_events_guard_waits(void **state)
{
    play *p = *state;
    od_campaign_options o;
    stage_people(&p->stage, 100);
    stage_options(&p->stage, &o, "first");
    o.concurrent_max = 50;
    od_id campaign = stage_go(&p->stage, &o);
    size_t ended = 0;
    for (int i = 0; i < 20 && p->mute.dials_len < 50; i++) {
        follow(p, 100);
        read_events(p);
    }
    assert_int_equal(p->mute.dials_len, 50);
    for (; ended < 50; ended++) {
        mute_post(&p->mute, ended, OD_REPORT_ENDED, 404);
        if (ended == 48) { /* the fiftieth trips it: no place is left then */
            stage_ok(&p->stage,
                     od_engine_step(engine_of(p), &p->stage.world.now));
            read_events(p);
            fill_queue(p);
        }
    }
    stage_ok(&p->stage, od_engine_step(engine_of(p), &p->stage.world.now));
    fill_queue(p);
    follow(p, STAGE_MINUTE);
    read_events(p);
    follow(p, 100);
    read_events(p);
    assert_int_equal(stage_state(&p->stage, campaign), OD_CAMPAIGN_PAUSED);
    assert_int_equal(told(p, campaign, OD_CAMPAIGN_PAUSED), 1);
}

static void test_engine_events_scheduled_start_waits(void **state)
{
    play *p = *state;
    od_campaign_options o;
    stage_people(&p->stage, 1);
    stage_options(&p->stage, &o, "first");
    o.start_utc_ms = p->stage.world.now.utc_ms + 1000;
    od_id campaign = stage_go(&p->stage, &o);
    fill_queue(p);
    follow(p, STAGE_MINUTE);
    assert_int_equal(stage_state(&p->stage, campaign), OD_CAMPAIGN_SCHEDULED);
    read_events(p);
    follow(p, 100);
    assert_int_equal(stage_state(&p->stage, campaign), OD_CAMPAIGN_RUNNING);
    assert_int_equal(p->mute.dials_len, 1);
}

static void test_engine_events_bad_script_waits(void **state)
{
    play *p = *state;
    stage_people(&p->stage, 1);
    od_id campaign = stage_go(&p->stage, NULL);
    fill_queue(p);
    stage_ok(&p->stage,
             od__asset_drop(engine_of(p), OD_ASSET_MEDIA, p->stage.hello));
    follow(p, STAGE_MINUTE);
    read_events(p);
    follow(p, 100);
    read_events(p);
    assert_int_equal(stage_state(&p->stage, campaign), OD_CAMPAIGN_PAUSED);
    assert_int_equal(told(p, campaign, OD_CAMPAIGN_PAUSED), 1);
}

/* Another process pauses a campaign while no place is left. */
static void test_engine_events_foreign_state_waits(void **state)
{
    play *p = *state;
    od_ledger_entry entry = {.kind = OD_LEDGER_CAMPAIGN_STATE, .payload = "{}"};
    stage_people(&p->stage, 1);
    od_id campaign = stage_go(&p->stage, NULL);
    follow(p, 100);
    fill_queue(p);
    entry.subject = campaign;
    assert_int_equal(p->shaky.inner_ops->campaign_cas(
                         p->shaky.inner_ctx, campaign, OD_CAMPAIGN_RUNNING,
                         OD_CAMPAIGN_PAUSED, "by hand", 1, &entry),
                     OD_OK);
    epoch_now++;
    follow(p, 1000);
    read_events(p);
    assert_int_equal(told(p, campaign, OD_CAMPAIGN_PAUSED), 0);
    fill_queue(p);
    follow(p, 1000);
    mute_post(&p->mute, 0, OD_REPORT_ENDED, 486); /* nothing of it lives */
    follow(p, STAGE_MINUTE);
    read_events(p);
    follow(p, 1000);
    read_events(p);
    assert_int_equal(told(p, campaign, OD_CAMPAIGN_PAUSED), 1);
    assert_int_equal(told(p, campaign, OD_CAMPAIGN_RUNNING), 1); /* ours */
}

/* A trunk goes down and comes up again; the last word is told. */
static void test_engine_events_trunk_waits(void **state)
{
    play *p = *state;
    fill_queue(p);
    od_report report = {.kind = OD_REPORT_TRUNK, .text = "503 Unavailable"};
    p->mute.queue[p->mute.queue_len++] = report;
    od_sink_wake(p->mute.sink);
    stage_ok(&p->stage, od_engine_step(engine_of(p), &p->stage.world.now));
    read_events(p);
    assert_int_equal(seen(p, OD_EVENT_TRUNK), 0);
    follow(p, 1000);
    read_events(p);
    assert_int_equal(seen(p, OD_EVENT_TRUNK), 1);
    const od_event *e = &p->seen[p->seen_len - 1];
    assert_int_equal(e->type, OD_EVENT_TRUNK);
    assert_false(e->u.trunk.up);
    assert_string_equal(e->u.trunk.trunk, "mute");
    assert_string_equal(e->u.trunk.text, "503 Unavailable");
    follow(p, 1000);
    read_events(p);
    assert_int_equal(seen(p, OD_EVENT_TRUNK), 1);
}

/* The end of an import is told, however late. */
static void test_engine_events_import_end_waits(void **state)
{
    play *p = *state;
    static const char csv[] = "phone\n+12125552001\n";
    od_import_options io;
    od_import_report report;
    od_id import = 0;
    od_import_options_init(&io);
    io.path = stage_file(&p->stage, "in.csv", csv, strlen(csv));
    stage_ok(&p->stage, od_import_start(engine_of(p), p->stage.group, &io,
                                        &import));
    fill_queue(p);
    follow(p, 1000);
    stage_ok(&p->stage, od_import_report_get(engine_of(p), import, &report));
    assert_true(report.done);
    assert_int_equal(report.added, 1);
    stage_fails(&p->stage,
                od_import_start(engine_of(p), p->stage.group, &io, NULL),
                OD_ERR_LIMIT, "import");
    read_events(p);
    follow(p, 1000);
    read_events(p);
    assert_int_equal(seen(p, OD_EVENT_IMPORT), 1);
    assert_true(p->seen[p->seen_len - 1].u.import.done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_engine_events_unread_stop_the_dialing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_engine_events_completion_waits,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_engine_events_guard_waits, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_engine_events_scheduled_start_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_engine_events_bad_script_waits,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_engine_events_foreign_state_waits,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_engine_events_trunk_waits, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_engine_events_import_end_waits,
                                        setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
