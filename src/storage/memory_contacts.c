/*
 * memory_contacts.c - contacts: put, join, update, read.
 */
#include "storage/memory.h"

/* == what a contact drags along =========================================== */

/* The queues that a contact of this place may need: of the campaigns that dial
 * the phone, and of those that follow the group (NULL: none). */
static bool reserve_queues(od__memory *memory, const od__memory_line *line,
                           const od__memory_group *group, int32_t place)
{
    for (const od__memory_target *target = line->targets; target != NULL;
         target = target->next_of_phone) {
        if (od__memory_queue_make(memory, target->campaign, place) == NULL) {
            return false;
        }
    }
    for (size_t i = 0; group != NULL && i < memory->campaigns.len; i++) {
        od__memory_campaign *campaign = memory->campaigns.at[i];
        if (od__campaign_is_live(campaign->record.state) &&
            od__memory_campaign_has(&campaign->record, group->id) &&
            od__memory_queue_make(memory, campaign, place) == NULL) {
            return false;
        }
    }
    return true;
}

/* How many live campaigns follow a group. */
static size_t followers(const od__memory *memory, const od__memory_group *group)
{
    size_t len = 0;
    for (size_t i = 0; i < memory->campaigns.len; i++) {
        const od__memory_campaign *campaign = memory->campaigns.at[i];
        if (od__campaign_is_live(campaign->record.state) &&
            od__memory_campaign_has(&campaign->record, group->id)) {
            len++;
        }
    }
    return len;
}

/* Make a member of a group, and a target of the campaigns that follow it, which
 * may have one that is nobody's. */
static void admit(od__memory *memory, od__memory_group *group,
                  od__memory_contact *contact, int64_t import, int64_t utc_ms)
{
    od__memory_member_add(memory, group, contact, import);
    int64_t due_ms = od__target_due_ms(utc_ms, contact->line->phone);
    for (size_t i = 0; i < memory->campaigns.len; i++) {
        od__memory_campaign *campaign = memory->campaigns.at[i];
        if (!od__campaign_is_live(campaign->record.state) ||
            !od__memory_campaign_has(&campaign->record, group->id)) {
            continue;
        }
        od__memory_target *target =
            od__memory_target_of(contact->line, campaign);
        if (target == NULL) {
            od__memory_target_add(memory, campaign, contact, 0, due_ms);
        } else if (od__memory_target_take(memory, target, contact)) {
            od__memory_target_revive(memory, target, 0, utc_ms);
        }
    }
}

/* All memory that a row may need to replace a contact (NULL: one that is made
 * by the same batch): its phones, their queues, the heirs of those it had. */
static bool reserve_replace(od__memory *memory, const od__memory_line *line,
                            const od__memory_contact *contact,
                            const od_member_row *row)
{
    if (!reserve_queues(memory, line, NULL, row->place)) {
        return false;
    }
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        const od__memory_line *more =
            row->phones[i] != 0 ? od__memory_line_make(memory, row->phones[i])
                                : NULL;
        if (row->phones[i] != 0 &&
            (more == NULL ||
             !reserve_queues(memory, more, NULL, row->places[i]) ||
             !od__memory_line_leave_reserve(memory, more))) {
            return false;
        }
    }
    return contact == NULL || od__memory_leave_reserve(memory, contact);
}

/* Body, which is taken over, places and further phones. Their lines are
 * there. */
static void set_contact(od__memory *memory, od__memory_contact *contact,
                        od_contact *body, const od_member_row *row)
{
    contact->body = body;
    body->id = contact->id;
    contact->place = row->place;
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        bool has = row->phones[i] != 0;
        contact->more[i] =
            has ? od__memory_line_find(memory, row->phones[i]) : NULL;
        contact->places[i] = has ? row->places[i] : 0;
    }
}

