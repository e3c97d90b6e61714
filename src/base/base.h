/*
 * base.h - the folder's table of contents: what every other folder stands on.
 *
 * Knows no campaigns, opens no socket, keeps no state between calls but in the
 * objects it hands out. now.c alone reads clocks, wake.c alone holds a lock.
 */
#ifndef OD_SRC_BASE_H
#define OD_SRC_BASE_H

#include <outdial/base.h>

#include <stdarg.h>
#include <stdio.h>

#define OD__LEN(array) (sizeof(array) / sizeof((array)[0]))

/* == err.c: failures and structs of several versions ====================== */

/* Write the text of a failure (errmsg may be NULL) and return its code. */
od_err od__fail(od_errmsg *errmsg, od_err code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Copy an options struct of the caller's version into ours. `dst` is filled
 * with zero beyond a shorter `src`; a longer one must be zero beyond ours.
 * `size_min` is the size of the first version. OD_ERR_INVALID: size is below
 * it. OD_ERR_VERSION: fields we do not know are used.
 */
od_err od__sized_copy(void *dst, size_t dst_size, const void *src,
                      size_t size_min, const char *what, od_errmsg *errmsg);

/* == now.c: the clock ====================================================== */

/* Monotonic microseconds, for loops that od_now is too coarse for. */
int64_t od__mono_us(void);

/* == heap.c: a binary heap of deadlines =================================== */

/* Part of the object that waits. `index` is 0 when it does not. */
typedef struct od__timer {
    int64_t at_ms;
    uint32_t index; /* place in the heap + 1 */
    uint32_t id;    /* the owner's; breaks ties, lower first */
} od__timer;

/* What is compared stands beside the pointer: owners are large, and a look
 * into each would be a cache miss. */
typedef struct od__heap_item {
    int64_t at_ms;
    od__timer *timer;
    uint32_t id;
} od__heap_item;

typedef struct od__heap {
    od__heap_item *items;
    uint32_t len;
    uint32_t len_max;
} od__heap;

od_err od__heap_init(od__heap *heap, uint32_t len_max,
                     const od_allocator *allocator);
void od__heap_clear(od__heap *heap, const od_allocator *allocator);
/* Set or move a timer. The heap has room for len_max distinct ones. */
void od__heap_set(od__heap *heap, od__timer *timer, int64_t at_ms);
void od__heap_unset(od__heap *heap, od__timer *timer);
/* Earliest one, or NULL. */
od__timer *od__heap_first(const od__heap *heap);

/* == ring.c: a bounded queue of fixed-size messages ======================= */

/* One thread puts, one thread takes; no lock. Capacity is a power of two. */
typedef struct od__ring od__ring;

od__ring *od__ring_new(size_t item_size, size_t items_max);
void od__ring_free(od__ring *ring);
bool od__ring_put(od__ring *ring, const void *item); /* false: full */
bool od__ring_take(od__ring *ring, void *item);      /* false: empty */
bool od__ring_is_empty(const od__ring *ring);        /* either thread */

/* == wake.c: a descriptor that another thread makes readable ============== */

typedef struct od__wake {
    int fd; /* eventfd */
} od__wake;

od_err od__wake_init(od__wake *wake, od_errmsg *errmsg);
void od__wake_close(od__wake *wake);
void od__wake_signal(const od__wake *wake); /* any thread, signal-safe */
void od__wake_clear(const od__wake *wake);

/* == rand.c: numbers ====================================================== */

/* Deterministic generator (splitmix64); not for secrets. */
typedef struct od__rand {
    uint64_t state;
} od__rand;

uint64_t od__rand_next(od__rand *rand);
/* Uniform in 0 .. n-1; n > 0. */
uint64_t od__rand_below(od__rand *rand, uint64_t n);
/* Seed from the system; OD_ERR_IO if it has none. */
od_err od__rand_system(od__rand *rand);

/* == sha256.c ============================================================= */

void od__sha256(const void *bytes, size_t len, uint8_t out[32]);
/* Of two pieces, one after the other. */
void od__sha256_pair(const void *a, size_t a_len, const void *b, size_t b_len,
                     uint8_t out[32]);

/* Of what comes piece by piece. */
typedef struct od__hash od__hash;

od__hash *od__hash_new(void); /* NULL: out of memory */
void od__hash_add(od__hash *hash, const void *bytes, size_t len);
void od__hash_end(od__hash *hash, uint8_t out[32]);
void od__hash_free(od__hash *hash); /* NULL does nothing */

/* == memory.c: the engine's allocator ===================================== */

/* Zeroed memory, or NULL. A NULL or empty allocator means malloc. */
void *od__alloc(const od_allocator *allocator, size_t bytes);
void od__free(const od_allocator *allocator, void *block);

/* A region that grows in blocks and is emptied at once: texts of one call. */
typedef struct od__arena {
    struct od__arena_block *first;
    struct od__arena_block *now;
} od__arena;

void od__arena_reset(od__arena *arena); /* keeps its blocks */
void od__arena_free(od__arena *arena);
/* Aligned to 16 bytes; NULL when out of memory. */
void *od__arena_take(od__arena *arena, size_t bytes);
/* Copy of a text with NUL; NULL text gives "". NULL when out of memory. */
const char *od__arena_text(od__arena *arena, const char *text, size_t len);

/* == text.c: bytes that come from people ================================== */

/* Is it well-formed UTF-8 (no overlong forms, surrogates or NUL)? */
bool od__utf8_is_valid(const char *text, size_t len);
/* Copy, cut to fit at a character boundary; always NUL-terminated. */
void od__text_copy(char *out, size_t out_size, const char *text);
/* ASCII only; locale plays no part. */
bool od__text_equal_nocase(const char *a, const char *b);

/* Bytes as 2 * len hexadecimal digits, lower case, and a NUL. */
void od__hex(const uint8_t *bytes, size_t len, char *out);

/* A text of bounded size that is written piece by piece. */
typedef struct od__writer {
    char *out;
    size_t size;
    size_t len;
    bool full; /* something did not fit; out is cut but NUL-terminated */
} od__writer;

void od__writer_init(od__writer *writer, char *out, size_t size);
void od__write(od__writer *writer, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A JSON string with its quotes; controls, quotes, DEL are escaped. */
void od__write_json(od__writer *writer, const char *text);

/* == out.c: a file that appears whole or not at all ======================= */

/* A file being written beside its place; od__out_done puts it there. The first
 * failure is kept until then. */
typedef struct od__out od__out;

/* OD_ERR_INVALID: path is there and no regular file. OD_ERR_IO, OD_ERR_FULL,
 * OD_ERR_MEMORY. */
od_err od__out_create(od__out **out, const char *path, od_errmsg *errmsg);
void od__out_put(od__out *out, const void *bytes, size_t len);
void od__out_text(od__out *out, const char *text);
/* Leave a gap of `len` bytes behind what was put; fill it later. */
void od__out_skip(od__out *out, size_t len);
/* Into what was skipped; `at` counts from the beginning of the file. */
void od__out_fill(od__out *out, size_t at, const void *bytes, size_t len);
/* Sync, rename into place and free; on failure no file is left. */
od_err od__out_done(od__out *out, od_errmsg *errmsg);
/* Give up: remove what was written and free. NULL does nothing. */
void od__out_discard(od__out *out);

/* == csv_out.c, csv_in.c: rows out and in ================================= */

/* A CSV file being written; od__csv_done puts it into its place. */
typedef struct od__csv_out od__csv_out;

/* Errors as od__out_create(). */
od_err od__csv_create(od__csv_out **out, const char *path, od_errmsg *errmsg);
/* One cell. `guard`: a text that a spreadsheet would run as a formula (it
 * begins with = + - @ tab CR or LF, or with apostrophes before one of them)
 * gets an apostrophe in front. NULL text is "". Failures show in done. */
void od__csv_cell(od__csv_out *csv, const char *text, bool guard);
void od__csv_number(od__csv_out *csv, int64_t number);
void od__csv_end_row(od__csv_out *csv);
/* As od__out_done() and od__out_discard(). */
od_err od__csv_done(od__csv_out *csv, od_errmsg *errmsg);
void od__csv_discard(od__csv_out *csv);
/* The text without the apostrophe that a guarded cell has. */
const char *od__csv_unguard(const char *text);

/* A record that was read. Cells are NUL-terminated and writable. */
typedef struct od__csv_record {
    char **cells;
    size_t *lens;
    size_t len;
    int64_t line; /* where it begins, 1 and up */
    const char *raw; /* cells as they stood, joined by ','; cut at 1,000
                        bytes, NUL bytes shown as '?'; for reject files */
    bool has_nul;    /* a cell holds a NUL byte */
    bool too_long;   /* a cell or the record is over the limits and was cut */
} od__csv_record;

/* Called for each record; false stops the reading for now. */
typedef bool (*od__csv_on_record)(void *ctx, od__csv_record *record);

/* Pushes bytes of a file through libcsv. Limits: 512 cells, 64 KiB a cell,
 * 1 MiB a record. A byte order mark at the start is taken off. */
typedef struct od__csv_in od__csv_in;

od_err od__csv_open(od__csv_in **out, const char *path, od_errmsg *errmsg);
/* Read and hand out about `bytes` more. *done: the file has ended and its last
 * record was handed out. OD_ERR_IO, OD_ERR_MEMORY, OD_ERR_FORMAT (a quote that
 * is never closed; the text names the line where it opened). */
od_err od__csv_read(od__csv_in *csv, size_t bytes, od__csv_on_record on_record,
                    void *ctx, bool *done, od_errmsg *errmsg);
int64_t od__csv_bytes(const od__csv_in *csv);       /* read so far */
int64_t od__csv_bytes_total(const od__csv_in *csv); /* 0: not known */
void od__csv_close(od__csv_in *csv);

/* == file.c =============================================================== */

/* Whole file into malloc'd memory, never NULL. OD_ERR_IO, OD_ERR_MEMORY,
 * OD_ERR_INVALID (over max or not a regular file). */
od_err od__file_read(const char *path, size_t bytes_max, uint8_t **bytes,
                     size_t *len, od_errmsg *errmsg);
/* Are both there, and the same file by whatever names? */
bool od__file_is_same(const char *a, const char *b);

#endif
