/*
 * memory_exchange.c - what happened, then what may begin.
 *
 * First half: memory for everything that happened is reserved, then it is
 * applied and cannot fail. Second half: lanes are asked, and memory for one
 * claim is reserved before each judging. Where it is short the asking ends as
 * if the judge had stopped, and a notice is not claimed: nothing is undone,
 * nothing was promised.
 */
#include "storage/memory.h"

/* == what happened ======================================================== */

static size_t texts_bytes(const od_exchange *exchange)
{
    size_t bytes = 0;
    for (size_t i = 0; i < exchange->answers_len; i++) {
        bytes += od__texts_bytes(exchange->answers[i].question) +
                 od__texts_bytes(exchange->answers[i].digits) +
                 od__texts_bytes(exchange->answers[i].choice);
    }
    for (size_t i = 0; i < exchange->outcomes_len; i++) {
        const od_sent *sent = exchange->outcomes[i].sent;
        bytes += od__texts_bytes(exchange->outcomes[i].sip_call_id);
        for (int32_t k = 0; sent != NULL && k < sent->network_ids_len; k++) {
            bytes += od__texts_bytes(sent->network_ids[k]);
        }
    }
    for (size_t i = 0; i < exchange->replies_len; i++) {
        bytes += od__texts_bytes(exchange->replies[i].trunk) +
                 od__texts_bytes(exchange->replies[i].network_id) +
                 od__texts_bytes(exchange->replies[i].text);
    }
    for (size_t i = 0; i < exchange->ledger_len; i++) {
        bytes += od__texts_bytes(exchange->ledger[i].payload);
    }
    return bytes;
}

/* Attempt and phone name a live call together. */
static od__memory_attempt *live_attempt(const od__memory *memory, od_id id,
                                        uint64_t phone)
{
    od__memory_attempt *attempt = od__rows_of_id(&memory->attempts, id);
    bool live = attempt != NULL && attempt->live &&
                attempt->record.phone == phone;
    return live ? attempt : NULL;
}

/* An entry counts as an opt-out in the campaign of its attempt. */
static bool apply_dnc(od__memory *memory, od__memory_dnc **staged)
{
    const od__memory_attempt *attempt =
        od__rows_of_id(&memory->attempts, (*staged)->record.attempt);
    bool is_new = od__memory_dnc_apply(memory, staged);
    if (is_new && attempt != NULL && attempt->campaign != NULL) {
        od__tally_opt_out(&attempt->campaign->sums);
    }
    return is_new;
}

static void apply_answered(od__memory *memory, const od_answered *answered)
{
    od__memory_attempt *attempt =
        live_attempt(memory, answered->attempt, answered->phone);
    if (attempt != NULL) {
        attempt->record.answered_utc_ms = answered->utc_ms;
    }
}

static void update_line(od__memory_line *line, int64_t claimed_utc_ms,
                        const od_outcome *outcome)
{
    if (outcome->reached_network) {
        line->called_utc_ms = claimed_utc_ms;
    }
    if (outcome->answered) {
        line->answered_utc_ms = outcome->ended_utc_ms;
    }
    line->number_invalid = line->number_invalid || outcome->number_invalid;
}

/* The sums of an attempt of a campaign. */
static void count_outcome(const od__memory_attempt *attempt,
                          const od_outcome *outcome)
{
    od_counters *sums = &attempt->campaign->sums;
    od__tally_end(sums, outcome);
    if (attempt->message != NULL) {
        const od_message_record *text = &attempt->message->record;
        od__tally_text(sums, text->delivery, text->segments);
    }
}

static bool apply_outcome(od__memory *memory, const od_outcome *outcome)
{
    od__memory_attempt *attempt =
        live_attempt(memory, outcome->attempt, outcome->phone);
    if (attempt == NULL) {
        return false;
    }
    assert(outcome->target_state != OD_TARGET_FLIGHT);
    od__memory_target *target = attempt->target;
    od__memory_flight_end(memory, attempt, outcome);
    if (target == NULL) { /* a notice counts nowhere */
        if (outcome->owed_until_utc_ms != 0 && attempt->message != NULL) {
            od__memory_notice_owe(memory, attempt->message,
                                  outcome->owed_until_utc_ms);
        }
        return true;
    }
    count_outcome(attempt, outcome);
    update_line(target->line, attempt->record.claimed_utc_ms, outcome);

    bool ready = outcome->target_state == OD_TARGET_READY;
    bool blocked = outcome->target_state == OD_TARGET_BLOCKED;
    bool again = ready && od__memory_target_is_owned(memory, target);
    od__memory_target_lift(target);
    target->state =
        ready && !again ? OD_TARGET_DONE : outcome->target_state;
    target->reason = blocked ? outcome->reason : OD_REASON_NONE;
    target->disposition = outcome->disposition;
    target->attempts += outcome->reached_network ? 1 : 0;
    target->tries = od_tries_add(target->tries, outcome->disposition);
    target->due_utc_ms = ready ? outcome->due_utc_ms : target->due_utc_ms;
    od__memory_target_drop(target);
    if (outcome->follow && !ready) {
        od__memory_follow(memory, target, outcome->ended_utc_ms);
    }
    return true;
}

