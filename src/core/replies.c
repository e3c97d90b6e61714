/*
 * replies.c - what a reply asks for, and what follows from it.
 *
 * The words of law decide (od_reply_classify). Who opts out is on the list for
 * everything, in the commit that stores the reply; START takes back what was
 * asked for by a reply. A text that is neither may answer the campaign's survey
 * (text_survey.c). The rest is the host's to read.
 *
 * Replies of one number are taken in their order, one in a commit, and the next
 * not before all that follows from the one before is done: STOP behind START
 * must find the evidence that it revokes.
 *
 * START is evidence of EXPRESS consent for the campaign's seller and purpose:
 * the person wrote it and is known by the number alone, so it is not WRITTEN,
 * which asks for a signed agreement.
 *
 * Source: 47 CFR 64.1200(a)(10), (a)(12); 47 CFR 64.1200(f)(9) (written).
 */
#include "core/core.h"

#define PAGE_ROWS 16
#define HOUR_MS 3600000

/* A network hands over again what was not acknowledged within this. */
#define AGAIN_MS 600000

/* REPLY, OPT_OUT and ANSWER. */
#define EVENTS_MAX 3

/* -- what was written before ---------------------------------------------- */

/* Looks at a stored reply of the number; true: that is enough. */
typedef bool (*on_stored)(void *ctx, const od_reply_record *row);

static od_err each_stored(od_engine *engine, uint64_t phone,
                          int64_t since_utc_ms, int64_t until_utc_ms,
                          on_stored visit, void *ctx)
{
    od_reply_filter filter;
    od_reply_record rows[PAGE_ROWS];
    size_t count = PAGE_ROWS;
    od_id after = 0;
    od_reply_filter_init(&filter);
    filter.since_utc_ms = since_utc_ms;
    filter.until_utc_ms = until_utc_ms;
    while (count == PAGE_ROWS) {
        od_err err = OD__STORE(engine, reply_scan)(
            engine->store, &filter, phone, after, rows, PAGE_ROWS, &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            after = rows[i].id;
            if (visit(ctx, &rows[i])) {
                return OD_OK;
            }
        }
    }
    return OD_OK;
}

/* Does the last word of the number that counts ask to be left alone? */
static bool note_word(void *ctx, const od_reply_record *row)
{
    bool *opted_out = ctx;
    if (row->kind == OD_REPLY_OPT_OUT || row->kind == OD_REPLY_START) {
        *opted_out = row->kind == OD_REPLY_OPT_OUT;
    }
    return false;
}

/* Was, or will be, HELP answered? */
typedef struct help {
    int64_t utc_ms; /* now */
    bool answered;
} help;

static bool note_help(void *ctx, const od_reply_record *row)
{
    help *h = ctx;
    bool will_be =
        row->owed == OD_NOTICE_HELP && row->owed_until_utc_ms > h->utc_ms;
    h->answered = row->kind == OD_REPLY_HELP &&
                  (will_be || row->answered == OD_NOTICE_HELP);
    return h->answered;
}

/* Was the question of an attempt answered by an earlier reply? */
typedef struct earlier {
    od_id attempt;
    const od__question *question;
    bool answered;
} earlier;

static bool note_answer(void *ctx, const od_reply_record *row)
{
    earlier *e = ctx;
    char digits[OD__DIGITS_MAX + 1];
    char choice[64];
    int32_t next = 0;
    bool may_answer =
        row->attempt == e->attempt &&
        (row->kind == OD_REPLY_OTHER || row->kind == OD_REPLY_OPT_OUT) &&
        od_reply_classify(row->text, 0) == OD_REPLY_OTHER;
    e->answered = may_answer && od__text_survey_match(e->question, row->text,
                                                      digits, choice, &next);
    return e->answered;
}

/* Is it a START that was stored before a STOP, and is handed over again? */
typedef struct again {
    const char *text;
    bool started;
    bool stopped;
} again;

