/*
 * test_zone.c - TZif files: every zone of the system against the C library,
 * files made by hand, and files that are broken.
 */
#include "support/test.h"

#include "place/place.h"

#include <ftw.h>
#include <time.h>
#include <unistd.h>

#define FOLDER "/usr/share/zoneinfo"

/* == against localtime_r ================================================== */

static int64_t utc_ms(int64_t year, int month, int day, int hour, int minute)
{
    return (od__days_of_date(year, month, day) * 1440 + hour * 60 + minute) *
           60000;
}

static long libc_offset_s(int64_t at_ms, struct tm *out)
{
    time_t at_s = (time_t)(at_ms / 1000);
    assert_non_null(localtime_r(&at_s, out));
    return out->tm_gmtoff;
}

static void compare_at(const od__zone *zone, const char *name, int64_t at_ms)
{
    struct tm tm;
    od__local local;
    long wanted = libc_offset_s(at_ms, &tm);
    if (od__zone_offset_s(zone, at_ms) != wanted) {
        fail_msg("%s at %lld: %d, not %ld", name, (long long)(at_ms / 1000),
                 (int)od__zone_offset_s(zone, at_ms), wanted);
    }
    od__zone_local(zone, at_ms, &local);
    if (local.year != tm.tm_year + 1900 || local.month != tm.tm_mon + 1 ||
        local.day != tm.tm_mday || local.weekday != (tm.tm_wday + 6) % 7 ||
        local.minute != tm.tm_hour * 60 + tm.tm_min ||
        local.second != local.minute * 60 + tm.tm_sec) {
        fail_msg("%s at %lld: another date", name, (long long)(at_ms / 1000));
    }
}

/* All the changes of a century and a half, to the second, and samples. */
static void compare_zone(const od__zone *zone, const char *name)
{
    const int64_t end = utc_ms(2100, 1, 1, 0, 0);
    int64_t at = utc_ms(1950, 1, 1, 0, 0);
    for (int64_t sample = at; sample < end; sample += INT64_C(849600000)) {
        compare_at(zone, name, sample);
    }
    for (int changes = 0; changes < 1000; changes++) {
        int64_t next = od__zone_change_next(zone, at);
        assert_true(next > at);
        if (next > end) {
            break;
        }
        struct tm tm;
        assert_true(libc_offset_s(next - 1000, &tm) !=
                    libc_offset_s(next, &tm));
        compare_at(zone, name, next - 1000);
        compare_at(zone, name, next);
        at = next;
    }
}

static int zones_compared;

static int compare_file(const char *path, const struct stat *info, int type,
                        struct FTW *at)
{
    (void)info;
    (void)at;
    const char *name = path + strlen(FOLDER) + 1;
    od__zone *zone = NULL;
    if ((type != FTW_F && type != FTW_SL) || strncmp(name, "right/", 6) == 0 ||
        strncmp(name, "posix/", 6) == 0 ||
        od__zone_load(&zone, FOLDER, name, NULL) != OD_OK) {
        return 0;
    }
    char tz[OD__ZONE_NAME_MAX + 2];
    (void)snprintf(tz, sizeof tz, ":%s", name);
    assert_int_equal(setenv("TZ", tz, 1), 0);
    tzset();
    compare_zone(zone, name);
    od__zone_free(zone);
    zones_compared++;
    return 0;
}

static void test_zone_agrees_with_the_c_library(void **state)
{
    (void)state;
    if (access(FOLDER "/America/New_York", R_OK) != 0) {
        skip();
    }
    zones_compared = 0;
    assert_int_equal(nftw(FOLDER, compare_file, 16, FTW_PHYS), 0);
    assert_int_equal(unsetenv("TZ"), 0);
    tzset();
    print_message("%d zones compared\n", zones_compared);
    assert_true(zones_compared > 300);
}

/* == files made by hand =================================================== */

typedef struct file {
    uint8_t bytes[4096];
    size_t len;
} file;

static void put(file *f, int64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        size_t shift = 8 * (size - 1 - i);
        f->bytes[f->len++] =
            (uint8_t)(shift < 64 ? (uint64_t)value >> shift : 0);
    }
}

