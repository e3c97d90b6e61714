/*
 * agent.h - the agent's table of contents: everything in its thread.
 *
 *   turn:  poll -> receive (session.c) -> acks (inbox.c) -> timers
 *          -> ask (session.c) -> flush -> drop, if the connection failed
 *
 * What goes wrong on the way only sets `failed`; the connection is dropped at
 * the end of the turn, so that nothing is freed under a loop.
 */
#ifndef OD_SRC_SMPP_AGENT_H
#define OD_SRC_SMPP_AGENT_H

#include "transport/smpp/smpp.h"

#include <netdb.h>
#include <openssl/ssl.h>
#include <pthread.h>

/* == bind.c =============================================================== */

typedef enum od__smpp_bind_state {
    OD__SMPP_PAUSE = 0, /* until the next try */
    OD__SMPP_CONNECT,   /* TCP, then TLS */
    OD__SMPP_BIND,      /* bind_transceiver awaits its answer */
    OD__SMPP_BOUND      /* texts flow */
} od__smpp_bind_state;
#define OD__SMPP_BIND_STATES 4

typedef enum od__smpp_bind_input {
    OD__SMPP_DUE = 0, /* the pause is over */
    OD__SMPP_CONNECTED,
    OD__SMPP_ACCEPTED, /* bind_transceiver_resp without an error */
    OD__SMPP_LOST      /* connection failed or was given up, or bind refused */
} od__smpp_bind_input;
#define OD__SMPP_BIND_INPUTS 4

typedef enum od__smpp_bind_action {
    OD__SMPP_DO_NOTHING = 0,
    OD__SMPP_DO_OPEN,
    OD__SMPP_DO_BIND,
    OD__SMPP_DO_RAISE, /* the trunk is up */
    OD__SMPP_DO_DROP   /* close, end all texts, pause */
} od__smpp_bind_action;

/* The state moves on; what is to be done. */
od__smpp_bind_action od__smpp_bind_next(od__smpp_bind_state *state,
                                        od__smpp_bind_input input);

/* == link.c =============================================================== */

typedef enum od__smpp_link_phase {
    OD__SMPP_LINK_CLOSED = 0,
    OD__SMPP_LINK_TCP,
    OD__SMPP_LINK_TLS,
    OD__SMPP_LINK_OPEN
} od__smpp_link_phase;

typedef struct od__smpp_link {
    const od__smpp_trunk *trunk;
    SSL_CTX *tls; /* NULL: without TLS */
    SSL *session;
    int fd;         /* -1: none */
    unsigned tries; /* picks one of the host's addresses */
    od__smpp_link_phase phase;
    bool wants_write; /* TLS has something to say */
    char why[128];    /* text of the failure */
} od__smpp_link;

/* OD_ERR_INVALID: ca_file cannot be read; OD_ERR_MEMORY. */
od_err od__smpp_link_init(od__smpp_link *link, const od__smpp_trunk *trunk,
                          od_errmsg *errmsg);
void od__smpp_link_clear(od__smpp_link *link);
/* Resolve, which may block, and begin to connect. False: it failed. */
bool od__smpp_link_open(od__smpp_link *link);
/* Go on; phase is OPEN when it is done. False: it failed. */
bool od__smpp_link_advance(od__smpp_link *link);
void od__smpp_link_close(od__smpp_link *link);
/* What to poll for, besides output that waits. */
short od__smpp_link_events(const od__smpp_link *link);
/* Bytes; 0: not now; OD_NONE: closed or failed. */
int32_t od__smpp_link_read(od__smpp_link *link, uint8_t *out, size_t room);
int32_t od__smpp_link_write(od__smpp_link *link, const uint8_t *bytes,
                            size_t len);

/* == window.c ============================================================= */

/* A submit_sm that awaits its answer. */
typedef struct od__smpp_request {
    uint32_t sequence; /* 0: no request */
    uint32_t part;
    od__smpp_text *text;
    uint64_t end;     /* how many bytes were written when it has left */
    int64_t until_ms; /* OD_NEVER: it has not left */
} od__smpp_request;

typedef struct od__smpp_window {
    od__smpp_request *requests; /* at sequence & mask */
    uint32_t mask;
    uint32_t len;
    uint32_t limit;
    uint32_t staying;  /* have not left */
    uint32_t sequence; /* the last one that was given */
    int64_t due_ms;    /* none is over before */
} od__smpp_window;

od_err od__smpp_window_init(od__smpp_window *window, int32_t limit);
void od__smpp_window_clear(od__smpp_window *window);
/* A sequence number for a request that is not kept here. */
uint32_t od__smpp_window_sequence(od__smpp_window *window);
/* NULL: it is full. */
od__smpp_request *od__smpp_window_add(od__smpp_window *window,
                                      od__smpp_text *text, uint32_t part);
/* NULL: none of this number has left. */
od__smpp_request *od__smpp_window_find(od__smpp_window *window,
                                       uint32_t sequence);
void od__smpp_window_remove(od__smpp_window *window, od__smpp_request *request);
/* So many bytes were written: those that end before have left. */
void od__smpp_window_left(od__smpp_window *window, uint64_t written,
                          int64_t until_ms);
/* A request whose time is over, or NULL. */
od__smpp_request *od__smpp_window_over(od__smpp_window *window, int64_t now_ms);

/* == inbox.c ============================================================== */

#define OD__SMPP_JOINS_MAX 64
#define OD__SMPP_JOIN_MS 60000 /* then what is there is handed over */

