/*
 * forecast_numbers.c - the numbers of a campaign as they stand, read from the
 * store.
 *
 * Targets first, with all their facts. Then the members of the groups: those
 * that are no target yet are enrolled as od_fill says, where the campaign is to
 * be filled, and the further phones of a contact are put behind its first one,
 * to be called when nobody answered there.
 */
#include "core/forecast.h"

#include <stdint.h>

#define PAGE 512
#define ROOM_MIN 1024

typedef struct reader {
    od_engine *engine;
    const od_campaign_record *campaign;
    bool fills;
    int64_t utc_ms;
    od__numbers *numbers;
    bool mapped; /* by_phone knows all rows */
    od__id_map by_phone;
    od__composer *composer; /* of texts; NULL: it calls */
} reader;

static od_err no_memory(od_engine *engine)
{
    return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
}

/* Room for one more row of `size` bytes. */
static od_err grow(od_engine *engine, void **rows, size_t size, size_t len,
                   size_t *room)
{
    if (len < *room) {
        return OD_OK;
    }
    size_t wanted = *room < ROOM_MIN ? ROOM_MIN : *room + *room / 2;
    void *grown = od__alloc(&engine->allocator, wanted * size);
    if (grown == NULL) {
        return no_memory(engine);
    }
    if (len > 0) {
        memcpy(grown, *rows, len * size);
    }
    od__free(&engine->allocator, *rows);
    *rows = grown;
    *room = wanted;
    return OD_OK;
}

static od_err too_many(od_engine *engine)
{
    return od__engine_fail(engine, OD_ERR_LIMIT,
                           "a forecast takes at most %d numbers",
                           OD__NUMBERS_MAX);
}

/* == one number =========================================================== */

od_err od__number_note(od_engine *engine, od__numbers *numbers,
                       od__number *number, int64_t utc_ms, bool own)
{
    void *past = numbers->past;
    od_err err = grow(engine, &past, sizeof *numbers->past, numbers->past_len,
                      &numbers->past_room);
    numbers->past = past;
    if (err == OD_OK) {
        numbers->past[numbers->past_len++] =
            (od__past){.utc_ms = utc_ms, .before = number->recent, .own = own};
        number->recent = (uint32_t)numbers->past_len;
    }
    return err;
}

void od__number_tell(const od__numbers *numbers, const od__number *number,
                     od_id campaign, int64_t utc_ms, od_candidate *out)
{
    bool listed =
        (number->flags & OD__NUMBER_DNC) != 0 &&
        (number->dnc_until_utc_ms == 0 || number->dnc_until_utc_ms > utc_ms);
    memset(out, 0, sizeof *out);
    out->campaign = campaign;
    out->phone = number->phone;
    out->contact = 1; /* some: it is enrolled */
    out->place = number->place;
    out->state = number->state;
    out->attempts = number->attempts;
    out->disposition = number->disposition;
    out->due_utc_ms = number->due_utc_ms;
    out->dnc = listed;
    out->number_invalid = (number->flags & OD__NUMBER_INVALID) != 0;
    out->line_called_utc_ms = number->line_called_utc_ms;
    out->line_answered_utc_ms = number->line_answered_utc_ms;
    out->dnc_until_utc_ms = listed ? number->dnc_until_utc_ms : 0;
    out->tries = number->tries;
    out->consents = (od_consents){.express = number->express,
                                  .written = number->written,
                                  .purchased_utc_ms = number->purchased_utc_ms,
                                  .inquired_utc_ms = number->inquired_utc_ms};
    for (uint32_t at = number->recent;
         at != 0 && out->recent_len < OD_RECENT_MAX;
         at = numbers->past[at - 1].before) {
        const od__past *past = &numbers->past[at - 1];
        out->recent[out->recent_len++] = (od_recent){
            .utc_ms = past->utc_ms, .campaign = past->own ? campaign : 0};
    }
}

/* Its calls, from the first that is remembered. */
static od_err add_past(reader *r, const od_candidate *c, od__number *n)
{
    od_err err = OD_OK;
    for (int32_t i = c->recent_len; err == OD_OK && i-- > 0;) {
        err = od__number_note(r->engine, r->numbers, n, c->recent[i].utc_ms,
                              c->recent[i].campaign == r->campaign->id);
    }
    return err;
}

