/*
 * campaign.h - who is called, when, how often, and what they hear.
 *
 *                 start (at a later time)
 *      +------+ ------------------------> +-----------+
 *      | IDLE |                           | SCHEDULED |
 *      +------+ ----+                +--- +-----------+
 *         ^   start |                | the time has come
 *         |         v                v
 *    stop |       +--------------------+  pause   +--------+
 *         +------ |      RUNNING       | -------> | PAUSED |
 *                 +--------------------+ <------- +--------+
 *                    |              ^     resume
 *        none left   v              | start (again)
 *                 +-----------------------+
 *                 |       COMPLETED       |
 *                 +-----------------------+
 *
 * stop leads from SCHEDULED, RUNNING and PAUSED back to IDLE. Nothing that was
 * dialed is forgotten: who answered is not dialed again by this campaign.
 */
#ifndef OUTDIAL_CAMPAIGN_H
#define OUTDIAL_CAMPAIGN_H

#include <outdial/call.h>
#include <outdial/message.h>
#include <outdial/rules.h>
#include <outdial/schedule.h>

OD_BEGIN_DECLS

#define OD_CAMPAIGN_GROUPS_MAX 32
#define OD_CAMPAIGN_PROMPTS_MAX 16

/** Longest text that is no template, in bytes before the NUL. */
#define OD_NOTICE_MAX 479

typedef enum od_campaign_state {
    OD_CAMPAIGN_IDLE = 0,
    OD_CAMPAIGN_SCHEDULED = 1,
    OD_CAMPAIGN_RUNNING = 2,
    OD_CAMPAIGN_PAUSED = 3,
    OD_CAMPAIGN_COMPLETED = 4
} od_campaign_state;
#define OD_CAMPAIGN_STATES 5

/** Name such as "running"; "?" for unknown values. Thread: any. */
OD_API const char *od_campaign_state_name(int32_t state);

/** What follows an attempt that ended in one way. */
typedef struct od_retry {
    int32_t delay_s;      /**< to the next try, 60 to 2592000 (CONGESTION: 1 and
                               up); 0: retry_delay_s (CONGESTION: 60); OD_NONE:
                               no next try */
    int32_t attempts_max; /**< that end like this, 1 to 15; 0: attempts_max
                               alone counts */
} od_retry;
#define OD_RETRIES 16

/**
 * When a campaign is paused for its own good: shares of its last `sample`
 * attempts, in 1/1000, 1 to 1000; 0: as said; OD_NONE: never.
 */
typedef struct od_guards {
    int32_t sample;     /**< attempts that are looked at, 20 to 250; 0: 50 */
    int32_t short_max;  /**< of answered: over within a second (false answer
                             supervision); 0: 300 */
    int32_t prefix_max; /**< of those to one prefix (country and area), at least
                             20 and not all of them: not found, congestion,
                             failed; 0: 950 */
    int32_t unheard_max; /**< of answered: over before the first prompt was;
                              0: OD_NONE */
    int32_t abandon_max; /**< of answered: no audio within 2 s of the answer;
                              0: 30 */
    int32_t brief_max;  /**< of answered: over within 6 s, as carriers count;
                             0: OD_NONE */
} od_guards;

