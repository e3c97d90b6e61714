/*
 * media_command.c - a media thread obeys: the agent's calls, the engine's
 * orders.
 *
 * Each of the two has a ring. Orders of the engine are read into our own memory
 * first, then all of the agent's ring is obeyed, then those orders: whatever
 * the engine learned from the agent before it gave an order (that the call is
 * connected) we have obeyed before. Orders for an attempt that the slot no
 * longer has are dropped, prompts and all.
 *
 * A stream that is connected gets one of 20 phases in which to send, and keeps
 * it until it is closed: the one that comes first after LEAD_TICKS and is not
 * crowded. So packets leave evenly, and a call hears its first prompt soon.
 */
#include "transport/sip/media_parts.h"

#include <assert.h>

/* A stream may begin so many ticks after its connect: a play that the engine
 * orders at once is then heard from the first packet on. */
#define LEAD_TICKS 4
/* So many more streams than the emptiest phase are no crowd. */
#define CROWD 8

/* == streams and their phases ============================================= */

static uint32_t phase_choose(const od__media_loop *loop)
{
    uint32_t least = loop->phase_len[0];
    for (uint32_t i = 1; i < OD__MEDIA_PHASES; i++) {
        if (loop->phase_len[i] < least) {
            least = loop->phase_len[i];
        }
    }
    uint32_t crowded = least + least / 16 + CROWD;
    uint32_t phase = (uint32_t)((loop->tick + LEAD_TICKS) % OD__MEDIA_PHASES);
    while (loop->phase_len[phase] >= crowded) {
        phase = (phase + 1) % OD__MEDIA_PHASES;
    }
    return phase;
}

static void phase_add(od__media_loop *loop, od__media_stream *stream)
{
    uint32_t phase = phase_choose(loop);
    stream->phase = phase;
    stream->previous = NULL;
    stream->next = loop->phase_first[phase];
    if (stream->next != NULL) {
        stream->next->previous = stream;
    }
    loop->phase_first[phase] = stream;
    loop->phase_len[phase]++;
    loop->connected++;
}

static void phase_remove(od__media_loop *loop, od__media_stream *stream)
{
    if (stream->previous != NULL) {
        stream->previous->next = stream->next;
    } else {
        loop->phase_first[stream->phase] = stream->next;
    }
    if (stream->next != NULL) {
        stream->next->previous = stream->previous;
    }
    loop->phase_len[stream->phase]--;
    loop->connected--;
}

/* == commands ============================================================= */

static void obey_connect(od__media_loop *loop, od__media_stream *stream,
                         const od__media_call *call)
{
    if (stream->connected) {
        od__media_receive_last(loop, stream);
    } else {
        phase_add(loop, stream);
    }
    /* Whether there is a way, only a connect tells. */
    stream->reachable = od__media_socket_connect(
        stream->fd, &call->peer.any, call->peer_len);
    od__media_socket_listen(stream->fd);
    stream->rtp_tick = loop->tick;
    od__media_source_begin(stream, &call->peer, call->peer_len, loop->tick);
    od__media_stream_connect(stream, call);
}

static void obey_close(od__media_loop *loop, od__media_stream *stream)
{
    od__media_report closed = {
        .kind = OD__MEDIA_CLOSED,
        .slot = stream->slot,
        .attempt = stream->attempt,
        .heard_ms = (int64_t)stream->heard_frames * OD__FRAME_MS};
    (void)od__media_stream_play_end(stream);
    if (stream->connected) {
        od__media_receive_last(loop, stream);
        phase_remove(loop, stream);
        stream->connected = false;
    }
    od__media_socket_listen(stream->fd); /* to nobody in particular */
    stream->attempt = 0;
    od__media_report_put(loop, &closed);
    /* The ring has room for every socket there is. */
    bool put = od__ring_put(loop->sockets, &stream->socket);
    assert(put);
    (void)put;
}

static void obey_call(od__media_loop *loop, const od__media_call *call)
{
    od__media_stream *stream = &loop->streams[call->slot];
    if (call->verb == OD__MEDIA_OPEN) {
        stream->slot = call->slot;
        stream->socket = call->socket;
        stream->fd = loop->pool->sockets[call->socket].fd;
        od__media_stream_open(stream, call->attempt, &loop->rand);
        return;
    }
    assert(stream->attempt == call->attempt);
    if (call->verb == OD__MEDIA_CONNECT) {
        obey_connect(loop, stream, call);
    } else {
        obey_close(loop, stream);
    }
}

void od__media_command_drop(const od__media_order *order)
{
    if (order->verb == OD__MEDIA_PLAY) {
        for (uint32_t i = 0; i < order->prompts_len; i++) {
            od_prompt_drop(order->with.prompts[i]);
        }
    }
}

void od__media_command_digits_tell(od__media_loop *loop,
                                   const od__media_stream *stream)
{
    atomic_store_explicit(
        &loop->shared[stream->slot].digits_sent,
        od__media_tagged(stream->attempt, stream->digits_sent),
        memory_order_relaxed);
}

static void obey_order(od__media_loop *loop, const od__media_order *order)
{
    od__media_stream *stream = &loop->streams[order->slot];
    if (stream->attempt != order->attempt) {
        od__media_command_drop(order);
        return;
    }
    if (order->verb == OD__MEDIA_DIGITS) {
        od__media_stream_digits(stream, order->with.digits);
        od__media_command_digits_tell(loop, stream);
        return;
    }
    if (od__media_stream_is_playing(stream)) {
        od__media_report_play_ended(loop, stream);
    }
    if (order->verb == OD__MEDIA_PLAY) {
        od__media_stream_play(stream, order);
        if (od__media_stream_is_over(stream)) {
            od__media_report_play_ended(loop, stream);
        }
    }
}

void od__media_command_take(od__media_loop *loop)
{
    size_t len;
    do {
        len = 0;
        while (len < OD__MEDIA_BATCH &&
               od__ring_take(loop->orders, &loop->batch[len])) {
            len++;
        }
        od__media_call call;
        while (od__ring_take(loop->calls, &call)) {
            obey_call(loop, &call);
        }
        for (size_t i = 0; i < len; i++) {
            obey_order(loop, &loop->batch[i]);
        }
    } while (len == OD__MEDIA_BATCH);
}
