/*
 * sim_text_play.c - what becomes of texts to one number: text -> words.
 *
 *     play   = part { "each" part }
 *     part   = { wait } ( "reject" CODE | "lost" | "accept" { then } )
 *     then   = wait | "sent" | "delivered" | "failed" | "expired" | "unknown"
 *            | "code" TEXT | "reply" TEXT
 *     wait   = "wait" TIME
 *
 * Understood whole or refused, as calls are in sim_play.c. In the text of a
 * reply, + stands for a space and % with two hexadecimal digits for a byte.
 * Called by sim.c only.
 */
#include "transport/transport.h"

#include <stdlib.h>

/* How far the text of a part has come. */
typedef enum phase {
    PHASE_OPEN = 1, /* not answered */
    PHASE_TAKEN = 2,
    PHASE_OVER = 4 /* nothing can follow */
} phase;

typedef struct parser {
    od__sim_reader in;
    phase phase;
    char code[16]; /* of the receipts that follow */
    size_t replies_len;
    od__sim_text_play *play;
} parser;

typedef od_err (*argument)(parser *p, od__sim_text_word word);

/* -- arguments ------------------------------------------------------------ */

static od_err no_argument(parser *p, od__sim_text_word word)
{
    memcpy(word.code, p->code, sizeof word.code);
    p->play->words[p->play->words_len++] = word;
    return OD_OK;
}

static od_err time_argument(parser *p, od__sim_text_word word)
{
    od_err err = od__sim_reader_time(&p->in, &word.ms);
    return err == OD_OK ? no_argument(p, word) : err;
}

static od_err status_argument(parser *p, od__sim_text_word word)
{
    size_t digits_len = 0;
    (void)od__sim_reader_next(&p->in);
    word.status = od__sim_reader_number(&p->in, &digits_len);
    if (digits_len != p->in.len || word.status < 1) {
        return od__sim_reader_refuse(
            &p->in, "is not a command_status from 1 to 99999999");
    }
    return no_argument(p, word);
}

/* Belongs to the receipts behind it. */
static od_err code_argument(parser *p, od__sim_text_word word)
{
    (void)word;
    bool plain = od__sim_reader_next(&p->in) && p->in.len < sizeof p->code;
    for (size_t i = 0; i < p->in.len && plain; i++) {
        plain = p->in.word[i] > ' ' && p->in.word[i] <= '~';
    }
    if (!plain) {
        return od__sim_reader_refuse(
            &p->in, "is not a code of 1 to 15 printable characters");
    }
    memset(p->code, 0, sizeof p->code);
    memcpy(p->code, p->in.word, p->in.len);
    return OD_OK;
}

/* Value of a hexadecimal digit; -1: it is none. */
static int hex_of(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)((at - digits) % 16) : -1;
}

/* The text that a word stands for, of no more bytes; false: % without two
 * digits. */
static bool decode(const char *word, size_t len, char *out, size_t *out_len)
{
    *out_len = 0;
    for (size_t i = 0; i < len; i++) {
        char c = word[i] == '+' ? ' ' : word[i];
        if (c == '%') {
            int high = i + 2 < len ? hex_of(word[i + 1]) : -1;
            int low = high >= 0 ? hex_of(word[i + 2]) : -1;
            if (low < 0) {
                return false;
            }
            c = (char)(high * 16 + low);
            i += 2;
        }
        out[(*out_len)++] = c;
    }
    return true;
}

static od_err reply_argument(parser *p, od__sim_text_word word)
{
    char *reply = p->play->replies + p->replies_len;
    size_t len = 0;
    if (!od__sim_reader_next(&p->in) ||
        !decode(p->in.word, p->in.len, reply, &len) ||
        !od__utf8_is_valid(reply, len)) {
        return od__sim_reader_refuse(
            &p->in, "is not a reply in UTF-8 with + for spaces and %2B for +");
    }
    reply[len] = '\0';
    p->replies_len += len + 1;
    word.reply = reply;
    return no_argument(p, word);
}

/* -- the play ------------------------------------------------------------- */

typedef struct verb_rule {
    const char *name;
    od__sim_text_verb verb;
    int32_t delivery;
    unsigned phases; /* in which it may stand */
    phase then;      /* 0: the phase stays */
    argument argument;
} verb_rule;

