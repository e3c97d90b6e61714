/*
 * world.c - an engine in virtual time; see world.h.
 */
#include "support/world.h"

#include "support/lift.h"

#include <time.h>

#define STEPS_MAX 10000000

int64_t od_world_time(const char *text)
{
    struct tm tm;
    memset(&tm, 0, sizeof tm);
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    if (end == NULL || *end != '\0') {
        fail_msg("not a time: \"%s\"", text);
    }
    return (int64_t)timegm(&tm) * 1000;
}

void od_world_init(od_world *world, int64_t utc_ms, uint64_t seed)
{
    memset(world, 0, sizeof *world);
    world->seed = seed;
    world->now = (od_now){.mono_ms = 1000, .utc_ms = utc_ms};
    od_engine_options_init(&world->options);
    world->options.seed = seed;
    world->options.owner = "test";
    od_sim_options_init(&world->sim_options);
    world->sim_options.seed = seed;
}

od_err od_world_try_open(od_world *world, od_storage *storage)
{
    od_errmsg errmsg = {""};
    od_err err = OD_OK;
    if (storage == NULL) {
        err = od_storage_new_memory(&storage, &errmsg);
        assert_int_equal(err, OD_OK);
    }
    err = od_transport_new_sim(&world->sim, &world->sim_options, &errmsg);
    if (err != OD_OK) {
        fail_msg("sim: %s", errmsg.text);
    }
    err = od_engine_new(&world->engine, &world->options, storage, world->sim,
                        &world->now, &errmsg);
    if (err != OD_OK) {
        (void)snprintf(world->fault, sizeof world->fault, "%.255s", errmsg.text);
        world->engine = NULL;
        od_transport_free(world->sim);
        od_storage_free(storage);
    }
    return err;
}

void od_world_open(od_world *world, od_storage *storage)
{
    od_err err = od_world_try_open(world, storage);
    if (err != OD_OK) {
        fail_msg("open: %s", world->fault);
    }
    if (!world->lawful) {
        od_test_lift(world->engine);
    }
}

void od_world_close(od_world *world)
{
    od_engine_free(world->engine);
    world->engine = NULL;
}

static void take_events(od_world *world)
{
    od_event event;
    while (od_engine_next_event(world->engine, &event)) {
        if ((size_t)event.type < sizeof world->events / sizeof *world->events) {
            world->events[event.type]++;
        }
        if (event.type == OD_EVENT_FAULT) {
            (void)snprintf(world->fault, sizeof world->fault, "%s",
                           event.u.fault.text);
        }
        if (world->on_event != NULL) {
            world->on_event(world->on_event_ctx, &event);
        }
    }
}

static od_err step(od_world *world)
{
    world->err = od_engine_step(world->engine, &world->now);
    take_events(world);
    return world->err;
}

od_err od_world_run_until(od_world *world, int64_t utc_ms, int64_t steps)
{
    int64_t left = steps > 0 ? steps : STEPS_MAX;
    int64_t target = world->now.mono_ms + (utc_ms - world->now.utc_ms);
    while (left-- > 0) {
        int64_t next = od_engine_deadline_ms(world->engine);
        if (next > target) {
            break;
        }
        if (next > world->now.mono_ms) {
            world->now.utc_ms += next - world->now.mono_ms;
            world->now.mono_ms = next;
        }
        od_err err = step(world);
        if (err != OD_OK) {
            return err;
        }
    }
    if (left < 0 && steps == 0) {
        fail_msg("the engine never rests");
    }
    if (steps == 0 && target > world->now.mono_ms) {
        world->now.utc_ms += target - world->now.mono_ms;
        world->now.mono_ms = target;
        return step(world);
    }
    return OD_OK;
}

od_err od_world_run(od_world *world, int64_t ms)
{
    return od_world_run_until(world, world->now.utc_ms + ms, 0);
}

bool od_world_run_to_state(od_world *world, od_id campaign, int32_t state,
                           int64_t ms)
{
    int64_t end = world->now.utc_ms + ms;
    int64_t left = STEPS_MAX;
    while (left-- > 0) {
        od_campaign now;
        if (od_campaign_get(world->engine, campaign, &now) == OD_OK &&
            now.state == state) {
            return true;
        }
        int64_t next = od_engine_deadline_ms(world->engine);
        if (world->now.utc_ms >= end || next == OD_NEVER) {
            return false;
        }
        int64_t wait = next - world->now.mono_ms;
        if (wait > 0) {
            world->now.mono_ms += wait;
            world->now.utc_ms += wait;
        }
        if (step(world) != OD_OK) {
            return false;
        }
    }
    fail_msg("the engine never rests");
    return false;
}

static void put_le(uint8_t *at, uint32_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

uint8_t *od_world_wav(int32_t ms, size_t *len)
{
    uint32_t data = (uint32_t)ms * 8 * 2;
    uint8_t *wav = calloc(1, 44 + data);
    assert_non_null(wav);
    memcpy(wav, "RIFF", 4);
    put_le(wav + 4, 36 + data, 4);
    memcpy(wav + 8, "WAVEfmt ", 8);
    put_le(wav + 16, 16, 4);
    put_le(wav + 20, 1, 2);
    put_le(wav + 22, 1, 2);
    put_le(wav + 24, 8000, 4);
    put_le(wav + 28, 16000, 4);
    put_le(wav + 32, 2, 2);
    put_le(wav + 34, 16, 2);
    memcpy(wav + 36, "data", 4);
    put_le(wav + 40, data, 4);
    *len = 44 + data;
    return wav;
}

od_id od_world_prompt(od_world *world, const char *name, int32_t ms)
{
    size_t len = 0;
    od_id id = 0;
    uint8_t *wav = od_world_wav(ms, &len);
    od_err err = od_media_add_bytes(world->engine, name, wav, len, &id);
    free(wav);
    if (err != OD_OK) {
        fail_msg("prompt %s: %s", name, od_engine_errmsg(world->engine));
    }
    return id;
}

od_id od_world_contact(od_world *world, od_id group, const char *phone,
                       const char *zone)
{
    od_contact contact;
    od_id id = 0;
    memset(&contact, 0, sizeof contact);
    contact.phone = phone;
    contact.timezone = zone;
    od_err err = od_contact_add(world->engine, group, &contact, &id);
    if (err != OD_OK) {
        fail_msg("contact %s: %s", phone, od_engine_errmsg(world->engine));
    }
    return id;
}

od_import_report od_world_import(od_world *world, od_id group,
                                 const od_import_options *options)
{
    od_import_report report;
    od_id import = 0;
    memset(&report, 0, sizeof report);
    od_err err = od_import_start(world->engine, group, options, &import);
    if (err != OD_OK) {
        report.err = err;
        report.done = true;
        (void)snprintf(report.text, sizeof report.text, "%.255s",
                       od_engine_errmsg(world->engine));
        return report;
    }
    for (int64_t left = STEPS_MAX; left > 0 && !report.done; left--) {
        (void)step(world);
        assert_int_equal(
            od_import_report_get(world->engine, import, &report), OD_OK);
    }
    assert_true(report.done);
    return report;
}
