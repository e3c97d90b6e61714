/*
 * test_receipt.c - what the end of an attempt, and a receipt, make of a text.
 */
#include "support/test.h"

#include "storage/storage.h"

static od_message_record sent_text(int32_t parts)
{
    od_message_record text = {.disposition = OD_DISPOSITION_SENT,
                              .delivery = OD_DELIVERY_ACCEPTED,
                              .delivery_utc_ms = 100,
                              .open_until_utc_ms = 900,
                              .parts_len = parts};
    for (int32_t i = 0; i < parts; i++) {
        text.parts[i] = OD_DELIVERY_ACCEPTED;
    }
    return text;
}

static od_receipt_record receipt(int32_t part, int32_t delivery)
{
    return (od_receipt_record){.part = part,
                               .delivery = delivery,
                               .disposition = OD_DISPOSITION_UNDELIVERED,
                               .target_state = OD_NONE,
                               .utc_ms = 500};
}

static void test_message_end_of_what_was_sent(void **state)
{
    (void)state;
    static const char *const ids[] = {"a", "b"};
    const od_sent sent = {.delivery = OD_DELIVERY_ACCEPTED,
                          .network_ids_len = 2,
                          .network_ids = ids,
                          .open_until_utc_ms = 900};
    const od_outcome outcome = {.disposition = OD_DISPOSITION_SENT,
                                .sip_status = 202,
                                .ended_utc_ms = 100,
                                .sent = &sent};
    od_message_record text = {0};
    od__message_end(&text, &outcome);
    od_message_record want = sent_text(2);
    want.status = 202;
    want.ended_utc_ms = 100;
    assert_memory_equal(&text, &want, sizeof text);
}

/* What was delivered at once is not waited for. */
static void test_message_end_delivered(void **state)
{
    (void)state;
    static const char *const ids[] = {""};
    const od_sent sent = {.delivery = OD_DELIVERY_DELIVERED,
                          .network_ids_len = 1,
                          .network_ids = ids,
                          .open_until_utc_ms = 900};
    const od_outcome outcome = {.disposition = OD_DISPOSITION_SENT,
                                .ended_utc_ms = 100,
                                .sent = &sent};
    od_message_record text = {0};
    od__message_end(&text, &outcome);
    assert_int_equal(text.delivery, OD_DELIVERY_DELIVERED);
    assert_int_equal(text.open_until_utc_ms, 0);
}

static void test_message_end_of_what_was_refused(void **state)
{
    (void)state;
    const od_outcome outcome = {.disposition = OD_DISPOSITION_CONGESTION,
                                .sip_status = 0x58,
                                .fault = OD_ERR_IO,
                                .ended_utc_ms = 100};
    od_message_record text = {0};
    od__message_end(&text, &outcome);
    const od_message_record want = {.disposition = OD_DISPOSITION_CONGESTION,
                                    .status = 0x58,
                                    .fault = OD_ERR_IO,
                                    .ended_utc_ms = 100};
    assert_memory_equal(&text, &want, sizeof text);
}

/* Every delivery after every other: only a higher rank is believed. */
static void test_message_receive_by_rank(void **state)
{
    (void)state;
    static const int32_t ranks[OD_DELIVERIES] = {0, 1, 2, 5, 4, 4, 3};
    for (int32_t had = OD_DELIVERY_ACCEPTED; had < OD_DELIVERIES; had++) {
        for (int32_t got = -2; got < OD_DELIVERIES + 2; got++) {
            od_message_record text = sent_text(1);
            text.parts[0] = (uint8_t)had;
            text.delivery = had;
            const od_message_record before = text;
            const od_receipt_record row = receipt(0, got);
            bool known = got >= 0 && got < OD_DELIVERIES;
            bool rises = known && ranks[got] > ranks[had];
            assert_int_equal(od__message_receive(&text, &row), rises);
            if (!rises) {
                assert_memory_equal(&text, &before, sizeof text);
                continue;
            }
            bool open = got == OD_DELIVERY_SENT;
            bool lost = got == OD_DELIVERY_FAILED ||
                        got == OD_DELIVERY_EXPIRED;
            assert_int_equal(text.delivery, got);
            assert_int_equal(text.delivery_utc_ms, 500);
            assert_int_equal(text.open_until_utc_ms, open ? 900 : 0);
            assert_int_equal(text.disposition,
                             lost ? OD_DISPOSITION_UNDELIVERED
                                  : OD_DISPOSITION_SENT);
        }
    }
}

static void test_message_receive_ignores_parts_that_are_not_there(void **state)
{
    (void)state;
    static const int32_t parts[] = {2, -2, OD_SEGMENTS_MAX, INT32_MAX,
                                    INT32_MIN};
    const od_message_record before = sent_text(2);
    for (size_t i = 0; i < OD__LEN(parts); i++) {
        od_message_record text = before;
        const od_receipt_record row =
            receipt(parts[i], OD_DELIVERY_DELIVERED);
        assert_false(od__message_receive(&text, &row));
        assert_memory_equal(&text, &before, sizeof text);
    }
    od_message_record none = sent_text(0);
    const od_receipt_record all = receipt(OD_NONE, OD_DELIVERY_DELIVERED);
    assert_false(od__message_receive(&none, &all));
    od_message_record damaged = before; /* a file says anything */
    damaged.parts_len = INT32_MAX;
    const od_receipt_record last =
        receipt(OD_SEGMENTS_MAX - 1, OD_DELIVERY_DELIVERED);
    assert_true(od__message_receive(&damaged, &last));
}

