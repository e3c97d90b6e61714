/*
 * test_ledger_calls.c - rows of the ledger joined to calls, as a table.
 *
 * The storage tells a ledger that the test writes, so that every row can be
 * there, missing, erased or hostile.
 */
#include "support/shaky.h"
#include "support/stage.h"

#include "core/core.h"

#include <unistd.h>

/* -- the ledger that is told ---------------------------------------------- */

#define STORY_MAX 256

static struct {
    size_t len;
    od_ledger_row rows[STORY_MAX];
    int64_t calls; /* so many more follow; 0: none */
    bool end;      /* each before the next begins, or never */
} story;

/* Row `at` of the calls that follow, counted from 0. */
static od_ledger_row call_row(int64_t at)
{
    return (od_ledger_row){
        .kind = story.end && at % 2 == 1 ? OD_LEDGER_OUTCOME
                                         : OD_LEDGER_ATTEMPT,
        .subject = 1000000 + (story.end ? at / 2 : at),
        .payload = "{\"phone\":\"+12125550123\",\"campaign\":7}"};
}

static od_err told_scan(void *ctx, int64_t after, od_ledger_row *rows,
                        size_t rows_max, size_t *count)
{
    int64_t told = (int64_t)story.len;
    int64_t all = told + story.calls * (story.end ? 2 : 1);
    (void)ctx;
    *count = 0;
    while (*count < rows_max && after < all) {
        od_ledger_row *row = &rows[(*count)++];
        *row = after < told ? story.rows[after] : call_row(after - told);
        row->seq = ++after;
    }
    return OD_OK;
}

/* One more row; payload NULL: it was erased. Time runs a second a row. */
static void tell(int32_t kind, od_id subject, const char *payload)
{
    assert_true(story.len < STORY_MAX);
    od_ledger_row *row = &story.rows[story.len];
    *row = (od_ledger_row){
        .utc_ms = od_world_time(STAGE_NOON) + 1000 * (int64_t)story.len++,
        .kind = kind,
        .subject = subject,
        .payload = payload != NULL ? payload : "",
        .erased = payload == NULL};
}

#define SHA_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SHA_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define PROMPT(sha, name)                                                      \
    "{\"change\":\"add\",\"what\":\"prompt\",\"name\":\"" name                 \
    "\",\"sha256\":\"" sha "\",\"bytes\":7}"
#define SURVEY(sha, name)                                                      \
    "{\"change\":\"add\",\"what\":\"survey\",\"name\":\"" name                 \
    "\",\"sha256\":\"" sha "\",\"bytes\":7}"
#define NUMBER(change, sha)                                                    \
    "{\"change\":\"" change "\",\"what\":\"caller ID\",\"name\":\""            \
    "+12125550100\",\"sha256\":\"" sha "\",\"bytes\":3,\"text\":\"x\"}"
#define CAMPAIGN(name, prompts)                                                \
    "{\"name\":\"" name "\",\"seller\":\"Acme \\\"US\\\" Inc\",\"purpose\":"   \
    "\"survey\",\"prompts\":" prompts ",\"survey\":5,\"opt_out_prompt\":6}"
#define ATTEMPT(phone)                                                         \
    "{\"campaign\":1,\"contact\":3,\"phone\":\"" phone                         \
    "\",\"from\":\"+12125550100\",\"session\":\"0123abcd\",\"trunk\":\"t1\""   \
    ",\"attempt\":2,\"place\":\"US-NY|America/New_York|mobile\",\"purpose\":"  \
    "\"survey\",\"line\":\"mobile\",\"consent\":\"express 17\",\"registry\":"  \
    "\"us-dnc 4\",\"rules\":\"f00d\",\"tzdata\":\"2026f\"}"
#define OUTCOME(phone)                                                         \
    "{\"campaign\":1,\"phone\":\"" phone "\",\"disposition\":\"answered\","    \
    "\"sip_status\":200,\"fault\":0,\"ring_ms\":4005,\"talk_ms\":61050,"       \
    "\"heard_ms\":9000,\"survey_done\":true,\"counts\":true,"                  \
    "\"sip_call_id\":\"=id@host\"}"
