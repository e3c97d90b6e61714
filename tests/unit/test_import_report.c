/*
 * test_import_report.c - figures, the reject file, progress, failures in the
 * middle, and giving up.
 */
#include "support/intake.h"
#include "support/shaky.h"

#include "base/base.h"

#include <unistd.h>

/* -- rejects --------------------------------------------------------------------- */

/* Lines of a reject file, read as a CSV file again. */
typedef struct lines {
    size_t len;
    int64_t numbers[32];
    char reasons[32][256];
    char texts[32][1100];
} lines;

static bool on_line(void *ctx, od__csv_record *record)
{
    lines *l = ctx;
    assert_int_equal(record->len, 3);
    assert_true(l->len < 32);
    l->numbers[l->len] = strtoll(record->cells[0], NULL, 10);
    (void)snprintf(l->reasons[l->len], 256, "%s",
                   od__csv_unguard(record->cells[1]));
    (void)snprintf(l->texts[l->len], 1100, "%s",
                   od__csv_unguard(record->cells[2]));
    l->len++;
    return true;
}

static void read_rejects(od_intake *in, lines *out)
{
    od__csv_in *csv = NULL;
    bool done = false;
    memset(out, 0, sizeof *out);
    assert_int_equal(od__csv_open(&csv, in->rejects, NULL), OD_OK);
    while (!done) {
        assert_int_equal(
            od__csv_read(csv, 65536, on_line, out, &done, NULL), OD_OK);
    }
    od__csv_close(csv);
    assert_true(out->len > 0);
    assert_string_equal(out->reasons[0], "reason"); /* the header */
}

static void test_import_report_rejects(void **state)
{
    static const char text[] =
        "phone,first_name,timezone,state,x\n"
        "hello,Ann,,,\n"                             /* 2 */
        ",Bob,,,\n"                                  /* 3 */
        "911,Cid,,,\n"                               /* 4 */
        "+12125551000,\"two\nlines\",Mars/Base,,\n"  /* 5, 6 */
        "+12125551000,Dan,,Oz,\n"                    /* 7 */
        "+12125551000,caf\xc3,,,\n"                  /* 8 */
        "+12125551000,Eve,,,1,2\n"                   /* 9 */
        "=1+1,\"a, \"\"b\"\"\",,,\n"                 /* 10 */
        "+18005551000,Fay,,,\n"                      /* 11 */
        "+12125551000,Gus,,,\n";                     /* 12 */
    od_intake *in = *state;
    lines l;
    intake_figures(in, text, 1, 0, 9);
    assert_int_equal(in->report.rows, 10);
    read_rejects(in, &l);
    static const struct {
        int64_t line;
        const char *reason;
        const char *text;
    } want[] = {{2, "\"hello\" is not a phone number", "hello,Ann,"},
                {3, "phone", ",Bob,"},
                {4, "\"911\"", "911,Cid"},
                {5, "timezone \"Mars/Base\"", "two\nlines"},
                {7, "state \"Oz\"", "Dan,,Oz"},
                {8, "first_name is not UTF-8", "caf"},
                {9, "more cells than the header", "Eve"},
                {10, "\"=1+1\"", "=1+1,a, \"b\","},
                {11, "toll-free", "Fay"}};
    assert_int_equal(l.len, 1 + OD__LEN(want));
    for (size_t i = 0; i < OD__LEN(want); i++) {
        assert_int_equal(l.numbers[i + 1], want[i].line);
        if (strstr(l.reasons[i + 1], want[i].reason) == NULL ||
            strstr(l.texts[i + 1], want[i].text) == NULL) {
            fail_msg("line %d: \"%s\" of \"%s\"", (int)want[i].line,
                     l.reasons[i + 1], l.texts[i + 1]);
        }
    }
}

/* What is shown of a cell is cut between letters, so that the file stays
 * UTF-8 where the import was. */
static void test_import_report_rejects_are_utf8(void **state)
{
    od_intake *in = *state;
    char text[400] = "phone,first_name\nx";
    for (int i = 0; i < 60; i++) {
        strcat(text, "\xe2\x82\xac");
    }
    strcat(text, ",Ann\n");
    for (int shift = 0; shift < 3; shift++) {
        intake_figures(in, text, 0, 0, 1);
        char *rejects = intake_rejects(in);
        assert_true(od__utf8_is_valid(rejects, strlen(rejects)));
        assert_non_null(strstr(rejects, "is not a phone number"));
        free(rejects);
        memmove(text + 18, text + 17, strlen(text) - 16); /* another x */
    }
}

