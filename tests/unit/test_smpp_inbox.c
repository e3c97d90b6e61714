/*
 * test_smpp_inbox.c - texts in several parts over time, without a network.
 */
#include "support/test.h"

#include "transport/smpp/agent.h"

/* What an inbox needs of an agent: a clock, a door, and a buffer. */
typedef struct bench {
    od__smpp_door door;
    od_sink *sink;
    od__smpp_trunk trunk;
    od__smpp_agent *agent;
} bench;

static void on_report(void *ctx, const od_report *report)
{
    (void)ctx;
    (void)report;
}

static void bench_open(bench *b)
{
    memset(b, 0, sizeof *b);
    assert_int_equal(od_sink_new(&b->sink, on_report, NULL, NULL), OD_OK);
    assert_int_equal(od__smpp_door_init(&b->door, 10, b->sink, NULL), OD_OK);
    b->agent = calloc(1, sizeof *b->agent);
    assert_non_null(b->agent);
    b->agent->trunk = &b->trunk;
    b->agent->door = &b->door;
    b->agent->now_ms = 1000;
    od__smpp_inbox_init(&b->agent->inbox);
}

static void bench_close(bench *b)
{
    od__smpp_inbox_clear(&b->agent->inbox);
    free(b->agent);
    od__smpp_door_close(&b->door);
    od_sink_free(b->sink);
}

static void deliver(bench *b, const char *source, int32_t reference,
                    int32_t total, int32_t part, const char *text)
{
    od__smpp_pdu pdu;
    memset(&pdu, 0, sizeof pdu);
    pdu.command = OD__SMPP_DELIVER_SM;
    pdu.sequence = (uint32_t)(100 * reference + part);
    pdu.state = pdu.network_error = OD_NONE;
    pdu.sar_reference = reference;
    pdu.sar_total = total;
    pdu.sar_part = part;
    pdu.octets = (const uint8_t *)text;
    pdu.octets_len = strlen(text);
    od__text_copy(pdu.source, sizeof pdu.source, source);
    od__smpp_inbox_take(b->agent, &pdu);
}

/* The next text that goes to the engine; "" none. It is acknowledged. */
static const char *next_text(bench *b)
{
    static char text[OD_MESSAGE_MAX + 1];
    od__smpp_news *news;
    text[0] = '\0';
    if (od__ring_take(b->door.news, &news)) {
        const od__smpp_ack ack = {.token = news->token, .err = OD_OK};
        od__text_copy(text, sizeof text, news->text);
        od__smpp_inbox_ack(b->agent, &ack);
        free(news);
    }
    return text;
}

/* Answers since the last time. */
static size_t answers(bench *b)
{
    size_t len = b->agent->out_to / 17;
    assert_int_equal(b->agent->out_to % 17, 0);
    b->agent->out_to = 0;
    return len;
}

static void test_smpp_inbox_waits_for_the_rest(void **state)
{
    bench b;
    (void)state;
    bench_open(&b);
    assert_int_equal(od__smpp_inbox_due_ms(&b.agent->inbox), OD_NEVER);
    deliver(&b, "15551230001", 1, 3, 3, "three");
    b.agent->now_ms += 1000;
    deliver(&b, "15551230001", 1, 3, 1, "one ");
    assert_int_equal(od__smpp_inbox_due_ms(&b.agent->inbox), 61000);
    b.agent->now_ms = 60999;
    od__smpp_inbox_expire(b.agent);
    assert_string_equal(next_text(&b), "");
    b.agent->now_ms = 61000;
    od__smpp_inbox_expire(b.agent);
    assert_int_equal(answers(&b), 0);
    assert_string_equal(next_text(&b), "one three");
    assert_int_equal(answers(&b), 2);
    assert_int_equal(od__smpp_inbox_due_ms(&b.agent->inbox), OD_NEVER);
    /* What comes after that is a text of its own. */
    deliver(&b, "15551230001", 1, 3, 2, "two ");
    b.agent->now_ms = 200000;
    od__smpp_inbox_expire(b.agent);
    assert_string_equal(next_text(&b), "two ");
    bench_close(&b);
}

/* References are those of one person. */
static void test_smpp_inbox_keeps_people_apart(void **state)
{
    bench b;
    (void)state;
    bench_open(&b);
    deliver(&b, "15551230001", 1, 2, 1, "a");
    deliver(&b, "15551230002", 1, 2, 2, "z");
    deliver(&b, "15551230001", 2, 2, 2, "y");
    assert_string_equal(next_text(&b), "");
    deliver(&b, "15551230001", 1, 2, 2, "b");
    assert_string_equal(next_text(&b), "ab");
    deliver(&b, "15551230001", 2, 2, 1, "x");
    assert_string_equal(next_text(&b), "xy");
    deliver(&b, "15551230002", 1, 2, 1, "y");
    assert_string_equal(next_text(&b), "yz");
    bench_close(&b);
}

/* One more than there is room for: the oldest is handed over as it is. */
static void test_smpp_inbox_has_a_bound(void **state)
{
    bench b;
    (void)state;
    bench_open(&b);
    for (int32_t i = 0; i <= OD__SMPP_JOINS_MAX; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%d", i);
        b.agent->now_ms++;
        deliver(&b, "15551230001", i, 2, 1, text);
    }
    assert_string_equal(next_text(&b), "0");
    assert_string_equal(next_text(&b), "");
    deliver(&b, "15551230001", 1, 2, 2, "+");
    assert_string_equal(next_text(&b), "1+");
    bench_close(&b);
}

/* As many parts as there can be, each as long as can be: the end is cut. */
static void test_smpp_inbox_longest_text(void **state)
{
    bench b;
    char part[255];
    (void)state;
    bench_open(&b);
    memset(part, 'x', 254);
    part[254] = '\0';
    for (int32_t i = 255; i > 0; i--) {
        deliver(&b, "15551230001", 1, 255, i, part);
    }
    assert_int_equal(strlen(next_text(&b)), OD_MESSAGE_MAX);
    assert_int_equal(answers(&b), 255);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smpp_inbox_waits_for_the_rest),
        cmocka_unit_test(test_smpp_inbox_keeps_people_apart),
        cmocka_unit_test(test_smpp_inbox_has_a_bound),
        cmocka_unit_test(test_smpp_inbox_longest_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
