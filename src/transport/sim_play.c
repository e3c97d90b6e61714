/*
 * sim_play.c - what one number was told to do: text -> words.
 *
 *     play  = part { "each" part }
 *     part  = word { word }          separated by blanks or ';'
 *     word  = "ring" TIME | "answer" | "wait" TIME | "press" KEYS | "machine"
 *           | "hangup" | "status" CODE [ "retry" SECONDS ] | "silent"
 *     TIME  = digits ( "ms" | "s" )
 *
 * A play is understood whole or refused with the word that is wrong, also when
 * the word is fine but cannot happen there, such as a key before the answer.
 * Called by sim.c only.
 */
#include "transport/transport.h"

#include <stdlib.h>

#define KEYS "0123456789*#ABCD"

/* How far the call of a part has come. */
typedef enum phase {
    PHASE_OPEN = 1, /* not answered */
    PHASE_TALK = 2,
    PHASE_REFUSED = 4, /* Retry-After can follow */
    PHASE_OVER = 8     /* nothing can follow */
} phase;

typedef struct parser {
    od__sim_reader in;
    phase phase;
    bool machine; /* was said in this part */
    od__sim_play *play;
} parser;

typedef od_err (*argument)(parser *p, od__sim_word word);

static void put(parser *p, od__sim_word word)
{
    p->play->words[p->play->words_len++] = word;
}

/* -- arguments ------------------------------------------------------------ */

static od_err no_argument(parser *p, od__sim_word word)
{
    put(p, word);
    return OD_OK;
}

static od_err machine_argument(parser *p, od__sim_word word)
{
    if (p->machine) {
        return od__sim_reader_refuse(&p->in, "comes a second time");
    }
    p->machine = true;
    put(p, word);
    return OD_OK;
}

static od_err time_argument(parser *p, od__sim_word word)
{
    od_err err = od__sim_reader_time(&p->in, &word.ms);
    if (err == OD_OK) {
        put(p, word);
    }
    return err;
}

static od_err keys_argument(parser *p, od__sim_word word)
{
    if (!od__sim_reader_next(&p->in) || strspn(p->in.word, KEYS) < p->in.len) {
        return od__sim_reader_refuse(&p->in, "is not keys of " KEYS);
    }
    word.ms = OD__SIM_PRESS_MS;
    for (size_t i = 0; i < p->in.len; i++) {
        word.digit = p->in.word[i];
        put(p, word);
    }
    return OD_OK;
}

static od_err status_argument(parser *p, od__sim_word word)
{
    size_t digits_len = 0;
    (void)od__sim_reader_next(&p->in);
    int32_t status = od__sim_reader_number(&p->in, &digits_len);
    if (digits_len != p->in.len || status < 300 || status > 699) {
        return od__sim_reader_refuse(&p->in,
                                     "is not a final status from 300 to 699");
    }
    word.status = (int16_t)status;
    put(p, word);
    return OD_OK;
}

/* Belongs to the status before it. */
static od_err retry_argument(parser *p, od__sim_word word)
{
    size_t digits_len = 0;
    (void)word;
    (void)od__sim_reader_next(&p->in);
    int32_t seconds = od__sim_reader_number(&p->in, &digits_len);
    if (digits_len != p->in.len || seconds < 0 ||
        seconds > OD__RETRY_AFTER_MAX_S) {
        return od__sim_reader_refuse(&p->in,
                                     "is not a number of seconds up to 86400");
    }
    p->play->words[p->play->words_len - 1].retry_after_s = seconds;
    return OD_OK;
}

/* -- the play ------------------------------------------------------------- */

typedef struct verb_rule {
    const char *name;
    od__sim_verb verb;
    unsigned phases; /* in which it may stand */
    phase then;      /* 0: the phase stays */
    argument argument;
} verb_rule;

