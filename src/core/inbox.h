/*
 * inbox.h - what comes back: part of core.h.
 *
 * inbox.c        receipts and replies until they are durable and acknowledged
 * receipts.c     what a receipt, or its absence, makes of text and target
 * replies.c      what a reply asks for, and what follows from it
 * text_survey.c  what answers the question of a text survey
 * notice.c       the texts that replies are owed
 * messages.c     texts and replies for the host
 *
 * Only an engine with a transport has an inbox.
 */
#ifndef OD_SRC_INBOX_H
#define OD_SRC_INBOX_H

#include "core/script.h"
#include "core/texts.h"

#include <outdial/backend.h>

/* == inbox.c ============================================================== */

/* Beyond them the network is asked to keep what comes. */
#define OD__RECEIPTS_MAX 1024
#define OD__REPLIES_MAX 128

/* Reports of one step that were refused. */
#define OD__REFUSED_MAX 512

typedef enum od__inbox_state {
    OD__INBOX_FREE = 0,
    OD__INBOX_WAITS,   /* to be looked at */
    OD__INBOX_BATCHED, /* its row waits to be durable */
    OD__INBOX_STORED   /* it is; what follows is not done yet */
} od__inbox_state;

typedef struct od__receipt {
    uint8_t state;  /* od__inbox_state */
    bool own;       /* the sweep made it: nobody waits for an answer */
    bool tells;     /* a place for its event is promised */
    bool follows;   /* the contact's next phone may become ready */
    int32_t trunk;
    int32_t delivery;
    int32_t disposition;
    uint64_t token;
    int64_t came_mono_ms;
    int64_t look_mono_ms; /* WAITS: not before */
    char network_id[128];
    char network_code[16];
    od_event_message event; /* of a BATCHED one */
} od__receipt;

typedef struct od__reply {
    uint8_t state;    /* od__inbox_state */
    bool answers;     /* the question of a text survey */
    bool has_text;    /* the person may have the text of `attempt` */
    int32_t promised; /* events */
    int32_t trunk;
    int32_t kind; /* od_reply_kind */
    uint64_t token;
    uint64_t phone;
    uint64_t national; /* what `phone` is if the country was left out; or 0 */
    uint64_t to;
    int64_t utc_ms;
    int64_t nonce;
    od_id campaign;
    od_id attempt;
    char network_id[128];
    char question[64];
    char digits[OD__DIGITS_MAX + 1];
    char choice[64];
    char text[OD_MESSAGE_MAX + 1];
} od__reply;

/* == notice.c ============================================================= */

#define OD__OWED_MAX 256   /* kept in mind; the store knows all */
/* Claimed in one step. None may leave, and no call of claims_max either: all of
 * their ends have a place in the batch. */
#define OD__NOTICES_MAX 12

typedef struct od__owed {
    od_id reply;
    od_id campaign;
    uint64_t phone;
    uint64_t to;
    int32_t notice; /* od_notice */
    int32_t reserved0;
    int64_t until_utc_ms;
    int64_t look_mono_ms; /* not before */
} od__owed;

typedef struct od__notices {
    bool more; /* the store may know of others */
    size_t owed_len;
    size_t claims_len;
    od__owed owed[OD__OWED_MAX];
    od_notice_claim claims[OD__NOTICES_MAX];
    od__letter letters[OD__NOTICES_MAX]; /* of each claim */
    int32_t slots[OD__NOTICES_MAX];
    char texts[OD__NOTICES_MAX][OD_NOTICE_MAX + 1];
    char payloads[OD__NOTICES_MAX][1024];
} od__notices;

#define OD__SHUNNED_MAX 64

/* Who wrote and was given back to the network for want of room: it may have been
 * STOP, so nothing goes to that number until it is handed over again. */
typedef struct od__shunned {
    uint64_t phone;
    uint64_t national; /* as in od__reply */
    int64_t until_mono_ms;
} od__shunned;

