/*
 * storage_suite_calls.c - what is read: attempts, answers, results, assets,
 * the ledger; and the slots that belong to no row.
 */
#include "support/storage_kit.h"

/* == attempts ============================================================= */

static size_t count_attempts(od_kit *kit, const od_call_filter *filter,
                             uint64_t phone)
{
    od_attempt_record rows[3];
    od_id after = 0;
    size_t out = 0;
    size_t count = 3;
    while (count == 3) {
        kit_ok(kit,
               OP(attempt_scan, filter, phone, after, rows, 3, &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].attempt > after);
            after = rows[i].attempt;
            out++;
        }
    }
    return out;
}

static void attempt_scan_filters(od_kit *kit)
{
    od_id c1 = kit_start_with(kit, "c1", 4);
    od_id c2 = kit_start_with(kit, "c2", 4);
    int64_t times[3];
    for (size_t i = 0; i < 3; i++) {
        kit->now += 60000;
        (void)kit_call(kit, c1, KIT_PHONE, OD_DISPOSITION_BUSY,
                       OD_TARGET_READY);
        (void)kit_call(kit, c1, KIT_PHONE + 1, OD_DISPOSITION_NO_ANSWER,
                       OD_TARGET_READY);
        times[i] = kit->now;
    }
    (void)kit_call(kit, c2, KIT_PHONE, OD_DISPOSITION_ANSWERED,
                   OD_TARGET_DONE);
    (void)kit_claim(kit, c2, KIT_PHONE + 2); /* live: never listed */
    kit_reopen(kit);

    assert_int_equal(count_attempts(kit, NULL, 0), 7);
    assert_int_equal(count_attempts(kit, NULL, KIT_PHONE), 4);
    assert_int_equal(count_attempts(kit, NULL, KIT_PHONE + 2), 0);
    assert_int_equal(count_attempts(kit, NULL, KIT_PHONE + 77), 0);
    od_call_filter filter;
    od_call_filter_init(&filter);
    filter.phone = "ignored";
    assert_int_equal(count_attempts(kit, &filter, 0), 7);
    filter.campaign = c1;
    assert_int_equal(count_attempts(kit, &filter, 0), 6);
    assert_int_equal(count_attempts(kit, &filter, KIT_PHONE), 3);
    filter.disposition = OD_DISPOSITION_BUSY;
    assert_int_equal(count_attempts(kit, &filter, 0), 3);
    assert_int_equal(count_attempts(kit, &filter, KIT_PHONE + 1), 0);
    filter.since_utc_ms = times[1];
    assert_true(count_attempts(kit, &filter, 0) <= 2);
    filter.disposition = 0;
    filter.since_utc_ms = times[0] + 1;
    assert_int_equal(count_attempts(kit, &filter, 0), 4);
    filter.until_utc_ms = times[1] + 1;
    assert_int_equal(count_attempts(kit, &filter, 0), 2);
    filter.until_utc_ms = times[0] + 1;
    assert_int_equal(count_attempts(kit, &filter, 0), 0);
    od_call_filter_init(&filter);
    filter.campaign = 999;
    assert_int_equal(count_attempts(kit, &filter, 0), 0);
}

static void attempt_scan_bounds_of_time(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    (void)kit_call(kit, campaign, KIT_PHONE, OD_DISPOSITION_BUSY,
                   OD_TARGET_READY);
    od_call_filter filter;
    od_call_filter_init(&filter);
    filter.since_utc_ms = kit->now; /* at or after */
    assert_int_equal(count_attempts(kit, &filter, 0), 1);
    filter.since_utc_ms = kit->now + 1;
    assert_int_equal(count_attempts(kit, &filter, 0), 0);
    filter.since_utc_ms = 0;
    filter.until_utc_ms = kit->now; /* before */
    assert_int_equal(count_attempts(kit, &filter, 0), 0);
    filter.until_utc_ms = kit->now + 1;
    assert_int_equal(count_attempts(kit, &filter, 0), 1);
}

