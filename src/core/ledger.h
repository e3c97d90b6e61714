/*
 * ledger.h - reading the ledger: part of core.h.
 *
 * ledger.c         rows in order, and the chain
 * payload.c        what a row says; pure
 * id_map.c         things by id
 * ledger_about.c   whom and what a row is about
 * ledger_calls.c   what rows say of calls, joined
 * ledger_line.c    a call as a line of a table
 * ledger_extract.c rows and calls as files
 * person.c         erasing a person
 *
 * Writing rows is in core.h. Whoever reads takes no row for granted: a database
 * may be anybody's.
 */
#ifndef OD_SRC_LEDGER_H
#define OD_SRC_LEDGER_H

#include "base/base.h"

#include <outdial/backend.h>

/* == ledger.c ============================================================= */

typedef od_err (*od__on_ledger_row)(od_engine *engine, void *ctx,
                                    const od_ledger_row *row);
/* Visit the rows behind `after` up to `until`, in order; a failure ends it.
 * Whoever visits leaves the store alone: it owns the payload. */
od_err od__ledger_each(od_engine *engine, int64_t after, int64_t until,
                       od__on_ledger_row visit, void *ctx);

/* == payload.c: what a ledger row says ==================================== */

#define OD__MEMBERS_MAX 96
#define OD__PAYLOAD_LEN_MAX 65536 /* more than any row of ours has */

/* Name and value as they stand in the payload. */
typedef struct od__member {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
} od__member;

typedef struct od__payload {
    size_t len;
    od__member members[OD__MEMBERS_MAX];
} od__payload;

/* false: no JSON object as an engine writes it; then it has no members. */
bool od__payload_read(const char *text, od__payload *out);
/* A member that is a text. false: there is none, or it does not fit; then out
 * is "". */
bool od__payload_text(const od__payload *payload, const char *name, char *out,
                      size_t out_size);
/* A member that is a whole number. */
bool od__payload_int(const od__payload *payload, const char *name,
                     int64_t *out);
/* A member that is a list of at most out_max whole numbers. */
bool od__payload_ids(const od__payload *payload, const char *name, od_id *out,
                     size_t out_max, size_t *len);
/* A member for people: a text as it reads, anything else as it stands; "" if
 * there is none, or it does not fit. */
void od__payload_cell(const od__payload *payload, const char *name, char *out,
                      size_t out_size);

/* == id_map.c: things by id =============================================== */

typedef struct od__id_map {
    const od_allocator *allocator;
    struct od__id_slot *slots;
    size_t room; /* 0 or a power of two */
    size_t len;
} od__id_map;

void od__id_map_init(od__id_map *map, const od_allocator *allocator);
void od__id_map_free(od__id_map *map); /* values are the caller's */
void *od__id_map_get(const od__id_map *map, int64_t id); /* NULL: none */
/* Add or replace; value is not NULL. false: out of memory. */
bool od__id_map_put(od__id_map *map, int64_t id, void *value);
/* What was there; NULL: nothing. */
void *od__id_map_remove(od__id_map *map, int64_t id);
/* The next value in no order, NULL at the end; *at begins at 0. */
void *od__id_map_next(const od__id_map *map, size_t *at);

/* == ledger_about.c: whom and what a row is about ========================= */

/* Calls that may be under way at one time in a ledger that is read. */
#define OD__LEDGER_LIVE_MAX 65536

/* Rows about a number and about a campaign are wanted. */
typedef struct od__about {
    char phone[OD_PHONE_MAX + 1]; /* "": of any */
    od_id campaign;               /* 0: of any */
    od__id_map phone_calls;       /* attempts under way that are about it */
    od__id_map campaign_calls;
} od__about;

void od__about_init(od_engine *engine, uint64_t phone, od_id campaign,
                    od__about *out);
void od__about_free(od__about *about);
/*
 * Is this row wanted? It must be told of all rows, from the first. What was
 * erased says nothing itself. OD_ERR_CORRUPT: the payload cannot be read;
 * OD_ERR_LIMIT, OD_ERR_MEMORY.
 */
od_err od__about_row(od_engine *engine, od__about *about,
                     const od_ledger_row *row, bool *out);
/* Payload of a row; without members if it was erased. OD_ERR_CORRUPT. */
od_err od__ledger_payload(od_engine *engine, const od_ledger_row *row,
                          od__payload *out);

/* == ledger_line.c: a call as a line of a table =========================== */

/* What a campaign was when a call began. */
typedef enum od__edition_cell {
    OD__EDITION_NAME,
    OD__EDITION_SELLER,
    OD__EDITION_PURPOSE,
    OD__EDITION_PROMPTS,
    OD__EDITION_SURVEY,
    OD__EDITION_OPT_OUT_PROMPT
} od__edition_cell;
#define OD__EDITION_CELLS 6

/* All that the ledger says of a call. */
typedef struct od__call_line {
    od_id attempt;
    int64_t utc_ms; /* of the decision to dial */
    int64_t answers;
    bool opted_out;
    const char *cells[OD__EDITION_CELLS]; /* "" where it is not known */
    const char *proof;                    /* of the caller ID; "" */
    od__payload decision;                 /* no members: erased */
    od__payload end;                      /* no members: erased, or live */
} od__call_line;

void od__call_line_header(od__csv_out *csv);
void od__call_line_write(od_engine *engine, const od__call_line *line,
                         od__csv_out *csv);

/* == ledger_calls.c ======================================================= */

/* Which calls are wanted. */
typedef struct od__calls_wanted {
    uint64_t phone;       /* 0: to any */
    od_id campaign;       /* 0: of any */
    int64_t since_utc_ms; /* decided at or after */
    int64_t until_utc_ms; /* decided before; 0: no end */
} od__calls_wanted;

/* Header, and a line for each call: in the order of their ends, then those
 * under way by id. OD_ERR_CORRUPT, OD_ERR_LIMIT, OD_ERR_MEMORY. */
od_err od__ledger_calls(od_engine *engine, const od__calls_wanted *wanted,
                        od__csv_out *csv);

#endif
