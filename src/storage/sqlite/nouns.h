/*
 * nouns.h - what the file of each noun offers: its slots, in the order of the
 * table, and what others ask it for.
 *
 * Part of sqlite.h, which says how a slot is written.
 */
#ifndef OD_SRC_STORAGE_SQLITE_NOUNS_H
#define OD_SRC_STORAGE_SQLITE_NOUNS_H

#include "storage/sqlite/sqlite.h"

od_err od__sqlite_place_put(void *ctx, const char *key, int32_t *out);
od_err od__sqlite_place_scan(void *ctx, int32_t after, od_place_record *rows,
                             size_t rows_max, size_t *count);

od_err od__sqlite_group_put(void *ctx, od_id id, const char *name, od_id *out);
od_err od__sqlite_group_remove(void *ctx, od_id id);
od_err od__sqlite_group_scan(void *ctx, od_id after, od_group *rows,
                             size_t rows_max, size_t *count);
od_err od__sqlite_group_validate(void *ctx, od_id group, int64_t utc_ms);
od_err od__sqlite_group_places(void *ctx, od_id group, int32_t after,
                               od_place_count *rows, size_t rows_max,
                               size_t *count);
/* OD_ERR_NOT_FOUND with its text. */
od_err od__group_check(od__sqlite *s, od_id group);
/* The members of a group leave these campaigns, see member_remove, at once;
 * `remove`: and the group, which is gone already. */
od_err od__group_leave(od__sqlite *s, od_id group, const od__ids *campaigns,
                       bool remove);

od_err od__sqlite_member_put(void *ctx, od_member_batch *batch);
od_err od__sqlite_member_join(void *ctx, od_id contact, od_id group,
                              int64_t utc_ms);
od_err od__sqlite_member_remove(void *ctx, od_id contact, od_id group);
od_err od__sqlite_contact_get(void *ctx, od_id id, od_contact_record *out);
od_err od__sqlite_contact_update(void *ctx, od_id id, const od_member_row *row,
                                 int64_t utc_ms);
od_err od__sqlite_contact_scan(void *ctx, od_id group, od_id after,
                               od_contact_record *rows, size_t rows_max,
                               size_t *count);

/* == fields.c ============================================================= */

/* Into s->scratch. */
od_err od__fields_pack(od__sqlite *s, const od_contact *contact, size_t *len);
/* Out of `bytes`, which are kept and changed. */
od_err od__fields_unpack(od__sqlite *s, char *bytes, size_t len,
                         od_contact *out);

od_err od__sqlite_dnc_add(void *ctx, const od_dnc_record *rows,
                          const od_ledger_entry *ledger, size_t len,
                          bool *added);
od_err od__sqlite_dnc_remove(void *ctx, uint64_t phone, bool prefix,
                             int32_t scope, od_id campaign, int64_t utc_ms,
                             const od_ledger_entry *ledger);
od_err od__sqlite_dnc_check(void *ctx, uint64_t phone, int32_t channel,
                            od_id campaign, int64_t utc_ms, bool *out);
od_err od__sqlite_dnc_scan(void *ctx, od_id after, od_dnc_record *rows,
                           size_t rows_max, size_t *count);
/* What is added to dnc.scope of an entry for a prefix. */
#define OD__DNC_PREFIX 16
/* Does an entry, of the phone or of a prefix, forbid a call, or a text? */
od_err od__dnc_listed(od__sqlite *s, uint64_t phone, int32_t channel,
                      od_id campaign, int64_t utc_ms, bool *out);
/* Note what forbids out->campaign to try: the entry of the phone, by its
 * dnc.expires_at (0: there is none), and those of its prefixes. */
od_err od__dnc_facts(od__sqlite *s, int64_t expires_at, int64_t utc_ms,
                     od_candidate *out);
/* Add one entry, revoke consents and block what it forbids; `ready` are the
 * campaigns that have READY targets. */
od_err od__dnc_put(od__sqlite *s, const od_dnc_record *row,
                   const od__ids *ready, bool *added);
od_err od__campaigns_ready(od__sqlite *s, od__ids *out);
/* See od_release. *applied false: there was no such entry. */
od_err od__dnc_release(od__sqlite *s, const od_release *release, bool *applied);

