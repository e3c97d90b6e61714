/*
 * test_stats.c - the monitor's figures add up at every step of a campaign, and
 * agree with what the host was told.
 */
#include "support/stage.h"

#include "base/base.h"

/* What the events said so far. */
typedef struct tally {
    int64_t dialing;
    int64_t ended_by[OD_DISPOSITIONS];
    int64_t talk_ms;
    int64_t surveys_done;
    int64_t opted_out;
} tally;

typedef struct play {
    od_stage stage;
    tally told;
    bool sqlite;
} play;

static void on_event(void *ctx, const od_event *event)
{
    tally *t = ctx;
    switch (event->type) {
    case OD_EVENT_CALL_DIALING:
        t->dialing++;
        break;
    case OD_EVENT_CALL_ENDED:
        t->ended_by[event->u.call.disposition]++;
        t->talk_ms += event->u.call.talk_ms;
        t->surveys_done += event->u.call.survey_done ? 1 : 0;
        break;
    case OD_EVENT_OPT_OUT:
        t->opted_out++;
        break;
    default:
        break;
    }
}

static int setup_on(void **state, bool sqlite)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_init(&p->stage);
    p->stage.world.on_event = on_event;
    p->stage.world.on_event_ctx = &p->told;
    p->sqlite = sqlite;
    p->stage.world.options.poll_ms = 1000; /* fewer idle steps */
    *state = p;
    return 0;
}

static int setup_memory(void **state)
{
    return setup_on(state, false);
}

static int setup_sqlite(void **state)
{
    return setup_on(state, true);
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
    od_storage *storage = NULL;
    if (p->sqlite &&
        od_storage_open_sqlite(&storage, stage_path(&p->stage, "a.db"),
                               NULL) == OD_ERR_UNSUPPORTED) {
        storage = NULL;
    }
    stage_open(&p->stage, storage);
}

static int64_t sum(const int64_t *of, size_t len)
{
    int64_t out = 0;
    for (size_t i = 0; i < len; i++) {
        assert_true(of[i] >= 0);
        out += of[i];
    }
    return out;
}

/* All figures against each other and against the events. */
static od_campaign_stats check(play *p, od_id campaign)
{
    od_campaign_stats n = stage_stats(&p->stage, campaign);
    const tally *t = &p->told;
    assert_int_equal(n.contacts, n.queued + n.waiting_window +
                                     n.waiting_retry + n.in_progress +
                                     n.finished + n.blocked);
    assert_int_equal(n.blocked, sum(n.blocked_by, OD_REASONS));
    assert_int_equal(n.finished, sum(n.finished_by, OD_DISPOSITIONS));
    assert_int_equal(n.attempts, sum(n.attempts_by, OD_DISPOSITIONS));
    assert_int_equal(n.blocked_by[OD_REASON_NONE], 0);
    assert_int_equal(n.in_progress, od_engine_calls_live(p->stage.engine));
    assert_int_equal(n.in_progress + n.attempts, t->dialing);
    for (size_t d = 0; d < OD_DISPOSITIONS; d++) {
        assert_int_equal(n.attempts_by[d], t->ended_by[d]);
    }
    assert_int_equal(n.talk_ms, t->talk_ms);
    assert_int_equal(n.surveys_done, t->surveys_done);
    assert_int_equal(n.opted_out, t->opted_out);
    int64_t answered = n.attempts_by[OD_DISPOSITION_ANSWERED];
    assert_int_equal(n.talk_ms_mean,
                     answered > 0 ? n.talk_ms / answered : 0);
    assert_true(n.calls_per_minute >= 0.0);
    assert_true(n.next_open_utc_ms == 0 ||
                n.next_open_utc_ms > p->stage.world.now.utc_ms);
    return n;
}

/* Three days of a mixed list: places from coast to coast, every kind of far
 * end, some on the list, retries, opt-outs, a survey. */
static void test_stats_add_up_at_every_step(void **state)
{
    static const char text[] = "survey s\nquestion q\nplay hello\n"
                               "key 1 Yes\nkey 2 No hangup\ntries 1\n";
    static const char *const areas[] = {"212", "312", "303", "415", "850"};
    play *p = *state;
    od_stage *s = &p->stage;
    od_campaign_options o;
    s->world.now.utc_ms = od_world_time("2027-03-13T00:30:00Z"); /* Friday night */
    s->world.sim_options.model = (od_sim_model){.answer = 400,
                                                .busy = 150,
                                                .declined = 60,
                                                .not_found = 30,
                                                .congestion = 60,
                                                .ring_ms_min = 1000,
                                                .ring_ms_max = 45000,
                                                .talk_ms_min = 500,
                                                .talk_ms_max = 20000,
                                                .key_ms = 1500,
                                                .keys = "1239"};
    begin(p);
    for (int i = 0; i < 250; i++) {
        char phone[24];
        (void)snprintf(phone, sizeof phone, "+1%s555%04d", areas[i % 5],
                       3000 + i);
        (void)od_world_contact(&s->world, s->group, phone, NULL);
        if (i % 25 == 0) {
            stage_dnc(s, phone);
        }
    }
    stage_options(s, &o, "first");
    o.concurrent_max = 20;
    o.fail_stop_pct = OD_NONE;
    stage_ok(s, od_survey_add(s->engine, text, strlen(text), &o.survey));
    od_id campaign = stage_go(s, &o);
    int64_t end = s->world.now.utc_ms + 72 * (int64_t)STAGE_HOUR;
    int steps = 0;
    bool waited = false;
    while (stage_state(s, campaign) != OD_CAMPAIGN_COMPLETED &&
           s->world.now.utc_ms < end) {
        stage_ok(s, od_world_run_until(&s->world, end, 1));
        od_campaign_stats n = check(p, campaign);
        waited = waited || (n.next_open_utc_ms != 0 && n.queued == 0);
        steps++;
    }
    od_campaign_stats n = check(p, campaign);
    print_message("%d steps, %d calls\n", steps, (int)n.attempts);
    assert_int_equal(n.state, OD_CAMPAIGN_COMPLETED);
    assert_int_equal(n.contacts, 250);
    assert_int_equal(n.finished + n.blocked, 250);
    assert_int_equal(n.blocked_by[OD_REASON_DNC], 10);
    assert_true(n.opted_out > 0 && n.surveys_done > 0);
    assert_true(waited); /* over a night */
    assert_int_equal(stage_calls(s, campaign, NULL), n.attempts);
}

