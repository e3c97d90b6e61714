/*
 * test_scenarios.c - short plays under virtual time, one rule each.
 *
 * Runs every *.scn beside this file (or those named on the command line) over
 * the memory storage, and over SQLite too. README.md lists the words.
 */
#include "support/registry_kit.h"
#include "support/world.h"

#include "base/base.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>

#define PLAYS_MAX 256
#define WORDS_MAX 32
#define CAMPAIGNS_MAX 4

typedef struct campaign {
    od_id id;
    bool added;
    char name[64];
    od_campaign_options options;
    od_window windows[OD_WINDOWS_MAX];
    od_id groups[OD_CAMPAIGN_GROUPS_MAX];
    od_id prompts[OD_CAMPAIGN_PROMPTS_MAX];
    char caller_id[32];
    char seller[64];
} campaign;

typedef struct play {
    const char *path;
    bool sqlite;
    char *folder;
    char db[600];
    int line;
    od_world world;
    bool open;
    od_id group;
    campaign campaigns[CAMPAIGNS_MAX];
    size_t campaigns_len;
    campaign *now; /* the one that the words mean */
    char text[8192]; /* of a survey, or of rules */
    char *words[WORDS_MAX];
    size_t words_len;
    int64_t answers;
} play;

#define need(p, condition, ...)                                                \
    do {                                                                       \
        if (!(condition)) {                                                    \
            print_error("%s:%d%s: ", (p)->path, (p)->line,                     \
                        (p)->sqlite ? " (sqlite)" : "");                       \
            print_error(__VA_ARGS__);                                          \
            print_error("\n");                                                 \
            fail();                                                            \
        }                                                                      \
    } while (0)

static od_engine *engine_of(play *p)
{
    return p->world.engine;
}

static const char *word(play *p, size_t at)
{
    need(p, at < p->words_len, "a word is missing");
    return p->words[at];
}

static int64_t number(play *p, size_t at)
{
    char *end = NULL;
    long long value = strtoll(word(p, at), &end, 10);
    need(p, *end == '\0', "not a number: %s", word(p, at));
    return value;
}

/* "1500ms", "5s", "2m", "3h", "1d" */
static int64_t duration(play *p, size_t at)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1},      {"s", 1000},      {"m", 60000},
                 {"h", 3600000}, {"d", 86400000}};
    char *end = NULL;
    long long value = strtoll(word(p, at), &end, 10);
    for (size_t i = 0; i < OD__LEN(units); i++) {
        if (strcmp(end, units[i].unit) == 0) {
            return value * units[i].ms;
        }
    }
    need(p, false, "not a duration: %s", word(p, at));
    return 0;
}

static void ok(play *p, od_err err)
{
    need(p, err == OD_OK, "%s: %s", od_err_name(err),
         od_engine_errmsg(engine_of(p)));
}

/* -- setting up ----------------------------------------------------------------- */

static void open_world(play *p)
{
    od_storage *storage = NULL;
    od_errmsg errmsg;
    if (p->sqlite) {
        od_err err = od_storage_open_sqlite(&storage, p->db, &errmsg);
        need(p, err == OD_OK, "%s", errmsg.text);
    }
    od_world_open(&p->world, storage);
    p->open = true;
}

static void use_campaign(play *p, const char *name)
{
    for (size_t i = 0; i < p->campaigns_len; i++) {
        if (strcmp(p->campaigns[i].name, name) == 0) {
            p->now = &p->campaigns[i];
            return;
        }
    }
    need(p, p->campaigns_len < CAMPAIGNS_MAX, "too many campaigns");
    campaign *c = &p->campaigns[p->campaigns_len++];
    od_campaign_options_init(&c->options);
    c->options.purpose = OD_PURPOSE_INFORMATIONAL;
    (void)snprintf(c->name, sizeof c->name, "%s", name);
    (void)snprintf(c->caller_id, sizeof c->caller_id, "+12125550100");
    c->options.name = c->name;
    c->options.caller_id = c->caller_id;
    c->options.seller = c->seller;
    c->options.windows = c->windows;
    c->options.groups = c->groups;
    c->options.prompts = c->prompts;
    c->groups[c->options.groups_len++] = p->group;
    p->now = c;
}

