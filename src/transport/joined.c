/*
 * joined.c - several transports as one.
 *
 * Their trunks stand behind each other: what goes out finds its member by the
 * trunk, and what concerns a slot by who holds it. Each member reports to a
 * sink of its own, which shifts the trunk, takes note of slots that are free
 * again and hands on.
 *
 *     trunks     | 0 | 1 | 2 | 3 |        slots   | a | b | - | a |
 *                 `--a--' `--b--'
 *
 * Members draw tokens as they like, so those that are out are kept in a table
 * and go by its places. The reports of a step are shared out in turns: whoever
 * comes first gets his even share, the others what is left by then, so that
 * none that has much to say silences another.
 */
#include "transport/transport.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#define TOKENS_FIRST 64
#define TOKENS_MAX (1u << 30)

typedef struct joined joined;

/* One of the transports. */
typedef struct member {
    joined *owner;
    od_transport *transport;
    od_sink *sink; /* NULL before start */
    int32_t trunk_first;
    int32_t trunks_len;
} member;

/* A report that was handed over and not received. */
typedef struct held {
    member *from; /* NULL: free */
    uint64_t token;
    uint32_t generation;
    uint32_t next; /* free: index of the next free one + 1, or 0 */
} held;

struct joined {
    member members[OD_TRANSPORTS_MAX];
    size_t len;     /* 0 after a start that failed */
    size_t turn;    /* whose it is to be first in a step */
    size_t posted;  /* in the present step */
    od_sink *sink;  /* where everything goes; NULL before start */
    member **slots; /* who holds each; NULL: nobody */
    uint32_t calls_max;
    held *tokens;
    uint32_t tokens_len;
    uint32_t tokens_free; /* as `next` of one that is held */
};

/* -- tokens --------------------------------------------------------------- */

static bool grow(joined *j)
{
    uint32_t len = j->tokens_len != 0 ? j->tokens_len * 2 : TOKENS_FIRST;
    if (len > TOKENS_MAX) {
        return false;
    }
    held *tokens = realloc(j->tokens, len * sizeof *tokens);
    if (tokens == NULL) {
        return false;
    }
    j->tokens = tokens;
    for (uint32_t i = len; i > j->tokens_len; i--) {
        tokens[i - 1] = (held){.next = j->tokens_free};
        j->tokens_free = i;
    }
    j->tokens_len = len;
    return true;
}

/* Hold the token of a member. False when out of memory. */
static bool hold(member *from, uint64_t token, uint64_t *out)
{
    joined *j = from->owner;
    if (j->tokens_free == 0 && !grow(j)) {
        return false;
    }
    uint32_t place = j->tokens_free;
    held *h = &j->tokens[place - 1];
    j->tokens_free = h->next;
    h->from = from;
    h->token = token;
    h->generation++;
    *out = (uint64_t)h->generation << 32 | place;
    return true;
}

/* Take a token of ours back; NULL: it is not held. */
static member *give_back(joined *j, uint64_t token, uint64_t *out)
{
    uint64_t place = token & UINT32_MAX;
    if (place == 0 || place > j->tokens_len) {
        return NULL;
    }
    held *h = &j->tokens[place - 1];
    member *from = h->from;
    if (from == NULL || h->generation != token >> 32) {
        return NULL;
    }
    *out = h->token;
    h->from = NULL;
    h->next = j->tokens_free;
    j->tokens_free = (uint32_t)place;
    return from;
}

/* -- what members say ----------------------------------------------------- */

static const od_transport_ops *ops_of(const member *m)
{
    return od_transport_ops_get(m->transport);
}

static void *ctx_of(const member *m)
{
    return od_transport_ctx_get(m->transport);
}

static void on_report(void *ctx, const od_report *report)
{
    member *m = ctx;
    joined *j = m->owner;
    od_report shifted = *report;
    bool has = report->trunk >= 0 && report->trunk < m->trunks_len;
    shifted.trunk = has ? m->trunk_first + report->trunk : OD_NONE;

    bool hands_over =
        report->kind == OD_REPORT_RECEIPT || report->kind == OD_REPORT_REPLY;
    if (hands_over && !hold(m, report->token, &shifted.token)) {
        ops_of(m)->received(ctx_of(m), report->token, OD_ERR_MEMORY);
        return;
    }
    if (report->kind == OD_REPORT_ENDED && report->slot < j->calls_max &&
        j->slots[report->slot] == m) {
        j->slots[report->slot] = NULL;
    }
    j->posted++;
    od_sink_post(j->sink, &shifted);
}

/* Thread: any; the sink is set before a member can say anything. */
static void on_wake(void *ctx)
{
    const member *m = ctx;
    od_sink_wake(m->owner->sink);
}

/* -- the table ------------------------------------------------------------ */

/* Release the members; threads end before the sinks that they wake. */
static void free_members(joined *j)
{
    for (size_t i = 0; i < j->len; i++) {
        od_transport_free(j->members[i].transport);
        od_sink_free(j->members[i].sink);
    }
    j->len = 0;
}

