/*
 * campaign_options.c - options of a campaign: checked whole, defaults filled
 * in, and written as the ledger keeps them.
 *
 * What needs the store to be said right (do the groups exist?) is checked here
 * as well. What only starting needs is preflight.c's.
 */
#include "core/core.h"

/* Size of od_campaign_options in the first version. */
#define OPTIONS_SIZE_MIN offsetof(od_campaign_options, seller)

/* == numbers =============================================================== */

typedef struct range {
    int32_t *field;
    int32_t min;
    int32_t max;
    int32_t fallback; /* of 0 */
    bool none;        /* OD_NONE is allowed */
    const char *name;
} range;

static od_err take_range(od_engine *engine, const range *r)
{
    if (*r->field == 0) {
        *r->field = r->fallback;
    } else if (!(r->none && *r->field == OD_NONE) &&
               (*r->field < r->min || *r->field > r->max)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "campaign option %s is %d: %d to %d are allowed",
                               r->name, (int)*r->field, (int)r->min,
                               (int)r->max);
    }
    return OD_OK;
}

static od_err take_ranges(od_engine *engine, od_campaign_options *o)
{
    od_guards *g = &o->guards;
    const range ranges[] = {
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
        {&o->purpose, 0, OD_PURPOSES - 1, 0, false, "purpose"},
        {&o->retry_unfinished, 0, 1, 0, false, "retry_unfinished"},
        {&o->spread_dayparts, 0, 1, 0, false, "spread_dayparts"},
        {&o->priority, 1, 9, 5, false, "priority"},
        {&o->weight, 1, 100, 10, false, "weight"},
        {&o->quota_answers, 0, INT32_MAX, 0, false, "quota_answers"},
        {&o->text_policy, 0, OD_TEXT_POLICY_CUT, 0, false, "text_policy"},
        {&o->segments_max, 1, OD_SEGMENTS_MAX, 0, false, "segments_max"},
        {&o->transliterate, 0, 1, 0, false, "transliterate"},
        {&o->validity_s, 60, 604800, 86400, false, "validity_s"},
        {&o->texts_per_minute_max, 1, 600000, 0, false,
         "texts_per_minute_max"},
        {&g->sample, 20, OD__GUARD_SAMPLE_MAX, 50, false, "guards.sample"},
        {&g->short_max, 1, 1000, 300, true, "guards.short_max"},
        {&g->prefix_max, 1, 1000, 950, true, "guards.prefix_max"},
        {&g->unheard_max, 1, 1000, OD_NONE, true, "guards.unheard_max"},
        {&g->abandon_max, 1, 1000, 30, true, "guards.abandon_max"},
        {&g->brief_max, 1, 1000, OD_NONE, true, "guards.brief_max"},
    };
    for (size_t i = 0; i < OD__LEN(ranges); i++) {
        od_err err = take_range(engine, &ranges[i]);
        if (err != OD_OK) {
            return err;
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

/* Policies of those dispositions after which there is something to decide. */
static od_err take_retries(od_engine *engine, const od_campaign_options *o,
                           od_campaign_record *out)
{
    for (int32_t i = 0; i < OD_RETRIES; i++) {
        const od_retry *retry = &o->retries[i];
        bool counts =
            i == OD_DISPOSITION_BUSY || i == OD_DISPOSITION_NO_ANSWER ||
            i == OD_DISPOSITION_DECLINED || i == OD_DISPOSITION_FAILED ||
            i == OD_DISPOSITION_CONGESTION || i == OD_DISPOSITION_MACHINE ||
            i == OD_DISPOSITION_UNFINISHED || i == OD_DISPOSITION_UNDELIVERED;
        int32_t least = i == OD_DISPOSITION_CONGESTION ? 1 : 60;
        if (!counts && (retry->delay_s != 0 || retry->attempts_max != 0)) {
            return od__engine_fail(engine, OD_ERR_INVALID,
                                   "campaign option retries[%d] (%s) must be "
                                   "zero: nothing is retried after it",
                                   (int)i, od_disposition_name(i));
        }
        if (retry->delay_s != 0 && retry->delay_s != OD_NONE &&
            (retry->delay_s < least || retry->delay_s > 2592000)) {
            return od__engine_fail(engine, OD_ERR_INVALID,
                                   "campaign option retries[%s].delay_s is %d: "
                                   "%d to 2592000 are allowed",
                                   od_disposition_name(i), (int)retry->delay_s,
                                   (int)least);
        }
        if (retry->attempts_max < 0 || retry->attempts_max > 15) {
            return od__engine_fail(engine, OD_ERR_INVALID,
                                   "campaign option retries[%s].attempts_max "
                                   "is %d: 1 to 15 are allowed",
                                   od_disposition_name(i),
                                   (int)retry->attempts_max);
        }
        out->retries[i] = *retry;
    }
    return OD_OK;
}

/* A text of the options, "" if it is NULL. */
static od_err take_text(od_engine *engine, const char *text, const char *name,
                        char *out, size_t out_size)
{
    size_t len = text != NULL ? strnlen(text, out_size) : 0;
    if (len == out_size || !od__utf8_is_valid(text, len)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "campaign option %s must be UTF-8 of at most "
                               "%zu bytes",
                               name, out_size - 1);
    }
    od__text_copy(out, out_size, text != NULL ? text : "");
    return OD_OK;
}

static od_err take_texts(od_engine *engine, const od_campaign_options *o,
                         od_campaign_record *out)
{
    od_err err = take_text(engine, o->seller, "seller", out->seller,
                           sizeof out->seller);
    if (err == OD_OK) {
        err = take_text(engine, o->quota_question, "quota_question",
                        out->quota_question, sizeof out->quota_question);
    }
    if (err == OD_OK) {
        err = take_text(engine, o->quota_choice, "quota_choice",
                        out->quota_choice, sizeof out->quota_choice);
    }
    if (err == OD_OK && o->quota_answers > 0 &&
        (out->quota_question[0] == '\0' || out->quota_choice[0] == '\0')) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "campaign option quota_answers is %d: name the "
                               "answer in quota_question and quota_choice",
                               (int)o->quota_answers);
    }
    return err;
}

