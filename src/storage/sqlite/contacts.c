/*
 * contacts.c - people, and the groups they are in.
 *
 * The path of an import. A row costs: one insert into `member`, which tells
 * whether the phone is new to the group; if so one into `contact`, whose id is
 * counted in memory, and one into `target` for each campaign that follows the
 * group. Rows come sorted by phone, so all of them append or walk one leaf
 * after the other.
 *
 * A contact's place stands in `contact`, in each of its rows of `member` (a
 * fill reads nothing else) and in its targets; they change together. Further
 * phones and their places stand in `contact` alone, until they are targets.
 */
#include "storage/sqlite/sqlite.h"

#include <inttypes.h>

/* == one contact ========================================================== */

/* Bind what both inserting and replacing need. */
static od_err bind_contact(od__query *query, const od_member_row *row)
{
    const od_contact *contact = &row->contact;
    od__query_i64(query, row->place);
    od__query_i64(query, contact->line);
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        od__query_i64(query, (int64_t)row->phones[i]);
        od__query_i64(query, row->phones[i] != 0 ? row->places[i] : 0);
    }
    od__query_text(query, contact->first_name);
    od__query_text(query, contact->last_name);
    od__query_text(query, contact->email);
    od__query_text(query, contact->company);
    od__query_text(query, contact->notes);
    od__query_text(query, contact->timezone);
    od__query_text(query, contact->state);
    od__query_text(query, contact->zip);
    size_t len = 0;
    od_err err = od__fields_pack(query->s, contact, &len);
    if (err == OD_OK) {
        od__query_blob(query, query->s->scratch, len);
    } else if (query->err == OD_OK) {
        query->err = err;
    }
    return query->err;
}

static od_err insert_contact(od__sqlite *s, od_id id, const od_member_row *row)
{
    od__query query =
        OD__QUERY(s, OD__SQL_CONTACT_ADD, id, (int64_t)row->phone);
    (void)bind_contact(&query, row);
    return od__query_run(&query);
}

/* == its phones =========================================================== */

void od__row_phones(od__query *query, od__phones *out)
{
    out->contact = od__row_id(query);
    out->first = od__row_phone(query);
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        out->more[i] = od__row_phone_or_none(query);
        out->places[i] = od__row_place(query);
    }
}

od_err od__contact_phones(od__sqlite *s, od_id contact, od__phones *out,
                          bool *found)
{
    od__query query = OD__QUERY(s, OD__SQL_CONTACT_PHONES, contact);
    *found = od__query_next(&query);
    if (*found) {
        od__row_phones(&query, out);
    }
    return od__query_end(&query);
}

/* Position of a further phone; OD_PHONES_MORE: it is none. */
static size_t find_more(const uint64_t *more, uint64_t phone)
{
    size_t at = 0;
    while (at < OD_PHONES_MORE && more[at] != phone) {
        at++;
    }
    return at;
}

/* Targets of further phones that are gone, or have another place. */
static od_err follow_phones(od__sqlite *s, const od__phones *before,
                            const od_member_row *row, int64_t utc_ms)
{
    od_err err = OD_OK;
    for (size_t i = 0; err == OD_OK && i < OD_PHONES_MORE; i++) {
        uint64_t phone = before->more[i];
        if (phone != 0 && find_more(row->phones, phone) == OD_PHONES_MORE) {
            err = od__targets_drop(s, before->contact, phone);
        }
    }
    for (size_t i = 0; err == OD_OK && i < OD_PHONES_MORE; i++) {
        uint64_t phone = row->phones[i];
        size_t at = find_more(before->more, phone);
        bool is_same =
            at < OD_PHONES_MORE && before->places[at] == row->places[i];
        if (phone != 0 && !is_same) {
            err = od__targets_place(s, before->contact, phone, row->places[i],
                                    utc_ms);
        }
    }
    return err;
}

/* Replace a contact that is there; its memberships and targets follow if its
 * place is another one than `place_before`, or its phones are. */
static od_err replace_contact(od__sqlite *s, const od__phones *before,
                              int32_t place_before, const od_member_row *row,
                              int64_t utc_ms)
{
    od__query query = OD__QUERY(s, OD__SQL_CONTACT_SET, before->contact);
    (void)bind_contact(&query, row);
    od_err err = od__query_run(&query);
    if (err == OD_OK) {
        err = follow_phones(s, before, row, utc_ms);
    }
    if (err != OD_OK || place_before == row->place) {
        return err;
    }
    err = OD__RUN(s, OD__SQL_MEMBER_PLACE_SET, (int64_t)before->first,
                  before->contact, row->place);
    if (err == OD_OK) {
        err = od__targets_place(s, before->contact, before->first, row->place,
                                utc_ms);
    }
    return err;
}

