/*
 * test_media.c - the media loop over real sockets on loopback.
 *
 * What leaves in which round is test_media_stream.c's. Here: ports, threads,
 * the order of commands and reports, slots that are used again, far ends that
 * misbehave. Every wait is for a packet or a report and ends after WAIT_MS.
 */
#include "support/test.h"

#include "transport/sip/media_parts.h"
#include "transport/transport.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#define WAIT_MS 10000
#define EVENT_PT 101

/* == the far end ========================================================== */

typedef struct packet {
    od__rtp rtp;
    size_t payload_len;
    uint8_t payload[OD__FRAME_SAMPLES];
} packet;

/* An address of this process alone, so that tests may run beside others. */
static const char *address_text(void)
{
    static char text[32];
    (void)snprintf(text, sizeof text, "127.23.%d.%d",
                   (int)(getpid() >> 8 & 0xff), (int)(getpid() & 0xff));
    return text;
}

static struct sockaddr_in address_of(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port)};
    assert_int_equal(inet_pton(AF_INET, address_text(), &address.sin_addr), 1);
    return address;
}

/* A socket on this port; 0: any. */
static int far_open(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    struct sockaddr_in address = address_of(port);
    assert_int_equal(
        bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static struct sockaddr_in far_address(int fd)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    return address;
}

/* False: nothing came in `wait_ms`. */
static bool far_take_within(int fd, packet *out, int wait_ms)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    if (poll(&poller, 1, wait_ms) != 1) {
        return false;
    }
    uint8_t bytes[1500];
    const uint8_t *payload = NULL;
    ssize_t len = recv(fd, bytes, sizeof bytes, 0);
    assert_true(len > 0);
    assert_true(od__rtp_read(bytes, (size_t)len, &out->rtp, &payload,
                             &out->payload_len));
    assert_true(out->payload_len <= sizeof out->payload);
    memcpy(out->payload, payload, out->payload_len);
    return true;
}

static packet far_take(int fd)
{
    packet out = {0};
    assert_true(far_take_within(fd, &out, WAIT_MS));
    return out;
}

/* Skip silence until a marker: the first packet of a play or a press. */
static packet far_take_mark(int fd)
{
    packet out = far_take(fd);
    for (int i = 0; !out.rtp.marker; i++) {
        assert_true(i < WAIT_MS / OD__FRAME_MS);
        out = far_take(fd);
    }
    return out;
}

static void far_send(int fd, uint16_t port, const void *bytes, size_t len)
{
    struct sockaddr_in to = address_of(port);
    (void)sendto(fd, bytes, len, 0, (struct sockaddr *)&to, sizeof to);
}

/* One press, three times over as networks do. */
static void far_press(int fd, uint16_t port, char digit, uint32_t timestamp)
{
    uint8_t bytes[OD__RTP_HEADER + 4];
    for (uint16_t i = 0; i < 3; i++) {
        od__rtp rtp = {.payload_type = EVENT_PT,
                       .timestamp = timestamp,
                       .sequence = i,
                       .marker = i == 0};
        od__rtp_write(&rtp, bytes);
        assert_true(od__dtmf_out(digit, (uint16_t)(160 * (i + 1)), i == 2,
                                 bytes + OD__RTP_HEADER));
        far_send(fd, port, bytes, sizeof bytes);
    }
}

/* == our side ============================================================= */

typedef struct near_side {
    od__media *media;
    od_sink *sink;
    od__wake wake;
    const od_prompt *prompt; /* 10 frames */
} near_side;

static void on_wake(void *ctx)
{
    od__wake_signal(&((near_side *)ctx)->wake);
}

static void on_report(void *ctx, const od_report *report)
{
    (void)ctx;
    (void)report;
    fail_msg("media threads post nothing");
}

static const od_prompt *prompt_make(size_t frames, uint64_t seed)
{
    int16_t samples[100 * OD__FRAME_SAMPLES];
    const od_prompt *prompt = NULL;
    od__rand rand = {.state = seed};
    assert_true(frames <= 100);
    for (size_t i = 0; i < frames * OD__FRAME_SAMPLES; i++) {
        samples[i] = (int16_t)od__rand_below(&rand, 30000);
    }
    assert_int_equal(
        od__prompt_new(&prompt, samples, frames * OD__FRAME_SAMPLES, NULL),
        OD_OK);
    return prompt;
}

