/*
 * test_ledger.c - the chain holds, and whatever is changed in it is found.
 *
 * The storage lies on demand: it changes, hides or swaps rows on their way to
 * the engine.
 */
#include "support/shaky.h"
#include "support/stage.h"

#include "core/core.h"

#include <ctype.h>

typedef struct play {
    od_stage stage;
    od_shaky shaky;
    od_id campaign;
    int64_t rows;
} play;

/* How the storage lies about one row. */
static enum { HONEST, CHANGE, HIDE, SWAP, RENUMBER, REPEAT, CUT } lie;
static int64_t lie_at;
static void (*change)(od_ledger_row *row);
static int64_t scans;
static bool broken;

static od_err lying_scan(void *ctx, int64_t after, od_ledger_row *rows,
                         size_t rows_max, size_t *count)
{
    od_shaky *s = ctx;
    if (broken) {
        return OD_ERR_IO;
    }
    od_err err = s->inner_ops->ledger_scan(s->inner_ctx, after, rows, rows_max,
                                           count);
    scans++;
    if (err == OD_OK && lie == CUT && after >= lie_at - 1) {
        *count = 0;
    }
    for (size_t i = 0; err == OD_OK && i < *count; i++) {
        if (rows[i].seq != lie_at) {
            continue;
        }
        if (lie == CHANGE) {
            change(&rows[i]);
        } else if (lie == RENUMBER) {
            rows[i].seq++;
        } else if (lie == REPEAT) {
            rows[i].seq--;
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
    broken = false;
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

/* -- lies ----------------------------------------------------------------- */

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
static void change_digest(od_ledger_row *row)
{
    row->digest[0] ^= 1;
}
static void change_all_of_payload(od_ledger_row *row)
{
    od_ledger_entry entry = {.payload = "{}"};
    row->payload = entry.payload;
    memcpy(entry.salt, row->salt, sizeof entry.salt);
    od_ledger_digest(&entry, row->digest); /* as it must be then */
}
static void mark_erased(od_ledger_row *row)
{
    row->erased = true; /* with everything there */
}
static void take_away(od_ledger_row *row)
{
    row->payload = "";
    memset(row->salt, 0, sizeof row->salt);
}
static void erase(od_ledger_row *row)
{
    take_away(row);
    row->erased = true;
}
static void erase_but_salt(od_ledger_row *row)
{
    row->payload = "";
    row->erased = true;
}
static void erase_and_say_more(od_ledger_row *row)
{
    erase(row);
    row->payload = "{}";
}
static void erase_and_change_digest(od_ledger_row *row)
{
    erase(row);
    row->digest[31] ^= 1;
}
static void erase_and_change_time(od_ledger_row *row)
{
    erase(row);
    row->utc_ms++;
}

static void test_ledger_finds_a_changed_row(void **state)
{
    static void (*const changes[])(od_ledger_row *) = {
        change_payload, change_one_letter, change_time, change_kind,
        change_subject, change_salt,       change_hash, change_digest,
        change_all_of_payload, take_away};
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
        lie = REPEAT;
        finds(p, at[i] - 1, "comes behind row");
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

/* -- rows that were erased ------------------------------------------------ */

/* Whatever row it is, the chain holds without its payload. */
static void test_ledger_holds_with_erased_rows(void **state)
{
    play *p = *state;
    const int64_t at[] = {1, 2, 100, 256, 257, p->rows};
    uint8_t before[32];
    uint8_t after[32];
    lie = HONEST;
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, NULL, before));
    for (size_t i = 0; i < OD__LEN(at); i++) {
        int64_t rows = 0;
        lie = CHANGE;
        lie_at = at[i];
        change = erase;
        stage_ok(&p->stage, od_ledger_verify(p->stage.engine, &rows, after));
        assert_int_equal(rows, p->rows);
        assert_memory_equal(before, after, 32);
    }
}

static void test_ledger_finds_what_only_seems_erased(void **state)
{
    static const struct {
        void (*change)(od_ledger_row *);
        const char *what;
    } lies[] = {{mark_erased, "is marked as erased and has a payload"},
                {erase_but_salt, "is marked as erased and has a payload"},
                {erase_and_say_more, "is marked as erased and has a payload"},
                {erase_and_change_digest, "does not match its hash"},
                {erase_and_change_time, "does not match its hash"}};
    play *p = *state;
    const int64_t at[] = {1, 256, 257, p->rows};
    for (size_t c = 0; c < OD__LEN(lies); c++) {
        for (size_t i = 0; i < OD__LEN(at); i++) {
            lie = CHANGE;
            lie_at = at[i];
            change = lies[c].change;
            finds(p, at[i], lies[c].what);
        }
    }
}

/* -- heads ---------------------------------------------------------------- */

static od_ledger_head head_of(play *p, int64_t seq)
{
    od_ledger_head out = {0};
    od_ledger_row row;
    size_t count = 0;
    stage_ok(&p->stage,
             od_ledger_read(p->stage.engine, seq - 1, &row, 1, &count));
    assert_int_equal(count, 1);
    out.seq = row.seq;
    out.utc_ms = row.utc_ms;
    memcpy(out.hash, row.hash, sizeof out.hash);
    return out;
}

/* The head is that of the last row, however many there are, and is found
 * without reading them. */
static void test_ledger_head(void **state)
{
    play *p = *state;
    od_ledger_head head;
    for (int64_t rows = p->rows; rows > 0; rows -= rows > 20 ? 17 : 1) {
        od_ledger_head want = head_of(p, rows);
        lie = rows < p->rows ? CUT : HONEST;
        lie_at = rows + 1;
        scans = 0;
        stage_ok(&p->stage, od_ledger_head_get(p->stage.engine, &head));
        assert_true(scans < 40);
        lie = HONEST;
        assert_int_equal(head.seq, rows);
        assert_int_equal(head.utc_ms, want.utc_ms);
        assert_memory_equal(head.hash, want.hash, 32);
    }
    lie = CUT;
    lie_at = 1;
    stage_ok(&p->stage, od_ledger_head_get(p->stage.engine, &head));
    assert_int_equal(head.seq, 0);
    assert_int_equal(head.utc_ms, 0);
    uint8_t zero[32] = {0};
    assert_memory_equal(head.hash, zero, 32);
}

/* A store that gives the same row for ever ends nothing. */
static void test_ledger_head_of_a_storage_that_repeats(void **state)
{
    play *p = *state;
    od_ledger_head head = {.seq = -7};
    lie = CHANGE;
    for (lie_at = 1; lie_at <= p->rows; lie_at++) {
        change = change_time; /* of any row: the head is not checked */
        stage_ok(&p->stage, od_ledger_head_get(p->stage.engine, &head));
        assert_int_equal(head.seq, p->rows);
    }
    lie = REPEAT;
    lie_at = 257; /* where the search begins */
    head.seq = -7;
    stage_fails(&p->stage, od_ledger_head_get(p->stage.engine, &head),
                OD_ERR_CORRUPT, "comes behind row 256");
    assert_int_equal(head.seq, -7);
}

static void test_ledger_verify_range(void **state)
{
    play *p = *state;
    const int64_t at[] = {0, 1, 2, 255, 256, 257, 600, p->rows};
    for (size_t f = 0; f < OD__LEN(at); f++) {
        od_ledger_head from = {0};
        int64_t rows = -7;
        if (at[f] > 0) {
            from = head_of(p, at[f]);
        }
        stage_ok(&p->stage, od_ledger_verify_range(p->stage.engine, &from,
                                                   NULL, &rows));
        assert_int_equal(rows, p->rows - at[f]);
        for (size_t t = f; t < OD__LEN(at); t++) {
            od_ledger_head to = {0};
            if (at[t] > 0) {
                to = head_of(p, at[t]);
            }
            stage_ok(&p->stage, od_ledger_verify_range(p->stage.engine, &from,
                                                       &to, &rows));
            assert_int_equal(rows, at[t] - at[f]);
        }
    }
    stage_ok(&p->stage,
             od_ledger_verify_range(p->stage.engine, NULL, NULL, NULL));
}

/* Only what is in the range is looked at, and nothing behind it. */
static void test_ledger_range_looks_at_its_rows_only(void **state)
{
    play *p = *state;
    od_ledger_head from = head_of(p, 300);
    od_ledger_head to = head_of(p, 400);
    int64_t rows = 0;
    lie = CHANGE;
    change = change_payload;
    const int64_t outside[] = {1, 299, 300, 401, p->rows};
    for (size_t i = 0; i < OD__LEN(outside); i++) {
        lie_at = outside[i];
        stage_ok(&p->stage, od_ledger_verify_range(p->stage.engine, &from, &to,
                                                   &rows));
        assert_int_equal(rows, 100);
    }
    const int64_t inside[] = {301, 350, 400};
    for (size_t i = 0; i < OD__LEN(inside); i++) {
        char text[64];
        lie_at = inside[i];
        rows = -7;
        (void)snprintf(text, sizeof text, "ledger row %d does not match",
                       (int)inside[i]);
        stage_fails(&p->stage, od_ledger_verify_range(p->stage.engine, &from,
                                                      &to, &rows),
                    OD_ERR_CORRUPT, text);
        assert_int_equal(rows, -7);
    }
}

static void test_ledger_range_with_heads_that_are_not_in_it(void **state)
{
    play *p = *state;
    od_ledger_head end = head_of(p, p->rows);
    od_ledger_head other = head_of(p, 300);
    od_ledger_head none = {0};
    od_engine *engine = p->stage.engine;
    other.hash[5] ^= 1;
    stage_fails(&p->stage, od_ledger_verify_range(engine, &other, NULL, NULL),
                OD_ERR_CORRUPT, "ledger row 300 has another hash");
    stage_fails(&p->stage, od_ledger_verify_range(engine, NULL, &other, NULL),
                OD_ERR_CORRUPT, "ledger row 300 has another hash");
    stage_fails(&p->stage, od_ledger_verify_range(engine, &end, &other, NULL),
                OD_ERR_INVALID, "no range");
    none.hash[0] = 1;
    stage_fails(&p->stage, od_ledger_verify_range(engine, &none, NULL, NULL),
                OD_ERR_CORRUPT, "ledger row 0 has another hash");
    none.seq = -1;
    stage_fails(&p->stage, od_ledger_verify_range(engine, &none, NULL, NULL),
                OD_ERR_INVALID, "-1");
    none.seq = INT64_MAX;
    stage_fails(&p->stage, od_ledger_verify_range(engine, &none, NULL, NULL),
                OD_ERR_NOT_FOUND, "does not reach row 9223372036854775807");
    stage_fails(&p->stage, od_ledger_verify_range(engine, NULL, &none, NULL),
                OD_ERR_NOT_FOUND, "does not reach row 9223372036854775807");
    /* Rows at the end are gone since the head was kept. */
    lie = CUT;
    lie_at = p->rows;
    stage_fails(&p->stage, od_ledger_verify_range(engine, NULL, &end, NULL),
                OD_ERR_NOT_FOUND, "does not reach row");
    stage_fails(&p->stage, od_ledger_verify_range(engine, &end, NULL, NULL),
                OD_ERR_NOT_FOUND, "does not reach row");
    lie = RENUMBER;
    lie_at = 300;
    stage_fails(&p->stage, od_ledger_verify_range(engine, &other, NULL, NULL),
                OD_ERR_CORRUPT, "ledger row 300 is missing");
}

/* A chain that was made anew holds, but not with a head that was kept. */
static void test_ledger_range_finds_another_chain(void **state)
{
    play *p = *state;
    od_stage other;
    od_ledger_head kept = head_of(p, 5);
    stage_init(&other);
    other.world.options.seed = 99; /* other salts */
    stage_open(&other, NULL);
    stage_people(&other, 3);
    (void)stage_go(&other, NULL);
    stage_run(&other, STAGE_HOUR);
    stage_ok(&other, od_ledger_verify(other.engine, NULL, NULL));
    stage_fails(&other,
                od_ledger_verify_range(other.engine, NULL, &kept, NULL),
                OD_ERR_CORRUPT, "ledger row 5 has another hash");
    stage_end(&other);
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
    assert_int_equal(od_ledger_verify_range(NULL, NULL, NULL, NULL),
                     OD_ERR_INVALID);
    assert_int_equal(od_ledger_head_get(NULL, NULL), OD_ERR_INVALID);
    stage_fails(&p->stage, od_ledger_head_get(p->stage.engine, NULL),
                OD_ERR_INVALID, "out");
}

/* What the store cannot read is its failure, not a broken chain. */
static void test_ledger_that_cannot_be_read(void **state)
{
    play *p = *state;
    od_ledger_head head = head_of(p, 300);
    broken = true;
    stage_fails(&p->stage, od_ledger_verify(p->stage.engine, NULL, NULL),
                OD_ERR_IO, "");
    stage_fails(&p->stage, od_ledger_head_get(p->stage.engine, &head),
                OD_ERR_IO, "");
    assert_int_equal(head.seq, 300);
    stage_fails(&p->stage, od_ledger_verify_range(p->stage.engine, &head, NULL,
                                                  NULL),
                OD_ERR_IO, "");
}

/* -- what is in it -------------------------------------------------------- */

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
                        rows[i].kind <= OD_LEDGER_ERASE);
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

/* -- payloads are JSON ---------------------------------------------------- */

/* Objects, arrays, strings, whole numbers and words, as the engine writes. Not
 * payload.c, which is what this checks. */
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

static const char *json_list(const char *at)
{
    char close = *at == '{' ? '}' : ']';
    at++;
    while (*at != close) {
        if (close == '}') {
            at = json_string(at);
            assert_int_equal(*at++, ':');
        }
        at = json_value(at);
        assert_true(*at == ',' || *at == close);
        at += *at == ',' ? 1 : 0;
    }
    return at + 1;
}

static const char *json_value(const char *at)
{
    if (*at == '"') {
        return json_string(at);
    }
    if (*at == '[' || *at == '{') {
        return json_list(at);
    }
    size_t len = strspn(at, "-0123456789");
    len = len > 0 ? len : strspn(at, "abcdefghijklmnopqrstuvwxyz");
    assert_true(len > 0);
    return at + len;
}

static void check_json(const char *text)
{
    assert_int_equal(text[0], '{');
    assert_string_equal(json_value(text), "");
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
            od__payload payload;
            check_json(row.payload);
            assert_true(od__payload_read(row.payload, &payload));
        }
    }
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, NULL, NULL));
}

static void test_ledger_kind_names(void **state)
{
    (void)state;
    static const char *const names[] = {
        "?",         "campaign_set", "campaign_state", "attempt",
        "outcome",   "answer",       "dnc_add",        "dnc_remove",
        "consent_add", "consent_revoke", "rules",      "override",
        "registry",  "media",        "caller_id",      "callback",
        "erase",     "reply",        "delivery",       "?"};
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
        TEST(test_ledger_holds_with_erased_rows),
        TEST(test_ledger_finds_what_only_seems_erased),
        TEST(test_ledger_head),
        TEST(test_ledger_head_of_a_storage_that_repeats),
        TEST(test_ledger_verify_range),
        TEST(test_ledger_range_looks_at_its_rows_only),
        TEST(test_ledger_range_with_heads_that_are_not_in_it),
        TEST(test_ledger_range_finds_another_chain),
        TEST(test_ledger_that_cannot_be_read),
        TEST(test_ledger_head_tells_of_a_cut),
        TEST(test_ledger_bad_arguments),
        TEST(test_ledger_reads_in_pages),
        TEST(test_ledger_attempts_begin_and_end),
        TEST(test_ledger_payloads_are_json),
        cmocka_unit_test(test_ledger_kind_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
