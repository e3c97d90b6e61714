/*
 * test_contact.c - single contacts: added, read, changed, moved, removed, over
 * each storage.
 */
#include "support/stage.h"

#include "base/base.h"

static od_contact person(const char *phone)
{
    return (od_contact){.phone = phone};
}

static od_contact get(od_stage *s, od_id id)
{
    od_contact out;
    stage_ok(s, od_contact_get(s->engine, id, &out));
    return out;
}

static size_t members(od_stage *s, od_id group)
{
    od_contact rows[100];
    size_t count = 0;
    stage_ok(s, od_contacts_list(s->engine, group, 0, rows, 100, &count));
    return count;
}

static const od_field fields[] = {{"color", "blue"}, {"Gr\xc3\xb6\xc3\x9f" "e",
                                                      "a, \"b\"\nc"}};

static void test_contact_everything_comes_back(void **state)
{
    od_stage *s = *state;
    od_id id = 0;
    od_contact c = {.phone = "(212) 555-1000",
                    .first_name = "Ann",
                    .last_name = "O'Neil",
                    .email = "ann@example.org",
                    .company = "Caf\xc3\xa9",
                    .notes = "line\nline",
                    .timezone = "America/New_York",
                    .state = "NY",
                    .fields = fields,
                    .fields_len = 2,
                    .zip = "10001",
                    .phone2 = "(212) 555-1001",
                    .phone3 = "+44 20 7946 0012",
                    .line = OD_LINE_BUSINESS};
    stage_ok(s, od_contact_add(s->engine, s->group, &c, &id));
    od_contact got = get(s, id);
    assert_int_equal(got.id, id);
    assert_string_equal(got.zip, "10001");
    assert_string_equal(got.phone2, "+12125551001");
    assert_string_equal(got.phone3, "+442079460012");
    assert_int_equal(got.line, OD_LINE_BUSINESS);
    assert_string_equal(got.phone, "+12125551000");
    assert_string_equal(got.first_name, "Ann");
    assert_string_equal(got.last_name, "O'Neil");
    assert_string_equal(got.email, "ann@example.org");
    assert_string_equal(got.company, "Caf\xc3\xa9");
    assert_string_equal(got.notes, "line\nline");
    assert_string_equal(got.timezone, "America/New_York");
    assert_string_equal(got.state, "NY");
    assert_int_equal(got.fields_len, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(got.fields[i].name, fields[i].name);
        assert_string_equal(got.fields[i].value, fields[i].value);
    }
}

static void test_contact_only_a_phone(void **state)
{
    od_stage *s = *state;
    od_id id = 0;
    od_contact c = person("+12125551000");
    stage_ok(s, od_contact_add(s->engine, s->group, &c, &id));
    od_contact got = get(s, id);
    assert_string_equal(got.first_name, "");
    assert_string_equal(got.notes, "");
    assert_string_equal(got.state, "");
    assert_string_equal(got.zip, "");
    assert_string_equal(got.phone2, "");
    assert_string_equal(got.phone3, "");
    assert_int_equal(got.line, OD_LINE_UNKNOWN);
    assert_int_equal(got.fields_len, 0);
    od_contact row;
    size_t count = 0;
    stage_ok(s, od_contacts_list(s->engine, s->group, 0, &row, 1, &count));
    assert_string_equal(row.zip, "");
    assert_string_equal(row.phone2, "");
    assert_string_equal(row.phone3, "");
}

/* A further phone that is the first one again, or the second, is none. */
static void test_contact_further_phones_differ(void **state)
{
    static const struct {
        const char *phone2;
        const char *phone3;
        const char *want2;
        const char *want3;
    } cases[] = {
        {"212-555-1000", "", "", ""},
        {"", "+1 212 555 1000", "", ""},
        {"2125551000", "2125551001", "", "+12125551001"},
        {"2125551001", "12125551001", "+12125551001", ""},
        {"2125551001", "12125551002", "+12125551001", "+12125551002"},
        {NULL, "2125551002", "", "+12125551002"},
    };
    od_stage *s = *state;
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_id id = 0;
        od_contact c = {.phone = "+12125551000",
                        .phone2 = cases[i].phone2,
                        .phone3 = cases[i].phone3};
        stage_ok(s, od_contact_add(s->engine, s->group, &c, &id));
        od_contact got = get(s, id);
        assert_string_equal(got.phone2, cases[i].want2);
        assert_string_equal(got.phone3, cases[i].want3);
        stage_ok(s, od_contact_remove(s->engine, id));
    }
}

