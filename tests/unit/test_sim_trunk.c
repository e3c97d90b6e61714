/*
 * test_sim_trunk.c - trunks of the simulated carrier: several of them, their
 * faults and their congestion.
 */
#include "support/test.h"

#include "support/report_log.h"
#include "transport/transport.h"

#include <unistd.h>

#define PHONE 15550120001
#define CALLS 256

/* -- helpers -------------------------------------------------------------- */

/* Everyone answers at once and stays. */
static od_sim_options patient(void)
{
    od_sim_options options;
    od_sim_options_init(&options);
    options.model.answer = 1000;
    return options;
}

static void open_sim(od_test_log *log, const od_sim_options *options)
{
    od_transport *sim = NULL;
    od_errmsg errmsg = {.text = ""};
    if (od_transport_new_sim(&sim, options, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    od_test_log_open(log, sim, CALLS, false);
}

/* Attempt is slot + 1. */
static od_err dial_by(od_test_log *log, uint32_t slot, int32_t trunk)
{
    const od_dial dial = {.slot = slot,
                          .trunk = trunk,
                          .attempt = slot + 1,
                          .to = PHONE + (uint64_t)slot};
    return log->ops->dial(log->ctx, &dial);
}

static void dial_ok(od_test_log *log, uint32_t slot, int32_t trunk)
{
    assert_int_equal(OD_OK, dial_by(log, slot, trunk));
}

/* The last report of this kind for this slot, or NULL. */
static const od_report *last_of(const od_test_log *log, od_report_kind kind,
                                uint32_t slot)
{
    size_t count = od_test_log_count(log, kind, (od_id)slot + 1);
    const od_test_row *row =
        od_test_log_find(log, kind, (od_id)slot + 1, count);
    return count > 0 ? &row->report : NULL;
}

static size_t count_kind(const od_test_log *log, od_report_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < log->len; i++) {
        count += log->rows[i]->report.kind == kind ? 1 : 0;
    }
    return count;
}

/* -- several of them ------------------------------------------------------ */

static void test_sim_trunk_names_and_limits(void **state)
{
    (void)state;
    static const char *const names[] = {
        "sim",  "sim2",  "sim3",  "sim4",  "sim5",  "sim6",  "sim7",  "sim8",
        "sim9", "sim10", "sim11", "sim12", "sim13", "sim14", "sim15", "sim16"};
    od_sim_options options = patient();
    options.calls_max = 7;
    options.calls_per_second_max = 9;
    for (size_t len = 0; len <= OD_TRUNKS_MAX; len++) {
        od_test_log log;
        od_trunk_info info;
        options.trunks_len = len;
        open_sim(&log, &options);
        int32_t there = len == 0 ? 1 : (int32_t)len;
        for (int32_t i = 0; i < there; i++) {
            assert_int_equal(OD_OK, log.ops->trunk_get(log.ctx, i, &info));
            assert_string_equal(names[i], info.name);
            assert_int_equal(7, info.calls_max);
            assert_int_equal(9, info.calls_per_second_max);
            assert_true(info.up);
        }
        assert_int_equal(OD_ERR_NOT_FOUND,
                         log.ops->trunk_get(log.ctx, there, &info));
        assert_int_equal(OD_ERR_TRANSPORT, dial_by(&log, 0, there));
        assert_int_equal(OD_ERR_TRANSPORT, dial_by(&log, 0, -1));
        od_test_log_close(&log);
    }
}

static void test_sim_trunk_has_channels_of_its_own(void **state)
{
    (void)state;
    od_sim_options options = patient();
    options.calls_max = 2;
    options.trunks_len = 2;
    od_test_log log;
    open_sim(&log, &options);
    dial_ok(&log, 0, 0);
    dial_ok(&log, 1, 0);
    assert_int_equal(OD_ERR_LIMIT, dial_by(&log, 2, 0));
    dial_ok(&log, 2, 1);
    dial_ok(&log, 3, 1);
    assert_int_equal(OD_ERR_LIMIT, dial_by(&log, 4, 1));
    log.ops->hangup(log.ctx, 2);
    od_test_log_run(&log, 10);
    assert_int_equal(OD_ERR_LIMIT, dial_by(&log, 4, 0));
    dial_ok(&log, 4, 1);
    od_test_log_close(&log);
}

/* -- faults --------------------------------------------------------------- */

static void test_sim_trunk_goes_down_and_up(void **state)
{
    (void)state;
    od_sim_options options = patient();
    options.trunks_len = 2;
    od_test_log log;
    od_trunk_info info;
    open_sim(&log, &options);
    dial_ok(&log, 0, 1);
    od_test_log_run(&log, 500);
    size_t len = log.len;
    od__wake_clear(&log.wake);
    assert_int_equal(OD_OK, od_sim_trunk(log.transport, 1, false, NULL));
    assert_true(log.ops->deadline_ms(log.ctx) <= log.now.mono_ms);
    assert_int_equal(OD_ERR_TRANSPORT, dial_by(&log, 1, 1));
    dial_ok(&log, 2, 0);
    assert_int_equal(OD_OK, log.ops->trunk_get(log.ctx, 1, &info));
    assert_false(info.up);
    od_test_log_step(&log);
    assert_true(log.len > len);
    const od_report *report = &log.rows[len]->report;
    assert_int_equal(OD_REPORT_TRUNK, report->kind);
    assert_int_equal(1, report->trunk);
    assert_false(report->up);
    assert_string_equal("the trunk was taken down", report->text);

    /* The call over it goes on, until one of the two hangs up. */
    od_test_log_run(&log, 60000);
    assert_null(last_of(&log, OD_REPORT_ENDED, 0));
    log.ops->hangup(log.ctx, 0);
    od_test_log_run(&log, 10);
    assert_int_equal(200, last_of(&log, OD_REPORT_ENDED, 0)->status);

    assert_int_equal(OD_OK, od_sim_trunk(log.transport, 1, true, NULL));
    od_test_log_run(&log, 10);
    assert_int_equal(2, count_kind(&log, OD_REPORT_TRUNK));
    report = &log.rows[log.len - 1]->report;
    assert_int_equal(OD_REPORT_TRUNK, report->kind);
    assert_int_equal(1, report->trunk);
    assert_true(report->up);
    dial_ok(&log, 1, 1);
    od_test_log_close(&log);
}

static bool was_woken(od_test_log *log)
{
    uint64_t count = 0;
    return read(log->wake.fd, &count, sizeof count) == sizeof count;
}

static void test_sim_trunk_wakes_its_engine(void **state)
{
    (void)state;
    od_sim_options options = patient();
    od_test_log log;
    open_sim(&log, &options);
    assert_int_equal(OD_OK, od_sim_trunk(log.transport, 0, true, NULL));
    assert_false(was_woken(&log));
    assert_int_equal(OD_NEVER, log.ops->deadline_ms(log.ctx));
    assert_int_equal(OD_OK, od_sim_trunk(log.transport, 0, false, NULL));
    assert_true(was_woken(&log));
    od_test_log_step(&log);
    assert_int_equal(1, log.len);
    /* What was not seen did not happen. */
    assert_int_equal(OD_OK, od_sim_trunk(log.transport, 0, true, NULL));
    assert_int_equal(OD_OK, od_sim_trunk(log.transport, 0, false, NULL));
    od_test_log_step(&log);
    assert_int_equal(1, log.len);
    assert_int_equal(OD_NEVER, log.ops->deadline_ms(log.ctx));
    od_test_log_close(&log);
}

static void test_sim_trunk_reports_are_bounded(void **state)
{
    (void)state;
    od_sim_options options = patient();
    options.trunks_len = OD_TRUNKS_MAX;
    od_test_log log;
    open_sim(&log, &options);
    for (int32_t i = 0; i < OD_TRUNKS_MAX; i++) {
        assert_int_equal(OD_OK, od_sim_trunk(log.transport, i, false, NULL));
    }
    log.reports_max = 0;
    od_test_log_step(&log);
    assert_int_equal(0, log.len);
    log.reports_max = 5;
    for (size_t i = 1; i <= 4; i++) {
        assert_true(log.ops->deadline_ms(log.ctx) <= log.now.mono_ms);
        od_test_log_step(&log);
        assert_int_equal(i < 4 ? i * 5 : OD_TRUNKS_MAX, log.len);
    }
    od_test_log_close(&log);
}

static void test_sim_trunk_down_before_the_start(void **state)
{
    (void)state;
    od_sim_options options = patient();
    od_transport *sim = NULL;
    od_test_log log;
    od_trunk_info info;
    assert_int_equal(OD_OK, od_transport_new_sim(&sim, &options, NULL));
    assert_int_equal(OD_OK, od_sim_trunk(sim, 0, false, NULL));
    od_test_log_open(&log, sim, CALLS, false);
    assert_int_equal(OD_OK, log.ops->trunk_get(log.ctx, 0, &info));
    assert_false(info.up);
    assert_int_equal(OD_ERR_TRANSPORT, dial_by(&log, 0, 0));
    od_test_log_run(&log, 100);
    assert_int_equal(0, log.len);
    assert_int_equal(OD_OK, od_sim_trunk(sim, 0, true, NULL));
    od_test_log_run(&log, 100);
    assert_int_equal(1, log.len);
    dial_ok(&log, 0, 0);
    od_test_log_close(&log);
}

static void test_sim_trunk_checks_arguments(void **state)
{
    (void)state;
    od_sim_options options = patient();
    options.trunks_len = 2;
    od_transport *sim = NULL;
    od_errmsg errmsg = {.text = ""};
    assert_int_equal(OD_OK, od_transport_new_sim(&sim, &options, NULL));
    assert_int_equal(OD_ERR_INVALID, od_sim_trunk(NULL, 0, true, &errmsg));
    assert_non_null(strstr(errmsg.text, "simulated"));
    assert_int_equal(OD_ERR_NOT_FOUND, od_sim_trunk(sim, 2, true, &errmsg));
    assert_string_equal("there is no trunk 2 among 2", errmsg.text);
    assert_int_equal(OD_ERR_NOT_FOUND, od_sim_trunk(sim, -1, true, NULL));
    assert_int_equal(OD_ERR_NOT_FOUND,
                     od_sim_trunk(sim, INT32_MAX, true, NULL));
    od_transport_free(sim);
}

/* -- congestion ----------------------------------------------------------- */

/* Was this call, just dialed, carried? Else it must get its 503. */
static bool is_carried(od_test_log *log, uint32_t slot, int32_t retry_after_s)
{
    od_test_log_run(log, 200);
    const od_report *ended = last_of(log, OD_REPORT_ENDED, slot);
    if (ended == NULL) {
        assert_non_null(last_of(log, OD_REPORT_ANSWERED, slot));
        return true;
    }
    assert_null(last_of(log, OD_REPORT_ANSWERED, slot));
    assert_int_equal(503, ended->status);
    assert_int_equal(OD_OK, ended->fault);
    assert_int_equal(retry_after_s, ended->retry_after_s);
    assert_true(ended->remote);
    return false;
}

static void test_sim_trunk_carries_so_many_a_second(void **state)
{
    (void)state;
    od_sim_options options = patient();
    options.congestion_cps = 10;
    options.congestion_retry_after_s = 30;
    options.trunks_len = 2;
    od_test_log log;
    open_sim(&log, &options);
    for (uint32_t i = 0; i < 30; i++) {
        dial_ok(&log, i, 0);
    }
    dial_ok(&log, 30, 1); /* another trunk has a second of its own */
    for (uint32_t i = 0; i < 30; i++) {
        assert_int_equal(i < 10, is_carried(&log, i, 30));
    }
    assert_true(is_carried(&log, 30, 0));
    od_test_log_close(&log);
}

static void test_sim_trunk_second_ends_exactly(void **state)
{
    (void)state;
    static const struct {
        int64_t after_ms;
        bool carried;
    } cases[] = {
        {1, false}, {998, false}, {999, false}, {1000, true}, {1001, true}};
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_sim_options options = patient();
        options.congestion_cps = 1;
        od_test_log log;
        open_sim(&log, &options);
        dial_ok(&log, 0, 0);
        od_test_log_run(&log, cases[i].after_ms);
        dial_ok(&log, 1, 0);
        assert_int_equal(cases[i].carried, is_carried(&log, 1, 0));
        od_test_log_close(&log);
    }
}

