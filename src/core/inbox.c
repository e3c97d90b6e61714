/*
 * inbox.c - receipts and replies until they are durable and acknowledged.
 *
 *     report -> WAITS -> BATCHED -> STORED -> acknowledged
 *                 |         `-- the commit failed: it stays, with the batch
 *                 `-> refused: no room in here or for its events
 *
 * The network keeps what was not acknowledged, so nothing is acknowledged that
 * is not durable, and what cannot be taken is given back rather than dropped. A
 * reply that was stored twice, because the process died in between, is two
 * replies of the same words; nothing follows from the second that did not
 * follow from the first.
 *
 * What has to follow a commit (calls that heed the list, evidence, the place in
 * the list of notices) may fail at the store; then it is tried again by the
 * next step, and only then acknowledged.
 */
#include "core/core.h"

#include "text/text.h"

/* How long nothing goes to who was given back to the network: it has tried again
 * by then. */
#define SHUN_MS 300000

/* -- rooms ---------------------------------------------------------------- */

od_err od__inbox_init(od_engine *engine)
{
    const od_allocator *allocator = &engine->allocator;
    od__inbox *inbox = od__alloc(allocator, sizeof *inbox);
    engine->inbox = inbox;
    if (inbox != NULL) {
        inbox->receipt_rows = od__alloc(
            allocator, OD__RECEIPTS_MAX * sizeof *inbox->receipt_rows);
        inbox->reply_rows =
            od__alloc(allocator, OD__REPLIES_MAX * sizeof *inbox->reply_rows);
    }
    if (inbox == NULL || inbox->receipt_rows == NULL ||
        inbox->reply_rows == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < OD__RECEIPTS_MAX; i++) {
        inbox->receipts[i] = &inbox->receipt_rows[i];
    }
    for (size_t i = 0; i < OD__REPLIES_MAX; i++) {
        inbox->replies[i] = &inbox->reply_rows[i];
    }
    inbox->notices.more = true; /* what a process left that ended */
    return OD_OK;
}

void od__inbox_free(od_engine *engine)
{
    if (engine->inbox != NULL) {
        od__free(&engine->allocator, engine->inbox->receipt_rows);
        od__free(&engine->allocator, engine->inbox->reply_rows);
        od__free(&engine->allocator, engine->inbox);
        engine->inbox = NULL;
    }
}

/* Those in use move to the front and keep their order. */
static void tidy(od__inbox *inbox)
{
    size_t kept = 0;
    for (size_t i = 0; i < inbox->receipts_len; i++) {
        od__receipt *receipt = inbox->receipts[i];
        if (receipt->state != OD__INBOX_FREE) {
            inbox->receipts[i] = inbox->receipts[kept];
            inbox->receipts[kept++] = receipt;
        }
    }
    inbox->receipts_len = kept;
    kept = 0;
    for (size_t i = 0; i < inbox->replies_len; i++) {
        od__reply *reply = inbox->replies[i];
        if (reply->state != OD__INBOX_FREE) {
            inbox->replies[i] = inbox->replies[kept];
            inbox->replies[kept++] = reply;
        }
    }
    inbox->replies_len = kept;
}

/* -- taking --------------------------------------------------------------- */

void od__inbox_answer(od_engine *engine, uint64_t token, od_err err)
{
    OD__TRUNKS(engine, received)(engine->carrier, token, err);
}

/* Not at once: the transport is in the midst of its step. */
static void refuse(od_engine *engine, uint64_t token)
{
    od__inbox *inbox = engine->inbox;
    if (inbox->refused_len == OD__REFUSED_MAX) {
        od__inbox_answer(engine, token, OD_ERR_LIMIT);
        return;
    }
    inbox->refused[inbox->refused_len++] = token;
}

static void take_network_id(const od_report *report, char out[128])
{
    bool has_one = report->network_ids_len > 0 && report->network_ids != NULL &&
                   report->network_ids[0] != NULL;
    od__text_copy(out, 128, has_one ? report->network_ids[0] : "");
}

/* What the network says of itself, as it can be shown. */
static void take_code(const char *code, char out[16])
{
    size_t len = 0;
    for (; code != NULL && code[len] != '\0' && len < 15; len++) {
        out[len] = code[len] >= ' ' && code[len] <= '~' ? code[len] : '?';
    }
    out[len] = '\0';
}

static void take_receipt(od_engine *engine, const od_report *report)
{
    od__inbox *inbox = engine->inbox;
    if (inbox->receipts_len == OD__RECEIPTS_MAX) {
        refuse(engine, report->token);
        return;
    }
    od__receipt *receipt = inbox->receipts[inbox->receipts_len++];
    memset(receipt, 0, sizeof *receipt);
    receipt->state = OD__INBOX_WAITS;
    receipt->trunk = report->trunk;
    receipt->delivery = report->delivery;
    receipt->disposition = report->disposition == OD_DISPOSITION_NOT_FOUND
                               ? OD_DISPOSITION_NOT_FOUND
                               : OD_DISPOSITION_UNDELIVERED;
    receipt->token = report->token;
    receipt->came_mono_ms = engine->now.mono_ms;
    receipt->look_mono_ms = engine->now.mono_ms;
    take_network_id(report, receipt->network_id);
    take_code(report->network_code, receipt->network_code);
}

/* The text as it came, cut between characters; what is no UTF-8 becomes the
 * character that stands for it. */
static void take_text(const char *text, char *out, size_t out_size)
{
    const char *at = text != NULL ? text : "";
    const char *end = at + strlen(at);
    size_t len = 0;
    while (at < end) {
        char bytes[4];
        size_t more = od__char_put(od__char_next(&at, end), bytes);
        if (len + more >= out_size) {
            break;
        }
        memcpy(out + len, bytes, more);
        len += more;
    }
    out[len] = '\0';
}

