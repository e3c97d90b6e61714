/*
 * sqlite_touch.h - a file with something of everything, and a use of every slot
 * that must end with a code: for tests of files that are damaged or edited.
 *
 * Everything is static inline, as in sqlite_kit.h.
 */
#ifndef OD_SQLITE_TOUCH_H
#define OD_SQLITE_TOUCH_H

#include "support/sqlite_kit.h"

#include "base/base.h"

#define OPS (&od__sqlite_ops)

/* == a file with something of everything ================================== */

static inline void put_dnc(kit *k, uint64_t phone)
{
    const od_dnc_record row = {.phone = phone,
                               .scope = OD_DNC_ALL,
                               .reason = "asked",
                               .source = "host"};
    od_ledger_entry entry = kit_entry(OD_LEDGER_DNC_ADD);
    kit_ok(k, OPS->dnc_add(k->s, &row, &entry, 1, NULL));
}

static inline void put_prefix(kit *k, uint64_t prefix)
{
    const od_dnc_record row = {.phone = prefix,
                               .prefix = true,
                               .scope = OD_DNC_VOICE,
                               .expires_utc_ms = KIT_UTC_MS + 1};
    od_ledger_entry entry = kit_entry(OD_LEDGER_DNC_ADD);
    kit_ok(k, OPS->dnc_add(k->s, &row, &entry, 1, NULL));
}

static inline void put_consent(kit *k, uint64_t phone)
{
    const od_consent_record row = {.phone = phone,
                                   .kind = OD_CONSENT_WRITTEN,
                                   .purpose = OD_PURPOSE_MARKETING,
                                   .obtained_utc_ms = KIT_UTC_MS - 9000,
                                   .seller = "",
                                   .how = "paper",
                                   .text = "I agree",
                                   .reference = "box 7",
                                   .who = "Ada"};
    od_ledger_entry entry = kit_entry(OD_LEDGER_CONSENT_ADD);
    kit_ok(k, OPS->consent_add(k->s, &row, &entry, 1, KIT_UTC_MS, NULL));
}

static inline void put_asset(kit *k)
{
    static uint8_t bytes[9000];
    memset(bytes, 0x55, sizeof bytes);
    const od_asset_record asset = {.kind = OD_ASSET_MEDIA,
                                   .measure = 1000,
                                   .name = "hello",
                                   .bytes = bytes,
                                   .bytes_len = sizeof bytes};
    od_id id;
    od_ledger_entry entry = kit_entry(OD_LEDGER_MEDIA);
    kit_ok(k, OPS->asset_put(k->s, &asset, &entry, &id));
}

/* End the first of the live calls with an answer to a question. */
static inline void end_one(kit *k, od_id campaign)
{
    od_attempt_record live;
    size_t count = 0;
    kit_ok(k, OPS->flight_scan(k->s, 0, &live, 1, &count));
    assert_int_equal(count, 1);
    const od_answer_record answer = {.campaign = campaign,
                                     .attempt = live.attempt,
                                     .phone = live.phone,
                                     .visit = 1,
                                     .question = "happy",
                                     .digits = "1",
                                     .choice = "Yes"};
    const od_outcome outcome = {.attempt = live.attempt,
                                .phone = live.phone,
                                .sip_call_id = "abc@host",
                                .ended_utc_ms = KIT_UTC_MS + 9000,
                                .talk_ms = 5000,
                                .disposition = OD_DISPOSITION_ANSWERED,
                                .reached_network = true,
                                .answered = true,
                                .target_state = OD_TARGET_DONE};
    const od_ledger_entry entries[] = {kit_entry(OD_LEDGER_ANSWER),
                                       kit_entry(OD_LEDGER_OUTCOME)};
    od_exchange exchange = {.utc_ms = KIT_UTC_MS + 9000,
                            .answers = &answer,
                            .answers_len = 1,
                            .outcomes = &outcome,
                            .outcomes_len = 1,
                            .ledger = entries,
                            .ledger_len = 2};
    kit_ok(k, OPS->exchange(k->s, &exchange));
}

/* A text that waits for its receipt, one that is delivered, a reply that is
 * owed something, and one that was answered. */
