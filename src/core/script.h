/*
 * script.h - surveys as parsed and scripts as compiled: part of core.h.
 *
 * What is played and asked after the answer. No call is in here but its place
 * in the script (od__walk).
 */
#ifndef OD_SRC_SCRIPT_H
#define OD_SRC_SCRIPT_H

#include "base/base.h"

#include <outdial/backend.h>

/* == script.c, script_load.c, survey_parse.c ============================== */

#define OD__SCRIPT_NODES_MAX (OD_QUESTIONS_MAX + 5)
#define OD__SCRIPT_PROMPTS_MAX 8
#define OD__SCRIPT_VISITS_MAX 64 /* questions asked in one call, ever */
#define OD__DIGITS_MAX 31
#define OD__KEYS "0123456789*#"

/* Where a node leads: an index, or one of these. */
enum {
    OD__GOTO_END = -1,
    OD__GOTO_HANGUP = -2,
    OD__GOTO_OPT_OUT = -3,
    OD__GOTO_NONE = -4
};

typedef struct od__choice {
    char key; /* 0: no more */
    int32_t next;
    char label[64];
} od__choice;

typedef struct od__names {
    int32_t len;
    char names[OD__SCRIPT_PROMPTS_MAX][OD_NAME_MAX + 1];
} od__names;

typedef struct od__question {
    char name[64];
    od__names play;
    od__names invalid;
    od__names silence;
    od__choice choices[12];
    int32_t choices_len;
    int32_t digits_min; /* 0: keys, not digits */
    int32_t digits_max;
    int64_t range_min;
    int64_t range_max;
    bool has_range;
    bool barge_in;
    int32_t tries;
    int32_t timeout_ms;
    int32_t gap_ms;
    int32_t next; /* of a digits question */
    int32_t line; /* of the text, for messages */
} od__question;

/* A survey as parsed. Large: lives on the heap. */
typedef struct od__survey {
    char name[OD_NAME_MAX + 1];
    int32_t questions_len;
    od__names end;
    od__names failed;
    od__question questions[OD_QUESTIONS_MAX];
} od__survey;

/* Names the line, the word and the cure. */
od_err od__survey_parse(const char *text, size_t text_len, od__survey *out,
                        od_errmsg *errmsg);

/* Prompts that are held, in the order they are played. */
typedef struct od__prompts {
    size_t len;
    const od_prompt *items[OD_CAMPAIGN_PROMPTS_MAX + 1];
} od__prompts;

/* A campaign's script: prompts, then questions, then the end. */
typedef struct od__script {
    od_allocator allocator;
    od__prompts intro;
    od__prompts opt_out;
    od__prompts end;
    od__prompts failed;
    char opt_out_key; /* 0: none */
    int32_t questions_len;
    int32_t visits_max; /* questions asked in one call */
    struct {
        od__prompts play;
        od__prompts invalid; /* followed by play */
        od__prompts silence; /* followed by play */
    } sounds[OD_QUESTIONS_MAX];
    od__survey survey;
} od__script;

/* What stands in the way of a script, and what to do about it. */
typedef void (*od__script_problem)(void *ctx, const char *what,
                                   const char *cure);
/*
 * Load prompts and compile; every name is looked up. OD_ERR_NOT_FOUND,
 * OD_ERR_FORMAT, OD_ERR_INVALID, OD_ERR_LIMIT: something cannot be played; the
 * text says what. With `problem` such things are told and left out instead,
 * each once.
 */
od_err od__script_load(od_engine *engine, const od_campaign_record *campaign,
                       od__script_problem problem, void *ctx,
                       od__script **out);
void od__script_free(od__script *script);

/* Where a call stands in its script. */
typedef enum od__script_at {
    OD__AT_WAIT = 0,  /* not begun: the pause after the answer */
    OD__AT_INTRO,
    OD__AT_ASKING,    /* a question's prompts play */
    OD__AT_LISTENING, /* the first digit is waited for */
    OD__AT_DIGITS,    /* further digits are waited for */
    OD__AT_LEAVING    /* last prompts play, then the call is hung up */
} od__script_at;

typedef struct od__walk {
    od__script_at at;
    int32_t question;
    int32_t tries;
    int32_t visits; /* questions begun in this call */
    int32_t play;   /* id of the play that runs */
    uint8_t visits_of[OD_QUESTIONS_MAX];
    char digits[OD__DIGITS_MAX + 1];
} od__walk;

#endif
