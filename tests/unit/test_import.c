/*
 * test_import.c - what an import reads: headers, line ends, quotes, columns,
 * numbers; and what it does with duplicates.
 */
#include "support/intake.h"

#include "base/base.h"

static void test_import_header_order_and_case(void **state)
{
    static const char *const texts[] = {
        "phone,first_name,last_name,email,company,notes,timezone,state\n"
        "+12125551000,Ann,Bell,a@b.c,Co,Hi,America/New_York,NY\n",
        "STATE,Timezone,NOTES,Company,EMAIL,Last_Name,FIRST_NAME,Phone\n"
        "NY,America/New_York,Hi,Co,a@b.c,Bell,Ann,+12125551000\n",
        "\" Phone \",\tfirst_name , last_name,\"email\",company,notes,"
        "timezone,state\n"
        "(212) 555-1000 , Ann\t, Bell ,\"a@b.c\",Co,Hi,America/New_York,NY",
        "\xef\xbb\xbfphone,first_name,last_name,email,company,notes,"
        "timezone,state\r\n"
        "'+12125551000,Ann,Bell,a@b.c,Co,Hi,America/New_York,NY\r\n"};
    od_intake *in = *state;
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        intake_figures(in, texts[i], 1, 0, 0);
        od_contact c = intake_only(in);
        assert_string_equal(c.phone, "+12125551000");
        assert_string_equal(c.first_name, "Ann");
        assert_string_equal(c.last_name, "Bell");
        assert_string_equal(c.email, "a@b.c");
        assert_string_equal(c.company, "Co");
        assert_string_equal(c.notes, "Hi");
        assert_string_equal(c.timezone, "America/New_York");
        assert_string_equal(c.state, "NY");
        assert_int_equal(c.fields_len, 0);
        intake_clear(in);
    }
}

static void test_import_places_lines_and_phones(void **state)
{
    od_intake *in = *state;
    intake_figures(in,
                   "phone,ZIP,Phone2,phone3,Line\n"
                   "+12125551000, 10001 ,'+12125551001,\" (212) 555-1002 \","
                   "Mobile\n",
                   1, 0, 0);
    od_contact c = intake_only(in);
    assert_string_equal(c.zip, "10001");
    assert_string_equal(c.phone2, "+12125551001");
    assert_string_equal(c.phone3, "+12125551002");
    assert_int_equal(c.line, OD_LINE_MOBILE);
    assert_int_equal(c.fields_len, 0);
    intake_clear(in);
    intake_figures(in,
                   "phone,line\n+12125551000,landline\n+12125551001,BUSINESS\n"
                   "+12125551002,\n+12125551003,unknown\n+12125551004\n"
                   "+12125551005,pager\n+12125551006,0\n",
                   5, 0, 2);
    od_contact rows[5];
    size_t count = 0;
    stage_ok(&in->stage, od_contacts_list(in->engine, in->stage.group, 0, rows,
                                          5, &count));
    static const int32_t lines[] = {OD_LINE_LANDLINE, OD_LINE_BUSINESS,
                                    OD_LINE_UNKNOWN, OD_LINE_UNKNOWN,
                                    OD_LINE_UNKNOWN};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(rows[i].line, lines[i]);
    }
    char *rejects = intake_rejects(in);
    assert_non_null(strstr(rejects, "line \"\"pager\"\" is not one of"));
    free(rejects);
}

/* A row with a bad code is rejected whole, however good the rest of it is. */
static void test_import_rejects_bad_codes(void **state)
{
    od_intake *in = *state;
    intake_figures(in,
                   "phone,zip,phone2,phone3,line\n"
                   "+12125551000,1,,,\n"
                   "+12125551000,,x,,\n"
                   "+12125551000,,,911,\n"
                   "+12125551000,,,,fax\n"
                   ",,,,fax\n",
                   0, 0, 5);
    char *rejects = intake_rejects(in);
    assert_non_null(strstr(rejects, "\n2,\"zip \"\"1\"\""));
    assert_non_null(strstr(rejects, "\n3,\"phone2 \"\"x\"\""));
    assert_non_null(strstr(rejects, "\n4,\"phone3 \"\"911\"\""));
    assert_non_null(strstr(rejects, "\n5,\"line \"\"fax\"\""));
    assert_non_null(strstr(rejects, "\n6,\"line \"\"fax\"\""));
    free(rejects);
    intake_fails(in, "phone,zip,ZIP\n", OD_ERR_FORMAT, "\"ZIP\"");
    intake_fails(in, "phone,line, Line\n", OD_ERR_FORMAT, "Line");
}

static void test_import_line_ends(void **state)
{
    static const char *const texts[] = {
        "phone\n+12125551000\n+12125551001\n",
        "phone\n+12125551000\n+12125551001",
        "phone\r\n+12125551000\r\n+12125551001\r\n",
        "phone\r+12125551000\r+12125551001\r",
        "phone\r\n+12125551000\n+12125551001\r",
        "\n\n  \nphone\n\n\n+12125551000\n \t\n+12125551001\n\n\n",
        "phone\n\"+12125551000\"\n\"+12125551001\"",
        "phone,x\n+12125551000,\n,\n+12125551001,\n"};
    od_intake *in = *state;
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        intake_figures(in, texts[i], 2, 0, 0);
        assert_int_equal(in->report.rows, 2);
        assert_int_equal(in->report.bytes, strlen(texts[i]));
        assert_int_equal(in->report.bytes_total, strlen(texts[i]));
        intake_clear(in);
    }
}

