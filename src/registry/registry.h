/*
 * registry.h - the folder's table of contents: registry files, which are
 * do-not-call lists of national size.
 *
 * file.c     opens a file, strictly checked; finds numbers in it
 * header.c   its first 512 bytes
 * build.c    texts and a base -> a new file
 * bitmap.c   the numbers of a build in memory, and out as directory and blocks
 * text.c     lines out of a text file
 * line.c     a line -> a number and what is to be done with it
 *
 * Knows base and place, and no engine. A registry is read only: any number of
 * threads may ask one.
 */
#ifndef OD_SRC_REGISTRY_H
#define OD_SRC_REGISTRY_H

#include "base/base.h"

#include <outdial/registry.h>

/* Area codes and exchanges of the numbering plan run from 200 to 999. */
#define OD__NANP_FIRST 200u
#define OD__NANP_CODES 800u
#define OD__NANP_LINES 10000u /* numbers of an exchange */

/* A number as the three parts that files are ordered by. */
typedef struct od__nanp {
    uint32_t area;     /* 0 to 799: 200 to 999 */
    uint32_t exchange; /* the same */
    uint32_t line;     /* 0 to 9999 */
} od__nanp;

/* Take an E.164 number apart. false: not one of North America. */
bool od__nanp_split(uint64_t phone, od__nanp *out);

/* == file.c: what the engine needs ======================================== */

typedef struct od__registry od__registry;

/* Errors as od_registry_info_read(). */
od_err od__registry_open(od__registry **out, const char *path,
                         od_errmsg *errmsg);
void od__registry_free(od__registry *registry); /* NULL does nothing */
/* Is the number on the list? `phone`: E.164 digits; others than those of North
 * America are not. */
bool od__registry_has(const od__registry *registry, uint64_t phone);
/* Does "not on it" say anything of this number? Not if the file lacks the list
 * of its area code. */
bool od__registry_covers(const od__registry *registry, uint64_t phone);
const od_registry_info *od__registry_info(const od__registry *registry);
/* Is another file at its path by now, or none? Then open that one and free
 * this. */
bool od__registry_changed(const od__registry *registry);
/* Read all numbers: their hash and their counts. OD_ERR_CORRUPT. */
od_err od__registry_check(const od__registry *registry, od_errmsg *errmsg);

/* == file.c: the format, for bitmap.c ===================================== */

#define OD__REGISTRY_VERSION 1
#define OD__REGISTRY_HEADER 512u
/* An exchange with more numbers than this has a bitmap, else a sorted list. */
#define OD__REGISTRY_SPARSE_MAX 624u
#define OD__REGISTRY_BITMAP 1250u /* bytes of one: a bit for each line */
#define OD__REGISTRY_ENTRY 8u     /* bytes in the directory: offset, count */
#define OD__REGISTRY_TABLE (OD__NANP_CODES * OD__REGISTRY_ENTRY)

/* Bytes of a block that holds `count` numbers. */
uint32_t od__registry_block_bytes(uint32_t count);
/* Is any number of this area code in it? */
bool od__registry_has_area(const od__registry *registry, uint32_t area);
/* Are all of this area code's? Without regard to `whole`. */
bool od__registry_lists_area(const od__registry *registry, uint32_t area);
/* Set the bits of an area code: 800 bitmaps, one after the other. */
void od__registry_area_bits(const od__registry *registry, uint32_t area,
                            uint8_t *bits);

/* Little-endian numbers. */
static inline uint32_t od__le32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

static inline uint32_t od__le16(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static inline void od__le32_put(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

static inline void od__le16_put(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

/* == header.c ============================================================= */

typedef struct od__registry_header {
    od_registry_info info;
    uint32_t tables; /* exchange tables in the directory */
    uint8_t directory_sha256[32];
    uint8_t blocks_sha256[32];
} od__registry_header;

/* Bytes of the directory; blocks begin after header and directory. */
size_t od__registry_directory_bytes(uint32_t tables);
/* Writes info.sha256 too. */
void od__registry_header_write(od__registry_header *header,
                               uint8_t out[OD__REGISTRY_HEADER]);
/* `file_bytes`: what the file really has. OD_ERR_FORMAT, _VERSION, _CORRUPT. */
od_err od__registry_header_read(od__registry_header *out,
                                const uint8_t bytes[OD__REGISTRY_HEADER],
                                uint64_t file_bytes, const char *path,
                                od_errmsg *errmsg);
/* a-z 0-9 . - and 1 to OD_REGISTRY_NAME_MAX of them? */
bool od__registry_name_is_valid(const char *name);

/* == line.c =============================================================== */

typedef struct od__registry_columns {
    int32_t phone;  /* 1 and up */
    int32_t action; /* 1 and up; 0: the one after the number; OD_NONE: none */
} od__registry_columns;

typedef struct od__registry_change {
    od__nanp number;
    char action; /* 'A' or 'D'; ' ' where there is no such column */
} od__registry_change;

/* Longest line, without its end. */
#define OD__REGISTRY_LINE_MAX 1024u

/* NULL: *out is set. Else why not, as a static clause: "has letters". */
const char *od__registry_line_parse(const char *line, size_t len,
                                    const od__registry_columns *columns,
                                    od__registry_change *out);

/* == text.c =============================================================== */

/* A line that is not blank, without its end and without blanks around it; cut
 * if it is longer than OD__REGISTRY_LINE_MAX, and then one longer. */
typedef void (*od__registry_on_line)(void *ctx, int64_t number,
                                     const char *line, size_t len);

/* Read a text to its end; all of its bytes are added to `hash`. */
od_err od__registry_text_read(const char *path, od__hash *hash,
                              od__registry_on_line on_line, void *ctx,
                              od_errmsg *errmsg);

/* == bitmap.c ============================================================= */

/* Numbers in memory: a megabyte for each area code that occurs. */
typedef struct od__registry_bitmap {
    uint8_t *areas[OD__NANP_CODES]; /* 800 bitmaps each; NULL: no number */
    bool listed[OD__NANP_CODES];    /* all of the area code's are known */
} od__registry_bitmap;

void od__registry_bitmap_free(od__registry_bitmap *bitmap);
/* What a file holds. OD_ERR_MEMORY. */
od_err od__registry_bitmap_load(od__registry_bitmap *bitmap,
                                const od__registry *from, od_errmsg *errmsg);
/* *changed: it was not in it. False: out of memory. */
bool od__registry_bitmap_add(od__registry_bitmap *bitmap, od__nanp number,
                             bool *changed);
/* Was it in it? */
bool od__registry_bitmap_remove(od__registry_bitmap *bitmap, od__nanp number);
/* Write the file; counts, sizes and hashes of *header are set. */
od_err od__registry_bitmap_write(const od__registry_bitmap *bitmap,
                                 const char *path, od__registry_header *header,
                                 od_errmsg *errmsg);

#endif