static bool note_again(void *ctx, const od_reply_record *row)
{
    again *a = ctx;
    if (row->kind == OD_REPLY_START && strcmp(row->text, a->text) == 0) {
        a->started = true;
        a->stopped = false;
    } else if (row->kind == OD_REPLY_OPT_OUT) {
        a->stopped = a->started;
    }
    return false;
}

/* The row of a reply that was stored. */
typedef struct stored {
    int64_t nonce;
    od_reply_record row; /* id 0: not there */
} stored;

static bool note_row(void *ctx, const od_reply_record *row)
{
    stored *s = ctx;
    if (row->nonce == s->nonce) {
        s->row = *row;
    }
    return s->row.id != 0;
}

/* -- what it asks for ----------------------------------------------------- */

/* Only numbers are on the list, and get notices; short codes are machines. */
static bool is_of_person(const od__reply *reply)
{
    return reply->phone >= OD__SHORT_CODES;
}

/* YES is START of who is on the list by a reply. */
static od_err classify_yes(od_engine *engine, od__reply *reply)
{
    bool listed = false;
    bool opted_out = false;
    od_err err = OD__STORE(engine, dnc_check)(engine->store, reply->phone,
                                              OD_CHANNEL_TEXT, reply->campaign,
                                              engine->now.utc_ms, &listed);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    if (listed) {
        err = each_stored(engine, reply->phone, 0, 0, note_word, &opted_out);
    }
    reply->kind = opted_out ? OD_REPLY_START : reply->kind;
    return err;
}

/* A network may hand over a reply again: a START that came before a STOP does
 * not undo it, and is the host's to read. */
static od_err doubt_start(od_engine *engine, od__reply *reply)
{
    again a = {.text = reply->text};
    od_err err = each_stored(engine, reply->phone,
                             engine->now.utc_ms - AGAIN_MS, 0, note_again, &a);
    reply->kind = a.stopped ? OD_REPLY_OTHER : reply->kind;
    return err;
}

static od_err classify(od_engine *engine, od__reply *reply)
{
    od_err err = OD_OK;
    reply->kind = od_reply_classify(reply->text, 0);
    if (!is_of_person(reply)) {
        return OD_OK;
    }
    if (reply->kind == OD_REPLY_OTHER &&
        od_reply_classify(reply->text, OD_REPLY_YES_STARTS) == OD_REPLY_START) {
        err = classify_yes(engine, reply);
    }
    if (err == OD_OK && reply->kind == OD_REPLY_START) {
        err = doubt_start(engine, reply);
    }
    return err;
}

/* An answer to the campaign's question; one for each text. A choice that opts
 * out does. */
static od_err find_answer(od_engine *engine, od__reply *reply,
                          const od_campaign_record *campaign)
{
    const od__question *question = NULL;
    int32_t next = OD__GOTO_NONE;
    if (reply->kind != OD_REPLY_OTHER || !reply->has_text) {
        return OD_OK;
    }
    od_err err = od__text_survey_question(engine, campaign->survey, &question);
    if (err != OD_OK || question == NULL ||
        !od__text_survey_match(question, reply->text, reply->digits,
                               reply->choice, &next)) {
        return err;
    }
    earlier e = {.attempt = reply->attempt, .question = question};
    err = each_stored(engine, reply->phone, 0, 0, note_answer, &e);
    reply->answers = err == OD_OK && !e.answered;
    od__text_copy(reply->question, sizeof reply->question, question->name);
    if (next == OD__GOTO_OPT_OUT && is_of_person(reply)) {
        reply->kind = OD_REPLY_OPT_OUT;
    }
    return err;
}

static od_err find_owed(od_engine *engine, const od__reply *reply,
                        const od_campaign_record *campaign, int32_t *out)
{
    help h = {.utc_ms = engine->now.utc_ms};
    *out = OD_NOTICE_NONE;
    if (!is_of_person(reply)) {
        return OD_OK;
    }
    if (reply->kind == OD_REPLY_OPT_OUT && campaign->confirm_text[0] != '\0') {
        *out = OD_NOTICE_CONFIRM;
    }
    if (reply->kind != OD_REPLY_HELP || campaign->help_text[0] == '\0') {
        return OD_OK;
    }
    od_err err =
        each_stored(engine, reply->phone, h.utc_ms - HOUR_MS, 0, note_help, &h);
    *out = h.answered ? OD_NOTICE_NONE : OD_NOTICE_HELP;
    return err;
}

