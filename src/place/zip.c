/*
 * zip.c - what a postal code tells: the state and zones of a US ZIP or of a
 * Canadian postal code.
 *
 * The Post Office sorts by the first three digits, which hardly ever cross a
 * state line, so a table of prefixes is enough; the few exceptions are longer
 * prefixes in the same table, and the longest that fits is taken. Where three
 * digits cover two zones of a state, both are named: narrower rules, never
 * wider ones. A house is in its state, whatever number it has, but mail can go
 * elsewhere than calls: place.c weighs it as evidence.
 *
 * Called by place.c, and by the engine to check what a contact brings.
 */
#include "place/plan.h"

#include <assert.h>
#include <stdlib.h>

/* Characters of a code that can tell: ZIP 5, Canadian 3. */
#define CODE_MAX 5

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Canadian codes have no D F I O Q U, which look like others. */
static bool is_letter(char c)
{
    char upper = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    return upper >= 'A' && upper <= 'Z' && strchr("DFIOQU", upper) == NULL;
}

/* Does the text begin so? '0' stands for a digit, 'A' for a letter; `out` gets
 * the characters. */
static bool begins(const char *text, const char *form, char *out)
{
    for (size_t i = 0; form[i] != '\0'; i++) {
        if (form[i] == '0' ? !is_digit(text[i]) : !is_letter(text[i])) {
            return false;
        }
        out[i] = text[i] >= 'a' ? (char)(text[i] - 'a' + 'A') : text[i];
        out[i + 1] = '\0';
    }
    return true;
}

/* Only spaces to the end? */
static bool ends(const char *text)
{
    return text[strspn(text, " \t")] == '\0';
}

/* Take the part of a code that tells; false: it has not the form of one. */
static bool code_of(const char *text, char out[CODE_MAX + 1])
{
    char rest[CODE_MAX + 1];
    if (text == NULL) {
        return false;
    }
    text += strspn(text, " \t");
    if (begins(text, "00000", out)) {
        text += 5;
        if ((*text == '-' || *text == ' ') && begins(text + 1, "0000", rest)) {
            text += 5;
        }
        return ends(text);
    }
    if (!begins(text, "A0A", out) || out[0] == 'W' || out[0] == 'Z') {
        return false;
    }
    text += 3;
    if (ends(text)) {
        return true;
    }
    text += *text == ' ' || *text == '-' ? 1 : 0;
    return begins(text, "0A0", rest) && ends(text + 3);
}

static int zip_order(const void *key, const void *item)
{
    return strcmp(key, ((const od__plan_zip *)item)->prefix);
}

bool od__zip_find(const char *text, od__plan_row *out)
{
    char code[CODE_MAX + 1];
    assert(out != NULL);
    if (!code_of(text, code)) {
        return false;
    }
    for (size_t len = strlen(code); len > 0; len--) {
        code[len] = '\0';
        const od__plan_zip *found =
            bsearch(code, od__plan_zips, od__plan_zips_len,
                    sizeof *od__plan_zips, zip_order);
        if (found != NULL) {
            const od__plan_set *set = &od__plan_sets[found->zones];
            out->region = od__plan_regions[found->region].code;
            out->zones = &od__plan_zones[set->first];
            out->zones_len = set->len;
            out->callable = true;
            return true;
        }
    }
    return false;
}

bool od__zip_is_valid(const char *text)
{
    char code[CODE_MAX + 1];
    return code_of(text, code);
}
