/*
 * test_sqlite_sums.c - what is kept twice (sums, lanes, places, the ledger's
 * chain) agrees with the rows after anything, in any order, whoever of two
 * connections wrote.
 */
#include "support/sqlite_kit.h"

#include "base/base.h"

#define OPS (&od__sqlite_ops)
#define PHONES 60
#define STEPS 1500

/* == what is kept twice =================================================== */

/* Calls and texts, which stand in one chain for each phone. */
#define ENDED                                                                  \
    "(SELECT id, campaign, phone, before, claimed_at, reached_network FROM "   \
    "attempt UNION ALL SELECT attempt, campaign, phone, before, claimed_at, "  \
    "reached_network FROM message)"

/* Each counts the rows that disagree. */
static const char *const checks[] = {
    "SELECT count(*) FROM contact_group g WHERE members <> "
    "(SELECT count(*) FROM member WHERE group_id = g.id)",
    "SELECT count(*) FROM member m JOIN contact c ON c.id = m.contact "
    "WHERE c.place <> m.place OR c.phone <> m.phone",
    "SELECT count(*) FROM member WHERE contact NOT IN "
    "(SELECT id FROM contact)",
    "SELECT count(*) FROM target t JOIN contact c ON c.id = t.contact "
    "WHERE t.place <> CASE t.phone WHEN c.phone THEN c.place WHEN c.phone2 "
    "THEN c.place2 WHEN c.phone3 THEN c.place3 ELSE t.place END",
    "SELECT count(*) FROM contact WHERE (phone2 = 0 AND place2 <> 0) OR "
    "(phone3 = 0 AND place3 <> 0)",
    "SELECT count(*) FROM target WHERE lane <> place * 2 + (attempts > 0)",
    /* ready, flight, done, blocked */
    "SELECT count(*) FROM campaign c, (SELECT 0 AS s UNION SELECT 1 UNION "
    "SELECT 2 UNION SELECT 3) WHERE coalesce((SELECT value FROM counter "
    "WHERE campaign = c.id AND kind = s + 1), 0) <> (SELECT count(*) FROM "
    "target WHERE campaign = c.id AND state = s)",
    "SELECT count(*) FROM counter n WHERE kind BETWEEN 100 AND 199 AND "
    "value <> (SELECT count(*) FROM target WHERE campaign = n.campaign AND "
    "state = 3 AND reason = kind - 100)",
    "SELECT count(*) FROM counter n WHERE kind BETWEEN 200 AND 299 AND "
    "value <> (SELECT count(*) FROM target WHERE campaign = n.campaign AND "
    "state = 2 AND disposition = kind - 200)",
    "SELECT count(*) FROM counter n JOIN campaign c ON c.id = campaign AND "
    "channel = 0 WHERE kind BETWEEN 300 AND 399 AND value <> (SELECT count(*) "
    "FROM attempt WHERE campaign = n.campaign AND disposition = kind - 300)",
    /* Receipts change the disposition of a text, not that of its attempt. */
    "SELECT count(*) FROM campaign c WHERE coalesce((SELECT sum(value) FROM "
    "counter WHERE campaign = c.id AND kind BETWEEN 300 AND 399), 0) <> "
    "(SELECT count(*) FROM attempt WHERE campaign = c.id) + (SELECT count(*) "
    "FROM message WHERE campaign = c.id AND notice = 0)",
    "SELECT count(*) FROM counter n WHERE kind BETWEEN 400 AND 499 AND "
    "value <> (SELECT count(*) FROM message WHERE campaign = n.campaign AND "
    "notice = 0 AND delivery = kind - 400)",
    "SELECT count(*) FROM campaign c WHERE coalesce((SELECT value FROM counter "
    "WHERE campaign = c.id AND kind = 8), 0) <> coalesce((SELECT sum(segments) "
    "FROM message WHERE campaign = c.id AND notice = 0 AND delivery <> 0), 0)",
    "SELECT count(*) FROM campaign c WHERE coalesce((SELECT value FROM counter "
    "WHERE campaign = c.id AND kind = 9), 0) <> (SELECT count(*) FROM reply "
    "WHERE campaign = c.id)",
    "SELECT count(*) FROM lane_counter n WHERE ready <> (SELECT count(*) "
    "FROM target WHERE campaign = n.campaign AND lane = n.lane AND "
    "state = 0)",
    "SELECT count(*) FROM (SELECT DISTINCT campaign, lane FROM target WHERE "
    "state = 0 EXCEPT SELECT campaign, lane FROM lane_counter)",
    "SELECT count(*) FROM flight f WHERE notice = 0 AND NOT EXISTS (SELECT 1 "
    "FROM target t "
    "WHERE t.campaign = f.campaign AND t.phone = f.phone AND t.state = 1)",
    "SELECT (SELECT count(*) FROM flight WHERE notice = 0) <> (SELECT count(*) "
    "FROM target WHERE state = 1)",
    "SELECT count(*) FROM " ENDED " WHERE id IN (SELECT attempt FROM flight)",
    "SELECT (SELECT count(DISTINCT id) FROM " ENDED ") + (SELECT count(*) FROM "
    "flight) <> (SELECT value FROM meta WHERE key = 'attempt')",
    "SELECT count(*) <> coalesce(max(seq), 0) FROM ledger",
    "SELECT count(*) FROM line l WHERE attempt <> (SELECT max(id) FROM " ENDED
    " WHERE phone = l.phone)",
    "SELECT count(*) FROM " ENDED " a WHERE phone <> 0 AND before <> "
    "coalesce((SELECT max(id) FROM " ENDED " WHERE phone = a.phone AND "
    "id < a.id), 0)",
    "SELECT count(*) FROM attempt WHERE phone = 0 AND (before <> 0 OR "
    "contact <> 0 OR session_id <> '')",
    "SELECT count(*) FROM message WHERE phone = 0 AND (before <> 0 OR "
    "contact <> 0 OR session_id <> '' OR text <> '' OR network_ids <> x'')",
    "SELECT count(*) FROM message WHERE (delivery <> 0) <> (parts <> x'') OR "
    "(open_until <> 0 AND delivery NOT IN (1, 2))",
    "SELECT count(*) FROM message_part p LEFT JOIN message m ON "
    "m.attempt = p.attempt WHERE coalesce(instr(m.network_ids, "
    "CAST(p.network_id || char(0) AS BLOB)), 0) = 0 OR m.trunk <> p.trunk OR "
    "p.part >= length(m.parts)",
    "SELECT count(*) FROM reply WHERE phone = 0 AND (contact <> 0 OR "
    "text <> '' OR network_id <> '' OR owed <> 0)",
    "SELECT count(*) FROM reply WHERE (owed = 0) <> (owed_until = 0)",
    "SELECT count(*) FROM message m WHERE notice <> 0 AND (contact <> 0 OR "
    "reached_network OR NOT EXISTS (SELECT 1 FROM reply r WHERE "
    "r.id = m.reply AND r.answered = m.notice AND r.campaign = m.campaign))",
    "SELECT count(*) FROM line l WHERE coalesce((SELECT instr(l.recent, "
    "printf('%d %d ', claimed_at, campaign)) FROM " ENDED " WHERE "
    "phone = l.phone AND reached_network ORDER BY id DESC LIMIT 1), "
    "l.recent = '') <> 1",
    "SELECT count(*) FROM " ENDED " WHERE phone <> 0 AND phone NOT IN "
    "(SELECT phone FROM line)",
};

