/*
 * test_smpp_pdu.c - PDUs byte for byte, and those that libsmpp34 alone would
 * refuse, overrun or leak.
 */
#include "support/test.h"

#include "support/smsc.h"
#include "transport/smpp/smpp.h"

static void test_smpp_pdu_length(void **state)
{
    static const struct {
        uint8_t bytes[4];
        size_t len;
        int32_t pdu_len;
    } rows[] = {
        {{0, 0, 0, 16}, 4, 16},        {{0, 0, 0, 16}, 3, 0},
        {{0, 0, 0, 0}, 0, 0},          {{0, 0, 0, 15}, 4, OD_NONE},
        {{0, 1, 0, 0}, 4, 65536},      {{0, 1, 0, 1}, 4, OD_NONE},
        {{0xff, 0, 0, 0}, 4, OD_NONE},
    };
    (void)state;
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        assert_int_equal(od__smpp_pdu_len(rows[i].bytes, rows[i].len),
                         rows[i].pdu_len);
    }
}

static void test_smpp_pdu_bind(void **state)
{
    static const uint8_t expected[] = {
        0,   0,   0,   38, 0,   0,   0,   9,   0,    0,   0,   0,
        0,   0,   1,   2,  'm', 'e', 0,   's', 'e',  'c', 'r', 'e',
        't', '1', '2', 0,  'v', 'm', 'a', 0,   0x34, 0,   0,   0};
    od__smpp_trunk trunk;
    uint8_t out[OD__SMPP_SUBMIT_MAX];
    (void)state;
    memset(&trunk, 0, sizeof trunk);
    memcpy(trunk.system_id, "me", 3);
    memcpy(trunk.password, "secret12", 9);
    memcpy(trunk.system_type, "vma", 4);
    size_t len = od__smpp_pdu_bind(out, &trunk, 0x102);
    assert_int_equal(len, sizeof expected);
    assert_memory_equal(out + 4, expected + 4, sizeof expected - 4);
    assert_int_equal(out[3], len);
}

static void test_smpp_pdu_submit(void **state)
{
    static const uint8_t expected[] =
        {
            0,    0,    0,   4,   0,   0,   0,   0,   0x7f, 0xff, 0xff,
            0xff, /* after the length */
            0,    3,    0,   '7', '4', 0,   1,   1,   '1',  '5',  '5',
            0,    0x40, 0,   0,   0,   '0', '0', '0', '0',  '0',  '1',
            '0',  '0',  '0', '0', '0', '0', '0', '0', '0',  'R',  0,
            1,    0,    8,   0,   3,   0,   'h', 0xff};
    static const uint8_t octets[] = {0, 'h', 0xff};
    const od__smpp_submit submit = {.source = "74",
                                    .dest = "155",
                                    .validity = "000001000000000R",
                                    .octets = octets,
                                    .octets_len = sizeof octets,
                                    .source_ton = 3,
                                    .dest_ton = 1,
                                    .dest_npi = 1,
                                    .esm_class = 0x40,
                                    .data_coding = 8};
    uint8_t out[OD__SMPP_SUBMIT_MAX];
    (void)state;
    size_t len = od__smpp_pdu_submit(out, &submit, 0x7fffffff);
    assert_int_equal(len, 4 + sizeof expected);
    assert_int_equal(od__smpp_pdu_len(out, 4), len);
    assert_memory_equal(out + 4, expected, sizeof expected);
}

/* The longest fields that a text can have. */
static void test_smpp_pdu_submit_has_room(void **state)
{
    uint8_t octets[253];
    const od__smpp_submit submit = {.source = "99999999999999999999",
                                    .dest = "99999999999999999999",
                                    .validity = "991231235959999R",
                                    .octets = octets,
                                    .octets_len = sizeof octets};
    uint8_t out[OD__SMPP_SUBMIT_MAX];
    (void)state;
    memset(octets, 0xaa, sizeof octets);
    size_t len = od__smpp_pdu_submit(out, &submit, 1);
    assert_true(len < sizeof out);
    assert_memory_equal(out + len - sizeof octets, octets, sizeof octets);
}

