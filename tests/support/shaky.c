/*
 * shaky.c - a storage whose calls fail when they are told to; see shaky.h.
 */
#include "support/shaky.h"

/* Does this call fail? */
static od_err gate(od_shaky *s, const char *slot)
{
    s->injected = false;
    if (s->only != NULL && strcmp(s->only, slot) != 0) {
        return OD_OK;
    }
    s->calls++;
    if (s->fail_at == 0 || s->calls < s->fail_at ||
        (s->calls > s->fail_at && !s->fail_on)) {
        return OD_OK;
    }
    s->failures++;
    s->failed = slot;
    s->injected = true;
    (void)snprintf(s->text, sizeof s->text, "the test made %s fail", slot);
    return s->err != OD_OK ? s->err : OD_ERR_IO;
}

static void on_free(void *ctx)
{
    od_shaky *s = ctx;
    od_storage_free(s->inner);
    s->inner = NULL;
}

static const char *on_errmsg(void *ctx)
{
    od_shaky *s = ctx;
    return s->injected ? s->text : s->inner_ops->errmsg(s->inner_ctx);
}

#define WRAP(slot, params, ...)                                                \
    static od_err on_##slot params                                             \
    {                                                                          \
        od_shaky *s = ctx;                                                     \
        od_err err = gate(s, #slot);                                           \
        return err != OD_OK ? err                                              \
                            : s->inner_ops->slot(s->inner_ctx, __VA_ARGS__);   \
    }

WRAP(lease, (void *ctx, const char *owner, const od_now *now), owner, now)
WRAP(epoch, (void *ctx, int64_t *out), out)
WRAP(maintain, (void *ctx, const od_now *now), now)
WRAP(backup, (void *ctx, const char *path), path)
WRAP(place_put, (void *ctx, const char *key, int32_t *out), key, out)
WRAP(place_scan, (void *ctx, int32_t after, od_place_record *rows, size_t max,
                  size_t *count),
     after, rows, max, count)
WRAP(group_put, (void *ctx, od_id id, const char *name, od_id *out), id, name,
     out)
WRAP(group_remove, (void *ctx, od_id id), id)
WRAP(group_scan, (void *ctx, od_id after, od_group *rows, size_t max,
                  size_t *count),
     after, rows, max, count)
WRAP(member_put, (void *ctx, od_member_batch *batch), batch)
WRAP(member_join, (void *ctx, od_id contact, od_id group, int64_t utc_ms),
     contact, group, utc_ms)
WRAP(member_remove, (void *ctx, od_id contact, od_id group), contact, group)
WRAP(contact_get, (void *ctx, od_id id, od_contact_record *out), id, out)
WRAP(contact_update, (void *ctx, od_id id, const od_member_row *row,
                      int64_t utc_ms),
     id, row, utc_ms)
WRAP(contact_scan, (void *ctx, od_id group, od_id after,
                    od_contact_record *rows, size_t max, size_t *count),
     group, after, rows, max, count)
WRAP(dnc_add, (void *ctx, const od_dnc_record *rows,
               const od_ledger_entry *ledger, size_t len, bool *added),
     rows, ledger, len, added)
WRAP(group_validate, (void *ctx, od_id group, int64_t utc_ms), group, utc_ms)
WRAP(group_places, (void *ctx, od_id group, int32_t after, od_place_count *rows,
                    size_t max, size_t *count),
     group, after, rows, max, count)
WRAP(dnc_remove, (void *ctx, uint64_t phone, bool prefix, int32_t scope,
                  od_id campaign, int64_t utc_ms,
                  const od_ledger_entry *ledger),
     phone, prefix, scope, campaign, utc_ms, ledger)
WRAP(dnc_check, (void *ctx, uint64_t phone, int32_t channel,
                 od_id campaign, int64_t utc_ms, bool *out),
     phone, channel, campaign, utc_ms, out)
WRAP(dnc_scan, (void *ctx, od_id after, od_dnc_record *rows, size_t max,
                size_t *count),
     after, rows, max, count)
WRAP(consent_add, (void *ctx, const od_consent_record *rows,
                   const od_ledger_entry *ledger, size_t len, int64_t utc_ms,
                   bool *added),
     rows, ledger, len, utc_ms, added)
WRAP(consent_revoke, (void *ctx, uint64_t phone, const char *seller,
                      int64_t utc_ms, const od_ledger_entry *ledger),
     phone, seller, utc_ms, ledger)
WRAP(consent_scan, (void *ctx, uint64_t phone, od_id after,
                    od_consent_record *rows, size_t max, size_t *count),
     phone, after, rows, max, count)
WRAP(campaign_put, (void *ctx, const od_campaign_record *record,
                    const od_ledger_entry *ledger, od_id *out),
     record, ledger, out)
WRAP(campaign_get, (void *ctx, od_id id, od_campaign_record *out), id, out)
WRAP(campaign_scan, (void *ctx, od_id after, od_id *ids, size_t max,
                     size_t *count),
     after, ids, max, count)
WRAP(campaign_cas, (void *ctx, od_id id, int32_t from, int32_t to,
                    const char *text, int64_t utc_ms,
                    const od_ledger_entry *ledger),
     id, from, to, text, utc_ms, ledger)
WRAP(fill, (void *ctx, od_fill *fill), fill)
WRAP(refill, (void *ctx, od_id campaign), campaign)
WRAP(target_scan, (void *ctx, od_id campaign, uint64_t after, int64_t utc_ms,
                   od_candidate *rows, size_t max, size_t *count),
     campaign, after, utc_ms, rows, max, count)
WRAP(target_call_back, (void *ctx, od_id campaign, uint64_t phone,
                        int64_t due_utc_ms, const od_ledger_entry *ledger),
     campaign, phone, due_utc_ms, ledger)
WRAP(lane_scan, (void *ctx, od_id campaign, int32_t after, od_lane_row *rows,
                 size_t max, size_t *count),
     campaign, after, rows, max, count)
WRAP(counters, (void *ctx, od_id campaign, od_counters *out), campaign, out)
WRAP(candidate, (void *ctx, od_id campaign, uint64_t phone, int64_t utc_ms,
                 od_candidate *out),
     campaign, phone, utc_ms, out)
WRAP(exchange, (void *ctx, od_exchange *exchange), exchange)
WRAP(flight_scan, (void *ctx, od_id after, od_attempt_record *rows, size_t max,
                   size_t *count),
     after, rows, max, count)
WRAP(attempt_scan, (void *ctx, const od_call_filter *filter, uint64_t phone,
                    od_id after, od_attempt_record *rows, size_t max,
                    size_t *count),
     filter, phone, after, rows, max, count)
WRAP(message_scan, (void *ctx, const od_call_filter *filter, uint64_t phone,
                    od_id after, od_message_record *rows, size_t max,
                    size_t *count),
     filter, phone, after, rows, max, count)
WRAP(message_find, (void *ctx, const char *trunk, const char *network_id,
                    od_message_record *out, int32_t *part),
     trunk, network_id, out, part)
WRAP(message_last, (void *ctx, uint64_t phone, uint64_t caller_id,
                    od_message_record *out),
     phone, caller_id, out)
WRAP(message_overdue, (void *ctx, int64_t utc_ms, od_message_record *rows,
                       size_t max, size_t *count),
     utc_ms, rows, max, count)
WRAP(reply_scan, (void *ctx, const od_reply_filter *filter, uint64_t phone,
                  od_id after, od_reply_record *rows, size_t max,
                  size_t *count),
     filter, phone, after, rows, max, count)
WRAP(reply_get, (void *ctx, od_id id, od_reply_record *out), id, out)
WRAP(reply_owed, (void *ctx, int64_t utc_ms, od_id after,
                  od_reply_record *rows, size_t max, size_t *count),
     utc_ms, after, rows, max, count)
WRAP(reply_opt_out, (void *ctx, const od_reply_record *owed,
                     const od_dnc_record *row, const od_ledger_entry *ledger,
                     bool *added),
     owed, row, ledger, added)
WRAP(answer_scan, (void *ctx, od_id campaign, od_id after,
                   od_answer_record *rows, size_t max, size_t *count),
     campaign, after, rows, max, count)
WRAP(result_scan, (void *ctx, od_id campaign, od_result *rows, size_t max,
                   size_t *count),
     campaign, rows, max, count)
WRAP(asset_put, (void *ctx, const od_asset_record *record,
                 const od_ledger_entry *ledger, od_id *out),
     record, ledger, out)
WRAP(asset_get, (void *ctx, int32_t kind, od_id id, od_asset_record *out),
     kind, id, out)
WRAP(asset_scan, (void *ctx, int32_t kind, od_id after, od_asset_record *rows,
                  size_t max, size_t *count),
     kind, after, rows, max, count)
WRAP(asset_remove, (void *ctx, int32_t kind, od_id id,
                    const od_ledger_entry *ledger),
     kind, id, ledger)
WRAP(ledger_scan, (void *ctx, int64_t after, od_ledger_row *rows, size_t max,
                   size_t *count),
     after, rows, max, count)
WRAP(ledger_add, (void *ctx, const od_ledger_entry *ledger), ledger)
WRAP(person_erase, (void *ctx, od_erase *erase, const od_ledger_entry *ledger),
     erase, ledger)

static const od_storage_ops wrapped = {
    .size = sizeof wrapped,
    .free = on_free,
    .errmsg = on_errmsg,
    .lease = on_lease,
    .epoch = on_epoch,
    .maintain = on_maintain,
    .backup = on_backup,
    .place_put = on_place_put,
    .place_scan = on_place_scan,
    .group_put = on_group_put,
    .group_remove = on_group_remove,
    .group_scan = on_group_scan,
    .member_put = on_member_put,
    .member_join = on_member_join,
    .member_remove = on_member_remove,
    .contact_get = on_contact_get,
    .contact_update = on_contact_update,
    .contact_scan = on_contact_scan,
    .group_validate = on_group_validate,
    .group_places = on_group_places,
    .dnc_add = on_dnc_add,
    .dnc_remove = on_dnc_remove,
    .dnc_check = on_dnc_check,
    .dnc_scan = on_dnc_scan,
    .consent_add = on_consent_add,
    .consent_revoke = on_consent_revoke,
    .consent_scan = on_consent_scan,
    .campaign_put = on_campaign_put,
    .campaign_get = on_campaign_get,
    .campaign_scan = on_campaign_scan,
    .campaign_cas = on_campaign_cas,
    .fill = on_fill,
    .refill = on_refill,
    .target_scan = on_target_scan,
    .target_call_back = on_target_call_back,
    .lane_scan = on_lane_scan,
    .counters = on_counters,
    .candidate = on_candidate,
    .exchange = on_exchange,
    .flight_scan = on_flight_scan,
    .attempt_scan = on_attempt_scan,
    .message_scan = on_message_scan,
    .message_find = on_message_find,
    .message_last = on_message_last,
    .message_overdue = on_message_overdue,
    .reply_scan = on_reply_scan,
    .reply_get = on_reply_get,
    .reply_owed = on_reply_owed,
    .reply_opt_out = on_reply_opt_out,
    .answer_scan = on_answer_scan,
    .result_scan = on_result_scan,
    .asset_put = on_asset_put,
    .asset_get = on_asset_get,
    .asset_scan = on_asset_scan,
    .asset_remove = on_asset_remove,
    .ledger_scan = on_ledger_scan,
    .ledger_add = on_ledger_add,
    .person_erase = on_person_erase,
};

od_storage *shaky_new(od_shaky *shaky, od_storage *inner)
{
    od_storage *out = NULL;
    memset(shaky, 0, sizeof *shaky);
    if (inner == NULL) {
        assert_int_equal(od_storage_new_memory(&inner, NULL), OD_OK);
    }
    shaky->inner = inner;
    shaky->inner_ops = od_storage_ops_get(inner);
    shaky->inner_ctx = od_storage_ctx_get(inner);
    shaky->ops = wrapped;
    if (shaky->inner_ops->epoch == NULL) {
        shaky->ops.epoch = NULL;
    }
    if (shaky->inner_ops->maintain == NULL) {
        shaky->ops.maintain = NULL;
    }
    if (shaky->inner_ops->backup == NULL) {
        shaky->ops.backup = NULL;
    }
    assert_int_equal(od_storage_new(&out, &shaky->ops, shaky, NULL), OD_OK);
    return out;
}

void shaky_fail(od_shaky *shaky, int64_t nth, bool on)
{
    shaky->calls = 0;
    shaky->fail_at = nth;
    shaky->fail_on = on;
}
