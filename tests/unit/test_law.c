/*
 * test_law.c - the law of an engine: which rules apply, what is lifted, what
 * is read of the store, and what happens when it cannot be read.
 */
#include "support/shaky.h"
#include "support/stage.h"

#include "core/core.h"
#include "storage/storage.h"

#define US "\n in US\n purpose any\n cite c\n verified yes\n"
#define BAN "rule t.ban" US " ban\n"

typedef struct play {
    od_stage stage;
    od_shaky shaky;
} play;

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_init(&p->stage);
    p->stage.world.lawful = true;
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

/* NULL: in memory. */
static od_engine *begin(play *p, od_storage *storage)
{
    stage_open(&p->stage, shaky_new(&p->shaky, storage));
    return p->stage.engine;
}

static od_storage *open_file(play *p)
{
    od_storage *storage = NULL;
    od_errmsg errmsg;
    od_err err = od_storage_open_sqlite(&storage, stage_path(&p->stage, "a.db"),
                                        &errmsg);
    if (err == OD_ERR_UNSUPPORTED) {
        skip();
    }
    assert_int_equal(err, OD_OK);
    return storage;
}

/* Store an asset as it is, past every check. */
static void put_raw(const od_storage_ops *ops, void *ctx, int32_t kind,
                    const char *name, const void *bytes, size_t len)
{
    od_asset_record record;
    od_id id = 0;
    const od_ledger_entry entry = {
        .kind = OD_LEDGER_OVERRIDE, .utc_ms = 1, .payload = "{}"};
    memset(&record, 0, sizeof record);
    record.kind = kind;
    record.bytes = bytes;
    record.bytes_len = len;
    (void)snprintf(record.name, sizeof record.name, "%s", name);
    assert_int_equal(ops->asset_put(ctx, &record, &entry, &id), OD_OK);
}

static void put(play *p, int32_t kind, const char *name, const char *text,
                size_t len)
{
    put_raw(p->shaky.inner_ops, p->shaky.inner_ctx, kind, name, text, len);
}

static void lift(play *p, const char *rule, od_id campaign)
{
    const od_override row = {.name = rule,
                             .rule = rule,
                             .reason = "test",
                             .who = "tests",
                             .campaign = campaign};
    stage_ok(&p->stage, od_override_add(p->stage.engine, &row));
}

/* == which rules apply ==================================================== */

static od_campaign_record campaign_of(int32_t purpose)
{
    od_campaign_record c;
    memset(&c, 0, sizeof c);
    c.id = 7;
    c.purpose = purpose;
    return c;
}

static od__place place_in(const char *region, int32_t line)
{
    od__place place;
    memset(&place, 0, sizeof place);
    place.line = line;
    if (region != NULL) {
        place.regions_len = 1;
        (void)snprintf(place.regions[0], sizeof place.regions[0], "%s", region);
    }
    return place;
}

/* Is a rule found for such a campaign and place? */
static bool applies(const od_engine *engine, const char *rule,
                    const od_campaign_record *c, const char *region,
                    int32_t line)
{
    uint16_t found[OD__OPENING_RULES];
    od__place place = place_in(region, line);
    size_t len = od__law_find(&engine->law, c, &place, found, OD__LEN(found));
    assert_true(len <= OD__LEN(found));
    for (size_t i = 0; i < len; i++) {
        assert_true(i == 0 || found[i] > found[i - 1]);
        if (strcmp(engine->law.set.rows[found[i]].id, rule) == 0) {
            return true;
        }
    }
    return false;
}