/* Against a count of all calls of the last second, at any rhythm. */
static void test_sim_trunk_never_carries_more(void **state)
{
    (void)state;
    od__rand rand = {.state = od_test_seed(31)};
    static int64_t carried_ms[20000];
    for (int turn = 0; turn < 20; turn++) {
        int32_t cps = 1 + (int32_t)od__rand_below(&rand, 50);
        uint64_t gap_ms = 1 + od__rand_below(&rand, 100);
        int64_t now_ms = (int64_t)od__rand_below(&rand, 2000);
        size_t len = 0;
        od__sim_trunk trunk;
        assert_int_equal(OD_OK, od__sim_trunk_init(&trunk, cps, 0));
        for (int i = 0; i < 20000; i++) {
            int32_t recent = 0;
            while ((size_t)recent < len && recent < cps &&
                   carried_ms[len - 1 - (size_t)recent] > now_ms - 1000) {
                recent++;
            }
            bool carried = od__sim_trunk_begin(&trunk, now_ms, 0);
            assert_int_equal(recent < cps, carried);
            if (carried) {
                carried_ms[len++] = now_ms;
            }
            now_ms += (int64_t)od__rand_below(&rand, gap_ms);
        }
        assert_int_equal(20000, trunk.live);
        assert_int_equal(len, trunk.carried);
        od__sim_trunk_clear(&trunk);
    }
}

