/*
 * texts.h - texts on their way out: part of core.h.
 *
 * A text holds a slot like a call, from its claim until its outcome is durable.
 * It has two states there, DIALING and ENDED, one event, and no way back: what
 * the network has cannot be taken from it. Texts of campaigns are claimed by
 * pick.c, notices by who owes them; both are sent here.
 */
#ifndef OD_SRC_TEXTS_H
#define OD_SRC_TEXTS_H

#include "base/base.h"
#include "text/text.h"

#include <outdial/backend.h>

struct od__active;

/* == template.c: fields of contacts ======================================= */

struct od__column;

/* A template whose fields are looked up in one contact after another. */
typedef struct od__merge {
    od__template compiled;
    const struct od__column *columns[OD_TEMPLATE_FIELDS_MAX];
    const char *values[OD_TEMPLATE_FIELDS_MAX]; /* of the present contact */
    char phones[1 + OD_PHONES_MORE][OD_PHONE_MAX + 1];
} od__merge;

/* As od__template_compile(); every name is a field. */
od_err od__merge_compile(od__merge *merge, const char *text,
                         od_errmsg *errmsg);
/* Look up what the fields are for a contact, whose texts must stay, and count
 * those that are empty. The first without a default that is; NULL: none. */
const od_template_field *od__merge_look_up(od__merge *merge,
                                           const od_contact_record *contact);
/* The text of the contact that was looked up last, as od__template_render. */
bool od__merge_render(od__merge *merge, char *out, size_t out_size);

/* One of the longest texts; contact 0: none. */
typedef struct od__length {
    od_id contact;
    int32_t segments;
    int32_t units;
} od__length;

/* What texts come to. Zeroed memory is none. */
typedef struct od__text_sums {
    od_template_report report;
    od__length longest[OD_LONGEST_MAX];
} od__text_sums;

/* Contacts come by their ids. */
void od__text_sums_add(od__text_sums *sums, od_id contact,
                       const od_text_info *info, bool lacks, bool refused);
/* Count the fields that no contact had. */
void od__text_sums_fields(od__text_sums *sums, const od__template *compiled);

/* == compose.c: the text of a campaign for a contact ====================== */

/* Ready to compose; made anew when the campaign's texts change. */
typedef struct od__composer od__composer;

/* What came out of it. Lives until the next composing. */
typedef struct od__composed {
    od_verdict verdict;       /* ALLOW, or BLOCK with OD_REASON_TEXT */
    const od_text_info *info; /* figures and text; also of one that is too long,
                                 or lacks a field */
    const char *lacks;        /* field that is empty and has no default; NULL:
                                 none */
    bool opts_out;            /* opt_out_text was put behind it */
    char why[128];            /* BLOCK: what is wrong with it; else "" */
} od__composed;

/* OD_ERR_FORMAT and OD_ERR_INVALID: its text is not a template. */
od_err od__composer_new(od_engine *engine, const od_campaign_record *campaign,
                        od__composer **out);
void od__composer_free(od__composer *composer);
/* Would two records make the same composer? */
bool od__composer_is_of(const od_campaign_record *a,
                        const od_campaign_record *b);
/* Its template, whose fields know for how many contacts they were empty. */
const od__template *od__composer_template(const od__composer *composer);
void od__compose(od__composer *composer, const od_contact_record *contact,
                 od__composed *out);
/* Options of the campaign for measuring, every default filled in. */
void od__text_options_of(const od_campaign_record *campaign,
                         od_text_options *out);

/* == text_check.c: the texts of all contacts of a campaign ================ */

typedef struct od__text_survey {
    od__text_sums sums;
    int64_t ucs2_segments; /* of those that need UCS-2 */
    char ucs2_text[8];     /* the first character that asks for it; "" */
    size_t fields_len;
    od_template_field fields[OD_TEMPLATE_FIELDS_MAX];
} od__text_survey;

/* Compose them all. OD_ERR_STATE: the campaign has no text. */
od_err od__text_survey_make(od_engine *engine,
                            const od_campaign_record *campaign,
                            od__text_survey *out);

/* == sender.c: texts per minute and caller ID ============================= */

/* Read the limits of the campaigns that run; count tokens up to now. */
void od__senders_turn(od_engine *engine);
/* Texts that may leave now with this caller ID; INT32_MAX: nobody limits it. */
int32_t od__sender_room(const od_engine *engine, uint64_t caller_id);
/* When that is one at least; OD_NEVER: nobody limits it. */
int64_t od__sender_next_ms(const od_engine *engine, uint64_t caller_id);
bool od__sender_take(od_engine *engine, uint64_t caller_id);
void od__sender_undo(od_engine *engine, uint64_t caller_id);
/* The network said that it is too much. */
void od__sender_slow(od_engine *engine, uint64_t caller_id, int64_t hold_ms);

/* == texts.c ============================================================== */

/* Events that a text may make: how it ended. */
#define OD__TEXT_EVENTS 1

/* All that is needed to send a text. */
typedef struct od__letter {
    od_id attempt;
    od_id campaign;
    od_id contact;      /* 0 of a notice */
    uint64_t phone;
    uint64_t caller_id; /* that its slot was taken with */
    const char *text;   /* lives until it is sent, in the same step */
    int32_t notice;     /* od_notice */
    int64_t until_utc_ms; /* a notice is owed; else 0 */
    int32_t encoding;   /* od_text_encoding */
    int32_t segments;
    int32_t validity_s;
} od__letter;

/*
 * Everything that a text needs, or nothing: a slot, a place and a token of a
 * trunk that takes so many bytes, a token of the caller ID, a place for its
 * event. `active` NULL: it is a notice. The slot, whose session_id is drawn and
 * whose trunk is chosen, or OD_NONE; then what it waits for is noted, and the
 * step that could go on comes by itself.
 */
int32_t od__text_take(od_engine *engine, struct od__active *active,
                      uint64_t caller_id, size_t bytes);
/* It was not claimed. */
void od__text_put_back(od_engine *engine, int32_t slot);
/* The claim is durable, and not before. */
void od__text_begin(od_engine *engine, int32_t slot, const od__letter *letter);
/* Send what has begun. One that does not leave ends at once, in the batch: in
 * one step not more are sent than the batch has rows. */
void od__text_send(od_engine *engine, int32_t slot);
/* ENDED of a text: its outcome goes into the batch. */
void od__text_end(od_engine *engine, int32_t slot, const od_report *report);

/* == check.c ============================================================== */

/* Below it a number is a short code, of 3 to 6 digits. */
#define OD__SHORT_CODES 1000000

/* A number in any format, or a short code. OD_ERR_INVALID. */
od_err od__sender_check(od_engine *engine, const char *text, uint64_t *out);
/* "+15550100000", or a short code as it is; "" of 0. */
void od__sender_text(uint64_t number, char out[OD_PHONE_MAX + 1]);
/* The same in memory that lives until the next call. */
const char *od__sender_keep(od_engine *engine, uint64_t number);

#endif
