/*
 * preflight.h - what would break the law or waste the list, before it does.
 */
#ifndef OUTDIAL_PREFLIGHT_H
#define OUTDIAL_PREFLIGHT_H

#include <outdial/campaign.h>

OD_BEGIN_DECLS

typedef enum od_severity {
    OD_SEVERITY_WARNING = 1, /**< the campaign may start */
    OD_SEVERITY_ERROR = 2    /**< it may not */
} od_severity;

/** One problem of a campaign. */
typedef struct od_problem {
    char what[160];   /**< what is wrong, with the value */
    char cure[160];   /**< what to do about it */
    char rule[32];    /**< id of the rule that asks for it, or "" */
    int64_t count;    /**< how many contacts, prompts ... it concerns; 0: it is
                           not of a countable kind */
    int32_t severity; /**< od_severity */
    int32_t reserved0;
} od_problem;

/**
 * Every problem of a campaign as things stand, errors first: before the start,
 * and while it runs.
 *
 * Looked at are: purpose, seller, caller ID and the proof of it; groups, their
 * places and their age; prompts, identification, opt-out offer, keys; texts of
 * all contacts: fields, lengths, what they cost; rules of
 * all places of the members, registries; windows that never meet the rules;
 * retries that cannot be done before the end; trunks too small for what is
 * asked.
 *
 * @param rows     [out] room for rows_max; may be NULL with rows_max 0
 * @param count    [out] how many problems there are, also beyond rows_max
 *
 * Blocks: reads the members' places, about a second for ten million.
 */
OD_API od_err od_campaign_problems(od_engine *engine, od_id campaign,
                                   od_problem *rows, size_t rows_max,
                                   size_t *count);

/** A number that the host may show as its own. */
typedef struct od_caller_id {
    const char *phone;    /**< any usual format, or a short code */
    const char *evidence; /**< where the proof is: contract, letter of
                               authorisation; 1 to 1023 bytes */
} od_caller_id;

/** Put a number on the list of those that may be shown. Durable, in the
 * ledger. OD_ERR_INVALID; OD_ERR_EXISTS: it is there with other evidence. */
OD_API od_err od_caller_id_add(od_engine *engine, const od_caller_id *row);
/** OD_ERR_NOT_FOUND. */
OD_API od_err od_caller_id_remove(od_engine *engine, const char *phone);
/** List them in the order of their adding; `after` as od_rules_list(). */
OD_API od_err od_caller_ids_list(od_engine *engine, size_t after,
                                 od_caller_id *rows, size_t rows_max,
                                 size_t *count);

OD_END_DECLS

#endif
