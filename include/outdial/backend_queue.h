/*
 * backend_queue.h - the dial queue as it crosses between the engine and a
 * storage: targets, judging, attempts, the exchange: part of backend.h.
 */
#ifndef OUTDIAL_BACKEND_QUEUE_H
#define OUTDIAL_BACKEND_QUEUE_H

#include <outdial/backend_rows.h>

OD_BEGIN_DECLS

/* May a later judging find that a target blocked for this reason is not? */
static inline bool od_reason_may_pass(int32_t reason)
{
    return reason == OD_REASON_PLACE_UNKNOWN ||
           reason == OD_REASON_NEVER_OPEN ||
           reason == OD_REASON_ATTEMPTS_USED || reason == OD_REASON_CONSENT ||
           reason == OD_REASON_RULE_BAN || reason == OD_REASON_REGISTRY ||
           reason == OD_REASON_REGISTRY_STALE ||
           reason == OD_REASON_CAMPAIGN_ENDED || reason == OD_REASON_TEXT;
}

/*
 * State of a target, one row per (campaign, phone). READY ones carry a lane
 * and a due time: they are the dial queue.
 *
 * A target is nobody's when its contact is removed, or has the phone no more.
 * Where an outcome, dnc_remove or consent_add makes such a one READY it becomes
 * DONE instead and keeps its disposition; only target_call_back, which asks for
 * the number, makes it READY. It belongs to the next contact that comes with
 * this first phone into a group of the campaign, or that a fill meets.
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
                             ALL, that of the campaign's channel (VOICE without
                             such a campaign), or CAMPAIGN with this campaign;
                             of this phone, or of a prefix */
    bool in_flight;       /* any campaign has a live attempt to this phone */
    bool number_invalid;  /* an outcome marked the line as invalid */
    int64_t line_called_utc_ms;   /* last attempt that reached the network, over
                                     all campaigns; 0: none */
    int64_t line_answered_utc_ms; /* last answer, over all campaigns; 0: none */
    int64_t dnc_until_utc_ms;     /* with dnc: when the last such entry expires;
                                     0: never */
    uint64_t tries;               /* see od_tries_add() */
    od_consents consents;         /* of the campaign's seller; none without
                                     such a campaign */
    int32_t recent_len;
    int32_t reserved1;
    od_recent recent[OD_RECENT_MAX]; /* calls to the phone over all campaigns,
                                        latest first; zeroes behind them */
} od_candidate;

/* What the judge says about a candidate. */
typedef struct od_ruling {
    od_verdict verdict;
    bool follow;            /* BLOCK: go on with the contact's next phone, as in
                               od_outcome, due at utc_ms + 1: it is for the next
                               exchange to judge */
    uint64_t caller_id;     /* ALLOW: what is shown */
    char session_id[33];    /* ALLOW: 32 hex digits */
    char trunk[64];         /* ALLOW: name of the trunk */
    int32_t ring_timeout_ms;
    od_ledger_entry ledger; /* ALLOW: the decision to dial; its subject is the
                               attempt. payload lives until the next judging;
                               at most OD_RULING_PAYLOAD_MAX bytes */
    const char *text;       /* ALLOW in a campaign of texts: what is sent; lives
                               as the payload. Else NULL */
    int32_t encoding;       /* od_text_encoding of it */
    int32_t segments;
} od_ruling;

#define OD_RULING_PAYLOAD_MAX 4095

/*
 * Judge one candidate inside the transaction of an exchange. A candidate that
 * is in_flight is never allowed. The judge may read: contact_get, asset_get and
 * place_scan work inside it.
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
    int32_t channel; /* od_channel */
    int32_t notice;  /* od_notice */
} od_attempt_record;

/* -- texts ---------------------------------------------------------------- */

/*
 * A text and what became of it: one row for each attempt in a campaign of
 * texts and for each notice, made when it is claimed. Texts are never NULL; out
 * of a scan they live until the next call.
 */
