/*
 * test_api_texts.c - texts that are empty, too long, not UTF-8 or not what
 * they should be: names, phones, contact fields, paths, options.
 */
#include "support/refuse.h"

#define INVALID OD_ERR_INVALID
#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* What no name may be. */
static const char *bad_name(size_t i)
{
    static const char *const names[] = {"", OD_NOT_UTF8, "a\nb", "\x7f",
                                        "\xc0\x80", "\xed\xa0\x80", "a\tb"};
    return i < LEN(names) ? names[i] : i == LEN(names) ? od_text_of(128) : NULL;
}

static void test_api_texts_names(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_id out = 77;
    od_campaign_options o;
    od_campaign_options_init(&o);
    o.purpose = OD_PURPOSE_INFORMATIONAL;
    for (size_t i = 0; bad_name(i) != NULL; i++) {
        const char *name = bad_name(i);
        REFUSED(r, INVALID, od_group_add(e, name, &out));
        REFUSED(r, INVALID, od_group_rename(e, r->group, name));
        REFUSED(r, INVALID, od_media_add(e, name, "a.wav", &out));
        REFUSED(r, INVALID, od_media_add_bytes(e, name, "RIFF", 4, &out));
        o.name = name;
        REFUSED(r, INVALID, od_campaign_add(e, &o, &out));
        REFUSED(r, INVALID, od_campaign_update(e, r->idle, &o));
        /* Nothing has such a name. */
        REFUSED(r, OD_ERR_NOT_FOUND, od_group_find(e, name, &out));
        REFUSED(r, OD_ERR_NOT_FOUND, od_campaign_find(e, name, &out));
        REFUSED(r, OD_ERR_NOT_FOUND, od_media_find(e, name, &out));
        REFUSED(r, OD_ERR_NOT_FOUND, od_survey_find(e, name, &out));
    }
    assert_int_equal(out, 77);
    od_refuse_check(r);
    assert_int_equal(od_group_add(e, od_text_of(OD_NAME_MAX), &out), OD_OK);
    assert_int_equal(od_group_remove(e, out), OD_OK);
}

static void test_api_texts_phones(void **state)
{
    static const char *const phones[] = {
        "", "+", "12", "nobody", "+1212555012345678", "911", "+0123456789",
        "212-555-01", "+1 (212) 555-0150 x", "2125550150\n2125550151",
        OD_NOT_UTF8,
    };
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_id out = 77;
    bool listed = true;
    od_verdict verdict;
    od_check check;
    size_t checks = 0;
    od_call call;
    size_t count = 77;
    od_contact contact = {.phone = NULL};
    od_dnc_entry entry = {.phone = NULL};
    od_consent consent = {.kind = OD_CONSENT_INQUIRY,
                          .obtained_utc_ms = r->world.now.utc_ms};
    od_consent consents[1];
    od_caller_id shown = {NULL, "contract"};
    od_call_filter filter;
    od_campaign_options o;
    od_call_filter_init(&filter);
    od_campaign_options_init(&o);
    o.purpose = OD_PURPOSE_INFORMATIONAL;
    o.name = "new";
    for (size_t i = 0; i <= LEN(phones); i++) {
        const char *phone = i < LEN(phones) ? phones[i] : od_text_of(5000);
        contact.phone = phone;
        REFUSED(r, INVALID, od_contact_add(e, r->group, &contact, &out));
        entry.phone = phone;
        REFUSED(r, INVALID, od_dnc_add(e, &entry));
        REFUSED(r, INVALID, od_dnc_remove(e, phone, OD_DNC_ALL, 0));
        REFUSED(r, INVALID, od_dnc_check(e, phone, 0, &listed));
        consent.phone = phone;
        REFUSED(r, INVALID, od_consent_add(e, &consent));
        REFUSED(r, INVALID, od_consent_revoke(e, phone, NULL, NULL));
        REFUSED(r, INVALID, od_consents_list(e, phone, 0, consents, 1, &count));
        shown.phone = phone;
        if (strcmp(phone, "911") != 0) { /* it may be a short code */
            REFUSED(r, INVALID, od_caller_id_add(e, &shown));
            REFUSED(r, INVALID, od_caller_id_remove(e, phone));
        }
        assert_int_equal(od_campaign_explain(e, r->idle, phone, &verdict),
                         OD_OK);
        assert_int_equal(verdict.kind, OD_VERDICT_BLOCK);
        assert_int_equal(verdict.reason, OD_REASON_NUMBER_INVALID);
        assert_int_equal(
            od_campaign_checks(e, r->idle, phone, &check, 1, &checks), OD_OK);
        assert_int_equal(checks, 1);
        assert_int_equal(check.verdict.reason, OD_REASON_NUMBER_INVALID);
        REFUSED(r, INVALID, od_campaign_callback(e, r->done, phone,
                                                 r->world.now.utc_ms));
        REFUSED(r, INVALID, od_person_erase(e, phone, "asked", NULL));
        if (phone[0] != '\0') { /* "" is none at all */
            od_contact more = {.phone = "+12125550150", .phone2 = phone};
            REFUSED(r, INVALID, od_contact_add(e, r->group, &more, &out));
            more.phone2 = NULL;
            more.phone3 = phone;
            REFUSED(r, INVALID, od_contact_add(e, r->group, &more, &out));
            o.caller_id = phone;
            REFUSED(r, INVALID, od_campaign_add(e, &o, &out));
            filter.phone = phone;
            REFUSED(r, INVALID, od_calls_list(e, &filter, 0, &call, 1, &count));
            REFUSED(r, INVALID, od_calls_export(e, &filter, "/tmp/none.csv"));
        }
    }
    assert_int_equal(out, 77);
    assert_int_equal(count, 77);
    assert_true(listed);
    od_refuse_check(r);
}

