/*
 * memory_calls.c - attempts, answers and results.
 *
 * An attempt stands in the vector by id and in the chain of its phone from the
 * claim on; while it is live also in the list of flights, which is in the order
 * of ids because ids only grow.
 */
#include "storage/memory.h"

/* == flights ============================================================== */

bool od__memory_flight_reserve(od__memory *memory, bool text,
                               size_t texts_bytes)
{
    const od_allocator *allocator = &memory->allocator;
    size_t bytes = texts_bytes + (text ? OD_MESSAGE_MAX + 1 : 0);
    return od__rows_reserve(&memory->attempts, 1, allocator) &&
           od__pool_reserve(&memory->attempt_pool, 1, allocator) &&
           od__memory_ledger_reserve(memory, 1, bytes) &&
           (!text || od__memory_message_reserve(memory));
}

od_id od__memory_flight_add(od__memory *memory, const od__memory_start *start)
{
    od__memory_line *line = start->line;
    assert(line->flight == NULL);
    od__memory_attempt *attempt = od__pool_take(&memory->attempt_pool);
    od__rows_push(&memory->attempts, attempt);
    attempt->record.attempt = (od_id)memory->attempts.len;
    attempt->record.campaign =
        start->campaign != NULL ? start->campaign->record.id : 0;
    attempt->record.contact = start->contact;
    attempt->record.phone = line->phone;
    attempt->record.caller_id = start->caller_id;
    attempt->record.session_id =
        od__texts_add(&memory->texts, start->session_id);
    attempt->record.sip_call_id = "";
    attempt->record.trunk = od__texts_add(&memory->texts, start->trunk);
    attempt->record.claimed_utc_ms = start->utc_ms;
    attempt->record.channel =
        start->text != NULL ? OD_CHANNEL_TEXT : OD_CHANNEL_VOICE;
    attempt->record.notice = start->notice;
    attempt->campaign = start->campaign;
    attempt->target = start->target;
    attempt->line = line;
    attempt->live = true;
    if (start->text != NULL) {
        od__memory_message_add(memory, attempt, start);
    }

    line->flight = attempt;
    *(line->attempts_last != NULL ? &line->attempts_last->next_of_phone
                                  : &line->attempts_first) = attempt;
    line->attempts_last = attempt;

    attempt->flight_prev = memory->flights_last;
    *(memory->flights_last != NULL ? &memory->flights_last->flight_next
                                   : &memory->flights_first) = attempt;
    memory->flights_last = attempt;
    return attempt->record.attempt;
}

void od__memory_flight_end(od__memory *memory, od__memory_attempt *attempt,
                           const od_outcome *outcome)
{
    od_attempt_record *record = &attempt->record;
    record->sip_call_id =
        od__texts_add(&memory->texts, outcome->sip_call_id);
    if (outcome->answered_utc_ms != 0) {
        record->answered_utc_ms = outcome->answered_utc_ms;
    }
    record->ended_utc_ms = outcome->ended_utc_ms;
    record->heard_ms = outcome->heard_ms;
    record->disposition = outcome->disposition;
    record->sip_status = outcome->sip_status;
    record->fault = outcome->fault;
    record->survey_done = outcome->survey_done;
    record->reached_network = outcome->reached_network;

    if (attempt->message != NULL) {
        od__memory_message_end(memory, attempt->message, outcome);
    }

    attempt->live = false;
    attempt->line->flight = NULL;
    attempt->line = NULL;
    attempt->target = NULL;
    *(attempt->flight_prev != NULL ? &attempt->flight_prev->flight_next
                                   : &memory->flights_first) =
        attempt->flight_next;
    *(attempt->flight_next != NULL ? &attempt->flight_next->flight_prev
                                   : &memory->flights_last) =
        attempt->flight_prev;
    attempt->flight_next = NULL;
    attempt->flight_prev = NULL;
}

od_err od__memory_flight_scan(void *ctx, od_id after, od_attempt_record *rows,
                              size_t rows_max, size_t *count)
{
    const od__memory *memory = ctx;
    const od__memory_attempt *attempt =
        od__rows_of_id(&memory->attempts, after);
    if (attempt == NULL || !attempt->live) {
        attempt = memory->flights_first;
    }
    size_t len = 0;
    for (; attempt != NULL && len < rows_max; attempt = attempt->flight_next) {
        if (attempt->record.attempt > after) {
            rows[len++] = attempt->record;
        }
    }
    *count = len;
    return OD_OK;
}

