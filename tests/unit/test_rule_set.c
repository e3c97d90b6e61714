/*
 * test_rule_set.c - sets of rules: added whole or not at all, removed, found,
 * hashed.
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

static od_err add(const char *name, const char *text)
{
    return od__rule_set_add(&set, name, text, strlen(text), true, &errmsg);
}

#define BAN "\nin US\npurpose any\nban\ncite c\nverified no\n"
#define CLOSED "\nin US\npurpose any\nwindow daily 0-24\ncite c\nverified no\n"

static void test_rule_set_empty(void **state)
{
    (void)state;
    uint8_t hash[32];
    uint8_t zero[32] = {0};
    assert_null(od__rule_find(&set, "a"));
    assert_false(od__rule_set_remove(&set, "a"));
    od__rule_set_hash(&set, hash);
    assert_memory_equal(hash, zero, 32);
    od__rule_set_free(NULL);
}

static void test_rule_set_is_all_or_nothing(void **state)
{
    (void)state;
    assert_int_equal(add("a", "rule a.1" BAN "rule a.2" BAN), OD_OK);
    assert_int_equal(add("b", "holidays b.d\nday jan 1\nrule b.1" BAN
                              "rule b.2" BAN "rule b.3\nin US\n"),
                     OD_ERR_FORMAT);
    assert_int_equal(set.len, 2);
    assert_int_equal(set.holidays_len, 0);
    assert_null(od__rule_find(&set, "b.1"));
    assert_int_equal(add("b", "rule b.1" BAN "rule a.2" BAN), OD_ERR_EXISTS);
    assert_null(od__rule_find(&set, "b.1"));
    /* The name is free still. */
    assert_int_equal(add("b", "rule b.1" BAN), OD_OK);
    assert_string_equal(od__rule_find(&set, "b.1")->set, "b");
    assert_string_equal(od__rule_find(&set, "a.2")->set, "a");
}

static void test_rule_set_names_are_unique(void **state)
{
    (void)state;
    assert_int_equal(add("a", "rule a.1" BAN), OD_OK);
    assert_int_equal(add("a", "rule a.2" BAN), OD_ERR_EXISTS);
    assert_int_equal(add("d", "holidays d.d\nday jan 1\n"), OD_OK);
    assert_int_equal(add("d", "rule d.1" BAN), OD_ERR_EXISTS);
    assert_true(od__rule_set_remove(&set, "d"));
    assert_int_equal(set.holidays_len, 0);
    assert_int_equal(add("d", "rule d.1" BAN), OD_OK);
}

static void test_rule_set_removes(void **state)
{
    (void)state;
    assert_int_equal(
        add("a", "holidays a.d\nday jan 1\nrule a.1" CLOSED "holidays a.d\n"),
        OD_OK);
    assert_int_equal(add("b", "rule b.1" BAN "holidays b.d\nday feb 1\n"
                              "holidays b.e\nday mar 1\nrule b.2" CLOSED
                              "holidays b.e\nrule b.3" CLOSED "holidays b.d\n"),
                     OD_OK);
    assert_int_equal(add("c", "rule c.1" BAN), OD_OK);
    assert_int_equal(od__rule_find(&set, "b.2")->holidays, 2);
    assert_true(od__rule_set_remove(&set, "a"));
    assert_false(od__rule_set_remove(&set, "a"));
    assert_null(od__rule_find(&set, "a.1"));
    assert_int_equal(set.len, 4);
    assert_int_equal(set.holidays_len, 2);
    int32_t at = od__rule_find(&set, "b.2")->holidays;
    assert_string_equal(set.holidays[at].name, "b.e");
    assert_string_equal(set.owners[at].set, "b");
    at = od__rule_find(&set, "b.3")->holidays;
    assert_string_equal(set.holidays[at].name, "b.d");
    assert_int_equal(od__rule_find(&set, "b.1")->holidays, OD_NONE);
    assert_true(od__rule_set_remove(&set, "c"));
    assert_true(od__rule_set_remove(&set, "b"));
    assert_int_equal(set.len + set.holidays_len, 0);
}