static void test_contact_add_refuses(void **state)
{
    static char longer[OD_TEXT_MAX + 2];
    od_stage *s = *state;
    od_field bad[OD_FIELDS_MAX + 1];
    od_id id = 0;
    memset(longer, 'x', OD_TEXT_MAX + 1);
    for (size_t i = 0; i <= OD_FIELDS_MAX; i++) {
        bad[i] = (od_field){"n", "v"};
    }
    const struct {
        od_contact contact;
        const char *text;
    } cases[] = {
        {{.phone = NULL}, "phone"},
        {{.phone = ""}, "phone number"},
        {{.phone = "hello"}, "\"hello\""},
        {{.phone = "911"}, "\"911\""},
        {{.phone = "+18005551000"}, "toll-free"},
        {{.phone = "+12125551000", .first_name = longer}, "first_name"},
        {{.phone = "+12125551000", .notes = "caf\xc3"}, "notes"},
        {{.phone = "+12125551000", .timezone = "Mars/Base"}, "Mars/Base"},
        {{.phone = "+12125551000", .timezone = "../passwd"}, "timezone"},
        {{.phone = "+12125551000", .state = "Oz"}, "\"Oz\""},
        {{.phone = "+12125551000", .zip = "1234"}, "zip \"1234\""},
        {{.phone = "+12125551000", .zip = longer}, "zip is longer"},
        {{.phone = "+12125551000", .line = -1}, "line -1"},
        {{.phone = "+12125551000", .line = OD_LINES}, "line 4"},
        {{.phone = "+12125551000", .phone2 = "x"}, "phone2 \"x\""},
        {{.phone = "+12125551000", .phone2 = "911"}, "phone2 \"911\""},
        {{.phone = "+12125551000", .phone3 = "+18005551000"}, "phone3"},
        {{.phone = "+12125551000", .phone3 = longer}, "phone3 \"xx"},
        {{.phone = "+12125551000", .fields = bad, .fields_len = 65}, "65"},
        {{.phone = "+12125551000", .fields = NULL, .fields_len = 1}, "1 custom"},
        {{.phone = "+12125551000",
          .fields = &(od_field){"", "v"},
          .fields_len = 1},
         "custom field"},
        {{.phone = "+12125551000",
          .fields = &(od_field){NULL, "v"},
          .fields_len = 1},
         "custom field"},
        {{.phone = "+12125551000",
          .fields = &(od_field){"n", NULL},
          .fields_len = 1},
         "\"n\" has no value"},
        {{.phone = "+12125551000",
          .fields = &(od_field){"n", longer},
          .fields_len = 1},
         "n is longer"},
        /* Two of one name, or the name of a column, could not be exported. */
        {{.phone = "+12125551000", .fields = bad, .fields_len = 2}, "twice"},
        {{.phone = "+12125551000",
          .fields = &(od_field){"Phone", "v"},
          .fields_len = 1},
         "\"Phone\""},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        stage_fails(s, od_contact_add(s->engine, s->group, &cases[i].contact,
                                      &id),
                    OD_ERR_INVALID, cases[i].text);
    }
    od_contact c = person("+12125551000");
    stage_fails(s, od_contact_add(s->engine, 987654, &c, &id),
                OD_ERR_NOT_FOUND, "987654");
    stage_fails(s, od_contact_add(s->engine, s->group, NULL, &id),
                OD_ERR_INVALID, "contact");
    assert_int_equal(id, 0);
    assert_int_equal(members(s, s->group), 0);
}

static void test_contact_longest_texts(void **state)
{
    static char text[OD_TEXT_MAX + 1];
    od_stage *s = *state;
    od_id id = 0;
    memset(text, 'y', OD_TEXT_MAX);
    od_contact c = {.phone = "+12125551000", .notes = text};
    stage_ok(s, od_contact_add(s->engine, s->group, &c, &id));
    assert_string_equal(get(s, id).notes, text);
}

static void test_contact_once_in_a_group(void **state)
{
    od_stage *s = *state;
    od_id other = 0;
    od_id a = 0;
    od_id b = 0;
    od_contact c = person("+12125551000");
    stage_ok(s, od_group_add(s->engine, "other", &other));
    stage_ok(s, od_contact_add(s->engine, s->group, &c, &a));
    c.phone = "1-212-555-1000"; /* the same in another dress */
    stage_fails(s, od_contact_add(s->engine, s->group, &c, &b), OD_ERR_EXISTS,
                "+12125551000");
    stage_ok(s, od_contact_add(s->engine, other, &c, &b));
    assert_true(b != a);
    stage_fails(s, od_contact_join(s->engine, a, other), OD_ERR_EXISTS,
                "\"other\"");
}

/* -- changing ------------------------------------------------------------------ */

