/*
 * test_texts.c - texts of a campaign and the network: one that is sent, as fast
 * as trunk and caller ID allow, and what does not go.
 */
#include "support/texting.h"

#include "core/core.h"

/* == one text ============================================================== */

static void test_texts_sent(void **state)
{
    od_texting *p = *state;
    texting_begin(p);
    od_id ann = texting_add(p, "+12125551000", "Ann");
    od_id campaign = texting_go(p);
    texting_run(p, 1000);
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
    texting_run(p, 1000);
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

    od_message_record row = texting_last_message(p, UINT64_C(12125551000));
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
    assert_int_equal(stage_state(&p->stage, campaign), OD_CAMPAIGN_RUNNING);
}

/* Started again, who got the text is left alone. */
static void test_texts_sent_is_reached(void **state)
{
    od_texting *p = *state;
    texting_begin(p);
    (void)texting_add(p, "+12125551000", "Ann");
    od_id campaign = texting_go(p);
    texting_run(p, 1000);
    mute_sent(&p->mute, 0);
    texting_run(p, 1000);
    od_verdict v = stage_explain(&p->stage, campaign, "+12125551000");
    assert_int_equal(v.reason, OD_REASON_ALREADY_REACHED);
    stage_ok(&p->stage, od_campaign_stop(p->stage.engine, campaign));
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, campaign));
    stage_run(&p->stage, STAGE_HOUR);
    assert_int_equal(p->mute.texts_len, 1);
}

/* A second end, and reports of calls, are of nothing. */
static void test_texts_end_once(void **state)
{
    od_texting *p = *state;
    texting_begin(p);
    stage_people(&p->stage, 1);
    od_id campaign = texting_go(p);
    texting_run(p, 1000);
    const od_report wrong = {.kind = OD_REPORT_ANSWERED,
                             .slot = p->mute.texts[0].send.slot,
                             .attempt = p->mute.texts[0].send.attempt};
    mute_report(&p->mute, &wrong);
    texting_run(p, 10);
    assert_int_equal(p->stage.world.events[OD_EVENT_CALL_ANSWERED], 0);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 1);
    mute_sent(&p->mute, 0);
    mute_refused(&p->mute, 0, OD_DISPOSITION_FAILED, 8);
    texting_run(p, 10);
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
                {OD_DISPOSITION_CONGESTION, 88, false, 60},
                {OD_DISPOSITION_UNKNOWN, 0, true, 0},
                {OD_DISPOSITION_ANSWERED, 200, true, 3600}, /* no text is */
                {OD_DISPOSITION_NOT_FOUND, 11, true, 0}};
    od_texting *p = *state;
    texting_begin(p);
    stage_people(&p->stage, 1);
    for (size_t i = 0; i < OD__LEN(ways); i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "c%zu", i);
        od_campaign_options o = texting_options(p, name);
        size_t before = p->mute.texts_len;
        od_id campaign = stage_go(&p->stage, &o);
        texting_run(p, 1000);
        assert_int_equal(p->mute.texts_len, before + 1);
        mute_refused(&p->mute, before, ways[i].disposition, ways[i].status);
        texting_run(p, 100);
        assert_int_equal(p->last.u.message.status, ways[i].status);
        assert_int_equal(p->last.u.message.delivery, OD_DELIVERY_NONE);
        assert_int_equal(stage_stats(&p->stage, campaign).delivery_by[0], 1);
        if (ways[i].next_s > 0) {
            stage_run(&p->stage, (ways[i].next_s - 3) * INT64_C(1000));
            assert_int_equal(p->mute.texts_len, before + 1);
            texting_run(p, 4000);
            assert_int_equal(p->mute.texts_len, before + 2);
            mute_sent(&p->mute, before + 1);
            texting_run(p, 100);
            od_message_record row = texting_last_message(p, UINT64_C(12125551000));
            assert_int_equal(row.attempts_before, ways[i].counts ? 1 : 0);
        }
        texting_run(p, 10 * STAGE_MINUTE);
        assert_int_equal(p->mute.texts_len,
                         before + (ways[i].next_s > 0 ? 2 : 1));
    }
    /* The last said that there is no such number: that goes for all. */
    od_id campaign = texting_go(p);
    texting_run(p, 1000);
    od_verdict v = stage_explain(&p->stage, campaign, stage_phone(0));
    assert_int_equal(v.reason, OD_REASON_NUMBER_INVALID);
}

