/*
 * storage_model.h - what a storage must hold, computed the plain way.
 *
 * A small world in fixed arrays and with linear searches only, so that it can
 * be seen to be right: a few phones, three prefixes, three groups, three
 * campaigns, one of them of texts, two sellers. Each verb does to the model
 * what the slot of the same name does to a storage. The random test drives both
 * and compares.
 *
 * storage_model.c          people and their targets
 * storage_model_list.c     the list, consents
 * storage_model_calls.c    campaigns, calls, who is erased
 * storage_model_texts.c    texts, receipts, replies, notices
 * storage_model_compare.c  does the storage say the same?
 */
#ifndef OD_TEST_STORAGE_MODEL_H
#define OD_TEST_STORAGE_MODEL_H

#include "support/storage_kit.h"

#define MODEL_PHONES 36
#define MODEL_FIRST 12 /* so many are first ones; any may be a further one */
#define MODEL_GROUPS 3
#define MODEL_CAMPAIGNS 3
#define MODEL_CONTACTS 20000
#define MODEL_PREFIXES 3
#define MODEL_CONSENTS 4096
#define MODEL_CALLS 4096
#define MODEL_TEXTS 8192
#define MODEL_REPLIES 4096
#define MODEL_SEGMENTS 2        /* of every text */
#define MODEL_NONE MODEL_PHONES /* no phone */

typedef struct od_model_contact {
    od_id id; /* 0: removed */
    size_t phones[3]; /* the first, then further ones or MODEL_NONE */
    int32_t places[3];
} od_model_contact;

typedef struct od_model_group {
    od_id id;
    size_t members[MODEL_PHONES]; /* index of the contact + 1; 0: none */
    int64_t imports[MODEL_PHONES];
} od_model_group;

typedef struct od_model_target {
    bool there;
    od_id contact;
    int32_t place;
    int32_t state;
    int32_t reason;
    int32_t attempts;
    int32_t disposition;
    int32_t tries[16]; /* ends by disposition, at most 15 */
    int64_t due_utc_ms;
} od_model_target;

typedef struct od_model_campaign {
    od_id id;
    int32_t state;
    bool filled;
    bool anew; /* the fill leaves alone who is through */
    bool texts;
    const char *seller;
    od_id groups[MODEL_GROUPS];
    size_t groups_len;
    od_model_target targets[MODEL_PHONES];
    /* Sums that cannot be recounted from targets. */
    int64_t attempts_by[OD_DISPOSITIONS];
    int64_t opted_out;
    int64_t surveys_done;
    int64_t talk_ms;
    int64_t answers;
} od_model_campaign;

typedef struct od_model_entry {
    bool there;
    int64_t expires_utc_ms; /* 0: never */
    bool of_reply;          /* its source is "reply" */
} od_model_entry;

/* The entries of one phone or prefix. */
typedef struct od_model_list {
    od_model_entry all[3]; /* ALL, VOICE, TEXT */
    od_model_entry of[MODEL_CAMPAIGNS];
} od_model_list;

/* Which entry. */
typedef struct od_model_key {
    bool prefix;
    size_t at; /* phone or prefix, by index */
    int32_t scope;
    size_t campaign; /* index, with OD_DNC_CAMPAIGN */
    bool of_reply;   /* of a new one */
} od_model_key;

/* An attempt to send a text, live or ended; a notice, too. */
typedef struct od_model_text {
    od_id attempt;
    size_t campaign; /* index; MODEL_CAMPAIGNS: of none */
    size_t phone;    /* MODEL_NONE: nameless */
    size_t reply;    /* index + 1 of what a notice answers; 0: it is none */
    bool ended;
    int32_t disposition;
    int32_t delivery;
    int32_t parts_len;
    int32_t parts[OD_SEGMENTS_MAX];
    int32_t attempts_before;
    int64_t ended_utc_ms;
    int64_t delivery_utc_ms;
    int64_t open_until_utc_ms;
} od_model_text;

