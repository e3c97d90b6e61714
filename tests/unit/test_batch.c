/*
 * test_batch.c - what gathers in a step, and the exchange made of it.
 */
#include "support/test.h"

#include "core/core.h"

static int setup(void **state)
{
    *state = calloc(1, sizeof(od__batch));
    assert_non_null(*state);
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void test_batch_room_is_that_of_the_fullest(void **state)
{
    od__batch *batch = *state;
    size_t *lens[] = {&batch->answered_len, &batch->answers_len,
                      &batch->outcomes_len, &batch->dnc_len,
                      &batch->releases_len, &batch->receipts_len,
                      &batch->replies_len, &batch->acts_len};
    assert_int_equal(od__batch_room(batch), OD__BATCH_ROWS);
    for (size_t i = 0; i < OD__LEN(lens); i++) {
        *lens[i] = 10 * (i + 1);
        assert_int_equal(od__batch_room(batch),
                         OD__BATCH_ROWS - 10 * (i + 1));
    }
    for (size_t i = 0; i < OD__LEN(lens); i++) {
        *lens[i] = OD__BATCH_ROWS;
        assert_int_equal(od__batch_room(batch), 0);
        *lens[i] = 0;
    }
}

static void test_batch_empty_and_clear(void **state)
{
    od__batch *batch = *state;
    size_t *lens[] = {&batch->answered_len, &batch->answers_len,
                      &batch->outcomes_len, &batch->dnc_len,
                      &batch->releases_len, &batch->receipts_len,
                      &batch->replies_len};
    assert_true(od__batch_is_empty(batch));
    for (size_t i = 0; i < OD__LEN(lens); i++) {
        *lens[i] = 1;
        assert_false(od__batch_is_empty(batch));
        *lens[i] = 0;
    }
    /* Acts follow a commit; they are nothing to commit, and outlive it. */
    batch->acts_len = 3;
    assert_true(od__batch_is_empty(batch));
    for (size_t i = 0; i < OD__LEN(lens); i++) {
        *lens[i] = 2;
    }
    od__batch_clear(batch);
    assert_true(od__batch_is_empty(batch));
    assert_int_equal(batch->acts_len, 3);
}

/* Ledger rows stand in the order that an exchange wants: dnc, answers,
 * outcomes, releases, receipts, replies; each beside its row. */
static void test_batch_exchange(void **state)
{
    od__batch *batch = *state;
    od_exchange x;
    static const od_id subjects[] = {11, 12, 21, 22, 23, 31,
                                     41, 51, 52, 61};
    batch->dnc_len = 2;
    batch->answers_len = 3;
    batch->outcomes_len = 1;
    batch->answered_len = 4;
    batch->releases_len = 1;
    batch->receipts_len = 2;
    batch->replies_len = 1;
    for (size_t i = 0; i < 3; i++) {
        batch->dnc_pages.entries[i].subject = 11 + (od_id)i;
        batch->answers_pages.entries[i].subject = 21 + (od_id)i;
        batch->outcomes_pages.entries[i].subject = 31 + (od_id)i;
        batch->releases_pages.entries[i].subject = 41 + (od_id)i;
        batch->receipts_pages.entries[i].subject = 51 + (od_id)i;
        batch->replies_pages.entries[i].subject = 61 + (od_id)i;
    }
    memset(&x, 0x5a, sizeof x);
    od__batch_exchange(batch, 99, &x);
    assert_int_equal(x.utc_ms, 99);
    assert_ptr_equal(x.dnc, batch->dnc);
    assert_ptr_equal(x.answers, batch->answers);
    assert_ptr_equal(x.outcomes, batch->outcomes);
    assert_ptr_equal(x.answered, batch->answered);
    assert_ptr_equal(x.releases, batch->releases);
    assert_ptr_equal(x.receipts, batch->receipts);
    assert_ptr_equal(x.replies, batch->replies);
    assert_int_equal(x.releases_len, 1);
    assert_int_equal(x.receipts_len, 2);
    assert_int_equal(x.replies_len, 1);
    assert_int_equal(x.notices_len, 0);
    assert_int_equal(x.dnc_len, 2);
    assert_int_equal(x.answers_len, 3);
    assert_int_equal(x.outcomes_len, 1);
    assert_int_equal(x.answered_len, 4);
    assert_int_equal(x.ledger_len, OD__LEN(subjects));
    for (size_t i = 0; i < OD__LEN(subjects); i++) {
        assert_int_equal(x.ledger[i].subject, subjects[i]);
    }
    assert_int_equal(x.lanes_len, 0);
    assert_null(x.judge);
}

static void test_batch_exchange_when_full(void **state)
{
    od__batch *batch = *state;
    od_exchange x;
    batch->dnc_len = OD__BATCH_ROWS;
    batch->answers_len = OD__BATCH_ROWS;
    batch->outcomes_len = OD__BATCH_ROWS;
    batch->releases_len = OD__BATCH_ROWS;
    batch->receipts_len = OD__BATCH_ROWS;
    batch->replies_len = OD__BATCH_ROWS;
    batch->replies_pages.entries[OD__BATCH_ROWS - 1].subject = 5;
    od__batch_exchange(batch, 1, &x);
    assert_int_equal(x.ledger_len, 6 * OD__BATCH_ROWS);
    assert_int_equal(x.ledger[6 * OD__BATCH_ROWS - 1].subject, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_batch_room_is_that_of_the_fullest,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_batch_empty_and_clear, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_batch_exchange, setup, teardown),
        cmocka_unit_test_setup_teardown(test_batch_exchange_when_full, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
