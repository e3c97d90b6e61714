/*
 * sip.h - the folder's table of contents: calls over SIP and RTP, and texts.
 *
 *   engine thread            agent thread               media thread(s)
 *   sip.c        --link-->   agent.c (libre's loop)
 *                <--link--   session.c, message.c, inbound.c, trunk.c
 *                                         --ring-->     media.c
 *                ------------------------------ring-->  (20 slots of 1 ms)
 *                <-----------------------------reports
 *
 * sip.c        the transport table: engine side, never touches libre
 * config.c     the options, checked and copied
 * address.c    the addresses they stand for
 * link.c       what engine thread and agent thread say to each other
 * sdp.c        offer and answer as text
 * media.c      sockets, RTP and its clock; no libre in it. Its parts are
 *              listed in media_parts.h
 * message_parts.h  what texts are made of, as bytes; lists its parts
 *
 * agent.h      the table of contents of the libre side:
 *   libre.h      the one place that knows which version of libre is there
 *   tmr_wheel.c  libre's timer interface on a timing wheel (static build)
 *   agent.c      the thread that runs libre's loop and takes commands
 *   session.c    one INVITE session
 *   message.c    one text that leaves
 *   inbound.c    texts and receipts that come in
 *   stray.c      messages that belong to no session, and redirections
 *   trunk.c      health of a trunk
 *
 * Which thread may call a function is said with it. Nothing of libre's loop is
 * touched from outside the agent thread.
 */
#ifndef OD_SRC_SIP_H
#define OD_SRC_SIP_H

#include "base/base.h"
#include "media/media.h"

#include <outdial/backend.h>

#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/socket.h>

/* An IP address and a port. */
typedef union od__address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} od__address;

/* == config.c ============================================================= */

/* Texts here went through checks: no control characters, quotes or
 * backslashes, so that they may stand in a header. */
typedef struct od__sip_trunk {
    char name[64];
    char host[256];     /* as it stands in a URI: "[...]" for IPv6 */
    char from_host[256];
    char username[128]; /* "" none */
    char password[128];
    char dial_prefix[48]; /* escaped for a URI */
    char route[96];     /* numeric URI, if the host is a name; else "" */
    od__address address; /* once resolved */
    int32_t port;
    int32_t protocol;   /* od_sip_protocol */
    int32_t calls_max;  /* 0: none */
    int32_t calls_per_second_max;
    int32_t texts_max;  /* 0: none */
    int32_t texts_per_second_max;
    int32_t text_bytes_max; /* 0: any */
    bool imdn;
} od__sip_trunk;

typedef struct od__config {
    od__sip_trunk trunks[OD_TRUNKS_MAX];
    size_t trunks_len;
    char address[64];    /* ours, numeric; "" until resolved */
    char user_agent[128];
    int32_t port;
    int32_t rtp_port_min;
    int32_t rtp_port_max;
    int32_t media_threads;
    int32_t trying_ms;
    int32_t silent_ms;   /* 0: never */
    int32_t closing_max;
} od__config;

/* Check and copy, defaults filled in. OD_ERR_INVALID, OD_ERR_VERSION. */
od_err od__config_read(od__config *out, const od_sip_options *options,
                       od_errmsg *errmsg);
/* Does any trunk carry texts? */
bool od__config_has_texts(const od__config *config);

/* == address.c ============================================================ */

/* A numeric address; its port is 0. False: it is none. */
bool od__address_parse(od__address *out, const char *text);
/* Find the addresses of the trunks and our own. May ask the DNS, hence block.
 * OD_ERR_TRANSPORT: no such host, not of one address family, or no way. */
od_err od__address_resolve(od__config *config, od_errmsg *errmsg);
/* Are they of the same host? Ports may differ. */
bool od__address_same_host(const od__address *a, const struct sockaddr *b);

/* == trunk.c ============================================================== */

/* "sip:..." of a trunk with `user` and '@' before the host, or "" for none. Any
 * thread; agent.h has the rest of trunk.c. */