static od__media_options options_make(uint32_t streams_max)
{
    return (od__media_options){.address = address_text(),
                               .port_min = 20001,
                               .port_max = 29999,
                               .threads = 1,
                               .streams_max = streams_max};
}

static void near_open(near_side *near, const od__media_options *options)
{
    od_errmsg errmsg = {""};
    memset(near, 0, sizeof *near);
    assert_int_equal(od__wake_init(&near->wake, NULL), OD_OK);
    assert_int_equal(od_sink_new(&near->sink, on_report, on_wake, near),
                     OD_OK);
    near->prompt = prompt_make(10, 99);
    if (od__media_new(&near->media, options, near->sink, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
}

static void near_close(near_side *near)
{
    od__media_free(near->media);
    od_sink_free(near->sink);
    od__wake_close(&near->wake);
    od_prompt_drop(near->prompt);
}

static void near_connect(near_side *near, uint32_t slot, int far,
                         bool may_send)
{
    struct sockaddr_in peer = far_address(far);
    od__media_connect(near->media, slot, (struct sockaddr *)&peer, sizeof peer,
                      OD_CODEC_PCMU, EVENT_PT, may_send);
}

/* Open a slot and connect it. Returns its port. */
static uint16_t near_call(near_side *near, uint32_t slot, od_id attempt,
                          int far)
{
    uint16_t port = 0;
    assert_int_equal(od__media_open(near->media, slot, attempt, &port), OD_OK);
    near_connect(near, slot, far, true);
    return port;
}

static void near_play(near_side *near, uint32_t slot, od_id attempt,
                      int32_t play)
{
    od__media_play(near->media, slot, attempt, play, &near->prompt, 1, 0);
}

static od__media_report near_report(near_side *near)
{
    od__media_report report = {0};
    while (!od__media_report_next(near->media, &report)) {
        struct pollfd poller = {.fd = near->wake.fd, .events = POLLIN};
        assert_int_equal(poll(&poller, 1, WAIT_MS), 1);
        od__wake_clear(&near->wake);
    }
    return report;
}

static void assert_play_ended(near_side *near, od_id attempt, int32_t play,
                              int64_t heard_ms)
{
    od__media_report report = near_report(near);
    assert_int_equal(report.kind, OD__MEDIA_PLAY_ENDED);
    assert_int_equal(report.attempt, attempt);
    assert_int_equal(report.play, play);
    if (heard_ms >= 0) {
        assert_int_equal(report.heard_ms, heard_ms);
    }
}

static void assert_digit(near_side *near, od_id attempt, char digit)
{
    od__media_report report = near_report(near);
    assert_int_equal(report.kind, OD__MEDIA_DIGIT);
    assert_int_equal(report.attempt, attempt);
    assert_int_equal(report.digit, digit);
}

static void assert_closed(near_side *near, od_id attempt)
{
    od__media_report report = near_report(near);
    assert_int_equal(report.kind, OD__MEDIA_CLOSED);
    assert_int_equal(report.attempt, attempt);
}

static void assert_frame(const packet *got, const od_prompt *prompt,
                         size_t frame)
{
    size_t frames;
    size_t bytes;
    const uint8_t *first =
        od_prompt_frames(prompt, OD_CODEC_PCMU, &frames, &bytes);
    assert_true(frame < frames);
    assert_int_equal(got->rtp.payload_type, 0);
    assert_int_equal(got->payload_len, bytes);
    assert_memory_equal(got->payload, first + frame * bytes, bytes);
}

/* == sockets ============================================================== */

static void test_media_takes_even_ports_that_are_free(void **state)
{
    (void)state;
    near_side near;
    od__media_options options = options_make(8);
    options.port_min = 30001;
    options.port_max = 30008;
    int taken = far_open(30004);
    near_open(&near, &options);
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
    int64_t until = od__mono_us() + WAIT_MS * 1000;
    while (od__media_open(near.media, 3, 5, &ports[3]) != OD_OK) {
        assert_true(od__mono_us() < until);
    }
    assert_int_equal(ports[3], 30006);
    near_close(&near);
    (void)close(taken);
}

static void test_media_new_says_what_is_wrong(void **state)
{
    (void)state;
    od__media *media = NULL;
    od_errmsg errmsg;
    od__media_options options = options_make(4);
    options.port_min = 30010;
    options.port_max = 30010;
    int taken = far_open(30010);
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
    options = options_make(40);
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
    near_side near;
    od__media_options options = options_make(1);
    near_open(&near, &options);
    int far = far_open(0);
    int stranger = far_open(0);
    uint16_t port = 0;
    assert_int_equal(od__media_open(near.media, 0, 1, &port), OD_OK);
    far_press(stranger, port, '1', 1000);
    far_press(far, port, '2', 2000);
    near_connect(&near, 0, far, true);
    (void)far_take(far);
    far_press(stranger, port, '3', 3000);
    far_press(far, port, '4', 4000);
    assert_digit(&near, 1, '4');
    near_close(&near);
    (void)close(far);
    (void)close(stranger);
}

/* == what is heard ======================================================== */

static void test_media_sends_silence_between_plays(void **state)
{
    (void)state;
    near_side near;
    od__media_options options = options_make(1);
    near_open(&near, &options);
    int far = far_open(0);
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    uint16_t port = near_call(&near, 0, 1, far);
    packet before = far_take(far);
    assert_int_equal(before.payload[0], od__codec_silence(OD_CODEC_PCMU));
    near_play(&near, 0, 1, 7);
    size_t frame = 0;
    for (int i = 0; i < 30; i++) {
        packet got = far_take(far);
        uint32_t gap = got.rtp.timestamp - before.rtp.timestamp;
        assert_int_equal(got.rtp.ssrc, before.rtp.ssrc);
        assert_int_equal(got.rtp.sequence,
                         (uint16_t)(before.rtp.sequence + 1));
        /* More than one round only if the machine stood still. */
        assert_true(gap >= 160 && gap % 160 == 0);
        if (got.rtp.marker || (frame > 0 && frame < 10)) {
            assert_int_equal(got.rtp.marker, frame == 0);
            assert_frame(&got, near.prompt, frame++);
        } else {
            assert_int_equal(got.payload[80],
                             od__codec_silence(OD_CODEC_PCMU));
        }
        before = got;
    }
    assert_int_equal(frame, 10);
    assert_play_ended(&near, 1, 7, 200);
    assert_int_equal(od__media_heard_ms(near.media, 0), 200);
    /* It comes from the port that was offered. */
    uint8_t bytes[OD__RTP_MAX];
    assert_int_equal(recvfrom(far, bytes, sizeof bytes, 0,
                              (struct sockaddr *)&from, &from_len),
                     OD__RTP_MAX);
    assert_int_equal(ntohs(from.sin_port), port);
    near_close(&near);
    (void)close(far);
}

static void test_media_play_replaces_and_stops(void **state)
{
    (void)state;
    near_side near;
    od__media_options options = options_make(1);
    near_open(&near, &options);
    int far = far_open(0);
    (void)near_call(&near, 0, 1, far);
    const od_prompt *longer = prompt_make(100, 5);
    od__media_play(near.media, 0, 1, 1, &longer, 1, 40);
    packet got = far_take_mark(far);
    assert_frame(&got, longer, 2);
    got = far_take(far);
    assert_frame(&got, longer, 3);
    /* The second replaces the first; the fourth follows the third's end. */
    near_play(&near, 0, 1, 2);
    got = far_take_mark(far);
    assert_frame(&got, near.prompt, 0);
    od__media_report report = near_report(&near);
    assert_int_equal(report.play, 1);
    assert_in_range(report.heard_ms, 40, 1960);
    od__media_play_stop(near.media, 0, 1);
    assert_play_ended(&near, 1, 2, -1);
    od__media_play_stop(near.media, 0, 1); /* nothing plays: no report */
    const od_prompt *both[] = {near.prompt, longer};
    od__media_play(near.media, 0, 1, 3, both, 2, 180);
    got = far_take_mark(far);
    assert_frame(&got, near.prompt, 9);
    got = far_take(far);
    assert_frame(&got, longer, 0);
    assert_play_ended(&near, 1, 3, 2020);
    assert_true(od__media_heard_ms(near.media, 0) >= 2020 + 60);
    od_prompt_drop(longer);
    near_close(&near);
    (void)close(far);
}

static void test_media_hold_lets_nothing_out(void **state)
{
    (void)state;
    near_side near;
    od__media_options options = options_make(1);
    near_open(&near, &options);
    int far = far_open(0);
    (void)near_call(&near, 0, 1, far);
    near_play(&near, 0, 1, 1);
    (void)far_take_mark(far);
    near_connect(&near, 0, far, false);
    od__media_report report = near_report(&near);
    assert_int_equal(report.kind, OD__MEDIA_PLAY_ENDED);
    assert_in_range(report.heard_ms, 20, 180);
    /* What left before the hold. */
    packet got;
    int64_t heard_ms = 20;
    while (far_take_within(far, &got, 0)) {
        heard_ms += 20;
    }
    assert_int_equal(report.heard_ms, heard_ms);
    near_play(&near, 0, 1, 2);
    assert_play_ended(&near, 1, 2, 0);
    assert_false(far_take_within(far, &got, 0));
    near_connect(&near, 0, far, true);
    near_play(&near, 0, 1, 3);
    got = far_take_mark(far);
    assert_frame(&got, near.prompt, 0);
    assert_play_ended(&near, 1, 3, 200);
    near_close(&near);
    (void)close(far);
}

/* == digits =============================================================== */

static void test_media_digits_go_both_ways(void **state)
{
    (void)state;
    near_side near;
    od__media_options options = options_make(2);
    near_open(&near, &options);
    int far = far_open(0);
    uint16_t port = near_call(&near, 0, 1, far);
    (void)far_take(far);
    assert_int_equal(od__media_digits(near.media, 0, 1, "4*"), OD_OK);
    static const uint8_t events[] = {4, 10};
    for (size_t i = 0; i < OD__LEN(events); i++) {
        packet got = far_take_mark(far);
        uint32_t timestamp = got.rtp.timestamp;
        for (int j = 0; j < 7; j++) {
            assert_int_equal(got.rtp.payload_type, EVENT_PT);
            assert_int_equal(got.rtp.timestamp, timestamp);
            assert_int_equal(got.payload_len, 4);
            assert_int_equal(got.payload[0], events[i]);
            assert_int_equal(got.payload[1] >> 7, j >= 4);
            got = far_take(far);
        }
    }
    far_press(far, port, '9', 160);
    far_press(far, port, '9', 3200);
    far_press(far, port, '#', 6400);
    assert_digit(&near, 1, '9');
    assert_digit(&near, 1, '9');
    assert_digit(&near, 1, '#');
    near_close(&near);
    (void)close(far);
}

static void test_media_digits_refuses(void **state)
{
    (void)state;
    near_side near;
    od__media_options options = options_make(2);
    near_open(&near, &options);
    int far = far_open(0);
    struct sockaddr_in peer = far_address(far);
    (void)near_call(&near, 0, 1, far);
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
    near_close(&near);
    (void)close(far);
}

/* == far ends that misbehave ============================================== */

static void test_media_reports_silence_once(void **state)
{
    (void)state;
    near_side near;
    od__media_options options = options_make(1);
    options.silent_ms = 50;
    near_open(&near, &options);
    int far = far_open(0);
    int64_t begin_us = od__mono_us();
    (void)near_call(&near, 0, 1, far);
    od__media_report report = near_report(&near);
    assert_int_equal(report.kind, OD__MEDIA_SILENT);
    assert_int_equal(report.attempt, 1);
    assert_true(od__mono_us() - begin_us >= 45000);
    /* Four times as long, and only the end of the play is told. */
    near_play(&near, 0, 1, 1);
    assert_play_ended(&near, 1, 1, 200);
    od__media_report none;
    assert_false(od__media_report_next(near.media, &none));
    near_close(&near);
    (void)close(far);
}

static void test_media_lives_with_a_peer_out_of_reach(void **state)
{
    (void)state;
    near_side near;
    od__media_options options = options_make(1);
    options.silent_ms = 50;
    near_open(&near, &options);
    int far = far_open(0);
    struct sockaddr_in6 peer = {.sin6_family = AF_INET6, .sin6_port = 9};
    uint16_t port;
    assert_int_equal(od__media_open(near.media, 0, 1, &port), OD_OK);
    od__media_connect(near.media, 0, (struct sockaddr *)&peer, sizeof peer,
                      OD_CODEC_PCMU, EVENT_PT, true);
    near_play(&near, 0, 1, 1);
    assert_int_equal(near_report(&near).kind, OD__MEDIA_SILENT);
    assert_play_ended(&near, 1, 1, 0);
    near_connect(&near, 0, far, true);
    near_play(&near, 0, 1, 2);
    packet got = far_take_mark(far);
    assert_frame(&got, near.prompt, 0);
    near_close(&near);
    (void)close(far);
}

static void test_media_speaks_ipv6(void **state)
{
    (void)state;
    near_side near;
    od__media_options options = options_make(1);
    struct sockaddr_in6 peer = {.sin6_family = AF_INET6,
                                .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t len = sizeof peer;
    int far = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (far < 0 || bind(far, (struct sockaddr *)&peer, len) != 0) {
        skip(); /* a machine without IPv6 */
    }
    assert_int_equal(getsockname(far, (struct sockaddr *)&peer, &len), 0);
    options.address = "::1";
    near_open(&near, &options);
    uint16_t port;
    assert_int_equal(od__media_open(near.media, 0, 1, &port), OD_OK);
    od__media_connect(near.media, 0, (struct sockaddr *)&peer, len,
                      OD_CODEC_PCMU, EVENT_PT, true);
    near_play(&near, 0, 1, 1);
    packet got = far_take_mark(far);
    assert_frame(&got, near.prompt, 0);
    near_close(&near);
    (void)close(far);
}

static void test_media_goes_on_when_the_peer_refuses(void **state)
{
    (void)state;
    near_side near;
    od__media_options options = options_make(1);
    near_open(&near, &options);
    int far = far_open(0);
    uint16_t far_port = ntohs(far_address(far).sin_port);
    uint16_t port = near_call(&near, 0, 1, far);
    (void)far_take(far);
    (void)close(far);
    near_play(&near, 0, 1, 1);
    assert_play_ended(&near, 1, 1, -1);
    far = far_open(far_port);
    near_play(&near, 0, 1, 2);
    packet got = far_take_mark(far);
    assert_frame(&got, near.prompt, 0);
    far_press(far, port, '1', 77);
    for (int i = 0; i < 2; i++) {
        od__media_report report = near_report(&near);
        assert_true(report.kind == OD__MEDIA_DIGIT || report.play == 2);
    }
    near_close(&near);
    (void)close(far);
}

static void test_media_survives_garbage(void **state)
{
    (void)state;
    near_side near;
    od__media_options options = options_make(1);
    od__rand rand = {.state = od_test_seed(4711)};
    near_open(&near, &options);
    int far = far_open(0);
    uint16_t port = near_call(&near, 0, 1, far);
    (void)far_take(far);
    /* With the payload type of events in one of two, but never a key. */
    for (int i = 0; i < 10000; i++) {
        uint8_t bytes[2000];
        size_t len = od__rand_below(&rand, i % 50 == 0 ? sizeof bytes : 40);
        for (size_t j = 0; j < len; j++) {
            bytes[j] = (uint8_t)(od__rand_next(&rand) | (j >= 12 ? 0x80 : 0));
        }
        if (len > 1 && i % 2 == 0) {
            bytes[0] = 0x80;
            bytes[1] = EVENT_PT;
        }
        far_send(far, port, bytes, len);
    }
    /* Presses are repeated until one finds room behind the garbage. */
    uint32_t timestamp = 0;
    od__media_report report;
    while (!od__media_report_next(near.media, &report)) {
        (void)far_take(far);
        far_press(far, port, '6', timestamp++);
        assert_true(timestamp < 5000);
    }
    assert_int_equal(report.digit, '6');
    near_close(&near);
    (void)close(far);
}

/* == attempts, order, limits ============================================== */

static void test_media_slot_serves_the_next_attempt(void **state)
{
    (void)state;
    near_side near;
    od__media_options options = options_make(1);
    near_open(&near, &options);
    int far = far_open(0);
    int far_next = far_open(0);
    uint16_t port = near_call(&near, 0, 1, far);
    packet old = far_take(far);
    near_play(&near, 0, 1, 1);
    far_press(far, port, '1', 160);
    assert_digit(&near, 1, '1');
    assert_play_ended(&near, 1, 1, 200);
    (void)far_take_mark(far);
    /* A digit that is there when the call ends is told before its end. */
    near_play(&near, 0, 1, 2);
    far_press(far, port, '2', 320);
    (void)far_take_mark(far);
    (void)far_take(far);
    od__media_close(near.media, 0);
    od__media_close(near.media, 0);
    assert_digit(&near, 1, '2');
    assert_closed(&near, 1);
    assert_true(od__media_heard_ms(near.media, 0) >= 220);
    uint16_t port_next = near_call(&near, 0, 2, far_next);
    assert_int_not_equal(port, port_next);
    assert_int_equal(od__media_heard_ms(near.media, 0), 0);
    packet first = far_take(far_next);
    assert_int_not_equal(first.rtp.ssrc, old.rtp.ssrc);
    near_play(&near, 0, 1, 3); /* too late */
    od__media_play_stop(near.media, 0, 1);
    near_play(&near, 0, 2, 4);
    assert_play_ended(&near, 2, 4, 200);
    assert_int_equal(od__media_heard_ms(near.media, 0), 200);
    near_close(&near);
    (void)close(far);
    (void)close(far_next);
}

/* Calls that come and go as fast as they can, each with a play. */
static void test_media_slots_churn(void **state)
{
    (void)state;
    near_side near;
    od__media_options options = options_make(4);
    options.threads = 2;
    near_open(&near, &options);
    int far = far_open(0);
    for (od_id attempt = 1; attempt <= 2000; attempt++) {
        uint32_t slot = (uint32_t)(attempt % 4);
        struct sockaddr_in peer = far_address(far);
        uint16_t port;
        od__media_close(near.media, slot);
        int64_t until = od__mono_us() + WAIT_MS * 1000;
        while (od__media_open(near.media, slot, attempt, &port) != OD_OK) {
            assert_true(od__mono_us() < until);
        }
        od__media_connect(near.media, slot, (struct sockaddr *)&peer,
                          sizeof peer, OD_CODEC_PCMA, EVENT_PT, true);
        near_play(&near, slot, attempt, (int32_t)attempt);
        near_play(&near, slot, attempt - 4, -1);
    }
    for (int i = 0; i < 4; i++) {
        od__media_report report;
        do {
            report = near_report(&near);
        } while (report.heard_ms < 200);
        assert_int_equal(report.play, report.attempt);
    }
    near_close(&near);
    (void)close(far);
}

static void test_media_never_drops_a_report(void **state)
{
    (void)state;
    near_side near;
    od__media_options options = options_make(1);
    near_open(&near, &options);
    int far = far_open(0);
    (void)near_call(&near, 0, 1, far);
    /* Many times what the rings hold, and nobody takes a report. */
    for (int32_t play = 0; play <= 5000; play++) {
        near_play(&near, 0, 1, play);
    }
    for (int32_t play = 0; play < 5000; play++) {
        assert_play_ended(&near, 1, play, -1);
    }
    assert_play_ended(&near, 1, 5000, 200);
    near_close(&near);
    (void)close(far);
}

static void test_media_free_lets_go_of_everything(void **state)
{
    (void)state;
    near_side near;
    od__media_options options = options_make(3);
    options.threads = 3;
    near_open(&near, &options);
    int far = far_open(0);
    for (uint32_t slot = 0; slot < 3; slot++) {
        (void)near_call(&near, slot, slot + 1, far);
        near_play(&near, slot, slot + 1, 1);
    }
    for (int i = 0; i < 20; i++) {
        (void)far_take(far);
    }
    for (uint32_t slot = 0; slot < 3; slot++) {
        near_play(&near, slot, slot + 1, 2);
    }
    od__media_stats stats;
    od__media_stats_get(near.media, &stats);
    assert_true(stats.sent > 0);
    near_close(&near); /* a leak would be the sanitizer's to tell */
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
        cmocka_unit_test(test_media_reports_silence_once),
        cmocka_unit_test(test_media_lives_with_a_peer_out_of_reach),
        cmocka_unit_test(test_media_goes_on_when_the_peer_refuses),
        cmocka_unit_test(test_media_speaks_ipv6),
        cmocka_unit_test(test_media_survives_garbage),
        cmocka_unit_test(test_media_slot_serves_the_next_attempt),
        cmocka_unit_test(test_media_slots_churn),
        cmocka_unit_test(test_media_never_drops_a_report),
        cmocka_unit_test(test_media_free_lets_go_of_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