static const verb_rule verbs[] = {
    {"wait", OD__SIM_TEXT_WAIT, 0, PHASE_OPEN | PHASE_TAKEN, 0, time_argument},
    {"accept", OD__SIM_TEXT_ACCEPT, 0, PHASE_OPEN, PHASE_TAKEN, no_argument},
    {"reject", OD__SIM_TEXT_REJECT, 0, PHASE_OPEN, PHASE_OVER, status_argument},
    {"lost", OD__SIM_TEXT_LOST, 0, PHASE_OPEN, PHASE_OVER, no_argument},
    {"sent", OD__SIM_TEXT_RECEIPT, OD_DELIVERY_SENT, PHASE_TAKEN, 0,
     no_argument},
    {"delivered", OD__SIM_TEXT_RECEIPT, OD_DELIVERY_DELIVERED, PHASE_TAKEN, 0,
     no_argument},
    {"failed", OD__SIM_TEXT_RECEIPT, OD_DELIVERY_FAILED, PHASE_TAKEN, 0,
     no_argument},
    {"expired", OD__SIM_TEXT_RECEIPT, OD_DELIVERY_EXPIRED, PHASE_TAKEN, 0,
     no_argument},
    {"unknown", OD__SIM_TEXT_RECEIPT, OD_DELIVERY_UNKNOWN, PHASE_TAKEN, 0,
     no_argument},
    {"code", OD__SIM_TEXT_RECEIPT, 0, PHASE_TAKEN, 0, code_argument},
    {"reply", OD__SIM_TEXT_REPLY, 0, PHASE_TAKEN, 0, reply_argument},
};

static od_err parse_verb(parser *p)
{
    const verb_rule *rule = NULL;
    for (size_t i = 0; i < OD__LEN(verbs) && rule == NULL; i++) {
        bool is = od__sim_reader_is(&p->in, verbs[i].name);
        rule = is ? &verbs[i] : NULL;
    }
    if (rule == NULL) {
        return od__sim_reader_refuse(
            &p->in, "is none of wait accept reject lost sent delivered failed "
                    "expired unknown code reply each");
    }
    if ((rule->phases & (unsigned)p->phase) == 0) {
        return od__sim_reader_refuse(
            &p->in, p->phase == PHASE_OPEN    ? "comes before accept"
                    : p->phase == PHASE_TAKEN ? "comes after accept"
                                              : "comes after the end");
    }
    if (rule->then != 0) {
        p->phase = rule->then;
    }
    const od__sim_text_word word = {.verb = (uint8_t)rule->verb,
                                    .delivery = rule->delivery};
    return rule->argument(p, word);
}

/* End a part; it must say what the network answers. */
static od_err end_part(parser *p)
{
    if (p->phase == PHASE_OPEN) {
        return od__sim_reader_refuse(
            &p->in, p->in.len > 0 ? "has no accept, reject or lost before it"
                                  : "has accept, reject or lost missing here");
    }
    p->play->parts[p->play->parts_len++] = p->play->words_len;
    p->phase = PHASE_OPEN;
    memset(p->code, 0, sizeof p->code);
    return OD_OK;
}

static od_err parse(parser *p)
{
    while (od__sim_reader_next(&p->in)) {
        bool each = od__sim_reader_is(&p->in, "each");
        od_err err = each ? end_part(p) : parse_verb(p);
        if (err != OD_OK) {
            return err;
        }
    }
    return end_part(p);
}

/* Room for every word and reply that a text of this length can hold: each is
 * followed by a separator or the end. */
static od__sim_text_play *alloc_play(size_t text_len)
{
    size_t words_max = text_len + 1;
    od__sim_text_play *play =
        calloc(1, sizeof *play + words_max * (sizeof play->words[0] +
                                              sizeof play->parts[0] + 1));
    if (play != NULL) {
        play->parts = (uint32_t *)&play->words[words_max];
        play->replies = (char *)&play->parts[words_max];
    }
    return play;
}

od_err od__sim_text_play_new(od__sim_text_play **out, const char *text,
                             od_errmsg *errmsg)
{
    size_t text_len = strnlen(text, OD_TEXT_MAX + 1);
    if (text_len > OD_TEXT_MAX) {
        return od__fail(errmsg, OD_ERR_FORMAT,
                        "the play is longer than %d bytes", OD_TEXT_MAX);
    }
    od__sim_text_play *play = alloc_play(text_len);
    if (play == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a play");
    }
    parser p = {.in = {.word = text, .errmsg = errmsg},
                .phase = PHASE_OPEN,
                .play = play};
    od_err err = parse(&p);
    if (err != OD_OK) {
        od__sim_text_play_free(play);
        return err;
    }
    *out = play;
    return OD_OK;
}

const od__sim_text_word *od__sim_text_play_next(const od__sim_text_play *play,
                                                uint32_t *len)
{
    uint32_t last = play->parts_len - 1;
    uint32_t part = play->texts < last ? play->texts : last;
    uint32_t begin = part > 0 ? play->parts[part - 1] : 0;
    *len = play->parts[part] - begin;
    return &play->words[begin];
}

void od__sim_text_play_free(od__sim_text_play *play)
{
    free(play);
}