static void do_start(play *p)
{
    od_world_init(&p->world, od_world_time(word(p, 1)), 7);
    p->world.lawful = p->words_len > 2 && strcmp(p->words[2], "lawful") == 0;
    open_world(p);
    ok(p, od_group_add(engine_of(p), "people", &p->group));
    (void)od_world_prompt(&p->world, "hello", 2000);
    (void)od_world_prompt(&p->world, "ask", 1000);
    (void)od_world_prompt(&p->world, "again", 1000);
    (void)od_world_prompt(&p->world, "bye", 1000);
    use_campaign(p, "first");
    ok(p, od_media_find(engine_of(p), "hello", &p->now->prompts[0]));
    p->now->options.prompts_len = 1;
}

static void do_campaign(play *p)
{
    use_campaign(p, word(p, 1));
    ok(p, od_media_find(engine_of(p), "hello", &p->now->prompts[0]));
    p->now->options.prompts_len = 1;
}

/* A purpose, or 0. */
static int32_t purpose_of(const char *name)
{
    int32_t purpose = OD_PURPOSES - 1;
    while (purpose > 0 && strcmp(od_purpose_name(purpose), name) != 0) {
        purpose--;
    }
    return purpose;
}

static void do_option(play *p)
{
    od_campaign_options *o = &p->now->options;
    const struct {
        const char *name;
        int32_t *field;
    } fields[] = {{"attempts_max", &o->attempts_max},
                  {"concurrent_max", &o->concurrent_max},
                  {"recall", &o->recall},
                  {"redial_unknown", &o->redial_unknown},
                  {"retry_delay_s", &o->retry_delay_s},
                  {"ring_timeout_ms", &o->ring_timeout_ms},
                  {"skip_answered_h", &o->skip_answered_h},
                  {"skip_called_h", &o->skip_called_h},
                  {"opt_out_key", &o->opt_out_key},
                  {"fail_stop_pct", &o->fail_stop_pct}};
    const char *value = word(p, 2);
    for (size_t i = 0; i < OD__LEN(fields); i++) {
        if (strcmp(word(p, 1), fields[i].name) == 0) {
            bool key = fields[i].field == &o->opt_out_key;
            *fields[i].field = strcmp(value, "none") == 0 ? OD_NONE
                               : key ? value[0]
                                     : (int32_t)number(p, 2);
            return;
        }
    }
    if (strcmp(word(p, 1), "start") == 0) {
        o->start_utc_ms = od_world_time(value);
    } else if (strcmp(word(p, 1), "purpose") == 0) {
        o->purpose = purpose_of(value);
    } else if (strcmp(word(p, 1), "seller") == 0) {
        (void)snprintf(p->now->seller, sizeof p->now->seller, "%s", value);
    } else if (strcmp(word(p, 1), "identity") == 0) {
        ok(p, od_media_find(engine_of(p), value, &o->identity_prompt));
    } else if (strcmp(word(p, 1), "offer") == 0) {
        ok(p, od_media_find(engine_of(p), value, &o->offer_prompt));
    } else {
        need(p, false, "no such option: %s", word(p, 1));
    }
}

static void do_window(play *p)
{
    char text[128];
    (void)snprintf(text, sizeof text, "%s %s", word(p, 1), word(p, 2));
    od_campaign_options *o = &p->now->options;
    need(p, od_window_parse(text, &p->now->windows[o->windows_len++]) == OD_OK,
         "not a window: %s", text);
}

static void do_survey(play *p)
{
    od_id id = 0;
    ok(p, od_survey_add(engine_of(p), p->text, strlen(p->text), &id));
    p->now->options.survey = id;
    p->text[0] = '\0';
}

