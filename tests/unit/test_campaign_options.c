/*
 * test_campaign_options.c - what options of a campaign may say of retries, of
 * ranges and of quotas; each refusal names the option and the value.
 */
#include "support/stage.h"

#include "core/core.h"

static od_campaign_options options(od_stage *s)
{
    od_campaign_options o;
    stage_options(s, &o, "first");
    return o;
}

static void fails(od_stage *s, const od_campaign_options *o, const char *text)
{
    od_id id = 77;
    stage_fails(s, od_campaign_add(s->engine, o, &id), OD_ERR_INVALID, text);
    assert_int_equal(id, 77);
}

/* It is taken, and comes back as it is. */
static od_campaign takes(od_stage *s, od_campaign_options *o)
{
    static int names;
    char name[32];
    od_campaign out;
    (void)snprintf(name, sizeof name, "taken %d", ++names);
    o->name = name;
    od_id id = stage_add(s, o);
    o->name = "first";
    stage_ok(s, od_campaign_get(s->engine, id, &out));
    return out;
}

/* == retries =============================================================== */

/* After these ends there is something to decide. */
static bool has_retry(int32_t disposition)
{
    return disposition == OD_DISPOSITION_BUSY ||
           disposition == OD_DISPOSITION_NO_ANSWER ||
           disposition == OD_DISPOSITION_DECLINED ||
           disposition == OD_DISPOSITION_CONGESTION ||
           disposition == OD_DISPOSITION_FAILED ||
           disposition == OD_DISPOSITION_UNFINISHED ||
           disposition == OD_DISPOSITION_MACHINE ||
           disposition == OD_DISPOSITION_UNDELIVERED;
}

static void test_campaign_options_retries_of_other_ends(void **state)
{
    od_stage *s = *state;
    for (int32_t d = 0; d < OD_RETRIES; d++) {
        od_campaign_options o = options(s);
        o.retries[d] = (od_retry){3600, 3};
        if (has_retry(d)) {
            od_campaign c = takes(s, &o);
            assert_int_equal(c.options.retries[d].delay_s, 3600);
            assert_int_equal(c.options.retries[d].attempts_max, 3);
            continue;
        }
        fails(s, &o, "must be zero: nothing is retried after it");
        o.retries[d] = (od_retry){OD_NONE, 0};
        fails(s, &o, "must be zero");
        o.retries[d] = (od_retry){0, 1};
        fails(s, &o, "must be zero");
    }
}

static void test_campaign_options_retries_ranges(void **state)
{
    static const int32_t counts[] = {-1, 16, INT32_MIN, INT32_MAX};
    od_stage *s = *state;
    for (int32_t d = 0; d < OD_RETRIES; d++) {
        int32_t least = d == OD_DISPOSITION_CONGESTION ? 1 : 60;
        const int32_t fine[] = {least, 2592000, OD_NONE};
        const int32_t bad[] = {least - 1, 2592001, -2, INT32_MIN, INT32_MAX};
        od_campaign_options o = options(s);
        for (size_t i = 0; has_retry(d) && i < OD__LEN(fine); i++) {
            o.retries[d].delay_s = fine[i];
            od_campaign c = takes(s, &o);
            assert_int_equal(c.options.retries[d].delay_s, fine[i]);
        }
        for (size_t i = 0; has_retry(d) && i < OD__LEN(bad); i++) {
            o.retries[d].delay_s = bad[i];
            if (bad[i] != 0) { /* the default */
                fails(s, &o, "].delay_s is ");
            }
        }
        o = options(s);
        for (size_t i = 0; has_retry(d) && i < OD__LEN(counts); i++) {
            o.retries[d].attempts_max = counts[i];
            fails(s, &o, "].attempts_max is ");
        }
    }
    od_campaign_options o = options(s);
    o.retries[OD_DISPOSITION_BUSY].delay_s = 59;
    fails(s, &o, "campaign option retries[busy].delay_s is 59: 60 to 2592000 "
                 "are allowed");
    o.retries[OD_DISPOSITION_BUSY] = (od_retry){0, 16};
    fails(s, &o, "campaign option retries[busy].attempts_max is 16: 1 to 15 "
                 "are allowed");
}

/* == ranges ================================================================ */

