/*
 * memory_rows.h - the rows of the storage in memory and how they hang together.
 *
 * Everything known of a phone hangs on its line, so one look-up by number
 * finds memberships, targets, entries, consents and attempts:
 *
 *   lines (map) -> line --members--> member -> contact, group
 *                      --targets--> target -> campaign, queue
 *                      --entries--> dnc entry
 *                      --consents-> consent
 *                      --attempts-> attempt -> target
 *
 * The chains are as long as the number of groups, campaigns, entries or calls
 * of that one phone. A contact is a member on the line of its first phone only
 * and knows the lines of the further ones. The entries of a prefix hang on a
 * line of their own, in another map. Rows with an id also stand in a vector at
 * id - 1; NULL there means removed. An attempt to send a text has a message,
 * which its parts lead to by what the network calls them; replies hang on the
 * line of who wrote them.
 *
 * Invariants:
 *  1. A READY target stands in exactly one lane: that of its place and
 *     attempts, in the queue target->queue. Others stand in none.
 *  2. The sums of a campaign are a recount of its targets at all times.
 *  3. line->flight is the one live attempt of the phone, its target is FLIGHT
 *     (a notice has none), and the attempt stands in the list of flights.
 *  4. A message is in the heap memory->open while its delivery is open, and
 *     that has room for every attempt. A reply is in the list of those that are
 *     owed something while it is.
 */
#ifndef OD_SRC_STORAGE_MEMORY_ROWS_H
#define OD_SRC_STORAGE_MEMORY_ROWS_H

#include "storage/memory_containers.h"
#include "storage/storage.h"

typedef struct od__memory od__memory;
typedef struct od__memory_line od__memory_line;
typedef struct od__memory_contact od__memory_contact;
typedef struct od__memory_member od__memory_member;
typedef struct od__memory_group od__memory_group;
typedef struct od__memory_queue od__memory_queue;
typedef struct od__memory_target od__memory_target;
typedef struct od__memory_campaign od__memory_campaign;
typedef struct od__memory_dnc od__memory_dnc;
typedef struct od__memory_consent od__memory_consent;
typedef struct od__memory_attempt od__memory_attempt;
typedef struct od__memory_answer od__memory_answer;
typedef struct od__memory_message od__memory_message;
typedef struct od__memory_part od__memory_part;
typedef struct od__memory_reply od__memory_reply;
typedef struct od__memory_asset od__memory_asset;

struct od__memory_line {
    uint64_t phone;
    od__memory_member *members; /* the newest first, as the next three */
    od__memory_target *targets;
    od__memory_dnc *entries;
    od__memory_consent *consents;
    od__memory_attempt *attempts_first; /* by id; without nameless ones */
    od__memory_attempt *attempts_last;
    od__memory_attempt *flight; /* the live one, or NULL */
    od__memory_reply *replies_first; /* by id; without nameless ones */
    od__memory_reply *replies_last;
    int64_t called_utc_ms;
    int64_t answered_utc_ms;
    bool number_invalid;
};

struct od__memory_contact {
    od_id id;
    od__memory_line *line;
    int32_t place;
    int32_t places[OD_PHONES_MORE];
    od__memory_line *more[OD_PHONES_MORE]; /* its further phones, or NULL */
    od_contact *body; /* one block: the contact, its fields and texts */
};

struct od__memory_member {
    od__memory_contact *contact;
    od__memory_group *group;
    int64_t import;
    size_t at; /* in group->members */
    od__memory_member *next_of_phone;
};

struct od__memory_group {
    od_id id;
    char name[OD_NAME_MAX + 1];
    od__rows members; /* by contact id, unless unsorted; NULL: has left */
    int64_t members_len;
    int64_t fresh_utc_ms;
    od_id contact_max; /* highest id that was ever added */
    bool unsorted;
};

/* The queue of one lane: a pairing heap, earliest due first, then phone. */
typedef struct od__memory_lane {
    od__memory_target *root;
    int64_t ready;
} od__memory_lane;

/* Both lanes of one place of one campaign. Once made it stays. */
struct od__memory_queue {
    int32_t place;
    od__memory_lane lanes[2]; /* first tries, then retries */
};

struct od__memory_target {
    od__memory_campaign *campaign;
    od__memory_line *line;
    od__memory_queue *queue; /* of its place */
    od__memory_target *next_of_phone;
    od__memory_target *heap_child; /* first of those that are due later */
    od__memory_target *heap_next;  /* sibling */
    od__memory_target *heap_prev;  /* sibling before, or parent; root: NULL */
    uint64_t phone;
    od_id contact;
    int64_t due_utc_ms;
    uint64_t tries;
    int32_t state;
    int32_t reason;
    int32_t disposition;
    int32_t attempts;
};