static void joined_free(void *ctx)
{
    joined *j = ctx;
    free_members(j);
    free((void *)j->slots);
    free(j->tokens);
    free(j);
}

static od_err start_member(member *m, uint32_t calls_max, const od_now *now,
                           od_errmsg *errmsg)
{
    if (od_sink_new(&m->sink, on_report, on_wake, m) != OD_OK) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a sink");
    }
    return ops_of(m)->start(ctx_of(m), m->sink, calls_max, now, errmsg);
}

/* A member that does not start takes the others with it: nothing is left that
 * could wake the sink, which its owner may free now. */
static od_err joined_start(void *ctx, od_sink *sink, uint32_t calls_max,
                           const od_now *now, od_errmsg *errmsg)
{
    joined *j = ctx;
    assert(sink != NULL && now != NULL && j->sink == NULL);
    if (calls_max == 0 || j->len == 0) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        j->len == 0 ? "the joined transports did not start and "
                                      "were freed"
                                    : "calls_max is 0");
    }
    j->slots = (member **)calloc(calls_max, sizeof *j->slots);
    if (j->slots == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY,
                        "no memory for %" PRIu32 " slots", calls_max);
    }
    j->calls_max = calls_max;
    j->sink = sink;
    od_err err = OD_OK;
    for (size_t i = 0; i < j->len && err == OD_OK; i++) {
        err = start_member(&j->members[i], calls_max, now, errmsg);
    }
    if (err != OD_OK) {
        free_members(j);
        free((void *)j->slots);
        j->slots = NULL;
        j->calls_max = 0;
        j->sink = NULL;
    }
    return err;
}

/* Whose trunk this is; NULL: nobody's. */
static member *of_trunk(joined *j, int32_t trunk)
{
    for (size_t i = 0; i < j->len; i++) {
        member *m = &j->members[i];
        if (trunk >= m->trunk_first && trunk - m->trunk_first < m->trunks_len) {
            return m;
        }
    }
    return NULL;
}

static od_err joined_trunk_get(void *ctx, int32_t index, od_trunk_info *out)
{
    const member *m = of_trunk(ctx, index);
    return m != NULL
               ? ops_of(m)->trunk_get(ctx_of(m), index - m->trunk_first, out)
               : OD_ERR_NOT_FOUND;
}

static void joined_step(void *ctx, const od_now *now, size_t reports_max)
{
    joined *j = ctx;
    j->posted = 0;
    for (size_t i = 0; i < j->len; i++) {
        const member *m = &j->members[(j->turn + i) % j->len];
        size_t left = reports_max - j->posted;
        ops_of(m)->step(ctx_of(m), now, left / (j->len - i));
    }
    j->turn = j->len > 0 ? (j->turn + 1) % j->len : 0;
}

static int64_t joined_deadline_ms(void *ctx)
{
    const joined *j = ctx;
    int64_t first_ms = OD_NEVER;
    for (size_t i = 0; i < j->len; i++) {
        const member *m = &j->members[i];
        int64_t ms = ops_of(m)->deadline_ms(ctx_of(m));
        first_ms = ms < first_ms ? ms : first_ms;
    }
    return first_ms;
}

static bool is_free(const joined *j, uint32_t slot)
{
    return slot < j->calls_max && j->slots[slot] == NULL;
}

static od_err joined_dial(void *ctx, const od_dial *dial)
{
    joined *j = ctx;
    member *m = of_trunk(j, dial->trunk);
    if (m == NULL) {
        return OD_ERR_TRANSPORT;
    }
    if (!is_free(j, dial->slot)) {
        return OD_ERR_LIMIT;
    }
    od_dial own = *dial;
    own.trunk -= m->trunk_first;
    od_err err = ops_of(m)->dial(ctx_of(m), &own);
    j->slots[dial->slot] = err == OD_OK ? m : NULL;
    return err;
}

static od_err joined_send(void *ctx, const od_send *send)
{
    joined *j = ctx;
    member *m = of_trunk(j, send->trunk);
    if (m == NULL) {
        return OD_ERR_TRANSPORT;
    }
    if (!is_free(j, send->slot)) {
        return OD_ERR_LIMIT;
    }
    od_send own = *send;
    own.trunk -= m->trunk_first;
    od_err err = ops_of(m)->send(ctx_of(m), &own);
    j->slots[send->slot] = err == OD_OK ? m : NULL;
    return err;
}

/* Who holds a slot; NULL: nobody. */
static const member *of_slot(const joined *j, uint32_t slot)
{
    return slot < j->calls_max ? j->slots[slot] : NULL;
}

static void joined_hangup(void *ctx, uint32_t slot)
{
    const member *m = of_slot(ctx, slot);
    if (m != NULL) {
        ops_of(m)->hangup(ctx_of(m), slot);
    }
}