static uint8_t flags_of(const od_candidate *c)
{
    bool called = c->tries != 0 || c->state == OD_TARGET_FLIGHT;
    return (uint8_t)((c->dnc ? OD__NUMBER_DNC : 0) |
                     (c->number_invalid ? OD__NUMBER_INVALID : 0) |
                     (called ? OD__NUMBER_CALLED : 0));
}

/* Room for one more number, and its place at hand: from here on no place is
 * read. A database may be anybody's: an id of none is the unknown place. */
static od_err prepare(reader *r, int32_t *place)
{
    od__numbers *numbers = r->numbers;
    const od__place_entry *entry = NULL;
    void *rows = numbers->rows;
    if (numbers->len >= OD__NUMBERS_MAX) {
        return too_many(r->engine);
    }
    od_err err = grow(r->engine, &rows, sizeof *numbers->rows, numbers->len,
                      &numbers->room);
    numbers->rows = rows;
    if (err == OD_OK) {
        err = od__places_read(r->engine, *place, &entry);
    }
    *place = entry != NULL ? *place : 0;
    return err;
}

/* A number from its facts. *out: its name. */
static od_err add(reader *r, const od_candidate *c, uint8_t flags,
                  uint32_t *out)
{
    od__numbers *numbers = r->numbers;
    int32_t attempts = c->attempts < UINT8_MAX ? c->attempts : UINT8_MAX;
    bool blocked = c->state == OD_TARGET_BLOCKED && c->reason > 0 &&
                   c->reason < OD_REASONS;
    int32_t place = c->place;
    od_err err = prepare(r, &place);
    if (err != OD_OK) {
        return err;
    }
    od__number *n = &numbers->rows[numbers->len++];
    *n = (od__number){.phone = c->phone,
                      .tries = c->tries,
                      .due_utc_ms = c->due_utc_ms,
                      .line_called_utc_ms = c->line_called_utc_ms,
                      .line_answered_utc_ms = c->line_answered_utc_ms,
                      .dnc_until_utc_ms = c->dnc_until_utc_ms,
                      .purchased_utc_ms = c->consents.purchased_utc_ms,
                      .inquired_utc_ms = c->consents.inquired_utc_ms,
                      .place = place,
                      .attempts = (uint8_t)attempts,
                      .disposition = (uint8_t)c->disposition,
                      .state = (uint8_t)c->state,
                      .reason = (uint8_t)(blocked ? c->reason : OD_REASON_NONE),
                      .express = (uint8_t)c->consents.express,
                      .written = (uint8_t)c->consents.written,
                      .flags = flags | flags_of(c)};
    if (place > numbers->place_max) {
        numbers->place_max = place;
    }
    *out = (uint32_t)numbers->len;
    return add_past(r, c, n);
}

static void enrol(const reader *r, od__number *n)
{
    n->state = OD_TARGET_READY;
    n->reason = OD_REASON_NONE;
    n->due_utc_ms = r->utc_ms + od_target_spread_ms(n->phone);
}

/* As od_fill has it. */
static void revive(const reader *r, od__number *n)
{
    int32_t below =
        r->campaign->recall == OD_NONE ? 0 : r->campaign->attempts_max;
    bool again = n->state == OD_TARGET_DONE &&
                 n->disposition != OD_DISPOSITION_ANSWERED &&
                 n->disposition != OD_DISPOSITION_SENT && n->attempts < below;
    if (again ||
        (n->state == OD_TARGET_BLOCKED && od_reason_may_pass(n->reason))) {
        enrol(r, n);
    }
}

/* == targets ============================================================== */

