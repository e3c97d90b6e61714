/*
 * test_media_stream.c - one stream without sockets or threads: which packet
 * leaves in which round, and what hostile bytes do.
 */
#include "support/test.h"

#include "transport/sip/media_parts.h"

#define EVENT_PT 101

/* A prompt of `frames` frames of noise, held once. */
static const od_prompt *prompt_make(size_t frames, uint64_t seed)
{
    size_t len = frames * OD__FRAME_SAMPLES;
    int16_t *samples = calloc(len, sizeof *samples);
    assert_non_null(samples);
    od__rand rand = {.state = seed};
    for (size_t i = 0; i < len; i++) {
        samples[i] = (int16_t)od__rand_below(&rand, 30000);
    }
    const od_prompt *prompt = NULL;
    assert_int_equal(od__prompt_new(&prompt, samples, len, NULL), OD_OK);
    free(samples);
    return prompt;
}

static const uint8_t *frame_of(const od_prompt *prompt, od_codec codec,
                               size_t frame)
{
    size_t frames;
    size_t bytes;
    const uint8_t *first = od_prompt_frames(prompt, codec, &frames, &bytes);
    assert_true(frame < frames);
    assert_int_equal(bytes, OD__FRAME_SAMPLES);
    return first + frame * bytes;
}

static void stream_connect(od__media_stream *stream, od_codec codec,
                           int event_pt, bool may_send)
{
    od__media_call call = {.verb = OD__MEDIA_CONNECT,
                           .codec = codec,
                           .event_pt = event_pt,
                           .may_send = may_send};
    stream->reachable = true;
    od__media_stream_connect(stream, &call);
}

static void stream_open(od__media_stream *stream)
{
    od__rand rand = {.state = 7};
    memset(stream, 0, sizeof *stream);
    od__media_stream_open(stream, 1, &rand);
    stream_connect(stream, OD_CODEC_PCMU, EVENT_PT, true);
}

static void stream_play(od__media_stream *stream, int32_t play,
                        const od_prompt *first, const od_prompt *second,
                        int64_t offset_ms)
{
    od__media_order order = {.verb = OD__MEDIA_PLAY,
                             .play = play,
                             .prompts_len = second != NULL ? 2 : 1,
                             .offset_ms = offset_ms};
    order.with.prompts[0] = first;
    order.with.prompts[1] = second;
    od_prompt_hold(first);
    if (second != NULL) {
        od_prompt_hold(second);
    }
    od__media_stream_play(stream, &order);
}

/* What left in a round, taken apart. */
typedef struct packet {
    size_t len; /* 0: nothing left */
    od__rtp rtp;
    size_t payload_len;
    uint8_t payload[OD__FRAME_SAMPLES];
} packet;

static packet next(od__media_stream *stream, uint32_t round)
{
    packet out = {0};
    uint8_t bytes[OD__RTP_MAX];
    const uint8_t *payload = NULL;
    out.len = od__media_stream_next(stream, round, bytes);
    if (out.len > 0) {
        assert_true(od__rtp_read(bytes, out.len, &out.rtp, &payload,
                                 &out.payload_len));
        memcpy(out.payload, payload, out.payload_len);
        od__media_stream_sent(stream);
    }
    return out;
}

static void assert_silence(const packet *got, od_codec codec)
{
    uint8_t silence[OD__FRAME_SAMPLES];
    memset(silence, od__codec_silence(codec), sizeof silence);
    assert_int_equal(got->payload_len, sizeof silence);
    assert_memory_equal(got->payload, silence, sizeof silence);
    assert_false(got->rtp.marker);
}

static void assert_frame(const packet *got, const od_prompt *prompt,
                         od_codec codec, size_t frame)
{
    assert_int_equal(got->payload_len, OD__FRAME_SAMPLES);
    assert_memory_equal(got->payload, frame_of(prompt, codec, frame),
                        OD__FRAME_SAMPLES);
    assert_int_equal(got->rtp.payload_type, codec == OD_CODEC_PCMU ? 0 : 8);
}

static void test_media_stream_timestamps_are_those_of_the_round(void **state)
{
    (void)state;
    od__media_stream stream;
    stream_open(&stream);
    packet first = next(&stream, 0xfffffffe);
    assert_silence(&first, OD_CODEC_PCMU);
    /* One packet each, although round 4 was left out and the count wrapped. */
    static const uint32_t rounds[] = {0xffffffff, 0, 1, 2, 3, 5, 6};
    for (uint32_t i = 0; i < OD__LEN(rounds); i++) {
        packet got = next(&stream, rounds[i]);
        assert_int_equal(got.rtp.ssrc, first.rtp.ssrc);
        assert_int_equal(got.rtp.sequence,
                         (uint16_t)(first.rtp.sequence + 1 + i));
        assert_int_equal(got.rtp.timestamp - first.rtp.timestamp,
                         (rounds[i] - 0xfffffffe) * OD__FRAME_SAMPLES);
    }
}

