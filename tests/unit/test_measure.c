/*
 * test_measure.c - how a text would go out: figures, the character that forces
 * UCS-2, transliterating, and what becomes of texts that are too long.
 */
#include "support/test.h"

#include "text/text.h"

static od_text_info measure(const char *text, const od_text_options *options)
{
    od_text_info out;
    od_errmsg errmsg = {""};
    memset(&out, 0x5a, sizeof out);
    if (od_text_measure(text, options, &out, &errmsg) != OD_OK) {
        fail_msg("\"%s\": %s", text, errmsg.text);
    }
    return out;
}

static od_text_options options_of(int32_t policy, int32_t segments_max,
                                  bool transliterate)
{
    od_text_options o;
    od_text_options_init(&o);
    o.policy = policy;
    o.segments_max = segments_max;
    o.transliterate = transliterate;
    return o;
}

/* `len` times a character after a beginning; static. */
static char *text_of(const char *begin, const char *each, size_t len)
{
    static char text[8192];
    size_t at = strlen(begin);
    memcpy(text, begin, at);
    for (size_t i = 0; i < len; i++) {
        memcpy(text + at, each, strlen(each));
        at += strlen(each);
        assert_true(at < sizeof text - 1);
    }
    text[at] = '\0';
    return text;
}

/* -- figures --------------------------------------------------------------- */

static void test_measure_plain(void **state)
{
    (void)state;
    od_text_info m = measure("Price: 5€ [all in]", NULL);
    assert_int_equal(m.encoding, OD_TEXT_ENCODING_GSM);
    assert_int_equal(m.segments, 1);
    assert_int_equal(m.characters, 18);
    assert_int_equal(m.units, 21);
    assert_int_equal(m.last_units, 21);
    assert_int_equal(m.segment_units, 160);
    assert_int_equal(m.ucs2_code, 0);
    assert_int_equal(m.ucs2_at, 0);
    assert_int_equal(m.ucs2_byte, 0);
    assert_string_equal(m.ucs2_text, "");
    assert_false(m.cut);
    assert_false(m.refused);
    assert_string_equal(m.text, "Price: 5€ [all in]");
}

static void test_measure_empty(void **state)
{
    (void)state;
    od_text_info m = measure("", NULL);
    assert_int_equal(m.encoding, OD_TEXT_ENCODING_GSM);
    assert_int_equal(m.segments, 0);
    assert_int_equal(m.units, 0);
    assert_int_equal(m.segment_units, 160);
    assert_false(m.refused);
    assert_string_equal(m.text, "");
}

static void test_measure_names_what_forces_ucs2(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t code, at, byte;
        const char *is;
        int32_t units;
    } cases[] = {
        {"Жур", 0x416, 1, 0, "Ж", 3},
        {"Hi José", 0, 0, 0, "", 7}, /* é is in the alphabet */
        {"Hola María", 0xed, 9, 8, "í", 10},
        {"äöü €: 😀 and 😁", 0x1f600, 8, 12, "😀", 16},
        {"it’s", 0x2019, 3, 2, "’", 4},
        {"a\tb", 9, 2, 1, "\t", 3},
        {"ç", 0xe7, 1, 0, "ç", 1}, /* only Ç is */
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_text_info m = measure(cases[i].text, NULL);
        assert_int_equal(m.encoding, cases[i].code != 0
                                         ? OD_TEXT_ENCODING_UCS2
                                         : OD_TEXT_ENCODING_GSM);
        assert_int_equal(m.ucs2_code, cases[i].code);
        assert_int_equal(m.ucs2_at, cases[i].at);
        assert_int_equal(m.ucs2_byte, cases[i].byte);
        assert_string_equal(m.ucs2_text, cases[i].is);
        assert_int_equal(m.units, cases[i].units);
        assert_string_equal(m.text, cases[i].text);
    }
}

/* One emoji in a text of two segments makes it five. */
static void test_measure_what_an_emoji_costs(void **state)
{
    (void)state;
    assert_int_equal(measure(text_of("", "a", 300), NULL).segments, 2);
    od_text_info m = measure(text_of("😀", "a", 300), NULL);
    assert_int_equal(m.segments, 5);
    assert_int_equal(m.units, 302);
    assert_int_equal(m.segment_units, 67);
    assert_int_equal(m.last_units, 302 - 4 * 67);
}

