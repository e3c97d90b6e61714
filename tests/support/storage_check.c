/*
 * storage_check.c - kit_check(): does everything that a storage counts equal a
 * recount of what its scans say?
 *
 * The recount knows of the targets of those phones that the kit remembers, so
 * a test puts phones in with the kit's verbs or calls kit_remember(). Two sums
 * cannot be recounted from rows: opted_out and talk_ms, and the calls per
 * minute. The tests of outcomes look at those.
 */
#include "support/storage_check.h"

#include <inttypes.h>

#define PAGE CHECK_PAGE

/* == facts of one phone =================================================== */

typedef struct phone_facts {
    int64_t called_utc_ms;
    int64_t answered_utc_ms;
    bool in_flight;
    size_t recent_len; /* all of them, the oldest first */
    od_recent recent[KIT_SEEN_MAX];
    od_id attempts[KIT_SEEN_MAX]; /* of recent */
} phone_facts;

/* Calls and texts are listed apart: each takes its place among the others. */
static void add_recent(phone_facts *facts, od_id attempt, int64_t utc_ms,
                       od_id campaign)
{
    assert_true(facts->recent_len < KIT_SEEN_MAX);
    size_t at = facts->recent_len++;
    for (; at > 0 && facts->attempts[at - 1] > attempt; at--) {
        facts->attempts[at] = facts->attempts[at - 1];
        facts->recent[at] = facts->recent[at - 1];
    }
    facts->attempts[at] = attempt;
    facts->recent[at] = (od_recent){utc_ms, campaign};
    facts->called_utc_ms = facts->recent[facts->recent_len - 1].utc_ms;
}

/* A text says whether the network took it, or may have. */
static void add_texts(od_kit *kit, uint64_t phone, phone_facts *facts)
{
    od_message_record rows[PAGE];
    od_id after = 0;
    size_t count = PAGE;
    while (count == PAGE) {
        kit_ok(kit,
               OP(message_scan, NULL, phone, after, rows, PAGE, &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].attempt > after);
            assert_int_equal(rows[i].phone, phone);
            after = rows[i].attempt;
            bool reached = rows[i].parts_len > 0 ||
                           rows[i].disposition == OD_DISPOSITION_UNKNOWN;
            if (reached && rows[i].notice == OD_NOTICE_NONE) {
                add_recent(facts, after, rows[i].claimed_utc_ms,
                           rows[i].campaign);
            }
        }
    }
}

static phone_facts facts_of(od_kit *kit, uint64_t phone)
{
    phone_facts out = {0};
    od_attempt_record rows[PAGE];
    od_id after = 0;
    size_t count = PAGE;
    while (count == PAGE) {
        kit_ok(kit, OP(attempt_scan, NULL, phone, after, rows,
                                           PAGE, &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].attempt > after);
            assert_int_equal(rows[i].phone, phone);
            after = rows[i].attempt;
            assert_int_equal(rows[i].channel, OD_CHANNEL_VOICE);
            if (rows[i].reached_network) {
                add_recent(&out, after, rows[i].claimed_utc_ms,
                           rows[i].campaign);
            }
            if (rows[i].disposition == OD_DISPOSITION_ANSWERED) {
                out.answered_utc_ms = rows[i].ended_utc_ms;
            }
        }
    }
    add_texts(kit, phone, &out);
    after = 0;
    count = PAGE;
    while (count == PAGE) {
        kit_ok(kit, OP(flight_scan, after, rows, PAGE,
                                          &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].attempt > after);
            after = rows[i].attempt;
            /* One live attempt per phone. */
            assert_false(out.in_flight && rows[i].phone == phone);
            out.in_flight = out.in_flight || rows[i].phone == phone;
        }
    }
    return out;
}

/* The last calls of all that were listed, the latest first, then zeroes. */
static void check_recent(const od_candidate *target, const phone_facts *facts)
{
    static const od_recent zero;
    size_t len =
        facts->recent_len < OD_RECENT_MAX ? facts->recent_len : OD_RECENT_MAX;
    assert_int_equal(target->recent_len, len);
    for (size_t i = 0; i < OD_RECENT_MAX; i++) {
        const od_recent *want =
            i < len ? &facts->recent[facts->recent_len - 1 - i] : &zero;
        assert_int_equal(target->recent[i].utc_ms, want->utc_ms);
        assert_int_equal(target->recent[i].campaign, want->campaign);
    }
}

