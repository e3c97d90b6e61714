/*
 * media_side.h - both ends of a media stream for tests: the loop that is
 * tested ("near") and a far end on a plain socket.
 *
 * All of it is on an address of 127/8 that is this process's own, so that
 * tests may run beside others. A wait fails the test after OD_MEDIA_WAIT_MS.
 */
#ifndef OD_TEST_MEDIA_SIDE_H
#define OD_TEST_MEDIA_SIDE_H

#include "support/test.h"

#include "transport/sip/media_parts.h"

#define OD_MEDIA_WAIT_MS 10000
#define OD_MEDIA_EVENT_PT 101

/* == the far end ========================================================== */

typedef struct od_far_packet {
    od__rtp rtp;
    size_t payload_len;
    uint8_t payload[OD__FRAME_SAMPLES];
} od_far_packet;

/* A socket on this port; 0: any. The caller closes it. */
int od_far_open(uint16_t port);
struct sockaddr_in od_far_address(int fd);
/* False: nothing came in `wait_ms`. */
bool od_far_take_within(int fd, od_far_packet *out, int wait_ms);
od_far_packet od_far_take(int fd);
/* Skip silence until a marker: the first packet of a play or a press. */
od_far_packet od_far_take_mark(int fd);
/* To a port of the near side. */
void od_far_send(int fd, uint16_t port, const void *bytes, size_t len);
/* One press, three times over as networks do. */
void od_far_press(int fd, uint16_t port, char digit, uint32_t timestamp);

/* == our side ============================================================= */

typedef struct od_near {
    od__media *media;
    od_sink *sink;
    od__wake wake;
    const od_prompt *prompt; /* 10 frames */
} od_near;

/* Noise of at most 100 frames, held once. */
const od_prompt *od_near_prompt(size_t frames, uint64_t seed);
/* One thread and many ports. */
od__media_options od_near_options(uint32_t streams_max);
void od_near_open(od_near *near, const od__media_options *options);
void od_near_close(od_near *near);
/* To the far end `far`, PCMU. */
void od_near_connect(od_near *near, uint32_t slot, int far, bool may_send);
/* Open a slot and connect it. Returns its port. */
uint16_t od_near_call(od_near *near, uint32_t slot, od_id attempt, int far);
/* The prompt of 10 frames. */
void od_near_play(od_near *near, uint32_t slot, od_id attempt, int32_t play);
/* Waits for it. */
od__media_report od_near_report(od_near *near);
/* That the next report is this one; heard_ms -1: whatever was heard. */
void od_near_assert_play_ended(od_near *near, od_id attempt, int32_t play,
                               int64_t heard_ms);
void od_near_assert_digit(od_near *near, od_id attempt, char digit);
/* That a packet is this frame of a prompt, in PCMU. */
void od_near_assert_frame(const od_far_packet *got, const od_prompt *prompt,
                          size_t frame);

#endif