static void test_api_texts_contact_fields(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_id out = 77;
    static const size_t fields[] = {
        offsetof(od_contact, first_name), offsetof(od_contact, last_name),
        offsetof(od_contact, email),      offsetof(od_contact, company),
        offsetof(od_contact, notes),      offsetof(od_contact, timezone),
        offsetof(od_contact, state),      offsetof(od_contact, zip),
    };
    for (size_t i = 0; i < LEN(fields); i++) {
        const char *texts[] = {OD_NOT_UTF8, od_text_of(OD_TEXT_MAX + 1)};
        for (size_t j = 0; j < LEN(texts); j++) {
            od_contact contact = {.id = r->contact, .phone = "+12125550150"};
            memcpy((char *)&contact + fields[i], &texts[j], sizeof texts[j]);
            REFUSED(r, INVALID, od_contact_add(e, r->group, &contact, &out));
            REFUSED(r, INVALID, od_contact_update(e, &contact));
        }
    }
    od_contact contact = {.id = r->contact, .phone = "+12125550150"};
    contact.timezone = "Mars/Olympus";
    REFUSED(r, INVALID, od_contact_update(e, &contact));
    contact.timezone = "../../../etc/passwd";
    REFUSED(r, INVALID, od_contact_update(e, &contact));
    contact.timezone = NULL;
    contact.state = "Atlantis";
    REFUSED(r, INVALID, od_contact_update(e, &contact));
    contact.state = NULL;
    contact.zip = "1234";
    REFUSED(r, INVALID, od_contact_update(e, &contact));
    contact.zip = NULL;
    contact.line = OD_LINES;
    REFUSED(r, INVALID, od_contact_update(e, &contact));
    assert_int_equal(out, 77);
    od_refuse_check(r);
}

static void test_api_texts_custom_fields(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_id out = 77;
    od_field many[OD_FIELDS_MAX + 1];
    od_field one = {.name = "colour", .value = "blue"};
    od_contact contact = {.id = r->contact, .phone = "+12125550150"};
    for (size_t i = 0; i < LEN(many); i++) {
        many[i] = one;
    }
    contact.fields = many;
    contact.fields_len = LEN(many);
    REFUSED(r, INVALID, od_contact_add(e, r->group, &contact, &out));
    REFUSED(r, INVALID, od_contact_update(e, &contact));
    contact.fields_len = SIZE_MAX;
    REFUSED(r, INVALID, od_contact_add(e, r->group, &contact, &out));
    contact.fields = &one;
    contact.fields_len = 1;
    for (size_t i = 0; bad_name(i) != NULL; i++) {
        one.name = bad_name(i);
        REFUSED(r, INVALID, od_contact_add(e, r->group, &contact, &out));
    }
    one.name = "colour";
    one.value = OD_NOT_UTF8;
    REFUSED(r, INVALID, od_contact_add(e, r->group, &contact, &out));
    one.value = od_text_of(OD_TEXT_MAX + 1);
    REFUSED(r, INVALID, od_contact_add(e, r->group, &contact, &out));
    assert_int_equal(out, 77);
    od_refuse_check(r);
}