static void test_contact_update_replaces_all(void **state)
{
    od_stage *s = *state;
    od_id id = 0;
    od_contact c = {.phone = "+12125551000",
                    .first_name = "Ann",
                    .notes = "old",
                    .fields = fields,
                    .fields_len = 2};
    stage_ok(s, od_contact_add(s->engine, s->group, &c, &id));
    c = (od_contact){.id = id, .phone = "+13125559999", .last_name = "Bell"};
    stage_ok(s, od_contact_update(s->engine, &c));
    od_contact got = get(s, id);
    assert_string_equal(got.phone, "+12125551000"); /* never */
    assert_string_equal(got.first_name, "");
    assert_string_equal(got.last_name, "Bell");
    assert_string_equal(got.notes, "");
    assert_int_equal(got.fields_len, 0);
    c.id = 987654;
    stage_fails(s, od_contact_update(s->engine, &c), OD_ERR_NOT_FOUND,
                "987654");
    c.id = id;
    c.timezone = "Nowhere";
    stage_fails(s, od_contact_update(s->engine, &c), OD_ERR_INVALID,
                "Nowhere");
    assert_string_equal(get(s, id).last_name, "Bell");
}

/* What hosts do: read, change one field, hand it in again. */
static void test_contact_update_of_what_was_read(void **state)
{
    od_stage *s = *state;
    od_id id = 0;
    od_contact c = {.phone = "+12125551000",
                    .first_name = "Ann",
                    .company = "Bell & Sons",
                    .state = "NY",
                    .fields = fields,
                    .fields_len = 2,
                    .zip = "10001-1234",
                    .phone2 = "+12125551001",
                    .phone3 = "+12125551002",
                    .line = OD_LINE_MOBILE};
    stage_ok(s, od_contact_add(s->engine, s->group, &c, &id));
    for (int i = 0; i < 3; i++) {
        od_contact got = get(s, id);
        got.notes = "changed";
        stage_ok(s, od_contact_update(s->engine, &got));
        got = get(s, id);
        assert_string_equal(got.first_name, "Ann");
        assert_string_equal(got.company, "Bell & Sons");
        assert_string_equal(got.notes, "changed");
        assert_string_equal(got.state, "NY");
        assert_string_equal(got.zip, "10001-1234");
        assert_string_equal(got.phone2, "+12125551001");
        assert_string_equal(got.phone3, "+12125551002");
        assert_int_equal(got.line, OD_LINE_MOBILE);
        assert_int_equal(got.fields_len, 2);
        assert_string_equal(got.fields[0].value, "blue");
        assert_string_equal(got.fields[1].value, fields[1].value);
    }
    /* And of one into another group, by its phone. */
    od_id other = 0;
    od_id copy = 0;
    stage_ok(s, od_group_add(s->engine, "other", &other));
    od_contact got = get(s, id);
    stage_ok(s, od_contact_add(s->engine, other, &got, &copy));
    got = get(s, copy);
    assert_string_equal(got.phone, "+12125551000");
    assert_string_equal(got.company, "Bell & Sons");
    assert_string_equal(got.fields[1].value, fields[1].value);
}

/* The texts of one person for another. */
static void test_contact_update_from_another(void **state)
{
    od_stage *s = *state;
    od_id ann = 0;
    od_id bob = 0;
    od_contact c = {.phone = "+12125551000",
                    .first_name = "Ann",
                    .company = "Bell & Sons",
                    .fields = fields,
                    .fields_len = 2};
    stage_ok(s, od_contact_add(s->engine, s->group, &c, &ann));
    c = (od_contact){.phone = "+12125551001", .first_name = "Robert the Bruce"};
    stage_ok(s, od_contact_add(s->engine, s->group, &c, &bob));
    od_contact got = get(s, ann);
    got.id = bob;
    stage_ok(s, od_contact_update(s->engine, &got));
    got = get(s, bob);
    assert_string_equal(got.phone, "+12125551001");
    assert_string_equal(got.first_name, "Ann");
    assert_string_equal(got.company, "Bell & Sons");
    assert_int_equal(got.fields_len, 2);
    assert_string_equal(got.fields[1].value, fields[1].value);
}

/* Rows of a list are handed in again: their further phones stand in memory
 * that the call itself uses for copies. */
