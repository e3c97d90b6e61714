/*
 * test_preflight.c - every reason why a campaign could not start, all at once,
 * each with its cure.
 */
#include "support/stage.h"

#include "core/core.h"

#include <sys/stat.h>

#define ROWS 64

typedef struct play {
    od_stage stage;
    od_problem rows[ROWS];
    size_t count;
} play;

static void list_caller_id(play *p)
{
    const od_caller_id row = {.phone = "+12125550100",
                              .evidence = "letter of 2027-01-02"};
    stage_ok(&p->stage, od_caller_id_add(p->stage.engine, &row));
}

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_begin(&p->stage);
    list_caller_id(p);
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

static void tell(const play *p)
{
    for (size_t i = 0; i < p->count && i < ROWS; i++) {
        print_error("%d %s %lld %s: %s\n", (int)p->rows[i].severity,
                    p->rows[i].rule, (long long)p->rows[i].count,
                    p->rows[i].what, p->rows[i].cure);
    }
}

/* The problems of a campaign now: each in order, errors before warnings. */
static void look(play *p, od_id id)
{
    memset(p->rows, 0x5a, sizeof p->rows);
    stage_ok(&p->stage, od_campaign_problems(p->stage.engine, id, p->rows,
                                             ROWS, &p->count));
    assert_true(p->count <= ROWS);
    for (size_t i = 0; i < p->count; i++) {
        const od_problem *row = &p->rows[i];
        assert_in_range(strlen(row->what), 5, sizeof row->what - 1);
        assert_in_range(strlen(row->cure), 5, sizeof row->cure - 1);
        assert_true(strlen(row->rule) < sizeof row->rule);
        assert_in_range(row->severity, OD_SEVERITY_WARNING, OD_SEVERITY_ERROR);
        assert_true(i == 0 || row->severity <= p->rows[i - 1].severity);
        assert_true(row->count >= 0);
    }
}

/* A campaign with these options has so many problems. */
static od_id problems(play *p, const od_campaign_options *o, size_t want)
{
    od_id id = stage_add(&p->stage, o);
    look(p, id);
    if (p->count != want) {
        tell(p);
        fail_msg("%zu problems, not %zu", p->count, want);
    }
    return id;
}

/* One of them says this, and its cure that. */
static void says(const play *p, const char *what, const char *cure)
{
    for (size_t i = 0; i < p->count && i < ROWS; i++) {
        if (strstr(p->rows[i].what, what) != NULL &&
            strstr(p->rows[i].cure, cure) != NULL) {
            return;
        }
    }
    tell(p);
    fail_msg("no problem says \"%s\" with \"%s\"", what, cure);
}

/* The same, with what it concerns. */
static void finds(const play *p, int32_t severity, const char *rule,
                  int64_t count, const char *what, const char *cure)
{
    for (size_t i = 0; i < p->count && i < ROWS; i++) {
        const od_problem *row = &p->rows[i];
        if (row->severity == severity && strcmp(row->rule, rule) == 0 &&
            row->count == count && strstr(row->what, what) != NULL &&
            strstr(row->cure, cure) != NULL) {
            return;
        }
    }
    tell(p);
    fail_msg("no %s of rule \"%s\" says \"%s\" with \"%s\" of %lld",
             severity == OD_SEVERITY_ERROR ? "error" : "warning", rule, what,
             cure, (long long)count);
}

static od_id survey(play *p, const char *text)
{
    od_id id = 0;
    stage_ok(&p->stage,
             od_survey_add(p->stage.engine, text, strlen(text), &id));
    return id;
}

static void put_asset(play *p, const od_asset_record *record, od_id *out)
{
    od_ledger_entry entry;
    od_engine *engine = p->stage.engine;
    od__ledger_entry(engine, &entry, OD_LEDGER_MEDIA, 0, "{}");
    stage_ok(&p->stage, OD__STORE(engine, asset_put)(engine->store, record,
                                                     &entry, out));
}

/* A prompt that was stored by somebody who did not look. */
static od_id junk_prompt(play *p, const char *name)
{
    od_asset_record record;
    od_id id = 0;
    memset(&record, 0, sizeof record);
    record.kind = OD_ASSET_MEDIA;
    record.bytes = "RIFF, but nothing more";
    record.bytes_len = 22;
    (void)snprintf(record.name, sizeof record.name, "%s", name);
    put_asset(p, &record, &id);
    return id;
}

