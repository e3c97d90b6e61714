/*
 * test_text_check.c - what the texts of a campaign come to, and what is wrong
 * with them: before a start, over both storages.
 */
#include "support/stage.h"

static od_id add(od_stage *s, const char *phone, const char *first_name)
{
    const od_contact contact = {.phone = phone, .first_name = first_name};
    od_id id = 0;
    stage_ok(s, od_contact_add(s->engine, s->group, &contact, &id));
    return id;
}

static od_campaign_options options(od_stage *s, const char *text)
{
    od_campaign_options o;
    stage_options(s, &o, "texts");
    o.channel = OD_CHANNEL_TEXT;
    o.prompts = NULL;
    o.prompts_len = 0;
    o.text = text;
    o.confirm_text = "You get no more texts from us.";
    return o;
}

static od_template_report check(od_stage *s, od_id campaign)
{
    od_template_report report;
    stage_ok(s, od_campaign_text_check(s->engine, campaign, &report));
    return report;
}

/* The problem whose text holds these words; fails if there is none. */
static od_problem problem(od_stage *s, od_id campaign, const char *words)
{
    od_problem rows[32];
    size_t count = 0;
    stage_ok(s, od_campaign_problems(s->engine, campaign, rows, 32, &count));
    for (size_t i = 0; i < count && i < 32; i++) {
        if (strstr(rows[i].what, words) != NULL) {
            return rows[i];
        }
    }
    fail_msg("no problem says \"%s\"", words);
    return rows[0];
}

static size_t problems(od_stage *s, od_id campaign)
{
    size_t count = 0;
    stage_ok(s, od_campaign_problems(s->engine, campaign, NULL, 0, &count));
    return count;
}

/* What is put behind a text costs as well. */
static void test_text_check_counts_what_is_sent(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = options(s, "Hi {{first_name|there}}");
    od_id ann = add(s, "+12125551000", "Ann");
    add(s, "+12125551001", "");
    o.opt_out_text = "Reply STOP to opt out";
    od_id campaign = stage_add(s, &o);
    od_text_info info;
    od_template_report report = check(s, campaign);
    assert_int_equal(report.contacts, 2);
    assert_int_equal(report.segments, 2);
    assert_int_equal(report.by_segments[1], 2);
    assert_int_equal(report.lacking, 0);
    stage_ok(s, od_campaign_text_preview(s->engine, campaign, ann, &info));
    assert_string_equal(info.text, "Hi Ann Reply STOP to opt out");

    char text[161];
    memset(text, 'x', 150);
    text[150] = '\0';
    o.text = text;
    stage_ok(s, od_campaign_update(s->engine, campaign, &o));
    report = check(s, campaign);
    assert_int_equal(report.segments, 4); /* 150 fit, 172 do not */
    assert_int_equal(report.by_segments[2], 2);
}

static void test_text_check_emoji_is_named(void **state)
{
    od_stage *s = *state;
    char text[140];
    memset(text, 'x', 100);
    memcpy(text + 100, " {{first_name}}", sizeof " {{first_name}}");
    add(s, "+12125551000", "Ann");
    add(s, "+12125551002", "Eve");
    od_id bob = add(s, "+12125551001", "Bob \xf0\x9f\x8e\x89");
    od_campaign_options o = options(s, text);
    od_id campaign = stage_add(s, &o);
    od_template_report report = check(s, campaign);
    assert_int_equal(report.segments, 4);
    assert_int_equal(report.ucs2, 1);
    assert_int_equal(report.ucs2_contact, bob);
    assert_int_equal(report.longest[0], bob);
    od_problem p = problem(s, campaign, "\xf0\x9f\x8e\x89");
    assert_int_equal(p.severity, OD_SEVERITY_WARNING);
    assert_int_equal(p.count, 1);
    assert_non_null(strstr(p.what, "2 of 4 segments"));
    p = problem(s, campaign, "not one segment");
    assert_int_equal(p.count, 1);
}

static void test_text_check_fields_are_named(void **state)
{
    od_stage *s = *state;
    od_field table = {"table", "12"};
    od_contact guest = {.phone = "+12125551000", .first_name = "Ann",
                        .fields = &table, .fields_len = 1};
    stage_ok(s, od_contact_add(s->engine, s->group, &guest, NULL));
    add(s, "+12125551001", "");
    od_campaign_options o =
        options(s, "{{first_name}}, table {{table}} {{tabel|}}");
    od_id campaign = stage_add(s, &o);
    od_problem p = problem(s, campaign, "\"tabel\"");
    assert_int_equal(p.count, 2);
    p = problem(s, campaign, "\"first_name\"");
    assert_int_equal(p.count, 1);
    p = problem(s, campaign, "\"table\"");
    assert_int_equal(p.count, 1);
    od_template_report report = check(s, campaign);
    assert_int_equal(report.lacking, 1);
    assert_int_equal(report.fields_unknown, 1);
}

