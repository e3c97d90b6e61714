/*
 * test_storage_faults.c - the n-th call of the storage fails, for every n of a
 * small campaign, once and for a while, with each code that a disk has.
 *
 * Reads and writes alike. Whatever fails: the engine says so once, begins no
 * call while it lasts, goes on by itself when it is over, and in the end every
 * number was called as if nothing had happened.
 */
#include "support/shaky.h"
#include "support/stage.h"

#include "base/base.h"

#define PEOPLE 7
#define CALLS_MAX 5000

typedef struct play {
    od_stage stage;
    od_shaky shaky;
    od_id campaign;
    int64_t dialed_while_failing;
    int64_t answers;
    int64_t dialed[PEOPLE];
} play;

static const char survey[] = "survey s\nquestion q\nplay hello\n"
                             "key 1 Yes\nkey 2 No -> q\n";

/* How each person behaves: two are reached at once, one later, one never, one
 * opts out, one number does not exist, one is on the list. */
static const char *const plays[PEOPLE] = {
    "ring 1s answer wait 3s press 1 wait 60s",
    "ring 2s answer wait 3s press 2 wait 1s press 1 wait 60s",
    "ring 1s status 486 each ring 1s answer wait 3s press 1 wait 60s",
    "ring 40s",
    "ring 1s answer wait 1s press 9 wait 60s",
    "status 404",
    "ring 1s answer"};

/* What each of them comes to, and by how many calls. */
static const struct {
    int32_t disposition;
    int64_t calls;
} want[PEOPLE] = {{OD_DISPOSITION_ANSWERED, 1},  {OD_DISPOSITION_ANSWERED, 1},
                  {OD_DISPOSITION_ANSWERED, 2},  {OD_DISPOSITION_NO_ANSWER, 2},
                  {OD_DISPOSITION_ANSWERED, 1},  {OD_DISPOSITION_NOT_FOUND, 1},
                  {OD_DISPOSITION_NONE, 0}};

static void on_event(void *ctx, const od_event *event)
{
    play *p = ctx;
    if (event->type == OD_EVENT_CALL_DIALING) {
        for (int i = 0; i < PEOPLE; i++) {
            p->dialed[i] +=
                strcmp(event->u.call.phone, stage_phone(i)) == 0 ? 1 : 0;
        }
        bool fails = p->shaky.fail_on && p->shaky.failures > 0;
        p->dialed_while_failing += fails ? 1 : 0;
    }
    p->answers += event->type == OD_EVENT_ANSWER ? 1 : 0;
}

static void begin(play *p)
{
    od_campaign_options o;
    memset(p, 0, sizeof *p);
    stage_init(&p->stage);
    p->stage.world.on_event = on_event;
    p->stage.world.on_event_ctx = p;
    stage_open(&p->stage, shaky_new(&p->shaky, NULL));
    stage_people(&p->stage, PEOPLE);
    for (int i = 0; i < PEOPLE; i++) {
        stage_far(&p->stage, stage_phone(i), plays[i]);
    }
    stage_dnc(&p->stage, stage_phone(6));
    stage_options(&p->stage, &o, "first");
    o.concurrent_max = 3;
    o.attempts_max = 2;
    o.retry_delay_s = 60;
    stage_ok(&p->stage, od_survey_add(p->stage.engine, survey, strlen(survey),
                                      &o.survey));
    p->campaign = stage_add(&p->stage, &o);
}

/* What the campaign's state is, asked of the store behind the faults. */
static int32_t state_of(play *p)
{
    od_campaign_record record;
    assert_int_equal(p->shaky.inner_ops->campaign_get(p->shaky.inner_ctx,
                                                      p->campaign, &record),
                     OD_OK);
    return record.state;
}

/* Live on through failures, until it is completed or `ms` have passed. */
static void run(play *p, int64_t ms)
{
    od_world *w = &p->stage.world;
    int64_t end = w->now.utc_ms + ms;
    for (int i = 0; i < 20000 && w->now.utc_ms < end; i++) {
        if (state_of(p) == OD_CAMPAIGN_COMPLETED) {
            return;
        }
        int64_t left = end - w->now.utc_ms;
        (void)od_world_run_until(w, w->now.utc_ms + (left < 1000 ? left : 1000),
                                 0);
    }
}

/* Start it, as a host does: again while the store does not let it. */
static od_err start(play *p)
{
    od_err err = od_campaign_start(p->stage.engine, p->campaign);
    if (err != OD_OK) {
        assert_true(strlen(od_engine_errmsg(p->stage.engine)) > 0);
        assert_int_equal(state_of(p), OD_CAMPAIGN_IDLE);
    }
    return err;
}