static void test_preflight_none(void **state)
{
    play *p = *state;
    od_campaign_options o;
    stage_people(&p->stage, 1);
    stage_options(&p->stage, &o, "fine");
    (void)problems(p, &o, 0);
}

static void test_preflight_bare_campaign(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_campaign_options_init(&o);
    o.purpose = OD_PURPOSE_INFORMATIONAL;
    o.name = "bare";
    od_id id = problems(p, &o, 3);
    says(p, "caller ID", "caller_id");
    says(p, "no contact group", "groups");
    says(p, "nothing would be played", "prompts");
    stage_fails(&p->stage, od_campaign_start(p->stage.engine, id),
                OD_ERR_REFUSED, "3 problems");
}

/* With less room than problems the rest is counted. */
static void test_preflight_little_room(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_problem one[2];
    size_t count = 0;
    od_campaign_options_init(&o);
    o.purpose = OD_PURPOSE_INFORMATIONAL;
    o.name = "bare";
    od_id id = stage_add(&p->stage, &o);
    memset(one, 0x5a, sizeof one);
    stage_ok(&p->stage, od_campaign_problems(p->stage.engine, id, one, 1,
                                             &count));
    assert_int_equal(count, 3);
    assert_int_equal(one[1].what[0], 0x5a);
    count = 0;
    stage_ok(&p->stage,
             od_campaign_problems(p->stage.engine, id, NULL, 0, &count));
    assert_int_equal(count, 3);
    stage_fails(&p->stage,
                od_campaign_problems(p->stage.engine, id, NULL, 1, &count),
                OD_ERR_INVALID, "rows");
    stage_fails(&p->stage,
                od_campaign_problems(p->stage.engine, id, one, 1, NULL),
                OD_ERR_INVALID, "count");
    stage_fails(&p->stage,
                od_campaign_problems(p->stage.engine, 9876, one, 1, &count),
                OD_ERR_NOT_FOUND, "9876");
}

static void test_preflight_groups(void **state)
{
    play *p = *state;
    od_campaign_options o;
    stage_options(&p->stage, &o, "empty");
    (void)problems(p, &o, 1);
    says(p, "no contacts", "import");
    /* A completed campaign lets its group go. */
    stage_people(&p->stage, 1);
    stage_far_all(&p->stage, 1, "ring 1s answer wait 1s hangup");
    o.name = "done";
    od_id id = stage_go(&p->stage, &o);
    assert_true(od_world_run_to_state(&p->stage.world, id,
                                      OD_CAMPAIGN_COMPLETED, STAGE_MINUTE));
    stage_ok(&p->stage, od_campaign_find(p->stage.engine, "empty", &id));
    o.name = "empty";
    o.groups_len = 0;
    stage_ok(&p->stage, od_campaign_update(p->stage.engine, id, &o));
    stage_ok(&p->stage,
             od_group_remove(p->stage.engine, p->stage.group));
    stage_ok(&p->stage, od_campaign_find(p->stage.engine, "done", &id));
    stage_ok(&p->stage, od_campaign_problems(p->stage.engine, id, p->rows,
                                             ROWS, &p->count));
    assert_int_equal(p->count, 2);
    says(p, "was removed", "another group");
    says(p, "no contacts", "import");
}

static void test_preflight_windows(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_window night = {OD_EVERY_DAY, 21 * 60, 24 * 60};
    stage_options(&p->stage, &o, "night");
    stage_people(&p->stage, 1);
    o.windows = &night;
    o.windows_len = 1;
    (void)problems(p, &o, 1);
    finds(p, OD_SEVERITY_ERROR, "", 1, "no window is ever open", "widen");
}

/* Lawful hours, but never at once in both zones of the only place there is. */
static void test_preflight_windows_of_the_places(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_window noon = {OD_EVERY_DAY, 12 * 60, 12 * 60 + 30};
    (void)od_world_contact(&p->stage.world, p->stage.group, "+18505551000",
                           NULL);
    stage_options(&p->stage, &o, "noon");
    o.windows = &noon;
    o.windows_len = 1;
    (void)problems(p, &o, 1);
    finds(p, OD_SEVERITY_ERROR, "", 1, "no window is ever open", "widen");
    /* For others they are: then it is a warning. */
    stage_people(&p->stage, 3);
    o.name = "others";
    (void)problems(p, &o, 1);
    finds(p, OD_SEVERITY_WARNING, "", 1, "no window is ever open", "widen");
}

