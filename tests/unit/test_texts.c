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
    bool sqlite;
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

static int setup_sqlite(void **state)
{
    (void)setup(state);
    ((play *)*state)->sqlite = true;
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

/* A fresh one; NULL, which is one in memory, where SQLite is left out. */
static od_storage *store(play *p)
{
    od_storage *storage = NULL;
    od_err err = OD_ERR_UNSUPPORTED;
    if (p->sqlite) {
        err = od_storage_open_sqlite(&storage, stage_path(&p->stage, "a.db"),
                                     NULL);
    }
    return err == OD_OK ? storage : NULL;
}

static void begin(play *p)
{
    mute_open(&p->mute, &p->stage, store(p));
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

/* A report is heard of in the next step; what follows takes its time. */
static void run(play *p, int64_t ms)
{
    stage_run(&p->stage, 1);
    stage_run(&p->stage, ms);
}

static od_message_record last_message(play *p, uint64_t phone)
{
    od_message_record row;
    od_engine *engine = p->stage.engine;
    assert_int_equal(
        engine->storage_ops->message_last(engine->store, phone, 0, &row),
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
    run(p, 1000);
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
    run(p, 1000);
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
    assert_int_equal(stage_state(&p->stage, campaign), OD_CAMPAIGN_RUNNING);
}

/* Started again, who got the text is left alone. */
static void test_texts_sent_is_reached(void **state)
{
    play *p = *state;
    begin(p);
    (void)add(p, "+12125551000", "Ann");
    od_id campaign = go(p);
    run(p, 1000);
    mute_sent(&p->mute, 0);
    run(p, 1000);
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
    play *p = *state;
    begin(p);
    stage_people(&p->stage, 1);
    od_id campaign = go(p);
    run(p, 1000);
    const od_report wrong = {.kind = OD_REPORT_ANSWERED,
                             .slot = p->mute.texts[0].send.slot,
                             .attempt = p->mute.texts[0].send.attempt};
    mute_report(&p->mute, &wrong);
    run(p, 10);
    assert_int_equal(p->stage.world.events[OD_EVENT_CALL_ANSWERED], 0);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 1);
    mute_sent(&p->mute, 0);
    mute_refused(&p->mute, 0, OD_DISPOSITION_FAILED, 8);
    run(p, 10);
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
    play *p = *state;
    begin(p);
    stage_people(&p->stage, 1);
    for (size_t i = 0; i < OD__LEN(ways); i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "c%zu", i);
        od_campaign_options o = options(p, name);
        size_t before = p->mute.texts_len;
        od_id campaign = stage_go(&p->stage, &o);
        run(p, 1000);
        assert_int_equal(p->mute.texts_len, before + 1);
        mute_refused(&p->mute, before, ways[i].disposition, ways[i].status);
        run(p, 100);
        assert_int_equal(p->last.u.message.status, ways[i].status);
        assert_int_equal(p->last.u.message.delivery, OD_DELIVERY_NONE);
        assert_int_equal(stage_stats(&p->stage, campaign).delivery_by[0], 1);
        if (ways[i].next_s > 0) {
            stage_run(&p->stage, (ways[i].next_s - 3) * INT64_C(1000));
            assert_int_equal(p->mute.texts_len, before + 1);
            run(p, 4000);
            assert_int_equal(p->mute.texts_len, before + 2);
            mute_sent(&p->mute, before + 1);
            run(p, 100);
            od_message_record row = last_message(p, UINT64_C(12125551000));
            assert_int_equal(row.attempts_before, ways[i].counts ? 1 : 0);
        }
        run(p, 10 * STAGE_MINUTE);
        assert_int_equal(p->mute.texts_len,
                         before + (ways[i].next_s > 0 ? 2 : 1));
    }
    /* The last said that there is no such number: that goes for all. */
    od_id campaign = go(p);
    run(p, 1000);
    od_verdict v = stage_explain(&p->stage, campaign, stage_phone(0));
    assert_int_equal(v.reason, OD_REASON_NUMBER_INVALID);
}

/* What never left is no attempt, and comes again. */
static void test_texts_that_do_not_leave(void **state)
{
    static const od_err errs[] = {OD_ERR_LIMIT, OD_ERR_TRANSPORT,
                                  OD_ERR_MEMORY};
    play *p = *state;
    begin(p);
    stage_people(&p->stage, 1);
    p->mute.send_err = errs[0];
    od_id campaign = go(p);
    for (size_t i = 0; i < OD__LEN(errs); i++) {
        p->mute.send_err = errs[i];
        run(p, i == 0 ? 1000 : 60000);
        const od_event_message *e = &p->last.u.message;
        assert_int_equal(p->stage.world.events[OD_EVENT_MESSAGE], i + 1);
        assert_int_equal(e->fault, errs[i]);
        assert_int_equal(e->disposition, errs[i] == OD_ERR_LIMIT
                                             ? OD_DISPOSITION_CONGESTION
                                             : OD_DISPOSITION_FAILED);
    }
    p->mute.send_err = OD_OK;
    run(p, 61000);
    assert_int_equal(p->mute.texts_len, 1);
    mute_sent(&p->mute, 0);
    run(p, 100);
    assert_int_equal(last_message(p, UINT64_C(12125551000)).attempts_before, 0);
    assert_int_equal(stage_stats(&p->stage, campaign).finished, 1);
}

/* Nothing takes a text back: neither the host, nor the list, nor a stop. */
static void test_texts_are_not_hung_up(void **state)
{
    play *p = *state;
    begin(p);
    stage_people(&p->stage, 1);
    od_id campaign = go(p);
    run(p, 1000);
    stage_fails(&p->stage,
                od_call_hangup(p->stage.engine, p->mute.texts[0].send.attempt),
                OD_ERR_NOT_FOUND, "no live call");
    stage_dnc(&p->stage, stage_phone(0));
    stage_ok(&p->stage, od_campaign_stop(p->stage.engine, campaign));
    stage_ok(&p->stage, od_engine_stop(p->stage.engine));
    run(p, 1000);
    assert_int_equal(p->mute.hangups, 0);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 1);
    mute_sent(&p->mute, 0);
    run(p, 10);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 0);
    assert_int_equal(last_message(p, UINT64_C(12125551000)).disposition,
                     OD_DISPOSITION_SENT);
}

