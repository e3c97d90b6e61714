/*
 * test_database_torn.c - database files that were damaged, or edited by
 * somebody who did not know what the values mean.
 *
 * A file of a finished and a running campaign is spoiled by a seeded generator:
 * bits, pages, its length, or plausible edits through SQLite. Opening, listing,
 * verifying, exporting and dialing from it must not crash nor hang, and what
 * fails says why.
 */
#include "support/stage.h"

#include "base/base.h"

#include <sqlite3.h>
#include <unistd.h>

#define DAMAGES 300
#define EDITS 600
#define STEPS 1500
#define LISTS_MAX 40

typedef struct play {
    od_stage stage; /* of the file that is spoiled */
    char *bytes;    /* of it, whole */
    size_t len;
    char path[800]; /* of the spoiled copy */
    char what[160]; /* was done to it */
    int opened;
    int refused;
} play;

/* -- a file with something of everything --------------------------------------- */

static void fill_in(od_stage *s)
{
    static const char text[] = "survey s\nquestion q\nplay hello\n"
                               "key 1 Yes\nkey 2 No\ninvalid hello\n";
    od_campaign_options o;
    od_window window = {OD_EVERY_DAY, 540, 1200};
    for (int i = 0; i < 30; i++) {
        od_field field = {"color", "blue"};
        od_contact c = {.phone = stage_phone(i),
                        .first_name = "Ann",
                        .timezone = i % 5 == 0 ? "America/New_York" : "",
                        .fields = &field,
                        .fields_len = 1};
        stage_ok(s, od_contact_add(s->engine, s->group, &c, NULL));
    }
    stage_far_all(s, 30, "ring 1s answer wait 3s press 1 wait 60s");
    stage_far(s, stage_phone(1), "status 486");
    stage_far(s, stage_phone(2), "status 404");
    stage_dnc(s, stage_phone(3));
    stage_options(s, &o, "done");
    o.recall = OD_NONE;
    stage_ok(s, od_survey_add(s->engine, text, strlen(text), &o.survey));
    od_id done = stage_go(s, &o);
    assert_true(od_world_run_to_state(&s->world, done, OD_CAMPAIGN_COMPLETED,
                                      20 * STAGE_MINUTE));
    o.name = "live";
    o.windows = &window;
    o.windows_len = 1;
    o.concurrent_max = 3;
    (void)stage_go(s, &o);
    stage_run(s, 1500);
    assert_int_equal(od_engine_calls_live(s->engine), 3);
}

/* Texts and a reply, as a campaign of texts leaves them: to numbers that were
 * called as well. */
static void put_texts(const char *path)
{
    static const char sql[] =
        "INSERT INTO message (attempt, campaign, contact, reply, phone, "
        "before, caller_id, notice, encoding, segments, disposition, status, "
        "fault, reached_network, delivery, attempts_before, claimed_at, "
        "ended_at, delivery_at, open_until, session_id, trunk, network_code, "
        "parts, network_ids, text) SELECT 1000 + id, campaign, contact, 0, "
        "phone, before, 12345, 0, 1, 2, 14, 0, 0, 1, 1 + id % 3, 0, "
        "claimed_at, ended_at, ended_at, ended_at + 60000, session_id, trunk, "
        "'007', x'0102', CAST('a' || id || char(0) || 'b' || id || "
        "char(0) AS BLOB), 'Hello' FROM attempt WHERE id < 12;"
        "UPDATE line SET attempt = attempt + 1000 WHERE attempt < 12;"
        "INSERT INTO message_part SELECT 'a' || id, trunk, 1000 + id, 0 "
        "FROM attempt WHERE id < 12;"
        "INSERT INTO reply SELECT id, id * 17, campaign, 1000 + id, contact, "
        "phone, 12345, ended_at, 1, id % 3, ended_at + 300000, 0, trunk, "
        "'in', 'STOP' FROM attempt WHERE id < 12;"
        "UPDATE meta SET value = 2000 WHERE key = 'attempt';";
    sqlite3 *db = NULL;
    char *why = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) {
        fail_msg("%s", why);
    }
    assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL,
                                  NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    od_storage *storage = NULL;
    assert_non_null(p);
    *state = p;
    stage_init(&p->stage);
    p->stage.world.options.poll_ms = 1000;
    assert_int_equal(od_storage_open_sqlite(
                         &storage, stage_path(&p->stage, "a.db"), NULL),
                     OD_OK);
    stage_open(&p->stage, storage);
    fill_in(&p->stage);
    (void)snprintf(p->path, sizeof p->path, "%s",
                   stage_path(&p->stage, "torn.db"));
    stage_ok(&p->stage, od_engine_backup(p->stage.engine, p->path));
    put_texts(p->path);
    p->bytes = stage_read(p->path, &p->len);
    return 0;
}

