/*
 * test_registry_broken.c - what is refused: options, places to write to, and
 * every kind of broken file, also one whose hashes were made to fit.
 */
#include "support/registry_kit.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT "2125550100\n2125550101\n9075550100\n"
/* Where things are in the file of TEXT; areas 212 and 907 have tables. */
#define AREA(code) (512 + ((code)-200) * 8)
#define TABLE_212 (512 + 6400)
#define TABLE_907 (512 + 2 * 6400)
#define ENTRY(table, exchange) ((table) + ((exchange)-200) * 8)
#define BLOCKS (512 + 3 * 6400)

static registry_kit kit;

static int setup(void **state)
{
    (void)state;
    registry_kit_begin(&kit);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    registry_kit_end(&kit);
    return 0;
}

/* == building ============================================================= */

static void refused(const char *text, od_err err, const char *word)
{
    od_registry_info before;
    memset(&kit.info, 0x5a, sizeof kit.info);
    before = kit.info;
    od_err got = text != NULL
                     ? registry_kit_build(&kit, text)
                     : od_registry_build(&kit.options, &kit.info, &kit.errmsg);
    if (got != err || strstr(kit.errmsg.text, word) == NULL) {
        fail_msg("%s \"%s\": %s about %s expected", od_err_name(got),
                 kit.errmsg.text, od_err_name(err), word);
    }
    assert_memory_equal(&before, &kit.info, sizeof before);
    assert_int_equal(registry_kit_parts(&kit), 0);
    kit.errmsg.text[0] = '\0';
}

static void test_registry_broken_options(void **state)
{
    (void)state;
    od_registry_build_options good;
    registry_kit_write(&kit, kit.text, TEXT, strlen(TEXT));
    good = kit.options;
    char long_path[OD_PATH_MAX + 2];
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    const char *no_path[] = {NULL};
    const char *empty[] = {""};
#define REFUSED(field, value, word)                                            \
    do {                                                                       \
        kit.options = good;                                                    \
        kit.options.field = (value);                                           \
        refused(NULL, OD_ERR_INVALID, word);                                   \
    } while (0)
    REFUSED(size, 0, "size");
    REFUSED(size, sizeof good - 1, "size");
    REFUSED(paths, NULL, "paths_len");
    REFUSED(paths, no_path, "paths[0]");
    REFUSED(paths, empty, "path");
    REFUSED(paths_len, 0, "paths_len");
    REFUSED(paths_len, OD_REGISTRY_PATHS_MAX + 1, "paths_len");
    REFUSED(out_path, NULL, "out_path");
    REFUSED(out_path, "", "out_path");
    REFUSED(out_path, long_path, "out_path");
    REFUSED(base_path, "", "base_path");
    REFUSED(reject_path, "", "reject_path");
    REFUSED(name, NULL, "name");
    REFUSED(name, "", "name");
    REFUSED(name, "US", "name");
    REFUSED(name, "us national", "name");
    REFUSED(name, "a23456789.123456789.123456789.12", "name");
    REFUSED(obtained_utc_ms, 0, "obtained_utc_ms");
    REFUSED(obtained_utc_ms, -1, "obtained_utc_ms");
    REFUSED(column_phone, -1, "column_phone");
    REFUSED(column_action, -2, "column_action");
    REFUSED(column_action, 2, "base_path");
    REFUSED(out_path, kit.text, "list.txt");
    REFUSED(reject_path, kit.text, "list.txt");
    REFUSED(reject_path, kit.out, "list.reg");
#undef REFUSED
    kit.options = good;
    kit.options.name = "a23456789.123456789.123456789.1";
    assert_int_equal(od_registry_build(&kit.options, NULL, NULL), OD_OK);
    assert_int_equal(od_registry_build(NULL, &kit.info, NULL), OD_ERR_INVALID);
    struct {
        od_registry_build_options options;
        int64_t newer;
    } longer = {good, 1};
    longer.options.size = sizeof longer;
    assert_int_equal(od_registry_build(&longer.options, NULL, NULL),
                     OD_ERR_VERSION);
    longer.newer = 0;
    assert_int_equal(od_registry_build(&longer.options, NULL, NULL), OD_OK);
}

