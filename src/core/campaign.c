/*
 * campaign.c - options of campaigns: checked whole, then stored.
 *
 * What needs the store to be said right (do the groups exist?) is checked here
 * as well. What only starting needs is preflight.c's; the life cycle is
 * campaign_life.c's.
 */
#include "core/core.h"

#include <stdlib.h>

/* Size of od_campaign_options in the first version. */
#define OPTIONS_SIZE_MIN sizeof(od_campaign_options)

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

/* -- checking ---------------------------------------------------------------- */

static od_err take_ranges(od_engine *engine, od_campaign_options *o)
{
    const struct {
        int32_t *field;
        int32_t min;
        int32_t max;
        int32_t fallback;
        bool none;
        const char *name;
    } ranges[] = {
        {&o->attempts_max, 1, 20, 3, false, "attempts_max"},
        {&o->concurrent_max, 1, 20000, 10, false, "concurrent_max"},
        {&o->recall, 0, 0, 0, true, "recall"},
        {&o->redial_unknown, 0, 1, 0, false, "redial_unknown"},
        {&o->retry_delay_s, 60, 2592000, 3600, false, "retry_delay_s"},
        {&o->ring_timeout_ms, 15000, 120000, 30000, false, "ring_timeout_ms"},
        {&o->skip_answered_h, 1, 8760, 0, false, "skip_answered_h"},
        {&o->skip_called_h, 1, 8760, 0, false, "skip_called_h"},
        {&o->opt_out_key, '#', '9', '9', true, "opt_out_key"},
        {&o->fail_stop_pct, 1, 100, 90, true, "fail_stop_pct"},
    };
    for (size_t i = 0; i < OD__LEN(ranges); i++) {
        int32_t *field = ranges[i].field;
        if (*field == 0) {
            *field = ranges[i].fallback;
        } else if (!(ranges[i].none && *field == OD_NONE) &&
                   (*field < ranges[i].min || *field > ranges[i].max)) {
            return od__engine_fail(
                engine, OD_ERR_INVALID,
                "campaign option %s is %d: %d to %d are allowed",
                ranges[i].name, (int)*field, (int)ranges[i].min,
                (int)ranges[i].max);
        }
    }
    if (o->opt_out_key != OD_NONE && strchr(OD__KEYS, o->opt_out_key) == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "campaign option opt_out_key is '%c': use one "
                               "of " OD__KEYS,
                               (char)o->opt_out_key);
    }
    return OD_OK;
}

static od_err take_windows(od_engine *engine, const od_campaign_options *o,
                           od_campaign_record *out)
{
    if (o->windows_len > OD_WINDOWS_MAX ||
        (o->windows_len > 0 && o->windows == NULL)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "%zu windows: 0 to %d are allowed",
                               o->windows_len, OD_WINDOWS_MAX);
    }
    for (size_t i = 0; i < o->windows_len; i++) {
        const char *problem = od__window_problem(&o->windows[i]);
        if (problem != NULL) {
            return od__engine_fail(engine, OD_ERR_INVALID, "window %zu: %s",
                                   i + 1, problem);
        }
        out->windows[i] = o->windows[i];
    }
    out->windows_len = (int32_t)o->windows_len;
    return OD_OK;
}

static od_err take_groups(od_engine *engine, const od_campaign_options *o,
                          od_campaign_record *out)
{
    if (o->groups_len > OD_CAMPAIGN_GROUPS_MAX ||
        (o->groups_len > 0 && o->groups == NULL)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "%zu groups: 0 to %d are allowed",
                               o->groups_len, OD_CAMPAIGN_GROUPS_MAX);
    }
    for (size_t i = 0; i < o->groups_len; i++) {
        od_group group;
        od_err err = od__group_read(engine, o->groups[i], &group);
        if (err != OD_OK) {
            return err;
        }
        for (size_t j = 0; j < i; j++) {
            if (o->groups[j] == o->groups[i]) {
                return od__engine_fail(engine, OD_ERR_INVALID,
                                       "group %lld stands twice",
                                       (long long)o->groups[i]);
            }
        }
        out->groups[i] = o->groups[i];
    }
    out->groups_len = (int32_t)o->groups_len;
    return OD_OK;
}

static od_err check_asset(od_engine *engine, int32_t kind, od_id id)
{
    od_asset_record record;
    od_err err =
        OD__STORE(engine, asset_get)(engine->store, kind, id, &record);
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err, "no %s has the id %lld",
                               kind == OD_ASSET_MEDIA ? "prompt" : "survey",
                               (long long)id);
    }
    return od__store_err(engine, err);
}

static od_err take_assets(od_engine *engine, const od_campaign_options *o,
                          od_campaign_record *out)
{
    od_err err = OD_OK;
    if (o->prompts_len > OD_CAMPAIGN_PROMPTS_MAX ||
        (o->prompts_len > 0 && o->prompts == NULL)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "%zu prompts: 0 to %d are allowed",
                               o->prompts_len, OD_CAMPAIGN_PROMPTS_MAX);
    }
    for (size_t i = 0; err == OD_OK && i < o->prompts_len; i++) {
        err = check_asset(engine, OD_ASSET_MEDIA, o->prompts[i]);
        out->prompts[i] = o->prompts[i];
    }
    if (err == OD_OK && o->opt_out_prompt != 0) {
        err = check_asset(engine, OD_ASSET_MEDIA, o->opt_out_prompt);
    }
    if (err == OD_OK && o->survey != 0) {
        err = check_asset(engine, OD_ASSET_SURVEY, o->survey);
    }
    out->prompts_len = (int32_t)o->prompts_len;
    out->opt_out_prompt = o->opt_out_prompt;
    out->survey = o->survey;
    return err;
}

