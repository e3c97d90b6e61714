/*
 * transport_suite_texts.c - texts are sent, and what comes back: the part of
 * the transport suite for those that carry texts.
 */
#include "support/test.h"

#include "support/transport_suite_parts.h"

/* Long enough that what must not come would have come, ms. */
#define QUIET_MS 1500

#define OUR_NUMBER 15550100000
#define SHORT_CODE 12345

/* -- what was handed over ------------------------------------------------- */

/* The n-th receipt (of this network id) or reply so far, or NULL. */
static const od_test_row *find_handed(const bench *b, od_report_kind kind,
                                      const char *id, size_t nth)
{
    for (size_t i = 0; i < b->log.len; i++) {
        const od_report *r = &b->log.rows[i]->report;
        bool fits = r->kind == kind &&
                    (id == NULL || strcmp(r->network_ids[0], id) == 0);
        if (fits && --nth == 0) {
            return b->log.rows[i];
        }
    }
    return NULL;
}

static size_t count_handed(const bench *b, od_report_kind kind, const char *id)
{
    size_t count = 0;
    while (find_handed(b, kind, id, count + 1) != NULL) {
        count++;
    }
    return count;
}

/* It must come. */
static const od_report *await_handed(bench *b, od_report_kind kind,
                                     const char *id, size_t nth)
{
    int64_t until_ms = b->log.now.mono_ms + SOON_MS;
    while (find_handed(b, kind, id, nth) == NULL &&
           b->log.now.mono_ms < until_ms) {
        od_test_log_advance(&b->log, until_ms);
    }
    const od_test_row *row = find_handed(b, kind, id, nth);
    assert_non_null(row);
    assert_int_equal(1, row->report.network_ids_len);
    assert_int_equal(0, row->report.trunk);
    return &row->report;
}

static const od_report *await_receipt(bench *b, const char *id, size_t nth)
{
    assert_true(id[0] != '\0');
    return await_handed(b, OD_REPORT_RECEIPT, id, nth);
}

static const od_report *await_reply(bench *b, size_t nth)
{
    return await_handed(b, OD_REPORT_REPLY, NULL, nth);
}

static void receive(bench *b, const od_report *report, od_err err)
{
    b->log.ops->received(b->log.ctx, report->token, err);
}

static void skip_unless(const bench *b, unsigned can)
{
    if ((b->suite->can & can) != can) {
        skip();
    }
}

/* -- the trunk ------------------------------------------------------------ */

static void test_transport_carries_texts(void **state)
{
    bench *b = *state;
    od_trunk_info info;
    memset(&info, 0xff, sizeof info);
    assert_int_equal(OD_OK, b->log.ops->trunk_get(b->log.ctx, 0, &info));
    assert_true(info.name[0] != '\0');
    assert_non_null(memchr(info.name, '\0', sizeof info.name));
    assert_int_equal(BENCH_CHANNELS, info.texts_max);
    assert_true(info.texts_per_second_max > 0);
    assert_true(info.text_bytes_max >= 0);
    assert_true(info.up);
    assert_int_equal(OD_ERR_NOT_FOUND,
                     b->log.ops->trunk_get(b->log.ctx, 1, &info));
}

static void test_transport_knows_no_other_trunk_for_texts(void **state)
{
    bench *b = *state;
    od_send send = od_test_log_text(0, 0, TEXT_ACCEPTED);
    send.trunk = 1;
    assert_int_equal(OD_ERR_TRANSPORT, bench_send_text(b, &send));
    send.trunk = 0;
    assert_int_equal(OD_OK, bench_send_text(b, &send));
}

/* -- answered ------------------------------------------------------------- */

static void test_transport_sends_a_text(void **state)
{
    bench *b = *state;
    od_id attempt = 0;
    assert_int_equal(OD_OK, bench_send(b, 5, TEXT_ACCEPTED, &attempt));
    const od_report *end = bench_text_end(b, attempt);
    assert_int_equal(OD_DISPOSITION_SENT, end->disposition);
    assert_int_equal(OD_DELIVERY_ACCEPTED, end->delivery);
    assert_int_equal(OD_OK, end->fault);
    assert_int_equal(5, end->slot);
    assert_int_equal(1, end->network_ids_len);
    od_test_log_run(&b->log, 500);
    assert_int_equal(0, count_handed(b, OD_REPORT_RECEIPT, NULL));
    assert_int_equal(0, count_handed(b, OD_REPORT_REPLY, NULL));
}

