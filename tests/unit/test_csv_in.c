/*
 * test_csv_in.c - records out of files as people make them, and out of files
 * that nobody should make.
 *
 * Records are noted as text: "line:cell|cell;" with N or L behind the line for
 * has_nul and too_long.
 */
#include "support/test.h"

#include "base/base.h"

#include <unistd.h>

static char *folder;
static char path[600];

typedef struct notes {
    od__writer writer;
    char text[8192];
    int records;
    bool stop_each;
    bool quiet;
    od__csv_record last;
} notes;

static int setup(void **state)
{
    (void)state;
    folder = od_test_folder();
    (void)snprintf(path, sizeof path, "%s/in.csv", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    od_test_folder_remove(folder);
    return 0;
}

static void write_file(const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static bool note(void *ctx, od__csv_record *record)
{
    notes *n = ctx;
    n->records++;
    n->last = *record;
    if (!n->quiet) {
        od__write(&n->writer, "%lld%s%s:", (long long)record->line,
                  record->has_nul ? "N" : "", record->too_long ? "L" : "");
        for (size_t i = 0; i < record->len; i++) {
            assert_int_equal(record->cells[i][record->lens[i]], 0);
            od__write(&n->writer, "%s%s", i > 0 ? "|" : "", record->cells[i]);
        }
        od__write(&n->writer, ";");
    }
    return !n->stop_each;
}

static void notes_init(notes *n)
{
    *n = (notes){0};
    od__writer_init(&n->writer, n->text, sizeof n->text);
}

/* Read the file in steps of `bytes`. */
static od_err read_file(notes *n, size_t bytes, od_errmsg *errmsg)
{
    od__csv_in *csv = NULL;
    od_err err = od__csv_open(&csv, path, errmsg);
    assert_int_equal(err, OD_OK);
    bool done = false;
    int64_t at = 0;
    while (err == OD_OK && !done) {
        err = od__csv_read(csv, bytes, note, n, &done, errmsg);
        assert_true(od__csv_bytes(csv) >= at);
        at = od__csv_bytes(csv);
    }
    if (err == OD_OK) {
        assert_int_equal(at, od__csv_bytes_total(csv));
    }
    od__csv_close(csv);
    return err;
}

static void check_bytes(const void *bytes, size_t len, const char *expected)
{
    static notes n;
    write_file(bytes, len);
    notes_init(&n);
    assert_int_equal(read_file(&n, 1 << 20, NULL), OD_OK);
    assert_string_equal(n.text, expected);
    /* The same in steps of one byte, and stopped at each record. */
    notes_init(&n);
    assert_int_equal(read_file(&n, 1, NULL), OD_OK);
    assert_string_equal(n.text, expected);
    notes_init(&n);
    n.stop_each = true;
    assert_int_equal(read_file(&n, 1 << 20, NULL), OD_OK);
    assert_string_equal(n.text, expected);
}

static void check(const char *text, const char *expected)
{
    check_bytes(text, strlen(text), expected);
}

static void test_csv_in_line_ends(void **state)
{
    (void)state;
    check("", "");
    check("\n\n\r\n\r \t\n", "");
    check("a,b\nc,d\n", "1:a|b;2:c|d;");
    check("a,b\r\nc,d\r\n", "1:a|b;2:c|d;");
    check("a,b\rc,d\r", "1:a|b;2:c|d;");
    check("a,b\nc,d", "1:a|b;2:c|d;");
    check("a,b\nc,", "1:a|b;2:c|;");
    check("\n\na\n\r\n\n  \nb\n", "3:a;7:b;");
    check("a\r\r\nb", "1:a;3:b;");
    check("a\n\rb", "1:a;3:b;");
}

static void test_csv_in_byte_order_mark(void **state)
{
    (void)state;
    check("\xef\xbb\xbf", "");
    check("\xef\xbb\xbfphone,name\n1,2\n", "1:phone|name;2:1|2;");
    check("\xef\xbb\xbf\"phone\",name\n", "1:phone|name;");
    check("a\n\xef\xbb\xbf"
          "b\n",
          "1:a;2:\xef\xbb\xbf"
          "b;");
    check("\xef\xbb", "1:\xef\xbb;");
}

static void test_csv_in_quotes(void **state)
{
    (void)state;
    check("\"a\",\"b,c\",\"d \"\"e\"\"\"\n", "1:a|b,c|d \"e\";");
    check("\"\"\n\"\",\"\"\n", "1:;2:|;");
    check("\"a\nb\",c\nd\n", "1:a\nb|c;3:d;");
    check("\"a\r\n\r\nb\",c\r\nd\r\n", "1:a\r\n\r\nb|c;4:d;");
    check("\"a\rb\",c\rd\r", "1:a\rb|c;3:d;");
    check("x,\"\n\n\n\"\ny\n", "1:x|\n\n\n;5:y;");
    check("5\" disk,b\n", "1:5\" disk|b;");
    check("\"a \"b\" c\",d\n", "1:a \"b\" c|d;");
    check("\"a\" ,\"b\"\t\n", "1:a|b;");
    check("\"a\nb\"", "1:a\nb;");
    check("a,\"b\"", "1:a|b;");
}

static void test_csv_in_spaces(void **state)
{
    (void)state;
    check("  a  , b\t,\" c \"\n", "1:a|b| c ;");
    check(" , ,\n", "1:||;");
    check("a b,c  d\n", "1:a b|c  d;");
    check("   \n  a\n", "2:a;");
}

static void test_csv_in_nul_bytes(void **state)
{
    (void)state;
    check_bytes("a\0b,c\nd,e\n", 10, "1N:a|c;2:d|e;");
    check_bytes("\0", 1, "1N:;");
    check_bytes("a\n\"\0\n\"\nb", 8, "1:a;2N:;4:b;");
}

static void test_csv_in_unclosed_quote(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *records;
        const char *line;
    } cases[] = {
        {"a\n\"b\nc\nd\n", "1:a;", "line 2 "},
        {"a\nb,\"c", "1:a;", "line 2 "},
        {"\"", "", "line 1 "},
        {"\"a\nb\",c,\"d\ne\n", "", "line 2 "},
        {"\"a\nb\nc\",d,\ne\n\"f,g\n\n", "1:a\nb\nc|d|;4:e;", "line 5 "},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        static const size_t steps[] = {1 << 20, 1};
        for (size_t s = 0; s < 2; s++) {
            static notes n;
            od_errmsg errmsg;
            write_file(cases[i].text, strlen(cases[i].text));
            notes_init(&n);
            assert_int_equal(read_file(&n, steps[s], &errmsg), OD_ERR_FORMAT);
            assert_string_equal(n.text, cases[i].records);
            assert_non_null(strstr(errmsg.text, cases[i].line));
        }
    }
}

/* `before`, then `count` times `fill`, then `after`. */
static void write_filled(const char *before, char fill, size_t count,
                         const char *after)
{
    char *text = malloc(count + 1);
    assert_non_null(text);
    memset(text, fill, count);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(before, file) >= 0);
    assert_int_equal(fwrite(text, 1, count, file), count);
    assert_true(fputs(after, file) >= 0);
    assert_int_equal(fclose(file), 0);
    free(text);
}

