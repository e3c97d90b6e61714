/*
 * exchange.c - what happened and what may begin, in one durable commit.
 *
 * The heart of a step. First it is looked up, without a transaction, whether
 * there is anything to write: an idle step must not touch the disk. Then, in
 * one transaction, what happened is applied in the order of the fields, and
 * each lane is asked.
 *
 *     rows of a lane that are due --(facts)--> judge --> claimed | deferred |
 *                                                        blocked | left alone
 *
 * A lane is read in pieces of CHUNK rows. Every row that was judged has left
 * the range of the index that is read (in flight, blocked, or due later), so
 * the next piece begins where the range begins. Facts cannot change between
 * the reading of a piece and its judging: within a lane a phone stands once,
 * and nobody else writes.
 */
#include "storage/sqlite/sqlite.h"

#include "storage/tally.h"

#include <assert.h>

#define CHUNK 64

/* == what happened ======================================================== */

/* A new opt-out counts in the campaign of its attempt, live or ended. */
static od_err count_opt_out(od__sqlite *s, const od_dnc_record *row)
{
    if (row->attempt == 0) {
        return OD_OK;
    }
    od__query query = OD__QUERY(s, OD__SQL_ATTEMPT_CAMPAIGN,
                                (int64_t)row->phone, row->attempt);
    od_id campaign = od__query_next(&query) ? od__row_id(&query) : 0;
    if (campaign != 0) {
        od__tally_opt_out(od__sums_of(s, campaign));
    }
    return od__query_end(&query);
}

/* added[i] tells whether entry i is new. */
static od_err apply_dnc(od__sqlite *s, const od_exchange *exchange,
                        const od_ledger_entry *ledger, bool *added)
{
    od__ids ready = {0};
    od_err err = exchange->dnc_len > 0 ? od__campaigns_ready(s, &ready) : OD_OK;
    for (size_t i = 0; err == OD_OK && i < exchange->dnc_len; i++) {
        const od_dnc_record *row = &exchange->dnc[i];
        err = od__dnc_put(s, row, &ready, &added[i]);
        if (err == OD_OK && added[i]) {
            err = od__ledger_put(s, &ledger[i], 1);
        }
        if (err == OD_OK && added[i]) {
            err = count_opt_out(s, row);
        }
    }
    return err;
}

static od_err apply_answers(od__sqlite *s, const od_exchange *exchange,
                            const od_ledger_entry *ledger)
{
    od_err err = OD_OK;
    for (size_t i = 0; err == OD_OK && i < exchange->answered_len; i++) {
        const od_answered *row = &exchange->answered[i];
        err = OD__RUN(s, OD__SQL_FLIGHT_ANSWERED, (int64_t)row->phone,
                      row->attempt, row->utc_ms);
    }
    for (size_t i = 0; err == OD_OK && i < exchange->answers_len; i++) {
        bool applied;
        err = od__answer_put(s, &exchange->answers[i], &applied);
        if (err == OD_OK && applied) {
            err = od__ledger_put(s, &ledger[i], 1);
        }
    }
    return err;
}

static od_err apply_outcomes(od__sqlite *s, const od_exchange *exchange,
                             const od_ledger_entry *ledger)
{
    od_err err = OD_OK;
    for (size_t i = 0; err == OD_OK && i < exchange->outcomes_len; i++) {
        bool applied;
        err = od__outcome_put(s, &exchange->outcomes[i], &applied);
        if (err == OD_OK && applied) {
            err = od__ledger_put(s, &ledger[i], 1);
        }
    }
    return err;
}

/* Releases and receipts. */
static od_err apply_news(od__sqlite *s, const od_exchange *exchange,
                         const od_ledger_entry *ledger)
{
    od_err err = OD_OK;
    bool applied;
    for (size_t i = 0; err == OD_OK && i < exchange->releases_len; i++) {
        err = od__dnc_release(s, &exchange->releases[i], &applied);
        if (err == OD_OK && applied) {
            err = od__ledger_put(s, &ledger[i], 1);
        }
    }
    ledger += exchange->releases_len;
    for (size_t i = 0; err == OD_OK && i < exchange->receipts_len; i++) {
        err = od__receipt_put(s, &exchange->receipts[i], &applied);
        if (err == OD_OK && applied) {
            err = od__ledger_put(s, &ledger[i], 1);
        }
    }
    return err;
}

static od_err apply_replies(od__sqlite *s, const od_exchange *exchange,
                            const od_ledger_entry *ledger,
                            const bool *dnc_added)
{
    od_err err = OD_OK;
    for (size_t i = 0; err == OD_OK && i < exchange->replies_len; i++) {
        const od_reply_record *reply = &exchange->replies[i];
        bool applied;
        assert(reply->dnc_at == OD_NONE ||
               (size_t)reply->dnc_at < exchange->dnc_len);
        err = od__reply_put(s, reply, dnc_added, &applied);
        if (err == OD_OK && applied) {
            err = od__ledger_put(s, &ledger[i], 1);
        }
    }
    return err;
}

