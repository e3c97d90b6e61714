/*
 * dtmf.c - telephone-event packets into one digit per press, and back.
 *
 *    0                   1                   2                   3
 *   |     event     |E|R| volume    |          duration             |
 *
 * A press is sent many times: every 20 to 50 ms while the key is down, and
 * its end three times. All its packets carry the RTP timestamp of its
 * beginning, so a timestamp not seen before is a new press, also when the
 * first packets were lost and an end is all that arrives. What else happens:
 *
 * - a packet that comes after the next press began: its timestamp is a little
 *   older, it is ignored;
 * - a timestamp far back: the sender began anew, it counts. Not so between the
 *   events of one packet, which may lie far apart: what is before the press
 *   reported last was reported before it;
 * - a press of more than 8 s: goes on with a timestamp 0xffff later;
 * - senders that move the timestamp with each packet: two presses of one key
 *   cannot begin less than 80 ms apart, nor one 40 ms after an end.
 *
 * Source: RFC 4733, 2.3 to 2.5; ITU-T Q.24 (tones and pauses from 40 ms).
 */
#include "media/media.h"

#define EVENT_BYTES 4
#define END_BIT 0x80
#define VOLUME 10         /* -10 dBm0 */
#define LATE_SAMPLES 8000 /* packets overtake each other by less than 1 s */
#define SEGMENT_SAMPLES 0xffff
#define PRESS_SAMPLES 640 /* 80 ms */
#define PAUSE_SAMPLES 320 /* 40 ms */

static const char digits[] = "0123456789*#ABCD"; /* events 0 to 15 */
#define DIGITS (sizeof digits - 1)

/* Is a packet with a later timestamp still of the press reported last? */
static bool goes_on(const od__dtmf_in *in, uint8_t event, int32_t later)
{
    if (event != in->event) {
        return false;
    }
    if (in->ended) {
        return later < PAUSE_SAMPLES;
    }
    return later < PRESS_SAMPLES || later == SEGMENT_SAMPLES;
}

/* One event of a packet: does it begin a press? `again`: the press reported
 * last was of this packet, too. */
static bool take_event(od__dtmf_in *in, uint8_t event, bool end, bool again,
                       uint32_t timestamp)
{
    /* Timestamps wrap around: their difference is signed. */
    int32_t later = (int32_t)(timestamp - in->timestamp);
    bool is_press = true;
    if (in->any && later < 0 && (again || later > -LATE_SAMPLES)) {
        return false;
    }
    if (in->any && later >= 0 && (later == 0 || goes_on(in, event, later))) {
        is_press = false;
        end = end || in->ended;
    }
    in->any = true;
    in->timestamp = timestamp;
    in->event = event;
    in->ended = end;
    return is_press;
}

char od__dtmf_in_take(od__dtmf_in *in, const uint8_t *payload, size_t len,
                      uint32_t timestamp)
{
    const uint32_t packet = timestamp;
    const bool again = packet == in->packet;
    for (size_t at = 0; len - at >= EVENT_BYTES; at += EVENT_BYTES) {
        uint8_t event = payload[at];
        bool end = (payload[at + 1] & END_BIT) != 0;
        uint32_t duration = ((uint32_t)payload[at + 2] << 8) | payload[at + 3];
        /* Duration 0 is for states, not for keys: to be ignored (2.3.5). */
        if (event < DIGITS && duration > 0 &&
            take_event(in, event, end, again, timestamp)) {
            in->packet = packet;
            return digits[event];
        }
        timestamp += duration; /* the next event of a packet follows on */
    }
    return 0;
}

bool od__dtmf_out(char digit, uint16_t duration_samples, bool end,
                  uint8_t out[4])
{
    const char *found = digit != '\0' ? strchr(digits, digit) : NULL;
    if (found == NULL) {
        return false;
    }
    out[0] = (uint8_t)(found - digits);
    out[1] = (uint8_t)((end ? END_BIT : 0) | VOLUME);
    out[2] = (uint8_t)(duration_samples >> 8);
    out[3] = (uint8_t)(duration_samples & 0xff);
    return true;
}