static void test_sim_trunk_refuses_what_is_too_much(void **state)
{
    (void)state;
    static const struct {
        int64_t gap_ms; /* between two calls */
        size_t carried; /* of 200, at 20 a second */
    } cases[] = {{100, 200}, {50, 200}, {25, 100}, {10, 40}};
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_sim_options options = patient();
        options.congestion_cps = 20;
        od_test_log log;
        open_sim(&log, &options);
        for (uint32_t slot = 0; slot < 200; slot++) {
            dial_ok(&log, slot, 0);
            od_test_log_run(&log, cases[i].gap_ms);
        }
        assert_int_equal(cases[i].carried,
                         count_kind(&log, OD_REPORT_ANSWERED));
        od_test_log_close(&log);
    }
}

static void test_sim_trunk_carries_so_many_at_once(void **state)
{
    (void)state;
    od_sim_options options = patient();
    options.congestion_calls = 3;
    options.congestion_retry_after_s = 86400;
    od_test_log log;
    open_sim(&log, &options);
    for (uint32_t i = 0; i < 3; i++) {
        dial_ok(&log, i, 0);
        assert_true(is_carried(&log, i, 0));
    }
    /* Those that are refused take no place, however many they are. */
    for (uint32_t i = 3; i < 20; i++) {
        dial_ok(&log, i, 0);
    }
    log.ops->hangup(log.ctx, 1);
    od_test_log_run(&log, 0);
    dial_ok(&log, 20, 0);
    dial_ok(&log, 21, 0);
    for (uint32_t i = 3; i < 22; i++) {
        assert_int_equal(i == 20, is_carried(&log, i, 86400));
    }
    od_test_log_close(&log);
}

