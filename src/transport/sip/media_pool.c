/*
 * media_pool.c - the sockets: bound once at the start, lent to calls.
 *
 * The port of a call has to be known before its INVITE, so sockets are bound
 * before there are calls. One that comes back goes to the end of the line: the
 * more there are than calls, the longer a port rests, and the fewer packets of
 * an old call reach a new one.
 *
 * An idle socket takes packets from anybody. They are thrown away when a call
 * begins to listen; the receive buffer is so small that OD__MEDIA_WAITING_MAX
 * packets are more than it ever holds.
 *
 * take and give belong to the agent thread, listen and connect to the media
 * thread that has the socket.
 */
#include "transport/sip/media_parts.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <unistd.h>

/* The kernel doubles it, and counts at least 512 bytes for each packet. */
#define RECEIVE_BYTES 16384
static_assert(2 * RECEIVE_BYTES / 512 <= OD__MEDIA_WAITING_MAX,
              "more packets may wait");

/* == opening ============================================================== */

static void port_set(struct sockaddr_storage *address, uint16_t port)
{
    if (address->ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
    } else {
        ((struct sockaddr_in *)address)->sin_port = htons(port);
    }
}

static od_err address_read(const char *text, struct sockaddr_storage *out,
                           socklen_t *len, od_errmsg *errmsg)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_PASSIVE,
                             .ai_socktype = SOCK_DGRAM};
    struct addrinfo *found = NULL;
    int err = getaddrinfo(text, NULL, &hints, &found);
    if (err != 0) {
        return od__fail(errmsg, OD_ERR_TRANSPORT,
                        "'%s' is not an ip address for rtp", text);
    }
    memset(out, 0, sizeof *out);
    memcpy(out, found->ai_addr, found->ai_addrlen);
    *len = found->ai_addrlen;
    freeaddrinfo(found);
    return OD_OK;
}

/* A descriptor, or -1 with errno. */
static int socket_bind(const struct sockaddr_storage *address, socklen_t len)
{
    int fd = socket(address->ss_family,
                    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    int bytes = RECEIVE_BYTES;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    if (bind(fd, (const struct sockaddr *)address, len) != 0) {
        int error = errno;
        (void)close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* Bind even ports until sockets_max are there or the range ends. */
static od_err bind_range(od__media_pool *pool, const od__media_options *options,
                         uint32_t sockets_max, od_errmsg *errmsg)
{
    struct sockaddr_storage address;
    socklen_t len = 0;
    od_err err = address_read(options->address, &address, &len, errmsg);
    if (err != OD_OK) {
        return err;
    }
    int32_t port = options->port_min + (options->port_min & 1);
    for (; port <= options->port_max && pool->len < sockets_max; port += 2) {
        port_set(&address, (uint16_t)port);
        int fd = socket_bind(&address, len);
        if (fd >= 0) {
            pool->sockets[pool->len++] =
                (od__media_socket){.fd = fd, .port = (uint16_t)port};
        } else if (errno == EMFILE || errno == ENFILE) {
            return od__fail(errmsg, OD_ERR_TRANSPORT,
                            "the limit of open files is below the %u that rtp"
                            " needs", sockets_max);
        } else if (errno != EADDRINUSE && errno != EACCES) {
            return od__fail(errmsg, OD_ERR_TRANSPORT,
                            "rtp cannot use %s port %d: %s", options->address,
                            (int)port, strerror(errno));
        }
    }
    if (pool->len == 0) {
        return od__fail(errmsg, OD_ERR_TRANSPORT,
                        "no rtp port from %d to %d is free",
                        (int)options->port_min, (int)options->port_max);
    }
    return OD_OK;
}

od_err od__media_pool_init(od__media_pool *pool,
                           const od__media_options *options,
                           uint32_t sockets_max, od_errmsg *errmsg)
{
    *pool = (od__media_pool){0};
    pool->sockets = calloc(sockets_max, sizeof *pool->sockets);
    pool->idle = calloc(sockets_max, sizeof *pool->idle);
    od_err err = OD_OK;
    if (pool->sockets == NULL || pool->idle == NULL) {
        err = od__fail(errmsg, OD_ERR_MEMORY, "out of memory");
    } else {
        err = bind_range(pool, options, sockets_max, errmsg);
    }
    if (err != OD_OK) {
        od__media_pool_close(pool);
        return err;
    }
    for (uint32_t i = 0; i < pool->len; i++) {
        od__media_pool_give(pool, i);
    }
    return OD_OK;
}

void od__media_pool_close(od__media_pool *pool)
{
    for (uint32_t i = 0; i < pool->len; i++) {
        (void)close(pool->sockets[i].fd);
    }
    free(pool->sockets);
    free(pool->idle);
    *pool = (od__media_pool){0};
}

/* == lending ============================================================== */

bool od__media_pool_take(od__media_pool *pool, uint32_t *out)
{
    if (pool->idle_len == 0) {
        return false;
    }
    *out = pool->idle[pool->idle_first];
    pool->idle_first = (pool->idle_first + 1) % pool->len;
    pool->idle_len--;
    return true;
}

void od__media_pool_give(od__media_pool *pool, uint32_t socket)
{
    assert(socket < pool->len && pool->idle_len < pool->len);
    pool->idle[(pool->idle_first + pool->idle_len) % pool->len] = socket;
    pool->idle_len++;
}

/* == one socket =========================================================== */

void od__media_socket_listen(int fd)
{
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    (void)connect(fd, &nobody, sizeof nobody);
    /* Throw away what waits; errors that wait count as packets. */
    for (int i = 0; i < OD__MEDIA_WAITING_MAX; i++) {
        char byte;
        if (recv(fd, &byte, sizeof byte, MSG_DONTWAIT) < 0 &&
            (errno == EAGAIN || errno == EBADF)) {
            return;
        }
    }
}

bool od__media_socket_connect(int fd, const struct sockaddr *peer,
                              socklen_t peer_len)
{
    return connect(fd, peer, peer_len) == 0;
}
