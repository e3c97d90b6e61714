/*
 * batch.c - what gathers in a step until it is durable.
 *
 * Each input (a report, a timer) adds at most one row of each kind (and two of
 * the ledger), so the smallest free space says how many inputs a step may still take. What does
 * not fit stays with the transport. A batch is kept as it is when a commit
 * fails and is sent again by the next step.
 */
#include "core/core.h"

size_t od__batch_room(const od__batch *batch)
{
    const size_t lens[] = {batch->answered_len, batch->answers_len,
                           batch->outcomes_len, batch->dnc_len,
                           (batch->ledger_len + 1) / 2, batch->acts_len};
    size_t most = 0;
    for (size_t i = 0; i < OD__LEN(lens); i++) {
        most = lens[i] > most ? lens[i] : most;
    }
    return OD__BATCH_ROWS - most;
}

bool od__batch_is_empty(const od__batch *batch)
{
    return batch->answered_len + batch->answers_len + batch->outcomes_len +
               batch->dnc_len + batch->ledger_len ==
           0;
}

void od__batch_clear(od__batch *batch)
{
    batch->answered_len = 0;
    batch->answers_len = 0;
    batch->outcomes_len = 0;
    batch->dnc_len = 0;
    batch->ledger_len = 0;
}
