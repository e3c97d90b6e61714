/*
 * test_smpp_submit.c - texts as octets and parts, and what becomes of them.
 */
#include "support/test.h"

#include "text/text.h"
#include "transport/smpp/smpp.h"

static od__smpp_text *make(const od__smpp_trunk *trunk, const char *text)
{
    od__smpp_text *out = NULL;
    od_send send;
    memset(&send, 0, sizeof send);
    send.from = 15550100000;
    send.to = 15551230001;
    send.text = text;
    assert_int_equal(od__smpp_text_new(&out, trunk, &send, 7), OD_OK);
    return out;
}

static od__smpp_trunk trunk_of(int32_t alphabet, int32_t long_texts)
{
    od__smpp_trunk trunk;
    memset(&trunk, 0, sizeof trunk);
    trunk.alphabet = alphabet;
    trunk.long_texts = long_texts;
    trunk.source_ton = trunk.source_npi = OD_NONE;
    trunk.dest_ton = trunk.dest_npi = 1;
    return trunk;
}

static void test_smpp_submit_codings(void **state)
{
    static const struct {
        int32_t alphabet;
        const char *text;
        uint8_t coding;
        const char *octets;
        size_t len;
    } rows[] = {
        {0, "@a[", 0,
         "\x00"
         "a\x1b\x3c",
         4},
        {0, "\xc3\xa9", 0, "\x05", 1},
        {0, "\xc3\xaa", 8, "\x00\xea", 2},
        {0, "\xf0\x9f\x98\x80", 8, "\xd8\x3d\xde\x00", 4},
        {1, "@a[\xc3\xaa", 3, "@a[\xea", 4},
        {1, "\xe2\x82\xac", 8, "\x20\xac", 2}, /* a septet, not in Latin-1 */
    };
    (void)state;
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        od__smpp_trunk trunk = trunk_of(rows[i].alphabet, 0);
        od__smpp_text *text = make(&trunk, rows[i].text);
        od__smpp_submit submit;
        assert_int_equal(text->parts_len, 1);
        od__smpp_text_part(text, 0, &submit);
        assert_int_equal(submit.data_coding, rows[i].coding);
        assert_int_equal(submit.esm_class, 0);
        assert_int_equal(submit.octets_len, rows[i].len);
        assert_memory_equal(submit.octets, rows[i].octets, rows[i].len);
        od__smpp_text_free(text);
    }
}

/* Random texts, put together again from their parts as a handset does. */
static void test_smpp_submit_parts_make_the_text_again(void **state)
{
    static const uint32_t characters[] = {'a',    '@',  '[',   0x20ac,
                                          0xe9,   0xea, 0x416, 0x1f600,
                                          0x0394, '\n', 'b',   'c'};
    od__rand rand = {.state = od_test_seed(20266)};
    (void)state;
    for (int round = 0; round < 3000; round++) {
        char text[OD_MESSAGE_MAX + 1];
        size_t len = 0;
        uint64_t kinds = 1 + od__rand_below(&rand, OD__LEN(characters));
        for (uint64_t n = 1 + od__rand_below(&rand, 600); n > 0; n--) {
            len += od__char_put(characters[od__rand_below(&rand, kinds)],
                                text + len);
        }
        text[len] = '\0';
        od__smpp_trunk trunk = trunk_of((int32_t)(round % 2), round / 2 % 2);
        od__smpp_text *made = make(&trunk, text);
        uint8_t octets[8192];
        size_t octets_len = 0;
        for (uint32_t i = 0; i < made->parts_len; i++) {
            od__smpp_submit submit;
            od__smpp_text_part(made, i, &submit);
            assert_true(submit.payload || submit.octets_len <= 160);
            size_t skip = 0;
            if (made->parts_len > 1) {
                const uint8_t header[] = {
                    5, 0, 3, 7, (uint8_t)made->parts_len, (uint8_t)(i + 1)};
                assert_memory_equal(submit.octets, header, sizeof header);
                skip = sizeof header;
            }
            memcpy(octets + octets_len, submit.octets + skip,
                   submit.octets_len - skip);
            octets_len += submit.octets_len - skip;
        }
        char again[OD_MESSAGE_MAX + 1];
        uint8_t coding = made->data_coding == 8   ? OD__SMPP_CODING_UCS2
                         : made->data_coding == 3 ? OD__SMPP_CODING_LATIN1
                                                  : OD__SMPP_CODING_GSM;
        od__smpp_decode(again, sizeof again, coding, octets, octets_len);
        assert_string_equal(again, text);
        if (trunk.alphabet == OD_SMPP_ALPHABET_GSM && !made->payload) {
            od__segments counted; /* what the engine has promised */
            od__segments_count(text, len,
                               made->data_coding == 0 ? OD_TEXT_ENCODING_GSM
                                                      : OD_TEXT_ENCODING_UCS2,
                               &counted);
            assert_int_equal(made->parts_len, counted.segments);
        }
        od__smpp_text_free(made);
    }
}