static void flight_scan_pages(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 20);
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    (void)kit_ask(kit, campaign, od_lane_of(kit->place_a, false), 20, 20,
                  &judge);
    for (size_t i = 0; i < 20; i += 2) {
        od_outcome outcome =
            kit_outcome(kit, judge.attempts[i], judge.seen[i].phone,
                        OD_DISPOSITION_BUSY);
        kit_send_outcomes(kit, &outcome, 1);
    }
    od_attempt_record rows[3];
    size_t count = 3;
    size_t at = 1;
    od_id after = 0;
    while (count == 3) {
        kit_ok(kit, OP(flight_scan, after, rows, 3, &count));
        for (size_t i = 0; i < count; i++, at += 2) {
            assert_int_equal(rows[i].attempt, judge.attempts[at]);
            after = rows[i].attempt;
        }
    }
    assert_int_equal(at, 21);
    /* After an attempt that has ended. */
    kit_ok(kit, OP(flight_scan, judge.attempts[10], rows, 3, &count));
    assert_int_equal(rows[0].attempt, judge.attempts[11]);
}

/* == answers and results ================================================== */

static void send_answer(od_kit *kit, od_id campaign, od_id attempt,
                        uint64_t phone, int32_t visit, const char *question,
                        const char *choice)
{
    od_answer_record answer = {.campaign = campaign,
                               .attempt = attempt,
                               .phone = phone,
                               .utc_ms = kit->now,
                               .visit = visit,
                               .question = question,
                               .digits = "12*#",
                               .choice = choice};
    od_ledger_entry note = kit_note(kit, OD_LEDGER_ANSWER, attempt);
    od_exchange exchange = {.utc_ms = kit->now,
                            .answers = &answer,
                            .answers_len = 1,
                            .ledger = &note,
                            .ledger_len = 1};
    kit_ok(kit, OP(exchange, &exchange));
}

static void answers_keep_every_field(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_id attempt = kit_claim(kit, campaign, KIT_PHONE);
    char longest[64];
    memset(longest, 'q', 63);
    longest[63] = '\0';
    send_answer(kit, campaign, attempt, KIT_PHONE, 2, longest, longest);
    od_answer_record bare = {.campaign = campaign,
                             .attempt = attempt,
                             .phone = KIT_PHONE,
                             .utc_ms = 7,
                             .visit = 1};
    od_ledger_entry note = kit_note(kit, OD_LEDGER_ANSWER, attempt);
    od_exchange exchange = {.utc_ms = kit->now,
                            .answers = &bare,
                            .answers_len = 1,
                            .ledger = &note,
                            .ledger_len = 1};
    kit_ok(kit, OP(exchange, &exchange));
    kit_reopen(kit);
    od_answer_record got[3];
    size_t count = 0;
    kit_ok(kit, OP(answer_scan, campaign, 0, got, 3, &count));
    assert_int_equal(count, 2);
    assert_true(got[0].id > 0 && got[1].id > got[0].id);
    assert_int_equal(got[0].campaign, campaign);
    assert_int_equal(got[0].attempt, attempt);
    assert_int_equal(got[0].phone, KIT_PHONE);
    assert_int_equal(got[0].utc_ms, kit->now);
    assert_int_equal(got[0].visit, 2);
    assert_string_equal(got[0].question, longest);
    assert_string_equal(got[0].digits, "12*#");
    assert_string_equal(got[0].choice, longest);
    assert_string_equal(got[1].question, ""); /* were NULL */
    assert_string_equal(got[1].digits, "");
    assert_string_equal(got[1].choice, "");
    kit_ok(kit, OP(answer_scan, campaign, got[0].id, got, 3, &count));
    assert_int_equal(count, 1);
}

static void answers_need_a_live_call(od_kit *kit)
{
    od_id campaign = kit_start_with(kit, "c", 1);
    od_id attempt = kit_call(kit, campaign, KIT_PHONE,
                             OD_DISPOSITION_ANSWERED, OD_TARGET_DONE);
    int64_t rows = kit_ledger_len(kit);
    send_answer(kit, campaign, attempt, KIT_PHONE, 1, "q", "Yes");
    send_answer(kit, campaign, 999, KIT_PHONE, 1, "q", "Yes");
    assert_int_equal(kit_ledger_len(kit), rows);
    od_answer_record got;
    size_t count = 9;
    kit_ok(kit, OP(answer_scan, campaign, 0, &got, 1, &count));
    assert_int_equal(count, 0);
}

