/*
 * test_rules_torn.c - 20,000 rule texts that were damaged: understood or
 * refused with a line, never more.
 *
 * Seeded mutations of the built-in texts. What is refused leaves the set as it
 * was; what is accepted keeps the promises that decisions rely on.
 */
#include "support/torn.h"

#include "rules/rules.h"

#define TEXTS 20000

static const char *const strewn[] = {
    "rule ",
    "holidays ",
    "in ",
    "except ",
    "channel ",
    "purpose ",
    "line ",
    "unless ",
    "window ",
    "cap ",
    "consent ",
    "ban\n",
    "registry ",
    "require ",
    "from ",
    "until ",
    "cite ",
    "source ",
    "verified ",
    "include ",
    "observed ",
    "day ",
    "*",
    "US ",
    "any ",
    "us.federal\n",
    "holiday ",
    "holiday,",
    "mon-fri ",
    "8:00-20:00 ",
    "24:00",
    "99999999999999999999 ",
    "-1 ",
    "#",
    "\n",
    "\r\n",
    "2026-02-30",
    "ban\nban\n",
    "last ",
    "easter -70\n",
    "rule a.b\nin US\npurpose any\nban\ncite c\nverified no\n",
    "holidays a.c\nday jan 1\n",
    "\xff\xfe",
    "\xc3",
    "\xe2\x82\xac"};

static const od_torn_words words = {strewn, OD__LEN(strewn)};

static void check_window(const od_window *window)
{
    assert_int_not_equal(window->days, 0);
    assert_int_equal(window->days & ~(OD_EVERY_DAY | OD__HOLIDAY_BIT), 0);
    assert_in_range(window->start_min, 0, 1439);
    assert_in_range(window->end_min, window->start_min + 1, 1440);
}

/* What decisions take for granted. */
static void check_rule(const od__rule_set *set, const od__rule *rule)
{
    char said[OD__RULE_SAID_SIZE];
    assert_true(od__rule_id_is_valid(rule->id));
    assert_in_range(rule->in_len, 1, OD__RULE_PLACES_MAX);
    assert_in_range(rule->except_len, 0, OD__RULE_PLACES_MAX);
    assert_int_not_equal(rule->channels, 0);
    assert_int_not_equal(rule->purposes, 0);
    assert_int_not_equal(rule->lines, 0);
    assert_in_range(rule->effect, OD_RULE_WINDOW, OD_RULE_REQUIRE);
    assert_int_equal(rule->windows_len > 0, rule->effect == OD_RULE_WINDOW);
    assert_in_range(rule->windows_len, 0, OD__RULE_WINDOWS_MAX);
    for (size_t i = 0; i < rule->windows_len; i++) {
        check_window(&rule->windows[i]);
    }
    assert_true(
        rule->holidays == OD_NONE ||
        (rule->holidays >= 0 && (size_t)rule->holidays < set->holidays_len));
    assert_true(rule->from_day <= rule->until_day);
    assert_in_range(strlen(rule->citation), 1, 159);
    if (rule->effect == OD_RULE_CAP) {
        assert_in_range(rule->value, 1, OD__RECENT_MAX);
        assert_true(rule->per_ms >= 3600000);
    }
    od__rule_text(set, rule, said, sizeof said);
    assert_string_not_equal(said, "?");
    assert_true(strlen(said) < sizeof said - 1);
}

static void check_set(const od__rule_set *set, size_t len, size_t days_len)
{
    for (size_t i = len; i < set->len; i++) {
        check_rule(set, &set->rows[i]);
    }
    for (size_t i = days_len; i < set->holidays_len; i++) {
        assert_true(od__rule_id_is_valid(set->holidays[i].name));
        assert_in_range(set->holidays[i].len, 1, OD__HOLIDAYS_MAX);
    }
}

static void test_rules_torn(void **state)
{
    (void)state;
    od__rule_set set;
    uint8_t before[32];
    uint8_t after[32];
    int accepted = 0;
    od__rule_set_init(&set, NULL);
    /* What texts of states name. */
    static const char federal[] = "holidays us.federal\nday jan 1\n";
    assert_int_equal(
        od__rule_set_add(&set, "base", federal, strlen(federal), false, NULL),
        OD_OK);
    od__rule_set_hash(&set, before);
    od_torn *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->rand.state = od_test_seed(5);
    for (int i = 0; i < TEXTS; i++) {
        const od__rule_source *source =
            &od__rule_sources[od__rand_below(&t->rand, od__rule_sources_len)];
        od_errmsg errmsg = {""};
        torn_make(t, source->text, source->text_len, &words);
        char *exact = torn_exact(t);
        size_t len = set.len;
        size_t days_len = set.holidays_len;
        od_err err =
            od__rule_set_add(&set, "torn", exact, t->len, true, &errmsg);
        free(exact);
        if (err == OD_OK) {
            accepted++;
            check_set(&set, len, days_len);
            assert_true(od__rule_set_remove(&set, "torn"));
        } else {
            assert_true(err == OD_ERR_FORMAT || err == OD_ERR_EXISTS);
            assert_memory_equal(errmsg.text, "rules torn, line ", 17);
            assert_non_null(strstr(errmsg.text + 17, ": "));
        }
        od__rule_set_hash(&set, after);
        assert_memory_equal(before, after, 32);
    }
    print_message("%d of %d were understood\n", accepted, TEXTS);
    assert_in_range(accepted, TEXTS / 100, TEXTS / 2);
    free(t);
    od__rule_set_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_torn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