static void check_rows(const kit *k)
{
    for (size_t i = 0; i < OD__LEN(checks); i++) {
        if (kit_number(k, checks[i]) != 0) {
            fail_msg("%s", checks[i]);
        }
    }
}

static void check_link(uint8_t hash[32], const od_ledger_row *row)
{
    uint8_t sealed[32];
    od_ledger_entry entry = {.utc_ms = row->utc_ms,
                             .subject = row->subject,
                             .kind = row->kind,
                             .payload = row->payload};
    memcpy(entry.salt, row->salt, sizeof entry.salt);
    od_ledger_seal(hash, row->seq, &entry, sealed);
    assert_int_equal(memcmp(sealed, row->hash, 32) != 0, row->erased);
    assert_true(!row->erased || row->payload[0] == '\0');
    od_ledger_seal_digest(hash, row->seq, row->utc_ms, row->kind, row->subject,
                          row->digest, hash);
    assert_memory_equal(hash, row->hash, 32);
}

/* How many rows are erased. */
static int64_t check_chain(kit *k)
{
    od_ledger_row rows[100];
    uint8_t hash[32] = {0};
    int64_t seq = 0;
    int64_t erased = 0;
    size_t len = 100;
    while (len == 100) {
        kit_ok(k, OPS->ledger_scan(k->s, seq, rows, 100, &len));
        for (size_t i = 0; i < len; i++) {
            assert_int_equal(rows[i].seq, ++seq);
            check_link(hash, &rows[i]);
            erased += rows[i].erased ? 1 : 0;
        }
    }
    return erased;
}

