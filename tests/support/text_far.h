/*
 * text_far.h - a far end for texts over SIP: a thread with a UDP socket that
 * obeys plays, as a provider's gateway would.
 *
 * It knows the words of od_sim_text_play() that SIP has something for: wait,
 * accept (202), reject (404 for 11, 500 for 69, else 503), lost, delivered and
 * failed (RFC 5438), reply. What it sends is repeated until it is answered, and
 * sent anew after the Retry-After of a 503. Its SIP is its own: nothing of
 * libre, nothing of the library's.
 */
#ifndef OD_TEST_TEXT_FAR_H
#define OD_TEST_TEXT_FAR_H

#include "support/transport_suite.h"

typedef struct od_text_far od_text_far;

/* Listens on a port of loopback. Numbers without a play are accepted. The plays
 * outlive it; those that need more than `can` are passed over. */
od_text_far *od_text_far_new(const od_far_play *plays, unsigned can);
int32_t od_text_far_port(const od_text_far *far);
/* Did this text come, in one piece? */
bool od_text_far_had(od_text_far *far, const char *text);
void od_text_far_free(od_text_far *far);

#endif