static void test_api_texts_dnc(void **state)
{
    od_refuse *r = *state;
    od_dnc_entry entry = {.phone = "+12125550150"};
    const char *texts[] = {OD_NOT_UTF8, od_text_of(OD_TEXT_MAX + 1)};
    for (size_t i = 0; i < LEN(texts); i++) {
        entry.reason = texts[i];
        REFUSED(r, INVALID, od_dnc_add(r->e, &entry));
        entry.reason = NULL;
        entry.source = texts[i];
        REFUSED(r, INVALID, od_dnc_add(r->e, &entry));
        entry.source = NULL;
    }
    od_refuse_check(r);
}

static void test_api_texts_consent(void **state)
{
    od_refuse *r = *state;
    static const struct {
        size_t at;
        size_t max;
    } fields[] = {
        {offsetof(od_consent, seller), OD_NAME_MAX},
        {offsetof(od_consent, how), OD_NAME_MAX},
        {offsetof(od_consent, reference), OD_NAME_MAX},
        {offsetof(od_consent, who), OD_NAME_MAX},
        {offsetof(od_consent, text), OD_TEXT_MAX},
    };
    for (size_t i = 0; i < LEN(fields); i++) {
        const char *texts[] = {OD_NOT_UTF8, od_text_of(fields[i].max + 1)};
        for (size_t j = 0; j < LEN(texts); j++) {
            od_consent consent = {.phone = "+12125550150",
                                  .kind = OD_CONSENT_INQUIRY,
                                  .obtained_utc_ms = r->world.now.utc_ms};
            memcpy((char *)&consent + fields[i].at, &texts[j], sizeof texts[j]);
            REFUSED(r, INVALID, od_consent_add(r->e, &consent));
        }
    }
    const char *texts[] = {OD_NOT_UTF8, od_text_of(1024)};
    for (size_t i = 0; i < LEN(texts); i++) {
        od_caller_id shown = {"+12125550150", texts[i]};
        REFUSED(r, INVALID, od_caller_id_add(r->e, &shown));
        REFUSED(r, INVALID,
                od_consent_revoke(r->e, "+12125550150", texts[i], NULL));
        REFUSED(r, INVALID,
                od_consent_revoke(r->e, "+12125550150", NULL, texts[i]));
    }
    REFUSED(r, OD_ERR_NOT_FOUND,
            od_consent_revoke(r->e, "+12125550150", NULL, NULL));
    REFUSED(r, OD_ERR_NOT_FOUND, od_caller_id_remove(r->e, "+12125550150"));
    od_refuse_check(r);
}

/* -- rules --------------------------------------------------------------------- */

static void test_api_texts_rule_sets(void **state)
{
    static const char good[] = "rule host.a\n  in US-NY\n  purpose any\n"
                               "  ban\n  cite our own\n  verified no\n";
    static const char *const names[] = {"", "Host", "my rules", "a/b", "h\n",
                                        OD_NOT_UTF8};
    static const struct {
        const char *text;
        const char *why;
    } texts[] = {
        {"sing a song\n", "line 1"},
        {"rule host.a\n  in US-NY\n  purpose any\n  ban\n  verified no\n",
         "cite"},
        {"rule host.a\n  in Atlantis\n  purpose any\n  ban\n  cite a\n"
         "  verified no\n",
         "line 2"},
        {"rule host.a\n  in US-NY\n  purpose fun\n  ban\n  cite a\n"
         "  verified no\n",
         "line 3"},
        {"rule host.a\n  in US-NY\n  purpose any\n  cap many\n  cite a\n"
         "  verified no\n",
         "line 4"},
    };
    od_refuse *r = *state;
    od_engine *e = r->e;
    for (size_t i = 0; i <= LEN(names); i++) {
        const char *name = i < LEN(names) ? names[i] : od_text_of(32);
        REFUSED(r, INVALID, od_rules_add(e, name, good));
        REFUSED(r, OD_ERR_NOT_FOUND, od_rules_remove(e, name));
    }
    for (size_t i = 0; i < LEN(texts); i++) {
        REFUSED(r, OD_ERR_FORMAT, od_rules_add(e, "host", texts[i].text));
        if (strstr(r->text.text, texts[i].why) == NULL) {
            fail_msg("\"%s\" does not name %s", r->text.text, texts[i].why);
        }
    }
    char *long_text = malloc(256 * 1024 + 2);
    assert_non_null(long_text);
    memset(long_text, '\n', 256 * 1024 + 1);
    long_text[256 * 1024 + 1] = '\0';
    REFUSED(r, INVALID, od_rules_add(e, "host", long_text));
    free(long_text);
    od_refuse_check(r);
}