#define ANA "+12125550101"
#define BEN "+12125550102"

typedef struct play {
    od_stage stage;
    od_shaky shaky;
} play;

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_init(&p->stage);
    od_storage *storage = shaky_new(&p->shaky, NULL);
    p->shaky.ops.ledger_scan = told_scan;
    stage_open(&p->stage, storage);
    memset(&story, 0, sizeof story);
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

/* -- the table, read again ------------------------------------------------ */

#define CELLS 40
#define LINES 16

static struct {
    size_t rows;
    size_t cells;
    char *text[LINES][CELLS];
} table;

static bool on_record(void *ctx, od__csv_record *record)
{
    (void)ctx;
    assert_true(table.rows < LINES && record->len <= CELLS);
    assert_true(table.rows == 0 || record->len == table.cells);
    table.cells = record->len;
    for (size_t i = 0; i < record->len; i++) {
        table.text[table.rows][i] = strdup(record->cells[i]);
    }
    table.rows++;
    return true;
}

static void drop_table(void)
{
    for (size_t r = 0; r < table.rows; r++) {
        for (size_t c = 0; c < table.cells; c++) {
            free(table.text[r][c]);
        }
    }
    table.rows = 0;
}

static void extract(play *p, od_ledger_extract_options *options)
{
    od__csv_in *csv = NULL;
    bool done = false;
    drop_table();
    options->path = stage_path(&p->stage, "calls.csv");
    options->format = OD_LEDGER_CALLS_CSV;
    stage_ok(&p->stage, od_ledger_extract(p->stage.engine, options));
    assert_int_equal(od__csv_open(&csv, options->path, NULL), OD_OK);
    while (!done) {
        assert_int_equal(od__csv_read(csv, 65536, on_record, NULL, &done, NULL),
                         OD_OK);
    }
    od__csv_close(csv);
}

/* All calls; how many there are. */
static size_t extract_all(play *p)
{
    od_ledger_extract_options options;
    od_ledger_extract_options_init(&options);
    extract(p, &options);
    return table.rows - 1;
}

static const char *cell(size_t row, const char *name)
{
    for (size_t c = 0; c < table.cells; c++) {
        if (strcmp(table.text[0][c], name) == 0) {
            return table.text[row][c];
        }
    }
    fail_msg("no column %s", name);
    return "";
}

typedef struct want {
    const char *name;
    const char *value;
} want;

static void has(size_t row, const want *wants, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (strcmp(cell(row, wants[i].name), wants[i].value) != 0) {
            fail_msg("%s is \"%s\", not \"%s\"", wants[i].name,
                     cell(row, wants[i].name), wants[i].value);
        }
    }
}
#define HAS(row, wants) has((row), (wants), OD__LEN(wants))

/* -- what a line says ----------------------------------------------------- */

