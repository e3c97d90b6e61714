/*
 * query.h - a statement in use, and the checked reading of its rows.
 *
 * The shape of every use:
 *
 *     od__query query = OD__QUERY(s, OD__SQL_..., number, number);
 *     od__query_text(&query, text);
 *     while (od__query_next(&query)) {
 *         int64_t value = od__row_i64(&query, min, max);
 *     }
 *     return od__query_end(&query);
 *
 * Nothing in between needs a check: the first failure sticks, ends the loop
 * and is told by the end. What is read back is checked: a number out of range
 * is OD_ERR_CORRUPT and reads as `min`, a text that is NULL is "", one that is
 * not UTF-8 loses its bad bytes.
 */
#ifndef OD_SRC_STORAGE_SQLITE_QUERY_H
#define OD_SRC_STORAGE_SQLITE_QUERY_H

#include "storage/storage.h"

#include <sqlite3.h>

/* Largest E.164 number (15 digits). */
#define OD__PHONE_LAST INT64_C(999999999999999)

typedef struct od__sqlite od__sqlite;

/* == sql.c ================================================================ */

typedef enum od__sql {
    OD__SQL_BEGIN,
    OD__SQL_READ,
    OD__SQL_COMMIT,
    OD__SQL_ROLLBACK,
    OD__SQL_DATA_VERSION,
    OD__SQL_META_GET,
    OD__SQL_META_SET,
    OD__SQL_LEASE_GET,
    OD__SQL_LEASE_SET,
    OD__SQL_PLACE_FIND,
    OD__SQL_PLACE_ADD,
    OD__SQL_PLACE_SCAN,
    OD__SQL_GROUP_GET,
    OD__SQL_GROUP_FIND,
    OD__SQL_GROUP_ADD,
    OD__SQL_GROUP_RENAME,
    OD__SQL_GROUP_COUNT,
    OD__SQL_GROUP_REMOVE,
    OD__SQL_GROUP_SCAN,
    OD__SQL_GROUP_VALIDATE,
    OD__SQL_GROUP_PLACES,
    OD__SQL_MEMBER_ADD,
    OD__SQL_MEMBER_GET,
    OD__SQL_MEMBER_PAGE,
    OD__SQL_MEMBER_PHONES_PAGE,
    OD__SQL_MEMBER_OF_CAMPAIGN,
    OD__SQL_MEMBER_GROUPS,
    OD__SQL_MEMBER_PLACE_SET,
    OD__SQL_MEMBER_REMOVE,
    OD__SQL_CONTACT_ADD,
    OD__SQL_CONTACT_SET,
    OD__SQL_CONTACT_GET,
    OD__SQL_CONTACT_PHONES,
    OD__SQL_CONTACT_PHONES_SET,
    OD__SQL_CONTACT_SCAN,
    OD__SQL_CONTACT_SCAN_GROUP,
    OD__SQL_CONTACTS_OF_PHONE,
    OD__SQL_CONTACT_REMOVE,
    OD__SQL_DNC_ADD,
    OD__SQL_DNC_CHECK,
    OD__SQL_DNC_PREFIXES,
    OD__SQL_DNC_CHECK_PREFIX,
    OD__SQL_DNC_SCAN,
    OD__SQL_DNC_REMOVE,
    OD__SQL_DNC_RELEASE,
    OD__SQL_CONSENT_FIND,
    OD__SQL_CONSENT_ADD,
    OD__SQL_CONSENT_REVOKE,
    OD__SQL_CONSENT_REVOKE_SELLER,
    OD__SQL_CONSENT_SCAN,
    OD__SQL_CONSENT_SCAN_PHONE,
    OD__SQL_CONSENT_FACTS,
    OD__SQL_CONSENT_ERASE,
    OD__SQL_CAMPAIGN_FIND,
    OD__SQL_CAMPAIGN_ADD,
    OD__SQL_CAMPAIGN_SET,
    OD__SQL_CAMPAIGN_GET,
    OD__SQL_CAMPAIGN_SCAN,
    OD__SQL_CAMPAIGN_CHANNEL,
    OD__SQL_CAMPAIGN_STATE_GET,
    OD__SQL_CAMPAIGN_STATE_SET,
    OD__SQL_CAMPAIGN_GROUPS,
    OD__SQL_CAMPAIGN_GROUP_ADD,
    OD__SQL_CAMPAIGN_GROUPS_REMOVE,
    OD__SQL_CAMPAIGN_PROMPTS,
    OD__SQL_CAMPAIGN_PROMPT_ADD,
    OD__SQL_CAMPAIGN_PROMPTS_REMOVE,
    OD__SQL_CAMPAIGN_WINDOWS,
    OD__SQL_CAMPAIGN_WINDOW_ADD,
    OD__SQL_CAMPAIGN_WINDOWS_REMOVE,
    OD__SQL_CAMPAIGN_RETRIES,
    OD__SQL_CAMPAIGN_RETRY_ADD,
    OD__SQL_CAMPAIGN_RETRIES_REMOVE,
    OD__SQL_CAMPAIGNS_OF_GROUP,
    OD__SQL_CAMPAIGNS_LIVE_OF_GROUP,
    OD__SQL_CAMPAIGNS_READY,
    OD__SQL_FILL_GET,
    OD__SQL_FILL_GROUP_NEXT,
    OD__SQL_FILL_SET,
    OD__SQL_FILL_RESTART,
    OD__SQL_FILL_BEGIN,
    OD__SQL_FILL_AGAIN,
    OD__SQL_TARGET_ADD,
    OD__SQL_TARGET_GET,
    OD__SQL_TARGET_SET,
    OD__SQL_TARGET_REMOVE,
    OD__SQL_TARGETS_OF_CONTACT,
    OD__SQL_TARGETS_OF_PHONE,
    OD__SQL_TARGETS_BLOCKED,
    OD__SQL_TARGETS_AGREE,
    OD__SQL_TARGETS_BLOCKED_PAGE,
    OD__SQL_TARGET_SCAN,
    OD__SQL_LANE_DUE,
    OD__SQL_LANE_NEXT,
    OD__SQL_LANE_SCAN,
    OD__SQL_LANE_ADD,
    OD__SQL_COUNTER_ADD,
    OD__SQL_COUNTER_SCAN,
    OD__SQL_PACE_ADD,
    OD__SQL_PACE_GET,
    OD__SQL_CANDIDATE,
    OD__SQL_FLIGHT_ADD,
    OD__SQL_FLIGHT_GET,
    OD__SQL_FLIGHT_ANSWERED,
    OD__SQL_FLIGHT_REMOVE,
    OD__SQL_FLIGHT_SCAN,
    OD__SQL_LINE_SET,
    OD__SQL_LINE_LINK,
    OD__SQL_LINE_INVALID,
    OD__SQL_LINE_RECENT,
    OD__SQL_LINE_REMOVE,
    OD__SQL_ATTEMPT_CAMPAIGN,
    OD__SQL_ATTEMPT_ADD,
    OD__SQL_ATTEMPT_SCAN,
    OD__SQL_ATTEMPT_SCAN_CAMPAIGN,
    OD__SQL_ATTEMPT_SCAN_PHONE,
    OD__SQL_ATTEMPT_CHAIN,
    OD__SQL_ATTEMPT_ENDED,
    OD__SQL_ATTEMPT_LINK,
    OD__SQL_ATTEMPT_ERASE,
    OD__SQL_MESSAGE_ADD,
    OD__SQL_MESSAGE_GET,
    OD__SQL_MESSAGE_SET,
    OD__SQL_MESSAGE_LIVE,
    OD__SQL_MESSAGE_SCAN,
    OD__SQL_MESSAGE_SCAN_CAMPAIGN,
    OD__SQL_MESSAGE_SCAN_PHONE,
    OD__SQL_MESSAGE_FIND,
    OD__SQL_MESSAGE_LAST,
    OD__SQL_MESSAGE_LATER,
    OD__SQL_MESSAGE_OVERDUE,
    OD__SQL_MESSAGE_SENT,
    OD__SQL_MESSAGE_LINK,
    OD__SQL_MESSAGE_IDS,
    OD__SQL_MESSAGE_ERASE,
    OD__SQL_MESSAGE_PART_ADD,
    OD__SQL_MESSAGE_PART_REMOVE,
    OD__SQL_REPLY_FIND,
    OD__SQL_REPLY_ADD,
    OD__SQL_REPLY_GET,
    OD__SQL_REPLY_SCAN,
    OD__SQL_REPLY_SCAN_CAMPAIGN,
    OD__SQL_REPLY_SCAN_PHONE,
    OD__SQL_REPLY_OWED,
    OD__SQL_REPLY_OPT_OUT,
    OD__SQL_REPLY_OWE,
    OD__SQL_REPLY_OWE_AGAIN,
    OD__SQL_REPLY_ANSWERED,
    OD__SQL_REPLIES_ERASE,
    OD__SQL_ANSWER_ADD,
    OD__SQL_ANSWER_SCAN,
    OD__SQL_ANSWERS_ERASE,
    OD__SQL_ANSWERS_ERASE_PHONE,
    OD__SQL_RESULT_ADD,
    OD__SQL_RESULT_SCAN,
    OD__SQL_ASSET_FIND,
    OD__SQL_ASSET_ADD,
    OD__SQL_ASSET_GET,
    OD__SQL_ASSET_SCAN,
    OD__SQL_ASSET_REMOVE,
    OD__SQL_LEDGER_HEAD,
    OD__SQL_LEDGER_ADD,
    OD__SQL_LEDGER_SCAN,
    OD__SQL_LEDGER_GET,
    OD__SQL_LEDGER_ERASE,
    OD__SQL_COUNT
} od__sql;

