/*
 * backend.h - for authors of a storage or a transport. Users do not need it.
 *
 * A backend is a table of functions and a context. Every slot gets the context
 * first. A backend never calls the engine, except od_sink_post() from inside
 * its own step slot, od_sink_wake() from any thread, and the judge that an
 * exchange was handed. Slots are called by one thread at a time. Every slot is
 * mandatory unless its comment says otherwise; the table is checked once, when
 * it is handed to od_storage_new() or od_transport_new().
 *
 * Failing slots of a storage leave no trace: all or nothing. They say why in
 * errmsg(). Rows and texts they give out live until the next call of any slot.
 *
 * Storage knows no rule and no clock: what is due, allowed or finished is told
 * to it. Phone numbers are E.164 digits in a uint64_t. A text that is NULL
 * going in is empty; none is NULL coming out.
 */
#ifndef OUTDIAL_BACKEND_H
#define OUTDIAL_BACKEND_H

#include <outdial/campaign.h>
#include <outdial/contact.h>
#include <outdial/dnc.h>
#include <outdial/engine.h>
#include <outdial/ledger.h>
#include <outdial/media.h>
#include <outdial/survey.h>

OD_BEGIN_DECLS

/* == storage ============================================================= */

/* -- rows ---------------------------------------------------------------- */

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
 * thread; does nothing without its arguments. SHA-256 over 96 bytes: previous hash (32), then seq, utc_ms, kind
 * and subject as little-endian integers of 64 bits, then the SHA-256 of the
 * salt followed by the payload without its NUL.
 */
OD_API void od_ledger_seal(const uint8_t previous[32], int64_t seq,
                           const od_ledger_entry *entry, uint8_t out[32]);

/* A contact on its way into a group. */
typedef struct od_member_row {
    uint64_t phone;
    int32_t place; /* from place_put */
    int32_t reserved0;
    od_contact contact; /* id and phone are ignored */
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
} od_contact_record;

typedef struct od_dnc_record {
    od_id id;
    uint64_t phone;
    int32_t scope; /* od_dnc_scope */
    int32_t reserved0;
    od_id campaign;
    od_id attempt; /* in which call; 0 if in none */
    const char *reason;
    const char *source;
    int64_t added_utc_ms;
} od_dnc_record;

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
    bool dnc;             /* an entry forbids it: scope ALL, VOICE, or CAMPAIGN
                             with this campaign */
    bool in_flight;       /* any campaign has a live attempt to this phone */
    bool number_invalid;  /* an outcome marked the line as invalid */
    int64_t line_called_utc_ms;   /* last attempt that reached the network, over
                                     all campaigns; 0: none */
    int64_t line_answered_utc_ms; /* last answer, over all campaigns; 0: none */
} od_candidate;

/* What the judge says about a candidate. */
typedef struct od_ruling {
    od_verdict verdict;
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
    const od_dnc_record *dnc; /* opt-outs; as dnc_add does, and they count in
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
                               BLOCKED for OD_REASON_PLACE_UNKNOWN,
                               OD_REASON_NEVER_OPEN, OD_REASON_ATTEMPTS_USED
                             */
    int64_t rows;        /* out: looked at */
    bool done;           /* out: the campaign is filled (and marked so) */
} od_fill;

/* Media and surveys: named bytes that never change. */
typedef enum od_asset_kind {
    OD_ASSET_MEDIA = 1,
    OD_ASSET_SURVEY = 2
} od_asset_kind;

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

