/*
 * test_import_torn.c - 5,000 malformed CSV files of contacts, 3,000 of lists,
 * from a seeded generator.
 *
 * None crashes; of each the report adds up, the reject file is whole and holds
 * a line for each rejected row, and a failure says why in one line of UTF-8.
 * What was accepted can be exported and imported again, every row of it.
 */
#include "support/intake.h"

#include "base/base.h"

#include <unistd.h>

#define FILES 5000
#define FILES_PER_WORLD 500
#define LISTS 3000
#define BYTES_MAX (1u << 20)

typedef struct text {
    od__rand rand;
    size_t len;
    char *bytes; /* BYTES_MAX */
    /* Of a list: mostly its header, and a row of it behind the phone; NULL: of
     * contacts. */
    const char *head;
    const char *row;
} text;

/* -- pieces ----------------------------------------------------------------------- */

static void put(text *t, const char *bytes, size_t len)
{
    len = len < BYTES_MAX - t->len ? len : BYTES_MAX - t->len;
    memcpy(t->bytes + t->len, bytes, len);
    t->len += len;
}

static void puts_(text *t, const char *bytes)
{
    put(t, bytes, strlen(bytes));
}

static uint64_t below(text *t, uint64_t n)
{
    return od__rand_below(&t->rand, n);
}

static void put_phone(text *t)
{
    static const char *const heads[] = {
        "+1212555",  "212-555-",     "(212) 555-",  "1 212 555 ",
        "212555",    "'+1212555",    "tel:+1212555", "+1212555",
        "21255",     "+44 20 7946 ", "x",           "+"};
    char phone[40];
    size_t at = below(t, OD__LEN(heads));
    (void)snprintf(phone, sizeof phone, "%s%04d%s", heads[at],
                   (int)below(t, 10000), at == 7 ? " x9" : "");
    puts_(t, phone);
}

static void put_cell(text *t)
{
    static const char *const cells[] = {
        "Ann",        "",         "\"O\"\"Neil\"", "\"a, b\"",  "\"two\nlines\"",
        "=1+1",       "@x",       "-5",            "'=x",       "America/Denver",
        "Mars/Base",  "NY",       "Oz",            "caf\xc3\xa9", "caf\xe9",
        "\xff\xfe",   "\xed\xa0\x80", "\"torn",    "to\"rn",    "\"a\"b",
        " padded ",   "\t",       "\"\"",          "\"\r\n\"",  "\xef\xbb\xbf",
        "10001",      "K1A 0B1",  "mobile",        "Business",  "+12125551001",
        "written",    "purchase", "marketing",     "2026-10-18", "2026-02-30",
        "2026-10-18T15:04:05Z",   "2028-01-01",    "voice",     "campaign",
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"};
    size_t at = below(t, OD__LEN(cells));
    bool tears = strcmp(cells[at], "\"torn") == 0; /* all that follows */
    puts_(t, tears && below(t, 10) > 0 ? "whole" : cells[at]);
}

static void put_end(text *t)
{
    static const char *const ends[] = {"\n", "\n", "\n", "\r\n", "\r", "\n\n",
                                       "\n \n", ""};
    puts_(t, ends[below(t, OD__LEN(ends))]);
}

static void put_header(text *t)
{
    static const char *const headers[] = {
        "phone,first_name,notes",
        "phone,first_name,timezone,state,color",
        "first_name,PHONE,x,y,z",
        "phone,zip,phone2,phone3,line",
        "\xef\xbb\xbfphone,notes",
        "\"phone\",\"first\nname\"",
        "phone",
        "phone,,,",
        "phone,phone",
        "phone,x,x",
        "name,number",
        "",
        "phone,\"torn",
        "'=phone,phone"};
    /* Mostly one that can be read. */
    size_t at = below(t, 6) > 0 ? below(t, 5) : below(t, OD__LEN(headers));
    puts_(t, t->head != NULL && below(t, 6) > 0 ? t->head : headers[at]);
    puts_(t, "\n");
}

static void put_rows(text *t, uint64_t rows)
{
    for (; rows > 0; rows--) {
        uint64_t cells = below(t, 6);
        put_phone(t);
        if (t->row != NULL && below(t, 2) == 0) {
            puts_(t, t->row);
            cells = below(t, 8) == 0 ? 1 : 0;
        }
        for (; cells > 0; cells--) {
            puts_(t, ",");
            put_cell(t);
        }
        put_end(t);
    }
}

static void put_many(text *t, char c, size_t len)
{
    for (; len > 0 && t->len < BYTES_MAX; len--) {
        t->bytes[t->len++] = c;
    }
}

/* -- damage ------------------------------------------------------------------------ */

static void sow(text *t, const char *bytes, size_t len, uint64_t times)
{
    for (; times > 0 && t->len > len; times--) {
        memcpy(t->bytes + below(t, t->len - len + 1), bytes, len);
    }
}

static void make_wide(text *t)
{
    size_t columns = 100 + below(t, 4000);
    puts_(t, "phone");
    for (size_t i = 0; i < columns; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, ",c%zu", i);
        puts_(t, name);
    }
    puts_(t, "\n");
    for (int row = 0; row < 3; row++) {
        put_phone(t);
        put_many(t, ',', below(t, columns * 2));
        puts_(t, "v\n");
    }
}

