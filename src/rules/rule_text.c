/*
 * rule_text.c - the text format of rules (docs/guide/rules.md) -> rows.
 *
 *     text     := { block }
 *     block    := "rule" ID { line }  |  "holidays" ID { line }
 *     line     := KEYWORD VALUE       one a line; '#' first: a comment
 *
 * Each keyword has a row in a table: in which block it stands, whether it may
 * stand there again, whether it is the effect of a rule, and the function that
 * reads its value (rule_value.c, rule_days.c). Here is what concerns a block as
 * a whole: what is missing in it and what contradicts what.
 *
 * "holidays" begins a holiday set, and is a line of a rule as well. A name that
 * is known is a line of the rule above, an unknown one begins a set: holiday
 * sets stand before the rules that name them.
 */
#include "rules/rule_text.h"

typedef enum block { BLOCK_NONE = 0, BLOCK_RULE = 1, BLOCK_DAYS = 2 } block;

enum {
    KEY_IN,
    KEY_EXCEPT,
    KEY_CHANNEL,
    KEY_PURPOSE,
    KEY_LINE,
    KEY_UNLESS,
    KEY_WINDOW,
    KEY_HOLIDAYS,
    KEY_CAP,
    KEY_CONSENT,
    KEY_BAN,
    KEY_REGISTRY,
    KEY_REQUIRE,
    KEY_FROM,
    KEY_UNTIL,
    KEY_CITE,
    KEY_SOURCE,
    KEY_VERIFIED,
    KEY_INCLUDE,
    KEY_OBSERVED,
    KEY_DAY,
    KEYS_LEN
};

typedef struct keyword {
    const char *word;
    block of;
    bool repeats;
    int32_t effect; /* od_rule_effect; 0: none */
    od_err (*read)(od__rule_reader *reader);
} keyword;

static const keyword keywords[KEYS_LEN] = {
    [KEY_IN] = {"in", BLOCK_RULE, false, 0, od__rule_read_in},
    [KEY_EXCEPT] = {"except", BLOCK_RULE, false, 0, od__rule_read_except},
    [KEY_CHANNEL] = {"channel", BLOCK_RULE, false, 0, od__rule_read_channel},
    [KEY_PURPOSE] = {"purpose", BLOCK_RULE, false, 0, od__rule_read_purpose},
    [KEY_LINE] = {"line", BLOCK_RULE, false, 0, od__rule_read_line},
    [KEY_UNLESS] = {"unless", BLOCK_RULE, false, 0, od__rule_read_unless},
    [KEY_WINDOW] = {"window", BLOCK_RULE, true, OD_RULE_WINDOW,
                    od__rule_read_window},
    [KEY_HOLIDAYS] = {"holidays", BLOCK_RULE, false, 0, od__rule_read_holidays},
    [KEY_CAP] = {"cap", BLOCK_RULE, false, OD_RULE_CAP, od__rule_read_cap},
    [KEY_CONSENT] = {"consent", BLOCK_RULE, false, OD_RULE_CONSENT,
                     od__rule_read_consent},
    [KEY_BAN] = {"ban", BLOCK_RULE, false, OD_RULE_BAN, od__rule_read_ban},
    [KEY_REGISTRY] = {"registry", BLOCK_RULE, false, OD_RULE_REGISTRY,
                      od__rule_read_registry},
    [KEY_REQUIRE] = {"require", BLOCK_RULE, false, OD_RULE_REQUIRE,
                     od__rule_read_require},
    [KEY_FROM] = {"from", BLOCK_RULE, false, 0, od__rule_read_from},
    [KEY_UNTIL] = {"until", BLOCK_RULE, false, 0, od__rule_read_until},
    [KEY_CITE] = {"cite", BLOCK_RULE, false, 0, od__rule_read_cite},
    [KEY_SOURCE] = {"source", BLOCK_RULE, false, 0, od__rule_read_source},
    [KEY_VERIFIED] = {"verified", BLOCK_RULE, false, 0, od__rule_read_verified},
    [KEY_INCLUDE] = {"include", BLOCK_DAYS, true, 0, od__rule_read_include},
    [KEY_OBSERVED] = {"observed", BLOCK_DAYS, false, 0, od__rule_read_observed},
    [KEY_DAY] = {"day", BLOCK_DAYS, true, 0, od__rule_read_day},
};