/* Text of a statement; never NULL. */
const char *od__sql_text(od__sql sql);

/* == query.c =============================================================== */

/* A statement in use. The first failure sticks and is told by the end. */
typedef struct od__query {
    od__sqlite *s;
    sqlite3_stmt *stmt; /* NULL: could not be prepared */
    od_err err;
    int bound;  /* parameters that are bound */
    int column; /* next one to be read */
} od__query;

/* Use a statement; its first parameters are these numbers. A statement serves
 * one query at a time. */
od__query od__query_new(od__sqlite *s, od__sql sql, const int64_t *values,
                        size_t len);
/* Bind one more. The memory must live until the end of the query. */
void od__query_i64(od__query *query, int64_t value);
void od__query_text(od__query *query, const char *text);
void od__query_blob(od__query *query, const void *bytes, size_t len);
/* Step to the next row; false: no more, or a failure. */
bool od__query_next(od__query *query);
/* Let go of it. Must be called once for every new query. */
od_err od__query_end(od__query *query);
/* Step a statement without rows, and end. */
od_err od__query_run(od__query *query);

/* With numbers only. */
#define OD__QUERY(s, sql, ...)                                                 \
    od__query_new((s), (sql), (const int64_t[]){__VA_ARGS__},                  \
                  OD__LEN(((const int64_t[]){__VA_ARGS__})))
