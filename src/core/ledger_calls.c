/*
 * ledger_calls.c - what the ledger says of calls, its rows joined.
 *
 *   CAMPAIGN_SET, MEDIA, CALLER_ID   what is in force at this row
 *   ATTEMPT                          a call begins with what is in force
 *   ANSWER, DNC_ADD                  count for it
 *   OUTCOME                          its line is written, it is forgotten
 *
 * One pass. What is kept at a time: campaigns as they are in force (older
 * editions only while a call of theirs is under way), the prompts, surveys and
 * caller IDs there are, at most KEPT_MAX of each, and OD__LEDGER_LIVE_MAX calls
 * under way with the payload of their decision.
 */
#include "core/core.h"

#include <inttypes.h>
#include <stdlib.h>

#define KEPT_MAX (1 << 20)
#define CELL_SIZE 4096 /* the sixteen prompts of a campaign fit */

/* A campaign as one CAMPAIGN_SET row made it. */
typedef struct edition {
    int32_t holders; /* being in force, and each call under way */
    const char *cells[OD__EDITION_CELLS]; /* in texts */
    char texts[];
} edition;

/* A prompt, a survey, or the proof of a caller ID. */
typedef struct asset {
    char sha256[65];
    char name[OD_NAME_MAX + 1];
} asset;

typedef struct call {
    od_id attempt;
    int64_t utc_ms;
    int64_t answers;
    bool opted_out;
    edition *edition; /* NULL: not known */
    char proof[65];
    char decision[]; /* payload of the ATTEMPT row; "" if it was erased */
} call;

typedef struct reader {
    const od__calls_wanted *wanted;
    char phone[OD_PHONE_MAX + 1]; /* "": any */
    od__csv_out *csv;
    od__id_map calls;
    od__id_map campaigns; /* editions in force */
    od__id_map prompts;   /* assets */
    od__id_map surveys;
    od__id_map proofs; /* by the number */
} reader;

/* -- memory --------------------------------------------------------------- */

static od_err no_memory(od_engine *engine)
{
    return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
}

static void let_go(od_engine *engine, edition *e)
{
    if (e != NULL && --e->holders == 0) {
        od__free(&engine->allocator, e);
    }
}

static void forget_call(od_engine *engine, call *c)
{
    let_go(engine, c->edition);
    od__free(&engine->allocator, c);
}

/* Put something new into a map; on failure it is still the caller's. */
static od_err keep(od_engine *engine, od__id_map *map, int64_t id, void *value,
                   size_t len_max, const od_ledger_row *row)
{
    if (map->len >= len_max) {
        return od__engine_fail(engine, OD_ERR_LIMIT,
                               "more than %zu to keep in mind at ledger row "
                               "%" PRId64,
                               len_max, row->seq);
    }
    return od__id_map_put(map, id, value) ? OD_OK : no_memory(engine);
}

static void reader_free(od_engine *engine, reader *r)
{
    od__id_map *const assets[] = {&r->prompts, &r->surveys, &r->proofs};
    void *value;
    size_t at = 0;
    while ((value = od__id_map_next(&r->calls, &at)) != NULL) {
        forget_call(engine, value);
    }
    at = 0;
    while ((value = od__id_map_next(&r->campaigns, &at)) != NULL) {
        let_go(engine, value);
    }
    for (size_t i = 0; i < OD__LEN(assets); i++) {
        at = 0;
        while ((value = od__id_map_next(assets[i], &at)) != NULL) {
            od__free(&engine->allocator, value);
        }
        od__id_map_free(assets[i]);
    }
    od__id_map_free(&r->calls);
    od__id_map_free(&r->campaigns);
}

/* -- assets: MEDIA, CALLER_ID --------------------------------------------- */

