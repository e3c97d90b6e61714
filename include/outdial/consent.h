/*
 * consent.h - evidence that a person agreed to be called, or is a customer.
 *
 * A row is evidence of one kind, for one number, one purpose and one seller. A
 * rule that needs consent is content with a row of the campaign's purpose and
 * seller that is not revoked; a row without a seller counts for campaigns
 * without one only. Asking not to be called, in a call, by a reply or by
 * od_dnc_add(), revokes in the same transaction what the entry forbids: rows of
 * all purposes and sellers. A reply of START adds a row: EXPRESS, see
 * delivery.h.
 */
#ifndef OUTDIAL_CONSENT_H
#define OUTDIAL_CONSENT_H

#include <outdial/call.h>
#include <outdial/rules.h>

OD_BEGIN_DECLS

/** What a row is evidence of. Numbers are stored: append only. */
typedef enum od_consent_kind {
    OD_CONSENT_EXPRESS = 1,  /**< prior express consent */
    OD_CONSENT_WRITTEN = 2,  /**< prior express written consent: signed, names
                                  seller and number; counts as express too */
    OD_CONSENT_PURCHASE = 3, /**< last purchase or transaction: a business
                                  relationship for 18 months */
    OD_CONSENT_INQUIRY = 4   /**< an inquiry: one for 3 months */
} od_consent_kind;
#define OD_CONSENT_KINDS 5

/** Name such as "written"; "?" for unknown values. Thread: any. */
OD_API const char *od_consent_kind_name(int32_t kind);

/** A row of evidence. NULL texts going in are empty; each but `text` is at most
 * OD_NAME_MAX bytes. */
typedef struct od_consent {
    od_id id;                /**< out only */
    const char *phone;       /**< in: any usual format; out: with '+' */
    const char *seller;      /**< whom it names; as in the campaign */
    const char *how;         /**< "web form", "paper", "recorded call" */
    const char *text;        /**< what the person was shown; at most OD_TEXT_MAX
                                  bytes */
    const char *reference;   /**< where the host keeps the evidence */
    const char *who;         /**< name of the person who agreed */
    int64_t obtained_utc_ms; /**< when; after 1990, not in the future */
    int64_t added_utc_ms;    /**< out only */
    int64_t revoked_utc_ms;  /**< out only; 0: in force */
    int32_t kind;            /**< od_consent_kind */
    int32_t purpose;         /**< od_purpose, not UNSTATED; of PURCHASE and
                                  INQUIRY it plays no part */
    uint8_t sha256[32];      /**< of the evidence; zeroes: not given */
} od_consent;

/**
 * Put evidence on record; durable, in the ledger. Numbers that were blocked for
 * want of it become due again.
 *
 * A row of the same phone, seller, purpose, kind and time is kept as it is and
 * counts as success.
 *
 * @return OD_OK, or OD_ERR_INVALID: a field breaks its contract; the text names
 *         it
 */
OD_API od_err od_consent_add(od_engine *engine, const od_consent *consent);

/**
 * Revoke all evidence for a number; durable, in the ledger.
 *
 * @param seller [in]  given to this seller; NULL: to any
 * @param reason [in]  kept in the ledger, at most OD_NAME_MAX bytes; may be
 *                     NULL
 * @return OD_OK, or
 *         OD_ERR_INVALID    not a phone number
 *         OD_ERR_NOT_FOUND  nothing was in force
 */
OD_API od_err od_consent_revoke(od_engine *engine, const char *phone,
                                const char *seller, const char *reason);

/** List rows by id, of one number or (NULL) of all; paging as
 * od_calls_list(). */
OD_API od_err od_consents_list(od_engine *engine, const char *phone,
                               od_id after_id, od_consent *rows,
                               size_t rows_max, size_t *count);

/** Figures of an import. rows = added + present + rejected. */
typedef struct od_consent_report {
    int64_t rows;
    int64_t added;
    int64_t present;
    int64_t rejected;
} od_consent_report;

/**
 * Put the rows of a CSV file on record.
 *
 * The header names the columns in any order: phone, kind ("express", "written",
 * "purchase", "inquiry"), purpose (a name of od_purpose_name()) and obtained
 * ("2026-10-18" or "2026-10-18T15:04:05Z") are required, purpose only where
 * the kind needs it; seller, how, text, reference, who and sha256 (64 hex
 * digits) are known; others are passed over. A row that cannot be understood
 * is rejected as a whole, and so is one with a text in a column revoked, which
 * od_consent_export() writes. Times are UTC.
 *
 * @param reject_path [in]  where rejected rows go, with the reason as a further
 *                          column; NULL: nowhere
 * @param out         [out] may be NULL
 * @return OD_OK, or
 *         OD_ERR_INVALID, OD_ERR_IO
 *         OD_ERR_FORMAT   the header lacks a column that is required
 *
 * Blocks: until the file is read; commits slices of 2,000.
 */
OD_API od_err od_consent_import(od_engine *engine, const char *path,
                                const char *reject_path,
                                od_consent_report *out);

/** Write all rows to a CSV file; it appears whole or not at all. */
OD_API od_err od_consent_export(od_engine *engine, const char *path);

OD_END_DECLS

#endif