static void make_utf16(text *t)
{
    size_t len = t->len < 4000 ? t->len : 4000;
    char copy[4000];
    memcpy(copy, t->bytes, len);
    t->len = 0;
    put(t, "\xff\xfe", 2);
    for (size_t i = 0; i < len; i++) {
        put(t, &copy[i], 1);
        put(t, "\0", 1);
    }
}

static void make(text *t)
{
    t->len = 0;
    switch (below(t, 14)) {
    case 0: /* torn off anywhere */
        put_header(t);
        put_rows(t, 20);
        t->len = below(t, t->len + 1);
        return;
    case 1:
        put_header(t);
        put_rows(t, 20);
        sow(t, "\"", 1, 1 + below(t, 8));
        return;
    case 2:
        put_header(t);
        put_rows(t, 20);
        sow(t, "\0", 1, 1 + below(t, 8));
        return;
    case 3:
        put_header(t);
        put_rows(t, 20);
        sow(t, "\xc3", 1, 1 + below(t, 8));
        sow(t, "\xf0\x9f", 2, below(t, 4));
        return;
    case 4: /* huge cells, some quoted */
        put_header(t);
        put_rows(t, 3);
        put_phone(t);
        puts_(t, below(t, 2) == 0 ? ",\"" : ",");
        put_many(t, below(t, 2) == 0 ? 'x' : '\n', below(t, 300000));
        puts_(t, below(t, 2) == 0 ? "\"\n" : "\n");
        put_rows(t, 3);
        return;
    case 5:
        make_wide(t);
        return;
    case 6: /* junk */
        for (uint64_t n = below(t, 5000); n > 0; n--) {
            char c = (char)below(t, 256);
            put(t, &c, 1);
        }
        return;
    case 7: /* junk under a good header */
        puts_(t, "phone,notes\n");
        for (uint64_t n = below(t, 3000); n > 0; n--) {
            static const char some[] = ",\"\n\r\t '=+-0123456789ab\xc3\xa9\0";
            put(t, &some[below(t, sizeof some)], 1);
        }
        return;
    case 8:
        put_header(t);
        put_rows(t, 20);
        for (size_t i = 0; i < t->len; i++) {
            t->bytes[i] = t->bytes[i] == '\n' ? '\r' : t->bytes[i];
        }
        return;
    case 9:
        put_header(t);
        put_rows(t, 20);
        make_utf16(t);
        return;
    case 10: /* one endless record */
        put_header(t);
        put_phone(t);
        put_many(t, ',', below(t, 100000));
        return;
    case 11:
        put_header(t);
        return;
    case 12:
        put_header(t);
        put_rows(t, 20);
        sow(t, "\r", 1, below(t, 10));
        sow(t, ",", 1, below(t, 10));
        sow(t, "\n", 1, below(t, 10));
        return;
    default:
        put_header(t);
        put_rows(t, 1 + below(t, 60));
        return;
    }
}

/* -- what must hold ------------------------------------------------------------------- */

typedef struct reject_count {
    int64_t rows;
} reject_count;

static bool on_reject(void *ctx, od__csv_record *record)
{
    reject_count *n = ctx;
    assert_int_equal(record->len, 3);
    assert_false(record->has_nul || record->too_long);
    if (n->rows > 0) {
        assert_true(strtoll(record->cells[0], NULL, 10) > 0);
        assert_true(record->lens[1] > 0);
        assert_true(od__utf8_is_valid(record->cells[1], record->lens[1]));
    }
    n->rows++;
    return true;
}

static void check_rejects(const od_intake *in, int64_t rejected)
{
    reject_count n = {0};
    od__csv_in *csv = NULL;
    bool done = false;
    assert_int_equal(od__csv_open(&csv, in->rejects, NULL), OD_OK);
    while (!done) {
        assert_int_equal(
            od__csv_read(csv, 1u << 20, on_reject, &n, &done, NULL), OD_OK);
    }
    od__csv_close(csv);
    assert_int_equal(n.rows, rejected + 1);
}

static void check_report(const od_intake *in)
{
    const od_import_report *r = &in->report;
    if (r->err == OD_OK) {
        check_rejects(in, r->rejected);
        return;
    }
    assert_int_equal(r->err, OD_ERR_FORMAT);
    size_t len = strlen(r->text);
    assert_true(len > 10 && od__utf8_is_valid(r->text, len));
    assert_null(strchr(r->text, '\n'));
}

