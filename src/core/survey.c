/*
 * survey.c - surveys in the store: added whole, never changed.
 *
 * The text format is read by survey_parse.c; what a call does with a survey is
 * script.c's.
 */
#include "core/core.h"

#include <stdlib.h>

/* Heap, because a parsed survey is too large for the stack of a host. */
static od_err parse(od_engine *engine, const char *text, size_t text_len,
                    char name[OD_NAME_MAX + 1], int32_t *questions)
{
    od__survey *survey = od__alloc(&engine->allocator, sizeof *survey);
    if (survey == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    od_err err = od__survey_parse(text, text_len, survey, &engine->errmsg);
    if (err == OD_OK) {
        od__text_copy(name, OD_NAME_MAX + 1, survey->name);
        *questions = survey->questions_len;
    }
    od__free(&engine->allocator, survey);
    return err;
}

od_err od_survey_add(od_engine *engine, const char *text, size_t text_len,
                     od_id *out)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (text == NULL || text_len == 0 || text_len > OD_SURVEY_BYTES_MAX) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "survey text of %zu bytes: 1 to %d are allowed",
                               text == NULL ? 0 : text_len,
                               OD_SURVEY_BYTES_MAX);
    }
    if (!od__utf8_is_valid(text, text_len)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "survey text is not UTF-8: save it as UTF-8");
    }
    od_asset_record record;
    memset(&record, 0, sizeof record);
    record.kind = OD_ASSET_SURVEY;
    record.bytes = text;
    record.bytes_len = text_len;
    od_err err = parse(engine, text, text_len, record.name, &record.measure);
    if (err != OD_OK) {
        return err;
    }
    od__sha256(text, text_len, record.sha256);
    return od__asset_add(engine, &record, out);
}

static void tell(const od_asset_record *record, od_survey *out)
{
    memset(out, 0, sizeof *out);
    out->id = record->id;
    out->questions = record->measure;
    memcpy(out->name, record->name, sizeof out->name);
}

od_err od_survey_get(od_engine *engine, od_id survey, od_survey *out)
{
    od_asset_record record;
    od_err err = od__asset_get(engine, OD_ASSET_SURVEY, survey, out, &record);
    if (err == OD_OK) {
        tell(&record, out);
    }
    return err;
}

od_err od_survey_text(od_engine *engine, od_id survey, const char **out)
{
    od_asset_record record;
    od_err err = od__asset_get(engine, OD_ASSET_SURVEY, survey, out, &record);
    if (err != OD_OK) {
        return err;
    }
    const char *text =
        od__arena_text(&engine->arena, record.bytes, record.bytes_len);
    if (text == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    *out = text;
    return OD_OK;
}

od_err od_survey_find(od_engine *engine, const char *name, od_id *out)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    return od__asset_find(engine, OD_ASSET_SURVEY, name, out);
}

od_err od_surveys_list(od_engine *engine, od_id after_id, od_survey *rows,
                       size_t rows_max, size_t *count)
{
    od_asset_record *records = NULL;
    od_err err = od__list_check(engine, after_id, rows, rows_max, count);
    if (err == OD_OK) {
        err = od__assets_read(engine, OD_ASSET_SURVEY, after_id, rows_max, &records, count);
    }
    for (size_t i = 0; err == OD_OK && i < *count; i++) {
        tell(&records[i], &rows[i]);
    }
    return err;
}

od_err od_survey_remove(od_engine *engine, od_id survey)
{
    return od__asset_remove(engine, OD_ASSET_SURVEY, survey);
}

od_err od_results_get(od_engine *engine, od_id campaign, od_result *rows,
                      size_t rows_max, size_t *count)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (count == NULL || (rows == NULL && rows_max > 0)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "rows and count must not be NULL");
    }
    od_campaign_record *record;
    od_err err = od__campaign_read(engine, campaign, &record);
    if (err != OD_OK) {
        return err;
    }
    return od__store_err(engine,
                         OD__STORE(engine, result_scan)(engine->store, campaign,
                                                        rows, rows_max, count));
}

od_err od_answers_list(od_engine *engine, od_id campaign, od_id after_id,
                       od_answer *rows, size_t rows_max, size_t *count)
{
    od_campaign_record *ignored = NULL;
    od_err err = od__list_check(engine, after_id, rows, rows_max, count);
    if (err == OD_OK) {
        err = od__campaign_read(engine, campaign, &ignored);
    }
    if (err != OD_OK) {
        return err;
    }
    od_answer_record *records =
        od__arena_take(&engine->arena, rows_max * sizeof *records);
    if (records == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    size_t len = 0;
    err = OD__STORE(engine, answer_scan)(engine->store, campaign, after_id,
                                         records, rows_max, &len);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    for (size_t i = 0; i < len; i++) {
        const od_answer_record *r = &records[i];
        rows[i] = (od_answer){.id = r->id,
                              .campaign = r->campaign,
                              .attempt = r->attempt,
                              .phone = od__phone_keep(engine, r->phone),
                              .question = r->question,
                              .digits = r->digits,
                              .choice = r->choice,
                              .visit = r->visit,
                              .utc_ms = r->utc_ms};
    }
    *count = len;
    return OD_OK;
}
