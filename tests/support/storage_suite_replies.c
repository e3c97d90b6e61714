/*
 * storage_suite_replies.c - texts that came in, and what people take back.
 */
#include "support/storage_kit.h"

#define OTHER (KIT_PHONE + 1)

/* == replies ============================================================== */

static void reply_keeps_every_field(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_reply_record reply = kit_reply(kit, campaign, KIT_PHONE, OD_REPLY_HELP);
    reply.id = 77;       /* ignored */
    reply.answered = 99; /* ignored */
    reply.nonce = INT64_MIN;
    reply.attempt = 5;
    reply.contact = 6;
    reply.to = 24680;
    reply.text = "Hilfe \xf0\x9f\x98\x80";
    reply.owed = OD_NOTICE_HELP;
    reply.owed_until_utc_ms = kit->now + 300000;
    assert_true(kit_reply_put(kit, &reply));
    kit_reopen(kit);
    od_reply_record got = kit_reply_get(kit, kit_reply_last(kit));
    assert_int_equal(got.nonce, INT64_MIN);
    assert_int_equal(got.campaign, campaign);
    assert_int_equal(got.attempt, 5);
    assert_int_equal(got.contact, 6);
    assert_int_equal(got.phone, KIT_PHONE);
    assert_int_equal(got.to, 24680);
    assert_string_equal(got.trunk, KIT_TRUNK);
    assert_string_equal(got.network_id, "in-1");
    assert_string_equal(got.text, "Hilfe \xf0\x9f\x98\x80");
    assert_int_equal(got.utc_ms, kit->now);
    assert_int_equal(got.kind, OD_REPLY_HELP);
    assert_int_equal(got.owed, OD_NOTICE_HELP);
    assert_int_equal(got.owed_until_utc_ms, kit->now + 300000);
    assert_int_equal(got.answered, OD_NOTICE_NONE);
    assert_int_equal(kit_counters(kit, campaign).replies, 1);
}

/* Of no campaign, from a phone that nobody knows, with nothing in it. */
static void reply_of_a_stranger(od_kit *kit)
{
    od_reply_record reply = kit_reply(kit, 0, OTHER + 90, OD_REPLY_OTHER);
    reply.to = 0;
    reply.text = "";
    reply.network_id = "";
    assert_true(kit_reply_put(kit, &reply));
    reply = kit_reply(kit, 4711, OTHER + 91, OD_REPLY_OTHER);
    assert_true(kit_reply_put(kit, &reply)); /* of one that is not there */
    kit_reopen(kit);
    od_reply_record rows[3];
    size_t count = 0;
    kit_ok(kit, OP(reply_scan, NULL, OTHER + 90, 0, rows, 3, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].campaign, 0);
    assert_string_equal(rows[0].text, "");
    assert_string_equal(rows[0].network_id, "");
    od_reply_record out;
    kit_err(kit, OP(reply_get, 999, &out), OD_ERR_NOT_FOUND);
    kit_err(kit, OP(reply_get, 0, &out), OD_ERR_NOT_FOUND);
}

static void reply_as_long_as_can_be(od_kit *kit)
{
    char text[OD_MESSAGE_MAX + 1] = "";
    char id[128] = "";
    memset(text, 'x', OD_MESSAGE_MAX);
    memset(id, 'i', sizeof id - 1);
    od_reply_record reply = kit_reply(kit, 0, KIT_PHONE, OD_REPLY_OTHER);
    reply.text = text;
    reply.network_id = id;
    assert_true(kit_reply_put(kit, &reply));
    kit_reopen(kit);
    od_reply_record got = kit_reply_get(kit, kit_reply_last(kit));
    assert_string_equal(got.text, text);
    assert_string_equal(got.network_id, id);
}

