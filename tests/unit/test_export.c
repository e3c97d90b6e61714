/*
 * test_export.c - tables as files: a group comes back as it was, the others are
 * well-formed and complete, and no file appears by half.
 */
#include "support/stage.h"

#include "base/base.h"

#include <unistd.h>

/* -- a file, read again ------------------------------------------------------------ */

#define CELLS 24
#define ROWS_MAX 400

typedef struct table {
    size_t rows;
    size_t cells;
    char *text[ROWS_MAX][CELLS];
} table;

static bool on_row(void *ctx, od__csv_record *record)
{
    table *t = ctx;
    assert_true(t->rows < ROWS_MAX && record->len <= CELLS);
    assert_false(record->has_nul || record->too_long);
    assert_true(t->rows == 0 || record->len == t->cells); /* well-formed */
    t->cells = record->len;
    for (size_t i = 0; i < record->len; i++) {
        t->text[t->rows][i] = strdup(record->cells[i]);
    }
    t->rows++;
    return true;
}

static table *read_table(const char *path)
{
    table *t = calloc(1, sizeof *t);
    od__csv_in *csv = NULL;
    bool done = false;
    assert_non_null(t);
    assert_int_equal(od__csv_open(&csv, path, NULL), OD_OK);
    while (!done) {
        assert_int_equal(od__csv_read(csv, 65536, on_row, t, &done, NULL),
                         OD_OK);
    }
    od__csv_close(csv);
    return t;
}

static void free_table(table *t)
{
    for (size_t r = 0; r < t->rows; r++) {
        for (size_t c = 0; c < t->cells; c++) {
            free(t->text[r][c]);
        }
    }
    free(t);
}

/* Cell of a row under a header. */
static const char *cell(const table *t, size_t row, const char *name)
{
    for (size_t c = 0; c < t->cells; c++) {
        if (strcmp(t->text[0][c], name) == 0) {
            return t->text[row][c];
        }
    }
    fail_msg("no column %s", name);
    return "";
}

/* -- groups ------------------------------------------------------------------------- */

/* Texts that are hard to carry. */
static const char *const hard[] = {
    "plain",      "",           "=1+1",       "+1",       "-1",
    "@x",         "'=x",        "''=x",       "'tis",     " a b ",
    "\ttab",      "a,b",        "\"quoted\"", "a\"b",     "line\nline",
    "line\r\nline", "\r",       "\n",         "trail\n",  "\xc3\xa9\xe2\x82\xac",
    "'",          "\"",         ",",          "#",        "a\tb",
    " =x",        "\xef\xbb\xbf" "bom"};

static void same_contact(const od_contact *a, const od_contact *b)
{
    assert_string_equal(a->phone, b->phone);
    assert_string_equal(a->first_name, b->first_name);
    assert_string_equal(a->last_name, b->last_name);
    assert_string_equal(a->email, b->email);
    assert_string_equal(a->company, b->company);
    assert_string_equal(a->notes, b->notes);
    assert_string_equal(a->timezone, b->timezone);
    assert_string_equal(a->state, b->state);
    assert_string_equal(a->zip, b->zip);
    assert_string_equal(a->phone2, b->phone2);
    assert_string_equal(a->phone3, b->phone3);
    assert_int_equal(a->line, b->line);
    assert_int_equal(a->fields_len, b->fields_len);
    for (size_t i = 0; i < a->fields_len; i++) {
        bool found = false;
        for (size_t j = 0; j < b->fields_len; j++) {
            found = found || (strcmp(a->fields[i].name, b->fields[j].name) ==
                                  0 &&
                              strcmp(a->fields[i].value,
                                     b->fields[j].value) == 0);
        }
        assert_true(found);
    }
}

