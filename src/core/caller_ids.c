/*
 * caller_ids.c - the numbers that the host may show as its own, each with the
 * proof of it.
 *
 * 16 CFR 310.5(a)(2)(ix) wants proof kept of the right to show a number. Each
 * is an asset: its name is the number, its bytes the evidence, and adding and
 * removing is in the ledger with both.
 */
#include "core/core.h"

#define EVIDENCE_MAX 1023

/* The evidence, copied off the arena: it may be what the list gave. */
static od_err take_evidence(od_engine *engine, const char *text,
                            char out[EVIDENCE_MAX + 1], size_t *out_len)
{
    const char *checked = NULL;
    od_err err =
        od__text_check(engine, text, "evidence", EVIDENCE_MAX, &checked);
    if (err == OD_OK && checked[0] == '\0') {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "evidence is missing: say where the proof is "
                               "that the number may be shown");
    }
    if (err == OD_OK) {
        *out_len = strlen(checked);
        memcpy(out, checked, *out_len + 1);
    }
    return err;
}

od_err od__caller_id_is_listed(od_engine *engine, uint64_t phone, bool *out)
{
    char name[OD_PHONE_MAX + 1];
    od_id ignored = 0;
    od__sender_text(phone, name);
    od_err err = od__asset_find(engine, OD_ASSET_CALLER_ID, name, &ignored);
    if (err == OD_ERR_NOT_FOUND) {
        engine->errmsg.text[0] = '\0';
        *out = false;
        return OD_OK;
    }
    *out = err == OD_OK;
    return err;
}

od_err od_caller_id_add(od_engine *engine, const od_caller_id *row)
{
    uint64_t number = 0;
    char evidence[EVIDENCE_MAX + 1];
    size_t len = 0;
    od_asset_record record;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (row == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "row must not be NULL");
    }
    od_err err = od__sender_check(engine, row->phone, &number);
    if (err == OD_OK) {
        err = take_evidence(engine, row->evidence, evidence, &len);
    }
    if (err != OD_OK) {
        return err;
    }
    memset(&record, 0, sizeof record);
    record.kind = OD_ASSET_CALLER_ID;
    record.bytes = evidence;
    record.bytes_len = len;
    od__sender_text(number, record.name);
    od__sha256(evidence, len, record.sha256);
    err = od__asset_add(engine, &record, NULL);
    if (err == OD_ERR_EXISTS) {
        return od__engine_fail(engine, err,
                               "%s is there with other evidence: remove it "
                               "first",
                               record.name);
    }
    if (err == OD_OK) {
        od__engine_changed(engine);
    }
    return err;
}

od_err od_caller_id_remove(od_engine *engine, const char *phone)
{
    uint64_t number = 0;
    od_id id = 0;
    char name[OD_PHONE_MAX + 1];
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__sender_check(engine, phone, &number);
    if (err != OD_OK) {
        return err;
    }
    od__sender_text(number, name);
    err = od__asset_find(engine, OD_ASSET_CALLER_ID, name, &id);
    if (err == OD_OK) {
        err = od__asset_drop(engine, OD_ASSET_CALLER_ID, id);
    }
    if (err == OD_OK) {
        od__engine_changed(engine);
    }
    return err;
}

/* Number and evidence, in memory that lives until the next call. */
static od_err tell(od_engine *engine, const od_asset_record *asset,
                   od_caller_id *out)
{
    od_asset_record full;
    memset(&full, 0, sizeof full);
    od_err err = OD__STORE(engine, asset_get)(engine->store, OD_ASSET_CALLER_ID,
                                              asset->id, &full);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    out->evidence = od__arena_text(&engine->arena, full.bytes, full.bytes_len);
    out->phone = asset->name; /* in the arena, with its page */
    return out->evidence != NULL
               ? OD_OK
               : od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
}

/* The id behind which the list goes on when `after` rows were passed over.
 * *at_end: there are fewer. */
static od_err pass_over(od_engine *engine, size_t after, od_id *out,
                        bool *at_end)
{
    od_asset_record rows[64];
    size_t count = 0;
    *out = 0;
    *at_end = false;
    while (after > 0 && !*at_end) {
        size_t want = after < OD__LEN(rows) ? after : OD__LEN(rows);
        od_err err = OD__STORE(engine, asset_scan)(
            engine->store, OD_ASSET_CALLER_ID, *out, rows, want, &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        *at_end = count < want;
        *out = count > 0 ? rows[count - 1].id : *out;
        after -= count;
    }
    return OD_OK;
}

od_err od_caller_ids_list(od_engine *engine, size_t after, od_caller_id *rows,
                          size_t rows_max, size_t *count)
{
    od_asset_record *assets = NULL;
    od_id behind = 0;
    bool at_end = false;
    size_t len = 0;
    od_err err = od__list_check(engine, 0, rows, rows_max, count);
    if (err != OD_OK) {
        return err;
    }
    err = pass_over(engine, after, &behind, &at_end);
    if (err == OD_OK && !at_end) {
        err = od__assets_read(engine, OD_ASSET_CALLER_ID, behind, rows_max,
                              &assets, &len);
    }
    od_caller_id *told =
        od__arena_take(&engine->arena, rows_max * sizeof *told);
    if (err == OD_OK && told == NULL) {
        err = od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    for (size_t i = 0; err == OD_OK && i < len; i++) {
        err = tell(engine, &assets[i], &told[i]);
    }
    if (err == OD_OK) {
        memcpy(rows, told, len * sizeof *told);
        *count = len;
    }
    return err;
}
