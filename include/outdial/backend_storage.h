/*
 * backend_storage.h - the table of a storage: part of backend.h.
 *
 * Storage knows no rule and no clock: what is due, allowed or finished is told
 * to it. Failing slots leave no trace: all or nothing.
 */
#ifndef OUTDIAL_BACKEND_STORAGE_H
#define OUTDIAL_BACKEND_STORAGE_H

#include <outdial/backend_queue.h>

OD_BEGIN_DECLS

/*
 * Codes any slot may return: OD_ERR_IO, OD_ERR_FULL, OD_ERR_READONLY,
 * OD_ERR_LOCKED (after waiting some seconds), OD_ERR_CORRUPT, OD_ERR_MEMORY.
 * Others are named with the slot. "Durable" means: on disk when it returns.
 * All scans are in ascending order of their key, begin after `after`, write at
 * most rows_max rows and set *count; of a campaign or group that does not
 * exist they find nothing. Every _get says OD_ERR_NOT_FOUND of what does not
 * exist, every _remove as well. Names are told apart byte by byte.
 */
typedef struct od_storage_ops {
    size_t size; /* sizeof(od_storage_ops) */

    /* Release everything. Called once, last. Drops the lease. */
    void (*free)(void *ctx);
    /* Text of the last failure; never NULL. */
    const char *(*errmsg)(void *ctx);

    /*
     * Take the right to dial, or refresh it. Held until free or until the
     * process dies, whichever comes first. Called at the start of a dialing
     * engine and every few seconds. OD_ERR_LOCKED: another holds it; its
     * owner text is in errmsg().
     */
    od_err (*lease)(void *ctx, const char *owner, const od_now *now);
    /*
     * A number that changes whenever another connection changed contacts,
     * DNC or campaigns. Cheap: called many times a second. Optional: NULL
     * means that nobody else can.
     */
    od_err (*epoch)(void *ctx, int64_t *out);
    /* Housekeeping in small slices, called about once a second. Optional. */
    od_err (*maintain)(void *ctx, const od_now *now);
    /* Whole copy at `path`, which must not exist (OD_ERR_EXISTS). Optional:
     * NULL means OD_ERR_UNSUPPORTED. */
    od_err (*backup)(void *ctx, const char *path);

    /* Intern a place. Durable. The same key gives the same id. */
    od_err (*place_put)(void *ctx, const char *key, int32_t *out);
    od_err (*place_scan)(void *ctx, int32_t after, od_place_record *rows,
                         size_t rows_max, size_t *count);

    /* id 0: add and set *out; else rename. OD_ERR_EXISTS, OD_ERR_NOT_FOUND. */
    od_err (*group_put)(void *ctx, od_id id, const char *name, od_id *out);
    /* OD_ERR_NOT_FOUND. Members leave as in member_remove, all at once: none
     * inherits from another. */
    od_err (*group_remove)(void *ctx, od_id id);
    od_err (*group_scan)(void *ctx, od_id after, od_group *rows,
                         size_t rows_max, size_t *count);

    /*
     * Put contacts into a group; durable. A phone that is not in the group is
     * ADDED as a new contact, whatever other groups hold. Each ADDED one
     * becomes a READY target of every campaign that has the group and is
     * SCHEDULED, RUNNING or PAUSED, unless the phone is a target already; DNC
     * plays no part before the judge. A target that is there and nobody's (see
     * od_target_state) becomes that of the contact, with its place, and READY
     * as in a fill with attempts_below 0; else it stays as it is.
     * UPDATED ones take the new place, and so do the targets, in all
     * campaigns, that belong to the contact: a READY target its lane; a target
     * that is BLOCKED for a reason of od_reason_may_pass() becomes READY, due
     * at utc_ms, when its place changes.
     * OD_ERR_NOT_FOUND: no such group.
     */
    od_err (*member_put)(void *ctx, od_member_batch *batch);
    /*
     * Further phones, which are no targets at first: see od_outcome.follow.
     * The targets that belong to a contact are those of its phones, first and
     * further, that name it; to them applies what is said here and in
     * member_remove. A group holds a phone if it is the first one of a member.
     * Those of a further phone that an UPDATED contact has no more leave every
     * campaign as if the contact were removed (member_remove with group 0).
     */
    /* Put a stored contact into another group, as above.
     * OD_ERR_NOT_FOUND, OD_ERR_EXISTS. */
    od_err (*member_join)(void *ctx, od_id contact, od_id group,
                          int64_t utc_ms);
    /*
     * Take a contact out of a group (group 0: out of all, and remove the
     * contact itself). OD_ERR_NOT_FOUND. For each campaign that has the group:
     * a target of its first phone, or of a further one that belongs to it, that
     * is READY or BLOCKED with no attempt that counts is gone, unless another
     * group of the campaign holds the phone or it belongs to a contact that is
     * in a group of the campaign. Then a target that belonged to the contact
     * (which is in no group of the campaign any more) belongs to the contact in
     * the first group that holds the phone, in the campaign's order, and takes
     * its place as in member_put, but keeps its due time. group 0: the same
     * becomes of what still belongs to the contact then, in any campaign of
     * which a group holds the phone; else it is nobody's (see od_target_state),
     * and what is READY becomes DONE and keeps its disposition: who was removed
     * is not called again.
     */
    od_err (*member_remove)(void *ctx, od_id contact, od_id group);
    od_err (*contact_get)(void *ctx, od_id id, od_contact_record *out);
    /* Replace all but the first phone, as member_put does with an UPDATED
     * one. OD_ERR_NOT_FOUND. */
    od_err (*contact_update)(void *ctx, od_id id, const od_member_row *row,
                             int64_t utc_ms);
    /* group 0: all contacts by id; else the members of one group by contact
     * id. */
    od_err (*contact_scan)(void *ctx, od_id group, od_id after,
                           od_contact_record *rows, size_t rows_max,
                           size_t *count);

    /* The members were checked at utc_ms: fresh_utc_ms of the group; durable.
     * member_put does the same at its own utc_ms, unless it is a single contact
     * that was there. Never goes back. OD_ERR_NOT_FOUND. */
    od_err (*group_validate)(void *ctx, od_id group, int64_t utc_ms);
    /* How many members of a group are in each place, by place. Reads all. */
    od_err (*group_places)(void *ctx, od_id group, int32_t after,
                           od_place_count *rows, size_t rows_max,
                           size_t *count);

    /*
     * Add entries; durable. added[i] tells whether row i is new: no entry has
     * its phone (and prefix), scope and campaign; one that expires earlier than
     * the row (0 is the latest) is prolonged and counts as new, all else of it
     * stays. Only new rows append ledger[i]. A new entry of one phone, scope
     * ALL or VOICE, revokes the consents of the phone that are in force, at
     * added_utc_ms. READY targets that a new entry of one phone forbids for
     * ever, as od_candidate.dnc has it, become BLOCKED with OD_REASON_DNC; what
     * a prefix or an entry that expires forbids, the judge is told. added may be
     * NULL.
     */
    od_err (*dnc_add)(void *ctx, const od_dnc_record *rows,
                      const od_ledger_entry *ledger, size_t len, bool *added);
    /*
     * Remove one; durable. Targets that are BLOCKED with OD_REASON_DNC, of the
     * phone or of phones that begin with the prefix, become READY, due at
     * utc_ms or as before if that is later, unless another entry, also of a
     * prefix, forbids them for ever. OD_ERR_NOT_FOUND.
     */
    od_err (*dnc_remove)(void *ctx, uint64_t phone, bool prefix, int32_t scope,
                         od_id campaign, int64_t utc_ms,
                         const od_ledger_entry *ledger);
    /* Does an entry, of the phone or of a prefix, forbid a call, or a text, at
     * this instant? channel: od_channel. campaign 0: only ALL and that of the
     * channel. */
    od_err (*dnc_check)(void *ctx, uint64_t phone, int32_t channel,
                        od_id campaign, int64_t utc_ms, bool *out);
    od_err (*dnc_scan)(void *ctx, od_id after, od_dnc_record *rows,
                       size_t rows_max, size_t *count);

    /*
     * Add evidence; durable. added[i]: no row has its phone, seller, purpose,
     * kind and obtained_utc_ms. Only new rows append ledger[i]. Targets of
     * the phones of new rows that are BLOCKED with OD_REASON_CONSENT, or for
     * what evidence may exempt from (OD_REASON_RULE_BAN, OD_REASON_REGISTRY,
     * OD_REASON_REGISTRY_STALE), become READY, due at utc_ms or as before if
     * that is later. A row's own revoked_utc_ms is ignored: it is in force.
     * added may be NULL.
     */
    od_err (*consent_add)(void *ctx, const od_consent_record *rows,
                          const od_ledger_entry *ledger, size_t len,
                          int64_t utc_ms, bool *added);
    /* Revoke what is in force, of one seller or (NULL) of any; durable.
     * OD_ERR_NOT_FOUND: nothing is. */
    od_err (*consent_revoke)(void *ctx, uint64_t phone, const char *seller,
                             int64_t utc_ms, const od_ledger_entry *ledger);
    /* By id; of one phone, or of all (0). */
    od_err (*consent_scan)(void *ctx, uint64_t phone, od_id after,
                           od_consent_record *rows, size_t rows_max,
                           size_t *count);

    /*
     * id 0: add in state IDLE and set *out, which is the subject of the ledger
     * row too; else replace the options, keep state, state_text,
     * started_utc_ms and filled. Targets of members of a group that the
     * campaign has no more go as in group_remove. Durable.
     * OD_ERR_EXISTS (name), OD_ERR_NOT_FOUND.
     */
    od_err (*campaign_put)(void *ctx, const od_campaign_record *record,
                           const od_ledger_entry *ledger, od_id *out);
    od_err (*campaign_get)(void *ctx, od_id id, od_campaign_record *out);
    /* Ids only: the rows are large. */
    od_err (*campaign_scan)(void *ctx, od_id after, od_id *ids, size_t ids_max,
                            size_t *count);
    /*
     * Change the state from `from` to `to`; durable. To RUNNING from any state
     * but PAUSED: filled becomes false and the fill begins anew,
     * started_utc_ms becomes utc_ms. OD_ERR_NOT_FOUND; OD_ERR_STATE: it was not
     * in `from`.
     */
    od_err (*campaign_cas)(void *ctx, od_id id, int32_t from, int32_t to,
                           const char *state_text, int64_t utc_ms,
                           const od_ledger_entry *ledger);
    /* Enrol a slice of members, group by group in the campaign's order;
     * durable. A campaign that is filled is left alone. OD_ERR_NOT_FOUND. */
    od_err (*fill)(void *ctx, od_fill *fill);
    /*
     * The fill of a campaign begins anew, filled is false, because what its
     * targets were judged by has changed; durable. Such a fill makes none READY
     * that are DONE, whatever attempts_below says, unless the fill that it
     * takes the place of was still one of a start. OD_ERR_NOT_FOUND.
     */
    od_err (*refill)(void *ctx, od_id campaign);
    /* Targets of a campaign with their facts, by phone. */
    od_err (*target_scan)(void *ctx, od_id campaign, uint64_t after,
                          int64_t utc_ms, od_candidate *rows, size_t rows_max,
                          size_t *count);
    /*
     * A target becomes READY, due at due_utc_ms, with the disposition CALLBACK;
     * its attempts stay. Durable. OD_ERR_NOT_FOUND; OD_ERR_STATE: it is in
     * FLIGHT, or BLOCKED for a reason that does not pass.
     */
    od_err (*target_call_back)(void *ctx, od_id campaign, uint64_t phone,
                               int64_t due_utc_ms,
                               const od_ledger_entry *ledger);
    /* The lanes of a campaign that hold READY targets, by lane. */
    od_err (*lane_scan)(void *ctx, od_id campaign, int32_t after,
                        od_lane_row *rows, size_t rows_max, size_t *count);
    /* OD_ERR_NOT_FOUND. */
    od_err (*counters)(void *ctx, od_id campaign, od_counters *out);
    /* Facts of one phone for one campaign; a phone that is not enrolled (or no
     * such campaign) gets contact 0, place 0 and state READY. */
    od_err (*candidate)(void *ctx, od_id campaign, uint64_t phone,
                        int64_t utc_ms, od_candidate *out);

    /*
     * Apply and claim; see od_exchange. Durable. For each lane: judge READY
     * targets with due_utc_ms <= utc_ms in the order of their due times, equal
     * ones by phone.
     * ALLOW: the attempt becomes live, its target FLIGHT, its ledger entry is
     * appended. DEFER: due at until_utc_ms (at least utc_ms + 1). BLOCK:
     * BLOCKED with the reason.
     */
    od_err (*exchange)(void *ctx, od_exchange *exchange);
    /* Live attempts, by id. */
    od_err (*flight_scan)(void *ctx, od_id after, od_attempt_record *rows,
                          size_t rows_max, size_t *count);
    /* Ended attempts of the voice channel, by id. filter->phone is ignored,
     * phone is the number or 0; filter may be NULL. */
    od_err (*attempt_scan)(void *ctx, const od_call_filter *filter,
                           uint64_t phone, od_id after,
                           od_attempt_record *rows, size_t rows_max,
                           size_t *count);
    /* Texts that ended, notices too, by attempt; as attempt_scan. The filter's
     * disposition is that of the message. */
    od_err (*message_scan)(void *ctx, const od_call_filter *filter,
                           uint64_t phone, od_id after,
                           od_message_record *rows, size_t rows_max,
                           size_t *count);
    /* The text, and which of its parts, that a trunk knows by a network id that
     * is not "": the last one that was given it. OD_ERR_NOT_FOUND. */
    od_err (*message_find)(void *ctx, const char *trunk, const char *network_id,
                           od_message_record *out, int32_t *part);
    /* The last text of a campaign to a phone, live or ended, that showed this
     * caller ID (0: any): the one with the highest id. OD_ERR_NOT_FOUND. */
    od_err (*message_last)(void *ctx, uint64_t phone, uint64_t caller_id,
                           od_message_record *out);
    /* Texts that are ACCEPTED or SENT with open_until_utc_ms <= utc_ms, in the
     * order of that and of their ids. */
    od_err (*message_overdue)(void *ctx, int64_t utc_ms,
                              od_message_record *rows, size_t rows_max,
                              size_t *count);
    /* Replies by id; campaign 0 and phone 0: any; since and until as
     * od_reply_filter. */
    od_err (*reply_scan)(void *ctx, const od_reply_filter *filter,
                         uint64_t phone, od_id after, od_reply_record *rows,
                         size_t rows_max, size_t *count);
    od_err (*reply_get)(void *ctx, od_id id, od_reply_record *out);
    /* Those that are owed a notice with owed_until_utc_ms > utc_ms, by id. */
    od_err (*reply_owed)(void *ctx, int64_t utc_ms, od_id after,
                         od_reply_record *rows, size_t rows_max,
                         size_t *count);
    /*
     * A reply becomes an OPT_OUT and its entry is added as in dnc_add; durable,
     * all at once. If the entry is new, which is when the ledger row is
     * appended, the reply is owed the notice of `owed` until then; *added (may
     * be NULL) says so. OD_ERR_NOT_FOUND.
     */
    od_err (*reply_opt_out)(void *ctx, const od_reply_record *owed,
                            const od_dnc_record *row,
                            const od_ledger_entry *ledger, bool *added);
    od_err (*answer_scan)(void *ctx, od_id campaign, od_id after,
                          od_answer_record *rows, size_t rows_max,
                          size_t *count);
    /* How often each (question, choice) was given, in order of first
     * appearance. *count: how many there are, also beyond rows_max. */
    od_err (*result_scan)(void *ctx, od_id campaign, od_result *rows,
                          size_t rows_max, size_t *count);

    /* Add; durable; sets *out, which is the subject of the ledger row.
     * OD_ERR_EXISTS: the name is taken. */
    od_err (*asset_put)(void *ctx, const od_asset_record *record,
                        const od_ledger_entry *ledger, od_id *out);
    /* With its bytes. OD_ERR_NOT_FOUND. */
    od_err (*asset_get)(void *ctx, int32_t kind, od_id id,
                        od_asset_record *out);
    /* Without bytes. */
    od_err (*asset_scan)(void *ctx, int32_t kind, od_id after,
                         od_asset_record *rows, size_t rows_max,
                         size_t *count);
    /* Durable. OD_ERR_NOT_FOUND. */
    od_err (*asset_remove)(void *ctx, int32_t kind, od_id id,
                           const od_ledger_entry *ledger);

    /* The digest of every row; payload "" and salt zeroes of erased ones. */
    od_err (*ledger_scan)(void *ctx, int64_t after_seq, od_ledger_row *rows,
                          size_t rows_max, size_t *count);
    /* Append one row that records no change of the storage; durable. */
    od_err (*ledger_add)(void *ctx, const od_ledger_entry *ledger);
    /*
     * Erase a person; durable, appends the ledger row. OD_ERR_STATE: a live
     * attempt to the phone.
     *  1. Contacts with this first phone are removed as by member_remove with
     *     group 0, in the order of their ids; then the phone is taken from
     *     those whose further phone it is, as from an UPDATED one.
     *  2. Payload and salt of the named ledger rows go, their digest stays.
     *  3. Attempts to the phone that ended before before_utc_ms become
     *     nameless: phone, contact, session_id and sip_call_id go, and they are
     *     listed by phone no more; so do those that are texts, with their text
     *     and network ids. Answers from it that came before then lose
     *     phone, digits and choice; results keep their count. Replies from it
     *     that came before then lose phone, contact, text and network_id, and
     *     what they are owed. Consents of it that were revoked before then are
     *     removed.
     *  4. Its targets that are READY become DONE, without attempts they are
     *     gone. When no attempt names the phone any more, all its targets are
     *     gone, and so are the facts of its line: calls, answers, marks.
     * Do-not-call entries stay.
     */
    od_err (*person_erase)(void *ctx, od_erase *erase,
                           const od_ledger_entry *ledger);
} od_storage_ops;

/**
 * Make a storage from a table.
 *
 * @param ops  [in]  checked here, must live as long as the storage
 * @param ctx  [in]  handed to every slot; freed by ops->free
 * @return OD_OK, or
 *         OD_ERR_INVALID  a mandatory slot is missing; the text names it
 *         OD_ERR_VERSION  ops->size is not one this version knows
 *         OD_ERR_MEMORY
 */
OD_API od_err od_storage_new(od_storage **out, const od_storage_ops *ops,
                             void *ctx, od_errmsg *errmsg);

/** The table and context inside, for a storage that wraps another. */
OD_API const od_storage_ops *od_storage_ops_get(const od_storage *storage);
OD_API void *od_storage_ctx_get(const od_storage *storage);

OD_END_DECLS

#endif
