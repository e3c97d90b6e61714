/*
 * session.c - one INVITE session, from the engine's dial to ENDED.
 *
 *   dial -> INVITE --1xx--> PROGRESS, RINGING --200--> ANSWERED
 *              |                |                         |
 *              +-- 3xx to 6xx, no answer at all, hang-up, BYE, failure -->
 * ENDED
 *
 * libre's callbacks come while a call has a session, because one that is let go
 * calls nobody back. ENDED is told once, after media have stopped. Then the
 * slot is the engine's again, while libre may still be busy with CANCEL or BYE
 * (agent.h).
 *
 * A call that is hung up before its answer is let go at once, but told to be
 * over only when its INVITE is: an answer may cross the hang-up, and whoever
 * picked up must not count as not reached. libre sends the CANCEL once there is
 * a provisional answer, not before. So the end is, whichever comes first,
 *
 *   - a 2xx: ANSWERED, then ENDED; libre sends ACK and BYE;
 *   - libre is done with the leg: ENDED with the final status that came;
 *   - CANCEL_MS after the CANCEL, or, as long as no answer at all has come,
 *     trying_ms after the dial: ENDED with status 0.
 *
 * Freeing the transport meanwhile sends nothing more (agent.c): a phone whose
 * INVITE has not come to its end by then may go on ringing. Who wants its
 * CANCEL sent waits for ENDED.
 *
 * What the far end said (status) and what failed here (fault) are kept apart:
 * libre's close handler gives an errno, a message, both or neither.
 */
#include "transport/sip/agent.h"

#include "transport/transport.h"

#include <errno.h>
#include <inttypes.h>

#define SDP_TYPE "application/sdp"

/* From the CANCEL until we do not wait for the end of the INVITE any more. */
#define CANCEL_MS 4000

static od__line *line_of(const od__call *call)
{
    return &call->agent->link->lines[call->slot];
}

static void tell(const od__call *call, unsigned what)
{
    od__link_tell(call->agent->link, call->slot, what);
}

/* == Retry-After ========================================================== */

/* RFC 3261, 20.33: delta-seconds, then perhaps a comment and parameters, such
 * as "18000;duration=3600" or "120 (in a meeting)". What they say is of no use
 * here. The date that HTTP knows is none. */
int32_t od__retry_after_read(const char *text, size_t len)
{
    int32_t seconds = 0;
    size_t at = 0;
    for (; at < len && text[at] >= '0' && text[at] <= '9'; at++) {
        seconds = seconds * 10 + (text[at] - '0');
        if (seconds > OD__RETRY_AFTER_MAX_S) {
            seconds = OD__RETRY_AFTER_MAX_S;
        }
    }
    while (at < len && strchr(" \t\r\n", text[at]) != NULL &&
           text[at] != '\0') {
        at++;
    }
    bool ends = at == len || text[at] == '(' || text[at] == ';';
    return ends ? seconds : 0;
}

/* The final answer that came counts, unless another comes. */
static void note_retry_after(const od__call *call, const struct sip_msg *msg)
{
    const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_RETRY_AFTER);
    line_of(call)->retry_after_s =
        hdr != NULL ? od__retry_after_read(hdr->val.p, hdr->val.l) : 0;
}

/* == end ================================================================== */

/* Let libre's session go; if `quiet`, ours is the only memory of it. */
static void let_go(od__call *call)
{
    tmr_cancel(&call->trying);
    tmr_cancel(&call->cancel);
    hash_unlink(&call->le);
    call->agent->cancelled -= call->cancelled;
    call->cancelled = false;
    if (call->leg != NULL) {
        od__agent_leg_let_go(call->leg);
    }
    call->leg = NULL;
    call->session = mem_deref(call->session);
}

static void tell_ended(const od__call *call, int32_t status, od_err fault,
                       bool remote)
{
    od__line *line = line_of(call);
    line->status = status;
    line->fault = fault;
    line->remote = remote;
    if (status < 300) {
        line->retry_after_s = 0; /* not of the answer that counts */
    }
    tell(call, OD__TELL_ENDED);
}

static void end(od__call *call, int32_t status, od_err fault, bool remote)
{
    line_of(call)->had_media = true;
    od__media_close(call->agent->media, call->slot);
    let_go(call);
    tell_ended(call, status, fault, remote);
}