/* Networks hand over twice what they were not acknowledged for. */
static void reply_is_stored_once(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    od_reply_record replies[3];
    od_ledger_entry notes[3];
    for (size_t i = 0; i < 3; i++) {
        replies[i] = kit_reply(kit, campaign, KIT_PHONE, OD_REPLY_OTHER);
        notes[i] = kit_note(kit, OD_LEDGER_REPLY, (od_id)i);
    }
    replies[1].nonce = replies[0].nonce;
    od_exchange exchange = {.utc_ms = kit->now,
                            .replies = replies,
                            .replies_len = 3,
                            .ledger = notes,
                            .ledger_len = 3};
    int64_t rows = kit_ledger_len(kit);
    for (int i = 0; i < 2; i++) {
        kit_ok(kit, OP(exchange, &exchange));
        kit_reopen(kit);
        assert_int_equal(kit_ledger_len(kit), rows + 2);
        assert_int_equal(kit_ledger_last(kit).subject, 2);
        assert_int_equal(kit_counters(kit, campaign).replies, 2);
    }
    replies[2].phone = OTHER; /* whatever else it says */
    assert_false(kit_reply_put(kit, &replies[2]));
    od_reply_record got[4];
    size_t count = 0;
    kit_ok(kit, OP(reply_scan, NULL, 0, 0, got, 4, &count));
    assert_int_equal(count, 2);
    assert_int_equal(got[0].nonce, replies[0].nonce);
    assert_int_equal(got[1].nonce, replies[2].nonce);
}

static size_t count_replies(od_kit *kit, const od_reply_filter *filter,
                            uint64_t phone)
{
    od_reply_record rows[2];
    od_id after = 0;
    size_t count = OD__LEN(rows);
    size_t found = 0;
    while (count == OD__LEN(rows)) {
        kit_ok(kit, OP(reply_scan, filter, phone, after, rows, OD__LEN(rows),
                       &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].id > after);
            after = rows[i].id;
        }
        found += count;
    }
    return found;
}

static void reply_scan_filters(od_kit *kit)
{
    od_id first = kit_texts_with(kit, "c", 1);
    od_id second = kit_text_campaign(
        kit, "d", kit_campaign_get(kit, first).groups[0]);
    for (uint64_t i = 0; i < 7; i++) {
        kit->now += 1000;
        od_reply_record reply =
            kit_reply(kit, i < 4 ? first : second, KIT_PHONE + i % 2,
                      OD_REPLY_OTHER);
        assert_true(kit_reply_put(kit, &reply));
    }
    kit_reopen(kit);
    od_reply_filter filter;
    od_reply_filter_init(&filter);
    assert_int_equal(count_replies(kit, NULL, 0), 7);
    assert_int_equal(count_replies(kit, &filter, 0), 7);
    assert_int_equal(count_replies(kit, &filter, KIT_PHONE), 4);
    assert_int_equal(count_replies(kit, NULL, KIT_PHONE + 99), 0);
    filter.campaign = second;
    assert_int_equal(count_replies(kit, &filter, 0), 3);
    assert_int_equal(count_replies(kit, &filter, OTHER), 1);
    filter.campaign = 0;
    filter.since_utc_ms = kit->now - 2000; /* came then or later */
    assert_int_equal(count_replies(kit, &filter, 0), 3);
    filter.until_utc_ms = kit->now; /* but before */
    assert_int_equal(count_replies(kit, &filter, 0), 2);
    assert_int_equal(count_replies(kit, &filter, KIT_PHONE), 1);
}

/* == opting out =========================================================== */

static od_dnc_record opt_out(od_kit *kit, uint64_t phone, od_id attempt)
{
    return (od_dnc_record){.phone = phone,
                           .scope = OD_DNC_ALL,
                           .attempt = attempt,
                           .reason = "STOP",
                           .source = "reply",
                           .added_utc_ms = kit->now};
}