/* Two types, -5 h and -4 h; `changes` times that alternate between them. */
static void put_block(file *f, char version, size_t time_size,
                      const int64_t *times, size_t len)
{
    memcpy(f->bytes + f->len, "TZif", 4);
    f->len += 4;
    put(f, version, 1);
    put(f, 0, 15);
    const size_t counts[] = {0, 0, 0, len, 2, 4};
    for (size_t i = 0; i < 6; i++) {
        put(f, (int64_t)counts[i], 4);
    }
    for (size_t i = 0; i < len; i++) {
        put(f, times[i], time_size);
    }
    for (size_t i = 0; i < len; i++) {
        put(f, (int64_t)(i + 1) % 2, 1);
    }
    for (int i = 0; i < 2; i++) {
        put(f, -18000 + 3600 * i, 4);
        put(f, i, 1);
        put(f, 0, 1);
    }
    memcpy(f->bytes + f->len, "ABC", 4);
    f->len += 4;
}

static file file_of(const int64_t *times, size_t len, const char *footer)
{
    file f = {.len = 0};
    put_block(&f, '2', 4, NULL, 0);
    put_block(&f, '2', 8, times, len);
    f.bytes[f.len++] = '\n';
    memcpy(f.bytes + f.len, footer, strlen(footer));
    f.len += strlen(footer);
    f.bytes[f.len++] = '\n';
    return f;
}

/* From a block of its own size, so that a sanitizer sees reads beyond it. */
static od_err parse_exact(od__zone **zone, const uint8_t *bytes, size_t len,
                          od_errmsg *msg)
{
    uint8_t *exact = malloc(len > 0 ? len : 1);
    assert_non_null(exact);
    if (len > 0) {
        memcpy(exact, bytes, len);
    }
    od_err err = od__zone_parse(zone, exact, len, msg);
    free(exact);
    return err;
}

static od__zone *zone_of(const file *f)
{
    od__zone *zone = NULL;
    od_errmsg msg = {""};
    if (parse_exact(&zone, f->bytes, f->len, &msg) != OD_OK) {
        fail_msg("%s", msg.text);
    }
    return zone;
}

static void test_zone_reads_version_1(void **state)
{
    (void)state;
    const int64_t times[] = {1000, 2000};
    file f = {.len = 0};
    put_block(&f, '\0', 4, times, 2);
    od__zone *zone = zone_of(&f);
    assert_int_equal(od__zone_offset_s(zone, -1), -18000);
    assert_int_equal(od__zone_offset_s(zone, 999999), -18000);
    assert_int_equal(od__zone_offset_s(zone, 1000000), -14400);
    assert_int_equal(od__zone_offset_s(zone, 2000000), -18000);
    assert_true(od__zone_change_next(zone, 0) == 1000000);
    assert_true(od__zone_change_next(zone, 999999) == 1000000);
    assert_true(od__zone_change_next(zone, 1000000) == 2000000);
    assert_true(od__zone_change_next(zone, 2000000) == OD_NEVER);
    od__zone_free(zone);
}

static void test_zone_obeys_its_footer(void **state)
{
    (void)state;
    file f = file_of(NULL, 0, "EST5EDT,M3.2.0,M11.1.0");
    od__zone *zone = zone_of(&f);
    static const int years[] = {1950, 2027, 2099, 2100, 2101, 2102, 9999};
    for (size_t i = 0; i < OD__LEN(years); i++) {
        int64_t january = utc_ms(years[i], 1, 15, 12, 0);
        int64_t july = utc_ms(years[i], 7, 15, 12, 0);
        assert_int_equal(od__zone_offset_s(zone, january), -18000);
        assert_int_equal(od__zone_offset_s(zone, july), -14400);
        int64_t spring = od__zone_change_next(zone, january);
        int64_t autumn = od__zone_change_next(zone, spring);
        assert_true(january < spring && spring < july && july < autumn);
        assert_int_equal(od__zone_offset_s(zone, spring - 1), -18000);
        assert_int_equal(od__zone_offset_s(zone, spring), -14400);
    }
    assert_true(od__zone_change_next(zone, utc_ms(2027, 1, 1, 0, 0)) ==
                utc_ms(2027, 3, 14, 7, 0));
    od__zone_free(zone);

    f = file_of(NULL, 0, "EST5");
    zone = zone_of(&f);
    assert_int_equal(od__zone_offset_s(zone, 0), -18000);
    assert_true(od__zone_change_next(zone, INT64_MIN) == OD_NEVER);
    od__zone_free(zone);
}

static void test_zone_without_footer_keeps_its_last_offset(void **state)
{
    (void)state;
    const int64_t times[] = {INT64_MIN, -(INT64_C(1) << 59), 1000};
    file f = file_of(times, 3, "");
    od__zone *zone = zone_of(&f);
    assert_int_equal(od__zone_offset_s(zone, utc_ms(2500, 7, 1, 0, 0)), -14400);
    assert_int_equal(od__zone_offset_s(zone, INT64_MAX), -14400);
    assert_int_equal(od__zone_offset_s(zone, INT64_MIN), -18000);
    assert_true(od__zone_change_next(zone, INT64_MIN) == 1000000);
    od__zone_free(zone);
}

