/*
 * fields.c - the custom fields of a contact as one value, and back.
 *
 *      name \0 value \0 name \0 value \0 ...        no fields: no bytes
 *
 * Pure but for the memory of the storage that it uses.
 */
#include "storage/sqlite/sqlite.h"

#include <stdlib.h>

static size_t packed_bytes(const od_contact *contact)
{
    size_t bytes = 0;
    for (size_t i = 0; i < contact->fields_len; i++) {
        bytes += strlen(od__text_or_empty(contact->fields[i].name)) + 1;
        bytes += strlen(od__text_or_empty(contact->fields[i].value)) + 1;
    }
    return bytes;
}

static char *append(char *at, const char *text)
{
    size_t bytes = strlen(od__text_or_empty(text)) + 1;
    memcpy(at, od__text_or_empty(text), bytes);
    return at + bytes;
}

od_err od__fields_pack(od__sqlite *s, const od_contact *contact, size_t *len)
{
    size_t bytes = packed_bytes(contact);
    if (bytes > s->scratch_size) {
        char *more = realloc(s->scratch, bytes);
        if (more == NULL) {
            return od__sqlite_memory(s);
        }
        s->scratch = more;
        s->scratch_size = bytes;
    }
    char *at = s->scratch;
    for (size_t i = 0; i < contact->fields_len; i++) {
        at = append(at, contact->fields[i].name);
        at = append(at, contact->fields[i].value);
    }
    *len = bytes;
    return OD_OK;
}

/* Texts in it, or SIZE_MAX if it is not a row of pairs. */
static size_t count_texts(const char *bytes, size_t len)
{
    size_t texts = 0;
    for (size_t i = 0; i < len; i++) {
        texts += bytes[i] == '\0' ? 1 : 0;
    }
    bool is_whole = len == 0 || bytes[len - 1] == '\0';
    return is_whole && texts % 2 == 0 && texts / 2 <= OD_FIELDS_MAX ? texts
                                                                    : SIZE_MAX;
}

od_err od__fields_unpack(od__sqlite *s, char *bytes, size_t len,
                         od_contact *out)
{
    size_t texts = count_texts(bytes, len);
    if (texts == SIZE_MAX) {
        return od__sqlite_corrupt(s, "fields");
    }
    out->fields = NULL;
    out->fields_len = texts / 2;
    if (texts == 0) {
        return OD_OK;
    }
    od_field *fields =
        od__arena_take(&s->arena, out->fields_len * sizeof *fields);
    if (fields == NULL) {
        return od__sqlite_memory(s);
    }
    for (size_t i = 0; i < texts; i++) {
        size_t text_len = strlen(bytes);
        od__text_clean(bytes, text_len, i % 2 == 0 ? OD_NAME_MAX : OD_TEXT_MAX);
        if (i % 2 == 0) {
            fields[i / 2].name = bytes;
        } else {
            fields[i / 2].value = bytes;
        }
        bytes += text_len + 1;
    }
    out->fields = fields;
    return OD_OK;
}
