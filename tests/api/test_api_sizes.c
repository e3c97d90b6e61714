/*
 * test_api_sizes.c - structs that hosts compiled against stay as they are.
 *
 * A struct with a size field is spelled out field by field: none moved, none
 * changed its size, no gap between two of them that is not a reserved field.
 * A new version may only append, and adds its fields here. Other structs that
 * cross the boundary are pinned by their size. All of it for 64-bit machines.
 */
#include "support/test.h"

#include <outdial/backend.h>
#include <outdial/outdial.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

typedef struct field {
    const char *name;
    size_t offset;
    size_t size;
    size_t size_pinned;
} field;

#define FIELD(type, name, pinned)                                             \
    {                                                                         \
        #type "." #name, offsetof(type, name), sizeof(((type *)0)->name),     \
            pinned                                                            \
    }

static void check_fields(const field *fields, size_t len, size_t struct_size,
                         size_t pinned)
{
    size_t end = 0;
    for (size_t i = 0; i < len; i++) {
        if (fields[i].offset != end) {
            fail_msg("%s is at %zu, after a gap or out of order: %zu expected",
                     fields[i].name, fields[i].offset, end);
        }
        if (fields[i].size != fields[i].size_pinned) {
            fail_msg("%s has %zu bytes: %zu expected", fields[i].name,
                     fields[i].size, fields[i].size_pinned);
        }
        end += fields[i].size;
    }
    assert_int_equal(end, struct_size);
    assert_int_equal(struct_size, pinned);
}

static void test_api_sizes_engine_options(void **state)
{
    (void)state;
    static const field fields[] = {
        FIELD(od_engine_options, size, 8),
        FIELD(od_engine_options, country, 8),
        FIELD(od_engine_options, zoneinfo, 8),
        FIELD(od_engine_options, owner, 8),
        FIELD(od_engine_options, allocator, 8),
        FIELD(od_engine_options, calls_max, 4),
        FIELD(od_engine_options, events_max, 4),
        FIELD(od_engine_options, campaigns_max, 4),
        FIELD(od_engine_options, claims_max, 4),
        FIELD(od_engine_options, poll_ms, 4),
        FIELD(od_engine_options, answer_wait_ms, 4),
        FIELD(od_engine_options, call_max_s, 4),
        FIELD(od_engine_options, reserved0, 4),
        FIELD(od_engine_options, seed, 8),
    };
    check_fields(fields, LEN(fields), sizeof(od_engine_options), 80);
}

static void test_api_sizes_campaign_options(void **state)
{
    (void)state;
    static const field fields[] = {
        FIELD(od_campaign_options, size, 8),
        FIELD(od_campaign_options, name, 8),
        FIELD(od_campaign_options, caller_id, 8),
        FIELD(od_campaign_options, groups, 8),
        FIELD(od_campaign_options, groups_len, 8),
        FIELD(od_campaign_options, prompts, 8),
        FIELD(od_campaign_options, prompts_len, 8),
        FIELD(od_campaign_options, windows, 8),
        FIELD(od_campaign_options, windows_len, 8),
        FIELD(od_campaign_options, survey, 8),
        FIELD(od_campaign_options, opt_out_prompt, 8),
        FIELD(od_campaign_options, start_utc_ms, 8),
        FIELD(od_campaign_options, channel, 4),
        FIELD(od_campaign_options, attempts_max, 4),
        FIELD(od_campaign_options, concurrent_max, 4),
        FIELD(od_campaign_options, recall, 4),
        FIELD(od_campaign_options, redial_unknown, 4),
        FIELD(od_campaign_options, retry_delay_s, 4),
        FIELD(od_campaign_options, ring_timeout_ms, 4),
        FIELD(od_campaign_options, skip_answered_h, 4),
        FIELD(od_campaign_options, skip_called_h, 4),
        FIELD(od_campaign_options, opt_out_key, 4),
        FIELD(od_campaign_options, fail_stop_pct, 4),
        FIELD(od_campaign_options, purpose, 4),
        FIELD(od_campaign_options, seller, 8),
        FIELD(od_campaign_options, identity_prompt, 8),
        FIELD(od_campaign_options, offer_prompt, 8),
        FIELD(od_campaign_options, end_utc_ms, 8),
        FIELD(od_campaign_options, retries, 128),
        FIELD(od_campaign_options, guards, 24),
        FIELD(od_campaign_options, retry_unfinished, 4),
        FIELD(od_campaign_options, spread_dayparts, 4),
        FIELD(od_campaign_options, priority, 4),
        FIELD(od_campaign_options, weight, 4),
        FIELD(od_campaign_options, quota_answers, 4),
        FIELD(od_campaign_options, reserved0, 4),
        FIELD(od_campaign_options, quota_question, 8),
        FIELD(od_campaign_options, quota_choice, 8),
        FIELD(od_campaign_options, text, 8),
        FIELD(od_campaign_options, opt_out_text, 8),
        FIELD(od_campaign_options, confirm_text, 8),
        FIELD(od_campaign_options, help_text, 8),
        FIELD(od_campaign_options, text_policy, 4),
        FIELD(od_campaign_options, segments_max, 4),
        FIELD(od_campaign_options, transliterate, 4),
        FIELD(od_campaign_options, validity_s, 4),
        FIELD(od_campaign_options, texts_per_minute_max, 4),
        FIELD(od_campaign_options, reserved1, 4),
    };
    check_fields(fields, LEN(fields), sizeof(od_campaign_options), 424);
}

