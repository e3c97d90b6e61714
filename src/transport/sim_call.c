/*
 * sim_call.c - one simulated call: what it waits for and what it does next.
 *
 * Knows no other call and no table. Each thing is done at its own time, even
 * if the step comes late, so that the width of steps changes nothing but when
 * it is reported. Called by sim.c, which keeps one timer per call.
 */
#include "transport/transport.h"

#include <assert.h>

static int64_t min_ms(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t od__sim_call_due_ms(const od__sim_call *call, int64_t now_ms)
{
    if (call->ends_len > 0 || call->state == OD__SIM_CALL_CLOSING) {
        return now_ms;
    }
    return min_ms(call->play_until_ms,
                  min_ms(call->word_at_ms, call->key_at_ms));
}

/* -- plays ---------------------------------------------------------------- */

/* The play that runs, if any, ends at this time. Gives what was heard of it. */
static int64_t end_play(od__sim_call *call, int64_t at_ms)
{
    if (call->play_until_ms == OD_NEVER) {
        return 0;
    }
    int64_t heard_ms = min_ms(at_ms, call->play_until_ms) - call->play_from_ms;
    call->play_until_ms = OD_NEVER;
    call->heard_ms += heard_ms;
    return heard_ms;
}

/* From here on nothing of the far end is seen any more. */
static void close_call(od__sim_call *call, int64_t now_ms, int32_t status,
                       int32_t fault)
{
    (void)end_play(call, now_ms);
    call->state = OD__SIM_CALL_CLOSING;
    call->status = status;
    call->fault = fault;
}

void od__sim_call_play_stop(od__sim_call *call, int64_t now_ms)
{
    if (call->play_until_ms == OD_NEVER) {
        return;
    }
    int64_t heard_ms = end_play(call, now_ms);
    if (call->ends_len == OD__SIM_ENDS_MAX) {
        close_call(call, now_ms, 200, OD_ERR_LIMIT);
        return;
    }
    call->ends[call->ends_len++] =
        (od__sim_play_end){.play = call->play, .heard_ms = heard_ms};
}

void od__sim_call_play(od__sim_call *call, int64_t now_ms, int32_t play,
                       int64_t play_ms)
{
    assert(call->state == OD__SIM_CALL_TALK);
    od__sim_call_play_stop(call, now_ms);
    if (call->state == OD__SIM_CALL_TALK) {
        call->play = play;
        call->play_from_ms = now_ms;
        call->play_until_ms = now_ms + play_ms;
    }
}

void od__sim_call_hangup(od__sim_call *call, int64_t now_ms)
{
    switch (call->state) {
    case OD__SIM_CALL_NEW:
        close_call(call, now_ms, 0, OD_OK); /* nothing was said yet */
        break;
    case OD__SIM_CALL_OPEN:
        close_call(call, now_ms, 487, OD_OK);
        break;
    case OD__SIM_CALL_TALK:
        close_call(call, now_ms, 200, OD_OK);
        break;
    case OD__SIM_CALL_FREE:
    case OD__SIM_CALL_CLOSING:
        break;
    }
}

/* -- reports -------------------------------------------------------------- */

static bool report_end(od__sim_call *call, int64_t at_ms, int32_t status,
                       bool remote, od_report *out)
{
    (void)end_play(call, at_ms);
    out->kind = OD_REPORT_ENDED;
    out->status = status;
    out->remote = remote;
    out->heard_ms = call->heard_ms;
    return true;
}

static bool report_ringing(od__sim_call *call, od_report *out)
{
    bool first = !call->rang;
    call->rang = true;
    out->kind = first ? OD_REPORT_RINGING : out->kind;
    return first;
}

static bool report_digit(char digit, od_report *out)
{
    out->kind = OD_REPORT_DIGIT;
    out->digit = digit;
    return true;
}

static bool report_play_ended(int32_t play, int64_t heard_ms, od_report *out)
{
    out->kind = OD_REPORT_PLAY_ENDED;
    out->play = play;
    out->heard_ms = heard_ms;
    return true;
}

/* The oldest end of a play that we ended. */
static bool take_play_end(od__sim_call *call, od_report *out)
{
    od__sim_play_end end = call->ends[0];
    call->ends_len--;
    memmove(&call->ends[0], &call->ends[1],
            call->ends_len * sizeof call->ends[0]);
    return report_play_ended(end.play, end.heard_ms, out);
}

static bool do_word(od__sim_call *call, od_report *out)
{
    assert(call->words_len > 0);
    const od__sim_word *word = call->words++;
    int64_t at_ms = call->word_at_ms;
    call->words_len--;
    call->word_at_ms = call->words_len > 0 ? at_ms + word->ms : OD_NEVER;

    switch ((od__sim_verb)word->verb) {
    case OD__SIM_RING:
        return report_ringing(call, out);
    case OD__SIM_ANSWER:
        call->state = OD__SIM_CALL_TALK;
        out->kind = OD_REPORT_ANSWERED;
        return true;
    case OD__SIM_MACHINE:
        out->kind = OD_REPORT_MACHINE;
        return true;
    case OD__SIM_PRESS:
        return report_digit(word->digit, out);
    case OD__SIM_HANGUP:
        return report_end(call, at_ms, 200, true, out);
    case OD__SIM_STATUS:
        out->retry_after_s = word->retry_after_s;
        return report_end(call, at_ms, word->status, true, out);
    case OD__SIM_WAIT:
    case OD__SIM_SILENT:
        break;
    }
    return false;
}

bool od__sim_call_advance(od__sim_call *call, od_report *out)
{
    if (call->ends_len > 0) {
        return take_play_end(call, out);
    }
    if (call->state == OD__SIM_CALL_CLOSING) {
        out->fault = call->fault;
        return report_end(call, 0, call->status, false, out);
    }
    if (call->state == OD__SIM_CALL_NEW &&
        call->words->verb != OD__SIM_SILENT) {
        call->state = OD__SIM_CALL_OPEN;
        out->kind = OD_REPORT_PROGRESS;
        return true;
    }
    /* At one instant: the end of a play, then a word, then a key. */
    int64_t other_ms = min_ms(call->word_at_ms, call->key_at_ms);
    if (call->play_until_ms <= other_ms) {
        assert(call->play_until_ms != OD_NEVER);
        int64_t heard_ms = end_play(call, call->play_until_ms);
        return report_play_ended(call->play, heard_ms, out);
    }
    if (call->key_at_ms < call->word_at_ms) {
        call->key_at_ms = OD_NEVER;
        return report_digit(call->key, out);
    }
    return do_word(call, out);
}
