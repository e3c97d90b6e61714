/*
 * test_dnc.c - the do-not-call list: scopes, entries, and what they do to
 * campaigns and calls.
 */
#include "support/stage.h"

#include "base/base.h"

static int setup_memory(void **state)
{
    int rc = stage_setup(state);
    stage_people(*state, 3);
    return rc;
}

static int setup_sqlite(void **state)
{
    int rc = stage_setup_sqlite(state);
    stage_people(*state, 3);
    return rc;
}

static void add(od_stage *s, int32_t scope, od_id campaign)
{
    od_dnc_entry e = {.phone = stage_phone(0),
                      .scope = scope,
                      .campaign = campaign};
    stage_ok(s, od_dnc_add(s->engine, &e));
}

static bool listed(od_stage *s, od_id campaign)
{
    bool out = false;
    stage_ok(s, od_dnc_check(s->engine, stage_phone(0), campaign, &out));
    return out;
}

static void test_dnc_scopes(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    stage_options(s, &o, "a");
    od_id a = stage_add(s, &o);
    o.name = "b";
    od_id b = stage_add(s, &o);
    assert_false(listed(s, 0));
    add(s, OD_DNC_TEXT, 0); /* no calls are meant */
    assert_false(listed(s, 0));
    assert_false(listed(s, a));
    add(s, OD_DNC_CAMPAIGN, a);
    assert_false(listed(s, 0));
    assert_true(listed(s, a));
    assert_false(listed(s, b));
    add(s, OD_DNC_VOICE, 0);
    assert_true(listed(s, 0));
    assert_true(listed(s, b));
    stage_ok(s, od_dnc_remove(s->engine, stage_phone(0), OD_DNC_VOICE, 0));
    assert_false(listed(s, 0));
    add(s, OD_DNC_ALL, 0);
    assert_true(listed(s, 0));
    assert_true(listed(s, b));
}

static void test_dnc_entry_comes_back(void **state)
{
    od_stage *s = *state;
    od_dnc_entry rows[8];
    size_t count = 0;
    od_dnc_entry e = {.phone = "(212) 555-1000",
                      .reason = "\xc3\xa9 said so",
                      .source = "letter"};
    stage_ok(s, od_dnc_add(s->engine, &e));
    e.reason = "another"; /* kept as it was */
    stage_ok(s, od_dnc_add(s->engine, &e));
    e = (od_dnc_entry){.phone = "+13125551000", .scope = OD_DNC_VOICE};
    stage_ok(s, od_dnc_add(s->engine, &e));
    stage_ok(s, od_dnc_list(s->engine, 0, rows, 8, &count));
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].phone, "+12125551000");
    assert_string_equal(rows[0].reason, "\xc3\xa9 said so");
    assert_string_equal(rows[0].source, "letter");
    assert_int_equal(rows[0].scope, OD_DNC_ALL);
    assert_true(rows[0].added_utc_ms == s->world.now.utc_ms);
    assert_string_equal(rows[1].reason, "");
    assert_string_equal(rows[1].source, "host");
    assert_true(rows[1].id > rows[0].id);
    stage_ok(s, od_dnc_list(s->engine, rows[0].id, rows, 8, &count));
    assert_int_equal(count, 1);
}

static bool number_listed(od_stage *s, const char *phone)
{
    bool out = false;
    stage_ok(s, od_dnc_check(s->engine, phone, 0, &out));
    return out;
}