typedef struct parser {
    od__rule_reader reader;
    const char *at; /* the next line */
    const char *end;
    block open;
    int32_t began;           /* line of the block */
    int32_t lines[KEYS_LEN]; /* where each keyword stands in it; 0: nowhere */
    char text[OD__RULE_LINE_MAX + 1];
} parser;

/* == what is wrong ========================================================= */

/* So much of a value is shown. */
#define SHOWN_SIZE 100

static od_err wrong_as(const od__rule_reader *reader, od_err code,
                       const char *value, const char *what, const char *cure)
{
    char shown[SHOWN_SIZE];
    bool has_value = value[0] != '\0';
    od__text_copy(shown, sizeof shown, value);
    return od__fail(reader->errmsg, code, "rules %s, line %d, %s: %s%s%s%s: %s",
                    reader->name, reader->line, reader->field,
                    has_value ? "\"" : "", shown, has_value ? "\" " : "", what,
                    cure);
}

od_err od__rule_wrong(const od__rule_reader *reader, const char *value,
                      const char *what, const char *cure)
{
    return wrong_as(reader, OD_ERR_FORMAT, value, what, cure);
}

/* The same of another line of the block. */
static od_err wrong_at(parser *p, int32_t line, const char *field,
                       const char *value, const char *what, const char *cure)
{
    p->reader.line = line;
    p->reader.field = field;
    return od__rule_wrong(&p->reader, value, what, cure);
}

static od_err wrong_key(parser *p, int key, const char *what, const char *cure)
{
    return wrong_at(p, p->lines[key], keywords[key].word, "", what, cure);
}

/* == words ================================================================= */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool od__rule_word(const char **at, char out[OD__RULE_WORD_MAX + 1])
{
    const char *from = *at;
    while (is_blank(*from)) {
        from++;
    }
    const char *to = from;
    while (*to != '\0' && !is_blank(*to)) {
        to++;
    }
    size_t len = (size_t)(to - from);
    size_t kept = len < OD__RULE_WORD_MAX ? len : OD__RULE_WORD_MAX;
    memcpy(out, from, kept);
    out[kept] = '\0';
    *at = to;
    return len > 0;
}

bool od__rule_number(const char *word, const char *unit, int64_t min,
                     int64_t max, int64_t *out)
{
    int64_t value = 0;
    size_t digits = strspn(word, "0123456789");
    if (digits == 0 || digits > 9 || strcmp(word + digits, unit) != 0) {
        return false;
    }
    for (size_t i = 0; i < digits; i++) {
        value = value * 10 + (word[i] - '0');
    }
    if (value < min || value > max) {
        return false;
    }
    *out = value;
    return true;
}

int od__rule_word_index(const char *word, const char *const *names, int len)
{
    for (int i = 0; i < len; i++) {
        if (od__text_equal_nocase(word, names[i])) {
            return i;
        }
    }
    return OD_NONE;
}

int32_t od__rule_reader_holidays(const od__rule_reader *reader,
                                 const char *name)
{
    const od__rule_set *set = reader->set;
    int32_t at = od__rule_set_find_holidays(set, name);
    if (at == OD_NONE) {
        (void)od__rule_wrong(reader, name, "is no holiday set",
                             "name one that stands above, such as us.federal");
        return OD_NONE;
    }
    const od__holidays_owner *owner = &set->owners[at];
    if (owner->host && strcmp(owner->set, reader->name) != 0) {
        (void)od__rule_wrong(reader, name, "is of another text of the host",
                             "write its days into this text, too");
        return OD_NONE;
    }
    return at;
}

/* == blocks ================================================================ */