/* Sixty-five fields are too many for one person, however many columns. */
static void test_import_report_many_fields(void **state)
{
    static char text[8192];
    od_intake *in = *state;
    size_t len = (size_t)snprintf(text, sizeof text, "phone");
    for (int i = 0; i < 100; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, ",c%d", i);
    }
    for (int n = 64; n <= 65; n++) {
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "\n+1212555%d", 1000 + n);
        for (int i = 0; i < 100; i++) {
            len += (size_t)snprintf(text + len, sizeof text - len, "%s",
                                    i < n ? ",v" : ",");
        }
    }
    intake_figures(in, text, 1, 0, 1);
    od_contact c = intake_only(in);
    assert_int_equal(c.fields_len, 64);
}

static void test_import_report_long_and_torn_rows(void **state)
{
    od_intake *in = *state;
    size_t room = 400000;
    char *text = malloc(room);
    assert_non_null(text);
    size_t len = (size_t)snprintf(text, room, "phone,notes\n+12125551000,");
    memset(text + len, 'x', 70000); /* beyond a cell */
    len += 70000;
    len += (size_t)snprintf(text + len, room - len, "\n+12125551001,");
    memset(text + len, 'y', 5000); /* beyond a field */
    len += 5000;
    len += (size_t)snprintf(text + len, room - len, "\n+12125551002,z\n");
    text[len++] = '+'; /* a NUL in a number */
    text[len++] = '\0';
    len += (size_t)snprintf(text + len, room - len, "2125551003\n");
    intake_bytes(in, text, len);
    free(text);
    assert_int_equal(in->report.err, OD_OK);
    assert_int_equal(in->report.added, 1);
    assert_int_equal(in->report.rejected, 3);
    lines l;
    read_rejects(in, &l);
    assert_non_null(strstr(l.reasons[1], "too long"));
    assert_non_null(strstr(l.reasons[2], "notes is longer"));
    assert_non_null(strstr(l.reasons[3], "NUL"));
}

/* -- ends before the end ---------------------------------------------------------- */

/* A quote that is never closed: an error, and the figures tell what is there. */
static void test_import_report_torn_file(void **state)
{
    od_intake *in = *state;
    intake_fails(in,
                 "phone,first_name\n+12125551000,Ann\n+12125551001,Bob\n"
                 "hello,Cid\n+12125551002,\"Dan\n",
                 OD_ERR_FORMAT, "line 5");
    od_contact rows[4];
    size_t count = 0;
    stage_ok(&in->stage, od_contacts_list(in->engine, in->stage.group, 0, rows,
                                          4, &count));
    assert_int_equal(in->report.added, count);
    assert_int_equal(in->report.rejected, 1);
    lines l;
    read_rejects(in, &l); /* as far as it came */
    assert_int_equal(l.len, 2);
}

/* Rows by the thousand, from a generator. */
static void write_rows(od_intake *in, int rows)
{
    FILE *file = fopen(in->in, "w");
    assert_non_null(file);
    (void)fprintf(file, "phone,first_name,color\n");
    for (int i = 0; i < rows; i++) {
        (void)fprintf(file, "+1212%03d%04d,Name %d,blue\n",
                      200 + i / 10000 * 3 % 700, i % 10000, i);
    }
    assert_int_equal(fclose(file), 0);
}

typedef struct progress {
    int events;
    int done;
    od_event_import last;
} progress;

static void on_event(void *ctx, const od_event *event)
{
    progress *p = ctx;
    if (event->type != OD_EVENT_IMPORT) {
        return;
    }
    const od_event_import *e = &event->u.import;
    assert_true(e->bytes >= p->last.bytes && e->rows >= p->last.rows);
    assert_true(e->bytes <= e->bytes_total);
    assert_int_equal(p->done, 0); /* nothing after the end */
    p->events++;
    p->done += e->done ? 1 : 0;
    p->last = *e;
}

static void test_import_report_progress(void **state)
{
    od_intake *in = *state;
    progress p;
    memset(&p, 0, sizeof p);
    in->stage.world.on_event = on_event;
    in->stage.world.on_event_ctx = &p;
    write_rows(in, 20000);
    in->report = od_world_import(&in->stage.world, in->stage.group,
                                 &in->options);
    assert_int_equal(in->report.err, OD_OK);
    assert_true(p.events >= 5); /* slices of 4,000 */
    assert_int_equal(p.done, 1);
    assert_int_equal(p.last.rows, 20000);
    assert_int_equal(p.last.bytes, p.last.bytes_total);
    assert_int_equal(p.last.bytes_total, in->report.bytes_total);
    assert_int_equal(p.last.err, OD_OK);
}

