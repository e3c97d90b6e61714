/*
 * test_rule_text.c - the text format of rules: every keyword, and every error
 * with its line, its field, the value and the cure.
 */
#include "support/test.h"

#include "rules/rules.h"

static od__rule_set set;
static od_errmsg errmsg;

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

static void adds(const char *name, const char *text)
{
    errmsg.text[0] = '\0';
    od_err err =
        od__rule_set_add(&set, name, text, strlen(text), true, &errmsg);
    if (err != OD_OK) {
        fail_msg("%s\n-> %s", text, errmsg.text);
    }
}

/* The text is refused as a whole: "rules t, line N, FIELD: " and then both
 * others. */
static void refuses(od_err code, const char *text, size_t len, int line,
                    const char *field, const char *value, const char *cure)
{
    char head[64];
    uint8_t before[32];
    uint8_t after[32];
    od__rule_set_hash(&set, before);
    (void)snprintf(head, sizeof head, "rules t, line %d, %s: ", line, field);
    errmsg.text[0] = '\0';
    od_err err = od__rule_set_add(&set, "t", text, len, true, &errmsg);
    if (err != code || strstr(errmsg.text, head) != errmsg.text ||
        strstr(errmsg.text, value) == NULL ||
        strstr(errmsg.text, cure) == NULL) {
        fail_msg("%s\n-> %s \"%s\"\nnot \"%s...%s...%s\"", text,
                 od_err_name(err), errmsg.text, head, value, cure);
    }
    od__rule_set_hash(&set, after);
    assert_memory_equal(before, after, 32);
}

static void fails(const char *text, int line, const char *field,
                  const char *value, const char *cure)
{
    refuses(OD_ERR_FORMAT, text, strlen(text), line, field, value, cure);
}

/* A rule that lacks an effect; lines of the test begin at line 6. */
#define HEAD                                                                   \
    "rule t.r\n"                                                               \
    "in US\n"                                                                  \
    "purpose marketing\n"                                                      \
    "cite c\n"                                                                 \
    "verified no\n"

static void rule_fails(const char *lines, int line, const char *field,
                       const char *value, const char *cure)
{
    char text[4096];
    (void)snprintf(text, sizeof text, HEAD "%s", lines);
    fails(text, line, field, value, cure);
}

static const od__rule *rule_adds(const char *lines)
{
    char text[4096];
    (void)od__rule_set_remove(&set, "t");
    (void)snprintf(text, sizeof text, HEAD "%s", lines);
    adds("t", text);
    return od__rule_find(&set, "t.r");
}

static void says(const od__rule *rule, const char *expected)
{
    char text[256];
    od__rule_text(&set, rule, text, sizeof text);
    assert_string_equal(text, expected);
}

/* A holiday set that every test may name. */
static void add_holidays(bool host)
{
    const char text[] = "holidays days.two\nday jan 1\nday dec 25\n"
                        "rule days.r\nin US\npurpose any\nban\ncite c\n"
                        "verified no\n";
    assert_int_equal(
        od__rule_set_add(&set, "days", text, strlen(text), host, NULL), OD_OK);
}

/* == what is understood ==================================================== */

