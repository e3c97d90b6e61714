/*
 * test_sqlite_migrate.c - a file of an older version is brought up to date and
 * says what it said before.
 *
 * The file is made here, by the steps of its version and the rows that its
 * library wrote. The steps themselves are pinned: what was released is never
 * edited.
 */
#include "support/sqlite_kit.h"

#define OPS (&od__sqlite_ops)

/* Numbers of the people, by where they stand. */
#define READY "15550100001"   /* called twice: busy, then no answer */
#define FLIGHT "15550100002"  /* a call is live, one was answered before */
#define DONE "15550100003"    /* called 18 times */
#define LISTED "15550100004"  /* on the do-not-call list */
#define BLOCKED "15550100005" /* blocked for the last reason that there was */

#define CALLED_AT "1700000000000"

static const int64_t called_ms = INT64_C(1700000000000);

static uint64_t number(const char *text)
{
    return strtoull(text, NULL, 10);
}

/* == a file of version 1 ================================================== */

static const char rows_of_1[] =
    "UPDATE meta SET value = 5 WHERE key = 'contact';"
    "UPDATE meta SET value = 22 WHERE key = 'attempt';"
    "INSERT INTO lease VALUES (1, 'dialer', 17, 5, 6);"
    "INSERT INTO place VALUES (1, 'US-NY|America/New_York');"
    "INSERT INTO contact_group VALUES (1, 'people', 5);"
    "INSERT INTO contact SELECT value, 15550100000 + value, 1, 'Ada', "
    "'Lovelace', '', '', 'a note', '', 'NY', x'6b00763100' "
    "FROM (SELECT 1 AS value UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 "
    "UNION SELECT 5);"
    "INSERT INTO member SELECT 1, phone, id, 1, 0 FROM contact;"
    "INSERT INTO dnc VALUES (1, " LISTED ", 0, 0, 0, 'asked', 'host', 7);"
    "INSERT INTO dnc VALUES (2, " DONE ", 3, 1, 5, '', 'call', 8);"
    "INSERT INTO campaign VALUES (1, 'spring', 2, 'why', 15550109999, 11, 12, "
    "1, 0, 0, 0, 3, 20, 1, 0, 3600, 30000, -1, 24, 9, 90, 2, 1);"
    "INSERT INTO campaign_group VALUES (1, 0, 1);"
    "INSERT INTO campaign_prompt VALUES (1, 0, 1);"
    "INSERT INTO campaign_window VALUES (1, 0, 31, 540, 1020);"
    "INSERT INTO target VALUES (1, " READY ", 1, 1, 0, 0, 2, 3, 3, 50),"
    " (1, " FLIGHT ", 2, 1, 1, 0, 1, 1, 3, 0),"
    " (1, " DONE ", 3, 1, 2, 0, 18, 2, 3, 0),"
    " (1, " LISTED ", 4, 1, 3, 3, 0, 0, 2, 0),"
    " (1, " BLOCKED ", 5, 1, 3, 14, 0, 0, 2, 0);"
    "INSERT INTO line VALUES (" READY ", 2, " CALLED_AT " + 2, 0, 0),"
    " (" FLIGHT ", 3, " CALLED_AT " + 3, " CALLED_AT " + 90, 0),"
    " (" DONE ", 22, " CALLED_AT " + 22, 0, 1);"
    "INSERT INTO flight VALUES (" FLIGHT ", 4, 1, 2, 'session', 'trunk', "
    "77, 78);"
    "INSERT INTO attempt VALUES"
    " (1, 1, 1, " READY ", 0, 's1', 'c1', 'trunk', " CALLED_AT
    " + 1, 0, 9, 0, 0, 2, 486, 0, 0, 1),"
    " (2, 1, 1, " READY ", 1, 's2', 'c2', 'trunk', " CALLED_AT
    " + 2, 0, 9, 0, 0, 3, 480, 0, 0, 1),"
    " (3, 1, 2, " FLIGHT ", 0, 's3', 'c3', 'trunk', " CALLED_AT
    " + 3, 8, 9, 70, 60, 1, 200, 0, 1, 1);"
    "WITH RECURSIVE n (i) AS (SELECT 5 UNION ALL SELECT i + 1 FROM n WHERE "
    "i < 22) INSERT INTO attempt SELECT i, 1, 3, " DONE
    ", CASE i WHEN 5 THEN 0 ELSE i - 1 END, 's', 'c', 'trunk', " CALLED_AT
    " + i, 0, 9, 0, 0, 2, 486, 0, 0, 1 FROM n;"
    "INSERT INTO answer VALUES (1, 1, 3, " FLIGHT ", 6, 1, 'q', '1', 'Yes');"
    "INSERT INTO result VALUES (1, 'q', 'Yes', 1, 1);"
    "INSERT INTO counter VALUES (1, 1, 1), (1, 2, 1), (1, 3, 1), (1, 4, 2),"
    " (1, 5, 1), (1, 6, 1), (1, 7, 70), (1, 103, 1), (1, 114, 1),"
    " (1, 202, 1), (1, 301, 1), (1, 302, 19), (1, 303, 1), (1, 310, 4);"
    "INSERT INTO lane_counter VALUES (1, 3, 1);"
    "INSERT INTO pace VALUES (1, 100, 3, 2);"
    "INSERT INTO asset VALUES (1, 1, 900, 'hello', zeroblob(32), x'4142');"
    "INSERT INTO asset VALUES (2, 2, 1, 'survey', zeroblob(32), x'43');";

