/*
 * test_caller_ids.c - numbers that may be shown, and the proof of it, over each
 * storage.
 */
#include "support/stage.h"

#include "base/base.h"

static void add(od_stage *s, const char *phone, const char *evidence)
{
    od_caller_id row = {phone, evidence};
    stage_ok(s, od_caller_id_add(s->engine, &row));
}

/* Caller IDs that there are before a test adds any. */
static size_t there(od_stage *s)
{
    od_caller_id rows[300];
    size_t count = 0;
    stage_ok(s, od_caller_ids_list(s->engine, 0, rows, 300, &count));
    return count;
}

/* Payload of the last row of the ledger. */
static const char *last_payload(od_stage *s)
{
    od_ledger_row rows[100];
    size_t count = 0;
    stage_ok(s, od_ledger_read(s->engine, 0, rows, 100, &count));
    assert_in_range(count, 1, 99);
    assert_int_equal(rows[count - 1].kind, OD_LEDGER_CALLER_ID);
    return rows[count - 1].payload;
}

static void test_caller_ids_come_back(void **state)
{
    od_stage *s = *state;
    od_caller_id rows[4];
    size_t count = 0;
    size_t before = there(s);
    add(s, "(212) 555-0177", "contract 7, caf\xc3\xa9");
    add(s, "+442079460012", "letter of 2026-10-18");
    stage_ok(s, od_caller_ids_list(s->engine, before, rows, 4, &count));
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].phone, "+12125550177");
    assert_string_equal(rows[0].evidence, "contract 7, caf\xc3\xa9");
    assert_string_equal(rows[1].phone, "+442079460012");
    assert_string_equal(rows[1].evidence, "letter of 2026-10-18");
    stage_ok(s, od_caller_id_remove(s->engine, "212-555-0177"));
    stage_ok(s, od_caller_ids_list(s->engine, before, rows, 4, &count));
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].phone, "+442079460012");
    stage_fails(s, od_caller_id_remove(s->engine, "212-555-0177"),
                OD_ERR_NOT_FOUND, "+12125550177");
    add(s, "+12125550177", "another contract"); /* to the end of the list */
    stage_ok(s, od_caller_ids_list(s->engine, before, rows, 4, &count));
    assert_int_equal(count, 2);
    assert_string_equal(rows[1].evidence, "another contract");
}

static void test_caller_ids_refuse(void **state)
{
    static char longest[1025];
    od_stage *s = *state;
    od_caller_id rows[4];
    size_t count = 77;
    size_t before = there(s);
    memset(longest, 'x', 1024);
    const struct {
        od_caller_id row;
        const char *text;
    } bad[] = {
        {{NULL, "x"}, "phone"},
        {{"anonymous", "x"}, "\"anonymous\""},
        {{"+1900*", "x"}, "\"+1900*\""},
        {{"+12125550177", NULL}, "evidence is missing"},
        {{"+12125550177", ""}, "evidence is missing"},
        {{"+12125550177", longest}, "evidence is longer than 1023"},
        {{"+12125550177", "\xff"}, "evidence is not UTF-8"},
    };
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        stage_fails(s, od_caller_id_add(s->engine, &bad[i].row), OD_ERR_INVALID,
                    bad[i].text);
    }
    stage_fails(s, od_caller_id_add(s->engine, NULL), OD_ERR_INVALID, "row");
    stage_fails(s, od_caller_id_remove(s->engine, NULL), OD_ERR_INVALID,
                "phone");
    stage_fails(s, od_caller_id_remove(s->engine, "x"), OD_ERR_INVALID,
                "\"x\"");
    stage_fails(s, od_caller_ids_list(s->engine, 0, NULL, 4, &count),
                OD_ERR_INVALID, "rows");
    stage_fails(s, od_caller_ids_list(s->engine, 0, rows, 4, NULL),
                OD_ERR_INVALID, "count");
    stage_fails(s, od_caller_ids_list(s->engine, 0, rows, 0, &count),
                OD_ERR_INVALID, "rows_max");
    stage_fails(s, od_caller_ids_list(s->engine, 0, rows, 1001, &count),
                OD_ERR_INVALID, "rows_max");
    assert_int_equal(od_caller_id_add(NULL, &bad[0].row), OD_ERR_INVALID);
    assert_int_equal(od_caller_id_remove(NULL, "+12125550177"), OD_ERR_INVALID);
    assert_int_equal(od_caller_ids_list(NULL, 0, rows, 4, &count),
                     OD_ERR_INVALID);
    assert_int_equal(count, 77);
    assert_int_equal(there(s), before);
}

