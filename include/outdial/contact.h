/*
 * contact.h - people to call: groups, contacts, CSV in and out.
 *
 * A contact may be in many groups; leaving a group keeps it. Inside a group a
 * phone number stands once. Groups are followed: who is added to a group of a
 * running campaign is enrolled, who is removed before being called leaves.
 */
#ifndef OUTDIAL_CONTACT_H
#define OUTDIAL_CONTACT_H

#include <outdial/call.h>
#include <outdial/rules.h>

OD_BEGIN_DECLS

/** Most custom fields of one contact. */
#define OD_FIELDS_MAX 64

/** A custom field: a column of the CSV file that has no own meaning. */
typedef struct od_field {
    const char *name;  /**< UTF-8, 1 to OD_NAME_MAX bytes; unique in a contact,
                            and not that of a known column */
    const char *value; /**< UTF-8, at most OD_TEXT_MAX bytes */
} od_field;

/**
 * A person. Going in, NULL texts are empty. Coming out, texts are never NULL
 * and live until the next call on the engine.
 */
typedef struct od_contact {
    od_id id;          /**< out only */
    const char *phone; /**< in: any usual format; out: "+15551230001" */
    const char *first_name;
    const char *last_name;
    const char *email;
    const char *company;
    const char *notes;
    const char *timezone;   /**< IANA name if known, "America/Chicago" */
    const char *state;      /**< "FL", "US-FL" or "Florida" if known */
    const od_field *fields; /**< fields_len custom fields */
    size_t fields_len;      /**< 0 to OD_FIELDS_MAX */
    const char *zip;        /**< US ZIP or Canadian postal code if known */
    const char *phone2;     /**< called when `phone` is through without an
                                 answer; any usual format; "" if there is none */
    const char *phone3;     /**< the same after phone2 */
    int32_t line;           /**< od_line of phone: what kind of line it is */
    int32_t reserved0;
} od_contact;

typedef struct od_group {
    od_id id;
    int64_t members;            /**< contacts in it */
    int64_t fresh_utc_ms;       /**< when its contacts were last validated or
                                     added to; 0: never */
    char name[OD_NAME_MAX + 1]; /**< UTF-8, unique */
} od_group;

/**
 * Add an empty group.
 *
 * @param name [in]  UTF-8, 1 to OD_NAME_MAX bytes, unique
 * @param out  [out] id > 0
 * @return OD_OK, or
 *         OD_ERR_INVALID  NULL argument, empty, too long or not UTF-8
 *         OD_ERR_EXISTS   the name is taken
 */
OD_API od_err od_group_add(od_engine *engine, const char *name, od_id *out);

/** Rename a group. Errors as od_group_add(), and OD_ERR_NOT_FOUND. */
OD_API od_err od_group_rename(od_engine *engine, od_id group, const char *name);

/**
 * The contacts of a group were checked (against a list of reassigned numbers,
 * with the people): preflight warns of groups that are not fresh.
 *
 * @param utc_ms [in]  when; not in the future
 */
OD_API od_err od_group_validate(od_engine *engine, od_id group,
                                int64_t utc_ms);

/** Find a group by name. OD_ERR_NOT_FOUND if there is none. */
OD_API od_err od_group_find(od_engine *engine, const char *name, od_id *out);

/**
 * Remove a group; its contacts stay.
 *
 * @return OD_OK, or
 *         OD_ERR_NOT_FOUND  no such group
 *         OD_ERR_STATE      a campaign that is not completed uses it
 */
OD_API od_err od_group_remove(od_engine *engine, od_id group);

/** List groups by id; see od_calls_list() for the paging. */
OD_API od_err od_groups_list(od_engine *engine, od_id after_id, od_group *rows,
                             size_t rows_max, size_t *count);

/**
 * Add one contact to a group.
 *
 * @param group   [in]  where it becomes a member
 * @param contact [in]  phone required, the rest optional; id is ignored
 * @param out     [out] id > 0; may be NULL
 * @return OD_OK, or
 *         OD_ERR_INVALID    a field breaks its contract, or the phone is not
 *                           one; the text names both
 *         OD_ERR_NOT_FOUND  no such group
 *         OD_ERR_EXISTS     the phone is in the group already
 */
OD_API od_err od_contact_add(od_engine *engine, od_id group,
                             const od_contact *contact, od_id *out);

/** Put a contact that exists into another group. OD_ERR_EXISTS as above. */
OD_API od_err od_contact_join(od_engine *engine, od_id contact, od_id group);