static od_err fault_of(int err)
{
    return err == ENOMEM ? OD_ERR_MEMORY : OD_ERR_TRANSPORT;
}

void od__session_abandon(od__call *call)
{
    if (call->session != NULL || call->cancelled) {
        let_go(call);
    }
}

/* == hang-up ============================================================== */

static void on_cancel_over(void *arg)
{
    end(arg, 0, OD_OK, false);
}

static void wait_for_final(od__call *call)
{
    tmr_start(&call->cancel, CANCEL_MS, on_cancel_over, call);
}

/* The timer `trying` goes on: it runs if there was no answer at all. */
static void cancel(od__call *call)
{
    struct sipsess *session = call->session;
    call->session = NULL;
    call->cancelled = true;
    call->agent->cancelled++;
    if (!tmr_isrunning(&call->trying)) {
        wait_for_final(call);
    }
    mem_deref(session);
}

void od__session_hangup(od__call *call)
{
    if (call->session == NULL) {
        return;
    }
    if (call->answered) {
        end(call, 200, OD_OK, false);
    } else {
        cancel(call);
    }
}

/* An answer to an INVITE that was hung up. */
static void crossed(od__call *call, const struct sip_msg *msg)
{
    int32_t status = msg->scode;
    if (status < 200) {
        if (tmr_isrunning(&call->trying)) {
            tmr_cancel(&call->trying);
            wait_for_final(call);
        }
    } else if (status < 300) {
        tell(call, OD__TELL_ANSWERED);
        end(call, 200, OD_OK, false);
    } else if (status <= 699) {
        /* Perhaps a challenge that is repeated: libre knows. */
        call->status = status;
        note_retry_after(call, msg);
    }
}

void od__session_traced(od__call *call, const struct sip_msg *msg)
{
    int32_t status = msg->scode;
    bool redirected = call->session != NULL && !call->answered &&
                      status >= 300 && status <= 399;
    if (redirected || call->cancelled) {
        od__trunk_heard(call->agent, call->trunk, status);
    }
    if (redirected) {
        note_retry_after(call, msg);
        end(call, status, OD_OK, false);
    } else if (call->cancelled) {
        crossed(call, msg);
    }
}

void od__session_gone(od__call *call)
{
    if (call->cancelled) {
        end(call, call->status, OD_OK, false);
    }
}

/* == answers to the INVITE ================================================ */

/* The trunk lives, and so does the call. */
static void heard(od__call *call, int32_t status)
{
    tmr_cancel(&call->trying);
    od__trunk_heard(call->agent, call->trunk, status);
}

static void on_trying_over(void *arg)
{
    od__call *call = arg;
    od__trunk_doubt(call->agent, call->trunk);
    end(call, 0, call->cancelled ? OD_OK : OD_ERR_TRANSPORT, false);
}

static void wait_for_trying(od__call *call)
{
    tmr_start(&call->trying, (uint64_t)call->agent->config->trying_ms,
              on_trying_over, call);
}

/* The far end's description in a message; false: none that we can use. */
static bool read_sdp(const od__call *call, const struct sip_msg *msg,
                     od__sdp_peer *out)
{
    int family = strchr(call->self.address, ':') != NULL ? AF_INET6 : AF_INET;
    return msg_ctype_cmp(&msg->ctyp, "application", "sdp") &&
           mbuf_get_left(msg->mb) > 0 &&
           od__sdp_read(out, (const char *)mbuf_buf(msg->mb),
                        mbuf_get_left(msg->mb), family);
}

static void connect_media(const od__call *call)
{
    od__media_connect(call->agent->media, call->slot, &call->peer.address.any,
                      call->peer.address_len, call->peer.codec,
                      call->peer.event_pt, call->peer.may_send);
}

static void on_progress(const struct sip_msg *msg, void *arg)
{
    od__call *call = arg;
    od__sdp_peer peer;
    heard(call, msg->scode);
    tell(call, OD__TELL_PROGRESS);
    if (msg->scode == 180) {
        tell(call, OD__TELL_RINGING);
    }
    /* Some describe themselves here and not again in the 200. */
    if (read_sdp(call, msg, &peer)) {
        call->peer = peer;
        call->has_peer = true;
    }
}

