/*
 * member.h - a transport that writes down what it is told and posts what it is
 * given, to be one of several.
 */
#ifndef OD_TEST_MEMBER_H
#define OD_TEST_MEMBER_H

#include <outdial/backend.h>

typedef struct od_test_member {
    const char *name; /* of its first trunk; the others are name2 ... */
    int32_t trunks_len;
    od_err start_err;
    od_err out_err; /* of dial, send and digits_send */
    int64_t deadline_ms;
    size_t waiting; /* reports it would post, as many as it may */
    od_report next; /* what it posts; slot and token grow by one each time */

    od_sink *sink;
    uint32_t calls_max;
    int started;
    int *freed;
    int out; /* calls and texts */
    od_dial dial;
    od_send send;
    char log[512];     /* the other slots that were called */
    size_t shares[64]; /* reports_max of each step */
    size_t steps;
} od_test_member;

/* Its context is an od_test_member on the heap, which free gives back. */
extern const od_transport_ops od_test_member_ops;

#endif
