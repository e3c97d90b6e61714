/*
 * test_dnc_import.c - the do-not-call list from CSV files and into them.
 */
#include "support/intake.h"

#include "base/base.h"

#include <sys/stat.h>
#include <unistd.h>

static void write_in(od_intake *p, const char *bytes, size_t len)
{
    (void)stage_file(&p->stage, "in.csv", bytes, len);
}

/* Import; the figures must add up and be these. */
static void imports(od_intake *p, const char *text, int64_t added,
                    int64_t present, int64_t rejected)
{
    od_dnc_report r;
    write_in(p, text, strlen(text));
    stage_ok(&p->stage,
             od_dnc_import(p->stage.engine, p->in, p->rejects, &r));
    assert_int_equal(r.rows, r.added + r.present + r.rejected);
    assert_int_equal(r.added, added);
    assert_int_equal(r.present, present);
    assert_int_equal(r.rejected, rejected);
}

static bool listed(od_intake *p, const char *phone)
{
    bool out = false;
    stage_ok(&p->stage, od_dnc_check(p->stage.engine, phone, 0, &out));
    return out;
}

static void test_dnc_import_without_header(void **state)
{
    od_intake *p = *state;
    imports(p, "+12125551000\n(212) 555-1001,Ann\n212.555.1002", 3, 0, 0);
    assert_true(listed(p, "+12125551000"));
    assert_true(listed(p, "+12125551001"));
    assert_true(listed(p, "+12125551002"));
    assert_false(listed(p, "+12125551003"));
    imports(p, "+12125551002\n+12125551003\n+12125551003\n", 1, 2, 0);
}

static void test_dnc_import_with_header(void **state)
{
    static const char *const texts[] = {
        "reason,phone\nnoise,+12125551000\n",
        "\xef\xbb\xbfPHONE,Reason\r\n+12125551000,noise\r\n",
        "name,\" Phone \",\" reason \"\n\"x\",'+12125551000,noise",
        "\n\nPhone\treason,pHoNe,reason\n1,\"+12125551000\",\"noise\"\n\n"};
    od_intake *p = *state;
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        od_dnc_entry row;
        size_t count = 0;
        imports(p, texts[i], 1, 0, 0);
        stage_ok(&p->stage,
                 od_dnc_list(p->stage.engine, 0, &row, 1, &count));
        assert_int_equal(count, 1);
        assert_string_equal(row.phone, "+12125551000");
        assert_string_equal(row.reason, "noise");
        assert_string_equal(row.source, "import");
        stage_ok(&p->stage, od_dnc_remove(p->stage.engine, "+12125551000",
                                          OD_DNC_ALL, 0));
    }
}

static void test_dnc_import_rejects(void **state)
{
    od_intake *p = *state;
    static const char text[] = "phone,reason\n"
                               "hello,a\n"
                               "+12125551000,ok\n"
                               "\n"
                               "911,b\n"
                               ",c\n"
                               "=cmd(),\"d, e\"\n";
    imports(p, text, 1, 0, 4);
    char *rejects = stage_read(p->rejects, NULL);
    assert_non_null(strstr(rejects, "line,reason,text\n"));
    assert_non_null(strstr(rejects, "\n2,\"\"\"hello\"\" is not a phone number: "
                                    "it has letters\",\"hello,a\"\n"));
    assert_non_null(strstr(rejects, "\n5,"));
    assert_non_null(strstr(rejects, "\n6,"));
    assert_non_null(strstr(rejects, "\n7,"));
    assert_non_null(strstr(rejects, "\"'=cmd(),d, e\"\n"));
    assert_null(strstr(rejects, "ok"));
    free(rejects);
}

static void test_dnc_import_scopes_and_terms(void **state)
{
    od_intake *p = *state;
    od_dnc_entry rows[16];
    size_t count = 0;
    imports(p,
            "expires,Scope,phone\n"
            ",,+12125551000\n"
            "2027-03-11,voice,+12125551001\n"
            "2028-02-29T23:59:59Z, TEXT ,+12125551002\n"
            ",all,'+1900*\n"
            ",,44*\n"
            "2027-03-10,,+12125551003\n"           /* has passed */
            "2027-03-10T17:00:00Z,,+12125551003\n" /* now */
            "2027-02-29,,+12125551003\n"
            "soon,,+12125551003\n"
            ",campaign,+12125551003\n"
            ",everything,+12125551003\n"
            ",,+1900**\n"
            ",,*\n"
            ",,+0*\n"
            ",,+190055512345678*\n"
            ",,+19x*\n",
            5, 0, 11);
    stage_ok(&p->stage, od_dnc_list(p->stage.engine, 0, rows, 16, &count));
    assert_int_equal(count, 5);
    assert_int_equal(rows[0].scope, OD_DNC_ALL);
    assert_true(rows[0].expires_utc_ms == 0);
    assert_int_equal(rows[1].scope, OD_DNC_VOICE);
    assert_true(rows[1].expires_utc_ms == 1804723200000);
    assert_int_equal(rows[2].scope, OD_DNC_TEXT);
    assert_true(rows[2].expires_utc_ms == 1835481599000);
    assert_string_equal(rows[3].phone, "+1900*");
    assert_string_equal(rows[4].phone, "+44*");
    assert_true(listed(p, "+442079460013"));
    imports(p, "phone,expires\n+12125551001,\n", 1, 0, 0); /* another scope */
    imports(p, "phone,expires\n+12125551001,2027-03-12\n", 0, 1, 0);
    imports(p, "phone,scope\n+12125551001,voice\n", 1, 0, 0); /* prolonged */
    imports(p, "+1900*\n+1901*\n", 1, 1, 0); /* without a header */
    char *rejects = stage_read(p->rejects, NULL);
    assert_string_equal(rejects, "line,reason,text\n");
    free(rejects);
}

