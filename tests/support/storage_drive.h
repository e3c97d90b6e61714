/*
 * storage_drive.h - random operations on a storage and on the model beside it.
 *
 * storage_suite_model.c  operations on people, lists and campaigns; the drive
 * storage_drive.c        what is drawn; exchanges
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
} od_drive;

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

#endif