/* What only a library of version 2 wrote, into a file that it brought up to
 * date. */
static const char rows_of_2[] =
    "INSERT INTO contact_group VALUES (2, 'more', 0, 1234);"
    "UPDATE contact SET zip = '10001', line = 2, phone2 = 15550100009, "
    "place2 = 1 WHERE id = 4;"
    "INSERT INTO dnc VALUES (3, 1900, 17, 0, 0, '', 'host', 9, 8000);"
    "INSERT INTO consent VALUES (1, " READY ", 2, 1, 5, 6, 0, 'we', 'paper', "
    "'I agree', 'box 7', 'Ada', zeroblob(32));"
    "UPDATE campaign SET purpose = 1, priority = 7, guard_brief = 60, "
    "seller = 'we', end_at = 99;"
    "INSERT INTO campaign_retry VALUES (1, 13, 60, 2);"
    "UPDATE flight SET caller_id = 15550109998;"
    "UPDATE attempt SET caller_id = 15550109997 WHERE id = 2;"
    "UPDATE ledger SET payload = '', salt = zeroblob(16), "
    "digest = "
    "x'0102030405060708091011121314151617181920212223242526272829303132"
    "' WHERE seq = 2;";

/* The steps up to a version. */
static size_t steps_to(int version)
{
    size_t len = 0;
    while (len < od__schema_steps_len &&
           od__schema_steps[len].version <= version) {
        len++;
    }
    return len;
}

/* Rows of the ledger, sealed as ever. */
static void put_ledger(const kit *k)
{
    uint8_t hash[32] = {0};
    for (int seq = 1; seq <= 3; seq++) {
        char payload[32];
        char sql[400];
        (void)snprintf(payload, sizeof payload, "{\"row\":%d}", seq);
        od_ledger_entry entry = {
            .utc_ms = seq, .subject = 1, .kind = seq, .payload = payload};
        entry.salt[15] = (uint8_t)seq;
        od_ledger_seal(hash, seq, &entry, hash);
        size_t len =
            (size_t)snprintf(sql, sizeof sql,
                             "INSERT INTO ledger VALUES (%d, %d, 1, %d, '%s', "
                             "x'000000000000000000000000000000%02x', x'",
                             seq, seq, seq, payload, (unsigned)seq);
        for (size_t i = 0; i < sizeof hash; i++) {
            len += (size_t)snprintf(sql + len, sizeof sql - len, "%02x",
                                    (unsigned)hash[i]);
        }
        (void)snprintf(sql + len, sizeof sql - len, "')");
        kit_sql(k, sql);
    }
}

