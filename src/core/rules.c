/*
 * rules.c - the host's face of the rules: listing, adding, lifting.
 *
 * Adding and lifting store an asset, which is durable and in the ledger, and
 * make the law anew; law.c reads what is stored.
 */
#include "core/core.h"

#define TEXT_MAX (256 * 1024)

static void write_date(od_engine *engine, int64_t day, const char **out)
{
    char text[32] = "";
    int64_t year;
    int month;
    int date;
    if (day != OD__RULE_DAY_FIRST && day != OD__RULE_DAY_LAST) {
        od__date_of_days(day, &year, &month, &date);
        (void)snprintf(text, sizeof text, "%04d-%02d-%02d", (int)year, month,
                       date);
    }
    *out = od__arena_text(&engine->arena, text, strlen(text));
}

static od_err tell_rule(od_engine *engine, const od__rule *rule, od_rule *out)
{
    char text[512];
    char places[OD__RULE_PLACES_MAX * sizeof rule->in[0] + 1];
    od__writer w;
    od__writer_init(&w, places, sizeof places);
    for (size_t i = 0; i < rule->in_len; i++) {
        od__write(&w, "%s%s", i > 0 ? " " : "", rule->in[i]);
    }
    od__rule_text(&engine->law.set, rule, text, sizeof text);
    memset(out, 0, sizeof *out);
    out->id = od__arena_text(&engine->arena, rule->id, strlen(rule->id));
    out->set = od__arena_text(&engine->arena, rule->set, strlen(rule->set));
    out->jurisdiction = od__arena_text(&engine->arena, places, strlen(places));
    out->text = od__arena_text(&engine->arena, text, strlen(text));
    out->citation = od__arena_text(&engine->arena, rule->citation,
                                   strlen(rule->citation));
    write_date(engine, rule->from_day, &out->from);
    write_date(engine, rule->until_day, &out->until);
    out->effect = rule->effect;
    out->verified = rule->verified;
    out->host = rule->host;
    out->lifted = od__law_lifts(&engine->law, rule, 0);
    bool kept = out->id != NULL && out->set != NULL &&
                out->jurisdiction != NULL && out->text != NULL &&
                out->citation != NULL && out->from != NULL &&
                out->until != NULL;
    return kept ? OD_OK
                : od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
}

od_err od_rules_list(od_engine *engine, size_t after, od_rule *rows,
                     size_t rows_max, size_t *count)
{
    od_err err = od__list_check(engine, 0, rows, rows_max, count);
    size_t len = 0;
    if (err == OD_OK) {
        err = od__law_look(engine);
    }
    while (err == OD_OK && len < rows_max && after < engine->law.set.len) {
        err = tell_rule(engine, &engine->law.set.rows[after++], &rows[len++]);
    }
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}

od_err od_rules_hash(od_engine *engine, uint8_t out[32])
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err = od__law_look(engine);
    if (err == OD_OK) {
        memcpy(out, engine->law.hash_bytes, sizeof engine->law.hash_bytes);
    }
    return err;
}

static bool is_set_name(const char *name)
{
    size_t len = name != NULL ? strnlen(name, OD__RULE_ID_MAX + 1) : 0;
    return len > 0 && len <= OD__RULE_ID_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len;
}

/* How many sets the host has added, those of holidays alone with them. */
static od_err count_sets(od_engine *engine, size_t *out)
{
    od_asset_record rows[OD__RULE_SETS_MAX];
    od_err err = OD__STORE(engine, asset_scan)(engine->store, OD_ASSET_RULES, 0,
                                               rows, OD__LEN(rows), out);
    return od__store_err(engine, err);
}

static void asset_of(int32_t kind, const char *name, const void *bytes,
                     size_t len, od_asset_record *out)
{
    memset(out, 0, sizeof *out);
    out->kind = kind;
    out->bytes = bytes;
    out->bytes_len = len;
    od__text_copy(out->name, sizeof out->name, name);
    od__sha256(bytes, len, out->sha256);
}

od_err od_rules_add(od_engine *engine, const char *name, const char *text)
{
    od_asset_record record;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    size_t len = text != NULL ? strnlen(text, TEXT_MAX + 1) : 0;
    if (!is_set_name(name) || len == 0 || len > TEXT_MAX) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "a set of rules needs a name of 1 to %d "
                               "characters a-z 0-9 . - and a text of 1 to %d "
                               "bytes",
                               OD__RULE_ID_MAX, TEXT_MAX);
    }
    size_t sets = 0;
    od_err err = count_sets(engine, &sets);
    if (err != OD_OK) {
        return err;
    }
    if (sets >= OD__RULE_SETS_MAX) {
        return od__engine_fail(engine, OD_ERR_LIMIT,
                               "%d sets of rules were added: remove one first",
                               OD__RULE_SETS_MAX);
    }
    od_id ignored = 0;
    if (od__asset_find(engine, OD_ASSET_RULES, name, &ignored) == OD_OK) {
        return od__engine_fail(engine, OD_ERR_EXISTS,
                               "a set of rules is called \"%s\" already: "
                               "remove it first",
                               name);
    }
    engine->errmsg.text[0] = '\0';
    err = od__law_try(engine, name, text, len);
    if (err != OD_OK) {
        return err;
    }
    asset_of(OD_ASSET_RULES, name, text, len, &record);
    err = od__asset_add(engine, &record, &ignored);
    return err == OD_OK ? od__law_replace(engine) : err;
}

