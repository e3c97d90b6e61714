/*
 * test_sqlite_hostile.c - files that are damaged or edited by others: every
 * slot says so and none crashes.
 */
#include "support/sqlite_kit.h"

#include "base/base.h"

#define OPS (&od__sqlite_ops)

/* == a file with something of everything ================================== */

static void put_dnc(kit *k, uint64_t phone)
{
    const od_dnc_record row = {.phone = phone,
                               .scope = OD_DNC_ALL,
                               .reason = "asked",
                               .source = "host"};
    od_ledger_entry entry = kit_entry(OD_LEDGER_DNC_ADD);
    kit_ok(k, OPS->dnc_add(k->s, &row, &entry, 1, NULL));
}

static void put_prefix(kit *k, uint64_t prefix)
{
    const od_dnc_record row = {.phone = prefix,
                               .prefix = true,
                               .scope = OD_DNC_VOICE,
                               .expires_utc_ms = KIT_UTC_MS + 1};
    od_ledger_entry entry = kit_entry(OD_LEDGER_DNC_ADD);
    kit_ok(k, OPS->dnc_add(k->s, &row, &entry, 1, NULL));
}

static void put_consent(kit *k, uint64_t phone)
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

static void put_asset(kit *k)
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
static void end_one(kit *k, od_id campaign)
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
static void put_texts(kit *k, od_id campaign, int32_t place)
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

static void fill_file(kit *k)
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
static void expect_sane(od__sqlite *s, od_err err)
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

static void touch(const char *text)
{
    assert_non_null(text);
    assert_true(od__utf8_is_valid(text, strlen(text)));
}

static void read_people(od__sqlite *s)
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

static void read_consents(od__sqlite *s)
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

static void read_calls(od__sqlite *s)
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

static void touch_text(const od_message_record *row)
{
    touch(row->session_id);
    touch(row->trunk);
    touch(row->text);
    touch(row->network_code);
    assert_in_range(row->parts_len, 0, OD_SEGMENTS_MAX);
}

static void read_texts(od__sqlite *s)
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

static void read_campaigns(od__sqlite *s)
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

static void write_texts(od__sqlite *s)
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

static void write_everything(kit *k)
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

static void use_everything(kit *k)
{
    read_people(k->s);
    read_consents(k->s);
    read_calls(k->s);
    read_texts(k->s);
    read_campaigns(k->s);
    write_everything(k);
}

/* == damaged bytes ======================================================== */

static void write_file(const char *path, const uint8_t *bytes, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void remove_beside(const kit *k)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-lease"};
    for (size_t i = 0; i < OD__LEN(endings); i++) {
        char path[700];
        (void)snprintf(path, sizeof path, "%s%s", k->path, endings[i]);
        (void)unlink(path);
    }
}

static void test_random_bytes(void **state)
{
    (void)state;
    od__rand random = {od_test_seed(1)};
    kit k = kit_new();
    static uint8_t bytes[40000];
    static const size_t sizes[] = {2, 15, 100, 512, 4096, 40000};
    for (size_t i = 0; i < OD__LEN(sizes); i++) {
        for (size_t at = 0; at < sizes[i]; at++) {
            bytes[at] = (uint8_t)od__rand_next(&random);
        }
        write_file(k.path, bytes, sizes[i]);
        kit_open_fails(k.path, OD_ERR_CORRUPT, NULL);
        remove_beside(&k);
    }
    kit_free(&k);
}

static void test_truncated_file(void **state)
{
    (void)state;
    kit k = kit_new();
    fill_file(&k);
    kit_close(&k);
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(od__file_read(k.path, 1 << 24, &bytes, &len, NULL), OD_OK);
    assert_true(len > 40 * 4096);
    const size_t lens[] = {50, 100, 2048, 4096, 5000, len / 2, len - 4096};
    for (size_t i = 0; i < OD__LEN(lens); i++) {
        remove_beside(&k);
        write_file(k.path, bytes, lens[i]);
        kit_open_fails(k.path, OD_ERR_CORRUPT, NULL);
    }
    /* A piece of the last page is missed by nobody but who reads it. */
    remove_beside(&k);
    write_file(k.path, bytes, len - 1000);
    kit_open(&k);
    use_everything(&k);
    free(bytes);
    kit_free(&k);
}