static void test_csv_in_cell_limit(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        char fill;
        size_t count;
        const char *after;
        bool too_long;
    } cases[] = {
        {"a,", 'x', 65536, ",z\n", false},
        {"a,", 'x', 65537, ",z\n", true},
        {"a,\"", 'x', 65537, "\",z\n", true},
        {"a,\"", 'x', 3000000, "\",z\n", true},
        {"a,\"", '\n', 3000000, "\",z\n", true},
        {"a,", ' ', 3000000, "b,z\n", false}, /* spaces before a cell */
        {"a,b", ' ', 3000000, ",z\n", true},
        {"a,\"b\"", ' ', 3000000, ",z\n", true},
        {"a,b", '"', 300000, ",z\n", true},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        static notes n;
        write_filled(cases[i].before, cases[i].fill, cases[i].count,
                     cases[i].after);
        notes_init(&n);
        n.quiet = true;
        od__csv_in *csv = NULL;
        bool done = false;
        assert_int_equal(od__csv_open(&csv, path, NULL), OD_OK);
        assert_int_equal(od__csv_read(csv, 1 << 30, note, &n, &done, NULL),
                         OD_OK);
        assert_true(done);
        assert_int_equal(n.records, 1);
        assert_int_equal(n.last.len, 3);
        assert_int_equal(n.last.too_long, cases[i].too_long);
        assert_string_equal(n.last.cells[0], "a");
        assert_true(n.last.lens[1] <= 65536);
        assert_string_equal(n.last.cells[2], "z");
        od__csv_close(csv);
    }
}

