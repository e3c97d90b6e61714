/*
 * act.c - what hosts, other processes, disks, clocks and carriers do to a
 * campaign, one thing at a time. What succeeds is told to the checker.
 */
#include "rig.h"

#include <inttypes.h>

#define DAY_MS INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)

/* == somebody ============================================================== */

static chk_contact *some_contact(rig *r)
{
    for (int i = 0; i < 20 && r->c.contacts_len > 0; i++) {
        chk_contact *contact = &r->c.contacts[rig_below(r, r->c.contacts_len)];
        if (!contact->gone) {
            return contact;
        }
    }
    return NULL;
}

static int some_campaign(rig *r)
{
    int campaign = rig_below(r, CHK_CAMPAIGNS);
    while (r->c.campaigns[campaign].id == 0) {
        campaign = (campaign + CHK_CAMPAIGNS - 1) % CHK_CAMPAIGNS;
    }
    return campaign;
}

static uint64_t some_phone(rig *r, char text[24])
{
    const chk_contact *contact =
        &r->c.contacts[rig_below(r, r->c.contacts_len)];
    int at = rig_below(r, 3);
    uint64_t phone = contact->phones[contact->phones[at] != 0 ? at : 0];
    (void)snprintf(text, 24, "+%" PRIu64, phone);
    return phone;
}

/* The engine that does it: ours, or that of another process. */
static od_engine *some_engine(rig *r)
{
    if (r->desk == NULL || rig_chance(r, 40)) {
        return r->engine;
    }
    rig_say(r, "another process:");
    (void)od_engine_step(r->desk, &r->now);
    return r->desk;
}

/* As rig_ok(), of any engine. */
static bool done(rig *r, const od_engine *engine, od_err err, const char *what)
{
    if (engine == r->engine || err == OD_OK) {
        return rig_ok(r, err, what);
    }
    rig_say(r, "  %s: %s: %.110s", what, od_err_name(err),
            od_engine_errmsg(engine));
    if (err != OD_ERR_STATE && err != OD_ERR_NOT_FOUND &&
        err != OD_ERR_REFUSED) {
        rig_fail(r, "%s: %s, %s", what, od_err_name(err),
                 od_engine_errmsg(engine));
    }
    return false;
}

/* == lists ================================================================= */

static void dnc_add(rig *r)
{
    char text[24];
    chk_entry entry = {.phone = some_phone(r, text), .scope = rig_below(r, 4)};
    od_engine *engine = some_engine(r);
    if (rig_chance(r, 10)) {
        entry.prefix = true;
        for (int i = rig_between(r, 3, 6); i > 0; i--) {
            entry.phone /= 10;
        }
        (void)snprintf(text, sizeof text, "+%" PRIu64 "*", entry.phone);
    }
    if (entry.scope == CHK_DNC_CAMPAIGN) {
        entry.campaign = r->c.campaigns[some_campaign(r)].id;
    }
    if (rig_chance(r, 35)) {
        entry.expires_utc_ms = r->now.utc_ms + rig_between(r, 1, 40) * HOUR_MS;
    }
    const od_dnc_entry in = {.phone = text,
                             .scope = entry.scope,
                             .campaign = entry.campaign,
                             .expires_utc_ms = entry.expires_utc_ms};
    rig_say(r, "dnc %s scope %d campaign %" PRId64 " for %" PRId64 " min", text,
            entry.scope, entry.campaign,
            entry.expires_utc_ms != 0
                ? (entry.expires_utc_ms - r->now.utc_ms) / 60000
                : 0);
    bool had = rows_listed(r, &entry);
    if (done(r, engine, od_dnc_add(engine, &in), "dnc") ||
        (r->fault.crashed && !had && rows_listed(r, &entry))) {
        (void)chk_list_add(&r->c, &entry);
    }
}

static void dnc_remove(rig *r)
{
    od_engine *engine = some_engine(r);
    char text[24];
    if (r->c.list_len == 0) {
        return;
    }
    chk_entry entry = r->c.list[rig_below(r, r->c.list_len)];
    (void)snprintf(text, sizeof text, "+%" PRIu64 "%s", entry.phone,
                   entry.prefix ? "*" : "");
    rig_say(r, "no dnc %s scope %d", text, entry.scope);
    if (done(r, engine,
             od_dnc_remove(engine, text, entry.scope, entry.campaign),
             "dnc off")) {
        (void)chk_list_remove(&r->c, &entry);
        chk_unstick(&r->c, CHK_WHY_LISTED, 0);
    }
}

static void consent_add(rig *r)
{
    char text[24];
    plan_consent(r, some_phone(r, text));
}

