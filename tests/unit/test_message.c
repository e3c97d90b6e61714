/*
 * test_message.c - templates over contacts: previews, reports, fields, over
 * each storage and over a large group.
 */
#include "support/shaky.h"
#include "support/stage.h"

#include "base/base.h"

#define MANY 100000

/* One fixture for each storage. */
static int setup_on(void **state, bool sqlite)
{
    od_stage *s = calloc(1, sizeof *s);
    od_storage *storage = NULL;
    assert_non_null(s);
    stage_init(s);
    if (sqlite && od_storage_open_sqlite(&storage, stage_path(s, "a.db"),
                                         NULL) == OD_ERR_UNSUPPORTED) {
        storage = NULL;
    }
    stage_open(s, storage);
    *state = s;
    return 0;
}

static int setup_memory(void **state)
{
    return setup_on(state, false);
}

static int setup_sqlite(void **state)
{
    return setup_on(state, true);
}

static int teardown(void **state)
{
    od_stage *s = *state;
    stage_end(s);
    free(s);
    return 0;
}

static od_id add(od_stage *s, int i, const char *first_name, const char *city)
{
    od_id id = 0;
    od_field field = {"city", city};
    od_contact c = {.phone = stage_phone(i), .first_name = first_name};
    if (city != NULL) {
        c.fields = &field;
        c.fields_len = 1;
    }
    stage_ok(s, od_contact_add(s->engine, s->group, &c, &id));
    return id;
}

static od_text_info preview(od_stage *s, const char *text, od_id contact)
{
    od_text_info out;
    stage_ok(s, od_template_preview(s->engine, text, contact, NULL, &out));
    return out;
}

static od_template_report report_of(od_stage *s, const char *text,
                                    const od_text_options *options)
{
    od_template_report out;
    stage_ok(s, od_template_check(s->engine, text, s->group, options, &out));
    return out;
}

/* -- previews -------------------------------------------------------------- */

static void test_message_every_field(void **state)
{
    od_stage *s = *state;
    od_id id = 0;
    const od_field fields[] = {{"color", "blue"}, {"Größe", "XL"}};
    od_contact c = {.phone = "(212) 555-1000",
                    .first_name = "Anna",
                    .last_name = "Berg",
                    .email = "a@b.example",
                    .company = "Berg & Co",
                    .notes = "likes tea",
                    .timezone = "America/New_York",
                    .state = "NY",
                    .zip = "10001",
                    .phone2 = "212-555-1001",
                    .line = OD_LINE_MOBILE,
                    .fields = fields,
                    .fields_len = 2};
    stage_ok(s, od_contact_add(s->engine, s->group, &c, &id));
    static const char *const cases[][2] = {
        {"{{phone}}", "+12125551000"},
        {"{{first_name}}", "Anna"},
        {"{{last_name}}", "Berg"},
        {"{{email}}", "a@b.example"},
        {"{{company}}", "Berg & Co"},
        {"{{notes}}", "likes tea"},
        {"{{timezone}}", "America/New_York"},
        {"{{state}}", "NY"},
        {"{{zip}}", "10001"},
        {"{{phone2}}", "+12125551001"},
        {"{{phone3|none}}", "none"},
        {"{{line}}", "mobile"},
        {"{{FIRST_NAME}} {{Last_Name}}", "Anna Berg"},
        {"{{color}} {{Größe}}", "blue XL"},
        {"{{Color|not this one}}", "not this one"},
        {"{{nothing|there}}", "there"},
        {"{{{{{{color}}}}}}", "{{blue}}"},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_text_info m = preview(s, cases[i][0], id);
        assert_string_equal(m.text, cases[i][1]);
        assert_int_equal(m.segments, 1);
    }
    /* A line that is not known is empty. */
    od_id other = add(s, 2, NULL, NULL);
    assert_string_equal(preview(s, "{{line|?}}{{zip|?}}", other).text, "??");
}