static void open_as(kit *k, int version)
{
    const od__sqlite_hooks hooks = {.steps = od__schema_steps,
                                    .steps_len = steps_to(version)};
    kit_open_with(k, &hooks);
    kit_close(k);
    assert_int_equal(kit_number(k, "PRAGMA user_version"), version);
}

/* A file that libraries of version 1 and, if *state is 2, then of version 2
 * wrote; brought up to date and open. */
static kit open_old(void **state)
{
    kit k = kit_new();
    open_as(&k, 1);
    kit_sql(&k, rows_of_1);
    put_ledger(&k);
    if (*(const int *)*state == 2) {
        open_as(&k, 2);
    }
    kit_open(&k);
    assert_int_equal(kit_number(&k, "PRAGMA user_version"), KIT_VERSION);
    return k;
}

static od_candidate candidate(kit *k, const char *phone)
{
    od_candidate out;
    kit_ok(k, OPS->candidate(k->s, 1, number(phone), called_ms, &out));
    return out;
}

/* == what it says ========================================================= */

static void check_steps(int version, const char *want)
{
    static char text[40000];
    size_t len = 0;
    for (size_t i = 0; i < steps_to(version); i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, "%s\n",
                                od__schema_steps[i].sql);
        assert_true(len < sizeof text);
    }
    uint8_t hash[32];
    char got[65];
    od__sha256(text, len, hash);
    for (size_t i = 0; i < sizeof hash; i++) {
        (void)snprintf(got + 2 * i, 3, "%02x", (unsigned)hash[i]);
    }
    assert_string_equal(got, want);
}

static void test_migrate_steps_are_pinned(void **state)
{
    (void)state;
    check_steps(1, "185742432b3f348e2f6b1fb2df1389d58ef8ca5d0a30ff2d3d92609330a"
                   "87795");
    check_steps(2, "c38b697cc187e600a8bc09a11cc1d5806dab90f1b2fd3730165851e610a"
                   "ebcf2");
}

static void test_migrate_keeps_people(void **state)
{
    kit k = open_old(state);
    od_contact_record rows[8];
    od_group group;
    size_t len = 0;
    kit_ok(&k, OPS->contact_scan(k.s, 1, 0, rows, 8, &len));
    assert_int_equal(len, 5);
    assert_int_equal(rows[2].phone, number(DONE));
    assert_int_equal(rows[2].place, 1);
    assert_string_equal(rows[2].contact.notes, "a note");
    assert_string_equal(rows[2].contact.fields[0].value, "v1");
    assert_string_equal(rows[2].contact.zip, "");
    assert_string_equal(rows[2].contact.phone2, "");
    assert_int_equal(rows[2].contact.line, OD_LINE_UNKNOWN);
    assert_int_equal(rows[2].phones[0] + rows[2].phones[1], 0);
    kit_ok(&k, OPS->group_scan(k.s, 0, &group, 1, &len));
    assert_string_equal(group.name, "people");
    assert_int_equal(group.members, 5);
    assert_int_equal(group.fresh_utc_ms, 0);
    kit_free(&k);
}

static void test_migrate_keeps_the_list(void **state)
{
    kit k = open_old(state);
    od_dnc_record rows[4];
    size_t len = 0;
    bool listed = false;
    kit_ok(&k, OPS->dnc_scan(k.s, 0, rows, 4, &len));
    assert_int_equal(len, 2);
    assert_int_equal(rows[0].phone, number(LISTED));
    assert_int_equal(rows[0].added_utc_ms, 7);
    assert_int_equal(rows[0].expires_utc_ms, 0);
    assert_false(rows[0].prefix);
    assert_int_equal(rows[1].scope, OD_DNC_CAMPAIGN);
    kit_ok(&k, OPS->dnc_check(k.s, number(LISTED), OD_CHANNEL_VOICE, 0,
                              INT64_MAX - 1, &listed));
    assert_true(listed);
    assert_true(candidate(&k, DONE).dnc);
    assert_int_equal(candidate(&k, DONE).dnc_until_utc_ms, 0);
    assert_false(candidate(&k, READY).dnc);
    kit_free(&k);
}

