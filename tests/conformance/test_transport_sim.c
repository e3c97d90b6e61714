/*
 * test_transport_sim.c - the simulated carrier is a transport.
 */
#include "support/test.h"

#include "support/transport_suite.h"

#include <inttypes.h>

#define CAN (OD_FAR_MACHINE | OD_FAR_RETRY_AFTER)

static od_transport *make_sim(int32_t calls_max)
{
    od_sim_options options;
    od_sim_options_init(&options);
    options.calls_max = calls_max;
    od_transport *sim = NULL;
    assert_int_equal(OD_OK, od_transport_new_sim(&sim, &options, NULL));
    for (const od_far_play *p = od_transport_suite_plays; p->phone != 0; p++) {
        assert_int_equal(0, p->needs & ~(unsigned)CAN);
        char phone[32];
        (void)snprintf(phone, sizeof phone, "+%" PRIu64, p->phone);
        assert_int_equal(OD_OK, od_sim_play(sim, phone, p->play, NULL));
    }
    return sim;
}

int main(void)
{
    static const od_transport_suite suite = {.make = make_sim, .can = CAN};
    return od_transport_suite_run(&suite);
}