/* -- the table ----------------------------------------------------------- */

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
    /* OD_ERR_NOT_FOUND. Members leave as in member_remove. */
    od_err (*group_remove)(void *ctx, od_id id);
    od_err (*group_scan)(void *ctx, od_id after, od_group *rows,
                         size_t rows_max, size_t *count);

    /*
     * Put contacts into a group; durable. A phone that is not in the group is
     * ADDED as a new contact, whatever other groups hold. Each ADDED one
     * becomes a READY target of every campaign that has the group and is
     * SCHEDULED, RUNNING or PAUSED, unless the phone is a target already; DNC
     * plays no part before the judge.
     * UPDATED ones take the new place, and so do the targets, in all
     * campaigns, that belong to the contact: a READY target its lane; a target
     * that is BLOCKED for OD_REASON_PLACE_UNKNOWN or OD_REASON_NEVER_OPEN
     * becomes READY, due at utc_ms, when its place changes.
     * OD_ERR_NOT_FOUND: no such group.
     */
    od_err (*member_put)(void *ctx, od_member_batch *batch);
    /* Put a stored contact into another group, as above.
     * OD_ERR_NOT_FOUND, OD_ERR_EXISTS. */
    od_err (*member_join)(void *ctx, od_id contact, od_id group,
                          int64_t utc_ms);
    /*
     * Take a contact out of a group (group 0: out of all, and remove the
     * contact itself). OD_ERR_NOT_FOUND. For each campaign that has the group:
     * a target that is READY or BLOCKED with no attempt that counts is gone,
     * unless another group of the campaign holds the phone. Then a target that
     * belonged to the contact (which is in no group of the campaign any more)
     * belongs to the contact in the first such group, in the campaign's order,
     * and takes its place as in member_put.
     */
    od_err (*member_remove)(void *ctx, od_id contact, od_id group);
    od_err (*contact_get)(void *ctx, od_id id, od_contact_record *out);
    /* Replace all but the phone, take the place as in member_put.
     * OD_ERR_NOT_FOUND. */
    od_err (*contact_update)(void *ctx, od_id id, const od_member_row *row,
                             int64_t utc_ms);
    /* group 0: all contacts by id; else the members of one group by contact
     * id. */
    od_err (*contact_scan)(void *ctx, od_id group, od_id after,
                           od_contact_record *rows, size_t rows_max,
                           size_t *count);

    /*
     * Add entries; durable. added[i] tells whether row i is new: no entry has
     * its phone, scope and campaign. Only new rows append ledger[i]. READY
     * targets that a new entry forbids become BLOCKED with OD_REASON_DNC.
     * added may be NULL.
     */
    od_err (*dnc_add)(void *ctx, const od_dnc_record *rows,
                      const od_ledger_entry *ledger, size_t len, bool *added);
    /* Remove one; durable. Targets that it alone had blocked become READY, due
     * at utc_ms. OD_ERR_NOT_FOUND. */
    od_err (*dnc_remove)(void *ctx, uint64_t phone, int32_t scope,
                         od_id campaign, int64_t utc_ms,
                         const od_ledger_entry *ledger);
    /* Does an entry forbid a voice call? campaign 0: only ALL and VOICE. */
    od_err (*dnc_check)(void *ctx, uint64_t phone, od_id campaign, bool *out);
    od_err (*dnc_scan)(void *ctx, od_id after, od_dnc_record *rows,
                       size_t rows_max, size_t *count);

    /*
     * id 0: add in state IDLE and set *out, which is the subject of the ledger
     * row too; else replace the options, keep state, state_text,
     * started_utc_ms and filled. Targets of members of a group that the
     * campaign has no more go as in member_remove. Durable.
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
    /* The lanes of a campaign that hold READY targets, by lane. */
    od_err (*lane_scan)(void *ctx, od_id campaign, int32_t after,
                        od_lane_row *rows, size_t rows_max, size_t *count);
    /* OD_ERR_NOT_FOUND. */
    od_err (*counters)(void *ctx, od_id campaign, od_counters *out);
    /* Facts of one phone for one campaign; a phone that is not enrolled (or no
     * such campaign) gets contact 0, place 0 and state READY. */
    od_err (*candidate)(void *ctx, od_id campaign, uint64_t phone,
                        od_candidate *out);

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
    /* Ended attempts, by id. filter->phone is ignored, phone is the number or
     * 0; filter may be NULL. */
    od_err (*attempt_scan)(void *ctx, const od_call_filter *filter,
                           uint64_t phone, od_id after,
                           od_attempt_record *rows, size_t rows_max,
                           size_t *count);
    od_err (*answer_scan)(void *ctx, od_id campaign, od_id after,
                          od_answer_record *rows, size_t rows_max,
                          size_t *count);
    /* How often each (question, choice) was given, in order of first
     * appearance. *count: how many there are, also beyond rows_max. */
    od_err (*result_scan)(void *ctx, od_id campaign, od_result *rows,
                          size_t rows_max, size_t *count);

    /* Add; durable; sets *out. OD_ERR_EXISTS: the name is taken. */
    od_err (*asset_put)(void *ctx, const od_asset_record *record, od_id *out);
    /* With its bytes. OD_ERR_NOT_FOUND. */
    od_err (*asset_get)(void *ctx, int32_t kind, od_id id,
                        od_asset_record *out);
    /* Without bytes. */
    od_err (*asset_scan)(void *ctx, int32_t kind, od_id after,
                         od_asset_record *rows, size_t rows_max,
                         size_t *count);
    od_err (*asset_remove)(void *ctx, int32_t kind, od_id id);

    od_err (*ledger_scan)(void *ctx, int64_t after_seq, od_ledger_row *rows,
                          size_t rows_max, size_t *count);
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

