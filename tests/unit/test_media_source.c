/*
 * test_media_source.c - which of those that send is believed to be the peer,
 * without sockets: addresses, packets and ticks in.
 */
#include "support/test.h"

#include "transport/sip/media_parts.h"

#define EVENT_PT 101
#define BEGIN 1000
#define OPEN (BEGIN + 500)

static od__address v4(uint32_t host, uint16_t port)
{
    od__address out = {0};
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(port);
    out.v4.sin_addr.s_addr = htonl(0x7f000000 + host);
    return out;
}

/* A stream that seeks since BEGIN; its peer is host 1, port 4000. */
static void seek(od__media_stream *stream)
{
    od__rand rand = {.state = 7};
    od__media_call call = {.codec = OD_CODEC_PCMU, .event_pt = EVENT_PT};
    od__address peer = v4(1, 4000);
    memset(stream, 0, sizeof *stream);
    od__media_stream_open(stream, 1, &rand);
    od__media_source_begin(stream, &peer, sizeof peer.v4, BEGIN);
    od__media_stream_connect(stream, &call);
}

/* One packet of host 2 and this port. */
static void hear(od__media_stream *stream, uint16_t port, od__rtp rtp,
                 const void *payload, size_t len, int64_t tick)
{
    uint8_t bytes[OD__RTP_MAX];
    od__address from = v4(2, port);
    assert_true(len <= OD__FRAME_SAMPLES);
    od__rtp_write(&rtp, bytes);
    memcpy(bytes + OD__RTP_HEADER, payload, len);
    assert_false(od__media_source_is_peer(&stream->source, &from));
    od__media_source_note(stream, &from, bytes, OD__RTP_HEADER + len, tick);
}

static void hear_voice(od__media_stream *stream, uint16_t port,
                       uint16_t sequence, int64_t tick)
{
    od__rtp rtp = {.sequence = sequence, .ssrc = port};
    hear(stream, port, rtp, "", 1, tick);
}

static void hear_key(od__media_stream *stream, uint16_t port, char key,
                     uint32_t timestamp, int64_t tick)
{
    uint8_t payload[4];
    od__rtp rtp = {
        .payload_type = EVENT_PT, .ssrc = port, .timestamp = timestamp};
    assert_true(od__dtmf_out(key, 160, false, payload));
    hear(stream, port, rtp, payload, sizeof payload, tick);
}

static uint16_t other_port(const od__media_stream *stream)
{
    assert_int_equal(stream->source.other_len, sizeof(struct sockaddr_in));
    return ntohs(stream->source.other.v4.sin_port);
}

static void test_media_source_believes_two_in_a_row(void **state)
{
    (void)state;
    od__media_stream stream;
    seek(&stream);
    assert_false(od__media_source_may_learn(&stream.source, OPEN));
    hear_voice(&stream, 5000, 65535, OPEN - 20);
    hear_voice(&stream, 5000, 1, OPEN - 1); /* wraps around, one is lost */
    assert_false(od__media_source_may_learn(&stream.source, OPEN - 1));
    /* It has to go on. */
    assert_false(od__media_source_may_learn(&stream.source, OPEN));
    hear_voice(&stream, 5000, 2, OPEN);
    assert_true(od__media_source_may_learn(&stream.source, OPEN));
    assert_int_equal(other_port(&stream), 5000);
}

static void test_media_source_believes_no_stray(void **state)
{
    (void)state;
    od__media_stream stream;
    seek(&stream);
    hear_voice(&stream, 5000, 7, OPEN);
    assert_false(od__media_source_may_learn(&stream.source, OPEN));
    hear_voice(&stream, 5000, 7, OPEN); /* twice the same */
    hear_voice(&stream, 5000, 6, OPEN); /* an older one */
    assert_false(od__media_source_may_learn(&stream.source, OPEN));
    od__rtp rtp = {.sequence = 8, .ssrc = 1}; /* of another stream */
    hear(&stream, 5000, rtp, "", 1, OPEN);
    assert_false(od__media_source_may_learn(&stream.source, OPEN));
    /* Payload types that nobody offered, and what is no RTP. */
    for (uint16_t i = 0; i < 10; i++) {
        od__rtp odd = {.sequence = i, .payload_type = 3};
        od__address from = v4(2, 5000);
        hear(&stream, 5000, odd, "", 1, OPEN);
        od__media_source_note(&stream, &from, (const uint8_t *)"\0garbage here",
                              13, OPEN);
    }
    assert_false(od__media_source_may_learn(&stream.source, OPEN));
    /* Too long after the one before. */
    rtp = (od__rtp){.sequence = 9, .ssrc = 1};
    hear(&stream, 5000, rtp, "", 1, OPEN + 100);
    assert_false(od__media_source_may_learn(&stream.source, OPEN + 100));
    /* The other codec was offered, too. */
    hear(&stream, 5000, (od__rtp){.sequence = 10, .ssrc = 1, .payload_type = 8},
         "", 1, OPEN + 199);
    assert_true(od__media_source_may_learn(&stream.source, OPEN + 199));
}

