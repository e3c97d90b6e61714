/*
 * test_media.c - the media loop over real sockets on loopback: ports, what is
 * heard, digits.
 *
 * What leaves in which round is test_media_stream.c's; far ends that misbehave
 * and slots that are used again are test_media_calls.c's. Every wait is for a
 * packet or a report and ends after OD_MEDIA_WAIT_MS.
 */
#include "support/media_side.h"

#include <sys/resource.h>
#include <unistd.h>

/* == sockets ============================================================== */

static void test_media_takes_even_ports_that_are_free(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(8);
    options.port_min = 30001;
    options.port_max = 30008;
    int taken = od_far_open(30004);
    od_near_open(&near, &options);
    uint16_t ports[4] = {0};
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(od__media_open(near.media, i, i + 1, &ports[i]),
                         OD_OK);
    }
    assert_int_equal(ports[0], 30002);
    assert_int_equal(ports[1], 30006);
    assert_int_equal(ports[2], 30008);
    assert_int_equal(od__media_open(near.media, 3, 4, &ports[3]),
                     OD_ERR_LIMIT);
    /* A socket comes back after a close, at the media thread's leisure. */
    od__media_close(near.media, 1);
    int64_t until = od__mono_us() + OD_MEDIA_WAIT_MS * 1000;
    while (od__media_open(near.media, 3, 5, &ports[3]) != OD_OK) {
        assert_true(od__mono_us() < until);
    }
    assert_int_equal(ports[3], 30006);
    od_near_close(&near);
    (void)close(taken);
}

static void test_media_new_says_what_is_wrong(void **state)
{
    (void)state;
    od__media *media = NULL;
    od_errmsg errmsg;
    od__media_options options = od_near_options(4);
    options.port_min = 30010;
    options.port_max = 30010;
    int taken = od_far_open(30010);
    assert_int_equal(od__media_new(&media, &options, NULL, &errmsg),
                     OD_ERR_TRANSPORT);
    assert_string_equal(errmsg.text, "no rtp port from 30010 to 30010 is free");
    (void)close(taken);
    options.address = "192.0.2.1";
    assert_int_equal(od__media_new(&media, &options, NULL, &errmsg),
                     OD_ERR_TRANSPORT);
    assert_non_null(strstr(errmsg.text, "192.0.2.1 port 30010"));
    options.address = "example";
    assert_int_equal(od__media_new(&media, &options, NULL, &errmsg),
                     OD_ERR_TRANSPORT);
    assert_non_null(strstr(errmsg.text, "'example' is not an ip address"));
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit few = {.rlim_cur = 16, .rlim_max = before.rlim_max};
    options = od_near_options(40);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    assert_int_equal(od__media_new(&media, &options, NULL, &errmsg),
                     OD_ERR_TRANSPORT);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_non_null(strstr(errmsg.text, "limit of open files"));
    assert_null(media);
    od__media_free(NULL);
}

static void test_media_listens_to_the_peer_only(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(1);
    od_near_open(&near, &options);
    int far = od_far_open(0);
    int stranger = od_far_open(0);
    uint16_t port = 0;
    assert_int_equal(od__media_open(near.media, 0, 1, &port), OD_OK);
    od_far_press(stranger, port, '1', 1000);
    od_far_press(far, port, '2', 2000);
    od_near_connect(&near, 0, far, true);
    (void)od_far_take(far);
    od_far_press(stranger, port, '3', 3000);
    od_far_press(far, port, '4', 4000);
    od_near_assert_digit(&near, 1, '4');
    od_near_close(&near);
    (void)close(far);
    (void)close(stranger);
}

/* == what is heard ======================================================== */