static bool concerns(const od_dnc_record *row, uint64_t phone, int32_t channel,
                     od_id campaign, int64_t utc_ms)
{
    char digits[24];
    char begin[24];
    (void)snprintf(digits, sizeof digits, "%" PRIu64, phone);
    (void)snprintf(begin, sizeof begin, "%" PRIu64, row->phone);
    bool of_phone = row->prefix ? strncmp(digits, begin, strlen(begin)) == 0
                                : row->phone == phone;
    int32_t of_channel =
        channel == OD_CHANNEL_TEXT ? OD_DNC_TEXT : OD_DNC_VOICE;
    bool scope =
        row->scope == OD_DNC_ALL || row->scope == of_channel ||
        (row->scope == OD_DNC_CAMPAIGN && row->campaign == campaign);
    bool in_force =
        row->expires_utc_ms == 0 || row->expires_utc_ms > utc_ms;
    return of_phone && scope && in_force;
}

/* Is it on the list now, and *until when (0: for ever)? */
static bool listed_as_dnc(od_kit *kit, uint64_t phone, int32_t channel,
                          od_id campaign, int64_t *until)
{
    od_dnc_record rows[PAGE];
    od_id after = 0;
    size_t count = PAGE;
    bool out = false;
    bool for_ever = false;
    *until = 0;
    while (count == PAGE) {
        kit_ok(kit,
               OP(dnc_scan, after, rows, PAGE, &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].id > after);
            after = rows[i].id;
            if (concerns(&rows[i], phone, channel, campaign, kit->now)) {
                out = true;
                for_ever = for_ever || rows[i].expires_utc_ms == 0;
                *until = rows[i].expires_utc_ms > *until
                             ? rows[i].expires_utc_ms
                             : *until;
            }
        }
    }
    *until = for_ever ? 0 : *until;
    return out;
}

static void count_consent(const od_consent_record *row, od_consents *out)
{
    uint32_t bit = (uint32_t)1 << row->purpose;
    int64_t when = row->obtained_utc_ms;
    if (row->kind == OD_CONSENT_EXPRESS) {
        out->express |= bit;
    } else if (row->kind == OD_CONSENT_WRITTEN) {
        out->written |= bit;
    } else if (row->kind == OD_CONSENT_PURCHASE) {
        out->purchased_utc_ms =
            when > out->purchased_utc_ms ? when : out->purchased_utc_ms;
    } else if (when > out->inquired_utc_ms) {
        out->inquired_utc_ms = when;
    }
}

static od_consents consents_of(od_kit *kit, uint64_t phone, const char *seller)
{
    od_consents out = {0};
    od_consent_record rows[PAGE];
    od_id after = 0;
    size_t count = PAGE;
    while (count == PAGE) {
        kit_ok(kit, OP(consent_scan, phone, after, rows, PAGE, &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].id > after);
            assert_int_equal(rows[i].phone, phone);
            after = rows[i].id;
            if (rows[i].revoked_utc_ms == 0 &&
                strcmp(rows[i].seller, seller) == 0) {
                count_consent(&rows[i], &out);
            }
        }
    }
    return out;
}

static void check_consents(od_kit *kit, const od_candidate *target)
{
    od_campaign_record campaign = kit_campaign_get(kit, target->campaign);
    od_consents want = consents_of(kit, target->phone, campaign.seller);
    assert_int_equal(target->consents.express, want.express);
    assert_int_equal(target->consents.written, want.written);
    assert_int_equal(target->consents.purchased_utc_ms, want.purchased_utc_ms);
    assert_int_equal(target->consents.inquired_utc_ms, want.inquired_utc_ms);
}

/* == one campaign ========================================================= */

/* What a recount finds of one campaign. */
typedef struct recount {
    od_counters sums;
    int64_t lanes_ready[64];
    int64_t lanes_due[64];
} recount;

static void count_target(const od_candidate *target, recount *out)
{
    out->sums.targets++;
    switch (target->state) {
    case OD_TARGET_READY: {
        int32_t lane = od_lane_of(target->place, target->attempts > 0);
        assert_true(lane >= 0 && lane < 64);
        bool first = out->lanes_ready[lane] == 0;
        if (first || target->due_utc_ms < out->lanes_due[lane]) {
            out->lanes_due[lane] = target->due_utc_ms;
        }
        out->lanes_ready[lane]++;
        out->sums.ready++;
        break;
    }
    case OD_TARGET_FLIGHT:
        assert_true(target->in_flight);
        out->sums.flight++;
        break;
    case OD_TARGET_DONE:
        out->sums.done++;
        out->sums.done_by[target->disposition]++;
        break;
    default:
        assert_int_equal(target->state, OD_TARGET_BLOCKED);
        out->sums.blocked++;
        out->sums.blocked_by[target->reason]++;
        break;
    }
}

static void count_attempts(od_kit *kit, od_id campaign, recount *out)
{
    od_attempt_record rows[PAGE];
    od_call_filter filter;
    od_call_filter_init(&filter);
    filter.campaign = campaign;
    od_id after = 0;
    size_t count = PAGE;
    while (count == PAGE) {
        kit_ok(kit, OP(attempt_scan, &filter, 0, after, rows,
                                           PAGE, &count));
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(rows[i].campaign, campaign);
            after = rows[i].attempt;
            out->sums.attempts_by[rows[i].disposition]++;
            out->sums.surveys_done += rows[i].survey_done ? 1 : 0;
        }
    }
}