static void test_campaign_options_ranges(void **state)
{
    static const struct {
        size_t at;
        int32_t value;
        const char *text;
    } bad[] = {
#define BAD(field, value, allowed)                                             \
    {                                                                          \
        offsetof(od_campaign_options, field), value,                           \
            "campaign option " #field " is " #value ": " allowed               \
            " are allowed"                                                     \
    }
        BAD(priority, 10, "1 to 9"),
        BAD(weight, 101, "1 to 100"),
        BAD(purpose, 8, "0 to 7"),
        BAD(retry_unfinished, 2, "0 to 1"),
        BAD(spread_dayparts, 2, "0 to 1"),
        BAD(quota_answers, -1, "0 to 2147483647"),
        BAD(guards.sample, 19, "20 to 250"),
        BAD(guards.short_max, 1001, "1 to 1000"),
        BAD(guards.prefix_max, -2, "1 to 1000"),
        BAD(guards.unheard_max, 1001, "1 to 1000"),
        BAD(guards.abandon_max, 1001, "1 to 1000"),
        BAD(guards.brief_max, 1001, "1 to 1000"),
#undef BAD
    };
    od_stage *s = *state;
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        od_campaign_options o = options(s);
        memcpy((char *)&o + bad[i].at, &bad[i].value, sizeof bad[i].value);
        fails(s, &o, bad[i].text);
    }
}

static void test_campaign_options_end(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = options(s);
    o.end_utc_ms = -1;
    fails(s, &o, "end_utc_ms is -1: it must be 0 or after start_utc_ms");
    o.start_utc_ms = 1000;
    o.end_utc_ms = 1000;
    fails(s, &o, "end_utc_ms is 1000: it must be 0 or after start_utc_ms");
    o.end_utc_ms = 1001;
    assert_true(takes(s, &o).options.end_utc_ms == 1001);
}

/* == texts and quotas ====================================================== */

static void test_campaign_options_texts(void **state)
{
    static const struct {
        size_t at;
        size_t max;
        const char *name;
    } texts[] = {
        {offsetof(od_campaign_options, seller), OD_NAME_MAX, "seller"},
        {offsetof(od_campaign_options, quota_question), 63, "quota_question"},
        {offsetof(od_campaign_options, quota_choice), 63, "quota_choice"},
    };
    od_stage *s = *state;
    char text[OD_NAME_MAX + 2];
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        char want[96];
        const char *in = text;
        od_campaign_options o = options(s);
        (void)snprintf(want, sizeof want,
                       "campaign option %s must be UTF-8 of at most %zu bytes",
                       texts[i].name, texts[i].max);
        memcpy((char *)&o + texts[i].at, &in, sizeof in);
        memset(text, 'a', sizeof text);
        text[texts[i].max + 1] = '\0';
        fails(s, &o, want);
        text[texts[i].max] = '\0';
        (void)takes(s, &o);
        (void)snprintf(text, sizeof text, "caf\xc3");
        fails(s, &o, want);
    }
}

static void test_campaign_options_quota(void **state)
{
    static const char want[] = "campaign option quota_answers is 5: name the "
                               "answer in quota_question and quota_choice";
    od_stage *s = *state;
    od_campaign_options o = options(s);
    o.quota_answers = 5;
    fails(s, &o, want);
    o.quota_question = "vote";
    fails(s, &o, want);
    o.quota_choice = "";
    fails(s, &o, want);
    o.quota_choice = "Yes";
    o.quota_question = NULL;
    fails(s, &o, want);
    o.quota_question = "vote";
    od_campaign c = takes(s, &o);
    assert_int_equal(c.options.quota_answers, 5);
    assert_string_equal(c.options.quota_question, "vote");
    assert_string_equal(c.options.quota_choice, "Yes");
}

/* == of texts ============================================================== */

static od_campaign_options text_options(od_stage *s)
{
    od_campaign_options o = options(s);
    o.channel = OD_CHANNEL_TEXT;
    o.prompts = NULL;
    o.prompts_len = 0;
    o.text = "Hello {{first_name|there}}";
    return o;
}