/* The answer to an offer of ours: in the 200, or in the ACK of a re-INVITE that
 * had none. An error here ends a call that is not answered yet. */
static int on_answer(const struct sip_msg *msg, void *arg)
{
    od__call *call = arg;
    od__sdp_peer peer;
    tmr_cancel(&call->trying);
    if (read_sdp(call, msg, &peer)) {
        call->peer = peer;
        call->has_peer = true;
    } else if (call->answered || mbuf_get_left(msg->mb) > 0 ||
               !call->has_peer) {
        return EBADMSG;
    }
    if (call->answered) {
        connect_media(call);
    }
    return 0;
}

static void on_established(const struct sip_msg *msg, void *arg)
{
    od__call *call = arg;
    heard(call, msg->scode);
    call->answered = true;
    /* Connected first: the engine may send digits at once. */
    connect_media(call);
    tell(call, OD__TELL_ANSWERED);
}

/* A re-INVITE: hold, resume, another address; without a body it wants an offer
 * of ours. Refused (488) if this returns an error; the call goes on as it was.
 */
static int on_offer(struct mbuf **out, const struct sip_msg *msg, void *arg)
{
    od__call *call = arg;
    bool empty = mbuf_get_left(msg->mb) == 0;
    od__sdp_peer peer;
    char text[OD__SDP_MAX];
    size_t len;
    if (!call->answered || (!empty && !read_sdp(call, msg, &peer))) {
        return EPROTO;
    }
    call->self.version++;
    if (empty) {
        len = od__sdp_offer(text, &call->self);
    } else {
        len = od__sdp_answer(text, &call->self, &peer,
                             (const char *)mbuf_buf(msg->mb),
                             mbuf_get_left(msg->mb));
    }
    struct mbuf *body = len > 0 ? mbuf_alloc(len) : NULL;
    if (body == NULL) {
        return len > 0 ? ENOMEM : EPROTO;
    }
    (void)mbuf_write_mem(body, (const uint8_t *)text, len);
    mbuf_set_pos(body, 0);
    *out = body;
    if (!empty) {
        call->peer = peer;
        connect_media(call);
    }
    return 0;
}

/* libre is done with the session; what it held goes with it. */
static void on_close(int err, const struct sip_msg *msg, void *arg)
{
    od__call *call = arg;
    int32_t status = call->answered ? 200 : 0;
    od_err fault = OD_OK;
    bool remote = false;
    if (call->answered) {
        remote = err == ECONNRESET;
        fault = err == 0 || remote ? OD_OK : fault_of(err);
    } else if (msg != NULL && msg->scode >= 200 && msg->scode <= 699) {
        /* A 2xx gets here if it cannot be used. */
        status = msg->scode;
        fault = msg->scode < 300 ? fault_of(err) : OD_OK;
        note_retry_after(call, msg);
        od__trunk_heard(call->agent, call->trunk, status);
    } else {
        fault = fault_of(err);
        if (err == ETIMEDOUT) {
            od__trunk_doubt(call->agent, call->trunk);
        }
    }
    end(call, status, fault, remote);
}

/* Credentials for a challenge; libre repeats the request with them. */
static int on_challenge(char **user, char **password, const char *realm,
                        void *arg)
{
    const od__leg *leg = arg;
    (void)realm;
    const od__sip_trunk *trunk = &leg->agent->config->trunks[leg->trunk];
    if (trunk->username[0] == '\0') {
        return EAUTH;
    }
    if (leg->call != NULL && !leg->call->answered) {
        heard(leg->call, 401);
        wait_for_trying(leg->call);
    }
    int err = str_dup(user, trunk->username);
    return err != 0 ? err : str_dup(password, trunk->password);
}

/* == begin ================================================================ */

static uint64_t sdp_id_of(const od_dial *dial)
{
    /* Unique among our sessions; libre's random numbers are the system's. */
    return ((uint64_t)rand_u32() << 20 | (dial->slot & 0xfffff)) >> 1;
}

static void prepare(od__call *call, const od_dial *dial)
{
    call->trunk = dial->trunk;
    call->attempt = dial->attempt;
    call->answered = false;
    call->has_peer = false;
    call->forked = 0;
    call->status = 0;
    call->self.address = call->agent->config->address;
    call->self.id = sdp_id_of(dial);
    call->self.version = 1;
    od__text_copy(call->session_id, sizeof call->session_id, dial->session_id);

    od__line *line = line_of(call);
    line->call_id[0] = '\0';
    line->retry_after_s = 0;
    line->had_media = false;
}

