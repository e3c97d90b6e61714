/*
 * call_states.c - the life of a call as one table.
 *
 *     claim (durable)
 *        |                 PROGRESS, RINGING
 *     DIALING ------------------------------> RINGING
 *        |  \ ANSWERED                          |
 *        |   +------------> ANSWERED <----------+ ANSWERED
 *        |                     |                |
 *        | TIMER, HANGUP       | HANGUP, EXPIRE | TIMER, HANGUP
 *        +------------------> ENDING <----------+
 *                              |
 *          ENDED (from any)    v
 *        ------------------> ENDED -- outcome durable --> FREE
 *
 * 1. Every call that was dialed gets exactly one ENDED input, and leaves its
 *    slot only after its outcome is durable.
 * 2. The script runs in ANSWERED only.
 * 3. An answer that crosses our CANCEL is heard in ENDING: the person answered,
 *    which the outcome says, and the call is hung up.
 * 4. A key that crosses our BYE is heard in ENDING: it may be the opt-out.
 * 5. Inputs that cannot be (a digit before the answer, anything for a free
 *    slot) change nothing: a transport's mistake must not become ours.
 */
#include "core/core.h"

#include <assert.h>

#define C(next, action)                                                        \
    {                                                                          \
        OD__CALL_##next, OD__DO_##action                                       \
    }

static const od__call_cell table[OD__CALL_STATES][OD__CALL_INPUTS] = {
    [OD__CALL_FREE] = {
        [OD__IN_PROGRESS] = C(FREE, NOTHING),
        [OD__IN_RINGING] = C(FREE, NOTHING),
        [OD__IN_ANSWERED] = C(FREE, NOTHING),
        [OD__IN_DIGIT] = C(FREE, NOTHING),
        [OD__IN_PLAY_ENDED] = C(FREE, NOTHING),
        [OD__IN_ENDED] = C(FREE, NOTHING),
        [OD__IN_TIMER] = C(FREE, NOTHING),
        [OD__IN_EXPIRE] = C(FREE, NOTHING),
        [OD__IN_HANGUP] = C(FREE, NOTHING),
    },
    [OD__CALL_DIALING] = {
        [OD__IN_PROGRESS] = C(RINGING, PROGRESS),
        [OD__IN_RINGING] = C(RINGING, RING),
        [OD__IN_ANSWERED] = C(ANSWERED, ANSWER),
        [OD__IN_DIGIT] = C(DIALING, NOTHING),
        [OD__IN_PLAY_ENDED] = C(DIALING, NOTHING),
        [OD__IN_ENDED] = C(ENDED, END),
        [OD__IN_TIMER] = C(ENDING, RING_OUT),
        [OD__IN_EXPIRE] = C(DIALING, NOTHING),
        [OD__IN_HANGUP] = C(ENDING, HANGUP),
    },
    [OD__CALL_RINGING] = {
        [OD__IN_PROGRESS] = C(RINGING, PROGRESS),
        [OD__IN_RINGING] = C(RINGING, RING),
        [OD__IN_ANSWERED] = C(ANSWERED, ANSWER),
        [OD__IN_DIGIT] = C(RINGING, NOTHING),
        [OD__IN_PLAY_ENDED] = C(RINGING, NOTHING),
        [OD__IN_ENDED] = C(ENDED, END),
        [OD__IN_TIMER] = C(ENDING, RING_OUT),
        [OD__IN_EXPIRE] = C(RINGING, NOTHING),
        [OD__IN_HANGUP] = C(ENDING, HANGUP),
    },
    [OD__CALL_ANSWERED] = {
        [OD__IN_PROGRESS] = C(ANSWERED, NOTHING),
        [OD__IN_RINGING] = C(ANSWERED, NOTHING),
        [OD__IN_ANSWERED] = C(ANSWERED, NOTHING),
        [OD__IN_DIGIT] = C(ANSWERED, DIGIT),
        [OD__IN_PLAY_ENDED] = C(ANSWERED, PLAYED),
        [OD__IN_ENDED] = C(ENDED, END),
        [OD__IN_TIMER] = C(ANSWERED, SCRIPT_TIMER),
        [OD__IN_EXPIRE] = C(ENDING, HANGUP),
        [OD__IN_HANGUP] = C(ENDING, HANGUP),
    },
    [OD__CALL_ENDING] = {
        [OD__IN_PROGRESS] = C(ENDING, PROGRESS),
        [OD__IN_RINGING] = C(ENDING, PROGRESS),
        [OD__IN_ANSWERED] = C(ENDING, ANSWER),
        [OD__IN_DIGIT] = C(ENDING, DIGIT),
        [OD__IN_PLAY_ENDED] = C(ENDING, NOTHING),
        [OD__IN_ENDED] = C(ENDED, END),
        [OD__IN_TIMER] = C(ENDING, NOTHING),
        [OD__IN_EXPIRE] = C(ENDING, NOTHING),
        [OD__IN_HANGUP] = C(ENDING, NOTHING),
    },
    [OD__CALL_ENDED] = {
        [OD__IN_PROGRESS] = C(ENDED, NOTHING),
        [OD__IN_RINGING] = C(ENDED, NOTHING),
        [OD__IN_ANSWERED] = C(ENDED, NOTHING),
        [OD__IN_DIGIT] = C(ENDED, NOTHING),
        [OD__IN_PLAY_ENDED] = C(ENDED, NOTHING),
        [OD__IN_ENDED] = C(ENDED, NOTHING),
        [OD__IN_TIMER] = C(ENDED, NOTHING),
        [OD__IN_EXPIRE] = C(ENDED, NOTHING),
        [OD__IN_HANGUP] = C(ENDED, NOTHING),
    },
};

od__call_cell od__call_next(od__call_state state, od__call_input input)
{
    assert((int)state < OD__CALL_STATES && (int)input < OD__CALL_INPUTS);
    return table[state][input];
}
