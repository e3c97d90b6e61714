/*
 * script.c - what happens after the answer.
 *
 *     pause -> intro -> question -> ... -> end -> hang up
 *                        |   ^
 *              silence,  |   | again, while tries are left
 *              wrong key +---+----> failed -> hang up
 *
 * Walks the compiled script of the campaign for one call, driven by keys, ended
 * plays and its timer; knows nothing of SIP. The opt-out key is looked at
 * before anything else, at every moment: the entry is stored first, then the
 * confirmation is played (od__walk_say_opt_out) and the call hung up. Answers
 * are stored as they are given.
 */
#include "core/core.h"

static od__script *script_of(const od__call *call)
{
    return call->active->script;
}

static const od__question *question_of(const od__call *call)
{
    return &script_of(call)->survey.questions[call->walk.question];
}

static void set_timer(od_engine *engine, od__call *call, int32_t ms)
{
    od__heap_set(&engine->timers, &call->timer, engine->now.mono_ms + ms);
}

static void play(od_engine *engine, od__call *call, int32_t slot,
                 const od__prompts *first, const od__prompts *then)
{
    const od_prompt *all[2 * (OD__SCRIPT_PROMPTS_MAX + 1)];
    const od_prompt *const *items = first->items;
    size_t len = first->len;
    if (then != NULL) {
        memcpy(all, first->items, first->len * sizeof *all);
        memcpy(all + first->len, then->items, then->len * sizeof *all);
        items = all;
        len += then->len;
    }
    od__heap_unset(&engine->timers, &call->timer);
    call->walk.play++;
    OD__TRUNKS(engine, play)(engine->carrier, (uint32_t)slot, call->walk.play,
                             items, len, 0);
}

/* Play the last prompts, if there are any, and hang up. */
static void leave(od_engine *engine, od__call *call, int32_t slot,
                  const od__prompts *prompts)
{
    call->walk.at = OD__AT_LEAVING;
    if (prompts->len > 0) {
        play(engine, call, slot, prompts, NULL);
    } else {
        od__call_hangup(engine, slot);
    }
}

/* Ask the present question, after `before` if it is not NULL. */
static void ask(od_engine *engine, od__call *call, int32_t slot,
                const od__prompts *before)
{
    od__walk *walk = &call->walk;
    const od__prompts *sound = &script_of(call)->sounds[walk->question].play;
    walk->at = OD__AT_ASKING;
    walk->digits[0] = '\0';
    if (before != NULL && before->len > 0) {
        play(engine, call, slot, before, sound);
    } else {
        play(engine, call, slot, sound, NULL);
    }
}

/* Go where a choice leads. */
static void go(od_engine *engine, od__call *call, int32_t slot, int32_t next)
{
    od__walk *walk = &call->walk;
    if (next >= 0 && walk->visits < script_of(call)->visits_max) {
        walk->question = next;
        walk->tries = 0;
        walk->visits++;
        walk->visits_of[next]++;
        ask(engine, call, slot, NULL);
        return;
    }
    if (next == OD__GOTO_OPT_OUT) {
        od__call_store_opt_out(engine, slot);
        return;
    }
    call->survey_done = next == OD__GOTO_END || next == OD__GOTO_HANGUP;
    if (next == OD__GOTO_HANGUP) {
        walk->at = OD__AT_LEAVING;
        od__call_hangup(engine, slot);
    } else {
        leave(engine, call, slot,
              next == OD__GOTO_END ? &script_of(call)->end
                                   : &script_of(call)->failed);
    }
}

/* A wrong key or none: ask again while tries are left. */
static void fail(od_engine *engine, od__call *call, int32_t slot,
                 const od__prompts *sound)
{
    if (++call->walk.tries < question_of(call)->tries) {
        ask(engine, call, slot, sound);
    } else {
        leave(engine, call, slot, &script_of(call)->failed);
    }
}

static void answer(od_engine *engine, od__call *call, int32_t slot,
                   const char *choice, int32_t next)
{
    const od__question *q = question_of(call);
    od__call_store_answer(engine, slot, q->name, call->walk.digits, choice,
                          call->walk.visits_of[call->walk.question]);
    go(engine, call, slot, next);
}

/* The number is complete: in range it is the answer. */
static void number(od_engine *engine, od__call *call, int32_t slot)
{
    const od__question *q = question_of(call);
    const char *digits = call->walk.digits;
    int64_t value = 0;
    for (const char *d = digits; *d != '\0'; d++) {
        value = value * 10 + (*d - '0'); /* at most 18 digits */
    }
    bool fits = strlen(digits) >= (size_t)q->digits_min &&
                (!q->has_range ||
                 (value >= q->range_min && value <= q->range_max));
    if (fits) {
        answer(engine, call, slot, digits, q->next);
    } else {
        fail(engine, call, slot,
             &script_of(call)->sounds[call->walk.question].invalid);
    }
}

