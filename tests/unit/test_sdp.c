/*
 * test_sdp.c - offers and answers as text.
 */
#include "support/test.h"

#include "transport/sip/sip.h"

#include <arpa/inet.h>

#define HEAD "v=0\r\no=x 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
#define C4 "c=IN IP4 192.0.2.7\r\n"

static bool read4(od__sdp_peer *out, const char *text)
{
    return od__sdp_read(out, text, strlen(text), AF_INET);
}

static void test_sdp_reads_a_plain_answer(void **state)
{
    (void)state;
    od__sdp_peer peer;
    char address[INET_ADDRSTRLEN];
    assert_true(read4(&peer, HEAD C4 "t=0 0\r\n"
                                     "m=audio 4000 RTP/AVP 0 101\r\n"
                                     "a=rtpmap:101 telephone-event/8000\r\n"));
    assert_int_equal(peer.codec, OD_CODEC_PCMU);
    assert_int_equal(peer.event_pt, 101);
    assert_true(peer.may_send);
    assert_true(peer.will_send);
    assert_int_equal(ntohs(peer.address.v4.sin_port), 4000);
    assert_int_equal(peer.address_len, sizeof(struct sockaddr_in));
    (void)inet_ntop(AF_INET, &peer.address.v4.sin_addr, address,
                    sizeof address);
    assert_string_equal(address, "192.0.2.7");
}

static void test_sdp_takes_the_first_codec_we_have(void **state)
{
    (void)state;
    od__sdp_peer peer;
    assert_true(read4(&peer, HEAD C4 "m=audio 2 RTP/AVP 18 8 0\r\n"));
    assert_int_equal(peer.codec, OD_CODEC_PCMA);
    assert_int_equal(peer.event_pt, -1);
    assert_true(read4(&peer, HEAD C4 "m=audio 2 RTP/AVP 100 8\n"
                                     "a=rtpmap:100 Telephone-Event/8000\n"));
    assert_int_equal(peer.event_pt, 100);
    /* Not in the list, not its rate, or in the place of a codec. */
    assert_true(read4(&peer, HEAD C4 "m=audio 2 RTP/AVP 0 8\r\n"
                                     "a=rtpmap:101 telephone-event/8000\r\n"
                                     "a=rtpmap:8 telephone-event/8000\r\n"));
    assert_int_equal(peer.event_pt, -1);
    assert_true(read4(&peer, HEAD C4 "m=audio 2 RTP/AVP 0 101\r\n"
                                     "a=rtpmap:101 telephone-event/16000\r\n"));
    assert_int_equal(peer.event_pt, -1);
}

static void test_sdp_directions_and_hold(void **state)
{
    (void)state;
    od__sdp_peer peer;
    assert_true(read4(&peer, HEAD C4 "m=audio 2 RTP/AVP 0\r\na=sendonly\r\n"));
    assert_false(peer.may_send);
    assert_true(peer.will_send);
    assert_true(read4(&peer, HEAD C4 "m=audio 2 RTP/AVP 0\r\na=recvonly\r\n"));
    assert_true(peer.may_send);
    assert_false(peer.will_send);
    assert_true(read4(&peer, HEAD C4 "a=inactive\r\nm=audio 2 RTP/AVP 0\r\n"));
    assert_false(peer.may_send);
    assert_false(peer.will_send);
    /* The media level wins. */
    assert_true(read4(&peer, HEAD C4 "a=inactive\r\nm=audio 2 RTP/AVP 0\r\n"
                                     "a=sendrecv\r\n"));
    assert_true(peer.may_send);
    assert_true(read4(&peer, HEAD "c=IN IP4 0.0.0.0\r\n"
                                  "m=audio 2 RTP/AVP 0\r\n"));
    assert_false(peer.may_send);
    assert_true(peer.will_send);
}