static void consent_revoke(rig *r)
{
    char text[24];
    uint64_t phone = some_phone(r, text);
    od_engine *engine = some_engine(r);
    const char *seller = rig_chance(r, 50) ? "Acme, Inc." : NULL;
    rig_say(r, "consent of %s revoked", text);
    if (done(r, engine, od_consent_revoke(engine, text, seller, NULL),
             "revoke")) {
        chk_revoke(&r->c, phone, seller);
    }
}

/* == people ================================================================ */

static void contact_add(rig *r)
{
    chk_contact contact;
    memset(&contact, 0, sizeof contact);
    contact.phones[0] = plan_phone(r);
    plan_contact(r, &contact);
    if (plan_add(r, &contact, rig_below(r, r->groups_len))) {
        plan_consent(r, contact.phones[0]);
    }
}

static void contact_update(rig *r)
{
    chk_contact *contact = some_contact(r);
    char phones[3][24];
    od_contact in;
    if (contact == NULL) {
        return;
    }
    chk_contact changed = *contact;
    plan_contact(r, &changed);
    if (rig_chance(r, 70)) { /* its phones stay */
        memcpy(changed.phones, contact->phones, sizeof changed.phones);
    }
    plan_contact_text(&changed, phones, &in);
    rig_say(r,
            "contact %s changes: zone \"%s\" state \"%s\" zip \"%s\" line "
            "%d, %s, %s",
            phones[0], changed.zone, changed.state, changed.zip, changed.line,
            phones[1], phones[2]);
    if (rig_ok(r, od_contact_update(r->engine, &in), "update")) {
        const chk_contact before = *contact;
        *contact = changed;
        for (int i = 1; i < 3; i++) {
            if (before.phones[i] != 0 &&
                before.phones[i] != changed.phones[1] &&
                before.phones[i] != changed.phones[2]) {
                chk_phone_left(&r->c, before.phones[i]);
            }
        }
    }
}

static void contact_leave(rig *r)
{
    chk_contact *contact = some_contact(r);
    int group = rig_below(r, r->groups_len);
    if (contact == NULL) {
        return;
    }
    rig_say(r, "contact +%" PRIu64 " leaves group %d", contact->phones[0],
            group);
    if (rig_ok(r, od_contact_leave(r->engine, contact->id, r->groups[group]),
               "leave")) {
        contact->member[group] = false;
        chk_person_left(&r->c, contact);
    }
}

static void contact_join(rig *r)
{
    chk_contact *contact = some_contact(r);
    int group = rig_below(r, r->groups_len);
    if (contact == NULL) {
        return;
    }
    rig_say(r, "contact +%" PRIu64 " joins group %d", contact->phones[0],
            group);
    if (rig_ok(r, od_contact_join(r->engine, contact->id, r->groups[group]),
               "join")) {
        contact->member[group] = true;
    }
}

static void contact_remove(rig *r)
{
    chk_contact *contact = some_contact(r);
    if (contact == NULL) {
        return;
    }
    rig_say(r, "contact +%" PRIu64 " is removed", contact->phones[0]);
    if (rig_ok(r, od_contact_remove(r->engine, contact->id), "remove")) {
        contact->gone = true;
        chk_person_left(&r->c, contact);
    }
}

/* == campaigns ============================================================= */

void act_start(rig *r, int campaign)
{
    rig_say(r, "start campaign %d", campaign);
    (void)rig_ok(r, od_campaign_start(r->engine, r->c.campaigns[campaign].id),
                 "start");
    rig_states(r);
}

/* On, if it is not. */
static void go_on(rig *r)
{
    int campaign = some_campaign(r);
    chk_campaign *at = &r->c.campaigns[campaign];
    if (at->state == CHK_PAUSED) {
        od_engine *engine = some_engine(r);
        rig_say(r, "resume campaign %d", campaign);
        (void)done(r, engine, od_campaign_resume(r->engine, at->id), "resume");
    } else if (at->state != CHK_RUNNING) {
        act_start(r, campaign);
    }
}

static void pause_it(rig *r)
{
    int campaign = some_campaign(r);
    chk_campaign *at = &r->c.campaigns[campaign];
    od_engine *engine = some_engine(r);
    rig_say(r, "pause campaign %d", campaign);
    if (done(r, engine, od_campaign_pause(engine, at->id), "pause") &&
        engine == r->desk) {
        at->desk_until_mono = r->now.mono_ms + RIG_POLL_MS;
    }
}

static void stop_it(rig *r)
{
    int campaign = some_campaign(r);
    rig_say(r, "stop campaign %d", campaign);
    (void)rig_ok(r, od_campaign_stop(r->engine, r->c.campaigns[campaign].id),
                 "stop");
}

