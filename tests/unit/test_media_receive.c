/*
 * test_media_receive.c - far ends whose packets come from elsewhere than their
 * SDP says, over real sockets on loopback.
 *
 * "far" has the address of the SDP, "other" is where packets come from. Every
 * wait is for a packet or a report and ends after OD_MEDIA_WAIT_MS; the packets
 * of 20 ms that the near side sends are the clock.
 */
#include "support/media_side.h"

#include <unistd.h>

/* More packets than leave before another may be believed. */
#define WAIT_PACKETS 40

typedef struct play_ground {
    od_near near;
    int far;
    int other;
    uint16_t port;
    uint16_t sequence; /* of the other */
} play_ground;

/* A call of attempt 1 in slot 0 to `far`. */
static void ground_open(play_ground *g)
{
    od__media_options options = od_near_options(1);
    od_near_open(&g->near, &options);
    g->far = od_far_open(0);
    g->other = od_far_open(0);
    g->sequence = 0;
    g->port = od_near_call(&g->near, 0, 1, g->far);
    /* From here on the stream listens. */
    (void)od_far_take(g->far);
}

static void ground_close(play_ground *g)
{
    od_near_close(&g->near);
    (void)close(g->far);
    (void)close(g->other);
}

static void speak(play_ground *g, int from)
{
    uint8_t bytes[OD__RTP_MAX] = {0};
    od__rtp rtp = {.sequence = g->sequence++, .ssrc = 77};
    od__rtp_write(&rtp, bytes);
    od_far_send(from, g->port, bytes, sizeof bytes);
}

/* `from` speaks in step with the near side's packets until one of those comes
 * to it. Returns how many went to `far` before. */
static int speak_until_learned(play_ground *g, int from)
{
    int count = 0;
    od_far_packet packet;
    while (!od_far_take_within(from, &packet, 0)) {
        assert_true(count < OD_MEDIA_WAIT_MS / OD__FRAME_MS);
        speak(g, from);
        if (od_far_take_within(g->far, &packet, OD__FRAME_MS)) {
            count++;
        }
    }
    return count;
}

static void wait_over(play_ground *g)
{
    for (int i = 0; i < WAIT_PACKETS; i++) {
        (void)od_far_take(g->far);
    }
}

/* Forget what has come. */
static void empty(int fd)
{
    od_far_packet packet;
    while (od_far_take_within(fd, &packet, 0)) {
    }
}

static void assert_no_report(play_ground *g)
{
    od__media_report none;
    assert_false(od__media_report_next(g->near.media, &none));
}

static void test_media_receive_learns_another_source(void **state)
{
    (void)state;
    play_ground g;
    ground_open(&g);
    int64_t begin_us = od__mono_us();
    assert_true(speak_until_learned(&g, g.other) > 0);
    assert_true(od__mono_us() - begin_us >= 400000);
    /* It is the peer: heard at once, and it alone. */
    od_far_press(g.far, g.port, '1', 1000);
    od_far_press(g.other, g.port, '2', 1000);
    od_near_assert_digit(&g.near, 1, '2');
    od_near_play(&g.near, 0, 1, 1);
    od_far_packet got = od_far_take_mark(g.other);
    od_near_assert_frame(&got, g.near.prompt, 0);
    od_near_assert_play_ended(&g.near, 1, 1, 200);
    empty(g.far);
    (void)od_far_take(g.other);
    (void)od_far_take(g.other);
    assert_false(od_far_take_within(g.far, &got, 0));
    assert_no_report(&g);
    ground_close(&g);
}

static void test_media_receive_hears_a_key_of_the_first_moment(void **state)
{
    (void)state;
    play_ground g;
    ground_open(&g);
    /* Nothing else ever comes from there. */
    od_far_press(g.other, g.port, '9', 1000);
    od_far_press(g.other, g.port, '9', 1000);
    od_near_assert_digit(&g.near, 1, '9');
    (void)od_far_take(g.other);
    od_far_press(g.other, g.port, '9', 1000);
    od_far_press(g.other, g.port, '8', 3000);
    od_near_assert_digit(&g.near, 1, '8');
    ground_close(&g);
}

static void test_media_receive_hears_a_key_after_the_wait(void **state)
{
    (void)state;
    play_ground g;
    ground_open(&g);
    wait_over(&g);
    od_far_press(g.other, g.port, '9', 1000);
    od_near_assert_digit(&g.near, 1, '9');
    (void)od_far_take(g.other);
    ground_close(&g);
}

