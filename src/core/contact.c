/*
 * contact.c - single contacts: checked whole, then stored.
 */
#include "core/core.h"

/* Time zone, state, postal code and line: known ones, or none. A bare state
 * code belongs to the country of the number. */
static od_err check_place(od_engine *engine, const char *country,
                          uint64_t phone, const od_contact *contact)
{
    bool nanp = phone >= 10000000000u && phone <= 19999999999u;
    if (contact->timezone[0] != '\0' &&
        od__zones_get(engine->places.zones, contact->timezone, NULL) == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "timezone \"%.64s\" is not known: use an IANA "
                               "name such as America/Chicago",
                               contact->timezone);
    }
    if (contact->zip[0] != '\0' && !od__zip_is_valid(contact->zip)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "zip \"%.32s\" is no postal code: use one such "
                               "as 33101 or K1A 0B1",
                               contact->zip);
    }
    if (contact->line < OD_LINE_UNKNOWN || contact->line >= OD_LINES) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "line %d is not known: use one of od_line",
                               (int)contact->line);
    }
    if (contact->state[0] != '\0' &&
        od__region_parse(contact->state, nanp ? NULL : country) == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "state \"%.64s\" is not known: use a code such "
                               "as FL or a name",
                               contact->state);
    }
    return OD_OK;
}

static od_err check_fields(od_engine *engine, const od_contact *contact)
{
    const char *ignored = NULL;
    if (contact->fields_len > OD_FIELDS_MAX ||
        (contact->fields_len > 0 && contact->fields == NULL)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "%zu custom fields: 0 to %d are allowed",
                               contact->fields_len, OD_FIELDS_MAX);
    }
    for (size_t i = 0; i < contact->fields_len; i++) {
        const od_field *field = &contact->fields[i];
        od_err err = od__name_check(engine, field->name, "custom field");
        if (err == OD_OK && field->value == NULL) {
            return od__engine_fail(engine, OD_ERR_INVALID,
                                   "custom field \"%s\" has no value",
                                   field->name);
        }
        if (err == OD_OK) {
            err = od__text_check(engine, field->value, field->name, OD_TEXT_MAX,
                             &ignored);
        }
        if (err != OD_OK) {
            return err;
        }
    }
    return OD_OK;
}

/* The further phones, each with its place: of their lines nothing is known. */
static od_err take_phones(od_engine *engine, const od_contact *contact,
                          const char *country, od_member_row *out)
{
    const char *texts[OD_PHONES_MORE] = {contact->phone2, contact->phone3};
    const od__evidence evidence = {out->contact.timezone, out->contact.state,
                                   out->contact.zip, OD_LINE_UNKNOWN};
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        uint64_t phone = 0;
        if (texts[i] == NULL || texts[i][0] == '\0') {
            continue;
        }
        od__phone_err bad = od__phone_parse(texts[i], country, &phone);
        if (bad != OD__PHONE_OK) {
            return od__engine_fail(engine, OD_ERR_INVALID,
                                   "phone%zu \"%.40s\" is not a phone number: "
                                   "it %s",
                                   i + 2, texts[i], od__phone_err_text(bad));
        }
        if (phone == out->phone || (i > 0 && phone == out->phones[0])) {
            continue; /* the same again: once is enough */
        }
        od_err err =
            od__places_of(engine, phone, &evidence, &out->places[i]);
        if (err != OD_OK) {
            return err;
        }
        out->phones[i] = phone;
    }
    return OD_OK;
}

od_err od__contact_check(od_engine *engine, const od_contact *contact,
                         const char *country, od_member_row *out)
{
    memset(out, 0, sizeof *out);
    od_contact *c = &out->contact;
    const od__text texts[] = {
        {contact->first_name, &c->first_name, "first_name", OD_TEXT_MAX},
        {contact->last_name, &c->last_name, "last_name", OD_TEXT_MAX},
        {contact->email, &c->email, "email", OD_TEXT_MAX},
        {contact->company, &c->company, "company", OD_TEXT_MAX},
        {contact->notes, &c->notes, "notes", OD_TEXT_MAX},
        {contact->timezone, &c->timezone, "timezone", 63},
        {contact->state, &c->state, "state", 63},
        {contact->zip, &c->zip, "zip", 31},
    };
    od_err err = od__texts_check(engine, texts, OD__LEN(texts));
    country = country != NULL ? country : engine->country;
    c->fields = contact->fields;
    c->fields_len = contact->fields_len;
    c->line = contact->line;
    if (err == OD_OK) {
        err = check_fields(engine, contact);
    }
    if (err == OD_OK) {
        err = od__phone_check(engine, contact->phone, country, &out->phone);
    }
    if (err == OD_OK) {
        err = check_place(engine, country, out->phone, c);
    }
    if (err == OD_OK) {
        const od__evidence evidence = {c->timezone, c->state, c->zip, c->line};
        err = od__places_of(engine, out->phone, &evidence, &out->place);
    }
    return err == OD_OK ? take_phones(engine, contact, country, out) : err;
}

