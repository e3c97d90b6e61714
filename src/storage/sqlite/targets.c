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

#include <inttypes.h>

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
    out->place = od__row_place(query);
    out->state = od__row_i32(query, OD_TARGET_READY, OD_TARGET_BLOCKED);
    out->reason = od__row_i32(query, 0, INT32_MAX);
    out->attempts = od__row_i32(query, 0, INT32_MAX - 1);
    out->disposition = od__row_i32(query, 0, INT32_MAX);
    out->due_utc_ms = od__row_i64(query, INT64_MIN, INT64_MAX);
    out->tries = (uint64_t)od__row_i64(query, INT64_MIN, INT64_MAX);
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
    od_err err =
        OD__RUN(s, OD__SQL_TARGET_SET, after->campaign, (int64_t)after->phone,
                after->contact, after->place, after->state, after->reason,
                after->attempts, after->disposition, lane_of(after),
                after->due_utc_ms, (int64_t)after->tries);
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

/* The targets of a phone, in all campaigns, that name a contact. */
static od_err read_campaigns(od__sqlite *s, od_id contact, uint64_t phone,
                             od__ids *out)
{
    od__query query =
        OD__QUERY(s, OD__SQL_TARGETS_OF_CONTACT, (int64_t)phone, contact);
    return od__query_ids(&query, out);
}

/* == whose it is ========================================================== */

/* The contact of a target. *found false: the target is nobody's. */
static od_err find_owner(od__sqlite *s, const od_candidate *target,
                         od__phones *out, bool *found)
{
    od_err err = od__contact_phones(s, target->contact, out, found);
    bool has = err == OD_OK && *found && out->first == target->phone;
    for (size_t i = 0; err == OD_OK && *found && i < OD_PHONES_MORE; i++) {
        has = has || out->more[i] == target->phone;
    }
    *found = has;
    return err;
}

/* Who holds a phone in the groups of a campaign. */
typedef struct holders {
    od_id first; /* in the first group that has it; 0: nobody */
    int32_t place;
    bool has; /* the contact that was asked for is one of them */
} holders;

static od_err find_holders(od__sqlite *s, od_id campaign, uint64_t phone,
                           od_id contact, holders *out)
{
    *out = (holders){0};
    od__query query =
        OD__QUERY(s, OD__SQL_MEMBER_OF_CAMPAIGN, campaign, (int64_t)phone);
    while (od__query_next(&query)) {
        od_id holder = od__row_id(&query);
        int32_t place = od__row_place(&query);
        if (out->first == 0) {
            out->first = holder;
            out->place = place;
        }
        out->has = out->has || holder == contact;
    }
    return od__query_end(&query);
}

/* Is the target that of a contact which is in the campaign? */
static od_err find_member(od__sqlite *s, const od_candidate *target, bool *out)
{
    od__phones phones;
    holders held = {0};
    od_err err = find_owner(s, target, &phones, out);
    if (err == OD_OK && *out) {
        err = find_holders(s, target->campaign, phones.first, target->contact,
                           &held);
        *out = held.has;
    }
    return err;
}

od_err od__target_follow(od__sqlite *s, const od_candidate *target,
                         int64_t due_utc_ms)
{
    od__phones phones;
    holders held;
    bool found;
    od_err err = find_owner(s, target, &phones, &found);
    if (err != OD_OK || !found) {
        return err;
    }
    od_candidate next = {.campaign = target->campaign,
                         .contact = target->contact,
                         .due_utc_ms = due_utc_ms};
    next.phone = od__phone_after(target->phone, phones.first, phones.more,
                                 phones.places, &next.place);
    if (next.phone == 0) {
        return OD_OK;
    }
    err =
        find_holders(s, target->campaign, phones.first, target->contact, &held);
    bool added;
    return err == OD_OK && held.has ? od__target_add(s, &next, &added) : err;
}

/* Hand a target to a contact (often the one it has) with this place. */
static od_err give(od__sqlite *s, const od_candidate *target, od_id contact,
                   int32_t place, int64_t due_utc_ms)
{
    od_candidate after = *target;
    after.contact = contact;
    after.place = place;
    if (target->place != place && target->state == OD_TARGET_BLOCKED &&
        od_reason_may_pass(target->reason)) {
        after.state = OD_TARGET_READY;
        after.reason = OD_REASON_NONE;
        after.due_utc_ms = due_utc_ms;
    }
    return od__target_set(s, target, &after);
}

