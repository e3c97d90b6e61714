/*
 * explain.h - why, when and what if: one number's checks, where the verdicts of
 * a campaign stand, and how it would go on.
 *
 * All of it asks the function that decides before each call.
 */
#ifndef OUTDIAL_EXPLAIN_H
#define OUTDIAL_EXPLAIN_H

#include <outdial/campaign.h>

OD_BEGIN_DECLS

/**
 * Would this number be called now, and if not, why not and when?
 *
 * Asks the function that decides before each call, with the facts of now.
 *
 * @param phone [in]  any usual format; need not be enrolled
 * @param out   [out] the verdict
 * @return OD_OK, or
 *         OD_ERR_INVALID    NULL argument
 *         OD_ERR_NOT_FOUND  no such campaign
 */
OD_API od_err od_campaign_explain(od_engine *engine, od_id campaign,
                                  const char *phone, od_verdict *out);

/** A verdict as one English line, NUL-terminated, cut to fit. */
OD_API void od_verdict_text(const od_verdict *verdict, char *out,
                            size_t out_size);

/** One check of the decision and what it says of a number. */
typedef struct od_check {
    od_verdict verdict;    /**< of this check alone; its rule, if it is one */
    char name[32];         /**< "campaign", "number", "dnc", "registry" ... */
    char evidence[160];    /**< the facts: "3 calls since 2026-10-18T14:00Z" */
    const char *citation;  /**< of the rule, or ""; lives until the next call */
} od_check;

/**
 * Every check of the decision, in the order in which it decides, each with its
 * outcome, evidence, rule and citation. The first that does not allow is the
 * verdict of od_campaign_explain(). Of the rules of one effect the one that
 * decides comes first; the campaign's state comes last where something else
 * blocks the number. Windows are told one by one behind the check "place".
 *
 * @param rows     [out] room for rows_max; OD_CHECKS_MAX is enough for all
 * @param count    [out] how many checks there are, also beyond rows_max
 * @return as od_campaign_explain()
 */
#define OD_CHECKS_MAX 96
OD_API od_err od_campaign_checks(od_engine *engine, od_id campaign,
                                 const char *phone, od_check *rows,
                                 size_t rows_max, size_t *count);

/** Numbers of a campaign that share a verdict. */
typedef struct od_verdict_count {
    od_verdict verdict; /**< of DEFER the earliest instant */
    int64_t count;
} od_verdict_count;

/**
 * Where the verdicts over all numbers of a campaign stand: enough to poll, as
 * the cost does not depend on the number of contacts.
 *
 * What the queue cannot tell without asking each number (the consent of one
 * that waits for its window) is counted as the queue has it.
 *
 * @param rows     [out] room for rows_max rows, most numbers first
 * @param count    [out] how many rows there are, also beyond rows_max
 */
OD_API od_err od_campaign_histogram(od_engine *engine, od_id campaign,
                                    od_verdict_count *rows, size_t rows_max,
                                    size_t *count);

/** What a forecast assumes. */
typedef struct od_forecast_options {
    size_t size;          /**< od_forecast_options_init() sets it */
    uint64_t seed;        /**< same seed, same forecast; 0 is a seed as well */
    int64_t price_micros; /**< of a minute of talk, in millionths; 0 to
                               100000000 */
    int64_t end_utc_ms;   /**< looks no further, at most 366 days from now; 0:
                               90 days */
    int32_t increment_s;  /**< talk is billed in steps of, 1 to 60; 0: 6 */
    int32_t learned;      /**< take shares, ring and talk time from the calls of
                               the campaign where it made 200 or more that say
                               how people answer (those that met a full trunk,
                               a crash or our own end do not): 1 yes, 0 as
                               below */
    int32_t answer;       /**< shares in 1/1000; all zero: 300 answer, 50 busy,
                               20 declined, 10 not found; the rest does not
                               answer */
    int32_t busy;
    int32_t declined;
    int32_t not_found;
    int32_t ring_ms;      /**< before an answer, at most 120000; 0: 12000 */
    int32_t talk_ms;      /**< of an answered call, at most 7200000; 0: what the
                               prompts take, and 3 s for each question */
    int32_t calls_per_second_max; /**< of all trunks, at most 160000; 0: as they
                               are, or 10 without trunks */
    int32_t calls_max;    /**< of all trunks, at most 320000; 0: as they and the
                               engine are, or 100 without trunks. The campaign's
                               concurrent_max holds as well */

    /* Of texts. Then `declined` and `not_found` are shares that the network
     * refuses, both 0 by default, and `answer`, `busy`, ring and talk say
     * nothing; the limits are those of texts. */
    int64_t segment_price_micros; /**< of a segment, in millionths; 0 to
                                       100000000 */
} od_forecast_options;

