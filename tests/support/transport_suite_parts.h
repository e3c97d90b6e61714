/*
 * transport_suite_parts.h - what the files of the transport suite share: the
 * numbers of the far end, and a bench with a started transport on it.
 */
#ifndef OD_TEST_TRANSPORT_SUITE_PARTS_H
#define OD_TEST_TRANSPORT_SUITE_PARTS_H

#include "support/report_log.h"
#include "support/transport_suite.h"

#define FAR_ANSWERS 15550110001  /* after 300 ms of ringing */
#define FAR_AT_ONCE 15550110002  /* answers, without ringing */
#define FAR_HANGS_UP 15550110003 /* answers, hangs up after 600 ms */
#define FAR_RINGS 15550110004    /* and never answers */
#define FAR_SILENT 15550110005
#define FAR_BUSY_ONCE 15550110006   /* then answers */
#define FAR_PRESSES 15550110007     /* 1 5 # after 300 ms */
#define FAR_REPEATS 15550110008     /* 5 5 after 300 ms */
#define FAR_PRESSES_ALL 15550110009 /* every key there is */
#define FAR_MACHINE 15550110010     /* hangs up 500 ms after it is known */
#define FAR_COME_BACK 15550110011   /* in 30 s, then in 7 s */
#define FAR_REFUSES 15550110400     /* + status - 400 */

#define TEXT_ACCEPTED 15550112001 /* and nothing more is heard of it */
#define TEXT_SLOW 15550112002     /* accepted, after 2 s */
#define TEXT_LOST 15550112003
#define TEXT_NOBODY 15550112004  /* no such number */
#define TEXT_REFUSED 15550112005 /* for another reason */
#define TEXT_THROTTLED 15550112006
#define TEXT_QUEUE_FULL 15550112007
#define TEXT_DELIVERED 15550112008 /* after 200 ms */
#define TEXT_FAILED 15550112009    /* after 200 ms */
#define TEXT_SENT 15550112010      /* with code 001, then EXPIRED with 034 */
#define TEXT_UNKNOWN 15550112011   /* SENT, then UNKNOWN */
#define TEXT_REPLIES 15550112012   /* TEXT_REPLY, after 200 ms */
#define TEXT_REPLIES_TWICE 15550112013 /* "one" and "two" */
#define TEXT_REPLY "Stop. Thank you \u00e4\u20ac \U0001F600 1+1"

#define BENCH_CHANNELS 64
#define BENCH_CALLS_MAX 256

/* Longest wait for anything that has to come, ms, and for the end of a text,
 * which may come because nobody answers. */
#define SOON_MS 10000
#define TEXT_END_MS 60000

typedef struct bench {
    const od_transport_suite *suite;
    od_test_log log;
    od_id attempt_last;
    size_t calls_len; /* accepted ones, and texts */
    struct {
        uint32_t slot;
        bool text;
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

/* Send a text; the attempt is a new one. */
od_err bench_send(bench *b, uint32_t slot, uint64_t phone, od_id *attempt);
/* The same with more of it said; its attempt is set. */
od_err bench_send_text(bench *b, od_send *send);
/* Wait for the end of a text, which must come. */
const od_report *bench_text_end(bench *b, od_id attempt);
/* Send into slot 0; it must be accepted. Gives its end. */
const od_report *bench_sent(bench *b, uint64_t phone);
/* Wait until the trunk is up, as it must be at last. */
void bench_await_up(bench *b);

/* A prompt of so many ms; od_prompt_drop it. */
const od_prompt *bench_prompt(int64_t ms);

/* Fixtures of every test: a bench is made of the suite in *state. */
int bench_setup(void **state);
int bench_setup_small(void **state); /* two channels */
int bench_setup_texts(void **state);
int bench_setup_texts_small(void **state); /* two texts at once */
int bench_teardown(void **state);          /* checks how each call ended */

/* The tests of each file, ended by one without a function. */
extern const struct CMUnitTest transport_suite_calls[];
extern const struct CMUnitTest transport_suite_media[];
extern const struct CMUnitTest transport_suite_texts[];

#endif
