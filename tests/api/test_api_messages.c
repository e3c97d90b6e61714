/*
 * test_api_messages.c - what campaigns of texts have of their own, given what
 * it must not be given: no engine, NULL, ids and pages that are none, phones
 * and paths, options out of range.
 */
#include "support/refuse.h"

#define INVALID OD_ERR_INVALID
#define NO_ENGINE(call) assert_int_equal((call), OD_ERR_INVALID)
#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static void test_api_messages_without_an_engine(void **state)
{
    (void)state;
    size_t count = 77;
    od_message message;
    od_reply reply;
    od_template_report report;
    od_text_info info;
    NO_ENGINE(od_messages_list(NULL, NULL, 0, &message, 1, &count));
    NO_ENGINE(od_messages_export(NULL, NULL, "a.csv"));
    NO_ENGINE(od_replies_list(NULL, NULL, 0, &reply, 1, &count));
    NO_ENGINE(od_reply_get(NULL, 1, &reply));
    NO_ENGINE(od_replies_export(NULL, NULL, "a.csv"));
    NO_ENGINE(od_reply_opt_out(NULL, 1));
    NO_ENGINE(od_campaign_text_check(NULL, 1, &report));
    NO_ENGINE(od_campaign_text_preview(NULL, 1, 1, &info));
    assert_int_equal(count, 77);
}

static void test_api_messages_names(void **state)
{
    (void)state;
    static const int32_t bad[] = {-1, 99, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < LEN(bad); i++) {
        assert_string_equal(od_delivery_name(bad[i]), "?");
        assert_string_equal(od_notice_name(bad[i]), "?");
    }
    assert_string_equal(od_delivery_name(OD_DELIVERIES), "?");
    assert_string_equal(od_delivery_name(OD_DELIVERY_DELIVERED), "delivered");
    assert_string_equal(od_notice_name(OD_NOTICE_CONFIRM), "confirm");
    assert_string_equal(od_notice_name(OD_NOTICE_HELP + 1), "?");
}

