/*
 * test_api_options.c - the options structs: their size rule, and each number
 * in them just outside of its range.
 *
 * The size rule: 0 and too small are refused; larger is the struct of a newer
 * version, accepted while the part unknown here is zero.
 */
#include "support/refuse.h"

#define INVALID OD_ERR_INVALID
#define TAIL 24

/* A struct as a newer version may have it. */
typedef union newer {
    od_engine_options engine;
    od_campaign_options campaign;
    od_import_options import;
    od_call_filter filter;
    od_forecast_options forecast;
    od_sim_options sim;
    od_sip_options sip;
    od_sip_trunk trunk;
    od_ledger_extract_options extract;
    od_registry_build_options build;
    od_text_options text;
    size_t size;
    uint8_t bytes[512];
} newer;

/* One kind of options, and a call that takes them. */
typedef od_err (*use)(od_refuse *r, const newer *options, od_errmsg *errmsg);

static void check_size_rule(od_refuse *r, const newer *good, size_t size,
                            use call)
{
    od_errmsg msg;
    assert_true(size + TAIL <= sizeof good->bytes);
    newer n = *good;
    static const size_t too_small[] = {0, 1, 7, 8};
    for (size_t i = 0; i < sizeof too_small / sizeof *too_small; i++) {
        n.size = too_small[i];
        REFUSED_TEXT(r, INVALID, &msg, call(r, &n, &msg));
    }
    n = *good;
    n.size = size + TAIL;
    memset(n.bytes + size, 0, TAIL);
    for (size_t at = 0; at < TAIL; at += TAIL - 1) { /* its first, its last */
        n.bytes[size + at] = 1;
        REFUSED_TEXT(r, OD_ERR_VERSION, &msg, call(r, &n, &msg));
        n.bytes[size + at] = 0;
    }
    n.size = SIZE_MAX; /* not initialised */
    REFUSED_TEXT(r, OD_ERR_VERSION, &msg, call(r, &n, &msg));
    od_refuse_check(r);

    n = *good;
    n.size = size + TAIL;
    memset(n.bytes + size, 0, TAIL);
    assert_int_equal(call(r, &n, &msg), OD_OK);
    assert_int_equal(call(r, good, &msg), OD_OK);
}

/* -- the calls ------------------------------------------------------------------ */

static od_err take_text(od_refuse *r, od_err err, od_errmsg *errmsg)
{
    (void)snprintf(errmsg->text, sizeof errmsg->text, "%s",
                   od_engine_errmsg(r->e));
    if (err == OD_OK) {
        od_refuse_changed(r);
    }
    return err;
}

static od_err use_engine(od_refuse *r, const newer *options, od_errmsg *errmsg)
{
    od_storage *storage = NULL;
    od_engine *engine = NULL;
    assert_int_equal(od_storage_new_memory(&storage, NULL), OD_OK);
    od_err err = od_engine_new(&engine, &options->engine, storage, NULL,
                               &r->world.now, errmsg);
    if (err != OD_OK) {
        assert_null(engine);
        od_storage_free(storage);
    }
    od_engine_free(engine);
    return err;
}

static od_err use_campaign(od_refuse *r, const newer *options,
                           od_errmsg *errmsg)
{
    static int names;
    char name[32];
    newer n = *options;
    od_id id = 77;
    (void)snprintf(name, sizeof name, "new %d", ++names);
    if (n.campaign.size >= offsetof(od_campaign_options, caller_id)) {
        n.campaign.name = name;
    }
    od_err err = od_campaign_add(r->e, &n.campaign, &id);
    assert_true(err == OD_OK || id == 77);
    return take_text(r, err, errmsg);
}

static od_err use_update(od_refuse *r, const newer *options, od_errmsg *errmsg)
{
    return take_text(
        r, od_campaign_update(r->e, r->idle, &options->campaign), errmsg);
}

static od_err use_import(od_refuse *r, const newer *options, od_errmsg *errmsg)
{
    od_id id = 77;
    od_err err = od_import_start(r->e, r->group_empty, &options->import, &id);
    assert_true(err == OD_OK || id == 77);
    (void)take_text(r, err, errmsg);
    if (err == OD_OK) { /* it ends with the next step */
        assert_int_equal(od_import_cancel(r->e, id), OD_OK);
        (void)od_world_run(&r->world, 1000);
    }
    return err;
}

