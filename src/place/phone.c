/*
 * phone.c - what people write as a phone number -> E.164 digits.
 *
 * Two passes: the text is reduced to its digits and a leading plus, then the
 * digits are given the calling code they lack and judged. Nothing is guessed:
 * what could be two numbers is an error, since the wrong one would be called.
 * North American numbers are judged to the exchange (ATIS-0300051, the NANP's
 * numbering rules), others by calling code and length (ITU-T E.164).
 *
 * Called for each row of an import, so it allocates nothing and takes tens of
 * nanoseconds. Any bytes may come in, up to a NUL.
 */
#include "place/plan.h"

#include <assert.h>

#define E164_MAX 15
/* An international prefix may stand before the digits of a number. */
#define DIGITS_MAX (E164_MAX + 5)

typedef struct scan {
    uint8_t digits[DIGITS_MAX];
    size_t len; /* digits seen; those beyond DIGITS_MAX are not kept */
    bool plus;
} scan;

enum {
    MARK_NONE = -1,      /* no character of a number */
    MARK_SEPARATOR = -2, /* may stand anywhere */
    MARK_PLUS = -3       /* before the first digit only */
};

/* == the text ============================================================= */

/*
 * One character beyond ASCII: what it is, and its bytes. Spaces, dashes and
 * the invisible direction marks that address books leave behind are
 * separators; full-width forms are what they look like.
 */
static int wide_mark(const unsigned char *at, size_t *bytes)
{
    if (at[0] == 0xc2 && (at[1] == 0xa0 || at[1] == 0xad)) {
        *bytes = 2; /* no-break space, soft hyphen */
        return MARK_SEPARATOR;
    }
    if (at[0] < 0xe0 || at[1] == '\0' || at[2] == '\0') {
        return MARK_NONE;
    }
    *bytes = 3;
    unsigned code =
        (at[0] & 0xfu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
    if (at[0] > 0xef || (at[1] & 0xc0) != 0x80 || (at[2] & 0xc0) != 0x80) {
        return MARK_NONE;
    }
    if (code >= 0xff10 && code <= 0xff19) { /* full-width digits */
        return (int)(code - 0xff10);
    }
    if (code == 0xff0b) { /* full-width plus */
        return MARK_PLUS;
    }
    bool is_separator =
        (code >= 0x2000 && code <= 0x2015) || /* spaces, marks, dashes */
        (code >= 0x2028 && code <= 0x202f) || /* marks, narrow space */
        (code >= 0x205f && code <= 0x206f) || code == 0x2212 || /* minus */
        code == 0x3000 || code == 0xfeff || /* wide space, byte order mark */
        code == 0xff08 || code == 0xff09 || /* full-width ( ) - . / */
        (code >= 0xff0d && code <= 0xff0f);
    return is_separator ? MARK_SEPARATOR : MARK_NONE;
}

static int mark_of(const unsigned char *at, size_t *bytes)
{
    *bytes = 1;
    if (*at >= '0' && *at <= '9') {
        return *at - '0';
    }
    switch (*at) {
    case ' ':
    case '-':
    case '.':
    case '/':
    case '(':
    case ')':
    case '\t':
    case '\r':
    case '\n':
        return MARK_SEPARATOR;
    case '+':
        return MARK_PLUS;
    default:
        return *at < 0x80 ? MARK_NONE : wide_mark(at, bytes);
    }
}

/* Length of `word` (lower case) at the start of `text`, 0 if it is not. */
static size_t starts_with(const unsigned char *text, const char *word)
{
    size_t len = 0;
    while (word[len] != '\0') {
        unsigned c = text[len];
        c = c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
        if (c != (unsigned char)word[len]) {
            return 0;
        }
        len++;
    }
    return len;
}

/* "x12", "ext. 12", "extension: 12", "#12", and ";ext=12" of RFC 3966. */
static bool is_extension(const unsigned char *at)
{
    static const char *const marks[] = {";ext", "extension", "extn",
                                        "ext",  "x",         "#"};
    for (size_t i = 0; i < OD__LEN(marks); i++) {
        size_t len = starts_with(at, marks[i]);
        if (len == 0) {
            continue;
        }
        at += len;
        while (*at == ' ' || *at == '.' || *at == ':' || *at == '=') {
            at++;
        }
        return *at >= '0' && *at <= '9';
    }
    return false;
}

static od__phone_err scan_text(const char *text, scan *out)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at == ' ' || *at == '\t') {
        at++;
    }
    at += starts_with(at, "tel:");
    out->len = 0;
    out->plus = false;
    while (*at != '\0') {
        size_t bytes;
        int mark = mark_of(at, &bytes);
        if (mark >= 0) {
            if (out->len < DIGITS_MAX) {
                out->digits[out->len] = (uint8_t)mark;
            }
            out->len++;
        } else if (mark == MARK_PLUS && out->len == 0 && !out->plus) {
            out->plus = true;
        } else if (mark != MARK_SEPARATOR) {
            if (out->len > 0 && is_extension(at)) {
                return OD__PHONE_EXTENSION;
            }
            unsigned c = *at | 0x20u;
            return c >= 'a' && c <= 'z' ? OD__PHONE_LETTERS
                                        : OD__PHONE_CHARACTER;
        }
        at += bytes;
    }
    return out->len > 0 ? OD__PHONE_OK : OD__PHONE_EMPTY;
}

