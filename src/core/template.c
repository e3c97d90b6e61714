/*
 * template.c - templates over the contacts of a group: what they become, what
 * that costs, which fields are empty.
 *
 * The texts themselves are made in text/; here are the values, and the sums.
 * Nothing is stored, and one page of contacts is in memory at a time.
 */
#include "core/core.h"
#include "text/text.h"

#define PAGE_ROWS 256

/* What a field of a template is, of a contact: a text in od_contact, one of
 * its phones, its line, or a custom field. */
typedef enum column_kind {
    COLUMN_TEXT,
    COLUMN_PHONE,
    COLUMN_PHONE2,
    COLUMN_PHONE3,
    COLUMN_LINE,
    COLUMN_CUSTOM
} column_kind;

typedef struct od__column {
    const char *name;
    column_kind kind;
    size_t offset; /* COLUMN_TEXT: in od_contact */
} column;

static const column columns[] = {
    {"phone", COLUMN_PHONE, 0},
    {"first_name", COLUMN_TEXT, offsetof(od_contact, first_name)},
    {"last_name", COLUMN_TEXT, offsetof(od_contact, last_name)},
    {"email", COLUMN_TEXT, offsetof(od_contact, email)},
    {"company", COLUMN_TEXT, offsetof(od_contact, company)},
    {"notes", COLUMN_TEXT, offsetof(od_contact, notes)},
    {"timezone", COLUMN_TEXT, offsetof(od_contact, timezone)},
    {"state", COLUMN_TEXT, offsetof(od_contact, state)},
    {"zip", COLUMN_TEXT, offsetof(od_contact, zip)},
    {"phone2", COLUMN_PHONE2, 0},
    {"phone3", COLUMN_PHONE3, 0},
    {"line", COLUMN_LINE, 0},
};

static const column custom = {NULL, COLUMN_CUSTOM, 0};

/* A template being rendered for one contact after another. */
typedef struct run {
    od_engine *engine;
    od_text_options options;
    od__merge merge;
    char text[OD_MESSAGE_MAX + 1];
    od_text_info info;
    od_contact_record rows[PAGE_ROWS];
} run;

/* One contact, whose values are looked up, is worked into a result; `lacks`: a
 * field without a default is empty. NULL: looking up is all. */
typedef void (*on_contact)(run *r, bool lacks, od_id contact, void *result);

/* -- values ---------------------------------------------------------------- */

static const column *column_of(const char *name)
{
    for (size_t i = 0; i < OD__LEN(columns); i++) {
        if (od__text_equal_nocase(name, columns[i].name)) {
            return &columns[i];
        }
    }
    return &custom;
}

static const char *custom_value(const od_contact *contact, const char *name)
{
    for (size_t i = 0; i < contact->fields_len; i++) {
        if (strcmp(contact->fields[i].name, name) == 0) {
            return contact->fields[i].value;
        }
    }
    return NULL;
}

static const char *value_of(const od__merge *m, const od_contact_record *row,
                            size_t at)
{
    const column *c = m->columns[at];
    const char *text = NULL;
    switch (c->kind) {
    case COLUMN_TEXT:
        memcpy(&text, (const char *)&row->contact + c->offset, sizeof text);
        return text;
    case COLUMN_PHONE:
    case COLUMN_PHONE2:
    case COLUMN_PHONE3:
        return m->phones[c->kind - COLUMN_PHONE];
    case COLUMN_LINE:
        return row->contact.line == OD_LINE_UNKNOWN
                   ? NULL
                   : od_line_name(row->contact.line);
    case COLUMN_CUSTOM:
        break;
    }
    return custom_value(&row->contact, m->compiled.fields[at].name);
}

od_err od__merge_compile(od__merge *merge, const char *text, od_errmsg *errmsg)
{
    od_err err =
        od__template_compile(&merge->compiled, text, NULL, NULL, errmsg);
    for (size_t i = 0; err == OD_OK && i < merge->compiled.fields_len; i++) {
        od_template_field *field = &merge->compiled.fields[i];
        merge->columns[i] = column_of(field->name);
        field->known = merge->columns[i] != &custom;
    }
    return err;
}

const od_template_field *od__merge_look_up(od__merge *merge,
                                           const od_contact_record *contact)
{
    const od_template_field *lacks = NULL;
    od__phone_text(contact->phone, merge->phones[0]);
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        od__phone_more_text(contact->phones[i], merge->phones[1 + i]);
    }
    for (size_t i = 0; i < merge->compiled.fields_len; i++) {
        od_template_field *field = &merge->compiled.fields[i];
        merge->values[i] = value_of(merge, contact, i);
        field->known = field->known || merge->values[i] != NULL;
        if (od__value_is_empty(merge->values[i])) {
            field->empty++;
            lacks = lacks == NULL && !field->has_default ? field : lacks;
        }
    }
    return lacks;
}

static const char *looked_up(void *ctx, size_t field)
{
    const od__merge *merge = ctx;
    return merge->values[field];
}

bool od__merge_render(od__merge *merge, char *out, size_t out_size)
{
    return od__template_render(&merge->compiled, looked_up, merge, out,
                               out_size);
}

/* The text of the present contact and its figures; false: it is longer than a
 * text may be, the figures are those of its beginning. */
static bool make(run *r)
{
    bool fits = od__merge_render(&r->merge, r->text, sizeof r->text);
    od_text_options o = r->options;
    if (!fits) {
        o.policy = OD_TEXT_POLICY_REFUSE;
    }
    od__text_measure(r->text, strlen(r->text), &o, &r->info);
    return fits;
}

/* -- beginning ------------------------------------------------------------- */

