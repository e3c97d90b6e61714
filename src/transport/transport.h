/*
 * transport.h - the folder's table of contents: how calls leave.
 *
 * transport.c  a transport from a table, and the sink for its reports
 * sim.c        the simulated carrier: its table, numbers and deadlines
 * sim_call.c   one simulated call: what it waits for and what it does next
 * sim_play.c   what one number was told to do: text -> words
 * sim_model.c  what any other number does: shares -> words
 * sim_range.c  which shares a number has: the longest prefix
 * sim_trunk.c  one simulated trunk: up or down, and its congestion
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

/* Longest Retry-After that is reported. */
#define OD__RETRY_AFTER_MAX_S 86400

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
    OD__SIM_MACHINE,
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
    int32_t retry_after_s; /* STATUS: 0 to OD__RETRY_AFTER_MAX_S */
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

/* What the one who answered does when a play begins. */
typedef enum od__sim_habit {
    OD__SIM_HABIT_NONE = 0,
    OD__SIM_HABIT_KEYS,   /* presses one of the keys, anew with each play */
    OD__SIM_HABIT_OPT_OUT /* presses that key with the first one */
} od__sim_habit;

/* How one call goes. */
typedef struct od__sim_fate {
    od__sim_word words[OD__SIM_MODEL_WORDS];
    uint32_t words_len;
    od__sim_habit habit;
} od__sim_fate;

/* Defaults for a model that is all zero. OD_ERR_INVALID names the field and
 * `of`, whose model it is. */
od_err od__sim_model_check(od_sim_model *model, const char *of,
                           od_errmsg *errmsg);
/* What a number does when it is called. */
void od__sim_model_draw(const od_sim_model *model, od__rand *rand,
                        od__sim_fate *out);
/* The network refuses the call. */
void od__sim_model_refuse(int32_t status, int32_t retry_after_s,
                          od__sim_fate *out);
/* The key that is pressed for a play that begins, or 0. The habit changes. */
char od__sim_model_key(const od_sim_model *model, od__rand *rand,
                       od__sim_habit *habit);

/* -- sim_range.c ---------------------------------------------------------- */

typedef struct od__sim_range {
    uint64_t prefix;
    int32_t digits; /* of it */
    int32_t reserved0;
    od_sim_model model;
} od__sim_range;

/* Models of all numbers. */
typedef struct od__sim_ranges {
    od_sim_model model; /* of numbers in no range */
    size_t len;
    od__sim_range ranges[OD_SIM_RANGES_MAX]; /* longest prefix first */
} od__sim_ranges;

/* Check and copy. OD_ERR_INVALID names what breaks its contract. */
od_err od__sim_ranges_read(od__sim_ranges *out, const od_sim_options *options,
                           od_errmsg *errmsg);
const od_sim_model *od__sim_ranges_find(const od__sim_ranges *ranges,
                                        uint64_t phone);
/* 1 to 15 digits with or without '+', not from 0 on; 0 if it is not that. */
uint64_t od__sim_phone_parse(const char *text);

/* -- sim_trunk.c ---------------------------------------------------------- */

typedef struct od__sim_trunk {
    bool up;
    bool up_told;
    uint32_t live;    /* calls, also those that meet congestion */
    uint32_t carried; /* the others */
    uint32_t oldest;  /* index of begun_ms */
    uint32_t begun_len;
    int64_t *begun_ms; /* when the last begun_len carried ones began: a ring;
                          NULL: no limit per second */
} od__sim_trunk;

/* congestion_cps: 0, no limit. OD_ERR_MEMORY. */
od_err od__sim_trunk_init(od__sim_trunk *trunk, int32_t congestion_cps);
void od__sim_trunk_clear(od__sim_trunk *trunk);
/* A call begins, `calls_max` 0: no limit. False: it meets congestion. */
bool od__sim_trunk_begin(od__sim_trunk *trunk, int64_t now_ms,
                         int32_t calls_max);
void od__sim_trunk_end(od__sim_trunk *trunk, bool carried);

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
    int32_t trunk;
    bool carried; /* by its trunk; else it meets congestion */

    /* what the far end does */
    int64_t word_at_ms; /* when the next word is done, or OD_NEVER */
    int64_t key_at_ms;  /* when a person presses `key`, or OD_NEVER */
    const od__sim_word *words;
    uint32_t words_len;
    char key;
    bool rang;
    od__sim_play *told; /* holds words; NULL: they are in `own` */
    const od_sim_model *model; /* NULL: told, or congestion */
    od__sim_fate own;
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