static int make_offer(struct mbuf **out, od__call *call)
{
    char text[OD__SDP_MAX];
    size_t len = od__sdp_offer(text, &call->self);
    struct mbuf *body = len > 0 ? mbuf_alloc(len) : NULL;
    if (body == NULL) {
        return ENOMEM;
    }
    (void)mbuf_write_mem(body, (const uint8_t *)text, len);
    mbuf_set_pos(body, 0);
    *out = body;
    return 0;
}

/* RFC 7989: the other half is not known yet. */
#define SESSION_ID "Session-ID: %s;remote=00000000000000000000000000000000\r\n"

static int invite(od__call *call, const od_dial *dial, struct mbuf *offer)
{
    od__agent *agent = call->agent;
    const od__sip_trunk *trunk = &agent->config->trunks[dial->trunk];
    char user[80];
    char to[512];
    char from[512];
    char contact[24];
    (void)snprintf(user, sizeof user, "%s%" PRIu64, trunk->dial_prefix,
                   dial->to);
    od__trunk_uri(to, sizeof to, trunk, user);
    (void)snprintf(from, sizeof from, "sip:+%" PRIu64 "@%s", dial->from,
                   trunk->from_host);
    (void)snprintf(contact, sizeof contact, "+%" PRIu64, dial->from);
    const char *routes[1] = {trunk->route};
    const char *allow = trunk->texts_max > 0 ? OD__ALLOW_TEXTS : OD__ALLOW;

    int err = sipsess_connect(&call->session, agent->sessions, to, NULL, from,
                              contact, routes, trunk->route[0] != '\0' ? 1 : 0,
                              SDP_TYPE, offer, on_challenge, call->leg, true,
                              on_offer, on_answer, on_progress, on_established,
                              NULL, NULL, on_close, call,
                              "Allow: %s\r\n"
                              "P-Asserted-Identity: <%s>\r\n" SESSION_ID,
                              allow, from, call->session_id);
    if (err != 0) {
        call->session = NULL;
        return err;
    }
    (void)sipsess_set_close_headers(call->session, SESSION_ID,
                                    call->session_id);
    return 0;
}

/* Keep the Call-ID that libre has chosen. */
static void note_call_id(od__call *call)
{
    const char *id = sip_dialog_callid(sipsess_dialog(call->session));
    od__line *line = line_of(call);
    od__text_copy(line->call_id, sizeof line->call_id, id != NULL ? id : "");
    hash_append(call->agent->calls_by_id, hash_joaat_str(line->call_id),
                &call->le, call);
}

void od__session_dial(od__call *call, bool hung_up)
{
    const od_dial *dial = &line_of(call)->dial;
    prepare(call, dial);
    if (hung_up) {
        tell_ended(call, 0, OD_OK, false);
        return;
    }
    od_err failed = od__media_open(call->agent->media, call->slot,
                                   dial->attempt, &call->self.port);
    if (failed != OD_OK) {
        tell_ended(call, 0, failed, false);
        return;
    }
    call->leg = od__agent_leg_new(call->agent, call, dial->trunk);
    struct mbuf *offer = NULL;
    int err = call->leg != NULL ? make_offer(&offer, call) : ENOMEM;
    if (err == 0) {
        err = invite(call, dial, offer);
        mem_deref(offer);
    }
    /* From here on libre holds the leg, or nobody does. */
    od__leg *leg = call->leg;
    if (err != 0) {
        end(call, 0, fault_of(err), false);
    } else {
        note_call_id(call);
        wait_for_trying(call);
    }
    mem_deref(leg);
}

static bool has_call_id(struct le *le, void *arg)
{
    const od__call *call = le->data;
    const struct pl *call_id = arg;
    return pl_strcmp(call_id, line_of(call)->call_id) == 0;
}

od__call *od__session_find(const od__agent *agent, const struct pl *call_id)
{
    struct pl wanted = *call_id;
    struct le *le = hash_lookup(agent->calls_by_id, hash_joaat_pl(call_id),
                                has_call_id, &wanted);
    return list_ledata(le);
}