static void test_rule_set_limits(void **state)
{
    (void)state;
    size_t size = 100000;
    char *text = malloc(size);
    assert_non_null(text);
    size_t len = 0;
    for (int i = 0; i < OD__RULES_MAX; i++) {
        len += (size_t)snprintf(text + len, size - len, "rule a.%d" BAN, i);
    }
    assert_int_equal(add("a", text), OD_OK);
    assert_int_equal(set.len, OD__RULES_MAX);
    assert_non_null(od__rule_find(&set, "a.1023"));
    assert_int_equal(add("b", "\nrule b.1" BAN), OD_ERR_LIMIT);
    assert_string_equal(errmsg.text, "rules b, line 2, rule: too many: at most "
                                     "1024 rules and 256 holiday sets in all");
    assert_int_equal(set.len, OD__RULES_MAX);
    len = 0;
    for (int i = 0; i <= OD__RULE_HOLIDAYS_MAX; i++) {
        len += (size_t)snprintf(text + len, size - len,
                                "holidays d.%d\nday jan 1\n", i);
    }
    assert_int_equal(add("d", text), OD_ERR_LIMIT);
    assert_int_equal(set.holidays_len, 0);
    free(text);
}

/* -- memory that ends ------------------------------------------------------ */

static int allocations;
static int allocations_max;
static int blocks;

static void *take(void *ctx, size_t bytes)
{
    (void)ctx;
    if (allocations++ >= allocations_max) {
        return NULL;
    }
    blocks++;
    return malloc(bytes);
}

static void give(void *ctx, void *block)
{
    (void)ctx;
    blocks -= block != NULL ? 1 : 0;
    free(block);
}

static void test_rule_set_out_of_memory(void **state)
{
    (void)state;
    const od_allocator allocator = {take, give, NULL};
    const char text[] = "holidays a.d\nday jan 1\nrule a.1" BAN;
    blocks = 0;
    for (allocations_max = 0;; allocations_max++) {
        allocations = 0;
        od__rule_set_init(&set, &allocator);
        od_err err = add("a", text);
        if (err == OD_OK) {
            break;
        }
        assert_int_equal(err, OD_ERR_MEMORY);
        assert_string_equal(errmsg.text, "rules a: out of memory");
        assert_int_equal(set.len + set.holidays_len, 0);
        od__rule_set_free(&set);
        assert_int_equal(blocks, 0);
    }
    assert_int_equal(allocations_max, 3);
    od__rule_set_free(&set);
    assert_int_equal(blocks, 0);
}

/* -- the hash -------------------------------------------------------------- */

static void hash_of(const char *name, const char *text, uint8_t out[32])
{
    assert_int_equal(add(name, text), OD_OK);
    od__rule_set_hash(&set, out);
    assert_true(od__rule_set_remove(&set, name));
}

static void test_rule_set_hash_is_stable(void **state)
{
    (void)state;
    /* Made by another program from what rule_set.c says of a record. */
    const char *const expected =
        "065decb716ca14373ca7738333f85792378be6e3b38c24d4db1ed700fbe22420";
    uint8_t hash[32];
    uint8_t again[32];
    char hex[65];
    hash_of("a", "rule a.1" BAN "holidays a.d\nday jan 1\n", hash);
    hash_of("a",
            "# said otherwise\n  rule a.1\n\tverified no\n cite   c\n ban\n"
            "channel text voice\npurpose any\nin US\n"
            "holidays a.d\nday  Jan 1\n",
            again);
    assert_memory_equal(hash, again, 32);
    for (int i = 0; i < 32; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    }
    assert_string_equal(hex, expected);
}