static void do_proof(play *p)
{
    const od_caller_id row = {.phone = p->now->caller_id,
                              .evidence = "contract"};
    ok(p, od_caller_id_add(engine_of(p), &row));
}

static void do_contact(play *p)
{
    od_contact contact;
    memset(&contact, 0, sizeof contact);
    contact.phone = word(p, 1);
    for (size_t i = 2; i < p->words_len; i++) {
        if (strncmp(p->words[i], "zone=", 5) == 0) {
            contact.timezone = p->words[i] + 5;
        } else if (strncmp(p->words[i], "state=", 6) == 0) {
            contact.state = p->words[i] + 6;
        } else if (strncmp(p->words[i], "zip=", 4) == 0) {
            contact.zip = p->words[i] + 4;
        } else if (strncmp(p->words[i], "line=", 5) == 0) {
            while (contact.line < OD_LINES &&
                   strcmp(od_line_name(contact.line), p->words[i] + 5) != 0) {
                contact.line++;
            }
        } else {
            need(p, false, "cannot read: %s", p->words[i]);
        }
    }
    ok(p, od_contact_add(engine_of(p), p->group, &contact, NULL));
}

static void do_far(play *p)
{
    char text[512] = "";
    od_errmsg errmsg;
    for (size_t i = 2; i < p->words_len; i++) {
        size_t len = strlen(text);
        (void)snprintf(text + len, sizeof text - len, "%s ", p->words[i]);
    }
    need(p, od_sim_play(p->world.sim, word(p, 1), text, &errmsg) == OD_OK,
         "%s", errmsg.text);
}

/* -- rules and evidence ---------------------------------------------------------- */

static void do_consent(play *p)
{
    od_consent consent;
    memset(&consent, 0, sizeof consent);
    consent.phone = word(p, 1);
    consent.seller = p->now->seller;
    consent.purpose = p->now->options.purpose;
    consent.obtained_utc_ms = p->world.now.utc_ms;
    while (consent.kind < OD_CONSENT_KINDS &&
           strcmp(od_consent_kind_name(consent.kind), word(p, 2)) != 0) {
        consent.kind++;
    }
    for (size_t i = 3; i < p->words_len; i++) {
        if (strncmp(p->words[i], "at=", 3) == 0) {
            consent.obtained_utc_ms = od_world_time(p->words[i] + 3);
        } else if (strncmp(p->words[i], "seller=", 7) == 0) {
            consent.seller = p->words[i] + 7;
        } else {
            consent.purpose = purpose_of(p->words[i]);
        }
    }
    ok(p, od_consent_add(engine_of(p), &consent));
}

static void do_revoke(play *p)
{
    ok(p, od_consent_revoke(engine_of(p), word(p, 1), NULL, NULL));
}

/* The override is called as the rule is. */
static void do_lift(play *p)
{
    const od_override lift = {
        .name = word(p, 1),
        .rule = word(p, 1),
        .reason = "the play says so",
        .who = "play",
        .campaign = p->words_len > 2 ? p->now->id : 0};
    ok(p, od_override_add(engine_of(p), &lift));
}
static void do_rules(play *p)
{
    ok(p, od_rules_add(engine_of(p), word(p, 1), p->text));
    p->text[0] = '\0';
}

/* A list of every area code; renamed into the place of an older one. */
static void do_registry(play *p)
{
    registry_kit kit;
    char file[640];
    char text[1024] = "";
    (void)snprintf(file, sizeof file, "%s/%s.reg", p->folder, word(p, 1));
    for (size_t i = 3; i < p->words_len; i++) {
        size_t len = strlen(text);
        (void)snprintf(text + len, sizeof text - len, "%s\n", p->words[i]);
    }
    registry_kit_begin(&kit);
    kit.options.name = word(p, 1);
    kit.options.out_path = file;
    kit.options.obtained_utc_ms = od_world_time(word(p, 2));
    kit.options.whole = true;
    registry_kit_builds(&kit, text);
    registry_kit_end(&kit);
    ok(p, od_registry_attach(engine_of(p), file));
}

