/*
 * test_alloc_faults.c - the n-th allocation of an engine fails, for every n of
 * opening it and running a small campaign; and nothing is ever lost of what
 * was allocated.
 */
#include "support/lift.h"
#include "support/stage.h"

#include "base/base.h"

#define PEOPLE 6

/* An allocator that counts, and fails when it is told. */
typedef struct heap {
    int64_t calls;
    int64_t live;
    int64_t fail_at; /* 0: never */
    bool fail_on;    /* so do all after it */
    int64_t failures;
} heap;

static void *take(void *ctx, size_t bytes)
{
    heap *h = ctx;
    h->calls++;
    if (h->fail_at != 0 && (h->calls == h->fail_at ||
                            (h->fail_on && h->calls > h->fail_at))) {
        h->failures++;
        return NULL;
    }
    void *block = malloc(bytes);
    assert_non_null(block);
    memset(block, 0x5a, bytes); /* not zero: nobody may count on it */
    h->live++;
    return block;
}

static void give(void *ctx, void *block)
{
    heap *h = ctx;
    h->live -= block != NULL ? 1 : 0;
    free(block);
}

typedef struct play {
    od_stage stage;
    heap heap;
    od_allocator allocator;
    od_id campaign;
} play;

static const char survey[] = "survey s\nquestion q\nplay hello\nkey 1 Yes\n";

static void init(play *p, int64_t fail_at, bool fail_on)
{
    memset(p, 0, sizeof *p);
    p->heap.fail_at = fail_at;
    p->heap.fail_on = fail_on;
    p->allocator = (od_allocator){take, give, &p->heap};
    stage_init(&p->stage);
    p->stage.world.options.allocator = &p->allocator;
    p->stage.world.options.campaigns_max = 2;
    p->stage.world.options.calls_max = 4;
}

static void heal(play *p)
{
    p->heap.fail_at = 0;
}

/* Say that a call ran out of memory, if it did; whether it went well. */
static bool ran(play *p, od_err err)
{
    if (err == OD_OK) {
        return true;
    }
    if (err != OD_ERR_MEMORY) {
        fail_msg("allocation %d: %s \"%s\"", (int)p->heap.fail_at,
                 od_err_name(err), od_engine_errmsg(p->stage.engine));
    }
    assert_true(p->heap.failures > 0);
    assert_true(strlen(od_engine_errmsg(p->stage.engine)) > 0);
    return false;
}

/* Do it; if memory runs out, once more with memory. */
#define ALSO_THEN(p, call)                                                     \
    do {                                                                       \
        if (!ran((p), (call))) {                                               \
            heal(p);                                                           \
            stage_ok(&(p)->stage, call);                                       \
        }                                                                      \
    } while (0)

/* Rules that are not what this is about; no allocation of it counts. */
static void lift(play *p)
{
    heap before = p->heap;
    heal(p);
    od_test_lift(p->stage.world.engine);
    p->heap.calls = before.calls;
    p->heap.fail_at = before.fail_at;
}

/* A campaign over people in several places, prepared call by call. */
static void prepare(play *p)
{
    static const char *const phones[PEOPLE] = {
        "+12125551000", "+13125551000", "+13035551000",
        "+14155551000", "+18505551000", "+12075551000"};
    od_stage *s = &p->stage;
    od_campaign_options o;
    od_id id = 0;
    size_t len = 0;
    uint8_t *wav = od_world_wav(1000, &len);
    s->engine = s->world.engine;
    ALSO_THEN(p, od_group_add(s->engine, "people", &s->group));
    for (int i = 0; i < PEOPLE; i++) {
        od_contact c = {.phone = phones[i], .timezone = "America/New_York"};
        ALSO_THEN(p, od_contact_add(s->engine, s->group, &c, NULL));
        stage_far(s, phones[i], "ring 1s answer wait 2s press 1 wait 60s");
    }
    ALSO_THEN(p, od_media_add_bytes(s->engine, "hello", wav, len, &s->hello));
    free(wav);
    ALSO_THEN(p, od_survey_add(s->engine, survey, strlen(survey), &id));
    stage_options(s, &o, "first");
    o.survey = id;
    ALSO_THEN(p, od_campaign_add(s->engine, &o, &p->campaign));
    ALSO_THEN(p, od_campaign_start(s->engine, p->campaign));
}

/* Live on, through failures if there are any, for so long. */
static void run(play *p, int64_t ms)
{
    od_world *w = &p->stage.world;
    int64_t end = w->now.utc_ms + ms;
    for (int i = 0; i < 20000 && w->now.utc_ms < end; i++) {
        int64_t left = end - w->now.utc_ms;
        od_err err = od_world_run_until(
            w, w->now.utc_ms + (left < 1000 ? left : 1000), 0);
        (void)ran(p, err);
    }
}

static void check(play *p)
{
    od_stage *s = &p->stage;
    if (stage_state(s, p->campaign) != OD_CAMPAIGN_COMPLETED) {
        fail_msg("allocation %d: it does not end", (int)p->heap.calls);
    }
    od_campaign_stats n = stage_stats(s, p->campaign);
    assert_int_equal(n.attempts_by[OD_DISPOSITION_ANSWERED], PEOPLE);
    assert_int_equal(n.attempts, PEOPLE);
    assert_int_equal(n.surveys_done, PEOPLE);
    assert_int_equal(s->world.events[OD_EVENT_ANSWER], PEOPLE);
    assert_true(s->world.events[OD_EVENT_FAULT] <= 1);
}

/* One life with the n-th allocation failing. False: there is none. */
static bool live(int64_t n, bool fail_on)
{
    play p;
    init(&p, n, fail_on);
    od_err err = od_world_try_open(&p.stage.world, NULL);
    if (err != OD_OK) {
        assert_int_equal(err, OD_ERR_MEMORY);
        assert_true(strlen(p.stage.world.fault) > 0);
        assert_int_equal(p.heap.live, 0);
        return true;
    }
    lift(&p);
    prepare(&p);
    run(&p, STAGE_MINUTE);
    bool failed = p.heap.failures > 0;
    heal(&p);
    run(&p, STAGE_HOUR);
    check(&p);
    stage_end(&p.stage);
    assert_int_equal(p.heap.live, 0);
    return failed;
}

static void every_allocation(bool fail_on)
{
    int64_t n = 1;
    while (live(n, fail_on)) {
        n++;
        assert_true(n < 2000);
    }
    print_message("%d allocations failed\n", (int)n - 1);
    assert_true(n > 10);
}

static void test_alloc_faults_once(void **state)
{
    (void)state;
    every_allocation(false);
}

static void test_alloc_faults_lasting(void **state)
{
    (void)state;
    every_allocation(true);
}

/* A steady engine takes no memory: a step allocates nothing. */
static void test_alloc_faults_steps_allocate_nothing(void **state)
{
    (void)state;
    play p;
    init(&p, 0, false);
    stage_open(&p.stage, NULL);
    stage_people(&p.stage, 100);
    stage_far_all(&p.stage, 100, "ring 1s status 486");
    p.campaign = stage_go(&p.stage, NULL);
    stage_run(&p.stage, 10000);
    int64_t before = p.heap.calls;
    stage_run(&p.stage, STAGE_MINUTE / 2);
    assert_int_equal(p.heap.calls, before);
    stage_end(&p.stage);
    assert_int_equal(p.heap.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc_faults_once),
        cmocka_unit_test(test_alloc_faults_lasting),
        cmocka_unit_test(test_alloc_faults_steps_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
