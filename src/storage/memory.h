/*
 * memory.h - the storage in memory: who may change its rows.
 *
 *   memory.c             lifetime, lease, places, the table of slots
 *   memory_groups.c      groups, membership, leaving
 *   memory_contacts.c    contacts: put, join, update, read
 *   memory_bodies.c      what is stored of a contact besides its phones
 *   memory_phones.c      the phones of a contact: what follows, what leaves
 *   memory_targets.c     the dial queue: lanes, and targets coming and going
 *   memory_facts.c       what is known of a target and its phone
 *   memory_campaigns.c   campaigns and the fill
 *   memory_dnc.c         the do-not-call list
 *   memory_consents.c    evidence of consent
 *   memory_exchange.c    what happened, then what may begin
 *   memory_calls.c       attempts, answers, results: read
 *   memory_messages.c    texts, and what networks say of them
 *   memory_replies.c     texts that came in, and notices that answer them
 *   memory_assets.c      named bytes
 *   memory_ledger.c      the hash chain
 *   memory_erase.c       a person is erased
 *   memory_rows.h        the rows, drawn
 *   memory_containers.h  rows, pools, a map, texts
 *
 * A slot reserves all memory it may need before it changes anything, so it
 * fails whole. Lines and queues that a failed slot left behind hold nothing
 * and are never seen.
 */
#ifndef OD_SRC_STORAGE_MEMORY_H
#define OD_SRC_STORAGE_MEMORY_H

#include "storage/memory_rows.h"
#include "storage/storage.h"
#include "storage/tally.h"

#include <assert.h>
#include <inttypes.h>

/* == memory.c ============================================================= */

/* As od_storage_new_memory(), with memory from an allocator (may be NULL). */
od_err od__memory_new(od_storage **out, const od_allocator *allocator,
                      od_errmsg *errmsg);

/* The line of a phone; NULL: nothing is known of it. */
od__memory_line *od__memory_line_find(const od__memory *memory,
                                      uint64_t phone);
/* The same, made if it is not there. NULL: out of memory. */
od__memory_line *od__memory_line_make(od__memory *memory, uint64_t phone);
/* The line of a prefix, made if it is not there. NULL: out of memory. */
od__memory_line *od__memory_prefix_make(od__memory *memory, uint64_t digits);

/* Failures in one wording. */
od_err od__memory_fail_full(od__memory *memory);
od_err od__memory_fail_no(od__memory *memory, const char *what, od_id id);

/* == memory_groups.c ====================================================== */

od_err od__memory_group_put(void *ctx, od_id id, const char *name, od_id *out);
od_err od__memory_group_remove(void *ctx, od_id id);
od_err od__memory_group_scan(void *ctx, od_id after, od_group *rows,
                             size_t rows_max, size_t *count);
od_err od__memory_member_remove(void *ctx, od_id contact, od_id group);
od_err od__memory_group_validate(void *ctx, od_id group, int64_t utc_ms);
od_err od__memory_group_places(void *ctx, od_id group, int32_t after,
                               od_place_count *rows, size_t rows_max,
                               size_t *count);

/* The member with this phone, or NULL. */
od__memory_member *od__memory_member_of(const od__memory_line *line,
                                        const od__memory_group *group);
/* Add a member; needs one in the pool and room in the group. */
void od__memory_member_add(od__memory *memory, od__memory_group *group,
                           od__memory_contact *contact, int64_t import);
/* Members of a group after a contact id, one at a time: set *at to
 * od__memory_member_seek(), then take until NULL. */
size_t od__memory_member_seek(od__memory_group *group, od_id after);
od__memory_member *od__memory_member_next(const od__memory_group *group,
                                          size_t *at);
/* The members of a group were checked. */
void od__memory_group_refresh(od__memory_group *group, int64_t utc_ms);
/* Out of all groups and out of the store. Needs
 * od__memory_leave_reserve() of the contact. */
void od__memory_contact_remove(od__memory *memory,
                               od__memory_contact *contact);

/* == memory_bodies.c ====================================================== */

/* Copy of what a row says of a contact, in one block; or NULL. */
od_contact *od__memory_body_make(od__memory *memory, const od_member_row *row,
                                 uint64_t phone);

/* == memory_phones.c ====================================================== */

/* Phones of a contact: the first, then the further ones. */
#define OD__MEMORY_PHONES (1 + OD_PHONES_MORE)

/* The line of a contact's phone, by position; NULL: it has none there. */
od__memory_line *od__memory_contact_line(const od__memory_contact *contact,
                                         size_t at);
int32_t od__memory_contact_place(const od__memory_contact *contact, size_t at);
/* Does the campaign have this group? */
bool od__memory_campaign_has(const od_campaign_record *record, od_id group);

/*
 * A contact left groups of a campaign: what becomes of a target of one of its
 * phones. Needs od__memory_leave_reserve(contact) before.
 */