static void test_api_sizes_registry_build_options(void **state)
{
    (void)state;
    static const field fields[] = {
        FIELD(od_registry_build_options, size, 8),
        FIELD(od_registry_build_options, paths, 8),
        FIELD(od_registry_build_options, paths_len, 8),
        FIELD(od_registry_build_options, out_path, 8),
        FIELD(od_registry_build_options, name, 8),
        FIELD(od_registry_build_options, base_path, 8),
        FIELD(od_registry_build_options, reject_path, 8),
        FIELD(od_registry_build_options, obtained_utc_ms, 8),
        FIELD(od_registry_build_options, column_phone, 4),
        FIELD(od_registry_build_options, column_action, 4),
        FIELD(od_registry_build_options, whole, 1),
        FIELD(od_registry_build_options, reserved0, 7),
    };
    check_fields(fields, LEN(fields), sizeof(od_registry_build_options), 80);
}

static void test_api_sizes_ledger_extract_options(void **state)
{
    (void)state;
    static const field fields[] = {
        FIELD(od_ledger_extract_options, size, 8),
        FIELD(od_ledger_extract_options, path, 8),
        FIELD(od_ledger_extract_options, phone, 8),
        FIELD(od_ledger_extract_options, campaign, 8),
        FIELD(od_ledger_extract_options, since_utc_ms, 8),
        FIELD(od_ledger_extract_options, until_utc_ms, 8),
        FIELD(od_ledger_extract_options, format, 4),
        FIELD(od_ledger_extract_options, reserved0, 4),
    };
    check_fields(fields, LEN(fields), sizeof(od_ledger_extract_options), 56);
}

static void test_api_sizes_call_filter(void **state)
{
    (void)state;
    static const field fields[] = {
        FIELD(od_call_filter, size, 8),
        FIELD(od_call_filter, campaign, 8),
        FIELD(od_call_filter, phone, 8),
        FIELD(od_call_filter, disposition, 4),
        FIELD(od_call_filter, reserved0, 4),
        FIELD(od_call_filter, since_utc_ms, 8),
        FIELD(od_call_filter, until_utc_ms, 8),
    };
    check_fields(fields, LEN(fields), sizeof(od_call_filter), 48);
}

static void test_api_sizes_reply_filter(void **state)
{
    (void)state;
    static const field fields[] = {
        FIELD(od_reply_filter, size, 8),
        FIELD(od_reply_filter, campaign, 8),
        FIELD(od_reply_filter, phone, 8),
        FIELD(od_reply_filter, since_utc_ms, 8),
        FIELD(od_reply_filter, until_utc_ms, 8),
    };
    check_fields(fields, LEN(fields), sizeof(od_reply_filter), 40);
}

static void test_api_sizes_forecast_options(void **state)
{
    (void)state;
    static const field fields[] = {
        FIELD(od_forecast_options, size, 8),
        FIELD(od_forecast_options, seed, 8),
        FIELD(od_forecast_options, price_micros, 8),
        FIELD(od_forecast_options, end_utc_ms, 8),
        FIELD(od_forecast_options, increment_s, 4),
        FIELD(od_forecast_options, learned, 4),
        FIELD(od_forecast_options, answer, 4),
        FIELD(od_forecast_options, busy, 4),
        FIELD(od_forecast_options, declined, 4),
        FIELD(od_forecast_options, not_found, 4),
        FIELD(od_forecast_options, ring_ms, 4),
        FIELD(od_forecast_options, talk_ms, 4),
        FIELD(od_forecast_options, calls_per_second_max, 4),
        FIELD(od_forecast_options, calls_max, 4),
        FIELD(od_forecast_options, segment_price_micros, 8),
    };
    check_fields(fields, LEN(fields), sizeof(od_forecast_options), 80);
}