static void test_preflight_every_missing_prompt(void **state)
{
    play *p = *state;
    od_campaign_options o;
    stage_people(&p->stage, 1);
    stage_options(&p->stage, &o, "missing");
    o.survey = survey(p, "survey s\nquestion q\nplay ask_one hello ask_two\n"
                         "key 1 Yes\ninvalid ask_one\nsilence hush\n"
                         "end goodbye\nfailed sorry hello\n");
    (void)problems(p, &o, 5); /* ask_one stands once */
    says(p, "\"ask_one\"", "media library");
    says(p, "\"ask_two\"", "media library");
    says(p, "\"hush\"", "media library");
    says(p, "\"goodbye\"", "media library");
    says(p, "\"sorry\"", "media library");
}

static void test_preflight_unplayable_prompts(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_id prompts[3];
    prompts[0] = junk_prompt(p, "noise");
    prompts[1] = p->stage.hello;
    prompts[2] = prompts[0];
    stage_people(&p->stage, 1);
    stage_options(&p->stage, &o, "junk");
    o.prompts = prompts;
    o.prompts_len = 3;
    o.opt_out_prompt = junk_prompt(p, "static");
    od_id id = problems(p, &o, 2);
    says(p, "\"noise\"", "play");
    says(p, "\"static\"", "play");
    stage_fails(&p->stage, od_campaign_start(p->stage.engine, id),
                OD_ERR_REFUSED, "\"noise\"");
}

/* The name is as long as names are, of letters of two bytes. */
static void test_preflight_texts_are_utf8(void **state)
{
    play *p = *state;
    od_campaign_options o;
    char name[OD_NAME_MAX + 1];
    for (size_t i = 0; i + 2 < sizeof name; i += 2) {
        memcpy(name + i, "\xc3\xa9", 3);
    }
    for (int shift = 0; shift < 2; shift++) {
        od_id junk = junk_prompt(p, name + shift * 2);
        stage_options(&p->stage, &o, shift == 0 ? "long" : "longer");
        o.prompts = &junk;
        (void)problems(p, &o, 2);
        for (size_t i = 0; i < p->count; i++) {
            const char *what = p->rows[i].what;
            assert_true(od__utf8_is_valid(what, strlen(what)));
        }
    }
}

static void test_preflight_keys(void **state)
{
    play *p = *state;
    od_campaign_options o;
    stage_people(&p->stage, 1);
    stage_options(&p->stage, &o, "keys");
    o.survey = survey(p, "survey s\nquestion a\nplay hello\nkey 9 Nine -> b\n"
                         "question b\nplay hello\ndigits 3\n"
                         "question c\nplay hello\nkey 9 Out optout\n");
    (void)problems(p, &o, 2);
    says(p, "\"a\" uses key 9", "another key");
    says(p, "\"b\" takes numbers", "'*'");
    o.name = "star";
    o.opt_out_key = '*';
    (void)problems(p, &o, 0);
    o.name = "none";
    o.opt_out_key = OD_NONE;
    (void)problems(p, &o, 0);
}

static void test_preflight_all_at_once(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_window night = {OD_MONDAY, 22 * 60, 23 * 60};
    od_id junk = junk_prompt(p, "noise");
    stage_options(&p->stage, &o, "all");
    o.caller_id = NULL;
    o.windows = &night;
    o.windows_len = 1;
    o.prompts = &junk;
    o.survey = survey(p, "survey s\nquestion a\nplay gone\nkey 9 Nine\n");
    (void)problems(p, &o, 5); /* windows close on nobody */
    says(p, "caller ID", "caller_id");
    says(p, "no contacts", "import");
    says(p, "\"noise\"", "play");
    says(p, "\"gone\"", "media library");
    says(p, "uses key 9", "another key");
}

/* A survey in the store that this version cannot read. */
static void test_preflight_survey_that_cannot_be_read(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_asset_record record = {.kind = OD_ASSET_SURVEY,
                              .name = "odd",
                              .bytes = "survey odd\nsing song\n",
                              .bytes_len = 21};
    stage_people(&p->stage, 1);
    stage_options(&p->stage, &o, "odd");
    put_asset(p, &record, &o.survey);
    (void)problems(p, &o, 1);
    says(p, "line 2", "survey");
}

/* -- of the campaign itself ------------------------------------------------- */

