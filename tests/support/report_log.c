/*
 * report_log.c - writes down what a transport reports, and drives its steps.
 */
#include "support/test.h"

#include "support/report_log.h"

#include <inttypes.h>
#include <poll.h>

/* No test says so much; a transport that does is broken. */
#define ROWS_MAX 2000000
/* Longest sleep in real time: a transport must not depend on wakes alone. */
#define SLEEP_MAX_MS 20
#define IDLE_STEPS_MAX 1000

/* Take over the pointers of a report of texts. */
static void copy_texts(od_test_row *row, const od_report *report)
{
    if (report->text != NULL) {
        row->text = strdup(report->text);
        assert_non_null(row->text);
        row->report.text = row->text;
    }
    if (report->network_code != NULL) {
        assert_true(strlen(report->network_code) < sizeof row->code);
        (void)snprintf(row->code, sizeof row->code, "%s", report->network_code);
        row->report.network_code = row->code;
    }
    int32_t len = report->network_ids_len;
    assert_in_range(len, 0, OD_SEGMENTS_MAX);
    if (len == 0) {
        row->report.network_ids = NULL;
        return;
    }
    row->network_ids = calloc((size_t)len, sizeof(char *));
    assert_non_null(row->network_ids);
    for (int32_t i = 0; i < len; i++) {
        row->network_ids[i] = strdup(report->network_ids[i]);
        assert_non_null(row->network_ids[i]);
    }
    row->report.network_ids = (const char *const *)row->network_ids;
}

static void free_row(od_test_row *row)
{
    for (int32_t i = 0; i < row->report.network_ids_len; i++) {
        free(row->network_ids[i]);
    }
    free((void *)row->network_ids);
    free(row->text);
    free(row);
}

static void on_report(void *ctx, const od_report *report)
{
    od_test_log *log = ctx;
    assert_true(log->in_step);
    assert_true(log->len < ROWS_MAX);
    if (log->len == log->len_max) {
        log->len_max = log->len_max != 0 ? log->len_max * 2 : 64;
        log->rows = realloc(log->rows, log->len_max * sizeof(od_test_row *));
        assert_non_null(log->rows);
    }
    od_test_row *row = calloc(1, sizeof *row);
    assert_non_null(row);
    row->report = *report;
    row->at_ms = log->now.mono_ms;
    if (report->sip_call_id != NULL) {
        (void)snprintf(row->call_id, sizeof row->call_id, "%s",
                       report->sip_call_id);
        row->report.sip_call_id = row->call_id;
    }
    copy_texts(row, report);
    log->rows[log->len++] = row;
    log->posted++;
}

static void on_wake(void *ctx)
{
    od_test_log *log = ctx;
    od__wake_signal(&log->wake);
}

void od_test_log_open(od_test_log *log, od_transport *transport,
                      uint32_t calls_max, bool real_time)
{
    memset(log, 0, sizeof *log);
    log->transport = transport;
    log->ops = od_transport_ops_get(transport);
    log->ctx = od_transport_ctx_get(transport);
    log->real_time = real_time;
    log->reports_max = 1000;
    if (real_time) {
        od_now_read(&log->now);
    } else {
        log->now = (od_now){.mono_ms = 1000, .utc_ms = 1800000000000};
    }
    od_errmsg errmsg = {.text = ""};
    assert_int_equal(OD_OK, od__wake_init(&log->wake, &errmsg));
    assert_int_equal(OD_OK, od_sink_new(&log->sink, on_report, on_wake, log));
    if (log->ops->start(log->ctx, log->sink, calls_max, &log->now, &errmsg) !=
        OD_OK) {
        fail_msg("the transport does not start: %s", errmsg.text);
    }
}

void od_test_log_close(od_test_log *log)
{
    od_transport_free(log->transport);
    od_sink_free(log->sink);
    od__wake_close(&log->wake);
    for (size_t i = 0; i < log->len; i++) {
        free_row(log->rows[i]);
    }
    free(log->rows);
    memset(log, 0, sizeof *log);
}

void od_test_log_step(od_test_log *log)
{
    log->posted = 0;
    log->in_step = true;
    log->ops->step(log->ctx, &log->now, log->reports_max);
    log->in_step = false;
    assert_true(log->posted <= log->reports_max);
}

