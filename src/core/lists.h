/*
 * lists.h - files of people and lists: part of core.h.
 *
 * What the imports of contacts, of the do-not-call list and of evidence share,
 * and what they ask of the files that check single rows.
 */
#ifndef OD_SRC_CORE_LISTS_H
#define OD_SRC_CORE_LISTS_H

#include "base/base.h"

#include <outdial/backend.h>

/* == times.c: instants as text, always UTC ================================ */

#define OD__TIME_SIZE 48

/* "2026-10-18", its first instant, or "2026-10-18T15:04:05Z", with or without
 * ".123" before the Z. false: neither, or no such date. */
bool od__time_parse(const char *text, int64_t *out);
/* The longer form; a fraction where there is one. */
void od__time_text(int64_t utc_ms, char out[OD__TIME_SIZE]);

/* == import_columns.c ===================================================== */

#define OD__COLUMNS_MAX 512

/* What the header of a CSV file said. */
typedef struct od__columns {
    size_t len;
    uint8_t kinds[OD__COLUMNS_MAX];
    const char *names[OD__COLUMNS_MAX]; /* custom ones; NULL: not kept */
    od__arena texts;
} od__columns;

/* Is this the header of a column, in any case, guarded or between blanks? */
bool od__column_is(const char *cell, const char *name);
/* Has a column of this name its own meaning? */
bool od__column_is_known(const char *name);
/* A cell of which guard and blanks around it are not meant, without them. */
const char *od__cell_code(char *cell);
/* Read the header. OD_ERR_FORMAT: no phone, a column twice, a bad name. */
od_err od__columns_take(od_engine *engine, od__columns *columns,
                        const od__csv_record *record);
/*
 * Cells into a contact; its texts still belong to the record. Blanks inside
 * quotes are kept where they may be meant, so that an export comes back as it
 * was. OD_ERR_INVALID: more custom fields than a contact has, or a line that is
 * not known.
 */
od_err od__columns_spread(od_engine *engine, const od__columns *columns,
                          od__csv_record *record, od_contact *contact,
                          od_field fields[OD_FIELDS_MAX]);
void od__columns_free(od__columns *columns);
/* Fails: the file that must have a header is empty. OD_ERR_FORMAT. */
od_err od__columns_missing(od_engine *engine);

/* == rejects.c: rows that an import did not take ========================== */

/* Make the file; path NULL: *out stays NULL, which the next takes. */
od_err od__rejects_open(od_engine *engine, const char *path, od__csv_out **out);
void od__rejects_put(od__csv_out *rejects, const od__csv_record *record,
                     const char *why);

/* == list_import.c: a CSV file into a list, in slices ===================== */

#define OD__LIST_SLICE 2000

/* What became of the rows of a file. */
typedef struct od__list_figures {
    int64_t rows;
    int64_t added;
    int64_t present;
    int64_t rejected;
} od__list_figures;

typedef struct od__list_import od__list_import;

/* A list that files are imported into. */
typedef struct od__list_kind {
    size_t ctx_size; /* of what its functions keep in ctx; begins zeroed */
    bool needs_header;
    /* The first record. *is_row: it is not a header, take it as a row. */
    od_err (*header)(od__list_import *im, const od__csv_record *record,
                     bool *is_row);
    /* Make row and ledger entry number `len` of the slice. OD_ERR_INVALID: the
     * row is rejected, the engine's text says why. */
    od_err (*take)(od__list_import *im, od__csv_record *record);
    /* Store the slice and say in is_new which rows were. */
    od_err (*store)(od__list_import *im);
} od__list_kind;

/* An import under way. */
struct od__list_import {
    od_engine *engine;
    const od__list_kind *kind;
    void *ctx;
    size_t len; /* rows in the slice */
    od_ledger_entry ledger[OD__LIST_SLICE];
    bool is_new[OD__LIST_SLICE];
    od__arena texts; /* of the slice */
    od__list_figures figures;
    od__csv_out *rejects;
    bool began;
    od_err err;
};

/* A public import, from its check of the engine on. What was stored before a
 * failure stays, and *out counts it. */
od_err od__list_import_run(od_engine *engine, const od__list_kind *kind,
                           const char *path, const char *reject_path,
                           od__list_figures *out);
/* The ledger entry of the row that is made. OD_ERR_MEMORY. */
od_err od__list_ledger(od__list_import *im, int32_t kind,
                       const od__writer *payload);
/* Where each of the names stands in a header, or OD_NONE. OD_ERR_FORMAT: one
 * stands there twice. */
od_err od__list_columns(od_engine *engine, const od__csv_record *record,
                        const char *const *names, size_t len, int32_t *at);
/* A cell of a row; "" of a column that is not there. The second is for codes:
 * blanks around them are not meant. */
const char *od__list_text(od__csv_record *record, int32_t at);
const char *od__list_code(od__csv_record *record, int32_t at);

/* == dnc.c ================================================================ */

/* The phone or prefix of an entry, into phone and prefix of `out`. */
od_err od__dnc_phone_check(od_engine *engine, const char *text,
                           od_dnc_record *out);

/* == consent.c ============================================================ */

/* Room for the payload of a row of evidence. */
#define OD__CONSENT_PAYLOAD 4096

/* Check a row and make it a record; its texts stay the caller's. The text of a
 * failure names the field and the value. */
od_err od__consent_check(od_engine *engine, const od_consent *consent,
                         od_consent_record *out);
/* Copy its texts. OD_ERR_MEMORY. */
od_err od__consent_keep(od_engine *engine, od__arena *arena,
                        od_consent_record *row);
/* What the ledger says of it; `payload` has room for OD__CONSENT_PAYLOAD. */
void od__consent_payload(const od_consent_record *row, od__writer *payload);

#endif