static void test_migrate_keeps_campaigns(void **state)
{
    kit k = open_old(state);
    static od_campaign_record row;
    kit_ok(&k, OPS->campaign_get(k.s, 1, &row));
    assert_string_equal(row.name, "spring");
    assert_string_equal(row.state_text, "why");
    assert_int_equal(row.state, OD_CAMPAIGN_RUNNING);
    assert_true(row.filled);
    assert_int_equal(row.caller_id, UINT64_C(15550109999));
    assert_int_equal(row.attempts_max, 3);
    assert_int_equal(row.skip_answered_h, OD_NONE);
    assert_int_equal(row.survey, 2);
    assert_int_equal(row.opt_out_prompt, 1);
    assert_int_equal(row.groups[0], 1);
    assert_int_equal(row.windows[0].end_min, 1020);
    /* What it did not say is as said of a campaign that does not say it. */
    assert_int_equal(row.purpose, OD_PURPOSE_UNSTATED);
    assert_int_equal(row.priority, 5);
    assert_int_equal(row.weight, 10);
    assert_int_equal(row.guards.sample, 50);
    assert_int_equal(row.guards.prefix_max, 950);
    assert_int_equal(row.guards.brief_max, OD_NONE);
    assert_int_equal(row.end_utc_ms, 0);
    assert_string_equal(row.seller, "");
    assert_int_equal(row.text_policy, OD_TEXT_POLICY_SPLIT);
    assert_int_equal(row.segments_max, OD_SEGMENTS_MAX);
    assert_int_equal(row.transliterate, 0);
    assert_int_equal(row.validity_s, 86400);
    assert_int_equal(row.texts_per_minute_max, 0);
    assert_string_equal(row.text, "");
    assert_string_equal(row.opt_out_text, "");
    assert_string_equal(row.confirm_text, "");
    assert_string_equal(row.help_text, "");
    for (int i = 0; i < OD_RETRIES; i++) {
        assert_int_equal(row.retries[i].delay_s, 0);
        assert_int_equal(row.retries[i].attempts_max, 0);
    }
    kit_free(&k);
}

static void test_migrate_keeps_targets(void **state)
{
    kit k = open_old(state);
    od_candidate ready = candidate(&k, READY);
    assert_int_equal(ready.state, OD_TARGET_READY);
    assert_int_equal(ready.due_utc_ms, 50);
    assert_int_equal(ready.attempts, 2);
    assert_int_equal(ready.disposition, OD_DISPOSITION_NO_ANSWER);
    assert_int_equal(od_tries_of(ready.tries, OD_DISPOSITION_BUSY), 1);
    assert_int_equal(od_tries_of(ready.tries, OD_DISPOSITION_NO_ANSWER), 1);
    assert_int_equal(ready.recent_len, 2);
    assert_int_equal(ready.recent[0].utc_ms, called_ms + 2);
    assert_int_equal(ready.recent[1].utc_ms, called_ms + 1);
    assert_int_equal(ready.recent[1].campaign, 1);
    od_candidate flight = candidate(&k, FLIGHT);
    assert_int_equal(flight.state, OD_TARGET_FLIGHT);
    assert_true(flight.in_flight);
    assert_int_equal(flight.line_answered_utc_ms, called_ms + 90);
    od_candidate done = candidate(&k, DONE);
    assert_true(done.number_invalid);
    assert_int_equal(od_tries_of(done.tries, OD_DISPOSITION_BUSY), 15);
    assert_int_equal(done.tries >> 12, 0);
    assert_int_equal(done.recent_len, OD_RECENT_MAX);
    assert_int_equal(done.recent[0].utc_ms, called_ms + 22);
    assert_int_equal(done.recent[15].utc_ms, called_ms + 7);
    od_candidate blocked = candidate(&k, BLOCKED);
    assert_int_equal(blocked.reason, 14);
    assert_int_equal(blocked.tries, 0);
    assert_int_equal(blocked.recent_len, 0);
    kit_free(&k);
}

