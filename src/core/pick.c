/*
 * pick.c - which lanes to ask, how many; the judge of an exchange.
 *
 * A lane is asked when something in it is due and its place is open, or when it
 * can never open (then the judge blocks what is in it). Campaigns are asked by
 * priority; among equals, who was served least for its weight comes first and
 * gets no more of a step than its share. Lanes take turns. The judge decides
 * each candidate with the facts of the transaction and takes the slot, the
 * trunk and the places for events that the call will need; without one of them
 * it stops the lane and leaves the candidate where it is. Calls and texts have
 * trunks of their own: a campaign competes with those of its channel.
 */
#include "core/core.h"

#include <stdlib.h>

/* Candidates looked at beyond those that are wanted, per lane. */
#define SCAN_EXTRA 64

/* How long a target is left alone that stands where it does not belong. */
#define MISPLACED_MS 3600000

/* How long to leave a number alone whose reply is still to be looked at: it may
 * be STOP. */
#define REPLY_MS 1000

/* How long to leave a number alone whose text only a trunk takes that is down,
 * while others could send what waits behind it. */
#define TRUNK_DOWN_MS 60000

/* How long to leave a lane alone whose people cannot be read. */
#define UNREAD_MS 200

/* Of a call in `served`, so that it divides by weights. */
#define SERVED_UNIT 1000

/* Calls, or texts, that may begin in this step, over all campaigns. */
static int32_t budget(const od_engine *engine, int32_t channel)
{
    int64_t free_slots =
        engine->options.calls_max - (int64_t)engine->calls_live;
    int64_t room = od__pace_room(engine, channel);
    room = room < free_slots ? room : free_slots;
    return (int32_t)(room < engine->options.claims_max
                         ? room
                         : engine->options.claims_max);
}

static void ask(od_engine *engine, od__active *active, od__lane *lane,
                int32_t wanted)
{
    od__pick *pick = &engine->pick;
    od_lane_request *request = &pick->lanes[pick->lanes_len];
    memset(request, 0, sizeof *request);
    request->campaign = active->record.id;
    request->lane = lane->lane;
    request->claims_max = wanted;
    request->scan_max = wanted + SCAN_EXTRA;
    pick->asked[pick->lanes_len++] = lane;
}

/* Calls that the campaign's own limits leave it. */
static int32_t own_room(const od_engine *engine, const od__active *active)
{
    int32_t room = active->record.concurrent_max -
                   od__roster_live(engine, active->record.id);
    if (active->record.channel == OD_CHANNEL_TEXT && room > 0) {
        int32_t sender = od__sender_room(engine, active->record.caller_id);
        room = room < sender ? room : sender;
    }
    return room;
}

/* Has it calls that could begin now, if there is room for them? */
static bool wants_calls(const od_engine *engine, const od__active *active)
{
    if (!active->running || active->guard_tripped ||
        od__roster_is_over(engine, active) || own_room(engine, active) <= 0) {
        return false;
    }
    for (size_t i = 0; i < active->lanes_len; i++) {
        const od__lane *lane = &active->lanes[i];
        if (lane->due_next_utc_ms <= engine->now.utc_ms &&
            lane->opening.verdict.kind == OD_VERDICT_ALLOW) {
            return true;
        }
    }
    return false;
}

/* The campaigns of one channel and priority that want calls. */
typedef struct rank {
    int64_t weights; /* together */
    int64_t least;   /* served, of who is served least; INT64_MAX: nobody */
} rank;

#define RANKS 10 /* by priority */

static size_t rank_of(const od__active *active)
{
    return (size_t)(active->record.channel * RANKS + active->record.priority);
}

/* Who wants calls. Who cannot use its share is not owed it: it stays level with
 * those that are served least of its equals that can. */
