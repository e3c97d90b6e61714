/*
 * plan.c - makes up a campaign from a seed: people and where they are, what
 * they agreed to, options, rules of the host, how the far end behaves, when it
 * all happens.
 */
#include "rig.h"

#include <inttypes.h>

#define DAY_MS INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)

/* == when, and on what ===================================================== */

/* Clock changes, holidays, the date on which a rule changes. */
static const char *const times[] = {
    "2026-10-16T14:00:00Z", "2026-10-17T16:00:00Z", "2026-10-30T15:00:00Z",
    "2026-10-31T20:00:00Z", "2026-11-01T05:30:00Z", "2026-11-02T16:00:00Z",
    "2026-11-10T13:00:00Z", "2026-11-25T17:00:00Z", "2026-12-24T18:00:00Z",
    "2026-12-31T12:00:00Z", "2027-02-08T15:00:00Z", "2027-03-13T19:00:00Z",
    "2027-03-14T06:00:00Z", "2027-03-25T21:00:00Z", "2027-03-27T12:00:00Z",
    "2027-07-02T15:00:00Z", "2027-10-29T15:00:00Z", "2027-11-06T14:00:00Z",
    "2027-11-07T05:00:00Z",
};
#define TIMES (int)(sizeof times / sizeof *times)

static od_sim_model model(rig *r)
{
    od_sim_model m = {.answer = rig_below(r, 700),
                      .busy = rig_below(r, 120),
                      .declined = rig_below(r, 60),
                      .not_found = rig_below(r, 40),
                      .congestion = rig_chance(r, 30) ? rig_below(r, 40) : 0,
                      .failed = rig_below(r, 30),
                      .voicemail = rig_below(r, 50),
                      .machine_ms = 1500,
                      .ring_ms_min = rig_below(r, 3000),
                      .ring_ms_max = 3000 + rig_below(r, 45000),
                      .talk_ms_min = rig_below(r, 2000),
                      .talk_ms_max = 2000 + rig_below(r, 90000),
                      .key_ms = rig_between(r, 1, 4000),
                      .keys = "12123",
                      .brief = rig_below(r, 100),
                      .opt_out = rig_below(r, 80),
                      .opt_out_key = '9'};
    return m;
}

void plan_begin(rig *r)
{
    r->on_sqlite = r->seed % 10 == 0;
    int64_t hours =
        r->on_sqlite ? rig_between(r, 6, 20) : rig_between(r, 24, 96);
    r->now.utc_ms = od_world_time(times[rig_below(r, TIMES)]);
    if (rig_chance(r, 25)) {
        r->now.utc_ms = od_world_time("2027-01-01T00:00:00Z") +
                        rig_below(r, 8760) * HOUR_MS;
    }
    r->now.utc_ms += rig_below(r, 7200000);
    r->now.mono_ms = 1000;
    r->begin_mono_ms = r->now.mono_ms;
    r->end_mono_ms = r->now.mono_ms + hours * HOUR_MS;
    r->gap_ms = r->on_sqlite ? 250 : rig_chance(r, 20) ? rig_below(r, 3000) : 0;
    r->marketing = rig_chance(r, 35);
    if (r->on_sqlite || r->marketing) {
        r->folder = od_test_folder();
        (void)snprintf(r->path, sizeof r->path, "%s/a.db", r->folder);
    }
    od_engine_options_init(&r->options);
    r->options.owner = "chaos";
    r->options.calls_max = rig_between(r, 2, 12);
    r->options.claims_max = rig_between(r, 1, 20);
    r->options.poll_ms = RIG_POLL_MS;
    r->options.answer_wait_ms = rig_chance(r, 30) ? rig_between(r, 1, 1500) : 0;
    r->options.call_max_s = rig_between(r, 20, 300);
    r->c.calls_max = r->options.calls_max;
    od_sim_options_init(&r->sim_options);
    r->sim_options.seed = r->seed;
    r->sim_options.model = model(r);
    r->sim_options.trunks_len = (size_t)rig_between(r, 1, 2);
    r->sim_options.calls_max = rig_between(r, 1, 10);
    r->sim_options.calls_per_second_max =
        rig_chance(r, 30) ? rig_between(r, 1, 5) : 0;
    if (rig_chance(r, 15)) {
        r->sim_options.congestion_calls = rig_between(r, 1, 4);
        r->sim_options.congestion_retry_after_s = rig_below(r, 300);
    }
}

