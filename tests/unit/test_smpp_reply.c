/*
 * test_smpp_reply.c - what people write, in every coding, whole and in parts.
 */
#include "support/test.h"

#include "text/text.h"
#include "transport/smpp/smpp.h"

static od__smpp_piece piece_of(uint8_t esm_class, uint8_t coding,
                               const void *octets, size_t len, int32_t alphabet)
{
    od__smpp_pdu pdu;
    od__smpp_piece piece;
    memset(&pdu, 0, sizeof pdu);
    pdu.esm_class = esm_class;
    pdu.data_coding = coding;
    pdu.octets = octets;
    pdu.octets_len = len;
    pdu.sar_reference = OD_NONE;
    od__smpp_piece_read(&piece, &pdu, alphabet);
    return piece;
}

static void test_smpp_reply_codings(void **state)
{
    static const struct {
        uint8_t coding;
        const char *octets;
        size_t len;
        const char *text;
        int32_t alphabet;
    } rows[] = {
        {0, "Stop\x00\x1b\x65", 7, "Stop@\xe2\x82\xac", 0},
        {0, "a\x1b", 2, "a ", 0},
        {0, "\xe9t\xe9", 3, "\xc3\xa9t\xc3\xa9", OD_SMPP_ALPHABET_LATIN1},
        {1, "STOP", 4, "STOP", 0},
        {3, "\xe9t\xe9", 3, "\xc3\xa9t\xc3\xa9", 0},
        {3, "a\0b", 3, "ab", 0},
        {8, "\0S\0T\0O\0P", 8, "STOP", 0},
        {8, "\xd8\x3d\xde\x00\0!", 6, "\xf0\x9f\x98\x80!", 0},
        {8, "\xd8\x3d\0!", 4, "\xef\xbf\xbd!", 0}, /* half a pair */
        {8, "\0A\0\0\0B\0", 7, "AB", 0},           /* a NUL, and half a unit */
        {0xf1, "\x00", 1, "@", 0},
        {4, "STOP\xff", 5, "STOP\xc3\xbf", 0},
        {0, "", 0, "", 0},
    };
    (void)state;
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        char text[64];
        od__smpp_piece piece = piece_of(0, rows[i].coding, rows[i].octets,
                                        rows[i].len, rows[i].alphabet);
        assert_int_equal(piece.reference, OD_NONE);
        od__smpp_decode(text, sizeof text, piece.coding, piece.octets,
                        piece.len);
        assert_string_equal(text, rows[i].text);
    }
}

static void test_smpp_reply_headers(void **state)
{
    static const struct {
        const char *octets;
        size_t len;
        int32_t reference; /* OD_NONE: a whole text */
        int32_t total;
        int32_t part;
        size_t text_len;
    } rows[] = {
        {"\x05\0\x03\x2a\x03\x02hi", 8, 42, 3, 2, 2},
        {"\x06\x08\x04\x01\x02\x02\x01hi", 9, 258, 2, 1, 2},
        /* ports stand before the numbers */
        {"\x0b\x05\x04\x0b\x84\x23\xf0\0\x03\x2a\x02\x01hi", 14, 42, 2, 1, 2},
        {"\x05\0\x03\x2a\x03\x04hi", 8, OD_NONE, 0, 0, 2}, /* 4 of 3 */
        {"\x05\0\x03\x2a\x03\0hi", 8, OD_NONE, 0, 0, 2},   /* 0 of 3 */
        {"\x05\0\x03\x2a\x01\x01hi", 8, OD_NONE, 0, 0, 2}, /* 1 of 1 */
        {"\x05\0\x09\x2a\x03\x01hi", 8, OD_NONE, 0, 0, 2},
        {"\x40hi", 3, OD_NONE, 0, 0, 3}, /* longer than the text */
        {"\0hi", 3, OD_NONE, 0, 0, 2},
        {"", 0, OD_NONE, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        od__smpp_piece piece =
            piece_of(0x40, 0, rows[i].octets, rows[i].len, 0);
        assert_int_equal(piece.reference, rows[i].reference);
        if (piece.reference != OD_NONE) {
            assert_int_equal(piece.total, rows[i].total);
            assert_int_equal(piece.part, rows[i].part);
        }
        assert_int_equal(piece.len, rows[i].text_len);
        assert_ptr_equal(piece.octets + piece.len,
                         rows[i].octets + rows[i].len);
    }
}

static void test_smpp_reply_sar(void **state)
{
    od__smpp_pdu pdu;
    od__smpp_piece piece;
    (void)state;
    memset(&pdu, 0, sizeof pdu);
    pdu.octets = (const uint8_t *)"hi";
    pdu.octets_len = 2;
    pdu.sar_reference = 42;
    pdu.sar_total = 2;
    pdu.sar_part = 1;
    od__smpp_piece_read(&piece, &pdu, 0);
    assert_int_equal(piece.total, 2);
    assert_int_equal(piece.part, 1);
    /* Not the same as 42 in a header. */
    assert_int_not_equal(piece.reference, OD_NONE);
    assert_int_not_equal(piece.reference, 42);
    pdu.sar_total = 0; /* it was not said */
    od__smpp_piece_read(&piece, &pdu, 0);
    assert_int_equal(piece.reference, OD_NONE);
}

/* It is cut between characters, and never overflows. */
static void test_smpp_reply_is_cut_to_fit(void **state)
{
    char text[8];
    (void)state;
    od__smpp_decode(text, sizeof text, OD__SMPP_CODING_LATIN1,
                    (const uint8_t *)"\xe9\xe9\xe9\xe9\xe9", 5);
    assert_string_equal(text, "\xc3\xa9\xc3\xa9\xc3\xa9");
    od__smpp_decode(text, 1, OD__SMPP_CODING_LATIN1, (const uint8_t *)"a", 1);
    assert_string_equal(text, "");
}

static void test_smpp_reply_numbers(void **state)
{
    static const struct {
        const char *address;
        uint64_t number;
    } rows[] = {
        {"15551230001", 15551230001},
        {"+15551230001", 15551230001},
        {"0015551230001", 15551230001},
        {"74545", 74545},
        {"911", 911},
        {"999999999999999", 999999999999999},
        {"9999999999999999", 0},
        {"12", 0},
        {"", 0},
        {"+", 0},
        {"0612345678", 0}, /* which country? */
        {"MyBank", 0},
        {"1555-123", 0},
        {"++1555123", 0},
    };
    (void)state;
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        assert_true(od__smpp_number(rows[i].address) == rows[i].number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smpp_reply_codings),
        cmocka_unit_test(test_smpp_reply_headers),
        cmocka_unit_test(test_smpp_reply_sar),
        cmocka_unit_test(test_smpp_reply_is_cut_to_fit),
        cmocka_unit_test(test_smpp_reply_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