/* Spoil a few bytes, in one spot or all over, or a whole page. */
static void spoil(uint8_t *bytes, size_t len, od__rand *random)
{
    size_t spots = 1 + (size_t)od__rand_below(random, 20);
    for (size_t i = 0; i < spots; i++) {
        size_t at = (size_t)od__rand_below(random, len);
        bytes[at] = (uint8_t)od__rand_next(random);
    }
    if (od__rand_below(random, 4) == 0) {
        size_t page = (size_t)od__rand_below(random, len / 4096);
        memset(bytes + page * 4096, (int)od__rand_below(random, 256), 4096);
    }
}

static void test_spoiled_bytes(void **state)
{
    (void)state;
    od__rand random = {od_test_seed(2)};
    kit k = kit_new();
    fill_file(&k);
    kit_close(&k);
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(od__file_read(k.path, 1 << 24, &bytes, &len, NULL), OD_OK);
    uint8_t *copy = malloc(len);
    assert_non_null(copy);
    int opened = 0;
    for (int i = 0; i < 150; i++) {
        memcpy(copy, bytes, len);
        spoil(copy, len, &random);
        remove_beside(&k);
        write_file(k.path, copy, len);
        od_errmsg errmsg = {""};
        od_err err = od__sqlite_open(&k.s, k.path, NULL, &errmsg);
        if (err == OD_OK) {
            opened++;
            use_everything(&k);
            kit_close(&k);
        } else {
            assert_true(err == OD_ERR_CORRUPT || err == OD_ERR_VERSION ||
                        err == OD_ERR_IO);
            k.s = NULL;
        }
    }
    print_message("%d of 150 could be opened\n", opened);
    assert_true(opened > 20);
    free(copy);
    free(bytes);
    kit_free(&k);
}

/* == edited by others ===================================================== */

typedef enum edit_slot {
    SLOT_CONTACT,
    SLOT_CAMPAIGN,
    SLOT_CANDIDATE,
    SLOT_CLAIM,
    SLOT_COUNTERS,
    SLOT_LEDGER,
    SLOT_FLIGHT,
    SLOT_PUT,
    SLOT_DNC,
    SLOT_CONSENT,
    SLOT_CONSENTED,
    SLOT_CALLED,
    SLOT_PLACES,
    SLOT_GROUP,
    SLOT_UPDATE,
    SLOT_ATTEMPT,
    SLOT_ERASE,
    SLOT_MESSAGES,
    SLOT_FIND,
    SLOT_LAST,
    SLOT_OVERDUE,
    SLOT_RECEIPT,
    SLOT_REPLIES,
    SLOT_OWED,
    SLOT_NOTICE,
    SLOT_OPT_OUT
} edit_slot;

/* A number whose call has ended. */
static uint64_t called_phone(const kit *k)
{
    return (uint64_t)kit_number(k, "SELECT abs(phone) FROM line");
}

/* Exchanges that are about texts. */
static od_err call_text_exchange(kit *k, edit_slot slot)
{
    const od_ledger_entry entry = kit_entry(OD_LEDGER_DELIVERY);
    const od_receipt_record receipt = {
        .attempt = kit_number(k, "SELECT min(attempt) FROM message"),
        .phone = (uint64_t)kit_number(k, "SELECT phone FROM message "
                                         "ORDER BY attempt LIMIT 1"),
        .delivery = OD_DELIVERY_FAILED,
        .disposition = OD_DISPOSITION_UNDELIVERED,
        .target_state = OD_TARGET_READY};
    od_notice_claim notice = {.reply = 2,
                              .notice = OD_NOTICE_CONFIRM,
                              .session_id = "",
                              .trunk = "",
                              .text = "x",
                              .ledger = entry};
    od_exchange exchange = {.utc_ms = KIT_UTC_MS + 9000,
                            .receipts = &receipt,
                            .receipts_len = slot == SLOT_RECEIPT ? 1 : 0,
                            .notices = &notice,
                            .notices_len = slot == SLOT_NOTICE ? 1 : 0,
                            .ledger = &entry,
                            .ledger_len = slot == SLOT_RECEIPT ? 1 : 0};
    return OPS->exchange(k->s, &exchange);
}

