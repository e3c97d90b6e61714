/*
 * tally.h - how the counters of a campaign follow its targets and attempts.
 *
 * The one place that knows which sum changes with which transition. A storage
 * keeps an od_counters per campaign, hands it here with each change, and makes
 * it durable in the transaction of that change. Pure; allocates nothing.
 *
 * Invariant: targets = ready + flight + done + blocked; blocked is the sum of
 * blocked_by, done that of done_by.
 */
#ifndef OD_SRC_STORAGE_TALLY_H
#define OD_SRC_STORAGE_TALLY_H

#include "storage/storage.h"

/* Where a target stands, as far as sums care. */
typedef struct od__standing {
    int32_t state;       /* od_target_state */
    int32_t reason;      /* od_reason, counts with BLOCKED */
    int32_t disposition; /* od_disposition of the last attempt, counts with
                            DONE */
} od__standing;

/* A target appears, disappears, or goes from one standing to another. */
void od__tally_enter(od_counters *sums, const od__standing *standing);
void od__tally_leave(od_counters *sums, const od__standing *standing);
void od__tally_move(od_counters *sums, const od__standing *from,
                    const od__standing *to);

/*
 * An attempt was claimed at this instant: the calls of the minute. Needs the
 * sums as they stand, a difference will not do. The target moves on its own.
 */
void od__tally_claim(od_counters *sums, int64_t utc_ms);

/* A live attempt ended. The target moves on its own. */
void od__tally_end(od_counters *sums, const od_outcome *outcome);

/* A callee opted out in a call of this campaign, and the entry is new. */
void od__tally_opt_out(od_counters *sums);

/*
 * The attempt that ended, see od__tally_end(), was a text of so many segments
 * and no notice; `delivery` is what its end says of it, NONE if the network did
 * not take it.
 */
void od__tally_text(od_counters *sums, int32_t delivery, int32_t segments);

/* The delivery of such a text changed. */
void od__tally_delivery(od_counters *sums, int32_t from, int32_t to);

/* A reply to this campaign came in. */
void od__tally_reply(od_counters *sums);

#endif