static void test_law_find(void **state)
{
    play *p = *state;
    const od_engine *e = begin(p, NULL);
    od_campaign_record sale = campaign_of(OD_PURPOSE_MARKETING);
    od_campaign_record survey = campaign_of(OD_PURPOSE_SURVEY);
    od_campaign_record alarm = campaign_of(OD_PURPOSE_EMERGENCY);
    assert_true(applies(e, "us-fl.hours", &sale, "US-FL", 0));
    assert_true(applies(e, "us.hours", &sale, "US-FL", 0));
    assert_false(applies(e, "us-fl.hours", &sale, "US-GA", 0));
    assert_false(applies(e, "us-fl.hours", &survey, "US-FL", 0));
    assert_true(applies(e, "us.hours", &survey, "US-FL", 0));
    assert_false(applies(e, "us.hours", &alarm, "US-FL", 0));
    assert_false(applies(e, "world.hours", &sale, "US-FL", 0));
    assert_true(applies(e, "world.hours", &sale, "JP", 0));
    /* What is not known may be anything. */
    assert_true(applies(e, "us-fl.hours", &sale, "US", 0));
    assert_true(applies(e, "us-fl.hours", &sale, NULL, 0));
    assert_true(applies(e, "us-az.mobile", &sale, "US-AZ", 0));
    assert_true(applies(e, "us-az.mobile", &sale, "US-AZ", OD_LINE_MOBILE));
    assert_false(applies(e, "us-az.mobile", &sale, "US-AZ", OD_LINE_BUSINESS));
    od_campaign_record unsaid = campaign_of(OD_PURPOSE_UNSTATED);
    assert_true(applies(e, "us-fl.hours", &unsaid, "US-FL", 0));
    assert_true(applies(e, "us.debt.calls", &unsaid, "US-FL", 0));
}

/* The date plays no part: who asks has the date. */
static void test_law_find_whatever_the_date(void **state)
{
    play *p = *state;
    const od_engine *e = begin(p, NULL);
    od_campaign_record sale = campaign_of(OD_PURPOSE_MARKETING);
    assert_true(applies(e, "us-pa.hours.before", &sale, "US-PA", 0));
    assert_true(applies(e, "us-pa.hours", &sale, "US-PA", 0));
}

static void test_law_find_more_than_fit(void **state)
{
    play *p = *state;
    const od_engine *e = begin(p, NULL);
    od_campaign_record sale = campaign_of(OD_PURPOSE_MARKETING);
    od__place place = place_in("US-FL", 0);
    uint16_t found[OD__OPENING_RULES + 1];
    size_t len = od__law_find(&e->law, &sale, &place, found, OD__LEN(found));
    assert_true(len > 2 && len < OD__LEN(found));
    assert_int_equal(od__law_find(&e->law, &sale, &place, found, len), len);
    found[len - 1] = 0x5a5a;
    assert_true(od__law_find(&e->law, &sale, &place, found, len - 1) ==
                SIZE_MAX);
    assert_int_equal(found[len - 1], 0x5a5a);
}

/* Even a place of which nothing is known has room for all rules of a kind. */
static void test_law_all_rules_fit_an_opening(void **state)
{
    play *p = *state;
    const od_engine *e = begin(p, NULL);
    uint16_t found[OD__OPENING_RULES];
    od__place anywhere = place_in(NULL, 0);
    for (int32_t purpose = 0; purpose < OD_PURPOSES; purpose++) {
        od_campaign_record c = campaign_of(purpose);
        assert_true(od__law_find(&e->law, &c, &anywhere, found,
                                 OD__LEN(found)) <= OD__LEN(found));
    }
}

/* == what is lifted ======================================================= */

static void test_law_lifts(void **state)
{
    play *p = *state;
    const od_engine *e = begin(p, NULL);
    od_campaign_options options;
    stage_options(&p->stage, &options, "first");
    od_id first = stage_add(&p->stage, &options);
    od_campaign_record mine = campaign_of(OD_PURPOSE_MARKETING);
    od_campaign_record other = mine;
    mine.id = first;
    other.id = first + 1;
    lift(p, "us-fl.hours", first);
    assert_false(applies(e, "us-fl.hours", &mine, "US-FL", 0));
    assert_true(applies(e, "us-fl.hours", &other, "US-FL", 0));
    assert_true(applies(e, "us-fl.cap", &mine, "US-FL", 0));
    lift(p, "us-fl.cap", 0);
    assert_false(applies(e, "us-fl.cap", &mine, "US-FL", 0));
    assert_false(applies(e, "us-fl.cap", &other, "US-FL", 0));
    const od__rule *rule = od__rule_find(&e->law.set, "us-fl.hours");
    assert_true(od__law_lifts(&e->law, rule, first));
    assert_false(od__law_lifts(&e->law, rule, 0));
    stage_ok(&p->stage, od_override_remove(p->stage.engine, "us-fl.cap"));
    assert_true(applies(e, "us-fl.cap", &mine, "US-FL", 0));
}

