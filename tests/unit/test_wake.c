/*
 * test_wake.c - the descriptor is readable from the first signal until it is
 * cleared.
 */
#include "support/test.h"

#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

static bool is_readable(const od__wake *wake)
{
    struct pollfd item = {.fd = wake->fd, .events = POLLIN};
    return poll(&item, 1, 0) == 1 && (item.revents & POLLIN) != 0;
}

static void test_wake_is_level_triggered(void **state)
{
    (void)state;
    od__wake wake;
    assert_int_equal(od__wake_init(&wake, NULL), OD_OK);
    assert_false(is_readable(&wake));
    od__wake_signal(&wake);
    od__wake_signal(&wake);
    assert_true(is_readable(&wake));
    assert_true(is_readable(&wake));
    od__wake_clear(&wake);
    assert_false(is_readable(&wake));
    od__wake_clear(&wake); /* does not block */
    od__wake_close(&wake);
    assert_int_equal(wake.fd, -1);
    od__wake_close(&wake);
}

static void test_wake_signal_when_full(void **state)
{
    (void)state;
    od__wake wake;
    assert_int_equal(od__wake_init(&wake, NULL), OD_OK);
    const uint64_t most = UINT64_MAX - 1;
    assert_int_equal(write(wake.fd, &most, sizeof most), sizeof most);
    errno = 1234;
    od__wake_signal(&wake); /* neither blocks nor changes errno */
    assert_int_equal(errno, 1234);
    assert_true(is_readable(&wake));
    od__wake_clear(&wake);
    assert_false(is_readable(&wake));
    od__wake_close(&wake);
}

static void test_wake_is_closed_on_exec(void **state)
{
    (void)state;
    od__wake wake;
    assert_int_equal(od__wake_init(&wake, NULL), OD_OK);
    assert_true((fcntl(wake.fd, F_GETFD) & FD_CLOEXEC) != 0);
    od__wake_close(&wake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wake_is_level_triggered),
        cmocka_unit_test(test_wake_signal_when_full),
        cmocka_unit_test(test_wake_is_closed_on_exec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
