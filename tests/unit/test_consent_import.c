/*
 * test_consent_import.c - evidence of consent from CSV files and into them.
 */
#include "support/intake.h"

#include "base/base.h"

#include <unistd.h>

#define HEAD "phone,kind,purpose,obtained,seller\n"

/* Import; the figures must add up and be these. */
static void imports_bytes(od_intake *p, const char *bytes, size_t len,
                          int64_t added, int64_t present, int64_t rejected)
{
    od_consent_report r;
    (void)stage_file(&p->stage, "in.csv", bytes, len);
    stage_ok(&p->stage,
             od_consent_import(p->stage.engine, p->in, p->rejects, &r));
    assert_int_equal(r.rows, r.added + r.present + r.rejected);
    if (r.added != added || r.present != present || r.rejected != rejected) {
        char *rejects = stage_read(p->rejects, NULL);
        fail_msg("%s\n%d added, %d present, %d rejected\n%s", bytes,
                 (int)r.added, (int)r.present, (int)r.rejected, rejects);
    }
}

static void imports(od_intake *p, const char *text, int64_t added,
                    int64_t present, int64_t rejected)
{
    imports_bytes(p, text, strlen(text), added, present, rejected);
}

static void import_fails(od_intake *p, const char *text, od_err err,
                         const char *why)
{
    od_consent_report r;
    od_consent_report same;
    memset(&r, 0x5a, sizeof r);
    same = r;
    (void)stage_file(&p->stage, "in.csv", text, strlen(text));
    stage_fails(&p->stage,
                od_consent_import(p->stage.engine, p->in, p->rejects, &r), err,
                why);
    assert_memory_equal(&r, &same, sizeof r);
}

/* The reject file, with the quotes that are inside its cells as they were. */
static char *read_rejects(od_intake *p)
{
    char *text = stage_read(p->rejects, NULL);
    size_t len = 0;
    for (size_t at = 0; text[at] != '\0'; at++) {
        at += text[at] == '"' && text[at + 1] == '"' ? 1 : 0;
        text[len++] = text[at];
    }
    text[len] = '\0';
    return text;
}

/* The only row there is. */
static od_consent only(od_intake *p)
{
    od_consent rows[2];
    size_t count = 0;
    stage_ok(&p->stage,
             od_consents_list(p->stage.engine, NULL, 0, rows, 2, &count));
    assert_int_equal(count, 1);
    return rows[0];
}

static void test_consent_import_header(void **state)
{
    static const char *const texts[] = {
        "phone,kind,purpose,obtained,seller,how,text,reference,who,sha256,x\n"
        "+12125551000,written,marketing,2026-10-18,Acme,form,\"I agree, yes\","
        "r1,Ann,0102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F20"
        ",y\n",
        "\xef\xbb\xbf" "WHO,Sha256,\" Seller \",HOW,text,Reference,Obtained,"
        "PURPOSE,Kind,Phone\r\n"
        "Ann,0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20,"
        "Acme,form,\"I agree, yes\",r1, 2026-10-18T00:00:00Z ,Marketing,"
        "\" WRITTEN \",'+12125551000\r\n"};
    od_intake *p = *state;
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        imports(p, texts[i], i == 0 ? 1 : 0, i == 0 ? 0 : 1, 0);
        od_consent c = only(p);
        assert_string_equal(c.phone, "+12125551000");
        assert_int_equal(c.kind, OD_CONSENT_WRITTEN);
        assert_int_equal(c.purpose, OD_PURPOSE_MARKETING);
        assert_true(c.obtained_utc_ms == 1792281600000);
        assert_string_equal(c.seller, "Acme");
        assert_string_equal(c.how, "form");
        assert_string_equal(c.text, "I agree, yes");
        assert_string_equal(c.reference, "r1");
        assert_string_equal(c.who, "Ann");
        for (uint8_t b = 0; b < 32; b++) {
            assert_int_equal(c.sha256[b], b + 1);
        }
    }
}

