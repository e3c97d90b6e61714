/*
 * text.h - the folder's table of contents: texts that are sent and received.
 *
 * unicode.c        characters out of UTF-8 and into it
 * gsm.c            the GSM alphabet and UTF-16, there and back
 * segments.c       where a text that is too long for one segment is divided
 * transliterate.c  characters written with those of the GSM alphabet
 * measure.c        how a text would go out: encoding, segments, cut
 * template.c       texts with fields, compiled and rendered
 * words.c          what a reply asks for
 * offer.c          does a text tell how to opt out?
 *
 * Knows base and no engine. Keeps no state: any thread may call anything.
 */
#ifndef OD_SRC_TEXT_H
#define OD_SRC_TEXT_H

#include "base/base.h"

#include <outdial/message.h>

/* == unicode.c ============================================================ */

/* Stands for bytes that are no UTF-8. */
#define OD__NO_CHAR 0xfffdu

/* The character at *at, which moves behind it; *at < end. A byte that begins
 * none is OD__NO_CHAR and one byte long. */
uint32_t od__char_next(const char **at, const char *end);
/* Write a character; its bytes, 1 to 4. Surrogates and what is above U+10FFFF
 * become OD__NO_CHAR. */
size_t od__char_put(uint32_t c, char out[4]);

/* == gsm.c ================================================================ */

/* Septets of a character: 2 with an escape, 0 if it is not in the alphabet. */
int32_t od__gsm_units(uint32_t c);
/* UTF-16 units of a character: 2 for a surrogate pair. */
int32_t od__utf16_units(uint32_t c);
/* Units of a character in an od_text_encoding. */
int32_t od__char_units(uint32_t c, int32_t encoding);

/* Encode UTF-8: one septet, or one UTF-16 unit, in each place of `out`. The
 * units written; OD_NONE: they do not fit, or a character has no septets. */
int32_t od__gsm_encode(const char *text, size_t len, uint8_t *out,
                       size_t units_max);
int32_t od__utf16_encode(const char *text, size_t len, uint16_t *out,
                         size_t units_max);
/* Decode to UTF-8 with NUL; the bytes before it, or OD_NONE: it does not fit.
 * Septets that mean nothing become what the standard says; lone surrogates
 * become OD__NO_CHAR. */
int32_t od__gsm_decode(const uint8_t *septets, size_t units, char *out,
                       size_t out_size);
int32_t od__utf16_decode(const uint16_t *units, size_t units_len, char *out,
                         size_t out_size);

/* == segments.c =========================================================== */

typedef struct od__segments {
    int32_t units;         /* of all */
    int32_t segments;      /* 0: an empty text */
    int32_t segment_units; /* room of each */
    int32_t last_units;
} od__segments;

/* Room of a segment: the only one, or one of several. */
int32_t od__segment_room(int32_t encoding, bool alone);
/* Divide a text whose characters are all in the encoding. */
void od__segments_count(const char *text, size_t len, int32_t encoding,
                        od__segments *out);
/* Bytes of the segment that begins a text, of at most `room` units; *units
 * (may be NULL): how many it has. No character is divided. */
size_t od__segment_first(const char *text, size_t len, int32_t encoding,
                         int32_t room, int32_t *units);
/* Bytes of the longest beginning of a text that takes `segments_max` segments
 * at most, each character in the encoding. */
size_t od__segments_fit(const char *text, size_t len, int32_t encoding,
                        int32_t segments_max);

/* == transliterate.c ====================================================== */

#define OD__TRANSLITERATED_SIZE 8

/* A character that is not in the GSM alphabet, written with some that are:
 * none of them for one that is not seen. false: it cannot be. */
bool od__transliterate(uint32_t c, char out[OD__TRANSLITERATED_SIZE]);
/* A letter in its plain form: without accents, not full-width, not styled.
 * Other characters stay what they are. */
uint32_t od__char_plain(uint32_t c);

/* == measure.c ============================================================ */

/* Options of any version with every default filled in; NULL: the defaults. */
od_err od__text_options_take(const od_text_options *from, od_text_options *out,
                             od_errmsg *errmsg);
/* The same as od_text_measure() with such options, of valid UTF-8 of at most
 * OD_MESSAGE_MAX bytes. */
void od__text_measure(const char *text, size_t len,
                      const od_text_options *options, od_text_info *out);

/* == template.c =========================================================== */

#define OD__TEMPLATE_PIECES_MAX 257 /* 128 fields, and what is around them */

/* A piece of a template: a literal, or a field with its default. Bytes are in
 * `text` of the template. */
typedef struct od__piece {
    int32_t field; /* OD_NONE: a literal */
    uint16_t at;
    uint16_t len;
} od__piece;

/* Ready to be rendered any number of times. */
typedef struct od__template {
    size_t pieces_len;
    size_t fields_len;
    size_t text_len;
    od__piece pieces[OD__TEMPLATE_PIECES_MAX];
    od_template_field fields[OD_TEMPLATE_FIELDS_MAX]; /* empty: 0, known: yes */
    char text[OD_MESSAGE_MAX + 1]; /* literals and defaults, side by side */
} od__template;

/* Is there a field of that name? */
typedef bool (*od__template_known)(void *ctx, const char *name);
/* What is in a field; NULL or blanks: it is empty. Valid until the next one. */
typedef const char *(*od__template_value)(void *ctx, size_t field);

/* Compile a template. `known` NULL: every field is. OD_ERR_INVALID: too long
 * or no UTF-8. OD_ERR_FORMAT: the text names character, field and cure. */
od_err od__template_compile(od__template *out, const char *text,
                            od__template_known known, void *ctx,
                            od_errmsg *errmsg);
/* Render it; always with a NUL. false: it does not fit, and is cut between
 * characters. */
bool od__template_render(const od__template *template,
                         od__template_value value, void *ctx, char *out,
                         size_t out_size);
/* Nothing but blanks? */
bool od__value_is_empty(const char *value);

/* == offer.c ============================================================== */

/* Does a text, or a template, tell its reader which word to reply to opt
 * out? */
bool od__text_offers_opt_out(const char *text);

#endif
