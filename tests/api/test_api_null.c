/*
 * test_api_null.c - every public function without an engine, and without each
 * argument that it needs: OD_ERR_INVALID, or the neutral answer where a
 * function cannot fail.
 */
#include "support/refuse.h"

#define INVALID OD_ERR_INVALID
#define NO_ENGINE(call) assert_int_equal((call), OD_ERR_INVALID)

/* -- without an engine -------------------------------------------------------- */

static void test_api_null_engine_contacts(void **state)
{
    (void)state;
    od_id id = 77;
    size_t count = 77;
    od_group group;
    od_contact contact = {.phone = "+12125550150"};
    od_contact rows[1];
    od_import_options options;
    od_import_report report;
    od_import_options_init(&options);
    options.path = "people.csv";
    NO_ENGINE(od_group_add(NULL, "a", &id));
    NO_ENGINE(od_group_rename(NULL, 1, "a"));
    NO_ENGINE(od_group_find(NULL, "a", &id));
    NO_ENGINE(od_group_remove(NULL, 1));
    NO_ENGINE(od_groups_list(NULL, 0, &group, 1, &count));
    NO_ENGINE(od_group_export(NULL, 1, "a.csv"));
    NO_ENGINE(od_group_validate(NULL, 1, 1));
    NO_ENGINE(od_contact_add(NULL, 1, &contact, &id));
    NO_ENGINE(od_contact_join(NULL, 1, 1));
    NO_ENGINE(od_contact_get(NULL, 1, &contact));
    NO_ENGINE(od_contact_update(NULL, &contact));
    NO_ENGINE(od_contacts_list(NULL, 0, 0, rows, 1, &count));
    NO_ENGINE(od_contact_leave(NULL, 1, 1));
    NO_ENGINE(od_contact_remove(NULL, 1));
    NO_ENGINE(od_import_start(NULL, 1, &options, &id));
    NO_ENGINE(od_import_report_get(NULL, 1, &report));
    NO_ENGINE(od_import_cancel(NULL, 1));
    assert_int_equal(id, 77);
    assert_int_equal(count, 77);
}

static void test_api_null_engine_campaigns(void **state)
{
    (void)state;
    od_id id = 77;
    size_t count = 77;
    od_campaign campaign;
    od_campaign_row row;
    od_campaign_options options;
    od_campaign_stats stats;
    od_problem problem;
    od_verdict verdict;
    od_forecast forecast;
    od_check check;
    od_verdict_count told;
    od_campaign_options_init(&options);
    options.purpose = OD_PURPOSE_INFORMATIONAL;
    options.name = "a";
    NO_ENGINE(od_campaign_add(NULL, &options, &id));
    NO_ENGINE(od_campaign_update(NULL, 1, &options));
    NO_ENGINE(od_campaign_get(NULL, 1, &campaign));
    NO_ENGINE(od_campaign_find(NULL, "a", &id));
    NO_ENGINE(od_campaigns_list(NULL, 0, &row, 1, &count));
    NO_ENGINE(od_campaign_start(NULL, 1));
    NO_ENGINE(od_campaign_pause(NULL, 1));
    NO_ENGINE(od_campaign_resume(NULL, 1));
    NO_ENGINE(od_campaign_stop(NULL, 1));
    NO_ENGINE(od_campaign_problems(NULL, 1, &problem, 1, &count));
    NO_ENGINE(od_campaign_stats_get(NULL, 1, &stats));
    NO_ENGINE(od_campaign_explain(NULL, 1, "+12125550150", &verdict));
    NO_ENGINE(od_campaign_forecast(NULL, 1, NULL, &forecast));
    NO_ENGINE(
        od_campaign_checks(NULL, 1, "+12125550150", &check, 1, &count));
    NO_ENGINE(od_campaign_histogram(NULL, 1, &told, 1, &count));
    NO_ENGINE(od_campaign_callback(NULL, 1, "+12125550150", 1));
    assert_int_equal(id, 77);
    assert_int_equal(count, 77);
}

