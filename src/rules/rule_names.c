/*
 * rule_names.c - the words for purposes, lines and effects: in rule texts, logs
 * and ledger rows.
 */
#include "rules/rules.h"

#define NAME(table, value)                                                     \
    ((value) >= 0 && (size_t)(value) < OD__LEN(table) &&                       \
             (table)[value] != NULL                                            \
         ? (table)[value]                                                      \
         : "?")

const char *od_purpose_name(int32_t purpose)
{
    static const char *const names[OD_PURPOSES] = {
        "unstated", "marketing", "informational", "survey",
        "charity",  "health",    "debt",          "emergency"};
    return NAME(names, purpose);
}

const char *od_line_name(int32_t line)
{
    static const char *const names[OD_LINES] = {"unknown", "mobile",
                                                "landline", "business"};
    return NAME(names, line);
}

const char *od_rule_effect_name(int32_t effect)
{
    static const char *const names[] = {
        NULL, "window", "cap", "consent", "ban", "registry", "require"};
    return NAME(names, effect);
}