static int teardown(void **state)
{
    play *p = *state;
    stage_end(&p->stage);
    free(p->bytes);
    free(p);
    return 0;
}

/* A fresh copy of the good file, without what SQLite left beside the last. */
static void write_copy(play *p, const char *bytes, size_t len)
{
    char beside[840];
    (void)snprintf(beside, sizeof beside, "%s-wal", p->path);
    (void)unlink(beside);
    (void)snprintf(beside, sizeof beside, "%s-shm", p->path);
    (void)unlink(beside);
    (void)snprintf(beside, sizeof beside, "%s-lock", p->path);
    (void)unlink(beside);
    (void)stage_file(&p->stage, "torn.db", bytes, len);
}

/* -- using it ------------------------------------------------------------------------ */

/* It works, or says why not, with a code that is of the store or of the call. */
static bool said(play *p, const od_engine *engine, od_err err)
{
    static const od_err known[] = {
        OD_ERR_IO,      OD_ERR_CORRUPT, OD_ERR_FULL,      OD_ERR_READONLY,
        OD_ERR_MEMORY,  OD_ERR_LOCKED,  OD_ERR_NOT_FOUND, OD_ERR_STATE,
        OD_ERR_REFUSED, OD_ERR_EXISTS,  OD_ERR_FORMAT,    OD_ERR_LIMIT};
    if (err == OD_OK) {
        return true;
    }
    const char *text = od_engine_errmsg(engine);
    bool is_known = false;
    for (size_t i = 0; i < OD__LEN(known); i++) {
        is_known = is_known || err == known[i];
    }
    if (!is_known || text[0] == '\0' ||
        !od__utf8_is_valid(text, strlen(text))) {
        fail_msg("%s: %s \"%s\"", p->what, od_err_name(err), text);
    }
    return false;
}

/* Touch a text, so that a wild pointer is seen. */
static size_t touch(const char *text)
{
    assert_non_null(text);
    return strlen(text);
}

static void read_people(play *p, od_engine *e)
{
    od_group groups[16];
    od_contact rows[16];
    od_dnc_entry dnc[16];
    size_t count = 0;
    od_id after = 0;
    if (said(p, e, od_groups_list(e, 0, groups, 16, &count)) && count > 0) {
        (void)touch(groups[0].name);
    }
    for (int i = 0; i < LISTS_MAX; i++) {
        if (!said(p, e, od_contacts_list(e, 0, after, rows, 16, &count)) ||
            count == 0) {
            break;
        }
        for (size_t r = 0; r < count; r++) {
            after = rows[r].id;
            (void)touch(rows[r].phone);
            (void)touch(rows[r].first_name);
            (void)touch(rows[r].timezone);
            for (size_t f = 0; f < rows[r].fields_len; f++) {
                (void)touch(rows[r].fields[f].name);
                (void)touch(rows[r].fields[f].value);
            }
        }
    }
    if (said(p, e, od_dnc_list(e, 0, dnc, 16, &count)) && count > 0) {
        (void)touch(dnc[0].phone);
        (void)touch(dnc[0].reason);
    }
}

