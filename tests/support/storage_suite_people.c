/*
 * storage_suite_people.c - places, groups, contacts and membership.
 *
 * What contacts do to the queues of campaigns is in storage_suite_enrol.c.
 */
#include "support/storage_kit.h"

/* == places =============================================================== */

static void place_same_key_same_id(od_kit *kit)
{
    int32_t first = kit_place(kit, "GB|Europe/London");
    assert_int_equal(kit_place(kit, "GB|Europe/London"), first);
    assert_int_not_equal(kit_place(kit, "gb|Europe/London"), first);
    assert_int_not_equal(kit_place(kit, ""), first);
    kit_reopen(kit);
    assert_int_equal(kit_place(kit, "GB|Europe/London"), first);
    assert_int_equal(kit_place(kit, ""), kit_place(kit, ""));
}

static void place_scan_pages(od_kit *kit)
{
    char longest[OD_PLACE_KEY_MAX + 1];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    int32_t last = kit_place(kit, longest);
    od_place_record row;
    int32_t after = 0;
    size_t count = 0;
    int found = 0;
    for (;;) {
        kit_ok(kit, OP(place_scan, after, &row, 1, &count));
        if (count == 0) {
            break;
        }
        assert_true(row.place > after);
        after = row.place;
        found++;
    }
    assert_int_equal(found, 3); /* the two of the kit and this one */
    assert_int_equal(after, last);
    kit_ok(kit, OP(place_scan, last - 1, &row, 1, &count));
    assert_string_equal(row.key, longest);
}

/* == groups =============================================================== */

static void group_names_are_unique(od_kit *kit)
{
    od_id a = kit_group(kit, "Kunden");
    od_id b = kit_group(kit, "kunden"); /* told apart byte by byte */
    od_id out = -7;
    kit_err(kit, OP(group_put, 0, "Kunden", &out), OD_ERR_EXISTS);
    assert_int_equal(out, -7);
    kit_err(kit, OP(group_put, b, "Kunden", NULL), OD_ERR_EXISTS);
    kit_err(kit, OP(group_put, 999, "x", NULL), OD_ERR_NOT_FOUND);
    kit_ok(kit, OP(group_put, a, "Kunden", NULL)); /* its own name */
    kit_ok(kit, OP(group_put, a, "Gäste", NULL));
    kit_ok(kit, OP(group_put, b, "Kunden", NULL));
    kit_reopen(kit);
    od_group rows[3];
    size_t count = 0;
    kit_ok(kit, OP(group_scan, 0, rows, 3, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].id, a);
    assert_string_equal(rows[0].name, "Gäste");
    assert_string_equal(rows[1].name, "Kunden");
}

static void group_ids_are_not_reused(od_kit *kit)
{
    (void)kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    kit_ok(kit, OP(group_remove, b));
    kit_reopen(kit);
    assert_true(kit_group(kit, "b") > b);
    kit_err(kit, OP(group_remove, b), OD_ERR_NOT_FOUND);
    kit_err(kit, OP(group_put, b, "c", NULL), OD_ERR_NOT_FOUND);
}

static void group_scan_counts_members(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_id c = kit_group(kit, "c");
    od_id contact = kit_add(kit, b, KIT_PHONE, kit->place_a);
    (void)kit_add(kit, b, KIT_PHONE + 1, kit->place_a);
    kit_ok(kit, OP(member_join, contact, c, kit->now));
    od_group row;
    size_t count = 0;
    int64_t members[] = {0, 2, 1};
    od_id ids[] = {a, b, c};
    od_id after = 0;
    for (size_t i = 0; i < 3; i++) {
        kit_ok(kit, OP(group_scan, after, &row, 1, &count));
        assert_int_equal(count, 1);
        assert_int_equal(row.id, ids[i]);
        assert_int_equal(row.members, members[i]);
        after = row.id;
    }
    kit_ok(kit, OP(group_scan, after, &row, 1, &count));
    assert_int_equal(count, 0);
}

