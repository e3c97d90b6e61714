/*
 * dnc.c - the do-not-call list: single entries.
 */
#include "core/core.h"

/* "+1900*": every number that begins so. */
static od_err take_prefix(od_engine *engine, const char *text, size_t len,
                          od_dnc_record *out)
{
    size_t at = text[0] == '+' ? 1 : 0;
    size_t digits = len - at;
    if (digits < 1 || digits > OD_PHONE_MAX - 2 || text[at] == '0' ||
        strspn(text + at, "0123456789") != digits) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "prefix \"%.32s\": use 1 to 14 digits that "
                               "begin with a country code, and a '*'",
                               text);
    }
    for (; at < len; at++) {
        out->phone = out->phone * 10 + (uint64_t)(text[at] - '0');
    }
    out->prefix = true;
    return OD_OK;
}

od_err od__dnc_phone_check(od_engine *engine, const char *text,
                           od_dnc_record *out)
{
    size_t len = text != NULL ? strnlen(text, 64) : 0;
    return len > 0 && len < 64 && text[len - 1] == '*'
               ? take_prefix(engine, text, len - 1, out)
               : od__phone_check(engine, text, NULL, &out->phone);
}

static od_err take_entry(od_engine *engine, const od_dnc_entry *entry,
                         od_dnc_record *out)
{
    memset(out, 0, sizeof *out);
    od_err err = od__dnc_phone_check(engine, entry->phone, out);
    if (err != OD_OK) {
        return err;
    }
    if (entry->expires_utc_ms != 0 &&
        entry->expires_utc_ms <= engine->now.utc_ms) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "expires_utc_ms is %lld, which has passed: use 0 "
                               "for an entry that does not expire",
                               (long long)entry->expires_utc_ms);
    }
    out->expires_utc_ms = entry->expires_utc_ms;
    if (entry->scope < OD_DNC_ALL || entry->scope > OD_DNC_CAMPAIGN ||
        (entry->scope == OD_DNC_CAMPAIGN) != (entry->campaign != 0)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "scope %d with campaign %lld: scopes are 0 to 3, "
                               "and only 3 has a campaign",
                               (int)entry->scope, (long long)entry->campaign);
    }
    /* Copied: they may be what od_dnc_list() gave, in memory of the storage
     * that lives until its next slot is called. */
    const char *texts[] = {entry->reason != NULL ? entry->reason : "",
                           entry->source != NULL ? entry->source : "host"};
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        size_t len = strnlen(texts[i], OD_NAME_MAX + 1);
        if (len > OD_NAME_MAX || !od__utf8_is_valid(texts[i], len)) {
            return od__engine_fail(engine, OD_ERR_INVALID,
                                   "reason and source must be UTF-8 of at most "
                                   "%d bytes",
                                   OD_NAME_MAX);
        }
        texts[i] = od__arena_text(&engine->arena, texts[i], len);
        if (texts[i] == NULL) {
            return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
        }
    }
    out->scope = entry->scope;
    out->campaign = entry->campaign;
    out->reason = texts[0];
    out->source = texts[1];
    out->added_utc_ms = engine->now.utc_ms;
    return OD_OK;
}

/* The number as it came in, that lives until the next call. */
static const char *phone_keep(od_engine *engine, const od_dnc_record *row)
{
    char text[OD_PHONE_MAX + 2];
    od__phone_text(row->phone, text);
    if (!row->prefix) {
        return od__phone_keep(engine, row->phone);
    }
    size_t len = strlen(text);
    text[len++] = '*';
    const char *kept = od__arena_text(&engine->arena, text, len);
    return kept != NULL ? kept : "";
}

