/*
 * storage.h - the folder's table of contents: what every storage shares.
 *
 * storage.c      a table and its context behind one handle; the table's check
 * ledger_seal.c  the digest and the hash of a ledger row
 * target.c       small questions about targets, entries and consents that every
 *                storage answers in the same words
 * receipt.c      what the end of an attempt, and a receipt, make of a text
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

/* Does an entry forbid a call, or a text, of this campaign (0: of any)?
 * channel: od_channel; an unknown one is as voice. */
bool od__dnc_forbids(int32_t scope, od_id entry_campaign, int32_t channel,
                     od_id campaign);

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

/* == receipt.c ============================================================ */

/* Is a receipt waited for? */
bool od__delivery_is_open(int32_t delivery);

/*
 * What the end of an attempt says of its text: disposition, status, fault,
 * ended_utc_ms and, if the network took it, parts, delivery, delivery_utc_ms
 * and open_until_utc_ms.
 */
void od__message_end(od_message_record *message, const od_outcome *outcome);

/*
 * What a receipt says of a text: parts, delivery, delivery_utc_ms, disposition,
 * open_until_utc_ms. The network code is the storage's to keep, for it owns the
 * texts of its rows. false: it is to be ignored, and nothing changed.
 */
bool od__message_receive(od_message_record *message,
                         const od_receipt_record *receipt);

/*
 * What a receipt that was not ignored makes of the target of its text, as it
 * stands in the message; `owned`: it is not nobody's. Writes target_state,
 * target_disposition and tries. The caller sees to it that there is a target,
 * that the campaign made no later attempt, and to the due time. false: it is
 * left alone.
 */
bool od__message_steer(od_message_record *message,
                       const od_receipt_record *receipt, bool owned);

#endif