static void test_rule_text_whole(void **state)
{
    (void)state;
    adds("t", "# a comment\r\n"
              "holidays t.days\r\n"
              "\tobserved sat-fri sun-mon\r\n"
              "\tday jan 1\r\n"
              "\r\n"
              "   # another\r\n"
              "rule t.hours\r\n"
              "\tin   US-FL  GB \r\n"
              "  channel text\r\n"
              "  purpose debt marketing\r\n"
              "  line business mobile\r\n"
              "  window mon-fri 8:00-20:00\r\n"
              "  window holiday 10-12\r\n"
              "  holidays t.days\r\n"
              "  from 2026-10-18\r\n"
              "  until 2028-02-29\r\n"
              "  cite \xc2\xa7 12 # not a comment\r\n"
              "  source the book\r\n"
              "  verified yes");
    const od__rule *rule = od__rule_find(&set, "t.hours");
    assert_non_null(rule);
    assert_int_equal(set.len, 1);
    assert_string_equal(rule->set, "t");
    assert_int_equal(rule->in_len, 2);
    assert_string_equal(rule->in[0], "US-FL");
    assert_string_equal(rule->in[1], "GB");
    assert_int_equal(rule->except_len, 0);
    assert_int_equal(rule->channels, 1u << OD_CHANNEL_TEXT);
    assert_int_equal(rule->purposes,
                     1u << OD_PURPOSE_DEBT | 1u << OD_PURPOSE_MARKETING);
    assert_int_equal(rule->lines,
                     1u << OD_LINE_BUSINESS | 1u << OD_LINE_MOBILE);
    assert_int_equal(rule->unless, 0);
    assert_int_equal(rule->effect, OD_RULE_WINDOW);
    assert_int_equal(rule->windows_len, 2);
    assert_int_equal(rule->windows[0].days, OD_WEEKDAYS);
    assert_int_equal(rule->windows[0].start_min, 480);
    assert_int_equal(rule->windows[0].end_min, 1200);
    assert_int_equal(rule->windows[1].days, OD__HOLIDAY_BIT);
    assert_int_equal(rule->windows[1].start_min, 600);
    assert_int_equal(rule->holidays, 0);
    assert_int_equal(rule->from_day, od__days_of_date(2026, 10, 18));
    assert_int_equal(rule->until_day, od__days_of_date(2028, 2, 29));
    assert_string_equal(rule->citation, "\xc2\xa7 12 # not a comment");
    assert_string_equal(rule->source, "the book");
    assert_true(rule->verified);
    assert_true(rule->host);
    says(rule, "window mon-fri 8:00-20:00, holiday 10:00-12:00; holidays "
               "t.days");
}

static void test_rule_text_defaults(void **state)
{
    (void)state;
    const od__rule *rule = rule_adds("ban\n");
    assert_int_equal(rule->channels,
                     1u << OD_CHANNEL_VOICE | 1u << OD_CHANNEL_TEXT);
    assert_int_equal(rule->lines, 1u << OD_LINE_MOBILE |
                                      1u << OD_LINE_LANDLINE |
                                      1u << OD_LINE_BUSINESS);
    assert_int_equal(rule->from_day, OD__RULE_DAY_FIRST);
    assert_int_equal(rule->until_day, OD__RULE_DAY_LAST);
    assert_int_equal(rule->holidays, OD_NONE);
    assert_string_equal(rule->source, "");
    assert_false(rule->verified);
}

static void test_rule_text_everywhere_except(void **state)
{
    (void)state;
    adds("t", "\xef\xbb\xbfrule t.r\nin *\nexcept US CA-ON\npurpose any\nban\n"
              "cite c\nverified yes\n");
    const od__rule *rule = od__rule_find(&set, "t.r");
    assert_int_equal(rule->in_len, 1);
    assert_string_equal(rule->in[0], "*");
    assert_int_equal(rule->except_len, 2);
    assert_string_equal(rule->except[1], "CA-ON");
    assert_int_equal(rule->purposes, 0xfe);
}

static void test_rule_text_purposes(void **state)
{
    (void)state;
    const char *const words[] = {"marketing", "informational", "survey",
                                 "charity",   "health",        "debt",
                                 "emergency"};
    for (size_t i = 0; i < OD__LEN(words); i++) {
        char text[256];
        (void)snprintf(text, sizeof text,
                       "rule t.r\nin US\npurpose %s\nban\ncite c\nverified no",
                       words[i]);
        adds("t", text);
        assert_int_equal(set.rows[0].purposes, 2u << i);
        assert_true(od__rule_set_remove(&set, "t"));
    }
    adds("t", "rule t.r\nin US\npurpose any-but-emergency\nban\ncite c\n"
              "verified no\n");
    assert_int_equal(set.rows[0].purposes, 0x7e);
}

