/*
 * script_load.c - a campaign's prompts and survey, compiled when it begins.
 *
 * Every prompt is decoded once and held by the script; a prompt that stands in
 * several places is the same object. Transports hold what they play for
 * themselves, so a script may be freed while the last frames leave.
 */
#include "core/core.h"

#include <stdlib.h>

#define LOADED_MAX 512

/* How often each question is asked in a call, on average, before a survey that
 * leads in a circle is ended. */
#define VISITS_EACH 3

typedef struct loader {
    od_engine *engine;
    od__script *script;
    od_id ids[LOADED_MAX];
    const od_prompt *prompts[LOADED_MAX];
    size_t len;
} loader;

static od_err load(loader *l, od_id id, const od_prompt **out)
{
    for (size_t i = 0; i < l->len; i++) {
        if (l->ids[i] == id) {
            *out = l->prompts[i];
            od_prompt_hold(*out);
            return OD_OK;
        }
    }
    od_engine *engine = l->engine;
    if (l->len == LOADED_MAX) {
        return od__engine_fail(engine, OD_ERR_LIMIT,
                               "more than %d prompts in one campaign",
                               LOADED_MAX);
    }
    od_asset_record record;
    od_err err =
        OD__STORE(engine, asset_get)(engine->store, OD_ASSET_MEDIA, id,
                                     &record);
    if (err != OD_OK) {
        return err == OD_ERR_NOT_FOUND
                   ? od__engine_fail(engine, err, "no prompt has the id %lld",
                                     (long long)id)
                   : od__store_err(engine, err);
    }
    int16_t *samples = NULL;
    size_t samples_len = 0;
    err = od__audio_decode(record.bytes, record.bytes_len, &samples,
                           &samples_len, &engine->errmsg);
    if (err == OD_OK) {
        err = od__prompt_new(out, samples, samples_len, &engine->errmsg);
    }
    free(samples);
    if (err == OD_OK) {
        l->ids[l->len] = id;
        l->prompts[l->len++] = *out;
    }
    return err;
}

static od_err load_id(loader *l, od_id id, od__prompts *out)
{
    od_err err = load(l, id, &out->items[out->len]);
    out->len += err == OD_OK ? 1 : 0;
    return err;
}

static od_err load_names(loader *l, const od__names *names, od__prompts *out)
{
    for (int32_t i = 0; i < names->len; i++) {
        od_id id = 0;
        od_err err =
            od__asset_find(l->engine, OD_ASSET_MEDIA, names->names[i], &id);
        if (err == OD_OK) {
            err = load_id(l, id, out);
        }
        if (err != OD_OK) {
            return err;
        }
    }
    return OD_OK;
}

static od_err load_survey(loader *l, od_id id)
{
    od__script *script = l->script;
    od_engine *engine = l->engine;
    od_asset_record record;
    od_err err = OD__STORE(engine, asset_get)(engine->store, OD_ASSET_SURVEY,
                                              id, &record);
    if (err != OD_OK) {
        return err == OD_ERR_NOT_FOUND
                   ? od__engine_fail(engine, err, "no survey has the id %lld",
                                     (long long)id)
                   : od__store_err(engine, err);
    }
    err = od__survey_parse(record.bytes, record.bytes_len, &script->survey,
                           &engine->errmsg);
    if (err != OD_OK) {
        return err;
    }
    script->questions_len = script->survey.questions_len;
    script->visits_max = script->questions_len * VISITS_EACH;
    if (script->visits_max > OD__SCRIPT_VISITS_MAX) {
        script->visits_max = OD__SCRIPT_VISITS_MAX;
    }
    for (int32_t i = 0; err == OD_OK && i < script->questions_len; i++) {
        const od__question *q = &script->survey.questions[i];
        err = load_names(l, &q->play, &script->sounds[i].play);
        if (err == OD_OK) {
            err = load_names(l, &q->invalid, &script->sounds[i].invalid);
        }
        if (err == OD_OK) {
            err = load_names(l, &q->silence, &script->sounds[i].silence);
        }
    }
    if (err == OD_OK) {
        err = load_names(l, &script->survey.end, &script->end);
    }
    if (err == OD_OK) {
        err = load_names(l, &script->survey.failed, &script->failed);
    }
    return err;
}

od_err od__script_load(od_engine *engine, const od_campaign_record *campaign,
                       od__script **out)
{
    loader *l = calloc(1, sizeof *l);
    od__script *script = od__alloc(&engine->allocator, sizeof *script);
    if (l == NULL || script == NULL) {
        free(l);
        od__free(&engine->allocator, script);
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    script->allocator = engine->allocator;
    script->opt_out_key = campaign->opt_out_key == OD_NONE
                              ? '\0'
                              : (char)campaign->opt_out_key;
    l->engine = engine;
    l->script = script;
    od_err err = OD_OK;
    for (int32_t i = 0; err == OD_OK && i < campaign->prompts_len; i++) {
        err = load_id(l, campaign->prompts[i], &script->intro);
    }
    if (err == OD_OK && campaign->opt_out_prompt != 0) {
        err = load_id(l, campaign->opt_out_prompt, &script->opt_out);
    }
    if (err == OD_OK && campaign->survey != 0) {
        err = load_survey(l, campaign->survey);
    }
    free(l);
    if (err != OD_OK) {
        od__script_free(script);
        return err;
    }
    *out = script;
    return OD_OK;
}

static void drop(od__prompts *prompts)
{
    for (size_t i = 0; i < prompts->len; i++) {
        od_prompt_drop(prompts->items[i]);
    }
}

void od__script_free(od__script *script)
{
    if (script == NULL) {
        return;
    }
    drop(&script->intro);
    drop(&script->opt_out);
    drop(&script->end);
    drop(&script->failed);
    for (int32_t i = 0; i < OD_QUESTIONS_MAX; i++) {
        drop(&script->sounds[i].play);
        drop(&script->sounds[i].invalid);
        drop(&script->sounds[i].silence);
    }
    od_allocator allocator = script->allocator;
    od__free(&allocator, script);
}
