/*
 * decision.h - rules, places and the decision: part of core.h.
 *
 * Everything that decides whether a number may be called, and what becomes of
 * it after an attempt. Pure but for the table of places.
 */
#ifndef OD_SRC_DECISION_H
#define OD_SRC_DECISION_H

#include "place/place.h"
#include "rules/rules.h"

#include <outdial/backend.h>

struct od__active;
struct od__composed;

/* == law.c: the rules in force ============================================ */

/* A rule that is lifted. */
typedef struct od__lift {
    od_id id; /* of the asset */
    od_id campaign; /* 0: for all */
    char rule[OD__RULE_ID_MAX + 1];
} od__lift;

#define OD__LIFTS_MAX 256
#define OD__RULE_SETS_MAX 64

/* Built-in rules, those of the host, and what is lifted; replaced as a whole
 * when something of it changes. */
typedef struct od__law {
    od__rule_set set;
    od__lift *lifts; /* OD__LIFTS_MAX */
    size_t lifts_len;
    char hash[65]; /* of all of it, as text */
    uint8_t hash_bytes[32];
    od_id assets_sum; /* ids that were read: do they still stand so? */
} od__law;

/* An override as it is stored. */
typedef struct od__override {
    od_id campaign;
    char rule[OD__RULE_ID_MAX + 1];
    char who[OD_NAME_MAX + 1];
    char reason[1024];
} od__override;

/* Room for the bytes of its asset. */
#define OD__OVERRIDE_SIZE 2048

bool od__override_read(const od_asset_record *record, od__override *out);

/* Read them for the first time. */
od_err od__law_load(od_engine *engine);
/* Read them again if another process changed them; tells the roster. */
od_err od__law_refresh(od_engine *engine);
/* The same where nobody polls: in an engine without a carrier, before its host
 * is told of rules. */
od_err od__law_look(od_engine *engine);
/* Make the law anew and put it in the place of the old one; what was blocked
 * by the old one is judged again. */
od_err od__law_replace(od_engine *engine);
/* What is blocked, for a reason that may pass, by a campaign that runs or is
 * paused is judged again. */
od_err od__law_judge_anew(od_engine *engine);
/* Could a text be added to the rules as they are? Changes nothing. */
od_err od__law_try(od_engine *engine, const char *name, const char *text,
                   size_t text_len);
void od__law_free(od_engine *engine);
bool od__law_lifts(const od__law *law, const od__rule *rule, od_id campaign);
/* Indices of the rules that apply to a campaign's calls to a place and are not
 * lifted, whatever the date. More than `max`: SIZE_MAX. */
size_t od__law_find(const od__law *law, const od_campaign_record *campaign,
                    const od__place *place, uint16_t *out, size_t max);

/* == registries.c: registry files in use ================================== */

typedef struct od__registries od__registries;

typedef enum od__registry_answer {
    OD__REGISTRY_CLEAR = 0,
    OD__REGISTRY_LISTED,
    OD__REGISTRY_MISSING,  /* no file of this name is in use */
    OD__REGISTRY_OLD,      /* obtained more than so many days ago, or later */
    OD__REGISTRY_UNCOVERED /* the file says nothing of this area */
} od__registry_answer;

/* Ask the file of a name; reads mapped memory only. `registries` NULL: none. */
od__registry_answer od__registries_ask(const od__registries *registries,
                                       const char *name, int32_t age_days_max,
                                       uint64_t phone, int64_t utc_ms);
/* "us.national 2026-11-20" for the evidence, or "" if it is missing. */
void od__registries_tell(const od__registries *registries, const char *name,
                         char *out, size_t out_size);
/* When the copy was obtained; 0: missing. */
int64_t od__registries_obtained(const od__registries *registries,
                                const char *name);
/* Files may have been swapped: look, and take the new ones into use. */
void od__registries_refresh(od_engine *engine);
void od__registries_free(od_engine *engine);

/* == places.c ============================================================= */

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

/* == require.c: what rules require of a campaign ========================== */

/* What a campaign gives besides what its record says. */
typedef struct od__given {
    int64_t offer_gap_ms;  /* plays between identification and the offer of the
                              opt-out */
    bool caller_id_listed; /* there is proof that it may be shown */
    bool opt_out_offered;  /* by its text, or by what is put behind it */
    bool seller_named;     /* by its text */
} od__given;

