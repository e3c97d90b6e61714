/*
 * test_sim_text_model.c - what becomes of texts to numbers that were told
 * nothing: shares, times, ranges.
 */
#include "support/test.h"

#include "transport/transport.h"

#include <inttypes.h>

#define DRAWS 100000

/* How often each came up. */
typedef struct tally {
    int rejects[100]; /* by status */
    int lost;
    int accepted;
    int receipts[OD_DELIVERIES];
    int replies;
    int opt_outs;
    int32_t receipt_ms_min;
    int32_t receipt_ms_max;
    int32_t reply_ms;
} tally;

static void count_accepted(tally *t, const od__sim_text_fate *fate)
{
    t->accepted++;
    if (fate->words_len == 1) {
        return;
    }
    int32_t ms = fate->words[1].ms;
    assert_int_equal(OD__SIM_TEXT_WAIT, fate->words[1].verb);
    t->receipt_ms_min = ms < t->receipt_ms_min ? ms : t->receipt_ms_min;
    t->receipt_ms_max = ms > t->receipt_ms_max ? ms : t->receipt_ms_max;
    assert_int_equal(OD__SIM_TEXT_RECEIPT, fate->words[2].verb);
    t->receipts[fate->words[2].delivery]++;
    if (fate->words_len > 3) {
        assert_int_equal(5, fate->words_len);
        assert_int_equal(OD_DELIVERY_DELIVERED, fate->words[2].delivery);
        t->reply_ms = fate->words[3].ms;
        bool opt_out = strcmp(fate->words[4].reply, "STOP") == 0;
        t->opt_outs += opt_out ? 1 : 0;
        t->replies += opt_out ? 0 : 1;
    }
}

static tally draw_many(const od_sim_text_model *given)
{
    od_sim_text_model model = *given;
    assert_int_equal(OD_OK, od__sim_text_model_check(&model, "it", NULL));
    od__rand rand = {.state = 5};
    tally t = {.receipt_ms_min = INT32_MAX};
    for (int i = 0; i < DRAWS; i++) {
        od__sim_text_fate fate;
        od__sim_text_model_draw(&model, &rand, &fate);
        if (fate.words[0].verb == OD__SIM_TEXT_ACCEPT) {
            count_accepted(&t, &fate);
            continue;
        }
        assert_int_equal(1, fate.words_len);
        if (fate.words[0].verb == OD__SIM_TEXT_LOST) {
            t.lost++;
        } else {
            assert_int_equal(OD__SIM_TEXT_REJECT, fate.words[0].verb);
            t.rejects[fate.words[0].status]++;
        }
    }
    return t;
}

/* A share of so many of 1000, within six standard deviations or so. */
static void assert_share(int share, int of, int count)
{
    int expected = of / 1000 * share;
    if (count < expected - 1000 || count > expected + 1000) {
        fail_msg("%d is not %d of 1000 in %d", count, share, of);
    }
}

static void test_sim_text_model_delivers_all_by_default(void **state)
{
    (void)state;
    const od_sim_text_model model = {0};
    tally t = draw_many(&model);
    assert_int_equal(DRAWS, t.accepted);
    assert_int_equal(DRAWS, t.receipts[OD_DELIVERY_DELIVERED]);
    assert_int_equal(0, t.replies + t.opt_outs);
    assert_int_equal(1000, t.receipt_ms_min);
    assert_int_equal(5000, t.receipt_ms_max);
}

static void test_sim_text_model_keeps_shares(void **state)
{
    (void)state;
    const od_sim_text_model model = {.not_found = 40,
                                     .failed = 60,
                                     .throttled = 150,
                                     .unanswered = 250,
                                     .undelivered = 100,
                                     .expired = 200,
                                     .silent = 300,
                                     .receipt_ms_min = 10,
                                     .receipt_ms_max = 12,
                                     .replies = 600,
                                     .opt_outs = 150,
                                     .reply_ms = 42,
                                     .reply = "ja"};
    tally t = draw_many(&model);
    assert_share(40, DRAWS, t.rejects[11]);
    assert_share(60, DRAWS, t.rejects[69]);
    assert_share(150, DRAWS, t.rejects[88]);
    assert_share(250, DRAWS, t.lost);
    assert_share(500, DRAWS, t.accepted);
    assert_share(100, t.accepted, t.receipts[OD_DELIVERY_FAILED]);
    assert_share(200, t.accepted, t.receipts[OD_DELIVERY_EXPIRED]);
    assert_share(400, t.accepted, t.receipts[OD_DELIVERY_DELIVERED]);
    assert_int_equal(0, t.receipts[OD_DELIVERY_SENT]);
    assert_share(600, t.receipts[OD_DELIVERY_DELIVERED], t.replies);
    assert_share(150, t.receipts[OD_DELIVERY_DELIVERED], t.opt_outs);
    assert_int_equal(10, t.receipt_ms_min);
    assert_int_equal(12, t.receipt_ms_max);
    assert_int_equal(42, t.reply_ms);
}

