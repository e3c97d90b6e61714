/*
 * memory_erase.c - a person is erased: see the slot in backend_storage.h.
 *
 * Nothing here looks for a name: a person is a phone. Contacts are searched one
 * by one, because one that is in no group stands on no line.
 */
#include "storage/memory.h"

static bool is_first(const od__memory_contact *contact,
                     const od__memory_line *line)
{
    return contact != NULL && contact->line == line;
}

/* Position of the phone among the further ones; OD_PHONES_MORE: it is none. */
static size_t find_more(const od__memory_contact *contact,
                        const od__memory_line *line)
{
    size_t at = 0;
    while (at < OD_PHONES_MORE &&
           (contact == NULL || contact->more[at] != line)) {
        at++;
    }
    return at;
}

static bool reserve_contacts(od__memory *memory, const od__memory_line *line)
{
    for (size_t i = 0; i < memory->contacts.len; i++) {
        const od__memory_contact *contact = memory->contacts.at[i];
        if ((is_first(contact, line) ||
             find_more(contact, line) < OD_PHONES_MORE) &&
            !od__memory_leave_reserve(memory, contact)) {
            return false;
        }
    }
    return true;
}

/* A further phone of a contact goes; its body says so. */
static void take_phone(od__memory *memory, od__memory_contact *contact,
                       size_t at)
{
    od__memory_line *line = contact->more[at];
    contact->more[at] = NULL;
    contact->places[at] = 0;
    if (at == 0) {
        contact->body->phone2 = "";
    } else {
        contact->body->phone3 = "";
    }
    od__memory_phone_left(memory, line, contact);
}

/* How many contacts were removed. */
static int64_t erase_contacts(od__memory *memory, od__memory_line *line)
{
    int64_t removed = 0;
    for (size_t i = 0; i < memory->contacts.len; i++) {
        od__memory_contact *contact = memory->contacts.at[i];
        if (is_first(contact, line)) {
            od__memory_contact_remove(memory, contact);
            removed++;
        }
    }
    for (size_t i = 0; i < memory->contacts.len; i++) {
        od__memory_contact *contact = memory->contacts.at[i];
        size_t at = find_more(contact, line);
        if (at < OD_PHONES_MORE) {
            take_phone(memory, contact, at);
        }
    }
    return removed;
}

/* Nobody calls it any more; `all`: nobody remembers it. */
static void erase_targets(od__memory *memory, od__memory_line *line, bool all)
{
    od__memory_target *next = NULL;
    for (od__memory_target *target = line->targets; target != NULL;
         target = next) {
        next = target->next_of_phone;
        bool ready = target->state == OD_TARGET_READY;
        if (all || (ready && target->attempts == 0)) {
            od__memory_target_remove(memory, target);
        } else if (ready) {
            od__memory_target_lift(target);
            target->state = OD_TARGET_DONE;
            od__memory_target_drop(target);
        }
    }
}

static void erase_line(od__memory *memory, od__memory_line *line,
                       od_erase *erase)
{
    erase->contacts = erase_contacts(memory, line);
    erase->calls =
        od__memory_calls_forget(memory, line, erase->before_utc_ms);
    od__memory_replies_forget(memory, line, erase->before_utc_ms);
    od__memory_consents_drop(memory, line, erase->before_utc_ms);
    bool all = line->attempts_first == NULL;
    erase_targets(memory, line, all);
    if (all) {
        line->called_utc_ms = 0;
        line->answered_utc_ms = 0;
        line->number_invalid = false;
    }
}

od_err od__memory_person_erase(void *ctx, od_erase *erase,
                               const od_ledger_entry *ledger)
{
    od__memory *memory = ctx;
    od__memory_line *line = od__memory_line_find(memory, erase->phone);
    if (line != NULL && line->flight != NULL) {
        return od__fail(&memory->errmsg, OD_ERR_STATE,
                        "a call to +%" PRIu64 " is under way", erase->phone);
    }
    if ((line != NULL && !reserve_contacts(memory, line)) ||
        !od__memory_ledger_reserve(memory, 1,
                                   od__texts_bytes(ledger->payload))) {
        return od__memory_fail_full(memory);
    }
    erase->contacts = 0;
    erase->calls = 0;
    if (line != NULL) {
        erase_line(memory, line, erase);
    }
    for (size_t i = 0; i < erase->seqs_len; i++) {
        od__memory_ledger_forget(memory, erase->seqs[i]);
    }
    od__memory_ledger_append(memory, ledger);
    return OD_OK;
}