static void test_api_null_engine_lists(void **state)
{
    (void)state;
    od_id id = 77;
    int64_t rows = 77;
    size_t count = 77;
    bool listed = true;
    const char *text = "a";
    od_dnc_entry entry = {.phone = "+12125550150"};
    od_dnc_report report;
    od_consent consent = {.phone = "+12125550150"};
    od_consent_report consents;
    od_caller_id shown = {"+12125550150", "contract"};
    od_call call;
    od_answer answer;
    od_result result;
    od_ledger_row row;
    od_ledger_head head = {.seq = 77};
    od_ledger_extract_options extract;
    od_erasure erasure = {.contacts = 77};
    od_media media;
    od_survey survey;
    od_ledger_extract_options_init(&extract);
    extract.path = "a.jsonl";
    NO_ENGINE(od_dnc_add(NULL, &entry));
    NO_ENGINE(od_dnc_remove(NULL, "+12125550150", OD_DNC_ALL, 0));
    NO_ENGINE(od_dnc_check(NULL, "+12125550150", 0, &listed));
    NO_ENGINE(od_dnc_list(NULL, 0, &entry, 1, &count));
    NO_ENGINE(od_dnc_import(NULL, "a.csv", NULL, &report));
    NO_ENGINE(od_dnc_export(NULL, "a.csv"));
    NO_ENGINE(od_consent_add(NULL, &consent));
    NO_ENGINE(od_consent_revoke(NULL, "+12125550150", NULL, NULL));
    NO_ENGINE(od_consents_list(NULL, NULL, 0, &consent, 1, &count));
    NO_ENGINE(od_consent_import(NULL, "a.csv", NULL, &consents));
    NO_ENGINE(od_consent_export(NULL, "a.csv"));
    NO_ENGINE(od_caller_id_add(NULL, &shown));
    NO_ENGINE(od_caller_id_remove(NULL, "+12125550150"));
    NO_ENGINE(od_caller_ids_list(NULL, 0, &shown, 1, &count));
    NO_ENGINE(od_calls_list(NULL, NULL, 0, &call, 1, &count));
    NO_ENGINE(od_calls_export(NULL, NULL, "a.csv"));
    NO_ENGINE(od_call_hangup(NULL, 1));
    NO_ENGINE(od_ledger_read(NULL, 0, &row, 1, &count));
    NO_ENGINE(od_ledger_verify(NULL, &rows, NULL));
    NO_ENGINE(od_ledger_export(NULL, "a.jsonl"));
    NO_ENGINE(od_ledger_head_get(NULL, &head));
    NO_ENGINE(od_ledger_verify_range(NULL, &head, &head, &rows));
    NO_ENGINE(od_ledger_extract(NULL, &extract));
    NO_ENGINE(od_person_erase(NULL, "+12125550150", "asked", &erasure));
    NO_ENGINE(od_media_add(NULL, "a", "a.wav", &id));
    NO_ENGINE(od_media_add_bytes(NULL, "a", "RIFF", 4, &id));
    NO_ENGINE(od_media_get(NULL, 1, &media));
    NO_ENGINE(od_media_find(NULL, "a", &id));
    NO_ENGINE(od_medias_list(NULL, 0, &media, 1, &count));
    NO_ENGINE(od_media_remove(NULL, 1));
    NO_ENGINE(od_survey_add(NULL, "survey a", 8, &id));
    NO_ENGINE(od_survey_get(NULL, 1, &survey));
    NO_ENGINE(od_survey_text(NULL, 1, &text));
    NO_ENGINE(od_survey_find(NULL, "a", &id));
    NO_ENGINE(od_surveys_list(NULL, 0, &survey, 1, &count));
    NO_ENGINE(od_survey_remove(NULL, 1));
    NO_ENGINE(od_answers_list(NULL, 1, 0, &answer, 1, &count));
    NO_ENGINE(od_answers_export(NULL, 1, "a.csv"));
    NO_ENGINE(od_results_get(NULL, 1, &result, 1, &count));
    assert_int_equal(id, 77);
    assert_int_equal(rows, 77);
    assert_int_equal(count, 77);
    assert_true(listed);
    assert_string_equal(text, "a");
    assert_int_equal(head.seq, 77);
    assert_int_equal(erasure.contacts, 77);
}

