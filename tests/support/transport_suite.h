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
 *
 * Texts are tested beside calls, with plays of their own, by a transport that
 * has make_texts. One that carries no calls leaves make NULL.
 */
#ifndef OD_TEST_TRANSPORT_SUITE_H
#define OD_TEST_TRANSPORT_SUITE_H

#include <outdial/backend.h>

/* What not every far end can do, or its transport cannot report. */
enum {
    OD_FAR_MACHINE = 1,     /* be a machine that is known as one */
    OD_FAR_RETRY_AFTER = 2, /* refuse with Retry-After */
    OD_FAR_RECEIPTS = 4,    /* tell that a text was delivered, or was not */
    OD_FAR_STATES = 8,      /* tell also SENT, EXPIRED and UNKNOWN, and codes */
    OD_FAR_PARTS = 16,      /* give each segment of a text an id of its own */
    OD_FAR_AGAIN = 32       /* hand over again what was not received, within
                               some seconds */
};

typedef struct od_transport_suite {
    /* Make a transport that is not started, with one trunk of calls_max
     * channels to the far end. Fails the test by itself. NULL: it carries no
     * calls. */
    od_transport *(*make)(int32_t calls_max);
    bool real_time;   /* false: time jumps from deadline to deadline */
    int64_t slack_ms; /* by how much times and heard_ms may be off */
    unsigned can;     /* OD_FAR_ bits; tests of the others are skipped */
    /* The same, with room for texts_max texts that are not answered yet. The
     * trunk may come up later, within 10 s; an answer that takes 2 s is waited
     * for. NULL: it carries no texts. */
    od_transport *(*make_texts)(int32_t texts_max);
    /* Break the connection of a transport that is started, now; by itself it
     * comes back. NULL: it has none. */
    void (*drop)(od_transport *transport);
} od_transport_suite;

typedef struct od_far_play {
    uint64_t phone;
    const char *play;
    unsigned needs; /* OD_FAR_ bits */
} od_far_play;

/* What the far end must do, ended by phone 0; a play that needs what it cannot
 * do is not for it. */
extern const od_far_play od_transport_suite_plays[];

/*
 * The same for texts, in the words of od_sim_text_play(), without "each": every
 * text to a number meets the same. A network that is not SMPP refuses by what
 * means the same: SIP by 404 for 11, 503 for 88 and 20, 500 for 69; it accepts
 * by 202.
 */
extern const od_far_play od_transport_suite_text_plays[];

/* In one call these keys are sent to the far end, and in one call just 400 ms
 * of a prompt are played to it: whoever can should look whether they arrived.
 */
#define OD_TRANSPORT_SUITE_KEYS "159#D*"

/* One text is this, in UCS-2, and one is "0123456789" so many times, in three
 * segments of GSM: whoever can should look whether they arrived. */
#define OD_TRANSPORT_SUITE_TEXT "Gr\u00fc\u00dfe \u20ac5 \U0001F600"
#define OD_TRANSPORT_SUITE_LONG 40

/* Run all of it as one cmocka group; returns how many failed. */
int od_transport_suite_run(const od_transport_suite *suite);

#endif
