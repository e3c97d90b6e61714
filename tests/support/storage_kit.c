/*
 * storage_kit.c - what the tests of the storage suite are written with.
 */
#include "support/storage_kit.h"

#include <inttypes.h>

/* == lifetime ============================================================= */

static void open_storage(od_kit *kit)
{
    kit->storage = kit->backend->open(kit->path);
    assert_non_null(kit->storage);
    kit->ops = od_storage_ops_get(kit->storage);
    kit->ctx = od_storage_ctx_get(kit->storage);
}

od_kit *kit_new(const od_suite_backend *backend)
{
    od_kit *out = calloc(1, sizeof *out);
    assert_non_null(out);
    out->backend = backend;
    out->folder = od_test_folder();
    (void)snprintf(out->path, sizeof out->path, "%s/storage", out->folder);
    out->now = KIT_NOW;
    out->caller_id = KIT_CALLER_ID;
    open_storage(out);
    out->place_a = kit_place(out, "US-FL|America/New_York");
    out->place_b = kit_place(out, "US-TX|America/Chicago");
    return out;
}

void kit_free(od_kit *kit)
{
    od_storage_free(kit->storage);
    od_test_folder_remove(kit->folder);
    free(kit);
}

void kit_reopen(od_kit *kit)
{
    if (kit->backend->reopens) {
        od_storage_free(kit->storage);
        kit->storage = NULL;
        open_storage(kit);
    }
}

void kit_expect_at(od_kit *kit, od_err got, od_err want, const char *call,
                   const char *file, int line)
{
    if (got != want) {
        print_error("%s: got %s (%s), not %s\n", call, od_err_name(got),
                    kit->ops->errmsg(kit->ctx), od_err_name(want));
        _fail(file, line);
    }
    if (want != OD_OK) {
        const char *text = kit->ops->errmsg(kit->ctx);
        assert_non_null(text);
        assert_true(text[0] != '\0');
    }
}

void kit_remember(od_kit *kit, uint64_t phone)
{
    for (size_t i = 0; i < kit->phones_len; i++) {
        if (kit->phones[i] == phone) {
            return;
        }
    }
    assert_true(kit->phones_len < KIT_PHONES_MAX);
    kit->phones[kit->phones_len++] = phone;
}

/* == people =============================================================== */

int32_t kit_place(od_kit *kit, const char *key)
{
    int32_t place = 0;
    kit_ok(kit, OP(place_put, key, &place));
    assert_true(place > 0);
    return place;
}

od_id kit_group(od_kit *kit, const char *name)
{
    od_id group = 0;
    kit_ok(kit, OP(group_put, 0, name, &group));
    assert_true(group > 0);
    return group;
}

od_member_row kit_row(od_kit *kit, uint64_t phone, int32_t place)
{
    kit_remember(kit, phone);
    return (od_member_row){.phone = phone,
                           .place = place,
                           .contact = {.first_name = "Ada",
                                       .last_name = "L",
                                       .email = "",
                                       .company = "",
                                       .notes = "",
                                       .timezone = "",
                                       .state = "",
                                       .zip = ""}};
}

od_member_row kit_row_more(od_kit *kit, uint64_t phone, uint64_t phone2,
                           uint64_t phone3)
{
    od_member_row row = kit_row(kit, phone, kit->place_a);
    const uint64_t more[] = {phone2, phone3};
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        row.phones[i] = more[i];
        row.places[i] = i == 0 ? kit->place_b : kit->place_a;
        if (more[i] != 0) {
            kit_remember(kit, more[i]);
        } else {
            row.places[i] = 0;
        }
    }
    return row;
}

od_id kit_put_row(od_kit *kit, od_id group, const od_member_row *row)
{
    od_member_result result = 0;
    od_id id = 0;
    od_member_batch batch = {.group = group,
                             .utc_ms = kit->now,
                             .update = true,
                             .rows = row,
                             .rows_len = 1,
                             .results = &result,
                             .ids = &id};
    kit_ok(kit, OP(member_put, &batch));
    assert_true(id > 0);
    return id;
}

