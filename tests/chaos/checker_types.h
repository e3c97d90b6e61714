/*
 * checker_types.h - what the checker is told, and what it keeps: part of
 * checker.h. Numbers of states, dispositions and scopes are those that are
 * stored.
 */
#ifndef CHAOS_CHECKER_TYPES_H
#define CHAOS_CHECKER_TYPES_H

#include "facts.h"

/* Dispositions, as stored. */
enum {
    CHK_NONE = 0,
    CHK_ANSWERED = 1,
    CHK_BUSY = 2,
    CHK_NO_ANSWER = 3,
    CHK_DECLINED = 4,
    CHK_NOT_FOUND = 5,
    CHK_CONGESTION = 6,
    CHK_FAILED = 7,
    CHK_REDIRECTED = 8,
    CHK_CANCELLED = 9,
    CHK_UNKNOWN = 10,
    CHK_UNFINISHED = 11,
    CHK_MACHINE = 12,
    CHK_CALLBACK = 13,
    CHK_DISPOSITIONS = 14
};

/* States of a campaign and of a target, as stored. */
enum { CHK_IDLE = 0, CHK_SCHEDULED, CHK_RUNNING, CHK_PAUSED, CHK_COMPLETED };
enum { CHK_READY = 0, CHK_FLIGHT, CHK_DONE, CHK_BLOCKED };

/* Scopes of the do-not-call list. */
enum { CHK_DNC_ALL = 0, CHK_DNC_VOICE, CHK_DNC_TEXT, CHK_DNC_CAMPAIGN };

#define CHK_GROUPS 3
#define CHK_CAMPAIGNS 3
#define CHK_CONTACTS 160
#define CHK_CALLS 4096
#define CHK_TARGETS 512
#define CHK_LINES 256
#define CHK_RECENT 64
#define CHK_LIST 256
#define CHK_RULES 16
#define CHK_LIFTS 32
#define CHK_WINDOWS 4
#define CHK_TRUNKS 4
#define CHK_NUMBERS 64

/* -- what the host asked for ----------------------------------------------- */

typedef struct chk_contact {
    int64_t id;
    uint64_t phones[3]; /* 0: none */
    int line;
    char zone[40];
    char state[8];
    char zip[12];
    bool member[CHK_GROUPS];
    bool gone; /* from the store */
} chk_contact;

typedef struct chk_retry {
    int delay_s; /* -1: no next try; 0: the campaign's */
    int attempts_max;
} chk_retry;

typedef struct chk_campaign {
    int64_t id; /* 0: none */
    bool groups[CHK_GROUPS];
    int purpose;
    char seller[32];
    int attempts_max;
    int concurrent_max;
    bool recall;
    bool redial_unknown;
    bool retry_unfinished;
    bool spread;
    int retry_delay_s;
    int ring_timeout_ms;
    int skip_answered_h;
    int skip_called_h;
    char opt_out_key; /* '\0': none */
    bool has_survey;
    int quota;
    int64_t start_utc_ms;
    int64_t end_utc_ms;
    chk_retry retries[CHK_DISPOSITIONS];
    int windows_len;
    fact_window windows[CHK_WINDOWS];
    /* kept by the checker */
    int state;
    int refill;              /* steps in which members may be enrolled anew */
    int64_t desk_until_mono; /* another process paused it: obeyed from then */
    int dialed;
} chk_campaign;

typedef struct chk_entry {
    uint64_t phone; /* leading digits of a prefix */
    bool prefix;
    int scope;
    int64_t campaign;
    int64_t expires_utc_ms; /* 0: never */
    int64_t attempt;        /* in which it was asked for; 0: in none */
} chk_entry;

typedef struct chk_consent {
    uint64_t phone;
    int kind; /* 1 express, 2 written, 3 purchase, 4 inquiry */
    int purpose;
    int64_t obtained_utc_ms;
    char seller[32];
    bool revoked;
    int64_t revoked_by; /* attempt in which it was; 0: in none */
} chk_consent;

typedef struct chk_lift {
    char name[24];
    char rule[32];
    int64_t campaign; /* 0: all */
} chk_lift;

/* A registry file in use. */
typedef struct chk_registry {
    char name[16]; /* "": none */
    int64_t obtained_utc_ms;
    bool whole;
    int numbers_len;
    uint64_t numbers[CHK_NUMBERS];
} chk_registry;

