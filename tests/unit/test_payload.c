/*
 * test_payload.c - payloads that an engine writes are read, all others are not.
 */
#include "support/test.h"

#include "core/core.h"

static bool reads(const char *text)
{
    od__payload p;
    bool good = od__payload_read(text, &p);
    assert_true(good || p.len == 0);
    return good;
}

static void test_payload_reads_members(void **state)
{
    static const char text[] =
        "{\"name\":\"a \\\"b\\\"\\\\ \\u00e9\\ud83d\\ude00\\n\xc3\xa9\","
        "\"n\":-12,\"max\":9223372036854775807,\"yes\":true,\"none\":null,"
        "\"ids\":[1,22,-3],\"empty\":[],\"deep\":{\"n\":7,\"a\":[[1],{}]},"
        "\"real\":1.5e3,\"blank\":\"\"}";
    od__payload p;
    char cell[64];
    int64_t number = 0;
    od_id ids[3];
    size_t len = 0;
    (void)state;
    assert_true(od__payload_read(text, &p));
    assert_int_equal(p.len, 10);
    assert_true(od__payload_text(&p, "name", cell, sizeof cell));
    assert_string_equal(cell,
                        "a \"b\"\\ \xc3\xa9\xf0\x9f\x98\x80\n\xc3\xa9");
    assert_true(od__payload_text(&p, "blank", cell, sizeof cell));
    assert_string_equal(cell, "");
    assert_true(od__payload_int(&p, "n", &number)); /* not that of "deep" */
    assert_int_equal(number, -12);
    assert_true(od__payload_int(&p, "max", &number));
    assert_true(number == INT64_MAX);
    assert_true(od__payload_ids(&p, "ids", ids, 3, &len));
    assert_int_equal(len, 3);
    assert_int_equal(ids[0], 1);
    assert_int_equal(ids[1], 22);
    assert_int_equal(ids[2], -3);
    assert_true(od__payload_ids(&p, "empty", ids, 3, &len));
    assert_int_equal(len, 0);
}

static void test_payload_cells(void **state)
{
    od__payload p;
    char cell[16];
    (void)state;
    assert_true(od__payload_read("{\"t\":\"x\\ty\",\"n\":-1.50,\"w\":false,"
                                 "\"z\":null,\"o\":{\"a\":[1,2]},"
                                 "\"long\":\"0123456789abcdef\"}",
                                 &p));
    static const struct {
        const char *name;
        const char *want;
    } cells[] = {{"t", "x\ty"},          {"n", "-1.50"}, {"w", "false"},
                 {"z", ""},              {"long", ""},   {"absent", ""},
                 {"o", "{\"a\":[1,2]}"}};
    for (size_t i = 0; i < OD__LEN(cells); i++) {
        od__payload_cell(&p, cells[i].name, cell, sizeof cell);
        assert_string_equal(cell, cells[i].want);
    }
}

/* A member of another kind is not what was asked for. */
static void test_payload_kinds_are_not_mixed(void **state)
{
    od__payload p;
    char text[8] = "old";
    int64_t number = 7;
    od_id ids[2] = {7, 7};
    size_t len = 7;
    (void)state;
    assert_true(od__payload_read(
        "{\"s\":\"12\",\"n\":12,\"r\":12.0,\"e\":1e2,\"big\":"
        "9223372036854775808,\"a\":[1,2,3],\"m\":[1,\"2\"],\"f\":[1.5]}",
        &p));
    assert_false(od__payload_int(&p, "s", &number));
    assert_false(od__payload_int(&p, "r", &number));
    assert_false(od__payload_int(&p, "e", &number));
    assert_false(od__payload_int(&p, "big", &number));
    assert_false(od__payload_int(&p, "a", &number));
    assert_false(od__payload_int(&p, "absent", &number));
    assert_int_equal(number, 7);
    assert_false(od__payload_text(&p, "n", text, sizeof text));
    assert_string_equal(text, "");
    assert_false(od__payload_ids(&p, "a", ids, 2, &len)); /* three */
    assert_int_equal(len, 0);
    assert_false(od__payload_ids(&p, "m", ids, 2, &len));
    assert_false(od__payload_ids(&p, "f", ids, 2, &len));
    assert_false(od__payload_ids(&p, "n", ids, 2, &len));
}

/* What fits, fits to the last byte; what does not is not cut. */
static void test_payload_text_that_does_not_fit(void **state)
{
    od__payload p;
    char text[8];
    (void)state;
    assert_true(od__payload_read("{\"a\":\"1234567\",\"b\":\"12345678\","
                                 "\"c\":\"12345\\u00e9\","
                                 "\"d\":\"123456\\u00e9\"}",
                                 &p));
    assert_true(od__payload_text(&p, "a", text, sizeof text));
    assert_string_equal(text, "1234567");
    assert_false(od__payload_text(&p, "b", text, sizeof text));
    assert_string_equal(text, "");
    assert_true(od__payload_text(&p, "c", text, sizeof text));
    assert_false(od__payload_text(&p, "d", text, sizeof text));
}

/* A value that looks like a member is a value. */
static void test_payload_values_are_no_members(void **state)
{
    od__payload p;
    char text[64];
    int64_t number = 0;
    (void)state;
    assert_true(od__payload_read(
        "{\"why\":\"\\\"phone\\\":\\\"+12125550100\\\"\","
        "\"in\":{\"phone\":\"+12125550101\",\"campaign\":3}}",
        &p));
    assert_false(od__payload_text(&p, "phone", text, sizeof text));
    assert_false(od__payload_int(&p, "campaign", &number));
    assert_true(od__payload_text(&p, "why", text, sizeof text));
    assert_string_equal(text, "\"phone\":\"+12125550100\"");
}