od_err od__contact_drop(od__sqlite *s, const od__phones *contact,
                        uint64_t phone)
{
    od__phones after = *contact;
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        if (after.more[i] == phone) {
            after.more[i] = 0;
            after.places[i] = 0;
        }
    }
    od_err err = OD__RUN(s, OD__SQL_CONTACT_PHONES_SET, contact->contact,
                         (int64_t)after.more[0], after.places[0],
                         (int64_t)after.more[1], after.places[1]);
    return err == OD_OK ? od__targets_drop(s, contact->contact, phone) : err;
}

/* == reading ============================================================== */

/* A number as a host writes it; 0: "". NULL: no memory. */
static const char *phone_text(od__query *query, uint64_t phone)
{
    char text[OD_PHONE_MAX + 8];
    if (phone == 0) {
        return "";
    }
    int len = snprintf(text, sizeof text, "+%" PRIu64, phone);
    const char *out = od__arena_text(&query->s->arena, text, (size_t)len);
    if (out == NULL && query->err == OD_OK) {
        query->err = od__sqlite_memory(query->s);
    }
    return out;
}

static void read_contact(od__query *query, od_contact_record *out)
{
    memset(out, 0, sizeof *out);
    od_contact *contact = &out->contact;
    contact->id = od__row_id(query);
    out->phone = od__row_phone(query);
    out->place = od__row_place(query);
    contact->first_name = od__row_text(query, OD_TEXT_MAX);
    contact->last_name = od__row_text(query, OD_TEXT_MAX);
    contact->email = od__row_text(query, OD_TEXT_MAX);
    contact->company = od__row_text(query, OD_TEXT_MAX);
    contact->notes = od__row_text(query, OD_TEXT_MAX);
    contact->timezone = od__row_text(query, OD_TEXT_MAX);
    contact->state = od__row_text(query, OD_TEXT_MAX);
    size_t len;
    char *fields = od__row_blob(query, &len);
    contact->zip = od__row_text(query, OD_TEXT_MAX);
    contact->line = od__row_i32(query, OD_LINE_UNKNOWN, OD_LINES - 1);
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        out->phones[i] = od__row_phone_or_none(query);
        out->places[i] = od__row_place(query);
    }
    contact->phone = phone_text(query, out->phone);
    contact->phone2 = phone_text(query, out->phones[0]);
    contact->phone3 = phone_text(query, out->phones[1]);
    if (query->err == OD_OK) {
        query->err = od__fields_unpack(query->s, fields, len, contact);
    }
}

static od_err get(od__sqlite *s, od_id id, od_contact_record *out)
{
    od__query query = OD__QUERY(s, OD__SQL_CONTACT_GET, id);
    bool found = od__query_next(&query);
    if (found) {
        read_contact(&query, out);
    }
    od_err err = od__query_end(&query);
    return err != OD_OK || found ? err : od__sqlite_no(s, "contact", id);
}

/* == membership =========================================================== */

/* A row of `member`; contact 0: there is none. */
typedef struct member {
    od_id contact;
    int32_t place;
    int64_t import;
} member;

static od_err get_member(od__sqlite *s, od_id group, uint64_t phone,
                         member *out)
{
    *out = (member){0};
    od__query query = OD__QUERY(s, OD__SQL_MEMBER_GET, group, (int64_t)phone);
    if (od__query_next(&query)) {
        out->contact = od__row_i64(&query, 1, INT64_MAX - 1);
        out->place = od__row_place(&query);
        out->import = od__row_i64(&query, 0, INT64_MAX);
    }
    return od__query_end(&query);
}

/* Make a phone a target of campaigns; one that is there and nobody's becomes
 * that of the member. */
static od_err enrol(od__sqlite *s, const od__ids *campaigns, uint64_t phone,
                    const member *of, int64_t utc_ms)
{
    od_err err = OD_OK;
    for (size_t i = 0; err == OD_OK && i < campaigns->len; i++) {
        od_candidate target = {.campaign = campaigns->items[i],
                               .phone = phone,
                               .contact = of->contact,
                               .place = of->place,
                               .due_utc_ms = od__target_due_ms(utc_ms, phone)};
        bool added;
        err = od__target_add(s, &target, &added);
        if (err == OD_OK && !added) {
            err = od__target_meet(s, &target, NULL);
        }
    }
    return err;
}