/* Slots that are about texts. */
static od_err call_text_slot(kit *k, edit_slot slot)
{
    od_message_record text;
    od_reply_record reply = {.id = 2};
    const od_dnc_record row = {.phone = KIT_PHONE + 21};
    od_ledger_entry entry = kit_entry(OD_LEDGER_REPLY);
    int32_t part;
    size_t count;
    switch (slot) {
    case SLOT_MESSAGES:
        return OPS->message_scan(k->s, NULL, 0, 0, &text, 1, &count);
    case SLOT_FIND:
        return OPS->message_find(k->s, "main", "id-1", &text, &part);
    case SLOT_LAST:
        return OPS->message_last(
            k->s, (uint64_t)kit_number(k, "SELECT max(phone) FROM message"), 0,
            &text);
    case SLOT_OVERDUE:
        return OPS->message_overdue(k->s, INT64_MAX, &text, 1, &count);
    case SLOT_REPLIES:
        return OPS->reply_scan(k->s, NULL, 0, 0, &reply, 1, &count);
    case SLOT_OWED:
        return OPS->reply_owed(k->s, KIT_UTC_MS, 0, &reply, 1, &count);
    case SLOT_OPT_OUT:
        return OPS->reply_opt_out(k->s, &reply, &row, &entry, NULL);
    default:
        return call_text_exchange(k, slot);
    }
}

/* Slots that are about people. */
static od_err call_people_slot(kit *k, edit_slot slot)
{
    od_consent_record consent;
    od_candidate candidate;
    od_attempt_record attempt;
    od_place_count places;
    od_group group;
    size_t count;
    od_ledger_entry entry = kit_entry(OD_LEDGER_ERASE);
    od_erase erase = {.phone = KIT_PHONE, .before_utc_ms = INT64_MAX};
    const od_member_row row = {.phone = KIT_PHONE + 6, .place = 1};
    switch (slot) {
    case SLOT_CONSENT:
        return OPS->consent_scan(k->s, 0, 0, &consent, 1, &count);
    case SLOT_CONSENTED:
        return OPS->candidate(k->s, 1, KIT_PHONE + 9, KIT_UTC_MS, &candidate);
    case SLOT_CALLED:
        return OPS->candidate(k->s, 1, called_phone(k), KIT_UTC_MS, &candidate);
    case SLOT_PLACES:
        return OPS->group_places(k->s, 1, -2, &places, 1, &count);
    case SLOT_GROUP:
        return OPS->group_scan(k->s, 0, &group, 1, &count);
    case SLOT_UPDATE:
        return OPS->contact_update(k->s, 7, &row, KIT_UTC_MS);
    case SLOT_ATTEMPT:
        return OPS->attempt_scan(k->s, NULL, 0, 0, &attempt, 1, &count);
    case SLOT_ERASE:
        erase.phone = called_phone(k);
        return OPS->person_erase(k->s, &erase, &entry);
    default:
        return call_text_slot(k, slot);
    }
}

static od_err call_slot(kit *k, edit_slot slot)
{
    static od_campaign_record record;
    od_contact_record contact;
    od_candidate candidate;
    od_counters sums;
    od_ledger_row row;
    od_attempt_record live;
    od_dnc_record dnc;
    size_t count;
    switch (slot) {
    case SLOT_CONTACT:
        return OPS->contact_get(k->s, 7, &contact);
    case SLOT_CAMPAIGN:
        return OPS->campaign_get(k->s, 1, &record);
    case SLOT_CANDIDATE:
        return OPS->candidate(k->s, 1, KIT_PHONE + 9, KIT_UTC_MS, &candidate);
    case SLOT_CLAIM:
        return kit_claim(k, 1, 1, 1, NULL);
    case SLOT_COUNTERS:
        return OPS->counters(k->s, 1, &sums);
    case SLOT_LEDGER:
        return OPS->ledger_scan(k->s, 0, &row, 1, &count);
    case SLOT_FLIGHT:
        return OPS->flight_scan(k->s, 0, &live, 1, &count);
    case SLOT_PUT:
        return kit_put(k, 1, 1, 5000, 3);
    case SLOT_DNC:
        return OPS->dnc_scan(k->s, 0, &dnc, 1, &count);
    default:
        return call_people_slot(k, slot);
    }
}

