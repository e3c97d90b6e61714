/*
 * test_texts.c - texts of a campaign from the claim to the outcome: sent once,
 * as fast as trunk and caller ID allow, and never beside a call.
 */
#include "support/mute.h"
#include "support/shaky.h"

#include "core/core.h"

typedef struct play {
    od_stage stage;
    od_mute mute;
    od_shaky shaky;
    od_event last; /* MESSAGE event */
} play;

static void on_event(void *ctx, const od_event *event)
{
    play *p = ctx;
    if (event->type == OD_EVENT_MESSAGE) {
        p->last = *event;
    }
}

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_init(&p->stage);
    mute_init(&p->mute);
    p->stage.world.options.calls_max = 1000;
    p->stage.world.on_event = on_event;
    p->stage.world.on_event_ctx = p;
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    play *p = *state;
    stage_end(&p->stage);
    mute_free(&p->mute);
    free(p);
    return 0;
}

static void begin(play *p)
{
    mute_open(&p->mute, &p->stage, NULL);
}

static od_campaign_options options(play *p, const char *name)
{
    od_campaign_options o;
    stage_options(&p->stage, &o, name);
    o.channel = OD_CHANNEL_TEXT;
    o.prompts = NULL;
    o.prompts_len = 0;
    o.text = "Hello {{first_name|there}}, reply STOP to opt out";
    o.concurrent_max = 1000;
    return o;
}

static od_id go(play *p)
{
    od_campaign_options o = options(p, "texts");
    return stage_go(&p->stage, &o);
}

static od_id add(play *p, const char *phone, const char *first_name)
{
    const od_contact contact = {.phone = phone, .first_name = first_name};
    od_id id = 0;
    stage_ok(&p->stage,
             od_contact_add(p->stage.engine, p->stage.group, &contact, &id));
    return id;
}

static od_message_record last_message(play *p, uint64_t phone)
{
    od_message_record row;
    od_engine *engine = p->stage.engine;
    assert_int_equal(engine->storage_ops->message_last(engine->store, phone, 0,
                                                       &row),
                     OD_OK);
    return row;
}

/* == one text ============================================================== */

static void test_texts_sent(void **state)
{
    play *p = *state;
    begin(p);
    od_id ann = add(p, "+12125551000", "Ann");
    od_id campaign = go(p);
    stage_run(&p->stage, 1000);
    assert_int_equal(p->mute.texts_len, 1);
    assert_int_equal(p->mute.dials_len, 0);
    const od_send *send = &p->mute.texts[0].send;
    assert_string_equal(p->mute.texts[0].text,
                        "Hello Ann, reply STOP to opt out");
    assert_true(send->to == UINT64_C(12125551000));
    assert_true(send->from == UINT64_C(12125550100));
    assert_int_equal(send->campaign, campaign);
    assert_int_equal(send->encoding, OD_TEXT_ENCODING_GSM);
    assert_int_equal(send->segments, 1);
    assert_int_equal(send->validity_s, 86400);
    assert_int_equal(strlen(send->session_id), 32);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 1);
    assert_int_equal(stage_stats(&p->stage, campaign).in_progress, 1);

    mute_sent(&p->mute, 0);
    stage_run(&p->stage, 1000);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 0);
    assert_int_equal(p->stage.world.events[OD_EVENT_MESSAGE], 1);
    assert_int_equal(p->stage.world.events[OD_EVENT_CALL_DIALING], 0);
    const od_event_message *e = &p->last.u.message;
    assert_int_equal(e->campaign, campaign);
    assert_int_equal(e->contact, ann);
    assert_string_equal(e->phone, "+12125551000");
    assert_int_equal(e->disposition, OD_DISPOSITION_SENT);
    assert_int_equal(e->delivery, OD_DELIVERY_ACCEPTED);
    assert_int_equal(e->segments, 1);

    od_message_record row = last_message(p, UINT64_C(12125551000));
    assert_int_equal(row.disposition, OD_DISPOSITION_SENT);
    assert_int_equal(row.parts_len, 1);
    assert_string_equal(row.text, "Hello Ann, reply STOP to opt out");
    assert_int_equal(row.open_until_utc_ms - row.ended_utc_ms,
                     2 * 24 * STAGE_HOUR);
    od_campaign_stats stats = stage_stats(&p->stage, campaign);
    assert_int_equal(stats.finished, 1);
    assert_int_equal(stats.finished_by[OD_DISPOSITION_SENT], 1);
    assert_int_equal(stats.delivery_by[OD_DELIVERY_ACCEPTED], 1);
    assert_int_equal(stats.segments, 1);
    assert_int_equal(stage_state(&p->stage, campaign), OD_CAMPAIGN_COMPLETED);
}