/* Rows of a table that name a phone. */
static int64_t rows_of(const kit *k, const char *table, uint64_t phone)
{
    char sql[100];
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM %s WHERE phone = %" PRIu64, table,
                   phone);
    return kit_number(k, sql);
}

/* The calls to a phone are those that a look at all calls finds. */
static void check_log(kit *k)
{
    od_attempt_record rows[200];
    for (uint64_t phone = KIT_PHONE; phone < KIT_PHONE + PHONES; phone++) {
        size_t len = 0;
        kit_ok(k, OPS->attempt_scan(k->s, NULL, phone, 0, rows, 200, &len));
        assert_int_equal(len, rows_of(k, "attempt", phone));
        if (len > 1) {
            od_id second = rows[1].attempt;
            kit_ok(k, OPS->attempt_scan(k->s, NULL, phone, rows[0].attempt,
                                        rows, 1, &len));
            assert_int_equal(len, 1);
            assert_int_equal(rows[0].attempt, second);
        }
    }
}

/* And so are the texts; the last of a campaign is what is said to be. */
static void check_texts(kit *k)
{
    od_message_record rows[200];
    od_message_record last;
    for (uint64_t phone = KIT_PHONE; phone < KIT_PHONE + PHONES; phone++) {
        char sql[300];
        size_t len = 0;
        kit_ok(k, OPS->message_scan(k->s, NULL, phone, 0, rows, 200, &len));
        assert_int_equal(len, rows_of(k, "message", phone));
        (void)snprintf(sql, sizeof sql,
                       "SELECT coalesce(max(attempt), 0) FROM (SELECT * FROM "
                       "(SELECT attempt, phone, notice FROM message UNION ALL "
                       "SELECT attempt, phone, notice + 1 - channel FROM "
                       "flight) WHERE phone = %" PRIu64 " AND notice = 0)",
                       phone);
        od_id want = kit_number(k, sql);
        od_err err = OPS->message_last(k->s, phone, 0, &last);
        assert_int_equal(err, want != 0 ? OD_OK : OD_ERR_NOT_FOUND);
        assert_true(want == 0 || last.attempt == want);
    }
}

/* A scan of targets says what is said of each of them. */
static void check_targets(kit *k, od_id campaign, int64_t utc_ms)
{
    static od_candidate rows[PHONES + 8];
    static od_campaign_record record;
    kit_ok(k, OPS->campaign_get(k->s, campaign, &record));
    int32_t channel = record.channel;
    size_t len = 0;
    kit_ok(k,
           OPS->target_scan(k->s, campaign, 0, utc_ms, rows, PHONES + 8, &len));
    for (size_t i = 0; i < len; i++) {
        od_candidate one;
        kit_ok(k, OPS->candidate(k->s, campaign, rows[i].phone, utc_ms, &one));
        assert_memory_equal(&one, &rows[i], sizeof one);
        bool listed;
        kit_ok(k, OPS->dnc_check(k->s, one.phone, channel, campaign, utc_ms,
                                 &listed));
        assert_int_equal(listed, one.dnc);
    }
}

