/*
 * storage_check.h - the part of kit_check() that is about texts.
 */
#ifndef OD_TEST_STORAGE_CHECK_H
#define OD_TEST_STORAGE_CHECK_H

#include "support/storage_kit.h"

#define CHECK_PAGE 37 /* no divisor of anything: pages end anywhere */

/* Texts and replies: each row makes sense, and the scans agree. */
void check_texts(od_kit *kit);
/* Add what a recount of the texts and replies of a campaign finds. */
void check_count_texts(od_kit *kit, od_id campaign, od_counters *sums);

#endif