/* A column that stands twice cannot be meant; which one would be read? */
static void test_dnc_import_repeated_columns(void **state)
{
    od_intake *p = *state;
    static const char text[] = "phone,Phone\n+12125551000,+12125551001\n";
    write_in(p, text, sizeof text - 1);
    stage_fails(&p->stage, od_dnc_import(p->stage.engine, p->in, NULL, NULL),
                OD_ERR_FORMAT, "two columns \"phone\"");
    assert_false(listed(p, "+12125551000"));
    /* A list of words is no header. */
    imports(p, "reason,reason\n+12125551000,x\n", 1, 0, 1);
    assert_string_equal(od_engine_errmsg(p->stage.engine), "");
}

static void test_dnc_import_odd_bytes(void **state)
{
    od_intake *p = *state;
    od_dnc_report r;
    od_dnc_entry row;
    size_t count = 0;
    static const char nul[] = "phone\n+1212\0" "5551000\n+12125551001\n";
    write_in(p, nul, sizeof nul - 1);
    stage_ok(&p->stage, od_dnc_import(p->stage.engine, p->in, NULL, &r));
    assert_int_equal(r.rows, 2);
    assert_int_equal(r.added, 1);
    assert_int_equal(r.rejected, 1);
    /* A reason that is no text, or a long one, is no reason to go on calling. */
    imports(p, "phone,reason\n+12125551002,caf\xc3\n", 1, 0, 0);
    char text[600] = "phone,reason\n+12125551003,";
    for (int i = 0; i < 200; i++) {
        strcat(text, "\xc3\xa9");
    }
    imports(p, text, 1, 0, 0);
    stage_ok(&p->stage, od_dnc_list(p->stage.engine, 2, &row, 1, &count));
    assert_string_equal(row.phone, "+12125551003");
    assert_int_equal(strlen(row.reason), OD_NAME_MAX - 1); /* whole letters */
}

static void test_dnc_import_many(void **state)
{
    od_intake *p = *state;
    size_t room = 20 * 7500;
    char *text = malloc(room);
    assert_non_null(text);
    size_t len = 0;
    for (int i = 0; i < 7500; i++) { /* several slices */
        len += (size_t)snprintf(text + len, room - len, "%s\n",
                                stage_phone(i));
    }
    imports(p, text, 7500, 0, 0);
    imports(p, text, 0, 7500, 0);
    free(text);
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, NULL, NULL));
}

static void test_dnc_import_failures(void **state)
{
    od_intake *p = *state;
    od_dnc_report r;
    od_dnc_report same;
    memset(&r, 0x5a, sizeof r);
    same = r;
    od_engine *e = p->stage.engine;
    stage_fails(&p->stage, od_dnc_import(e, NULL, NULL, &r), OD_ERR_INVALID,
                "path");
    stage_fails(&p->stage, od_dnc_import(e, "", NULL, &r), OD_ERR_INVALID,
                "path");
    stage_fails(&p->stage, od_dnc_import(e, "/no/such/file", NULL, &r),
                OD_ERR_IO, "/no/such/file");
    stage_fails(&p->stage, od_dnc_import(e, "/tmp", NULL, &r), OD_ERR_IO,
                "/tmp");
    write_in(p, "phone\n+12125551000\n\"torn", 24);
    stage_fails(&p->stage, od_dnc_import(e, p->in, p->rejects, &r),
                OD_ERR_FORMAT, "line 3");
    assert_int_equal(access(p->rejects, F_OK), 0);
    write_in(p, "phone\n+12125551000\n", 19);
    stage_fails(&p->stage, od_dnc_import(e, p->in, "/no/such/rejects", &r),
                OD_ERR_IO, "/no/such/rejects");
    assert_memory_equal(&r, &same, sizeof r);
    stage_ok(&p->stage, od_dnc_import(e, p->in, NULL, NULL));
    write_in(p, "", 0);
    stage_ok(&p->stage, od_dnc_import(e, p->in, NULL, &r));
    assert_int_equal(r.rows, 0);
    assert_int_equal(od_dnc_import(NULL, p->in, NULL, &r), OD_ERR_INVALID);
}