/* A call every two seconds, for minutes: thirty a minute, whenever asked. */
static void test_stats_calls_per_minute(void **state)
{
    play *p = *state;
    od_stage *s = &p->stage;
    od_campaign_options o;
    begin(p);
    stage_people(s, 400);
    stage_far_all(s, 400, "ring 2s status 486");
    stage_options(s, &o, "first");
    o.concurrent_max = 1;
    o.recall = OD_NONE;
    od_id campaign = stage_go(s, &o);
    stage_run(s, 2 * STAGE_MINUTE + 7000);
    for (int i = 0; i < 60; i++) {
        stage_run(s, 1700);
        double rate = check(p, campaign).calls_per_minute;
        if (rate < 28.0 || rate > 32.0) {
            fail_msg("%d.%d calls per minute", (int)rate,
                     (int)(rate * 10) % 10);
        }
    }
    stage_ok(s, od_campaign_pause(s->engine, campaign));
    stage_run(s, STAGE_MINUTE / 2);
    assert_in_range((int)check(p, campaign).calls_per_minute, 5, 29);
    stage_run(s, 3 * STAGE_MINUTE);
    assert_int_equal((int)check(p, campaign).calls_per_minute, 0);
}

static void test_stats_waiting_for_a_window(void **state)
{
    play *p = *state;
    od_stage *s = &p->stage;
    s->world.now.utc_ms = od_world_time("2027-03-10T12:00:00Z"); /* 7:00 */
    begin(p);
    stage_people(s, 3);
    (void)od_world_contact(&s->world, s->group, "+13125551000", NULL); /* 6:00 */
    od_id campaign = stage_go(s, NULL);
    stage_run(s, 1000);
    od_campaign_stats n = check(p, campaign);
    assert_int_equal(n.waiting_window, 4);
    assert_int_equal(n.queued, 0);
    assert_true(n.next_open_utc_ms == od_world_time("2027-03-10T13:00:00Z"));
    assert_false(n.enrolling);
    stage_far_all(s, 3, "silent");
    stage_run(s, STAGE_HOUR + 1000); /* New York is open */
    n = check(p, campaign);
    assert_int_equal(n.in_progress, 3);
    assert_int_equal(n.waiting_window, 1);
    assert_true(n.next_open_utc_ms == od_world_time("2027-03-10T14:00:00Z"));
}

static void test_stats_waiting_for_a_retry(void **state)
{
    play *p = *state;
    od_stage *s = &p->stage;
    begin(p);
    stage_people(s, 3);
    stage_far_all(s, 3, "ring 1s status 486");
    od_id campaign = stage_go(s, NULL);
    stage_run(s, 5000);
    od_campaign_stats n = check(p, campaign);
    assert_int_equal(n.waiting_retry, 3);
    assert_int_equal(n.attempts_by[OD_DISPOSITION_BUSY], 3);
    assert_int_equal(n.next_open_utc_ms, 0);
}

/* Before it is started nothing is enrolled; what is asked of nobody fails. */
static void test_stats_of_an_idle_campaign(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_campaign_stats n;
    begin(p);
    stage_people(&p->stage, 3);
    stage_options(&p->stage, &o, "first");
    od_id campaign = stage_add(&p->stage, &o);
    n = check(p, campaign);
    assert_int_equal(n.state, OD_CAMPAIGN_IDLE);
    assert_int_equal(n.contacts, 0);
    assert_false(n.enrolling);
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, campaign));
    n = check(p, campaign);
    assert_true(n.enrolling);
    stage_fails(&p->stage, od_campaign_stats_get(p->stage.engine, 9876, &n),
                OD_ERR_NOT_FOUND, "9876");
    stage_fails(&p->stage,
                od_campaign_stats_get(p->stage.engine, campaign, NULL),
                OD_ERR_INVALID, "out");
    assert_int_equal(od_campaign_stats_get(NULL, campaign, &n),
                     OD_ERR_INVALID);
}

#define TEST(name)                                                             \
    {#name " memory", name, setup_memory, teardown, NULL},                     \
        {#name " sqlite", name, setup_sqlite, teardown, NULL}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_stats_add_up_at_every_step),
        TEST(test_stats_calls_per_minute),
        TEST(test_stats_waiting_for_a_window),
        TEST(test_stats_waiting_for_a_retry),
        TEST(test_stats_of_an_idle_campaign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
