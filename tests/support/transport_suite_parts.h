/*
 * transport_suite_parts.h - what the files of the transport suite share: the
 * numbers of the far end, and a bench with a started transport on it.
 */
#ifndef OD_TEST_TRANSPORT_SUITE_PARTS_H
#define OD_TEST_TRANSPORT_SUITE_PARTS_H

#include "support/report_log.h"
#include "support/transport_suite.h"

#define FAR_ANSWERS 15550110001      /* after 300 ms of ringing */
#define FAR_AT_ONCE 15550110002      /* answers, without ringing */
#define FAR_HANGS_UP 15550110003     /* answers, hangs up after 600 ms */
#define FAR_RINGS 15550110004        /* and never answers */
#define FAR_SILENT 15550110005
#define FAR_BUSY_ONCE 15550110006    /* then answers */
#define FAR_PRESSES 15550110007      /* 1 5 # after 300 ms */
#define FAR_REPEATS 15550110008      /* 5 5 after 300 ms */
#define FAR_PRESSES_ALL 15550110009  /* every key there is */
#define FAR_MACHINE 15550110010      /* hangs up 500 ms after it is known */
#define FAR_COME_BACK 15550110011    /* in 30 s, then in 7 s */
#define FAR_REFUSES 15550110400      /* + status - 400 */

#define BENCH_CHANNELS 64
#define BENCH_CALLS_MAX 256

/* Longest wait for anything that has to come, ms. */
#define SOON_MS 10000

typedef struct bench {
    const od_transport_suite *suite;
    od_test_log log;
    od_id attempt_last;
    size_t calls_len; /* accepted ones */
    struct {
        uint32_t slot;
        od_id attempt;
    } calls[BENCH_CALLS_MAX];
} bench;

/* Dial; the attempt is a new one. */
od_err bench_dial(bench *b, uint32_t slot, uint64_t phone, od_id *attempt);
/* Dial into slot 0 and wait for the answer. */
od_id bench_answered(bench *b, uint64_t phone);
/* Wait for a report, which must come. */
const od_test_row *bench_await(bench *b, od_report_kind kind, od_id attempt);
/* Hang up and wait for the end. */
const od_test_row *bench_hangup(bench *b, uint32_t slot, od_id attempt);
/* Is a value as expected, as far as the transport's kind of time allows? */
void bench_assert_near(const bench *b, int64_t value, int64_t expected);

/* A prompt of so many ms; od_prompt_drop it. */
const od_prompt *bench_prompt(int64_t ms);

/* Fixtures of every test: a bench is made of the suite in *state. */
int bench_setup(void **state);
int bench_setup_small(void **state); /* two channels */
int bench_teardown(void **state);    /* checks how each call ended */

/* The tests of each file, ended by one without a function. */
extern const struct CMUnitTest transport_suite_calls[];
extern const struct CMUnitTest transport_suite_media[];

#endif