static od_err begin(od_engine *engine, const char *text,
                    const od_text_options *options, run **out)
{
    if (text == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "text must not be NULL");
    }
    run *r = od__alloc(&engine->allocator, sizeof *r);
    if (r == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    r->engine = engine;
    od_err err = od__text_options_take(options, &r->options, &engine->errmsg);
    if (err == OD_OK) {
        err = od__merge_compile(&r->merge, text, &engine->errmsg);
    }
    if (err != OD_OK) {
        od__free(&engine->allocator, r);
        return err;
    }
    *out = r;
    return OD_OK;
}

static od_err read_group(run *r, od_id group, on_contact work, void *result)
{
    od_engine *engine = r->engine;
    od_group ignored;
    size_t len = 0;
    od_id after = 0;
    od_err err = group == 0 ? OD_OK : od__group_read(engine, group, &ignored);
    if (err != OD_OK) {
        return err;
    }
    do {
        err = od__store_err(
            engine, OD__STORE(engine, contact_scan)(engine->store, group, after,
                                                    r->rows, PAGE_ROWS, &len));
        for (size_t i = 0; err == OD_OK && i < len; i++) {
            after = r->rows[i].contact.id;
            bool lacks = od__merge_look_up(&r->merge, &r->rows[i]) != NULL;
            if (work != NULL) {
                work(r, lacks, after, result);
            }
        }
    } while (err == OD_OK && len == PAGE_ROWS);
    return err;
}

/* -- a whole group --------------------------------------------------------- */

static bool is_longer(const od_text_info *info, const od__length *than)
{
    return info->segments > than->segments ||
           (info->segments == than->segments && info->units > than->units);
}

/* Contacts come by id, so of equals the first stays in front. */
static void rank(od__text_sums *s, od_id contact, const od_text_info *info)
{
    size_t at = OD_LONGEST_MAX;
    while (at > 0 && (s->longest[at - 1].contact == 0 ||
                      is_longer(info, &s->longest[at - 1]))) {
        at--;
    }
    if (at == OD_LONGEST_MAX) {
        return;
    }
    memmove(&s->longest[at + 1], &s->longest[at],
            (OD_LONGEST_MAX - 1 - at) * sizeof s->longest[0]);
    s->longest[at] = (od__length){contact, info->segments, info->units};
    for (size_t i = at; i < OD_LONGEST_MAX; i++) {
        s->report.longest[i] = s->longest[i].contact;
    }
}

void od__text_sums_add(od__text_sums *s, od_id contact,
                       const od_text_info *info, bool lacks, bool refused)
{
    od_template_report *report = &s->report;
    report->contacts++;
    report->lacking += lacks ? 1 : 0;
    report->cut += info->cut ? 1 : 0;
    if (info->encoding == OD_TEXT_ENCODING_UCS2) {
        report->ucs2++;
        report->ucs2_contact =
            report->ucs2_contact != 0 ? report->ucs2_contact : contact;
    }
    if (refused) {
        report->refused++;
    } else {
        report->segments += info->segments;
        report->by_segments[info->segments]++;
    }
    rank(s, contact, info);
}

void od__text_sums_fields(od__text_sums *s, const od__template *compiled)
{
    for (size_t i = 0; i < compiled->fields_len; i++) {
        s->report.fields_unknown += compiled->fields[i].known ? 0 : 1;
    }
}

static void add_up(run *r, bool lacks, od_id contact, void *result)
{
    bool fits = make(r);
    od__text_sums_add(result, contact, &r->info, lacks,
                      !fits || r->info.refused);
}

od_err od_template_check(od_engine *engine, const char *text, od_id group,
                         const od_text_options *options,
                         od_template_report *out)
{
    run *r = NULL;
    od__text_sums s;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err = begin(engine, text, options, &r);
    if (err != OD_OK) {
        return err;
    }
    memset(&s, 0, sizeof s);
    err = read_group(r, group, add_up, &s);
    if (err == OD_OK) {
        od__text_sums_fields(&s, &r->merge.compiled);
        *out = s.report;
    }
    od__free(&engine->allocator, r);
    return err;
}

od_err od_template_fields(od_engine *engine, const char *text, od_id group,
                          od_template_field *rows, size_t rows_max,
                          size_t *count)
{
    run *r = NULL;
    od_err err = od__list_check(engine, 0, rows, rows_max, count);
    if (err == OD_OK) {
        err = begin(engine, text, NULL, &r);
    }
    if (err != OD_OK) {
        return err;
    }
    err = read_group(r, group, NULL, NULL);
    if (err == OD_OK) {
        size_t len = r->merge.compiled.fields_len;
        memcpy(rows, r->merge.compiled.fields,
               (len < rows_max ? len : rows_max) * sizeof *rows);
        *count = len;
    }
    od__free(&engine->allocator, r);
    return err;
}

/* -- one contact ----------------------------------------------------------- */

static od_err preview(run *r, od_id contact)
{
    od_engine *engine = r->engine;
    od_err err =
        OD__STORE(engine, contact_get)(engine->store, contact, &r->rows[0]);
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err, "no contact has the id %lld",
                               (long long)contact);
    }
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    (void)od__merge_look_up(&r->merge, &r->rows[0]);
    if (!make(r)) {
        return od__engine_fail(engine, OD_ERR_LIMIT,
                               "the text for contact %lld is longer than %d "
                               "bytes",
                               (long long)contact, OD_MESSAGE_MAX);
    }
    return OD_OK;
}

od_err od_template_preview(od_engine *engine, const char *text, od_id contact,
                           const od_text_options *options, od_text_info *out)
{
    run *r = NULL;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err = begin(engine, text, options, &r);
    if (err != OD_OK) {
        return err;
    }
    err = preview(r, contact);
    if (err == OD_OK) {
        *out = r->info;
    }
    od__free(&engine->allocator, r);
    return err;
}
