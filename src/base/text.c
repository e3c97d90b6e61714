/*
 * text.c - bytes that come from people, and texts written piece by piece.
 *
 * Nothing here looks at the locale. A text that has to be cut is cut between
 * characters and always ends with NUL.
 *
 * Source: RFC 3629 (UTF-8), RFC 8259 (JSON strings).
 */
#include "base/base.h"

#include <assert.h>

/* Length of the well-formed character at `text`, 0 if there is none. */
static size_t char_len(const uint8_t *text, size_t len)
{
    static const struct {
        uint8_t lead_min, lead_max, next_min, next_max, len;
    } forms[] = {
        {0x01, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t f = 0; f < OD__LEN(forms); f++) {
        if (text[0] < forms[f].lead_min || text[0] > forms[f].lead_max) {
            continue;
        }
        size_t need = forms[f].len;
        if (need > len || (need > 1 && (text[1] < forms[f].next_min ||
                                        text[1] > forms[f].next_max))) {
            return 0;
        }
        for (size_t i = 2; i < need; i++) {
            if ((text[i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return need;
    }
    return 0;
}

bool od__utf8_is_valid(const char *text, size_t len)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t at = 0;
    while (at < len) {
        if (bytes[at] >= 0x01 && bytes[at] < 0x80) {
            at++; /* most texts are ASCII */
            continue;
        }
        size_t step = char_len(bytes + at, len - at);
        if (step == 0) {
            return false;
        }
        at += step;
    }
    return true;
}

void od__text_copy(char *out, size_t out_size, const char *text)
{
    assert(out != NULL && out_size > 0);
    if (text == NULL) {
        text = "";
    }
    size_t len = strnlen(text, out_size);
    if (len == out_size) {
        /* Too long: leave the last byte, then the character it belongs to.
         * Bytes that are no UTF-8 cost at most the three before it. */
        len--;
        for (size_t i = 0; i < 3 && len > 0; i++) {
            if (((uint8_t)text[len] & 0xc0) != 0x80) {
                break;
            }
            len--;
        }
    }
    memmove(out, text, len);
    out[len] = '\0';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool od__text_equal_nocase(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

void od__hex(const uint8_t *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

void od__writer_init(od__writer *writer, char *out, size_t size)
{
    assert(out != NULL && size > 0);
    *writer = (od__writer){.out = out, .size = size};
    out[0] = '\0';
}

/* Once something did not fit nothing follows, not even what would. */
static void write_bytes(od__writer *writer, const char *bytes, size_t len)
{
    if (writer->full) {
        return;
    }
    size_t room = writer->size - writer->len - 1;
    if (len > room) {
        writer->full = true;
        len = room;
    }
    memcpy(writer->out + writer->len, bytes, len);
    writer->len += len;
    writer->out[writer->len] = '\0';
}

static void write_integer(od__writer *writer, int64_t number)
{
    char digits[20]; /* of INT64_MIN: 19 and a sign */
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) {
        digits[--at] = '-';
    }
    write_bytes(writer, digits + at, sizeof digits - at);
}

static void write_formatted(od__writer *writer, const char *fmt, va_list args)
{
    if (writer->full) {
        return;
    }
    size_t room = writer->size - writer->len;
    int needed = vsnprintf(writer->out + writer->len, room, fmt, args);
    if (needed < 0) {
        writer->out[writer->len] = '\0';
        writer->full = true;
    } else if ((size_t)needed >= room) {
        writer->len = writer->size - 1;
        writer->full = true;
    } else {
        writer->len += (size_t)needed;
    }
}

/* What payloads are made of, %s, %d and %lld, is written here: vsnprintf takes
 * several times as long. It takes over at anything else. */
void od__write(od__writer *writer, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    for (;;) {
        size_t plain = strcspn(fmt, "%");
        write_bytes(writer, fmt, plain);
        fmt += plain;
        if (strncmp(fmt, "%s", 2) == 0) {
            const char *text = va_arg(args, const char *);
            write_bytes(writer, text, strlen(text));
            fmt += 2;
        } else if (strncmp(fmt, "%d", 2) == 0) {
            write_integer(writer, va_arg(args, int));
            fmt += 2;
        } else if (strncmp(fmt, "%lld", 4) == 0) {
            write_integer(writer, va_arg(args, long long));
            fmt += 4;
        } else {
            break;
        }
    }
    if (*fmt != '\0') {
        write_formatted(writer, fmt, args);
    }
    va_end(args);
}

static void write_escaped(od__writer *writer, char c)
{
    switch (c) {
    case '"':
        write_bytes(writer, "\\\"", 2);
        break;
    case '\\':
        write_bytes(writer, "\\\\", 2);
        break;
    case '\n':
        write_bytes(writer, "\\n", 2);
        break;
    case '\r':
        write_bytes(writer, "\\r", 2);
        break;
    case '\t':
        write_bytes(writer, "\\t", 2);
        break;
    default:
        od__write(writer, "\\u%04x", (unsigned)(unsigned char)c);
        break;
    }
}

static bool is_plain_ascii(uint8_t c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void od__write_json(od__writer *writer, const char *text)
{
    const uint8_t *bytes = (const uint8_t *)(text != NULL ? text : "");
    size_t len = strlen((const char *)bytes);
    write_bytes(writer, "\"", 1);
    size_t plain = 0; /* where bytes begin that are written as they are */
    for (size_t at = 0; at < len;) {
        if (is_plain_ascii(bytes[at])) {
            at++; /* most texts are ASCII */
            continue;
        }
        size_t step = char_len(bytes + at, len - at);
        if (step > 1) {
            at += step;
            continue;
        }
        write_bytes(writer, (const char *)bytes + plain, at - plain);
        if (step == 0) {
            write_bytes(writer, "\\ufffd", 6); /* not UTF-8 */
        } else {
            write_escaped(writer, (char)bytes[at]);
        }
        at++;
        plain = at;
    }
    write_bytes(writer, (const char *)bytes + plain, len - plain);
    write_bytes(writer, "\"", 1);
}
