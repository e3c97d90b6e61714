/*
 * test_ledger.c - the chain holds, and whatever is changed in it is found.
 *
 * The storage lies on demand: it changes, hides or swaps rows on their way to
 * the engine.
 */
#include "support/shaky.h"
#include "support/stage.h"

#include "base/base.h"

#include <ctype.h>

typedef struct play {
    od_stage stage;
    od_shaky shaky;
    od_id campaign;
    int64_t rows;
} play;

/* How the storage lies about one row. */
static enum { HONEST, CHANGE, HIDE, SWAP, RENUMBER, CUT } lie;
static int64_t lie_at;
static void (*change)(od_ledger_row *row);

static od_err lying_scan(void *ctx, int64_t after, od_ledger_row *rows,
                         size_t rows_max, size_t *count)
{
    od_shaky *s = ctx;
    od_err err = s->inner_ops->ledger_scan(s->inner_ctx, after, rows, rows_max,
                                           count);
    for (size_t i = 0; err == OD_OK && i < *count; i++) {
        if (rows[i].seq != lie_at) {
            continue;
        }
        if (lie == CHANGE) {
            change(&rows[i]);
        } else if (lie == RENUMBER) {
            rows[i].seq++;
        } else if (lie == CUT) {
            *count = i;
        } else if (lie == HIDE) {
            memmove(&rows[i], &rows[i + 1],
                    (*count - i - 1) * sizeof rows[0]);
            (*count)--;
        } else if (lie == SWAP && i + 1 < *count) {
            od_ledger_row row = rows[i];
            rows[i] = rows[i + 1];
            rows[i + 1] = row;
            rows[i].seq = lie_at; /* numbers as they should be */
            rows[i + 1].seq = lie_at + 1;
        }
        break;
    }
    return err;
}

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_init(&p->stage);
    od_storage *storage = shaky_new(&p->shaky, NULL);
    p->shaky.ops.ledger_scan = lying_scan;
    lie = HONEST;
    stage_open(&p->stage, storage);
    stage_people(&p->stage, 200);
    p->campaign = stage_go(&p->stage, NULL);
    stage_run(&p->stage, 3 * STAGE_HOUR);
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, &p->rows, NULL));
    assert_true(p->rows > 600); /* more than two pages */
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    play *p = *state;
    stage_end(&p->stage);
    free(p);
    return 0;
}

static void finds(play *p, int64_t at, const char *what)
{
    char text[64];
    int64_t rows = -7;
    uint8_t head[32] = {7};
    (void)snprintf(text, sizeof text, "ledger row %d %s", (int)at, what);
    stage_fails(&p->stage, od_ledger_verify(p->stage.engine, &rows, head),
                OD_ERR_CORRUPT, text);
    assert_int_equal(rows, -7); /* untouched */
    assert_int_equal(head[0], 7);
}

/* -- lies ------------------------------------------------------------------------ */

static void change_payload(od_ledger_row *row)
{
    static char text[4096];
    (void)snprintf(text, sizeof text, "%s ", row->payload);
    row->payload = text;
}
static void change_one_letter(od_ledger_row *row)
{
    static char text[4096];
    (void)snprintf(text, sizeof text, "%s", row->payload);
    text[2] ^= 1;
    row->payload = text;
}
static void change_time(od_ledger_row *row)
{
    row->utc_ms++;
}
static void change_kind(od_ledger_row *row)
{
    row->kind = row->kind == OD_LEDGER_ATTEMPT ? OD_LEDGER_OUTCOME
                                               : OD_LEDGER_ATTEMPT;
}
static void change_subject(od_ledger_row *row)
{
    row->subject ^= 1;
}
static void change_salt(od_ledger_row *row)
{
    row->salt[15] ^= 0x80;
}
static void change_hash(od_ledger_row *row)
{
    row->hash[31] ^= 1;
}