/* What never left is no attempt, and comes again. */
static void test_texts_that_do_not_leave(void **state)
{
    static const od_err errs[] = {OD_ERR_LIMIT, OD_ERR_TRANSPORT,
                                  OD_ERR_MEMORY};
    od_texting *p = *state;
    texting_begin(p);
    stage_people(&p->stage, 1);
    p->mute.send_err = errs[0];
    od_id campaign = texting_go(p);
    for (size_t i = 0; i < OD__LEN(errs); i++) {
        p->mute.send_err = errs[i];
        texting_run(p, i == 0 ? 1000 : 60000);
        const od_event_message *e = &p->last.u.message;
        assert_int_equal(p->stage.world.events[OD_EVENT_MESSAGE], i + 1);
        assert_int_equal(e->fault, errs[i]);
        assert_int_equal(e->disposition, errs[i] == OD_ERR_LIMIT
                                             ? OD_DISPOSITION_CONGESTION
                                             : OD_DISPOSITION_FAILED);
    }
    p->mute.send_err = OD_OK;
    texting_run(p, 61000);
    assert_int_equal(p->mute.texts_len, 1);
    mute_sent(&p->mute, 0);
    texting_run(p, 100);
    assert_int_equal(texting_last_message(p, UINT64_C(12125551000)).attempts_before, 0);
    assert_int_equal(stage_stats(&p->stage, campaign).finished, 1);
}

/* Nothing takes a text back: neither the host, nor the list, nor a stop. */
static void test_texts_are_not_hung_up(void **state)
{
    od_texting *p = *state;
    texting_begin(p);
    stage_people(&p->stage, 1);
    od_id campaign = texting_go(p);
    texting_run(p, 1000);
    stage_fails(&p->stage,
                od_call_hangup(p->stage.engine, p->mute.texts[0].send.attempt),
                OD_ERR_NOT_FOUND, "no live call");
    stage_dnc(&p->stage, stage_phone(0));
    stage_ok(&p->stage, od_campaign_stop(p->stage.engine, campaign));
    stage_ok(&p->stage, od_engine_stop(p->stage.engine));
    texting_run(p, 1000);
    assert_int_equal(p->mute.hangups, 0);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 1);
    mute_sent(&p->mute, 0);
    texting_run(p, 10);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 0);
    assert_int_equal(texting_last_message(p, UINT64_C(12125551000)).disposition,
                     OD_DISPOSITION_SENT);
}

/* == how fast ============================================================== */

static void test_texts_window(void **state)
{
    od_texting *p = *state;
    p->mute.trunk.texts_max = 3;
    texting_begin(p);
    stage_people(&p->stage, 10);
    (void)texting_go(p);
    for (size_t done = 0; done < 10; done++) {
        texting_run(p, 1000);
        assert_int_equal(p->mute.texts_len, done + 3 < 10 ? done + 3 : 10);
        assert_true(od_engine_calls_live(p->stage.engine) <= 3);
        mute_sent(&p->mute, done);
    }
    texting_run(p, 10);
    assert_int_equal(p->stage.world.events[OD_EVENT_MESSAGE], 10);
}

/* An engine of two slots has two texts under way, whatever trunks take. */
static void test_texts_slots(void **state)
{
    od_texting *p = *state;
    p->stage.world.options.calls_max = 2;
    texting_begin(p);
    stage_people(&p->stage, 6);
    (void)texting_go(p);
    for (size_t done = 0; done < 6; done++) {
        texting_run(p, 1000);
        assert_int_equal(p->mute.texts_len, done + 2 < 6 ? done + 2 : 6);
        mute_sent(&p->mute, done);
    }
    texting_run(p, 10);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 0);
    assert_int_equal(p->stage.world.events[OD_EVENT_MESSAGE], 6);
    assert_int_equal(p->stage.engine->events.promised, 0);
}

/* A host that does not read stops the sending, and nothing is lost. */
static void test_texts_wait_for_the_host(void **state)
{
    od_texting *p = *state;
    od_event event;
    p->stage.world.options.events_max = 256;
    texting_begin(p);
    stage_people(&p->stage, 400);
    (void)texting_go(p);
    od_engine *engine = p->stage.engine;
    for (int i = 0; i < 100; i++) {
        od_now *now = &p->stage.world.now;
        now->mono_ms += 10;
        now->utc_ms += 10;
        stage_ok(&p->stage, od_engine_step(engine, now));
    }
    size_t before = p->mute.texts_len;
    assert_in_range(before, 240, 256);
    for (size_t i = 0; i < before; i++) {
        mute_sent(&p->mute, i);
    }
    stage_ok(&p->stage, od_engine_step(engine, &p->stage.world.now));
    assert_int_equal(p->mute.texts_len, before);
    size_t told = 0;
    while (od_engine_next_event(engine, &event)) {
        told += event.type == OD_EVENT_MESSAGE ? 1 : 0;
    }
    assert_int_equal(told, before);
    texting_run(p, 1000);
    assert_int_equal(p->mute.texts_len, 400);
}