/* A row that found no room. */
static od_err no_room(parser *p, od_err err)
{
    if (err == OD_ERR_LIMIT) {
        return wrong_as(&p->reader, err, "", "too many",
                        "at most 1024 rules and 256 holiday sets in all");
    }
    return od__fail(p->reader.errmsg, err, "rules %s: out of memory",
                    p->reader.name);
}

static od_err missing(parser *p, const char *field, const char *cure)
{
    return wrong_at(p, p->began, field, p->reader.rule.id,
                    "is a rule without it", cure);
}

/* What a rule must have. */
static od_err check_present(parser *p)
{
    if (p->lines[KEY_IN] == 0) {
        return missing(p, "in", "add a line such as \"in US-FL\"");
    }
    if (p->lines[KEY_PURPOSE] == 0) {
        return missing(p, "purpose",
                       "add a line such as \"purpose marketing\"");
    }
    if (p->reader.rule.effect == 0) {
        return missing(p, "effect",
                       "add a line with one of window, cap, "
                       "consent, ban, registry, require");
    }
    if (p->lines[KEY_CITE] == 0) {
        return missing(p, "cite", "add where the rule is written");
    }
    if (p->lines[KEY_VERIFIED] == 0) {
        return missing(p, "verified", "add \"verified yes\" or \"no\"");
    }
    return OD_OK;
}

static bool has_holiday_window(const od__rule *rule)
{
    for (size_t i = 0; i < rule->windows_len; i++) {
        if ((rule->windows[i].days & OD__HOLIDAY_BIT) != 0) {
            return true;
        }
    }
    return false;
}

/* What a rule must not have together. */
static od_err check_together(parser *p)
{
    const od__rule *rule = &p->reader.rule;
    bool is_window = rule->effect == OD_RULE_WINDOW;
    if (rule->except_len > 0 && strcmp(rule->in[0], "*") != 0) {
        return wrong_key(p, KEY_EXCEPT, "goes with \"in *\" alone",
                         "leave it out");
    }
    if (is_window && rule->unless != 0) {
        return wrong_key(p, KEY_UNLESS, "does not go with a window",
                         "leave it out: hours are judged for a place, not for "
                         "a person");
    }
    if (!is_window && rule->holidays != OD_NONE) {
        return wrong_key(p, KEY_HOLIDAYS, "goes with a window alone",
                         "leave it out, or add \"window daily 0:00-24:00\" in "
                         "a rule of its own");
    }
    if (rule->holidays == OD_NONE && has_holiday_window(rule)) {
        return wrong_key(p, KEY_WINDOW, "a holiday without a holiday set",
                         "add a line such as \"holidays us.federal\"");
    }
    if (rule->from_day > rule->until_day) {
        return wrong_key(p, KEY_UNTIL, "is before from",
                         "write the later date here");
    }
    return OD_OK;
}

static od_err end_rule(parser *p)
{
    od_err err = check_present(p);
    if (err == OD_OK) {
        err = check_together(p);
    }
    if (err != OD_OK) {
        return err;
    }
    p->reader.line = p->began;
    p->reader.field = "rule";
    err = od__rule_set_put(p->reader.set, &p->reader.rule);
    return err != OD_OK ? no_room(p, err) : OD_OK;
}

static od_err end_days(parser *p)
{
    od__holidays *days = &p->reader.days;
    if (days->len == 0) {
        return wrong_at(p, p->began, "holidays", days->name, "has no day",
                        "add lines such as \"day dec 25\", or name a set that "
                        "stands above");
    }
    for (size_t i = 0; i < days->len && p->reader.observed != OD_NONE; i++) {
        days->rows[i].observed = p->reader.observed;
    }
    p->reader.line = p->began;
    p->reader.field = "holidays";
    od_err err = od__rule_set_put_holidays(p->reader.set, days, p->reader.name,
                                           p->reader.host);
    return err != OD_OK ? no_room(p, err) : OD_OK;
}

static od_err end_block(parser *p)
{
    int32_t line = p->reader.line;
    const char *field = p->reader.field;
    od_err err = p->open == BLOCK_RULE   ? end_rule(p)
                 : p->open == BLOCK_DAYS ? end_days(p)
                                         : OD_OK;
    if (err == OD_OK) {
        p->open = BLOCK_NONE;
        p->reader.line = line;
        p->reader.field = field;
    }
    return err;
}

