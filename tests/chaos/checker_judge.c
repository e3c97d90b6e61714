/*
 * checker_judge.c - may this number be called now? The checker's own answer.
 */
#include "checker.h"

#include <string.h>

#define HOUR_MS INT64_C(3600000)
#define DAY_MS INT64_C(86400000)

/* A business relationship: 18 months after a purchase, 3 after an inquiry (47
 * CFR 64.1200(f)(5)). In days: for certain, and never. */
#define PURCHASE_SURE 540
#define PURCHASE_MOST 552
#define INQUIRY_SURE 85
#define INQUIRY_MOST 93

/* An opening that ends so soon need not be used. */
#define CLOSING_MS 11000

typedef struct question {
    const chk *c;
    const chk_campaign *campaign;
    int index;
    uint64_t phone;
    const fact_place *place;
    bool sure;
    bool patient; /* what time alone may change does not count */
    chk_class why;
    int64_t until_utc_ms;
} question;

/* == evidence ============================================================== */

static bool consents(const question *q, int kind)
{
    for (int i = 0; i < q->c->consents_len; i++) {
        const chk_consent *row = &q->c->consents[i];
        if (!row->revoked && row->phone == q->phone &&
            row->purpose == q->campaign->purpose &&
            strcmp(row->seller, q->campaign->seller) == 0 &&
            (row->kind == 2 || (row->kind == 1 && kind == FACT_EXPRESS))) {
            return true;
        }
    }
    return false;
}

static bool related(const question *q)
{
    for (int i = 0; i < q->c->consents_len; i++) {
        const chk_consent *row = &q->c->consents[i];
        int64_t most = q->sure ? PURCHASE_SURE : PURCHASE_MOST;
        if (row->kind == 4) {
            most = q->sure ? INQUIRY_SURE : INQUIRY_MOST;
        }
        int64_t age_ms = q->c->utc_ms - row->obtained_utc_ms;
        if (!row->revoked && row->kind >= 3 && row->phone == q->phone &&
            strcmp(row->seller, q->campaign->seller) == 0 && age_ms >= 0 &&
            age_ms < most * DAY_MS) {
            return true;
        }
    }
    return false;
}

static bool exempt(const question *q, const fact_rule *rule)
{
    return ((rule->unless & FACT_EXPRESS) != 0 && consents(q, FACT_EXPRESS)) ||
           ((rule->unless & FACT_WRITTEN) != 0 && consents(q, FACT_WRITTEN)) ||
           ((rule->unless & FACT_RELATED) != 0 && related(q));
}

/* == effects =============================================================== */

static bool file_allows(const chk_registry *file, const question *q,
                        const fact_rule *rule)
{
    bool covers = file->whole;
    int64_t age_ms = q->c->utc_ms - file->obtained_utc_ms;
    if (strcmp(file->name, rule->registry) != 0 || age_ms < 0 ||
        age_ms > rule->registry_days * DAY_MS) {
        return false;
    }
    for (int i = 0; i < file->numbers_len; i++) {
        if (file->numbers[i] == q->phone) {
            return false;
        }
        covers = covers || file->numbers[i] / 10000000 == q->phone / 10000000;
    }
    return covers;
}

static bool registry_allows(const question *q, const fact_rule *rule)
{
    bool swapping = q->c->mono_ms < q->c->swap_until_mono;
    for (int i = 0; i < 2; i++) {
        bool now = file_allows(&q->c->registries[i], q, rule);
        bool before = file_allows(&q->c->registries_old[i], q, rule);
        if (swapping && q->sure ? now && before : now || (swapping && before)) {
            return true;
        }
    }
    return false;
}

/* An engine remembers so many calls to a number, and is careful beyond. */
#define REMEMBERED 16