/* == transport =========================================================== */

/* -- prompts ------------------------------------------------------------- */

typedef enum od_codec {
    OD_CODEC_PCMU = 0, /* G.711 mu-law, 8 kHz, RTP payload type 0 */
    OD_CODEC_PCMA = 1  /* G.711 A-law, 8 kHz, RTP payload type 8 */
} od_codec;
#define OD_CODECS 2

/* Audio, encoded once per codec in frames of 20 ms; shared, never changed. */
typedef struct od_prompt od_prompt;

/* Playing time, a multiple of 20 ms. Thread: any. */
OD_API int64_t od_prompt_duration_ms(const od_prompt *prompt);
/*
 * Frames in a row, each of *frame_bytes bytes. Thread: any. Lives as long as
 * the prompt is held.
 */
OD_API const uint8_t *od_prompt_frames(const od_prompt *prompt, od_codec codec,
                                       size_t *frames, size_t *frame_bytes);
/* A transport that plays from another thread holds the prompt and drops it
 * when the last frame has left. Thread: any. */
OD_API void od_prompt_hold(const od_prompt *prompt);
OD_API void od_prompt_drop(const od_prompt *prompt);

/* -- reports -------------------------------------------------------------- */

typedef enum od_report_kind {
    OD_REPORT_PROGRESS = 1, /* a provisional answer: the network has the call */
    OD_REPORT_RINGING = 2,
    OD_REPORT_ANSWERED = 3, /* media can flow */
    OD_REPORT_DIGIT = 4,    /* a key, once per press */
    OD_REPORT_PLAY_ENDED = 5, /* all prompts of a play were sent, or it was
                                 stopped or replaced */
    OD_REPORT_ENDED = 6,    /* exactly once per accepted dial, always the last */
    OD_REPORT_TRUNK = 7     /* a trunk came up or went down */
} od_report_kind;

typedef struct od_report {
    od_report_kind kind;
    uint32_t slot;   /* that dial was given */
    od_id attempt;   /* that dial was given */
    int32_t play;    /* PLAY_ENDED: id that play was given */
    int32_t status;  /* ENDED: final SIP status of the far end, 0 if none came;
                        200 after an answer. TRUNK: last status or 0 */
    int32_t fault;   /* ENDED: od_err, OD_OK unless our side failed */
    int32_t trunk;   /* TRUNK: index */
    int64_t heard_ms; /* PLAY_ENDED: audio of this play sent. ENDED: of the
                         whole call */
    bool up;         /* TRUNK */
    bool remote;     /* ENDED: the far end hung up */
    char digit;      /* DIGIT: one of "0123456789*#ABCD" */
    const char *sip_call_id; /* PROGRESS, ANSWERED, ENDED: Call-ID or NULL */
    const char *text;        /* TRUNK: why, or NULL. Both are copied by post */
} od_report;

/* Where a transport puts its reports. */
typedef struct od_sink od_sink;
/* Only from inside the transport's step slot. Never fails. */
OD_API void od_sink_post(od_sink *sink, const od_report *report);
/* There is work for the next step. Thread: any; async-signal-safe. */
OD_API void od_sink_wake(od_sink *sink);

