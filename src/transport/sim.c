/*
 * sim.c - the simulated carrier: its table, calls and deadlines.
 *
 * A far end for every number, in the time of the steps: no clock is read, no
 * thread runs. What a call meets depends on the seed, the number and how often
 * that number was reached before, never on the order of calls. Congestion does
 * depend on the other calls; one that meets it has not reached its number.
 *
 * Invariants:
 * 1. A call has one timer: the earliest of what it waits for. What is done is
 *    done at that time, even if the step comes late, so step widths change
 *    nothing but when it is reported.
 * 2. A firing posts at most one report, as its last act: whoever receives it
 *    may use any slot of the table. So does the report of a trunk.
 * 3. Nothing is allocated after start but the book of numbers as it grows.
 */
#include "transport/transport.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#define CALLS_MAX 20000
#define CALLS_PER_SECOND_MAX 10000

typedef struct sim {
    od_sim_options options; /* without pointers */
    od__sim_ranges ranges;
    od__sim_trunk trunks[OD_TRUNKS_MAX];
    od_sink *sink; /* NULL before start */
    od__sim_call *calls;
    uint32_t calls_max;
    int64_t now_ms;
    od__heap timers;
    od__sim_book book;
} sim;

/* -- calls under way ------------------------------------------------------ */

/* Set the timer to the earliest of what the call waits for. */
static void arm(sim *s, od__sim_call *call)
{
    int64_t at_ms = od__sim_call_due_ms(call, s->now_ms);
    if (at_ms != OD_NEVER) {
        od__heap_set(&s->timers, &call->timer, at_ms);
    } else {
        od__heap_unset(&s->timers, &call->timer);
    }
}

static void release(sim *s, od__sim_call *call)
{
    od__heap_unset(&s->timers, &call->timer);
    od__sim_play_drop(call->told);
    call->told = NULL;
    call->state = OD__SIM_CALL_FREE;
    od__sim_trunk_end(&s->trunks[call->trunk], call->carried);
}

/* The timer of a call fired. Returns how many reports were posted, 0 or 1. */
static size_t fire(sim *s, od__sim_call *call)
{
    od_report report = {.slot = call->timer.id, .attempt = call->attempt};
    bool post = od__sim_call_advance(call, &report);
    if (report.kind == OD_REPORT_ENDED) {
        release(s, call);
    } else {
        arm(s, call);
    }
    if (!post) {
        return 0;
    }
    char call_id[32];
    if (report.kind == OD_REPORT_PROGRESS ||
        report.kind == OD_REPORT_ANSWERED || report.kind == OD_REPORT_ENDED) {
        od__writer writer;
        od__writer_init(&writer, call_id, sizeof call_id);
        od__write(&writer, "sim-%lld", (long long)report.attempt);
        report.sip_call_id = call_id;
    }
    od_sink_post(s->sink, &report);
    return 1;
}

/* -- trunks --------------------------------------------------------------- */

static bool has_trunk(const sim *s, int32_t index)
{
    return index >= 0 && (size_t)index < s->options.trunks_len;
}

/* A trunk whose state was not reported yet; OD_NONE. */
static int32_t untold_trunk(const sim *s)
{
    for (size_t i = 0; i < s->options.trunks_len; i++) {
        if (s->trunks[i].up != s->trunks[i].up_told) {
            return (int32_t)i;
        }
    }
    return OD_NONE;
}

static void post_trunk(sim *s, int32_t index)
{
    od__sim_trunk *trunk = &s->trunks[index];
    trunk->up_told = trunk->up;
    const od_report report = {.kind = OD_REPORT_TRUNK,
                              .trunk = index,
                              .up = trunk->up,
                              .text = trunk->up ? "the trunk was put up"
                                                : "the trunk was taken down"};
    od_sink_post(s->sink, &report);
}

/* -- the table ------------------------------------------------------------ */

static void sim_free(void *ctx)
{
    sim *s = ctx;
    od__heap_clear(&s->timers, NULL);
    for (uint32_t i = 0; i < s->calls_max; i++) {
        od__sim_play_drop(s->calls[i].told);
    }
    free(s->calls);
    for (size_t i = 0; i < OD_TRUNKS_MAX; i++) {
        od__sim_trunk_clear(&s->trunks[i]);
    }
    od__sim_book_clear(&s->book);
    free(s);
}