/* Export the group, import the file into a fresh world, compare. */
static void round_trip(od_stage *s, size_t people)
{
    static od_contact a[1000];
    static od_contact b[1000];
    od_import_options io;
    od_stage fresh;
    size_t count = 0;
    char *path = strdup(stage_path(s, "group.csv"));
    stage_ok(s, od_group_export(s->engine, s->group, path));
    stage_begin(&fresh);
    od_import_options_init(&io);
    io.path = path;
    od_import_report r = od_world_import(&fresh.world, fresh.group, &io);
    if (r.err != OD_OK || r.rejected > 0) {
        fail_msg("import: %s, %d rejected", r.text, (int)r.rejected);
    }
    assert_int_equal(r.added, people);
    stage_ok(s, od_contacts_list(s->engine, s->group, 0, a, 1000, &count));
    assert_int_equal(count, people);
    stage_ok(&fresh, od_contacts_list(fresh.engine, fresh.group, 0, b, 1000,
                                      &count));
    assert_int_equal(count, people);
    for (size_t i = 0; i < people; i++) {
        for (size_t j = 0; j < people; j++) {
            if (strcmp(a[i].phone, b[j].phone) == 0) {
                same_contact(&a[i], &b[j]);
            }
        }
    }
    stage_end(&fresh);
    free(path);
}

static void test_export_group_comes_back(void **state)
{
    od_stage *s = *state;
    int n = 0;
    for (size_t i = 0; i < OD__LEN(hard); i++) {
        od_field fields[2] = {{"plain", hard[i]},
                              {i % 2 == 0 ? "=formula" : "two words",
                               hard[(i + 5) % OD__LEN(hard)]}};
        od_contact c = {.phone = stage_phone(n++),
                        .first_name = hard[i],
                        .last_name = hard[(i + 1) % OD__LEN(hard)],
                        .email = hard[(i + 2) % OD__LEN(hard)],
                        .company = hard[(i + 3) % OD__LEN(hard)],
                        .notes = hard[(i + 4) % OD__LEN(hard)],
                        .timezone = i % 3 == 0 ? "America/New_York" : "",
                        .state = i % 4 == 0 ? "NY" : "",
                        .zip = i % 5 == 0 ? "10001-1234" : "",
                        .phone2 = i % 3 == 0 ? stage_phone(1000) : NULL,
                        .line = (int32_t)(i % OD_LINES),
                        .fields = fields,
                        .fields_len = 2};
        /* A custom field without a value is none: it cannot come back. */
        c.fields_len = fields[1].value[0] == '\0' ? 1 : 2;
        c.fields_len = fields[0].value[0] == '\0' ? 0 : c.fields_len;
        stage_ok(s, od_contact_add(s->engine, s->group, &c, NULL));
    }
    round_trip(s, (size_t)n);
}

static void test_export_empty_group(void **state)
{
    od_stage *s = *state;
    const char *path = stage_path(s, "group.csv");
    stage_ok(s, od_group_export(s->engine, s->group, path));
    table *t = read_table(path);
    assert_int_equal(t->rows, 1);
    assert_string_equal(t->text[0][0], "phone");
    assert_int_equal(t->cells, 12);
    assert_string_equal(t->text[0][8], "zip");
    assert_string_equal(t->text[0][9], "phone2");
    assert_string_equal(t->text[0][10], "phone3");
    assert_string_equal(t->text[0][11], "line");
    free_table(t);
}

/* More different fields in the group than one contact may have. */
static void test_export_group_of_many_fields(void **state)
{
    od_stage *s = *state;
    char names[20][16];
    for (int i = 0; i < 10; i++) {
        od_field fields[20];
        for (int f = 0; f < 20; f++) {
            (void)snprintf(names[f], sizeof names[f], "f%d", i * 20 + f);
            fields[f] = (od_field){names[f], "v"};
        }
        od_contact c = {.phone = stage_phone(i),
                        .fields = fields,
                        .fields_len = 20};
        stage_ok(s, od_contact_add(s->engine, s->group, &c, NULL));
    }
    round_trip(s, 10);
}