static void test_api_null_engine_rules(void **state)
{
    (void)state;
    size_t count = 77;
    uint8_t hash[32] = {77};
    od_rule rule;
    od_override lift = {.name = "a", .rule = "us.hours", .reason = "b",
                        .who = "c"};
    od_registry_info info;
    NO_ENGINE(od_rules_list(NULL, 0, &rule, 1, &count));
    NO_ENGINE(od_rules_hash(NULL, hash));
    NO_ENGINE(od_rules_add(NULL, "a", "rule a"));
    NO_ENGINE(od_rules_remove(NULL, "a"));
    NO_ENGINE(od_override_add(NULL, &lift));
    NO_ENGINE(od_override_remove(NULL, "a"));
    NO_ENGINE(od_overrides_list(NULL, 0, &lift, 1, &count));
    NO_ENGINE(od_registry_attach(NULL, "a.reg"));
    NO_ENGINE(od_registry_detach(NULL, "us.national"));
    NO_ENGINE(od_registries_list(NULL, 0, &info, 1, &count));
    assert_int_equal(count, 77);
    assert_int_equal(hash[0], 77);
}

static void test_api_null_engine_templates(void **state)
{
    (void)state;
    size_t count = 77;
    od_template_field field;
    od_template_report report;
    od_text_info info;
    NO_ENGINE(od_template_check(NULL, "a", 0, NULL, &report));
    NO_ENGINE(od_template_fields(NULL, "a", 0, &field, 1, &count));
    NO_ENGINE(od_template_preview(NULL, "a", 1, NULL, &info));
    assert_int_equal(count, 77);
}

static void test_api_null_engine_itself(void **state)
{
    (void)state;
    od_now now = {.mono_ms = 1, .utc_ms = 1};
    od_event event;
    memset(&event, 0x5a, sizeof event);
    od_event before = event;
    od_engine_free(NULL);
    od_engine_wake(NULL);
    NO_ENGINE(od_engine_stop(NULL));
    NO_ENGINE(od_engine_step(NULL, &now));
    NO_ENGINE(od_engine_wait(NULL, 0));
    NO_ENGINE(od_engine_backup(NULL, "copy"));
    assert_int_equal(od_engine_calls_live(NULL), 0);
    assert_int_equal(od_engine_deadline_ms(NULL), OD_NEVER);
    assert_int_equal(od_engine_fd(NULL), -1);
    assert_false(od_engine_next_event(NULL, &event));
    assert_memory_equal(&event, &before, sizeof event);
    assert_string_equal(od_engine_errmsg(NULL), "");
}

static void test_api_null_words(void **state)
{
    (void)state;
    char text[4] = "abc";
    od_window window = {0};
    od_verdict verdict = {.kind = 99, .reason = -7};
    assert_string_equal(od_version(), "0.1.0");
    assert_string_equal(od_err_name((od_err)1), "OD_ERR_?");
    assert_string_equal(od_err_name((od_err)-1000), "OD_ERR_?");
    for (int32_t bad = -1; bad < 100; bad += 100) {
        assert_string_equal(od_disposition_name(bad), "?");
        assert_string_equal(od_reason_name(bad), "?");
        assert_string_equal(od_verdict_kind_name(bad), "?");
        assert_string_equal(od_campaign_state_name(bad), "?");
        assert_string_equal(od_ledger_kind_name(bad), "?");
        assert_string_equal(od_consent_kind_name(bad), "?");
        assert_string_equal(od_purpose_name(bad), "?");
        assert_string_equal(od_line_name(bad), "?");
        assert_string_equal(od_rule_effect_name(bad), "?");
        assert_string_equal(od_text_encoding_name(bad), "?");
        assert_string_equal(od_reply_kind_name(bad), "?");
    }
    assert_int_equal(od_reply_classify(NULL, 0), OD_REPLY_OTHER);
    od_now_read(NULL);
    od_verdict_text(NULL, text, sizeof text);
    od_verdict_text(&verdict, NULL, 4);
    od_verdict_text(&verdict, text, 0);
    assert_string_equal(text, "abc");
    od_verdict_text(&verdict, text, sizeof text);
    assert_int_equal(strlen(text), 3);
    assert_int_equal(od_window_parse(NULL, &window), OD_ERR_INVALID);
    assert_int_equal(od_window_parse("daily 9-17", NULL), OD_ERR_INVALID);
    assert_int_equal(od_window_parse("", &window), OD_ERR_FORMAT);
    assert_int_equal(od_window_parse("mon 25:00-26:00", &window),
                     OD_ERR_FORMAT);
    assert_int_equal(window.days, 0);
}