static od_err sim_start(void *ctx, od_sink *sink, uint32_t calls_max,
                        const od_now *now, od_errmsg *errmsg)
{
    sim *s = ctx;
    assert(sink != NULL && now != NULL && s->sink == NULL);
    if (calls_max == 0 || calls_max > CALLS_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "calls_max is %" PRIu32 ", not 1 to %d", calls_max,
                        CALLS_MAX);
    }
    od__sim_call *calls = calloc(calls_max, sizeof *calls);
    if (calls == NULL || od__heap_init(&s->timers, calls_max, NULL) != OD_OK) {
        free(calls);
        return od__fail(errmsg, OD_ERR_MEMORY,
                        "no memory for %" PRIu32 " simulated calls", calls_max);
    }
    for (uint32_t i = 0; i < calls_max; i++) {
        calls[i].timer.id = i;
    }
    for (size_t i = 0; i < s->options.trunks_len; i++) {
        s->trunks[i].up_told = s->trunks[i].up; /* trunk_get tells it */
    }
    s->sink = sink;
    s->calls = calls;
    s->calls_max = calls_max;
    s->now_ms = now->mono_ms;
    return OD_OK;
}

static od_err sim_trunk_get(void *ctx, int32_t index, od_trunk_info *out)
{
    const sim *s = ctx;
    if (!has_trunk(s, index)) {
        return OD_ERR_NOT_FOUND;
    }
    memset(out, 0, sizeof *out);
    if (index == 0) {
        od__text_copy(out->name, sizeof out->name, "sim");
    } else {
        (void)snprintf(out->name, sizeof out->name, "sim%" PRId32, index + 1);
    }
    out->calls_max = s->options.calls_max;
    out->calls_per_second_max = s->options.calls_per_second_max;
    out->up = s->trunks[index].up;
    return OD_OK;
}

static void sim_step(void *ctx, const od_now *now, size_t reports_max)
{
    sim *s = ctx;
    if (now->mono_ms > s->now_ms) {
        s->now_ms = now->mono_ms;
    }
    size_t posted = 0;
    int32_t trunk;
    while (posted < reports_max && (trunk = untold_trunk(s)) != OD_NONE) {
        post_trunk(s, trunk);
        posted++;
    }
    while (posted < reports_max) {
        const od__timer *first = od__heap_first(&s->timers);
        if (first == NULL || first->at_ms > s->now_ms) {
            break;
        }
        posted += fire(s, &s->calls[first->id]);
    }
}

static int64_t sim_deadline_ms(void *ctx)
{
    const sim *s = ctx;
    if (untold_trunk(s) != OD_NONE) {
        return s->now_ms;
    }
    const od__timer *first = od__heap_first(&s->timers);
    return first != NULL ? first->at_ms : OD_NEVER;
}

/* A generator of this call's own. */
static od__rand call_rand(const sim *s, uint64_t phone, uint64_t calls)
{
    od__rand rand = {.state = s->options.seed};
    rand.state = od__rand_next(&rand) ^ phone;
    rand.state = od__rand_next(&rand) ^ calls;
    return rand;
}

/* What the call meets, now that its trunk carries it or not. */
static void meet(const sim *s, od__sim_call *call, od__sim_entry *entry)
{
    if (call->carried && entry->play != NULL) {
        call->told = entry->play;
        call->told->held++;
        call->words = od__sim_play_next(call->told, &call->words_len);
        entry->calls++;
        return;
    }
    if (call->carried) {
        call->model = od__sim_ranges_find(&s->ranges, entry->phone);
        call->rand = call_rand(s, entry->phone, entry->calls);
        od__sim_model_draw(call->model, &call->rand, &call->own);
        entry->calls++;
    } else {
        od__sim_model_refuse(503, s->options.congestion_retry_after_s,
                             &call->own);
    }
    call->words = call->own.words;
    call->words_len = call->own.words_len;
}

