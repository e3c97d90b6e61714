/*
 * measure.c - how a text would go out: in which encoding, in how many segments,
 * transliterated and cut where the options ask for it.
 *
 * A text is one of septets up to its first character that has none and is not
 * transliterated; if there is such a one, all of it is UTF-16:
 *
 *     |  septets can say it: the head  |X|  the rest  |
 *
 * Where it has to be cut, two ways compete: UTF-16 with X in it, or no more
 * than the head in septets. The one that keeps more of the text wins.
 */
#include "text/text.h"

#include <assert.h>

/* Longest run of marks that a cut does not take from the letter they are on. */
#define MARKS_MAX 16

/* The part of a text that septets can say. */
typedef struct head {
    size_t taken;    /* bytes of the text that it comes from */
    size_t len;      /* bytes of it as it is written to `out` */
    int32_t changed; /* characters that were transliterated */
    bool full;       /* it ends because there is no room for more */
} head;

const char *od_text_encoding_name(int32_t encoding)
{
    return encoding == OD_TEXT_ENCODING_GSM    ? "gsm"
           : encoding == OD_TEXT_ENCODING_UCS2 ? "ucs2"
                                               : "?";
}

/* -- options --------------------------------------------------------------- */

od_err od__text_options_take(const od_text_options *from, od_text_options *out,
                             od_errmsg *errmsg)
{
    od_text_options_init(out);
    if (from != NULL) {
        od_err err =
            od__sized_copy(out, sizeof *out, from, sizeof(od_text_options),
                           "od_text_options", errmsg);
        if (err != OD_OK) {
            return err;
        }
    }
    if (out->policy < OD_TEXT_POLICY_SPLIT ||
        out->policy > OD_TEXT_POLICY_CUT) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "policy %d is not known: use one of od_text_policy",
                        (int)out->policy);
    }
    int32_t max = out->policy == OD_TEXT_POLICY_REFUSE ? 1 : OD_SEGMENTS_MAX;
    if (out->segments_max < 0 || out->segments_max > max) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "segments_max is %d: 0 to %d are allowed with this "
                        "policy",
                        (int)out->segments_max, (int)max);
    }
    if (out->segments_max == 0) {
        out->segments_max =
            out->policy == OD_TEXT_POLICY_SPLIT ? OD_SEGMENTS_MAX : 1;
    }
    return OD_OK;
}

/* -- transliterating ------------------------------------------------------- */

/* Write a text in septets, as far as it goes and up to `len_max` bytes; `out`
 * has OD_MESSAGE_MAX + 1. */
static head take_head(const char *text, size_t len, bool transliterate,
                      size_t len_max, char *out)
{
    const char *at = text;
    head h = {0};
    while (at < text + len) {
        char plain[OD__TRANSLITERATED_SIZE];
        const char *next = at;
        const char *piece = at;
        uint32_t c = od__char_next(&next, text + len);
        size_t piece_len = (size_t)(next - at);
        bool changes = od__gsm_units(c) == 0;
        if (changes) {
            if (!transliterate || !od__transliterate(c, plain)) {
                break;
            }
            piece = plain;
            piece_len = strlen(plain);
        }
        if (piece_len > len_max - h.len) {
            h.full = true;
            break;
        }
        memcpy(out + h.len, piece, piece_len);
        h.len += piece_len;
        h.changed += changes ? 1 : 0;
        at = next;
    }
    out[h.len] = '\0';
    h.taken = (size_t)(at - text);
    return h;
}

/* -- cutting --------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* May a line be cut in front of this character: is it in no word? */
static bool ends_word(const char *text, size_t len)
{
    const char *at = text;
    if (len == 0 || is_blank(text[0])) {
        return true;
    }
    uint32_t c = od__char_next(&at, text + len);
    return c >= 0x1f000 || (c >= 0x2190 && c <= 0x2bff); /* symbols, emoji */
}

/* Does it belong to the character before it? */
static bool is_mark(uint32_t c)
{
    return (c >= 0x0300 && c <= 0x036f) || c == 0x200d ||
           (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0x1f3fb && c <= 0x1f3ff);
}

static size_t char_before(const char *text, size_t at)
{
    do {
        at--;
    } while (at > 0 && ((uint8_t)text[at] & 0xc0) == 0x80);
    return at;
}

static uint32_t char_at(const char *text, size_t len, size_t at)
{
    const char *next = text + at;
    return od__char_next(&next, text + len);
}

/* A place to cut within a word: not between a character and its marks, nor
 * behind a joiner. */
static size_t between_characters(const char *text, size_t len, size_t fit)
{
    size_t at = fit;
    for (int i = 0; i < MARKS_MAX && at > 0; i++) {
        size_t before = char_before(text, at);
        if ((at == len || !is_mark(char_at(text, len, at))) &&
            char_at(text, len, before) != 0x200d) {
            return at;
        }
        at = before;
    }
    return fit;
}

/* Where to cut a text of which `fit` bytes fit; `inside`: within a word. */
static size_t cut_at(const char *text, size_t len, size_t fit, bool inside)
{
    size_t at = fit;
    while (inside && at > 0 && !is_blank(text[at - 1])) {
        at--;
    }
    if (inside && at <= fit / 2) {
        return between_characters(text, len, fit);
    }
    while (at > 0 && is_blank(text[at - 1])) {
        at--;
    }
    return at;
}