/* The same again is no change; other evidence is no silent one. */
static void test_caller_ids_once(void **state)
{
    od_stage *s = *state;
    int64_t rows = 0;
    int64_t again = 0;
    size_t before = there(s);
    add(s, "+12125550177", "contract 7");
    stage_ok(s, od_ledger_verify(s->engine, &rows, NULL));
    add(s, "212 555 0177", "contract 7");
    od_caller_id other = {"+12125550177", "contract 8"};
    stage_fails(s, od_caller_id_add(s->engine, &other), OD_ERR_EXISTS,
                "+12125550177 is there with other evidence");
    assert_int_equal(there(s), before + 1);
    stage_ok(s, od_ledger_verify(s->engine, &again, NULL));
    assert_int_equal(rows, again);
}

/* Both changes are in the ledger with the evidence, also the longest, of bytes
 * that take six when they are written. */
static void test_caller_ids_are_in_the_ledger(void **state)
{
    static char longest[1024];
    od_stage *s = *state;
    add(s, "+12125550177", "a \"contract\"");
    assert_non_null(strstr(last_payload(s), "\"change\":\"add\""));
    assert_non_null(strstr(last_payload(s), "\"name\":\"+12125550177\""));
    assert_non_null(
        strstr(last_payload(s), "\"text\":\"a \\\"contract\\\"\"}"));
    stage_ok(s, od_caller_id_remove(s->engine, "+12125550177"));
    assert_non_null(strstr(last_payload(s), "\"change\":\"remove\""));
    assert_non_null(
        strstr(last_payload(s), "\"text\":\"a \\\"contract\\\"\"}"));
    memset(longest, 1, sizeof longest - 1);
    add(s, "+12125550177", longest);
    const char *payload = last_payload(s);
    assert_true(strlen(payload) > 6 * 1023);
    assert_int_equal(payload[strlen(payload) - 1], '}');
    stage_ok(s, od_ledger_verify(s->engine, NULL, NULL));
}

static void test_caller_ids_list_pages(void **state)
{
    od_stage *s = *state;
    od_caller_id rows[7];
    size_t count = 7;
    size_t before = there(s);
    size_t seen = 0;
    for (int i = 0; i < 150; i++) {
        char evidence[32];
        (void)snprintf(evidence, sizeof evidence, "contract %d", i);
        add(s, stage_phone(i), evidence);
    }
    while (count == 7) {
        stage_ok(s,
                 od_caller_ids_list(s->engine, before + seen, rows, 7, &count));
        for (size_t i = 0; i < count; i++, seen++) {
            char evidence[32];
            (void)snprintf(evidence, sizeof evidence, "contract %d", (int)seen);
            assert_string_equal(rows[i].phone, stage_phone((int)seen));
            assert_string_equal(rows[i].evidence, evidence);
        }
    }
    assert_int_equal(seen, 150);
    stage_ok(s, od_caller_ids_list(s->engine, before + 150, rows, 7, &count));
    assert_int_equal(count, 0);
    stage_ok(s, od_caller_ids_list(s->engine, SIZE_MAX, rows, 7, &count));
    assert_int_equal(count, 0);
}

/* What was listed is handed in again: it stands in memory of the engine. */
static void test_caller_ids_add_what_was_listed(void **state)
{
    od_stage *s = *state;
    od_caller_id rows[3];
    size_t count = 0;
    size_t before = there(s);
    add(s, "+12125550177", "a contract of some length, number 7");
    add(s, "+12125550178", "a contract of some length, number 8");
    stage_ok(s, od_caller_ids_list(s->engine, before, rows, 3, &count));
    stage_ok(s, od_caller_id_add(s->engine, &rows[1]));
    stage_ok(s, od_caller_ids_list(s->engine, before, rows, 3, &count));
    stage_ok(s, od_caller_id_remove(s->engine, rows[1].phone));
    stage_ok(s, od_caller_ids_list(s->engine, before, rows, 3, &count));
    rows[0].phone = "+12125550179";
    stage_ok(s, od_caller_id_add(s->engine, &rows[0]));
    assert_non_null(strstr(last_payload(s), "of some length, number 7\"}"));
    stage_ok(s, od_caller_ids_list(s->engine, before, rows, 3, &count));
    assert_int_equal(count, 2);
    assert_string_equal(rows[1].phone, "+12125550179");
    assert_string_equal(rows[1].evidence,
                        "a contract of some length, number 7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_BOTH(test_caller_ids_come_back),
        STAGE_BOTH(test_caller_ids_refuse),
        STAGE_BOTH(test_caller_ids_once),
        STAGE_BOTH(test_caller_ids_are_in_the_ledger),
        STAGE_BOTH(test_caller_ids_list_pages),
        STAGE_BOTH(test_caller_ids_add_what_was_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