static void test_ledger_calls_joins_rows(void **state)
{
    static const want wants[] = {
        {"attempt", "40"},
        {"session_id", "0123abcd"},
        {"sip_call_id", "'=id@host"},
        {"calling_number", "'+12125550100"},
        {"called_number", "'" ANA},
        {"date", "2027-03-10"},
        {"time", "17:00:06.000"},
        {"local", "2027-03-10 12:00:06 America/New_York"},
        {"ring_s", "4.005"},
        {"talk_s", "61.050"},
        {"disposition", "answered"},
        {"sip_status", "200"},
        {"trunk", "t1"},
        {"try", "2"},
        {"campaign", "1"},
        {"campaign_name", "'=Spring"},
        {"purpose", "survey"},
        {"seller", "Acme \"US\" Inc"},
        {"prompts", SHA_A " hello; " SHA_B " bye, bye"},
        {"survey", SHA_C " poll"},
        {"opt_out_prompt", SHA_B " bye, bye"},
        {"caller_id_evidence", SHA_B},
        {"consent", "express 17"},
        {"registry", "us-dnc 4"},
        {"place", "US-NY|America/New_York|mobile"},
        {"rules", "f00d"},
        {"tzdata", "2026f"},
        {"robocall", "yes"},
        {"line", "mobile"},
        {"consumer_or_business", "consumer"},
        {"answers", "2"},
        {"opted_out", "yes"}};
    play *p = *state;
    tell(OD_LEDGER_MEDIA, 5, PROMPT(SHA_A, "hello"));
    tell(OD_LEDGER_MEDIA, 6, PROMPT(SHA_B, "bye, bye"));
    tell(OD_LEDGER_MEDIA, 5, SURVEY(SHA_C, "poll")); /* ids of their own */
    tell(OD_LEDGER_CALLER_ID, 9, NUMBER("add", SHA_B));
    tell(OD_LEDGER_CAMPAIGN_SET, 1, CAMPAIGN("=Spring", "[5,6]"));
    tell(OD_LEDGER_CAMPAIGN_STATE, 1, "{\"from\":\"idle\"}");
    tell(OD_LEDGER_ATTEMPT, 40, ATTEMPT(ANA));
    tell(OD_LEDGER_ATTEMPT, 41, ATTEMPT(BEN));
    tell(OD_LEDGER_ANSWER, 40, "{\"campaign\":1,\"phone\":\"" ANA "\"}");
    tell(OD_LEDGER_ANSWER, 40, "{\"campaign\":1,\"phone\":\"" ANA "\"}");
    tell(OD_LEDGER_DNC_ADD, 40, "{\"phone\":\"" ANA "\",\"scope\":\"all\"}");
    tell(OD_LEDGER_OUTCOME, 40, OUTCOME(ANA));
    tell(OD_LEDGER_OUTCOME, 41, OUTCOME(BEN));
    assert_int_equal(extract_all(p), 2);
    HAS(1, wants);
    assert_int_equal(table.cells, OD__LEN(wants)); /* no column was left out */
    assert_string_equal(cell(2, "answers"), "0");
    assert_string_equal(cell(2, "opted_out"), "no");
    drop_table();
}

/* A call keeps the campaign, prompts and proof it began with. */
static void test_ledger_calls_says_what_was_in_force(void **state)
{
    play *p = *state;
    tell(OD_LEDGER_MEDIA, 5, PROMPT(SHA_A, "hello"));
    tell(OD_LEDGER_CALLER_ID, 9, NUMBER("add", SHA_A));
    tell(OD_LEDGER_CAMPAIGN_SET, 1, CAMPAIGN("Old", "[5]"));
    tell(OD_LEDGER_ATTEMPT, 1, ATTEMPT(ANA));
    tell(OD_LEDGER_CALLER_ID, 9, NUMBER("remove", SHA_A));
    tell(OD_LEDGER_CALLER_ID, 10, NUMBER("add", SHA_C));
    tell(OD_LEDGER_MEDIA, 7, PROMPT(SHA_B, "hello"));
    tell(OD_LEDGER_CAMPAIGN_SET, 1, CAMPAIGN("New", "[7]"));
    tell(OD_LEDGER_ATTEMPT, 2, ATTEMPT(BEN));
    tell(OD_LEDGER_CALLER_ID, 10, NUMBER("remove", SHA_C));
    tell(OD_LEDGER_ATTEMPT, 3, ATTEMPT(BEN));
    tell(OD_LEDGER_OUTCOME, 3, OUTCOME(BEN));
    tell(OD_LEDGER_OUTCOME, 1, OUTCOME(ANA));
    tell(OD_LEDGER_OUTCOME, 2, OUTCOME(BEN));
    assert_int_equal(extract_all(p), 3);
    static const want third[] = {
        {"attempt", "3"}, {"campaign_name", "New"}, {"caller_id_evidence", ""}};
    static const want first[] = {{"attempt", "1"},
                                 {"campaign_name", "Old"},
                                 {"prompts", SHA_A " hello"},
                                 {"caller_id_evidence", SHA_A}};
    static const want second[] = {{"attempt", "2"},
                                  {"campaign_name", "New"},
                                  {"prompts", SHA_B " hello"},
                                  {"caller_id_evidence", SHA_C}};
    HAS(1, third);
    HAS(2, first);
    HAS(3, second);
    drop_table();
}

