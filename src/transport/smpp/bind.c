/*
 * bind.c - the states of a connection to an SMSC.
 *
 *              due              connected           accepted
 *     PAUSE --------> CONNECT ------------> BIND ------------> BOUND
 *       ^                |                    |                  |
 *       `-------lost-----'--------lost--------'-------lost-------'
 *
 * The agent performs the actions. Invariants:
 *   1. texts are given to the connection in BOUND only, and the engine is told
 *      that the trunk is up in BOUND only;
 *   2. every way out of a state but PAUSE by LOST drops the connection, so that
 *      in PAUSE there is no socket, no request and no text.
 */
#include "transport/smpp/agent.h"

typedef struct step {
    uint8_t state;
    uint8_t action;
} step;

static const step steps[OD__SMPP_BIND_STATES][OD__SMPP_BIND_INPUTS] = {
    [OD__SMPP_PAUSE] =
        {
            [OD__SMPP_DUE] = {OD__SMPP_CONNECT, OD__SMPP_DO_OPEN},
            [OD__SMPP_CONNECTED] = {OD__SMPP_PAUSE, OD__SMPP_DO_NOTHING},
            [OD__SMPP_ACCEPTED] = {OD__SMPP_PAUSE, OD__SMPP_DO_NOTHING},
            [OD__SMPP_LOST] = {OD__SMPP_PAUSE, OD__SMPP_DO_NOTHING},
        },
    [OD__SMPP_CONNECT] =
        {
            [OD__SMPP_DUE] = {OD__SMPP_CONNECT, OD__SMPP_DO_NOTHING},
            [OD__SMPP_CONNECTED] = {OD__SMPP_BIND, OD__SMPP_DO_BIND},
            /* Nothing was asked yet: not an SMSC. */
            [OD__SMPP_ACCEPTED] = {OD__SMPP_PAUSE, OD__SMPP_DO_DROP},
            [OD__SMPP_LOST] = {OD__SMPP_PAUSE, OD__SMPP_DO_DROP},
        },
    [OD__SMPP_BIND] =
        {
            [OD__SMPP_DUE] = {OD__SMPP_BIND, OD__SMPP_DO_NOTHING},
            [OD__SMPP_CONNECTED] = {OD__SMPP_BIND, OD__SMPP_DO_NOTHING},
            [OD__SMPP_ACCEPTED] = {OD__SMPP_BOUND, OD__SMPP_DO_RAISE},
            [OD__SMPP_LOST] = {OD__SMPP_PAUSE, OD__SMPP_DO_DROP},
        },
    [OD__SMPP_BOUND] =
        {
            [OD__SMPP_DUE] = {OD__SMPP_BOUND, OD__SMPP_DO_NOTHING},
            [OD__SMPP_CONNECTED] = {OD__SMPP_BOUND, OD__SMPP_DO_NOTHING},
            [OD__SMPP_ACCEPTED] = {OD__SMPP_BOUND, OD__SMPP_DO_NOTHING},
            [OD__SMPP_LOST] = {OD__SMPP_PAUSE, OD__SMPP_DO_DROP},
        },
};

od__smpp_bind_action od__smpp_bind_next(od__smpp_bind_state *state,
                                        od__smpp_bind_input input)
{
    const step *next = &steps[*state][input];
    *state = (od__smpp_bind_state)next->state;
    return (od__smpp_bind_action)next->action;
}
