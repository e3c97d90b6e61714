/*
 * line.c - a line of a registry's text -> a number, and what is to be done.
 *
 * The three forms that registries hand out (`212,5550123`, `2125550123`,
 * `+12125550123`) are read digit by digit, a quarter of a billion of them in
 * seconds. Whatever else stands in the column is left to place/phone.c, which
 * knows what people write and says what is wrong with it.
 *
 * A number is taken by its form alone. Whether its area code is in service is
 * not asked: a list may be newer than our tables, and a number too many on a
 * do-not-call list does no harm.
 *
 * Source: ATIS-0300051 (NXX codes: first digit 2 to 9, not N11; N9X is
 * reserved among area codes).
 */
#include "registry/registry.h"

#include "place/place.h"

#include <assert.h>

#define PHONE_TEXT 64

typedef struct cell {
    const char *at;
    size_t len;
} cell;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The cell that begins at `at`, trimmed; returns where the next one begins, or
 * NULL. */
static const char *take_cell(const char *at, const char *end, cell *out)
{
    const char *stop = at;
    while (stop < end && *stop != ',') {
        stop++;
    }
    const char *last = stop;
    while (at < last && is_blank(*at)) {
        at++;
    }
    while (last > at && is_blank(last[-1])) {
        last--;
    }
    out->at = at;
    out->len = (size_t)(last - at);
    return stop < end ? stop + 1 : NULL;
}

/* The value of a cell that is nothing but digits. */
static bool digits_of(const cell *from, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < from->len; i++) {
        unsigned digit = (unsigned char)from->at[i] - (unsigned)'0';
        if (digit > 9) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

/* One of the forms of a registry: ten digits, with 1 or +1 in front, or three
 * and seven. */
static bool read_plain(const cell *phone, const cell *local, uint64_t *out)
{
    uint64_t value = 0;
    uint64_t rest = 0;
    cell digits = *phone;
    if (local != NULL) {
        if (local->len != 7 || !digits_of(phone, &value) ||
            !digits_of(local, &rest)) {
            return false;
        }
        *out = UINT64_C(10000000000) + value * 10000000 + rest;
        return true;
    }
    if (digits.len == 12 && digits.at[0] == '+') {
        digits.at++;
        digits.len--;
    }
    if ((digits.len != 10 && digits.len != 11) || !digits_of(&digits, &value)) {
        return false;
    }
    *out = digits.len == 10 ? UINT64_C(10000000000) + value : value;
    return *out / UINT64_C(10000000000) == 1;
}

/* Any other usual format. NULL: fine. */
static const char *read_usual(const cell *phone, const cell *local,
                              uint64_t *out)
{
    char text[PHONE_TEXT];
    size_t local_len = local != NULL ? local->len : 0;
    if (phone->len + local_len >= sizeof text) {
        return od__phone_err_text(OD__PHONE_LONG);
    }
    memcpy(text, phone->at, phone->len);
    if (local != NULL) {
        memcpy(text + phone->len, local->at, local->len);
    }
    text[phone->len + local_len] = '\0';
    if (strlen(text) != phone->len + local_len) {
        return od__phone_err_text(OD__PHONE_CHARACTER);
    }
    od__phone_err err = od__phone_parse(text, "US", out);
    /* An area code that is not in service, or toll-free: a number still. */
    bool is_number = err == OD__PHONE_OK || err == OD__PHONE_AREA ||
                     err == OD__PHONE_SERVICE;
    return is_number ? NULL : od__phone_err_text(err);
}

bool od__nanp_split(uint64_t phone, od__nanp *out)
{
    if (phone < UINT64_C(12002000000) || phone > UINT64_C(19999999999)) {
        return false;
    }
    uint32_t area = (uint32_t)(phone / 10000000 - 1000);
    uint32_t exchange = (uint32_t)(phone / 10000 % 1000);
    if (exchange < OD__NANP_FIRST) {
        return false;
    }
    out->area = area - OD__NANP_FIRST;
    out->exchange = exchange - OD__NANP_FIRST;
    out->line = (uint32_t)(phone % 10000);
    return true;
}

/* NULL: it has the form of a number of North America. */
static const char *judge(uint64_t phone, od__nanp *out)
{
    if (phone / UINT64_C(10000000000) != 1) {
        return "is not a number of North America";
    }
    uint32_t area = (uint32_t)(phone / 10000000 - 1000);
    if (area < OD__NANP_FIRST || area % 100 == 11 || area % 100 / 10 == 9) {
        return "has an area code that cannot exist";
    }
    if (!od__nanp_split(phone, out) || phone / 10000 % 100 == 11) {
        return od__phone_err_text(OD__PHONE_EXCHANGE);
    }
    return NULL;
}

/* The action in this cell: 'A', 'D', or NUL. */
static char action_of(const cell *from)
{
    char letter = from->len == 1 ? from->at[0] : '\0';
    return letter == 'A' || letter == 'a'   ? 'A'
           : letter == 'D' || letter == 'd' ? 'D'
                                            : '\0';
}

/* The n-th cell from `at`, 1 and up. */
static bool find_cell(const char *at, const char *end, int32_t n, cell *out)
{
    for (; n > 0 && at != NULL; n--) {
        at = take_cell(at, end, out);
    }
    return n == 0;
}

const char *od__registry_line_parse(const char *line, size_t len,
                                    const od__registry_columns *columns,
                                    od__registry_change *out)
{
    assert(columns->phone >= 1);
    const char *end = line + len;
    const char *next = line;
    cell phone = {line, 0};
    cell local;
    if (len > OD__REGISTRY_LINE_MAX) {
        return "is too long a line";
    }
    for (int32_t i = 0; i < columns->phone; i++) {
        if (next == NULL) {
            return "has no column for the number";
        }
        next = take_cell(next, end, &phone);
    }
    bool split = phone.len == 3 && next != NULL;
    if (split) {
        next = take_cell(next, end, &local);
    }
    uint64_t number = 0;
    if (!read_plain(&phone, split ? &local : NULL, &number)) {
        const char *why = read_usual(&phone, split ? &local : NULL, &number);
        if (why != NULL) {
            return why;
        }
    }
    const char *why = judge(number, &out->number);
    if (why != NULL) {
        return why;
    }
    out->action = ' ';
    if (columns->action != OD_NONE) {
        cell action;
        bool found = columns->action == 0
                         ? find_cell(next, end, 1, &action)
                         : find_cell(line, end, columns->action, &action);
        out->action = found ? action_of(&action) : '\0';
    }
    return out->action == '\0' ? "has no action A or D" : NULL;
}
