/*
 * erase.c - a person goes: contacts, what calls and answers say of the number,
 * the payloads of its ledger rows; see the slot in backend_storage.h.
 *
 * Contacts are found by reading all of them, as their phones stand in no index;
 * before the transaction, because others wait for one. Attempts that lose their
 * number leave the chain of its line, so that nothing leads to them.
 *
 * What goes is overwritten in the file. The log beside it holds older pages
 * until it begins anew, and backups hold what they held.
 */
#include "storage/sqlite/sqlite.h"

#include <inttypes.h>

static od_err check_flight(od__sqlite *s, uint64_t phone)
{
    od_attempt_record flight;
    od_err err = od__flight_get(s, phone, &flight);
    if (err == OD_OK && flight.attempt != 0) {
        err = od__fail(&s->errmsg, OD_ERR_STATE,
                       "a call to +%" PRIu64 " is under way", phone);
    }
    return err;
}

/* What becomes of one contact, if it still has the phone. */
static od_err erase_contact(od__sqlite *s, uint64_t phone, od_id contact,
                            bool is_first, int64_t *removed)
{
    od__phones phones;
    bool found;
    od_err err = od__contact_phones(s, contact, &phones, &found);
    if (err != OD_OK || !found) {
        return err;
    }
    if (is_first && phones.first == phone) {
        *removed += 1;
        return od__contact_remove(s, &phones);
    }
    bool has = phones.more[0] == phone || phones.more[1] == phone;
    return has && !is_first ? od__contact_drop(s, &phones, phone) : OD_OK;
}

/* Remove those whose first phone it is, then take it from the others. */
static od_err erase_contacts(od__sqlite *s, uint64_t phone,
                             const od__ids *contacts, int64_t *removed)
{
    od_err err = OD_OK;
    for (size_t i = 0; err == OD_OK && i < contacts->len; i++) {
        err = erase_contact(s, phone, contacts->items[i], true, removed);
    }
    for (size_t i = 0; err == OD_OK && i < contacts->len; i++) {
        err = erase_contact(s, phone, contacts->items[i], false, removed);
    }
    return err;
}

/* == calls ================================================================ */

/* An attempt of the chain, which is a call or a text. */
typedef struct ended {
    od_id attempt;
    int64_t utc_ms;
    bool is_text;
} ended;

/* *found false: the chain leads to nothing, in a damaged file. */
static od_err read_ended(od__sqlite *s, ended *out, bool *found)
{
    od__query query = OD__QUERY(s, OD__SQL_ATTEMPT_ENDED, out->attempt);
    *found = od__query_next(&query);
    if (*found) {
        out->utc_ms = od__row_i64(&query, INT64_MIN, INT64_MAX);
        out->is_text = od__row_bool(&query);
    }
    return od__query_end(&query);
}

/* What follows an attempt in the chain; attempt 0: what begins it. */
static od_err link_to(od__sqlite *s, uint64_t phone, od_id attempt, od_id next)
{
    if (attempt == 0) {
        return OD__RUN(s, OD__SQL_LINE_LINK, (int64_t)phone, next);
    }
    od_err err = OD__RUN(s, OD__SQL_ATTEMPT_LINK, attempt, next);
    return err == OD_OK ? OD__RUN(s, OD__SQL_MESSAGE_LINK, attempt, next) : err;
}

/* One attempt of the chain is made nameless, or stays behind *last. */
static od_err erase_attempt(od__sqlite *s, const od_erase *erase,
                            const ended *call, int64_t *erased, od_id *last)
{
    od_err err =
        OD__RUN(s, OD__SQL_ANSWERS_ERASE, call->attempt, erase->before_utc_ms);
    if (err != OD_OK) {
        return err;
    }
    if (call->utc_ms < erase->before_utc_ms) {
        *erased += 1;
        return call->is_text ? od__message_erase(s, call->attempt)
                             : OD__RUN(s, OD__SQL_ATTEMPT_ERASE, call->attempt);
    }
    err = link_to(s, erase->phone, *last, call->attempt);
    *last = call->attempt;
    return err;
}

/* Take old attempts out of the chain, the latest first; *last is the last one
 * that stays, or 0. */
