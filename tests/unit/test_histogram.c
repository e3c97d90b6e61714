/*
 * test_histogram.c - where the verdicts over all numbers of a campaign stand:
 * the sum is its contacts, and each verdict is that of explain.
 */
#include "support/stage.h"

#include "core/core.h"

#define ROWS 64

typedef struct play {
    od_stage stage;
    od_verdict_count rows[ROWS];
    size_t count;
} play;

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_begin(&p->stage);
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

/* Read it; the most come first, and together they are all. */
static void look(play *p, od_id id)
{
    int64_t sum = 0;
    stage_ok(&p->stage, od_campaign_histogram(p->stage.engine, id, p->rows,
                                              ROWS, &p->count));
    assert_true(p->count <= ROWS);
    for (size_t i = 0; i < p->count; i++) {
        const od_verdict *v = &p->rows[i].verdict;
        sum += p->rows[i].count;
        assert_true(p->rows[i].count > 0);
        assert_true(i == 0 || p->rows[i].count <= p->rows[i - 1].count);
        assert_int_equal(v->kind == OD_VERDICT_DEFER, v->until_utc_ms > 0);
    }
    assert_int_equal(sum, stage_stats(&p->stage, id).contacts);
}

static int64_t of(const play *p, int32_t kind, int32_t reason)
{
    int64_t sum = 0;
    for (size_t i = 0; i < p->count; i++) {
        const od_verdict *v = &p->rows[i].verdict;
        sum += v->kind == kind && v->reason == reason ? p->rows[i].count : 0;
    }
    return sum;
}

static od_verdict verdict_of(const play *p, int32_t reason)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->rows[i].verdict.reason == reason) {
            return p->rows[i].verdict;
        }
    }
    fail_msg("no row says %s", od_reason_name(reason));
    return (od_verdict){.kind = 0};
}

/* What is told of a person is one of the rows. */
static void as_explained(play *p, od_id id, int people)
{
    int64_t left[ROWS];
    for (size_t i = 0; i < p->count; i++) {
        left[i] = p->rows[i].count;
    }
    for (int n = 0; n < people; n++) {
        od_verdict v = stage_explain(&p->stage, id, stage_phone(n));
        bool found = false;
        for (size_t i = 0; !found && i < p->count; i++) {
            const od_verdict *row = &p->rows[i].verdict;
            found = row->kind == v.kind && row->reason == v.reason &&
                    left[i] > 0;
            left[i] -= found ? 1 : 0;
        }
        if (!found) {
            fail_msg("%s is %s, which no row says", stage_phone(n),
                     od_reason_name(v.reason));
        }
    }
}

static od_campaign_options options(play *p)
{
    od_campaign_options o;
    stage_options(&p->stage, &o, "first");
    o.fail_stop_pct = OD_NONE;
    o.attempts_max = 1;
    return o;
}

/* == what happened ========================================================= */

static void test_histogram_of_all_ends(void **state)
{
    play *p = *state;
    od_stage *s = &p->stage;
    od_campaign_options o = options(p);
    stage_people(s, 17);
    stage_far_all(s, 17, "ring 1s answer wait 2s hangup");
    for (int i = 0; i < 4; i++) {
        stage_far(s, stage_phone(i), "ring 1s status 486");
    }
    for (int i = 4; i < 7; i++) {
        stage_far(s, stage_phone(i), "ring 1s status 404");
    }
    stage_dnc(s, stage_phone(7));
    stage_dnc(s, stage_phone(8));
    stage_far(s, stage_phone(9), "ring 29s status 486");
    stage_far(s, stage_phone(10), "ring 1s status 503");
    o.concurrent_max = 20;
    od_id id = stage_go(s, &o);
    stage_run(s, 10000);
    look(p, id);
    assert_int_equal(of(p, OD_VERDICT_BLOCK, OD_REASON_ALREADY_REACHED), 6);
    assert_int_equal(of(p, OD_VERDICT_BLOCK, OD_REASON_ATTEMPTS_USED), 4);
    assert_int_equal(of(p, OD_VERDICT_BLOCK, OD_REASON_NUMBER_INVALID), 3);
    assert_int_equal(of(p, OD_VERDICT_BLOCK, OD_REASON_DNC), 2);
    assert_int_equal(of(p, OD_VERDICT_DEFER, OD_REASON_IN_FLIGHT), 1);
    assert_int_equal(of(p, OD_VERDICT_DEFER, OD_REASON_RETRY_DELAY), 1);
    assert_int_equal(p->count, 6);
    as_explained(p, id, 17);
}

static void test_histogram_of_who_is_not_recalled(void **state)
{
    play *p = *state;
    od_stage *s = &p->stage;
    od_campaign_options o = options(p);
    stage_people(s, 5);
    stage_far_all(s, 5, "ring 1s status 486");
    o.recall = OD_NONE;
    o.attempts_max = 3;
    od_id id = stage_go(s, &o);
    stage_run(s, 10000);
    look(p, id);
    assert_int_equal(p->count, 1);
    assert_int_equal(of(p, OD_VERDICT_BLOCK, OD_REASON_ALREADY_REACHED), 5);
    as_explained(p, id, 5);
}