static void test_csv_in_reads_on_behind_a_long_record(void **state)
{
    (void)state;
    static notes n;
    write_filled("h\n\"", 'x', 2000000, "\n\"\nb\n");
    notes_init(&n);
    n.quiet = true;
    assert_int_equal(read_file(&n, 1000, NULL), OD_OK);
    assert_int_equal(n.records, 3);
    assert_int_equal(n.last.line, 4);
    assert_false(n.last.too_long);
}

static void test_csv_in_record_limits(void **state)
{
    (void)state;
    static notes n;
    write_filled("", ',', 511, "\n");
    notes_init(&n);
    n.quiet = true;
    assert_int_equal(read_file(&n, 1 << 20, NULL), OD_OK);
    assert_int_equal(n.last.len, 512);
    assert_false(n.last.too_long);
    write_filled("", ',', 5000000, "\n");
    notes_init(&n);
    n.quiet = true;
    assert_int_equal(read_file(&n, 1 << 20, NULL), OD_OK);
    assert_int_equal(n.records, 1);
    assert_int_equal(n.last.len, 512);
    assert_true(n.last.too_long);
    /* 20 cells of 60,000 bytes are more than a record may have. */
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 20; i++) {
        assert_true(fprintf(file, "%060000d,", i) > 0);
    }
    assert_true(fputs("\nnext\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    notes_init(&n);
    n.stop_each = true;
    n.quiet = true;
    od__csv_in *csv = NULL;
    bool done = false;
    assert_int_equal(od__csv_open(&csv, path, NULL), OD_OK);
    assert_int_equal(od__csv_read(csv, 1 << 30, note, &n, &done, NULL), OD_OK);
    assert_true(n.last.too_long);
    assert_false(done);
    assert_int_equal(od__csv_read(csv, 1 << 30, note, &n, &done, NULL), OD_OK);
    assert_false(n.last.too_long);
    assert_int_equal(n.last.len, 1);
    assert_string_equal(n.last.cells[0], "next");
    od__csv_close(csv);
}

static bool check_raw(void *ctx, od__csv_record *record)
{
    assert_string_equal(record->raw, ctx);
    return true;
}

static void expect_raw(const void *bytes, size_t len, const char *expected)
{
    char copy[2048];
    od__csv_in *csv = NULL;
    bool done = false;
    (void)snprintf(copy, sizeof copy, "%s", expected);
    write_file(bytes, len);
    assert_int_equal(od__csv_open(&csv, path, NULL), OD_OK);
    assert_int_equal(od__csv_read(csv, 1 << 20, check_raw, copy, &done, NULL),
                     OD_OK);
    assert_true(done);
    od__csv_close(csv);
}

static void test_csv_in_raw(void **state)
{
    (void)state;
    expect_raw("a, b ,,\"c,\"\"\"\n", 14, "a,b,,c,\"");
    expect_raw("\"\"", 2, "");
    expect_raw("a\0b,\0,c\n", 8, "a?b,?,c");
    expect_raw("a,b,", 4, "a,b,");
    char text[1100];
    char expected[1100];
    memset(text, 'x', sizeof text);
    memset(expected, 'x', sizeof expected);
    expected[1000] = '\0';
    expect_raw(text, 1000, expected);
    expect_raw(text, 1001, expected);
    memcpy(text + 998, "\xe2\x82\xac", 3);
    expected[998] = '\0';
    expect_raw(text, 1050, expected);
    memset(text, 'x', sizeof text);
    text[999] = ',';
    memcpy(expected + 998, "x,", 3);
    expect_raw(text, 1050, expected);
}

static void test_csv_in_cells_are_writable(void **state)
{
    (void)state;
    static notes n;
    write_file("abc,def\n", 8);
    notes_init(&n);
    assert_int_equal(read_file(&n, 1, NULL), OD_OK);
    assert_string_equal(n.text, "1:abc|def;");
}

static void test_csv_in_open_fails(void **state)
{
    (void)state;
    od__csv_in *csv = NULL;
    od_errmsg errmsg;
    assert_int_equal(od__csv_open(&csv, path, &errmsg), OD_ERR_IO);
    assert_non_null(strstr(errmsg.text, path));
    assert_int_equal(od__csv_open(&csv, folder, &errmsg), OD_ERR_IO);
    assert_null(csv);
    od__csv_close(NULL);
}

/* Lines around the border of the reader's buffer. */
static void test_csv_in_over_buffer_borders(void **state)
{
    (void)state;
    static char text[200000];
    for (size_t shift = 0; shift < 40; shift++) {
        od__writer writer;
        od__writer_init(&writer, text, sizeof text);
        for (size_t i = 0; i < shift; i++) {
            od__write(&writer, "\r\n");
        }
        int rows = 0;
        while (writer.len < 150000) {
            od__write(&writer, "%d,\"\r\n\"\"%d\"\r\n", rows, rows);
            rows++;
        }
        write_file(text, writer.len);
        static notes n;
        notes_init(&n);
        n.quiet = true;
        assert_int_equal(read_file(&n, 1000, NULL), OD_OK);
        assert_int_equal(n.records, rows);
        assert_int_equal(n.last.line, shift + 2 * (size_t)rows - 1);
        assert_int_equal(n.last.len, 2);
    }
}

/* Whatever is written is read again, through any line end inside a cell. */
static void test_csv_in_reads_what_csv_out_wrote(void **state)
{
    (void)state;
    od__rand rand = {od_test_seed(4)};
    static const char alphabet[] = "ab ,\"\r\n\t'=+-@;\xc3";
    for (int round = 0; round < 500; round++) {
        char cells[6][12];
        size_t count = 1 + od__rand_below(&rand, 6);
        od__csv_out *out = NULL;
        assert_int_equal(od__csv_create(&out, path, NULL), OD_OK);
        for (size_t i = 0; i < count; i++) {
            size_t len = od__rand_below(&rand, 11);
            for (size_t b = 0; b < len; b++) {
                cells[i][b] =
                    alphabet[od__rand_below(&rand, sizeof alphabet - 1)];
            }
            cells[i][len] = '\0';
            od__csv_cell(out, cells[i], true);
        }
        od__csv_end_row(out);
        assert_int_equal(od__csv_done(out, NULL), OD_OK);
        static notes n;
        notes_init(&n);
        n.quiet = true;
        od__csv_in *in = NULL;
        bool done = false;
        assert_int_equal(od__csv_open(&in, path, NULL), OD_OK);
        assert_int_equal(od__csv_read(in, 1 << 20, note, &n, &done, NULL),
                         OD_OK);
        assert_true(done);
        assert_int_equal(n.records, 1);
        assert_int_equal(n.last.len, count);
        for (size_t i = 0; i < count; i++) {
            assert_string_equal(od__csv_unguard(n.last.cells[i]), cells[i]);
        }
        od__csv_close(in);
    }
}

static bool count_only(void *ctx, od__csv_record *record)
{
    int *count = ctx;
    (*count)++;
    assert_true(record->len >= 1 && record->len <= 512);
    assert_true(record->line >= 1);
    assert_true(strlen(record->raw) <= 1000);
    return *count % 3 != 0;
}

static void test_csv_in_survives_random_bytes(void **state)
{
    (void)state;
    od__rand rand = {od_test_seed(5)};
    static const char alphabet[] = "a,,\"\"\r\n\n \t";
    static char text[3000];
    for (int round = 0; round < 300; round++) {
        size_t len = od__rand_below(&rand, sizeof text);
        for (size_t i = 0; i < len; i++) {
            uint64_t pick = od__rand_next(&rand);
            text[i] = round % 2 == 0 ? alphabet[pick % (sizeof alphabet - 1)]
                                     : (char)(pick & 0xff);
        }
        write_file(text, len);
        od__csv_in *csv = NULL;
        assert_int_equal(od__csv_open(&csv, path, NULL), OD_OK);
        bool done = false;
        od_err err = OD_OK;
        int count = 0;
        while (!done && err == OD_OK) {
            err = od__csv_read(csv, 1 + od__rand_below(&rand, 500), count_only,
                               &count, &done, NULL);
        }
        assert_true(err == OD_OK || err == OD_ERR_FORMAT);
        od__csv_close(csv);
    }
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_csv_in_line_ends),
        WITH_FOLDER(test_csv_in_byte_order_mark),
        WITH_FOLDER(test_csv_in_quotes),
        WITH_FOLDER(test_csv_in_spaces),
        WITH_FOLDER(test_csv_in_nul_bytes),
        WITH_FOLDER(test_csv_in_unclosed_quote),
        WITH_FOLDER(test_csv_in_cell_limit),
        WITH_FOLDER(test_csv_in_reads_on_behind_a_long_record),
        WITH_FOLDER(test_csv_in_record_limits),
        WITH_FOLDER(test_csv_in_raw),
        WITH_FOLDER(test_csv_in_cells_are_writable),
        WITH_FOLDER(test_csv_in_open_fails),
        WITH_FOLDER(test_csv_in_over_buffer_borders),
        WITH_FOLDER(test_csv_in_reads_what_csv_out_wrote),
        WITH_FOLDER(test_csv_in_survives_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
