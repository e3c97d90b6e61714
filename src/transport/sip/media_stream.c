/*
 * media_stream.c - one stream: which packet leaves next, and what came in.
 *
 * No socket, no clock and no thread in here. The loop asks once in each round
 * of 20 ms for the next packet and says whether it left; rounds count on for
 * ever, so timestamps are those of the round whatever was sent in between.
 *
 * What leaves in a round, the first that applies:
 *
 *   on hold, or the peer cannot be reached   nothing; the prompt's clock runs
 *   digits wait                              an event or the gap after it
 *   a prompt plays                           its next frame
 *   else                                     a frame of silence
 *
 * so that the far end hears from us every 20 ms and never takes the call for
 * dead. A press is seven packets and three frames of silence:
 *
 *   step    0    1    2    3    4    5    6    7    8    9
 *   sends   M160 320  480  640  E800 E800 E800 -    -    -
 *
 * M marks the first, E the end, sent three times (RFC 4733, 2.5.1.4); all have
 * the timestamp of step 0. A hold stops a press where it is: it goes on later
 * as the same event, so the far end counts one key.
 *
 * Prompts of a play are held from od__media_play on; all of them are dropped
 * when the play ends.
 */
#include "transport/sip/media_parts.h"

#include <assert.h>

#define TONE_STEPS 5
#define EVENT_STEPS (TONE_STEPS + 2)
#define DIGIT_STEPS (EVENT_STEPS + 3)
#define EVENT_BYTES 4

void od__media_stream_open(od__media_stream *stream, od_id attempt,
                           od__rand *rand)
{
    assert(stream->attempt == 0 && stream->prompts_len == 0);
    uint64_t random = od__rand_next(rand);
    *stream = (od__media_stream){
        .slot = stream->slot,
        .fd = stream->fd,
        .socket = stream->socket,
        .attempt = attempt,
        .event_pt = -1,
        .ssrc = (uint32_t)random,
        .timestamp_base = (uint32_t)(random >> 32),
        .sequence = (uint16_t)od__rand_next(rand),
    };
}

/* == play ================================================================= */

/* Point at the frame that plays next, which may be of a later prompt. */
static void find_frame(od__media_stream *stream)
{
    while (stream->prompt < stream->prompts_len) {
        stream->frames = od_prompt_frames(
            stream->prompts[stream->prompt], stream->codec,
            &stream->frames_len, &stream->frame_bytes);
        assert(stream->frame_bytes <= OD__FRAME_SAMPLES);
        if (stream->frame < stream->frames_len) {
            return;
        }
        stream->frame = 0;
        stream->prompt++;
    }
    stream->frames = NULL;
}

void od__media_stream_play(od__media_stream *stream,
                           const od__media_order *order)
{
    assert(!od__media_stream_is_playing(stream));
    assert(order->prompts_len <= OD__MEDIA_PROMPTS_MAX);
    memcpy(stream->prompts, order->with.prompts,
           order->prompts_len * sizeof stream->prompts[0]);
    stream->prompts_len = order->prompts_len;
    stream->prompt = 0;
    stream->play = order->play;
    stream->play_heard_frames = 0;
    stream->mark = true;
    stream->frame =
        order->offset_ms > 0 ? (size_t)(order->offset_ms / OD__FRAME_MS) : 0;
    find_frame(stream);
}

bool od__media_stream_is_over(const od__media_stream *stream)
{
    return stream->prompts_len > 0 && stream->prompt == stream->prompts_len;
}

int64_t od__media_stream_play_end(od__media_stream *stream)
{
    for (uint32_t i = 0; i < stream->prompts_len; i++) {
        od_prompt_drop(stream->prompts[i]);
    }
    stream->prompts_len = 0;
    stream->frames = NULL;
    return (int64_t)stream->play_heard_frames * OD__FRAME_MS;
}

/* The frame of this round, or NULL for silence. */
static const uint8_t *take_frame(od__media_stream *stream, size_t *bytes)
{
    if (stream->frames == NULL) {
        return NULL;
    }
    *bytes = stream->frame_bytes;
    const uint8_t *frame = stream->frames + stream->frame * *bytes;
    if (++stream->frame == stream->frames_len) {
        find_frame(stream);
    }
    return frame;
}

/* == digits =============================================================== */

void od__media_stream_digits(od__media_stream *stream, const char *digits)
{
    for (; *digits != '\0'; digits++) {
        /* The engine's side counts what waits. */
        assert(stream->digits_len < OD__MEDIA_DIGITS_MAX);
        stream->digits[(stream->digits_first + stream->digits_len) %
                       OD__MEDIA_DIGITS_MAX] = *digits;
        stream->digits_len++;
    }
    if (stream->event_pt < 0) {
        stream->digits_sent += stream->digits_len;
        stream->digits_len = 0;
    }
}

