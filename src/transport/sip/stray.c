/*
 * stray.c - messages that belong to no session of ours, and redirections.
 *
 * libre hands a message to its listeners in the order they registered:
 * transactions, forks (here), sessions, the rest (here). The trace handler sees
 * a message before all of them.
 *
 * - 3xx: libre would send a new INVITE to the first Contact, a number that no
 *   check has seen. So the trace handler ends the session first; then libre
 *   acknowledges the answer and lets the session go.
 * - Answers to a call that was hung up: libre tells nobody, the trace handler
 *   does (session.c). As long as there are such calls, it reads all messages.
 * - A second 2xx from another branch (the INVITE forked and two answered) is
 *   acknowledged and hung up at once (RFC 3261, 13.2.2.4); the first one talks.
 * - The trunk's own OPTIONS are answered, a MESSAGE goes to inbound.c if any
 *   trunk carries texts; what nobody knows is refused. libre would print to
 *   stderr otherwise.
 */
#include "transport/sip/agent.h"

#include <errno.h>

/* == answers before libre sees them ======================================= */

/* Nearly all messages: "SIP/2.0 " and a status that is not 3xx. */
static bool is_plain_response(const char *packet, size_t len)
{
    return len > 12 && memcmp(packet, "SIP/2.0 ", 8) == 0 && packet[8] != '3' &&
           packet[8] >= '1' && packet[8] <= '6' && packet[11] == ' ';
}

/* Decoded as libre does, which wraps numbers around at 16 bits. */
static struct sip_msg *decode_answer(const char *packet, size_t len)
{
    struct sip_msg *msg = NULL;
    struct mbuf *mb = mbuf_alloc(len);
    if (mb == NULL) {
        return NULL;
    }
    (void)mbuf_write_mem(mb, (const uint8_t *)packet, len);
    mbuf_set_pos(mb, 0);
    if (sip_msg_decode(&msg, mb) == 0 &&
        (msg->req || pl_strcmp(&msg->cseq.met, "INVITE") != 0)) {
        msg = mem_deref(msg);
    }
    mem_deref(mb);
    return msg;
}

void od__stray_trace(bool tx, enum sip_transp tp, const struct sa *src,
                     const struct sa *dst, const uint8_t *packet, size_t len,
                     void *arg)
{
    od__agent *agent = arg;
    const char *text = (const char *)packet;
    (void)tp;
    (void)src;
    (void)dst;
    if (tx) {
        return;
    }
    /* Over TCP, what kept the connection alive may come before. */
    while (len > 0 && (*text == '\r' || *text == '\n')) {
        text++;
        len--;
    }
    if (len == 0 || (agent->cancelled == 0 && is_plain_response(text, len))) {
        return;
    }
    struct sip_msg *msg = decode_answer(text, len);
    if (msg != NULL) {
        od__call *call = od__session_find(agent, &msg->callid);
        if (call != NULL) {
            od__session_traced(call, msg);
        }
        mem_deref(msg);
    }
}

/* == forks ================================================================ */

static bool write_route(const struct sip_hdr *hdr, const struct sip_msg *msg,
                        void *arg)
{
    (void)msg;
    return mbuf_printf(arg, "Route: %r\r\n", &hdr->val) != 0;
}

/* ACK or BYE within the dialog that a 2xx makes; the last Record-Route is the
 * first hop. */
static void request_in_fork(od__agent *agent, const struct sip_msg *msg,
                            const char *method)
{
    bool ack = strcmp(method, "ACK") == 0;
    const struct sip_hdr *contact = sip_msg_hdr(msg, SIP_HDR_CONTACT);
    struct sip_addr target;
    struct sip_addr hop;
    if (contact == NULL || sip_addr_decode(&target, &contact->val) != 0) {
        return;
    }
    hop = target;
    const struct sip_hdr *last =
        sip_msg_hdr_apply(msg, false, SIP_HDR_RECORD_ROUTE, NULL, NULL);
    if (last != NULL && sip_addr_decode(&hop, &last->val) != 0) {
        return;
    }
    struct mbuf *mb = mbuf_alloc(1024);
    if (mb == NULL) {
        return;
    }
    (void)sip_msg_hdr_apply(msg, false, SIP_HDR_RECORD_ROUTE, write_route, mb);
    int err = mbuf_printf(mb,
                          "Max-Forwards: 70\r\n"
                          "To: %r\r\n"
                          "From: %r\r\n"
                          "Call-ID: %r\r\n"
                          "CSeq: %u %s\r\n"
                          "Content-Length: 0\r\n"
                          "\r\n",
                          &msg->to.val, &msg->from.val, &msg->callid,
                          msg->cseq.num + (ack ? 0 : 1), method);
    if (err == 0) {
        mbuf_set_pos(mb, 0);
        (void)sip_request(NULL, agent->sip, !ack, method, -1, target.auri.p,
                          (int)target.auri.l, &hop.uri, mb, 0, NULL, NULL,
                          NULL);
    }
    mem_deref(mb);
}

static bool on_fork(const struct sip_msg *msg, void *arg)
{
    od__agent *agent = arg;
    if (msg->scode < 200 || msg->scode > 299 ||
        pl_strcmp(&msg->cseq.met, "INVITE") != 0 || !pl_isset(&msg->to.tag)) {
        return false;
    }
    od__call *call = od__session_find(agent, &msg->callid);
    if (call == NULL || !call->answered ||
        sip_dialog_cmp(sipsess_dialog(call->session), msg) ||
        !sip_dialog_cmp_half(sipsess_dialog(call->session), msg)) {
        return false; /* repeated, or of nobody */
    }
    request_in_fork(agent, msg, "ACK");
    uint32_t branch = hash_joaat_pl(&msg->to.tag) | 1;
    if (call->forked != branch) {
        call->forked = branch;
        request_in_fork(agent, msg, "BYE");
    }
    return true;
}

/* == the rest ============================================================= */

static bool on_request(const struct sip_msg *msg, void *arg)
{
    od__agent *agent = arg;
    bool texts = od__config_has_texts(agent->config);
    static const char allow[] = "Allow: %s\r\n"
                                "Content-Length: 0\r\n"
                                "\r\n";
    const char *methods = texts ? OD__ALLOW_TEXTS : OD__ALLOW;
    if (texts && pl_strcmp(&msg->met, "MESSAGE") == 0) {
        od__inbound_receive(agent, msg);
    } else if (pl_strcmp(&msg->met, "OPTIONS") == 0) {
        (void)sip_replyf(agent->sip, msg, 200, "OK", allow, methods);
    } else if (pl_strcmp(&msg->met, "CANCEL") == 0) {
        (void)sip_reply(agent->sip, msg, 481, "Transaction Does Not Exist");
    } else {
        (void)sip_replyf(agent->sip, msg, 405, "Method Not Allowed", allow,
                         methods);
    }
    return true;
}

static bool on_response(const struct sip_msg *msg, void *arg)
{
    (void)msg;
    (void)arg;
    return true;
}

int od__stray_listen(od__agent *agent, bool first)
{
    if (first) {
        return sip_listen(&agent->forks, agent->sip, false, on_fork, agent);
    }
    int err = sip_listen(&agent->requests, agent->sip, true, on_request, agent);
    if (err != 0) {
        return err;
    }
    return sip_listen(&agent->responses, agent->sip, false, on_response, agent);
}