/* -- what happened ----------------------------------------------------------
 */

typedef enum chk_stage {
    CHK_LIVE = 1,
    CHK_ENDING, /* its end was reported and may not be durable */
    CHK_OVER,
    CHK_LOST /* its process died: how it ended is known after the next start */
} chk_stage;

/* Why a number may not be called, by what can change it. */
typedef enum chk_class {
    CHK_WHY_NONE = 0,
    CHK_WHY_CAMPAIGN,
    CHK_WHY_LINE, /* the number does not exist */
    CHK_WHY_LISTED,
    CHK_WHY_FLIGHT,
    CHK_WHY_REACHED,
    CHK_WHY_USED,  /* attempts, or the policy */
    CHK_WHY_DELAY, /* of the retry, or for hours after a call or an answer */
    CHK_WHY_RULE,  /* a ban, a registry */
    CHK_WHY_CONSENT,
    CHK_WHY_CAP,
    CHK_WHY_CLOSED, /* windows */
    CHK_WHY_NEVER   /* windows that never open */
} chk_class;

/* One number of one campaign. */
typedef struct chk_target {
    int campaign;
    uint64_t phone;
    int counted;
    int tries[CHK_DISPOSITIONS];
    int last;           /* disposition, or CALLBACK */
    bool done;          /* the policy gave no next try */
    int64_t due_utc_ms; /* not before */
    /* For liveness: what it may have been blocked for, as bits of chk_class,
     * until that is judged anew; until when it was put off. */
    unsigned stuck;
    bool was_stuck; /* at any time */
    bool called_back;
    int64_t waits_utc_ms;
    int64_t callable_since; /* monotonic; 0: it was not at the last look */
} chk_target;

typedef struct chk_recent {
    int64_t utc_ms;
    int campaign;
} chk_recent;

/* One number over all campaigns. */
typedef struct chk_line {
    uint64_t phone;
    bool invalid;
    int64_t called_utc_ms;
    int64_t answered_utc_ms;
    int recent_len;
    chk_recent recent[CHK_RECENT]; /* reached the network; the latest last */
} chk_line;

typedef struct chk_call {
    int64_t attempt;
    int campaign; /* index */
    int trunk;
    uint64_t phone;
    int64_t contact;
    int64_t utc_ms;
    int64_t mono_ms;
    char session[33];
    chk_stage stage;
    char opt_out_key;
    int ring_timeout_ms;
    int64_t answered_utc_ms;
    bool reached;
    bool machine;
    bool we_hung_up;
    bool rang_out; /* then, and not before the time */
    bool host_hung_up;
    bool listed;    /* it was on the list when we hung up */
    bool asked_out; /* the opt-out key was heard */
    bool new_entry; /* and there was no such entry */
    bool told_out;  /* the host heard of it */
    int status;
    bool no_channel;
    bool died;    /* with its process */
    bool settled; /* by the next one, which tells no event of it */
    int retry_after_s;
    int64_t ended_utc_ms;
    int disposition; /* as the checker sees it; of LOST: as settled */
    unsigned may_be; /* dispositions it may have, as bits */
    bool survey_done;
    int events_dialing;
    int events_ended;
    bool dial_failed; /* in the present step */
    int rows;
    int rows_attempt; /* of the ledger */
    int rows_outcome;
    int rows_dnc;
    /* What was known before it ended. */
    chk_target target_before;
    chk_line line_before;
} chk_call;

/* -- rows as they are stored ------------------------------------------------
 */

typedef struct chk_flight_row {
    int64_t attempt;
    int64_t campaign;
    int64_t contact;
    uint64_t phone;
    int64_t claimed_utc_ms;
    int64_t answered_utc_ms;
    char session[33];
} chk_flight_row;

typedef struct chk_attempt_row {
    int64_t attempt;
    int64_t campaign;
    uint64_t phone;
    int disposition;
    int sip_status;
    bool reached;
    char session[33];
} chk_attempt_row;

typedef struct chk_target_row {
    uint64_t phone;
    int state;
    int reason;
    int attempts;
    int disposition;
    int64_t due_utc_ms;
} chk_target_row;

typedef struct chk_ledger_row {
    int64_t seq;
    int64_t utc_ms;
    int64_t subject;
    int kind;
    const char *payload;
    uint8_t salt[16];
    uint8_t hash[32];
} chk_ledger_row;

#endif
