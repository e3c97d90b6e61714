/*
 * media_side.c - both ends of a media stream for tests: the loop that is
 * tested and a far end on a plain socket.
 */
#include "support/media_side.h"

#include <arpa/inet.h>
#include <poll.h>
#include <unistd.h>

/* == the far end ========================================================== */

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

int od_far_open(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    struct sockaddr_in address = address_of(port);
    assert_int_equal(
        bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

struct sockaddr_in od_far_address(int fd)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    return address;
}

bool od_far_take_within(int fd, od_far_packet *out, int wait_ms)
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

od_far_packet od_far_take(int fd)
{
    od_far_packet out = {0};
    assert_true(od_far_take_within(fd, &out, OD_MEDIA_WAIT_MS));
    return out;
}

od_far_packet od_far_take_mark(int fd)
{
    od_far_packet out = od_far_take(fd);
    for (int i = 0; !out.rtp.marker; i++) {
        assert_true(i < OD_MEDIA_WAIT_MS / OD__FRAME_MS);
        out = od_far_take(fd);
    }
    return out;
}

void od_far_send(int fd, uint16_t port, const void *bytes, size_t len)
{
    struct sockaddr_in to = address_of(port);
    (void)sendto(fd, bytes, len, 0, (struct sockaddr *)&to, sizeof to);
}

void od_far_press(int fd, uint16_t port, char digit, uint32_t timestamp)
{
    uint8_t bytes[OD__RTP_HEADER + 4];
    for (uint16_t i = 0; i < 3; i++) {
        od__rtp rtp = {.payload_type = OD_MEDIA_EVENT_PT,
                       .timestamp = timestamp,
                       .sequence = i,
                       .marker = i == 0};
        od__rtp_write(&rtp, bytes);
        assert_true(od__dtmf_out(digit, (uint16_t)(160 * (i + 1)), i == 2,
                                 bytes + OD__RTP_HEADER));
        od_far_send(fd, port, bytes, sizeof bytes);
    }
}

/* == our side ============================================================= */

static void on_wake(void *ctx)
{
    od__wake_signal(&((od_near *)ctx)->wake);
}

static void on_report(void *ctx, const od_report *report)
{
    (void)ctx;
    (void)report;
    fail_msg("media threads post nothing");
}

const od_prompt *od_near_prompt(size_t frames, uint64_t seed)
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

od__media_options od_near_options(uint32_t streams_max)
{
    return (od__media_options){.address = address_text(),
                               .port_min = 20001,
                               .port_max = 29999,
                               .threads = 1,
                               .streams_max = streams_max};
}

void od_near_open(od_near *near, const od__media_options *options)
{
    od_errmsg errmsg = {""};
    memset(near, 0, sizeof *near);
    assert_int_equal(od__wake_init(&near->wake, NULL), OD_OK);
    assert_int_equal(od_sink_new(&near->sink, on_report, on_wake, near),
                     OD_OK);
    near->prompt = od_near_prompt(10, 99);
    if (od__media_new(&near->media, options, near->sink, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
}

void od_near_close(od_near *near)
{
    od__media_free(near->media);
    od_sink_free(near->sink);
    od__wake_close(&near->wake);
    od_prompt_drop(near->prompt);
}

void od_near_connect(od_near *near, uint32_t slot, int far,
                         bool may_send)
{
    struct sockaddr_in peer = od_far_address(far);
    od__media_connect(near->media, slot, (struct sockaddr *)&peer, sizeof peer,
                      OD_CODEC_PCMU, OD_MEDIA_EVENT_PT, may_send);
}

uint16_t od_near_call(od_near *near, uint32_t slot, od_id attempt,
                          int far)
{
    uint16_t port = 0;
    assert_int_equal(od__media_open(near->media, slot, attempt, &port), OD_OK);
    od_near_connect(near, slot, far, true);
    return port;
}

void od_near_play(od_near *near, uint32_t slot, od_id attempt,
                      int32_t play)
{
    od__media_play(near->media, slot, attempt, play, &near->prompt, 1, 0);
}

od__media_report od_near_report(od_near *near)
{
    od__media_report report = {0};
    while (!od__media_report_next(near->media, &report)) {
        struct pollfd poller = {.fd = near->wake.fd, .events = POLLIN};
        assert_int_equal(poll(&poller, 1, OD_MEDIA_WAIT_MS), 1);
        od__wake_clear(&near->wake);
    }
    return report;
}

void od_near_assert_play_ended(od_near *near, od_id attempt, int32_t play,
                              int64_t heard_ms)
{
    od__media_report report = od_near_report(near);
    assert_int_equal(report.kind, OD__MEDIA_PLAY_ENDED);
    assert_int_equal(report.attempt, attempt);
    assert_int_equal(report.play, play);
    if (heard_ms >= 0) {
        assert_int_equal(report.heard_ms, heard_ms);
    }
}

void od_near_assert_digit(od_near *near, od_id attempt, char digit)
{
    od__media_report report = od_near_report(near);
    assert_int_equal(report.kind, OD__MEDIA_DIGIT);
    assert_int_equal(report.attempt, attempt);
    assert_int_equal(report.digit, digit);
}

void od_near_assert_frame(const od_far_packet *got, const od_prompt *prompt,
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
