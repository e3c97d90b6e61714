/*
 * checker.c - calls, and the promises that can be checked as they happen; see
 * checker.h. checker_judge.c says who may be called, checker_target.c what
 * becomes of a number, checker_alive.c who is forgotten, checker_rows.c looks
 * at what is stored in the end.
 */
#include "checker_parts.h"

#include <stdio.h>
#include <string.h>

static chk_call *known(chk *c, int64_t attempt, const char *what)
{
    chk_call *call = chk_call_of(c, attempt);
    if (call == NULL) {
        chk_broken(c, "%s of attempt %lld, which nobody dialed", what,
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
    chk_broken(c, "campaign %lld is not known", (long long)id);
    return 0;
}

/* == dialing =============================================================== */

static void check_row(chk *c, const chk_dial *dial, const chk_flight_row *row)
{
    if (row == NULL) {
        chk_broken(c, "1: attempt %lld is dialed and not durable",
                   (long long)dial->attempt);
        return;
    }
    if (row->attempt != dial->attempt || row->campaign != dial->campaign ||
        strcmp(row->session, dial->session) != 0) {
        chk_broken(c,
                   "1: attempt %lld of campaign %lld, session %s is dialed; "
                   "%lld, %lld, %s is stored",
                   (long long)dial->attempt, (long long)dial->campaign,
                   dial->session, (long long)row->attempt,
                   (long long)row->campaign, row->session);
    }
    for (int i = 0; i < c->calls_len; i++) {
        if (c->calls[i].attempt == dial->attempt ||
            strcmp(c->calls[i].session, dial->session) == 0) {
            chk_broken(c, "1: attempt %lld, session %s was dialed before",
                       (long long)dial->attempt, dial->session);
        }
    }
}

static void check_limits(chk *c, int campaign, const chk_dial *dial)
{
    int of_all = chk_live_of(c, -1, -1);
    int of_campaign = chk_live_of(c, campaign, -1);
    int of_trunk = chk_live_of(c, -1, dial->trunk);
    if (of_all > c->calls_max ||
        of_campaign > c->campaigns[campaign].concurrent_max ||
        of_trunk > c->trunk_calls_max) {
        chk_broken(c,
                   "2: %d calls are live, %d of the campaign, %d of the trunk; "
                   "%d, %d, %d are allowed",
                   of_all, of_campaign, of_trunk, c->calls_max,
                   c->campaigns[campaign].concurrent_max, c->trunk_calls_max);
    }
    if (dial->trunk < 0 || dial->trunk >= c->trunks_len ||
        !c->trunk_up[dial->trunk]) {
        chk_broken(c, "2: trunk %d is down", dial->trunk);
    }
}

/* Is it a number of this person, and is the person in the campaign? */
static void check_person(chk *c, int campaign, const chk_contact *contact,
                         uint64_t phone)
{
    const chk_target *t = chk_target_of(c, campaign, phone);
    bool asked_for = t->called_back; /* by the host, whoever it is */
    int at = 0;
    while (at < 3 && contact->phones[at] != phone) {
        at++;
    }
    if (at == 3 && !asked_for) {
        chk_broken(c, "contact %lld has no such phone", (long long)contact->id);
    }
    if (contact->gone && !asked_for) {
        chk_broken(c, "contact %lld was removed", (long long)contact->id);
    }
    if (t->counted == 0 && !chk_is_member(c, campaign, contact)) {
        chk_broken(c, "contact %lld is in no group of the campaign",
                   (long long)contact->id);
    }
    for (int i = 0; i < at && at < 3 && t->last == CHK_NONE; i++) {
        const chk_target *first =
            chk_target_of(c, campaign, contact->phones[i]);
        /* What was blocked before may have made this one ready; of further
         * phones nobody looked. */
        if (first->was_stuck || i > 0) {
            continue;
        }
        if (first->last == CHK_ANSWERED || first->last == CHK_UNFINISHED) {
            chk_broken(c, "3: it is phone %d of a person who answered phone %d",
                       at + 1, i + 1);
        }
    }
}

void chk_on_dial(chk *c, const chk_dial *dial, const chk_flight_row *row)
{
    int campaign = campaign_of(c, dial->campaign);
    check_row(c, dial, row);
    const chk_contact *contact = chk_contact_of(c, row->contact);
    if (contact == NULL || c->calls_len == CHK_CALLS) {
        chk_broken(c, "contact %lld is not known, or there are too many calls",
                   (long long)row->contact);
        return;
    }
    const char *why = chk_judge(c, campaign, dial->to, contact, false);
    if (why != NULL && !(c->campaigns[campaign].state == CHK_PAUSED &&
                         c->mono_ms < c->campaigns[campaign].desk_until_mono)) {
        chk_broken(c, "+%llu is dialed by campaign %d: %s",
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
    chk_target *t = chk_target_of(c, campaign, dial->to);
    t->callable_since = 0;
    t->stuck = 0;
    c->campaigns[campaign].dialed++;
    c->dials++;
    check_limits(c, campaign, dial);
    if (row->claimed_utc_ms != c->utc_ms) {
        chk_broken(c, "1: claimed at %lld, dialed at %lld",
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
        chk_broken(c, "8: the far end ended attempt %lld twice",
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
    chk_take_end(c, call, disposition_of(c, call));
}

/* == events of the engine ================================================== */

void chk_event_dialing(chk *c, int64_t attempt)
{
    chk_call *call = known(c, attempt, "CALL_DIALING");
    if (++call->events_dialing > 1) {
        chk_broken(c, "8: CALL_DIALING of attempt %lld came twice",
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
        chk_broken(c, "8: attempt %lld ended as %d, it should be %d",
                   (long long)call->attempt, disposition, call->disposition);
        return;
    }
    bool answered_so = unfinished || disposition == CHK_ANSWERED;
    if (answered_so && (call->may_be & FACT_BIT(CHK_UNFINISHED)) != 0 &&
        unfinished != (!survey_done && !call->told_out)) {
        chk_broken(c, "8: attempt %lld ended as %d, survey %s",
                   (long long)call->attempt, disposition,
                   survey_done ? "done" : "left");
    }
    if (disposition != call->disposition) {
        chk_take_other_end(c, call, disposition);
    }
}

void chk_event_ended(chk *c, int64_t attempt, int disposition, int status,
                     bool survey_done, const chk_attempt_row *row)
{
    chk_call *call = known(c, attempt, "CALL_ENDED");
    if (call->stage == CHK_LIVE || ++call->events_ended > 1) {
        chk_broken(c, "8: CALL_ENDED of attempt %lld, which %s",
                   (long long)attempt,
                   call->stage == CHK_LIVE ? "lives" : "ended before");
        return;
    }
    call->survey_done = survey_done;
    check_disposition(c, call, disposition, survey_done);
    if (status != call->status) {
        chk_broken(c, "8: attempt %lld is told with status %d, not %d",
                   (long long)attempt, status, call->status);
    }
    bool counts = call->reached && disposition != CHK_CONGESTION;
    if (row == NULL || row->disposition != disposition ||
        row->sip_status != status || row->reached != counts ||
        row->phone != call->phone || strcmp(row->session, call->session) != 0) {
        chk_broken(c,
                   "8: what is told of the end of attempt %lld is not what is "
                   "stored",
                   (long long)attempt);
    }
}

void chk_event_opt_out(chk *c, int64_t attempt)
{
    chk_call *call = known(c, attempt, "OPT_OUT");
    if (call->told_out || call->answered_utc_ms == 0) {
        chk_broken(c, "5: OPT_OUT of attempt %lld came twice, or unanswered",
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

void chk_event_state(chk *c, int64_t id, int state, const char *why)
{
    int campaign = campaign_of(c, id);
    const chk_campaign *at = &c->campaigns[campaign];
    if (state == CHK_COMPLETED && why[0] == '\0' && c->healthy) {
        chk_check_completed(c, campaign);
    }
    if (state == CHK_COMPLETED && chk_live_of(c, campaign, -1) > 0 &&
        why[0] == '\0') {
        chk_broken(c, "campaign %d is completed while calls are live",
                   campaign);
    }
    if (state == CHK_COMPLETED && strstr(why, "its end") != NULL &&
        (at->end_utc_ms == 0 || c->utc_ms < at->end_utc_ms)) {
        chk_broken(c, "campaign %d ended before its time", campaign);
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
        chk_broken(c, "8: attempt %lld lives and is not stored so",
                   (long long)call->attempt);
    }
    if (call->stage == CHK_ENDING && !stored) {
        call->stage = CHK_OVER;
    }
    if (call->stage == CHK_ENDING && ok && !call->dial_failed) {
        chk_broken(c, "8: the end of attempt %lld was not stored",
                   (long long)call->attempt);
    }
    call->dial_failed = call->dial_failed && !ok;
    if (ok && call->stage == CHK_OVER && !call->settled &&
        (call->events_dialing != 1 || call->events_ended != 1)) {
        chk_broken(c, "8: attempt %lld had %d CALL_DIALING, %d CALL_ENDED",
                   (long long)call->attempt, call->events_dialing,
                   call->events_ended);
    }
    if (ok && call->asked_out && !call->told_out) {
        chk_broken(c, "5: the opt-out in attempt %lld was not heard",
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
        chk_broken(c,
                   "8: %zu attempts are live in the store, %zu of them known",
                   flights_len, stored);
    }
    if (!c->late && live != calls_live) {
        chk_broken(c, "8: %zu slots are taken, %zu calls live", calls_live,
                   live);
    }
    for (size_t i = 0; i < flights_len; i++) {
        for (size_t j = 0; j < i; j++) {
            if (flights[i].phone == flights[j].phone) {
                chk_broken(c,
                           "2: two attempts to one phone are stored as live");
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
        chk_broken(c, "8: attempt %lld is lost", (long long)call->attempt);
        return;
    }
    call->stage = CHK_OVER;
    call->settled = true;
    if (flight == NULL) { /* its end was stored before the process died */
        if (call->died || (row->disposition != call->disposition &&
                           (call->may_be & FACT_BIT(row->disposition)) == 0)) {
            chk_broken(c, "8: attempt %lld ended as %d before the process died",
                       (long long)call->attempt, row->disposition);
        }
        if (row->disposition != call->disposition) {
            chk_take_other_end(c, call, row->disposition);
        }
        return;
    }
    int expected = flight->answered_utc_ms != 0 ? CHK_ANSWERED : CHK_UNKNOWN;
    if (row->disposition != expected || !row->reached) {
        chk_broken(c,
                   "8: attempt %lld was open when the process died and ended "
                   "as %d, it should be %d",
                   (long long)call->attempt, row->disposition, expected);
    }
    call->reached = true;
    call->ended_utc_ms = c->utc_ms;
    call->retry_after_s = 0;
    call->listed = false;
    if (call->died) {
        chk_take_end(c, call, expected);
    } else {
        chk_take_other_end(c, call, expected);
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
