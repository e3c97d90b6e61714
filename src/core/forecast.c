/*
 * forecast.c - how a campaign would go on from where it stands.
 *
 * Checks what is assumed, takes a snapshot, has it run in virtual time and
 * counts what became of each number. What it says and what it leaves out is in
 * explain.h; the parts are listed in forecast.h.
 */
#include "core/forecast.h"

#define DAY_MS INT64_C(86400000)
#define DAYS 90

/* As far as anybody plans. */
#define DAYS_MAX 366

#define PRICE_MAX 100000000

/* Size of od_forecast_options in the first version. */
#define OPTIONS_SIZE_MIN offsetof(od_forecast_options, segment_price_micros)

/* == options ============================================================== */

static od_err check_range(od_engine *engine, int64_t value, int64_t max,
                          const char *name)
{
    return value >= 0 && value <= max
               ? OD_OK
               : od__engine_fail(engine, OD_ERR_INVALID,
                                 "%s is %lld: 0 to %lld are allowed", name,
                                 (long long)value, (long long)max);
}

static od_err check_ranges(od_engine *engine, const od_forecast_options *o)
{
    const struct {
        int64_t value;
        int64_t max;
        const char *name;
    } ranges[] = {
        {o->price_micros, PRICE_MAX, "price_micros"},
        {o->increment_s, 60, "increment_s"},
        {o->learned, 1, "learned"},
        {o->answer, 1000, "answer"},
        {o->busy, 1000, "busy"},
        {o->declined, 1000, "declined"},
        {o->not_found, 1000, "not_found"},
        {o->ring_ms, 120000, "ring_ms"},
        {o->talk_ms, 7200000, "talk_ms"},
        {o->calls_per_second_max, 10000 * OD_TRUNKS_MAX,
         "calls_per_second_max"},
        {o->calls_max, 20000 * OD_TRUNKS_MAX, "calls_max"},
        {o->segment_price_micros, PRICE_MAX, "segment_price_micros"},
    };
    for (size_t i = 0; i < OD__LEN(ranges); i++) {
        od_err err =
            check_range(engine, ranges[i].value, ranges[i].max, ranges[i].name);
        if (err != OD_OK) {
            return err;
        }
    }
    return OD_OK;
}

static od_err take_options(od_engine *engine, const od_forecast_options *from,
                           od_forecast_options *out)
{
    int64_t now = engine->now.utc_ms;
    od_forecast_options_init(out);
    if (from != NULL) {
        od_err err =
            od__sized_copy(out, sizeof *out, from, OPTIONS_SIZE_MIN,
                           "od_forecast_options", &engine->errmsg);
        if (err != OD_OK) {
            return err;
        }
    }
    od_err err = check_ranges(engine, out);
    int32_t sum = out->answer + out->busy + out->declined + out->not_found;
    if (err == OD_OK && sum > 1000) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "the shares sum up to %d, over 1000", (int)sum);
    }
    if (err == OD_OK && out->end_utc_ms == 0) {
        out->end_utc_ms = now + DAYS * DAY_MS;
    }
    if (err == OD_OK &&
        (out->end_utc_ms <= now || out->end_utc_ms > now + DAYS_MAX * DAY_MS)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "end_utc_ms %lld is not within %d days from now",
                               (long long)out->end_utc_ms, DAYS_MAX);
    }
    out->increment_s = out->increment_s != 0 ? out->increment_s : 6;
    return err;
}

/* == the course =========================================================== */

/* What trunks and engine take, where the options do not say it. */
static void take_limits(const od_engine *engine, const od_forecast_options *o,
                        od__course *course)
{
    int64_t per_second = engine->trunks_len > 0 ? 0 : 10;
    int64_t calls = engine->trunks_len > 0 ? 0 : 100;
    bool texts = course->campaign->channel == OD_CHANNEL_TEXT;
    for (int32_t i = 0; i < engine->trunks_len; i++) {
        const od_trunk_info *info = &engine->trunks[i].info;
        per_second +=
            texts ? info->texts_per_second_max : info->calls_per_second_max;
        calls += texts ? info->texts_max : info->calls_max;
    }
    if (engine->trunks_len > 0 && calls > engine->options.calls_max) {
        calls = engine->options.calls_max;
    }
    calls = o->calls_max != 0 ? o->calls_max : calls;
    course->calls_per_second_max =
        o->calls_per_second_max != 0 ? o->calls_per_second_max : per_second;
    course->calls_max = calls < course->campaign->concurrent_max
                            ? calls
                            : course->campaign->concurrent_max;
}

