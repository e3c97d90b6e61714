/*
 * offer.c - does a text tell its reader how to opt out?
 *
 * It does if a word is in it that means nothing else ("unsubscribe", "opt out"),
 * or one that opts out stands there as something to write: behind a verb of
 * writing ("Reply with STOP", "Txt ARRET", "Send END"), or in front of what comes
 * of it ("STOP to end", "STOP=quit"). "Stop by our store" tells nothing.
 *
 * Whether it does is asked of what goes out. A reply that opts out is
 * words.c's.
 */
#include "text/text.h"

/* Words between the verb and the word to write: "reply with the word STOP". */
#define VERB_REACH 4

#define WORD_MAX 15

static const char *const verbs[] = {"reply", "replying", "text",    "txt",
                                    "send",  "respond",  "answer",  "write",
                                    "type",  "repondez", "envoyez", "ecrivez",
                                    "textez"};
static const char *const clear[] = {"unsubscribe", "unsub", "stopall",
                                    "optout"};
static const char *const ways_out[] = {"stop", "arret", "revoke"};
/* Right behind the verb only: people end, quit and cancel other things, too. */
static const char *const ambiguous[] = {"end", "quit", "cancel"};
static const char *const results[] = {"to", "2", "end", "quit", "opt", "cancel",
                                      "pour"};

static bool is_one_of(const char *word, const char *const *words, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (strcmp(word, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The next run of letters and digits, plain and in lower case; longer ones are
 * cut. "": there is none. */
static void next_word(const char **at, const char *end, char out[WORD_MAX + 1])
{
    size_t len = 0;
    while (*at < end) {
        uint32_t c = od__char_plain(od__char_next(at, end));
        c = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
        bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!is_word && len > 0) {
            break;
        }
        if (is_word && len < WORD_MAX) {
            out[len++] = (char)c;
        }
    }
    out[len] = '\0';
}

bool od__text_offers_opt_out(const char *text)
{
    char word[WORD_MAX + 1];
    const char *end = text + strlen(text);
    int since_verb = VERB_REACH + 1;
    bool was_way_out = false;
    bool was_opt = false; /* "opt out" is two words */
    for (next_word(&text, end, word); word[0] != '\0';
         next_word(&text, end, word)) {
        bool is_way_out = is_one_of(word, ways_out, OD__LEN(ways_out));
        if (is_one_of(word, clear, OD__LEN(clear)) ||
            (was_opt && strcmp(word, "out") == 0) ||
            (is_way_out && since_verb <= VERB_REACH) ||
            (was_way_out && is_one_of(word, results, OD__LEN(results))) ||
            (since_verb == 1 &&
             is_one_of(word, ambiguous, OD__LEN(ambiguous)))) {
            return true;
        }
        bool with = since_verb == 1 && strcmp(word, "with") == 0;
        since_verb = with || is_one_of(word, verbs, OD__LEN(verbs))
                         ? 1
                         : since_verb + 1;
        was_way_out = is_way_out;
        was_opt = strcmp(word, "opt") == 0;
    }
    return false;
}
