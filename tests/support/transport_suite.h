/*
 * transport_suite.h - what a transport is: the definition as tests.
 *
 * The suite drives the table of a transport by itself, with a sink that writes
 * everything down. The far end obeys the plays below, in the words that
 * od_sim_play() explains; how it learns them is the matter of the program that
 * runs the suite: a simulation is told, a SIP callee reads them from a file.
 *
 *     static const od_transport_suite suite = {.make = make_sim, .can = ...};
 *     int main(void)
 *     {
 *         return od_transport_suite_run(&suite);
 *     }
 */
#ifndef OD_TEST_TRANSPORT_SUITE_H
#define OD_TEST_TRANSPORT_SUITE_H

#include <outdial/backend.h>

/* What not every far end can do, or its transport cannot report. */
enum {
    OD_FAR_MACHINE = 1,    /* be a machine that is known as one */
    OD_FAR_RETRY_AFTER = 2 /* refuse with Retry-After */
};

typedef struct od_transport_suite {
    /* Make a transport that is not started, with one trunk of calls_max
     * channels to the far end. Fails the test by itself. */
    od_transport *(*make)(int32_t calls_max);
    bool real_time;   /* false: time jumps from deadline to deadline */
    int64_t slack_ms; /* by how much times and heard_ms may be off */
    unsigned can;     /* OD_FAR_ bits; tests of the others are skipped */
} od_transport_suite;

typedef struct od_far_play {
    uint64_t phone;
    const char *play;
    unsigned needs; /* OD_FAR_ bits */
} od_far_play;

/* What the far end must do, ended by phone 0; a play that needs what it cannot
 * do is not for it. */
extern const od_far_play od_transport_suite_plays[];

/* In one call these keys are sent to the far end, and in one call just 400 ms of
 * a prompt are played to it: whoever can should look whether they arrived. */
#define OD_TRANSPORT_SUITE_KEYS "159#D*"

/* Run all of it as one cmocka group; returns how many failed. */
int od_transport_suite_run(const od_transport_suite *suite);

#endif
