/*
 * rule_value.c - the value of each line of a rule.
 *
 * Each function reads reader->value whole into reader->rule or says what is
 * wrong with it and how it is written. What lines mean together rule_text.c
 * checks.
 */
#include "rules/rule_text.h"

#define HOUR_MS ((int64_t)3600 * 1000)
#define DAY_MS (24 * HOUR_MS)

static od_err wrong(const od__rule_reader *reader, const char *value,
                    const char *what, const char *cure)
{
    if (value[0] == '\0') {
        what = "without a value";
    }
    return od__rule_wrong(reader, value, what, cure);
}

/* The whole value is not such a thing. */
static od_err is_not(const od__rule_reader *reader, const char *what,
                     const char *cure)
{
    return wrong(reader, reader->value, what, cure);
}

/* No word follows. */
static bool is_over(const char *at)
{
    char word[OD__RULE_WORD_MAX + 1];
    return !od__rule_word(&at, word);
}

/* == where ================================================================= */

/* A country or a state as places have them. */
static bool is_jurisdiction(const char *word)
{
    od__plan_row ignored;
    if (strlen(word) == 2) {
        return word[0] >= 'A' && word[0] <= 'Z' && word[1] >= 'A' &&
               word[1] <= 'Z' && od__country_is_known(word);
    }
    return strlen(word) == 5 && od__region_zones(word, &ignored);
}

static od_err put_place(const od__rule_reader *reader, const char *word,
                        char (*out)[8], size_t *len)
{
    if (*len == OD__RULE_PLACES_MAX) {
        return wrong(reader, word, "is one too many", "at most 64");
    }
    for (size_t i = 0; i < *len; i++) {
        if (strcmp(out[i], word) == 0) {
            return wrong(reader, word, "is named twice", "name it once");
        }
    }
    od__text_copy(out[(*len)++], sizeof out[0], word);
    return OD_OK;
}

static od_err read_places(const od__rule_reader *reader, char (*out)[8],
                          size_t *len)
{
    char word[OD__RULE_WORD_MAX + 1];
    const char *at = reader->value;
    while (od__rule_word(&at, word)) {
        if (!is_jurisdiction(word)) {
            return wrong(reader, word, "is no jurisdiction",
                         "write codes such as US, US-FL or GB");
        }
        od_err err = put_place(reader, word, out, len);
        if (err != OD_OK) {
            return err;
        }
    }
    return *len > 0 ? OD_OK
                    : is_not(reader, "", "write codes such as US, US-FL or GB");
}

od_err od__rule_read_in(od__rule_reader *reader)
{
    od__rule *rule = &reader->rule;
    if (strcmp(reader->value, "*") == 0) {
        od__text_copy(rule->in[0], sizeof rule->in[0], "*");
        rule->in_len = 1;
        return OD_OK;
    }
    return read_places(reader, rule->in, &rule->in_len);
}

od_err od__rule_read_except(od__rule_reader *reader)
{
    return read_places(reader, reader->rule.except, &reader->rule.except_len);
}

/* == what kind of call ===================================================== */

/* Words of a list as bits; `first` is the bit of names[0]. */
static od_err read_bits(const od__rule_reader *reader, const char *const *names,
                        int names_len, int first, const char *cure,
                        uint32_t *out)
{
    char word[OD__RULE_WORD_MAX + 1];
    const char *at = reader->value;
    uint32_t bits = 0;
    while (od__rule_word(&at, word)) {
        int index = od__rule_word_index(word, names, names_len);
        if (index == OD_NONE) {
            return wrong(reader, word, "is not known here", cure);
        }
        uint32_t bit = 1u << (index + first);
        if ((bits & bit) != 0) {
            return wrong(reader, word, "is named twice", "name it once");
        }
        bits |= bit;
    }
    if (bits == 0) {
        return is_not(reader, "", cure);
    }
    *out = bits;
    return OD_OK;
}