/** What a campaign is. Strings and arrays are copied. */
typedef struct od_campaign_options {
    size_t size;              /**< od_campaign_options_init() sets it */
    const char *name;         /**< UTF-8, 1 to OD_NAME_MAX bytes, unique */
    const char *caller_id;    /**< number shown, any usual format; needed to
                                   start */
    const od_id *groups;      /**< groups_len ids */
    size_t groups_len;        /**< 0 to OD_CAMPAIGN_GROUPS_MAX */
    const od_id *prompts;     /**< media played in sequence after answer */
    size_t prompts_len;       /**< 0 to OD_CAMPAIGN_PROMPTS_MAX */
    const od_window *windows; /**< recipient's local time; none: whenever the
                                   calling rules allow */
    size_t windows_len;       /**< 0 to OD_WINDOWS_MAX */
    od_id survey;             /**< asked after the prompts; 0: none */
    od_id opt_out_prompt;     /**< media played after an opt-out; 0: none */
    int64_t start_utc_ms;     /**< 0: when started; else not before */
    int32_t channel;          /**< od_channel */
    int32_t attempts_max;     /**< per phone, 1 to 20; 0: 3 */
    int32_t concurrent_max;   /**< live calls, 1 to 20000; 0: 10 */
    int32_t recall;           /**< re-dial who did not answer: 0 yes, OD_NONE
                                   no (one attempt each) */
    int32_t redial_unknown;   /**< re-dial an attempt whose end a crash hid: 1
                                   yes, 0 no */
    int32_t retry_delay_s;    /**< 60 to 2592000; 0: 3600 */
    int32_t ring_timeout_ms;  /**< 15000 to 120000; 0: 30000 */
    int32_t skip_answered_h;  /**< not within n hours of an answer to any
                                   campaign, 1 to 8760; 0: off */
    int32_t skip_called_h;    /**< not within n hours of any attempt of any
                                   campaign, 1 to 8760; 0: off */
    int32_t opt_out_key;      /**< a character of "0123456789*#" that opts out
                                   at any time; 0: '9'; OD_NONE: none */
    int32_t fail_stop_pct;    /**< pause when so many of the last 50 attempts
                                   failed (not found, congestion, failed), 1 to
                                   100; 0: 90; OD_NONE: never */
    int32_t purpose;          /**< od_purpose; needed to start */
    const char *seller;       /**< on whose behalf: business name as registered,
                                   at most OD_NAME_MAX bytes; NULL: "" */
    od_id identity_prompt;    /**< media in which the caller says who calls; the
                                   first of prompts; 0: none says so */
    od_id offer_prompt;       /**< media in which the opt-out key is offered:
                                   the same, or the one behind it; 0: none */
    int64_t end_utc_ms;       /**< no call from then on; 0: no end */
    od_retry retries[OD_RETRIES]; /**< by od_disposition; BUSY, NO_ANSWER,
                                   DECLINED, FAILED, CONGESTION, MACHINE,
                                   UNFINISHED, UNDELIVERED count, the others
                                   must be zero */
    od_guards guards;
    int32_t retry_unfinished; /**< call again who left the survey unfinished: 1
                                   yes, 0 no */
    int32_t spread_dayparts;  /**< the next try falls into another part of the
                                   person's day (before noon, until 17:00,
                                   later): 1 yes, 0 no */
    int32_t priority;         /**< 1 (last) to 9 (first); 0: 5. A campaign gets
                                   calls when none above it can use them */
    int32_t weight;           /**< share among those of its priority, 1 to 100;
                                   0: 10 */
    int32_t quota_answers;    /**< ends the campaign when the quota answer was
                                   given so often; 0: no quota */
    int32_t reserved0;
    const char *quota_question; /**< of the survey; at most 63 bytes */
    const char *quota_choice;   /**< at most 63 bytes */

    /* Of texts, OD_CHANNEL_TEXT. There ring_timeout_ms, prompts and keys say
     * nothing, concurrent_max counts texts that the network has not answered
     * yet, and survey is one question, answered by a reply. caller_id may be a
     * short code: 3 to 6 digits. */
    const char *text;         /**< template, see message.h; needed to start */
    const char *opt_out_text; /**< put behind a text, after a space, that has no
                                   opt-out word in it, "Reply STOP to opt out";
                                   "stop" and the like are such words behind
                                   "reply", "text", "send", or in front of what
                                   comes of them, "STOP to end". What is cut is
                                   cut in front of it. At most OD_NOTICE_MAX
                                   bytes; NULL: none */
    const char *confirm_text; /**< sent once to who opted out by a reply, on or
                                   off the list, and nothing else after it; at
                                   most OD_NOTICE_MAX bytes; NULL: none */
    const char *help_text;    /**< sent to who replies HELP, at most once an
                                   hour; as long; NULL: none */
    int32_t text_policy;      /**< od_text_policy */
    int32_t segments_max;     /**< 1 to OD_SEGMENTS_MAX; 0: as
                                   od_text_options */
    int32_t transliterate;    /**< 1: as od_text_options; 0 no */
    int32_t validity_s;       /**< the network gives up delivering after it, 60
                                   to 604800; 0: 86400 */
    int32_t texts_per_minute_max; /**< of the caller ID, over all campaigns that
                                   show it: the least of theirs; 1 to 600000;
                                   0: as the trunks say */
    int32_t reserved1;
} od_campaign_options;

static inline void od_campaign_options_init(od_campaign_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
}

/** A campaign as it is stored. Texts live until the next call. */
typedef struct od_campaign {
    od_id id;
    int32_t state; /**< od_campaign_state */
    int32_t reserved0;
    const char *state_text; /**< why it is in this state, "" if asked for */
    od_campaign_options options; /**< defaults filled in */
} od_campaign;

/**
 * Add a campaign, state IDLE.
 *
 * @param options [in]  only the name is needed here; what starting needs is
 *                      checked by od_campaign_start()
 * @param out     [out] id > 0
 * @return OD_OK, or
 *         OD_ERR_INVALID     a field is out of range; the text names it
 *         OD_ERR_NOT_FOUND   a group, prompt or survey does not exist
 *         OD_ERR_EXISTS      the name is taken
 *         OD_ERR_FORMAT      text is not a template; what is said names the
 *                            character, the field and the cure
 *         OD_ERR_VERSION     options of a newer version use its fields
 */
OD_API od_err od_campaign_add(od_engine *engine,
                              const od_campaign_options *options, od_id *out);

/**
 * Replace the options of a campaign.
 *
 * While it is RUNNING only windows, concurrent_max, attempts_max, recall,
 * redial_unknown, retry_delay_s, ring_timeout_ms, skip_answered_h,
 * skip_called_h, fail_stop_pct, end_utc_ms, retries, guards, retry_unfinished,
 * spread_dayparts, priority, weight, the quota and texts_per_minute_max may
 * differ; PAUSED also caller_id, prompts, identity_prompt, offer_prompt,
 * opt_out_key, opt_out_prompt and all that is of texts. Live calls keep what
 * they began with.
 *
 * @return as od_campaign_add(), and
 *         OD_ERR_STATE  a field that differs cannot change in this state; the
 *                       text names it
 */