static void group_remove_keeps_contacts(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    kit_add_many(kit, a, 60);
    od_id contact = kit_add(kit, b, KIT_PHONE + 100, kit->place_a);
    kit_ok(kit, OP(member_join, contact, a, kit->now));
    kit_ok(kit, OP(group_remove, a));
    kit_reopen(kit);
    od_contact_record rows[70];
    size_t count = 0;
    kit_ok(kit, OP(contact_scan, 0, 0, rows, 70, &count));
    assert_int_equal(count, 61);
    kit_ok(kit, OP(contact_scan, b, 0, rows, 70, &count));
    assert_int_equal(count, 1);
    kit_ok(kit, OP(contact_scan, a, 0, rows, 70, &count));
    assert_int_equal(count, 0);
}

/* == putting members ====================================================== */

/* One batch of rows with the given phones; results and ids come back. */
static void put_batch(od_kit *kit, od_id group, int64_t import, bool update,
                      const uint64_t *phones, size_t len,
                      od_member_result *results, od_id *ids)
{
    od_member_row rows[8];
    char names[8][24];
    for (size_t i = 0; i < len; i++) {
        (void)snprintf(names[i], sizeof names[i], "n%zu", i);
        rows[i] = kit_row(kit, phones[i], kit->place_a);
        rows[i].contact.first_name = names[i];
    }
    od_member_batch batch = {.group = group,
                             .import = import,
                             .utc_ms = kit->now,
                             .update = update,
                             .rows = rows,
                             .rows_len = len,
                             .results = results,
                             .ids = ids};
    kit_ok(kit, OP(member_put, &batch));
}

static void assert_first_name(od_kit *kit, od_id contact, const char *name)
{
    od_contact_record record;
    kit_ok(kit, OP(contact_get, contact, &record));
    assert_string_equal(record.contact.first_name, name);
}

static void member_put_within_a_batch(od_kit *kit)
{
    const uint64_t phones[] = {KIT_PHONE, KIT_PHONE, KIT_PHONE + 1};
    od_id group = kit_group(kit, "a");
    od_member_result got[3];
    od_id ids[3];
    put_batch(kit, group, 7, false, phones, 3, got, ids);
    assert_int_equal(got[0], OD_MEMBER_ADDED);
    assert_int_equal(got[1], OD_MEMBER_SAME_IMPORT);
    assert_int_equal(got[2], OD_MEMBER_ADDED);
    assert_int_equal(ids[0], ids[1]);
    assert_true(ids[2] > ids[0]);
    assert_first_name(kit, ids[0], "n0");

    od_id other = kit_group(kit, "b");
    put_batch(kit, other, 0, false, phones, 3, got, ids);
    assert_int_equal(got[0], OD_MEMBER_ADDED);
    assert_int_equal(got[1], OD_MEMBER_PRESENT); /* no import is none */
    assert_first_name(kit, ids[0], "n0");

    od_id third = kit_group(kit, "c");
    put_batch(kit, third, 8, true, phones, 3, got, NULL);
    assert_int_equal(got[0], OD_MEMBER_ADDED);
    assert_int_equal(got[1], OD_MEMBER_UPDATED);
    assert_int_equal(got[2], OD_MEMBER_ADDED);
    put_batch(kit, third, 8, false, phones, 1, got, ids);
    assert_first_name(kit, ids[0], "n1");
}

static void member_put_again(od_kit *kit)
{
    const uint64_t phones[] = {KIT_PHONE, KIT_PHONE + 1};
    od_id group = kit_group(kit, "a");
    od_member_result got[2];
    od_id first[2];
    od_id ids[2];
    put_batch(kit, group, 7, false, phones, 2, got, first);
    kit_reopen(kit);
    put_batch(kit, group, 7, false, phones, 2, got, ids);
    assert_int_equal(got[0], OD_MEMBER_SAME_IMPORT);
    assert_int_equal(ids[0], first[0]);
    put_batch(kit, group, 8, false, phones + 1, 1, got, ids);
    assert_int_equal(got[0], OD_MEMBER_PRESENT);
    assert_int_equal(ids[0], first[1]);
    assert_first_name(kit, first[1], "n1");
    put_batch(kit, group, 0, false, phones + 1, 1, got, ids);
    assert_int_equal(got[0], OD_MEMBER_PRESENT);
    put_batch(kit, group, 7, true, phones + 1, 1, got, ids);
    assert_int_equal(got[0], OD_MEMBER_UPDATED);
    assert_int_equal(ids[0], first[1]);
    assert_first_name(kit, first[1], "n0");
}

