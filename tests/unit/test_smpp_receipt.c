/*
 * test_smpp_receipt.c - receipts in both forms, and as sloppy as they come.
 */
#include "support/test.h"

#include "transport/smpp/smpp.h"

static od__smpp_trunk trunk; /* of these tests; no codes, same ids */

static od__smpp_pdu of_text(const char *text)
{
    od__smpp_pdu pdu;
    memset(&pdu, 0, sizeof pdu);
    pdu.esm_class = 0x04;
    pdu.state = pdu.network_error = pdu.sar_reference = OD_NONE;
    pdu.octets = (const uint8_t *)text;
    pdu.octets_len = strlen(text);
    return pdu;
}

static void test_smpp_receipt_texts(void **state)
{
    static const struct {
        const char *text;
        const char *id; /* "" it names none */
        const char *code;
        int32_t delivery;
    } rows[] = {
        {"id:0123456789 sub:001 dlvrd:001 submit date:2611261200 done "
         "date:2611261201 stat:DELIVRD err:000 text:Hello",
         "123456789", "000", OD_DELIVERY_DELIVERED},
        {"ID:abc SUB:1 DLVRD:0 SUBMIT DATE:1 DONE DATE:2 STAT:undeliv ERR:00B "
         "TEXT:",
         "abc", "00B", OD_DELIVERY_FAILED},
        {"stat:EXPIRED id:x-7", "x-7", "", OD_DELIVERY_EXPIRED},
        {"id:1 stat:DELETED", "1", "", OD_DELIVERY_FAILED},
        {"id:1 stat:ACCEPTD", "1", "", OD_DELIVERY_SENT},
        {"id:1 stat:ENROUTE", "1", "", OD_DELIVERY_SENT},
        {"id:1 stat:REJECTD err:12", "1", "12", OD_DELIVERY_FAILED},
        {"id:1 stat:UNKNOWN", "1", "", OD_DELIVERY_UNKNOWN},
        {"id:1 stat:DELIVERED", "1", "", OD_DELIVERY_DELIVERED},
        {"id:1 stat:UNDELIVERABLE", "1", "", OD_DELIVERY_FAILED},
        {"id:1 stat:whatever", "1", "", OD_DELIVERY_UNKNOWN},
        {"id:1", "1", "", OD_DELIVERY_UNKNOWN},
        {"id: 77  stat: DELIVRD  err: 5", "77", "5", OD_DELIVERY_DELIVERED},
        {"id:1\r\nstat:DELIVRD\r\nerr:0\r\n", "1", "0", OD_DELIVERY_DELIVERED},
        /* an empty value does not swallow the next key */
        {"id:1 err: stat:DELIVRD", "1", "", OD_DELIVERY_DELIVERED},
        {"id: stat:DELIVRD", "", "", 0},
        /* what the sender wrote is no receipt */
        {"stat:DELIVRD text:id:5 err:9", "", "", 0},
        {"id:2 stat:EXPIRED text:stat:DELIVRD err:1", "2", "",
         OD_DELIVERY_EXPIRED},
        /* keys begin words */
        {"paid:5 stat:DELIVRD", "", "", 0},
        {"", "", "", 0},
        /* a code that is too long, or not to be printed, is none */
        {"id:1 err:0123456789abcdef stat:DELIVRD", "1", "",
         OD_DELIVERY_DELIVERED},
        {"id:1 err:\x01 stat:DELIVRD", "1", "", OD_DELIVERY_DELIVERED},
    };
    (void)state;
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        od__smpp_receipt receipt;
        od__smpp_pdu pdu = of_text(rows[i].text);
        bool named = od__smpp_receipt_read(&receipt, &pdu, &trunk);
        assert_int_equal(named, rows[i].id[0] != '\0');
        if (named) {
            assert_string_equal(receipt.id, rows[i].id);
            assert_string_equal(receipt.code, rows[i].code);
            assert_int_equal(receipt.delivery, rows[i].delivery);
        }
    }
}

static void test_smpp_receipt_tlvs_count_for_more(void **state)
{
    static const int32_t deliveries[] = {
        OD_DELIVERY_SENT,    OD_DELIVERY_SENT,    OD_DELIVERY_DELIVERED,
        OD_DELIVERY_EXPIRED, OD_DELIVERY_FAILED,  OD_DELIVERY_FAILED,
        OD_DELIVERY_SENT,    OD_DELIVERY_UNKNOWN, OD_DELIVERY_FAILED,
        OD_DELIVERY_FAILED,  OD_DELIVERY_UNKNOWN,
    };
    od__smpp_receipt receipt;
    od__smpp_pdu pdu = of_text("id:5 stat:EXPIRED err:7");
    (void)state;
    memcpy(pdu.id, "4F2A", 5);
    pdu.network_error = 34;
    for (size_t i = 0; i < OD__LEN(deliveries); i++) {
        pdu.state = (int32_t)i;
        assert_true(od__smpp_receipt_read(&receipt, &pdu, &trunk));
        assert_string_equal(receipt.id, "4f2a");
        assert_string_equal(receipt.code, "7"); /* the one with a manual */
        assert_int_equal(receipt.delivery, deliveries[i]);
    }
    pdu.octets_len = 0;
    assert_true(od__smpp_receipt_read(&receipt, &pdu, &trunk));
    assert_string_equal(receipt.code, "034");
}