static void test_api_texts_overrides(void **state)
{
    static const struct {
        size_t at;
        size_t max;
    } fields[] = {
        {offsetof(od_override, name), OD_NAME_MAX},
        {offsetof(od_override, reason), 1023},
        {offsetof(od_override, who), OD_NAME_MAX},
    };
    od_refuse *r = *state;
    for (size_t i = 0; i < LEN(fields); i++) {
        for (int j = 0; j < 3; j++) {
            const char *text = j == 0   ? ""
                               : j == 1 ? OD_NOT_UTF8
                                        : od_text_of(fields[i].max + 1);
            od_override lift = {.name = "a", .rule = "us.hours", .reason = "b",
                                .who = "c"};
            memcpy((char *)&lift + fields[i].at, &text, sizeof text);
            REFUSED(r, INVALID, od_override_add(r->e, &lift));
        }
    }
    static const char *const rules[] = {"", "us", "US.HOURS", OD_NOT_UTF8};
    for (size_t i = 0; i <= LEN(rules); i++) {
        const char *rule = i < LEN(rules) ? rules[i] : od_text_of(5000);
        const od_override lift = {.name = "a", .rule = rule, .reason = "b",
                                  .who = "c"};
        od_err err = od_override_add(r->e, &lift);
        assert_true(err == INVALID || err == OD_ERR_NOT_FOUND);
        REFUSED(r, err, od_override_add(r->e, &lift));
    }
    od_refuse_check(r);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_api_texts_registries(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    char path[256];
    char *folder = od_test_folder();
    (void)snprintf(path, sizeof path, "%s/list.reg", folder);
    write_file(path, "212,5550123\n");
    REFUSED(r, OD_ERR_FORMAT, od_registry_attach(e, path)); /* not built */
    REFUSED(r, OD_ERR_IO, od_registry_attach(e, "/nowhere/list.reg"));
    REFUSED(r, INVALID, od_registry_attach(e, folder));
    REFUSED(r, OD_ERR_NOT_FOUND, od_registry_detach(e, ""));
    REFUSED(r, OD_ERR_NOT_FOUND, od_registry_detach(e, od_text_of(5000)));
    REFUSED(r, OD_ERR_NOT_FOUND, od_registry_detach(e, OD_NOT_UTF8));
    od_test_folder_remove(folder);
    od_refuse_check(r);
}

static void test_api_texts_erasure(void **state)
{
    od_refuse *r = *state;
    const char *texts[] = {"", OD_NOT_UTF8, od_text_of(OD_NAME_MAX + 1)};
    for (size_t i = 0; i < LEN(texts); i++) {
        REFUSED(r, INVALID,
                od_person_erase(r->e, "+12125550123", texts[i], NULL));
    }
    od_refuse_check(r);
}

static void test_api_texts_surveys(void **state)
{
    static const char *const texts[] = {
        " ", "\n", "survey", "question q", "survey a\nquestion q\n",
        "survey a\nquestion q\n  play hello\n  key x Yes -> end\n",
        "survey a\nquestion q\n  play hello\n  key 1 Yes -> nowhere\n",
        "survey a\nexplode now\n",
    };
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_id out = 77;
    for (size_t i = 0; i < LEN(texts); i++) {
        REFUSED(r, OD_ERR_FORMAT,
                od_survey_add(e, texts[i], strlen(texts[i]), &out));
    }
    REFUSED(r, INVALID, od_survey_add(e, OD_NOT_UTF8, 4, &out));
    REFUSED(r, INVALID, od_survey_add(e, "survey\0a", 8, &out));
    REFUSED(r, INVALID, od_survey_add(e, od_text_of(OD_SURVEY_BYTES_MAX + 1),
                                      OD_SURVEY_BYTES_MAX + 1, &out));
    REFUSED(r, INVALID, od_survey_add(e, "survey a", SIZE_MAX, &out));
    assert_int_equal(out, 77);
    od_refuse_check(r);
}

static void test_api_texts_media(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_id out = 77;
    REFUSED(r, OD_ERR_FORMAT, od_media_add_bytes(e, "a", "RIFF", 4, &out));
    REFUSED(r, INVALID, od_media_add_bytes(e, "a", "RIFF",
                                           OD_MEDIA_BYTES_MAX + 1, &out));
    REFUSED(r, INVALID, od_media_add_bytes(e, "a", "RIFF", SIZE_MAX, &out));
    REFUSED(r, OD_ERR_IO, od_media_add(e, "a", "/nowhere/a.wav", &out));
    REFUSED(r, INVALID, od_media_add(e, "a", "/tmp", &out));
    REFUSED(r, INVALID, od_media_add(e, "a", "/dev/zero", &out));
    assert_int_equal(out, 77);
    od_refuse_check(r);
}

/* -- paths -------------------------------------------------------------------- */

static void test_api_texts_export_paths(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    const struct {
        const char *path;
        od_err err;
    } paths[] = {
        {"", INVALID},
        {od_text_of(OD_PATH_MAX + 1), INVALID},
        {"/tmp", INVALID}, /* a folder */
        {"/nowhere/a.csv", OD_ERR_IO},
    };
    for (size_t i = 0; i < LEN(paths); i++) {
        const char *path = paths[i].path;
        od_err err = paths[i].err;
        REFUSED(r, err, od_group_export(e, r->group, path));
        REFUSED(r, err, od_dnc_export(e, path));
        REFUSED(r, err, od_consent_export(e, path));
        REFUSED(r, err, od_calls_export(e, NULL, path));
        REFUSED(r, err, od_answers_export(e, r->done, path));
        REFUSED(r, err, od_ledger_export(e, path));
        od_ledger_extract_options extract;
        od_ledger_extract_options_init(&extract);
        extract.path = path;
        extract.format = OD_LEDGER_CALLS_CSV;
        REFUSED(r, err, od_ledger_extract(e, &extract));
    }
    REFUSED(r, INVALID, od_engine_backup(e, od_text_of(OD_PATH_MAX + 1)));
    od_refuse_check(r);
}

static void test_api_texts_import_paths(void **state)
{
    static const char good[] = "phone\n+12125550160\n";
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_id out = 77;
    char path[256];
    char header[256];
    char twice[256];
    char *folder = od_test_folder();
    (void)snprintf(path, sizeof path, "%s/people.csv", folder);
    (void)snprintf(header, sizeof header, "%s/header.csv", folder);
    (void)snprintf(twice, sizeof twice, "%s/twice.csv", folder);
    write_file(path, good);
    write_file(header, "name,mail\nAnn,a@example.com\n");
    write_file(twice, "phone,Phone\n1,2\n");
    od_import_options o;
    od_import_options_init(&o);
    REFUSED(r, INVALID, od_import_start(e, r->group_empty, &o, &out));
    o.path = "";
    REFUSED(r, INVALID, od_import_start(e, r->group_empty, &o, &out));
    o.path = od_text_of(OD_PATH_MAX + 1);
    REFUSED(r, INVALID, od_import_start(e, r->group_empty, &o, &out));
    o.path = "/nowhere/people.csv";
    REFUSED(r, OD_ERR_IO, od_import_start(e, r->group_empty, &o, &out));
    o.path = header;
    REFUSED(r, OD_ERR_FORMAT, od_import_start(e, r->group_empty, &o, &out));
    o.path = twice;
    REFUSED(r, OD_ERR_FORMAT, od_import_start(e, r->group_empty, &o, &out));
    o.path = path;
    o.reject_path = "/nowhere/rejects.csv";
    REFUSED(r, OD_ERR_IO, od_import_start(e, r->group_empty, &o, &out));
    o.reject_path = folder;
    REFUSED(r, INVALID, od_import_start(e, r->group_empty, &o, &out));
    o.reject_path = path; /* would replace what is imported */
    REFUSED(r, INVALID, od_import_start(e, r->group_empty, &o, &out));
    o.reject_path = NULL;
    static const char *const countries[] = {"", "U", "USA", "us", "??",
                                            OD_NOT_UTF8};
    for (size_t i = 0; i < LEN(countries); i++) {
        o.country = countries[i];
        if (strcmp(o.country, "us") != 0) {
            REFUSED(r, INVALID, od_import_start(e, r->group_empty, &o, &out));
        }
    }
    REFUSED(r, OD_ERR_IO, od_dnc_import(e, "/nowhere/a.csv", NULL, NULL));
    REFUSED(r, OD_ERR_IO, od_dnc_import(e, path, "/nowhere/r.csv", NULL));
    REFUSED(r, INVALID, od_dnc_import(e, path, folder, NULL));
    REFUSED(r, INVALID, od_dnc_import(e, path, path, NULL));
    REFUSED(r, INVALID, od_dnc_import(e, "", NULL, NULL));
    REFUSED(r, INVALID, od_dnc_import(e, od_text_of(OD_PATH_MAX + 1), NULL,
                                      NULL));
    REFUSED(r, OD_ERR_IO, od_consent_import(e, "/nowhere/a.csv", NULL, NULL));
    REFUSED(r, OD_ERR_IO, od_consent_import(e, path, "/nowhere/r.csv", NULL));
    REFUSED(r, OD_ERR_FORMAT, od_consent_import(e, path, NULL, NULL));
    REFUSED(r, INVALID, od_consent_import(e, path, folder, NULL));
    REFUSED(r, INVALID, od_consent_import(e, path, path, NULL));
    REFUSED(r, INVALID, od_consent_import(e, "", NULL, NULL));
    REFUSED(r, INVALID, od_consent_import(e, od_text_of(OD_PATH_MAX + 1), NULL,
                                          NULL));
    char line[64] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(line, 1, sizeof line, file), strlen(good));
    assert_int_equal(fclose(file), 0);
    assert_string_equal(line, good);
    assert_int_equal(out, 77);
    od_test_folder_remove(folder);
    od_refuse_check(r);
}