static void test_registry_broken_texts(void **state)
{
    (void)state;
    refused("", OD_ERR_FORMAT, "no line");
    refused("\n \r\n", OD_ERR_FORMAT, "no line");
    refused("<list>\n<ph val='2125550100'/>\n", OD_ERR_FORMAT, "list.txt");
    assert_int_equal(access(kit.out, F_OK), -1);
    /* One good text does not vouch for another. */
    char second[700];
    (void)snprintf(second, sizeof second, "%s/second.txt", kit.folder);
    registry_kit_write(&kit, second, "911\n", 4);
    const char *paths[] = {kit.text, second};
    kit.options.paths = paths;
    kit.options.paths_len = 2;
    refused(TEXT "x\n", OD_ERR_FORMAT,
            "second.txt has no good line; the first "
            "bad one has too few digits");
    paths[1] = "/no/such/text";
    refused(TEXT, OD_ERR_IO, "/no/such/text");
    paths[1] = kit.folder;
    refused(TEXT, OD_ERR_IO, kit.folder);
    assert_int_equal(access(kit.out, F_OK), -1);
}

static void test_registry_broken_rejects_stay(void **state)
{
    (void)state;
    kit.options.reject_path = kit.rejects;
    refused("one\ntwo\n", OD_ERR_FORMAT, "letters");
    assert_int_equal(access(kit.rejects, F_OK), 0);
    kit.options.reject_path = "/no/such/rejects";
    refused(TEXT, OD_ERR_IO, "/no/such/rejects");
    assert_int_equal(access(kit.out, F_OK), -1);
}

static void test_registry_broken_places(void **state)
{
    (void)state;
    registry_kit_write(&kit, kit.text, TEXT, strlen(TEXT));
    kit.options.out_path = kit.folder;
    refused(NULL, OD_ERR_INVALID, "regular");
    kit.options.out_path = "/dev/null";
    refused(NULL, OD_ERR_INVALID, "/dev/null");
    kit.options.out_path = "/no/such/out";
    refused(NULL, OD_ERR_IO, "/no/such/out");
    kit.options.out_path = "/proc/out"; /* nobody may write there */
    refused(NULL, OD_ERR_IO, "/proc/out");
}

