/*
 * inbound.c - texts and receipts that come in, as MESSAGE of a trunk.
 *
 *   text/plain, also in message/cpim   -> a reply
 *   message/imdn+xml, also in that     -> a receipt, or nothing to tell
 *   anything else                      -> 415
 *
 * A trunk is known by its address; who is none is refused. What is to be stored
 * gets a place among the arrivals and goes to the engine, and its transaction
 * stays open: the 200 says that it is stored, a 503 that it is not and that the
 * network shall try again. libre passes over what is repeated meanwhile, and
 * after the 200 repeats that for 32 s; it never ends such a transaction itself.
 *
 *   receive -> guest, arrival --received--> answer --> spare
 *
 * Everything else is answered without a transaction: to say it again does no
 * harm. A 503 must leave none behind, for libre takes the same request by
 * another way, which is how a proxy tries again, for a loop (482) as long as
 * there is one.
 *
 * Source: RFC 3428, 7; RFC 5438, 7.2; RFC 3261, 8.2.3 and 18.3.
 */
#include "transport/sip/agent.h"
#include "transport/sip/message_parts.h"

#include <stdlib.h>

/* Transactions that libre may keep to repeat answers, with their requests of at
 * most 8 kB. */
#define KEPT_MAX 16384

#define ACCEPT                                                                 \
    "Accept: text/plain, message/cpim, message/imdn+xml\r\n"                   \
    "Accept-Encoding: identity\r\n"                                            \
    "Content-Length: 0\r\n\r\n"
#define RETRY                                                                  \
    "Retry-After: 5\r\n"                                                       \
    "Content-Length: 0\r\n\r\n"

/* What is to be done with a MESSAGE, besides final statuses. */
#define HAND_ON 0

/* == places =============================================================== */

void od__inbound_begin(od__agent *agent)
{
    od__inbound *in = &agent->inbound;
    in->spare_len = OD__ARRIVALS_MAX;
    for (uint32_t i = 0; i < OD__ARRIVALS_MAX; i++) {
        in->spare[i] = OD__ARRIVALS_MAX - 1 - i;
    }
}

void od__inbound_abandon(od__agent *agent)
{
    od__inbound *in = &agent->inbound;
    tmr_cancel(&in->second);
    for (uint32_t i = 0; i < OD__ARRIVALS_MAX; i++) {
        in->guests[i].transaction = mem_deref(in->guests[i].transaction);
        in->guests[i].msg = mem_deref(in->guests[i].msg);
    }
}

static void on_second(void *arg)
{
    od__inbound *in = arg;
    in->answered_now = (in->answered_now + 1) % OD__LINGER_S;
    in->kept -= in->answered[in->answered_now];
    in->answered[in->answered_now] = 0;
    if (in->kept > 0) {
        tmr_start(&in->second, 1000, on_second, in);
    }
}

/* libre keeps a transaction from now on. */
static void count_kept(od__inbound *in)
{
    in->kept++;
    in->answered[in->answered_now]++;
    if (!tmr_isrunning(&in->second)) {
        tmr_start(&in->second, 1000, on_second, in);
    }
}

/* == whose it is ========================================================== */

static int32_t best_trunk(const od__agent *agent, const struct sip_msg *msg,
                          const char *message_id)
{
    int32_t found = -1;
    int best = 0;
    for (size_t i = 0; i < agent->config->trunks_len; i++) {
        const od__sip_trunk *trunk = &agent->config->trunks[i];
        if (!od__address_same_host(&trunk->address, &msg->src.u.sa)) {
            continue;
        }
        int score = 1;
        score += sa_port(&msg->src) == trunk->port ? 1 : 0;
        score += trunk->texts_max > 0 ? 2 : 0;
        score += message_id != NULL && od__message_id_is_of(message_id, trunk)
                     ? 4
                     : 0;
        if (score > best) {
            best = score;
            found = (int32_t)i;
        }
    }
    return found;
}

/* The asserted identity, if From is no number. */
static bool find_asserted(const struct sip_hdr *hdr, const struct sip_msg *msg,
                          void *arg)
{
    uint64_t *number = arg;
    (void)msg;
    *number = od__number_find(hdr->val.p, hdr->val.l);
    return *number != 0;
}