static od_err sim_dial(void *ctx, const od_dial *dial)
{
    sim *s = ctx;
    if (!has_trunk(s, dial->trunk) || !s->trunks[dial->trunk].up ||
        dial->to == 0) {
        return OD_ERR_TRANSPORT;
    }
    od__sim_trunk *trunk = &s->trunks[dial->trunk];
    if (dial->slot >= s->calls_max ||
        s->calls[dial->slot].state != OD__SIM_CALL_FREE ||
        trunk->live >= (uint32_t)s->options.calls_max) {
        return OD_ERR_LIMIT;
    }
    od__sim_entry *entry = od__sim_book_at(&s->book, dial->to);
    if (entry == NULL) {
        return OD_ERR_MEMORY;
    }

    od__sim_call *call = &s->calls[dial->slot];
    *call = (od__sim_call){.timer = {.id = dial->slot},
                           .state = OD__SIM_CALL_NEW,
                           .attempt = dial->attempt,
                           .trunk = dial->trunk,
                           .word_at_ms = s->now_ms,
                           .key_at_ms = OD_NEVER,
                           .play_until_ms = OD_NEVER};
    call->carried =
        od__sim_trunk_begin(trunk, s->now_ms, s->options.congestion_calls);
    meet(s, call, entry);
    arm(s, call);
    return OD_OK;
}

/* The call in a slot, or NULL. */
static od__sim_call *call_at(sim *s, uint32_t slot)
{
    bool live =
        slot < s->calls_max && s->calls[slot].state != OD__SIM_CALL_FREE;
    return live ? &s->calls[slot] : NULL;
}

static void sim_hangup(void *ctx, uint32_t slot)
{
    sim *s = ctx;
    od__sim_call *call = call_at(s, slot);
    if (call != NULL) {
        od__sim_call_hangup(call, s->now_ms);
        arm(s, call);
    }
}

static int64_t prompts_ms(const od_prompt *const *prompts, size_t prompts_len,
                          int64_t offset_ms)
{
    int64_t sum_ms = 0;
    for (size_t i = 0; i < prompts_len; i++) {
        int64_t ms = od_prompt_duration_ms(prompts[i]);
        if (i == 0 && offset_ms > 0) {
            ms -= offset_ms < ms ? offset_ms : ms;
        }
        sum_ms += ms;
    }
    return sum_ms;
}

static void sim_play(void *ctx, uint32_t slot, int32_t play,
                     const od_prompt *const *prompts, size_t prompts_len,
                     int64_t offset_ms)
{
    sim *s = ctx;
    od__sim_call *call = call_at(s, slot);
    if (call == NULL || call->state != OD__SIM_CALL_TALK) {
        return;
    }
    int64_t ms = prompts_ms(prompts, prompts_len, offset_ms);
    od__sim_call_play(call, s->now_ms, play, ms);
    if (call->own.habit != OD__SIM_HABIT_NONE) {
        call->key =
            od__sim_model_key(call->model, &call->rand, &call->own.habit);
        call->key_at_ms =
            call->key != '\0' ? s->now_ms + call->model->key_ms : OD_NEVER;
    }
    arm(s, call);
}

static void sim_play_stop(void *ctx, uint32_t slot)
{
    sim *s = ctx;
    od__sim_call *call = call_at(s, slot);
    if (call != NULL) {
        od__sim_call_play_stop(call, s->now_ms);
        arm(s, call);
    }
}

/* The far end hears keys and thinks nothing of them. */
static od_err sim_digits_send(void *ctx, uint32_t slot, const char *digits)
{
    (void)digits;
    const od__sim_call *call = call_at(ctx, slot);
    bool hears = call != NULL && call->state == OD__SIM_CALL_TALK;
    return hears ? OD_OK : OD_ERR_STATE;
}

static const od_transport_ops sim_ops = {
    .size = sizeof(od_transport_ops),
    .free = sim_free,
    .start = sim_start,
    .trunk_get = sim_trunk_get,
    .step = sim_step,
    .deadline_ms = sim_deadline_ms,
    .dial = sim_dial,
    .hangup = sim_hangup,
    .play = sim_play,
    .play_stop = sim_play_stop,
    .digits_send = sim_digits_send,
};

