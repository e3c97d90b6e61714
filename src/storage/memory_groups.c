/*
 * memory_groups.c - groups, membership, leaving.
 *
 * The members of a group stand in a vector by contact id. New contacts have
 * the highest id, so they are pushed; an older contact that joins makes the
 * vector unsorted until somebody wants to walk it. Who leaves becomes a NULL;
 * when more than half are NULL the vector is closed up.
 */
#include "storage/memory.h"

#include <stdlib.h>

/* == the vector of members ================================================ */

static void close_up(od__memory_group *group)
{
    size_t len = 0;
    for (size_t i = 0; i < group->members.len; i++) {
        od__memory_member *member = group->members.at[i];
        if (member != NULL) {
            member->at = len;
            group->members.at[len++] = member;
        }
    }
    group->members.len = len;
}

static int compare_members(const void *a, const void *b)
{
    const od__memory_member *left = *(od__memory_member *const *)a;
    const od__memory_member *right = *(od__memory_member *const *)b;
    od_id x = left->contact->id;
    od_id y = right->contact->id;
    return (x > y) - (x < y);
}

static void sort_members(od__memory_group *group)
{
    close_up(group);
    qsort(group->members.at, group->members.len, sizeof(void *),
          compare_members);
    for (size_t i = 0; i < group->members.len; i++) {
        od__memory_member *member = group->members.at[i];
        member->at = i;
    }
    group->unsorted = false;
}

