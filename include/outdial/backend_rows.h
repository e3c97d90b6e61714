/*
 * backend_rows.h - what crosses between the engine and a storage: part of
 * backend.h.
 *
 * Rows only; the slots that take and give them are in backend_storage.h.
 */
#ifndef OUTDIAL_BACKEND_ROWS_H
#define OUTDIAL_BACKEND_ROWS_H

#include <outdial/campaign.h>
#include <outdial/consent.h>
#include <outdial/contact.h>
#include <outdial/dnc.h>
#include <outdial/engine.h>
#include <outdial/ledger.h>
#include <outdial/media.h>
#include <outdial/survey.h>

OD_BEGIN_DECLS

/* A ledger row that is still without number and hash. */
typedef struct od_ledger_entry {
    int64_t utc_ms;
    od_id subject;
    int32_t kind; /* od_ledger_kind */
    int32_t reserved0;
    const char *payload; /* JSON object, NUL-terminated */
    uint8_t salt[16];
} od_ledger_entry;

/*
 * Hash of the row that follows `previous` (32 zero bytes for the first) under
 * number `seq`. A storage calls it for every entry it appends. Pure; any
 * thread; does nothing without its arguments. SHA-256 over 96 bytes: previous
 * hash (32), then seq, utc_ms, kind and subject as little-endian integers of
 * 64 bits, then the SHA-256 of the salt followed by the payload without its
 * NUL.
 */
OD_API void od_ledger_seal(const uint8_t previous[32], int64_t seq,
                           const od_ledger_entry *entry, uint8_t out[32]);

/* Phones of a contact beyond its first. */
#define OD_PHONES_MORE 2

/* A contact on its way into a group. */
typedef struct od_member_row {
    uint64_t phone;
    int32_t place; /* from place_put */
    int32_t reserved0;
    od_contact contact; /* id, phone, phone2 and phone3 are ignored */
    uint64_t phones[OD_PHONES_MORE]; /* phone2 and phone3; 0: none */
    int32_t places[OD_PHONES_MORE];
} od_member_row;

typedef enum od_member_result {
    OD_MEMBER_ADDED = 1,
    OD_MEMBER_UPDATED = 2,       /* was there, replaced as asked */
    OD_MEMBER_SAME_IMPORT = 3,   /* was put there by this import (> 0); kept */
    OD_MEMBER_PRESENT = 4        /* was there before; kept */
} od_member_result;

/* One slice of an import, or one contact. */
typedef struct od_member_batch {
    od_id group;
    int64_t import;    /* token of the import, > 0; 0 for a single contact */
    int64_t utc_ms;    /* due time of targets that are enrolled */
    bool update;       /* replace what is there. A row put there by this very
                          import is replaced as well and reported as UPDATED */
    const od_member_row *rows; /* sorted by phone; a phone may repeat, then
                                  the rows count in their order */
    size_t rows_len;
    od_member_result *results; /* rows_len; out */
    od_id *ids;                /* rows_len; out: contact ids; may be NULL */
} od_member_batch;

/* A stored contact. contact.phone is text with '+'. */
typedef struct od_contact_record {
    uint64_t phone;
    int32_t place;
    int32_t reserved0;
    od_contact contact;
    uint64_t phones[OD_PHONES_MORE];
    int32_t places[OD_PHONES_MORE];
} od_contact_record;

typedef struct od_dnc_record {
    od_id id;
    uint64_t phone;  /* with prefix: the leading digits, 1 to 14 of them */
    int32_t scope; /* od_dnc_scope */
    bool prefix;   /* every number that begins with these digits */
    od_id campaign;
    od_id attempt; /* in which call; 0 if in none */
    const char *reason;
    const char *source;
    int64_t added_utc_ms;
    int64_t expires_utc_ms; /* forbids before that instant; 0: for ever */
} od_dnc_record;

/* Evidence of consent or of a business relationship; texts as in od_consent,
 * never NULL. */
typedef struct od_consent_record {
    od_id id;
    uint64_t phone;
    int32_t kind;    /* od_consent_kind */
    int32_t purpose; /* od_purpose; 0 for PURCHASE and INQUIRY */
    int64_t obtained_utc_ms;
    int64_t added_utc_ms;
    int64_t revoked_utc_ms; /* 0: in force */
    const char *seller;
    const char *how;
    const char *text;
    const char *reference;
    const char *who;
    uint8_t sha256[32];
} od_consent_record;

/* What consents in force say of a phone for one seller. */
typedef struct od_consents {
    uint32_t express;         /* bits 1 << od_purpose */
    uint32_t written;         /* bits 1 << od_purpose */
    int64_t purchased_utc_ms; /* latest obtained_utc_ms of a PURCHASE; 0: none */
    int64_t inquired_utc_ms;  /* of an INQUIRY */
} od_consents;