/* The text is what the worst of its parts is. */
static void test_message_receive_joins_parts(void **state)
{
    (void)state;
    static const struct {
        int32_t part;
        int32_t delivery;
        int32_t joined;
        int32_t disposition;
    } steps[] = {
        {1, OD_DELIVERY_DELIVERED, OD_DELIVERY_ACCEPTED, OD_DISPOSITION_SENT},
        {0, OD_DELIVERY_SENT, OD_DELIVERY_ACCEPTED, OD_DISPOSITION_SENT},
        {2, OD_DELIVERY_SENT, OD_DELIVERY_SENT, OD_DISPOSITION_SENT},
        {OD_NONE, OD_DELIVERY_UNKNOWN, OD_DELIVERY_UNKNOWN,
         OD_DISPOSITION_SENT},
        {2, OD_DELIVERY_EXPIRED, OD_DELIVERY_EXPIRED,
         OD_DISPOSITION_UNDELIVERED},
        {0, OD_DELIVERY_FAILED, OD_DELIVERY_FAILED,
         OD_DISPOSITION_UNDELIVERED},
        {0, OD_DELIVERY_DELIVERED, OD_DELIVERY_EXPIRED,
         OD_DISPOSITION_UNDELIVERED},
        {2, OD_DELIVERY_DELIVERED, OD_DELIVERY_DELIVERED,
         OD_DISPOSITION_SENT},
    };
    od_message_record text = sent_text(3);
    for (size_t i = 0; i < OD__LEN(steps); i++) {
        od_receipt_record row = receipt(steps[i].part, steps[i].delivery);
        int64_t then = text.delivery_utc_ms;
        int32_t was = text.delivery;
        row.utc_ms = 1000 + (int64_t)i;
        assert_true(od__message_receive(&text, &row));
        assert_int_equal(text.delivery, steps[i].joined);
        assert_int_equal(text.disposition, steps[i].disposition);
        assert_int_equal(text.delivery_utc_ms,
                         was == steps[i].joined ? then : row.utc_ms);
    }
}

static void test_message_steer(void **state)
{
    (void)state;
    static const struct {
        int32_t was;
        int32_t asked;
        bool owned;
        bool moves;
        int32_t becomes;
    } cases[] = {
        {OD_TARGET_DONE, OD_TARGET_READY, true, true, OD_TARGET_READY},
        {OD_TARGET_DONE, OD_TARGET_READY, false, true, OD_TARGET_DONE},
        {OD_TARGET_DONE, OD_TARGET_DONE, true, true, OD_TARGET_DONE},
        {OD_TARGET_READY, OD_TARGET_DONE, true, true, OD_TARGET_DONE},
        {OD_TARGET_READY, OD_TARGET_READY, true, true, OD_TARGET_READY},
        {OD_TARGET_DONE, OD_NONE, true, false, OD_TARGET_DONE},
        {OD_TARGET_FLIGHT, OD_TARGET_READY, true, false, OD_TARGET_FLIGHT},
        {OD_TARGET_BLOCKED, OD_TARGET_READY, true, false, OD_TARGET_BLOCKED},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_message_record text = sent_text(1);
        text.disposition = OD_DISPOSITION_UNDELIVERED;
        text.target_state = cases[i].was;
        text.target_disposition = OD_DISPOSITION_SENT;
        od_receipt_record row = receipt(0, OD_DELIVERY_FAILED);
        row.target_state = cases[i].asked;
        bool moves = cases[i].moves;
        assert_int_equal(od__message_steer(&text, &row, cases[i].owned),
                         moves);
        assert_int_equal(text.target_state, cases[i].becomes);
        assert_int_equal(text.target_disposition,
                         moves ? OD_DISPOSITION_UNDELIVERED
                               : OD_DISPOSITION_SENT);
        assert_int_equal(
            od_tries_of(text.tries, OD_DISPOSITION_UNDELIVERED), moves);
        if (moves) { /* the same disposition again is no other try */
            (void)od__message_steer(&text, &row, cases[i].owned);
            assert_int_equal(
                od_tries_of(text.tries, OD_DISPOSITION_UNDELIVERED), 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_end_of_what_was_sent),
        cmocka_unit_test(test_message_end_delivered),
        cmocka_unit_test(test_message_end_of_what_was_refused),
        cmocka_unit_test(test_message_receive_by_rank),
        cmocka_unit_test(
            test_message_receive_ignores_parts_that_are_not_there),
        cmocka_unit_test(test_message_receive_joins_parts),
        cmocka_unit_test(test_message_steer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