static void test_smpp_submit_refuses_what_is_too_long(void **state)
{
    char text[OD_MESSAGE_MAX + 2];
    od__smpp_trunk trunk = trunk_of(0, 0);
    od__smpp_text *out;
    od_send send;
    (void)state;
    memset(&send, 0, sizeof send);
    send.text = text;
    memset(text, 'a', sizeof text);
    text[OD_MESSAGE_MAX + 1] = '\0';
    assert_int_equal(od__smpp_text_new(&out, &trunk, &send, 0), OD_ERR_INVALID);
    text[153 * OD__SMPP_PARTS_MAX + 1] = '\0';
    assert_int_equal(od__smpp_text_new(&out, &trunk, &send, 0), OD_ERR_INVALID);
    text[153 * OD__SMPP_PARTS_MAX] = '\0';
    assert_int_equal(od__smpp_text_new(&out, &trunk, &send, 0), OD_OK);
    assert_int_equal(out->parts_len, OD__SMPP_PARTS_MAX);
    od__smpp_text_free(out);
}

static void test_smpp_submit_addresses(void **state)
{
    od__smpp_trunk trunk = trunk_of(0, 0);
    od__smpp_text *text;
    od_send send;
    (void)state;
    memset(&send, 0, sizeof send);
    send.text = "a";
    send.to = 15551230001;
    send.from = 999999;
    assert_int_equal(od__smpp_text_new(&text, &trunk, &send, 0), OD_OK);
    assert_string_equal(text->source, "999999");
    assert_int_equal(text->source_ton, 3);
    assert_int_equal(text->source_npi, 0);
    od__smpp_text_free(text);
    send.from = 1000000;
    assert_int_equal(od__smpp_text_new(&text, &trunk, &send, 0), OD_OK);
    assert_int_equal(text->source_ton, 1);
    assert_int_equal(text->source_npi, 1);
    od__smpp_text_free(text);
    trunk.source_ton = 0;
    trunk.source_npi = 9;
    trunk.dest_ton = 2;
    trunk.dest_npi = 8;
    assert_int_equal(od__smpp_text_new(&text, &trunk, &send, 0), OD_OK);
    assert_int_equal(text->source_ton, 0);
    assert_int_equal(text->source_npi, 9);
    assert_int_equal(text->dest_ton, 2);
    assert_int_equal(text->dest_npi, 8);
    od__smpp_text_free(text);
}

static void test_smpp_submit_validity(void **state)
{
    static const struct {
        int32_t seconds;
        const char *text;
    } rows[] = {
        {0, ""},
        {1, "000000000001000R"},
        {3661, "000000010101000R"},
        {86400, "000001000000000R"},
        {172800, "000002000000000R"},
        {30 * 86400, "000100000000000R"},
        {360 * 86400, "010000000000000R"},
    };
    (void)state;
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        char text[17];
        od__smpp_validity(text, rows[i].seconds);
        assert_string_equal(text, rows[i].text);
    }
}

/* Three parts, each in every state that it can be in at the end. */
static void test_smpp_submit_every_outcome(void **state)
{
    enum { STAYED, SILENT, ACCEPTED, REFUSED, STATES };
    od__smpp_trunk trunk = trunk_of(0, 0);
    char long_text[401];
    (void)state;
    memset(long_text, 'a', 400);
    long_text[400] = '\0';
    for (int n = 0; n < STATES * STATES * STATES; n++) {
        int parts[] = {n % STATES, n / STATES % STATES, n / STATES / STATES};
        uint32_t count[STATES] = {0};
        od__smpp_text *text = make(&trunk, long_text);
        assert_int_equal(text->parts_len, 3);
        for (int i = 0; i < 3; i++) {
            count[parts[i]]++;
        }
        text->left = 3 - count[STAYED];
        text->answered = count[ACCEPTED] + count[REFUSED];
        text->accepted = count[ACCEPTED];
        text->refusal = count[REFUSED] > 0 ? 0x0b : 0;
        od__smpp_text_settle(text);
        int32_t expected = OD_DISPOSITION_UNKNOWN;
        if (count[ACCEPTED] == 3) {
            expected = OD_DISPOSITION_SENT;
        } else if (count[STAYED] == 3) {
            expected = OD_DISPOSITION_CONGESTION;
        } else if (count[SILENT] == 0 && count[ACCEPTED] == 0) {
            expected = OD_DISPOSITION_NOT_FOUND;
        }
        assert_int_equal(text->disposition, expected);
        assert_int_equal(text->fault,
                         count[STAYED] == 3 ? OD_ERR_TRANSPORT : OD_OK);
        od__smpp_text_free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smpp_submit_codings),
        cmocka_unit_test(test_smpp_submit_parts_make_the_text_again),
        cmocka_unit_test(test_smpp_submit_refuses_what_is_too_long),
        cmocka_unit_test(test_smpp_submit_addresses),
        cmocka_unit_test(test_smpp_submit_validity),
        cmocka_unit_test(test_smpp_submit_every_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
