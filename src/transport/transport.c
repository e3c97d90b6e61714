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

static const slot_name slots[] = {
    {"free", offsetof(od_transport_ops, free)},
    {"start", offsetof(od_transport_ops, start)},
    {"trunk_get", offsetof(od_transport_ops, trunk_get)},
    {"step", offsetof(od_transport_ops, step)},
    {"deadline_ms", offsetof(od_transport_ops, deadline_ms)},
    {"dial", offsetof(od_transport_ops, dial)},
    {"hangup", offsetof(od_transport_ops, hangup)},
    {"play", offsetof(od_transport_ops, play)},
    {"play_stop", offsetof(od_transport_ops, play_stop)},
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

/* -- what stands in for optional slots ------------------------------------ */

static od_err digits_unsupported(void *ctx, uint32_t slot, const char *digits)
{
    (void)ctx;
    (void)slot;
    (void)digits;
    return OD_ERR_UNSUPPORTED;
}

static od_err send_unsupported(void *ctx, const od_send *send)
{
    (void)ctx;
    (void)send;
    return OD_ERR_UNSUPPORTED;
}

/* Of a transport that hands over no texts: there is no such token. */
static void received_nothing(void *ctx, uint64_t token, od_err err)
{
    (void)ctx;
    (void)token;
    (void)err;
}

static void fill_in(od_transport_ops *ops)
{
    if (ops->digits_send == NULL) {
        ops->digits_send = digits_unsupported;
    }
    if (ops->send == NULL) {
        ops->send = send_unsupported;
        ops->received = received_nothing;
    }
}

/* -- public --------------------------------------------------------------- */

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
    if ((ops->send == NULL) != (ops->received == NULL)) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "transport table has %s, but no slot %s",
                        ops->send != NULL ? "send" : "received",
                        ops->send != NULL ? "received" : "send");
    }

    od_transport *transport = calloc(1, sizeof *transport);
    if (transport == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a transport");
    }
    transport->ops = *ops;
    transport->ctx = ctx;
    fill_in(&transport->ops);
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
