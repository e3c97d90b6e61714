/*
 * decide.c - may this number be called at this instant? The only place that
 * knows.
 *
 * Pure: facts in, one verdict out; no clock, no store, no change. Dialing asks
 * it inside the claiming transaction, explain asks it for the host, the
 * forecast asks it in virtual time. Which windows are open in a place is
 * decide_place.c's half: all numbers of the place share it.
 *
 * The checks stand in one table. The first that does not allow decides; explain
 * asks all of them. What a rule's effect means for a number is one function per
 * effect; which rules there are is data. A DEFER always carries the instant at
 * which asking again makes sense, so nothing is polled.
 */
#include "core/core.h"

#include <assert.h>

#define HOUR_MS 3600000
#define DAY_MS (24 * (int64_t)HOUR_MS)

/* How long to leave a number alone that another call is busy with. */
#define IN_FLIGHT_MS 30000

/* An established business relationship lasts 18 months after a purchase and 3
 * after an inquiry, 47 CFR 64.1200(f)(5); so many days are never more. */
#define PURCHASE_DAYS 546
#define INQUIRY_DAYS 89

static const od_verdict allowed = {.kind = OD_VERDICT_ALLOW,
                                   .reason = OD_REASON_NONE};

static od_verdict defer(od_reason reason, int64_t until_utc_ms)
{
    return (od_verdict){.kind = OD_VERDICT_DEFER,
                        .reason = (int32_t)reason,
                        .until_utc_ms = until_utc_ms};
}

static od_verdict block(od_reason reason)
{
    return (od_verdict){.kind = OD_VERDICT_BLOCK, .reason = (int32_t)reason};
}

/* == the campaign and the number =========================================== */

/* The state of the campaign itself. */
static od_verdict check_campaign(const od__facts *f)
{
    const od_campaign_record *campaign = f->campaign;
    if (campaign->end_utc_ms != 0 && f->utc_ms >= campaign->end_utc_ms) {
        return block(OD_REASON_CAMPAIGN_ENDED);
    }
    if (campaign->state == OD_CAMPAIGN_RUNNING) {
        return allowed;
    }
    return campaign->state == OD_CAMPAIGN_SCHEDULED &&
                   campaign->start_utc_ms > f->utc_ms
               ? defer(OD_REASON_CAMPAIGN_STATE, campaign->start_utc_ms)
               : block(OD_REASON_CAMPAIGN_STATE);
}

static od_verdict check_number(const od__facts *f)
{
    return f->candidate->number_invalid ? block(OD_REASON_NUMBER_INVALID)
                                        : allowed;
}

static od_verdict check_dnc(const od__facts *f)
{
    const od_candidate *c = f->candidate;
    if (!c->dnc) {
        return allowed;
    }
    return c->dnc_until_utc_ms != 0
               ? defer(OD_REASON_DNC, c->dnc_until_utc_ms)
               : block(OD_REASON_DNC);
}

static od_verdict check_enrolled(const od__facts *f)
{
    return f->candidate->contact == 0 ? block(OD_REASON_NOT_ENROLLED) : allowed;
}

/* Was it reached, or is it not to be called again? Who asked to be called back
 * is. */
static od_verdict check_reached(const od__facts *f)
{
    const od_campaign_record *campaign = f->campaign;
    const od_retry *retry = &campaign->retries[f->candidate->disposition & 15];
    bool reached = false;
    switch (f->candidate->disposition) {
    case OD_DISPOSITION_NONE:
    case OD_DISPOSITION_CALLBACK:
        break;
    case OD_DISPOSITION_ANSWERED:
    case OD_DISPOSITION_SENT:
        reached = true;
        break;
    case OD_DISPOSITION_UNFINISHED:
        reached = campaign->retry_unfinished == 0 || retry->delay_s == OD_NONE;
        break;
    case OD_DISPOSITION_UNKNOWN:
        reached = campaign->redial_unknown == 0;
        break;
    default:
        reached = retry->delay_s == OD_NONE || /* no next try after it */
                  (campaign->recall == OD_NONE && f->candidate->attempts > 0);
    }
    return reached ? block(OD_REASON_ALREADY_REACHED) : allowed;
}

/* The campaign's limits, and those of the way in which the last attempt ended:
 * also for a number that a new start, or other rules, made ready again. */
static od_verdict check_attempts(const od__facts *f)
{
    const od_candidate *c = f->candidate;
    const od_retry *retry = &f->campaign->retries[c->disposition & 15];
    bool used = c->attempts >= f->campaign->attempts_max ||
                retry->delay_s == OD_NONE ||
                (retry->attempts_max > 0 &&
                 od_tries_of(c->tries, c->disposition) >= retry->attempts_max);
    return used ? block(OD_REASON_ATTEMPTS_USED) : allowed;
}

static od_verdict check_flight(const od__facts *f)
{
    return f->candidate->in_flight
               ? defer(OD_REASON_IN_FLIGHT, f->utc_ms + IN_FLIGHT_MS)
               : allowed;
}