#define READ(text, out)                                                        \
    od__override_read(                                                         \
        &(od_asset_record){.bytes = (text), .bytes_len = sizeof(text)}, out)

static void test_law_override_read(void **state)
{
    od__override o;
    (void)state;
    assert_true(READ("us.hours\n12\nA. Counsel\nall agreed", &o));
    assert_string_equal(o.rule, "us.hours");
    assert_true(o.campaign == 12);
    assert_string_equal(o.who, "A. Counsel");
    assert_string_equal(o.reason, "all agreed");
    assert_true(READ("us.hours\n0\nw\nr", &o) && o.campaign == 0);
}

/* Cut off, garbled, or of another version: it lifts nothing, above all not for
 * all campaigns. */
static void test_law_override_unreadable(void **state)
{
    char big[OD__OVERRIDE_SIZE + 1];
    od__override o;
    (void)state;
    assert_false(READ("", &o));
    assert_false(READ("us.hours", &o));
    assert_false(READ("us.hours\n", &o));
    assert_false(READ("us.hours\n7", &o));
    assert_false(READ("us.hours\n7\n", &o));
    assert_false(READ("us.hours\n7\nwho", &o));
    assert_false(READ("us.hours\n7\nwho\n", &o));
    assert_false(READ("us.hours\n\nwho\nreason", &o));
    assert_false(READ("us.hours\nall\nwho\nreason", &o));
    assert_false(READ("us.hours\n-1\nwho\nreason", &o));
    assert_false(READ("us.hours\n7x\nwho\nreason", &o));
    assert_false(READ("us.hours\n 7\nwho\nreason", &o));
    assert_false(READ("\n7\nwho\nreason", &o));
    assert_false(READ("us.hours\n7\nwho\nreason\nmore", &o));
    assert_false(READ("us.hours\n7\nwho\nreason\0more", &o));
    assert_false(READ("us.hours.is.a.name.that.is.too.long\n7\nwho\nr", &o));
    assert_false(READ("us.hours\n123456789012345678901234\nwho\nr", &o));
    memset(big, 'x', sizeof big);
    memcpy(big, "us.hours\n7\nwho\n", 15);
    big[sizeof big - 1] = '\0';
    assert_false(READ(big, &o));
    od_asset_record open_end = {.bytes = "us.hours\n7\nwho\nreason",
                                .bytes_len = 21};
    assert_false(od__override_read(&open_end, &o)); /* without its NUL */
    open_end.bytes_len = 0;
    open_end.bytes = NULL;
    assert_false(od__override_read(&open_end, &o));
}

static void test_law_unreadable_override_lifts_nothing(void **state)
{
    play *p = *state;
    od_engine *e = begin(p, NULL);
    od_override rows[4];
    size_t count = 0;
    put(p, OD_ASSET_OVERRIDE, "cut", "us.hours", 9);
    put(p, OD_ASSET_OVERRIDE, "empty", "", 1);
    put(p, OD_ASSET_OVERRIDE, "fine", "us-fl.cap\n0\nw\nr", 16);
    put(p, OD_ASSET_OVERRIDE, "of no rule", "us.none\n0\nw\nr", 14);
    stage_ok(&p->stage, od__law_replace(e));
    assert_int_equal(e->law.lifts_len, 2);
    od_campaign_record sale = campaign_of(OD_PURPOSE_MARKETING);
    assert_true(applies(e, "us.hours", &sale, "US-FL", 0));
    assert_false(applies(e, "us-fl.cap", &sale, "US-FL", 0));
    stage_ok(&p->stage, od_overrides_list(e, 0, rows, 4, &count));
    assert_int_equal(count, 2);
    /* It can be removed, and its name is taken until then. */
    const od_override again = {
        .name = "cut", .rule = "us.hours", .reason = "r", .who = "w"};
    stage_fails(&p->stage, od_override_add(e, &again), OD_ERR_EXISTS, "cut");
    stage_ok(&p->stage, od_override_remove(e, "cut"));
}