static void test_api_sizes_import_options(void **state)
{
    (void)state;
    static const field fields[] = {
        FIELD(od_import_options, size, 8),
        FIELD(od_import_options, path, 8),
        FIELD(od_import_options, reject_path, 8),
        FIELD(od_import_options, country, 8),
        FIELD(od_import_options, duplicate, 4),
        FIELD(od_import_options, reserved0, 4),
    };
    check_fields(fields, LEN(fields), sizeof(od_import_options), 40);
}

static void test_api_sizes_sip_trunk(void **state)
{
    (void)state;
    static const field fields[] = {
        FIELD(od_sip_trunk, size, 8),
        FIELD(od_sip_trunk, name, 8),
        FIELD(od_sip_trunk, host, 8),
        FIELD(od_sip_trunk, username, 8),
        FIELD(od_sip_trunk, password, 8),
        FIELD(od_sip_trunk, from_host, 8),
        FIELD(od_sip_trunk, port, 4),
        FIELD(od_sip_trunk, protocol, 4),
        FIELD(od_sip_trunk, calls_max, 4),
        FIELD(od_sip_trunk, calls_per_second_max, 4),
        FIELD(od_sip_trunk, dial_prefix, 8),
        FIELD(od_sip_trunk, texts_max, 4),
        FIELD(od_sip_trunk, texts_per_second_max, 4),
        FIELD(od_sip_trunk, imdn, 4),
        FIELD(od_sip_trunk, no_calls, 4),
    };
    check_fields(fields, LEN(fields), sizeof(od_sip_trunk), 88);
}

static void test_api_sizes_sip_options(void **state)
{
    (void)state;
    static const field fields[] = {
        FIELD(od_sip_options, size, 8),
        FIELD(od_sip_options, trunks, 8),
        FIELD(od_sip_options, trunks_len, 8),
        FIELD(od_sip_options, address, 8),
        FIELD(od_sip_options, port, 4),
        FIELD(od_sip_options, rtp_port_min, 4),
        FIELD(od_sip_options, rtp_port_max, 4),
        FIELD(od_sip_options, media_threads, 4),
        FIELD(od_sip_options, trying_ms, 4),
        FIELD(od_sip_options, silent_peer_ms, 4),
        FIELD(od_sip_options, closing_max, 4),
        FIELD(od_sip_options, reserved0, 4),
        FIELD(od_sip_options, user_agent, 8),
    };
    check_fields(fields, LEN(fields), sizeof(od_sip_options), 72);
}

static void test_api_sizes_smpp_trunk(void **state)
{
    (void)state;
    static const field fields[] = {
        FIELD(od_smpp_trunk, size, 8),
        FIELD(od_smpp_trunk, name, 8),
        FIELD(od_smpp_trunk, host, 8),
        FIELD(od_smpp_trunk, system_id, 8),
        FIELD(od_smpp_trunk, password, 8),
        FIELD(od_smpp_trunk, system_type, 8),
        FIELD(od_smpp_trunk, ca_file, 8),
        FIELD(od_smpp_trunk, unknown_codes, 8),
        FIELD(od_smpp_trunk, port, 4),
        FIELD(od_smpp_trunk, tls, 4),
        FIELD(od_smpp_trunk, window, 4),
        FIELD(od_smpp_trunk, texts_per_second_max, 4),
        FIELD(od_smpp_trunk, long_texts, 4),
        FIELD(od_smpp_trunk, alphabet, 4),
        FIELD(od_smpp_trunk, receipt_ids, 4),
        FIELD(od_smpp_trunk, source_ton, 4),
        FIELD(od_smpp_trunk, source_npi, 4),
        FIELD(od_smpp_trunk, dest_ton, 4),
        FIELD(od_smpp_trunk, dest_npi, 4),
        FIELD(od_smpp_trunk, enquire_s, 4),
        FIELD(od_smpp_trunk, response_ms, 4),
        FIELD(od_smpp_trunk, reconnect_ms_min, 4),
        FIELD(od_smpp_trunk, reconnect_ms_max, 4),
        FIELD(od_smpp_trunk, reserved0, 4),
    };
    check_fields(fields, LEN(fields), sizeof(od_smpp_trunk), 128);
}

