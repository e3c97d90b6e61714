/*
 * test_guard.c - when a campaign is paused for its own good: each guard below
 * its sample, at its share, and off.
 */
#include "support/stage.h"

#include "core/core.h"

#define SAMPLE 50
#define NEW_YORK UINT64_C(12125551000)
#define MIAMI UINT64_C(13055551000)

/* Every guard off but those that a test turns on. */
static od__active quiet(void)
{
    od__active active;
    memset(&active, 0, sizeof active);
    active.record.fail_stop_pct = OD_NONE;
    active.record.guards = (od_guards){SAMPLE,  OD_NONE, OD_NONE,
                                       OD_NONE, OD_NONE, OD_NONE};
    return active;
}

static od__active guard_of(int32_t fail_stop_pct)
{
    od__active active = quiet();
    active.record.fail_stop_pct = fail_stop_pct;
    return active;
}

/* Note n such outcomes; how many of them tripped. */
static int note_all(od__active *active, int n, const od_outcome *outcome)
{
    int tripped = 0;
    for (int i = 0; i < n; i++) {
        tripped += od__guard_note(active, outcome) ? 1 : 0;
    }
    return tripped;
}

static int note(od__active *active, int n, int32_t disposition)
{
    const od_outcome outcome = {.phone = NEW_YORK, .disposition = disposition};
    return note_all(active, n, &outcome);
}

static int note_at(od__active *active, int n, int32_t disposition,
                   uint64_t phone)
{
    const od_outcome outcome = {.phone = phone, .disposition = disposition};
    return note_all(active, n, &outcome);
}

static int note_talk(od__active *active, int n, int64_t talk_ms,
                     int64_t heard_ms)
{
    const od_outcome outcome = {.phone = NEW_YORK,
                                .disposition = OD_DISPOSITION_ANSWERED,
                                .answered_utc_ms = 1800000000000,
                                .talk_ms = talk_ms,
                                .heard_ms = heard_ms};
    return note_all(active, n, &outcome);
}

/* -- the share of failures ------------------------------------------------- */

static void test_guard_waits_for_fifty(void **state)
{
    (void)state;
    od__active active = guard_of(90);
    assert_int_equal(note(&active, SAMPLE - 1, OD_DISPOSITION_FAILED), 0);
    assert_false(active.guard_tripped);
    assert_int_equal(note(&active, 1, OD_DISPOSITION_FAILED), 1);
    assert_true(active.guard_tripped);
    assert_string_equal(active.guard_why,
                        "50 of the last 50 attempts failed: check the trunk "
                        "and the list");
}

static void test_guard_trips_at_the_share(void **state)
{
    (void)state;
    for (int32_t pct = 2; pct <= 100; pct += 2) {
        od__active active = guard_of(pct);
        int failing = pct / 2; /* of 50 */
        assert_int_equal(
            note(&active, SAMPLE - failing, OD_DISPOSITION_ANSWERED), 0);
        assert_int_equal(note(&active, failing - 1, OD_DISPOSITION_NOT_FOUND),
                         0);
        assert_int_equal(note(&active, 1, OD_DISPOSITION_NOT_FOUND), 1);
    }
}

static void test_guard_what_counts_as_failed(void **state)
{
    (void)state;
    for (int32_t d = 0; d < OD_DISPOSITIONS; d++) {
        od__active active = guard_of(100);
        bool fails = d == OD_DISPOSITION_NOT_FOUND ||
                     d == OD_DISPOSITION_CONGESTION ||
                     d == OD_DISPOSITION_FAILED;
        assert_int_equal(note(&active, SAMPLE, d), fails ? 1 : 0);
    }
}

/* What the host gave up says nothing of the list or the trunk. */
static void test_guard_ignores_cancelled(void **state)
{
    (void)state;
    od__active active = guard_of(100);
    assert_int_equal(note(&active, SAMPLE - 1, OD_DISPOSITION_FAILED), 0);
    assert_int_equal(note(&active, 200, OD_DISPOSITION_CANCELLED), 0);
    assert_int_equal(note(&active, 1, OD_DISPOSITION_FAILED), 1);
}

static void test_guard_forgets_the_fifty_first(void **state)
{
    (void)state;
    od__active active = guard_of(50);
    assert_int_equal(note(&active, 24, OD_DISPOSITION_FAILED), 0);
    assert_int_equal(note(&active, 26, OD_DISPOSITION_BUSY), 0);
    /* Each further failure pushes an old one out. */
    assert_int_equal(note(&active, 24, OD_DISPOSITION_FAILED), 0);
    /* So do those who answer, with the good ones before. */
    assert_int_equal(note(&active, 26, OD_DISPOSITION_ANSWERED), 0);
    assert_int_equal(note(&active, 24, OD_DISPOSITION_FAILED), 0);
    assert_int_equal(note(&active, 1, OD_DISPOSITION_FAILED), 1);
}

