/*
 * deadly.c - a storage that ends the process after a write; see deadly.h.
 */
#include "support/deadly.h"

#include "support/test.h"

#include <unistd.h>

static od_storage_ops inner;
static od_storage_ops deadly;
static int64_t writes_left; /* 0: never */

static od_err wrote(od_err err)
{
    if (err == OD_OK && writes_left > 0 && --writes_left == 0) {
        _exit(OD_DEADLY_STATUS);
    }
    return err;
}

static od_err on_exchange(void *ctx, od_exchange *x)
{
    return wrote(inner.exchange(ctx, x));
}
static od_err on_fill(void *ctx, od_fill *fill)
{
    return wrote(inner.fill(ctx, fill));
}
static od_err on_cas(void *ctx, od_id id, int32_t from, int32_t to,
                     const char *text, int64_t utc_ms,
                     const od_ledger_entry *ledger)
{
    return wrote(inner.campaign_cas(ctx, id, from, to, text, utc_ms, ledger));
}
static od_err on_put(void *ctx, const od_campaign_record *record,
                     const od_ledger_entry *ledger, od_id *out)
{
    return wrote(inner.campaign_put(ctx, record, ledger, out));
}
static od_err on_members(void *ctx, od_member_batch *batch)
{
    return wrote(inner.member_put(ctx, batch));
}
static od_err on_dnc(void *ctx, const od_dnc_record *rows,
                     const od_ledger_entry *ledger, size_t len, bool *added)
{
    return wrote(inner.dnc_add(ctx, rows, ledger, len, added));
}

od_storage *od_deadly_open(const char *path, int64_t writes)
{
    od_storage *storage = NULL;
    od_storage *out = NULL;
    od_errmsg errmsg;
    if (od_storage_open_sqlite(&storage, path, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    writes_left = writes;
    inner = *od_storage_ops_get(storage);
    deadly = inner;
    deadly.exchange = on_exchange;
    deadly.fill = on_fill;
    deadly.campaign_cas = on_cas;
    deadly.campaign_put = on_put;
    deadly.member_put = on_members;
    deadly.dnc_add = on_dnc;
    assert_int_equal(od_storage_new(&out, &deadly, od_storage_ctx_get(storage),
                                    &errmsg),
                     OD_OK);
    free(storage); /* only the handle: its context is in `out` now */
    return out;
}
