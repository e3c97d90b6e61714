/*
 * test_api_ids.c - ids that no row has, cursors and sizes of lists that are
 * out of range, and rows that may not go: a named error, nothing changes.
 */
#include "support/refuse.h"

#define INVALID OD_ERR_INVALID
#define NOT_FOUND OD_ERR_NOT_FOUND

static void test_api_ids_contacts(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    size_t count = 77;
    od_id out = 77;
    od_contact contact = {.phone = "+12125550150"};
    od_contact got;
    od_contact rows[1];
    REFUSED_IDS(r, NOT_FOUND, od_group_rename(e, id, "new"));
    REFUSED_IDS(r, NOT_FOUND, od_group_remove(e, id));
    REFUSED_IDS(r, NOT_FOUND, od_group_validate(e, id, r->world.now.utc_ms));
    REFUSED_IDS(r, NOT_FOUND, od_group_export(e, id, "/tmp/none.csv"));
    REFUSED_IDS(r, NOT_FOUND, od_contact_add(e, id, &contact, &out));
    REFUSED_IDS(r, NOT_FOUND, od_contact_join(e, r->contact, id));
    REFUSED_IDS(r, NOT_FOUND, od_contact_join(e, id, r->group_empty));
    REFUSED_IDS(r, NOT_FOUND, od_contact_get(e, id, &got));
    REFUSED_IDS(r, NOT_FOUND,
                (contact.id = id, od_contact_update(e, &contact)));
    REFUSED_IDS(r, NOT_FOUND, od_contact_leave(e, r->contact, id));
    REFUSED_IDS(r, NOT_FOUND, od_contact_leave(e, id, r->group));
    REFUSED(r, NOT_FOUND, od_contact_leave(e, r->contact, r->group_empty));
    REFUSED_IDS(r, NOT_FOUND, od_contact_remove(e, id));
    for (size_t i = 1; i < OD_BAD_IDS_LEN; i++) { /* group 0 lists all */
        REFUSED(r, NOT_FOUND,
                od_contacts_list(e, od_bad_ids[i], 0, rows, 1, &count));
    }
    assert_int_equal(count, 77);
    assert_int_equal(out, 77);
    od_refuse_check(r);
}

static void test_api_ids_imports(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_id out = 77;
    od_import_report report;
    od_import_options options;
    od_import_options_init(&options);
    options.path = "/dev/null";
    REFUSED_IDS(r, NOT_FOUND, od_import_start(e, id, &options, &out));
    REFUSED_IDS(r, NOT_FOUND, od_import_report_get(e, id, &report));
    REFUSED_IDS(r, NOT_FOUND, od_import_cancel(e, id));
    assert_int_equal(out, 77);
    od_refuse_check(r);
}

static void test_api_ids_campaigns(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    size_t count = 77;
    od_campaign got;
    od_campaign_stats stats;
    od_problem problem;
    od_verdict verdict;
    od_forecast forecast;
    od_check check;
    od_verdict_count told;
    od_campaign_options o;
    od_campaign_options_init(&o);
    o.purpose = OD_PURPOSE_INFORMATIONAL;
    o.name = "new";
    REFUSED_IDS(r, NOT_FOUND, od_campaign_update(e, id, &o));
    REFUSED_IDS(r, NOT_FOUND, od_campaign_get(e, id, &got));
    REFUSED_IDS(r, NOT_FOUND, od_campaign_start(e, id));
    REFUSED_IDS(r, NOT_FOUND, od_campaign_pause(e, id));
    REFUSED_IDS(r, NOT_FOUND, od_campaign_resume(e, id));
    REFUSED_IDS(r, NOT_FOUND, od_campaign_stop(e, id));
    REFUSED_IDS(r, NOT_FOUND, od_campaign_problems(e, id, &problem, 1, &count));
    REFUSED_IDS(r, NOT_FOUND, od_campaign_stats_get(e, id, &stats));
    REFUSED_IDS(r, NOT_FOUND,
                od_campaign_explain(e, id, "+12125550150", &verdict));
    REFUSED_IDS(r, NOT_FOUND, od_campaign_forecast(e, id, NULL, &forecast));
    REFUSED_IDS(r, NOT_FOUND, od_campaign_checks(e, id, "+12125550150", &check,
                                                 1, &count));
    REFUSED_IDS(r, NOT_FOUND, od_campaign_histogram(e, id, &told, 1, &count));
    REFUSED_IDS(r, NOT_FOUND, od_campaign_callback(e, id, "+12125550150",
                                                   r->world.now.utc_ms));
    assert_int_equal(count, 77);
    od_refuse_check(r);
}