void od__memory_target_left(od__memory *memory, od__memory_target *target,
                            const od__memory_contact *gone);
/* What still belongs to the contact on this line goes to who holds the phone,
 * or is DONE if it was READY. Needs the same. */
void od__memory_targets_finish(od__memory_line *line,
                               const od__memory_contact *gone);
/* A further phone is the contact's no more. */
void od__memory_phone_left(od__memory *memory, od__memory_line *line,
                           const od__memory_contact *contact);
bool od__memory_leave_reserve(od__memory *memory,
                              const od__memory_contact *contact);
bool od__memory_line_leave_reserve(od__memory *memory,
                                   const od__memory_line *line);

/* The next phone of the target's contact becomes a target, if it is to. Needs
 * the reservation: for so many of them in all. */
void od__memory_follow(od__memory *memory, const od__memory_target *target,
                       int64_t due_ms);
bool od__memory_follow_reserve(od__memory *memory,
                               const od__memory_target *target, size_t len);

/* == memory_contacts.c ==================================================== */

od_err od__memory_member_put(void *ctx, od_member_batch *batch);
od_err od__memory_member_join(void *ctx, od_id contact, od_id group,
                              int64_t utc_ms);
od_err od__memory_contact_get(void *ctx, od_id id, od_contact_record *out);
od_err od__memory_contact_update(void *ctx, od_id id, const od_member_row *row,
                                 int64_t utc_ms);
od_err od__memory_contact_scan(void *ctx, od_id group, od_id after,
                               od_contact_record *rows, size_t rows_max,
                               size_t *count);

/* == memory_targets.c ===================================================== */

od_err od__memory_lane_scan(void *ctx, od_id campaign, int32_t after,
                            od_lane_row *rows, size_t rows_max, size_t *count);
od_err od__memory_counters(void *ctx, od_id campaign, od_counters *out);
od_err od__memory_target_call_back(void *ctx, od_id campaign, uint64_t phone,
                                   int64_t due_utc_ms,
                                   const od_ledger_entry *ledger);

/* The queue of a place, NULL if there is none; and one that is made if need
 * be, NULL when out of memory. */
od__memory_queue *od__memory_queue_find(const od__memory_campaign *campaign,
                                        int32_t place);
od__memory_queue *od__memory_queue_make(od__memory *memory,
                                        od__memory_campaign *campaign,
                                        int32_t place);
od__memory_target *od__memory_lane_first(const od__memory_lane *lane);

od__memory_target *od__memory_target_of(const od__memory_line *line,
                                        const od__memory_campaign *campaign);
/* Add a READY target of a phone of the contact, by position. Needs one in the
 * pool and the queue of the phone's place. */
void od__memory_target_add(od__memory *memory, od__memory_campaign *campaign,
                           const od__memory_contact *contact, size_t at,
                           int64_t due_ms);
void od__memory_target_remove(od__memory *memory, od__memory_target *target);
/*
 * Take a target out of its lane and the sums, to change its state, reason,
 * disposition, attempts, due time or queue; and put it back where they say.
 */
void od__memory_target_lift(od__memory_target *target);
void od__memory_target_drop(od__memory_target *target);
/* Has its contact the phone still? */
bool od__memory_target_is_owned(const od__memory *memory,
                                const od__memory_target *target);
/* A target is free: READY, or DONE if it is nobody's; due at due_ms, or as it
 * was if that is later. */
void od__memory_target_free(const od__memory *memory,
                            od__memory_target *target, int64_t due_ms);
/* A target that is nobody's becomes that of a contact whose first phone it is:
 * is it one? Needs the queue of the contact's place. */
bool od__memory_target_take(const od__memory *memory, od__memory_target *target,
                            const od__memory_contact *contact);
/* READY again if a fill says so, see od_fill. */
void od__memory_target_revive(const od__memory *memory,
                              od__memory_target *target,
                              int32_t attempts_below, int64_t utc_ms);
/* Give a target to a contact, with the place of a phone of it. Needs the queue
 * of the place. A target that the change sets free is due at due_ms; OD_NEVER:
 * as it was. */
void od__memory_target_give(od__memory_target *target,
                            const od__memory_contact *contact, size_t at,
                            int64_t due_ms);

/* == memory_facts.c ======================================================= */

od_err od__memory_candidate(void *ctx, od_id campaign, uint64_t phone,
                            int64_t utc_ms, od_candidate *out);
od_err od__memory_target_scan(void *ctx, od_id campaign, uint64_t after,
                              int64_t utc_ms, od_candidate *rows,
                              size_t rows_max, size_t *count);

void od__memory_facts(const od__memory *memory,
                      const od__memory_target *target, int64_t utc_ms,
                      od_candidate *out);

/* == memory_campaigns.c =================================================== */

