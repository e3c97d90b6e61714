/*
 * sim_options.c - the options of the simulated carrier, checked.
 *
 * Called by sim.c only.
 */
#include "transport/transport.h"

#include <inttypes.h>

#define CALLS_PER_SECOND_MAX 10000
#define TEXTS_MAX 20000
#define TEXTS_PER_SECOND_MAX 10000

static od_err check_between(const char *what, int32_t value, int32_t min,
                            int32_t max, od_errmsg *errmsg)
{
    if (value < min || value > max) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "%s is %" PRId32 ", not %" PRId32 " to %" PRId32, what,
                        value, min, max);
    }
    return OD_OK;
}

/* Defaults filled in; models and ranges are checked where they are read. */
static od_err check_options(od_sim_options *o, od_errmsg *errmsg)
{
    o->calls_max = o->calls_max != 0 ? o->calls_max : OD__SIM_CALLS_MAX;
    o->calls_per_second_max = o->calls_per_second_max != 0
                                  ? o->calls_per_second_max
                                  : CALLS_PER_SECOND_MAX;
    o->texts_max = o->texts_max != 0 ? o->texts_max : TEXTS_MAX;
    o->texts_per_second_max = o->texts_per_second_max != 0
                                  ? o->texts_per_second_max
                                  : TEXTS_PER_SECOND_MAX;
    o->trunks_len = o->trunks_len != 0 ? o->trunks_len : 1;
    const struct {
        const char *what;
        int32_t value;
        int32_t min;
        int32_t max;
    } fields[] = {
        {"calls_max", o->calls_max, 1, OD__SIM_CALLS_MAX},
        {"calls_per_second_max", o->calls_per_second_max, 1,
         CALLS_PER_SECOND_MAX},
        {"congestion_cps", o->congestion_cps, 0, CALLS_PER_SECOND_MAX},
        {"congestion_calls", o->congestion_calls, 0, OD__SIM_CALLS_MAX},
        {"congestion_retry_after_s", o->congestion_retry_after_s, 0,
         OD__RETRY_AFTER_MAX_S},
        {"texts_max", o->texts_max, 1, TEXTS_MAX},
        {"texts_per_second_max", o->texts_per_second_max, 1,
         TEXTS_PER_SECOND_MAX},
        {"congestion_tps", o->congestion_tps, 0, TEXTS_PER_SECOND_MAX},
    };
    for (size_t i = 0; i < OD__LEN(fields); i++) {
        od_err err = check_between(fields[i].what, fields[i].value,
                                   fields[i].min, fields[i].max, errmsg);
        if (err != OD_OK) {
            return err;
        }
    }
    if (o->trunks_len > OD_TRUNKS_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "trunks_len is %zu, not 1 to %d", o->trunks_len,
                        OD_TRUNKS_MAX);
    }
    return OD_OK;
}

od_err od__sim_options_read(od_sim_options *out, od__sim_ranges *ranges,
                            const od_sim_options *options, od_errmsg *errmsg)
{
    od_sim_options_init(out);
    od_err err = OD_OK;
    if (options != NULL) {
        err = od__sized_copy(out, sizeof *out, options, sizeof *out,
                             "od_sim_options", errmsg);
    }
    if (err == OD_OK) {
        err = check_options(out, errmsg);
    }
    if (err == OD_OK) {
        err = od__sim_ranges_read(ranges, out, errmsg);
    }
    out->ranges = NULL;
    return err;
}