/* -- without what they need --------------------------------------------------- */

static void test_api_null_contact_arguments(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    size_t count = 77;
    od_id id = 77;
    od_group group;
    od_contact contact = {.phone = NULL};
    od_contact rows[1];
    REFUSED(r, INVALID, od_group_add(e, NULL, &id));
    REFUSED(r, INVALID, od_group_add(e, "a", NULL));
    REFUSED(r, INVALID, od_group_rename(e, r->group, NULL));
    REFUSED(r, INVALID, od_group_find(e, NULL, &id));
    REFUSED(r, INVALID, od_group_find(e, "people", NULL));
    REFUSED(r, INVALID, od_groups_list(e, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_groups_list(e, 0, &group, 1, NULL));
    REFUSED(r, INVALID, od_group_export(e, r->group, NULL));
    REFUSED(r, INVALID, od_contact_add(e, r->group, NULL, &id));
    REFUSED(r, INVALID, od_contact_add(e, r->group, &contact, &id));
    REFUSED(r, INVALID, od_contact_get(e, r->contact, NULL));
    REFUSED(r, INVALID, od_contact_update(e, NULL));
    REFUSED(r, INVALID, od_contacts_list(e, 0, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_contacts_list(e, 0, 0, rows, 1, NULL));
    REFUSED(r, INVALID, od_import_start(e, r->group, NULL, &id));
    assert_int_equal(id, 77);
    assert_int_equal(count, 77);
    od_refuse_check(r);
}

static void test_api_null_field_arguments(void **state)
{
    od_refuse *r = *state;
    od_id id = 77;
    od_field no_name = {.name = NULL, .value = "x"};
    od_field no_value = {.name = "x", .value = NULL};
    od_contact contact = {.phone = "+12125550150", .fields_len = 1};
    REFUSED(r, INVALID, od_contact_add(r->e, r->group, &contact, &id));
    contact.fields = &no_name;
    REFUSED(r, INVALID, od_contact_add(r->e, r->group, &contact, &id));
    contact.fields = &no_value;
    REFUSED(r, INVALID, od_contact_add(r->e, r->group, &contact, &id));
    assert_int_equal(id, 77);
    od_refuse_check(r);
}

static void test_api_null_campaign_arguments(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_id id = 77;
    size_t count = 77;
    od_verdict verdict;
    od_campaign_row row;
    od_campaign_options o;
    od_campaign_options_init(&o);
    o.purpose = OD_PURPOSE_INFORMATIONAL;
    REFUSED(r, INVALID, od_campaign_add(e, NULL, &id));
    REFUSED(r, INVALID, od_campaign_add(e, &o, &id)); /* without a name */
    o.name = "new";
    REFUSED(r, INVALID, od_campaign_add(e, &o, NULL));
    o.groups_len = 1;
    REFUSED(r, INVALID, od_campaign_add(e, &o, &id));
    o.groups_len = 0;
    o.prompts_len = 1;
    REFUSED(r, INVALID, od_campaign_add(e, &o, &id));
    o.prompts_len = 0;
    o.windows_len = 1;
    REFUSED(r, INVALID, od_campaign_add(e, &o, &id));
    REFUSED(r, INVALID, od_campaign_update(e, r->idle, NULL));
    REFUSED(r, INVALID, od_campaign_get(e, r->idle, NULL));
    REFUSED(r, INVALID, od_campaign_find(e, NULL, &id));
    REFUSED(r, INVALID, od_campaign_find(e, "idle", NULL));
    REFUSED(r, INVALID, od_campaigns_list(e, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_campaigns_list(e, 0, &row, 1, NULL));
    REFUSED(r, INVALID, od_campaign_problems(e, r->idle, NULL, 1, &count));
    REFUSED(r, INVALID, od_campaign_problems(e, r->idle, NULL, 0, NULL));
    REFUSED(r, INVALID, od_campaign_stats_get(e, r->idle, NULL));
    REFUSED(r, INVALID, od_campaign_explain(e, r->idle, NULL, &verdict));
    REFUSED(r, INVALID, od_campaign_explain(e, r->idle, "+12125550150", NULL));
    REFUSED(r, INVALID, od_campaign_forecast(e, r->idle, NULL, NULL));
    REFUSED(r, INVALID, od_campaign_callback(e, r->done, NULL,
                                             r->world.now.utc_ms));
    assert_int_equal(id, 77);
    assert_int_equal(count, 77);
    od_refuse_check(r);
}

static void test_api_null_explain_arguments(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    const char *phone = "+12125550150";
    size_t count = 77;
    od_check check;
    od_verdict_count told;
    REFUSED(r, INVALID, od_campaign_checks(e, r->done, NULL, &check, 1,
                                           &count));
    REFUSED(r, INVALID, od_campaign_checks(e, r->done, phone, NULL, 1, &count));
    REFUSED(r, INVALID, od_campaign_checks(e, r->done, phone, &check, 1, NULL));
    REFUSED(r, INVALID, od_campaign_checks(e, r->done, phone, NULL, 0, NULL));
    REFUSED(r, INVALID, od_campaign_histogram(e, r->done, NULL, 1, &count));
    REFUSED(r, INVALID, od_campaign_histogram(e, r->done, &told, 1, NULL));
    REFUSED(r, INVALID, od_campaign_histogram(e, r->done, NULL, 0, NULL));
    assert_int_equal(count, 77);
    od_refuse_check(r);
}

static void test_api_null_rule_arguments(void **state)
{
    static const char text[] = "rule host.a\n  in US-NY\n  purpose any\n"
                               "  ban\n  cite our own\n  verified no\n";
    od_refuse *r = *state;
    od_engine *e = r->e;
    size_t count = 77;
    od_rule rule;
    od_override lift;
    od_registry_info info;
    REFUSED(r, INVALID, od_rules_list(e, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_rules_list(e, 0, &rule, 1, NULL));
    REFUSED(r, INVALID, od_rules_hash(e, NULL));
    REFUSED(r, INVALID, od_rules_add(e, NULL, text));
    REFUSED(r, INVALID, od_rules_add(e, "host", NULL));
    REFUSED(r, INVALID, od_rules_remove(e, NULL));
    REFUSED(r, INVALID, od_override_add(e, NULL));
    static const size_t needed[] = {
        offsetof(od_override, name), offsetof(od_override, rule),
        offsetof(od_override, reason), offsetof(od_override, who)};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        const char *const nothing = NULL;
        lift = (od_override){.name = "a", .rule = "us.hours", .reason = "b",
                             .who = "c"};
        memcpy((char *)&lift + needed[i], &nothing, sizeof nothing);
        REFUSED(r, INVALID, od_override_add(e, &lift));
    }
    REFUSED(r, INVALID, od_override_remove(e, NULL));
    REFUSED(r, INVALID, od_overrides_list(e, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_overrides_list(e, 0, &lift, 1, NULL));
    REFUSED(r, OD_ERR_NOT_FOUND, od_registry_detach(e, NULL));
    REFUSED(r, INVALID, od_registries_list(e, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_registries_list(e, 0, &info, 1, NULL));
    assert_int_equal(count, 77);
    od_refuse_check(r);
}

static void test_api_null_registry_files(void **state)
{
    od_refuse *r = *state;
    od_errmsg msg;
    od_registry_info info;
    od_registry_build_options o;
    od_registry_build_options_init(&o);
    REFUSED_TEXT(r, INVALID, &msg, od_registry_build(NULL, &info, &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_registry_build(&o, &info, &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_registry_info_read(NULL, &info, &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_registry_info_read("a", NULL, &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_registry_verify(NULL, &info, &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_registry_verify("a", NULL, &msg));
    assert_int_equal(od_registry_build(NULL, NULL, NULL), INVALID);
    assert_int_equal(od_registry_info_read(NULL, NULL, NULL), INVALID);
    assert_int_equal(od_registry_verify(NULL, NULL, NULL), INVALID);
    od_refuse_check(r);
}

static void test_api_null_ledger_arguments(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_ledger_extract_options o;
    od_ledger_extract_options_init(&o);
    REFUSED(r, INVALID, od_ledger_head_get(e, NULL));
    REFUSED(r, INVALID, od_ledger_extract(e, NULL));
    REFUSED(r, INVALID, od_ledger_extract(e, &o)); /* without a path */
    REFUSED(r, INVALID, od_person_erase(e, NULL, "asked", NULL));
    REFUSED(r, INVALID, od_person_erase(e, "+12125550123", NULL, NULL));
    assert_int_equal(od_ledger_verify_range(e, NULL, NULL, NULL), OD_OK);
}

static void test_api_null_template_arguments(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_errmsg msg;
    size_t count = 77;
    od_template_field field;
    od_template_report report;
    od_text_info info;
    REFUSED(r, INVALID, od_template_check(e, NULL, r->group, NULL, &report));
    REFUSED(r, INVALID, od_template_check(e, "a", r->group, NULL, NULL));
    REFUSED(r, INVALID,
            od_template_fields(e, NULL, r->group, &field, 1, &count));
    REFUSED(r, INVALID, od_template_fields(e, "a", r->group, NULL, 1, &count));
    REFUSED(r, INVALID, od_template_fields(e, "a", r->group, &field, 1, NULL));
    REFUSED(r, INVALID,
            od_template_preview(e, NULL, r->contact, NULL, &info));
    REFUSED(r, INVALID, od_template_preview(e, "a", r->contact, NULL, NULL));
    REFUSED_TEXT(r, INVALID, &msg, od_text_measure(NULL, NULL, &info, &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_text_measure("a", NULL, NULL, &msg));
    assert_int_equal(od_text_measure(NULL, NULL, NULL, NULL), OD_ERR_INVALID);
    assert_int_equal(count, 77);
    od_refuse_check(r);
}

static void test_api_null_list_arguments(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    size_t count = 77;
    bool listed = true;
    od_dnc_entry entry = {.phone = NULL};
    od_consent consent = {.phone = NULL};
    od_caller_id shown = {NULL, "contract"};
    od_call call;
    od_answer answer;
    od_ledger_row row;
    REFUSED(r, INVALID, od_dnc_add(e, NULL));
    REFUSED(r, INVALID, od_dnc_add(e, &entry));
    REFUSED(r, INVALID, od_dnc_remove(e, NULL, OD_DNC_ALL, 0));
    REFUSED(r, INVALID, od_dnc_check(e, NULL, 0, &listed));
    REFUSED(r, INVALID, od_dnc_check(e, "+12125550199", 0, NULL));
    REFUSED(r, INVALID, od_dnc_list(e, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_dnc_list(e, 0, &entry, 1, NULL));
    REFUSED(r, INVALID, od_dnc_import(e, NULL, NULL, NULL));
    REFUSED(r, INVALID, od_dnc_export(e, NULL));
    REFUSED(r, INVALID, od_consent_add(e, NULL));
    REFUSED(r, INVALID, od_consent_add(e, &consent));
    REFUSED(r, INVALID, od_consent_revoke(e, NULL, NULL, NULL));
    REFUSED(r, INVALID, od_consents_list(e, NULL, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_consents_list(e, NULL, 0, &consent, 1, NULL));
    REFUSED(r, INVALID, od_consent_import(e, NULL, NULL, NULL));
    REFUSED(r, INVALID, od_consent_export(e, NULL));
    REFUSED(r, INVALID, od_caller_id_add(e, NULL));
    REFUSED(r, INVALID, od_caller_id_add(e, &shown));
    shown = (od_caller_id){"+12125550150", NULL}; /* and no evidence */
    REFUSED(r, INVALID, od_caller_id_add(e, &shown));
    REFUSED(r, INVALID, od_caller_id_remove(e, NULL));
    REFUSED(r, INVALID, od_caller_ids_list(e, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_caller_ids_list(e, 0, &shown, 1, NULL));
    REFUSED(r, INVALID, od_calls_list(e, NULL, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_calls_list(e, NULL, 0, &call, 1, NULL));
    REFUSED(r, INVALID, od_calls_export(e, NULL, NULL));
    REFUSED(r, INVALID, od_ledger_read(e, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_ledger_read(e, 0, &row, 1, NULL));
    REFUSED(r, INVALID, od_ledger_export(e, NULL));
    REFUSED(r, INVALID, od_answers_list(e, r->done, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_answers_list(e, r->done, 0, &answer, 1, NULL));
    REFUSED(r, INVALID, od_answers_export(e, r->done, NULL));
    REFUSED(r, INVALID, od_results_get(e, r->done, NULL, 1, &count));
    REFUSED(r, INVALID, od_results_get(e, r->done, NULL, 0, NULL));
    assert_int_equal(od_ledger_verify(e, NULL, NULL), OD_OK);
    assert_int_equal(count, 77);
    assert_true(listed);
    od_refuse_check(r);
}

static void test_api_null_library_arguments(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_id id = 77;
    size_t count = 77;
    od_media media;
    od_survey survey;
    REFUSED(r, INVALID, od_media_add(e, NULL, "a.wav", &id));
    REFUSED(r, INVALID, od_media_add(e, "a", NULL, &id));
    REFUSED(r, INVALID, od_media_add_bytes(e, NULL, "RIFF", 4, &id));
    REFUSED(r, INVALID, od_media_add_bytes(e, "a", NULL, 4, &id));
    REFUSED(r, INVALID, od_media_add_bytes(e, "a", "RIFF", 0, &id));
    REFUSED(r, INVALID, od_media_get(e, r->prompt, NULL));
    REFUSED(r, INVALID, od_media_find(e, NULL, &id));
    REFUSED(r, INVALID, od_media_find(e, "hello", NULL));
    REFUSED(r, INVALID, od_medias_list(e, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_medias_list(e, 0, &media, 1, NULL));
    REFUSED(r, INVALID, od_survey_add(e, NULL, 4, &id));
    REFUSED(r, INVALID, od_survey_add(e, "survey a", 0, &id));
    REFUSED(r, INVALID, od_survey_get(e, r->survey, NULL));
    REFUSED(r, INVALID, od_survey_text(e, r->survey, NULL));
    REFUSED(r, INVALID, od_survey_find(e, NULL, &id));
    REFUSED(r, INVALID, od_survey_find(e, "Short", NULL));
    REFUSED(r, INVALID, od_surveys_list(e, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_surveys_list(e, 0, &survey, 1, NULL));
    assert_int_equal(id, 77);
    assert_int_equal(count, 77);
    od_refuse_check(r);
}

static void test_api_null_engine_arguments(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_now back = {.mono_ms = r->world.now.mono_ms - 1,
                   .utc_ms = r->world.now.utc_ms};
    REFUSED(r, INVALID, od_engine_step(e, NULL));
    REFUSED(r, INVALID, od_engine_step(e, &back));
    REFUSED(r, INVALID, od_engine_wait(e, -1));
    REFUSED(r, INVALID, od_engine_backup(e, NULL));
    REFUSED(r, INVALID, od_engine_backup(e, ""));
    REFUSED(r, OD_ERR_UNSUPPORTED, od_engine_backup(e, "copy"));
    assert_false(od_engine_next_event(e, NULL));
    od_refuse_check(r);
}

static void test_api_null_new_arguments(void **state)
{
    od_refuse *r = *state;
    od_errmsg msg;
    od_now now = r->world.now;
    od_storage *storage = NULL;
    od_engine *none = (od_engine *)state;
    assert_int_equal(od_storage_new_memory(&storage, NULL), OD_OK);
    REFUSED_TEXT(r, INVALID, &msg,
                 od_engine_new(NULL, NULL, storage, NULL, &now, &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_engine_new(&none, NULL, NULL, NULL, &now, &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_engine_new(&none, NULL, storage, NULL, NULL, &msg));
    assert_int_equal(od_engine_new(&none, NULL, NULL, NULL, NULL, NULL),
                     OD_ERR_INVALID);
    assert_ptr_equal(none, state);
    od_storage_free(storage);
    od_storage_free(NULL);
    REFUSED_TEXT(r, INVALID, &msg, od_storage_new_memory(NULL, &msg));
    assert_int_equal(od_storage_new_memory(NULL, NULL), OD_ERR_INVALID);
    od_refuse_check(r);
}

static void test_api_null_transport_arguments(void **state)
{
    od_refuse *r = *state;
    od_errmsg msg;
    od_transport *sim = r->world.sim;
    od_transport *none = (od_transport *)state;
    od_transport_free(NULL);
    REFUSED_TEXT(r, INVALID, &msg, od_transport_new_sim(NULL, NULL, &msg));
    assert_int_equal(od_transport_new_sim(NULL, NULL, NULL), OD_ERR_INVALID);
    REFUSED_TEXT(r, INVALID, &msg,
                 od_transport_new_joined(NULL, &sim, 1, &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_transport_new_joined(&none, NULL, 1, &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_transport_new_joined(&none, &sim, 0, &msg));
    assert_int_equal(od_transport_new_joined(NULL, NULL, 0, NULL),
                     OD_ERR_INVALID);
    REFUSED_TEXT(r, INVALID, &msg, od_sim_play(NULL, "+12125550150", "", &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_sim_play(sim, NULL, "answer", &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_sim_play(sim, "+12125550150", NULL, &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_sim_play(sim, "nobody", "answer", &msg));
    REFUSED_TEXT(r, OD_ERR_FORMAT, &msg,
                 od_sim_play(sim, "+12125550150", "explode", &msg));
    assert_int_equal(od_sim_play(NULL, NULL, NULL, NULL), OD_ERR_INVALID);
    REFUSED_TEXT(r, INVALID, &msg,
                 od_sim_text_play(NULL, "+12125550150", "", &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_sim_text_play(sim, NULL, "lost", &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_sim_text_play(sim, "+12125550150", NULL, &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_sim_text_play(sim, "nobody", "lost", &msg));
    REFUSED_TEXT(r, OD_ERR_FORMAT, &msg,
                 od_sim_text_play(sim, "+12125550150", "answer", &msg));
    assert_int_equal(od_sim_text_play(NULL, NULL, NULL, NULL), OD_ERR_INVALID);
    REFUSED_TEXT(r, INVALID, &msg,
                 od_sim_reply(NULL, "+12125550150", "12345", "hi", &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_sim_reply(sim, NULL, "12345", "hi", &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_sim_reply(sim, "+12125550150", NULL, "hi", &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_sim_reply(sim, "+12125550150", "12345", NULL, &msg));
    assert_int_equal(od_sim_reply(NULL, NULL, NULL, NULL, NULL),
                     OD_ERR_INVALID);
    REFUSED_TEXT(r, INVALID, &msg, od_sim_trunk(NULL, 0, false, &msg));
    REFUSED_TEXT(r, OD_ERR_NOT_FOUND, &msg, od_sim_trunk(sim, 1, false, &msg));
    REFUSED_TEXT(r, OD_ERR_NOT_FOUND, &msg, od_sim_trunk(sim, -1, false, &msg));
    assert_ptr_equal(none, state);
    od_refuse_check(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_api_null_engine_contacts),
        cmocka_unit_test(test_api_null_engine_campaigns),
        cmocka_unit_test(test_api_null_engine_lists),
        cmocka_unit_test(test_api_null_engine_rules),
        cmocka_unit_test(test_api_null_engine_templates),
        cmocka_unit_test(test_api_null_engine_itself),
        cmocka_unit_test(test_api_null_words),
        cmocka_unit_test(test_api_null_contact_arguments),
        cmocka_unit_test(test_api_null_field_arguments),
        cmocka_unit_test(test_api_null_campaign_arguments),
        cmocka_unit_test(test_api_null_explain_arguments),
        cmocka_unit_test(test_api_null_rule_arguments),
        cmocka_unit_test(test_api_null_registry_files),
        cmocka_unit_test(test_api_null_ledger_arguments),
        cmocka_unit_test(test_api_null_template_arguments),
        cmocka_unit_test(test_api_null_list_arguments),
        cmocka_unit_test(test_api_null_library_arguments),
        cmocka_unit_test(test_api_null_engine_arguments),
        cmocka_unit_test(test_api_null_new_arguments),
        cmocka_unit_test(test_api_null_transport_arguments),
    };
    return cmocka_run_group_tests(tests, od_refuse_setup, od_refuse_teardown);
}