/* A campaign as stored: od_campaign_options with defaults filled in. */
typedef struct od_campaign_record {
    od_id id;
    int32_t state;              /* od_campaign_state; put ignores it */
    char name[OD_NAME_MAX + 1]; /* unique */
    char state_text[256];       /* why; put ignores it */
    uint64_t caller_id;         /* 0: none */
    int64_t start_utc_ms;
    int64_t started_utc_ms;     /* when it last began to run; put ignores it */
    bool filled;                /* all members are enrolled; put ignores it */
    int32_t channel;
    int32_t attempts_max;
    int32_t concurrent_max;
    int32_t recall;
    int32_t redial_unknown;
    int32_t retry_delay_s;
    int32_t ring_timeout_ms;
    int32_t skip_answered_h;
    int32_t skip_called_h;
    int32_t opt_out_key;
    int32_t fail_stop_pct;
    int32_t purpose;
    int32_t retry_unfinished;
    int32_t spread_dayparts;
    int32_t priority;
    int32_t weight;
    int32_t quota_answers;
    od_guards guards;
    od_retry retries[OD_RETRIES];
    char seller[OD_NAME_MAX + 1];
    char quota_question[64];
    char quota_choice[64];
    int64_t end_utc_ms;
    od_id identity_prompt;
    od_id offer_prompt;
    od_id survey;
    od_id opt_out_prompt;
    int32_t groups_len;
    int32_t prompts_len;
    int32_t windows_len;
    int32_t reserved0;
    od_id groups[OD_CAMPAIGN_GROUPS_MAX];
    od_id prompts[OD_CAMPAIGN_PROMPTS_MAX];
    od_window windows[OD_WINDOWS_MAX];
} od_campaign_record;

/* May a later judging find that a target blocked for this reason is not? */
static inline bool od_reason_may_pass(int32_t reason)
{
    return reason == OD_REASON_PLACE_UNKNOWN ||
           reason == OD_REASON_NEVER_OPEN ||
           reason == OD_REASON_ATTEMPTS_USED || reason == OD_REASON_CONSENT ||
           reason == OD_REASON_RULE_BAN || reason == OD_REASON_REGISTRY ||
           reason == OD_REASON_CAMPAIGN_ENDED;
}

/*
 * State of a target, one row per (campaign, phone). READY ones carry a lane
 * and a due time: they are the dial queue.
 */
typedef enum od_target_state {
    OD_TARGET_READY = 0,
    OD_TARGET_FLIGHT = 1,  /* an attempt is live */
    OD_TARGET_DONE = 2,    /* not to be dialed again */
    OD_TARGET_BLOCKED = 3  /* may not be dialed, see its reason */
} od_target_state;

/* A lane is a place and whether the phone was tried before. */
static inline int32_t od_lane_of(int32_t place, bool retry)
{
    return place * 2 + (retry ? 1 : 0);
}
static inline int32_t od_lane_place(int32_t lane)
{
    return lane / 2;
}
static inline bool od_lane_is_retry(int32_t lane)
{
    return (lane & 1) != 0;
}

/*
 * Spread of neighbours in a list over 64 buckets, added in ms to the due time
 * of a target when it is enrolled.
 */
static inline int64_t od_target_spread_ms(uint64_t phone)
{
    return (int64_t)((phone * 0x9e3779b97f4a7c15u) >> 58);
}

/* The queue of one lane. */
typedef struct od_lane_row {
    int32_t lane;
    int32_t reserved0;
    int64_t ready;           /* READY targets in it, > 0 */
    int64_t due_next_utc_ms; /* the earliest due time among them */
} od_lane_row;

/*
 * How often the attempts of a target ended in each way: four bits for each
 * od_disposition, which stay at 15. Every attempt counts, also one that did not
 * reach the network.
 */
static inline uint64_t od_tries_add(uint64_t tries, int32_t disposition)
{
    uint64_t unit = (uint64_t)1 << (4 * (disposition & 15));
    return (tries / unit & 15) == 15 ? tries : tries + unit;
}
static inline int32_t od_tries_of(uint64_t tries, int32_t disposition)
{
    return (int32_t)(tries >> (4 * (disposition & 15)) & 15);
}

/* Calls to a number that are remembered: attempts that reached the network. */
#define OD_RECENT_MAX 16

typedef struct od_recent {
    int64_t utc_ms; /* when it was claimed */
    od_id campaign;
} od_recent;

