/*
 * test_person.c - a person is erased as far as records may go, and the ledger
 * still proves the rest.
 */
#include "support/shaky.h"
#include "support/stage.h"

#include "core/core.h"

#define RETENTION_MS ((int64_t)OD_RETENTION_DAYS * 86400000)

typedef struct play {
    od_stage stage;
    od_shaky shaky;
    od_id campaign;
} play;

/* -- what the storage is asked to erase, and how it lies ------------------ */

static int64_t asked[64];
static size_t asked_len;
static int64_t asked_before_utc_ms;
static void (*change)(od_ledger_row *row);
static int64_t change_at;
static int64_t endless; /* so many rows about person 0 and no others */
static bool scan_fails;
static bool erase_fails;

static od_err noting_erase(void *ctx, od_erase *erase,
                           const od_ledger_entry *ledger)
{
    od_shaky *s = ctx;
    assert_true(erase->seqs_len <= OD__LEN(asked));
    asked_len = erase->seqs_len;
    asked_before_utc_ms = erase->before_utc_ms;
    if (asked_len > 0) {
        memcpy(asked, erase->seqs, asked_len * sizeof asked[0]);
    }
    return erase_fails ? OD_ERR_IO
                       : s->inner_ops->person_erase(s->inner_ctx, erase, ledger);
}

static od_err lying_scan(void *ctx, int64_t after, od_ledger_row *rows,
                         size_t rows_max, size_t *count)
{
    od_shaky *s = ctx;
    if (scan_fails) {
        return OD_ERR_IO;
    }
    if (endless > 0) {
        for (*count = 0; *count < rows_max && after < endless; (*count)++) {
            rows[*count] =
                (od_ledger_row){.seq = ++after,
                                .kind = OD_LEDGER_CALLBACK,
                                .payload = "{\"phone\":\"+12125551000\"}"};
        }
        return OD_OK;
    }
    od_err err =
        s->inner_ops->ledger_scan(s->inner_ctx, after, rows, rows_max, count);
    for (size_t i = 0; err == OD_OK && i < *count; i++) {
        if (change != NULL && rows[i].seq == change_at) {
            change(&rows[i]);
        }
    }
    return err;
}

/* -- the play ------------------------------------------------------------- */

#define SURVEY                                                                 \
    "survey s\nquestion q\nplay hello\nkey 1 One\n"                            \
    "question r\nplay hello\nkey 1 One\n"

/*
 * Three people are called and answer a survey. Ada (0) has a name, a consent,
 * a second phone and opts out in the call.
 */
static int begin(void **state, play *p, od_storage *inner)
{
    od_campaign_options o;
    change = NULL;
    endless = 0;
    asked_len = 99;
    od_storage *storage = shaky_new(&p->shaky, inner);
    p->shaky.ops.ledger_scan = lying_scan;
    p->shaky.ops.person_erase = noting_erase;
    stage_open(&p->stage, storage);
    od_contact ada = {.phone = stage_phone(0),
                      .first_name = "Ada-Lucia",
                      .last_name = "Zyxwvut",
                      .email = "ada@zyx.example"};
    stage_ok(&p->stage,
             od_contact_add(p->stage.engine, p->stage.group, &ada, NULL));
    od_consent consent = {.phone = stage_phone(0),
                          .who = "Ada-Lucia Zyxwvut",
                          .kind = OD_CONSENT_EXPRESS,
                          .purpose = OD_PURPOSE_SURVEY,
                          .obtained_utc_ms = od_world_time(STAGE_NOON) - 1000};
    stage_ok(&p->stage, od_consent_add(p->stage.engine, &consent));
    for (int i = 1; i < 3; i++) {
        (void)od_world_contact(&p->stage.world, p->stage.group, stage_phone(i),
                               NULL);
    }
    stage_far_all(&p->stage, 3,
                  "ring 1s answer wait 5s press 1 wait 5s press 1 wait 60s");
    stage_far(&p->stage, stage_phone(0),
              "ring 1s answer wait 5s press 1 wait 1s press 9 wait 60s");
    stage_options(&p->stage, &o, "first");
    o.recall = OD_NONE;
    stage_ok(&p->stage, od_survey_add(p->stage.engine, SURVEY, strlen(SURVEY),
                                      &o.survey));
    p->campaign = stage_go(&p->stage, &o);
    *state = p;
    return 0;
}

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_init(&p->stage);
    return begin(state, p, NULL);
}