od_err od_rules_remove(od_engine *engine, const char *name)
{
    od_id id = 0;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__asset_find(engine, OD_ASSET_RULES, name, &id);
    if (err == OD_OK) {
        err = od__asset_drop(engine, OD_ASSET_RULES, id);
    }
    return err == OD_OK ? od__law_replace(engine) : err;
}

/* == overrides ============================================================= */

/* Four lines: rule, campaign, who, reason; none of them holds a line end. */
static void write_override(const od_override *o, od__writer *w)
{
    od__write(w, "%s\n%lld\n", o->rule, (long long)o->campaign);
    od__write(w, "%s\n%s", o->who, o->reason);
}

/* UTF-8 of one line, 1 to max bytes. */
static od_err check_line(od_engine *engine, const char *text, size_t max,
                         const char *what)
{
    size_t len = text != NULL ? strnlen(text, max + 1) : 0;
    if (len == 0 || len > max || !od__utf8_is_valid(text, len) ||
        strpbrk(text, "\r\n") != NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "%s of an override must be one line of 1 to "
                               "%zu bytes UTF-8",
                               what, max);
    }
    return OD_OK;
}

static od_err check_override(od_engine *engine, const od_override *o)
{
    od_campaign_record *ignored = NULL;
    od_err err = od__name_check(engine, o->name, "override");
    if (err == OD_OK) {
        err = check_line(engine, o->rule, OD__RULE_ID_MAX, "rule");
    }
    if (err == OD_OK) {
        err = check_line(engine, o->who, OD_NAME_MAX, "who");
    }
    if (err == OD_OK) {
        err = check_line(engine, o->reason, 1023, "reason");
    }
    if (err == OD_OK) {
        err = od__law_look(engine);
    }
    if (err != OD_OK) {
        return err;
    }
    if (od__rule_find(&engine->law.set, o->rule) == NULL) {
        return od__engine_fail(engine, OD_ERR_NOT_FOUND,
                               "no rule has the id \"%s\"", o->rule);
    }
    if (engine->law.lifts_len == OD__LIFTS_MAX) {
        return od__engine_fail(engine, OD_ERR_LIMIT,
                               "there are %d overrides: remove one first",
                               OD__LIFTS_MAX);
    }
    return o->campaign == 0 ? OD_OK
                            : od__campaign_read(engine, o->campaign, &ignored);
}

od_err od_override_add(od_engine *engine, const od_override *override)
{
    od_asset_record record;
    od__writer w;
    char text[OD__OVERRIDE_SIZE];
    od_id id = 0;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (override == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "override must not be NULL");
    }
    od_err err = check_override(engine, override);
    if (err != OD_OK) {
        return err;
    }
    if (od__asset_find(engine, OD_ASSET_OVERRIDE, override->name, &id) ==
        OD_OK) {
        return od__engine_fail(engine, OD_ERR_EXISTS,
                               "an override is called \"%s\" already",
                               override->name);
    }
    engine->errmsg.text[0] = '\0';
    od__writer_init(&w, text, sizeof text);
    write_override(override, &w);
    asset_of(OD_ASSET_OVERRIDE, override->name, text, w.len + 1, &record);
    err = od__asset_add(engine, &record, &id);
    return err == OD_OK ? od__law_replace(engine) : err;
}

od_err od_override_remove(od_engine *engine, const char *name)
{
    od_id id = 0;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__asset_find(engine, OD_ASSET_OVERRIDE, name, &id);
    if (err == OD_OK) {
        err = od__asset_drop(engine, OD_ASSET_OVERRIDE, id);
    }
    return err == OD_OK ? od__law_replace(engine) : err;
}

static od_err tell_override(od_engine *engine, od_id id, od_override *out)
{
    od_asset_record record;
    od__override stored;
    od_err err = OD__STORE(engine, asset_get)(engine->store, OD_ASSET_OVERRIDE,
                                              id, &record);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    if (!od__override_read(&record, &stored)) {
        return od__engine_fail(engine, OD_ERR_CORRUPT,
                               "override \"%s\" cannot be read: remove it",
                               record.name);
    }
    od__arena *arena = &engine->arena;
    out->name = od__arena_text(arena, record.name, strlen(record.name));
    out->rule = od__arena_text(arena, stored.rule, strlen(stored.rule));
    out->who = od__arena_text(arena, stored.who, strlen(stored.who));
    out->reason = od__arena_text(arena, stored.reason, strlen(stored.reason));
    out->campaign = stored.campaign;
    return out->name != NULL && out->rule != NULL && out->who != NULL &&
                   out->reason != NULL
               ? OD_OK
               : od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
}

od_err od_overrides_list(od_engine *engine, size_t after, od_override *rows,
                         size_t rows_max, size_t *count)
{
    od_err err = od__list_check(engine, 0, rows, rows_max, count);
    size_t len = 0;
    if (err == OD_OK) {
        err = od__law_look(engine);
    }
    while (err == OD_OK && len < rows_max && after < engine->law.lifts_len) {
        err = tell_override(engine, engine->law.lifts[after++].id, &rows[len]);
        if (err == OD_ERR_NOT_FOUND) { /* another process removed it */
            engine->errmsg.text[0] = '\0';
            err = OD_OK;
        } else {
            len++;
        }
    }
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}
