/*
 * world.h - an engine in virtual time: simulated carrier, any storage.
 *
 * Time is the world's and moves only when it is told to; the engine is stepped
 * at each of its deadlines on the way. Failures of setting up end the test.
 */
#ifndef OD_TEST_WORLD_H
#define OD_TEST_WORLD_H

#include "support/test.h"

#include <outdial/backend.h>
#include <outdial/outdial.h>

typedef struct od_world {
    od_engine *engine;
    od_transport *sim; /* belongs to the engine */
    od_now now;
    uint64_t seed;
    od_engine_options options;
    od_sim_options sim_options;
    bool lawful; /* lift no rule: the test is about them */
    /* Events seen, by type; the last fault. */
    int64_t events[16];
    char fault[256];
    od_err err; /* of the last step */
    void (*on_event)(void *ctx, const od_event *event);
    void *on_event_ctx;
} od_world;

/* UTC ms of "2027-03-14T06:59:00Z" (fails the test if it is none). */
int64_t od_world_time(const char *text);

/* Begin at a UTC time; options may be changed before od_world_open(). */
void od_world_init(od_world *world, int64_t utc_ms, uint64_t seed);
/* Open an engine on a storage (NULL: a fresh one in memory). Rules that ask
 * for evidence are lifted, see lift.h, unless it is lawful. */
void od_world_open(od_world *world, od_storage *storage);
/* The same without failing the test. */
od_err od_world_try_open(od_world *world, od_storage *storage);
void od_world_close(od_world *world);

/* Run until a UTC time, stepping at each deadline; at most `steps` (0: ten
 * million). Stops early when a step fails, with that error. */
od_err od_world_run_until(od_world *world, int64_t utc_ms, int64_t steps);
od_err od_world_run(od_world *world, int64_t ms);
/* Run until a campaign is in a state, or `ms` have passed; true: it is. */
bool od_world_run_to_state(od_world *world, od_id campaign, int32_t state,
                           int64_t ms);

/* A WAV of silence, `ms` long; malloc'd. */
uint8_t *od_world_wav(int32_t ms, size_t *len);
/* A prompt of that length in the media library. */
od_id od_world_prompt(od_world *world, const char *name, int32_t ms);
/* A contact; zone may be NULL. */
od_id od_world_contact(od_world *world, od_id group, const char *phone,
                       const char *zone);
/* Run the import to its end; the report. */
od_import_report od_world_import(od_world *world, od_id group,
                                 const od_import_options *options);

#endif