/** Read one contact. OD_ERR_NOT_FOUND if there is none. */
OD_API od_err od_contact_get(od_engine *engine, od_id contact, od_contact *out);

/**
 * Replace every field of a contact but its phone.
 *
 * A new time zone or state takes effect with the next decision.
 *
 * @param contact [in] contact->id names the row; contact->phone is ignored
 * @return OD_OK, or OD_ERR_INVALID, OD_ERR_NOT_FOUND
 */
OD_API od_err od_contact_update(od_engine *engine, const od_contact *contact);

/** List the contacts of a group (0: all) by id; paging as od_calls_list(). */
OD_API od_err od_contacts_list(od_engine *engine, od_id group, od_id after_id,
                               od_contact *rows, size_t rows_max,
                               size_t *count);

/** Take a contact out of one group. OD_ERR_NOT_FOUND if it is not in it. */
OD_API od_err od_contact_leave(od_engine *engine, od_id contact, od_id group);

/** Remove a contact from every group and from the store; calls stay, and what
 * waits to be called again is not, unless a group holds the phone still. */
OD_API od_err od_contact_remove(od_engine *engine, od_id contact);

/** What to do with a row whose phone is in the group already. */
typedef enum od_duplicate {
    OD_DUPLICATE_SKIP = 0,  /**< keep what is stored */
    OD_DUPLICATE_UPDATE = 1 /**< replace it with the row */
} od_duplicate;

typedef struct od_import_options {
    size_t size; /**< od_import_options_init() sets it */
    const char *path;        /**< CSV file, UTF-8 with or without BOM */
    const char *reject_path; /**< where rejected rows go, not path itself;
                                  NULL: nowhere */
    const char *country;     /**< ISO code for national numbers; NULL: the
                                  engine's country */
    int32_t duplicate;       /**< od_duplicate */
    int32_t reserved0;
} od_import_options;

static inline void od_import_options_init(od_import_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
}

/** What an import did. rows = added + the duplicates + updated + rejected. */
typedef struct od_import_report {
    int64_t rows;            /**< records read, the header not counted */
    int64_t added;
    int64_t updated;         /**< with OD_DUPLICATE_UPDATE */
    int64_t duplicate_file;  /**< phone came earlier in the same file */
    int64_t duplicate_group; /**< phone was in the group already */
    int64_t rejected;
    int64_t bytes;           /**< read so far */
    int64_t bytes_total;
    int32_t err;             /**< od_err at the end; OD_OK while it runs */
    bool done;
    char text[256];          /**< text of err */
} od_import_report;

/**
 * Begin to import a CSV file into a group.
 *
 * The first record names the columns, in any order and case: phone is
 * required; first_name last_name email company notes timezone state zip phone2
 * phone3 and line ("mobile", "landline", "business" or empty) are known;
 * every other column becomes a custom field. The work is done by the steps
 * that follow, at most 20 ms of it in each, in constant memory; each slice
 * that is committed stays. OD_EVENT_IMPORT reports progress and the end.
 *
 * @param options [in]  copied
 * @param out     [out] id of the import, valid until the engine is freed
 * @return OD_OK, or
 *         OD_ERR_INVALID    an argument breaks its contract
 *         OD_ERR_NOT_FOUND  no such group
 *         OD_ERR_IO         the file cannot be opened, or reject_path made
 *         OD_ERR_FORMAT     the header lacks a phone column, repeats a column
 *                           or has more than 512
 *         OD_ERR_LIMIT      an import is running already
 */
OD_API od_err od_import_start(od_engine *engine, od_id group,
                              const od_import_options *options, od_id *out);

/** Figures of the import so far. OD_ERR_NOT_FOUND if it is not the last. */
OD_API od_err od_import_report_get(od_engine *engine, od_id import,
                                   od_import_report *out);

/** Stop an import; what was committed stays. Its err is OD_ERR_CANCELLED. */
OD_API od_err od_import_cancel(od_engine *engine, od_id import);

/**
 * Write a group to a CSV file that imports to the same contacts.
 *
 * Cells that a spreadsheet would run as a formula get a leading apostrophe,
 * which the import takes off again. The file appears whole or not at all.
 *
 * Errors: OD_ERR_INVALID, OD_ERR_NOT_FOUND, OD_ERR_IO, OD_ERR_LIMIT (more than
 * 256 different custom fields).
 * Blocks: until the file is written.
 */
OD_API od_err od_group_export(od_engine *engine, od_id group, const char *path);

OD_END_DECLS

#endif