static void test_contact_update_of_what_was_listed(void **state)
{
    static char notes[OD_TEXT_MAX + 1];
    od_stage *s = *state;
    memset(notes, 'n', OD_TEXT_MAX);
    for (int i = 0; i < 9; i++) {
        char phone2[32];
        char phone3[32];
        (void)snprintf(phone2, sizeof phone2, "+1212555200%d", i);
        (void)snprintf(phone3, sizeof phone3, "+1212555300%d", i);
        od_contact c = {.phone = stage_phone(i),
                        .notes = notes,
                        .phone2 = phone2,
                        .phone3 = phone3};
        stage_ok(s, od_contact_add(s->engine, s->group, &c, NULL));
    }
    for (size_t i = 0; i < 9; i++) {
        od_contact rows[9];
        size_t count = 0;
        stage_ok(s, od_contacts_list(s->engine, s->group, 0, rows, 9, &count));
        assert_int_equal(count, 9);
        assert_int_equal(rows[i].phone2[11], '0' + (int)i);
        rows[i].company = "Acme";
        const char *swapped = rows[i].phone2;
        rows[i].phone2 = rows[i].phone3;
        rows[i].phone3 = swapped;
        stage_ok(s, od_contact_update(s->engine, &rows[i]));
    }
    od_contact rows[9];
    size_t count = 0;
    stage_ok(s, od_contacts_list(s->engine, s->group, 0, rows, 9, &count));
    for (size_t i = 0; i < 9; i++) {
        char phone2[32];
        char phone3[32];
        (void)snprintf(phone2, sizeof phone2, "+1212555300%d", (int)i);
        (void)snprintf(phone3, sizeof phone3, "+1212555200%d", (int)i);
        assert_string_equal(rows[i].phone2, phone2);
        assert_string_equal(rows[i].phone3, phone3);
        assert_string_equal(rows[i].company, "Acme");
        assert_string_equal(rows[i].notes, notes);
    }
}

static void test_contact_join_leave_remove(void **state)
{
    od_stage *s = *state;
    od_id other = 0;
    od_id id = 0;
    od_contact got;
    od_contact c = person("+12125551000");
    stage_ok(s, od_group_add(s->engine, "other", &other));
    stage_ok(s, od_contact_add(s->engine, s->group, &c, &id));
    stage_ok(s, od_contact_join(s->engine, id, other));
    stage_fails(s, od_contact_join(s->engine, id, other), OD_ERR_EXISTS, "");
    stage_fails(s, od_contact_join(s->engine, 987654, other),
                OD_ERR_NOT_FOUND, "contact");
    stage_fails(s, od_contact_join(s->engine, id, 987654), OD_ERR_NOT_FOUND,
                "group");
    assert_int_equal(members(s, s->group), 1);
    assert_int_equal(members(s, other), 1);
    stage_ok(s, od_contact_leave(s->engine, id, s->group));
    stage_fails(s, od_contact_leave(s->engine, id, s->group),
                OD_ERR_NOT_FOUND, "not in group");
    stage_fails(s, od_contact_leave(s->engine, id, 987654), OD_ERR_NOT_FOUND,
                "group");
    assert_int_equal(members(s, s->group), 0);
    assert_int_equal(members(s, other), 1);
    stage_ok(s, od_contact_leave(s->engine, id, other));
    stage_ok(s, od_contact_get(s->engine, id, &got)); /* in no group, but here */
    assert_int_equal(members(s, 0), 1);
    stage_ok(s, od_contact_join(s->engine, id, s->group));
    stage_ok(s, od_contact_remove(s->engine, id));
    stage_fails(s, od_contact_get(s->engine, id, &got), OD_ERR_NOT_FOUND,
                "contact");
    stage_fails(s, od_contact_remove(s->engine, id), OD_ERR_NOT_FOUND,
                "contact");
    assert_int_equal(members(s, s->group), 0);
}

static void test_contact_list(void **state)
{
    od_stage *s = *state;
    od_contact rows[7];
    size_t count = 0;
    size_t seen = 0;
    od_id after = 0;
    stage_people(s, 25);
    do {
        stage_ok(s, od_contacts_list(s->engine, s->group, after, rows, 7,
                                     &count));
        for (size_t i = 0; i < count; i++, seen++) {
            assert_string_equal(rows[i].phone, stage_phone((int)seen));
            assert_true(rows[i].id > after);
            after = rows[i].id;
        }
    } while (count == 7);
    assert_int_equal(seen, 25);
    stage_fails(s, od_contacts_list(s->engine, 987654, 0, rows, 7, &count),
                OD_ERR_NOT_FOUND, "group");
    stage_fails(s, od_contacts_list(s->engine, 0, 0, rows, 0, &count),
                OD_ERR_INVALID, "rows_max");
    stage_fails(s, od_contacts_list(s->engine, 0, 0, rows, 1001, &count),
                OD_ERR_INVALID, "rows_max");
    stage_fails(s, od_contacts_list(s->engine, 0, -1, rows, 7, &count),
                OD_ERR_INVALID, "cursor");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_BOTH(test_contact_everything_comes_back),
        STAGE_BOTH(test_contact_only_a_phone),
        STAGE_BOTH(test_contact_further_phones_differ),
        STAGE_BOTH(test_contact_add_refuses),
        STAGE_BOTH(test_contact_longest_texts),
        STAGE_BOTH(test_contact_once_in_a_group),
        STAGE_BOTH(test_contact_update_replaces_all),
        STAGE_BOTH(test_contact_update_of_what_was_read),
        STAGE_BOTH(test_contact_update_from_another),
        STAGE_BOTH(test_contact_update_of_what_was_listed),
        STAGE_BOTH(test_contact_join_leave_remove),
        STAGE_BOTH(test_contact_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
