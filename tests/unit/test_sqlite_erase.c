/*
 * test_sqlite_erase.c - what was erased is in the file no more, and what must
 * stay still is.
 */
#include "support/sqlite_kit.h"

#define OPS (&od__sqlite_ops)
#define NAME "Quetzalcoatlus"
#define CHOICE "Xylophone"
#define SECRET "Zugzwang"

/* Does the file hold these bytes anywhere? */
static bool file_has(const kit *k, const char *text)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(od__file_read(k->path, 1 << 24, &bytes, &len, NULL),
                     OD_OK);
    size_t text_len = strlen(text);
    bool found = false;
    for (size_t i = 0; i + text_len <= len && !found; i++) {
        found = memcmp(bytes + i, text, text_len) == 0;
    }
    free(bytes);
    return found;
}

/* A contact whose texts fill more than a page, and are replaced once. */
static void put_person(kit *k, od_id group, int32_t place)
{
    static char notes[6000];
    memset(notes, 'n', sizeof notes - 1);
    memcpy(notes + 5000, NAME, strlen(NAME));
    od_member_row row = {.phone = KIT_PHONE, .place = place};
    row.contact = (od_contact){.first_name = NAME, .notes = notes};
    od_member_result result;
    od_member_batch batch = {.group = group,
                             .update = true,
                             .rows = &row,
                             .rows_len = 1,
                             .results = &result};
    kit_ok(k, OPS->member_put(k->s, &batch));
    assert_int_equal(result, OD_MEMBER_ADDED);
    row.contact.last_name = NAME;
    kit_ok(k, OPS->member_put(k->s, &batch));
    assert_int_equal(result, OD_MEMBER_UPDATED);
}

/* One answered call, with ledger rows that say so. */
static void call_person(kit *k, od_id campaign, int32_t place)
{
    static char payload[5000];
    od_attempt_record live;
    size_t len = 0;
    kit_ok(k, kit_claim(k, campaign, place, 1, NULL));
    kit_ok(k, OPS->flight_scan(k->s, 0, &live, 1, &len));
    (void)snprintf(payload, sizeof payload, "{\"said\":\"%4000s\"}", SECRET);
    od_ledger_entry entries[] = {kit_entry(OD_LEDGER_ANSWER),
                                 kit_entry(OD_LEDGER_OUTCOME)};
    entries[0].payload = payload;
    const od_answer_record answer = {.campaign = campaign,
                                     .attempt = live.attempt,
                                     .phone = live.phone,
                                     .utc_ms = KIT_UTC_MS + 8000,
                                     .question = "happy",
                                     .digits = "1",
                                     .choice = CHOICE};
    const od_outcome outcome = {.attempt = live.attempt,
                                .phone = live.phone,
                                .sip_call_id = NAME "@host",
                                .ended_utc_ms = KIT_UTC_MS + 9000,
                                .disposition = OD_DISPOSITION_ANSWERED,
                                .reached_network = true,
                                .answered = true,
                                .target_state = OD_TARGET_DONE};
    od_exchange exchange = {.utc_ms = KIT_UTC_MS + 9000,
                            .answers = &answer,
                            .answers_len = 1,
                            .outcomes = &outcome,
                            .outcomes_len = 1,
                            .ledger = entries,
                            .ledger_len = 2};
    kit_ok(k, OPS->exchange(k->s, &exchange));
}

/* The number of the row whose payload is the secret. */
static int64_t secret_row(const kit *k)
{
    return kit_number(k, "SELECT seq FROM ledger WHERE length(payload) > 4000");
}

static void test_erase_leaves_no_trace(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    int32_t place = kit_place(&k, "somewhere");
    od_id group = kit_group(&k, "people");
    put_person(&k, group, place);
    od_id campaign = kit_campaign(&k, "campaign", group);
    call_person(&k, campaign, place);
    kit_close(&k);
    assert_true(file_has(&k, NAME));
    assert_true(file_has(&k, SECRET));
    const int64_t seq = secret_row(&k);
    od_ledger_entry entry = kit_entry(OD_LEDGER_ERASE);
    od_erase erase = {.phone = KIT_PHONE,
                      .before_utc_ms = KIT_UTC_MS + 9001,
                      .seqs = &seq,
                      .seqs_len = 1};
    kit_open(&k);
    kit_ok(&k, OPS->person_erase(k.s, &erase, &entry));
    assert_int_equal(erase.contacts, 1);
    assert_int_equal(erase.calls, 1);
    kit_close(&k);
    assert_false(file_has(&k, NAME));
    assert_false(file_has(&k, SECRET));
    /* The result of the survey keeps its count, and names the choice. */
    assert_int_equal(kit_number(&k, "SELECT answers FROM result"), 1);
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM answer WHERE "
                                    "choice <> '' OR phone <> 0"),
                     0);
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM line"), 0);
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM target"), 0);
    kit_free(&k);
}

