/*
 * transport.h - the folder's table of contents: how calls leave.
 *
 * transport.c  a transport from a table, and the sink for its reports
 * sim.c        the simulated carrier: its table, numbers and deadlines
 * sim_call.c   one simulated call: what it waits for and what it does next
 * sim_play.c   what one number was told to do: text -> words
 * sim_model.c  what any other number does: shares -> words
 * sim_book.c   the numbers that were called or told: phone -> entry
 * sip/         calls over SIP and RTP; see sip/sip.h
 *
 * The contract of every slot is in outdial/backend.h. The core uses only what
 * is declared there; these structs are for this folder and its tests.
 */
#ifndef OD_SRC_TRANSPORT_H
#define OD_SRC_TRANSPORT_H

#include "base/base.h"

#include <outdial/backend.h>

/* == transport.c ========================================================== */

struct od_transport {
    od_transport_ops ops; /* a copy; optional slots are filled in, so that no
                             call site tests for NULL */
    void *ctx;
};

struct od_sink {
    od_sink_fn on_report;
    void (*on_wake)(void *ctx); /* may be NULL */
    void *ctx;
};

/* == the far end of the simulated carrier ================================= */

/* One thing the far end does. Words are done in order; ms is how long the next
 * one waits for it. After the last word the call stays as it is. */
typedef enum od__sim_verb {
    OD__SIM_RING = 1, /* 180 */
    OD__SIM_ANSWER,
    OD__SIM_WAIT,
    OD__SIM_PRESS,
    OD__SIM_HANGUP, /* last word; only after ANSWER */
    OD__SIM_STATUS, /* last word; only before ANSWER */
    OD__SIM_SILENT  /* last word; first: not even a provisional answer */
} od__sim_verb;

typedef struct od__sim_word {
    int32_t ms;
    int16_t status; /* STATUS: 300 to 699 */
    char digit;     /* PRESS */
    uint8_t verb;   /* od__sim_verb */
} od__sim_word;

/* Longest wait of a play, ms, and how long the press of a key takes. */
#define OD__SIM_WAIT_MAX 86400000
#define OD__SIM_PRESS_MS 250

/* -- sim_play.c ----------------------------------------------------------- */

/* A parsed play. Calls under way hold it when it is replaced. */
typedef struct od__sim_play {
    uint32_t held;
    uint32_t calls; /* that were given a part of it */
    uint32_t words_len;
    uint32_t parts_len; /* 1 and up */
    uint32_t *parts;    /* where each part ends, in words */
    od__sim_word words[];
} od__sim_play;

/* Held once. OD_ERR_FORMAT: the text names the word; OD_ERR_MEMORY. */
od_err od__sim_play_new(od__sim_play **out, const char *text,
                        od_errmsg *errmsg);
/* The words of the next call; the last part repeats. */
const od__sim_word *od__sim_play_next(od__sim_play *play, uint32_t *len);
void od__sim_play_drop(od__sim_play *play); /* NULL does nothing */

/* -- sim_model.c ---------------------------------------------------------- */

#define OD__SIM_MODEL_WORDS 4

/* Defaults for a model that is all zero. OD_ERR_INVALID names the field. */
od_err od__sim_model_check(od_sim_model *model, od_errmsg *errmsg);
/* What a number does when it is called. */
uint32_t od__sim_model_draw(const od_sim_model *model, od__rand *rand,
                            od__sim_word words[OD__SIM_MODEL_WORDS]);
/* The key a person presses next, or 0. */
char od__sim_model_key(const od_sim_model *model, od__rand *rand);

/* -- sim_call.c ----------------------------------------------------------- */

/*
 *   dial -> NEW --progress--> OPEN --answer--> TALK --hangup--> FREE
 *            |                 |  `---status--------------------^
 *            `-----------------+-- CLOSING (by us) -------------^
 */
typedef enum od__sim_call_state {
    OD__SIM_CALL_FREE = 0,
    OD__SIM_CALL_NEW,    /* the far end has not said anything */
    OD__SIM_CALL_OPEN,   /* a provisional answer came */
    OD__SIM_CALL_TALK,   /* answered; plays run only here */
    OD__SIM_CALL_CLOSING /* ended by us, to be reported */
} od__sim_call_state;

/* Ends of plays that wait for a step; a call with more of them fails. */
#define OD__SIM_ENDS_MAX 8

typedef struct od__sim_play_end {
    int32_t play;
    int32_t reserved0;
    int64_t heard_ms;
} od__sim_play_end;

typedef struct od__sim_call {
    od__timer timer; /* id is the slot */
    od__sim_call_state state;
    int32_t status; /* CLOSING */
    int32_t fault;  /* CLOSING */
    od_id attempt;

    /* what the far end does */
    int64_t word_at_ms; /* when the next word is done, or OD_NEVER */
    int64_t key_at_ms;  /* when a person presses `key`, or OD_NEVER */
    const od__sim_word *words;
    uint32_t words_len;
    char key;
    bool rang;
    od__sim_play *told; /* holds words; NULL: the model's, in `own` */
    od__sim_word own[OD__SIM_MODEL_WORDS];
    od__rand rand;

    /* what we play to it */
    int64_t play_from_ms;
    int64_t play_until_ms; /* OD_NEVER: nothing is played */
    int64_t heard_ms;      /* of plays that ended */
    int32_t play;
    uint32_t ends_len;
    od__sim_play_end ends[OD__SIM_ENDS_MAX];
} od__sim_call;

/* When advance has something to do; OD_NEVER. Reports of ours: now. */
int64_t od__sim_call_due_ms(const od__sim_call *call, int64_t now_ms);
/* Do the one thing that is due. True: `out` is to be posted. ENDED in `out`:
 * the call is over. */
bool od__sim_call_advance(od__sim_call *call, od_report *out);
/* Verbs of the table, at this time. Their reports come out of advance. */
void od__sim_call_hangup(od__sim_call *call, int64_t now_ms);
void od__sim_call_play(od__sim_call *call, int64_t now_ms, int32_t play,
                       int64_t play_ms);
void od__sim_call_play_stop(od__sim_call *call, int64_t now_ms);

/* -- sim_book.c ----------------------------------------------------------- */

typedef struct od__sim_entry {
    uint64_t phone;     /* 0: empty place */
    od__sim_play *play; /* NULL: as the model says */
    uint32_t calls;     /* so far */
    uint32_t reserved0;
} od__sim_entry;

/* A hash table by phone. Zeroed memory is an empty one. */
typedef struct od__sim_book {
    od__sim_entry *entries;
    size_t len;
    size_t len_max; /* power of two, or 0 */
} od__sim_book;

/* Find or add. Lives until the next call; NULL when out of memory. */
od__sim_entry *od__sim_book_at(od__sim_book *book, uint64_t phone);
void od__sim_book_clear(od__sim_book *book);

#endif
