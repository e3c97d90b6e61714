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
    od__script_problem problem; /* NULL: the first one ends the loading */
    void *ctx;
    od_id ids[LOADED_MAX];
    const od_prompt *prompts[LOADED_MAX]; /* NULL: cannot be played, told */
    size_t len;
    const char *missing[LOADED_MAX]; /* names that were told */
    size_t missing_len;
} loader;

/* A failure that is the campaign's own is told, where somebody listens. */
static od_err told(loader *l, od_err err, const char *cure)
{
    bool own = err == OD_ERR_NOT_FOUND || err == OD_ERR_FORMAT ||
               err == OD_ERR_INVALID || err == OD_ERR_LIMIT;
    if (!own || l->problem == NULL) {
        return err;
    }
    l->problem(l->ctx, l->engine->errmsg.text, cure);
    l->engine->errmsg.text[0] = '\0';
    return OD_OK;
}

static od_err decode(od_engine *engine, const od_asset_record *record,
                     const od_prompt **out)
{
    int16_t *samples = NULL;
    size_t samples_len = 0;
    od_errmsg why = {""};
    od_err err = od__audio_decode(record->bytes, record->bytes_len, &samples,
                                  &samples_len, &why);
    if (err == OD_OK) {
        err = od__prompt_new(out, samples, samples_len, &why);
    }
    free(samples);
    return err == OD_OK
               ? OD_OK
               : od__engine_fail(engine, err, "prompt \"%s\" cannot be played: "
                                              "%s",
                                 record->name, why.text);
}

static od_err load(loader *l, od_id id, const od_prompt **out)
{
    od_engine *engine = l->engine;
    od_asset_record record;
    if (l->len == LOADED_MAX) {
        return od__engine_fail(engine, OD_ERR_LIMIT,
                               "more than %d prompts in one campaign",
                               LOADED_MAX);
    }
    od_err err =
        OD__STORE(engine, asset_get)(engine->store, OD_ASSET_MEDIA, id,
                                     &record);
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err, "no prompt has the id %lld",
                               (long long)id);
    }
    return err == OD_OK ? decode(engine, &record, out)
                        : od__store_err(engine, err);
}

static od_err load_id(loader *l, od_id id, od__prompts *out)
{
    size_t at = 0;
    while (at < l->len && l->ids[at] != id) {
        at++;
    }
    if (at < l->len) {
        if (l->prompts[at] != NULL) {
            od_prompt_hold(l->prompts[at]);
            out->items[out->len++] = l->prompts[at];
        }
        return OD_OK;
    }
    const od_prompt *prompt = NULL;
    od_err err = load(l, id, &prompt);
    if (l->len < LOADED_MAX) {
        l->ids[l->len] = id;
        l->prompts[l->len++] = prompt;
    }
    if (err != OD_OK) {
        return told(l, err,
                    err == OD_ERR_LIMIT
                        ? "use fewer prompts"
                        : "add it to the media library anew, from a file that "
                          "plays, and use that");
    }
    out->items[out->len++] = prompt;
    return OD_OK;
}

/* A name that the library has not; told once. */
static od_err miss(loader *l, const char *name, od_err err)
{
    for (size_t i = 0; i < l->missing_len; i++) {
        if (strcmp(l->missing[i], name) == 0) {
            return OD_OK;
        }
    }
    if (l->missing_len < LOADED_MAX) {
        l->missing[l->missing_len++] = name;
    }
    return told(l, err, "add the prompt to the media library");
}

static od_err load_names(loader *l, const od__names *names, od__prompts *out)
{
    od_err err = OD_OK;
    for (int32_t i = 0; err == OD_OK && i < names->len; i++) {
        od_id id = 0;
        err = od__asset_find(l->engine, OD_ASSET_MEDIA, names->names[i], &id);
        err = err == OD_ERR_NOT_FOUND ? miss(l, names->names[i], err)
              : err == OD_OK          ? load_id(l, id, out)
                                      : err;
    }
    return err;
}

static od_err read_survey(loader *l, od_id id)
{
    od_engine *engine = l->engine;
    od_errmsg why = {""};
    od_asset_record record;
    od_err err = OD__STORE(engine, asset_get)(engine->store, OD_ASSET_SURVEY,
                                              id, &record);
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err, "no survey has the id %lld",
                               (long long)id);
    }
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    err = od__survey_parse(record.bytes, record.bytes_len, &l->script->survey,
                           &why);
    return err == OD_OK ? OD_OK
                        : od__engine_fail(engine, err, "survey \"%s\": %s",
                                          record.name, why.text);
}

static od_err load_survey(loader *l, od_id id)
{
    od__script *script = l->script;
    od_err err = read_survey(l, id);
    if (err != OD_OK) {
        return told(l, err, "add the survey anew and use that");
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
                       od__script_problem problem, void *ctx,
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
    l->problem = problem;
    l->ctx = ctx;
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
