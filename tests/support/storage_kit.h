/*
 * storage_kit.h - what the tests of the storage suite are written with.
 *
 * A kit holds one open storage and remembers every phone that was put into it.
 * Its verbs do one thing that must succeed, with sensible fields, and say in
 * their result what it made. kit_check() compares all that the storage counts
 * with a recount of what its scans say; it also runs after every test, before
 * and after the storage is opened again.
 */
#ifndef OD_TEST_STORAGE_KIT_H
#define OD_TEST_STORAGE_KIT_H

#include "support/test.h"

#include "base/base.h"
#include "support/storage_suite.h"

#define KIT_PHONES_MAX 4096
#define KIT_TEXTS 64
#define KIT_SEEN_MAX 256
#define KIT_NOW 1790000040000 /* a whole minute */
#define KIT_PHONE 15551230000u
#define KIT_CALLER_ID 12125550100u /* shown, unless a test says otherwise */

typedef struct od_kit od_kit;

/* How the judge of kit_ask() rules, and what it saw. */
typedef struct od_kit_judge {
    od_kit *owner;
    /* Answer for one candidate; the default allows. Verdict, and false to
     * stop. May be NULL. */
    bool (*rule)(struct od_kit_judge *judge, const od_candidate *candidate,
                 od_verdict *out);
    void *rule_ctx;
    bool follow; /* with every BLOCK */
    size_t seen_len;
    od_candidate seen[KIT_SEEN_MAX];
    od_id attempts[KIT_SEEN_MAX]; /* ids offered */
    char text[64]; /* of the last one that was allowed to be sent */
} od_kit_judge;

struct od_kit {
    const od_suite_backend *backend;
    char *folder;
    char path[600];
    od_storage *storage;
    const od_storage_ops *ops;
    void *ctx;
    int64_t now;
    int32_t place_a; /* two places that every test has */
    int32_t place_b;
    uint64_t phones[KIT_PHONES_MAX]; /* every one that was put */
    size_t phones_len;
    char texts[KIT_TEXTS][64]; /* payloads, in turn */
    size_t texts_at;
    uint8_t salt;
    uint64_t caller_id; /* shown by what is claimed */
    int64_t nonce;      /* of the last reply */
    uint64_t texts_of;  /* bits 1 << id of the campaigns of texts */
    bool erased; /* a person was: marks of lines may tell of calls that no phone
                    names any more */
};

typedef struct od_kit_case {
    const char *name;
    void (*run)(od_kit *kit);
} od_kit_case;

/* The tests, by file; each ends with an empty one. */
extern const od_kit_case kit_cases_people[];
extern const od_kit_case kit_cases_enrol[];
extern const od_kit_case kit_cases_campaign[];
extern const od_kit_case kit_cases_dnc[];
extern const od_kit_case kit_cases_consent[];
extern const od_kit_case kit_cases_phones[];
extern const od_kit_case kit_cases_nobody[];
extern const od_kit_case kit_cases_targets[];
extern const od_kit_case kit_cases_erase[];
extern const od_kit_case kit_cases_claim[];
extern const od_kit_case kit_cases_outcome[];
extern const od_kit_case kit_cases_calls[];
extern const od_kit_case kit_cases_texts[];
extern const od_kit_case kit_cases_receipts[];
extern const od_kit_case kit_cases_steer[];
extern const od_kit_case kit_cases_replies[];
extern const od_kit_case kit_cases_notices[];
extern const od_kit_case kit_cases_model[];

/* -- lifetime ------------------------------------------------------------- */

od_kit *kit_new(const od_suite_backend *backend);
void kit_free(od_kit *kit);
/* Free and open again; nothing if the backend cannot. */
void kit_reopen(od_kit *kit);
/* Everything adds up, or the test fails. */
void kit_check(od_kit *kit);
/* Remember a phone for kit_check(). */
void kit_remember(od_kit *kit, uint64_t phone);