static void test_campaign_options_of_texts_travel(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = text_options(s);
    o.caller_id = "54321";
    o.opt_out_text = "Reply STOP to opt out";
    o.confirm_text = "You get no more texts";
    o.help_text = "Call +1 212 555 0100";
    o.text_policy = OD_TEXT_POLICY_CUT;
    o.segments_max = 3;
    o.transliterate = 1;
    o.validity_s = 3600;
    o.texts_per_minute_max = 600;
    od_campaign c = takes(s, &o);
    assert_int_equal(c.options.channel, OD_CHANNEL_TEXT);
    assert_string_equal(c.options.caller_id, "54321");
    assert_string_equal(c.options.text, o.text);
    assert_string_equal(c.options.opt_out_text, o.opt_out_text);
    assert_string_equal(c.options.confirm_text, o.confirm_text);
    assert_string_equal(c.options.help_text, o.help_text);
    assert_int_equal(c.options.text_policy, OD_TEXT_POLICY_CUT);
    assert_int_equal(c.options.segments_max, 3);
    assert_int_equal(c.options.transliterate, 1);
    assert_int_equal(c.options.validity_s, 3600);
    assert_int_equal(c.options.texts_per_minute_max, 600);
    /* What was read may be written back. */
    stage_ok(s, od_campaign_update(s->engine, c.id, &c.options));
}

static void test_campaign_options_defaults_of_texts(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = text_options(s);
    od_campaign c = takes(s, &o);
    assert_int_equal(c.options.segments_max, OD_SEGMENTS_MAX);
    assert_int_equal(c.options.validity_s, 86400);
    assert_int_equal(c.options.texts_per_minute_max, 0);
    assert_string_equal(c.options.confirm_text, "");
    o.text_policy = OD_TEXT_POLICY_REFUSE;
    c = takes(s, &o);
    assert_int_equal(c.options.segments_max, 1);
}

/* A caller of an older version knows none of them. */
static void test_campaign_options_without_texts(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = options(s);
    o.text = "not looked at";
    o.size = offsetof(od_campaign_options, text);
    od_campaign c = takes(s, &o);
    assert_string_equal(c.options.text, "");
    assert_int_equal(c.options.channel, OD_CHANNEL_VOICE);
}

static void test_campaign_options_template(void **state)
{
    static const char *const broken[] = {"Hello {{first_name", "{{}}",
                                         "Hello }}"};
    od_stage *s = *state;
    od_id id = 77;
    for (size_t i = 0; i < OD__LEN(broken); i++) {
        od_campaign_options o = text_options(s);
        o.text = broken[i];
        stage_fails(s, od_campaign_add(s->engine, &o, &id), OD_ERR_FORMAT,
                    "character ");
        assert_int_equal(id, 77);
    }
}

static void test_campaign_options_of_texts_ranges(void **state)
{
    od_stage *s = *state;
    char text[OD_MESSAGE_MAX + 2];
    char notice[OD_NOTICE_MAX + 2];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memset(notice, 'x', sizeof notice - 1);
    notice[sizeof notice - 1] = '\0';
    const struct {
        size_t offset;
        int32_t bad;
        const char *name;
    } numbers[] = {
        {offsetof(od_campaign_options, text_policy), 3, "text_policy"},
        {offsetof(od_campaign_options, segments_max), 11, "segments_max"},
        {offsetof(od_campaign_options, transliterate), 2, "transliterate"},
        {offsetof(od_campaign_options, validity_s), 59, "validity_s"},
        {offsetof(od_campaign_options, validity_s), 604801, "validity_s"},
        {offsetof(od_campaign_options, texts_per_minute_max), 600001,
         "texts_per_minute_max"},
        {offsetof(od_campaign_options, texts_per_minute_max), -1,
         "texts_per_minute_max"}};
    for (size_t i = 0; i < OD__LEN(numbers); i++) {
        od_campaign_options o = text_options(s);
        memcpy((char *)&o + numbers[i].offset, &numbers[i].bad,
               sizeof numbers[i].bad);
        fails(s, &o, numbers[i].name);
    }
    od_campaign_options o = text_options(s);
    o.text = text;
    fails(s, &o, "text must be UTF-8 of at most 4095 bytes");
    text[OD_MESSAGE_MAX] = '\0';
    (void)takes(s, &o);
    o.confirm_text = notice;
    fails(s, &o, "confirm_text must be UTF-8 of at most 479 bytes");
    notice[OD_NOTICE_MAX] = '\0';
    o.help_text = notice;
    o.opt_out_text = notice;
    (void)takes(s, &o);
    o = text_options(s);
    o.text_policy = OD_TEXT_POLICY_REFUSE;
    o.segments_max = 2;
    fails(s, &o, "segments_max");
}