static od_err read_targets(reader *r)
{
    od_engine *engine = r->engine;
    size_t count = 0;
    uint64_t after = 0;
    uint32_t ignored = 0;
    od_err err = OD_OK;
    od_candidate *rows = od__alloc(&engine->allocator, PAGE * sizeof *rows);
    if (rows == NULL) {
        return no_memory(engine);
    }
    do {
        err = od__store_err(engine, OD__STORE(engine, target_scan)(
                                        engine->store, r->campaign->id, after,
                                        r->utc_ms, rows, PAGE, &count));
        for (size_t i = 0; err == OD_OK && i < count; i++) {
            after = rows[i].phone;
            err = add(r, &rows[i], 0, &ignored);
        }
    } while (err == OD_OK && count == PAGE);
    od__free(&engine->allocator, rows);
    return err;
}

/* Take the room for all that there are at once. */
static od_err reserve(reader *r)
{
    od_counters counters;
    od_err err = OD__STORE(r->engine, counters)(r->engine->store,
                                                r->campaign->id, &counters);
    if (err != OD_OK) {
        return od__store_err(r->engine, err);
    }
    if (counters.targets > OD__NUMBERS_MAX) {
        return too_many(r->engine);
    }
    size_t room = (size_t)counters.targets;
    if (room > 0) {
        r->numbers->rows =
            od__alloc(&r->engine->allocator, room * sizeof *r->numbers->rows);
        r->numbers->room = r->numbers->rows != NULL ? room : 0;
    }
    return r->numbers->rows != NULL || room == 0 ? OD_OK : no_memory(r->engine);
}

/* == members ============================================================== */

static bool map_put(reader *r, uint64_t phone, uint32_t number)
{
    return od__id_map_put(&r->by_phone, (int64_t)phone,
                          (void *)(uintptr_t)number);
}

/* Rows by phone, from when the first is asked for. */
static od_err find(reader *r, uint64_t phone, uint32_t *out)
{
    const od__numbers *numbers = r->numbers;
    for (size_t i = 0; !r->mapped && i < numbers->len; i++) {
        if (!map_put(r, numbers->rows[i].phone, (uint32_t)i + 1)) {
            return no_memory(r->engine);
        }
    }
    r->mapped = true;
    *out = (uint32_t)(uintptr_t)od__id_map_get(&r->by_phone, (int64_t)phone);
    return OD_OK;
}

/* A phone that is no target: its facts, and its place. */
static od_err add_phone(reader *r, uint64_t phone, int32_t place, uint8_t flags,
                        uint32_t *out)
{
    od_candidate facts;
    od_err err = od__store_err(r->engine, OD__STORE(r->engine, candidate)(
                                              r->engine->store, r->campaign->id,
                                              phone, r->utc_ms, &facts));
    if (err != OD_OK) {
        return err;
    }
    facts.place = place;
    err = add(r, &facts, flags, out);
    if (err == OD_OK && !map_put(r, phone, *out)) {
        err = no_memory(r->engine);
    }
    return err;
}

/* The first phone of a member; *out 0: the campaign has not enrolled it. */
static od_err take_first(reader *r, const od_contact_record *member,
                         uint32_t *out)
{
    od_err err = find(r, member->phone, out);
    if (err != OD_OK || !r->fills) {
        return err;
    }
    if (*out == 0) {
        err = add_phone(r, member->phone, member->place, 0, out);
        if (err == OD_OK) {
            enrol(r, &r->numbers->rows[*out - 1]);
        }
        return err;
    }
    od__number *n = &r->numbers->rows[*out - 1];
    if ((n->flags & OD__NUMBER_DORMANT) != 0) {
        n->flags &= (uint8_t)~OD__NUMBER_DORMANT;
        enrol(r, n);
    } else {
        revive(r, n);
    }
    return OD_OK;
}