static bool cap_allows(question *q, const fact_rule *rule)
{
    int calls = 0;
    for (int i = 0; i < q->c->lines_len; i++) {
        const chk_line *line = &q->c->lines[i];
        if (line->phone != q->phone) {
            continue;
        }
        if (q->sure && line->recent_len >= REMEMBERED) {
            return false;
        }
        for (int j = 0; j < line->recent_len; j++) {
            bool within = line->recent[j].utc_ms > q->c->utc_ms - rule->cap_ms;
            bool counts =
                !rule->cap_each || line->recent[j].campaign == q->index;
            calls += within && counts ? 1 : 0;
            if (within &&
                line->recent[j].utc_ms + rule->cap_ms > q->until_utc_ms) {
                q->until_utc_ms = line->recent[j].utc_ms + rule->cap_ms;
            }
        }
    }
    return calls < rule->cap;
}

static bool lifted(const question *q, const fact_rule *rule)
{
    for (int i = 0; i < q->c->lifts_len; i++) {
        const chk_lift *lift = &q->c->lifts[i];
        if (strcmp(lift->rule, rule->id) == 0 &&
            (lift->campaign == 0 || lift->campaign == q->campaign->id)) {
            return true;
        }
    }
    return false;
}

static bool window_allows(const question *q, const fact_rule *rule)
{
    return fact_open(rule, q->place, q->c->utc_ms) &&
           (!q->sure || fact_open(rule, q->place, q->c->utc_ms + CLOSING_MS));
}

/* Does the rule allow it? */
static bool allows(question *q, const fact_rule *rule)
{
    static const chk_class classes[] = {[FACT_WINDOW] = CHK_WHY_CLOSED,
                                        [FACT_CAP] = CHK_WHY_CAP,
                                        [FACT_CONSENT] = CHK_WHY_CONSENT,
                                        [FACT_BAN] = CHK_WHY_RULE,
                                        [FACT_REGISTRY] = CHK_WHY_RULE};
    q->why = classes[rule->effect];
    if (!fact_concerns(rule, q->place, q->campaign->purpose) ||
        lifted(q, rule)) {
        return true;
    }
    if (rule->effect == FACT_WINDOW) {
        return window_allows(q, rule);
    }
    if (!fact_in_force(rule, q->place, q->c->utc_ms) || exempt(q, rule)) {
        return true;
    }
    switch (rule->effect) {
    case FACT_CAP:
        return cap_allows(q, rule);
    case FACT_CONSENT:
        return consents(q, rule->consent);
    case FACT_REGISTRY:
        return registry_allows(q, rule);
    default:
        return false; /* a ban */
    }
}

/* The rules of an effect: the first that does not allow it. */
static const char *by_rules(question *q, fact_effect effect)
{
    for (size_t i = 0; i < fact_law_len; i++) {
        if (fact_law[i].effect == effect && !allows(q, &fact_law[i])) {
            return fact_law[i].id;
        }
    }
    for (int i = 0; i < q->c->rules_len; i++) {
        if (q->c->rules[i].effect == effect && !allows(q, &q->c->rules[i])) {
            return q->c->rules[i].id;
        }
    }
    return NULL;
}

static const char *by_windows(question *q)
{
    const chk_campaign *campaign = q->campaign;
    const char *rule = by_rules(q, FACT_WINDOW);
    if (rule != NULL) {
        return rule;
    }
    q->why = CHK_WHY_CLOSED;
    for (int i = 0; campaign->windows_len > 0 && i < (q->sure ? 2 : 1); i++) {
        if (!fact_windows_open(campaign->windows, campaign->windows_len,
                               q->place, q->c->utc_ms + i * CLOSING_MS)) {
            return "the campaign's windows";
        }
    }
    return NULL;
}

/* == what was done before ================================================== */