/* One text to the person, of two parts, and what came back. */
static void text_person(kit *k, od_id campaign, int32_t place)
{
    od_attempt_record live;
    size_t len = 0;
    kit_ok(k, kit_claim(k, campaign, place, 1, NULL));
    kit_ok(k, OPS->flight_scan(k->s, 0, &live, 1, &len));
    static const char *const ids[] = {NAME "-1", NAME "-2"};
    const od_sent sent = {.delivery = OD_DELIVERY_ACCEPTED,
                          .network_ids_len = 2,
                          .network_ids = ids};
    const od_outcome outcome = {.attempt = live.attempt,
                                .phone = live.phone,
                                .sip_call_id = "",
                                .ended_utc_ms = KIT_UTC_MS + 9000,
                                .disposition = OD_DISPOSITION_SENT,
                                .reached_network = true,
                                .target_state = OD_TARGET_DONE,
                                .sent = &sent};
    const od_answer_record answer = {.campaign = campaign,
                                     .attempt = live.attempt,
                                     .phone = live.phone,
                                     .utc_ms = KIT_UTC_MS + 9500,
                                     .question = "happy",
                                     .digits = SECRET,
                                     .choice = CHOICE};
    const od_reply_record reply = {.nonce = 5,
                                   .campaign = campaign,
                                   .attempt = live.attempt,
                                   .contact = live.contact,
                                   .phone = live.phone,
                                   .trunk = "main",
                                   .network_id = SECRET "-in",
                                   .text = SECRET ", please",
                                   .utc_ms = KIT_UTC_MS + 9500,
                                   .owed = OD_NOTICE_HELP,
                                   .dnc_at = OD_NONE,
                                   .owed_until_utc_ms = INT64_MAX};
    const od_ledger_entry entries[] = {kit_entry(OD_LEDGER_ANSWER),
                                       kit_entry(OD_LEDGER_REPLY)};
    od_exchange end = {.utc_ms = KIT_UTC_MS + 9000,
                       .outcomes = &outcome,
                       .outcomes_len = 1,
                       .ledger = entries,
                       .ledger_len = 1};
    od_exchange said = {.utc_ms = KIT_UTC_MS + 9500,
                        .answers = &answer,
                        .answers_len = 1,
                        .replies = &reply,
                        .replies_len = 1,
                        .ledger = entries,
                        .ledger_len = 2};
    kit_ok(k, OPS->exchange(k->s, &end));
    kit_ok(k, OPS->exchange(k->s, &said));
    assert_int_equal(kit_number(k, "SELECT count(*) FROM answer"), 1);
}

static void erase_before(kit *k, int64_t before_utc_ms)
{
    od_ledger_entry entry = kit_entry(OD_LEDGER_ERASE);
    od_erase erase = {.phone = KIT_PHONE, .before_utc_ms = before_utc_ms};
    kit_open(k);
    kit_ok(k, OPS->person_erase(k->s, &erase, &entry));
    kit_close(k);
}

/* The text goes first; its answer and its reply, which came later, go when it
 * is their turn, although nothing leads from the number to the text any more.
 */
static void test_erase_leaves_no_trace_of_texts(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    int32_t place = kit_place(&k, "somewhere");
    od_id group = kit_group(&k, "people");
    kit_ok(&k, kit_put(&k, group, place, 0, 1));
    text_person(&k, kit_campaign_of(&k, "texts", group, OD_CHANNEL_TEXT),
                place);
    kit_close(&k);
    assert_true(file_has(&k, NAME "-2"));
    assert_true(file_has(&k, "Hello"));
    erase_before(&k, KIT_UTC_MS + 9001);
    assert_false(file_has(&k, NAME));
    assert_false(file_has(&k, "Hello"));
    assert_true(file_has(&k, SECRET));
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM message_part"), 0);
    assert_int_equal(kit_number(&k, "SELECT owed FROM reply"), OD_NOTICE_HELP);
    erase_before(&k, KIT_UTC_MS + 9501);
    assert_false(file_has(&k, SECRET));
    assert_int_equal(kit_number(&k, "SELECT answers FROM result"), 1);
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM answer WHERE "
                                    "choice <> '' OR phone <> 0"),
                     0);
    assert_int_equal(kit_number(&k, "SELECT owed + phone + contact FROM reply"),
                     0);
    kit_free(&k);
}

/* How much of what is freed is overwritten; 2: what lies inside of pages. */
static int overwrites(const kit *k)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(
        sqlite3_prepare_v2(k->s->db, "PRAGMA secure_delete", -1, &stmt, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int out = sqlite3_column_int(stmt, 0);
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    return out;
}

/* A slot that fails changes nothing, not even how much is overwritten. */
static void test_erase_that_is_refused(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    int32_t place = kit_place(&k, "somewhere");
    od_id group = kit_group(&k, "people");
    put_person(&k, group, place);
    od_id campaign = kit_campaign(&k, "campaign", group);
    kit_ok(&k, kit_claim(&k, campaign, place, 1, NULL));
    assert_int_equal(overwrites(&k), 2);
    int64_t rows = kit_number(&k, "SELECT count(*) FROM ledger");
    od_ledger_entry entry = kit_entry(OD_LEDGER_ERASE);
    od_erase erase = {.phone = KIT_PHONE, .contacts = 7, .calls = 8};
    assert_int_equal(OPS->person_erase(k.s, &erase, &entry), OD_ERR_STATE);
    assert_int_equal(erase.contacts, 7);
    assert_int_equal(erase.calls, 8);
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM ledger"), rows);
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM contact"), 1);
    assert_int_equal(overwrites(&k), 2);
    kit_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_erase_leaves_no_trace),
        cmocka_unit_test(test_erase_leaves_no_trace_of_texts),
        cmocka_unit_test(test_erase_that_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
