/*
 * outdial.h - liboutdial: an outbound campaign dialer you link, not deploy.
 *
 * This is all a user includes; authors of storage and transport backends also
 * include backend.h.
 *
 * Objects: an od_engine owns one od_storage and at most one od_transport.
 * Everything stored (groups, contacts, campaigns, attempts) is an od_id.
 *
 * What every docstring assumes unless it says otherwise:
 *
 *   Errors     od_err, OD_OK is 0, failures are negative. The text of the last
 *              one is in od_engine_errmsg(). Outputs are untouched on failure.
 *              A NULL handle or a NULL required argument is OD_ERR_INVALID.
 *              Besides the codes listed, every function that reads or writes
 *              the store may return OD_ERR_IO, OD_ERR_FULL, OD_ERR_READONLY,
 *              OD_ERR_LOCKED, OD_ERR_CORRUPT or OD_ERR_MEMORY from it.
 *   Ownership  What goes in is copied. Structs that come out are yours; a
 *              const char * in them lives until the next call on the engine.
 *   Texts      UTF-8, NUL-terminated. Phone numbers go in in any usual format
 *              and come out as E.164 with '+'.
 *   Options    `size` first, set by the matching _init(); zero means the
 *              documented default, OD_NONE explicitly none.
 *   Time       An engine reads no clock. "Now" is what od_engine_new() or the
 *              last od_engine_step() was given. *_utc_ms are UTC, *_mono_ms
 *              monotonic.
 *   Thread     An engine belongs to one thread at a time; engines are
 *              independent. Only od_engine_wake() may be called from anywhere.
 *   Blocks     Management functions take one storage transaction; nothing
 *              waits for the network.
 *   Since      0.1.
 *
 * Caveats: a call is only as lawful as what the engine was told. The rules of
 * law are rows that were read and dated, not advice: od_rules_list() has them
 * with their citations, hosts add those that lack. Consent counts when it is on
 * record, a registry when its file is attached; whether a prompt says who calls
 * and which key opts out, the host alone can hear. Time zones come from the
 * system's tzdata, keep it fresh.
 */
#ifndef OUTDIAL_H
#define OUTDIAL_H

#include <outdial/base.h>

#include <outdial/call.h>
#include <outdial/campaign.h>
#include <outdial/consent.h>
#include <outdial/contact.h>
#include <outdial/delivery.h>
#include <outdial/dnc.h>
#include <outdial/engine.h>
#include <outdial/event.h>
#include <outdial/explain.h>
#include <outdial/ledger.h>
#include <outdial/media.h>
#include <outdial/message.h>
#include <outdial/preflight.h>
#include <outdial/registry.h>
#include <outdial/rules.h>
#include <outdial/schedule.h>
#include <outdial/storage.h>
#include <outdial/survey.h>
#include <outdial/transport.h>

#endif
