/*
 * test_sqlite_hostile.c - files that others edited, each a whole database: every
 * slot says so and none crashes.
 */
#include "support/sqlite_touch.h"

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
        cmocka_unit_test(test_values_out_of_range),
        cmocka_unit_test(test_texts_that_are_none),
        cmocka_unit_test(test_chain_that_is_a_loop),
        cmocka_unit_test(test_chain_of_texts_that_is_a_loop),
        cmocka_unit_test(test_schema_runs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
