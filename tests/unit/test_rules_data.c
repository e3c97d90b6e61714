/*
 * test_rules_data.c - the built-in texts: all are read, all is cited, and what
 * a few of them say, each from what stands in the law.
 */
#include "support/test.h"

#include "rules/rules.h"

static od__rule_set set;

static int setup(void **state)
{
    (void)state;
    od_errmsg errmsg = {""};
    od__rule_set_init(&set, NULL);
    if (od__rule_set_add_builtin(&set, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    od__rule_set_free(&set);
    return 0;
}

static const od__rule *find(const char *id)
{
    const od__rule *rule = od__rule_find(&set, id);
    if (rule == NULL) {
        fail_msg("no rule %s", id);
    }
    return rule;
}

static void says(const char *id, const char *expected)
{
    char text[256];
    od__rule_text(&set, find(id), text, sizeof text);
    assert_string_equal(text, expected);
}

static bool is_on(const char *holidays, int year, int month, int day)
{
    for (size_t i = 0; i < set.holidays_len; i++) {
        if (strcmp(set.holidays[i].name, holidays) == 0) {
            return od__holidays_has(&set.holidays[i],
                                    od__days_of_date(year, month, day));
        }
    }
    fail_msg("no holidays %s", holidays);
    return false;
}

/* "us-fl" of "us-fl.hours" */
static bool begins_with_set(const char *id, const char *name)
{
    size_t len = strlen(name);
    return strncmp(id, name, len) == 0 && id[len] == '.';
}

static void test_rules_data_rows(void **state)
{
    (void)state;
    assert_in_range(set.len, 80, OD__RULES_MAX / 2);
    for (size_t i = 0; i < set.len; i++) {
        const od__rule *rule = &set.rows[i];
        assert_true(begins_with_set(rule->id, rule->set));
        assert_true(strlen(rule->citation) >= 4);
        assert_false(rule->host);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(rule->id, set.rows[j].id);
        }
        /* A file is about the jurisdiction of its name. */
        char in[8] = "*";
        for (size_t j = 0; strcmp(rule->set, "world") != 0 && j < 6; j++) {
            char c = rule->set[j];
            in[j] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
            if (c == '\0') {
                break;
            }
        }
        assert_int_equal(rule->in_len, 1);
        assert_string_equal(rule->in[0], in);
    }
    for (size_t i = 0; i < set.holidays_len; i++) {
        assert_true(
            begins_with_set(set.holidays[i].name, set.owners[i].set));
        assert_false(set.owners[i].host);
    }
}

static void test_rules_data_every_text_has_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < od__rule_sources_len; i++) {
        size_t rules = 0;
        for (size_t j = 0; j < set.len; j++) {
            rules += strcmp(set.rows[j].set, od__rule_sources[i].name) == 0;
        }
        assert_true(rules > 0);
    }
}

static void test_rules_data_is_added_once(void **state)
{
    (void)state;
    size_t len = set.len;
    od_errmsg errmsg = {""};
    assert_int_equal(od__rule_set_add_builtin(&set, &errmsg), OD_ERR_EXISTS);
    assert_int_equal(set.len, len);
}

/* Minutes of a week in which a rule lets calls begin. */
static int32_t open_min(const od__rule *rule)
{
    int32_t minutes = 0;
    for (size_t i = 0; i < rule->windows_len; i++) {
        const od_window *window = &rule->windows[i];
        for (int day = 0; day < 7; day++) {
            if ((window->days >> day & 1u) != 0) {
                minutes += window->end_min - window->start_min;
            }
        }
    }
    return minutes;
}

/* The states with hours of their own for solicitations or for automatic
 * devices, and the hours of their week: the table of the compliance facts,
 * read a second time. */