static void member_put_other_group_is_a_new_contact(od_kit *kit)
{
    od_id a = kit_add(kit, kit_group(kit, "a"), KIT_PHONE, kit->place_a);
    od_id b = kit_add(kit, kit_group(kit, "b"), KIT_PHONE, kit->place_b);
    assert_true(b > a);
    od_contact_record record;
    kit_ok(kit, OP(contact_get, a, &record));
    assert_int_equal(record.place, kit->place_a);
    kit_ok(kit, OP(contact_get, b, &record));
    assert_int_equal(record.place, kit->place_b);
}

static void member_put_unknown_group(od_kit *kit)
{
    od_member_row row = kit_row(kit, KIT_PHONE, kit->place_a);
    od_member_result result;
    od_member_batch batch = {
        .group = 99, .rows = &row, .rows_len = 1, .results = &result};
    kit_err(kit, OP(member_put, &batch), OD_ERR_NOT_FOUND);
    od_contact_record found;
    size_t count = 0;
    kit_ok(kit, OP(contact_scan, 0, 0, &found, 1, &count));
    assert_int_equal(count, 0);
}

static void member_put_nothing(od_kit *kit)
{
    od_member_batch batch = {.group = kit_group(kit, "a")};
    kit_ok(kit, OP(member_put, &batch));
}

/* == contacts ============================================================= */

static char *filled(size_t len, char c)
{
    char *text = malloc(len + 1);
    assert_non_null(text);
    memset(text, c, len);
    text[len] = '\0';
    return text;
}

static void assert_contact(const od_contact *got, const od_contact *want)
{
    assert_string_equal(got->first_name, want->first_name);
    assert_string_equal(got->last_name, want->last_name);
    assert_string_equal(got->email, want->email);
    assert_string_equal(got->company, want->company);
    assert_string_equal(got->notes, want->notes);
    assert_string_equal(got->timezone, want->timezone);
    assert_string_equal(got->state, want->state);
    assert_string_equal(got->zip, want->zip);
    assert_int_equal(got->line, want->line);
    assert_int_equal(got->fields_len, want->fields_len);
    for (size_t i = 0; i < want->fields_len; i++) {
        assert_string_equal(got->fields[i].name, want->fields[i].name);
        assert_string_equal(got->fields[i].value, want->fields[i].value);
    }
}

static void contact_keeps_every_text(od_kit *kit)
{
    char *notes = filled(OD_TEXT_MAX, 'n');
    od_field fields[OD_FIELDS_MAX];
    char names[OD_FIELDS_MAX][16];
    for (size_t i = 0; i < OD_FIELDS_MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "field %zu", i);
        fields[i] = (od_field){names[i], i % 2 == 0 ? "" : "\"a\",\n'b'"};
    }
    od_member_row row = kit_row(kit, 990000000000001u, kit->place_a);
    row.contact = (od_contact){.phone = "ignored",
                               .first_name = "Zoë 'Drop' \"T\"; --",
                               .last_name = "x\x7f\x01",
                               .email = "z@example.org",
                               .company = "=1+1",
                               .notes = notes,
                               .timezone = "Europe/London",
                               .state = "FL",
                               .zip = "K1A 0B1",
                               .line = OD_LINE_BUSINESS,
                               .fields = fields,
                               .fields_len = OD_FIELDS_MAX};
    od_member_result result;
    od_id id = 0;
    od_member_batch batch = {.group = kit_group(kit, "a"),
                             .rows = &row,
                             .rows_len = 1,
                             .results = &result,
                             .ids = &id};
    kit_ok(kit, OP(member_put, &batch));
    kit_reopen(kit);
    od_contact_record got;
    kit_ok(kit, OP(contact_get, id, &got));
    assert_int_equal(got.phone, 990000000000001u);
    assert_int_equal(got.contact.id, id);
    assert_string_equal(got.contact.phone, "+990000000000001");
    assert_int_equal(got.place, kit->place_a);
    assert_contact(&got.contact, &row.contact);
    free(notes);
}