/* What a storage knows of one target and its phone. */
typedef struct od_candidate {
    od_id campaign;
    uint64_t phone;
    od_id contact;        /* 0: not enrolled */
    int32_t place;
    int32_t state;        /* od_target_state */
    int32_t reason;       /* od_reason of a BLOCKED one */
    int32_t attempts;     /* that count */
    int32_t disposition;  /* od_disposition of the last attempt */
    int32_t reserved0;
    int64_t due_utc_ms;
    bool dnc;             /* an entry that has not expired forbids it: scope
                             ALL, VOICE, or CAMPAIGN with this campaign; of this
                             phone, or of a prefix */
    bool in_flight;       /* any campaign has a live attempt to this phone */
    bool number_invalid;  /* an outcome marked the line as invalid */
    int64_t line_called_utc_ms;   /* last attempt that reached the network, over
                                     all campaigns; 0: none */
    int64_t line_answered_utc_ms; /* last answer, over all campaigns; 0: none */
    int64_t dnc_until_utc_ms;     /* with dnc: when the last such entry expires;
                                     0: never */
    uint64_t tries;               /* see od_tries_add() */
    od_consents consents;         /* of the campaign's seller */
    int32_t recent_len;
    int32_t reserved1;
    od_recent recent[OD_RECENT_MAX]; /* calls to the phone over all campaigns,
                                        latest first */
} od_candidate;

/* What the judge says about a candidate. */
typedef struct od_ruling {
    od_verdict verdict;
    bool follow;            /* BLOCK: go on with the contact's next phone, as in
                               od_outcome */
    uint64_t caller_id;     /* ALLOW: what is shown */
    char session_id[33];    /* ALLOW: 32 hex digits */
    char trunk[64];         /* ALLOW: name of the trunk */
    int32_t ring_timeout_ms;
    od_ledger_entry ledger; /* ALLOW: the decision to dial; its subject is the
                               attempt. payload lives until the next judging;
                               at most OD_RULING_PAYLOAD_MAX bytes */
} od_ruling;

#define OD_RULING_PAYLOAD_MAX 2047

/*
 * Judge one candidate inside the transaction of an exchange. A candidate that
 * is in_flight is never allowed.
 *
 * @param attempt  id that the attempt gets if it is allowed
 * @return true: the ruling counts; false: stop, leave this candidate and the
 *         rest of its lane alone
 */
typedef bool (*od_judge)(void *ctx, const od_candidate *candidate,
                         od_id attempt, od_ruling *out);

/* Ask one lane of one campaign for due targets. */
typedef struct od_lane_request {
    od_id campaign;
    int32_t lane;
    int32_t claims_max; /* stop after so many were allowed */
    int32_t scan_max;   /* stop after so many were judged */
    int32_t scanned;    /* out: rulings that counted */
    int32_t claimed;    /* out: those that allowed */
    int32_t reserved0;
    int64_t due_next_utc_ms; /* out: earliest due time left; OD_NEVER if none */
} od_lane_request;

/* An attempt was answered. */
typedef struct od_answered {
    od_id attempt;
    uint64_t phone;
    int64_t utc_ms;
} od_answered;

/* A survey answer. Texts as in od_answer. */
typedef struct od_answer_record {
    od_id id; /* out of answer_scan */
    od_id campaign;
    od_id attempt;
    uint64_t phone;
    int64_t utc_ms;
    int32_t visit;
    int32_t reserved0;
    const char *question; /* at most 63 bytes */
    const char *digits;   /* at most 31 bytes */
    const char *choice;   /* at most 63 bytes */
} od_answer_record;

/* An attempt: live (flight_scan) or ended (attempt_scan). */
typedef struct od_attempt_record {
    od_id attempt;
    od_id campaign;
    od_id contact;
    uint64_t phone;
    uint64_t caller_id; /* what was shown; 0: made by an older version */
    const char *session_id;
    const char *sip_call_id;
    const char *trunk;
    int64_t claimed_utc_ms;
    int64_t answered_utc_ms;
    int64_t ended_utc_ms; /* 0: live */
    int64_t heard_ms;
    int32_t disposition;
    int32_t sip_status;
    int32_t fault;
    bool survey_done;
    bool reached_network;
} od_attempt_record;

/* The end of an attempt, and what becomes of its target. */
typedef struct od_outcome {
    od_id attempt;
    uint64_t phone;
    const char *sip_call_id; /* at most 127 bytes, never NULL */
    int64_t answered_utc_ms; /* 0: not answered, or keep what is stored */
    int64_t ended_utc_ms;
    int64_t talk_ms;
    int64_t heard_ms;
    int32_t disposition;
    int32_t sip_status;
    int32_t fault;
    bool survey_done;
    bool reached_network; /* then the target's attempts grow by one and the
                             line's last call is its claim time */
    bool answered;        /* then the line's last answer is ended_utc_ms */
    bool number_invalid;  /* mark the line */
    bool follow;          /* with DONE and BLOCKED: the next phone of the
                             target's contact, in the order phone, phone2,
                             phone3, becomes a READY target of its place, due at
                             ended_utc_ms, unless it is a target already; then
                             nothing more follows */
    int32_t target_state; /* READY, DONE or BLOCKED */
    int32_t reason;       /* od_reason, with BLOCKED */
    int64_t due_utc_ms;   /* with READY; the lane is then the retry lane of the
                             target's place if attempts > 0, else the first */
} od_outcome;