/* == people ================================================================ */

static bool is_taken(const rig *r, uint64_t phone)
{
    for (int i = 0; i < r->c.contacts_len; i++) {
        for (int j = 0; j < 3; j++) {
            if (r->c.contacts[i].phones[j] == phone) {
                return true;
            }
        }
    }
    return false;
}

uint64_t plan_phone(rig *r)
{
    uint64_t phone = 0;
    do {
        const fact_area *area = &fact_areas[rig_below(r, (int)fact_areas_len)];
        if (rig_chance(r, 30)) {
            area = &fact_areas[rig_below(r, 8)];
        }
        phone = strtoull(area->prefix, NULL, 10);
        for (int i = 0; i < area->digits; i++) {
            int digit = i == 0 ? 4 : i == 1 ? 6 : i == 2 ? 8 : rig_below(r, 10);
            phone = phone * 10 + (uint64_t)digit;
        }
    } while (is_taken(r, phone));
    return phone;
}

static const fact_area *area_of(uint64_t phone)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRIu64, phone);
    for (size_t i = 0; i < fact_areas_len; i++) {
        const char *prefix = fact_areas[i].prefix;
        if (strncmp(digits, prefix, strlen(prefix)) == 0) {
            return &fact_areas[i];
        }
    }
    return NULL;
}

static void copy(char *out, size_t size, const char *text)
{
    (void)snprintf(out, size, "%s", text);
}

/* What is known of where the person is. */
static void evidence(rig *r, chk_contact *out)
{
    const fact_area *area = area_of(out->phones[0]);
    bool america = out->phones[0] / 10000000000 == 1;
    out->zone[0] = out->state[0] = out->zip[0] = '\0';
    if (rig_chance(r, 45)) {
        return;
    }
    if (america && rig_chance(r, 40)) {
        copy(out->state, sizeof out->state,
             fact_states[rig_below(r, (int)fact_states_len)].text);
    }
    if (america && rig_chance(r, 30)) {
        copy(out->zip, sizeof out->zip,
             fact_zips[rig_below(r, (int)fact_zips_len)].text);
    }
    if (rig_chance(r, 40)) {
        const fact_area *other =
            rig_chance(r, 70) ? area
                              : &fact_areas[rig_below(r, (int)fact_areas_len)];
        copy(out->zone, sizeof out->zone,
             other->place.zones[rig_below(r, other->place.zones_len)]);
    }
}

void plan_contact(rig *r, chk_contact *out)
{
    static const int lines[] = {0, 0, 0, 0, 1, 1, 1, 2, 2, 3};
    out->line = lines[rig_below(r, 10)];
    for (int i = 1; i < 3; i++) {
        bool more = rig_chance(r, 10) && (i == 1 || out->phones[1] != 0);
        out->phones[i] = more ? plan_phone(r) : 0;
    }
    evidence(r, out);
}

void plan_contact_text(const chk_contact *contact, char phones[3][24],
                       od_contact *out)
{
    memset(out, 0, sizeof *out);
    for (int i = 0; i < 3; i++) {
        phones[i][0] = '\0';
        if (contact->phones[i] != 0) {
            (void)snprintf(phones[i], 24, "+%" PRIu64, contact->phones[i]);
        }
    }
    out->id = contact->id;
    out->phone = phones[0];
    out->phone2 = phones[1];
    out->phone3 = phones[2];
    out->timezone = contact->zone;
    out->state = contact->state;
    out->zip = contact->zip;
    out->line = contact->line;
}

