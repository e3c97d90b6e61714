/*
 * test_transliterate.c - characters written with those of the GSM alphabet:
 * what the guide lists, every code point, and Perl's Unicode tables.
 */
#include "support/test.h"

#include "text/text.h"

static void test_transliterate_examples(void **state)
{
    (void)state;
    static const struct {
        uint32_t c;
        const char *expected; /* NULL: it cannot be */
    } cases[] = {
        {0x2018, "'"},     {0x2019, "'"},    {0x201c, "\""},  {0x201d, "\""},
        {0x201e, "\""},    {0xab, "\""},     {0x2039, "<"},   {'`', "'"},
        {0x2013, "-"},     {0x2014, "-"},    {0x2212, "-"},   {0x2026, "..."},
        {0xa0, " "},       {0x202f, " "},    {0x3000, " "},   {'\t', " "},
        {0x200b, ""},      {0xad, ""},       {0xfeff, ""},    {0x0301, ""},
        {0x2028, "\n"},    {0xe1, "a"},      {0xc1, "A"},     {0xea, "e"},
        {0xe7, "c"},       {0xcd, "I"},      {0x0142, "l"},   {0x0107, "c"},
        {0x0160, "S"},     {0x1ea5, "a"},    {0x01b0, "u"},   {0x0219, "s"},
        {0x0153, "oe"},    {0x0132, "IJ"},   {0xde, "Th"},    {0x1e9e, "SS"},
        {0x2122, "TM"},    {0xa9, "(c)"},    {0xbd, "1/2"},   {0xb2, "2"},
        {0x2022, "*"},     {0x2192, "->"},   {0x2116, "No."}, {0x0391, "A"},
        {0x2126, "Ω"},     {0xff21, "A"},    {0xff01, "!"},   {0x1d400, "A"},
        {0x1d6a3, "z"},    {0x24b6, "A"},    {0x1f130, "A"},  {0xfb01, "fi"},
        {0x0416, NULL},    {0x03b1, NULL},   {0x4f60, NULL},  {0x1f600, NULL},
        {0x2764, NULL},    {0x20bd, NULL},   {0xb0, NULL},    {0x05d0, NULL},
        {0xfffd, NULL},    {0x10ffff, NULL}, {0, NULL},       {0x07, NULL},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        char out[OD__TRANSLITERATED_SIZE] = "#";
        bool done = od__transliterate(cases[i].c, out);
        if (done != (cases[i].expected != NULL)) {
            fail_msg("U+%04X: %d", (unsigned)cases[i].c, done);
        }
        assert_string_equal(out, done ? cases[i].expected : "#");
    }
}

/* Whatever comes out is in the alphabet, and no character of the alphabet is
 * changed but for those letters that only lose an accent in a reply. */
static void test_transliterate_every_character(void **state)
{
    (void)state;
    int done = 0;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char out[OD__TRANSLITERATED_SIZE] = "#";
        if (!od__transliterate(c, out)) {
            assert_string_equal(out, "#");
            assert_int_equal(od__char_plain(c), c);
            continue;
        }
        const char *at = out;
        const char *end = out + strlen(out);
        assert_true(od__utf8_is_valid(out, strlen(out)));
        assert_true(c == '\t' || c == '`' || c >= 0xa0);
        while (at < end) {
            assert_true(od__gsm_units(od__char_next(&at, end)) > 0);
        }
        done++;
    }
    assert_in_range(done, 1400, 2000);
}

/* What differs from the compatibility decomposition without its marks. */
static bool is_own(unsigned c)
{
    static const unsigned own[] = {0xb4, 0x2dc, 0x2116, 0x212b};
    for (size_t i = 0; i < OD__LEN(own); i++) {
        if (own[i] == c) {
            return true;
        }
    }
    return false;
}

static void test_transliterate_perl(void **state)
{
    (void)state;
    static const char command[] =
        "perl -MUnicode::Normalize -e 'for $c (0xa0..0x24f, 0x1e00..0x20ff, "
        "0x2100..0x24ff, 0x3000..0x3002, 0xfb00..0xfb06, 0xff01..0xff5e, "
        "0x1d400..0x1d6a3, 0x1f130..0x1f149) { my $s = NFKD(chr $c); "
        "$s =~ s/\\p{Mn}//g; next if ord $s == $c || $s !~ /^[ -~]{1,7}$/; "
        "printf \"%d %s\\n\", $c, unpack(\"H*\", $s) }' 2>/dev/null";
    unsigned c = 0;
    char hex[32];
    int lines = 0;
    int done = 0;
    FILE *perl = popen(command, "r");
    assert_non_null(perl);
    while (fscanf(perl, "%u %31s", &c, hex) == 2) {
        char out[OD__TRANSLITERATED_SIZE] = "";
        char ours[2 * OD__TRANSLITERATED_SIZE] = "";
        lines++;
        if (is_own(c) || !od__transliterate(c, out)) {
            continue;
        }
        /* "(a)" as one character is a letter here, a backtick a quote. */
        bool bracketed = strlen(hex) == 6 && memcmp(hex, "28", 2) == 0;
        if (bracketed && strlen(out) == 1) {
            (void)memmove(hex, hex + 2, 2);
            hex[2] = '\0';
        }
        od__hex((const uint8_t *)out, strlen(out), ours);
        if (strcmp(ours, hex) != 0 && strcmp(hex, "60") != 0) {
            fail_msg("U+%04X: %s, not %s", c, ours, hex);
        }
        done++;
    }
    if (pclose(perl) != 0 || lines == 0) {
        print_message("no Perl with Unicode::Normalize\n");
        skip();
    }
    print_message("%d of %d are transliterated\n", done, lines);
    assert_in_range(done, 1000, lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transliterate_examples),
        cmocka_unit_test(test_transliterate_every_character),
        cmocka_unit_test(test_transliterate_perl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