od_err od__sqlite_consent_add(void *ctx, const od_consent_record *rows,
                              const od_ledger_entry *ledger, size_t len,
                              int64_t utc_ms, bool *added);
od_err od__sqlite_consent_revoke(void *ctx, uint64_t phone, const char *seller,
                                 int64_t utc_ms, const od_ledger_entry *ledger);
od_err od__sqlite_consent_scan(void *ctx, uint64_t phone, od_id after,
                               od_consent_record *rows, size_t rows_max,
                               size_t *count);
/* What is in force of the campaign's seller. */
od_err od__consent_facts(od__sqlite *s, od_id campaign, uint64_t phone,
                         od_consents *out);

/* OD_ERR_NOT_FOUND with its text. */
od_err od__campaign_state(od__sqlite *s, od_id campaign, int32_t *out);
/* od_channel; VOICE without such a campaign. */
od_err od__campaign_channel(od__sqlite *s, od_id campaign, int32_t *out);
od_err od__sqlite_campaign_put(void *ctx, const od_campaign_record *record,
                               const od_ledger_entry *ledger, od_id *out);
od_err od__sqlite_campaign_get(void *ctx, od_id id, od_campaign_record *out);
od_err od__sqlite_campaign_scan(void *ctx, od_id after, od_id *ids,
                                size_t ids_max, size_t *count);
od_err od__sqlite_campaign_cas(void *ctx, od_id id, int32_t from, int32_t to,
                               const char *state_text, int64_t utc_ms,
                               const od_ledger_entry *ledger);

od_err od__sqlite_fill(void *ctx, od_fill *fill);
od_err od__sqlite_lane_scan(void *ctx, od_id campaign, int32_t after,
                            od_lane_row *rows, size_t rows_max, size_t *count);
od_err od__sqlite_refill(void *ctx, od_id campaign);
/* Earliest due time of a lane; OD_NEVER. */
od_err od__lane_next(od__sqlite *s, od_id campaign, int32_t lane, int64_t *out);
/* Up to rows_max due ones of a lane, with their facts. */
od_err od__lane_due(od__sqlite *s, const od_lane_request *lane, int64_t utc_ms,
                    od_candidate *rows, size_t rows_max, size_t *count);
/* A call as line.recent has it, with its NUL; 41 bytes are the longest. */
#define OD__RECENT_TEXT_MAX 42
void od__recent_text(int64_t utc_ms, od_id campaign, char *out);
od_err od__sqlite_candidate(void *ctx, od_id campaign, uint64_t phone,
                            int64_t utc_ms, od_candidate *out);
od_err od__sqlite_target_scan(void *ctx, od_id campaign, uint64_t after,
                              int64_t utc_ms, od_candidate *rows,
                              size_t rows_max, size_t *count);
od_err od__sqlite_target_call_back(void *ctx, od_id campaign, uint64_t phone,
                                   int64_t due_utc_ms,
                                   const od_ledger_entry *ledger);

od_err od__sqlite_exchange(void *ctx, od_exchange *exchange);

/* An attempt becomes live. Of the row counts what is known at its claim. */
od_err od__flight_add(od__sqlite *s, int32_t channel,
                      const od_message_record *row);
/* A live attempt; attempt 0: there is none. Texts live until the next slot. */
od_err od__flight_get(od__sqlite *s, uint64_t phone, od_attempt_record *out);
/* *applied false: it is stored already, nothing was done. */
od_err od__outcome_put(od__sqlite *s, const od_outcome *outcome, bool *applied);
od_err od__answer_put(od__sqlite *s, const od_answer_record *answer,
                      bool *applied);
od_err od__sqlite_flight_scan(void *ctx, od_id after, od_attempt_record *rows,
                              size_t rows_max, size_t *count);
od_err od__sqlite_attempt_scan(void *ctx, const od_call_filter *filter,
                               uint64_t phone, od_id after,
                               od_attempt_record *rows, size_t rows_max,
                               size_t *count);
od_err od__sqlite_answer_scan(void *ctx, od_id campaign, od_id after,
                              od_answer_record *rows, size_t rows_max,
                              size_t *count);
od_err od__sqlite_result_scan(void *ctx, od_id campaign, od_result *rows,
                              size_t rows_max, size_t *count);

