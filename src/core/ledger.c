/*
 * ledger.c - rows of the ledger: written by the engine, read by the host.
 *
 * An entry gets its time, subject and salt here; the storage gives it a number
 * and a hash in the transaction of the change it records. Verifying recomputes
 * the chain with the function that made it: the digest of what is there, the
 * stored digest of what was erased, and the hash over it in any case.
 */
#include "core/core.h"

#include <inttypes.h>

#define PAGE_ROWS 256

void od__ledger_entry(od_engine *engine, od_ledger_entry *entry, int32_t kind,
                      od_id subject, const char *payload)
{
    uint64_t salt[2] = {od__rand_next(&engine->rand),
                        od__rand_next(&engine->rand)};
    memset(entry, 0, sizeof *entry);
    entry->utc_ms = engine->now.utc_ms;
    entry->kind = kind;
    entry->subject = subject;
    entry->payload = payload;
    memcpy(entry->salt, salt, sizeof entry->salt);
}

void od__ledger_row(od_engine *engine, int32_t kind, od_id subject,
                    od__writer *payload)
{
    od__batch *batch = engine->batch;
    od__pages *pages = &batch->outcomes_pages;
    size_t len = batch->outcomes_len;
    switch (kind) {
    case OD_LEDGER_DNC_ADD:
        pages = &batch->dnc_pages;
        len = batch->dnc_len;
        break;
    case OD_LEDGER_ANSWER:
        pages = &batch->answers_pages;
        len = batch->answers_len;
        break;
    case OD_LEDGER_DNC_REMOVE:
        pages = &batch->releases_pages;
        len = batch->releases_len;
        break;
    case OD_LEDGER_DELIVERY:
        pages = &batch->receipts_pages;
        len = batch->receipts_len;
        break;
    case OD_LEDGER_REPLY:
        pages = &batch->replies_pages;
        len = batch->replies_len;
        break;
    default:
        break;
    }
    size_t at = len - 1;
    od__writer_init(payload, pages->payloads[at], sizeof pages->payloads[at]);
    od__ledger_entry(engine, &pages->entries[at], kind, subject,
                     pages->payloads[at]);
}

void od__ledger_dnc(const od_dnc_record *row, od__writer *payload)
{
    static const char *const scopes[] = {"all", "voice", "text", "campaign"};
    char phone[OD_PHONE_MAX + 1];
    od__phone_text(row->phone, phone);
    od__write(payload, "{\"phone\":\"%s%s\",\"scope\":\"%s\"", phone,
              row->prefix ? "*" : "", scopes[row->scope]);
    if (row->campaign != 0) {
        od__write(payload, ",\"campaign\":%lld", (long long)row->campaign);
    }
    if (row->source != NULL) {
        od__write(payload, ",\"source\":");
        od__write_json(payload, row->source);
    }
    if (row->expires_utc_ms != 0) {
        od__write(payload, ",\"expires_utc_ms\":%lld",
                  (long long)row->expires_utc_ms);
    }
    od__write(payload, "}");
}

od_err od_ledger_read(od_engine *engine, int64_t after_seq,
                      od_ledger_row *rows, size_t rows_max, size_t *count)
{
    od_err err = od__list_check(engine, after_seq, rows, rows_max, count);
    if (err != OD_OK) {
        return err;
    }
    return od__store_err(engine,
                         OD__STORE(engine, ledger_scan)(
                             engine->store, after_seq, rows, rows_max, count));
}

/* -- from row to row ------------------------------------------------------ */

static od_err scan(od_engine *engine, int64_t after, od_ledger_row *rows,
                   size_t rows_max, size_t *count)
{
    return od__store_err(engine,
                         OD__STORE(engine, ledger_scan)(
                             engine->store, after, rows, rows_max, count));
}

od_err od__ledger_each(od_engine *engine, int64_t after, int64_t until,
                       od__on_ledger_row visit, void *ctx)
{
    od_ledger_row rows[PAGE_ROWS];
    size_t count = 1;
    while (after < until && count > 0) { /* a short page is no proof of the
                                            end */
        int64_t left = until - after;
        od_err err = scan(engine, after, rows,
                          left < PAGE_ROWS ? (size_t)left : PAGE_ROWS, &count);
        for (size_t i = 0; err == OD_OK && i < count; i++) {
            if (rows[i].seq <= after) {
                return od__engine_fail(engine, OD_ERR_CORRUPT,
                                       "ledger row %" PRId64
                                       " comes behind row %" PRId64,
                                       rows[i].seq, after);
            }
            after = rows[i].seq;
            err = visit(engine, ctx, &rows[i]);
        }
        if (err != OD_OK) {
            return err;
        }
    }
    return OD_OK;
}

/* -- the chain ------------------------------------------------------------ */

/* What was checked: up to which row, and its hash. */
typedef struct chain {
    int64_t seq;
    uint8_t hash[32];
} chain;

static od_err does_not_match(od_engine *engine, const od_ledger_row *row,
                             const char *what)
{
    return od__engine_fail(engine, OD_ERR_CORRUPT,
                           "ledger row %" PRId64
                           " does not match its %s: it was changed",
                           row->seq, what);
}