static void test_api_ids_inside_campaign_options(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_id out = 77;
    od_campaign_options o;
    od_campaign_options_init(&o);
    o.purpose = OD_PURPOSE_INFORMATIONAL;
    o.name = "new";
    o.groups_len = 1;
    REFUSED_IDS(r, NOT_FOUND, (o.groups = &id, od_campaign_add(e, &o, &out)));
    o.groups_len = 0;
    o.prompts_len = 1;
    REFUSED_IDS(r, NOT_FOUND, (o.prompts = &id, od_campaign_add(e, &o, &out)));
    o.prompts_len = 0;
    for (size_t i = 1; i < OD_BAD_IDS_LEN; i++) { /* 0: none */
        o.survey = od_bad_ids[i];
        REFUSED(r, NOT_FOUND, od_campaign_add(e, &o, &out));
        o.survey = 0;
        o.opt_out_prompt = od_bad_ids[i];
        REFUSED(r, NOT_FOUND, od_campaign_add(e, &o, &out));
        REFUSED(r, NOT_FOUND, od_campaign_update(e, r->idle, &o));
        o.opt_out_prompt = 0;
        o.identity_prompt = od_bad_ids[i];
        REFUSED(r, NOT_FOUND, od_campaign_add(e, &o, &out));
        o.identity_prompt = 0;
        o.offer_prompt = od_bad_ids[i];
        REFUSED(r, NOT_FOUND, od_campaign_add(e, &o, &out));
        o.offer_prompt = 0;
    }
    od_id twice[] = {r->group, r->group};
    o.groups = twice;
    o.groups_len = 2;
    REFUSED(r, INVALID, od_campaign_add(e, &o, &out));
    assert_int_equal(out, 77);
    od_refuse_check(r);
}

static void test_api_ids_results(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    size_t count = 77;
    od_answer answer;
    od_result result;
    REFUSED_IDS(r, NOT_FOUND, od_call_hangup(e, id));
    REFUSED_IDS(r, NOT_FOUND, od_results_get(e, id, &result, 1, &count));
    REFUSED_IDS(r, NOT_FOUND, od_answers_list(e, id, 0, &answer, 1, &count));
    REFUSED_IDS(r, NOT_FOUND, od_answers_export(e, id, "/tmp/none.csv"));
    assert_int_equal(count, 77);
    od_refuse_check(r);
}

static void test_api_ids_templates(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    size_t count = 77;
    od_template_field field;
    od_template_report report;
    od_text_info info;
    REFUSED_IDS(r, NOT_FOUND, od_template_preview(e, "a", id, NULL, &info));
    for (size_t i = 1; i < OD_BAD_IDS_LEN; i++) { /* group 0 is all */
        od_id bad = od_bad_ids[i];
        REFUSED(r, NOT_FOUND, od_template_check(e, "a", bad, NULL, &report));
        REFUSED(r, NOT_FOUND,
                od_template_fields(e, "a", bad, &field, 1, &count));
    }
    REFUSED(r, INVALID, od_template_fields(e, "a", 0, &field, 0, &count));
    REFUSED(r, INVALID, od_template_fields(e, "a", 0, &field, 1001, &count));
    assert_int_equal(count, 77);
    od_refuse_check(r);
}

static void test_api_ids_library(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_media media;
    od_survey survey;
    const char *text = "a";
    od_id out = 77;
    REFUSED_IDS(r, NOT_FOUND, od_media_get(e, id, &media));
    REFUSED_IDS(r, NOT_FOUND, od_media_remove(e, id));
    REFUSED_IDS(r, NOT_FOUND, od_survey_get(e, id, &survey));
    REFUSED_IDS(r, NOT_FOUND, od_survey_text(e, id, &text));
    REFUSED_IDS(r, NOT_FOUND, od_survey_remove(e, id));
    REFUSED(r, NOT_FOUND, od_media_find(e, "nothing", &out));
    REFUSED(r, NOT_FOUND, od_survey_find(e, "nothing", &out));
    REFUSED(r, NOT_FOUND, od_group_find(e, "nothing", &out));
    REFUSED(r, NOT_FOUND, od_campaign_find(e, "nothing", &out));
    assert_string_equal(text, "a");
    assert_int_equal(out, 77);
    od_refuse_check(r);
}