static void test_media_source_believes_a_key(void **state)
{
    (void)state;
    od__media_stream stream;
    seek(&stream);
    for (int64_t tick = BEGIN; tick < BEGIN + 100; tick += 20) {
        hear_key(&stream, 5000, '9', 4000, tick);
    }
    hear_key(&stream, 5000, '#', 8000, BEGIN + 200);
    assert_false(od__media_source_may_learn(&stream.source, OPEN - 1));
    /* Although it has been quiet since. */
    assert_true(od__media_source_may_learn(&stream.source, OPEN));
    assert_string_equal(stream.source.digits, "9#");
    /* Hostile ones press more than anybody can: cut. */
    for (uint32_t i = 0; i < 100; i++) {
        hear_key(&stream, 5000, '1', 10000 + 1600 * i, OPEN);
    }
    assert_string_equal(stream.source.digits, "9#1111111111111");
}

static void test_media_source_one_place_for_others(void **state)
{
    (void)state;
    od__media_stream stream;
    seek(&stream);
    hear_voice(&stream, 5000, 1, BEGIN);
    hear_voice(&stream, 6000, 1, BEGIN + 99);
    assert_int_equal(other_port(&stream), 5000);
    hear_voice(&stream, 6000, 2, BEGIN + 100);
    assert_int_equal(other_port(&stream), 6000);
    hear_voice(&stream, 6000, 3, BEGIN + 101);
    /* A key is worth more than a voice, the first more than the second. */
    hear_key(&stream, 7000, '1', 100, BEGIN + 102);
    assert_int_equal(other_port(&stream), 7000);
    assert_false(stream.source.in_row);
    hear_key(&stream, 8000, '2', 100, BEGIN + 103);
    hear_voice(&stream, 6000, 4, BEGIN + 300);
    assert_int_equal(other_port(&stream), 7000);
    assert_string_equal(stream.source.digits, "1");
}

static void test_media_source_counts_a_press_once_over_begins(void **state)
{
    (void)state;
    od__media_stream stream;
    od__address peer = v4(1, 4000);
    seek(&stream);
    hear_key(&stream, 5000, '5', 100, BEGIN);
    stream.dtmf = stream.source.dtmf; /* as when it is believed */
    od__media_source_begin(&stream, &peer, sizeof peer.v4, BEGIN + 40);
    assert_int_equal(stream.source.other_len, 0);
    hear_key(&stream, 5000, '5', 100, BEGIN + 60);
    hear_key(&stream, 6000, '5', 100, BEGIN + 70);
    assert_string_equal(stream.source.digits, "");
    hear_key(&stream, 5000, '6', 2000, BEGIN + 80);
    assert_string_equal(stream.source.digits, "6");
}

static void test_media_source_peer_is_address_and_port(void **state)
{
    (void)state;
    od__media_stream stream;
    seek(&stream);
    od__address same = v4(1, 4000);
    od__address host = v4(2, 4000);
    od__address port = v4(1, 4002);
    assert_true(od__media_source_is_peer(&stream.source, &same));
    assert_false(od__media_source_is_peer(&stream.source, &host));
    assert_false(od__media_source_is_peer(&stream.source, &port));
    od__address v6 = {0};
    v6.v6.sin6_family = AF_INET6;
    v6.v6.sin6_port = htons(4000);
    v6.v6.sin6_addr = (struct in6_addr)IN6ADDR_LOOPBACK_INIT;
    assert_false(od__media_source_is_peer(&stream.source, &v6));
    od__media_source_begin(&stream, &v6, sizeof v6.v6, BEGIN);
    v6.v6.sin6_scope_id = 3;
    assert_true(od__media_source_is_peer(&stream.source, &v6));
    assert_false(od__media_source_is_peer(&stream.source, &same));
    v6.v6.sin6_addr.s6_addr[0] = 0xfe;
    assert_false(od__media_source_is_peer(&stream.source, &v6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_media_source_believes_two_in_a_row),
        cmocka_unit_test(test_media_source_believes_no_stray),
        cmocka_unit_test(test_media_source_believes_a_key),
        cmocka_unit_test(test_media_source_one_place_for_others),
        cmocka_unit_test(test_media_source_counts_a_press_once_over_begins),
        cmocka_unit_test(test_media_source_peer_is_address_and_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