/* == anything, in any order =============================================== */

typedef struct play {
    od__rand random;
    od_id groups[3];
    od_id campaigns[3];
    int32_t places[5];
    int64_t utc_ms;
    int64_t erased;   /* calls that name nobody any more */
    int64_t followed; /* targets of further phones, now and then */
    int64_t notices;  /* that were claimed */
} play;

static uint64_t below(play *p, uint64_t n)
{
    return od__rand_below(&p->random, n);
}

static void expect(const kit *k, od_err err)
{
    if (err != OD_ERR_NOT_FOUND && err != OD_ERR_EXISTS &&
        err != OD_ERR_STATE) {
        kit_ok(k, err);
    }
}

/* A place, and sometimes further phones: numbers that others have, too. */
static void set_places(play *p, od_member_row *row)
{
    row->place = p->places[below(p, 5)];
    for (size_t i = 0; i < OD_PHONES_MORE && below(p, 3) == 0; i++) {
        uint64_t phone = KIT_PHONE + below(p, PHONES + 8);
        if (phone != row->phone && phone != row->phones[0]) {
            row->phones[i] = phone;
            row->places[i] = p->places[below(p, 5)];
        }
    }
}

static void put_members(kit *k, play *p)
{
    od_member_row rows[8];
    od_member_result results[8];
    size_t len = 1 + (size_t)below(p, 8);
    uint64_t phone = KIT_PHONE + below(p, PHONES);
    for (size_t i = 0; i < len; i++) {
        rows[i] = (od_member_row){.phone = phone};
        set_places(p, &rows[i]);
        phone += below(p, 4);
    }
    od_member_batch batch = {.group = p->groups[below(p, 3)],
                             .import = (int64_t)below(p, 3),
                             .utc_ms = p->utc_ms,
                             .update = below(p, 2) == 0,
                             .rows = rows,
                             .rows_len = len,
                             .results = results};
    kit_ok(k, OPS->member_put(k->s, &batch));
}

static void move_contact(kit *k, play *p)
{
    od_id contact = 1 + (od_id)below(p, PHONES * 2);
    od_id group = p->groups[below(p, 3)];
    od_contact_record record = {0};
    od_member_row row = {0};
    expect(k, OPS->contact_get(k->s, contact, &record));
    row.phone = record.phone;
    set_places(p, &row);
    switch (below(p, 4)) {
    case 0:
        expect(k, OPS->member_join(k->s, contact, group, p->utc_ms));
        break;
    case 1:
        expect(k, OPS->member_remove(k->s, contact, group));
        break;
    case 2:
        expect(k, OPS->member_remove(k->s, contact, 0));
        break;
    default:
        expect(k, OPS->contact_update(k->s, contact, &row, p->utc_ms));
        break;
    }
}

static void change_dnc(kit *k, play *p)
{
    int32_t scope = (int32_t)below(p, 4);
    od_dnc_record row = {.phone = KIT_PHONE + below(p, PHONES), .scope = scope};
    if (below(p, 2) == 0) {
        row.expires_utc_ms = p->utc_ms + (int64_t)below(p, 9000);
    }
    if (below(p, 6) == 0) {
        row.prefix = true;
        row.phone /= row.expires_utc_ms == 0 ? 10 : 100;
    }
    row.campaign = scope == OD_DNC_CAMPAIGN ? p->campaigns[below(p, 3)] : 0;
    od_ledger_entry entry = kit_entry(OD_LEDGER_DNC_ADD);
    if (below(p, 2) == 0) {
        kit_ok(k, OPS->dnc_add(k->s, &row, &entry, 1, NULL));
    } else {
        expect(k, OPS->dnc_remove(k->s, row.phone, row.prefix, row.scope,
                                  row.campaign, p->utc_ms, &entry));
    }
}