/* Tells a reply from every other, also of an engine with the same seed. */
static int64_t nonce_of(od_engine *engine, const od__reply *reply)
{
    const uint64_t facts[] = {od__rand_next(&engine->rand), reply->token,
                              (uint64_t)reply->utc_ms, reply->phone};
    uint8_t hash[32];
    int64_t out = 0;
    od__sha256_pair(facts, sizeof facts, reply->text, strlen(reply->text),
                    hash);
    memcpy(&out, hash, sizeof out);
    return out;
}

/* Digits of a number, or 0 where there are more than a number has. */
static uint64_t take_number(uint64_t number)
{
    return number < UINT64_C(1000000000000000) ? number : 0;
}

void od__inbox_shun(od_engine *engine, uint64_t phone, uint64_t national)
{
    od__inbox *inbox = engine->inbox;
    inbox->shunned[inbox->shunned_at++ % OD__SHUNNED_MAX] =
        (od__shunned){.phone = phone,
                      .national = national,
                      .until_mono_ms = engine->now.mono_ms + SHUN_MS};
}

static void take_reply(od_engine *engine, const od_report *report)
{
    od__inbox *inbox = engine->inbox;
    if (inbox->replies_len == OD__REPLIES_MAX) {
        uint64_t phone = take_number(report->from);
        od__inbox_shun(engine, phone, od__reply_national(engine, phone));
        refuse(engine, report->token);
        return;
    }
    od__reply *reply = inbox->replies[inbox->replies_len++];
    memset(reply, 0, sizeof *reply);
    reply->state = OD__INBOX_WAITS;
    reply->trunk = report->trunk;
    reply->token = report->token;
    reply->phone = take_number(report->from);
    reply->national = od__reply_national(engine, reply->phone);
    reply->to = take_number(report->to);
    reply->utc_ms = engine->now.utc_ms;
    take_network_id(report, reply->network_id);
    take_text(report->text, reply->text, sizeof reply->text);
    reply->nonce = nonce_of(engine, reply);
}

void od__inbox_take(od_engine *engine, const od_report *report)
{
    if (engine->inbox == NULL || engine->transport_ops->received == NULL) {
        return; /* a transport without an ear for the answer */
    }
    if (report->kind == OD_REPORT_RECEIPT) {
        take_receipt(engine, report);
    } else {
        take_reply(engine, report);
    }
}

/* -- a step --------------------------------------------------------------- */

od_err od__inbox_campaign(od_engine *engine, od_id id,
                          const od_campaign_record **out)
{
    od__inbox *inbox = engine->inbox;
    const od__active *active = od__roster_find(engine, id);
    *out = NULL;
    if (active != NULL) {
        *out = &active->record;
        return OD_OK;
    }
    if (id == 0 || inbox->campaign.id == id) {
        *out = id != 0 ? &inbox->campaign : NULL;
        return OD_OK;
    }
    inbox->campaign.id = 0;
    od_err err =
        OD__STORE(engine, campaign_get)(engine->store, id, &inbox->campaign);
    if (err != OD_OK) {
        inbox->campaign.id = 0;
        return err == OD_ERR_NOT_FOUND ? OD_OK : od__store_err(engine, err);
    }
    *out = &inbox->campaign;
    return OD_OK;
}

bool od__inbox_waits(const od_engine *engine, uint64_t phone)
{
    const od__inbox *inbox = engine->inbox;
    for (size_t i = 0; i < inbox->replies_len; i++) {
        const od__reply *reply = inbox->replies[i];
        if (reply->state == OD__INBOX_WAITS && od__reply_is_of(reply, phone)) {
            return true;
        }
    }
    for (size_t i = 0; i < OD__SHUNNED_MAX; i++) {
        const od__shunned *shunned = &inbox->shunned[i];
        if (shunned->until_mono_ms > engine->now.mono_ms &&
            (shunned->phone == phone || shunned->national == phone)) {
            return true;
        }
    }
    return false;
}

od_err od__inbox_turn(od_engine *engine, size_t rows_max)
{
    od__inbox *inbox = engine->inbox;
    for (size_t i = 0; i < inbox->refused_len; i++) {
        od__inbox_answer(engine, inbox->refused[i], OD_ERR_LIMIT);
    }
    inbox->refused_len = 0;
    inbox->campaign.id = 0; /* it may have changed */
    od_err err = od__replies_turn(engine, rows_max);
    if (err == OD_OK) {
        err = od__receipts_turn(engine, rows_max);
    }
    tidy(inbox);
    return err;
}

od_err od__inbox_done(od_engine *engine)
{
    od__inbox *inbox = engine->inbox;
    od__receipts_done(engine);
    od_err err = od__replies_done(engine);
    tidy(inbox);
    return err;
}

int64_t od__inbox_deadline_ms(const od_engine *engine)
{
    const od__inbox *inbox = engine->inbox;
    int64_t now = engine->now.mono_ms;
    int64_t at = od__notices_deadline_ms(engine);
    if (inbox->replies_len > 0 || inbox->refused_len > 0) {
        return now;
    }
    for (size_t i = 0; i < inbox->receipts_len; i++) {
        int64_t look = inbox->receipts[i]->look_mono_ms;
        at = look < at ? look : at;
    }
    if (inbox->overdue_utc_ms != OD_NEVER) {
        int64_t wait_ms = inbox->overdue_utc_ms - engine->now.utc_ms;
        int64_t look = wait_ms > 0 ? now + wait_ms : now;
        look = look > inbox->sweep_mono_ms ? look : inbox->sweep_mono_ms;
        at = look < at ? look : at;
    }
    return at > now ? at : now;
}
