/*
 * test_campaign_life.c - start, pause, resume, stop: every transition through
 * the API, every refusal, what is fixed in which state, what the host hears.
 */
#include "support/stage.h"

#include "base/base.h"

#include <outdial/backend.h>

typedef struct heard {
    int64_t states[OD_CAMPAIGN_STATES];
    int32_t last;
    char text[OD_EVENT_TEXT];
} heard;

static heard news;

static void on_event(void *ctx, const od_event *event)
{
    (void)ctx;
    if (event->type == OD_EVENT_CAMPAIGN_STATE) {
        news.states[event->u.campaign.state]++;
        news.last = event->u.campaign.state;
        memcpy(news.text, event->u.campaign.text, sizeof news.text);
    }
}

static int setup(void **state)
{
    od_stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    memset(&news, 0, sizeof news);
    stage_init(s);
    s->world.on_event = on_event;
    stage_open(s, NULL);
    stage_people(s, 3);
    stage_far_all(s, 3, "ring 1s answer wait 1s hangup");
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

/* A campaign that was brought into a state, by the API alone. */
static od_id in_state(od_stage *s, int32_t state, const char *name)
{
    od_campaign_options o;
    stage_options(s, &o, name);
    o.start_utc_ms = state == OD_CAMPAIGN_SCHEDULED
                         ? s->world.now.utc_ms + STAGE_HOUR
                         : 0;
    od_id id = stage_add(s, &o);
    if (state != OD_CAMPAIGN_IDLE) {
        stage_ok(s, od_campaign_start(s->engine, id));
    }
    if (state == OD_CAMPAIGN_PAUSED) {
        stage_ok(s, od_campaign_pause(s->engine, id));
    }
    if (state == OD_CAMPAIGN_COMPLETED) {
        assert_true(od_world_run_to_state(&s->world, id, state, STAGE_HOUR));
    }
    assert_int_equal(stage_state(s, id), state);
    return id;
}

typedef od_err (*verb)(od_engine *engine, od_id campaign);

static const struct {
    const char *name;
    verb call;
    const char *refused; /* in the text of a refusal */
    int32_t to[OD_CAMPAIGN_STATES];
} verbs[] = {
    {"start", od_campaign_start, "cannot be started",
     {OD_CAMPAIGN_RUNNING, OD_NONE, OD_NONE, OD_NONE, OD_CAMPAIGN_RUNNING}},
    {"pause", od_campaign_pause, "cannot be paused",
     {OD_NONE, OD_NONE, OD_CAMPAIGN_PAUSED, OD_NONE, OD_NONE}},
    {"resume", od_campaign_resume, "cannot be resumed",
     {OD_NONE, OD_NONE, OD_NONE, OD_CAMPAIGN_RUNNING, OD_NONE}},
    {"stop", od_campaign_stop, "cannot be stopped",
     {OD_NONE, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_IDLE, OD_NONE}},
};

static void test_campaign_life_every_verb_in_every_state(void **state)
{
    od_stage *s = *state;
    for (size_t v = 0; v < OD__LEN(verbs); v++) {
        for (int32_t from = 0; from < OD_CAMPAIGN_STATES; from++) {
            char name[64];
            (void)snprintf(name, sizeof name, "%s from %d", verbs[v].name,
                           (int)from);
            od_id id = in_state(s, from, name);
            int32_t to = verbs[v].to[from];
            if (to == OD_NONE) {
                stage_fails(s, verbs[v].call(s->engine, id), OD_ERR_STATE,
                            verbs[v].refused);
                assert_int_equal(stage_state(s, id), from);
            } else {
                stage_ok(s, verbs[v].call(s->engine, id));
                assert_int_equal(stage_state(s, id), to);
            }
        }
        stage_fails(s, verbs[v].call(s->engine, 987654), OD_ERR_NOT_FOUND,
                    "987654");
        assert_int_equal(verbs[v].call(NULL, 1), OD_ERR_INVALID);
    }
}

/* Each change is one event and one row of the ledger, with the state before. */
static void test_campaign_life_is_told_and_recorded(void **state)
{
    od_stage *s = *state;
    od_ledger_row rows[100];
    size_t count = 0;
    static const char *const moves[] = {
        "\"from\":\"idle\",\"to\":\"running\"",
        "\"from\":\"running\",\"to\":\"paused\"",
        "\"from\":\"paused\",\"to\":\"running\"",
        "\"from\":\"running\",\"to\":\"idle\"",
        "\"from\":\"idle\",\"to\":\"running\"",
        "\"from\":\"running\",\"to\":\"completed\""};
    od_id id = in_state(s, OD_CAMPAIGN_RUNNING, "first");
    stage_ok(s, od_campaign_pause(s->engine, id));
    stage_ok(s, od_campaign_resume(s->engine, id));
    stage_ok(s, od_campaign_stop(s->engine, id));
    stage_ok(s, od_campaign_start(s->engine, id));
    assert_true(od_world_run_to_state(&s->world, id, OD_CAMPAIGN_COMPLETED,
                                      STAGE_MINUTE));
    stage_run(s, 1);
    assert_int_equal(news.states[OD_CAMPAIGN_RUNNING], 3);
    assert_int_equal(news.states[OD_CAMPAIGN_PAUSED], 1);
    assert_int_equal(news.states[OD_CAMPAIGN_IDLE], 1);
    assert_int_equal(news.states[OD_CAMPAIGN_COMPLETED], 1);
    stage_ok(s, od_ledger_read(s->engine, 0, rows, 100, &count));
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind == OD_LEDGER_CAMPAIGN_STATE) {
            assert_true(at < OD__LEN(moves));
            assert_non_null(strstr(rows[i].payload, moves[at++]));
            assert_int_equal(rows[i].subject, id);
        }
    }
    assert_int_equal(at, OD__LEN(moves));
}

