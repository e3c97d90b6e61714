/*
 * targets.c - a row of the dial queue comes, goes and moves.
 *
 * The only file that writes `target`. Every change goes through here, so that
 * the lane of a row, the sums of its campaign and the length of its lane are
 * what the rows say. A lane is stored with every row and is that of its place
 * and attempts; only READY rows stand in the index that is the queue.
 */
#include "storage/sqlite/sqlite.h"

#include "storage/tally.h"

static od__standing standing_of(const od_candidate *target)
{
    return (od__standing){.state = target->state,
                          .reason = target->reason,
                          .disposition = target->disposition};
}

static int32_t lane_of(const od_candidate *target)
{
    return od__target_lane(target->place, target->attempts);
}

void od__row_target(od__query *query, od_candidate *out)
{
    memset(out, 0, sizeof *out);
    out->campaign = od__row_id(query);
    out->phone = od__row_phone(query);
    out->contact = od__row_id(query);
    out->place = od__row_i32(query, 0, INT32_MAX / 2 - 1);
    out->state = od__row_i32(query, OD_TARGET_READY, OD_TARGET_BLOCKED);
    out->reason = od__row_i32(query, 0, INT32_MAX);
    out->attempts = od__row_i32(query, 0, INT32_MAX - 1);
    out->disposition = od__row_i32(query, 0, INT32_MAX);
    out->due_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
}

od_err od__target_get(od__sqlite *s, od_id campaign, uint64_t phone,
                      od_candidate *out, bool *found)
{
    od__query query =
        OD__QUERY(s, OD__SQL_TARGET_GET, campaign, (int64_t)phone);
    *found = od__query_next(&query);
    if (*found) {
        od__row_target(&query, out);
    }
    return od__query_end(&query);
}

od_err od__target_add(od__sqlite *s, const od_candidate *target, bool *added)
{
    int32_t lane = lane_of(target);
    od_err err =
        OD__RUN(s, OD__SQL_TARGET_ADD, target->campaign, (int64_t)target->phone,
                target->contact, target->place, lane, target->due_utc_ms);
    *added = err == OD_OK && sqlite3_changes(s->db) > 0;
    if (*added) {
        od__standing standing = {.state = OD_TARGET_READY};
        od__tally_enter(od__sums_of(s, target->campaign), &standing);
        od__lane_count(s, target->campaign, lane, 1);
    }
    return err;
}

od_err od__target_set(od__sqlite *s, const od_candidate *before,
                      const od_candidate *after)
{
    od_err err = OD__RUN(s, OD__SQL_TARGET_SET, after->campaign,
                         (int64_t)after->phone, after->contact, after->place,
                         after->state, after->reason, after->attempts,
                         after->disposition, lane_of(after), after->due_utc_ms);
    if (err != OD_OK) {
        return err;
    }
    od__standing from = standing_of(before);
    od__standing to = standing_of(after);
    od__tally_move(od__sums_of(s, after->campaign), &from, &to);
    if (before->state == OD_TARGET_READY) {
        od__lane_count(s, before->campaign, lane_of(before), -1);
    }
    if (after->state == OD_TARGET_READY) {
        od__lane_count(s, after->campaign, lane_of(after), 1);
    }
    return OD_OK;
}

od_err od__target_remove(od__sqlite *s, const od_candidate *target)
{
    od_err err = OD__RUN(s, OD__SQL_TARGET_REMOVE, target->campaign,
                         (int64_t)target->phone);
    if (err != OD_OK) {
        return err;
    }
    od__standing standing = standing_of(target);
    od__tally_leave(od__sums_of(s, target->campaign), &standing);
    if (target->state == OD_TARGET_READY) {
        od__lane_count(s, target->campaign, lane_of(target), -1);
    }
    return OD_OK;
}

/* Hand a target to a contact (often the one it has) with this place. */
static od_err give(od__sqlite *s, const od_candidate *target, od_id contact,
                   int32_t place, int64_t due_utc_ms)
{
    od_candidate after = *target;
    after.contact = contact;
    after.place = place;
    if (target->place != place && target->state == OD_TARGET_BLOCKED &&
        od__reason_is_of_place(target->reason)) {
        after.state = OD_TARGET_READY;
        after.reason = OD_REASON_NONE;
        after.due_utc_ms = due_utc_ms;
    }
    return od__target_set(s, target, &after);
}

od_err od__targets_place(od__sqlite *s, od_id contact, uint64_t phone,
                         int32_t place, int64_t utc_ms)
{
    od__query query =
        OD__QUERY(s, OD__SQL_TARGETS_OF_CONTACT, (int64_t)phone, contact);
    od__ids campaigns;
    od_err err = od__query_ids(&query, &campaigns);
    for (size_t i = 0; err == OD_OK && i < campaigns.len; i++) {
        od_candidate target;
        bool found;
        err = od__target_get(s, campaigns.items[i], phone, &target, &found);
        if (err == OD_OK && found) {
            err = give(s, &target, contact, place, utc_ms);
        }
    }
    return err;
}

/* Who holds the phone in the first group of the campaign that has it; 0:
 * nobody. *stays: `gone` holds it in some group still. */
static od_err find_heir(od__sqlite *s, const od_candidate *target, od_id gone,
                        od_id *heir, int32_t *place, bool *stays)
{
    *heir = 0;
    *stays = false;
    od__query query = OD__QUERY(s, OD__SQL_MEMBER_OF_CAMPAIGN, target->campaign,
                                (int64_t)target->phone);
    while (od__query_next(&query)) {
        od_id contact = od__row_id(&query);
        int32_t at = od__row_i32(&query, 0, INT32_MAX / 2 - 1);
        if (*heir == 0) {
            *heir = contact;
            *place = at;
        }
        *stays = *stays || contact == gone;
    }
    return od__query_end(&query);
}

od_err od__target_leave(od__sqlite *s, od_id campaign, uint64_t phone,
                        od_id contact)
{
    od_candidate target;
    bool found;
    od_err err = od__target_get(s, campaign, phone, &target, &found);
    if (err != OD_OK || !found) {
        return err;
    }
    od_id heir;
    int32_t place = 0;
    bool stays;
    err = find_heir(s, &target, contact, &heir, &place, &stays);
    if (err != OD_OK) {
        return err;
    }
    if (heir != 0) {
        return target.contact == contact && !stays
                   ? give(s, &target, heir, place, target.due_utc_ms)
                   : OD_OK;
    }
    return od__target_is_untried(target.state, target.attempts)
               ? od__target_remove(s, &target)
               : OD_OK;
}

/* Nobody holds it: it is not called again. */
static od_err finish(od__sqlite *s, const od_candidate *target)
{
    od_id heir;
    int32_t place = 0;
    bool stays;
    od_err err = find_heir(s, target, target->contact, &heir, &place, &stays);
    if (err != OD_OK || heir != 0) {
        return err;
    }
    od_candidate after = *target;
    after.state = OD_TARGET_DONE;
    return od__target_set(s, target, &after);
}

od_err od__targets_finish(od__sqlite *s, od_id contact, uint64_t phone)
{
    od__query query =
        OD__QUERY(s, OD__SQL_TARGETS_OF_CONTACT, (int64_t)phone, contact);
    od__ids campaigns;
    od_err err = od__query_ids(&query, &campaigns);
    for (size_t i = 0; err == OD_OK && i < campaigns.len; i++) {
        od_candidate target;
        bool found;
        err = od__target_get(s, campaigns.items[i], phone, &target, &found);
        if (err == OD_OK && found && target.state == OD_TARGET_READY) {
            err = finish(s, &target);
        }
    }
    return err;
}
