/*
 * test_campaign.c - options of campaigns: ranges, defaults, what is stored, and
 * which fields are fixed in which state.
 */
#include "support/stage.h"

#include "base/base.h"

static od_campaign get(od_stage *s, od_id campaign)
{
    od_campaign out;
    stage_ok(s, od_campaign_get(s->engine, campaign, &out));
    return out;
}

/* -- adding -------------------------------------------------------------------- */

static void test_campaign_name_is_enough(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_campaign_options_init(&o);
    o.purpose = OD_PURPOSE_INFORMATIONAL;
    o.name = "bare";
    od_campaign c = get(s, stage_add(s, &o));
    assert_int_equal(c.state, OD_CAMPAIGN_IDLE);
    assert_string_equal(c.state_text, "");
    assert_string_equal(c.options.name, "bare");
    assert_string_equal(c.options.caller_id, "");
    assert_int_equal(c.options.groups_len, 0);
    assert_int_equal(c.options.prompts_len, 0);
    assert_int_equal(c.options.windows_len, 0);
    /* Defaults filled in. */
    assert_int_equal(c.options.attempts_max, 3);
    assert_int_equal(c.options.concurrent_max, 10);
    assert_int_equal(c.options.recall, 0);
    assert_int_equal(c.options.redial_unknown, 0);
    assert_int_equal(c.options.retry_delay_s, 3600);
    assert_int_equal(c.options.ring_timeout_ms, 30000);
    assert_int_equal(c.options.skip_answered_h, 0);
    assert_int_equal(c.options.skip_called_h, 0);
    assert_int_equal(c.options.opt_out_key, '9');
    assert_int_equal(c.options.fail_stop_pct, 90);
}

static void test_campaign_everything_comes_back(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_id groups[2] = {s->group, 0};
    od_window windows[2] = {{OD_WEEKDAYS, 540, 1020}, {OD_SUNDAY, 0, 1440}};
    od_id prompts[2] = {s->hello, s->hello};
    static const char text[] = "survey s\nquestion q\nplay hello\nkey 1 Yes\n";
    stage_ok(s, od_group_add(s->engine, "more", &groups[1]));
    stage_options(s, &o, "\xc3\x9c" "berall");
    o.caller_id = "(212) 555-0100";
    o.groups = groups;
    o.groups_len = 2;
    o.prompts = prompts;
    o.prompts_len = 2;
    o.windows = windows;
    o.windows_len = 2;
    stage_ok(s, od_survey_add(s->engine, text, strlen(text), &o.survey));
    o.opt_out_prompt = s->hello;
    o.start_utc_ms = 1900000000000;
    o.attempts_max = 20;
    o.concurrent_max = 20000;
    o.recall = OD_NONE;
    o.redial_unknown = 1;
    o.retry_delay_s = 2592000;
    o.ring_timeout_ms = 120000;
    o.skip_answered_h = 8760;
    o.skip_called_h = 1;
    o.opt_out_key = OD_NONE;
    o.fail_stop_pct = OD_NONE;
    o.purpose = OD_PURPOSE_DEBT;
    o.seller = "Acme \xc3\xbc Inc.";
    o.identity_prompt = s->hello;
    o.offer_prompt = s->hello;
    o.end_utc_ms = 1900000000001;
    o.retries[OD_DISPOSITION_BUSY] = (od_retry){60, 15};
    o.retries[OD_DISPOSITION_CONGESTION] = (od_retry){1, 1};
    o.retries[OD_DISPOSITION_MACHINE] = (od_retry){OD_NONE, 0};
    o.guards = (od_guards){250, 1000, OD_NONE, 1, OD_NONE, 999};
    o.retry_unfinished = 1;
    o.spread_dayparts = 1;
    o.priority = 9;
    o.weight = 100;
    o.quota_answers = INT32_MAX;
    o.quota_question = "q";
    o.quota_choice = "Yes";
    od_campaign c = get(s, stage_add(s, &o));
    assert_string_equal(c.options.name, o.name);
    assert_string_equal(c.options.caller_id, "+12125550100");
    assert_int_equal(c.options.groups_len, 2);
    assert_memory_equal(c.options.groups, groups, sizeof groups);
    assert_memory_equal(c.options.prompts, prompts, sizeof prompts);
    assert_memory_equal(c.options.windows, windows, sizeof windows);
    assert_int_equal(c.options.survey, o.survey);
    assert_int_equal(c.options.opt_out_prompt, o.opt_out_prompt);
    assert_true(c.options.start_utc_ms == o.start_utc_ms);
    assert_string_equal(c.options.seller, o.seller);
    assert_string_equal(c.options.quota_question, o.quota_question);
    assert_string_equal(c.options.quota_choice, o.quota_choice);
    assert_memory_equal(&c.options.channel, &o.channel,
                        offsetof(od_campaign_options, seller) -
                            offsetof(od_campaign_options, channel));
    assert_memory_equal(&c.options.identity_prompt, &o.identity_prompt,
                        offsetof(od_campaign_options, quota_question) -
                            offsetof(od_campaign_options, identity_prompt));
}