static void test_texts_per_second(void **state)
{
    od_texting *p = *state;
    p->mute.trunk.texts_per_second_max = 10;
    texting_begin(p);
    stage_people(&p->stage, 100);
    (void)texting_go(p);
    texting_run(p, 1000);
    assert_in_range(p->mute.texts_len, 10, 12);
    texting_run(p, 4000);
    assert_in_range(p->mute.texts_len, 50, 52);
}

/* The network says that there are too many: half as many, then more again. */
static void test_texts_throttled(void **state)
{
    od_texting *p = *state;
    p->mute.trunk.texts_per_second_max = 100;
    texting_begin(p);
    stage_people(&p->stage, 1000);
    od_campaign_options o = texting_options(p, "texts");
    o.fail_stop_pct = OD_NONE;
    (void)stage_go(&p->stage, &o);
    texting_run(p, 1000);
    size_t before = p->mute.texts_len;
    assert_in_range(before, 100, 106);
    for (size_t i = 0; i < before; i++) {
        if (i < 20) {
            mute_refused(&p->mute, i, OD_DISPOSITION_CONGESTION, 88);
        } else {
            mute_sent(&p->mute, i);
        }
    }
    texting_run(p, 1000);
    assert_in_range(p->mute.texts_len - before, 45, 56);
    const od__meter *meters = p->stage.engine->trunks[0].meters;
    assert_in_range(meters[OD_CHANNEL_TEXT].rate_milli, 50000, 56000);
    /* Calls know nothing of it. */
    assert_int_equal(meters[OD_CHANNEL_VOICE].rate_milli, 10000000);
    texting_run(p, 11000);
    assert_int_equal(meters[OD_CHANNEL_TEXT].rate_milli, 100000);
}

/* A trunk whose texts are all under way still calls, and the reverse. */
static void test_texts_and_calls_have_places_of_their_own(void **state)
{
    od_texting *p = *state;
    od_campaign_options o;
    p->mute.trunk.texts_max = 2;
    p->mute.trunk.calls_max = 3;
    texting_begin(p);
    stage_people(&p->stage, 20);
    od_campaign_options texts = texting_options(p, "texts");
    texts.priority = 9;
    (void)stage_go(&p->stage, &texts);
    stage_options(&p->stage, &o, "calls");
    (void)stage_go(&p->stage, &o);
    texting_run(p, 2000);
    assert_int_equal(p->mute.texts_len, 2);
    assert_int_equal(p->mute.dials_len, 3);
    mute_sent(&p->mute, 0);
    texting_run(p, 1000);
    assert_int_equal(p->mute.texts_len, 3);
    assert_int_equal(p->mute.dials_len, 3);
    mute_post(&p->mute, 0, OD_REPORT_ENDED, 486);
    texting_run(p, 1000);
    assert_int_equal(p->mute.texts_len, 3);
    assert_int_equal(p->mute.dials_len, 4);
}

/* Two campaigns show one caller ID: the least of their limits is that of both
 * together, and a third with another is free of it. */
static void test_texts_per_minute_of_a_caller_id(void **state)
{
    od_texting *p = *state;
    texting_begin(p);
    stage_people(&p->stage, 300);
    od_campaign_options o = texting_options(p, "a");
    o.texts_per_minute_max = 60;
    (void)stage_go(&p->stage, &o);
    o = texting_options(p, "b");
    o.texts_per_minute_max = 600;
    (void)stage_go(&p->stage, &o);
    texting_run(p, 10000);
    assert_in_range(p->mute.texts_len, 10, 12);
    od_id group = 0;
    stage_ok(&p->stage, od_group_add(p->stage.engine, "others", &group));
    for (int i = 0; i < 200; i++) {
        (void)od_world_contact(&p->stage.world, group, stage_phone(1000 + i),
                               NULL);
    }
    o = texting_options(p, "c");
    o.caller_id = "54321";
    o.groups = &group;
    (void)stage_go(&p->stage, &o);
    texting_run(p, 10000);
    size_t others = 0;
    for (size_t i = 0; i < p->mute.texts_len; i++) {
        others += p->mute.texts[i].send.from == 54321 ? 1 : 0;
    }
    assert_in_range(p->mute.texts_len - others, 20, 23);
    assert_int_equal(others, 200);
}

