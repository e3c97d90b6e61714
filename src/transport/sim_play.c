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

#include <assert.h>
#include <stdlib.h>

#define SEPARATORS " \t\r\n;"
#define KEYS "0123456789*#ABCD"
#define DIGITS "0123456789"

/* How far the call of a part has come. */
typedef enum phase {
    PHASE_OPEN = 1, /* not answered */
    PHASE_TALK = 2,
    PHASE_REFUSED = 4, /* Retry-After can follow */
    PHASE_OVER = 8     /* nothing can follow */
} phase;

typedef struct parser {
    const char *word; /* the present one */
    size_t len;
    int number; /* 1 and up */
    phase phase;
    bool machine; /* was said in this part */
    od__sim_play *play;
    od_errmsg *errmsg;
} parser;

typedef od_err (*argument)(parser *p, od__sim_word word);

/* -- words ---------------------------------------------------------------- */

static bool next_word(parser *p)
{
    p->word += p->len;
    p->word += strspn(p->word, SEPARATORS);
    p->len = strcspn(p->word, SEPARATORS);
    p->number++;
    return p->len > 0;
}

static bool word_is(const parser *p, const char *text)
{
    return p->len == strlen(text) && memcmp(p->word, text, p->len) == 0;
}

static od_err refuse(const parser *p, const char *why)
{
    char shown[32];
    size_t len = p->len < sizeof shown ? p->len : sizeof shown - 1;
    for (size_t i = 0; i < len; i++) {
        bool plain = p->word[i] > ' ' && p->word[i] <= '~';
        shown[i] = plain ? p->word[i] : '?';
    }
    shown[len] = '\0';
    return od__fail(p->errmsg, OD_ERR_FORMAT, "word %d of the play, \"%s\", %s",
                    p->number, shown, why);
}

static void put(parser *p, od__sim_word word)
{
    p->play->words[p->play->words_len++] = word;
}

/* Leading digits of the present word; -1 if it has none or over eight. */
static int32_t leading_number(const parser *p, size_t *digits_len)
{
    int32_t number = 0;
    *digits_len = strspn(p->word, DIGITS);
    if (*digits_len == 0 || *digits_len > 8) {
        return -1;
    }
    for (size_t i = 0; i < *digits_len; i++) {
        number = number * 10 + (p->word[i] - '0');
    }
    return number;
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
        return refuse(p, "comes a second time");
    }
    p->machine = true;
    put(p, word);
    return OD_OK;
}

static od_err time_argument(parser *p, od__sim_word word)
{
    static const char why[] = "is not a time up to a day such as 4s or 2500ms";
    size_t digits_len = 0;
    (void)next_word(p);
    int32_t number = leading_number(p, &digits_len);
    const char *unit = p->word + digits_len;
    size_t unit_len = p->len - digits_len;

    bool seconds = unit_len == 1 && unit[0] == 's';
    bool millis = unit_len == 2 && unit[0] == 'm' && unit[1] == 's';
    int64_t ms = seconds ? (int64_t)number * 1000 : number;
    if (number < 0 || (!seconds && !millis) || ms > OD__SIM_WAIT_MAX) {
        return refuse(p, why);
    }
    word.ms = (int32_t)ms;
    put(p, word);
    return OD_OK;
}

static od_err keys_argument(parser *p, od__sim_word word)
{
    if (!next_word(p) || strspn(p->word, KEYS) < p->len) {
        return refuse(p, "is not keys of " KEYS);
    }
    word.ms = OD__SIM_PRESS_MS;
    for (size_t i = 0; i < p->len; i++) {
        word.digit = p->word[i];
        put(p, word);
    }
    return OD_OK;
}

static od_err status_argument(parser *p, od__sim_word word)
{
    size_t digits_len = 0;
    (void)next_word(p);
    int32_t status = leading_number(p, &digits_len);
    if (digits_len != p->len || status < 300 || status > 699) {
        return refuse(p, "is not a final status from 300 to 699");
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
    (void)next_word(p);
    int32_t seconds = leading_number(p, &digits_len);
    if (digits_len != p->len || seconds < 0 ||
        seconds > OD__RETRY_AFTER_MAX_S) {
        return refuse(p, "is not a number of seconds up to 86400");
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
        rule = word_is(p, verbs[i].name) ? &verbs[i] : NULL;
    }
    if (rule == NULL) {
        return refuse(p, "is none of ring answer machine wait press hangup "
                         "status retry silent each");
    }
    bool fits = (rule->phases & (unsigned)p->phase) != 0;
    if (!fits && rule->phases == PHASE_REFUSED) {
        return refuse(p, "does not follow a status");
    }
    if (!fits) {
        return refuse(p, p->phase == PHASE_OPEN   ? "comes before the answer"
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
        return refuse(p, p->len > 0 ? "has no play before it"
                                    : "has a play missing here");
    }
    play->parts[play->parts_len++] = play->words_len;
    p->phase = PHASE_OPEN;
    p->machine = false;
    return OD_OK;
}

static od_err parse(parser *p)
{
    while (next_word(p)) {
        od_err err = word_is(p, "each") ? end_part(p) : parse_verb(p);
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
    parser p = {
        .word = text, .phase = PHASE_OPEN, .play = play, .errmsg = errmsg};
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
