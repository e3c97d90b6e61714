/*
 * storage_suite_campaign.c - campaigns as rows: options, state, names.
 */
#include "support/storage_kit.h"

/* Every option with a value of its own. */
static od_campaign_record full_record(const char *name)
{
    od_campaign_record out = {.state = OD_CAMPAIGN_PAUSED, /* ignored */
                              .caller_id = 15550001111u,
                              .start_utc_ms = 5,
                              .started_utc_ms = 6, /* ignored */
                              .filled = true,      /* ignored */
                              .channel = 1,
                              .attempts_max = 7,
                              .concurrent_max = 8,
                              .recall = OD_NONE,
                              .redial_unknown = 1,
                              .retry_delay_s = 61,
                              .ring_timeout_ms = 15001,
                              .skip_answered_h = 9,
                              .skip_called_h = 10,
                              .opt_out_key = '#',
                              .fail_stop_pct = 11,
                              .purpose = OD_PURPOSE_CHARITY,
                              .retry_unfinished = 1,
                              .spread_dayparts = 1,
                              .priority = 9,
                              .weight = 14,
                              .quota_answers = 15,
                              .guards = {20, 21, 22, OD_NONE, 24, 25},
                              .end_utc_ms = 1900000000000,
                              .identity_prompt = 16,
                              .offer_prompt = 17,
                              .survey = 12,
                              .opt_out_prompt = 13,
                              .groups_len = OD_CAMPAIGN_GROUPS_MAX,
                              .prompts_len = OD_CAMPAIGN_PROMPTS_MAX,
                              .windows_len = OD_WINDOWS_MAX};
    (void)snprintf(out.name, sizeof out.name, "%s", name);
    (void)snprintf(out.state_text, sizeof out.state_text, "ignored");
    memset(out.seller, 's', sizeof out.seller - 1);
    memset(out.quota_question, 'q', sizeof out.quota_question - 1);
    memset(out.quota_choice, 'c', sizeof out.quota_choice - 1);
    for (int32_t i = 0; i < OD_RETRIES; i++) {
        out.retries[i] = (od_retry){.delay_s = 60 + i, .attempts_max = i};
    }
    for (int32_t i = 0; i < OD_CAMPAIGN_GROUPS_MAX; i++) {
        out.groups[i] = 1000 + i;
    }
    for (int32_t i = 0; i < OD_CAMPAIGN_PROMPTS_MAX; i++) {
        out.prompts[i] = 2000 - i;
    }
    for (int32_t i = 0; i < OD_WINDOWS_MAX; i++) {
        out.windows[i] = (od_window){.days = (uint32_t)(1 + i % 127),
                                     .start_min = i,
                                     .end_min = 1440 - i};
    }
    return out;
}

static void assert_options(const od_campaign_record *got,
                           const od_campaign_record *want)
{
    assert_string_equal(got->name, want->name);
    assert_int_equal(got->caller_id, want->caller_id);
    assert_int_equal(got->start_utc_ms, want->start_utc_ms);
    assert_int_equal(got->channel, want->channel);
    assert_int_equal(got->attempts_max, want->attempts_max);
    assert_int_equal(got->concurrent_max, want->concurrent_max);
    assert_int_equal(got->recall, want->recall);
    assert_int_equal(got->redial_unknown, want->redial_unknown);
    assert_int_equal(got->retry_delay_s, want->retry_delay_s);
    assert_int_equal(got->ring_timeout_ms, want->ring_timeout_ms);
    assert_int_equal(got->skip_answered_h, want->skip_answered_h);
    assert_int_equal(got->skip_called_h, want->skip_called_h);
    assert_int_equal(got->opt_out_key, want->opt_out_key);
    assert_int_equal(got->fail_stop_pct, want->fail_stop_pct);
    assert_int_equal(got->purpose, want->purpose);
    assert_int_equal(got->retry_unfinished, want->retry_unfinished);
    assert_int_equal(got->spread_dayparts, want->spread_dayparts);
    assert_int_equal(got->priority, want->priority);
    assert_int_equal(got->weight, want->weight);
    assert_int_equal(got->quota_answers, want->quota_answers);
    assert_memory_equal(&got->guards, &want->guards, sizeof want->guards);
    assert_memory_equal(got->retries, want->retries, sizeof want->retries);
    assert_string_equal(got->seller, want->seller);
    assert_string_equal(got->quota_question, want->quota_question);
    assert_string_equal(got->quota_choice, want->quota_choice);
    assert_int_equal(got->end_utc_ms, want->end_utc_ms);
    assert_int_equal(got->identity_prompt, want->identity_prompt);
    assert_int_equal(got->offer_prompt, want->offer_prompt);
    assert_int_equal(got->survey, want->survey);
    assert_int_equal(got->opt_out_prompt, want->opt_out_prompt);
    assert_int_equal(got->groups_len, want->groups_len);
    assert_int_equal(got->prompts_len, want->prompts_len);
    assert_int_equal(got->windows_len, want->windows_len);
    assert_memory_equal(got->groups, want->groups,
                        (size_t)want->groups_len * sizeof want->groups[0]);
    assert_memory_equal(got->prompts, want->prompts,
                        (size_t)want->prompts_len * sizeof want->prompts[0]);
    assert_memory_equal(got->windows, want->windows,
                        (size_t)want->windows_len * sizeof want->windows[0]);
}