static inline void put_texts(kit *k, od_id campaign, int32_t place)
{
    kit_ok(k, kit_text(k, campaign, place, "id-1", OD_DELIVERY_ACCEPTED));
    kit_ok(k, kit_text(k, campaign, place, "id-2", OD_DELIVERY_DELIVERED));
    od_reply_record replies[2];
    for (size_t i = 0; i < OD__LEN(replies); i++) {
        replies[i] = (od_reply_record){.nonce = 17 + (int64_t)i,
                                       .campaign = campaign,
                                       .attempt = 1,
                                       .phone = KIT_PHONE + 20 + i,
                                       .to = 12345,
                                       .trunk = "main",
                                       .network_id = "in-1",
                                       .text = "Stop. Thank you",
                                       .utc_ms = KIT_UTC_MS + 8000,
                                       .kind = OD_REPLY_OPT_OUT,
                                       .owed = OD_NOTICE_CONFIRM,
                                       .dnc_at = OD_NONE,
                                       .owed_until_utc_ms = KIT_UTC_MS + 90000};
    }
    od_notice_claim notice = {.reply = 1,
                              .notice = OD_NOTICE_CONFIRM,
                              .session_id = "session",
                              .trunk = "main",
                              .text = "You get no more texts",
                              .ledger = kit_entry(OD_LEDGER_ATTEMPT)};
    const od_ledger_entry entries[] = {kit_entry(OD_LEDGER_REPLY),
                                       kit_entry(OD_LEDGER_REPLY)};
    od_exchange exchange = {.utc_ms = KIT_UTC_MS + 9000,
                            .replies = replies,
                            .replies_len = 2,
                            .notices = &notice,
                            .notices_len = 1,
                            .ledger = entries,
                            .ledger_len = 2};
    kit_ok(k, OPS->exchange(k->s, &exchange));
    assert_true(notice.claimed);
}

static inline void fill_file(kit *k)
{
    kit_open(k);
    int32_t place = kit_place(k, "US-NY|America/New_York");
    od_id group = kit_group(k, "people");
    kit_ok(k, kit_put(k, group, place, 0, 400));
    const od_member_row more = {.phone = KIT_PHONE + 6,
                                .place = place,
                                .contact = {.zip = "10001"},
                                .phones = {KIT_PHONE + 900, KIT_PHONE + 901},
                                .places = {place, place}};
    kit_ok(k, OPS->contact_update(k->s, 7, &more, KIT_UTC_MS));
    put_dnc(k, KIT_PHONE + 3);
    put_prefix(k, 1999);
    put_consent(k, KIT_PHONE + 9);
    od_id campaign = kit_campaign(k, "campaign", group);
    put_dnc(k, KIT_PHONE + 5);
    put_asset(k);
    kit_ok(k, kit_claim(k, campaign, place, 6, NULL));
    end_one(k, campaign);
    end_one(k, campaign);
    od_id others = kit_group(k, "others");
    kit_ok(k, kit_put(k, others, place, 1000, 9));
    put_texts(k, kit_campaign_of(k, "texts", others, OD_CHANNEL_TEXT), place);
    od_ledger_entry entry = kit_entry(OD_LEDGER_ERASE);
    const int64_t seq = 2;
    od_erase erase = {.phone = KIT_PHONE + 399, .seqs = &seq, .seqs_len = 1};
    kit_ok(k, OPS->person_erase(k->s, &erase, &entry));
}

/* == every slot =========================================================== */

/* Codes that a slot may give of a file that makes no sense. */
static inline void expect_sane(od__sqlite *s, od_err err)
{
    switch (err) {
    case OD_OK:
    case OD_ERR_CORRUPT:
    case OD_ERR_IO:
    case OD_ERR_FULL:
    case OD_ERR_MEMORY:
    case OD_ERR_NOT_FOUND:
    case OD_ERR_EXISTS:
    case OD_ERR_STATE:
        break;
    default:
        fail_msg("%s: %s", od_err_name(err), OPS->errmsg(s));
    }
    if (err != OD_OK) {
        assert_true(OPS->errmsg(s)[0] != '\0');
    }
}

static inline void touch(const char *text)
{
    assert_non_null(text);
    assert_true(od__utf8_is_valid(text, strlen(text)));
}