/* == what cannot be read ================================================== */

static void test_law_unreadable_set_fails_the_engine(void **state)
{
    static const char bad[] = "rule t.bad\n  in US\n  bann\n";
    play *p = *state;
    od_engine *e = begin(p, NULL);
    stage_ok(&p->stage, od_rules_add(e, "mine", BAN));
    char hash[65];
    memcpy(hash, e->law.hash, sizeof hash);
    put(p, OD_ASSET_RULES, "bad", bad, sizeof bad - 1);
    stage_fails(&p->stage, od__law_refresh(e), OD_ERR_FORMAT,
                "rules bad, line 3");
    /* The old one is in force still. */
    assert_string_equal(e->law.hash, hash);
    assert_non_null(od__rule_find(&e->law.set, "t.ban"));
    stage_fails(&p->stage, od_rules_add(e, "more", "rule t.x" US " ban\n"),
                OD_ERR_FORMAT, "rules bad, line 3");
    /* What is wrong can be removed. */
    stage_ok(&p->stage, od_rules_remove(e, "bad"));
    stage_ok(&p->stage, od__law_refresh(e));
    assert_string_equal(e->law.hash, hash);
}

static void test_law_unreadable_set_refuses_an_engine(void **state)
{
    static const char bad[] = "rule t.bad\n  in US\n  bann\n";
    play *p = *state;
    od_engine *none = NULL;
    od_errmsg errmsg = {""};
    od_storage *storage = shaky_new(&p->shaky, NULL);
    put(p, OD_ASSET_RULES, "bad", bad, sizeof bad - 1);
    assert_int_equal(
        od_engine_new(&none, NULL, storage, NULL, &p->stage.world.now, &errmsg),
        OD_ERR_FORMAT);
    assert_null(none);
    assert_non_null(strstr(errmsg.text, "rules bad, line 3"));
    od_storage_free(storage);
}

/* Another process stored what we cannot read: no step begins a call until it
 * is gone. */
static void test_law_unreadable_set_stops_dialing(void **state)
{
    static const char bad[] = "rule t.bad\n  in US\n  bann\n";
    play *p = *state;
    od_campaign_options options;
    od_storage *other = open_file(p);
    od_engine *e = begin(p, open_file(p));
    lift(p, "us.consent.other", 0);
    lift(p, "us.id.start", 0);
    lift(p, "us.optout.exempt", 0);
    stage_people(&p->stage, 20);
    stage_far_all(&p->stage, 20, "ring 1s status 486");
    stage_options(&p->stage, &options, "first");
    options.concurrent_max = 1;
    od_id campaign = stage_go(&p->stage, &options);
    stage_run(&p->stage, 3500);
    size_t before = stage_calls(&p->stage, campaign, NULL);
    assert_true(before >= 2);
    put_raw(other->ops, other->ctx, OD_ASSET_RULES, "bad", bad, sizeof bad - 1);
    p->stage.world.now.mono_ms += 200;
    p->stage.world.now.utc_ms += 200;
    int failed = 0;
    for (int i = 0; i < 400; i++) { /* closer together than it polls */
        failed += od_engine_step(e, &p->stage.world.now) == OD_OK ? 0 : 1;
        p->stage.world.now.mono_ms += 25;
        p->stage.world.now.utc_ms += 25;
    }
    assert_int_equal(failed, 400);
    assert_true(stage_calls(&p->stage, campaign, NULL) <= before + 1);
    assert_int_equal(od_engine_calls_live(e), 0);
    stage_ok(&p->stage, od_rules_remove(e, "bad"));
    stage_run(&p->stage, 10000);
    assert_true(stage_calls(&p->stage, campaign, NULL) > before + 2);
    od_storage_free(other);
}