static void test_preflight_purpose(void **state)
{
    play *p = *state;
    od_campaign_options o;
    stage_people(&p->stage, 1);
    stage_options(&p->stage, &o, "why");
    o.purpose = OD_PURPOSE_UNSTATED;
    /* Then the rules of every purpose apply; theirs are told as well. */
    od_id id = stage_add(&p->stage, &o);
    look(p, id);
    finds(p, OD_SEVERITY_ERROR, "", 0, "no purpose is stated", "set purpose");
    stage_fails(&p->stage, od_campaign_start(p->stage.engine, id),
                OD_ERR_REFUSED, "no purpose is stated: set purpose");
}

static void test_preflight_caller_id_without_proof(void **state)
{
    play *p = *state;
    od_campaign_options o;
    stage_people(&p->stage, 1);
    stage_options(&p->stage, &o, "another");
    o.caller_id = "+12125550199";
    od_id id = problems(p, &o, 1);
    finds(p, OD_SEVERITY_WARNING, "", 0, "+12125550199", "od_caller_id_add");
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, id));
}

/* Ninety days are fresh; validating makes it so. */
static void test_preflight_list_is_old(void **state)
{
    play *p = *state;
    od_campaign_options o;
    const int64_t day = 24 * (int64_t)STAGE_HOUR;
    stage_people(&p->stage, 3);
    stage_options(&p->stage, &o, "old");
    od_id id = problems(p, &o, 0);
    stage_run(&p->stage, 91 * day - STAGE_MINUTE);
    look(p, id);
    assert_int_equal(p->count, 0);
    stage_run(&p->stage, STAGE_MINUTE);
    look(p, id);
    assert_int_equal(p->count, 1);
    finds(p, OD_SEVERITY_WARNING, "", 3,
          "\"people\" was last validated 91 days", "od_group_validate");
    stage_ok(&p->stage, od_group_validate(p->stage.engine, p->stage.group,
                                          p->stage.world.now.utc_ms));
    look(p, id);
    assert_int_equal(p->count, 0);
}

/* A machine whose zone data is of New York alone. */
static void open_without_chicago(play *p)
{
    char folder[700];
    size_t len = 0;
    stage_end(&p->stage);
    stage_init(&p->stage);
    (void)snprintf(folder, sizeof folder, "%s",
                   stage_path(&p->stage, "America"));
    assert_int_equal(mkdir(folder, 0700), 0);
    char *zone = stage_read("/usr/share/zoneinfo/America/New_York", &len);
    (void)stage_file(&p->stage, "America/New_York", zone, len);
    free(zone);
    p->stage.world.options.zoneinfo = p->stage.folder;
    stage_open(&p->stage, NULL);
    list_caller_id(p);
}

/* In no place of which the time is known: never called. */
static void test_preflight_unknown_places(void **state)
{
    play *p = *state;
    od_campaign_options o;
    open_without_chicago(p);
    stage_people(&p->stage, 2);
    (void)od_world_contact(&p->stage.world, p->stage.group, "+13125551000",
                           NULL);
    stage_options(&p->stage, &o, "nowhere");
    od_id id = problems(p, &o, 1);
    finds(p, OD_SEVERITY_WARNING, "", 1, "1 contacts are in no known place",
          "time zone");
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, id));
}

static void test_preflight_trunks_too_small(void **state)
{
    play *p = *state;
    od_campaign_options o;
    stage_end(&p->stage);
    stage_init(&p->stage);
    p->stage.world.sim_options.calls_max = 7;
    p->stage.world.sim_options.trunks_len = 2;
    stage_open(&p->stage, NULL);
    list_caller_id(p);
    stage_people(&p->stage, 1);
    stage_options(&p->stage, &o, "small");
    o.concurrent_max = 14;
    (void)problems(p, &o, 0);
    o.name = "large";
    o.concurrent_max = 15;
    (void)problems(p, &o, 1);
    finds(p, OD_SEVERITY_WARNING, "", 14, "15 calls at once", "concurrent_max");
}