/* == how fast ============================================================== */

static void test_texts_window(void **state)
{
    play *p = *state;
    p->mute.trunk.texts_max = 3;
    begin(p);
    stage_people(&p->stage, 10);
    (void)go(p);
    for (size_t done = 0; done < 10; done++) {
        run(p, 1000);
        assert_int_equal(p->mute.texts_len, done + 3 < 10 ? done + 3 : 10);
        assert_true(od_engine_calls_live(p->stage.engine) <= 3);
        mute_sent(&p->mute, done);
    }
    run(p, 10);
    assert_int_equal(p->stage.world.events[OD_EVENT_MESSAGE], 10);
}

/* An engine of two slots has two texts under way, whatever trunks take. */
static void test_texts_slots(void **state)
{
    play *p = *state;
    p->stage.world.options.calls_max = 2;
    begin(p);
    stage_people(&p->stage, 6);
    (void)go(p);
    for (size_t done = 0; done < 6; done++) {
        run(p, 1000);
        assert_int_equal(p->mute.texts_len, done + 2 < 6 ? done + 2 : 6);
        mute_sent(&p->mute, done);
    }
    run(p, 10);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 0);
    assert_int_equal(p->stage.world.events[OD_EVENT_MESSAGE], 6);
    assert_int_equal(p->stage.engine->events.promised, 0);
}

/* A host that does not read stops the sending, and nothing is lost. */
static void test_texts_wait_for_the_host(void **state)
{
    play *p = *state;
    od_event event;
    p->stage.world.options.events_max = 256;
    begin(p);
    stage_people(&p->stage, 400);
    (void)go(p);
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
    run(p, 1000);
    assert_int_equal(p->mute.texts_len, 400);
}

