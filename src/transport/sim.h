/*
 * sim.h - what the files of the simulated carrier share; a part of transport.h,
 * which lists them.
 */
#ifndef OD_SRC_SIM_H
#define OD_SRC_SIM_H

#include "base/base.h"

#include <outdial/backend.h>

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
    int16_t status;        /* STATUS: 300 to 699 */
    char digit;            /* PRESS */
    uint8_t verb;          /* od__sim_verb */
    int32_t retry_after_s; /* STATUS: 0 to OD__RETRY_AFTER_MAX_S */
} od__sim_word;

/* Longest wait of a play, ms, and how long the press of a key takes. */
#define OD__SIM_WAIT_MAX 86400000
#define OD__SIM_PRESS_MS 250

/* -- sim_words.c ---------------------------------------------------------- */

/* Zeroed with `word` at the text: before the first word. */
typedef struct od__sim_reader {
    const char *word; /* the present one */
    size_t len;
    int number; /* 1 and up */
    od_errmsg *errmsg;
} od__sim_reader;

/* Go to the next word. False: there is none; len is 0. */
bool od__sim_reader_next(od__sim_reader *reader);
bool od__sim_reader_is(const od__sim_reader *reader, const char *text);
/* OD_ERR_FORMAT: names the present word, and why it is none. */
od_err od__sim_reader_refuse(const od__sim_reader *reader, const char *why);
/* Leading digits of the present word; -1 if it has none or over eight. */
int32_t od__sim_reader_number(const od__sim_reader *reader, size_t *digits_len);
/* Go to the next word, which must be a time up to OD__SIM_WAIT_MAX. */
od_err od__sim_reader_time(od__sim_reader *reader, int32_t *ms);

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
    od_sim_text_model texts;
} od__sim_range;

/* Models of all numbers. */
typedef struct od__sim_ranges {
    od_sim_model model; /* of numbers in no range */
    od_sim_text_model texts;
    size_t len;
    od__sim_range ranges[OD_SIM_RANGES_MAX]; /* longest prefix first */
} od__sim_ranges;

/* Check and copy. OD_ERR_INVALID names what breaks its contract. */
od_err od__sim_ranges_read(od__sim_ranges *out, const od_sim_options *options,
                           od_errmsg *errmsg);
const od_sim_model *od__sim_ranges_find(const od__sim_ranges *ranges,
                                        uint64_t phone);
const od_sim_text_model *od__sim_ranges_find_texts(const od__sim_ranges *ranges,
                                                   uint64_t phone);
/* 1 to 15 digits with or without '+', not from 0 on; 0 if it is not that. */
uint64_t od__sim_phone_parse(const char *text);

/* -- sim_options.c -------------------------------------------------------- */

#define OD__SIM_CALLS_MAX 20000
/* Copy, with defaults filled in and without pointers; the models go to
 * `ranges`. OD_ERR_INVALID, OD_ERR_VERSION: the text names what it is. */
od_err od__sim_options_read(od_sim_options *out, od__sim_ranges *ranges,
                            const od_sim_options *options, od_errmsg *errmsg);

/* -- sim_trunk.c ---------------------------------------------------------- */

/* So many within any second. */
typedef struct od__sim_rate {
    uint32_t oldest; /* index of begun_ms */
    uint32_t len;
    int64_t *begun_ms; /* when the last `len` carried ones began: a ring; NULL:
                          no limit */
} od__sim_rate;

typedef struct od__sim_trunk {
    bool up;
    bool up_told;
    uint32_t live;    /* calls, also those that meet congestion */
    uint32_t carried; /* the others */
    uint32_t texts;   /* sent and not answered yet */
    od__sim_rate call_rate;
    od__sim_rate text_rate;
} od__sim_trunk;

/* So many calls and texts per second; 0, no limit. OD_ERR_MEMORY. */
od_err od__sim_trunk_init(od__sim_trunk *trunk, int32_t congestion_cps,
                          int32_t congestion_tps);
void od__sim_trunk_clear(od__sim_trunk *trunk);
/* A call begins, `calls_max` 0: no limit. False: it meets congestion. */
bool od__sim_trunk_begin(od__sim_trunk *trunk, int64_t now_ms,
                         int32_t calls_max);
void od__sim_trunk_end(od__sim_trunk *trunk, bool carried);
/* Would it take a text now? False: it throttles. */
bool od__sim_trunk_takes_text(const od__sim_trunk *trunk, int64_t now_ms);
/* A text is sent, and taken or not; the answer ends it. */
void od__sim_trunk_begin_text(od__sim_trunk *trunk, int64_t now_ms, bool taken);
void od__sim_trunk_end_text(od__sim_trunk *trunk);

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
    od__sim_play *told;        /* holds words; NULL: they are in `own` */
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

/* == texts of the simulated carrier ======================================= */

/* One thing that becomes of a text. Words are done in order: WAITs, then one
 * of ACCEPT, REJECT and LOST; what follows ACCEPT comes in its time, whether
 * the text is answered in time or not. */
typedef enum od__sim_text_verb {
    OD__SIM_TEXT_WAIT = 1,
    OD__SIM_TEXT_ACCEPT,
    OD__SIM_TEXT_REJECT,
    OD__SIM_TEXT_LOST,
    OD__SIM_TEXT_RECEIPT,
    OD__SIM_TEXT_REPLY
} od__sim_text_verb;