static void joined_play(void *ctx, uint32_t slot, int32_t play,
                        const od_prompt *const *prompts, size_t prompts_len,
                        int64_t offset_ms)
{
    const member *m = of_slot(ctx, slot);
    if (m != NULL) {
        ops_of(m)->play(ctx_of(m), slot, play, prompts, prompts_len, offset_ms);
    }
}

static void joined_play_stop(void *ctx, uint32_t slot)
{
    const member *m = of_slot(ctx, slot);
    if (m != NULL) {
        ops_of(m)->play_stop(ctx_of(m), slot);
    }
}

static od_err joined_digits_send(void *ctx, uint32_t slot, const char *digits)
{
    const member *m = of_slot(ctx, slot);
    return m != NULL ? ops_of(m)->digits_send(ctx_of(m), slot, digits)
                     : OD_ERR_STATE;
}

static void joined_received(void *ctx, uint64_t token, od_err err)
{
    uint64_t own;
    const member *m = give_back(ctx, token, &own);
    if (m != NULL) {
        ops_of(m)->received(ctx_of(m), own, err);
    }
}

static const od_transport_ops joined_ops = {
    .size = sizeof(od_transport_ops),
    .free = joined_free,
    .start = joined_start,
    .trunk_get = joined_trunk_get,
    .step = joined_step,
    .deadline_ms = joined_deadline_ms,
    .dial = joined_dial,
    .hangup = joined_hangup,
    .play = joined_play,
    .play_stop = joined_play_stop,
    .digits_send = joined_digits_send,
    .send = joined_send,
    .received = joined_received,
};

/* -- public --------------------------------------------------------------- */

static od_err check_members(od_transport *const *transports, size_t len,
                            od_errmsg *errmsg)
{
    if (transports == NULL || len == 0 || len > OD_TRANSPORTS_MAX) {
        return od__fail(
            errmsg, OD_ERR_INVALID, "%zu transports to join%s, not 1 to %d",
            len, transports == NULL ? ", but no list" : "", OD_TRANSPORTS_MAX);
    }
    for (size_t i = 0; i < len; i++) {
        if (transports[i] == NULL) {
            return od__fail(errmsg, OD_ERR_INVALID,
                            "transport %zu of those to join is NULL", i + 1);
        }
        for (size_t k = 0; k < i; k++) {
            if (transports[i] == transports[k]) {
                return od__fail(errmsg, OD_ERR_INVALID,
                                "transports %zu and %zu of those to join are "
                                "the same",
                                k + 1, i + 1);
            }
        }
    }
    return OD_OK;
}

/* Names of all trunks, by index. */
typedef struct trunk_names {
    char list[OD_TRUNKS_MAX][sizeof((od_trunk_info *)0)->name];
    int32_t len;
} trunk_names;

/* A text is found again by its trunk's name, so no two have the same. */
static od_err add_name(trunk_names *names, const char *name, od_errmsg *errmsg)
{
    if (names->len == OD_TRUNKS_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "the transports to join have over %d trunks",
                        OD_TRUNKS_MAX);
    }
    for (int32_t i = 0; i < names->len; i++) {
        if (strcmp(names->list[i], name) == 0) {
            return od__fail(errmsg, OD_ERR_INVALID,
                            "two of the trunks to join are named \"%s\"", name);
        }
    }
    od__text_copy(names->list[names->len], sizeof names->list[0], name);
    names->len++;
    return OD_OK;
}

/* Put the trunks of a member behind those that are there. */
static od_err add_trunks(member *m, trunk_names *names, od_errmsg *errmsg)
{
    od_trunk_info info;
    m->trunk_first = names->len;
    od_err err = ops_of(m)->trunk_get(ctx_of(m), m->trunks_len, &info);
    while (err == OD_OK) {
        err = add_name(names, info.name, errmsg);
        if (err != OD_OK) {
            return err;
        }
        m->trunks_len++;
        err = ops_of(m)->trunk_get(ctx_of(m), m->trunks_len, &info);
    }
    return err == OD_ERR_NOT_FOUND
               ? OD_OK
               : od__fail(errmsg, err, "trunk %" PRId32 " cannot be read",
                          m->trunks_len);
}

od_err od_transport_new_joined(od_transport **out,
                               od_transport *const *transports,
                               size_t transports_len, od_errmsg *errmsg)
{
    if (out == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "no place for the transport");
    }
    od_err err = check_members(transports, transports_len, errmsg);
    if (err != OD_OK) {
        return err;
    }
    joined *j = calloc(1, sizeof *j);
    if (j == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a transport");
    }
    trunk_names names = {.len = 0};
    for (size_t i = 0; i < transports_len && err == OD_OK; i++) {
        j->members[i].owner = j;
        j->members[i].transport = transports[i];
        err = add_trunks(&j->members[i], &names, errmsg);
    }
    if (err == OD_OK) {
        err = od_transport_new(out, &joined_ops, j, errmsg);
    }
    if (err != OD_OK) {
        free(j); /* the members stay with the caller */
        return err;
    }
    j->len = transports_len;
    return OD_OK;
}
