/*
 * rig.h - one campaign of chaos: an engine in virtual time over a storage that
 * can fail and die, a far end that is listened to, and the checker.
 *
 * plan.c makes up the people, the campaigns and the far end, act.c does things
 * to them, rows.c reads what is stored, rig.c drives. All that is random comes
 * from the seed.
 */
#ifndef CHAOS_RIG_H
#define CHAOS_RIG_H

#include "checker.h"

#include "support/fault_storage.h"
#include "support/shaky.h"
#include "support/world.h"

#define RIG_ACTIONS 30
#define RIG_SLOTS 64
#define RIG_PLAYS 64
#define RIG_POLL_MS 500

typedef struct sqlite3 sqlite3;

typedef struct rig_play {
    uint64_t phone;
    char text[120];
} rig_play;

typedef struct rig {
    chk c;
    uint64_t seed;
    uint64_t rand;
    jmp_buf out;
    char failure[640];
    /* The last actions, for who has to understand a failure. */
    char actions[RIG_ACTIONS][200];
    int64_t actions_len;
    bool verbose;

    bool on_sqlite;
    char *folder;
    char path[700]; /* of the database */
    sqlite3 *raw;
    od_engine *engine;
    od_engine *desk; /* another process at the same file; NULL: none */
    od_now now;
    int64_t begin_mono_ms;
    int64_t end_mono_ms;
    int gap_ms; /* a host that steps no more often */
    od_fault fault;
    od_shaky shaky;
    bool wrapped;

    od_engine_options options;
    od_sim_options sim_options;
    od_transport *sim;
    od_transport_ops carrier;
    void *carrier_ctx;
    od_transport_ops tap;
    od_sink *engine_sink;
    od_sink *tap_sink;
    int64_t slots[RIG_SLOTS]; /* attempts */
    int plays_len;
    rig_play plays[RIG_PLAYS];

    od_id groups[CHK_GROUPS];
    int groups_len;
    od_id prompt;
    od_id survey;
    int rules_next; /* for names */
    int lifts_next;
    char rule_sets[CHK_RULES][24];
    bool marketing; /* some campaign sells: registries are in use */
    char registry_paths[2][700];
    od_campaign_options campaign_options[CHK_CAMPAIGNS];
    od_window windows[CHK_CAMPAIGNS][CHK_WINDOWS];
    od_id campaign_groups[CHK_CAMPAIGNS][CHK_GROUPS];
    char names[CHK_CAMPAIGNS][8];
    int64_t fault_until_mono; /* 0: none */
    int64_t steps;
    int deaths;
} rig;

/* -- rig.c -------------------------------------------------------------------
 */

/* 0 to n-1 */
int rig_below(rig *r, int n);
int rig_between(rig *r, int low, int high);
bool rig_chance(rig *r, int percent);
void rig_say(rig *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void rig_fail(rig *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), noreturn));
/* Was it done? Failures that a healthy engine has no reason for end the run. */
bool rig_ok(rig *r, od_err err, const char *what);

/* Play the campaign of r->seed; the failure is in r->failure, "" if none. */
void rig_play_all(rig *r);
void rig_open(rig *r);
void rig_step(rig *r);
void rig_run_until(rig *r, int64_t mono_ms);
/* The process dies now, or ends in good order; then another begins. */
void rig_die(rig *r);
void rig_restart(rig *r);
/* What the store says of the campaigns. */
void rig_states(rig *r);

/* -- plan.c ------------------------------------------------------------------
 */

void plan_begin(rig *r);  /* before the engine: options */
void plan_fill(rig *r);   /* people, campaigns, evidence */
void plan_attach(rig *r); /* what belongs to a process: plays, registries */
uint64_t plan_phone(rig *r);
void plan_contact(rig *r, chk_contact *out);
bool plan_add(rig *r, chk_contact *contact, int group);
void plan_consent(rig *r, uint64_t phone);
void plan_options(rig *r, int campaign, bool changed);
void plan_rule(rig *r, fact_rule *out);
void plan_rule_text(const fact_rule *rule, char *out, size_t size);
void plan_registry(rig *r, int which);
void plan_contact_text(const chk_contact *contact, char phones[3][24],
                       od_contact *out);

/* -- act.c -------------------------------------------------------------------
 */

void act_random(rig *r);
void act_start(rig *r, int campaign);

/* -- rows.c ------------------------------------------------------------------
 */

#define ROWS_FLIGHTS 64
size_t rows_flights(rig *r, chk_flight_row *out);
bool rows_attempt(rig *r, int64_t attempt, chk_attempt_row *out);
int rows_state(rig *r, int64_t campaign);
/* Is there such an entry, whenever it ends? */
bool rows_listed(rig *r, const chk_entry *entry);
/* Everything, at the end. */
void rows_check_all(rig *r);
/* Print where every target stands, for who replays a failure. */
void rows_show(rig *r);
void rows_open(rig *r);
void rows_close(rig *r);

#endif
