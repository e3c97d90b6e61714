/*
 * campaigns.c - options and state of campaigns.
 *
 * One column per option; groups, prompts, windows and retries in tables of
 * their own, in order. The state has its own statement: options never change
 * it, and it changes only from the state that the caller believes in.
 */
#include "storage/sqlite/sqlite.h"

/* == options ============================================================== */

static od_err check_name(od__sqlite *s, const od_campaign_record *record)
{
    od_id other = 0;
    od__query query = od__query_new(s, OD__SQL_CAMPAIGN_FIND, NULL, 0);
    od__query_text(&query, record->name);
    if (od__query_next(&query)) {
        other = od__row_id(&query);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK && other != 0 && other != record->id) {
        err = od__fail(&s->errmsg, OD_ERR_EXISTS, "the name \"%s\" is taken",
                       record->name);
    }
    return err;
}

/* The row itself; *id 0: a new one. */
static od_err write_row(od__sqlite *s, const od_campaign_record *record,
                        od_id *id)
{
    const od_guards *guards = &record->guards;
    od__query query = OD__QUERY(
        s, *id == 0 ? OD__SQL_CAMPAIGN_ADD : OD__SQL_CAMPAIGN_SET,
        (int64_t)record->caller_id, record->start_utc_ms, record->channel,
        record->attempts_max, record->concurrent_max, record->recall,
        record->redial_unknown, record->retry_delay_s, record->ring_timeout_ms,
        record->skip_answered_h, record->skip_called_h, record->opt_out_key,
        record->fail_stop_pct, record->survey, record->opt_out_prompt,
        record->purpose, record->retry_unfinished, record->spread_dayparts,
        record->priority, record->weight, record->quota_answers, guards->sample,
        guards->short_max, guards->prefix_max, guards->unheard_max,
        guards->abandon_max, guards->brief_max, record->end_utc_ms,
        record->identity_prompt, record->offer_prompt, record->text_policy,
        record->segments_max, record->transliterate, record->validity_s,
        record->texts_per_minute_max);
    od__query_text(&query, record->name);
    od__query_text(&query, record->seller);
    od__query_text(&query, record->quota_question);
    od__query_text(&query, record->quota_choice);
    od__query_text(&query, record->text);
    od__query_text(&query, record->opt_out_text);
    od__query_text(&query, record->confirm_text);
    od__query_text(&query, record->help_text);
    if (*id != 0) {
        od__query_i64(&query, *id);
        return od__query_run(&query);
    }
    od_err err = od__query_run(&query);
    *id = sqlite3_last_insert_rowid(s->db);
    return err;
}

static od_err write_retries(od__sqlite *s, const od_campaign_record *record,
                            od_id id)
{
    od_err err = OD__RUN(s, OD__SQL_CAMPAIGN_RETRIES_REMOVE, id);
    for (int32_t i = 0; err == OD_OK && i < OD_RETRIES; i++) {
        const od_retry *retry = &record->retries[i];
        if (retry->delay_s != 0 || retry->attempts_max != 0) {
            err = OD__RUN(s, OD__SQL_CAMPAIGN_RETRY_ADD, id, i, retry->delay_s,
                          retry->attempts_max);
        }
    }
    return err;
}

static od_err write_lists(od__sqlite *s, const od_campaign_record *record,
                          od_id id)
{
    static const od__sql removals[] = {OD__SQL_CAMPAIGN_GROUPS_REMOVE,
                                       OD__SQL_CAMPAIGN_PROMPTS_REMOVE,
                                       OD__SQL_CAMPAIGN_WINDOWS_REMOVE};
    od_err err = OD_OK;
    for (size_t i = 0; err == OD_OK && i < OD__LEN(removals); i++) {
        err = OD__RUN(s, removals[i], id);
    }
    for (int32_t i = 0; err == OD_OK && i < record->groups_len; i++) {
        err = OD__RUN(s, OD__SQL_CAMPAIGN_GROUP_ADD, id, i, record->groups[i]);
    }
    for (int32_t i = 0; err == OD_OK && i < record->prompts_len; i++) {
        err =
            OD__RUN(s, OD__SQL_CAMPAIGN_PROMPT_ADD, id, i, record->prompts[i]);
    }
    for (int32_t i = 0; err == OD_OK && i < record->windows_len; i++) {
        const od_window *window = &record->windows[i];
        err = OD__RUN(s, OD__SQL_CAMPAIGN_WINDOW_ADD, id, i, window->days,
                      window->start_min, window->end_min);
    }
    return err == OD_OK ? write_retries(s, record, id) : err;
}

