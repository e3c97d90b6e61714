/*
 * rules.h - the calling rules: what they are made of, who adds to them, and who
 * lifts one.
 *
 * A rule is a row of data with a citation, the dates it is in force and a mark
 * that says whether its text was read at the source. Every rule that applies to
 * a number must allow the call: adding a row can only narrow. The rules of the
 * United States and their states, of Canada and of the United Kingdom are
 * built in; docs/guide/rules.md has the text format and the list.
 */
#ifndef OUTDIAL_RULES_H
#define OUTDIAL_RULES_H

#include <outdial/base.h>

OD_BEGIN_DECLS

typedef enum od_channel {
    OD_CHANNEL_VOICE = 0, /**< recorded prompts */
    OD_CHANNEL_TEXT = 1   /**< texts, over MESSAGE or SMPP */
} od_channel;

/** Why people are called. Numbers are stored: append only. */
typedef enum od_purpose {
    OD_PURPOSE_UNSTATED = 0,      /**< judged by the rules of every purpose; no
                                       campaign starts with it */
    OD_PURPOSE_MARKETING = 1,     /**< sells or advertises */
    OD_PURPOSE_INFORMATIONAL = 2, /**< commercial, sells nothing: a reminder, a
                                       notice */
    OD_PURPOSE_SURVEY = 3,        /**< not commercial: research, polls, politics,
                                       schools */
    OD_PURPOSE_CHARITY = 4,       /**< by or for a tax-exempt organisation */
    OD_PURPOSE_HEALTH = 5,        /**< a health-care message */
    OD_PURPOSE_DEBT = 6,          /**< collects a debt */
    OD_PURPOSE_EMERGENCY = 7      /**< health and safety of those called */
} od_purpose;
#define OD_PURPOSES 8

/** What kind of line a number is, where the host knows it. */
typedef enum od_line {
    OD_LINE_UNKNOWN = 0, /**< judged by the rules of every kind */
    OD_LINE_MOBILE = 1,
    OD_LINE_LANDLINE = 2, /**< of a household */
    OD_LINE_BUSINESS = 3
} od_line;
#define OD_LINES 4

/** What a rule does. */
typedef enum od_rule_effect {
    OD_RULE_WINDOW = 1,   /**< calls begin inside its windows only */
    OD_RULE_CAP = 2,      /**< at most n calls in a period */
    OD_RULE_CONSENT = 3,  /**< consent must be on record */
    OD_RULE_BAN = 4,      /**< no call at all */
    OD_RULE_REGISTRY = 5, /**< a registry must be asked, and be fresh */
    OD_RULE_REQUIRE = 6   /**< the campaign must say or do something */
} od_rule_effect;

/** Names such as "marketing", "mobile", "window"; "?" for unknown values.
 * Thread: any. */
OD_API const char *od_purpose_name(int32_t purpose);
OD_API const char *od_line_name(int32_t line);
OD_API const char *od_rule_effect_name(int32_t effect);

/** One rule as it is in force. Texts live until the next call. */
typedef struct od_rule {
    const char *id;           /**< "us-fl.hours" */
    const char *set;          /**< the set it came with: "us-fl", or a host's */
    const char *jurisdiction; /**< "US-FL"; several joined by ' '; "*": all */
    const char *text;         /**< what it says, one line: "window daily
                                   8:00-20:00" */
    const char *citation;
    const char *from;         /**< first date in force, "2026-10-18"; "" */
    const char *until;        /**< last date in force; "" */
    int32_t effect;           /**< od_rule_effect */
    bool verified;            /**< its words were read at the source */
    bool host;                /**< added by od_rules_add() */
    bool lifted;              /**< an override lifts it for all campaigns */
} od_rule;

/**
 * List the rules, built-in ones first.
 *
 * @param after    [in]  how many to pass over; 0 begins
 * @param rows_max [in]  1 to 1000
 * @param count    [out] rows written; less than rows_max at the end
 */
OD_API od_err od_rules_list(od_engine *engine, size_t after, od_rule *rows,
                            size_t rows_max, size_t *count);

/**
 * SHA-256 over all rules, holidays and overrides in force, built-in and added.
 *
 * The same that every decision to dial carries in the ledger.
 */
OD_API od_err od_rules_hash(od_engine *engine, uint8_t out[32]);

/**
 * Add a set of rules; durable, in the ledger, and in force with the next
 * decision.
 *
 * @param name [in]  of the set, 1 to 31 of [a-z0-9.-], unique
 * @param text [in]  rules in the text format of docs/guide/rules.md, at most
 *                   256 KiB
 * @return OD_OK, or
 *         OD_ERR_INVALID  an argument breaks its contract
 *         OD_ERR_FORMAT   the text names line and field; nothing was added
 *         OD_ERR_EXISTS   the name, or the id of one of its rules, is taken
 *         OD_ERR_LIMIT    more than 64 sets, or 1024 rules in all
 */
OD_API od_err od_rules_add(od_engine *engine, const char *name,
                           const char *text);

/** Remove a set that the host added. OD_ERR_NOT_FOUND; built-in ones are not
 * removed. */
OD_API od_err od_rules_remove(od_engine *engine, const char *name);

/** A rule that is lifted, by name and for a reason. */
typedef struct od_override {
    const char *name;   /**< 1 to OD_NAME_MAX bytes, unique */
    const char *rule;   /**< id of the rule that is lifted */
    const char *reason; /**< why that is lawful, 1 to 1023 bytes */
    const char *who;    /**< who answers for it, 1 to OD_NAME_MAX bytes */
    od_id campaign;     /**< for this campaign alone; 0: for all */
} od_override;

/**
 * Lift a rule. Durable, in the ledger with name, reason and who, and in force
 * with the next decision.
 *
 * @return OD_OK, or
 *         OD_ERR_INVALID    a text is missing or too long
 *         OD_ERR_NOT_FOUND  no such rule, or no such campaign
 *         OD_ERR_EXISTS     the name is taken
 *         OD_ERR_LIMIT      more than 256 overrides
 */
OD_API od_err od_override_add(od_engine *engine, const od_override *override);

/** Put a rule in force again. OD_ERR_NOT_FOUND. */
OD_API od_err od_override_remove(od_engine *engine, const char *name);

/** List overrides in the order of their adding; `after` as od_rules_list(). */
OD_API od_err od_overrides_list(od_engine *engine, size_t after,
                                od_override *rows, size_t rows_max,
                                size_t *count);

OD_END_DECLS

#endif
