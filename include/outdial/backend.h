/*
 * backend.h - for authors of a storage or a transport. Users do not need it.
 *
 * A backend is a table of functions and a context. Every slot gets the context
 * first. A backend never calls the engine, except od_sink_post() from inside
 * its own step slot, od_sink_wake() from any thread, and the judge that an
 * exchange was handed. Slots are called by one thread at a time. Every slot is
 * mandatory unless its comment says otherwise; the table is checked once, when
 * it is handed to od_storage_new() or od_transport_new().
 *
 * Failing slots of a storage leave no trace: all or nothing. They say why in
 * errmsg(). Rows and texts they give out live until the next call of any slot.
 *
 * Storage knows no rule and no clock: what is due, allowed or finished is told
 * to it. Phone numbers are E.164 digits in a uint64_t. A text that is NULL
 * going in is empty; none is NULL coming out.
 */
#ifndef OUTDIAL_BACKEND_H
#define OUTDIAL_BACKEND_H

#include <outdial/backend_queue.h>
#include <outdial/backend_rows.h>
#include <outdial/backend_storage.h>
#include <outdial/backend_transport.h>

#endif
