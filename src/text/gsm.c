/*
 * gsm.c - the GSM alphabet with its extension table, and UTF-16.
 *
 * A septet is kept in a byte of its own here; how septets are packed into
 * octets is a matter of who sends them. The tables are those of the default
 * alphabet; national tables are not used: carriers seldom let them through.
 *
 *   character -> septet          the default table
 *             -> ESC, septet     the extension table, two units
 *             -> none            the text needs UCS-2
 *
 * UCS-2 as sent is UTF-16: characters beyond U+FFFF are surrogate pairs.
 *
 * Source: 3GPP TS 23.038 6.2.1 (default alphabet), 6.2.1.1 (extension table);
 * RFC 2781 (UTF-16).
 */
#include "text/text.h"

#include <assert.h>

#define ESCAPE 0x1b

/* By septet, eight in each line. 0x1b is the escape and no character. */
static const uint16_t basic[128] = {
    0x0040, 0x00a3, 0x0024, 0x00a5, 0x00e8, 0x00e9, 0x00f9, 0x00ec, /* 00 */
    0x00f2, 0x00c7, 0x000a, 0x00d8, 0x00f8, 0x000d, 0x00c5, 0x00e5, /* 08 */
    0x0394, 0x005f, 0x03a6, 0x0393, 0x039b, 0x03a9, 0x03a0, 0x03a8, /* 10 */
    0x03a3, 0x0398, 0x039e, 0x0000, 0x00c6, 0x00e6, 0x00df, 0x00c9, /* 18 */
    0x0020, 0x0021, 0x0022, 0x0023, 0x00a4, 0x0025, 0x0026, 0x0027, /* 20 */
    0x0028, 0x0029, 0x002a, 0x002b, 0x002c, 0x002d, 0x002e, 0x002f, /* 28 */
    0x0030, 0x0031, 0x0032, 0x0033, 0x0034, 0x0035, 0x0036, 0x0037, /* 30 */
    0x0038, 0x0039, 0x003a, 0x003b, 0x003c, 0x003d, 0x003e, 0x003f, /* 38 */
    0x00a1, 0x0041, 0x0042, 0x0043, 0x0044, 0x0045, 0x0046, 0x0047, /* 40 */
    0x0048, 0x0049, 0x004a, 0x004b, 0x004c, 0x004d, 0x004e, 0x004f, /* 48 */
    0x0050, 0x0051, 0x0052, 0x0053, 0x0054, 0x0055, 0x0056, 0x0057, /* 50 */
    0x0058, 0x0059, 0x005a, 0x00c4, 0x00d6, 0x00d1, 0x00dc, 0x00a7, /* 58 */
    0x00bf, 0x0061, 0x0062, 0x0063, 0x0064, 0x0065, 0x0066, 0x0067, /* 60 */
    0x0068, 0x0069, 0x006a, 0x006b, 0x006c, 0x006d, 0x006e, 0x006f, /* 68 */
    0x0070, 0x0071, 0x0072, 0x0073, 0x0074, 0x0075, 0x0076, 0x0077, /* 70 */
    0x0078, 0x0079, 0x007a, 0x00e4, 0x00f6, 0x00f1, 0x00fc, 0x00e0, /* 78 */
};

/* What follows an escape. 0x0a is a form feed; 0x0d and 0x1b are reserved. */
static const struct {
    uint8_t septet;
    uint16_t c;
} extension[] = {
    {0x0a, 0x000c}, {0x14, 0x005e}, {0x28, 0x007b}, {0x29, 0x007d},
    {0x2f, 0x005c}, {0x3c, 0x005b}, {0x3d, 0x007e}, {0x3e, 0x005d},
    {0x40, 0x007c}, {0x65, 0x20ac},
};

/* -- characters to units --------------------------------------------------- */

/* Septet of the default table, or OD_NONE. */
static int32_t septet_of(uint32_t c)
{
    if (c == 0) {
        return OD_NONE; /* where the table has its escape */
    }
    if (c < OD__LEN(basic) && basic[c] == c) {
        return (int32_t)c; /* letters and digits stand where ASCII has them */
    }
    for (size_t i = 0; i < OD__LEN(basic); i++) {
        if (basic[i] == c) {
            return (int32_t)i;
        }
    }
    return OD_NONE;
}