static void test_values_out_of_range(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        edit_slot slot;
    } edits[] = {
        {"UPDATE contact SET phone = -5", SLOT_CONTACT},
        {"UPDATE contact SET phone = 1000000000000000", SLOT_CONTACT},
        {"UPDATE contact SET place = -1", SLOT_CONTACT},
        {"UPDATE contact SET fields = x'41'", SLOT_CONTACT},
        {"UPDATE contact SET fields = x'4100'", SLOT_CONTACT},
        {"UPDATE contact SET fields = zeroblob(1000)", SLOT_CONTACT},
        {"UPDATE campaign SET state = 17", SLOT_CAMPAIGN},
        {"UPDATE campaign SET attempts_max = 99999999999", SLOT_CAMPAIGN},
        {"UPDATE campaign SET filled = 2", SLOT_CAMPAIGN},
        {"UPDATE campaign_window SET days = 0", SLOT_CAMPAIGN},
        {"UPDATE campaign_window SET end_min = start_min", SLOT_CAMPAIGN},
        {"UPDATE target SET state = 9", SLOT_CANDIDATE},
        {"UPDATE target SET attempts = -1", SLOT_CANDIDATE},
        {"UPDATE target SET place = 2147483647", SLOT_CANDIDATE},
        {"UPDATE target SET place = -7", SLOT_CLAIM},
        {"UPDATE meta SET value = -1", SLOT_CLAIM},
        {"UPDATE meta SET value = 9223372036854775807", SLOT_CLAIM},
        {"DELETE FROM meta", SLOT_PUT},
        {"UPDATE ledger SET hash = x'00'", SLOT_CLAIM},
        {"UPDATE counter SET value = -1", SLOT_COUNTERS},
        {"UPDATE ledger SET salt = x'0011'", SLOT_LEDGER},
        {"UPDATE flight SET phone = -phone", SLOT_FLIGHT},
        {"UPDATE dnc SET scope = 12", SLOT_DNC},
        {"UPDATE dnc SET scope = 20", SLOT_DNC},
        {"UPDATE dnc SET scope = -1", SLOT_DNC},
        {"UPDATE contact SET line = 4", SLOT_CONTACT},
        {"UPDATE contact SET phone2 = -2", SLOT_CONTACT},
        {"UPDATE contact SET place3 = 2147483647", SLOT_CONTACT},
        {"UPDATE contact SET phone3 = -2", SLOT_UPDATE},
        {"UPDATE contact_group SET fresh_at = 1, members = -1", SLOT_GROUP},
        {"UPDATE member SET place = -1", SLOT_PLACES},
        {"UPDATE campaign SET purpose = 99", SLOT_CAMPAIGN},
        {"UPDATE campaign SET weight = 99999999999", SLOT_CAMPAIGN},
        {"UPDATE campaign SET guard_brief = -2", SLOT_CAMPAIGN},
        {"UPDATE campaign SET offer_prompt = -1", SLOT_CAMPAIGN},
        {"INSERT INTO campaign_retry VALUES (1, 16, 60, 1)", SLOT_CAMPAIGN},
        {"INSERT INTO campaign_retry VALUES (1, 2, -2, 1)", SLOT_CAMPAIGN},
        {"INSERT INTO campaign_retry VALUES (1, 2, 60, -1)", SLOT_CAMPAIGN},
        {"UPDATE consent SET sha256 = x'00'", SLOT_CONSENT},
        {"UPDATE consent SET phone = 0", SLOT_CONSENT},
        {"UPDATE consent SET kind = -1", SLOT_CONSENT},
        {"UPDATE consent SET purpose = 99999999999", SLOT_CONSENTED},
        {"UPDATE line SET recent = 'x'", SLOT_CALLED},
        {"UPDATE line SET recent = '1 1'", SLOT_CALLED},
        {"UPDATE line SET recent = '1 -1 '", SLOT_CALLED},
        {"UPDATE line SET recent = '99999999999999999999 1 '", SLOT_CALLED},
        {"UPDATE line SET recent = '1 '", SLOT_CALLED},
        {"UPDATE attempt SET caller_id = -1", SLOT_ATTEMPT},
        {"UPDATE attempt SET phone = -1", SLOT_ATTEMPT},
        {"UPDATE ledger SET digest = x'00'", SLOT_LEDGER},
        {"UPDATE campaign SET channel = 2", SLOT_CAMPAIGN},
        {"UPDATE campaign SET text_policy = 3", SLOT_CAMPAIGN},
        {"UPDATE campaign SET segments_max = 11", SLOT_CAMPAIGN},
        {"UPDATE campaign SET validity_s = -1", SLOT_CAMPAIGN},
        {"UPDATE campaign SET texts_per_minute_max = -2", SLOT_CAMPAIGN},
        {"UPDATE flight SET channel = 2", SLOT_FLIGHT},
        {"UPDATE flight SET notice = -1", SLOT_FLIGHT},
        {"UPDATE message SET parts = x'07'", SLOT_MESSAGES},
        {"UPDATE message SET parts = zeroblob(11)", SLOT_MESSAGES},
        {"UPDATE message SET delivery = 7", SLOT_MESSAGES},
        {"UPDATE message SET segments = -1", SLOT_MESSAGES},
        {"UPDATE message SET caller_id = -1", SLOT_FIND},
        {"UPDATE message_part SET part = 10", SLOT_FIND},
        {"UPDATE message_part SET part = -1", SLOT_FIND},
        {"UPDATE message SET notice = 0, encoding = -1", SLOT_LAST},
        {"UPDATE message SET attempts_before = -1", SLOT_OVERDUE},
        {"UPDATE target SET place = -1", SLOT_OVERDUE},
        {"UPDATE message SET status = 99999999999", SLOT_RECEIPT},
        {"UPDATE target SET tries = 0, state = 7", SLOT_RECEIPT},
        {"UPDATE reply SET phone = -1", SLOT_REPLIES},
        {"UPDATE reply SET kind = -1", SLOT_REPLIES},
        {"UPDATE reply SET owed = 99999999999", SLOT_OWED},
        {"UPDATE reply SET campaign = -1", SLOT_NOTICE},
        {"UPDATE meta SET value = -1", SLOT_NOTICE},
        {"UPDATE counter SET campaign = -kind WHERE kind = 1 AND campaign = 1",
         SLOT_OPT_OUT},
        {"DROP TABLE message_part", SLOT_FIND},
        {"ALTER TABLE reply DROP COLUMN to_phone", SLOT_NOTICE},
        {"ALTER TABLE line DROP COLUMN recent", SLOT_CALLED},
        {"DROP TABLE consent", SLOT_ERASE},
        {"DROP TABLE member", SLOT_PUT},
        {"ALTER TABLE contact DROP COLUMN notes", SLOT_CONTACT},
    };
    for (size_t i = 0; i < OD__LEN(edits); i++) {
        kit k = kit_new();
        fill_file(&k);
        kit_close(&k);
        kit_sql(&k, edits[i].sql);
        kit_open(&k);
        od_err err = call_slot(&k, edits[i].slot);
        if (err != OD_ERR_CORRUPT) {
            fail_msg("%s: %s", edits[i].sql, od_err_name(err));
        }
        assert_non_null(strstr(OPS->errmsg(k.s), k.path));
        use_everything(&k);
        kit_free(&k);
    }
}

