/*
 * sqlite.h - the folder's table of contents: everything in one SQLite file.
 *
 * sqlite.c     open, identity of the file, end, the table of slots
 * schema.c     the tables, version by version
 * nouns.h      what the files below offer, noun by noun
 * query.h      sql.c: the text of every statement; query.c: a statement in use
 * transaction.c  begin and finish; numbers that are given out
 * fields.c     custom fields as one value
 * failure.c    what SQLite says -> od_err and a text with the cure
 * counters.c   sums that are gathered in memory and stored once per commit
 * places.c groups.c contacts.c dnc.c consents.c campaigns.c assets.c ledger.c
 *              one file per noun
 * targets.c    a row of the queue moves from state to state
 * queue.c      fill and lanes
 * facts.c      what is known of a target and its phone
 * exchange.c   what happened and what may begin, in one commit
 * calls.c      live attempts, ended calls, answers, results
 * messages.c   ended texts and their receipts
 * replies.c    texts that came in, and the notices they are owed
 * erase.c      a person goes
 * lease.c      who dials
 * upkeep.c     change counter, checkpoint, backup
 *
 * How a slot is written: od__sqlite_enter() first; readers use queries;
 * writers stand between od__sqlite_begin() and od__sqlite_finish(), which
 * commits or rolls back. Counters, ids and the ledger head are gathered in
 * od__sqlite during a transaction and mean nothing outside of one.
 */
#ifndef OD_SRC_STORAGE_SQLITE_H
#define OD_SRC_STORAGE_SQLITE_H

#include "storage/sqlite/query.h"

#include <outdial/storage.h>

/* == the object =========================================================== */

/* Numbers that are given out in memory and stored once per commit. */
typedef enum od__sequence {
    OD__SEQUENCE_CONTACT,
    OD__SEQUENCE_ATTEMPT,
    OD__SEQUENCES
} od__sequence;

/* Sums of one campaign that wait for the commit. */
typedef struct od__sums {
    od_id campaign;
    int64_t claims;
    od_counters delta;
} od__sums;

/* The same of a lane. */
typedef struct od__lane_sum {
    od_id campaign; /* 0: free */
    int64_t ready;
    int32_t lane;
} od__lane_sum;

#define OD__SUMS_MAX 16
#define OD__LANE_SUMS_MAX 1024

/* Some SQL that leads to a version of the schema. */
typedef struct od__schema_step {
    int version;
    const char *sql;
} od__schema_step;

/* What tests may change about an open; zero is normal. */
typedef struct od__sqlite_hooks {
    int64_t busy_ms;              /* how long to wait for other writers */
    int64_t pages_max;            /* the disk is "full" beyond */
    const od__schema_step *steps; /* another schema than ours */
    size_t steps_len;
} od__sqlite_hooks;

struct od__sqlite {
    sqlite3 *db;
    sqlite3_stmt *stmts[OD__SQL_COUNT]; /* prepared when first used */
    od_errmsg errmsg;
    od__sqlite_hooks hooks;
    int64_t busy_since_ms; /* mono; when the present wait began */
    od__arena arena;       /* texts and rows that a slot hands out */
    od__arena judge_arena; /* the same of slots that a judge asks */
    void *bytes;           /* the same, for what is large */
    void *scratch;         /* custom fields being packed */
    size_t scratch_size;
    int lease_fd; /* -1: the lock file is not open */
    bool leased;
    int64_t lease_since_ms;
    int wal_pages; /* in the log after the last commit of ours */
    int wal_tried; /* the same when it was last copied, or was to be */

    /* Of the transaction that is open. */
    int64_t sequence[OD__SEQUENCES]; /* last one given out; -1: not read */
    bool sequence_used[OD__SEQUENCES];
    int64_t ledger_seq; /* last row; -1: not read */
    uint8_t ledger_hash[32];
    int64_t claims_utc_ms; /* instant of the claims that are counted */
    od__sums sums[OD__SUMS_MAX];
    size_t sums_len;
    od__lane_sum lane_sums[OD__LANE_SUMS_MAX]; /* a hash table */
    size_t lane_sums_len;
    od_err sums_err; /* what storing sums before the commit met */
    int prefixes;    /* are prefixes on the do-not-call list? -1: not read */

    char path[OD_PATH_MAX + 3]; /* "./" is put before a relative one */
    char lease_path[OD_PATH_MAX + 16];
};

/* Sleep one step of a wait for others, 0.5 ms. */
void od__sqlite_pause(void);

/* Open or make a file; hooks may be NULL. Errors as of
 * od_storage_open_sqlite(). */
od_err od__sqlite_open(od__sqlite **out, const char *path,
                       const od__sqlite_hooks *hooks, od_errmsg *errmsg);

extern const od_storage_ops od__sqlite_ops;

/* == schema.c ============================================================= */

/* "OdL1": what the header of our files says. */
#define OD__SQLITE_APPLICATION_ID 0x4f644c31

/* The steps of one version after the other; how many. */
extern const od__schema_step od__schema_steps[];
extern const size_t od__schema_steps_len;

/* Check that the file is ours and bring it up to date, all or nothing. */
od_err od__schema_open(od__sqlite *s);

/* == failure.c ============================================================ */

/* What SQLite said last, with this result code, as od_err and text. */
od_err od__sqlite_fail(od__sqlite *s, int rc);
/* The same without an object: while opening. */
od_err od__sqlite_fail_at(od_errmsg *errmsg, const char *path, sqlite3 *db,
                          int rc, int64_t busy_ms);