/* -- transliterating ------------------------------------------------------- */

static void test_measure_transliterates(void **state)
{
    (void)state;
    od_text_options o = options_of(0, 0, true);
    od_text_info m = measure("“It’s María’s” – café…\xc2\xa0now", &o);
    assert_int_equal(m.encoding, OD_TEXT_ENCODING_GSM);
    assert_string_equal(m.text, "\"It's Maria's\" - café... now");
    assert_int_equal(m.changed, 8);
    assert_int_equal(m.characters, 28);
    assert_int_equal(m.units, 28);
    assert_int_equal(m.ucs2_code, 0);
    /* Nothing to do. */
    m = measure("Grüße", &o);
    assert_string_equal(m.text, "Grüße");
    assert_int_equal(m.changed, 0);
}

/* What needs UCS-2 anyway gains nothing from losing its accents. */
static void test_measure_transliterates_all_or_nothing(void **state)
{
    (void)state;
    od_text_options o = options_of(0, 0, true);
    od_text_info m = measure("It’s María 🎉", &o);
    assert_int_equal(m.encoding, OD_TEXT_ENCODING_UCS2);
    assert_string_equal(m.text, "It’s María 🎉");
    assert_int_equal(m.changed, 0);
    assert_int_equal(m.ucs2_code, 0x1f389); /* not the quote: that could go */
    assert_int_equal(m.ucs2_at, 12);
    assert_int_equal(m.ucs2_byte, 14);
    /* Neither does one that would not fit any more. */
    m = measure(text_of("", "½", 2000), &o);
    assert_int_equal(m.encoding, OD_TEXT_ENCODING_UCS2);
    assert_int_equal(m.characters, 2000);
    assert_int_equal(m.ucs2_code, 0xbd);
    assert_true(m.refused);
}

/* -- too long -------------------------------------------------------------- */

static void test_measure_policies(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        int32_t policy, max;
        bool refused, cut;
        int32_t segments;
    } cases[] = {
        {1530, OD_TEXT_POLICY_SPLIT, 0, false, false, 10},
        {1531, OD_TEXT_POLICY_SPLIT, 0, true, false, 11},
        {306, OD_TEXT_POLICY_SPLIT, 2, false, false, 2},
        {307, OD_TEXT_POLICY_SPLIT, 2, true, false, 3},
        {161, OD_TEXT_POLICY_SPLIT, 1, true, false, 2},
        {160, OD_TEXT_POLICY_REFUSE, 0, false, false, 1},
        {161, OD_TEXT_POLICY_REFUSE, 0, true, false, 2},
        {161, OD_TEXT_POLICY_REFUSE, 1, true, false, 2},
        {160, OD_TEXT_POLICY_CUT, 0, false, false, 1},
        {161, OD_TEXT_POLICY_CUT, 0, false, true, 1},
        {460, OD_TEXT_POLICY_CUT, 3, false, true, 3},
        {4095, OD_TEXT_POLICY_CUT, 10, false, true, 10},
        {4095, OD_TEXT_POLICY_SPLIT, 10, true, false, 27},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_text_options o = options_of(cases[i].policy, cases[i].max, false);
        od_text_info m = measure(text_of("", "a", cases[i].len), &o);
        assert_int_equal(m.refused, cases[i].refused);
        assert_int_equal(m.cut, cases[i].cut);
        assert_int_equal(m.segments, cases[i].segments);
        if (!m.cut) {
            assert_int_equal(strlen(m.text), cases[i].len);
        }
    }
}

static void check_cut(const char *text, const char *expected)
{
    od_text_options o = options_of(OD_TEXT_POLICY_CUT, 1, false);
    od_text_info m = measure(text, &o);
    assert_true(m.cut);
    assert_false(m.refused);
    assert_int_equal(m.segments, expected[0] != '\0' ? 1 : 0);
    assert_string_equal(m.text, expected);
}