/* -- doing ------------------------------------------------------------------------ */

static void add_campaign(play *p)
{
    if (!p->now->added) {
        ok(p, od_campaign_add(engine_of(p), &p->now->options, &p->now->id));
        p->now->added = true;
    }
}

static void do_go(play *p)
{
    add_campaign(p);
    ok(p, od_campaign_start(engine_of(p), p->now->id));
}

static void do_refused(play *p)
{
    add_campaign(p);
    od_err err = od_campaign_start(engine_of(p), p->now->id);
    need(p, err == OD_ERR_REFUSED, "the start gave %s", od_err_name(err));
    need(p, strstr(od_engine_errmsg(engine_of(p)), word(p, 1)) != NULL,
         "the text says \"%s\"", od_engine_errmsg(engine_of(p)));
}

static void do_update(play *p)
{
    ok(p, od_campaign_update(engine_of(p), p->now->id, &p->now->options));
}

static void do_pause(play *p)
{
    ok(p, od_campaign_pause(engine_of(p), p->now->id));
}
static void do_resume(play *p)
{
    ok(p, od_campaign_resume(engine_of(p), p->now->id));
}
static void do_stop(play *p)
{
    ok(p, od_campaign_stop(engine_of(p), p->now->id));
}
static void do_after(play *p)
{
    ok(p, od_world_run(&p->world, duration(p, 1)));
}
static void do_until(play *p)
{
    ok(p, od_world_run_until(&p->world, od_world_time(word(p, 1)), 0));
}

static void do_clock(play *p)
{
    p->world.now.utc_ms = od_world_time(word(p, 1));
}

/* No call begins any more: verdicts are looked at. */
static void do_quiet(play *p)
{
    ok(p, od_engine_stop(engine_of(p)));
}

static void do_callback(play *p)
{
    ok(p, od_campaign_callback(engine_of(p), p->now->id, word(p, 1),
                               od_world_time(word(p, 2))));
}

static void do_dnc(play *p)
{
    od_dnc_entry entry;
    memset(&entry, 0, sizeof entry);
    entry.phone = word(p, 1);
    if (p->words_len > 2) {
        entry.scope = OD_DNC_CAMPAIGN;
        use_campaign(p, word(p, 2));
        entry.campaign = p->now->id;
    }
    ok(p, od_dnc_add(engine_of(p), &entry));
}

static void do_undnc(play *p)
{
    ok(p, od_dnc_remove(engine_of(p), word(p, 1), OD_DNC_ALL, 0));
}

static od_id contact_of(play *p, const char *phone)
{
    od_contact rows[64];
    size_t count = 0;
    ok(p, od_contacts_list(engine_of(p), p->group, 0, rows, 64, &count));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].phone, phone) == 0) {
            return rows[i].id;
        }
    }
    need(p, false, "no contact %s", phone);
    return 0;
}

static void do_leave(play *p)
{
    ok(p, od_contact_leave(engine_of(p), contact_of(p, word(p, 1)), p->group));
}

static void do_remove(play *p)
{
    ok(p, od_contact_remove(engine_of(p), contact_of(p, word(p, 1))));
}

static void do_zone(play *p)
{
    od_contact contact;
    memset(&contact, 0, sizeof contact);
    contact.id = contact_of(p, word(p, 1));
    contact.timezone = word(p, 2);
    ok(p, od_contact_update(engine_of(p), &contact));
}

/* The process dies and is started again. */
static void do_crash(play *p)
{
    need(p, p->sqlite, "crash needs a file");
    od_world_close(&p->world);
    open_world(p);
}

/* -- expecting -------------------------------------------------------------------- */

static size_t calls_to(play *p, const char *phone, od_call *rows, size_t max)
{
    od_call_filter filter;
    size_t count = 0;
    od_call_filter_init(&filter);
    filter.phone = strcmp(phone, "*") == 0 ? NULL : phone;
    filter.campaign = p->now->id;
    ok(p, od_calls_list(engine_of(p), &filter, 0, rows, max, &count));
    return count;
}