static void test_message_preview_names_the_emoji(void **state)
{
    od_stage *s = *state;
    od_id id = add(s, 0, "Zoë 🌸", NULL);
    od_text_info m = preview(s, "Dear {{first_name}}, your order is here", id);
    assert_int_equal(m.encoding, OD_TEXT_ENCODING_UCS2);
    assert_int_equal(m.ucs2_code, 0xeb); /* ë is not in the alphabet */
    assert_int_equal(m.ucs2_at, 8);
    od_text_options o;
    od_text_options_init(&o);
    o.transliterate = true;
    stage_ok(s, od_template_preview(s->engine, "Dear {{first_name}}", id, &o,
                                    &m));
    assert_int_equal(m.ucs2_code, 0x1f338);
    assert_string_equal(m.ucs2_text, "🌸");
}

static void test_message_preview_failures(void **state)
{
    od_stage *s = *state;
    char notes[OD_TEXT_MAX + 1];
    od_text_info out;
    od_id id = add(s, 0, "Anna", NULL);
    memset(&out, 0x5a, sizeof out);
    od_text_info before = out;
    memset(notes, 'n', sizeof notes);
    notes[OD_TEXT_MAX] = '\0';
    od_contact c = {.phone = stage_phone(1), .notes = notes};
    od_id wordy = 0;
    stage_ok(s, od_contact_add(s->engine, s->group, &c, &wordy));
    stage_fails(s, od_template_preview(s->engine, "{{first_name", id, NULL,
                                       &out),
                OD_ERR_FORMAT, "character 1: the field \"first_name\"");
    stage_fails(s, od_template_preview(s->engine, "a", 999999, NULL, &out),
                OD_ERR_NOT_FOUND, "999999");
    stage_fails(s, od_template_preview(s->engine, "Hi {{notes}}", wordy, NULL,
                                       &out),
                OD_ERR_LIMIT, "longer than 4095 bytes");
    assert_memory_equal(&before, &out, sizeof out);
    stage_ok(s, od_template_preview(s->engine, "{{notes}}", wordy, NULL, &out));
    assert_true(out.refused);
    assert_int_equal(out.segments, 27);
}

/* A template may be a text that the engine gave. */
static void test_message_template_from_the_engine(void **state)
{
    od_stage *s = *state;
    od_contact c = {.phone = stage_phone(0), .first_name = "Anna",
                    .notes = "Dear {{first_name}}"};
    od_contact got;
    od_text_info out;
    od_id id = 0;
    stage_ok(s, od_contact_add(s->engine, s->group, &c, &id));
    stage_ok(s, od_contact_get(s->engine, id, &got));
    stage_ok(s, od_template_preview(s->engine, got.notes, id, NULL, &out));
    assert_string_equal(out.text, "Dear Anna");
}

/* -- reports --------------------------------------------------------------- */