od_err od__targets_place(od__sqlite *s, od_id contact, uint64_t phone,
                         int32_t place, int64_t utc_ms)
{
    od__ids campaigns;
    od_err err = read_campaigns(s, contact, phone, &campaigns);
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

/* == due again ============================================================ */

od_err od__target_ready(od__sqlite *s, od_candidate *target)
{
    od__phones owner;
    bool found;
    od_err err = find_owner(s, target, &owner, &found);
    if (err == OD_OK) {
        target->state = found ? OD_TARGET_READY : OD_TARGET_DONE;
        target->reason = OD_REASON_NONE;
    }
    return err;
}

od_err od__target_meet(od__sqlite *s, const od_candidate *member,
                       const od_fill *fill)
{
    od_candidate target;
    od__phones owner;
    bool found;
    bool owned;
    od_err err =
        od__target_get(s, member->campaign, member->phone, &target, &found);
    if (err == OD_OK && found) {
        err = find_owner(s, &target, &owner, &owned);
    }
    if (err != OD_OK || !found || (owned && fill == NULL)) {
        return err;
    }
    bool revives =
        od__target_revives(&target, fill != NULL ? fill->attempts_below : 0);
    if (owned && !revives) {
        return OD_OK;
    }
    od_candidate after = target;
    if (!owned) {
        after.contact = member->contact;
        after.place = member->place;
    }
    if (revives) {
        after.state = OD_TARGET_READY;
        after.reason = OD_REASON_NONE;
        after.due_utc_ms =
            od__target_due_kept_ms(member->due_utc_ms, target.due_utc_ms);
    }
    return od__target_set(s, &target, &after);
}

od_err od__target_free(od__sqlite *s, od_id campaign, uint64_t phone,
                       int64_t utc_ms)
{
    od_candidate target;
    bool found;
    od_err err = od__target_get(s, campaign, phone, &target, &found);
    if (err != OD_OK || !found) {
        return err;
    }
    od_candidate after = target;
    after.due_utc_ms = od__target_due_kept_ms(utc_ms, target.due_utc_ms);
    err = od__target_ready(s, &after);
    return err == OD_OK ? od__target_set(s, &target, &after) : err;
}

od_err od__targets_agree(od__sqlite *s, uint64_t phone, int64_t utc_ms)
{
    od__ids campaigns;
    od__query query = OD__QUERY(s, OD__SQL_TARGETS_AGREE, (int64_t)phone);
    od_err err = od__query_ids(&query, &campaigns);
    for (size_t i = 0; err == OD_OK && i < campaigns.len; i++) {
        err = od__target_free(s, campaigns.items[i], phone, utc_ms);
    }
    return err;
}

static od_err call_back(od__sqlite *s, od_id campaign, uint64_t phone,
                        int64_t due_utc_ms)
{
    od_candidate target;
    bool found;
    od_err err = od__target_get(s, campaign, phone, &target, &found);
    if (err == OD_OK && !found) {
        err = od__fail(&s->errmsg, OD_ERR_NOT_FOUND,
                       "+%" PRIu64 " is not in campaign %" PRId64, phone,
                       campaign);
    }
    if (err == OD_OK && !od__target_calls_back(target.state, target.reason)) {
        err = od__fail(&s->errmsg, OD_ERR_STATE,
                       target.state == OD_TARGET_FLIGHT
                           ? "a call to +%" PRIu64 " is under way"
                           : "+%" PRIu64 " is blocked",
                       phone);
    }
    if (err != OD_OK) {
        return err;
    }
    od_candidate after = target;
    after.state = OD_TARGET_READY;
    after.reason = OD_REASON_NONE;
    after.disposition = OD_DISPOSITION_CALLBACK;
    after.due_utc_ms = due_utc_ms;
    return od__target_set(s, &target, &after);
}

od_err od__sqlite_target_call_back(void *ctx, od_id campaign, uint64_t phone,
                                   int64_t due_utc_ms,
                                   const od_ledger_entry *ledger)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = call_back(s, campaign, phone, due_utc_ms);
    }
    if (err == OD_OK) {
        err = od__ledger_put(s, ledger, 1);
    }
    return od__sqlite_finish(s, err);
}