/* -- public --------------------------------------------------------------- */

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
    o->calls_max = o->calls_max != 0 ? o->calls_max : CALLS_MAX;
    o->calls_per_second_max = o->calls_per_second_max != 0
                                  ? o->calls_per_second_max
                                  : CALLS_PER_SECOND_MAX;
    o->trunks_len = o->trunks_len != 0 ? o->trunks_len : 1;
    const struct {
        const char *what;
        int32_t value;
        int32_t min;
        int32_t max;
    } fields[] = {
        {"calls_max", o->calls_max, 1, CALLS_MAX},
        {"calls_per_second_max", o->calls_per_second_max, 1,
         CALLS_PER_SECOND_MAX},
        {"congestion_cps", o->congestion_cps, 0, CALLS_PER_SECOND_MAX},
        {"congestion_calls", o->congestion_calls, 0, CALLS_MAX},
        {"congestion_retry_after_s", o->congestion_retry_after_s, 0,
         OD__RETRY_AFTER_MAX_S},
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

/* Copy the options into a new sim. */
static od_err read_options(sim *s, const od_sim_options *options,
                           od_errmsg *errmsg)
{
    od_sim_options_init(&s->options);
    od_err err = OD_OK;
    if (options != NULL) {
        err = od__sized_copy(&s->options, sizeof s->options, options,
                             sizeof s->options, "od_sim_options", errmsg);
    }
    if (err == OD_OK) {
        err = check_options(&s->options, errmsg);
    }
    if (err == OD_OK) {
        err = od__sim_ranges_read(&s->ranges, &s->options, errmsg);
    }
    s->options.ranges = NULL;
    return err;
}

static od_err init_trunks(sim *s, od_errmsg *errmsg)
{
    for (size_t i = 0; i < s->options.trunks_len; i++) {
        if (od__sim_trunk_init(&s->trunks[i], s->options.congestion_cps) !=
            OD_OK) {
            return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a trunk");
        }
    }
    return OD_OK;
}

od_err od_transport_new_sim(od_transport **out, const od_sim_options *options,
                            od_errmsg *errmsg)
{
    if (out == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "no place for the transport");
    }
    sim *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a transport");
    }
    od_err err = read_options(s, options, errmsg);
    if (err == OD_OK) {
        err = init_trunks(s, errmsg);
    }
    if (err == OD_OK) {
        err = od_transport_new(out, &sim_ops, s, errmsg);
    }
    if (err != OD_OK) {
        sim_free(s);
    }
    return err;
}

/* What is inside a simulated transport; NULL: it is none. */
static sim *sim_of(const od_transport *transport)
{
    const od_transport_ops *ops = od_transport_ops_get(transport);
    bool simulated = ops != NULL && ops->step == sim_step;
    return simulated ? od_transport_ctx_get(transport) : NULL;
}

od_err od_sim_play(od_transport *transport, const char *phone, const char *play,
                   od_errmsg *errmsg)
{
    sim *s = sim_of(transport);
    if (s == NULL || phone == NULL || play == NULL) {
        return od__fail(
            errmsg, OD_ERR_INVALID,
            "a play needs a simulated transport, a phone and words");
    }
    uint64_t number = od__sim_phone_parse(phone);
    if (number == 0) {
        return od__fail(errmsg, OD_ERR_INVALID, "\"%.20s\" is not a phone",
                        phone);
    }
    od__sim_play *parsed = NULL;
    od_err err = od__sim_play_new(&parsed, play, errmsg);
    if (err != OD_OK) {
        return err;
    }
    od__sim_entry *entry = od__sim_book_at(&s->book, number);
    if (entry == NULL) {
        od__sim_play_drop(parsed);
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a play");
    }
    od__sim_play_drop(entry->play);
    entry->play = parsed;
    return OD_OK;
}

od_err od_sim_trunk(od_transport *transport, int32_t trunk, bool up,
                    od_errmsg *errmsg)
{
    sim *s = sim_of(transport);
    if (s == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "only a simulated transport is told of its trunks");
    }
    if (!has_trunk(s, trunk)) {
        return od__fail(errmsg, OD_ERR_NOT_FOUND,
                        "there is no trunk %" PRId32 " among %zu", trunk,
                        s->options.trunks_len);
    }
    s->trunks[trunk].up = up;
    if (s->sink != NULL && up != s->trunks[trunk].up_told) {
        od_sink_wake(s->sink);
    }
    return OD_OK;
}