static void read_campaign(play *p, od_engine *e, od_id id)
{
    od_campaign c;
    od_campaign_stats n;
    od_problem problems[4];
    od_verdict verdict;
    od_answer answers[16];
    od_result results[16];
    size_t count = 0;
    if (said(p, e, od_campaign_get(e, id, &c))) {
        (void)touch(c.options.name);
        (void)touch(c.options.caller_id);
        (void)touch(od_campaign_state_name(c.state));
        assert_true(c.options.groups_len <= OD_CAMPAIGN_GROUPS_MAX);
        assert_true(c.options.prompts_len <= OD_CAMPAIGN_PROMPTS_MAX);
        assert_true(c.options.windows_len <= OD_WINDOWS_MAX);
    }
    (void)said(p, e, od_campaign_stats_get(e, id, &n));
    (void)said(p, e, od_campaign_problems(e, id, problems, 4, &count));
    (void)said(p, e, od_campaign_explain(e, id, stage_phone(4), &verdict));
    if (said(p, e, od_answers_list(e, id, 0, answers, 16, &count)) &&
        count > 0) {
        (void)touch(answers[0].choice);
    }
    (void)said(p, e, od_results_get(e, id, results, 16, &count));
}

static void read_rest(play *p, od_engine *e)
{
    od_campaign_row campaigns[8];
    od_call calls[16];
    od_media media[4];
    od_survey surveys[4];
    const char *text = NULL;
    int64_t rows = 0;
    size_t count = 0;
    if (said(p, e, od_campaigns_list(e, 0, campaigns, 8, &count))) {
        for (size_t i = 0; i < count; i++) {
            read_campaign(p, e, campaigns[i].id);
        }
    }
    if (said(p, e, od_calls_list(e, NULL, 0, calls, 16, &count))) {
        for (size_t i = 0; i < count; i++) {
            (void)touch(calls[i].phone);
            (void)touch(calls[i].session_id);
            (void)touch(od_disposition_name(calls[i].disposition));
        }
    }
    (void)said(p, e, od_medias_list(e, 0, media, 4, &count));
    if (said(p, e, od_surveys_list(e, 0, surveys, 4, &count)) && count > 0 &&
        said(p, e, od_survey_text(e, surveys[0].id, &text))) {
        (void)touch(text);
    }
    (void)said(p, e, od_ledger_verify(e, &rows, NULL));
    const char *out = stage_path(&p->stage, "out");
    (void)said(p, e, od_calls_export(e, NULL, out));
    (void)said(p, e, od_group_export(e, 1, out));
    (void)said(p, e, od_dnc_export(e, out));
    (void)said(p, e, od_ledger_export(e, out));
    (void)said(p, e, od_answers_export(e, 1, out));
}

/* What a slot of the storage says of texts: sane, or why not. */
static void read_texts(const play *p, const od_storage *storage)
{
    const od_storage_ops *ops = od_storage_ops_get(storage);
    void *ctx = od_storage_ctx_get(storage);
    od_message_record texts[16];
    od_reply_record replies[16];
    od_message_record one;
    uint64_t phone = strtoull(stage_phone(1) + 1, NULL, 10);
    int32_t part = 0;
    size_t count = 0;
    od_err err = ops->message_scan(ctx, NULL, 0, 0, texts, 16, &count);
    for (size_t i = 0; err == OD_OK && i < count; i++) {
        (void)touch(texts[i].text);
        (void)touch(texts[i].network_code);
        assert_in_range(texts[i].parts_len, 0, OD_SEGMENTS_MAX);
    }
    const od_err errs[] = {
        err,
        ops->message_scan(ctx, NULL, phone, 0, texts, 16, &count),
        ops->message_last(ctx, phone, 0, &one),
        ops->message_find(ctx, "main", "a1", &one, &part),
        ops->message_overdue(ctx, INT64_MAX, texts, 16, &count),
        ops->reply_scan(ctx, NULL, 0, 0, replies, 16, &count),
        ops->reply_owed(ctx, 0, 0, replies, 16, &count)};
    for (size_t i = 0; i < OD__LEN(errs); i++) {
        if (errs[i] != OD_OK && errs[i] != OD_ERR_NOT_FOUND &&
            errs[i] != OD_ERR_CORRUPT && errs[i] != OD_ERR_IO &&
            errs[i] != OD_ERR_FULL && errs[i] != OD_ERR_MEMORY) {
            fail_msg("%s: %s", p->what, od_err_name(errs[i]));
        }
    }
}