/* Calls that have not ended stand last, by id, with what is known. */
static void test_ledger_calls_under_way(void **state)
{
    static const want live[] = {{"called_number", "'" ANA}, {"disposition", ""},
                                {"talk_s", ""},             {"ring_s", ""},
                                {"sip_status", ""},         {"answers", "1"}};
    play *p = *state;
    for (od_id attempt = 19; attempt >= 9; attempt--) {
        tell(OD_LEDGER_ATTEMPT, attempt, ATTEMPT(ANA));
    }
    tell(OD_LEDGER_ATTEMPT, 8, ATTEMPT(BEN));
    tell(OD_LEDGER_ANSWER, 9, "{}");
    tell(OD_LEDGER_OUTCOME, 12, OUTCOME(ANA));
    assert_int_equal(extract_all(p), 12);
    assert_string_equal(cell(1, "attempt"), "12");
    assert_string_equal(cell(2, "attempt"), "8");
    for (size_t row = 3; row < table.rows; row++) {
        assert_true(strtoll(cell(row, "attempt"), NULL, 10) >
                    strtoll(cell(row - 1, "attempt"), NULL, 10));
    }
    assert_string_equal(cell(3, "attempt"), "9");
    HAS(3, live);
    drop_table();
}

/* What older rows, or rows after a crash, do not say is empty. */
static void test_ledger_calls_leaves_empty_what_is_not_said(void **state)
{
    static const want wants[] = {
        {"called_number", "'" ANA},  {"disposition", "unknown"},
        {"ring_s", ""},              {"talk_s", ""},
        {"prompts", "id 5; id 12"},  {"survey", ""},
        {"seller", ""},              {"purpose", ""},
        {"local", ""},               {"consumer_or_business", ""},
        {"caller_id_evidence", ""},  {"consent", ""},
        {"calling_number", ""},      {"campaign_name", "Plain"}};
    play *p = *state;
    tell(OD_LEDGER_CAMPAIGN_SET, 1,
         "{\"name\":\"Plain\",\"prompts\":[5,12],\"survey\":0}");
    tell(OD_LEDGER_ATTEMPT, 1, "{\"campaign\":1,\"phone\":\"" ANA "\"}");
    tell(OD_LEDGER_OUTCOME, 1,
         "{\"campaign\":1,\"phone\":\"" ANA "\",\"disposition\":\"unknown\","
         "\"settled\":true}");
    tell(OD_LEDGER_ATTEMPT, 2, "{\"campaign\":77,\"place\":\"x|Nowhere/No\","
                               "\"line\":\"business\",\"from\":\"anonymous\"}");
    tell(OD_LEDGER_OUTCOME, 2, "{\"ring_ms\":-5,\"talk_ms\":\"7\"}");
    assert_int_equal(extract_all(p), 2);
    HAS(1, wants);
    static const want other[] = {{"campaign", "77"},
                                 {"campaign_name", ""},
                                 {"prompts", ""},
                                 {"called_number", ""},
                                 {"local", ""},
                                 {"ring_s", ""},
                                 {"talk_s", ""},
                                 {"calling_number", "anonymous"},
                                 {"consumer_or_business", "business"}};
    HAS(2, other);
    drop_table();
}

/* An erased call is a line that names nobody; one whose end was kept is still
 * found by its number. */
static void test_ledger_calls_that_were_erased(void **state)
{
    static const want nameless[] = {
        {"attempt", "1"},      {"date", "2027-03-10"}, {"time", "17:00:01.000"},
        {"called_number", ""}, {"session_id", ""},     {"sip_call_id", ""},
        {"disposition", ""},   {"campaign", ""},       {"campaign_name", ""}};
    static const want half[] = {{"attempt", "2"},
                                {"called_number", "'" ANA},
                                {"calling_number", ""},
                                {"disposition", "answered"},
                                {"campaign", "1"}};
    play *p = *state;
    od_ledger_extract_options o;
    tell(OD_LEDGER_CAMPAIGN_SET, 1, CAMPAIGN("Spring", "[]"));
    tell(OD_LEDGER_ATTEMPT, 1, NULL);
    tell(OD_LEDGER_ANSWER, 1, NULL);
    tell(OD_LEDGER_OUTCOME, 1, NULL);
    tell(OD_LEDGER_ATTEMPT, 2, NULL);
    tell(OD_LEDGER_OUTCOME, 2, OUTCOME(ANA));
    assert_int_equal(extract_all(p), 2);
    HAS(1, nameless);
    HAS(2, half);
    od_ledger_extract_options_init(&o);
    o.phone = ANA;
    extract(p, &o);
    assert_int_equal(table.rows, 2);
    HAS(1, half);
    o.campaign = 1;
    extract(p, &o);
    assert_int_equal(table.rows, 2);
    drop_table();
}

