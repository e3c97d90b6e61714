#include "support/test.h"

#include "transport/transport.h"

/* -- a table that does nothing -------------------------------------------- */

static int freed;

static void none_free(void *ctx)
{
    (void)ctx;
    freed++;
}

static od_err none_start(void *ctx, od_sink *sink, uint32_t calls_max,
                         const od_now *now, od_errmsg *errmsg)
{
    (void)ctx;
    (void)sink;
    (void)calls_max;
    (void)now;
    (void)errmsg;
    return OD_OK;
}

static od_err none_trunk_get(void *ctx, int32_t index, od_trunk_info *out)
{
    (void)ctx;
    (void)index;
    (void)out;
    return OD_ERR_NOT_FOUND;
}

static void none_step(void *ctx, const od_now *now, size_t reports_max)
{
    (void)ctx;
    (void)now;
    (void)reports_max;
}

static int64_t none_deadline_ms(void *ctx)
{
    (void)ctx;
    return OD_NEVER;
}

static od_err none_dial(void *ctx, const od_dial *dial)
{
    (void)ctx;
    (void)dial;
    return OD_ERR_LIMIT;
}

static void none_slot(void *ctx, uint32_t slot)
{
    (void)ctx;
    (void)slot;
}

static void none_play(void *ctx, uint32_t slot, int32_t play,
                      const od_prompt *const *prompts, size_t prompts_len,
                      int64_t offset_ms)
{
    (void)ctx;
    (void)slot;
    (void)play;
    (void)prompts;
    (void)prompts_len;
    (void)offset_ms;
}

static const od_transport_ops none_ops = {
    .size = sizeof(od_transport_ops),
    .free = none_free,
    .start = none_start,
    .trunk_get = none_trunk_get,
    .step = none_step,
    .deadline_ms = none_deadline_ms,
    .dial = none_dial,
    .hangup = none_slot,
    .play = none_play,
    .play_stop = none_slot,
};

/* -- transports ----------------------------------------------------------- */

static void test_transport_new_keeps_table_and_context(void **state)
{
    (void)state;
    int ctx = 0;
    od_transport *transport = NULL;
    assert_int_equal(OD_OK,
                     od_transport_new(&transport, &none_ops, &ctx, NULL));
    assert_ptr_equal(&ctx, od_transport_ctx_get(transport));
    const od_transport_ops *ops = od_transport_ops_get(transport);
    assert_true(ops->dial == none_dial);
    freed = 0;
    od_transport_free(transport);
    assert_int_equal(1, freed);
}

static void test_transport_new_fills_in_the_optional_slot(void **state)
{
    (void)state;
    od_transport *transport = NULL;
    assert_int_equal(OD_OK,
                     od_transport_new(&transport, &none_ops, NULL, NULL));
    const od_transport_ops *ops = od_transport_ops_get(transport);
    assert_int_equal(OD_ERR_UNSUPPORTED, ops->digits_send(NULL, 0, "1"));
    od_transport_free(transport);
}

static od_err none_send(void *ctx, const od_send *send)
{
    (void)ctx;
    (void)send;
    return OD_ERR_LIMIT;
}

static void none_received(void *ctx, uint64_t token, od_err err)
{
    (void)ctx;
    (void)token;
    (void)err;
}

static void test_transport_new_without_texts(void **state)
{
    (void)state;
    od_transport *transport = NULL;
    assert_int_equal(OD_OK,
                     od_transport_new(&transport, &none_ops, NULL, NULL));
    const od_transport_ops *ops = od_transport_ops_get(transport);
    const od_send send = {.text = "hello"};
    assert_int_equal(OD_ERR_UNSUPPORTED, ops->send(NULL, &send));
    ops->received(NULL, 1, OD_OK);
    od_transport_free(transport);
}

static void test_transport_new_takes_both_slots_of_texts(void **state)
{
    (void)state;
    od_transport_ops ops = none_ops;
    od_transport *transport = NULL;
    od_errmsg errmsg = {.text = ""};
    ops.send = none_send;
    assert_int_equal(OD_ERR_INVALID,
                     od_transport_new(&transport, &ops, NULL, &errmsg));
    assert_string_equal("transport table has send, but no slot received",
                        errmsg.text);
    ops.send = NULL;
    ops.received = none_received;
    assert_int_equal(OD_ERR_INVALID,
                     od_transport_new(&transport, &ops, NULL, &errmsg));
    assert_string_equal("transport table has received, but no slot send",
                        errmsg.text);
    assert_null(transport);
    ops.send = none_send;
    assert_int_equal(OD_OK, od_transport_new(&transport, &ops, NULL, NULL));
    assert_true(od_transport_ops_get(transport)->send == none_send);
    assert_true(od_transport_ops_get(transport)->received == none_received);
    od_transport_free(transport);
}

