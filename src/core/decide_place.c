/*
 * decide_place.c - when is a place open for a campaign? The half of the
 * decision that all numbers of a place share.
 *
 * Every window rule of every jurisdiction of the place, and the campaign's own
 * windows, must be open in every zone of the place. The answer holds until it
 * is said to change, so a lane is judged once and not once per number. The
 * rules that judge each number are picked here as well: which are in force is a
 * matter of the local date.
 *
 * Pure, called by decide's callers: roster, explain, preflight, forecast.
 */
#include "core/core.h"

#include <assert.h>

/* No call begins so shortly before a window closes: a commit that waits for a
 * slow disk or another process comes between the decision and the INVITE, and
 * the INVITE must still be inside. */
#define CLOSING_MS 10000

/* An opening is looked at again at least so often: zone data may change. */
#define OPENING_MS 3600000

/* Closed for good is what does not open in more than a year: holidays may close
 * a weekly window for weeks, and a rule that ends may open one after months. */
#define SEARCHES 28
#define SEARCH_MS (OD__WINDOW_SEARCH_DAYS * INT64_C(86400000))

/* The schedules of a place: those of rules, then the campaign's own. */
typedef struct calendar {
    const od__place_entry *place;
    od__schedule rows[OD__OPENING_RULES + 1];
    const od__rule *rules[OD__OPENING_RULES];
    size_t rules_len;
    size_t len; /* rules_len, and 1 if the campaign has windows */
} calendar;

/* As od__schedules_open(), and looks further ahead for the next opening. */
static bool look_ahead(const od__schedule *rows, size_t len,
                       const od__place_entry *place, int64_t utc_ms,
                       int64_t *until, size_t *closed)
{
    size_t zones_len = place->place.zones_len;
    bool open = od__schedules_open(rows, len, place->zones, zones_len, utc_ms,
                                   until, closed);
    for (int i = 1; !open && *until == OD_NEVER && i < SEARCHES; i++) {
        (void)od__schedules_open(rows, len, place->zones, zones_len,
                                 utc_ms + i * SEARCH_MS, until, NULL);
    }
    return open;
}

static bool is_open(const calendar *c, size_t len, int64_t utc_ms,
                    int64_t *until, size_t *closed)
{
    return look_ahead(c->rows, len, c->place, utc_ms, until, closed);
}

static void add_rule(calendar *c, const od__law *law, const od__rule *rule)
{
    c->rules[c->rules_len] = rule;
    c->rows[c->rules_len++] = (od__schedule){
        .windows = rule->windows,
        .windows_len = rule->windows_len,
        .holidays = rule->holidays != OD_NONE
                        ? &law->set.holidays[rule->holidays]
                        : NULL,
        .from_day = rule->from_day,
        .until_day = rule->until_day};
}

static void add_campaign(calendar *c, const od_campaign_record *campaign)
{
    c->len = c->rules_len;
    if (campaign->windows_len > 0) {
        c->rows[c->len++] =
            (od__schedule){.windows = campaign->windows,
                           .windows_len = (size_t)campaign->windows_len,
                           .from_day = INT64_MIN,
                           .until_day = INT64_MAX};
    }
}

static int64_t local_day(const od__zone *zone, int64_t utc_ms, int64_t *rest_s)
{
    int64_t rest_ms;
    int64_t utc_s = od__floor_div(utc_ms, 1000, &rest_ms);
    return od__floor_div(utc_s + od__zone_offset_s(zone, utc_ms), 86400,
                         rest_s);
}

/* In force where it is such a date in any of the zones. */
static bool is_in_force(const od__rule *rule, const od__place_entry *place,
                        int64_t utc_ms)
{
    for (size_t i = 0; i < place->place.zones_len; i++) {
        int64_t rest_s;
        int64_t day = local_day(place->zones[i], utc_ms, &rest_s);
        if (rule->from_day <= day && day <= rule->until_day) {
            return true;
        }
    }
    return false;
}

/* The next instant at which some zone begins another date, or its clock
 * jumps. */
static int64_t date_change_ms(const od__place_entry *place, int64_t utc_ms)
{
    int64_t next = OD_NEVER;
    for (size_t i = 0; i < place->place.zones_len; i++) {
        int64_t rest_s;
        (void)local_day(place->zones[i], utc_ms, &rest_s);
        int64_t midnight_ms = utc_ms + (86400 - rest_s) * 1000 - utc_ms % 1000;
        int64_t jump_ms = od__zone_change_next(place->zones[i], utc_ms);
        next = midnight_ms < next ? midnight_ms : next;
        next = jump_ms < next ? jump_ms : next;
    }
    return next;
}

/* Rules into the calendar, or into the list of those that judge numbers;
 * false: there are more than an opening can hold. */
