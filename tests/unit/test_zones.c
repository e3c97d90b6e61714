/*
 * test_zones.c - the table of zones: read once, dropped when a file changed.
 */
#include "support/test.h"

#include "place/place.h"

#include <sys/stat.h>
#include <unistd.h>

static void write_file(const char *folder, const char *name, const void *bytes,
                       size_t len)
{
    char path[600];
    char fresh[600];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)snprintf(fresh, sizeof fresh, "%s/fresh", folder);
    FILE *out = fopen(fresh, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(rename(fresh, path), 0); /* as a package manager does */
}

/* A zone of version 1 with one type. */
static void write_zone(const char *folder, const char *name, int hours)
{
    uint8_t bytes[44 + 6 + 4] = "TZif";
    bytes[39] = 1; /* types */
    bytes[43] = 4; /* characters */
    int32_t offset_s = hours * 3600;
    for (int i = 0; i < 4; i++) {
        bytes[44 + i] = (uint8_t)((uint32_t)offset_s >> (24 - 8 * i));
    }
    memcpy(bytes + 50, "ABC", 4);
    write_file(folder, name, bytes, sizeof bytes);
}

static void test_zones_reads_each_once(void **state)
{
    (void)state;
    char *folder = od_test_folder();
    write_zone(folder, "One", 1);
    write_zone(folder, "Two", 2);
    od__zones *zones = NULL;
    assert_int_equal(od__zones_new(&zones, folder, NULL), OD_OK);
    const od__zone *one = od__zones_get(zones, "One", NULL);
    const od__zone *two = od__zones_get(zones, "Two", NULL);
    assert_non_null(one);
    assert_non_null(two);
    assert_int_equal(od__zone_offset_s(one, 0), 3600);
    assert_int_equal(od__zone_offset_s(two, 0), 7200);
    assert_ptr_equal(od__zones_get(zones, "One", NULL), one);
    assert_ptr_equal(od__zones_get(zones, "Two", NULL), two);
    assert_false(od__zones_refresh(zones));
    assert_ptr_equal(od__zones_get(zones, "One", NULL), one);
    od__zones_free(zones);
    od_test_folder_remove(folder);
}

static void test_zones_says_why_there_is_none(void **state)
{
    (void)state;
    char *folder = od_test_folder();
    write_file(folder, "Broken", "nothing", 7);
    od__zones *zones = NULL;
    assert_int_equal(od__zones_new(&zones, folder, NULL), OD_OK);
    static const char *const cases[][2] = {{"Absent", "Absent"},
                                           {"Broken", "not a time zone"},
                                           {"../etc", "../etc"},
                                           {"", "not a time zone's name"}};
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_errmsg msg = {""};
        assert_null(od__zones_get(zones, cases[i][0], &msg));
        assert_non_null(strstr(msg.text, cases[i][1]));
        assert_null(od__zones_get(zones, cases[i][0], NULL));
    }
    write_zone(folder, "Absent", 3); /* failures are not remembered */
    assert_non_null(od__zones_get(zones, "Absent", NULL));
    od__zones_free(zones);
    od_test_folder_remove(folder);
}

static void test_zones_refresh_reads_changed_files_again(void **state)
{
    (void)state;
    char *folder = od_test_folder();
    write_zone(folder, "One", 1);
    write_zone(folder, "Two", 2);
    od__zones *zones = NULL;
    assert_int_equal(od__zones_new(&zones, folder, NULL), OD_OK);
    assert_non_null(od__zones_get(zones, "One", NULL));
    write_zone(folder, "Two", 5); /* not in use: no reason to drop any */
    assert_false(od__zones_refresh(zones));
    write_zone(folder, "One", 4);
    assert_int_equal(od__zone_offset_s(od__zones_get(zones, "One", NULL), 0),
                     3600);
    assert_true(od__zones_refresh(zones));
    assert_int_equal(od__zone_offset_s(od__zones_get(zones, "One", NULL), 0),
                     14400);
    assert_false(od__zones_refresh(zones));
    char path[600];
    (void)snprintf(path, sizeof path, "%s/One", folder);
    assert_int_equal(unlink(path), 0);
    assert_true(od__zones_refresh(zones));
    assert_null(od__zones_get(zones, "One", NULL));
    od__zones_free(zones);
    od_test_folder_remove(folder);
}

static void test_zones_tells_the_version(void **state)
{
    (void)state;
    char *folder = od_test_folder();
    od__zones *zones = NULL;
    assert_int_equal(od__zones_new(&zones, folder, NULL), OD_OK);
    assert_string_equal(od__zones_version(zones), "");
    write_file(folder, "+VERSION", "2025a\n", 6);
    assert_false(od__zones_refresh(zones));
    assert_string_equal(od__zones_version(zones), "2025a");
    write_file(folder, "tzdata.zi", "# version 2026f\n# This\n", 23);
    assert_false(od__zones_refresh(zones));
    assert_string_equal(od__zones_version(zones), "2026f");
    static const char odd[] = "# version \x01\x02\n";
    write_file(folder, "tzdata.zi", odd, sizeof odd - 1);
    assert_false(od__zones_refresh(zones));
    assert_string_equal(od__zones_version(zones), "2025a");
    char longest[200];
    memset(longest, 'x', sizeof longest);
    write_file(folder, "+VERSION", longest, sizeof longest);
    assert_false(od__zones_refresh(zones));
    assert_int_equal(strlen(od__zones_version(zones)), 31);
    od__zones_free(zones);
    od_test_folder_remove(folder);
}

static void test_zones_new_wants_a_folder(void **state)
{
    (void)state;
    od__zones *zones = NULL;
    od_errmsg msg = {""};
    assert_int_equal(od__zones_new(&zones, "/no/such/folder", &msg),
                     OD_ERR_NOT_FOUND);
    assert_non_null(strstr(msg.text, "/no/such/folder"));
    assert_int_equal(od__zones_new(&zones, "", NULL), OD_ERR_NOT_FOUND);
    char path[2000];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_int_equal(od__zones_new(&zones, path, NULL), OD_ERR_INVALID);
    assert_null(zones);
    od__zones_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zones_reads_each_once),
        cmocka_unit_test(test_zones_says_why_there_is_none),
        cmocka_unit_test(test_zones_refresh_reads_changed_files_again),
        cmocka_unit_test(test_zones_tells_the_version),
        cmocka_unit_test(test_zones_new_wants_a_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
