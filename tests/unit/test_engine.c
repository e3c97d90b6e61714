/*
 * test_engine.c - new, free, stop, wait and wake; an engine that only manages.
 */
#include "support/lift.h"
#include "support/stage.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

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

/* -- new -------------------------------------------------------------------------- */

/* Try to make an engine on a fresh storage, which it does not keep. */
static void refuses(const od_engine_options *options, od_err want,
                    const char *text)
{
    od_storage *storage = NULL;
    od_engine *engine = (od_engine *)&storage; /* any: must be left alone */
    od_engine *before = engine;
    od_errmsg errmsg = {""};
    od_now now = {1000, 1000};
    assert_int_equal(od_storage_new_memory(&storage, NULL), OD_OK);
    assert_int_equal(od_engine_new(&engine, options, storage, NULL, &now,
                                   &errmsg),
                     want);
    if (strstr(errmsg.text, text) == NULL) {
        fail_msg("the text is \"%s\", not of %s", errmsg.text, text);
    }
    assert_ptr_equal(engine, before);
    od_storage_free(storage); /* still ours */
}

static void test_engine_new_checks_ranges(void **state)
{
    od_engine_options o;
    (void)state;
    od_engine_options_init(&o);
    const struct {
        int32_t *field;
        const char *name;
        int32_t low;
        int32_t high;
    } ranges[] = {{&o.calls_max, "calls_max", -1, 20001},
                  {&o.events_max, "events_max", 255, 4194305},
                  {&o.campaigns_max, "campaigns_max", -1, 257},
                  {&o.claims_max, "claims_max", -1, 501},
                  {&o.poll_ms, "poll_ms", 9, 1001},
                  {&o.answer_wait_ms, "answer_wait_ms", -1, 1501},
                  {&o.call_max_s, "call_max_s", 9, 7201}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        *ranges[i].field = ranges[i].low;
        refuses(&o, OD_ERR_INVALID, ranges[i].name);
        *ranges[i].field = ranges[i].high;
        refuses(&o, OD_ERR_INVALID, ranges[i].name);
        *ranges[i].field = 0;
    }
}

static void test_engine_new_checks_texts(void **state)
{
    od_engine_options o;
    (void)state;
    od_engine_options_init(&o);
    o.country = "USA";
    refuses(&o, OD_ERR_INVALID, "country");
    o.country = "";
    refuses(&o, OD_ERR_INVALID, "country");
    o.country = "XX";
    refuses(&o, OD_ERR_INVALID, "\"XX\"");
    o.country = NULL;
    o.zoneinfo = "/nowhere/at/all";
    refuses(&o, OD_ERR_IO, "/nowhere/at/all");
    o.zoneinfo = "/tmp"; /* a folder without zones */
    refuses(&o, OD_ERR_IO, "tzdata");
}

static void test_engine_new_checks_versions(void **state)
{
    struct {
        od_engine_options o;
        uint64_t more;
    } newer;
    (void)state;
    memset(&newer, 0, sizeof newer);
    od_engine_options_init(&newer.o);
    newer.o.size = sizeof newer;
    newer.more = 1;
    refuses(&newer.o, OD_ERR_VERSION, "od_engine_options");
    newer.o.size = sizeof newer.o - 1;
    refuses(&newer.o, OD_ERR_INVALID, "od_engine_options");
    newer.o.size = 0;
    refuses(&newer.o, OD_ERR_INVALID, "od_engine_options");
}

static void *one_slot(void *ctx, size_t bytes)
{
    (void)ctx;
    return malloc(bytes);
}

static void test_engine_new_needs_a_whole_allocator(void **state)
{
    od_engine_options o;
    od_allocator half = {one_slot, NULL, NULL};
    (void)state;
    od_engine_options_init(&o);
    o.allocator = &half;
    refuses(&o, OD_ERR_INVALID, "allocator");
}

static void test_engine_new_needs_its_arguments(void **state)
{
    od_storage *storage = NULL;
    od_engine *engine = NULL;
    od_now now = {1, 1};
    od_errmsg errmsg;
    (void)state;
    assert_int_equal(od_storage_new_memory(&storage, NULL), OD_OK);
    assert_int_equal(od_engine_new(NULL, NULL, storage, NULL, &now, &errmsg),
                     OD_ERR_INVALID);
    assert_int_equal(od_engine_new(&engine, NULL, NULL, NULL, &now, NULL),
                     OD_ERR_INVALID);
    assert_int_equal(od_engine_new(&engine, NULL, storage, NULL, NULL, NULL),
                     OD_ERR_INVALID);
    assert_null(engine);
    od_storage_free(storage);
}