static void test_texts_per_second(void **state)
{
    play *p = *state;
    p->mute.trunk.texts_per_second_max = 10;
    begin(p);
    stage_people(&p->stage, 100);
    (void)go(p);
    run(p, 1000);
    assert_in_range(p->mute.texts_len, 10, 12);
    run(p, 4000);
    assert_in_range(p->mute.texts_len, 50, 52);
}

/* The network says that there are too many: half as many, then more again. */
static void test_texts_throttled(void **state)
{
    play *p = *state;
    p->mute.trunk.texts_per_second_max = 100;
    begin(p);
    stage_people(&p->stage, 1000);
    od_campaign_options o = options(p, "texts");
    o.fail_stop_pct = OD_NONE;
    (void)stage_go(&p->stage, &o);
    run(p, 1000);
    size_t before = p->mute.texts_len;
    assert_in_range(before, 100, 106);
    for (size_t i = 0; i < before; i++) {
        if (i < 20) {
            mute_refused(&p->mute, i, OD_DISPOSITION_CONGESTION, 88);
        } else {
            mute_sent(&p->mute, i);
        }
    }
    run(p, 1000);
    assert_in_range(p->mute.texts_len - before, 45, 56);
    const od__meter *meters = p->stage.engine->trunks[0].meters;
    assert_in_range(meters[OD_CHANNEL_TEXT].rate_milli, 50000, 56000);
    /* Calls know nothing of it. */
    assert_int_equal(meters[OD_CHANNEL_VOICE].rate_milli, 10000000);
    run(p, 11000);
    assert_int_equal(meters[OD_CHANNEL_TEXT].rate_milli, 100000);
}

/* A trunk whose texts are all under way still calls, and the reverse. */
static void test_texts_and_calls_have_places_of_their_own(void **state)
{
    play *p = *state;
    od_campaign_options o;
    p->mute.trunk.texts_max = 2;
    p->mute.trunk.calls_max = 3;
    begin(p);
    stage_people(&p->stage, 20);
    od_campaign_options texts = options(p, "texts");
    texts.priority = 9;
    (void)stage_go(&p->stage, &texts);
    stage_options(&p->stage, &o, "calls");
    (void)stage_go(&p->stage, &o);
    run(p, 2000);
    assert_int_equal(p->mute.texts_len, 2);
    assert_int_equal(p->mute.dials_len, 3);
    mute_sent(&p->mute, 0);
    run(p, 1000);
    assert_int_equal(p->mute.texts_len, 3);
    assert_int_equal(p->mute.dials_len, 3);
    mute_post(&p->mute, 0, OD_REPORT_ENDED, 486);
    run(p, 1000);
    assert_int_equal(p->mute.texts_len, 3);
    assert_int_equal(p->mute.dials_len, 4);
}

/* Two campaigns show one caller ID: the least of their limits is that of both
 * together, and a third with another is free of it. */
static void test_texts_per_minute_of_a_caller_id(void **state)
{
    play *p = *state;
    begin(p);
    stage_people(&p->stage, 300);
    od_campaign_options o = options(p, "a");
    o.texts_per_minute_max = 60;
    (void)stage_go(&p->stage, &o);
    o = options(p, "b");
    o.texts_per_minute_max = 600;
    (void)stage_go(&p->stage, &o);
    run(p, 10000);
    assert_in_range(p->mute.texts_len, 10, 12);
    od_id group = 0;
    stage_ok(&p->stage, od_group_add(p->stage.engine, "others", &group));
    for (int i = 0; i < 200; i++) {
        (void)od_world_contact(&p->stage.world, group, stage_phone(1000 + i),
                               NULL);
    }
    o = options(p, "c");
    o.caller_id = "54321";
    o.groups = &group;
    (void)stage_go(&p->stage, &o);
    run(p, 10000);
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
    play *p = *state;
    begin(p);
    (void)add(p, "+12125551000", "Ann");
    (void)add(p, "+12125551001", NULL);
    (void)add(p, "+12125551002", "Anna Maria");
    od_campaign_options o = options(p, "texts");
    o.text = "{{first_name}} STOP";
    o.text_policy = OD_TEXT_POLICY_REFUSE;
    od_id campaign = stage_go(&p->stage, &o);
    run(p, 1000);
    assert_int_equal(p->mute.texts_len, 2);
    od_campaign_stats stats = stage_stats(&p->stage, campaign);
    assert_int_equal(stats.blocked_by[OD_REASON_TEXT], 1);
    od_verdict v = stage_explain(&p->stage, campaign, "+12125551001");
    assert_int_equal(v.kind, OD_VERDICT_BLOCK);
    assert_int_equal(v.reason, OD_REASON_TEXT);

    /* With a default it goes, once the campaign is told. */
    stage_ok(&p->stage, od_campaign_pause(p->stage.engine, campaign));
    run(p, 10);
    o.text = "{{first_name|you}} STOP";
    stage_ok(&p->stage, od_campaign_update(p->stage.engine, campaign, &o));
    stage_ok(&p->stage, od_campaign_resume(p->stage.engine, campaign));
    run(p, 1000);
    assert_int_equal(p->mute.texts_len, 3);
    assert_string_equal(p->mute.texts[2].text, "you STOP");
}