/* Replies that say STOP, each with its entry: the rows of the ledger. */
static void say_stop(od_kit *kit, od_id campaign, od_id attempt, size_t len,
                     const uint64_t *phones)
{
    od_dnc_record dnc[4];
    od_reply_record replies[4];
    od_ledger_entry notes[8];
    for (size_t i = 0; i < len; i++) {
        dnc[i] = opt_out(kit, phones[i], attempt);
        replies[i] = kit_reply(kit, campaign, phones[i], OD_REPLY_OPT_OUT);
        replies[i].owed = OD_NOTICE_CONFIRM;
        replies[i].owed_until_utc_ms = kit->now + 300000;
        replies[i].dnc_at = (int32_t)i;
        notes[i] = kit_note(kit, OD_LEDGER_DNC_ADD, (od_id)i);
        notes[len + i] = kit_note(kit, OD_LEDGER_REPLY, (od_id)(100 + i));
    }
    od_exchange exchange = {.utc_ms = kit->now,
                            .dnc = dnc,
                            .dnc_len = len,
                            .replies = replies,
                            .replies_len = len,
                            .ledger = notes,
                            .ledger_len = 2 * len};
    kit_ok(kit, OP(exchange, &exchange));
    int64_t rows = kit_ledger_len(kit);
    kit_ok(kit, OP(exchange, &exchange)); /* sent again: nothing changes */
    assert_int_equal(kit_ledger_len(kit), rows);
}

/* What is owed for an entry is owed if it is new: once. */
static void reply_owed_for_a_new_entry(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 2);
    od_id attempt = kit_text(kit, campaign, KIT_PHONE, 1);
    static const uint64_t phones[] = {KIT_PHONE, OTHER, KIT_PHONE};
    say_stop(kit, campaign, attempt, 3, phones);
    kit_reopen(kit);
    od_reply_record rows[4];
    size_t count = 0;
    kit_ok(kit, OP(reply_owed, kit->now, 0, rows, 4, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].phone, KIT_PHONE);
    assert_int_equal(rows[0].owed, OD_NOTICE_CONFIRM);
    assert_int_equal(rows[1].phone, OTHER);
    kit_ok(kit, OP(reply_owed, kit->now, rows[0].id, rows, 4, &count));
    assert_int_equal(count, 1);
    kit_ok(kit, OP(reply_owed, kit->now + 299999, 0, rows, 4, &count));
    assert_int_equal(count, 2);
    kit_ok(kit, OP(reply_owed, kit->now + 300000, 0, rows, 4, &count));
    assert_int_equal(count, 0);
    kit_ok(kit, OP(reply_scan, NULL, KIT_PHONE, 0, rows, 4, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[1].owed, OD_NOTICE_NONE);
    assert_int_equal(rows[1].owed_until_utc_ms, 0);
    assert_int_equal(kit_counters(kit, campaign).opted_out, 2);
    say_stop(kit, campaign, attempt, 1, phones); /* again, much later */
    kit_ok(kit, OP(reply_owed, kit->now, 0, rows, 4, &count));
    assert_int_equal(count, 2);
}

/* An entry that is prolonged counts as new. */
static void reply_owed_for_a_longer_entry(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    assert_true(kit_dnc_put(
        kit, &(od_dnc_record){.phone = KIT_PHONE,
                              .scope = OD_DNC_ALL,
                              .expires_utc_ms = kit->now + 1000}));
    static const uint64_t phones[] = {KIT_PHONE};
    say_stop(kit, campaign, 0, 1, phones);
    od_reply_record row;
    size_t count = 0;
    kit_ok(kit, OP(reply_owed, kit->now, 0, &row, 1, &count));
    assert_int_equal(count, 1);
}

static bool declare(od_kit *kit, od_id id, uint64_t phone, int32_t notice)
{
    od_reply_record owed = {.id = id,
                            .owed = notice,
                            .owed_until_utc_ms = kit->now + 300000};
    od_dnc_record row = opt_out(kit, phone, 0);
    od_ledger_entry note = kit_note(kit, OD_LEDGER_DNC_ADD, id);
    int64_t rows = kit_ledger_len(kit);
    bool added = false;
    kit_ok(kit, OP(reply_opt_out, &owed, &row, &note, &added));
    assert_int_equal(kit_ledger_len(kit), rows + (added ? 1 : 0));
    return added;
}

