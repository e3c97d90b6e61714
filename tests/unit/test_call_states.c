/*
 * test_call_states.c - every cell of the life of a call, and what follows from
 * all of them together.
 */
#include "support/test.h"

#include "core/core.h"

/* Short names, so that a state is one row. */
#define F OD__CALL_FREE
#define D OD__CALL_DIALING
#define R OD__CALL_RINGING
#define A OD__CALL_ANSWERED
#define E OD__CALL_ENDING
#define X OD__CALL_ENDED

static const od__call_cell want[OD__CALL_STATES][OD__CALL_INPUTS] = {
    /* progress, ringing, answered, digit, play ended, ended, timer, expire,
     * hangup */
    [F] = {{F, OD__DO_NOTHING}, {F, OD__DO_NOTHING}, {F, OD__DO_NOTHING},
           {F, OD__DO_NOTHING}, {F, OD__DO_NOTHING}, {F, OD__DO_NOTHING},
           {F, OD__DO_NOTHING}, {F, OD__DO_NOTHING}, {F, OD__DO_NOTHING}},
    [D] = {{R, OD__DO_PROGRESS}, {R, OD__DO_RING}, {A, OD__DO_ANSWER},
           {D, OD__DO_NOTHING}, {D, OD__DO_NOTHING}, {X, OD__DO_END},
           {E, OD__DO_RING_OUT}, {D, OD__DO_NOTHING}, {E, OD__DO_HANGUP}},
    [R] = {{R, OD__DO_PROGRESS}, {R, OD__DO_RING}, {A, OD__DO_ANSWER},
           {R, OD__DO_NOTHING}, {R, OD__DO_NOTHING}, {X, OD__DO_END},
           {E, OD__DO_RING_OUT}, {R, OD__DO_NOTHING}, {E, OD__DO_HANGUP}},
    [A] = {{A, OD__DO_NOTHING}, {A, OD__DO_NOTHING}, {A, OD__DO_NOTHING},
           {A, OD__DO_DIGIT}, {A, OD__DO_PLAYED}, {X, OD__DO_END},
           {A, OD__DO_SCRIPT_TIMER}, {E, OD__DO_HANGUP}, {E, OD__DO_HANGUP}},
    [E] = {{E, OD__DO_PROGRESS}, {E, OD__DO_PROGRESS}, {E, OD__DO_ANSWER},
           {E, OD__DO_DIGIT}, {E, OD__DO_NOTHING}, {X, OD__DO_END},
           {E, OD__DO_NOTHING}, {E, OD__DO_NOTHING}, {E, OD__DO_NOTHING}},
    [X] = {{X, OD__DO_NOTHING}, {X, OD__DO_NOTHING}, {X, OD__DO_NOTHING},
           {X, OD__DO_NOTHING}, {X, OD__DO_NOTHING}, {X, OD__DO_NOTHING},
           {X, OD__DO_NOTHING}, {X, OD__DO_NOTHING}, {X, OD__DO_NOTHING}},
};

static od__call_cell cell(int from, int input)
{
    return od__call_next((od__call_state)from, (od__call_input)input);
}

static void test_call_states_every_cell(void **state)
{
    (void)state;
    for (int from = 0; from < OD__CALL_STATES; from++) {
        for (int input = 0; input < OD__CALL_INPUTS; input++) {
            od__call_cell got = cell(from, input);
            if (got.next != want[from][input].next ||
                got.action != want[from][input].action) {
                fail_msg("state %d, input %d: gives state %d, action %d", from,
                         input, (int)got.next, (int)got.action);
            }
        }
    }
}

/* An outcome is made once: only on the way into ENDED, from any live state. */
static void test_call_states_end_once(void **state)
{
    (void)state;
    for (int from = 0; from < OD__CALL_STATES; from++) {
        for (int input = 0; input < OD__CALL_INPUTS; input++) {
            od__call_cell got = cell(from, input);
            bool enters = from != X && got.next == X;
            assert_int_equal(got.action == OD__DO_END, enters);
            assert_int_equal(enters, from != F && from != X &&
                                         input == OD__IN_ENDED);
        }
    }
}

/* The script runs in ANSWERED only (a key may cross our BYE: it can be the
 * opt-out), and nothing leads back to it. */
static void test_call_states_script_in_answered_only(void **state)
{
    (void)state;
    for (int from = 0; from < OD__CALL_STATES; from++) {
        for (int input = 0; input < OD__CALL_INPUTS; input++) {
            od__call_cell got = cell(from, input);
            bool script = got.action == OD__DO_DIGIT ||
                          got.action == OD__DO_PLAYED ||
                          got.action == OD__DO_SCRIPT_TIMER;
            bool crossing = from == E && got.action == OD__DO_DIGIT;
            assert_true(!script || from == A || crossing);
            assert_true(got.next != A || from == A || from == D || from == R);
        }
    }
}

/* Each state that waits for the far end is left by a hangup, for ENDING, and
 * a hangup is said to the transport once. */
static void test_call_states_hangup_once(void **state)
{
    (void)state;
    for (int from = 0; from < OD__CALL_STATES; from++) {
        od__call_cell got = cell(from, OD__IN_HANGUP);
        bool live = from == D || from == R || from == A;
        assert_int_equal(got.action == OD__DO_HANGUP, live);
        assert_int_equal(got.next, live ? E : from);
        if (live) {
            assert_int_equal(cell(got.next, OD__IN_HANGUP).action,
                             OD__DO_NOTHING);
        }
    }
}

/* Nothing brings a free slot to life but a claim, and nothing but a commit
 * frees one. */
static void test_call_states_free_stays_free(void **state)
{
    (void)state;
    for (int input = 0; input < OD__CALL_INPUTS; input++) {
        assert_int_equal(cell(F, input).next, F);
        assert_int_equal(cell(F, input).action, OD__DO_NOTHING);
        for (int from = 1; from < OD__CALL_STATES; from++) {
            assert_int_not_equal(cell(from, input).next, F);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_call_states_every_cell),
        cmocka_unit_test(test_call_states_end_once),
        cmocka_unit_test(test_call_states_script_in_answered_only),
        cmocka_unit_test(test_call_states_hangup_once),
        cmocka_unit_test(test_call_states_free_stays_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