/* -- which calls ---------------------------------------------------------- */

static void test_ledger_calls_filters(void **state)
{
    static const struct {
        const char *phone;
        od_id campaign;
        int64_t since, until; /* rows */
        const char *attempts; /* found */
    } cases[] = {{NULL, 0, 0, 0, "1234"},  {"(212) 555-0101", 0, 0, 0, "13"},
                 {BEN, 0, 0, 0, "24"},     {"+12125550199", 0, 0, 0, ""},
                 {NULL, 1, 0, 0, "123"},   {NULL, 2, 0, 0, "4"},
                 {NULL, 3, 0, 0, ""},      {BEN, 1, 0, 0, "2"},
                 {"", 0, 0, 0, "1234"},    {NULL, 0, 1, 0, "234"},
                 {NULL, 0, 0, 4, "123"},   {NULL, 0, 1, 2, "2"},
                 {NULL, 0, 0, 1, "1"},     {ANA, 1, 1, 0, "3"}};
    play *p = *state;
    tell(OD_LEDGER_ATTEMPT, 1, ATTEMPT(ANA));
    tell(OD_LEDGER_ATTEMPT, 2, ATTEMPT(BEN));
    tell(OD_LEDGER_ATTEMPT, 3, ATTEMPT(ANA));
    /* A number in another member is not the one that was called. */
    tell(OD_LEDGER_OUTCOME, 1, OUTCOME(ANA));
    tell(OD_LEDGER_ATTEMPT, 4, "{\"campaign\":2,\"phone\":\"" BEN
                               "\",\"trunk\":\"" ANA "\",\"from\":\"" ANA
                               "\"}");
    tell(OD_LEDGER_OUTCOME, 2, OUTCOME(BEN));
    tell(OD_LEDGER_OUTCOME, 3, OUTCOME(ANA));
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_ledger_extract_options o;
        char found[LINES] = "";
        od_ledger_extract_options_init(&o);
        o.phone = cases[i].phone;
        o.campaign = cases[i].campaign;
        o.since_utc_ms = cases[i].since != 0
                             ? story.rows[cases[i].since].utc_ms
                             : 0;
        o.until_utc_ms = cases[i].until != 0
                             ? story.rows[cases[i].until].utc_ms
                             : 0;
        extract(p, &o);
        for (size_t r = 1; r < table.rows; r++) {
            found[r - 1] = cell(r, "attempt")[0];
        }
        assert_string_equal(found, cases[i].attempts);
    }
    drop_table();
}

/* -- ledgers that no engine wrote ----------------------------------------- */

static void refuses(play *p, od_err err, const char *text)
{
    od_ledger_extract_options o;
    od_ledger_extract_options_init(&o);
    o.path = stage_path(&p->stage, "refused.csv");
    o.format = OD_LEDGER_CALLS_CSV;
    stage_fails(&p->stage, od_ledger_extract(p->stage.engine, &o), err, text);
    assert_int_equal(access(o.path, F_OK), -1);
}

