/*
 * test_tally.c - how counters follow targets and attempts, and the small
 * questions that every storage answers in the same words.
 */
#include "support/test.h"

#include "storage/tally.h"

static void assert_adds_up(const od_counters *sums)
{
    int64_t blocked = 0;
    int64_t done = 0;
    for (size_t i = 0; i < OD_REASONS; i++) {
        blocked += sums->blocked_by[i];
    }
    for (size_t i = 0; i < OD_DISPOSITIONS; i++) {
        done += sums->done_by[i];
    }
    assert_int_equal(sums->blocked, blocked);
    assert_int_equal(sums->done, done);
    assert_int_equal(sums->targets,
                     sums->ready + sums->flight + sums->done + sums->blocked);
}

static void test_tally_follows_a_target(void **state)
{
    (void)state;
    static const od__standing life[] = {
        {OD_TARGET_READY, OD_REASON_NONE, OD_DISPOSITION_NONE},
        {OD_TARGET_BLOCKED, OD_REASON_DNC, OD_DISPOSITION_NONE},
        {OD_TARGET_READY, OD_REASON_NONE, OD_DISPOSITION_NONE},
        {OD_TARGET_FLIGHT, OD_REASON_NONE, OD_DISPOSITION_NONE},
        {OD_TARGET_READY, OD_REASON_NONE, OD_DISPOSITION_BUSY},
        {OD_TARGET_FLIGHT, OD_REASON_NONE, OD_DISPOSITION_BUSY},
        {OD_TARGET_DONE, OD_REASON_NONE, OD_DISPOSITION_ANSWERED},
    };
    od_counters sums = {0};
    od__tally_enter(&sums, &life[0]);
    assert_int_equal(sums.ready, 1);
    for (size_t i = 1; i < OD__LEN(life); i++) {
        od__tally_move(&sums, &life[i - 1], &life[i]);
        assert_adds_up(&sums);
        assert_int_equal(sums.targets, 1);
    }
    assert_int_equal(sums.done_by[OD_DISPOSITION_ANSWERED], 1);
    od__tally_leave(&sums, &life[OD__LEN(life) - 1]);
    static const od_counters zero;
    assert_memory_equal(&sums, &zero, sizeof sums);
}

static void test_tally_counts_ends(void **state)
{
    (void)state;
    od_counters sums = {0};
    od_outcome outcome = {.disposition = OD_DISPOSITION_ANSWERED,
                          .talk_ms = 4000,
                          .survey_done = true};
    od__tally_end(&sums, &outcome);
    outcome = (od_outcome){.disposition = OD_DISPOSITION_BUSY};
    od__tally_end(&sums, &outcome);
    od__tally_end(&sums, &outcome);
    od__tally_opt_out(&sums);
    assert_int_equal(sums.attempts_by[OD_DISPOSITION_ANSWERED], 1);
    assert_int_equal(sums.attempts_by[OD_DISPOSITION_BUSY], 2);
    assert_int_equal(sums.talk_ms, 4000);
    assert_int_equal(sums.surveys_done, 1);
    assert_int_equal(sums.opted_out, 1);
}

static void test_tally_counts_texts(void **state)
{
    (void)state;
    od_counters sums = {0};
    od__tally_text(&sums, OD_DELIVERY_ACCEPTED, 3);
    od__tally_text(&sums, OD_DELIVERY_DELIVERED, 2);
    od__tally_text(&sums, OD_DELIVERY_NONE, 9); /* none was billed */
    od__tally_delivery(&sums, OD_DELIVERY_ACCEPTED, OD_DELIVERY_FAILED);
    od__tally_reply(&sums);
    assert_int_equal(sums.delivery_by[OD_DELIVERY_NONE], 1);
    assert_int_equal(sums.delivery_by[OD_DELIVERY_ACCEPTED], 0);
    assert_int_equal(sums.delivery_by[OD_DELIVERY_DELIVERED], 1);
    assert_int_equal(sums.delivery_by[OD_DELIVERY_FAILED], 1);
    assert_int_equal(sums.segments, 5);
    assert_int_equal(sums.replies, 1);
}