static void test_message_report(void **state)
{
    od_stage *s = *state;
    char text[512];
    od_id ids[6] = {
        add(s, 0, "Anna", "Bonn"), add(s, 1, "", "Rome"),
        add(s, 2, "Zoë", "Paris"), add(s, 3, "Bo", NULL),
        add(s, 4, "Mia 🌸", ""),   add(s, 5, "Annabel", "Oslo")};
    /* 150 characters and the name; the city by default. */
    (void)snprintf(text, sizeof text, "%0146d {{first_name|you}}: {{city|?}}",
                   0);
    od_template_report r = report_of(s, text, NULL);
    assert_int_equal(r.contacts, 6);
    assert_int_equal(r.ucs2, 2);
    assert_int_equal(r.ucs2_contact, ids[2]);
    assert_int_equal(r.lacking, 0);
    assert_int_equal(r.refused, 0);
    assert_int_equal(r.cut, 0);
    assert_int_equal(r.fields_unknown, 0);
    /* Anna: 147 + 4 + 2 + 4 = 157; you: 156; Bo: 152; Annabel: 160. Zoë takes
     * 157 units in UTF-16, Mia 156: three segments of 67 each. */
    assert_int_equal(r.by_segments[0], 0);
    assert_int_equal(r.by_segments[1], 4);
    assert_int_equal(r.by_segments[3], 2);
    assert_int_equal(r.segments, 4 + 2 * 3);
    const od_id longest[OD_LONGEST_MAX] = {ids[2], ids[4], ids[5], ids[0],
                                           ids[1], ids[3]};
    assert_memory_equal(r.longest, longest, sizeof longest);

    (void)snprintf(text, sizeof text,
                   "%0146d {{first_name}} {{city}} {{street}}", 0);
    od_text_options o;
    od_text_options_init(&o);
    o.policy = OD_TEXT_POLICY_CUT;
    o.transliterate = true;
    r = report_of(s, text, &o);
    assert_int_equal(r.lacking, 6); /* a street has nobody */
    assert_int_equal(r.fields_unknown, 1);
    assert_int_equal(r.ucs2, 0); /* the flower is cut off, Zoe is written */
    assert_int_equal(r.ucs2_contact, 0);
    assert_int_equal(r.segments, 6);
    assert_int_equal(r.refused, 0);
    assert_int_equal(r.cut, 1); /* Annabel's 160 just fit */

    o.policy = OD_TEXT_POLICY_REFUSE;
    o.transliterate = false;
    r = report_of(s, text, &o);
    assert_int_equal(r.refused, 2);
    assert_int_equal(r.segments, 4);
}

static void test_message_report_of_nobody(void **state)
{
    od_stage *s = *state;
    od_template_report r = report_of(s, "{{first_name}} {{street}}", NULL);
    od_template_report none = {0};
    none.fields_unknown = 1;
    assert_memory_equal(&r, &none, sizeof r);
}

static void test_message_report_of_everybody(void **state)
{
    od_stage *s = *state;
    od_id group = 0;
    od_template_report r;
    stage_ok(s, od_group_add(s->engine, "others", &group));
    (void)add(s, 0, "Anna", NULL);
    od_contact c = {.phone = stage_phone(1)};
    stage_ok(s, od_contact_add(s->engine, group, &c, NULL));
    stage_ok(s, od_template_check(s->engine, "{{first_name}}", 0, NULL, &r));
    assert_int_equal(r.contacts, 2);
    assert_int_equal(r.by_segments[0], 1); /* nothing is left of it */
    assert_int_equal(r.by_segments[1], 1);
    assert_int_equal(r.segments, 1);
    assert_int_equal(r.lacking, 1);
    stage_ok(s,
             od_template_check(s->engine, "{{first_name}}", group, NULL, &r));
    assert_int_equal(r.contacts, 1);
    stage_fails(s, od_template_check(s->engine, "a", 999999, NULL, &r),
                OD_ERR_NOT_FOUND, "999999");
    assert_int_equal(r.contacts, 1);
}

/* Texts beyond what can be rendered are refused under every policy. */
static void test_message_report_of_overlong(void **state)
{
    od_stage *s = *state;
    char notes[OD_TEXT_MAX + 1];
    od_id id = 0;
    memset(notes, 'n', sizeof notes);
    notes[OD_TEXT_MAX] = '\0';
    (void)add(s, 0, "Anna", NULL);
    od_contact c = {.phone = stage_phone(1), .notes = notes};
    stage_ok(s, od_contact_add(s->engine, s->group, &c, &id));
    for (int32_t policy = 0; policy <= OD_TEXT_POLICY_CUT; policy++) {
        od_text_options o;
        od_text_options_init(&o);
        o.policy = policy;
        od_template_report r = report_of(s, "Hi {{notes}}", &o);
        assert_int_equal(r.refused, 1);
        assert_int_equal(r.segments, 1);
        assert_int_equal(r.cut, 0);
        assert_int_equal(r.longest[0], id);
    }
}

/* -- fields ---------------------------------------------------------------- */

