/*
 * survey_parse.c - the survey text format (see survey.h) into od__survey.
 *
 * One directive a line. Each directive has a row in a table: its word, where it
 * may stand and the function that reads the rest of the line. Targets of "->"
 * are collected by name and resolved at the end, because questions may be named
 * before they are defined. Nothing is looked up outside the text.
 */
#include "core/core.h"

#include <stdlib.h>

#define WORDS_MAX 24

typedef struct parser {
    od__survey *out;
    od_errmsg *errmsg;
    od__question *question; /* the one being defined, or NULL */
    int32_t line;
    char words[WORDS_MAX][256];
    size_t words_len;
    /* Names of targets until all questions are known. */
    struct {
        int32_t *slot;
        int32_t line;
        char name[64];
    } targets[OD_QUESTIONS_MAX * 13];
    size_t targets_len;
    bool reached[OD_QUESTIONS_MAX];
} parser;

static od_err wrong(parser *p, const char *what, const char *word,
                    const char *cure)
{
    return od__fail(p->errmsg, OD_ERR_FORMAT, "line %d: %s%s%s%s: %s", p->line,
                    what, word[0] != '\0' ? " \"" : "", word,
                    word[0] != '\0' ? "\"" : "", cure);
}

/* Split a line into words; "..." keeps spaces; '#' begins a comment, except as
 * the whole of a key ("key # Done"). */
static od_err split(parser *p, const char *at, const char *end)
{
    p->words_len = 0;
    while (at < end) {
        if (*at == ' ' || *at == '\t' || *at == '\r') {
            at++;
            continue;
        }
        bool is_key = p->words_len == 1 && strcmp(p->words[0], "key") == 0;
        if (*at == '#' && !is_key) {
            break;
        }
        if (p->words_len == WORDS_MAX) {
            return wrong(p, "too many words", "", "at most 24 are allowed");
        }
        bool quoted = *at == '"';
        const char *from = quoted ? ++at : at;
        while (at < end &&
               (quoted ? *at != '"'
                       : *at != ' ' && *at != '\t' && *at != '\r')) {
            at++;
        }
        if (quoted && at == end) {
            return wrong(p, "a quote is not closed", "", "add a \" to the line");
        }
        size_t len = (size_t)(at - from);
        if (len >= sizeof p->words[0]) {
            return wrong(p, "a word is too long", "", "at most 255 bytes");
        }
        memcpy(p->words[p->words_len], from, len);
        p->words[p->words_len][len] = '\0';
        p->words_len++;
        at += quoted ? 1 : 0;
    }
    return OD_OK;
}

/* A name or a label: short, printable. */
static od_err take_name(parser *p, const char *word, char *out, size_t size)
{
    size_t len = strlen(word);
    if (len == 0 || len >= size) {
        char cure[32];
        (void)snprintf(cure, sizeof cure, "use 1 to %zu bytes", size - 1);
        return wrong(p, "bad length of", word, cure);
    }
    for (const char *c = word; *c != '\0'; c++) {
        if ((uint8_t)*c < 0x20 || *c == 0x7f) {
            return wrong(p, "control character in", word, "remove it");
        }
    }
    memcpy(out, word, len + 1);
    return OD_OK;
}

static od_err take_number(parser *p, const char *word, const char *unit,
                          int64_t min, int64_t max, int64_t *out)
{
    char *end = NULL;
    long long value = strtoll(word, &end, 10);
    if (word[0] == '\0' || end == word || strcmp(end, unit) != 0 ||
        value < min || value > max) {
        char cure[96];
        (void)snprintf(cure, sizeof cure, "use %lld to %lld%s%s",
                       (long long)min, (long long)max,
                       unit[0] != '\0' ? ", written with the unit " : "", unit);
        return word[0] == '\0'
                   ? wrong(p, "no number after", p->words[0], cure)
                   : wrong(p, "bad number", word, cure);
    }
    *out = value;
    return OD_OK;
}

/* Seconds such as "5s" as ms. */
static od_err take_seconds(parser *p, int32_t *out_ms)
{
    int64_t seconds = 0;
    if (p->words_len != 2) {
        return wrong(p, "wrong number of words after", p->words[0],
                     "write one time behind it, such as 5s");
    }
    od_err err = take_number(p, p->words[1], "s", 1, 60, &seconds);
    if (err == OD_OK) {
        *out_ms = (int32_t)seconds * 1000;
    }
    return err;
}