static void change_consent(kit *k, play *p)
{
    const od_consent_record row = {
        .phone = KIT_PHONE + below(p, PHONES),
        .kind = (int32_t)below(p, OD_CONSENT_KINDS + 1),
        .purpose = (int32_t)below(p, OD_PURPOSES + 1),
        .obtained_utc_ms = (int64_t)below(p, 3),
        .added_utc_ms = p->utc_ms,
        .seller = below(p, 4) == 0 ? "other" : ""};
    od_ledger_entry entry = kit_entry(OD_LEDGER_CONSENT_ADD);
    if (below(p, 3) > 0) {
        kit_ok(k, OPS->consent_add(k->s, &row, &entry, 1, p->utc_ms, NULL));
    } else {
        expect(k, OPS->consent_revoke(k->s, row.phone,
                                      below(p, 2) == 0 ? row.seller : NULL,
                                      p->utc_ms, &entry));
    }
}

static void change_target(kit *k, play *p)
{
    od_ledger_entry entry = kit_entry(OD_LEDGER_CALLBACK);
    od_id campaign = p->campaigns[below(p, 3)];
    if (below(p, 3) == 0) {
        kit_ok(k, OPS->refill(k->s, campaign));
    } else {
        expect(k, OPS->target_call_back(k->s, campaign,
                                        KIT_PHONE + below(p, PHONES),
                                        p->utc_ms + 50, &entry));
    }
}

static void erase_person(kit *k, play *p)
{
    od_ledger_entry entry = kit_entry(OD_LEDGER_ERASE);
    const int64_t seqs[] = {1 + (int64_t)below(p, 40),
                            50 + (int64_t)below(p, 40), 1000000};
    od_erase erase = {.phone = KIT_PHONE + below(p, PHONES),
                      .before_utc_ms = p->utc_ms - (int64_t)below(p, 90000),
                      .seqs = seqs,
                      .seqs_len = OD__LEN(seqs)};
    expect(k, OPS->person_erase(k->s, &erase, &entry));
    p->erased += erase.calls;
}

static void change_campaign(kit *k, play *p)
{
    static od_campaign_record record;
    od_id campaign = p->campaigns[below(p, 3)];
    od_ledger_entry entry = kit_entry(OD_LEDGER_CAMPAIGN_SET);
    if (below(p, 3) == 0) {
        kit_ok(k, OPS->campaign_get(k->s, campaign, &record));
        record.groups_len = (int32_t)below(p, 4);
        size_t at = (size_t)below(p, 3);
        for (int32_t i = 0; i < record.groups_len; i++) {
            record.groups[i] = p->groups[(at + (size_t)i) % 3];
        }
        kit_ok(k, OPS->campaign_put(k->s, &record, &entry, &campaign));
    } else {
        int32_t from = (int32_t)below(p, OD_CAMPAIGN_STATES);
        int32_t to = below(p, 2) == 0 ? OD_CAMPAIGN_RUNNING
                                      : (int32_t)below(p, OD_CAMPAIGN_STATES);
        expect(k, OPS->campaign_cas(k->s, campaign, from, to, "", p->utc_ms,
                                    &entry));
    }
    od_fill fill = {.campaign = campaign,
                    .utc_ms = p->utc_ms,
                    .rows_max = 1 + (int32_t)below(p, 30),
                    .attempts_below = (int32_t)below(p, 4)};
    kit_ok(k, OPS->fill(k->s, &fill));
}

static bool judge_any(void *ctx, const od_candidate *candidate, od_id attempt,
                      od_ruling *out)
{
    play *p = ctx;
    assert_int_equal(candidate->state, OD_TARGET_READY);
    assert_true(candidate->due_utc_ms <= p->utc_ms);
    uint64_t dice = below(p, 10);
    if (dice == 0) {
        return false;
    }
    if (dice < 3 || candidate->in_flight) {
        out->verdict.kind = OD_VERDICT_DEFER;
        out->verdict.until_utc_ms = p->utc_ms + (int64_t)below(p, 3000);
        return true;
    }
    if (dice < 4 || candidate->dnc) {
        out->verdict.kind = OD_VERDICT_BLOCK;
        static const int32_t reasons[] = {OD_REASON_PLACE_UNKNOWN,
                                          OD_REASON_ATTEMPTS_USED,
                                          OD_REASON_CONSENT};
        out->verdict.reason =
            candidate->dnc ? OD_REASON_DNC : reasons[below(p, 3)];
        out->follow = below(p, 2) == 0;
        return true;
    }
    return kit_allow(NULL, candidate, attempt, out);
}

