/*
 * preflight_places.c - what the places of a campaign's members ask of it.
 *
 * Counts the members in each place, finds the rules that apply there, and
 * checks what rules require of a campaign: identification, opt-out, registries,
 * proof of the caller ID. A rule that applies to nobody asks nothing.
 */
#include "core/core.h"

#define DAY_MS INT64_C(86400000)
#define PAGE_ROWS 256

/* A registry is warned of so many days before it is too old. */
#define WARN_DAYS 5

typedef struct survey_of_places {
    int64_t *by_rule; /* members that a rule of the law concerns */
    int64_t members;
    int64_t unknown;  /* of a place nobody knows */
    int64_t never;    /* of one that is never open */
} survey_of_places;

/* Is it such a date in any of the zones? */
static bool is_in_force(const od__rule *rule, const od__place_entry *place,
                        int64_t utc_ms)
{
    for (size_t i = 0; i < place->place.zones_len; i++) {
        int64_t ignored;
        int64_t offset_s = od__zone_offset_s(place->zones[i], utc_ms);
        int64_t day = od__floor_div(utc_ms + offset_s * 1000, DAY_MS, &ignored);
        if (rule->from_day <= day && day <= rule->until_day) {
            return true;
        }
    }
    return false;
}

static void take_place(od_engine *engine, const od_campaign_record *c,
                       int32_t place, int64_t members, survey_of_places *s)
{
    uint16_t found[OD__OPENING_RULES];
    od__opening opening;
    const od__place_entry *entry = od__places_get(engine, place);
    s->members += members;
    od__decide_place(&engine->law, c, entry, engine->now.utc_ms, &opening);
    if (opening.verdict.reason == OD_REASON_PLACE_UNKNOWN || entry == NULL) {
        s->unknown += members;
        return;
    }
    s->never += opening.verdict.kind == OD_VERDICT_BLOCK ? members : 0;
    size_t len = od__law_find(&engine->law, c, &entry->place, found,
                              OD__LEN(found));
    for (size_t i = 0; len <= OD__LEN(found) && i < len; i++) {
        bool asks = is_in_force(&engine->law.set.rows[found[i]], entry,
                                engine->now.utc_ms);
        s->by_rule[found[i]] += asks ? members : 0;
    }
}

static od_err take_group(od_engine *engine, const od_campaign_record *c,
                         od_id group, survey_of_places *s)
{
    od_place_count rows[PAGE_ROWS];
    size_t count = 0;
    int32_t after = -1;
    do {
        od_err err = OD__STORE(engine, group_places)(
            engine->store, group, after, rows, PAGE_ROWS, &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            after = rows[i].place;
            take_place(engine, c, rows[i].place, rows[i].members, s);
        }
    } while (count == PAGE_ROWS);
    return OD_OK;
}

/* == what a rule requires ================================================== */

static void check_offer(const od_campaign_record *c, const od__given *given,
                        const od__rule *rule, int64_t members, od__findings *f)
{
    if (c->opt_out_key == OD_NONE) {
        od__found(f, OD_SEVERITY_ERROR, rule->id, members,
                  "set opt_out_key", "no key opts out");
    }
    if (od__prompt_at(c, c->offer_prompt) == OD_NONE) {
        od__found(f, OD_SEVERITY_ERROR, rule->id, members,
                  "say in a prompt which key opts out, and name it in "
                  "offer_prompt",
                  "no prompt offers the opt-out");
    } else if (given->offer_gap_ms > rule->amount) {
        od__found(f, OD_SEVERITY_ERROR, rule->id, members,
                  "put offer_prompt right behind identity_prompt",
                  "prompts of %lld ms stand before the offer of the opt-out, "
                  "%d are allowed",
                  (long long)given->offer_gap_ms, (int)rule->amount);
    }
}

/* Tell how what is required and not given can be. */
static void tell_require(const od_campaign_record *c, const od__given *given,
                         const od__rule *rule, int64_t members,
                         od__findings *f)
{
    switch (rule->value) {
    case OD__REQUIRE_IDENTITY:
        od__found(f, OD_SEVERITY_ERROR, rule->id, members,
                  "put a prompt that says who calls first, and name it in "
                  "identity_prompt",
                  "the first prompt does not say who calls");
        break;
    case OD__REQUIRE_OFFER:
        check_offer(c, given, rule, members, f);
        break;
    case OD__REQUIRE_CALLER_ID:
        if (c->caller_id != 0) { /* else told already */
            od__found(f, OD_SEVERITY_ERROR, rule->id, members,
                      "put it on the list with od_caller_id_add()",
                      "the caller ID is without proof that it may be shown");
        }
        break;
    case OD__REQUIRE_SELLER:
        od__found(f, OD_SEVERITY_ERROR, rule->id, members,
                  "set seller to the registered business name",
                  "no seller is named");
        break;
    case OD__REQUIRE_RING:
        od__found(f, OD_SEVERITY_ERROR, rule->id, members,
                  "raise ring_timeout_ms",
                  "it gives up ringing after %d ms, %d are the least",
                  (int)c->ring_timeout_ms, (int)rule->amount);
        break;
    case OD__REQUIRE_ABANDON:
        od__found(f, OD_SEVERITY_ERROR, rule->id, members,
                  "lower guards.abandon_max",
                  "no guard keeps abandoned calls to %d in 1000",
                  (int)rule->amount);
        break;
    case OD__REQUIRE_OPT_OUT_TEXT:
        od__found(f, OD_SEVERITY_ERROR, rule->id, members,
                  "set opt_out_text to \"Reply STOP to opt out\", which is put "
                  "behind each text",
                  "the text does not say how to opt out");
        break;
    case OD__REQUIRE_SELLER_NAMED:
        od__found(f, OD_SEVERITY_ERROR, rule->id, members,
                  "write the name of the seller into the text",
                  c->seller[0] != '\0' ? "the text does not name the seller"
                                       : "no seller is named");
        break;
    default:
        od__found(f, OD_SEVERITY_ERROR, rule->id, members,
                  "use a newer version", "it requires what is not known");
        break;
    }
}