static void test_consent_import_headers_that_are_refused(void **state)
{
    od_intake *p = *state;
    import_fails(p, "", OD_ERR_FORMAT, "empty");
    import_fails(p, "\n\n", OD_ERR_FORMAT, "empty");
    import_fails(p, "kind,obtained\nwritten,2026-10-18\n", OD_ERR_FORMAT,
                 "no column \"phone\"");
    import_fails(p, "phone,obtained\n+12125551000,2026-10-18\n", OD_ERR_FORMAT,
                 "no column \"kind\"");
    import_fails(p, "phone,kind\n+12125551000,written\n", OD_ERR_FORMAT,
                 "no column \"obtained\"");
    import_fails(p, "+12125551000,written,2026-10-18\n", OD_ERR_FORMAT,
                 "+12125551000");
    import_fails(p, "\n\nphone,kind,obtained,seller,SELLER\n", OD_ERR_FORMAT,
                 "two columns \"seller\"");
    import_fails(p, "phone,kind,obtained,phone\n", OD_ERR_FORMAT,
                 "two columns \"phone\"");
    imports(p, "phone,kind,obtained,x,x,,\n", 0, 0, 0); /* no columns of ours */
}

/* What a purchase or an inquiry was for need not be said. */
static void test_consent_import_without_purpose(void **state)
{
    od_intake *p = *state;
    imports(p,
            "phone,kind,obtained\n"
            "+12125551000,purchase,2026-10-18\n"
            "+12125551001,inquiry,2026-10-18\n"
            "+12125551002,express,2026-10-18\n",
            2, 0, 1);
    char *rejects = read_rejects(p);
    assert_non_null(strstr(rejects, "\n4,\"purpose is missing"));
    free(rejects);
    imports(p,
            "phone,kind,purpose,obtained\n"
            "+12125551003,purchase,nonsense,2026-10-18\n", /* is not read */
            1, 0, 0);
}

static void test_consent_import_rejects(void **state)
{
    static const struct {
        const char *row;
        const char *why;
    } cases[] = {
        {"nobody,written,marketing,2026-10-18,", "\"nobody\""},
        {",written,marketing,2026-10-18,", "phone"},
        {"+1900*,written,marketing,2026-10-18,", "phone number"},
        {"+12125551000,oral,marketing,2026-10-18,", "kind \"oral\""},
        {"+12125551000,,marketing,2026-10-18,", "kind \"\""},
        {"+12125551000,?,marketing,2026-10-18,", "kind \"?\""},
        {"+12125551000,written,,2026-10-18,", "purpose is missing"},
        {"+12125551000,express,unstated,2026-10-18,", "purpose \"unstated\""},
        {"+12125551000,written,sales,2026-10-18,", "purpose \"sales\""},
        {"+12125551000,written,marketing,2026-02-30,", "\"2026-02-30\""},
        {"+12125551000,written,marketing,2025-02-29,", "\"2025-02-29\""},
        {"+12125551000,written,marketing,2026-13-01,", "\"2026-13-01\""},
        {"+12125551000,written,marketing,2026-00-01,", "obtained"},
        {"+12125551000,written,marketing,2026-01-00,", "obtained"},
        {"+12125551000,written,marketing,18.10.2026,", "\"18.10.2026\""},
        {"+12125551000,written,marketing,2026-1-8,", "obtained"},
        {"+12125551000,written,marketing,2026-10-18 09:00,", "obtained"},
        {"+12125551000,written,marketing,2026-10-18T09:00Z,", "obtained"},
        {"+12125551000,written,marketing,2026-10-18T09:00:00,", "obtained"},
        {"+12125551000,written,marketing,2026-10-18T24:00:00Z,", "obtained"},
        {"+12125551000,written,marketing,2026-10-18T09:60:00Z,", "obtained"},
        {"+12125551000,written,marketing,2026-10-18T09:00:60Z,", "obtained"},
        {"+12125551000,written,marketing,2026-10-18T09:00:00.1Z,", "obtained"},
        {"+12125551000,written,marketing,2026-10-18T09:00:00Zx,", "obtained"},
        {"+12125551000,written,marketing,,", "obtained \"\""},
        {"+12125551000,written,marketing,2027-03-11,", "in the future"},
        {"+12125551000,written,marketing,2027-03-10T17:00:01Z,", "in the fu"},
        {"+12125551000,written,marketing,1989-12-31,", "before 1990"},
        {"+12125551000,written,marketing,0000-01-01,", "before 1990"},
        {"+12125551000,written,marketing,2026-10-18,caf\xc3", "seller"},
        {"+12125551000,written,marketing,2026-10-18,a,b", "more cells"},
    };
    od_intake *p = *state;
    char text[400];
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        (void)snprintf(text, sizeof text, HEAD "%s\n", cases[i].row);
        imports(p, text, 0, 0, 1);
        char *rejects = read_rejects(p);
        assert_non_null(strstr(rejects, "line,reason,text\n2,"));
        if (strstr(rejects, cases[i].why) == NULL) {
            fail_msg("%s: %s", cases[i].row, rejects);
        }
        free(rejects);
    }
    imports(p,
            HEAD "+12125551000,written,marketing,1990-01-01,\n"
                 "+12125551000,written,marketing,2024-02-29,\n"
                 "+12125551000,written,marketing,2027-03-10T17:00:00Z,\n"
                 "+12125551000,written,marketing,2027-03-10T16:59:59.999Z,\n"
                 "+12125551000,written,marketing\n",
            4, 0, 1);
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, NULL, NULL));
}

