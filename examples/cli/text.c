/*
 * text.c - texts for a terminal.
 *
 * Names, notes and answers come from people and files. A terminal obeys
 * control characters, so none of them reaches it: whoever prints a text that
 * this program did not make goes through cli_text_clean().
 */
#include "cli.h"

#include <string.h>
#include <time.h>

/*
 * Decode one character. Returns its length, or 0 if the bytes are not UTF-8
 * (overlong forms and surrogates included).
 */
static size_t decode(const unsigned char *at, uint32_t *out)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (at[0] < 0x80) {
        *out = at[0];
        return 1;
    }
    size_t len = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : at[0] >= 0xc0 ? 2 : 0;
    if (len == 0 || at[0] > 0xf4) {
        return 0;
    }
    uint32_t point = at[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
        point = point << 6 | (at[i] & 0x3fu);
    }
    bool surrogate = point >= 0xd800 && point <= 0xdfff;
    if (point < least[len] || point > 0x10ffff || surrogate) {
        return 0;
    }
    *out = point;
    return len;
}

/* Would a terminal obey it, or a reader be misled by it? */
static bool is_harmful(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point <= 0x9f) ||
           (point >= 0x200b && point <= 0x200f) ||
           (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2060 && point <= 0x206f) || point == 0xfeff;
}

/* The next piece to print: a character, or "\xNN" for one byte. */
static size_t piece(const unsigned char **at, char out[8])
{
    uint32_t point = 0;
    size_t len = decode(*at, &point);
    if (len > 0 && !is_harmful(point)) {
        memcpy(out, *at, len);
        out[len] = '\0';
        *at += len;
        return 1;
    }
    (void)snprintf(out, 8, "\\x%02x", (unsigned)**at);
    *at += 1;
    return 4;
}

/* Does the rest fit into so many columns? */
static bool fits(const unsigned char *at, size_t columns)
{
    char unit[8];
    size_t used = 0;
    while (*at != '\0') {
        used += piece(&at, unit);
        if (used > columns) {
            return false;
        }
    }
    return true;
}

int cli_text_clean(char *out, size_t out_size, const char *text, int columns)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t limit = columns > 0 ? (size_t)columns : SIZE_MAX;
    bool cut = !fits(at, limit);
    size_t used = 0;
    size_t len = 0;
    out[0] = '\0';
    while (*at != '\0') {
        char unit[8];
        size_t wide = piece(&at, unit);
        size_t bytes = strlen(unit);
        if (used + wide + (cut ? 1 : 0) > limit || len + bytes + 4 > out_size) {
            break;
        }
        memcpy(out + len, unit, bytes + 1);
        len += bytes;
        used += wide;
    }
    if (cut && used < limit && len + 4 <= out_size) {
        memcpy(out + len, "\xe2\x80\xa6", 4); /* "…" */
        used += 1;
    }
    return (int)used;
}

void cli_text_put(FILE *to, const char *text, int columns)
{
    char clean[4 * OD_TEXT_MAX + 8];
    int width = columns < 0 ? -columns : columns;
    int used = cli_text_clean(clean, sizeof clean, text, width);
    int pad = width > used ? width - used : 0;
    if (columns < 0) {
        (void)fprintf(to, "%*s%s", pad, "", clean);
    } else {
        (void)fprintf(to, "%s%*s", clean, pad, "");
    }
}

void cli_time_text(int64_t utc_ms, char out[CLI_TIME_SIZE])
{
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm local;
    out[0] = '\0';
    if (utc_ms != 0 && localtime_r(&seconds, &local) != NULL) {
        (void)strftime(out, CLI_TIME_SIZE, "%Y-%m-%d %H:%M:%S", &local);
    }
}

void cli_time_iso(int64_t utc_ms, char out[CLI_TIME_SIZE])
{
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm utc;
    out[0] = '\0';
    if (gmtime_r(&seconds, &utc) != NULL) {
        size_t len = strftime(out, CLI_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
        (void)snprintf(out + len, CLI_TIME_SIZE - len, ".%03dZ",
                       (int)(utc_ms % 1000));
    }
}

void cli_span_text(int64_t ms, char out[CLI_TIME_SIZE])
{
    int64_t s = (ms + 500) / 1000;
    if (s < 3600) {
        (void)snprintf(out, CLI_TIME_SIZE, "%" PRId64 ":%02d", s / 60,
                       (int)(s % 60));
    } else {
        (void)snprintf(out, CLI_TIME_SIZE, "%" PRId64 ":%02d:%02d", s / 3600,
                       (int)(s / 60 % 60), (int)(s % 60));
    }
}