od_err od__memory_campaign_put(void *ctx, const od_campaign_record *record,
                               const od_ledger_entry *ledger, od_id *out);
od_err od__memory_campaign_get(void *ctx, od_id id, od_campaign_record *out);
od_err od__memory_campaign_scan(void *ctx, od_id after, od_id *ids,
                                size_t ids_max, size_t *count);
od_err od__memory_campaign_cas(void *ctx, od_id id, int32_t from, int32_t to,
                               const char *state_text, int64_t utc_ms,
                               const od_ledger_entry *ledger);
od_err od__memory_fill(void *ctx, od_fill *fill);
od_err od__memory_refill(void *ctx, od_id campaign);

/* == memory_dnc.c ========================================================= */

od_err od__memory_dnc_add(void *ctx, const od_dnc_record *rows,
                          const od_ledger_entry *ledger, size_t len,
                          bool *added);
od_err od__memory_dnc_remove(void *ctx, uint64_t phone, bool prefix,
                             int32_t scope, od_id campaign, int64_t utc_ms,
                             const od_ledger_entry *ledger);
od_err od__memory_dnc_check(void *ctx, uint64_t phone, int32_t channel,
                            od_id campaign, int64_t utc_ms, bool *out);
od_err od__memory_dnc_scan(void *ctx, od_id after, od_dnc_record *rows,
                           size_t rows_max, size_t *count);

/* Add to the facts of out->phone what entries, of it and of prefixes, forbid
 * on this channel in out->campaign at this instant. */
void od__memory_dnc_facts(const od__memory *memory, int32_t channel,
                          int64_t utc_ms, od_candidate *out);
/* Make entries that may be needed: an array of len, or NULL when out of
 * memory. */
od__memory_dnc **od__memory_dnc_stage(od__memory *memory,
                                      const od_dnc_record *rows, size_t len);
/* Put a staged entry on the list, or prolong what is there, revoke and block;
 * *staged becomes the entry on the list. false: it is not new, and NULL. */
bool od__memory_dnc_apply(od__memory *memory, od__memory_dnc **staged);
void od__memory_dnc_discard(od__memory *memory, od__memory_dnc **staged,
                            size_t len);
/* Entries with that source go: were there any? */
bool od__memory_dnc_release(od__memory *memory, const od_release *release);

/* == memory_consents.c ==================================================== */

od_err od__memory_consent_add(void *ctx, const od_consent_record *rows,
                              const od_ledger_entry *ledger, size_t len,
                              int64_t utc_ms, bool *added);
od_err od__memory_consent_revoke(void *ctx, uint64_t phone, const char *seller,
                                 int64_t utc_ms,
                                 const od_ledger_entry *ledger);
od_err od__memory_consent_scan(void *ctx, uint64_t phone, od_id after,
                               od_consent_record *rows, size_t rows_max,
                               size_t *count);

/* Revoke what is in force, of one seller or (NULL) of any: was there any? */
bool od__memory_consents_revoke(od__memory_line *line, const char *seller,
                                int64_t utc_ms);
void od__memory_consents_facts(const od__memory_line *line, const char *seller,
                               od_consents *out);
/* Drop those that were revoked before an instant. */
void od__memory_consents_drop(od__memory *memory, od__memory_line *line,
                              int64_t before_utc_ms);

/* == memory_exchange.c ==================================================== */

od_err od__memory_exchange(void *ctx, od_exchange *exchange);

/* == memory_calls.c ======================================================= */

od_err od__memory_flight_scan(void *ctx, od_id after, od_attempt_record *rows,
                              size_t rows_max, size_t *count);
od_err od__memory_attempt_scan(void *ctx, const od_call_filter *filter,
                               uint64_t phone, od_id after,
                               od_attempt_record *rows, size_t rows_max,
                               size_t *count);
od_err od__memory_answer_scan(void *ctx, od_id campaign, od_id after,
                              od_answer_record *rows, size_t rows_max,
                              size_t *count);
od_err od__memory_result_scan(void *ctx, od_id campaign, od_result *rows,
                              size_t rows_max, size_t *count);

/* A live attempt begins (needs the reservation: is it a text? texts of so many
 * bytes in all, payload and NULs included, but without that text) and ends. */
od_id od__memory_flight_add(od__memory *memory, const od__memory_start *start);
void od__memory_flight_end(od__memory *memory, od__memory_attempt *attempt,
                           const od_outcome *outcome);
bool od__memory_flight_reserve(od__memory *memory, bool text,
                               size_t texts_bytes);
/* Make the ended attempts of a line nameless, and its answers: how many. */
int64_t od__memory_calls_forget(od__memory *memory, od__memory_line *line,
                                int64_t before_utc_ms);

/* The attempt that answers from this phone may name: live, or a text that was
 * sent. NULL: there is none. */