struct od__memory_campaign {
    od_campaign_record record;
    od_counters sums;
    od__rows queues;  /* by place */
    od__rows answers; /* by id */
    od__rows results; /* in order of first appearance */
    od__rows targets; /* by phone, when targets_listed: made when asked for */
    bool targets_listed;
    int32_t fill_group;   /* index in record.groups where the fill stands */
    od_id fill_contact;   /* the last one it looked at there */
    bool fill_anew;       /* it leaves alone who is through */
};

struct od__memory_dnc {
    od_dnc_record record; /* texts in the same block */
    od__memory_line *line;
    od__memory_dnc *next_of_phone;
};

struct od__memory_consent {
    od_consent_record record; /* texts in the same block */
    od__memory_line *line;
    od__memory_consent *next_of_phone;
};

struct od__memory_attempt {
    od_attempt_record record;
    od__memory_campaign *campaign; /* NULL: a notice of none */
    od__memory_target *target; /* only while live; it may go afterwards. NULL:
                                  a notice */
    od__memory_line *line;     /* only while live */
    od__memory_message *message; /* NULL: a call */
    od__memory_attempt *next_of_phone;
    od__memory_attempt *flight_next; /* while live: by id */
    od__memory_attempt *flight_prev;
    od__memory_answer *answers; /* the newest first */
    bool live;
};

struct od__memory_answer {
    od_answer_record record;
    od__memory_answer *next_of_attempt;
};

struct od__memory_message {
    od_message_record record; /* without what is said of its target */
    od__memory_attempt *attempt;
    od__memory_part *parts[OD_SEGMENTS_MAX]; /* NULL: the network has no name
                                                for it. Another message may have
                                                been given that since */
    size_t open_at; /* in memory->open, from 1; 0: it is not there */
    char network_code[16];
};

/* What a trunk calls a part of a text. */
struct od__memory_part {
    od__memory_message *message; /* NULL: it was erased */
    const char *trunk;
    const char *network_id; /* "" once it was erased */
    int32_t part;
};

struct od__memory_reply {
    od_reply_record record;
    od__memory_reply *next_of_phone;
    od__memory_reply *owed_next; /* while it is owed a notice: by id */
    od__memory_reply *owed_prev;
};

/* What an attempt begins with. */
typedef struct od__memory_start {
    od__memory_line *line;
    od__memory_campaign *campaign; /* NULL: a notice of none */
    od__memory_target *target;     /* NULL: a notice */
    od_id contact;
    od_id reply;
    uint64_t caller_id;
    const char *session_id;
    const char *trunk;
    const char *text; /* NULL: a call */
    int32_t encoding;
    int32_t segments;
    int32_t notice;
    int64_t utc_ms;
} od__memory_start;

/* How often one choice was given, and in which campaign. */
typedef struct od__memory_result {
    od_result result;
    od_id campaign;
} od__memory_result;

struct od__memory_asset {
    od_asset_record record; /* bytes in the same block */
};

struct od__memory {
    od_allocator allocator;
    od_errmsg errmsg;

    od__rows places; /* od_place_record */
    od__map places_by_key;
    od__map lines_by_phone;
    od__map prefixes; /* lines that have entries only, by their digits */
    od__rows groups;
    od__rows contacts;
    od__rows campaigns;
    od__rows entries;
    od__rows consents;
    od__rows attempts;
    od__rows answers;
    od__map results_by_text;
    od__rows replies;
    od__map replies_by_nonce;
    od__rows open; /* heap of messages: the first that is overdue on top */
    od__map parts_by_name;
    od__rows assets;
    od__rows ledger; /* od_ledger_row */
    od__memory_attempt *flights_first; /* live attempts by id */
    od__memory_attempt *flights_last;
    od__memory_reply *owed_first; /* replies that are owed a notice, by id */
    od__memory_reply *owed_last;

    od__pool line_pool;
    od__pool contact_pool;
    od__pool member_pool;
    od__pool target_pool;
    od__pool attempt_pool;
    od__pool answer_pool;
    od__pool result_pool;
    od__pool message_pool;
    od__pool part_pool;
    od__pool reply_pool;
    od__pool ledger_pool;
    od__texts texts; /* of attempts, answers, messages, replies, ledger */
};

#endif