static void test_texts_checks_tell(void **state)
{
    play *p = *state;
    od_check rows[200];
    size_t count = 0;
    begin(p);
    (void)add(p, "+12125551001", NULL);
    od_campaign_options o = options(p, "texts");
    o.text = "{{first_name}} STOP";
    od_id campaign = stage_add(&p->stage, &o);
    stage_ok(&p->stage, od_campaign_start(p->stage.engine, campaign));
    run(p, 100);
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

/* == never twice, never beside a call ====================================== */

static void keep(void *ctx)
{
    (void)ctx; /* the store outlives the engine */
}

/* The process dies with texts in flight: they may have left, so they are not
 * sent again. */
static void test_texts_after_a_crash(void **state)
{
    play *p = *state;
    od_storage *storage = shaky_new(&p->shaky, store(p));
    p->shaky.ops.free = keep;
    mute_open(&p->mute, &p->stage, storage);
    stage_people(&p->stage, 5);
    od_id campaign = go(p);
    run(p, 1000);
    assert_int_equal(p->mute.texts_len, 5);
    mute_sent(&p->mute, 0);
    run(p, 10);
    od_world_close(&p->stage.world);

    od_storage *again = shaky_new(&p->shaky, p->shaky.inner);
    mute_open(&p->mute, &p->stage, again);
    run(p, 24 * (int64_t)STAGE_HOUR);
    assert_int_equal(p->mute.texts_len, 5);
    od_campaign_stats stats = stage_stats(&p->stage, campaign);
    assert_int_equal(stats.finished_by[OD_DISPOSITION_SENT], 1);
    assert_int_equal(stats.finished_by[OD_DISPOSITION_UNKNOWN], 4);
    assert_int_equal(stats.delivery_by[OD_DELIVERY_NONE], 4);
    assert_int_equal(stats.finished, 5);
}

/* == notices =============================================================== */

/* The storage owes a person a confirmation, and it is claimed: the attempt. */
static od_id claim_notice(play *p, od_id campaign)
{
    od_engine *engine = p->stage.engine;
    od_ledger_entry entry = {.kind = OD_LEDGER_REPLY, .payload = "{}"};
    const od_reply_record reply = {.nonce = 77,
                                   .campaign = campaign,
                                   .phone = UINT64_C(12125551000),
                                   .to = UINT64_C(12125550100),
                                   .trunk = "mute",
                                   .network_id = "",
                                   .text = "STOP",
                                   .kind = OD_REPLY_OPT_OUT,
                                   .owed = OD_NOTICE_CONFIRM,
                                   .dnc_at = OD_NONE,
                                   .utc_ms = p->stage.world.now.utc_ms,
                                   .owed_until_utc_ms =
                                       p->stage.world.now.utc_ms + 300000};
    od_exchange x = {.utc_ms = p->stage.world.now.utc_ms,
                     .replies = &reply,
                     .replies_len = 1,
                     .ledger = &entry,
                     .ledger_len = 1};
    assert_int_equal(OD__STORE(engine, exchange)(engine->store, &x), OD_OK);
    od_notice_claim claim = {
        .reply = 1,
        .notice = OD_NOTICE_CONFIRM,
        .caller_id = UINT64_C(12125550100),
        .session_id = "0123456789abcdef0123456789abcdef",
        .trunk = "mute",
        .text = "You get no more texts",
        .encoding = OD_TEXT_ENCODING_GSM,
        .segments = 1,
        .ledger = {.kind = OD_LEDGER_ATTEMPT, .payload = "{}"}};
    x = (od_exchange){.utc_ms = p->stage.world.now.utc_ms,
                      .notices = &claim,
                      .notices_len = 1};
    assert_int_equal(OD__STORE(engine, exchange)(engine->store, &x), OD_OK);
    assert_true(claim.claimed);
    return claim.attempt;
}

/* The only text there is; it ended. */
static od_message_record only_message(play *p)
{
    od_message_record rows[2];
    od_engine *engine = p->stage.engine;
    size_t count = 0;
    assert_int_equal(OD__STORE(engine, message_scan)(engine->store, NULL, 0, 0,
                                                     rows, 2, &count),
                     OD_OK);
    assert_int_equal(count, 1);
    return rows[0];
}

/* A notice takes what any text takes, of no campaign that must run. */
static void test_texts_notice(void **state)
{
    play *p = *state;
    p->mute.trunk.texts_max = 1;
    begin(p);
    od_campaign_options o = options(p, "texts");
    od_id campaign = stage_add(&p->stage, &o);
    od_engine *engine = p->stage.engine;
    const od__letter letter = {.attempt = claim_notice(p, campaign),
                               .campaign = campaign,
                               .phone = UINT64_C(12125551000),
                               .caller_id = UINT64_C(12125550100),
                               .text = "You get no more texts",
                               .notice = OD_NOTICE_CONFIRM,
                               .encoding = OD_TEXT_ENCODING_GSM,
                               .segments = 1,
                               .validity_s = 300};
    int32_t slot = od__text_take(engine, NULL, letter.caller_id, 21);
    assert_int_not_equal(slot, OD_NONE);
    assert_int_equal(od__text_take(engine, NULL, letter.caller_id, 21),
                     OD_NONE);
    od__text_put_back(engine, slot);
    slot = od__text_take(engine, NULL, letter.caller_id, 21);
    assert_int_not_equal(slot, OD_NONE);
    od__text_begin(engine, slot, &letter);
    od__text_send(engine, slot);
    assert_int_equal(p->mute.texts_len, 1);
    assert_string_equal(p->mute.texts[0].text, "You get no more texts");
    assert_int_equal(p->mute.texts[0].send.validity_s, 300);
    run(p, 100);
    assert_int_equal(od_engine_calls_live(engine), 1);
    mute_sent(&p->mute, 0);
    run(p, 100);
    assert_int_equal(od_engine_calls_live(engine), 0);
    assert_int_equal(engine->trunks[0].meters[OD_CHANNEL_TEXT].live, 0);
    assert_int_equal(p->last.u.message.disposition, OD_DISPOSITION_SENT);
    assert_int_equal(p->last.u.message.contact, 0);
    od_message_record row = only_message(p);
    assert_int_equal(row.notice, OD_NOTICE_CONFIRM);
    assert_int_equal(row.disposition, OD_DISPOSITION_SENT);
}

/* One that was under way when the process died is not sent again. */
static void test_texts_notice_after_a_crash(void **state)
{
    play *p = *state;
    od_storage *storage = shaky_new(&p->shaky, store(p));
    p->shaky.ops.free = keep;
    mute_open(&p->mute, &p->stage, storage);
    od_campaign_options o = options(p, "texts");
    (void)claim_notice(p, stage_add(&p->stage, &o));
    od_world_close(&p->stage.world);
    od_storage *again = shaky_new(&p->shaky, p->shaky.inner);
    mute_open(&p->mute, &p->stage, again);
    od_message_record row = only_message(p);
    assert_int_equal(row.notice, OD_NOTICE_CONFIRM);
    assert_int_equal(row.disposition, OD_DISPOSITION_UNKNOWN);
    run(p, STAGE_HOUR);
    assert_int_equal(p->mute.texts_len, 0);
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, NULL, NULL));
}