static void options(rig *r)
{
    int campaign = some_campaign(r);
    chk_campaign before = r->c.campaigns[campaign];
    od_campaign_options options_before = r->campaign_options[campaign];
    od_window windows_before[CHK_WINDOWS];
    memcpy(windows_before, r->windows[campaign], sizeof windows_before);
    chk_look_ahead(&r->c, campaign);
    rig_say(r, "other options of campaign %d", campaign);
    plan_options(r, campaign, true);
    if (!rig_ok(r,
                od_campaign_update(r->engine, before.id,
                                   &r->campaign_options[campaign]),
                "options")) {
        r->c.campaigns[campaign] = before;
        r->campaign_options[campaign] = options_before;
        memcpy(r->windows[campaign], windows_before, sizeof windows_before);
    }
}

static void callback(rig *r)
{
    char text[24];
    uint64_t phone = some_phone(r, text);
    int campaign = some_campaign(r);
    int64_t at = r->now.utc_ms + rig_between(r, 0, 1200) * INT64_C(60000);
    rig_say(r, "campaign %d is to call %s back", campaign, text);
    if (rig_ok(r,
               od_campaign_callback(r->engine, r->c.campaigns[campaign].id,
                                    text, at),
               "callback")) {
        chk_callback(&r->c, campaign, phone, at);
    }
}

static void hang_up(rig *r)
{
    for (int i = r->c.calls_from; i < r->c.calls_len; i++) {
        chk_call *call = &r->c.calls[i];
        if (call->stage == CHK_LIVE && rig_chance(r, 60)) {
            rig_say(r, "hang up attempt %" PRId64, call->attempt);
            call->host_hung_up = true;
            (void)rig_ok(r, od_call_hangup(r->engine, call->attempt),
                         "hang up");
        }
    }
}

/* == rules ================================================================= */

static void rules_add(rig *r)
{
    char text[1024];
    fact_rule rule;
    if (r->c.rules_len == CHK_RULES) {
        return;
    }
    plan_rule(r, &rule);
    plan_rule_text(&rule, text, sizeof text);
    rig_say(r, "rule %.150s", text);
    if (rig_ok(r, od_rules_add(r->engine, rule.id, text), "rules")) {
        r->c.rules[r->c.rules_len++] = rule;
        chk_law_changes(&r->c);
    }
}

static void rules_remove(rig *r)
{
    if (r->c.rules_len == 0) {
        return;
    }
    int at = rig_below(r, r->c.rules_len);
    rig_say(r, "rule %s goes", r->c.rules[at].id);
    if (rig_ok(r, od_rules_remove(r->engine, r->c.rules[at].id), "rules off")) {
        r->c.rules[at] = r->c.rules[--r->c.rules_len];
        chk_law_changes(&r->c);
    }
}

static void override_add(rig *r)
{
    chk_lift lift;
    memset(&lift, 0, sizeof lift);
    if (r->c.lifts_len == CHK_LIFTS) {
        return;
    }
    (void)snprintf(lift.name, sizeof lift.name, "lift %d", ++r->lifts_next);
    const char *rule = r->c.rules_len > 0 && rig_chance(r, 30)
                           ? r->c.rules[rig_below(r, r->c.rules_len)].id
                           : fact_law[rig_below(r, (int)fact_law_len)].id;
    if (rig_chance(r, 40)) { /* one of those that concern most people */
        static const char *const wide[] = {"us.hours", "world.hours",
                                           "us.consent.other",
                                           "us.cap.commercial", "ca.hours"};
        rule = wide[rig_below(r, 5)];
    }
    (void)snprintf(lift.rule, sizeof lift.rule, "%s", rule);
    lift.campaign = rig_chance(r, 50) ? r->c.campaigns[some_campaign(r)].id : 0;
    const od_override in = {.name = lift.name,
                            .rule = lift.rule,
                            .reason = "chaos",
                            .who = "chaos",
                            .campaign = lift.campaign};
    rig_say(r, "%s lifts %s for %" PRId64, lift.name, lift.rule, lift.campaign);
    if (rig_ok(r, od_override_add(r->engine, &in), "override")) {
        r->c.lifts[r->c.lifts_len++] = lift;
        chk_law_changes(&r->c);
    }
}

static void override_remove(rig *r)
{
    if (r->c.lifts_len == 0) {
        return;
    }
    int at = rig_below(r, r->c.lifts_len);
    rig_say(r, "%s ends", r->c.lifts[at].name);
    if (rig_ok(r, od_override_remove(r->engine, r->c.lifts[at].name),
               "override off")) {
        r->c.lifts[at] = r->c.lifts[--r->c.lifts_len];
        chk_law_changes(&r->c);
    }
}