/* == the calling code ===================================================== */

static void drop_digits(scan *number, size_t from, size_t count)
{
    memmove(number->digits + from, number->digits + from + count,
            number->len - from - count);
    number->len -= count;
}

static bool has_digits(const scan *number, const char *digits)
{
    size_t len = strlen(digits);
    for (size_t i = 0; i < len; i++) {
        if (i >= number->len || number->digits[i] != digits[i] - '0') {
            return false;
        }
    }
    return true;
}

static void code_text(const od__plan_country *country, char out[4])
{
    unsigned code = country->code;
    out[country->code_len] = '\0';
    for (int i = country->code_len - 1; i >= 0; i--) {
        out[i] = (char)('0' + code % 10);
        code /= 10;
    }
}

/* Take an international prefix off. */
static bool drop_prefix(scan *number, const od__plan_country *home)
{
    if (has_digits(number, "00")) {
        drop_digits(number, 0, 2);
        return true;
    }
    if (home != NULL && home->code == 1 && has_digits(number, "011")) {
        drop_digits(number, 0, 3);
        return true;
    }
    return false;
}

/* Turn a number as it is written at home into an international one. */
static od__phone_err add_code(scan *number, const od__plan_country *home)
{
    char code[4];
    size_t trunk_len = strlen(home->trunk);
    code_text(home, code);
    if (trunk_len > 0 && has_digits(number, home->trunk) &&
        number->len >= trunk_len + home->len_min) {
        drop_digits(number, 0, trunk_len);
    } else if (has_digits(number, code)) {
        /* The code without a plus: certain if the number is too long to be
         * national, and likely where national ones are written with "0". */
        size_t rest = number->len - home->code_len;
        if (rest >= home->len_min && rest <= home->len_max &&
            (number->len > home->len_max || home->trunk[0] == '0')) {
            return OD__PHONE_OK;
        }
    }
    if (number->len < home->len_min) {
        return OD__PHONE_SHORT;
    }
    if (number->len > home->len_max) {
        return OD__PHONE_LONG;
    }
    memmove(number->digits + home->code_len, number->digits, number->len);
    for (size_t i = 0; i < home->code_len; i++) {
        number->digits[i] = (uint8_t)(code[i] - '0');
    }
    number->len += home->code_len;
    return OD__PHONE_OK;
}

/* == the number =========================================================== */

static od__phone_err judge_nanp(uint64_t phone)
{
    unsigned exchange = (unsigned)(phone / 10000 % 1000);
    if (exchange < 200 || exchange % 100 == 11) {
        return OD__PHONE_EXCHANGE;
    }
    od__plan_row row;
    if (!od__plan_find(phone, &row)) {
        return OD__PHONE_AREA;
    }
    return row.callable ? OD__PHONE_OK : OD__PHONE_SERVICE;
}