/* Tried before, also where the attempt did not count: a full trunk. */
static od_verdict check_retry(const od__facts *f)
{
    const od_candidate *c = f->candidate;
    bool waits = c->disposition != OD_DISPOSITION_NONE &&
                 c->state == OD_TARGET_READY && c->due_utc_ms > f->utc_ms;
    return waits ? defer(OD_REASON_RETRY_DELAY, c->due_utc_ms) : allowed;
}

/* What all campaigns did with the line, within n hours (0: not asked). */
static od_verdict check_line(int64_t last_utc_ms, int32_t hours,
                             od_reason reason, int64_t utc_ms)
{
    int64_t free_utc_ms = last_utc_ms + (int64_t)hours * HOUR_MS;
    return hours > 0 && last_utc_ms != 0 && free_utc_ms > utc_ms
               ? defer(reason, free_utc_ms)
               : allowed;
}

static od_verdict check_answered(const od__facts *f)
{
    return check_line(f->candidate->line_answered_utc_ms,
                      f->campaign->skip_answered_h, OD_REASON_RECENTLY_ANSWERED,
                      f->utc_ms);
}

static od_verdict check_called(const od__facts *f)
{
    return check_line(f->candidate->line_called_utc_ms,
                      f->campaign->skip_called_h, OD_REASON_RECENTLY_CALLED,
                      f->utc_ms);
}

static od_verdict check_place(const od__facts *f)
{
    return f->opening->verdict;
}

static od_verdict check_text(const od__facts *f)
{
    return f->composed != NULL ? f->composed->verdict : allowed;
}

/* == rules that judge each number ========================================== */

static bool within(int64_t since_utc_ms, int64_t days, int64_t utc_ms)
{
    return since_utc_ms != 0 && utc_ms >= since_utc_ms &&
           utc_ms - since_utc_ms < days * DAY_MS;
}

bool od__decide_exempts(const od__rule *rule, int32_t purpose,
                        const od_consents *consents, int64_t utc_ms)
{
    uint32_t bit = purpose > 0 ? 1u << purpose : 0;
    bool written = (consents->written & bit) != 0;
    bool express = written || (consents->express & bit) != 0;
    bool related = within(consents->purchased_utc_ms, PURCHASE_DAYS, utc_ms) ||
                   within(consents->inquired_utc_ms, INQUIRY_DAYS, utc_ms);
    return ((rule->unless & OD__UNLESS_EXPRESS) != 0 && express) ||
           ((rule->unless & OD__UNLESS_WRITTEN) != 0 && written) ||
           ((rule->unless & OD__UNLESS_RELATIONSHIP) != 0 && related);
}

static od_verdict judge_registry(const od__facts *f, const od__rule *rule)
{
    switch (od__registries_ask(f->registries, rule->list, rule->value,
                               f->candidate->phone, f->utc_ms)) {
    case OD__REGISTRY_CLEAR:
        return allowed;
    case OD__REGISTRY_LISTED:
        return block(OD_REASON_REGISTRY);
    case OD__REGISTRY_UNCOVERED:
        return block(OD_REASON_REGISTRY_STALE);
    case OD__REGISTRY_MISSING:
    case OD__REGISTRY_OLD:
        break;
    }
    return defer(OD_REASON_REGISTRY_STALE, f->utc_ms + HOUR_MS);
}

static od_verdict judge_ban(const od__facts *f, const od__rule *rule)
{
    (void)f;
    (void)rule;
    return block(OD_REASON_RULE_BAN);
}

static od_verdict judge_consent(const od__facts *f, const od__rule *rule)
{
    const od_consents *on_record = &f->candidate->consents;
    int32_t purpose = f->campaign->purpose;
    uint32_t bit = purpose > 0 ? 1u << purpose : 0;
    uint32_t given = on_record->written;
    if (rule->value == OD_CONSENT_EXPRESS) {
        given |= on_record->express;
    }
    return (given & bit) != 0 ? allowed : block(OD_REASON_CONSENT);
}

/* Free again when a call has left the period of a cap. */
static od_verdict cap_after(const od__facts *f, const od__rule *rule,
                            int64_t call_utc_ms)
{
    int64_t free_utc_ms = call_utc_ms + rule->per_ms;
    return free_utc_ms > f->utc_ms ? defer(OD_REASON_RULE_CAP, free_utc_ms)
                                   : allowed;
}

/* Not the number is wrong but the campaign, until its host changes it. */
static od_verdict judge_require(const od__facts *f, const od__rule *rule)
{
    return od__require_is_met(rule, f->campaign, f->given)
               ? allowed
               : defer(OD_REASON_RULE_REQUIRE, f->utc_ms + HOUR_MS);
}

/* At most `value` calls in any period of per_ms: the latest but value - 1 of
 * those that count must have left it. Calls that other campaigns have pushed
 * out of memory may have counted: the oldest that is remembered must have left
 * it, too. */
