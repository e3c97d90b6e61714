/*
 * media_parts.h - what the parts of the media loop know of each other.
 *
 *   media.c         the calls of sip.h; runs in the agent and engine threads
 *   media_pool.c    the sockets: bound once, lent to calls
 *   media_loop.c    a media thread: its clock, what it sends
 *   media_receive.c what it receives, and from whom
 *   media_command.c what agent and engine tell it
 *   media_report.c  what it tells the engine
 *   media_stream.c  one stream: which packet leaves next, what came in
 *   media_source.c  where a stream's packets come from
 *   media_rtp.c     the twelve bytes before each payload
 *
 * A slot belongs to the thread `slot % threads`, for ever. What crosses between
 * threads is a ring or an atomic of od__media_shared; all the rest has one
 * owner, said with it.
 */
#ifndef OD_SRC_MEDIA_PARTS_H
#define OD_SRC_MEDIA_PARTS_H

#include "transport/sip/sip.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

/* == media_rtp.c ========================================================== */

#define OD__RTP_HEADER 12
/* Header and one frame. */
#define OD__RTP_MAX (OD__RTP_HEADER + OD__FRAME_SAMPLES)

typedef struct od__rtp {
    uint32_t timestamp;
    uint32_t ssrc;
    uint16_t sequence;
    uint8_t payload_type; /* 0 to 127 */
    bool marker;
} od__rtp;

void od__rtp_write(const od__rtp *rtp, uint8_t out[OD__RTP_HEADER]);
/* False: not RTP of RFC 3550, or RTCP that shares the port. The payload
 * points into `bytes`. Hostile bytes are fine. */
bool od__rtp_read(const uint8_t *bytes, size_t len, od__rtp *out,
                  const uint8_t **payload, size_t *payload_len);

/* == media_pool.c ========================================================= */

/* Owner: agent thread, but for the functions that take a descriptor. */
typedef struct od__media_socket {
    int fd;
    uint16_t port;
} od__media_socket;

typedef struct od__media_pool {
    od__media_socket *sockets;
    uint32_t len;
    uint32_t *idle; /* ring of indexes, longest idle first */
    uint32_t idle_first;
    uint32_t idle_len;
} od__media_pool;

/* Binds up to sockets_max ports, at least one; codes of od__media_new. */
od_err od__media_pool_init(od__media_pool *pool,
                           const od__media_options *options,
                           uint32_t sockets_max, od_errmsg *errmsg);
void od__media_pool_close(od__media_pool *pool);
/* The socket that is idle for longest. False: none is. */
bool od__media_pool_take(od__media_pool *pool, uint32_t *out);
void od__media_pool_give(od__media_pool *pool, uint32_t socket);

/* More packets than ever wait in a socket. */
#define OD__MEDIA_WAITING_MAX 64

/* From now on packets of anybody come in; what waits is thrown away. */
void od__media_socket_listen(int fd);
/* From now on only packets of this peer come in; those of others may wait
 * already. False: the peer cannot be reached from here, others come in. */
bool od__media_socket_connect(int fd, const struct sockaddr *peer,
                              socklen_t peer_len);

/* == commands and what is shared ========================================== */

#define OD__MEDIA_PROMPTS_MAX 17

typedef enum od__media_verb {
    OD__MEDIA_OPEN, /* agent */
    OD__MEDIA_CONNECT,
    OD__MEDIA_CLOSE,
    OD__MEDIA_PLAY, /* engine */
    OD__MEDIA_PLAY_STOP,
    OD__MEDIA_DIGITS
} od__media_verb;

/* From the agent. */
typedef struct od__media_call {
    od__media_verb verb;
    uint32_t slot;
    od_id attempt;
    uint32_t socket; /* OPEN */
    od_codec codec;  /* CONNECT, down to the end */
    int event_pt;
    bool may_send;
    socklen_t peer_len;
    od__address peer;
} od__media_call;

/* From the engine. Prompts are held. */
typedef struct od__media_order {
    od__media_verb verb;
    uint32_t slot;
    od_id attempt;
    int32_t play;
    uint32_t prompts_len;
    int64_t offset_ms;
    union {
        const od_prompt *prompts[OD__MEDIA_PROMPTS_MAX];
        char digits[OD__MEDIA_DIGITS_MAX]; /* NUL-terminated */
    } with;
} od__media_order;

/*
 * Per slot, what more than one thread reads. `heard` and `digits_sent` carry
 * the low half of the attempt above a count: so a late store for the previous
 * attempt is told from one for the present attempt.
 */