static od_err apply(od__sqlite *s, const od_exchange *exchange)
{
    const od_ledger_entry *ledger = exchange->ledger;
    bool *added = od__arena_take(&s->arena, exchange->dnc_len + 1);
    if (added == NULL) {
        return od__sqlite_memory(s);
    }
    od_err err = apply_dnc(s, exchange, ledger, added);
    ledger += exchange->dnc_len;
    if (err == OD_OK) {
        err = apply_answers(s, exchange, ledger);
    }
    ledger += exchange->answers_len;
    if (err == OD_OK) {
        err = apply_outcomes(s, exchange, ledger);
    }
    ledger += exchange->outcomes_len;
    if (err == OD_OK) {
        err = apply_news(s, exchange, ledger);
    }
    ledger += exchange->releases_len + exchange->receipts_len;
    return err == OD_OK ? apply_replies(s, exchange, ledger, added) : err;
}

/* == what may begin ======================================================= */

static od_err claim(od__sqlite *s, const od_exchange *exchange,
                    const od_candidate *target, od_id attempt,
                    const od_ruling *ruling)
{
    const od_message_record row = {.attempt = attempt,
                                   .campaign = target->campaign,
                                   .contact = target->contact,
                                   .phone = target->phone,
                                   .caller_id = ruling->caller_id,
                                   .session_id = ruling->session_id,
                                   .trunk = ruling->trunk,
                                   .text = ruling->text,
                                   .encoding = ruling->encoding,
                                   .segments = ruling->segments,
                                   .attempts_before = target->attempts,
                                   .claimed_utc_ms = exchange->utc_ms};
    int32_t channel;
    od_err err = od__campaign_channel(s, target->campaign, &channel);
    if (err == OD_OK) {
        err = od__flight_add(s, channel, &row);
    }
    if (err != OD_OK) {
        return err;
    }
    od__sequence_take(s, OD__SEQUENCE_ATTEMPT);
    od__sums_claim(s, target->campaign);
    od_candidate after = *target;
    after.state = OD_TARGET_FLIGHT;
    err = od__target_set(s, target, &after);
    return err == OD_OK ? od__ledger_put(s, &ruling->ledger, 1) : err;
}

static od_err block(od__sqlite *s, const od_exchange *exchange,
                    const od_candidate *target, const od_ruling *ruling)
{
    od_candidate after = *target;
    after.state = OD_TARGET_BLOCKED;
    after.reason = ruling->verdict.reason;
    od_err err = od__target_set(s, target, &after);
    return err == OD_OK && ruling->follow
               ? od__target_follow(s, &after, exchange->utc_ms + 1)
               : err;
}

/* Do what the judge said. */
static od_err obey(od__sqlite *s, const od_exchange *exchange,
                   const od_candidate *target, od_id attempt,
                   const od_ruling *ruling)
{
    const od_verdict *verdict = &ruling->verdict;
    od_candidate after = *target;
    switch (verdict->kind) {
    case OD_VERDICT_ALLOW:
        assert(!target->in_flight);
        return claim(s, exchange, target, attempt, ruling);
    case OD_VERDICT_DEFER:
        after.due_utc_ms = verdict->until_utc_ms > exchange->utc_ms
                               ? verdict->until_utc_ms
                               : exchange->utc_ms + 1;
        return od__target_set(s, target, &after);
    default:
        assert(verdict->kind == OD_VERDICT_BLOCK);
        return block(s, exchange, target, ruling);
    }
}

/* What slots hand out that the judge asks must not be where ours is. */
static bool ask_judge(od__sqlite *s, const od_exchange *exchange,
                      const od_candidate *target, od_id attempt, od_ruling *out)
{
    od__arena ours = s->arena;
    s->arena = s->judge_arena;
    bool counts = exchange->judge(exchange->judge_ctx, target, attempt, out);
    s->judge_arena = s->arena;
    s->arena = ours;
    return counts;
}