bool plan_add(rig *r, chk_contact *contact, int group)
{
    char phones[3][24];
    od_contact in;
    od_id id = 0;
    plan_contact_text(contact, phones, &in);
    rig_say(r,
            "contact %s (%s, %s) zone \"%s\" state \"%s\" zip \"%s\" line %d "
            "into group %d",
            phones[0], phones[1], phones[2], contact->zone, contact->state,
            contact->zip, contact->line, group);
    if (r->c.contacts_len == CHK_CONTACTS ||
        !rig_ok(r, od_contact_add(r->engine, r->groups[group], &in, &id),
                "contact")) {
        return false;
    }
    chk_contact *row = &r->c.contacts[r->c.contacts_len++];
    *row = *contact;
    row->id = id;
    row->gone = false;
    memset(row->member, 0, sizeof row->member);
    row->member[group] = true;
    return true;
}

static void people(rig *r)
{
    int n = rig_between(r, 5, r->on_sqlite ? 25 : 40);
    r->groups_len = rig_between(r, 1, CHK_GROUPS);
    for (int i = 0; i < r->groups_len; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "g%d", i);
        (void)rig_ok(r, od_group_add(r->engine, name, &r->groups[i]), "group");
    }
    for (int i = 0; i < n; i++) {
        chk_contact contact;
        memset(&contact, 0, sizeof contact);
        contact.phones[0] = plan_phone(r);
        plan_contact(r, &contact);
        if (r->c.contacts_len > 0 && r->groups_len > 1 && rig_chance(r, 12)) {
            /* The same number in another group, known otherwise. */
            uint64_t phone =
                r->c.contacts[rig_below(r, r->c.contacts_len)].phones[0];
            contact.phones[0] = phone;
            contact.phones[1] = contact.phones[2] = 0;
            evidence(r, &contact);
        }
        (void)plan_add(r, &contact, rig_below(r, r->groups_len));
    }
}

/* == consent =============================================================== */

static void consent(rig *r, uint64_t phone, int kind, int purpose,
                    const char *seller)
{
    char text[24];
    (void)snprintf(text, sizeof text, "+%" PRIu64, phone);
    chk_consent row = {.phone = phone, .kind = kind, .purpose = purpose};
    copy(row.seller, sizeof row.seller, seller);
    row.obtained_utc_ms =
        r->now.utc_ms - rig_between(r, 1, 700) * DAY_MS - 3600000;
    const od_consent in = {
        .phone = text,
        .seller = seller,
        .kind = kind,
        .purpose = kind >= OD_CONSENT_PURCHASE ? OD_PURPOSE_UNSTATED : purpose,
        .how = "chaos",
        .obtained_utc_ms = row.obtained_utc_ms};
    if (r->c.consents_len == CHK_LIST ||
        !rig_ok(r, od_consent_add(r->engine, &in), "consent")) {
        return;
    }
    rig_say(r, "consent of %s, kind %d, purpose %d, \"%s\", %" PRId64 " days",
            text, kind, purpose, seller,
            (r->now.utc_ms - row.obtained_utc_ms) / DAY_MS);
    r->c.consents[r->c.consents_len++] = row;
    chk_unstick(&r->c, CHK_WHY_CONSENT, phone);
    chk_unstick(&r->c, CHK_WHY_RULE, phone); /* it may exempt */
}

void plan_consent(rig *r, uint64_t phone)
{
    for (int i = 0; i < CHK_CAMPAIGNS; i++) {
        const chk_campaign *at = &r->c.campaigns[i];
        int kind = rig_between(r, 1, 4);
        if (at->id == 0 || rig_chance(r, 10)) {
            continue;
        }
        if (rig_chance(r, 75)) {
            kind = at->purpose == FACT_MARKETING ? 2 : rig_between(r, 1, 2);
        }
        consent(r, phone, kind, at->purpose,
                rig_chance(r, 92) ? at->seller : "Somebody Else");
    }
}

