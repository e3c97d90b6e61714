/*
 * engine.c - new, free, stop, and the face of the loop.
 *
 * Makes every part, settles what a dead process left, and hands steps to
 * step.c. Storage and transport become the engine's only when everything else
 * has succeeded.
 */
#include "core/core.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

/* Attempts that are settled in one transaction. */
#define SETTLE_ROWS 256

void od__engine_enter(od_engine *engine)
{
    engine->errmsg.text[0] = '\0';
    od__arena_reset(&engine->arena);
}

od_err od__store_err(od_engine *engine, od_err err)
{
    if (err == OD_OK || engine->errmsg.text[0] != '\0') {
        return err; /* fine, or told already */
    }
    const char *text = OD__STORE(engine, errmsg)(engine->store);
    return od__fail(&engine->errmsg, err, "%s",
                    text != NULL && text[0] != '\0' ? text : od_err_name(err));
}

const char *od_engine_errmsg(const od_engine *engine)
{
    return engine == NULL ? "" : engine->errmsg.text;
}

int od_engine_fd(const od_engine *engine)
{
    return engine == NULL ? -1 : engine->wake.fd;
}

int64_t od_engine_deadline_ms(const od_engine *engine)
{
    return engine == NULL ? OD_NEVER : engine->deadline_ms;
}

void od_engine_wake(od_engine *engine)
{
    if (engine != NULL) {
        od__wake_signal(&engine->wake);
    }
}

void od__engine_changed(od_engine *engine)
{
    if (engine->transport != NULL) {
        engine->roster_stale = true;
        od__roster_stale(engine);
        engine->deadline_ms = engine->now.mono_ms;
    }
}

od_err od_engine_wait(od_engine *engine, int64_t timeout_ms)
{
    od_now now;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (timeout_ms < 0) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "timeout_ms %lld is below 0",
                               (long long)timeout_ms);
    }
    od_now_read(&now);
    int64_t wait_ms = engine->deadline_ms == OD_NEVER
                          ? OD_NEVER
                          : engine->deadline_ms - now.mono_ms;
    wait_ms = wait_ms < timeout_ms ? wait_ms : timeout_ms;
    if (wait_ms > 0) {
        struct pollfd p = {.fd = engine->wake.fd, .events = POLLIN};
        int ms = wait_ms > 1000000000 ? -1 : (int)wait_ms;
        (void)poll(&p, 1, ms);
        od_now_read(&now);
    }
    return od_engine_step(engine, &now);
}

od_err od_engine_stop(od_engine *engine)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    engine->stopping = true;
    for (int32_t i = 0; engine->transport != NULL && i < engine->options.calls_max;
         i++) {
        const od__call *call = &engine->calls[i];
        if (call->state != OD__CALL_FREE &&
            call->channel == OD_CHANNEL_VOICE) { /* a text ends by itself */
            od__call_hangup(engine, i);
        }
    }
    engine->deadline_ms = engine->now.mono_ms;
    return OD_OK;
}

od_err od_engine_backup(od_engine *engine, const char *path)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (path == NULL || path[0] == '\0' || strlen(path) > OD_PATH_MAX) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "path must have 1 to %d bytes", OD_PATH_MAX);
    }
    if (engine->storage_ops->backup == NULL) {
        return od__engine_fail(engine, OD_ERR_UNSUPPORTED,
                               "this storage cannot be backed up");
    }
    return od__store_err(engine,
                         OD__STORE(engine, backup)(engine->store, path));
}

/* -- what a dead process left --------------------------------------------------- */

static od_err settle_one(od_engine *engine, const od_attempt_record *flight)
{
    od__batch *batch = engine->batch;
    od_campaign_record campaign;
    od_candidate candidate;
    od__writer payload;
    char phone[OD_PHONE_MAX + 1];
    od_err err = OD__STORE(engine, campaign_get)(engine->store,
                                                 flight->campaign, &campaign);
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, OD_ERR_CORRUPT,
                               "attempt %lld is of campaign %lld, which does "
                               "not exist",
                               (long long)flight->attempt,
                               (long long)flight->campaign);
    }
    if (err == OD_OK) {
        err = OD__STORE(engine, candidate)(engine->store, flight->campaign,
                                           flight->phone, engine->now.utc_ms,
                                           &candidate);
    }
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    bool answered = flight->answered_utc_ms != 0;
    od_outcome *outcome = &batch->outcomes[batch->outcomes_len++];
    memset(outcome, 0, sizeof *outcome);
    outcome->attempt = flight->attempt;
    outcome->phone = flight->phone;
    outcome->sip_call_id = "";
    outcome->answered_utc_ms = flight->answered_utc_ms;
    outcome->ended_utc_ms = engine->now.utc_ms;
    outcome->disposition =
        answered ? OD_DISPOSITION_ANSWERED : OD_DISPOSITION_UNKNOWN;
    outcome->reached_network = true;
    if (flight->notice == OD_NOTICE_NONE) {
        const od__tried tried = {
            .attempts = candidate.attempts,
            .tries = candidate.tries,
            .claimed_utc_ms = flight->claimed_utc_ms,
            .place = od__places_get(engine, candidate.place)};
        od__retry(&campaign, &tried, engine->now.utc_ms, outcome);
    } else {
        outcome->target_state = OD_TARGET_DONE; /* a notice has none */
    }
    od__phone_text(flight->phone, phone);
    od__ledger_row(engine, OD_LEDGER_OUTCOME, flight->attempt, &payload);
    od__write(&payload,
              "{\"campaign\":%lld,\"phone\":\"%s\",\"disposition\":\"%s\","
              "\"settled\":true%s}",
              (long long)flight->campaign, phone,
              od_disposition_name(outcome->disposition),
              flight->channel == OD_CHANNEL_TEXT ? ",\"channel\":\"text\""
                                                 : "");
    return OD_OK;
}