static void test_api_ids_dnc(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_dnc_entry entry = {.phone = "+12125550150", .scope = OD_DNC_CAMPAIGN};
    REFUSED(r, INVALID, od_dnc_add(e, &entry)); /* of which campaign? */
    for (size_t i = 1; i < OD_BAD_IDS_LEN; i++) {
        entry.campaign = od_bad_ids[i];
        REFUSED(r, NOT_FOUND, od_dnc_add(e, &entry));
        REFUSED(r, NOT_FOUND, od_dnc_remove(e, "+12125550199", OD_DNC_CAMPAIGN,
                                            od_bad_ids[i]));
    }
    entry.scope = OD_DNC_ALL;
    entry.campaign = r->idle;
    REFUSED(r, INVALID, od_dnc_add(e, &entry));
    entry.campaign = 0;
    for (int32_t scope = -1; scope < 9; scope += 5) {
        entry.scope = scope; /* -1 and 4 */
        REFUSED(r, INVALID, od_dnc_add(e, &entry));
        REFUSED(r, INVALID, od_dnc_remove(e, "+12125550199", scope, 0));
    }
    REFUSED(r, NOT_FOUND, od_dnc_remove(e, "+12125550150", OD_DNC_ALL, 0));
    REFUSED(r, NOT_FOUND, od_dnc_remove(e, "+12125550199", OD_DNC_VOICE, 0));
    od_refuse_check(r);
}

/* An override of no campaign, and names that nothing has. */
static void test_api_ids_rules(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_override lift = {.name = "a", .rule = "us.hours", .reason = "b",
                        .who = "c"};
    for (size_t i = 1; i < OD_BAD_IDS_LEN; i++) { /* 0: of all */
        lift.campaign = od_bad_ids[i];
        REFUSED(r, NOT_FOUND, od_override_add(e, &lift));
    }
    lift.campaign = 0;
    lift.rule = "us.nothing";
    REFUSED(r, NOT_FOUND, od_override_add(e, &lift));
    REFUSED(r, NOT_FOUND, od_override_remove(e, "nothing"));
    REFUSED(r, NOT_FOUND, od_rules_remove(e, "nothing"));
    REFUSED(r, NOT_FOUND, od_rules_remove(e, "us")); /* it is built in */
    REFUSED(r, NOT_FOUND, od_registry_detach(e, "nothing"));
    od_refuse_check(r);
}

/* Heads that the chain does not reach, or that it never had. */
static void test_api_ids_ledger_heads(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_ledger_head head;
    int64_t rows = 77;
    assert_int_equal(od_ledger_head_get(e, &head), OD_OK);
    od_ledger_head bad = head;
    bad.seq++;
    REFUSED(r, NOT_FOUND, od_ledger_verify_range(e, NULL, &bad, &rows));
    REFUSED(r, NOT_FOUND, od_ledger_verify_range(e, &bad, NULL, &rows));
    bad = head;
    bad.hash[0] ^= 1;
    REFUSED(r, OD_ERR_CORRUPT, od_ledger_verify_range(e, NULL, &bad, &rows));
    REFUSED(r, OD_ERR_CORRUPT, od_ledger_verify_range(e, &bad, NULL, &rows));
    assert_int_equal(od_ledger_verify_range(e, NULL, &head, NULL), OD_OK);
    od_refuse_check(r);
}

/* A cursor below 0, no room, and more room than a page may have. */
#define REFUSED_PAGES(refuse, call)                                           \
    do {                                                                      \
        static const struct {                                                 \
            od_id after;                                                      \
            size_t max;                                                       \
        } pages_[] = {{-1, 1}, {INT64_MIN, 1}, {0, 0}, {0, 1001},             \
                      {0, SIZE_MAX}};                                         \
        for (size_t i_ = 0; i_ < sizeof pages_ / sizeof *pages_; i_++) {      \
            od_id after = pages_[i_].after;                                   \
            size_t max = pages_[i_].max;                                      \
            REFUSED((refuse), OD_ERR_INVALID, (call));                        \
        }                                                                     \
    } while (0)

