/*
 * storage_model_compare.c - does the storage say what the model says?
 */
#include "support/storage_model.h"

static void compare_consents(const od_candidate *got, const od_model *model,
                             size_t phone, const char *seller)
{
    od_consents want = model_consents(model, phone, seller);
    assert_int_equal(got->consents.express, want.express);
    assert_int_equal(got->consents.written, want.written);
    assert_int_equal(got->consents.purchased_utc_ms, want.purchased_utc_ms);
    assert_int_equal(got->consents.inquired_utc_ms, want.inquired_utc_ms);
}

static void compare_recent(const od_candidate *got, const od_model *model,
                           size_t phone)
{
    od_recent want[OD_RECENT_MAX];
    size_t len = model_recent(model, phone, want);
    assert_int_equal(got->recent_len, len);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(got->recent[i].utc_ms, want[i].utc_ms);
        assert_int_equal(got->recent[i].campaign, want[i].campaign);
    }
}

static void compare_target(od_kit *kit, const od_model *model, size_t campaign,
                           size_t phone)
{
    const od_model_campaign *of = &model->campaigns[campaign];
    const od_model_target *want = &of->targets[phone];
    const od_model_line *line = &model->lines[phone];
    od_candidate got = kit_candidate(kit, of->id, model_phone(phone));
    assert_int_equal(got.contact, want->there ? want->contact : 0);
    if (want->there) {
        assert_int_equal(got.place, want->place);
        assert_int_equal(got.state, want->state);
        assert_int_equal(got.reason, want->reason);
        assert_int_equal(got.attempts, want->attempts);
        assert_int_equal(got.disposition, want->disposition);
        for (int32_t i = 0; i < 16; i++) {
            assert_int_equal(od_tries_of(got.tries, i), want->tries[i]);
        }
        if (want->state == OD_TARGET_READY) {
            assert_int_equal(got.due_utc_ms, want->due_utc_ms);
        }
    }
    int64_t until = 0;
    assert_int_equal(got.dnc,
                     model_forbids(model, phone, campaign, kit->now, &until));
    assert_int_equal(got.dnc_until_utc_ms, until);
    compare_consents(&got, model, phone, of->seller);
    compare_recent(&got, model, phone);
    assert_int_equal(got.in_flight, line->attempt != 0);
    assert_int_equal(got.number_invalid, line->number_invalid);
    assert_int_equal(got.line_called_utc_ms, line->called_utc_ms);
    assert_int_equal(got.line_answered_utc_ms, line->answered_utc_ms);
}

static void compare_texts_sums(const od_model *model, size_t campaign,
                               const od_counters *got)
{
    int64_t delivery_by[OD_DELIVERIES] = {0};
    int64_t segments = 0;
    int64_t replies = 0;
    for (size_t i = 0; i < model->texts_len; i++) {
        const od_model_text *text = &model->texts[i];
        if (text->ended && text->reply == 0 && text->campaign == campaign) {
            delivery_by[text->delivery]++;
            segments += text->parts_len > 0 ? MODEL_SEGMENTS : 0;
        }
    }
    for (size_t i = 0; i < model->replies_len; i++) {
        replies += model->replies[i].campaign == campaign ? 1 : 0;
    }
    assert_memory_equal(got->delivery_by, delivery_by, sizeof delivery_by);
    assert_int_equal(got->segments, segments);
    assert_int_equal(got->replies, replies);
}

static void compare_sums(od_kit *kit, const od_model *model, size_t campaign)
{
    const od_model_campaign *want = &model->campaigns[campaign];
    int64_t by_state[4] = {0};
    for (size_t phone = 0; phone < MODEL_PHONES; phone++) {
        if (want->targets[phone].there) {
            by_state[want->targets[phone].state]++;
        }
    }
    od_counters got = kit_counters(kit, want->id);
    assert_int_equal(got.ready, by_state[OD_TARGET_READY]);
    assert_int_equal(got.flight, by_state[OD_TARGET_FLIGHT]);
    assert_int_equal(got.done, by_state[OD_TARGET_DONE]);
    assert_int_equal(got.blocked, by_state[OD_TARGET_BLOCKED]);
    assert_int_equal(got.targets,
                     got.ready + got.flight + got.done + got.blocked);
    assert_int_equal(got.opted_out, want->opted_out);
    assert_int_equal(got.surveys_done, want->surveys_done);
    assert_int_equal(got.talk_ms, want->talk_ms);
    for (size_t i = 0; i < OD_DISPOSITIONS; i++) {
        assert_int_equal(got.attempts_by[i], want->attempts_by[i]);
    }
    compare_texts_sums(model, campaign, &got);
    od_campaign_record record = kit_campaign_get(kit, want->id);
    assert_int_equal(record.state, want->state);
    assert_int_equal(record.filled, want->filled);
}

void model_compare(od_kit *kit, const od_model *model)
{
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        for (size_t phone = 0; phone < MODEL_PHONES; phone++) {
            compare_target(kit, model, i, phone);
        }
        compare_sums(kit, model, i);
    }
    od_ledger_row row;
    size_t count = 0;
    kit_ok(kit, OP(ledger_scan, model->ledger_len, &row, 1, &count));
    assert_int_equal(count, 0);
    if (model->ledger_len > 0) {
        kit_ok(kit, OP(ledger_scan, model->ledger_len - 1, &row, 1, &count));
        assert_int_equal(count, 1);
    }
}