/* Dial from it for a while: whatever comes, no step hangs. */
static void dial(play *p, od_world *w)
{
    od_contact c = {.phone = "+13125551000"};
    (void)said(p, w->engine, od_campaign_start(w->engine, 1));
    (void)said(p, w->engine, od_contact_add(w->engine, 1, &c, NULL));
    for (int i = 0; i < 5; i++) {
        od_err err = od_world_run_until(w, w->now.utc_ms + 60000, STEPS / 5);
        (void)said(p, w->engine, err);
        w->now.mono_ms += 1000;
        w->now.utc_ms += 1000;
    }
    (void)said(p, w->engine, od_engine_stop(w->engine));
    (void)od_world_run_until(w, w->now.utc_ms + 5000, STEPS / 5);
}

/* Everything, with a spoiled file. */
static void use(play *p)
{
    od_storage *storage = NULL;
    od_errmsg errmsg = {""};
    od_world w;
    alarm(120); /* a hang ends the test */
    od_err err = od_storage_open_sqlite(&storage, p->path, &errmsg);
    if (err != OD_OK) {
        assert_true(strlen(errmsg.text) > 0);
        p->refused++;
        return;
    }
    od_world_init(&w, p->stage.world.now.utc_ms + 1000, 5);
    w.options.poll_ms = 1000;
    w.options.calls_max = 10;
    err = od_world_try_open(&w, storage);
    if (err != OD_OK) {
        if (w.fault[0] == '\0' || err == OD_ERR_NOT_FOUND) {
            fail_msg("%s: opening gives %s \"%s\"", p->what, od_err_name(err),
                     w.fault);
        }
        p->refused++;
        return;
    }
    p->opened++;
    read_people(p, w.engine);
    read_rest(p, w.engine);
    read_texts(p, storage);
    dial(p, &w);
    read_people(p, w.engine);
    read_rest(p, w.engine);
    od_world_close(&w);
}

/* -- damage ----------------------------------------------------------------------------- */

static void damage(play *p, char *bytes, size_t *len, od__rand *rand)
{
    static const size_t page = 4096;
    size_t pages = p->len / page;
    size_t at = od__rand_below(rand, p->len);
    size_t a = od__rand_below(rand, pages) * page;
    size_t b = od__rand_below(rand, pages) * page;
    char swap[4096];
    switch (od__rand_below(rand, 7)) {
    case 0:
        (void)snprintf(p->what, sizeof p->what, "cut to %zu", at);
        *len = at;
        break;
    case 1:
        (void)snprintf(p->what, sizeof p->what, "pages at %zu and %zu", a, b);
        memcpy(swap, bytes + a, page);
        memcpy(bytes + a, bytes + b, page);
        memcpy(bytes + b, swap, page);
        break;
    case 2:
        (void)snprintf(p->what, sizeof p->what, "zeros at %zu", a);
        memset(bytes + a, 0, page);
        break;
    case 3:
        (void)snprintf(p->what, sizeof p->what, "noise at %zu", a);
        for (size_t i = 0; i < page; i++) {
            bytes[a + i] = (char)od__rand_next(rand);
        }
        break;
    default:
        (void)snprintf(p->what, sizeof p->what, "bits from %zu", at);
        for (uint64_t n = 1 + od__rand_below(rand, 40); n > 0; n--) {
            bytes[at] ^= (char)(1u << od__rand_below(rand, 8));
            at = od__rand_below(rand, 3) == 0 ? od__rand_below(rand, p->len)
                                              : (at + 1) % p->len;
        }
        break;
    }
}

static void test_database_torn_damaged(void **state)
{
    play *p = *state;
    od__rand rand = {.state = od_test_seed(3)};
    char *bytes = malloc(p->len);
    assert_non_null(bytes);
    for (int i = 0; i < DAMAGES; i++) {
        size_t len = p->len;
        memcpy(bytes, p->bytes, p->len);
        damage(p, bytes, &len, &rand);
        write_copy(p, bytes, len);
        use(p);
    }
    free(bytes);
    print_message("%d opened, %d refused\n", p->opened, p->refused);
    assert_true(p->opened > DAMAGES / 10 && p->refused > DAMAGES / 20);
}

