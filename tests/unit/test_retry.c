/*
 * test_retry.c - what becomes of a number, by disposition and campaign.
 */
#include "support/stage.h"

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

static od_outcome after_tries(const od_campaign_record *c, int32_t disposition,
                              const od__tried *tried, bool reached)
{
    od_outcome out;
    memset(&out, 0, sizeof out);
    out.disposition = disposition;
    out.reached_network = reached;
    od__retry(c, tried, NOW, &out);
    return out;
}

static od_outcome after(const od_campaign_record *c, int32_t disposition,
                        int32_t attempts, bool reached)
{
    const od__tried tried = {.attempts = attempts};
    return after_tries(c, disposition, &tried, reached);
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

/* What meets no network at all ends some time, but for congestion and what was
 * cancelled. */
static void test_retry_unreached_ends(void **state)
{
    static const struct {
        int32_t disposition;
        bool reached;
        bool ends;
    } cases[] = {{OD_DISPOSITION_NO_ANSWER, false, true},
                 {OD_DISPOSITION_FAILED, false, true},
                 {OD_DISPOSITION_CONGESTION, false, false},
                 {OD_DISPOSITION_CANCELLED, false, false},
                 {OD_DISPOSITION_NO_ANSWER, true, false},
                 {OD_DISPOSITION_FAILED, true, false}};
    (void)state;
    od_campaign_record c = campaign();
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        int32_t d = cases[i].disposition;
        od__tried tried = {0};
        for (int before = 0; before < 20; before++) {
            od_outcome o = after_tries(&c, d, &tried, cases[i].reached);
            bool over = cases[i].ends && before >= 14;
            assert_int_equal(o.target_state,
                             over ? OD_TARGET_DONE : OD_TARGET_READY);
            assert_int_equal(o.follow, over);
            tried.tries = od_tries_add(tried.tries, d);
        }
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
            assert_int_equal(o.answered, d == OD_DISPOSITION_ANSWERED ||
                                             d == OD_DISPOSITION_UNFINISHED);
            assert_true(!o.follow || o.target_state == OD_TARGET_DONE);
        }
    }
}

/* -- a policy for each way to end ------------------------------------------ */

/* What the options let have a policy. */
static const int32_t policied[] = {
    OD_DISPOSITION_BUSY,       OD_DISPOSITION_NO_ANSWER,
    OD_DISPOSITION_DECLINED,   OD_DISPOSITION_FAILED,
    OD_DISPOSITION_CONGESTION, OD_DISPOSITION_MACHINE,
    OD_DISPOSITION_UNFINISHED};

static void test_retry_delay_of_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < OD__LEN(policied); i++) {
        int32_t d = policied[i];
        od_campaign_record c = campaign();
        bool reached = d != OD_DISPOSITION_CONGESTION;
        c.retries[d].delay_s = 7200;
        od_outcome o = after(&c, d, 0, reached);
        ready(&o, 7200000);
        /* The others go on as before. */
        int32_t other = policied[(i + 1) % 4];
        if (other != d) {
            o = after(&c, other, 0, true);
            ready(&o, DELAY_MS);
        }
        c.retries[d].delay_s = OD_NONE;
        o = after(&c, d, 0, reached);
        done(&o);
    }
}

static void test_retry_congestion_in_a_second(void **state)
{
    (void)state;
    od_campaign_record c = campaign();
    c.retries[OD_DISPOSITION_CONGESTION].delay_s = 1;
    od_outcome o = after(&c, OD_DISPOSITION_CONGESTION, 0, false);
    ready(&o, 1000);
}

/* The n-th that ends like this is the last, whatever else happened. */
static void test_retry_count_of_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < OD__LEN(policied); i++) {
        int32_t d = policied[i];
        bool reached = d != OD_DISPOSITION_CONGESTION;
        for (int32_t most = 1; most <= 15; most++) {
            od_campaign_record c = campaign();
            od__tried tried = {.attempts = 0};
            c.attempts_max = 20;
            c.retries[d].attempts_max = most;
            tried.tries = od_tries_add(0, (d + 1) % OD_DISPOSITIONS);
            for (int32_t n = 1; n < most; n++) {
                od_outcome o = after_tries(&c, d, &tried, reached);
                assert_int_equal(o.target_state, OD_TARGET_READY);
                tried.tries = od_tries_add(tried.tries, d);
                tried.attempts += reached ? 1 : 0;
            }
            od_outcome last = after_tries(&c, d, &tried, reached);
            done(&last);
        }
    }
}