/* == the connection ======================================================= */

void od__media_stream_connect(od__media_stream *stream,
                              const od__media_call *call)
{
    stream->connected = true;
    stream->may_send = call->may_send;
    stream->event_pt = call->event_pt;
    stream->codec = call->codec;
    find_frame(stream);
    if (stream->event_pt < 0) {
        stream->digit_step = 0;
        od__media_stream_digits(stream, "");
    }
}

/* == packets ============================================================== */

static void put_header(od__media_stream *stream, int payload_type,
                       uint32_t timestamp, bool marker, uint8_t *packet)
{
    od__rtp rtp = {.timestamp = timestamp,
                   .ssrc = stream->ssrc,
                   .sequence = stream->sequence++,
                   .payload_type = (uint8_t)payload_type,
                   .marker = marker};
    od__rtp_write(&rtp, packet);
}

static size_t silence_packet(od__media_stream *stream, uint32_t timestamp,
                             uint8_t *packet)
{
    put_header(stream, od__media_stream_payload_type(stream->codec), timestamp,
               false, packet);
    memset(packet + OD__RTP_HEADER, od__codec_silence(stream->codec),
           OD__FRAME_SAMPLES);
    return OD__RTP_HEADER + OD__FRAME_SAMPLES;
}

static size_t digit_packet(od__media_stream *stream, uint32_t timestamp,
                           uint8_t *packet)
{
    uint32_t step = stream->digit_step++;
    char digit = stream->digits[stream->digits_first];
    if (step == 0) {
        stream->digit_timestamp = timestamp;
    }
    if (stream->digit_step == DIGIT_STEPS) {
        stream->digit_step = 0;
        stream->digits_first =
            (stream->digits_first + 1) % OD__MEDIA_DIGITS_MAX;
        stream->digits_len--;
        stream->digits_sent++;
        stream->mark = true;
    }
    if (step >= EVENT_STEPS) {
        return silence_packet(stream, timestamp, packet);
    }
    uint32_t tone = step < TONE_STEPS ? step + 1 : TONE_STEPS;
    put_header(stream, stream->event_pt, stream->digit_timestamp, step == 0,
               packet);
    (void)od__dtmf_out(digit, (uint16_t)(tone * OD__FRAME_SAMPLES),
                       tone == TONE_STEPS, packet + OD__RTP_HEADER);
    return OD__RTP_HEADER + EVENT_BYTES;
}

size_t od__media_stream_next(od__media_stream *stream, uint32_t round,
                             uint8_t packet[OD__RTP_MAX])
{
    uint32_t timestamp = stream->timestamp_base + round * OD__FRAME_SAMPLES;
    bool may_leave = stream->may_send && stream->reachable;
    stream->in_audio = false;
    if (may_leave && stream->digits_len > 0) {
        return digit_packet(stream, timestamp, packet);
    }
    size_t bytes = 0;
    const uint8_t *frame = take_frame(stream, &bytes);
    if (!may_leave) {
        stream->mark = true;
        return 0;
    }
    if (frame == NULL) {
        return silence_packet(stream, timestamp, packet);
    }
    put_header(stream, od__media_stream_payload_type(stream->codec), timestamp,
               stream->mark, packet);
    memcpy(packet + OD__RTP_HEADER, frame, bytes);
    stream->mark = false;
    stream->in_audio = true;
    return OD__RTP_HEADER + bytes;
}

void od__media_stream_presses(od__dtmf_in *dtmf, const uint8_t *payload,
                              size_t len, uint32_t timestamp,
                              char digits[OD__MEDIA_PRESSES_MAX + 1])
{
    size_t count = 0;
    char digit;
    while (count < OD__MEDIA_PRESSES_MAX &&
           (digit = od__dtmf_in_take(dtmf, payload, len, timestamp)) != '\0') {
        digits[count++] = digit;
    }
    digits[count] = '\0';
}

bool od__media_stream_take(od__media_stream *stream, const uint8_t *bytes,
                           size_t len, char digits[OD__MEDIA_PRESSES_MAX + 1])
{
    od__rtp rtp;
    const uint8_t *payload;
    size_t payload_len;
    digits[0] = '\0';
    if (!od__rtp_read(bytes, len, &rtp, &payload, &payload_len)) {
        return false;
    }
    if (rtp.payload_type == stream->event_pt) {
        od__media_stream_presses(&stream->dtmf, payload, payload_len,
                                 rtp.timestamp, digits);
    }
    return true;
}