/* == options =============================================================== */

static void windows(rig *r, int campaign)
{
    chk_campaign *at = &r->c.campaigns[campaign];
    at->windows_len = rig_chance(r, 50) ? 0 : rig_between(r, 1, 3);
    for (int i = 0; i < at->windows_len; i++) {
        int start = rig_between(r, 0, 19) * 60 + rig_below(r, 4) * 15;
        int end = start + rig_between(r, 2, 14) * 60;
        fact_window *w = &at->windows[i];
        w->days = rig_chance(r, 50) ? 0x7fu : (unsigned)rig_between(r, 1, 127);
        w->start_min = start;
        w->end_min = end < 1440 ? end : 1440;
        r->windows[campaign][i] =
            (od_window){w->days, w->start_min, w->end_min};
    }
}

/* What may change while the campaign runs. */
static void mild(rig *r, int campaign)
{
    static const int kinds[] = {CHK_BUSY,      CHK_NO_ANSWER,  CHK_DECLINED,
                                CHK_FAILED,    CHK_CONGESTION, CHK_MACHINE,
                                CHK_UNFINISHED};
    chk_campaign *at = &r->c.campaigns[campaign];
    od_campaign_options *o = &r->campaign_options[campaign];
    windows(r, campaign);
    o->attempts_max = at->attempts_max = rig_between(r, 1, 5);
    o->concurrent_max = at->concurrent_max = rig_between(r, 1, 8);
    at->recall = !rig_chance(r, 10);
    o->recall = at->recall ? 0 : OD_NONE;
    o->redial_unknown = rig_below(r, 2);
    o->retry_delay_s = at->retry_delay_s = rig_between(r, 60, 7200);
    o->ring_timeout_ms = at->ring_timeout_ms = rig_between(r, 15000, 40000);
    o->skip_answered_h = rig_chance(r, 20) ? rig_between(r, 1, 48) : 0;
    o->skip_called_h = rig_chance(r, 15) ? rig_between(r, 1, 30) : 0;
    o->fail_stop_pct = rig_chance(r, 30) ? 0 : OD_NONE;
    o->guards.short_max = rig_chance(r, 30) ? 0 : OD_NONE;
    o->guards.prefix_max = rig_chance(r, 50) ? 0 : OD_NONE;
    o->retry_unfinished = rig_chance(r, 40) ? 1 : 0;
    o->spread_dayparts = rig_chance(r, 15) ? 1 : 0;
    o->priority = rig_chance(r, 50) ? 0 : rig_between(r, 1, 9);
    o->weight = rig_chance(r, 50) ? 0 : rig_between(r, 1, 100);
    memset(o->retries, 0, sizeof o->retries);
    memset(at->retries, 0, sizeof at->retries);
    for (int i = 0; i < 7; i++) {
        od_retry *retry = &o->retries[kinds[i]];
        if (rig_chance(r, 30)) {
            retry->delay_s =
                rig_chance(r, 25) ? OD_NONE : rig_between(r, 60, 10000);
            retry->attempts_max = rig_chance(r, 50) ? 0 : rig_between(r, 1, 4);
        }
        at->retries[kinds[i]] =
            (chk_retry){retry->delay_s, retry->attempts_max};
    }
    o->end_utc_ms = 0;
    if (rig_chance(r, 12)) {
        o->end_utc_ms = r->now.utc_ms + rig_between(r, 6, 80) * HOUR_MS;
        if (o->end_utc_ms <= at->start_utc_ms) {
            o->end_utc_ms = at->start_utc_ms + HOUR_MS;
        }
    }
    at->redial_unknown = o->redial_unknown != 0;
    at->skip_answered_h = o->skip_answered_h;
    at->skip_called_h = o->skip_called_h;
    at->retry_unfinished = o->retry_unfinished != 0;
    at->spread = o->spread_dayparts != 0;
    at->end_utc_ms = o->end_utc_ms;
    o->windows = r->windows[campaign];
    o->windows_len = (size_t)at->windows_len;
}