static void answers_of_each_campaign(od_kit *kit)
{
    od_id c1 = kit_start_with(kit, "c1", 5);
    od_id c2 = kit_start_with(kit, "c2", 5);
    for (uint64_t i = 0; i < 4; i++) {
        od_id campaign = i % 2 == 0 ? c1 : c2;
        od_id attempt = kit_claim(kit, campaign, KIT_PHONE + i);
        send_answer(kit, campaign, attempt, KIT_PHONE + i, 1, "q", "Yes");
        send_answer(kit, campaign, attempt, KIT_PHONE + i, 2, "q", "No");
    }
    od_answer_record got[9];
    size_t count = 0;
    kit_ok(kit, OP(answer_scan, c1, 0, got, 9, &count));
    assert_int_equal(count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(got[i].campaign, c1);
        assert_int_equal(got[i].visit, 1 + i % 2);
    }
    kit_ok(kit, OP(answer_scan, c1, got[1].id, got, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(got[0].phone, KIT_PHONE + 2);
    kit_ok(kit, OP(answer_scan, 999, 0, got, 9, &count));
    assert_int_equal(count, 0);
}

static void results_in_order_of_appearance(od_kit *kit)
{
    static const char *const given[][2] = {
        {"b", "Yes"}, {"a", "No"}, {"b", "No"}, {"b", "Yes"},
        {"a", "No"},  {"a", "3"},  {"b", "yes"}};
    od_id c1 = kit_start_with(kit, "c1", 1);
    od_id c2 = kit_start_with(kit, "c2", 2);
    od_id attempt = kit_claim(kit, c1, KIT_PHONE);
    od_id other = kit_claim(kit, c2, KIT_PHONE + 1);
    for (size_t i = 0; i < OD__LEN(given); i++) {
        send_answer(kit, c1, attempt, KIT_PHONE, (int32_t)i + 1, given[i][0],
                    given[i][1]);
    }
    send_answer(kit, c2, other, KIT_PHONE + 1, 1, "b", "Yes");
    kit_reopen(kit);
    static const struct {
        const char *question;
        const char *choice;
        int64_t count;
    } want[] = {{"b", "Yes", 2},
                {"a", "No", 2},
                {"b", "No", 1},
                {"a", "3", 1},
                {"b", "yes", 1}};
    od_result got[8];
    size_t count = 0;
    kit_ok(kit, OP(result_scan, c1, got, 8, &count));
    assert_int_equal(count, OD__LEN(want));
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(got[i].question, want[i].question);
        assert_string_equal(got[i].choice, want[i].choice);
        assert_int_equal(got[i].count, want[i].count);
    }
    memset(got, 0, sizeof got);
    kit_ok(kit, OP(result_scan, c1, got, 2, &count));
    assert_int_equal(count, OD__LEN(want)); /* how many there are */
    assert_string_equal(got[1].question, "a");
    assert_string_equal(got[2].question, "");
    kit_ok(kit, OP(result_scan, c1, NULL, 0, &count));
    assert_int_equal(count, OD__LEN(want));
    kit_ok(kit, OP(result_scan, c2, got, 8, &count));
    assert_int_equal(count, 1);
    kit_ok(kit, OP(result_scan, 999, got, 8, &count));
    assert_int_equal(count, 0);
}

/* == assets =============================================================== */

static od_id put_asset(od_kit *kit, int32_t kind, const char *name,
                       const void *bytes, size_t bytes_len)
{
    od_asset_record record = {.kind = kind,
                              .measure = 1234,
                              .bytes = bytes,
                              .bytes_len = bytes_len};
    (void)snprintf(record.name, sizeof record.name, "%s", name);
    memset(record.sha256, 0xab, sizeof record.sha256);
    od_id id = 0;
    od_ledger_entry note = kit_note(kit, OD_LEDGER_MEDIA, -5);
    kit_ok(kit, OP(asset_put, &record, &note, &id));
    od_ledger_row row = kit_ledger_last(kit);
    assert_int_equal(row.kind, OD_LEDGER_MEDIA);
    assert_int_equal(row.subject, id); /* not that of the note */
    assert_string_equal(row.payload, note.payload);
    assert_true(id > 0);
    return id;
}

static void assets_keep_every_field(od_kit *kit)
{
    size_t len = 100000;
    uint8_t *bytes = malloc(len);
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(i * 7);
    }
    od_id id = put_asset(kit, OD_ASSET_MEDIA, "Begrüßung", bytes, len);
    kit_reopen(kit);
    od_asset_record got;
    kit_ok(kit, OP(asset_get, OD_ASSET_MEDIA, id, &got));
    assert_int_equal(got.id, id);
    assert_int_equal(got.kind, OD_ASSET_MEDIA);
    assert_int_equal(got.measure, 1234);
    assert_string_equal(got.name, "Begrüßung");
    assert_int_equal(got.sha256[31], 0xab);
    assert_int_equal(got.bytes_len, len);
    assert_memory_equal(got.bytes, bytes, len);
    size_t count = 0;
    kit_ok(kit, OP(asset_scan, OD_ASSET_MEDIA, 0, &got, 1, &count));
    assert_int_equal(count, 1);
    assert_null(got.bytes); /* without bytes, but with their number */
    assert_int_equal(got.bytes_len, len);
    assert_string_equal(got.name, "Begrüßung");
    free(bytes);
}

