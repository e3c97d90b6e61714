/*
 * batch.c - what gathers in a step until it is durable.
 *
 * Each input (a report, a timer, a receipt or reply) adds at most one row of
 * each kind, so the smallest free space says how many inputs a step may still
 * take. What does not fit stays with the transport, or in the inbox. A batch is
 * kept as it is when a commit fails and is sent again, with what came since, by
 * the next step.
 */
#include "core/core.h"

size_t od__batch_room(const od__batch *batch)
{
    const size_t lens[] = {batch->answered_len, batch->answers_len,
                           batch->outcomes_len, batch->dnc_len,
                           batch->releases_len, batch->receipts_len,
                           batch->replies_len,  batch->acts_len};
    size_t most = 0;
    for (size_t i = 0; i < OD__LEN(lens); i++) {
        most = lens[i] > most ? lens[i] : most;
    }
    return OD__BATCH_ROWS - most;
}

bool od__batch_is_empty(const od__batch *batch)
{
    return batch->answered_len + batch->answers_len + batch->outcomes_len +
               batch->dnc_len + batch->releases_len + batch->receipts_len +
               batch->replies_len ==
           0;
}

void od__batch_clear(od__batch *batch)
{
    batch->answered_len = 0;
    batch->answers_len = 0;
    batch->outcomes_len = 0;
    batch->dnc_len = 0;
    batch->releases_len = 0;
    batch->receipts_len = 0;
    batch->replies_len = 0;
    batch->dues_len = 0;
}

void od__batch_exchange(od__batch *batch, int64_t utc_ms, od_exchange *out)
{
    const struct {
        const od__pages *pages;
        size_t len;
    } kinds[] = {{&batch->dnc_pages, batch->dnc_len},
                 {&batch->answers_pages, batch->answers_len},
                 {&batch->outcomes_pages, batch->outcomes_len},
                 {&batch->releases_pages, batch->releases_len},
                 {&batch->receipts_pages, batch->receipts_len},
                 {&batch->replies_pages, batch->replies_len}};
    memset(out, 0, sizeof *out);
    out->utc_ms = utc_ms;
    out->dnc = batch->dnc;
    out->dnc_len = batch->dnc_len;
    out->answered = batch->answered;
    out->answered_len = batch->answered_len;
    out->answers = batch->answers;
    out->answers_len = batch->answers_len;
    out->outcomes = batch->outcomes;
    out->outcomes_len = batch->outcomes_len;
    out->releases = batch->releases;
    out->releases_len = batch->releases_len;
    out->receipts = batch->receipts;
    out->receipts_len = batch->receipts_len;
    out->replies = batch->replies;
    out->replies_len = batch->replies_len;
    out->ledger = batch->ledger;
    for (size_t i = 0; i < OD__LEN(kinds); i++) {
        memcpy(&batch->ledger[out->ledger_len], kinds[i].pages->entries,
               kinds[i].len * sizeof batch->ledger[0]);
        out->ledger_len += kinds[i].len;
    }
}