static void test_campaign_life_scheduled(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_id id = in_state(s, OD_CAMPAIGN_SCHEDULED, "first");
    int64_t start = s->world.now.utc_ms + STAGE_HOUR;
    stage_ok(s, od_world_run_until(&s->world, start - 1, 0));
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_SCHEDULED);
    /* Put off while it waits. */
    stage_options(s, &o, "first");
    o.start_utc_ms = start + STAGE_HOUR;
    stage_ok(s, od_campaign_update(s->engine, id, &o));
    stage_ok(s, od_world_run_until(&s->world, start + STAGE_HOUR - 1, 0));
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_SCHEDULED);
    stage_run(s, 10);
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_RUNNING);
    assert_int_equal(news.last, OD_CAMPAIGN_RUNNING);
    /* Its time is over: the next start is at once. */
    stage_ok(s, od_campaign_stop(s->engine, id));
    stage_ok(s, od_campaign_start(s->engine, id));
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_RUNNING);
}

/* The time came while no engine was open. */
static void test_campaign_life_scheduled_over_a_stop(void **state)
{
    od_stage *s = *state;
    od_storage *storage = NULL;
    od_errmsg errmsg;
    const char *path = stage_path(s, "a.db");
    od_err err = od_storage_open_sqlite(&storage, path, &errmsg);
    if (err == OD_ERR_UNSUPPORTED) {
        skip();
    }
    assert_int_equal(err, OD_OK);
    od_world_close(&s->world);
    stage_open(s, storage);
    stage_people(s, 3);
    od_id id = in_state(s, OD_CAMPAIGN_SCHEDULED, "first");
    od_world_close(&s->world);
    s->world.now.utc_ms += 2 * STAGE_HOUR;
    assert_int_equal(od_storage_open_sqlite(&storage, path, &errmsg), OD_OK);
    stage_open(s, storage);
    stage_run(s, 200);
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_RUNNING);
}

/* Bit per state: changes are refused there. */
enum {
    NEVER = 0,
    RUNS = 1 << OD_CAMPAIGN_RUNNING,
    LIVE = RUNS | 1 << OD_CAMPAIGN_PAUSED
};

#define FIELD(name, fixed)                                                     \
    {                                                                          \
        #name, fixed, offsetof(od_campaign_options, name),                     \
            sizeof(((od_campaign_options *)0)->name)                           \
    }

static const struct {
    const char *name;
    int fixed;
    size_t offset;
    size_t size;
} fields[] = {FIELD(name, LIVE),
              FIELD(groups, LIVE),
              FIELD(groups_len, LIVE),
              FIELD(survey, LIVE),
              FIELD(start_utc_ms, LIVE),
              FIELD(caller_id, RUNS),
              FIELD(prompts, RUNS),
              FIELD(prompts_len, RUNS),
              FIELD(opt_out_prompt, RUNS),
              FIELD(opt_out_key, RUNS),
              FIELD(windows_len, NEVER),
              FIELD(concurrent_max, NEVER),
              FIELD(attempts_max, NEVER),
              FIELD(recall, NEVER),
              FIELD(redial_unknown, NEVER),
              FIELD(retry_delay_s, NEVER),
              FIELD(ring_timeout_ms, NEVER),
              FIELD(skip_answered_h, NEVER),
              FIELD(skip_called_h, NEVER),
              FIELD(fail_stop_pct, NEVER)};

