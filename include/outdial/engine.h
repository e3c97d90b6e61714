/*
 * engine.h - the engine and the loop around it.
 *
 *     poll(od_engine_fd(e), until od_engine_deadline_ms(e));
 *     od_now_read(&now);
 *     od_engine_step(e, &now);
 *     while (od_engine_next_event(e, &event)) handle(&event);
 *
 * An engine without a transport manages and reports. With one it dials, and
 * holds the dialing lease of its store from new to free.
 */
#ifndef OUTDIAL_ENGINE_H
#define OUTDIAL_ENGINE_H

#include <outdial/event.h>
#include <outdial/storage.h>
#include <outdial/transport.h>

OD_BEGIN_DECLS

typedef struct od_engine_options {
    size_t size;             /**< od_engine_options_init() sets it */
    const char *country;     /**< ISO code that national phone numbers are read
                                  with; NULL: "US" */
    const char *zoneinfo;    /**< folder of TZif files; NULL:
                                  "/usr/share/zoneinfo" */
    const char *owner;       /**< who dials, shown to others, UTF-8, 1 to
                                  OD_NAME_MAX bytes; NULL: "pid N" */
    const od_allocator *allocator; /**< copied; NULL: malloc and free */
    int32_t calls_max;       /**< live calls, 1 to 20000; 0: 100 */
    int32_t events_max;      /**< queued events, 256 to 4194304; 0: 32 for
                                  each of calls_max and 256 more */
    int32_t campaigns_max;   /**< campaigns running at once, 1 to 256; 0: 16 */
    int32_t claims_max;      /**< attempts begun in one step, 1 to 500;
                                  0: 100 */
    int32_t poll_ms;         /**< how often changes made by other processes are
                                  looked for, 10 to 1000; 0: 100 */
    int32_t answer_wait_ms;  /**< pause between answer and first audio, 0 to
                                  1500; 0: none */
    int32_t call_max_s;      /**< longest talk time, 10 to 7200; 0: 900 */
    int32_t reserved0;
    uint64_t seed;           /**< makes Session-IDs and ledger salts repeat, for
                                  simulation; 0: from the system */
} od_engine_options;

static inline void od_engine_options_init(od_engine_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
}

/**
 * Make an engine.
 *
 * With a transport, settles what a process that died left open: each of its
 * live attempts ends before this returns, as OD_DISPOSITION_ANSWERED if the
 * answer was stored, else as OD_DISPOSITION_UNKNOWN. `now` becomes the engine's
 * present; every step renews it.
 *
 * @param out       [out] the engine
 * @param options   [in]  NULL takes every default
 * @param storage   [in]  not NULL; belongs to the engine on success
 * @param transport [in]  NULL: manage only; belongs to the engine on success
 * @param now       [in]  not NULL
 * @param errmsg    [out] text of a failure; may be NULL
 * @return OD_OK, or
 *         OD_ERR_INVALID   an argument breaks its contract
 *         OD_ERR_VERSION   options are of a newer version and use its fields
 *         OD_ERR_LOCKED    another engine dials from this store; the text says
 *                          which
 *         OD_ERR_IO        no zone data, or no descriptor for the wake
 *         OD_ERR_MEMORY    out of memory
 *         OD_ERR_TRANSPORT the transport cannot start
 *
 * Blocks: storage transactions.
 */
OD_API od_err od_engine_new(od_engine **out, const od_engine_options *options,
                            od_storage *storage, od_transport *transport,
                            const od_now *now, od_errmsg *errmsg);

/**
 * Free an engine, its storage and its transport.
 *
 * Does no protocol work: calls that live are left to end as UNKNOWN at the
 * next start. Use od_engine_stop() first. NULL does nothing.
 */
OD_API void od_engine_free(od_engine *engine);

/**
 * Begin no more calls and hang up those that live. Texts that left are waited
 * for: nothing takes them back.
 *
 * Campaigns keep their state and go on when an engine is opened again. Step
 * until od_engine_calls_live() is 0.
 *
 * @return OD_OK, or OD_ERR_INVALID
 */
OD_API od_err od_engine_stop(od_engine *engine);

/** Calls that are claimed, ringing or answered now, and texts that the network
 * has not answered; 0 for NULL. */
OD_API size_t od_engine_calls_live(const od_engine *engine);

/**
 * Do what is due: a bounded amount of work.
 *
 * @param now [in] not earlier on the monotonic clock than before; the wall
 *                 clock may jump
 * @return OD_OK, or
 *         OD_ERR_INVALID  NULL argument, or mono_ms went backwards
 *         OD_ERR_IO, OD_ERR_FULL, OD_ERR_READONLY, OD_ERR_LOCKED,
 *         OD_ERR_CORRUPT, OD_ERR_MEMORY
 *                         the store failed; nothing that it did not store was
 *                         acted upon, no new call begins until it works, and
 *                         the next step tries again; an OD_EVENT_FAULT follows
 *                         once
 *
 * Blocks: one storage transaction.
 */
OD_API od_err od_engine_step(od_engine *engine, const od_now *now);

/** When to step next, absolute monotonic ms; OD_NEVER if nothing is due. */
OD_API int64_t od_engine_deadline_ms(const od_engine *engine);

/**
 * Descriptor to poll for reading; -1 for NULL.
 *
 * The same from new to free, level-triggered. Readable only when another
 * thread has work for the next step. Never read or close it.
 */
OD_API int od_engine_fd(const od_engine *engine);

/**
 * Take the next event.
 *
 * @param out [out] untouched if there is none
 * @return true if there was one
 */
OD_API bool od_engine_next_event(od_engine *engine, od_event *out);

/**
 * Sleep until something is due, at most timeout_ms, then step.
 *
 * The loop in one call, for hosts without their own; reads the clocks.
 *
 * @param timeout_ms [in] 0 and up; OD_NEVER waits for ever
 * @return as od_engine_step()
 *
 * Blocks: up to timeout_ms.
 */
OD_API od_err od_engine_wait(od_engine *engine, int64_t timeout_ms);

/** Make od_engine_wait() or the host's poll return. Thread: any. */
OD_API void od_engine_wake(od_engine *engine);

/** Text of the last failure; "" if there was none. Never NULL. */
OD_API const char *od_engine_errmsg(const od_engine *engine);

/**
 * Write a copy of the store that is whole as of one instant.
 *
 * @return OD_OK, or OD_ERR_INVALID, OD_ERR_EXISTS (path is taken),
 *         OD_ERR_UNSUPPORTED, OD_ERR_IO, OD_ERR_FULL
 *
 * Blocks: until the copy is written.
 */
OD_API od_err od_engine_backup(od_engine *engine, const char *path);

OD_END_DECLS

#endif