od_member_result kit_put(od_kit *kit, od_id group, uint64_t phone,
                         int32_t place, od_id *contact)
{
    od_member_row row = kit_row(kit, phone, place);
    od_member_result result = 0;
    od_id id = 0;
    od_member_batch batch = {.group = group,
                             .utc_ms = kit->now,
                             .rows = &row,
                             .rows_len = 1,
                             .results = &result,
                             .ids = &id};
    kit_ok(kit, OP(member_put, &batch));
    assert_true(id > 0);
    if (contact != NULL) {
        *contact = id;
    }
    return result;
}

od_id kit_add(od_kit *kit, od_id group, uint64_t phone, int32_t place)
{
    od_id contact = 0;
    assert_int_equal(kit_put(kit, group, phone, place, &contact),
                     OD_MEMBER_ADDED);
    return contact;
}

void kit_add_many(od_kit *kit, od_id group, size_t n)
{
    od_member_row *rows = calloc(n, sizeof *rows);
    od_member_result *results = calloc(n, sizeof *results);
    assert_non_null(rows);
    assert_non_null(results);
    for (size_t i = 0; i < n; i++) {
        rows[i] = kit_row(kit, KIT_PHONE + i, kit->place_a);
    }
    od_member_batch batch = {.group = group,
                             .utc_ms = kit->now,
                             .rows = rows,
                             .rows_len = n,
                             .results = results};
    kit_ok(kit, OP(member_put, &batch));
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(results[i], OD_MEMBER_ADDED);
    }
    free(rows);
    free(results);
}

/* == campaigns ============================================================ */

od_ledger_entry kit_note(od_kit *kit, int32_t kind, od_id subject)
{
    char *text = kit->texts[kit->texts_at++ % KIT_TEXTS];
    (void)snprintf(text, sizeof kit->texts[0], "{\"n\":%zu}", kit->texts_at);
    od_ledger_entry entry = {.utc_ms = kit->now,
                             .subject = subject,
                             .kind = kind,
                             .payload = text};
    memset(entry.salt, ++kit->salt, sizeof entry.salt);
    return entry;
}

od_id kit_campaign(od_kit *kit, const char *name, od_id group, od_id group2)
{
    od_campaign_record record = {
        .attempts_max = 3, .concurrent_max = 10, .seller = KIT_SELLER};
    (void)snprintf(record.name, sizeof record.name, "%s", name);
    od_id groups[] = {group, group2};
    for (size_t i = 0; i < 2; i++) {
        if (groups[i] != 0) {
            record.groups[record.groups_len++] = groups[i];
        }
    }
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CAMPAIGN_SET, 0);
    od_id campaign = 0;
    kit_ok(kit,
           OP(campaign_put, &record, &note, &campaign));
    assert_true(campaign > 0);
    return campaign;
}

void kit_cas(od_kit *kit, od_id campaign, int32_t from, int32_t to)
{
    od_ledger_entry note =
        kit_note(kit, OD_LEDGER_CAMPAIGN_STATE, campaign);
    kit_ok(kit, OP(campaign_cas, campaign, from, to, "",
                                       kit->now, &note));
}

int64_t kit_fill(od_kit *kit, od_id campaign, int32_t rows_max,
                 int32_t attempts_below)
{
    int64_t rows = 0;
    od_fill fill = {0};
    for (int i = 0; i < 100000 && !fill.done; i++) {
        fill = (od_fill){.campaign = campaign,
                         .utc_ms = kit->now,
                         .rows_max = rows_max,
                         .attempts_below = attempts_below};
        kit_ok(kit, OP(fill, &fill));
        assert_true(fill.rows >= 0 && fill.rows <= rows_max);
        rows += fill.rows;
    }
    assert_true(fill.done);
    return rows;
}

void kit_start(od_kit *kit, od_id campaign)
{
    kit_cas(kit, campaign, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_RUNNING);
    (void)kit_fill(kit, campaign, 1000, 0);
}

od_id kit_start_with(od_kit *kit, const char *name, size_t n)
{
    od_id group = kit_group(kit, name);
    kit_add_many(kit, group, n);
    od_id campaign = kit_campaign(kit, name, group, 0);
    kit_start(kit, campaign);
    kit->now += 1000;
    return campaign;
}

bool kit_dnc_put(od_kit *kit, const od_dnc_record *row)
{
    od_dnc_record added_now = *row;
    added_now.added_utc_ms = kit->now;
    od_ledger_entry note = kit_note(kit, OD_LEDGER_DNC_ADD, 0);
    bool added = false;
    kit_ok(kit, OP(dnc_add, &added_now, &note, 1, &added));
    return added;
}

