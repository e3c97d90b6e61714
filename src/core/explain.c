/*
 * explain.c - would this number be called now, and if not, why not and when?
 *
 * Gathers the facts as an exchange does and asks the same decision, first as if
 * the campaign ran, then as it is. The evidence of a check is said here, what
 * it means in decide.c.
 */
#include "core/core.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

/* == facts ================================================================= */

typedef struct question {
    od_campaign_record *record;
    od_candidate candidate;
    od__given given;
    od__opening opening;
    const od__place_entry *place;
    od__phone_err phone_err; /* of the text */
    bool is_composed;
    od__composed composed;
    char encoded[64]; /* how the text would go out */
} question;

/* The text that the contact would get. What is no template blocks, too. */
static od_err compose(od_engine *engine, question *q)
{
    od_contact_record contact;
    od__composer *composer = NULL;
    if (q->record->channel != OD_CHANNEL_TEXT || q->candidate.contact == 0 ||
        q->record->text[0] == '\0') {
        return OD_OK;
    }
    od_err err = OD__STORE(engine, contact_get)(
        engine->store, q->candidate.contact, &contact);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    err = od__composer_new(engine, q->record, &composer);
    if (err != OD_OK) {
        return err;
    }
    od__compose(composer, &contact, &q->composed);
    const od_text_info *info = q->composed.info;
    (void)snprintf(q->encoded, sizeof q->encoded, "%s, %d segment%s",
                   od_text_encoding_name(info->encoding), (int)info->segments,
                   info->segments == 1 ? "" : "s");
    q->composed.info = NULL; /* goes with the composer */
    q->composed.lacks = NULL;
    q->is_composed = true;
    od__composer_free(composer);
    return OD_OK;
}

/* *valid false: the text is no phone number. */
static od_err gather(od_engine *engine, od_id campaign, const char *phone,
                     question *q, bool *valid)
{
    uint64_t number = 0;
    od_err err = od__campaign_read(engine, campaign, &q->record);
    if (err != OD_OK) {
        return err;
    }
    if (phone == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "phone must not be NULL");
    }
    q->phone_err = od__phone_parse(phone, engine->country, &number);
    *valid = q->phone_err == OD__PHONE_OK;
    if (!*valid) {
        return OD_OK;
    }
    err = OD__STORE(engine, candidate)(engine->store, campaign, number,
                                       engine->now.utc_ms, &q->candidate);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    err = od__law_look(engine);
    if (err == OD_OK) {
        err = od__given_read(engine, q->record, &q->given);
    }
    if (err != OD_OK) {
        return err;
    }
    q->place = od__places_get(engine, q->candidate.place);
    od__decide_place(&engine->law, q->record, q->place, engine->now.utc_ms,
                     &q->opening);
    return compose(engine, q);
}

static od__facts facts_of(const od_engine *engine, const question *q)
{
    return (od__facts){.law = &engine->law,
                       .registries = engine->registries,
                       .campaign = q->record,
                       .given = &q->given,
                       .candidate = &q->candidate,
                       .opening = &q->opening,
                       .composed = q->is_composed ? &q->composed : NULL,
                       .utc_ms = engine->now.utc_ms};
}

void od__decide_told(const od__facts *facts, od_verdict *out)
{
    od_campaign_record running = *facts->campaign;
    od__facts told = *facts;
    running.state = OD_CAMPAIGN_RUNNING;
    running.end_utc_ms = 0;
    told.campaign = &running;
    od__decide(&told, out);
    if (out->kind != OD_VERDICT_BLOCK ||
        out->reason == OD_REASON_NOT_ENROLLED) {
        od__decide(facts, out);
    }
}

od_err od_campaign_explain(od_engine *engine, od_id campaign, const char *phone,
                           od_verdict *out)
{
    question q = {.is_composed = false};
    bool valid = false;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err = gather(engine, campaign, phone, &q, &valid);
    if (err != OD_OK) {
        return err;
    }
    if (!valid) {
        memset(out, 0, sizeof *out);
        out->kind = OD_VERDICT_BLOCK;
        out->reason = OD_REASON_NUMBER_INVALID;
        return OD_OK;
    }
    const od__facts facts = facts_of(engine, &q);
    od__decide_told(&facts, out);
    return OD_OK;
}