static void test_message_fields(void **state)
{
    od_stage *s = *state;
    od_template_field rows[4];
    size_t count = 0;
    static const char text[] =
        "{{first_name}} {{city|x}} {{street|y}} {{city}} {{phone}}";
    (void)add(s, 0, "Anna", "Bonn");
    (void)add(s, 1, " ", "");
    (void)add(s, 2, NULL, NULL);
    stage_ok(s, od_template_fields(s->engine, text, s->group, rows, 4, &count));
    static const struct {
        const char *name;
        int64_t empty;
        int32_t at;
        bool known, has_default;
    } expected[] = {{"first_name", 2, 1, true, false},
                    {"city", 2, 16, true, false},
                    {"street", 3, 27, false, true},
                    {"phone", 0, 49, true, false}};
    assert_int_equal(count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(rows[i].name, expected[i].name);
        assert_int_equal(rows[i].empty, expected[i].empty);
        assert_int_equal(rows[i].at, expected[i].at);
        assert_int_equal(rows[i].known, expected[i].known);
        assert_int_equal(rows[i].has_default, expected[i].has_default);
    }
    /* Fewer rows than there are: the rest is counted. */
    memset(rows, 0x5a, sizeof rows);
    od_template_field before = rows[1];
    stage_ok(s, od_template_fields(s->engine, text, s->group, rows, 1, &count));
    assert_int_equal(count, 4);
    assert_string_equal(rows[0].name, "first_name");
    assert_memory_equal(&rows[1], &before, sizeof before);
    stage_ok(s, od_template_fields(s->engine, "no field", 0, rows, 4, &count));
    assert_int_equal(count, 0);
}

/* -- a large group --------------------------------------------------------- */

/* Every 10th name has an accent, every 1,000th an emoji, every 7th none. */
static const char *name_of(int i, char out[32])
{
    (void)snprintf(out, 32, "%s%d",
                   i % 1000 == 0 ? "🎉" : i % 10 == 0 ? "í" : "n", i);
    return i % 7 == 0 ? "" : out;
}

static void write_people(const char *path)
{
    FILE *csv = fopen(path, "w");
    assert_non_null(csv);
    (void)fprintf(csv, "phone,first_name,no\n");
    for (int i = 0; i < MANY; i++) {
        char name[32];
        (void)fprintf(csv, "+1212%07d,%s,%d\n", 2000000 + i, name_of(i, name),
                      i);
    }
    assert_int_equal(fclose(csv), 0);
}

static void test_message_large(void **state)
{
    od_stage *s = *state;
    od_import_options in;
    od_text_options o;
    char path[700];
    int64_t segments = 0;
    int64_t ucs2 = 0;
    int64_t lacking = 0;
    (void)snprintf(path, sizeof path, "%s", stage_path(s, "people.csv"));
    write_people(path);
    od_import_options_init(&in);
    in.path = path;
    od_import_report done = od_world_import(&s->world, s->group, &in);
    assert_int_equal(done.added, MANY);
    od_text_options_init(&o);
    o.transliterate = true;
    for (int i = 0; i < MANY; i++) {
        char name[32];
        bool is_empty = name_of(i, name)[0] == '\0';
        bool emoji = !is_empty && i % 1000 == 0;
        lacking += is_empty ? 1 : 0;
        ucs2 += emoji ? 1 : 0;
        segments += emoji ? 2 : 1; /* 70 characters and a name of 7 units */
    }
    od_template_report r = report_of(
        s,
        "Dear {{first_name}}: this text is just long enough for two segments "
        "of UTF-16 units.",
        &o);
    assert_int_equal(r.contacts, MANY);
    assert_int_equal(r.segments, segments);
    assert_int_equal(r.ucs2, ucs2);
    assert_int_equal(r.lacking, lacking);
    assert_int_equal(r.by_segments[1] + r.by_segments[2], MANY);
    assert_int_equal(r.by_segments[2], ucs2);
    od_template_field field;
    size_t count = 0;
    stage_ok(s, od_template_fields(s->engine, "{{first_name}}", s->group,
                                   &field, 1, &count));
    assert_int_equal(field.empty, lacking);
    /* The longest is one with an emoji, and the report's preview shows it. */
    od_text_info m = preview(s, "{{first_name}}", r.longest[0]);
    assert_int_equal(m.ucs2_code, 0x1f389);
    m = preview(s, "{{first_name}}", r.ucs2_contact);
    assert_int_equal(m.ucs2_code, 0x1f389);
}