static const verb_rule verbs[] = {
    {"ring", OD__SIM_RING, PHASE_OPEN, 0, time_argument},
    {"answer", OD__SIM_ANSWER, PHASE_OPEN, PHASE_TALK, no_argument},
    {"machine", OD__SIM_MACHINE, PHASE_TALK, 0, machine_argument},
    {"wait", OD__SIM_WAIT, PHASE_OPEN | PHASE_TALK, 0, time_argument},
    {"press", OD__SIM_PRESS, PHASE_TALK, 0, keys_argument},
    {"hangup", OD__SIM_HANGUP, PHASE_TALK, PHASE_OVER, no_argument},
    {"status", OD__SIM_STATUS, PHASE_OPEN, PHASE_REFUSED, status_argument},
    {"retry", OD__SIM_STATUS, PHASE_REFUSED, PHASE_OVER, retry_argument},
    {"silent", OD__SIM_SILENT, PHASE_OPEN, PHASE_OVER, no_argument},
};

static od_err parse_verb(parser *p)
{
    const verb_rule *rule = NULL;
    for (size_t i = 0; i < OD__LEN(verbs) && rule == NULL; i++) {
        rule = od__sim_reader_is(&p->in, verbs[i].name) ? &verbs[i] : NULL;
    }
    if (rule == NULL) {
        return od__sim_reader_refuse(
            &p->in, "is none of ring answer machine wait press hangup "
                    "status retry silent each");
    }
    bool fits = (rule->phases & (unsigned)p->phase) != 0;
    if (!fits && rule->phases == PHASE_REFUSED) {
        return od__sim_reader_refuse(&p->in, "does not follow a status");
    }
    if (!fits) {
        return od__sim_reader_refuse(
            &p->in, p->phase == PHASE_OPEN   ? "comes before the answer"
                    : p->phase == PHASE_TALK ? "comes after the answer"
                                             : "comes after the end");
    }
    if (rule->then != 0) {
        p->phase = rule->then;
    }
    od__sim_word word = {.verb = (uint8_t)rule->verb};
    return rule->argument(p, word);
}

/* End a part; it must hold something. */
static od_err end_part(parser *p)
{
    od__sim_play *play = p->play;
    uint32_t begin = play->parts_len > 0 ? play->parts[play->parts_len - 1] : 0;
    if (play->words_len == begin) {
        return od__sim_reader_refuse(&p->in, p->in.len > 0
                                                 ? "has no play before it"
                                                 : "has a play missing here");
    }
    play->parts[play->parts_len++] = play->words_len;
    p->phase = PHASE_OPEN;
    p->machine = false;
    return OD_OK;
}

static od_err parse(parser *p)
{
    while (od__sim_reader_next(&p->in)) {
        od_err err =
            od__sim_reader_is(&p->in, "each") ? end_part(p) : parse_verb(p);
        if (err != OD_OK) {
            return err;
        }
    }
    return end_part(p);
}

/* Room for every word that a text of this length can hold. */
static od__sim_play *alloc_play(size_t text_len)
{
    size_t words_max = text_len + 1;
    od__sim_play *play =
        calloc(1, sizeof *play + words_max * sizeof play->words[0] +
                      words_max * sizeof play->parts[0]);
    if (play != NULL) {
        play->held = 1;
        play->parts = (uint32_t *)&play->words[words_max];
    }
    return play;
}

od_err od__sim_play_new(od__sim_play **out, const char *text, od_errmsg *errmsg)
{
    size_t text_len = strnlen(text, OD_TEXT_MAX + 1);
    if (text_len > OD_TEXT_MAX) {
        return od__fail(errmsg, OD_ERR_FORMAT,
                        "the play is longer than %d bytes", OD_TEXT_MAX);
    }
    od__sim_play *play = alloc_play(text_len);
    if (play == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a play");
    }
    parser p = {.in = {.word = text, .errmsg = errmsg},
                .phase = PHASE_OPEN,
                .play = play};
    od_err err = parse(&p);
    if (err != OD_OK) {
        od__sim_play_drop(play);
        return err;
    }
    *out = play;
    return OD_OK;
}

const od__sim_word *od__sim_play_next(od__sim_play *play, uint32_t *len)
{
    uint32_t last = play->parts_len - 1;
    uint32_t part = play->calls < last ? play->calls : last;
    uint32_t begin = part > 0 ? play->parts[part - 1] : 0;
    play->calls++;
    *len = play->parts[part] - begin;
    return &play->words[begin];
}

void od__sim_play_drop(od__sim_play *play)
{
    if (play != NULL && --play->held == 0) {
        free(play);
    }
}