/* Once it tripped it stays so, until the campaign was paused. */
static void test_guard_stays_tripped_until_cleared(void **state)
{
    (void)state;
    od__active active = guard_of(100);
    assert_int_equal(note(&active, SAMPLE, OD_DISPOSITION_FAILED), 1);
    char why[sizeof active.guard_why];
    memcpy(why, active.guard_why, sizeof why);
    assert_int_equal(note(&active, 60, OD_DISPOSITION_ANSWERED), 60);
    assert_string_equal(active.guard_why, why);
    od__guard_clear(&active);
    assert_false(active.guard_tripped);
    assert_int_equal(note(&active, SAMPLE - 1, OD_DISPOSITION_FAILED), 0);
    assert_int_equal(note(&active, 1, OD_DISPOSITION_FAILED), 1);
}

/* The host may ask for another sample while the campaign runs. */
static void test_guard_sample_is_changed(void **state)
{
    (void)state;
    od__active active = guard_of(100);
    active.record.guards.sample = 250;
    assert_int_equal(note(&active, 249, OD_DISPOSITION_FAILED), 0);
    active.record.guards.sample = 20;
    assert_int_equal(note(&active, 1, OD_DISPOSITION_FAILED), 1);
    assert_int_equal(active.guard_attempts.len, 20);
    assert_non_null(strstr(active.guard_why, "20 of the last 20 "));
    od__guard_clear(&active);
    active.record.guards.sample = 250;
    assert_int_equal(note(&active, 249, OD_DISPOSITION_FAILED), 0);
    assert_int_equal(note(&active, 1, OD_DISPOSITION_FAILED), 1);
}

static void test_guard_never_when_told(void **state)
{
    (void)state;
    od__active active = quiet();
    assert_int_equal(note(&active, 1000, OD_DISPOSITION_FAILED), 0);
    assert_int_equal(note_talk(&active, 1000, 0, 0), 0);
    assert_int_equal(note_talk(&active, 1000, 60000, 0), 0);
}

/* -- a prefix -------------------------------------------------------------- */

static void test_guard_prefix(void **state)
{
    (void)state;
    od__active active = quiet();
    active.record.guards.prefix_max = 950;
    assert_int_equal(note_at(&active, 1, OD_DISPOSITION_ANSWERED, MIAMI), 0);
    assert_int_equal(note_at(&active, 1, OD_DISPOSITION_BUSY, NEW_YORK), 0);
    assert_int_equal(note_at(&active, 18, OD_DISPOSITION_FAILED, NEW_YORK), 0);
    /* With this one 19 of 20 failed: the share. */
    assert_int_equal(note_at(&active, 1, OD_DISPOSITION_FAILED, NEW_YORK + 9),
                     1);
    assert_string_equal(active.guard_why,
                        "19 of the last 20 calls to +1212 failed: the trunk "
                        "may not reach it");
}

static void test_guard_prefix_below_the_share(void **state)
{
    (void)state;
    od__active active = quiet();
    active.record.guards.prefix_max = 951;
    assert_int_equal(note_at(&active, 1, OD_DISPOSITION_ANSWERED, MIAMI), 0);
    assert_int_equal(note_at(&active, 1, OD_DISPOSITION_BUSY, NEW_YORK), 0);
    assert_int_equal(note_at(&active, 19, OD_DISPOSITION_FAILED, NEW_YORK), 0);
    assert_int_equal(note_at(&active, 1, OD_DISPOSITION_FAILED, NEW_YORK), 1);
}

/* Calls elsewhere do not matter, few calls say nothing. */
static void test_guard_prefix_needs_twenty_calls(void **state)
{
    (void)state;
    od__active active = quiet();
    active.record.guards.prefix_max = 1;
    assert_int_equal(note_at(&active, 19, OD_DISPOSITION_FAILED, NEW_YORK), 0);
    assert_int_equal(note_at(&active, 19, OD_DISPOSITION_FAILED, MIAMI), 0);
    assert_int_equal(note_at(&active, 1, OD_DISPOSITION_FAILED, MIAMI), 1);
    assert_non_null(strstr(active.guard_why, "+1305"));
}

/* Then it is the business of the share of failures. */
static void test_guard_prefix_not_of_the_whole_list(void **state)
{
    (void)state;
    od__active active = quiet();
    active.record.guards.prefix_max = 950;
    assert_int_equal(note_at(&active, 500, OD_DISPOSITION_FAILED, NEW_YORK),
                     0);
    active = quiet();
    active.record.guards.prefix_max = OD_NONE;
    assert_int_equal(note_at(&active, 1, OD_DISPOSITION_ANSWERED, MIAMI), 0);
    assert_int_equal(note_at(&active, 48, OD_DISPOSITION_FAILED, NEW_YORK), 0);
}

/* -- answered calls -------------------------------------------------------- */

/* More than `most` of 50 with this talk and audio trip the guard at `offset`;
 * so many do not, nor does anything before the sample is full. */