/* Septet that follows an escape, or OD_NONE. */
static int32_t extended_of(uint32_t c)
{
    for (size_t i = 0; i < OD__LEN(extension); i++) {
        if (extension[i].c == c) {
            return extension[i].septet;
        }
    }
    return OD_NONE;
}

int32_t od__gsm_units(uint32_t c)
{
    if (c > 0x20ac) {
        return 0;
    }
    if (septet_of(c) != OD_NONE) {
        return 1;
    }
    return extended_of(c) != OD_NONE ? 2 : 0;
}

int32_t od__utf16_units(uint32_t c)
{
    return c > 0xffff ? 2 : 1;
}

int32_t od__char_units(uint32_t c, int32_t encoding)
{
    return encoding == OD_TEXT_ENCODING_GSM ? od__gsm_units(c)
                                            : od__utf16_units(c);
}

int32_t od__gsm_encode(const char *text, size_t len, uint8_t *out,
                       size_t units_max)
{
    const char *end = text + len;
    size_t units = 0;
    while (text < end) {
        uint32_t c = od__char_next(&text, end);
        size_t need = (size_t)od__gsm_units(c);
        if (need == 0 || need > units_max - units) {
            return OD_NONE;
        }
        if (need == 2) {
            out[units++] = ESCAPE;
        }
        out[units++] = (uint8_t)(need == 2 ? extended_of(c) : septet_of(c));
    }
    return (int32_t)units;
}

int32_t od__utf16_encode(const char *text, size_t len, uint16_t *out,
                         size_t units_max)
{
    const char *end = text + len;
    size_t units = 0;
    while (text < end) {
        uint32_t c = od__char_next(&text, end);
        size_t need = (size_t)od__utf16_units(c);
        if (need > units_max - units) {
            return OD_NONE;
        }
        if (need == 2) {
            c -= 0x10000;
            out[units++] = (uint16_t)(0xd800 | c >> 10);
            c = 0xdc00 | (c & 0x3ff);
        }
        out[units++] = (uint16_t)c;
    }
    return (int32_t)units;
}

/* -- units to characters --------------------------------------------------- */

/* Write a character and keep room for the NUL. */
static bool put(uint32_t c, char *out, size_t out_size, size_t *len)
{
    char bytes[4];
    size_t need = od__char_put(c, bytes);
    if (out_size - *len <= need) {
        return false;
    }
    memcpy(out + *len, bytes, need);
    *len += need;
    return true;
}

/* What an escape and a septet mean. Where the extension table has nothing, the
 * default one counts; a second escape is shown as a space (6.2.1.1). */
static uint32_t extended_char(uint8_t septet)
{
    for (size_t i = 0; i < OD__LEN(extension); i++) {
        if (extension[i].septet == septet) {
            return extension[i].c;
        }
    }
    return septet == ESCAPE ? ' ' : basic[septet & 0x7f];
}

int32_t od__gsm_decode(const uint8_t *septets, size_t units, char *out,
                       size_t out_size)
{
    size_t len = 0;
    assert(out_size > 0);
    for (size_t i = 0; i < units; i++) {
        uint32_t c = basic[septets[i] & 0x7f];
        if (septets[i] == ESCAPE) {
            /* An escape at the end has nothing to escape. */
            c = i + 1 < units ? extended_char(septets[++i]) : ' ';
        }
        if (!put(c, out, out_size, &len)) {
            return OD_NONE;
        }
    }
    out[len] = '\0';
    return (int32_t)len;
}

int32_t od__utf16_decode(const uint16_t *units, size_t units_len, char *out,
                         size_t out_size)
{
    size_t len = 0;
    assert(out_size > 0);
    for (size_t i = 0; i < units_len; i++) {
        uint32_t c = units[i];
        if (c >= 0xd800 && c <= 0xdbff && i + 1 < units_len &&
            (units[i + 1] & 0xfc00) == 0xdc00) {
            c = 0x10000 + ((c & 0x3ff) << 10) + (units[++i] & 0x3ffu);
        }
        if (!put(c, out, out_size, &len)) {
            return OD_NONE;
        }
    }
    out[len] = '\0';
    return (int32_t)len;
}
