/*
 * test_callback.c - who asked to be called at a stated time is called then:
 * od_campaign_callback().
 */
#include "support/stage.h"

#include "core/core.h"

#define PEOPLE 3
#define DAY (24 * (int64_t)STAGE_HOUR)

static int setup(void **state)
{
    od_stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    stage_begin(s);
    stage_people(s, PEOPLE);
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

static int64_t now(const od_stage *s)
{
    return s->world.now.utc_ms;
}

/* Person 0 answers; the others are busy, and hold the campaign open. */
static od_id called_once(od_stage *s)
{
    od_campaign_options o;
    stage_far_all(s, PEOPLE, "ring 1s status 486");
    stage_far(s, stage_phone(0), "ring 1s answer wait 3s hangup");
    stage_options(s, &o, "first");
    o.retry_delay_s = 20 * 3600;
    od_id id = stage_go(s, &o);
    stage_run(s, STAGE_MINUTE);
    assert_int_equal(stage_calls(s, id, NULL), PEOPLE);
    assert_int_equal(stage_last(s, id, stage_phone(0)).disposition,
                     OD_DISPOSITION_ANSWERED);
    return id;
}

static void ask(od_stage *s, od_id id, int person, int64_t utc_ms)
{
    stage_ok(s, od_campaign_callback(s->engine, id, stage_phone(person),
                                     utc_ms));
}

/* Calls of a person, and when the last was claimed. */
static void called(od_stage *s, od_id id, int person, size_t calls,
                   int64_t utc_ms)
{
    assert_int_equal(stage_calls(s, id, stage_phone(person)), calls);
    int64_t claimed = stage_last(s, id, stage_phone(person)).claimed_utc_ms;
    assert_in_range(claimed, utc_ms, utc_ms + 1000);
}

/* == who =================================================================== */

static void test_callback_of_who_answered(void **state)
{
    od_stage *s = *state;
    od_id id = called_once(s);
    int64_t at = now(s) + 2 * STAGE_HOUR;
    ask(s, id, 0, at);
    od_verdict v = stage_explain(s, id, stage_phone(0));
    assert_int_equal(v.kind, OD_VERDICT_DEFER);
    assert_int_equal(v.reason, OD_REASON_RETRY_DELAY);
    assert_true(v.until_utc_ms == at);
    stage_run(s, 2 * STAGE_HOUR - 1);
    assert_int_equal(stage_calls(s, id, stage_phone(0)), 1);
    stage_run(s, STAGE_MINUTE);
    called(s, id, 0, 2, at);
    /* Once: then the answer counts again. */
    stage_run(s, 3 * STAGE_HOUR);
    assert_int_equal(stage_calls(s, id, stage_phone(0)), 2);
}

/* Busy, and the campaign calls nobody twice; now it is. */
static void test_callback_of_who_is_through(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    stage_far_all(s, PEOPLE, "ring 1s status 486");
    stage_far(s, stage_phone(1), "ring 3600s");
    stage_options(s, &o, "first");
    o.recall = OD_NONE;
    o.ring_timeout_ms = 120000;
    od_id id = stage_go(s, &o);
    stage_run(s, STAGE_MINUTE);
    assert_int_equal(stage_explain(s, id, stage_phone(0)).reason,
                     OD_REASON_ALREADY_REACHED);
    int64_t at = now(s) + STAGE_MINUTE;
    ask(s, id, 0, at);
    stage_run(s, 2 * STAGE_MINUTE);
    called(s, id, 0, 2, at);
}

/* Asked for, and then not there: the campaign tries again as usual. */
static void test_callback_is_missed(void **state)
{
    od_stage *s = *state;
    od_id id = called_once(s);
    stage_far(s, stage_phone(0), "ring 1s status 486");
    int64_t at = now(s) + STAGE_HOUR;
    ask(s, id, 0, at);
    stage_run(s, STAGE_HOUR + STAGE_MINUTE);
    called(s, id, 0, 2, at);
    assert_int_equal(stage_explain(s, id, stage_phone(0)).reason,
                     OD_REASON_RETRY_DELAY);
    stage_run(s, 20 * STAGE_HOUR);
    assert_int_equal(stage_calls(s, id, stage_phone(0)), 3);
}

/* Of who was not called yet: later than all the others. */
static void test_callback_before_the_first_call(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_window evening = {OD_EVERY_DAY, 18 * 60, 21 * 60};
    stage_far_all(s, PEOPLE, "ring 1s answer wait 3s hangup");
    stage_options(s, &o, "first");
    o.windows = &evening;
    o.windows_len = 1;
    od_id id = stage_go(s, &o);
    stage_run(s, STAGE_MINUTE);
    int64_t at = od_world_time("2027-03-11T00:00:00Z"); /* 19:00 */
    ask(s, id, 2, at);
    stage_run(s, 6 * STAGE_HOUR + STAGE_HOUR / 2);
    assert_int_equal(stage_calls(s, id, NULL), PEOPLE - 1);
    stage_run(s, STAGE_HOUR);
    called(s, id, 2, 1, at);
}

/* == when ================================================================== */

static void test_callback_replaces_the_one_before(void **state)
{
    od_stage *s = *state;
    od_id id = called_once(s);
    int64_t at = now(s) + 3 * STAGE_HOUR;
    ask(s, id, 0, now(s) + STAGE_HOUR);
    ask(s, id, 0, at);
    stage_run(s, 2 * STAGE_HOUR);
    assert_int_equal(stage_calls(s, id, stage_phone(0)), 1);
    stage_run(s, 2 * STAGE_HOUR);
    called(s, id, 0, 2, at);
    stage_run(s, STAGE_HOUR);
    /* And an earlier one a later. */
    at = now(s) + STAGE_MINUTE;
    ask(s, id, 0, now(s) + STAGE_HOUR);
    ask(s, id, 0, at);
    stage_run(s, 2 * STAGE_MINUTE);
    called(s, id, 0, 3, at);
}

static void test_callback_times_out_of_range(void **state)
{
    od_stage *s = *state;
    od_id id = called_once(s);
    const char *phone = stage_phone(0);
    const int64_t year = 366 * DAY;
    stage_fails(s, od_campaign_callback(s->engine, id, phone, now(s) - 1),
                OD_ERR_INVALID, "within a year");
    stage_fails(s, od_campaign_callback(s->engine, id, phone, 0),
                OD_ERR_INVALID, "utc_ms is 0");
    stage_fails(s, od_campaign_callback(s->engine, id, phone, INT64_MIN),
                OD_ERR_INVALID, "within a year");
    stage_fails(s, od_campaign_callback(s->engine, id, phone, INT64_MAX),
                OD_ERR_INVALID, "within a year");
    stage_fails(s,
                od_campaign_callback(s->engine, id, phone, now(s) + year + 1),
                OD_ERR_INVALID, "within a year");
    stage_ok(s, od_campaign_callback(s->engine, id, phone, now(s) + year));
    stage_ok(s, od_campaign_callback(s->engine, id, phone, now(s)));
    stage_run(s, STAGE_MINUTE);
    assert_int_equal(stage_calls(s, id, phone), 2);
}

/* == whether =============================================================== */

static void test_callback_refused(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    int64_t at = now(s) + STAGE_HOUR;
    stage_far(s, stage_phone(0), "ring 1s answer wait 3s hangup");
    stage_far(s, stage_phone(1), "ring 100s status 486");
    stage_far(s, stage_phone(2), "ring 1s status 486");
    stage_dnc(s, stage_phone(2));
    stage_options(s, &o, "once");
    o.attempts_max = 1;
    o.ring_timeout_ms = 120000;
    od_id id = stage_go(s, &o);
    stage_run(s, STAGE_MINUTE);
    stage_fails(s, od_campaign_callback(s->engine, id, stage_phone(0), at),
                OD_ERR_STATE, "has used its 1 attempts: raise attempts_max");
    stage_fails(s, od_campaign_callback(s->engine, id, stage_phone(1), at),
                OD_ERR_STATE, "a call to +12125551001 is under way");
    stage_fails(s, od_campaign_callback(s->engine, id, stage_phone(2), at),
                OD_ERR_STATE, "+12125551002 is blocked: dnc");
    stage_fails(s, od_campaign_callback(s->engine, id, stage_phone(3), at),
                OD_ERR_NOT_FOUND, "+12125551003 is not in campaign \"once\"");
    stage_fails(s, od_campaign_callback(s->engine, id, "hello", at),
                OD_ERR_INVALID, "hello");
    stage_fails(s, od_campaign_callback(s->engine, 9876, stage_phone(0), at),
                OD_ERR_NOT_FOUND, "9876");
    o.attempts_max = 2;
    stage_ok(s, od_campaign_update(s->engine, id, &o));
    stage_ok(s, od_campaign_callback(s->engine, id, stage_phone(0), at));
}

/* Asked not to be called, after asking to be called: the list decides. */
static void test_callback_is_judged_when_due(void **state)
{
    od_stage *s = *state;
    od_id id = called_once(s);
    ask(s, id, 0, now(s) + STAGE_HOUR);
    stage_dnc(s, stage_phone(0));
    stage_run(s, 2 * STAGE_HOUR);
    assert_int_equal(stage_calls(s, id, stage_phone(0)), 1);
    assert_int_equal(stage_explain(s, id, stage_phone(0)).reason,
                     OD_REASON_DNC);
}

/* At night it waits for the morning. */
static void test_callback_waits_for_lawful_hours(void **state)
{
    od_stage *s = *state;
    od_id id = called_once(s);
    int64_t night = od_world_time("2027-03-11T05:00:00Z");
    ask(s, id, 0, night);
    stage_ok(s, od_world_run_until(&s->world, night + STAGE_HOUR, 0));
    assert_int_equal(stage_calls(s, id, stage_phone(0)), 1);
    stage_ok(s, od_world_run_until(&s->world, night + 9 * STAGE_HOUR, 0));
    called(s, id, 0, 2, od_world_time("2027-03-11T13:00:00Z"));
}

/* A campaign that is over calls nobody; once started again it does. */
static void test_callback_of_a_completed_campaign(void **state)
{
    od_stage *s = *state;
    stage_far_all(s, PEOPLE, "ring 1s answer wait 3s hangup");
    od_id id = stage_go(s, NULL);
    assert_true(od_world_run_to_state(&s->world, id, OD_CAMPAIGN_COMPLETED,
                                      STAGE_HOUR));
    int64_t at = now(s) + STAGE_HOUR;
    ask(s, id, 0, at);
    stage_run(s, STAGE_HOUR / 2);
    assert_int_equal(stage_calls(s, id, NULL), PEOPLE);
    stage_ok(s, od_campaign_start(s->engine, id));
    assert_true(od_world_run_to_state(&s->world, id, OD_CAMPAIGN_COMPLETED,
                                      STAGE_HOUR));
    called(s, id, 0, 2, at);
    assert_int_equal(stage_calls(s, id, NULL), PEOPLE + 1);
}

/* == kept ================================================================== */

static void test_callback_is_in_the_ledger(void **state)
{
    od_stage *s = *state;
    od_id id = called_once(s);
    od_ledger_head head;
    od_ledger_row row;
    size_t count = 0;
    char payload[128];
    int64_t at = now(s) + STAGE_HOUR;
    stage_ok(s, od_ledger_head_get(s->engine, &head));
    ask(s, id, 0, at);
    stage_ok(s, od_ledger_read(s->engine, head.seq, &row, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(row.kind, OD_LEDGER_CALLBACK);
    assert_int_equal(row.subject, id);
    (void)snprintf(payload, sizeof payload,
                   "{\"phone\":\"+12125551000\",\"due_utc_ms\":%lld}",
                   (long long)at);
    assert_string_equal(row.payload, payload);
    /* What was refused is not. */
    (void)od_campaign_callback(s->engine, id, stage_phone(7), at);
    (void)od_campaign_callback(s->engine, id, stage_phone(0), 1);
    stage_ok(s, od_ledger_read(s->engine, head.seq + 1, &row, 1, &count));
    assert_int_equal(count, 0);
    stage_ok(s, od_ledger_verify(s->engine, NULL, NULL));
}

static void open_file(od_stage *s)
{
    od_storage *storage = NULL;
    od_errmsg errmsg;
    if (od_storage_open_sqlite(&storage, stage_path(s, "a.db"), &errmsg) !=
        OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    stage_open(s, storage);
}

/* The process ends between the promise and the call. */
static void test_callback_survives_the_process(void **state)
{
    od_stage *s = *state;
    od_world_close(&s->world);
    open_file(s);
    stage_people(s, PEOPLE);
    od_id id = called_once(s);
    int64_t at = now(s) + STAGE_HOUR;
    ask(s, id, 0, at);
    od_world_close(&s->world);
    s->world.now.utc_ms += STAGE_HOUR / 2;
    open_file(s);
    stage_far_all(s, PEOPLE, "ring 1s answer wait 3s hangup");
    stage_run(s, STAGE_HOUR);
    called(s, id, 0, 2, at);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_callback_of_who_answered),
        TEST(test_callback_of_who_is_through),
        TEST(test_callback_is_missed),
        TEST(test_callback_before_the_first_call),
        TEST(test_callback_replaces_the_one_before),
        TEST(test_callback_times_out_of_range),
        TEST(test_callback_refused),
        TEST(test_callback_is_judged_when_due),
        TEST(test_callback_waits_for_lawful_hours),
        TEST(test_callback_of_a_completed_campaign),
        TEST(test_callback_is_in_the_ledger),
        TEST(test_callback_survives_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