/* A count of its own never adds to the attempts of the campaign. */
static void test_retry_count_within_attempts_max(void **state)
{
    (void)state;
    od_campaign_record c = campaign();
    c.retries[OD_DISPOSITION_BUSY].attempts_max = 15;
    od_outcome o = after(&c, OD_DISPOSITION_BUSY, 2, true);
    done(&o);
}

static void test_retry_unfinished_is_answered(void **state)
{
    (void)state;
    od_campaign_record c = campaign();
    od_outcome o = after(&c, OD_DISPOSITION_UNFINISHED, 0, true);
    ready(&o, DELAY_MS);
    assert_true(o.answered);
    o = after(&c, OD_DISPOSITION_UNFINISHED, 2, true);
    done(&o);
    assert_true(o.answered);
    /* The person answered: recall is of those who did not. */
    c.recall = OD_NONE;
    o = after(&c, OD_DISPOSITION_UNFINISHED, 0, true);
    ready(&o, DELAY_MS);
}

/* Nobody answered, only a machine. */
static void test_retry_machine(void **state)
{
    (void)state;
    od_campaign_record c = campaign();
    od_outcome o = after(&c, OD_DISPOSITION_MACHINE, 0, true);
    ready(&o, DELAY_MS);
    assert_false(o.answered);
    o = after(&c, OD_DISPOSITION_MACHINE, 2, true);
    done(&o);
    assert_true(o.follow);
    c.recall = OD_NONE;
    o = after(&c, OD_DISPOSITION_MACHINE, 0, true);
    done(&o);
}

/* -- the next phone -------------------------------------------------------- */

/* After the last try without an answer, and not while there is another. */
static void test_retry_follow(void **state)
{
    (void)state;
    od_campaign_record c = campaign();
    for (int32_t d = 1; d < OD_DISPOSITIONS; d++) {
        bool answers = d == OD_DISPOSITION_ANSWERED ||
                       d == OD_DISPOSITION_UNFINISHED ||
                       d == OD_DISPOSITION_UNKNOWN ||
                       d == OD_DISPOSITION_SENT;
        od_outcome first = after(&c, d, 0, true);
        od_outcome last = after(&c, d, 2, true);
        assert_int_equal(last.target_state, OD_TARGET_DONE);
        assert_int_equal(last.follow, !answers);
        assert_int_equal(first.follow, !answers && first.target_state ==
                                                       OD_TARGET_DONE);
    }
    od_outcome o = after(&c, OD_DISPOSITION_NOT_FOUND, 0, true);
    assert_true(o.follow);
}

/* -- parts of the day ------------------------------------------------------ */

typedef struct places {
    od__zones *zones;
    od__place_entry entry;
} places;

static int setup_places(void **state)
{
    places *p = calloc(1, sizeof *p);
    od_errmsg errmsg;
    assert_non_null(p);
    assert_int_equal(od__zones_new(&p->zones, "/usr/share/zoneinfo",
                                   &errmsg),
                     OD_OK);
    *state = p;
    return 0;
}

static int teardown_places(void **state)
{
    places *p = *state;
    od__zones_free(p->zones);
    free(p);
    return 0;
}

static void in_zone(places *p, const char *name)
{
    od_errmsg errmsg;
    p->entry.zones[0] = od__zones_get(p->zones, name, &errmsg);
    assert_non_null(p->entry.zones[0]);
    p->entry.place.zones_len = 1;
    p->entry.zones_known = true;
}

/* Tried then, over a minute later, a delay of so much: due when? */
static void spread(const places *p, const char *tried_at, int64_t delay_s,
                   const char *due_at)
{
    od_campaign_record c = campaign();
    od_outcome o = {.disposition = OD_DISPOSITION_NO_ANSWER,
                    .reached_network = true};
    const od__tried tried = {.claimed_utc_ms = od_world_time(tried_at),
                             .place = &p->entry};
    c.retry_delay_s = (int32_t)delay_s;
    c.spread_dayparts = 1;
    od__retry(&c, &tried, tried.claimed_utc_ms + 60000, &o);
    assert_int_equal(o.target_state, OD_TARGET_READY);
    if (o.due_utc_ms != od_world_time(due_at)) {
        fail_msg("tried at %s, due at %lld, not %s", tried_at,
                 (long long)o.due_utc_ms, due_at);
    }
}