/* The id in the head of a block, which nothing else has. */
static od_err check_id(parser *p, bool taken)
{
    const od__rule_reader *reader = &p->reader;
    if (!od__rule_id_is_valid(reader->value)) {
        return od__rule_wrong(reader, reader->value,
                              reader->value[0] != '\0' ? "is not an id"
                                                       : "without an id",
                              "write 1 to 31 of a-z, 0-9, '.' and '-'");
    }
    if (taken) {
        return wrong_as(reader, OD_ERR_EXISTS, reader->value, "is taken",
                        "choose another id");
    }
    return OD_OK;
}

static void open_block(parser *p, block which)
{
    p->open = which;
    p->began = p->reader.line;
    memset(p->lines, 0, sizeof p->lines);
}

static od_err begin_rule(parser *p)
{
    od__rule_reader *reader = &p->reader;
    od_err err = end_block(p);
    if (err == OD_OK) {
        err = check_id(p, od__rule_find(reader->set, reader->value) != NULL);
    }
    if (err != OD_OK) {
        return err;
    }
    open_block(p, BLOCK_RULE);
    od__rule *rule = &reader->rule;
    memset(rule, 0, sizeof *rule);
    od__text_copy(rule->id, sizeof rule->id, reader->value);
    od__text_copy(rule->set, sizeof rule->set, reader->name);
    rule->channels = 1u << OD_CHANNEL_VOICE | 1u << OD_CHANNEL_TEXT;
    rule->lines =
        1u << OD_LINE_MOBILE | 1u << OD_LINE_LANDLINE | 1u << OD_LINE_BUSINESS;
    rule->holidays = OD_NONE;
    rule->from_day = OD__RULE_DAY_FIRST;
    rule->until_day = OD__RULE_DAY_LAST;
    rule->host = reader->host;
    return OD_OK;
}

static od_err begin_days(parser *p)
{
    od__rule_reader *reader = &p->reader;
    if (p->open == BLOCK_RULE &&
        (p->lines[KEY_CITE] == 0 || p->lines[KEY_VERIFIED] == 0)) {
        /* The rule goes on: its line names a set that is not there. */
        (void)od__rule_reader_holidays(reader, reader->value);
        return OD_ERR_FORMAT;
    }
    od_err err = end_block(p);
    if (err == OD_OK) {
        err = check_id(p, od__rule_set_find_holidays(reader->set,
                                                     reader->value) != OD_NONE);
    }
    if (err != OD_OK) {
        return err;
    }
    open_block(p, BLOCK_DAYS);
    memset(&reader->days, 0, sizeof reader->days);
    od__text_copy(reader->days.name, sizeof reader->days.name, reader->value);
    reader->observed = OD_NONE;
    return OD_OK;
}

/* == lines ================================================================= */

/* A line of the block that is open. */
static od_err read_inside(parser *p, int key)
{
    const keyword *k = &keywords[key];
    od__rule *rule = &p->reader.rule;
    if (p->open != k->of) {
        return od__rule_wrong(&p->reader, "",
                              k->of == BLOCK_RULE ? "is not in a rule"
                                                  : "is not in a holiday set",
                              k->of == BLOCK_RULE
                                  ? "write \"rule ID\" above"
                                  : "write \"holidays ID\" above, with an id "
                                    "that is not taken");
    }
    if (p->lines[key] != 0 && !k->repeats) {
        return od__rule_wrong(&p->reader, "", "stands twice in this block",
                              "write one line of it");
    }
    if (k->effect != 0 && rule->effect != 0 && rule->effect != k->effect) {
        return od__rule_wrong(&p->reader, "", "is a second effect",
                              "give it a rule of its own");
    }
    if (k->effect != 0) {
        rule->effect = k->effect;
    }
    p->lines[key] = p->reader.line;
    return k->read(&p->reader);
}