static void test_api_sizes_smpp_options(void **state)
{
    (void)state;
    static const field fields[] = {
        FIELD(od_smpp_options, size, 8),
        FIELD(od_smpp_options, trunks, 8),
        FIELD(od_smpp_options, trunks_len, 8),
    };
    check_fields(fields, LEN(fields), sizeof(od_smpp_options), 24);
}

static void test_api_sizes_sim_text_model(void **state)
{
    (void)state;
    static const field fields[] = {
        FIELD(od_sim_text_model, not_found, 4),
        FIELD(od_sim_text_model, failed, 4),
        FIELD(od_sim_text_model, throttled, 4),
        FIELD(od_sim_text_model, unanswered, 4),
        FIELD(od_sim_text_model, undelivered, 4),
        FIELD(od_sim_text_model, expired, 4),
        FIELD(od_sim_text_model, silent, 4),
        FIELD(od_sim_text_model, receipt_ms_min, 4),
        FIELD(od_sim_text_model, receipt_ms_max, 4),
        FIELD(od_sim_text_model, replies, 4),
        FIELD(od_sim_text_model, opt_outs, 4),
        FIELD(od_sim_text_model, reply_ms, 4),
        FIELD(od_sim_text_model, reply, 24),
    };
    check_fields(fields, LEN(fields), sizeof(od_sim_text_model), 72);
}

static void test_api_sizes_sim_options(void **state)
{
    (void)state;
    static const field fields[] = {
        FIELD(od_sim_options, size, 8),
        FIELD(od_sim_options, seed, 8),
        FIELD(od_sim_options, model.answer, 4),
        FIELD(od_sim_options, model.busy, 4),
        FIELD(od_sim_options, model.declined, 4),
        FIELD(od_sim_options, model.not_found, 4),
        FIELD(od_sim_options, model.congestion, 4),
        FIELD(od_sim_options, model.ring_ms_min, 4),
        FIELD(od_sim_options, model.ring_ms_max, 4),
        FIELD(od_sim_options, model.talk_ms_min, 4),
        FIELD(od_sim_options, model.talk_ms_max, 4),
        FIELD(od_sim_options, model.key_ms, 4),
        FIELD(od_sim_options, model.keys, 16),
        FIELD(od_sim_options, model.voicemail, 4),
        FIELD(od_sim_options, model.machine_ms, 4),
        FIELD(od_sim_options, model.failed, 4),
        FIELD(od_sim_options, model.brief, 4),
        FIELD(od_sim_options, model.opt_out, 4),
        FIELD(od_sim_options, model.talk, 4),
        FIELD(od_sim_options, model.opt_out_key, 1),
        FIELD(od_sim_options, model.reserved0, 7),
        FIELD(od_sim_options, calls_max, 4),
        FIELD(od_sim_options, calls_per_second_max, 4),
        FIELD(od_sim_options, ranges, 8),
        FIELD(od_sim_options, ranges_len, 8),
        FIELD(od_sim_options, trunks_len, 8),
        FIELD(od_sim_options, congestion_cps, 4),
        FIELD(od_sim_options, congestion_calls, 4),
        FIELD(od_sim_options, congestion_retry_after_s, 4),
        FIELD(od_sim_options, reserved0, 4),
        FIELD(od_sim_options, texts, 72),
        FIELD(od_sim_options, texts_max, 4),
        FIELD(od_sim_options, texts_per_second_max, 4),
        FIELD(od_sim_options, congestion_tps, 4),
        FIELD(od_sim_options, reserved1, 4),
    };
    check_fields(fields, LEN(fields), sizeof(od_sim_options), 240);
}

static void test_api_sizes_text_options(void **state)
{
    (void)state;
    static const field fields[] = {
        FIELD(od_text_options, size, 8),
        FIELD(od_text_options, policy, 4),
        FIELD(od_text_options, segments_max, 4),
        FIELD(od_text_options, transliterate, 1),
        FIELD(od_text_options, reserved0, 7),
    };
    check_fields(fields, LEN(fields), sizeof(od_text_options), 24);
}