/* The same over a file, where this build has SQLite; else in memory again. */
static int setup_file(void **state)
{
    play *p = calloc(1, sizeof *p);
    od_storage *inner = NULL;
    assert_non_null(p);
    stage_init(&p->stage);
    od_err err = od_storage_open_sqlite(
        &inner, stage_path(&p->stage, "person.db"), NULL);
    assert_true(err == OD_OK || err == OD_ERR_UNSUPPORTED);
    return begin(state, p, inner);
}

static int teardown(void **state)
{
    play *p = *state;
    stage_end(&p->stage);
    free(p);
    return 0;
}

static void call_them(play *p)
{
    stage_run(&p->stage, STAGE_HOUR);
    assert_int_equal(stage_calls(&p->stage, 0, NULL), 3);
    assert_int_equal(stage_calls(&p->stage, 0, stage_phone(0)), 1);
}

/* Time passes at once: nothing is due. */
static void pass(play *p, int64_t ms)
{
    p->stage.world.now.utc_ms += ms;
    p->stage.world.now.mono_ms += ms;
    stage_run(&p->stage, 1000);
}

static od_erasure erase(play *p, int person)
{
    od_erasure out;
    memset(&out, 0x77, sizeof out);
    stage_ok(&p->stage, od_person_erase(p->stage.engine, stage_phone(person),
                                        "asked by mail", &out));
    return out;
}

static od_ledger_head head(play *p)
{
    od_ledger_head out;
    stage_ok(&p->stage, od_ledger_head_get(p->stage.engine, &out));
    return out;
}

/* Rows of the ledger that an extract finds for a person. */
static size_t rows_about(play *p, int person)
{
    od_ledger_extract_options o;
    size_t rows = 0;
    od_ledger_extract_options_init(&o);
    o.path = stage_path(&p->stage, "about.jsonl");
    o.phone = stage_phone(person);
    stage_ok(&p->stage, od_ledger_extract(p->stage.engine, &o));
    char *text = stage_read(o.path, NULL);
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++) {
        rows++;
    }
    free(text);
    return rows;
}

/* Does any export but the list's hold this text? */
static bool is_exported(play *p, const char *text)
{
    static const char *const names[] = {"ledger.jsonl", "table.csv",
                                        "calls.csv",    "answers.csv",
                                        "group.csv",    "consents.csv"};
    od_ledger_extract_options o;
    od_engine *engine = p->stage.engine;
    od_stage *s = &p->stage;
    bool found = false;
    od_ledger_extract_options_init(&o);
    o.format = OD_LEDGER_CALLS_CSV;
    stage_ok(s, od_ledger_export(engine, stage_path(s, names[0])));
    o.path = stage_path(s, names[1]);
    stage_ok(s, od_ledger_extract(engine, &o));
    stage_ok(s, od_calls_export(engine, NULL, stage_path(s, names[2])));
    stage_ok(s, od_answers_export(engine, p->campaign,
                                  stage_path(s, names[3])));
    stage_ok(s, od_group_export(engine, s->group, stage_path(s, names[4])));
    stage_ok(s, od_consent_export(engine, stage_path(s, names[5])));
    for (size_t i = 0; i < OD__LEN(names); i++) {
        char *bytes = stage_read(stage_path(s, names[i]), NULL);
        found = found || strstr(bytes, text) != NULL;
        free(bytes);
    }
    return found;
}

/* -- records that are young ----------------------------------------------- */

/* The contact goes, the records stay until they are old enough. */
static void test_person_erase_keeps_young_records(void **state)
{
    play *p = *state;
    call_them(p);
    int64_t last_utc_ms = stage_last(&p->stage, 0, stage_phone(0)).ended_utc_ms;
    size_t before = rows_about(p, 0);
    od_ledger_head kept = head(p);
    assert_true(before >= 5); /* consent, attempt, answer, opt-out, outcome */
    od_erasure e = erase(p, 0);
    assert_int_equal(e.contacts, 1);
    assert_int_equal(e.rows_erased, 0);
    assert_int_equal(e.rows_kept, before);
    assert_int_equal(e.calls_erased, 0);
    assert_int_equal(e.kept_until_utc_ms, last_utc_ms + RETENTION_MS);
    assert_int_equal(asked_len, 0);
    assert_int_equal(rows_about(p, 0), before);
    assert_int_equal(stage_calls(&p->stage, 0, stage_phone(0)), 1);
    assert_int_equal(head(p).seq, kept.seq + 1);
    stage_ok(&p->stage, od_ledger_verify_range(p->stage.engine, NULL, &kept,
                                               NULL));
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, NULL, NULL));
    od_contact rows[8];
    size_t count = 0;
    stage_ok(&p->stage, od_contacts_list(p->stage.engine, 0, 0, rows, 8,
                                         &count));
    assert_int_equal(count, 2);
    assert_true(is_exported(p, stage_phone(0))); /* the records, as they must */
}