/* It is replaced as a whole or not at all, whichever read of it fails. */
static void test_law_replace_fails_whole(void **state)
{
    play *p = *state;
    od_engine *e = begin(p, NULL);
    stage_ok(&p->stage, od_rules_add(e, "mine", BAN));
    lift(p, "us-fl.cap", 0);
    char hash[65];
    memcpy(hash, e->law.hash, sizeof hash);
    put(p, OD_ASSET_OVERRIDE, "x", "us.hours\n0\nw\nr", 15);
    int64_t nth = 1;
    for (; nth < 100; nth++) {
        p->shaky.failures = 0;
        shaky_fail(&p->shaky, nth, false);
        od_err err = od__law_replace(e);
        if (p->shaky.failures == 0) {
            assert_int_equal(err, OD_OK);
            break;
        }
        assert_int_equal(err, OD_ERR_IO);
        /* Reading failed: nothing of the new one; else all of it. */
        assert_int_equal(e->law.lifts_len,
                         strcmp(e->law.hash, hash) == 0 ? 1 : 2);
    }
    assert_true(nth > 4 && nth < 100);
    assert_int_equal(e->law.lifts_len, 2);
}

/* == what others change =================================================== */

static void test_law_refresh(void **state)
{
    play *p = *state;
    od_engine *e = begin(p, NULL);
    char hash[65];
    memcpy(hash, e->law.hash, sizeof hash);
    const od__rule *rows = e->law.set.rows;
    stage_ok(&p->stage, od__law_refresh(e));
    assert_ptr_equal(e->law.set.rows, rows); /* nothing was made anew */
    put(p, OD_ASSET_RULES, "a", BAN, sizeof BAN - 1);
    stage_ok(&p->stage, od__law_refresh(e));
    assert_non_null(od__rule_find(&e->law.set, "t.ban"));
    assert_string_not_equal(e->law.hash, hash);
    put(p, OD_ASSET_OVERRIDE, "b", "t.ban\n0\nw\nr", 12);
    stage_ok(&p->stage, od__law_refresh(e));
    assert_int_equal(e->law.lifts_len, 1);
    stage_ok(&p->stage, od_override_remove(e, "b"));
    stage_ok(&p->stage, od_rules_remove(e, "a"));
    assert_string_equal(e->law.hash, hash);
}

/* An override goes while we read: its bytes were read before, so the next look
 * must find that the law is not what the store says. */
static od_shaky *racing;
static od_id race_at; /* asset that goes; 0: gone */
static bool race_read;

static void race_remove(void)
{
    const od_ledger_entry entry = {
        .kind = OD_LEDGER_OVERRIDE, .utc_ms = 1, .payload = "{}"};
    assert_int_equal(racing->inner_ops->asset_remove(
                         racing->inner_ctx, OD_ASSET_OVERRIDE, race_at, &entry),
                     OD_OK);
    race_at = 0;
}

static od_err race_get(void *ctx, int32_t kind, od_id id, od_asset_record *out)
{
    (void)ctx;
    race_read = race_read || (kind == OD_ASSET_OVERRIDE && id == race_at);
    return racing->inner_ops->asset_get(racing->inner_ctx, kind, id, out);
}

static od_err race_scan(void *ctx, int32_t kind, od_id after,
                        od_asset_record *rows, size_t rows_max, size_t *count)
{
    (void)ctx;
    if (race_read && race_at != 0) {
        race_remove();
    }
    return racing->inner_ops->asset_scan(racing->inner_ctx, kind, after, rows,
                                         rows_max, count);
}

static void test_law_changes_while_it_is_read(void **state)
{
    play *p = *state;
    od_storage *storage = shaky_new(&p->shaky, NULL);
    racing = &p->shaky;
    p->shaky.ops.asset_get = race_get;
    p->shaky.ops.asset_scan = race_scan;
    race_at = 0;
    race_read = false;
    stage_open(&p->stage, storage);
    od_engine *e = p->stage.engine;
    lift(p, "us.hours", 0);
    race_at = e->law.lifts[0].id;
    race_read = false;
    stage_ok(&p->stage, od__law_replace(e));
    assert_true(race_read);
    if (race_at != 0) {
        race_remove();
    }
    stage_ok(&p->stage, od__law_refresh(e));
    assert_int_equal(e->law.lifts_len, 0);
}