static void test_ledger_finds_a_changed_row(void **state)
{
    static void (*const changes[])(od_ledger_row *) = {
        change_payload, change_one_letter, change_time, change_kind,
        change_subject, change_salt,       change_hash};
    play *p = *state;
    const int64_t at[] = {1, 2, 100, 255, 256, 257, 512, 513, p->rows};
    for (size_t c = 0; c < OD__LEN(changes); c++) {
        for (size_t i = 0; i < OD__LEN(at); i++) {
            lie = CHANGE;
            lie_at = at[i];
            change = changes[c];
            finds(p, at[i], "does not match");
        }
    }
    lie = HONEST;
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, NULL, NULL));
}

static void test_ledger_finds_a_missing_row(void **state)
{
    play *p = *state;
    const int64_t at[] = {1, 2, 256, 257, 300};
    for (size_t i = 0; i < OD__LEN(at); i++) {
        lie = HIDE;
        lie_at = at[i];
        finds(p, at[i], "is missing");
        lie = RENUMBER;
        finds(p, at[i], "is missing");
    }
}

static void test_ledger_finds_swapped_rows(void **state)
{
    play *p = *state;
    const int64_t at[] = {1, 7, 254, 300};
    for (size_t i = 0; i < OD__LEN(at); i++) {
        lie = SWAP;
        lie_at = at[i];
        finds(p, at[i], "does not match");
    }
}

/* What is cut off at the end leaves a whole chain: the head tells. */
static void test_ledger_head_tells_of_a_cut(void **state)
{
    play *p = *state;
    uint8_t head[32];
    uint8_t cut[32];
    int64_t rows = 0;
    od_ledger_row row;
    size_t count = 0;
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, &rows, head));
    stage_ok(&p->stage, od_ledger_read(p->stage.engine, p->rows - 1, &row, 1,
                                       &count));
    assert_memory_equal(head, row.hash, 32);
    lie = CUT;
    lie_at = p->rows;
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, &rows, cut));
    assert_int_equal(rows, p->rows - 1);
    assert_memory_not_equal(head, cut, 32);
}

static void test_ledger_bad_arguments(void **state)
{
    play *p = *state;
    od_ledger_row row;
    size_t count = 7;
    stage_fails(&p->stage, od_ledger_read(p->stage.engine, -1, &row, 1, &count),
                OD_ERR_INVALID, "cursor");
    stage_fails(&p->stage, od_ledger_read(p->stage.engine, 0, &row, 0, &count),
                OD_ERR_INVALID, "rows_max");
    assert_int_equal(count, 7);
    assert_int_equal(od_ledger_verify(NULL, NULL, NULL), OD_ERR_INVALID);
}

/* -- what is in it -------------------------------------------------------------------- */

static void test_ledger_reads_in_pages(void **state)
{
    play *p = *state;
    od_ledger_row rows[100];
    int64_t after = 0;
    size_t count = 0;
    do {
        stage_ok(&p->stage, od_ledger_read(p->stage.engine, after, rows, 100,
                                           &count));
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(rows[i].seq, ++after);
            assert_true(rows[i].kind >= OD_LEDGER_CAMPAIGN_SET &&
                        rows[i].kind <= OD_LEDGER_DNC_REMOVE);
            assert_true(rows[i].utc_ms >= od_world_time(STAGE_NOON));
        }
    } while (count > 0);
    assert_int_equal(after, p->rows);
}

/* Each attempt begins once and ends once, in this order. */
static void test_ledger_attempts_begin_and_end(void **state)
{
    static uint8_t seen[4096];
    play *p = *state;
    od_ledger_row row;
    size_t count = 0;
    memset(seen, 0, sizeof seen);
    for (int64_t at = 0; at < p->rows; at++) {
        stage_ok(&p->stage,
                 od_ledger_read(p->stage.engine, at, &row, 1, &count));
        assert_true(row.subject >= 0 && row.subject < (od_id)sizeof seen);
        if (row.kind == OD_LEDGER_ATTEMPT) {
            assert_int_equal(seen[row.subject], 0);
            seen[row.subject] = 1;
        } else if (row.kind == OD_LEDGER_OUTCOME) {
            assert_int_equal(seen[row.subject], 1);
            seen[row.subject] = 2;
        }
    }
    assert_null(memchr(seen, 1, sizeof seen));
}