/* == the store fails ======================================================= */

/* The exchange fails: nothing left, and slots, tokens and places are back. */
static void test_texts_of_a_failed_exchange(void **state)
{
    play *p = *state;
    p->mute.trunk.texts_max = 2;
    mute_open(&p->mute, &p->stage, shaky_new(&p->shaky, store(p)));
    stage_people(&p->stage, 2);
    od_campaign_options o = options(p, "texts");
    o.texts_per_minute_max = 600000;
    (void)stage_go(&p->stage, &o);
    p->shaky.only = "exchange";
    shaky_fail(&p->shaky, 1, true);
    for (int i = 0; i < 5; i++) {
        p->stage.world.now.mono_ms += 1000;
        p->stage.world.now.utc_ms += 1000;
        (void)od_engine_step(p->stage.engine, &p->stage.world.now);
    }
    assert_true(p->shaky.failures >= 3);
    assert_int_equal(p->mute.texts_len, 0);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 0);
    shaky_fail(&p->shaky, 0, false);
    run(p, 1000);
    assert_int_equal(p->mute.texts_len, 2);
}

/* One phone, a campaign that calls and one that sends: in any order only one
 * of them is live. */
static void test_texts_never_beside_a_call(void **state)
{
    play *p = *state;
    od_campaign_options o;
    begin(p);
    stage_people(&p->stage, 1);
    (void)go(p);
    run(p, 1000);
    stage_options(&p->stage, &o, "calls");
    (void)stage_go(&p->stage, &o);
    run(p, 300000);
    assert_int_equal(p->mute.texts_len, 1);
    assert_int_equal(p->mute.dials_len, 0);
    mute_sent(&p->mute, 0);
    run(p, 60000);
    assert_int_equal(p->mute.dials_len, 1);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 1);
    o = options(p, "more");
    (void)stage_go(&p->stage, &o);
    run(p, 20000);
    assert_int_equal(p->mute.texts_len, 1);
    mute_post(&p->mute, 0, OD_REPORT_ENDED, 486);
    run(p, 60000);
    assert_int_equal(p->mute.texts_len, 2);
}

