/*
 * report_log.h - a sink that writes down what a transport reports, and a clock
 * to drive its steps: virtual, jumping to deadlines, or real, polling.
 */
#ifndef OD_TEST_REPORT_LOG_H
#define OD_TEST_REPORT_LOG_H

#include "base/base.h"

#include <outdial/backend.h>

typedef struct od_test_row {
    od_report report; /* what it points to is the row's, or NULL */
    int64_t at_ms;    /* of the step that posted it */
    char call_id[128];
    char code[16];
    char *text;
    char **network_ids; /* network_ids_len */
} od_test_row;

/* A transport under test with everything it said. */
typedef struct od_test_log {
    od_transport *transport;
    const od_transport_ops *ops;
    void *ctx;
    od_sink *sink;
    od_now now;
    bool real_time;
    bool in_step;
    size_t reports_max; /* of each step; may be changed */
    size_t posted;      /* by the last step */
    size_t idle_steps;  /* in a row, without a report and in no time */
    od__wake wake;
    od_test_row **rows;
    size_t len;
    size_t len_max;
} od_test_log;

/* Take over a transport and start it; virtual time begins at 1000 ms. */
void od_test_log_open(od_test_log *log, od_transport *transport,
                      uint32_t calls_max, bool real_time);
/* Free it with the transport. */
void od_test_log_close(od_test_log *log);

/* Step at the present time. */
void od_test_log_step(od_test_log *log);
/* Go on to the next deadline or wake, at most until `until_ms`, and step. */
void od_test_log_advance(od_test_log *log, int64_t until_ms);
/* Go on for so long. */
void od_test_log_run(od_test_log *log, int64_t for_ms);
/* Go on until a report of this kind for this attempt is there; the n-th, 1 and
 * up. NULL: it did not come within limit_ms. */
const od_test_row *od_test_log_await(od_test_log *log, od_report_kind kind,
                                     od_id attempt, size_t nth,
                                     int64_t limit_ms);

/* The n-th report of this kind for this attempt so far, or NULL. */
const od_test_row *od_test_log_find(const od_test_log *log, od_report_kind kind,
                                    od_id attempt, size_t nth);
size_t od_test_log_count(const od_test_log *log, od_report_kind kind,
                         od_id attempt);

/* Place a call over trunk 0; slot and attempt are the caller's. */
od_err od_test_log_dial(od_test_log *log, uint32_t slot, od_id attempt,
                        uint64_t phone);
/* Send "hello" over trunk 0; slot and attempt are the caller's. */
od_err od_test_log_send(od_test_log *log, uint32_t slot, od_id attempt,
                        uint64_t phone);
/* The same text, for tests that change something of it. */
od_send od_test_log_text(uint32_t slot, od_id attempt, uint64_t phone);

#endif