void od__trunk_uri(char *out, size_t out_size, const od__sip_trunk *trunk,
                   const char *user);

/* == link.c =============================================================== */

/*
 * One line per slot. What is asked and told are bits of the line; the number
 * of a line whose bits were zero goes into a ring, which therefore is never
 * full. So a hang-up cannot fail and no report is ever dropped. A line belongs
 * to the engine until DIAL or SEND is asked and again after ENDED was taken.
 */
enum { OD__ASK_DIAL = 1, OD__ASK_HANGUP = 2, OD__ASK_SEND = 4 };
enum {
    OD__TELL_PROGRESS = 1,
    OD__TELL_RINGING = 2,
    OD__TELL_ANSWERED = 4,
    OD__TELL_ENDED = 8
};

typedef struct od__line {
    atomic_uint asked;
    atomic_uint told;
    od_dial dial;     /* engine's, before DIAL */
    od_send send;     /* engine's, before SEND; its text is `text` */
    char *text;       /* the agent's from SEND on; NULL: none */
    /* The agent's, before the tell that brings it: */
    char call_id[40]; /* PROGRESS, ANSWERED, ENDED; "" if none was sent */
    int32_t status;   /* ENDED */
    int32_t fault;    /* ENDED */
    int32_t retry_after_s; /* ENDED */
    bool remote;      /* ENDED */
    bool had_media;   /* ENDED: the media's CLOSED belongs to this call */
    int32_t disposition; /* ENDED of a text */
    int32_t delivery;    /* ENDED of a text */
    char network_id[40]; /* ENDED of a text: "" if it was not taken */
} od__line;

/*
 * What comes in of its own accord has a place in a table of this many. It is
 * the agent's until it has arrived, the engine's until that says what became of
 * it, and then the agent's again. Its number is in one ring or the other, or in
 * none; so neither is ever full. A text is freed with its place.
 */
#define OD__ARRIVALS_MAX 1024

typedef struct od__arrival {
    bool is_receipt;
    int32_t trunk;
    int32_t delivery;    /* receipt */
    int32_t disposition; /* receipt */
    uint64_t from;       /* reply */
    uint64_t to;         /* reply */
    char *text;          /* reply; of malloc */
    char network_id[128];
    char network_code[16];
    int32_t answer;      /* engine's: od_err */
    uint64_t token;      /* engine's: under which it was handed on */
} od__arrival;

typedef struct od__link {
    od__line *lines;
    uint32_t lines_len;
    od__ring *asks;
    od__ring *tells;
    od__arrival *arrivals;
    od__ring *arrived;  /* numbers of arrivals, to the engine ... */
    od__ring *answered; /* ... and back */
    uint64_t tokens;    /* the engine's: handed on so far */
    uint64_t *handed;   /* the engine's: token of each arrival; 0: not its */
    od__wake wake;           /* the agent's */
    od_sink *sink;           /* wakes the engine */
    atomic_bool agent_woken; /* a wake is under way */
    atomic_bool engine_woken;
    atomic_bool stop;
    atomic_uint closing;     /* legs whose transactions are still ending */
    atomic_uint trunks[OD_TRUNKS_MAX]; /* od__link_trunk_set() */
} od__link;

od_err od__link_init(od__link *link, uint32_t lines_len, od_sink *sink,
                     od_errmsg *errmsg);
void od__link_close(od__link *link);

/* -- engine thread -- */
void od__link_dial(od__link *link, const od_dial *dial);
/* The text belongs to the link from here on. */
void od__link_send(od__link *link, const od_send *send, char *text);
void od__link_hangup(od__link *link, uint32_t slot);
void od__link_stop(od__link *link);
/* Before taking what was told: from here on, news wake the engine again. */
void od__link_listen(od__link *link);
/* Next line with news and its bits; false: none. */
bool od__link_news(od__link *link, uint32_t *slot, unsigned *told);
/* The next arrival, under its new token. NULL: there is none. */
const od__arrival *od__link_arrival(od__link *link);
/* What became of it. Tokens that are not outstanding do nothing. */
void od__link_received(od__link *link, uint64_t token, od_err err);
/* State of a trunk: true if it is up. `change` grows with each change. */
bool od__link_trunk(const od__link *link, size_t trunk, unsigned *change,
                    int32_t *status);

