/*
 * test_ledger_extract.c - the ledger, or a part of it, as JSON Lines.
 */
#include "support/shaky.h"
#include "support/stage.h"

#include "core/core.h"

#include <unistd.h>

#define ROWS_MAX 512
#define PROOF "contract 7"

typedef struct play {
    od_stage stage;
    od_shaky shaky;
    od_id first; /* campaigns */
    od_id second;
    size_t len;
    char *lines[ROWS_MAX]; /* of the file that was read last */
    char *text;
} play;

/* How the storage lies about one row; NULL: not at all. */
static void (*change)(od_ledger_row *row);
static int64_t change_at;

static od_err changing_scan(void *ctx, int64_t after, od_ledger_row *rows,
                            size_t rows_max, size_t *count)
{
    od_shaky *s = ctx;
    od_err err = s->inner_ops->ledger_scan(s->inner_ctx, after, rows, rows_max,
                                           count);
    for (size_t i = 0; err == OD_OK && i < *count; i++) {
        if (change != NULL && rows[i].seq == change_at) {
            change(&rows[i]);
        }
    }
    return err;
}

/*
 * Two campaigns to six people: person 0 opts out in a call of the first,
 * person 1 answers both, the others do not. Person 2 is on the list, and so is
 * an area code.
 */
static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    od_campaign_options o;
    assert_non_null(p);
    change = NULL;
    stage_init(&p->stage);
    od_storage *storage = shaky_new(&p->shaky, NULL);
    p->shaky.ops.ledger_scan = changing_scan;
    stage_open(&p->stage, storage);
    stage_people(&p->stage, 6);
    stage_far_all(&p->stage, 6, "status 486");
    stage_far(&p->stage, stage_phone(0), "ring 2s answer wait 1s press 9");
    stage_far(&p->stage, stage_phone(1), "ring 2s answer");
    const od_caller_id shown = {"+12125550100", PROOF};
    stage_ok(&p->stage, od_caller_id_add(p->stage.engine, &shown));
    stage_options(&p->stage, &o, "first");
    o.recall = OD_NONE;
    o.seller = "=Acme, Inc";
    p->first = stage_go(&p->stage, &o);
    stage_run(&p->stage, STAGE_HOUR);
    stage_dnc(&p->stage, stage_phone(2));
    stage_dnc(&p->stage, "+1213*");
    o.name = "second";
    p->second = stage_go(&p->stage, &o);
    stage_run(&p->stage, STAGE_HOUR);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    play *p = *state;
    stage_end(&p->stage);
    free(p->text);
    free(p);
    return 0;
}

static void read_lines(play *p, const char *path)
{
    free(p->text);
    p->text = stage_read(path, NULL);
    p->len = 0;
    for (char *at = p->text; *at != '\0';) {
        char *end = strchr(at, '\n');
        assert_non_null(end); /* the last line is whole */
        assert_true(p->len < ROWS_MAX);
        *end = '\0';
        p->lines[p->len++] = at;
        at = end + 1;
    }
}

static void extract(play *p, od_ledger_extract_options *options)
{
    options->path = stage_path(&p->stage, "ledger.jsonl");
    stage_ok(&p->stage, od_ledger_extract(p->stage.engine, options));
    read_lines(p, options->path);
}

static void extract_of(play *p, const char *phone, od_id campaign)
{
    od_ledger_extract_options options;
    od_ledger_extract_options_init(&options);
    options.phone = phone;
    options.campaign = campaign;
    extract(p, &options);
}

static size_t lines_with(const play *p, const char *text)
{
    size_t count = 0;
    for (size_t i = 0; i < p->len; i++) {
        count += strstr(p->lines[i], text) != NULL ? 1 : 0;
    }
    return count;
}

static od_ledger_row *all_rows(play *p, size_t *count)
{
    static od_ledger_row rows[ROWS_MAX];
    stage_ok(&p->stage, od_ledger_read(p->stage.engine, 0, rows, ROWS_MAX,
                                       count));
    assert_true(*count >= 30 && *count < ROWS_MAX);
    return rows;
}

/* -- whole ---------------------------------------------------------------- */

