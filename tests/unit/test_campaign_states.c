/*
 * test_campaign_states.c - every cell of the life of a campaign.
 */
#include "support/test.h"

#include "core/core.h"

#define NO OD_NONE

static void test_campaign_states_every_cell(void **state)
{
    static const int32_t want[OD_CAMPAIGN_STATES][OD__CAMPAIGN_INPUTS] = {
        [OD_CAMPAIGN_IDLE] = {[OD__CAMPAIGN_START] = OD_CAMPAIGN_RUNNING,
                              [OD__CAMPAIGN_START_LATER] =
                                  OD_CAMPAIGN_SCHEDULED,
                              [OD__CAMPAIGN_TIME] = NO,
                              [OD__CAMPAIGN_PAUSE] = NO,
                              [OD__CAMPAIGN_RESUME] = NO,
                              [OD__CAMPAIGN_STOP] = NO,
                              [OD__CAMPAIGN_FINISH] = NO},
        [OD_CAMPAIGN_SCHEDULED] = {[OD__CAMPAIGN_START] = NO,
                                   [OD__CAMPAIGN_START_LATER] = NO,
                                   [OD__CAMPAIGN_TIME] = OD_CAMPAIGN_RUNNING,
                                   [OD__CAMPAIGN_PAUSE] = NO,
                                   [OD__CAMPAIGN_RESUME] = NO,
                                   [OD__CAMPAIGN_STOP] = OD_CAMPAIGN_IDLE,
                                   [OD__CAMPAIGN_FINISH] = NO},
        [OD_CAMPAIGN_RUNNING] = {[OD__CAMPAIGN_START] = NO,
                                 [OD__CAMPAIGN_START_LATER] = NO,
                                 [OD__CAMPAIGN_TIME] = NO,
                                 [OD__CAMPAIGN_PAUSE] = OD_CAMPAIGN_PAUSED,
                                 [OD__CAMPAIGN_RESUME] = NO,
                                 [OD__CAMPAIGN_STOP] = OD_CAMPAIGN_IDLE,
                                 [OD__CAMPAIGN_FINISH] =
                                     OD_CAMPAIGN_COMPLETED},
        [OD_CAMPAIGN_PAUSED] = {[OD__CAMPAIGN_START] = NO,
                                [OD__CAMPAIGN_START_LATER] = NO,
                                [OD__CAMPAIGN_TIME] = NO,
                                [OD__CAMPAIGN_PAUSE] = NO,
                                [OD__CAMPAIGN_RESUME] = OD_CAMPAIGN_RUNNING,
                                [OD__CAMPAIGN_STOP] = OD_CAMPAIGN_IDLE,
                                [OD__CAMPAIGN_FINISH] = NO},
        [OD_CAMPAIGN_COMPLETED] = {[OD__CAMPAIGN_START] = OD_CAMPAIGN_RUNNING,
                                   [OD__CAMPAIGN_START_LATER] =
                                       OD_CAMPAIGN_SCHEDULED,
                                   [OD__CAMPAIGN_TIME] = NO,
                                   [OD__CAMPAIGN_PAUSE] = NO,
                                   [OD__CAMPAIGN_RESUME] = NO,
                                   [OD__CAMPAIGN_STOP] = NO,
                                   [OD__CAMPAIGN_FINISH] = NO},
    };
    (void)state;
    for (int32_t from = 0; from < OD_CAMPAIGN_STATES; from++) {
        for (int input = 0; input < OD__CAMPAIGN_INPUTS; input++) {
            int32_t to = od__campaign_next(from, (od__campaign_input)input);
            if (to != want[from][input]) {
                fail_msg("%s, input %d: gives %d", od_campaign_state_name(from),
                         input, (int)to);
            }
        }
    }
}

/* Wherever a campaign runs, it can be ended, and no state is a trap. */
static void test_campaign_states_lead_to_each_other(void **state)
{
    bool reached[OD_CAMPAIGN_STATES][OD_CAMPAIGN_STATES];
    (void)state;
    memset(reached, 0, sizeof reached);
    for (int round = 0; round < OD_CAMPAIGN_STATES; round++) {
        for (int32_t a = 0; a < OD_CAMPAIGN_STATES; a++) {
            for (int input = 0; input < OD__CAMPAIGN_INPUTS; input++) {
                int32_t b = od__campaign_next(a, (od__campaign_input)input);
                if (b == NO) {
                    continue;
                }
                reached[a][b] = true;
                for (int32_t c = 0; c < OD_CAMPAIGN_STATES; c++) {
                    reached[a][c] = reached[a][c] || reached[b][c];
                }
            }
        }
    }
    for (int32_t a = 0; a < OD_CAMPAIGN_STATES; a++) {
        for (int32_t b = 0; b < OD_CAMPAIGN_STATES; b++) {
            assert_true(reached[a][b]);
        }
    }
}

static void test_campaign_states_names(void **state)
{
    static const char *const names[] = {"idle", "scheduled", "running",
                                        "paused", "completed"};
    (void)state;
    for (int32_t i = 0; i < OD_CAMPAIGN_STATES; i++) {
        assert_string_equal(od_campaign_state_name(i), names[i]);
    }
    assert_string_equal(od_campaign_state_name(-1), "?");
    assert_string_equal(od_campaign_state_name(OD_CAMPAIGN_STATES), "?");
    assert_string_equal(od_campaign_state_name(INT32_MAX), "?");
    assert_string_equal(od_campaign_state_name(INT32_MIN), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_campaign_states_every_cell),
        cmocka_unit_test(test_campaign_states_lead_to_each_other),
        cmocka_unit_test(test_campaign_states_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