static bool has_group(const od_campaign_record *record, od_id group)
{
    for (int32_t i = 0; i < record->groups_len; i++) {
        if (record->groups[i] == group) {
            return true;
        }
    }
    return false;
}

/* The groups were others before: who is in none of them any more goes, and
 * the fill looks at all again. */
static od_err follow_groups(od__sqlite *s, const od_campaign_record *record,
                            od_id id, const od__ids *before)
{
    bool is_same = before->len == (size_t)record->groups_len;
    for (size_t i = 0; is_same && i < before->len; i++) {
        is_same = before->items[i] == record->groups[i];
    }
    if (is_same) {
        return OD_OK;
    }
    od_err err = OD__RUN(s, OD__SQL_FILL_RESTART, id);
    const od__ids this = {.items = &id, .len = 1};
    for (size_t i = 0; err == OD_OK && i < before->len; i++) {
        if (!has_group(record, before->items[i])) {
            err = od__group_leave(s, before->items[i], &this, false);
        }
    }
    return err;
}

static od_err put(od__sqlite *s, const od_campaign_record *record, od_id *id)
{
    od__ids before = {0};
    od_err err = OD_OK;
    if (*id != 0) {
        int32_t state;
        err = od__campaign_state(s, *id, &state);
    }
    if (err == OD_OK && *id != 0) {
        od__query query = OD__QUERY(s, OD__SQL_CAMPAIGN_GROUPS, *id);
        err = od__query_ids(&query, &before);
    }
    if (err == OD_OK) {
        err = check_name(s, record);
    }
    if (err == OD_OK) {
        err = write_row(s, record, id);
    }
    if (err == OD_OK) {
        err = write_lists(s, record, *id);
    }
    return err == OD_OK ? follow_groups(s, record, *id, &before) : err;
}

od_err od__sqlite_campaign_put(void *ctx, const od_campaign_record *record,
                               const od_ledger_entry *ledger, od_id *out)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_id id = record->id;
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = put(s, record, &id);
    }
    if (err == OD_OK) {
        od_ledger_entry entry = *ledger;
        entry.subject = record->id == 0 ? id : ledger->subject;
        err = od__ledger_put(s, &entry, 1);
    }
    err = od__sqlite_finish(s, err);
    if (err == OD_OK && record->id == 0) {
        *out = id;
    }
    return err;
}

/* == reading ============================================================== */

static void read_of_texts(od__query *query, od_campaign_record *out)
{
    out->text_policy =
        od__row_i32(query, OD_TEXT_POLICY_SPLIT, OD_TEXT_POLICY_CUT);
    out->segments_max = od__row_i32(query, 0, OD_SEGMENTS_MAX);
    out->transliterate = od__row_i32(query, OD_NONE, INT32_MAX);
    out->validity_s = od__row_i32(query, 0, INT32_MAX);
    out->texts_per_minute_max = od__row_i32(query, OD_NONE, INT32_MAX);
}