static void test_transport_new_names_the_missing_slot(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t offset;
    } slots[] = {
        {"free", offsetof(od_transport_ops, free)},
        {"start", offsetof(od_transport_ops, start)},
        {"trunk_get", offsetof(od_transport_ops, trunk_get)},
        {"step", offsetof(od_transport_ops, step)},
        {"deadline_ms", offsetof(od_transport_ops, deadline_ms)},
        {"dial", offsetof(od_transport_ops, dial)},
        {"hangup", offsetof(od_transport_ops, hangup)},
        {"play", offsetof(od_transport_ops, play)},
        {"play_stop", offsetof(od_transport_ops, play_stop)},
    };
    for (size_t i = 0; i < OD__LEN(slots); i++) {
        od_transport_ops ops = none_ops;
        memset((char *)&ops + slots[i].offset, 0, sizeof(void (*)(void)));
        od_transport *transport = NULL;
        od_errmsg errmsg;
        freed = 0;
        assert_int_equal(OD_ERR_INVALID,
                         od_transport_new(&transport, &ops, NULL, &errmsg));
        const char *name = strrchr(errmsg.text, ' ');
        assert_non_null(name);
        assert_string_equal(slots[i].name, name + 1);
        assert_null(transport);
        assert_int_equal(0, freed);
    }
}

static void test_transport_new_refuses_other_versions(void **state)
{
    (void)state;
    od_transport *transport = NULL;
    od_transport_ops ops = none_ops;
    const size_t sizes[] = {0, sizeof ops - 8, sizeof ops + 8};
    for (size_t i = 0; i < OD__LEN(sizes); i++) {
        ops.size = sizes[i];
        assert_int_equal(OD_ERR_VERSION,
                         od_transport_new(&transport, &ops, NULL, NULL));
    }
    assert_null(transport);
}

static void test_transport_new_checks_arguments(void **state)
{
    (void)state;
    od_transport *transport = NULL;
    assert_int_equal(OD_ERR_INVALID,
                     od_transport_new(NULL, &none_ops, NULL, NULL));
    assert_int_equal(OD_ERR_INVALID,
                     od_transport_new(&transport, NULL, NULL, NULL));
    assert_null(transport);
    assert_null(od_transport_ops_get(NULL));
    assert_null(od_transport_ctx_get(NULL));
    od_transport_free(NULL);
}

/* -- sinks ---------------------------------------------------------------- */

typedef struct heard {
    int reports;
    int wakes;
    od_id attempt;
} heard;

static void hear_report(void *ctx, const od_report *report)
{
    heard *h = ctx;
    h->reports++;
    h->attempt = report->attempt;
}

static void hear_wake(void *ctx)
{
    heard *h = ctx;
    h->wakes++;
}

static void test_sink_hands_on(void **state)
{
    (void)state;
    heard h = {0, 0, 0};
    od_sink *sink = NULL;
    assert_int_equal(OD_OK, od_sink_new(&sink, hear_report, hear_wake, &h));
    od_report report = {.kind = OD_REPORT_RINGING, .attempt = 42};
    od_sink_post(sink, &report);
    od_sink_wake(sink);
    od_sink_wake(sink);
    assert_int_equal(1, h.reports);
    assert_int_equal(42, h.attempt);
    assert_int_equal(2, h.wakes);
    od_sink_free(sink);
}

static void test_sink_checks_arguments(void **state)
{
    (void)state;
    heard h = {0, 0, 0};
    od_sink *sink = NULL;
    assert_int_equal(OD_ERR_INVALID, od_sink_new(NULL, hear_report, NULL, &h));
    assert_int_equal(OD_ERR_INVALID, od_sink_new(&sink, NULL, hear_wake, &h));
    assert_null(sink);
    assert_int_equal(OD_OK, od_sink_new(&sink, hear_report, NULL, &h));
    od_sink_wake(sink);
    od_sink_post(sink, NULL);
    od_sink_post(NULL, NULL);
    od_sink_wake(NULL);
    assert_int_equal(0, h.reports);
    od_sink_free(sink);
    od_sink_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transport_new_keeps_table_and_context),
        cmocka_unit_test(test_transport_new_fills_in_the_optional_slot),
        cmocka_unit_test(test_transport_new_without_texts),
        cmocka_unit_test(test_transport_new_takes_both_slots_of_texts),
        cmocka_unit_test(test_transport_new_names_the_missing_slot),
        cmocka_unit_test(test_transport_new_refuses_other_versions),
        cmocka_unit_test(test_transport_new_checks_arguments),
        cmocka_unit_test(test_sink_hands_on),
        cmocka_unit_test(test_sink_checks_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
