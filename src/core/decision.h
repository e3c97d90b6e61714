/*
 * decision.h - rules, places and the decision: part of core.h.
 *
 * Everything that decides whether a number may be called, and what becomes of
 * it after an attempt. Pure but for the table of places.
 */
#ifndef OD_SRC_DECISION_H
#define OD_SRC_DECISION_H

#include "place/place.h"

#include <outdial/backend.h>

struct od__active;

/* == places.c, rules.c ==================================================== */

/* A calling rule: a window that is always kept to. */
typedef struct od__rule {
    const char *id;
    const char *region; /* "*": every region */
    od_window window;
    const char *citation;
} od__rule;

const od__rule *od__rules(size_t *len);
/* Windows of all rules that apply to a place. Returns how many (<= max). */
size_t od__rules_windows(const od__place *place, od_window *out, size_t max);

/* A place by its id, with zones loaded; kept for the life of the engine. */
typedef struct od__place_entry {
    int32_t id;
    bool zones_known; /* every zone was found */
    od__place place;
    const od__zone *zones[OD__ZONES_MAX];
    char key[OD_PLACE_KEY_MAX + 1];
} od__place_entry;

typedef struct od__places {
    od__zones *zones;
    od__place_entry *rows; /* by id: rows[id - 1] */
    size_t len;
    size_t room;
    uint32_t *index;       /* hash of key -> id, open addressing */
    size_t index_room;
    int32_t by_area[OD_LINES][1000]; /* NANP area code alone -> id; 0: not
                                        asked yet */
} od__places;

od_err od__places_load(od_engine *engine);
void od__places_free(od_engine *engine);
/* Entry of an id, or NULL if it is unknown; loads what another process
 * interned. An error: it could not be read, which is not unknown. */
od_err od__places_read(od_engine *engine, int32_t id,
                       const od__place_entry **out);
/* The same where an error is as good as unknown. */
const od__place_entry *od__places_get(od_engine *engine, int32_t id);
/* Id of the place of a number with what else is known; the line is valid. */
od_err od__places_of(od_engine *engine, uint64_t phone,
                     const od__evidence *evidence, int32_t *out);
/* Zone files may have changed: look, and take the new ones. */
void od__places_refresh(od_engine *engine);

/* == decide.c ============================================================= */

/* When a place is open for a campaign: the same for all its numbers. */
typedef struct od__opening {
    od_verdict verdict;  /* ALLOW, DEFER until, BLOCK */
    int64_t from_utc_ms;  /* it holds from here */
    int64_t until_utc_ms; /* to here, then it must be looked at again */
} od__opening;

void od__decide_place(const od_campaign_record *campaign,
                      const od__place_entry *place, int64_t utc_ms,
                      od__opening *out);
/* All facts in, one verdict out. `opening` is that of the candidate's place. */
void od__decide(const od_campaign_record *campaign,
                const od_candidate *candidate, const od__opening *opening,
                int64_t utc_ms, od_verdict *out);
/* Windows of the campaign cut to those of the rules; returns how many. */
size_t od__decide_windows(const od_campaign_record *campaign,
                          const od__place *place, od_window *out, size_t max);

/* == retry.c, guard.c ===================================================== */

/* Fill target_state, reason, due and the marks of an outcome from its
 * disposition. `attempts` counted before this one. */
void od__retry(const od_campaign_record *campaign, int32_t attempts,
               int64_t utc_ms, od_outcome *outcome);
/* Note an outcome; true: too many failed, pause the campaign. */
bool od__guard_note(struct od__active *active, int32_t disposition);

#endif
