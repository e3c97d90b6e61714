/*
 * test_gsm.c - the GSM alphabet against two independent sources, UTF-16, and
 * where texts are divided: every character, every boundary.
 *
 * The chart of the standard is written here a second time, as the text that it
 * shows column by column. Perl's Encode knows the alphabet, too; without Perl
 * that test is skipped.
 */
#include "support/test.h"

#include "text/text.h"

#define CHARS_MAX 128
#define TEXTS 100000

/* Table 6.2.1, columns 0 to 7 from top to bottom. The escape is '^', which the
 * default table does not have. */
static const char chart[] = "@£$¥èéùìòÇ\nØø\rÅå"
                            "Δ_ΦΓΛΩΠΨΣΘΞ^ÆæßÉ"
                            " !\"#¤%&'()*+,-./"
                            "0123456789:;<=>?"
                            "¡ABCDEFGHIJKLMNO"
                            "PQRSTUVWXYZÄÖÑÜ§"
                            "¿abcdefghijklmno"
                            "pqrstuvwxyzäöñüà";

/* Table 6.2.1.1: column and row, and what stands there. */
static const char *const extension[] = {
    "0A\f", "14^", "28{", "29}", "2F\\", "3C[", "3D~", "3E]", "40|", "65€"};

/* The whole of a text as characters. */
static size_t chars_of(const char *text, uint32_t *out, size_t max)
{
    const char *end = text + strlen(text);
    size_t len = 0;
    while (text < end) {
        assert_true(len < max);
        out[len++] = od__char_next(&text, end);
    }
    return len;
}

/* -- the alphabet ---------------------------------------------------------- */

static int32_t encode(uint32_t c, uint8_t out[2])
{
    char bytes[4];
    return od__gsm_encode(bytes, od__char_put(c, bytes), out, 2);
}

static uint32_t decode(const uint8_t *septets, size_t len)
{
    char text[16];
    const char *at = text;
    int32_t got = od__gsm_decode(septets, len, text, sizeof text);
    assert_true(got > 0);
    uint32_t c = od__char_next(&at, text + got);
    assert_ptr_equal(at, text + got);
    return c;
}

static void test_gsm_chart(void **state)
{
    (void)state;
    uint32_t expected[CHARS_MAX];
    assert_int_equal(chars_of(chart, expected, CHARS_MAX), CHARS_MAX);
    for (uint8_t septet = 0; septet < CHARS_MAX; septet++) {
        uint8_t out[2] = {0xff, 0xff};
        if (septet == 0x1b) {
            continue;
        }
        assert_int_equal(od__gsm_units(expected[septet]), 1);
        assert_int_equal(encode(expected[septet], out), 1);
        assert_int_equal(out[0], septet);
        assert_int_equal(decode(&septet, 1), expected[septet]);
    }
}

static void test_gsm_extension(void **state)
{
    (void)state;
    uint8_t known[CHARS_MAX] = {0};
    for (size_t i = 0; i < OD__LEN(extension); i++) {
        const char *at = extension[i] + 2;
        char code[3] = {extension[i][0], extension[i][1], '\0'};
        uint8_t septet = (uint8_t)strtol(code, NULL, 16);
        uint32_t c = od__char_next(&at, at + strlen(at));
        uint8_t out[2] = {0, 0};
        known[septet] = 1;
        assert_int_equal(od__gsm_units(c), 2);
        assert_int_equal(encode(c, out), 2);
        assert_int_equal(out[0], 0x1b);
        assert_int_equal(out[1], septet);
        assert_int_equal(decode(out, 2), c);
    }
    /* What the table leaves free is that of the default table, a second escape
     * a space. */
    for (uint8_t septet = 0; septet < CHARS_MAX; septet++) {
        uint8_t pair[2] = {0x1b, septet};
        if (!known[septet]) {
            assert_int_equal(decode(pair, 2), septet == 0x1b
                                                  ? ' '
                                                  : decode(&septet, 1));
        }
    }
    uint8_t last = 0x1b;
    assert_int_equal(decode(&last, 1), ' ');
}

static void test_gsm_nothing_else(void **state)
{
    (void)state;
    int32_t units[3] = {0, 0, 0};
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        int32_t of = od__gsm_units(c);
        assert_in_range(of, 0, 2);
        units[of]++;
        if (of == 0 && c != 0) {
            uint8_t out[2];
            assert_int_equal(encode(c, out), OD_NONE);
        }
    }
    assert_int_equal(units[1], CHARS_MAX - 1);
    assert_int_equal(units[2], OD__LEN(extension));
}