/* Letters of the country in either case read national numbers alike. */
static void test_engine_country_reads_national_numbers(void **state)
{
    static const char *const countries[] = {"GB", "gb"};
    od_stage *s = *state;
    for (int i = 0; i < 2; i++) {
        od_contact row;
        s->world.options.country = countries[i];
        stage_open(s, NULL);
        od_id id = od_world_contact(&s->world, s->group, "020 7946 0000", NULL);
        stage_ok(s, od_contact_get(s->engine, id, &row));
        assert_string_equal(row.phone, "+442079460000");
        stage_end(s);
        stage_init(s);
    }
    stage_open(s, NULL);
}

/* -- an engine that manages ---------------------------------------------------------- */

static void test_engine_without_transport_manages(void **state)
{
    od_stage *s = *state;
    od_storage *storage = NULL;
    od_campaign_options o;
    od_event event;
    assert_int_equal(od_storage_new_memory(&storage, NULL), OD_OK);
    assert_int_equal(od_engine_new(&s->world.engine, NULL, storage, NULL,
                                   &s->world.now, NULL),
                     OD_OK);
    s->engine = s->world.engine;
    od_test_lift(s->engine);
    stage_ok(s, od_group_add(s->engine, "people", &s->group));
    s->hello = od_world_prompt(&s->world, "hello", 2000);
    stage_people(s, 3);
    stage_options(s, &o, "first");
    od_id campaign = stage_go(s, &o);
    assert_true(od_engine_next_event(s->engine, &event));
    assert_int_equal(event.type, OD_EVENT_CAMPAIGN_STATE);
    assert_int_equal(event.u.campaign.state, OD_CAMPAIGN_RUNNING);
    stage_ok(s, od_engine_step(s->engine, &s->world.now));
    assert_true(od_engine_deadline_ms(s->engine) == OD_NEVER);
    assert_int_equal(od_engine_calls_live(s->engine), 0);
    assert_int_equal(stage_stats(s, campaign).attempts, 0);
    assert_int_equal(stage_explain(s, campaign, stage_phone(0)).kind,
                     OD_VERDICT_BLOCK); /* enrolled by who dials */
    stage_dnc(s, stage_phone(0));
    stage_ok(s, od_campaign_pause(s->engine, campaign));
    stage_ok(s, od_campaign_stop(s->engine, campaign));
    stage_ok(s, od_engine_stop(s->engine));
    stage_fails(s, od_call_hangup(s->engine, 1), OD_ERR_NOT_FOUND, "1");
}

/* -- waiting -------------------------------------------------------------------------- */

static void *wake_soon(void *engine)
{
    struct timespec pause = {0, 20000000};
    (void)nanosleep(&pause, NULL);
    od_engine_wake(engine);
    return NULL;
}

static int64_t mono_now(void)
{
    od_now now;
    od_now_read(&now);
    return now.mono_ms;
}

/* An engine in real time, with nothing to do. */
static void open_idle(od_stage *s)
{
    od_storage *storage = NULL;
    od_now now;
    od_now_read(&now);
    assert_int_equal(od_storage_new_memory(&storage, NULL), OD_OK);
    assert_int_equal(od_engine_new(&s->world.engine, NULL, storage, NULL, &now,
                                   NULL),
                     OD_OK);
    s->engine = s->world.engine;
    stage_ok(s, od_engine_wait(s->engine, 0));
}

static void test_engine_wake_from_another_thread(void **state)
{
    od_stage *s = *state;
    pthread_t thread;
    open_idle(s);
    int64_t begin = mono_now();
    assert_int_equal(pthread_create(&thread, NULL, wake_soon, s->engine), 0);
    stage_ok(s, od_engine_wait(s->engine, 60000));
    assert_true(mono_now() - begin < 30000);
    assert_int_equal(pthread_join(thread, NULL), 0);
    /* One wake is one wait. */
    begin = mono_now();
    stage_ok(s, od_engine_wait(s->engine, 30));
    assert_true(mono_now() - begin >= 29);
}

