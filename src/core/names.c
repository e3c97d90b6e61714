/*
 * names.c - the words for stored numbers: in logs, exports and ledger rows.
 */
#include "core/core.h"

#define NAME(table, value)                                                     \
    ((value) >= 0 && (size_t)(value) < OD__LEN(table) &&                       \
             (table)[value] != NULL                                            \
         ? (table)[value]                                                      \
         : "?")

const char *od_disposition_name(int32_t disposition)
{
    static const char *const names[OD_DISPOSITIONS] = {
        "none",      "answered",   "busy",   "no_answer",
        "declined",  "not_found",  "congestion", "failed",
        "redirected", "cancelled",  "unknown", "unfinished",
        "machine",   "callback",   "sent",   "undelivered"};
    return NAME(names, disposition);
}

const char *od_reason_name(int32_t reason)
{
    static const char *const names[OD_REASONS] = {
        "none",
        "campaign_state",
        "number_invalid",
        "dnc",
        "attempts_used",
        "already_reached",
        "retry_delay",
        "recently_answered",
        "recently_called",
        "place_unknown",
        "rule_window",
        "campaign_window",
        "never_open",
        "in_flight",
        "not_enrolled",
        "consent",
        "rule_ban",
        "rule_cap",
        "registry",
        "registry_stale",
        "campaign_ended",
        "rule_require",
        "text"};
    return NAME(names, reason);
}

const char *od_verdict_kind_name(int32_t kind)
{
    static const char *const names[] = {NULL, "allow", "defer", "block"};
    return NAME(names, kind);
}

const char *od_ledger_kind_name(int32_t kind)
{
    static const char *const names[] = {
        NULL,         "campaign_set",   "campaign_state", "attempt",
        "outcome",    "answer",         "dnc_add",        "dnc_remove",
        "consent_add", "consent_revoke", "rules",         "override",
        "registry",   "media",          "caller_id",      "callback",
        "erase",      "reply",          "delivery"};
    return NAME(names, kind);
}

const char *od_consent_kind_name(int32_t kind)
{
    static const char *const names[OD_CONSENT_KINDS] = {
        NULL, "express", "written", "purchase", "inquiry"};
    return NAME(names, kind);
}

const char *od_delivery_name(int32_t delivery)
{
    static const char *const names[OD_DELIVERIES] = {
        "none",   "accepted", "sent",   "delivered",
        "failed", "expired",  "unknown"};
    return NAME(names, delivery);
}

const char *od_notice_name(int32_t notice)
{
    static const char *const names[] = {"none", "confirm", "help"};
    return NAME(names, notice);
}