static void test_tally_counts_calls_of_a_minute(void **state)
{
    (void)state;
    static const struct {
        int64_t utc_ms;
        int64_t calls;
        int64_t before;
    } cases[] = {
        {600000, 1, 0},  {659999, 2, 0}, {660000, 1, 2}, {780000, 1, 0},
        {780001, 2, 0},  {840000, 1, 2}, {600000, 1, 0}, /* clock set back */
    };
    od_counters sums = {0};
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od__tally_claim(&sums, cases[i].utc_ms);
        assert_int_equal(sums.minute, cases[i].utc_ms / 60000);
        assert_int_equal(sums.minute_calls, cases[i].calls);
        assert_int_equal(sums.minute_calls_before, cases[i].before);
    }
}

static void test_tally_survives_values_it_does_not_know(void **state)
{
    (void)state;
    static const int32_t values[] = {-1, OD_REASONS, INT32_MAX, INT32_MIN};
    od_counters sums = {0};
    for (size_t i = 0; i < OD__LEN(values); i++) {
        od__standing blocked = {OD_TARGET_BLOCKED, values[i], 0};
        od__standing done = {OD_TARGET_DONE, 0, values[i]};
        od__standing odd = {values[i], values[i], values[i]};
        od_outcome outcome = {.disposition = values[i]};
        od__tally_enter(&sums, &blocked);
        od__tally_enter(&sums, &done);
        od__tally_enter(&sums, &odd);
        od__tally_end(&sums, &outcome);
        od__tally_text(&sums, values[i], 0);
        od__tally_delivery(&sums, values[i], values[i] - (values[i] > 0));
    }
    assert_int_equal(sums.blocked, 4);
    assert_int_equal(sums.done, 4);
    assert_int_equal(sums.targets, 12);
}

static void test_target_revives(void **state)
{
    (void)state;
    static const struct {
        od_candidate target;
        int32_t below;
        bool revives;
    } cases[] = {
        {{.state = OD_TARGET_READY}, 3, false},
        {{.state = OD_TARGET_FLIGHT}, 3, false},
        {{.state = OD_TARGET_DONE, .attempts = 2}, 3, true},
        {{.state = OD_TARGET_DONE, .attempts = 3}, 3, false},
        {{.state = OD_TARGET_DONE, .attempts = 0}, 0, false},
        {{.state = OD_TARGET_DONE,
          .disposition = OD_DISPOSITION_ANSWERED},
         3,
         false},
        {{.state = OD_TARGET_DONE, .disposition = OD_DISPOSITION_SENT},
         3,
         false},
        {{.state = OD_TARGET_DONE, .disposition = OD_DISPOSITION_UNDELIVERED},
         3,
         true},
        {{.state = OD_TARGET_BLOCKED, .reason = OD_REASON_NEVER_OPEN},
         0,
         true},
        {{.state = OD_TARGET_BLOCKED, .reason = OD_REASON_CONSENT}, 0, true},
        {{.state = OD_TARGET_BLOCKED, .reason = OD_REASON_DNC}, 3, false},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        assert_int_equal(od__target_revives(&cases[i].target, cases[i].below),
                         cases[i].revives);
    }
}

static void test_target_spread(void **state)
{
    (void)state;
    int64_t seen = 0;
    for (uint64_t phone = 15551230000u; phone < 15551230200u; phone++) {
        int64_t spread = od__target_due_ms(1000, phone) - 1000;
        assert_true(spread >= 0 && spread < 64);
        seen |= INT64_C(1) << (spread % 63);
    }
    assert_true(seen > 0xffff);
    assert_int_equal(od__target_lane(7, 0), od_lane_of(7, false));
    assert_int_equal(od__target_lane(7, 2), od_lane_of(7, true));
}

