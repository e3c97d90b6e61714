/*
 * assets.c - named bytes that never change: what media, surveys, rules,
 * overrides and caller IDs share.
 *
 * Adding and removing is in the ledger: what was played to people, and by which
 * rules they were called, must be known long after.
 */
#include "core/core.h"

/* Room for the payload of a change: the longest text in it, escaped. */
#define CHANGE_SIZE 8192

static const struct {
    const char *what;
    int32_t ledger; /* od_ledger_kind */
} kinds[] = {
    [OD_ASSET_MEDIA] = {"prompt", OD_LEDGER_MEDIA},
    [OD_ASSET_SURVEY] = {"survey", OD_LEDGER_MEDIA},
    [OD_ASSET_RULES] = {"set of rules", OD_LEDGER_RULES},
    [OD_ASSET_OVERRIDE] = {"override", OD_LEDGER_OVERRIDE},
    [OD_ASSET_CALLER_ID] = {"caller ID", OD_LEDGER_CALLER_ID},
};

/* The ledger row of a change; `text` is room for its payload. What is short
 * enough to be read, an override or the proof of a caller ID, is in it. */
static od_err record_change(od_engine *engine, const od_asset_record *record,
                            const char *change, char text[CHANGE_SIZE],
                            od_ledger_entry *out)
{
    od__writer payload;
    char hash[65];
    bool readable = record->kind == OD_ASSET_OVERRIDE ||
                    record->kind == OD_ASSET_CALLER_ID;
    /* Bytes have no NUL behind them. */
    const char *content =
        readable ? od__arena_text(&engine->arena, record->bytes,
                                  record->bytes_len)
                 : "";
    if (content == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    od__hex(record->sha256, sizeof record->sha256, hash);
    od__writer_init(&payload, text, CHANGE_SIZE);
    od__write(&payload, "{\"change\":\"%s\",\"what\":\"%s\",\"name\":",
              change, kinds[record->kind].what);
    od__write_json(&payload, record->name);
    od__write(&payload, ",\"sha256\":\"%s\",\"bytes\":%zu", hash,
              record->bytes_len);
    if (readable) {
        od__write(&payload, ",\"text\":");
        od__write_json(&payload, content);
    }
    od__write(&payload, "}");
    od__ledger_entry(engine, out, kinds[record->kind].ledger, record->id, text);
    return OD_OK;
}

od_err od__asset_find(od_engine *engine, int32_t kind, const char *name,
                      od_id *out)
{
    od_asset_record rows[64];
    size_t count = 0;
    od_id after = 0;
    if (name == NULL || out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "name and out must not be NULL");
    }
    do {
        od_err err = OD__STORE(engine, asset_scan)(
            engine->store, kind, after, rows, OD__LEN(rows), &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            if (strcmp(rows[i].name, name) == 0) {
                *out = rows[i].id;
                return OD_OK;
            }
            after = rows[i].id;
        }
    } while (count == OD__LEN(rows));
    return od__engine_fail(engine, OD_ERR_NOT_FOUND, "no %s is called \"%s\"",
                           kinds[kind].what, name);
}

od_err od__assets_read(od_engine *engine, int32_t kind, od_id after,
                       size_t rows_max, od_asset_record **rows, size_t *count)
{
    size_t len = 0;
    *rows = od__arena_take(&engine->arena, rows_max * sizeof **rows);
    if (*rows == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    od_err err = OD__STORE(engine, asset_scan)(engine->store, kind, after,
                                               *rows, rows_max, &len);
    if (err == OD_OK) {
        *count = len;
    }
    return od__store_err(engine, err);
}

od_err od__asset_add(od_engine *engine, const od_asset_record *record,
                     od_id *out)
{
    od_id id = 0;
    char text[CHANGE_SIZE];
    od_ledger_entry ledger;
    od_err err = record_change(engine, record, "add", text, &ledger);
    if (err != OD_OK) {
        return err;
    }
    err = OD__STORE(engine, asset_put)(engine->store, record, &ledger, &id);
    if (err == OD_ERR_EXISTS) {
        od_asset_record old;
        err = od__asset_find(engine, record->kind, record->name, &id);
        if (err == OD_OK) {
            err = od__store_err(engine,
                                OD__STORE(engine, asset_get)(
                                    engine->store, record->kind, id, &old));
        }
        if (err == OD_OK && memcmp(old.sha256, record->sha256, 32) != 0) {
            return od__engine_fail(
                engine, OD_ERR_EXISTS,
                "\"%s\" exists with other content: choose another name",
                record->name);
        }
    } else {
        err = od__store_err(engine, err);
    }
    if (err == OD_OK && out != NULL) {
        *out = id;
    }
    return err;
}

od_err od__asset_get(od_engine *engine, int32_t kind, od_id id,
                     const void *out_arg, od_asset_record *out)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out_arg == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err = OD__STORE(engine, asset_get)(engine->store, kind, id, out);
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err, "no %s has the id %lld",
                               kinds[kind].what, (long long)id);
    }
    return od__store_err(engine, err);
}