static void test_transport_waits_for_a_slow_answer(void **state)
{
    bench *b = *state;
    int64_t begin_ms = b->log.now.mono_ms;
    (void)bench_sent(b, TEXT_SLOW);
    bench_assert_near(b, b->log.now.mono_ms - begin_ms, 2000);
}

static void test_transport_tells_refused_texts_apart(void **state)
{
    bench *b = *state;
    static const struct {
        uint64_t phone;
        int32_t disposition;
    } cases[] = {{TEXT_NOBODY, OD_DISPOSITION_NOT_FOUND},
                 {TEXT_REFUSED, OD_DISPOSITION_FAILED},
                 {TEXT_THROTTLED, OD_DISPOSITION_CONGESTION},
                 {TEXT_QUEUE_FULL, OD_DISPOSITION_CONGESTION}};
    for (uint32_t i = 0; i < OD__LEN(cases); i++) {
        assert_int_equal(OD_OK, bench_send(b, i, cases[i].phone, NULL));
    }
    for (uint32_t i = 0; i < OD__LEN(cases); i++) {
        const od_report *end = bench_text_end(b, (od_id)i + 1);
        assert_int_equal(cases[i].disposition, end->disposition);
        assert_true(end->status > 0);
        assert_int_equal(OD_OK, end->fault);
        assert_int_equal(i, end->slot);
    }
}

static void test_transport_gives_up_without_an_answer(void **state)
{
    bench *b = *state;
    od_id attempt = 0;
    assert_int_equal(OD_OK, bench_send(b, 3, TEXT_LOST, &attempt));
    const od_report *end = bench_text_end(b, attempt);
    assert_int_equal(OD_DISPOSITION_UNKNOWN, end->disposition);
    assert_int_equal(3, end->slot);
}

static void test_transport_sends_any_character(void **state)
{
    bench *b = *state;
    od_send send = od_test_log_text(0, 0, TEXT_ACCEPTED);
    send.text = OD_TRANSPORT_SUITE_TEXT;
    send.encoding = OD_TEXT_ENCODING_UCS2;
    assert_int_equal(OD_OK, bench_send_text(b, &send));
    const od_report *end = bench_text_end(b, send.attempt);
    assert_int_equal(OD_DISPOSITION_SENT, end->disposition);
    assert_int_equal(1, end->network_ids_len);
}

/* A text of three segments. */
static const od_report *send_long(bench *b, uint64_t phone)
{
    char text[OD_TRANSPORT_SUITE_LONG * 10 + 1] = "";
    for (size_t i = 0; i < sizeof text - 1; i++) {
        text[i] = (char)('0' + i % 10);
    }
    od_send send = od_test_log_text(0, 0, phone);
    send.text = text;
    send.segments = 3;
    assert_int_equal(OD_OK, bench_send_text(b, &send));
    memset(text, 'x', sizeof text - 1);
    const od_report *end = bench_text_end(b, send.attempt);
    assert_int_equal(OD_DISPOSITION_SENT, end->disposition);
    bool parts = (b->suite->can & OD_FAR_PARTS) != 0;
    assert_int_equal(parts ? 3 : 1, end->network_ids_len);
    return end;
}

static void test_transport_sends_a_long_text(void **state)
{
    bench *b = *state;
    (void)send_long(b, TEXT_ACCEPTED);
}

/* -- receipts ------------------------------------------------------------- */