od_err od_dnc_add(od_engine *engine, const od_dnc_entry *entry)
{
    od_dnc_record row;
    od_ledger_entry ledger;
    od__writer payload;
    char text[OD__PAYLOAD_SIZE];
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (entry == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "entry must not be NULL");
    }
    od_err err = take_entry(engine, entry, &row);
    if (err == OD_OK && row.campaign != 0) {
        od_campaign_record *ignored = NULL;
        err = od__campaign_read(engine, row.campaign, &ignored);
    }
    if (err != OD_OK) {
        return err;
    }
    od__writer_init(&payload, text, sizeof text);
    od__ledger_dnc(&row, &payload);
    od__ledger_entry(engine, &ledger, OD_LEDGER_DNC_ADD, 0, text);
    err = OD__STORE(engine, dnc_add)(engine->store, &row, &ledger, 1, NULL);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    od__engine_changed(engine);
    return engine->transport != NULL
               ? od__calls_heed_dnc(engine, row.prefix ? 0 : row.phone)
               : OD_OK;
}

od_err od_dnc_remove(od_engine *engine, const char *phone, int32_t scope,
                     od_id campaign)
{
    od_dnc_entry entry = {.phone = phone, .scope = scope, .campaign = campaign};
    od_dnc_record row;
    od_ledger_entry ledger;
    od__writer payload;
    char text[OD__PAYLOAD_SIZE];
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = take_entry(engine, &entry, &row);
    if (err != OD_OK) {
        return err;
    }
    od__writer_init(&payload, text, sizeof text);
    od__ledger_dnc(&row, &payload);
    od__ledger_entry(engine, &ledger, OD_LEDGER_DNC_REMOVE, 0, text);
    err = OD__STORE(engine, dnc_remove)(engine->store, row.phone, row.prefix,
                                        scope, campaign, engine->now.utc_ms,
                                        &ledger);
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err,
                               "%s is not on the list with this scope",
                               phone_keep(engine, &row));
    }
    od__engine_changed(engine);
    return od__store_err(engine, err);
}

/* What a campaign does to people; of none, or of one that is not there: calls. */
static od_err channel_of(od_engine *engine, od_id campaign, int32_t *out)
{
    od_campaign_record *record = NULL;
    od_err err = OD_OK;
    *out = OD_CHANNEL_VOICE;
    if (campaign > 0) {
        err = od__campaign_read(engine, campaign, &record);
    }
    if (err == OD_OK && record != NULL) {
        *out = record->channel;
    }
    return err == OD_ERR_NOT_FOUND ? OD_OK : err;
}

od_err od_dnc_check(od_engine *engine, const char *phone, od_id campaign,
                    bool *out)
{
    uint64_t number = 0;
    int32_t channel = OD_CHANNEL_VOICE;
    bool listed = false;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err = od__phone_check(engine, phone, NULL, &number);
    if (err != OD_OK) {
        return err;
    }
    err = channel_of(engine, campaign, &channel);
    if (err != OD_OK) {
        return err;
    }
    err = OD__STORE(engine, dnc_check)(engine->store, number, channel, campaign,
                                       engine->now.utc_ms, &listed);
    if (err == OD_OK) {
        *out = listed;
    }
    return od__store_err(engine, err);
}

od_err od_dnc_list(od_engine *engine, od_id after_id, od_dnc_entry *rows,
                   size_t rows_max, size_t *count)
{
    size_t len = 0;
    od_err err = od__list_check(engine, after_id, rows, rows_max, count);
    if (err != OD_OK) {
        return err;
    }
    od_dnc_record *records =
        od__arena_take(&engine->arena, rows_max * sizeof *records);
    if (records == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    err = OD__STORE(engine, dnc_scan)(engine->store, after_id, records,
                                      rows_max, &len);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    for (size_t i = 0; i < len; i++) {
        rows[i] = (od_dnc_entry){
            .id = records[i].id,
            .phone = phone_keep(engine, &records[i]),
            .scope = records[i].scope,
            .campaign = records[i].campaign,
            .reason = records[i].reason != NULL ? records[i].reason : "",
            .source = records[i].source != NULL ? records[i].source : "",
            .added_utc_ms = records[i].added_utc_ms,
            .expires_utc_ms = records[i].expires_utc_ms};
    }
    *count = len;
    return OD_OK;
}