bool kit_dnc_add(od_kit *kit, uint64_t phone, int32_t scope, od_id campaign)
{
    return kit_dnc_put(kit, &(od_dnc_record){.phone = phone,
                                             .scope = scope,
                                             .campaign = campaign,
                                             .reason = "asked",
                                             .source = "host"});
}

void kit_dnc_remove(od_kit *kit, uint64_t phone, int32_t scope, od_id campaign)
{
    od_ledger_entry note = kit_note(kit, OD_LEDGER_DNC_REMOVE, 0);
    kit_ok(kit, OP(dnc_remove, phone, false, scope, campaign, kit->now,
                   &note));
}

od_consent_record kit_consent(od_kit *kit, uint64_t phone, int32_t kind,
                              int32_t purpose)
{
    return (od_consent_record){.phone = phone,
                               .kind = kind,
                               .purpose = purpose,
                               .obtained_utc_ms = kit->now - 86400000,
                               .added_utc_ms = kit->now,
                               .seller = KIT_SELLER,
                               .how = "web form",
                               .text = "You may call me.",
                               .reference = "form 7",
                               .who = "Ada L"};
}

bool kit_consent_add(od_kit *kit, const od_consent_record *row)
{
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CONSENT_ADD, 0);
    bool added = false;
    kit_ok(kit, OP(consent_add, row, &note, 1, kit->now, &added));
    return added;
}

/* == reading ============================================================== */

od_candidate kit_candidate(od_kit *kit, od_id campaign, uint64_t phone)
{
    od_candidate out;
    memset(&out, 0xa5, sizeof out);
    kit_ok(kit, OP(candidate, campaign, phone, kit->now, &out));
    assert_int_equal(out.campaign, campaign);
    assert_int_equal(out.phone, phone);
    return out;
}

od_counters kit_counters(od_kit *kit, od_id campaign)
{
    od_counters out;
    memset(&out, 0xa5, sizeof out);
    kit_ok(kit, OP(counters, campaign, &out));
    return out;
}

od_campaign_record kit_campaign_get(od_kit *kit, od_id campaign)
{
    od_campaign_record out;
    memset(&out, 0xa5, sizeof out);
    kit_ok(kit, OP(campaign_get, campaign, &out));
    return out;
}

int kit_state(od_kit *kit, od_id campaign, uint64_t phone)
{
    od_candidate candidate = kit_candidate(kit, campaign, phone);
    return candidate.contact == 0 ? -1 : candidate.state;
}

int64_t kit_lane_ready(od_kit *kit, od_id campaign, int32_t lane)
{
    od_lane_row row = {0};
    size_t count = 0;
    kit_ok(kit, OP(lane_scan, campaign, lane - 1, &row, 1,
                                    &count));
    return count == 1 && row.lane == lane ? row.ready : 0;
}

int64_t kit_ledger_len(od_kit *kit)
{
    return kit_ledger_last(kit).seq;
}

od_ledger_row kit_ledger_last(od_kit *kit)
{
    od_ledger_row rows[50];
    od_ledger_row last = {0};
    size_t count = 0;
    do {
        kit_ok(kit, OP(ledger_scan, last.seq, rows,
                                          OD__LEN(rows), &count));
        if (count > 0) {
            last = rows[count - 1];
        }
    } while (count > 0);
    return last;
}

/* == exchanges ============================================================ */

void kit_judge_init(od_kit *kit, od_kit_judge *judge)
{
    memset(judge, 0, sizeof *judge);
    judge->owner = kit;
}

bool kit_judge_slot(void *ctx, const od_candidate *candidate, od_id attempt,
                    od_ruling *out)
{
    od_kit_judge *judge = ctx;
    assert_true(judge->seen_len < KIT_SEEN_MAX);
    assert_int_equal(candidate->state, OD_TARGET_READY);
    assert_true(attempt > 0);
    judge->seen[judge->seen_len] = *candidate;
    judge->attempts[judge->seen_len++] = attempt;

    memset(out, 0, sizeof *out);
    out->verdict.kind = OD_VERDICT_ALLOW;
    if (judge->rule != NULL &&
        !judge->rule(judge, candidate, &out->verdict)) {
        return false;
    }
    out->follow = judge->follow && out->verdict.kind == OD_VERDICT_BLOCK;
    if (out->verdict.kind == OD_VERDICT_ALLOW) {
        (void)snprintf(out->session_id, sizeof out->session_id,
                       "%032" PRIx64, (uint64_t)attempt);
        (void)snprintf(out->trunk, sizeof out->trunk, "trunk-a");
        out->caller_id = judge->owner->caller_id;
        out->ledger = kit_note(judge->owner, OD_LEDGER_ATTEMPT, attempt);
        if (kit_is_of_texts(judge->owner, candidate->campaign)) {
            kit_text_for(candidate->phone, judge->text, sizeof judge->text);
            out->text = judge->text;
            out->encoding = OD_TEXT_ENCODING_UCS2;
            out->segments = KIT_SEGMENTS;
        }
    }
    return true;
}

