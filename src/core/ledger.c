/*
 * ledger.c - rows of the ledger: written by the engine, read by the host.
 *
 * An entry gets its time, subject and salt here; the storage gives it a number
 * and a hash in the transaction of the change it records. Verifying recomputes
 * the chain with the function that made it.
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
    size_t at = batch->outcomes_len - 1;
    if (kind == OD_LEDGER_DNC_ADD) {
        pages = &batch->dnc_pages;
        at = batch->dnc_len - 1;
    } else if (kind == OD_LEDGER_ANSWER) {
        pages = &batch->answers_pages;
        at = batch->answers_len - 1;
    }
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

static od_err check_row(od_engine *engine, const od_ledger_row *row,
                        int64_t seq, const uint8_t previous[32])
{
    od_ledger_entry entry;
    uint8_t hash[32];
    if (row->seq != seq) {
        return od__engine_fail(engine, OD_ERR_CORRUPT,
                               "ledger row %" PRId64 " is missing", seq);
    }
    memset(&entry, 0, sizeof entry);
    entry.utc_ms = row->utc_ms;
    entry.subject = row->subject;
    entry.kind = row->kind;
    entry.payload = row->payload;
    memcpy(entry.salt, row->salt, sizeof entry.salt);
    od_ledger_seal(previous, seq, &entry, hash);
    if (memcmp(hash, row->hash, sizeof hash) != 0) {
        return od__engine_fail(engine, OD_ERR_CORRUPT,
                               "ledger row %" PRId64
                               " does not match its hash: it was changed",
                               seq);
    }
    return OD_OK;
}

od_err od_ledger_verify(od_engine *engine, int64_t *rows, uint8_t *head)
{
    od_ledger_row page[PAGE_ROWS];
    uint8_t previous[32] = {0};
    int64_t seq = 0;
    size_t count = 0;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    do {
        od_err err = OD__STORE(engine, ledger_scan)(engine->store, seq, page,
                                                    OD__LEN(page), &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            err = check_row(engine, &page[i], seq + 1, previous);
            if (err != OD_OK) {
                return err;
            }
            memcpy(previous, page[i].hash, sizeof previous);
            seq++;
        }
    } while (count > 0); /* a short page is no proof of the end */
    if (rows != NULL) {
        *rows = seq;
    }
    if (head != NULL) {
        memcpy(head, previous, sizeof previous);
    }
    return OD_OK;
}
