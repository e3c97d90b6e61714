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

/* A new opt-out counts in the campaign of its call, live or ended. */
static od_err count_opt_out(od__sqlite *s, const od_dnc_record *row)
{
    if (row->attempt == 0) {
        return OD_OK;
    }
    od__query query = OD__QUERY(s, OD__SQL_ATTEMPT_CAMPAIGN,
                                (int64_t)row->phone, row->attempt);
    if (od__query_next(&query)) {
        od__tally_opt_out(od__sums_of(s, od__row_id(&query)));
    }
    return od__query_end(&query);
}

static od_err apply_dnc(od__sqlite *s, const od_exchange *exchange,
                        const od_ledger_entry *ledger)
{
    od__ids ready = {0};
    od_err err = exchange->dnc_len > 0 ? od__campaigns_ready(s, &ready) : OD_OK;
    for (size_t i = 0; err == OD_OK && i < exchange->dnc_len; i++) {
        const od_dnc_record *row = &exchange->dnc[i];
        bool added = false;
        err = od__dnc_put(s, row, &ready, &added);
        if (err == OD_OK && added) {
            err = od__ledger_put(s, &ledger[i], 1);
        }
        if (err == OD_OK && added) {
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

static od_err apply(od__sqlite *s, const od_exchange *exchange)
{
    const od_ledger_entry *ledger = exchange->ledger;
    od_err err = apply_dnc(s, exchange, ledger);
    ledger += exchange->dnc_len;
    if (err == OD_OK) {
        err = apply_answers(s, exchange, ledger);
    }
    ledger += exchange->answers_len;
    for (size_t i = 0; err == OD_OK && i < exchange->outcomes_len; i++) {
        bool applied;
        err = od__outcome_put(s, &exchange->outcomes[i], &applied);
        if (err == OD_OK && applied) {
            err = od__ledger_put(s, &ledger[i], 1);
        }
    }
    return err;
}

/* == what may begin ======================================================= */

static od_err claim(od__sqlite *s, const od_exchange *exchange,
                    const od_candidate *target, od_id attempt,
                    const od_ruling *ruling)
{
    od__query query = OD__QUERY(s, OD__SQL_FLIGHT_ADD, (int64_t)target->phone,
                                attempt, target->campaign, target->contact,
                                exchange->utc_ms, (int64_t)ruling->caller_id);
    od__query_text(&query, ruling->session_id);
    od__query_text(&query, ruling->trunk);
    od_err err = od__query_run(&query);
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
        if (!exchange->judge(exchange->judge_ctx, &rows[i], attempt, &ruling)) {
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

static od_err write(od__sqlite *s, const od_exchange *exchange,
                    od_lane_request *lanes)
{
    od_err err = od__sqlite_begin(s);
    s->claims_utc_ms = exchange->utc_ms;
    if (err == OD_OK) {
        err = apply(s, exchange);
    }
    for (size_t i = 0; err == OD_OK && i < exchange->lanes_len; i++) {
        err = ask_lane(s, exchange, &lanes[i]);
    }
    return od__sqlite_finish(s, err);
}

od_err od__sqlite_exchange(void *ctx, od_exchange *exchange)
{
    od__sqlite *s = od__sqlite_enter(ctx);
    assert(exchange->lanes_len == 0 || exchange->judge != NULL);
    /* Work on a copy: a failure must leave no trace in the lanes either. */
    size_t bytes = exchange->lanes_len * sizeof exchange->lanes[0];
    od_lane_request *lanes = od__arena_take(&s->arena, bytes + 1);
    if (lanes == NULL) {
        return od__sqlite_memory(s);
    }
    if (bytes > 0) {
        memcpy(lanes, exchange->lanes, bytes);
    }
    bool has_work = exchange->dnc_len + exchange->answered_len +
                        exchange->answers_len + exchange->outcomes_len >
                    0;
    od_err err = OD_OK;
    if (!has_work) {
        err = look(s, exchange, lanes, &has_work);
    }
    if (err == OD_OK && has_work) {
        err = write(s, exchange, lanes);
    }
    if (err == OD_OK && bytes > 0) {
        memcpy(exchange->lanes, lanes, bytes);
    }
    return err;
}