typedef struct od__sim_text_word {
    const char *reply; /* REPLY: lives as long as the play or model */
    int32_t ms;        /* WAIT */
    int32_t status;    /* REJECT: SMPP command_status */
    int32_t delivery;  /* RECEIPT: od_delivery */
    uint8_t verb;      /* od__sim_text_verb */
    char code[16];     /* RECEIPT: network code, or "" */
} od__sim_text_word;

/* What the network says of a text that it does not take (SMPP 3.4, 5.1.3):
 * ESME_RINVDSTADR, ESME_RMSGQFUL, ESME_RSUBMITFAIL, ESME_RTHROTTLED. */
#define OD__SIM_TEXT_NOT_FOUND 11
#define OD__SIM_TEXT_QUEUE_FULL 20
#define OD__SIM_TEXT_FAILED 69
#define OD__SIM_TEXT_THROTTLED 88

/* -- sim_text_play.c ------------------------------------------------------ */

typedef struct od__sim_text_play {
    uint32_t texts; /* that were given a part of it */
    uint32_t words_len;
    uint32_t parts_len; /* 1 and up */
    uint32_t *parts;    /* where each part ends, in words */
    char *replies;      /* texts of the replies, one after the other */
    od__sim_text_word words[];
} od__sim_text_play;

/* OD_ERR_FORMAT: the text names the word; OD_ERR_MEMORY. */
od_err od__sim_text_play_new(od__sim_text_play **out, const char *text,
                             od_errmsg *errmsg);
/* The words of the next text; the last part repeats. It is the next one until
 * `texts` grows. */
const od__sim_text_word *od__sim_text_play_next(const od__sim_text_play *play,
                                                uint32_t *len);
void od__sim_text_play_free(od__sim_text_play *play); /* NULL does nothing */

/* -- sim_text_model.c ----------------------------------------------------- */

#define OD__SIM_TEXT_MODEL_WORDS 5

/* What becomes of one text. */
typedef struct od__sim_text_fate {
    od__sim_text_word words[OD__SIM_TEXT_MODEL_WORDS];
    uint32_t words_len;
} od__sim_text_fate;

/* As od__sim_model_check(). */
od_err od__sim_text_model_check(od_sim_text_model *model, const char *of,
                                od_errmsg *errmsg);
/* What becomes of a text; it refers to the model. */
void od__sim_text_model_draw(const od_sim_text_model *model, od__rand *rand,
                             od__sim_text_fate *out);
/* The network does not take the text. */
void od__sim_text_model_refuse(int32_t status, od__sim_text_fate *out);

/* -- sim_text.c ----------------------------------------------------------- */

/* The network answers a text within this time, or its answer is not waited
 * for. */
#define OD__SIM_ANSWER_MAX_MS 10000

/* A receipt or reply that was not received is handed over again after this. */
#define OD__SIM_AGAIN_MS 1000

/*
 * A report that is still to come, or that was handed over and not received:
 *
 *     send  -> WAITING --> ENDED     reported: gone
 *           `> WAITING --> RECEIPT   reported: HANDED --received--> gone
 *           `> WAITING --> REPLY        ^                  | not
 *                 ^                     `---- WAITING <----'
 */
typedef struct od__sim_note {
    od__timer timer; /* id: in the order in which they were made */
    struct od__sim_note *made_before; /* for the same text; NULL: the first */
    od_report_kind kind;
    uint32_t cell;
    uint32_t slot; /* ENDED */
    int32_t trunk;
    od_id attempt; /* network ids are made of it */
    uint64_t from; /* REPLY */
    uint64_t to;   /* REPLY */
    int32_t status;
    int32_t disposition;
    int32_t delivery;
    int32_t part; /* RECEIPT: which, from 1; ENDED: how many there are */
    bool handed;
    char code[16];
    char text[]; /* REPLY */
} od__sim_note;

/* All notes of a simulated carrier. Zeroed memory is an empty one. */
typedef struct od__sim_mail {
    od__heap timers;
    struct od__sim_cell *cells; /* cells_len, as many as timers has room for */
    uint32_t cells_len;
    uint32_t cells_free; /* as `next` of a cell */
    uint32_t made;
} od__sim_mail;

/* A text is sent: note what will be reported of it; `out` is the note of its
 * ENDED. OD_ERR_MEMORY: none is. */
od_err od__sim_mail_send(od__sim_mail *mail, const od_send *send,
                         int64_t now_ms, const od__sim_text_word *words,
                         uint32_t words_len, od__sim_note **out);
/* A person writes at this time; trunk, from, to and text are those of the
 * report. OD_ERR_MEMORY. */
od_err od__sim_mail_reply(od__sim_mail *mail, const od_report *reply,
                          int64_t at_ms);
/* The network will not answer: `note` is ENDED and says so now. */
void od__sim_mail_lose(od__sim_mail *mail, od__sim_note *note, int64_t now_ms);
/* The one that is due first, or NULL. */
od__sim_note *od__sim_mail_first(const od__sim_mail *mail);
/* Report a note, as the last act. If it is ENDED, it is gone before. */
void od__sim_mail_post(od__sim_mail *mail, od__sim_note *note, od_sink *sink);
/* The slot of the table. A token that is not handed over is ignored. */
void od__sim_mail_received(od__sim_mail *mail, uint64_t token, od_err err,
                           int64_t now_ms);
void od__sim_mail_clear(od__sim_mail *mail);

/* -- sim_book.c ----------------------------------------------------------- */

typedef struct od__sim_entry {
    uint64_t phone;               /* 0: empty place */
    od__sim_play *play;           /* NULL: as the model says */
    od__sim_text_play *text_play; /* the same */
    uint32_t calls;               /* so far */
    uint32_t texts;               /* so far */
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
