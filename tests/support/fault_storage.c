/*
 * fault_storage.c - a storage that wraps another and fails when it is told.
 *
 * Every slot is one of two shapes: READ passes through unless the storage has
 * crashed; WRITE asks the plan first. The macros only spare repeating that.
 */
#include "support/fault_storage.h"

#include "support/test.h"

/* == the plan ============================================================= */

static od_err dead(od_fault *fault)
{
    fault->injected = true;
    return OD_ERR_IO;
}

/* What becomes of the write that is about to begin. */
typedef enum od_fate {
    FATE_WELL,      /* as inside */
    FATE_FAILS,     /* not done, and the plan's code */
    FATE_FAILS_LATE, /* done, and the plan's code */
    FATE_DIES_LATE  /* done, OD_ERR_IO, and nothing works any more */
} od_fate;

static od_fate begin_write(od_fault *fault)
{
    const od_fault_plan *plan = &fault->plan;
    fault->writes++;
    bool fails = plan->fail_at > 0 &&
                 (fault->writes == plan->fail_at ||
                  (plan->fail_on && fault->writes > plan->fail_at));
    if (fails) {
        return plan->fail_late ? FATE_FAILS_LATE : FATE_FAILS;
    }
    bool dies = plan->crash_at > 0 && fault->writes >= plan->crash_at;
    return dies && plan->crash_late ? FATE_DIES_LATE : FATE_WELL;
}

static od_err end_write(od_fault *fault, od_fate fate, od_err err)
{
    const od_fault_plan *plan = &fault->plan;
    bool ours = fate != FATE_WELL;
    if (plan->crash_at > 0 && fault->writes >= plan->crash_at) {
        fault->crashed = true;
    }
    fault->injected = ours;
    if (!ours) {
        return err;
    }
    fault->failures++;
    bool io = fate == FATE_DIES_LATE || plan->fail_err == OD_OK;
    return io ? OD_ERR_IO : plan->fail_err;
}

#define INNER(slot) od_storage_ops_get(fault->inner)->slot
#define CTX od_storage_ctx_get(fault->inner)

#define READ(slot, ...)                                                       \
    od_fault *fault = ctx;                                                    \
    if (fault->crashed) {                                                     \
        return dead(fault);                                                   \
    }                                                                         \
    fault->injected = false;                                                  \
    return INNER(slot)(CTX, __VA_ARGS__)

/* Outputs go through `held`, so that a failure leaves them alone. */
#define WRITE(slot, ...)                                                      \
    od_fault *fault = ctx;                                                    \
    if (fault->crashed) {                                                     \
        return dead(fault);                                                   \
    }                                                                         \
    od_fate fate = begin_write(fault);                                        \
    od_err err = OD_OK;                                                       \
    if (fate != FATE_FAILS) {                                                 \
        err = INNER(slot)(CTX, __VA_ARGS__);                                  \
    }                                                                         \
    err = end_write(fault, fate, err)

/* == writes =============================================================== */

static od_err place_put(void *ctx, const char *key, int32_t *out)
{
    int32_t held = 0;
    WRITE(place_put, key, &held);
    *out = err == OD_OK ? held : *out;
    return err;
}

static od_err group_put(void *ctx, od_id id, const char *name, od_id *out)
{
    od_id held = 0;
    WRITE(group_put, id, name, &held);
    if (err == OD_OK && id == 0) {
        *out = held;
    }
    return err;
}

static od_err group_remove(void *ctx, od_id id)
{
    WRITE(group_remove, id);
    return err;
}

static od_err member_put(void *ctx, od_member_batch *batch)
{
    WRITE(member_put, batch);
    return err;
}

static od_err member_join(void *ctx, od_id contact, od_id group,
                          int64_t utc_ms)
{
    WRITE(member_join, contact, group, utc_ms);
    return err;
}

static od_err member_remove(void *ctx, od_id contact, od_id group)
{
    WRITE(member_remove, contact, group);
    return err;
}

static od_err contact_update(void *ctx, od_id id, const od_member_row *row,
                             int64_t utc_ms)
{
    WRITE(contact_update, id, row, utc_ms);
    return err;
}

static od_err dnc_add(void *ctx, const od_dnc_record *rows,
                      const od_ledger_entry *ledger, size_t len, bool *added)
{
    WRITE(dnc_add, rows, ledger, len, added);
    return err;
}