static const struct {
    const char *id;
    int32_t hours;
} states[] = {
    {"us-al.hours", 72}, {"us-ca.auto", 84},  {"us-ct.hours", 77},
    {"us-fl.hours", 84}, {"us-ga.auto", 91},  {"us-il.hours", 91},
    {"us-in.auto", 77},  {"us-ky.hours", 77}, {"us-la.hours", 72},
    {"us-me.auto", 40},  {"us-md.hours", 84}, {"us-ma.hours", 84},
    {"us-mi.hours", 84}, {"us-mn.hours", 84}, {"us-ms.hours", 72},
    {"us-ne.auto", 86},  {"us-nv.hours", 77}, {"us-nj.hours", 91},
    {"us-nm.hours", 84}, {"us-ny.hours", 91}, {"us-nc.hours", 91},
    {"us-sc.hours", 91}, {"us-va.hours", 91}, {"us-wi.hours", 91},
    {"us-ok.hours", 84}, {"us-or.hours", 84}, {"us-pa.hours", 60},
    {"us-pa.hours.before", 91},               {"us-ri.hours", 52},
    {"us-sd.hours", 72}, {"us-sd.auto", 60},  {"us-tx.hours", 81},
    {"us-ut.hours", 78}, {"us-wa.hours", 84}, {"us-wy.hours", 84},
};

static void test_rules_data_hours_of_states(void **state)
{
    (void)state;
    for (size_t i = 0; i < OD__LEN(states); i++) {
        const od__rule *rule = find(states[i].id);
        assert_int_equal(rule->effect, OD_RULE_WINDOW);
        if (open_min(rule) != states[i].hours * 60) {
            fail_msg("%s: %d minutes", rule->id, (int)open_min(rule));
        }
    }
}

/* No state is open when the federal hours are closed. */
static void test_rules_data_states_only_narrow(void **state)
{
    (void)state;
    for (size_t i = 0; i < set.len; i++) {
        const od__rule *rule = &set.rows[i];
        for (size_t j = 0; j < rule->windows_len; j++) {
            bool any_time = rule->windows[j].end_min == 1440;
            assert_true(any_time == (strstr(rule->id, ".holidays") != NULL &&
                                     strcmp(rule->set, "us-ne") != 0));
            assert_true(any_time || (rule->windows[j].start_min >= 480 &&
                                     rule->windows[j].end_min <= 1290));
        }
    }
}

static void test_rules_data_federal(void **state)
{
    (void)state;
    says("us.hours", "window daily 8:00-21:00");
    says("us.consent.marketing", "consent written");
    says("us.consent.other", "consent express");
    says("us.cap.survey", "cap 3 per 30d");
    says("us.cap.health.day", "cap 1 per 24h");
    says("us.cap.health.week", "cap 3 per 7d");
    says("us.debt.calls", "cap 7 per 7d each campaign");
    says("us.registry", "registry us.national 31d");
    says("us.id.start", "require identity");
    says("us.optout.key", "require offer 2s");
    says("us.optout.exempt", "require offer 2s");
    says("us.callerid", "require caller-id");
    says("us.seller", "require seller");
    says("us.ring", "require ring 15s");
    says("us.abandon", "require abandon 30");
    says("us.text.optout", "require opt-out-text");
    says("us.text.seller", "require seller-named");
    assert_int_equal(find("us.registry")->unless,
                     OD__UNLESS_WRITTEN | OD__UNLESS_RELATIONSHIP);
    assert_int_equal(find("us.cap.charity")->unless, OD__UNLESS_EXPRESS);
    assert_int_equal(find("us.id.start")->purposes, 0xfe);
    assert_int_equal(find("us.hours")->purposes, 0x7e);
    assert_true(find("us.hours")->verified);
    assert_false(find("us.debt.hours")->verified);
}

static void test_rules_data_dates(void **state)
{
    (void)state;
    assert_int_equal(find("us-pa.hours.before")->until_day,
                     od__days_of_date(2026, 10, 17));
    assert_int_equal(find("us-pa.hours.before")->from_day, OD__RULE_DAY_FIRST);
    assert_int_equal(find("us-pa.hours")->from_day,
                     od__days_of_date(2026, 10, 18));
    assert_int_equal(find("us-pa.hours")->until_day, OD__RULE_DAY_LAST);
    says("us-pa.hours", "window mon-sat 9:00-19:00");
    assert_int_equal(find("us-or.hours")->from_day,
                     od__days_of_date(2026, 1, 1));
    assert_int_equal(find("us-or.cap")->from_day, od__days_of_date(2026, 1, 1));
    assert_int_equal(find("us-or.cap")->unless, OD__UNLESS_RELATIONSHIP);
}