static void test_ledger_calls_refuses_what_cannot_be(void **state)
{
    static char large[OD_RULING_PAYLOAD_MAX + 2];
    play *p = *state;
    memset(large, 'x', sizeof large - 1);
    memcpy(large, "{\"a\":\"", 6);
    memcpy(large + sizeof large - 3, "\"}", 2);
    tell(OD_LEDGER_ATTEMPT, 4, ATTEMPT(ANA));
    size_t begin = story.len;
    tell(OD_LEDGER_OUTCOME, 5, OUTCOME(ANA));
    refuses(p, OD_ERR_CORRUPT,
            "ledger row 2 ends attempt 5, which is not under way");
    story.len = begin;
    tell(OD_LEDGER_ATTEMPT, 4, ATTEMPT(BEN));
    refuses(p, OD_ERR_CORRUPT,
            "ledger row 2 begins attempt 4 a second time");
    story.len = begin;
    tell(OD_LEDGER_ATTEMPT, 5, large);
    refuses(p, OD_ERR_CORRUPT, "a payload that is too long");
    story.len = begin;
    tell(OD_LEDGER_OUTCOME, 4, OUTCOME(ANA));
    tell(OD_LEDGER_OUTCOME, 4, OUTCOME(ANA));
    refuses(p, OD_ERR_CORRUPT,
            "ledger row 3 ends attempt 4, which is not under way");
    story.len = begin;
    tell(OD_LEDGER_CAMPAIGN_STATE, 1, "{\"why\":\"cut");
    refuses(p, OD_ERR_CORRUPT,
            "the payload of ledger row 2 was not written by an engine");
}

/* Rows of one number or campaign are followed in the same bounds. */
static od_err extract_rows(play *p, const char *phone, od_id campaign)
{
    od_ledger_extract_options o;
    od_ledger_extract_options_init(&o);
    o.path = stage_path(&p->stage, "rows.jsonl");
    o.phone = phone;
    o.campaign = campaign;
    return od_ledger_extract(p->stage.engine, &o);
}

static void test_ledger_calls_that_never_end(void **state)
{
    play *p = *state;
    story.calls = OD__LEDGER_LIVE_MAX + 1;
    refuses(p, OD_ERR_LIMIT, "more than 65536 to keep in mind");
    stage_fails(&p->stage, extract_rows(p, "+12125550123", 0), OD_ERR_LIMIT,
                "more than 65536 calls under way at ledger row 65537");
    stage_fails(&p->stage, extract_rows(p, NULL, 7), OD_ERR_LIMIT,
                "more than 65536 calls under way at ledger row 65537");
    stage_ok(&p->stage, extract_rows(p, "+12125550124", 0));
    stage_ok(&p->stage, extract_rows(p, NULL, 8));
}

/* Many more than may be under way at one time, one after the other. */
static void test_ledger_calls_without_number(void **state)
{
    play *p = *state;
    od_ledger_extract_options o;
    size_t len = 0;
    story.calls = OD__LEDGER_LIVE_MAX + 100;
    story.end = true;
    stage_ok(&p->stage, extract_rows(p, "+12125550123", 7));
    od_ledger_extract_options_init(&o);
    o.path = stage_path(&p->stage, "many.csv");
    o.format = OD_LEDGER_CALLS_CSV;
    stage_ok(&p->stage, od_ledger_extract(p->stage.engine, &o));
    char *text = stage_read(o.path, &len);
    size_t lines = 0;
    for (size_t i = 0; i < len; i++) {
        lines += text[i] == '\n' ? 1 : 0;
    }
    free(text);
    assert_int_equal(lines, 1 + story.calls);
}

/* Whatever rows come in whatever order: a table or a refusal. */
static void test_ledger_calls_random(void **state)
{
    static const char *const payloads[] = {
        ATTEMPT(ANA), OUTCOME(BEN), CAMPAIGN("x", "[1,2,3]"),
        CAMPAIGN("y", "[9223372036854775807,-1]"), PROMPT(SHA_A, "a"),
        SURVEY("", ""), NUMBER("add", "short"), NUMBER("remove", SHA_A),
        "{}", NULL, "{\"campaign\":-1}", "{\"campaign\":\"1\",\"phone\":7}",
        "{\"change\":\"add\",\"name\":\"+0\"}",
        "{\"place\":\"US-NY|../../etc/passwd\"}"};
    play *p = *state;
    od__rand rand = {od_test_seed(1)};
    int tables = 0;
    for (int turn = 0; turn < 3000; turn++) {
        od_ledger_extract_options o;
        size_t len = 1 + (size_t)od__rand_below(&rand, 24);
        story.len = 0;
        for (size_t i = 0; i < len; i++) {
            tell((int32_t)od__rand_below(&rand, OD_LEDGER_ERASE + 2),
                 (od_id)od__rand_below(&rand, 4),
                 payloads[od__rand_below(&rand, OD__LEN(payloads))]);
        }
        od_ledger_extract_options_init(&o);
        o.path = stage_path(&p->stage, "random.csv");
        o.format = (int32_t)od__rand_below(&rand, 2);
        o.phone = od__rand_below(&rand, 2) == 0 ? NULL : ANA;
        o.campaign = (od_id)od__rand_below(&rand, 2);
        od_err err = od_ledger_extract(p->stage.engine, &o);
        assert_true(err == OD_OK || err == OD_ERR_CORRUPT);
        tables += err == OD_OK ? 1 : 0;
    }
    assert_true(tables > 100);
}