od_err od__rule_read_channel(od__rule_reader *reader)
{
    static const char *const names[] = {"voice", "text"};
    return read_bits(reader, names, OD__LEN(names), OD_CHANNEL_VOICE,
                     "write \"voice\", \"text\" or \"voice text\"",
                     &reader->rule.channels);
}

od_err od__rule_read_purpose(od__rule_reader *reader)
{
    const char *names[OD_PURPOSES - 1];
    const uint32_t any = ((1u << OD_PURPOSES) - 1) & ~1u;
    if (od__text_equal_nocase(reader->value, "any")) {
        reader->rule.purposes = any;
        return OD_OK;
    }
    if (od__text_equal_nocase(reader->value, "any-but-emergency")) {
        reader->rule.purposes = any & ~(1u << OD_PURPOSE_EMERGENCY);
        return OD_OK;
    }
    for (int i = 0; i < OD_PURPOSES - 1; i++) {
        names[i] = od_purpose_name(i + OD_PURPOSE_MARKETING);
    }
    return read_bits(reader, names, OD_PURPOSES - 1, OD_PURPOSE_MARKETING,
                     "write some of marketing, informational, survey, charity, "
                     "health, debt, emergency; or any; or any-but-emergency",
                     &reader->rule.purposes);
}

od_err od__rule_read_line(od__rule_reader *reader)
{
    const char *names[OD_LINES - 1];
    for (int i = 0; i < OD_LINES - 1; i++) {
        names[i] = od_line_name(i + OD_LINE_MOBILE);
    }
    return read_bits(reader, names, OD_LINES - 1, OD_LINE_MOBILE,
                     "write some of mobile, landline, business",
                     &reader->rule.lines);
}

od_err od__rule_read_unless(od__rule_reader *reader)
{
    static const char *const names[] = {"express", "written", "relationship"};
    return read_bits(reader, names, OD__LEN(names), 0,
                     "write some of express, written, relationship",
                     &reader->rule.unless);
}

/* == effects =============================================================== */

#define WINDOW_CURE "write \"mon-fri 8:00-20:00\""

/* Copy a window without the item "holiday" in its list of days, which
 * od_window_parse does not know. Days that are empty then are "daily". */
static bool strip_holiday(const char *value, char *out, size_t out_size,
                          bool *alone)
{
    const char *time = value + strcspn(value, "0123456789");
    bool found = false;
    int kept = 0;
    od__writer writer;
    od__writer_init(&writer, out, out_size);
    for (const char *at = value; at <= time;) {
        const char *stop = at;
        while (stop < time && *stop != ',') {
            stop++;
        }
        const char *from = at + strspn(at, " \t");
        size_t len = from < stop ? (size_t)(stop - from) : 0;
        while (len > 0 && (from[len - 1] == ' ' || from[len - 1] == '\t')) {
            len--;
        }
        char item[16] = "";
        if (len < sizeof item) {
            memcpy(item, from, len);
            item[len] = '\0';
        }
        if (!found && od__text_equal_nocase(item, "holiday")) {
            found = true;
        } else {
            od__write(&writer, "%s%.*s", kept++ > 0 ? "," : "", (int)len, from);
        }
        at = stop + 1;
    }
    *alone = found && kept == 0;
    od__write(&writer, "%s %s", *alone ? "daily" : "", time);
    return found;
}

od_err od__rule_read_window(od__rule_reader *reader)
{
    od__rule *rule = &reader->rule;
    char text[OD__RULE_LINE_MAX + 16];
    od_window window;
    bool alone = false;
    bool holiday = strip_holiday(reader->value, text, sizeof text, &alone);
    if (od_window_parse(holiday ? text : reader->value, &window) != OD_OK) {
        return is_not(reader, "is not a window", WINDOW_CURE);
    }
    if (rule->windows_len == OD__RULE_WINDOWS_MAX) {
        return is_not(reader, "is one too many", "at most 8 windows");
    }
    window.days = alone ? 0 : window.days;
    window.days |= holiday ? OD__HOLIDAY_BIT : 0;
    rule->windows[rule->windows_len++] = window;
    return OD_OK;
}