static inline void read_people(od__sqlite *s)
{
    static od_contact_record contacts[64];
    static od_group groups[8];
    static od_place_record places[8];
    static od_dnc_record dnc[8];
    size_t len = 0;
    expect_sane(s, OPS->group_scan(s, 0, groups, 8, &len));
    expect_sane(s, OPS->place_scan(s, 0, places, 8, &len));
    for (od_id group = 0; group <= 1; group++) {
        od_id after = 0;
        len = 64;
        for (int pages = 0; len == 64 && pages < 20; pages++) {
            len = 0;
            od_err err = OPS->contact_scan(s, group, after, contacts, 64, &len);
            expect_sane(s, err);
            for (size_t i = 0; i < len; i++) {
                after = contacts[i].contact.id;
                touch(contacts[i].contact.first_name);
                touch(contacts[i].contact.notes);
                touch(contacts[i].contact.zip);
                touch(contacts[i].contact.phone2);
                touch(contacts[i].contact.phone3);
                for (size_t f = 0; f < contacts[i].contact.fields_len; f++) {
                    touch(contacts[i].contact.fields[f].name);
                    touch(contacts[i].contact.fields[f].value);
                }
            }
        }
    }
    od_contact_record one;
    expect_sane(s, OPS->contact_get(s, 7, &one));
    len = 0;
    expect_sane(s, OPS->dnc_scan(s, 0, dnc, 8, &len));
    for (size_t i = 0; i < len; i++) {
        touch(dnc[i].reason);
        touch(dnc[i].source);
    }
    bool listed;
    expect_sane(s, OPS->dnc_check(s, KIT_PHONE + 3, OD_CHANNEL_VOICE, 1,
                                  KIT_UTC_MS, &listed));
    static od_place_count counts[4];
    expect_sane(s, OPS->group_places(s, 1, -1, counts, 4, &len));
}

static inline void read_consents(od__sqlite *s)
{
    static od_consent_record rows[8];
    for (uint64_t i = 0; i <= 1; i++) {
        size_t len = 0;
        uint64_t phone = i == 0 ? 0 : KIT_PHONE + 9;
        expect_sane(s, OPS->consent_scan(s, phone, 0, rows, 8, &len));
        for (size_t at = 0; at < len; at++) {
            touch(rows[at].seller);
            touch(rows[at].how);
            touch(rows[at].text);
            touch(rows[at].reference);
            touch(rows[at].who);
        }
    }
}

static inline void read_calls(od__sqlite *s)
{
    static od_attempt_record attempts[16];
    static od_answer_record answers[16];
    static od_result results[16];
    static od_ledger_row ledger[64];
    size_t len = 0;
    expect_sane(s, OPS->flight_scan(s, 0, attempts, 16, &len));
    od_call_filter filter;
    od_call_filter_init(&filter);
    expect_sane(s, OPS->attempt_scan(s, NULL, 0, 0, attempts, 16, &len));
    filter.campaign = 1;
    expect_sane(s, OPS->attempt_scan(s, &filter, 0, 0, attempts, 16, &len));
    len = 0;
    expect_sane(s,
                OPS->attempt_scan(s, NULL, KIT_PHONE, 0, attempts, 16, &len));
    for (size_t i = 0; i < len; i++) {
        touch(attempts[i].session_id);
        touch(attempts[i].sip_call_id);
        touch(attempts[i].trunk);
    }
    len = 0;
    expect_sane(s, OPS->answer_scan(s, 1, 0, answers, 16, &len));
    for (size_t i = 0; i < len; i++) {
        touch(answers[i].question);
        touch(answers[i].choice);
    }
    expect_sane(s, OPS->result_scan(s, 1, results, 16, &len));
    len = 0;
    expect_sane(s, OPS->ledger_scan(s, 0, ledger, 64, &len));
    for (size_t i = 0; i < len; i++) {
        assert_non_null(ledger[i].payload);
        (void)strlen(ledger[i].payload);
    }
}

static inline void touch_text(const od_message_record *row)
{
    touch(row->session_id);
    touch(row->trunk);
    touch(row->text);
    touch(row->network_code);
    assert_in_range(row->parts_len, 0, OD_SEGMENTS_MAX);
}