static void test_preflight_end(void **state)
{
    play *p = *state;
    od_campaign_options o;
    int64_t now = p->stage.world.now.utc_ms;
    stage_people(&p->stage, 1);
    stage_options(&p->stage, &o, "fits");
    o.attempts_max = 4; /* three delays of an hour */
    o.end_utc_ms = now + 3 * (int64_t)STAGE_HOUR;
    (void)problems(p, &o, 0);
    o.name = "short";
    o.end_utc_ms -= 1000;
    (void)problems(p, &o, 1);
    finds(p, OD_SEVERITY_WARNING, "", 0, "4 attempts 3600 s apart",
          "retry_delay_s");
    o.name = "once"; /* nobody is called again */
    o.recall = OD_NONE;
    (void)problems(p, &o, 0);
    o.name = "later"; /* counts from its start */
    o.recall = 0;
    o.start_utc_ms = now + 2 * (int64_t)STAGE_HOUR;
    o.end_utc_ms = now + 4 * (int64_t)STAGE_HOUR;
    (void)problems(p, &o, 1);
    finds(p, OD_SEVERITY_WARNING, "", 0, "ends in 2 h", "later");
    o.name = "over";
    o.start_utc_ms = 0;
    o.end_utc_ms = now;
    od_id id = problems(p, &o, 1);
    finds(p, OD_SEVERITY_ERROR, "", 0, "its end has passed", "end_utc_ms");
    stage_fails(&p->stage, od_campaign_start(p->stage.engine, id),
                OD_ERR_REFUSED, "its end has passed");
}

static void test_preflight_quota(void **state)
{
    static const struct {
        const char *question;
        const char *choice;
        size_t wrong;
    } quotas[] = {{"vote", "Yes", 0},
                  {"vote", "yes", 1},
                  {"Vote", "Yes", 1},
                  {"age", "42", 0}, /* what is keyed in is the choice */
                  {"nothing", "Yes", 1}};
    play *p = *state;
    od_campaign_options o;
    char name[16];
    stage_people(&p->stage, 1);
    stage_options(&p->stage, &o, name);
    o.quota_answers = 10;
    o.opt_out_key = '*';
    o.survey = survey(p, "survey s\nquestion vote\nplay hello\nkey 1 Yes\n"
                         "key 2 No\nquestion age\nplay hello\ndigits 2\n");
    for (size_t i = 0; i < OD__LEN(quotas); i++) {
        (void)snprintf(name, sizeof name, "quota%zu", i);
        o.quota_question = quotas[i].question;
        o.quota_choice = quotas[i].choice;
        (void)problems(p, &o, quotas[i].wrong);
        if (quotas[i].wrong > 0) {
            finds(p, OD_SEVERITY_ERROR, "", 0, "nobody can answer",
                  "name a question");
        }
    }
    o.name = "no survey";
    o.survey = 0;
    (void)problems(p, &o, 1);
    says(p, "nobody can answer", "name a question");
}

/* A campaign that runs has problems too: its prompt went, its list grew old. */
static void test_preflight_while_running(void **state)
{
    play *p = *state;
    od_campaign_options o;
    od_window later = {OD_EVERY_DAY, 18 * 60, 19 * 60};
    stage_people(&p->stage, 1);
    stage_options(&p->stage, &o, "running");
    o.windows = &later;
    o.windows_len = 1;
    od_id id = problems(p, &o, 0);
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, id));
    stage_run(&p->stage, 1000);
    look(p, id);
    assert_int_equal(p->count, 0);
    stage_ok(&p->stage,
             od_caller_id_remove(p->stage.engine, "+12125550100"));
    o.end_utc_ms = p->stage.world.now.utc_ms + STAGE_HOUR;
    stage_ok(&p->stage, od_campaign_update(p->stage.engine, id, &o));
    look(p, id);
    assert_int_equal(p->count, 2);
    says(p, "+12125550100", "od_caller_id_add");
    says(p, "it ends in 1 h", "end later");
    assert_int_equal(stage_state(&p->stage, id), OD_CAMPAIGN_RUNNING);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_preflight_none),
        TEST(test_preflight_bare_campaign),
        TEST(test_preflight_little_room),
        TEST(test_preflight_groups),
        TEST(test_preflight_windows),
        TEST(test_preflight_windows_of_the_places),
        TEST(test_preflight_every_missing_prompt),
        TEST(test_preflight_unplayable_prompts),
        TEST(test_preflight_texts_are_utf8),
        TEST(test_preflight_keys),
        TEST(test_preflight_all_at_once),
        TEST(test_preflight_survey_that_cannot_be_read),
        TEST(test_preflight_purpose),
        TEST(test_preflight_caller_id_without_proof),
        TEST(test_preflight_list_is_old),
        TEST(test_preflight_unknown_places),
        TEST(test_preflight_trunks_too_small),
        TEST(test_preflight_end),
        TEST(test_preflight_quota),
        TEST(test_preflight_while_running),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