/* -- into the batch ------------------------------------------------------- */

void od__reply_entry(uint64_t phone, od_id attempt, int64_t utc_ms,
                     od_dnc_record *out)
{
    *out = (od_dnc_record){.phone = phone,
                           .scope = OD_DNC_ALL,
                           .attempt = attempt,
                           .reason = "asked by reply",
                           .source = "reply",
                           .added_utc_ms = utc_ms};
}

static void put_entry(od_engine *engine, const od__reply *reply)
{
    od__batch *batch = engine->batch;
    od_dnc_record *row = &batch->dnc[batch->dnc_len++];
    od__writer payload;
    od__reply_entry(reply->phone, reply->attempt, engine->now.utc_ms, row);
    od__ledger_row(engine, OD_LEDGER_DNC_ADD, reply->attempt, &payload);
    od__ledger_dnc(row, &payload);
}

static void put_release(od_engine *engine, const od__reply *reply)
{
    od__batch *batch = engine->batch;
    char phone[OD_PHONE_MAX + 1];
    od__writer payload;
    batch->releases[batch->releases_len++] = (od_release){
        .phone = reply->phone, .source = "reply", .utc_ms = engine->now.utc_ms};
    od__phone_text(reply->phone, phone);
    od__ledger_row(engine, OD_LEDGER_DNC_REMOVE, 0, &payload);
    od__write(&payload, "{\"phone\":\"%s\",\"source\":\"reply\"}", phone);
}

static void put_answer(od_engine *engine, const od__reply *reply)
{
    od__batch *batch = engine->batch;
    char phone[OD_PHONE_MAX + 1];
    od__writer payload;
    batch->answers[batch->answers_len++] =
        (od_answer_record){.campaign = reply->campaign,
                           .attempt = reply->attempt,
                           .phone = reply->phone,
                           .utc_ms = engine->now.utc_ms,
                           .visit = 1,
                           .question = reply->question,
                           .digits = reply->digits,
                           .choice = reply->choice};
    od__roster_answer(engine, reply->campaign, reply->question, reply->choice);
    od__sender_text(reply->phone, phone);
    od__ledger_row(engine, OD_LEDGER_ANSWER, reply->attempt, &payload);
    od__write(&payload, "{\"campaign\":%lld,\"phone\":\"%s\",\"question\":",
              (long long)reply->campaign, phone);
    od__write_json(&payload, reply->question);
    od__write(&payload, ",\"digits\":\"%s\",\"choice\":", reply->digits);
    od__write_json(&payload, reply->choice);
    od__write(&payload, ",\"visit\":1}");
}

/* What was written stays in the store, where it can be erased; the ledger has
 * its hash. */
static void write_ledger(od_engine *engine, const od__reply *reply,
                         const char *trunk)
{
    char phone[OD_PHONE_MAX + 1];
    char to[OD_PHONE_MAX + 1];
    char hash[65];
    uint8_t sha256[32];
    od__writer payload;
    od__sender_text(reply->phone, phone);
    od__sender_text(reply->to, to);
    od__sha256(reply->text, strlen(reply->text), sha256);
    od__hex(sha256, sizeof sha256, hash);
    od__ledger_row(engine, OD_LEDGER_REPLY, reply->attempt, &payload);
    od__write(&payload, "{\"phone\":\"%s\",\"to\":\"%s\",\"trunk\":", phone,
              to);
    od__write_json(&payload, trunk);
    if (reply->campaign != 0) {
        od__write(&payload, ",\"campaign\":%lld", (long long)reply->campaign);
    }
    od__write(&payload, ",\"kind\":\"%s\",\"text_sha256\":\"%s\"}",
              od_reply_kind_name(reply->kind), hash);
}