OD_API od_err od_campaign_update(od_engine *engine, od_id campaign,
                                 const od_campaign_options *options);

/** Read a campaign. OD_ERR_NOT_FOUND if there is none. */
OD_API od_err od_campaign_get(od_engine *engine, od_id campaign,
                              od_campaign *out);

/** Find a campaign by name. OD_ERR_NOT_FOUND if there is none. */
OD_API od_err od_campaign_find(od_engine *engine, const char *name,
                               od_id *out);

/** One line of a list of campaigns. */
typedef struct od_campaign_row {
    od_id id;
    int32_t state;
    int32_t reserved0;
    char name[OD_NAME_MAX + 1];
} od_campaign_row;

/** List campaigns by id; paging as od_calls_list(). */
OD_API od_err od_campaigns_list(od_engine *engine, od_id after_id,
                                od_campaign_row *rows, size_t rows_max,
                                size_t *count);

/**
 * Start a campaign, now or at its start_utc_ms.
 *
 * From COMPLETED it runs again: new members are enrolled, those who did not
 * answer get the attempts they have left, those who answered are left alone.
 *
 * @return OD_OK, or
 *         OD_ERR_NOT_FOUND  no such campaign
 *         OD_ERR_STATE      it is running, scheduled or paused
 *         OD_ERR_REFUSED    od_campaign_problems() lists every reason
 */
OD_API od_err od_campaign_start(od_engine *engine, od_id campaign);

/** Begin no new calls; answered ones finish. OD_ERR_STATE unless RUNNING. */
OD_API od_err od_campaign_pause(od_engine *engine, od_id campaign);

/** Go on. OD_ERR_STATE unless PAUSED; OD_ERR_REFUSED as for start. */
OD_API od_err od_campaign_resume(od_engine *engine, od_id campaign);

/** Back to IDLE. OD_ERR_STATE from IDLE and COMPLETED. */
OD_API od_err od_campaign_stop(od_engine *engine, od_id campaign);

/**
 * Call one number of a campaign at a stated time, because the person asked for
 * it: also who answered before, or was not to be called again.
 *
 * Replaces a time that was stated before. The call is judged like any other
 * when the time has come. Durable, in the ledger.
 *
 * @param phone  [in]  enrolled in the campaign
 * @param utc_ms [in]  when, within a year from now
 * @return OD_OK, or
 *         OD_ERR_INVALID    not a phone number, or a time out of range
 *         OD_ERR_NOT_FOUND  no such campaign, or the phone is not in it
 *         OD_ERR_STATE      a call to it is under way, all its attempts are
 *                           used, or it is blocked; the text says which
 */
OD_API od_err od_campaign_callback(od_engine *engine, od_id campaign,
                                   const char *phone, int64_t utc_ms);

/** The monitor: where every contact of a campaign stands. */
typedef struct od_campaign_stats {
    int32_t state; /**< od_campaign_state */
    int32_t reserved0;
    int64_t contacts;       /**< enrolled: the sum of the next six */
    int64_t queued;         /**< not yet called, window open */
    int64_t waiting_window; /**< not yet called or due again, window closed */
    int64_t waiting_retry;  /**< called, due again later, window open */
    int64_t in_progress;    /**< a call is under way */
    int64_t finished;       /**< will not be called again; see by_last */
    int64_t blocked;        /**< may not be called; see blocked_by */
    int64_t blocked_by[OD_REASONS];
    int64_t finished_by[OD_DISPOSITIONS]; /**< finished, by last disposition */
    int64_t attempts;                     /**< calls that ended */
    int64_t attempts_by[OD_DISPOSITIONS]; /**< the same by disposition */
    int64_t opted_out;                    /**< during a call */
    int64_t surveys_done;                 /**< scripts that ran to their end */
    int64_t talk_ms;                      /**< sum over answered calls */
    int64_t talk_ms_mean;                 /**< 0 if none was answered */
    double calls_per_minute;              /**< begun, over the last minute */
    int64_t next_open_utc_ms; /**< earliest opening, if all that is due waits
                                   for a window; else 0 */
    bool enrolling;           /**< members are still being enrolled */
    uint8_t reserved1[7];
    int64_t delivery_by[OD_DELIVERIES]; /**< texts that were handed over, by
                                   od_delivery */
    int64_t segments;         /**< of the texts that the network took */
    int64_t replies;          /**< to texts of this campaign */
} od_campaign_stats;

/**
 * Statistics; the cost does not depend on the number of contacts.
 *
 * @return OD_OK, or OD_ERR_INVALID, OD_ERR_NOT_FOUND
 */
OD_API od_err od_campaign_stats_get(od_engine *engine, od_id campaign,
                                    od_campaign_stats *out);

OD_END_DECLS

#endif