static void test_rule_text_windows(void **state)
{
    (void)state;
    add_holidays(false);
    const od__rule *rule =
        rule_adds("window sun,Holiday 13-21\nwindow Holiday , mon 8-9\n"
                  "window daily,holiday 0:00-24:00\nholidays days.two\n");
    assert_int_equal(rule->windows[0].days, OD_SUNDAY | OD__HOLIDAY_BIT);
    assert_int_equal(rule->windows[1].days, OD_MONDAY | OD__HOLIDAY_BIT);
    assert_int_equal(rule->windows[2].days, OD_EVERY_DAY | OD__HOLIDAY_BIT);
    says(rule, "window sun,holiday 13:00-21:00, mon,holiday 8:00-9:00, "
               "daily,holiday 0:00-24:00; holidays days.two");
    says(rule_adds("window mon,tue,thu-sat 8:30-20:05\n"),
         "window mon,tue,thu-sat 8:30-20:05");
}

static void test_rule_text_effects(void **state)
{
    (void)state;
    const od__rule *rule = rule_adds("cap 3 per 24h\nunless written\n");
    assert_int_equal(rule->effect, OD_RULE_CAP);
    assert_int_equal(rule->value, 3);
    assert_int_equal(rule->amount, OD__CAP_NUMBER);
    assert_int_equal(rule->per_ms, 24 * 3600000);
    assert_int_equal(rule->unless, OD__UNLESS_WRITTEN);
    says(rule, "cap 3 per 24h");
    rule = rule_adds("cap 16 per 30d each campaign\n"
                     "unless express relationship\n");
    assert_int_equal(rule->amount, OD__CAP_CAMPAIGN);
    assert_int_equal(rule->per_ms, (int64_t)30 * 24 * 3600000);
    assert_int_equal(rule->unless,
                     OD__UNLESS_EXPRESS | OD__UNLESS_RELATIONSHIP);
    says(rule, "cap 16 per 30d each campaign");
    rule = rule_adds("consent express\n");
    assert_int_equal(rule->effect, OD_RULE_CONSENT);
    assert_int_equal(rule->value, 1);
    says(rule, "consent express");
    assert_int_equal(rule_adds("consent written\n")->value, 2);
    says(rule_adds("consent written\n"), "consent written");
    rule = rule_adds("ban");
    assert_int_equal(rule->effect, OD_RULE_BAN);
    says(rule, "ban");
    rule = rule_adds("registry us.national 31d\n");
    assert_int_equal(rule->effect, OD_RULE_REGISTRY);
    assert_string_equal(rule->list, "us.national");
    assert_int_equal(rule->value, 31);
    says(rule, "registry us.national 31d");
}

static void requires(const char *line, int32_t what, int32_t amount)
{
    char text[64];
    (void)snprintf(text, sizeof text, "require %s\n", line);
    const od__rule *rule = rule_adds(text);
    assert_int_equal(rule->effect, OD_RULE_REQUIRE);
    assert_int_equal(rule->value, what);
    assert_int_equal(rule->amount, amount);
    text[strlen(text) - 1] = '\0';
    says(rule, text);
}

static void test_rule_text_requires(void **state)
{
    (void)state;
    requires("identity", OD__REQUIRE_IDENTITY, 0);
    requires("offer 2s", OD__REQUIRE_OFFER, 2000);
    requires("caller-id", OD__REQUIRE_CALLER_ID, 0);
    requires("seller", OD__REQUIRE_SELLER, 0);
    requires("ring 15s", OD__REQUIRE_RING, 15000);
    requires("abandon 30", OD__REQUIRE_ABANDON, 30);
    requires("opt-out-text", OD__REQUIRE_OPT_OUT_TEXT, 0);
    requires("seller-named", OD__REQUIRE_SELLER_NAMED, 0);
}