static void test_import_quotes_and_newlines(void **state)
{
    od_intake *in = *state;
    intake_figures(in,
                   "phone,notes,first_name\r\n"
                   "+12125551000,\"one\r\ntwo, \"\"three\"\"\n\",\"O\"\"Neil\""
                   "\r\n",
                   1, 0, 0);
    od_contact c = intake_only(in);
    assert_string_equal(c.notes, "one\r\ntwo, \"three\"\n");
    assert_string_equal(c.first_name, "O\"Neil");
}

static void test_import_custom_columns(void **state)
{
    od_intake *in = *state;
    intake_figures(in,
                   "Color,phone,Gr\xc3\xb6\xc3\x9f" "e,,\"a, b\"\n"
                   "blue,+12125551000,\xc3\xa9,nameless,\"x\ny\"\n",
                   1, 0, 0);
    od_contact c = intake_only(in);
    assert_int_equal(c.fields_len, 3);
    assert_string_equal(intake_field(&c, "Color"), "blue");
    assert_string_equal(intake_field(&c, "Gr\xc3\xb6\xc3\x9f" "e"),
                        "\xc3\xa9");
    assert_string_equal(intake_field(&c, "a, b"), "x\ny");
    intake_clear(in);
    /* Empty cells are no fields, cells that are missing neither. */
    intake_figures(in, "phone,a,b,c\n+12125551000,,2\n", 1, 0, 0);
    c = intake_only(in);
    assert_int_equal(c.fields_len, 1);
    assert_string_equal(intake_field(&c, "b"), "2");
}

/* What a spreadsheet would run comes in with or without its apostrophe. */
static void test_import_takes_off_guards(void **state)
{
    od_intake *in = *state;
    intake_figures(in,
                   "phone,first_name,notes,'=x,company\n"
                   "'+12125551000,'=1+1,'-2,'@a,'tis\n",
                   1, 0, 0);
    od_contact c = intake_only(in);
    assert_string_equal(c.first_name, "=1+1");
    assert_string_equal(c.notes, "-2");
    assert_string_equal(intake_field(&c, "=x"), "@a");
    assert_string_equal(c.company, "'tis"); /* one that somebody wrote */
}

static void test_import_headers_that_are_refused(void **state)
{
    static char many[8192];
    od_intake *in = *state;
    intake_fails(in, "", OD_ERR_FORMAT, "empty");
    intake_fails(in, "\n\r\n \n", OD_ERR_FORMAT, "empty");
    intake_fails(in, "\xef\xbb\xbf", OD_ERR_FORMAT, "empty");
    intake_fails(in, "name,number\nAnn,+12125551000\n", OD_ERR_FORMAT,
                 "no column \"phone\"");
    intake_fails(in, "+12125551000\n+12125551001\n", OD_ERR_FORMAT,
                 "+12125551000");
    intake_fails(in, "phone,PHONE\n", OD_ERR_FORMAT, "\"PHONE\"");
    intake_fails(in, "email,phone,\" Email \"\n", OD_ERR_FORMAT, "Email");
    intake_fails(in, "phone,color,color\n+12125551000,a,b\n", OD_ERR_FORMAT,
                 "\"color\"");
    intake_fails(in, "phone,\"a\nb\"\n", OD_ERR_FORMAT, "column");
    intake_fails(in, "phone,caf\xc3\n", OD_ERR_FORMAT, "UTF-8");
    intake_fails(in, "phone,\"torn\n+12125551000\n", OD_ERR_FORMAT, "line 1");
    size_t len = (size_t)snprintf(many, sizeof many, "phone");
    for (int i = 0; i < 600; i++) {
        len += (size_t)snprintf(many + len, sizeof many - len, ",c%d", i);
    }
    (void)snprintf(many + len, sizeof many - len, "\n+12125551000,1\n");
    intake_fails(in, many, OD_ERR_FORMAT, "columns");
    intake_text(in, "phone,c\n+12125551000,1\n"); /* goes on */
    assert_int_equal(in->report.added, 1);
}

static void test_import_header_with_nul(void **state)
{
    od_intake *in = *state;
    intake_bytes(in, "pho\0ne,phone\nx,+12125551000\n", 28);
    assert_int_equal(in->report.err, OD_ERR_FORMAT);
    assert_non_null(strstr(in->report.text, "NUL"));
}