static od_err dnc_remove(void *ctx, uint64_t phone, bool prefix, int32_t scope,
                         od_id campaign, int64_t utc_ms,
                         const od_ledger_entry *ledger)
{
    WRITE(dnc_remove, phone, prefix, scope, campaign, utc_ms, ledger);
    return err;
}

static od_err group_validate(void *ctx, od_id group, int64_t utc_ms)
{
    WRITE(group_validate, group, utc_ms);
    return err;
}

static od_err consent_add(void *ctx, const od_consent_record *rows,
                          const od_ledger_entry *ledger, size_t len,
                          int64_t utc_ms, bool *added)
{
    WRITE(consent_add, rows, ledger, len, utc_ms, added);
    return err;
}

static od_err consent_revoke(void *ctx, uint64_t phone, const char *seller,
                             int64_t utc_ms, const od_ledger_entry *ledger)
{
    WRITE(consent_revoke, phone, seller, utc_ms, ledger);
    return err;
}

static od_err campaign_put(void *ctx, const od_campaign_record *record,
                           const od_ledger_entry *ledger, od_id *out)
{
    od_id held = 0;
    WRITE(campaign_put, record, ledger, &held);
    if (err == OD_OK && record->id == 0) {
        *out = held;
    }
    return err;
}

static od_err campaign_cas(void *ctx, od_id id, int32_t from, int32_t to,
                           const char *state_text, int64_t utc_ms,
                           const od_ledger_entry *ledger)
{
    WRITE(campaign_cas, id, from, to, state_text, utc_ms, ledger);
    return err;
}

static od_err fill(void *ctx, od_fill *fill)
{
    od_fill held = *fill;
    WRITE(fill, &held);
    *fill = err == OD_OK ? held : *fill;
    return err;
}

static od_err refill(void *ctx, od_id campaign)
{
    WRITE(refill, campaign);
    return err;
}

static od_err target_call_back(void *ctx, od_id campaign, uint64_t phone,
                               int64_t due_utc_ms,
                               const od_ledger_entry *ledger)
{
    WRITE(target_call_back, campaign, phone, due_utc_ms, ledger);
    return err;
}

static od_err exchange_pass(void *ctx, od_exchange *exchange)
{
    READ(exchange, exchange);
}

static od_err exchange_write(void *ctx, od_exchange *exchange)
{
    WRITE(exchange, exchange);
    return err;
}

static od_err exchange(void *ctx, od_exchange *exchange)
{
    bool carries = exchange->dnc_len + exchange->answered_len +
                       exchange->answers_len + exchange->outcomes_len +
                       exchange->releases_len + exchange->receipts_len +
                       exchange->replies_len + exchange->notices_len +
                       exchange->lanes_len >
                   0;
    return carries ? exchange_write(ctx, exchange)
                   : exchange_pass(ctx, exchange);
}

static od_err reply_opt_out(void *ctx, const od_reply_record *owed,
                            const od_dnc_record *row,
                            const od_ledger_entry *ledger, bool *added)
{
    bool held = false;
    WRITE(reply_opt_out, owed, row, ledger, &held);
    if (err == OD_OK && added != NULL) {
        *added = held;
    }
    return err;
}

static od_err asset_put(void *ctx, const od_asset_record *record,
                        const od_ledger_entry *ledger, od_id *out)
{
    od_id held = 0;
    WRITE(asset_put, record, ledger, &held);
    *out = err == OD_OK ? held : *out;
    return err;
}

static od_err asset_remove(void *ctx, int32_t kind, od_id id,
                           const od_ledger_entry *ledger)
{
    WRITE(asset_remove, kind, id, ledger);
    return err;
}

static od_err ledger_add(void *ctx, const od_ledger_entry *ledger)
{
    WRITE(ledger_add, ledger);
    return err;
}

static od_err person_erase(void *ctx, od_erase *erase,
                           const od_ledger_entry *ledger)
{
    od_erase held = *erase;
    WRITE(person_erase, &held, ledger);
    *erase = err == OD_OK ? held : *erase;
    return err;
}

/* == reads ================================================================ */

static od_err lease(void *ctx, const char *owner, const od_now *now)
{
    READ(lease, owner, now);
}

static od_err epoch(void *ctx, int64_t *out)
{
    READ(epoch, out);
}

static od_err maintain(void *ctx, const od_now *now)
{
    READ(maintain, now);
}

static od_err backup(void *ctx, const char *path)
{
    READ(backup, path);
}

