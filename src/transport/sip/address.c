/*
 * address.c - the addresses that the options of the SIP transport stand for.
 *
 * Hosts that are numbers need no DNS. A host that is a name is looked up once,
 * when the transport starts: it stays in the URIs, and a route with its address
 * is put in front. Called by sip.c, before there is an agent.
 */
#include "transport/sip/sip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <unistd.h>

bool od__address_parse(od__address *out, const char *text)
{
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1) {
        out->any.sa_family = AF_INET;
        return true;
    }
    if (inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1) {
        out->any.sa_family = AF_INET6;
        return true;
    }
    return false;
}

bool od__address_same_host(const od__address *a, const struct sockaddr *b)
{
    od__address other;
    if (a->any.sa_family != b->sa_family) {
        return false;
    }
    if (b->sa_family == AF_INET6) {
        memcpy(&other.v6, b, sizeof other.v6);
        return memcmp(&a->v6.sin6_addr, &other.v6.sin6_addr,
                      sizeof other.v6.sin6_addr) == 0;
    }
    memcpy(&other.v4, b, sizeof other.v4);
    return b->sa_family == AF_INET &&
           a->v4.sin_addr.s_addr == other.v4.sin_addr.s_addr;
}

static socklen_t address_len(const od__address *address)
{
    return address->any.sa_family == AF_INET6 ? sizeof address->v6
                                              : sizeof address->v4;
}

/* The text of an address, "[...]" for IPv6 if it is for a URI. */
static void print_address(char *out, size_t out_size,
                          const od__address *address, bool uri)
{
    char text[INET6_ADDRSTRLEN] = "";
    if (address->any.sa_family == AF_INET6) {
        (void)inet_ntop(AF_INET6, &address->v6.sin6_addr, text, sizeof text);
        (void)snprintf(out, out_size, uri ? "[%s]" : "%s", text);
    } else {
        (void)inet_ntop(AF_INET, &address->v4.sin_addr, text, sizeof text);
        (void)snprintf(out, out_size, "%s", text);
    }
}

static bool is_numeric(const od__sip_trunk *trunk)
{
    od__address ignored;
    return trunk->host[0] == '[' || od__address_parse(&ignored, trunk->host);
}

/* `family` AF_UNSPEC: any. */
static od_err resolve_trunk(od__sip_trunk *trunk, int family, od_errmsg *errmsg)
{
    char host[sizeof trunk->host];
    char port[16];
    bool bracketed = trunk->host[0] == '[';
    od__text_copy(host, sizeof host, trunk->host + (bracketed ? 1 : 0));
    if (bracketed) {
        host[strlen(host) - 1] = '\0';
    }
    (void)snprintf(port, sizeof port, "%d", trunk->port);

    struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_DGRAM};
    hints.ai_flags = AI_NUMERICSERV;
    if (is_numeric(trunk)) {
        hints.ai_flags |= AI_NUMERICHOST;
    }
    struct addrinfo *found = NULL;
    int wrong = getaddrinfo(host, port, &hints, &found);
    if (wrong != 0) {
        return od__fail(errmsg, OD_ERR_TRANSPORT,
                        "host %s of trunk %s has no address we can use: %s",
                        trunk->host, trunk->name, gai_strerror(wrong));
    }
    memset(&trunk->address, 0, sizeof trunk->address);
    memcpy(&trunk->address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);

    trunk->route[0] = '\0';
    if (!is_numeric(trunk)) {
        char address[64];
        print_address(address, sizeof address, &trunk->address, true);
        (void)snprintf(trunk->route, sizeof trunk->route, "sip:%s:%d%s",
                       address, trunk->port,
                       trunk->protocol == OD_SIP_TCP ? ";transport=tcp" : "");
    }
    return OD_OK;
}

/* Our address on the way to the first trunk. */
static od_err find_local(od__config *config, od_errmsg *errmsg)
{
    const od__address *to = &config->trunks[0].address;
    od__address from;
    socklen_t from_len = sizeof from;
    int fd = socket(to->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool found = fd >= 0 && connect(fd, &to->any, address_len(to)) == 0 &&
                 getsockname(fd, &from.any, &from_len) == 0;
    int wrong = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (!found) {
        return od__fail(errmsg, OD_ERR_TRANSPORT, "no way to trunk %s: %s",
                        config->trunks[0].name, strerror(wrong));
    }
    print_address(config->address, sizeof config->address, &from, false);
    return OD_OK;
}

od_err od__address_resolve(od__config *config, od_errmsg *errmsg)
{
    od__address local;
    int family = AF_UNSPEC;
    if (config->address[0] != '\0' &&
        od__address_parse(&local, config->address)) {
        family = local.any.sa_family;
    }
    for (size_t i = 0; i < config->trunks_len; i++) {
        od_err err = resolve_trunk(&config->trunks[i], family, errmsg);
        if (err != OD_OK) {
            return err;
        }
        family = config->trunks[i].address.any.sa_family;
    }
    return config->address[0] == '\0' ? find_local(config, errmsg) : OD_OK;
}