/* All that was accepted goes out and comes in again. */
static int64_t check_round_trip(od_intake *in)
{
    od_group group;
    size_t count = 0;
    od_stage fresh;
    od_import_options io;
    char *path = strdup(stage_path(&in->stage, "group.csv"));
    stage_ok(&in->stage, od_groups_list(in->engine, 0, &group, 1, &count));
    stage_ok(&in->stage, od_group_export(in->engine, in->stage.group, path));
    stage_begin(&fresh);
    od_import_options_init(&io);
    io.path = path;
    od_import_report r = od_world_import(&fresh.world, fresh.group, &io);
    if (r.err != OD_OK || r.added != group.members || r.rejected > 0) {
        fail_msg("%d members, %d come back: %s", (int)group.members,
                 (int)r.added, r.text);
    }
    stage_end(&fresh);
    free(path);
    return group.members;
}

static void test_import_torn(void **state)
{
    (void)state;
    text t = {.rand = {.state = od_test_seed(2)}, .bytes = malloc(BYTES_MAX)};
    int64_t accepted = 0;
    int failed = 0;
    assert_non_null(t.bytes);
    for (int world = 0; world < FILES / FILES_PER_WORLD; world++) {
        void *fixture = NULL;
        (void)intake_setup(&fixture);
        od_intake *in = fixture;
        int64_t members = 0;
        for (int i = 0; i < FILES_PER_WORLD; i++) {
            make(&t);
            in->options.duplicate = (int32_t)below(&t, 2);
            in->options.country = below(&t, 4) == 0 ? "GB" : NULL;
            (void)unlink(in->rejects);
            intake_bytes(in, t.bytes, t.len);
            check_report(in);
            members += in->report.added;
            failed += in->report.err != OD_OK ? 1 : 0;
        }
        assert_int_equal(check_round_trip(in), members);
        accepted += members;
        (void)intake_teardown(&fixture);
    }
    print_message("%d of %d files were refused, %d people came in\n", failed,
                  FILES, (int)accepted);
    assert_in_range(failed, FILES / 20, FILES * 3 / 4);
    assert_true(accepted > FILES / 4);
    free(t.bytes);
}

/* A list may be refused as a whole, with a reason; else its figures add up and
 * each rejected row is in the file of them. */
static void check_list(const od_intake *in, od_err err, int64_t rows,
                       int64_t taken, int64_t rejected)
{
    if (err == OD_OK) {
        assert_true(rows == taken + rejected);
        check_rejects(in, rejected);
        return;
    }
    const char *why = od_engine_errmsg(in->engine);
    assert_int_equal(err, OD_ERR_FORMAT);
    assert_true(strlen(why) > 10 && od__utf8_is_valid(why, strlen(why)));
    assert_null(strchr(why, '\n'));
}

static int64_t import_dnc(od_intake *in)
{
    od_dnc_report r = {0};
    od_err err = od_dnc_import(in->engine, in->in, in->rejects, &r);
    check_list(in, err, r.rows, r.added + r.present, r.rejected);
    return r.added;
}

static int64_t import_consents(od_intake *in)
{
    od_consent_report r = {0};
    od_err err = od_consent_import(in->engine, in->in, in->rejects, &r);
    check_list(in, err, r.rows, r.added + r.present, r.rejected);
    return r.added;
}

/* The same damage to the lists; what came in goes out and in again. */
static void test_import_torn_lists(void **state)
{
    static const struct {
        const char *head;
        const char *row;
    } lists[] = {
        {"phone,reason,scope,expires", ",noise,voice,2028-01-01"},
        {"phone,kind,purpose,obtained,seller", ",written,debt,2026-10-18,Acme"},
        {"phone,kind,obtained,sha256,text", ",purchase,2026-10-18,,\"a\nb\""},
    };
    (void)state;
    text t = {.rand = {.state = od_test_seed(3)}, .bytes = malloc(BYTES_MAX)};
    void *fixture = NULL;
    int64_t entries = 0;
    int64_t consents = 0;
    assert_non_null(t.bytes);
    (void)intake_setup(&fixture);
    od_intake *in = fixture;
    for (size_t i = 0; i < LISTS; i++) {
        t.head = lists[i % OD__LEN(lists)].head;
        t.row = lists[i % OD__LEN(lists)].row;
        make(&t);
        (void)stage_file(&in->stage, "in.csv", t.bytes, t.len);
        (void)unlink(in->rejects);
        if (i % OD__LEN(lists) == 0) {
            entries += import_dnc(in);
        } else {
            consents += import_consents(in);
        }
    }
    print_message("%d entries and %d rows of evidence came in\n", (int)entries,
                  (int)consents);
    assert_true(entries > LISTS / 3 && consents > LISTS / 3);
    stage_ok(&in->stage, od_ledger_verify(in->engine, NULL, NULL));
    stage_ok(&in->stage, od_consent_export(in->engine, in->in));
    (void)unlink(in->rejects);
    od_consent_report r;
    stage_ok(&in->stage,
             od_consent_import(in->engine, in->in, in->rejects, &r));
    assert_true(r.rows == consents && r.added == 0); /* all are there */
    (void)intake_teardown(&fixture);
    free(t.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_import_torn),
        cmocka_unit_test(test_import_torn_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