/* -- agent thread -- */
/* As od__link_listen() for the agent; its wake is cleared. */
void od__link_listen_agent(od__link *link);
bool od__link_asks(od__link *link, uint32_t *slot, unsigned *asked);
void od__link_tell(od__link *link, uint32_t slot, unsigned told);
/* Hand an arrival on that was filled. */
void od__link_arrive(od__link *link, uint32_t arrival);
/* The next arrival that was answered: it is the agent's again. */
bool od__link_answer(od__link *link, uint32_t *arrival);
void od__link_trunk_set(od__link *link, size_t trunk, bool up, int32_t status);

/* == session.c ============================================================ */

/* Seconds of a Retry-After (RFC 3261, 20.33), cut to a day. Hostile bytes are
 * fine. 0: it is none. Any thread; agent.h has the rest of session.c. */
int32_t od__retry_after_read(const char *text, size_t len);

/* == sdp.c ================================================================ */

#define OD__SDP_MAX 2048 /* longest offer or answer of ours */
#define OD__SDP_EVENT_PT 101

/* Our end. */
typedef struct od__sdp_self {
    const char *address; /* numeric */
    uint16_t port;
    uint64_t id;      /* of the session; stays */
    uint32_t version; /* grows with each that is sent */
} od__sdp_self;

/* The far end, as an answer or an offer tells it. */
typedef struct od__sdp_peer {
    od__address address;
    socklen_t address_len;
    od_codec codec;
    int event_pt;   /* telephone-event, -1: none */
    bool may_send;  /* it wants to hear us */
    bool will_send; /* it will speak */
} od__sdp_peer;

/* Length of the text in `out`, which has room for OD__SDP_MAX. */
size_t od__sdp_offer(char *out, const od__sdp_self *self);
/* Our answer to an offer that od__sdp_read() took. 0: it has too many media. */
size_t od__sdp_answer(char *out, const od__sdp_self *self,
                      const od__sdp_peer *peer, const char *offer, size_t len);
/* Hostile bytes are fine. False: there is no audio that we can exchange with an
 * address of this family. */
bool od__sdp_read(od__sdp_peer *out, const char *text, size_t len, int family);

/* == agent.c ============================================================== */

/* A thread with its own loop and stack of libre. */
typedef struct od__agent od__agent;
struct od__media;

/* Returns when its ports are bound. What is handed in outlives it.
 * OD_ERR_TRANSPORT, OD_ERR_MEMORY. */
od_err od__agent_new(od__agent **out, const od__config *config,
                     od__link *link, struct od__media *media,
                     od_errmsg *errmsg);
/* Ends the thread; no message leaves any more. NULL does nothing. */
void od__agent_free(od__agent *agent);

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
    OD__MEDIA_SILENT, /* once per stream */
    OD__MEDIA_CLOSED  /* the last report of a stream */
} od__media_report_kind;

typedef struct od__media_report {
    od__media_report_kind kind;
    uint32_t slot;
    od_id attempt;
    int32_t play;
    char digit;
    int64_t heard_ms; /* PLAY_ENDED: of this play. CLOSED: of the call */
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
/* Where to send and what, from the answer; again after a re-INVITE. If nothing
 * comes from there, another source may become the peer until the next connect:
 * media_source.c says when. `event_pt` is the payload type of telephone-event
 * or -1. `may_send` false: on hold, the clock of the prompt runs on, nothing
 * leaves. */
void od__media_connect(od__media *media, uint32_t slot,
                       const struct sockaddr *peer, socklen_t peer_len,
                       od_codec codec, int event_pt, bool may_send);
/* Media stops at once; the socket goes back to the pool. What has come in until
 * then is still reported, then CLOSED. Before the agent reports ENDED. */
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