static void read_row(od__query *query, od_campaign_record *out)
{
    out->caller_id = od__row_phone_or_none(query);
    out->start_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->channel = od__row_i32(query, OD_CHANNEL_VOICE, OD_CHANNEL_TEXT);
    int32_t *const options[] = {
        &out->attempts_max,    &out->concurrent_max, &out->recall,
        &out->redial_unknown,  &out->retry_delay_s,  &out->ring_timeout_ms,
        &out->skip_answered_h, &out->skip_called_h,  &out->opt_out_key,
        &out->fail_stop_pct,
    };
    for (size_t i = 0; i < OD__LEN(options); i++) {
        *options[i] = od__row_i32(query, OD_NONE, INT32_MAX);
    }
    out->survey = od__row_id(query);
    out->opt_out_prompt = od__row_id(query);
    out->purpose = od__row_i32(query, 0, OD_PURPOSES - 1);
    int32_t *const more[] = {
        &out->retry_unfinished,   &out->spread_dayparts,
        &out->priority,           &out->weight,
        &out->quota_answers,      &out->guards.sample,
        &out->guards.short_max,   &out->guards.prefix_max,
        &out->guards.unheard_max, &out->guards.abandon_max,
        &out->guards.brief_max,
    };
    for (size_t i = 0; i < OD__LEN(more); i++) {
        *more[i] = od__row_i32(query, OD_NONE, INT32_MAX);
    }
    out->end_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->identity_prompt = od__row_id(query);
    out->offer_prompt = od__row_id(query);
    read_of_texts(query, out);
    od__row_text_copy(query, out->name, sizeof out->name);
    od__row_text_copy(query, out->seller, sizeof out->seller);
    od__row_text_copy(query, out->quota_question, sizeof out->quota_question);
    od__row_text_copy(query, out->quota_choice, sizeof out->quota_choice);
    od__row_text_copy(query, out->text, sizeof out->text);
    od__row_text_copy(query, out->opt_out_text, sizeof out->opt_out_text);
    od__row_text_copy(query, out->confirm_text, sizeof out->confirm_text);
    od__row_text_copy(query, out->help_text, sizeof out->help_text);
    out->state = od__row_i32(query, 0, OD_CAMPAIGN_STATES - 1);
    od__row_text_copy(query, out->state_text, sizeof out->state_text);
    out->started_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->filled = od__row_bool(query);
}

/* A list of ids into an array; how many. */
static od_err read_ids(od__sqlite *s, od__sql sql, od_id campaign, od_id *ids,
                       size_t ids_max, int32_t *len)
{
    od__query query = OD__QUERY(s, sql, campaign);
    size_t at = 0;
    while (at < ids_max && od__query_next(&query)) {
        ids[at++] = od__row_id(&query);
    }
    *len = (int32_t)at;
    return od__query_end(&query);
}

static od_err read_windows(od__sqlite *s, od_id campaign,
                           od_campaign_record *out)
{
    od__query query = OD__QUERY(s, OD__SQL_CAMPAIGN_WINDOWS, campaign);
    int32_t at = 0;
    while (at < OD_WINDOWS_MAX && od__query_next(&query)) {
        od_window *window = &out->windows[at++];
        window->days = (uint32_t)od__row_i32(&query, 1, OD_EVERY_DAY);
        window->start_min = od__row_i32(&query, 0, 1439);
        window->end_min = od__row_i32(&query, window->start_min + 1, 1440);
    }
    out->windows_len = at;
    return od__query_end(&query);
}

static od_err read_retries(od__sqlite *s, od_id campaign,
                           od_campaign_record *out)
{
    od__query query = OD__QUERY(s, OD__SQL_CAMPAIGN_RETRIES, campaign);
    while (od__query_next(&query)) {
        int32_t disposition = od__row_i32(&query, 0, OD_RETRIES - 1);
        od_retry *retry = &out->retries[disposition];
        retry->delay_s = od__row_i32(&query, OD_NONE, INT32_MAX);
        retry->attempts_max = od__row_i32(&query, 0, INT32_MAX);
    }
    return od__query_end(&query);
}

