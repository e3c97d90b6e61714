/*
 * text_check.c - what the texts of a campaign will be and what they come to,
 * before anybody pays for them.
 *
 * Asks the composer that the judge asks, for all contacts of its groups. Nothing
 * is stored; one page of contacts is in memory at a time.
 */
#include "core/core.h"

#define PAGE_ROWS 256

static od_err new_composer(od_engine *engine, const od_campaign_record *c,
                           od__composer **out)
{
    if (c->channel != OD_CHANNEL_TEXT || c->text[0] == '\0') {
        return od__engine_fail(engine, OD_ERR_STATE,
                               "campaign \"%s\" has no text: set channel and "
                               "text in its options",
                               c->name);
    }
    return od__composer_new(engine, c, out);
}

static void take_contact(od__composer *composer, const od_contact_record *row,
                         od__text_survey *s)
{
    od__composed composed;
    od__compose(composer, row, &composed);
    const od_text_info *info = composed.info;
    bool fits = composed.verdict.kind == OD_VERDICT_ALLOW ||
                composed.lacks != NULL || info->segments == 0;
    od__text_sums_add(&s->sums, row->contact.id, info, composed.lacks != NULL,
                      !fits);
    if (info->encoding != OD_TEXT_ENCODING_UCS2) {
        return;
    }
    s->ucs2_segments += fits ? info->segments : 0;
    if (s->ucs2_text[0] == '\0') {
        od__text_copy(s->ucs2_text, sizeof s->ucs2_text, info->ucs2_text);
    }
}

static od_err take_group(od_engine *engine, od__composer *composer,
                         od_id group, od_contact_record rows[PAGE_ROWS],
                         od__text_survey *s)
{
    size_t count = 0;
    od_id after = 0;
    do {
        od_err err = OD__STORE(engine, contact_scan)(
            engine->store, group, after, rows, PAGE_ROWS, &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            after = rows[i].contact.id;
            take_contact(composer, &rows[i], s);
        }
    } while (count == PAGE_ROWS);
    return OD_OK;
}

od_err od__text_survey_make(od_engine *engine,
                            const od_campaign_record *campaign,
                            od__text_survey *out)
{
    od__composer *composer = NULL;
    memset(out, 0, sizeof *out);
    od_err err = new_composer(engine, campaign, &composer);
    if (err != OD_OK) {
        return err;
    }
    od_contact_record *rows =
        od__alloc(&engine->allocator, PAGE_ROWS * sizeof *rows);
    if (rows == NULL) {
        err = od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    for (int32_t i = 0; err == OD_OK && i < campaign->groups_len; i++) {
        err = take_group(engine, composer, campaign->groups[i], rows, out);
    }
    const od__template *compiled = od__composer_template(composer);
    od__text_sums_fields(&out->sums, compiled);
    out->fields_len = compiled->fields_len;
    memcpy(out->fields, compiled->fields, sizeof out->fields);
    od__free(&engine->allocator, rows);
    od__composer_free(composer);
    return err;
}

od_err od_campaign_text_check(od_engine *engine, od_id campaign,
                              od_template_report *out)
{
    od_campaign_record *record = NULL;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err = od__campaign_read(engine, campaign, &record);
    od__text_survey *s = od__alloc(&engine->allocator, sizeof *s);
    if (err == OD_OK && s == NULL) {
        err = od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    if (err == OD_OK) {
        err = od__text_survey_make(engine, record, s);
    }
    if (err == OD_OK) {
        *out = s->sums.report;
    }
    od__free(&engine->allocator, s);
    return err;
}

static od_err preview(od_engine *engine, od__composer *composer, od_id contact,
                      od_text_info *out)
{
    od_contact_record row;
    od__composed composed;
    od_err err = OD__STORE(engine, contact_get)(engine->store, contact, &row);
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err, "no contact has the id %lld",
                               (long long)contact);
    }
    if (err == OD_OK) {
        od__compose(composer, &row, &composed);
        *out = *composed.info;
    }
    return od__store_err(engine, err);
}

od_err od_campaign_text_preview(od_engine *engine, od_id campaign,
                                od_id contact, od_text_info *out)
{
    od_campaign_record *record = NULL;
    od__composer *composer = NULL;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err = od__campaign_read(engine, campaign, &record);
    if (err == OD_OK) {
        err = new_composer(engine, record, &composer);
    }
    if (err == OD_OK) {
        err = preview(engine, composer, contact, out);
    }
    od__composer_free(composer);
    return err;
}