static void test_texts_that_are_none(void **state)
{
    (void)state;
    kit k = kit_new();
    fill_file(&k);
    kit_close(&k);
    kit_sql(&k, "UPDATE contact SET first_name = CAST(x'41ff42' AS TEXT), "
                "last_name = CAST(x'610062' AS TEXT), "
                "company = printf('%.*c', 9000, 'x'), "
                "notes = CAST(x'e28282c3' AS TEXT)");
    kit_sql(&k, "UPDATE campaign SET name = printf('%.*c', 500, 'y') "
                "WHERE id = 1");
    kit_sql(&k, "UPDATE message SET text = printf('%.*c', 9000, 'z'), "
                "network_code = CAST(x'41ff42' AS TEXT)");
    kit_open(&k);
    od_contact_record row;
    kit_ok(&k, OPS->contact_get(k.s, 7, &row));
    assert_string_equal(row.contact.first_name, "A?B");
    assert_string_equal(row.contact.last_name, "a");
    assert_int_equal(strlen(row.contact.company), OD_TEXT_MAX);
    assert_string_equal(row.contact.notes, "????");
    static od_campaign_record record;
    kit_ok(&k, OPS->campaign_get(k.s, 1, &record));
    assert_int_equal(strlen(record.name), OD_NAME_MAX);
    od_message_record text;
    int32_t part;
    kit_ok(&k, OPS->message_find(k.s, "main", "id-1", &text, &part));
    assert_int_equal(strlen(text.text), OD_MESSAGE_MAX);
    assert_string_equal(text.network_code, "A?B");
    use_everything(&k);
    kit_free(&k);
}