/* Where to cut so that it takes no more segments than are allowed. */
static size_t cut_to_fit(const char *text, size_t len, int32_t encoding,
                         int32_t segments_max)
{
    size_t fit = od__segments_fit(text, len, encoding, segments_max);
    return cut_at(text, len, fit, !ends_word(text + fit, len - fit));
}

/* -- measuring ------------------------------------------------------------- */

static void count(od_text_info *out, size_t len)
{
    od__segments segments;
    const char *at = out->text;
    od__segments_count(out->text, len, out->encoding, &segments);
    out->segments = segments.segments;
    out->units = segments.units;
    out->segment_units = segments.segment_units;
    out->last_units = segments.last_units;
    out->characters = 0;
    while (at < out->text + len) {
        (void)od__char_next(&at, out->text + len);
        out->characters++;
    }
}

/* The character behind the head. */
static void name_forcing(const char *text, size_t len, size_t at,
                         od_text_info *out)
{
    const char *next = text;
    out->ucs2_byte = (int32_t)at;
    while (next <= text + at) {
        out->ucs2_code = (int32_t)od__char_next(&next, text + len);
        out->ucs2_at++;
    }
    memcpy(out->ucs2_text, text + at, (size_t)(next - text) - at);
}

/* As one of septets, of at most `fit` bytes. */
static void take_septets(const char *text, size_t len, size_t fit,
                         const od_text_options *o, od_text_info *out)
{
    head h = take_head(text, len, o->transliterate, fit, out->text);
    while (h.len > 0 && is_blank(out->text[h.len - 1])) {
        h = take_head(text, len, o->transliterate, h.len - 1, out->text);
    }
    out->encoding = OD_TEXT_ENCODING_GSM;
    out->changed = h.changed;
    count(out, h.len);
}

static void take_utf16(const char *text, size_t len, size_t fit, size_t forced,
                       od_text_info *out)
{
    memcpy(out->text, text, fit);
    out->text[fit] = '\0';
    out->encoding = OD_TEXT_ENCODING_UCS2;
    count(out, fit);
    name_forcing(text, len, forced, out);
}

/* A text of septets, its head in out->text. */
static void take_plain(const char *text, size_t len, const head *h,
                       const od_text_options *o, od_text_info *out)
{
    out->encoding = OD_TEXT_ENCODING_GSM;
    out->changed = h->changed;
    count(out, h->len);
    if (o->policy == OD_TEXT_POLICY_CUT && out->segments > o->segments_max) {
        size_t fit = cut_to_fit(out->text, h->len, OD_TEXT_ENCODING_GSM,
                                o->segments_max);
        out->cut = true;
        take_septets(text, len, fit, o, out);
    }
}

/* A text with a character that septets cannot say; its head in out->text. */
static void take_mixed(const char *text, size_t len, const head *h,
                       const od_text_options *o, od_text_info *out)
{
    od__segments all;
    od__segments_count(text, len, OD_TEXT_ENCODING_UCS2, &all);
    if (o->policy != OD_TEXT_POLICY_CUT || all.segments <= o->segments_max) {
        take_utf16(text, len, len, h->taken, out);
        return;
    }
    size_t fit = cut_to_fit(text, len, OD_TEXT_ENCODING_UCS2, o->segments_max);
    out->cut = true;
    if (fit > h->taken) {
        take_utf16(text, len, fit, h->taken, out);
        return;
    }
    fit = od__segments_fit(out->text, h->len, OD_TEXT_ENCODING_GSM,
                           o->segments_max);
    bool inside = fit == h->len ? !ends_word(text + h->taken, len - h->taken)
                                : !ends_word(out->text + fit, h->len - fit);
    take_septets(text, len, cut_at(out->text, h->len, fit, inside), o, out);
}

void od__text_measure(const char *text, size_t len,
                      const od_text_options *options, od_text_info *out)
{
    od_text_options o = *options;
    assert(len <= OD_MESSAGE_MAX);
    memset(out, 0, offsetof(od_text_info, text));
    head h = take_head(text, len, o.transliterate, OD_MESSAGE_MAX, out->text);
    if (h.full) { /* too long by transliterating: as it is, it fits */
        o.transliterate = false;
        h = take_head(text, len, false, OD_MESSAGE_MAX, out->text);
    }
    if (h.taken == len) {
        take_plain(text, len, &h, &o, out);
    } else {
        take_mixed(text, len, &h, &o, out);
    }
    out->refused = out->segments > o.segments_max;
}

od_err od_text_measure(const char *text, const od_text_options *options,
                       od_text_info *out, od_errmsg *errmsg)
{
    od_text_options o;
    if (text == NULL || out == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "%s must not be NULL",
                        text == NULL ? "text" : "out");
    }
    od_err err = od__text_options_take(options, &o, errmsg);
    if (err != OD_OK) {
        return err;
    }
    size_t len = strnlen(text, OD_MESSAGE_MAX + 1);
    if (len > OD_MESSAGE_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID, "text is longer than %d bytes",
                        OD_MESSAGE_MAX);
    }
    if (!od__utf8_is_valid(text, len)) {
        return od__fail(errmsg, OD_ERR_INVALID, "text is not UTF-8");
    }
    od__text_measure(text, len, &o, out);
    return OD_OK;
}
