/*
 * test_registry_line.c - which lines of a text are numbers, and what becomes of
 * those that are none.
 */
#include "support/registry_kit.h"

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

static void test_registry_line_forms(void **state)
{
    (void)state;
    registry_kit_builds(&kit, "\xef\xbb\xbf"
                              "212,5550100\r\n"
                              "2125550101\n"
                              "  +12125550102  \n"
                              "12125550103\n"
                              "\n \t\r\n"
                              " 212 , 5550104 ,2026-11-20, x\n"
                              "2125550105,Ann\n"
                              "(212) 555-0106\n"
                              "212,555-0107\n"
                              "2125550101\n"
                              "tel:+1-212-555-0108");
    assert_int_equal(kit.info.text_lines, 10);
    assert_int_equal(kit.info.added, 9);
    assert_int_equal(kit.info.present, 1);
    assert_int_equal(kit.info.rejected, 0);
    assert_int_equal(kit.info.count, 9);
    od__registry *registry = NULL;
    assert_int_equal(od__registry_open(&registry, kit.out, NULL), OD_OK);
    for (uint64_t i = 0; i < 20; i++) {
        assert_int_equal(od__registry_has(registry, 12125550100 + i), i < 9);
    }
    od__registry_free(registry);
}

static void test_registry_line_rejects(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *why;
    } lines[] = {
        {"area,number", "letters"},
        {"<ph val='2125550100'/>", "char"},
        {"+442079460013", "North"},
        {"212555010", "few"},
        {"21255501000", "many"},
        {"012,5550100", "area code"},
        {"112,5550100", "area code"},
        {"211,5550100", "area code"},
        {"291,5550100", "area code"},
        {"212,0550100", "exchange"},
        {"212,1550100", "exchange"},
        {"212,4110100", "exchange"},
        {"212", "few"},
        {"212,", "few"},
        {",2125550100", "no digits"},
        {"212,555010", "few"},
        {"2125550100x", "letters"},
        {"2125550100 x5", "extension"},
        {"+22125550100", ""},
        {"3212,5550100", "few"},
    };
    char text[2000] = "212,5550100\n";
    for (size_t i = 0; i < OD__LEN(lines); i++) {
        strcat(strcat(text, lines[i].text), "\n");
    }
    kit.options.reject_path = kit.rejects;
    registry_kit_builds(&kit, text);
    assert_int_equal(kit.info.count, 1);
    assert_int_equal(kit.info.rejected, OD__LEN(lines));
    assert_int_equal(kit.info.first_reject_line, 2);
    assert_int_equal(kit.info.first_reject_path, 0);
    assert_string_equal(kit.info.first_reject_why, "has letters");
    size_t len = 0;
    char *rejects = (char *)registry_kit_read(kit.rejects, &len);
    rejects = realloc(rejects, len + 1);
    assert_non_null(rejects);
    rejects[len] = '\0';
    assert_memory_equal(rejects, "file,line,reason,text\n", 22);
    char *line = rejects + 22;
    for (size_t i = 0; i < OD__LEN(lines); i++) {
        char head[700];
        char *end = strchr(line, '\n');
        assert_non_null(end);
        *end = '\0';
        (void)snprintf(head, sizeof head, "%s,%zu,", kit.text, i + 2);
        assert_memory_equal(line, head, strlen(head));
        if (strstr(line, lines[i].why) == NULL) {
            fail_msg("%s: not \"%s\"", line, lines[i].why);
        }
        line = end + 1;
    }
    assert_int_equal(*line, '\0');
    free(rejects);
}

static void test_registry_line_odd_bytes(void **state)
{
    (void)state;
    static const char nul[] = "2125550100\n212\0"
                              "5550101\n2125550102\0\n"
                              "212\0,5550103";
    registry_kit_write(&kit, kit.text, nul, sizeof nul - 1);
    kit.options.reject_path = kit.rejects;
    assert_int_equal(od_registry_build(&kit.options, &kit.info, NULL), OD_OK);
    assert_int_equal(kit.info.count, 1);
    assert_int_equal(kit.info.rejected, 3);
}

/* Lines of every length around the limits of line and buffer. */
static void test_registry_line_long(void **state)
{
    (void)state;
    size_t lens[] = {1000, 1023, 1024, 1025, 1026, 5000, 1048576, 3000000};
    size_t room = 8000000;
    char *text = malloc(room);
    assert_non_null(text);
    size_t at = 0;
    int64_t fine = 0;
    for (size_t i = 0; i < OD__LEN(lens); i++) {
        memset(text + at, ',', lens[i]);
        memcpy(text + at, "2125550100", 10);
        text[at + 9] = (char)('0' + i);
        at += lens[i];
        text[at++] = '\n';
        fine += lens[i] <= OD__REGISTRY_LINE_MAX ? 1 : 0;
    }
    memcpy(text + at, "3125550100", 11); /* ends well after all of them */
    registry_kit_builds(&kit, text);
    free(text);
    assert_int_equal(kit.info.count, fine + 1);
    assert_int_equal(kit.info.rejected, (int64_t)OD__LEN(lens) - fine);
    assert_int_equal(kit.info.first_reject_line, 4);
    assert_string_equal(kit.info.first_reject_why, "is too long a line");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_registry_line_forms),
        TEST(test_registry_line_rejects),
        TEST(test_registry_line_odd_bytes),
        TEST(test_registry_line_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