/* Judge the rows of one piece. *go_on false: leave the rest of the lane. */
static od_err judge_rows(od__sqlite *s, const od_exchange *exchange,
                         od_lane_request *lane, const od_candidate *rows,
                         size_t len, bool *go_on)
{
    od_err err = OD_OK;
    for (size_t i = 0; err == OD_OK && i < len; i++) {
        od_id attempt;
        err = od__sequence_peek(s, OD__SEQUENCE_ATTEMPT, &attempt);
        if (err != OD_OK) {
            break;
        }
        od_ruling ruling;
        memset(&ruling, 0, sizeof ruling);
        if (!ask_judge(s, exchange, &rows[i], attempt, &ruling)) {
            *go_on = false;
            break;
        }
        lane->scanned++;
        lane->claimed += ruling.verdict.kind == OD_VERDICT_ALLOW ? 1 : 0;
        err = obey(s, exchange, &rows[i], attempt, &ruling);
    }
    return err;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static od_err ask_lane(od__sqlite *s, const od_exchange *exchange,
                       od_lane_request *lane)
{
    od_candidate rows[CHUNK];
    bool go_on = true;
    od_err err = OD_OK;
    lane->scanned = 0;
    lane->claimed = 0;
    while (err == OD_OK && go_on) {
        /* No more than may be claimed: then none is read in vain. */
        int32_t room = smaller(lane->claims_max - lane->claimed,
                               lane->scan_max - lane->scanned);
        size_t len = 0;
        if (room > 0) {
            err = od__lane_due(s, lane, exchange->utc_ms, rows,
                               (size_t)smaller(room, CHUNK), &len);
        }
        if (err == OD_OK) {
            go_on = len > 0;
            err = judge_rows(s, exchange, lane, rows, len, &go_on);
        }
    }
    return err == OD_OK ? od__lane_next(s, lane->campaign, lane->lane,
                                        &lane->due_next_utc_ms)
                        : err;
}

/* == the slot ============================================================= */

/* Is any row of these lanes to be judged? Says when each is next due. */
static od_err look(od__sqlite *s, const od_exchange *exchange,
                   od_lane_request *lanes, bool *is_due)
{
    *is_due = false;
    od_err err = exchange->lanes_len > 0 ? od__sqlite_read(s) : OD_OK;
    for (size_t i = 0; err == OD_OK && i < exchange->lanes_len; i++) {
        od_lane_request *lane = &lanes[i];
        lane->scanned = 0;
        lane->claimed = 0;
        err = od__lane_next(s, lane->campaign, lane->lane,
                            &lane->due_next_utc_ms);
        *is_due = *is_due || (lane->claims_max > 0 && lane->scan_max > 0 &&
                              lane->due_next_utc_ms <= exchange->utc_ms);
    }
    return od__sqlite_read_end(s, err);
}

/* What an exchange changes in its caller's memory, while it may still fail. */
typedef struct drafts {
    od_lane_request *lanes;
    od_notice_claim *notices;
} drafts;

/* A copy in the arena; NULL: out of memory. */
static void *copy_rows(od__sqlite *s, const void *rows, size_t bytes)
{
    void *copy = od__arena_take(&s->arena, bytes + 1);
    if (copy != NULL && bytes > 0) {
        memcpy(copy, rows, bytes);
    }
    return copy;
}

static void hand_over(od_exchange *exchange, const drafts *draft)
{
    if (exchange->lanes_len > 0) {
        memcpy(exchange->lanes, draft->lanes,
               exchange->lanes_len * sizeof exchange->lanes[0]);
    }
    if (exchange->notices_len > 0) {
        memcpy(exchange->notices, draft->notices,
               exchange->notices_len * sizeof exchange->notices[0]);
    }
}

static od_err write(od__sqlite *s, const od_exchange *exchange,
                    const drafts *draft)
{
    od_err err = od__sqlite_begin(s);
    s->claims_utc_ms = exchange->utc_ms;
    if (err == OD_OK) {
        err = apply(s, exchange);
    }
    for (size_t i = 0; err == OD_OK && i < exchange->notices_len; i++) {
        err = od__notice_claim(s, exchange->utc_ms, &draft->notices[i]);
    }
    for (size_t i = 0; err == OD_OK && i < exchange->lanes_len; i++) {
        err = ask_lane(s, exchange, &draft->lanes[i]);
    }
    return od__sqlite_finish(s, err);
}

static bool happened(const od_exchange *exchange)
{
    return exchange->dnc_len + exchange->answered_len + exchange->answers_len +
               exchange->outcomes_len + exchange->releases_len +
               exchange->receipts_len + exchange->replies_len >
           0;
}

od_err od__sqlite_exchange(void *ctx, od_exchange *exchange)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    assert(exchange->lanes_len == 0 || exchange->judge != NULL);
    drafts draft = {
        .lanes = copy_rows(s, exchange->lanes,
                           exchange->lanes_len * sizeof exchange->lanes[0]),
        .notices =
            copy_rows(s, exchange->notices,
                      exchange->notices_len * sizeof exchange->notices[0])};
    if (draft.lanes == NULL || draft.notices == NULL) {
        return od__sqlite_memory(s);
    }
    bool has_work = happened(exchange) || exchange->notices_len > 0;
    od_err err = OD_OK;
    if (!has_work) {
        err = look(s, exchange, draft.lanes, &has_work);
    }
    if (err == OD_OK && has_work) {
        err = write(s, exchange, &draft);
    }
    if (err == OD_OK) {
        hand_over(exchange, &draft);
    }
    return err;
}