static void trips_above(size_t offset, int32_t limit, int most, int64_t talk_ms,
                        int64_t heard_ms, const char *why)
{
    od__active active = quiet();
    memcpy((char *)&active.record.guards + offset, &limit, sizeof limit);
    assert_int_equal(note_talk(&active, most, talk_ms, heard_ms), 0);
    assert_int_equal(note_talk(&active, SAMPLE - most, 60000, 60000), 0);
    /* The old ones go as new ones come. */
    assert_int_equal(note_talk(&active, most, talk_ms, heard_ms), 0);
    assert_int_equal(note_talk(&active, 1, talk_ms, heard_ms), 1);
    char text[192];
    (void)snprintf(text, sizeof text, "%d of the last 50 answered calls %s",
                   most + 1, why);
    assert_string_equal(active.guard_why, text);

    active = quiet();
    memcpy((char *)&active.record.guards + offset, &limit, sizeof limit);
    assert_int_equal(note_talk(&active, SAMPLE - 1, talk_ms, heard_ms), 0);
    /* Attempts without an answer do not fill the sample. */
    assert_int_equal(note(&active, 200, OD_DISPOSITION_NO_ANSWER), 0);
    assert_int_equal(note_talk(&active, 1, talk_ms, heard_ms), 1);

    limit = OD_NONE;
    active = quiet();
    memcpy((char *)&active.record.guards + offset, &limit, sizeof limit);
    assert_int_equal(note_talk(&active, 200, talk_ms, heard_ms), 0);
}

static void test_guard_answered_calls(void **state)
{
    (void)state;
    trips_above(offsetof(od_guards, short_max), 300, 15, 999, 900,
                "were over within a second: the trunk may answer what nobody "
                "answered");
    trips_above(offsetof(od_guards, abandon_max), 30, 1, 2000, 0,
                "had no audio within 2 s of the answer: check the media path");
    trips_above(offsetof(od_guards, brief_max), 500, 25, 6000, 6000,
                "were over within 6 s: carriers charge extra for them");
}

/* What just passes. */
static void test_guard_answered_calls_that_are_fine(void **state)
{
    (void)state;
    od__active active = quiet();
    active.record.guards.short_max = 1;
    active.record.guards.abandon_max = 1;
    assert_int_equal(note_talk(&active, 100, 1000, 1), 0);
    assert_int_equal(note_talk(&active, 100, 1999, 0), 0);
    active = quiet();
    active.record.guards.brief_max = 1;
    assert_int_equal(note_talk(&active, 100, 6001, 1), 0);
}

/* -- in a campaign --------------------------------------------------------- */

/* Until the first prompt, of 2 s, was heard; then the host resumes. */
static void test_guard_unheard_pauses(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_campaign now;
    stage_people(s, 60);
    stage_far_all(s, 60, "ring 1s answer wait 1500ms hangup");
    stage_options(s, &o, "unheard");
    o.concurrent_max = 1;
    o.guards.sample = 20;
    o.guards.unheard_max = 500;
    od_id id = stage_go(s, &o);
    assert_true(od_world_run_to_state(&s->world, id, OD_CAMPAIGN_PAUSED,
                                      STAGE_HOUR));
    assert_int_equal(stage_calls(s, id, NULL), 20);
    stage_ok(s, od_campaign_get(s->engine, id, &now));
    assert_string_equal(now.state_text,
                        "20 of the last 20 answered calls were over before the "
                        "first prompt was: check the prompt and the list");
    stage_far_all(s, 60, "ring 1s answer wait 2500ms hangup");
    stage_ok(s, od_campaign_resume(s->engine, id));
    assert_true(od_world_run_to_state(&s->world, id, OD_CAMPAIGN_COMPLETED,
                                      STAGE_HOUR));
    assert_int_equal(stage_calls(s, id, NULL), 60);
}

/* The defaults catch a trunk that answers what nobody answered. */
static void test_guard_false_answers_pause(void **state)
{
    od_stage *s = *state;
    stage_people(s, 200);
    stage_far_all(s, 200, "ring 1s answer wait 500ms hangup");
    od_id id = stage_go(s, NULL);
    assert_true(od_world_run_to_state(&s->world, id, OD_CAMPAIGN_PAUSED,
                                      STAGE_HOUR));
    assert_in_range(stage_calls(s, id, NULL), 50, 60);
}

#define STAGED(name)                                                           \
    cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guard_waits_for_fifty),
        cmocka_unit_test(test_guard_trips_at_the_share),
        cmocka_unit_test(test_guard_what_counts_as_failed),
        cmocka_unit_test(test_guard_ignores_cancelled),
        cmocka_unit_test(test_guard_forgets_the_fifty_first),
        cmocka_unit_test(test_guard_stays_tripped_until_cleared),
        cmocka_unit_test(test_guard_sample_is_changed),
        cmocka_unit_test(test_guard_never_when_told),
        cmocka_unit_test(test_guard_prefix),
        cmocka_unit_test(test_guard_prefix_below_the_share),
        cmocka_unit_test(test_guard_prefix_needs_twenty_calls),
        cmocka_unit_test(test_guard_prefix_not_of_the_whole_list),
        cmocka_unit_test(test_guard_answered_calls),
        cmocka_unit_test(test_guard_answered_calls_that_are_fine),
        STAGED(test_guard_unheard_pauses),
        STAGED(test_guard_false_answers_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
