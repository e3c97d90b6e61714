/*
 * refuse.h - bad input: a named error, a text, and nothing has changed.
 *
 * A small world with one of everything in it. REFUSED makes a call that must
 * fail and compares all that can be read from the engine before and after.
 * Failures are printed and counted, the first does not hide the next.
 */
#ifndef OD_TEST_REFUSE_H
#define OD_TEST_REFUSE_H

#include "support/world.h"

typedef struct od_refuse {
    od_world world;
    od_engine *e; /* the world's */
    od_id group;  /* in both campaigns, with two members */
    od_id group_empty;
    od_id contact;
    od_id prompt; /* in both campaigns */
    od_id prompt_asked; /* in the survey only */
    od_id survey;       /* in no campaign */
    od_id done;   /* a campaign that has run */
    od_id idle;   /* one that has not */
    uint64_t digest; /* of all that can be read */
    int failures;
    od_errmsg text; /* of the last refusal, kept while things are compared */
} od_refuse;

/* cmocka fixtures of a group or a test: *state is an od_refuse. */
int od_refuse_setup(void **state);
int od_refuse_teardown(void **state);

/* Ids that no row has. */
#define OD_BAD_IDS_LEN 6
extern const od_id od_bad_ids[OD_BAD_IDS_LEN];

/* A text of `len` times 'a', static; the next call changes it. */
const char *od_text_of(size_t len);
/* Not UTF-8: a byte of a sequence that does not go on. */
#define OD_NOT_UTF8 "caf\xc3"

/* `call` on the engine fails with `err`, says why, and changes nothing. */
#define REFUSED(refuse, err, call)                                            \
    do {                                                                      \
        od_err got_ = (call);                                                 \
        od_refused((refuse), (err), got_, od_refuse_errmsg(refuse), #call,    \
                   __FILE__, __LINE__);                                       \
    } while (0)

/* The same of a call that writes its text to an od_errmsg. */
#define REFUSED_TEXT(refuse, err, errmsg, call)                               \
    do {                                                                      \
        (errmsg)->text[0] = '\0';                                             \
        od_err got_ = (call);                                                 \
        od_refused((refuse), (err), got_, (errmsg)->text, #call, __FILE__,    \
                   __LINE__);                                                 \
    } while (0)

/* For each id that no row has, as `id` in `call`. */
#define REFUSED_IDS(refuse, err, call)                                        \
    do {                                                                      \
        for (size_t i_ = 0; i_ < OD_BAD_IDS_LEN; i_++) {                      \
            od_id id = od_bad_ids[i_];                                        \
            REFUSED((refuse), (err), (call));                                 \
        }                                                                     \
    } while (0)

void od_refused(od_refuse *refuse, od_err want, od_err got, const char *text,
                const char *call, const char *file, int line);
/* Text of the engine's failure, copied. */
const char *od_refuse_errmsg(od_refuse *refuse);
/* A call was meant to change something: compare with this from now on. */
void od_refuse_changed(od_refuse *refuse);
/* At the end of each test: fail it if anything was not refused. */
void od_refuse_check(od_refuse *refuse);

#endif