static od_err settle(od_engine *engine)
{
    od_attempt_record *rows =
        od__alloc(&engine->allocator, SETTLE_ROWS * sizeof *rows);
    size_t count = 0;
    od_id settled = 0;
    od_err err = OD_OK;
    if (rows == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    do {
        od_exchange x;
        err = od__store_err(engine,
                            OD__STORE(engine, flight_scan)(
                                engine->store, 0, rows, SETTLE_ROWS, &count));
        if (err == OD_OK && count > 0 && rows[0].attempt <= settled) {
            err = od__engine_fail(engine, OD_ERR_CORRUPT,
                                  "attempt %lld cannot be ended",
                                  (long long)rows[0].attempt);
        }
        settled = count > 0 ? rows[count - 1].attempt : settled;
        for (size_t i = 0; err == OD_OK && i < count; i++) {
            err = settle_one(engine, &rows[i]);
        }
        if (err != OD_OK || count == 0) {
            break;
        }
        od__batch_exchange(engine->batch, engine->now.utc_ms, &x);
        err = od__store_err(engine,
                            OD__STORE(engine, exchange)(engine->store, &x));
        od__batch_clear(engine->batch);
    } while (err == OD_OK);
    od__free(&engine->allocator, rows);
    return err;
}

/* -- making ----------------------------------------------------------------------- */

/* Take a field's default, or check its range. */
static od_err range(od_engine *engine, int32_t *field, int32_t min, int32_t max,
                    int32_t fallback, const char *name)
{
    if (*field == 0) {
        *field = fallback;
        return OD_OK;
    }
    if (*field < min || *field > max) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "engine option %s is %d: %d to %d are allowed",
                               name, (int)*field, (int)min, (int)max);
    }
    return OD_OK;
}

static od_err take_options(od_engine *engine, const od_engine_options *options)
{
    od_engine_options *o = &engine->options;
    od_engine_options_init(o);
    if (options != NULL) {
        od_err err =
            od__sized_copy(o, sizeof *o, options, OD__ENGINE_OPTIONS_SIZE_MIN,
                           "od_engine_options", &engine->errmsg);
        if (err != OD_OK) {
            return err;
        }
    }
    const struct {
        int32_t *field;
        int32_t min;
        int32_t max;
        int32_t fallback;
        const char *name;
    } ranges[] = {
        {&o->calls_max, 1, 20000, 100, "calls_max"},
        {&o->campaigns_max, 1, 256, 16, "campaigns_max"},
        {&o->claims_max, 1, 500, 100, "claims_max"},
        {&o->poll_ms, 10, 1000, 100, "poll_ms"},
        {&o->answer_wait_ms, 1, 1500, 0, "answer_wait_ms"},
        {&o->call_max_s, 10, 7200, 900, "call_max_s"},
    };
    for (size_t i = 0; i < OD__LEN(ranges); i++) {
        od_err err = range(engine, ranges[i].field, ranges[i].min,
                           ranges[i].max, ranges[i].fallback, ranges[i].name);
        if (err != OD_OK) {
            return err;
        }
    }
    od_err err = range(engine, &o->events_max, 256, 4194304,
                       32 * o->calls_max + 256, "events_max");
    if (err != OD_OK) {
        return err;
    }
    const char *country = o->country != NULL ? o->country : "US";
    if (strlen(country) != 2 || !od__country_is_known(country)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "engine option country is \"%s\": use an ISO "
                               "3166 code of two letters",
                               country);
    }
    memcpy(engine->country, country, 3);
    o->country = engine->country;
    o->zoneinfo = o->zoneinfo != NULL ? o->zoneinfo : "/usr/share/zoneinfo";
    if (o->owner != NULL) {
        err = od__name_check(engine, o->owner, "dialing owner");
        if (err != OD_OK) {
            return err;
        }
        od__text_copy(engine->owner, sizeof engine->owner, o->owner);
    } else {
        (void)snprintf(engine->owner, sizeof engine->owner, "pid %ld",
                       (long)getpid());
    }
    o->owner = engine->owner;
    o->allocator = NULL;
    return OD_OK;
}

static void on_wake(void *ctx)
{
    od_engine_wake(ctx);
}

