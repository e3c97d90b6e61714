/*
 * talk.h - one answered call, driven key by key over a carrier that says only
 * what a test says.
 */
#ifndef OD_TEST_TALK_H
#define OD_TEST_TALK_H

#include "support/mute.h"
#include "support/shaky.h"

typedef struct od_talk {
    od_stage stage;
    od_mute mute;
    od_shaky shaky;
    od_campaign_options options;
    od_id campaign;
    int64_t answers; /* events so far */
    int64_t opt_outs;
    int64_t ended;
    od_event_answer last;
    bool survey_done;
} od_talk;

/* cmocka fixtures of a test: *state is an od_talk, not open yet. */
int talk_setup(void **state);
int talk_teardown(void **state);
/* A survey of two questions: "q" with keys 1 2 3 # and barge-in, "why" with
 * keys 1 2 and none; sounds for all that can go wrong. */
extern const char talk_survey[];

/* Open; prompts ask more wrong nothing bye sorry removed, a second each. */
void talk_begin(od_talk *talk);
/* Start the campaign and answer the call; `survey` may be NULL. */
void talk_call(od_talk *talk, const char *survey);
/* Steps, now, until nothing is left to do; the store may fail. */
void talk_step(od_talk *talk);
void talk_key(od_talk *talk, char digit);
void talk_keys(od_talk *talk, const char *digits);
/* The play that runs has been sent. */
void talk_played(od_talk *talk);
/* The far end has hung up. */
void talk_end(od_talk *talk);

/* So many plays began, the last of so many prompts. */
void talk_plays(const od_talk *talk, size_t count, size_t prompts);
void talk_hung_up(const od_talk *talk);
/* n answers, the last of this question, label and digits. */
void talk_answered(const od_talk *talk, int64_t n, const char *question,
                   const char *choice, const char *digits);

#endif