/* Replace all but the first phone. */
static void replace(od__memory *memory, od__memory_contact *contact,
                    od_contact *body, const od_member_row *row, int64_t utc_ms)
{
    od__memory_line *before[OD_PHONES_MORE];
    memcpy(before, contact->more, sizeof before);
    od__free(&memory->allocator, contact->body);
    set_contact(memory, contact, body, row);
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        if (before[i] != NULL && before[i] != contact->more[0] &&
            before[i] != contact->more[1]) {
            od__memory_phone_left(memory, before[i], contact);
        }
    }
    for (size_t i = 0; i < OD__MEMORY_PHONES; i++) {
        const od__memory_line *line = od__memory_contact_line(contact, i);
        for (od__memory_target *target = line != NULL ? line->targets : NULL;
             target != NULL; target = target->next_of_phone) {
            if (target->contact == contact->id) {
                od__memory_target_give(target, contact, i, utc_ms);
            }
        }
    }
}

/* == a batch into a group ================================================= */

/* All memory a batch may need; bodies[i] is made for rows that may use one. */
static bool reserve_batch(od__memory *memory, const od__memory_group *group,
                          const od_member_batch *batch, od_contact **bodies,
                          od__memory_line **lines)
{
    const od_allocator *allocator = &memory->allocator;
    size_t added = 0;
    for (size_t i = 0; i < batch->rows_len; i++) {
        const od_member_row *row = &batch->rows[i];
        lines[i] = od__memory_line_make(memory, row->phone);
        if (lines[i] == NULL) {
            return false;
        }
        const od__memory_member *member =
            od__memory_member_of(lines[i], group);
        if (member != NULL && !batch->update) {
            continue;
        }
        added += member != NULL ? 0 : 1;
        bodies[i] = od__memory_body_make(memory, row, row->phone);
        if (bodies[i] == NULL ||
            !reserve_queues(memory, lines[i], group, row->place) ||
            !reserve_replace(memory, lines[i],
                             member != NULL ? member->contact : NULL, row)) {
            return false;
        }
    }
    size_t targets = added * followers(memory, group);
    return od__rows_reserve(&memory->contacts, added, allocator) &&
           od__pool_reserve(&memory->contact_pool, added, allocator) &&
           od__pool_reserve(&memory->member_pool, added, allocator) &&
           od__pool_reserve(&memory->target_pool, targets, allocator);
}

static void put_row(od__memory *memory, od__memory_group *group,
                    const od_member_batch *batch, size_t i,
                    od_contact **body, od__memory_line *line)
{
    const od_member_row *row = &batch->rows[i];
    od__memory_member *member = od__memory_member_of(line, group);
    od__memory_contact *contact = NULL;
    if (member == NULL) {
        contact = od__pool_take(&memory->contact_pool);
        od__rows_push(&memory->contacts, contact);
        contact->id = (od_id)memory->contacts.len;
        contact->line = line;
        set_contact(memory, contact, *body, row);
        *body = NULL;
        admit(memory, group, contact, batch->import, batch->utc_ms);
        batch->results[i] = OD_MEMBER_ADDED;
    } else if (batch->update) {
        contact = member->contact;
        replace(memory, contact, *body, row, batch->utc_ms);
        *body = NULL;
        batch->results[i] = OD_MEMBER_UPDATED;
    } else {
        contact = member->contact;
        bool same = batch->import > 0 && member->import == batch->import;
        batch->results[i] = same ? OD_MEMBER_SAME_IMPORT : OD_MEMBER_PRESENT;
    }
    if (batch->ids != NULL) {
        batch->ids[i] = contact->id;
    }
}

od_err od__memory_member_put(void *ctx, od_member_batch *batch)
{
    od__memory *memory = ctx;
    const od_allocator *allocator = &memory->allocator;
    od__memory_group *group = od__rows_of_id(&memory->groups, batch->group);
    if (group == NULL) {
        return od__memory_fail_no(memory, "group", batch->group);
    }
    od_err err = OD_OK;
    size_t len = batch->rows_len;
    od_contact **bodies = od__alloc(allocator, len * sizeof(void *));
    od__memory_line **lines = od__alloc(allocator, len * sizeof(void *));
    if (bodies == NULL || lines == NULL ||
        !reserve_batch(memory, group, batch, bodies, lines) ||
        !od__rows_reserve(&group->members, len, allocator)) {
        err = od__memory_fail_full(memory);
    }
    for (size_t i = 0; err == OD_OK && i < len; i++) {
        put_row(memory, group, batch, i, &bodies[i], lines[i]);
    }
    if (err == OD_OK && od__members_are_fresh(batch)) {
        od__memory_group_refresh(group, batch->utc_ms);
    }
    for (size_t i = 0; bodies != NULL && i < len; i++) {
        od__free(allocator, bodies[i]);
    }
    od__free(allocator, bodies);
    od__free(allocator, lines);
    return err;
}

