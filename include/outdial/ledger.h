/*
 * ledger.h - the append-only, hash-chained record of what was done.
 *
 * Each row is written in the transaction of the change that it records. Read
 * from sequence number n it is the gap-free event stream of everything that
 * happened. The hash of a row is SHA-256 over the previous row's hash, its
 * number, time, kind, subject and the SHA-256 of salt and payload; the first
 * row follows 32 zero bytes.
 */
#ifndef OUTDIAL_LEDGER_H
#define OUTDIAL_LEDGER_H

#include <outdial/call.h>

OD_BEGIN_DECLS

/** What a row records. Numbers are stored: append only. */
typedef enum od_ledger_kind {
    OD_LEDGER_CAMPAIGN_SET = 1,   /**< options stored; subject: campaign */
    OD_LEDGER_CAMPAIGN_STATE = 2, /**< state changed; subject: campaign */
    OD_LEDGER_ATTEMPT = 3,        /**< decision to dial; subject: attempt */
    OD_LEDGER_OUTCOME = 4,        /**< end of an attempt; subject: attempt */
    OD_LEDGER_ANSWER = 5,         /**< survey answer; subject: attempt */
    OD_LEDGER_DNC_ADD = 6,        /**< subject: attempt if in a call, else 0 */
    OD_LEDGER_DNC_REMOVE = 7
} od_ledger_kind;

/** One row. The payload lives until the next call on the engine. */
typedef struct od_ledger_row {
    int64_t seq; /**< 1 and up, no gaps */
    int64_t utc_ms;
    od_id subject;
    int32_t kind; /**< od_ledger_kind */
    int32_t reserved0;
    const char *payload; /**< one JSON object, UTF-8 */
    uint8_t salt[16];
    uint8_t hash[32];
} od_ledger_row;

/** Name such as "outcome"; "?" for unknown values. Thread: any. */
OD_API const char *od_ledger_kind_name(int32_t kind);

/**
 * Read rows in order.
 *
 * @param after_seq [in]  0 begins
 * @param rows_max  [in]  1 to 1000
 * @param count     [out] rows written; 0 at the end
 */
OD_API od_err od_ledger_read(od_engine *engine, int64_t after_seq,
                             od_ledger_row *rows, size_t rows_max,
                             size_t *count);

/**
 * Check the whole chain.
 *
 * @param rows [out] rows that were checked and hold; may be NULL
 * @param head [out] 32 bytes, hash of the last of them; may be NULL
 * @return OD_OK, or
 *         OD_ERR_CORRUPT  the text names the first row that does not hold
 *         OD_ERR_IO       the store cannot be read
 *
 * Blocks: until every row is read.
 */
OD_API od_err od_ledger_verify(od_engine *engine, int64_t *rows, uint8_t *head);

/** Write the ledger as JSON Lines, whole or not at all. */
OD_API od_err od_ledger_export(od_engine *engine, const char *path);

OD_END_DECLS

#endif