static void rank_all(od_engine *engine, rank ranks[OD__CHANNELS * RANKS])
{
    for (size_t i = 0; i < OD__CHANNELS * RANKS; i++) {
        ranks[i] = (rank){.weights = 0, .least = INT64_MAX};
    }
    for (size_t i = 0; i < engine->active_len; i++) {
        od__active *active = engine->active[i];
        rank *own = &ranks[rank_of(active)];
        active->wants = wants_calls(engine, active);
        own->weights += active->wants ? active->record.weight : 0;
        if (active->wants && active->served < own->least) {
            own->least = active->served;
        }
    }
    for (size_t i = 0; i < engine->active_len; i++) {
        od__active *active = engine->active[i];
        int64_t least = ranks[rank_of(active)].least;
        if (!active->wants && least != INT64_MAX && least > active->served) {
            active->served = least;
        }
    }
}

/* What a campaign may take of the calls that can begin: its share by weight
 * among the equals that can use them. */
static int32_t share_of(const od__active *active, const rank *own, int32_t room)
{
    int64_t weight = active->record.weight;
    int64_t weights = active->wants ? own->weights : own->weights + weight;
    int64_t share = (room * weight + weights - 1) / weights;
    return (int32_t)(share < room ? share : room);
}

/* Something due waits: for a token of the trunks, or of its caller ID. */
static void note_waiting(od_engine *engine, const od__active *active,
                         bool for_trunk)
{
    if (for_trunk) {
        engine->pick.starved[active->record.channel] = true;
    } else if (active->record.channel == OD_CHANNEL_TEXT &&
               od__roster_live(engine, active->record.id) <
                   active->record.concurrent_max) {
        od__pick_wait(engine,
                      od__sender_next_ms(engine, active->record.caller_id));
    }
}

static void pick_campaign(od_engine *engine, od__active *active,
                          const rank *own_rank, int32_t room)
{
    od__pick *pick = &engine->pick;
    int32_t own = own_room(engine, active);
    int32_t share = share_of(active, own_rank, room);
    int32_t wanted = own < share ? own : share;
    for (size_t i = 0; i < active->lanes_len; i++) {
        od__lane *lane =
            &active->lanes[(active->lane_turn + i) % active->lanes_len];
        bool blocked = lane->opening.verdict.kind == OD_VERDICT_BLOCK;
        if (lane->due_next_utc_ms > engine->now.utc_ms ||
            lane->opening.verdict.kind == OD_VERDICT_DEFER) {
            continue;
        }
        if (wanted <= 0 && !blocked) {
            note_waiting(engine, active, own > 0);
            continue;
        }
        if (pick->lanes_len == OD__PICK_LANES_MAX) {
            pick->more = true;
            break;
        }
        ask(engine, active, lane, wanted > 0 ? wanted : 1);
    }
}

/* Who is asked before whom. */
static int by_claim(const void *a, const void *b)
{
    const od__active *x = *(const od__active *const *)a;
    const od__active *y = *(const od__active *const *)b;
    if (x->record.priority != y->record.priority) {
        return x->record.priority > y->record.priority ? -1 : 1;
    }
    if (x->served != y->served) {
        return x->served < y->served ? -1 : 1;
    }
    if (x->record.id != y->record.id) {
        return x->record.id < y->record.id ? -1 : 1;
    }
    return (int)x->retired - (int)y->retired; /* one of them is not */
}

void od__pick_clear(od_engine *engine)
{
    od__pick *pick = &engine->pick;
    pick->lanes_len = 0;
    pick->claims_len = 0;
    pick->more = false;
    memset(pick->starved, 0, sizeof pick->starved);
    pick->wait_ms = OD_NEVER;
}

void od__pick_wait(od_engine *engine, int64_t at_mono_ms)
{
    od__pick *pick = &engine->pick;
    pick->wait_ms = at_mono_ms < pick->wait_ms ? at_mono_ms : pick->wait_ms;
}

void od__pick_lanes(od_engine *engine)
{
    if (engine->stopping || engine->active_len == 0) {
        return;
    }
    rank ranks[OD__CHANNELS * RANKS];
    const int32_t rooms[OD__CHANNELS] = {
        [OD_CHANNEL_VOICE] = budget(engine, OD_CHANNEL_VOICE),
        [OD_CHANNEL_TEXT] = budget(engine, OD_CHANNEL_TEXT)};
    rank_all(engine, ranks);
    qsort(engine->active, engine->active_len, sizeof *engine->active, by_claim);
    for (size_t i = 0; i < engine->active_len; i++) {
        od__active *active = engine->active[i];
        if (active->running && !active->guard_tripped &&
            !od__roster_is_over(engine, active)) {
            pick_campaign(engine, active, &ranks[rank_of(active)],
                          rooms[active->record.channel]);
        }
    }
}