static void reply_becomes_an_opt_out(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 2);
    od_id ids[3];
    for (size_t i = 0; i < OD__LEN(ids); i++) {
        od_reply_record reply =
            kit_reply(kit, campaign, i < 2 ? KIT_PHONE : OTHER,
                      OD_REPLY_OTHER);
        assert_true(kit_reply_put(kit, &reply));
        ids[i] = kit_reply_last(kit);
    }
    assert_true(declare(kit, ids[1], KIT_PHONE, OD_NOTICE_CONFIRM));
    assert_false(declare(kit, ids[1], KIT_PHONE, OD_NOTICE_CONFIRM));
    assert_false(declare(kit, ids[0], KIT_PHONE, OD_NOTICE_CONFIRM));
    assert_true(declare(kit, ids[2], OTHER, OD_NOTICE_NONE));
    kit_reopen(kit);
    for (size_t i = 0; i < OD__LEN(ids); i++) {
        od_reply_record got = kit_reply_get(kit, ids[i]);
        assert_int_equal(got.kind, OD_REPLY_OPT_OUT);
        assert_int_equal(got.owed,
                         i == 1 ? OD_NOTICE_CONFIRM : OD_NOTICE_NONE);
        assert_int_equal(got.owed_until_utc_ms,
                         i == 1 ? kit->now + 300000 : 0);
        assert_string_equal(got.text, "Stop. Thank you");
    }
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.state, OD_TARGET_BLOCKED);
    assert_int_equal(got.reason, OD_REASON_DNC);
    /* It was claimed once: the same again is owed no other. */
    assert_true(kit_notice(kit, ids[1], OD_NOTICE_CONFIRM, false).claimed);
    assert_false(declare(kit, ids[1], KIT_PHONE, OD_NOTICE_CONFIRM));
    assert_int_equal(kit_reply_get(kit, ids[1]).owed, OD_NOTICE_NONE);
}

static void reply_opt_out_of_nothing(od_kit *kit)
{
    od_reply_record owed = {.id = 5};
    od_dnc_record row = opt_out(kit, KIT_PHONE, 0);
    od_ledger_entry note = kit_note(kit, OD_LEDGER_DNC_ADD, 0);
    bool added = true;
    kit_err(kit, OP(reply_opt_out, &owed, &row, &note, &added),
            OD_ERR_NOT_FOUND);
    assert_true(added);
    assert_int_equal(kit_ledger_len(kit), 0);
    size_t count = 9;
    kit_ok(kit, OP(dnc_scan, 0, &row, 1, &count));
    assert_int_equal(count, 0);
    od_reply_record reply = kit_reply(kit, 0, KIT_PHONE, OD_REPLY_OTHER);
    assert_true(kit_reply_put(kit, &reply));
    owed.id = kit_reply_last(kit);
    row = opt_out(kit, KIT_PHONE, 0);
    kit_ok(kit, OP(reply_opt_out, &owed, &row, &note, NULL));
    assert_int_equal(kit_ledger_len(kit), 2);
}

/* == taking back ========================================================== */

static void put_entry(od_kit *kit, uint64_t phone, bool prefix, int32_t scope,
                      od_id campaign, const char *source)
{
    assert_true(kit_dnc_put(kit, &(od_dnc_record){.phone = phone,
                                                  .prefix = prefix,
                                                  .scope = scope,
                                                  .campaign = campaign,
                                                  .source = source}));
}