/* -- single ones ------------------------------------------------------------- */

/* A text of the caller in our memory, cut where it is too long anyway. */
static bool keep_text(od_engine *engine, const char **text)
{
    if (*text == NULL) {
        return true;
    }
    *text = od__arena_text(&engine->arena, *text,
                           strnlen(*text, OD_TEXT_MAX + 1));
    return *text != NULL;
}

/* A further phone, on the stack first: it may stand where copies will. */
static void lift(const char **text, char copy[OD_TEXT_MAX + 2])
{
    if (*text != NULL) {
        size_t len = strnlen(*text, OD_TEXT_MAX + 1);
        memcpy(copy, *text, len);
        copy[len] = '\0';
        *text = copy;
    }
}

/* Copy all texts: they may be what od_contact_get() gave, in memory of the
 * storage that lives until its next slot is called, or in the arena. */
static od_err keep(od_engine *engine, const od_contact *contact,
                   od_contact *out)
{
    char phone2[OD_TEXT_MAX + 2];
    char phone3[OD_TEXT_MAX + 2];
    *out = *contact;
    lift(&out->phone2, phone2);
    lift(&out->phone3, phone3);
    const char **texts[] = {&out->phone,   &out->first_name, &out->last_name,
                            &out->email,   &out->company,    &out->notes,
                            &out->timezone, &out->state,   &out->zip,
                            &out->phone2,   &out->phone3};
    bool kept = true;
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        kept = kept && keep_text(engine, texts[i]);
    }
    if (contact->fields_len == 0 || contact->fields_len > OD_FIELDS_MAX ||
        contact->fields == NULL) {
        out->fields = contact->fields_len == 0 ? NULL : contact->fields;
    } else {
        od_field *fields = od__arena_take(
            &engine->arena, contact->fields_len * sizeof *fields);
        for (size_t i = 0; fields != NULL && i < contact->fields_len; i++) {
            fields[i] = contact->fields[i];
            kept = kept && keep_text(engine, &fields[i].name) &&
                   keep_text(engine, &fields[i].value);
        }
        kept = kept && fields != NULL;
        out->fields = fields;
    }
    return kept ? OD_OK /* phone2 and phone3 are copies again */
                : od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
}

/* Names of custom fields that a CSV file could not tell apart. An import has
 * looked at its header. */
static od_err check_names(od_engine *engine, const od_contact *contact)
{
    size_t len =
        contact->fields_len <= OD_FIELDS_MAX && contact->fields != NULL
            ? contact->fields_len
            : 0;
    for (size_t i = 0; i < len; i++) {
        const char *name = contact->fields[i].name;
        if (name == NULL) {
            continue; /* refused with the other bad names */
        }
        if (od__column_is_known(name)) {
            return od__engine_fail(engine, OD_ERR_INVALID,
                                   "custom field \"%s\" has the name of a "
                                   "column with its own meaning",
                                   name);
        }
        for (size_t j = 0; j < i; j++) {
            if (contact->fields[j].name != NULL &&
                strcmp(contact->fields[j].name, name) == 0) {
                return od__engine_fail(engine, OD_ERR_INVALID,
                                       "custom field \"%s\" stands twice",
                                       name);
            }
        }
    }
    return OD_OK;
}

od_err od_contact_add(od_engine *engine, od_id group, const od_contact *contact,
                      od_id *out)
{
    od_member_row row;
    od_member_result result = OD_MEMBER_ADDED;
    od_id id = 0;
    od_group ignored;
    od_contact kept;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (contact == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "contact must not be NULL");
    }
    od_err err = keep(engine, contact, &kept);
    if (err == OD_OK) {
        err = od__group_read(engine, group, &ignored);
    }
    if (err == OD_OK) {
        err = check_names(engine, &kept);
    }
    if (err == OD_OK) {
        err = od__contact_check(engine, &kept, NULL, &row);
    }
    if (err != OD_OK) {
        return err;
    }
    od_member_batch batch = {.group = group,
                             .utc_ms = engine->now.utc_ms,
                             .rows = &row,
                             .rows_len = 1,
                             .results = &result,
                             .ids = &id};
    err = OD__STORE(engine, member_put)(engine->store, &batch);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    if (result != OD_MEMBER_ADDED) {
        return od__engine_fail(engine, OD_ERR_EXISTS,
                               "%s is in the group already",
                               od__phone_keep(engine, row.phone));
    }
    od__engine_changed(engine);
    if (out != NULL) {
        *out = id;
    }
    return OD_OK;
}