/* What a network says of a text that it took. Its ids are few, so that they
 * come again. */
static const od_sent *some_sent(play *p)
{
    static const char *const names[] = {"", "a", "b", "c", "dd", "eee", "f"};
    static const char *ids[4][3];
    static od_sent sents[4];
    static size_t at;
    at = (at + 1) % 4;
    sents[at] = (od_sent){.delivery = below(p, 4) == 0 ? OD_DELIVERY_DELIVERED
                                                       : OD_DELIVERY_ACCEPTED,
                          .network_ids_len = 1 + (int32_t)below(p, 3),
                          .network_ids = ids[at],
                          .open_until_utc_ms = p->utc_ms + 5000};
    for (size_t i = 0; i < 3; i++) {
        ids[at][i] = names[below(p, OD__LEN(names))];
    }
    return &sents[at];
}

/* Ends of some live attempts, and of one that is none. */
static size_t some_outcomes(kit *k, play *p, od_outcome *out, size_t max)
{
    od_attempt_record live[4];
    size_t len = 0;
    kit_ok(k, OPS->flight_scan(k->s, 0, live, max, &len));
    for (size_t i = 0; i < len; i++) {
        out[i] = (od_outcome){
            .attempt = live[i].attempt + (below(p, 10) == 0 ? 1000 : 0),
            .phone = live[i].phone,
            .sip_call_id = "x",
            .ended_utc_ms = p->utc_ms,
            .talk_ms = 10,
            .disposition = 1 + (int32_t)below(p, OD_DISPOSITIONS - 1),
            .reached_network = below(p, 3) > 0,
            .answered = below(p, 3) == 0,
            .number_invalid = below(p, 9) == 0,
            .follow = below(p, 2) == 0,
            .target_state = OD_TARGET_READY,
            .reason = OD_REASON_NUMBER_INVALID,
            .due_utc_ms = p->utc_ms + (int64_t)below(p, 2000)};
        uint64_t dice = below(p, 3);
        out[i].target_state = dice == 0   ? OD_TARGET_READY
                              : dice == 1 ? OD_TARGET_DONE
                                          : OD_TARGET_BLOCKED;
        if (live[i].channel == OD_CHANNEL_TEXT && below(p, 3) > 0) {
            out[i].disposition = OD_DISPOSITION_SENT;
            out[i].sent = some_sent(p);
        }
    }
    return len;
}

static size_t some_receipts(kit *k, play *p, od_receipt_record *out, size_t max)
{
    od_message_record texts[4];
    size_t len = 0;
    od_id after = kit_number(k, "SELECT value FROM meta WHERE key = 'attempt'");
    after = (od_id)below(p, (uint64_t)after + 1);
    kit_ok(k, OPS->message_scan(k->s, NULL, 0, after, texts, max, &len));
    for (size_t i = 0; i < len; i++) {
        out[i] = (od_receipt_record){
            .attempt = texts[i].attempt,
            .phone = texts[i].phone + (below(p, 10) == 0 ? 1 : 0),
            .part = (int32_t)below(p, 4) - 1,
            .delivery = (int32_t)below(p, OD_DELIVERIES),
            .disposition = OD_DISPOSITION_UNDELIVERED,
            .due_utc_ms = p->utc_ms + (int64_t)below(p, 2000),
            .utc_ms = p->utc_ms,
            .number_invalid = below(p, 9) == 0,
            .follow = below(p, 2) == 0,
            .network_code = "007"};
        static const int32_t states[] = {OD_NONE, OD_TARGET_READY,
                                         OD_TARGET_DONE};
        out[i].target_state = states[below(p, 3)];
    }
    return len;
}