static od_err take_prompts(parser *p, od__names *out)
{
    if (p->words_len < 2) {
        return wrong(p, "no prompt after", p->words[0],
                     "name prompts of the media library");
    }
    for (size_t i = 1; i < p->words_len; i++) {
        if (out->len == OD__SCRIPT_PROMPTS_MAX) {
            return wrong(p, "too many prompts for", p->words[0],
                         "at most 8 are allowed");
        }
        od_err err = take_name(p, p->words[i], out->names[out->len],
                               sizeof out->names[0]);
        if (err != OD_OK) {
            return err;
        }
        out->len++;
    }
    return OD_OK;
}

/* "-> name" at words[at]: resolved when all questions are known. */
static od_err take_target(parser *p, size_t at, int32_t *slot)
{
    if (p->words_len != at + 2 || strcmp(p->words[at], "->") != 0) {
        return wrong(p, "cannot read the rest of", p->words[0],
                     "end the line with \"-> question\" or \"-> end\"");
    }
    if (p->targets_len == OD__LEN(p->targets)) {
        return wrong(p, "too many targets", "", "remove repeated lines");
    }
    p->targets[p->targets_len].slot = slot;
    p->targets[p->targets_len].line = p->line;
    return take_name(p, p->words[at + 1], p->targets[p->targets_len++].name,
                     sizeof p->targets[0].name);
}

/* -- directives ------------------------------------------------------------ */

static od_err do_survey(parser *p)
{
    if (p->out->name[0] != '\0' || p->words_len != 2) {
        return wrong(p, "bad survey line", "",
                     "write one line \"survey NAME\" at the top");
    }
    return take_name(p, p->words[1], p->out->name, sizeof p->out->name);
}

static od_err do_question(parser *p)
{
    od__survey *out = p->out;
    if (p->words_len != 2) {
        return wrong(p, "bad question line", "", "write \"question NAME\"");
    }
    if (out->questions_len == OD_QUESTIONS_MAX) {
        return wrong(p, "too many questions at", p->words[1],
                     "at most 64 are allowed");
    }
    if (strcmp(p->words[1], "end") == 0) {
        return wrong(p, "a question cannot be called", "end",
                     "choose another name");
    }
    for (int32_t i = 0; i < out->questions_len; i++) {
        if (strcmp(out->questions[i].name, p->words[1]) == 0) {
            return wrong(p, "there are two questions", p->words[1],
                         "rename one of them");
        }
    }
    od__question *q = &out->questions[out->questions_len++];
    p->question = q;
    q->line = p->line;
    q->barge_in = true;
    q->tries = 3;
    q->timeout_ms = 5000;
    q->gap_ms = 3000;
    q->next = OD__GOTO_NONE;
    return take_name(p, p->words[1], q->name, sizeof q->name);
}

static od_err do_key(parser *p)
{
    od__question *q = p->question;
    if (p->words_len < 3 || strlen(p->words[1]) != 1 ||
        strchr(OD__KEYS, p->words[1][0]) == NULL) {
        return wrong(p, "bad key line", "",
                     "write \"key 1 Label -> question\" with a key of "
                     "0123456789*#");
    }
    if (q->digits_max > 0) {
        return wrong(p, "keys and digits in question", q->name,
                     "use one of both");
    }
    for (int32_t i = 0; i < q->choices_len; i++) {
        if (q->choices[i].key == p->words[1][0]) {
            return wrong(p, "there are two lines for key", p->words[1],
                         "remove one of them");
        }
    }
    od__choice *choice = &q->choices[q->choices_len++];
    choice->key = p->words[1][0];
    choice->next = OD__GOTO_NONE;
    od_err err =
        take_name(p, p->words[2], choice->label, sizeof choice->label);
    if (err != OD_OK || p->words_len == 3) {
        return err;
    }
    if (p->words_len == 4 && strcmp(p->words[3], "optout") == 0) {
        choice->next = OD__GOTO_OPT_OUT;
        return OD_OK;
    }
    if (p->words_len == 4 && strcmp(p->words[3], "hangup") == 0) {
        choice->next = OD__GOTO_HANGUP;
        return OD_OK;
    }
    return take_target(p, 3, &choice->next);
}