static void test_text_check_too_long(void **state)
{
    od_stage *s = *state;
    char text[200];
    memset(text, 'x', 170);
    text[170] = '\0';
    add(s, "+12125551000", "Ann");
    od_campaign_options o = options(s, text);
    o.text_policy = OD_TEXT_POLICY_REFUSE;
    od_id campaign = stage_add(s, &o);
    assert_int_equal(check(s, campaign).refused, 1);
    assert_int_equal(problem(s, campaign, "too long").count, 1);
    o.text_policy = OD_TEXT_POLICY_CUT;
    stage_ok(s, od_campaign_update(s->engine, campaign, &o));
    assert_int_equal(check(s, campaign).cut, 1);
    assert_int_equal(problem(s, campaign, "cut").count, 1);
}

static void test_text_check_what_is_missing(void **state)
{
    od_stage *s = *state;
    add(s, "+12125551000", "Ann");
    od_campaign_options o = options(s, "");
    od_id campaign = stage_add(s, &o);
    od_template_report report;
    od_text_info info;
    assert_int_equal(problem(s, campaign, "nothing would be sent").severity,
                     OD_SEVERITY_ERROR);
    stage_fails(s, od_campaign_text_check(s->engine, campaign, &report),
                OD_ERR_STATE, "has no text");
    stage_fails(s, od_campaign_text_preview(s->engine, campaign, 1, &info),
                OD_ERR_STATE, "has no text");
    stage_fails(s, od_campaign_start(s->engine, campaign), OD_ERR_REFUSED,
                "nothing would be sent");
    o.text = "Hello";
    stage_ok(s, od_campaign_update(s->engine, campaign, &o));
    stage_fails(s, od_campaign_text_preview(s->engine, campaign, 99, &info),
                OD_ERR_NOT_FOUND, "99");
    size_t before = problems(s, campaign);
    o.confirm_text = NULL;
    stage_ok(s, od_campaign_update(s->engine, campaign, &o));
    assert_int_equal(problem(s, campaign, "who opts out").severity,
                     OD_SEVERITY_WARNING);
    assert_int_equal(problems(s, campaign), before + 1);
    char long_text[300];
    memset(long_text, 'y', 200);
    long_text[200] = '\0';
    o.confirm_text = long_text;
    stage_ok(s, od_campaign_update(s->engine, campaign, &o));
    (void)problem(s, campaign, "confirm_text takes 2 segments");
    o.quota_answers = 5;
    o.quota_question = "q";
    o.quota_choice = "c";
    stage_ok(s, od_campaign_update(s->engine, campaign, &o));
    (void)problem(s, campaign, "quota counts answers");
}

/* What the law asks of texts, where the rules are not lifted. */
static void test_text_check_rules_ask(void **state)
{
    od_stage s;
    (void)state;
    stage_init(&s);
    s.world.lawful = true;
    stage_open(&s, NULL);
    add(&s, "+12125551000", "Ann");
    od_campaign_options o = options(&s, "Sale on Monday");
    o.purpose = OD_PURPOSE_MARKETING;
    o.seller = "Acme Shoes";
    od_id campaign = stage_add(&s, &o);
    od_problem p = problem(&s, campaign, "how to opt out");
    assert_string_equal(p.rule, "us.text.optout");
    assert_int_equal(p.severity, OD_SEVERITY_ERROR);
    p = problem(&s, campaign, "does not name the seller");
    assert_string_equal(p.rule, "us.text.seller");
    o.text = "ACME SHOES: sale on Monday";
    o.opt_out_text = "Reply STOP to opt out";
    stage_ok(&s, od_campaign_update(s.engine, campaign, &o));
    od_problem rows[32];
    size_t count = 0;
    stage_ok(&s, od_campaign_problems(s.engine, campaign, rows, 32, &count));
    for (size_t i = 0; i < count; i++) {
        assert_null(strstr(rows[i].what, "opt out"));
        assert_null(strstr(rows[i].what, "seller"));
    }
    stage_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_BOTH(test_text_check_counts_what_is_sent),
        STAGE_BOTH(test_text_check_emoji_is_named),
        STAGE_BOTH(test_text_check_fields_are_named),
        STAGE_BOTH(test_text_check_too_long),
        STAGE_BOTH(test_text_check_what_is_missing),
        cmocka_unit_test(test_text_check_rules_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