static void test_migrate_keeps_counters(void **state)
{
    kit k = open_old(state);
    od_counters sums;
    kit_ok(&k, OPS->counters(k.s, 1, &sums));
    assert_int_equal(sums.targets, 5);
    assert_int_equal(sums.ready, 1);
    assert_int_equal(sums.flight, 1);
    assert_int_equal(sums.done, 1);
    assert_int_equal(sums.blocked, 2);
    assert_int_equal(sums.opted_out, 1);
    assert_int_equal(sums.talk_ms, 70);
    assert_int_equal(sums.minute_calls, 3);
    int64_t blocked = 0;
    int64_t attempts = 0;
    for (int i = 0; i < OD_REASONS; i++) {
        blocked += sums.blocked_by[i];
    }
    for (int i = 0; i < OD_DISPOSITIONS; i++) {
        attempts += sums.attempts_by[i];
    }
    assert_int_equal(blocked, 2);
    assert_int_equal(sums.blocked_by[OD_REASON_DNC], 1);
    assert_int_equal(sums.blocked_by[OD_REASON_NOT_ENROLLED], 1);
    assert_int_equal(sums.done_by[OD_DISPOSITION_BUSY], 1);
    assert_int_equal(attempts, 25);
    assert_int_equal(sums.attempts_by[OD_DISPOSITION_ANSWERED], 1);
    assert_int_equal(sums.attempts_by[OD_DISPOSITION_UNKNOWN], 4);
    assert_int_equal(sums.segments, 0);
    assert_int_equal(sums.replies, 0);
    for (int i = 0; i < OD_DELIVERIES; i++) {
        assert_int_equal(sums.delivery_by[i], 0);
    }
    kit_free(&k);
}

static void test_migrate_keeps_records(void **state)
{
    kit k = open_old(state);
    od_attempt_record rows[32];
    od_answer_record answer;
    od_ledger_row ledger[4];
    od_asset_record asset;
    size_t len = 0;
    kit_ok(&k, OPS->attempt_scan(k.s, NULL, number(READY), 0, rows, 32, &len));
    assert_int_equal(len, 2);
    assert_string_equal(rows[1].sip_call_id, "c2");
    assert_int_equal(rows[1].caller_id, 0);
    kit_ok(&k, OPS->attempt_scan(k.s, NULL, 0, 0, rows, 32, &len));
    assert_int_equal(len, 21);
    kit_ok(&k, OPS->flight_scan(k.s, 0, rows, 32, &len));
    assert_int_equal(len, 1);
    assert_int_equal(rows[0].attempt, 4);
    assert_int_equal(rows[0].channel, OD_CHANNEL_VOICE);
    assert_int_equal(rows[0].notice, OD_NOTICE_NONE);
    kit_ok(&k, OPS->answer_scan(k.s, 1, 0, &answer, 1, &len));
    assert_string_equal(answer.choice, "Yes");
    kit_ok(&k, OPS->asset_get(k.s, OD_ASSET_MEDIA, 1, &asset));
    assert_memory_equal(asset.bytes, "AB", 2);
    uint8_t hash[32] = {0};
    kit_ok(&k, OPS->ledger_scan(k.s, 0, ledger, 4, &len));
    assert_int_equal(len, 3);
    for (size_t i = 0; i < len; i++) {
        assert_false(ledger[i].erased);
        od_ledger_seal_digest(hash, ledger[i].seq, ledger[i].utc_ms,
                              ledger[i].kind, ledger[i].subject,
                              ledger[i].digest, hash);
        assert_memory_equal(hash, ledger[i].hash, sizeof hash);
    }
    assert_string_equal(ledger[2].payload, "{\"row\":3}");
    kit_free(&k);
}

