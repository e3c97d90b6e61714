/*
 * transliterate.c - characters written with those of the GSM alphabet.
 *
 * For readers who get "Jose" for "José" and do not mind. What would change the
 * meaning is not done: no other scripts, no currencies, no emoji. Three kinds:
 *
 *   plain forms   accents off, full-width and styled letters as usual ones;
 *                 one character for one: letters[], od__char_plain()
 *   rows          quotes, dashes, spaces, signs: rows[], in the order of codes
 *   unseen        joiners, marks of direction, accents that stand alone: ""
 *
 * The rows are listed in docs/guide/messages.md.
 *
 * Source: Unicode 15, decompositions of Latin letters, of full-width forms
 * (FF01-FF5E), of mathematical alphanumerics (1D400-1D6A3), of enclosed letters
 * (249C-24E9, 1F110-1F189).
 */
#include "text/text.h"

#include <stdlib.h>

/* Latin letters without their accents; '.': none, see rows[]. */
static const struct {
    uint32_t first;
    const char *plain;
} letters[] = {
    {0x00c0,
     "AAAAAA.CEEEEIIIIDNOOOOOxOUUUUY..aaaaaa.ceeeeiiiidnooooo/ouuuuy.y"},
    {0x0100,
     "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi..JjKkkLlLlLlL"},
    {0x0140,
     "lLlNnNnNn.NnOoOoOo..RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs"},
    {0x1e00,
     "AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMm"},
    {0x1e40,
     "MmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVv"},
    {0x1e80,
     "WwWwWwWwWwXxXxYyZzZzZzhtwy......AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe"},
    {0x1ec0,
     "EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy......"},
};

/* Alphabets of 26 letters that stand side by side: which letter is first. */
static const struct {
    uint32_t first;
    uint32_t last;
    char plain;
} alphabets[] = {
    {0x249c, 0x24b5, 'a'},   {0x24b6, 0x24cf, 'A'},   {0x24d0, 0x24e9, 'a'},
    {0x1f110, 0x1f129, 'A'}, {0x1f130, 0x1f149, 'A'}, {0x1f150, 0x1f169, 'A'},
    {0x1f170, 0x1f189, 'A'},
};

typedef struct row {
    uint32_t first;
    uint32_t last;
    const char *text;
} row;