/* The first word of each text to the same numbers under two models. */
static void test_sim_text_model_shares_do_not_disturb_each_other(void **state)
{
    (void)state;
    od_sim_text_model a = {.not_found = 300, .replies = 500};
    od_sim_text_model b = {.not_found = 300, .silent = 400, .opt_outs = 100};
    assert_int_equal(OD_OK, od__sim_text_model_check(&a, "a", NULL));
    assert_int_equal(OD_OK, od__sim_text_model_check(&b, "b", NULL));
    od__rand rand_a = {.state = 9};
    od__rand rand_b = {.state = 9};
    for (int i = 0; i < 1000; i++) {
        od__sim_text_fate fate_a;
        od__sim_text_fate fate_b;
        od__sim_text_model_draw(&a, &rand_a, &fate_a);
        od__sim_text_model_draw(&b, &rand_b, &fate_b);
        assert_int_equal(fate_a.words[0].verb, fate_b.words[0].verb);
        if (fate_b.words_len > 1) {
            assert_int_equal(fate_a.words[1].ms, fate_b.words[1].ms);
        }
    }
}

static void test_sim_text_model_fills_in_defaults(void **state)
{
    (void)state;
    od_sim_text_model model = {.not_found = 1};
    assert_int_equal(OD_OK, od__sim_text_model_check(&model, "it", NULL));
    assert_int_equal(1000, model.receipt_ms_min);
    assert_int_equal(5000, model.receipt_ms_max);
    assert_int_equal(60000, model.reply_ms);
    assert_string_equal("1", model.reply);

    model = (od_sim_text_model){.receipt_ms_max = 7, .reply = "x"};
    assert_int_equal(OD_OK, od__sim_text_model_check(&model, "it", NULL));
    assert_int_equal(0, model.receipt_ms_min);
    assert_int_equal(7, model.receipt_ms_max);
    assert_string_equal("x", model.reply);
}

static void test_sim_text_model_is_checked(void **state)
{
    (void)state;
    static const struct {
        od_sim_text_model model;
        const char *text;
    } cases[] = {
        {{.not_found = -1}, "the share not_found of it is -1, not 0 to 1000"},
        {{.failed = 1001}, "the share failed of it is 1001"},
        {{.throttled = -5}, "the share throttled of it is -5"},
        {{.unanswered = 2000}, "the share unanswered of it"},
        {{.not_found = 500, .failed = 500, .unanswered = 1},
         "with unanswered the shares of it sum up to 1001, over 1000"},
        {{.undelivered = 999, .silent = 2},
         "with silent the shares of it sum up to 1001"},
        {{.expired = -1}, "the share expired of it"},
        {{.replies = 1000, .opt_outs = 1},
         "with opt_outs the shares of it sum up to 1001"},
        {{.receipt_ms_min = -1}, "receipt_ms of it is from -1 to 0"},
        {{.receipt_ms_min = 2, .receipt_ms_max = 1},
         "receipt_ms of it is from 2 to 1"},
        {{.receipt_ms_min = 5}, "receipt_ms of it is from 5 to 0"},
        {{.receipt_ms_max = 86400001}, "receipt_ms of it"},
        {{.reply_ms = -1}, "reply_ms of it is -1, not 0 to 86400000"},
        {{.reply_ms = 86400001}, "reply_ms of it"},
        {{.reply = "\xff"}, "reply of it is not UTF-8 of at most 23 bytes"},
        {{.reply = {'1', '2', '3', '4', '5', '6', '7', '8',
                    '9', '0', '1', '2', '3', '4', '5', '6',
                    '7', '8', '9', '0', '1', '2', '3', '4'}},
         "reply of it is not UTF-8"},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_sim_text_model model = cases[i].model;
        od_errmsg errmsg = {.text = ""};
        assert_int_equal(OD_ERR_INVALID,
                         od__sim_text_model_check(&model, "it", &errmsg));
        if (strstr(errmsg.text, cases[i].text) == NULL) {
            fail_msg("case %zu gives: %s", i, errmsg.text);
        }
    }
}

