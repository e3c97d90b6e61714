/*
 * memory_messages.c - texts, and what networks say of them.
 *
 * A message is made with its attempt and stays with it. Once the network took
 * it, a map leads to it from what each of its parts is called; while a receipt
 * is waited for it stands in a heap, the one that is overdue first on top:
 *
 *      memory->open  [0] earliest open_until_utc_ms, then lowest id
 *                   [1] [2]  children of [0]: both later
 *
 * open_at of a message is its position there, so it is found to be taken out.
 */
#include "storage/memory.h"

/* == those that are open ================================================== */

static bool is_before(const od__memory_message *a, const od__memory_message *b)
{
    if (a->record.open_until_utc_ms != b->record.open_until_utc_ms) {
        return a->record.open_until_utc_ms < b->record.open_until_utc_ms;
    }
    return a->record.attempt < b->record.attempt;
}

static void put_at(od__rows *open, size_t at, od__memory_message *message)
{
    open->at[at] = message;
    message->open_at = at + 1;
}

static void rise(od__rows *open, size_t at)
{
    od__memory_message *message = open->at[at];
    while (at > 0 && is_before(message, open->at[(at - 1) / 2])) {
        put_at(open, at, open->at[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    put_at(open, at, message);
}

static void sink(od__rows *open, size_t at)
{
    od__memory_message *message = open->at[at];
    size_t child = 2 * at + 1;
    while (child < open->len) {
        if (child + 1 < open->len &&
            is_before(open->at[child + 1], open->at[child])) {
            child++;
        }
        if (!is_before(open->at[child], message)) {
            break;
        }
        put_at(open, at, open->at[child]);
        at = child;
        child = 2 * at + 1;
    }
    put_at(open, at, message);
}

static void open_add(od__rows *open, od__memory_message *message)
{
    od__rows_push(open, message);
    rise(open, open->len - 1);
}

static void open_remove(od__rows *open, od__memory_message *message)
{
    size_t at = message->open_at - 1;
    od__memory_message *last = open->at[--open->len];
    message->open_at = 0;
    if (last != message) {
        put_at(open, at, last);
        rise(open, at);
        sink(open, last->open_at - 1);
    }
}

/* In the heap or not, as its delivery says. */
static void keep_open(od__memory *memory, od__memory_message *message)
{
    bool open = od__delivery_is_open(message->record.delivery);
    if (open && message->open_at == 0) {
        open_add(&memory->open, message);
    } else if (!open && message->open_at != 0) {
        open_remove(&memory->open, message);
    }
}

/* == names of parts ======================================================= */

/* Names with one hash take the next free key. */
static od__memory_part *find_part(const od__memory *memory, const char *trunk,
                                  const char *network_id, uint64_t *key)
{
    *key = od__hash_text(od__hash_text(0, trunk), network_id);
    od__memory_part *part = od__map_get(&memory->parts_by_name, *key);
    while (part != NULL && (strcmp(part->network_id, network_id) != 0 ||
                            strcmp(part->trunk, trunk) != 0)) {
        part = od__map_get(&memory->parts_by_name, ++*key);
    }
    return part;
}

bool od__memory_parts_reserve(od__memory *memory, size_t len)
{
    return od__pool_reserve(&memory->part_pool, len, &memory->allocator) &&
           od__map_reserve(&memory->parts_by_name, len, &memory->allocator);
}

/* The last one that is given a name has it. */
static void name_part(od__memory *memory, od__memory_message *message,
                      int32_t at, const char *network_id)
{
    if (network_id[0] == '\0') {
        return;
    }
    uint64_t key = 0;
    od__memory_part *part =
        find_part(memory, message->record.trunk, network_id, &key);
    if (part == NULL) {
        part = od__pool_take(&memory->part_pool);
        part->trunk = message->record.trunk;
        part->network_id = od__texts_add(&memory->texts, network_id);
        od__map_put(&memory->parts_by_name, key, part);
    }
    part->message = message;
    part->part = at;
    message->parts[at] = part;
}

/* == from the claim to the end ============================================ */

bool od__memory_message_reserve(od__memory *memory)
{
    const od_allocator *allocator = &memory->allocator;
    size_t open_more = memory->attempts.len + 1 - memory->open.len;
    return od__pool_reserve(&memory->message_pool, 1, allocator) &&
           od__rows_reserve(&memory->open, open_more, allocator);
}

void od__memory_message_add(od__memory *memory, od__memory_attempt *attempt,
                            const od__memory_start *start)
{
    assert(strlen(start->text) <= OD_MESSAGE_MAX);
    const od_attempt_record *of = &attempt->record;
    od__memory_message *message = od__pool_take(&memory->message_pool);
    message->attempt = attempt;
    message->record = (od_message_record){
        .attempt = of->attempt,
        .campaign = of->campaign,
        .contact = of->contact,
        .reply = start->reply,
        .phone = of->phone,
        .caller_id = of->caller_id,
        .session_id = of->session_id,
        .trunk = of->trunk,
        .text = od__texts_add(&memory->texts, start->text),
        .network_code = message->network_code,
        .notice = of->notice,
        .encoding = start->encoding,
        .segments = start->segments,
        .attempts_before =
            start->target != NULL ? start->target->attempts : 0,
        .claimed_utc_ms = of->claimed_utc_ms};
    attempt->message = message;
}

void od__memory_message_end(od__memory *memory, od__memory_message *message,
                            const od_outcome *outcome)
{
    const od_sent *sent = outcome->sent;
    assert(sent == NULL || (sent->network_ids_len > 0 &&
                            sent->network_ids_len <= OD_SEGMENTS_MAX));
    od__message_end(&message->record, outcome);
    for (int32_t i = 0; sent != NULL && i < sent->network_ids_len; i++) {
        name_part(memory, message, i, sent->network_ids[i]);
    }
    keep_open(memory, message);
}

void od__memory_message_forget(od__memory_message *message)
{
    message->record.phone = 0;
    message->record.contact = 0;
    message->record.session_id = "";
    message->record.text = "";
    for (size_t i = 0; i < OD_SEGMENTS_MAX; i++) {
        od__memory_part *part = message->parts[i];
        if (part != NULL && part->message == message) {
            part->message = NULL;
            part->network_id = "";
        }
        message->parts[i] = NULL;
    }
}

/* == its target, and receipts ============================================= */

/* The target of a text as it is now; NULL: there is none. */
static od__memory_target *target_of(const od__memory *memory,
                                    const od__memory_message *message)
{
    return message->record.notice != OD_NOTICE_NONE
               ? NULL
               : od__memory_target_of(
                     od__memory_line_find(memory, message->record.phone),
                     message->attempt->campaign);
}

static void read_row(const od__memory *memory,
                     const od__memory_message *message, od_message_record *out)
{
    const od__memory_target *target = target_of(memory, message);
    *out = message->record;
    if (target != NULL) {
        out->place = target->queue->place;
        out->target_state = target->state;
        out->target_disposition = target->disposition;
        out->attempts = target->attempts;
        out->tries = target->tries;
    }
}

/* Did its campaign try this phone again since? */
static bool is_last(const od__memory_attempt *attempt)
{
    const od__memory_attempt *later = attempt->next_of_phone;
    while (later != NULL && (later->campaign != attempt->campaign ||
                             later->record.notice != OD_NOTICE_NONE)) {
        later = later->next_of_phone;
    }
    return later == NULL;
}

static void steer(od__memory *memory, const od__memory_message *message,
                  const od_receipt_record *receipt)
{
    od__memory_target *target = target_of(memory, message);
    if (target == NULL || !is_last(message->attempt)) {
        return;
    }
    od_message_record row;
    read_row(memory, message, &row);
    if (!od__message_steer(&row, receipt,
                           od__memory_target_is_owned(memory, target))) {
        return;
    }
    bool ready = receipt->target_state == OD_TARGET_READY;
    od__memory_target_lift(target);
    target->state = row.target_state;
    target->disposition = row.target_disposition;
    target->tries = row.tries;
    target->due_utc_ms = ready ? receipt->due_utc_ms : target->due_utc_ms;
    od__memory_target_drop(target);
    if (receipt->follow && !ready) {
        od__memory_follow(memory, target, receipt->utc_ms);
    }
}

static od__memory_message *message_of(const od__memory *memory, od_id attempt,
                                      uint64_t phone)
{
    const od__memory_attempt *row = od__rows_of_id(&memory->attempts, attempt);
    return row != NULL && row->record.phone == phone ? row->message : NULL;
}

bool od__memory_receipt_reserve(od__memory *memory,
                                const od_receipt_record *receipt, size_t len)
{
    const od__memory_message *message =
        message_of(memory, receipt->attempt, receipt->phone);
    const od__memory_target *target =
        message != NULL && receipt->follow ? target_of(memory, message) : NULL;
    return target == NULL || od__memory_follow_reserve(memory, target, len);
}

bool od__memory_receipt_apply(od__memory *memory,
                              const od_receipt_record *receipt)
{
    od__memory_message *message =
        message_of(memory, receipt->attempt, receipt->phone);
    int32_t was = message != NULL ? message->record.delivery : 0;
    if (message == NULL || message->attempt->live ||
        !od__message_receive(&message->record, receipt)) {
        return false;
    }
    od__text_copy(message->network_code, sizeof message->network_code,
                  receipt->network_code);
    keep_open(memory, message);
    if (message->record.notice != OD_NOTICE_NONE) {
        return true; /* it counts nowhere and has no target */
    }
    od__tally_delivery(&message->attempt->campaign->sums, was,
                       message->record.delivery);
    od__memory_line *line =
        od__memory_line_find(memory, message->record.phone);
    if (line != NULL && receipt->number_invalid) {
        line->number_invalid = true;
    }
    steer(memory, message, receipt);
    return true;
}

/* == slots ================================================================ */

static bool passes(const od__memory_attempt *attempt,
                   const od_call_filter *filter)
{
    if (attempt->live || attempt->message == NULL) {
        return false;
    }
    if (filter == NULL) {
        return true;
    }
    const od_message_record *record = &attempt->message->record;
    return (filter->campaign == 0 || record->campaign == filter->campaign) &&
           (filter->disposition == 0 ||
            record->disposition == filter->disposition) &&
           (filter->since_utc_ms == 0 ||
            record->claimed_utc_ms >= filter->since_utc_ms) &&
           (filter->until_utc_ms == 0 ||
            record->claimed_utc_ms < filter->until_utc_ms);
}

/* Attempts after an id, of one phone or of all, one at a time. */
static const od__memory_attempt *next_attempt(const od__memory *memory,
                                              const od__memory_line *line,
                                              const od__memory_attempt *last,
                                              od_id after)
{
    if (line == NULL) {
        return od__rows_of_id(&memory->attempts,
                              last != NULL ? last->record.attempt + 1
                                           : (after > 0 ? after : 0) + 1);
    }
    const od__memory_attempt *next =
        last != NULL ? last->next_of_phone : line->attempts_first;
    while (next != NULL && next->record.attempt <= after) {
        next = next->next_of_phone;
    }
    return next;
}

od_err od__memory_message_scan(void *ctx, const od_call_filter *filter,
                               uint64_t phone, od_id after,
                               od_message_record *rows, size_t rows_max,
                               size_t *count)
{
    const od__memory *memory = ctx;
    const od__memory_line *line = od__memory_line_find(memory, phone);
    const od__memory_attempt *attempt = NULL;
    size_t len = 0;
    if (after < INT64_MAX && (phone == 0 || line != NULL)) {
        attempt = next_attempt(memory, line, NULL, after);
    }
    while (attempt != NULL && len < rows_max) {
        if (passes(attempt, filter)) {
            read_row(memory, attempt->message, &rows[len++]);
        }
        attempt = next_attempt(memory, line, attempt, after);
    }
    *count = len;
    return OD_OK;
}

od_err od__memory_message_find(void *ctx, const char *trunk,
                               const char *network_id, od_message_record *out,
                               int32_t *part)
{
    od__memory *memory = ctx;
    uint64_t key = 0;
    const od__memory_part *row =
        network_id[0] != '\0' ? find_part(memory, trunk, network_id, &key)
                              : NULL;
    if (row == NULL) {
        return od__fail(&memory->errmsg, OD_ERR_NOT_FOUND,
                        "trunk \"%s\" has no text \"%s\"", trunk, network_id);
    }
    read_row(memory, row->message, out);
    *part = row->part;
    return OD_OK;
}

od_err od__memory_message_last(void *ctx, uint64_t phone, uint64_t caller_id,
                               od_message_record *out)
{
    od__memory *memory = ctx;
    const od__memory_line *line = od__memory_line_find(memory, phone);
    const od__memory_message *last = NULL;
    for (const od__memory_attempt *attempt =
             line != NULL ? line->attempts_first : NULL;
         attempt != NULL; attempt = attempt->next_of_phone) {
        if (attempt->message != NULL &&
            attempt->record.notice == OD_NOTICE_NONE &&
            (caller_id == 0 || attempt->record.caller_id == caller_id)) {
            last = attempt->message;
        }
    }
    if (last == NULL) {
        return od__fail(&memory->errmsg, OD_ERR_NOT_FOUND,
                        "no text to +%" PRIu64, phone);
    }
    read_row(memory, last, out);
    return OD_OK;
}

/* The first of the heap are taken out, one by one, and put back: each lands
 * behind those that are left, where the next one is put back from. */
od_err od__memory_message_overdue(void *ctx, int64_t utc_ms,
                                  od_message_record *rows, size_t rows_max,
                                  size_t *count)
{
    od__memory *memory = ctx;
    od__rows *open = &memory->open;
    size_t whole = open->len;
    size_t len = 0;
    while (len < rows_max && open->len > 0) {
        od__memory_message *first = open->at[0];
        if (first->record.open_until_utc_ms > utc_ms) {
            break;
        }
        read_row(memory, first, &rows[len++]);
        open_remove(open, first);
        open->at[open->len] = first;
    }
    while (open->len < whole) {
        open_add(open, open->at[open->len]);
    }
    *count = len;
    return OD_OK;
}