/* -- options ------------------------------------------------------------------ */

static od_err try_engine(od_refuse *r, const od_engine_options *options,
                         od_errmsg *errmsg)
{
    od_storage *storage = NULL;
    od_engine *engine = NULL;
    assert_int_equal(od_storage_new_memory(&storage, NULL), OD_OK);
    od_err err = od_engine_new(&engine, options, storage, NULL, &r->world.now,
                               errmsg);
    if (err != OD_OK) {
        od_storage_free(storage);
    }
    od_engine_free(engine);
    return err;
}

static void *one_block(void *ctx, size_t bytes)
{
    (void)ctx;
    (void)bytes;
    return NULL;
}

static void test_api_texts_engine_options(void **state)
{
    static const char *const countries[] = {"", "U", "USA", "??", OD_NOT_UTF8};
    static const char *const owners[] = {"", OD_NOT_UTF8, "a\nb"};
    od_refuse *r = *state;
    od_errmsg msg;
    od_engine_options o;
    od_engine_options_init(&o);
    for (size_t i = 0; i < LEN(countries); i++) {
        o.country = countries[i];
        REFUSED_TEXT(r, INVALID, &msg, try_engine(r, &o, &msg));
    }
    o.country = NULL;
    for (size_t i = 0; i < LEN(owners); i++) {
        o.owner = owners[i];
        REFUSED_TEXT(r, INVALID, &msg, try_engine(r, &o, &msg));
    }
    o.owner = od_text_of(OD_NAME_MAX + 1);
    REFUSED_TEXT(r, INVALID, &msg, try_engine(r, &o, &msg));
    o.owner = od_text_of(OD_NAME_MAX);
    assert_int_equal(try_engine(r, &o, &msg), OD_OK);
    o.owner = NULL;
    o.zoneinfo = "/nowhere";
    REFUSED_TEXT(r, OD_ERR_IO, &msg, try_engine(r, &o, &msg));
    o.zoneinfo = "";
    REFUSED_TEXT(r, OD_ERR_IO, &msg, try_engine(r, &o, &msg));
    o.zoneinfo = od_text_of(5000);
    REFUSED_TEXT(r, INVALID, &msg, try_engine(r, &o, &msg));
    o.zoneinfo = NULL;
    const od_allocator half = {one_block, NULL, NULL};
    o.allocator = &half;
    REFUSED_TEXT(r, INVALID, &msg, try_engine(r, &o, &msg));
    od_refuse_check(r);
}