/* Was the registry of the i-th rule asked of this number, by no rule before
 * it? Who is taken out of a rule by evidence was not looked for. */
static bool was_asked(const od_engine *engine, const od_campaign_record *record,
                      const od_candidate *candidate, const od__opening *opening,
                      uint16_t i)
{
    const od__rule *rows = engine->law.set.rows;
    const od__rule *rule = &rows[opening->rules[i]];
    for (uint16_t j = 0; rule->effect == OD_RULE_REGISTRY && j <= i; j++) {
        const od__rule *other = &rows[opening->rules[j]];
        if (other->effect == OD_RULE_REGISTRY &&
            strcmp(other->list, rule->list) == 0 &&
            !od__decide_exempts(other, record->purpose, &candidate->consents,
                                engine->now.utc_ms)) {
            return i == j;
        }
    }
    return false;
}

static void write_since(od__writer *payload, const char *what, int64_t utc_ms)
{
    if (utc_ms != 0) {
        od__write(payload, "; %s %lld", what, (long long)utc_ms);
    }
}

/* Evidence on record, and the registries that were asked. */
static void write_evidence(od_engine *engine, const od_campaign_record *record,
                           const od_candidate *candidate,
                           const od__opening *opening, od__writer *payload)
{
    const od_consents *consents = &candidate->consents;
    uint32_t bit = record->purpose > 0 ? 1u << record->purpose : 0;
    const char *kind = (consents->written & bit) != 0   ? "written"
                       : (consents->express & bit) != 0 ? "express"
                                                        : "";
    const char *gap = "";
    bool related =
        consents->purchased_utc_ms != 0 || consents->inquired_utc_ms != 0;
    od__write(payload, ",\"consent\":\"%s", kind[0] == '\0' && related ? "none"
                                                                      : kind);
    write_since(payload, "purchase", consents->purchased_utc_ms);
    write_since(payload, "inquiry", consents->inquired_utc_ms);
    od__write(payload, "\",\"registry\":\"");
    for (uint16_t i = 0; i < opening->rules_len; i++) {
        char file[96] = "";
        if (was_asked(engine, record, candidate, opening, i)) {
            od__registries_tell(engine->registries,
                                engine->law.set.rows[opening->rules[i]].list,
                                file, sizeof file);
            od__write(payload, "%s%s", gap, file);
            gap = file[0] != '\0' ? ", " : gap;
        }
    }
    od__write(payload, "\"");
}

/* What is sent, of a text. The ledger need not say it to prove it. */
static void write_text(const od_ruling *ruling, od__writer *payload)
{
    uint8_t digest[32];
    char hex[65];
    if (ruling->text != NULL) {
        od__sha256(ruling->text, strlen(ruling->text), digest);
        od__hex(digest, sizeof digest, hex);
        od__write(payload,
                  ",\"channel\":\"text\",\"encoding\":\"%s\",\"segments\":%d"
                  ",\"text_sha256\":\"%s\"",
                  od_text_encoding_name(ruling->encoding),
                  (int)ruling->segments, hex);
    }
}