static void test_media_receive_sdp_source_wins(void **state)
{
    (void)state;
    play_ground g;
    ground_open(&g);
    /* The other is first, goes on, and presses keys. */
    for (int i = 0; i < WAIT_PACKETS; i++) {
        speak(&g, g.other);
        (void)od_far_take(g.far);
        if (i == 0) {
            od_far_press(g.other, g.port, '1', 1000);
        }
        if (i == 2) {
            speak(&g, g.far);
        }
    }
    od_far_press(g.other, g.port, '2', 9000);
    od_far_press(g.far, g.port, '3', 1000);
    od_near_assert_digit(&g.near, 1, '3');
    (void)od_far_take(g.far);
    assert_no_report(&g);
    od_far_packet got;
    assert_false(od_far_take_within(g.other, &got, 0));
    ground_close(&g);
}

static void test_media_receive_ignores_a_stray_packet(void **state)
{
    (void)state;
    play_ground g;
    ground_open(&g);
    speak(&g, g.other);
    wait_over(&g);
    speak(&g, g.other); /* in a row, but it does not go on */
    int stranger = od_far_open(0);
    speak(&g, stranger);
    wait_over(&g);
    od_far_press(g.far, g.port, '4', 1000);
    od_near_assert_digit(&g.near, 1, '4');
    (void)close(stranger);
    ground_close(&g);
}

static void test_media_receive_connect_begins_anew(void **state)
{
    (void)state;
    play_ground g;
    ground_open(&g);
    (void)speak_until_learned(&g, g.other);
    od_far_press(g.other, g.port, '1', 1000);
    od_near_assert_digit(&g.near, 1, '1');
    empty(g.far);
    od_near_connect(&g.near, 0, g.far, true);
    (void)od_far_take(g.far);
    empty(g.other);
    /* The old source may be learned again; a press that goes on is one. */
    od_far_press(g.other, g.port, '1', 1000);
    assert_true(speak_until_learned(&g, g.other) > 0);
    assert_no_report(&g);
    /* Or the address of the SDP is heard, and at once. */
    od_near_connect(&g.near, 0, g.far, true);
    empty(g.far);
    (void)od_far_take(g.far);
    od_far_press(g.far, g.port, '5', 20000);
    od_near_assert_digit(&g.near, 1, '5');
    ground_close(&g);
}

/* Keys that wait for their source to be believed are not lost. */
static void test_media_receive_tells_keys_before_the_end(void **state)
{
    (void)state;
    play_ground g;
    ground_open(&g);
    od_far_press(g.other, g.port, '7', 1000);
    od_near_connect(&g.near, 0, g.far, true);
    od_near_assert_digit(&g.near, 1, '7');
    (void)od_far_take(g.far);
    od_far_press(g.other, g.port, '8', 3000);
    od__media_close(g.near.media, 0);
    od_near_assert_digit(&g.near, 1, '8');
    assert_int_equal(od_near_report(&g.near).kind, OD__MEDIA_CLOSED);
    ground_close(&g);
}

static void test_media_receive_finds_the_peer_among_many(void **state)
{
    (void)state;
    play_ground g;
    ground_open(&g);
    /* As many as wait in a socket, and the peer's packet behind them. */
    od_far_packet got;
    for (uint32_t i = 0; i < 20; i++) {
        for (int j = 0; j < 12; j++) {
            od_far_press(g.other, g.port, '1', i);
        }
        speak(&g, g.far);
        (void)od_far_take(g.far);
    }
    od_far_press(g.far, g.port, '2', 1000);
    od_near_assert_digit(&g.near, 1, '2');
    assert_false(od_far_take_within(g.other, &got, 0));
    ground_close(&g);
}

static void test_media_receive_learns_where_the_sdp_leads_nowhere(void **state)
{
    (void)state;
    play_ground g;
    ground_open(&g);
    struct sockaddr_in6 nowhere = {.sin6_family = AF_INET6, .sin6_port = 9};
    od__media_connect(g.near.media, 0, (struct sockaddr *)&nowhere,
                      sizeof nowhere, OD_CODEC_PCMU, OD_MEDIA_EVENT_PT, true);
    (void)speak_until_learned(&g, g.other);
    od_far_press(g.other, g.port, '6', 1000);
    od_near_assert_digit(&g.near, 1, '6');
    ground_close(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_media_receive_learns_another_source),
        cmocka_unit_test(test_media_receive_hears_a_key_of_the_first_moment),
        cmocka_unit_test(test_media_receive_hears_a_key_after_the_wait),
        cmocka_unit_test(test_media_receive_sdp_source_wins),
        cmocka_unit_test(test_media_receive_ignores_a_stray_packet),
        cmocka_unit_test(test_media_receive_connect_begins_anew),
        cmocka_unit_test(test_media_receive_tells_keys_before_the_end),
        cmocka_unit_test(test_media_receive_finds_the_peer_among_many),
        cmocka_unit_test(test_media_receive_learns_where_the_sdp_leads_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