/* 15:00Z is 10:00 in New York and 7:00 in Los Angeles. */
static void test_retry_spread_over_the_day(void **state)
{
    places *p = *state;
    in_zone(p, "America/New_York");
    spread(p, "2027-01-12T15:00:00Z", 3600, "2027-01-12T17:00:00Z");
    spread(p, "2027-01-12T15:00:00Z", 7140, "2027-01-12T17:00:00Z");
    spread(p, "2027-01-12T16:58:00Z", 60, "2027-01-12T17:00:00Z");
    spread(p, "2027-01-12T16:59:00Z", 60, "2027-01-12T17:01:00Z");
    spread(p, "2027-01-12T17:00:00Z", 3600, "2027-01-12T22:00:00Z");
    spread(p, "2027-01-12T22:00:00Z", 3600, "2027-01-13T05:00:00Z");
    in_zone(p, "America/Los_Angeles");
    spread(p, "2027-01-12T15:00:00Z", 3600, "2027-01-12T20:00:00Z");
    spread(p, "2027-01-12T20:00:00Z", 3600, "2027-01-13T01:00:00Z");
    in_zone(p, "Asia/Kathmandu"); /* 5:45 east of Greenwich */
    spread(p, "2027-01-12T03:00:00Z", 3600, "2027-01-12T06:15:00Z");
}

/* The evening ends at midnight; the same part of another day is no other. */
static void test_retry_spread_over_midnight(void **state)
{
    places *p = *state;
    in_zone(p, "America/New_York");
    /* 23:58 to 0:59: the morning. */
    spread(p, "2027-01-13T04:58:00Z", 3600, "2027-01-13T05:59:00Z");
    /* 10:00, and 10:01 of the next day: not before noon. */
    spread(p, "2027-01-12T15:00:00Z", 86400, "2027-01-13T17:00:00Z");
    /* 18:00, and a day later: the midnight after it. */
    spread(p, "2027-01-12T23:00:00Z", 86400, "2027-01-14T05:00:00Z");
    /* 10:00 of the day before the clocks go on: noon is an hour earlier. */
    spread(p, "2027-03-13T15:00:00Z", 79200, "2027-03-14T16:00:00Z");
    /* Due at 1:00 of the day on which they go back: noon is an hour later. */
    spread(p, "2027-11-06T14:00:00Z", 53940, "2027-11-07T17:00:00Z");
}

/* Nothing is spread where the place is not known, or nobody was tried. */
static void test_retry_spread_not(void **state)
{
    places *p = *state;
    od_campaign_record c = campaign();
    od__tried tried = {.claimed_utc_ms = NOW - 60000};
    c.spread_dayparts = 1;
    od_outcome o =
        after_tries(&c, OD_DISPOSITION_NO_ANSWER, &tried, true);
    ready(&o, DELAY_MS);
    in_zone(p, "America/New_York");
    tried.place = &p->entry;
    o = after_tries(&c, OD_DISPOSITION_CONGESTION, &tried, false);
    ready(&o, SOON_MS);
    o = after_tries(&c, OD_DISPOSITION_NO_ANSWER, &tried, true);
    assert_true(o.due_utc_ms > NOW + DELAY_MS); /* 8:00Z: at night */
    p->entry.zones_known = false;
    o = after_tries(&c, OD_DISPOSITION_NO_ANSWER, &tried, true);
    ready(&o, DELAY_MS);
    p->entry.zones_known = true;
    c.spread_dayparts = 0;
    o = after_tries(&c, OD_DISPOSITION_NO_ANSWER, &tried, true);
    ready(&o, DELAY_MS);
}

#define PLACED(name)                                                           \
    cmocka_unit_test_setup_teardown(name, setup_places, teardown_places)

/* == texts ================================================================= */

/* What the network took is done; receipts say what became of it. */
static void test_retry_sent(void **state)
{
    (void)state;
    od_campaign_record c = campaign();
    od_outcome o = after(&c, OD_DISPOSITION_SENT, 0, true);
    assert_int_equal(o.target_state, OD_TARGET_DONE);
    assert_false(o.answered);
    assert_false(o.follow);
    assert_false(o.number_invalid);
}