static const row rows[] = {
    {0x0009, 0x0009, " "},      {0x0060, 0x0060, "'"},
    {0x00a0, 0x00a0, " "},      {0x00a2, 0x00a2, "c"},
    {0x00a6, 0x00a6, "|"},      {0x00a9, 0x00a9, "(c)"},
    {0x00aa, 0x00aa, "a"},      {0x00ab, 0x00ab, "\""},
    {0x00ad, 0x00ad, ""},       {0x00ae, 0x00ae, "(r)"},
    {0x00b1, 0x00b1, "+/-"},    {0x00b2, 0x00b2, "2"},
    {0x00b3, 0x00b3, "3"},      {0x00b4, 0x00b4, "'"},
    {0x00b5, 0x00b5, "u"},      {0x00b7, 0x00b7, "."},
    {0x00b9, 0x00b9, "1"},      {0x00ba, 0x00ba, "o"},
    {0x00bb, 0x00bb, "\""},     {0x00bc, 0x00bc, "1/4"},
    {0x00bd, 0x00bd, "1/2"},    {0x00be, 0x00be, "3/4"},
    {0x00de, 0x00de, "Th"},     {0x00fe, 0x00fe, "th"},
    {0x0132, 0x0132, "IJ"},     {0x0133, 0x0133, "ij"},
    {0x0149, 0x0149, "'n"},     {0x0152, 0x0152, "OE"},
    {0x0153, 0x0153, "oe"},     {0x01a0, 0x01a0, "O"},
    {0x01a1, 0x01a1, "o"},      {0x01af, 0x01af, "U"},
    {0x01b0, 0x01b0, "u"},      {0x0218, 0x0218, "S"},
    {0x0219, 0x0219, "s"},      {0x021a, 0x021a, "T"},
    {0x021b, 0x021b, "t"},      {0x02bc, 0x02bc, "'"},
    {0x02c6, 0x02c6, "^"},      {0x02dc, 0x02dc, "~"},
    {0x0300, 0x036f, ""},       {0x0391, 0x0391, "A"},
    {0x0392, 0x0392, "B"},      {0x0395, 0x0395, "E"},
    {0x0396, 0x0396, "Z"},      {0x0397, 0x0397, "H"},
    {0x0399, 0x0399, "I"},      {0x039a, 0x039a, "K"},
    {0x039c, 0x039c, "M"},      {0x039d, 0x039d, "N"},
    {0x039f, 0x039f, "O"},      {0x03a1, 0x03a1, "P"},
    {0x03a4, 0x03a4, "T"},      {0x03a5, 0x03a5, "Y"},
    {0x03a7, 0x03a7, "X"},      {0x03bc, 0x03bc, "u"},
    {0x1e9e, 0x1e9e, "SS"},     {0x2000, 0x200a, " "},
    {0x200b, 0x200f, ""},       {0x2010, 0x2015, "-"},
    {0x2018, 0x201b, "'"},      {0x201c, 0x201f, "\""},
    {0x2022, 0x2022, "*"},      {0x2024, 0x2024, "."},
    {0x2026, 0x2026, "..."},    {0x2028, 0x2029, "\n"},
    {0x202a, 0x202e, ""},       {0x202f, 0x202f, " "},
    {0x2032, 0x2032, "'"},      {0x2033, 0x2033, "\""},
    {0x2039, 0x2039, "<"},      {0x203a, 0x203a, ">"},
    {0x203c, 0x203c, "!!"},     {0x2044, 0x2044, "/"},
    {0x2048, 0x2048, "?!"},     {0x2049, 0x2049, "!?"},
    {0x205f, 0x205f, " "},      {0x2060, 0x2060, ""},
    {0x2066, 0x2069, ""},       {0x2116, 0x2116, "No."},
    {0x2122, 0x2122, "TM"},     {0x2126, 0x2126, "\xce\xa9"},
    {0x212a, 0x212a, "K"},      {0x212b, 0x212b, "\xc3\x85"},
    {0x2190, 0x2190, "<-"},     {0x2192, 0x2192, "->"},
    {0x2212, 0x2212, "-"},      {0x2215, 0x2215, "/"},
    {0x2217, 0x2217, "*"},      {0x2248, 0x2248, "~"},
    {0x2264, 0x2264, "<="},     {0x2265, 0x2265, ">="},
    {0x3000, 0x3000, " "},      {0x3001, 0x3001, ","},
    {0x3002, 0x3002, "."},      {0xfb00, 0xfb00, "ff"},
    {0xfb01, 0xfb01, "fi"},     {0xfb02, 0xfb02, "fl"},
    {0xfb03, 0xfb03, "ffi"},    {0xfb04, 0xfb04, "ffl"},
    {0xfb05, 0xfb06, "st"},     {0xfe00, 0xfe0f, ""},
    {0xfeff, 0xfeff, ""},       {0xff40, 0xff40, "'"},
};

static int compare(const void *key, const void *item)
{
    uint32_t c = *(const uint32_t *)key;
    const row *r = item;
    return c < r->first ? -1 : c > r->last ? 1 : 0;
}

/* Letters with marks on them. */
static uint32_t without_accents(uint32_t c)
{
    for (size_t i = 0; i < OD__LEN(letters); i++) {
        uint32_t at = c - letters[i].first;
        if (at < 64 && letters[i].plain[at] != '.') {
            return (uint32_t)letters[i].plain[at];
        }
    }
    return c;
}

uint32_t od__char_plain(uint32_t c)
{
    if (c < 0xc0) {
        return c;
    }
    if (c <= 0x17f || (c >= 0x1e00 && c <= 0x1eff)) {
        return without_accents(c);
    }
    if (c >= 0xff01 && c <= 0xff5e) {
        return c - 0xfee0;
    }
    if (c >= 0x1d400 && c <= 0x1d6a3) { /* thirteen times A to Z, a to z */
        uint32_t at = (c - 0x1d400) % 52;
        return at < 26 ? 'A' + at : 'a' + at - 26;
    }
    for (size_t i = 0; i < OD__LEN(alphabets); i++) {
        if (c >= alphabets[i].first && c <= alphabets[i].last) {
            return (uint32_t)alphabets[i].plain + c - alphabets[i].first;
        }
    }
    return c;
}

bool od__transliterate(uint32_t c, char out[OD__TRANSLITERATED_SIZE])
{
    const row *found =
        bsearch(&c, rows, OD__LEN(rows), sizeof rows[0], compare);
    if (found != NULL) {
        memcpy(out, found->text, strlen(found->text) + 1);
        return true;
    }
    uint32_t plain = od__char_plain(c);
    if (plain == c) {
        return false;
    }
    out[od__char_put(plain, out)] = '\0';
    return true;
}