static void test_payload_refuses_what_no_engine_writes(void **state)
{
    static const char *const bad[] = {
        "", " ", "{", "}", "[]", "1", "null", "\"a\"", "{}x", "{} ", " {}",
        "{}\n", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1",
        "{\"a\":1}}", "{\"a\":1 }", "{ \"a\":1}", "{\"a\" :1}", "{\"a\": 1}",
        "{\"a\";1}", "{\"a\"1}", "{\"a\":{\"b\";1}}",
        "{\"a\":1\n}", "{a:1}", "{'a':1}", "{1:1}", "{\"a\":01}", "{\"a\":-}",
        "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":1e}",
        "{\"a\":1e+}", "{\"a\":0x1}", "{\"a\":NaN}", "{\"a\":True}",
        "{\"a\":truex}", "{\"a\":nul}", "{\"a\":\"}", "{\"a\":\"\\\"}",
        "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u0000\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\\ud800\\n\"}",
        "{\"a\":\"\t\"}", "{\"a\":\"\x7f\"}", "{\"a\":\"\n\"}",
        "{\"a\":\"\xff\"}", "{\"a\":\"\xc3\"}", "{\"a\":\"\xed\xa0\x80\"}",
        "{\"\\u0061\":1}", "{\"a\":1,\"a\":2}", "{\"a\":[1,]}", "{\"a\":[,1]}",
        "{\"a\":[1}", "{\"a\":[1}]}", "{\"a\":{]}", "{\"a\":{1}}",
        "{\"a\":{\"b\"}}", "{\"a\":{\"b\":1,}}", "{\"a\":[1 2]}",
        "{\"a\":1 \"b\":2}", "{\"a\":[[[[[[[[[1]]]]]]]]]}",
    };
    (void)state;
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        if (reads(bad[i])) {
            fail_msg("taken: %s", bad[i]);
        }
    }
    assert_false(reads(NULL));
    assert_true(reads("{}"));
    assert_true(reads("{\"a\":[[[[[[[[1]]]]]]]]}"));
    assert_true(reads("{\"\":0}"));
}

/* No more members, and no more bytes, than there is room for. */
static void test_payload_has_limits(void **state)
{
    static char text[2 * OD__PAYLOAD_LEN_MAX];
    (void)state;
    for (int members = OD__MEMBERS_MAX; members <= OD__MEMBERS_MAX + 1;
         members++) {
        od__writer w;
        od__writer_init(&w, text, sizeof text);
        for (int i = 0; i < members; i++) {
            od__write(&w, "%s\"m%d\":%d", i > 0 ? "," : "{", i, i);
        }
        od__write(&w, "}");
        assert_true(reads(text) == (members == OD__MEMBERS_MAX));
    }
    for (size_t len = OD__PAYLOAD_LEN_MAX; len <= OD__PAYLOAD_LEN_MAX + 1;
         len++) {
        memset(text, 'x', len);
        memcpy(text, "{\"a\":\"", 6);
        memcpy(text + len - 2, "\"}", 3);
        assert_true(reads(text) == (len == OD__PAYLOAD_LEN_MAX));
    }
    memset(text, '[', OD__PAYLOAD_LEN_MAX);
    memcpy(text, "{\"a\":", 5);
    text[OD__PAYLOAD_LEN_MAX] = '\0';
    assert_false(reads(text)); /* and no stack overflows */
}

/* What is cut off anywhere, or has one byte changed, is refused or is read
 * within its bytes; whatever a writer escapes comes back. */
static void test_payload_random(void **state)
{
    od__rand rand = {od_test_seed(1)};
    (void)state;
    for (int turn = 0; turn < 20000; turn++) {
        char value[12];
        char text[256];
        char back[64];
        od__writer w;
        od__payload p;
        for (size_t i = 0; i + 1 < sizeof value; i++) {
            value[i] = (char)(1 + od__rand_below(&rand, 127));
        }
        value[od__rand_below(&rand, sizeof value)] = '\0';
        value[sizeof value - 1] = '\0';
        od__writer_init(&w, text, sizeof text);
        od__write(&w, "{\"n\":%d,\"v\":", turn);
        od__write_json(&w, value);
        od__write(&w, ",\"l\":[%d,2]}", turn);
        assert_true(od__payload_read(text, &p));
        assert_true(od__payload_text(&p, "v", back, sizeof back));
        assert_string_equal(back, value);
        size_t at = (size_t)od__rand_below(&rand, w.len);
        char *copy = malloc(w.len + 1); /* its own block: overreads show */
        assert_non_null(copy);
        memcpy(copy, text, w.len + 1);
        copy[at] = (char)od__rand_below(&rand, 256);
        if (od__payload_read(copy, &p)) {
            od_id ids[2];
            size_t len = 0;
            int64_t number = 0;
            (void)od__payload_text(&p, "v", back, sizeof back);
            (void)od__payload_int(&p, "n", &number);
            (void)od__payload_ids(&p, "l", ids, 2, &len);
        }
        free(copy);
        text[at] = '\0';
        assert_false(od__payload_read(text, &p));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payload_reads_members),
        cmocka_unit_test(test_payload_cells),
        cmocka_unit_test(test_payload_kinds_are_not_mixed),
        cmocka_unit_test(test_payload_text_that_does_not_fit),
        cmocka_unit_test(test_payload_values_are_no_members),
        cmocka_unit_test(test_payload_refuses_what_no_engine_writes),
        cmocka_unit_test(test_payload_has_limits),
        cmocka_unit_test(test_payload_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