od_err od__rule_read_holidays(od__rule_reader *reader)
{
    reader->rule.holidays = od__rule_reader_holidays(reader, reader->value);
    return reader->rule.holidays != OD_NONE ? OD_OK : OD_ERR_FORMAT;
}

/* "24h", "30d" */
static bool read_period(const char *word, int64_t *out_ms)
{
    int64_t number;
    if (od__rule_number(word, "h", 1, 366 * 24, &number)) {
        *out_ms = number * HOUR_MS;
        return true;
    }
    if (od__rule_number(word, "d", 1, 366, &number)) {
        *out_ms = number * DAY_MS;
        return true;
    }
    return false;
}

od_err od__rule_read_cap(od__rule_reader *reader)
{
    od__rule *rule = &reader->rule;
    char word[OD__RULE_WORD_MAX + 1];
    int64_t calls = 0;
    const char *at = reader->value;
    bool good = od__rule_word(&at, word) &&
                od__rule_number(word, "", 1, OD__RECENT_MAX, &calls) &&
                od__rule_word(&at, word) && strcmp(word, "per") == 0 &&
                od__rule_word(&at, word) && read_period(word, &rule->per_ms);
    rule->amount = OD__CAP_NUMBER;
    if (good && od__rule_word(&at, word)) {
        good = strcmp(word, "each") == 0 && od__rule_word(&at, word) &&
               strcmp(word, "campaign") == 0 && is_over(at);
        rule->amount = OD__CAP_CAMPAIGN;
    }
    if (!good) {
        return is_not(reader, "is not a cap",
                      "write \"3 per 24h\", 1 to 16 calls in 1h to 366d, and "
                      "\"each campaign\" behind it or nothing");
    }
    rule->value = (int32_t)calls;
    return OD_OK;
}

od_err od__rule_read_consent(od__rule_reader *reader)
{
    static const char *const names[] = {"express", "written"};
    int index = od__rule_word_index(reader->value, names, OD__LEN(names));
    if (index == OD_NONE) {
        return is_not(reader, "is no kind of consent",
                      "write \"express\" or \"written\"");
    }
    reader->rule.value = index + 1;
    return OD_OK;
}

od_err od__rule_read_ban(od__rule_reader *reader)
{
    return reader->value[0] == '\0'
               ? OD_OK
               : is_not(reader, "is too much", "write \"ban\" alone");
}

od_err od__rule_read_registry(od__rule_reader *reader)
{
    od__rule *rule = &reader->rule;
    char name[OD__RULE_WORD_MAX + 1];
    char age[OD__RULE_WORD_MAX + 1];
    int64_t days = 0;
    const char *at = reader->value;
    if (!od__rule_word(&at, name) || !od__rule_id_is_valid(name) ||
        !od__rule_word(&at, age) || !od__rule_number(age, "d", 1, 366, &days) ||
        !is_over(at)) {
        return is_not(reader, "is not a registry with its greatest age",
                      "write \"us.national 31d\", 1d to 366d");
    }
    od__text_copy(rule->list, sizeof rule->list, name);
    rule->value = (int32_t)days;
    return OD_OK;
}

/* What a campaign may be asked for; `unit` NULL: no number follows. */
static const struct {
    const char *word;
    const char *unit;
    int32_t max;
    int32_t times; /* of the number as it is kept */
    int32_t value;
} requires[] = {
    {"identity", NULL, 0, 0, OD__REQUIRE_IDENTITY},
    {"offer", "s", 60, 1000, OD__REQUIRE_OFFER},
    {"caller-id", NULL, 0, 0, OD__REQUIRE_CALLER_ID},
    {"seller", NULL, 0, 0, OD__REQUIRE_SELLER},
    {"ring", "s", 120, 1000, OD__REQUIRE_RING},
    {"abandon", "", 1000, 1, OD__REQUIRE_ABANDON},
    {"opt-out-text", NULL, 0, 0, OD__REQUIRE_OPT_OUT_TEXT},
    {"seller-named", NULL, 0, 0, OD__REQUIRE_SELLER_NAMED},
};

