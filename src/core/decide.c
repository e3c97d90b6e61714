/*
 * decide.c - may this number be called at this instant? The only place that
 * knows.
 *
 * Pure: facts in, one verdict out; no clock, no store, no change. Dialing asks
 * it inside the claiming transaction, explain asks it for the host, and the
 * roster asks its half about places to know which lanes are worth a look.
 *
 * The first check that does not allow decides. A DEFER always carries the
 * instant at which asking again makes sense, so nothing is polled.
 */
#include "core/core.h"

#include <assert.h>

#define HOUR_MS 3600000

/* How long to leave a number alone that another call is busy with. */
#define IN_FLIGHT_MS 30000

/* No call begins so shortly before a window closes: a commit that waits for a
 * slow disk or another process comes between the decision and the INVITE, and
 * the INVITE must still be inside. */
#define CLOSING_MS 10000

/* An opening is looked at again at least so often: zone data may change. */
#define OPENING_MS HOUR_MS

static void say(od_verdict *out, od_verdict_kind kind, od_reason reason,
                int64_t until_utc_ms, const char *rule)
{
    memset(out, 0, sizeof *out);
    out->kind = (int32_t)kind;
    out->reason = (int32_t)reason;
    out->until_utc_ms = until_utc_ms;
    od__text_copy(out->rule, sizeof out->rule, rule);
}

size_t od__decide_windows(const od_campaign_record *campaign,
                          const od__place *place, od_window *out, size_t max)
{
    od_window rules[OD_WINDOWS_MAX];
    size_t rules_len = od__rules_windows(place, rules, OD__LEN(rules));
    size_t len = 0;
    if (campaign->windows_len == 0) {
        len = rules_len < max ? rules_len : max;
        memcpy(out, rules, len * sizeof *out);
        return len;
    }
    for (int32_t i = 0; i < campaign->windows_len; i++) {
        const od_window *own = &campaign->windows[i];
        for (size_t j = 0; j < rules_len && len < max; j++) {
            od_window w = {own->days & rules[j].days,
                           own->start_min > rules[j].start_min
                               ? own->start_min
                               : rules[j].start_min,
                           own->end_min < rules[j].end_min ? own->end_min
                                                           : rules[j].end_min};
            if (w.days != 0 && w.start_min < w.end_min) {
                out[len++] = w;
            }
        }
    }
    return len;
}

void od__decide_place(const od_campaign_record *campaign,
                      const od__place_entry *place, int64_t utc_ms,
                      od__opening *out)
{
    memset(out, 0, sizeof *out);
    out->from_utc_ms = utc_ms;
    out->until_utc_ms = utc_ms + OPENING_MS;
    if (place == NULL || place->place.zones_len == 0) {
        say(&out->verdict, OD_VERDICT_BLOCK, OD_REASON_PLACE_UNKNOWN, 0, "");
        return;
    }
    if (!place->zones_known) { /* its zone data may come back */
        say(&out->verdict, OD_VERDICT_DEFER, OD_REASON_PLACE_UNKNOWN,
            utc_ms + OPENING_MS, "");
        return;
    }
    od_window rules[OD_WINDOWS_MAX];
    od_window both[OD_WINDOWS_MAX];
    size_t rules_len =
        od__rules_windows(&place->place, rules, OD__LEN(rules));
    size_t both_len =
        od__decide_windows(campaign, &place->place, both, OD__LEN(both));
    int64_t until = 0;
    int64_t rule_until = 0;
    bool open = od__windows_open(both, both_len, place->zones,
                                 place->place.zones_len, utc_ms, &until);
    if (open && until - utc_ms <= CLOSING_MS) {
        open = od__windows_open(both, both_len, place->zones,
                                place->place.zones_len, until, &until);
    } else if (open && until != OD_NEVER) {
        until -= CLOSING_MS;
    }
    if (open) {
        say(&out->verdict, OD_VERDICT_ALLOW, OD_REASON_NONE, 0, "");
    } else if (until == OD_NEVER) {
        say(&out->verdict, OD_VERDICT_BLOCK, OD_REASON_NEVER_OPEN, 0, "");
        return;
    } else {
        bool lawful = od__windows_open(rules, rules_len, place->zones,
                                       place->place.zones_len, utc_ms,
                                       &rule_until);
        /* A closing window is closed by whoever closes it. */
        lawful = lawful && (rule_until == OD_NEVER ||
                            rule_until - utc_ms > CLOSING_MS);
        size_t ignored;
        say(&out->verdict, OD_VERDICT_DEFER,
            lawful ? OD_REASON_CAMPAIGN_WINDOW : OD_REASON_RULE_WINDOW, until,
            lawful ? "" : od__rules(&ignored)[0].id);
    }
    if (until < out->until_utc_ms) {
        out->until_utc_ms = until;
    }
}

