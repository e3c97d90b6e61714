/*
 * test_smpp_bind.c - every cell of the machine of a connection.
 */
#include "support/test.h"

#include "transport/smpp/agent.h"

static void test_smpp_bind_every_cell(void **state)
{
    enum {
        P = OD__SMPP_PAUSE,
        C = OD__SMPP_CONNECT,
        B = OD__SMPP_BIND,
        U = OD__SMPP_BOUND
    };
    static const struct {
        int next;
        int action;
    } expected[OD__SMPP_BIND_STATES][OD__SMPP_BIND_INPUTS] = {
        /* due, connected, accepted, lost */
        {{C, OD__SMPP_DO_OPEN}, {P, 0}, {P, 0}, {P, 0}},
        {{C, 0},
         {B, OD__SMPP_DO_BIND},
         {P, OD__SMPP_DO_DROP},
         {P, OD__SMPP_DO_DROP}},
        {{B, 0}, {B, 0}, {U, OD__SMPP_DO_RAISE}, {P, OD__SMPP_DO_DROP}},
        {{U, 0}, {U, 0}, {U, 0}, {P, OD__SMPP_DO_DROP}},
    };
    (void)state;
    for (int s = 0; s < OD__SMPP_BIND_STATES; s++) {
        for (int i = 0; i < OD__SMPP_BIND_INPUTS; i++) {
            od__smpp_bind_state at = (od__smpp_bind_state)s;
            od__smpp_bind_action action =
                od__smpp_bind_next(&at, (od__smpp_bind_input)i);
            assert_int_equal(at, expected[s][i].next);
            assert_int_equal(action, expected[s][i].action);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smpp_bind_every_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