static const char *by_target(question *q, const chk_target *t)
{
    const chk_campaign *campaign = q->campaign;
    const chk_retry *retry = &campaign->retries[t->last];
    q->why = CHK_WHY_REACHED;
    switch (t->last) {
    case CHK_CALLBACK:
        break;
    case CHK_ANSWERED:
        return "it answered this campaign";
    case CHK_UNFINISHED:
        if (!campaign->retry_unfinished) {
            return "it answered, the survey unfinished";
        }
        break;
    case CHK_UNKNOWN:
        if (!campaign->redial_unknown) {
            return "how the last call ended is unknown";
        }
        break;
    default:
        if (!campaign->recall && t->counted > 0) {
            return "the campaign does not recall";
        }
    }
    if (retry->delay_s < 0) {
        return "the policy gives no next try";
    }
    q->why = CHK_WHY_USED;
    if (t->done) {
        return "it is done with";
    }
    if (t->counted >= campaign->attempts_max) {
        return "its attempts are used";
    }
    if (retry->attempts_max > 0 && t->tries[t->last] >= retry->attempts_max) {
        return "its attempts of that end are used";
    }
    if (q->sure && campaign->spread && t->last != CHK_NONE) {
        return "another part of the day may be meant";
    }
    q->why = CHK_WHY_DELAY;
    q->until_utc_ms = t->due_utc_ms;
    return t->due_utc_ms > q->c->utc_ms ? "its retry delay" : NULL;
}

static const char *by_line(question *q, const chk_line *line)
{
    const chk_campaign *campaign = q->campaign;
    int64_t answered =
        line->answered_utc_ms + campaign->skip_answered_h * HOUR_MS;
    int64_t called = line->called_utc_ms + campaign->skip_called_h * HOUR_MS;
    q->why = CHK_WHY_LINE;
    if (line->invalid) {
        return "the number does not exist";
    }
    q->why = CHK_WHY_DELAY;
    q->until_utc_ms = answered > called ? answered : called;
    if (campaign->skip_answered_h > 0 && line->answered_utc_ms != 0 &&
        answered > q->c->utc_ms) {
        return "it answered recently";
    }
    return campaign->skip_called_h > 0 && line->called_utc_ms != 0 &&
                   called > q->c->utc_ms
               ? "it was called recently"
               : NULL;
}

/* == all =================================================================== */

bool chk_is_listed(const chk *c, int64_t campaign, uint64_t phone,
                   int64_t *until_utc_ms)
{
    bool listed = false;
    bool for_ever = false;
    *until_utc_ms = 0;
    for (int i = 0; i < c->list_len; i++) {
        const chk_entry *entry = &c->list[i];
        uint64_t digits = phone;
        while (entry->prefix && digits > entry->phone) {
            digits /= 10;
        }
        bool of_all =
            entry->scope == CHK_DNC_ALL || entry->scope == CHK_DNC_VOICE;
        bool of_this =
            entry->scope == CHK_DNC_CAMPAIGN && entry->campaign == campaign;
        if (digits != entry->phone || !(of_all || of_this) ||
            (entry->expires_utc_ms != 0 &&
             entry->expires_utc_ms <= c->utc_ms)) {
            continue;
        }
        listed = true;
        for_ever = for_ever || entry->expires_utc_ms == 0;
        if (entry->expires_utc_ms > *until_utc_ms) {
            *until_utc_ms = entry->expires_utc_ms;
        }
    }
    *until_utc_ms = for_ever ? 0 : *until_utc_ms;
    return listed;
}

static bool in_flight(const chk *c, uint64_t phone)
{
    for (int i = c->calls_from; i < c->calls_len; i++) {
        const chk_call *call = &c->calls[i];
        if (call->phone == phone && call->stage == CHK_LIVE) {
            return true;
        }
    }
    return false;
}

/* The state of the campaign, the list, other calls. */
static const char *by_world(question *q)
{
    const chk *c = q->c;
    q->why = CHK_WHY_CAMPAIGN;
    if (q->campaign->state != CHK_RUNNING) {
        return "the campaign does not run";
    }
    if (q->campaign->end_utc_ms != 0 && c->utc_ms >= q->campaign->end_utc_ms) {
        return "its end has come";
    }
    q->why = CHK_WHY_LISTED;
    if (chk_is_listed(c, q->campaign->id, q->phone, &q->until_utc_ms)) {
        return "it is on the do-not-call list";
    }
    q->why = CHK_WHY_FLIGHT;
    q->until_utc_ms = c->utc_ms + 31000;
    return in_flight(c, q->phone) ? "another call to it is live" : NULL;
}

