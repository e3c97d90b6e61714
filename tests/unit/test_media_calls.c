/*
 * test_media_calls.c - the media loop and calls that are not as they should be:
 * far ends that misbehave, slots that are used again, a host that does not
 * take its reports.
 *
 * Every wait is for a packet or a report and ends after OD_MEDIA_WAIT_MS.
 */
#include "support/media_side.h"

#include <unistd.h>

/* == far ends that misbehave ============================================== */

static void test_media_calls_reports_silence_once(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(1);
    options.silent_ms = 50;
    od_near_open(&near, &options);
    int far = od_far_open(0);
    int64_t begin_us = od__mono_us();
    (void)od_near_call(&near, 0, 1, far);
    od__media_report report = od_near_report(&near);
    assert_int_equal(report.kind, OD__MEDIA_SILENT);
    assert_int_equal(report.attempt, 1);
    assert_true(od__mono_us() - begin_us >= 45000);
    /* Four times as long, and only the end of the play is told. */
    od_near_play(&near, 0, 1, 1);
    od_near_assert_play_ended(&near, 1, 1, 200);
    od__media_report none;
    assert_false(od__media_report_next(near.media, &none));
    od_near_close(&near);
    (void)close(far);
}

static void test_media_calls_lives_with_a_peer_out_of_reach(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(1);
    options.silent_ms = 50;
    od_near_open(&near, &options);
    int far = od_far_open(0);
    struct sockaddr_in6 peer = {.sin6_family = AF_INET6, .sin6_port = 9};
    uint16_t port;
    assert_int_equal(od__media_open(near.media, 0, 1, &port), OD_OK);
    od__media_connect(near.media, 0, (struct sockaddr *)&peer, sizeof peer,
                      OD_CODEC_PCMU, OD_MEDIA_EVENT_PT, true);
    od_near_play(&near, 0, 1, 1);
    assert_int_equal(od_near_report(&near).kind, OD__MEDIA_SILENT);
    od_near_assert_play_ended(&near, 1, 1, 0);
    od_near_connect(&near, 0, far, true);
    od_near_play(&near, 0, 1, 2);
    od_far_packet got = od_far_take_mark(far);
    od_near_assert_frame(&got, near.prompt, 0);
    od_near_close(&near);
    (void)close(far);
}