static void test_api_ids_pages(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    size_t count = 77;
    od_group group;
    od_contact contact;
    od_campaign_row campaign;
    od_dnc_entry entry;
    od_consent consent;
    od_call call;
    od_answer answer;
    od_ledger_row row;
    od_media media;
    od_survey survey;
    REFUSED_PAGES(r, od_groups_list(e, after, &group, max, &count));
    REFUSED_PAGES(r, od_contacts_list(e, 0, after, &contact, max, &count));
    REFUSED_PAGES(r, od_campaigns_list(e, after, &campaign, max, &count));
    REFUSED_PAGES(r, od_dnc_list(e, after, &entry, max, &count));
    REFUSED_PAGES(r, od_consents_list(e, NULL, after, &consent, max, &count));
    REFUSED_PAGES(r, od_calls_list(e, NULL, after, &call, max, &count));
    REFUSED_PAGES(r, od_answers_list(e, r->done, after, &answer, max, &count));
    REFUSED_PAGES(r, od_ledger_read(e, after, &row, max, &count));
    REFUSED_PAGES(r, od_medias_list(e, after, &media, max, &count));
    REFUSED_PAGES(r, od_surveys_list(e, after, &survey, max, &count));
    assert_int_equal(count, 77);
    od_refuse_check(r);
}

/* A cursor beyond the last row is a list that has ended. */
static void test_api_ids_cursor_beyond_the_end(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    size_t count = 77;
    od_group group;
    od_call call;
    od_consent consent;
    od_caller_id shown;
    od_ledger_row row;
    od_rule rule;
    od_override lift;
    od_registry_info info;
    assert_int_equal(od_groups_list(e, INT64_MAX, &group, 1, &count), OD_OK);
    assert_int_equal(count, 0);
    count = 77;
    assert_int_equal(od_consents_list(e, NULL, INT64_MAX, &consent, 1, &count),
                     OD_OK);
    assert_int_equal(count, 0);
    count = 77;
    assert_int_equal(od_caller_ids_list(e, SIZE_MAX, &shown, 1, &count), OD_OK);
    assert_int_equal(count, 0);
    count = 77;
    assert_int_equal(od_calls_list(e, NULL, INT64_MAX, &call, 1, &count),
                     OD_OK);
    assert_int_equal(count, 0);
    count = 77;
    assert_int_equal(od_ledger_read(e, INT64_MAX, &row, 1, &count), OD_OK);
    assert_int_equal(count, 0);
    count = 77;
    assert_int_equal(od_rules_list(e, SIZE_MAX, &rule, 1, &count), OD_OK);
    assert_int_equal(count, 0);
    count = 77;
    assert_int_equal(od_overrides_list(e, SIZE_MAX, &lift, 1, &count), OD_OK);
    assert_int_equal(count, 0);
    count = 77;
    assert_int_equal(od_registries_list(e, SIZE_MAX, &info, 1, &count), OD_OK);
    assert_int_equal(count, 0);
}

/* Lists without ids: how many to pass over. */
static void test_api_ids_pages_by_count(void **state)
{
    static const size_t bad[] = {0, 1001, SIZE_MAX};
    od_refuse *r = *state;
    od_engine *e = r->e;
    size_t count = 77;
    od_rule rule;
    od_override lift;
    od_registry_info info;
    od_caller_id shown;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        REFUSED(r, INVALID, od_rules_list(e, 0, &rule, bad[i], &count));
        REFUSED(r, INVALID, od_overrides_list(e, 0, &lift, bad[i], &count));
        REFUSED(r, INVALID, od_registries_list(e, 0, &info, bad[i], &count));
        REFUSED(r, INVALID, od_caller_ids_list(e, 0, &shown, bad[i], &count));
    }
    assert_int_equal(count, 77);
    od_refuse_check(r);
}