static void test_sdp_several_media(void **state)
{
    (void)state;
    od__sdp_peer peer;
    /* Connection and direction of other media are not ours. */
    assert_true(read4(&peer, HEAD C4 "m=video 6 RTP/AVP 96\r\n"
                                     "c=IN IP4 198.51.100.1\r\na=inactive\r\n"
                                     "m=audio 4002 RTP/AVP 8\r\n"
                                     "m=audio 4004 RTP/AVP 0\r\n"
                                     "c=IN IP4 198.51.100.2\r\n"));
    assert_int_equal(ntohs(peer.address.v4.sin_port), 4002);
    assert_int_equal(peer.codec, OD_CODEC_PCMA);
    assert_int_equal(ntohl(peer.address.v4.sin_addr.s_addr), 0xc0000207);
    assert_true(peer.may_send);
    assert_true(read4(&peer, HEAD "m=audio 0 RTP/AVP 0\r\n"
                                  "m=audio 8 RTP/AVP 0\r\n"
                                  "c=IN IP4 198.51.100.2/127\r\n"));
    assert_int_equal(ntohs(peer.address.v4.sin_port), 8);
}

static void test_sdp_refuses(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "",
        "v=0",
        HEAD C4,
        HEAD "m=audio 2 RTP/AVP 0\r\n", /* no address */
        HEAD C4 "m=audio 0 RTP/AVP 0\r\n",
        HEAD C4 "m=audio 65536 RTP/AVP 0\r\n",
        HEAD C4 "m=audio 999999999999 RTP/AVP 0\r\n",
        HEAD C4 "m=audio -2 RTP/AVP 0\r\n",
        HEAD C4 "m=audio 2 RTP/SAVP 0\r\n",
        HEAD C4 "m=audio 2 RTP/AVP 18 101\r\n",
        HEAD C4 "m=audio 2 RTP/AVP\r\n",
        HEAD C4 "m=audio\r\n",
        HEAD C4 "m=\r\n",
        HEAD C4 "m=video 2 RTP/AVP 0\r\n",
        HEAD "c=IN IP4 example.com\r\nm=audio 2 RTP/AVP 0\r\n",
        HEAD "c=IN IP6 ::1\r\nm=audio 2 RTP/AVP 0\r\n",
        HEAD "c=IN IP4 239.1.1.1\r\nm=audio 2 RTP/AVP 0\r\n",
        HEAD C4 "m=audio 2 RTP/AVP 0\r\nm=a 1 b 1\r\nm=a 1 b 1\r\nm=a 1 b 1\r\n"
                "m=a 1 b 1\r\nm=a 1 b 1\r\nm=a 1 b 1\r\nm=a 1 b 1\r\n"
                "m=a 1 b 1\r\n",
    };
    for (size_t i = 0; i < OD__LEN(refused); i++) {
        od__sdp_peer peer;
        if (read4(&peer, refused[i])) {
            fail_msg("taken: %s", refused[i]);
        }
    }
}

static void test_sdp_reads_ipv6(void **state)
{
    (void)state;
    od__sdp_peer peer;
    const char *text = "v=0\r\nc=IN IP6 2001:db8::5\r\n"
                       "m=audio 4000 RTP/AVP 0\r\n";
    assert_true(od__sdp_read(&peer, text, strlen(text), AF_INET6));
    assert_int_equal(peer.address_len, sizeof(struct sockaddr_in6));
    assert_int_equal(ntohs(peer.address.v6.sin6_port), 4000);
    assert_false(od__sdp_read(&peer, text, strlen(text), AF_INET));
}

static const od__sdp_self self = {
    .address = "192.0.2.9", .port = 20000, .id = 77, .version = 3};