/* What version 2 added is there still, and no text ever was. */
static void test_migrate_keeps_what_version_2_had(void **state)
{
    (void)state;
    static od_campaign_record row;
    kit k = kit_new();
    open_as(&k, 1);
    kit_sql(&k, rows_of_1);
    put_ledger(&k);
    open_as(&k, 2);
    kit_sql(&k, rows_of_2);
    kit_open(&k);
    assert_int_equal(kit_number(&k, "PRAGMA user_version"), KIT_VERSION);
    kit_ok(&k, OPS->campaign_get(k.s, 1, &row));
    assert_int_equal(row.purpose, OD_PURPOSE_MARKETING);
    assert_int_equal(row.priority, 7);
    assert_int_equal(row.guards.brief_max, 60);
    assert_int_equal(row.end_utc_ms, 99);
    assert_int_equal(row.retries[13].delay_s, 60);
    assert_int_equal(row.retries[13].attempts_max, 2);
    assert_int_equal(row.validity_s, 86400);
    od_candidate ready = candidate(&k, READY);
    assert_int_equal(ready.consents.written, 1 << OD_PURPOSE_MARKETING);
    assert_int_equal(ready.recent_len, 2);
    od_group groups[2];
    od_contact_record contact;
    od_attempt_record calls[2];
    od_ledger_row ledger[3];
    size_t len = 0;
    bool listed = false;
    kit_ok(&k, OPS->group_scan(k.s, 0, groups, 2, &len));
    assert_int_equal(groups[1].fresh_utc_ms, 1234);
    kit_ok(&k, OPS->contact_get(k.s, 4, &contact));
    assert_string_equal(contact.contact.zip, "10001");
    assert_int_equal(contact.phones[0], UINT64_C(15550100009));
    kit_ok(&k, OPS->dnc_check(k.s, UINT64_C(19005550100), OD_CHANNEL_VOICE, 0,
                              7999, &listed));
    assert_true(listed);
    kit_ok(&k, OPS->dnc_check(k.s, UINT64_C(19005550100), OD_CHANNEL_TEXT, 0,
                              7999, &listed));
    assert_false(listed);
    kit_ok(&k, OPS->flight_scan(k.s, 0, calls, 1, &len));
    assert_int_equal(calls[0].caller_id, UINT64_C(15550109998));
    kit_ok(&k, OPS->attempt_scan(k.s, NULL, number(READY), 0, calls, 2, &len));
    assert_int_equal(calls[1].caller_id, UINT64_C(15550109997));
    kit_ok(&k, OPS->ledger_scan(k.s, 0, ledger, 3, &len));
    assert_true(ledger[1].erased);
    assert_int_equal(ledger[1].digest[31], 0x32);
    od_message_record text;
    od_reply_record reply;
    kit_ok(&k, OPS->message_scan(k.s, NULL, 0, 0, &text, 1, &len));
    assert_int_equal(len, 0);
    kit_ok(&k, OPS->reply_scan(k.s, NULL, 0, 0, &reply, 1, &len));
    assert_int_equal(len, 0);
    kit_free(&k);
}

/* == and it goes on ======================================================= */

