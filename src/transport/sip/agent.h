/*
 * agent.h - the table of contents of the libre side of this folder.
 *
 * agent.c    the thread, libre's loop and stack, commands from the engine
 * session.c  one INVITE session
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

/* == stray.c ============================================================== */

/* Listen before sessions do (`first`) or after them. */
int od__stray_listen(od__agent *agent, bool first);
/* libre's trace handler: sees each message before anyone else. */
void od__stray_trace(bool tx, enum sip_transp tp, const struct sa *src,
                     const struct sa *dst, const uint8_t *packet, size_t len,
                     void *arg);

/* == trunk.c ============================================================== */

/* "sip:..." of a trunk with `user` and '@' before the host, or "" for none. */
void od__trunk_uri(char *out, size_t out_size, const od__sip_trunk *trunk,
                   const char *user);
void od__trunk_begin(od__agent *agent);
void od__trunk_stop(od__agent *agent);
/* Any message came from the trunk. */
void od__trunk_heard(od__agent *agent, int32_t trunk, int32_t status);
/* It left an INVITE without any answer: look now. */
void od__trunk_doubt(od__agent *agent, int32_t trunk);

#endif