/* Options of any version into a record with every default filled in. */
static od_err take_options(od_engine *engine,
                           const od_campaign_options *options,
                           od_campaign_record *out)
{
    od_campaign_options o;
    if (options == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "options must not be NULL");
    }
    od_err err = od__sized_copy(&o, sizeof o, options, OPTIONS_SIZE_MIN,
                                "od_campaign_options", &engine->errmsg);
    if (err == OD_OK) {
        err = od__name_check(engine, o.name, "campaign");
    }
    if (err != OD_OK) {
        return err;
    }
    if (o.channel == OD_CHANNEL_TEXT) {
        return od__engine_fail(engine, OD_ERR_UNSUPPORTED,
                               "text campaigns are not supported by this "
                               "version: use OD_CHANNEL_VOICE");
    }
    if (o.channel != OD_CHANNEL_VOICE || o.start_utc_ms < 0) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "channel is %d and start_utc_ms %lld: neither "
                               "may be below 0 or unknown",
                               (int)o.channel, (long long)o.start_utc_ms);
    }
    memset(out, 0, sizeof *out);
    od__text_copy(out->name, sizeof out->name, o.name);
    if (o.caller_id != NULL && o.caller_id[0] != '\0') {
        err = od__phone_check(engine, o.caller_id, NULL, &out->caller_id);
    }
    if (err == OD_OK) {
        err = take_ranges(engine, &o);
    }
    if (err == OD_OK) {
        err = take_windows(engine, &o, out);
    }
    if (err == OD_OK) {
        err = take_groups(engine, &o, out);
    }
    if (err == OD_OK) {
        err = take_assets(engine, &o, out);
    }
    out->channel = o.channel;
    out->start_utc_ms = o.start_utc_ms;
    out->attempts_max = o.attempts_max;
    out->concurrent_max = o.concurrent_max;
    out->recall = o.recall;
    out->redial_unknown = o.redial_unknown;
    out->retry_delay_s = o.retry_delay_s;
    out->ring_timeout_ms = o.ring_timeout_ms;
    out->skip_answered_h = o.skip_answered_h;
    out->skip_called_h = o.skip_called_h;
    out->opt_out_key = o.opt_out_key;
    out->fail_stop_pct = o.fail_stop_pct;
    return err;
}

/* -- storing -------------------------------------------------------------------- */

static void write_ids(od__writer *w, const char *name, const od_id *ids,
                      int32_t len)
{
    od__write(w, ",\"%s\":[", name);
    for (int32_t i = 0; i < len; i++) {
        od__write(w, "%s%lld", i > 0 ? "," : "", (long long)ids[i]);
    }
    od__write(w, "]");
}

static void write_options(const od_campaign_record *r, od__writer *w)
{
    char caller_id[OD_PHONE_MAX + 1] = "";
    if (r->caller_id != 0) {
        od__phone_text(r->caller_id, caller_id);
    }
    od__write(w, "{\"name\":");
    od__write_json(w, r->name);
    od__write(w, ",\"caller_id\":\"%s\"", caller_id);
    write_ids(w, "groups", r->groups, r->groups_len);
    write_ids(w, "prompts", r->prompts, r->prompts_len);
    od__write(w, ",\"windows\":[");
    for (int32_t i = 0; i < r->windows_len; i++) {
        od__write(w, "%s[%u,%d,%d]", i > 0 ? "," : "", r->windows[i].days,
                  (int)r->windows[i].start_min, (int)r->windows[i].end_min);
    }
    od__write(w,
              "],\"survey\":%lld,\"opt_out_prompt\":%lld,\"start_utc_ms\":%lld"
              ",\"attempts_max\":%d,\"concurrent_max\":%d,\"recall\":%s"
              ",\"redial_unknown\":%s,\"retry_delay_s\":%d"
              ",\"ring_timeout_ms\":%d,\"skip_answered_h\":%d"
              ",\"skip_called_h\":%d,\"opt_out_key\":\"%c\""
              ",\"fail_stop_pct\":%d}",
              (long long)r->survey, (long long)r->opt_out_prompt,
              (long long)r->start_utc_ms, (int)r->attempts_max,
              (int)r->concurrent_max, r->recall == OD_NONE ? "false" : "true",
              r->redial_unknown != 0 ? "true" : "false",
              (int)r->retry_delay_s, (int)r->ring_timeout_ms,
              (int)r->skip_answered_h, (int)r->skip_called_h,
              r->opt_out_key == OD_NONE ? '-' : (char)r->opt_out_key,
              (int)r->fail_stop_pct);
}

static od_err put(od_engine *engine, const od_campaign_record *record,
                  od_id *out)
{
    char *text = od__arena_take(&engine->arena, 8192);
    od__writer payload;
    od_ledger_entry entry;
    if (text == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    od__writer_init(&payload, text, 8192);
    write_options(record, &payload);
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
    od_err err = take_options(engine, options, &record);
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
    };
    for (size_t i = 0; i < OD__LEN(fields); i++) {
        if (fields[i].differs && fields[i].fixed) {
            return fields[i].name;
        }
    }
    return NULL;
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
    od_err err = take_options(engine, options, &record);
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
    record.id = campaign;
    return put(engine, &record, &ignored);
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
        .caller_id =
            r->caller_id != 0 ? od__phone_keep(engine, r->caller_id) : "",
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
        .fail_stop_pct = r->fail_stop_pct};
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
