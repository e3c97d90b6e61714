/*
 * dnc.h - the do-not-call list.
 *
 * The list is read in the transaction that claims each attempt, so an entry
 * that is stored when od_dnc_add() returns stops every INVITE after it, in
 * every process, and a call to the number that still rings is cancelled.
 */
#ifndef OUTDIAL_DNC_H
#define OUTDIAL_DNC_H

#include <outdial/call.h>

OD_BEGIN_DECLS

/** What an entry forbids. */
typedef enum od_dnc_scope {
    OD_DNC_ALL = 0,     /**< calls and texts */
    OD_DNC_VOICE = 1,   /**< calls */
    OD_DNC_TEXT = 2,    /**< texts */
    OD_DNC_CAMPAIGN = 3 /**< one campaign */
} od_dnc_scope;

typedef struct od_dnc_entry {
    od_id id;             /**< out only */
    const char *phone;    /**< in: any usual format; out: E.164 with '+'. With a
                               '*' at the end, "+1900*": every number that begins
                               so, 1 to 14 digits */
    int32_t scope;        /**< od_dnc_scope */
    int32_t reserved0;
    od_id campaign;       /**< for OD_DNC_CAMPAIGN; 0 with other scopes */
    const char *reason;   /**< free text, at most OD_NAME_MAX bytes; may be NULL
                               going in */
    const char *source;   /**< who said so: "call", "reply", "import", "host";
                               at most OD_NAME_MAX bytes; NULL: "host" */
    int64_t added_utc_ms; /**< out only */
    int64_t expires_utc_ms; /**< forbids until then; 0: for ever */
} od_dnc_entry;

/**
 * Put a number on the list; durable on return.
 *
 * An entry for the same phone, scope and campaign is kept as it is and
 * counts as success; if it expires earlier than the new one it is prolonged.
 * An entry of scope ALL or VOICE for one number revokes its consents.
 *
 * @return OD_OK, or
 *         OD_ERR_INVALID    NULL, not a phone number, unknown scope
 *         OD_ERR_NOT_FOUND  OD_DNC_CAMPAIGN and no such campaign
 */
OD_API od_err od_dnc_add(od_engine *engine, const od_dnc_entry *entry);

/**
 * Take a number off the list, for one scope and campaign.
 *
 * @return OD_OK, or OD_ERR_INVALID, OD_ERR_NOT_FOUND (it was not on it)
 */
OD_API od_err od_dnc_remove(od_engine *engine, const char *phone, int32_t scope,
                            od_id campaign);

/**
 * Is a call to this number forbidden, or a text, if the campaign sends texts?
 *
 * @param campaign [in]  0: a call, by any entry that is not of one campaign only
 * @param out      [out] true if it is on the list
 */
OD_API od_err od_dnc_check(od_engine *engine, const char *phone, od_id campaign,
                           bool *out);

/** List entries by id; paging as od_calls_list(). */
OD_API od_err od_dnc_list(od_engine *engine, od_id after_id, od_dnc_entry *rows,
                          size_t rows_max, size_t *count);

/** Figures of a DNC import. rows = added + present + rejected. */
typedef struct od_dnc_report {
    int64_t rows;
    int64_t added;
    int64_t present;  /**< were on the list already */
    int64_t rejected; /**< not a phone number, or its terms are not known */
} od_dnc_report;

/**
 * Add the numbers of a CSV file to the list.
 *
 * A header with a phone column (and optionally reason, scope and expires) is
 * used if there is one; without one the first column of every record is the
 * phone, or "+1900*". scope is "all", "voice" or "text", empty: OD_DNC_ALL;
 * expires is "2027-01-31" or "2027-01-31T15:04:05Z" (UTC), empty: for ever. A
 * row that cannot be understood is rejected as a whole.
 *
 * @param reject_path [in]  where rejected rows go; NULL: nowhere
 * @param out         [out] may be NULL
 * @return OD_OK, or
 *         OD_ERR_INVALID, OD_ERR_IO, OD_ERR_FORMAT
 *
 * Blocks: until the file is read; commits slices of 2,000.
 */
OD_API od_err od_dnc_import(od_engine *engine, const char *path,
                            const char *reject_path, od_dnc_report *out);

/** Write the list to a CSV file; it appears whole or not at all. */
OD_API od_err od_dnc_export(od_engine *engine, const char *path);

OD_END_DECLS

#endif