static void test_transport_hands_over_a_receipt(void **state)
{
    bench *b = *state;
    skip_unless(b, OD_FAR_RECEIPTS);
    static const struct {
        uint64_t phone;
        int32_t delivery;
    } cases[] = {{TEXT_DELIVERED, OD_DELIVERY_DELIVERED},
                 {TEXT_FAILED, OD_DELIVERY_FAILED}};
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        const od_report *end = bench_sent(b, cases[i].phone);
        const od_report *receipt = await_receipt(b, end->network_ids[0], 1);
        assert_int_equal(cases[i].delivery, receipt->delivery);
        bool failed = cases[i].delivery == OD_DELIVERY_FAILED;
        assert_true(!failed ||
                    receipt->disposition == OD_DISPOSITION_UNDELIVERED ||
                    receipt->disposition == OD_DISPOSITION_NOT_FOUND);
        receive(b, receipt, OD_OK);
    }
    od_test_log_run(&b->log, QUIET_MS);
    assert_int_equal(2, count_handed(b, OD_REPORT_RECEIPT, NULL));
}

static void test_transport_hands_over_receipts_of_each_part(void **state)
{
    bench *b = *state;
    skip_unless(b, OD_FAR_RECEIPTS);
    const od_report *end = send_long(b, TEXT_DELIVERED);
    for (int32_t i = 0; i < end->network_ids_len; i++) {
        const od_report *receipt = await_receipt(b, end->network_ids[i], 1);
        assert_int_equal(OD_DELIVERY_DELIVERED, receipt->delivery);
        receive(b, receipt, OD_OK);
    }
    od_test_log_run(&b->log, QUIET_MS);
    assert_int_equal(end->network_ids_len,
                     count_handed(b, OD_REPORT_RECEIPT, NULL));
}

static void test_transport_tells_states_apart(void **state)
{
    bench *b = *state;
    skip_unless(b, OD_FAR_RECEIPTS | OD_FAR_STATES);
    static const struct {
        uint64_t phone;
        int32_t last;
        const char *codes[2];
    } cases[] = {
        {TEXT_SENT, OD_DELIVERY_EXPIRED, {"001", "034"}},
        {TEXT_UNKNOWN, OD_DELIVERY_UNKNOWN, {NULL, NULL}},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        const od_report *end = bench_sent(b, cases[i].phone);
        const char *id = end->network_ids[0];
        for (size_t k = 0; k < 2; k++) {
            const od_report *receipt = await_receipt(b, id, k + 1);
            receive(b, receipt, OD_OK);
            assert_int_equal(k == 0 ? OD_DELIVERY_SENT : cases[i].last,
                             receipt->delivery);
            if (cases[i].codes[k] != NULL) {
                assert_non_null(receipt->network_code);
                assert_string_equal(cases[i].codes[k], receipt->network_code);
            }
        }
    }
}

static void test_transport_hands_over_again_what_was_not_received(void **state)
{
    bench *b = *state;
    skip_unless(b, OD_FAR_RECEIPTS | OD_FAR_AGAIN);
    const od_report *end = bench_sent(b, TEXT_DELIVERED);
    const char *id = end->network_ids[0];
    receive(b, await_receipt(b, id, 1), OD_ERR_LIMIT);
    const od_report *again = await_receipt(b, id, 2);
    assert_int_equal(OD_DELIVERY_DELIVERED, again->delivery);
    receive(b, again, OD_ERR_FULL);
    receive(b, await_receipt(b, id, 3), OD_OK);
    od_test_log_run(&b->log, SOON_MS / 2);
    assert_int_equal(3, count_handed(b, OD_REPORT_RECEIPT, NULL));
}

static void test_transport_is_told_in_any_order(void **state)
{
    bench *b = *state;
    skip_unless(b, OD_FAR_RECEIPTS | OD_FAR_AGAIN);
    const char *ids[3];
    const od_report *receipts[3];
    for (size_t i = 0; i < 3; i++) {
        ids[i] = bench_sent(b, TEXT_DELIVERED)->network_ids[0];
        receipts[i] = await_receipt(b, ids[i], 1);
    }
    receive(b, receipts[2], OD_OK);
    receive(b, receipts[0], OD_OK);
    receive(b, receipts[1], OD_ERR_LIMIT);
    receive(b, await_receipt(b, ids[1], 2), OD_OK);
    od_test_log_run(&b->log, QUIET_MS);
    assert_int_equal(4, count_handed(b, OD_REPORT_RECEIPT, NULL));
}