static void put_reply(od_engine *engine, od__reply *reply, od_id contact,
                      int32_t owed)
{
    od__batch *batch = engine->batch;
    bool lists = reply->kind == OD_REPLY_OPT_OUT && is_of_person(reply);
    bool known = reply->trunk >= 0 && reply->trunk < engine->trunks_len;
    const char *trunk = known ? engine->trunks[reply->trunk].info.name : "";
    if (reply->answers) {
        put_answer(engine, reply);
    }
    if (lists) {
        put_entry(engine, reply);
    }
    if (reply->kind == OD_REPLY_START && is_of_person(reply)) {
        put_release(engine, reply);
    }
    batch->replies[batch->replies_len++] = (od_reply_record){
        .nonce = reply->nonce,
        .campaign = reply->campaign,
        .attempt = reply->attempt,
        .contact = contact,
        .phone = reply->phone,
        .to = reply->to,
        .trunk = trunk,
        .network_id = reply->network_id,
        .text = reply->text,
        .utc_ms = reply->utc_ms,
        .kind = reply->kind,
        .owed = owed,
        .dnc_at = lists ? (int32_t)batch->dnc_len - 1 : OD_NONE,
        .owed_until_utc_ms =
            owed != OD_NOTICE_NONE ? reply->utc_ms + OD__OWED_MS : 0};
    write_ledger(engine, reply, trunk);
    reply->state = OD__INBOX_BATCHED;
}

/* -- looking -------------------------------------------------------------- */

uint64_t od__reply_national(const od_engine *engine, uint64_t number)
{
    char digits[24];
    uint64_t out = 0;
    (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    bool is_one =
        number >= OD__SHORT_CODES &&
        od__phone_parse(digits, engine->country, &out) == OD__PHONE_OK;
    return is_one && out != number ? out : 0;
}

bool od__reply_is_of(const od__reply *reply, uint64_t phone)
{
    return reply->phone == phone ||
           (reply->national != 0 && reply->national == phone);
}

/* May the person have it? */
static bool may_have(const od_message_record *message)
{
    return message->ended_utc_ms == 0 ||
           message->delivery != OD_DELIVERY_NONE ||
           message->disposition == OD_DISPOSITION_UNKNOWN;
}

/* A text that the network did not take cannot be answered: the last one before
 * it that the person may have. There may be none: it stays as it is. */
static od_err find_before(od_engine *engine, uint64_t from,
                          od_message_record *message)
{
    od_message_record rows[PAGE_ROWS];
    od_message_record last = *message;
    size_t count = may_have(message) ? 0 : PAGE_ROWS;
    od_id after = 0;
    while (count == PAGE_ROWS) {
        od_err err =
            OD__STORE(engine, message_scan)(engine->store, NULL, message->phone,
                                            after, rows, PAGE_ROWS, &count);
        if (err != OD_OK) {
            return err;
        }
        for (size_t i = 0; i < count; i++) {
            bool is_it = rows[i].notice == OD_NOTICE_NONE &&
                         may_have(&rows[i]) &&
                         (from == 0 || rows[i].caller_id == from);
            after = rows[i].attempt;
            last = is_it ? rows[i] : last;
        }
    }
    *message = last;
    return OD_OK;
}

/* The last text to a phone: from the number that the reply was written to, or
 * from any. */
static od_err find_last(od_engine *engine, od__reply *reply, uint64_t phone,
                        od_message_record *out)
{
    const uint64_t froms[] = {reply->to, od__reply_national(engine, reply->to),
                              0};
    od_err err = OD_ERR_NOT_FOUND;
    for (size_t i = 0; err == OD_ERR_NOT_FOUND && i < OD__LEN(froms); i++) {
        bool any = i + 1 == OD__LEN(froms);
        if (phone == 0 || (froms[i] == 0 && !any)) {
            continue;
        }
        err = OD__STORE(engine, message_last)(engine->store, phone, froms[i],
                                              out);
        if (err == OD_OK) {
            reply->to = any ? reply->to : froms[i];
            err = find_before(engine, froms[i], out);
        }
    }
    return err;
}

/* The text it answers. A network may leave out the country, as its people do:
 * whom a text was sent to says whether it did. */
static od_err find_text(od_engine *engine, od__reply *reply, od_id *contact)
{
    od_message_record message;
    od_err err = find_last(engine, reply, reply->phone, &message);
    if (err == OD_ERR_NOT_FOUND) {
        err = find_last(engine, reply, reply->national, &message);
        reply->phone = err == OD_OK ? reply->national : reply->phone;
    }
    if (err == OD_ERR_NOT_FOUND) {
        return OD_OK; /* it answers nobody's */
    }
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    reply->campaign = message.campaign;
    reply->attempt = message.attempt;
    reply->has_text = may_have(&message);
    *contact = message.contact;
    return OD_OK;
}

static od_err look(od_engine *engine, od__reply *reply)
{
    const od_campaign_record *campaign = NULL;
    od_id contact = 0;
    int32_t owed = OD_NOTICE_NONE;
    reply->campaign = 0;
    reply->attempt = 0;
    reply->has_text = false;
    od_err err = find_text(engine, reply, &contact);
    if (err == OD_OK) {
        err = classify(engine, reply);
    }
    if (err == OD_OK) {
        err = od__inbox_campaign(engine, reply->campaign, &campaign);
    }
    if (err == OD_OK && campaign != NULL) {
        err = find_answer(engine, reply, campaign);
    }
    if (err == OD_OK && campaign != NULL) {
        err = find_owed(engine, reply, campaign, &owed);
    }
    if (err == OD_OK) {
        put_reply(engine, reply, contact, owed);
    }
    return err;
}

static bool may_be_same(const od__reply *a, const od__reply *b)
{
    return od__reply_is_of(a, b->phone) || od__reply_is_of(b, a->phone);
}

/* Is one in front of it that came from the same number? */
static bool is_behind(const od__inbox *inbox, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (inbox->replies[i]->state != OD__INBOX_FREE &&
            may_be_same(inbox->replies[i], inbox->replies[at])) {
            return true;
        }
    }
    return false;
}

