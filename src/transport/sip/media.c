/*
 * media.c - RTP of all calls: what the agent and the engine thread may ask.
 *
 * Nothing is done here but bookkeeping: commands go into the rings of the
 * media thread that has the slot, reports come out of theirs. The agent's side
 * lends sockets and knows which attempt a slot has; the engine's side holds
 * prompts and counts digits.
 *
 * The rings have room for several commands of every slot at once and their
 * readers never wait for anybody. Should one be full all the same, the writer
 * waits for the reader's next turn, a millisecond: nothing is ever dropped.
 *
 * An attempt takes no commands of the engine from od__media_close on. What the
 * media thread still reports of it until it gets to that is handed out: a key
 * that was pressed right before hanging up counts.
 */
#include "transport/sip/media_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

/* Sockets beyond one per stream, so that a port rests before it is lent
 * again. */
#define SPARE(streams) ((streams) / 8 + 16)

/* Digits that the engine gave for an attempt. */
typedef struct digits_given {
    od_id attempt;
    uint32_t len;
} digits_given;

struct od__media {
    uint32_t streams_max;
    uint32_t loops_len; /* that were begun */
    uint32_t loop_next; /* engine: whose reports are taken first */
    od__media_pool pool;
    od__media_shared *shared;   /* streams_max */
    od__media_stream *streams;  /* streams_max; media threads */
    digits_given *digits;       /* streams_max; engine */
    od__media_loop *loops;
};

/* == begin and end ======================================================== */

static od_err loops_start(od__media *media, const od__media_options *options,
                          od_sink *wake, od_errmsg *errmsg)
{
    uint32_t threads = (uint32_t)options->threads;
    uint32_t streams = media->streams_max / threads + 1;
    for (uint32_t i = 0; i < threads; i++) {
        od__media_loop *loop = &media->loops[i];
        media->loops_len = i + 1;
        loop->pool = &media->pool;
        loop->shared = media->shared;
        loop->streams = media->streams;
        loop->sink = wake;
        loop->silent_ms = options->silent_ms;
        od_err err =
            od__media_loop_init(loop, streams, media->pool.len, errmsg);
        if (err == OD_OK) {
            err = od__media_loop_start(loop, errmsg);
        }
        if (err != OD_OK) {
            return err;
        }
    }
    return OD_OK;
}

od_err od__media_new(od__media **out, const od__media_options *options,
                     od_sink *wake, od_errmsg *errmsg)
{
    assert(options->threads > 0 && options->streams_max > 0);
    od__media *media = calloc(1, sizeof *media);
    if (media == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "out of memory");
    }
    uint32_t streams = options->streams_max;
    media->streams_max = streams;
    media->shared = calloc(streams, sizeof *media->shared);
    media->streams = calloc(streams, sizeof *media->streams);
    media->digits = calloc(streams, sizeof *media->digits);
    media->loops = calloc((size_t)options->threads, sizeof *media->loops);
    od_err err = OD_OK;
    if (media->shared == NULL || media->streams == NULL ||
        media->digits == NULL || media->loops == NULL) {
        err = od__fail(errmsg, OD_ERR_MEMORY, "out of memory");
    }
    if (err == OD_OK) {
        err = od__media_pool_init(&media->pool, options,
                                  streams + SPARE(streams), errmsg);
    }
    if (err == OD_OK) {
        err = loops_start(media, options, wake, errmsg);
    }
    if (err != OD_OK) {
        od__media_free(media);
        return err;
    }
    *out = media;
    return OD_OK;
}

void od__media_free(od__media *media)
{
    if (media == NULL) {
        return;
    }
    for (uint32_t i = 0; i < media->loops_len; i++) {
        od__media_loop_stop(&media->loops[i]);
        od__media_loop_close(&media->loops[i]);
    }
    for (uint32_t i = 0; media->streams != NULL && i < media->streams_max;
         i++) {
        (void)od__media_stream_play_end(&media->streams[i]);
    }
    od__media_pool_close(&media->pool);
    free(media->loops);
    free(media->digits);
    free(media->streams);
    free(media->shared);
    free(media);
}

/* == ways to a media thread =============================================== */

static od__media_loop *loop_of(const od__media *media, uint32_t slot)
{
    assert(slot < media->streams_max);
    return &media->loops[slot % media->loops_len];
}

static void put(od__media_loop *loop, od__ring *ring, const void *command)
{
    while (!od__ring_put(ring, command)) {
        od__wake_signal(&loop->wake);
        (void)nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    }
    od__wake_signal(&loop->wake);
}

/* == agent thread ========================================================= */

/* Sockets that media threads are done with go to the end of the line. */
static void sockets_return(od__media *media)
{
    for (uint32_t i = 0; i < media->loops_len; i++) {
        uint32_t socket;
        while (od__ring_take(media->loops[i].sockets, &socket)) {
            od__media_pool_give(&media->pool, socket);
        }
    }
}

od_err od__media_open(od__media *media, uint32_t slot, od_id attempt,
                      uint16_t *port)
{
    od__media_loop *loop = loop_of(media, slot);
    od__media_shared *shared = &media->shared[slot];
    assert(attempt > 0 && atomic_load(&shared->attempt) == 0);
    od__media_call call = {
        .verb = OD__MEDIA_OPEN, .slot = slot, .attempt = attempt};
    sockets_return(media);
    if (!od__media_pool_take(&media->pool, &call.socket)) {
        return OD_ERR_LIMIT;
    }
    atomic_store(&shared->events, false);
    atomic_store(&shared->opened, attempt);
    atomic_store(&shared->attempt, attempt);
    put(loop, loop->calls, &call);
    *port = media->pool.sockets[call.socket].port;
    return OD_OK;
}