static od_err try_trunk(const od_sip_trunk *trunk, od_errmsg *errmsg)
{
    od_transport *sip = NULL;
    od_sip_options o;
    od_sip_options_init(&o);
    o.trunks = &trunk;
    o.trunks_len = 1;
    od_err err = od_transport_new_sip(&sip, &o, errmsg);
    od_transport_free(sip);
    return err;
}

/* Texts that would end up in SIP headers. */
static void test_api_texts_sip_trunk(void **state)
{
    static const struct {
        size_t field;
        const char *text;
    } bad[] = {
        {offsetof(od_sip_trunk, name), NULL},
        {offsetof(od_sip_trunk, name), ""},
        {offsetof(od_sip_trunk, name), "a b"},
        {offsetof(od_sip_trunk, host), NULL},
        {offsetof(od_sip_trunk, host), ""},
        {offsetof(od_sip_trunk, host), "a b"},
        {offsetof(od_sip_trunk, host), "a;transport=tls"},
        {offsetof(od_sip_trunk, host), "[::1"},
        {offsetof(od_sip_trunk, host), "[nonsense]"},
        {offsetof(od_sip_trunk, host), "host\r\nX: y"},
        {offsetof(od_sip_trunk, from_host), "host\r\nX: y"},
        {offsetof(od_sip_trunk, from_host), "a>b"},
        {offsetof(od_sip_trunk, username), "joe"}, /* without a password */
        {offsetof(od_sip_trunk, username), "joe\""},
        {offsetof(od_sip_trunk, username), "joe\r\nX: y"},
        {offsetof(od_sip_trunk, username), OD_NOT_UTF8},
        {offsetof(od_sip_trunk, dial_prefix), "0123456789012345"},
        {offsetof(od_sip_trunk, dial_prefix), "a"},
        {offsetof(od_sip_trunk, dial_prefix), "+@evil"},
    };
    static const size_t texts[] = {
        offsetof(od_sip_trunk, name),      offsetof(od_sip_trunk, host),
        offsetof(od_sip_trunk, username),  offsetof(od_sip_trunk, password),
        offsetof(od_sip_trunk, from_host), offsetof(od_sip_trunk, dial_prefix),
    };
    od_refuse *r = *state;
    od_errmsg msg = {""};
    od_sip_trunk good;
    od_sip_trunk_init(&good);
    good.name = "one";
    good.host = "127.0.0.1";
    od_err err = try_trunk(&good, &msg);
    if (err == OD_ERR_UNSUPPORTED) {
        assert_string_not_equal(msg.text, "");
        return;
    }
    assert_int_equal(err, OD_OK);
    for (size_t i = 0; i < LEN(bad); i++) {
        od_sip_trunk trunk = good;
        memcpy((char *)&trunk + bad[i].field, &bad[i].text,
               sizeof bad[i].text);
        REFUSED_TEXT(r, INVALID, &msg, try_trunk(&trunk, &msg));
    }
    const char *long_text = od_text_of(5000);
    for (size_t i = 0; i < LEN(texts); i++) {
        od_sip_trunk trunk = good;
        trunk.username = "joe";
        trunk.password = "secret";
        memcpy((char *)&trunk + texts[i], &long_text, sizeof long_text);
        REFUSED_TEXT(r, INVALID, &msg, try_trunk(&trunk, &msg));
    }
    od_refuse_check(r);
}