/* What a reply is owed may hang on an entry of the same batch. */
static bool apply_reply(od__memory *memory, const od_exchange *exchange,
                        const od_reply_record *reply,
                        od__memory_dnc *const *staged)
{
    bool hangs = reply->dnc_at >= 0 &&
                 (size_t)reply->dnc_at < exchange->dnc_len;
    assert(hangs || reply->dnc_at == OD_NONE);
    bool owes = !hangs || staged[reply->dnc_at] != NULL;
    return od__memory_reply_add(memory, reply, owes);
}

/* What was heard from networks and people besides answers. */
static void apply_news(od__memory *memory, const od_exchange *exchange,
                       od__memory_dnc *const *staged,
                       const od_ledger_entry *ledger)
{
    for (size_t i = 0; i < exchange->releases_len; i++, ledger++) {
        if (od__memory_dnc_release(memory, &exchange->releases[i])) {
            od__memory_ledger_append(memory, ledger);
        }
    }
    for (size_t i = 0; i < exchange->receipts_len; i++, ledger++) {
        if (od__memory_receipt_apply(memory, &exchange->receipts[i])) {
            od__memory_ledger_append(memory, ledger);
        }
    }
    for (size_t i = 0; i < exchange->replies_len; i++, ledger++) {
        if (apply_reply(memory, exchange, &exchange->replies[i], staged)) {
            od__memory_ledger_append(memory, ledger);
        }
    }
}

/* Everything that happened; a ledger row follows what was not ignored. */
static void apply(od__memory *memory, const od_exchange *exchange,
                  od__memory_dnc **staged)
{
    const od_ledger_entry *ledger = exchange->ledger;
    for (size_t i = 0; i < exchange->dnc_len; i++, ledger++) {
        if (apply_dnc(memory, &staged[i])) {
            od__memory_ledger_append(memory, ledger);
        }
    }
    for (size_t i = 0; i < exchange->answered_len; i++) {
        apply_answered(memory, &exchange->answered[i]);
    }
    for (size_t i = 0; i < exchange->answers_len; i++, ledger++) {
        const od_answer_record *answer = &exchange->answers[i];
        od__memory_attempt *attempt = od__memory_attempt_answerable(
            memory, answer->attempt, answer->phone);
        if (attempt != NULL &&
            od__memory_answer_add(memory, attempt, answer)) {
            od__memory_ledger_append(memory, ledger);
        }
    }
    for (size_t i = 0; i < exchange->outcomes_len; i++, ledger++) {
        if (apply_outcome(memory, &exchange->outcomes[i])) {
            od__memory_ledger_append(memory, ledger);
        }
    }
    apply_news(memory, exchange, staged, ledger);
}

static bool reserve_follows(od__memory *memory, const od_exchange *exchange)
{
    size_t len = exchange->outcomes_len + exchange->receipts_len;
    for (size_t i = 0; i < exchange->outcomes_len; i++) {
        const od_outcome *outcome = &exchange->outcomes[i];
        const od__memory_attempt *attempt =
            live_attempt(memory, outcome->attempt, outcome->phone);
        if (attempt != NULL && attempt->target != NULL && outcome->follow &&
            !od__memory_follow_reserve(memory, attempt->target, len)) {
            return false;
        }
    }
    for (size_t i = 0; i < exchange->receipts_len; i++) {
        if (!od__memory_receipt_reserve(memory, &exchange->receipts[i],
                                        len)) {
            return false;
        }
    }
    return true;
}

static bool reserve_parts(od__memory *memory, const od_exchange *exchange)
{
    size_t len = 0;
    for (size_t i = 0; i < exchange->outcomes_len; i++) {
        const od_sent *sent = exchange->outcomes[i].sent;
        len += sent != NULL ? (size_t)sent->network_ids_len : 0;
    }
    return od__memory_parts_reserve(memory, len);
}

static od_err happen(od__memory *memory, const od_exchange *exchange)
{
    od__memory_dnc **staged =
        od__memory_dnc_stage(memory, exchange->dnc, exchange->dnc_len);
    if (staged == NULL ||
        !od__memory_answers_reserve(memory, exchange->answers,
                                    exchange->answers_len) ||
        !reserve_follows(memory, exchange) ||
        !reserve_parts(memory, exchange) ||
        !od__memory_replies_reserve(memory, exchange->replies,
                                    exchange->replies_len) ||
        !od__memory_ledger_reserve(memory, exchange->ledger_len,
                                   texts_bytes(exchange))) {
        od__memory_dnc_discard(memory, staged, exchange->dnc_len);
        return od__memory_fail_full(memory);
    }
    apply(memory, exchange, staged);
    od__free(&memory->allocator, staged);
    return OD_OK;
}

/* == what may begin ======================================================= */

/* Longest texts of a claim: session, trunk, payload. */
#define CLAIM_TEXTS_BYTES (128 + OD_RULING_PAYLOAD_MAX + 1)