static void test_media_calls_speaks_ipv6(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(1);
    struct sockaddr_in6 peer = {.sin6_family = AF_INET6,
                                .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t len = sizeof peer;
    int far = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (far < 0 || bind(far, (struct sockaddr *)&peer, len) != 0) {
        skip(); /* a machine without IPv6 */
    }
    assert_int_equal(getsockname(far, (struct sockaddr *)&peer, &len), 0);
    options.address = "::1";
    od_near_open(&near, &options);
    uint16_t port;
    assert_int_equal(od__media_open(near.media, 0, 1, &port), OD_OK);
    od__media_connect(near.media, 0, (struct sockaddr *)&peer, len,
                      OD_CODEC_PCMU, OD_MEDIA_EVENT_PT, true);
    od_near_play(&near, 0, 1, 1);
    od_far_packet got = od_far_take_mark(far);
    od_near_assert_frame(&got, near.prompt, 0);
    od_near_close(&near);
    (void)close(far);
}

static void test_media_calls_goes_on_when_the_peer_refuses(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(1);
    od_near_open(&near, &options);
    int far = od_far_open(0);
    uint16_t far_port = ntohs(od_far_address(far).sin_port);
    uint16_t port = od_near_call(&near, 0, 1, far);
    (void)od_far_take(far);
    (void)close(far);
    od_near_play(&near, 0, 1, 1);
    od_near_assert_play_ended(&near, 1, 1, -1);
    far = od_far_open(far_port);
    od_near_play(&near, 0, 1, 2);
    od_far_packet got = od_far_take_mark(far);
    od_near_assert_frame(&got, near.prompt, 0);
    od_far_press(far, port, '1', 77);
    for (int i = 0; i < 2; i++) {
        od__media_report report = od_near_report(&near);
        assert_true(report.kind == OD__MEDIA_DIGIT || report.play == 2);
    }
    od_near_close(&near);
    (void)close(far);
}

static void test_media_calls_survives_garbage(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(1);
    od__rand rand = {.state = od_test_seed(4711)};
    od_near_open(&near, &options);
    int far = od_far_open(0);
    uint16_t port = od_near_call(&near, 0, 1, far);
    (void)od_far_take(far);
    /* With the payload type of events in one of two, but never a key. */
    for (int i = 0; i < 10000; i++) {
        uint8_t bytes[2000];
        size_t len = od__rand_below(&rand, i % 50 == 0 ? sizeof bytes : 40);
        for (size_t j = 0; j < len; j++) {
            bytes[j] = (uint8_t)(od__rand_next(&rand) | (j >= 12 ? 0x80 : 0));
        }
        if (len > 1 && i % 2 == 0) {
            bytes[0] = 0x80;
            bytes[1] = OD_MEDIA_EVENT_PT;
        }
        od_far_send(far, port, bytes, len);
    }
    /* Presses are repeated until one finds room behind the garbage. */
    uint32_t timestamp = 0;
    od__media_report report;
    while (!od__media_report_next(near.media, &report)) {
        (void)od_far_take(far);
        od_far_press(far, port, '6', timestamp++);
        assert_true(timestamp < 5000);
    }
    assert_int_equal(report.digit, '6');
    od_near_close(&near);
    (void)close(far);
}

/* == attempts, order, limits ============================================== */

static void test_media_calls_slot_serves_the_next_attempt(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(1);
    od_near_open(&near, &options);
    int far = od_far_open(0);
    int far_next = od_far_open(0);
    uint16_t port = od_near_call(&near, 0, 1, far);
    od_far_packet old = od_far_take(far);
    od_near_play(&near, 0, 1, 1);
    od_far_press(far, port, '1', 160);
    od_near_assert_digit(&near, 1, '1');
    od_near_assert_play_ended(&near, 1, 1, 200);
    (void)od_far_take_mark(far);
    /* A digit that is there when the call ends is told, the play is not. */
    const od_prompt *longer = od_near_prompt(100, 5);
    od__media_play(near.media, 0, 1, 2, &longer, 1, 0);
    od_prompt_drop(longer);
    od_far_press(far, port, '2', 320);
    (void)od_far_take_mark(far);
    (void)od_far_take(far);
    od__media_close(near.media, 0);
    od__media_close(near.media, 0);
    od_near_assert_digit(&near, 1, '2');
    od__media_report closed = od_near_report(&near);
    assert_int_equal(closed.kind, OD__MEDIA_CLOSED);
    assert_int_equal(closed.attempt, 1);
    assert_true(closed.heard_ms >= 220);
    assert_int_equal(closed.heard_ms, od__media_heard_ms(near.media, 0));
    uint16_t port_next = od_near_call(&near, 0, 2, far_next);
    assert_int_not_equal(port, port_next);
    assert_int_equal(od__media_heard_ms(near.media, 0), 0);
    od_far_packet first = od_far_take(far_next);
    assert_int_not_equal(first.rtp.ssrc, old.rtp.ssrc);
    od_near_play(&near, 0, 1, 3); /* too late */
    od__media_play_stop(near.media, 0, 1);
    od_near_play(&near, 0, 2, 4);
    od_near_assert_play_ended(&near, 2, 4, 200);
    assert_int_equal(od__media_heard_ms(near.media, 0), 200);
    od_near_close(&near);
    (void)close(far);
    (void)close(far_next);
}

/* Calls that come and go as fast as they can, each with a play. */
static void test_media_calls_slots_churn(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(4);
    options.threads = 2;
    od_near_open(&near, &options);
    int far = od_far_open(0);
    for (od_id attempt = 1; attempt <= 2000; attempt++) {
        uint32_t slot = (uint32_t)(attempt % 4);
        struct sockaddr_in peer = od_far_address(far);
        uint16_t port;
        od__media_close(near.media, slot);
        int64_t until = od__mono_us() + OD_MEDIA_WAIT_MS * 1000;
        while (od__media_open(near.media, slot, attempt, &port) != OD_OK) {
            assert_true(od__mono_us() < until);
        }
        od__media_connect(near.media, slot, (struct sockaddr *)&peer,
                          sizeof peer, OD_CODEC_PCMA, OD_MEDIA_EVENT_PT, true);
        od_near_play(&near, slot, attempt, (int32_t)attempt);
        od_near_play(&near, slot, attempt - 4, -1);
    }
    for (int i = 0; i < 4; i++) {
        od__media_report report;
        do {
            report = od_near_report(&near);
        } while (report.kind != OD__MEDIA_PLAY_ENDED || report.heard_ms < 200);
        assert_int_equal(report.play, report.attempt);
    }
    od_near_close(&near);
    (void)close(far);
}

static void test_media_calls_never_drops_a_report(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(1);
    od_near_open(&near, &options);
    int far = od_far_open(0);
    (void)od_near_call(&near, 0, 1, far);
    /* Many times what the rings hold, and nobody takes a report. */
    for (int32_t play = 0; play <= 5000; play++) {
        od_near_play(&near, 0, 1, play);
    }
    for (int32_t play = 0; play < 5000; play++) {
        od_near_assert_play_ended(&near, 1, play, -1);
    }
    od_near_assert_play_ended(&near, 1, 5000, 200);
    od_near_close(&near);
    (void)close(far);
}

static void test_media_calls_free_lets_go_of_everything(void **state)
{
    (void)state;
    od_near near;
    od__media_options options = od_near_options(3);
    options.threads = 3;
    od_near_open(&near, &options);
    int far = od_far_open(0);
    for (uint32_t slot = 0; slot < 3; slot++) {
        (void)od_near_call(&near, slot, slot + 1, far);
        od_near_play(&near, slot, slot + 1, 1);
    }
    for (int i = 0; i < 20; i++) {
        (void)od_far_take(far);
    }
    for (uint32_t slot = 0; slot < 3; slot++) {
        od_near_play(&near, slot, slot + 1, 2);
    }
    od__media_stats stats;
    od__media_stats_get(near.media, &stats);
    assert_true(stats.sent > 0);
    od_near_close(&near); /* a leak would be the sanitizer's to tell */
    (void)close(far);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_media_calls_reports_silence_once),
        cmocka_unit_test(test_media_calls_lives_with_a_peer_out_of_reach),
        cmocka_unit_test(test_media_calls_speaks_ipv6),
        cmocka_unit_test(test_media_calls_goes_on_when_the_peer_refuses),
        cmocka_unit_test(test_media_calls_survives_garbage),
        cmocka_unit_test(test_media_calls_slot_serves_the_next_attempt),
        cmocka_unit_test(test_media_calls_slots_churn),
        cmocka_unit_test(test_media_calls_never_drops_a_report),
        cmocka_unit_test(test_media_calls_free_lets_go_of_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
