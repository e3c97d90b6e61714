/*
 * test_follow.c - a person's next phone: tried when the one before it is
 * through without an answer, and only then.
 */
#include "support/stage.h"

#include "core/core.h"

#define FIRST "+12125551000"
#define SECOND "+13125551000" /* Chicago */
#define THIRD "+16465551000"
#define OTHER "+12125559000"

static const char busy[] = "ring 1s status 486";
static const char answers[] = "ring 1s answer wait 3s hangup";

static od_id add(od_stage *s, const char *phone, const char *phone2,
                 const char *phone3)
{
    const od_contact contact = {
        .phone = phone, .phone2 = phone2, .phone3 = phone3};
    od_id id = 0;
    stage_ok(s, od_contact_add(s->engine, s->group, &contact, &id));
    return id;
}

/* Somebody else, who is busy and called again in ten hours, holds the campaign
 * open: it must not need to be idle to look at a next phone. */
static int setup(void **state)
{
    od_stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    stage_begin(s);
    (void)add(s, OTHER, NULL, NULL);
    stage_far(s, OTHER, busy);
    stage_far(s, FIRST, busy);
    stage_far(s, SECOND, busy);
    stage_far(s, THIRD, busy);
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

static od_campaign_options options(od_stage *s)
{
    od_campaign_options o;
    stage_options(s, &o, "follow");
    o.retry_delay_s = 10 * 3600;
    o.fail_stop_pct = OD_NONE;
    o.retries[OD_DISPOSITION_BUSY].attempts_max = 1;
    return o;
}

/* OTHER has a second try left. */
static od_id go(od_stage *s)
{
    od_campaign_options o = options(s);
    o.retries[OD_DISPOSITION_NO_ANSWER].attempts_max = 5;
    stage_far(s, OTHER, "ring 1s status 480");
    return stage_go(s, &o);
}

static void calls(od_stage *s, od_id id, size_t first, size_t second,
                  size_t third)
{
    assert_int_equal(stage_calls(s, id, FIRST), first);
    assert_int_equal(stage_calls(s, id, SECOND), second);
    assert_int_equal(stage_calls(s, id, THIRD), third);
}

/* == when ================================================================== */

/* One after the other, at once, while the campaign waits for others. */
static void test_follow_in_order(void **state)
{
    od_stage *s = *state;
    od_id contact = add(s, FIRST, SECOND, THIRD);
    od_id id = go(s);
    stage_run(s, 1500);
    calls(s, id, 1, 0, 0);
    stage_run(s, 1500);
    calls(s, id, 1, 1, 0);
    stage_run(s, STAGE_MINUTE);
    calls(s, id, 1, 1, 1);
    int64_t ended = stage_last(s, id, SECOND).ended_utc_ms;
    assert_in_range(stage_last(s, id, THIRD).claimed_utc_ms, ended,
                    ended + 1000);
    assert_int_equal(stage_last(s, id, SECOND).contact, contact);
    assert_int_equal(stage_last(s, id, THIRD).contact, contact);
    assert_int_equal(stage_stats(s, id).contacts, 4);
}

static void open_file(od_stage *s, const char *path)
{
    od_storage *storage = NULL;
    od_world_close(&s->world);
    assert_int_equal(od_storage_open_sqlite(&storage, path, NULL), OD_OK);
    stage_open(s, storage);
    stage_far(s, OTHER, "ring 1s status 480");
    stage_far(s, FIRST, busy);
    stage_far(s, SECOND, busy);
    stage_far(s, THIRD, busy);
}

static void test_follow_on_a_file(void **state)
{
    od_stage *s = *state;
    open_file(s, stage_path(s, "a.db"));
    (void)add(s, OTHER, NULL, NULL);
    (void)add(s, FIRST, SECOND, THIRD);
    od_id id = go(s);
    stage_run(s, STAGE_MINUTE);
    calls(s, id, 1, 1, 1);
}

/* The process dies while the second phone rings: whether it answered nobody
 * knows, so the third is left alone. */
static void test_follow_not_after_an_unknown_end(void **state)
{
    od_stage *s = *state;
    char path[700];
    (void)snprintf(path, sizeof path, "%s", stage_path(s, "a.db"));
    open_file(s, path);
    (void)add(s, OTHER, NULL, NULL);
    (void)add(s, FIRST, SECOND, THIRD);
    od_id id = go(s);
    stage_run(s, 1500);
    calls(s, id, 1, 0, 0);
    assert_int_equal(od_engine_calls_live(s->engine), 1);
    open_file(s, path);
    stage_run(s, STAGE_HOUR);
    calls(s, id, 1, 1, 0);
    assert_int_equal(stage_last(s, id, SECOND).disposition,
                     OD_DISPOSITION_UNKNOWN);
}

/* Not while the phone has a try left. */
static void test_follow_after_the_last_try(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = options(s);
    (void)add(s, FIRST, SECOND, NULL);
    o.retries[OD_DISPOSITION_BUSY].attempts_max = 2;
    o.retry_delay_s = 3600;
    o.attempts_max = 5;
    o.retries[OD_DISPOSITION_NO_ANSWER].delay_s = 10 * 3600;
    stage_far(s, OTHER, "ring 1s status 480");
    od_id id = stage_go(s, &o);
    stage_run(s, STAGE_HOUR);
    calls(s, id, 1, 0, 0);
    stage_run(s, STAGE_MINUTE);
    calls(s, id, 2, 1, 0); /* each phone has its own tries */
    stage_run(s, STAGE_HOUR);
    calls(s, id, 2, 2, 0);
}

static void test_follow_not_after_an_answer(void **state)
{
    od_stage *s = *state;
    (void)add(s, FIRST, SECOND, THIRD);
    stage_far(s, FIRST, answers);
    od_id id = go(s);
    stage_run(s, STAGE_HOUR);
    calls(s, id, 1, 0, 0);
    /* Of the second: then the third is left alone. */
    od_campaign_options o = options(s);
    o.name = "again";
    stage_far(s, FIRST, busy);
    stage_far(s, SECOND, answers);
    id = stage_go(s, &o);
    stage_run(s, STAGE_HOUR);
    calls(s, id, 1, 1, 0);
}

/* A number that does not exist, and one that a machine answers. */
static void test_follow_after_other_ends(void **state)
{
    static const char *const ends[] = {
        "ring 1s status 404", "ring 1s status 603",
        "ring 1s answer machine wait 2s hangup"};
    od_stage *s = *state;
    (void)add(s, FIRST, SECOND, NULL);
    for (size_t i = 0; i < OD__LEN(ends); i++) {
        od_campaign_options o = options(s);
        char name[16];
        (void)snprintf(name, sizeof name, "end %zu", i);
        /* The first ends in 404, which is remembered: last of all. */
        stage_far(s, FIRST, ends[OD__LEN(ends) - 1 - i]);
        o.name = name;
        o.retries[OD_DISPOSITION_DECLINED].attempts_max = 1;
        o.retries[OD_DISPOSITION_MACHINE].attempts_max = 1;
        od_id id = stage_go(s, &o);
        stage_run(s, STAGE_MINUTE);
        calls(s, id, 1, 1, 0);
    }
}

/* == who =================================================================== */

/* Who is on the list does not want to be called: on no phone. */
static void test_follow_not_after_a_dnc_block(void **state)
{
    od_stage *s = *state;
    (void)add(s, FIRST, SECOND, THIRD);
    stage_dnc(s, FIRST);
    od_id id = go(s);
    stage_run(s, STAGE_HOUR);
    calls(s, id, 0, 0, 0);
    assert_int_equal(stage_stats(s, id).contacts, 2);
}

/* The list is asked about each of them. */
static void test_follow_next_is_judged(void **state)
{
    od_stage *s = *state;
    (void)add(s, FIRST, SECOND, THIRD);
    stage_dnc(s, SECOND);
    od_id id = go(s);
    stage_run(s, STAGE_HOUR);
    calls(s, id, 1, 0, 0);
    assert_int_equal(stage_explain(s, id, SECOND).reason, OD_REASON_DNC);
}

/* A rule that bans one phone says nothing of the next. */
static void test_follow_after_a_ban(void **state)
{
    static const char rules[] = "rule host.ban\n  in US-NY\n  purpose any\n"
                                "  ban\n  cite our own\n  verified no\n";
    od_stage *s = *state;
    (void)add(s, FIRST, SECOND, NULL);
    (void)add(s, "+13125559000", NULL, NULL);
    stage_far(s, "+13125559000", "ring 1s status 480");
    stage_ok(s, od_rules_add(s->engine, "host", rules));
    od_campaign_options o = options(s);
    o.retries[OD_DISPOSITION_NO_ANSWER].attempts_max = 5;
    od_id id = stage_go(s, &o);
    stage_run(s, 10000);
    calls(s, id, 0, 1, 0);
    assert_int_equal(stage_explain(s, id, FIRST).reason, OD_REASON_RULE_BAN);
}

/* A number known not to exist is passed over without a call. */
static void test_follow_after_a_number_known_as_invalid(void **state)
{
    od_stage *s = *state;
    (void)add(s, FIRST, NULL, NULL);
    stage_far(s, FIRST, "ring 1s status 404");
    od_id first = go(s);
    stage_run(s, STAGE_MINUTE);
    calls(s, first, 1, 0, 0);
    od_id contact = 0;
    stage_ok(s, od_group_add(s->engine, "others", &s->group));
    (void)add(s, OTHER, NULL, NULL);
    contact = add(s, FIRST, SECOND, NULL);
    od_campaign_options o = options(s);
    o.name = "second";
    o.retries[OD_DISPOSITION_NO_ANSWER].attempts_max = 5;
    od_id id = stage_go(s, &o);
    stage_run(s, 10000);
    calls(s, id, 0, 1, 0);
    assert_int_equal(stage_last(s, id, SECOND).contact, contact);
}

/* The next phone is another person's as well: one call. */
static void test_follow_not_twice(void **state)
{
    od_stage *s = *state;
    (void)add(s, FIRST, SECOND, THIRD);
    od_id other = add(s, SECOND, NULL, NULL);
    od_id id = go(s);
    stage_run(s, STAGE_HOUR);
    calls(s, id, 1, 1, 0);
    assert_int_equal(stage_last(s, id, SECOND).contact, other);
}

/* == where ================================================================= */

/* It is called when it is open where the next phone is: in California from 9:00
 * on. */
static void test_follow_in_another_place(void **state)
{
    od_stage *s = *state;
    s->world.now.utc_ms = od_world_time("2027-03-10T13:30:00Z"); /* 8:30 */
    (void)add(s, FIRST, "+14155551000", NULL);
    stage_far(s, "+14155551000", answers);
    od_id id = go(s);
    stage_run(s, 3 * STAGE_HOUR);
    assert_int_equal(stage_calls(s, id, FIRST), 1);
    assert_int_equal(stage_calls(s, id, "+14155551000"), 0);
    stage_ok(s, od_world_run_until(&s->world,
                                   od_world_time("2027-03-10T17:01:00Z"), 0));
    assert_int_equal(stage_calls(s, id, "+14155551000"), 1);
}

/* The campaign is not over while somebody has a next phone. */
static void test_follow_before_the_end(void **state)
{
    od_stage *s = *state;
    (void)add(s, FIRST, SECOND, THIRD);
    od_campaign_options o = options(s);
    od_id id = stage_go(s, &o);
    assert_true(od_world_run_to_state(&s->world, id, OD_CAMPAIGN_COMPLETED,
                                      STAGE_HOUR));
    calls(s, id, 1, 1, 1);
    assert_int_equal(stage_calls(s, id, NULL), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_follow_in_order),
        TEST(test_follow_on_a_file),
        TEST(test_follow_not_after_an_unknown_end),
        TEST(test_follow_after_the_last_try),
        TEST(test_follow_not_after_an_answer),
        TEST(test_follow_after_other_ends),
        TEST(test_follow_not_after_a_dnc_block),
        TEST(test_follow_next_is_judged),
        TEST(test_follow_after_a_ban),
        TEST(test_follow_after_a_number_known_as_invalid),
        TEST(test_follow_not_twice),
        TEST(test_follow_in_another_place),
        TEST(test_follow_before_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