static inline void read_texts(od__sqlite *s)
{
    static od_message_record texts[8];
    static od_reply_record replies[8];
    od_call_filter filter;
    od_reply_filter reply_filter;
    od_call_filter_init(&filter);
    od_reply_filter_init(&reply_filter);
    filter.campaign = 2;
    reply_filter.campaign = 2;
    for (uint64_t i = 0; i < 3; i++) {
        size_t len = 0;
        expect_sane(s, OPS->message_scan(s, i == 1 ? &filter : NULL,
                                         i == 2 ? KIT_PHONE + 1000 : 0, 0,
                                         texts, 8, &len));
        for (size_t at = 0; at < len; at++) {
            touch_text(&texts[at]);
        }
        len = 0;
        expect_sane(s, OPS->reply_scan(s, i == 1 ? &reply_filter : NULL,
                                       i == 2 ? KIT_PHONE + 20 : 0, 0, replies,
                                       8, &len));
        for (size_t at = 0; at < len; at++) {
            touch(replies[at].text);
            touch(replies[at].network_id);
        }
    }
    int32_t part;
    size_t len = 0;
    expect_sane(s, OPS->message_find(s, "main", "id-1", texts, &part));
    for (uint64_t i = 0; i < 9; i++) {
        expect_sane(s, OPS->message_last(s, KIT_PHONE + 1000 + i, 0, texts));
    }
    expect_sane(s, OPS->message_overdue(s, INT64_MAX, texts, 8, &len));
    expect_sane(s, OPS->reply_get(s, 2, replies));
    expect_sane(s, OPS->reply_owed(s, KIT_UTC_MS, 0, replies, 8, &len));
}

static inline void read_campaigns(od__sqlite *s)
{
    static od_campaign_record record;
    static od_asset_record assets[4];
    od_id ids[4];
    od_lane_row lanes[16];
    od_counters sums;
    od_candidate candidate;
    int64_t epoch;
    size_t len = 0;
    expect_sane(s, OPS->campaign_scan(s, 0, ids, 4, &len));
    expect_sane(s, OPS->campaign_get(s, 1, &record));
    expect_sane(s, OPS->lane_scan(s, 1, -1, lanes, 16, &len));
    expect_sane(s, OPS->counters(s, 1, &sums));
    expect_sane(s, OPS->candidate(s, 1, KIT_PHONE + 9, KIT_UTC_MS, &candidate));
    static od_candidate targets[64];
    expect_sane(s, OPS->target_scan(s, 1, 0, KIT_UTC_MS, targets, 64, &len));
    expect_sane(s, OPS->asset_scan(s, OD_ASSET_MEDIA, 0, assets, 4, &len));
    expect_sane(s, OPS->asset_get(s, OD_ASSET_MEDIA, 1, &assets[0]));
    expect_sane(s, OPS->epoch(s, &epoch));
}

static inline void write_texts(od__sqlite *s)
{
    const od_ledger_entry entries[] = {
        kit_entry(OD_LEDGER_DNC_REMOVE), kit_entry(OD_LEDGER_DELIVERY),
        kit_entry(OD_LEDGER_DELIVERY), kit_entry(OD_LEDGER_REPLY)};
    const od_release release = {.phone = KIT_PHONE + 3, .source = "host"};
    for (od_id attempt = 1; attempt < 12; attempt++) {
        for (uint64_t i = 0; i < 9; i++) {
            od_receipt_record receipts[2];
            for (size_t at = 0; at < 2; at++) {
                receipts[at] = (od_receipt_record){
                    .attempt = attempt,
                    .phone = KIT_PHONE + 1000 + i,
                    .part = at == 0 ? 0 : OD_NONE,
                    .delivery = OD_DELIVERY_SENT + (int32_t)at * 2,
                    .disposition = OD_DISPOSITION_UNDELIVERED,
                    .number_invalid = true};
            }
            const od_reply_record reply = {.nonce = attempt * 100 + (int64_t)i,
                                           .phone = KIT_PHONE + i,
                                           .trunk = "main",
                                           .network_id = "",
                                           .text = "?",
                                           .dnc_at = OD_NONE};
            od_notice_claim notice = {.reply = attempt,
                                      .notice = OD_NOTICE_CONFIRM,
                                      .unless_listed = true,
                                      .session_id = "",
                                      .trunk = "main",
                                      .text = "x",
                                      .ledger = entries[0]};
            od_exchange exchange = {.releases = &release,
                                    .releases_len = 1,
                                    .receipts = receipts,
                                    .receipts_len = 2,
                                    .replies = &reply,
                                    .replies_len = 1,
                                    .notices = &notice,
                                    .notices_len = 1,
                                    .ledger = entries,
                                    .ledger_len = 4};
            expect_sane(s, OPS->exchange(s, &exchange));
        }
    }
    const od_reply_record owed = {.id = 2};
    const od_dnc_record row = {.phone = KIT_PHONE + 21};
    expect_sane(s, OPS->reply_opt_out(s, &owed, &row, entries, NULL));
}