static void expect_calls(play *p)
{
    od_call rows[256];
    size_t count = calls_to(p, word(p, 2), rows, 256);
    need(p, (int64_t)count == number(p, 3), "%zu calls to %s", count,
         word(p, 2));
}

static void expect_last(play *p)
{
    od_call rows[256];
    size_t count = calls_to(p, word(p, 2), rows, 256);
    need(p, count > 0, "no call to %s", word(p, 2));
    const char *name = od_disposition_name(rows[count - 1].disposition);
    need(p, strcmp(name, word(p, 3)) == 0, "the last call to %s is %s",
         word(p, 2), name);
}

/* expect call PHONE N TIME: the n-th call began within a minute of it */
static void expect_call(play *p)
{
    od_call rows[256];
    size_t count = calls_to(p, word(p, 2), rows, 256);
    size_t nth = (size_t)number(p, 3);
    need(p, nth >= 1 && nth <= count, "%zu calls to %s", count, word(p, 2));
    int64_t late = rows[nth - 1].claimed_utc_ms - od_world_time(word(p, 4));
    need(p, late >= 0 && late < 60000, "it began %" PRId64 " s after that",
         late / 1000);
}

static void expect_verdict(play *p)
{
    od_verdict v;
    char text[256];
    ok(p, od_campaign_explain(engine_of(p), p->now->id, word(p, 2), &v));
    od_verdict_text(&v, text, sizeof text);
    need(p, strcmp(od_verdict_kind_name(v.kind), word(p, 3)) == 0 &&
                strcmp(od_reason_name(v.reason), word(p, 4)) == 0,
         "the verdict is %s %s: %s", od_verdict_kind_name(v.kind),
         od_reason_name(v.reason), text);
    if (p->words_len > 5) {
        need(p, v.until_utc_ms / 1000 * 1000 == od_world_time(word(p, 5)), "%s",
             text);
    }
}

static void expect_rule(play *p)
{
    od_verdict v;
    ok(p, od_campaign_explain(engine_of(p), p->now->id, word(p, 2), &v));
    need(p, strcmp(v.rule, word(p, 3)) == 0, "the rule is \"%s\" (%s)", v.rule,
         od_reason_name(v.reason));
}

/* look TIME PHONE KIND [RULE [UNTIL]]: the verdict if the clock stood there */
static void do_look(play *p)
{
    od_verdict v;
    char text[256];
    p->world.now.utc_ms = od_world_time(word(p, 1));
    ok(p, od_engine_step(engine_of(p), &p->world.now));
    ok(p, od_campaign_explain(engine_of(p), p->now->id, word(p, 2), &v));
    od_verdict_text(&v, text, sizeof text);
    need(p, strcmp(od_verdict_kind_name(v.kind), word(p, 3)) == 0 &&
                strcmp(v.rule, p->words_len > 4 ? word(p, 4) : "") == 0 &&
                v.until_utc_ms ==
                    (p->words_len > 5 ? od_world_time(word(p, 5)) : 0),
         "%s", text);
}

static void expect_state(play *p)
{
    od_campaign now;
    ok(p, od_campaign_get(engine_of(p), p->now->id, &now));
    const char *name = od_campaign_state_name(now.state);
    need(p, strcmp(name, word(p, 2)) == 0, "the state is %s (%s)", name,
         now.state_text);
}