static void test_api_texts_sip_options(void **state)
{
    static const char *const addresses[] = {"here", "0.0.0.0", "::", "1.2.3",
                                            "127.0.0.1:5060", OD_NOT_UTF8};
    static const char *const agents[] = {"a\r\nX: y", "a\"b", OD_NOT_UTF8};
    od_refuse *r = *state;
    od_errmsg msg = {""};
    od_transport *none = (od_transport *)state;
    od_sip_trunk trunk;
    const od_sip_trunk *trunks[] = {&trunk, &trunk};
    od_sip_options o;
    od_sip_trunk_init(&trunk);
    trunk.name = "one";
    trunk.host = "127.0.0.1";
    od_sip_options_init(&o);
    o.trunks = trunks;
    o.trunks_len = 2; /* twice the same name */
    od_err err = od_transport_new_sip(&none, &o, &msg);
    if (err == OD_ERR_UNSUPPORTED) {
        return;
    }
    assert_int_equal(err, INVALID);
    o.trunks_len = 1;
    REFUSED_TEXT(r, INVALID, &msg, od_transport_new_sip(NULL, &o, &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_transport_new_sip(&none, NULL, &msg));
    for (size_t i = 0; i <= LEN(addresses); i++) {
        o.address = i < LEN(addresses) ? addresses[i] : od_text_of(5000);
        REFUSED_TEXT(r, INVALID, &msg, od_transport_new_sip(&none, &o, &msg));
    }
    o.address = NULL;
    for (size_t i = 0; i <= LEN(agents); i++) {
        o.user_agent = i < LEN(agents) ? agents[i] : od_text_of(5000);
        REFUSED_TEXT(r, INVALID, &msg, od_transport_new_sip(&none, &o, &msg));
    }
    assert_ptr_equal(none, state);
    od_refuse_check(r);
}

static void test_api_texts_templates(void **state)
{
    static const char *const templates[] = {
        "{{", "}}", "{{}}", "{{|a}}", "{{a", "{{a}", "{{{a}}}", "{{a{{b}}}}",
        "{{a\nb}}", "a }} b",
    };
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_errmsg msg;
    size_t count = 77;
    od_template_field field;
    od_template_report report;
    od_text_info info;
    memset(&report, 0x5a, sizeof report);
    memset(&info, 0x5a, sizeof info);
    od_template_report report_before = report;
    od_text_info info_before = info;
    for (size_t i = 0; i < LEN(templates) + 2; i++) {
        bool is_text = i < LEN(templates);
        od_err err = is_text ? OD_ERR_FORMAT : INVALID;
        const char *t = is_text                ? templates[i]
                        : i == LEN(templates) ? OD_NOT_UTF8
                                              : od_text_of(OD_MESSAGE_MAX + 1);
        REFUSED(r, err, od_template_check(e, t, r->group, NULL, &report));
        REFUSED(r, err, od_template_fields(e, t, 0, &field, 1, &count));
        REFUSED(r, err, od_template_preview(e, t, r->contact, NULL, &info));
        if (!is_text) {
            REFUSED_TEXT(r, INVALID, &msg,
                         od_text_measure(t, NULL, &info, &msg));
        }
    }
    assert_int_equal(count, 77);
    assert_memory_equal(&report, &report_before, sizeof report);
    assert_memory_equal(&info, &info_before, sizeof info);
    od_refuse_check(r);
}

static void test_api_texts_sqlite_path(void **state)
{
    od_refuse *r = *state;
    od_errmsg msg = {""};
    od_storage *none = (od_storage *)state;
    if (od_storage_open_sqlite(&none, "", &msg) == OD_ERR_UNSUPPORTED) {
        assert_string_not_equal(msg.text, "");
        return;
    }
    const char *long_path = od_text_of(OD_PATH_MAX + 1);
    REFUSED_TEXT(r, INVALID, &msg, od_storage_open_sqlite(&none, "", &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_storage_open_sqlite(&none, NULL, &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_storage_open_sqlite(NULL, "a.db", &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_storage_open_sqlite(&none, long_path, &msg));
    REFUSED_TEXT(r, OD_ERR_IO, &msg,
                 od_storage_open_sqlite(&none, "/nowhere/a.db", &msg));
    assert_int_equal(od_storage_open_sqlite(NULL, NULL, NULL), INVALID);
    assert_ptr_equal(none, state);
    od_refuse_check(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_api_texts_names),
        cmocka_unit_test(test_api_texts_phones),
        cmocka_unit_test(test_api_texts_contact_fields),
        cmocka_unit_test(test_api_texts_custom_fields),
        cmocka_unit_test(test_api_texts_dnc),
        cmocka_unit_test(test_api_texts_consent),
        cmocka_unit_test(test_api_texts_rule_sets),
        cmocka_unit_test(test_api_texts_overrides),
        cmocka_unit_test(test_api_texts_registries),
        cmocka_unit_test(test_api_texts_erasure),
        cmocka_unit_test(test_api_texts_surveys),
        cmocka_unit_test(test_api_texts_media),
        cmocka_unit_test(test_api_texts_export_paths),
        cmocka_unit_test(test_api_texts_import_paths),
        cmocka_unit_test(test_api_texts_engine_options),
        cmocka_unit_test(test_api_texts_sip_trunk),
        cmocka_unit_test(test_api_texts_sip_options),
        cmocka_unit_test(test_api_texts_templates),
        cmocka_unit_test(test_api_texts_sqlite_path),
    };
    return cmocka_run_group_tests(tests, od_refuse_setup, od_refuse_teardown);
}
