/*
 * media_rtp.c - the twelve bytes before each payload (RFC 3550, 5.1).
 *
 *    0                   1                   2                   3
 *   |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *   |                           timestamp                           |
 *   |                             SSRC                              |
 *   |                     CC x contributing sources                 |
 *   |        X: profile           |      X: words that follow       |
 *
 * Pure: bytes in, a struct out, and back. Nothing is believed of the length
 * fields of a packet before it was compared with what came.
 */
#include "transport/sip/media_parts.h"

static void put16(uint8_t *out, uint32_t value)
{
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
}

static void put32(uint8_t *out, uint32_t value)
{
    put16(out, value >> 16);
    put16(out + 2, value & 0xffff);
}

static uint32_t get16(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

static uint32_t get32(const uint8_t *bytes)
{
    return get16(bytes) << 16 | get16(bytes + 2);
}

void od__rtp_write(const od__rtp *rtp, uint8_t out[OD__RTP_HEADER])
{
    out[0] = 0x80;
    out[1] = (uint8_t)((rtp->marker ? 0x80 : 0) | (rtp->payload_type & 0x7f));
    put16(out + 2, rtp->sequence);
    put32(out + 4, rtp->timestamp);
    put32(out + 8, rtp->ssrc);
}

/* Is the second byte a packet type of RTCP (RFC 5761, 4)? */
static bool is_rtcp(uint8_t byte)
{
    return byte >= 192 && byte <= 223;
}

bool od__rtp_read(const uint8_t *bytes, size_t len, od__rtp *out,
                  const uint8_t **payload, size_t *payload_len)
{
    if (len < OD__RTP_HEADER || bytes[0] >> 6 != 2 || is_rtcp(bytes[1])) {
        return false;
    }
    size_t at = OD__RTP_HEADER + 4u * (bytes[0] & 0x0f);
    if ((bytes[0] & 0x10) != 0) {
        if (at + 4 > len) {
            return false;
        }
        at += 4 + 4u * get16(bytes + at + 2);
    }
    if (at > len) {
        return false;
    }
    size_t end = len;
    if ((bytes[0] & 0x20) != 0) {
        size_t padding = bytes[len - 1];
        if (padding == 0 || padding > len - at) {
            return false;
        }
        end -= padding;
    }
    *out = (od__rtp){.timestamp = get32(bytes + 4),
                     .ssrc = get32(bytes + 8),
                     .sequence = (uint16_t)get16(bytes + 2),
                     .payload_type = bytes[1] & 0x7f,
                     .marker = bytes[1] >> 7 != 0};
    *payload = bytes + at;
    *payload_len = end - at;
    return true;
}