/* Every row, in order, with all that the chain needs. */
static void test_ledger_extract_all(void **state)
{
    play *p = *state;
    size_t count = 0;
    extract_of(p, NULL, 0);
    const od_ledger_row *rows = all_rows(p, &count);
    assert_int_equal(p->len, count);
    for (size_t i = 0; i < count; i++) {
        char want[512 + OD__PAYLOAD_SIZE * 4];
        char salt[33];
        char digest[65];
        char hash[65];
        od__hex(rows[i].salt, 16, salt);
        od__hex(rows[i].digest, 32, digest);
        od__hex(rows[i].hash, 32, hash);
        (void)snprintf(
            want, sizeof want,
            "{\"seq\":%lld,\"utc_ms\":%lld,\"kind\":\"%s\",\"subject\":%lld,"
            "\"salt\":\"%s\",\"digest\":\"%s\",\"hash\":\"%s\",\"payload\":%s}",
            (long long)rows[i].seq, (long long)rows[i].utc_ms,
            od_ledger_kind_name(rows[i].kind), (long long)rows[i].subject, salt,
            digest, hash, rows[i].payload);
        assert_string_equal(p->lines[i], want);
    }
    const char *path = stage_path(&p->stage, "export.jsonl");
    stage_ok(&p->stage, od_ledger_export(p->stage.engine, path));
    char *whole = stage_read(path, NULL);
    char *same = stage_read(stage_path(&p->stage, "ledger.jsonl"), NULL);
    assert_string_equal(whole, same);
    free(whole);
    free(same);
}

static void test_ledger_extract_times(void **state)
{
    play *p = *state;
    od_ledger_extract_options o;
    size_t count = 0;
    size_t want = 0;
    const od_ledger_row *rows = all_rows(p, &count);
    od_ledger_extract_options_init(&o);
    o.since_utc_ms = rows[10].utc_ms;
    o.until_utc_ms = rows[25].utc_ms;
    for (size_t i = 0; i < count; i++) {
        want += rows[i].utc_ms >= o.since_utc_ms &&
                        rows[i].utc_ms < o.until_utc_ms
                    ? 1
                    : 0;
    }
    assert_true(want > 3 && want < count - 3);
    extract(p, &o);
    assert_int_equal(p->len, want);
    o.until_utc_ms = o.since_utc_ms;
    extract(p, &o);
    assert_int_equal(p->len, 0);
}

/* -- of a number ---------------------------------------------------------- */

static void test_ledger_extract_of_a_phone(void **state)
{
    play *p = *state;
    extract_of(p, "(212) 555-1000", 0); /* person 0, as people write it */
    assert_int_equal(p->len, 3);        /* and none of the second campaign */
    assert_int_equal(lines_with(p, "\"kind\":\"attempt\""), 1);
    assert_int_equal(lines_with(p, "\"kind\":\"dnc_add\""), 1);
    assert_int_equal(lines_with(p, "\"kind\":\"outcome\""), 1);
    extract_of(p, stage_phone(1), 0);
    assert_int_equal(p->len, 4); /* both campaigns called */
    extract_of(p, stage_phone(2), 0);
    assert_int_equal(lines_with(p, "\"kind\":\"attempt\""), 1);
    assert_int_equal(lines_with(p, "\"kind\":\"dnc_add\""), 1);
    assert_int_equal(p->len, 3);
    for (int i = 0; i < 6; i++) {
        extract_of(p, stage_phone(i), 0);
        assert_int_equal(lines_with(p, stage_phone(i)), p->len);
        for (int other = 0; other < 6; other++) {
            assert_true(other == i || lines_with(p, stage_phone(other)) == 0);
        }
    }
    extract_of(p, "+12125550100", 0); /* the caller ID is nobody's */
    assert_int_equal(p->len, 0);
    extract_of(p, "+12135551000", 0); /* an area code is no number */
    assert_int_equal(p->len, 0);
}

/* -- of a campaign -------------------------------------------------------- */