static od_err of_contact(od_engine *engine, od_err err, od_id contact)
{
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err, "no contact has the id %lld",
                               (long long)contact);
    }
    if (err == OD_OK) {
        od__engine_changed(engine);
    }
    return od__store_err(engine, err);
}

od_err od_contact_join(od_engine *engine, od_id contact, od_id group)
{
    od_group row;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__group_read(engine, group, &row);
    if (err != OD_OK) {
        return err;
    }
    err = OD__STORE(engine, member_join)(engine->store, contact, group,
                                         engine->now.utc_ms);
    if (err == OD_ERR_EXISTS) {
        return od__engine_fail(engine, err,
                               "its phone is in group \"%s\" already",
                               row.name);
    }
    return of_contact(engine, err, contact);
}

void od__phone_more_text(uint64_t phone, char out[OD_PHONE_MAX + 1])
{
    out[0] = '\0';
    if (phone != 0) {
        od__phone_text(phone, out);
    }
}

/* Texts of the further phones of a contact. */
typedef char more_phones[OD_PHONES_MORE][OD_PHONE_MAX + 1];

/* What the host gets of a stored contact: a storage keeps the further phones
 * as numbers. */
static void tell(const od_contact_record *record, more_phones *texts,
                 od_contact *out)
{
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        od__phone_more_text(record->phones[i], (*texts)[i]);
    }
    *out = record->contact;
    out->zip = out->zip != NULL ? out->zip : "";
    out->phone2 = (*texts)[0];
    out->phone3 = (*texts)[1];
}

od_err od_contact_get(od_engine *engine, od_id contact, od_contact *out)
{
    od_contact_record record;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err =
        OD__STORE(engine, contact_get)(engine->store, contact, &record);
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err, "no contact has the id %lld",
                               (long long)contact);
    }
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    more_phones *texts = od__arena_take(&engine->arena, sizeof *texts);
    if (texts == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    tell(&record, texts, out);
    return OD_OK;
}

od_err od_contact_update(od_engine *engine, const od_contact *contact)
{
    od_contact_record record;
    od_member_row row;
    od_contact changed;
    char phone[OD_PHONE_MAX + 1];
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (contact == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "contact must not be NULL");
    }
    od_err err = keep(engine, contact, &changed);
    if (err != OD_OK) {
        return err;
    }
    err = OD__STORE(engine, contact_get)(engine->store, changed.id, &record);
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err, "no contact has the id %lld",
                               (long long)changed.id);
    }
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    od__phone_text(record.phone, phone);
    changed.phone = phone;
    err = check_names(engine, &changed);
    if (err == OD_OK) {
        err = od__contact_check(engine, &changed, NULL, &row);
    }
    if (err != OD_OK) {
        return err;
    }
    err = OD__STORE(engine, contact_update)(engine->store, changed.id, &row,
                                            engine->now.utc_ms);
    return of_contact(engine, err, changed.id);
}

od_err od_contacts_list(od_engine *engine, od_id group, od_id after_id,
                        od_contact *rows, size_t rows_max, size_t *count)
{
    od_err err = od__list_check(engine, after_id, rows, rows_max, count);
    size_t len = 0;
    if (err != OD_OK) {
        return err;
    }
    if (group != 0) {
        od_group ignored;
        err = od__group_read(engine, group, &ignored);
        if (err != OD_OK) {
            return err;
        }
    }
    od_contact_record *records =
        od__arena_take(&engine->arena, rows_max * sizeof *records);
    more_phones *texts =
        od__arena_take(&engine->arena, rows_max * sizeof *texts);
    if (records == NULL || texts == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    err = OD__STORE(engine, contact_scan)(engine->store, group, after_id,
                                          records, rows_max, &len);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    for (size_t i = 0; i < len; i++) {
        tell(&records[i], &texts[i], &rows[i]);
    }
    *count = len;
    return OD_OK;
}

static od_err take_out(od_engine *engine, od_id contact, od_id group)
{
    od_err err =
        OD__STORE(engine, member_remove)(engine->store, contact, group);
    if (err == OD_ERR_NOT_FOUND && group != 0) {
        return od__engine_fail(engine, err,
                               "contact %lld is not in group %lld",
                               (long long)contact, (long long)group);
    }
    return of_contact(engine, err, contact);
}

od_err od_contact_leave(od_engine *engine, od_id contact, od_id group)
{
    od_group ignored;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__group_read(engine, group, &ignored);
    return err != OD_OK ? err : take_out(engine, contact, group);
}

od_err od_contact_remove(od_engine *engine, od_id contact)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    return take_out(engine, contact, 0);
}