static void campaign_keeps_every_option(od_kit *kit)
{
    od_campaign_record record = full_record("Frühling");
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CAMPAIGN_SET, 0);
    od_id id = 0;
    kit_ok(kit, OP(campaign_put, &record, &note, &id));
    kit_reopen(kit);
    od_campaign_record got = kit_campaign_get(kit, id);
    assert_int_equal(got.id, id);
    assert_int_equal(got.state, OD_CAMPAIGN_IDLE);
    assert_string_equal(got.state_text, "");
    assert_int_equal(got.started_utc_ms, 0);
    assert_false(got.filled);
    assert_options(&got, &record);
    od_ledger_row row = kit_ledger_last(kit);
    assert_int_equal(row.kind, OD_LEDGER_CAMPAIGN_SET);
    assert_int_equal(row.subject, id); /* the storage knows it first */
}

static void campaign_put_replaces_options_only(od_kit *kit)
{
    od_id id = kit_campaign(kit, "c", 0, 0);
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CAMPAIGN_STATE, id);
    kit_ok(kit, OP(campaign_cas, id, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_RUNNING,
                   "by hand", kit->now, &note));
    (void)kit_fill(kit, id, 10, 0);
    od_campaign_record record = full_record("d");
    record.id = id;
    record.filled = false;
    note = kit_note(kit, OD_LEDGER_CAMPAIGN_SET, id);
    kit_ok(kit, OP(campaign_put, &record, &note, NULL));
    kit_reopen(kit);
    od_campaign_record got = kit_campaign_get(kit, id);
    assert_options(&got, &record);
    assert_int_equal(got.state, OD_CAMPAIGN_RUNNING);
    assert_string_equal(got.state_text, "by hand");
    assert_int_equal(got.started_utc_ms, kit->now);
    assert_true(got.filled);
}

static void campaign_names_are_unique(od_kit *kit)
{
    od_id a = kit_campaign(kit, "a", 0, 0);
    od_id b = kit_campaign(kit, "b", 0, 0);
    od_campaign_record record = kit_campaign_get(kit, b);
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CAMPAIGN_SET, b);
    int64_t rows = kit_ledger_len(kit);
    (void)snprintf(record.name, sizeof record.name, "a");
    kit_err(kit, OP(campaign_put, &record, &note, NULL), OD_ERR_EXISTS);
    record.id = 0;
    od_id out = -7;
    kit_err(kit, OP(campaign_put, &record, &note, &out), OD_ERR_EXISTS);
    assert_int_equal(out, -7);
    record.id = 999;
    (void)snprintf(record.name, sizeof record.name, "z");
    kit_err(kit, OP(campaign_put, &record, &note, NULL), OD_ERR_NOT_FOUND);
    assert_int_equal(kit_ledger_len(kit), rows);
    record = kit_campaign_get(kit, a); /* its own name */
    kit_ok(kit, OP(campaign_put, &record, &note, NULL));
    assert_int_equal(kit_ledger_len(kit), rows + 1);
}

static void campaign_unknown_is_not_found(od_kit *kit)
{
    od_campaign_record record;
    od_counters counters;
    od_lane_row lane;
    size_t count = 9;
    kit_err(kit, OP(campaign_get, 99, &record), OD_ERR_NOT_FOUND);
    kit_err(kit, OP(campaign_get, 0, &record), OD_ERR_NOT_FOUND);
    kit_err(kit, OP(counters, 99, &counters), OD_ERR_NOT_FOUND);
    kit_ok(kit, OP(lane_scan, 99, 0, &lane, 1, &count));
    assert_int_equal(count, 0);
    od_candidate got = kit_candidate(kit, 99, KIT_PHONE);
    assert_int_equal(got.contact, 0);
    assert_int_equal(got.place, 0);
    assert_int_equal(got.state, OD_TARGET_READY);
    assert_false(got.dnc || got.in_flight || got.number_invalid);
}

static void campaign_scan_pages(od_kit *kit)
{
    od_id want[5];
    for (size_t i = 0; i < 5; i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "c%zu", i);
        want[i] = kit_campaign(kit, name, 0, 0);
    }
    od_id ids[3];
    size_t count = 0;
    kit_ok(kit, OP(campaign_scan, 0, ids, 3, &count));
    assert_int_equal(count, 3);
    assert_memory_equal(ids, want, sizeof ids);
    kit_ok(kit, OP(campaign_scan, ids[2], ids, 3, &count));
    assert_int_equal(count, 2);
    assert_int_equal(ids[0], want[3]);
    assert_int_equal(ids[1], want[4]);
}