static od_err erase_attempts(od__sqlite *s, const od_erase *erase,
                             int64_t *erased, od_id *last)
{
    od__ids chain;
    od__query query =
        OD__QUERY(s, OD__SQL_ATTEMPT_CHAIN, (int64_t)erase->phone);
    od_err err = od__query_ids(&query, &chain);
    *last = 0;
    for (size_t i = 0; err == OD_OK && i < chain.len; i++) {
        ended call = {.attempt = chain.items[i]};
        bool found;
        err = read_ended(s, &call, &found);
        if (err == OD_OK && found) {
            err = erase_attempt(s, erase, &call, erased, last);
        }
    }
    return err == OD_OK ? link_to(s, erase->phone, *last, 0) : err;
}

/* Replies, and answers to texts, which may outlast these in the chain. */
static od_err erase_said(od__sqlite *s, const od_erase *erase)
{
    od_err err = OD__RUN(s, OD__SQL_ANSWERS_ERASE_PHONE, (int64_t)erase->phone,
                         erase->before_utc_ms);
    return err == OD_OK ? OD__RUN(s, OD__SQL_REPLIES_ERASE,
                                  (int64_t)erase->phone, erase->before_utc_ms)
                        : err;
}

/* The line is gone with its last attempt, else it remembers those that stay. */
static od_err erase_line(od__sqlite *s, uint64_t phone, bool all)
{
    return OD__RUN(s, all ? OD__SQL_LINE_REMOVE : OD__SQL_LINE_RECENT,
                   (int64_t)phone);
}

/* == the slot ============================================================= */

static od_err erase_person(od__sqlite *s, const od_erase *erase,
                           const od__ids *found, int64_t *contacts,
                           int64_t *calls)
{
    od_id last = 0;
    od_err err = check_flight(s, erase->phone);
    if (err == OD_OK) {
        err = erase_contacts(s, erase->phone, found, contacts);
    }
    for (size_t i = 0; err == OD_OK && i < erase->seqs_len; i++) {
        err = od__ledger_erase(s, erase->seqs[i]);
    }
    if (err == OD_OK) {
        err = erase_attempts(s, erase, calls, &last);
    }
    if (err == OD_OK) {
        err = erase_said(s, erase);
    }
    if (err == OD_OK) {
        err = erase_line(s, erase->phone, last == 0);
    }
    if (err == OD_OK) {
        err = OD__RUN(s, OD__SQL_CONSENT_ERASE, (int64_t)erase->phone,
                      erase->before_utc_ms);
    }
    return err == OD_OK ? od__targets_erase(s, erase->phone, last == 0) : err;
}

/* SQLite overwrites what a transaction frees inside of pages always, whole
 * pages only here. Not a statement of sql.c: it has its effect when it is
 * prepared. */
static od_err overwrite_pages(od__sqlite *s, bool on)
{
    int rc = sqlite3_exec(
        s->db, on ? "PRAGMA secure_delete = ON" : "PRAGMA secure_delete = FAST",
        NULL, NULL, NULL);
    return rc == SQLITE_OK ? OD_OK : od__sqlite_fail(s, rc);
}

static od_err write(od__sqlite *s, const od_erase *erase, const od__ids *found,
                    const od_ledger_entry *ledger, od_erase *out)
{
    od_err err = od__sqlite_begin(s);
    if (err == OD_OK) {
        err = erase_person(s, erase, found, &out->contacts, &out->calls);
    }
    if (err == OD_OK) {
        err = od__ledger_put(s, ledger, 1);
    }
    return od__sqlite_finish(s, err);
}

od_err od__sqlite_person_erase(void *ctx, od_erase *erase,
                               const od_ledger_entry *ledger)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    od__ids found;
    od_erase done = {0};
    od__query query =
        OD__QUERY(s, OD__SQL_CONTACTS_OF_PHONE, (int64_t)erase->phone);
    od_err err = od__query_ids(&query, &found);
    if (err == OD_OK) {
        err = overwrite_pages(s, true);
    }
    if (err == OD_OK) {
        err = write(s, erase, &found, ledger, &done);
        (void)overwrite_pages(s, false); /* else it overwrites too much */
    }
    if (err == OD_OK) {
        erase->contacts = done.contacts;
        erase->calls = done.calls;
    }
    return err;
}