/* == slots ================================================================ */

od_err od__memory_member_join(void *ctx, od_id contact, od_id group,
                              int64_t utc_ms)
{
    od__memory *memory = ctx;
    const od_allocator *allocator = &memory->allocator;
    od__memory_contact *row = od__rows_of_id(&memory->contacts, contact);
    od__memory_group *into = od__rows_of_id(&memory->groups, group);
    if (row == NULL) {
        return od__memory_fail_no(memory, "contact", contact);
    }
    if (into == NULL) {
        return od__memory_fail_no(memory, "group", group);
    }
    if (od__memory_member_of(row->line, into) != NULL) {
        return od__fail(&memory->errmsg, OD_ERR_EXISTS,
                        "%s is in group %" PRId64 " already", row->body->phone,
                        group);
    }
    if (!od__rows_reserve(&into->members, 1, allocator) ||
        !od__pool_reserve(&memory->member_pool, 1, allocator) ||
        !od__pool_reserve(&memory->target_pool, followers(memory, into),
                          allocator) ||
        !reserve_queues(memory, row->line, into, row->place)) {
        return od__memory_fail_full(memory);
    }
    admit(memory, into, row, 0, utc_ms);
    return OD_OK;
}

static void fill_record(const od__memory_contact *contact,
                        od_contact_record *out)
{
    memset(out, 0, sizeof *out);
    out->phone = contact->line->phone;
    out->place = contact->place;
    out->contact = *contact->body;
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        const od__memory_line *line = contact->more[i];
        out->phones[i] = line != NULL ? line->phone : 0;
        out->places[i] = contact->places[i];
    }
}

od_err od__memory_contact_get(void *ctx, od_id id, od_contact_record *out)
{
    od__memory *memory = ctx;
    const od__memory_contact *contact = od__rows_of_id(&memory->contacts, id);
    if (contact == NULL) {
        return od__memory_fail_no(memory, "contact", id);
    }
    fill_record(contact, out);
    return OD_OK;
}

od_err od__memory_contact_update(void *ctx, od_id id, const od_member_row *row,
                                 int64_t utc_ms)
{
    od__memory *memory = ctx;
    od__memory_contact *contact = od__rows_of_id(&memory->contacts, id);
    if (contact == NULL) {
        return od__memory_fail_no(memory, "contact", id);
    }
    od_contact *body =
        od__memory_body_make(memory, row, contact->line->phone);
    if (body == NULL ||
        !reserve_replace(memory, contact->line, contact, row)) {
        od__free(&memory->allocator, body);
        return od__memory_fail_full(memory);
    }
    replace(memory, contact, body, row, utc_ms);
    return OD_OK;
}

static size_t scan_all(const od__memory *memory, od_id after,
                       od_contact_record *rows, size_t rows_max)
{
    size_t len = 0;
    size_t at = after > 0 ? (size_t)after : 0;
    for (; at < memory->contacts.len && len < rows_max; at++) {
        const od__memory_contact *contact = memory->contacts.at[at];
        if (contact != NULL) {
            fill_record(contact, &rows[len++]);
        }
    }
    return len;
}

static size_t scan_group(od__memory_group *group, od_id after,
                         od_contact_record *rows, size_t rows_max)
{
    size_t len = 0;
    size_t at = od__memory_member_seek(group, after);
    while (len < rows_max) {
        const od__memory_member *member = od__memory_member_next(group, &at);
        if (member == NULL) {
            break;
        }
        fill_record(member->contact, &rows[len++]);
    }
    return len;
}

od_err od__memory_contact_scan(void *ctx, od_id group, od_id after,
                               od_contact_record *rows, size_t rows_max,
                               size_t *count)
{
    od__memory *memory = ctx;
    od__memory_group *of = od__rows_of_id(&memory->groups, group);
    if (group == 0) {
        *count = scan_all(memory, after, rows, rows_max);
    } else {
        *count = of != NULL ? scan_group(of, after, rows, rows_max) : 0;
    }
    return OD_OK;
}