/* What the ledger keeps of a decision to dial or to send. */
static void write_decision(od_engine *engine, const od_campaign_record *record,
                           const od_candidate *candidate,
                           const od__opening *opening, od_id attempt,
                           od_ruling *out)
{
    od__pick *pick = &engine->pick;
    od__writer payload;
    char to[OD_PHONE_MAX + 1];
    char from[OD_PHONE_MAX + 1];
    const od__place_entry *place = od__places_get(engine, candidate->place);
    od__phone_text(candidate->phone, to);
    od__sender_text(record->caller_id, from);
    od__writer_init(&payload, pick->payload, sizeof pick->payload);
    od__write(&payload,
              "{\"campaign\":%lld,\"contact\":%lld,\"phone\":\"%s\","
              "\"from\":\"%s\",\"session\":\"%s\",\"trunk\":",
              (long long)record->id, (long long)candidate->contact, to, from,
              out->session_id);
    od__write_json(&payload, out->trunk);
    od__write(&payload, ",\"attempt\":%d,\"place\":",
              (int)candidate->attempts + 1);
    od__write_json(&payload, place != NULL ? place->key : "");
    od__write(&payload, ",\"purpose\":\"%s\",\"line\":\"%s\"",
              od_purpose_name(record->purpose),
              od_line_name(place != NULL ? place->place.line : 0));
    write_evidence(engine, record, candidate, opening, &payload);
    write_text(out, &payload);
    od__write(&payload, ",\"rules\":\"%s\",\"tzdata\":", engine->law.hash);
    od__write_json(&payload, od__zones_version(engine->places.zones));
    od__write(&payload, "}");
    od__ledger_entry(engine, &out->ledger, OD_LEDGER_ATTEMPT, attempt,
                     pick->payload);
}

/* Everything a call needs, or nothing. */
static int32_t take_call(od_engine *engine, od__active *active)
{
    const od__script *script = active->script;
    int32_t promised = OD__CALL_EVENTS + script->visits_max;
    int32_t trunk = od__pace_take(engine, OD_CHANNEL_VOICE, 0);
    if (trunk == OD_NONE) {
        engine->pick.starved[OD_CHANNEL_VOICE] = true;
        return OD_NONE;
    }
    if (!od__events_promise(engine, promised)) {
        engine->events_short = true;
        od__pace_undo(engine, trunk, OD_CHANNEL_VOICE);
        return OD_NONE;
    }
    int32_t slot = od__call_take(engine);
    if (slot == OD_NONE) {
        od__events_release(engine, promised);
        od__pace_undo(engine, trunk, OD_CHANNEL_VOICE);
        return OD_NONE;
    }
    od__call *call = &engine->calls[slot];
    call->trunk = trunk;
    call->promised = promised;
    call->active = active;
    active->live++;
    od__call_draw_session(engine, call);
    return slot;
}

/* `info` NULL: it is for a call. */
static int32_t take_slot(od_engine *engine, od__active *active,
                         const od_text_info *info)
{
    od__pick *pick = &engine->pick;
    int32_t live = od__roster_live(engine, active->record.id);
    if (live >= active->record.concurrent_max) {
        return OD_NONE;
    }
    if ((int32_t)pick->claims_len >= engine->options.claims_max) {
        pick->more = true;
        return OD_NONE;
    }
    int32_t slot = info == NULL
                       ? take_call(engine, active)
                       : od__text_take(engine, active, active->record.caller_id,
                                       strlen(info->text));
    if (slot != OD_NONE) {
        pick->claims[pick->claims_len++] = slot;
    }
    return slot;
}

/* Compose for a candidate that may be sent to; false: the store failed, and
 * nothing is ruled. */
static bool compose(od_engine *engine, const od__active *active,
                    const od_candidate *candidate, od__composed *out)
{
    od_contact_record contact;
    od_err err = OD__STORE(engine, contact_get)(engine->store,
                                                candidate->contact, &contact);
    if (err == OD_OK) {
        od__compose(active->composer, &contact, out);
    } else if (err == OD_ERR_NOT_FOUND) { /* a damaged store */
        out->verdict.kind = OD_VERDICT_BLOCK;
        out->verdict.reason = OD_REASON_NOT_ENROLLED;
        err = OD_OK;
    } else {
        od__pick_wait(engine, engine->now.mono_ms + UNREAD_MS);
    }
    return err == OD_OK;
}