static void test_media_sends_silence_between_plays(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(1);
    od_near_open(&near, &options);
    int far = od_far_open(0);
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    uint16_t port = od_near_call(&near, 0, 1, far);
    od_far_packet before = od_far_take(far);
    assert_int_equal(before.payload[0], od__codec_silence(OD_CODEC_PCMU));
    od_near_play(&near, 0, 1, 7);
    size_t frame = 0;
    for (int i = 0; i < 30; i++) {
        od_far_packet got = od_far_take(far);
        uint32_t gap = got.rtp.timestamp - before.rtp.timestamp;
        assert_int_equal(got.rtp.ssrc, before.rtp.ssrc);
        assert_int_equal(got.rtp.sequence,
                         (uint16_t)(before.rtp.sequence + 1));
        /* More than one round only if the machine stood still. */
        assert_true(gap >= 160 && gap % 160 == 0);
        if (got.rtp.marker || (frame > 0 && frame < 10)) {
            assert_int_equal(got.rtp.marker, frame == 0);
            od_near_assert_frame(&got, near.prompt, frame++);
        } else {
            assert_int_equal(got.payload[80],
                             od__codec_silence(OD_CODEC_PCMU));
        }
        before = got;
    }
    assert_int_equal(frame, 10);
    od_near_assert_play_ended(&near, 1, 7, 200);
    assert_int_equal(od__media_heard_ms(near.media, 0), 200);
    /* It comes from the port that was offered. */
    uint8_t bytes[OD__RTP_MAX];
    assert_int_equal(recvfrom(far, bytes, sizeof bytes, 0,
                              (struct sockaddr *)&from, &from_len),
                     OD__RTP_MAX);
    assert_int_equal(ntohs(from.sin_port), port);
    od_near_close(&near);
    (void)close(far);
}

static void test_media_play_replaces_and_stops(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(1);
    od_near_open(&near, &options);
    int far = od_far_open(0);
    (void)od_near_call(&near, 0, 1, far);
    const od_prompt *longer = od_near_prompt(100, 5);
    od__media_play(near.media, 0, 1, 1, &longer, 1, 40);
    od_far_packet got = od_far_take_mark(far);
    od_near_assert_frame(&got, longer, 2);
    got = od_far_take(far);
    od_near_assert_frame(&got, longer, 3);
    /* The second replaces the first; the fourth follows the third's end. */
    od_near_play(&near, 0, 1, 2);
    got = od_far_take_mark(far);
    od_near_assert_frame(&got, near.prompt, 0);
    od__media_report report = od_near_report(&near);
    assert_int_equal(report.play, 1);
    assert_in_range(report.heard_ms, 40, 1960);
    od__media_play_stop(near.media, 0, 1);
    od_near_assert_play_ended(&near, 1, 2, -1);
    od__media_play_stop(near.media, 0, 1); /* nothing plays: no report */
    const od_prompt *both[] = {near.prompt, longer};
    od__media_play(near.media, 0, 1, 3, both, 2, 180);
    got = od_far_take_mark(far);
    od_near_assert_frame(&got, near.prompt, 9);
    got = od_far_take(far);
    od_near_assert_frame(&got, longer, 0);
    od_near_assert_play_ended(&near, 1, 3, 2020);
    assert_true(od__media_heard_ms(near.media, 0) >= 2020 + 60);
    od_prompt_drop(longer);
    od_near_close(&near);
    (void)close(far);
}

static void test_media_hold_lets_nothing_out(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(1);
    od_near_open(&near, &options);
    int far = od_far_open(0);
    (void)od_near_call(&near, 0, 1, far);
    const od_prompt *longer = od_near_prompt(60, 5);
    od__media_play(near.media, 0, 1, 1, &longer, 1, 0);
    (void)od_far_take_mark(far);
    od_near_connect(&near, 0, far, false);
    od__media_report report = od_near_report(&near);
    assert_int_equal(report.kind, OD__MEDIA_PLAY_ENDED);
    assert_in_range(report.heard_ms, 20, 1180);
    /* What left before the hold. */
    od_far_packet got;
    int64_t heard_ms = 20;
    while (od_far_take_within(far, &got, 0)) {
        heard_ms += 20;
    }
    assert_int_equal(report.heard_ms, heard_ms);
    od_near_play(&near, 0, 1, 2);
    od_near_assert_play_ended(&near, 1, 2, 0);
    assert_false(od_far_take_within(far, &got, 0));
    od_near_connect(&near, 0, far, true);
    od_near_play(&near, 0, 1, 3);
    got = od_far_take_mark(far);
    od_near_assert_frame(&got, near.prompt, 0);
    od_near_assert_play_ended(&near, 1, 3, 200);
    od_prompt_drop(longer);
    od_near_close(&near);
    (void)close(far);
}