static void count_numbers(const od__numbers *numbers, od_forecast *out)
{
    for (size_t i = 0; i < numbers->len; i++) {
        const od__number *n = &numbers->rows[i];
        if ((n->flags & OD__NUMBER_DORMANT) != 0) {
            continue;
        }
        out->contacts++;
        if ((n->flags & OD__NUMBER_OVER) != 0) {
            continue;
        }
        if ((n->flags & OD__NUMBER_ANSWERED) != 0) {
            out->answered++;
        } else if ((n->flags & OD__NUMBER_CALLED) != 0) {
            out->unreached++;
        } else {
            out->never++;
            out->never_by[n->reason]++;
        }
    }
}

static bool has_ready(const od__numbers *numbers)
{
    for (size_t i = 0; i < numbers->len; i++) {
        if (numbers->rows[i].state == OD_TARGET_READY &&
            (numbers->rows[i].flags & OD__NUMBER_DORMANT) == 0) {
            return true;
        }
    }
    return false;
}

static od_err dry_run(const od__course *course, const od_forecast_options *o,
                      od_forecast *out)
{
    int64_t billed_ms = 0;
    int64_t campaign_end = course->campaign->end_utc_ms;
    bool stopped = false;
    od_err err = od__forecast_run(course, out, &billed_ms, &stopped);
    if (err != OD_OK) {
        return err;
    }
    bool ends = campaign_end != 0 && campaign_end <= o->end_utc_ms;
    if (stopped || (!ends && has_ready(course->numbers))) {
        out->finish_utc_ms = 0;
    }
    out->cost_micros = billed_ms / 60000 * o->price_micros +
                       billed_ms % 60000 * o->price_micros / 60000;
    out->cost_micros += out->segments * o->segment_price_micros;
    out->learned = course->model->learned ? 1 : 0;
    count_numbers(course->numbers, out);
    return OD_OK;
}

static od_err forecast(od_engine *engine, od_campaign_record *campaign,
                       const od_forecast_options *o, od_forecast *out)
{
    od__model model;
    od__numbers numbers;
    od__given given;
    od__course course = {.engine = engine,
                         .campaign = campaign,
                         .given = &given,
                         .model = &model,
                         .numbers = &numbers,
                         .now_utc_ms = engine->now.utc_ms,
                         .begin_utc_ms = engine->now.utc_ms,
                         .end_utc_ms = o->end_utc_ms,
                         .talk_step_ms = o->increment_s * INT64_C(1000)};
    bool begun = campaign->state == OD_CAMPAIGN_RUNNING ||
                 campaign->state == OD_CAMPAIGN_PAUSED;
    bool fills = !begun || !campaign->filled;
    if (!begun && campaign->start_utc_ms > course.begin_utc_ms) {
        course.begin_utc_ms = campaign->start_utc_ms;
    }
    if (campaign->end_utc_ms != 0 && campaign->end_utc_ms < course.end_utc_ms) {
        course.end_utc_ms = campaign->end_utc_ms;
    }
    take_limits(engine, o, &course);
    campaign->state = OD_CAMPAIGN_RUNNING;
    od_err err = od__given_read(engine, campaign, &given);
    if (err == OD_OK) {
        err = od__model_make(engine, campaign, o, &model);
    }
    if (err == OD_OK) {
        err = od__numbers_read(engine, campaign, fills, course.begin_utc_ms,
                               &numbers);
    }
    if (err == OD_OK) {
        err = dry_run(&course, o, out);
        od__numbers_free(engine, &numbers);
    }
    return err;
}

od_err od_campaign_forecast(od_engine *engine, od_id campaign,
                            const od_forecast_options *options,
                            od_forecast *out)
{
    od_forecast_options o;
    od_forecast result;
    od_campaign_record *record = NULL;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err = take_options(engine, options, &o);
    if (err == OD_OK) {
        err = od__law_look(engine);
    }
    if (err == OD_OK) {
        err = od__campaign_read(engine, campaign, &record);
    }
    if (err == OD_OK) {
        memset(&result, 0, sizeof result);
        err = forecast(engine, record, &o, &result);
    }
    if (err == OD_OK) {
        *out = result;
    }
    return err;
}