od_err od__sqlite_run(od__sqlite *s, od__sql sql, const int64_t *values,
                      size_t len);
#define OD__RUN(s, sql, ...)                                                   \
    od__sqlite_run((s), (sql), (const int64_t[]){__VA_ARGS__},                 \
                   OD__LEN(((const int64_t[]){__VA_ARGS__})))

/* Columns of the present row, one after the other. */
bool od__row_is_null(const od__query *query); /* the next one, which stays */
int64_t od__row_i64(od__query *query, int64_t min, int64_t max);
int32_t od__row_i32(od__query *query, int32_t min, int32_t max);
bool od__row_bool(od__query *query);
od_id od__row_id(od__query *query); /* 0 and up */
uint64_t od__row_phone(od__query *query);
uint64_t od__row_phone_or_none(od__query *query); /* 0: none */
int32_t od__row_place(od__query *query);
/* A copy of at most `max` bytes that lives until the next slot; never NULL. */
const char *od__row_text(od__query *query, size_t max);
/* A copy of exactly what is stored, a NUL behind it; never NULL. */
char *od__row_blob(od__query *query, size_t *len);
/* Make a copied text of `len` bytes fit to be shown: cut at a NUL, bytes that
 * are no UTF-8 replaced, at most `max` bytes. */
void od__text_clean(char *text, size_t len, size_t max);
/* Cut to fit. */
void od__row_text_copy(od__query *query, char *out, size_t out_size);
/* Exactly `len` bytes, else the row is corrupt. */
void od__row_bytes(od__query *query, uint8_t *out, size_t len);

/* A list of ids that lives until the next slot. */
typedef struct od__ids {
    od_id *items;
    size_t len;
} od__ids;

/* All rows of a statement whose only column is an id; ends the query. */
od_err od__query_ids(od__query *query, od__ids *out);

#endif