static void key(od_engine *engine, od__call *call, int32_t slot, char digit)
{
    const od__question *q = question_of(call);
    call->walk.digits[0] = digit;
    call->walk.digits[1] = '\0';
    for (int32_t i = 0; i < q->choices_len; i++) {
        if (q->choices[i].key == digit) {
            answer(engine, call, slot, q->choices[i].label,
                   q->choices[i].next);
            return;
        }
    }
    fail(engine, call, slot,
         &script_of(call)->sounds[call->walk.question].invalid);
}

static void further_digit(od_engine *engine, od__call *call, int32_t slot,
                          char digit)
{
    const od__question *q = question_of(call);
    od__walk *walk = &call->walk;
    size_t len = strlen(walk->digits);
    if (digit < '0' || digit > '9') {
        od__heap_unset(&engine->timers, &call->timer);
        number(engine, call, slot); /* '#' ends; so does '*' */
        return;
    }
    if (walk->at == OD__AT_ASKING) {
        OD__TRUNKS(engine, play_stop)(engine->carrier, (uint32_t)slot);
    }
    walk->at = OD__AT_DIGITS;
    walk->digits[len] = digit;
    walk->digits[len + 1] = '\0';
    if (len + 1 == (size_t)q->digits_max) {
        od__heap_unset(&engine->timers, &call->timer);
        number(engine, call, slot);
    } else {
        set_timer(engine, call, q->gap_ms);
    }
}

void od__walk_begin(od_engine *engine, od__call *call, int32_t slot)
{
    od__script *script = script_of(call);
    call->walk.at = OD__AT_INTRO;
    if (script->intro.len > 0) {
        play(engine, call, slot, &script->intro, NULL);
    } else {
        go(engine, call, slot, script->questions_len > 0 ? 0 : OD__GOTO_END);
    }
}

void od__walk_digit(od_engine *engine, od__call *call, int32_t slot,
                    char digit)
{
    od__walk *walk = &call->walk;
    const od__script *script = script_of(call);
    if (call->opted_out) {
        return;
    }
    if (script->opt_out_key != '\0' && digit == script->opt_out_key &&
        call->answered_utc_ms != 0) {
        od__call_store_opt_out(engine, slot);
        return;
    }
    if (call->state != OD__CALL_ANSWERED) {
        return; /* it is being hung up: only the opt-out is still heard */
    }
    bool asked = walk->at == OD__AT_LISTENING || walk->at == OD__AT_DIGITS ||
                 (walk->at == OD__AT_ASKING && question_of(call)->barge_in);
    if (!asked || strchr(OD__KEYS, digit) == NULL) {
        return;
    }
    if (question_of(call)->digits_max > 0) {
        further_digit(engine, call, slot, digit);
    } else {
        od__heap_unset(&engine->timers, &call->timer);
        key(engine, call, slot, digit);
    }
}

void od__walk_played(od_engine *engine, od__call *call, int32_t slot,
                     int32_t play_id)
{
    od__walk *walk = &call->walk;
    if (play_id != walk->play) {
        return; /* of a play that was replaced */
    }
    switch (walk->at) {
    case OD__AT_INTRO:
        go(engine, call, slot,
           script_of(call)->questions_len > 0 ? 0 : OD__GOTO_END);
        break;
    case OD__AT_ASKING:
        walk->at = OD__AT_LISTENING;
        set_timer(engine, call, question_of(call)->timeout_ms);
        break;
    case OD__AT_LEAVING:
        od__call_hangup(engine, slot);
        break;
    case OD__AT_WAIT:
    case OD__AT_LISTENING:
    case OD__AT_DIGITS:
        break;
    }
}

void od__walk_timer(od_engine *engine, od__call *call, int32_t slot)
{
    if (call->opted_out) {
        return;
    }
    switch (call->walk.at) {
    case OD__AT_WAIT:
        od__walk_begin(engine, call, slot);
        break;
    case OD__AT_LISTENING:
        fail(engine, call, slot,
             &script_of(call)->sounds[call->walk.question].silence);
        break;
    case OD__AT_DIGITS:
        number(engine, call, slot);
        break;
    case OD__AT_INTRO:
    case OD__AT_ASKING:
    case OD__AT_LEAVING:
        break;
    }
}

void od__walk_say_opt_out(od_engine *engine, od__call *call, int32_t slot)
{
    leave(engine, call, slot, &script_of(call)->opt_out);
}