static void test_target_calls_back(void **state)
{
    (void)state;
    assert_true(od__target_calls_back(OD_TARGET_READY, OD_REASON_NONE));
    assert_true(od__target_calls_back(OD_TARGET_DONE, OD_REASON_NONE));
    assert_false(od__target_calls_back(OD_TARGET_FLIGHT, OD_REASON_NONE));
    assert_true(
        od__target_calls_back(OD_TARGET_BLOCKED, OD_REASON_RULE_BAN));
    assert_false(od__target_calls_back(OD_TARGET_BLOCKED, OD_REASON_DNC));
    assert_false(od__target_calls_back(99, OD_REASON_RULE_BAN));
}

static void test_phone_after(void **state)
{
    (void)state;
    static const struct {
        uint64_t phone;
        uint64_t more[OD_PHONES_MORE];
        uint64_t next;
        int32_t place;
    } cases[] = {
        {1, {2, 3}, 2, 20}, {2, {2, 3}, 3, 30}, {3, {2, 3}, 0, 77},
        {1, {0, 3}, 3, 30}, {1, {0, 0}, 0, 77}, {2, {2, 0}, 0, 77},
        {9, {2, 3}, 0, 77}, /* not one of the contact's */
        {0, {0, 3}, 3, 30}, /* 0 stands in a gap only */
        {1, {1, 3}, 3, 30}, /* the same again: once is enough */
    };
    static const int32_t places[OD_PHONES_MORE] = {20, 30};
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        int32_t place = 77;
        assert_int_equal(od__phone_after(cases[i].phone, 1, cases[i].more,
                                         places, &place),
                         cases[i].next);
        assert_int_equal(place, cases[i].place);
    }
}

/* == entries ============================================================== */

static void test_dnc_expiry(void **state)
{
    (void)state;
    assert_true(od__dnc_in_force(0, INT64_MAX));
    assert_true(od__dnc_in_force(1000, 999));
    assert_false(od__dnc_in_force(1000, 1000));
    assert_true(od__dnc_prolongs(1000, 1001));
    assert_true(od__dnc_prolongs(1000, 0));
    assert_false(od__dnc_prolongs(1000, 1000));
    assert_false(od__dnc_prolongs(1000, 999));
    assert_false(od__dnc_prolongs(0, 1000));
    assert_false(od__dnc_prolongs(0, 0));
}

static void test_dnc_forbids_by_channel(void **state)
{
    (void)state;
    static const struct {
        int32_t scope;
        od_id of;
        od_id campaign;
        bool voice;
        bool text;
    } cases[] = {
        {OD_DNC_ALL, 0, 0, true, true},
        {OD_DNC_VOICE, 0, 7, true, false},
        {OD_DNC_TEXT, 0, 7, false, true},
        {OD_DNC_CAMPAIGN, 7, 7, true, true},
        {OD_DNC_CAMPAIGN, 7, 8, false, false},
        {OD_DNC_CAMPAIGN, 0, 0, false, false},
        {99, 0, 7, false, false},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        assert_int_equal(od__dnc_forbids(cases[i].scope, cases[i].of,
                                         OD_CHANNEL_VOICE, cases[i].campaign),
                         cases[i].voice);
        assert_int_equal(od__dnc_forbids(cases[i].scope, cases[i].of,
                                         OD_CHANNEL_TEXT, cases[i].campaign),
                         cases[i].text);
        assert_int_equal(od__dnc_forbids(cases[i].scope, cases[i].of, 99,
                                         cases[i].campaign),
                         cases[i].voice);
    }
}

static void test_dnc_revokes_and_blocks(void **state)
{
    (void)state;
    static const struct {
        od_dnc_record row;
        bool revokes;
        bool blocks;
    } cases[] = {
        {{.scope = OD_DNC_ALL}, true, true},
        {{.scope = OD_DNC_VOICE}, true, true},
        {{.scope = OD_DNC_TEXT}, false, true}, /* what it forbids: texts */
        {{.scope = OD_DNC_CAMPAIGN, .campaign = 3}, false, true},
        {{.scope = OD_DNC_ALL, .expires_utc_ms = 5}, true, false},
        {{.scope = OD_DNC_ALL, .prefix = true}, false, false},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        assert_int_equal(od__dnc_revokes(&cases[i].row), cases[i].revokes);
        assert_int_equal(od__dnc_blocks(&cases[i].row), cases[i].blocks);
    }
}

