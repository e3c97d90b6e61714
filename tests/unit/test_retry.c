/*
 * test_retry.c - what becomes of a number, by disposition and campaign.
 */
#include "support/test.h"

#include "core/core.h"

#define NOW 1800000000000
#define DELAY_MS 3600000
#define SOON_MS 60000

static od_campaign_record campaign(void)
{
    od_campaign_record c;
    memset(&c, 0, sizeof c);
    c.attempts_max = 3;
    c.retry_delay_s = DELAY_MS / 1000;
    return c;
}

static od_outcome after(const od_campaign_record *c, int32_t disposition,
                        int32_t attempts, bool reached)
{
    od_outcome out;
    memset(&out, 0, sizeof out);
    out.disposition = disposition;
    out.reached_network = reached;
    od__retry(c, attempts, NOW, &out);
    return out;
}

static void done(const od_outcome *o)
{
    assert_int_equal(o->target_state, OD_TARGET_DONE);
}

static void ready(const od_outcome *o, int64_t delay_ms)
{
    assert_int_equal(o->target_state, OD_TARGET_READY);
    assert_true(o->due_utc_ms == NOW + delay_ms);
}

/* Those that a person or the network ended without an answer. */
static const int32_t unanswered[] = {
    OD_DISPOSITION_BUSY, OD_DISPOSITION_NO_ANSWER, OD_DISPOSITION_DECLINED,
    OD_DISPOSITION_REDIRECTED};

static void test_retry_unanswered_until_attempts_are_used(void **state)
{
    (void)state;
    od_campaign_record c = campaign();
    for (size_t i = 0; i < OD__LEN(unanswered); i++) {
        for (int32_t attempts = 0; attempts < 2; attempts++) {
            od_outcome o = after(&c, unanswered[i], attempts, true);
            ready(&o, DELAY_MS);
            assert_false(o.answered || o.number_invalid);
        }
        od_outcome last = after(&c, unanswered[i], 2, true);
        done(&last);
    }
}

static void test_retry_not_when_recall_is_off(void **state)
{
    (void)state;
    od_campaign_record c = campaign();
    c.recall = OD_NONE;
    for (size_t i = 0; i < OD__LEN(unanswered); i++) {
        od_outcome o = after(&c, unanswered[i], 0, true);
        done(&o);
    }
}

static void test_retry_answered_is_done(void **state)
{
    (void)state;
    od_campaign_record c = campaign();
    od_outcome o = after(&c, OD_DISPOSITION_ANSWERED, 0, true);
    done(&o);
    assert_true(o.answered);
    assert_false(o.number_invalid);
}

static void test_retry_not_found_marks_the_number(void **state)
{
    (void)state;
    od_campaign_record c = campaign();
    od_outcome o = after(&c, OD_DISPOSITION_NOT_FOUND, 0, true);
    done(&o);
    assert_true(o.number_invalid);
    assert_false(o.answered);
}

static void test_retry_unknown_only_if_wanted(void **state)
{
    (void)state;
    od_campaign_record c = campaign();
    od_outcome o = after(&c, OD_DISPOSITION_UNKNOWN, 0, true);
    done(&o);
    c.redial_unknown = 1;
    o = after(&c, OD_DISPOSITION_UNKNOWN, 0, true);
    ready(&o, DELAY_MS);
    o = after(&c, OD_DISPOSITION_UNKNOWN, 2, true);
    done(&o);
}

/* What never left is nobody's attempt: soon again, also for the last time and
 * with recall off. */
static void test_retry_congestion_counts_nothing(void **state)
{
    static const int32_t ours[] = {OD_DISPOSITION_CONGESTION,
                                   OD_DISPOSITION_CANCELLED,
                                   OD_DISPOSITION_FAILED};
    (void)state;
    od_campaign_record c = campaign();
    for (size_t i = 0; i < OD__LEN(ours); i++) {
        for (int32_t attempts = 0; attempts < 3; attempts++) {
            od_outcome o = after(&c, ours[i], attempts, false);
            ready(&o, SOON_MS);
        }
        c.recall = OD_NONE;
        od_outcome o = after(&c, ours[i], 0, false);
        ready(&o, SOON_MS);
        c.recall = 0;
    }
}

/* Once the network had it, giving up and failing are attempts like others. */
static void test_retry_given_up_while_ringing(void **state)
{
    static const int32_t ended[] = {OD_DISPOSITION_CANCELLED,
                                    OD_DISPOSITION_FAILED};
    (void)state;
    od_campaign_record c = campaign();
    for (size_t i = 0; i < OD__LEN(ended); i++) {
        od_outcome o = after(&c, ended[i], 0, true);
        ready(&o, DELAY_MS);
        o = after(&c, ended[i], 2, true);
        done(&o);
        c.recall = OD_NONE;
        o = after(&c, ended[i], 0, true);
        done(&o);
        c.recall = 0;
    }
}

static void test_retry_longest_delay(void **state)
{
    (void)state;
    od_campaign_record c = campaign();
    c.retry_delay_s = 2592000;
    od_outcome o = after(&c, OD_DISPOSITION_BUSY, 0, true);
    ready(&o, (int64_t)30 * 24 * 3600000);
}

/* Whatever comes, the target is in a state that a store knows, and due times
 * lie ahead. */
static void test_retry_every_case_is_sound(void **state)
{
    (void)state;
    for (int32_t d = 0; d < OD_DISPOSITIONS; d++) {
        for (int bits = 0; bits < 8; bits++) {
            od_campaign_record c = campaign();
            c.recall = (bits & 1) != 0 ? OD_NONE : 0;
            c.redial_unknown = (bits & 2) != 0;
            od_outcome o = after(&c, d, 1, (bits & 4) != 0);
            assert_true(o.target_state == OD_TARGET_READY ||
                        o.target_state == OD_TARGET_DONE);
            assert_true(o.target_state != OD_TARGET_READY ||
                        o.due_utc_ms > NOW);
            assert_int_equal(o.reason, OD_REASON_NONE);
            assert_int_equal(o.answered, d == OD_DISPOSITION_ANSWERED);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_retry_unanswered_until_attempts_are_used),
        cmocka_unit_test(test_retry_not_when_recall_is_off),
        cmocka_unit_test(test_retry_answered_is_done),
        cmocka_unit_test(test_retry_not_found_marks_the_number),
        cmocka_unit_test(test_retry_unknown_only_if_wanted),
        cmocka_unit_test(test_retry_congestion_counts_nothing),
        cmocka_unit_test(test_retry_given_up_while_ringing),
        cmocka_unit_test(test_retry_longest_delay),
        cmocka_unit_test(test_retry_every_case_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