static void expect_stat(play *p)
{
    od_campaign_stats s;
    ok(p, od_campaign_stats_get(engine_of(p), p->now->id, &s));
    const struct {
        const char *name;
        int64_t value;
    } stats[] = {{"contacts", s.contacts},
                 {"queued", s.queued},
                 {"waiting_window", s.waiting_window},
                 {"waiting_retry", s.waiting_retry},
                 {"in_progress", s.in_progress},
                 {"finished", s.finished},
                 {"blocked", s.blocked},
                 {"attempts", s.attempts},
                 {"opted_out", s.opted_out},
                 {"surveys_done", s.surveys_done},
                 {"place_unknown", s.blocked_by[OD_REASON_PLACE_UNKNOWN]},
                 {"dnc", s.blocked_by[OD_REASON_DNC]},
                 {"answered", s.attempts_by[OD_DISPOSITION_ANSWERED]},
                 {"busy", s.attempts_by[OD_DISPOSITION_BUSY]}};
    for (size_t i = 0; i < OD__LEN(stats); i++) {
        if (strcmp(stats[i].name, word(p, 2)) == 0) {
            need(p, stats[i].value == number(p, 3), "%s is %" PRId64,
                 stats[i].name, stats[i].value);
            return;
        }
    }
    need(p, false, "no such figure: %s", word(p, 2));
}

static void expect_answer(play *p)
{
    od_answer rows[256];
    size_t count = 0;
    ok(p, od_answers_list(engine_of(p), p->now->id, 0, rows, 256, &count));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].phone, word(p, 2)) == 0 &&
            strcmp(rows[i].question, word(p, 3)) == 0 &&
            strcmp(rows[i].choice, word(p, 4)) == 0) {
            return;
        }
    }
    need(p, false, "no such answer among %zu", count);
}

static void expect_answers(play *p)
{
    od_answer rows[256];
    size_t count = 0;
    ok(p, od_answers_list(engine_of(p), p->now->id, 0, rows, 256, &count));
    need(p, (int64_t)count == number(p, 2), "%zu answers", count);
}

static void expect_listed(play *p)
{
    bool listed = false;
    ok(p, od_dnc_check(engine_of(p), word(p, 2), 0, &listed));
    need(p, listed == (strcmp(word(p, 3), "yes") == 0), "listed: %d", listed);
}

static void expect_heard(play *p)
{
    od_call rows[256];
    size_t count = calls_to(p, word(p, 2), rows, 256);
    need(p, count > 0, "no call to %s", word(p, 2));
    need(p, rows[count - 1].heard_ms == number(p, 3), "heard %" PRId64 " ms",
         rows[count - 1].heard_ms);
}

static void do_expect(play *p)
{
    static const struct {
        const char *word;
        void (*check)(play *p);
    } checks[] = {{"calls", expect_calls},     {"last", expect_last},
                  {"call", expect_call},       {"verdict", expect_verdict},
                  {"state", expect_state},     {"stat", expect_stat},
                  {"answer", expect_answer},   {"answers", expect_answers},
                  {"listed", expect_listed},   {"heard", expect_heard},
                  {"rule", expect_rule}};
    for (size_t i = 0; i < OD__LEN(checks); i++) {
        if (strcmp(word(p, 1), checks[i].word) == 0) {
            checks[i].check(p);
            return;
        }
    }
    need(p, false, "cannot expect %s", word(p, 1));
}

/* -- reading ---------------------------------------------------------------------- */

static const struct {
    const char *word;
    void (*act)(play *p);
} verbs[] = {{"start", do_start},     {"campaign", do_campaign},
             {"option", do_option},   {"window", do_window},
             {"survey", do_survey},   {"contact", do_contact},
             {"far", do_far},         {"go", do_go},
             {"refused", do_refused}, {"update", do_update},
             {"pause", do_pause},     {"resume", do_resume},
             {"stop", do_stop},       {"after", do_after},
             {"until", do_until},     {"clock", do_clock},
             {"dnc", do_dnc},         {"undnc", do_undnc},
             {"leave", do_leave},     {"remove", do_remove},
             {"zone", do_zone},       {"crash", do_crash},
             {"proof", do_proof},     {"consent", do_consent},
             {"revoke", do_revoke},   {"lift", do_lift},
             {"rules", do_rules},     {"registry", do_registry},
             {"quiet", do_quiet},     {"callback", do_callback},
             {"look", do_look},       {"expect", do_expect}};

