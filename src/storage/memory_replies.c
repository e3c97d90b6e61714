/*
 * memory_replies.c - texts that came in, and notices that answer them.
 *
 * A reply hangs on the line of who wrote it, and while it is owed a notice in a
 * list by id, which is short: notices are claimed within minutes, or lapse.
 */
#include "storage/memory.h"

/* == what is owed ========================================================= */

/* Put a reply, which is in no list, into that of those that are owed. The last
 * ones that came are looked at first. */
static void owe(od__memory *memory, od__memory_reply *reply, int32_t notice,
                int64_t until_utc_ms)
{
    reply->record.owed = notice;
    reply->record.owed_until_utc_ms = until_utc_ms;
    od__memory_reply *before = memory->owed_last;
    while (before != NULL && before->record.id > reply->record.id) {
        before = before->owed_prev;
    }
    reply->owed_prev = before;
    reply->owed_next =
        before != NULL ? before->owed_next : memory->owed_first;
    *(before != NULL ? &before->owed_next : &memory->owed_first) = reply;
    *(reply->owed_next != NULL ? &reply->owed_next->owed_prev
                               : &memory->owed_last) = reply;
}

/* It is owed nothing any more. */
static void settle(od__memory *memory, od__memory_reply *reply)
{
    if (reply->record.owed == OD_NOTICE_NONE) {
        return;
    }
    *(reply->owed_prev != NULL ? &reply->owed_prev->owed_next
                               : &memory->owed_first) = reply->owed_next;
    *(reply->owed_next != NULL ? &reply->owed_next->owed_prev
                               : &memory->owed_last) = reply->owed_prev;
    reply->owed_next = NULL;
    reply->owed_prev = NULL;
    reply->record.owed = OD_NOTICE_NONE;
    reply->record.owed_until_utc_ms = 0;
}

/* == replies ============================================================== */

bool od__memory_replies_reserve(od__memory *memory,
                                const od_reply_record *records, size_t len)
{
    const od_allocator *allocator = &memory->allocator;
    for (size_t i = 0; i < len; i++) {
        if (od__memory_line_make(memory, records[i].phone) == NULL) {
            return false;
        }
    }
    return od__rows_reserve(&memory->replies, len, allocator) &&
           od__pool_reserve(&memory->reply_pool, len, allocator) &&
           od__map_reserve(&memory->replies_by_nonce, len, allocator);
}

bool od__memory_reply_add(od__memory *memory, const od_reply_record *record,
                          bool owes)
{
    uint64_t nonce = (uint64_t)record->nonce;
    if (od__map_get(&memory->replies_by_nonce, nonce) != NULL) {
        return false;
    }
    od__memory_reply *reply = od__pool_take(&memory->reply_pool);
    od__rows_push(&memory->replies, reply);
    od__map_put(&memory->replies_by_nonce, nonce, reply);
    reply->record = *record;
    reply->record.id = (od_id)memory->replies.len;
    reply->record.trunk = od__texts_add(&memory->texts, record->trunk);
    reply->record.network_id =
        od__texts_add(&memory->texts, record->network_id);
    reply->record.text = od__texts_add(&memory->texts, record->text);
    reply->record.owed = OD_NOTICE_NONE;
    reply->record.answered = OD_NOTICE_NONE;
    reply->record.dnc_at = OD_NONE;
    reply->record.owed_until_utc_ms = 0;

    od__memory_line *line = od__memory_line_find(memory, record->phone);
    *(line->replies_last != NULL ? &line->replies_last->next_of_phone
                                 : &line->replies_first) = reply;
    line->replies_last = reply;
    if (owes && record->owed != OD_NOTICE_NONE) {
        owe(memory, reply, record->owed, record->owed_until_utc_ms);
    }
    od__memory_campaign *campaign =
        od__rows_of_id(&memory->campaigns, record->campaign);
    if (campaign != NULL) {
        od__tally_reply(&campaign->sums);
    }
    return true;
}

void od__memory_replies_forget(od__memory *memory, od__memory_line *line,
                               int64_t before_utc_ms)
{
    od__memory_reply **at = &line->replies_first;
    line->replies_last = NULL;
    while (*at != NULL) {
        od__memory_reply *reply = *at;
        if (reply->record.utc_ms >= before_utc_ms) {
            line->replies_last = reply;
            at = &reply->next_of_phone;
            continue;
        }
        settle(memory, reply);
        reply->record.phone = 0;
        reply->record.contact = 0;
        reply->record.text = "";
        reply->record.network_id = "";
        *at = reply->next_of_phone;
        reply->next_of_phone = NULL;
    }
}

/* == notices ============================================================== */

/* The reply that a claim is about, if the notice may be claimed. */
static od__memory_reply *claimable(const od__memory *memory,
                                   const od_notice_claim *claim,
                                   int64_t utc_ms)
{
    od__memory_reply *reply = od__rows_of_id(&memory->replies, claim->reply);
    if (reply == NULL || reply->record.owed == OD_NOTICE_NONE ||
        reply->record.owed != claim->notice ||
        reply->record.owed_until_utc_ms <= utc_ms) {
        return NULL;
    }
    const od__memory_line *line =
        od__memory_line_find(memory, reply->record.phone);
    od_candidate facts = {.campaign = reply->record.campaign,
                          .phone = reply->record.phone};
    od__memory_dnc_facts(memory, OD_CHANNEL_TEXT, utc_ms, &facts);
    bool listed = claim->unless_listed && facts.dnc;
    return line->flight == NULL && !listed ? reply : NULL;
}