/* Which keyword? KEYS_LEN: none. */
static int key_of(const char *word)
{
    int key = 0;
    while (key < KEYS_LEN && strcmp(keywords[key].word, word) != 0) {
        key++;
    }
    return key;
}

static od_err read_line(parser *p)
{
    char word[OD__RULE_WORD_MAX + 1];
    od__rule_reader *reader = &p->reader;
    reader->field = "text";
    reader->value = "";
    const char *at = p->text;
    if (!od__rule_word(&at, word) || word[0] == '#') {
        return OD_OK;
    }
    at += strspn(at, " \t");
    reader->value = at;
    if (strcmp(word, "rule") == 0) {
        reader->field = "rule";
        return begin_rule(p);
    }
    int key = key_of(word);
    if (key == KEYS_LEN) {
        return od__rule_wrong(reader, word, "is not a keyword",
                              "docs/guide/rules.md lists them");
    }
    reader->field = keywords[key].word;
    if (key == KEY_HOLIDAYS &&
        (p->open != BLOCK_RULE ||
         od__rule_set_find_holidays(reader->set, at) == OD_NONE)) {
        return begin_days(p);
    }
    return read_inside(p, key);
}

/* What may not stand in any line; NULL: fine. */
static const char *line_problem(const char *line, size_t len, const char **cure)
{
    if (len > OD__RULE_LINE_MAX) {
        *cure = "at most 511 bytes";
        return "the line is too long";
    }
    if (memchr(line, '\0', len) != NULL) {
        *cure = "remove it";
        return "a NUL byte";
    }
    if (!od__utf8_is_valid(line, len)) {
        *cure = "save the text as UTF-8";
        return "bytes that are not UTF-8";
    }
    for (size_t i = 0; i < len; i++) {
        if (((uint8_t)line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7f) {
            *cure = "remove it";
            return "a control character";
        }
    }
    return NULL;
}

/* Copy the next line without its end and blanks behind. */
static od_err take_line(parser *p)
{
    const char *from = p->at;
    const char *to = memchr(from, '\n', (size_t)(p->end - from));
    size_t len = (size_t)((to != NULL ? to : p->end) - from);
    p->at = to != NULL ? to + 1 : p->end;
    p->reader.line++;
    p->reader.field = "text";
    len -= len > 0 && from[len - 1] == '\r' ? 1 : 0;
    const char *cure = "";
    const char *problem = line_problem(from, len, &cure);
    if (problem != NULL) {
        return od__rule_wrong(&p->reader, "", problem, cure);
    }
    while (len > 0 && is_blank(from[len - 1])) {
        len--;
    }
    memcpy(p->text, from, len);
    p->text[len] = '\0';
    return OD_OK;
}

/* The text with the byte order mark of some editors taken off. */
static void begin_text(parser *p, const char *text, size_t text_len)
{
    p->at = text;
    p->end = text + text_len;
    if (text_len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        p->at += 3;
    }
}

od_err od__rule_text_read(od__rule_set *set, const char *name, const char *text,
                          size_t text_len, bool host, od_errmsg *errmsg)
{
    parser p = {.reader = {.set = set,
                           .name = name,
                           .host = host,
                           .errmsg = errmsg,
                           .field = "text",
                           .value = ""}};
    size_t len = set->len + set->holidays_len;
    begin_text(&p, text, text_len);
    if (text_len > OD__RULE_TEXT_MAX) {
        p.reader.line = 1;
        return od__rule_wrong(&p.reader, "", "the text is too long",
                              "at most 256 KiB, or split it");
    }
    od_err err = OD_OK;
    while (err == OD_OK && p.at < p.end) {
        err = take_line(&p);
        if (err == OD_OK) {
            err = read_line(&p);
        }
    }
    if (err == OD_OK) {
        err = end_block(&p);
    }
    if (err == OD_OK && set->len + set->holidays_len == len) {
        p.reader.line = 1;
        return od__rule_wrong(&p.reader, "", "no rule is in it",
                              "begin with a line such as \"rule acme.hours\"");
    }
    return err;
}
