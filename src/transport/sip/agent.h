/*
 * agent.h - the table of contents of the libre side of this folder.
 *
 * agent.c    the thread, libre's loop and stack, commands from the engine
 * session.c  one INVITE session
 * message.c  one text that leaves
 * inbound.c  texts and receipts that come in
 * stray.c    messages that belong to no session, and redirections
 * trunk.c    health of a trunk
 *
 * Everything here runs on the agent's thread. How libre is lived with:
 *
 * - A session (struct sipsess) that we let go sends CANCEL or BYE by itself and
 *   lives on until the far end has answered. Such a leg calls nobody back; its
 *   od__leg dies with it and so tells us that it is over.
 * - libre keeps a finished transaction for up to 32 s more to answer repeated
 *   messages. Legs count as closing for that long.
 * - libre copies what it gets and prints with its own format language: texts of
 *   others go in as arguments of %s only, and were checked in config.c.
 */
#ifndef OD_SRC_AGENT_H
#define OD_SRC_AGENT_H

#include "transport/sip/libre.h"
#include "transport/sip/sip.h"

#include <pthread.h>
#include <semaphore.h>

/* Seconds that libre keeps a finished transaction, and one to round up. */
#define OD__LINGER_S 33

#define OD__ALLOW "INVITE, ACK, CANCEL, BYE, OPTIONS"
/* What a trunk that carries texts may send as well. */
#define OD__ALLOW_TEXTS OD__ALLOW ", MESSAGE"

/* A call of one slot; from its INVITE until ENDED is told it has a session or
 * is cancelled. */
typedef struct od__call {
    struct le le; /* in od__agent.calls_by_id */
    od__agent *agent;
    uint32_t slot;
    int32_t trunk;
    od_id attempt;
    struct sipsess *session; /* NULL: no call, or cancelled */
    struct od__leg *leg;
    struct tmr trying; /* no answer at all to the INVITE */
    struct tmr cancel; /* no final answer since the CANCEL */
    bool answered;     /* ANSWERED was told */
    bool cancelled;    /* hung up, and the INVITE is not over */
    int32_t status;    /* final answer that came since; 0: none */
    bool has_peer;
    uint32_t forked; /* hash of the other branch that answered too */
    od__sdp_peer peer;
    od__sdp_self self;
    char session_id[33];
} od__call;

/* What libre holds as long as a session lives, in memory of libre. */
typedef struct od__leg {
    od__agent *agent;
    od__call *call; /* NULL once the call was let go */
    int32_t trunk;
} od__leg;

/* A text of one slot, from its MESSAGE until ENDED is told. */
typedef struct od__message {
    od__agent *agent;
    uint32_t slot;
    bool live;
    struct sip_request *request; /* NULL: none is under way */
    struct sip_auth *auth;       /* NULL: there was no challenge */
    struct tmr timer;            /* patience with the trunk, then with all */
    uint32_t cseq;
    char tag[20];
} od__message;

/* A request that came in and is not answered yet: the agent's side of an
 * arrival. */
typedef struct od__guest {
    struct sip_strans *transaction;
    struct sip_msg *msg;
} od__guest;

/* All that came in. */
typedef struct od__inbound {
    od__guest guests[OD__ARRIVALS_MAX];
    uint32_t spare[OD__ARRIVALS_MAX]; /* numbers of arrivals that are free */
    uint32_t spare_len;
    /* Transactions that libre keeps for repeated requests, and those that were
     * answered in each of the last seconds. */
    uint32_t kept;
    uint32_t answered[OD__LINGER_S];
    uint32_t answered_now; /* index */
    struct tmr second;
} od__inbound;

/* The health of one trunk. */
typedef struct od__probe {
    od__agent *agent;
    size_t trunk;
    struct sip_request *request; /* OPTIONS under way */
    struct tmr timer;            /* next OPTIONS, or patience with this one */
    uint32_t sequence;
} od__probe;

struct od__agent {
    const od__config *config;
    od__link *link;
    struct od__media *media;

    pthread_t thread;
    sem_t begun;
    od_err begun_err;
    od_errmsg begun_errmsg;

    struct sip *sip;
    struct sipsess_sock *sessions;
    struct sip_lsnr *forks;
    struct sip_lsnr *requests;
    struct sip_lsnr *responses;
    struct dnsc *dns; /* NULL: this host has no resolver */
    struct hash *calls_by_id;
    od__call *calls; /* one per slot */
    od__message *messages; /* one per slot */
    od__inbound inbound;
    od__probe probes[OD_TRUNKS_MAX];

    /* Legs that libre still holds, those among them with a call, and those
     * that ended in each of the last seconds. */
    uint32_t legs;
    uint32_t legs_live;
    uint32_t legs_ended;
    uint32_t ended[OD__LINGER_S];
    uint32_t ended_now; /* index */
    struct tmr second;

    uint32_t cancelled; /* calls */
};

/* == agent.c ============================================================== */

/* A leg; release with mem_deref(). NULL: out of memory. */
od__leg *od__agent_leg_new(od__agent *agent, od__call *call, int32_t trunk);
/* The call of a leg is over. */
void od__agent_leg_let_go(od__leg *leg);

/* == session.c ============================================================ */

/* Send the INVITE that the line of this slot asks for; not if the engine has
 * hung up meanwhile. ENDED is told if there is no INVITE. */
void od__session_dial(od__call *call, bool hung_up);
/* End the call, if there is one. ENDED is told when its INVITE is over. */
void od__session_hangup(od__call *call);
/* An answer to the INVITE came, and libre sees it next. Ends a call that is
 * redirected, for nobody has checked the new number. */
void od__session_traced(od__call *call, const struct sip_msg *msg);
/* libre is done with the leg of this call. */
void od__session_gone(od__call *call);
/* Forget the call without a word to anyone. */
void od__session_abandon(od__call *call);
/* Call of a Call-ID, or NULL. */
od__call *od__session_find(const od__agent *agent, const struct pl *call_id);

/* == message.c ============================================================ */

/* Send the text that the line of this slot asks for. ENDED is told once. */
void od__message_send(od__message *message);
/* Forget the text without a word to anyone. */
void od__message_abandon(od__message *message);

/* == inbound.c ============================================================ */

void od__inbound_begin(od__agent *agent);
/* A MESSAGE came: answer it, or hand it on. */
void od__inbound_receive(od__agent *agent, const struct sip_msg *msg);
/* The engine has said what became of an arrival: answer the network. */
void od__inbound_answer(od__agent *agent, uint32_t arrival);
/* Forget what waits without a word to anyone. */
void od__inbound_abandon(od__agent *agent);

/* == stray.c ============================================================== */

/* Listen before sessions do (`first`) or after them. */
int od__stray_listen(od__agent *agent, bool first);
/* libre's trace handler: sees each message before anyone else. */
void od__stray_trace(bool tx, enum sip_transp tp, const struct sa *src,
                     const struct sa *dst, const uint8_t *packet, size_t len,
                     void *arg);

/* == trunk.c ============================================================== */

/* Where a request to a trunk goes: its URI, or its address if that has a name.
 * `text` keeps what `out` points into. An errno of libre. */
int od__trunk_hop(struct uri *out, char *text, size_t text_size,
                  const od__sip_trunk *trunk);
void od__trunk_begin(od__agent *agent);
void od__trunk_stop(od__agent *agent);
/* Any message came from the trunk. */
void od__trunk_heard(od__agent *agent, int32_t trunk, int32_t status);
/* It left an INVITE without any answer: look now. */
void od__trunk_doubt(od__agent *agent, int32_t trunk);

#endif