/* The state of the campaign itself. */
static bool campaign_allows(const od_campaign_record *campaign, int64_t utc_ms,
                            od_verdict *out)
{
    if (campaign->state == OD_CAMPAIGN_RUNNING) {
        return true;
    }
    if (campaign->state == OD_CAMPAIGN_SCHEDULED &&
        campaign->start_utc_ms > utc_ms) {
        say(out, OD_VERDICT_DEFER, OD_REASON_CAMPAIGN_STATE,
            campaign->start_utc_ms, "");
    } else {
        say(out, OD_VERDICT_BLOCK, OD_REASON_CAMPAIGN_STATE, 0, "");
    }
    return false;
}

/* What this campaign did with the number before. */
static bool history_allows(const od_campaign_record *campaign,
                           const od_candidate *c, int64_t utc_ms,
                           od_verdict *out)
{
    if (c->contact == 0) {
        say(out, OD_VERDICT_BLOCK, OD_REASON_NOT_ENROLLED, 0, "");
        return false;
    }
    bool reached =
        c->disposition == OD_DISPOSITION_ANSWERED ||
        (c->disposition == OD_DISPOSITION_UNKNOWN &&
         campaign->redial_unknown == 0) ||
        (campaign->recall == OD_NONE && c->attempts > 0);
    if (reached) {
        say(out, OD_VERDICT_BLOCK, OD_REASON_ALREADY_REACHED, 0, "");
        return false;
    }
    if (c->attempts >= campaign->attempts_max) {
        say(out, OD_VERDICT_BLOCK, OD_REASON_ATTEMPTS_USED, 0, "");
        return false;
    }
    if (c->in_flight) {
        say(out, OD_VERDICT_DEFER, OD_REASON_IN_FLIGHT, utc_ms + IN_FLIGHT_MS,
            "");
        return false;
    }
    /* Tried before, also where the attempt did not count: a full trunk. */
    if (c->disposition != OD_DISPOSITION_NONE &&
        c->state == OD_TARGET_READY && c->due_utc_ms > utc_ms) {
        say(out, OD_VERDICT_DEFER, OD_REASON_RETRY_DELAY, c->due_utc_ms, "");
        return false;
    }
    return true;
}

/* What all campaigns did with the line, within n hours (0: not asked). */
static bool line_allows(int64_t last_utc_ms, int32_t hours, od_reason reason,
                        int64_t utc_ms, od_verdict *out)
{
    if (hours <= 0 || last_utc_ms == 0) {
        return true;
    }
    int64_t free_utc_ms = last_utc_ms + (int64_t)hours * HOUR_MS;
    if (free_utc_ms <= utc_ms) {
        return true;
    }
    say(out, OD_VERDICT_DEFER, reason, free_utc_ms, "");
    return false;
}

void od__decide(const od_campaign_record *campaign,
                const od_candidate *candidate, const od__opening *opening,
                int64_t utc_ms, od_verdict *out)
{
    assert(campaign != NULL && candidate != NULL && opening != NULL);
    if (!campaign_allows(campaign, utc_ms, out)) {
        return;
    }
    if (candidate->number_invalid) {
        say(out, OD_VERDICT_BLOCK, OD_REASON_NUMBER_INVALID, 0, "");
        return;
    }
    if (candidate->dnc) {
        say(out, OD_VERDICT_BLOCK, OD_REASON_DNC, 0, "");
        return;
    }
    if (!history_allows(campaign, candidate, utc_ms, out)) {
        return;
    }
    if (!line_allows(candidate->line_answered_utc_ms,
                     campaign->skip_answered_h, OD_REASON_RECENTLY_ANSWERED,
                     utc_ms, out)) {
        return;
    }
    if (!line_allows(candidate->line_called_utc_ms, campaign->skip_called_h,
                     OD_REASON_RECENTLY_CALLED, utc_ms, out)) {
        return;
    }
    *out = opening->verdict;
}
