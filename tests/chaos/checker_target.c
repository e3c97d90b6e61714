/*
 * checker_target.c - the model of numbers: what becomes of one after a call,
 * and by what the host does; see checker.h.
 */
#include "checker_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A full trunk, or a call that did not reach anybody: soon again. */
#define SOON_S 60

void chk_broken(chk *c, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    c->broken(c->ctx, text);
}

/* == finding =============================================================== */

chk_call *chk_call_of(chk *c, int64_t attempt)
{
    for (int i = c->calls_len; i-- > 0;) {
        if (c->calls[i].attempt == attempt) {
            return &c->calls[i];
        }
    }
    return NULL;
}

chk_target *chk_target_of(chk *c, int campaign, uint64_t phone)
{
    for (int i = 0; i < c->targets_len; i++) {
        chk_target *t = &c->targets[i];
        if (t->campaign == campaign && t->phone == phone) {
            return t;
        }
    }
    if (c->targets_len == CHK_TARGETS) {
        chk_broken(c, "the checker has no room for targets");
    }
    chk_target *t = &c->targets[c->targets_len++];
    memset(t, 0, sizeof *t);
    t->campaign = campaign;
    t->phone = phone;
    return t;
}

chk_line *chk_line_of(chk *c, uint64_t phone)
{
    for (int i = 0; i < c->lines_len; i++) {
        if (c->lines[i].phone == phone) {
            return &c->lines[i];
        }
    }
    if (c->lines_len == CHK_LINES) {
        chk_broken(c, "the checker has no room for lines");
    }
    chk_line *line = &c->lines[c->lines_len++];
    memset(line, 0, sizeof *line);
    line->phone = phone;
    return line;
}

chk_contact *chk_contact_of(chk *c, int64_t id)
{
    for (int i = 0; i < c->contacts_len; i++) {
        if (c->contacts[i].id == id) {
            return &c->contacts[i];
        }
    }
    return NULL;
}

bool chk_is_member(const chk *c, int campaign, const chk_contact *contact)
{
    for (int i = 0; i < CHK_GROUPS; i++) {
        if (c->campaigns[campaign].groups[i] && contact->member[i]) {
            return true;
        }
    }
    return false;
}

int chk_live_of(const chk *c, int campaign, int trunk)
{
    int live = 0;
    for (int i = c->calls_from; i < c->calls_len; i++) {
        const chk_call *call = &c->calls[i];
        live += call->stage == CHK_LIVE &&
                        (campaign < 0 || call->campaign == campaign) &&
                        (trunk < 0 || call->trunk == trunk)
                    ? 1
                    : 0;
    }
    return live;
}

int chk_live(const chk *c)
{
    return chk_live_of(c, -1, -1);
}

/* == what becomes of a number ============================================== */

/* The part of a person's day: before noon, until 17:00, later. */
static int daypart(const struct tm *local)
{
    return local->tm_hour < 12 ? 0 : local->tm_hour < 17 ? 1 : 2;
}

/* Not in the same part of the day as the last try. */
static int64_t other_part(chk *c, const chk_call *call, int64_t due_utc_ms)
{
    static const int ends[] = {12, 17, 24};
    const chk_contact *contact = chk_contact_of(c, call->contact);
    fact_place place;
    struct tm tried;
    struct tm due;
    if (contact == NULL) {
        return due_utc_ms;
    }
    fact_place_of(call->phone, contact->zone, contact->state, contact->zip, 0,
                  &place);
    if (place.zones_len != 1) {
        return due_utc_ms; /* which zone is meant is not said */
    }
    fact_local(place.zones[0], call->utc_ms, &tried);
    fact_local(place.zones[0], due_utc_ms, &due);
    int part = daypart(&due);
    int second = due.tm_hour * 3600 + due.tm_min * 60 + due.tm_sec;
    return part != daypart(&tried)
               ? due_utc_ms
               : due_utc_ms + (ends[part] * 3600 - second) * INT64_C(1000);
}

/* What never reached the network is given up at last: calls.md. */
#define UNREACHED_MAX 15

static void again(chk *c, const chk_call *call, chk_target *t, int delay_s)
{
    const chk_campaign *campaign = &c->campaigns[call->campaign];
    const chk_retry *retry = &campaign->retries[t->last];
    bool endless = !call->reached && t->last != CHK_CONGESTION &&
                   t->last != CHK_CANCELLED;
    if (retry->delay_s < 0 ||
        (retry->attempts_max > 0 && t->tries[t->last] >= retry->attempts_max) ||
        (endless && t->tries[t->last] >= 15)) {
        return;
    }
    t->done = false;
    t->due_utc_ms =
        call->ended_utc_ms +
        (retry->delay_s > 0 ? retry->delay_s : delay_s) * INT64_C(1000);
    bool counted = call->reached && t->last != CHK_CONGESTION;
    if (campaign->spread && counted) {
        t->due_utc_ms = other_part(c, call, t->due_utc_ms);
        /* In which zone is not said: a day later is another part of any. */
        t->waits_utc_ms = t->due_utc_ms + 24 * INT64_C(3600000);
    }
}