static void find_place(question *q, const chk_contact *contact, fact_place *out)
{
    fact_place_of(q->phone, contact->zone, contact->state, contact->zip,
                  q->phone == contact->phones[0] ? contact->line : FACT_UNKNOWN,
                  out);
    q->place = out;
}

/* A reason; NULL if it does not count. */
static const char *count(const question *q, const char *why)
{
    bool later = q->why == CHK_WHY_FLIGHT || q->why == CHK_WHY_DELAY ||
                 q->why == CHK_WHY_CAP || q->why == CHK_WHY_CLOSED ||
                 (q->why == CHK_WHY_LISTED && q->until_utc_ms != 0);
    return q->patient && later ? NULL : why;
}

/* What was done before with this number. */
static const char *by_past(question *q)
{
    const chk *c = q->c;
    const char *why = NULL;
    for (int i = 0; why == NULL && i < c->lines_len; i++) {
        if (c->lines[i].phone == q->phone) {
            why = count(q, by_line(q, &c->lines[i]));
        }
    }
    for (int i = 0; why == NULL && i < c->targets_len; i++) {
        const chk_target *t = &c->targets[i];
        if (t->campaign == q->index && t->phone == q->phone) {
            why = count(q, by_target(q, t));
        }
    }
    return why;
}

/* What never passes is asked first, as what is closed may open. */
static const char *judge(question *q, const chk_contact *contact)
{
    static const fact_effect effects[] = {FACT_REGISTRY, FACT_BAN, FACT_CONSENT,
                                          FACT_CAP};
    fact_place place;
    const char *why = count(q, by_world(q));
    if (why == NULL) {
        why = by_past(q);
    }
    if (why != NULL) {
        return why;
    }
    find_place(q, contact, &place);
    q->until_utc_ms = 0;
    for (size_t i = 0; why == NULL && i < sizeof effects / sizeof *effects;
         i++) {
        why = count(q, by_rules(q, effects[i]));
    }
    return why != NULL ? why : count(q, by_windows(q));
}

const char *chk_blocked(chk *c, int campaign, const chk_contact *contact)
{
    question q = {.c = c,
                  .campaign = &c->campaigns[campaign],
                  .index = campaign,
                  .phone = contact->phones[0],
                  .sure = true,
                  .patient = true};
    const char *why = judge(&q, contact);
    c->why = why != NULL ? q.why : CHK_WHY_NONE;
    return why;
}

bool chk_is_open(chk *c, int campaign, const chk_contact *contact)
{
    fact_place place;
    question q = {.c = c,
                  .campaign = &c->campaigns[campaign],
                  .index = campaign,
                  .phone = contact->phones[0],
                  .sure = true};
    find_place(&q, contact, &place);
    return by_windows(&q) == NULL;
}

const char *chk_judge(chk *c, int campaign, uint64_t phone,
                      const chk_contact *contact, bool sure)
{
    question q = {.c = c,
                  .campaign = &c->campaigns[campaign],
                  .index = campaign,
                  .phone = phone,
                  .sure = sure};
    const char *why = judge(&q, contact);
    c->why = why != NULL ? q.why : CHK_WHY_NONE;
    c->until_utc_ms = q.until_utc_ms;
    return why;
}

bool chk_is_later(const chk *c)
{
    return c->why == CHK_WHY_FLIGHT || c->why == CHK_WHY_DELAY ||
           c->why == CHK_WHY_CAP || c->why == CHK_WHY_CLOSED ||
           (c->why == CHK_WHY_LISTED && c->until_utc_ms != 0);
}