typedef struct od__media_shared {
    _Atomic od_id attempt;       /* agent: open; 0 once it is closed */
    _Atomic od_id opened;        /* agent: of the last open */
    atomic_bool events;          /* agent: telephone-event is negotiated */
    _Atomic uint64_t heard;      /* media: frames of prompts sent */
    _Atomic uint64_t digits_sent; /* media: digits done with */
} od__media_shared;

static inline uint64_t od__media_tagged(od_id attempt, uint32_t count)
{
    return (uint64_t)(uint32_t)attempt << 32 | count;
}

/* The count, or 0 if it belongs to another attempt. */
static inline uint32_t od__media_untag(uint64_t tagged, od_id attempt)
{
    return tagged >> 32 == (uint32_t)attempt ? (uint32_t)tagged : 0;
}

/* == media_source.c: the state ============================================ */

/* Presses of a source that waits to be believed; an honest one begins seven in
 * its time. */
#define OD__MEDIA_KEPT_MAX 15

/* Owner: the media thread of its slot, as all of its stream. */
typedef struct od__media_source {
    bool known;       /* the socket is connected to the peer */
    od__address peer; /* that of the SDP, until another is known */
    socklen_t peer_len;
    int64_t open_tick; /* from then on another may be believed */
    /* another that sends */
    socklen_t other_len; /* 0: there is none */
    od__address other;
    int64_t heard_tick;
    uint32_t ssrc;
    uint16_t sequence;
    bool in_row; /* two of its packets had rising numbers */
    od__dtmf_in dtmf;
    char digits[OD__MEDIA_KEPT_MAX + 1];
} od__media_source;

/* == media_stream.c ======================================================= */

/* Owner: the media thread of its slot. No socket call is made in here. */
typedef struct od__media_stream {
    struct od__media_stream *next; /* of the same millisecond */
    struct od__media_stream *previous;
    int fd;
    uint32_t phase; /* its millisecond, 0 to OD__FRAME_MS - 1 */
    int64_t rtp_tick; /* of the last RTP, or of the connect */
    od_id attempt;  /* 0: closed */
    uint32_t slot;
    uint32_t socket;
    bool connected;
    bool reachable; /* there is a way to the peer */
    bool may_send;
    bool silent_told;
    /* what goes out */
    bool mark;     /* the next frame begins a talk spurt */
    bool in_audio; /* the packet at hand is a frame of a prompt */
    uint16_t sequence;
    uint32_t ssrc;
    uint32_t timestamp_base;
    int event_pt;
    od_codec codec;
    uint32_t heard_frames; /* of the call */
    const uint8_t *frames; /* of the prompt that plays; NULL: none does */
    size_t frame;
    size_t frames_len;
    size_t frame_bytes;
    uint32_t play_heard_frames;
    int32_t play;
    uint32_t prompt;
    uint32_t prompts_len; /* 0: nothing plays */
    const od_prompt *prompts[OD__MEDIA_PROMPTS_MAX];
    uint32_t digits_first;
    uint32_t digits_len;
    uint32_t digit_step;
    uint32_t digit_timestamp;
    uint32_t digits_sent;
    char digits[OD__MEDIA_DIGITS_MAX];
    od__dtmf_in dtmf;
    od__media_source source;
} od__media_stream;

void od__media_stream_open(od__media_stream *stream, od_id attempt,
                           od__rand *rand);
void od__media_stream_connect(od__media_stream *stream,
                              const od__media_call *call);
/* The prompts become the stream's. Nothing plays before. */
void od__media_stream_play(od__media_stream *stream,
                           const od__media_order *order);
static inline bool od__media_stream_is_playing(const od__media_stream *stream)
{
    return stream->prompts_len > 0;
}
/* Everything of the play has left. */
bool od__media_stream_is_over(const od__media_stream *stream);
/* Drops the prompts. Audio of this play that was sent, ms. */
int64_t od__media_stream_play_end(od__media_stream *stream);
void od__media_stream_digits(od__media_stream *stream, const char *digits);
/* Bytes of the packet of this round of 20 ms; 0: nothing may leave. The
 * stream's clock moves on. */
size_t od__media_stream_next(od__media_stream *stream, uint32_t round,
                             uint8_t packet[OD__RTP_MAX]);
/* The packet of od__media_stream_next has left. */
static inline void od__media_stream_sent(od__media_stream *stream)
{
    if (stream->in_audio) {
        stream->heard_frames++;
        stream->play_heard_frames++;
    }
}
/* Presses that one packet may begin; an honest one begins two at most. */
#define OD__MEDIA_PRESSES_MAX 4