static void test_consent_import_bad_hashes(void **state)
{
    static const char *const hashes[] = {
        "0", "xyz", "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e",
        "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2g",
        "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021"};
    od_intake *p = *state;
    char text[400];
    for (size_t i = 0; i < OD__LEN(hashes); i++) {
        (void)snprintf(text, sizeof text,
                       "phone,kind,obtained,sha256\n"
                       "+12125551000,inquiry,2026-10-18,%s\n",
                       hashes[i]);
        imports(p, text, 0, 0, 1);
        char *rejects = read_rejects(p);
        assert_non_null(strstr(rejects, "sha256 \""));
        free(rejects);
    }
}

static void test_consent_import_odd_bytes(void **state)
{
    static const char nul[] = HEAD "+12125551000,wri\0ten,marketing,2026-10-18,\n"
                                   "+12125551001,written,marketing,2026-10-18,"
                                   "\n";
    od_intake *p = *state;
    imports_bytes(p, nul, sizeof nul - 1, 1, 0, 1);
    char *longer = malloc(6000);
    assert_non_null(longer);
    for (size_t len = OD_TEXT_MAX; len <= OD_TEXT_MAX + 1; len++) {
        int head = snprintf(longer, 6000,
                            "phone,kind,obtained,text\n"
                            "+1212555100%d,inquiry,2026-10-18,",
                            (int)(len % 2));
        memset(longer + head, 'x', len);
        longer[(size_t)head + len] = '\0';
        imports(p, longer, len == OD_TEXT_MAX ? 1 : 0, 0,
                len == OD_TEXT_MAX ? 0 : 1);
    }
    free(longer);
}

static void test_consent_import_many(void **state)
{
    od_intake *p = *state;
    size_t room = 80 * 4500;
    char *text = malloc(room);
    assert_non_null(text);
    size_t len = (size_t)snprintf(text, room, HEAD);
    for (int i = 0; i < 4500; i++) { /* several slices */
        len += (size_t)snprintf(text + len, room - len,
                                "%s,%s,survey,2026-10-18,seller %d\n",
                                stage_phone(i), i % 9 == 0 ? "x" : "express",
                                i);
    }
    int64_t before = 0;
    int64_t rows = 0;
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, &before, NULL));
    imports(p, text, 4000, 0, 500);
    imports(p, text, 0, 4000, 500);
    free(text);
    od_consent row;
    size_t count = 0;
    stage_ok(&p->stage, od_consents_list(p->stage.engine, stage_phone(4321), 0,
                                         &row, 1, &count));
    assert_int_equal(count, 1);
    assert_string_equal(row.seller, "seller 4321");
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, &rows, NULL));
    assert_int_equal(rows - before, 4000); /* what is there already is no change */
}