/* -- replies -------------------------------------------------------------- */

static void test_transport_hands_over_a_reply(void **state)
{
    bench *b = *state;
    (void)bench_sent(b, TEXT_REPLIES);
    const od_report *reply = await_reply(b, 1);
    assert_int_equal(TEXT_REPLIES, reply->from);
    assert_int_equal(OUR_NUMBER, reply->to);
    assert_non_null(reply->text);
    assert_string_equal(TEXT_REPLY, reply->text);
    receive(b, reply, OD_OK);
    od_test_log_run(&b->log, QUIET_MS);
    assert_int_equal(1, count_handed(b, OD_REPORT_REPLY, NULL));
}

static void test_transport_sends_from_a_short_code(void **state)
{
    bench *b = *state;
    od_send send = od_test_log_text(0, 0, TEXT_REPLIES);
    send.from = SHORT_CODE;
    assert_int_equal(OD_OK, bench_send_text(b, &send));
    assert_int_equal(OD_DISPOSITION_SENT,
                     bench_text_end(b, send.attempt)->disposition);
    const od_report *reply = await_reply(b, 1);
    assert_int_equal(TEXT_REPLIES, reply->from);
    assert_int_equal(SHORT_CODE, reply->to);
    receive(b, reply, OD_OK);
}

static void test_transport_hands_over_replies_in_a_row(void **state)
{
    bench *b = *state;
    (void)bench_sent(b, TEXT_REPLIES_TWICE);
    const od_report *first = await_reply(b, 1);
    const od_report *second = await_reply(b, 2);
    assert_string_equal("one", first->text);
    assert_string_equal("two", second->text);
    receive(b, second, OD_OK);
    receive(b, first, OD_OK);
    od_test_log_run(&b->log, QUIET_MS);
    assert_int_equal(2, count_handed(b, OD_REPORT_REPLY, NULL));
}

static void test_transport_hands_over_a_reply_again(void **state)
{
    bench *b = *state;
    skip_unless(b, OD_FAR_AGAIN);
    (void)bench_sent(b, TEXT_REPLIES);
    receive(b, await_reply(b, 1), OD_ERR_LIMIT);
    const od_report *again = await_reply(b, 2);
    assert_int_equal(TEXT_REPLIES, again->from);
    assert_int_equal(OUR_NUMBER, again->to);
    assert_string_equal(TEXT_REPLY, again->text);
    receive(b, again, OD_OK);
    od_test_log_run(&b->log, SOON_MS / 2);
    assert_int_equal(2, count_handed(b, OD_REPORT_REPLY, NULL));
}

/* -- slots and limits ----------------------------------------------------- */

static void test_transport_slot_is_free_after_a_text(void **state)
{
    bench *b = *state;
    static const uint64_t phones[] = {TEXT_ACCEPTED, TEXT_NOBODY,
                                      TEXT_THROTTLED, TEXT_ACCEPTED};
    for (size_t i = 0; i < OD__LEN(phones); i++) {
        od_id attempt = 0;
        assert_int_equal(OD_OK, bench_send(b, 7, phones[i], &attempt));
        assert_int_equal(7, bench_text_end(b, attempt)->slot);
    }
}

static void test_transport_slot_holds_one_text(void **state)
{
    bench *b = *state;
    od_id attempt = 0;
    assert_int_equal(OD_OK, bench_send(b, 7, TEXT_SLOW, &attempt));
    assert_int_equal(OD_ERR_LIMIT, bench_send(b, 7, TEXT_SLOW, NULL));
    assert_int_equal(OD_ERR_LIMIT,
                     bench_send(b, BENCH_CHANNELS, TEXT_SLOW, NULL));
    assert_int_equal(attempt, bench_text_end(b, attempt)->attempt);
}