/* An asset came or went. */
static od_err follow_asset(od_engine *engine, od__id_map *map, int64_t id,
                           const od__payload *payload, const od_ledger_row *row)
{
    char change[16];
    od__free(&engine->allocator, od__id_map_remove(map, id));
    (void)od__payload_text(payload, "change", change, sizeof change);
    if (strcmp(change, "add") != 0) {
        return OD_OK;
    }
    asset *a = od__alloc(&engine->allocator, sizeof *a);
    if (a == NULL) {
        return no_memory(engine);
    }
    (void)od__payload_text(payload, "sha256", a->sha256, sizeof a->sha256);
    (void)od__payload_text(payload, "name", a->name, sizeof a->name);
    od_err err = keep(engine, map, id, a, KEPT_MAX, row);
    if (err != OD_OK) {
        od__free(&engine->allocator, a);
    }
    return err;
}

static od_err on_media(od_engine *engine, reader *r, const od_ledger_row *row,
                       const od__payload *payload)
{
    char what[16];
    (void)od__payload_text(payload, "what", what, sizeof what);
    return follow_asset(engine,
                        strcmp(what, "survey") == 0 ? &r->surveys : &r->prompts,
                        row->subject, payload, row);
}

/* The number in a member such as "+12125550100"; 0: there is none. */
static int64_t number_of(const od__payload *payload, const char *member)
{
    char text[OD_PHONE_MAX + 1];
    char *end = NULL;
    (void)od__payload_text(payload, member, text, sizeof text);
    const char *digits = text + (text[0] == '+' ? 1 : 0);
    if (*digits < '0' || *digits > '9') {
        return 0;
    }
    long long number = strtoll(digits, &end, 10);
    return *end == '\0' ? number : 0;
}

static od_err on_caller_id(od_engine *engine, reader *r,
                           const od_ledger_row *row, const od__payload *payload)
{
    int64_t number = number_of(payload, "name");
    return number > 0 ? follow_asset(engine, &r->proofs, number, payload, row)
                      : OD_OK;
}

/* -- campaigns: CAMPAIGN_SET ---------------------------------------------- */

/* "sha256 name" of an asset, behind what is there. One that came before
 * the ledger told of them is its id. */
static void write_asset(od__writer *w, const od__id_map *map, od_id id)
{
    const asset *a = od__id_map_get(map, id);
    const char *gap = w->len > 0 ? "; " : "";
    if (a != NULL) {
        od__write(w, "%s%s %s", gap, a->sha256, a->name);
    } else if (id != 0) {
        od__write(w, "%sid %" PRId64, gap, id);
    }
}

/* One asset that a member names, as a cell. */
static void asset_cell(const od__id_map *map, const od__payload *payload,
                       const char *member, char out[CELL_SIZE])
{
    od__writer w;
    od_id id = 0;
    od__writer_init(&w, out, CELL_SIZE);
    if (od__payload_int(payload, member, &id)) {
        write_asset(&w, map, id);
    }
}

static void prompts_cell(const reader *r, const od__payload *payload,
                         char out[CELL_SIZE])
{
    od_id ids[OD_CAMPAIGN_PROMPTS_MAX];
    size_t len = 0;
    od__writer w;
    od__writer_init(&w, out, CELL_SIZE);
    (void)od__payload_ids(payload, "prompts", ids, OD__LEN(ids), &len);
    for (size_t i = 0; i < len; i++) {
        write_asset(&w, &r->prompts, ids[i]);
    }
}

static edition *edition_new(od_engine *engine, const reader *r,
                            const od__payload *payload)
{
    char cells[OD__EDITION_CELLS][CELL_SIZE];
    size_t lens[OD__EDITION_CELLS];
    size_t bytes = 0;
    od__payload_cell(payload, "name", cells[OD__EDITION_NAME], CELL_SIZE);
    od__payload_cell(payload, "seller", cells[OD__EDITION_SELLER], CELL_SIZE);
    od__payload_cell(payload, "purpose", cells[OD__EDITION_PURPOSE], CELL_SIZE);
    prompts_cell(r, payload, cells[OD__EDITION_PROMPTS]);
    asset_cell(&r->surveys, payload, "survey", cells[OD__EDITION_SURVEY]);
    asset_cell(&r->prompts, payload, "opt_out_prompt",
               cells[OD__EDITION_OPT_OUT_PROMPT]);
    for (size_t i = 0; i < OD__EDITION_CELLS; i++) {
        lens[i] = strlen(cells[i]) + 1;
        bytes += lens[i];
    }
    edition *out = od__alloc(&engine->allocator, sizeof *out + bytes);
    if (out == NULL) {
        return NULL;
    }
    out->holders = 1;
    for (size_t i = 0, at = 0; i < OD__EDITION_CELLS; at += lens[i], i++) {
        memcpy(out->texts + at, cells[i], lens[i]);
        out->cells[i] = out->texts + at;
    }
    return out;
}