static void test_chain_that_is_a_loop(void **state)
{
    (void)state;
    kit k = kit_new();
    fill_file(&k);
    kit_close(&k);
    kit_sql(&k, "UPDATE attempt SET before = id");
    kit_sql(&k, "UPDATE attempt SET before = 2 WHERE id = 1");
    kit_open(&k);
    od_attempt_record rows[8];
    size_t len = 0;
    kit_ok(&k, OPS->attempt_scan(k.s, NULL, 0, 0, rows, 8, &len));
    assert_int_equal(len, 2);
    kit_ok(&k, OPS->attempt_scan(k.s, NULL, rows[0].phone, 0, rows, 8, &len));
    assert_int_equal(len, 1);
    kit_free(&k);
}

/* A chain may also lead from a text to itself, to a call, and to nothing. */
static void test_chain_of_texts_that_is_a_loop(void **state)
{
    (void)state;
    static const char *const edits[] = {
        "UPDATE message SET before = attempt",
        "UPDATE message SET before = attempt + 1",
        "UPDATE message SET before = 1",
        "UPDATE message SET before = -4",
        "UPDATE message SET before = 6",
        "DELETE FROM attempt; UPDATE message SET before = 1"};
    for (size_t i = 0; i < OD__LEN(edits); i++) {
        kit k = kit_new();
        fill_file(&k);
        kit_close(&k);
        kit_sql(&k, edits[i]);
        kit_open(&k);
        od_message_record rows[8];
        size_t len = 0;
        kit_ok(&k, OPS->message_scan(k.s, NULL, 0, 0, rows, 8, &len));
        assert_int_equal(len, 2);
        uint64_t phone = rows[0].phone;
        kit_ok(&k, OPS->message_scan(k.s, NULL, phone, 0, rows, 8, &len));
        assert_int_equal(len, 1);
        kit_ok(&k, OPS->message_last(k.s, phone, 0, rows));
        od_ledger_entry entry = kit_entry(OD_LEDGER_ERASE);
        od_erase erase = {.phone = phone, .before_utc_ms = INT64_MAX};
        kit_ok(&k, OPS->person_erase(k.s, &erase, &entry));
        assert_true(erase.calls >= 1);
        kit_free(&k);
    }
}

static void test_schema_runs_nothing(void **state)
{
    (void)state;
    kit k = kit_new();
    fill_file(&k);
    kit_close(&k);
    kit_sql(&k, "CREATE TRIGGER evil AFTER INSERT ON dnc BEGIN "
                "DELETE FROM dnc; END");
    kit_open(&k);
    put_dnc(&k, KIT_PHONE + 77);
    bool listed = false;
    kit_ok(&k, OPS->dnc_check(k.s, KIT_PHONE + 77, OD_CHANNEL_VOICE, 1,
                              KIT_UTC_MS, &listed));
    assert_true(listed);
    kit_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_truncated_file),
        cmocka_unit_test(test_spoiled_bytes),
        cmocka_unit_test(test_values_out_of_range),
        cmocka_unit_test(test_texts_that_are_none),
        cmocka_unit_test(test_chain_that_is_a_loop),
        cmocka_unit_test(test_chain_of_texts_that_is_a_loop),
        cmocka_unit_test(test_schema_runs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