od_err od__rule_read_require(od__rule_reader *reader)
{
    char word[OD__RULE_WORD_MAX + 1];
    char number[OD__RULE_WORD_MAX + 1];
    const char *at = reader->value;
    (void)od__rule_word(&at, word);
    for (size_t i = 0; i < OD__LEN(requires); i++) {
        if (strcmp(word, requires[i].word) != 0) {
            continue;
        }
        int64_t amount = 0;
        bool good = requires[i].unit == NULL ||
                    (od__rule_word(&at, number) &&
                     od__rule_number(number, requires[i].unit, 1,
                                     requires[i].max, &amount));
        if (!good || !is_over(at)) {
            break;
        }
        reader->rule.value = requires[i].value;
        reader->rule.amount = (int32_t)amount * requires[i].times;
        return OD_OK;
    }
    return is_not(reader, "cannot be required",
                  "write one of identity, offer 2s, caller-id, seller, ring "
                  "15s, abandon 30, opt-out-text, seller-named");
}

/* == when ================================================================== */

/* "2026-10-18" */
static bool read_date(const char *text, int64_t *out)
{
    char parts[3][8] = {"", "", ""};
    int64_t number[3] = {0, 0, 0};
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-') {
        return false;
    }
    memcpy(parts[0], text, 4);
    memcpy(parts[1], text + 5, 2);
    memcpy(parts[2], text + 8, 2);
    if (!od__rule_number(parts[0], "", 1, 9999, &number[0]) ||
        !od__rule_number(parts[1], "", 1, 12, &number[1]) ||
        !od__rule_number(parts[2], "", 1, 31, &number[2])) {
        return false;
    }
    int64_t year;
    int month;
    int day;
    *out = od__days_of_date(number[0], (int)number[1], (int)number[2]);
    od__date_of_days(*out, &year, &month, &day);
    return day == number[2];
}

static od_err read_day(const od__rule_reader *reader, int64_t *out)
{
    int64_t day = 0;
    if (!read_date(reader->value, &day)) {
        return is_not(reader, "is not a date", "write one such as 2026-10-18");
    }
    *out = day;
    return OD_OK;
}

od_err od__rule_read_from(od__rule_reader *reader)
{
    return read_day(reader, &reader->rule.from_day);
}

od_err od__rule_read_until(od__rule_reader *reader)
{
    return read_day(reader, &reader->rule.until_day);
}

/* == where it is written =================================================== */

static od_err read_text(const od__rule_reader *reader, char *out, size_t size)
{
    size_t len = strlen(reader->value);
    if (len == 0 || len >= size) {
        char cure[32];
        (void)snprintf(cure, sizeof cure, "write 1 to %zu bytes", size - 1);
        return is_not(reader, "is too long", cure);
    }
    od__text_copy(out, size, reader->value);
    return OD_OK;
}

od_err od__rule_read_cite(od__rule_reader *reader)
{
    return read_text(reader, reader->rule.citation,
                     sizeof reader->rule.citation);
}

od_err od__rule_read_source(od__rule_reader *reader)
{
    return read_text(reader, reader->rule.source, sizeof reader->rule.source);
}

od_err od__rule_read_verified(od__rule_reader *reader)
{
    static const char *const names[] = {"no", "yes"};
    int index = od__rule_word_index(reader->value, names, OD__LEN(names));
    if (index == OD_NONE) {
        return is_not(reader, "is neither", "write \"yes\" or \"no\"");
    }
    reader->rule.verified = index == 1;
    return OD_OK;
}
