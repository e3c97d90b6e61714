/*
 * test_rule_match.c - which rules apply to calls to a place. What is not known
 * never takes a rule away.
 */
#include "support/test.h"

#include "rules/rules.h"

static od__rule_set set;

static int setup(void **state)
{
    (void)state;
    od__rule_set_init(&set, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    od__rule_set_free(&set);
    return 0;
}

/* A rule with these lines beside its effect, cite and mark. */
static const od__rule *rule_of(const char *lines)
{
    char text[512];
    od_errmsg errmsg = {""};
    (void)od__rule_set_remove(&set, "t");
    (void)snprintf(text, sizeof text,
                   "rule t.r\nban\ncite c\nverified no\n%s\n", lines);
    if (od__rule_set_add(&set, "t", text, strlen(text), true, &errmsg) !=
        OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    return od__rule_find(&set, "t.r");
}

/* Regions as "US-FL US-AL"; "" is a place of which nothing is known. */
static bool applies(const od__rule *rule, const char *regions, int32_t channel,
                    int32_t purpose, int32_t line)
{
    od__place place;
    memset(&place, 0, sizeof place);
    place.line = line;
    for (const char *at = regions; *at != '\0';) {
        size_t len = strcspn(at, " ");
        memcpy(place.regions[place.regions_len++], at, len);
        at += len;
        at += strspn(at, " ");
    }
    const od__rule_query query = {channel, purpose, &place};
    return od__rule_applies(rule, &query);
}

static bool applies_in(const od__rule *rule, const char *regions)
{
    return applies(rule, regions, OD_CHANNEL_VOICE, OD_PURPOSE_MARKETING,
                   OD_LINE_MOBILE);
}

static void test_rule_match_country(void **state)
{
    (void)state;
    const od__rule *rule = rule_of("in US\npurpose any");
    assert_true(applies_in(rule, "US"));
    assert_true(applies_in(rule, "US-FL"));
    assert_true(applies_in(rule, "CA-ON US-NY"));
    assert_true(applies_in(rule, ""));
    assert_false(applies_in(rule, "CA"));
    assert_false(applies_in(rule, "GB"));
    assert_false(applies_in(rule, "CA-ON GB"));
}

static void test_rule_match_state(void **state)
{
    (void)state;
    const od__rule *rule = rule_of("in US-CA US-FL\npurpose any");
    assert_true(applies_in(rule, "US-FL"));
    assert_true(applies_in(rule, "US-CA"));
    assert_true(applies_in(rule, "US-AL US-FL"));
    assert_true(applies_in(rule, "US")); /* may be in each of its states */
    assert_true(applies_in(rule, ""));
    assert_false(applies_in(rule, "US-AL"));
    assert_false(applies_in(rule, "CA")); /* Canada is not California */
    assert_false(applies_in(rule, "CA-ON"));
}

static void test_rule_match_everywhere(void **state)
{
    (void)state;
    const od__rule *rule = rule_of("in *\npurpose any");
    assert_true(applies_in(rule, "US-FL"));
    assert_true(applies_in(rule, "JM"));
    assert_true(applies_in(rule, ""));
}

static void test_rule_match_except(void **state)
{
    (void)state;
    const od__rule *rule = rule_of("in *\nexcept US CA-ON\npurpose any");
    assert_false(applies_in(rule, "US"));
    assert_false(applies_in(rule, "US-FL"));
    assert_false(applies_in(rule, "US-FL CA-ON"));
    assert_true(applies_in(rule, "US-FL GB"));
    assert_true(applies_in(rule, "GB"));
    assert_true(applies_in(rule, "CA-BC"));
    assert_true(applies_in(rule, "CA")); /* may be outside of Ontario */
    assert_true(applies_in(rule, ""));
}

static void test_rule_match_channel(void **state)
{
    (void)state;
    const od__rule *voice = rule_of("in US\nchannel voice\npurpose any");
    assert_true(applies(voice, "US", OD_CHANNEL_VOICE, OD_PURPOSE_DEBT, 0));
    assert_false(applies(voice, "US", OD_CHANNEL_TEXT, OD_PURPOSE_DEBT, 0));
    const od__rule *text = rule_of("in US\nchannel text\npurpose any");
    assert_false(applies(text, "US", OD_CHANNEL_VOICE, OD_PURPOSE_DEBT, 0));
    assert_true(applies(text, "US", OD_CHANNEL_TEXT, OD_PURPOSE_DEBT, 0));
    const od__rule *both = rule_of("in US\npurpose any");
    assert_true(applies(both, "US", OD_CHANNEL_VOICE, OD_PURPOSE_DEBT, 0));
    assert_true(applies(both, "US", OD_CHANNEL_TEXT, OD_PURPOSE_DEBT, 0));
}

static bool applies_for(const od__rule *rule, int32_t purpose)
{
    return applies(rule, "US", OD_CHANNEL_VOICE, purpose, OD_LINE_UNKNOWN);
}

static void test_rule_match_purpose(void **state)
{
    (void)state;
    const od__rule *rule = rule_of("in US\npurpose survey debt");
    for (int32_t p = OD_PURPOSE_MARKETING; p < OD_PURPOSES; p++) {
        assert_int_equal(applies_for(rule, p),
                         p == OD_PURPOSE_SURVEY || p == OD_PURPOSE_DEBT);
    }
    assert_true(applies_for(rule, OD_PURPOSE_UNSTATED));
    const od__rule *most = rule_of("in US\npurpose any-but-emergency");
    assert_true(applies_for(most, OD_PURPOSE_UNSTATED));
    assert_true(applies_for(most, OD_PURPOSE_HEALTH));
    assert_false(applies_for(most, OD_PURPOSE_EMERGENCY));
    const od__rule *all = rule_of("in US\npurpose any");
    assert_true(applies_for(all, OD_PURPOSE_EMERGENCY));
    const od__rule *emergency = rule_of("in US\npurpose emergency");
    assert_true(applies_for(emergency, OD_PURPOSE_EMERGENCY));
    assert_false(applies_for(emergency, OD_PURPOSE_UNSTATED));
}

static bool applies_to(const od__rule *rule, int32_t line)
{
    return applies(rule, "US", OD_CHANNEL_VOICE, OD_PURPOSE_MARKETING, line);
}

static void test_rule_match_line(void **state)
{
    (void)state;
    const od__rule *rule = rule_of("in US\npurpose any\nline landline");
    assert_true(applies_to(rule, OD_LINE_LANDLINE));
    assert_false(applies_to(rule, OD_LINE_MOBILE));
    assert_false(applies_to(rule, OD_LINE_BUSINESS));
    assert_true(applies_to(rule, OD_LINE_UNKNOWN));
    const od__rule *all = rule_of("in US\npurpose any");
    for (int32_t line = 0; line < OD_LINES; line++) {
        assert_true(applies_to(all, line));
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_rule_match_country),    TEST(test_rule_match_state),
        TEST(test_rule_match_everywhere), TEST(test_rule_match_except),
        TEST(test_rule_match_channel),    TEST(test_rule_match_purpose),
        TEST(test_rule_match_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