/* Options that differ in every field. */
static od_campaign_options other_options(od_stage *s)
{
    static const char text[] = "survey s\nquestion q\nplay hello\nkey 1 Yes\n";
    static od_id prompt;
    static od_id group;
    od_campaign_options o;
    od_campaign_options_init(&o);
    o.purpose = OD_PURPOSE_INFORMATIONAL;
    o.name = "else";
    o.caller_id = "+12125550101";
    stage_ok(s, od_group_add(s->engine, "other", &group));
    o.groups = &group;
    prompt = od_world_prompt(&s->world, "other", 500);
    o.prompts = &prompt;
    o.opt_out_prompt = prompt;
    stage_ok(s, od_survey_add(s->engine, text, strlen(text), &o.survey));
    o.start_utc_ms = s->world.now.utc_ms + 2 * STAGE_HOUR;
    o.windows_len = 1;
    o.concurrent_max = 11;
    o.attempts_max = 4;
    o.recall = OD_NONE;
    o.redial_unknown = 1;
    o.retry_delay_s = 61;
    o.ring_timeout_ms = 15001;
    o.skip_answered_h = 7;
    o.skip_called_h = 8;
    o.opt_out_key = '8';
    o.fail_stop_pct = 7;
    return o;
}

/* What may change in which state, field by field. */
static void test_campaign_life_fixed_fields(void **state)
{
    od_stage *s = *state;
    od_window window = {OD_EVERY_DAY, 600, 1200};
    od_campaign_options other = other_options(s);
    for (int32_t at = 0; at < OD_CAMPAIGN_STATES; at++) {
        char name[32];
        (void)snprintf(name, sizeof name, "in %d", (int)at);
        od_id id = in_state(s, at, name);
        for (size_t f = 0; f < OD__LEN(fields); f++) {
            od_campaign_options o;
            stage_options(s, &o, name);
            o.windows = &window;
            o.start_utc_ms = at == OD_CAMPAIGN_SCHEDULED
                                 ? s->world.now.utc_ms + STAGE_HOUR
                                 : 0;
            od_campaign_options before = o;
            memcpy((char *)&o + fields[f].offset,
                   (const char *)&other + fields[f].offset, fields[f].size);
            if ((fields[f].fixed >> at & 1) != 0) {
                char what[32]; /* "groups" of "groups_len" */
                (void)snprintf(what, sizeof what, "%s", fields[f].name);
                what[strstr(what, "_len") != NULL ? strlen(what) - 4
                                                  : strlen(what)] = '\0';
                stage_fails(s, od_campaign_update(s->engine, id, &o),
                            OD_ERR_STATE, what);
            } else {
                stage_ok(s, od_campaign_update(s->engine, id, &o));
                stage_ok(s, od_campaign_update(s->engine, id, &before));
            }
            assert_int_equal(stage_state(s, id), at);
        }
    }
}

/* The text of a refusal says what to do. */
static void test_campaign_life_refusals_name_the_cure(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_id id = in_state(s, OD_CAMPAIGN_RUNNING, "first");
    stage_options(s, &o, "first");
    o.opt_out_key = '8';
    stage_fails(s, od_campaign_update(s->engine, id, &o), OD_ERR_STATE,
                "pause or stop it first");
    stage_ok(s, od_campaign_pause(s->engine, id));
    stage_options(s, &o, "second");
    stage_fails(s, od_campaign_update(s->engine, id, &o), OD_ERR_STATE,
                "stop it first");
}

/* Start and resume look whether it can go; each refusal changes nothing. */
static void test_campaign_life_preflight_refuses(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    stage_options(s, &o, "first");
    o.caller_id = NULL;
    od_id id = stage_add(s, &o);
    stage_fails(s, od_campaign_start(s->engine, id), OD_ERR_REFUSED,
                "caller ID");
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_IDLE);
    o.caller_id = "+12125550100";
    stage_ok(s, od_campaign_update(s->engine, id, &o));
    stage_ok(s, od_campaign_start(s->engine, id));
    stage_ok(s, od_campaign_pause(s->engine, id));
    o.caller_id = NULL;
    o.prompts_len = 0;
    stage_ok(s, od_campaign_update(s->engine, id, &o));
    stage_fails(s, od_campaign_resume(s->engine, id), OD_ERR_REFUSED,
                "2 problems");
    assert_int_equal(stage_state(s, id), OD_CAMPAIGN_PAUSED);
    stage_ok(s, od_campaign_stop(s->engine, id)); /* always */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_campaign_life_every_verb_in_every_state),
        TEST(test_campaign_life_is_told_and_recorded),
        TEST(test_campaign_life_scheduled),
        TEST(test_campaign_life_scheduled_over_a_stop),
        TEST(test_campaign_life_fixed_fields),
        TEST(test_campaign_life_refusals_name_the_cure),
        TEST(test_campaign_life_preflight_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
