/*
 * transport.h - the folder's table of contents: how calls leave.
 *
 * transport.c  a transport from a table, and the sink for its reports
 * sim.c        the simulated carrier: its table, calls and deadlines
 * sip/         calls over SIP and RTP; see sip/sip.h
 *
 * The contract of every slot is in outdial/backend.h. The core uses only what
 * is declared there; these structs are for this folder and its tests.
 */
#ifndef OD_SRC_TRANSPORT_H
#define OD_SRC_TRANSPORT_H

#include "base/base.h"

#include <outdial/backend.h>

/* == transport.c ========================================================== */

struct od_transport {
    od_transport_ops ops; /* a copy; optional slots are filled in, so that no
                             call site tests for NULL */
    void *ctx;
};

struct od_sink {
    od_sink_fn on_report;
    void (*on_wake)(void *ctx); /* may be NULL */
    void *ctx;
};

#endif
