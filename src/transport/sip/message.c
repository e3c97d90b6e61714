/*
 * message.c - one text that leaves: a MESSAGE and its answer (RFC 3428).
 *
 *   send -> MESSAGE --2xx--> SENT      200: delivered, 202 and others: accepted,
 *                                      or unknown where no receipt was asked for
 *              | `--401, 407--> once more, with credentials
 *              +--3xx to 6xx, no answer, failure--> not sent, or not known
 *
 * libre repeats a request over UDP for 32 s, within its one transaction; there
 * is never a second one but after a challenge, which says that the first was
 * not taken. ENDED is told once, after TEXT_MS at the latest.
 *
 * What is not known must not be called a failure, for that may be tried again
 * and somebody would get the text twice. So these are UNKNOWN: no answer; an
 * error once the request had left; 408 and 504, by which a proxy says that it
 * had no answer from the next one.
 *
 * libre reports an error of TCP only for requests that wait for a connection:
 * they have not left. What is lost with a connection has no answer.
 */
#include "transport/sip/agent.h"
#include "transport/sip/message_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* From the send to the end, whatever happens. libre's 32 s, and some of them
 * once more after a challenge. */
#define TEXT_MS 45000

static od__line *line_of(const od__message *m)
{
    return &m->agent->link->lines[m->slot];
}

static const od__sip_trunk *trunk_of(const od__message *m)
{
    return &m->agent->config->trunks[line_of(m)->send.trunk];
}

/* == end ================================================================== */

static void let_go(od__message *m)
{
    tmr_cancel(&m->timer);
    m->live = false;
    m->request = mem_deref(m->request);
    m->auth = mem_deref(m->auth);
    free(line_of(m)->text);
    line_of(m)->text = NULL;
}

static void end(od__message *m, int32_t status, od_disposition disposition,
                od_err fault)
{
    od__line *line = line_of(m);
    let_go(m);
    line->status = status;
    line->fault = fault;
    line->disposition = (int32_t)disposition;
    if (disposition == OD_DISPOSITION_SENT) {
        line->delivery = status == 200       ? OD_DELIVERY_DELIVERED
                         : trunk_of(m)->imdn ? OD_DELIVERY_ACCEPTED
                                             : OD_DELIVERY_UNKNOWN;
    } else {
        line->network_id[0] = '\0';
    }
    od__link_tell(m->agent->link, m->slot, OD__TELL_ENDED);
}

void od__message_abandon(od__message *m)
{
    if (m->live) {
        let_go(m);
    }
}

/* == answers ============================================================== */

/* A final status, 200 to 699. */
static od_disposition disposition_of(int32_t status)
{
    switch (status) {
    case 404:
    case 410:
    case 484:
    case 604:
        return OD_DISPOSITION_NOT_FOUND;
    case 403:
    case 603:
    case 607:
    case 608:
        return OD_DISPOSITION_DECLINED;
    case 429:
    case 503:
        return OD_DISPOSITION_CONGESTION;
    case 408:
    case 504:
        return OD_DISPOSITION_UNKNOWN;
    default:
        break;
    }
    if (status < 300) {
        return OD_DISPOSITION_SENT;
    }
    return status < 400 ? OD_DISPOSITION_REDIRECTED : OD_DISPOSITION_FAILED;
}

static void note_retry_after(const od__message *m, const struct sip_msg *msg)
{
    const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_RETRY_AFTER);
    line_of(m)->retry_after_s =
        hdr != NULL ? od__retry_after_read(hdr->val.p, hdr->val.l) : 0;
}

/* There is no answer. `err` is libre's errno. */
static void fail(od__message *m, int err)
{
    if (err == ETIMEDOUT) {
        od__trunk_doubt(m->agent, line_of(m)->send.trunk);
    } else if (trunk_of(m)->protocol == OD_SIP_TCP) {
        end(m, 0, OD_DISPOSITION_CONGESTION, OD_ERR_TRANSPORT);
        return;
    }
    end(m, 0, OD_DISPOSITION_UNKNOWN, OD_OK);
}

/* == credentials ========================================================== */

static int on_challenge(char **user, char **password, const char *realm,
                        void *arg)
{
    const od__message *m = arg;
    (void)realm;
    const od__sip_trunk *trunk = trunk_of(m);
    if (trunk->username[0] == '\0') {
        return EAUTH;
    }
    int err = str_dup(user, trunk->username);
    return err != 0 ? err : str_dup(password, trunk->password);
}

typedef struct credentials {
    const od__message *message;
    size_t len;
} credentials;

static bool add_challenge(const struct sip_hdr *hdr, const struct sip_msg *msg,
                          void *arg)
{
    credentials *c = arg;
    char uri[512];
    (void)msg;
    const od__sip_trunk *trunk = trunk_of(c->message);
    od__message_uri(uri, sizeof uri, trunk, line_of(c->message)->send.to);
    c->len += hdr->val.l + OD__MESSAGE_AUTH_BYTES + strlen(uri) +
              strlen(trunk->username);
    return false;
}

