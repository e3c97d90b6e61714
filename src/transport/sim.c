/*
 * sim.c - the simulated carrier: its table, calls, texts and deadlines.
 *
 * A far end for every number, in the time of the steps: no clock is read, no
 * thread runs. What a call meets depends on the seed, the number and how often
 * that number was reached before, never on the order of calls. Congestion does
 * depend on the other calls; one that meets it has not reached its number. The
 * same holds for texts, which are counted and drawn apart from calls.
 *
 * Invariants:
 * 1. A call has one timer: the earliest of what it waits for. What is done is
 *    done at that time, even if the step comes late, so step widths change
 *    nothing but when it is reported.
 * 2. A firing posts at most one report, as its last act: whoever receives it
 *    may use any slot of the table. So does the report of a trunk.
 * 3. Nothing is allocated after start but the book of numbers as it grows, and
 *    notes of what becomes of a text when it is sent; in a step, nothing.
 * 4. A slot holds a call or a text: calls[i] is free or texts[i] is NULL.
 */
#include "transport/transport.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

/* Tells the generators of texts from those of calls. */
#define TEXT_STREAM 0x7465787473000000u

typedef struct sim {
    od_sim_options options; /* without pointers */
    od__sim_ranges ranges;
    od__sim_trunk trunks[OD_TRUNKS_MAX];
    od_sink *sink; /* NULL before start */
    od__sim_call *calls;
    od__sim_note **texts; /* what ends the text in a slot; NULL: none */
    uint32_t calls_max;
    int64_t now_ms;
    od__heap timers;
    od__sim_mail mail;
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

/* -- texts ---------------------------------------------------------------- */

/* A note is due. */
static void fire_note(sim *s, od__sim_note *note)
{
    if (note->kind == OD_REPORT_ENDED) {
        s->texts[note->slot] = NULL;
        od__sim_trunk_end_text(&s->trunks[note->trunk]);
    }
    od__sim_mail_post(&s->mail, note, s->sink);
}

/* Texts that are not answered will not be. True: there were some. */
static bool lose_texts(sim *s, int32_t trunk)
{
    bool some = false;
    for (uint32_t i = 0; i < s->calls_max; i++) {
        if (s->texts[i] != NULL && s->texts[i]->trunk == trunk) {
            od__sim_mail_lose(&s->mail, s->texts[i], s->now_ms);
            some = true;
        }
    }
    return some;
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
    free(s->texts);
    od__sim_mail_clear(&s->mail);
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
    if (calls_max == 0 || calls_max > OD__SIM_CALLS_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "calls_max is %" PRIu32 ", not 1 to %d", calls_max,
                        OD__SIM_CALLS_MAX);
    }
    od__sim_call *calls = calloc(calls_max, sizeof *calls);
    od__sim_note **texts = calloc(calls_max, sizeof *texts);
    if (calls == NULL || texts == NULL ||
        od__heap_init(&s->timers, calls_max, NULL) != OD_OK) {
        free(calls);
        free(texts);
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
    s->texts = texts;
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
    out->texts_max = s->options.texts_max;
    out->texts_per_second_max = s->options.texts_per_second_max;
    out->up = s->trunks[index].up;
    return OD_OK;
}

/* When the first of all calls and of all notes is due; OD_NEVER. */
static int64_t call_due_ms(const sim *s)
{
    const od__timer *first = od__heap_first(&s->timers);
    return first != NULL ? first->at_ms : OD_NEVER;
}

static int64_t note_due_ms(const sim *s)
{
    const od__sim_note *first = od__sim_mail_first(&s->mail);
    return first != NULL ? first->timer.at_ms : OD_NEVER;
}

/* Do the one thing that is due first, if any is. False: nothing is. */
static bool fire_first(sim *s, size_t *posted)
{
    int64_t call_ms = call_due_ms(s);
    int64_t note_ms = note_due_ms(s);
    if (call_ms > s->now_ms && note_ms > s->now_ms) {
        return false;
    }
    if (call_ms <= note_ms) {
        *posted += fire(s, &s->calls[od__heap_first(&s->timers)->id]);
    } else {
        (*posted)++;
        fire_note(s, od__sim_mail_first(&s->mail));
    }
    return true;
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
    while (posted < reports_max && fire_first(s, &posted)) {
    }
}

static int64_t sim_deadline_ms(void *ctx)
{
    const sim *s = ctx;
    if (untold_trunk(s) != OD_NONE) {
        return s->now_ms;
    }
    int64_t call_ms = call_due_ms(s);
    int64_t note_ms = note_due_ms(s);
    return call_ms < note_ms ? call_ms : note_ms;
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

static bool is_free(const sim *s, uint32_t slot)
{
    return slot < s->calls_max && s->texts[slot] == NULL &&
           s->calls[slot].state == OD__SIM_CALL_FREE;
}

static od_err sim_dial(void *ctx, const od_dial *dial)
{
    sim *s = ctx;
    if (!has_trunk(s, dial->trunk) || !s->trunks[dial->trunk].up ||
        dial->to == 0) {
        return OD_ERR_TRANSPORT;
    }
    od__sim_trunk *trunk = &s->trunks[dial->trunk];
    if (!is_free(s, dial->slot) ||
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

/* What becomes of a text that its trunk takes: as the number was told, or drawn
 * from a generator of this text's own, which no call shares. */
static const od__sim_text_word *text_words(const sim *s,
                                           const od__sim_entry *entry,
                                           od__sim_text_fate *own,
                                           uint32_t *len)
{
    if (entry->text_play != NULL) {
        return od__sim_text_play_next(entry->text_play, len);
    }
    od__rand rand = call_rand(s, entry->phone, entry->texts);
    rand.state = od__rand_next(&rand) ^ TEXT_STREAM;
    od__sim_text_model_draw(od__sim_ranges_find_texts(&s->ranges, entry->phone),
                            &rand, own);
    *len = own->words_len;
    return own->words;
}

/* A text has reached its number. */
static void count_text(od__sim_entry *entry)
{
    if (entry->text_play != NULL) {
        entry->text_play->texts++;
    }
    entry->texts++;
}

static od_err sim_send(void *ctx, const od_send *send)
{
    sim *s = ctx;
    if (!has_trunk(s, send->trunk) || !s->trunks[send->trunk].up ||
        send->to == 0) {
        return OD_ERR_TRANSPORT;
    }
    od__sim_trunk *trunk = &s->trunks[send->trunk];
    if (!is_free(s, send->slot) ||
        trunk->texts >= (uint32_t)s->options.texts_max) {
        return OD_ERR_LIMIT;
    }
    od__sim_entry *entry = od__sim_book_at(&s->book, send->to);
    if (entry == NULL) {
        return OD_ERR_MEMORY;
    }

    od__sim_text_fate own;
    od__sim_text_model_refuse(OD__SIM_TEXT_THROTTLED, &own);
    const od__sim_text_word *words = own.words;
    uint32_t words_len = own.words_len;
    bool taken = od__sim_trunk_takes_text(trunk, s->now_ms);
    if (taken) {
        words = text_words(s, entry, &own, &words_len);
    }
    od_err err = od__sim_mail_send(&s->mail, send, s->now_ms, words, words_len,
                                   &s->texts[send->slot]);
    if (err != OD_OK) {
        return err;
    }
    od__sim_trunk_begin_text(trunk, s->now_ms, taken);
    if (taken) {
        count_text(entry);
    }
    return OD_OK;
}

static void sim_received(void *ctx, uint64_t token, od_err err)
{
    sim *s = ctx;
    od__sim_mail_received(&s->mail, token, err, s->now_ms);
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
    .send = sim_send,
    .received = sim_received,
};

/* -- public --------------------------------------------------------------- */

static od_err init_trunks(sim *s, od_errmsg *errmsg)
{
    for (size_t i = 0; i < s->options.trunks_len; i++) {
        if (od__sim_trunk_init(&s->trunks[i], s->options.congestion_cps,
                               s->options.congestion_tps) != OD_OK) {
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
    od_err err = od__sim_options_read(&s->options, &s->ranges, options, errmsg);
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

/* The inside of a simulated transport and the number that is told something.
 * NULL, 0 and what it returns are as the od_sim functions say. */
static od_err find_phone(sim *s, const char *phone, uint64_t *out,
                         od_errmsg *errmsg)
{
    *out = s != NULL && phone != NULL ? od__sim_phone_parse(phone) : 0;
    if (s == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "only a simulated transport can be told that");
    }
    if (*out == 0) {
        return od__fail(errmsg, OD_ERR_INVALID, "\"%.20s\" is not a phone",
                        phone != NULL ? phone : "");
    }
    return OD_OK;
}

/* The entry of a number that is given a play. */
static od_err find_entry(sim *s, const char *phone, const char *play,
                         od__sim_entry **out, od_errmsg *errmsg)
{
    uint64_t number;
    od_err err = find_phone(s, phone, &number, errmsg);
    if (err != OD_OK) {
        return err;
    }
    if (play == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "no play for \"%.20s\"", phone);
    }
    *out = od__sim_book_at(&s->book, number);
    return *out != NULL
               ? OD_OK
               : od__fail(errmsg, OD_ERR_MEMORY, "no memory for a play");
}

od_err od_sim_play(od_transport *transport, const char *phone, const char *play,
                   od_errmsg *errmsg)
{
    od__sim_entry *entry;
    od_err err = find_entry(sim_of(transport), phone, play, &entry, errmsg);
    od__sim_play *parsed = NULL;
    if (err == OD_OK) {
        err = od__sim_play_new(&parsed, play, errmsg);
    }
    if (err == OD_OK) {
        od__sim_play_drop(entry->play);
        entry->play = parsed;
    }
    return err;
}

od_err od_sim_text_play(od_transport *transport, const char *phone,
                        const char *play, od_errmsg *errmsg)
{
    od__sim_entry *entry;
    od_err err = find_entry(sim_of(transport), phone, play, &entry, errmsg);
    od__sim_text_play *parsed = NULL;
    if (err == OD_OK) {
        err = od__sim_text_play_new(&parsed, play, errmsg);
    }
    if (err == OD_OK) {
        od__sim_text_play_free(entry->text_play);
        entry->text_play = parsed;
    }
    return err;
}

od_err od_sim_reply(od_transport *transport, const char *phone, const char *to,
                    const char *text, od_errmsg *errmsg)
{
    sim *s = sim_of(transport);
    od_report reply = {.kind = OD_REPORT_REPLY, .text = text};
    od_err err = find_phone(s, phone, &reply.from, errmsg);
    if (err == OD_OK) {
        err = find_phone(s, to, &reply.to, errmsg);
    }
    if (err != OD_OK) {
        return err;
    }
    size_t len = text != NULL ? strnlen(text, OD_MESSAGE_MAX + 1) : 0;
    if (text == NULL || len > OD_MESSAGE_MAX || !od__utf8_is_valid(text, len)) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "the reply is not UTF-8 of at most %d bytes",
                        OD_MESSAGE_MAX);
    }
    if (od__sim_mail_reply(&s->mail, &reply, s->now_ms) != OD_OK) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a reply");
    }
    od_sink_wake(s->sink);
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
    bool lost = !up && lose_texts(s, trunk);
    if (lost || up != s->trunks[trunk].up_told) {
        od_sink_wake(s->sink);
    }
    return OD_OK;
}