typedef struct od_model_reply {
    int64_t nonce;
    size_t campaign; /* index; MODEL_CAMPAIGNS: of none */
    size_t phone;    /* MODEL_NONE: nameless */
    int64_t utc_ms;
    int32_t kind;
    int32_t owed;
    int32_t answered;
    int64_t owed_until_utc_ms;
} od_model_reply;

/* A call that ended and names its phone. */
typedef struct od_model_call {
    od_id campaign;
    int64_t claimed_utc_ms;
    int64_t ended_utc_ms;
    bool reached_network;
} od_model_call;

typedef struct od_model_consent {
    bool there;
    size_t phone;
    const char *seller;
    int32_t kind;
    int32_t purpose;
    int64_t obtained_utc_ms;
    int64_t revoked_utc_ms;
} od_model_consent;

typedef struct od_model_line {
    od_model_list list;
    od_model_call calls[MODEL_CALLS];
    size_t calls_len;
    bool number_invalid;
    int64_t called_utc_ms;
    int64_t answered_utc_ms;
    od_id attempt; /* live, or 0 */
    size_t campaign; /* of the live one, unless it is a notice */
    size_t text; /* index + 1 of the live one; 0: it is a call */
    int64_t claimed_utc_ms;
    int32_t visits; /* answers given in it */
} od_model_line;

typedef struct od_model {
    od_model_contact contacts[MODEL_CONTACTS];
    size_t contacts_len;
    od_model_group groups[MODEL_GROUPS];
    od_model_campaign campaigns[MODEL_CAMPAIGNS];
    od_model_line lines[MODEL_PHONES];
    od_model_list prefixes[MODEL_PREFIXES];
    od_model_consent consents[MODEL_CONSENTS];
    size_t consents_len;
    od_model_text texts[MODEL_TEXTS];
    size_t texts_len;
    od_model_reply replies[MODEL_REPLIES]; /* by id, from 1 */
    size_t replies_len;
    int64_t ledger_len;
    int64_t followed; /* targets that another phone of a contact left */
    int64_t erased;   /* calls that name no phone any more */
} od_model;

uint64_t model_phone(size_t phone);
size_t model_index(uint64_t phone);
od_model_contact *model_contact(od_model *model, od_id id);
/* The digits of a prefix; does a phone begin with them? */
uint64_t model_prefix(size_t prefix);
bool model_begins(size_t phone, size_t prefix);

/* -- targets -------------------------------------------------------------- */

/* READY, without a reason. */
void model_free(od_model_target *target, int64_t utc_ms);
/* Has the contact of the target the phone still? */
bool model_owned(od_model *model, const od_model_campaign *campaign,
                 size_t phone);
/* READY, or DONE if it is nobody's; not before it was due. */
void model_again(od_model *model, od_model_campaign *campaign, size_t phone,
                 int64_t utc_ms);
/* May what a target is blocked for pass with time or with new facts? */
bool model_may_pass(int32_t reason);
/* What a fill makes of a target. */
void model_revive(od_model *model, od_model_campaign *campaign, size_t phone,
                  int64_t utc_ms, int32_t attempts_below);
/* The phone behind this one in its contact becomes a target, perhaps. */
void model_follow(od_model *model, od_model_campaign *campaign, size_t phone,
                  int64_t utc_ms);
/* A phone comes, or is met by a fill. false: it is a target that belongs to
 * somebody. */
bool model_enrol(od_model *model, od_model_campaign *campaign,
                 const od_model_contact *contact, int64_t utc_ms);
/* Does a group of the campaign have this first phone? */
od_model_contact *model_holder(od_model *model,
                               const od_model_campaign *campaign,
                               size_t phone);

/* -- people --------------------------------------------------------------- */

/* One row of a batch; contact->id is in when it is ADDED, else out. */
od_member_result model_member_put(od_model *model, od_model_group *group,
                                  const od_member_batch *batch,
                                  od_model_contact *contact);
od_err model_member_join(od_model *model, od_id contact,
                         od_model_group *group, int64_t utc_ms);