static void test_measure_cuts_at_a_word(void **state)
{
    (void)state;
    char text[512];
    char expected[512];
    char *a = text_of("", "a", 150);
    /* The word that does not fit goes, with the blanks before it. */
    (void)snprintf(text, sizeof text, "%.150s  bcdefghijklmn", a);
    check_cut(text, a);
    /* A word that just fits stays. */
    (void)snprintf(text, sizeof text, "%.150s bcdefghij klm", a);
    (void)snprintf(expected, sizeof expected, "%.150s bcdefghij", a);
    check_cut(text, expected);
    (void)snprintf(text, sizeof text, "%.150s bcdefghi\n\njkl mno", a);
    (void)snprintf(expected, sizeof expected, "%.150s bcdefghi", a);
    check_cut(text, expected);
    /* No word ends in the second half: within the word. */
    (void)snprintf(text, sizeof text, "Hi %.150s%.40s", a, a);
    (void)snprintf(expected, sizeof expected, "Hi %.150s%.7s", a, a);
    check_cut(text, expected);
    /* An escaped character is not torn apart. */
    (void)snprintf(text, sizeof text, "%.150saaaaaaaaa€", a);
    (void)snprintf(expected, sizeof expected, "%.150saaaaaaaaa", a);
    check_cut(text, expected);
    /* Emoji are no part of the word before. */
    (void)snprintf(text, sizeof text, "%.150s bcdefghij😀😀😀", a);
    (void)snprintf(expected, sizeof expected, "%.150s bcdefghij", a);
    check_cut(text, expected);
    /* Nothing but blanks. */
    check_cut(text_of("", " ", 200), "");
}

/* The way that keeps more of the text: UTF-16, or septets up to there. */
static void test_measure_cut_chooses_the_encoding(void **state)
{
    (void)state;
    od_text_options o = options_of(OD_TEXT_POLICY_CUT, 1, false);
    /* The emoji stands early: 70 units. */
    od_text_info m = measure(text_of("Party 🎉 ", "abcd ", 40), &o);
    assert_int_equal(m.encoding, OD_TEXT_ENCODING_UCS2);
    assert_int_equal(m.ucs2_at, 7);
    assert_in_range(m.units, 60, 70);
    assert_true(m.cut);
    /* It stands late: it goes, and 160 septets are more. */
    char text[512];
    (void)snprintf(text, sizeof text, "%s🎉 and more", text_of("", "abcd ", 24));
    m = measure(text, &o);
    assert_int_equal(m.encoding, OD_TEXT_ENCODING_GSM);
    assert_int_equal(m.units, 119);
    assert_int_equal(m.ucs2_code, 0);
    assert_true(m.cut);
    /* It stands in a word: the whole word goes. */
    (void)snprintf(text, sizeof text, "%sef\xd0\xb6gh more",
                   text_of("", "abcd ", 24));
    m = measure(text, &o);
    assert_int_equal(m.units, 119);
    /* With transliterating, what can be said in septets reaches further. */
    o.transliterate = true;
    (void)snprintf(text, sizeof text, "“%s” it’s late 🎉",
                   text_of("", "abcd ", 24));
    m = measure(text, &o);
    assert_int_equal(m.encoding, OD_TEXT_ENCODING_GSM);
    assert_memory_equal(m.text + strlen(m.text) - 11, "\" it's late", 11);
    assert_int_equal(m.changed, 3);
    assert_true(m.cut);
}

/* A cut within a word takes an accent with its letter, and an emoji whole. */
static void test_measure_cut_keeps_marks(void **state)
{
    (void)state;
    od_text_options o = options_of(OD_TEXT_POLICY_CUT, 1, false);
    char text[512];
    (void)snprintf(text, sizeof text, "%se\xcc\x81xxxxx",
                   text_of("ж", "a", 68));
    od_text_info m = measure(text, &o);
    assert_int_equal(m.units, 69); /* 70 without the accent fit */
    (void)snprintf(text, sizeof text, "%s👩\xe2\x80\x8d👩\xe2\x80\x8d👧",
                   text_of("ж", "a", 64));
    m = measure(text, &o);
    assert_true(m.cut);
    assert_int_equal(m.units, 65); /* the family goes as one */
    /* Marks without end are cut anywhere. */
    m = measure(text_of("ж", "\xcc\x81", 100), &o);
    assert_int_equal(m.units, 70);
}

/* Whatever is cut: it fits, it begins as the text does, nothing that would
 * have fitted as well was thrown away beyond half. */