/* Each code point below U+2100 that Perl encodes, and its octets. */
static void test_gsm_perl(void **state)
{
    (void)state;
    static const char command[] =
        "perl -MEncode -e 'for $c (1..0x20ff) { "
        "my $s = chr $c; my $b = encode(\"gsm0338\", $s, sub { \"\" }); "
        "printf \"%d %s\\n\", $c, unpack(\"H*\", $b) if length $b }' "
        "2>/dev/null";
    unsigned c = 0;
    char hex[16];
    int lines = 0;
    FILE *perl = popen(command, "r");
    assert_non_null(perl);
    while (fscanf(perl, "%u %15s", &c, hex) == 2) {
        uint8_t out[2];
        char ours[5] = "";
        int32_t len = encode(c, out);
        assert_in_range(len, 1, 2);
        od__hex(out, (size_t)len, ours);
        assert_string_equal(ours, hex);
        lines++;
    }
    if (pclose(perl) != 0 || lines == 0) {
        print_message("no Perl with Encode\n");
        skip();
    }
    assert_int_equal(lines, CHARS_MAX - 1 + OD__LEN(extension));
}

/* -- UTF-16 ---------------------------------------------------------------- */

static void test_gsm_utf16(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint16_t units[4];
        int32_t len;
    } cases[] = {
        {"A", {0x0041}, 1},
        {"é", {0x00e9}, 1},
        {"€", {0x20ac}, 1},
        {"\xef\xbf\xbf", {0xffff}, 1},
        {"\xf0\x90\x80\x80", {0xd800, 0xdc00}, 2},
        {"😀", {0xd83d, 0xde00}, 2},
        {"\xf4\x8f\xbf\xbf", {0xdbff, 0xdfff}, 2},
        {"a😀b", {0x0061, 0xd83d, 0xde00, 0x0062}, 4},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        uint16_t out[4] = {0};
        char text[16];
        size_t len = strlen(cases[i].text);
        assert_int_equal(od__utf16_encode(cases[i].text, len, out, 4),
                         cases[i].len);
        assert_memory_equal(out, cases[i].units, sizeof out);
        assert_int_equal(od__utf16_decode(out, (size_t)cases[i].len, text,
                                          sizeof text),
                         len);
        assert_string_equal(text, cases[i].text);
        /* One unit, or one byte, less than it needs. */
        assert_int_equal(od__utf16_encode(cases[i].text, len, out,
                                          (size_t)cases[i].len - 1),
                         OD_NONE);
        assert_int_equal(
            od__utf16_decode(out, (size_t)cases[i].len, text, len), OD_NONE);
    }
    const uint16_t lone[] = {0xd83d, 0x0041, 0xde00, 0xd83d};
    char text[16];
    assert_int_equal(od__utf16_decode(lone, 4, text, sizeof text), 10);
    assert_string_equal(text, "\xef\xbf\xbd"
                              "A\xef\xbf\xbd\xef\xbf\xbd");
}

static void test_gsm_utf8(void **state)
{
    (void)state;
    for (uint32_t c = 1; c <= 0x10ffff; c++) {
        char bytes[4];
        const char *at = bytes;
        size_t len = od__char_put(c, bytes);
        bool surrogate = c >= 0xd800 && c <= 0xdfff;
        assert_true(od__utf8_is_valid(bytes, len));
        assert_int_equal(od__char_next(&at, bytes + len),
                         surrogate ? OD__NO_CHAR : c);
        assert_ptr_equal(at, bytes + len);
    }
    static const char *const broken[] = {"\x80", "\xc3", "\xc0\x80",
                                         "\xed\xa0\x80", "\xe2\x82",
                                         "\xf5\x80\x80\x80", "\xff"};
    for (size_t i = 0; i < OD__LEN(broken); i++) {
        const char *at = broken[i];
        const char *end = at + strlen(at);
        assert_int_equal(od__char_next(&at, end), OD__NO_CHAR);
        assert_ptr_equal(at, broken[i] + 1);
    }
}

/* -- boundaries ------------------------------------------------------------ */

/* A text of `len` times a character, and another one before it. */
static od__segments count(const char *before, const char *each, size_t len,
                          int32_t encoding)
{
    char text[OD_MESSAGE_MAX + 1];
    od__segments out;
    size_t at = strlen(before);
    memcpy(text, before, at);
    for (size_t i = 0; i < len; i++) {
        assert_true(at + strlen(each) < sizeof text);
        memcpy(text + at, each, strlen(each));
        at += strlen(each);
    }
    od__segments_count(text, at, encoding, &out);
    return out;
}

