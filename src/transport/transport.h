/*
 * transport.h - the folder's table of contents: how calls and texts leave.
 *
 * transport.c  a transport from a table, and the sink for its reports
 * sim.c        the simulated carrier: its table, numbers and deadlines
 * sim_call.c   one simulated call: what it waits for and what it does next
 * sim_options.c  its options, checked
 * sim_words.c  plays as words
 * sim_play.c   what one number was told to do: text -> words
 * sim_model.c  what any other number does: shares -> words
 * sim_text.c   simulated texts: what is still to be reported of them
 * sim_text_play.c  what becomes of texts to one number: text -> words
 * sim_text_model.c  what becomes of others: shares -> words
 * sim_range.c  which shares a number has: the longest prefix
 * sim_trunk.c  one simulated trunk: up or down, and its congestion
 * sim_book.c   the numbers that were reached or told: phone -> entry
 * joined.c     several transports as one
 * sim.h        what the files of the simulated carrier share
 * sip/         calls over SIP and RTP, texts over MESSAGE; see sip/sip.h
 * smpp/        texts over SMPP; see smpp/smpp.h
 *
 * The contract of every slot is in outdial/backend.h. The core uses only what
 * is declared there; these structs are for this folder and its tests.
 */
#ifndef OD_SRC_TRANSPORT_H
#define OD_SRC_TRANSPORT_H

#include "base/base.h"

#include <outdial/backend.h>

/* == transport.c ========================================================== */

/* Longest Retry-After that is reported. */
#define OD__RETRY_AFTER_MAX_S 86400

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

#include "transport/sim.h"

#endif
