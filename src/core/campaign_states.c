/*
 * campaign_states.c - the life of a campaign as one table.
 *
 *              START_LATER
 *     IDLE ------------------> SCHEDULED
 *      | ^  \                   |  TIME
 *      | |   \ START            v
 *      | |    +------------> RUNNING <------ RESUME ------ PAUSED
 *      | +------ STOP -------/  |  \ ------- PAUSE ------>
 *      |                        | FINISH
 *      |  START_LATER, START    v
 *      +- (both from) ------ COMPLETED
 *
 * 1. Calls begin only in RUNNING.
 * 2. Only the engine gives TIME and FINISH; the host gives the rest.
 * 3. A cell without a state refuses: the caller gets OD_ERR_STATE.
 */
#include "core/core.h"

#include <assert.h>

#define NO OD_NONE
#define IDLE OD_CAMPAIGN_IDLE
#define SCHD OD_CAMPAIGN_SCHEDULED
#define RUNS OD_CAMPAIGN_RUNNING
#define PAUS OD_CAMPAIGN_PAUSED
#define DONE OD_CAMPAIGN_COMPLETED

static const int32_t table[OD_CAMPAIGN_STATES][OD__CAMPAIGN_INPUTS] = {
    /*            START LATER TIME  PAUSE RESUME STOP FINISH */
    /* IDLE */ {RUNS, SCHD, NO, NO, NO, NO, NO},
    /* SCHD */ {NO, NO, RUNS, NO, NO, IDLE, NO},
    /* RUNS */ {NO, NO, NO, PAUS, NO, IDLE, DONE},
    /* PAUS */ {NO, NO, NO, NO, RUNS, IDLE, NO},
    /* DONE */ {RUNS, SCHD, NO, NO, NO, NO, NO},
};

int32_t od__campaign_next(int32_t state, od__campaign_input input)
{
    assert(state >= 0 && state < OD_CAMPAIGN_STATES);
    return table[state][input];
}

const char *od_campaign_state_name(int32_t state)
{
    static const char *const names[OD_CAMPAIGN_STATES] = {
        "idle", "scheduled", "running", "paused", "completed"};
    return state >= 0 && state < OD_CAMPAIGN_STATES ? names[state] : "?";
}
