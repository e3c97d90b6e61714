/*
 * sim.c - the simulated carrier: its table, calls and deadlines.
 *
 * A far end for every number, in the time of the steps: no clock is read, no
 * thread runs. What a call meets depends on the seed, the number and how often
 * that number was called before, never on the order of calls.
 *
 * Invariants:
 * 1. A call has one timer: the earliest of what it waits for. What is done is
 *    done at that time, even if the step comes late, so step widths change
 *    nothing but when it is reported.
 * 2. A firing posts at most one report, as its last act: whoever receives it
 *    may use any slot of the table.
 * 3. Nothing is allocated after start but the book of numbers as it grows.
 */
#include "transport/transport.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#define CALLS_MAX 20000
#define CALLS_PER_SECOND_MAX 10000
#define PHONE_DIGITS_MAX 15

typedef struct sim {
    od_sim_options options;
    od_sink *sink; /* NULL before start */
    od__sim_call *calls;
    uint32_t calls_max;
    uint32_t live;
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
    s->live--;
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
        (void)snprintf(call_id, sizeof call_id, "sim-%" PRId64, report.attempt);
        report.sip_call_id = call_id;
    }
    od_sink_post(s->sink, &report);
    return 1;
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
    s->sink = sink;
    s->calls = calls;
    s->calls_max = calls_max;
    s->now_ms = now->mono_ms;
    return OD_OK;
}

static od_err sim_trunk_get(void *ctx, int32_t index, od_trunk_info *out)
{
    const sim *s = ctx;
    if (index != 0) {
        return OD_ERR_NOT_FOUND;
    }
    memset(out, 0, sizeof *out);
    od__text_copy(out->name, sizeof out->name, "sim");
    out->calls_max = s->options.calls_max;
    out->calls_per_second_max = s->options.calls_per_second_max;
    out->up = true;
    return OD_OK;
}

static void sim_step(void *ctx, const od_now *now, size_t reports_max)
{
    sim *s = ctx;
    if (now->mono_ms > s->now_ms) {
        s->now_ms = now->mono_ms;
    }
    size_t posted = 0;
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

static od_err sim_dial(void *ctx, const od_dial *dial)
{
    sim *s = ctx;
    if (dial->trunk != 0 || dial->to == 0) {
        return OD_ERR_TRANSPORT;
    }
    if (dial->slot >= s->calls_max ||
        s->calls[dial->slot].state != OD__SIM_CALL_FREE ||
        s->live >= (uint32_t)s->options.calls_max) {
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
                           .word_at_ms = s->now_ms,
                           .key_at_ms = OD_NEVER,
                           .play_until_ms = OD_NEVER,
                           .told = entry->play};
    if (entry->play != NULL) {
        entry->play->held++;
        call->words = od__sim_play_next(entry->play, &call->words_len);
    } else {
        call->rand = call_rand(s, dial->to, entry->calls);
        call->words = call->own;
        call->words_len =
            od__sim_model_draw(&s->options.model, &call->rand, call->own);
    }
    entry->calls++;
    s->live++;
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
    if (call->told == NULL) {
        const od_sim_model *model = &s->options.model;
        call->key = od__sim_model_key(model, &call->rand);
        call->key_at_ms =
            call->key != '\0' ? s->now_ms + model->key_ms : OD_NEVER;
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

static od_err check_range(const char *what, int32_t *value, int32_t max,
                          od_errmsg *errmsg)
{
    if (*value == 0) {
        *value = max;
    }
    if (*value < 1 || *value > max) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "%s is %" PRId32 ", not 1 to %" PRId32, what, *value,
                        max);
    }
    return OD_OK;
}

static od_err check_options(od_sim_options *options, od_errmsg *errmsg)
{
    od_err err =
        check_range("calls_max", &options->calls_max, CALLS_MAX, errmsg);
    if (err == OD_OK) {
        err =
            check_range("calls_per_second_max", &options->calls_per_second_max,
                        CALLS_PER_SECOND_MAX, errmsg);
    }
    return err == OD_OK ? od__sim_model_check(&options->model, errmsg) : err;
}

od_err od_transport_new_sim(od_transport **out, const od_sim_options *options,
                            od_errmsg *errmsg)
{
    if (out == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "no place for the transport");
    }
    od_sim_options own;
    od_sim_options_init(&own);
    od_err err = OD_OK;
    if (options != NULL) {
        err = od__sized_copy(&own, sizeof own, options, sizeof own,
                             "od_sim_options", errmsg);
    }
    if (err == OD_OK) {
        err = check_options(&own, errmsg);
    }
    if (err != OD_OK) {
        return err;
    }
    sim *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a transport");
    }
    s->options = own;
    err = od_transport_new(out, &sim_ops, s, errmsg);
    if (err != OD_OK) {
        free(s);
    }
    return err;
}

/* Digits of an E.164 number with or without '+'; 0 if it is none. */
static uint64_t parse_phone(const char *text)
{
    const char *digits = text[0] == '+' ? text + 1 : text;
    size_t len = strspn(digits, "0123456789");
    if (digits[0] == '0' || digits[len] != '\0' || len > PHONE_DIGITS_MAX) {
        return 0;
    }
    uint64_t phone = 0;
    for (size_t i = 0; i < len; i++) {
        phone = phone * 10 + (uint64_t)(digits[i] - '0');
    }
    return phone;
}

od_err od_sim_play(od_transport *transport, const char *phone, const char *play,
                   od_errmsg *errmsg)
{
    const od_transport_ops *ops = od_transport_ops_get(transport);
    if (ops == NULL || ops->step != sim_step || phone == NULL || play == NULL) {
        return od__fail(
            errmsg, OD_ERR_INVALID,
            "a play needs a simulated transport, a phone and words");
    }
    uint64_t number = parse_phone(phone);
    if (number == 0) {
        return od__fail(errmsg, OD_ERR_INVALID, "\"%.20s\" is not a phone",
                        phone);
    }
    od__sim_play *parsed = NULL;
    od_err err = od__sim_play_new(&parsed, play, errmsg);
    if (err != OD_OK) {
        return err;
    }
    sim *s = od_transport_ctx_get(transport);
    od__sim_entry *entry = od__sim_book_at(&s->book, number);
    if (entry == NULL) {
        od__sim_play_drop(parsed);
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a play");
    }
    od__sim_play_drop(entry->play);
    entry->play = parsed;
    return OD_OK;
}