static void test_import_report_cancel(void **state)
{
    od_intake *in = *state;
    od_import_report r;
    od_id id = 0;
    od_event event;
    write_rows(in, 120000);
    stage_ok(&in->stage, od_import_start(in->engine, in->stage.group,
                                         &in->options, &id));
    stage_fails(&in->stage, od_import_start(in->engine, in->stage.group,
                                            &in->options, NULL),
                OD_ERR_LIMIT, "running");
    do { /* into the second half of the file, between two slices */
        stage_ok(&in->stage,
                 od_engine_step(in->engine, &in->stage.world.now));
        stage_ok(&in->stage, od_import_report_get(in->engine, id, &r));
    } while (r.added + r.duplicate_file < 8000);
    stage_ok(&in->stage, od_import_cancel(in->engine, id));
    stage_ok(&in->stage, od_engine_step(in->engine, &in->stage.world.now));
    stage_ok(&in->stage, od_import_report_get(in->engine, id, &r));
    assert_true(r.done);
    assert_int_equal(r.err, OD_ERR_CANCELLED);
    assert_non_null(strstr(r.text, "cancelled"));
    assert_int_equal(r.rows, r.added + r.duplicate_file + r.rejected);
    od_group group;
    size_t count = 0;
    stage_ok(&in->stage, od_groups_list(in->engine, 0, &group, 1, &count));
    assert_int_equal(group.members, r.added); /* what was stored stays */
    stage_ok(&in->stage, od_import_cancel(in->engine, id)); /* over already */
    while (od_engine_next_event(in->engine, &event)) {
    }
    assert_int_equal(event.type, OD_EVENT_IMPORT);
    assert_true(event.u.import.done);
    assert_int_equal(event.u.import.err, OD_ERR_CANCELLED);
    assert_int_equal(access(in->rejects, F_OK), 0);
}

static void test_import_report_unknown_ids(void **state)
{
    od_intake *in = *state;
    od_import_report r;
    od_id first = 0;
    od_id second = 0;
    write_rows(in, 1);
    stage_ok(&in->stage, od_import_start(in->engine, in->stage.group,
                                         &in->options, &first));
    stage_run(&in->stage, 1);
    stage_ok(&in->stage, od_import_start(in->engine, in->stage.group,
                                         &in->options, &second));
    assert_true(second > first);
    stage_fails(&in->stage, od_import_report_get(in->engine, first, &r),
                OD_ERR_NOT_FOUND, "last");
    stage_fails(&in->stage, od_import_cancel(in->engine, first),
                OD_ERR_NOT_FOUND, "last");
    stage_fails(&in->stage, od_import_report_get(in->engine, second, NULL),
                OD_ERR_INVALID, "out");
}

/* The group goes while its import runs. */
static void test_import_report_group_removed(void **state)
{
    od_intake *in = *state;
    od_import_report r;
    od_id id = 0;
    write_rows(in, 100);
    stage_ok(&in->stage, od_import_start(in->engine, in->stage.group,
                                         &in->options, &id));
    stage_ok(&in->stage, od_group_remove(in->engine, in->stage.group));
    stage_run(&in->stage, 1);
    stage_ok(&in->stage, od_import_report_get(in->engine, id, &r));
    assert_true(r.done);
    assert_int_equal(r.err, OD_ERR_NOT_FOUND);
    assert_int_equal(r.rows, 0);
    assert_true(strlen(r.text) > 0);
}

/* The disk is full at the second slice. */
static void test_import_report_store_fails(void **state)
{
    od_intake *in = *state;
    od_shaky shaky;
    od_stage other;
    od_import_report r;
    stage_init(&other);
    stage_open(&other, shaky_new(&shaky, NULL));
    write_rows(in, 9000);
    shaky.only = "member_put";
    shaky.err = OD_ERR_FULL;
    shaky_fail(&shaky, 2, true);
    r = od_world_import(&other.world, other.group, &in->options);
    assert_int_equal(r.err, OD_ERR_FULL);
    assert_non_null(strstr(r.text, "member_put"));
    assert_int_equal(r.added, 4000);
    assert_int_equal(r.rows, 4000);
    shaky_fail(&shaky, 0, false); /* begun again, it finds those there */
    r = od_world_import(&other.world, other.group, &in->options);
    assert_int_equal(r.err, OD_OK);
    assert_int_equal(r.added, 5000);
    assert_int_equal(r.duplicate_group, 4000);
    stage_end(&other);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_import_report_rejects),
        TEST(test_import_report_rejects_are_utf8),
        TEST(test_import_report_many_fields),
        TEST(test_import_report_long_and_torn_rows),
        TEST(test_import_report_torn_file),
        TEST(test_import_report_progress),
        TEST(test_import_report_cancel),
        TEST(test_import_report_unknown_ids),
        TEST(test_import_report_group_removed),
        TEST(test_import_report_store_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