/* Started again, who got the text is left alone. */
static void test_texts_sent_is_reached(void **state)
{
    play *p = *state;
    begin(p);
    (void)add(p, "+12125551000", "Ann");
    od_id campaign = go(p);
    stage_run(&p->stage, 1000);
    mute_sent(&p->mute, 0);
    stage_run(&p->stage, 1000);
    od_verdict v = stage_explain(&p->stage, campaign, "+12125551000");
    assert_int_equal(v.reason, OD_REASON_ALREADY_REACHED);
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, campaign));
    stage_run(&p->stage, STAGE_HOUR);
    assert_int_equal(p->mute.texts_len, 1);
}

/* A second end, and reports of calls, are of nothing. */
static void test_texts_end_once(void **state)
{
    play *p = *state;
    begin(p);
    stage_people(&p->stage, 1);
    od_id campaign = go(p);
    stage_run(&p->stage, 1000);
    const od_report wrong = {.kind = OD_REPORT_ANSWERED,
                             .slot = p->mute.texts[0].send.slot,
                             .attempt = p->mute.texts[0].send.attempt};
    mute_report(&p->mute, &wrong);
    stage_run(&p->stage, 10);
    assert_int_equal(p->stage.world.events[OD_EVENT_CALL_ANSWERED], 0);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 1);
    mute_sent(&p->mute, 0);
    mute_refused(&p->mute, 0, OD_DISPOSITION_FAILED, 8);
    stage_run(&p->stage, 10);
    assert_int_equal(p->stage.world.events[OD_EVENT_MESSAGE], 1);
    assert_int_equal(stage_stats(&p->stage, campaign).attempts, 1);
}

/* Why a text was not taken, and what follows. */
static void test_texts_refused(void **state)
{
    static const struct {
        int32_t disposition;
        int32_t status;
        bool counts;
        int32_t next_s; /* to the next text; 0: none */
    } ways[] = {{OD_DISPOSITION_FAILED, 8, true, 3600},
                {OD_DISPOSITION_FAILED, 0, false, 60},
                {OD_DISPOSITION_DECLINED, 69, true, 3600},
                {OD_DISPOSITION_NOT_FOUND, 11, true, 0},
                {OD_DISPOSITION_CONGESTION, 88, false, 60},
                {OD_DISPOSITION_UNKNOWN, 0, true, 0},
                {OD_DISPOSITION_ANSWERED, 200, true, 3600}};
    play *p = *state;
    begin(p);
    stage_people(&p->stage, 1);
    for (size_t i = 0; i < OD__LEN(ways); i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "c%zu", i);
        od_campaign_options o = options(p, name);
        size_t before = p->mute.texts_len;
        od_id campaign = stage_go(&p->stage, &o);
        stage_run(&p->stage, 1000);
        if (i > 3) { /* the number was said not to exist */
            assert_int_equal(p->mute.texts_len, before);
            od_verdict v = stage_explain(&p->stage, campaign, stage_phone(0));
            assert_int_equal(v.reason, OD_REASON_NUMBER_INVALID);
            continue;
        }
        assert_int_equal(p->mute.texts_len, before + 1);
        mute_refused(&p->mute, before, ways[i].disposition, ways[i].status);
        stage_run(&p->stage, 100);
        assert_int_equal(p->last.u.message.status, ways[i].status);
        assert_int_equal(p->last.u.message.delivery, OD_DELIVERY_NONE);
        assert_int_equal(stage_stats(&p->stage, campaign).delivery_by[0], 1);
        if (ways[i].next_s > 0) {
            stage_run(&p->stage, (ways[i].next_s - 2) * INT64_C(1000));
            assert_int_equal(p->mute.texts_len, before + 1);
            stage_run(&p->stage, 3000);
            assert_int_equal(p->mute.texts_len, before + 2);
            mute_sent(&p->mute, before + 1);
            stage_run(&p->stage, 100);
            od_message_record row = last_message(p, UINT64_C(12125551000));
            assert_int_equal(row.attempts_before, ways[i].counts ? 1 : 0);
        }
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_texts_sent),
        T(test_texts_sent_is_reached),
        T(test_texts_end_once),
        T(test_texts_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
