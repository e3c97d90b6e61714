/*
 * test_api_backend.c - backend.h without what its functions need. Slots that
 * are missing from a table: tests/unit/test_storage.c, test_transport.c.
 */
#include "support/test.h"

#include <outdial/backend.h>
#include <outdial/outdial.h>

#define INVALID OD_ERR_INVALID

static int calls;

static void on_report(void *ctx, const od_report *report)
{
    (void)ctx;
    (void)report;
    calls++;
}

static void test_api_backend_storage(void **state)
{
    (void)state;
    od_errmsg msg = {""};
    od_storage *memory = NULL;
    od_storage *none = NULL;
    assert_int_equal(od_storage_new_memory(&memory, NULL), OD_OK);
    od_storage_ops ops = *od_storage_ops_get(memory);
    void *ctx = od_storage_ctx_get(memory);
    assert_null(od_storage_ops_get(NULL));
    assert_null(od_storage_ctx_get(NULL));
    assert_int_equal(od_storage_new(NULL, &ops, ctx, &msg), INVALID);
    assert_string_not_equal(msg.text, "");
    assert_int_equal(od_storage_new(&none, NULL, ctx, &msg), INVALID);
    assert_int_equal(od_storage_new(NULL, NULL, NULL, NULL), INVALID);
    static const size_t sizes[] = {0, 8, sizeof ops - 8, sizeof ops + 8,
                                   SIZE_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ops.size = sizes[i];
        assert_int_equal(od_storage_new(&none, &ops, ctx, &msg),
                         OD_ERR_VERSION);
        assert_string_not_equal(msg.text, "");
    }
    assert_null(none);
    od_storage_free(memory);
}

static void test_api_backend_transport(void **state)
{
    (void)state;
    od_errmsg msg = {""};
    od_transport *sim = NULL;
    od_transport *none = NULL;
    assert_int_equal(od_transport_new_sim(&sim, NULL, NULL), OD_OK);
    od_transport_ops ops = *od_transport_ops_get(sim);
    void *ctx = od_transport_ctx_get(sim);
    assert_null(od_transport_ops_get(NULL));
    assert_null(od_transport_ctx_get(NULL));
    assert_int_equal(od_transport_new(NULL, &ops, ctx, &msg), INVALID);
    assert_string_not_equal(msg.text, "");
    assert_int_equal(od_transport_new(&none, NULL, ctx, &msg), INVALID);
    assert_int_equal(od_transport_new(NULL, NULL, NULL, NULL), INVALID);
    static const size_t sizes[] = {0, 8, sizeof ops - 8, sizeof ops + 8,
                                   SIZE_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ops.size = sizes[i];
        assert_int_equal(od_transport_new(&none, &ops, ctx, &msg),
                         OD_ERR_VERSION);
        assert_string_not_equal(msg.text, "");
    }
    assert_null(none);
    od_transport_free(sim);
}

static void test_api_backend_sink(void **state)
{
    (void)state;
    od_sink *sink = NULL;
    const od_report report = {.kind = OD_REPORT_RINGING};
    assert_int_equal(od_sink_new(NULL, on_report, NULL, NULL), INVALID);
    assert_int_equal(od_sink_new(&sink, NULL, NULL, NULL), INVALID);
    assert_null(sink);
    od_sink_free(NULL);
    od_sink_wake(NULL);
    od_sink_post(NULL, &report);
    assert_int_equal(od_sink_new(&sink, on_report, NULL, NULL), OD_OK);
    od_sink_post(sink, NULL);
    od_sink_wake(sink); /* nobody to wake */
    assert_int_equal(calls, 0);
    od_sink_post(sink, &report);
    assert_int_equal(calls, 1);
    od_sink_free(sink);
}

static void test_api_backend_prompts_and_seal(void **state)
{
    (void)state;
    size_t frames = 77;
    size_t frame_bytes = 77;
    uint8_t hash[32] = {1};
    uint8_t before[32] = {1};
    const od_ledger_entry entry = {.payload = NULL};
    od_prompt_hold(NULL);
    od_prompt_drop(NULL);
    assert_int_equal(od_prompt_duration_ms(NULL), 0);
    assert_null(od_prompt_frames(NULL, OD_CODEC_PCMU, &frames, &frame_bytes));
    assert_int_equal(frames, 0);
    assert_null(od_prompt_frames(NULL, (od_codec)99, NULL, NULL));
    od_ledger_seal(NULL, 1, &entry, hash);
    od_ledger_seal(before, 1, NULL, hash);
    assert_memory_equal(hash, before, sizeof hash);
    od_ledger_seal(before, 1, &entry, NULL);
    od_ledger_seal(before, 1, &entry, hash); /* no payload is an empty one */
    assert_memory_not_equal(hash, before, sizeof hash);
    /* In two steps it is the same; without its arguments nothing. */
    uint8_t digest[32] = {1};
    uint8_t again[32] = {1};
    od_ledger_digest(NULL, digest);
    assert_memory_equal(digest, before, sizeof digest);
    od_ledger_digest(&entry, NULL);
    od_ledger_digest(&entry, digest);
    od_ledger_seal_digest(NULL, 1, 0, 0, 0, digest, again);
    od_ledger_seal_digest(before, 1, 0, 0, 0, NULL, again);
    od_ledger_seal_digest(before, 1, 0, 0, 0, digest, NULL);
    assert_memory_equal(again, before, sizeof again);
    od_ledger_seal_digest(before, 1, 0, 0, 0, digest, again);
    assert_memory_equal(again, hash, sizeof again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_api_backend_storage),
        cmocka_unit_test(test_api_backend_transport),
        cmocka_unit_test(test_api_backend_sink),
        cmocka_unit_test(test_api_backend_prompts_and_seal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