static void test_dnc_note_is_the_latest(void **state)
{
    (void)state;
    od_candidate facts = {0};
    od__dnc_note(&facts, 500);
    assert_true(facts.dnc);
    assert_int_equal(facts.dnc_until_utc_ms, 500);
    od__dnc_note(&facts, 400);
    assert_int_equal(facts.dnc_until_utc_ms, 500);
    od__dnc_note(&facts, 600);
    assert_int_equal(facts.dnc_until_utc_ms, 600);
    od__dnc_note(&facts, 0);
    assert_int_equal(facts.dnc_until_utc_ms, 0);
    od__dnc_note(&facts, 700); /* for ever is later than any instant */
    assert_true(facts.dnc);
    assert_int_equal(facts.dnc_until_utc_ms, 0);
}

/* == consents and calls =================================================== */

static void test_consent_note_by_kind(void **state)
{
    (void)state;
    od_consents facts = {0};
    od__consent_note(&facts, OD_CONSENT_EXPRESS, OD_PURPOSE_SURVEY, 1);
    od__consent_note(&facts, OD_CONSENT_WRITTEN, OD_PURPOSE_EMERGENCY, 2);
    od__consent_note(&facts, OD_CONSENT_PURCHASE, 0, 50);
    od__consent_note(&facts, OD_CONSENT_PURCHASE, 0, 40);
    od__consent_note(&facts, OD_CONSENT_INQUIRY, 99, 60);
    assert_int_equal(facts.express, 1 << OD_PURPOSE_SURVEY);
    assert_int_equal(facts.written, 1 << OD_PURPOSE_EMERGENCY);
    assert_int_equal(facts.purchased_utc_ms, 50);
    assert_int_equal(facts.inquired_utc_ms, 60);
    const od_consents before = facts;
    static const int32_t odd[] = {-1, 0, OD_CONSENT_KINDS, 99, INT32_MIN};
    for (size_t i = 0; i < OD__LEN(odd); i++) {
        od__consent_note(&facts, odd[i], 1, INT64_MAX);
    }
    static const int32_t purposes[] = {-1, OD_PURPOSES, 32, INT32_MAX};
    for (size_t i = 0; i < OD__LEN(purposes); i++) {
        od__consent_note(&facts, OD_CONSENT_EXPRESS, purposes[i], 1);
        od__consent_note(&facts, OD_CONSENT_WRITTEN, purposes[i], 1);
    }
    assert_memory_equal(&facts, &before, sizeof facts);
}

static void test_recent_add_keeps_the_last(void **state)
{
    (void)state;
    od_candidate facts = {0};
    for (int64_t i = 1; i <= 20; i++) {
        od__recent_add(&facts, i * 1000, i);
        int64_t len = i < OD_RECENT_MAX ? i : OD_RECENT_MAX;
        assert_int_equal(facts.recent_len, len);
        for (int64_t k = 0; k < len; k++) {
            assert_int_equal(facts.recent[k].utc_ms, (i - k) * 1000);
            assert_int_equal(facts.recent[k].campaign, i - k);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tally_follows_a_target),
        cmocka_unit_test(test_tally_counts_ends),
        cmocka_unit_test(test_tally_counts_texts),
        cmocka_unit_test(test_tally_counts_calls_of_a_minute),
        cmocka_unit_test(test_tally_survives_values_it_does_not_know),
        cmocka_unit_test(test_target_revives),
        cmocka_unit_test(test_target_spread),
        cmocka_unit_test(test_target_calls_back),
        cmocka_unit_test(test_phone_after),
        cmocka_unit_test(test_dnc_expiry),
        cmocka_unit_test(test_dnc_forbids_by_channel),
        cmocka_unit_test(test_dnc_revokes_and_blocks),
        cmocka_unit_test(test_dnc_note_is_the_latest),
        cmocka_unit_test(test_consent_note_by_kind),
        cmocka_unit_test(test_recent_add_keeps_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