/* Call a slot of the storage of the `kit` in scope. */
#define OP(slot, ...) kit->ops->slot(kit->ctx, __VA_ARGS__)
/* Must succeed; must fail like this. */
#define kit_ok(kit, call)                                                     \
    kit_expect_at((kit), (call), OD_OK, #call, __FILE__, __LINE__)
#define kit_err(kit, call, err)                                               \
    kit_expect_at((kit), (call), (err), #call, __FILE__, __LINE__)
void kit_expect_at(od_kit *kit, od_err got, od_err want, const char *call,
                   const char *file, int line);

/* -- verbs ---------------------------------------------------------------- */

int32_t kit_place(od_kit *kit, const char *key);
od_id kit_group(od_kit *kit, const char *name);
od_member_row kit_row(od_kit *kit, uint64_t phone, int32_t place);
/* A batch of one row with update off; its result. *contact may be NULL. */
od_member_result kit_put(od_kit *kit, od_id group, uint64_t phone,
                         int32_t place, od_id *contact);
/* Add one that must be new; its contact id. */
od_id kit_add(od_kit *kit, od_id group, uint64_t phone, int32_t place);
/* A row in place_a with further phones (0: none), phone2 in place_b and phone3
 * in place_a. */
od_member_row kit_row_more(od_kit *kit, uint64_t phone, uint64_t phone2,
                           uint64_t phone3);
/* A batch of one row that replaces what is there; its contact id. */
od_id kit_put_row(od_kit *kit, od_id group, const od_member_row *row);
/* KIT_PHONE + 0 .. n-1 into a group, in place_a. */
void kit_add_many(od_kit *kit, od_id group, size_t n);

od_ledger_entry kit_note(od_kit *kit, int32_t kind, od_id subject);
/* An IDLE campaign with up to two groups (0: none). */
od_id kit_campaign(od_kit *kit, const char *name, od_id group, od_id group2);
void kit_cas(od_kit *kit, od_id campaign, int32_t from, int32_t to);
/* Fill until it is done; members looked at. */
int64_t kit_fill(od_kit *kit, od_id campaign, int32_t rows_max,
                 int32_t attempts_below);
/* IDLE to RUNNING, filled. */
void kit_start(od_kit *kit, od_id campaign);
/* A group and a started campaign of that name with n phones from KIT_PHONE on,
 * all of them due. */
od_id kit_start_with(od_kit *kit, const char *name, size_t n);

bool kit_dnc_add(od_kit *kit, uint64_t phone, int32_t scope, od_id campaign);
/* The same with a row as it is, but added now. */
bool kit_dnc_put(od_kit *kit, const od_dnc_record *row);
void kit_dnc_remove(od_kit *kit, uint64_t phone, int32_t scope, od_id campaign);

#define KIT_SELLER "Acme, Inc." /* of every campaign */
/* Evidence for a phone, for KIT_SELLER, obtained a day ago; to be altered. */
od_consent_record kit_consent(od_kit *kit, uint64_t phone, int32_t kind,
                              int32_t purpose);
/* Add it: is it new? */
bool kit_consent_add(od_kit *kit, const od_consent_record *row);

od_candidate kit_candidate(od_kit *kit, od_id campaign, uint64_t phone);
od_counters kit_counters(od_kit *kit, od_id campaign);
od_campaign_record kit_campaign_get(od_kit *kit, od_id campaign);
/* State of a target; -1: not enrolled. */
int kit_state(od_kit *kit, od_id campaign, uint64_t phone);
/* READY targets in a lane, 0 if there is no such lane. */
int64_t kit_lane_ready(od_kit *kit, od_id campaign, int32_t lane);
int64_t kit_ledger_len(od_kit *kit);
od_ledger_row kit_ledger_last(od_kit *kit);

/* -- exchanges ------------------------------------------------------------ */

/* Ask one lane; the request as it came back. judge NULL: allow all. */
od_lane_request kit_ask(od_kit *kit, od_id campaign, int32_t lane,
                        int32_t claims_max, int32_t scan_max,
                        od_kit_judge *judge);
void kit_judge_init(od_kit *kit, od_kit_judge *judge);
/* Claim one phone that is due; its attempt. All else stays as it is. */
od_id kit_claim(od_kit *kit, od_id campaign, uint64_t phone);
/* An end that reached the network, READY again at once; to be altered. */
od_outcome kit_outcome(od_kit *kit, od_id attempt, uint64_t phone,
                       int32_t disposition);
/* Send ends, each with its ledger row. */
void kit_send_outcomes(od_kit *kit, const od_outcome *outcomes, size_t len);
/* Claim and end: disposition, then the state of the target. */
od_id kit_call(od_kit *kit, od_id campaign, uint64_t phone, int32_t disposition,
               int32_t target_state);
/* -- texts: storage_kit_texts.c ------------------------------------------- */

#define KIT_SEGMENTS 2 /* of every text */
#define KIT_TRUNK "trunk-a"

/* What the network says when it took a text. */
typedef struct od_kit_sent {
    od_sent sent;
    const char *ids[OD_SEGMENTS_MAX];
    char texts[OD_SEGMENTS_MAX][32];
} od_kit_sent;

/* An IDLE campaign of texts; and one as kit_start_with(). */
od_id kit_text_campaign(od_kit *kit, const char *name, od_id group);
od_id kit_texts_with(od_kit *kit, const char *name, size_t n);
bool kit_is_of_texts(const od_kit *kit, od_id campaign);
/* What kit_judge_slot() has sent to a phone. */
void kit_text_for(uint64_t phone, char *out, size_t out_bytes);
/* The network took it in so many parts, "<attempt>-<part>", and waits for
 * receipts for a day. */
void kit_sent_init(od_kit *kit, od_kit_sent *sent, od_id attempt,
                   int32_t parts);
/* An end of a text: DONE, SENT if `sent` is not NULL. */
od_outcome kit_text_end(od_kit *kit, od_id attempt, uint64_t phone,
                        const od_kit_sent *sent);
/* Claim and send, in so many parts. */
od_id kit_text(od_kit *kit, od_id campaign, uint64_t phone, int32_t parts);
/* The row of a text that ended. Its texts live until the next call. */
od_message_record kit_message(od_kit *kit, od_id attempt);

/* A receipt that leaves the target alone; to be altered. */
od_receipt_record kit_receipt(od_kit *kit, od_id attempt, uint64_t phone,
                              int32_t part, int32_t delivery);
/* Send one: did a ledger row follow? */
bool kit_receive(od_kit *kit, const od_receipt_record *receipt);
/* The same for kit_receipt(). */
bool kit_receive_part(od_kit *kit, od_id attempt, uint64_t phone, int32_t part,
                      int32_t delivery);

/* A reply that is new and owed nothing; to be altered. */
od_reply_record kit_reply(od_kit *kit, od_id campaign, uint64_t phone,
                          int32_t kind);
/* Send one: did a ledger row follow? */
bool kit_reply_put(od_kit *kit, const od_reply_record *reply);
/* Send one that is new and owed a notice for five minutes; its id. */
od_id kit_reply_owed(od_kit *kit, od_id campaign, uint64_t phone,
                     int32_t notice);
od_reply_record kit_reply_get(od_kit *kit, od_id id);
/* The last reply: its id; 0: there is none. */
od_id kit_reply_last(od_kit *kit);
/* Ask for a notice; the claim as it came back. */
od_notice_claim kit_notice(od_kit *kit, od_id reply, int32_t notice,
                           bool unless_listed);
/* Send one release: did a ledger row follow? */
bool kit_release(od_kit *kit, uint64_t phone, const char *source);

/* The judge itself, for exchanges that a test makes by hand. */
bool kit_judge_slot(void *ctx, const od_candidate *candidate, od_id attempt,
                    od_ruling *out);

#endif