/* A call that met congestion has not reached its number. */
static void test_sim_trunk_congestion_leaves_the_far_end(void **state)
{
    (void)state;
    od_sim_options options = patient();
    options.congestion_cps = 1;
    options.model = (od_sim_model){.busy = 500, .not_found = 500};
    int32_t statuses[2][40];
    for (uint32_t every = 1; every <= 2; every++) {
        od_test_log log;
        open_sim(&log, &options);
        assert_int_equal(OD_OK,
                         od_sim_play(log.transport, "+15550120009",
                                     "status 486 each status 600", NULL));
        for (uint32_t i = 0; i < 40 * every; i++) {
            const od_dial dial = {.slot = 0, .attempt = 1, .to = PHONE + 1};
            assert_int_equal(OD_OK, log.ops->dial(log.ctx, &dial));
            od_test_log_run(&log, i % every == every - 1 ? 1000 : 300);
            const od_report *ended = last_of(&log, OD_REPORT_ENDED, 0);
            if (every == 2) {
                assert_int_equal(i % 2 == 1, ended->status == 503);
            }
            if (ended->status != 503) {
                statuses[every - 1][i / every] = ended->status;
            }
        }
        /* The same with a number that was told. */
        static const int32_t told[] = {486, 503, 600};
        for (uint32_t i = 0; i < 3; i++) {
            const od_dial dial = {.slot = 0, .attempt = 1, .to = 15550120009};
            assert_int_equal(OD_OK, log.ops->dial(log.ctx, &dial));
            od_test_log_run(&log, i == 0 ? 300 : 1000);
            assert_int_equal(told[i],
                             last_of(&log, OD_REPORT_ENDED, 0)->status);
        }
        od_test_log_close(&log);
    }
    assert_memory_equal(statuses[0], statuses[1], sizeof statuses[0]);
}