static od_receipt_record receipt(const od_campaign_record *c,
                                 int32_t disposition, int32_t attempts_before,
                                 uint64_t tries)
{
    const od_message_record message = {.attempts_before = attempts_before,
                                       .tries = tries,
                                       .claimed_utc_ms = NOW - 60000};
    od_receipt_record out = {.attempt = 1,
                             .disposition = disposition,
                             .target_state = 77,
                             .due_utc_ms = 77,
                             .follow = true,
                             .number_invalid = true,
                             .utc_ms = NOW};
    od__retry_receipt(c, &message, NULL, &out);
    return out;
}

static void test_retry_receipt(void **state)
{
    (void)state;
    od_campaign_record c = campaign();
    od_receipt_record r = receipt(&c, OD_DISPOSITION_UNDELIVERED, 0, 0);
    assert_int_equal(r.target_state, OD_TARGET_READY);
    assert_true(r.due_utc_ms == NOW + (int64_t)c.retry_delay_s * 1000);
    assert_false(r.follow);
    c.retries[OD_DISPOSITION_UNDELIVERED] = (od_retry){7200, 2};
    r = receipt(&c, OD_DISPOSITION_UNDELIVERED, 0, 0);
    assert_true(r.due_utc_ms == NOW + INT64_C(7200000));
    /* One of them is behind it: this is the second. */
    r = receipt(&c, OD_DISPOSITION_UNDELIVERED, 1,
                od_tries_add(0, OD_DISPOSITION_UNDELIVERED));
    assert_int_equal(r.target_state, OD_TARGET_DONE);
    assert_true(r.follow);
    c.retries[OD_DISPOSITION_UNDELIVERED] = (od_retry){OD_NONE, 0};
    r = receipt(&c, OD_DISPOSITION_UNDELIVERED, 0, 0);
    assert_int_equal(r.target_state, OD_TARGET_DONE);
}

static void test_retry_receipt_attempts(void **state)
{
    (void)state;
    od_campaign_record c = campaign();
    od_receipt_record r =
        receipt(&c, OD_DISPOSITION_UNDELIVERED, c.attempts_max - 1, 0);
    assert_int_equal(r.target_state, OD_TARGET_DONE);
    r = receipt(&c, OD_DISPOSITION_UNDELIVERED, c.attempts_max - 2, 0);
    assert_int_equal(r.target_state, OD_TARGET_READY);
}

static void test_retry_receipt_of_no_number(void **state)
{
    (void)state;
    od_campaign_record c = campaign();
    od_receipt_record r = receipt(&c, OD_DISPOSITION_NOT_FOUND, 0, 0);
    assert_int_equal(r.target_state, OD_TARGET_DONE);
    assert_true(r.number_invalid);
    assert_true(r.follow);
}

/* Good news, and no news, change nothing. */
static void test_retry_receipt_of_others(void **state)
{
    static const int32_t others[] = {OD_DISPOSITION_NONE, OD_DISPOSITION_SENT,
                                     OD_DISPOSITION_FAILED};
    (void)state;
    od_campaign_record c = campaign();
    for (size_t i = 0; i < OD__LEN(others); i++) {
        od_receipt_record r = receipt(&c, others[i], 0, 0);
        assert_int_equal(r.target_state, OD_NONE);
        assert_int_equal(r.due_utc_ms, 0);
        assert_false(r.follow);
        assert_false(r.number_invalid);
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
        cmocka_unit_test(test_retry_unreached_ends),
        cmocka_unit_test(test_retry_given_up_while_ringing),
        cmocka_unit_test(test_retry_longest_delay),
        cmocka_unit_test(test_retry_every_case_is_sound),
        cmocka_unit_test(test_retry_delay_of_each),
        cmocka_unit_test(test_retry_congestion_in_a_second),
        cmocka_unit_test(test_retry_count_of_each),
        cmocka_unit_test(test_retry_count_within_attempts_max),
        cmocka_unit_test(test_retry_unfinished_is_answered),
        cmocka_unit_test(test_retry_machine),
        cmocka_unit_test(test_retry_follow),
        cmocka_unit_test(test_retry_sent),
        cmocka_unit_test(test_retry_receipt),
        cmocka_unit_test(test_retry_receipt_attempts),
        cmocka_unit_test(test_retry_receipt_of_no_number),
        cmocka_unit_test(test_retry_receipt_of_others),
        PLACED(test_retry_spread_over_the_day),
        PLACED(test_retry_spread_over_midnight),
        PLACED(test_retry_spread_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
