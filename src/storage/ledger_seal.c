/*
 * ledger_seal.c - the hash of a ledger row.
 *
 * Whoever checks a ledger elsewhere, checks this layout. SHA-256 over 96
 * bytes:
 *
 *      0          32        40        48        56        64            96
 *      +----------+---------+---------+---------+---------+-------------+
 *      | previous | seq     | utc_ms  | kind    | subject | SHA-256 of  |
 *      | hash     | 64 bit  | 64 bit  | 64 bit  | 64 bit  | salt,payload|
 *      +----------+---------+---------+---------+---------+-------------+
 *
 * The previous hash of the first row is 32 zero bytes. Integers are two's
 * complement, little-endian. The inner hash is over the 16 bytes of the salt
 * followed by the payload without its NUL. This digest is stored beside them: a
 * payload can be erased, its salt with it, and the chain still be checked.
 */
#include "storage/storage.h"

static void put_le64(uint8_t *out, int64_t number)
{
    uint64_t bits = (uint64_t)number;
    for (size_t i = 0; i < 8; i++) {
        out[i] = (uint8_t)(bits >> (8 * i));
    }
}

void od_ledger_digest(const od_ledger_entry *entry, uint8_t out[32])
{
    if (entry == NULL || out == NULL) {
        return;
    }
    const char *payload = od__text_or_empty(entry->payload);
    od__sha256_pair(entry->salt, sizeof entry->salt, payload, strlen(payload),
                    out);
}

void od_ledger_seal_digest(const uint8_t previous[32], int64_t seq,
                           int64_t utc_ms, int32_t kind, od_id subject,
                           const uint8_t digest[32], uint8_t out[32])
{
    if (previous == NULL || digest == NULL || out == NULL) {
        return;
    }
    uint8_t bytes[96];
    memcpy(bytes, previous, 32);
    put_le64(bytes + 32, seq);
    put_le64(bytes + 40, utc_ms);
    put_le64(bytes + 48, kind);
    put_le64(bytes + 56, subject);
    memcpy(bytes + 64, digest, 32);
    od__sha256(bytes, sizeof bytes, out);
}

void od_ledger_seal(const uint8_t previous[32], int64_t seq,
                    const od_ledger_entry *entry, uint8_t out[32])
{
    if (previous == NULL || entry == NULL || out == NULL) {
        return;
    }
    uint8_t digest[32];
    od_ledger_digest(entry, digest);
    od_ledger_seal_digest(previous, seq, entry->utc_ms, entry->kind,
                          entry->subject, digest, out);
}