static od_err on_campaign(od_engine *engine, reader *r,
                          const od_ledger_row *row, const od__payload *payload)
{
    edition *e = edition_new(engine, r, payload);
    if (e == NULL) {
        return no_memory(engine);
    }
    let_go(engine, od__id_map_remove(&r->campaigns, row->subject));
    od_err err = keep(engine, &r->campaigns, row->subject, e, KEPT_MAX, row);
    if (err != OD_OK) {
        let_go(engine, e);
    }
    return err;
}

/* -- calls ---------------------------------------------------------------- */

static od_err on_attempt(od_engine *engine, reader *r, const od_ledger_row *row,
                         const od__payload *payload)
{
    const char *decision = row->erased ? "" : row->payload;
    size_t len = strlen(decision);
    od_id campaign = 0;
    if (len > OD_RULING_PAYLOAD_MAX ||
        od__id_map_get(&r->calls, row->subject) != NULL) {
        return od__engine_fail(engine, OD_ERR_CORRUPT,
                               "ledger row %" PRId64 " begins attempt %" PRId64
                               " %s",
                               row->seq, row->subject,
                               len > OD_RULING_PAYLOAD_MAX
                                   ? "with a payload that is too long"
                                   : "a second time");
    }
    call *c = od__alloc(&engine->allocator, sizeof *c + len + 1);
    if (c == NULL) {
        return no_memory(engine);
    }
    memcpy(c->decision, decision, len);
    c->attempt = row->subject;
    c->utc_ms = row->utc_ms;
    if (od__payload_int(payload, "campaign", &campaign)) {
        c->edition = od__id_map_get(&r->campaigns, campaign);
    }
    if (c->edition != NULL) {
        c->edition->holders++;
    }
    const asset *proof =
        od__id_map_get(&r->proofs, number_of(payload, "from"));
    if (proof != NULL) {
        memcpy(c->proof, proof->sha256, sizeof c->proof);
    }
    od_err err =
        keep(engine, &r->calls, row->subject, c, OD__LEDGER_LIVE_MAX, row);
    if (err != OD_OK) {
        forget_call(engine, c);
    }
    return err;
}

/* Does the call, which either row may name, belong to what is wanted? */
static bool is_wanted(const reader *r, const od__call_line *line)
{
    const od__payload *const rows[] = {&line->decision, &line->end};
    const od__calls_wanted *w = r->wanted;
    bool to_phone = r->phone[0] == '\0';
    bool of_campaign = w->campaign == 0;
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        char phone[OD_PHONE_MAX + 1];
        od_id campaign = 0;
        (void)od__payload_text(rows[i], "phone", phone, sizeof phone);
        (void)od__payload_int(rows[i], "campaign", &campaign);
        to_phone = to_phone || strcmp(phone, r->phone) == 0;
        of_campaign = of_campaign || campaign == w->campaign;
    }
    return to_phone && of_campaign && line->utc_ms >= w->since_utc_ms &&
           (w->until_utc_ms == 0 || line->utc_ms < w->until_utc_ms);
}

