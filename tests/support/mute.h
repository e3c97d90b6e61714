/*
 * mute.h - a carrier that says nothing by itself, and a world around it.
 *
 * Every dial and text is accepted and remembered; reports are posted when a
 * test says so. It has no deadline, so no wake of its own hides one that the engine
 * forgot; only reports that a step had no room for are due at once.
 */
#ifndef OD_TEST_MUTE_H
#define OD_TEST_MUTE_H

#include "support/stage.h"

#define MUTE_CALLS_MAX 2048

/* A text that was sent. */
typedef struct od_mute_text {
    od_send send;   /* its text is not there any more: */
    char text[OD_MESSAGE_MAX + 1];
    char ids[OD_SEGMENTS_MAX][32];
    const char *ids_at[OD_SEGMENTS_MAX];
} od_mute_text;

typedef struct od_mute {
    od_sink *sink;
    od_trunk_info trunk;
    od_mute_text *texts; /* all there ever were, in order */
    size_t texts_len;
    od_err send_err; /* what send gives */
    uint64_t tokens[MUTE_CALLS_MAX]; /* that were received, in order */
    od_err token_errs[MUTE_CALLS_MAX];
    size_t tokens_len;
    od_dial dials[MUTE_CALLS_MAX]; /* all there ever were, in order */
    size_t dials_len;
    size_t plays;
    size_t hangups;
    int32_t play; /* id of the last one */
    size_t play_len; /* its prompts */
    od_err dial_err; /* what dial gives */
    od_report queue[MUTE_CALLS_MAX];
    size_t queue_len;
    bool behind; /* the last step left some */
} od_mute;

/* Room for 1,000 calls and texts, 10,000 a second each; may be changed before
 * opening. */
void mute_init(od_mute *mute);
/* Its memory, once the engine is gone. */
void mute_free(od_mute *mute);
/* As stage_open(), with this carrier in place of the simulated one. `s->world`
 * has no sim then. */
void mute_open(od_mute *mute, od_stage *stage, od_storage *storage);
/* Post a report of the i-th dial in the next step. */
void mute_post(od_mute *mute, size_t dial, od_report_kind kind, int32_t status);
void mute_digit(od_mute *mute, size_t dial, char digit);
/* The i-th text ended so: SENT with one network id for each segment, "1-0" and
 * up. */
void mute_sent(od_mute *mute, size_t text);
void mute_refused(od_mute *mute, size_t text, int32_t disposition,
                  int32_t status);
/* Any report, in the next step; what it points to must live so long. */
void mute_report(od_mute *mute, const od_report *report);
/* The play that runs has ended. */
void mute_played(od_mute *mute, size_t dial);

#endif