/* Some come twice. */
static size_t some_replies(play *p, od_reply_record *out, size_t dnc_len)
{
    static int64_t nonce;
    nonce += below(p, 4) == 0 ? 0 : 1;
    *out = (od_reply_record){
        .nonce = nonce * 7919,
        .campaign = p->campaigns[2],
        .phone = KIT_PHONE + below(p, PHONES),
        .trunk = "main",
        .network_id = "in",
        .text = "stop",
        .utc_ms = p->utc_ms,
        .kind = OD_REPLY_OPT_OUT,
        .owed = (int32_t)below(p, 3),
        .dnc_at = dnc_len > 0 && below(p, 2) == 0 ? 0 : OD_NONE,
        .owed_until_utc_ms = p->utc_ms + (int64_t)below(p, 20000) + 1};
    return below(p, 5) == 0 ? 1 : 0;
}

static size_t some_notices(kit *k, play *p, od_notice_claim *out, size_t max)
{
    od_reply_record owed[2];
    size_t len = 0;
    od_id after = (od_id)below(p, 50);
    kit_ok(k, OPS->reply_owed(k->s, p->utc_ms, after, owed, max, &len));
    for (size_t i = 0; i < len; i++) {
        out[i] = (od_notice_claim){.reply = owed[i].id,
                                   .notice = below(p, 6) == 0 ? OD_NOTICE_HELP
                                                              : owed[i].owed,
                                   .unless_listed = below(p, 2) == 0,
                                   .caller_id = 12345,
                                   .session_id = "session",
                                   .trunk = "main",
                                   .text = "You get no more texts",
                                   .encoding = OD_TEXT_ENCODING_GSM,
                                   .segments = 1,
                                   .ledger = kit_entry(OD_LEDGER_ATTEMPT)};
    }
    return len;
}

/* Ask some lanes, in the same commit. */
static void ask(kit *k, play *p, od_exchange *exchange)
{
    od_lane_request lanes[6];
    for (size_t i = 0; i < OD__LEN(lanes); i++) {
        lanes[i] = (od_lane_request){
            .campaign = p->campaigns[below(p, 3)],
            .lane = od_lane_of(p->places[below(p, 5)], below(p, 2) == 0),
            .claims_max = (int32_t)below(p, 6),
            .scan_max = (int32_t)below(p, 9)};
    }
    exchange->lanes = lanes;
    exchange->lanes_len = OD__LEN(lanes);
    exchange->judge = judge_any;
    exchange->judge_ctx = p;
    kit_ok(k, OPS->exchange(k->s, exchange));
    for (size_t i = 0; i < OD__LEN(lanes); i++) {
        assert_true(lanes[i].claimed <= lanes[i].scanned);
        assert_true(lanes[i].claimed <= lanes[i].claims_max);
        assert_true(lanes[i].scanned <= lanes[i].scan_max);
    }
    exchange->lanes = NULL;
    exchange->lanes_len = 0;
}

static void exchange(kit *k, play *p)
{
    od_outcome outcomes[4];
    od_receipt_record receipts[4];
    od_notice_claim notices[2];
    od_reply_record reply;
    od_ledger_entry entries[16];
    for (size_t i = 0; i < OD__LEN(entries); i++) {
        entries[i] = kit_entry(OD_LEDGER_OUTCOME);
    }
    const od_dnc_record dnc = {.phone = KIT_PHONE + below(p, PHONES),
                               .source = "reply"};
    const od_release release = {.phone = KIT_PHONE + below(p, PHONES),
                                .source = "reply",
                                .utc_ms = p->utc_ms};
    od_exchange exchange = {.utc_ms = p->utc_ms,
                            .dnc = &dnc,
                            .dnc_len = below(p, 20) == 0 ? 1 : 0,
                            .outcomes = outcomes,
                            .releases = &release,
                            .releases_len = below(p, 20) == 0 ? 1 : 0,
                            .receipts = receipts,
                            .replies = &reply,
                            .notices = notices,
                            .ledger = entries};
    exchange.outcomes_len = some_outcomes(k, p, outcomes, (size_t)below(p, 4));
    exchange.receipts_len = some_receipts(k, p, receipts, (size_t)below(p, 4));
    exchange.replies_len = some_replies(p, &reply, exchange.dnc_len);
    exchange.notices_len = some_notices(k, p, notices, (size_t)below(p, 3));
    exchange.ledger_len = exchange.dnc_len + exchange.outcomes_len +
                          exchange.releases_len + exchange.receipts_len +
                          exchange.replies_len;
    ask(k, p, &exchange);
    for (size_t i = 0; i < exchange.notices_len; i++) {
        p->notices += notices[i].claimed ? 1 : 0;
    }
}