/* -- the ledger ------------------------------------------------------------ */

static void test_texts_in_the_ledger(void **state)
{
    play *p = *state;
    static od_ledger_row rows[200];
    size_t count = 0;
    begin(p);
    (void)add(p, "+12125551000", "Ann");
    od_campaign_options o = options(p, "texts");
    o.caller_id = "54321";
    (void)stage_go(&p->stage, &o);
    run(p, 100);
    mute_sent(&p->mute, 0);
    run(p, 100);
    stage_ok(&p->stage, od_ledger_read(p->stage.engine, 0, rows, 200, &count));
    int found = 0;
    for (size_t i = 0; i < count; i++) {
        const char *payload = rows[i].payload;
        if (rows[i].kind == OD_LEDGER_ATTEMPT) {
            found |= 1;
            assert_non_null(strstr(payload, "\"from\":\"54321\""));
            assert_non_null(strstr(payload, "\"channel\":\"text\""));
            assert_non_null(strstr(payload, "\"segments\":1"));
            assert_non_null(strstr(payload, "\"text_sha256\":\""));
            assert_null(strstr(payload, "Ann"));
        } else if (rows[i].kind == OD_LEDGER_OUTCOME) {
            found |= 2;
            assert_non_null(strstr(payload, "\"disposition\":\"sent\""));
            assert_non_null(strstr(payload, "\"network_ids\":[\"1-0\"]"));
        } else if (rows[i].kind == OD_LEDGER_CAMPAIGN_SET) {
            found |= 4;
            assert_non_null(strstr(payload, "\"caller_id\":\"54321\""));
            assert_non_null(strstr(payload, "\"text\":\"Hello"));
        }
    }
    assert_int_equal(found, 7);
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, NULL, NULL));
}