/* Each number at both ends, and one beyond them. */
static void test_campaign_ranges(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    stage_options(s, &o, "ranges");
    const struct {
        int32_t *field;
        const char *name;
        int32_t min;
        int32_t max;
        bool none;
    } ranges[] = {{&o.attempts_max, "attempts_max", 1, 20, false},
                  {&o.concurrent_max, "concurrent_max", 1, 20000, false},
                  {&o.recall, "recall", 0, 0, true},
                  {&o.redial_unknown, "redial_unknown", 0, 1, false},
                  {&o.retry_delay_s, "retry_delay_s", 60, 2592000, false},
                  {&o.ring_timeout_ms, "ring_timeout_ms", 15000, 120000, false},
                  {&o.skip_answered_h, "skip_answered_h", 1, 8760, false},
                  {&o.skip_called_h, "skip_called_h", 1, 8760, false},
                  {&o.fail_stop_pct, "fail_stop_pct", 1, 100, true}};
    od_id id = stage_add(s, &o);
    for (size_t i = 0; i < OD__LEN(ranges); i++) {
        int32_t good[] = {ranges[i].min, ranges[i].max, 0, OD_NONE};
        int32_t bad[] = {ranges[i].min - 1, ranges[i].max + 1, -2, INT32_MIN,
                         INT32_MAX, OD_NONE};
        for (size_t j = 0; j < (ranges[i].none ? 4u : 3u); j++) {
            *ranges[i].field = good[j];
            stage_ok(s, od_campaign_update(s->engine, id, &o));
        }
        for (size_t j = 0; j < (ranges[i].none ? 5u : 6u); j++) {
            bool fine = bad[j] == 0 || (ranges[i].none && bad[j] == OD_NONE);
            *ranges[i].field = bad[j];
            if (!fine) {
                stage_fails(s, od_campaign_update(s->engine, id, &o),
                            OD_ERR_INVALID, ranges[i].name);
            }
        }
        *ranges[i].field = 0;
    }
}

static void test_campaign_opt_out_key(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    stage_options(s, &o, "keys");
    od_id id = stage_add(s, &o);
    for (int32_t key = -3; key < 300; key++) {
        bool good = key == 0 || key == OD_NONE ||
                    (key > 0 && key < 128 && strchr("0123456789*#", key));
        o.opt_out_key = key;
        if (good) {
            stage_ok(s, od_campaign_update(s->engine, id, &o));
            assert_int_equal(get(s, id).options.opt_out_key,
                             key == 0 ? '9' : key);
        } else {
            stage_fails(s, od_campaign_update(s->engine, id, &o),
                        OD_ERR_INVALID, "opt_out_key");
        }
    }
}

static void test_campaign_lists_are_checked(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_id many[OD_CAMPAIGN_GROUPS_MAX + 1];
    od_id sounds[OD_CAMPAIGN_PROMPTS_MAX + 1];
    od_window windows[OD_WINDOWS_MAX + 1];
    od_id id = 0;
    for (int i = 0; i <= OD_CAMPAIGN_GROUPS_MAX; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "g%d", i);
        stage_ok(s, od_group_add(s->engine, name, &many[i]));
        windows[i] = (od_window){OD_MONDAY, i, i + 1};
        sounds[i % (OD_CAMPAIGN_PROMPTS_MAX + 1)] = s->hello;
    }
    stage_options(s, &o, "lists");
    o.groups = many;
    o.groups_len = OD_CAMPAIGN_GROUPS_MAX + 1;
    stage_fails(s, od_campaign_add(s->engine, &o, &id), OD_ERR_INVALID,
                "33 groups");
    o.groups_len = OD_CAMPAIGN_GROUPS_MAX;
    o.prompts = sounds;
    o.prompts_len = OD_CAMPAIGN_PROMPTS_MAX + 1;
    stage_fails(s, od_campaign_add(s->engine, &o, &id), OD_ERR_INVALID,
                "17 prompts");
    o.prompts_len = OD_CAMPAIGN_PROMPTS_MAX;
    o.windows = windows;
    o.windows_len = OD_WINDOWS_MAX + 1;
    stage_fails(s, od_campaign_add(s->engine, &o, &id), OD_ERR_INVALID,
                "33 windows");
    o.windows_len = OD_WINDOWS_MAX;
    id = stage_add(s, &o);
    many[1] = many[0];
    stage_fails(s, od_campaign_update(s->engine, id, &o), OD_ERR_INVALID,
                "twice");
    many[1] = 987654;
    stage_fails(s, od_campaign_update(s->engine, id, &o), OD_ERR_NOT_FOUND,
                "987654");
    o.groups_len = 1;
    sounds[3] = 987655;
    stage_fails(s, od_campaign_update(s->engine, id, &o), OD_ERR_NOT_FOUND,
                "987655");
    o.prompts_len = 1;
    windows[2].end_min = windows[2].start_min;
    stage_fails(s, od_campaign_update(s->engine, id, &o), OD_ERR_INVALID,
                "window 3");
    o.windows_len = 1;
    o.survey = 987656;
    stage_fails(s, od_campaign_update(s->engine, id, &o), OD_ERR_NOT_FOUND,
                "survey");
    o.survey = 0;
    o.opt_out_prompt = 987657;
    stage_fails(s, od_campaign_update(s->engine, id, &o), OD_ERR_NOT_FOUND,
                "prompt");
}