static od_err place_scan(void *ctx, int32_t after, od_place_record *rows,
                         size_t rows_max, size_t *count)
{
    READ(place_scan, after, rows, rows_max, count);
}

static od_err group_scan(void *ctx, od_id after, od_group *rows,
                         size_t rows_max, size_t *count)
{
    READ(group_scan, after, rows, rows_max, count);
}

static od_err contact_get(void *ctx, od_id id, od_contact_record *out)
{
    READ(contact_get, id, out);
}

static od_err contact_scan(void *ctx, od_id group, od_id after,
                           od_contact_record *rows, size_t rows_max,
                           size_t *count)
{
    READ(contact_scan, group, after, rows, rows_max, count);
}

static od_err group_places(void *ctx, od_id group, int32_t after,
                           od_place_count *rows, size_t rows_max,
                           size_t *count)
{
    READ(group_places, group, after, rows, rows_max, count);
}

static od_err dnc_check(void *ctx, uint64_t phone, int32_t channel,
                        od_id campaign, int64_t utc_ms, bool *out)
{
    READ(dnc_check, phone, channel, campaign, utc_ms, out);
}

static od_err dnc_scan(void *ctx, od_id after, od_dnc_record *rows,
                       size_t rows_max, size_t *count)
{
    READ(dnc_scan, after, rows, rows_max, count);
}

static od_err consent_scan(void *ctx, uint64_t phone, od_id after,
                           od_consent_record *rows, size_t rows_max,
                           size_t *count)
{
    READ(consent_scan, phone, after, rows, rows_max, count);
}

static od_err campaign_get(void *ctx, od_id id, od_campaign_record *out)
{
    READ(campaign_get, id, out);
}

static od_err campaign_scan(void *ctx, od_id after, od_id *ids,
                            size_t ids_max, size_t *count)
{
    READ(campaign_scan, after, ids, ids_max, count);
}

static od_err target_scan(void *ctx, od_id campaign, uint64_t after,
                          int64_t utc_ms, od_candidate *rows, size_t rows_max,
                          size_t *count)
{
    READ(target_scan, campaign, after, utc_ms, rows, rows_max, count);
}

static od_err lane_scan(void *ctx, od_id campaign, int32_t after,
                        od_lane_row *rows, size_t rows_max, size_t *count)
{
    READ(lane_scan, campaign, after, rows, rows_max, count);
}

static od_err counters(void *ctx, od_id campaign, od_counters *out)
{
    READ(counters, campaign, out);
}

static od_err candidate(void *ctx, od_id campaign, uint64_t phone,
                        int64_t utc_ms, od_candidate *out)
{
    READ(candidate, campaign, phone, utc_ms, out);
}

static od_err flight_scan(void *ctx, od_id after, od_attempt_record *rows,
                          size_t rows_max, size_t *count)
{
    READ(flight_scan, after, rows, rows_max, count);
}

static od_err attempt_scan(void *ctx, const od_call_filter *filter,
                           uint64_t phone, od_id after,
                           od_attempt_record *rows, size_t rows_max,
                           size_t *count)
{
    READ(attempt_scan, filter, phone, after, rows, rows_max, count);
}

static od_err message_scan(void *ctx, const od_call_filter *filter,
                           uint64_t phone, od_id after,
                           od_message_record *rows, size_t rows_max,
                           size_t *count)
{
    READ(message_scan, filter, phone, after, rows, rows_max, count);
}

static od_err message_find(void *ctx, const char *trunk,
                           const char *network_id, od_message_record *out,
                           int32_t *part)
{
    READ(message_find, trunk, network_id, out, part);
}

static od_err message_last(void *ctx, uint64_t phone, uint64_t caller_id,
                           od_message_record *out)
{
    READ(message_last, phone, caller_id, out);
}

static od_err message_overdue(void *ctx, int64_t utc_ms,
                              od_message_record *rows, size_t rows_max,
                              size_t *count)
{
    READ(message_overdue, utc_ms, rows, rows_max, count);
}

static od_err reply_scan(void *ctx, const od_reply_filter *filter,
                         uint64_t phone, od_id after, od_reply_record *rows,
                         size_t rows_max, size_t *count)
{
    READ(reply_scan, filter, phone, after, rows, rows_max, count);
}

static od_err reply_get(void *ctx, od_id id, od_reply_record *out)
{
    READ(reply_get, id, out);
}

