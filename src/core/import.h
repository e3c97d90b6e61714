/*
 * import.h - an import under way: what import.c and import_rows.c share.
 *
 * import.c runs it (reading, storing, the public face); import_rows.c turns
 * records into rows. Nobody else includes this.
 */
#ifndef OD_SRC_IMPORT_H
#define OD_SRC_IMPORT_H

#include "core/core.h"

#define OD__GATHER_ROWS 65536
#define OD__GATHER_BYTES (32u << 20)
#define OD__SLICE_ROWS 4000
#define OD__COLUMNS_MAX 512

/* What a column is. */
typedef enum column {
    COLUMN_PHONE,
    COLUMN_FIRST_NAME,
    COLUMN_LAST_NAME,
    COLUMN_EMAIL,
    COLUMN_COMPANY,
    COLUMN_NOTES,
    COLUMN_TIMEZONE,
    COLUMN_STATE,
    COLUMN_CUSTOM
} column;

typedef struct place_in_order {
    uint64_t phone;
    uint32_t row;
} place_in_order;

struct od__import {
    od_id id;
    int64_t token;
    od_id group;
    char country[3];
    bool update;
    bool cancelled;
    bool read_all;
    bool told; /* the last event is in the queue */
    od__csv_in *csv;
    od__csv_out *rejects;
    od_import_report report;
    /* the header */
    bool has_header;
    size_t columns_len;
    uint8_t columns[OD__COLUMNS_MAX];
    char *names[OD__COLUMNS_MAX]; /* of custom columns; in `header` */
    od__arena header;
    /* what is gathered */
    od__arena texts;
    size_t texts_bytes;
    size_t rows_len;
    od_member_row *rows;      /* OD__GATHER_ROWS */
    place_in_order *order;    /* OD__GATHER_ROWS */
    /* what is being stored */
    bool storing;
    size_t stored;
    od_member_row slice[OD__SLICE_ROWS];
    od_member_result results[OD__SLICE_ROWS];
    od_engine *engine;
};

/* Give one record of the file to the import: the header, or a row that is
 * gathered or rejected. A failure ends the import. */
od_err od__import_record(od__import *im, od__csv_record *record);

#endif