static void follow_policy(chk *c, const chk_call *call, chk_target *t)
{
    const chk_campaign *campaign = &c->campaigns[call->campaign];
    bool left = t->counted < campaign->attempts_max;
    t->done = true;
    switch (t->last) {
    case CHK_ANSWERED:
    case CHK_NOT_FOUND:
        break;
    case CHK_UNFINISHED:
        if (left) {
            again(c, call, t, campaign->retry_delay_s);
        }
        break;
    case CHK_UNKNOWN:
        if (left && campaign->redial_unknown) {
            again(c, call, t, campaign->retry_delay_s);
        }
        break;
    case CHK_CONGESTION:
    case CHK_CANCELLED:
    case CHK_FAILED:
        if (!call->reached || t->last == CHK_CONGESTION) {
            again(c, call, t, SOON_S);
            break;
        }
        /* fall through */
    default:
        if (left && campaign->recall) {
            again(c, call, t, campaign->retry_delay_s);
        }
    }
    int64_t asked = call->ended_utc_ms + call->retry_after_s * INT64_C(1000);
    if (t->last == CHK_CONGESTION && asked > t->due_utc_ms) {
        t->due_utc_ms = asked;
    }
    if (t->last == CHK_CANCELLED && call->listed) {
        t->done = false; /* the list decides, and nothing else */
        t->due_utc_ms = call->ended_utc_ms;
    }
}

void chk_take_end(chk *c, chk_call *call, int disposition)
{
    chk_target *t = chk_target_of(c, call->campaign, call->phone);
    chk_line *line = chk_line_of(c, call->phone);
    bool counts = call->reached && disposition != CHK_CONGESTION;
    call->target_before = *t;
    call->line_before = *line;
    call->disposition = disposition;
    t->last = disposition;
    t->counted += counts ? 1 : 0;
    t->tries[disposition] += t->tries[disposition] < 15 ? 1 : 0;
    t->callable_since = 0;
    follow_policy(c, call, t);
    if (disposition == CHK_ANSWERED || disposition == CHK_UNFINISHED) {
        line->answered_utc_ms = call->ended_utc_ms;
    }
    line->invalid = line->invalid || disposition == CHK_NOT_FOUND;
    if (counts) {
        if (line->recent_len == CHK_RECENT) {
            memmove(line->recent, line->recent + 1,
                    (CHK_RECENT - 1) * sizeof *line->recent);
            line->recent_len--;
        }
        line->called_utc_ms = call->utc_ms;
        line->recent[line->recent_len++] =
            (chk_recent){call->utc_ms, call->campaign};
    }
}

/* It ended otherwise than it looked. */
void chk_take_other_end(chk *c, chk_call *call, int disposition)
{
    *chk_target_of(c, call->campaign, call->phone) = call->target_before;
    *chk_line_of(c, call->phone) = call->line_before;
    chk_take_end(c, call, disposition);
}

/* == what the host did ===================================================== */

/* What was blocked for one of these is judged anew, after its delay. */
static void unstick(chk_target *t, unsigned why)
{
    t->stuck &= ~why;
    t->callable_since = 0;
}

/* Who did not answer gets the attempts that are left: for certain when it is
 * started again; when rules are judged anew only if the process dies in it.
 * Who was blocked is judged. */
static void revive(chk *c, int campaign, bool certain, bool judged)
{
    const chk_campaign *at = &c->campaigns[campaign];
    for (int i = 0; i < c->targets_len; i++) {
        chk_target *t = &c->targets[i];
        if (t->campaign != campaign) {
            continue;
        }
        if (t->done && t->last != CHK_ANSWERED && at->recall &&
            t->counted < at->attempts_max) {
            t->done = false;
            if (t->due_utc_ms > t->waits_utc_ms) {
                t->waits_utc_ms = t->due_utc_ms; /* it may be kept */
            }
            t->due_utc_ms = 0;
            t->stuck |= certain ? 0 : FACT_BIT(CHK_WHY_REACHED);
        }
        if (!judged) {
            continue;
        }
        unstick(t, FACT_BIT(CHK_WHY_RULE) | FACT_BIT(CHK_WHY_CONSENT) |
                       FACT_BIT(CHK_WHY_USED) | FACT_BIT(CHK_WHY_NEVER));
    }
}

/* It takes a step or two. */
#define REFILL_STEPS 3

void chk_campaign_begins(chk *c, int campaign)
{
    c->campaigns[campaign].refill = REFILL_STEPS;
    revive(c, campaign, true, true);
}

void chk_law_changes(chk *c)
{
    for (int i = 0; i < CHK_CAMPAIGNS; i++) {
        if (c->campaigns[i].state == CHK_RUNNING ||
            c->campaigns[i].state == CHK_PAUSED) {
            c->campaigns[i].refill = REFILL_STEPS;
            revive(c, i, false, c->campaigns[i].state == CHK_RUNNING);
        }
    }
}