/* How texts are measured, and the template itself. */
static od_err take_template(od_engine *engine, const od_campaign_options *o,
                            od_campaign_record *out)
{
    od_text_options options;
    od_text_options taken = {.segments_max = 0};
    od_text_options_init(&options);
    options.policy = o->text_policy;
    options.segments_max = o->segments_max;
    od_err err = od__text_options_take(&options, &taken, &engine->errmsg);
    out->text_policy = o->text_policy;
    out->segments_max = taken.segments_max;
    out->transliterate = o->transliterate;
    out->validity_s = o->validity_s;
    out->texts_per_minute_max = o->texts_per_minute_max;
    if (err != OD_OK || out->text[0] == '\0') {
        return err;
    }
    od__merge *merge = od__alloc(&engine->allocator, sizeof *merge);
    if (merge == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    err = od__merge_compile(merge, out->text, &engine->errmsg);
    od__free(&engine->allocator, merge);
    return err;
}

/* What is sent to people, and what answers them. */
static od_err take_messages(od_engine *engine, const od_campaign_options *o,
                            od_campaign_record *out)
{
    od_err err =
        take_text(engine, o->text, "text", out->text, sizeof out->text);
    const struct {
        const char *from;
        const char *name;
        char *to;
    } notices[] = {{o->opt_out_text, "opt_out_text", out->opt_out_text},
                   {o->confirm_text, "confirm_text", out->confirm_text},
                   {o->help_text, "help_text", out->help_text}};
    for (size_t i = 0; err == OD_OK && i < OD__LEN(notices); i++) {
        err = take_text(engine, notices[i].from, notices[i].name,
                        notices[i].to, OD_NOTICE_MAX + 1);
    }
    return err == OD_OK ? take_template(engine, o, out) : err;
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

/* A reply is one answer: nothing could be asked after it. */
static od_err check_text_survey(od_engine *engine,
                                const od_asset_record *record)
{
    return record->measure == 1
               ? OD_OK
               : od__engine_fail(engine, OD_ERR_INVALID,
                                 "survey \"%s\" has %d questions: a campaign "
                                 "of texts asks one",
                                 record->name, (int)record->measure);
}

static od_err check_asset(od_engine *engine, int32_t kind, od_id id,
                          int32_t channel)
{
    od_asset_record record;
    od_err err =
        OD__STORE(engine, asset_get)(engine->store, kind, id, &record);
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err, "no %s has the id %lld",
                               kind == OD_ASSET_MEDIA ? "prompt" : "survey",
                               (long long)id);
    }
    if (err == OD_OK && kind == OD_ASSET_SURVEY &&
        channel == OD_CHANNEL_TEXT) {
        return check_text_survey(engine, &record);
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
        err = check_asset(engine, OD_ASSET_MEDIA, o->prompts[i], o->channel);
        out->prompts[i] = o->prompts[i];
    }
    if (err == OD_OK && o->opt_out_prompt != 0) {
        err = check_asset(engine, OD_ASSET_MEDIA, o->opt_out_prompt, o->channel);
    }
    const od_id spoken[] = {o->identity_prompt, o->offer_prompt};
    for (size_t i = 0; err == OD_OK && i < OD__LEN(spoken); i++) {
        err = spoken[i] != 0 ? check_asset(engine, OD_ASSET_MEDIA, spoken[i],
                                           o->channel)
                             : OD_OK;
    }
    if (err == OD_OK && o->survey != 0) {
        err = check_asset(engine, OD_ASSET_SURVEY, o->survey, o->channel);
    }
    out->identity_prompt = o->identity_prompt;
    out->offer_prompt = o->offer_prompt;
    out->prompts_len = (int32_t)o->prompts_len;
    out->opt_out_prompt = o->opt_out_prompt;
    out->survey = o->survey;
    return err;
}