static void check_day(const od__holiday *row, int32_t form, int32_t month,
                      int32_t day, int32_t weekday, int32_t nth, int32_t offset)
{
    const od__holiday expected = {form, month,  day,          weekday,
                                  nth,  offset, row->observed};
    assert_memory_equal(row, &expected, sizeof expected);
}

static void test_rule_text_days(void **state)
{
    (void)state;
    adds("t", "holidays t.a\nday jan 1\nday mon 3 Jan\nday Fri last may\n"
              "day easter -2\nday easter\nday election\nday thu 4 nov +1\n"
              "day feb 29 -70\nday sun 5 dec\n");
    const od__holidays *days = &set.holidays[0];
    assert_string_equal(days->name, "t.a");
    assert_int_equal(days->len, 9);
    check_day(&days->rows[0], OD__HOLIDAY_FIXED, 1, 1, 0, 0, 0);
    check_day(&days->rows[1], OD__HOLIDAY_NTH, 1, 0, 0, 3, 0);
    check_day(&days->rows[2], OD__HOLIDAY_LAST, 5, 0, 4, 0, 0);
    check_day(&days->rows[3], OD__HOLIDAY_EASTER, 0, 0, 0, 0, -2);
    check_day(&days->rows[4], OD__HOLIDAY_EASTER, 0, 0, 0, 0, 0);
    check_day(&days->rows[5], OD__HOLIDAY_ELECTION, 0, 0, 0, 0, 0);
    check_day(&days->rows[6], OD__HOLIDAY_NTH, 11, 0, 3, 4, 1);
    check_day(&days->rows[7], OD__HOLIDAY_FIXED, 2, 29, 0, 0, -70);
    check_day(&days->rows[8], OD__HOLIDAY_NTH, 12, 0, 6, 5, 0);
    assert_int_equal(days->rows[0].observed, OD__OBSERVED_NONE);
}

static void test_rule_text_include(void **state)
{
    (void)state;
    adds("t", "holidays t.a\nobserved sun-mon\nday jan 1\nday jul 4\n"
              "holidays t.b\nday dec 25\ninclude t.a\n"
              "holidays t.c\ninclude t.b\nobserved sun-mon sat-fri\n");
    const od__holidays *b = &set.holidays[1];
    assert_int_equal(b->len, 3);
    assert_int_equal(b->rows[0].observed, OD__OBSERVED_NONE);
    assert_int_equal(b->rows[1].observed, OD__OBSERVED_SUNDAY);
    assert_int_equal(b->rows[2].month, 7);
    const od__holidays *c = &set.holidays[2];
    assert_int_equal(c->len, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(c->rows[i].observed, OD__OBSERVED_WEEKEND);
    }
}

/* == errors ================================================================ */

static void test_rule_text_errors_of_texts(void **state)
{
    (void)state;
    fails("", 1, "text", "no rule", "rule acme.hours");
    fails("# nothing\n\n", 1, "text", "no rule", "rule acme.hours");
    fails("rule t.r\nwhat is this\n", 2, "text", "\"what\"", "rules.md");
    fails("rule t.r\nin \xff\n", 2, "text", "not UTF-8", "save");
    fails("rule t.r\n\001\n", 2, "text", "control", "remove");
    fails("rule t.r\nin\rUS\n", 2, "text", "control", "remove");
    refuses(OD_ERR_FORMAT, "rule t.r\n\nin U\0S\n", 16, 3, "text", "NUL",
            "remove");
    char text[1024] = "# ";
    memset(text + 2, 'x', 509);
    (void)snprintf(text + 511, sizeof text - 511, "\nban\n");
    fails(text, 2, "ban", "not in a rule", "rule ID");
    memset(text + 2, 'x', 510);
    (void)snprintf(text + 512, sizeof text - 512, "\nban\n");
    fails(text, 1, "text", "too long", "511");
}

