/*
 * law.c - the rules in force: built-in ones, those that the host added, and
 * which of them are lifted.
 *
 * What the host adds is stored as assets, so that every engine on the database
 * knows it, and is read by the parser of the built-in texts. The law of an
 * engine is made anew as a whole and takes the place of the old one at once:
 * no decision sees half of a change. Its hash stands in the ledger with every
 * decision to dial. A set of rules that cannot be read fails the engine, an
 * override that cannot be read lifts nothing.
 *
 * What a row means is decide.c's; the host's face is rules.c.
 */
#include "core/core.h"

#include <stdlib.h>

#define PAGE_ROWS 64

/* == an override as an asset =============================================== */

/* Copy a line that ends so, and step behind its end; false: it is empty, ends
 * otherwise, or does not fit. */
static bool take_line(const char **at, char end, char *out, size_t out_size)
{
    size_t len = strcspn(*at, "\n");
    if (len == 0 || len >= out_size || (*at)[len] != end) {
        return false;
    }
    memcpy(out, *at, len);
    out[len] = '\0';
    *at += len + 1;
    return true;
}

bool od__override_read(const od_asset_record *record, od__override *out)
{
    char campaign[20]; /* digits of an od_id */
    const char *at = record->bytes;
    bool read = record->bytes_len > 0 &&
                record->bytes_len <= OD__OVERRIDE_SIZE &&
                at[record->bytes_len - 1] == '\0' &&
                take_line(&at, '\n', out->rule, sizeof out->rule) &&
                take_line(&at, '\n', campaign, sizeof campaign) &&
                take_line(&at, '\n', out->who, sizeof out->who) &&
                take_line(&at, '\0', out->reason, sizeof out->reason) &&
                at == (const char *)record->bytes + record->bytes_len &&
                campaign[strspn(campaign, "0123456789")] == '\0';
    out->campaign = read ? strtoll(campaign, NULL, 10) : 0;
    return read;
}

/* == making the law ======================================================== */