/* -- records that are old ------------------------------------------------- */

static void test_person_erase_drops_old_records(void **state)
{
    play *p = *state;
    call_them(p);
    size_t about = rows_about(p, 0);
    size_t others = rows_about(p, 1);
    od_ledger_head kept = head(p);
    pass(p, RETENTION_MS + STAGE_HOUR);
    assert_true(is_exported(p, stage_phone(0)));
    od_erasure e = erase(p, 0);
    assert_int_equal(e.contacts, 1);
    assert_int_equal(e.rows_erased, about);
    assert_int_equal(e.rows_kept, 0);
    assert_int_equal(e.calls_erased, 1);
    assert_int_equal(e.kept_until_utc_ms, 0);
    /* Nothing of the person is anywhere. */
    assert_false(is_exported(p, stage_phone(0) + 1));
    assert_false(is_exported(p, "Lucia"));
    assert_false(is_exported(p, "Zyxwvut"));
    assert_false(is_exported(p, "zyx.example"));
    assert_int_equal(rows_about(p, 0), 0);
    assert_int_equal(stage_calls(&p->stage, 0, stage_phone(0)), 0);
    /* The others are, and the chain holds to a head of before. */
    assert_true(is_exported(p, stage_phone(1)));
    assert_int_equal(rows_about(p, 1), others);
    stage_ok(&p->stage, od_ledger_verify_range(p->stage.engine, NULL, &kept,
                                               NULL));
    stage_ok(&p->stage, od_ledger_verify_range(p->stage.engine, &kept, NULL,
                                               NULL));
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, NULL, NULL));
    /* The opt-out is honoured for ever. */
    bool listed = false;
    stage_ok(&p->stage, od_dnc_check(p->stage.engine, stage_phone(0), 0,
                                     &listed));
    assert_true(listed);
    (void)od_world_contact(&p->stage.world, p->stage.group, stage_phone(0),
                           NULL);
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, p->campaign));
    stage_run(&p->stage, STAGE_HOUR);
    assert_int_equal(stage_calls(&p->stage, 0, stage_phone(0)), 0);
}

/* What was erased before is not counted again. */
static void test_person_erase_twice(void **state)
{
    play *p = *state;
    call_them(p);
    pass(p, RETENTION_MS + STAGE_HOUR);
    (void)erase(p, 0);
    od_erasure e = erase(p, 0);
    assert_int_equal(e.contacts, 0);
    assert_int_equal(e.rows_erased, 0);
    assert_int_equal(e.rows_kept, 0);
    assert_int_equal(e.calls_erased, 0);
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, NULL, NULL));
    /* Nobody knows this one. */
    e = erase(p, 77);
    assert_int_equal(e.contacts + e.rows_erased + e.rows_kept, 0);
}

static void take_payload(od_ledger_row *row)
{
    row->payload = "";
    memset(row->salt, 0, sizeof row->salt);
    row->erased = true;
}

/* A row that is erased already is not, even if its call is known to be of the
 * person. */
static void test_person_erase_of_an_erased_row(void **state)
{
    play *p = *state;
    od_ledger_row rows[64];
    size_t count = 0;
    call_them(p);
    size_t about = rows_about(p, 0);
    od_id attempt = stage_last(&p->stage, 0, stage_phone(0)).attempt;
    stage_ok(&p->stage, od_ledger_read(p->stage.engine, 0, rows, 64, &count));
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind == OD_LEDGER_OUTCOME && rows[i].subject == attempt) {
            change_at = rows[i].seq;
        }
    }
    change = take_payload;
    assert_int_equal(erase(p, 0).rows_kept, about - 1);
    pass(p, RETENTION_MS + STAGE_HOUR);
    assert_int_equal(erase(p, 0).rows_erased, about - 1);
    for (size_t i = 0; i < asked_len; i++) {
        assert_true(asked[i] != change_at);
    }
}