/* `end` NULL: it is under way. */
static void write_call(od_engine *engine, const reader *r, const call *c,
                       const od__payload *end)
{
    od__call_line line = {.attempt = c->attempt,
                          .utc_ms = c->utc_ms,
                          .answers = c->answers,
                          .opted_out = c->opted_out,
                          .proof = c->proof};
    for (size_t i = 0; i < OD__EDITION_CELLS; i++) {
        line.cells[i] = c->edition != NULL ? c->edition->cells[i] : "";
    }
    (void)od__payload_read(c->decision, &line.decision);
    if (end != NULL) {
        line.end = *end;
    }
    if (is_wanted(r, &line)) {
        od__call_line_write(engine, &line, r->csv);
    }
}

static od_err on_outcome(od_engine *engine, reader *r, const od_ledger_row *row,
                         const od__payload *payload)
{
    call *c = od__id_map_remove(&r->calls, row->subject);
    if (c == NULL) {
        return od__engine_fail(engine, OD_ERR_CORRUPT,
                               "ledger row %" PRId64 " ends attempt %" PRId64
                               ", which is not under way",
                               row->seq, row->subject);
    }
    write_call(engine, r, c, payload);
    forget_call(engine, c);
    return OD_OK;
}

/* -- rows ----------------------------------------------------------------- */

static od_err on_row(od_engine *engine, void *ctx, const od_ledger_row *row)
{
    reader *r = ctx;
    od__payload payload;
    call *c = NULL;
    od_err err = od__ledger_payload(engine, row, &payload);
    if (err != OD_OK) {
        return err;
    }
    switch (row->kind) {
    case OD_LEDGER_CAMPAIGN_SET:
        return on_campaign(engine, r, row, &payload);
    case OD_LEDGER_MEDIA:
        return on_media(engine, r, row, &payload);
    case OD_LEDGER_CALLER_ID:
        return on_caller_id(engine, r, row, &payload);
    case OD_LEDGER_ATTEMPT:
        return on_attempt(engine, r, row, &payload);
    case OD_LEDGER_OUTCOME:
        return on_outcome(engine, r, row, &payload);
    case OD_LEDGER_ANSWER:
        c = od__id_map_get(&r->calls, row->subject);
        if (c != NULL) {
            c->answers++;
        }
        return OD_OK;
    case OD_LEDGER_DNC_ADD:
        c = od__id_map_get(&r->calls, row->subject);
        if (c != NULL) {
            c->opted_out = true;
        }
        return OD_OK;
    default:
        return OD_OK;
    }
}

static int by_attempt(const void *a, const void *b)
{
    od_id left = (*(call *const *)a)->attempt;
    od_id right = (*(call *const *)b)->attempt;
    return left < right ? -1 : left > right ? 1 : 0;
}

static od_err write_live(od_engine *engine, const reader *r)
{
    call **calls =
        od__alloc(&engine->allocator, r->calls.len * sizeof(call *));
    size_t len = 0;
    size_t at = 0;
    void *value;
    if (calls == NULL) {
        return no_memory(engine);
    }
    while ((value = od__id_map_next(&r->calls, &at)) != NULL) {
        calls[len++] = value;
    }
    qsort(calls, len, sizeof(call *), by_attempt);
    for (size_t i = 0; i < len; i++) {
        write_call(engine, r, calls[i], NULL);
    }
    od__free(&engine->allocator, calls);
    return OD_OK;
}

od_err od__ledger_calls(od_engine *engine, const od__calls_wanted *wanted,
                        od__csv_out *csv)
{
    reader r = {.wanted = wanted, .csv = csv};
    od__id_map *const maps[] = {&r.calls, &r.campaigns, &r.prompts, &r.surveys,
                                &r.proofs};
    for (size_t i = 0; i < OD__LEN(maps); i++) {
        od__id_map_init(maps[i], &engine->allocator);
    }
    if (wanted->phone != 0) {
        od__phone_text(wanted->phone, r.phone);
    }
    od__call_line_header(csv);
    od_err err = od__ledger_each(engine, 0, INT64_MAX, on_row, &r);
    if (err == OD_OK) {
        err = write_live(engine, &r);
    }
    reader_free(engine, &r);
    return err;
}