static void test_api_messages_null(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    size_t count = 77;
    od_message message;
    od_reply reply;
    REFUSED(r, INVALID, od_messages_list(e, NULL, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_messages_list(e, NULL, 0, &message, 1, NULL));
    REFUSED(r, INVALID, od_messages_export(e, NULL, NULL));
    REFUSED(r, INVALID, od_replies_list(e, NULL, 0, NULL, 1, &count));
    REFUSED(r, INVALID, od_replies_list(e, NULL, 0, &reply, 1, NULL));
    REFUSED(r, INVALID, od_replies_export(e, NULL, NULL));
    REFUSED(r, INVALID, od_reply_get(e, 1, NULL));
    REFUSED(r, INVALID, od_campaign_text_check(e, r->idle, NULL));
    REFUSED(r, INVALID, od_campaign_text_preview(e, r->idle, r->contact, NULL));
    assert_int_equal(count, 77);
    od_refuse_check(r);
}

static void test_api_messages_ids(void **state)
{
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_reply reply;
    od_template_report report;
    od_text_info info;
    REFUSED_IDS(r, OD_ERR_NOT_FOUND, od_reply_get(e, id, &reply));
    REFUSED_IDS(r, OD_ERR_NOT_FOUND, od_reply_opt_out(e, id));
    REFUSED_IDS(r, OD_ERR_NOT_FOUND, od_campaign_text_check(e, id, &report));
    REFUSED_IDS(r, OD_ERR_NOT_FOUND,
                od_campaign_text_preview(e, id, r->contact, &info));
    /* A campaign of calls has no text. */
    REFUSED(r, OD_ERR_STATE, od_campaign_text_check(e, r->idle, &report));
    REFUSED(r, OD_ERR_STATE,
            od_campaign_text_preview(e, r->idle, r->contact, &info));
    od_refuse_check(r);
}

static void test_api_messages_pages(void **state)
{
    static const struct {
        od_id after;
        size_t max;
    } pages[] = {{-1, 1}, {INT64_MIN, 1}, {0, 0}, {0, 1001}, {0, SIZE_MAX}};
    od_refuse *r = *state;
    od_engine *e = r->e;
    size_t count = 77;
    od_message message;
    od_reply reply;
    for (size_t i = 0; i < LEN(pages); i++) {
        REFUSED(r, INVALID,
                od_messages_list(e, NULL, pages[i].after, &message,
                                 pages[i].max, &count));
        REFUSED(r, INVALID,
                od_replies_list(e, NULL, pages[i].after, &reply, pages[i].max,
                                &count));
    }
    assert_int_equal(count, 77);
    od_refuse_check(r);
    assert_int_equal(od_messages_list(e, NULL, INT64_MAX, &message, 1, &count),
                     OD_OK);
    assert_int_equal(count, 0);
    count = 77;
    assert_int_equal(od_replies_list(e, NULL, INT64_MAX, &reply, 1, &count),
                     OD_OK);
    assert_int_equal(count, 0);
}

static void test_api_messages_phones(void **state)
{
    static const char *const phones[] = {
        "+", "12", "nobody", "0123456", "+1212555012345678", OD_NOT_UTF8};
    od_refuse *r = *state;
    od_engine *e = r->e;
    size_t count = 77;
    od_message message;
    od_reply reply;
    od_call_filter texts;
    od_reply_filter replies;
    od_call_filter_init(&texts);
    od_reply_filter_init(&replies);
    for (size_t i = 0; i <= LEN(phones); i++) {
        const char *phone = i < LEN(phones) ? phones[i] : od_text_of(5000);
        texts.phone = phone;
        replies.phone = phone;
        REFUSED(r, INVALID,
                od_messages_list(e, &texts, 0, &message, 1, &count));
        REFUSED(r, INVALID, od_messages_export(e, &texts, "/tmp/none.csv"));
        REFUSED(r, INVALID, od_replies_list(e, &replies, 0, &reply, 1, &count));
        REFUSED(r, INVALID, od_replies_export(e, &replies, "/tmp/none.csv"));
    }
    assert_int_equal(count, 77);
    od_refuse_check(r);
    replies.phone = "12345"; /* a short code may write */
    assert_int_equal(od_replies_list(e, &replies, 0, &reply, 1, &count), OD_OK);
    assert_int_equal(count, 0);
}

static void test_api_messages_paths(void **state)
{
    od_refuse *r = *state;
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
        REFUSED(r, paths[i].err, od_messages_export(r->e, NULL, paths[i].path));
        REFUSED(r, paths[i].err, od_replies_export(r->e, NULL, paths[i].path));
    }
    od_refuse_check(r);
}

/* Options too short, of a newer version, and never initialised. */
static void test_api_messages_reply_filter(void **state)
{
    static const size_t too_small[] = {0, 1, 7, 8};
    od_refuse *r = *state;
    struct {
        od_reply_filter filter;
        uint8_t tail[24];
    } newer;
    size_t count = 77;
    od_reply reply;
    memset(&newer, 0, sizeof newer);
    od_reply_filter_init(&newer.filter);
    for (size_t i = 0; i < LEN(too_small); i++) {
        newer.filter.size = too_small[i];
        REFUSED(r, INVALID,
                od_replies_list(r->e, &newer.filter, 0, &reply, 1, &count));
    }
    newer.filter.size = sizeof newer;
    newer.tail[23] = 1;
    REFUSED(r, OD_ERR_VERSION,
            od_replies_list(r->e, &newer.filter, 0, &reply, 1, &count));
    newer.filter.size = SIZE_MAX;
    REFUSED(r, OD_ERR_VERSION,
            od_replies_list(r->e, &newer.filter, 0, &reply, 1, &count));
    assert_int_equal(count, 77);
    od_refuse_check(r);
    newer.filter.size = sizeof newer;
    newer.tail[23] = 0;
    assert_int_equal(od_replies_list(r->e, &newer.filter, 0, &reply, 1, &count),
                     OD_OK);
}