/* == what waits ============================================================ */

/* Of two zones, one is open; the other says when, and by which rule. */
static void test_histogram_of_places(void **state)
{
    play *p = *state;
    od_stage *s = &p->stage;
    od_campaign_options o = options(p);
    s->world.now.utc_ms = od_world_time("2027-03-10T14:30:00Z"); /* 9:30 */
    stage_people(s, 6);
    stage_far_all(s, 6, "silent");
    for (int i = 0; i < 3; i++) {
        char phone[24];
        (void)snprintf(phone, sizeof phone, "+1702555100%d", i); /* 6:30 */
        (void)od_world_contact(&s->world, s->group, phone, NULL);
    }
    o.concurrent_max = 2;
    od_id id = stage_go(s, &o);
    stage_run(s, 1000);
    look(p, id);
    assert_int_equal(of(p, OD_VERDICT_DEFER, OD_REASON_IN_FLIGHT), 2);
    assert_int_equal(of(p, OD_VERDICT_ALLOW, OD_REASON_NONE), 4);
    assert_int_equal(of(p, OD_VERDICT_DEFER, OD_REASON_RULE_WINDOW), 3);
    od_verdict v = verdict_of(p, OD_REASON_RULE_WINDOW);
    od_verdict want = stage_explain(s, id, "+17025551000");
    assert_string_equal(v.rule, want.rule);
    assert_true(v.until_utc_ms == want.until_utc_ms);
    as_explained(p, id, 6);
}

/* The earliest of all that wait for the same. */
static void test_histogram_of_retries(void **state)
{
    play *p = *state;
    od_stage *s = &p->stage;
    od_campaign_options o = options(p);
    stage_people(s, 4);
    stage_far_all(s, 4, "ring 1s status 486");
    o.attempts_max = 3;
    o.concurrent_max = 1;
    od_id id = stage_go(s, &o);
    stage_run(s, 10000);
    look(p, id);
    assert_int_equal(p->count, 1);
    assert_int_equal(of(p, OD_VERDICT_DEFER, OD_REASON_RETRY_DELAY), 4);
    int64_t first = INT64_MAX;
    for (int i = 0; i < 4; i++) {
        int64_t due = stage_explain(s, id, stage_phone(i)).until_utc_ms;
        first = due < first ? due : first;
    }
    assert_true(p->rows[0].verdict.until_utc_ms == first);
}

/* == the campaign ========================================================== */

static void test_histogram_by_campaign_state(void **state)
{
    play *p = *state;
    od_stage *s = &p->stage;
    od_campaign_options o = options(p);
    stage_people(s, 8);
    stage_far_all(s, 8, "ring 1s answer wait 4s hangup");
    o.concurrent_max = 1;
    od_id id = stage_add(s, &o);
    look(p, id); /* nobody is enrolled yet */
    assert_int_equal(p->count, 0);
    stage_ok(s, od_campaign_start(s->engine, id));
    stage_run(s, 4500);
    stage_ok(s, od_campaign_pause(s->engine, id));
    stage_run(s, 10000);
    look(p, id);
    assert_int_equal(of(p, OD_VERDICT_BLOCK, OD_REASON_ALREADY_REACHED), 2);
    assert_int_equal(of(p, OD_VERDICT_BLOCK, OD_REASON_CAMPAIGN_STATE), 6);
    as_explained(p, id, 8);
    /* Its end comes. */
    o.end_utc_ms = s->world.now.utc_ms + 2000;
    stage_ok(s, od_campaign_update(s->engine, id, &o));
    stage_ok(s, od_campaign_resume(s->engine, id));
    stage_run(s, 20000);
    look(p, id);
    assert_int_equal(of(p, OD_VERDICT_BLOCK, OD_REASON_ALREADY_REACHED), 3);
    assert_int_equal(of(p, OD_VERDICT_BLOCK, OD_REASON_CAMPAIGN_ENDED), 5);
    as_explained(p, id, 8);
}

static void test_histogram_little_room(void **state)
{
    play *p = *state;
    od_stage *s = &p->stage;
    od_verdict_count one[2];
    size_t count = 0;
    stage_people(s, 3);
    stage_far_all(s, 3, "ring 1s answer wait 1s hangup");
    stage_dnc(s, stage_phone(0));
    od_id id = stage_go(s, NULL);
    stage_run(s, 10000);
    memset(one, 0x5a, sizeof one);
    stage_ok(s, od_campaign_histogram(s->engine, id, one, 1, &count));
    assert_int_equal(count, 2);
    assert_int_equal(one[0].count, 2); /* the most */
    assert_int_equal(one[1].verdict.rule[0], 0x5a);
    stage_ok(s, od_campaign_histogram(s->engine, id, NULL, 0, &count));
    assert_int_equal(count, 2);
    stage_fails(s, od_campaign_histogram(s->engine, 9876, one, 1, &count),
                OD_ERR_NOT_FOUND, "9876");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_histogram_of_all_ends),
        TEST(test_histogram_of_who_is_not_recalled),
        TEST(test_histogram_of_places),
        TEST(test_histogram_of_retries),
        TEST(test_histogram_by_campaign_state),
        TEST(test_histogram_little_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
