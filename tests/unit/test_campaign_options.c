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
           disposition == OD_DISPOSITION_MACHINE;
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