/* == what does not go ====================================================== */

static void test_texts_blocked(void **state)
{
    od_texting *p = *state;
    texting_begin(p);
    (void)texting_add(p, "+12125551000", "Ann");
    (void)texting_add(p, "+12125551001", NULL);
    (void)texting_add(p, "+12125551002", "Anna Maria");
    od_campaign_options o = texting_options(p, "texts");
    o.text = "{{first_name}} STOP";
    o.text_policy = OD_TEXT_POLICY_REFUSE;
    od_id campaign = stage_go(&p->stage, &o);
    texting_run(p, 1000);
    assert_int_equal(p->mute.texts_len, 2);
    od_campaign_stats stats = stage_stats(&p->stage, campaign);
    assert_int_equal(stats.blocked_by[OD_REASON_TEXT], 1);
    od_verdict v = stage_explain(&p->stage, campaign, "+12125551001");
    assert_int_equal(v.kind, OD_VERDICT_BLOCK);
    assert_int_equal(v.reason, OD_REASON_TEXT);

    /* With a default it goes, once the campaign is told. */
    stage_ok(&p->stage, od_campaign_pause(p->stage.engine, campaign));
    texting_run(p, 10);
    o.text = "{{first_name|you}} STOP";
    stage_ok(&p->stage, od_campaign_update(p->stage.engine, campaign, &o));
    stage_ok(&p->stage, od_campaign_resume(p->stage.engine, campaign));
    texting_run(p, 1000);
    assert_int_equal(p->mute.texts_len, 3);
    assert_string_equal(p->mute.texts[2].text, "you STOP");
}

static void test_texts_checks_tell(void **state)
{
    od_texting *p = *state;
    od_check rows[200];
    size_t count = 0;
    texting_begin(p);
    (void)texting_add(p, "+12125551001", NULL);
    od_campaign_options o = texting_options(p, "texts");
    o.text = "{{first_name}} STOP";
    od_id campaign = stage_add(&p->stage, &o);
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, campaign));
    texting_run(p, 100);
    stage_ok(&p->stage, od_campaign_checks(p->stage.engine, campaign,
                                           "+12125551001", rows, 200, &count));
    const od_check *found = NULL;
    for (size_t i = 0; i < count; i++) {
        found = strcmp(rows[i].name, "text") == 0 ? &rows[i] : found;
    }
    assert_non_null(found);
    assert_int_equal(found->verdict.reason, OD_REASON_TEXT);
    assert_string_equal(found->evidence, "gsm, 1 segment: field first_name is "
                                         "empty and has no default");
}

/* Texts that only a trunk takes that is down let others pass. */
static void test_texts_too_long_for_the_trunks_that_are_up(void **state)
{
    od_texting *p = *state;
    char name[100];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    texting_begin(p);
    od_engine *engine = p->stage.engine;
    engine->trunks[1] = engine->trunks[0];
    engine->trunks[1].info.up = false;
    engine->trunks[0].info.text_bytes_max = 100;
    engine->trunks_len = 2;
    for (int i = 0; i < 10; i++) {
        (void)texting_add(p, stage_phone(i), i % 2 == 0 ? name : "Bob");
    }
    (void)texting_go(p);
    texting_run(p, 1000);
    assert_int_equal(p->mute.texts_len, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(strlen(p->mute.texts[i].text) < 100);
    }
    engine->trunks[1].info.up = true;
    texting_run(p, 61000);
    assert_int_equal(p->mute.texts_len, 10);
    for (size_t i = 5; i < 10; i++) {
        assert_int_equal(p->mute.texts[i].send.trunk, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEXTING_BOTH(test_texts_sent),
        TEXTING_BOTH(test_texts_sent_is_reached),
        TEXTING_BOTH(test_texts_end_once),
        TEXTING_BOTH(test_texts_refused),
        TEXTING_BOTH(test_texts_that_do_not_leave),
        TEXTING_BOTH(test_texts_are_not_hung_up),
        TEXTING_BOTH(test_texts_window),
        TEXTING_BOTH(test_texts_slots),
        TEXTING_BOTH(test_texts_wait_for_the_host),
        TEXTING_BOTH(test_texts_per_second),
        TEXTING_BOTH(test_texts_throttled),
        TEXTING_BOTH(test_texts_and_calls_have_places_of_their_own),
        TEXTING_BOTH(test_texts_per_minute_of_a_caller_id),
        TEXTING_BOTH(test_texts_blocked),
        TEXTING_BOTH(test_texts_checks_tell),
        TEXTING_BOTH(test_texts_too_long_for_the_trunks_that_are_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