/* What needs no checking of its own, after the ranges were. */
static void take_numbers(const od_campaign_options *o, od_campaign_record *out)
{
    out->channel = o->channel;
    out->start_utc_ms = o->start_utc_ms;
    out->attempts_max = o->attempts_max;
    out->concurrent_max = o->concurrent_max;
    out->recall = o->recall;
    out->redial_unknown = o->redial_unknown;
    out->retry_delay_s = o->retry_delay_s;
    out->ring_timeout_ms = o->ring_timeout_ms;
    out->skip_answered_h = o->skip_answered_h;
    out->skip_called_h = o->skip_called_h;
    out->opt_out_key = o->opt_out_key;
    out->fail_stop_pct = o->fail_stop_pct;
    out->purpose = o->purpose;
    out->retry_unfinished = o->retry_unfinished;
    out->spread_dayparts = o->spread_dayparts;
    out->priority = o->priority;
    out->weight = o->weight;
    out->quota_answers = o->quota_answers;
    out->guards = o->guards;
    out->end_utc_ms = o->end_utc_ms;
}

static od_err check_times(od_engine *engine, const od_campaign_options *o)
{
    bool known = o->channel == OD_CHANNEL_VOICE ||
                 o->channel == OD_CHANNEL_TEXT;
    if (!known || o->start_utc_ms < 0) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "channel is %d and start_utc_ms %lld: neither "
                               "may be below 0 or unknown",
                               (int)o->channel, (long long)o->start_utc_ms);
    }
    if (o->end_utc_ms < 0 ||
        (o->end_utc_ms != 0 && o->end_utc_ms <= o->start_utc_ms)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "end_utc_ms is %lld: it must be 0 or after "
                               "start_utc_ms",
                               (long long)o->end_utc_ms);
    }
    return OD_OK;
}

/* Texts may come from a short code, calls from numbers only. */
static od_err take_caller_id(od_engine *engine, const od_campaign_options *o,
                             od_campaign_record *out)
{
    if (o->caller_id == NULL || o->caller_id[0] == '\0') {
        return OD_OK;
    }
    return o->channel == OD_CHANNEL_TEXT
               ? od__sender_check(engine, o->caller_id, &out->caller_id)
               : od__phone_check(engine, o->caller_id, NULL, &out->caller_id);
}