static void test_ledger_extract_of_a_campaign(void **state)
{
    play *p = *state;
    char mark[2][64];
    size_t calls[2];
    const od_id ids[2] = {p->first, p->second};
    for (int i = 0; i < 2; i++) {
        (void)snprintf(mark[i], sizeof mark[i], "\"payload\":{\"campaign\":%lld,",
                       (long long)ids[i]);
    }
    for (int i = 0; i < 2; i++) {
        extract_of(p, NULL, ids[i]);
        calls[i] = stage_calls(&p->stage, ids[i], NULL);
        assert_int_equal(lines_with(p, "\"kind\":\"campaign_set\""), 1);
        assert_int_equal(lines_with(p, "\"kind\":\"campaign_state\""), 2);
        assert_int_equal(lines_with(p, mark[i]), 2 * calls[i]);
        assert_int_equal(lines_with(p, mark[1 - i]), 0);
        /* The opt-out in a call is known by its call alone. */
        assert_int_equal(lines_with(p, "\"kind\":\"dnc_add\""), 1 - i);
        assert_int_equal(p->len, 3 + 2 * calls[i] + 1 - (size_t)i);
    }
    assert_true(calls[0] == 6 && calls[1] > 0);
    extract_of(p, stage_phone(0), p->first);
    assert_int_equal(p->len, 3);
    extract_of(p, stage_phone(0), p->second);
    assert_int_equal(p->len, 0);
    extract_of(p, NULL, 4711);
    assert_int_equal(p->len, 0);
}

/* -- calls of a real campaign, as a table --------------------------------- */

static void test_ledger_extract_calls(void **state)
{
    play *p = *state;
    od_ledger_extract_options o;
    od_ledger_extract_options_init(&o);
    o.format = OD_LEDGER_CALLS_CSV;
    extract(p, &o);
    assert_int_equal(p->len, 1 + stage_calls(&p->stage, 0, NULL));
    for (int i = 0; i < 6; i++) {
        assert_int_equal(lines_with(p, stage_phone(i)),
                         stage_calls(&p->stage, 0, stage_phone(i)));
        od_call last = stage_last(&p->stage, 0, stage_phone(i));
        assert_int_equal(lines_with(p, last.session_id), 1);
    }
    assert_int_equal(lines_with(p, ",answered,200,"), 3);
    assert_int_equal(lines_with(p, ",busy,486,"), p->len - 4);
    o.phone = stage_phone(0);
    extract(p, &o);
    assert_int_equal(p->len, 2);
    const char *line = p->lines[1];
    char evidence[67] = ",";
    uint8_t sha256[32];
    od__sha256(PROOF, strlen(PROOF), sha256);
    od__hex(sha256, sizeof sha256, evidence + 1);
    assert_non_null(strstr(line, evidence));
    assert_non_null(strstr(line, ",first,informational,\"'=Acme, Inc\","));
    assert_non_null(strstr(line, " hello,"));  /* its sha256 before it */
    assert_non_null(strstr(line, ",0,yes"));   /* answers, opted out */
    assert_non_null(strstr(line, ",2.000,")); /* rang two seconds */
    assert_non_null(strstr(line, ",2027-03-10 12:00:00 America/New_York,"));
}

/* -- rows that were erased or that no engine wrote ------------------------ */

static void erase(od_ledger_row *row)
{
    row->payload = "";
    memset(row->salt, 0, sizeof row->salt);
    row->erased = true;
}

static void inject(od_ledger_row *row)
{
    row->payload = "{}}\n{\"seq\":1,\"payload\":\"\xff\x01";
}

static void say_nothing(od_ledger_row *row)
{
    row->payload = NULL;
}

static void test_ledger_extract_erased_row(void **state)
{
    play *p = *state;
    size_t count = 0;
    od_id attempt = stage_last(&p->stage, p->first, stage_phone(0)).attempt;
    const od_ledger_row *rows = all_rows(p, &count);
    change = erase;
    for (change_at = 1; change_at <= (int64_t)count; change_at++) {
        int32_t kind = rows[change_at - 1].kind;
        bool of_call = rows[change_at - 1].subject == attempt &&
                       (kind == OD_LEDGER_DNC_ADD || kind == OD_LEDGER_OUTCOME);
        extract_of(p, NULL, 0);
        assert_int_equal(p->len, count);
        assert_int_equal(lines_with(p, ",\"payload\":null}"), 1);
        const char *line = p->lines[change_at - 1];
        assert_non_null(strstr(line, ",\"salt\":null,\"digest\":\""));
        /* It says nothing any more; that it is of a call is still known. */
        extract_of(p, stage_phone(0), 0);
        assert_int_equal(lines_with(p, "null"), of_call ? 1 : 0);
    }
}