/* group NULL: out of all. */
od_err model_member_remove(od_model *model, od_id contact,
                           od_model_group *group);
void model_group_remove(od_model *model, od_model_group *group);
/* The phones and places of the contact of this id, but not the first phone. */
od_err model_contact_update(od_model *model, const od_model_contact *contact,
                            int64_t utc_ms);
/* A further phone is taken away. */
void model_phone_take(od_model *model, size_t phone);

/* -- the list ------------------------------------------------------------- */

/* Is it new? */
bool model_dnc_add(od_model *model, const od_model_key *key,
                   int64_t expires_utc_ms, int64_t utc_ms);
bool model_dnc_remove(od_model *model, const od_model_key *key,
                      int64_t utc_ms);
/* *until: when the last entry expires, 0 for never. */
bool model_forbids(const od_model *model, size_t phone, size_t campaign,
                   int64_t utc_ms, int64_t *until);
/* What forbids a text; campaign MODEL_CAMPAIGNS: of none. */
bool model_forbids_texts(const od_model *model, size_t phone, size_t campaign,
                         int64_t utc_ms);

/* -- consents ------------------------------------------------------------- */

bool model_consent_add(od_model *model, const od_model_consent *consent,
                       int64_t utc_ms);
/* seller NULL: any. */
bool model_consent_revoke(od_model *model, size_t phone, const char *seller,
                          int64_t utc_ms);
od_consents model_consents(const od_model *model, size_t phone,
                           const char *seller);

/* -- campaigns ------------------------------------------------------------ */

void model_campaign_groups(od_model *model, od_model_campaign *campaign,
                           const od_id *groups, size_t groups_len);
od_err model_campaign_cas(od_model_campaign *campaign, int32_t from,
                          int32_t to);
void model_fill(od_model *model, od_model_campaign *campaign, int64_t utc_ms,
                int32_t attempts_below);
od_err model_call_back(od_model_campaign *campaign, size_t phone,
                       int64_t due_utc_ms);

/* -- calls ---------------------------------------------------------------- */

/* The phone that a lane must offer next; MODEL_PHONES: none is due. */
size_t model_next_due(const od_model_campaign *campaign, int32_t lane,
                      int64_t utc_ms);
void model_rule(od_model *model, size_t campaign, size_t phone,
                const od_ruling *ruling, od_id attempt, int64_t utc_ms);
/* false: the attempt is not live. */
bool model_outcome(od_model *model, const od_outcome *outcome);
/* The calls to a phone that are remembered, the latest first: how many. */
size_t model_recent(const od_model *model, size_t phone, od_recent *out);

/* -- texts ---------------------------------------------------------------- */

/* A text begins: phone and attempt of its line are set by the caller. reply: 0,
 * or that which a notice answers. */
void model_text_add(od_model *model, size_t phone, size_t campaign,
                    size_t reply, od_id attempt);
/* The live text of a line ends; is it a notice? */
bool model_text_end(od_model *model, od_model_line *line,
                    const od_outcome *outcome);
/* The text of an attempt; NULL: there is none. */
od_model_text *model_text(od_model *model, od_id attempt);
/* false: it is ignored. */
bool model_receipt(od_model *model, const od_receipt_record *receipt);
/* false: it is stored already. owes: what it says it is owed. */
bool model_reply(od_model *model, const od_reply_record *reply, bool owes);
/* false: the notice is not claimed. */
bool model_notice(od_model *model, const od_notice_claim *claim,
                  int64_t utc_ms);
bool model_release(od_model *model, size_t phone, int64_t utc_ms);
void model_texts_forget(od_model *model, size_t phone, int64_t before_utc_ms);
/* Does the storage say the same of all texts and replies? */
void model_compare_texts(od_kit *kit, od_model *model);

/* contacts and calls are out. */
od_err model_person_erase(od_model *model, size_t phone, int64_t before_utc_ms,
                          int64_t *contacts, int64_t *calls);

/* Does the storage say the same? */
void model_compare(od_kit *kit, const od_model *model);

#endif
