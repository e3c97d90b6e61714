/*
 * test_decide.c - the decision: each check, their order, and the instants at
 * which asking again makes sense.
 */
#include "support/test.h"

#include "core/core.h"

#define HOUR 3600000
/* Wednesday 2027-03-10, 17:00 UTC: noon in New York. */
#define NOON 1804698000000

static od_campaign_record running(void)
{
    od_campaign_record c;
    memset(&c, 0, sizeof c);
    c.state = OD_CAMPAIGN_RUNNING;
    c.attempts_max = 3;
    return c;
}

static od_candidate fresh(void)
{
    od_candidate c;
    memset(&c, 0, sizeof c);
    c.contact = 1;
    c.phone = 12125551000u;
    c.state = OD_TARGET_READY;
    return c;
}

static od__opening open_place(void)
{
    od__opening o;
    memset(&o, 0, sizeof o);
    o.verdict.kind = OD_VERDICT_ALLOW;
    return o;
}

static od_verdict decide(const od_campaign_record *campaign,
                         const od_candidate *candidate)
{
    od__opening opening = open_place();
    od_verdict out;
    memset(&out, 0xff, sizeof out);
    od__decide(campaign, candidate, &opening, NOON, &out);
    return out;
}

static void is(od_verdict v, int32_t kind, int32_t reason, int64_t until)
{
    assert_int_equal(v.kind, kind);
    assert_int_equal(v.reason, reason);
    assert_true(v.until_utc_ms == until);
}

static void test_decide_allows_a_fresh_number(void **state)
{
    (void)state;
    od_campaign_record c = running();
    od_candidate t = fresh();
    is(decide(&c, &t), OD_VERDICT_ALLOW, OD_REASON_NONE, 0);
}

static void test_decide_campaign_state(void **state)
{
    (void)state;
    od_campaign_record c = running();
    od_candidate t = fresh();
    for (int32_t s = 0; s < OD_CAMPAIGN_STATES; s++) {
        if (s != OD_CAMPAIGN_RUNNING) {
            c.state = s;
            c.start_utc_ms = 0;
            is(decide(&c, &t), OD_VERDICT_BLOCK, OD_REASON_CAMPAIGN_STATE, 0);
        }
    }
    c.state = OD_CAMPAIGN_SCHEDULED;
    c.start_utc_ms = NOON + 5000;
    is(decide(&c, &t), OD_VERDICT_DEFER, OD_REASON_CAMPAIGN_STATE,
       NOON + 5000);
    c.start_utc_ms = NOON; /* has come: not an instant in the past */
    is(decide(&c, &t), OD_VERDICT_BLOCK, OD_REASON_CAMPAIGN_STATE, 0);
}

static void test_decide_blocks_for_good(void **state)
{
    (void)state;
    od_campaign_record c = running();
    od_candidate t = fresh();
    t.number_invalid = true;
    is(decide(&c, &t), OD_VERDICT_BLOCK, OD_REASON_NUMBER_INVALID, 0);
    t = fresh();
    t.dnc = true;
    is(decide(&c, &t), OD_VERDICT_BLOCK, OD_REASON_DNC, 0);
    t = fresh();
    t.contact = 0;
    is(decide(&c, &t), OD_VERDICT_BLOCK, OD_REASON_NOT_ENROLLED, 0);
    t = fresh();
    t.attempts = 3;
    is(decide(&c, &t), OD_VERDICT_BLOCK, OD_REASON_ATTEMPTS_USED, 0);
    t.attempts = 7; /* attempts_max was lowered */
    is(decide(&c, &t), OD_VERDICT_BLOCK, OD_REASON_ATTEMPTS_USED, 0);
}

static void test_decide_who_was_reached(void **state)
{
    (void)state;
    od_campaign_record c = running();
    od_candidate t = fresh();
    t.attempts = 1;
    t.disposition = OD_DISPOSITION_ANSWERED;
    is(decide(&c, &t), OD_VERDICT_BLOCK, OD_REASON_ALREADY_REACHED, 0);
    t.disposition = OD_DISPOSITION_UNKNOWN;
    is(decide(&c, &t), OD_VERDICT_BLOCK, OD_REASON_ALREADY_REACHED, 0);
    c.redial_unknown = 1;
    is(decide(&c, &t), OD_VERDICT_ALLOW, OD_REASON_NONE, 0);
    c.recall = OD_NONE;
    t.disposition = OD_DISPOSITION_BUSY;
    is(decide(&c, &t), OD_VERDICT_BLOCK, OD_REASON_ALREADY_REACHED, 0);
    t.attempts = 0; /* the trunk was full: it was not tried */
    t.disposition = OD_DISPOSITION_CONGESTION;
    is(decide(&c, &t), OD_VERDICT_ALLOW, OD_REASON_NONE, 0);
}

static void test_decide_in_flight_waits(void **state)
{
    (void)state;
    od_campaign_record c = running();
    od_candidate t = fresh();
    t.in_flight = true;
    od_verdict v = decide(&c, &t);
    is(v, OD_VERDICT_DEFER, OD_REASON_IN_FLIGHT, v.until_utc_ms);
    assert_true(v.until_utc_ms > NOON && v.until_utc_ms <= NOON + 60000);
}