static void test_migrate_goes_on(void **state)
{
    kit k = open_old(state);
    const od_outcome outcome = {.attempt = 4,
                                .phone = number(FLIGHT),
                                .sip_call_id = "c4",
                                .ended_utc_ms = called_ms + 99,
                                .disposition = OD_DISPOSITION_MACHINE,
                                .reached_network = true,
                                .target_state = OD_TARGET_BLOCKED,
                                .reason = OD_REASON_CAMPAIGN_ENDED};
    const od_ledger_entry entry = kit_entry(OD_LEDGER_OUTCOME);
    od_lane_request lane = {
        .campaign = 1, .lane = 3, .claims_max = 9, .scan_max = 9};
    od_exchange exchange = {.utc_ms = called_ms + 99,
                            .outcomes = &outcome,
                            .outcomes_len = 1,
                            .ledger = &entry,
                            .ledger_len = 1,
                            .lanes = &lane,
                            .lanes_len = 1,
                            .judge = kit_allow};
    kit_ok(&k, OPS->exchange(k.s, &exchange));
    assert_int_equal(lane.claimed, 1);
    od_candidate flight = candidate(&k, FLIGHT);
    assert_int_equal(od_tries_of(flight.tries, OD_DISPOSITION_ANSWERED), 1);
    assert_int_equal(od_tries_of(flight.tries, OD_DISPOSITION_MACHINE), 1);
    assert_int_equal(flight.recent_len, 2);
    assert_int_equal(flight.recent[0].utc_ms, 77);
    od_counters sums;
    kit_ok(&k, OPS->counters(k.s, 1, &sums));
    assert_int_equal(sums.blocked_by[OD_REASON_CAMPAIGN_ENDED], 1);
    assert_int_equal(sums.blocked_by[OD_REASON_NOT_ENROLLED], 1);
    assert_int_equal(sums.attempts_by[OD_DISPOSITION_MACHINE], 1);
    od_attempt_record live;
    size_t len = 0;
    kit_ok(&k, OPS->flight_scan(k.s, 0, &live, 1, &len));
    assert_int_equal(live.attempt, 23);
    assert_int_equal(live.phone, number(READY));
    kit_free(&k);
}

/* A text to who was called before stands in the same chain. */
static void test_migrate_goes_on_with_texts(void **state)
{
    kit k = open_old(state);
    static od_campaign_record record;
    od_message_record text;
    od_attempt_record calls[3];
    size_t len = 0;
    od_id campaign = 0;
    memset(&record, 0, sizeof record);
    (void)snprintf(record.name, sizeof record.name, "texts");
    record.channel = OD_CHANNEL_TEXT;
    record.groups_len = 1;
    record.groups[0] = 1;
    (void)snprintf(record.text, sizeof record.text, "Hello {{first_name}}");
    const od_ledger_entry entry = kit_entry(OD_LEDGER_CAMPAIGN_SET);
    kit_ok(&k, OPS->campaign_put(k.s, &record, &entry, &campaign));
    od_fill fill = {.campaign = campaign, .rows_max = 10};
    kit_ok(&k, OPS->fill(k.s, &fill));
    kit_ok(&k, OPS->target_call_back(k.s, campaign, number(READY), -1, &entry));
    kit_ok(&k, kit_text(&k, campaign, 1, "id-1", OD_DELIVERY_ACCEPTED));
    kit_ok(&k, OPS->message_last(k.s, number(READY), 0, &text));
    assert_int_equal(text.attempt, 23);
    assert_string_equal(text.text, "Hello");
    kit_ok(&k, OPS->attempt_scan(k.s, NULL, number(READY), 0, calls, 3, &len));
    assert_int_equal(len, 2);
    kit_ok(&k, OPS->message_scan(k.s, NULL, number(READY), 0, &text, 1, &len));
    assert_int_equal(len, 1);
    assert_int_equal(
        kit_number(&k, "SELECT before FROM message WHERE attempt = 23"), 2);
    kit_free(&k);
}

static int version_1 = 1;
static int version_2 = 2;

#define OF_BOTH(test)                                                          \
    {#test ", of version 1", test, NULL, NULL, &version_1},                    \
    {                                                                          \
#test ", of version 2", test, NULL, NULL, &version_2                   \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_migrate_steps_are_pinned),
        OF_BOTH(test_migrate_keeps_people),
        OF_BOTH(test_migrate_keeps_the_list),
        OF_BOTH(test_migrate_keeps_campaigns),
        OF_BOTH(test_migrate_keeps_targets),
        OF_BOTH(test_migrate_keeps_counters),
        OF_BOTH(test_migrate_keeps_records),
        cmocka_unit_test(test_migrate_keeps_what_version_2_had),
        OF_BOTH(test_migrate_goes_on),
        OF_BOTH(test_migrate_goes_on_with_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
