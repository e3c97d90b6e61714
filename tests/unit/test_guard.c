/*
 * test_guard.c - when too many of the last fifty attempts failed.
 */
#include "support/test.h"

#include "core/core.h"

#define SAMPLE 50

static od__active guard_of(int32_t fail_stop_pct)
{
    od__active active;
    memset(&active, 0, sizeof active);
    active.record.fail_stop_pct = fail_stop_pct;
    return active;
}

/* Note n outcomes; how many of them tripped. */
static int note(od__active *active, int n, int32_t disposition)
{
    int tripped = 0;
    for (int i = 0; i < n; i++) {
        tripped += od__guard_note(active, disposition) ? 1 : 0;
    }
    return tripped;
}

static void test_guard_waits_for_fifty(void **state)
{
    (void)state;
    od__active active = guard_of(90);
    assert_int_equal(note(&active, SAMPLE - 1, OD_DISPOSITION_FAILED), 0);
    assert_int_equal(note(&active, 1, OD_DISPOSITION_FAILED), 1);
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
    assert_int_equal(note(&active, 1, OD_DISPOSITION_FAILED), 1);
    /* 25 good ones push out the good ones before, then the failures go. */
    assert_int_equal(note(&active, 100, OD_DISPOSITION_ANSWERED), 25);
}

static void test_guard_never_when_told(void **state)
{
    (void)state;
    od__active active = guard_of(OD_NONE);
    assert_int_equal(note(&active, 1000, OD_DISPOSITION_FAILED), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guard_waits_for_fifty),
        cmocka_unit_test(test_guard_trips_at_the_share),
        cmocka_unit_test(test_guard_what_counts_as_failed),
        cmocka_unit_test(test_guard_ignores_cancelled),
        cmocka_unit_test(test_guard_forgets_the_fifty_first),
        cmocka_unit_test(test_guard_never_when_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