static uint64_t sender_of(const struct sip_msg *msg)
{
    uint64_t number =
        od__number_read(msg->from.uri.user.p, msg->from.uri.user.l);
    if (number == 0) {
        (void)sip_msg_hdr_apply(msg, true, SIP_HDR_P_ASSERTED_IDENTITY,
                                find_asserted, &number);
    }
    return number;
}

static uint64_t recipient_of(const struct sip_msg *msg)
{
    uint64_t number = od__number_read(msg->uri.user.p, msg->uri.user.l);
    return number != 0
               ? number
               : od__number_read(msg->to.uri.user.p, msg->to.uri.user.l);
}

/* == what it is =========================================================== */

/* The body as long as it says it is. False: there is less of it. */
static bool body_of(const struct sip_msg *msg, od__span *out)
{
    size_t len = mbuf_get_left(msg->mb);
    if (pl_isset(&msg->clen)) {
        uint32_t said = pl_u32(&msg->clen);
        if (said > len) {
            return false;
        }
        len = said;
    }
    *out = (od__span){(const char *)mbuf_buf(msg->mb), len};
    return true;
}

/* A copy in UTF-8: every byte that is none becomes '?'. NULL: no memory. */
static char *copy_text(od__span text)
{
    char *out = malloc(text.len + 1);
    size_t at = 0;
    while (out != NULL && at < text.len) {
        size_t step = 1;
        while (step <= 4 && step <= text.len - at &&
               !od__utf8_is_valid(text.at + at, step)) {
            step++;
        }
        if (step <= 4 && step <= text.len - at) {
            memcpy(out + at, text.at + at, step);
        } else {
            out[at] = '?';
            step = 1;
        }
        at += step;
    }
    if (out != NULL) {
        out[at] = '\0';
    }
    return out;
}

static int read_reply(od__arrival *out, const struct sip_msg *msg,
                      od__span text)
{
    out->from = sender_of(msg);
    out->to = recipient_of(msg);
    if (text.len > OD_MESSAGE_MAX) {
        return 413;
    }
    if (out->from == 0) {
        return 200; /* nobody to answer, nothing to list */
    }
    out->text = copy_text(text);
    if (msg->callid.l < sizeof out->network_id) {
        memcpy(out->network_id, msg->callid.p, msg->callid.l);
    }
    return out->text != NULL ? HAND_ON : 503;
}

static int read_receipt(od__arrival *out, od__span body)
{
    od__imdn imdn;
    if (!od__imdn_read(&imdn, body)) {
        return 400;
    }
    if (imdn.kind == OD__IMDN_OTHER) {
        return 200;
    }
    out->is_receipt = true;
    bool delivered = imdn.kind == OD__IMDN_DELIVERED;
    out->delivery = delivered ? OD_DELIVERY_DELIVERED : OD_DELIVERY_FAILED;
    out->disposition =
        delivered ? OD_DISPOSITION_NONE : OD_DISPOSITION_UNDELIVERED;
    od__text_copy(out->network_id, sizeof out->network_id, imdn.message_id);
    od__text_copy(out->network_code, sizeof out->network_code, imdn.status);
    return HAND_ON;
}

static bool is_other_encoding(const struct sip_hdr *hdr,
                              const struct sip_msg *msg, void *arg)
{
    (void)msg;
    (void)arg;
    return hdr->val.l > 0 && pl_strcasecmp(&hdr->val, "identity") != 0;
}

/* Fill an arrival that is all zero. HAND_ON, or the status to answer with. */
static int read_message(od__arrival *out, const struct sip_msg *msg)
{
    od__span body;
    od__media_type type;
    od__cpim cpim;
    const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_CONTENT_TYPE);
    if (!body_of(msg, &body)) {
        return 400;
    }
    if (hdr == NULL ||
        !od__media_type_read(&type, (od__span){hdr->val.p, hdr->val.l}) ||
        sip_msg_hdr_apply(msg, true, SIP_HDR_CONTENT_ENCODING,
                          is_other_encoding, NULL) != NULL) {
        return 415;
    }
    if (strcmp(type.name, "message/cpim") == 0) {
        if (!od__cpim_read(&cpim, body)) {
            return 400;
        }
        if (cpim.is_encoded) {
            return 415;
        }
        type = cpim.type;
        body = cpim.content;
    }
    if (strcmp(type.name, "message/imdn+xml") == 0) {
        return read_receipt(out, body);
    }
    return od__media_type_is_text(&type) ? read_reply(out, msg, body) : 415;
}

