/*
 * test_preflight.c - every reason why a campaign could not start, all at once,
 * each with its cure.
 */
#include "support/stage.h"

#include "core/core.h"

#define ROWS 64

typedef struct play {
    od_stage stage;
    od_problem rows[ROWS];
    size_t count;
} play;

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_begin(&p->stage);
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

/* A campaign with these options has so many problems. */
static od_id problems(play *p, const od_campaign_options *o, size_t want)
{
    od_id id = stage_add(&p->stage, o);
    memset(p->rows, 0x5a, sizeof p->rows);
    stage_ok(&p->stage, od_campaign_problems(p->stage.engine, id, p->rows,
                                             ROWS, &p->count));
    for (size_t i = 0; i < p->count; i++) {
        assert_in_range(strlen(p->rows[i].what), 5, sizeof p->rows->what - 1);
        assert_in_range(strlen(p->rows[i].cure), 5, sizeof p->rows->cure - 1);
    }
    if (p->count != want) {
        for (size_t i = 0; i < p->count; i++) {
            print_error("%s: %s\n", p->rows[i].what, p->rows[i].cure);
        }
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
    for (size_t i = 0; i < p->count && i < ROWS; i++) {
        print_error("%s: %s\n", p->rows[i].what, p->rows[i].cure);
    }
    fail_msg("no problem says \"%s\" with \"%s\"", what, cure);
}

static od_id survey(play *p, const char *text)
{
    od_id id = 0;
    stage_ok(&p->stage,
             od_survey_add(p->stage.engine, text, strlen(text), &id));
    return id;
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
    od_engine *engine = p->stage.engine;
    stage_ok(&p->stage, OD__STORE(engine, asset_put)(engine->store, &record,
                                                     &id));
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
    says(p, "no window is ever open", "8:00 and 21:00");
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
    says(p, "zones of the contacts", "widen");
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
    (void)problems(p, &o, 6);
    says(p, "caller ID", "caller_id");
    says(p, "no contacts", "import");
    says(p, "no window", "8:00");
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
    od_engine *engine = p->stage.engine;
    stage_people(&p->stage, 1);
    stage_options(&p->stage, &o, "odd");
    stage_ok(&p->stage, OD__STORE(engine, asset_put)(engine->store, &record,
                                                     &o.survey));
    (void)problems(p, &o, 1);
    says(p, "line 2", "survey");
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
