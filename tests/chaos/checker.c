/*
 * checker.c - the model: calls, what became of them, and the promises that can
 * be checked as they happen; see checker.h. checker_judge.c says who may be
 * called, checker_rows.c looks at what is stored in the end.
 */
#include "checker.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A full trunk, or a call that did not reach anybody: soon again. */
#define SOON_S 60

/* Nobody who may be called waits so long while a channel is free. */
#define PATIENCE_MS (2 * INT64_C(3600000))

static void broken(chk *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void broken(chk *c, const char *fmt, ...)
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

static chk_call *known(chk *c, int64_t attempt, const char *what)
{
    chk_call *call = chk_call_of(c, attempt);
    if (call == NULL) {
        broken(c, "%s of attempt %lld, which nobody dialed", what,
               (long long)attempt);
    }
    return call;
}

static int campaign_of(chk *c, int64_t id)
{
    for (int i = 0; i < CHK_CAMPAIGNS; i++) {
        if (c->campaigns[i].id == id) {
            return i;
        }
    }
    broken(c, "campaign %lld is not known", (long long)id);
    return 0;
}

static chk_target *target_of(chk *c, int campaign, uint64_t phone)
{
    for (int i = 0; i < c->targets_len; i++) {
        chk_target *t = &c->targets[i];
        if (t->campaign == campaign && t->phone == phone) {
            return t;
        }
    }
    if (c->targets_len == CHK_TARGETS) {
        broken(c, "the checker has no room for targets");
    }
    chk_target *t = &c->targets[c->targets_len++];
    memset(t, 0, sizeof *t);
    t->campaign = campaign;
    t->phone = phone;
    return t;
}

static chk_line *line_of(chk *c, uint64_t phone)
{
    for (int i = 0; i < c->lines_len; i++) {
        if (c->lines[i].phone == phone) {
            return &c->lines[i];
        }
    }
    if (c->lines_len == CHK_LINES) {
        broken(c, "the checker has no room for lines");
    }
    chk_line *line = &c->lines[c->lines_len++];
    memset(line, 0, sizeof *line);
    line->phone = phone;
    return line;
}

static chk_contact *contact_of(chk *c, int64_t id)
{
    for (int i = 0; i < c->contacts_len; i++) {
        if (c->contacts[i].id == id) {
            return &c->contacts[i];
        }
    }
    return NULL;
}

static bool is_member(const chk *c, int campaign, const chk_contact *contact)
{
    for (int i = 0; i < CHK_GROUPS; i++) {
        if (c->campaigns[campaign].groups[i] && contact->member[i]) {
            return true;
        }
    }
    return false;
}

static int live_of(const chk *c, int campaign, int trunk)
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
    return live_of(c, -1, -1);
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
    const chk_contact *contact = contact_of(c, call->contact);
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

static void again(chk *c, const chk_call *call, chk_target *t, int delay_s)
{
    const chk_campaign *campaign = &c->campaigns[call->campaign];
    const chk_retry *retry = &campaign->retries[t->last];
    if (retry->delay_s < 0 || (retry->attempts_max > 0 &&
                               t->tries[t->last] >= retry->attempts_max)) {
        return;
    }
    t->done = false;
    t->due_utc_ms =
        call->ended_utc_ms + (retry->delay_s > 0 ? retry->delay_s : delay_s) *
                        INT64_C(1000);
    bool counted = call->reached && t->last != CHK_CONGESTION;
    if (campaign->spread && counted) {
        t->due_utc_ms = other_part(c, call, t->due_utc_ms);
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

static void take_end(chk *c, chk_call *call, int disposition)
{
    chk_target *t = target_of(c, call->campaign, call->phone);
    chk_line *line = line_of(c, call->phone);
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
static void take_other_end(chk *c, chk_call *call, int disposition)
{
    *target_of(c, call->campaign, call->phone) = call->target_before;
    *line_of(c, call->phone) = call->line_before;
    take_end(c, call, disposition);
}

/* == dialing =============================================================== */

static void check_row(chk *c, const chk_dial *dial, const chk_flight_row *row)
{
    if (row == NULL) {
        broken(c, "1: attempt %lld is dialed and not durable",
               (long long)dial->attempt);
        return;
    }
    if (row->attempt != dial->attempt || row->campaign != dial->campaign ||
        strcmp(row->session, dial->session) != 0) {
        broken(c, "1: attempt %lld of campaign %lld, session %s is dialed; "
                  "%lld, %lld, %s is stored",
               (long long)dial->attempt, (long long)dial->campaign,
               dial->session, (long long)row->attempt,
               (long long)row->campaign, row->session);
    }
    for (int i = 0; i < c->calls_len; i++) {
        if (c->calls[i].attempt == dial->attempt ||
            strcmp(c->calls[i].session, dial->session) == 0) {
            broken(c, "1: attempt %lld, session %s was dialed before",
                   (long long)dial->attempt, dial->session);
        }
    }
}

static void check_limits(chk *c, int campaign, const chk_dial *dial)
{
    int of_all = live_of(c, -1, -1);
    int of_campaign = live_of(c, campaign, -1);
    int of_trunk = live_of(c, -1, dial->trunk);
    if (of_all > c->calls_max ||
        of_campaign > c->campaigns[campaign].concurrent_max ||
        of_trunk > c->trunk_calls_max) {
        broken(c, "2: %d calls are live, %d of the campaign, %d of the trunk; "
                  "%d, %d, %d are allowed",
               of_all, of_campaign, of_trunk, c->calls_max,
               c->campaigns[campaign].concurrent_max, c->trunk_calls_max);
    }
    if (dial->trunk < 0 || dial->trunk >= c->trunks_len ||
        !c->trunk_up[dial->trunk]) {
        broken(c, "2: trunk %d is down", dial->trunk);
    }
}

/* Is it a number of this person, and is the person in the campaign? */
static void check_person(chk *c, int campaign, const chk_contact *contact,
                         uint64_t phone)
{
    const chk_target *t = target_of(c, campaign, phone);
    bool asked_for = t->called_back; /* by the host, whoever it is */
    int at = 0;
    while (at < 3 && contact->phones[at] != phone) {
        at++;
    }
    if (at == 3 && !asked_for) {
        broken(c, "contact %lld has no such phone", (long long)contact->id);
    }
    if (contact->gone && !contact->gone_in_call && !asked_for) {
        broken(c, "contact %lld was removed", (long long)contact->id);
    }
    if (t->counted == 0 && !is_member(c, campaign, contact)) {
        broken(c, "contact %lld is in no group of the campaign",
               (long long)contact->id);
    }
    for (int i = 0; i < at && at < 3 && t->last == CHK_NONE; i++) {
        const chk_target *first = target_of(c, campaign, contact->phones[i]);
        /* What was blocked before may have made this one ready. */
        if (first->was_stuck) {
            continue;
        }
        if (first->last == CHK_ANSWERED || first->last == CHK_UNFINISHED) {
            broken(c, "3: it is phone %d of a person who answered phone %d",
                   at + 1, i + 1);
        }
    }
}

void chk_on_dial(chk *c, const chk_dial *dial, const chk_flight_row *row)
{
    int campaign = campaign_of(c, dial->campaign);
    check_row(c, dial, row);
    const chk_contact *contact = contact_of(c, row->contact);
    if (contact == NULL || c->calls_len == CHK_CALLS) {
        broken(c, "contact %lld is not known, or there are too many calls",
               (long long)row->contact);
        return;
    }
    const char *why = chk_judge(c, campaign, dial->to, contact, false);
    if (why != NULL && !(c->campaigns[campaign].state == CHK_PAUSED &&
                         c->mono_ms < c->campaigns[campaign].desk_until_mono)) {
        broken(c, "+%llu is dialed by campaign %d: %s",
               (unsigned long long)dial->to, campaign, why);
    }
    check_person(c, campaign, contact, dial->to);
    chk_call *call = &c->calls[c->calls_len++];
    memset(call, 0, sizeof *call);
    call->attempt = dial->attempt;
    call->campaign = campaign;
    call->trunk = dial->trunk;
    call->phone = dial->to;
    call->contact = row->contact;
    call->utc_ms = c->utc_ms;
    call->mono_ms = c->mono_ms;
    call->stage = CHK_LIVE;
    call->opt_out_key = c->campaigns[campaign].opt_out_key;
    call->ring_timeout_ms = c->campaigns[campaign].ring_timeout_ms;
    (void)snprintf(call->session, sizeof call->session, "%s", dial->session);
    chk_target *t = target_of(c, campaign, dial->to);
    t->callable_since = 0;
    t->stuck = 0;
    c->campaigns[campaign].dialed++;
    c->dials++;
    check_limits(c, campaign, dial);
    if (row->claimed_utc_ms != c->utc_ms) {
        broken(c, "1: claimed at %lld, dialed at %lld",
               (long long)row->claimed_utc_ms, (long long)c->utc_ms);
    }
}

void chk_on_dial_failed(chk *c, int64_t attempt, bool no_channel)
{
    chk_call *call = known(c, attempt, "a refusal");
    chk_on_end(c, attempt, 0, no_channel, 0);
    call->dial_failed = true;
}

void chk_on_hangup(chk *c, int64_t attempt)
{
    chk_call *call = known(c, attempt, "a hang-up");
    const chk_campaign *campaign = &c->campaigns[call->campaign];
    int64_t until = 0;
    if (call->we_hung_up) {
        return;
    }
    call->we_hung_up = true;
    call->rang_out = c->mono_ms >= call->mono_ms + call->ring_timeout_ms;
    call->listed = chk_is_listed(c, campaign->id, call->phone, &until);
}

/* == reports of the far end ================================================ */

void chk_on_reached(chk *c, int64_t attempt)
{
    known(c, attempt, "a ringing")->reached = true;
}

void chk_on_answered(chk *c, int64_t attempt)
{
    chk_call *call = known(c, attempt, "an answer");
    call->reached = true;
    if (call->answered_utc_ms == 0) {
        call->answered_utc_ms = c->utc_ms;
        c->answers++;
    }
}

void chk_on_machine(chk *c, int64_t attempt)
{
    chk_call *call = known(c, attempt, "a machine");
    call->machine = call->machine || call->answered_utc_ms != 0;
}

void chk_on_digit(chk *c, int64_t attempt, char digit)
{
    chk_call *call = known(c, attempt, "a key");
    bool out = call->opt_out_key != '\0' && digit == call->opt_out_key;
    if (!out || call->answered_utc_ms == 0 || call->asked_out) {
        return;
    }
    call->asked_out = true;
    const chk_entry entry = {
        .phone = call->phone, .scope = CHK_DNC_ALL, .attempt = attempt};
    call->new_entry = chk_list_add(c, &entry);
    c->opt_outs++;
}

static int of_status(int status)
{
    switch (status) {
    case 486:
    case 600:
        return CHK_BUSY;
    case 408:
    case 480:
    case 487:
        return CHK_NO_ANSWER;
    case 403:
    case 603:
    case 607:
    case 608:
        return CHK_DECLINED;
    case 404:
    case 410:
    case 484:
    case 604:
        return CHK_NOT_FOUND;
    case 429:
    case 503:
        return CHK_CONGESTION;
    default:
        return status >= 300 && status < 400 ? CHK_REDIRECTED : CHK_FAILED;
    }
}

/* How it ended; what else it might have been goes to may_be. */
static int disposition_of(chk *c, chk_call *call)
{
    const chk_campaign *campaign = &c->campaigns[call->campaign];
    bool final = call->status != 0 && call->status != 487;
    int said = call->no_channel ? CHK_CONGESTION : of_status(call->status);
    if (call->answered_utc_ms != 0 && call->machine) {
        return CHK_MACHINE;
    }
    if (call->answered_utc_ms != 0) {
        if (campaign->has_survey && campaign->retry_unfinished) {
            call->may_be = FACT_BIT(CHK_ANSWERED) | FACT_BIT(CHK_UNFINISHED);
        }
        return CHK_ANSWERED;
    }
    if (!call->we_hung_up) {
        return said;
    }
    if (call->rang_out && (call->host_hung_up || call->listed)) {
        call->may_be = FACT_BIT(CHK_CANCELLED) | FACT_BIT(CHK_NO_ANSWER) |
                       (final ? FACT_BIT(said) : 0);
    }
    if (call->rang_out) {
        return final ? said : CHK_NO_ANSWER;
    }
    call->may_be |= final ? FACT_BIT(said) | FACT_BIT(CHK_CANCELLED) : 0;
    return CHK_CANCELLED;
}

void chk_on_end(chk *c, int64_t attempt, int status, bool no_channel,
                int retry_after_s)
{
    chk_call *call = known(c, attempt, "an end");
    if (call->stage != CHK_LIVE) {
        broken(c, "8: the far end ended attempt %lld twice",
               (long long)attempt);
    }
    call->stage = CHK_ENDING;
    call->status = status;
    call->no_channel = no_channel;
    call->retry_after_s = retry_after_s;
    call->reached = call->reached || status != 0;
    call->ended_utc_ms = c->utc_ms;
    if (no_channel || status == 503 || status == 429 || status == 480) {
        int64_t held = retry_after_s < 3600 ? retry_after_s : 3600;
        held = c->mono_ms + (held > 60 ? held : 60) * 1000 + 60000;
        c->held_until_mono =
            held > c->held_until_mono ? held : c->held_until_mono;
    }
    take_end(c, call, disposition_of(c, call));
}

/* == events of the engine ================================================== */

void chk_event_dialing(chk *c, int64_t attempt)
{
    chk_call *call = known(c, attempt, "CALL_DIALING");
    if (++call->events_dialing > 1) {
        broken(c, "8: CALL_DIALING of attempt %lld came twice",
               (long long)attempt);
    }
}

static void check_disposition(chk *c, chk_call *call, int disposition,
                              bool survey_done)
{
    bool unfinished = disposition == CHK_UNFINISHED;
    if (disposition < 0 || disposition >= CHK_DISPOSITIONS ||
        (disposition != call->disposition &&
         (call->may_be & FACT_BIT(disposition)) == 0)) {
        broken(c, "8: attempt %lld ended as %d, it should be %d",
               (long long)call->attempt, disposition, call->disposition);
        return;
    }
    bool answered_so = unfinished || disposition == CHK_ANSWERED;
    if (answered_so && (call->may_be & FACT_BIT(CHK_UNFINISHED)) != 0 &&
        unfinished != (!survey_done && !call->told_out)) {
        broken(c, "8: attempt %lld ended as %d, survey %s", 
               (long long)call->attempt, disposition,
               survey_done ? "done" : "left");
    }
    if (disposition != call->disposition) {
        take_other_end(c, call, disposition);
    }
}

void chk_event_ended(chk *c, int64_t attempt, int disposition, int status,
                     bool survey_done, const chk_attempt_row *row)
{
    chk_call *call = known(c, attempt, "CALL_ENDED");
    if (call->stage == CHK_LIVE || ++call->events_ended > 1) {
        broken(c, "8: CALL_ENDED of attempt %lld, which %s",
               (long long)attempt,
               call->stage == CHK_LIVE ? "lives" : "ended before");
        return;
    }
    call->survey_done = survey_done;
    check_disposition(c, call, disposition, survey_done);
    if (status != call->status) {
        broken(c, "8: attempt %lld is told with status %d, not %d",
               (long long)attempt, status, call->status);
    }
    bool counts = call->reached && disposition != CHK_CONGESTION;
    if (row == NULL || row->disposition != disposition ||
        row->sip_status != status || row->reached != counts ||
        row->phone != call->phone || strcmp(row->session, call->session) != 0) {
        broken(c, "8: what is told of the end of attempt %lld is not what is "
                  "stored",
               (long long)attempt);
    }
}

void chk_event_opt_out(chk *c, int64_t attempt)
{
    chk_call *call = known(c, attempt, "OPT_OUT");
    if (call->told_out || call->answered_utc_ms == 0) {
        broken(c, "5: OPT_OUT of attempt %lld came twice, or unanswered",
               (long long)attempt);
    }
    call->told_out = true;
    if (!call->asked_out) { /* a key of the survey */
        const chk_entry entry = {
            .phone = call->phone, .scope = CHK_DNC_ALL, .attempt = attempt};
        call->asked_out = true;
        call->new_entry = chk_list_add(c, &entry);
    }
}

/* Does it open within so many days? */
static bool opens(chk *c, int campaign, const chk_contact *contact, int days)
{
    int64_t now = c->utc_ms;
    bool open = false;
    int in_a_row = 0;
    for (int i = 0; !open && i < days * 144; i++) {
        c->utc_ms = now + i * INT64_C(600000);
        in_a_row = chk_is_open(c, campaign, contact) ? in_a_row + 1 : 0;
        open = in_a_row == 2;
    }
    c->utc_ms = now;
    return open;
}

/* Is one of those with this number blocked? Which of them it belongs to is the
 * engine's to say. */
static bool is_blocked(chk *c, int campaign, uint64_t phone)
{
    for (int i = 0; i < c->contacts_len; i++) {
        const chk_contact *contact = &c->contacts[i];
        if (!contact->gone && contact->phones[0] == phone &&
            is_member(c, campaign, contact) &&
            chk_blocked(c, campaign, contact) != NULL) {
            return true;
        }
    }
    return false;
}

/* Nobody is left, says the engine. */
static void check_completed(chk *c, int campaign)
{
    int state = c->campaigns[campaign].state;
    c->campaigns[campaign].state = CHK_RUNNING;
    for (int i = 0; i < c->contacts_len; i++) {
        const chk_contact *contact = &c->contacts[i];
        if (contact->gone || !is_member(c, campaign, contact) ||
            target_of(c, campaign, contact->phones[0])->stuck != 0) {
            continue;
        }
        if (!is_blocked(c, campaign, contact->phones[0]) &&
            opens(c, campaign, contact, 14)) {
            broken(c, "campaign %d is completed, but +%llu is left", campaign,
                   (unsigned long long)contact->phones[0]);
        }
    }
    c->campaigns[campaign].state = state;
}

void chk_event_state(chk *c, int64_t id, int state, const char *why)
{
    int campaign = campaign_of(c, id);
    const chk_campaign *at = &c->campaigns[campaign];
    if (state == CHK_COMPLETED && why[0] == '\0' && c->healthy) {
        check_completed(c, campaign);
    }
    if (state == CHK_COMPLETED && live_of(c, campaign, -1) > 0 &&
        why[0] == '\0') {
        broken(c, "campaign %d is completed while calls are live", campaign);
    }
    if (state == CHK_COMPLETED && strstr(why, "its end") != NULL &&
        (at->end_utc_ms == 0 || c->utc_ms < at->end_utc_ms)) {
        broken(c, "campaign %d ended before its time", campaign);
    }
}

/* == after a step ========================================================== */

static bool is_stored(const chk_flight_row *flights, size_t len,
                      int64_t attempt)
{
    for (size_t i = 0; i < len; i++) {
        if (flights[i].attempt == attempt) {
            return true;
        }
    }
    return false;
}

static void check_call(chk *c, chk_call *call, bool ok, bool stored)
{
    if (call->stage == CHK_LIVE && !stored) {
        broken(c, "8: attempt %lld lives and is not stored so",
               (long long)call->attempt);
    }
    if (call->stage == CHK_ENDING && !stored) {
        call->stage = CHK_OVER;
    }
    if (call->stage == CHK_ENDING && ok && !call->dial_failed) {
        broken(c, "8: the end of attempt %lld was not stored",
               (long long)call->attempt);
    }
    call->dial_failed = call->dial_failed && !ok;
    if (ok && call->stage == CHK_OVER && !call->settled &&
        (call->events_dialing != 1 || call->events_ended != 1)) {
        broken(c, "8: attempt %lld had %d CALL_DIALING, %d CALL_ENDED",
               (long long)call->attempt, call->events_dialing,
               call->events_ended);
    }
    if (ok && call->asked_out && !call->told_out) {
        broken(c, "5: the opt-out in attempt %lld was not heard",
               (long long)call->attempt);
    }
}

void chk_after_step(chk *c, bool ok, size_t calls_live,
                    const chk_flight_row *flights, size_t flights_len)
{
    size_t live = 0;
    size_t stored = 0;
    for (int i = c->calls_from; i < c->calls_len; i++) {
        chk_call *call = &c->calls[i];
        bool here = is_stored(flights, flights_len, call->attempt);
        if (call->stage != CHK_LOST) {
            check_call(c, call, ok, here);
        }
        live += call->stage == CHK_LIVE || call->stage == CHK_ENDING ? 1 : 0;
        stored += here ? 1 : 0;
    }
    while (ok && c->calls_from < c->calls_len &&
           c->calls[c->calls_from].stage >= CHK_OVER) {
        c->calls_from++;
    }
    if (!c->late && stored != flights_len) {
        broken(c, "8: %zu attempts are live in the store, %zu of them known",
               flights_len, stored);
    }
    if (!c->late && live != calls_live) {
        broken(c, "8: %zu slots are taken, %zu calls live", calls_live, live);
    }
    for (size_t i = 0; i < flights_len; i++) {
        for (size_t j = 0; j < i; j++) {
            if (flights[i].phone == flights[j].phone) {
                broken(c, "2: two attempts to one phone are stored as live");
            }
        }
    }
}

/* == deaths ================================================================ */

void chk_on_death(chk *c)
{
    for (int i = 0; i < c->calls_len; i++) {
        chk_call *call = &c->calls[i];
        if (call->stage == CHK_LIVE || call->stage == CHK_ENDING) {
            call->died = call->stage == CHK_LIVE;
            call->stage = CHK_LOST;
        }
    }
    for (int i = 0; i < c->targets_len; i++) {
        c->targets[i].callable_since = 0;
    }
    c->held_until_mono = 0;
}

void chk_on_claimed(chk *c, const chk_flight_row *row)
{
    chk_call *call = &c->calls[c->calls_len++];
    memset(call, 0, sizeof *call);
    call->attempt = row->attempt;
    call->campaign = campaign_of(c, row->campaign);
    call->phone = row->phone;
    call->contact = row->contact;
    call->utc_ms = row->claimed_utc_ms;
    call->stage = CHK_LOST;
    call->died = true;
    (void)snprintf(call->session, sizeof call->session, "%s", row->session);
}

void chk_settled(chk *c, chk_call *call, const chk_flight_row *flight,
                 const chk_attempt_row *row)
{
    if (row == NULL) {
        broken(c, "8: attempt %lld is lost", (long long)call->attempt);
        return;
    }
    call->stage = CHK_OVER;
    call->settled = true;
    if (flight == NULL) { /* its end was stored before the process died */
        if (call->died || (row->disposition != call->disposition &&
                           (call->may_be & FACT_BIT(row->disposition)) == 0)) {
            broken(c, "8: attempt %lld ended as %d before the process died",
                   (long long)call->attempt, row->disposition);
        }
        if (row->disposition != call->disposition) {
            take_other_end(c, call, row->disposition);
        }
        return;
    }
    int expected =
        flight->answered_utc_ms != 0 ? CHK_ANSWERED : CHK_UNKNOWN;
    if (row->disposition != expected || !row->reached) {
        broken(c, "8: attempt %lld was open when the process died and ended "
                  "as %d, it should be %d",
               (long long)call->attempt, row->disposition, expected);
    }
    call->reached = true;
    call->ended_utc_ms = c->utc_ms;
    call->retry_after_s = 0;
    call->listed = false;
    if (call->died) {
        take_end(c, call, expected);
    } else {
        take_other_end(c, call, expected);
    }
}

void chk_opt_out_lost(chk *c, chk_call *call)
{
    call->asked_out = false;
    for (int i = 0; i < c->list_len; i++) {
        if (c->list[i].attempt == call->attempt) {
            c->list[i] = c->list[--c->list_len];
            break;
        }
    }
    for (int i = 0; i < c->consents_len; i++) {
        if (c->consents[i].revoked_by == call->attempt) {
            c->consents[i].revoked = false;
            c->consents[i].revoked_by = 0;
        }
    }
}

/* == what the host did ===================================================== */

/* What was blocked for one of these is ready at once: its delay is not kept. */
static void unstick(chk_target *t, unsigned why)
{
    if ((t->stuck & why) != 0) {
        t->stuck &= ~why;
        if (t->due_utc_ms > t->waits_utc_ms) {
            t->waits_utc_ms = t->due_utc_ms; /* or it is kept */
        }
        t->due_utc_ms = 0;
    }
    t->callable_since = 0;
}

/* Who did not answer gets the attempts that are left. */
static void revive(chk *c, int campaign, bool certain)
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
            t->due_utc_ms = 0;
            t->stuck |= certain ? 0 : FACT_BIT(CHK_WHY_REACHED);
        }
        if (!certain) {
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
    revive(c, campaign, true);
}

void chk_law_changes(chk *c)
{
    for (int i = 0; i < CHK_CAMPAIGNS; i++) {
        if (c->campaigns[i].state == CHK_RUNNING ||
            c->campaigns[i].state == CHK_PAUSED) {
            c->campaigns[i].refill = REFILL_STEPS;
            revive(c, i, true);
        }
    }
}

void chk_refill(chk *c)
{
    for (int i = 0; i < CHK_CAMPAIGNS; i++) {
        chk_campaign *at = &c->campaigns[i];
        if (at->refill > 0 && at->state == CHK_RUNNING) {
            revive(c, i, false); /* with other options than before? */
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
    chk_target *t = target_of(c, campaign, phone);
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
            is_member(c, campaign, contact)) {
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

bool chk_is_in_call(const chk *c, const chk_contact *contact)
{
    for (int i = c->calls_from; i < c->calls_len; i++) {
        if (c->calls[i].contact == contact->id &&
            c->calls[i].stage != CHK_OVER) {
            return true;
        }
    }
    return false;
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
            broken(c, "the checker has no room for the list");
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

/* == liveness ============================================================== */

static bool has_channel(const chk *c, int campaign)
{
    int up = 0;
    for (int i = 0; i < c->trunks_len; i++) {
        up += c->trunk_up[i] ? 1 : 0;
    }
    int channels = up * c->trunk_calls_max;
    channels = channels < c->calls_max ? channels : c->calls_max;
    /* Those of a trunk that is down are on it still. */
    return up == c->trunks_len && chk_live(c) < channels &&
           live_of(c, campaign, -1) < c->campaigns[campaign].concurrent_max;
}

/* May any contact of the number be called, whoever of them it belongs to? Notes
 * what blocks it, or puts it off. */
static bool sure(chk *c, int campaign, chk_target *t)
{
    bool allowed = true;
    for (int i = 0; i < c->contacts_len; i++) {
        const chk_contact *contact = &c->contacts[i];
        if (contact->gone || contact->phones[0] != t->phone ||
            !is_member(c, campaign, contact)) {
            continue;
        }
        c->looks++;
        if (chk_judge(c, campaign, t->phone, contact, true) == NULL) {
            continue;
        }
        allowed = false;
        if (c->why != CHK_WHY_CAMPAIGN && chk_is_later(c) &&
            c->until_utc_ms > t->waits_utc_ms) {
            t->waits_utc_ms = c->until_utc_ms;
        }
        if (chk_blocked(c, campaign, contact) != NULL &&
            c->why != CHK_WHY_CAMPAIGN) {
            t->stuck |= FACT_BIT(c->why);
            t->was_stuck = true;
        }
    }
    return allowed && t->stuck == 0 &&
           t->waits_utc_ms <= c->utc_ms;
}

static void look_at(chk *c, int campaign, uint64_t phone, bool idle)
{
    chk_target *t = target_of(c, campaign, phone);
    if (!sure(c, campaign, t) || !idle) {
        t->callable_since = 0;
        return;
    }
    c->looks_open++;
    if (t->callable_since == 0) {
        t->callable_since = c->mono_ms;
    }
    if (c->mono_ms - t->callable_since > PATIENCE_MS) {
        broken(c, "+%llu could be called by campaign %d for %lld minutes and "
                  "was not",
               (unsigned long long)phone, campaign,
               (long long)(c->mono_ms - t->callable_since) / 60000);
    }
}

void chk_look(chk *c)
{
    c->utc_max = c->utc_ms > c->utc_max ? c->utc_ms : c->utc_max;
    for (int campaign = 0; campaign < CHK_CAMPAIGNS; campaign++) {
        const chk_campaign *at = &c->campaigns[campaign];
        bool idle = at->id != 0 && at->state == CHK_RUNNING && c->healthy &&
                    !c->late && c->mono_ms >= c->held_until_mono &&
                    c->utc_ms >= c->utc_max && has_channel(c, campaign);
        for (int i = 0; at->id != 0 && i < c->contacts_len; i++) {
            const chk_contact *contact = &c->contacts[i];
            if (!contact->gone && is_member(c, campaign, contact)) {
                look_at(c, campaign, contact->phones[0], idle);
            }
        }
    }
}

void chk_look_ahead(chk *c, int campaign)
{
    for (int i = 0; i < c->contacts_len; i++) {
        const chk_contact *contact = &c->contacts[i];
        if (contact->gone || !is_member(c, campaign, contact)) {
            continue;
        }
        chk_target *t = target_of(c, campaign, contact->phones[0]);
        if (!chk_is_open(c, campaign, contact) &&
            !opens(c, campaign, contact, 1)) {
            t->stuck |= FACT_BIT(CHK_WHY_NEVER);
        }
    }
}