/* Does a campaign name the asset by its id? */
static bool campaign_uses(const od_campaign_record *campaign, int32_t kind,
                          od_id id)
{
    if (kind == OD_ASSET_SURVEY) {
        return campaign->survey == id;
    }
    for (int32_t i = 0; i < campaign->prompts_len; i++) {
        if (campaign->prompts[i] == id) {
            return true;
        }
    }
    return campaign->opt_out_prompt == id || campaign->identity_prompt == id ||
           campaign->offer_prompt == id;
}

static bool names_have(const od__names *names, const char *name)
{
    for (int32_t i = 0; i < names->len; i++) {
        if (strcmp(names->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool survey_uses(const od__survey *survey, const char *name)
{
    bool uses = names_have(&survey->end, name) ||
                names_have(&survey->failed, name);
    for (int32_t i = 0; i < survey->questions_len && !uses; i++) {
        const od__question *q = &survey->questions[i];
        uses = names_have(&q->play, name) || names_have(&q->invalid, name) ||
               names_have(&q->silence, name);
    }
    return uses;
}

/* Does a survey name the prompt? */
static od_err check_surveys(od_engine *engine, const char *name,
                            od__survey *scratch)
{
    od_asset_record rows[64];
    size_t count = 0;
    od_id after = 0;
    do {
        od_err err = OD__STORE(engine, asset_scan)(
            engine->store, OD_ASSET_SURVEY, after, rows, OD__LEN(rows), &count);
        for (size_t i = 0; err == OD_OK && i < count; i++) {
            od_asset_record survey;
            after = rows[i].id;
            err = OD__STORE(engine, asset_get)(engine->store, OD_ASSET_SURVEY,
                                               after, &survey);
            if (err == OD_OK &&
                od__survey_parse(survey.bytes, survey.bytes_len, scratch,
                                 NULL) == OD_OK &&
                survey_uses(scratch, name)) {
                return od__engine_fail(engine, OD_ERR_STATE,
                                       "survey \"%s\" uses \"%s\"",
                                       survey.name, name);
            }
        }
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
    } while (count == OD__LEN(rows));
    return OD_OK;
}

static od_err check_campaigns(od_engine *engine, int32_t kind, od_id id,
                              const char *name)
{
    od_id ids[64];
    size_t count = 0;
    od_id after = 0;
    do {
        od_err err = OD__STORE(engine, campaign_scan)(
            engine->store, after, ids, OD__LEN(ids), &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            od_campaign_record *campaign = NULL;
            after = ids[i];
            err = od__campaign_read(engine, ids[i], &campaign);
            if (err != OD_OK) {
                return err;
            }
            if (campaign_uses(campaign, kind, id)) {
                return od__engine_fail(engine, OD_ERR_STATE,
                                       "campaign \"%s\" uses \"%s\"",
                                       campaign->name, name);
            }
        }
    } while (count == OD__LEN(ids));
    return OD_OK;
}

od_err od__asset_remove(od_engine *engine, int32_t kind, od_id id)
{
    od_asset_record record;
    memset(&record, 0, sizeof record);
    od_err err = od__asset_get(engine, kind, id, &record, &record);
    if (err != OD_OK) {
        return err;
    }
    err = check_campaigns(engine, kind, id, record.name);
    if (err == OD_OK && kind == OD_ASSET_MEDIA) {
        od__survey *scratch = od__alloc(&engine->allocator, sizeof *scratch);
        if (scratch == NULL) {
            return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
        }
        err = check_surveys(engine, record.name, scratch);
        od__free(&engine->allocator, scratch);
    }
    if (err != OD_OK) {
        return err;
    }
    return od__asset_drop(engine, kind, id);
}

od_err od__asset_drop(od_engine *engine, int32_t kind, od_id id)
{
    od_asset_record record;
    char text[CHANGE_SIZE];
    od_ledger_entry ledger;
    od_err err = OD__STORE(engine, asset_get)(engine->store, kind, id, &record);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    err = record_change(engine, &record, "remove", text, &ledger);
    if (err != OD_OK) {
        return err;
    }
    return od__store_err(engine,
                         OD__STORE(engine, asset_remove)(engine->store, kind,
                                                         id, &ledger));
}
