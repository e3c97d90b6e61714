/*
 * checker_alive.c - that an engine does not pass by calling nobody: who could
 * have been called, and who is left; see checker.h.
 */
#include "checker_parts.h"

/* Nobody who may be called waits so long while a channel is free. */
#define PATIENCE_MS (2 * INT64_C(3600000))

/* Does it open within so many days? */
bool chk_opens(chk *c, int campaign, const chk_contact *contact, int days)
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

/* Is one of those with this number blocked, or never open? Which of them it
 * belongs to is the engine's to say. */
static bool is_blocked(chk *c, int campaign, uint64_t phone)
{
    for (int i = 0; i < c->contacts_len; i++) {
        const chk_contact *contact = &c->contacts[i];
        if (!contact->gone && contact->phones[0] == phone &&
            chk_is_member(c, campaign, contact) &&
            (chk_blocked(c, campaign, contact) != NULL ||
             !chk_opens(c, campaign, contact, 14))) {
            return true;
        }
    }
    return false;
}

/* Nobody is left, says the engine. */
void chk_check_completed(chk *c, int campaign)
{
    int state = c->campaigns[campaign].state;
    c->campaigns[campaign].state = CHK_RUNNING;
    for (int i = 0; i < c->contacts_len; i++) {
        const chk_contact *contact = &c->contacts[i];
        if (contact->gone || !chk_is_member(c, campaign, contact) ||
            chk_target_of(c, campaign, contact->phones[0])->stuck != 0) {
            continue;
        }
        if (!is_blocked(c, campaign, contact->phones[0])) {
            chk_broken(c, "campaign %d is completed, but +%llu is left",
                       campaign, (unsigned long long)contact->phones[0]);
        }
    }
    c->campaigns[campaign].state = state;
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
           chk_live_of(c, campaign, -1) < c->campaigns[campaign].concurrent_max;
}

/* May any contact of the number be called, whoever of them it belongs to? Notes
 * what blocks it, or puts it off. */
static bool sure(chk *c, int campaign, chk_target *t)
{
    bool allowed = true;
    for (int i = 0; i < c->contacts_len; i++) {
        const chk_contact *contact = &c->contacts[i];
        if (contact->gone || contact->phones[0] != t->phone ||
            !chk_is_member(c, campaign, contact)) {
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
    return allowed && t->stuck == 0 && t->waits_utc_ms <= c->utc_ms;
}

static void look_at(chk *c, int campaign, uint64_t phone, bool idle)
{
    chk_target *t = chk_target_of(c, campaign, phone);
    if (!sure(c, campaign, t) || !idle) {
        t->callable_since = 0;
        return;
    }
    c->looks_open++;
    if (t->callable_since == 0) {
        t->callable_since = c->mono_ms;
    }
    if (c->mono_ms - t->callable_since > PATIENCE_MS) {
        chk_broken(c,
                   "+%llu could be called by campaign %d for %lld minutes and "
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
            if (!contact->gone && chk_is_member(c, campaign, contact)) {
                look_at(c, campaign, contact->phones[0], idle);
            }
        }
    }
}

void chk_look_ahead(chk *c, int campaign)
{
    for (int i = 0; i < c->contacts_len; i++) {
        const chk_contact *contact = &c->contacts[i];
        if (contact->gone || !chk_is_member(c, campaign, contact)) {
            continue;
        }
        chk_target *t = chk_target_of(c, campaign, contact->phones[0]);
        if (!chk_is_open(c, campaign, contact) &&
            !chk_opens(c, campaign, contact, 1)) {
            t->stuck |= FACT_BIT(CHK_WHY_NEVER);
        }
    }
}