static void test_api_sizes_rows_and_events(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t size;
        size_t pinned;
    } rows[] = {
#define ROW(type, pinned)                                                     \
    {                                                                         \
        #type, sizeof(type), pinned                                           \
    }
        ROW(od_allocator, 24),              ROW(od_answer, 72),
        ROW(od_call, 112),                  ROW(od_caller_id, 16),
        ROW(od_campaign, 448),              ROW(od_campaign_row, 144),
        ROW(od_campaign_stats, 640),        ROW(od_check, 248),
        ROW(od_consent, 120),               ROW(od_consent_report, 32),
        ROW(od_contact, 120),               ROW(od_dnc_entry, 64),
        ROW(od_dnc_report, 32),             ROW(od_erasure, 40),
        ROW(od_errmsg, 512),                ROW(od_event, 280),
        ROW(od_event_answer, 200),          ROW(od_event_call, 80),
        ROW(od_event_campaign, 144),        ROW(od_event_fault, 260),
        ROW(od_event_import, 40),           ROW(od_event_message, 80),
        ROW(od_event_opt_out, 40),          ROW(od_event_reply, 216),
        ROW(od_event_trunk, 257),           ROW(od_field, 16),
        ROW(od_forecast, 1640),             ROW(od_group, 152),
        ROW(od_guards, 24),                 ROW(od_import_report, 328),
        ROW(od_ledger_head, 48),            ROW(od_ledger_row, 128),
        ROW(od_media, 184),                 ROW(od_message, 128),
        ROW(od_now, 16),                    ROW(od_override, 40),
        ROW(od_problem, 368),               ROW(od_registry_info, 296),
        ROW(od_reply, 72),                  ROW(od_result, 136),
        ROW(od_retry, 8),                   ROW(od_rule, 64),
        ROW(od_sim_model, 88),              ROW(od_sim_range, 168),
        ROW(od_survey, 144),                ROW(od_template_field, 144),
        ROW(od_template_report, 232),       ROW(od_text_info, 4148),
        ROW(od_verdict, 48),                ROW(od_verdict_count, 56),
        ROW(od_window, 12),
        /* Between the engine and a storage or transport. */
        ROW(od_answer_record, 72),          ROW(od_answered, 24),
        ROW(od_asset_record, 192),          ROW(od_attempt_record, 120),
        ROW(od_campaign_record, 7288),      ROW(od_candidate, 384),
        ROW(od_consent_record, 120),        ROW(od_consents, 24),
        ROW(od_contact_record, 160),        ROW(od_counters, 600),
        ROW(od_dial, 80),                   ROW(od_dnc_record, 72),
        ROW(od_erase, 48),                  ROW(od_exchange, 184),
        ROW(od_fill, 40),                   ROW(od_lane_request, 40),
        ROW(od_lane_row, 24),               ROW(od_ledger_entry, 48),
        ROW(od_member_batch, 64),           ROW(od_member_row, 160),
        ROW(od_message_record, 184),        ROW(od_notice_claim, 112),
        ROW(od_outcome, 112),               ROW(od_place_count, 16),
        ROW(od_place_record, 744),          ROW(od_receipt_record, 72),
        ROW(od_recent, 16),                 ROW(od_release, 24),
        ROW(od_reply_record, 112),          ROW(od_report, 120),
        ROW(od_ruling, 232),                ROW(od_send, 104),
        ROW(od_sent, 24),                   ROW(od_storage_ops, 464),
        ROW(od_transport_ops, 104),         ROW(od_trunk_info, 92),
#undef ROW
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        if (rows[i].size != rows[i].pinned) {
            fail_msg("%s has %zu bytes: %zu expected", rows[i].name,
                     rows[i].size, rows[i].pinned);
        }
    }
}

static void test_api_sizes_enums_are_four_bytes(void **state)
{
    (void)state;
    assert_int_equal(sizeof(od_err), 4);
    assert_int_equal(sizeof(od_event_type), 4);
    assert_int_equal(sizeof(od_id), 8);
}

int main(void)
{
    if (sizeof(void *) != 8) {
        print_message("sizes are pinned for 64-bit machines only\n");
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_api_sizes_engine_options),
        cmocka_unit_test(test_api_sizes_campaign_options),
        cmocka_unit_test(test_api_sizes_registry_build_options),
        cmocka_unit_test(test_api_sizes_ledger_extract_options),
        cmocka_unit_test(test_api_sizes_forecast_options),
        cmocka_unit_test(test_api_sizes_call_filter),
        cmocka_unit_test(test_api_sizes_reply_filter),
        cmocka_unit_test(test_api_sizes_import_options),
        cmocka_unit_test(test_api_sizes_sip_trunk),
        cmocka_unit_test(test_api_sizes_sip_options),
        cmocka_unit_test(test_api_sizes_smpp_trunk),
        cmocka_unit_test(test_api_sizes_smpp_options),
        cmocka_unit_test(test_api_sizes_sim_text_model),
        cmocka_unit_test(test_api_sizes_sim_options),
        cmocka_unit_test(test_api_sizes_text_options),
        cmocka_unit_test(test_api_sizes_rows_and_events),
        cmocka_unit_test(test_api_sizes_enums_are_four_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