/* == digits =============================================================== */

static void test_media_digits_go_both_ways(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(2);
    od_near_open(&near, &options);
    int far = od_far_open(0);
    uint16_t port = od_near_call(&near, 0, 1, far);
    (void)od_far_take(far);
    assert_int_equal(od__media_digits(near.media, 0, 1, "4*"), OD_OK);
    static const uint8_t events[] = {4, 10};
    for (size_t i = 0; i < OD__LEN(events); i++) {
        od_far_packet got = od_far_take_mark(far);
        uint32_t timestamp = got.rtp.timestamp;
        for (int j = 0; j < 7; j++) {
            assert_int_equal(got.rtp.payload_type, OD_MEDIA_EVENT_PT);
            assert_int_equal(got.rtp.timestamp, timestamp);
            assert_int_equal(got.payload_len, 4);
            assert_int_equal(got.payload[0], events[i]);
            assert_int_equal(got.payload[1] >> 7, j >= 4);
            got = od_far_take(far);
        }
    }
    od_far_press(far, port, '9', 160);
    od_far_press(far, port, '9', 3200);
    od_far_press(far, port, '#', 6400);
    od_near_assert_digit(&near, 1, '9');
    od_near_assert_digit(&near, 1, '9');
    od_near_assert_digit(&near, 1, '#');
    od_near_close(&near);
    (void)close(far);
}

static void test_media_digits_refuses(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(2);
    od_near_open(&near, &options);
    int far = od_far_open(0);
    struct sockaddr_in peer = od_far_address(far);
    (void)od_near_call(&near, 0, 1, far);
    assert_int_equal(od__media_digits(near.media, 0, 1, ""), OD_ERR_INVALID);
    assert_int_equal(od__media_digits(near.media, 0, 1, "1x"), OD_ERR_INVALID);
    assert_int_equal(od__media_digits(near.media, 0, 2, "1"), OD_ERR_STATE);
    assert_int_equal(od__media_digits(near.media, 1, 1, "1"), OD_ERR_STATE);
    static const char thirty_one[] = "1234567890123456789012345678901";
    assert_int_equal(od__media_digits(near.media, 0, 1, thirty_one), OD_OK);
    assert_int_equal(od__media_digits(near.media, 0, 1, thirty_one), OD_OK);
    assert_int_equal(od__media_digits(near.media, 0, 1, thirty_one),
                     OD_ERR_LIMIT);
    od__media_connect(near.media, 0, (struct sockaddr *)&peer, sizeof peer,
                      OD_CODEC_PCMU, -1, true);
    assert_int_equal(od__media_digits(near.media, 0, 1, "1"),
                     OD_ERR_UNSUPPORTED);
    od_near_close(&near);
    (void)close(far);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_media_takes_even_ports_that_are_free),
        cmocka_unit_test(test_media_new_says_what_is_wrong),
        cmocka_unit_test(test_media_listens_to_the_peer_only),
        cmocka_unit_test(test_media_sends_silence_between_plays),
        cmocka_unit_test(test_media_play_replaces_and_stops),
        cmocka_unit_test(test_media_hold_lets_nothing_out),
        cmocka_unit_test(test_media_digits_go_both_ways),
        cmocka_unit_test(test_media_digits_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