static void test_smpp_pdu_plain(void **state)
{
    uint8_t out[OD__SMPP_SUBMIT_MAX];
    static const struct {
        uint32_t command;
        size_t len;
    } rows[] = {
        {0x15, 16},       {0x80000015, 16}, {0x80000006, 16},
        {0x80000000, 16}, {0x80000005, 17}, {0x80000103, 17},
    };
    (void)state;
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        od__smpp_pdu pdu;
        /* A sequence number and a status that libsmpp34 does not pack. */
        size_t len = od__smpp_pdu_plain(out, rows[i].command, 0x4ff, 0);
        assert_int_equal(len, rows[i].len);
        assert_true(od__smpp_pdu_read(&pdu, out, 16));
        assert_true(pdu.command == rows[i].command);
        assert_int_equal(pdu.status, 0x4ff);
        assert_int_equal(pdu.sequence, 0);
    }
}

/* == reading ============================================================== */

static bool read_bytes(od__smpp_pdu *out, const void *bytes, size_t len)
{
    static uint8_t copy[OD__SMPP_PDU_MAX];
    assert_true(len <= sizeof copy);
    memcpy(copy, bytes, len);
    return od__smpp_pdu_read(out, copy, len);
}

static void test_smpp_pdu_submit_resp(void **state)
{
    static const struct {
        const char *body;
        size_t len;
        uint8_t status; /* last byte */
        const char *id;
    } rows[] = {
        {"0123abcd", 9, 0, "0123abcd"},
        {"0123abcd", 8, 0, "0123abcd"}, /* without its NUL */
        {"", 0, 0, ""},
        {"", 1, 0, ""},
        {"", 0, 0x58, ""},
        {"", 1, 0x58, ""},                  /* which libsmpp34 refuses */
        {"abc\0\x14\x01\0\0", 8, 0, "abc"}, /* with a TLV */
        {"0123456789012345678901234567890123456789012345678901234567890123456",
         68, 0,
         "0123456789012345678901234567890123456789012345678901234567890123"},
    };
    (void)state;
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        uint8_t bytes[128] = {0, 0, 0, 0, 0x80, 0, 0, 4};
        od__smpp_pdu pdu;
        bytes[11] = rows[i].status;
        bytes[15] = 9;
        memcpy(bytes + 16, rows[i].body, rows[i].len);
        assert_true(read_bytes(&pdu, bytes, 16 + rows[i].len));
        assert_string_equal(pdu.id, rows[i].id);
        assert_int_equal(pdu.status, rows[i].status);
        assert_int_equal(pdu.sequence, 9);
    }
}

static void test_smpp_pdu_deliver_with_tlvs(void **state)
{
    static const uint8_t tlvs[] = {
        0x14, 0x01, 0,    0,                        /* a vendor's */
        0x00, 0x1e, 0,    4,    'a', 'b',  'c',  0, /* receipted_message_id */
        0x04, 0x27, 0,    1,    2,                  /* message_state */
        0x04, 0x23, 0,    3,    3,   1,    2,       /* network_error_code */
        0x02, 0x0c, 0,    2,    1,   0,             /* sar_* */
        0x02, 0x0e, 0,    1,    3,   0x02, 0x0f, 0,
        1,    2,    0x04, 0x27, 0,   9,    1, /* longer than what is left */
    };
    static const od_smsc_deliver deliver = {.source = "+15551230001",
                                            .esm_class = 0x04,
                                            .coding = 8,
                                            .text = "\0h",
                                            .text_len = 2,
                                            .tlvs = tlvs,
                                            .tlvs_len = sizeof tlvs};
    (void)state;
    for (int data = 0; data < 2; data++) {
        uint8_t bytes[256];
        od__smpp_pdu pdu;
        size_t len = od_smsc_deliver_write(bytes, &deliver, 0, data == 1);
        assert_true(read_bytes(&pdu, bytes, len));
        assert_string_equal(pdu.source, "+15551230001");
        assert_string_equal(pdu.dest, "15550100000");
        assert_int_equal(pdu.esm_class, 4);
        assert_int_equal(pdu.data_coding, 8);
        assert_string_equal(pdu.id, "abc");
        assert_int_equal(pdu.state, 2);
        assert_int_equal(pdu.network_error, 258);
        assert_int_equal(pdu.sar_reference, 256);
        assert_int_equal(pdu.sar_total, 3);
        assert_int_equal(pdu.sar_part, 2);
        assert_int_equal(pdu.octets_len, data == 1 ? 0 : 2);
    }
}

