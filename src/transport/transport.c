/*
 * transport.c - a transport from a table, and the sink for its reports.
 *
 * Checks the table once, so that the slots can be called without looking.
 * Knows no kind of transport. od_engine_new() takes what is made here; tests
 * of a transport drive the table themselves, with a sink of their own.
 */
#include "transport/transport.h"

#include <stdlib.h>

/* A slot of the table that must be there. */
typedef struct slot_name {
    const char *name;
    size_t offset;
} slot_name;

#define SLOT(name) {#name, offsetof(od_transport_ops, name)}

static const slot_name slots[] = {
    SLOT(free),   SLOT(start), SLOT(trunk_get),
    SLOT(step),   SLOT(deadline_ms),
    SLOT(dial),   SLOT(hangup),
    SLOT(play),   SLOT(play_stop),
};

/* Name of the first mandatory slot that is NULL, or NULL. */
static const char *missing_slot(const od_transport_ops *ops)
{
    for (size_t i = 0; i < OD__LEN(slots); i++) {
        void (*slot)(void);
        memcpy(&slot, (const char *)ops + slots[i].offset, sizeof slot);
        if (slot == NULL) {
            return slots[i].name;
        }
    }
    return NULL;
}

/* Stands in for the optional slot. */
static od_err digits_unsupported(void *ctx, uint32_t slot, const char *digits)
{
    (void)ctx;
    (void)slot;
    (void)digits;
    return OD_ERR_UNSUPPORTED;
}

od_err od_transport_new(od_transport **out, const od_transport_ops *ops,
                        void *ctx, od_errmsg *errmsg)
{
    if (out == NULL || ops == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "no %s for the transport",
                        out == NULL ? "place" : "table");
    }
    if (ops->size != sizeof *ops) {
        return od__fail(errmsg, OD_ERR_VERSION,
                        "transport table of %zu bytes, this version knows %zu",
                        ops->size, sizeof *ops);
    }
    const char *missing = missing_slot(ops);
    if (missing != NULL) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "transport table has no slot %s", missing);
    }

    od_transport *transport = calloc(1, sizeof *transport);
    if (transport == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a transport");
    }
    transport->ops = *ops;
    transport->ctx = ctx;
    if (transport->ops.digits_send == NULL) {
        transport->ops.digits_send = digits_unsupported;
    }
    *out = transport;
    return OD_OK;
}

void od_transport_free(od_transport *transport)
{
    if (transport != NULL) {
        transport->ops.free(transport->ctx);
        free(transport);
    }
}

const od_transport_ops *od_transport_ops_get(const od_transport *transport)
{
    return transport != NULL ? &transport->ops : NULL;
}

void *od_transport_ctx_get(const od_transport *transport)
{
    return transport != NULL ? transport->ctx : NULL;
}

od_err od_sink_new(od_sink **out, od_sink_fn on_report,
                   void (*on_wake)(void *ctx), void *ctx)
{
    if (out == NULL || on_report == NULL) {
        return OD_ERR_INVALID;
    }
    od_sink *sink = calloc(1, sizeof *sink);
    if (sink == NULL) {
        return OD_ERR_MEMORY;
    }
    sink->on_report = on_report;
    sink->on_wake = on_wake;
    sink->ctx = ctx;
    *out = sink;
    return OD_OK;
}

void od_sink_free(od_sink *sink)
{
    free(sink);
}

void od_sink_post(od_sink *sink, const od_report *report)
{
    if (sink != NULL && report != NULL) {
        sink->on_report(sink->ctx, report);
    }
}

void od_sink_wake(od_sink *sink)
{
    if (sink != NULL && sink->on_wake != NULL) {
        sink->on_wake(sink->ctx);
    }
}