static void test_api_ids_names_that_are_taken(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_id out = 77;
    od_contact contact = {.phone = "(212) 555-0123"};
    od_campaign_options o;
    od_campaign_options_init(&o);
    o.purpose = OD_PURPOSE_INFORMATIONAL;
    o.name = "done";
    static const char survey[] = "survey Short\nquestion z\n  play hello\n"
                                 "  key 2 No -> end\n";
    REFUSED(r, OD_ERR_EXISTS, od_group_add(e, "people", &out));
    REFUSED(r, OD_ERR_EXISTS, od_group_rename(e, r->group, "empty"));
    REFUSED(r, OD_ERR_EXISTS, od_contact_add(e, r->group, &contact, &out));
    REFUSED(r, OD_ERR_EXISTS, od_contact_join(e, r->contact, r->group));
    REFUSED(r, OD_ERR_EXISTS, od_campaign_add(e, &o, &out));
    REFUSED(r, OD_ERR_EXISTS, od_campaign_update(e, r->idle, &o));
    REFUSED(r, OD_ERR_EXISTS, od_survey_add(e, survey, strlen(survey), &out));
    od_override lift = {.name = "taken", .rule = "us.hours", .reason = "b",
                        .who = "c"};
    static const char rules[] = "rule host.a\n  in US-NY\n  purpose any\n"
                                "  ban\n  cite our own\n  verified no\n";
    static const char other[] = "rule us.hours\n  in US-NY\n  purpose any\n"
                                "  ban\n  cite our own\n  verified no\n";
    assert_int_equal(od_override_add(e, &lift), OD_OK);
    assert_int_equal(od_rules_add(e, "host", rules), OD_OK);
    od_refuse_changed(r);
    lift.rule = "us.debt.hours";
    REFUSED(r, OD_ERR_EXISTS, od_override_add(e, &lift));
    REFUSED(r, OD_ERR_EXISTS, od_rules_add(e, "host", rules));
    REFUSED(r, OD_ERR_EXISTS, od_rules_add(e, "us", rules));
    REFUSED(r, OD_ERR_EXISTS, od_rules_add(e, "another", rules));
    REFUSED(r, OD_ERR_EXISTS, od_rules_add(e, "another", other));
    assert_int_equal(od_override_remove(e, "taken"), OD_OK);
    assert_int_equal(od_rules_remove(e, "host"), OD_OK);
    od_refuse_changed(r);
    assert_int_equal(out, 77);
    od_refuse_check(r);
}

static void test_api_ids_states_that_forbid(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    REFUSED(r, OD_ERR_STATE, od_campaign_pause(e, r->idle));
    REFUSED(r, OD_ERR_STATE, od_campaign_resume(e, r->idle));
    REFUSED(r, OD_ERR_STATE, od_campaign_stop(e, r->idle));
    REFUSED(r, OD_ERR_STATE, od_campaign_pause(e, r->done));
    REFUSED(r, OD_ERR_STATE, od_campaign_stop(e, r->done));
    REFUSED(r, OD_ERR_STATE, od_group_remove(e, r->group));
    REFUSED(r, OD_ERR_STATE, od_media_remove(e, r->prompt));
    REFUSED(r, OD_ERR_STATE, od_media_remove(e, r->prompt_asked));
    /* A call back of who is in it, but has no attempt left. */
    od_campaign_options o;
    od_campaign now;
    assert_int_equal(od_campaign_get(e, r->done, &now), OD_OK);
    o = now.options;
    o.attempts_max = 1;
    assert_int_equal(od_campaign_update(e, r->done, &o), OD_OK);
    od_refuse_changed(r);
    REFUSED(r, OD_ERR_STATE,
            od_campaign_callback(e, r->done, "+12125550123",
                                 r->world.now.utc_ms));
    od_refuse_check(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_api_ids_contacts),
        cmocka_unit_test(test_api_ids_imports),
        cmocka_unit_test(test_api_ids_campaigns),
        cmocka_unit_test(test_api_ids_inside_campaign_options),
        cmocka_unit_test(test_api_ids_results),
        cmocka_unit_test(test_api_ids_templates),
        cmocka_unit_test(test_api_ids_library),
        cmocka_unit_test(test_api_ids_dnc),
        cmocka_unit_test(test_api_ids_rules),
        cmocka_unit_test(test_api_ids_ledger_heads),
        cmocka_unit_test(test_api_ids_pages),
        cmocka_unit_test(test_api_ids_pages_by_count),
        cmocka_unit_test(test_api_ids_cursor_beyond_the_end),
        cmocka_unit_test(test_api_ids_names_that_are_taken),
        cmocka_unit_test(test_api_ids_states_that_forbid),
    };
    return cmocka_run_group_tests(tests, od_refuse_setup, od_refuse_teardown);
}
