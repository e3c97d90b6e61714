/*
 * checker_rows.c - what is stored in the end: every attempt once, sums that
 * equal a recount, a chain of hashes that holds; see checker.h.
 */
#include "checker_parts.h"

#include <string.h>

#include <openssl/evp.h>

/* Kinds of ledger rows, as stored. */
enum { LEDGER_ATTEMPT = 3, LEDGER_OUTCOME = 4, LEDGER_DNC_ADD = 6 };

void chk_rows_attempt(chk *c, const chk_attempt_row *row)
{
    chk_call *call = chk_call_of(c, row->attempt);
    if (call == NULL || ++call->rows > 1) {
        chk_broken(c, "8: attempt %lld stands twice, or nobody dialed it",
                   (long long)row->attempt);
        return;
    }
    if (call->phone != row->phone || call->disposition != row->disposition ||
        c->campaigns[call->campaign].id != row->campaign ||
        strcmp(call->session, row->session) != 0) {
        chk_broken(c,
                   "8: attempt %lld is stored as %d to +%llu, it was %d to "
                   "+%llu",
                   (long long)row->attempt, row->disposition,
                   (unsigned long long)row->phone, call->disposition,
                   (unsigned long long)call->phone);
    }
}

/* -- recounts -------------------------------------------------------------- */

static const chk_target *model_of(const chk *c, int campaign, uint64_t phone)
{
    for (int i = 0; i < c->targets_len; i++) {
        if (c->targets[i].campaign == campaign &&
            c->targets[i].phone == phone) {
            return &c->targets[i];
        }
    }
    return NULL;
}

void chk_rows_targets(chk *c, int campaign, const chk_target_row *rows,
                      size_t len, const int64_t *by_state,
                      const int64_t *attempts_by)
{
    int64_t states[CHK_BLOCKED + 1] = {0};
    int64_t ended[CHK_DISPOSITIONS] = {0};
    for (size_t i = 0; i < len; i++) {
        const chk_target *t = model_of(c, campaign, rows[i].phone);
        states[rows[i].state]++;
        if (rows[i].attempts != (t != NULL ? t->counted : 0)) {
            chk_broken(c,
                       "4: +%llu has %d attempts that count in campaign %d, "
                       "%d are stored",
                       (unsigned long long)rows[i].phone,
                       t != NULL ? t->counted : 0, campaign, rows[i].attempts);
        }
    }
    for (int i = 0; i < c->calls_len; i++) {
        const chk_call *call = &c->calls[i];
        if (call->campaign == campaign && call->stage == CHK_OVER) {
            ended[call->disposition]++;
        }
    }
    for (int i = 0; i <= CHK_BLOCKED; i++) {
        if (states[i] != by_state[i]) {
            chk_broken(c,
                       "8: %lld targets of campaign %d are in state %d, %lld "
                       "are counted",
                       (long long)states[i], campaign, i,
                       (long long)by_state[i]);
        }
    }
    for (int i = 0; i < CHK_DISPOSITIONS; i++) {
        if (ended[i] != attempts_by[i]) {
            chk_broken(c,
                       "8: %lld attempts of campaign %d ended as %d, %lld are "
                       "counted",
                       (long long)ended[i], campaign, i,
                       (long long)attempts_by[i]);
        }
    }
}

/* -- the ledger ------------------------------------------------------------ */

static void put_le(uint8_t *at, int64_t value)
{
    for (int i = 0; i < 8; i++) {
        at[i] = (uint8_t)((uint64_t)value >> (8 * i));
    }
}

static void sha256(const void *a, size_t a_len, const void *b, size_t b_len,
                   uint8_t out[32])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned len = 32;
    (void)EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
    (void)EVP_DigestUpdate(ctx, a, a_len);
    (void)EVP_DigestUpdate(ctx, b, b_len);
    (void)EVP_DigestFinal_ex(ctx, out, &len);
    EVP_MD_CTX_free(ctx);
}

void chk_rows_ledger(chk *c, const chk_ledger_row *row)
{
    uint8_t sealed[96];
    uint8_t hash[32];
    memcpy(sealed, c->head, 32);
    put_le(sealed + 32, row->seq);
    put_le(sealed + 40, row->utc_ms);
    put_le(sealed + 48, row->kind);
    put_le(sealed + 56, row->subject);
    sha256(row->salt, sizeof row->salt, row->payload, strlen(row->payload),
           sealed + 64);
    sha256(sealed, sizeof sealed, "", 0, hash);
    if (row->seq != c->head_seq + 1 || memcmp(hash, row->hash, 32) != 0) {
        chk_broken(c, "9: row %lld of the ledger does not follow row %lld",
                   (long long)row->seq, (long long)c->head_seq);
    }
    c->head_seq = row->seq;
    memcpy(c->head, row->hash, 32);
    if (row->kind != LEDGER_ATTEMPT && row->kind != LEDGER_OUTCOME &&
        (row->kind != LEDGER_DNC_ADD || row->subject == 0)) {
        return;
    }
    chk_call *call = chk_call_of(c, row->subject);
    if (call == NULL) {
        chk_broken(c,
                   "9: row %lld of the ledger is of attempt %lld, which nobody "
                   "dialed",
                   (long long)row->seq, (long long)row->subject);
        return;
    }
    call->rows_attempt += row->kind == LEDGER_ATTEMPT ? 1 : 0;
    call->rows_outcome += row->kind == LEDGER_OUTCOME ? 1 : 0;
    call->rows_dnc += row->kind == LEDGER_DNC_ADD ? 1 : 0;
}

void chk_rows_end(chk *c)
{
    for (int i = 0; i < c->calls_len; i++) {
        const chk_call *call = &c->calls[i];
        bool out = call->asked_out && call->new_entry;
        if (call->stage != CHK_OVER || call->rows != 1 ||
            call->rows_attempt != 1 || call->rows_outcome != 1 ||
            (out && call->rows_dnc != 1)) {
            chk_broken(c,
                       "9: attempt %lld has %d rows, in the ledger %d ATTEMPT, "
                       "%d OUTCOME, %d DNC_ADD",
                       (long long)call->attempt, call->rows, call->rows_attempt,
                       call->rows_outcome, call->rows_dnc);
        }
    }
}
