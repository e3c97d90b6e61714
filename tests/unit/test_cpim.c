/*
 * test_cpim.c - media types, and message/cpim read and written.
 */
#include "support/test.h"

#include "transport/sip/message_parts.h"

static od__span span(const char *text)
{
    return (od__span){text, strlen(text)};
}

static void test_cpim_media_types(void **state)
{
    (void)state;
    od__media_type type;
    assert_true(od__media_type_read(&type, span("text/plain")));
    assert_string_equal(type.name, "text/plain");
    assert_string_equal(type.charset, "");
    assert_true(od__media_type_is_text(&type));
    assert_true(od__media_type_read(
        &type, span(" Text/Plain ; format=flowed; Charset = \"UTF-8\" ")));
    assert_string_equal(type.name, "text/plain");
    assert_string_equal(type.charset, "utf-8");
    assert_true(od__media_type_is_text(&type));
    assert_true(
        od__media_type_read(&type, span("text/plain;charset=us-ascii")));
    assert_true(od__media_type_is_text(&type));
    assert_true(
        od__media_type_read(&type, span("text/plain;charset=iso-8859-1")));
    assert_false(od__media_type_is_text(&type));
    assert_true(od__media_type_read(&type, span("text/html;charset=utf-8")));
    assert_false(od__media_type_is_text(&type));
    static const char *const bad[] = {
        "",
        ";",
        "text",
        "te xt/plain",
        "text/plain;charset=",
        "text/plain;charset=\"\"",
        "text/plain;charset=u\x01",
        "text/a-name-that-nobody-has-ever-given-to-a"
        "-thing"};
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        if (od__media_type_read(&type, span(bad[i]))) {
            fail_msg("%s is a media type", bad[i]);
        }
    }
}

static void check(const char *body, const char *type, const char *content)
{
    od__cpim cpim;
    if (!od__cpim_read(&cpim, span(body))) {
        fail_msg("not read: %s", body);
    }
    assert_string_equal(cpim.type.name, type);
    assert_int_equal(cpim.content.len, strlen(content));
    assert_memory_equal(cpim.content.at, content, strlen(content));
    assert_false(cpim.is_encoded);
}

static void test_cpim_read(void **state)
{
    (void)state;
    check("From: <sip:a@b>\r\n\r\nContent-Type: text/plain\r\n\r\nHi\r\n",
          "text/plain", "Hi\r\n");
    check("From: x\n\nContent-type: Message/IMDN+xml\nContent-Length: 9\n\n<x>",
          "message/imdn+xml", "<x>");
    check("\r\nContent-Type: text/plain\r\n\r\n", "text/plain", "");
    /* No headers of the content: it is text. The first empty line left out. */
    check("From: x\r\n\r\n\r\nHi", "text/plain", "Hi");
    check("From: x\r\nContent-Type: text/html\r\n\r\nA: b\r\n\r\nHi",
          "text/html", "A: b\r\n\r\nHi");
    od__cpim cpim;
    assert_true(od__cpim_read(
        &cpim, span("From: x\r\n\r\nContent-Type: text/plain\r\n"
                    "Content-Transfer-Encoding: base64\r\n\r\nSGk=")));
    assert_true(cpim.is_encoded);
    assert_true(od__cpim_read(
        &cpim, span("From: x\r\n\r\nContent-Type: text/plain\r\n"
                    "Content-Transfer-Encoding: 8Bit\r\n\r\nHi")));
    assert_false(cpim.is_encoded);
}

static void test_cpim_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "From: x",
        "From: x\r\n\r\n",
        "From: x\r\n\r\nContent-Type: text/plain",
        "no header\r\n\r\n\r\nHi",
        ": x\r\n\r\n\r\nHi",
        "From: x\r\n\r\nContent-Type: x\r\n\r\nHi"};
    od__cpim cpim;
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        if (od__cpim_read(&cpim, span(bad[i]))) {
            fail_msg("read: %s", bad[i]);
        }
    }
}

/* What is written is read again, whatever the text is. */
static void test_cpim_write(void **state)
{
    (void)state;
    static const char *const texts[] = {"Hi", "\r\n\r\n", "A: b\r\n\r\nc",
                                        "%s%n \xc3\xa9"};
    od__sip_trunk trunk = {.host = "192.0.2.1", .from_host = "example.org"};
    od_send send = {.to = 12125550100, .from = 24680};
    for (size_t i = 0; i < OD__LEN(texts); i++) {
        const od__message_form form = {.trunk = &trunk,
                                       .send = &send,
                                       .text = texts[i],
                                       .utc_ms = 1795957114000};
        char body[1000];
        od__writer writer;
        od__writer_init(&writer, body, sizeof body);
        od__cpim_write(&writer, &form, "abc");
        assert_false(writer.full);
        check(body, "text/plain", texts[i]);
        assert_non_null(strstr(body, "From: <sip:24680@example.org>\r\n"
                                     "To: <sip:+12125550100@192.0.2.1>\r\n"
                                     "DateTime: 2026-11-29T12:58:34Z\r\n"));
        assert_non_null(strstr(body, "\r\nimdn.Message-ID: abc\r\n"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cpim_media_types),
        cmocka_unit_test(test_cpim_read),
        cmocka_unit_test(test_cpim_refuses),
        cmocka_unit_test(test_cpim_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