/* -- edits ------------------------------------------------------------------------------- */

static const char *const values[] = {
    "0",          "-1",         "1",          "2",
    "4",          "5",          "7",          "99",
    "255",        "256",        "65536",      "2147483647",
    "2147483648", "-2147483648", "9223372036854775807",
    "-9223372036854775808",     "100000",     "999999",
    "''",         "'x'",        "CAST(x'ff' AS TEXT)",
    "CAST(x'610062' AS TEXT)",  "x''",        "x'00'",
    "x'616200'",  "x'6100620063'", "hex(zeroblob(5000))",
    "'a|b|c'",    "'US-XX|No/Where'", "zeroblob(32)",
    "12125551000", "'+12125551000'", "NULL",  "zeroblob(100000)"};

/* Columns of all tables, as "table.column". */
static size_t list_columns(sqlite3 *db, char names[][64], size_t max)
{
    sqlite3_stmt *stmt = NULL;
    size_t len = 0;
    assert_int_equal(
        sqlite3_prepare_v2(db,
                           "SELECT m.name || '.' || c.name FROM sqlite_master m"
                           ", pragma_table_info(m.name) c WHERE m.type = "
                           "'table' AND m.name NOT LIKE 'sqlite%'",
                           -1, &stmt, NULL),
        SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW && len < max) {
        (void)snprintf(names[len++], 64, "%s",
                       (const char *)sqlite3_column_text(stmt, 0));
    }
    (void)sqlite3_finalize(stmt);
    return len;
}

/* One value of one column, in one row or in all. */
static void edit(play *p, sqlite3 *db, od__rand *rand)
{
    static char names[512][64];
    char sql[400];
    size_t len = list_columns(db, names, 512);
    assert_true(len > 100 && len < 512);
    char table[64];
    (void)snprintf(table, sizeof table, "%s", names[od__rand_below(rand, len)]);
    char *column = strchr(table, '.');
    *column++ = '\0';
    const char *value = values[od__rand_below(rand, OD__LEN(values))];
    bool all = od__rand_below(rand, 4) == 0;
    int offset = (int)od__rand_below(rand, 12);
    (void)snprintf(sql, sizeof sql,
                   "UPDATE %s SET %s = %s WHERE %d OR %s IN (SELECT %s FROM %s "
                   "LIMIT 1 OFFSET %d)",
                   table, column, value, all, column, column, table, offset);
    (void)snprintf(p->what, sizeof p->what, "%s.%s = %s%s", table, column,
                   value, all ? " in all rows" : "");
    if (od__rand_below(rand, 12) == 0) {
        (void)snprintf(sql, sizeof sql,
                       "DELETE FROM %s WHERE %s IN (SELECT %s FROM %s LIMIT 1 "
                       "OFFSET %d)",
                       table, column, column, table, offset);
        (void)snprintf(p->what, sizeof p->what, "a row of %s is gone", table);
    }
    (void)sqlite3_exec(db, sql, NULL, NULL, NULL); /* may break a constraint */
}

static void test_database_torn_edited(void **state)
{
    play *p = *state;
    od__rand rand = {.state = od_test_seed(8)};
    for (int i = 0; i < EDITS; i++) {
        sqlite3 *db = NULL;
        write_copy(p, p->bytes, p->len);
        assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
        (void)sqlite3_exec(db,
                           "PRAGMA foreign_keys = OFF;"
                           "PRAGMA ignore_check_constraints = ON;"
                           "PRAGMA synchronous = OFF",
                           NULL, NULL, NULL);
        for (uint64_t n = 1 + od__rand_below(&rand, 3); n > 0; n--) {
            edit(p, db, &rand);
        }
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        use(p);
    }
    print_message("%d opened, %d refused\n", p->opened, p->refused);
    assert_true(p->opened > EDITS / 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_database_torn_damaged),
        TEST(test_database_torn_edited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