static void test_dnc_prefixes(void **state)
{
    od_stage *s = *state;
    od_dnc_entry rows[8];
    size_t count = 0;
    od_dnc_entry e = {.phone = "+1212555*"};
    stage_ok(s, od_dnc_add(s->engine, &e));
    e.phone = "1212555*"; /* the same: digits begin with a country code */
    stage_ok(s, od_dnc_add(s->engine, &e));
    e.phone = "+4*";
    stage_ok(s, od_dnc_add(s->engine, &e));
    e.phone = "+12125551000"; /* a number is no prefix of itself */
    stage_ok(s, od_dnc_add(s->engine, &e));
    e.phone = "+12125551000*";
    stage_ok(s, od_dnc_add(s->engine, &e));
    stage_ok(s, od_dnc_list(s->engine, 0, rows, 8, &count));
    assert_int_equal(count, 4);
    assert_string_equal(rows[0].phone, "+1212555*");
    assert_string_equal(rows[1].phone, "+4*");
    assert_string_equal(rows[2].phone, "+12125551000");
    assert_string_equal(rows[3].phone, "+12125551000*");
    assert_true(number_listed(s, "+12125559999"));
    assert_false(number_listed(s, "+12125569999"));
    assert_true(number_listed(s, "+442079460012"));
    stage_ok(s, od_dnc_add(s->engine, &rows[0])); /* as it was listed */
    stage_ok(s, od_dnc_remove(s->engine, "+1212555*", OD_DNC_ALL, 0));
    assert_false(number_listed(s, "+12125559999"));
    stage_fails(s, od_dnc_remove(s->engine, "+1212555*", OD_DNC_ALL, 0),
                OD_ERR_NOT_FOUND, "+1212555*");
    stage_ok(s, od_dnc_remove(s->engine, "+12125551000*", OD_DNC_ALL, 0));
    assert_true(number_listed(s, "+12125551000")); /* the other is there */
    static const char *const bad[] = {"*",     "+*",   "+0*",  "+1900**",
                                      "+19x*", "+1 *", "19-*", "+123456789012345*"};
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        e.phone = bad[i];
        stage_fails(s, od_dnc_add(s->engine, &e), OD_ERR_INVALID, "1 to 14");
    }
    e.phone = "+12345678901234*"; /* the longest */
    stage_ok(s, od_dnc_add(s->engine, &e));
}

static void test_dnc_expires(void **state)
{
    od_stage *s = *state;
    od_dnc_entry row;
    size_t count = 0;
    int64_t now = s->world.now.utc_ms;
    od_dnc_entry e = {.phone = stage_phone(0), .expires_utc_ms = now};
    stage_fails(s, od_dnc_add(s->engine, &e), OD_ERR_INVALID, "has passed");
    e.expires_utc_ms = -1;
    stage_fails(s, od_dnc_add(s->engine, &e), OD_ERR_INVALID, "has passed");
    e.expires_utc_ms = now + 60000;
    stage_ok(s, od_dnc_add(s->engine, &e));
    e.expires_utc_ms = now + 30000; /* earlier: the longer one stays */
    stage_ok(s, od_dnc_add(s->engine, &e));
    stage_ok(s, od_dnc_list(s->engine, 0, &row, 1, &count));
    assert_true(row.expires_utc_ms == now + 60000);
    assert_true(number_listed(s, stage_phone(0)));
    stage_run(s, 59000);
    assert_true(number_listed(s, stage_phone(0)));
    stage_run(s, 1000);
    assert_false(number_listed(s, stage_phone(0)));
    e.expires_utc_ms = 0; /* prolonged for ever */
    stage_ok(s, od_dnc_add(s->engine, &e));
    assert_true(number_listed(s, stage_phone(0)));
    stage_ok(s, od_dnc_list(s->engine, 0, &row, 1, &count));
    assert_int_equal(count, 1);
    assert_true(row.expires_utc_ms == 0);
}

/* A prefix stops calls that ring already, all that it means. */
static void test_dnc_prefix_cancels_ringing(void **state)
{
    od_stage *s = *state;
    stage_far_all(s, 3, "ring 20s answer");
    (void)stage_go(s, NULL);
    stage_run(s, 2000);
    assert_int_equal(od_engine_calls_live(s->engine), 3);
    od_dnc_entry e = {.phone = "+1212555*"};
    stage_ok(s, od_dnc_add(s->engine, &e));
    stage_run(s, 500);
    assert_int_equal(od_engine_calls_live(s->engine), 0);
}