static void test_decide_retry_delay(void **state)
{
    (void)state;
    od_campaign_record c = running();
    od_candidate t = fresh();
    t.attempts = 1;
    t.disposition = OD_DISPOSITION_BUSY;
    t.due_utc_ms = NOON + 1;
    is(decide(&c, &t), OD_VERDICT_DEFER, OD_REASON_RETRY_DELAY, NOON + 1);
    t.due_utc_ms = NOON;
    is(decide(&c, &t), OD_VERDICT_ALLOW, OD_REASON_NONE, 0);
    /* A full trunk is no attempt, but a call to it is due later as well. */
    t.attempts = 0;
    t.disposition = OD_DISPOSITION_CONGESTION;
    t.due_utc_ms = NOON + 60000;
    is(decide(&c, &t), OD_VERDICT_DEFER, OD_REASON_RETRY_DELAY, NOON + 60000);
    /* The spread of fresh numbers over some ms is no delay. */
    t = fresh();
    t.due_utc_ms = NOON + 63;
    is(decide(&c, &t), OD_VERDICT_ALLOW, OD_REASON_NONE, 0);
}

static void test_decide_recently(void **state)
{
    (void)state;
    od_campaign_record c = running();
    od_candidate t = fresh();
    t.line_answered_utc_ms = NOON - 24 * (int64_t)HOUR + 1;
    t.line_called_utc_ms = NOON - 2 * (int64_t)HOUR + 1;
    is(decide(&c, &t), OD_VERDICT_ALLOW, OD_REASON_NONE, 0); /* both off */
    c.skip_answered_h = 24;
    is(decide(&c, &t), OD_VERDICT_DEFER, OD_REASON_RECENTLY_ANSWERED, NOON + 1);
    c.skip_answered_h = 23;
    is(decide(&c, &t), OD_VERDICT_ALLOW, OD_REASON_NONE, 0);
    c.skip_called_h = 2;
    is(decide(&c, &t), OD_VERDICT_DEFER, OD_REASON_RECENTLY_CALLED, NOON + 1);
    t.line_called_utc_ms -= 1; /* to the ms */
    is(decide(&c, &t), OD_VERDICT_ALLOW, OD_REASON_NONE, 0);
    t.line_called_utc_ms = 0; /* never */
    is(decide(&c, &t), OD_VERDICT_ALLOW, OD_REASON_NONE, 0);
    c.skip_called_h = 8760;
    t.line_called_utc_ms = NOON;
    is(decide(&c, &t), OD_VERDICT_DEFER, OD_REASON_RECENTLY_CALLED,
       NOON + 8760 * (int64_t)HOUR);
}

/* The first check that does not allow decides, in this order. */
static void test_decide_order(void **state)
{
    static const int32_t order[] = {
        OD_REASON_CAMPAIGN_STATE, OD_REASON_NUMBER_INVALID,  OD_REASON_DNC,
        OD_REASON_NOT_ENROLLED,   OD_REASON_ALREADY_REACHED,
        OD_REASON_ATTEMPTS_USED,  OD_REASON_IN_FLIGHT,
        OD_REASON_RETRY_DELAY,    OD_REASON_RECENTLY_ANSWERED,
        OD_REASON_RECENTLY_CALLED, OD_REASON_RULE_WINDOW};
    (void)state;
    for (size_t i = 0; i < OD__LEN(order); i++) {
        /* All reasons from the i-th on, none before it. */
        od_campaign_record c = running();
        od_candidate t = fresh();
        od__opening opening = open_place();
        od_verdict out;
        c.state = i == 0 ? OD_CAMPAIGN_PAUSED : OD_CAMPAIGN_RUNNING;
        t.number_invalid = i <= 1;
        t.dnc = i <= 2;
        t.contact = i <= 3 ? 0 : 1;
        t.disposition = i <= 4 ? OD_DISPOSITION_ANSWERED : OD_DISPOSITION_BUSY;
        t.attempts = i <= 5 ? 3 : 1;
        t.in_flight = i <= 6;
        t.due_utc_ms = i <= 7 ? NOON + HOUR : 0;
        c.skip_answered_h = 1;
        c.skip_called_h = 1;
        t.line_answered_utc_ms = i <= 8 ? NOON : 0;
        t.line_called_utc_ms = i <= 9 ? NOON : 0;
        opening.verdict.kind = OD_VERDICT_DEFER;
        opening.verdict.reason = OD_REASON_RULE_WINDOW;
        od__decide(&c, &t, &opening, NOON, &out);
        assert_int_equal(out.reason, order[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decide_allows_a_fresh_number),
        cmocka_unit_test(test_decide_campaign_state),
        cmocka_unit_test(test_decide_blocks_for_good),
        cmocka_unit_test(test_decide_who_was_reached),
        cmocka_unit_test(test_decide_in_flight_waits),
        cmocka_unit_test(test_decide_retry_delay),
        cmocka_unit_test(test_decide_recently),
        cmocka_unit_test(test_decide_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