/* May it be tried, but has to wait for what others need not wait for? */
static bool is_put_off(const od_engine *engine, const od_candidate *candidate,
                       const od_text_info *info, od_verdict *out)
{
    int64_t wait_ms = 0;
    if (od__inbox_waits(engine, candidate->phone)) {
        wait_ms = REPLY_MS;
    } else if (info != NULL &&
               !od__pace_carries(engine, strlen(info->text)) &&
               od__pace_room(engine, OD_CHANNEL_TEXT) > 0) {
        wait_ms = TRUNK_DOWN_MS;
    }
    if (wait_ms == 0) {
        return false;
    }
    *out = (od_verdict){.kind = OD_VERDICT_DEFER,
                        .reason = OD_REASON_IN_FLIGHT,
                        .until_utc_ms = engine->now.utc_ms + wait_ms};
    return true;
}

/* Where the text of a claim is kept until it is sent; false: no memory. */
static bool keep_text(od_engine *engine, const od_text_info *info,
                      od_ruling *out)
{
    out->text = od__arena_text(&engine->arena, info->text, strlen(info->text));
    out->encoding = info->encoding;
    out->segments = info->segments;
    return out->text != NULL;
}

/* Not if the person is on the list, was reached, or the campaign is over; nor
 * for a text that is the same wherever it is sent. */
bool od__pick_follows(const od_verdict *verdict)
{
    return verdict->kind == OD_VERDICT_BLOCK &&
           (verdict->reason == OD_REASON_NUMBER_INVALID ||
            od_reason_may_pass(verdict->reason)) &&
           verdict->reason != OD_REASON_CAMPAIGN_ENDED &&
           verdict->reason != OD_REASON_TEXT;
}

/* What the verdict on one number says of the whole campaign: it waits for the
 * host, instead of asking every hour. */
static void heed(od__active *active, const od_verdict *verdict)
{
    if (!od__decide_pauses(verdict) || active->guard_tripped) {
        return;
    }
    (void)snprintf(active->guard_why, sizeof active->guard_why,
                   verdict->reason == OD_REASON_REGISTRY_STALE
                       ? "rule %s needs a registry file that is missing or too "
                         "old: attach a fresh one and resume"
                       : "rule %s requires what the campaign does not give: "
                         "see od_campaign_problems()",
                   verdict->rule);
    active->guard_tripped = true;
}

/* The call, or the text, that was allowed; what the storage is told of it. */
static void fill_claim(od_engine *engine, int32_t slot,
                       const od_candidate *candidate, od_id attempt,
                       od_ruling *out)
{
    od__call *call = &engine->calls[slot];
    const od_campaign_record *record = &call->active->record;
    call->attempt = attempt;
    call->attempts = candidate->attempts;
    call->tries = candidate->tries;
    call->contact = candidate->contact;
    call->phone = candidate->phone;
    call->place = candidate->place;
    call->claimed_utc_ms = engine->now.utc_ms;
    call->claimed_mono_ms = engine->now.mono_ms;
    call->ring_timeout_ms = record->ring_timeout_ms;
    memcpy(out->session_id, call->session_id, sizeof out->session_id);
    od__text_copy(out->trunk, sizeof out->trunk,
                  engine->trunks[call->trunk].info.name);
    out->ring_timeout_ms = call->ring_timeout_ms;
    out->caller_id = record->caller_id;
    if (out->text != NULL) {
        call->letter = (od__letter){.attempt = attempt,
                                    .campaign = record->id,
                                    .contact = candidate->contact,
                                    .phone = candidate->phone,
                                    .caller_id = record->caller_id,
                                    .text = out->text,
                                    .encoding = out->encoding,
                                    .segments = out->segments,
                                    .validity_s = record->validity_s};
    }
}