/* What a campaign of texts says must be in range, and a template. */
static void test_api_messages_campaign(void **state)
{
    static const struct {
        size_t field;
        int32_t value;
    } bad[] = {
        {offsetof(od_campaign_options, channel), 2},
        {offsetof(od_campaign_options, channel), -1},
        {offsetof(od_campaign_options, text_policy), 3},
        {offsetof(od_campaign_options, text_policy), -1},
        {offsetof(od_campaign_options, segments_max), OD_SEGMENTS_MAX + 1},
        {offsetof(od_campaign_options, segments_max), -1},
        {offsetof(od_campaign_options, transliterate), 2},
        {offsetof(od_campaign_options, validity_s), 59},
        {offsetof(od_campaign_options, validity_s), 604801},
        {offsetof(od_campaign_options, texts_per_minute_max), 600001},
        {offsetof(od_campaign_options, texts_per_minute_max), -1},
    };
    static const size_t notices[] = {
        offsetof(od_campaign_options, opt_out_text),
        offsetof(od_campaign_options, confirm_text),
        offsetof(od_campaign_options, help_text),
    };
    static const char *const templates[] = {"{{", "Hi {{name", "{{}}",
                                            "{{a|b|{{c}}}}", "}}"};
    od_refuse *r = *state;
    od_engine *e = r->e;
    od_id out = 77;
    od_campaign_options good;
    od_campaign_options_init(&good);
    good.name = "texts";
    good.channel = OD_CHANNEL_TEXT;
    for (size_t i = 0; i < LEN(bad); i++) {
        od_campaign_options o = good;
        memcpy((char *)&o + bad[i].field, &bad[i].value, sizeof bad[i].value);
        REFUSED(r, INVALID, od_campaign_add(e, &o, &out));
    }
    for (size_t i = 0; i < LEN(notices); i++) {
        const char *texts[] = {OD_NOT_UTF8, od_text_of(OD_NOTICE_MAX + 1)};
        for (size_t j = 0; j < LEN(texts); j++) {
            od_campaign_options o = good;
            memcpy((char *)&o + notices[i], &texts[j], sizeof texts[j]);
            REFUSED(r, INVALID, od_campaign_add(e, &o, &out));
        }
    }
    for (size_t i = 0; i < LEN(templates); i++) {
        good.text = templates[i];
        REFUSED(r, OD_ERR_FORMAT, od_campaign_add(e, &good, &out));
    }
    good.text = OD_NOT_UTF8;
    REFUSED(r, INVALID, od_campaign_add(e, &good, &out));
    good.text = od_text_of(OD_MESSAGE_MAX + 1);
    REFUSED(r, INVALID, od_campaign_add(e, &good, &out));
    assert_int_equal(out, 77);
    od_refuse_check(r);
}

/* -- transports
 * ---------------------------------------------------------------- */