static void registry(rig *r)
{
    if (!r->marketing) {
        return;
    }
    memcpy(r->c.registries_old, r->c.registries, sizeof r->c.registries_old);
    plan_registry(r, rig_below(r, 2));
    r->c.swap_until_mono = r->now.mono_ms + 1000;
    chk_law_changes(&r->c);
}

/* == the world ============================================================= */

static void trunk(rig *r)
{
    int at = rig_below(r, (int)r->sim_options.trunks_len);
    bool up = rig_chance(r, 60);
    rig_say(r, "trunk %d is to be %s", at, up ? "up" : "down");
    (void)od_sim_trunk(r->sim, at, up, NULL);
}

static void clock_jump(rig *r)
{
    int64_t by = rig_chance(r, 50) ? rig_between(r, -120, 120)
                                   : rig_between(r, -1440, 1440);
    by = by * 60000 + rig_below(r, 5000);
    chk_clock_back(&r->c);
    r->now.utc_ms += by;
    rig_say(r, "the wall clock jumps by %" PRId64 " min", by / 60000);
}

static void store_fails(rig *r)
{
    static const od_err errs[] = {OD_ERR_IO, OD_ERR_FULL, OD_ERR_LOCKED};
    bool lasts = rig_chance(r, 50);
    int nth = rig_between(r, 1, 12);
    int ms = rig_between(r, 200, 600000);
    r->shaky.err = errs[rig_below(r, 3)];
    r->c.healthy = false;
    r->fault_until_mono = r->now.mono_ms + ms;
    rig_say(r, "the store fails at call %d%s, %s", nth,
            lasts ? " and after" : "", od_err_name(r->shaky.err));
    shaky_fail(&r->shaky, nth, lasts);
}

/* The process will die of its n-th write from now. */
static void dies_at_write(rig *r)
{
    r->fault.plan.crash_at = r->fault.writes + rig_between(r, 1, 6);
    r->fault.plan.crash_late = rig_chance(r, 50);
    r->c.healthy = false;
    r->fault_until_mono = OD_NEVER; /* until it does */
    rig_say(r, "the store dies with write %" PRId64 "%s",
            r->fault.plan.crash_at,
            r->fault.plan.crash_late ? ", which it does" : "");
}

static void desk(rig *r)
{
    od_errmsg errmsg = {""};
    od_storage *storage = NULL;
    if (!r->on_sqlite) {
        return;
    }
    if (r->desk != NULL) {
        rig_say(r, "the other process ends");
        od_engine_free(r->desk);
        r->desk = NULL;
        return;
    }
    rig_say(r, "another process opens the file");
    if (od_storage_open_sqlite(&storage, r->path, &errmsg) != OD_OK ||
        od_engine_new(&r->desk, NULL, storage, NULL, &r->now, &errmsg) !=
            OD_OK) {
        rig_fail(r, "desk: %s", errmsg.text);
    }
}

/* == one of them =========================================================== */

typedef struct act {
    void (*do_it)(rig *r);
    int weight;
    bool when_ill; /* also while the store fails */
} act;

static const act acts[] = {
    {dnc_add, 10, true},
    {dnc_remove, 6, false},
    {consent_add, 8, false},
    {consent_revoke, 4, false},
    {contact_add, 6, false},
    {contact_update, 8, false},
    {contact_leave, 3, false},
    {contact_join, 4, false},
    {contact_remove, 3, false},
    {go_on, 16, false},
    {pause_it, 4, false},
    {stop_it, 2, false},
    {options, 8, false},
    {callback, 6, false},
    {hang_up, 4, true},
    {rules_add, 5, false},
    {rules_remove, 5, false},
    {override_add, 6, false},
    {override_remove, 5, false},
    {registry, 3, false},
    {trunk, 4, true},
    {clock_jump, 3, true},
    {store_fails, 5, false},
    {dies_at_write, 4, false},
    {rig_die, 4, true},
    {rig_restart, 2, false},
    {desk, 4, false},
};
#define ACTS (int)(sizeof acts / sizeof *acts)

void act_random(rig *r)
{
    int sum = 0;
    for (int i = 0; i < ACTS; i++) {
        sum += acts[i].weight;
    }
    int left = rig_below(r, sum);
    int at = 0;
    while (left >= acts[at].weight) {
        left -= acts[at++].weight;
    }
    rig_step(r);
    chk_look(&r->c);
    if (r->c.healthy || acts[at].when_ill) {
        acts[at].do_it(r);
    }
    rig_states(r);
}