static bool sort_rules(const od__law *law, const od_campaign_record *campaign,
                       const od__place_entry *place, int64_t utc_ms,
                       calendar *c, od__opening *out)
{
    uint16_t found[OD__OPENING_RULES];
    size_t len = od__law_find(law, campaign, &place->place, found,
                              OD__LEN(found));
    if (len > OD__LEN(found)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        const od__rule *rule = &law->set.rows[found[i]];
        if (rule->effect == OD_RULE_WINDOW) {
            add_rule(c, law, rule);
        } else if (is_in_force(rule, place, utc_ms)) {
            out->rules[out->rules_len++] = found[i];
        }
    }
    return true;
}

/* Which rule keeps the place closed, or closes it within CLOSING_MS; NULL: it
 * is the campaign's own window. */
static const od__rule *closing_rule(const calendar *c, int64_t utc_ms)
{
    int64_t until = 0;
    size_t closed = 0;
    bool open = is_open(c, c->rules_len, utc_ms, &until, &closed);
    if (open && until != OD_NEVER && until - utc_ms <= CLOSING_MS) {
        open = is_open(c, c->rules_len, until, &until, &closed);
    }
    return open ? NULL : c->rules[closed];
}

static od_verdict judge(const calendar *c, int64_t utc_ms, int64_t *until)
{
    bool open = is_open(c, c->len, utc_ms, until, NULL);
    if (open && *until != OD_NEVER && *until - utc_ms <= CLOSING_MS) {
        open = is_open(c, c->len, *until, until, NULL); /* the next opening */
    } else if (open && *until != OD_NEVER) {
        *until -= CLOSING_MS;
    }
    od_verdict out = {.kind = OD_VERDICT_ALLOW, .reason = OD_REASON_NONE};
    if (open) {
        return out;
    }
    const od__rule *rule = closing_rule(c, utc_ms);
    if (*until == OD_NEVER) {
        out.kind = OD_VERDICT_BLOCK;
        out.reason = OD_REASON_NEVER_OPEN;
    } else {
        out.kind = OD_VERDICT_DEFER;
        out.reason =
            rule != NULL ? OD_REASON_RULE_WINDOW : OD_REASON_CAMPAIGN_WINDOW;
        out.until_utc_ms = *until;
    }
    od__text_copy(out.rule, sizeof out.rule, rule != NULL ? rule->id : "");
    return out;
}

void od__decide_place(const od__law *law, const od_campaign_record *campaign,
                      const od__place_entry *place, int64_t utc_ms,
                      od__opening *out)
{
    calendar c = {.place = place};
    memset(out, 0, sizeof *out);
    out->from_utc_ms = utc_ms;
    out->until_utc_ms = utc_ms + OPENING_MS;
    if (place == NULL || place->place.zones_len == 0) {
        out->verdict = (od_verdict){.kind = OD_VERDICT_BLOCK,
                                    .reason = OD_REASON_PLACE_UNKNOWN};
        return;
    }
    if (!place->zones_known) { /* its zone data may come back */
        out->verdict = (od_verdict){.kind = OD_VERDICT_DEFER,
                                    .reason = OD_REASON_PLACE_UNKNOWN,
                                    .until_utc_ms = out->until_utc_ms};
        return;
    }
    if (!sort_rules(law, campaign, place, utc_ms, &c, out)) {
        out->rules_len = 0;
        out->verdict = (od_verdict){.kind = OD_VERDICT_BLOCK,
                                    .reason = OD_REASON_NEVER_OPEN};
        return;
    }
    int64_t until = OD_NEVER;
    add_campaign(&c, campaign);
    out->verdict = judge(&c, utc_ms, &until);
    int64_t change_ms = date_change_ms(place, utc_ms);
    until = change_ms < until ? change_ms : until;
    if (until < out->until_utc_ms) {
        out->until_utc_ms = until;
    }
}

void od__decide_place_each(const od__law *law,
                           const od_campaign_record *campaign,
                           const od__place_entry *place, int64_t utc_ms,
                           od__check_fn on_check, void *ctx)
{
    od__opening ignored = {.rules_len = 0};
    calendar c = {.place = place};
    if (place == NULL || place->place.zones_len == 0 || !place->zones_known ||
        !sort_rules(law, campaign, place, utc_ms, &c, &ignored)) {
        return;
    }
    add_campaign(&c, campaign);
    for (size_t i = 0; i < c.len; i++) {
        int64_t until = OD_NEVER;
        bool open = look_ahead(&c.rows[i], 1, place, utc_ms, &until, NULL);
        const od__rule *rule = i < c.rules_len ? c.rules[i] : NULL;
        od_verdict verdict = {.kind = OD_VERDICT_ALLOW};
        if (!open) {
            verdict.kind =
                until != OD_NEVER ? OD_VERDICT_DEFER : OD_VERDICT_BLOCK;
            verdict.reason = rule != NULL ? OD_REASON_RULE_WINDOW
                                          : OD_REASON_CAMPAIGN_WINDOW;
            verdict.until_utc_ms = until != OD_NEVER ? until : 0;
            od__text_copy(verdict.rule, sizeof verdict.rule,
                          rule != NULL ? rule->id : "");
        }
        on_check(ctx, rule != NULL ? "rule" : "windows", rule, &verdict);
    }
}