/* What the standard's rule gives, written in another way. */
static int32_t expected_segments(int32_t units, int32_t alone, int32_t part)
{
    return units <= alone ? (units > 0 ? 1 : 0) : (units + part - 1) / part;
}

static void test_gsm_every_length(void **state)
{
    (void)state;
    for (int32_t len = 0; len <= 1600; len++) {
        od__segments s = count("", "a", (size_t)len, OD_TEXT_ENCODING_GSM);
        int32_t segments = expected_segments(len, 160, 153);
        assert_int_equal(s.units, len);
        assert_int_equal(s.segments, segments);
        assert_int_equal(s.segment_units, segments > 1 ? 153 : 160);
        assert_int_equal(s.last_units,
                         segments > 1 ? len - 153 * (segments - 1) : len);
        /* "ж" is in no alphabet of septets. */
        s = count("", "\xd0\xb6", (size_t)len, OD_TEXT_ENCODING_UCS2);
        segments = expected_segments(len, 70, 67);
        assert_int_equal(s.units, len);
        assert_int_equal(s.segments, segments);
        assert_int_equal(s.segment_units, segments > 1 ? 67 : 70);
        assert_int_equal(s.last_units,
                         segments > 1 ? len - 67 * (segments - 1) : len);
    }
}

/* Pairs alone: 153 and 67 are odd, so a part holds one unit less. */
static void test_gsm_pairs_stay_together(void **state)
{
    (void)state;
    for (int32_t len = 0; len <= 800; len++) {
        od__segments s = count("", "€", (size_t)len, OD_TEXT_ENCODING_GSM);
        assert_int_equal(s.units, 2 * len);
        assert_int_equal(s.segments, expected_segments(2 * len, 160, 152));
        s = count("", "😀", (size_t)len, OD_TEXT_ENCODING_UCS2);
        assert_int_equal(s.units, 2 * len);
        assert_int_equal(s.segments, expected_segments(2 * len, 70, 66));
        /* One unit in front: the first part is full, the next ones not. */
        s = count("a", "€", (size_t)len, OD_TEXT_ENCODING_GSM);
        int32_t left = 2 * len + 1 <= 160 ? 0 : 2 * len + 1 - 153;
        assert_int_equal(s.segments, 1 + (left + 151) / 152);
    }
}

static void test_gsm_pair_at_boundary(void **state)
{
    (void)state;
    char text[400];
    for (size_t before = 0; before < 330; before++) {
        int32_t units = 0;
        memset(text, 'a', before);
        memcpy(text + before, "[", 1);
        memset(text + before + 1, 'b', 20);
        /* An escape in the last place would be torn off its septet. */
        int32_t expected = before == 152 ? 152 : 153;
        if (before + 22 < 153) {
            expected = (int32_t)before + 22;
        }
        (void)od__segment_first(text, before + 21, OD_TEXT_ENCODING_GSM, 153,
                                &units);
        assert_int_equal(units, expected);
    }
}

static void test_gsm_fit(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a", "€", "\n", "é", "^"};
    od__rand rand = {.state = od_test_seed(11)};
    for (int i = 0; i < 2000; i++) {
        char text[4000] = "";
        size_t len = 0;
        for (size_t n = od__rand_below(&rand, 1200); n > 0; n--) {
            const char *piece = pieces[od__rand_below(&rand, 5)];
            memcpy(text + len, piece, strlen(piece));
            len += strlen(piece);
        }
        int32_t max = 1 + (int32_t)od__rand_below(&rand, 10);
        od__segments s;
        size_t fit = od__segments_fit(text, len, OD_TEXT_ENCODING_GSM, max);
        od__segments_count(text, fit, OD_TEXT_ENCODING_GSM, &s);
        assert_true(s.segments <= max);
        if (fit < len) { /* one character more is one segment more */
            const char *next = text + fit;
            (void)od__char_next(&next, text + len);
            od__segments_count(text, (size_t)(next - text),
                               OD_TEXT_ENCODING_GSM, &s);
            assert_int_equal(s.segments, max + 1);
        }
    }
}

/* -- random texts ---------------------------------------------------------- */