static od_err make_parts(od_engine *engine)
{
    const od_allocator *allocator = &engine->allocator;
    size_t campaigns = 2 * (size_t)engine->options.campaigns_max;
    engine->batch = od__alloc(allocator, sizeof *engine->batch);
    engine->events.room = (uint64_t)engine->options.events_max;
    engine->events.rows = od__alloc(
        allocator, (size_t)engine->events.room * sizeof *engine->events.rows);
    if (engine->batch == NULL || engine->events.rows == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    if (engine->transport == NULL) {
        return OD_OK;
    }
    engine->active =
        od__alloc(allocator, campaigns * sizeof *engine->active);
    engine->senders =
        od__alloc(allocator, campaigns * sizeof *engine->senders);
    engine->pick.claims =
        od__alloc(allocator, (size_t)engine->options.claims_max *
                                 sizeof *engine->pick.claims);
    if (engine->active == NULL || engine->senders == NULL ||
        engine->pick.claims == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    od_err err = od__inbox_init(engine);
    return err == OD_OK ? od__calls_init(engine) : err;
}

static od_err start_dialing(od_engine *engine)
{
    od_err err = OD__STORE(engine, lease)(engine->store, engine->owner,
                                          &engine->now);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    err = settle(engine);
    if (err != OD_OK) {
        return err;
    }
    err = od_sink_new(&engine->sink, od__call_report, on_wake, engine);
    if (err != OD_OK) {
        return od__engine_fail(engine, err, "out of memory");
    }
    engine->roster_stale = true;
    engine->zones_at_ms = engine->now.mono_ms;
    err = od__pace_init(engine);
    if (err != OD_OK) {
        return err;
    }
    /* Last: its threads hold the sink from here on. */
    return OD__TRUNKS(engine, start)(engine->carrier, engine->sink,
                                     (uint32_t)engine->options.calls_max,
                                     &engine->now, &engine->errmsg);
}

static od_err make(od_engine *engine, const od_engine_options *options)
{
    od_err err = take_options(engine, options);
    if (err == OD_OK) {
        engine->rand.state = engine->options.seed;
        err = engine->options.seed != 0 ? OD_OK : od__rand_system(&engine->rand);
    }
    if (err == OD_OK) {
        err = od__wake_init(&engine->wake, &engine->errmsg);
    }
    if (err == OD_OK) {
        err = make_parts(engine);
    }
    if (err == OD_OK) {
        err = od__places_load(engine);
    }
    if (err == OD_OK) {
        err = od__law_load(engine);
    }
    if (err == OD_OK && engine->transport != NULL) {
        err = start_dialing(engine);
    }
    return err;
}

/* All but storage and transport. */
static void unmake(od_engine *engine)
{
    od_allocator allocator = engine->allocator;
    od__import_free(engine);
    if (engine->active != NULL) {
        od__roster_free(engine);
    }
    od__calls_free(engine);
    od__inbox_free(engine);
    od__places_free(engine);
    od__law_free(engine);
    od__registries_free(engine);
    od_sink_free(engine->sink);
    od__wake_close(&engine->wake);
    od__arena_free(&engine->arena);
    od__free(&allocator, engine->senders);
    od__free(&allocator, engine->pick.claims);
    od__free(&allocator, engine->events.rows);
    od__free(&allocator, engine->batch);
    od__free(&allocator, engine);
}

od_err od_engine_new(od_engine **out, const od_engine_options *options,
                     od_storage *storage, od_transport *transport,
                     const od_now *now, od_errmsg *errmsg)
{
    od_allocator allocator = {NULL, NULL, NULL};
    if (out == NULL || storage == NULL || now == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "out, storage and now must not be NULL");
    }
    if (options != NULL &&
        options->size >= OD__ENGINE_OPTIONS_SIZE_MIN &&
        options->allocator != NULL) {
        allocator = *options->allocator;
        if ((allocator.alloc == NULL) != (allocator.free == NULL)) {
            return od__fail(errmsg, OD_ERR_INVALID,
                            "an allocator needs both of its functions");
        }
    }
    od_engine *engine = od__alloc(&allocator, sizeof *engine);
    if (engine == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "out of memory");
    }
    engine->allocator = allocator;
    engine->wake.fd = -1;
    engine->calls_free = OD_NONE;
    engine->now = *now;
    engine->deadline_ms = now->mono_ms;
    engine->scheduled_utc_ms = OD_NEVER;
    engine->storage = storage;
    engine->storage_ops = od_storage_ops_get(storage);
    engine->store = od_storage_ctx_get(storage);
    engine->transport = transport;
    if (transport != NULL) {
        engine->transport_ops = od_transport_ops_get(transport);
        engine->carrier = od_transport_ctx_get(transport);
    }
    od_err err = make(engine, options);
    if (err != OD_OK) {
        (void)od__fail(errmsg, err, "%s", engine->errmsg.text);
        unmake(engine);
        return err;
    }
    *out = engine;
    return OD_OK;
}

void od_engine_free(od_engine *engine)
{
    if (engine == NULL) {
        return;
    }
    od_storage *storage = engine->storage;
    od_transport *transport = engine->transport;
    od_transport_free(transport); /* its threads hold the sink */
    unmake(engine);
    od_storage_free(storage);
}