static void let_go(od_engine *engine, od__reply *reply, od_err err)
{
    od__events_release(engine, reply->promised);
    reply->promised = 0;
    od__inbox_answer(engine, reply->token, err);
    reply->state = OD__INBOX_FREE;
}

od_err od__replies_turn(od_engine *engine, size_t rows_max)
{
    od__inbox *inbox = engine->inbox;
    size_t before = engine->batch->replies_len;
    for (size_t i = 0; i < inbox->replies_len; i++) {
        od__reply *reply = inbox->replies[i];
        if (engine->batch->replies_len - before >= rows_max) {
            break;
        }
        if (reply->state != OD__INBOX_WAITS || is_behind(inbox, i)) {
            continue;
        }
        if (reply->phone == 0) { /* of nobody */
            let_go(engine, reply, OD_OK);
            continue;
        }
        if (!od__events_promise(engine, EVENTS_MAX)) {
            od__inbox_shun(engine, reply->phone, reply->national);
            let_go(engine, reply, OD_ERR_LIMIT);
            continue;
        }
        reply->promised = EVENTS_MAX;
        od_err err = look(engine, reply);
        if (err == OD_ERR_CORRUPT) { /* it must not stand in the way for ever */
            let_go(engine, reply, err);
        } else if (err != OD_OK) {
            od__events_release(engine, reply->promised);
            reply->promised = 0;
        }
        if (err != OD_OK) {
            return err;
        }
    }
    return OD_OK;
}

/* -- once it is durable --------------------------------------------------- */