static void release_of_one_source(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 3);
    put_entry(kit, KIT_PHONE, false, OD_DNC_ALL, 0, "reply");
    put_entry(kit, KIT_PHONE, false, OD_DNC_TEXT, 0, "reply");
    put_entry(kit, KIT_PHONE, false, OD_DNC_VOICE, 0, "call");
    put_entry(kit, KIT_PHONE, true, OD_DNC_VOICE, 0, "reply");
    put_entry(kit, OTHER, false, OD_DNC_ALL, 0, "reply");
    put_entry(kit, OTHER + 1, false, OD_DNC_ALL, 0, "replying");
    kit->now += 5000;
    assert_false(kit_release(kit, KIT_PHONE, "host"));
    assert_false(kit_release(kit, OTHER + 50, "reply"));
    assert_false(kit_release(kit, OTHER + 1, "reply"));
    assert_true(kit_release(kit, KIT_PHONE, "reply"));
    assert_false(kit_release(kit, KIT_PHONE, "reply"));
    kit_reopen(kit);
    od_dnc_record rows[6];
    size_t count = 0;
    kit_ok(kit, OP(dnc_scan, 0, rows, 6, &count));
    assert_int_equal(count, 4);
    assert_int_equal(rows[0].scope, OD_DNC_VOICE);
    assert_false(rows[0].prefix);
    assert_true(rows[1].prefix);
    assert_int_equal(rows[2].phone, OTHER);
    /* What forbids calls only is no matter for texts. */
    od_candidate got = kit_candidate(kit, campaign, KIT_PHONE);
    assert_int_equal(got.state, OD_TARGET_READY);
    assert_int_equal(got.due_utc_ms, kit->now);
    assert_int_equal(kit_state(kit, campaign, OTHER), OD_TARGET_BLOCKED);
}

static void release_leaves_what_others_forbid(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 3);
    put_entry(kit, KIT_PHONE, false, OD_DNC_ALL, 0, "reply");
    put_entry(kit, KIT_PHONE, false, OD_DNC_TEXT, 0, "host");
    put_entry(kit, OTHER, false, OD_DNC_ALL, 0, "reply");
    put_entry(kit, OTHER, true, OD_DNC_CAMPAIGN, campaign, "host");
    put_entry(kit, OTHER + 1, false, OD_DNC_ALL, 0, "reply");
    kit->now += 1000;
    for (uint64_t i = 0; i < 3; i++) {
        assert_true(kit_release(kit, KIT_PHONE + i, "reply"));
    }
    kit_reopen(kit);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_BLOCKED);
    assert_int_equal(kit_state(kit, campaign, OTHER), OD_TARGET_BLOCKED);
    assert_int_equal(kit_state(kit, campaign, OTHER + 1), OD_TARGET_READY);
}

/* STOP and START in one exchange: in the order of the fields. */
static void release_after_the_entry(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 1);
    const od_dnc_record dnc = opt_out(kit, KIT_PHONE, 0);
    const od_release release = {KIT_PHONE, "reply", kit->now};
    const od_ledger_entry notes[] = {kit_note(kit, OD_LEDGER_DNC_ADD, 1),
                                     kit_note(kit, OD_LEDGER_DNC_REMOVE, 2)};
    od_exchange exchange = {.utc_ms = kit->now,
                            .dnc = &dnc,
                            .dnc_len = 1,
                            .releases = &release,
                            .releases_len = 1,
                            .ledger = notes,
                            .ledger_len = 2};
    int64_t rows = kit_ledger_len(kit);
    kit_ok(kit, OP(exchange, &exchange));
    kit_reopen(kit);
    assert_int_equal(kit_ledger_len(kit), rows + 2);
    assert_false(kit_candidate(kit, campaign, KIT_PHONE).dnc);
    assert_int_equal(kit_state(kit, campaign, KIT_PHONE), OD_TARGET_READY);
}

/* == one exchange of everything =========================================== */