static void test_dnc_refuses(void **state)
{
    static char longer[OD_NAME_MAX + 2];
    od_stage *s = *state;
    bool out = false;
    memset(longer, 'x', OD_NAME_MAX + 1);
    const struct {
        od_dnc_entry entry;
        od_err err;
        const char *text;
    } cases[] = {
        {{.phone = NULL}, OD_ERR_INVALID, "phone"},
        {{.phone = "x"}, OD_ERR_INVALID, "\"x\""},
        {{.phone = "+12125551000", .scope = -1}, OD_ERR_INVALID, "scope -1"},
        {{.phone = "+12125551000", .scope = 4}, OD_ERR_INVALID, "scope 4"},
        {{.phone = "+12125551000", .scope = OD_DNC_CAMPAIGN}, OD_ERR_INVALID,
         "campaign 0"},
        {{.phone = "+12125551000", .campaign = 1}, OD_ERR_INVALID,
         "campaign 1"},
        {{.phone = "+12125551000", .scope = OD_DNC_CAMPAIGN, .campaign = 9876},
         OD_ERR_NOT_FOUND, "9876"},
        {{.phone = "+12125551000", .reason = longer}, OD_ERR_INVALID,
         "reason"},
        {{.phone = "+12125551000", .source = "caf\xc3"}, OD_ERR_INVALID,
         "source"},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        stage_fails(s, od_dnc_add(s->engine, &cases[i].entry), cases[i].err,
                    cases[i].text);
    }
    stage_fails(s, od_dnc_add(s->engine, NULL), OD_ERR_INVALID, "entry");
    stage_fails(s, od_dnc_remove(s->engine, "+12125551000", OD_DNC_ALL, 0),
                OD_ERR_NOT_FOUND, "+12125551000");
    stage_fails(s, od_dnc_remove(s->engine, "x", OD_DNC_ALL, 0),
                OD_ERR_INVALID, "\"x\"");
    stage_fails(s, od_dnc_remove(s->engine, "+12125551000", 9, 0),
                OD_ERR_INVALID, "scope");
    stage_fails(s, od_dnc_check(s->engine, "x", 0, &out), OD_ERR_INVALID,
                "\"x\"");
    stage_fails(s, od_dnc_check(s->engine, "+12125551000", 0, NULL),
                OD_ERR_INVALID, "out");
    /* Numbers that no call goes to may be asked about as well. */
    assert_false(listed(s, 0));
}