static void test_smpp_receipt_in_ucs2(void **state)
{
    static const char octets[] =
        "\0i\0d\0:\0x\0_\0 \0s\0t\0a\0t\0:\0D\0E\0L\0I\0V";
    od__smpp_receipt receipt;
    od__smpp_pdu pdu = of_text("");
    (void)state;
    pdu.data_coding = 8;
    pdu.octets = (const uint8_t *)octets;
    pdu.octets_len = sizeof octets - 1;
    assert_true(od__smpp_receipt_read(&receipt, &pdu, &trunk));
    assert_string_equal(receipt.id, "x_");
    assert_int_equal(receipt.delivery, OD_DELIVERY_DELIVERED);
}

static void test_smpp_receipt_codes_of_no_such_number(void **state)
{
    od__smpp_trunk with_codes;
    od__smpp_receipt receipt;
    (void)state;
    memset(&with_codes, 0, sizeof with_codes);
    memcpy(with_codes.unknown_codes, "001  00B", 9);
    static const struct {
        const char *text;
        int32_t disposition;
    } rows[] = {
        {"id:1 stat:UNDELIV err:001", OD_DISPOSITION_NOT_FOUND},
        {"id:1 stat:EXPIRED err:00b", OD_DISPOSITION_NOT_FOUND},
        {"id:1 stat:UNDELIV err:00", OD_DISPOSITION_UNDELIVERED},
        {"id:1 stat:UNDELIV err:0011", OD_DISPOSITION_UNDELIVERED},
        {"id:1 stat:UNDELIV", OD_DISPOSITION_UNDELIVERED},
        {"id:1 stat:DELIVRD err:001", OD_DISPOSITION_NONE},
    };
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        od__smpp_pdu pdu = of_text(rows[i].text);
        assert_true(od__smpp_receipt_read(&receipt, &pdu, &with_codes));
        assert_int_equal(receipt.disposition, rows[i].disposition);
    }
}

static void test_smpp_receipt_ids_have_one_form(void **state)
{
    static const struct {
        const char *id;
        bool decimal;
        const char *plain;
    } rows[] = {
        {"0000000042", false, "42"},
        {"  42 ", false, "42"},
        {"0", false, "0"},
        {"000", false, "0"},
        {"00AB12", false, "ab12"},
        {"00AB-12", false, "00AB-12"}, /* no number: as it is */
        {"Xy", false, "Xy"},
        {"", false, ""},
        {"  ", false, ""},
        {"10", true, "a"},
        {"0000000255", true, "ff"},
        {"18446744073709551615", true, "ffffffffffffffff"},
        {"18446744073709551616", true, "18446744073709551616"},
        {"00ff", true, "ff"}, /* it is hexadecimal already */
    };
    (void)state;
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        char plain[OD__SMPP_ID_SIZE];
        od__smpp_id_plain(plain, rows[i].id, rows[i].decimal);
        assert_string_equal(plain, rows[i].plain);
    }
}

/* Hexadecimal when submitted, decimal in the text of the receipt; the TLV has
 * it as it was submitted. */
static void test_smpp_receipt_ids_in_decimal(void **state)
{
    od__smpp_trunk decimal;
    od__smpp_receipt receipt;
    char submitted[OD__SMPP_ID_SIZE];
    (void)state;
    memset(&decimal, 0, sizeof decimal);
    decimal.receipt_ids = OD_SMPP_IDS_DECIMAL;
    od__smpp_id_plain(submitted, "1A2B3C", false);
    od__smpp_pdu pdu = of_text("id:1715004 stat:DELIVRD");
    assert_true(od__smpp_receipt_read(&receipt, &pdu, &decimal));
    assert_string_equal(receipt.id, submitted);
    memcpy(pdu.id, "1A2B3C", 7);
    assert_true(od__smpp_receipt_read(&receipt, &pdu, &decimal));
    assert_string_equal(receipt.id, submitted);
}

static void test_smpp_receipt_is_told_from_a_reply(void **state)
{
    od__smpp_pdu pdu = of_text("");
    (void)state;
    assert_true(od__smpp_is_receipt(&pdu));
    pdu.esm_class = 0x20; /* on the way */
    assert_true(od__smpp_is_receipt(&pdu));
    pdu.esm_class = 0x44; /* with a header, never mind */
    assert_true(od__smpp_is_receipt(&pdu));
    pdu.esm_class = 0x40;
    assert_false(od__smpp_is_receipt(&pdu));
    pdu.esm_class = 0x08; /* the handset's own words */
    assert_false(od__smpp_is_receipt(&pdu));
    pdu.esm_class = 0;
    memcpy(pdu.id, "1", 2);
    assert_true(od__smpp_is_receipt(&pdu));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smpp_receipt_texts),
        cmocka_unit_test(test_smpp_receipt_tlvs_count_for_more),
        cmocka_unit_test(test_smpp_receipt_in_ucs2),
        cmocka_unit_test(test_smpp_receipt_codes_of_no_such_number),
        cmocka_unit_test(test_smpp_receipt_ids_have_one_form),
        cmocka_unit_test(test_smpp_receipt_ids_in_decimal),
        cmocka_unit_test(test_smpp_receipt_is_told_from_a_reply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