/* A row for each, in the order of the fields; what is ignored has none. */
static void exchange_orders_its_ledger(od_kit *kit)
{
    od_id campaign = kit_texts_with(kit, "c", 4);
    od_id sent = kit_text(kit, campaign, KIT_PHONE, 1);
    od_id ends = kit_claim(kit, campaign, OTHER);
    put_entry(kit, OTHER + 1, false, OD_DNC_ALL, 0, "reply");
    const od_dnc_record dnc[] = {opt_out(kit, KIT_PHONE, sent),
                                 opt_out(kit, KIT_PHONE, sent)};
    const od_answer_record answer = {.campaign = campaign,
                                     .attempt = sent,
                                     .phone = KIT_PHONE,
                                     .utc_ms = kit->now,
                                     .visit = 1,
                                     .question = "q"};
    od_kit_sent ids;
    kit_sent_init(kit, &ids, ends, 1);
    const od_outcome outcome = kit_text_end(kit, ends, OTHER, &ids);
    const od_release releases[] = {{OTHER + 1, "reply", kit->now},
                                   {OTHER + 1, "reply", kit->now}};
    const od_receipt_record receipts[] = {
        kit_receipt(kit, sent, KIT_PHONE, 0, OD_DELIVERY_DELIVERED),
        kit_receipt(kit, sent, KIT_PHONE, 0, OD_DELIVERY_SENT)};
    const od_reply_record reply =
        kit_reply(kit, campaign, KIT_PHONE, OD_REPLY_OPT_OUT);
    od_ledger_entry notes[9];
    static const int32_t kinds[9] = {
        OD_LEDGER_DNC_ADD,    OD_LEDGER_DNC_ADD,    OD_LEDGER_ANSWER,
        OD_LEDGER_OUTCOME,    OD_LEDGER_DNC_REMOVE, OD_LEDGER_DNC_REMOVE,
        OD_LEDGER_DELIVERY,   OD_LEDGER_DELIVERY,   OD_LEDGER_REPLY};
    for (size_t i = 0; i < OD__LEN(notes); i++) {
        notes[i] = kit_note(kit, kinds[i], (od_id)(50 + i));
    }
    od_exchange exchange = {.utc_ms = kit->now,
                            .dnc = dnc,
                            .dnc_len = 2,
                            .answers = &answer,
                            .answers_len = 1,
                            .outcomes = &outcome,
                            .outcomes_len = 1,
                            .releases = releases,
                            .releases_len = 2,
                            .receipts = receipts,
                            .receipts_len = 2,
                            .replies = &reply,
                            .replies_len = 1,
                            .ledger = notes,
                            .ledger_len = 9};
    int64_t before = kit_ledger_len(kit);
    static const od_id want[] = {50, 52, 53, 54, 56, 58};
    for (int again = 0; again < 2; again++) {
        kit_ok(kit, OP(exchange, &exchange));
        kit_reopen(kit);
        od_ledger_row rows[7];
        size_t count = 0;
        kit_ok(kit, OP(ledger_scan, before, rows, 7, &count));
        assert_int_equal(count, OD__LEN(want));
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(rows[i].subject, want[i]);
            assert_int_equal(rows[i].kind, kinds[want[i] - 50]);
        }
    }
}

/* == the list and channels ================================================ */