/* *added false: the phone is in the group already. */
static od_err admit(od__sqlite *s, od_id group, uint64_t phone,
                    const member *row, bool *added)
{
    od_err err = OD__RUN(s, OD__SQL_MEMBER_ADD, group, (int64_t)phone,
                         row->contact, row->place, row->import);
    *added = err == OD_OK && sqlite3_changes(s->db) > 0;
    return err;
}

/* Campaigns that follow a group, which must exist. */
static od_err read_followers(od__sqlite *s, od_id group, od__ids *out)
{
    od_err err = od__group_check(s, group);
    if (err == OD_OK) {
        od__query query = OD__QUERY(s, OD__SQL_CAMPAIGNS_LIVE_OF_GROUP, group);
        err = od__query_ids(&query, out);
    }
    return err;
}

static od_err update_contact(od__sqlite *s, od_id contact, int32_t place_before,
                             const od_member_row *row, int64_t utc_ms)
{
    od__phones before = {0};
    bool found;
    od_err err = od__contact_phones(s, contact, &before, &found);
    if (err == OD_OK && !found) {
        err = od__sqlite_no(s, "contact", contact);
    }
    return err == OD_OK ? replace_contact(s, &before, place_before, row, utc_ms)
                        : err;
}

/* A row whose phone is in the group already. */
static od_err put_present(od__sqlite *s, od_member_batch *batch, size_t i)
{
    const od_member_row *row = &batch->rows[i];
    member present;
    od_err err = get_member(s, batch->group, row->phone, &present);
    if (err != OD_OK) {
        return err;
    }
    if (batch->ids != NULL) {
        batch->ids[i] = present.contact;
    }
    if (batch->update) {
        batch->results[i] = OD_MEMBER_UPDATED;
        return update_contact(s, present.contact, present.place, row,
                              batch->utc_ms);
    }
    batch->results[i] = batch->import > 0 && present.import == batch->import
                            ? OD_MEMBER_SAME_IMPORT
                            : OD_MEMBER_PRESENT;
    return OD_OK;
}

static od_err put_row(od__sqlite *s, od_member_batch *batch, size_t i,
                      const od__ids *followers, int64_t *added)
{
    const od_member_row *row = &batch->rows[i];
    member new = {.place = row->place, .import = batch->import};
    bool is_new = false;
    od_err err = od__sequence_peek(s, OD__SEQUENCE_CONTACT, &new.contact);
    if (err == OD_OK) {
        err = admit(s, batch->group, row->phone, &new, &is_new);
    }
    if (err != OD_OK || !is_new) {
        return err == OD_OK ? put_present(s, batch, i) : err;
    }
    od__sequence_take(s, OD__SEQUENCE_CONTACT);
    batch->results[i] = OD_MEMBER_ADDED;
    if (batch->ids != NULL) {
        batch->ids[i] = new.contact;
    }
    *added += 1;
    err = insert_contact(s, new.contact, row);
    if (err == OD_OK) {
        err = enrol(s, followers, row->phone, &new, batch->utc_ms);
    }
    return err;
}

static od_err put_rows(od__sqlite *s, od_member_batch *batch)
{
    od__ids followers;
    int64_t added = 0;
    od_err err = read_followers(s, batch->group, &followers);
    for (size_t i = 0; err == OD_OK && i < batch->rows_len; i++) {
        err = put_row(s, batch, i, &followers, &added);
    }
    if (err == OD_OK && added > 0) {
        err = OD__RUN(s, OD__SQL_GROUP_COUNT, batch->group, added);
    }
    return err == OD_OK && od__members_are_fresh(batch)
               ? OD__RUN(s, OD__SQL_GROUP_VALIDATE, batch->group, batch->utc_ms)
               : err;
}

od_err od__sqlite_member_put(void *ctx, od_member_batch *batch)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = put_rows(s, batch);
    }
    return od__sqlite_finish(s, err);
}