static void test_sdp_our_offer_can_be_read(void **state)
{
    (void)state;
    char text[OD__SDP_MAX];
    od__sdp_peer peer;
    size_t len = od__sdp_offer(text, &self);
    assert_true(len > 0);
    assert_int_equal(strlen(text), len);
    assert_true(od__sdp_read(&peer, text, len, AF_INET));
    assert_int_equal(peer.event_pt, OD__SDP_EVENT_PT);
    assert_int_equal(ntohs(peer.address.v4.sin_port), 20000);
    assert_non_null(strstr(text, "o=- 77 3 IN IP4 192.0.2.9\r\n"));
    assert_non_null(strstr(text, "a=fmtp:101 0-15\r\n"));
    assert_non_null(strstr(text, "a=ptime:20\r\n"));
}

static void test_sdp_answers(void **state)
{
    (void)state;
    char text[OD__SDP_MAX];
    od__sdp_peer peer;
    const char *offer = HEAD C4 "m=video 6 RTP/AVP 96 97\r\n"
                                "m=audio 4002 RTP/AVP 8 0 99\r\n"
                                "a=rtpmap:99 telephone-event/8000\r\n"
                                "a=sendonly\r\n"
                                "m=audio 4004 RTP/AVP 0\r\n"
                                "m=\x01 1 x\x02 3\r\n";
    assert_true(read4(&peer, offer));
    size_t len = od__sdp_answer(text, &self, &peer, offer, strlen(offer));
    assert_true(len > 0);
    const char *video = strstr(text, "m=video 0 RTP/AVP 96\r\n");
    const char *audio = strstr(text, "m=audio 20000 RTP/AVP 8 99\r\n");
    const char *other = strstr(text, "m=audio 0 RTP/AVP 0\r\n");
    assert_non_null(video);
    assert_non_null(audio);
    assert_non_null(other);
    assert_true(video < audio);
    assert_true(audio < other);
    assert_non_null(strstr(other + 1, "m=audio 0 RTP/AVP 0\r\n"));
    assert_non_null(strstr(text, "a=rtpmap:8 PCMA/8000\r\n"));
    assert_non_null(strstr(text, "a=rtpmap:99 telephone-event/8000\r\n"));
    assert_non_null(strstr(text, "a=recvonly\r\n"));
    assert_null(strchr(text, 1));
}

static void test_sdp_survives_noise(void **state)
{
    (void)state;
    od__rand rand = {od_test_seed(31)};
    static const char alphabet[] = "vmca=0189 :/\r\n.INP46audioRTVtelphn-";
    for (int round = 0; round < 50000; round++) {
        char text[300];
        char answer[OD__SDP_MAX];
        od__sdp_peer peer;
        size_t len = (size_t)od__rand_below(&rand, sizeof text);
        for (size_t i = 0; i < len; i++) {
            text[i] =
                round % 2 == 0
                    ? (char)od__rand_below(&rand, 256)
                    : alphabet[od__rand_below(&rand, sizeof alphabet - 1)];
        }
        /* A valid beginning, so that noise comes after it. */
        if (round % 3 == 0) {
            const char *begin = C4 "m=audio 2 RTP/AVP 0 101\r\n";
            size_t begin_len = strlen(begin);
            memcpy(text, begin, begin_len);
            len = len < begin_len ? begin_len : len;
        }
        char *exact = malloc(len + 1); /* the sanitizer sees one too far */
        assert_non_null(exact);
        memcpy(exact, text, len);
        exact = realloc(exact, len > 0 ? len : 1);
        if (od__sdp_read(&peer, exact, len, AF_INET)) {
            (void)od__sdp_answer(answer, &self, &peer, exact, len);
        }
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sdp_reads_a_plain_answer),
        cmocka_unit_test(test_sdp_takes_the_first_codec_we_have),
        cmocka_unit_test(test_sdp_directions_and_hold),
        cmocka_unit_test(test_sdp_several_media),
        cmocka_unit_test(test_sdp_refuses),
        cmocka_unit_test(test_sdp_reads_ipv6),
        cmocka_unit_test(test_sdp_our_offer_can_be_read),
        cmocka_unit_test(test_sdp_answers),
        cmocka_unit_test(test_sdp_survives_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