/* -- memory ends ---------------------------------------------------------- */

static int64_t allocs_left = INT64_MAX;
static int64_t blocks;

static void *alloc_some(void *ctx, size_t bytes)
{
    (void)ctx;
    if (allocs_left-- <= 0) {
        return NULL;
    }
    blocks++;
    return malloc(bytes);
}

static void free_one(void *ctx, void *block)
{
    (void)ctx;
    blocks -= block != NULL ? 1 : 0;
    free(block);
}

static void test_ledger_calls_when_memory_ends(void **state)
{
    const od_allocator allocator = {.alloc = alloc_some, .free = free_one};
    play p;
    od_err err = OD_ERR_MEMORY;
    int64_t failures = 0;
    (void)state;
    memset(&story, 0, sizeof story);
    memset(&p, 0, sizeof p);
    stage_init(&p.stage);
    p.stage.world.options.allocator = &allocator;
    od_storage *storage = shaky_new(&p.shaky, NULL);
    p.shaky.ops.ledger_scan = told_scan;
    stage_open(&p.stage, storage);
    tell(OD_LEDGER_MEDIA, 5, PROMPT(SHA_A, "hello"));
    tell(OD_LEDGER_MEDIA, 5, SURVEY(SHA_C, "poll"));
    tell(OD_LEDGER_CALLER_ID, 9, NUMBER("add", SHA_B));
    tell(OD_LEDGER_CAMPAIGN_SET, 1, CAMPAIGN("Spring", "[5,6]"));
    tell(OD_LEDGER_ATTEMPT, 1, ATTEMPT(ANA));
    tell(OD_LEDGER_ATTEMPT, 2, ATTEMPT(BEN));
    tell(OD_LEDGER_CAMPAIGN_SET, 1, CAMPAIGN("Autumn", "[5,6]"));
    tell(OD_LEDGER_OUTCOME, 1, OUTCOME(ANA));
    for (int64_t n = 0; err != OD_OK; n++) {
        od_ledger_extract_options o;
        int64_t before = blocks;
        od_ledger_extract_options_init(&o);
        o.path = stage_path(&p.stage, "memory.csv");
        o.format = OD_LEDGER_CALLS_CSV;
        allocs_left = n;
        err = od_ledger_extract(p.stage.engine, &o);
        allocs_left = INT64_MAX;
        assert_true(err == OD_OK || err == OD_ERR_MEMORY);
        assert_int_equal(blocks, before);
        assert_int_equal(access(o.path, F_OK), err == OD_OK ? 0 : -1);
        failures += err == OD_OK ? 0 : 1;
        assert_true(n < 100);
    }
    assert_true(failures >= 10);
    stage_end(&p.stage);
    assert_int_equal(blocks, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ledger_calls_joins_rows),
        TEST(test_ledger_calls_says_what_was_in_force),
        TEST(test_ledger_calls_under_way),
        TEST(test_ledger_calls_leaves_empty_what_is_not_said),
        TEST(test_ledger_calls_that_were_erased),
        TEST(test_ledger_calls_filters),
        TEST(test_ledger_calls_refuses_what_cannot_be),
        TEST(test_ledger_calls_that_never_end),
        TEST(test_ledger_calls_without_number),
        TEST(test_ledger_calls_random),
        cmocka_unit_test(test_ledger_calls_when_memory_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
