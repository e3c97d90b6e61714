/*
 * person.c - erasing a person, as far as records may go.
 *
 * Reads the ledger for rows about the number, as an extract does; those that
 * are old enough lose their payload, in one transaction of the store with
 * everything else it knows of the number. The row that tells of it says why and
 * how much, not whom.
 *
 * Source: 16 CFR 310.5(b) (records are kept for five years).
 */
#include "core/core.h"

#include <inttypes.h>

#define ROWS_MAX 1000000
#define RETENTION_MS ((int64_t)OD_RETENTION_DAYS * 86400000)
#define NAMING_DIGITS 7 /* so many last digits of a number name a person */

/* Rows about a number, as they are found. */
typedef struct search {
    od__about about;
    int64_t before_utc_ms;
    int64_t *seqs; /* room of them */
    size_t len;
    size_t room;
    int64_t kept;
    int64_t kept_utc_ms; /* of the latest of them */
} search;

static od_err add_seq(od_engine *engine, search *s, int64_t seq)
{
    if (s->len == ROWS_MAX) {
        return od__engine_fail(engine, OD_ERR_LIMIT,
                               "more than %d ledger rows are about the number",
                               ROWS_MAX);
    }
    if (s->len == s->room) {
        size_t room = s->room == 0 ? 64 : s->room * 2;
        int64_t *seqs =
            od__alloc(&engine->allocator, room * sizeof *seqs);
        if (seqs == NULL) {
            return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
        }
        if (s->len > 0) {
            memcpy(seqs, s->seqs, s->len * sizeof *seqs);
        }
        od__free(&engine->allocator, s->seqs);
        s->seqs = seqs;
        s->room = room;
    }
    s->seqs[s->len++] = seq;
    return OD_OK;
}

static od_err on_row(od_engine *engine, void *ctx, const od_ledger_row *row)
{
    search *s = ctx;
    bool wanted = false;
    od_err err = od__about_row(engine, &s->about, row, &wanted);
    if (err != OD_OK || !wanted || row->erased) {
        return err;
    }
    if (row->utc_ms < s->before_utc_ms) {
        return add_seq(engine, s, row->seq);
    }
    s->kept++;
    s->kept_utc_ms =
        row->utc_ms > s->kept_utc_ms ? row->utc_ms : s->kept_utc_ms;
    return OD_OK;
}

/* Do its digits, whatever stands between them, name the number? */
static bool names_number(const char *reason, const char *phone)
{
    char digits[OD_NAME_MAX + 1];
    size_t len = 0;
    for (const char *at = reason; *at != '\0'; at++) {
        if (*at >= '0' && *at <= '9') {
            digits[len++] = *at;
        }
    }
    digits[len] = '\0';
    size_t phone_len = strlen(phone);
    return strstr(digits, phone + (phone_len > NAMING_DIGITS
                                       ? phone_len - NAMING_DIGITS
                                       : 1)) != NULL;
}

static od_err check_reason(od_engine *engine, const char *reason,
                           uint64_t number)
{
    char phone[OD_PHONE_MAX + 1];
    size_t len = reason != NULL ? strnlen(reason, OD_NAME_MAX + 1) : 0;
    if (len == 0 || len > OD_NAME_MAX || !od__utf8_is_valid(reason, len)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "reason must be UTF-8 of 1 to %d bytes",
                               OD_NAME_MAX);
    }
    od__phone_text(number, phone);
    if (names_number(reason, phone)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "reason \"%s\" names the number: it is kept for "
                               "ever",
                               reason);
    }
    return OD_OK;
}

static od_err erase(od_engine *engine, const search *s, const char *reason,
                    od_erase *out)
{
    char text[OD__PAYLOAD_SIZE];
    od__writer payload;
    od_ledger_entry entry;
    od__writer_init(&payload, text, sizeof text);
    od__write(&payload, "{\"reason\":");
    od__write_json(&payload, reason);
    od__write(&payload, ",\"rows_erased\":%zu,\"rows_kept\":%" PRId64 "}",
              s->len, s->kept);
    od__ledger_entry(engine, &entry, OD_LEDGER_ERASE, 0, text);
    out->before_utc_ms = s->before_utc_ms;
    out->seqs = s->seqs;
    out->seqs_len = s->len;
    od_err err = OD__STORE(engine, person_erase)(engine->store, out, &entry);
    if (err == OD_ERR_STATE) {
        return od__engine_fail(engine, err,
                               "a call or text to the number is under way: "
                               "erase it when that has ended");
    }
    if (err == OD_OK) {
        od__engine_changed(engine);
    }
    return od__store_err(engine, err);
}

od_err od_person_erase(od_engine *engine, const char *phone,
                       const char *reason, od_erasure *out)
{
    od_erase done = {.phone = 0};
    search s = {.seqs = NULL};
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__phone_check(engine, phone, NULL, &done.phone);
    if (err == OD_OK) {
        err = check_reason(engine, reason, done.phone);
    }
    if (err != OD_OK) {
        return err;
    }
    s.before_utc_ms = engine->now.utc_ms - RETENTION_MS;
    od__about_init(engine, done.phone, 0, &s.about);
    err = od__ledger_each(engine, 0, INT64_MAX, on_row, &s);
    od__about_free(&s.about);
    if (err == OD_OK) {
        err = erase(engine, &s, reason, &done);
    }
    od__free(&engine->allocator, s.seqs);
    if (err == OD_OK && out != NULL) {
        *out = (od_erasure){.contacts = done.contacts,
                            .rows_erased = (int64_t)s.len,
                            .rows_kept = s.kept,
                            .calls_erased = done.calls,
                            .kept_until_utc_ms =
                                s.kept > 0 ? s.kept_utc_ms + RETENTION_MS : 0};
    }
    return err;
}