static void test_rule_text_errors_of_size(void **state)
{
    (void)state;
    const char rule[] = HEAD "ban\n";
    size_t size = OD__RULE_TEXT_MAX + 1;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, '\n', size);
    memcpy(text, rule, sizeof rule - 1);
    refuses(OD_ERR_FORMAT, text, size, 1, "text", "too long", "256 KiB");
    assert_int_equal(od__rule_set_add(&set, "t", text, size - 1, true, NULL),
                     OD_OK);
    free(text);
}

static void test_rule_text_errors_of_heads(void **state)
{
    (void)state;
    fails("rule\n", 1, "rule", "without an id", "1 to 31");
    fails("rule a b\n", 1, "rule", "\"a b\"", "1 to 31");
    fails("rule A\n", 1, "rule", "\"A\"", "a-z");
    fails("\nholidays a_b\n", 2, "holidays", "\"a_b\"", "a-z");
    fails("rule aaaaaaaaaabbbbbbbbbbccccccccccdd\n", 1, "rule", "aaaab",
          "1 to 31");
    fails("in US\n", 1, "in", "not in a rule", "rule ID");
    fails("holidays t.a\nin US\n", 2, "in", "not in a rule", "rule ID");
    fails("day jan 1\n", 1, "day", "not in a holiday set", "holidays ID");
    fails(HEAD "day jan 1\n", 6, "day", "not in a holiday set", "holidays ID");
    fails("holidays t.a\n\nholidays t.b\nday jan 1\n", 1, "holidays",
          "\"t.a\" has no day", "dec 25");
    fails("holidays t.a\n", 1, "holidays", "\"t.a\" has no day", "above");
}

static void test_rule_text_errors_of_taken_ids(void **state)
{
    (void)state;
    add_holidays(false);
    const char again[] = HEAD "ban\nrule t.r\n";
    refuses(OD_ERR_EXISTS, again, strlen(again), 7, "rule", "\"t.r\"",
            "another id");
    const char other[] = "\nrule days.r\n";
    refuses(OD_ERR_EXISTS, other, strlen(other), 2, "rule", "\"days.r\"",
            "another id");
    const char days[] = "holidays days.two\n";
    refuses(OD_ERR_EXISTS, days, strlen(days), 1, "holidays", "\"days.two\"",
            "another id");
    const char twice[] = "holidays t.a\nday jan 1\nholidays t.a\n";
    refuses(OD_ERR_EXISTS, twice, strlen(twice), 3, "holidays", "\"t.a\"",
            "another id");
    assert_int_equal(
        od__rule_set_add(&set, "days", again, strlen(again), true, &errmsg),
        OD_ERR_EXISTS);
    assert_string_equal(errmsg.text,
                        "rules days: the name is taken: choose another");
}

static void test_rule_text_errors_of_what_lacks(void **state)
{
    (void)state;
    fails("\nrule t.r\npurpose any\nban\ncite c\nverified no\n", 2, "in",
          "\"t.r\"", "in US-FL");
    fails("rule t.r\nin US\nban\ncite c\nverified no\n", 1, "purpose",
          "\"t.r\"", "purpose marketing");
    rule_fails("", 1, "effect", "\"t.r\"", "window, cap");
    fails("rule t.r\nin US\npurpose any\nban\nverified no\n", 1, "cite",
          "\"t.r\"", "written");
    fails("rule t.r\nin US\npurpose any\nban\ncite c\n"
          "rule t.s\nin US\npurpose any\n",
          1, "verified", "\"t.r\"", "verified yes");
}