/* A row may go when it is older than the retention, not before. */
static void test_person_erase_at_the_boundary(void **state)
{
    play *p = *state;
    od_ledger_row rows[64];
    int64_t last_utc_ms = 0;
    int64_t last_seq = 0; /* the first of that time */
    size_t count = 0;
    size_t about = 0;
    size_t last = 0;
    call_them(p);
    stage_ok(&p->stage, od_ledger_read(p->stage.engine, 0, rows, 64, &count));
    for (size_t i = 0; i < count; i++) {
        if (strstr(rows[i].payload, stage_phone(0)) != NULL) {
            last = rows[i].utc_ms == last_utc_ms ? last + 1 : 1;
            last_seq = last == 1 ? rows[i].seq : last_seq;
            last_utc_ms = rows[i].utc_ms;
            about++;
        }
    }
    assert_true(about >= 5);
    /* What came last is as old as it must be kept, to the ms. */
    pass(p, last_utc_ms + RETENTION_MS - p->stage.world.now.utc_ms - 1000);
    assert_int_equal(p->stage.world.now.utc_ms, last_utc_ms + RETENTION_MS);
    od_erasure e = erase(p, 0);
    assert_int_equal(asked_before_utc_ms, last_utc_ms);
    assert_int_equal(e.rows_kept, last);
    assert_int_equal(e.kept_until_utc_ms, last_utc_ms + RETENTION_MS);
    assert_int_equal(e.rows_erased, about - last);
    for (size_t i = 0; i < asked_len; i++) {
        assert_true(asked[i] < last_seq);
        assert_true(i == 0 || asked[i] > asked[i - 1]);
    }
    pass(p, 1);
    e = erase(p, 0);
    assert_int_equal(e.rows_erased, last);
    assert_int_equal(asked[0], last_seq);
    assert_int_equal(e.rows_kept, 0);
    assert_false(is_exported(p, stage_phone(0) + 1));
}

/* -- what the ledger says of it ------------------------------------------- */