static od_err use_filter(od_refuse *r, const newer *options, od_errmsg *errmsg)
{
    od_call row;
    size_t count = 77;
    od_err err = od_calls_list(r->e, &options->filter, 0, &row, 1, &count);
    assert_true(err == OD_OK || count == 77);
    return take_text(r, err, errmsg);
}

static od_err use_forecast(od_refuse *r, const newer *options,
                           od_errmsg *errmsg)
{
    od_forecast out;
    od_err err =
        od_campaign_forecast(r->e, r->done, &options->forecast, &out);
    return take_text(r, err, errmsg);
}

static od_err use_extract(od_refuse *r, const newer *options,
                          od_errmsg *errmsg)
{
    return take_text(r, od_ledger_extract(r->e, &options->extract), errmsg);
}

static od_err use_build(od_refuse *r, const newer *options, od_errmsg *errmsg)
{
    (void)r;
    return od_registry_build(&options->build, NULL, errmsg);
}

static od_err use_text(od_refuse *r, const newer *options, od_errmsg *errmsg)
{
    (void)r;
    od_text_info out;
    memset(&out, 0x5a, sizeof out);
    od_text_info before = out;
    od_err err = od_text_measure("a", &options->text, &out, errmsg);
    assert_true(err == OD_OK || memcmp(&out, &before, sizeof out) == 0);
    return err;
}

static od_err use_check(od_refuse *r, const newer *options, od_errmsg *errmsg)
{
    od_template_report out;
    od_err err =
        od_template_check(r->e, "a", r->group, &options->text, &out);
    return take_text(r, err, errmsg);
}

static od_err use_preview(od_refuse *r, const newer *options,
                          od_errmsg *errmsg)
{
    od_text_info out;
    od_err err =
        od_template_preview(r->e, "a", r->contact, &options->text, &out);
    return take_text(r, err, errmsg);
}

static od_err use_sim(od_refuse *r, const newer *options, od_errmsg *errmsg)
{
    (void)r;
    od_transport *sim = NULL;
    od_err err = od_transport_new_sim(&sim, &options->sim, errmsg);
    assert_true(err == OD_OK || sim == NULL);
    od_transport_free(sim);
    return err;
}

static od_err use_sip(od_refuse *r, const newer *options, od_errmsg *errmsg)
{
    (void)r;
    od_transport *sip = NULL;
    od_err err = od_transport_new_sip(&sip, &options->sip, errmsg);
    assert_true(err == OD_OK || sip == NULL);
    od_transport_free(sip);
    return err;
}

static od_err use_trunk(od_refuse *r, const newer *options, od_errmsg *errmsg)
{
    newer n;
    const od_sip_trunk *trunk = &options->trunk;
    memset(&n, 0, sizeof n);
    od_sip_options_init(&n.sip);
    n.sip.trunks = &trunk;
    n.sip.trunks_len = 1;
    return use_sip(r, &n, errmsg);
}

/* -- the size rule -------------------------------------------------------------- */

static void init_trunk(newer *n)
{
    memset(n, 0, sizeof *n);
    od_sip_trunk_init(&n->trunk);
    n->trunk.name = "one";
    n->trunk.host = "127.0.0.1";
}

/* A build without SIP refuses everything, and says so. */
static bool has_sip(od_refuse *r)
{
    newer n;
    od_errmsg msg = {""};
    init_trunk(&n);
    od_err err = use_trunk(r, &n, &msg);
    if (err == OD_ERR_UNSUPPORTED) {
        assert_string_not_equal(msg.text, "");
        print_message("%s\n", msg.text);
    }
    return err != OD_ERR_UNSUPPORTED;
}

static void test_api_options_size_engine(void **state)
{
    newer n;
    memset(&n, 0, sizeof n);
    od_engine_options_init(&n.engine);
    check_size_rule(*state, &n, sizeof n.engine, use_engine);
}

