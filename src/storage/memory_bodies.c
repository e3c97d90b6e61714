/*
 * memory_bodies.c - what is stored of a contact besides its phones: one block,
 * made before anything is changed and replaced whole.
 *
 *      od_contact | od_field * fields_len | phone\0 first_name\0 ... values\0
 */
#include "storage/memory.h"

#include <stdio.h>

/* '+', the digits of 64 bits, and the NUL. */
#define PHONE_TEXT_BYTES 24

/* Where the texts of a body go. */
typedef struct text_pen {
    char *at;
} text_pen;

static size_t text_bytes(const char *text)
{
    return strlen(od__text_or_empty(text)) + 1;
}

static const char *pen_write(text_pen *pen, const char *text)
{
    const char *out = pen->at;
    size_t bytes = text_bytes(text);
    memcpy(pen->at, od__text_or_empty(text), bytes);
    pen->at += bytes;
    return out;
}

static size_t body_bytes(const od_contact *contact)
{
    size_t bytes = sizeof *contact + contact->fields_len * sizeof(od_field) +
                   OD__MEMORY_PHONES * PHONE_TEXT_BYTES;
    const char *texts[] = {contact->first_name, contact->last_name,
                           contact->email,      contact->company,
                           contact->notes,      contact->timezone,
                           contact->state,      contact->zip};
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        bytes += text_bytes(texts[i]);
    }
    for (size_t i = 0; i < contact->fields_len; i++) {
        bytes += text_bytes(contact->fields[i].name);
        bytes += text_bytes(contact->fields[i].value);
    }
    return bytes;
}

/* The text of a phone; "" of none. */
static const char *pen_phone(text_pen *pen, uint64_t phone)
{
    char text[PHONE_TEXT_BYTES] = "";
    if (phone != 0) {
        (void)snprintf(text, sizeof text, "+%" PRIu64, phone);
    }
    return pen_write(pen, text);
}

od_contact *od__memory_body_make(od__memory *memory, const od_member_row *row,
                                 uint64_t phone)
{
    const od_contact *from = &row->contact;
    od_contact *body = od__alloc(&memory->allocator, body_bytes(from));
    if (body == NULL) {
        return NULL;
    }
    od_field *fields = (od_field *)(void *)(body + 1);
    text_pen pen = {(char *)(fields + from->fields_len)};
    body->phone = pen_phone(&pen, phone);
    body->phone2 = pen_phone(&pen, row->phones[0]);
    body->phone3 = pen_phone(&pen, row->phones[1]);
    body->line = from->line;
    body->first_name = pen_write(&pen, from->first_name);
    body->last_name = pen_write(&pen, from->last_name);
    body->email = pen_write(&pen, from->email);
    body->company = pen_write(&pen, from->company);
    body->notes = pen_write(&pen, from->notes);
    body->timezone = pen_write(&pen, from->timezone);
    body->state = pen_write(&pen, from->state);
    body->zip = pen_write(&pen, from->zip);
    body->fields = fields;
    body->fields_len = from->fields_len;
    for (size_t i = 0; i < from->fields_len; i++) {
        fields[i].name = pen_write(&pen, from->fields[i].name);
        fields[i].value = pen_write(&pen, from->fields[i].value);
    }
    return body;
}