static void test_person_erase_names_nobody(void **state)
{
    play *p = *state;
    od_ledger_row row;
    size_t count = 0;
    call_them(p);
    (void)erase(p, 0);
    stage_ok(&p->stage, od_ledger_read(p->stage.engine, head(p).seq - 1, &row,
                                       1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(row.kind, OD_LEDGER_ERASE);
    assert_int_equal(row.subject, 0);
    char want[128];
    (void)snprintf(want, sizeof want,
                   "{\"reason\":\"asked by mail\",\"rows_erased\":0,"
                   "\"rows_kept\":%zu}",
                   rows_about(p, 0));
    assert_string_equal(row.payload, want);
}

static void test_person_erase_bad_arguments(void **state)
{
    static const char *const naming[] = {
        "+12125551000", "call of 212-555-1000", "555 10 00", "5551000 asked"};
    play *p = *state;
    char reason[OD_NAME_MAX + 2];
    od_engine *engine = p->stage.engine;
    od_ledger_head before = head(p);
    od_erasure out = {.contacts = -7};
    assert_int_equal(od_person_erase(NULL, "+12125551000", "r", NULL),
                     OD_ERR_INVALID);
    stage_fails(&p->stage, od_person_erase(engine, NULL, "r", &out),
                OD_ERR_INVALID, "phone");
    stage_fails(&p->stage, od_person_erase(engine, "nobody", "r", &out),
                OD_ERR_INVALID, "\"nobody\"");
    stage_fails(&p->stage, od_person_erase(engine, stage_phone(0), NULL, &out),
                OD_ERR_INVALID, "reason");
    stage_fails(&p->stage, od_person_erase(engine, stage_phone(0), "", &out),
                OD_ERR_INVALID, "reason");
    stage_fails(&p->stage, od_person_erase(engine, stage_phone(0), "\xff",
                                           &out),
                OD_ERR_INVALID, "reason");
    memset(reason, 'r', sizeof reason);
    reason[sizeof reason - 1] = '\0';
    stage_fails(&p->stage, od_person_erase(engine, stage_phone(0), reason,
                                           &out),
                OD_ERR_INVALID, "reason");
    for (size_t i = 0; i < OD__LEN(naming); i++) {
        stage_fails(&p->stage, od_person_erase(engine, stage_phone(0),
                                               naming[i], &out),
                    OD_ERR_INVALID, "names the number");
    }
    assert_int_equal(out.contacts, -7);
    assert_int_equal(head(p).seq, before.seq);
    reason[OD_NAME_MAX] = '\0';
    stage_ok(&p->stage, od_person_erase(engine, stage_phone(0), reason, NULL));
    stage_ok(&p->stage, od_person_erase(engine, stage_phone(0),
                                        "letter of 2027-03-09, case 555100",
                                        NULL));
}

/* -- refusals ------------------------------------------------------------- */

/* Nothing is erased while a call is under way; afterwards it is. */
static void test_person_erase_during_a_call(void **state)
{
    play *p = *state;
    od_erasure out = {.contacts = -7};
    stage_run(&p->stage, 3000);
    od_ledger_head before = head(p);
    stage_fails(&p->stage, od_person_erase(p->stage.engine, stage_phone(0),
                                           "asked", &out),
                OD_ERR_STATE, "a call or text to the number is under way");
    assert_int_equal(out.contacts, -7);
    assert_int_equal(head(p).seq, before.seq);
    call_them(p);
    assert_int_equal(erase(p, 0).contacts, 1);
}

/* Who was erased before the first call is not called. */
static void test_person_erase_before_a_call(void **state)
{
    play *p = *state;
    od_erasure e = erase(p, 1);
    assert_int_equal(e.contacts, 1);
    assert_int_equal(e.rows_kept, 0);
    stage_run(&p->stage, STAGE_HOUR);
    assert_int_equal(stage_calls(&p->stage, 0, stage_phone(1)), 0);
    assert_int_equal(stage_calls(&p->stage, 0, NULL), 2);
    assert_false(is_exported(p, stage_phone(1)));
}

static void cut_payload(od_ledger_row *row)
{
    row->payload = "{\"phone\":\"+1212";
}

/* A row that cannot be read may be about the person: nothing is claimed. */
static void test_person_erase_of_a_ledger_that_was_changed(void **state)
{
    play *p = *state;
    call_them(p);
    od_ledger_head before = head(p);
    change = cut_payload;
    change_at = 4;
    stage_fails(&p->stage, od_person_erase(p->stage.engine, stage_phone(0),
                                           "asked", NULL),
                OD_ERR_CORRUPT, "payload of ledger row 4 ");
    change = NULL;
    assert_int_equal(head(p).seq, before.seq);
    assert_int_equal(asked_len, 99); /* the storage was not asked */
}

static void test_person_erase_of_too_many_rows(void **state)
{
    play *p = *state;
    endless = 1000001;
    stage_fails(&p->stage, od_person_erase(p->stage.engine, stage_phone(0),
                                           "asked", NULL),
                OD_ERR_LIMIT, "more than 1000000 ledger rows");
    assert_int_equal(asked_len, 99);
}

/* The store fails at either slot: all is as it was, then it succeeds. */
static void test_person_erase_when_the_store_fails(void **state)
{
    play *p = *state;
    od_erasure out = {.contacts = -7};
    call_them(p);
    pass(p, RETENTION_MS + STAGE_HOUR);
    od_ledger_head before = head(p);
    for (int i = 0; i < 2; i++) {
        scan_fails = i == 0;
        erase_fails = i == 1;
        stage_fails(&p->stage, od_person_erase(p->stage.engine, stage_phone(0),
                                               "asked", &out),
                    OD_ERR_IO, "");
        scan_fails = erase_fails = false;
        assert_int_equal(out.contacts, -7);
        assert_int_equal(head(p).seq, before.seq);
        assert_true(is_exported(p, stage_phone(0)));
    }
    (void)erase(p, 0);
    assert_false(is_exported(p, stage_phone(0) + 1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define FILE_TEST(name)                                                        \
    cmocka_unit_test_setup_teardown(name, setup_file, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_person_erase_keeps_young_records),
        TEST(test_person_erase_drops_old_records),
        TEST(test_person_erase_twice),
        TEST(test_person_erase_of_an_erased_row),
        TEST(test_person_erase_at_the_boundary),
        TEST(test_person_erase_names_nobody),
        TEST(test_person_erase_bad_arguments),
        TEST(test_person_erase_during_a_call),
        TEST(test_person_erase_before_a_call),
        TEST(test_person_erase_of_a_ledger_that_was_changed),
        TEST(test_person_erase_of_too_many_rows),
        TEST(test_person_erase_when_the_store_fails),
        FILE_TEST(test_person_erase_keeps_young_records),
        FILE_TEST(test_person_erase_drops_old_records),
        FILE_TEST(test_person_erase_twice),
        FILE_TEST(test_person_erase_at_the_boundary),
        FILE_TEST(test_person_erase_during_a_call),
        FILE_TEST(test_person_erase_when_the_store_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