typedef struct od_message_record {
    od_id attempt;
    od_id campaign;
    od_id contact;      /* 0 of a notice */
    od_id reply;        /* that a notice answers; else 0 */
    uint64_t phone;
    uint64_t caller_id;
    const char *session_id;
    const char *trunk;
    const char *text;
    const char *network_code; /* at most 15 bytes */
    int32_t notice;      /* od_notice */
    int32_t encoding;    /* od_text_encoding */
    int32_t segments;
    int32_t disposition; /* od_disposition; UNDELIVERED once a receipt says so */
    int32_t status;
    int32_t fault;
    int32_t delivery;    /* of all parts together: od_delivery_join() */
    int32_t attempts_before; /* of the target, when it was claimed */
    int64_t claimed_utc_ms;
    int64_t ended_utc_ms;    /* 0: live */
    int64_t delivery_utc_ms; /* when delivery became what it is */
    int64_t open_until_utc_ms; /* while it is ACCEPTED or SENT: no receipt is
                                  waited for any longer; else 0 */
    int32_t parts_len;   /* network ids it was given; 0 until it is SENT */
    uint8_t parts[OD_SEGMENTS_MAX]; /* od_delivery of each */
    /* Its target as it is now; zeroes where there is none, and of a notice. */
    int32_t place;
    int32_t target_state;
    int32_t target_disposition;
    int32_t attempts;
    uint64_t tries;
} od_message_record;

/* Which of two deliveries of one part is believed: the higher rank. */
static inline int32_t od_delivery_rank(int32_t delivery)
{
    switch (delivery) {
    case OD_DELIVERY_ACCEPTED:
        return 1;
    case OD_DELIVERY_SENT:
        return 2;
    case OD_DELIVERY_UNKNOWN:
        return 3;
    case OD_DELIVERY_EXPIRED:
    case OD_DELIVERY_FAILED:
        return 4;
    case OD_DELIVERY_DELIVERED:
        return 5;
    default:
        return 0;
    }
}

/* Of all parts together: FAILED, EXPIRED, UNKNOWN if one is, in this order;
 * else the least of them. NONE without parts. */
static inline int32_t od_delivery_join(const uint8_t *parts, size_t len)
{
    int32_t least = len > 0 ? OD_DELIVERY_DELIVERED : OD_DELIVERY_NONE;
    bool expired = false;
    bool unknown = false;
    for (size_t i = 0; i < len; i++) {
        if (parts[i] == OD_DELIVERY_FAILED) {
            return OD_DELIVERY_FAILED;
        }
        expired = expired || parts[i] == OD_DELIVERY_EXPIRED;
        unknown = unknown || parts[i] == OD_DELIVERY_UNKNOWN;
        least = parts[i] < least ? parts[i] : least;
    }
    return expired ? OD_DELIVERY_EXPIRED
                   : unknown ? OD_DELIVERY_UNKNOWN : least;
}

/* What an attempt to send a text was given by the network that took it. */
typedef struct od_sent {
    int32_t delivery; /* ACCEPTED, DELIVERED if the network says so at once, or
                         UNKNOWN: no receipt will come */
    int32_t network_ids_len; /* 1 to OD_SEGMENTS_MAX */
    const char *const *network_ids; /* one for each part, at most 127 bytes; ""
                                       names none: no receipt will */
    int64_t open_until_utc_ms;
} od_sent;

/*
 * What became of one part of a text that has ended. Ignored, ledger row and
 * all, if there is no such text or the part's rank does not rise. Else the
 * delivery of the text is joined anew, and its disposition becomes SENT when it
 * is DELIVERED, UNDELIVERED (or NOT_FOUND, as here) when it FAILED or EXPIRED;
 * open_until_utc_ms ends when it is neither ACCEPTED nor SENT. The rows of the
 * attempt and of counters.attempts_by stay what they were.
 */
typedef struct od_receipt_record {
    od_id attempt;
    uint64_t phone;
    int32_t part;
    int32_t delivery; /* of the part, od_delivery; with part OD_NONE, of all
                         parts that are ACCEPTED or SENT */
    int32_t disposition;  /* of text and target, if it FAILED or EXPIRED */
    int32_t target_state; /* OD_NONE: leave it alone. Else what its target
                             becomes, if it is DONE or READY and the campaign
                             made no later attempt to the phone: READY (DONE if
                             it is nobody's) or DONE, with the disposition of the
                             text; where that is not what it was, tries grows by
                             it */
    int64_t due_utc_ms;   /* with READY; the lane is the retry lane */
    int64_t utc_ms;
    bool number_invalid;  /* mark the line */
    bool follow;          /* with DONE, as od_outcome */
    char network_code[16];
} od_receipt_record;