/* == answers ============================================================== */

static void refuse(const od__agent *agent, const struct sip_msg *msg,
                   int status)
{
    switch (status) {
    case 200:
        (void)sip_reply(agent->sip, msg, 200, "OK");
        break;
    case 400:
        (void)sip_reply(agent->sip, msg, 400, "Bad Request");
        break;
    case 403:
        (void)sip_reply(agent->sip, msg, 403, "Forbidden");
        break;
    case 405:
        (void)sip_replyf(agent->sip, msg, 405, "Method Not Allowed",
                         "Allow: " OD__ALLOW "\r\n"
                         "Content-Length: 0\r\n\r\n");
        break;
    case 413:
        (void)sip_reply(agent->sip, msg, 413, "Request Entity Too Large");
        break;
    case 415:
        (void)sip_replyf(agent->sip, msg, 415, "Unsupported Media Type",
                         ACCEPT);
        break;
    default:
        (void)sip_replyf(agent->sip, msg, 503, "Service Unavailable", RETRY);
        break;
    }
}

/* The transaction stays open. False: out of memory. */
static bool hand_on(od__agent *agent, const struct sip_msg *msg,
                    const od__arrival *from)
{
    od__inbound *in = &agent->inbound;
    uint32_t number = in->spare[in->spare_len - 1];
    od__guest *guest = &in->guests[number];
    if (sip_strans_alloc(&guest->transaction, agent->sip, msg, NULL, NULL) !=
        0) {
        return false;
    }
    guest->msg = mem_ref((void *)(uintptr_t)msg);
    in->spare_len--;
    agent->link->arrivals[number] = *from;
    od__link_arrive(agent->link, number);
    return true;
}

/* Without these there is no telling one transaction from another. */
static bool is_whole(const struct sip_msg *msg)
{
    return pl_isset(&msg->via.branch) && pl_isset(&msg->callid) &&
           pl_isset(&msg->from.auri) && pl_isset(&msg->to.auri) &&
           pl_strcmp(&msg->cseq.met, "MESSAGE") == 0;
}

void od__inbound_receive(od__agent *agent, const struct sip_msg *msg)
{
    od__arrival arrival;
    memset(&arrival, 0, sizeof arrival);
    int32_t trunk = best_trunk(agent, msg, NULL);
    if (trunk < 0 || agent->config->trunks[trunk].texts_max == 0) {
        refuse(agent, msg, trunk < 0 ? 403 : 405);
        return;
    }
    od__trunk_heard(agent, trunk, 0);
    if (!is_whole(msg)) {
        refuse(agent, msg, 400);
        return;
    }
    int status = read_message(&arrival, msg);
    if (status == HAND_ON) {
        arrival.trunk = trunk;
        if (arrival.is_receipt) {
            arrival.trunk = best_trunk(agent, msg, arrival.network_id);
        }
        if (agent->inbound.spare_len > 0 && agent->inbound.kept < KEPT_MAX &&
            hand_on(agent, msg, &arrival)) {
            return;
        }
        free(arrival.text);
        status = 503;
    }
    refuse(agent, msg, status);
}

void od__inbound_answer(od__agent *agent, uint32_t number)
{
    od__inbound *in = &agent->inbound;
    od__guest *guest = &in->guests[number];
    od__arrival *arrival = &agent->link->arrivals[number];
    if (arrival->answer == OD_OK) {
        if (guest->msg->tp == SIP_TRANSP_UDP) {
            count_kept(in);
        }
        /* libre lets the transaction go, also if this cannot be sent. */
        (void)sip_treply(&guest->transaction, agent->sip, guest->msg, 200,
                         "OK");
    } else {
        guest->transaction = mem_deref(guest->transaction);
        refuse(agent, guest->msg, 503);
    }
    guest->msg = mem_deref(guest->msg);
    free(arrival->text);
    arrival->text = NULL;
    in->spare[in->spare_len++] = number;
}