static void read_line(play *p, char *line)
{
    if (line[0] == '|') { /* a line of a survey, or of rules */
        size_t len = strlen(p->text);
        (void)snprintf(p->text + len, sizeof p->text - len, "%s\n",
                       line + 1);
        return;
    }
    char *comment = strstr(line, " # ");
    if (line[0] == '#') {
        return;
    }
    if (comment != NULL) {
        *comment = '\0';
    }
    char *state = NULL;
    p->words_len = 0;
    for (char *w = strtok_r(line, " \t\r\n", &state); w != NULL;
         w = strtok_r(NULL, " \t\r\n", &state)) {
        need(p, p->words_len < WORDS_MAX, "too many words");
        p->words[p->words_len++] = w;
    }
    if (p->words_len == 0) {
        return;
    }
    for (size_t i = 0; i < OD__LEN(verbs); i++) {
        if (strcmp(p->words[0], verbs[i].word) == 0) {
            verbs[i].act(p);
            return;
        }
    }
    need(p, false, "unknown word: %s", p->words[0]);
}

static void run_play(const char *path, bool sqlite)
{
    play *p = calloc(1, sizeof *p);
    char line[512];
    assert_non_null(p);
    p->path = path;
    p->sqlite = sqlite;
    p->folder = od_test_folder();
    (void)snprintf(p->db, sizeof p->db, "%s/play.db", p->folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    bool needs_file = false;
    while (fgets(line, sizeof line, file) != NULL) {
        needs_file = needs_file || strncmp(line, "crash", 5) == 0;
    }
    rewind(file);
    if (sqlite || !needs_file) {
        while (fgets(line, sizeof line, file) != NULL) {
            p->line++;
            line[strcspn(line, "\n")] = '\0';
            read_line(p, line);
        }
        need(p, od_ledger_verify(engine_of(p), NULL, NULL) == OD_OK,
             "the ledger: %s", od_engine_errmsg(engine_of(p)));
        od_world_close(&p->world);
    }
    (void)fclose(file);
    od_test_folder_remove(p->folder);
    free(p);
}

static void test_play_memory(void **state)
{
    run_play(*state, false);
}

static void test_play_sqlite(void **state)
{
    run_play(*state, true);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv)
{
    static char *paths[PLAYS_MAX];
    static char names[2 * PLAYS_MAX][96];
    static struct CMUnitTest tests[2 * PLAYS_MAX];
    size_t len = 0;
    if (argc > 1) {
        for (int i = 1; i < argc && len < PLAYS_MAX; i++) {
            paths[len++] = argv[i];
        }
    } else {
        DIR *folder = opendir(OD_TEST_SOURCE_DIR "/tests/scenario");
        for (struct dirent *e; folder != NULL && len < PLAYS_MAX &&
                               (e = readdir(folder)) != NULL;) {
            const char *dot = strrchr(e->d_name, '.');
            if (dot != NULL && strcmp(dot, ".scn") == 0) {
                char path[600];
                (void)snprintf(path, sizeof path, "%s/tests/scenario/%s",
                               OD_TEST_SOURCE_DIR, e->d_name);
                paths[len++] = strdup(path);
            }
        }
        (void)closedir(folder);
        qsort(paths, len, sizeof *paths, by_name);
    }
    for (size_t i = 0; i < 2 * len; i++) {
        const char *slash = strrchr(paths[i / 2], '/');
        (void)snprintf(names[i], sizeof names[i], "%.80s %s",
                       slash != NULL ? slash + 1 : paths[i / 2],
                       i % 2 == 0 ? "memory" : "sqlite");
        tests[i] = (struct CMUnitTest){
            names[i], i % 2 == 0 ? test_play_memory : test_play_sqlite, NULL,
            NULL, paths[i / 2]};
    }
    if (len == 0) {
        return 1;
    }
    int failed =
        _cmocka_run_group_tests("scenarios", tests, 2 * len, NULL, NULL);
    for (size_t i = 0; argc <= 1 && i < len; i++) {
        free(paths[i]);
    }
    return failed;
}