/* What a contact would get goes with all of its numbers. */
static od_err compose(reader *r, const od_contact_record *member)
{
    const uint64_t phones[] = {member->phone, member->phones[0],
                               member->phones[1]};
    od__composed composed;
    od_err err = OD_OK;
    od__compose(r->composer, member, &composed);
    bool mute = composed.verdict.kind != OD_VERDICT_ALLOW;
    bool ucs2 = composed.info->encoding == OD_TEXT_ENCODING_UCS2;
    for (size_t i = 0; err == OD_OK && i < OD__LEN(phones); i++) {
        uint32_t at = 0;
        if (phones[i] != 0) {
            err = find(r, phones[i], &at);
        }
        if (err == OD_OK && at != 0) {
            od__number *n = &r->numbers->rows[at - 1];
            n->segments = (uint8_t)composed.info->segments;
            n->flags &= (uint8_t)~(OD__NUMBER_MUTE | OD__NUMBER_UCS2);
            n->flags |= mute ? OD__NUMBER_MUTE : 0;
            n->flags |= ucs2 ? OD__NUMBER_UCS2 : 0;
        }
    }
    return err;
}

static od_err take_member(reader *r, const od_contact_record *member)
{
    uint32_t at = 0;
    bool more = member->phones[0] != 0 || member->phones[1] != 0;
    if (!r->fills && !more) {
        return OD_OK;
    }
    od_err err = take_first(r, member, &at);
    for (size_t i = 0; err == OD_OK && at != 0 && i < OD_PHONES_MORE; i++) {
        uint32_t next = 0;
        if (member->phones[i] == 0) {
            continue;
        }
        err = find(r, member->phones[i], &next);
        if (err == OD_OK && next == 0) {
            err = add_phone(r, member->phones[i], member->places[i],
                            OD__NUMBER_DORMANT, &next);
        }
        if (err == OD_OK && r->numbers->rows[at - 1].follow == 0) {
            r->numbers->rows[at - 1].follow = next;
        }
        at = next;
    }
    return err;
}

static od_err read_group(reader *r, od_id group)
{
    od_engine *engine = r->engine;
    size_t count = 0;
    od_id after = 0;
    od_err err = OD_OK;
    od_contact_record *rows =
        od__alloc(&engine->allocator, PAGE * sizeof *rows);
    if (rows == NULL) {
        return no_memory(engine);
    }
    do {
        err = od__store_err(
            engine, OD__STORE(engine, contact_scan)(engine->store, group, after,
                                                    rows, PAGE, &count));
        for (size_t i = 0; err == OD_OK && i < count; i++) {
            after = rows[i].contact.id;
            err = take_member(r, &rows[i]);
            if (err == OD_OK && r->composer != NULL) {
                err = compose(r, &rows[i]);
            }
        }
    } while (err == OD_OK && count == PAGE);
    od__free(&engine->allocator, rows);
    return err;
}

/* == all ================================================================== */

/* What was through before is not counted again. */
static void close_finished(od__numbers *numbers)
{
    for (size_t i = 0; i < numbers->len; i++) {
        od__number *n = &numbers->rows[i];
        bool over =
            n->state == OD_TARGET_DONE || (n->state == OD_TARGET_BLOCKED &&
                                           (n->flags & OD__NUMBER_CALLED) != 0);
        n->flags |= over ? OD__NUMBER_OVER : 0;
    }
}

od_err od__numbers_read(od_engine *engine, const od_campaign_record *campaign,
                        bool fills, int64_t utc_ms, od__numbers *out)
{
    reader r = {.engine = engine,
                .campaign = campaign,
                .fills = fills,
                .utc_ms = utc_ms,
                .numbers = out};
    memset(out, 0, sizeof *out);
    od__id_map_init(&r.by_phone, &engine->allocator);
    od_err err = reserve(&r);
    if (err == OD_OK && campaign->channel == OD_CHANNEL_TEXT) {
        err = od__composer_new(engine, campaign, &r.composer);
    }
    if (err == OD_OK) {
        err = read_targets(&r);
    }
    for (int32_t i = 0; err == OD_OK && i < campaign->groups_len; i++) {
        err = read_group(&r, campaign->groups[i]);
    }
    od__id_map_free(&r.by_phone);
    od__composer_free(r.composer);
    if (err != OD_OK) {
        od__numbers_free(engine, out);
        return err;
    }
    close_finished(out);
    return OD_OK;
}

void od__numbers_free(od_engine *engine, od__numbers *numbers)
{
    od__free(&engine->allocator, numbers->rows);
    od__free(&engine->allocator, numbers->past);
    memset(numbers, 0, sizeof *numbers);
}