bool od__pick_judge(void *ctx, const od_candidate *candidate, od_id attempt,
                    od_ruling *out)
{
    od_engine *engine = ctx;
    od__active *active = od__roster_find(engine, candidate->campaign);
    memset(out, 0, sizeof *out);
    if (active == NULL || !active->running || active->guard_tripped) {
        return false;
    }
    const od__lane *lane = od__roster_lane(
        active, od_lane_of(candidate->place, candidate->attempts > 0));
    if (lane == NULL) { /* it was asked for in the lane of another place */
        out->verdict = (od_verdict){.kind = OD_VERDICT_DEFER,
                                    .reason = OD_REASON_PLACE_UNKNOWN,
                                    .until_utc_ms =
                                        engine->now.utc_ms + MISPLACED_MS};
        return true;
    }
    od__facts facts = {.law = &engine->law,
                       .registries = engine->registries,
                       .campaign = &active->record,
                       .given = &active->given,
                       .candidate = candidate,
                       .opening = &lane->opening,
                       .utc_ms = engine->now.utc_ms};
    od__composed composed = {.info = NULL};
    od__decide(&facts, &out->verdict);
    if (out->verdict.kind == OD_VERDICT_ALLOW && active->composer != NULL) {
        if (!compose(engine, active, candidate, &composed)) {
            return false;
        }
        facts.composed = &composed;
        od__decide(&facts, &out->verdict);
    }
    if (out->verdict.kind != OD_VERDICT_ALLOW) {
        heed(active, &out->verdict);
        out->follow = od__pick_follows(&out->verdict);
        active->seeks = active->seeks || out->follow;
        return !active->guard_tripped;
    }
    if (is_put_off(engine, candidate, composed.info, &out->verdict)) {
        return true;
    }
    if (composed.info != NULL && !keep_text(engine, composed.info, out)) {
        return false;
    }
    int32_t slot = take_slot(engine, active, composed.info);
    if (slot == OD_NONE) {
        return false;
    }
    fill_claim(engine, slot, candidate, attempt, out);
    write_decision(engine, &active->record, candidate, &lane->opening, attempt,
                   out);
    return true;
}

/* A lane that got calls goes to the end of the queue. Turns that passed with
 * every step could fall in with the rhythm of the calls. */
static void pass_turn(od__active *active, const od__lane *lane, int32_t claimed)
{
    active->lane_turn = (size_t)(lane - active->lanes) + 1;
    active->served +=
        (int64_t)claimed * SERVED_UNIT / active->record.weight;
}

static void begin(od_engine *engine, int32_t slot)
{
    const od__letter letter = engine->calls[slot].letter;
    if (engine->calls[slot].channel == OD_CHANNEL_TEXT) {
        od__text_begin(engine, slot, &letter);
    } else {
        od__call_begin(engine, slot);
    }
}

void od__pick_done(od_engine *engine)
{
    od__pick *pick = &engine->pick;
    for (size_t i = 0; i < pick->lanes_len; i++) {
        const od_lane_request *request = &pick->lanes[i];
        od__active *active = od__roster_find(engine, request->campaign);
        bool cut = request->scanned >= request->scan_max ||
                   request->claimed >= request->claims_max;
        pick->asked[i]->due_next_utc_ms = request->due_next_utc_ms;
        if (cut && request->due_next_utc_ms <= engine->now.utc_ms) {
            pick->more = true; /* or a token to wait for: the next step sees */
        }
        if (active != NULL) {
            active->check_complete = true;
            pick->more = pick->more || active->seeks;
            if (request->claimed > 0) {
                pass_turn(active, pick->asked[i], request->claimed);
            }
        }
    }
    for (size_t i = 0; i < pick->claims_len; i++) {
        begin(engine, pick->claims[i]);
    }
    od__events_show(engine);
    for (size_t i = 0; i < pick->claims_len; i++) {
        if (engine->calls[pick->claims[i]].channel == OD_CHANNEL_TEXT) {
            od__text_send(engine, pick->claims[i]);
        } else {
            od__call_dial(engine, pick->claims[i]);
        }
    }
    pick->claims_len = 0;
}

void od__pick_undo(od_engine *engine)
{
    od__pick *pick = &engine->pick;
    for (size_t i = pick->claims_len; i-- > 0;) {
        int32_t slot = pick->claims[i];
        if (engine->calls[slot].channel == OD_CHANNEL_TEXT) {
            od__text_put_back(engine, slot);
            continue;
        }
        od__pace_undo(engine, engine->calls[slot].trunk, OD_CHANNEL_VOICE);
        od__call_put_back(engine, slot);
    }
    pick->claims_len = 0;
}