/* == attempts that ended ================================================== */

static bool passes(const od__memory_attempt *attempt,
                   const od_call_filter *filter)
{
    const od_attempt_record *record = &attempt->record;
    if (attempt->live || attempt->message != NULL) {
        return false;
    }
    if (filter == NULL) {
        return true;
    }
    return (filter->campaign == 0 || record->campaign == filter->campaign) &&
           (filter->disposition == 0 ||
            record->disposition == filter->disposition) &&
           (filter->since_utc_ms == 0 ||
            record->claimed_utc_ms >= filter->since_utc_ms) &&
           (filter->until_utc_ms == 0 ||
            record->claimed_utc_ms < filter->until_utc_ms);
}

od_err od__memory_attempt_scan(void *ctx, const od_call_filter *filter,
                               uint64_t phone, od_id after,
                               od_attempt_record *rows, size_t rows_max,
                               size_t *count)
{
    const od__memory *memory = ctx;
    size_t len = 0;
    if (phone != 0) {
        const od__memory_line *line = od__memory_line_find(memory, phone);
        for (const od__memory_attempt *attempt =
                 line != NULL ? line->attempts_first : NULL;
             attempt != NULL && len < rows_max;
             attempt = attempt->next_of_phone) {
            if (attempt->record.attempt > after && passes(attempt, filter)) {
                rows[len++] = attempt->record;
            }
        }
    } else {
        size_t at = after > 0 ? (size_t)after : 0;
        for (; at < memory->attempts.len && len < rows_max; at++) {
            const od__memory_attempt *attempt = memory->attempts.at[at];
            if (passes(attempt, filter)) {
                rows[len++] = attempt->record;
            }
        }
    }
    *count = len;
    return OD_OK;
}

/* Digits and choice may name somebody: the results keep their count. A text is
 * answered after it ended, and may be nameless when its answer is to go. */
static void forget_answers(const od__memory *memory, uint64_t phone,
                           int64_t before_utc_ms)
{
    for (size_t i = 0; i < memory->answers.len; i++) {
        od__memory_answer *answer = memory->answers.at[i];
        if (answer->record.phone == phone &&
            answer->record.utc_ms < before_utc_ms) {
            answer->record.phone = 0;
            answer->record.digits = "";
            answer->record.choice = "";
        }
    }
}

int64_t od__memory_calls_forget(od__memory *memory, od__memory_line *line,
                                int64_t before_utc_ms)
{
    int64_t forgotten = 0;
    od__memory_attempt **at = &line->attempts_first;
    line->attempts_last = NULL;
    forget_answers(memory, line->phone, before_utc_ms);
    while (*at != NULL) {
        od__memory_attempt *attempt = *at;
        if (attempt->live || attempt->record.ended_utc_ms >= before_utc_ms) {
            line->attempts_last = attempt;
            at = &attempt->next_of_phone;
            continue;
        }
        attempt->record.phone = 0;
        attempt->record.contact = 0;
        attempt->record.session_id = "";
        attempt->record.sip_call_id = "";
        if (attempt->message != NULL) {
            od__memory_message_forget(attempt->message);
        }
        *at = attempt->next_of_phone;
        attempt->next_of_phone = NULL;
        forgotten++;
    }
    return forgotten;
}

/* == answers and results ================================================== */

od__memory_attempt *od__memory_attempt_answerable(const od__memory *memory,
                                                  od_id id, uint64_t phone)
{
    od__memory_attempt *attempt = od__rows_of_id(&memory->attempts, id);
    if (attempt == NULL || attempt->record.phone != phone ||
        attempt->campaign == NULL) {
        return NULL;
    }
    const od_message_record *text =
        attempt->message != NULL ? &attempt->message->record : NULL;
    bool sent = text != NULL && (text->delivery != OD_DELIVERY_NONE ||
                                 text->disposition == OD_DISPOSITION_UNKNOWN);
    return attempt->live || sent ? attempt : NULL;
}

bool od__memory_answers_reserve(od__memory *memory,
                                const od_answer_record *records, size_t len)
{
    const od_allocator *allocator = &memory->allocator;
    for (size_t i = 0; i < len; i++) {
        const od__memory_attempt *attempt = od__memory_attempt_answerable(
            memory, records[i].attempt, records[i].phone);
        if (attempt != NULL &&
            (!od__rows_reserve(&attempt->campaign->answers, len, allocator) ||
             !od__rows_reserve(&attempt->campaign->results, len,
                               allocator))) {
            return false;
        }
    }
    return od__rows_reserve(&memory->answers, len, allocator) &&
           od__pool_reserve(&memory->answer_pool, len, allocator) &&
           od__pool_reserve(&memory->result_pool, len, allocator) &&
           od__map_reserve(&memory->results_by_text, len, allocator);
}

