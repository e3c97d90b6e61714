/*
 * checker_parts.h - what the files of the checker share; see checker.h.
 */
#ifndef CHAOS_CHECKER_PARTS_H
#define CHAOS_CHECKER_PARTS_H

#include "checker.h"

void chk_broken(chk *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Of the model; targets and lines are made if there is none. */
chk_target *chk_target_of(chk *c, int campaign, uint64_t phone);
chk_line *chk_line_of(chk *c, uint64_t phone);
chk_contact *chk_contact_of(chk *c, int64_t id);
bool chk_is_member(const chk *c, int campaign, const chk_contact *contact);
/* Live calls of a campaign (-1: of any) over a trunk (-1: over any). */
int chk_live_of(const chk *c, int campaign, int trunk);

/* A call ended so: what becomes of its number. And: otherwise than it looked.
 */
void chk_take_end(chk *c, chk_call *call, int disposition);
void chk_take_other_end(chk *c, chk_call *call, int disposition);

/* Nobody is left, says the engine. */
void chk_check_completed(chk *c, int campaign);

#endif