od__memory_attempt *od__memory_attempt_answerable(const od__memory *memory,
                                                  od_id id, uint64_t phone);
/* Add an answer and count it; false: it is stored already. Needs the
 * reservation, made once for all answers of a batch. */
bool od__memory_answer_add(od__memory *memory, od__memory_attempt *attempt,
                           const od_answer_record *record);
bool od__memory_answers_reserve(od__memory *memory,
                                const od_answer_record *records, size_t len);

/* == memory_messages.c ==================================================== */

od_err od__memory_message_scan(void *ctx, const od_call_filter *filter,
                               uint64_t phone, od_id after,
                               od_message_record *rows, size_t rows_max,
                               size_t *count);
od_err od__memory_message_find(void *ctx, const char *trunk,
                               const char *network_id, od_message_record *out,
                               int32_t *part);
od_err od__memory_message_last(void *ctx, uint64_t phone, uint64_t caller_id,
                               od_message_record *out);
od_err od__memory_message_overdue(void *ctx, int64_t utc_ms,
                                  od_message_record *rows, size_t rows_max,
                                  size_t *count);

/* A text begins (needs a row of its attempt's reservation), ends (needs that of
 * its parts), and becomes nameless. */
bool od__memory_message_reserve(od__memory *memory);
void od__memory_message_add(od__memory *memory, od__memory_attempt *attempt,
                            const od__memory_start *start);
void od__memory_message_end(od__memory *memory, od__memory_message *message,
                            const od_outcome *outcome);
void od__memory_message_forget(od__memory_message *message);
bool od__memory_parts_reserve(od__memory *memory, size_t len);
/* false: it is ignored. Needs the reservation, made once for all; `len`: of
 * targets that may follow in all. */
bool od__memory_receipt_apply(od__memory *memory,
                              const od_receipt_record *receipt);
bool od__memory_receipt_reserve(od__memory *memory,
                                const od_receipt_record *receipt, size_t len);

/* == memory_replies.c ===================================================== */

od_err od__memory_reply_scan(void *ctx, const od_reply_filter *filter,
                             uint64_t phone, od_id after,
                             od_reply_record *rows, size_t rows_max,
                             size_t *count);
od_err od__memory_reply_get(void *ctx, od_id id, od_reply_record *out);
od_err od__memory_reply_owed(void *ctx, int64_t utc_ms, od_id after,
                             od_reply_record *rows, size_t rows_max,
                             size_t *count);
od_err od__memory_reply_opt_out(void *ctx, const od_reply_record *owed,
                                const od_dnc_record *row,
                                const od_ledger_entry *ledger, bool *added);

/* Add a reply; `owes`: what it says it is owed. false: it is stored already.
 * Needs the reservation, made once for all of a batch. */
bool od__memory_reply_add(od__memory *memory, const od_reply_record *record,
                          bool owes);
bool od__memory_replies_reserve(od__memory *memory,
                                const od_reply_record *records, size_t len);
/* Claim a notice, if it may be. */
/* A notice did not leave: it is owed again. */
void od__memory_notice_owe(od__memory *memory, const od__memory_message *message,
                           int64_t until_utc_ms);
void od__memory_notice_claim(od__memory *memory, od_notice_claim *claim,
                             int64_t utc_ms);
void od__memory_replies_forget(od__memory *memory, od__memory_line *line,
                               int64_t before_utc_ms);

/* == memory_assets.c ====================================================== */

od_err od__memory_asset_put(void *ctx, const od_asset_record *record,
                            const od_ledger_entry *ledger, od_id *out);
od_err od__memory_asset_get(void *ctx, int32_t kind, od_id id,
                            od_asset_record *out);
od_err od__memory_asset_scan(void *ctx, int32_t kind, od_id after,
                             od_asset_record *rows, size_t rows_max,
                             size_t *count);
od_err od__memory_asset_remove(void *ctx, int32_t kind, od_id id,
                               const od_ledger_entry *ledger);

/* == memory_ledger.c ====================================================== */

od_err od__memory_ledger_scan(void *ctx, int64_t after_seq,
                              od_ledger_row *rows, size_t rows_max,
                              size_t *count);
od_err od__memory_ledger_add(void *ctx, const od_ledger_entry *ledger);

/* Rows and room for len entries, and texts of so many bytes in all. */
bool od__memory_ledger_reserve(od__memory *memory, size_t len,
                               size_t texts_bytes);
/* Number, seal and append. */
void od__memory_ledger_append(od__memory *memory,
                              const od_ledger_entry *entry);
/* Drop payload and salt of a row; one that is not there is passed over. */
void od__memory_ledger_forget(od__memory *memory, int64_t seq);

/* == memory_erase.c ======================================================= */

od_err od__memory_person_erase(void *ctx, od_erase *erase,
                               const od_ledger_entry *ledger);

#endif