static void test_engine_wait_ends_in_time(void **state)
{
    od_stage *s = *state;
    open_idle(s);
    int64_t begin = mono_now();
    stage_ok(s, od_engine_wait(s->engine, 25));
    assert_true(mono_now() - begin >= 24);
    stage_fails(s, od_engine_wait(s->engine, -1), OD_ERR_INVALID, "-1");
    assert_int_equal(od_engine_wait(NULL, 0), OD_ERR_INVALID);
}

/* The descriptor never changes, is level-triggered, and a step empties it. */
static void test_engine_fd(void **state)
{
    od_stage *s = *state;
    open_idle(s);
    int fd = od_engine_fd(s->engine);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    assert_true(fd >= 0);
    assert_int_equal(poll(&p, 1, 0), 0);
    for (int i = 0; i < 3; i++) {
        od_engine_wake(s->engine);
        od_engine_wake(s->engine);
        assert_int_equal(poll(&p, 1, 0), 1);
        assert_int_equal(poll(&p, 1, 0), 1);
        stage_ok(s, od_engine_wait(s->engine, 1000));
        assert_int_equal(poll(&p, 1, 0), 0);
        assert_int_equal(od_engine_fd(s->engine), fd);
    }
    assert_int_equal(od_engine_fd(NULL), -1);
    od_engine_wake(NULL);
}

/* -- stop and free --------------------------------------------------------------------- */

static void test_engine_stop_hangs_up_and_keeps_states(void **state)
{
    od_stage *s = *state;
    stage_open(s, NULL);
    stage_people(s, 30);
    stage_far_all(s, 30, "ring 1s answer");
    od_id campaign = stage_go(s, NULL);
    stage_run(s, 1500);
    assert_true(od_engine_calls_live(s->engine) == 10);
    stage_ok(s, od_engine_stop(s->engine));
    stage_ok(s, od_engine_stop(s->engine));
    stage_run(s, 5000);
    assert_int_equal(od_engine_calls_live(s->engine), 0);
    assert_int_equal(stage_calls(s, campaign, NULL), 10);
    assert_int_equal(stage_state(s, campaign), OD_CAMPAIGN_RUNNING);
    stage_run(s, STAGE_HOUR);
    assert_int_equal(stage_calls(s, campaign, NULL), 10);
    assert_int_equal(od_engine_stop(NULL), OD_ERR_INVALID);
}

/* Freed in the middle of everything: nothing leaks, which valgrind and the
 * address sanitizer see. */
static void test_engine_free_in_the_middle(void **state)
{
    od_stage *s = *state;
    od_import_options io;
    static const char csv[] = "phone\n+12125552001\n+12125552002\n";
    stage_open(s, NULL);
    stage_people(s, 30);
    (void)stage_go(s, NULL);
    stage_run(s, 1500);
    od_import_options_init(&io);
    char *path = strdup(stage_file(s, "in.csv", csv, strlen(csv)));
    io.path = path;
    io.reject_path = stage_path(s, "rejects.csv");
    stage_ok(s, od_import_start(s->engine, s->group, &io, NULL));
    od_world_close(&s->world);
    free(path);
    od_engine_free(NULL);
    assert_int_equal(access(s->path, F_OK), -1); /* no half of a reject file */
}

static void test_engine_null_is_harmless(void **state)
{
    (void)state;
    assert_int_equal(od_engine_calls_live(NULL), 0);
    assert_true(od_engine_deadline_ms(NULL) == OD_NEVER);
    assert_string_equal(od_engine_errmsg(NULL), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine_new_checks_ranges),
        cmocka_unit_test(test_engine_new_checks_texts),
        cmocka_unit_test(test_engine_new_checks_versions),
        cmocka_unit_test(test_engine_new_needs_a_whole_allocator),
        cmocka_unit_test(test_engine_new_needs_its_arguments),
        cmocka_unit_test_setup_teardown(
            test_engine_country_reads_national_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_engine_without_transport_manages,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_engine_wake_from_another_thread,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_engine_wait_ends_in_time, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_engine_fd, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_engine_stop_hangs_up_and_keeps_states, setup, teardown),
        cmocka_unit_test_setup_teardown(test_engine_free_in_the_middle, setup,
                                        teardown),
        cmocka_unit_test(test_engine_null_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
