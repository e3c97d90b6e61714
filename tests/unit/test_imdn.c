/*
 * test_imdn.c - notifications of what became of a text.
 */
#include "support/test.h"

#include "transport/sip/message_parts.h"

#define OPEN "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">"
#define ID "<message-id>34jk324j</message-id>"

static bool read_text(od__imdn *out, const char *text)
{
    return od__imdn_read(out, (od__span){text, strlen(text)});
}

static void check(const char *text, od__imdn_kind kind, const char *status)
{
    od__imdn imdn;
    if (!read_text(&imdn, text)) {
        fail_msg("not read: %s", text);
    }
    assert_int_equal(imdn.kind, kind);
    assert_string_equal(imdn.message_id, "34jk324j");
    assert_string_equal(imdn.status, status);
}

static void test_imdn_delivery(void **state)
{
    (void)state;
    /* RFC 5438, 11.1.3 */
    check("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n" OPEN "\r\n"
          "  " ID "\r\n"
          "  <datetime>2008-04-04T12:16:49-05:00</datetime>\r\n"
          "  <recipient-uri>im:bob@example.com</recipient-uri>\r\n"
          "  <original-recipient-uri\r\n    >im:bob@example.com"
          "</original-recipient-uri>\r\n"
          "  <delivery-notification>\r\n    <status>\r\n      <delivered/>\r\n"
          "    </status>\r\n  </delivery-notification>\r\n</imdn>\r\n",
          OD__IMDN_DELIVERED, "delivered");
    check(OPEN ID "<delivery-notification><status><failed/>", OD__IMDN_FAILED,
          "failed");
    check(OPEN ID "<delivery-notification><status><forbidden /></status>",
          OD__IMDN_FAILED, "forbidden");
    check(OPEN ID "<delivery-notification><status><error></error>",
          OD__IMDN_FAILED, "error");
    check(OPEN ID "<delivery-notification><status><wonderful/>", OD__IMDN_OTHER,
          "wonderful");
    check(OPEN ID "<delivery-notification><status><averyveryverylongone/>",
          OD__IMDN_OTHER, "averyveryverylo");
}

static void test_imdn_others(void **state)
{
    (void)state;
    check(OPEN ID "<display-notification><status><displayed/>", OD__IMDN_OTHER,
          "displayed");
    check(OPEN ID "<processing-notification><status><stored/>", OD__IMDN_OTHER,
          "stored");
    /* A failure to display is none to deliver. */
    check(OPEN ID "<display-notification><status><error/>", OD__IMDN_OTHER,
          "error");
    check(OPEN ID "<display-notification></display-notification>"
                  "<delivery-notification><status><delivered/>",
          OD__IMDN_DELIVERED, "delivered");
}

static void test_imdn_any_order_and_prefix(void **state)
{
    (void)state;
    check("<i:imdn xmlns:i=\"x\"><i:delivery-notification><i:status>"
          "<i:delivered/></i:status></i:delivery-notification>"
          "<i:message-id>\n 34jk324j\t</i:message-id></i:imdn>",
          OD__IMDN_DELIVERED, "delivered");
    check("<!-- <imdn> --><!DOCTYPE imdn>" OPEN
          "<!-- <message-id>no</message-id> -->" ID
          "<![CDATA[<status><failed/>]]>"
          "<delivery-notification><status><!----><delivered/><failed/>",
          OD__IMDN_DELIVERED, "delivered");
    check(OPEN ID "<message-id>other</message-id><status><failed/></status>"
                  "<delivery-notification><status><delivered/>",
          OD__IMDN_DELIVERED, "delivered");
}

static void test_imdn_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "delivered",
        "<imdn",
        "<imdn>",
        "<",
        "</>",
        "<!-- <imdn>",
        ID "<imdn><delivery-notification><status><delivered/>",
        OPEN ID,
        OPEN ID "<delivery-notification><delivered/>",
        OPEN "<delivery-notification><status><delivered/>",
        OPEN "<message-id/><delivery-notification><status><delivered/>",
        OPEN "<message-id>a b</message-id>"
             "<delivery-notification><status><delivered/>",
        OPEN "<message-id>abc",
    };
    od__imdn imdn;
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        if (read_text(&imdn, bad[i])) {
            fail_msg("read: %s", bad[i]);
        }
    }
}

/* Longer ids than a network id may be are not ours. */
static void test_imdn_long_id(void **state)
{
    (void)state;
    char text[400];
    char id[129];
    od__imdn imdn;
    memset(id, 'a', sizeof id);
    for (int len = 127; len <= 128; len++) {
        (void)snprintf(text, sizeof text,
                       OPEN "<message-id>%.*s</message-id>"
                            "<delivery-notification><status><delivered/>",
                       len, id);
        assert_int_equal(read_text(&imdn, text), len == 127);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_imdn_delivery),
        cmocka_unit_test(test_imdn_others),
        cmocka_unit_test(test_imdn_any_order_and_prefix),
        cmocka_unit_test(test_imdn_refuses),
        cmocka_unit_test(test_imdn_long_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