/* == evidence ============================================================== */

static void write_time(od__writer *w, int64_t utc_ms)
{
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm tm;
    char when[40];
    if (gmtime_r(&seconds, &tm) != NULL) {
        (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
        od__write(w, "%s", when);
    }
}

static void write_last(od__writer *w, const char *what, int64_t utc_ms)
{
    od__write(w, utc_ms != 0 ? "last %s " : "never %s", what);
    if (utc_ms != 0) {
        write_time(w, utc_ms);
    }
}

/* Calls in the period of a cap. */
static void write_cap(od__writer *w, const od__facts *f, const od__rule *rule)
{
    int32_t calls = 0;
    int64_t since = f->utc_ms - rule->per_ms;
    for (int32_t i = 0; i < f->candidate->recent_len; i++) {
        const od_recent *call = &f->candidate->recent[i];
        calls += call->utc_ms > since &&
                         (rule->amount == OD__CAP_NUMBER ||
                          call->campaign == f->campaign->id)
                     ? 1
                     : 0;
    }
    od__write(w, "%d calls since ", (int)calls);
    write_time(w, since);
}

static void write_consent(od__writer *w, const od__facts *f)
{
    const od_consents *c = &f->candidate->consents;
    uint32_t bit = f->campaign->purpose > 0 ? 1u << f->campaign->purpose : 0;
    od__write(w, "%s consent for %s on record",
              (c->written & bit) != 0   ? "written"
              : (c->express & bit) != 0 ? "express"
                                        : "no",
              od_purpose_name(f->campaign->purpose));
}

static void write_registry(od__writer *w, const od__facts *f,
                           const od__rule *rule)
{
    int64_t obtained = od__registries_obtained(f->registries, rule->list);
    od__write(w, "registry %s ", rule->list);
    if (obtained == 0) {
        od__write(w, "is not in use");
        return;
    }
    od__write(w, "obtained ");
    write_time(w, obtained);
}

/* What could lift it is not there, or nothing can. */
static void write_ban(od__writer *w, const od__rule *rule)
{
    od__write(w, rule->unless != 0 ? "no evidence on record exempts"
                                   : "no evidence exempts");
}

static void write_rule(od__writer *w, const od__facts *f, const od__rule *rule)
{
    char said[OD__RULE_SAID_SIZE];
    if (od__decide_exempts(rule, f->campaign->purpose,
                           &f->candidate->consents, f->utc_ms)) {
        od__write(w, "evidence on record exempts");
        return;
    }
    switch (rule->effect) {
    case OD_RULE_CAP:
        write_cap(w, f, rule);
        break;
    case OD_RULE_CONSENT:
        write_consent(w, f);
        break;
    case OD_RULE_REGISTRY:
        write_registry(w, f, rule);
        break;
    case OD_RULE_BAN:
        write_ban(w, rule);
        break;
    case OD_RULE_REQUIRE:
        od__rule_text(&f->law->set, rule, said, sizeof said);
        od__write(w, "%s: %s", said,
                  od__require_is_met(rule, f->campaign, f->given)
                      ? "the campaign does"
                      : "the campaign does not");
        break;
    default:
        break;
    }
}

/* "last call: busy", or when the person asked to be called. */
static void write_last_call(od__writer *w, const od_candidate *c)
{
    od__write(w, "last call: %s", od_disposition_name(c->disposition));
    if (c->state == OD_TARGET_READY && c->disposition != OD_DISPOSITION_NONE) {
        od__write(w, ", due ");
        write_time(w, c->due_utc_ms);
    }
}

static void write_place(od__writer *w, const od__place_entry *place)
{
    od__write(w, "%s",
              place != NULL && place->key[0] != '\0' ? place->key
                                                     : "not known");
}

static void write_composed(od__writer *w, const question *q)
{
    od__write(w, "%s%s%s", q->is_composed ? q->encoded : "no text",
              q->composed.why[0] != '\0' ? ": " : "", q->composed.why);
}

static void write_fact(od__writer *w, const od__facts *f, const char *name,
                       const od__place_entry *place)
{
    const od_candidate *c = f->candidate;
    if (strcmp(name, "campaign") == 0) {
        od__write(w, "%s", od_campaign_state_name(f->campaign->state));
    } else if (strcmp(name, "number") == 0) {
        od__write(w, c->number_invalid ? "reported as not assigned"
                                       : "not reported as unassigned");
    } else if (strcmp(name, "dnc") == 0) {
        od__write(w, c->dnc ? "on the list" : "not on the list");
    } else if (strcmp(name, "reached") == 0 || strcmp(name, "retry") == 0) {
        write_last_call(w, c);
    } else if (strcmp(name, "in flight") == 0) {
        od__write(w, c->in_flight ? "a call to it is under way"
                                  : "no call to it is under way");
    } else if (strcmp(name, "attempts") == 0) {
        od__write(w, "%d of %d", (int)c->attempts,
                  (int)f->campaign->attempts_max);
    } else if (strcmp(name, "answered") == 0) {
        write_last(w, "answered", c->line_answered_utc_ms);
    } else if (strcmp(name, "called") == 0) {
        write_last(w, "called", c->line_called_utc_ms);
    } else if (strcmp(name, "place") == 0) {
        write_place(w, place);
    } else if (strcmp(name, "enrolled") == 0) {
        od__write(w, "contact %lld", (long long)c->contact);
    }
}

/* == every check =========================================================== */

/* All rules of an opening, those of windows, and the checks that are none. */
#define LISTING_MAX (2 * OD__OPENING_RULES + 32)

typedef struct listing {
    od_engine *engine;
    const od__facts *facts;
    const question *question;
    od_check *rows; /* LISTING_MAX */
    size_t len;
    bool memory; /* a citation did not fit */
} listing;

/* The campaign's windows, said as a rule's. */
static void write_windows(listing *l, od_check *row)
{
    const od_campaign_record *c = l->facts->campaign;
    od__rule rule = {.effect = OD_RULE_WINDOW, .holidays = OD_NONE};
    for (int32_t i = 0; i < c->windows_len &&
                        rule.windows_len < OD__LEN(rule.windows); i++) {
        rule.windows[rule.windows_len++] = c->windows[i];
    }
    od__rule_text(&l->engine->law.set, &rule, row->evidence,
                  sizeof row->evidence);
}

static void on_check(void *ctx, const char *name, const od__rule *rule,
                     const od_verdict *verdict)
{
    listing *l = ctx;
    od__writer w;
    assert(l->len < LISTING_MAX);
    od_check *row = &l->rows[l->len++];
    memset(row, 0, sizeof *row);
    row->verdict = *verdict;
    row->citation = "";
    od__text_copy(row->name, sizeof row->name, name);
    od__writer_init(&w, row->evidence, sizeof row->evidence);
    if (rule == NULL && strcmp(name, "windows") == 0) {
        write_windows(l, row);
        return;
    }
    if (rule == NULL && strcmp(name, "text") == 0) {
        write_composed(&w, l->question);
        return;
    }
    if (rule == NULL) {
        write_fact(&w, l->facts, name, l->question->place);
        return;
    }
    od__text_copy(row->verdict.rule, sizeof row->verdict.rule, rule->id);
    if (rule->effect == OD_RULE_WINDOW) {
        od__rule_text(&l->engine->law.set, rule, row->evidence,
                      sizeof row->evidence);
    } else {
        write_rule(&w, l->facts, rule);
    }
    row->citation = od__arena_text(&l->engine->arena, rule->citation,
                                   strlen(rule->citation));
    l->memory = l->memory || row->citation == NULL;
}

/* Move a row to where another stands; those between make room. */
static void move_row(od_check *rows, size_t from, size_t to)
{
    od_check row = rows[from];
    if (from < to) {
        memmove(&rows[from], &rows[from + 1], (to - from) * sizeof *rows);
    } else {
        memmove(&rows[to + 1], &rows[to], (from - to) * sizeof *rows);
    }
    rows[to] = row;
}

/* Of the rules of one effect the one that blocks decides, else the one that
 * defers longest: it comes first. */
static void order_rules(listing *l)
{
    for (size_t from = 0, to = 0; from < l->len; from = to) {
        size_t first = from;
        for (to = from; to < l->len &&
                        strcmp(l->rows[to].name, l->rows[from].name) == 0;
             to++) {
            const od_verdict *v = &l->rows[to].verdict;
            const od_verdict *best = &l->rows[first].verdict;
            bool longer = v->kind == OD_VERDICT_DEFER &&
                          best->kind == OD_VERDICT_DEFER &&
                          v->until_utc_ms > best->until_utc_ms;
            first = v->kind > best->kind || longer ? to : first;
        }
        move_row(l->rows, first, from);
    }
}

/* The campaign's state comes last where it is not what is told. */
static void order_campaign(listing *l)
{
    od_verdict told;
    od__decide_told(l->facts, &told);
    if (l->rows[0].verdict.kind != OD_VERDICT_ALLOW &&
        told.reason != l->rows[0].verdict.reason) {
        move_row(l->rows, 0, l->len - 1);
    }
}

static void list_all(listing *l, const question *q)
{
    od_engine *engine = l->engine;
    od__decide_each(l->facts, on_check, l);
    order_rules(l);
    od__decide_place_each(&engine->law, q->record, q->place, engine->now.utc_ms,
                          on_check, l);
    order_campaign(l);
}

static void list_invalid(listing *l, const question *q)
{
    od_check *row = &l->rows[l->len++];
    memset(row, 0, sizeof *row);
    row->verdict = (od_verdict){.kind = OD_VERDICT_BLOCK,
                                .reason = OD_REASON_NUMBER_INVALID};
    row->citation = "";
    od__text_copy(row->name, sizeof row->name, "phone");
    (void)snprintf(row->evidence, sizeof row->evidence,
                   "not a phone number: it %s",
                   od__phone_err_text(q->phone_err));
}

od_err od_campaign_checks(od_engine *engine, od_id campaign, const char *phone,
                          od_check *rows, size_t rows_max, size_t *count)
{
    question q = {.is_composed = false};
    bool valid = false;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (count == NULL || (rows == NULL && rows_max > 0)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "rows and count must not be NULL");
    }
    od_err err = gather(engine, campaign, phone, &q, &valid);
    if (err != OD_OK) {
        return err;
    }
    const od__facts facts = facts_of(engine, &q);
    listing l = {.engine = engine, .facts = &facts, .question = &q};
    l.rows = od__arena_take(&engine->arena, LISTING_MAX * sizeof *l.rows);
    if (l.rows != NULL && valid) {
        list_all(&l, &q);
    } else if (l.rows != NULL) {
        list_invalid(&l, &q);
    }
    if (l.rows == NULL || l.memory) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < l.len && i < rows_max; i++) {
        rows[i] = l.rows[i];
    }
    *count = l.len;
    return OD_OK;
}

