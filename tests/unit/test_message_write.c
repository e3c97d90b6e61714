/*
 * test_message_write.c - a MESSAGE of ours as text, and its room.
 */
#include "support/test.h"

#include "transport/sip/message_parts.h"

#define CALL_ID "f0e1d2c3b4a5968778695a4b3c2d1e0f"

static od__sip_trunk trunk_of(const char *name)
{
    od__sip_trunk trunk;
    memset(&trunk, 0, sizeof trunk);
    od__text_copy(trunk.name, sizeof trunk.name, name);
    od__text_copy(trunk.host, sizeof trunk.host, "192.0.2.1");
    od__text_copy(trunk.from_host, sizeof trunk.from_host, "example.org");
    od__text_copy(trunk.dial_prefix, sizeof trunk.dial_prefix, "+");
    trunk.port = 5060;
    return trunk;
}

static od_send plain_send(void)
{
    od_send send;
    memset(&send, 0, sizeof send);
    send.to = 12125550100;
    send.from = 13105550100;
    send.validity_s = 3600;
    memcpy(send.session_id, "000102030405060708090a0b0c0d0e0f", 33);
    return send;
}

static size_t write_to(char *out, size_t out_size, const od__sip_trunk *trunk,
                       const char *text)
{
    const od_send send = plain_send();
    const od__message_form form = {.trunk = trunk,
                                   .user_agent = "test",
                                   .send = &send,
                                   .text = text,
                                   .call_id = CALL_ID,
                                   .tag = "tag",
                                   .cseq = 1,
                                   .utc_ms = 1795957114000};
    od__writer writer;
    od__writer_init(&writer, out, out_size);
    od__message_write(&writer, &form);
    assert_false(writer.full);
    return writer.len;
}

static void test_message_write_plain(void **state)
{
    (void)state;
    char out[3000];
    od__sip_trunk trunk = trunk_of("main");
    (void)write_to(out, sizeof out, &trunk, "Hi %s\r\nX: y\r\n\r\n\xc3\xa9");
    assert_string_equal(
        out, "To: <sip:+12125550100@192.0.2.1:5060>\r\n"
             "From: <sip:+13105550100@example.org>;tag=tag\r\n"
             "Call-ID: " CALL_ID "\r\n"
             "CSeq: 1 MESSAGE\r\n"
             "P-Asserted-Identity: <sip:+13105550100@example.org>\r\n"
             "Session-ID: 000102030405060708090a0b0c0d0e0f;"
             "remote=00000000000000000000000000000000\r\n"
             "Expires: 3600\r\n"
             "Date: Sun, 29 Nov 2026 12:58:34 GMT\r\n"
             "User-Agent: test\r\n"
             "Content-Type: text/plain;charset=utf-8\r\n"
             "Content-Length: 17\r\n"
             "\r\n"
             "Hi %s\r\nX: y\r\n\r\n\xc3\xa9");
}

static void test_message_write_cpim(void **state)
{
    (void)state;
    char out[3000];
    char length[40];
    od__sip_trunk trunk = trunk_of("main");
    trunk.imdn = true;
    size_t len = write_to(out, sizeof out, &trunk, "Hi");
    const char *body = strstr(out, "\r\n\r\n") + 4;
    (void)snprintf(length, sizeof length, "\r\nContent-Length: %zu\r\n",
                   len - (size_t)(body - out));
    assert_non_null(strstr(out, length));
    assert_non_null(strstr(out, "\r\nContent-Type: message/cpim\r\n"));
    assert_null(strstr(out, "\r\nDate: "));
    od__cpim cpim;
    assert_true(od__cpim_read(&cpim, (od__span){body, strlen(body)}));
    assert_string_equal(cpim.type.name, "text/plain");
    assert_string_equal(cpim.content.at, "Hi");
}

static void test_message_ids_name_their_trunk(void **state)
{
    (void)state;
    char id[OD__MESSAGE_ID_LEN + 1];
    od__sip_trunk one = trunk_of("main");
    od__sip_trunk other = trunk_of("spare");
    od__message_id(id, &one, "000102030405060708090a0b0c0d0e0f");
    assert_int_equal(strlen(id), OD__MESSAGE_ID_LEN);
    assert_memory_equal(id, "000102030405060708090a0b0c0d0e0f-", 33);
    assert_true(od__message_id_is_of(id, &one));
    assert_false(od__message_id_is_of(id, &other));
    assert_false(od__message_id_is_of("", &one));
    assert_false(
        od__message_id_is_of("000102030405060708090a0b0c0d0e0f", &one));
}

static void test_message_uri_of_short_code(void **state)
{
    (void)state;
    char uri[512];
    od__sip_trunk trunk = trunk_of("main");
    od__text_copy(trunk.dial_prefix, sizeof trunk.dial_prefix, "9*%23");
    trunk.protocol = OD_SIP_TCP;
    od__message_uri(uri, sizeof uri, &trunk, 24680);
    assert_string_equal(uri, "sip:24680@192.0.2.1:5060;transport=tcp");
    od__message_uri(uri, sizeof uri, &trunk, 12125550100);
    assert_string_equal(uri,
                        "sip:9*%2312125550100@192.0.2.1:5060;transport=tcp");
}

/* A text as long as there is room fills the datagram; what makes requests
 * longer makes room less. */
static void test_message_room(void **state)
{
    (void)state;
    char out[3000];
    static char text[OD__MESSAGE_UDP_MAX + 1];
    od__config config;
    memset(&config, 0, sizeof config);
    od__text_copy(config.user_agent, sizeof config.user_agent, "test");
    od__sip_trunk trunk = trunk_of("main");
    int32_t room = od__message_room(&config, &trunk);
    assert_in_range(room, 600, 800);
    memset(text, 'a', (size_t)room);
    size_t len = od__message_head_len(&config, &trunk, 12125550100) +
                 write_to(out, sizeof out, &trunk, text);
    assert_in_range(len, OD__MESSAGE_UDP_MAX - 80, OD__MESSAGE_UDP_MAX);

    od__sip_trunk other = trunk;
    other.imdn = true;
    assert_in_range(od__message_room(&config, &other), 300, room - 200);
    other = trunk;
    od__text_copy(other.username, sizeof other.username, "alice");
    assert_in_range(od__message_room(&config, &other), 200, room - 300);
    other = trunk;
    memset(other.host, 'a', 255);
    memset(other.from_host, 'a', 255);
    assert_true(od__message_room(&config, &other) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_write_plain),
        cmocka_unit_test(test_message_write_cpim),
        cmocka_unit_test(test_message_ids_name_their_trunk),
        cmocka_unit_test(test_message_uri_of_short_code),
        cmocka_unit_test(test_message_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