static od_err do_digits(parser *p)
{
    od__question *q = p->question;
    char *dash = p->words_len == 2 ? strchr(p->words[1], '-') : NULL;
    int64_t min = 0;
    int64_t max = 0;
    if (q->choices_len > 0 || q->digits_max > 0) {
        return wrong(p, "keys and digits in question", q->name,
                     "use one of both, once");
    }
    if (p->words_len != 2) {
        return wrong(p, "bad digits line", "",
                     "write \"digits 4\" or \"digits 1-3\"");
    }
    if (dash != NULL) {
        *dash = '\0';
    }
    od_err err = take_number(p, p->words[1], "", 1, 18, &min);
    if (err == OD_OK) {
        err = take_number(p, dash != NULL ? dash + 1 : p->words[1], "", min, 18,
                          &max);
    }
    if (err == OD_OK) {
        q->digits_min = (int32_t)min;
        q->digits_max = (int32_t)max;
    }
    return err;
}

static od_err do_range(parser *p)
{
    od__question *q = p->question;
    if (p->words_len != 3) {
        return wrong(p, "bad range line", "", "write \"range 1 100\"");
    }
    od_err err =
        take_number(p, p->words[1], "", 0, INT64_MAX / 2, &q->range_min);
    if (err == OD_OK) {
        err = take_number(p, p->words[2], "", q->range_min, INT64_MAX / 2,
                          &q->range_max);
    }
    q->has_range = true;
    return err;
}

static od_err do_tries(parser *p)
{
    int64_t tries = 0;
    od_err err = take_number(p, p->words_len == 2 ? p->words[1] : "", "", 1, 9,
                             &tries);
    if (err == OD_OK) {
        p->question->tries = (int32_t)tries;
    }
    return err;
}

static od_err do_barge_in(parser *p)
{
    const char *word = p->words_len == 2 ? p->words[1] : "";
    if (strcmp(word, "yes") != 0 && strcmp(word, "no") != 0) {
        return wrong(p, "bad value", word, "write \"barge_in yes\" or \"no\"");
    }
    p->question->barge_in = strcmp(word, "yes") == 0;
    return OD_OK;
}

static od_err do_play(parser *p)
{
    return take_prompts(p, &p->question->play);
}
static od_err do_invalid(parser *p)
{
    return take_prompts(p, &p->question->invalid);
}
static od_err do_silence(parser *p)
{
    return take_prompts(p, &p->question->silence);
}
static od_err do_timeout(parser *p)
{
    return take_seconds(p, &p->question->timeout_ms);
}
static od_err do_gap(parser *p)
{
    return take_seconds(p, &p->question->gap_ms);
}
static od_err do_next(parser *p)
{
    return take_target(p, 1, &p->question->next);
}

static od_err do_end(parser *p)
{
    p->question = NULL;
    return take_prompts(p, &p->out->end);
}
static od_err do_failed(parser *p)
{
    p->question = NULL;
    return take_prompts(p, &p->out->failed);
}

static const struct directive {
    const char *word;
    bool in_question;
    od_err (*read)(parser *p);
} directives[] = {
    {"survey", false, do_survey},   {"question", false, do_question},
    {"end", false, do_end},         {"failed", false, do_failed},
    {"play", true, do_play},        {"key", true, do_key},
    {"digits", true, do_digits},    {"range", true, do_range},
    {"tries", true, do_tries},      {"timeout", true, do_timeout},
    {"gap", true, do_gap},          {"invalid", true, do_invalid},
    {"silence", true, do_silence},  {"barge_in", true, do_barge_in},
    {"next", true, do_next},
};

static od_err read_line(parser *p)
{
    if (p->words_len == 0) {
        return OD_OK;
    }
    for (size_t i = 0; i < OD__LEN(directives); i++) {
        if (strcmp(p->words[0], directives[i].word) != 0) {
            continue;
        }
        if (directives[i].in_question && p->question == NULL) {
            return wrong(p, "outside a question:", p->words[0],
                         "put it below a \"question NAME\" line");
        }
        if (i > 0 && p->out->name[0] == '\0') {
            return wrong(p, "before the survey line:", p->words[0],
                         "begin with \"survey NAME\"");
        }
        return directives[i].read(p);
    }
    return wrong(p, "unknown directive", p->words[0],
                 "see the guide's chapter on surveys");
}