/* Sets of texts with one hash take the next free key. */
static od__memory_result *find_result(const od__memory *memory, od_id campaign,
                                      const char *question,
                                      const char *choice, uint64_t *key)
{
    *key = od__hash_text(od__hash_text((uint64_t)campaign, question), choice);
    od__memory_result *row = od__map_get(&memory->results_by_text, *key);
    while (row != NULL && (row->campaign != campaign ||
                           strcmp(row->result.question, question) != 0 ||
                           strcmp(row->result.choice, choice) != 0)) {
        row = od__map_get(&memory->results_by_text, ++*key);
    }
    return row;
}

static void count_result(od__memory *memory, od__memory_campaign *campaign,
                         const od_answer_record *record)
{
    od_result named = {0};
    od__text_copy(named.question, sizeof named.question, record->question);
    od__text_copy(named.choice, sizeof named.choice, record->choice);
    uint64_t key = 0;
    od__memory_result *row =
        find_result(memory, campaign->record.id, named.question, named.choice,
                    &key);
    if (row == NULL) {
        row = od__pool_take(&memory->result_pool);
        row->result = named;
        row->campaign = campaign->record.id;
        od__map_put(&memory->results_by_text, key, row);
        od__rows_push(&campaign->results, row);
    }
    row->result.count++;
}

static bool has_answer(const od__memory_attempt *attempt,
                       const char *question, int32_t visit)
{
    for (const od__memory_answer *answer = attempt->answers; answer != NULL;
         answer = answer->next_of_attempt) {
        if (answer->record.visit == visit &&
            strcmp(answer->record.question, question) == 0) {
            return true;
        }
    }
    return false;
}

bool od__memory_answer_add(od__memory *memory, od__memory_attempt *attempt,
                           const od_answer_record *record)
{
    if (has_answer(attempt, od__text_or_empty(record->question),
                   record->visit)) {
        return false;
    }
    od__memory_campaign *campaign = attempt->campaign;
    od__memory_answer *answer = od__pool_take(&memory->answer_pool);
    od__rows_push(&memory->answers, answer);
    answer->record = *record;
    answer->record.id = (od_id)memory->answers.len;
    answer->record.campaign = campaign->record.id;
    answer->record.question = od__texts_add(&memory->texts, record->question);
    answer->record.digits = od__texts_add(&memory->texts, record->digits);
    answer->record.choice = od__texts_add(&memory->texts, record->choice);
    answer->next_of_attempt = attempt->answers;
    attempt->answers = answer;
    od__rows_push(&campaign->answers, answer);
    count_result(memory, campaign, &answer->record);
    return true;
}

/* Position of the first answer of a campaign after an id. */
static size_t answer_at(const od__memory_campaign *campaign, od_id after)
{
    size_t low = 0;
    size_t high = campaign->answers.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const od__memory_answer *answer = campaign->answers.at[middle];
        if (answer->record.id <= after) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

od_err od__memory_answer_scan(void *ctx, od_id campaign, od_id after,
                              od_answer_record *rows, size_t rows_max,
                              size_t *count)
{
    const od__memory *memory = ctx;
    const od__memory_campaign *of =
        od__rows_of_id(&memory->campaigns, campaign);
    size_t len = 0;
    size_t at = of != NULL ? answer_at(of, after) : 0;
    for (; of != NULL && at < of->answers.len && len < rows_max; at++) {
        const od__memory_answer *answer = of->answers.at[at];
        rows[len++] = answer->record;
    }
    *count = len;
    return OD_OK;
}

od_err od__memory_result_scan(void *ctx, od_id campaign, od_result *rows,
                              size_t rows_max, size_t *count)
{
    const od__memory *memory = ctx;
    const od__memory_campaign *of =
        od__rows_of_id(&memory->campaigns, campaign);
    *count = of != NULL ? of->results.len : 0;
    for (size_t i = 0; i < *count && i < rows_max; i++) {
        const od__memory_result *row = of->results.at[i];
        rows[i] = row->result;
    }
    return OD_OK;
}