/* A datagram came. False: not RTP. `digits` gets the presses that begin. */
bool od__media_stream_take(od__media_stream *stream, const uint8_t *bytes,
                           size_t len, char digits[OD__MEDIA_PRESSES_MAX + 1]);
/* The presses that the payload of a telephone-event begins. */
void od__media_stream_presses(od__dtmf_in *dtmf, const uint8_t *payload,
                              size_t len, uint32_t timestamp,
                              char digits[OD__MEDIA_PRESSES_MAX + 1]);
/* Both are G.711; those are the numbers of RFC 3551, 6. */
static inline int od__media_stream_payload_type(od_codec codec)
{
    return codec == OD_CODEC_PCMA ? 8 : 0;
}

/* == media_source.c ======================================================= */

/* Begin anew with the peer of an SDP. */
void od__media_source_begin(od__media_stream *stream, const od__address *peer,
                            socklen_t peer_len, int64_t tick);
bool od__media_source_is_peer(const od__media_source *source,
                              const od__address *from);
/* A datagram came from another. */
void od__media_source_note(od__media_stream *stream, const od__address *from,
                           const uint8_t *bytes, size_t len, int64_t tick);
/* Is the other one to be believed now? */
bool od__media_source_may_learn(const od__media_source *source, int64_t tick);

/* == media_loop.c ========================================================= */

#define OD__MEDIA_TICK_US 1000
#define OD__MEDIA_PHASES OD__FRAME_MS /* in each of them one tick */
#define OD__MEDIA_BATCH 64

/* A queue behind the ring of reports, for when the engine does not come. */
typedef struct od__media_spill {
    od__media_report *reports;
    size_t first;
    size_t len; /* end of what is in it */
    size_t max;
} od__media_spill;

typedef struct od__media_loop {
    /* ends of rings, and what is set before the thread begins */
    od__ring *calls;   /* agent puts od__media_call */
    od__ring *orders;  /* engine puts od__media_order */
    od__ring *reports; /* engine takes od__media_report */
    od__ring *sockets; /* agent takes uint32_t: free again */
    od__wake wake;     /* written after every call and order */
    const od__media_pool *pool; /* its descriptors only */
    od__media_shared *shared;   /* of all slots */
    od__media_stream *streams;  /* of all slots; ours are every n-th */
    od_sink *sink;
    int64_t silent_ms;
    pthread_t thread;
    bool running; /* owner: who starts and stops it */
    atomic_bool stop;
    _Atomic uint64_t sent, received, late_5ms, late_us_max;
    /* owner: its thread */
    int64_t start_us;
    int64_t tick; /* the next to run; tick n is due n ms after the start */
    uint32_t connected;
    uint32_t phase_len[OD__MEDIA_PHASES];
    od__media_stream *phase_first[OD__MEDIA_PHASES];
    od__media_spill spill;
    od__media_stats stats;
    bool reported;
    od__rand rand;
    od__media_order batch[OD__MEDIA_BATCH];
} od__media_loop;

/* Makes the rings for so many streams. OD_ERR_MEMORY, OD_ERR_IO. */
od_err od__media_loop_init(od__media_loop *loop, uint32_t streams,
                           uint32_t sockets, od_errmsg *errmsg);
od_err od__media_loop_start(od__media_loop *loop, od_errmsg *errmsg);
void od__media_loop_stop(od__media_loop *loop);
/* Frees what init made; drops prompts that wait in orders. */
void od__media_loop_close(od__media_loop *loop);
void od__media_loop_sleep(int64_t until_mono_us);

/* == media_receive.c ====================================================== */

/* A stream is due: take what has come in, if this is a round in which it is
 * looked at; tell that it is silent. */
void od__media_receive(od__media_loop *loop, od__media_stream *stream,
                       int64_t tick);
/* Take what has come in before a stream is closed or connected anew. */
void od__media_receive_last(od__media_loop *loop, od__media_stream *stream);

/* == media_command.c ====================================================== */

/* Obey all that waits in the rings. */
void od__media_command_take(od__media_loop *loop);
/* The engine may give as many digits more as were sent. */
void od__media_command_digits_tell(od__media_loop *loop,
                                   const od__media_stream *stream);
/* Let go of the prompts of an order that is not obeyed. */
void od__media_command_drop(const od__media_order *order);

/* == media_report.c ======================================================= */

void od__media_report_put(od__media_loop *loop, const od__media_report *item);
void od__media_report_play_ended(od__media_loop *loop,
                                 od__media_stream *stream);
/* Move what waits into the ring. True: nothing waits any more. */
bool od__media_report_flush(od__media_loop *loop);

#endif