od_err od__given_read(od_engine *engine, const od_campaign_record *campaign,
                      od__given *out);
/* Does the campaign give what an OD_RULE_REQUIRE asks? `given` NULL: nothing is
 * known. */
bool od__require_is_met(const od__rule *rule,
                        const od_campaign_record *campaign,
                        const od__given *given);
/* Where a prompt stands among those of a campaign, or OD_NONE. */
int32_t od__prompt_at(const od_campaign_record *campaign, od_id media);

/* == decide.c, decide_place.c ============================================= */

/* Rules of one opening at most; a place with more is never called. */
#define OD__OPENING_RULES 128

/* When a place is open for a campaign: the same for all its numbers. */
typedef struct od__opening {
    od_verdict verdict;   /* ALLOW, DEFER until, BLOCK */
    int64_t from_utc_ms;  /* it holds from here */
    int64_t until_utc_ms; /* to here, then it must be looked at again */
    uint16_t rules_len;
    uint16_t rules[OD__OPENING_RULES]; /* of the law: those without windows that
                                          are in force and judge each number */
} od__opening;

/* All that is known of one number at one instant. */
typedef struct od__facts {
    const od__law *law;
    const od__registries *registries;
    const od_campaign_record *campaign;
    const od__given *given; /* of the campaign; NULL: not known */
    const od_candidate *candidate;
    const od__opening *opening; /* of the candidate's place */
    const struct od__composed *composed; /* the text; NULL: it is a call, or not
                                            composed yet */
    int64_t utc_ms;
} od__facts;

/* Windows of the rules, and of the campaign, in a place. */
void od__decide_place(const od__law *law, const od_campaign_record *campaign,
                      const od__place_entry *place, int64_t utc_ms,
                      od__opening *out);
/* All facts in, one verdict out: that of the first check that does not
 * allow. */
void od__decide(const od__facts *facts, od_verdict *out);
/* Does a verdict on one number say that its campaign must wait for the host: a
 * registry is missing, or it does not give what a rule requires? */
bool od__decide_pauses(const od_verdict *verdict);
/* The decision as it is told. That the campaign does not run, or is over, is
 * the least of the reasons: what stands in the way of the number for good is
 * told first. Members are enrolled when it begins to run. */
void od__decide_told(const od__facts *facts, od_verdict *out);
/* Every check, in the order in which they decide; rules one by one, those of
 * windows after the check "place". */
typedef void (*od__check_fn)(void *ctx, const char *name, const od__rule *rule,
                             const od_verdict *verdict);
void od__decide_each(const od__facts *facts, od__check_fn on_check, void *ctx);
void od__decide_place_each(const od__law *law,
                           const od_campaign_record *campaign,
                           const od__place_entry *place, int64_t utc_ms,
                           od__check_fn on_check, void *ctx);
/* Does evidence on record take a person out of a rule? */
bool od__decide_exempts(const od__rule *rule, int32_t purpose,
                        const od_consents *consents, int64_t utc_ms);

/* == retry.c, guard.c ===================================================== */

/* What was known of a target when its attempt was claimed. */
typedef struct od__tried {
    int32_t attempts; /* that counted before */
    uint64_t tries;
    int64_t claimed_utc_ms;
    const od__place_entry *place; /* NULL: not known */
} od__tried;

/* Fill target_state, reason, due, follow and the marks of an outcome from its
 * disposition. */
void od__retry(const od_campaign_record *campaign, const od__tried *tried,
               int64_t utc_ms, od_outcome *outcome);
/* Fill target_state, due, follow and number_invalid of a receipt from its
 * disposition: UNDELIVERED or NOT_FOUND of a text that was SENT, and whose
 * target is as the message says. Any other leaves the target alone. `place` is
 * that of the target; NULL: not known. */
void od__retry_receipt(const od_campaign_record *campaign,
                       const od_message_record *message,
                       const od__place_entry *place, od_receipt_record *out);
/* Note an outcome; true: the campaign is to be paused, its guard_why says
 * why. */
bool od__guard_note(struct od__active *active, const od_outcome *outcome);
/* Forget what was noted: the campaign has been paused. */
void od__guard_clear(struct od__active *active);

#endif