/* A live text, to the phone of the outcome, has ended: move it out of `flight`,
 * where it still is. */
od_err od__message_put(od__sqlite *s, const od_outcome *outcome);
/* Was a text of this attempt sent to this phone, as far as is known? */
od_err od__message_was_sent(od__sqlite *s, od_id attempt, uint64_t phone,
                            bool *out);
/* *applied false: it says nothing new, nothing was done. */
od_err od__receipt_put(od__sqlite *s, const od_receipt_record *receipt,
                       bool *applied);
/* Phone, text and network ids of an ended text go. */
od_err od__message_erase(od__sqlite *s, od_id attempt);
od_err od__sqlite_message_scan(void *ctx, const od_call_filter *filter,
                               uint64_t phone, od_id after,
                               od_message_record *rows, size_t rows_max,
                               size_t *count);
od_err od__sqlite_message_find(void *ctx, const char *trunk,
                               const char *network_id, od_message_record *out,
                               int32_t *part);
od_err od__sqlite_message_last(void *ctx, uint64_t phone, uint64_t caller_id,
                               od_message_record *out);
od_err od__sqlite_message_overdue(void *ctx, int64_t utc_ms,
                                  od_message_record *rows, size_t rows_max,
                                  size_t *count);

/* dnc_added tells which entries of the exchange are new. *applied false: it is
 * stored already. */
od_err od__reply_put(od__sqlite *s, const od_reply_record *reply,
                     const bool *dnc_added, bool *applied);
/* See od_notice_claim. */
od_err od__notice_claim(od__sqlite *s, int64_t utc_ms, od_notice_claim *notice);
od_err od__sqlite_reply_scan(void *ctx, const od_reply_filter *filter,
                             uint64_t phone, od_id after, od_reply_record *rows,
                             size_t rows_max, size_t *count);
od_err od__sqlite_reply_get(void *ctx, od_id id, od_reply_record *out);
od_err od__sqlite_reply_owed(void *ctx, int64_t utc_ms, od_id after,
                             od_reply_record *rows, size_t rows_max,
                             size_t *count);
od_err od__sqlite_reply_opt_out(void *ctx, const od_reply_record *owed,
                                const od_dnc_record *row,
                                const od_ledger_entry *ledger, bool *added);

od_err od__sqlite_asset_put(void *ctx, const od_asset_record *record,
                            const od_ledger_entry *ledger, od_id *out);
od_err od__sqlite_asset_get(void *ctx, int32_t kind, od_id id,
                            od_asset_record *out);
od_err od__sqlite_asset_scan(void *ctx, int32_t kind, od_id after,
                             od_asset_record *rows, size_t rows_max,
                             size_t *count);
od_err od__sqlite_asset_remove(void *ctx, int32_t kind, od_id id,
                               const od_ledger_entry *ledger);

/* Append rows, sealed; entries may be NULL with len 0. */
od_err od__ledger_put(od__sqlite *s, const od_ledger_entry *entries,
                      size_t len);
/* Payload and salt of a row go, its digest stays. */
od_err od__ledger_erase(od__sqlite *s, int64_t seq);
od_err od__sqlite_ledger_scan(void *ctx, int64_t after_seq, od_ledger_row *rows,
                              size_t rows_max, size_t *count);
od_err od__sqlite_ledger_add(void *ctx, const od_ledger_entry *ledger);

od_err od__sqlite_person_erase(void *ctx, od_erase *erase,
                               const od_ledger_entry *ledger);

od_err od__sqlite_lease(void *ctx, const char *owner, const od_now *now);
void od__lease_drop(od__sqlite *s);
/* Hold the right to checkpoint for a moment; false: another has it. */
bool od__lease_checkpoint_lock(od__sqlite *s);
void od__lease_checkpoint_unlock(od__sqlite *s);

od_err od__sqlite_epoch(void *ctx, int64_t *out);
od_err od__sqlite_maintain(void *ctx, const od_now *now);
od_err od__sqlite_backup(void *ctx, const char *path);
/* Copy the log into the file, if it grew by so much since the last time. */
void od__sqlite_checkpoint(od__sqlite *s, int pages_min);

#endif