static void test_sums_follow_rows(void **state)
{
    (void)state;
    static const char followed[] =
        "SELECT count(*) FROM target t JOIN contact c ON c.id = t.contact "
        "WHERE t.phone IN (c.phone2, c.phone3)";
    play p = {.random = {od_test_seed(3)}, .utc_ms = KIT_UTC_MS};
    kit k = kit_new();
    kit_open(&k);
    kit other = k;
    kit_open(&other);
    for (int i = 0; i < 5; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "number %d", i);
        p.places[i] = kit_place(&k, name);
        if (i < 3) {
            p.groups[i] = kit_group(&k, name);
            p.campaigns[i] =
                kit_campaign_of(&k, name, p.groups[i],
                                i == 2 ? OD_CHANNEL_TEXT : OD_CHANNEL_VOICE);
        }
    }
    for (int i = 0; i < STEPS; i++) {
        static void (*const moves[])(kit *, play *) = {
            put_members,    move_contact,    move_contact, change_dnc,
            exchange,       change_campaign, exchange,     exchange,
            change_consent, change_target,   exchange,     exchange};
        kit *by = below(&p, 3) == 0 ? &other : &k;
        moves[below(&p, OD__LEN(moves))](by, &p);
        p.utc_ms += (int64_t)below(&p, 500);
        if (i % 50 == 49) {
            erase_person(&k, &p);
            check_rows(&k);
            p.followed += kit_number(&k, followed);
            check_targets(&k, p.campaigns[below(&p, 3)], p.utc_ms);
        }
    }
    static const char *const counts[] = {
        "SELECT count(*) FROM attempt", "SELECT count(*) FROM message",
        "SELECT count(*) FROM message WHERE network_code <> ''",
        "SELECT count(*) FROM reply"};
    static const int64_t at_least[] = {50, 50, 10, 20};
    for (size_t i = 0; i < OD__LEN(counts); i++) {
        print_message("%s: %" PRId64 "\n", counts[i],
                      kit_number(&k, counts[i]));
        assert_true(kit_number(&k, counts[i]) > at_least[i]);
    }
    assert_true(p.notices > 5);
    assert_true(p.erased > 0);
    assert_true(p.followed > 0);
    assert_true(check_chain(&k) > 0);
    check_log(&k);
    check_texts(&k);
    kit_close(&other);
    kit_free(&k);
}

/* == more sums than fit in memory ========================================= */

static void test_many_campaigns_and_lanes(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    od_id group = kit_group(&k, "people");
    enum { CAMPAIGNS = OD__SUMS_MAX + 5, PLACES = OD__LANE_SUMS_MAX };
    for (int i = 0; i < CAMPAIGNS; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "campaign %d", i);
        (void)kit_campaign(&k, name, group);
    }
    static od_member_row rows[PLACES];
    static od_member_result results[PLACES];
    for (int i = 0; i < PLACES; i++) {
        rows[i].phone = KIT_PHONE + (uint64_t)i;
        rows[i].place = i + 1;
    }
    od_member_batch batch = {
        .group = group, .rows = rows, .rows_len = PLACES, .results = results};
    kit_ok(&k, OPS->member_put(k.s, &batch));
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM target"),
                     CAMPAIGNS * PLACES);
    check_rows(&k);
    kit_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_follow_rows),
        cmocka_unit_test(test_many_campaigns_and_lanes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
