/*
 * words.c - what a reply asks for, by the words that law and carriers fix.
 *
 * First the reply is folded: letters in their plain form and lower case, and
 * between words one separator, a blank or, where a sentence ends, a full stop.
 * Punctuation and symbols are nothing but separators, apostrophes are left
 * out ("don't" is one word that is no word of ours), every other character is
 * a letter. Then it is one of these, or OTHER:
 *
 *     START HELP   the word and nothing else
 *     OPT_OUT      lead* word rest*          "Hi, please stop texting me"
 *                  lead* word rest* . any    "Stop. I never signed up"
 *
 * where a word is `plain` or `ambiguous`: "stop" means one thing, but people
 * also end, quit and cancel things. After an ambiguous word `rest` is courtesy
 * only, and nothing may follow it ("end of month works", "cancel my Tuesday
 * appointment", "Quit. Smoking, I mean" are OTHER). A sentence ends with a
 * single full stop, exclamation marks or a new line; a question does not end
 * it, nor does a comma ("stop, but not today").
 *
 * Being wrong towards OTHER leaves a request to a person, being wrong towards
 * OPT_OUT loses a customer and breaks no law: so what stands alone as a
 * sentence counts, and what is part of one does not.
 *
 * Source: 47 CFR 64.1200(a)(10): "stop", "quit", "end", "revoke", "opt out",
 * "cancel", "unsubscribe". CTIA Messaging Principles and Best Practices (May
 * 2023): those and "please opt me out", without regard to case and
 * punctuation. STOPALL, OPTOUT, ARRET, HELP, INFO, START, UNSTOP and YES are
 * what carriers of the United States and Canada do.
 */
#include "text/text.h"

/* Nobody who opts out writes more; what is behind is not looked at. */
#define FOLDED_MAX 255

/* Words beside the one that opts out: courtesies, what is to be stopped. */
#define REST_MAX 12

static const char *const plain[] = {
    "stop",    "stopall",      "stop all",   "s t o p",    "unsubscribe",
    "unsub",   "un subscribe", "unsubcribe", "unsuscribe", "opt out",
    "optout",  "opt me out",   "revoke",     "arret",      "arreter",
    "arretez", NULL,
};

static const char *const ambiguous[] = {"cancel", "end", "quit", NULL};

static const char *const starts[] = {"start", "unstop", NULL};
static const char *const helps[] = {"help", "info", NULL};

static const char *const courtesies[] = {
    "please",
    "pls",
    "plz",
    "thanks",
    "thank you",
    "thank u",
    "thx",
    "ty",
    "kindly",
    "sir",
    "madam",
    "merci",
    "sil vous plait",
    "svp",
    "sent from my iphone",
    NULL,
};

/* What an ambiguous word may follow, and what a plain one may. */
static const char *const polite_leads[] = {"please", "pls", "plz", "kindly",
                                           NULL};
static const char *const leads[] = {
    "please", "pls",    "plz",       "kindly",    "hi",           "hello",
    "hey",    "ok",     "okay",      "no thanks", "no thank you", "no",
    "sorry",  "thanks", "thank you", "text",      "reply",        NULL,
};

/* What a plain word may have as its object. */
static const char *const objects[] = {
    "me",         "it",       "this",           "these",   "the",
    "all",        "texting",  "messaging",      "sending", "calling",
    "contacting", "spamming", "texts",          "text",    "messages",
    "message",    "msgs",     "calls",          "spam",    "immediately",
    "already",    "to me",    "from you",       "to end",  "to opt out",
    "to cancel",  "to quit",  "to unsubscribe", "to stop", "of",
    "now",        "my",       "consent",        "from",    "list",
    NULL,
};

/* -- folding --------------------------------------------------------------- */

typedef enum char_kind {
    LETTER,
    BLANK,   /* between words */
    NEWLINE, /* ends a sentence */
    MARK,    /* other punctuation, symbols */
    UNSEEN   /* nothing: the word goes on */
} char_kind;

static char_kind kind_of_ascii(uint32_t c)
{
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
        return LETTER;
    }
    if (c == '\n' || c == '\r') {
        return NEWLINE;
    }
    if (c == '\'' || c == '`') {
        return UNSEEN;
    }
    return c <= ' ' || c == 0x7f ? BLANK : MARK;
}

/* Of a plain, lower case character. */
static char_kind kind_of(uint32_t c)
{
    char seen[OD__TRANSLITERATED_SIZE];
    if (c < 0x80) {
        return kind_of_ascii(c);
    }
    if (od__transliterate(c, seen)) {
        uint32_t first = (uint8_t)seen[0];
        return first == '\0' ? UNSEEN
               : first < 0x80 && (first < 'A' || first > 'Z')
                   ? kind_of_ascii(first)
                   : LETTER;
    }
    if (c < 0xc0 || (c >= 0x2000 && c <= 0x2bff) ||
        (c >= 0x3000 && c <= 0x303f) || (c >= 0x1f000 && c <= 0x1faff) ||
        (c >= 0xe0000 && c <= 0xe0fff)) {
        return MARK; /* punctuation, symbols, emoji and their tags */
    }
    return LETTER;
}

