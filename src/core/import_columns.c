/*
 * import_columns.c - what the columns of a CSV file of contacts mean.
 *
 * The first record names them, in any order and case. Some have a meaning of
 * their own, every other one is a custom field; one without a name is not kept.
 * Pure but for its memory; called by import.c.
 */
#include "core/core.h"

enum {
    PHONE,
    FIRST_NAME,
    LAST_NAME,
    EMAIL,
    COMPANY,
    NOTES,
    TIMEZONE,
    STATE,
    ZIP,
    PHONE2,
    PHONE3,
    LINE,
    CUSTOM /* none of these */
};

static const char *const names[CUSTOM] = {
    "phone",   "first_name", "last_name", "email",
    "company", "notes",      "timezone",  "state",
    "zip",     "phone2",     "phone3",    "line"};

/* Blanks around a cell are not meant. */
static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t')) {
        text[--len] = '\0';
    }
    return text;
}

bool od__column_is(const char *cell, const char *name)
{
    char text[OD_NAME_MAX + 1];
    if (strlen(cell) >= sizeof text) {
        return false; /* longer than all of them */
    }
    memcpy(text, cell, strlen(cell) + 1);
    return od__text_equal_nocase(od__csv_unguard(trim(text)), name);
}

const char *od__cell_code(char *cell)
{
    return od__csv_unguard(trim(cell));
}

static uint8_t kind_of(const char *cell)
{
    uint8_t i = 0;
    while (i < CUSTOM && !od__column_is(cell, names[i])) {
        i++;
    }
    return i;
}

bool od__column_is_known(const char *name)
{
    return kind_of(name) != CUSTOM;
}

static bool is_same(const od__columns *c, size_t i, uint8_t kind,
                    const char *name)
{
    return c->kinds[i] == kind &&
           (kind != CUSTOM ||
            (c->names[i] != NULL && strcmp(c->names[i], name) == 0));
}

static od_err take_one(od_engine *engine, od__columns *c,
                       const od__csv_record *record, size_t at)
{
    const char *name = od__csv_unguard(record->cells[at]);
    uint8_t kind = kind_of(name);
    c->kinds[at] = kind;
    c->names[at] = NULL;
    if (kind == CUSTOM && name[0] == '\0') {
        return OD_OK;
    }
    for (size_t i = 0; i < at; i++) {
        if (is_same(c, i, kind, name)) {
            return od__engine_fail(engine, OD_ERR_FORMAT,
                                   "line %lld: there are two columns \"%s\": "
                                   "rename one of them",
                                   (long long)record->line, name);
        }
    }
    if (kind != CUSTOM) {
        return OD_OK;
    }
    if (od__name_check(engine, name, "column") != OD_OK) {
        return OD_ERR_FORMAT;
    }
    c->names[at] = od__arena_text(&c->texts, name, strlen(name));
    return c->names[at] != NULL
               ? OD_OK
               : od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
}

od_err od__columns_take(od_engine *engine, od__columns *columns,
                        const od__csv_record *record)
{
    bool has_phone = false;
    if (record->has_nul || record->too_long ||
        record->len > OD__COLUMNS_MAX) {
        return od__engine_fail(engine, OD_ERR_FORMAT,
                               "line %lld: the header %s",
                               (long long)record->line,
                               record->has_nul
                                   ? "has a NUL byte"
                                   : "has too many columns or is too long");
    }
    for (size_t i = 0; i < record->len; i++) {
        od_err err = take_one(engine, columns, record, i);
        if (err != OD_OK) {
            return err;
        }
        has_phone = has_phone || columns->kinds[i] == PHONE;
    }
    if (!has_phone) {
        return od__engine_fail(engine, OD_ERR_FORMAT,
                               "line %lld: the header \"%.80s\" has no column "
                               "\"phone\": name the columns in the first line",
                               (long long)record->line, record->raw);
    }
    columns->len = record->len;
    return OD_OK;
}

/* Cells that are codes: blanks around them are not meant. */
static bool is_code(uint8_t kind)
{
    return kind == PHONE || kind >= TIMEZONE;
}

static od_err take_line(od_engine *engine, const char *name, int32_t *out)
{
    int32_t line = OD_LINE_UNKNOWN;
    while (line < OD_LINES && name != NULL && name[0] != '\0' &&
           !od__text_equal_nocase(name, od_line_name(line))) {
        line++;
    }
    if (line == OD_LINES) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "line \"%.32s\" is not one of mobile, landline, "
                               "business",
                               name);
    }
    *out = line;
    return OD_OK;
}

od_err od__columns_spread(od_engine *engine, const od__columns *columns,
                          od__csv_record *record, od_contact *contact,
                          od_field fields[OD_FIELDS_MAX])
{
    const char *line = NULL;
    const char **const texts[CUSTOM] = {
        &contact->phone,    &contact->first_name, &contact->last_name,
        &contact->email,    &contact->company,    &contact->notes,
        &contact->timezone, &contact->state,      &contact->zip,
        &contact->phone2,   &contact->phone3,     &line};
    memset(contact, 0, sizeof *contact);
    contact->fields = fields;
    for (size_t i = 0; i < record->len && i < columns->len; i++) {
        const char *cell = od__csv_unguard(record->cells[i]);
        uint8_t kind = columns->kinds[i];
        if (kind != CUSTOM) {
            *texts[kind] =
                is_code(kind) ? od__cell_code(record->cells[i]) : cell;
        } else if (columns->names[i] != NULL && cell[0] != '\0') {
            if (contact->fields_len == OD_FIELDS_MAX) {
                return od__engine_fail(engine, OD_ERR_INVALID,
                                       "has more than %d custom fields",
                                       OD_FIELDS_MAX);
            }
            fields[contact->fields_len++] =
                (od_field){columns->names[i], cell};
        }
    }
    return take_line(engine, line, &contact->line);
}

void od__columns_free(od__columns *columns)
{
    od__arena_free(&columns->texts);
    columns->len = 0;
}

od_err od__columns_missing(od_engine *engine)
{
    return od__engine_fail(engine, OD_ERR_FORMAT,
                           "the file is empty: its first line must name the "
                           "columns, \"phone\" among them");
}