static inline void write_everything(kit *k)
{
    od__sqlite *s = k->s;
    od_id id;
    int32_t place;
    od_now now = {.mono_ms = 5, .utc_ms = KIT_UTC_MS};
    od_ledger_entry entry = kit_entry(OD_LEDGER_CAMPAIGN_SET);
    od_dnc_record dnc = {.phone = KIT_PHONE + 11, .scope = OD_DNC_VOICE};
    od_consent_record consent = {.phone = KIT_PHONE + 9, .kind = 1};
    od_member_row row = {.phone = KIT_PHONE + 8, .place = 2};
    row.phones[0] = KIT_PHONE + 950;
    static od_campaign_record record;
    (void)snprintf(record.name, sizeof record.name, "campaign");
    record.id = 1;
    expect_sane(s, OPS->place_put(s, "another", &place));
    expect_sane(s, OPS->group_put(s, 0, "more", &id));
    expect_sane(s, kit_put(k, 1, 1, 300, 200));
    expect_sane(s, OPS->contact_update(s, 9, &row, KIT_UTC_MS));
    row.phone = KIT_PHONE + 6;
    expect_sane(s, OPS->contact_update(s, 7, &row, KIT_UTC_MS));
    expect_sane(s, OPS->group_validate(s, 1, KIT_UTC_MS));
    expect_sane(s, OPS->member_join(s, 9, 2, KIT_UTC_MS));
    expect_sane(s, OPS->dnc_add(s, &dnc, &entry, 1, NULL));
    expect_sane(s, OPS->dnc_remove(s, KIT_PHONE + 3, false, OD_DNC_ALL, 0,
                                   KIT_UTC_MS, &entry));
    expect_sane(
        s, OPS->dnc_remove(s, 1999, true, OD_DNC_VOICE, 0, KIT_UTC_MS, &entry));
    expect_sane(s, OPS->consent_add(s, &consent, &entry, 1, KIT_UTC_MS, NULL));
    expect_sane(s,
                OPS->consent_revoke(s, KIT_PHONE + 9, "", KIT_UTC_MS, &entry));
    expect_sane(s, kit_claim(k, 1, 1, 100, NULL));
    od_outcome outcome = {.attempt = 3,
                          .phone = KIT_PHONE + 9,
                          .disposition = OD_DISPOSITION_BUSY,
                          .follow = true,
                          .reached_network = true,
                          .target_state = OD_TARGET_DONE};
    for (uint64_t i = 0; i < 16; i++) {
        outcome.phone = KIT_PHONE + i;
        outcome.attempt = (od_id)i;
        od_exchange exchange = {.outcomes = &outcome,
                                .outcomes_len = 1,
                                .ledger = &entry,
                                .ledger_len = 1};
        expect_sane(s, OPS->exchange(s, &exchange));
    }
    write_texts(s);
    expect_sane(s, OPS->member_remove(s, 12, 1));
    expect_sane(s, OPS->member_remove(s, 13, 0));
    od_fill fill = {.campaign = 1, .rows_max = 100, .attempts_below = 3};
    expect_sane(s, OPS->campaign_cas(s, 1, OD_CAMPAIGN_RUNNING,
                                     OD_CAMPAIGN_IDLE, "", 0, &entry));
    expect_sane(s, OPS->campaign_cas(s, 1, OD_CAMPAIGN_IDLE,
                                     OD_CAMPAIGN_RUNNING, "", 0, &entry));
    expect_sane(s, OPS->fill(s, &fill));
    expect_sane(s, OPS->refill(s, 1));
    expect_sane(s,
                OPS->target_call_back(s, 1, KIT_PHONE + 9, KIT_UTC_MS, &entry));
    const int64_t seqs[] = {1, 2, 3};
    for (uint64_t i = 0; i < 16; i++) {
        od_erase erase = {.phone = KIT_PHONE + i,
                          .before_utc_ms = KIT_UTC_MS + 8999 + (int64_t)(i % 2),
                          .seqs = seqs,
                          .seqs_len = 3};
        expect_sane(s, OPS->person_erase(s, &erase, &entry));
    }
    expect_sane(s, OPS->campaign_put(s, &record, &entry, &id));
    expect_sane(s, OPS->lease(s, "test", &now));
    expect_sane(s, OPS->maintain(s, &now));
    expect_sane(s, OPS->asset_remove(s, OD_ASSET_MEDIA, 1, &entry));
    expect_sane(s, OPS->group_remove(s, 1));
}

static inline void use_everything(kit *k)
{
    read_people(k->s);
    read_consents(k->s);
    read_calls(k->s);
    read_texts(k->s);
    read_campaigns(k->s);
    write_everything(k);
}
#endif
