/*
 * payload.c - reads what a ledger row says: one JSON object of ours.
 *
 * As strict as the engine writes: UTF-8, no blanks between tokens, no controls,
 * names without escapes and each only once. Whatever else a payload may be, no
 * engine has written it, and nothing is taken from it. Members are found by
 * their place in the object: a value that looks like a member is none.
 *
 * Pure. Nothing is copied: members point into the text. No recursion; what is
 * nested is walked over with a stack of NEST_MAX.
 *
 * Source: RFC 8259 (JSON), RFC 3629 (UTF-8).
 */
#include "core/core.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define NEST_MAX 8

/* -- tokens: each gives the place behind it, or NULL ---------------------- */

static bool take_hex(const char *at, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i]; /* a NUL ends this before what is behind it */
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16) {
            return false;
        }
        *out = *out * 16 + digit;
    }
    return true;
}

/* Four digits behind "\u", and the second half of a pair. */
static const char *take_unicode(const char *at, uint32_t *code)
{
    uint32_t low = 0;
    if (!take_hex(at, code) || *code == 0 ||
        (*code >= 0xdc00 && *code <= 0xdfff)) {
        return NULL;
    }
    at += 4;
    if (*code < 0xd800 || *code > 0xdfff) {
        return at;
    }
    if (at[0] != '\\' || at[1] != 'u' || !take_hex(at + 2, &low) ||
        low < 0xdc00 || low > 0xdfff) {
        return NULL;
    }
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return at + 6;
}

/* One character inside a string; a byte of UTF-8 counts as one. */
static const char *take_char(const char *at, uint32_t *code)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    if ((uint8_t)*at < 0x20 || *at == 0x7f) {
        return NULL;
    }
    if (*at != '\\') {
        *code = (uint8_t)*at;
        return at + 1;
    }
    at++;
    if (*at == 'u') {
        return take_unicode(at + 1, code);
    }
    const char *letter = *at != '\0' ? strchr(letters, *at) : NULL;
    if (letter == NULL) {
        return NULL;
    }
    *code = (uint8_t)meanings[letter - letters];
    return at + 1;
}

static const char *skip_string(const char *at)
{
    uint32_t ignored = 0;
    if (*at != '"') {
        return NULL;
    }
    at++;
    while (at != NULL && *at != '"') {
        at = take_char(at, &ignored);
    }
    return at != NULL ? at + 1 : NULL;
}

static const char *skip_digits(const char *at)
{
    size_t len = strspn(at, "0123456789");
    return len > 0 ? at + len : NULL;
}

static const char *skip_number(const char *at)
{
    at += *at == '-' ? 1 : 0;
    if (at[0] == '0' && at[1] >= '0' && at[1] <= '9') {
        return NULL;
    }
    at = skip_digits(at);
    if (at != NULL && *at == '.') {
        at = skip_digits(at + 1);
    }
    if (at != NULL && (*at == 'e' || *at == 'E')) {
        at++;
        at = skip_digits(at + (*at == '+' || *at == '-' ? 1 : 0));
    }
    return at;
}

static const char *skip_scalar(const char *at)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < OD__LEN(words); i++) {
        size_t len = strlen(words[i]);
        if (strncmp(at, words[i], len) == 0) {
            return at + len;
        }
    }
    return *at == '"' ? skip_string(at) : skip_number(at);
}

/* "name": */
static const char *skip_name(const char *at)
{
    at = skip_string(at);
    return at != NULL && *at == ':' ? at + 1 : NULL;
}

static const char *skip_value(const char *at)
{
    char open[NEST_MAX]; /* what will close what is open */
    size_t depth = 0;
    do {
        bool is_object = *at == '{';
        if (!is_object && *at != '[') {
            at = skip_scalar(at);
        } else if (depth == NEST_MAX) {
            return NULL;
        } else {
            open[depth++] = is_object ? '}' : ']';
            at++;
            if (*at != open[depth - 1]) {
                at = is_object ? skip_name(at) : at;
                continue; /* with its first value */
            }
        }
        while (at != NULL && depth > 0 && *at == open[depth - 1]) {
            depth--;
            at++;
        }
        if (at != NULL && depth > 0) {
            bool in_object = open[depth - 1] == '}';
            at = *at != ',' ? NULL : in_object ? skip_name(at + 1) : at + 1;
        }
    } while (at != NULL && depth > 0);
    return at;
}

/* -- the object ----------------------------------------------------------- */