/* A change to the same offset (another name, say) is no change. */
static void test_zone_change_next_skips_what_changes_nothing(void **state)
{
    (void)state;
    const int64_t times[] = {1000, 2000, 3000};
    file f = file_of(times, 3, "");
    size_t indexes = f.len - 2 - 4 - 12 - 3;
    f.bytes[indexes] = 1;
    f.bytes[indexes + 1] = 1;
    f.bytes[indexes + 2] = 0;
    od__zone *zone = zone_of(&f);
    assert_true(od__zone_change_next(zone, 0) == 1000000);
    assert_true(od__zone_change_next(zone, 1000000) == 3000000);
    od__zone_free(zone);
}

static void refuse(const file *f, const char *why)
{
    od__zone *zone = NULL;
    od_errmsg msg = {""};
    assert_int_equal(parse_exact(&zone, f->bytes, f->len, &msg), OD_ERR_FORMAT);
    assert_null(zone);
    if (strstr(msg.text, why) == NULL) {
        fail_msg("\"%s\", not \"%s\"", msg.text, why);
    }
}

static void test_zone_refuses_broken_files(void **state)
{
    (void)state;
    const int64_t times[] = {1000, 2000};
    const int64_t disorder[] = {2000, 1000};
    const int64_t twice[] = {1000, 1000};
    const int64_t late[] = {1000, INT64_MAX};
    file good = file_of(times, 2, "EST5");
    file f = {.len = 0};
    refuse(&f, "not a time zone file");
    f = good;
    f.bytes[0] = 'X';
    refuse(&f, "not a time zone file");
    for (size_t len = 0; len < good.len; len++) {
        f = good;
        f.len = len;
        refuse(&f, "the zone");
    }
    f = file_of(disorder, 2, "");
    refuse(&f, "out of order");
    f = file_of(twice, 2, "");
    refuse(&f, "out of order");
    f = file_of(late, 2, "");
    refuse(&f, "out of order");
    f = file_of(times, 2, "EST");
    refuse(&f, "no rule");
    size_t second = 44 + 12 + 4; /* the header that counts */
    f = good;
    memset(f.bytes + second + 20, 0xff, 4);
    refuse(&f, "beyond its size");
    f = good;
    f.bytes[second + 36 + 3] = 0;
    refuse(&f, "no type");
    f = good;
    f.bytes[second + 44 + 16] = 2;
    refuse(&f, "not there");
    f = good;
    f.bytes[second + 44 + 18] = 0x7f;
    refuse(&f, "cannot be");
    f = good;
    f.bytes[second + 23] = 1; /* takes the place of other bytes */
    refuse(&f, "the zone");
}

static void test_zone_refuses_leap_seconds(void **state)
{
    (void)state;
    if (access(FOLDER "/right/America/New_York", R_OK) != 0) {
        skip();
    }
    od__zone *zone = NULL;
    od_errmsg msg = {""};
    assert_int_equal(
        od__zone_load(&zone, FOLDER, "right/America/New_York", &msg),
        OD_ERR_FORMAT);
    assert_non_null(strstr(msg.text, "leap seconds"));
}

/* == names ================================================================ */

static void test_zone_load_checks_the_name(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "/etc/passwd",
        "..",
        "../x",
        "America/../x",
        "a.b",
        "a b",
        "America/New York",
        "a\\b",
        "America/",
        "America//New_York",
        "a%20",
        "\xc3\xa9",
        "a\n",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    od__zone *zone = NULL;
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        assert_false(od__zone_name_is_valid(bad[i]));
        assert_int_equal(od__zone_load(&zone, FOLDER, bad[i], NULL),
                         OD_ERR_INVALID);
    }
    assert_false(od__zone_name_is_valid(NULL));
    static const char *const fine[] = {"UTC", "America/New_York", "Etc/GMT+5",
                                       "America/Port-au-Prince",
                                       "America/Argentina/ComodRivadavia"};
    for (size_t i = 0; i < OD__LEN(fine); i++) {
        assert_true(od__zone_name_is_valid(fine[i]));
    }
    static const char *const absent[] = {"No/Where", "America", "UTC/x"};
    for (size_t i = 0; i < OD__LEN(absent); i++) {
        assert_int_equal(od__zone_load(&zone, FOLDER, absent[i], NULL),
                         OD_ERR_NOT_FOUND);
    }
    assert_null(zone);
    od__zone_free(NULL);
}