/* -- options -------------------------------------------------------------- */

static void test_sim_trunk_options_are_checked(void **state)
{
    (void)state;
    static const struct {
        size_t offset;
        int32_t value;
        int32_t max;
        const char *text;
    } cases[] = {
        {offsetof(od_sim_options, congestion_cps), -1, 10000,
         "congestion_cps is -1, not 0 to 10000"},
        {offsetof(od_sim_options, congestion_cps), 10001, 10000,
         "congestion_cps is 10001"},
        {offsetof(od_sim_options, congestion_calls), -1, 20000,
         "congestion_calls is -1"},
        {offsetof(od_sim_options, congestion_calls), 20001, 20000,
         "congestion_calls is 20001"},
        {offsetof(od_sim_options, congestion_retry_after_s), -1, 86400,
         "congestion_retry_after_s is -1"},
        {offsetof(od_sim_options, congestion_retry_after_s), 86401, 86400,
         "congestion_retry_after_s is 86401"},
    };
    od_transport *sim = NULL;
    od_errmsg errmsg;
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_sim_options options = patient();
        char *field = (char *)&options + cases[i].offset;
        memcpy(field, &cases[i].value, sizeof cases[i].value);
        assert_int_equal(OD_ERR_INVALID,
                         od_transport_new_sim(&sim, &options, &errmsg));
        assert_non_null(strstr(errmsg.text, cases[i].text));
        memcpy(field, &cases[i].max, sizeof cases[i].max);
        assert_int_equal(OD_OK, od_transport_new_sim(&sim, &options, NULL));
        od_transport_free(sim);
        sim = NULL;
    }
    od_sim_options options = patient();
    options.trunks_len = OD_TRUNKS_MAX + 1;
    assert_int_equal(OD_ERR_INVALID,
                     od_transport_new_sim(&sim, &options, &errmsg));
    assert_string_equal("trunks_len is 17, not 1 to 16", errmsg.text);
    options.trunks_len = SIZE_MAX;
    assert_int_equal(OD_ERR_INVALID,
                     od_transport_new_sim(&sim, &options, &errmsg));
    assert_null(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sim_trunk_names_and_limits),
        cmocka_unit_test(test_sim_trunk_has_channels_of_its_own),
        cmocka_unit_test(test_sim_trunk_goes_down_and_up),
        cmocka_unit_test(test_sim_trunk_wakes_its_engine),
        cmocka_unit_test(test_sim_trunk_reports_are_bounded),
        cmocka_unit_test(test_sim_trunk_down_before_the_start),
        cmocka_unit_test(test_sim_trunk_checks_arguments),
        cmocka_unit_test(test_sim_trunk_carries_so_many_a_second),
        cmocka_unit_test(test_sim_trunk_second_ends_exactly),
        cmocka_unit_test(test_sim_trunk_never_carries_more),
        cmocka_unit_test(test_sim_trunk_refuses_what_is_too_much),
        cmocka_unit_test(test_sim_trunk_carries_so_many_at_once),
        cmocka_unit_test(test_sim_trunk_congestion_leaves_the_far_end),
        cmocka_unit_test(test_sim_trunk_options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
