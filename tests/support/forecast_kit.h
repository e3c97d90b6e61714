/*
 * forecast_kit.h - a campaign to forecast: people in seven areas of the United
 * States, a carrier that behaves as a forecast assumes by default, and a count
 * of what happens when it is run.
 */
#ifndef OD_TEST_FORECAST_KIT_H
#define OD_TEST_FORECAST_KIT_H

#include "support/shaky.h"
#include "support/stage.h"

#include "base/base.h"

#define FORECAST_KIT_DAY (24 * INT64_C(3600000))

typedef struct forecast_kit {
    od_stage stage;
    od_shaky shaky;
    od_storage *storage;
    od_id campaign;
    /* what has happened so far */
    int64_t begun;
    int64_t ended;
    int64_t live;
    int64_t live_peak;
    int64_t last_end_utc_ms;
    int64_t hours[OD_FORECAST_HOURS];
    int64_t hours_from;
} forecast_kit;

/* cmocka fixtures of a test: *state is a forecast_kit. */
int forecast_kit_setup(void **state);
int forecast_kit_teardown(void **state);
/* Open its stage, after stage_init(). */
void forecast_kit_open(forecast_kit *kit);

/* Phone of the i-th person; lives until the next call. */
const char *forecast_kit_phone(int i);
/* Persons 0 to n-1 into the group. */
void forecast_kit_people(forecast_kit *kit, int n);
/* Options that can start, for twenty calls at once. */
void forecast_kit_options(forecast_kit *kit, od_campaign_options *out);
/* Rules of the host's own, in force at once. */
void forecast_kit_rules(forecast_kit *kit, const char *text);
/* Add the campaign; hours count from now. */
void forecast_kit_add(forecast_kit *kit, const od_campaign_options *options);
/* Forecast it; NULL: the default options. */
od_forecast forecast_kit_look(forecast_kit *kit, const od_forecast_options *o);
/* They must not differ by more than so many percent of `want`, and `slack`. */
void forecast_kit_near(const char *what, int64_t got, int64_t want,
                       int64_t percent, int64_t slack);

#endif
