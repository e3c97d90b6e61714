/*
 * memory_phones.c - the phones of a contact: which targets belong to it, what
 * follows when one is through, and what becomes of them when it leaves.
 *
 * A contact stands on the line of its first phone as a member of its groups.
 * Its further phones are lines that it knows and that do not know it: a target
 * there belongs to it by its id.
 */
#include "storage/memory.h"

od__memory_line *od__memory_contact_line(const od__memory_contact *contact,
                                         size_t at)
{
    assert(at < OD__MEMORY_PHONES);
    return at == 0 ? contact->line : contact->more[at - 1];
}

int32_t od__memory_contact_place(const od__memory_contact *contact, size_t at)
{
    assert(at < OD__MEMORY_PHONES);
    return at == 0 ? contact->place : contact->places[at - 1];
}

static bool has_phone(const od__memory_contact *contact,
                      const od__memory_line *line)
{
    bool found = false;
    for (size_t i = 0; i < OD__MEMORY_PHONES; i++) {
        found = found || od__memory_contact_line(contact, i) == line;
    }
    return found;
}

/* == in a campaign ======================================================== */

bool od__memory_campaign_has(const od_campaign_record *record, od_id group)
{
    for (int32_t i = 0; i < record->groups_len; i++) {
        if (record->groups[i] == group) {
            return true;
        }
    }
    return false;
}

static bool is_in_campaign(const od__memory_contact *contact,
                           const od_campaign_record *record)
{
    for (const od__memory_member *member = contact->line->members;
         member != NULL; member = member->next_of_phone) {
        if (member->contact == contact &&
            od__memory_campaign_has(record, member->group->id)) {
            return true;
        }
    }
    return false;
}

/* Who holds the phone in the first group of the campaign that has it. */
static const od__memory_contact *find_heir(const od__memory_target *target)
{
    const od_campaign_record *record = &target->campaign->record;
    const od__memory_contact *heir = NULL;
    int32_t heir_at = record->groups_len;
    for (const od__memory_member *member = target->line->members;
         member != NULL; member = member->next_of_phone) {
        for (int32_t i = 0; i < heir_at; i++) {
            if (record->groups[i] == member->group->id) {
                heir_at = i;
                heir = member->contact;
            }
        }
    }
    return heir;
}

/* The contact of a target; NULL: it is nobody's. */
static const od__memory_contact *find_owner(const od__memory *memory,
                                            const od__memory_target *target)
{
    const od__memory_contact *owner =
        od__rows_of_id(&memory->contacts, target->contact);
    return owner != NULL && has_phone(owner, target->line) ? owner : NULL;
}

bool od__memory_target_is_owned(const od__memory *memory,
                                const od__memory_target *target)
{
    return find_owner(memory, target) != NULL;
}

/* == leaving ============================================================== */

/* Is the target that of a contact which is in the campaign? */
static bool stays(const od__memory *memory, const od__memory_target *target)
{
    const od__memory_contact *owner = find_owner(memory, target);
    return owner != NULL && is_in_campaign(owner, &target->campaign->record);
}

void od__memory_target_left(od__memory *memory, od__memory_target *target,
                            const od__memory_contact *gone)
{
    if (stays(memory, target)) {
        return;
    }
    const od__memory_contact *heir = find_heir(target);
    if (heir == NULL) {
        if (od__target_is_untried(target->state, target->attempts)) {
            od__memory_target_remove(memory, target);
        }
    } else if (target->contact == gone->id) {
        od__memory_target_give(target, heir, 0, OD_NEVER);
    }
}

void od__memory_targets_finish(od__memory_line *line,
                               const od__memory_contact *gone)
{
    for (od__memory_target *target = line->targets; target != NULL;
         target = target->next_of_phone) {
        if (target->contact != gone->id) {
            continue;
        }
        const od__memory_contact *heir = find_heir(target);
        if (heir != NULL) {
            od__memory_target_give(target, heir, 0, OD_NEVER);
        } else if (target->state == OD_TARGET_READY) {
            od__memory_target_lift(target);
            target->state = OD_TARGET_DONE;
            od__memory_target_drop(target);
        }
    }
}

void od__memory_phone_left(od__memory *memory, od__memory_line *line,
                           const od__memory_contact *contact)
{
    od__memory_target *next = NULL;
    for (od__memory_target *target = line->targets; target != NULL;
         target = next) {
        next = target->next_of_phone;
        if (target->contact == contact->id) {
            od__memory_target_left(memory, target, contact);
        }
    }
    od__memory_targets_finish(line, contact);
}

bool od__memory_line_leave_reserve(od__memory *memory,
                                   const od__memory_line *line)
{
    for (const od__memory_target *target = line->targets; target != NULL;
         target = target->next_of_phone) {
        for (const od__memory_member *member = line->members; member != NULL;
             member = member->next_of_phone) {
            if (od__memory_queue_make(memory, target->campaign,
                                      member->contact->place) == NULL) {
                return false;
            }
        }
    }
    return true;
}

bool od__memory_leave_reserve(od__memory *memory,
                              const od__memory_contact *contact)
{
    for (size_t i = 0; i < OD__MEMORY_PHONES; i++) {
        const od__memory_line *line = od__memory_contact_line(contact, i);
        if (line != NULL && !od__memory_line_leave_reserve(memory, line)) {
            return false;
        }
    }
    return true;
}

/* == following ============================================================ */

/* Position of the phone that follows, in *contact; 0: nothing does. */
static size_t find_next(const od__memory *memory,
                        const od__memory_target *target,
                        const od__memory_contact **contact)
{
    *contact = od__rows_of_id(&memory->contacts, target->contact);
    if (*contact == NULL ||
        !is_in_campaign(*contact, &target->campaign->record)) {
        return 0;
    }
    uint64_t more[OD_PHONES_MORE] = {0};
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        more[i] = (*contact)->more[i] != NULL ? (*contact)->more[i]->phone : 0;
    }
    int32_t place = 0;
    uint64_t phone =
        od__phone_after(target->phone, (*contact)->line->phone, more,
                        (*contact)->places, &place);
    for (size_t i = 0; phone != 0 && i < OD_PHONES_MORE; i++) {
        if (more[i] == phone) {
            return i + 1;
        }
    }
    return 0;
}

bool od__memory_follow_reserve(od__memory *memory,
                               const od__memory_target *target, size_t len)
{
    const od__memory_contact *contact = NULL;
    if (find_next(memory, target, &contact) == 0) {
        return true;
    }
    /* What follows may itself be followed in the same exchange. */
    for (size_t i = 1; i < OD__MEMORY_PHONES; i++) {
        if (od__memory_contact_line(contact, i) != NULL &&
            od__memory_queue_make(memory, target->campaign,
                                  od__memory_contact_place(contact, i)) ==
                NULL) {
            return false;
        }
    }
    return od__pool_reserve(&memory->target_pool, len, &memory->allocator);
}

void od__memory_follow(od__memory *memory, const od__memory_target *target,
                       int64_t due_ms)
{
    const od__memory_contact *contact = NULL;
    size_t at = find_next(memory, target, &contact);
    if (at > 0 &&
        od__memory_target_of(od__memory_contact_line(contact, at),
                             target->campaign) == NULL) {
        od__memory_target_add(memory, target->campaign, contact, at, due_ms);
    }
}