/* What stays. */
static void firm(rig *r, int campaign)
{
    static const int purposes[] = {2, 2, 2, 3, 3, 4, 5, 6, 7};
    chk_campaign *at = &r->c.campaigns[campaign];
    od_campaign_options *o = &r->campaign_options[campaign];
    od_campaign_options_init(o);
    (void)snprintf(r->names[campaign], sizeof r->names[0], "c%d", campaign);
    o->name = r->names[campaign];
    o->caller_id = "+12125550100";
    at->purpose = r->marketing && (campaign == 0 || rig_chance(r, 50))
                      ? FACT_MARKETING
                      : purposes[rig_below(r, 9)];
    o->purpose = at->purpose;
    copy(at->seller, sizeof at->seller,
         at->purpose == FACT_MARKETING || rig_chance(r, 50) ? "Acme, Inc."
                                                            : "");
    o->seller = at->seller;
    int groups = 0;
    for (int i = 0; i < r->groups_len; i++) {
        at->groups[i] = rig_chance(r, 70) || i == campaign % r->groups_len;
        if (at->groups[i]) {
            r->campaign_groups[campaign][groups++] = r->groups[i];
        }
    }
    o->groups = r->campaign_groups[campaign];
    o->groups_len = (size_t)groups;
    o->prompts = &r->prompt;
    o->prompts_len = 1;
    o->identity_prompt = r->prompt;
    o->offer_prompt = r->prompt;
    at->has_survey = rig_chance(r, 50);
    o->survey = at->has_survey ? r->survey : 0;
    at->opt_out_key = rig_chance(r, 80) ? '9' : '*';
    o->opt_out_key = at->opt_out_key;
    o->opt_out_prompt = rig_chance(r, 50) ? r->prompt : 0;
    if (at->has_survey && rig_chance(r, 15)) {
        o->quota_answers = rig_between(r, 1, 4);
        o->quota_question = "q";
        o->quota_choice = "Yes";
    }
    if (rig_chance(r, 12)) {
        o->start_utc_ms = r->now.utc_ms + rig_between(r, 1, 20) * HOUR_MS;
        at->start_utc_ms = o->start_utc_ms;
    }
}

void plan_options(rig *r, int campaign, bool changed)
{
    if (!changed) {
        firm(r, campaign);
    }
    mild(r, campaign);
}

static const char survey_text[] = "survey s\n"
                                  "question q\n"
                                  "play hello\n"
                                  "tries 2\n"
                                  "key 1 Yes -> why\n"
                                  "key 2 No\n"
                                  "key 3 Stop hangup\n"
                                  "key 8 Never optout\n"
                                  "question why\n"
                                  "play hello\n"
                                  "key 1 Price\n"
                                  "key 2 Time\n"
                                  "end hello\n";

static void campaigns(rig *r)
{
    int n = rig_chance(r, 60) ? 1 : rig_between(r, 2, CHK_CAMPAIGNS);
    r->prompt = 0;
    size_t len = 0;
    uint8_t *wav = od_world_wav(rig_between(r, 500, 1900), &len);
    od_err err = od_media_add_bytes(r->engine, "hello", wav, len, &r->prompt);
    free(wav);
    (void)rig_ok(r, err, "prompt");
    (void)rig_ok(
        r,
        od_survey_add(r->engine, survey_text, strlen(survey_text), &r->survey),
        "survey");
    const od_caller_id shown = {"+12125550100", "a letter"};
    (void)rig_ok(r, od_caller_id_add(r->engine, &shown), "caller ID");
    for (int i = 0; i < n; i++) {
        plan_options(r, i, false);
        od_id id = 0;
        (void)rig_ok(r,
                     od_campaign_add(r->engine, &r->campaign_options[i], &id),
                     "campaign");
        r->c.campaigns[i].id = id;
    }
}