od_lane_request kit_ask(od_kit *kit, od_id campaign, int32_t lane,
                        int32_t claims_max, int32_t scan_max,
                        od_kit_judge *judge)
{
    od_kit_judge allow;
    if (judge == NULL) {
        kit_judge_init(kit, &allow);
        judge = &allow;
    }
    od_lane_request request = {.campaign = campaign,
                               .lane = lane,
                               .claims_max = claims_max,
                               .scan_max = scan_max};
    od_exchange exchange = {.utc_ms = kit->now,
                            .lanes = &request,
                            .lanes_len = 1,
                            .judge = kit_judge_slot,
                            .judge_ctx = judge};
    kit_ok(kit, OP(exchange, &exchange));
    return request;
}

/* Allow one phone, put the others off by as little as can be. */
static bool rule_one_phone(od_kit_judge *judge, const od_candidate *candidate,
                           od_verdict *out)
{
    const uint64_t *phone = judge->rule_ctx;
    if (candidate->phone != *phone) {
        out->kind = OD_VERDICT_DEFER;
    }
    return true;
}

od_id kit_claim(od_kit *kit, od_id campaign, uint64_t phone)
{
    od_candidate candidate = kit_candidate(kit, campaign, phone);
    assert_int_equal(candidate.state, OD_TARGET_READY);
    assert_true(candidate.contact > 0);
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    judge.rule = rule_one_phone;
    judge.rule_ctx = &phone;
    if (candidate.due_utc_ms > kit->now) {
        kit->now = candidate.due_utc_ms;
    }
    od_lane_request got =
        kit_ask(kit, campaign,
                od_lane_of(candidate.place, candidate.attempts > 0), 1,
                KIT_SEEN_MAX, &judge);
    assert_int_equal(got.claimed, 1);
    return judge.attempts[judge.seen_len - 1];
}

od_outcome kit_outcome(od_kit *kit, od_id attempt, uint64_t phone,
                       int32_t disposition)
{
    bool answered = disposition == OD_DISPOSITION_ANSWERED;
    return (od_outcome){.attempt = attempt,
                        .phone = phone,
                        .sip_call_id = "call@host",
                        .answered_utc_ms = answered ? kit->now : 0,
                        .ended_utc_ms = kit->now + 5000,
                        .talk_ms = answered ? 5000 : 0,
                        .heard_ms = answered ? 4000 : 0,
                        .disposition = disposition,
                        .sip_status = answered ? 200 : 486,
                        .reached_network = true,
                        .answered = answered,
                        .target_state = OD_TARGET_READY,
                        .due_utc_ms = kit->now};
}

void kit_send_outcomes(od_kit *kit, const od_outcome *outcomes, size_t len)
{
    od_ledger_entry notes[KIT_TEXTS];
    assert_true(len <= OD__LEN(notes));
    for (size_t i = 0; i < len; i++) {
        notes[i] = kit_note(kit, OD_LEDGER_OUTCOME, outcomes[i].attempt);
    }
    od_exchange exchange = {.utc_ms = kit->now,
                            .outcomes = outcomes,
                            .outcomes_len = len,
                            .ledger = notes,
                            .ledger_len = len};
    kit_ok(kit, OP(exchange, &exchange));
}

od_id kit_call(od_kit *kit, od_id campaign, uint64_t phone, int32_t disposition,
               int32_t target_state)
{
    od_id attempt = kit_claim(kit, campaign, phone);
    od_outcome outcome = kit_outcome(kit, attempt, phone, disposition);
    outcome.target_state = target_state;
    kit_send_outcomes(kit, &outcome, 1);
    return attempt;
}