static void check_lanes(od_kit *kit, od_id campaign, const recount *want)
{
    od_lane_row rows[3];
    int32_t after = -1;
    size_t count = OD__LEN(rows);
    int64_t ready = 0;
    while (count == OD__LEN(rows)) {
        kit_ok(kit, OP(lane_scan, campaign, after, rows,
                                        OD__LEN(rows), &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].lane > after && rows[i].lane < 64);
            after = rows[i].lane;
            assert_true(rows[i].ready > 0);
            assert_int_equal(rows[i].ready, want->lanes_ready[after]);
            assert_int_equal(rows[i].due_next_utc_ms,
                             want->lanes_due[after]);
            ready += rows[i].ready;
        }
    }
    assert_int_equal(ready, want->sums.ready);
}

static void check_sums(const od_counters *got, const od_counters *want)
{
    assert_int_equal(got->targets, want->targets);
    assert_int_equal(got->ready, want->ready);
    assert_int_equal(got->flight, want->flight);
    assert_int_equal(got->done, want->done);
    assert_int_equal(got->blocked, want->blocked);
    assert_int_equal(got->surveys_done, want->surveys_done);
    for (size_t i = 0; i < OD_REASONS; i++) {
        assert_int_equal(got->blocked_by[i], want->blocked_by[i]);
    }
    for (size_t i = 0; i < OD_DISPOSITIONS; i++) {
        assert_int_equal(got->done_by[i], want->done_by[i]);
        assert_int_equal(got->attempts_by[i], want->attempts_by[i]);
    }
    for (size_t i = 0; i < OD_DELIVERIES; i++) {
        assert_int_equal(got->delivery_by[i], want->delivery_by[i]);
    }
    assert_int_equal(got->segments, want->segments);
    assert_int_equal(got->replies, want->replies);
}

/* All that is known of targets is listed, each as it is found alone. */
static void check_targets(od_kit *kit, od_id campaign, const recount *want)
{
    od_candidate rows[3];
    uint64_t after = 0;
    size_t count = OD__LEN(rows);
    int64_t targets = 0;
    while (count == OD__LEN(rows)) {
        memset(rows, 0xa5, sizeof rows);
        kit_ok(kit, OP(target_scan, campaign, after, kit->now, rows,
                       OD__LEN(rows), &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].phone > after);
            after = rows[i].phone;
            od_candidate alone = kit_candidate(kit, campaign, after);
            assert_memory_equal(&rows[i], &alone, sizeof alone);
            targets++;
        }
    }
    assert_int_equal(targets, want->sums.targets);
}

static void check_campaign(od_kit *kit, od_id campaign)
{
    recount found = {0};
    for (size_t i = 0; i < kit->phones_len; i++) {
        od_candidate target = kit_candidate(kit, campaign, kit->phones[i]);
        if (target.contact != 0) {
            count_target(&target, &found);
        }
    }
    count_attempts(kit, campaign, &found);
    check_count_texts(kit, campaign, &found.sums);
    od_counters sums = kit_counters(kit, campaign);
    check_sums(&sums, &found.sums);
    check_lanes(kit, campaign, &found);
    check_targets(kit, campaign, &found);
}

static void check_phone(od_kit *kit, uint64_t phone, od_id campaign)
{
    phone_facts facts = facts_of(kit, phone);
    od_candidate target = kit_candidate(kit, campaign, phone);
    if (!kit->erased) {
        assert_int_equal(target.line_called_utc_ms, facts.called_utc_ms);
        assert_int_equal(target.line_answered_utc_ms, facts.answered_utc_ms);
    }
    assert_int_equal(target.in_flight, facts.in_flight);
    check_recent(&target, &facts);
    check_consents(kit, &target);
    int32_t channel = kit_campaign_get(kit, campaign).channel;
    static const int32_t channels[] = {OD_CHANNEL_VOICE, OD_CHANNEL_TEXT};
    for (size_t i = 0; i < OD__LEN(channels); i++) {
        int64_t until = 0;
        bool listed =
            listed_as_dnc(kit, phone, channels[i], campaign, &until);
        bool checked = !listed;
        kit_ok(kit, OP(dnc_check, phone, channels[i], campaign, kit->now,
                       &checked));
        assert_int_equal(checked, listed);
        if (channels[i] == channel) {
            assert_int_equal(target.dnc, listed);
            assert_int_equal(target.dnc_until_utc_ms, until);
        }
    }
}

/* == the rest ============================================================= */