static void test_measure_cut_random(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a", "bc",  "é", "€", " ", "’",
                                         "ж", "😀", "\n", "…", "word "};
    od__rand rand = {.state = od_test_seed(13)};
    int cuts = 0;
    for (int i = 0; i < 20000; i++) {
        char text[2048] = "";
        size_t len = 0;
        size_t kinds = 3 + od__rand_below(&rand, OD__LEN(pieces) - 2);
        for (size_t n = od__rand_below(&rand, 300); n > 0; n--) {
            const char *piece = pieces[od__rand_below(&rand, kinds)];
            memcpy(text + len, piece, strlen(piece) + 1);
            len += strlen(piece);
        }
        int32_t max = 1 + (int32_t)od__rand_below(&rand, 3);
        od_text_options o = options_of(OD_TEXT_POLICY_CUT, max,
                                       od__rand_below(&rand, 2) == 0);
        od_text_info m = measure(text, &o);
        assert_false(m.refused);
        assert_true(m.segments <= o.segments_max);
        assert_true(od__utf8_is_valid(m.text, strlen(m.text)));
        if (m.changed == 0) {
            assert_memory_equal(m.text, text, strlen(m.text));
        }
        if (!m.cut) {
            continue;
        }
        cuts++;
        o.segments_max = 0;
        o.policy = OD_TEXT_POLICY_SPLIT;
        od_text_info again = measure(m.text, &o);
        assert_int_equal(again.encoding, m.encoding);
        assert_int_equal(again.units, m.units);
        assert_string_equal(again.text, m.text);
    }
    assert_in_range(cuts, 5000, 20000);
}

/* -- arguments ------------------------------------------------------------- */

static void test_measure_refuses(void **state)
{
    (void)state;
    od_text_info out;
    od_errmsg errmsg;
    static const struct {
        int32_t policy, max;
    } bad[] = {{-1, 0}, {3, 0}, {0, -1}, {0, 11}, {1, 2}, {2, 11}, {2, -1}};
    memset(&out, 0x5a, sizeof out);
    od_text_info before = out;
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        od_text_options o = options_of(bad[i].policy, bad[i].max, false);
        errmsg.text[0] = '\0';
        assert_int_equal(od_text_measure("a", &o, &out, &errmsg),
                         OD_ERR_INVALID);
        assert_string_not_equal(errmsg.text, "");
    }
    assert_int_equal(od_text_measure(NULL, NULL, &out, &errmsg),
                     OD_ERR_INVALID);
    assert_int_equal(od_text_measure("a", NULL, NULL, NULL), OD_ERR_INVALID);
    assert_int_equal(od_text_measure("caf\xc3", NULL, &out, &errmsg),
                     OD_ERR_INVALID);
    assert_string_equal(errmsg.text, "text is not UTF-8");
    assert_int_equal(
        od_text_measure(text_of("", "a", 4096), NULL, &out, &errmsg),
        OD_ERR_INVALID);
    assert_string_equal(errmsg.text, "text is longer than 4095 bytes");
    assert_memory_equal(&before, &out, sizeof out);
}

static void test_measure_names(void **state)
{
    (void)state;
    assert_string_equal(od_text_encoding_name(OD_TEXT_ENCODING_GSM), "gsm");
    assert_string_equal(od_text_encoding_name(OD_TEXT_ENCODING_UCS2), "ucs2");
    assert_string_equal(od_text_encoding_name(0), "?");
    assert_string_equal(od_text_encoding_name(-1), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_measure_plain),
        cmocka_unit_test(test_measure_empty),
        cmocka_unit_test(test_measure_names_what_forces_ucs2),
        cmocka_unit_test(test_measure_what_an_emoji_costs),
        cmocka_unit_test(test_measure_transliterates),
        cmocka_unit_test(test_measure_transliterates_all_or_nothing),
        cmocka_unit_test(test_measure_policies),
        cmocka_unit_test(test_measure_cuts_at_a_word),
        cmocka_unit_test(test_measure_cut_chooses_the_encoding),
        cmocka_unit_test(test_measure_cut_keeps_marks),
        cmocka_unit_test(test_measure_cut_random),
        cmocka_unit_test(test_measure_refuses),
        cmocka_unit_test(test_measure_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
