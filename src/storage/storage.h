/*
 * storage.h - the folder's table of contents: what every storage shares.
 *
 * storage.c      a table and its context behind one handle; the table's check
 * ledger_seal.c  the digest and the hash of a ledger row
 * target.c       small questions about targets, entries and consents that every
 *                storage answers in the same words
 * tally.h        how the counters of a campaign follow its targets
 * memory.h       the storage in memory (memory*.c)
 * sqlite/        the storage in a file
 *
 * Knows base and backend.h only. Reads no clock and knows no calling rule.
 */
#ifndef OD_SRC_STORAGE_H
#define OD_SRC_STORAGE_H

#include "base/base.h"

#include <outdial/backend.h>

/* == storage.c ============================================================ */

/* Complete by construction: no mandatory slot is NULL. */
struct od_storage {
    const od_storage_ops *ops;
    void *ctx;
};

/* == target.c ============================================================= */

/* Are members that are put into a group of such a campaign enrolled at once?
 * SCHEDULED, RUNNING and PAUSED ones are. */
bool od__campaign_is_live(int32_t state);

/* Does this change of state begin the fill anew? */
bool od__campaign_begins(int32_t from, int32_t to);

/* The lane of a target that is READY. */
int32_t od__target_lane(int32_t place, int32_t attempts);

/* Due time of a target that a fill or a new member enrols or revives. */
int64_t od__target_due_ms(int64_t utc_ms, uint64_t phone);

/* Does a target go when its phone is in no group of the campaign any more? */
bool od__target_is_untried(int32_t state, int32_t attempts);

/* Due time of a target that is READY again at utc_ms: a delay that has not
 * passed is kept. */
int64_t od__target_due_kept_ms(int64_t utc_ms, int64_t due_utc_ms);

/* Is a target that is blocked for this reason free when there is new evidence
 * of consent? */
bool od__reason_is_of_consent(int32_t reason);

/* Does a fill that meets this target make it READY again? */
bool od__target_revives(const od_candidate *target, int32_t attempts_below);

/* May a target be called back at a stated time? */
bool od__target_calls_back(int32_t state, int32_t reason);

/*
 * The phone that is called when this one is through, with its place: what
 * stands behind it in the order of the contact. `more` and `more_places` are
 * its OD_PHONES_MORE further phones. 0: there is none, or `phone` is not one of
 * the contact's.
 */
uint64_t od__phone_after(uint64_t phone, uint64_t first, const uint64_t *more,
                         const int32_t *more_places, int32_t *place);

/* Does an entry forbid a voice call of this campaign (0: of any)? */
bool od__dnc_forbids(int32_t scope, od_id entry_campaign, od_id campaign);

/* Is an entry that expires then (0: never) still one at this instant? */
bool od__dnc_in_force(int64_t expires_utc_ms, int64_t utc_ms);

/* Is a stored entry prolonged by a row of these expiries? */
bool od__dnc_prolongs(int64_t stored_utc_ms, int64_t row_utc_ms);

/* Does a new entry revoke the consents of its phone? Block READY targets? */
bool od__dnc_revokes(const od_dnc_record *row);
bool od__dnc_blocks(const od_dnc_record *row);

/* Add an entry that forbids, and is in force, to the facts of a candidate. */
void od__dnc_note(od_candidate *facts, int64_t expires_utc_ms);

/* Add a consent that is in force, of the campaign's seller, to what is known of
 * them. */
void od__consent_note(od_consents *facts, int32_t kind, int32_t purpose,
                      int64_t obtained_utc_ms);

/* Put a call before those of a phone that are remembered; the 17th goes. */
void od__recent_add(od_candidate *facts, int64_t utc_ms, od_id campaign);

/* Does a batch that was stored say that the group is looked after? An import
 * does, and a single contact that is new or changed. */
bool od__members_are_fresh(const od_member_batch *batch);

/* A text that may be NULL, as text. */
const char *od__text_or_empty(const char *text);

#endif