/* Call `each` for every asset of a kind, with its bytes. */
static od_err each_asset(od_engine *engine, int32_t kind,
                         od_err (*each)(od_engine *engine, od__law *law,
                                        const od_asset_record *record),
                         od__law *law)
{
    od_asset_record rows[PAGE_ROWS];
    size_t count = 0;
    od_id after = 0;
    do {
        od_err err = OD__STORE(engine, asset_scan)(
            engine->store, kind, after, rows, PAGE_ROWS, &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        after = count > 0 ? rows[count - 1].id : after;
        for (size_t i = 0; i < count; i++) {
            od_asset_record record;
            err = OD__STORE(engine, asset_get)(engine->store, kind,
                                               rows[i].id, &record);
            if (err != OD_OK) {
                return od__store_err(engine, err);
            }
            err = each(engine, law, &record);
            if (err != OD_OK) {
                return err;
            }
        }
    } while (count == PAGE_ROWS);
    return OD_OK;
}

static od_err take_set(od_engine *engine, od__law *law,
                       const od_asset_record *record)
{
    return od__rule_set_add(&law->set, record->name, record->bytes,
                            record->bytes_len, true, &engine->errmsg);
}

static od_err take_lift(od_engine *engine, od__law *law,
                        const od_asset_record *record)
{
    od__override stored;
    (void)engine;
    if (law->lifts_len == OD__LIFTS_MAX ||
        !od__override_read(record, &stored)) {
        return OD_OK; /* lifts nothing */
    }
    od__lift *lift = &law->lifts[law->lifts_len++];
    memset(lift, 0, sizeof *lift);
    lift->id = record->id;
    lift->campaign = stored.campaign;
    od__text_copy(lift->rule, sizeof lift->rule, stored.rule);
    return OD_OK;
}

static void hash_law(od__law *law)
{
    uint8_t rules[32];
    od__rule_set_hash(&law->set, rules);
    od__sha256_pair(rules, sizeof rules, law->lifts,
                    law->lifts_len * sizeof *law->lifts, law->hash_bytes);
    od__hex(law->hash_bytes, sizeof law->hash_bytes, law->hash);
}

static void drop(od_engine *engine, od__law *law)
{
    od__rule_set_free(&law->set);
    od__free(&engine->allocator, law->lifts);
    memset(law, 0, sizeof *law);
}

/* Ids of the assets that a law is made of; they only grow. */
static od_err sum_assets(od_engine *engine, od_id *out)
{
    static const int32_t kinds[] = {OD_ASSET_RULES, OD_ASSET_OVERRIDE};
    od_id sum = 0;
    for (size_t i = 0; i < OD__LEN(kinds); i++) {
        od_asset_record rows[PAGE_ROWS];
        size_t count = 0;
        od_id after = 0;
        do {
            od_err err = OD__STORE(engine, asset_scan)(
                engine->store, kinds[i], after, rows, PAGE_ROWS, &count);
            if (err != OD_OK) {
                return od__store_err(engine, err);
            }
            for (size_t j = 0; j < count; j++) {
                after = rows[j].id;
                sum = (sum * 31 + after + 1) & INT64_MAX / 32;
            }
        } while (count == PAGE_ROWS);
    }
    *out = sum;
    return OD_OK;
}

static od_err make(od_engine *engine, od__law *law)
{
    memset(law, 0, sizeof *law);
    od__rule_set_init(&law->set, &engine->allocator);
    law->lifts =
        od__alloc(&engine->allocator, OD__LIFTS_MAX * sizeof *law->lifts);
    od_err err = law->lifts != NULL
                     ? od__rule_set_add_builtin(&law->set, &engine->errmsg)
                     : od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    /* Before they are read: what changes meanwhile is noticed later. */
    if (err == OD_OK) {
        err = sum_assets(engine, &law->assets_sum);
    }
    if (err == OD_OK) {
        err = each_asset(engine, OD_ASSET_RULES, take_set, law);
    }
    if (err == OD_OK) {
        err = each_asset(engine, OD_ASSET_OVERRIDE, take_lift, law);
    }
    if (err != OD_OK) {
        drop(engine, law);
        return err;
    }
    hash_law(law);
    return OD_OK;
}

od_err od__law_load(od_engine *engine)
{
    return make(engine, &engine->law);
}

void od__law_free(od_engine *engine)
{
    drop(engine, &engine->law);
}

/* Also of campaigns that are paused: they may go on. */
static od_err refill(od_engine *engine, od_id campaign)
{
    od_campaign_record record;
    od_err err = OD__STORE(engine, campaign_get)(engine->store, campaign,
                                                 &record);
    if (err == OD_OK && (record.state == OD_CAMPAIGN_RUNNING ||
                         record.state == OD_CAMPAIGN_PAUSED)) {
        err = OD__STORE(engine, refill)(engine->store, campaign);
    }
    return err == OD_ERR_NOT_FOUND ? OD_OK : od__store_err(engine, err);
}

static od_err judge_anew(od_engine *engine)
{
    od_id ids[PAGE_ROWS];
    size_t count = 0;
    od_id after = 0;
    od__engine_changed(engine);
    do {
        od_err err = OD__STORE(engine, campaign_scan)(
            engine->store, after, ids, PAGE_ROWS, &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            after = ids[i];
            err = refill(engine, ids[i]);
            if (err != OD_OK) {
                return err;
            }
        }
    } while (count == PAGE_ROWS);
    return OD_OK;
}

/* What could not be read is read by the next step, and no step begins a call
 * by the old law before. */
static od_err read_later(od_engine *engine, od_err err)
{
    engine->law.assets_sum = OD_NONE;
    od__engine_changed(engine);
    return err;
}

od_err od__law_judge_anew(od_engine *engine)
{
    od_err err = judge_anew(engine);
    return err == OD_OK ? OD_OK : read_later(engine, err);
}

od_err od__law_replace(od_engine *engine)
{
    od__law law;
    od_err err = make(engine, &law);
    if (err != OD_OK) {
        return read_later(engine, err);
    }
    drop(engine, &engine->law);
    engine->law = law;
    return od__law_judge_anew(engine);
}

/* An override outlives its rule; it was not given for another of that id. */
static od_err check_unlifted(od_engine *engine, const od__law *law,
                             size_t first)
{
    for (size_t i = first; i < law->set.len; i++) {
        for (size_t j = 0; j < law->lifts_len; j++) {
            if (strcmp(law->lifts[j].rule, law->set.rows[i].id) == 0) {
                return od__engine_fail(engine, OD_ERR_EXISTS,
                                       "an override lifts \"%s\" already: "
                                       "remove it first, or choose another id",
                                       law->set.rows[i].id);
            }
        }
    }
    return OD_OK;
}

od_err od__law_try(od_engine *engine, const char *name, const char *text,
                   size_t text_len)
{
    od__law law;
    od_err err = make(engine, &law);
    if (err == OD_OK) {
        size_t first = law.set.len;
        err = od__rule_set_add(&law.set, name, text, text_len, true,
                               &engine->errmsg);
        if (err == OD_OK) {
            err = check_unlifted(engine, &law, first);
        }
        drop(engine, &law);
    }
    return err;
}

od_err od__law_refresh(od_engine *engine)
{
    od_id sum = 0;
    od_err err = sum_assets(engine, &sum);
    if (err != OD_OK) {
        return read_later(engine, err);
    }
    return sum != engine->law.assets_sum ? od__law_replace(engine) : OD_OK;
}

od_err od__law_look(od_engine *engine)
{
    return engine->transport == NULL ? od__law_refresh(engine) : OD_OK;
}

/* == asking it ============================================================= */

bool od__law_lifts(const od__law *law, const od__rule *rule, od_id campaign)
{
    for (size_t i = 0; i < law->lifts_len; i++) {
        const od__lift *lift = &law->lifts[i];
        if ((lift->campaign == 0 || lift->campaign == campaign) &&
            strcmp(lift->rule, rule->id) == 0) {
            return true;
        }
    }
    return false;
}

size_t od__law_find(const od__law *law, const od_campaign_record *campaign,
                    const od__place *place, uint16_t *out, size_t max)
{
    const od__rule_query query = {.channel = campaign->channel,
                                  .purpose = campaign->purpose,
                                  .place = place};
    size_t len = 0;
    for (size_t i = 0; i < law->set.len; i++) {
        const od__rule *rule = &law->set.rows[i];
        if (!od__rule_applies(rule, &query) ||
            od__law_lifts(law, rule, campaign->id)) {
            continue;
        }
        if (len == max) {
            return SIZE_MAX;
        }
        out[len++] = (uint16_t)i;
    }
    return len;
}