static od_err resolve(parser *p)
{
    for (size_t i = 0; i < p->targets_len; i++) {
        int32_t found = strcmp(p->targets[i].name, "end") == 0
                            ? OD__GOTO_END
                            : OD__GOTO_NONE;
        for (int32_t j = 0; j < p->out->questions_len; j++) {
            if (strcmp(p->out->questions[j].name, p->targets[i].name) == 0) {
                found = j;
            }
        }
        if (found == OD__GOTO_NONE) {
            p->line = p->targets[i].line;
            return wrong(p, "there is no question", p->targets[i].name,
                         "define it or lead to another");
        }
        *p->targets[i].slot = found;
    }
    return OD_OK;
}

/* Unsaid targets lead to the question that follows. */
static void follow(od__survey *survey)
{
    for (int32_t i = 0; i < survey->questions_len; i++) {
        od__question *q = &survey->questions[i];
        int32_t next = i + 1 < survey->questions_len ? i + 1 : OD__GOTO_END;
        q->next = q->next == OD__GOTO_NONE ? next : q->next;
        for (int32_t j = 0; j < q->choices_len; j++) {
            if (q->choices[j].next == OD__GOTO_NONE) {
                q->choices[j].next = next;
            }
        }
    }
}

/* Every question must be reached from the first. */
static void reach(const od__survey *survey, bool *reached)
{
    bool again = survey->questions_len > 0;
    reached[0] = true;
    while (again) {
        again = false;
        for (int32_t i = 0; i < survey->questions_len; i++) {
            const od__question *q = &survey->questions[i];
            for (int32_t j = 0; reached[i] && j <= q->choices_len; j++) {
                int32_t next =
                    j < q->choices_len ? q->choices[j].next : q->next;
                bool counts = j < q->choices_len || q->digits_max > 0;
                if (counts && next >= 0 && !reached[next]) {
                    reached[next] = true;
                    again = true;
                }
            }
        }
    }
}

/* What each question says itself, before unsaid targets are filled in. */
static od_err check_question(parser *p, const od__question *q)
{
    p->line = q->line;
    if (q->play.len == 0) {
        return wrong(p, "nothing is played in question", q->name,
                     "add a \"play PROMPT\" line");
    }
    if (q->choices_len == 0 && q->digits_max == 0) {
        return wrong(p, "nothing can be pressed in question", q->name,
                     "add \"key\" lines or a \"digits\" line");
    }
    if (q->has_range && q->digits_max == 0) {
        return wrong(p, "a range without digits in question", q->name,
                     "add a \"digits\" line");
    }
    if (q->next != OD__GOTO_NONE && q->digits_max == 0) {
        return wrong(p, "keys and a next line in question", q->name,
                     "write where it leads behind each key");
    }
    return OD_OK;
}

static od_err check(parser *p)
{
    od__survey *survey = p->out;
    if (survey->name[0] == '\0' || survey->questions_len == 0) {
        return wrong(p, "no question in the survey", "",
                     "it needs a \"survey NAME\" and a \"question NAME\"");
    }
    od_err err = resolve(p);
    for (int32_t i = 0; err == OD_OK && i < survey->questions_len; i++) {
        err = check_question(p, &survey->questions[i]);
    }
    if (err != OD_OK) {
        return err;
    }
    follow(survey);
    reach(survey, p->reached);
    for (int32_t i = 0; i < survey->questions_len; i++) {
        if (!p->reached[i]) {
            p->line = survey->questions[i].line;
            return wrong(p, "nothing leads to question",
                         survey->questions[i].name, "lead to it or remove it");
        }
    }
    return OD_OK;
}

od_err od__survey_parse(const char *text, size_t text_len, od__survey *out,
                        od_errmsg *errmsg)
{
    parser *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "out of memory");
    }
    memset(out, 0, sizeof *out);
    p->out = out;
    p->errmsg = errmsg;
    const char *at = text;
    const char *end = text + text_len;
    od_err err = OD_OK;
    while (err == OD_OK && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop != NULL ? stop : end;
        p->line++;
        err = split(p, at, stop);
        if (err == OD_OK) {
            err = read_line(p);
        }
        at = stop + 1;
    }
    if (err == OD_OK) {
        err = check(p);
    }
    free(p);
    return err;
}