/* Entries that were read are handed in again, with all their texts. */
static void test_dnc_add_what_was_listed(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_dnc_entry rows[4];
    size_t count = 0;
    stage_options(s, &o, "a");
    od_id a = stage_add(s, &o);
    o.name = "b";
    od_id b = stage_add(s, &o);
    od_dnc_entry e = {.phone = stage_phone(0),
                      .scope = OD_DNC_CAMPAIGN,
                      .campaign = a,
                      .reason = "because of the noise",
                      .source = "a letter"};
    stage_ok(s, od_dnc_add(s->engine, &e));
    stage_ok(s, od_dnc_list(s->engine, 0, rows, 4, &count));
    rows[0].campaign = b;
    stage_ok(s, od_dnc_add(s->engine, &rows[0]));
    stage_ok(s, od_dnc_list(s->engine, 0, rows, 4, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[1].campaign, b);
    assert_string_equal(rows[1].phone, stage_phone(0));
    assert_string_equal(rows[1].reason, "because of the noise");
    assert_string_equal(rows[1].source, "a letter");
}

/* -- what entries do ------------------------------------------------------------- */

static void test_dnc_ringing_call_is_cancelled(void **state)
{
    od_stage *s = *state;
    stage_far_all(s, 3, "ring 20s answer");
    od_id campaign = stage_go(s, NULL);
    stage_run(s, 2000);
    assert_int_equal(od_engine_calls_live(s->engine), 3);
    stage_dnc(s, stage_phone(0));
    stage_run(s, 500);
    assert_int_equal(od_engine_calls_live(s->engine), 2);
    od_call last = stage_last(s, campaign, stage_phone(0));
    assert_int_equal(last.disposition, OD_DISPOSITION_CANCELLED);
    od_campaign_stats n = stage_stats(s, campaign);
    assert_int_equal(n.blocked_by[OD_REASON_DNC], 1);
    stage_run(s, 5 * STAGE_HOUR);
    assert_int_equal(stage_calls(s, campaign, stage_phone(0)), 1);
}

/* An entry of another campaign, or for texts, lets the call ring. */
static void test_dnc_other_scopes_let_it_ring(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    stage_far_all(s, 3, "ring 20s answer wait 1s hangup");
    od_id campaign = stage_go(s, NULL);
    stage_options(s, &o, "other");
    od_id other = stage_add(s, &o);
    stage_run(s, 2000);
    add(s, OD_DNC_TEXT, 0);
    add(s, OD_DNC_CAMPAIGN, other);
    stage_run(s, 30000);
    assert_int_equal(stage_last(s, campaign, stage_phone(0)).disposition,
                     OD_DISPOSITION_ANSWERED);
}

/* Who speaks already is not cut off. */
static void test_dnc_answered_call_goes_on(void **state)
{
    od_stage *s = *state;
    stage_far_all(s, 3, "ring 1s answer wait 60s hangup");
    od_id campaign = stage_go(s, NULL);
    stage_run(s, 2500);
    stage_dnc(s, stage_phone(0));
    stage_run(s, 10000);
    od_call last = stage_last(s, campaign, stage_phone(0));
    assert_int_equal(last.disposition, OD_DISPOSITION_ANSWERED);
    assert_int_equal(last.heard_ms, 2000);
}

/* Taken off the list again, it is called. */
static void test_dnc_removed_is_called(void **state)
{
    od_stage *s = *state;
    stage_far_all(s, 3, "ring 1s answer wait 1s hangup");
    stage_dnc(s, stage_phone(0));
    od_id campaign = stage_go(s, NULL);
    stage_run(s, 1500);
    assert_int_equal(stage_stats(s, campaign).blocked_by[OD_REASON_DNC], 1);
    stage_ok(s, od_dnc_remove(s->engine, stage_phone(0), OD_DNC_ALL, 0));
    stage_run(s, 10000);
    assert_int_equal(stage_calls(s, campaign, stage_phone(0)), 1);
    assert_int_equal(stage_stats(s, campaign).blocked, 0);
}

/* Each change is in the ledger, once; what was there already is no change. */
static void test_dnc_is_in_the_ledger(void **state)
{
    od_stage *s = *state;
    od_ledger_row rows[32];
    size_t count = 0;
    int adds = 0;
    int removes = 0;
    stage_dnc(s, stage_phone(0));
    stage_dnc(s, stage_phone(0));
    stage_ok(s, od_dnc_remove(s->engine, stage_phone(0), OD_DNC_ALL, 0));
    stage_fails(s, od_dnc_remove(s->engine, stage_phone(0), OD_DNC_ALL, 0),
                OD_ERR_NOT_FOUND, "");
    stage_ok(s, od_ledger_read(s->engine, 0, rows, 32, &count));
    for (size_t i = 0; i < count; i++) {
        bool ours = rows[i].kind == OD_LEDGER_DNC_ADD ||
                    rows[i].kind == OD_LEDGER_DNC_REMOVE;
        adds += rows[i].kind == OD_LEDGER_DNC_ADD;
        removes += rows[i].kind == OD_LEDGER_DNC_REMOVE;
        assert_true(!ours ||
                    strstr(rows[i].payload, stage_phone(0)) != NULL);
    }
    assert_int_equal(adds, 1);
    assert_int_equal(removes, 1);
}

#define TEST(name)                                                             \
    {#name " memory", name, setup_memory, stage_teardown, NULL},               \
        {#name " sqlite", name, setup_sqlite, stage_teardown, NULL}

/* A campaign of texts heeds what forbids texts, and one of calls does not. */
static void test_dnc_check_by_channel(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    bool listed = false;
    const od_dnc_entry entry = {.phone = stage_phone(0), .scope = OD_DNC_TEXT};
    stage_people(s, 1);
    stage_options(s, &o, "calls");
    od_id calls = stage_add(s, &o);
    o.name = "texts";
    o.channel = OD_CHANNEL_TEXT;
    o.prompts_len = 0;
    od_id texts = stage_add(s, &o);
    stage_ok(s, od_dnc_add(s->engine, &entry));
    stage_ok(s, od_dnc_check(s->engine, stage_phone(0), texts, &listed));
    assert_true(listed);
    stage_ok(s, od_dnc_check(s->engine, stage_phone(0), calls, &listed));
    assert_false(listed);
    stage_ok(s, od_dnc_check(s->engine, stage_phone(0), 0, &listed));
    assert_false(listed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_BOTH(test_dnc_check_by_channel),
        TEST(test_dnc_scopes),
        TEST(test_dnc_entry_comes_back),
        TEST(test_dnc_prefixes),
        TEST(test_dnc_expires),
        TEST(test_dnc_prefix_cancels_ringing),
        TEST(test_dnc_refuses),
        TEST(test_dnc_add_what_was_listed),
        TEST(test_dnc_ringing_call_is_cancelled),
        TEST(test_dnc_other_scopes_let_it_ring),
        TEST(test_dnc_answered_call_goes_on),
        TEST(test_dnc_removed_is_called),
        TEST(test_dnc_is_in_the_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