/* -- ranges --------------------------------------------------------------- */

static int32_t mark_of(const od__sim_ranges *ranges, uint64_t phone)
{
    return od__sim_ranges_find_texts(ranges, phone)->reply_ms;
}

static void test_sim_text_model_of_ranges(void **state)
{
    (void)state;
    const od_sim_range rows[] = {
        {.prefix = "+1555", .texts = {.reply_ms = 2}},
        {.prefix = "+155501", .model = {.answer = 1, .ring_ms_max = 1}},
        {.prefix = "44", .texts = {.reply_ms = 3}},
    };
    od_sim_options options;
    od_sim_options_init(&options);
    options.texts.reply_ms = 1;
    options.ranges = rows;
    options.ranges_len = OD__LEN(rows);
    static od__sim_ranges ranges;
    assert_int_equal(OD_OK, od__sim_ranges_read(&ranges, &options, NULL));
    assert_int_equal(1, mark_of(&ranges, 33123));
    assert_int_equal(2, mark_of(&ranges, 15551230001));
    /* All zero is as in the options, not as in a shorter range. */
    assert_int_equal(1, mark_of(&ranges, 15550120001));
    assert_int_equal(1, od__sim_ranges_find(&ranges, 15550120001)->ring_ms_max);
    assert_int_equal(3, mark_of(&ranges, 4412345));

    const od_sim_range bad = {.prefix = "49", .texts = {.silent = 1001}};
    options.ranges = &bad;
    options.ranges_len = 1;
    od_errmsg errmsg = {.text = ""};
    assert_int_equal(OD_ERR_INVALID,
                     od__sim_ranges_read(&ranges, &options, &errmsg));
    assert_non_null(strstr(errmsg.text, "silent of the texts of +49"));
    options.ranges_len = 0;
    options.texts.failed = -1;
    assert_int_equal(OD_ERR_INVALID,
                     od__sim_ranges_read(&ranges, &options, &errmsg));
    assert_non_null(strstr(errmsg.text, "failed of texts"));
}

static void test_sim_text_options_are_checked(void **state)
{
    (void)state;
    static const struct {
        int32_t texts_max;
        int32_t texts_per_second_max;
        int32_t congestion_tps;
        const char *text;
    } cases[] = {
        {-1, 0, 0, "texts_max is -1, not 1 to 20000"},
        {20001, 0, 0, "texts_max is 20001"},
        {0, -1, 0, "texts_per_second_max is -1, not 1 to 10000"},
        {0, 10001, 0, "texts_per_second_max is 10001"},
        {0, 0, -1, "congestion_tps is -1, not 0 to 10000"},
        {0, 0, 10001, "congestion_tps is 10001"},
        {20000, 10000, 10000, NULL},
        {1, 1, 1, NULL},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_sim_options options;
        od_sim_options_init(&options);
        options.texts_max = cases[i].texts_max;
        options.texts_per_second_max = cases[i].texts_per_second_max;
        options.congestion_tps = cases[i].congestion_tps;
        od_transport *sim = NULL;
        od_errmsg errmsg = {.text = ""};
        od_err err = od_transport_new_sim(&sim, &options, &errmsg);
        if (cases[i].text == NULL) {
            assert_int_equal(OD_OK, err);
        } else {
            assert_int_equal(OD_ERR_INVALID, err);
            assert_non_null(strstr(errmsg.text, cases[i].text));
        }
        od_transport_free(sim);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sim_text_model_delivers_all_by_default),
        cmocka_unit_test(test_sim_text_model_keeps_shares),
        cmocka_unit_test(test_sim_text_model_shares_do_not_disturb_each_other),
        cmocka_unit_test(test_sim_text_model_fills_in_defaults),
        cmocka_unit_test(test_sim_text_model_is_checked),
        cmocka_unit_test(test_sim_text_model_of_ranges),
        cmocka_unit_test(test_sim_text_options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