/* -- the table ------------------------------------------------------------ */

typedef struct od_dial {
    uint32_t slot;  /* < calls_max of start; free again after ENDED */
    int32_t trunk;  /* index of trunk_get */
    od_id attempt;
    uint64_t to;    /* E.164 digits */
    uint64_t from;  /* E.164 digits */
    char session_id[33]; /* RFC 7989: send as Session-ID */
    int64_t campaign; /* for headers and models only */
} od_dial;

typedef struct od_trunk_info {
    char name[64];
    int32_t calls_max;
    int32_t calls_per_second_max;
    bool up;
} od_trunk_info;

/* No slot but start and free may block or wait for the network. */
typedef struct od_transport_ops {
    size_t size; /* sizeof(od_transport_ops) */

    /* Release everything without protocol work. Called once, last; also on a
     * transport that was never started. */
    void (*free)(void *ctx);
    /*
     * Begin: bind ports, start threads. Called once. Reports go to `sink`.
     * OD_ERR_TRANSPORT, OD_ERR_MEMORY, OD_ERR_INVALID with a text.
     */
    od_err (*start)(void *ctx, od_sink *sink, uint32_t calls_max,
                    const od_now *now, od_errmsg *errmsg);
    /* The trunk of this index, 0 and up. OD_ERR_NOT_FOUND beyond the last. */
    od_err (*trunk_get)(void *ctx, int32_t index, od_trunk_info *out);
    /*
     * Post what happened, at most reports_max reports; what remains is posted
     * by the next step. Called in every step of the engine.
     */
    void (*step)(void *ctx, const od_now *now, size_t reports_max);
    /* When step has something to do that no wake announces, absolute monotonic
     * ms; now if reports remain; OD_NEVER. */
    int64_t (*deadline_ms)(void *ctx);

    /*
     * Place a call. The attempt is durable. On OD_OK exactly one ENDED
     * follows; on failure none, and the slot is free.
     * OD_ERR_LIMIT: no channel; OD_ERR_TRANSPORT: trunk down; OD_ERR_MEMORY.
     */
    od_err (*dial)(void *ctx, const od_dial *dial);
    /* End the call: CANCEL before an answer, BYE after. Never fails; ENDED
     * follows even if the far end is silent. Idempotent. */
    void (*hangup)(void *ctx, uint32_t slot);
    /*
     * Play prompts in a row, from offset_ms into the first; replaces a play
     * that runs. PLAY_ENDED with this id follows, unless the call ends first.
     * Only after ANSWERED. prompts_len 1 to 17.
     */
    void (*play)(void *ctx, uint32_t slot, int32_t play,
                 const od_prompt *const *prompts, size_t prompts_len,
                 int64_t offset_ms);
    /* Stop the play that runs, if any; its PLAY_ENDED follows. */
    void (*play_stop)(void *ctx, uint32_t slot);
    /* Send keys, as RFC 4733 where negotiated. Optional: NULL means
     * OD_ERR_UNSUPPORTED. digits: 1 to 31 of "0123456789*#ABCD". */
    od_err (*digits_send)(void *ctx, uint32_t slot, const char *digits);
} od_transport_ops;

/** Make a transport from a table; as od_storage_new(). */
OD_API od_err od_transport_new(od_transport **out, const od_transport_ops *ops,
                               void *ctx, od_errmsg *errmsg);

/** The table and context inside, for a transport that wraps another. Optional
 * slots are filled in. */
OD_API const od_transport_ops *od_transport_ops_get(
    const od_transport *transport);
OD_API void *od_transport_ctx_get(const od_transport *transport);

/** Make a sink that hands reports to a function, for tests of a transport. */
typedef void (*od_sink_fn)(void *ctx, const od_report *report);
OD_API od_err od_sink_new(od_sink **out, od_sink_fn on_report,
                          void (*on_wake)(void *ctx), void *ctx);
OD_API void od_sink_free(od_sink *sink);

OD_END_DECLS

#endif