static void test_rules_data_beside_hours(void **state)
{
    (void)state;
    const char *const capped[] = {"us-fl.cap", "us-md.cap", "us-ok.cap",
                                  "us-or.cap"};
    for (size_t i = 0; i < OD__LEN(capped); i++) {
        says(capped[i], "cap 3 per 24h");
    }
    says("us-me.auto.cap", "cap 1 per 8h");
    says("us-az.mobile", "ban");
    assert_int_equal(find("us-az.mobile")->unless, OD__UNLESS_WRITTEN);
    assert_int_equal(find("us-az.mobile")->lines, 1u << OD_LINE_MOBILE);
    says("us-nj.mobile", "ban");
    assert_int_equal(find("us-nj.mobile")->unless, OD__UNLESS_EXPRESS);
    says("us-wa.recorded", "ban");
    assert_int_equal(find("us-wa.recorded")->unless, 0);
    assert_int_equal(find("us-ms.recorded")->unless, OD__UNLESS_RELATIONSHIP);
    says("us-ne.auto.holidays", "window mon-sat 8:00-21:00, sun,holiday "
                                "13:00-21:00; holidays us.federal");
    says("ca.hours", "window mon-fri 9:00-21:30, sat,sun 10:00-18:00");
    says("ca.registry", "registry ca.dncl 31d");
    says("gb.consent", "consent express");
    says("world.hours", "window daily 8:00-21:00");
}

static void test_rules_data_holidays(void **state)
{
    (void)state;
    assert_true(is_on("us.federal", 2026, 11, 26)); /* Thanksgiving */
    assert_true(is_on("us.federal", 2026, 7, 3));   /* July 4 is a Saturday */
    assert_true(is_on("us.federal", 2027, 5, 31));
    assert_true(is_on("us.federal", 2027, 1, 18));
    assert_false(is_on("us.federal", 2026, 11, 3));
    assert_true(is_on("us-al.legal", 2027, 4, 26)); /* 4th Monday of April */
    assert_true(is_on("us-al.legal", 2027, 2, 9));  /* Mardi Gras */
    assert_true(is_on("us-al.legal", 2026, 12, 25));
    assert_true(is_on("us-la.legal", 2026, 11, 27)); /* the day after */
    assert_true(is_on("us-la.legal", 2026, 4, 3));   /* Good Friday */
    assert_true(is_on("us-pa.legal", 2028, 11, 7));  /* election */
    assert_true(is_on("us-pa.legal", 2027, 6, 14));
    assert_true(is_on("us-ri.legal", 2027, 8, 9));
    assert_true(is_on("us-ri.legal", 2027, 5, 4));
    assert_true(is_on("us-ut.legal", 2027, 7, 23)); /* the 24th: Saturday */
    const char *const closed[] = {"us-al.holidays", "us-la.holidays",
                                  "us-pa.holidays", "us-ri.holidays",
                                  "us-ut.holidays"};
    for (size_t i = 0; i < OD__LEN(closed); i++) {
        const od__rule *rule = find(closed[i]);
        assert_int_equal(rule->windows[0].days, OD_EVERY_DAY);
        assert_int_not_equal(rule->holidays, OD_NONE);
        assert_false(rule->verified);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_rules_data_rows),
        TEST(test_rules_data_every_text_has_rules),
        TEST(test_rules_data_is_added_once),
        TEST(test_rules_data_hours_of_states),
        TEST(test_rules_data_states_only_narrow),
        TEST(test_rules_data_federal),
        TEST(test_rules_data_dates),
        TEST(test_rules_data_beside_hours),
        TEST(test_rules_data_holidays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
