/*
 * wake.c - a descriptor that another thread, or a signal handler, makes
 * readable and that stays readable until it is cleared.
 *
 * An eventfd: signals add up in the kernel, so none is lost and none blocks.
 * The host polls the descriptor and never reads it.
 */
#include "base/base.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

od_err od__wake_init(od__wake *wake, od_errmsg *errmsg)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) {
        return od__fail(errmsg, OD_ERR_IO, "no wake descriptor: %s",
                        strerror(errno));
    }
    wake->fd = fd;
    return OD_OK;
}

void od__wake_close(od__wake *wake)
{
    if (wake->fd >= 0) {
        (void)close(wake->fd);
        wake->fd = -1;
    }
}

void od__wake_signal(const od__wake *wake)
{
    int errno_before = errno;
    const uint64_t one = 1;
    ssize_t written;
    /* EAGAIN means that the counter is full, hence readable already. */
    do {
        written = write(wake->fd, &one, sizeof one);
    } while (written < 0 && errno == EINTR);
    errno = errno_before;
}

void od__wake_clear(const od__wake *wake)
{
    uint64_t count = 0;
    ssize_t got;
    do {
        got = read(wake->fd, &count, sizeof count);
    } while (got < 0 && errno == EINTR);
}
