/*
 * text_survey.c - the one question of a text survey, and what answers it.
 *
 * What is pressed in a call is written in a text: the key of a choice, or its
 * label, or a number of so many digits. People write it in their own way, so
 * that accents, case, blanks and what stands behind an answer say nothing; but
 * a text that could mean two choices, or says more, is no answer.
 */
#include "core/core.h"

#include "text/text.h"

/* -- answers -------------------------------------------------------------- */

/* Letters in their plain form and lower case, without blanks around them and
 * what people put behind an answer: "1." and "Yes!" are "1" and "yes". "" if it
 * is too long for an answer. */
static void fold(const char *text, char out[128])
{
    const char *end = text + strlen(text);
    size_t len = 0;
    while (text < end && len < 128) {
        char bytes[4];
        uint32_t c = od__char_plain(od__char_next(&text, end));
        c = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
        c = c == 0xa0 || c == '\t' || c == '\r' || c == '\n' ? ' ' : c;
        size_t more = od__char_put(c, bytes);
        if (c == ' ' && len == 0) {
            continue;
        }
        if (len + more > 127) {
            out[0] = '\0';
            return;
        }
        memcpy(out + len, bytes, more);
        len += more;
    }
    while (len > 1 && strchr(" .!)", out[len - 1]) != NULL) {
        len--;
    }
    out[len] = '\0';
}

static bool is_number(const od__question *q, const char *digits)
{
    size_t len = strspn(digits, "0123456789");
    int64_t value = 0;
    if (digits[len] != '\0' || len < (size_t)q->digits_min || len > 18 ||
        len > (size_t)q->digits_max || len == 0) {
        return false;
    }
    for (const char *d = digits; *d != '\0'; d++) {
        value = value * 10 + (*d - '0');
    }
    return !q->has_range || (value >= q->range_min && value <= q->range_max);
}

/* The choice of a key, or else the only one with this label; NULL. */
static const od__choice *find_choice(const od__question *q, const char *folded)
{
    const od__choice *found = NULL;
    bool several = false;
    for (int32_t i = 0; i < q->choices_len; i++) {
        const od__choice *choice = &q->choices[i];
        char label[128];
        if (folded[0] == choice->key && folded[1] == '\0') {
            return choice;
        }
        fold(choice->label, label);
        if (label[0] != '\0' && strcmp(label, folded) == 0) {
            several = found != NULL;
            found = choice;
        }
    }
    return several ? NULL : found;
}

bool od__text_survey_match(const od__question *question, const char *text,
                           char digits[OD__DIGITS_MAX + 1], char choice[64],
                           int32_t *next)
{
    char folded[128];
    fold(text, folded);
    if (folded[0] == '\0') {
        return false;
    }
    if (question->digits_max > 0) {
        if (!is_number(question, folded)) {
            return false;
        }
        od__text_copy(digits, OD__DIGITS_MAX + 1, folded);
        od__text_copy(choice, 64, folded);
        *next = question->next;
        return true;
    }
    const od__choice *found = find_choice(question, folded);
    if (found == NULL) {
        return false;
    }
    digits[0] = found->key;
    digits[1] = '\0';
    od__text_copy(choice, 64, found->label);
    *next = found->next;
    return true;
}

/* A survey never changes, so that the last one is kept. */
od_err od__text_survey_question(od_engine *engine, od_id survey,
                                const od__question **out)
{
    od__inbox *inbox = engine->inbox;
    od_asset_record asset;
    *out = NULL;
    if (survey != 0 && inbox->question_of != survey) {
        od_err err = OD__STORE(engine, asset_get)(
            engine->store, OD_ASSET_SURVEY, survey, &asset);
        if (err == OD_ERR_NOT_FOUND) {
            return OD_OK;
        }
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        od__survey *parsed = od__alloc(&engine->allocator, sizeof *parsed);
        if (parsed == NULL) {
            return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
        }
        err = od__survey_parse(asset.bytes, asset.bytes_len, parsed, NULL);
        inbox->has_question = err == OD_OK && parsed->questions_len == 1;
        inbox->question = parsed->questions[0];
        inbox->question_of = survey;
        od__free(&engine->allocator, parsed);
    }
    *out = survey != 0 && inbox->has_question ? &inbox->question : NULL;
    return OD_OK;
}