/* The disk is full half way: the old file stays, and no other is left. */
static void test_registry_broken_disk(void **state)
{
    (void)state;
    struct rlimit before;
    registry_kit_builds(&kit, TEXT);
    size_t files = registry_kit_files(&kit);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {10000, before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    kit.options.name = "us.new";
    od_err err = od_registry_build(&kit.options, &kit.info, &kit.errmsg);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(err, OD_ERR_IO);
    assert_int_equal(registry_kit_files(&kit), files);
    assert_int_equal(od_registry_verify(kit.out, &kit.info, NULL), OD_OK);
    assert_string_equal(kit.info.name, "us.test");
}

/* == reading ============================================================== */

/* Change an image, perhaps make its hashes fit, and see it refused. */
typedef struct damage {
    size_t at;
    uint32_t value;
    size_t size;
    bool seal;
    od_err err;
    const char *word;
} damage;

static void expect_refused(const uint8_t *bytes, size_t len, od_err err,
                           const char *word)
{
    od_registry_info info;
    od_registry_info same;
    od_errmsg errmsg = {""};
    registry_kit_write(&kit, kit.base, bytes, len);
    memset(&info, 0x5a, sizeof info);
    same = info;
    od_err got = od_registry_info_read(kit.base, &info, &errmsg);
    if (got != err || strstr(errmsg.text, word) == NULL) {
        fail_msg("%s \"%s\": %s about %s expected", od_err_name(got),
                 errmsg.text, od_err_name(err), word);
    }
    assert_memory_equal(&info, &same, sizeof info);
    assert_int_equal(od_registry_verify(kit.base, &info, NULL), err);
}

static void test_registry_broken_headers(void **state)
{
    (void)state;
    static const damage damages[] = {
        {0, 'X', 1, true, OD_ERR_FORMAT, "not a registry"},
        {5, '\n', 1, true, OD_ERR_FORMAT, "not a registry"},
        {8, 2, 4, true, OD_ERR_VERSION, "version 2"},
        {8, 0, 4, true, OD_ERR_VERSION, "version 0"},
        {48, 1, 1, false, OD_ERR_CORRUPT, "header does not have its hash"},
        {500, 0xffffff, 4, false, OD_ERR_CORRUPT, "hash"},
        {12, 2, 4, true, OD_ERR_CORRUPT, "flags"},
        {16, 0, 1, true, OD_ERR_CORRUPT, "name"},
        {16, 'U', 1, true, OD_ERR_CORRUPT, "name"},
        {47, 'x', 1, true, OD_ERR_CORRUPT, "name"},
        {55, 0x80, 1, true, OD_ERR_CORRUPT, "times"},
        {63, 0x80, 1, true, OD_ERR_CORRUPT, "times"},
        {64, 19719, 4, true, OD_ERR_CORRUPT, "file size"},
        {68, 1, 4, true, OD_ERR_CORRUPT, "file size"},
        {72, 4, 4, true, OD_ERR_CORRUPT, "exchanges"},
        {79, 0x80, 1, true, OD_ERR_CORRUPT, "count"},
        {80, 3, 4, true, OD_ERR_CORRUPT, "file size"},
        {80, 801, 4, true, OD_ERR_CORRUPT, "area codes"},
        {80, UINT32_MAX, 4, true, OD_ERR_CORRUPT, "area codes"},
        {84, 3, 4, true, OD_ERR_CORRUPT, "area codes"},
        {84, 801, 4, true, OD_ERR_CORRUPT, "area codes"},
        {84, 0x80000002, 4, true, OD_ERR_CORRUPT, "area codes"},
        {88, 4, 4, true, OD_ERR_CORRUPT, "lines"},
        {103, 0x80, 1, true, OD_ERR_CORRUPT, "lines"},
        {128, 1, 4, true, OD_ERR_CORRUPT, "lines"},
        {136, 1, 4, true, OD_ERR_CORRUPT, "lines"},
        {144, 16, 4, true, OD_ERR_CORRUPT, "lines"},
        {144, UINT32_MAX, 4, true, OD_ERR_CORRUPT, "lines"},
        {144, 0x80000000, 4, true, OD_ERR_CORRUPT, "lines"},
        {148, 1, 4, true, OD_ERR_CORRUPT, "reserved"},
        {280, '\n', 1, true, OD_ERR_CORRUPT, "text"},
        {343, 'x', 1, true, OD_ERR_CORRUPT, "text"},
        {344, 1, 1, true, OD_ERR_CORRUPT, "reserved"},
        {479, 1, 1, true, OD_ERR_CORRUPT, "reserved"},
        {AREA(213) + 4, 1, 4, false, OD_ERR_CORRUPT, "directory"},
        {AREA(212), 512, 4, true, OD_ERR_CORRUPT, "wrong offset"},
        {AREA(212), TABLE_907, 4, true, OD_ERR_CORRUPT, "wrong offset"},
        {AREA(212), UINT32_MAX, 4, true, OD_ERR_CORRUPT, "wrong offset"},
        {AREA(212), 0, 4, true, OD_ERR_CORRUPT, "wrong offset"},
        {AREA(907), 0, 4, true, OD_ERR_CORRUPT, "area codes"},
        {AREA(999), BLOCKS, 4, true, OD_ERR_CORRUPT, "wrong offset"},
        {AREA(212) + 4, 2, 4, true, OD_ERR_CORRUPT, "flags"},
        {AREA(212) + 4, 0, 4, true, OD_ERR_CORRUPT, "area codes"},
        {ENTRY(TABLE_212, 555), 0, 4, true, OD_ERR_CORRUPT, "entry"},
        {ENTRY(TABLE_212, 555), BLOCKS + 6, 4, true, OD_ERR_CORRUPT, "entry"},
        {ENTRY(TABLE_212, 555), UINT32_MAX, 4, true, OD_ERR_CORRUPT, "entry"},
        {ENTRY(TABLE_212, 555) + 4, 0, 2, true, OD_ERR_CORRUPT, "entry"},
        {ENTRY(TABLE_212, 555) + 4, 3, 2, true, OD_ERR_CORRUPT, "entry"},
        {ENTRY(TABLE_907, 555) + 4, 2, 2, true, OD_ERR_CORRUPT, "exchanges"},
        {ENTRY(TABLE_907, 555) + 4, 10000, 2, true, OD_ERR_CORRUPT, "exch"},
        {ENTRY(TABLE_907, 555) + 4, 10001, 2, true, OD_ERR_CORRUPT, "entry"},
        {ENTRY(TABLE_907, 555) + 6, 1, 2, true, OD_ERR_CORRUPT, "entry"},
        {ENTRY(TABLE_907, 999), BLOCKS, 4, true, OD_ERR_CORRUPT, "entry"},
        {ENTRY(TABLE_907, 999) + 4, 1, 2, true, OD_ERR_CORRUPT, "entry"},
    };
    registry_kit_builds(&kit, TEXT);
    size_t len = 0;
    uint8_t *good = registry_kit_read(kit.out, &len);
    uint8_t *bytes = malloc(len);
    assert_non_null(bytes);
    assert_int_equal(len, BLOCKS + 6);
    for (size_t i = 0; i < OD__LEN(damages); i++) {
        const damage *d = &damages[i];
        memcpy(bytes, good, len);
        for (size_t b = 0; b < d->size; b++) {
            bytes[d->at + b] = (uint8_t)(d->value >> (8 * b));
        }
        if (d->seal) {
            registry_kit_seal(bytes, len);
        }
        expect_refused(bytes, len, d->err, d->word);
    }
    /* What the damages began from is a good file. */
    registry_kit_seal(good, len);
    registry_kit_write(&kit, kit.base, good, len);
    assert_int_equal(od_registry_verify(kit.base, &kit.info, NULL), OD_OK);
    free(good);
    free(bytes);
}

/* Cut off anywhere, or with something behind it. */
static void test_registry_broken_sizes(void **state)
{
    (void)state;
    registry_kit_builds(&kit, TEXT);
    size_t len = 0;
    uint8_t *bytes = registry_kit_read(kit.out, &len);
    bytes = realloc(bytes, len + 1);
    assert_non_null(bytes);
    bytes[len] = 0;
    expect_refused(bytes, len + 1, OD_ERR_CORRUPT, "file size");
    for (size_t cut = 0; cut < len; cut += cut < 600 ? 1 : 997) {
        expect_refused(bytes, cut, cut < 512 ? OD_ERR_FORMAT : OD_ERR_CORRUPT,
                       cut < 512 ? "not a registry" : "file size");
    }
    free(bytes);
}

/* Only od_registry_verify() reads the numbers. */
static void test_registry_broken_numbers(void **state)
{
    (void)state;
    char text[8000] = TEXT;
    for (int i = 0; i < 650; i++) { /* and a bitmap */
        (void)sprintf(text + strlen(text), "908555%04d\n", i);
    }
    registry_kit_builds(&kit, text);
    size_t len = 0;
    size_t blocks = BLOCKS + 6400;
    uint8_t *bytes = registry_kit_read(kit.out, &len);
    assert_int_equal(len, blocks + 6 + 1250);
    static const struct {
        size_t at;
        uint8_t value;
    } changes[] = {
        {0, 0x65}, /* 100 -> 101, twice */
        {0, 0x66}, /* 100 -> 102, descending */
        {3, 0xff}, /* beyond 9999 */
        {6, 0xfe}, /* a bit less */
        {6 + 1249, 1},
    };
    for (size_t i = 0; i < OD__LEN(changes); i++) {
        od_errmsg errmsg = {""};
        size_t at = blocks + changes[i].at;
        uint8_t was = bytes[at];
        assert_int_not_equal(was, changes[i].value);
        bytes[at] = changes[i].value;
        registry_kit_write(&kit, kit.base, bytes, len);
        assert_int_equal(od_registry_info_read(kit.base, &kit.info, NULL),
                         OD_OK);
        assert_int_equal(od_registry_verify(kit.base, &kit.info, &errmsg),
                         OD_ERR_CORRUPT);
        assert_non_null(strstr(errmsg.text, "do not have their hash"));
        registry_kit_seal(bytes, len);
        registry_kit_write(&kit, kit.base, bytes, len);
        assert_int_equal(od_registry_verify(kit.base, &kit.info, &errmsg),
                         OD_ERR_CORRUPT);
        assert_non_null(strstr(errmsg.text, "other numbers"));
        bytes[at] = was;
    }
    free(bytes);
}

static void test_registry_broken_files(void **state)
{
    (void)state;
    od_registry_info info;
    od__registry *registry = NULL;
    od_errmsg errmsg = {""};
    char fifo[700];
    (void)snprintf(fifo, sizeof fifo, "%s/fifo", kit.folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(od__registry_open(&registry, kit.folder, &errmsg),
                     OD_ERR_INVALID);
    assert_non_null(strstr(errmsg.text, "regular"));
    assert_int_equal(od__registry_open(&registry, fifo, NULL), OD_ERR_INVALID);
    assert_int_equal(od__registry_open(&registry, "/dev/null", NULL),
                     OD_ERR_INVALID);
    assert_int_equal(od__registry_open(&registry, "/no/such", &errmsg),
                     OD_ERR_IO);
    assert_non_null(strstr(errmsg.text, "/no/such"));
    assert_null(registry);
    assert_int_equal(od_registry_info_read(NULL, &info, NULL), OD_ERR_INVALID);
    assert_int_equal(od_registry_info_read(kit.out, NULL, NULL),
                     OD_ERR_INVALID);
    assert_int_equal(od_registry_verify(NULL, &info, NULL), OD_ERR_INVALID);
    assert_int_equal(od_registry_verify(kit.out, NULL, NULL), OD_ERR_INVALID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_registry_broken_options),
        TEST(test_registry_broken_texts),
        TEST(test_registry_broken_rejects_stay),
        TEST(test_registry_broken_places),
        TEST(test_registry_broken_disk),
        TEST(test_registry_broken_headers),
        TEST(test_registry_broken_sizes),
        TEST(test_registry_broken_numbers),
        TEST(test_registry_broken_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