static void assets_are_of_a_kind(od_kit *kit)
{
    od_id media = put_asset(kit, OD_ASSET_MEDIA, "same", "m", 1);
    od_id survey = put_asset(kit, OD_ASSET_SURVEY, "same", "s", 1);
    od_asset_record record = {.kind = OD_ASSET_MEDIA, .name = "same"};
    od_id out = -7;
    od_ledger_entry note = kit_note(kit, OD_LEDGER_MEDIA, 0);
    int64_t rows = kit_ledger_len(kit);
    kit_err(kit, OP(asset_put, &record, &note, &out), OD_ERR_EXISTS);
    assert_int_equal(out, -7);
    od_asset_record got;
    kit_ok(kit, OP(asset_get, OD_ASSET_SURVEY, survey, &got));
    assert_memory_equal(got.bytes, "s", 1);
    kit_err(kit, OP(asset_get, OD_ASSET_MEDIA, 999, &got), OD_ERR_NOT_FOUND);
    kit_err(kit, OP(asset_remove, OD_ASSET_SURVEY, 999, &note),
            OD_ERR_NOT_FOUND);
    kit_err(kit, OP(asset_remove, OD_ASSET_SURVEY, media, &note),
            OD_ERR_NOT_FOUND);
    assert_int_equal(kit_ledger_len(kit), rows);
    note.subject = media;
    kit_ok(kit, OP(asset_remove, OD_ASSET_MEDIA, media, &note));
    assert_int_equal(kit_ledger_len(kit), rows + 1);
    assert_int_equal(kit_ledger_last(kit).subject, media);
    kit_err(kit, OP(asset_get, OD_ASSET_MEDIA, media, &got),
            OD_ERR_NOT_FOUND);
    kit_ok(kit, OP(asset_get, OD_ASSET_SURVEY, survey, &got));
    kit_reopen(kit);
    assert_true(put_asset(kit, OD_ASSET_MEDIA, "same", NULL, 0) > media);
}

static void asset_scan_pages(od_kit *kit)
{
    od_id want[5];
    for (size_t i = 0; i < 5; i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "m%zu", i);
        want[i] = put_asset(kit, OD_ASSET_MEDIA, name, "x", i % 2);
        (void)put_asset(kit, OD_ASSET_SURVEY, name, "x", 1);
    }
    od_ledger_entry note = kit_note(kit, OD_LEDGER_MEDIA, want[2]);
    kit_ok(kit, OP(asset_remove, OD_ASSET_MEDIA, want[2], &note));
    od_asset_record rows[2];
    size_t count = 0;
    kit_ok(kit, OP(asset_scan, OD_ASSET_MEDIA, want[0], rows, 2, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].id, want[1]);
    assert_int_equal(rows[1].id, want[3]);
    kit_ok(kit, OP(asset_scan, OD_ASSET_MEDIA, want[3], rows, 2, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].id, want[4]);
}

/* == the ledger =========================================================== */