static void check_flights(od_kit *kit)
{
    od_attempt_record rows[PAGE];
    od_id after = 0;
    size_t count = PAGE;
    while (count == PAGE) {
        kit_ok(kit, OP(flight_scan, after, rows, PAGE,
                                          &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].attempt > after);
            after = rows[i].attempt;
            assert_int_equal(rows[i].ended_utc_ms, 0);
            assert_int_equal(strlen(rows[i].session_id), 32);
        }
        /* Rows live until the next call: ask about their targets last. */
        for (size_t i = 0; i < count; i++) {
            if (rows[i].notice == OD_NOTICE_NONE) {
                assert_int_equal(
                    kit_state(kit, rows[i].campaign, rows[i].phone),
                    OD_TARGET_FLIGHT);
                assert_int_equal(
                    kit_campaign_get(kit, rows[i].campaign).channel,
                    rows[i].channel);
            } else {
                assert_int_equal(rows[i].channel, OD_CHANNEL_TEXT);
            }
        }
    }
}

/* The places of the members, and how many there are in each. */
static void check_places(od_kit *kit, od_id group, const int64_t *members,
                         size_t members_len)
{
    od_place_count rows[2];
    int32_t after = 0;
    size_t count = OD__LEN(rows);
    int64_t found = 0;
    while (count == OD__LEN(rows)) {
        kit_ok(kit, OP(group_places, group, after, rows, OD__LEN(rows),
                       &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].place > after);
            after = rows[i].place;
            assert_true((size_t)after < members_len);
            assert_true(rows[i].members > 0);
            assert_int_equal(rows[i].members, members[after]);
            found += rows[i].members;
        }
    }
    int64_t all = 0;
    for (size_t i = 0; i < members_len; i++) {
        all += members[i];
    }
    assert_int_equal(found, all);
}

static void check_groups(od_kit *kit)
{
    od_group groups[5];
    od_id after = 0;
    size_t count = OD__LEN(groups);
    while (count == OD__LEN(groups)) {
        kit_ok(kit, OP(group_scan, after, groups,
                                         OD__LEN(groups), &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(groups[i].id > after);
            after = groups[i].id;
            od_contact_record rows[PAGE];
            od_id contact = 0;
            int64_t members = 0;
            int64_t places[64] = {0};
            size_t rows_len = PAGE;
            while (rows_len == PAGE) {
                kit_ok(kit, OP(contact_scan, after, contact,
                                                   rows, PAGE, &rows_len));
                for (size_t k = 0; k < rows_len; k++) {
                    assert_true(rows[k].contact.id > contact);
                    contact = rows[k].contact.id;
                    assert_true(rows[k].place > 0 && rows[k].place < 64);
                    places[rows[k].place]++;
                    members++;
                }
            }
            assert_int_equal(groups[i].members, members);
            check_places(kit, after, places, OD__LEN(places));
        }
    }
}

static void check_ledger(od_kit *kit)
{
    od_ledger_row rows[PAGE];
    uint8_t head[32] = {0};
    int64_t seq = 0;
    size_t count = PAGE;
    while (count == PAGE) {
        kit_ok(kit, OP(ledger_scan, seq, rows, PAGE, &count));
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(rows[i].seq, ++seq);
            od_ledger_entry entry = {.utc_ms = rows[i].utc_ms,
                                     .subject = rows[i].subject,
                                     .kind = rows[i].kind,
                                     .payload = rows[i].payload};
            memcpy(entry.salt, rows[i].salt, sizeof entry.salt);
            uint8_t digest[32];
            uint8_t hash[32];
            od_ledger_digest(&entry, digest);
            if (rows[i].erased) {
                static const uint8_t zero[16];
                assert_string_equal(rows[i].payload, "");
                assert_memory_equal(rows[i].salt, zero, sizeof zero);
                assert_memory_not_equal(rows[i].digest, digest, sizeof digest);
            } else {
                assert_memory_equal(rows[i].digest, digest, sizeof digest);
            }
            od_ledger_seal_digest(head, seq, rows[i].utc_ms, rows[i].kind,
                                  rows[i].subject, rows[i].digest, hash);
            assert_memory_equal(rows[i].hash, hash, sizeof hash);
            memcpy(head, hash, sizeof head);
        }
    }
}

void kit_check(od_kit *kit)
{
    od_id ids[4];
    od_id after = 0;
    size_t count = OD__LEN(ids);
    while (count == OD__LEN(ids)) {
        kit_ok(kit, OP(campaign_scan, after, ids,
                                            OD__LEN(ids), &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(ids[i] > after);
            after = ids[i];
            check_campaign(kit, ids[i]);
            /* The facts of phones, of a few: they cost a scan each. */
            for (size_t k = 0; k < kit->phones_len; k += 1 + k / 8) {
                check_phone(kit, kit->phones[k], ids[i]);
            }
        }
    }
    check_flights(kit);
    check_texts(kit);
    check_groups(kit);
    check_ledger(kit);
}