static void test_api_options_size_campaign(void **state)
{
    newer n;
    memset(&n, 0, sizeof n);
    od_campaign_options_init(&n.campaign);
    n.campaign.purpose = OD_PURPOSE_INFORMATIONAL;
    n.campaign.name = "idle";
    check_size_rule(*state, &n, sizeof n.campaign, use_campaign);
    check_size_rule(*state, &n, sizeof n.campaign, use_update);
}

static void test_api_options_size_import(void **state)
{
    newer n;
    char path[256];
    char *folder = od_test_folder();
    (void)snprintf(path, sizeof path, "%s/people.csv", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs("phone\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    memset(&n, 0, sizeof n);
    od_import_options_init(&n.import);
    n.import.path = path;
    check_size_rule(*state, &n, sizeof n.import, use_import);
    od_test_folder_remove(folder);
}

static void test_api_options_size_filter(void **state)
{
    newer n;
    memset(&n, 0, sizeof n);
    od_call_filter_init(&n.filter);
    check_size_rule(*state, &n, sizeof n.filter, use_filter);
}

static void test_api_options_size_forecast(void **state)
{
    newer n;
    memset(&n, 0, sizeof n);
    od_forecast_options_init(&n.forecast);
    check_size_rule(*state, &n, sizeof n.forecast, use_forecast);
}

static void test_api_options_size_extract(void **state)
{
    newer n;
    char path[256];
    char *folder = od_test_folder();
    (void)snprintf(path, sizeof path, "%s/rows.jsonl", folder);
    memset(&n, 0, sizeof n);
    od_ledger_extract_options_init(&n.extract);
    n.extract.path = path;
    check_size_rule(*state, &n, sizeof n.extract, use_extract);
    od_test_folder_remove(folder);
}

static void test_api_options_size_registry_build(void **state)
{
    newer n;
    char list[256];
    char path[256];
    const char *paths[] = {list};
    char *folder = od_test_folder();
    (void)snprintf(list, sizeof list, "%s/list.txt", folder);
    (void)snprintf(path, sizeof path, "%s/list.reg", folder);
    FILE *file = fopen(list, "w");
    assert_non_null(file);
    assert_true(fputs("212,5550123\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    memset(&n, 0, sizeof n);
    od_registry_build_options_init(&n.build);
    n.build.paths = paths;
    n.build.paths_len = 1;
    n.build.out_path = path;
    n.build.name = "us.test";
    n.build.obtained_utc_ms = 1;
    check_size_rule(*state, &n, sizeof n.build, use_build);
    od_test_folder_remove(folder);
}

/* The struct of the first version had no seller and what is behind it. */
static void test_api_options_size_first_campaign(void **state)
{
    od_refuse *r = *state;
    od_errmsg msg;
    od_campaign now;
    newer n;
    memset(&n, 0x5a, sizeof n); /* nothing behind it is looked at */
    memset(&n, 0, offsetof(od_campaign_options, seller));
    n.campaign.size = offsetof(od_campaign_options, seller);
    n.campaign.name = "idle";
    assert_int_equal(use_update(r, &n, &msg), OD_OK);
    assert_int_equal(od_campaign_get(r->e, r->idle, &now), OD_OK);
    assert_string_equal(now.options.seller, "");
    assert_int_equal(now.options.priority, 5);
    assert_int_equal(now.options.weight, 10);
    assert_int_equal(now.options.guards.sample, 50);
    assert_int_equal(now.options.guards.short_max, 300);
    assert_int_equal(now.options.guards.prefix_max, 950);
    assert_int_equal(now.options.guards.unheard_max, OD_NONE);
    assert_int_equal(now.options.guards.abandon_max, 30);
    assert_int_equal(now.options.guards.brief_max, OD_NONE);
    n.campaign.size--;
    REFUSED_TEXT(r, INVALID, &msg, use_update(r, &n, &msg));
    od_refuse_check(r);
}

static void test_api_options_size_text(void **state)
{
    newer n;
    memset(&n, 0, sizeof n);
    od_text_options_init(&n.text);
    check_size_rule(*state, &n, sizeof n.text, use_text);
    check_size_rule(*state, &n, sizeof n.text, use_check);
    check_size_rule(*state, &n, sizeof n.text, use_preview);
}

static void test_api_options_size_sim(void **state)
{
    newer n;
    memset(&n, 0, sizeof n);
    od_sim_options_init(&n.sim);
    check_size_rule(*state, &n, sizeof n.sim, use_sim);
}

static void test_api_options_size_sip(void **state)
{
    newer n;
    newer t;
    const od_sip_trunk *trunk = &t.trunk;
    if (!has_sip(*state)) {
        return;
    }
    init_trunk(&t);
    check_size_rule(*state, &t, sizeof t.trunk, use_trunk);
    memset(&n, 0, sizeof n);
    od_sip_options_init(&n.sip);
    n.sip.trunks = &trunk;
    n.sip.trunks_len = 1;
    check_size_rule(*state, &n, sizeof n.sip, use_sip);
}

/* -- ranges --------------------------------------------------------------------- */

/* A field of 32 bits with its range; `none`: OD_NONE is allowed as well. */
typedef struct range {
    size_t offset;
    int32_t min;
    int32_t max;
    bool none;
} range;

static void check_ranges(od_refuse *r, const newer *good, const range *ranges,
                         size_t len, use call)
{
    od_errmsg msg;
    for (size_t i = 0; i < len; i++) {
        const range *g = &ranges[i];
        /* 0 is the default, whatever the range. */
        const int64_t bad[] = {(int64_t)g->min - 1, (int64_t)g->max + 1,
                               -2, INT32_MIN, INT32_MAX};
        const int32_t fine[] = {g->min, g->max, 0, OD_NONE};
        for (size_t j = 0; j < sizeof bad / sizeof *bad; j++) {
            newer n = *good;
            int32_t value = (int32_t)bad[j];
            if (bad[j] > INT32_MAX || value == 0 ||
                (value >= g->min && value <= g->max) ||
                (value == OD_NONE && g->none)) {
                continue;
            }
            memcpy(n.bytes + g->offset, &value, sizeof value);
            REFUSED_TEXT(r, INVALID, &msg, call(r, &n, &msg));
        }
        for (size_t j = 0; j < (g->none ? 4 : 3); j++) {
            newer n = *good;
            memcpy(n.bytes + g->offset, &fine[j], sizeof fine[j]);
            if (call(r, &n, &msg) != OD_OK) {
                fail_msg("%d at %zu: %s", (int)fine[j], g->offset, msg.text);
            }
        }
    }
    od_refuse_check(r);
}

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static void test_api_options_ranges_text(void **state)
{
    static const range policies[] = {
        {offsetof(od_text_options, policy), 0, 2, false}};
    static const range segments[] = {
        {offsetof(od_text_options, segments_max), 1, 10, false}};
    static const range alone[] = {
        {offsetof(od_text_options, segments_max), 1, 1, false}};
    const use calls[] = {use_text, use_check, use_preview};
    newer n;
    memset(&n, 0, sizeof n);
    od_text_options_init(&n.text);
    for (size_t i = 0; i < LEN(calls); i++) {
        n.text.policy = OD_TEXT_POLICY_SPLIT;
        check_ranges(*state, &n, policies, 1, calls[i]);
        check_ranges(*state, &n, segments, 1, calls[i]);
        n.text.policy = OD_TEXT_POLICY_CUT;
        check_ranges(*state, &n, segments, 1, calls[i]);
        n.text.policy = OD_TEXT_POLICY_REFUSE;
        check_ranges(*state, &n, alone, 1, calls[i]);
    }
}

static void test_api_options_ranges_forecast(void **state)
{
    static const range ranges[] = {
        {offsetof(od_forecast_options, increment_s), 1, 60, false},
        {offsetof(od_forecast_options, learned), 0, 1, false},
        {offsetof(od_forecast_options, answer), 0, 1000, false},
        {offsetof(od_forecast_options, busy), 0, 1000, false},
        {offsetof(od_forecast_options, declined), 0, 1000, false},
        {offsetof(od_forecast_options, not_found), 0, 1000, false},
        {offsetof(od_forecast_options, ring_ms), 1, 120000, false},
        {offsetof(od_forecast_options, talk_ms), 1, 7200000, false},
        {offsetof(od_forecast_options, calls_per_second_max), 1, 160000, false},
        {offsetof(od_forecast_options, calls_max), 1, 320000, false},
    };
    newer n;
    memset(&n, 0, sizeof n);
    od_forecast_options_init(&n.forecast);
    check_ranges(*state, &n, ranges, LEN(ranges), use_forecast);
}

static void test_api_options_ranges_engine(void **state)
{
    static const range ranges[] = {
        {offsetof(od_engine_options, calls_max), 1, 20000, false},
        {offsetof(od_engine_options, events_max), 256, 4194304, false},
        {offsetof(od_engine_options, campaigns_max), 1, 256, false},
        {offsetof(od_engine_options, claims_max), 1, 500, false},
        {offsetof(od_engine_options, poll_ms), 10, 1000, false},
        {offsetof(od_engine_options, answer_wait_ms), 0, 1500, false},
        {offsetof(od_engine_options, call_max_s), 10, 7200, false},
    };
    newer n;
    memset(&n, 0, sizeof n);
    od_engine_options_init(&n.engine);
    check_ranges(*state, &n, ranges, LEN(ranges), use_engine);
}

static void test_api_options_ranges_campaign(void **state)
{
    static const range ranges[] = {
        {offsetof(od_campaign_options, attempts_max), 1, 20, false},
        {offsetof(od_campaign_options, concurrent_max), 1, 20000, false},
        {offsetof(od_campaign_options, recall), 0, 0, true},
        {offsetof(od_campaign_options, redial_unknown), 0, 1, false},
        {offsetof(od_campaign_options, retry_delay_s), 60, 2592000, false},
        {offsetof(od_campaign_options, ring_timeout_ms), 15000, 120000, false},
        {offsetof(od_campaign_options, skip_answered_h), 1, 8760, false},
        {offsetof(od_campaign_options, skip_called_h), 1, 8760, false},
        {offsetof(od_campaign_options, fail_stop_pct), 1, 100, true},
        {offsetof(od_campaign_options, purpose), 0, OD_PURPOSES - 1, false},
        {offsetof(od_campaign_options, retry_unfinished), 0, 1, false},
        {offsetof(od_campaign_options, spread_dayparts), 0, 1, false},
        {offsetof(od_campaign_options, priority), 1, 9, false},
        {offsetof(od_campaign_options, weight), 1, 100, false},
        {offsetof(od_campaign_options, guards.sample), 20, 250, false},
        {offsetof(od_campaign_options, guards.short_max), 1, 1000, true},
        {offsetof(od_campaign_options, guards.prefix_max), 1, 1000, true},
        {offsetof(od_campaign_options, guards.unheard_max), 1, 1000, true},
        {offsetof(od_campaign_options, guards.abandon_max), 1, 1000, true},
        {offsetof(od_campaign_options, guards.brief_max), 1, 1000, true},
    };
    newer n;
    memset(&n, 0, sizeof n);
    od_campaign_options_init(&n.campaign);
    n.campaign.purpose = OD_PURPOSE_INFORMATIONAL;
    n.campaign.name = "idle";
    check_ranges(*state, &n, ranges, LEN(ranges), use_update);
}

static void test_api_options_campaign_keys_and_channel(void **state)
{
    od_refuse *r = *state;
    od_errmsg msg;
    newer n;
    memset(&n, 0, sizeof n);
    od_campaign_options_init(&n.campaign);
    n.campaign.purpose = OD_PURPOSE_INFORMATIONAL;
    n.campaign.name = "idle";
    for (const char *bad = "a$ +,-./:A\x01"; *bad != '\0'; bad++) {
        n.campaign.opt_out_key = *bad;
        REFUSED_TEXT(r, INVALID, &msg, use_update(r, &n, &msg));
    }
    for (const char *good = "0123456789*#"; *good != '\0'; good++) {
        n.campaign.opt_out_key = *good;
        assert_int_equal(use_update(r, &n, &msg), OD_OK);
    }
    n.campaign.opt_out_key = OD_NONE;
    assert_int_equal(use_update(r, &n, &msg), OD_OK);
    n.campaign.channel = OD_CHANNEL_TEXT;
    assert_int_equal(use_update(r, &n, &msg), OD_OK);
    n.campaign.channel = 2;
    REFUSED_TEXT(r, INVALID, &msg, use_update(r, &n, &msg));
    n.campaign.channel = -1;
    REFUSED_TEXT(r, INVALID, &msg, use_update(r, &n, &msg));
    n.campaign.channel = 0;
    n.campaign.start_utc_ms = -1;
    REFUSED_TEXT(r, INVALID, &msg, use_update(r, &n, &msg));
    od_refuse_check(r);
}

static void test_api_options_campaign_lists(void **state)
{
    static const od_window windows[] = {
        {0, 540, 1020},    {0x80, 540, 1020}, {OD_MONDAY, -1, 1020},
        {OD_MONDAY, 540, 540}, {OD_MONDAY, 540, 1441}, {OD_MONDAY, 1440, 1441},
        {OD_MONDAY, 700, 540},
    };
    od_refuse *r = *state;
    od_errmsg msg;
    newer n;
    od_id ids[OD_CAMPAIGN_GROUPS_MAX + 1] = {0};
    od_window many[OD_WINDOWS_MAX + 1];
    memset(&n, 0, sizeof n);
    od_campaign_options_init(&n.campaign);
    n.campaign.purpose = OD_PURPOSE_INFORMATIONAL;
    n.campaign.name = "idle";
    n.campaign.windows_len = 1;
    for (size_t i = 0; i < LEN(windows); i++) {
        n.campaign.windows = &windows[i];
        REFUSED_TEXT(r, INVALID, &msg, use_update(r, &n, &msg));
    }
    for (size_t i = 0; i < LEN(many); i++) {
        many[i] = (od_window){OD_MONDAY, 540, 1020};
    }
    n.campaign.windows = many;
    n.campaign.windows_len = LEN(many);
    REFUSED_TEXT(r, INVALID, &msg, use_update(r, &n, &msg));
    n.campaign.windows_len = SIZE_MAX;
    REFUSED_TEXT(r, INVALID, &msg, use_update(r, &n, &msg));
    n.campaign.windows_len = 0;
    n.campaign.groups = ids;
    n.campaign.groups_len = LEN(ids);
    REFUSED_TEXT(r, INVALID, &msg, use_update(r, &n, &msg));
    n.campaign.groups_len = 0;
    n.campaign.prompts = ids;
    n.campaign.prompts_len = OD_CAMPAIGN_PROMPTS_MAX + 1;
    REFUSED_TEXT(r, INVALID, &msg, use_update(r, &n, &msg));
    od_refuse_check(r);
}

static void test_api_options_extract(void **state)
{
    od_refuse *r = *state;
    od_errmsg msg;
    newer n;
    memset(&n, 0, sizeof n);
    od_ledger_extract_options_init(&n.extract);
    n.extract.path = "/nowhere/rows.jsonl";
    REFUSED_TEXT(r, OD_ERR_IO, &msg, use_extract(r, &n, &msg));
    n.extract.format = 2;
    REFUSED_TEXT(r, INVALID, &msg, use_extract(r, &n, &msg));
    n.extract.format = -1;
    REFUSED_TEXT(r, INVALID, &msg, use_extract(r, &n, &msg));
    n.extract.format = 0;
    n.extract.phone = "nobody";
    REFUSED_TEXT(r, INVALID, &msg, use_extract(r, &n, &msg));
    n.extract.phone = NULL;
    n.extract.path = "";
    REFUSED_TEXT(r, INVALID, &msg, use_extract(r, &n, &msg));
    n.extract.path = od_text_of(OD_PATH_MAX + 1);
    REFUSED_TEXT(r, INVALID, &msg, use_extract(r, &n, &msg));
    od_refuse_check(r);
}

static void test_api_options_import_and_filter(void **state)
{
    od_refuse *r = *state;
    od_errmsg msg;
    newer n;
    memset(&n, 0, sizeof n);
    od_import_options_init(&n.import);
    n.import.path = "/dev/null/none.csv";
    REFUSED_TEXT(r, OD_ERR_IO, &msg, use_import(r, &n, &msg));
    n.import.duplicate = 2;
    REFUSED_TEXT(r, INVALID, &msg, use_import(r, &n, &msg));
    n.import.duplicate = -1;
    REFUSED_TEXT(r, INVALID, &msg, use_import(r, &n, &msg));
    memset(&n, 0, sizeof n);
    od_call_filter_init(&n.filter);
    n.filter.disposition = -1;
    REFUSED_TEXT(r, INVALID, &msg, use_filter(r, &n, &msg));
    n.filter.disposition = OD_DISPOSITIONS;
    REFUSED_TEXT(r, INVALID, &msg, use_filter(r, &n, &msg));
    od_refuse_check(r);
}

static void test_api_options_ranges_sim(void **state)
{
    static const range ranges[] = {
        {offsetof(od_sim_options, calls_max), 1, 20000, false},
        {offsetof(od_sim_options, calls_per_second_max), 1, 10000, false},
        {offsetof(od_sim_options, congestion_cps), 1, 10000, false},
        {offsetof(od_sim_options, congestion_calls), 1, 20000, false},
        {offsetof(od_sim_options, congestion_retry_after_s), 0, 86400, false},
        {offsetof(od_sim_options, model.talk), 0, 1, false},
        {offsetof(od_sim_options, texts_max), 1, 20000, false},
        {offsetof(od_sim_options, texts_per_second_max), 1, 10000, false},
        {offsetof(od_sim_options, congestion_tps), 1, 10000, false},
    };
    static const size_t shares[] = {
        offsetof(od_sim_options, model.answer),
        offsetof(od_sim_options, model.busy),
        offsetof(od_sim_options, model.declined),
        offsetof(od_sim_options, model.not_found),
        offsetof(od_sim_options, model.congestion),
        offsetof(od_sim_options, model.ring_ms_min),
        offsetof(od_sim_options, model.talk_ms_min),
        offsetof(od_sim_options, model.key_ms),
        offsetof(od_sim_options, model.voicemail),
        offsetof(od_sim_options, model.machine_ms),
        offsetof(od_sim_options, model.failed),
        offsetof(od_sim_options, model.brief),
        offsetof(od_sim_options, model.opt_out),
        offsetof(od_sim_options, texts.not_found),
        offsetof(od_sim_options, texts.failed),
        offsetof(od_sim_options, texts.throttled),
        offsetof(od_sim_options, texts.unanswered),
        offsetof(od_sim_options, texts.undelivered),
        offsetof(od_sim_options, texts.expired),
        offsetof(od_sim_options, texts.silent),
        offsetof(od_sim_options, texts.receipt_ms_min),
        offsetof(od_sim_options, texts.receipt_ms_max),
        offsetof(od_sim_options, texts.replies),
        offsetof(od_sim_options, texts.opt_outs),
        offsetof(od_sim_options, texts.reply_ms),
    };
    od_refuse *r = *state;
    od_errmsg msg;
    newer n;
    memset(&n, 0, sizeof n);
    od_sim_options_init(&n.sim);
    check_ranges(r, &n, ranges, LEN(ranges), use_sim);
    for (size_t i = 0; i < LEN(shares); i++) {
        const int32_t values[] = {-1, INT32_MIN};
        for (size_t j = 0; j < LEN(values); j++) {
            newer bad = n;
            memcpy(bad.bytes + shares[i], &values[j], sizeof values[j]);
            REFUSED_TEXT(r, INVALID, &msg, use_sim(r, &bad, &msg));
        }
    }
    n.sim.model.answer = 600;
    n.sim.model.busy = 401; /* more than 1000 together */
    REFUSED_TEXT(r, INVALID, &msg, use_sim(r, &n, &msg));
    n.sim.model.busy = INT32_MAX;
    REFUSED_TEXT(r, INVALID, &msg, use_sim(r, &n, &msg));
    n.sim.model.busy = 0;
    n.sim.model.ring_ms_min = 5;
    n.sim.model.ring_ms_max = 4;
    REFUSED_TEXT(r, INVALID, &msg, use_sim(r, &n, &msg));
    n.sim.model.ring_ms_max = 5;
    memcpy(n.sim.model.keys, "12x", 4);
    REFUSED_TEXT(r, INVALID, &msg, use_sim(r, &n, &msg));
    memset(n.sim.model.keys, '1', sizeof n.sim.model.keys); /* no NUL */
    REFUSED_TEXT(r, INVALID, &msg, use_sim(r, &n, &msg));
    od_refuse_check(r);
}

static void test_api_options_ranges_sip(void **state)
{
    static const range trunks[] = {
        {offsetof(od_sip_trunk, port), 1, 65535, false},
        {offsetof(od_sip_trunk, protocol), 0, 1, false},
        {offsetof(od_sip_trunk, calls_max), 1, 20000, false},
        {offsetof(od_sip_trunk, calls_per_second_max), 1, 10000, false},
    };
    static const range ranges[] = {
        {offsetof(od_sip_options, port), 1, 65535, false},
        {offsetof(od_sip_options, media_threads), 1, 16, false},
        {offsetof(od_sip_options, trying_ms), 500, 32000, false},
        {offsetof(od_sip_options, silent_peer_ms), 1000, 600000, true},
    };
    od_refuse *r = *state;
    od_errmsg msg;
    newer n;
    newer t;
    const od_sip_trunk *trunk = &t.trunk;
    if (!has_sip(r)) {
        return;
    }
    init_trunk(&t);
    check_ranges(r, &t, trunks, LEN(trunks), use_trunk);
    memset(&n, 0, sizeof n);
    od_sip_options_init(&n.sip);
    n.sip.trunks = &trunk;
    n.sip.trunks_len = 1;
    check_ranges(r, &n, ranges, LEN(ranges), use_sip);
    static const int32_t ports[][2] = {
        {1023, 0}, {20001, 0}, {65535, 0}, {-2, 0}, {30000, 0}, {20000, 20000},
        {0, 65536}, {0, -1},
    };
    for (size_t i = 0; i < LEN(ports); i++) {
        newer bad = n;
        bad.sip.rtp_port_min = ports[i][0];
        bad.sip.rtp_port_max = ports[i][1];
        REFUSED_TEXT(r, INVALID, &msg, use_sip(r, &bad, &msg));
    }
    newer bad = n;
    bad.sip.closing_max = -1;
    REFUSED_TEXT(r, INVALID, &msg, use_sip(r, &bad, &msg));
    bad = n;
    bad.sip.trunks_len = 0;
    REFUSED_TEXT(r, INVALID, &msg, use_sip(r, &bad, &msg));
    bad.sip.trunks_len = OD_TRUNKS_MAX + 1;
    REFUSED_TEXT(r, INVALID, &msg, use_sip(r, &bad, &msg));
    bad.sip.trunks_len = 1;
    bad.sip.trunks = NULL;
    REFUSED_TEXT(r, INVALID, &msg, use_sip(r, &bad, &msg));
    trunk = NULL;
    REFUSED_TEXT(r, INVALID, &msg, use_sip(r, &n, &msg));
    od_refuse_check(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_api_options_size_engine),
        cmocka_unit_test(test_api_options_size_campaign),
        cmocka_unit_test(test_api_options_size_import),
        cmocka_unit_test(test_api_options_size_filter),
        cmocka_unit_test(test_api_options_size_forecast),
        cmocka_unit_test(test_api_options_size_extract),
        cmocka_unit_test(test_api_options_size_registry_build),
        cmocka_unit_test(test_api_options_size_first_campaign),
        cmocka_unit_test(test_api_options_size_text),
        cmocka_unit_test(test_api_options_size_sim),
        cmocka_unit_test(test_api_options_size_sip),
        cmocka_unit_test(test_api_options_ranges_engine),
        cmocka_unit_test(test_api_options_ranges_text),
        cmocka_unit_test(test_api_options_ranges_forecast),
        cmocka_unit_test(test_api_options_ranges_campaign),
        cmocka_unit_test(test_api_options_campaign_keys_and_channel),
        cmocka_unit_test(test_api_options_campaign_lists),
        cmocka_unit_test(test_api_options_extract),
        cmocka_unit_test(test_api_options_import_and_filter),
        cmocka_unit_test(test_api_options_ranges_sim),
        cmocka_unit_test(test_api_options_ranges_sip),
    };
    return cmocka_run_group_tests(tests, od_refuse_setup, od_refuse_teardown);
}
