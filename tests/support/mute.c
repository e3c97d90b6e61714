/*
 * mute.c - a carrier that says nothing by itself; see mute.h.
 */
#include "support/mute.h"

#include "support/lift.h"

static void on_free(void *ctx)
{
    (void)ctx; /* the test's */
}

static od_err on_start(void *ctx, od_sink *sink, uint32_t calls_max,
                       const od_now *now, od_errmsg *errmsg)
{
    od_mute *mute = ctx;
    (void)calls_max;
    (void)now;
    (void)errmsg;
    mute->sink = sink;
    return OD_OK;
}

static od_err on_trunk_get(void *ctx, int32_t index, od_trunk_info *out)
{
    od_mute *mute = ctx;
    if (index != 0) {
        return OD_ERR_NOT_FOUND;
    }
    *out = mute->trunk;
    return OD_OK;
}

static void on_step(void *ctx, const od_now *now, size_t reports_max)
{
    od_mute *mute = ctx;
    size_t posted = 0;
    (void)now;
    while (posted < reports_max && posted < mute->queue_len) {
        od_sink_post(mute->sink, &mute->queue[posted++]);
    }
    mute->queue_len -= posted;
    memmove(mute->queue, mute->queue + posted,
            mute->queue_len * sizeof mute->queue[0]);
    mute->behind = mute->queue_len > 0;
}

static int64_t on_deadline_ms(void *ctx)
{
    const od_mute *mute = ctx;
    return mute->behind ? 0 : OD_NEVER;
}

static od_err on_dial(void *ctx, const od_dial *dial)
{
    od_mute *mute = ctx;
    if (mute->dial_err != OD_OK) {
        return mute->dial_err;
    }
    assert_true(mute->dials_len < MUTE_CALLS_MAX);
    mute->dials[mute->dials_len++] = *dial;
    return OD_OK;
}

static void on_hangup(void *ctx, uint32_t slot)
{
    od_mute *mute = ctx;
    (void)slot;
    mute->hangups++;
}

static void on_play(void *ctx, uint32_t slot, int32_t play,
                    const od_prompt *const *prompts, size_t prompts_len,
                    int64_t offset_ms)
{
    od_mute *mute = ctx;
    (void)slot;
    (void)prompts;
    (void)offset_ms;
    mute->plays++;
    mute->play = play;
    mute->play_len = prompts_len;
}

static void on_play_stop(void *ctx, uint32_t slot)
{
    (void)ctx;
    (void)slot;
}

static od_err on_send(void *ctx, const od_send *send)
{
    od_mute *mute = ctx;
    if (mute->send_err != OD_OK) {
        return mute->send_err;
    }
    assert_true(mute->texts_len < MUTE_CALLS_MAX);
    if (mute->texts == NULL) {
        mute->texts = calloc(MUTE_CALLS_MAX, sizeof *mute->texts);
        assert_non_null(mute->texts);
    }
    od_mute_text *text = &mute->texts[mute->texts_len++];
    text->send = *send;
    text->send.text = NULL;
    assert_in_range(strlen(send->text), 1, OD_MESSAGE_MAX);
    memcpy(text->text, send->text, strlen(send->text) + 1);
    return OD_OK;
}

static void on_received(void *ctx, uint64_t token, od_err err)
{
    od_mute *mute = ctx;
    assert_true(mute->tokens_len < MUTE_CALLS_MAX);
    mute->token_errs[mute->tokens_len] = err;
    mute->tokens[mute->tokens_len++] = token;
}

static const od_transport_ops ops = {.size = sizeof ops,
                                     .free = on_free,
                                     .start = on_start,
                                     .trunk_get = on_trunk_get,
                                     .step = on_step,
                                     .deadline_ms = on_deadline_ms,
                                     .dial = on_dial,
                                     .hangup = on_hangup,
                                     .play = on_play,
                                     .play_stop = on_play_stop,
                                     .send = on_send,
                                     .received = on_received};

void mute_init(od_mute *mute)
{
    memset(mute, 0, sizeof *mute);
    mute->trunk = (od_trunk_info){.name = "mute",
                                  .calls_max = 1000,
                                  .calls_per_second_max = 10000,
                                  .texts_max = 1000,
                                  .texts_per_second_max = 10000,
                                  .up = true};
}

void mute_free(od_mute *mute)
{
    free(mute->texts);
    mute->texts = NULL;
}

void mute_open(od_mute *mute, od_stage *stage, od_storage *storage)
{
    od_errmsg errmsg = {""};
    od_transport *transport = NULL;
    if (storage == NULL) {
        assert_int_equal(od_storage_new_memory(&storage, &errmsg), OD_OK);
    }
    assert_int_equal(od_transport_new(&transport, &ops, mute, &errmsg), OD_OK);
    od_err err =
        od_engine_new(&stage->world.engine, &stage->world.options, storage,
                      transport, &stage->world.now, &errmsg);
    if (err != OD_OK) {
        fail_msg("open: %s", errmsg.text);
    }
    stage->engine = stage->world.engine;
    od_test_lift(stage->engine);
    if (od_group_find(stage->engine, "people", &stage->group) != OD_OK) {
        stage_ok(stage, od_group_add(stage->engine, "people", &stage->group));
    }
    stage->hello = od_world_prompt(&stage->world, "hello", 2000);
}

static od_report *queue(od_mute *mute, size_t dial, od_report_kind kind)
{
    assert_true(dial < mute->dials_len && mute->queue_len < MUTE_CALLS_MAX);
    od_report *report = &mute->queue[mute->queue_len++];
    memset(report, 0, sizeof *report);
    report->kind = kind;
    report->slot = mute->dials[dial].slot;
    report->attempt = mute->dials[dial].attempt;
    /* As a transport would, from its own thread. */
    od_sink_wake(mute->sink);
    return report;
}

void mute_post(od_mute *mute, size_t dial, od_report_kind kind, int32_t status)
{
    queue(mute, dial, kind)->status = status;
}

void mute_digit(od_mute *mute, size_t dial, char digit)
{
    queue(mute, dial, OD_REPORT_DIGIT)->digit = digit;
}

void mute_played(od_mute *mute, size_t dial)
{
    queue(mute, dial, OD_REPORT_PLAY_ENDED)->play = mute->play;
}

void mute_report(od_mute *mute, const od_report *report)
{
    assert_true(mute->queue_len < MUTE_CALLS_MAX);
    mute->queue[mute->queue_len++] = *report;
    od_sink_wake(mute->sink);
}

static od_report end_of(const od_mute *mute, size_t text)
{
    assert_true(text < mute->texts_len);
    return (od_report){.kind = OD_REPORT_ENDED,
                       .slot = mute->texts[text].send.slot,
                       .attempt = mute->texts[text].send.attempt};
}

void mute_sent(od_mute *mute, size_t text)
{
    od_report report = end_of(mute, text);
    od_mute_text *sent = &mute->texts[text];
    report.disposition = OD_DISPOSITION_SENT;
    report.delivery = OD_DELIVERY_ACCEPTED;
    report.status = 0;
    report.network_ids_len = sent->send.segments;
    for (int32_t i = 0; i < sent->send.segments; i++) {
        (void)snprintf(sent->ids[i], sizeof sent->ids[i], "%zu-%d", text + 1,
                       (int)i);
        sent->ids_at[i] = sent->ids[i];
    }
    report.network_ids = sent->ids_at;
    mute_report(mute, &report);
}

void mute_refused(od_mute *mute, size_t text, int32_t disposition,
                  int32_t status)
{
    od_report report = end_of(mute, text);
    report.disposition = disposition;
    report.status = status;
    mute_report(mute, &report);
}
