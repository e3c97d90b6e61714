/*
 * media_source.c - where a stream's packets come from.
 *
 * A far end behind a NAT, or one with several interfaces, sends from another
 * address than its SDP says. It hears at the one it sends from (symmetric RTP,
 * RFC 4961), so that source is learned and becomes the peer ("latching",
 * RFC 7362):
 *
 *              +--- RTP of the peer -----------------------+
 *   seeking ---+                                           +--> known
 *      ^       +--- WAIT_TICKS over, another is believed --+      |
 *      +---------------------- begin -----------------------------+
 *
 * While it seeks, a stream's socket takes packets of anybody and its own go to
 * the address of the SDP. Once the peer is known the socket is connected to it:
 * the kernel keeps all others out, and a packet costs nothing more.
 *
 * The address of the SDP wins whenever it speaks, with RTP of any payload type:
 * some only keep a NAT open (RFC 6263). Another must send what we have offered,
 * and is believed if
 *   - two packets, less than STALE_TICKS apart, had the same SSRC and rising
 *     sequence numbers, and it still sends: no stray of an earlier call; or
 *   - it presses a key. Who suppresses silence may send nothing else.
 * One other is looked at, until it is quiet for STALE_TICKS; but who presses a
 * key takes the place of who does not, and keeps it.
 *
 * Why wait for as long as 500 ms: a far end that begins to send when the ACK
 * has reached it must not lose its call to a source that goes on for a moment,
 * such as one of early media, since only the next begin mends that. What is
 * pressed meanwhile is kept, and told when its source is believed or the stream
 * ends before that. The price is that this much of our sound does not reach a
 * far end behind a NAT.
 *
 * Caveat: where the address of the SDP is silent, whoever finds our port may
 * take its place (RFC 7362, 5). Nothing in plain RTP tells them apart.
 *
 * Pure: no socket, no clock.
 */
#include "transport/sip/media_parts.h"

#include <assert.h>

#define WAIT_TICKS 500
#define STALE_TICKS 100

void od__media_source_begin(od__media_stream *stream, const od__address *peer,
                            socklen_t peer_len, int64_t tick)
{
    assert(peer_len <= sizeof *peer);
    stream->source = (od__media_source){
        .peer = *peer, .peer_len = peer_len, .open_tick = tick + WAIT_TICKS};
}

/* Two addresses with their ports; a scope, which SDP cannot tell, is not
 * looked at. */
static bool is_same(const od__address *a, const od__address *b)
{
    if (a->any.sa_family != b->any.sa_family) {
        return false;
    }
    if (a->any.sa_family == AF_INET6) {
        return a->v6.sin6_port == b->v6.sin6_port &&
               IN6_ARE_ADDR_EQUAL(&a->v6.sin6_addr, &b->v6.sin6_addr);
    }
    return a->v4.sin_port == b->v4.sin_port &&
           a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
}

bool od__media_source_is_peer(const od__media_source *source,
                              const od__address *from)
{
    return is_same(&source->peer, from);
}

/* Our offers name both codecs, so both may come. */
static bool is_offered(const od__media_stream *stream, int payload_type)
{
    return payload_type == stream->event_pt ||
           payload_type == od__media_stream_payload_type(OD_CODEC_PCMU) ||
           payload_type == od__media_stream_payload_type(OD_CODEC_PCMA);
}

/* May a newcomer take the place of the other? */
static bool makes_room(const od__media_source *source, bool pressed,
                       int64_t tick)
{
    return source->other_len == 0 ||
           (source->digits[0] == '\0' &&
            (pressed || tick - source->heard_tick >= STALE_TICKS));
}

static void note_number(od__media_source *source, const od__rtp *rtp,
                        int64_t tick)
{
    bool rises = rtp->ssrc == source->ssrc &&
                 (int16_t)(rtp->sequence - source->sequence) > 0;
    bool goes_on = tick - source->heard_tick < STALE_TICKS;
    source->in_row = goes_on && (rises || source->in_row);
    source->ssrc = rtp->ssrc;
    source->sequence = rtp->sequence;
}

static void keep(od__media_source *source, const char *digits)
{
    size_t len = strlen(source->digits);
    for (; *digits != '\0' && len < OD__MEDIA_KEPT_MAX; digits++) {
        source->digits[len++] = *digits;
    }
    source->digits[len] = '\0';
}

void od__media_source_note(od__media_stream *stream, const od__address *from,
                           const uint8_t *bytes, size_t len, int64_t tick)
{
    od__media_source *source = &stream->source;
    od__rtp rtp;
    const uint8_t *payload;
    size_t payload_len;
    char digits[OD__MEDIA_PRESSES_MAX + 1] = "";
    if (!od__rtp_read(bytes, len, &rtp, &payload, &payload_len) ||
        !is_offered(stream, rtp.payload_type)) {
        return;
    }
    /* What was counted before a re-INVITE is not counted again. */
    bool is_new = source->other_len == 0 || !is_same(&source->other, from);
    od__dtmf_in dtmf = is_new ? stream->dtmf : source->dtmf;
    if (rtp.payload_type == stream->event_pt) {
        od__media_stream_presses(&dtmf, payload, payload_len, rtp.timestamp,
                                 digits);
    }
    if (!is_new) {
        note_number(source, &rtp, tick);
    } else if (makes_room(source, digits[0] != '\0', tick)) {
        source->other = *from;
        source->other_len =
            from->any.sa_family == AF_INET6 ? sizeof from->v6 : sizeof from->v4;
        source->digits[0] = '\0';
        source->ssrc = rtp.ssrc;
        source->sequence = rtp.sequence;
        source->in_row = false;
    } else {
        return;
    }
    source->heard_tick = tick;
    source->dtmf = dtmf;
    keep(source, digits);
}

bool od__media_source_may_learn(const od__media_source *source, int64_t tick)
{
    bool speaks = source->in_row && source->heard_tick == tick;
    return source->other_len > 0 && tick >= source->open_tick &&
           (speaks || source->digits[0] != '\0');
}