/* The digest as it must be: of what is there, or what was kept. */
static od_err find_digest(od_engine *engine, const od_ledger_row *row,
                          uint8_t out[32])
{
    static const uint8_t none[sizeof row->salt];
    if (!row->erased) {
        od_ledger_entry entry = {.payload = row->payload};
        memcpy(entry.salt, row->salt, sizeof entry.salt);
        od_ledger_digest(&entry, out);
        return OD_OK;
    }
    if ((row->payload != NULL && row->payload[0] != '\0') ||
        memcmp(row->salt, none, sizeof none) != 0) {
        return od__engine_fail(engine, OD_ERR_CORRUPT,
                               "ledger row %" PRId64
                               " is marked as erased and has a payload",
                               row->seq);
    }
    memcpy(out, row->digest, sizeof row->digest);
    return OD_OK;
}

static od_err check_row(od_engine *engine, void *ctx, const od_ledger_row *row)
{
    chain *done = ctx;
    uint8_t digest[32];
    uint8_t hash[32];
    if (row->seq != done->seq + 1) {
        return od__engine_fail(engine, OD_ERR_CORRUPT,
                               "ledger row %" PRId64 " is missing",
                               done->seq + 1);
    }
    od_err err = find_digest(engine, row, digest);
    if (err != OD_OK) {
        return err;
    }
    od_ledger_seal_digest(done->hash, row->seq, row->utc_ms, row->kind,
                          row->subject, digest, hash);
    if (memcmp(hash, row->hash, sizeof hash) != 0) {
        return does_not_match(engine, row, "hash");
    }
    if (memcmp(digest, row->digest, sizeof digest) != 0) {
        return does_not_match(engine, row, "digest");
    }
    done->seq = row->seq;
    memcpy(done->hash, hash, sizeof done->hash);
    return OD_OK;
}

od_err od_ledger_verify(od_engine *engine, int64_t *rows, uint8_t *head)
{
    chain done = {0};
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__ledger_each(engine, 0, INT64_MAX, check_row, &done);
    if (err != OD_OK) {
        return err;
    }
    if (rows != NULL) {
        *rows = done.seq;
    }
    if (head != NULL) {
        memcpy(head, done.hash, sizeof done.hash);
    }
    return OD_OK;
}

/* -- heads ---------------------------------------------------------------- */

/* The last row by halving what may hold it: the numbers have no gaps, and
 * where they have, this still ends at the last. */
od_err od_ledger_head_get(od_engine *engine, od_ledger_head *out)
{
    od_ledger_head head = {0};
    int64_t none = INT64_MAX; /* nothing is behind this number */
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    while (head.seq < none) {
        od_ledger_row row;
        size_t count = 0;
        bool gallops = none == INT64_MAX && head.seq < none / 4;
        int64_t after = head.seq + (gallops ? head.seq + PAGE_ROWS
                                            : (none - head.seq) / 2);
        od_err err = scan(engine, after, &row, 1, &count);
        if (err != OD_OK) {
            return err;
        }
        if (count == 0) {
            none = after;
            continue;
        }
        if (row.seq <= after) {
            return od__engine_fail(engine, OD_ERR_CORRUPT,
                                   "ledger row %" PRId64
                                   " comes behind row %" PRId64,
                                   row.seq, after);
        }
        head.seq = row.seq;
        head.utc_ms = row.utc_ms;
        memcpy(head.hash, row.hash, sizeof head.hash);
    }
    *out = head;
    return OD_OK;
}

static od_err other_hash(od_engine *engine, int64_t seq)
{
    return od__engine_fail(engine, OD_ERR_CORRUPT,
                           "ledger row %" PRId64
                           " has another hash than the head that was kept",
                           seq);
}

static od_err out_of_reach(od_engine *engine, int64_t seq)
{
    return od__engine_fail(engine, OD_ERR_NOT_FOUND,
                           "the ledger does not reach row %" PRId64
                           ", whose head was kept",
                           seq);
}

/* The row of a head, as the beginning of a chain. */
static od_err find_head(od_engine *engine, const od_ledger_head *head,
                        chain *out)
{
    od_ledger_row row = {0};
    size_t count = 1;
    if (head->seq > 0) {
        od_err err = scan(engine, head->seq - 1, &row, 1, &count);
        if (err != OD_OK) {
            return err;
        }
    }
    if (count == 0) {
        return out_of_reach(engine, head->seq);
    }
    if (row.seq != head->seq) {
        return od__engine_fail(engine, OD_ERR_CORRUPT,
                               "ledger row %" PRId64 " is missing", head->seq);
    }
    if (memcmp(row.hash, head->hash, sizeof row.hash) != 0) {
        return other_hash(engine, head->seq);
    }
    out->seq = head->seq;
    memcpy(out->hash, head->hash, sizeof out->hash);
    return OD_OK;
}

od_err od_ledger_verify_range(od_engine *engine, const od_ledger_head *from,
                              const od_ledger_head *to, int64_t *rows)
{
    chain done = {0};
    od_err err = OD_OK;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    int64_t begin = from != NULL ? from->seq : 0;
    int64_t end = to != NULL ? to->seq : INT64_MAX;
    if (begin < 0 || end < begin) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "rows %" PRId64 " to %" PRId64
                               " are no range: heads begin with 0, and the "
                               "first comes first",
                               begin, end);
    }
    if (from != NULL) {
        err = find_head(engine, from, &done);
    }
    if (err == OD_OK) {
        err = od__ledger_each(engine, begin, end, check_row, &done);
    }
    if (err == OD_OK && to != NULL && done.seq < end) {
        err = out_of_reach(engine, end);
    }
    if (err == OD_OK && to != NULL &&
        memcmp(done.hash, to->hash, sizeof done.hash) != 0) {
        err = other_hash(engine, end);
    }
    if (err == OD_OK && rows != NULL) {
        *rows = done.seq - begin;
    }
    return err;
}