/* The most bytes of what answers the challenges of a message. */
static size_t credentials_len(const od__message *m, const struct sip_msg *msg)
{
    credentials c = {.message = m};
    (void)sip_msg_hdr_apply(msg, true, SIP_HDR_WWW_AUTHENTICATE, add_challenge,
                            &c);
    (void)sip_msg_hdr_apply(msg, true, SIP_HDR_PROXY_AUTHENTICATE,
                            add_challenge, &c);
    return c.len;
}

/* Challenges that are answered. The second one says that the first was out of
 * date; libre refuses any other. */
#define CHALLENGES_MAX 2

static bool is_answered(od__message *m, const struct sip_msg *msg)
{
    if ((msg->scode != 401 && msg->scode != 407) ||
        trunk_of(m)->username[0] == '\0' || m->cseq > CHALLENGES_MAX) {
        return false;
    }
    if (m->auth == NULL &&
        sip_auth_alloc(&m->auth, on_challenge, m, false) != 0) {
        return false;
    }
    return sip_auth_authenticate(m->auth, msg) == 0;
}

/* == the request ========================================================== */

static void on_response(int err, const struct sip_msg *msg, void *arg);

/* EMSGSIZE: it is too long for UDP. */
static int request(od__message *m, size_t credentials_bytes)
{
    const od__config *config = m->agent->config;
    const od__sip_trunk *trunk = trunk_of(m);
    const od__line *line = line_of(m);
    char uri[512];
    char hop[384];
    char text[OD__MESSAGE_SIZE];
    struct uri route;
    od_now now;
    od_now_read(&now);
    const od__message_form form = {.trunk = trunk,
                                   .user_agent = config->user_agent,
                                   .send = &line->send,
                                   .text = line->text,
                                   .call_id = line->call_id,
                                   .tag = m->tag,
                                   .cseq = m->cseq,
                                   .utc_ms = now.utc_ms};
    od__writer writer;
    od__writer_init(&writer, text, sizeof text);
    od__message_write(&writer, &form);
    size_t len = od__message_head_len(config, trunk, line->send.to) +
                 credentials_bytes + writer.len;
    if (writer.full ||
        (trunk->protocol == OD_SIP_UDP && len > OD__MESSAGE_UDP_MAX)) {
        return EMSGSIZE;
    }
    int err = od__trunk_hop(&route, hop, sizeof hop, trunk);
    if (err != 0) {
        return err;
    }
    od__message_uri(uri, sizeof uri, trunk, line->send.to);
    return sip_requestf(&m->request, m->agent->sip, true, "MESSAGE", uri,
                        &route, m->auth, NULL, on_response, m, "%s", text);
}

/* A request that did not leave. */
static void not_left(od__message *m, int32_t status, int err)
{
    if (err == EMSGSIZE) {
        end(m, status, OD_DISPOSITION_FAILED, OD_ERR_LIMIT);
    } else {
        end(m, 0, OD_DISPOSITION_CONGESTION,
            err == ENOMEM ? OD_ERR_MEMORY : OD_ERR_TRANSPORT);
    }
}

static void on_response(int err, const struct sip_msg *msg, void *arg)
{
    od__message *m = arg;
    if (err != 0 || msg == NULL) {
        fail(m, err);
        return;
    }
    int32_t status = msg->scode;
    od__trunk_heard(m->agent, line_of(m)->send.trunk, status);
    if (status < 200) {
        return;
    }
    if (is_answered(m, msg)) {
        m->cseq++;
        err = request(m, credentials_len(m, msg));
        if (err != 0) {
            not_left(m, status, err);
        }
        return;
    }
    if (status > 699) {
        end(m, 0, OD_DISPOSITION_UNKNOWN, OD_OK); /* whatever that means */
        return;
    }
    if (status >= 300) {
        note_retry_after(m, msg);
    }
    end(m, status, disposition_of(status), OD_OK);
}

static void on_late(void *arg)
{
    end(arg, 0, OD_DISPOSITION_UNKNOWN, OD_OK);
}

/* As long without an answer as a call may be: is the trunk there? */
static void on_impatience(void *arg)
{
    od__message *m = arg;
    uint64_t gone_ms = (uint64_t)m->agent->config->trying_ms;
    od__trunk_doubt(m->agent, line_of(m)->send.trunk);
    tmr_start(&m->timer, TEXT_MS - gone_ms, on_late, m);
}

void od__message_send(od__message *m)
{
    od__line *line = line_of(m);
    m->live = true;
    m->cseq = 1;
    (void)snprintf(m->tag, sizeof m->tag, "%016" PRIx64, rand_u64());
    (void)snprintf(line->call_id, sizeof line->call_id,
                   "%016" PRIx64 "%016" PRIx64, rand_u64(), rand_u64());
    if (trunk_of(m)->imdn) {
        od__message_id(line->network_id, trunk_of(m), line->call_id);
    } else {
        od__text_copy(line->network_id, sizeof line->network_id, line->call_id);
    }
    line->delivery = OD_DELIVERY_NONE;
    line->retry_after_s = 0;
    line->had_media = false;
    tmr_start(&m->timer, (uint64_t)m->agent->config->trying_ms, on_impatience,
              m);
    int err = request(m, 0);
    if (err != 0) {
        line->call_id[0] = '\0';
        not_left(m, 0, err);
    }
}
