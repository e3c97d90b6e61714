/*
 * now.c - the only file of the library that reads a clock.
 */
#include "base/base.h"

#include <time.h>

static int64_t clock_ms(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void od_now_read(od_now *out)
{
    if (out == NULL) {
        return;
    }
    out->mono_ms = clock_ms(CLOCK_MONOTONIC);
    out->utc_ms = clock_ms(CLOCK_REALTIME);
}

int64_t od__mono_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}