static od_err reply_owed(void *ctx, int64_t utc_ms, od_id after,
                         od_reply_record *rows, size_t rows_max, size_t *count)
{
    READ(reply_owed, utc_ms, after, rows, rows_max, count);
}

static od_err answer_scan(void *ctx, od_id campaign, od_id after,
                          od_answer_record *rows, size_t rows_max,
                          size_t *count)
{
    READ(answer_scan, campaign, after, rows, rows_max, count);
}

static od_err result_scan(void *ctx, od_id campaign, od_result *rows,
                          size_t rows_max, size_t *count)
{
    READ(result_scan, campaign, rows, rows_max, count);
}

static od_err asset_get(void *ctx, int32_t kind, od_id id,
                        od_asset_record *out)
{
    READ(asset_get, kind, id, out);
}

static od_err asset_scan(void *ctx, int32_t kind, od_id after,
                         od_asset_record *rows, size_t rows_max,
                         size_t *count)
{
    READ(asset_scan, kind, after, rows, rows_max, count);
}

static od_err ledger_scan(void *ctx, int64_t after_seq, od_ledger_row *rows,
                          size_t rows_max, size_t *count)
{
    READ(ledger_scan, after_seq, rows, rows_max, count);
}

/* == lifetime ============================================================= */

static void free_fault(void *ctx)
{
    od_fault *fault = ctx;
    if (!fault->crashed) {
        od_storage_free(fault->inner);
        fault->inner = NULL;
    }
}

static const char *errmsg(void *ctx)
{
    od_fault *fault = ctx;
    if (fault->injected || fault->crashed) {
        return fault->crashed ? "the storage has crashed"
                              : "a write failed as planned";
    }
    return INNER(errmsg)(CTX);
}

static const od_storage_ops all_ops = {
    .size = sizeof all_ops,
    .free = free_fault,
    .errmsg = errmsg,
    .lease = lease,
    .epoch = epoch,
    .maintain = maintain,
    .backup = backup,
    .place_put = place_put,
    .place_scan = place_scan,
    .group_put = group_put,
    .group_remove = group_remove,
    .group_scan = group_scan,
    .member_put = member_put,
    .member_join = member_join,
    .member_remove = member_remove,
    .contact_get = contact_get,
    .contact_update = contact_update,
    .contact_scan = contact_scan,
    .group_validate = group_validate,
    .group_places = group_places,
    .dnc_add = dnc_add,
    .dnc_remove = dnc_remove,
    .dnc_check = dnc_check,
    .dnc_scan = dnc_scan,
    .consent_add = consent_add,
    .consent_revoke = consent_revoke,
    .consent_scan = consent_scan,
    .campaign_put = campaign_put,
    .campaign_get = campaign_get,
    .campaign_scan = campaign_scan,
    .campaign_cas = campaign_cas,
    .fill = fill,
    .refill = refill,
    .target_scan = target_scan,
    .target_call_back = target_call_back,
    .lane_scan = lane_scan,
    .counters = counters,
    .candidate = candidate,
    .exchange = exchange,
    .flight_scan = flight_scan,
    .attempt_scan = attempt_scan,
    .message_scan = message_scan,
    .message_find = message_find,
    .message_last = message_last,
    .message_overdue = message_overdue,
    .reply_scan = reply_scan,
    .reply_get = reply_get,
    .reply_owed = reply_owed,
    .reply_opt_out = reply_opt_out,
    .answer_scan = answer_scan,
    .result_scan = result_scan,
    .asset_put = asset_put,
    .asset_get = asset_get,
    .asset_scan = asset_scan,
    .asset_remove = asset_remove,
    .ledger_scan = ledger_scan,
    .ledger_add = ledger_add,
    .person_erase = person_erase,
};

od_storage *od_fault_new(od_fault *fault, od_storage *inner,
                         const od_fault_plan *plan)
{
    assert_non_null(inner);
    memset(fault, 0, sizeof *fault);
    fault->inner = inner;
    if (plan != NULL) {
        fault->plan = *plan;
    }
    fault->ops = all_ops;
    const od_storage_ops *ops = od_storage_ops_get(inner);
    fault->ops.epoch = ops->epoch != NULL ? epoch : NULL;
    fault->ops.maintain = ops->maintain != NULL ? maintain : NULL;
    fault->ops.backup = ops->backup != NULL ? backup : NULL;
    od_storage *out = NULL;
    assert_int_equal(od_storage_new(&out, &fault->ops, fault, NULL), OD_OK);
    return out;
}