static void ledger_chains_every_change(od_kit *kit)
{
    uint8_t previous[32] = {0};
    char payload[3000];
    memset(payload, 'p', sizeof payload - 1);
    payload[sizeof payload - 1] = '\0';
    od_ledger_entry notes[3];
    od_dnc_record dnc[3];
    for (size_t i = 0; i < 3; i++) {
        dnc[i] = (od_dnc_record){.phone = KIT_PHONE + i};
        notes[i] = kit_note(kit, OD_LEDGER_DNC_ADD, 40 + (od_id)i);
        notes[i].utc_ms = i == 1 ? -5 : INT64_MAX;
    }
    notes[1].payload = payload;
    kit_ok(kit, OP(dnc_add, dnc, notes, 3, NULL));
    kit_reopen(kit);
    od_ledger_row rows[4];
    size_t count = 0;
    kit_ok(kit, OP(ledger_scan, 0, rows, 4, &count));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++) {
        uint8_t hash[32];
        od_ledger_seal(previous, (int64_t)i + 1, &notes[i], hash);
        assert_int_equal(rows[i].seq, i + 1);
        assert_int_equal(rows[i].utc_ms, notes[i].utc_ms);
        assert_int_equal(rows[i].subject, notes[i].subject);
        assert_int_equal(rows[i].kind, OD_LEDGER_DNC_ADD);
        assert_string_equal(rows[i].payload, notes[i].payload);
        assert_memory_equal(rows[i].salt, notes[i].salt, 16);
        assert_memory_equal(rows[i].hash, hash, 32);
        memcpy(previous, hash, sizeof hash);
    }
    kit_ok(kit, OP(ledger_scan, 1, rows, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].seq, 2);
    kit_ok(kit, OP(ledger_scan, 3, rows, 4, &count));
    assert_int_equal(count, 0);
    kit_ok(kit, OP(ledger_scan, 99, rows, 4, &count));
    assert_int_equal(count, 0);
}

/* == slots of no row ====================================================== */

static void lease_is_taken_and_refreshed(od_kit *kit)
{
    od_now now = {.mono_ms = 1, .utc_ms = kit->now};
    kit_ok(kit, OP(lease, "pid 1", &now));
    now.utc_ms += 5000;
    kit_ok(kit, OP(lease, "pid 1", &now));
    kit_reopen(kit); /* dropped with the storage */
    kit_ok(kit, OP(lease, "pid 2", &now));
}

static void optional_slots(od_kit *kit)
{
    int64_t epoch = 0;
    int64_t again = 1;
    if (kit->ops->epoch != NULL) {
        kit_ok(kit, OP(epoch, &epoch));
        kit_ok(kit, OP(epoch, &again));
        assert_int_equal(epoch, again); /* nobody else changed anything */
    }
    if (kit->ops->maintain != NULL) {
        od_now now = {.mono_ms = 1, .utc_ms = kit->now};
        for (int i = 0; i < 5; i++) {
            kit_ok(kit, OP(maintain, &now));
            now.mono_ms += 1000;
            now.utc_ms += 1000;
        }
    }
    assert_non_null(kit->ops->errmsg(kit->ctx));
}

static void backup_is_a_whole_copy(od_kit *kit)
{
    if (kit->ops->backup == NULL) {
        return;
    }
    od_id campaign = kit_start_with(kit, "c", 10);
    (void)kit_call(kit, campaign, KIT_PHONE, OD_DISPOSITION_BUSY,
                   OD_TARGET_READY);
    char path[700];
    (void)snprintf(path, sizeof path, "%s/copy", kit->folder);
    kit_ok(kit, OP(backup, path));
    kit_err(kit, OP(backup, path), OD_ERR_EXISTS);
    int64_t rows = kit_ledger_len(kit);
    (void)kit_dnc_add(kit, KIT_PHONE, OD_DNC_ALL, 0); /* after the copy */

    od_kit *copy = calloc(1, sizeof *copy);
    assert_non_null(copy);
    *copy = *kit;
    copy->storage = kit->backend->open(path);
    assert_non_null(copy->storage);
    copy->ops = od_storage_ops_get(copy->storage);
    copy->ctx = od_storage_ctx_get(copy->storage);
    kit_check(copy);
    assert_int_equal(kit_ledger_len(copy), rows);
    assert_int_equal(kit_counters(copy, campaign).ready, 10);
    od_storage_free(copy->storage);
    free(copy);
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_calls[] = {
    CASE(attempt_scan_filters),
    CASE(attempt_scan_bounds_of_time),
    CASE(flight_scan_pages),
    CASE(answers_keep_every_field),
    CASE(answers_need_a_live_call),
    CASE(answers_of_each_campaign),
    CASE(results_in_order_of_appearance),
    CASE(assets_keep_every_field),
    CASE(assets_are_of_a_kind),
    CASE(asset_scan_pages),
    CASE(ledger_chains_every_change),
    CASE(lease_is_taken_and_refreshed),
    CASE(optional_slots),
    CASE(backup_is_a_whole_copy),
    {NULL, NULL},
};
