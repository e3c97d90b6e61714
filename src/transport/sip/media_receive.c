/*
 * media_receive.c - what a media thread receives, and from whom.
 *
 * A stream whose peer is known has a connected socket: all that comes is the
 * peer's. Any other takes packets with their senders and sorts them, until
 * media_source.c knows who is the peer.
 *
 * A recv that finds nothing takes 0.35 us, such a recvmmsg 0.58: so recv until
 * nothing is there, a few times at most, and in every second round only: fewer
 * are in vain, and a key is known at most 40 ms after it came. A stream that
 * seeks its peer is read until nothing is there: strangers must not keep the
 * peer out.
 */
#include "transport/sip/media_parts.h"

/* A stream is asked for packets in every second round; two are usual. */
#define RECEIVE_ROUNDS 2
#define RECEIVE_MAX 8
#define DATAGRAM_MAX 1500

static void report(od__media_loop *loop, const od__media_stream *stream,
                   od__media_report_kind kind, char digit)
{
    od__media_report item = {.kind = kind,
                             .slot = stream->slot,
                             .attempt = stream->attempt,
                             .digit = digit};
    od__media_report_put(loop, &item);
}

static void report_digits(od__media_loop *loop, const od__media_stream *stream,
                          const char *digits)
{
    for (; *digits != '\0'; digits++) {
        report(loop, stream, OD__MEDIA_DIGIT, *digits);
    }
}

/* A datagram of the peer. False: not RTP. */
static bool take(od__media_loop *loop, od__media_stream *stream,
                 const uint8_t *bytes, size_t len, int64_t tick)
{
    char digits[OD__MEDIA_PRESSES_MAX + 1];
    if (!od__media_stream_take(stream, bytes, len, digits)) {
        return false;
    }
    loop->stats.received++;
    stream->rtp_tick = tick;
    report_digits(loop, stream, digits);
    return true;
}

/* == a peer that is known ================================================= */

static void receive_connected(od__media_loop *loop, od__media_stream *stream,
                              int64_t tick)
{
    for (int i = 0; i < RECEIVE_MAX; i++) {
        uint8_t bytes[DATAGRAM_MAX];
        ssize_t len = recv(stream->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (len < 0) {
            return;
        }
        (void)take(loop, stream, bytes, (size_t)len, tick);
    }
}

/* == a peer that is sought ================================================ */

/* From now on this one is the peer, and all others are kept out. False: there
 * is no way to it. */
static bool settle(od__media_stream *stream, const od__address *peer,
                   socklen_t peer_len)
{
    od__media_source *source = &stream->source;
    if (!od__media_socket_connect(stream->fd, &peer->any, peer_len)) {
        return false;
    }
    source->peer = *peer;
    source->peer_len = peer_len;
    source->known = true;
    stream->reachable = true;
    return true;
}

/* Sort what waits. Once the peer is known, what waits may still be of others:
 * all of that is looked at, too. */
static void sort_waiting(od__media_loop *loop, od__media_stream *stream,
                         int64_t tick)
{
    od__media_source *source = &stream->source;
    for (int left = OD__MEDIA_WAITING_MAX; left > 0; left--) {
        uint8_t bytes[DATAGRAM_MAX];
        od__address from = {0};
        socklen_t from_len = sizeof from;
        ssize_t len = recvfrom(stream->fd, bytes, sizeof bytes, MSG_DONTWAIT,
                               &from.any, &from_len);
        if (len < 0) {
            return;
        }
        if (!od__media_source_is_peer(source, &from)) {
            if (!source->known) {
                od__media_source_note(stream, &from, bytes, (size_t)len, tick);
            }
        } else if (take(loop, stream, bytes, (size_t)len, tick) &&
                   !source->known &&
                   settle(stream, &source->peer, source->peer_len)) {
            left = OD__MEDIA_WAITING_MAX;
        }
    }
}

/* What the other pressed is the call's. */
static void learn_digits(od__media_loop *loop, od__media_stream *stream)
{
    stream->dtmf = stream->source.dtmf;
    report_digits(loop, stream, stream->source.digits);
    stream->source.digits[0] = '\0';
}

static void seek(od__media_loop *loop, od__media_stream *stream, int64_t tick)
{
    od__media_source *source = &stream->source;
    sort_waiting(loop, stream, tick);
    if (source->known || !od__media_source_may_learn(source, tick)) {
        return;
    }
    learn_digits(loop, stream);
    stream->rtp_tick = tick;
    if (settle(stream, &source->other, source->other_len)) {
        sort_waiting(loop, stream, tick);
    }
}

/* == what the thread asks ================================================= */

static void receive(od__media_loop *loop, od__media_stream *stream,
                    int64_t tick)
{
    if (stream->source.known) {
        receive_connected(loop, stream, tick);
    } else {
        seek(loop, stream, tick);
    }
}

void od__media_receive(od__media_loop *loop, od__media_stream *stream,
                       int64_t tick)
{
    int64_t round = tick / OD__MEDIA_PHASES;
    if ((round + stream->slot) % RECEIVE_ROUNDS != 0) {
        return;
    }
    receive(loop, stream, tick);
    if (loop->silent_ms > 0 && !stream->silent_told &&
        tick - stream->rtp_tick >= loop->silent_ms) {
        stream->silent_told = true;
        report(loop, stream, OD__MEDIA_SILENT, 0);
    }
}

void od__media_receive_last(od__media_loop *loop, od__media_stream *stream)
{
    receive(loop, stream, loop->tick);
    if (!stream->source.known && stream->source.digits[0] != '\0') {
        learn_digits(loop, stream);
    }
}
