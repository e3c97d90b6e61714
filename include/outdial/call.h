/*
 * call.h - what happened: dispositions, verdicts and the call log.
 *
 * A decision is not an error: whether a number may be called now is an
 * od_verdict. What the far end said (sip_status, disposition) and what went
 * wrong on our side (fault) are two fields and never merged.
 */
#ifndef OUTDIAL_CALL_H
#define OUTDIAL_CALL_H

#include <outdial/base.h>

OD_BEGIN_DECLS

/** How an attempt ended. Numbers are stored: append only. */
typedef enum od_disposition {
    OD_DISPOSITION_NONE = 0,       /**< not ended, or never attempted */
    OD_DISPOSITION_ANSWERED = 1,   /**< answered, by whom or what is not known */
    OD_DISPOSITION_BUSY = 2,       /**< 486, 600 */
    OD_DISPOSITION_NO_ANSWER = 3,  /**< rang out, 408, 480, 487 */
    OD_DISPOSITION_DECLINED = 4,   /**< 603, 607, 403 and the like */
    OD_DISPOSITION_NOT_FOUND = 5,  /**< 404, 410, 484, 604: no such number */
    OD_DISPOSITION_CONGESTION = 6, /**< 429, 503: the trunk is full */
    OD_DISPOSITION_FAILED = 7,     /**< anything else that is no answer */
    OD_DISPOSITION_REDIRECTED = 8, /**< 3xx: not followed, nobody checked it */
    OD_DISPOSITION_CANCELLED = 9,  /**< we gave it up before an answer */
    OD_DISPOSITION_UNKNOWN = 10,   /**< the process ended before the call did */
    OD_DISPOSITION_UNFINISHED = 11, /**< answered, the survey was left
                                         unfinished, and the campaign asks for
                                         another try */
    OD_DISPOSITION_MACHINE = 12,   /**< an answering machine answered */
    OD_DISPOSITION_CALLBACK = 13,  /**< asked to be called at a stated time:
                                        od_campaign_callback() */
    OD_DISPOSITION_SENT = 14,      /**< a text that the network took; what
                                        became of it then is its od_delivery */
    OD_DISPOSITION_UNDELIVERED = 15 /**< a text that the network took and could
                                         not deliver */
} od_disposition;
#define OD_DISPOSITIONS 16

/** Why a number may not be called now. Numbers are stored: append only. */
typedef enum od_reason {
    OD_REASON_NONE = 0,             /**< it may be called */
    OD_REASON_CAMPAIGN_STATE = 1,   /**< the campaign is not running */
    OD_REASON_NUMBER_INVALID = 2,   /**< not callable, or reported unassigned */
    OD_REASON_DNC = 3,              /**< on the do-not-call list */
    OD_REASON_ATTEMPTS_USED = 4,    /**< attempts_max reached */
    OD_REASON_ALREADY_REACHED = 5,  /**< answered, or not to be recalled */
    OD_REASON_RETRY_DELAY = 6,      /**< the retry delay has not passed */
    OD_REASON_RECENTLY_ANSWERED = 7,/**< answered within n hours */
    OD_REASON_RECENTLY_CALLED = 8,  /**< called within n hours */
    OD_REASON_PLACE_UNKNOWN = 9,    /**< nobody can tell its local time */
    OD_REASON_RULE_WINDOW = 10,     /**< outside the hours the law allows */
    OD_REASON_CAMPAIGN_WINDOW = 11, /**< outside the campaign's windows */
    OD_REASON_NEVER_OPEN = 12,      /**< rules and windows never meet */
    OD_REASON_IN_FLIGHT = 13,       /**< another call to it is under way */
    OD_REASON_NOT_ENROLLED = 14,    /**< the phone is not in the campaign */
    OD_REASON_CONSENT = 15,         /**< a rule needs consent that is not on
                                         record */
    OD_REASON_RULE_BAN = 16,        /**< a rule forbids such calls */
    OD_REASON_RULE_CAP = 17,        /**< a rule's number of calls is reached */
    OD_REASON_REGISTRY = 18,        /**< on a do-not-call registry */
    OD_REASON_REGISTRY_STALE = 19,  /**< a registry that must be asked is
                                         missing, too old, or does not cover the
                                         area */
    OD_REASON_CAMPAIGN_ENDED = 20,  /**< end_utc_ms has passed */
    OD_REASON_RULE_REQUIRE = 21,    /**< the campaign does not say or do what a
                                         rule requires */
    OD_REASON_TEXT = 22             /**< its text would be empty or too long, or
                                         lacks a field that has no default */
} od_reason;
#define OD_REASONS 23