static void contact_null_texts_are_empty(od_kit *kit)
{
    static const od_contact empty = {.first_name = "",
                                     .last_name = "",
                                     .email = "",
                                     .company = "",
                                     .notes = "",
                                     .timezone = "",
                                     .state = "",
                                     .zip = ""};
    od_member_row row = kit_row(kit, KIT_PHONE, kit->place_a);
    row.contact = (od_contact){0};
    od_member_result result;
    od_id id = 0;
    od_member_batch batch = {.group = kit_group(kit, "a"),
                             .rows = &row,
                             .rows_len = 1,
                             .results = &result,
                             .ids = &id};
    kit_ok(kit, OP(member_put, &batch));
    od_contact_record got;
    kit_ok(kit, OP(contact_get, id, &got));
    assert_contact(&got.contact, &empty);
    kit_ok(kit, OP(contact_update, id, &row, kit->now));
    kit_ok(kit, OP(contact_get, id, &got));
    assert_contact(&got.contact, &empty);
}

static void contact_update_replaces_all_but_the_phone(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    od_id id = kit_add(kit, group, KIT_PHONE, kit->place_a);
    od_field field = {"plan", "gold"};
    od_member_row row = kit_row(kit, KIT_PHONE + 1, kit->place_b);
    row.contact.first_name = "Grace";
    row.contact.fields = &field;
    row.contact.fields_len = 1;
    kit_ok(kit, OP(contact_update, id, &row, kit->now));
    kit_reopen(kit);
    od_contact_record got;
    kit_ok(kit, OP(contact_get, id, &got));
    assert_int_equal(got.phone, KIT_PHONE);
    assert_string_equal(got.contact.phone, "+15551230000");
    assert_int_equal(got.contact.id, id);
    assert_int_equal(got.place, kit->place_b);
    assert_contact(&got.contact, &row.contact);
    kit_err(kit, OP(contact_update, id + 1, &row, kit->now),
            OD_ERR_NOT_FOUND);
    kit_err(kit, OP(contact_get, id + 1, &got), OD_ERR_NOT_FOUND);
    kit_err(kit, OP(contact_get, 0, &got), OD_ERR_NOT_FOUND);
    kit_err(kit, OP(contact_get, -1, &got), OD_ERR_NOT_FOUND);
}

