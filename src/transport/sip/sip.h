/*
 * sip.h - the folder's table of contents: calls over SIP and RTP.
 *
 *   engine thread            agent thread               media thread(s)
 *   sip.c        --ring-->   agent.c (libre's loop)
 *                <--ring--   session.c, trunk.c, sdp.c
 *                                         --ring-->     media.c
 *                ------------------------------ring-->  (20 slots of 1 ms)
 *                <-----------------------------reports
 *
 * libre.h      the one place that knows which version of libre is there
 * tmr_wheel.c  libre's timer interface on a timing wheel (static build)
 * sip.c        the transport table: engine side, never touches libre
 * agent.c      the thread that runs libre's loop and takes commands
 * session.c    one INVITE session
 * sdp.c        offer and answer
 * trunk.c      addresses, credentials, health of a trunk
 * media.c      sockets, RTP and its clock; no libre in it. Its parts are
 *              listed in media_parts.h
 *
 * Which thread may call a function is said with it. Nothing of libre's loop is
 * touched from outside the agent thread.
 */
#ifndef OD_SRC_SIP_H
#define OD_SRC_SIP_H

#include "base/base.h"
#include "media/media.h"

#include <outdial/backend.h>

#include <sys/socket.h>

/* == media.c ============================================================== */

/* RTP of all calls: a pool of sockets and one thread per core given to it. */
typedef struct od__media od__media;

typedef struct od__media_options {
    const char *address;  /* local IP address to bind, IPv4 or IPv6 */
    int32_t port_min;     /* even; RTP uses even ports only */
    int32_t port_max;
    int32_t threads;
    uint32_t streams_max; /* slots 0 .. streams_max-1 */
    int32_t silent_ms;    /* no RTP for so long: SILENT; 0: never */
} od__media_options;

/* Digits of a stream that may wait to be sent. */
#define OD__MEDIA_DIGITS_MAX 64

typedef enum od__media_report_kind {
    OD__MEDIA_DIGIT,
    OD__MEDIA_PLAY_ENDED,
    OD__MEDIA_SILENT /* once per stream */
} od__media_report_kind;

typedef struct od__media_report {
    od__media_report_kind kind;
    uint32_t slot;
    od_id attempt;
    int32_t play;
    char digit;
    int64_t heard_ms; /* of this play */
} od__media_report;

/* Binds the sockets and starts the threads. `wake` is signalled when reports
 * are there. A range with too few free ports gives a smaller pool, and open
 * fails when it is empty. Any thread.
 * OD_ERR_TRANSPORT: no port is free, or not a local address, or the limit of
 * open files is too low; OD_ERR_MEMORY. */
od_err od__media_new(od__media **out, const od__media_options *options,
                     od_sink *wake, od_errmsg *errmsg);
/* Stops the threads, closes sockets, drops prompts. */
void od__media_free(od__media *media);

/* -- agent thread -- */

/* Take a socket for a call; its port goes into the offer. The slot is closed.
 * OD_ERR_LIMIT: every socket is taken. */
od_err od__media_open(od__media *media, uint32_t slot, od_id attempt,
                      uint16_t *port);
/* Where to send and what, from the answer; again after a re-INVITE. `event_pt`
 * is the payload type of telephone-event or -1. `may_send` false: on hold, the
 * clock of the prompt runs on, nothing leaves. */
void od__media_connect(od__media *media, uint32_t slot,
                       const struct sockaddr *peer, socklen_t peer_len,
                       od_codec codec, int event_pt, bool may_send);
/* Media stops at once; the socket goes back to the pool. Before the agent
 * reports ENDED. After it no report of the stream is given out any more. */
void od__media_close(od__media *media, uint32_t slot);

/* -- engine thread -- */

/* As the slots of od_transport_ops. Holds and drops the prompts. Late ones, for
 * an attempt that the slot no longer has, do nothing. The offset ends with the
 * first prompt at the latest. Digits wait for those before them; the prompt
 * pauses meanwhile. OD_ERR_INVALID: not digits; OD_ERR_STATE: not connected;
 * OD_ERR_UNSUPPORTED: no telephone-event; OD_ERR_LIMIT: more than
 * OD__MEDIA_DIGITS_MAX would wait. */
void od__media_play(od__media *media, uint32_t slot, od_id attempt,
                    int32_t play, const od_prompt *const *prompts,
                    size_t prompts_len, int64_t offset_ms);
void od__media_play_stop(od__media *media, uint32_t slot, od_id attempt);
od_err od__media_digits(od__media *media, uint32_t slot, od_id attempt,
                        const char *digits);
/* Next report; false: none. Never dropped, in order per stream. */
bool od__media_report_next(od__media *media, od__media_report *out);
/* Audio of the whole call that was sent so far. Any thread. */
int64_t od__media_heard_ms(const od__media *media, uint32_t slot);

/* What the media threads did: lateness of packets, for the bench. */
typedef struct od__media_stats {
    uint64_t sent;
    uint64_t received;
    uint64_t late_5ms;   /* left more than 5 ms after their time */
    uint64_t late_us_max;
} od__media_stats;
void od__media_stats_get(const od__media *media, od__media_stats *out);

#endif