static od_err read_campaign(od__sqlite *s, od_id id, od_campaign_record *out)
{
    memset(out, 0, sizeof *out);
    out->id = id;
    od__query query = OD__QUERY(s, OD__SQL_CAMPAIGN_GET, id);
    bool found = od__query_next(&query);
    if (found) {
        read_row(&query, out);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK && !found) {
        err = od__sqlite_no(s, "campaign", id);
    }
    if (err == OD_OK) {
        err = read_ids(s, OD__SQL_CAMPAIGN_GROUPS, id, out->groups,
                       OD_CAMPAIGN_GROUPS_MAX, &out->groups_len);
    }
    if (err == OD_OK) {
        err = read_ids(s, OD__SQL_CAMPAIGN_PROMPTS, id, out->prompts,
                       OD_CAMPAIGN_PROMPTS_MAX, &out->prompts_len);
    }
    if (err == OD_OK) {
        err = read_windows(s, id, out);
    }
    return err == OD_OK ? read_retries(s, id, out) : err;
}

od_err od__sqlite_campaign_get(void *ctx, od_id id, od_campaign_record *out)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_campaign_record record;
    od_err err = od__sqlite_read(s);
    if (err == OD_OK) {
        err = read_campaign(s, id, &record);
    }
    err = od__sqlite_read_end(s, err);
    if (err == OD_OK) {
        *out = record;
    }
    return err;
}

od_err od__sqlite_campaign_scan(void *ctx, od_id after, od_id *ids,
                                size_t ids_max, size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query =
        OD__QUERY(s, OD__SQL_CAMPAIGN_SCAN, after, (int64_t)ids_max);
    size_t len = 0;
    while (len < ids_max && od__query_next(&query)) {
        ids[len++] = od__row_id(&query);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}

/* == state ================================================================ */

od_err od__campaign_state(od__sqlite *s, od_id campaign, int32_t *out)
{
    od__query query = OD__QUERY(s, OD__SQL_CAMPAIGN_STATE_GET, campaign);
    bool found = od__query_next(&query);
    if (found) {
        *out = od__row_i32(&query, 0, OD_CAMPAIGN_STATES - 1);
    }
    od_err err = od__query_end(&query);
    return err != OD_OK || found ? err : od__sqlite_no(s, "campaign", campaign);
}

od_err od__campaign_channel(od__sqlite *s, od_id campaign, int32_t *out)
{
    *out = OD_CHANNEL_VOICE;
    od__query query = OD__QUERY(s, OD__SQL_CAMPAIGN_CHANNEL, campaign);
    if (od__query_next(&query)) {
        *out = od__row_i32(&query, OD_CHANNEL_VOICE, OD_CHANNEL_TEXT);
    }
    return od__query_end(&query);
}

static od_err change_state(od__sqlite *s, od_id id, int32_t from, int32_t to,
                           const char *state_text, int64_t utc_ms)
{
    int32_t state;
    od_err err = od__campaign_state(s, id, &state);
    if (err != OD_OK) {
        return err;
    }
    if (state != from) {
        return od__fail(&s->errmsg, OD_ERR_STATE,
                        "campaign %lld is in state %d, not %d", (long long)id,
                        (int)state, (int)from);
    }
    char text[sizeof((od_campaign_record *)0)->state_text];
    od__text_copy(text, sizeof text, state_text);
    od__query query = OD__QUERY(s, OD__SQL_CAMPAIGN_STATE_SET, id, to);
    od__query_text(&query, text);
    err = od__query_run(&query);
    if (err == OD_OK && od__campaign_begins(from, to)) {
        err = OD__RUN(s, OD__SQL_FILL_BEGIN, id, utc_ms);
    }
    return err;
}

od_err od__sqlite_campaign_cas(void *ctx, od_id id, int32_t from, int32_t to,
                               const char *state_text, int64_t utc_ms,
                               const od_ledger_entry *ledger)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = change_state(s, id, from, to, state_text, utc_ms);
    }
    if (err == OD_OK) {
        err = od__ledger_put(s, ledger, 1);
    }
    return od__sqlite_finish(s, err);
}