static void contact_is_one_in_all_its_groups(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_id id = kit_add(kit, a, KIT_PHONE, kit->place_a);
    kit_ok(kit, OP(member_join, id, b, kit->now));
    od_member_row row = kit_row(kit, KIT_PHONE, kit->place_b);
    row.contact.first_name = "Grace";
    od_member_result result;
    od_member_batch batch = {.group = b,
                             .update = true,
                             .rows = &row,
                             .rows_len = 1,
                             .results = &result};
    kit_ok(kit, OP(member_put, &batch));
    assert_int_equal(result, OD_MEMBER_UPDATED);
    od_contact_record got;
    size_t count = 0;
    kit_ok(kit, OP(contact_scan, a, 0, &got, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(got.contact.id, id);
    assert_int_equal(got.place, kit->place_b);
    assert_string_equal(got.contact.first_name, "Grace");
}

static void contact_scan_is_by_id(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    kit_add_many(kit, a, 30);
    od_contact_record rows[30];
    size_t count = 0;
    kit_ok(kit, OP(contact_scan, a, 0, rows, 30, &count));
    od_id ids[30];
    for (size_t i = 0; i < 30; i++) {
        ids[i] = rows[i].contact.id;
    }
    /* A younger one first, then older ones in no order. */
    (void)kit_add(kit, b, KIT_PHONE + 50, kit->place_a);
    for (size_t i = 0; i < 30; i += 3) {
        kit_ok(kit, OP(member_join, ids[(i * 7) % 30], b, kit->now));
    }
    od_id after = 0;
    size_t found = 0;
    do {
        kit_ok(kit, OP(contact_scan, b, after, rows, 4, &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].contact.id > after);
            after = rows[i].contact.id;
            found++;
        }
    } while (count == 4);
    assert_int_equal(found, 11);
    kit_ok(kit, OP(contact_scan, 0, ids[28], rows, 30, &count));
    assert_int_equal(count, 2);
    kit_ok(kit, OP(contact_scan, 999, 0, rows, 30, &count));
    assert_int_equal(count, 0);
}

/* == joining and leaving ================================================== */

static void member_join_refuses(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_id one = kit_add(kit, a, KIT_PHONE, kit->place_a);
    (void)kit_add(kit, b, KIT_PHONE, kit->place_a);
    kit_err(kit, OP(member_join, 999, b, kit->now), OD_ERR_NOT_FOUND);
    kit_err(kit, OP(member_join, one, 999, kit->now), OD_ERR_NOT_FOUND);
    kit_err(kit, OP(member_join, one, 0, kit->now), OD_ERR_NOT_FOUND);
    kit_err(kit, OP(member_join, one, a, kit->now), OD_ERR_EXISTS);
    /* Another contact holds the phone there. */
    kit_err(kit, OP(member_join, one, b, kit->now), OD_ERR_EXISTS);
}

static void member_remove_from_one_group(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_id id = kit_add(kit, a, KIT_PHONE, kit->place_a);
    kit_err(kit, OP(member_remove, id, b), OD_ERR_NOT_FOUND);
    (void)kit_add(kit, b, KIT_PHONE, kit->place_a);
    /* The phone is there, this contact is not. */
    kit_err(kit, OP(member_remove, id, b), OD_ERR_NOT_FOUND);
    kit_ok(kit, OP(member_remove, id, a));
    kit_err(kit, OP(member_remove, id, a), OD_ERR_NOT_FOUND);
    kit_reopen(kit);
    od_contact_record got;
    kit_ok(kit, OP(contact_get, id, &got));
    kit_ok(kit, OP(member_join, id, a, kit->now));
    assert_int_equal(kit_put(kit, a, KIT_PHONE, kit->place_a, NULL),
                     OD_MEMBER_PRESENT);
}

static void member_remove_everywhere(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_id id = kit_add(kit, a, KIT_PHONE, kit->place_a);
    kit_ok(kit, OP(member_join, id, b, kit->now));
    kit_ok(kit, OP(member_remove, id, 0));
    kit_reopen(kit);
    od_contact_record got;
    size_t count = 0;
    kit_err(kit, OP(contact_get, id, &got), OD_ERR_NOT_FOUND);
    kit_err(kit, OP(member_remove, id, 0), OD_ERR_NOT_FOUND);
    kit_ok(kit, OP(contact_scan, b, 0, &got, 1, &count));
    assert_int_equal(count, 0);
    assert_true(kit_add(kit, a, KIT_PHONE, kit->place_a) > id);
}

static void member_remove_many(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    kit_add_many(kit, a, 200);
    od_contact_record rows[200];
    size_t count = 0;
    kit_ok(kit, OP(contact_scan, a, 0, rows, 200, &count));
    od_id ids[200];
    for (size_t i = 0; i < 200; i++) {
        ids[i] = rows[i].contact.id;
    }
    for (size_t i = 0; i < 200; i++) {
        if (i % 10 != 3) {
            kit_ok(kit, OP(member_remove, ids[i], i % 2 == 0 ? a : 0));
        }
    }
    kit_ok(kit, OP(contact_scan, a, ids[57], rows, 200, &count));
    assert_int_equal(count, 14); /* 63, 73, ... 193 */
    assert_int_equal(rows[0].contact.id, ids[63]);
    assert_int_equal(rows[13].contact.id, ids[193]);
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_people[] = {
    CASE(place_same_key_same_id),
    CASE(place_scan_pages),
    CASE(group_names_are_unique),
    CASE(group_ids_are_not_reused),
    CASE(group_scan_counts_members),
    CASE(group_remove_keeps_contacts),
    CASE(member_put_within_a_batch),
    CASE(member_put_again),
    CASE(member_put_other_group_is_a_new_contact),
    CASE(member_put_unknown_group),
    CASE(member_put_nothing),
    CASE(contact_keeps_every_text),
    CASE(contact_null_texts_are_empty),
    CASE(contact_update_replaces_all_but_the_phone),
    CASE(contact_is_one_in_all_its_groups),
    CASE(contact_scan_is_by_id),
    CASE(member_join_refuses),
    CASE(member_remove_from_one_group),
    CASE(member_remove_everywhere),
    CASE(member_remove_many),
    {NULL, NULL},
};