static void test_campaign_channel_and_start(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_id id = 0;
    stage_options(s, &o, "text");
    o.channel = 2;
    stage_fails(s, od_campaign_add(s->engine, &o, &id), OD_ERR_INVALID,
                "channel is 2");
    o.channel = OD_CHANNEL_VOICE;
    o.start_utc_ms = -1;
    stage_fails(s, od_campaign_add(s->engine, &o, &id), OD_ERR_INVALID,
                "start_utc_ms");
    o.start_utc_ms = 0;
    o.caller_id = "nobody";
    stage_fails(s, od_campaign_add(s->engine, &o, &id), OD_ERR_INVALID,
                "\"nobody\"");
    assert_int_equal(id, 0);
}

static void test_campaign_names_are_unique(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_id id = 0;
    stage_options(s, &o, "one");
    od_id one = stage_add(s, &o);
    stage_fails(s, od_campaign_add(s->engine, &o, &id), OD_ERR_EXISTS,
                "\"one\"");
    o.name = "two";
    od_id two = stage_add(s, &o);
    o.name = "one";
    stage_fails(s, od_campaign_update(s->engine, two, &o), OD_ERR_EXISTS,
                "\"one\"");
    stage_ok(s, od_campaign_update(s->engine, one, &o)); /* its own */
    stage_ok(s, od_campaign_find(s->engine, "two", &id));
    assert_int_equal(id, two);
    stage_fails(s, od_campaign_find(s->engine, "three", &id), OD_ERR_NOT_FOUND,
                "\"three\"");
    assert_int_equal(id, two);
}

/* Page after page, also in the middle of a name's search. */
static void test_campaign_list(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_campaign_row rows[7];
    size_t count = 0;
    size_t seen = 0;
    od_id after = 0;
    stage_options(s, &o, "");
    for (int i = 0; i < 150; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "c%03d", i);
        o.name = name;
        (void)stage_add(s, &o);
    }
    do {
        stage_ok(s, od_campaigns_list(s->engine, after, rows, 7, &count));
        for (size_t i = 0; i < count; i++, seen++) {
            char name[16];
            (void)snprintf(name, sizeof name, "c%03d", (int)seen);
            assert_string_equal(rows[i].name, name);
            assert_int_equal(rows[i].state, OD_CAMPAIGN_IDLE);
            assert_true(rows[i].id > after);
            after = rows[i].id;
        }
    } while (count == 7);
    assert_int_equal(seen, 150);
    od_id id = 0;
    stage_ok(s, od_campaign_find(s->engine, "c149", &id));
    assert_int_equal(id, after);
}

/* What was read is handed in again: for the same campaign and for another. */
static void test_campaign_options_travel(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    od_window window = {OD_MONDAY, 600, 700};
    od_id empty = 0;
    stage_ok(s, od_group_add(s->engine, "empty", &empty));
    stage_options(s, &o, "a");
    o.windows = &window;
    o.windows_len = 1;
    od_id a = stage_add(s, &o);
    stage_options(s, &o, "b");
    o.caller_id = "+13125550100";
    o.groups = &empty;
    o.prompts_len = 0;
    od_id b = stage_add(s, &o);
    od_campaign c = get(s, a);
    c.options.attempts_max = 5;
    stage_ok(s, od_campaign_update(s->engine, a, &c.options));
    c = get(s, a);
    assert_string_equal(c.options.name, "a");
    assert_int_equal(c.options.attempts_max, 5);
    assert_int_equal(c.options.groups[0], s->group);
    c.options.name = "b";
    stage_ok(s, od_campaign_update(s->engine, b, &c.options));
    c = get(s, b);
    assert_string_equal(c.options.caller_id, "+12125550100");
    assert_int_equal(c.options.groups[0], s->group);
    assert_int_equal(c.options.prompts_len, 1);
    assert_int_equal(c.options.windows_len, 1);
    assert_memory_equal(c.options.windows, &window, sizeof window);
    c.options.name = "c";
    c = get(s, stage_add(s, &c.options));
    assert_string_equal(c.options.name, "c");
    assert_int_equal(c.options.groups[0], s->group);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_campaign_name_is_enough),
        TEST(test_campaign_everything_comes_back),
        TEST(test_campaign_ranges),
        TEST(test_campaign_opt_out_key),
        TEST(test_campaign_lists_are_checked),
        TEST(test_campaign_channel_and_start),
        TEST(test_campaign_names_are_unique),
        TEST(test_campaign_list),
        TEST(test_campaign_options_travel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