static const od__member *find(const od__payload *payload, const char *name,
                              size_t name_len)
{
    for (size_t i = 0; i < payload->len; i++) {
        const od__member *m = &payload->members[i];
        if (m->name_len == name_len && memcmp(m->name, name, name_len) == 0) {
            return m;
        }
    }
    return NULL;
}

/* "name":value, where the name is new. */
static const char *take_member(const char *at, od__payload *out)
{
    const char *name = at + 1;
    at = skip_name(at);
    if (at == NULL || out->len == OD__MEMBERS_MAX) {
        return NULL;
    }
    size_t name_len = (size_t)(at - 2 - name);
    const char *end = skip_value(at);
    if (end == NULL || memchr(name, '\\', name_len) != NULL ||
        find(out, name, name_len) != NULL) {
        return NULL;
    }
    out->members[out->len++] =
        (od__member){name, name_len, at, (size_t)(end - at)};
    return end;
}

bool od__payload_read(const char *text, od__payload *out)
{
    out->len = 0;
    size_t len = text != NULL ? strnlen(text, OD__PAYLOAD_LEN_MAX + 1) : 0;
    if (len < 2 || len > OD__PAYLOAD_LEN_MAX || text[0] != '{' ||
        !od__utf8_is_valid(text, len)) {
        return false;
    }
    const char *at = text + 1;
    if (*at != '}') {
        at = take_member(at, out);
        while (at != NULL && *at == ',') {
            at = take_member(at + 1, out);
        }
    }
    if (at == NULL || at[0] != '}' || at[1] != '\0') {
        out->len = 0;
        return false;
    }
    return true;
}

/* -- values --------------------------------------------------------------- */

static size_t utf8_put(uint32_t code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len; i-- > 1;) {
        out[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)(leads[len] | code);
    return len;
}

/* A string without its quotes and escapes; false: it does not fit. */
static bool unescape(const od__member *m, char *out, size_t out_size)
{
    const char *at = m->value + 1;
    const char *end = m->value + m->value_len - 1;
    size_t len = 0;
    while (at < end) {
        char bytes[4] = {*at};
        size_t step = 1;
        uint32_t code = 0;
        bool is_escape = *at == '\\';
        at = take_char(at, &code);
        if (is_escape) {
            step = utf8_put(code, bytes);
        }
        if (step >= out_size - len) {
            return false;
        }
        memcpy(out + len, bytes, step);
        len += step;
    }
    out[len] = '\0';
    return true;
}

bool od__payload_text(const od__payload *payload, const char *name, char *out,
                      size_t out_size)
{
    assert(out_size > 0);
    const od__member *m = find(payload, name, strlen(name));
    if (m == NULL || m->value[0] != '"' || !unescape(m, out, out_size)) {
        out[0] = '\0';
        return false;
    }
    return true;
}

/* A whole number at the head of what ends with `stop`. */
static const char *take_int(const char *at, const char *stop, int64_t *out)
{
    char *end = NULL;
    if (*at != '-' && (*at < '0' || *at > '9')) {
        return NULL;
    }
    errno = 0;
    long long number = strtoll(at, &end, 10);
    if (errno != 0 || strchr(stop, *end) == NULL) {
        return NULL;
    }
    *out = number;
    return end;
}

bool od__payload_int(const od__payload *payload, const char *name,
                     int64_t *out)
{
    const od__member *m = find(payload, name, strlen(name));
    return m != NULL && take_int(m->value, ",}", out) != NULL;
}

bool od__payload_ids(const od__payload *payload, const char *name, od_id *out,
                     size_t out_max, size_t *len)
{
    const od__member *m = find(payload, name, strlen(name));
    *len = 0;
    if (m == NULL || m->value[0] != '[') {
        return false;
    }
    const char *at = m->value + 1;
    for (size_t count = 0; *at != ']'; count++) {
        at = count < out_max ? take_int(at, ",]", &out[count]) : NULL;
        if (at == NULL) {
            *len = 0;
            return false;
        }
        at += *at == ',' ? 1 : 0;
        *len = count + 1;
    }
    return true;
}

void od__payload_cell(const od__payload *payload, const char *name, char *out,
                      size_t out_size)
{
    const od__member *m = find(payload, name, strlen(name));
    out[0] = '\0';
    if (m == NULL || strncmp(m->value, "null", 4) == 0) {
        return;
    }
    if (m->value[0] == '"') {
        (void)od__payload_text(payload, name, out, out_size);
    } else if (m->value_len < out_size) {
        memcpy(out, m->value, m->value_len);
        out[m->value_len] = '\0';
    }
}
