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
    OD_LEDGER_DNC_REMOVE = 7,
    OD_LEDGER_CONSENT_ADD = 8,    /**< evidence; subject: 0 */
    OD_LEDGER_CONSENT_REVOKE = 9, /**< subject: 0 */
    OD_LEDGER_RULES = 10,         /**< a set of rules added or removed */
    OD_LEDGER_OVERRIDE = 11,      /**< a rule lifted or in force again */
    OD_LEDGER_REGISTRY = 12,      /**< a registry file taken into use */
    OD_LEDGER_MEDIA = 13,         /**< a prompt or survey added or removed;
                                       subject: its id */
    OD_LEDGER_CALLER_ID = 14,     /**< a number that may be shown, added or
                                       removed */
    OD_LEDGER_CALLBACK = 15,      /**< subject: campaign */
    OD_LEDGER_ERASE = 16,         /**< payloads dropped; subject: 0 */
    OD_LEDGER_REPLY = 17,         /**< a text came in; subject: the attempt that
                                       it answers, or 0 */
    OD_LEDGER_DELIVERY = 18       /**< what became of a text; subject: attempt */
} od_ledger_kind;

/** One row. The payload lives until the next call on the engine. */
typedef struct od_ledger_row {
    int64_t seq; /**< 1 and up, no gaps */
    int64_t utc_ms;
    od_id subject;
    int32_t kind; /**< od_ledger_kind */
    int32_t reserved0;
    const char *payload; /**< one JSON object, UTF-8; "" if it was erased */
    uint8_t salt[16];    /**< zeroes if it was erased */
    uint8_t hash[32];
    uint8_t digest[32];  /**< SHA-256 of salt and payload: what the hash covers,
                              also once they are erased */
    bool erased;
} od_ledger_row;

/** The head of the chain: enough to prove later that nothing before it was
 * changed. Keep it, signed and dated, where the host cannot change it. */
typedef struct od_ledger_head {
    int64_t seq; /**< 0: the ledger is empty */
    int64_t utc_ms;
    uint8_t hash[32];
} od_ledger_head;

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

/** The present head, without checking anything. */
OD_API od_err od_ledger_head_get(od_engine *engine, od_ledger_head *out);

/**
 * Check a range of the chain, and that it ends in a head that was kept.
 *
 * @param from [in]  head that the range follows: it must be in the chain; NULL:
 *                   from the beginning
 * @param to   [in]  head that the range ends with: it must be in the chain;
 *                   NULL: to the end
 * @param rows [out] rows that were checked and hold; may be NULL
 * @return as od_ledger_verify(), and
 *         OD_ERR_NOT_FOUND  the chain does not reach a head that was given
 *         OD_ERR_CORRUPT    also: the row of that number has another hash
 */
OD_API od_err od_ledger_verify_range(od_engine *engine,
                                     const od_ledger_head *from,
                                     const od_ledger_head *to, int64_t *rows);

/** Write the ledger as JSON Lines, whole or not at all. */
OD_API od_err od_ledger_export(od_engine *engine, const char *path);

/** Which rows are taken, and how they are written. */
typedef struct od_ledger_extract_options {
    size_t size;         /**< od_ledger_extract_options_init() sets it */
    const char *path;    /**< appears whole or not at all */
    const char *phone;   /**< rows about this number, any usual format; NULL:
                              all */
    od_id campaign;      /**< rows about this campaign; 0: all */
    int64_t since_utc_ms;
    int64_t until_utc_ms; /**< 0: to the end */
    int32_t format;       /**< od_ledger_format */
    int32_t reserved0;
} od_ledger_extract_options;

typedef enum od_ledger_format {
    OD_LEDGER_JSON_LINES = 0, /**< each row as it is */
    OD_LEDGER_CALLS_CSV = 1   /**< one line per call with what 16 CFR 310.5(a)
                                   wants kept: calling and called number, date,
                                   time, duration, disposition, seller, purpose,
                                   prompts, caller ID and its proof, consent,
                                   registry, rules */
} od_ledger_format;

static inline void od_ledger_extract_options_init(
    od_ledger_extract_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
}

/**
 * Write some rows of the ledger, or what they say of calls.
 *
 * @return OD_OK, or
 *         OD_ERR_INVALID  an option breaks its contract
 *         OD_ERR_VERSION  options of a newer version use its fields
 *         OD_ERR_IO       the file or the store failed; no file is left
 *         OD_ERR_CORRUPT  a row cannot be read; the text names it
 *         OD_ERR_LIMIT    more than 65,536 calls are open at one place of the
 *                         ledger
 *         OD_ERR_MEMORY
 *
 * Blocks: until the file is written.
 */
OD_API od_err od_ledger_extract(od_engine *engine,
                                const od_ledger_extract_options *options);

/** What an erasure did. */
typedef struct od_erasure {
    int64_t contacts;     /**< removed */
    int64_t rows_erased;  /**< ledger rows whose payload was dropped */
    int64_t rows_kept;    /**< ledger rows that must be kept for now */
    int64_t calls_erased; /**< ended attempts that name no number any more */
    int64_t kept_until_utc_ms; /**< when the last of rows_kept may go; 0: none */
} od_erasure;

/** Records of calls are kept so long, 16 CFR 310.5(b). */
#define OD_RETENTION_DAYS 1827

/**
 * Erase a person: contacts, what calls and answers say of the number, and the
 * payloads of its ledger rows. The chain still holds: hashes and digests stay.
 *
 * Do-not-call entries stay, as they must be honoured for ever. Ledger rows and
 * calls younger than OD_RETENTION_DAYS are kept, and counted: erase again when
 * they are older.
 *
 * @param reason [in]  kept in the ledger, 1 to OD_NAME_MAX bytes; names no
 *                     person
 * @param out    [out] may be NULL
 * @return OD_OK, or
 *         OD_ERR_INVALID  an argument breaks its contract
 *         OD_ERR_STATE    a call or text to the number is under way
 *         OD_ERR_CORRUPT  a ledger row cannot be read; the text names it, and
 *                         nothing was erased
 *         OD_ERR_LIMIT    more than 1,000,000 rows are to be erased
 *
 * Blocks: reads the whole ledger.
 */
OD_API od_err od_person_erase(od_engine *engine, const char *phone,
                              const char *reason, od_erasure *out);

OD_END_DECLS

#endif