static void test_media_stream_plays_prompts_in_a_row(void **state)
{
    (void)state;
    const od_prompt *a = prompt_make(3, 1);
    const od_prompt *b = prompt_make(2, 2);
    od__media_stream stream;
    stream_open(&stream);
    stream_play(&stream, 5, a, b, 0);
    for (uint32_t i = 0; i < 5; i++) {
        assert_false(od__media_stream_is_over(&stream));
        packet got = next(&stream, i);
        assert_frame(&got, i < 3 ? a : b, OD_CODEC_PCMU, i < 3 ? i : i - 3);
        assert_int_equal(got.rtp.marker, i == 0);
    }
    assert_true(od__media_stream_is_over(&stream));
    assert_int_equal(od__media_stream_play_end(&stream), 100);
    assert_false(od__media_stream_is_playing(&stream));
    packet after = next(&stream, 5);
    assert_silence(&after, OD_CODEC_PCMU);
    assert_int_equal(stream.heard_frames, 5);
    od_prompt_drop(a);
    od_prompt_drop(b);
}

static void test_media_stream_offset_stays_in_first_prompt(void **state)
{
    (void)state;
    const od_prompt *a = prompt_make(3, 1);
    const od_prompt *b = prompt_make(2, 2);
    static const struct {
        int64_t offset_ms;
        size_t frame; /* of a; 3: the first of b */
    } cases[] = {{-5, 0}, {19, 0}, {20, 1}, {59, 2}, {60, 3}, {INT64_MAX, 3}};
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od__media_stream stream;
        stream_open(&stream);
        stream_play(&stream, 1, a, b, cases[i].offset_ms);
        packet got = next(&stream, 0);
        assert_frame(&got, cases[i].frame < 3 ? a : b, OD_CODEC_PCMU,
                     cases[i].frame % 3);
        (void)od__media_stream_play_end(&stream);
    }
    od__media_stream stream;
    stream_open(&stream);
    stream_play(&stream, 1, a, NULL, 60);
    assert_true(od__media_stream_is_over(&stream));
    assert_int_equal(od__media_stream_play_end(&stream), 0);
    od_prompt_drop(a);
    od_prompt_drop(b);
}

static void test_media_stream_hold_runs_the_prompt_on(void **state)
{
    (void)state;
    const od_prompt *a = prompt_make(6, 3);
    od__media_stream stream;
    stream_open(&stream);
    stream_play(&stream, 1, a, NULL, 0);
    packet before = next(&stream, 0);
    stream_connect(&stream, OD_CODEC_PCMU, EVENT_PT, false);
    for (uint32_t i = 1; i < 4; i++) {
        assert_int_equal(next(&stream, i).len, 0);
    }
    /* Back, with the other codec. */
    stream_connect(&stream, OD_CODEC_PCMA, EVENT_PT, true);
    packet after = next(&stream, 4);
    assert_frame(&after, a, OD_CODEC_PCMA, 4);
    assert_true(after.rtp.marker);
    assert_int_equal(after.rtp.sequence, (uint16_t)(before.rtp.sequence + 1));
    assert_int_equal(after.rtp.timestamp - before.rtp.timestamp, 4 * 160);
    /* Not heard while held. */
    assert_int_equal(od__media_stream_play_end(&stream), 40);
    od_prompt_drop(a);
}

/* The ten rounds of one press that begins in `round`. */
static void assert_press(od__media_stream *stream, uint32_t round, char digit)
{
    uint32_t timestamp = stream->timestamp_base + round * OD__FRAME_SAMPLES;
    for (uint32_t i = 0; i < 7; i++) {
        packet got = next(stream, round + i);
        uint32_t tone = i < 5 ? i + 1 : 5;
        uint8_t payload[4];
        assert_true(od__dtmf_out(digit, (uint16_t)(tone * 160), i >= 4,
                                 payload));
        assert_int_equal(got.rtp.payload_type, EVENT_PT);
        assert_int_equal(got.rtp.timestamp, timestamp);
        assert_int_equal(got.rtp.marker, i == 0);
        assert_int_equal(got.payload_len, sizeof payload);
        assert_memory_equal(got.payload, payload, sizeof payload);
    }
    for (uint32_t i = 7; i < 10; i++) {
        packet got = next(stream, round + i);
        assert_silence(&got, OD_CODEC_PCMU);
        assert_int_equal(got.rtp.timestamp, timestamp + i * 160);
    }
}

