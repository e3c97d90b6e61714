/*
 * smsc_player.h - an SMSC with a thread of its own that obeys the plays of the
 * transport suite.
 *
 * What is not acknowledged, or was not when the connection dropped, it hands
 * over again.
 */
#ifndef OD_TEST_SMSC_PLAYER_H
#define OD_TEST_SMSC_PLAYER_H

#include "support/smsc.h"
#include "support/transport_suite.h"

typedef struct od_smsc_player od_smsc_player;

/* Listens when it returns. */
od_smsc_player *od_smsc_player_new(const od_far_play *plays);
void od_smsc_player_free(od_smsc_player *player);
uint16_t od_smsc_player_port(const od_smsc_player *player);
/* Did this text arrive so far, whole or in parts that followed each
 * other? */
bool od_smsc_player_heard(od_smsc_player *player, const char *text);
/* Have it break its connection. */
void od_smsc_player_drop(od_smsc_player *player);

#endif