static void cas_needs_the_expected_state(od_kit *kit)
{
    od_id id = kit_campaign(kit, "c", 0, 0);
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CAMPAIGN_STATE, id);
    int64_t rows = kit_ledger_len(kit);
    for (int32_t from = 1; from < OD_CAMPAIGN_STATES; from++) {
        kit_err(kit, OP(campaign_cas, id, from, OD_CAMPAIGN_RUNNING, "x",
                        kit->now, &note),
                OD_ERR_STATE);
    }
    kit_err(kit, OP(campaign_cas, 99, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_RUNNING,
                    "", kit->now, &note),
            OD_ERR_NOT_FOUND);
    assert_int_equal(kit_campaign_get(kit, id).state, OD_CAMPAIGN_IDLE);
    assert_int_equal(kit_ledger_len(kit), rows);
    kit_ok(kit, OP(campaign_cas, id, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_SCHEDULED,
                   "waits", kit->now, &note));
    kit_reopen(kit);
    od_campaign_record got = kit_campaign_get(kit, id);
    assert_int_equal(got.state, OD_CAMPAIGN_SCHEDULED);
    assert_string_equal(got.state_text, "waits");
    assert_int_equal(got.started_utc_ms, 0);
    assert_int_equal(kit_ledger_len(kit), rows + 1);
    kit_ok(kit, OP(campaign_cas, id, OD_CAMPAIGN_SCHEDULED, OD_CAMPAIGN_IDLE,
                   NULL, kit->now, &note));
    assert_string_equal(kit_campaign_get(kit, id).state_text, "");
}

/* To RUNNING from any state but PAUSED everything is enrolled anew. */
static void cas_to_running_begins_the_fill(od_kit *kit)
{
    static const int32_t froms[] = {OD_CAMPAIGN_IDLE, OD_CAMPAIGN_SCHEDULED,
                                    OD_CAMPAIGN_COMPLETED,
                                    OD_CAMPAIGN_PAUSED};
    od_id group = kit_group(kit, "a");
    kit_add_many(kit, group, 3);
    for (size_t i = 0; i < OD__LEN(froms); i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "c%zu", i);
        od_id id = kit_campaign(kit, name, group, 0);
        kit_start(kit, id);
        int64_t began = kit->now;
        assert_int_equal(kit_campaign_get(kit, id).started_utc_ms, began);
        kit_cas(kit, id, OD_CAMPAIGN_RUNNING, froms[i]);
        kit->now += 1000;
        kit_cas(kit, id, froms[i], OD_CAMPAIGN_RUNNING);
        od_campaign_record got = kit_campaign_get(kit, id);
        bool anew = froms[i] != OD_CAMPAIGN_PAUSED;
        assert_int_equal(got.filled, !anew);
        assert_int_equal(got.started_utc_ms, anew ? kit->now : began);
        assert_int_equal(kit_fill(kit, id, 2, 0), anew ? 3 : 0);
        assert_int_equal(kit_counters(kit, id).targets, 3);
    }
}

static void cas_begins_a_fill_that_was_half_done(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    kit_add_many(kit, group, 10);
    od_id id = kit_campaign(kit, "c", group, 0);
    kit_cas(kit, id, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_RUNNING);
    od_fill fill = {.campaign = id, .utc_ms = kit->now, .rows_max = 4};
    kit_ok(kit, OP(fill, &fill));
    kit_cas(kit, id, OD_CAMPAIGN_RUNNING, OD_CAMPAIGN_PAUSED);
    kit_reopen(kit);
    kit_cas(kit, id, OD_CAMPAIGN_PAUSED, OD_CAMPAIGN_RUNNING);
    kit_ok(kit, OP(fill, &fill)); /* goes on */
    assert_int_equal(kit_counters(kit, id).targets, 8);
    kit_cas(kit, id, OD_CAMPAIGN_RUNNING, OD_CAMPAIGN_IDLE);
    kit_cas(kit, id, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_RUNNING);
    assert_int_equal(kit_fill(kit, id, 4, 0), 10); /* begins anew */
    assert_int_equal(kit_counters(kit, id).targets, 10);
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_campaign[] = {
    CASE(campaign_keeps_every_option),
    CASE(campaign_put_replaces_options_only),
    CASE(campaign_names_are_unique),
    CASE(campaign_unknown_is_not_found),
    CASE(campaign_scan_pages),
    CASE(cas_needs_the_expected_state),
    CASE(cas_to_running_begins_the_fill),
    CASE(cas_begins_a_fill_that_was_half_done),
    {NULL, NULL},
};
