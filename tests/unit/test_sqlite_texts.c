/*
 * test_sqlite_texts.c - what texts ask of a file beyond what every storage
 * promises: a judge that reads inside the exchange, names that come again, and
 * what a failure leaves in the caller's memory.
 */
#include "support/sqlite_kit.h"

#define OPS (&od__sqlite_ops)

/* == a judge that reads =================================================== */

typedef struct reader {
    kit *k;
    od_id asset;
    int judged;
    char text[OD_MESSAGE_MAX + 1];
} reader;

/* Makes the text out of what it reads, in memory of its own. */
static bool read_and_allow(void *ctx, const od_candidate *candidate,
                           od_id attempt, od_ruling *out)
{
    reader *r = ctx;
    od_contact_record contact;
    od_asset_record asset;
    static od_place_record places[64];
    size_t len = 0;
    kit_ok(r->k, OPS->contact_get(r->k->s, candidate->contact, &contact));
    (void)snprintf(r->text, sizeof r->text, "%s %s %" PRIu64,
                   contact.contact.first_name, contact.contact.last_name,
                   contact.phone);
    kit_ok(r->k, OPS->asset_get(r->k->s, OD_ASSET_SURVEY, r->asset, &asset));
    assert_memory_equal(asset.bytes, "question", 8);
    kit_ok(r->k, OPS->place_scan(r->k->s, 0, places, 64, &len));
    assert_int_equal(len, 2);
    assert_int_equal(OPS->contact_get(r->k->s, 9999, &contact),
                     OD_ERR_NOT_FOUND);
    r->judged++;
    bool allowed = kit_allow(NULL, candidate, attempt, out);
    out->text = r->text;
    return allowed;
}

static od_id put_asset(kit *k)
{
    const od_asset_record record = {.kind = OD_ASSET_SURVEY,
                                    .name = "survey",
                                    .bytes = "question",
                                    .bytes_len = 8};
    od_ledger_entry entry = kit_entry(OD_LEDGER_MEDIA);
    od_id id = 0;
    kit_ok(k, OPS->asset_put(k->s, &record, &entry, &id));
    return id;
}

static void test_texts_judge_reads_inside(void **state)
{
    (void)state;
    enum { CONTACTS = 200 };
    kit k = kit_new();
    kit_open(&k);
    int32_t near = kit_place(&k, "near");
    int32_t far = kit_place(&k, "far");
    od_id group = kit_group(&k, "people");
    kit_ok(&k, kit_put(&k, group, near, 0, CONTACTS));
    kit_ok(&k, kit_put(&k, group, far, CONTACTS, CONTACTS));
    od_id campaign = kit_campaign_of(&k, "texts", group, OD_CHANNEL_TEXT);
    reader r = {.k = &k, .asset = put_asset(&k)};
    od_lane_request lanes[] = {{.campaign = campaign,
                                .lane = od_lane_of(near, false),
                                .claims_max = CONTACTS,
                                .scan_max = CONTACTS},
                               {.campaign = campaign,
                                .lane = od_lane_of(far, false),
                                .claims_max = CONTACTS / 2,
                                .scan_max = CONTACTS}};
    od_exchange exchange = {.utc_ms = KIT_UTC_MS + 1000,
                            .lanes = lanes,
                            .lanes_len = 2,
                            .judge = read_and_allow,
                            .judge_ctx = &r};
    kit_ok(&k, OPS->exchange(k.s, &exchange));
    assert_int_equal(lanes[0].claimed, CONTACTS);
    assert_int_equal(lanes[0].due_next_utc_ms, OD_NEVER);
    assert_int_equal(lanes[1].claimed, CONTACTS / 2);
    assert_int_equal(r.judged, CONTACTS + CONTACTS / 2);
    for (uint64_t i = 0; i < CONTACTS; i++) {
        od_message_record row;
        char want[64];
        kit_ok(&k, OPS->message_last(k.s, KIT_PHONE + i, 0, &row));
        (void)snprintf(want, sizeof want, "Ada L\xc3\xb6velace %" PRIu64,
                       KIT_PHONE + i);
        assert_string_equal(row.text, want);
        assert_int_equal(row.ended_utc_ms, 0);
    }
    kit_free(&k);
}

/* == names that come again ================================================ */

static void erase(kit *k, uint64_t phone)
{
    od_ledger_entry entry = kit_entry(OD_LEDGER_ERASE);
    od_erase erase = {.phone = phone, .before_utc_ms = INT64_MAX};
    kit_ok(k, OPS->person_erase(k->s, &erase, &entry));
    assert_int_equal(erase.calls, 1);
}

