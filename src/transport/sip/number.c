/*
 * number.c - phone numbers as URIs have them.
 *
 * sip:+13105550100@host, sip:+1-310-555-0100;phone-context=x@host, tel:24680:
 * what comes before '@' or a parameter is a number or it is not. Digits are
 * taken as they are; a number without its country code is not recognised as
 * such.
 *
 * Source: RFC 3966 (tel), RFC 3261, 19.1.6 (telephone numbers in SIP URIs).
 */
#include "transport/sip/message_parts.h"

#include <inttypes.h>
#include <strings.h>

#define DIGITS_MIN 3
#define DIGITS_MAX 15

void od__number_write(char *out, size_t out_size, uint64_t number)
{
    (void)snprintf(out, out_size, "%s%" PRIu64,
                   number < OD__SHORT_CODES_END ? "" : "+", number);
}

uint64_t od__number_read(const char *user, size_t len)
{
    uint64_t number = 0;
    int digits = 0;
    size_t at = 0;
    if (len > 0 && user[0] == '+') {
        at = 1;
    } else if (len > 2 && strncasecmp(user, "%2b", 3) == 0) {
        at = 3;
    }
    for (; at < len && user[at] != ';'; at++) {
        char c = user[at];
        if (c >= '0' && c <= '9') {
            if (++digits > DIGITS_MAX || (digits == 1 && c == '0')) {
                return 0;
            }
            number = number * 10 + (uint64_t)(c - '0');
        } else if (c != '-' && c != '.' && c != '(' && c != ')') {
            return 0;
        }
    }
    return digits >= DIGITS_MIN ? number : 0;
}

uint64_t od__number_find(const char *header, size_t len)
{
    static const char *const schemes[] = {"sip:", "sips:", "tel:"};
    if (len == 0) {
        return 0;
    }
    /* A name in quotes or in front of '<' may hold anything. */
    const char *open = memchr(header, '<', len);
    if (header[0] == '"') {
        const char *quote = len > 1 ? memchr(header + 1, '"', len - 1) : NULL;
        size_t left = quote != NULL ? len - (size_t)(quote - header) : 0;
        open = left > 0 ? memchr(quote, '<', left) : NULL;
        if (open == NULL) {
            return 0;
        }
    }
    if (open != NULL) {
        len -= (size_t)(open + 1 - header);
        header = open + 1;
    }
    for (size_t i = 0; i < OD__LEN(schemes); i++) {
        size_t scheme_len = strlen(schemes[i]);
        if (len <= scheme_len ||
            strncasecmp(header, schemes[i], scheme_len) != 0) {
            continue;
        }
        size_t end = scheme_len;
        while (end < len && header[end] != '@' && header[end] != '>') {
            end++;
        }
        return od__number_read(header + scheme_len, end - scheme_len);
    }
    return 0;
}