/*
 * The heart of a step: what happened, then what may begin; one durable commit.
 * Applied in the order of the fields. A batch may be sent again after a
 * failure, alone or with more in it: what is already stored is ignored, and so
 * is its ledger row. That is: a DNC entry of the same phone, scope and
 * campaign as a stored one; an answer of the same attempt, question and visit
 * as a stored one; and answered, answers and outcomes whose attempt is not
 * live at their phone.
 */
typedef struct od_exchange {
    int64_t utc_ms;
    const od_dnc_record *dnc; /* opt-outs; as dnc_add does (consents go, too),
                                 and they count in
                                 opted_out of the campaign of their attempt */
    size_t dnc_len;
    const od_answered *answered;
    size_t answered_len;
    const od_answer_record *answers;
    size_t answers_len;
    const od_outcome *outcomes;
    size_t outcomes_len;
    const od_ledger_entry *ledger; /* one row for each of dnc, answers and
                                      outcomes, in this order */
    size_t ledger_len;             /* dnc_len + answers_len + outcomes_len */
    od_lane_request *lanes; /* asked in this order */
    size_t lanes_len;
    od_judge judge; /* not NULL if lanes_len > 0 */
    void *judge_ctx;
} od_exchange;

/* Sums of one campaign, kept by the storage with every change. */
typedef struct od_counters {
    int64_t targets; /* ready + flight + done + blocked */
    int64_t ready;
    int64_t flight;
    int64_t done;
    int64_t blocked;
    int64_t blocked_by[OD_REASONS];
    int64_t done_by[OD_DISPOSITIONS];
    int64_t attempts_by[OD_DISPOSITIONS]; /* ended attempts */
    int64_t opted_out;
    int64_t surveys_done;
    int64_t talk_ms;
    int64_t minute;              /* utc_ms / 60000 of the last claim */
    int64_t minute_calls;        /* claims in that minute */
    int64_t minute_calls_before; /* claims in the minute before it */
} od_counters;

/* Enrol the next members of a campaign's groups. */
typedef struct od_fill {
    od_id campaign;
    int64_t utc_ms;      /* due time, plus od_target_spread_ms() */
    int32_t rows_max;    /* members looked at */
    int32_t attempts_below; /* targets that are DONE, were not ANSWERED and have
                               fewer attempts become READY again; 0: none.
                               Always READY again, to be judged anew: targets
                               BLOCKED for a reason of od_reason_may_pass() */
    int64_t rows;        /* out: looked at */
    bool done;           /* out: the campaign is filled (and marked so) */
} od_fill;

/* Named bytes that never change. */
typedef enum od_asset_kind {
    OD_ASSET_MEDIA = 1,
    OD_ASSET_SURVEY = 2,
    OD_ASSET_RULES = 3,     /* a set of rules of the host */
    OD_ASSET_OVERRIDE = 4,  /* a rule that is lifted */
    OD_ASSET_CALLER_ID = 5  /* a number that may be shown */
} od_asset_kind;

/* Members of a group in one place. */
typedef struct od_place_count {
    int32_t place;
    int32_t reserved0;
    int64_t members; /* > 0 */
} od_place_count;

/* Erase a person; see od_person_erase(). */
typedef struct od_erase {
    uint64_t phone;
    int64_t before_utc_ms;  /* attempts that ended before are made nameless */
    const int64_t *seqs;    /* ledger rows whose payload is dropped, ascending */
    size_t seqs_len;
    int64_t contacts;       /* out: contacts that were removed */
    int64_t calls;          /* out: attempts that were made nameless */
} od_erase;

typedef struct od_asset_record {
    od_id id;
    int32_t kind; /* od_asset_kind */
    int32_t measure; /* media: duration in ms; survey: questions */
    char name[OD_NAME_MAX + 1]; /* unique within the kind */
    uint8_t sha256[32];
    const void *bytes; /* NULL out of asset_scan */
    size_t bytes_len;
} od_asset_record;

/* Longest text of a place, in bytes before the NUL. */
#define OD_PLACE_KEY_MAX 735

typedef struct od_place_record {
    int32_t place;   /* 1 and up */
    int32_t reserved0;
    char key[OD_PLACE_KEY_MAX + 1]; /* text that the engine makes and reads;
                                       unique */
} od_place_record;

OD_END_DECLS

#endif