static uint64_t value_of(const scan *number)
{
    uint64_t value = 0;
    for (size_t i = 0; i < number->len; i++) {
        value = value * 10 + number->digits[i];
    }
    return value;
}

/* Judge international digits. "+44 (0)20 ..." still has its trunk prefix. */
static od__phone_err judge(scan *number, uint64_t *out)
{
    if (number->len > E164_MAX + 1) {
        return OD__PHONE_LONG;
    }
    if (number->len > 0 && number->digits[0] == 0) {
        return OD__PHONE_COUNTRY;
    }
    if (number->len < 4) {
        return OD__PHONE_SHORT;
    }
    const od__plan_country *country = od__plan_country_of(value_of(number));
    if (country == NULL) {
        return OD__PHONE_COUNTRY;
    }
    while (strcmp(country->trunk, "0") == 0 &&
           number->len > country->code_len &&
           number->digits[country->code_len] == 0) {
        drop_digits(number, country->code_len, 1);
    }
    size_t len = number->len - country->code_len;
    if (len < country->len_min) {
        return OD__PHONE_SHORT;
    }
    if (len > country->len_max || number->len > E164_MAX) {
        return OD__PHONE_LONG;
    }
    uint64_t phone = value_of(number);
    od__phone_err err = OD__PHONE_OK;
    if (country->code == 1) {
        err = judge_nanp(phone);
    } else if (country->zones == 0) {
        err = OD__PHONE_SERVICE;
    }
    if (err != OD__PHONE_EXCHANGE) {
        *out = phone;
    }
    return err;
}

od__phone_err od__phone_parse(const char *text, const char *country,
                              uint64_t *out)
{
    assert(text != NULL && out != NULL);
    scan number;
    od__phone_err err = scan_text(text, &number);
    if (err != OD__PHONE_OK) {
        return err;
    }
    if (number.len > DIGITS_MAX) {
        return OD__PHONE_LONG;
    }
    if (!number.plus) {
        const od__plan_country *home = od__plan_country_named(country);
        if (!drop_prefix(&number, home)) {
            if (home == NULL) {
                return OD__PHONE_COUNTRY;
            }
            err = add_code(&number, home);
        }
    }
    return err == OD__PHONE_OK ? judge(&number, out) : err;
}

const char *od__phone_err_text(od__phone_err err)
{
    switch (err) {
    case OD__PHONE_OK:
        return "is fine";
    case OD__PHONE_EMPTY:
        return "has no digits";
    case OD__PHONE_LETTERS:
        return "has letters";
    case OD__PHONE_EXTENSION:
        return "has an extension";
    case OD__PHONE_SHORT:
        return "has too few digits";
    case OD__PHONE_LONG:
        return "has too many digits";
    case OD__PHONE_COUNTRY:
        return "has no known country code";
    case OD__PHONE_AREA:
        return "has an area code that is not in service";
    case OD__PHONE_EXCHANGE:
        return "has an exchange that cannot exist";
    case OD__PHONE_SERVICE:
        return "is a toll-free, premium or service number";
    case OD__PHONE_CHARACTER:
        return "has a character that no phone number has";
    }
    return "is not a phone number";
}

/* Decimal digits of a number. */
static int digits_of(uint64_t phone)
{
    int digits = 1;
    while (phone >= 1000) {
        phone /= 1000;
        digits += 3;
    }
    return digits + (phone >= 10) + (phone >= 100);
}

void od__phone_text(uint64_t phone, char out[OD_PHONE_MAX + 1])
{
    assert(phone < UINT64_C(1000000000000000)); /* 15 digits */
    int len = digits_of(phone);
    out[0] = '+';
    out[len + 1] = '\0';
    for (int i = len; i > 0; i--) {
        out[i] = (char)('0' + phone % 10);
        phone /= 10;
    }
}
