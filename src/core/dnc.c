/*
 * dnc.c - the do-not-call list: entries one by one and from CSV files.
 */
#include "core/core.h"

static od_err take_entry(od_engine *engine, const od_dnc_entry *entry,
                         od_dnc_record *out)
{
    memset(out, 0, sizeof *out);
    od_err err = od__phone_check(engine, entry->phone, NULL, &out->phone);
    if (err != OD_OK) {
        return err;
    }
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
    return engine->transport != NULL ? od__calls_heed_dnc(engine, row.phone)
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
    err = OD__STORE(engine, dnc_remove)(engine->store, row.phone, scope,
                                        campaign, engine->now.utc_ms, &ledger);
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err, "%s is not on the list with this "
                                            "scope",
                               od__phone_keep(engine, row.phone));
    }
    od__engine_changed(engine);
    return od__store_err(engine, err);
}

od_err od_dnc_check(od_engine *engine, const char *phone, od_id campaign,
                    bool *out)
{
    uint64_t number = 0;
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
    err = OD__STORE(engine, dnc_check)(engine->store, number, campaign,
                                       &listed);
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
            .phone = od__phone_keep(engine, records[i].phone),
            .scope = records[i].scope,
            .campaign = records[i].campaign,
            .reason = records[i].reason != NULL ? records[i].reason : "",
            .source = records[i].source != NULL ? records[i].source : "",
            .added_utc_ms = records[i].added_utc_ms};
    }
    *count = len;
    return OD_OK;
}