/* Seeded texts of the bytes that matter. */
static void test_export_random_texts_come_back(void **state)
{
    static const char bytes[] = "ab ,\"'\n\r\t=+-@;\xc3\xa9";
    od_stage *s = *state;
    od__rand rand = {.state = od_test_seed(9)};
    for (int i = 0; i < 300; i++) {
        char text[3][24];
        for (int t = 0; t < 3; t++) {
            size_t len = od__rand_below(&rand, 11);
            size_t at = 0;
            for (size_t b = 0; b < len; b++) {
                char c = bytes[od__rand_below(&rand, sizeof bytes - 2)];
                text[t][at++] = c;
                if (c == '\xc3') {
                    text[t][at++] = '\xa9';
                }
            }
            text[t][at] = '\0';
        }
        od_field field = {"note", text[2]};
        od_contact c = {.phone = stage_phone(i),
                        .first_name = text[0],
                        .notes = text[1],
                        .fields = &field,
                        .fields_len = text[2][0] != '\0' ? 1 : 0};
        stage_ok(s, od_contact_add(s->engine, s->group, &c, NULL));
    }
    round_trip(s, 300);
}

/* -- calls, answers, the ledger -------------------------------------------------------- */

static od_id run_survey(od_stage *s)
{
    static const char text[] = "survey s\n"
                               "question \"a, \\b\"\n"
                               "play hello\n"
                               "key 1 \"=Yes, sure\"\n"
                               "key # Hash\n"
                               "question n\nplay hello\ndigits 1-3\n";
    od_campaign_options o;
    stage_people(s, 6);
    stage_far(s, stage_phone(0),
              "ring 1s answer wait 5s press 1 wait 3s press 42# wait 60s");
    stage_far(s, stage_phone(1),
              "ring 1s answer wait 5s press # wait 3s press 007 wait 60s");
    stage_far(s, stage_phone(2), "status 486");
    stage_far(s, stage_phone(3), "status 404");
    stage_far(s, stage_phone(4), "silent");
    stage_far(s, stage_phone(5), "ring 1s answer wait 3s hangup");
    stage_options(s, &o, "first");
    o.recall = OD_NONE;
    o.opt_out_key = '*';
    stage_ok(s, od_survey_add(s->engine, text, strlen(text), &o.survey));
    od_id campaign = stage_go(s, &o);
    assert_true(od_world_run_to_state(&s->world, campaign,
                                      OD_CAMPAIGN_COMPLETED, 20 * STAGE_MINUTE));
    return campaign;
}

static void test_export_calls(void **state)
{
    od_stage *s = *state;
    od_id campaign = run_survey(s);
    od_call_filter filter;
    const char *path = stage_path(s, "calls.csv");
    stage_ok(s, od_calls_export(s->engine, NULL, path));
    table *t = read_table(path);
    assert_int_equal(t->rows, 1 + stage_calls(s, campaign, NULL));
    for (size_t r = 1; r < t->rows; r++) {
        od_call c = stage_last(s, campaign, cell(t, r, "phone") + 1);
        assert_string_equal(cell(t, r, "phone") + 1, c.phone); /* guarded */
        assert_int_equal(strtoll(cell(t, r, "attempt"), NULL, 10), c.attempt);
        assert_string_equal(cell(t, r, "disposition"),
                            od_disposition_name(c.disposition));
        assert_int_equal(strtoll(cell(t, r, "sip_status"), NULL, 10),
                         c.sip_status);
        assert_string_equal(cell(t, r, "survey_done"),
                            c.survey_done ? "yes" : "no");
        assert_int_equal(strlen(cell(t, r, "session_id")), 32);
        assert_memory_equal(cell(t, r, "claimed"), "2027-03-10T17:0", 15);
        assert_int_equal(cell(t, r, "answered")[0] != '\0',
                         c.answered_utc_ms != 0);
        assert_string_equal(cell(t, r, "caller_id"), "'+12125550100");
    }
    free_table(t);
    od_call_filter_init(&filter);
    filter.disposition = OD_DISPOSITION_BUSY;
    stage_ok(s, od_calls_export(s->engine, &filter, path));
    t = read_table(path);
    assert_int_equal(t->rows, 2);
    assert_string_equal(cell(t, 1, "sip_status"), "486");
    free_table(t);
}