static void test_transport_texts_are_limited(void **state)
{
    bench *b = *state;
    od_trunk_info info;
    assert_int_equal(OD_OK, b->log.ops->trunk_get(b->log.ctx, 0, &info));
    assert_int_equal(2, info.texts_max);
    od_id first = 0;
    od_id third = 0;
    assert_int_equal(OD_OK, bench_send(b, 0, TEXT_SLOW, &first));
    assert_int_equal(OD_OK, bench_send(b, 1, TEXT_SLOW, NULL));
    assert_int_equal(OD_ERR_LIMIT, bench_send(b, 2, TEXT_SLOW, &third));
    (void)bench_text_end(b, first);
    (void)bench_text_end(b, first + 1);
    assert_int_equal(0, od_test_log_count(&b->log, OD_REPORT_ENDED, third));
    assert_int_equal(OD_OK, bench_send(b, 2, TEXT_ACCEPTED, NULL));
}

static void test_transport_reports_of_texts_are_bounded(void **state)
{
    bench *b = *state;
    b->log.reports_max = 1; /* the log asserts that it is kept */
    for (uint32_t i = 0; i < 8; i++) {
        uint64_t phone = i % 2 == 0 ? TEXT_REPLIES_TWICE : TEXT_NOBODY;
        assert_int_equal(OD_OK, bench_send(b, i, phone, NULL));
    }
    for (uint32_t i = 0; i < 8; i++) {
        const od_report *end = bench_text_end(b, (od_id)i + 1);
        assert_int_equal(i % 2 == 0 ? OD_DISPOSITION_SENT
                                    : OD_DISPOSITION_NOT_FOUND,
                         end->disposition);
    }
    for (size_t i = 1; i <= 8; i++) {
        receive(b, await_reply(b, i), OD_OK);
    }
    b->log.reports_max = 0;
    size_t len = b->log.len;
    assert_int_equal(OD_OK, bench_send(b, 0, TEXT_ACCEPTED, NULL));
    for (int i = 0; i < 20; i++) {
        od_test_log_advance(&b->log, b->log.now.mono_ms + 20);
    }
    assert_int_equal(len, b->log.len);
    b->log.reports_max = 100;
}

static void test_transport_many_texts_at_once(void **state)
{
    bench *b = *state;
    for (uint32_t i = 0; i < BENCH_CHANNELS; i++) {
        uint64_t phone = i % 4 == 3 ? TEXT_NOBODY : TEXT_REPLIES;
        assert_int_equal(OD_OK, bench_send(b, i, phone, NULL));
    }
    for (uint32_t i = 0; i < BENCH_CHANNELS; i++) {
        const od_report *end = bench_text_end(b, (od_id)i + 1);
        assert_int_equal(i % 4 == 3 ? OD_DISPOSITION_NOT_FOUND
                                    : OD_DISPOSITION_SENT,
                         end->disposition);
        assert_int_equal(i, end->slot);
    }
    for (size_t i = 1; i <= BENCH_CHANNELS / 4 * 3; i++) {
        const od_report *reply = await_reply(b, i);
        assert_string_equal(TEXT_REPLY, reply->text);
        receive(b, reply, OD_OK);
    }
}

/* -- faults --------------------------------------------------------------- */

static void test_transport_ends_texts_when_the_connection_drops(void **state)
{
    bench *b = *state;
    if (b->suite->drop == NULL) {
        skip();
    }
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(OD_OK, bench_send(b, i, TEXT_SLOW, NULL));
    }
    od_test_log_run(&b->log, 500);
    b->suite->drop(b->log.transport);
    for (uint32_t i = 0; i < 8; i++) {
        const od_report *end = bench_text_end(b, (od_id)i + 1);
        assert_int_equal(OD_DISPOSITION_UNKNOWN, end->disposition);
    }
    /* It comes back, and what it was told before has no further end. */
    bench_await_up(b);
    for (uint32_t i = 0; i < 8; i++) {
        od_id attempt = 0;
        assert_int_equal(OD_OK, bench_send(b, i, TEXT_ACCEPTED, &attempt));
        const od_report *end = bench_text_end(b, attempt);
        assert_int_equal(OD_DISPOSITION_SENT, end->disposition);
    }
    od_test_log_run(&b->log, 2500);
}