static void test_api_messages_sim(void **state)
{
    static const char *const us = "+12125550199";
    od_refuse *r = *state;
    od_errmsg msg;
    od_transport *sim = r->world.sim;
    const char *phone = "+12125550150";
    REFUSED_TEXT(r, INVALID, &msg,
                 od_sim_text_play(NULL, phone, "accept", &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_sim_text_play(sim, NULL, "accept", &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_sim_text_play(sim, phone, NULL, &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_sim_text_play(sim, "nobody", "accept", &msg));
    static const char *const plays[] = {"explode", "delivered", "reject",
                                        "accept accept", "lost delivered"};
    for (size_t i = 0; i < LEN(plays); i++) {
        REFUSED_TEXT(r, OD_ERR_FORMAT, &msg,
                     od_sim_text_play(sim, phone, plays[i], &msg));
    }
    REFUSED_TEXT(r, INVALID, &msg, od_sim_reply(NULL, phone, us, "a", &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_sim_reply(sim, NULL, us, "a", &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_sim_reply(sim, phone, NULL, "a", &msg));
    REFUSED_TEXT(r, INVALID, &msg, od_sim_reply(sim, phone, us, NULL, &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_sim_reply(sim, phone, us, OD_NOT_UTF8, &msg));
    assert_int_equal(od_sim_reply(NULL, NULL, NULL, NULL, NULL), INVALID);
    od_refuse_check(r);
}

static void test_api_messages_joined(void **state)
{
    od_refuse *r = *state;
    od_errmsg msg;
    od_transport *none = (od_transport *)state;
    od_transport *one = NULL;
    od_transport *two = NULL;
    assert_int_equal(od_transport_new_sim(&one, NULL, NULL), OD_OK);
    assert_int_equal(od_transport_new_sim(&two, NULL, NULL), OD_OK);
    od_transport *pair[] = {one, two};
    REFUSED_TEXT(r, INVALID, &msg,
                 od_transport_new_joined(NULL, pair, 1, &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_transport_new_joined(&none, NULL, 1, &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_transport_new_joined(&none, pair, 0, &msg));
    REFUSED_TEXT(
        r, INVALID, &msg,
        od_transport_new_joined(&none, pair, OD_TRANSPORTS_MAX + 1, &msg));
    /* Both have a trunk named "sim". */
    REFUSED_TEXT(r, INVALID, &msg,
                 od_transport_new_joined(&none, pair, 2, &msg));
    pair[1] = one; /* twice */
    REFUSED_TEXT(r, INVALID, &msg,
                 od_transport_new_joined(&none, pair, 2, &msg));
    pair[1] = NULL;
    REFUSED_TEXT(r, INVALID, &msg,
                 od_transport_new_joined(&none, pair, 2, &msg));
    assert_ptr_equal(none, state);
    od_transport_free(one); /* they are still the caller's */
    od_transport_free(two);
    od_refuse_check(r);
}

static od_err try_smpp(const od_smpp_trunk *trunk, od_errmsg *msg)
{
    od_transport *smpp = NULL;
    od_smpp_options options;
    od_smpp_options_init(&options);
    options.trunks = &trunk;
    options.trunks_len = 1;
    od_err err = od_transport_new_smpp(&smpp, &options, msg);
    assert_true(err == OD_OK || smpp == NULL);
    od_transport_free(smpp);
    return err;
}

static void init_smpp(od_smpp_trunk *trunk)
{
    od_smpp_trunk_init(trunk);
    trunk->name = "smsc";
    trunk->host = "127.0.0.1";
    trunk->system_id = "me";
    trunk->password = "secret";
}

static void test_api_messages_smpp_trunk(void **state)
{
    static const struct {
        size_t field;
        const char *text;
    } bad[] = {
        {offsetof(od_smpp_trunk, name), NULL},
        {offsetof(od_smpp_trunk, name), "a b"},
        {offsetof(od_smpp_trunk, host), NULL},
        {offsetof(od_smpp_trunk, host), "a b"},
        {offsetof(od_smpp_trunk, host), ""},
        {offsetof(od_smpp_trunk, system_id), NULL},
        {offsetof(od_smpp_trunk, system_id), ""},
        {offsetof(od_smpp_trunk, system_id), "0123456789012345"},
        {offsetof(od_smpp_trunk, password), "123456789"},
        {offsetof(od_smpp_trunk, password), "a\nb"},
        {offsetof(od_smpp_trunk, system_type), "0123456789012"},
        {offsetof(od_smpp_trunk, ca_file), "ca.pem"}, /* without TLS */
    };
    static const struct {
        size_t field;
        int32_t value;
    } numbers[] = {
        {offsetof(od_smpp_trunk, port), 65536},
        {offsetof(od_smpp_trunk, tls), 2},
        {offsetof(od_smpp_trunk, window), 1001},
        {offsetof(od_smpp_trunk, texts_per_second_max), 10001},
        {offsetof(od_smpp_trunk, long_texts), 2},
        {offsetof(od_smpp_trunk, alphabet), 2},
        {offsetof(od_smpp_trunk, receipt_ids), 2},
        {offsetof(od_smpp_trunk, source_ton), 7},
        {offsetof(od_smpp_trunk, source_npi), 19},
        {offsetof(od_smpp_trunk, dest_ton), -2},
        {offsetof(od_smpp_trunk, dest_npi), 2}, /* no such plan */
        {offsetof(od_smpp_trunk, enquire_s), 3601},
        {offsetof(od_smpp_trunk, response_ms), 499},
        {offsetof(od_smpp_trunk, reconnect_ms_min), 9},
        {offsetof(od_smpp_trunk, reconnect_ms_max), 3600001},
    };
    od_refuse *r = *state;
    od_errmsg msg = {""};
    od_smpp_trunk good;
    init_smpp(&good);
    od_err err = try_smpp(&good, &msg);
    if (err == OD_ERR_UNSUPPORTED) {
        assert_string_not_equal(msg.text, "");
        return;
    }
    assert_int_equal(err, OD_OK);
    for (size_t i = 0; i < LEN(bad); i++) {
        od_smpp_trunk trunk = good;
        memcpy((char *)&trunk + bad[i].field, &bad[i].text, sizeof bad[i].text);
        REFUSED_TEXT(r, INVALID, &msg, try_smpp(&trunk, &msg));
    }
    for (size_t i = 0; i < LEN(numbers); i++) {
        od_smpp_trunk trunk = good;
        memcpy((char *)&trunk + numbers[i].field, &numbers[i].value,
               sizeof numbers[i].value);
        REFUSED_TEXT(r, INVALID, &msg, try_smpp(&trunk, &msg));
    }
    od_refuse_check(r);
}

static void test_api_messages_smpp_options(void **state)
{
    od_refuse *r = *state;
    od_errmsg msg = {""};
    od_smpp_trunk trunk;
    od_smpp_options options;
    od_transport *none = (od_transport *)state;
    init_smpp(&trunk);
    const od_smpp_trunk *trunks[] = {&trunk, &trunk};
    if (try_smpp(&trunk, &msg) == OD_ERR_UNSUPPORTED) {
        return;
    }
    od_smpp_options_init(&options);
    REFUSED_TEXT(r, INVALID, &msg, od_transport_new_smpp(&none, NULL, &msg));
    REFUSED_TEXT(r, INVALID, &msg,
                 od_transport_new_smpp(&none, &options, &msg));
    options.trunks = trunks;
    options.trunks_len = OD_TRUNKS_MAX + 1;
    REFUSED_TEXT(r, INVALID, &msg,
                 od_transport_new_smpp(&none, &options, &msg));
    options.trunks_len = 2; /* of one name */
    REFUSED_TEXT(r, INVALID, &msg,
                 od_transport_new_smpp(&none, &options, &msg));
    options.trunks_len = 1;
    REFUSED_TEXT(r, INVALID, &msg, od_transport_new_smpp(NULL, &options, &msg));
    options.size = 8;
    REFUSED_TEXT(r, INVALID, &msg,
                 od_transport_new_smpp(&none, &options, &msg));
    od_smpp_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    trunks[0] = NULL;
    REFUSED_TEXT(r, INVALID, &msg,
                 od_transport_new_smpp(&none, &options, &msg));
    trunks[0] = &trunk;
    trunk.size = SIZE_MAX;
    REFUSED_TEXT(r, OD_ERR_VERSION, &msg,
                 od_transport_new_smpp(&none, &options, &msg));
    assert_ptr_equal(none, state);
    od_refuse_check(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_api_messages_without_an_engine),
        cmocka_unit_test(test_api_messages_names),
        cmocka_unit_test(test_api_messages_null),
        cmocka_unit_test(test_api_messages_ids),
        cmocka_unit_test(test_api_messages_pages),
        cmocka_unit_test(test_api_messages_phones),
        cmocka_unit_test(test_api_messages_paths),
        cmocka_unit_test(test_api_messages_reply_filter),
        cmocka_unit_test(test_api_messages_campaign),
        cmocka_unit_test(test_api_messages_sim),
        cmocka_unit_test(test_api_messages_joined),
        cmocka_unit_test(test_api_messages_smpp_trunk),
        cmocka_unit_test(test_api_messages_smpp_options),
    };
    return cmocka_run_group_tests(tests, od_refuse_setup, od_refuse_teardown);
}
