/*
 * calls.c - the log of ended attempts.
 */
#include "core/core.h"

od_err od__filter_take(od_engine *engine, const od_call_filter *filter,
                       od_call_filter *out, uint64_t *phone)
{
    od_call_filter_init(out);
    *phone = 0;
    if (filter == NULL) {
        return OD_OK;
    }
    od_err err = od__sized_copy(out, sizeof *out, filter,
                                sizeof(od_call_filter), "od_call_filter",
                                &engine->errmsg);
    if (err == OD_OK && (out->disposition < 0 ||
                         out->disposition >= OD_DISPOSITIONS)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "disposition %d is not known",
                               (int)out->disposition);
    }
    if (err == OD_OK && out->phone != NULL && out->phone[0] != '\0') {
        err = od__phone_check(engine, out->phone, NULL, phone);
    }
    return err;
}

void od__call_tell(od_engine *engine, const od_attempt_record *r, od_call *out)
{
    *out = (od_call){.attempt = r->attempt,
                     .campaign = r->campaign,
                     .contact = r->contact,
                     .phone = od__phone_keep(engine, r->phone),
                     .session_id = r->session_id,
                     .sip_call_id = r->sip_call_id,
                     .trunk = r->trunk,
                     .disposition = r->disposition,
                     .sip_status = r->sip_status,
                     .fault = r->fault,
                     .claimed_utc_ms = r->claimed_utc_ms,
                     .answered_utc_ms = r->answered_utc_ms,
                     .ended_utc_ms = r->ended_utc_ms,
                     .heard_ms = r->heard_ms,
                     .survey_done = r->survey_done,
                     .reached_network = r->reached_network};
}

od_err od_calls_list(od_engine *engine, const od_call_filter *filter,
                     od_id after_id, od_call *rows, size_t rows_max,
                     size_t *count)
{
    od_call_filter wanted;
    uint64_t phone = 0;
    size_t len = 0;
    od_err err = od__list_check(engine, after_id, rows, rows_max, count);
    if (err == OD_OK) {
        err = od__filter_take(engine, filter, &wanted, &phone);
    }
    if (err != OD_OK) {
        return err;
    }
    od_attempt_record *records =
        od__arena_take(&engine->arena, rows_max * sizeof *records);
    if (records == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    err = OD__STORE(engine, attempt_scan)(engine->store, &wanted, phone,
                                          after_id, records, rows_max, &len);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    for (size_t i = 0; i < len; i++) {
        od__call_tell(engine, &records[i], &rows[i]);
    }
    *count = len;
    return OD_OK;
}