/* What was handed over before a drop can be received after it. */
static void test_transport_receives_after_a_drop(void **state)
{
    bench *b = *state;
    if (b->suite->drop == NULL) {
        skip();
    }
    (void)bench_sent(b, TEXT_REPLIES);
    const od_report *reply = await_reply(b, 1);
    b->suite->drop(b->log.transport);
    od_test_log_run(&b->log, 100);
    receive(b, reply, OD_OK);
    bench_await_up(b);
    (void)bench_sent(b, TEXT_ACCEPTED);
}

static void test_transport_ignores_unknown_tokens(void **state)
{
    bench *b = *state;
    static const uint64_t tokens[] = {0, 1, 1u << 31, UINT64_MAX};
    for (size_t i = 0; i < OD__LEN(tokens); i++) {
        b->log.ops->received(b->log.ctx, tokens[i], OD_OK);
        b->log.ops->received(b->log.ctx, tokens[i], OD_ERR_LIMIT);
    }
    (void)bench_sent(b, TEXT_REPLIES);
    const od_report *reply = await_reply(b, 1);
    receive(b, reply, OD_OK);
    receive(b, reply, OD_OK);
    od_test_log_run(&b->log, QUIET_MS);
    assert_int_equal(1, count_handed(b, OD_REPORT_REPLY, NULL));
}

static void test_transport_of_texts_freed_without_a_start(void **state)
{
    bench *b = *state;
    od_transport_free(b->suite->make_texts(1));
}

/* With texts that are not answered and a reply that was not received. */
static void test_transport_freed_with_live_texts(void **state)
{
    bench *b = *state;
    (void)bench_sent(b, TEXT_REPLIES);
    (void)await_reply(b, 1);
    bench other = {.suite = b->suite};
    od_test_log_open(&other.log, b->suite->make_texts(4), 4,
                     b->suite->real_time);
    bench_await_up(&other);
    assert_int_equal(OD_OK, bench_send(&other, 0, TEXT_SLOW, NULL));
    assert_int_equal(OD_OK, bench_send(&other, 1, TEXT_LOST, NULL));
    assert_int_equal(OD_OK, bench_send(&other, 2, TEXT_ACCEPTED, NULL));
    (void)bench_text_end(&other, 3);
    od_test_log_close(&other.log);
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, bench_setup_texts, bench_teardown)
#define TEST_SMALL(function)                                                   \
    cmocka_unit_test_setup_teardown(function, bench_setup_texts_small,         \
                                    bench_teardown)

const struct CMUnitTest transport_suite_texts[] = {
    TEST(test_transport_carries_texts),
    TEST(test_transport_knows_no_other_trunk_for_texts),
    TEST(test_transport_sends_a_text),
    TEST(test_transport_waits_for_a_slow_answer),
    TEST(test_transport_tells_refused_texts_apart),
    TEST(test_transport_gives_up_without_an_answer),
    TEST(test_transport_sends_any_character),
    TEST(test_transport_sends_a_long_text),
    TEST(test_transport_hands_over_a_receipt),
    TEST(test_transport_hands_over_receipts_of_each_part),
    TEST(test_transport_tells_states_apart),
    TEST(test_transport_hands_over_again_what_was_not_received),
    TEST(test_transport_is_told_in_any_order),
    TEST(test_transport_hands_over_a_reply),
    TEST(test_transport_sends_from_a_short_code),
    TEST(test_transport_hands_over_replies_in_a_row),
    TEST(test_transport_hands_over_a_reply_again),
    TEST(test_transport_slot_is_free_after_a_text),
    TEST(test_transport_slot_holds_one_text),
    TEST_SMALL(test_transport_texts_are_limited),
    TEST(test_transport_reports_of_texts_are_bounded),
    TEST(test_transport_many_texts_at_once),
    TEST(test_transport_ends_texts_when_the_connection_drops),
    TEST(test_transport_receives_after_a_drop),
    TEST(test_transport_ignores_unknown_tokens),
    TEST(test_transport_of_texts_freed_without_a_start),
    TEST(test_transport_freed_with_live_texts),
    {NULL, NULL, NULL, NULL, NULL},
};
