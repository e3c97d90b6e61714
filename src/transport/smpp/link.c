/*
 * link.c - the socket to an SMSC, and TLS on it.
 *
 *   open: resolve, connect --> TCP --> [TLS handshake --> TLS] --> OPEN
 *
 * Nothing blocks but the resolver. A host with several addresses is tried at
 * another one each time. TLS checks the chain and the host's name, by
 * ca_file or what the system trusts; a certificate that fails fails the
 * connection. The thread blocks SIGPIPE, so that TLS may write to a socket that
 * the peer has closed.
 */
#include "transport/smpp/agent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Most bytes of one write: a record of TLS. */
#define WRITE_MAX 16384

/* == begin and end ======================================================== */

static od_err make_tls(od__smpp_link *link, od_errmsg *errmsg)
{
    link->tls = SSL_CTX_new(TLS_client_method());
    if (link->tls == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for TLS");
    }
    (void)SSL_CTX_set_min_proto_version(link->tls, TLS1_2_VERSION);
    SSL_CTX_set_verify(link->tls, SSL_VERIFY_PEER, NULL);
    (void)SSL_CTX_set_options(link->tls, SSL_OP_NO_RENEGOTIATION);
    (void)SSL_CTX_set_mode(link->tls, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                          SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    const char *ca_file = link->trunk->ca_file;
    int done = ca_file[0] != '\0'
                   ? SSL_CTX_load_verify_locations(link->tls, ca_file, NULL)
                   : SSL_CTX_set_default_verify_paths(link->tls);
    ERR_clear_error();
    if (done != 1) {
        SSL_CTX_free(link->tls);
        link->tls = NULL;
        return od__fail(errmsg, OD_ERR_INVALID,
                        "%s holds no certificates in PEM", ca_file);
    }
    return OD_OK;
}

od_err od__smpp_link_init(od__smpp_link *link, const od__smpp_trunk *trunk,
                          od_errmsg *errmsg)
{
    memset(link, 0, sizeof *link);
    link->trunk = trunk;
    link->fd = -1;
    return trunk->tls ? make_tls(link, errmsg) : OD_OK;
}

void od__smpp_link_clear(od__smpp_link *link)
{
    od__smpp_link_close(link);
    SSL_CTX_free(link->tls);
    link->tls = NULL;
}

void od__smpp_link_close(od__smpp_link *link)
{
    SSL_free(link->session);
    link->session = NULL;
    if (link->fd >= 0) {
        (void)close(link->fd);
        link->fd = -1;
    }
    link->phase = OD__SMPP_LINK_CLOSED;
    link->wants_write = false;
}

static bool fail(od__smpp_link *link, const char *what, const char *why)
{
    (void)snprintf(link->why, sizeof link->why, "%s: %s", what, why);
    return false;
}

/* == TCP ================================================================== */

static bool begin_connect(od__smpp_link *link, const struct addrinfo *to)
{
    link->fd =
        socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (link->fd < 0) {
        return fail(link, "no socket", strerror(errno));
    }
    const int one = 1;
    (void)setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    link->phase = OD__SMPP_LINK_TCP;
    if (connect(link->fd, to->ai_addr, to->ai_addrlen) != 0 &&
        errno != EINPROGRESS) {
        return fail(link, "cannot connect", strerror(errno));
    }
    return true;
}

/* Begin with another address each time; one that fails at once is passed over.
 */
static bool try_addresses(od__smpp_link *link, const struct addrinfo *list)
{
    unsigned len = 0;
    for (const struct addrinfo *at = list; at != NULL; at = at->ai_next) {
        len++;
    }
    for (unsigned i = 0; i < len; i++) {
        const struct addrinfo *to = list;
        for (unsigned skip = link->tries++ % len; skip > 0; skip--) {
            to = to->ai_next;
        }
        if (begin_connect(link, to)) {
            return true;
        }
        od__smpp_link_close(link);
    }
    return false;
}

bool od__smpp_link_open(od__smpp_link *link)
{
    struct addrinfo hints;
    struct addrinfo *list = NULL;
    char port[8];
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    (void)snprintf(port, sizeof port, "%d", (int)link->trunk->port);
    int result = getaddrinfo(link->trunk->host, port, &hints, &list);
    if (result != 0 || list == NULL) {
        return fail(link, "cannot find the host",
                    result != 0 ? gai_strerror(result) : "no address");
    }
    bool begun = try_addresses(link, list);
    freeaddrinfo(list);
    return begun;
}

/* == TLS ================================================================== */

static const char *tls_why(const od__smpp_link *link)
{
    long verdict = SSL_get_verify_result(link->session);
    if (verdict != X509_V_OK) {
        return X509_verify_cert_error_string(verdict);
    }
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason != NULL ? reason : "the SMSC closed the connection";
}

static bool begin_tls(od__smpp_link *link)
{
    const char *host = link->trunk->host;
    struct in6_addr address;
    link->session = SSL_new(link->tls);
    if (link->session == NULL || SSL_set_fd(link->session, link->fd) != 1) {
        return fail(link, "TLS", "no memory");
    }
    int done;
    if (inet_pton(AF_INET, host, &address) == 1 ||
        inet_pton(AF_INET6, host, &address) == 1) {
        done =
            X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(link->session), host);
    } else {
        done = SSL_set1_host(link->session, host) == 1 &&
               SSL_set_tlsext_host_name(link->session, host) == 1;
    }
    link->phase = OD__SMPP_LINK_TLS;
    return done == 1 || fail(link, "TLS", "the host's name cannot be checked");
}

