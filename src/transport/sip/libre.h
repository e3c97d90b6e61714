/*
 * libre.h - the one place that knows which libre is there.
 *
 * Its headers carry neither their version nor the feature macros they were
 * built with; the build gives both (cmake/Libre.cmake). Supported are 1.1.0
 * (Debian 12) and 2.0.1 (Debian 13): the calls used here are the same in both.
 * What came later differs: sipsess_connect() and a Call-ID of one's own at
 * 2.1, fd_listen() at 3.6.
 *
 * Included by the agent's side only. Nothing of libre is called from the
 * engine's thread.
 */
#ifndef OD_SRC_LIBRE_H
#define OD_SRC_LIBRE_H

#if !defined(OD_LIBRE_MAJOR) || !defined(OD_LIBRE_MINOR)
#error "cmake/Libre.cmake gives OD_LIBRE_MAJOR and OD_LIBRE_MINOR"
#elif OD_LIBRE_MAJOR < 1 || OD_LIBRE_MAJOR > 2 ||                              \
    (OD_LIBRE_MAJOR == 1 && OD_LIBRE_MINOR < 1) ||                             \
    (OD_LIBRE_MAJOR == 2 && OD_LIBRE_MINOR > 0)
#error "libre 1.1 to 2.0 is needed"
#endif

/* Without the first, bool would silently be a signed char. */
#if !defined(HAVE_STDBOOL_H) || !defined(HAVE_INTTYPES_H) ||                   \
    !defined(HAVE_INET6)
#error "libre's headers need the macros of cmake/Libre.cmake"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <re.h>

/* 2.0 declares it; the timer object of 1.1 does not have it. */
#if OD_LIBRE_MAJOR == 1
uint64_t tmr_jiffies_usec(void);
#endif

#endif