/* == a verdict in words ==================================================== */

void od_verdict_text(const od_verdict *verdict, char *out, size_t out_size)
{
    static const char *const texts[OD_REASONS] = {
        "it may be called now",
        "the campaign is not running",
        "the number cannot be called, or is not assigned",
        "the number is on the do-not-call list",
        "all its attempts are used",
        "it was reached, or is not to be called again",
        "its retry delay has not passed",
        "it answered recently",
        "it was called recently",
        "its place is not known, so its local time is not",
        "the calling rules do not allow its local hour",
        "the campaign's windows are closed at its local time",
        "the rules and the campaign's windows never meet there",
        "another call to it is under way",
        "it is not enrolled in the campaign",
        "a rule needs consent that is not on record",
        "a rule forbids such calls to it",
        "it was called as often as a rule allows",
        "it is on a do-not-call registry",
        "a registry that must be asked is missing, too old, or without its area",
        "the end of the campaign has passed",
        "the campaign does not say or do what a rule requires",
        "its text would be empty or too long, or lacks a field"};
    od__writer w;
    if (verdict == NULL || out == NULL || out_size == 0) {
        return;
    }
    bool known = verdict->reason >= 0 && verdict->reason < OD_REASONS;
    od__writer_init(&w, out, out_size);
    od__write(&w, "%s: %s", od_verdict_kind_name(verdict->kind),
              known ? texts[verdict->reason] : "?");
    if (verdict->rule[0] != '\0') {
        od__write(&w, " (rule %.31s)", verdict->rule);
    }
    if (verdict->until_utc_ms > 0) {
        od__write(&w, "; ask again at ");
        write_time(&w, verdict->until_utc_ms);
    }
}