typedef struct od__inbox {
    od__receipt *receipts[OD__RECEIPTS_MAX]; /* those in use first, as they
                                                came */
    size_t receipts_len;
    od__reply *replies[OD__REPLIES_MAX]; /* the same */
    size_t replies_len;
    uint64_t refused[OD__REFUSED_MAX]; /* tokens that found no room */
    size_t refused_len;
    od__shunned shunned[OD__SHUNNED_MAX]; /* a ring */
    size_t shunned_at;
    int64_t overdue_utc_ms; /* a receipt may be overdue then; OD_NEVER */
    int64_t sweep_mono_ms;  /* overdue ones are not looked for before */
    od_campaign_record campaign; /* read in this step; id 0: none */
    od_id question_of;           /* survey that was looked at last */
    bool has_question;           /* it has exactly one */
    od__question question;
    od__notices notices;
    od__receipt *receipt_rows;
    od__reply *reply_rows;
} od__inbox;

od_err od__inbox_init(od_engine *engine);
void od__inbox_free(od_engine *engine);
/* A RECEIPT or REPLY of the transport. */
void od__inbox_take(od_engine *engine, const od_report *report);
/* Put what came into the batch, at most so many rows of a kind. An error: the
 * store cannot be read; what was not looked at waits. */
od_err od__inbox_turn(od_engine *engine, size_t rows_max);
/* The batch, which is still there, is durable: acknowledge, tell the host, do
 * what follows. An error: the rest of it waits for the next step. */
od_err od__inbox_done(od_engine *engine);
/* When there is something to do, absolute monotonic ms; OD_NEVER. */
int64_t od__inbox_deadline_ms(const od_engine *engine);
/* Is it, or may it be, of this phone? */
bool od__reply_is_of(const od__reply *reply, uint64_t phone);
/* Is there a reply of this phone that is not looked at yet? */
bool od__inbox_waits(const od_engine *engine, uint64_t phone);
/* A reply of this number is given back to the network: see od__shunned. */
void od__inbox_shun(od_engine *engine, uint64_t phone, uint64_t national);
/* Answer the transport. */
void od__inbox_answer(od_engine *engine, uint64_t token, od_err err);
/* A campaign's record, whatever its state; lives until the next one is asked
 * for. NULL: there is none. */
od_err od__inbox_campaign(od_engine *engine, od_id id,
                          const od_campaign_record **out);

/* == receipts.c =========================================================== */

/* Look at receipts that wait, and for those that are overdue. */
od_err od__receipts_turn(od_engine *engine, size_t rows_max);
/* The same receipts may be found now that the batch is durable. */
void od__receipts_done(od_engine *engine);

/* == replies.c ============================================================ */

od_err od__replies_turn(od_engine *engine, size_t rows_max);
od_err od__replies_done(od_engine *engine);
/* The number in the engine's country that these digits are without its code; 0:
 * they are none. */
uint64_t od__reply_national(const od_engine *engine, uint64_t number);
/* The entry of a reply that opts out. */
void od__reply_entry(uint64_t phone, od_id attempt, int64_t utc_ms,
                     od_dnc_record *out);
/* How long after a reply its notice may be sent. */
#define OD__OWED_MS 300000

/* == text_survey.c ======================================================== */

/* The question of a survey that has exactly one; else, and of 0, NULL. */
od_err od__text_survey_question(od_engine *engine, od_id survey,
                                const od__question **out);
/* Does a text answer a question? Then what would have been pressed, and the
 * choice, or the digits; `next` is where it leads. */
bool od__text_survey_match(const od__question *question, const char *text,
                           char digits[OD__DIGITS_MAX + 1], char choice[64],
                           int32_t *next);

/* == notice.c ============================================================= */

/* A reply is owed a notice; without an inbox nothing happens. */
void od__notice_add(od_engine *engine, const od_reply_record *reply);
/* Others may have added some. */
void od__notices_stale(od_engine *engine);
/* Take slots for those that can be sent. */
od_err od__notices_turn(od_engine *engine);
/* The exchange was stored: send what it claimed. */
void od__notices_done(od_engine *engine);
/* The exchange failed: nothing was claimed. */
void od__notices_undo(od_engine *engine);
int64_t od__notices_deadline_ms(const od_engine *engine);

#endif