/* Calls that ring when the list comes are cancelled. */
static void test_dnc_import_cancels_ringing(void **state)
{
    od_intake *p = *state;
    stage_people(&p->stage, 2);
    stage_far_all(&p->stage, 2, "ring 20s answer");
    od_id campaign = stage_go(&p->stage, NULL);
    stage_run(&p->stage, 1000);
    imports(p, stage_phone(1), 1, 0, 0);
    stage_run(&p->stage, 500);
    assert_int_equal(stage_last(&p->stage, campaign, NULL).disposition,
                     OD_DISPOSITION_CANCELLED);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 1);
}

static void test_dnc_export_and_back(void **state)
{
    od_intake *p = *state;
    od_campaign_options o;
    static const char *const reasons[] = {"", "=1+1", "a, \"b\"\nc",
                                          "'=x", "\xc3\xa9"};
    stage_options(&p->stage, &o, "a");
    od_id campaign = stage_add(&p->stage, &o);
    for (int i = 0; i < 5; i++) {
        od_dnc_entry e = {.phone = stage_phone(i), .reason = reasons[i]};
        stage_ok(&p->stage, od_dnc_add(p->stage.engine, &e));
    }
    od_dnc_entry only = {.phone = stage_phone(5),
                         .scope = OD_DNC_CAMPAIGN,
                         .campaign = campaign};
    stage_ok(&p->stage, od_dnc_add(p->stage.engine, &only));
    od_dnc_entry more = {.phone = "+1900*"};
    stage_ok(&p->stage, od_dnc_add(p->stage.engine, &more));
    more = (od_dnc_entry){.phone = stage_phone(6),
                          .scope = OD_DNC_VOICE,
                          .expires_utc_ms = p->stage.world.now.utc_ms + 1};
    stage_ok(&p->stage, od_dnc_add(p->stage.engine, &more));
    stage_ok(&p->stage, od_dnc_export(p->stage.engine, p->out));
    char *text = stage_read(p->out, NULL);
    assert_non_null(
        strstr(text, "phone,scope,campaign,reason,source,added,expires\n"));
    assert_non_null(
        strstr(text, "'+12125551000,all,0,,host,2027-03-10T17:00:00Z,\n"));
    assert_non_null(strstr(text, "'+1900*,all,"));
    assert_non_null(strstr(text, ",voice,0,,host,2027-03-10T17:00:00Z,"
                                 "2027-03-10T17:00:00.001Z\n"));
    assert_non_null(strstr(text, ",campaign,1,"));
    free(text);
    char *file = strdup(p->out);
    od_stage fresh;
    od_dnc_report r;
    od_dnc_entry rows[8];
    size_t count = 0;
    stage_begin(&fresh);
    stage_ok(&fresh, od_dnc_import(fresh.engine, file, NULL, &r));
    assert_int_equal(r.added, 7);
    assert_int_equal(r.rejected, 1); /* of a campaign that is not here */
    stage_ok(&fresh, od_dnc_list(fresh.engine, 0, rows, 8, &count));
    assert_int_equal(count, 7);
    assert_string_equal(rows[5].phone, "+1900*");
    assert_string_equal(rows[6].phone, stage_phone(6));
    assert_int_equal(rows[6].scope, OD_DNC_VOICE);
    assert_true(rows[6].expires_utc_ms == more.expires_utc_ms);
    for (int i = 0; i < 5; i++) {
        assert_string_equal(rows[i].phone, stage_phone(i));
        assert_string_equal(rows[i].reason, reasons[i]);
    }
    stage_end(&fresh);
    free(file);
    stage_fails(&p->stage, od_dnc_export(p->stage.engine, "/no/such/out"),
                OD_ERR_IO, "/no/such/out");
    stage_fails(&p->stage, od_dnc_export(p->stage.engine, NULL),
                OD_ERR_INVALID, "path");
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_dnc_import_without_header),
        TEST(test_dnc_import_with_header),
        TEST(test_dnc_import_rejects),
        TEST(test_dnc_import_scopes_and_terms),
        TEST(test_dnc_import_repeated_columns),
        TEST(test_dnc_import_odd_bytes),
        TEST(test_dnc_import_many),
        TEST(test_dnc_import_failures),
        TEST(test_dnc_import_cancels_ringing),
        TEST(test_dnc_export_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