/* message_payload counts where there is no short_message; here it is longer
 * than libsmpp34 holds. */
static void test_smpp_pdu_payload(void **state)
{
    static uint8_t tlvs[4 + 5000] = {0x04, 0x24, 5000 >> 8, 5000 & 0xff};
    static uint8_t bytes[8192];
    od_smsc_deliver deliver = {.tlvs = tlvs, .tlvs_len = sizeof tlvs};
    od__smpp_pdu pdu;
    (void)state;
    memset(tlvs + 4, 'x', 5000);
    assert_true(read_bytes(&pdu, bytes,
                           od_smsc_deliver_write(bytes, &deliver, 1, false)));
    assert_int_equal(pdu.octets_len, 5000);
    assert_memory_equal(pdu.octets, tlvs + 4, 5000);
    deliver.text = "short";
    deliver.text_len = 5;
    assert_true(read_bytes(&pdu, bytes,
                           od_smsc_deliver_write(bytes, &deliver, 1, false)));
    assert_int_equal(pdu.octets_len, 5);
}

/* Fields that SMSCs send and libsmpp34 refuses. */
static void test_smpp_pdu_deliver_out_of_the_ordinary(void **state)
{
    static const char body[] = "longer than it may be\0" /* service_type */
                               "\x07\xff"
                               "155512300011555123000115551230001\0"
                               "\x09\x63"
                               "74545\0"
                               "\x04\0\0"
                               "261126120000000+\0" /* schedule_delivery_time */
                               "000001000000000R\0" /* validity_period */
                               "\0\0\x03\0";
    uint8_t bytes[512] = {0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 4, 0xff};
    od__smpp_pdu pdu;
    (void)state;
    memcpy(bytes + 16, body, sizeof body - 1);
    size_t len = 16 + sizeof body - 1;
    bytes[len++] = 255; /* short_message has 254 at most */
    memset(bytes + len, 'x', 255);
    len += 255;
    assert_true(read_bytes(&pdu, bytes, len));
    assert_string_equal(pdu.source, "15551230001155512300");
    assert_string_equal(pdu.dest, "74545");
    assert_int_equal(pdu.esm_class, 4);
    assert_int_equal(pdu.data_coding, 3);
    assert_int_equal(pdu.octets_len, 255);
    assert_int_equal(pdu.status, 0x4ff);
    /* A byte less, and the text is longer than the PDU. */
    assert_false(read_bytes(&pdu, bytes, len - 1));
    assert_int_equal(pdu.command, 5);
}

static void test_smpp_pdu_of_other_kinds_has_its_header(void **state)
{
    static const uint8_t bytes[] = {0, 0, 0,    18, 0x80, 0, 0, 9,   0,
                                    0, 0, 0x0e, 0,  0,    0, 5, 'x', 'y'};
    od__smpp_pdu pdu;
    (void)state;
    assert_true(read_bytes(&pdu, bytes, sizeof bytes));
    assert_true(pdu.command == 0x80000009);
    assert_int_equal(pdu.status, 0x0e);
    assert_int_equal(pdu.sequence, 5);
    assert_int_equal(pdu.state, OD_NONE);
    assert_int_equal(pdu.octets_len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smpp_pdu_length),
        cmocka_unit_test(test_smpp_pdu_bind),
        cmocka_unit_test(test_smpp_pdu_submit),
        cmocka_unit_test(test_smpp_pdu_submit_has_room),
        cmocka_unit_test(test_smpp_pdu_plain),
        cmocka_unit_test(test_smpp_pdu_submit_resp),
        cmocka_unit_test(test_smpp_pdu_deliver_with_tlvs),
        cmocka_unit_test(test_smpp_pdu_payload),
        cmocka_unit_test(test_smpp_pdu_deliver_out_of_the_ordinary),
        cmocka_unit_test(test_smpp_pdu_of_other_kinds_has_its_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
