/*
 * test_texts_stored.c - texts and the store: never twice after a crash, never
 * beside a call, notices, commits that fail, the ledger.
 */
#include "support/texting.h"

#include "core/core.h"

/* == never twice, never beside a call ====================================== */

static void keep(void *ctx)
{
    (void)ctx; /* the store outlives the engine */
}

/* The process dies with texts in flight: they may have left, so they are not
 * sent again. */
static void test_texts_after_a_crash(void **state)
{
    od_texting *p = *state;
    od_storage *storage = shaky_new(&p->shaky, texting_store(p));
    p->shaky.ops.free = keep;
    mute_open(&p->mute, &p->stage, storage);
    stage_people(&p->stage, 5);
    od_id campaign = texting_go(p);
    texting_run(p, 1000);
    assert_int_equal(p->mute.texts_len, 5);
    mute_sent(&p->mute, 0);
    texting_run(p, 10);
    od_world_close(&p->stage.world);

    od_storage *again = shaky_new(&p->shaky, p->shaky.inner);
    mute_open(&p->mute, &p->stage, again);
    texting_run(p, 24 * (int64_t)STAGE_HOUR);
    assert_int_equal(p->mute.texts_len, 5);
    od_campaign_stats stats = stage_stats(&p->stage, campaign);
    assert_int_equal(stats.finished_by[OD_DISPOSITION_SENT], 1);
    assert_int_equal(stats.finished_by[OD_DISPOSITION_UNKNOWN], 4);
    assert_int_equal(stats.delivery_by[OD_DELIVERY_NONE], 4);
    assert_int_equal(stats.finished, 5);
}

/* == notices =============================================================== */

/* The storage owes a person a confirmation, and it is claimed: the attempt. */
static od_id claim_notice(od_texting *p, od_id campaign)
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
static od_message_record only_message(od_texting *p)
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
    od_texting *p = *state;
    p->mute.trunk.texts_max = 1;
    texting_begin(p);
    od_campaign_options o = texting_options(p, "texts");
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
    texting_run(p, 100);
    assert_int_equal(od_engine_calls_live(engine), 1);
    mute_sent(&p->mute, 0);
    texting_run(p, 100);
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
    od_texting *p = *state;
    od_storage *storage = shaky_new(&p->shaky, texting_store(p));
    p->shaky.ops.free = keep;
    mute_open(&p->mute, &p->stage, storage);
    od_campaign_options o = texting_options(p, "texts");
    (void)claim_notice(p, stage_add(&p->stage, &o));
    od_world_close(&p->stage.world);
    od_storage *again = shaky_new(&p->shaky, p->shaky.inner);
    mute_open(&p->mute, &p->stage, again);
    od_message_record row = only_message(p);
    assert_int_equal(row.notice, OD_NOTICE_CONFIRM);
    assert_int_equal(row.disposition, OD_DISPOSITION_UNKNOWN);
    texting_run(p, STAGE_HOUR);
    assert_int_equal(p->mute.texts_len, 0);
    stage_ok(&p->stage, od_ledger_verify(p->stage.engine, NULL, NULL));
}

/* == the store fails ======================================================= */

/* The exchange fails: nothing left, and slots, tokens and places are back. */
static void test_texts_of_a_failed_exchange(void **state)
{
    od_texting *p = *state;
    p->mute.trunk.texts_max = 2;
    mute_open(&p->mute, &p->stage, shaky_new(&p->shaky, texting_store(p)));
    stage_people(&p->stage, 2);
    od_campaign_options o = texting_options(p, "texts");
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
    texting_run(p, 1000);
    assert_int_equal(p->mute.texts_len, 2);
}

/* One phone, a campaign that calls and one that sends: in any order only one
 * of them is live. */
static void test_texts_never_beside_a_call(void **state)
{
    od_texting *p = *state;
    od_campaign_options o;
    texting_begin(p);
    stage_people(&p->stage, 1);
    (void)texting_go(p);
    texting_run(p, 1000);
    stage_options(&p->stage, &o, "calls");
    (void)stage_go(&p->stage, &o);
    texting_run(p, 300000);
    assert_int_equal(p->mute.texts_len, 1);
    assert_int_equal(p->mute.dials_len, 0);
    mute_sent(&p->mute, 0);
    texting_run(p, 60000);
    assert_int_equal(p->mute.dials_len, 1);
    assert_int_equal(od_engine_calls_live(p->stage.engine), 1);
    o = texting_options(p, "more");
    (void)stage_go(&p->stage, &o);
    texting_run(p, 20000);
    assert_int_equal(p->mute.texts_len, 1);
    mute_post(&p->mute, 0, OD_REPORT_ENDED, 486);
    texting_run(p, 60000);
    assert_int_equal(p->mute.texts_len, 2);
}

/* -- the ledger ------------------------------------------------------------ */

static void test_texts_in_the_ledger(void **state)
{
    od_texting *p = *state;
    static od_ledger_row rows[200];
    size_t count = 0;
    texting_begin(p);
    (void)texting_add(p, "+12125551000", "Ann");
    od_campaign_options o = texting_options(p, "texts");
    o.caller_id = "54321";
    (void)stage_go(&p->stage, &o);
    texting_run(p, 100);
    mute_sent(&p->mute, 0);
    texting_run(p, 100);
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
    od_texting *p = *state;
    static od_ledger_row rows[200];
    static char id[128];
    const char *ids[OD_SEGMENTS_MAX];
    size_t count = 0;
    char text[1200];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    texting_begin(p);
    stage_people(&p->stage, 1);
    od_campaign_options o = texting_options(p, "texts");
    o.text = text;
    (void)stage_go(&p->stage, &o);
    texting_run(p, 100);
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
    texting_run(p, 100);
    od_message_record row = texting_last_message(p, UINT64_C(12125551000));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEXTING_BOTH(test_texts_after_a_crash),
        TEXTING_BOTH(test_texts_notice),
        TEXTING_BOTH(test_texts_notice_after_a_crash),
        TEXTING_BOTH(test_texts_of_a_failed_exchange),
        TEXTING_BOTH(test_texts_never_beside_a_call),
        TEXTING_BOTH(test_texts_in_the_ledger),
        TEXTING_BOTH(test_texts_with_long_network_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