/* A change was stored, and the law could not be made: it is made by the next
 * step, before a call begins. */
static void test_law_is_made_later(void **state)
{
    play *p = *state;
    od_engine *e = begin(p, open_file(p));
    lift(p, "us.hours", 0);
    stage_run(&p->stage, 1000);
    p->shaky.only = "asset_scan";
    shaky_fail(&p->shaky, 2, false);
    stage_fails(&p->stage, od_override_remove(e, "us.hours"), OD_ERR_IO, "");
    assert_int_equal(e->law.lifts_len, 1);
    stage_ok(&p->stage, od_engine_step(e, &p->stage.world.now));
    assert_int_equal(e->law.lifts_len, 0);
}

/* The law was made, and what it blocked could not be queued again: the next
 * step does it. */
static void test_law_judges_later(void **state)
{
    play *p = *state;
    od_engine *e = begin(p, open_file(p));
    lift(p, "us.id.start", 0);
    lift(p, "us.optout.exempt", 0);
    stage_people(&p->stage, 2);
    stage_far_all(&p->stage, 2, "status 486");
    const od_consent agreed = {.phone = stage_phone(1),
                               .obtained_utc_ms = p->stage.world.now.utc_ms,
                               .kind = OD_CONSENT_EXPRESS,
                               .purpose = OD_PURPOSE_INFORMATIONAL};
    stage_ok(&p->stage, od_consent_add(e, &agreed));
    od_id campaign = stage_go(&p->stage, NULL);
    stage_run(&p->stage, 1000);
    assert_int_equal(stage_stats(&p->stage, campaign).blocked, 1);
    const od_override row = {
        .name = "a", .rule = "us.consent.other", .reason = "r", .who = "w"};
    p->shaky.only = "refill";
    shaky_fail(&p->shaky, 1, false);
    stage_fails(&p->stage, od_override_add(e, &row), OD_ERR_IO, "");
    assert_int_equal(stage_stats(&p->stage, campaign).blocked, 1);
    stage_run(&p->stage, 1000);
    assert_int_equal(stage_stats(&p->stage, campaign).blocked, 0);
}

/* == trying =============================================================== */

static void test_law_try_changes_nothing(void **state)
{
    play *p = *state;
    od_engine *e = begin(p, NULL);
    size_t len = e->law.set.len;
    stage_ok(&p->stage, od__law_try(e, "t", BAN, strlen(BAN)));
    stage_fails(&p->stage, od__law_try(e, "t", "rule", 4), OD_ERR_FORMAT,
                "line 1");
    assert_int_equal(e->law.set.len, len);
    assert_null(od__rule_find(&e->law.set, "t.ban"));
}

static void test_law_hash(void **state)
{
    play *p = *state;
    od_engine *e = begin(p, NULL);
    uint8_t hash[32];
    char hex[65];
    stage_ok(&p->stage, od_rules_hash(e, hash));
    od__hex(hash, sizeof hash, hex);
    assert_string_equal(hex, e->law.hash);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_law_find),
        TEST(test_law_find_whatever_the_date),
        TEST(test_law_find_more_than_fit),
        TEST(test_law_all_rules_fit_an_opening),
        TEST(test_law_lifts),
        TEST(test_law_override_read),
        TEST(test_law_override_unreadable),
        TEST(test_law_unreadable_override_lifts_nothing),
        TEST(test_law_unreadable_set_fails_the_engine),
        TEST(test_law_unreadable_set_refuses_an_engine),
        TEST(test_law_unreadable_set_stops_dialing),
        TEST(test_law_replace_fails_whole),
        TEST(test_law_refresh),
        TEST(test_law_changes_while_it_is_read),
        TEST(test_law_is_made_later),
        TEST(test_law_judges_later),
        TEST(test_law_try_changes_nothing),
        TEST(test_law_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