/* == rules of the host ===================================================== */

static void rule_window(rig *r, fact_rule *out)
{
    out->effect = FACT_WINDOW;
    out->windows_len = rig_between(r, 1, 2);
    for (int i = 0; i < out->windows_len; i++) {
        int start = rig_between(r, 5, 16) * 60;
        out->windows[i] = (fact_window){
            .days =
                rig_chance(r, 60) ? 0x7fu : (unsigned)rig_between(r, 1, 127),
            .start_min = start,
            .end_min = start + rig_between(r, 2, 7) * 60};
    }
}

static int date_near(rig *r)
{
    time_t at =
        (time_t)((r->now.utc_ms + rig_between(r, -3, 3) * DAY_MS) / 1000);
    struct tm tm;
    (void)gmtime_r(&at, &tm);
    return (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
}

void plan_rule(rig *r, fact_rule *out)
{
    static const char *const places[] = {"*",     "US",    "*",          "CA",
                                         "US-FL", "GB FR", "US-NY US-TX"};
    memset(out, 0, sizeof *out);
    (void)snprintf(out->id, sizeof out->id, "chaos.r%d", ++r->rules_next);
    copy(out->in, sizeof out->in, places[rig_below(r, 7)]);
    out->purposes = rig_chance(r, 70) ? FACT_CALM
                                      : FACT_BIT(rig_between(r, 1, 7)) |
                                            FACT_BIT(rig_between(r, 1, 7));
    out->lines =
        rig_chance(r, 60) ? FACT_LINES : FACT_BIT(rig_between(r, 1, 3));
    switch (rig_below(r, 5)) {
    case 0:
    case 1:
        rule_window(r, out);
        break;
    case 2:
    case 3:
        out->effect = FACT_CAP;
        out->cap = rig_between(r, 1, 4);
        out->cap_ms = rig_between(r, 1, 48) * HOUR_MS;
        out->cap_each = rig_chance(r, 40);
        break;
    default:
        out->effect = rig_chance(r, 60) ? FACT_CONSENT : FACT_BAN;
        out->consent = rig_between(r, FACT_EXPRESS, FACT_WRITTEN);
    }
    if (out->effect != FACT_WINDOW && rig_chance(r, 40)) {
        out->unless = (unsigned)rig_between(r, 1, 7);
    }
    if (rig_chance(r, 25)) {
        out->from = date_near(r);
    }
    if (rig_chance(r, 25)) {
        out->until = date_near(r);
    }
    if (out->until != 0 && out->until < out->from) {
        out->until = out->from;
    }
}

static size_t put(char *out, size_t size, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static size_t put(char *out, size_t size, size_t at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(out + at, size - at, fmt, args);
    va_end(args);
    return at + (size_t)len < size ? at + (size_t)len : size - 1;
}

void plan_rule_text(const fact_rule *rule, char *out, size_t size)
{
    static const char *const purposes[] = {
        "",        "marketing", "informational", "survey",
        "charity", "health",    "debt",          "emergency"};
    static const char *const lines[] = {"", "mobile", "landline", "business"};
    static const char *const days[] = {"mon", "tue", "wed", "thu",
                                       "fri", "sat", "sun"};
    static const char *const unless[] = {"express", "written", "relationship"};
    size_t at = put(out, size, 0, "rule %s\n in %s\n channel voice\n purpose",
                    rule->id, rule->in);
    for (unsigned i = 1; i < 8; i++) {
        if ((rule->purposes & FACT_BIT(i)) != 0) {
            at = put(out, size, at, " %s", purposes[i]);
        }
    }
    at = put(out, size, at, "\n line");
    for (unsigned i = 1; i < 4; i++) {
        if ((rule->lines & FACT_BIT(i)) != 0) {
            at = put(out, size, at, " %s", lines[i]);
        }
    }
    at = put(out, size, at, "\n%s", rule->unless != 0 ? " unless" : "");
    for (unsigned i = 0; i < 3; i++) {
        if ((rule->unless & FACT_BIT(i)) != 0) {
            at = put(out, size, at, " %s", unless[i]);
        }
    }
    at = put(out, size, at, "\n");
    for (int i = 0; i < rule->windows_len; i++) {
        const fact_window *w = &rule->windows[i];
        char sign = ' ';
        at = put(out, size, at, " window");
        for (unsigned d = 0; d < 7; d++) {
            if ((w->days & FACT_BIT(d)) != 0) {
                at = put(out, size, at, "%c%s", sign, days[d]);
                sign = ',';
            }
        }
        at = put(out, size, at, " %d:%02d-%d:%02d\n", w->start_min / 60,
                 w->start_min % 60, w->end_min / 60, w->end_min % 60);
    }
    if (rule->effect == FACT_CAP) {
        at = put(out, size, at, " cap %d per %dh%s\n", rule->cap,
                 (int)(rule->cap_ms / HOUR_MS),
                 rule->cap_each ? " each campaign" : "");
    } else if (rule->effect == FACT_CONSENT) {
        at = put(out, size, at, " consent %s\n",
                 rule->consent == FACT_WRITTEN ? "written" : "express");
    } else if (rule->effect == FACT_BAN) {
        at = put(out, size, at, " ban\n");
    }
    if (rule->from != 0) {
        at = put(out, size, at, " from %d-%02d-%02d\n", rule->from / 10000,
                 rule->from / 100 % 100, rule->from % 100);
    }
    if (rule->until != 0) {
        at = put(out, size, at, " until %d-%02d-%02d\n", rule->until / 10000,
                 rule->until / 100 % 100, rule->until % 100);
    }
    (void)put(out, size, at, " cite chaos\n verified no\n");
}

/* == registries ============================================================ */

void plan_registry(rig *r, int which)
{
    static const char *const names[] = {"us.national", "ca.dncl"};
    char text[720];
    chk_registry *file = &r->c.registries[which];
    r->c.registries_old[which] = *file;
    memset(file, 0, sizeof *file);
    copy(file->name, sizeof file->name, names[which]);
    file->whole = rig_chance(r, 80);
    file->obtained_utc_ms = r->now.utc_ms - rig_below(r, 32) * DAY_MS + 1;
    (void)snprintf(text, sizeof text, "%s/%s.txt", r->folder, names[which]);
    (void)snprintf(r->registry_paths[which], sizeof r->registry_paths[0],
                   "%s/%s.reg", r->folder, names[which]);
    FILE *out = fopen(text, "w");
    assert_non_null(out);
    file->numbers[file->numbers_len++] = UINT64_C(12024689999);
    for (int i = 0; i < r->c.contacts_len && file->numbers_len < CHK_NUMBERS;
         i++) {
        uint64_t phone = r->c.contacts[i].phones[0];
        if (phone / 10000000000 == 1 && rig_chance(r, 15)) {
            file->numbers[file->numbers_len++] = phone;
        }
    }
    for (int i = 0; i < file->numbers_len; i++) {
        (void)fprintf(out, "%" PRIu64 "\n", file->numbers[i] - 10000000000);
    }
    (void)fclose(out);
    const char *paths[] = {text};
    od_registry_build_options build;
    od_errmsg errmsg = {""};
    od_registry_build_options_init(&build);
    build.paths = paths;
    build.paths_len = 1;
    build.out_path = r->registry_paths[which];
    build.name = names[which];
    build.obtained_utc_ms = file->obtained_utc_ms;
    build.whole = file->whole;
    if (od_registry_build(&build, NULL, &errmsg) != OD_OK) {
        rig_fail(r, "registry: %s", errmsg.text);
    }
    rig_say(r, "registry %s, %d numbers, %" PRId64 " days old, %s",
            names[which], file->numbers_len,
            (r->now.utc_ms - file->obtained_utc_ms) / DAY_MS,
            file->whole ? "whole" : "some areas");
}

/* == the far end =========================================================== */

static void play_text(rig *r, char *out, size_t size)
{
    int ring = rig_below(r, 12000);
    switch (rig_below(r, 13)) {
    case 0:
        (void)snprintf(out, size, "ring %dms status 486", ring);
        break;
    case 1:
        (void)snprintf(out, size,
                       "ring %dms answer wait %dms press 9 wait 20s "
                       "hangup",
                       ring, rig_below(r, 5000));
        break;
    case 2:
        (void)snprintf(out, size, "silent");
        break;
    case 3:
        (void)snprintf(out, size,
                       "status 503 retry %d each ring 1s answer wait "
                       "9s hangup",
                       rig_below(r, 600));
        break;
    case 4:
        (void)snprintf(out, size, "ring %dms status 603", ring);
        break;
    case 5:
        (void)snprintf(out, size, "ring %dms status 404", ring);
        break;
    case 6:
        (void)snprintf(out, size, "ring %dms answer wait %dms hangup", ring,
                       rig_below(r, 900));
        break;
    case 7:
        (void)snprintf(out, size,
                       "ring 1s answer wait 1s machine wait 20s "
                       "hangup each ring 2s answer wait 4s press 1 "
                       "wait 3s press 2 wait 9s hangup");
        break;
    case 8:
        (void)snprintf(out, size,
                       "ring 2s answer wait %dms press 1 wait %dms "
                       "hangup each ring 1s status 302",
                       rig_between(r, 1500, 4000), rig_below(r, 9000));
        break;
    case 9:
        (void)snprintf(out, size,
                       "ring 3s answer wait 2500ms press 8 wait 9s "
                       "hangup");
        break;
    case 10:
        (void)snprintf(out, size, "status 500");
        break;
    case 11:
        (void)snprintf(out, size, "ring 70s answer wait 3s hangup");
        break;
    default:
        (void)snprintf(out, size,
                       "ring 1s status 480 each ring %dms answer "
                       "wait 3s press * wait 2s press 9 wait 9s "
                       "hangup",
                       ring);
    }
}

static void plays(rig *r)
{
    for (int i = 0; i < r->c.contacts_len && r->plays_len < RIG_PLAYS; i++) {
        if (rig_chance(r, 35)) {
            rig_play *play = &r->plays[r->plays_len++];
            play->phone = r->c.contacts[i].phones[0];
            play_text(r, play->text, sizeof play->text);
        }
    }
}

/* == all =================================================================== */

void plan_attach(rig *r)
{
    od_errmsg errmsg = {""};
    for (int i = 0; i < r->plays_len; i++) {
        char phone[24];
        (void)snprintf(phone, sizeof phone, "+%" PRIu64, r->plays[i].phone);
        if (od_sim_play(r->sim, phone, r->plays[i].text, &errmsg) != OD_OK) {
            rig_fail(r, "play: %s", errmsg.text);
        }
    }
    for (int i = 0; r->marketing && i < 2; i++) {
        (void)rig_ok(r, od_registry_attach(r->engine, r->registry_paths[i]),
                     "registry");
        r->c.registries_old[i] = r->c.registries[i];
    }
    r->c.swap_until_mono = 0;
    if (r->marketing) {
        chk_law_changes(&r->c);
    }
}

void plan_fill(rig *r)
{
    people(r);
    campaigns(r);
    plays(r);
    for (int i = 0; i < r->c.contacts_len; i++) {
        for (int j = 0; j < 3; j++) {
            uint64_t phone = r->c.contacts[i].phones[j];
            if (phone != 0 && rig_chance(r, 85)) {
                plan_consent(r, phone);
            }
        }
    }
    for (int i = 0; r->marketing && i < 2; i++) {
        plan_registry(r, i);
    }
}