/* A payload cannot make lines of its own, and is not taken for something. */
static void test_ledger_extract_hostile_payload(void **state)
{
    play *p = *state;
    od_ledger_extract_options o;
    size_t count = 0;
    (void)all_rows(p, &count);
    change = inject;
    change_at = 7;
    extract_of(p, NULL, 0);
    assert_int_equal(p->len, count);
    assert_non_null(strstr(p->lines[6],
                           ",\"payload\":\"{}}\\n{\\\"seq\\\":1,\\\"payload"
                           "\\\":\\\"\\ufffd\\u0001\"}"));
    od_ledger_extract_options_init(&o);
    o.path = stage_path(&p->stage, "refused.jsonl");
    o.phone = stage_phone(0);
    stage_fails(&p->stage, od_ledger_extract(p->stage.engine, &o),
                OD_ERR_CORRUPT, "payload of ledger row 7 ");
    o.phone = NULL;
    o.campaign = p->first;
    stage_fails(&p->stage, od_ledger_extract(p->stage.engine, &o),
                OD_ERR_CORRUPT, "payload of ledger row 7 ");
    assert_int_equal(access(o.path, F_OK), -1);
    change = say_nothing;
    extract_of(p, NULL, 0);
    assert_non_null(strstr(p->lines[6], ",\"payload\":\"\"}"));
}

/* -- failures ------------------------------------------------------------- */

static void test_ledger_extract_bad_arguments(void **state)
{
    play *p = *state;
    od_ledger_extract_options o;
    od_engine *engine = p->stage.engine;
    od_ledger_extract_options_init(&o);
    assert_int_equal(od_ledger_extract(NULL, &o), OD_ERR_INVALID);
    stage_fails(&p->stage, od_ledger_extract(engine, NULL), OD_ERR_INVALID,
                "options");
    stage_fails(&p->stage, od_ledger_extract(engine, &o), OD_ERR_INVALID,
                "path");
    o.path = "";
    stage_fails(&p->stage, od_ledger_extract(engine, &o), OD_ERR_INVALID,
                "path");
    o.path = stage_path(&p->stage, "bad.jsonl");
    o.format = 2;
    stage_fails(&p->stage, od_ledger_extract(engine, &o), OD_ERR_INVALID,
                "format 2");
    o.format = -1;
    stage_fails(&p->stage, od_ledger_extract(engine, &o), OD_ERR_INVALID,
                "format -1");
    o.format = OD_LEDGER_CALLS_CSV;
    o.phone = "nobody";
    stage_fails(&p->stage, od_ledger_extract(engine, &o), OD_ERR_INVALID,
                "\"nobody\"");
    o.phone = NULL;
    o.campaign = -1;
    stage_fails(&p->stage, od_ledger_extract(engine, &o), OD_ERR_INVALID,
                "campaign -1");
    o.campaign = 0;
    o.until_utc_ms = -2;
    stage_fails(&p->stage, od_ledger_extract(engine, &o), OD_ERR_INVALID,
                "until -2");
    o.until_utc_ms = 0;
    o.size = 8;
    stage_fails(&p->stage, od_ledger_extract(engine, &o), OD_ERR_INVALID,
                "size");
    assert_int_equal(access(o.path, F_OK), -1);
    o.size = sizeof o;
    o.path = "/no/such/x";
    stage_fails(&p->stage, od_ledger_extract(engine, &o), OD_ERR_IO,
                "/no/such/x");
    o.path = p->stage.folder;
    stage_fails(&p->stage, od_ledger_extract(engine, &o), OD_ERR_INVALID,
                "regular");
}

/* A row that changes behind the first page cannot leave half a file. */
static void test_ledger_extract_failures_leave_nothing(void **state)
{
    play *p = *state;
    od_ledger_extract_options o;
    const char *path = stage_file(&p->stage, "old.jsonl", "old", 3);
    od_ledger_extract_options_init(&o);
    o.path = path;
    change = inject;
    change_at = 20;
    for (o.format = 0; o.format < 2; o.format++) {
        o.campaign = p->second; /* one row of it is written before */
        stage_fails(&p->stage, od_ledger_extract(p->stage.engine, &o),
                    OD_ERR_CORRUPT, "row 20 ");
        char *text = stage_read(path, NULL);
        assert_string_equal(text, "old");
        free(text);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ledger_extract_all),
        TEST(test_ledger_extract_times),
        TEST(test_ledger_extract_of_a_phone),
        TEST(test_ledger_extract_of_a_campaign),
        TEST(test_ledger_extract_calls),
        TEST(test_ledger_extract_erased_row),
        TEST(test_ledger_extract_hostile_payload),
        TEST(test_ledger_extract_bad_arguments),
        TEST(test_ledger_extract_failures_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