static void test_media_stream_digits_pause_the_prompt(void **state)
{
    (void)state;
    const od_prompt *a = prompt_make(3, 4);
    od__media_stream stream;
    stream_open(&stream);
    stream_play(&stream, 1, a, NULL, 0);
    packet got = next(&stream, 0);
    assert_frame(&got, a, OD_CODEC_PCMU, 0);
    od__media_stream_digits(&stream, "5#");
    assert_press(&stream, 1, '5');
    assert_int_equal(stream.digits_sent, 1);
    assert_press(&stream, 11, '#');
    assert_int_equal(stream.digits_sent, 2);
    got = next(&stream, 21);
    assert_frame(&got, a, OD_CODEC_PCMU, 1);
    assert_true(got.rtp.marker);
    assert_int_equal(od__media_stream_play_end(&stream), 40);
    od_prompt_drop(a);
}

static void test_media_stream_hold_does_not_double_a_press(void **state)
{
    (void)state;
    od__media_stream stream;
    stream_open(&stream);
    od__media_stream_digits(&stream, "7");
    packet first = next(&stream, 0);
    stream_connect(&stream, OD_CODEC_PCMU, EVENT_PT, false);
    assert_int_equal(next(&stream, 1).len, 0);
    stream_connect(&stream, OD_CODEC_PCMU, EVENT_PT, true);
    packet second = next(&stream, 2);
    assert_int_equal(second.rtp.payload_type, EVENT_PT);
    assert_int_equal(second.rtp.timestamp, first.rtp.timestamp);
    assert_false(second.rtp.marker);
}

static void test_media_stream_digits_need_telephone_event(void **state)
{
    (void)state;
    od__media_stream stream;
    stream_open(&stream);
    od__media_stream_digits(&stream, "12");
    (void)next(&stream, 0);
    stream_connect(&stream, OD_CODEC_PCMU, -1, true);
    assert_int_equal(stream.digits_sent, 2);
    packet got = next(&stream, 1);
    assert_silence(&got, OD_CODEC_PCMU);
    od__media_stream_digits(&stream, "3");
    assert_int_equal(stream.digits_sent, 3);
    /* All room is there again. */
    stream_connect(&stream, OD_CODEC_PCMU, EVENT_PT, true);
    for (int i = 0; i < OD__MEDIA_DIGITS_MAX; i++) {
        od__media_stream_digits(&stream, "9");
    }
    for (uint32_t i = 0; i < OD__MEDIA_DIGITS_MAX; i++) {
        assert_press(&stream, 2 + 10 * i, '9');
    }
}

static void test_media_stream_takes_presses_once(void **state)
{
    (void)state;
    od__media_stream near;
    od__media_stream far;
    stream_open(&near);
    stream_open(&far);
    od__media_stream_digits(&far, "12A");
    char digits[8] = "";
    size_t len = 0;
    for (uint32_t i = 0; i < 40; i++) {
        uint8_t bytes[OD__RTP_MAX];
        size_t bytes_len = od__media_stream_next(&far, i, bytes);
        char begun[OD__MEDIA_PRESSES_MAX + 1];
        assert_true(od__media_stream_take(&near, bytes, bytes_len, begun));
        if (begun[0] != '\0') {
            assert_true(len < sizeof digits - 1);
            digits[len++] = begun[0];
            assert_int_equal(begun[1], '\0');
        }
    }
    assert_string_equal(digits, "12A");
}

static void test_media_stream_takes_several_presses_of_a_packet(void **state)
{
    (void)state;
    od__media_stream stream;
    stream_open(&stream);
    od__rtp rtp = {.payload_type = EVENT_PT, .timestamp = 1};
    uint8_t bytes[OD__RTP_HEADER + 4 * (OD__MEDIA_PRESSES_MAX + 2)];
    char digits[OD__MEDIA_PRESSES_MAX + 1];
    od__rtp_write(&rtp, bytes);
    for (size_t i = 0; i < OD__MEDIA_PRESSES_MAX + 2; i++) {
        assert_true(od__dtmf_out("12345678901"[i], 1600, true,
                                 bytes + OD__RTP_HEADER + 4 * i));
    }
    assert_true(od__media_stream_take(&stream, bytes, OD__RTP_HEADER + 8,
                                      digits));
    assert_string_equal(digits, "12");
    assert_true(od__media_stream_take(&stream, bytes, OD__RTP_HEADER + 8,
                                      digits));
    assert_string_equal(digits, "");
    /* More than any honest packet: cut. */
    bytes[7] = 100; /* another timestamp */
    bytes[5] = 7;
    assert_true(od__media_stream_take(&stream, bytes, sizeof bytes, digits));
    assert_string_equal(digits, "1234");
}

