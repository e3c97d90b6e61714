/*
 * smpp_kit.h - the SMPP transport bound to an SMSC of the test, with a sink
 * that writes down what is reported.
 */
#ifndef OD_TEST_SMPP_KIT_H
#define OD_TEST_SMPP_KIT_H

#include "base/base.h"
#include "support/smsc.h"

#include <outdial/backend.h>

#define OD_SMPP_KIT_WAIT_MS 10000
#define OD_SMPP_KIT_SLOTS 2000

typedef struct od_smpp_row {
    od_report report; /* its texts point into the row or are NULL */
    char ids[OD_SEGMENTS_MAX][128];
    const char *id_list[OD_SEGMENTS_MAX];
    char code[16];
    char text[OD_MESSAGE_MAX + 1];
} od_smpp_row;

typedef struct od_smpp_kit {
    od_smsc smsc;
    od_transport *transport;
    const od_transport_ops *ops;
    void *ctx;
    od_sink *sink;
    od__wake wake;
    size_t reports_max; /* of each step */
    bool acknowledge;   /* receipts and replies at once, with OD_OK */
    od_smpp_row **rows;
    size_t len;
    size_t len_max;
} od_smpp_kit;

/* Fast reconnects, a window of 10, and the SMSC's address. */
void od_smpp_kit_trunk(od_smpp_kit *kit, od_smpp_trunk *out);
/* Open the SMSC, start a transport with this trunk (NULL: that of
 * od_smpp_kit_trunk()), and wait until it is bound. */
void od_smpp_kit_open(od_smpp_kit *kit, const od_smpp_trunk *trunk);
/* The same in pieces. */
void od_smpp_kit_begin(od_smpp_kit *kit, const char *certificate,
                       const char *key);
void od_smpp_kit_start(od_smpp_kit *kit, const od_smpp_trunk *trunk);
void od_smpp_kit_close(od_smpp_kit *kit);

/* Let both sides work for at most wait_ms, and step. */
void od_smpp_kit_turn(od_smpp_kit *kit, int wait_ms);
/* The n-th report of a kind, 1 and up; fails the test if it does not come. */
const od_smpp_row *od_smpp_kit_await(od_smpp_kit *kit, od_report_kind kind,
                                     size_t nth);
size_t od_smpp_kit_count(const od_smpp_kit *kit, od_report_kind kind);
/* Turns until the condition holds; fails the test if it never does. */
#define OD_SMPP_KIT_UNTIL(kit, condition)                                      \
    do {                                                                       \
        int64_t until_us_ = od__mono_us() + OD_SMPP_KIT_WAIT_MS * 1000;        \
        while (!(condition)) {                                                 \
            assert_true(od__mono_us() < until_us_);                            \
            od_smpp_kit_turn((kit), 20);                                       \
        }                                                                      \
    } while (0)

/* Send a text from 15550100000 to 15551230001; attempt is slot + 1. */
od_err od_smpp_kit_send(od_smpp_kit *kit, uint32_t slot, const char *text);

#endif