static od_err join(od__sqlite *s, od_id contact, od_id group, int64_t utc_ms)
{
    od_contact_record record;
    od__ids followers;
    bool added = false;
    od_err err = get(s, contact, &record);
    if (err == OD_OK) {
        err = read_followers(s, group, &followers);
    }
    if (err != OD_OK) {
        return err;
    }
    member row = {.contact = contact, .place = record.place};
    err = admit(s, group, record.phone, &row, &added);
    if (err == OD_OK && !added) {
        err = od__fail(&s->errmsg, OD_ERR_EXISTS, "%s is in group %lld already",
                       record.contact.phone, (long long)group);
    }
    if (err == OD_OK) {
        err = OD__RUN(s, OD__SQL_GROUP_COUNT, group, 1);
    }
    if (err == OD_OK) {
        err = enrol(s, &followers, record.phone, &row, utc_ms);
    }
    return err;
}

od_err od__sqlite_member_join(void *ctx, od_id contact, od_id group,
                              int64_t utc_ms)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = join(s, contact, group, utc_ms);
    }
    return od__sqlite_finish(s, err);
}

/* == leaving ============================================================== */

static od_err leave(od__sqlite *s, od_id group, const od__phones *contact)
{
    od__ids campaigns;
    od__query query = OD__QUERY(s, OD__SQL_CAMPAIGNS_OF_GROUP, group);
    od_err err = od__query_ids(&query, &campaigns);
    if (err == OD_OK) {
        err = OD__RUN(s, OD__SQL_MEMBER_REMOVE, group, (int64_t)contact->first);
    }
    if (err == OD_OK) {
        err = OD__RUN(s, OD__SQL_GROUP_COUNT, group, -1);
    }
    for (size_t i = 0; err == OD_OK && i < campaigns.len; i++) {
        err = od__targets_leave(s, campaigns.items[i], contact);
    }
    return err;
}

od_err od__contact_remove(od__sqlite *s, const od__phones *contact)
{
    od__ids groups;
    od__query query = OD__QUERY(s, OD__SQL_MEMBER_GROUPS,
                                (int64_t)contact->first, contact->contact);
    od_err err = od__query_ids(&query, &groups);
    for (size_t i = 0; err == OD_OK && i < groups.len; i++) {
        err = leave(s, groups.items[i], contact);
    }
    if (err == OD_OK) {
        err = od__targets_finish(s, contact);
    }
    return err == OD_OK ? OD__RUN(s, OD__SQL_CONTACT_REMOVE, contact->contact)
                        : err;
}

static od_err remove_member(od__sqlite *s, od_id contact, od_id group)
{
    od__phones phones;
    bool found;
    od_err err = od__contact_phones(s, contact, &phones, &found);
    if (err == OD_OK && !found) {
        err = od__sqlite_no(s, "contact", contact);
    }
    if (err != OD_OK) {
        return err;
    }
    if (group == 0) {
        return od__contact_remove(s, &phones);
    }
    member row;
    err = get_member(s, group, phones.first, &row);
    if (err == OD_OK && row.contact != contact) {
        err = od__fail(&s->errmsg, OD_ERR_NOT_FOUND,
                       "contact %lld is not in group %lld", (long long)contact,
                       (long long)group);
    }
    return err == OD_OK ? leave(s, group, &phones) : err;
}

od_err od__sqlite_member_remove(void *ctx, od_id contact, od_id group)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = remove_member(s, contact, group);
    }
    return od__sqlite_finish(s, err);
}

/* == reading and replacing ================================================ */

od_err od__sqlite_contact_get(void *ctx, od_id id, od_contact_record *out)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_contact_record record;
    od_err err = get(s, id, &record);
    if (err == OD_OK) {
        *out = record;
    }
    return err;
}

od_err od__sqlite_contact_update(void *ctx, od_id id, const od_member_row *row,
                                 int64_t utc_ms)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od_contact_record record;
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = get(s, id, &record);
    }
    if (err == OD_OK) {
        err = update_contact(s, id, record.place, row, utc_ms);
    }
    return od__sqlite_finish(s, err);
}

od_err od__sqlite_contact_scan(void *ctx, od_id group, od_id after,
                               od_contact_record *rows, size_t rows_max,
                               size_t *count)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__query query = group == 0 ? OD__QUERY(s, OD__SQL_CONTACT_SCAN, after,
                                             (int64_t)rows_max)
                                 : OD__QUERY(s, OD__SQL_CONTACT_SCAN_GROUP,
                                             after, (int64_t)rows_max, group);
    size_t len = 0;
    while (len < rows_max && od__query_next(&query)) {
        read_contact(&query, &rows[len++]);
    }
    od_err err = od__query_end(&query);
    if (err == OD_OK) {
        *count = len;
    }
    return err;
}