static void test_consent_import_failures(void **state)
{
    od_intake *p = *state;
    od_consent_report r;
    od_engine *e = p->stage.engine;
    stage_fails(&p->stage, od_consent_import(e, NULL, NULL, &r),
                OD_ERR_INVALID, "path");
    stage_fails(&p->stage, od_consent_import(e, "", NULL, &r), OD_ERR_INVALID,
                "path");
    stage_fails(&p->stage, od_consent_import(e, "/no/such/file", NULL, &r),
                OD_ERR_IO, "/no/such/file");
    import_fails(p, HEAD "+12125551000,written,marketing,2026-10-18,\n\"torn",
                 OD_ERR_FORMAT, "line 3");
    assert_int_equal(access(p->rejects, F_OK), 0);
    stage_fails(&p->stage, od_consent_import(e, p->in, p->in, &r),
                OD_ERR_INVALID, "reject_path");
    stage_fails(&p->stage, od_consent_import(e, p->in, "/no/such/r", &r),
                OD_ERR_IO, "/no/such/r");
    assert_int_equal(od_consent_import(NULL, p->in, NULL, &r), OD_ERR_INVALID);
    (void)stage_file(&p->stage, "in.csv", HEAD, strlen(HEAD));
    stage_ok(&p->stage, od_consent_import(e, p->in, NULL, NULL));
    stage_fails(&p->stage, od_consent_export(e, "/no/such/out"), OD_ERR_IO,
                "/no/such/out");
    stage_fails(&p->stage, od_consent_export(e, NULL), OD_ERR_INVALID, "path");
    assert_int_equal(od_consent_export(NULL, p->out), OD_ERR_INVALID);
}

/* What goes out comes in as it was, but for what is not in force any more. */
static void test_consent_export_and_back(void **state)
{
    static const char *const hard[] = {"", "=1+1", "a, \"b\"\nc", "'=x",
                                       "\xc3\xa9 ", " x"};
    od_intake *p = *state;
    od_stage fresh;
    od_consent a[8];
    od_consent b[8];
    size_t count = 0;
    for (size_t i = 0; i < OD__LEN(hard); i++) {
        od_consent c = {.phone = stage_phone((int)i),
                        .seller = hard[i],
                        .how = hard[(i + 1) % OD__LEN(hard)],
                        .text = hard[(i + 2) % OD__LEN(hard)],
                        .reference = hard[(i + 3) % OD__LEN(hard)],
                        .who = hard[(i + 4) % OD__LEN(hard)],
                        .obtained_utc_ms = 1792281600000 + (int64_t)i * 7,
                        .kind = 1 + (int32_t)(i % 4),
                        .purpose = 1 + (int32_t)i};
        c.sha256[i] = (uint8_t)(i * 50);
        stage_ok(&p->stage, od_consent_add(p->stage.engine, &c));
    }
    stage_ok(&p->stage, od_consent_revoke(p->stage.engine, stage_phone(5),
                                          NULL, NULL));
    stage_ok(&p->stage, od_consent_export(p->stage.engine, p->out));
    char *file = strdup(p->out);
    stage_begin(&fresh);
    od_consent_report r;
    stage_ok(&fresh, od_consent_import(fresh.engine, file, p->rejects, &r));
    assert_int_equal(r.added, 5);
    assert_int_equal(r.rejected, 1);
    char *rejects = stage_read(p->rejects, NULL);
    assert_non_null(strstr(rejects, "was revoked"));
    free(rejects);
    stage_ok(&fresh, od_consents_list(fresh.engine, NULL, 0, b, 8, &count));
    assert_int_equal(count, 5);
    stage_ok(&p->stage,
             od_consents_list(p->stage.engine, NULL, 0, a, 8, &count));
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(a[i].phone, b[i].phone);
        assert_string_equal(a[i].seller, b[i].seller);
        assert_string_equal(a[i].how, b[i].how);
        assert_string_equal(a[i].text, b[i].text);
        assert_string_equal(a[i].reference, b[i].reference);
        assert_string_equal(a[i].who, b[i].who);
        assert_true(a[i].obtained_utc_ms == b[i].obtained_utc_ms);
        assert_int_equal(a[i].kind, b[i].kind);
        assert_int_equal(a[i].purpose, b[i].purpose);
        assert_memory_equal(a[i].sha256, b[i].sha256, 32);
    }
    stage_end(&fresh);
    free(file);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_consent_import_header),
        TEST(test_consent_import_headers_that_are_refused),
        TEST(test_consent_import_without_purpose),
        TEST(test_consent_import_rejects),
        TEST(test_consent_import_bad_hashes),
        TEST(test_consent_import_odd_bytes),
        TEST(test_consent_import_many),
        TEST(test_consent_import_failures),
        TEST(test_consent_export_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