/* What became of a call of TLS: 0 means to wait, OD_NONE that it failed. */
static int32_t tls_result(od__smpp_link *link, int result)
{
    int error = SSL_get_error(link->session, result);
    link->wants_write = error == SSL_ERROR_WANT_WRITE;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
        return 0;
    }
    (void)fail(link, "TLS", tls_why(link));
    return OD_NONE;
}

bool od__smpp_link_advance(od__smpp_link *link)
{
    if (link->phase == OD__SMPP_LINK_TCP) {
        struct pollfd fd = {.fd = link->fd, .events = POLLOUT};
        int error = 0;
        socklen_t len = sizeof error;
        if (poll(&fd, 1, 0) == 0) {
            return true;
        }
        (void)getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &len);
        if (error != 0) {
            return fail(link, "cannot connect", strerror(error));
        }
        link->phase = OD__SMPP_LINK_OPEN;
        if (link->tls != NULL && !begin_tls(link)) {
            return false;
        }
    }
    if (link->phase == OD__SMPP_LINK_TLS) {
        ERR_clear_error();
        int result = SSL_connect(link->session);
        if (result == 1) {
            link->wants_write = false;
            link->phase = OD__SMPP_LINK_OPEN;
            return true;
        }
        return tls_result(link, result) == 0;
    }
    return true;
}

/* == bytes ================================================================ */

short od__smpp_link_events(const od__smpp_link *link)
{
    if (link->phase == OD__SMPP_LINK_TCP) {
        return POLLOUT;
    }
    return (short)(POLLIN | (link->wants_write ? POLLOUT : 0));
}

/* The same for both directions of a plain socket. */
static int32_t plain_result(od__smpp_link *link, ssize_t result)
{
    if (result > 0) {
        return (int32_t)result;
    }
    if (result == 0) {
        (void)fail(link, "lost", "the SMSC closed the connection");
        return OD_NONE;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
        return 0;
    }
    (void)fail(link, "lost", strerror(errno));
    return OD_NONE;
}

int32_t od__smpp_link_read(od__smpp_link *link, uint8_t *out, size_t room)
{
    if (link->session == NULL) {
        return plain_result(link, recv(link->fd, out, room, 0));
    }
    ERR_clear_error();
    int result = SSL_read(link->session, out, (int)room);
    return result > 0 ? result : tls_result(link, result);
}

int32_t od__smpp_link_write(od__smpp_link *link, const uint8_t *bytes,
                            size_t len)
{
    len = len < WRITE_MAX ? len : WRITE_MAX;
    if (link->session == NULL) {
        return plain_result(link, send(link->fd, bytes, len, MSG_NOSIGNAL));
    }
    ERR_clear_error();
    int result = SSL_write(link->session, bytes, (int)len);
    return result > 0 ? result : tls_result(link, result);
}
