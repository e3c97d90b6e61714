/*
 * forecast.h - a campaign that is dry-run: what the files of it share.
 *
 * forecast.c           the face: assumptions, and what comes out
 * forecast_model.c     how a call goes: shares, ring and talk
 * forecast_numbers.c   the numbers as they stand, read from the store
 * forecast_queue.c     lanes of numbers by their due times
 * forecast_run.c       calls in virtual time
 *
 * Nothing of it is stored, and nothing of the engine is changed but the text of
 * the last failure. Included by these files alone.
 */
#ifndef OD_SRC_FORECAST_H
#define OD_SRC_FORECAST_H

#include "core/core.h"

#define OD__NUMBERS_MAX 20000000

/* == forecast_model.c ===================================================== */

/* How calls go. */
typedef struct od__model {
    uint64_t seed;
    int64_t shares[OD_DISPOSITIONS]; /* of `total`; the rest: NO_ANSWER */
    int64_t total;
    int64_t ring_ms; /* before an answer */
    int64_t talk_ms;
    bool texts;
    bool learned;
} od__model;

/* One call that was drawn. */
typedef struct od__fate {
    int32_t disposition;
    bool answered; /* by whom or what ever */
    int64_t ring_ms;
    int64_t talk_ms; /* 0 if it was not answered */
} od__fate;

/* From checked options, and what the campaign's calls taught. */
od_err od__model_make(od_engine *engine, const od_campaign_record *campaign,
                      const od_forecast_options *options, od__model *out);
/* The n-th call to a phone; the same whatever was drawn before. */
void od__model_draw(const od__model *model, uint64_t phone, uint32_t n,
                    int32_t ring_timeout_ms, od__fate *out);

/* == forecast_numbers.c =================================================== */

#define OD__NUMBER_DNC 1      /* on the list, until dnc_until_utc_ms */
#define OD__NUMBER_INVALID 2  /* not assigned */
#define OD__NUMBER_CALLED 4   /* by this campaign, before or in the forecast */
#define OD__NUMBER_ANSWERED 8 /* in the forecast */
#define OD__NUMBER_OVER 16    /* it was finished before */
#define OD__NUMBER_DORMANT 32 /* a further phone that is no target yet */
#define OD__NUMBER_UCS2 64    /* its text needs UCS-2 */
#define OD__NUMBER_MUTE 128   /* its text may not go */

/*
 * What of a number a campaign changes, and what its checks ask: an od_candidate
 * in a quarter of the room. Rows are named by their index + 1; 0 is none.
 */
typedef struct od__number {
    uint64_t phone;
    uint64_t tries;
    int64_t due_utc_ms;
    int64_t line_called_utc_ms;
    int64_t line_answered_utc_ms;
    int64_t dnc_until_utc_ms;
    int64_t purchased_utc_ms;
    int64_t inquired_utc_ms;
    int32_t place;
    uint32_t recent;  /* its latest call */
    uint32_t follow;  /* the next phone of its contact */
    uint32_t child;   /* the queue's */
    uint32_t sibling; /* the queue's */
    uint32_t reserved0;
    uint8_t attempts;
    uint8_t disposition;
    uint8_t state;
    uint8_t reason; /* of BLOCKED; else why it waits, or NONE */
    uint8_t express;
    uint8_t written;
    uint8_t flags;
    uint8_t segments; /* of its text */
} od__number;
_Static_assert(sizeof(od__number) <= 96, "20 million of them are in memory");

/* A call to a number, latest first. */
typedef struct od__past {
    int64_t utc_ms;
    uint32_t before; /* the call before it */
    bool own;        /* of this campaign */
} od__past;

typedef struct od__numbers {
    od__number *rows;
    size_t len;
    size_t room;
    od__past *past;
    size_t past_len;
    size_t past_room;
    int32_t place_max; /* highest id */
} od__numbers;

/* Read all numbers of a campaign as they will stand at an instant; `fills`:
 * its members are enrolled then. */
od_err od__numbers_read(od_engine *engine, const od_campaign_record *campaign,
                        bool fills, int64_t utc_ms, od__numbers *out);
void od__numbers_free(od_engine *engine, od__numbers *numbers);
/* The number as the decision wants it. */
void od__number_tell(const od__numbers *numbers, const od__number *number,
                     od_id campaign, int64_t utc_ms, od_candidate *out);
/* Note a call. OD_ERR_MEMORY. */
od_err od__number_note(od_engine *engine, od__numbers *numbers,
                       od__number *number, int64_t utc_ms, bool own);

/* == forecast_queue.c ===================================================== */

/* Add a number to a queue, by due time, then phone; `first` names its first. */
void od__queue_put(od__number *rows, uint32_t *first, uint32_t number);
/* Take the first one out; it is not empty. */
uint32_t od__queue_take(od__number *rows, uint32_t *first);

/* == forecast_run.c ======================================================= */

/* What the calls go through. */
typedef struct od__course {
    od_engine *engine;
    const od_campaign_record *campaign; /* RUNNING */
    const od__given *given;
    const od__model *model;
    od__numbers *numbers;
    int64_t now_utc_ms;   /* hours are counted from here */
    int64_t begin_utc_ms; /* the first call is not before */
    int64_t end_utc_ms;   /* no call from here on */
    int64_t calls_per_second_max;
    int64_t calls_max;    /* live */
    int64_t talk_step_ms; /* talk is billed in steps of */
} od__course;

/* Run it; counts calls, answers, hours, peaks, talk and finish_utc_ms, and adds
 * up billed_ms. What became of each number stands in the numbers.
 * *stopped: it would be paused for want of a registry. */
od_err od__forecast_run(const od__course *course, od_forecast *out,
                        int64_t *billed_ms, bool *stopped);

#endif