/* Everybody was called as they should be, and everything is on record. */
static void check(play *p, const char *what)
{
    static od_call rows[CALLS_MAX];
    size_t count = 0;
    od_stage *s = &p->stage;
    if (state_of(p) != OD_CAMPAIGN_COMPLETED) {
        fail_msg("%s: it does not end", what);
    }
    stage_run(s, 1000); /* the last events */
    stage_ok(s, od_calls_list(s->engine, NULL, 0, rows, 1000, &count));
    for (int i = 0; i < PEOPLE; i++) {
        int64_t calls = 0;
        int32_t last = OD_DISPOSITION_NONE;
        for (size_t c = 0; c < count; c++) {
            if (strcmp(rows[c].phone, stage_phone(i)) == 0) {
                calls++;
                last = rows[c].disposition;
            }
        }
        if (calls != want[i].calls || last != want[i].disposition ||
            p->dialed[i] != calls) {
            fail_msg("%s: person %d: %d calls, %d dialed, the last %s", what, i,
                     (int)calls, (int)p->dialed[i], od_disposition_name(last));
        }
    }
    od_campaign_stats n = stage_stats(s, p->campaign);
    assert_int_equal(n.attempts, count);
    assert_int_equal(n.in_progress, 0);
    assert_int_equal(n.finished + n.blocked, PEOPLE);
    assert_int_equal(n.opted_out, 1);
    assert_int_equal(n.surveys_done, 3);
    assert_int_equal(p->answers, 4);
    assert_int_equal(od_engine_calls_live(s->engine), 0);
    assert_int_equal(s->world.events[OD_EVENT_CALL_ENDED], count);
    assert_int_equal(s->world.events[OD_EVENT_OPT_OUT], 1);
    stage_ok(s, od_ledger_verify(s->engine, NULL, NULL));
}

/* How many calls of the storage the whole campaign makes. */
static int64_t count_calls(void)
{
    play p;
    begin(&p);
    shaky_fail(&p.shaky, 0, false);
    assert_int_equal(start(&p), OD_OK);
    run(&p, STAGE_HOUR);
    int64_t calls = p.shaky.calls;
    check(&p, "no failure");
    assert_int_equal(p.stage.world.events[OD_EVENT_FAULT], 0);
    stage_end(&p.stage);
    return calls;
}

/* One life with the n-th call failing. False: there is no n-th call. */
static bool live(int64_t n, bool lasting, od_err err)
{
    play p;
    char what[96];
    begin(&p);
    p.shaky.err = err;
    shaky_fail(&p.shaky, n, lasting);
    if (start(&p) != OD_OK) {
        assert_true(p.shaky.failures > 0);
        shaky_fail(&p.shaky, 0, false);
        assert_int_equal(start(&p), OD_OK);
    }
    run(&p, lasting ? 5 * STAGE_MINUTE : STAGE_HOUR);
    bool failed = p.shaky.failures > 0;
    const char *slot = failed ? p.shaky.failed : "none";
    (void)snprintf(what, sizeof what, "call %d (%s) %s, %s", (int)n, slot,
                   od_err_name(err), lasting ? "for a while" : "once");
    if (p.dialed_while_failing > 0) {
        fail_msg("%s: %d calls began", what, (int)p.dialed_while_failing);
    }
    shaky_fail(&p.shaky, 0, false);
    run(&p, STAGE_HOUR);
    if (p.stage.world.events[OD_EVENT_FAULT] > 1) {
        fail_msg("%s: %d faults told", what,
                 (int)p.stage.world.events[OD_EVENT_FAULT]);
    }
    check(&p, what);
    stage_end(&p.stage);
    return failed;
}

static void every_call(bool lasting, od_err err)
{
    int64_t calls = count_calls();
    int64_t n = 1;
    while (live(n, lasting, err)) {
        n++;
        assert_true(n < 4 * calls);
    }
    print_message("%d of %d calls failed\n", (int)n - 1, (int)calls);
    assert_true(n > 50);
}

static void test_storage_faults_once_io(void **state)
{
    (void)state;
    every_call(false, OD_ERR_IO);
}

static void test_storage_faults_once_locked(void **state)
{
    (void)state;
    every_call(false, OD_ERR_LOCKED);
}

static void test_storage_faults_once_corrupt(void **state)
{
    (void)state;
    every_call(false, OD_ERR_CORRUPT);
}

static void test_storage_faults_lasting_full(void **state)
{
    (void)state;
    every_call(true, OD_ERR_FULL);
}

static void test_storage_faults_lasting_io(void **state)
{
    (void)state;
    every_call(true, OD_ERR_IO);
}

static void test_storage_faults_lasting_memory(void **state)
{
    (void)state;
    every_call(true, OD_ERR_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_storage_faults_once_io),
        cmocka_unit_test(test_storage_faults_once_locked),
        cmocka_unit_test(test_storage_faults_once_corrupt),
        cmocka_unit_test(test_storage_faults_lasting_full),
        cmocka_unit_test(test_storage_faults_lasting_io),
        cmocka_unit_test(test_storage_faults_lasting_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
