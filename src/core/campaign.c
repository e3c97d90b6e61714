/*
 * campaign.c - campaigns in the store: added, changed, read.
 *
 * Options are checked by campaign_options.c; the life cycle is
 * campaign_life.c's.
 */
#include "core/core.h"

od_err od__campaign_read(od_engine *engine, od_id campaign,
                         od_campaign_record **out)
{
    od_campaign_record *record =
        od__arena_take(&engine->arena, sizeof *record);
    if (record == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    od_err err =
        OD__STORE(engine, campaign_get)(engine->store, campaign, record);
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err, "no campaign has the id %lld",
                               (long long)campaign);
    }
    *out = record;
    return od__store_err(engine, err);
}

/* -- storing -------------------------------------------------------------------- */

/* What the ledger keeps of a campaign: a character may take six of JSON. */
#define WRITTEN_SIZE (8192 + 6 * (OD_MESSAGE_MAX + 3 * OD_NOTICE_MAX))

static od_err put(od_engine *engine, const od_campaign_record *record,
                  od_id *out)
{
    char *text = od__arena_take(&engine->arena, WRITTEN_SIZE);
    od__writer payload;
    od_ledger_entry entry;
    if (text == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    od__writer_init(&payload, text, WRITTEN_SIZE);
    od__campaign_write(record, &payload);
    od__ledger_entry(engine, &entry, OD_LEDGER_CAMPAIGN_SET, record->id, text);
    od_err err =
        OD__STORE(engine, campaign_put)(engine->store, record, &entry, out);
    if (err == OD_ERR_EXISTS) {
        return od__engine_fail(engine, err,
                               "a campaign is called \"%s\" already",
                               record->name);
    }
    if (err == OD_OK) {
        od__engine_changed(engine);
    }
    return od__store_err(engine, err);
}

od_err od_campaign_add(od_engine *engine, const od_campaign_options *options,
                       od_id *out)
{
    od_campaign_record record;
    od_id id = 0;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err = od__campaign_take(engine, options, &record);
    if (err == OD_OK) {
        err = put(engine, &record, &id);
    }
    if (err == OD_OK) {
        *out = id;
    }
    return err;
}

/* -- updating -------------------------------------------------------------------- */

static bool same_ids(const od_id *a, int32_t a_len, const od_id *b,
                     int32_t b_len)
{
    return a_len == b_len && memcmp(a, b, (size_t)a_len * sizeof *a) == 0;
}

/* A field that differs and may not in this state, or NULL. */
static const char *fixed_field(const od_campaign_record *old,
                               const od_campaign_record *new)
{
    bool running = old->state == OD_CAMPAIGN_RUNNING;
    bool paused = old->state == OD_CAMPAIGN_PAUSED;
    const struct {
        bool differs;
        bool fixed;
        const char *name;
    } fields[] = {
        {strcmp(old->name, new->name) != 0, running || paused, "name"},
        {!same_ids(old->groups, old->groups_len, new->groups, new->groups_len),
         running || paused, "groups"},
        {old->survey != new->survey, running || paused, "survey"},
        {old->start_utc_ms != new->start_utc_ms, running || paused,
         "start_utc_ms"},
        {old->channel != new->channel, running || paused, "channel"},
        {old->caller_id != new->caller_id, running, "caller_id"},
        {!same_ids(old->prompts, old->prompts_len, new->prompts,
                   new->prompts_len),
         running, "prompts"},
        {old->opt_out_prompt != new->opt_out_prompt, running,
         "opt_out_prompt"},
        {old->opt_out_key != new->opt_out_key, running, "opt_out_key"},
        {old->purpose != new->purpose, running || paused, "purpose"},
        {strcmp(old->seller, new->seller) != 0, running || paused, "seller"},
        {old->identity_prompt != new->identity_prompt, running,
         "identity_prompt"},
        {old->offer_prompt != new->offer_prompt, running, "offer_prompt"},
        {strcmp(old->text, new->text) != 0, running, "text"},
        {strcmp(old->opt_out_text, new->opt_out_text) != 0, running,
         "opt_out_text"},
        {strcmp(old->confirm_text, new->confirm_text) != 0, running,
         "confirm_text"},
        {strcmp(old->help_text, new->help_text) != 0, running, "help_text"},
        {old->text_policy != new->text_policy, running, "text_policy"},
        {old->segments_max != new->segments_max, running, "segments_max"},
        {old->transliterate != new->transliterate, running, "transliterate"},
        {old->validity_s != new->validity_s, running, "validity_s"},
    };
    for (size_t i = 0; i < OD__LEN(fields); i++) {
        if (fields[i].differs && fields[i].fixed) {
            return fields[i].name;
        }
    }
    return NULL;
}

/* Who was never open between the rules and the old windows may be now, and
 * whose text was too long may get a shorter one. */
static od_err judge_anew(od_engine *engine, const od_campaign_record *old,
                         const od_campaign_record *new)
{
    bool same = old->windows_len == new->windows_len &&
                memcmp(old->windows, new->windows,
                       (size_t)old->windows_len * sizeof *old->windows) == 0 &&
                od__composer_is_of(old, new);
    bool begun = old->state == OD_CAMPAIGN_RUNNING ||
                 old->state == OD_CAMPAIGN_PAUSED;
    return same || !begun
               ? OD_OK
               : od__store_err(engine,
                               OD__STORE(engine, refill)(engine->store,
                                                         old->id));
}

/* A campaign that has called does not go on by texts: who was reached, and how
 * often, would mean something else. */
static od_err check_channel(od_engine *engine, const od_campaign_record *old,
                            const od_campaign_record *new)
{
    od_counters counters;
    if (old->channel == new->channel) {
        return OD_OK;
    }
    od_err err = OD__STORE(engine, counters)(engine->store, old->id, &counters);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    int64_t attempts = counters.flight;
    for (size_t i = 0; i < OD_DISPOSITIONS; i++) {
        attempts += counters.attempts_by[i];
    }
    return attempts == 0
               ? OD_OK
               : od__engine_fail(engine, OD_ERR_STATE,
                                 "channel cannot change: campaign \"%s\" made "
                                 "%lld attempt%s: add another campaign",
                                 old->name, (long long)attempts,
                                 attempts > 1 ? "s" : "");
}

od_err od_campaign_update(od_engine *engine, od_id campaign,
                          const od_campaign_options *options)
{
    od_campaign_record record;
    od_campaign_record *old = NULL;
    od_id ignored = 0;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    /* The options first: they may be what od_campaign_get() gave, in the very
     * memory that is used next. */
    od_err err = od__campaign_take(engine, options, &record);
    if (err == OD_OK) {
        err = od__campaign_read(engine, campaign, &old);
    }
    if (err != OD_OK) {
        return err;
    }
    const char *field = fixed_field(old, &record);
    if (field != NULL) {
        return od__engine_fail(
            engine, OD_ERR_STATE,
            "%s cannot change while campaign \"%s\" is %s: %s", field,
            old->name, od_campaign_state_name(old->state),
            old->state == OD_CAMPAIGN_RUNNING ? "pause or stop it first"
                                              : "stop it first");
    }
    err = check_channel(engine, old, &record);
    if (err != OD_OK) {
        return err;
    }
    record.id = campaign;
    err = put(engine, &record, &ignored);
    return err == OD_OK ? judge_anew(engine, old, &record) : err;
}

/* -- reading ------------------------------------------------------------------------ */

od_err od_campaign_get(od_engine *engine, od_id campaign, od_campaign *out)
{
    od_campaign_record *r = NULL;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err = od__campaign_read(engine, campaign, &r);
    if (err != OD_OK) {
        return err;
    }
    memset(out, 0, sizeof *out);
    out->id = r->id;
    out->state = r->state;
    out->state_text = r->state_text;
    out->options = (od_campaign_options){
        .size = sizeof out->options,
        .name = r->name,
        .caller_id = od__sender_keep(engine, r->caller_id),
        .groups = r->groups,
        .groups_len = (size_t)r->groups_len,
        .prompts = r->prompts,
        .prompts_len = (size_t)r->prompts_len,
        .windows = r->windows,
        .windows_len = (size_t)r->windows_len,
        .survey = r->survey,
        .opt_out_prompt = r->opt_out_prompt,
        .start_utc_ms = r->start_utc_ms,
        .channel = r->channel,
        .attempts_max = r->attempts_max,
        .concurrent_max = r->concurrent_max,
        .recall = r->recall,
        .redial_unknown = r->redial_unknown,
        .retry_delay_s = r->retry_delay_s,
        .ring_timeout_ms = r->ring_timeout_ms,
        .skip_answered_h = r->skip_answered_h,
        .skip_called_h = r->skip_called_h,
        .opt_out_key = r->opt_out_key,
        .fail_stop_pct = r->fail_stop_pct,
        .purpose = r->purpose,
        .seller = r->seller,
        .identity_prompt = r->identity_prompt,
        .offer_prompt = r->offer_prompt,
        .end_utc_ms = r->end_utc_ms,
        .guards = r->guards,
        .retry_unfinished = r->retry_unfinished,
        .spread_dayparts = r->spread_dayparts,
        .priority = r->priority,
        .weight = r->weight,
        .quota_answers = r->quota_answers,
        .quota_question = r->quota_question,
        .quota_choice = r->quota_choice,
        .text = r->text,
        .opt_out_text = r->opt_out_text,
        .confirm_text = r->confirm_text,
        .help_text = r->help_text,
        .text_policy = r->text_policy,
        .segments_max = r->segments_max,
        .transliterate = r->transliterate,
        .validity_s = r->validity_s,
        .texts_per_minute_max = r->texts_per_minute_max};
    memcpy(out->options.retries, r->retries, sizeof out->options.retries);
    return OD_OK;
}

od_err od_campaigns_list(od_engine *engine, od_id after_id,
                         od_campaign_row *rows, size_t rows_max, size_t *count)
{
    od_err err = od__list_check(engine, after_id, rows, rows_max, count);
    if (err != OD_OK) {
        return err;
    }
    od_id *ids = od__arena_take(&engine->arena, rows_max * sizeof *ids);
    od_campaign_record *record =
        od__arena_take(&engine->arena, sizeof *record);
    size_t len = 0;
    if (ids == NULL || record == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    err = OD__STORE(engine, campaign_scan)(engine->store, after_id, ids,
                                           rows_max, &len);
    for (size_t i = 0; err == OD_OK && i < len; i++) {
        err = OD__STORE(engine, campaign_get)(engine->store, ids[i], record);
        memset(&rows[i], 0, sizeof rows[i]);
        rows[i].id = ids[i];
        rows[i].state = record->state;
        memcpy(rows[i].name, record->name, sizeof rows[i].name);
    }
    if (err == OD_OK) {
        *count = len;
    }
    return od__store_err(engine, err);
}

od_err od_campaign_find(od_engine *engine, const char *name, od_id *out)
{
    od_campaign_row rows[64];
    size_t count = 0;
    od_id after = 0;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    if (name == NULL || out == NULL) {
        od__engine_enter(engine);
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "name and out must not be NULL");
    }
    do {
        od_err err =
            od_campaigns_list(engine, after, rows, OD__LEN(rows), &count);
        if (err != OD_OK) {
            return err;
        }
        for (size_t i = 0; i < count; i++) {
            if (strcmp(rows[i].name, name) == 0) {
                *out = rows[i].id;
                return OD_OK;
            }
            after = rows[i].id;
        }
    } while (count == OD__LEN(rows));
    return od__engine_fail(engine, OD_ERR_NOT_FOUND,
                           "no campaign is called \"%s\"", name);
}