/* Ids that do not fit leave a row that is JSON all the same. */
static void test_texts_with_long_network_ids(void **state)
{
    play *p = *state;
    static od_ledger_row rows[200];
    static char id[128];
    const char *ids[OD_SEGMENTS_MAX];
    size_t count = 0;
    char text[1200];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    begin(p);
    stage_people(&p->stage, 1);
    od_campaign_options o = options(p, "texts");
    o.text = text;
    (void)stage_go(&p->stage, &o);
    run(p, 100);
    assert_int_equal(p->mute.texts[0].send.segments, 8);
    memset(id, '"', sizeof id - 1);
    for (size_t i = 0; i < OD_SEGMENTS_MAX; i++) {
        ids[i] = id;
    }
    const od_report report = {.kind = OD_REPORT_ENDED,
                              .slot = p->mute.texts[0].send.slot,
                              .attempt = p->mute.texts[0].send.attempt,
                              .disposition = OD_DISPOSITION_SENT,
                              .delivery = OD_DELIVERY_DELIVERED,
                              .network_ids_len = OD_SEGMENTS_MAX,
                              .network_ids = ids};
    mute_report(&p->mute, &report);
    run(p, 100);
    od_message_record row = last_message(p, UINT64_C(12125551000));
    assert_int_equal(row.parts_len, OD_SEGMENTS_MAX);
    assert_int_equal(row.delivery, OD_DELIVERY_DELIVERED);
    stage_ok(&p->stage, od_ledger_read(p->stage.engine, 0, rows, 200, &count));
    for (size_t i = 0; i < count; i++) {
        const char *payload = rows[i].payload;
        if (rows[i].kind == OD_LEDGER_OUTCOME) {
            assert_string_equal(payload + strlen(payload) - 2, "]}");
        }
    }
}

/* Texts that only a trunk takes that is down let others pass. */
static void test_texts_too_long_for_the_trunks_that_are_up(void **state)
{
    play *p = *state;
    char name[100];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    begin(p);
    od_engine *engine = p->stage.engine;
    engine->trunks[1] = engine->trunks[0];
    engine->trunks[1].info.up = false;
    engine->trunks[0].info.text_bytes_max = 100;
    engine->trunks_len = 2;
    for (int i = 0; i < 10; i++) {
        (void)add(p, stage_phone(i), i % 2 == 0 ? name : "Bob");
    }
    (void)go(p);
    run(p, 1000);
    assert_int_equal(p->mute.texts_len, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(strlen(p->mute.texts[i].text) < 100);
    }
    engine->trunks[1].info.up = true;
    run(p, 61000);
    assert_int_equal(p->mute.texts_len, 10);
    for (size_t i = 5; i < 10; i++) {
        assert_int_equal(p->mute.texts[i].send.trunk, 1);
    }
}

int main(void)
{
#define T(name)                                                                \
    {#name " memory", name, setup, teardown, NULL},                            \
    {                                                                          \
#name " sqlite", name, setup_sqlite, teardown, NULL                    \
    }
    const struct CMUnitTest tests[] = {
        T(test_texts_sent),
        T(test_texts_too_long_for_the_trunks_that_are_up),
        T(test_texts_sent_is_reached),
        T(test_texts_end_once),
        T(test_texts_refused),
        T(test_texts_that_do_not_leave),
        T(test_texts_are_not_hung_up),
        T(test_texts_window),
        T(test_texts_slots),
        T(test_texts_wait_for_the_host),
        T(test_texts_per_second),
        T(test_texts_throttled),
        T(test_texts_and_calls_have_places_of_their_own),
        T(test_texts_per_minute_of_a_caller_id),
        T(test_texts_blocked),
        T(test_texts_checks_tell),
        T(test_texts_after_a_crash),
        T(test_texts_notice),
        T(test_texts_notice_after_a_crash),
        T(test_texts_of_a_failed_exchange),
        T(test_texts_never_beside_a_call),
        T(test_texts_in_the_ledger),
        T(test_texts_with_long_network_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