static void test_texts_network_id_comes_again(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    int32_t place = kit_place(&k, "somewhere");
    od_id group = kit_group(&k, "people");
    kit_ok(&k, kit_put(&k, group, place, 0, 3));
    od_id campaign = kit_campaign_of(&k, "texts", group, OD_CHANNEL_TEXT);
    od_message_record rows[3];
    od_message_record found;
    int32_t part = -1;
    size_t len = 0;
    for (int i = 0; i < 3; i++) {
        kit_ok(&k, kit_text(&k, campaign, place, i == 2 ? "other" : "same",
                            OD_DELIVERY_ACCEPTED));
    }
    kit_ok(&k, OPS->message_scan(k.s, NULL, 0, 0, rows, 3, &len));
    assert_int_equal(len, 3);
    uint64_t first = rows[0].phone;
    uint64_t second = rows[1].phone;
    kit_ok(&k, OPS->message_find(k.s, "main", "same", &found, &part));
    assert_int_equal(found.attempt, 2);
    assert_int_equal(part, 0);
    /* What was erased takes no name away from who has it now. */
    erase(&k, first);
    kit_ok(&k, OPS->message_find(k.s, "main", "same", &found, &part));
    assert_int_equal(found.attempt, 2);
    erase(&k, second);
    assert_int_equal(OPS->message_find(k.s, "main", "same", &found, &part),
                     OD_ERR_NOT_FOUND);
    assert_int_equal(OPS->message_find(k.s, "mai", "other", &found, &part),
                     OD_ERR_NOT_FOUND);
    kit_ok(&k, OPS->message_find(k.s, "main", "other", &found, &part));
    assert_int_equal(found.attempt, 3);
    kit_free(&k);
}

/* == failures ============================================================= */

static od_reply_record owed_reply(uint64_t phone)
{
    return (od_reply_record){.nonce = 1,
                             .phone = phone,
                             .trunk = "main",
                             .network_id = "",
                             .text = "STOP",
                             .utc_ms = KIT_UTC_MS,
                             .kind = OD_REPLY_OPT_OUT,
                             .owed = OD_NOTICE_CONFIRM,
                             .dnc_at = OD_NONE,
                             .owed_until_utc_ms = KIT_UTC_MS + 300000};
}

/* Neither the file nor what the caller handed in says that anything began. */
static void test_texts_exchange_that_fails(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    int32_t place = kit_place(&k, "somewhere");
    od_id group = kit_group(&k, "people");
    kit_ok(&k, kit_put(&k, group, place, 0, 5));
    od_id campaign = kit_campaign_of(&k, "texts", group, OD_CHANNEL_TEXT);
    const od_reply_record reply = owed_reply(KIT_PHONE + 50);
    const od_ledger_entry entry = kit_entry(OD_LEDGER_REPLY);
    od_notice_claim notice = {.reply = 1,
                              .notice = OD_NOTICE_CONFIRM,
                              .attempt = 77,
                              .session_id = "session",
                              .trunk = "main",
                              .text = "You get no more texts",
                              .ledger = kit_entry(OD_LEDGER_ATTEMPT)};
    od_lane_request lane = {.campaign = campaign,
                            .lane = od_lane_of(place, false),
                            .claims_max = 2,
                            .scan_max = 2,
                            .claimed = 66};
    od_exchange exchange = {.utc_ms = KIT_UTC_MS + 1000,
                            .replies = &reply,
                            .replies_len = 1,
                            .notices = &notice,
                            .notices_len = 1,
                            .ledger = &entry,
                            .ledger_len = 1,
                            .lanes = &lane,
                            .lanes_len = 1,
                            .judge = kit_allow};
    /* The counters are the last to be written. */
    kit_sql(&k, "ALTER TABLE counter RENAME TO gone");
    assert_int_equal(OPS->exchange(k.s, &exchange), OD_ERR_CORRUPT);
    assert_false(notice.claimed);
    assert_int_equal(notice.attempt, 77);
    assert_int_equal(lane.claimed, 66);
    kit_sql(&k, "ALTER TABLE gone RENAME TO counter");
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM flight"), 0);
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM reply"), 0);
    kit_ok(&k, OPS->exchange(k.s, &exchange));
    assert_true(notice.claimed);
    assert_int_equal(notice.attempt, 1);
    assert_int_equal(notice.ledger.subject, 0);
    assert_int_equal(lane.claimed, 2);
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM flight"), 3);
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM ledger WHERE "
                                    "kind = 3 AND subject = 1"),
                     1);
    kit_free(&k);
}

/* A reply that was stored is none in another batch, and takes no number. */
static void test_texts_reply_comes_twice(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    const od_reply_record reply = owed_reply(KIT_PHONE);
    od_reply_record other = reply;
    other.nonce = INT64_MIN;
    const od_reply_record batches[][2] = {{reply, reply}, {reply, other}};
    const od_ledger_entry entries[] = {kit_entry(OD_LEDGER_REPLY),
                                       kit_entry(OD_LEDGER_REPLY)};
    for (size_t i = 0; i < 2; i++) {
        od_exchange exchange = {.utc_ms = KIT_UTC_MS + 1000,
                                .replies = batches[i],
                                .replies_len = 2,
                                .ledger = entries,
                                .ledger_len = 2};
        kit_ok(&k, OPS->exchange(k.s, &exchange));
    }
    od_reply_record rows[4];
    size_t len = 0;
    kit_ok(&k, OPS->reply_scan(k.s, NULL, KIT_PHONE, 0, rows, 4, &len));
    assert_int_equal(len, 2);
    assert_int_equal(rows[0].id, 1);
    assert_int_equal(rows[1].id, 2);
    assert_int_equal(rows[1].nonce, INT64_MIN);
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM ledger WHERE "
                                    "kind = 17"),
                     2);
    kit_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_judge_reads_inside),
        cmocka_unit_test(test_texts_network_id_comes_again),
        cmocka_unit_test(test_texts_exchange_that_fails),
        cmocka_unit_test(test_texts_reply_comes_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