/* Who wrote START agreed: evidence, for whom the campaign speaks. */
static od_err add_consent(od_engine *engine, const od__reply *reply, od_id id)
{
    const od_campaign_record *campaign = NULL;
    char reference[24];
    char text[OD__CONSENT_PAYLOAD];
    od__writer payload;
    od_ledger_entry ledger;
    od_err err = od__inbox_campaign(engine, reply->campaign, &campaign);
    if (err != OD_OK || campaign == NULL || campaign->seller[0] == '\0' ||
        campaign->purpose == OD_PURPOSE_UNSTATED) {
        return err;
    }
    (void)snprintf(reference, sizeof reference, "%lld", (long long)id);
    const od_consent_record row = {.phone = reply->phone,
                                   .kind = OD_CONSENT_EXPRESS,
                                   .purpose = campaign->purpose,
                                   .obtained_utc_ms = reply->utc_ms,
                                   .added_utc_ms = engine->now.utc_ms,
                                   .seller = campaign->seller,
                                   .how = "text",
                                   .text = reply->text,
                                   .reference = reference,
                                   .who = ""};
    od__writer_init(&payload, text, sizeof text);
    od__consent_payload(&row, &payload);
    od__ledger_entry(engine, &ledger, OD_LEDGER_CONSENT_ADD, 0, text);
    return od__store_err(
        engine, OD__STORE(engine, consent_add)(engine->store, &row, &ledger, 1,
                                               engine->now.utc_ms, NULL));
}

static od_event *event(od_engine *engine, od__reply *reply, od_event_type type)
{
    reply->promised--;
    od__events_release(engine, 1);
    return od__events_put(engine, type);
}

static void tell(od_engine *engine, od__reply *reply, od_id id)
{
    char phone[OD_PHONE_MAX + 1];
    od__sender_text(reply->phone, phone);
    od_event_reply *r = &event(engine, reply, OD_EVENT_REPLY)->u.reply;
    r->reply = id;
    r->campaign = reply->campaign;
    r->attempt = reply->attempt;
    memcpy(r->phone, phone, sizeof phone);
    r->kind = reply->kind;
    od__text_copy(r->text, sizeof r->text, reply->text);
    if (reply->answers) {
        od_event_answer *a = &event(engine, reply, OD_EVENT_ANSWER)->u.answer;
        a->campaign = reply->campaign;
        a->attempt = reply->attempt;
        memcpy(a->phone, phone, sizeof phone);
        od__text_copy(a->question, sizeof a->question, reply->question);
        od__text_copy(a->digits, sizeof a->digits, reply->digits);
        od__text_copy(a->choice, sizeof a->choice, reply->choice);
    }
    if (reply->kind == OD_REPLY_OPT_OUT && is_of_person(reply)) {
        od_event_opt_out *o =
            &event(engine, reply, OD_EVENT_OPT_OUT)->u.opt_out;
        o->campaign = reply->campaign;
        o->attempt = reply->attempt;
        memcpy(o->phone, phone, sizeof phone);
    }
}

/* All that follows; again from the beginning after a failure. */
static od_err follow(od_engine *engine, od__reply *reply)
{
    stored s = {.nonce = reply->nonce};
    od_err err = each_stored(engine, reply->phone, reply->utc_ms,
                             reply->utc_ms + 1, note_row, &s);
    bool of_person = is_of_person(reply);
    if (err == OD_OK && of_person && reply->kind == OD_REPLY_OPT_OUT) {
        err = od__calls_heed_dnc(engine, reply->phone);
        od__roster_stale(engine);
    }
    if (err == OD_OK && of_person && reply->kind == OD_REPLY_START) {
        err = add_consent(engine, reply, s.row.id);
        od__roster_stale(engine);
    }
    if (err != OD_OK) {
        return err;
    }
    od__notice_add(engine, &s.row);
    tell(engine, reply, s.row.id);
    let_go(engine, reply, OD_OK);
    return OD_OK;
}

od_err od__replies_done(od_engine *engine)
{
    od__inbox *inbox = engine->inbox;
    od_err err = OD_OK;
    for (size_t i = 0; i < inbox->replies_len; i++) {
        od__reply *reply = inbox->replies[i];
        if (reply->state == OD__INBOX_BATCHED) {
            reply->state = OD__INBOX_STORED;
        }
        if (reply->state == OD__INBOX_STORED && err == OD_OK) {
            err = follow(engine, reply);
        }
    }
    return err;
}