typedef enum od_verdict_kind {
    OD_VERDICT_ALLOW = 1, /**< it may be called at this instant */
    OD_VERDICT_DEFER = 2, /**< ask again at until_utc_ms */
    OD_VERDICT_BLOCK = 3  /**< not by this campaign, as things stand */
} od_verdict_kind;

/** The decision about one number at one instant. */
typedef struct od_verdict {
    int32_t kind;         /**< od_verdict_kind */
    int32_t reason;       /**< od_reason */
    int64_t until_utc_ms; /**< DEFER: when asking again makes sense; else 0 */
    char rule[32];        /**< id of the rule that decided, "us.hours"; or "" */
} od_verdict;

/** Name such as "no_answer"; "?" for unknown values. Thread: any. */
OD_API const char *od_disposition_name(int32_t disposition);
/** Name such as "recently_called"; "?" for unknown values. Thread: any. */
OD_API const char *od_reason_name(int32_t reason);
/** Name such as "defer"; "?" for unknown values. Thread: any. */
OD_API const char *od_verdict_kind_name(int32_t kind);

/** One ended attempt. Texts live until the next call on the engine. */
typedef struct od_call {
    od_id attempt;
    od_id campaign;
    od_id contact;
    const char *phone;       /**< "+15551230001" */
    const char *session_id;  /**< RFC 7989, 32 hex digits */
    const char *sip_call_id; /**< Call-ID of the leg, "" if none was sent */
    const char *trunk;       /**< name of the trunk */
    int32_t disposition;     /**< od_disposition */
    int32_t sip_status;      /**< final status of the far end, or 0 */
    int32_t fault;           /**< od_err of the transport, or OD_OK */
    int32_t reserved0;
    int64_t claimed_utc_ms;  /**< when the attempt became durable */
    int64_t answered_utc_ms; /**< 0 if it was not answered */
    int64_t ended_utc_ms;
    int64_t heard_ms;        /**< audio sent to the far end */
    bool survey_done;        /**< the script ran to its end */
    bool reached_network;    /**< counts against attempts_max */
} od_call;

/** Which calls. Zero fields do not filter. */
typedef struct od_call_filter {
    size_t size;         /**< od_call_filter_init() sets it */
    od_id campaign;
    const char *phone;   /**< any usual format, or NULL */
    int32_t disposition; /**< od_disposition, or 0 */
    int32_t reserved0;
    int64_t since_utc_ms; /**< claimed at or after */
    int64_t until_utc_ms; /**< claimed before */
} od_call_filter;

static inline void od_call_filter_init(od_call_filter *filter)
{
    memset(filter, 0, sizeof *filter);
    filter->size = sizeof *filter;
}

/**
 * List ended attempts in the order of their ids.
 *
 * @param filter   [in]  NULL lists all
 * @param after_id [in]  attempt id; 0 begins
 * @param rows     [out] room for rows_max rows
 * @param rows_max [in]  1 to 1000
 * @param count    [out] rows written; less than rows_max at the end
 * @return OD_OK, or
 *         OD_ERR_INVALID  an argument breaks its contract
 *         OD_ERR_IO       the store cannot be read
 *
 * Blocks: one storage read.
 */
OD_API od_err od_calls_list(od_engine *engine, const od_call_filter *filter,
                            od_id after_id, od_call *rows, size_t rows_max,
                            size_t *count);

/**
 * Write ended attempts to a CSV file, replacing it.
 *
 * Cells that a spreadsheet would run as a formula are quoted with a leading
 * apostrophe. The file appears whole or not at all.
 *
 * @return OD_OK, or
 *         OD_ERR_INVALID  an argument breaks its contract
 *         OD_ERR_IO       the file or the store failed; no file is left
 *
 * Blocks: until the file is written.
 */
OD_API od_err od_calls_export(od_engine *engine, const od_call_filter *filter,
                              const char *path);

/**
 * Hang up a live call.
 *
 * The call ends with OD_EVENT_CALL_ENDED.
 *
 * @return OD_OK, or
 *         OD_ERR_INVALID    engine is NULL
 *         OD_ERR_NOT_FOUND  no live call has this attempt id
 */
OD_API od_err od_call_hangup(od_engine *engine, od_id attempt);

OD_END_DECLS

#endif