static void test_export_answers(void **state)
{
    od_stage *s = *state;
    od_id campaign = run_survey(s);
    const char *path = stage_path(s, "answers.csv");
    stage_ok(s, od_answers_export(s->engine, campaign, path));
    table *t = read_table(path);
    assert_int_equal(t->rows, 5);
    for (size_t r = 1; r < t->rows; r++) {
        const char *question = cell(t, r, "question");
        const char *choice = cell(t, r, "choice");
        const char *digits = cell(t, r, "digits");
        bool first = strcmp(cell(t, r, "phone") + 1, stage_phone(0)) == 0;
        if (strcmp(question, "n") == 0) {
            assert_string_equal(digits, first ? "42" : "007");
            assert_string_equal(choice, digits);
        } else {
            assert_string_equal(question, "a, \\b");
            assert_string_equal(choice, first ? "'=Yes, sure" : "Hash");
        }
    }
    free_table(t);
}

/* One JSON object a line, in order, as many as there are rows. */
static void test_export_ledger(void **state)
{
    od_stage *s = *state;
    int64_t rows = 0;
    (void)run_survey(s);
    stage_ok(s, od_ledger_verify(s->engine, &rows, NULL));
    const char *path = stage_path(s, "ledger.jsonl");
    stage_ok(s, od_ledger_export(s->engine, path));
    char *text = stage_read(path, NULL);
    int64_t seq = 0;
    for (char *line = strtok(text, "\n"); line != NULL;
         line = strtok(NULL, "\n")) {
        char head[32];
        (void)snprintf(head, sizeof head, "{\"seq\":%d,", (int)++seq);
        assert_memory_equal(line, head, strlen(head));
        assert_int_equal(line[strlen(line) - 1], '}');
        assert_non_null(strstr(line, "\"payload\":{"));
    }
    assert_int_equal(seq, rows);
    free(text);
}

/* -- failures ------------------------------------------------------------------------ */

static void test_export_failures_leave_nothing(void **state)
{
    od_stage *s = *state;
    od_call_filter filter;
    const char *path = stage_path(s, "out.csv");
    od_call_filter_init(&filter);
    filter.disposition = 99;
    stage_fails(s, od_calls_export(s->engine, &filter, path), OD_ERR_INVALID,
                "99");
    assert_int_equal(access(path, F_OK), -1);
    stage_fails(s, od_answers_export(s->engine, 9876, path), OD_ERR_NOT_FOUND,
                "9876");
    stage_fails(s, od_group_export(s->engine, 9876, path), OD_ERR_NOT_FOUND,
                "9876");
    assert_int_equal(access(path, F_OK), -1);
    stage_fails(s, od_calls_export(s->engine, NULL, "/no/such/x"), OD_ERR_IO,
                "/no/such/x");
    stage_fails(s, od_ledger_export(s->engine, ""), OD_ERR_INVALID, "path");
    stage_fails(s, od_group_export(s->engine, s->group, s->folder),
                OD_ERR_INVALID, "regular");
    /* What stood there stays when the new one fails. */
    (void)stage_file(s, "out.csv", "old", 3);
    stage_fails(s, od_group_export(s->engine, 9876, path), OD_ERR_NOT_FOUND,
                "");
    char *old = stage_read(path, NULL);
    assert_string_equal(old, "old");
    free(old);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_export_group_comes_back),
        TEST(test_export_empty_group),
        TEST(test_export_group_of_many_fields),
        TEST(test_export_random_texts_come_back),
        TEST(test_export_calls),
        TEST(test_export_answers),
        TEST(test_export_ledger),
        TEST(test_export_failures_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