static void test_media_stream_rtp_read_checks_lengths(void **state)
{
    (void)state;
    od__rtp rtp;
    const uint8_t *payload;
    size_t len;
    uint8_t bytes[40] = {0x80, 0x80 | 8, 1, 2};
    assert_false(od__rtp_read(bytes, 11, &rtp, &payload, &len));
    assert_true(od__rtp_read(bytes, 12, &rtp, &payload, &len));
    assert_int_equal(len, 0);
    assert_true(rtp.marker);
    assert_int_equal(rtp.payload_type, 8);
    assert_int_equal(rtp.sequence, 0x102);
    bytes[0] = 0x40; /* version 1 */
    assert_false(od__rtp_read(bytes, 40, &rtp, &payload, &len));
    bytes[0] = 0x82; /* two contributing sources */
    assert_false(od__rtp_read(bytes, 19, &rtp, &payload, &len));
    assert_true(od__rtp_read(bytes, 21, &rtp, &payload, &len));
    assert_int_equal(len, 1);
    bytes[0] = 0x90; /* extension of one word */
    bytes[15] = 1;
    assert_false(od__rtp_read(bytes, 15, &rtp, &payload, &len));
    assert_false(od__rtp_read(bytes, 19, &rtp, &payload, &len));
    assert_true(od__rtp_read(bytes, 24, &rtp, &payload, &len));
    assert_int_equal(len, 4);
    bytes[0] = 0xa0; /* padding */
    assert_false(od__rtp_read(bytes, 40, &rtp, &payload, &len));
    bytes[39] = 29;
    assert_false(od__rtp_read(bytes, 40, &rtp, &payload, &len));
    bytes[39] = 28;
    assert_true(od__rtp_read(bytes, 40, &rtp, &payload, &len));
    assert_int_equal(len, 0);
    bytes[0] = 0x80;
    bytes[1] = 200; /* a sender report of RTCP */
    assert_false(od__rtp_read(bytes, 40, &rtp, &payload, &len));
}

/* Each datagram has memory of exactly its length, for the sanitizer. */
static void test_media_stream_takes_garbage(void **state)
{
    (void)state;
    od__rand rand = {.state = od_test_seed(20260101)};
    od__media_stream stream;
    stream_open(&stream);
    for (int i = 0; i < 10000; i++) {
        size_t len = od__rand_below(&rand, 64);
        uint8_t *bytes = malloc(len > 0 ? len : 1);
        assert_non_null(bytes);
        for (size_t j = 0; j < len; j++) {
            bytes[j] = (uint8_t)od__rand_next(&rand);
        }
        if (len > 1 && od__rand_below(&rand, 4) > 0) {
            bytes[0] = (uint8_t)(0x80 | (bytes[0] & 0x3f));
            bytes[1] = (uint8_t)((bytes[1] & 0x80) | EVENT_PT);
        }
        char digits[OD__MEDIA_PRESSES_MAX + 1];
        bool taken = od__media_stream_take(&stream, bytes, len, digits);
        assert_true(taken || digits[0] == '\0');
        assert_true(strspn(digits, "0123456789*#ABCD") == strlen(digits));
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_media_stream_timestamps_are_those_of_the_round),
        cmocka_unit_test(test_media_stream_plays_prompts_in_a_row),
        cmocka_unit_test(test_media_stream_offset_stays_in_first_prompt),
        cmocka_unit_test(test_media_stream_hold_runs_the_prompt_on),
        cmocka_unit_test(test_media_stream_digits_pause_the_prompt),
        cmocka_unit_test(test_media_stream_hold_does_not_double_a_press),
        cmocka_unit_test(test_media_stream_digits_need_telephone_event),
        cmocka_unit_test(test_media_stream_takes_presses_once),
        cmocka_unit_test(test_media_stream_takes_several_presses_of_a_packet),
        cmocka_unit_test(test_media_stream_rtp_read_checks_lengths),
        cmocka_unit_test(test_media_stream_takes_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