static void test_zone_load_refuses_large_files(void **state)
{
    (void)state;
    char *folder = od_test_folder();
    char path[600];
    (void)snprintf(path, sizeof path, "%s/Large", folder);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fseek(out, 65536, SEEK_SET), 0);
    assert_int_equal(fputc(0, out), 0);
    assert_int_equal(fclose(out), 0);
    od__zone *zone = NULL;
    od_errmsg msg = {""};
    assert_int_equal(od__zone_load(&zone, folder, "Large", &msg),
                     OD_ERR_FORMAT);
    od_test_folder_remove(folder);
}

/* == mutations ============================================================ */

static size_t read_seed(const char *name, uint8_t *bytes, size_t size)
{
    char path[200];
    (void)snprintf(path, sizeof path, FOLDER "/%s", name);
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        return 0;
    }
    size_t len = fread(bytes, 1, size, in);
    (void)fclose(in);
    return len;
}

static void mutate(od__rand *rand, uint8_t *bytes, size_t *len)
{
    size_t changes = 1 + od__rand_below(rand, 8);
    for (size_t i = 0; i < changes; i++) {
        /* Headers, counts and the footer break more than table entries. */
        size_t zone = od__rand_below(rand, 3);
        size_t from = zone == 0 ? 0 : *len > 80 ? *len - 80 : 0;
        size_t span = zone == 1 ? *len - from : zone == 0 ? 60 : *len;
        size_t at = (zone == 2 ? 0 : from) + od__rand_below(rand, span);
        if (at < *len) {
            unsigned flipped = bytes[at] ^ 1u << od__rand_below(rand, 8);
            bytes[at] = (uint8_t)(od__rand_below(rand, 2) == 0
                                      ? (unsigned)od__rand_next(rand)
                                      : flipped);
        }
    }
    if (od__rand_below(rand, 4) == 0) {
        *len = 1 + od__rand_below(rand, *len);
    }
}

static void ask_anything(od__rand *rand, const od__zone *zone)
{
    static const int64_t edges[] = {INT64_MIN, INT64_MIN + 1, -1,       0,
                                    1,         INT64_MAX - 1, INT64_MAX};
    for (int i = 0; i < 16; i++) {
        int64_t at =
            i < 7 ? edges[i]
                  : (int64_t)(od__rand_next(rand) >> od__rand_below(rand, 40));
        od__local local;
        od__zone_local(zone, at, &local);
        assert_in_range(local.month, 1, 12);
        assert_in_range(local.day, 1, 31);
        assert_in_range(local.weekday, 0, 6);
        assert_in_range(local.minute, 0, 1439);
        int64_t next = od__zone_change_next(zone, at);
        assert_true(next > at || at == OD_NEVER);
    }
}

static void test_zone_survives_mutations(void **state)
{
    (void)state;
    static const char *const names[] = {"America/New_York", "Europe/Dublin",
                                        "Asia/Gaza", "America/Nuuk", "UTC"};
    static uint8_t seeds[5][8192];
    static uint8_t bytes[8192];
    size_t lens[5];
    for (size_t i = 0; i < 5; i++) {
        lens[i] = read_seed(names[i], seeds[i], sizeof seeds[i]);
        if (lens[i] == 0) {
            skip();
        }
    }
    const int64_t times[] = {1000, 2000};
    file small = file_of(times, 2, "EST5EDT,M3.2.0,M11.1.0");
    od__rand rand = {od_test_seed(3)};
    int accepted = 0;
    for (int round = 0; round < 30000; round++) {
        size_t which = od__rand_below(&rand, 8);
        size_t len = which < 5 ? lens[which] : small.len;
        memcpy(bytes, which < 5 ? seeds[which] : small.bytes, len);
        mutate(&rand, bytes, &len);
        od__zone *zone = NULL;
        if (parse_exact(&zone, bytes, len, NULL) == OD_OK) {
            accepted++;
            ask_anything(&rand, zone);
            od__zone_free(zone);
        }
    }
    print_message("%d of 30000 were still zones\n", accepted);
    assert_true(accepted > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zone_agrees_with_the_c_library),
        cmocka_unit_test(test_zone_reads_version_1),
        cmocka_unit_test(test_zone_obeys_its_footer),
        cmocka_unit_test(test_zone_without_footer_keeps_its_last_offset),
        cmocka_unit_test(test_zone_change_next_skips_what_changes_nothing),
        cmocka_unit_test(test_zone_refuses_broken_files),
        cmocka_unit_test(test_zone_refuses_leap_seconds),
        cmocka_unit_test(test_zone_load_checks_the_name),
        cmocka_unit_test(test_zone_load_refuses_large_files),
        cmocka_unit_test(test_zone_survives_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