/* Sleep until the deadline, a wake, or some ms have passed. */
static void advance_real(od_test_log *log, int64_t until_ms)
{
    int64_t wait_ms = until_ms - log->now.mono_ms;
    wait_ms = wait_ms > SLEEP_MAX_MS ? SLEEP_MAX_MS : wait_ms;
    struct pollfd poll_fd = {.fd = log->wake.fd, .events = POLLIN};
    if (wait_ms > 0 && poll(&poll_fd, 1, (int)wait_ms) > 0) {
        od__wake_clear(&log->wake);
    }
    od_now_read(&log->now);
}

void od_test_log_advance(od_test_log *log, int64_t until_ms)
{
    int64_t deadline_ms = log->ops->deadline_ms(log->ctx);
    int64_t next_ms = deadline_ms < until_ms ? deadline_ms : until_ms;
    int64_t before_ms = log->now.mono_ms;
    if (log->real_time) {
        advance_real(log, next_ms);
    } else if (next_ms > log->now.mono_ms) {
        log->now.utc_ms += next_ms - log->now.mono_ms;
        log->now.mono_ms = next_ms;
    }
    od_test_log_step(log);
    /* A deadline that has come and stays there makes its host spin. */
    bool idle = log->posted == 0 && log->now.mono_ms == before_ms;
    log->idle_steps = idle ? log->idle_steps + 1 : 0;
    assert_true(log->real_time || log->idle_steps < IDLE_STEPS_MAX);
}

void od_test_log_run(od_test_log *log, int64_t for_ms)
{
    int64_t until_ms = log->now.mono_ms + for_ms;
    do {
        od_test_log_advance(log, until_ms);
    } while (log->now.mono_ms < until_ms ||
             (!log->real_time && log->ops->deadline_ms(log->ctx) <= until_ms));
}

const od_test_row *od_test_log_await(od_test_log *log, od_report_kind kind,
                                     od_id attempt, size_t nth,
                                     int64_t limit_ms)
{
    int64_t until_ms = log->now.mono_ms + limit_ms;
    const od_test_row *row = od_test_log_find(log, kind, attempt, nth);
    while (row == NULL && log->now.mono_ms < until_ms) {
        od_test_log_advance(log, until_ms);
        row = od_test_log_find(log, kind, attempt, nth);
    }
    if (row == NULL) {
        print_message("no report %d of attempt %" PRId64 " within %" PRId64
                      " ms\n",
                      (int)kind, attempt, limit_ms);
    }
    return row;
}

const od_test_row *od_test_log_find(const od_test_log *log, od_report_kind kind,
                                    od_id attempt, size_t nth)
{
    for (size_t i = 0; i < log->len; i++) {
        const od_report *report = &log->rows[i]->report;
        if (report->kind == kind && report->attempt == attempt && --nth == 0) {
            return log->rows[i];
        }
    }
    return NULL;
}

size_t od_test_log_count(const od_test_log *log, od_report_kind kind,
                         od_id attempt)
{
    size_t count = 0;
    while (od_test_log_find(log, kind, attempt, count + 1) != NULL) {
        count++;
    }
    return count;
}

od_err od_test_log_dial(od_test_log *log, uint32_t slot, od_id attempt,
                        uint64_t phone)
{
    od_dial dial = {.slot = slot,
                    .attempt = attempt,
                    .to = phone,
                    .from = 15550100000,
                    .campaign = 1};
    (void)snprintf(dial.session_id, sizeof dial.session_id, "%032" PRIx64,
                   (uint64_t)attempt);
    return log->ops->dial(log->ctx, &dial);
}

od_send od_test_log_text(uint32_t slot, od_id attempt, uint64_t phone)
{
    od_send send = {.slot = slot,
                    .attempt = attempt,
                    .to = phone,
                    .from = 15550100000,
                    .campaign = 1,
                    .text = "hello",
                    .encoding = OD_TEXT_ENCODING_GSM,
                    .segments = 1,
                    .validity_s = 86400};
    (void)snprintf(send.session_id, sizeof send.session_id, "%032" PRIx64,
                   (uint64_t)attempt);
    return send;
}

od_err od_test_log_send(od_test_log *log, uint32_t slot, od_id attempt,
                        uint64_t phone)
{
    const od_send send = od_test_log_text(slot, attempt, phone);
    return log->ops->send(log->ctx, &send);
}