static void test_rule_text_errors_of_repeats(void **state)
{
    (void)state;
    const char *const once[] = {
        "in US",          "purpose any",  "channel text",    "line mobile",
        "unless express", "cap 1 per 1h", "from 2026-01-01", "until 2026-01-01",
        "cite c",         "source s",     "verified no"};
    for (size_t i = 0; i < OD__LEN(once); i++) {
        char text[256];
        char field[16];
        (void)snprintf(text, sizeof text, "rule t.r\n%s\n%s\n", once[i],
                       once[i]);
        (void)snprintf(field, sizeof field, "%.*s", (int)strcspn(once[i], " "),
                       once[i]);
        fails(text, 3, field, "twice", "one line");
    }
    rule_fails("ban\nban\n", 7, "ban", "twice", "one line");
    rule_fails("consent written\nconsent express\n", 7, "consent", "twice",
               "one line");
    rule_fails("registry a 1d\nregistry b 1d\n", 7, "registry", "twice",
               "one line");
    rule_fails("require seller\nrequire identity\n", 7, "require", "twice",
               "one line");
    rule_fails("window daily 8-9\nban\n", 7, "ban", "second effect", "own");
    rule_fails("ban\nwindow daily 8-9\n", 7, "window", "second effect", "own");
    fails("rule t.r\nin *\nexcept US\nexcept CA\n", 4, "except", "twice",
          "one line");
    fails("holidays t.a\nobserved sun-mon\nobserved sun-mon\n", 3, "observed",
          "twice", "one line");
}

static void test_rule_text_errors_of_places(void **state)
{
    (void)state;
    fails("rule t.r\nin\n", 2, "in", "without a value", "US-FL");
    fails("rule t.r\nin US FL\n", 2, "in", "\"FL\"", "US-FL");
    fails("rule t.r\nin us\n", 2, "in", "\"us\"", "US-FL");
    fails("rule t.r\nin US-XX\n", 2, "in", "\"US-XX\"", "US-FL");
    fails("rule t.r\nin XX\n", 2, "in", "\"XX\"", "GB");
    fails("rule t.r\nin US * GB\n", 2, "in", "\"*\"", "GB");
    fails("rule t.r\nin US GB US\n", 2, "in", "\"US\" is named twice", "once");
    fails("rule t.r\nexcept *\n", 2, "except", "\"*\"", "GB");
    rule_fails("ban\nexcept CA\n", 7, "except", "in *", "leave it out");
    char text[1024] = "rule t.r\nin";
    const char *const countries =
        " US CA GB DE FR IT ES PT NL BE LU CH AT DK SE NO FI IE PL CZ SK HU SI"
        " HR RO BG GR CY MT EE LV LT IS AU NZ JP KR CN IN PK BD TH VN MY SG ID"
        " PH ZA EG MA TN DZ NG KE GH BR AR CL CO PE EC BO UY PY VE\n";
    strcat(text, countries);
    fails(text, 2, "in", "\"VE\" is one too many", "64");
}

static void test_rule_text_errors_of_kinds(void **state)
{
    (void)state;
    fails("rule t.r\nchannel voice fax\n", 2, "channel", "\"fax\"", "text");
    fails("rule t.r\nchannel\n", 2, "channel", "without", "text");
    fails("rule t.r\npurpose selling\n", 2, "purpose", "\"selling\"",
          "marketing");
    fails("rule t.r\npurpose unstated\n", 2, "purpose", "\"unstated\"", "any");
    fails("rule t.r\npurpose any debt\n", 2, "purpose", "\"any\"", "any");
    fails("rule t.r\npurpose\n", 2, "purpose", "without", "survey");
    fails("rule t.r\npurpose debt debt\n", 2, "purpose", "twice", "once");
    fails("rule t.r\nline unknown\n", 2, "line", "\"unknown\"", "landline");
    fails("rule t.r\nline\n", 2, "line", "without", "landline");
    fails("rule t.r\nunless asked\n", 2, "unless", "\"asked\"", "written");
    fails("rule t.r\nunless\n", 2, "unless", "without", "relationship");
    rule_fails("window daily 8-9\nunless written\n", 7, "unless", "window",
               "leave it out");
}