/* A text that came in. */
typedef struct od_reply_record {
    od_id id;       /* out of a scan */
    int64_t nonce;  /* drawn for it: tells it from every other */
    od_id campaign; /* 0: of none */
    od_id attempt;  /* 0: there is none */
    od_id contact;  /* 0: not known */
    uint64_t phone;
    uint64_t to;    /* 0: not said */
    const char *trunk;
    const char *network_id; /* at most 127 bytes */
    const char *text;       /* at most OD_MESSAGE_MAX bytes */
    int64_t utc_ms;
    int32_t kind;     /* od_reply_kind */
    int32_t owed;     /* od_notice it is still owed; NONE */
    int32_t answered; /* od_notice that was claimed for it; NONE */
    int32_t dnc_at;   /* going in: what is owed is owed only if this entry of
                         exchange.dnc is new; OD_NONE: whatever becomes of it */
    int64_t owed_until_utc_ms; /* with owed */
} od_reply_record;

/* The person takes back what he asked for: entries of this phone, no prefixes,
 * with this source go as in dnc_remove. The ledger row is appended only if
 * there was one. */
typedef struct od_release {
    uint64_t phone;
    const char *source;
    int64_t utc_ms;
} od_release;

/*
 * Claim the notice that a reply is owed: it becomes live like an attempt, with
 * a message row, but belongs to no target and counts nowhere: not in the calls
 * of the line, not in counters.attempts_by, not in done_by. Not claimed, and
 * nothing changes: the reply is not owed this notice any more at utc_ms of the
 * exchange, the phone is in flight, or unless_listed and an entry of scope ALL,
 * TEXT or CAMPAIGN with this campaign forbids it.
 */
typedef struct od_notice_claim {
    od_id reply;
    int32_t notice; /* od_notice */
    bool unless_listed;
    bool claimed;   /* out */
    uint8_t reserved0[2];
    od_id attempt;  /* out, with claimed */
    uint64_t caller_id;
    const char *session_id;
    const char *trunk;
    const char *text;
    int32_t encoding;
    int32_t segments;
    od_ledger_entry ledger; /* appended if it is claimed; its subject is set to
                               the attempt */
} od_notice_claim;

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
                             ended_utc_ms. Nothing follows if that phone is a
                             target already, if this one is no phone of the
                             contact any more, or if the contact is in no group
                             of the campaign */
    int32_t target_state; /* READY (DONE if it is nobody's), DONE or BLOCKED */
    int32_t reason;       /* od_reason, with BLOCKED */
    int64_t due_utc_ms;   /* with READY; the lane is then the retry lane of the
                             target's place if attempts > 0, else the first */
    const od_sent *sent;  /* a text that the network took, SENT; else NULL. Of a
                             notice all that is said of target and line above is
                             ignored */
    int64_t owed_until_utc_ms; /* of a notice that did not leave: its reply, if it
                                  is owed nothing, is owed it again until then,
                                  and was not answered; else 0 */
} od_outcome;

/*
 * The heart of a step: what happened, then what may begin; one durable commit.
 * Applied in the order of the fields. A batch may be sent again after a
 * failure, alone or with more in it: what is already stored is ignored, and so
 * is its ledger row. That is: a DNC entry that is not new, as dnc_add means it;
 * an answer of the same attempt, question and visit as a stored one; answered
 * and outcomes whose attempt is not live at their phone, and answers whose
 * attempt is neither that nor a text that was sent to it; receipts, as said
 * there; and replies whose nonce is that of a stored one.
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
    const od_release *releases; /* after dnc */
    size_t releases_len;
    const od_receipt_record *receipts; /* after outcomes */
    size_t receipts_len;
    const od_reply_record *replies;
    size_t replies_len;
    od_notice_claim *notices; /* in front of the lanes */
    size_t notices_len;
    const od_ledger_entry *ledger; /* one row for each of dnc, answers,
                                      outcomes, releases, receipts and replies,
                                      in this order */
    size_t ledger_len;             /* their lengths together */
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
    int64_t delivery_by[OD_DELIVERIES]; /* texts that ended, no notices; NONE:
                                           those that were not SENT */
    int64_t segments; /* of those that were SENT */
    int64_t replies;  /* whose campaign it is */
} od_counters;

/* Enrol the next members of a campaign's groups. */
typedef struct od_fill {
    od_id campaign;
    int64_t utc_ms;      /* due time, plus od_target_spread_ms() */
    int32_t rows_max;    /* members looked at */
    int32_t attempts_below; /* targets that are DONE, were neither ANSWERED nor
                               SENT and have fewer attempts become READY again;
                               0: none, and none in a fill that refill began.
                               Always READY again, to be judged anew: targets
                               BLOCKED for a reason of od_reason_may_pass().
                               Their due time is kept if it is later. What is
                               nobody's belongs to the member before */
    int64_t rows;        /* out: looked at */
    bool done;           /* out: the campaign is filled (and marked so) */
} od_fill;

OD_END_DECLS

#endif
