/*
 * import_rows.c - records of a CSV file become checked rows, or are rejected.
 *
 * The first record names the columns. Texts of a record belong to the reader;
 * what is gathered is copied into the import's arena. A row that is not as it
 * should be goes to the reject file with its line and the reason; it never ends
 * the import.
 */
#include "core/import.h"

static const char *const column_names[COLUMN_CUSTOM] = {
    "phone",   "first_name", "last_name", "email",
    "company", "notes",      "timezone",  "state"};

bool od__column_is(const char *cell, const char *name)
{
    cell = od__csv_unguard(cell + strspn(cell, " \t"));
    size_t len = strlen(cell);
    while (len > 0 && (cell[len - 1] == ' ' || cell[len - 1] == '\t')) {
        len--;
    }
    char text[OD_NAME_MAX + 1] = "";
    if (len >= sizeof text) {
        return false; /* longer than all of them */
    }
    memcpy(text, cell, len);
    return od__text_equal_nocase(text, name);
}

bool od__import_knows(const char *name)
{
    for (size_t i = 0; i < COLUMN_CUSTOM; i++) {
        if (od__column_is(name, column_names[i])) {
            return true;
        }
    }
    return false;
}

static void reject(od__import *im, const od__csv_record *record,
                   const char *why)
{
    im->report.rejected++;
    if (im->rejects != NULL) {
        od__csv_number(im->rejects, record->line);
        od__csv_cell(im->rejects, why, true);
        od__csv_cell(im->rejects, record->raw, true);
        od__csv_end_row(im->rejects);
    }
}

/* Blanks around a name or a cell are not meant. */
static char *trim(char *text)
{
    while (*text == ' ' || *text == '\t') {
        text++;
    }
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t')) {
        text[--len] = '\0';
    }
    return text;
}

static od_err take_column(od__import *im, size_t at, char *cell)
{
    od_engine *engine = im->engine;
    const char *name = od__csv_unguard(trim(cell));
    im->columns[at] = COLUMN_CUSTOM;
    for (size_t i = 0; i < COLUMN_CUSTOM; i++) {
        if (!od__text_equal_nocase(name, column_names[i])) {
            continue;
        }
        for (size_t j = 0; j < at; j++) {
            if (im->columns[j] == i) {
                return od__engine_fail(engine, OD_ERR_FORMAT,
                                       "line 1: there are two columns \"%s\": "
                                       "rename one of them",
                                       column_names[i]);
            }
        }
        im->columns[at] = (uint8_t)i;
        return OD_OK;
    }
    if (name[0] == '\0') {
        im->names[at] = NULL; /* a column without a name is not kept */
        return OD_OK;
    }
    od_err err = od__name_check(engine, name, "column");
    if (err != OD_OK) {
        return OD_ERR_FORMAT;
    }
    im->names[at] =
        (char *)(uintptr_t)od__arena_text(&im->header, name, strlen(name));
    return im->names[at] != NULL
               ? OD_OK
               : od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
}

static od_err take_header(od__import *im, od__csv_record *record)
{
    od_engine *engine = im->engine;
    bool has_phone = false;
    size_t custom = 0;
    for (size_t i = 0; i < record->len; i++) {
        od_err err = take_column(im, i, record->cells[i]);
        if (err != OD_OK) {
            return err;
        }
        has_phone = has_phone || im->columns[i] == COLUMN_PHONE;
        custom += im->columns[i] == COLUMN_CUSTOM && im->names[i] != NULL;
    }
    im->columns_len = record->len;
    im->has_header = true;
    if (!has_phone) {
        return od__engine_fail(engine, OD_ERR_FORMAT,
                               "line %lld: the header \"%.80s\" has no column "
                               "\"phone\": name the columns in the first line",
                               (long long)record->line, record->raw);
    }
    if (custom > OD_FIELDS_MAX) {
        return od__engine_fail(engine, OD_ERR_FORMAT,
                               "line 1: %zu custom columns: at most %d are "
                               "allowed",
                               custom, OD_FIELDS_MAX);
    }
    return OD_OK;
}