/* -- payloads are JSON ------------------------------------------------------------------- */

/* Objects of strings, numbers, words and flat arrays, as the engine writes. */
static const char *json_value(const char *at);

static const char *json_string(const char *at)
{
    assert_int_equal(*at++, '"');
    for (; *at != '"'; at++) {
        assert_true((uint8_t)*at >= 0x20 && *at != 0x7f);
        if (*at == '\\') {
            at++;
            assert_non_null(strchr("\"\\/bfnrtu", *at));
        }
    }
    return at + 1;
}

static const char *json_array(const char *at)
{
    at++;
    while (*at != ']') {
        if (*at == '[') {
            at = strchr(at, ']') + 1; /* of numbers */
        } else {
            assert_true(isdigit((uint8_t)*at) || *at == '-');
            at += strspn(at, "-0123456789");
        }
        at += *at == ',' ? 1 : 0;
    }
    return at + 1;
}

static const char *json_value(const char *at)
{
    if (*at == '"') {
        return json_string(at);
    }
    if (*at == '[') {
        return json_array(at);
    }
    size_t len = strspn(at, "-0123456789abcdefghijklmnopqrstuvwxyz");
    assert_true(len > 0);
    return at + len;
}

static void check_json(const char *text)
{
    const char *at = text;
    assert_int_equal(*at++, '{');
    while (*at != '}') {
        at = json_string(at);
        assert_int_equal(*at++, ':');
        at = json_value(at);
        assert_true(*at == ',' || *at == '}');
        at += *at == ',' ? 1 : 0;
    }
    assert_string_equal(at, "}");
}

static void test_ledger_payloads_are_json(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_window windows[OD_WINDOWS_MAX];
    od_id groups[OD_CAMPAIGN_GROUPS_MAX];
    char name[OD_NAME_MAX + 1];
    od_ledger_row row;
    size_t count = 1;
    memset(name, '"', sizeof name); /* the longest when escaped */
    name[OD_NAME_MAX] = '\0';
    for (int i = 0; i < OD_CAMPAIGN_GROUPS_MAX; i++) {
        windows[i] = (od_window){OD_EVERY_DAY, 1000 + i, 1440};
        name[0] = (char)('A' + i);
        stage_ok(&p->stage, od_group_add(p->stage.engine, name, &groups[i]));
    }
    stage_options(&p->stage, &o, name);
    o.groups = groups;
    o.groups_len = OD_CAMPAIGN_GROUPS_MAX;
    o.windows = windows;
    o.windows_len = OD_WINDOWS_MAX;
    o.opt_out_key = OD_NONE;
    o.fail_stop_pct = OD_NONE;
    (void)stage_add(&p->stage, &o);
    od_dnc_entry e = {.phone = stage_phone(0), .reason = name, .source = name};
    stage_ok(&p->stage, od_dnc_add(p->stage.engine, &e));
    for (int64_t at = 0; count == 1; at++) {
        stage_ok(&p->stage,
                 od_ledger_read(p->stage.engine, at, &row, 1, &count));
        if (count == 1) {
            check_json(row.payload);
        }
    }
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, NULL, NULL));
}

static void test_ledger_kind_names(void **state)
{
    (void)state;
    static const char *const names[] = {"?",       "campaign_set",
                                        "campaign_state", "attempt",
                                        "outcome", "answer",
                                        "dnc_add", "dnc_remove",
                                        "?"};
    for (int32_t i = 0; i < (int32_t)OD__LEN(names); i++) {
        assert_string_equal(od_ledger_kind_name(i), names[i]);
    }
    assert_string_equal(od_ledger_kind_name(-1), "?");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ledger_finds_a_changed_row),
        TEST(test_ledger_finds_a_missing_row),
        TEST(test_ledger_finds_swapped_rows),
        TEST(test_ledger_head_tells_of_a_cut),
        TEST(test_ledger_bad_arguments),
        TEST(test_ledger_reads_in_pages),
        TEST(test_ledger_attempts_begin_and_end),
        TEST(test_ledger_payloads_are_json),
        cmocka_unit_test(test_ledger_kind_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
