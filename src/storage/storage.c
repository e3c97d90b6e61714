/*
 * storage.c - a table and its context behind one handle.
 *
 * The table is checked once, here; afterwards every mandatory slot may be
 * called without a look. The handle owns the context: freeing it calls the
 * free slot, once.
 */
#include "storage/storage.h"

#include <stdlib.h>

#define SLOT(name)                                                            \
    {                                                                         \
        #name, offsetof(od_storage_ops, name)                                 \
    }

/* The mandatory slots: all but epoch, maintain and backup. */
static const struct slot {
    const char *name;
    size_t offset;
} slots[] = {
    SLOT(free),          SLOT(errmsg),         SLOT(lease),
    SLOT(place_put),     SLOT(place_scan),     SLOT(group_put),
    SLOT(group_remove),  SLOT(group_scan),     SLOT(member_put),
    SLOT(member_join),   SLOT(member_remove),  SLOT(contact_get),
    SLOT(contact_update), SLOT(contact_scan),  SLOT(group_validate),
    SLOT(group_places),  SLOT(dnc_add),        SLOT(dnc_remove),
    SLOT(dnc_check),     SLOT(dnc_scan),       SLOT(consent_add),
    SLOT(consent_revoke), SLOT(consent_scan),  SLOT(campaign_put),
    SLOT(campaign_get),  SLOT(campaign_scan),  SLOT(campaign_cas),
    SLOT(fill),          SLOT(refill),         SLOT(target_scan),
    SLOT(target_call_back), SLOT(lane_scan),   SLOT(counters),
    SLOT(candidate),     SLOT(exchange),       SLOT(flight_scan),
    SLOT(attempt_scan),  SLOT(message_scan),   SLOT(message_find),
    SLOT(message_last),  SLOT(message_overdue), SLOT(reply_scan),
    SLOT(reply_get),     SLOT(reply_owed),     SLOT(reply_opt_out),
    SLOT(answer_scan),   SLOT(result_scan),    SLOT(asset_put),
    SLOT(asset_get),     SLOT(asset_scan),     SLOT(asset_remove),
    SLOT(ledger_scan),   SLOT(ledger_add),     SLOT(person_erase),
};

/* Name of the first mandatory slot that is NULL, or NULL. */
static const char *missing_slot(const od_storage_ops *ops)
{
    for (size_t i = 0; i < OD__LEN(slots); i++) {
        void (*slot)(void) = NULL;
        memcpy(&slot, (const char *)ops + slots[i].offset, sizeof slot);
        if (slot == NULL) {
            return slots[i].name;
        }
    }
    return NULL;
}

od_err od_storage_new(od_storage **out, const od_storage_ops *ops, void *ctx,
                      od_errmsg *errmsg)
{
    if (out == NULL || ops == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "storage: %s is NULL",
                        out == NULL ? "out" : "ops");
    }
    if (ops->size != sizeof *ops) {
        return od__fail(errmsg, OD_ERR_VERSION,
                        "storage: a table of %zu bytes, %zu are expected",
                        ops->size, sizeof *ops);
    }
    const char *missing = missing_slot(ops);
    if (missing != NULL) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "storage: the slot %s is missing", missing);
    }
    od_storage *storage = malloc(sizeof *storage);
    if (storage == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "storage: out of memory");
    }
    storage->ops = ops;
    storage->ctx = ctx;
    *out = storage;
    return OD_OK;
}

void od_storage_free(od_storage *storage)
{
    if (storage != NULL) {
        storage->ops->free(storage->ctx);
        free(storage);
    }
}

const od_storage_ops *od_storage_ops_get(const od_storage *storage)
{
    return storage != NULL ? storage->ops : NULL;
}

void *od_storage_ctx_get(const od_storage *storage)
{
    return storage != NULL ? storage->ctx : NULL;
}