/* A deliver_sm that is not acknowledged. Those of one text form a chain. */
typedef struct od__smpp_held {
    uint32_t sequence;
    uint32_t answer; /* command of the acknowledgement */
    uint32_t epoch;  /* connection that it came over */
    uint16_t generation;
    uint16_t next; /* OD__SMPP_INBOX_MAX: none */
    bool told;     /* the engine has it */
} od__smpp_held;

typedef struct od__smpp_join_part {
    struct od__smpp_join_part *next; /* in the order of their numbers */
    uint16_t held;
    uint16_t len;
    int32_t number;
    uint8_t octets[];
} od__smpp_join_part;

/* A text of which parts are there. */
typedef struct od__smpp_join {
    uint64_t from;
    uint64_t to;
    int32_t reference;
    int32_t total;
    int32_t parts_len; /* 0: no join */
    uint8_t coding;
    int64_t until_ms;
    od__smpp_join_part *parts;
} od__smpp_join;

typedef struct od__smpp_inbox {
    od__smpp_held helds[OD__SMPP_INBOX_MAX];
    uint16_t free_first; /* OD__SMPP_INBOX_MAX: none */
    uint32_t epoch;
    od__smpp_join joins[OD__SMPP_JOINS_MAX];
    uint8_t octets[OD__SMPP_OCTETS_MAX]; /* of a text being put together */
    char text[OD_MESSAGE_MAX + 1];
} od__smpp_inbox;

void od__smpp_inbox_init(od__smpp_inbox *inbox);
void od__smpp_inbox_clear(od__smpp_inbox *inbox);
/* A deliver_sm or data_sm came in. */
void od__smpp_inbox_take(od__smpp_agent *agent, const od__smpp_pdu *pdu);
/* The engine has it, or cannot have it. */
void od__smpp_inbox_ack(od__smpp_agent *agent, const od__smpp_ack *ack);
/* Hand over what waited too long for the rest of it. */
void od__smpp_inbox_expire(od__smpp_agent *agent);
int64_t od__smpp_inbox_due_ms(const od__smpp_inbox *inbox);
/* The connection is gone: what is not acknowledged comes again. */
void od__smpp_inbox_lost(od__smpp_inbox *inbox);

/* == session.c ============================================================ */

/* Do what a PDU asks for. `readable` false: its body is broken. */
void od__smpp_session_pdu(od__smpp_agent *agent, const od__smpp_pdu *pdu,
                          bool readable);
/* Give texts to the connection as far as window and buffer have room. */
void od__smpp_session_ask(od__smpp_agent *agent);
/* A new text of the engine's. */
void od__smpp_session_add(od__smpp_agent *agent, od__smpp_text *text);
/* End requests and texts that waited too long. */
void od__smpp_session_expire(od__smpp_agent *agent);
/* When that has something to do; OD_NEVER. */
int64_t od__smpp_session_due_ms(const od__smpp_agent *agent);
/* End all texts: the connection is gone. */
void od__smpp_session_lost(od__smpp_agent *agent);

/* == agent.c ============================================================== */

#define OD__SMPP_OUT_MAX 65536

struct od__smpp_agent {
    const od__smpp_trunk *trunk;
    od__smpp_door *door;
    pthread_t thread;
    bool has_thread;
    int64_t now_ms; /* of this turn */
    od__rand rand;

    /* the connection */
    od__smpp_link link;
    od__smpp_bind_state state;
    bool failed;      /* it is dropped at the end of the turn */
    bool more;        /* there may be more to do at once */
    bool cramped;     /* something was put off in this turn for want of room */
    int64_t until_ms; /* of PAUSE, CONNECT and BIND */
    int64_t heard_ms; /* when the last PDU came */
    int64_t moved_ms; /* when output last moved, or began to wait */
    int64_t bound_ms;
    bool enquiring;           /* enquire_link awaits an answer ... */
    int64_t enquiry_until_ms; /* ... until then */
    int32_t pause_ms;         /* the next one */
    uint32_t bind_sequence;

    /* what is told of it */
    od__smpp_health health;       /* the last one, told or not */
    char down[OD__SMPP_WHY_SIZE]; /* why it was, as told last */
    bool has_down;
    bool is_untold;

    od__smpp_window window;
    od__smpp_text *first; /* texts of this trunk, oldest first */
    od__smpp_text *last;
    od__smpp_text *asking; /* the first with parts to be asked for */

    od__smpp_inbox inbox;

    /* in[0 .. in_len), out[out_from .. out_to) */
    size_t in_len;
    size_t out_from;
    size_t out_to;
    uint64_t written; /* by this connection */
    uint8_t in[OD__SMPP_PDU_MAX];
    uint8_t out[OD__SMPP_OUT_MAX];
};

/* The connection is of no more use, and why; the first reason counts. */
void od__smpp_agent_fail(od__smpp_agent *agent, uint32_t status,
                         const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* An input of the machine from a PDU. */
void od__smpp_agent_feed(od__smpp_agent *agent, od__smpp_bind_input input);
/* Where the next PDU goes, or NULL: there is no such room. */
uint8_t *od__smpp_agent_room(od__smpp_agent *agent, size_t need);
/* So many bytes were written there. */
void od__smpp_agent_put(od__smpp_agent *agent, size_t len);
/* A PDU without a body. What has no room is lost with the connection. */
void od__smpp_agent_answer(od__smpp_agent *agent, uint32_t command,
                           uint32_t status, uint32_t sequence);

#endif