/* == leaving ============================================================== */

/* A target of a phone that a contact had, who is in no group of the campaign
 * any more. */
static od_err part(od__sqlite *s, const od_candidate *target, od_id gone)
{
    holders held;
    bool is_other = target->contact != gone;
    bool stays = false;
    od_err err = find_holders(s, target->campaign, target->phone, gone, &held);
    if (err == OD_OK && held.first == 0 && is_other) {
        err = find_member(s, target, &stays);
    }
    if (err != OD_OK || stays) {
        return err;
    }
    if (held.first != 0) {
        return is_other ? OD_OK
                        : give(s, target, held.first, held.place,
                               target->due_utc_ms);
    }
    return od__target_is_untried(target->state, target->attempts)
               ? od__target_remove(s, target)
               : OD_OK;
}

od_err od__targets_leave(od__sqlite *s, od_id campaign,
                         const od__phones *contact)
{
    holders held;
    od_err err =
        find_holders(s, campaign, contact->first, contact->contact, &held);
    bool is_gone = err == OD_OK && !held.has;
    for (size_t i = 0; err == OD_OK && is_gone && i < 1 + OD_PHONES_MORE; i++) {
        uint64_t phone = i == 0 ? contact->first : contact->more[i - 1];
        od_candidate target;
        bool found = false;
        if (phone != 0) {
            err = od__target_get(s, campaign, phone, &target, &found);
        }
        if (err == OD_OK && found &&
            (i == 0 || target.contact == contact->contact)) {
            err = part(s, &target, contact->contact);
        }
    }
    return err;
}

/* What a contact that is gone leaves behind, of one phone: it goes to who holds
 * that, or is not called again. */
static od_err finish(od__sqlite *s, od_id contact, uint64_t phone)
{
    od__ids campaigns;
    od_err err = read_campaigns(s, contact, phone, &campaigns);
    for (size_t i = 0; err == OD_OK && i < campaigns.len; i++) {
        od_candidate target;
        holders held;
        bool found;
        err = od__target_get(s, campaigns.items[i], phone, &target, &found);
        if (err != OD_OK || !found) {
            continue;
        }
        err = find_holders(s, target.campaign, phone, contact, &held);
        if (err == OD_OK && held.first != 0) {
            err = give(s, &target, held.first, held.place, target.due_utc_ms);
        } else if (err == OD_OK && target.state == OD_TARGET_READY) {
            od_candidate after = target;
            after.state = OD_TARGET_DONE;
            err = od__target_set(s, &target, &after);
        }
    }
    return err;
}

od_err od__targets_finish(od__sqlite *s, const od__phones *contact)
{
    od_err err = finish(s, contact->contact, contact->first);
    for (size_t i = 0; err == OD_OK && i < OD_PHONES_MORE; i++) {
        if (contact->more[i] != 0) {
            err = finish(s, contact->contact, contact->more[i]);
        }
    }
    return err;
}

od_err od__targets_drop(od__sqlite *s, od_id contact, uint64_t phone)
{
    od__ids campaigns;
    od_err err = read_campaigns(s, contact, phone, &campaigns);
    for (size_t i = 0; err == OD_OK && i < campaigns.len; i++) {
        od_candidate target;
        bool found;
        err = od__target_get(s, campaigns.items[i], phone, &target, &found);
        if (err == OD_OK && found) {
            err = part(s, &target, contact);
        }
    }
    return err == OD_OK ? finish(s, contact, phone) : err;
}

od_err od__targets_erase(od__sqlite *s, uint64_t phone, bool all)
{
    od__ids campaigns;
    od__query query = OD__QUERY(s, OD__SQL_TARGETS_OF_PHONE, (int64_t)phone);
    od_err err = od__query_ids(&query, &campaigns);
    for (size_t i = 0; err == OD_OK && i < campaigns.len; i++) {
        od_candidate target;
        bool found;
        err = od__target_get(s, campaigns.items[i], phone, &target, &found);
        if (err != OD_OK || !found ||
            !(all || target.state == OD_TARGET_READY)) {
            continue;
        }
        if (all || target.attempts == 0) {
            err = od__target_remove(s, &target);
        } else {
            od_candidate after = target;
            after.state = OD_TARGET_DONE;
            err = od__target_set(s, &target, &after);
        }
    }
    return err;
}