/* What its attempts are is the campaign's to say, not the judge's. */
static const char *text_of(const od__memory_campaign *campaign,
                           const od_ruling *ruling)
{
    return campaign->record.channel == OD_CHANNEL_TEXT
               ? od__text_or_empty(ruling->text)
               : NULL;
}

static void claim(od__memory *memory, od__memory_target *target,
                  const od_ruling *ruling, int64_t utc_ms)
{
    assert(strlen(od__text_or_empty(ruling->ledger.payload)) <=
           OD_RULING_PAYLOAD_MAX);
    od__memory_target_lift(target);
    target->state = OD_TARGET_FLIGHT;
    od__memory_target_drop(target);
    const od__memory_start start = {.line = target->line,
                                    .campaign = target->campaign,
                                    .target = target,
                                    .contact = target->contact,
                                    .caller_id = ruling->caller_id,
                                    .session_id = ruling->session_id,
                                    .trunk = ruling->trunk,
                                    .text = text_of(target->campaign, ruling),
                                    .encoding = ruling->encoding,
                                    .segments = ruling->segments,
                                    .utc_ms = utc_ms};
    (void)od__memory_flight_add(memory, &start);
    od__tally_claim(&target->campaign->sums, utc_ms);
    od__memory_ledger_append(memory, &ruling->ledger);
}

/* Carry out a ruling. Does it count as a claim? */
static bool carry_out(od__memory *memory, od__memory_target *target,
                      const od_ruling *ruling, int64_t utc_ms)
{
    const od_verdict *verdict = &ruling->verdict;
    switch (verdict->kind) {
    case OD_VERDICT_ALLOW:
        claim(memory, target, ruling, utc_ms);
        return true;
    case OD_VERDICT_DEFER:
        od__memory_target_lift(target);
        target->due_utc_ms = verdict->until_utc_ms > utc_ms
                                 ? verdict->until_utc_ms
                                 : utc_ms + 1;
        od__memory_target_drop(target);
        return false;
    default:
        assert(verdict->kind == OD_VERDICT_BLOCK);
        od__memory_target_lift(target);
        target->state = OD_TARGET_BLOCKED;
        target->reason = verdict->reason;
        od__memory_target_drop(target);
        if (ruling->follow) {
            od__memory_follow(memory, target, utc_ms + 1);
        }
        return false;
    }
}

static bool reserve_claim(od__memory *memory,
                          const od__memory_campaign *campaign)
{
    return od__memory_flight_reserve(
        memory, campaign->record.channel == OD_CHANNEL_TEXT,
        CLAIM_TEXTS_BYTES);
}

static void ask_lane(od__memory *memory, const od_exchange *exchange,
                     od_lane_request *request, od__memory_lane *lane)
{
    while (request->scanned < request->scan_max &&
           request->claimed < request->claims_max) {
        od__memory_target *target = od__memory_lane_first(lane);
        if (target == NULL || target->due_utc_ms > exchange->utc_ms ||
            !reserve_claim(memory, target->campaign) ||
            !od__memory_follow_reserve(memory, target, 1)) {
            break;
        }
        od_candidate candidate;
        od_ruling ruling;
        od__memory_facts(memory, target, exchange->utc_ms, &candidate);
        memset(&ruling, 0, sizeof ruling);
        od_id attempt = (od_id)memory->attempts.len + 1;
        if (!exchange->judge(exchange->judge_ctx, &candidate, attempt,
                             &ruling)) {
            break;
        }
        request->scanned++;
        if (carry_out(memory, target, &ruling, exchange->utc_ms)) {
            request->claimed++;
        }
    }
}

static void begin(od__memory *memory, const od_exchange *exchange,
                  od_lane_request *request)
{
    const od__memory_campaign *campaign =
        od__rows_of_id(&memory->campaigns, request->campaign);
    od__memory_queue *queue =
        campaign != NULL ? od__memory_queue_find(
                               campaign, od_lane_place(request->lane))
                         : NULL;
    request->scanned = 0;
    request->claimed = 0;
    request->due_next_utc_ms = OD_NEVER;
    if (queue == NULL) {
        return;
    }
    od__memory_lane *lane =
        &queue->lanes[od_lane_is_retry(request->lane) ? 1 : 0];
    ask_lane(memory, exchange, request, lane);
    const od__memory_target *first = od__memory_lane_first(lane);
    if (first != NULL) {
        request->due_next_utc_ms = first->due_utc_ms;
    }
}

od_err od__memory_exchange(void *ctx, od_exchange *exchange)
{
    od__memory *memory = ctx;
    assert(exchange->ledger_len ==
           exchange->dnc_len + exchange->answers_len + exchange->outcomes_len +
               exchange->releases_len + exchange->receipts_len +
               exchange->replies_len);
    od_err err = happen(memory, exchange);
    for (size_t i = 0; err == OD_OK && i < exchange->notices_len; i++) {
        od__memory_notice_claim(memory, &exchange->notices[i],
                                exchange->utc_ms);
    }
    for (size_t i = 0; err == OD_OK && i < exchange->lanes_len; i++) {
        begin(memory, exchange, &exchange->lanes[i]);
    }
    return err;
}
