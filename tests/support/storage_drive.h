/*
 * storage_drive.h - random operations on a storage and on the model beside it.
 *
 * storage_suite_model.c  operations on people, lists and campaigns; the drive
 * storage_drive.c        what is drawn; exchanges
 * storage_drive_texts.c  what of them is about texts
 */
#ifndef OD_TEST_STORAGE_DRIVE_H
#define OD_TEST_STORAGE_DRIVE_H

#include "support/storage_model.h"

#define DRIVE_BATCH_MAX 6

typedef struct od_drive {
    od_kit *kit;
    od_model *model;
    od__rand rand;
    int32_t places[3];
    int names; /* groups made so far */
    int64_t receipts; /* that were heeded */
    int64_t notices;  /* that were claimed */
} od_drive;

/* One exchange being put together, and its judge. */
typedef struct od_talk {
    od_drive *drive;
    od_dnc_record dnc[2];
    bool dnc_new[2];
    od_answered answered[2];
    od_answer_record answers[2];
    od_outcome outcomes[DRIVE_BATCH_MAX];
    od_kit_sent sents[DRIVE_BATCH_MAX]; /* of outcomes */
    od_release releases[2];
    od_receipt_record receipts[DRIVE_BATCH_MAX];
    od_reply_record replies[2];
    od_notice_claim notices[2];
    bool claimed[2]; /* what the model says of notices */
    od_ledger_entry notes[2 * DRIVE_BATCH_MAX + 8];
    od_lane_request lanes[4];
    od_exchange exchange;
} od_talk;

uint64_t drive_below(od_drive *drive, uint64_t n);
bool drive_chance(od_drive *drive, uint64_t one_in);
int32_t drive_place(od_drive *drive);
size_t drive_first(od_drive *drive);
size_t drive_phone(od_drive *drive);
/* Of a consent, or of a campaign. */
const char *drive_seller(od_drive *drive);
/* An instant before, or after, or none. */
int64_t drive_expiry(od_drive *drive);

/* One exchange of things that happened and lanes that are asked. */
void drive_exchange(od_drive *drive);

/* Index of the campaign of what is live on a line; MODEL_CAMPAIGNS: of none. */
size_t drive_live_campaign(const od_model *model, const od_model_line *line);
/* The end of a text, instead of that of a call. */
void drive_end_text(od_talk *talk, od_outcome *outcome, od_kit_sent *sent);
/* Releases, receipts and replies, in this order. */
void drive_add_news(od_talk *talk, bool releases);
/* Notices; and whether they were claimed as the model says. Their attempts get
 * the ids from there on. */
void drive_add_notices(od_talk *talk);
void drive_check_notices(od_talk *talk);
/* A reply is declared to be an opt-out. */
void drive_opt_out(od_drive *drive);

#endif