static void dnc_by_channel(od_kit *kit)
{
    static const struct {
        int32_t scope;
        bool prefix;
        bool text;
        bool voice;
    } cases[] = {
        {OD_DNC_ALL, false, true, true},   {OD_DNC_VOICE, false, false, true},
        {OD_DNC_TEXT, false, true, false}, {OD_DNC_ALL, true, true, true},
        {OD_DNC_VOICE, true, false, true}, {OD_DNC_TEXT, true, true, false},
    };
    od_id texts = kit_texts_with(kit, "texts", OD__LEN(cases));
    od_id calls = kit_campaign(
        kit, "calls", kit_campaign_get(kit, texts).groups[0], 0);
    kit_start(kit, calls);
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        uint64_t phone = KIT_PHONE + i;
        put_entry(kit, phone, cases[i].prefix, cases[i].scope, 0, "host");
        kit_reopen(kit);
        const struct {
            int32_t channel;
            od_id campaign;
            bool forbids;
        } asks[] = {{OD_CHANNEL_TEXT, texts, cases[i].text},
                    {OD_CHANNEL_VOICE, calls, cases[i].voice}};
        for (size_t k = 0; k < OD__LEN(asks); k++) {
            bool forbids = asks[k].forbids;
            bool got = !forbids;
            kit_ok(kit, OP(dnc_check, phone, asks[k].channel, 0, kit->now,
                           &got));
            assert_int_equal(got, forbids);
            /* A check goes by what it is asked, a target by its campaign. */
            kit_ok(kit, OP(dnc_check, phone, asks[k].channel, texts,
                           kit->now, &got));
            assert_int_equal(got, forbids);
            od_candidate target =
                kit_candidate(kit, asks[k].campaign, phone);
            assert_int_equal(target.dnc, forbids);
            assert_int_equal(target.state, forbids && !cases[i].prefix
                                               ? OD_TARGET_BLOCKED
                                               : OD_TARGET_READY);
        }
        assert_int_equal(kit_candidate(kit, 4711, phone).dnc,
                         cases[i].voice);
    }
    /* And it is free again by the same measure. */
    for (size_t i = 0; i < 3; i++) {
        kit_dnc_remove(kit, KIT_PHONE + i, cases[i].scope, 0);
        assert_int_equal(kit_state(kit, texts, KIT_PHONE + i),
                         OD_TARGET_READY);
        assert_int_equal(kit_state(kit, calls, KIT_PHONE + i),
                         OD_TARGET_READY);
    }
}

/* Who wants no texts may have agreed to calls; who wants nothing has not. */
static void dnc_text_revokes_nothing(od_kit *kit)
{
    od_id texts = kit_texts_with(kit, "texts", 1);
    od_consent_record row =
        kit_consent(kit, KIT_PHONE, OD_CONSENT_WRITTEN, OD_PURPOSE_MARKETING);
    assert_true(kit_consent_add(kit, &row));
    put_entry(kit, KIT_PHONE, false, OD_DNC_TEXT, 0, "host");
    assert_int_not_equal(
        kit_candidate(kit, texts, KIT_PHONE).consents.written, 0);
    put_entry(kit, KIT_PHONE, false, OD_DNC_ALL, 0, "reply");
    assert_int_equal(kit_candidate(kit, texts, KIT_PHONE).consents.written,
                     0);
}

static void dnc_campaign_of_texts(od_kit *kit)
{
    od_id first = kit_texts_with(kit, "c", 1);
    od_id second = kit_text_campaign(
        kit, "d", kit_campaign_get(kit, first).groups[0]);
    kit_start(kit, second);
    put_entry(kit, KIT_PHONE, false, OD_DNC_CAMPAIGN, second, "host");
    kit_reopen(kit);
    assert_false(kit_candidate(kit, first, KIT_PHONE).dnc);
    assert_true(kit_candidate(kit, second, KIT_PHONE).dnc);
    assert_int_equal(kit_state(kit, first, KIT_PHONE), OD_TARGET_READY);
    assert_int_equal(kit_state(kit, second, KIT_PHONE), OD_TARGET_BLOCKED);
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_replies[] = {
    CASE(reply_keeps_every_field),
    CASE(reply_of_a_stranger),
    CASE(reply_as_long_as_can_be),
    CASE(reply_is_stored_once),
    CASE(reply_scan_filters),
    CASE(reply_owed_for_a_new_entry),
    CASE(reply_owed_for_a_longer_entry),
    CASE(reply_becomes_an_opt_out),
    CASE(reply_opt_out_of_nothing),
    CASE(release_of_one_source),
    CASE(release_leaves_what_others_forbid),
    CASE(release_after_the_entry),
    CASE(exchange_orders_its_ledger),
    CASE(dnc_by_channel),
    CASE(dnc_text_revokes_nothing),
    CASE(dnc_campaign_of_texts),
    {NULL, NULL},
};