static od_err check_require(od_engine *engine, const od_campaign_record *c,
                            const od__rule *rule, int64_t members,
                            od__findings *f)
{
    od__given given;
    od_err err = od__given_read(engine, c, &given);
    if (err == OD_OK && !od__require_is_met(rule, c, &given)) {
        tell_require(c, &given, rule, members, f);
    }
    return err;
}

static void check_registry(const od_engine *engine, const od__rule *rule,
                           int64_t members, od__findings *f)
{
    int64_t obtained =
        od__registries_obtained(engine->registries, rule->list);
    int64_t age_days = (engine->now.utc_ms - obtained) / DAY_MS;
    if (obtained == 0) {
        od__found(f, OD_SEVERITY_ERROR, rule->id, members,
                  "build a registry file and call od_registry_attach()",
                  "the list is not scrubbed: registry %s is not in use",
                  rule->list);
    } else if (obtained > engine->now.utc_ms || age_days >= rule->value) {
        od__found(f, OD_SEVERITY_ERROR, rule->id, members,
                  "obtain a new copy and rename it into place",
                  "registry %s was obtained %lld days ago, %d are allowed",
                  rule->list, (long long)age_days, (int)rule->value);
    } else if (age_days >= rule->value - WARN_DAYS) {
        od__found(f, OD_SEVERITY_WARNING, rule->id, members,
                  "obtain a new copy soon",
                  "registry %s will be too old in %lld days", rule->list,
                  (long long)(rule->value - age_days));
    }
}

/* Does the row say what a rule wants to hear for calls of this campaign? */
static bool is_consent(const od_consent_record *row,
                       const od_campaign_record *c, const od__rule *rule)
{
    bool kind = row->kind == OD_CONSENT_WRITTEN ||
                (row->kind == OD_CONSENT_EXPRESS &&
                 rule->value == OD_CONSENT_EXPRESS);
    return kind && row->revoked_utc_ms == 0 && row->purpose == c->purpose &&
           strcmp(row->seller, c->seller) == 0;
}

/* Somebody needs consent, and there is none on record of anybody. */
static od_err check_consent(od_engine *engine, const od_campaign_record *c,
                            const od__rule *rule, int64_t members,
                            od__findings *f)
{
    od_consent_record rows[64];
    size_t count = 0;
    od_id after = 0;
    do {
        od_err err = OD__STORE(engine, consent_scan)(
            engine->store, 0, after, rows, OD__LEN(rows), &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            after = rows[i].id;
            if (is_consent(&rows[i], c, rule)) {
                return OD_OK;
            }
        }
    } while (count == OD__LEN(rows));
    od__found(f, OD_SEVERITY_WARNING, rule->id, members,
              "put it on record with od_consent_import()",
              "%lld contacts need consent, and none is on record",
              (long long)members);
    return OD_OK;
}

static od_err check_rule(od_engine *engine, const od_campaign_record *c,
                         const od__rule *rule, int64_t members, od__findings *f)
{
    switch (rule->effect) {
    case OD_RULE_REQUIRE:
        return check_require(engine, c, rule, members, f);
    case OD_RULE_REGISTRY:
        check_registry(engine, rule, members, f);
        return OD_OK;
    case OD_RULE_CONSENT:
        return check_consent(engine, c, rule, members, f);
    case OD_RULE_BAN:
        od__found(f, OD_SEVERITY_WARNING, rule->id, members,
                  rule->unless != 0 ? "put what lifts it on record, or leave "
                                      "them out"
                                    : "leave them out",
                  "%lld contacts may not be called", (long long)members);
        return OD_OK;
    default:
        return OD_OK;
    }
}

/* == all =================================================================== */

static void check_open(const survey_of_places *s, od__findings *f)
{
    if (s->unknown > 0) {
        od__found(f, OD_SEVERITY_WARNING, "", s->unknown,
                  "give them a state, a postal code or a time zone",
                  "%lld contacts are in no known place and are never called",
                  (long long)s->unknown);
    }
    int64_t known = s->members - s->unknown;
    if (s->never > 0) {
        od__found(f, s->never == known ? OD_SEVERITY_ERROR
                                       : OD_SEVERITY_WARNING,
                  "", s->never, "widen the windows: see od_campaign_checks()",
                  "no window is ever open for %lld contacts: the rules and the "
                  "campaign's windows never meet",
                  (long long)s->never);
    }
}

od_err od__preflight_places(od_engine *engine,
                            const od_campaign_record *campaign, od__findings *f)
{
    const od__rule_set *set = &engine->law.set;
    od_campaign_record running = *campaign;
    survey_of_places s = {.by_rule = od__arena_take(
                              &engine->arena,
                              set->len * sizeof *s.by_rule)};
    if (s.by_rule == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    memset(s.by_rule, 0, set->len * sizeof *s.by_rule);
    running.state = OD_CAMPAIGN_RUNNING;
    for (int32_t i = 0; i < campaign->groups_len; i++) {
        od_err err = take_group(engine, &running, campaign->groups[i], &s);
        if (err != OD_OK) {
            return err;
        }
    }
    check_open(&s, f);
    for (size_t i = 0; i < set->len; i++) {
        od_err err = s.by_rule[i] > 0
                         ? check_rule(engine, campaign, &set->rows[i],
                                      s.by_rule[i], f)
                         : OD_OK;
        if (err != OD_OK) {
            return err;
        }
    }
    return OD_OK;
}
