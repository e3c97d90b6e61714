/*
 * forecast_kit.c - a campaign to forecast; see forecast_kit.h.
 */
#include "support/forecast_kit.h"

#include <inttypes.h>

#define RING_MS 12000

static void on_event(void *ctx, const od_event *event)
{
    forecast_kit *kit = ctx;
    if (event->type == OD_EVENT_CALL_DIALING) {
        int64_t hour = (event->utc_ms - kit->hours_from) / STAGE_HOUR;
        kit->begun++;
        kit->live++;
        kit->live_peak =
            kit->live > kit->live_peak ? kit->live : kit->live_peak;
        if (hour >= 0 && hour < OD_FORECAST_HOURS) {
            kit->hours[hour]++;
        }
    }
    if (event->type == OD_EVENT_CALL_ENDED) {
        kit->ended++;
        kit->live--;
        kit->last_end_utc_ms = event->utc_ms;
    }
}

void forecast_kit_open(forecast_kit *kit)
{
    kit->storage = shaky_new(&kit->shaky, NULL);
    stage_open(&kit->stage, kit->storage);
    kit->stage.world.on_event = on_event;
    kit->stage.world.on_event_ctx = kit;
}

int forecast_kit_setup(void **state)
{
    forecast_kit *kit = calloc(1, sizeof *kit);
    assert_non_null(kit);
    stage_init(&kit->stage);
    od_sim_options *sim = &kit->stage.world.sim_options;
    sim->model = (od_sim_model){.answer = 300,
                                .busy = 50,
                                .declined = 20,
                                .not_found = 10,
                                .ring_ms_min = RING_MS,
                                .ring_ms_max = RING_MS};
    sim->calls_max = 50;
    sim->calls_per_second_max = 10;
    forecast_kit_open(kit);
    *state = kit;
    return 0;
}

int forecast_kit_teardown(void **state)
{
    forecast_kit *kit = *state;
    stage_end(&kit->stage);
    free(kit);
    return 0;
}

const char *forecast_kit_phone(int i)
{
    /* New York, Chicago, Denver, Los Angeles, Phoenix, Miami, and one that may
     * be in two zones. */
    static const char *const areas[] = {"212", "312", "303", "213",
                                        "602", "305", "850"};
    static char out[24];
    (void)snprintf(out, sizeof out, "+1%s555%04d", areas[i % 7], 1300 + i / 7);
    return out;
}

void forecast_kit_people(forecast_kit *kit, int n)
{
    for (int i = 0; i < n; i++) {
        (void)od_world_contact(&kit->stage.world, kit->stage.group,
                               forecast_kit_phone(i), NULL);
    }
}

void forecast_kit_options(forecast_kit *kit, od_campaign_options *out)
{
    stage_options(&kit->stage, out, "first");
    out->concurrent_max = 20;
}

void forecast_kit_rules(forecast_kit *kit, const char *text)
{
    stage_ok(&kit->stage, od_rules_add(kit->stage.engine, "ours", text));
}

void forecast_kit_add(forecast_kit *kit, const od_campaign_options *options)
{
    kit->campaign = stage_add(&kit->stage, options);
    kit->hours_from = kit->stage.world.now.utc_ms;
}

od_forecast forecast_kit_look(forecast_kit *kit, const od_forecast_options *o)
{
    od_forecast out;
    memset(&out, 0x5a, sizeof out);
    stage_ok(&kit->stage, od_campaign_forecast(kit->stage.engine,
                                               kit->campaign, o, &out));
    return out;
}

void forecast_kit_near(const char *what, int64_t got, int64_t want,
                       int64_t percent, int64_t slack)
{
    int64_t differ = got > want ? got - want : want - got;
    if (differ * 100 > want * percent + slack * 100) {
        fail_msg("%s: %" PRId64 ", not about %" PRId64, what, got, want);
    }
}
