/*
 * test_transport_sim.c - the simulated carrier is a transport, and so is one
 * that was joined.
 */
#include "support/test.h"

#include "support/transport_suite.h"

#include <inttypes.h>

#define CAN                                                                    \
    (OD_FAR_MACHINE | OD_FAR_RETRY_AFTER | OD_FAR_RECEIPTS | OD_FAR_STATES |   \
     OD_FAR_PARTS | OD_FAR_AGAIN)

typedef od_err (*tell)(od_transport *sim, const char *phone, const char *play,
                       od_errmsg *errmsg);

static void tell_all(od_transport *sim, const od_far_play *plays, tell tell_one)
{
    for (const od_far_play *p = plays; p->phone != 0; p++) {
        assert_int_equal(0, p->needs & ~(unsigned)CAN);
        char phone[32];
        (void)snprintf(phone, sizeof phone, "+%" PRIu64, p->phone);
        assert_int_equal(OD_OK, tell_one(sim, phone, p->play, NULL));
    }
}

static od_transport *make_sim(int32_t calls_max)
{
    od_sim_options options;
    od_sim_options_init(&options);
    options.calls_max = calls_max;
    od_transport *sim = NULL;
    assert_int_equal(OD_OK, od_transport_new_sim(&sim, &options, NULL));
    tell_all(sim, od_transport_suite_plays, od_sim_play);
    return sim;
}

static od_transport *make_sim_texts(int32_t texts_max)
{
    od_sim_options options;
    od_sim_options_init(&options);
    options.texts_max = texts_max;
    od_transport *sim = NULL;
    assert_int_equal(OD_OK, od_transport_new_sim(&sim, &options, NULL));
    tell_all(sim, od_transport_suite_text_plays, od_sim_text_play);
    return sim;
}

/* The simulated carrier in what was made last. */
static od_transport *sim_now;

static od_transport *join(od_transport *sim)
{
    od_transport *joined = NULL;
    sim_now = sim;
    assert_int_equal(OD_OK, od_transport_new_joined(&joined, &sim, 1, NULL));
    return joined;
}

static od_transport *make_joined(int32_t calls_max)
{
    return join(make_sim(calls_max));
}

static od_transport *make_joined_texts(int32_t texts_max)
{
    return join(make_sim_texts(texts_max));
}

static void drop(od_transport *sim)
{
    assert_int_equal(OD_OK, od_sim_trunk(sim, 0, false, NULL));
    assert_int_equal(OD_OK, od_sim_trunk(sim, 0, true, NULL));
}

static void drop_joined(od_transport *joined)
{
    (void)joined;
    drop(sim_now);
}

int main(void)
{
    static const od_transport_suite suite = {.make = make_sim,
                                             .can = CAN,
                                             .make_texts = make_sim_texts,
                                             .drop = drop};
    static const od_transport_suite joined = {.make = make_joined,
                                              .can = CAN,
                                              .make_texts = make_joined_texts,
                                              .drop = drop_joined};
    int failed = od_transport_suite_run(&suite);
    return failed + od_transport_suite_run(&joined);
}
