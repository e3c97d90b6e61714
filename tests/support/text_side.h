/*
 * text_side.h - both ends of texts over SIP for tests: a started transport and
 * a far end on a plain UDP socket, in one thread.
 *
 * The far end answers OPTIONS, and each MESSAGE as it was told; it sends what
 * the test wants. A wait fails the test after OD_TEXT_WAIT_MS.
 */
#ifndef OD_TEST_TEXT_SIDE_H
#define OD_TEST_TEXT_SIDE_H

#include "support/test.h"

#include "base/base.h"
#include "transport/sip/message_parts.h"

#include <outdial/backend.h>

#define OD_TEXT_SLOTS 8
#define OD_TEXT_WAIT_MS 10000
#define OD_TEXT_PACKET_MAX 9000

/* == the far end ========================================================== */

typedef struct od_text_peer {
    int fd;
    uint16_t port;
    const char *status;  /* of answers to MESSAGE; NULL: it is silent */
    const char *headers; /* of those answers */
    int messages;        /* that came */
    char last[OD_TEXT_PACKET_MAX]; /* of them */
    size_t last_len;
    od__address near; /* where the other side is */
    int answers;      /* to what was sent */
    char answer[OD_TEXT_PACKET_MAX];
    int sent;
    int call; /* its Call-ID; 0: one for each MESSAGE */
} od_text_peer;

/* On this address, or on 127.0.0.1. The caller closes fd. */
void od_text_peer_open_at(od_text_peer *far, const char *address);
void od_text_peer_open(od_text_peer *far);
/* Answer a request; `headers` are lines with their ends. */
void od_text_peer_respond(const od_text_peer *far, const char *request,
                          const char *status, const char *headers);
/* Send a MESSAGE; `branch` makes it another one or the same again. */
void od_text_peer_send_as(od_text_peer *far, int branch, const char *from,
                          const char *type, const char *body);
/* Another one, from +12125550100 to +13105550100. */
void od_text_peer_send(od_text_peer *far, const char *type, const char *body);
/* The line of a header with its name, or "". */
void od_text_line(const char *text, const char *name, char out[400]);

/* == our side ============================================================= */

#define OD_TEXT_HEARD_MAX 2000

/* A report, with its texts. */
typedef struct od_text_heard {
    od_report report;
    char network_id[128];
    char code[16];
    char text[OD_MESSAGE_MAX + 1];
} od_text_heard;

typedef struct od_text_side {
    od_transport *transport;
    const od_transport_ops *ops;
    void *ctx;
    od_sink *sink;
    od__wake wake;
    size_t reports_max;
    int ended;
    int arrived;
    od_text_heard last;    /* ENDED */
    od_text_heard arrival; /* RECEIPT or REPLY */
    uint64_t tokens[OD_TEXT_HEARD_MAX];
} od_text_side;

/* A trunk for texts to the far end. */
void od_text_trunk_init(od_sip_trunk *trunk, const od_text_peer *far);
void od_text_begin_all(od_text_side *near, const od_sip_trunk *const *trunks,
                       size_t trunks_len);
void od_text_begin_alone(od_text_side *near, const od_sip_trunk *trunk);
/* The same, until the far end knows where we are: it had our OPTIONS. */
void od_text_begin(od_text_side *near, od_text_peer *far,
                   const od_sip_trunk *trunk);
void od_text_meet(od_text_side *near, od_text_peer *far);
void od_text_end(od_text_side *near, od_text_peer *far);

/* Both sides have a turn. */
void od_text_turn(od_text_side *near, od_text_peer *far);
/* Until `what` is so much, and not more. */
void od_text_run_until(od_text_side *near, od_text_peer *far, const int *what,
                       int count);

/* Attempt slot + 1, to +12125550100 + slot. */
od_err od_text_send(od_text_side *near, uint32_t slot, const char *text);
/* A text is sent, and answered with a status. */
void od_text_send_and_end(od_text_side *near, od_text_peer *far,
                          const char *status);
/* The far end sends something and has this answer at once. */
void od_text_expect_answer(od_text_side *near, od_text_peer *far,
                           const char *type, const char *body,
                           const char *status);
/* The same of what is handed on, and answered once the engine said so. */
void od_text_expect_arrival(od_text_side *near, od_text_peer *far,
                            const char *type, const char *body,
                            od_report_kind kind);

#endif