/* Options of any version into a record with every default filled in. */
od_err od__campaign_take(od_engine *engine,
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
    memset(out, 0, sizeof *out);
    od__text_copy(out->name, sizeof out->name, o.name);
    err = check_times(engine, &o);
    if (err == OD_OK) {
        err = take_caller_id(engine, &o, out);
    }
    if (err == OD_OK) {
        err = take_ranges(engine, &o);
    }
    if (err == OD_OK) {
        err = take_retries(engine, &o, out);
    }
    if (err == OD_OK) {
        err = take_texts(engine, &o, out);
    }
    if (err == OD_OK) {
        err = take_messages(engine, &o, out);
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
    take_numbers(&o, out);
    return err;
}

/* == as the ledger keeps them =============================================== */

static void write_ids(od__writer *w, const char *name, const od_id *ids,
                      int32_t len)
{
    od__write(w, ",\"%s\":[", name);
    for (int32_t i = 0; i < len; i++) {
        od__write(w, "%s%lld", i > 0 ? "," : "", (long long)ids[i]);
    }
    od__write(w, "]");
}

static void write_policy(const od_campaign_record *r, od__writer *w)
{
    od__write(w, ",\"purpose\":\"%s\",\"seller\":",
              od_purpose_name(r->purpose));
    od__write_json(w, r->seller);
    od__write(w,
              ",\"identity_prompt\":%lld,\"offer_prompt\":%lld"
              ",\"end_utc_ms\":%lld,\"retry_unfinished\":%d"
              ",\"spread_dayparts\":%d,\"priority\":%d,\"weight\":%d"
              ",\"retries\":[",
              (long long)r->identity_prompt, (long long)r->offer_prompt,
              (long long)r->end_utc_ms, (int)r->retry_unfinished,
              (int)r->spread_dayparts, (int)r->priority, (int)r->weight);
    for (size_t i = 0; i < OD_RETRIES; i++) {
        od__write(w, "%s[%d,%d]", i > 0 ? "," : "", (int)r->retries[i].delay_s,
                  (int)r->retries[i].attempts_max);
    }
    od__write(w, "],\"guards\":[%d,%d,%d,%d,%d,%d],\"quota\":[%d,",
              (int)r->guards.sample, (int)r->guards.short_max,
              (int)r->guards.prefix_max, (int)r->guards.unheard_max,
              (int)r->guards.abandon_max, (int)r->guards.brief_max,
              (int)r->quota_answers);
    od__write_json(w, r->quota_question);
    od__write(w, ",");
    od__write_json(w, r->quota_choice);
    od__write(w, "]");
}

static void write_messages(const od_campaign_record *r, od__writer *w)
{
    const struct {
        const char *name;
        const char *text;
    } texts[] = {{"text", r->text},
                 {"opt_out_text", r->opt_out_text},
                 {"confirm_text", r->confirm_text},
                 {"help_text", r->help_text}};
    od__write(w,
              ",\"channel\":\"text\",\"text_policy\":%d,\"segments_max\":%d"
              ",\"transliterate\":%s,\"validity_s\":%d"
              ",\"texts_per_minute_max\":%d",
              (int)r->text_policy, (int)r->segments_max,
              r->transliterate != 0 ? "true" : "false", (int)r->validity_s,
              (int)r->texts_per_minute_max);
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        od__write(w, ",\"%s\":", texts[i].name);
        od__write_json(w, texts[i].text);
    }
}

void od__campaign_write(const od_campaign_record *r, od__writer *w)
{
    char caller_id[OD_PHONE_MAX + 1];
    od__sender_text(r->caller_id, caller_id);
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
              ",\"fail_stop_pct\":%d",
              (long long)r->survey, (long long)r->opt_out_prompt,
              (long long)r->start_utc_ms, (int)r->attempts_max,
              (int)r->concurrent_max, r->recall == OD_NONE ? "false" : "true",
              r->redial_unknown != 0 ? "true" : "false",
              (int)r->retry_delay_s, (int)r->ring_timeout_ms,
              (int)r->skip_answered_h, (int)r->skip_called_h,
              r->opt_out_key == OD_NONE ? '-' : (char)r->opt_out_key,
              (int)r->fail_stop_pct);
    write_policy(r, w);
    if (r->channel == OD_CHANNEL_TEXT) {
        write_messages(r, w);
    }
    od__write(w, "}");
}
