/*
 * cpim.c - media types, and message/cpim around a text (RFC 3862).
 *
 *   From: <sip:+13105550100@host>     message headers
 *   NS: imdn <urn:ietf:params:imdn>
 *   imdn.Message-ID: ...
 *                                     empty line
 *   Content-Type: text/plain          headers of the content
 *                                     empty line
 *   the text
 *
 * Lines that end with LF alone are read as well. Some leave the first empty
 * line out: what the message headers say of the content counts then.
 */
#include "transport/sip/message_parts.h"

#include <strings.h>
#include <time.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static od__span trim(od__span span)
{
    while (span.len > 0 && strchr(" \t\r\n", span.at[0]) != NULL &&
           span.at[0] != '\0') {
        span.at++;
        span.len--;
    }
    while (span.len > 0 && strchr(" \t\r\n", span.at[span.len - 1]) != NULL &&
           span.at[span.len - 1] != '\0') {
        span.len--;
    }
    return span;
}

/* What comes before a character; it and that go from `rest`. */
static od__span cut_before(od__span *rest, char stop)
{
    const char *found =
        rest->len > 0 ? memchr(rest->at, stop, rest->len) : NULL;
    od__span before = {rest->at,
                       found != NULL ? (size_t)(found - rest->at) : rest->len};
    size_t gone = before.len + (found != NULL ? 1 : 0);
    rest->at += gone;
    rest->len -= gone;
    return before;
}

static bool equals(od__span span, const char *text)
{
    return span.len == strlen(text) &&
           strncasecmp(span.at, text, span.len) == 0;
}

/* In lower case. False: no room, or not of printable ASCII. */
static bool copy_lower(char *out, size_t out_size, od__span span)
{
    if (span.len >= out_size) {
        return false;
    }
    for (size_t i = 0; i < span.len; i++) {
        if (span.at[i] <= ' ' || span.at[i] > '~') {
            return false;
        }
        out[i] = lower(span.at[i]);
    }
    out[span.len] = '\0';
    return true;
}

/* == media types ========================================================== */

bool od__media_type_read(od__media_type *out, od__span value)
{
    od__span rest = value;
    memset(out, 0, sizeof *out);
    od__span name = trim(cut_before(&rest, ';'));
    if (name.len == 0 || memchr(name.at, '/', name.len) == NULL ||
        !copy_lower(out->name, sizeof out->name, name)) {
        return false;
    }
    while (rest.len > 0) {
        od__span given = cut_before(&rest, ';');
        od__span key = trim(cut_before(&given, '='));
        if (!equals(key, "charset")) {
            continue;
        }
        given = trim(given);
        if (given.len >= 2 && given.at[0] == '"' &&
            given.at[given.len - 1] == '"') {
            given = (od__span){given.at + 1, given.len - 2};
        }
        if (given.len == 0 ||
            !copy_lower(out->charset, sizeof out->charset, given)) {
            return false;
        }
    }
    return true;
}

/* Without a charset it is UTF-8 (RFC 3261, 7.4.1). */
bool od__media_type_is_text(const od__media_type *type)
{
    static const char *const known[] = {"", "utf-8", "utf8", "us-ascii",
                                        "ascii"};
    if (strcmp(type->name, "text/plain") != 0) {
        return false;
    }
    for (size_t i = 0; i < OD__LEN(known); i++) {
        if (strcmp(type->charset, known[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* == message/cpim ========================================================= */

static bool is_plain_encoding(od__span value)
{
    return equals(value, "7bit") || equals(value, "8bit") ||
           equals(value, "binary") || equals(value, "identity");
}

/* Headers up to an empty line. False: a line is no header, or a type none. */
static bool read_block(od__cpim *out, od__span *rest)
{
    while (rest->len > 0) {
        od__span line = trim(cut_before(rest, '\n'));
        if (line.len == 0) {
            return true;
        }
        od__span value = line;
        od__span name = cut_before(&value, ':');
        if (name.len == line.len || name.len == 0) {
            return false;
        }
        value = trim(value);
        if (equals(name, "Content-Type")) {
            if (!od__media_type_read(&out->type, value)) {
                return false;
            }
        } else if (equals(name, "Content-Transfer-Encoding") ||
                   equals(name, "Content-Encoding")) {
            out->is_encoded = !is_plain_encoding(value);
        }
    }
    return false; /* nothing follows */
}

bool od__cpim_read(od__cpim *out, od__span body)
{
    od__span rest = body;
    memset(out, 0, sizeof *out);
    if (!read_block(out, &rest)) {
        return false;
    }
    if (out->type.name[0] == '\0' && !read_block(out, &rest)) {
        return false;
    }
    if (out->type.name[0] == '\0') {
        od__text_copy(out->type.name, sizeof out->type.name, "text/plain");
    }
    out->content = rest;
    return true;
}

void od__cpim_write(od__writer *writer, const od__message_form *form,
                    const char *message_id)
{
    char to[24];
    char from[24];
    char when[32] = "";
    struct tm utc;
    time_t seconds = (time_t)(form->utc_ms / 1000);
    od__number_write(to, sizeof to, form->send->to);
    od__number_write(from, sizeof from, form->send->from);
    if (gmtime_r(&seconds, &utc) != NULL) {
        (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
    od__write(writer,
              "From: <sip:%s@%s>\r\n"
              "To: <sip:%s@%s>\r\n"
              "DateTime: %s\r\n"
              "NS: imdn <urn:ietf:params:imdn>\r\n"
              "imdn.Message-ID: %s\r\n"
              "imdn.Disposition-Notification: positive-delivery, "
              "negative-delivery\r\n"
              "\r\n"
              "Content-Type: text/plain;charset=utf-8\r\n"
              "\r\n",
              from, form->trunk->from_host, to, form->trunk->host, when,
              message_id);
    od__write(writer, "%s", form->text);
}