static void test_rule_text_errors_of_windows(void **state)
{
    (void)state;
    add_holidays(false);
    rule_fails("window mon-fri 25:00\n", 6, "window",
               "\"mon-fri 25:00\" is not a window: ", "mon-fri 8:00-20:00");
    const char *const bad[] = {"",
                               "8-20",
                               "mon 20-8",
                               "holiday",
                               "holiday 8",
                               ",holiday 8-20",
                               "mon,,holiday 8-20",
                               "holiday,holiday 8-20",
                               "mon-holiday 8-20",
                               "holidays 8-20",
                               "holiday8-20x"};
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        char line[64];
        (void)snprintf(line, sizeof line, "window %s\n", bad[i]);
        rule_fails(line, 6, "window", bad[i], "mon-fri 8:00-20:00");
    }
    rule_fails("window mon 1-2\nwindow mon 1-2\nwindow mon 1-2\n"
               "window mon 1-2\nwindow mon 1-2\nwindow mon 1-2\n"
               "window mon 1-2\nwindow mon 1-2\nwindow tue 1-2\n",
               14, "window", "\"tue 1-2\"", "8");
    rule_fails("window mon,holiday 8-20\n", 6, "window", "holiday",
               "holidays us.federal");
    rule_fails("ban\nholidays days.two\n", 7, "holidays", "window alone",
               "leave it out");
}

static void test_rule_text_errors_of_holidays(void **state)
{
    (void)state;
    add_holidays(true);
    /* In the midst of a rule it is a line of it, */
    fails("rule t.r\nin US\nwindow daily 8-9\nholidays t.none\n", 4, "holidays",
          "\"t.none\"", "above");
    fails("rule t.r\nin US\nwindow daily 8-9\nholidays\n", 4, "holidays",
          "holiday set", "above");
    /* behind a whole one the beginning of a set. */
    rule_fails("window daily 8-9\nholidays t.none\n", 7, "holidays",
               "\"t.none\" has no day", "above");
    fails("holidays t.a\ninclude t.a\n", 2, "include", "\"t.a\"", "above");
    fails("holidays t.a\ninclude days.two\n", 2, "include",
          "another text of the host", "this text");
    rule_fails("window daily 8-9\nholidays days.two\n", 7, "holidays",
               "another text of the host", "this text");
    fails("holidays t.a\nobserved sat-fri\n", 2, "observed", "\"sat-fri\"",
          "sun-mon");
    fails("holidays t.a\nobserved sun-mon sun-mon\n", 2, "observed", "sun-mon",
          "sat-fri");
    fails("holidays t.a\nobserved yes\n", 2, "observed", "\"yes\"", "sun-mon");
}

static void test_rule_text_errors_of_days(void **state)
{
    (void)state;
    const char *const bad[] = {"",
                               "jan",
                               "jan 0",
                               "jan 32",
                               "feb 30",
                               "jun 31",
                               "1 jan",
                               "jan 1 1",
                               "jan +1",
                               "mon",
                               "mon 3",
                               "mon 0 jan",
                               "mon 6 jan",
                               "mon third jan",
                               "mon last",
                               "mon last mai",
                               "easter 2",
                               "easter +71",
                               "easter -",
                               "easter +1 +1",
                               "election day",
                               "christmas",
                               "jan 1 +1x"};
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "holidays t.a\n  day %s\n", bad[i]);
        fails(text, 2, "day", bad[i], "mon 3 jan");
    }
    char text[1024] = "holidays t.a\n";
    for (int i = 0; i <= OD__HOLIDAYS_MAX; i++) {
        strcat(text, "day jan 1\n");
    }
    fails(text, 2 + OD__HOLIDAYS_MAX, "day", "too many", "32");
}