/* A file beside the database could not be made, with this errno. */
od_err od__sqlite_fail_file(od__sqlite *s, const char *path, int error);
/* A stored value of this column makes no sense. */
od_err od__sqlite_corrupt(od__sqlite *s, const char *what);
od_err od__sqlite_memory(od__sqlite *s);
/* OD_ERR_NOT_FOUND: no such `what`. */
od_err od__sqlite_no(od__sqlite *s, const char *what, od_id id);

/* == transaction.c ======================================================== */

/* First thing in a slot: what the last one handed out is gone. */
od__sqlite *od__sqlite_enter(void *ctx);

/* A transaction that writes. */
od_err od__sqlite_begin(od__sqlite *s);
/* Commit if err is OD_OK, else roll back; the outcome of both. Does nothing
 * more than return err where no transaction is open. */
od_err od__sqlite_finish(od__sqlite *s, od_err err);
/* Several reads of one state of the file. */
od_err od__sqlite_read(od__sqlite *s);
od_err od__sqlite_read_end(od__sqlite *s, od_err err);

/* The next number of a sequence, not taken yet; and take it. */
od_err od__sequence_peek(od__sqlite *s, od__sequence which, int64_t *out);
void od__sequence_take(od__sqlite *s, od__sequence which);

/* == counters.c =========================================================== */

/* counter.kind of READY targets, which a statement names. */
#define OD__COUNTER_READY 1

/* Changes of a campaign's sums, for od__tally_*; stored when the transaction
 * commits, and a failure to do so is told by the finish. Never NULL; good
 * until the next call. */
od_counters *od__sums_of(od__sqlite *s, od_id campaign);
/* One more claim, at s->claims_utc_ms. */
void od__sums_claim(od__sqlite *s, od_id campaign);
void od__lane_count(od__sqlite *s, od_id campaign, int32_t lane, int step);
/* Store what was gathered; called by the finish. */
od_err od__sums_flush(od__sqlite *s);
void od__sums_reset(od__sqlite *s);
od_err od__sqlite_counters(void *ctx, od_id campaign, od_counters *out);

/* == contacts.c =========================================================== */

/* A contact and the numbers that it is called at. */
typedef struct od__phones {
    od_id contact;
    uint64_t first;
    uint64_t more[OD_PHONES_MORE];
    int32_t places[OD_PHONES_MORE];
} od__phones;

/* Columns contact, phone, phone2, place2, phone3, place3. */
void od__row_phones(od__query *query, od__phones *out);
/* *found false: there is no such contact. */
od_err od__contact_phones(od__sqlite *s, od_id contact, od__phones *out,
                          bool *found);
/* Out of all groups and out of the store. */
od_err od__contact_remove(od__sqlite *s, const od__phones *contact);
/* Take a phone from where it is a further one. */
od_err od__contact_drop(od__sqlite *s, const od__phones *contact,
                        uint64_t phone);

/* == targets.c ============================================================ */

/* A target is an od_candidate of which only the row itself counts: campaign to
 * disposition, due_utc_ms and tries. */

/* Columns campaign, phone, contact, place, state, reason, attempts,
 * disposition, due_at, tries. */
void od__row_target(od__query *query, od_candidate *out);
/* *found false: the phone is not enrolled. */
od_err od__target_get(od__sqlite *s, od_id campaign, uint64_t phone,
                      od_candidate *out, bool *found);
/* Enrol a phone, READY; *added false: it is a target already. */
od_err od__target_add(od__sqlite *s, const od_candidate *target, bool *added);
/* Change a row, its lane and the sums. */
od_err od__target_set(od__sqlite *s, const od_candidate *before,
                      const od_candidate *after);
od_err od__target_remove(od__sqlite *s, const od_candidate *target);
/* A target that is to be set becomes READY, or DONE if it is nobody's: its
 * contact is removed or has the phone no more. */
od_err od__target_ready(od__sqlite *s, od_candidate *target);
/* What blocked a target is gone: it becomes READY so, due at utc_ms, or as it
 * was if that is later. */
od_err od__target_free(od__sqlite *s, od_id campaign, uint64_t phone,
                       int64_t utc_ms);
/* The same of all targets of a phone that evidence of consent may free. */
od_err od__targets_agree(od__sqlite *s, uint64_t phone, int64_t utc_ms);
/* A member, as od__target_add() takes it, meets a target that is there: takes
 * over what is nobody's, revives what may be called. fill NULL: only that. */
od_err od__target_meet(od__sqlite *s, const od_candidate *member,
                       const od_fill *fill);
/* The next phone of the target's contact, see od_outcome.follow. */
od_err od__target_follow(od__sqlite *s, const od_candidate *target,
                         int64_t due_utc_ms);
/* A phone of a contact, and its targets, have another place: member_put. */
od_err od__targets_place(od__sqlite *s, od_id contact, uint64_t phone,
                         int32_t place, int64_t utc_ms);
/* A contact left a group of this campaign, see member_remove. */
od_err od__targets_leave(od__sqlite *s, od_id campaign,
                         const od__phones *contact);
/* It is in no group any more and is removed, see member_remove. */
od_err od__targets_finish(od__sqlite *s, const od__phones *contact);
/* A further phone is the contact's no more, see member_put. */
od_err od__targets_drop(od__sqlite *s, od_id contact, uint64_t phone);
/* The number is nobody's; `all`: and not remembered. See person_erase. */
od_err od__targets_erase(od__sqlite *s, uint64_t phone, bool all);

#include "storage/sqlite/nouns.h"

#endif