/* What separates two words. */
typedef struct gap {
    int32_t dots;
    bool ends;     /* an exclamation mark or a new line */
    bool goes_on;  /* a mark that does not end a sentence */
    bool is_blank; /* white space */
    bool is_there;
} gap;

static void widen(gap *g, char_kind k, uint32_t c)
{
    g->is_there = true;
    g->is_blank = g->is_blank || k == BLANK || k == NEWLINE;
    g->ends = g->ends || k == NEWLINE || c == '!';
    g->dots += c == '.' || c == 0x3002 ? 1 : 0;
    g->goes_on = g->goes_on || c == '?' || c == ',' || c == ':' ||
                 c == 0x2026 || c == '-';
}

static bool ends_sentence(const gap *g)
{
    return g->is_blank && !g->goes_on && (g->ends || g->dots == 1);
}

static void put(char *out, size_t *len, char c)
{
    if (*len < FOLDED_MAX) {
        out[(*len)++] = c;
    }
}

/* Words of `text`, separated by ' ' or '.'; other scripts are '?'. */
static void fold(const char *text, char out[FOLDED_MAX + 1])
{
    const char *end = text + strlen(text);
    size_t len = 0;
    gap g = {0};
    while (text < end && len < FOLDED_MAX) {
        uint32_t c = od__char_plain(od__char_next(&text, end));
        c = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
        char_kind k = kind_of(c);
        if (k == UNSEEN) {
            continue;
        }
        if (k != LETTER) {
            widen(&g, k, c);
            continue;
        }
        if (len > 0 && g.is_there) {
            put(out, &len, ends_sentence(&g) ? '.' : ' ');
        }
        g = (gap){0};
        put(out, &len, c < 0x80 ? (char)c : '?');
    }
    if (len == FOLDED_MAX) {
        out[len - 1] = '?'; /* there is more of it */
    }
    out[len] = '\0';
}

/* -- matching -------------------------------------------------------------- */

/* Behind a phrase that folded text begins with: its separator or its end.
 * NULL: it begins with another. */
static const char *behind(const char *folded, const char *phrase)
{
    size_t len = strlen(phrase);
    if (strncmp(folded, phrase, len) != 0) {
        return NULL;
    }
    char next = folded[len];
    return next == '\0' || next == ' ' || next == '.' ? folded + len : NULL;
}

/* Pass over the longest phrase of a list; false: none is there. */
static bool pass(const char **at, const char *const *phrases)
{
    const char *from = **at == ' ' || **at == '.' ? *at + 1 : *at;
    const char *best = NULL;
    for (; *phrases != NULL; phrases++) {
        const char *end = behind(from, *phrases);
        if (end != NULL && (best == NULL || end > best)) {
            best = end;
        }
    }
    if (best != NULL) {
        *at = best;
    }
    return best != NULL;
}

static bool is_one_of(const char *folded, const char *const *phrases)
{
    return pass(&folded, phrases) && *folded == '\0';
}

/* An opt-out word, and only what may be beside it. */
static bool opts_out(const char *at, bool is_plain)
{
    int rest = 0;
    while (rest < REST_MAX && pass(&at, is_plain ? leads : polite_leads)) {
        rest++;
    }
    if (!pass(&at, is_plain ? plain : ambiguous)) {
        return false;
    }
    for (; rest < REST_MAX; rest++) {
        if (*at == '\0' || (is_plain && *at == '.')) {
            return true;
        }
        if (!pass(&at, courtesies) && !pass(&at, plain) &&
            !pass(&at, ambiguous) && !(is_plain && pass(&at, objects))) {
            return false;
        }
    }
    return *at == '\0';
}

od_reply_kind od_reply_classify(const char *text, int32_t flags)
{
    static const char *const yes[] = {"yes", NULL};
    char folded[FOLDED_MAX + 1];
    if (text == NULL) {
        return OD_REPLY_OTHER;
    }
    fold(text, folded);
    if (opts_out(folded, true) || opts_out(folded, false)) {
        return OD_REPLY_OPT_OUT;
    }
    if (is_one_of(folded, starts) ||
        ((flags & OD_REPLY_YES_STARTS) != 0 && is_one_of(folded, yes))) {
        return OD_REPLY_START;
    }
    return is_one_of(folded, helps) ? OD_REPLY_HELP : OD_REPLY_OTHER;
}

const char *od_reply_kind_name(int32_t kind)
{
    static const char *const names[] = {"other", "opt_out", "start", "help"};
    return kind >= 0 && (size_t)kind < OD__LEN(names) ? names[kind] : "?";
}