void chk_refill(chk *c)
{
    for (int i = 0; i < CHK_CAMPAIGNS; i++) {
        chk_campaign *at = &c->campaigns[i];
        if (at->refill > 0 && at->state == CHK_RUNNING) {
            revive(c, i, false, false); /* with other options than before? */
            at->refill -= c->healthy ? 1 : 0;
        }
    }
}

void chk_unstick(chk *c, chk_class why, uint64_t phone)
{
    for (int i = 0; i < c->targets_len; i++) {
        chk_target *t = &c->targets[i];
        if (phone == 0 || t->phone == phone) {
            unstick(t, FACT_BIT(why));
        }
    }
}

void chk_clock_back(chk *c)
{
    for (int i = 0; i < c->targets_len; i++) {
        chk_target *t = &c->targets[i];
        t->due_utc_ms = t->due_utc_ms <= c->utc_ms ? 0 : t->due_utc_ms;
        t->callable_since = 0;
    }
}

void chk_callback(chk *c, int campaign, uint64_t phone, int64_t utc_ms)
{
    chk_target *t = chk_target_of(c, campaign, phone);
    t->last = CHK_CALLBACK;
    t->called_back = true;
    t->done = false;
    t->due_utc_ms = utc_ms;
    t->stuck = 0;
    t->waits_utc_ms = 0;
    t->callable_since = 0;
}

/* Has somebody in the campaign this phone as the first? */
static bool is_held(const chk *c, int campaign, uint64_t phone)
{
    for (int i = 0; i < c->contacts_len; i++) {
        const chk_contact *contact = &c->contacts[i];
        if (!contact->gone && contact->phones[0] == phone &&
            chk_is_member(c, campaign, contact)) {
            return true;
        }
    }
    return false;
}

void chk_phone_left(chk *c, uint64_t phone)
{
    for (int i = 0; i < c->targets_len; i++) {
        chk_target *t = &c->targets[i];
        bool live = false;
        for (int j = c->calls_from; j < c->calls_len; j++) {
            live = live || (c->calls[j].phone == phone &&
                            c->calls[j].campaign == t->campaign &&
                            c->calls[j].stage != CHK_OVER);
        }
        if (t->phone == phone && t->counted == 0 && !t->done && !live &&
            !is_held(c, t->campaign, phone)) {
            /* Gone from the queue: who comes again comes anew. */
            int campaign = t->campaign;
            memset(t, 0, sizeof *t);
            t->campaign = campaign;
            t->phone = phone;
        }
    }
}

void chk_person_left(chk *c, const chk_contact *contact)
{
    for (int i = 0; i < 3; i++) {
        if (contact->phones[i] != 0) {
            chk_phone_left(c, contact->phones[i]);
        }
    }
}

bool chk_list_add(chk *c, const chk_entry *entry)
{
    bool everywhere =
        entry->scope == CHK_DNC_ALL || entry->scope == CHK_DNC_VOICE;
    chk_entry *found = NULL;
    for (int i = 0; i < c->list_len; i++) {
        chk_entry *row = &c->list[i];
        if (row->phone == entry->phone && row->prefix == entry->prefix &&
            row->scope == entry->scope && row->campaign == entry->campaign) {
            found = row;
        }
    }
    if (found != NULL && (found->expires_utc_ms == 0 ||
                          (entry->expires_utc_ms != 0 &&
                           entry->expires_utc_ms <= found->expires_utc_ms))) {
        return false;
    }
    if (found == NULL) {
        if (c->list_len == CHK_LIST) {
            chk_broken(c, "the checker has no room for the list");
        }
        found = &c->list[c->list_len++];
        *found = *entry;
    }
    found->expires_utc_ms = entry->expires_utc_ms;
    for (int i = 0; everywhere && !entry->prefix && i < c->consents_len; i++) {
        chk_consent *row = &c->consents[i];
        if (row->phone == entry->phone && !row->revoked) {
            row->revoked = true;
            row->revoked_by = entry->attempt;
        }
    }
    return true;
}

bool chk_list_remove(chk *c, const chk_entry *entry)
{
    for (int i = 0; i < c->list_len; i++) {
        const chk_entry *row = &c->list[i];
        if (row->phone == entry->phone && row->prefix == entry->prefix &&
            row->scope == entry->scope && row->campaign == entry->campaign) {
            c->list[i] = c->list[--c->list_len];
            return true;
        }
    }
    return false;
}

void chk_revoke(chk *c, uint64_t phone, const char *seller)
{
    for (int i = 0; i < c->consents_len; i++) {
        chk_consent *row = &c->consents[i];
        if (row->phone == phone && !row->revoked &&
            (seller == NULL || strcmp(row->seller, seller) == 0)) {
            row->revoked = true;
            row->revoked_by = 0;
        }
    }
}
