/*
 * tally.c - how the counters of a campaign follow its targets and attempts.
 *
 * Values outside the enums (a damaged file, a newer version) count in the
 * totals only: no input writes outside an array.
 */
#include "storage/tally.h"

static void add_at(int64_t *sums, int32_t sums_len, int32_t at, int64_t step)
{
    if (at >= 0 && at < sums_len) {
        sums[at] += step;
    }
}

static void add_standing(od_counters *sums, const od__standing *standing,
                         int64_t step)
{
    sums->targets += step;
    switch (standing->state) {
    case OD_TARGET_READY:
        sums->ready += step;
        break;
    case OD_TARGET_FLIGHT:
        sums->flight += step;
        break;
    case OD_TARGET_DONE:
        sums->done += step;
        add_at(sums->done_by, OD_DISPOSITIONS, standing->disposition, step);
        break;
    case OD_TARGET_BLOCKED:
        sums->blocked += step;
        add_at(sums->blocked_by, OD_REASONS, standing->reason, step);
        break;
    default:
        break;
    }
}

void od__tally_enter(od_counters *sums, const od__standing *standing)
{
    add_standing(sums, standing, 1);
}

void od__tally_leave(od_counters *sums, const od__standing *standing)
{
    add_standing(sums, standing, -1);
}

void od__tally_move(od_counters *sums, const od__standing *from,
                    const od__standing *to)
{
    add_standing(sums, from, -1);
    add_standing(sums, to, 1);
}

void od__tally_claim(od_counters *sums, int64_t utc_ms)
{
    int64_t minute = utc_ms / 60000;
    if (minute != sums->minute) {
        bool follows = minute == sums->minute + 1;
        sums->minute_calls_before = follows ? sums->minute_calls : 0;
        sums->minute_calls = 0;
        sums->minute = minute;
    }
    sums->minute_calls++;
}

void od__tally_end(od_counters *sums, const od_outcome *outcome)
{
    add_at(sums->attempts_by, OD_DISPOSITIONS, outcome->disposition, 1);
    sums->surveys_done += outcome->survey_done ? 1 : 0;
    sums->talk_ms += outcome->talk_ms;
}

void od__tally_opt_out(od_counters *sums)
{
    sums->opted_out++;
}

void od__tally_text(od_counters *sums, int32_t delivery, int32_t segments)
{
    add_at(sums->delivery_by, OD_DELIVERIES, delivery, 1);
    sums->segments += delivery != OD_DELIVERY_NONE ? segments : 0;
}

void od__tally_delivery(od_counters *sums, int32_t from, int32_t to)
{
    add_at(sums->delivery_by, OD_DELIVERIES, from, -1);
    add_at(sums->delivery_by, OD_DELIVERIES, to, 1);
}

void od__tally_reply(od_counters *sums)
{
    sums->replies++;
}