static void test_rule_set_hash_sees_every_field(void **state)
{
    (void)state;
#define WINDOW                                                                 \
    "holidays a.d\nday mon 3 jan\nholidays a.e\nday jan 1\n"                   \
    "rule a.1\nin US\nchannel voice\npurpose debt\nline mobile\n"              \
    "window mon 8:00-9:00\ncite c\nverified no\n"
#define CAP "rule a.1\nin US\npurpose any\ncap 3 per 1h\ncite c\nverified no\n"
    static const char *const texts[] = {
        WINDOW,
        "rule a.2\nin US\nchannel voice\npurpose debt\nline mobile\n"
        "window mon 8:00-9:00\ncite c\nverified no\n",
        WINDOW "source s\n",
        WINDOW "from 2026-01-01\n",
        WINDOW "until 2026-01-01\n",
        WINDOW "holidays a.d\n",
        WINDOW "holidays a.e\n",
        WINDOW "window tue 8:00-9:00\n",
        WINDOW "window wed 8:00-9:00\n",
        WINDOW "window tue 8:01-9:00\n",
        WINDOW "window tue 8:00-9:01\n",
        CAP,
        "rule a.1\nin US-FL\npurpose any\ncap 3 per 1h\ncite c\nverified no\n",
        "rule a.1\nin US GB\npurpose any\ncap 3 per 1h\ncite c\nverified no\n",
        "rule a.1\nin *\npurpose any\ncap 3 per 1h\ncite c\nverified no\n",
        "rule a.1\nin *\nexcept CA\npurpose any\ncap 3 per 1h\ncite c\n"
        "verified no\n",
        "rule a.1\nin US\npurpose debt\ncap 3 per 1h\ncite c\nverified no\n",
        "rule a.1\nin US\npurpose any\ncap 3 per 1h\ncite d\nverified no\n",
        "rule a.1\nin US\npurpose any\ncap 3 per 1h\ncite c\nverified yes\n",
        "rule a.1\nin US\npurpose any\ncap 4 per 1h\ncite c\nverified no\n",
        "rule a.1\nin US\npurpose any\ncap 3 per 2h\ncite c\nverified no\n",
        "rule a.1\nin US\npurpose any\ncap 3 per 1h each campaign\ncite c\n"
        "verified no\n",
        CAP "channel text\n",
        CAP "line landline\n",
        CAP "unless express\n",
        CAP "unless written\n",
        "rule a.1" BAN,
        "rule a.1" BAN "rule a.2" BAN,
        "rule a.2" BAN "rule a.1" BAN,
        "rule a.1\nin US\npurpose any\nregistry r 1d\ncite c\nverified no\n",
        "rule a.1\nin US\npurpose any\nregistry q 1d\ncite c\nverified no\n",
        "rule a.1\nin US\npurpose any\nrequire seller\ncite c\nverified no\n",
        "holidays a.1\nday jan 1\n",
        "holidays a.2\nday jan 1\n",
        "holidays a.1\nday jan 2\n",
        "holidays a.1\nday feb 1\n",
        "holidays a.1\nday jan 1 +1\n",
        "holidays a.1\nday jan 1\nobserved sun-mon\n",
        "holidays a.1\nday mon 1 jan\n",
        "holidays a.1\nday tue 1 jan\n",
        "holidays a.1\nday mon 2 jan\n",
        "holidays a.1\nday mon last jan\n",
        "holidays a.1\nday jan 1\nday jan 1\n",
    };
    uint8_t hashes[OD__LEN(texts) + 2][32];
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        hash_of("a", texts[i], hashes[i]);
    }
    hash_of("b", CAP, hashes[OD__LEN(texts)]);
    assert_int_equal(od__rule_set_add(&set, "a", CAP, strlen(CAP), false, NULL),
                     OD_OK);
    od__rule_set_hash(&set, hashes[OD__LEN(texts) + 1]);
    for (size_t i = 0; i < OD__LEN(hashes); i++) {
        for (size_t j = 0; j < i; j++) {
            if (memcmp(hashes[i], hashes[j], 32) == 0) {
                fail_msg("texts %zu and %zu have one hash", j, i);
            }
        }
    }
}

static void test_rule_set_ids(void **state)
{
    (void)state;
    assert_true(od__rule_id_is_valid("a"));
    assert_true(od__rule_id_is_valid("us-fl.hours.2"));
    assert_true(od__rule_id_is_valid("aaaaaaaaaabbbbbbbbbbccccccccccd"));
    assert_false(od__rule_id_is_valid("aaaaaaaaaabbbbbbbbbbccccccccccdd"));
    assert_false(od__rule_id_is_valid(""));
    assert_false(od__rule_id_is_valid("A"));
    assert_false(od__rule_id_is_valid("a b"));
    assert_false(od__rule_id_is_valid("a_b"));
}

static void test_rule_set_names(void **state)
{
    (void)state;
    assert_string_equal(od_purpose_name(OD_PURPOSE_UNSTATED), "unstated");
    assert_string_equal(od_purpose_name(OD_PURPOSE_EMERGENCY), "emergency");
    assert_string_equal(od_purpose_name(OD_PURPOSES), "?");
    assert_string_equal(od_purpose_name(-1), "?");
    assert_string_equal(od_line_name(OD_LINE_UNKNOWN), "unknown");
    assert_string_equal(od_line_name(OD_LINE_BUSINESS), "business");
    assert_string_equal(od_line_name(OD_LINES), "?");
    assert_string_equal(od_rule_effect_name(0), "?");
    assert_string_equal(od_rule_effect_name(OD_RULE_WINDOW), "window");
    assert_string_equal(od_rule_effect_name(OD_RULE_REQUIRE), "require");
    assert_string_equal(od_rule_effect_name(OD_RULE_REQUIRE + 1), "?");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_rule_set_empty),
        TEST(test_rule_set_is_all_or_nothing),
        TEST(test_rule_set_names_are_unique),
        TEST(test_rule_set_removes),
        TEST(test_rule_set_limits),
        TEST(test_rule_set_out_of_memory),
        TEST(test_rule_set_hash_is_stable),
        TEST(test_rule_set_hash_sees_every_field),
        TEST(test_rule_set_ids),
        TEST(test_rule_set_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