size_t od__memory_member_seek(od__memory_group *group, od_id after)
{
    if (group->unsorted) {
        sort_members(group);
    }
    size_t low = 0;
    size_t high = group->members.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t probe = middle; /* the first that is there, right of middle */
        while (probe < high && group->members.at[probe] == NULL) {
            probe++;
        }
        const od__memory_member *member =
            probe < high ? group->members.at[probe] : NULL;
        if (member != NULL && member->contact->id <= after) {
            low = probe + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

od__memory_member *od__memory_member_next(const od__memory_group *group,
                                          size_t *at)
{
    od__memory_member *member = NULL;
    while (member == NULL && *at < group->members.len) {
        member = group->members.at[(*at)++];
    }
    return member;
}

void od__memory_member_add(od__memory *memory, od__memory_group *group,
                           od__memory_contact *contact, int64_t import)
{
    if (contact->id < group->contact_max) {
        group->unsorted = true;
    } else {
        group->contact_max = contact->id;
    }
    od__memory_member *member = od__pool_take(&memory->member_pool);
    member->contact = contact;
    member->group = group;
    member->import = import;
    member->at = group->members.len;
    member->next_of_phone = contact->line->members;
    contact->line->members = member;
    od__rows_push(&group->members, member);
    group->members_len++;
}

/* Take a member off its line. */
static void unlink_member(od__memory_member *member)
{
    od__memory_member **at = &member->contact->line->members;
    while (*at != member) {
        at = &(*at)->next_of_phone;
    }
    *at = member->next_of_phone;
}

/* Take a member out of its group and off its line. */
static void remove_member(od__memory *memory, od__memory_member *member)
{
    od__memory_group *group = member->group;
    unlink_member(member);
    group->members.at[member->at] = NULL;
    group->members_len--;
    od__pool_give(&memory->member_pool, member);
    size_t gone = group->members.len - (size_t)group->members_len;
    if (gone > group->members.len / 2 + 16) {
        close_up(group);
    }
}

od__memory_member *od__memory_member_of(const od__memory_line *line,
                                        const od__memory_group *group)
{
    od__memory_member *member = line != NULL ? line->members : NULL;
    while (member != NULL && member->group != group) {
        member = member->next_of_phone;
    }
    return member;
}

/* == leaving ============================================================== */

/* What becomes of the targets of a contact that left a group. */
static void leave_targets(od__memory *memory,
                          const od__memory_contact *contact, od_id group)
{
    for (size_t i = 0; i < OD__MEMORY_PHONES; i++) {
        const od__memory_line *line = od__memory_contact_line(contact, i);
        od__memory_target *next = line != NULL ? line->targets : NULL;
        while (next != NULL) {
            od__memory_target *target = next;
            next = target->next_of_phone;
            if ((i == 0 || target->contact == contact->id) &&
                od__memory_campaign_has(&target->campaign->record, group)) {
                od__memory_target_left(memory, target, contact);
            }
        }
    }
}

/* One member leaves one group. Needs od__memory_leave_reserve(). */
static void leave(od__memory *memory, od__memory_member *member)
{
    const od__memory_contact *contact = member->contact;
    od_id group = member->group->id;
    remove_member(memory, member);
    leave_targets(memory, contact, group);
}

/* == slots ================================================================ */

static od__memory_group *find_name(const od__memory *memory, const char *name)
{
    for (size_t i = 0; i < memory->groups.len; i++) {
        od__memory_group *group = memory->groups.at[i];
        if (group != NULL && strcmp(group->name, name) == 0) {
            return group;
        }
    }
    return NULL;
}

od_err od__memory_group_put(void *ctx, od_id id, const char *name, od_id *out)
{
    od__memory *memory = ctx;
    od__memory_group *group = od__rows_of_id(&memory->groups, id);
    if (id != 0 && group == NULL) {
        return od__memory_fail_no(memory, "group", id);
    }
    const od__memory_group *other = find_name(memory, name);
    if (other != NULL && other != group) {
        return od__fail(&memory->errmsg, OD_ERR_EXISTS,
                        "the name \"%s\" is taken", name);
    }
    if (group == NULL) {
        group = od__alloc(&memory->allocator, sizeof *group);
        if (group == NULL ||
            !od__rows_reserve(&memory->groups, 1, &memory->allocator)) {
            od__free(&memory->allocator, group);
            return od__memory_fail_full(memory);
        }
        od__rows_push(&memory->groups, group);
        group->id = (od_id)memory->groups.len;
        *out = group->id;
    }
    od__text_copy(group->name, sizeof group->name, name);
    return OD_OK;
}

od_err od__memory_group_remove(void *ctx, od_id id)
{
    od__memory *memory = ctx;
    od__memory_group *group = od__rows_of_id(&memory->groups, id);
    if (group == NULL) {
        return od__memory_fail_no(memory, "group", id);
    }
    od__memory_member *member = NULL;
    size_t at = 0;
    while ((member = od__memory_member_next(group, &at)) != NULL) {
        if (!od__memory_leave_reserve(memory, member->contact)) {
            return od__memory_fail_full(memory);
        }
    }
    /* All are gone before the first is looked at. */
    at = 0;
    while ((member = od__memory_member_next(group, &at)) != NULL) {
        unlink_member(member);
    }
    at = 0;
    while ((member = od__memory_member_next(group, &at)) != NULL) {
        leave_targets(memory, member->contact, id);
        od__pool_give(&memory->member_pool, member);
    }
    od__rows_clear(&group->members, &memory->allocator);
    od__free(&memory->allocator, group);
    memory->groups.at[id - 1] = NULL;
    return OD_OK;
}

od_err od__memory_group_scan(void *ctx, od_id after, od_group *rows,
                             size_t rows_max, size_t *count)
{
    od__memory *memory = ctx;
    size_t len = 0;
    size_t at = after > 0 ? (size_t)after : 0;
    for (; at < memory->groups.len && len < rows_max; at++) {
        const od__memory_group *group = memory->groups.at[at];
        if (group == NULL) {
            continue;
        }
        od_group *row = &rows[len++];
        row->id = group->id;
        row->members = group->members_len;
        row->fresh_utc_ms = group->fresh_utc_ms;
        memcpy(row->name, group->name, sizeof row->name);
    }
    *count = len;
    return OD_OK;
}

void od__memory_contact_remove(od__memory *memory,
                               od__memory_contact *contact)
{
    od__memory_member *next = NULL;
    for (od__memory_member *member = contact->line->members; member != NULL;
         member = next) {
        next = member->next_of_phone;
        if (member->contact == contact) {
            leave(memory, member);
        }
    }
    for (size_t i = 0; i < OD__MEMORY_PHONES; i++) {
        od__memory_line *line = od__memory_contact_line(contact, i);
        if (line != NULL) {
            od__memory_targets_finish(line, contact);
        }
    }
    memory->contacts.at[contact->id - 1] = NULL;
    od__free(&memory->allocator, contact->body);
    od__pool_give(&memory->contact_pool, contact);
}

od_err od__memory_member_remove(void *ctx, od_id contact, od_id group)
{
    od__memory *memory = ctx;
    od__memory_contact *row = od__rows_of_id(&memory->contacts, contact);
    if (row == NULL) {
        return od__memory_fail_no(memory, "contact", contact);
    }
    od__memory_member *member = od__memory_member_of(
        row->line, od__rows_of_id(&memory->groups, group));
    if (group != 0 && (member == NULL || member->contact != row)) {
        return od__fail(&memory->errmsg, OD_ERR_NOT_FOUND,
                        "contact %" PRId64 " is not in group %" PRId64,
                        contact, group);
    }
    if (!od__memory_leave_reserve(memory, row)) {
        return od__memory_fail_full(memory);
    }
    if (group == 0) {
        od__memory_contact_remove(memory, row);
    } else {
        leave(memory, member);
    }
    return OD_OK;
}

void od__memory_group_refresh(od__memory_group *group, int64_t utc_ms)
{
    if (utc_ms > group->fresh_utc_ms) {
        group->fresh_utc_ms = utc_ms;
    }
}

od_err od__memory_group_validate(void *ctx, od_id group, int64_t utc_ms)
{
    od__memory *memory = ctx;
    od__memory_group *row = od__rows_of_id(&memory->groups, group);
    if (row == NULL) {
        return od__memory_fail_no(memory, "group", group);
    }
    od__memory_group_refresh(row, utc_ms);
    return OD_OK;
}

od_err od__memory_group_places(void *ctx, od_id group, int32_t after,
                               od_place_count *rows, size_t rows_max,
                               size_t *count)
{
    od__memory *memory = ctx;
    const od__memory_group *row = od__rows_of_id(&memory->groups, group);
    size_t places_len = memory->places.len + 1;
    int64_t *members =
        od__alloc(&memory->allocator, places_len * sizeof *members);
    if (members == NULL) {
        return od__memory_fail_full(memory);
    }
    const od__memory_member *member = NULL;
    size_t at = 0;
    while (row != NULL && (member = od__memory_member_next(row, &at)) != NULL) {
        assert((size_t)member->contact->place < places_len);
        members[member->contact->place]++;
    }
    size_t len = 0;
    size_t place = after >= 0 ? (size_t)after + 1 : 0;
    for (; place < places_len && len < rows_max; place++) {
        if (members[place] > 0) {
            rows[len++] = (od_place_count){.place = (int32_t)place,
                                           .members = members[place]};
        }
    }
    od__free(&memory->allocator, members);
    *count = len;
    return OD_OK;
}
