/*
 * unicode.c - characters out of UTF-8 and into it, one by one.
 *
 * Source: RFC 3629.
 */
#include "text/text.h"

#include <assert.h>

/* Bytes of a character that begins so, if it is one. */
static size_t len_of(uint8_t lead)
{
    if (lead < 0x80) {
        return 1;
    }
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

uint32_t od__char_next(const char **at, const char *end)
{
    const uint8_t *bytes = (const uint8_t *)*at;
    size_t left = (size_t)(end - *at);
    assert(left > 0);
    size_t len = len_of(bytes[0]);
    if (len > 1 && (len > left || !od__utf8_is_valid(*at, len))) {
        (*at)++;
        return OD__NO_CHAR;
    }
    *at += len;
    if (len == 1) {
        return bytes[0];
    }
    uint32_t c = bytes[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        c = c << 6 | (bytes[i] & 0x3fu);
    }
    return c;
}

size_t od__char_put(uint32_t c, char out[4])
{
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        c = OD__NO_CHAR;
    }
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    out[0] = (char)((0xf00u >> len & 0xf0) | c);
    return len;
}