/* Short codes send, and do not call. */
static void test_campaign_options_short_codes(void **state)
{
    static const char *const codes[] = {"123", "54321", "999999"};
    static const char *const others[] = {"12", "1234567", "012", "12a45"};
    od_stage *s = *state;
    for (size_t i = 0; i < OD__LEN(codes); i++) {
        od_campaign_options o = text_options(s);
        o.caller_id = codes[i];
        assert_string_equal(takes(s, &o).options.caller_id, codes[i]);
        o.channel = OD_CHANNEL_VOICE;
        fails(s, &o, "is not a phone number");
    }
    for (size_t i = 0; i < OD__LEN(others); i++) {
        od_campaign_options o = text_options(s);
        o.caller_id = others[i];
        fails(s, &o, "is not a phone number");
    }
}

static void test_campaign_options_survey_of_texts(void **state)
{
    static const char one[] = "survey One\nquestion happy\n  play hello\n"
                              "  key 1 Yes\n  key 2 No\n";
    static const char two[] = "survey Two\nquestion happy\n  play hello\n"
                              "  key 1 Yes\n  key 2 No\n"
                              "question why\n  play hello\n  digits 1\n";
    od_stage *s = *state;
    od_campaign_options o = text_options(s);
    stage_ok(s, od_survey_add(s->engine, two, sizeof two - 1, &o.survey));
    fails(s, &o, "survey \"Two\" has 2 questions");
    stage_ok(s, od_survey_add(s->engine, one, sizeof one - 1, &o.survey));
    (void)takes(s, &o);
}

/* While it runs its texts stay what they are, but not how fast they go. */
static void test_campaign_options_of_texts_while_running(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = text_options(s);
    stage_people(s, 1);
    od_id id = stage_go(s, &o);
    o.texts_per_minute_max = 6;
    stage_ok(s, od_campaign_update(s->engine, id, &o));
    od_campaign_options other = o;
    other.text = "Goodbye";
    stage_fails(s, od_campaign_update(s->engine, id, &other), OD_ERR_STATE,
                "text cannot change");
    other = o;
    other.confirm_text = "Done";
    stage_fails(s, od_campaign_update(s->engine, id, &other), OD_ERR_STATE,
                "confirm_text cannot change");
    other = o;
    other.channel = OD_CHANNEL_VOICE;
    stage_fails(s, od_campaign_update(s->engine, id, &other), OD_ERR_STATE,
                "channel cannot change");
    stage_ok(s, od_campaign_pause(s->engine, id));
    other.channel = OD_CHANNEL_TEXT;
    other.text = "Goodbye";
    stage_ok(s, od_campaign_update(s->engine, id, &other));
}

/* Whoever was called is not texted by the same campaign. */
static void test_campaign_options_channel_after_calls(void **state)
{
    od_stage *s = *state;
    od_campaign_options o = options(s);
    stage_people(s, 1);
    stage_far(s, stage_phone(0), "ring 1s answer wait 3s hangup");
    od_id id = stage_add(s, &o);
    od_campaign_options texts = text_options(s);
    stage_ok(s, od_campaign_update(s->engine, id, &texts));
    stage_ok(s, od_campaign_update(s->engine, id, &o));
    stage_ok(s, od_campaign_start(s->engine, id));
    stage_run(s, STAGE_MINUTE);
    assert_int_equal(stage_calls(s, id, NULL), 1);
    stage_fails(s, od_campaign_update(s->engine, id, &texts), OD_ERR_STATE,
                "channel cannot change: campaign \"first\" made 1 attempt:");
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_campaign_options_retries_of_other_ends),
        TEST(test_campaign_options_retries_ranges),
        TEST(test_campaign_options_ranges),
        TEST(test_campaign_options_end),
        TEST(test_campaign_options_texts),
        TEST(test_campaign_options_quota),
        TEST(test_campaign_options_of_texts_travel),
        TEST(test_campaign_options_defaults_of_texts),
        TEST(test_campaign_options_without_texts),
        TEST(test_campaign_options_template),
        TEST(test_campaign_options_of_texts_ranges),
        TEST(test_campaign_options_short_codes),
        TEST(test_campaign_options_survey_of_texts),
        TEST(test_campaign_options_of_texts_while_running),
        TEST(test_campaign_options_channel_after_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
