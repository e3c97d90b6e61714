/*
 * checker.h - an independent judge of what an engine does.
 *
 * It is told what the host asked for and succeeded with, what the far end
 * reported, what was dialed, and what stands in the store, keeps a model of its
 * own, and says at each step what was promised and not kept. It includes the C
 * library and its own facts (facts.h), and nothing of the engine. Numbers of
 * states, dispositions and scopes are those that are stored.
 */
#ifndef CHAOS_CHECKER_H
#define CHAOS_CHECKER_H

#include "checker_types.h"

/* -- the checker ------------------------------------------------------------
 */

typedef struct chk chk;
struct chk {
    /* Told of a promise that was not kept; does not return. */
    void (*broken)(void *ctx, const char *text);
    void *ctx;
    int64_t utc_ms;
    int64_t mono_ms;
    int64_t utc_max; /* the clock was there */
    /* Of the last judging. */
    chk_class why;
    int64_t until_utc_ms;

    chk_campaign campaigns[CHK_CAMPAIGNS];
    int contacts_len;
    chk_contact contacts[CHK_CONTACTS];
    int list_len;
    chk_entry list[CHK_LIST];
    int consents_len;
    chk_consent consents[CHK_LIST];
    int rules_len;
    fact_rule rules[CHK_RULES]; /* of the host */
    int lifts_len;
    chk_lift lifts[CHK_LIFTS];
    chk_registry registries[2];
    chk_registry registries_old[2]; /* until they are swapped for sure */
    int64_t swap_until_mono;

    int calls_max; /* of the engine */
    int trunks_len;
    int trunk_calls_max;
    bool trunk_up[CHK_TRUNKS];
    bool healthy;            /* no fault is active */
    bool late;               /* a fault left commits that nobody knows of */
    int64_t held_until_mono; /* the network said that it is full */

    int calls_len;
    int calls_from;  /* those before are over */
    chk_call *calls; /* CHK_CALLS */
    int targets_len;
    chk_target targets[CHK_TARGETS];
    int lines_len;
    chk_line lines[CHK_LINES];

    uint8_t head[32]; /* of the ledger, as far as it was read */
    int64_t head_seq;

    /* sums of a run */
    int64_t dials;
    int64_t answers;
    int64_t opt_outs;
    int64_t looks;      /* how often the question of liveness was asked */
    int64_t looks_open; /* and the answer was that a call may begin */
};

/* Why not; NULL: the call may begin. `sure`: only what is beyond doubt counts
 * as allowed. c->why classes it, c->until_utc_ms is when asking again makes
 * sense at the latest, or 0. */
const char *chk_judge(chk *c, int campaign, uint64_t phone,
                      const chk_contact *contact, bool sure);
/* Of that, the windows of rules and of the campaign alone; first phone. */
bool chk_is_open(chk *c, int campaign, const chk_contact *contact);
/* Why not, however long one waits; first phone. Sets c->why too. */
const char *chk_blocked(chk *c, int campaign, const chk_contact *contact);
/* May time alone change it? */
bool chk_is_later(const chk *c);

/* The transport was told to dial. row: the live attempt as stored; NULL: there
 * is none. */
typedef struct chk_dial {
    int64_t attempt;
    int64_t campaign;
    uint64_t to;
    int trunk;
    const char *session;
} chk_dial;
void chk_on_dial(chk *c, const chk_dial *dial, const chk_flight_row *row);
/* The transport refused it. */
void chk_on_dial_failed(chk *c, int64_t attempt, bool no_channel);
void chk_on_hangup(chk *c, int64_t attempt);

/* What the far end did. */
void chk_on_reached(chk *c, int64_t attempt);
void chk_on_answered(chk *c, int64_t attempt);
void chk_on_machine(chk *c, int64_t attempt);
void chk_on_digit(chk *c, int64_t attempt, char digit);
void chk_on_end(chk *c, int64_t attempt, int status, bool no_channel,
                int retry_after_s);

/* What the engine told. */
void chk_event_dialing(chk *c, int64_t attempt);
void chk_event_ended(chk *c, int64_t attempt, int disposition, int status,
                     bool survey_done, const chk_attempt_row *row);
void chk_event_opt_out(chk *c, int64_t attempt);
void chk_event_state(chk *c, int64_t campaign, int state, const char *why);

/* A step is over. */
void chk_after_step(chk *c, bool ok, size_t calls_live,
                    const chk_flight_row *flights, size_t flights_len);
/* The process died: what lived is lost. */
void chk_on_death(chk *c);
/* Before the next begins: an attempt that nobody saw dialed. */
void chk_on_claimed(chk *c, const chk_flight_row *row);
/* Another began: what became of a LOST attempt. flight: as it stood between the
 * two; NULL: it had ended. row: as it stands now; NULL: nowhere. */
void chk_settled(chk *c, chk_call *call, const chk_flight_row *flight,
                 const chk_attempt_row *row);
/* An opt-out died with its process. */
void chk_opt_out_lost(chk *c, chk_call *call);

/* What the host did. */
void chk_campaign_begins(chk *c, int campaign);
/* Rules, overrides or registries changed: what was blocked is judged anew, by
 * the next step in which the campaign runs. */
void chk_law_changes(chk *c);
/* Before a step, with the options of now. */
void chk_refill(chk *c);
/* What blocks numbers for such a reason is gone (phone 0: all numbers). */
void chk_unstick(chk *c, chk_class why, uint64_t phone);
/* The wall clock goes back: delays that were over stay it. */
void chk_clock_back(chk *c);
void chk_callback(chk *c, int campaign, uint64_t phone, int64_t utc_ms);
void chk_phone_left(chk *c, uint64_t phone);
void chk_person_left(chk *c, const chk_contact *contact);
/* true: new, or prolonged */
bool chk_list_add(chk *c, const chk_entry *entry);
bool chk_list_remove(chk *c, const chk_entry *entry);
void chk_revoke(chk *c, uint64_t phone, const char *seller);
/* until: of the last entry to expire; 0: never. */
bool chk_is_listed(const chk *c, int64_t campaign, uint64_t phone,
                   int64_t *until_utc_ms);

/* Is somebody left whom the engine forgets? Asked at intervals, and before
 * anything changes. */
void chk_look(chk *c);
/* The options of a campaign are about to change: whose windows never open
 * under them may be blocked. */
void chk_look_ahead(chk *c, int campaign);

/* All rows, at the end; each once. */
void chk_rows_attempt(chk *c, const chk_attempt_row *row);
/* by_state, attempts_by: what the engine counts, by target state and by
 * disposition. */
void chk_rows_targets(chk *c, int campaign, const chk_target_row *rows,
                      size_t len, const int64_t *by_state,
                      const int64_t *attempts_by);
void chk_rows_ledger(chk *c, const chk_ledger_row *row);
void chk_rows_end(chk *c);

chk_call *chk_call_of(chk *c, int64_t attempt);
int chk_live(const chk *c);

#endif