/* A start that fails leaves nothing: no import, no reject file. */
static void test_import_start_fails(void **state)
{
    od_intake *in = *state;
    od_import_options o = in->options;
    od_id id = 7;
    (void)stage_file(&in->stage, "in.csv", "name\n", 5);
    stage_fails(&in->stage,
                od_import_start(in->engine, in->stage.group, &o, &id),
                OD_ERR_FORMAT, "no column \"phone\"");
    assert_int_equal(id, 7);
    (void)stage_file(&in->stage, "in.csv", "phone\n", 6);
    stage_fails(&in->stage, od_import_start(in->engine, 987654, &o, &id),
                OD_ERR_NOT_FOUND, "987654");
    o.path = "/no/such/file.csv";
    stage_fails(&in->stage,
                od_import_start(in->engine, in->stage.group, &o, &id),
                OD_ERR_IO, "/no/such/file.csv");
    o.path = "/tmp";
    stage_fails(&in->stage,
                od_import_start(in->engine, in->stage.group, &o, &id),
                OD_ERR_IO, "/tmp");
    o = in->options;
    o.reject_path = "/no/such/rejects.csv";
    stage_fails(&in->stage,
                od_import_start(in->engine, in->stage.group, &o, &id),
                OD_ERR_IO, "/no/such/rejects.csv");
    o.reject_path = o.path; /* it would take the place of the file */
    stage_fails(&in->stage,
                od_import_start(in->engine, in->stage.group, &o, &id),
                OD_ERR_INVALID, "reject_path");
    o = in->options;
    o.duplicate = 2;
    stage_fails(&in->stage,
                od_import_start(in->engine, in->stage.group, &o, &id),
                OD_ERR_INVALID, "duplicate");
    o = in->options;
    o.country = "ZZ";
    stage_fails(&in->stage,
                od_import_start(in->engine, in->stage.group, &o, &id),
                OD_ERR_INVALID, "\"ZZ\"");
    o = in->options;
    o.path = "";
    stage_fails(&in->stage,
                od_import_start(in->engine, in->stage.group, &o, &id),
                OD_ERR_INVALID, "path");
    assert_int_equal(id, 7);
    FILE *rejects = fopen(in->rejects, "r");
    assert_null(rejects);
    intake_figures(in, "phone\n+12125551000\n", 1, 0, 0);
}

static void test_import_countries(void **state)
{
    od_intake *in = *state;
    in->options.country = "GB";
    intake_figures(in, "phone,state\n020 7946 0000,\n+12125551000,\n", 2, 0,
                   0);
    in->options.country = "gb";
    intake_figures(in, "phone\n020 7946 0001\n+44 555\n", 1, 0, 1);
    in->options.country = NULL; /* the engine's */
    intake_figures(in, "phone\n2125551001\n020 7946 0002\n", 1, 0, 1);
}

/* -- duplicates --------------------------------------------------------------------- */

static void test_import_duplicates_are_skipped(void **state)
{
    od_intake *in = *state;
    intake_figures(in, "phone,first_name\n+12125551000,Ann\n", 1, 0, 0);
    intake_figures(in,
                   "phone,first_name\n"
                   "2125551000,Bob\n"
                   "2125551001,Cid\n"
                   "(212) 555-1001,Dan\n"
                   "12125551001,Eve\n",
                   1, 3, 0);
    assert_int_equal(in->report.duplicate_group, 1);
    assert_int_equal(in->report.duplicate_file, 2);
    od_contact rows[3];
    size_t count = 0;
    stage_ok(&in->stage, od_contacts_list(in->engine, in->stage.group, 0, rows,
                                          3, &count));
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].first_name, "Ann");
    assert_string_equal(rows[1].first_name, "Cid"); /* the first of the file */
}

static void test_import_duplicates_are_updated(void **state)
{
    od_intake *in = *state;
    intake_figures(in, "phone,first_name,x\n+12125551000,Ann,1\n", 1, 0, 0);
    in->options.duplicate = OD_DUPLICATE_UPDATE;
    intake_text(in, "phone,first_name,y\n"
                    "2125551000,Bob,2\n"
                    "2125551001,Cid,3\n"
                    "2125551001,Dan,4\n");
    assert_int_equal(in->report.err, OD_OK);
    assert_int_equal(in->report.added, 1);
    assert_int_equal(in->report.updated, 2);
    od_contact rows[3];
    size_t count = 0;
    stage_ok(&in->stage, od_contacts_list(in->engine, in->stage.group, 0, rows,
                                          3, &count));
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].first_name, "Bob");
    assert_null(intake_field(&rows[0], "x")); /* replaced whole */
    assert_string_equal(intake_field(&rows[0], "y"), "2");
    assert_string_equal(rows[1].first_name, "Dan"); /* the last of the file */
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_import_header_order_and_case),
        TEST(test_import_places_lines_and_phones),
        TEST(test_import_rejects_bad_codes),
        TEST(test_import_line_ends),
        TEST(test_import_quotes_and_newlines),
        TEST(test_import_custom_columns),
        TEST(test_import_takes_off_guards),
        TEST(test_import_headers_that_are_refused),
        TEST(test_import_header_with_nul),
        TEST(test_import_start_fails),
        TEST(test_import_countries),
        TEST(test_import_duplicates_are_skipped),
        TEST(test_import_duplicates_are_updated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