static od_verdict judge_cap(const od__facts *f, const od__rule *rule)
{
    const od_candidate *c = f->candidate;
    int32_t counted = 0;
    for (int32_t i = 0; i < c->recent_len; i++) {
        const od_recent *call = &c->recent[i];
        if (rule->amount == OD__CAP_CAMPAIGN &&
            call->campaign != f->campaign->id) {
            continue;
        }
        if (++counted == rule->value) {
            return cap_after(f, rule, call->utc_ms);
        }
    }
    return c->recent_len == OD_RECENT_MAX
               ? cap_after(f, rule, c->recent[OD_RECENT_MAX - 1].utc_ms)
               : allowed;
}

typedef od_verdict (*rule_judge)(const od__facts *f, const od__rule *rule);

static rule_judge judge_of(int32_t effect)
{
    switch (effect) {
    case OD_RULE_REGISTRY:
        return judge_registry;
    case OD_RULE_BAN:
        return judge_ban;
    case OD_RULE_CONSENT:
        return judge_consent;
    case OD_RULE_CAP:
        return judge_cap;
    case OD_RULE_REQUIRE:
        return judge_require;
    default:
        return NULL; /* of a place, not of a number */
    }
}

static od_verdict judge_rule(const od__facts *f, const od__rule *rule)
{
    od_verdict verdict = allowed;
    if (!od__decide_exempts(rule, f->campaign->purpose,
                            &f->candidate->consents, f->utc_ms)) {
        verdict = judge_of(rule->effect)(f, rule);
    }
    if (verdict.kind != OD_VERDICT_ALLOW) {
        od__text_copy(verdict.rule, sizeof verdict.rule, rule->id);
    }
    return verdict;
}

/* The first rule of an effect that does not allow. Of several caps the one that
 * defers longest, so that none is met again at its end. */
static od_verdict check_rules(const od__facts *f, int32_t effect)
{
    od_verdict worst = allowed;
    for (uint16_t i = 0; i < f->opening->rules_len; i++) {
        const od__rule *rule = &f->law->set.rows[f->opening->rules[i]];
        if (rule->effect != effect) {
            continue;
        }
        od_verdict verdict = judge_rule(f, rule);
        if (verdict.kind == OD_VERDICT_BLOCK) {
            return verdict;
        }
        if (verdict.kind == OD_VERDICT_DEFER &&
            verdict.until_utc_ms > worst.until_utc_ms) {
            worst = verdict;
        }
    }
    return worst;
}

/* == the order ============================================================= */

/* One row: a check of its own, or all rules of an effect. */
typedef struct check {
    const char *name;
    od_verdict (*ask)(const od__facts *f);
    int32_t effect; /* od_rule_effect where ask is NULL */
    bool of_texts;  /* calls are not asked */
} check;

static const check checks[] = {
    {"campaign", check_campaign, 0, false},
    {"number", check_number, 0, false},
    {"dnc", check_dnc, 0, false},
    {"registry", NULL, OD_RULE_REGISTRY, false},
    {"ban", NULL, OD_RULE_BAN, false},
    {"consent", NULL, OD_RULE_CONSENT, false},
    {"enrolled", check_enrolled, 0, false},
    {"reached", check_reached, 0, false},
    {"attempts", check_attempts, 0, false},
    {"in flight", check_flight, 0, false},
    {"answered", check_answered, 0, false},
    {"called", check_called, 0, false},
    {"cap", NULL, OD_RULE_CAP, false},
    {"require", NULL, OD_RULE_REQUIRE, false},
    /* Behind those: what they deferred is due later, and they say why. */
    {"retry", check_retry, 0, false},
    {"place", check_place, 0, false},
    {"text", check_text, 0, true},
};

void od__decide(const od__facts *facts, od_verdict *out)
{
    assert(facts->campaign != NULL && facts->candidate != NULL &&
           facts->opening != NULL && facts->law != NULL);
    for (size_t i = 0; i < OD__LEN(checks); i++) {
        *out = checks[i].ask != NULL ? checks[i].ask(facts)
                                     : check_rules(facts, checks[i].effect);
        if (out->kind != OD_VERDICT_ALLOW) {
            return;
        }
    }
}

bool od__decide_pauses(const od_verdict *verdict)
{
    return verdict->kind == OD_VERDICT_DEFER &&
           (verdict->reason == OD_REASON_REGISTRY_STALE ||
            verdict->reason == OD_REASON_RULE_REQUIRE);
}

void od__decide_each(const od__facts *facts, od__check_fn on_check, void *ctx)
{
    bool sends = facts->campaign->channel == OD_CHANNEL_TEXT;
    for (size_t i = 0; i < OD__LEN(checks); i++) {
        if (checks[i].of_texts && !sends) {
            continue;
        }
        if (checks[i].ask != NULL) {
            od_verdict verdict = checks[i].ask(facts);
            on_check(ctx, checks[i].name, NULL, &verdict);
            continue;
        }
        for (uint16_t j = 0; j < facts->opening->rules_len; j++) {
            const od__rule *rule =
                &facts->law->set.rows[facts->opening->rules[j]];
            if (rule->effect == checks[i].effect) {
                od_verdict verdict = judge_rule(facts, rule);
                on_check(ctx, checks[i].name, rule, &verdict);
            }
        }
    }
}