/* -- a storage that fails -------------------------------------------------- */

static void test_message_storage_fails(void **state)
{
    (void)state;
    od_stage s;
    od_shaky shaky;
    stage_init(&s);
    od_storage *storage = shaky_new(&shaky, NULL);
    stage_open(&s, storage);
    od_id id = add(&s, 0, "Anna", NULL);
    od_template_report report;
    od_template_field field;
    od_text_info info;
    size_t count = 77;
    memset(&report, 0x5a, sizeof report);
    od_template_report before = report;
    for (int64_t nth = 1; nth <= 2; nth++) { /* the group, its contacts */
        shaky_fail(&shaky, nth, false);
        stage_fails(&s, od_template_check(s.engine, "a", s.group, NULL,
                                          &report),
                    OD_ERR_IO, shaky.text);
        shaky_fail(&shaky, nth, false);
        stage_fails(&s, od_template_fields(s.engine, "a", s.group, &field, 1,
                                           &count),
                    OD_ERR_IO, shaky.text);
    }
    shaky_fail(&shaky, 1, false);
    stage_fails(&s, od_template_preview(s.engine, "a", id, NULL, &info),
                OD_ERR_IO, shaky.text);
    shaky_fail(&shaky, 0, false);
    assert_memory_equal(&report, &before, sizeof report);
    assert_int_equal(count, 77);
    stage_ok(&s, od_template_preview(s.engine, "a", id, NULL, &info));
    stage_end(&s);
}

/* -- memory ---------------------------------------------------------------- */

static bool has_memory;

static void *take(void *ctx, size_t bytes)
{
    (void)ctx;
    return has_memory ? malloc(bytes) : NULL;
}

static void give(void *ctx, void *block)
{
    (void)ctx;
    free(block);
}

static void test_message_out_of_memory(void **state)
{
    (void)state;
    static const od_allocator allocator = {take, give, NULL};
    od_stage s;
    od_template_report report;
    od_template_field field;
    od_text_info info;
    size_t count = 77;
    has_memory = true;
    stage_init(&s);
    s.world.options.allocator = &allocator;
    stage_open(&s, NULL);
    od_id id = add(&s, 0, "Anna", NULL);
    has_memory = false;
    stage_fails(&s, od_template_check(s.engine, "a", 0, NULL, &report),
                OD_ERR_MEMORY, "out of memory");
    stage_fails(&s, od_template_fields(s.engine, "a", 0, &field, 1, &count),
                OD_ERR_MEMORY, "out of memory");
    stage_fails(&s, od_template_preview(s.engine, "a", id, NULL, &info),
                OD_ERR_MEMORY, "out of memory");
    assert_int_equal(count, 77);
    has_memory = true;
    stage_ok(&s, od_template_preview(s.engine, "a", id, NULL, &info));
    stage_end(&s);
}

#define BOTH(name)                                                             \
    {#name " memory", name, setup_memory, teardown, NULL},                     \
        {#name " sqlite", name, setup_sqlite, teardown, NULL}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(test_message_every_field),
        BOTH(test_message_preview_names_the_emoji),
        BOTH(test_message_preview_failures),
        BOTH(test_message_template_from_the_engine),
        BOTH(test_message_report),
        BOTH(test_message_report_of_nobody),
        BOTH(test_message_report_of_everybody),
        BOTH(test_message_report_of_overlong),
        BOTH(test_message_fields),
        BOTH(test_message_large),
        cmocka_unit_test(test_message_storage_fails),
        cmocka_unit_test(test_message_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