void od__memory_notice_owe(od__memory *memory,
                           const od__memory_message *message,
                           int64_t until_utc_ms)
{
    od__memory_reply *reply =
        od__rows_of_id(&memory->replies, message->record.reply);
    if (reply != NULL && reply->record.owed == OD_NOTICE_NONE) {
        owe(memory, reply, message->record.notice, until_utc_ms);
        reply->record.answered = OD_NOTICE_NONE;
    }
}

void od__memory_notice_claim(od__memory *memory, od_notice_claim *claim,
                             int64_t utc_ms)
{
    od__memory_reply *reply = claimable(memory, claim, utc_ms);
    size_t bytes = od__texts_bytes(claim->session_id) +
                   od__texts_bytes(claim->trunk) +
                   od__texts_bytes(claim->ledger.payload);
    claim->claimed = false;
    if (reply == NULL || !od__memory_flight_reserve(memory, true, bytes)) {
        return;
    }
    const od_reply_record *record = &reply->record;
    const od__memory_start start = {
        .line = od__memory_line_find(memory, record->phone),
        .campaign = od__rows_of_id(&memory->campaigns, record->campaign),
        .reply = record->id,
        .caller_id = claim->caller_id,
        .session_id = claim->session_id,
        .trunk = claim->trunk,
        .text = od__text_or_empty(claim->text),
        .encoding = claim->encoding,
        .segments = claim->segments,
        .notice = claim->notice,
        .utc_ms = utc_ms};
    claim->attempt = od__memory_flight_add(memory, &start);
    claim->claimed = true;
    settle(memory, reply);
    reply->record.answered = claim->notice;
    od_ledger_entry entry = claim->ledger;
    entry.subject = claim->attempt;
    od__memory_ledger_append(memory, &entry);
}

/* == slots ================================================================ */

static bool passes(const od_reply_record *record,
                   const od_reply_filter *filter)
{
    return filter == NULL ||
           ((filter->campaign == 0 || record->campaign == filter->campaign) &&
            (filter->since_utc_ms == 0 ||
             record->utc_ms >= filter->since_utc_ms) &&
            (filter->until_utc_ms == 0 ||
             record->utc_ms < filter->until_utc_ms));
}

od_err od__memory_reply_scan(void *ctx, const od_reply_filter *filter,
                             uint64_t phone, od_id after,
                             od_reply_record *rows, size_t rows_max,
                             size_t *count)
{
    const od__memory *memory = ctx;
    const od__memory_line *line = od__memory_line_find(memory, phone);
    size_t len = 0;
    if (phone != 0) {
        for (const od__memory_reply *reply =
                 line != NULL ? line->replies_first : NULL;
             reply != NULL && len < rows_max; reply = reply->next_of_phone) {
            if (reply->record.id > after && passes(&reply->record, filter)) {
                rows[len++] = reply->record;
            }
        }
    } else {
        size_t at = after > 0 ? (size_t)after : 0;
        for (; at < memory->replies.len && len < rows_max; at++) {
            const od__memory_reply *reply = memory->replies.at[at];
            if (passes(&reply->record, filter)) {
                rows[len++] = reply->record;
            }
        }
    }
    *count = len;
    return OD_OK;
}

od_err od__memory_reply_get(void *ctx, od_id id, od_reply_record *out)
{
    od__memory *memory = ctx;
    const od__memory_reply *reply = od__rows_of_id(&memory->replies, id);
    if (reply == NULL) {
        return od__memory_fail_no(memory, "reply", id);
    }
    *out = reply->record;
    return OD_OK;
}

od_err od__memory_reply_owed(void *ctx, int64_t utc_ms, od_id after,
                             od_reply_record *rows, size_t rows_max,
                             size_t *count)
{
    const od__memory *memory = ctx;
    size_t len = 0;
    for (const od__memory_reply *reply = memory->owed_first;
         reply != NULL && len < rows_max; reply = reply->owed_next) {
        if (reply->record.id > after &&
            reply->record.owed_until_utc_ms > utc_ms) {
            rows[len++] = reply->record;
        }
    }
    *count = len;
    return OD_OK;
}

od_err od__memory_reply_opt_out(void *ctx, const od_reply_record *owed,
                                const od_dnc_record *row,
                                const od_ledger_entry *ledger, bool *added)
{
    od__memory *memory = ctx;
    od__memory_reply *reply = od__rows_of_id(&memory->replies, owed->id);
    if (reply == NULL) {
        return od__memory_fail_no(memory, "reply", owed->id);
    }
    od__memory_dnc **staged = od__memory_dnc_stage(memory, row, 1);
    if (staged == NULL ||
        !od__memory_ledger_reserve(memory, 1,
                                   od__texts_bytes(ledger->payload))) {
        od__memory_dnc_discard(memory, staged, 1);
        return od__memory_fail_full(memory);
    }
    bool is_new = od__memory_dnc_apply(memory, &staged[0]);
    od__free(&memory->allocator, staged);
    reply->record.kind = OD_REPLY_OPT_OUT;
    if (is_new) {
        od__memory_ledger_append(memory, ledger);
        settle(memory, reply);
        if (owed->owed != OD_NOTICE_NONE) {
            owe(memory, reply, owed->owed, owed->owed_until_utc_ms);
        }
    }
    if (added != NULL) {
        *added = is_new;
    }
    return OD_OK;
}