static bool is_blank(const od__csv_record *record)
{
    for (size_t i = 0; i < record->len; i++) {
        if (record->lens[i] > 0) {
            return false;
        }
    }
    return true;
}

/* Cells into a contact; its texts still belong to the record. */
static void spread(od__import *im, od__csv_record *record, od_contact *contact,
                   od_field *fields)
{
    const char **const texts[COLUMN_CUSTOM] = {
        &contact->phone,   &contact->first_name, &contact->last_name,
        &contact->email,   &contact->company,    &contact->notes,
        &contact->timezone, &contact->state};
    memset(contact, 0, sizeof *contact);
    contact->fields = fields;
    for (size_t i = 0; i < record->len && i < im->columns_len; i++) {
        const char *cell = od__csv_unguard(record->cells[i]);
        if (im->columns[i] != COLUMN_CUSTOM) {
            bool exact = im->columns[i] == COLUMN_NOTES;
            *texts[im->columns[i]] =
                exact ? cell : od__csv_unguard(trim(record->cells[i]));
        } else if (im->names[i] != NULL && cell[0] != '\0') {
            fields[contact->fields_len++] = (od_field){im->names[i], cell};
        }
    }
}

static const char *keep(od__import *im, const char *text, bool *full)
{
    size_t len = strlen(text);
    if (len == 0) {
        return "";
    }
    const char *kept = od__arena_text(&im->texts, text, len);
    im->texts_bytes += len + 1;
    *full = *full || kept == NULL;
    return kept;
}

/* Copy a checked row into what is gathered. */
static bool gather(od__import *im, const od_member_row *row)
{
    bool full = false;
    od_member_row *kept = &im->rows[im->rows_len];
    od_contact *c = &kept->contact;
    *kept = *row;
    c->first_name = keep(im, c->first_name, &full);
    c->last_name = keep(im, c->last_name, &full);
    c->email = keep(im, c->email, &full);
    c->company = keep(im, c->company, &full);
    c->notes = keep(im, c->notes, &full);
    c->timezone = keep(im, c->timezone, &full);
    c->state = keep(im, c->state, &full);
    if (c->fields_len > 0) {
        od_field *fields =
            od__arena_take(&im->texts, c->fields_len * sizeof *fields);
        im->texts_bytes += c->fields_len * sizeof *fields;
        for (size_t i = 0; fields != NULL && i < c->fields_len; i++) {
            fields[i].name = row->contact.fields[i].name;
            fields[i].value = keep(im, row->contact.fields[i].value, &full);
        }
        full = full || fields == NULL;
        c->fields = fields;
    }
    if (full) {
        return false;
    }
    im->order[im->rows_len] =
        (place_in_order){row->phone, (uint32_t)im->rows_len};
    im->rows_len++;
    return true;
}

od_err od__import_record(od__import *im, od__csv_record *record)
{
    od_engine *engine = im->engine;
    od_contact contact;
    od_field fields[OD_FIELDS_MAX];
    od_member_row row;
    if (is_blank(record)) {
        return OD_OK;
    }
    if (!im->has_header) {
        return take_header(im, record);
    }
    im->report.rows++;
    if (record->has_nul || record->too_long) {
        reject(im, record,
               record->has_nul ? "has a NUL byte" : "is too long");
        return OD_OK;
    }
    if (record->len > im->columns_len) {
        reject(im, record, "has more cells than the header");
        return OD_OK;
    }
    spread(im, record, &contact, fields);
    od_err err = od__contact_check(engine, &contact, im->country, &row);
    if (err == OD_ERR_INVALID) {
        reject(im, record,
               contact.phone == NULL ? "has no phone" : engine->errmsg.text);
        engine->errmsg.text[0] = '\0';
        return OD_OK;
    }
    if (err == OD_OK && !gather(im, &row)) {
        err = od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    return err;
}
