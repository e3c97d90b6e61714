/*
 * trunk.c - the health of each trunk, by OPTIONS (RFC 3261, 11).
 *
 * One request is under way at a time. Any answer says that the trunk is up,
 * whatever its status; so does any answer to an INVITE. No answer in trying_ms
 * says that it is down; the request is repeated by libre for up to 32 s, so a
 * trunk that comes back is seen within four seconds.
 *
 *   wait 30 s --> OPTIONS --answer--> up ----> wait 30 s
 *                    |                            ^
 *                 trying_ms --> down --answer--> up
 *                                |
 *                             timeout --> wait 2 s --> OPTIONS
 */
#include "transport/sip/agent.h"

#include <inttypes.h>

#define WAIT_UP_MS 30000
#define WAIT_DOWN_MS 2000

static void probe_now(void *arg);

void od__trunk_uri(char *out, size_t out_size, const od__sip_trunk *trunk,
                   const char *user)
{
    (void)snprintf(out, out_size, "sip:%s%s%s:%d%s", user,
                   user[0] != '\0' ? "@" : "", trunk->host, trunk->port,
                   trunk->protocol == OD_SIP_TCP ? ";transport=tcp" : "");
}

void od__trunk_heard(od__agent *agent, int32_t trunk, int32_t status)
{
    od__link_trunk_set(agent->link, (size_t)trunk, true, status);
}

void od__trunk_doubt(od__agent *agent, int32_t trunk)
{
    od__probe *probe = &agent->probes[trunk];
    if (probe->request == NULL) {
        probe_now(probe);
    }
}

static void on_impatience(void *arg)
{
    od__probe *probe = arg;
    od__link_trunk_set(probe->agent->link, probe->trunk, false, 0);
}

static void on_response(int err, const struct sip_msg *msg, void *arg)
{
    od__probe *probe = arg;
    if (err == 0 && msg != NULL) {
        od__link_trunk_set(probe->agent->link, probe->trunk, true, msg->scode);
        if (msg->scode >= 200) {
            tmr_start(&probe->timer, WAIT_UP_MS, probe_now, probe);
        }
        return;
    }
    od__link_trunk_set(probe->agent->link, probe->trunk, false, 0);
    tmr_start(&probe->timer, WAIT_DOWN_MS, probe_now, probe);
}

/* libre wants a Contact of the address it sends from. */
static int on_send(enum sip_transp protocol, const struct sa *src,
                   const struct sa *dst, struct mbuf *mb, void *arg)
{
    struct sip_contact contact;
    (void)dst;
    (void)arg;
    sip_contact_set(&contact, "outdial", src, protocol);
    return mbuf_printf(mb, "%H", sip_contact_print, &contact);
}

int od__trunk_hop(struct uri *out, char *text, size_t text_size,
                  const od__sip_trunk *trunk)
{
    struct pl target;
    if (trunk->route[0] != '\0') {
        od__text_copy(text, text_size, trunk->route);
    } else {
        od__trunk_uri(text, text_size, trunk, "");
    }
    pl_set_str(&target, text);
    return uri_decode(out, &target);
}

static int send_options(od__probe *probe)
{
    const od__sip_trunk *trunk = &probe->agent->config->trunks[probe->trunk];
    char uri[384];
    char hop[384];
    struct uri route;
    od__trunk_uri(uri, sizeof uri, trunk, "");
    int err = od__trunk_hop(&route, hop, sizeof hop, trunk);
    if (err != 0) {
        return err;
    }
    return sip_requestf(&probe->request, probe->agent->sip, true, "OPTIONS",
                        uri, &route, NULL, on_send, on_response, probe,
                        "To: <%s>\r\n"
                        "From: <sip:outdial@%s>;tag=%016llx\r\n"
                        "Call-ID: %016llx\r\n"
                        "CSeq: %u OPTIONS\r\n"
                        "User-Agent: %s\r\n"
                        "Accept: application/sdp\r\n"
                        "Content-Length: 0\r\n"
                        "\r\n",
                        uri, trunk->from_host, rand_u64(), rand_u64(),
                        ++probe->sequence, probe->agent->config->user_agent);
}

static void probe_now(void *arg)
{
    od__probe *probe = arg;
    if (send_options(probe) == 0) {
        tmr_start(&probe->timer, (uint64_t)probe->agent->config->trying_ms,
                  on_impatience, probe);
    } else {
        od__link_trunk_set(probe->agent->link, probe->trunk, false, 0);
        tmr_start(&probe->timer, WAIT_DOWN_MS, probe_now, probe);
    }
}

void od__trunk_begin(od__agent *agent)
{
    for (size_t i = 0; i < agent->config->trunks_len; i++) {
        od__probe *probe = &agent->probes[i];
        probe->agent = agent;
        probe->trunk = i;
        probe_now(probe);
    }
}

void od__trunk_stop(od__agent *agent)
{
    for (size_t i = 0; i < OD_TRUNKS_MAX; i++) {
        tmr_cancel(&agent->probes[i].timer);
        agent->probes[i].request = mem_deref(agent->probes[i].request);
    }
}