void od__media_connect(od__media *media, uint32_t slot,
                       const struct sockaddr *peer, socklen_t peer_len,
                       od_codec codec, int event_pt, bool may_send)
{
    od__media_loop *loop = loop_of(media, slot);
    od__media_shared *shared = &media->shared[slot];
    od__media_call call = {.verb = OD__MEDIA_CONNECT,
                           .slot = slot,
                           .attempt = atomic_load(&shared->attempt),
                           .codec = codec,
                           .event_pt = event_pt,
                           .may_send = may_send,
                           .peer_len = peer_len};
    assert(peer_len <= sizeof call.peer);
    memcpy(&call.peer, peer, peer_len);
    if (call.attempt != 0) {
        atomic_store(&shared->events, event_pt >= 0);
        put(loop, loop->calls, &call);
    }
}

void od__media_close(od__media *media, uint32_t slot)
{
    od__media_loop *loop = loop_of(media, slot);
    od__media_call call = {
        .verb = OD__MEDIA_CLOSE,
        .slot = slot,
        .attempt = atomic_exchange(&media->shared[slot].attempt, 0)};
    if (call.attempt != 0) {
        put(loop, loop->calls, &call);
    }
}

/* == engine thread ======================================================== */

static bool is_open(const od__media *media, uint32_t slot, od_id attempt)
{
    return atomic_load(&media->shared[slot].attempt) == attempt;
}

void od__media_play(od__media *media, uint32_t slot, od_id attempt,
                    int32_t play, const od_prompt *const *prompts,
                    size_t prompts_len, int64_t offset_ms)
{
    od__media_loop *loop = loop_of(media, slot);
    assert(prompts_len > 0 && prompts_len <= OD__MEDIA_PROMPTS_MAX);
    if (!is_open(media, slot, attempt)) {
        return;
    }
    od__media_order order = {.verb = OD__MEDIA_PLAY,
                             .slot = slot,
                             .attempt = attempt,
                             .play = play,
                             .prompts_len = (uint32_t)prompts_len,
                             .offset_ms = offset_ms};
    for (size_t i = 0; i < prompts_len; i++) {
        od_prompt_hold(prompts[i]);
        order.with.prompts[i] = prompts[i];
    }
    put(loop, loop->orders, &order);
}

void od__media_play_stop(od__media *media, uint32_t slot, od_id attempt)
{
    od__media_loop *loop = loop_of(media, slot);
    if (is_open(media, slot, attempt)) {
        put(loop, loop->orders,
            &(od__media_order){.verb = OD__MEDIA_PLAY_STOP,
                               .slot = slot,
                               .attempt = attempt});
    }
}

/* Count digits that are given. False: too many would wait. */
static bool digits_count(od__media *media, uint32_t slot, od_id attempt,
                         uint32_t len)
{
    digits_given *given = &media->digits[slot];
    if (given->attempt != attempt) {
        *given = (digits_given){.attempt = attempt};
    }
    uint32_t sent = od__media_untag(
        atomic_load(&media->shared[slot].digits_sent), attempt);
    if (given->len - sent + len > OD__MEDIA_DIGITS_MAX) {
        return false;
    }
    given->len += len;
    return true;
}

od_err od__media_digits(od__media *media, uint32_t slot, od_id attempt,
                        const char *digits)
{
    od__media_loop *loop = loop_of(media, slot);
    od__media_order order = {
        .verb = OD__MEDIA_DIGITS, .slot = slot, .attempt = attempt};
    size_t len = strlen(digits);
    if (len == 0 || len >= sizeof order.with.digits ||
        strspn(digits, "0123456789*#ABCD") != len) {
        return OD_ERR_INVALID;
    }
    if (!is_open(media, slot, attempt)) {
        return OD_ERR_STATE;
    }
    if (!atomic_load(&media->shared[slot].events)) {
        return OD_ERR_UNSUPPORTED;
    }
    if (!digits_count(media, slot, attempt, (uint32_t)len)) {
        return OD_ERR_LIMIT;
    }
    memcpy(order.with.digits, digits, len + 1);
    put(loop, loop->orders, &order);
    return OD_OK;
}

bool od__media_report_next(od__media *media, od__media_report *out)
{
    for (uint32_t i = 0; i < media->loops_len; i++) {
        uint32_t at = (media->loop_next + i) % media->loops_len;
        if (od__ring_take(media->loops[at].reports, out)) {
            media->loop_next = at + 1;
            return true;
        }
    }
    return false;
}

/* == any thread =========================================================== */

int64_t od__media_heard_ms(const od__media *media, uint32_t slot)
{
    assert(slot < media->streams_max);
    od__media_shared *shared = &media->shared[slot];
    od_id attempt = atomic_load(&shared->opened);
    return (int64_t)od__media_untag(atomic_load(&shared->heard), attempt) *
           OD__FRAME_MS;
}

void od__media_stats_get(const od__media *media, od__media_stats *out)
{
    *out = (od__media_stats){0};
    for (uint32_t i = 0; i < media->loops_len; i++) {
        od__media_loop *loop = &media->loops[i];
        uint64_t late_us_max = atomic_load(&loop->late_us_max);
        out->sent += atomic_load(&loop->sent);
        out->received += atomic_load(&loop->received);
        out->late_5ms += atomic_load(&loop->late_5ms);
        if (late_us_max > out->late_us_max) {
            out->late_us_max = late_us_max;
        }
    }
}