static uint32_t random_char(od__rand *rand, const uint32_t *basic, bool gsm)
{
    static const uint32_t pairs[] = {'^', '{', '}', '\\', '[', '~',
                                     ']', '|', 0x20ac, 0x0c};
    uint64_t kind = od__rand_below(rand, gsm ? 5 : 8);
    uint32_t c = basic[od__rand_below(rand, CHARS_MAX)];
    if (kind == 4) {
        c = pairs[od__rand_below(rand, OD__LEN(pairs))];
    } else if (kind == 5) {
        c = 0x400 + (uint32_t)od__rand_below(rand, 0x5000);
    } else if (kind == 6) {
        c = 0x1f300 + (uint32_t)od__rand_below(rand, 0x700);
    } else if (kind == 7) {
        c = 0x10000 + (uint32_t)od__rand_below(rand, 0x100000);
    }
    return c;
}

/* Encode segment by segment, join, decode: the same text. */
static void round_trip(const char *text, size_t len, int32_t encoding)
{
    od__segments s;
    char joined[OD_MESSAGE_MAX + 1];
    size_t joined_len = 0;
    int32_t segments = 0;
    int32_t units_all = 0;
    od__segments_count(text, len, encoding, &s);
    for (size_t at = 0; at < len; segments++) {
        uint8_t septets[160];
        uint16_t utf16[70];
        char out[3 * 160 + 1];
        int32_t units = 0;
        size_t step = od__segment_first(text + at, len - at, encoding,
                                        s.segment_units, &units);
        int32_t got = 0;
        if (encoding == OD_TEXT_ENCODING_GSM) {
            assert_int_equal(od__gsm_encode(text + at, step, septets,
                                            (size_t)s.segment_units),
                             units);
            got = od__gsm_decode(septets, (size_t)units, out, sizeof out);
        } else {
            assert_int_equal(od__utf16_encode(text + at, step, utf16,
                                              (size_t)s.segment_units),
                             units);
            got = od__utf16_decode(utf16, (size_t)units, out, sizeof out);
        }
        assert_int_equal(got, step);
        memcpy(joined + joined_len, out, step);
        joined_len += step;
        units_all += units;
        at += step;
        assert_true(at == len || units >= s.segment_units - 1);
    }
    assert_int_equal(segments, s.segments);
    assert_int_equal(units_all, s.units);
    assert_int_equal(joined_len, len);
    assert_memory_equal(joined, text, len);
}

static void test_gsm_round_trip(void **state)
{
    (void)state;
    od__rand rand = {.state = od_test_seed(12)};
    uint32_t basic[CHARS_MAX];
    int gsm_texts = 0;
    int long_texts = 0;
    (void)chars_of(chart, basic, CHARS_MAX);
    basic[0x1b] = 'x';
    for (int i = 0; i < TEXTS; i++) {
        char text[OD_MESSAGE_MAX + 1];
        size_t len = 0;
        bool gsm = od__rand_below(&rand, 2) == 0;
        int32_t encoding = OD_TEXT_ENCODING_GSM;
        size_t max = od__rand_below(&rand, 8) == 0 ? 900 : 200;
        for (size_t n = od__rand_below(&rand, max); n > 0; n--) {
            char bytes[4];
            uint32_t c = random_char(&rand, basic, gsm);
            size_t step = od__char_put(c, bytes);
            memcpy(text + len, bytes, step);
            len += step;
            encoding = od__gsm_units(c) == 0 ? OD_TEXT_ENCODING_UCS2 : encoding;
        }
        assert_true(!gsm || encoding == OD_TEXT_ENCODING_GSM);
        round_trip(text, len, encoding);
        gsm_texts += encoding == OD_TEXT_ENCODING_GSM ? 1 : 0;
        long_texts += len > 700 ? 1 : 0;
    }
    assert_in_range(gsm_texts, TEXTS / 3, TEXTS);
    assert_in_range(long_texts, TEXTS / 50, TEXTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gsm_chart),
        cmocka_unit_test(test_gsm_extension),
        cmocka_unit_test(test_gsm_nothing_else),
        cmocka_unit_test(test_gsm_perl),
        cmocka_unit_test(test_gsm_utf16),
        cmocka_unit_test(test_gsm_utf8),
        cmocka_unit_test(test_gsm_every_length),
        cmocka_unit_test(test_gsm_pairs_stay_together),
        cmocka_unit_test(test_gsm_pair_at_boundary),
        cmocka_unit_test(test_gsm_fit),
        cmocka_unit_test(test_gsm_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
