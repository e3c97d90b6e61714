/*
 * retry.c - what becomes of a number after an attempt.
 *
 * Turns a disposition into the next state of the target. It only proposes a
 * time: whether the number may be called then is decided by decide.c when the
 * time has come.
 */
#include "core/core.h"

/* A full trunk is not the number's fault: try again soon, count nothing. */
#define CONGESTION_MS 60000

static void again(od_outcome *outcome, int64_t due_utc_ms)
{
    outcome->target_state = OD_TARGET_READY;
    outcome->due_utc_ms = due_utc_ms;
}

void od__retry(const od_campaign_record *campaign, int32_t attempts,
               int64_t utc_ms, od_outcome *outcome)
{
    int32_t used = attempts + (outcome->reached_network ? 1 : 0);
    bool left = used < campaign->attempts_max;
    bool recall = campaign->recall != OD_NONE;
    int64_t due = utc_ms + (int64_t)campaign->retry_delay_s * 1000;

    outcome->target_state = OD_TARGET_DONE;
    switch (outcome->disposition) {
    case OD_DISPOSITION_ANSWERED:
        outcome->answered = true;
        break;
    case OD_DISPOSITION_NOT_FOUND:
        outcome->number_invalid = true;
        break;
    case OD_DISPOSITION_UNKNOWN:
        if (left && campaign->redial_unknown != 0) {
            again(outcome, due);
        }
        break;
    case OD_DISPOSITION_CONGESTION:
    case OD_DISPOSITION_CANCELLED:
    case OD_DISPOSITION_FAILED:
        if (!outcome->reached_network) {
            again(outcome, utc_ms + CONGESTION_MS);
            break;
        }
        /* fall through */
    default:
        if (left && recall) {
            again(outcome, due);
        }
        break;
    }
}