static inline void od_forecast_options_init(od_forecast_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
}

#define OD_FORECAST_HOURS 336

/**
 * How a campaign would go on from here. What was finished before, or is
 * blocked after calls, is in contacts alone; the rest of contacts is the sum of
 * answered, unreached and never.
 */
typedef struct od_forecast {
    int64_t contacts;          /**< numbers that were looked at: all targets,
                                    and further phones that would be called */
    int64_t calls;             /**< that would be made; those under way are
                                    not counted, but may answer. Of a campaign
                                    of texts: that would be sent */
    int64_t answered;          /**< numbers that would answer, to people; whose
                                    text the network would take */
    int64_t unreached;         /**< called before or then, would not answer */
    int64_t never;             /**< never called, by reason below */
    int64_t never_by[OD_REASONS]; /**< NONE: there was no time to, until
                                    end_utc_ms of the options; CAMPAIGN_ENDED:
                                    until that of the campaign */
    int64_t finish_utc_ms;     /**< end of the last call, or where none is made
                                    when the last number was judged; 0: it
                                    would not finish before end_utc_ms of the
                                    options, or would be paused because a
                                    registry is missing or too old, or the
                                    campaign does not give what a rule
                                    requires */
    int64_t talk_ms;           /**< of the calls, and of those under way from
                                    now on */
    int64_t cost_micros;       /**< of it, each call rounded up to increment_s */
    int64_t concurrent_peak;
    int64_t calls_per_hour_peak; /**< in hours counted from now */
    int32_t learned;           /**< 1: from the calls of the campaign */
    int32_t hours_len;         /**< of the next field that are used */
    int32_t hours[OD_FORECAST_HOURS]; /**< calls begun in each hour from now */
    int64_t segments;          /**< of the texts that the network would take */
    int64_t segments_ucs2;     /**< of them, those of texts that need UCS-2 */
    int64_t texts_ucs2;        /**< how many such texts there are: one emoji in a
                                    name can double what its text costs */
} od_forecast;

/**
 * Dry-run a campaign from where it stands, in virtual time, with the decision,
 * the retries and the pace of a real run, on a snapshot of its numbers.
 *
 * Changes nothing and calls nobody. A campaign that does not run is run as if
 * it began now, or at its start_utc_ms; a paused one as if it went on now. It
 * is taken to be alone: other campaigns take no channel and call nobody, lists
 * and consents stay as they are, nobody opts out, and neither a guard nor its
 * quota ends it.
 *
 * @param options [in]  NULL takes every default
 * @return OD_OK, or
 *         OD_ERR_INVALID    NULL argument, an option is out of range, or the
 *                           shares sum up to more than 1000
 *         OD_ERR_VERSION    options of a newer version use its fields
 *         OD_ERR_NOT_FOUND  no such campaign
 *         OD_ERR_LIMIT      more than 20 million numbers
 *         OD_ERR_MEMORY     about 100 bytes for each number and 16 for each
 *                           call to it are needed; where members are still to
 *                           be enrolled 40 more while they are read
 *
 * Blocks: some seconds for a million numbers.
 */
OD_API od_err od_campaign_forecast(od_engine *engine, od_id campaign,
                                   const od_forecast_options *options,
                                   od_forecast *out);

OD_END_DECLS

#endif