static void test_rule_text_errors_of_effects(void **state)
{
    (void)state;
    const char *const bad[][3] = {
        {"cap", "", "3 per 24h"},
        {"cap", "3", "3 per 24h"},
        {"cap", "0 per 24h", "1 to 16"},
        {"cap", "17 per 24h", "1 to 16"},
        {"cap", "3 in 24h", "3 per 24h"},
        {"cap", "3 per 24", "1h to 366d"},
        {"cap", "3 per 0h", "1h to 366d"},
        {"cap", "3 per 367d", "1h to 366d"},
        {"cap", "3 per 24m", "1h to 366d"},
        {"cap", "3 per 24h each", "each campaign"},
        {"cap", "3 per 24h each campaign now", "each campaign"},
        {"cap", "3 per 24h in all", "each campaign"},
        {"consent", "", "written"},
        {"consent", "oral", "express"},
        {"consent", "express written", "express"},
        {"ban", "all", "alone"},
        {"registry", "", "us.national 31d"},
        {"registry", "us.national", "31d"},
        {"registry", "US 31d", "31d"},
        {"registry", "us.national 0d", "1d to 366d"},
        {"registry", "us.national 31", "31d"},
        {"registry", "us.national 31d 1", "31d"},
        {"require", "", "identity"},
        {"require", "name", "seller"},
        {"require", "identity now", "identity"},
        {"require", "offer", "offer 2s"},
        {"require", "offer 0s", "offer 2s"},
        {"require", "offer 61s", "offer 2s"},
        {"require", "offer 2", "offer 2s"},
        {"require", "ring 121s", "ring 15s"},
        {"require", "abandon 1001", "abandon 30"},
        {"require", "abandon 3%", "abandon 30"},
        {"require", "abandon 99999999999", "abandon 30"}};
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        char line[128];
        (void)snprintf(line, sizeof line, "%s %s\n", bad[i][0], bad[i][1]);
        rule_fails(line, 6, bad[i][0], bad[i][1], bad[i][2]);
    }
}

static void test_rule_text_errors_of_dates(void **state)
{
    (void)state;
    const char *const bad[] = {
        "",           "2026",         "2026-1-1",   "2026-13-01",
        "2026-02-29", "2026-04-31",   "2026-01-00", "0000-01-01",
        "2026/01/01", "2026-01-01 x", "x026-01-01"};
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        char line[64];
        (void)snprintf(line, sizeof line, "from %s\n", bad[i]);
        rule_fails(line, 6, "from", bad[i], "2026-10-18");
        (void)snprintf(line, sizeof line, "until %s\n", bad[i]);
        rule_fails(line, 6, "until", bad[i], "2026-10-18");
    }
    rule_fails("ban\nuntil 2026-10-17\nfrom 2026-10-18\n", 7, "until",
               "before from", "later");
}

static void test_rule_text_errors_of_words(void **state)
{
    (void)state;
    char text[512] = "rule t.r\ncite ";
    fails(text, 2, "cite", "without", "1 to 159");
    memset(text + 14, 'c', 160);
    fails(text, 2, "cite", "too long", "1 to 159");
    char source[512] = "rule t.r\nsource ";
    memset(source + 16, 's', 80);
    fails(source, 2, "source", "too long", "1 to 79");
    rule_fails("source\n", 6, "source", "without", "1 to 79");
    fails("rule t.r\nverified maybe\n", 2, "verified", "\"maybe\"", "yes");
    fails("rule t.r\nverified\n", 2, "verified", "without", "yes");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_rule_text_whole),
        TEST(test_rule_text_defaults),
        TEST(test_rule_text_everywhere_except),
        TEST(test_rule_text_purposes),
        TEST(test_rule_text_windows),
        TEST(test_rule_text_effects),
        TEST(test_rule_text_requires),
        TEST(test_rule_text_days),
        TEST(test_rule_text_include),
        TEST(test_rule_text_errors_of_texts),
        TEST(test_rule_text_errors_of_size),
        TEST(test_rule_text_errors_of_heads),
        TEST(test_rule_text_errors_of_taken_ids),
        TEST(test_rule_text_errors_of_what_lacks),
        TEST(test_rule_text_errors_of_repeats),
        TEST(test_rule_text_errors_of_places),
        TEST(test_rule_text_errors_of_kinds),
        TEST(test_rule_text_errors_of_windows),
        TEST(test_rule_text_errors_of_holidays),
        TEST(test_rule_text_errors_of_days),
        TEST(test_rule_text_errors_of_effects),
        TEST(test_rule_text_errors_of_dates),
        TEST(test_rule_text_errors_of_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
