/*
 * member.c - a transport that writes down what it is told.
 */
#include "support/test.h"

#include "base/base.h"
#include "support/member.h"

#include <inttypes.h>

static void note(od_test_member *f, const char *text, int64_t number)
{
    size_t len = strlen(f->log);
    (void)snprintf(f->log + len, sizeof f->log - len, "%s %" PRId64 "; ", text,
                   number);
}

static void member_free(void *ctx)
{
    od_test_member *f = ctx;
    if (f->sink != NULL) {
        od_sink_wake(f->sink); /* a thread may, until the very end */
    }
    (*f->freed)++;
    free(f);
}

static od_err member_start(void *ctx, od_sink *sink, uint32_t calls_max,
                           const od_now *now, od_errmsg *errmsg)
{
    od_test_member *f = ctx;
    f->started++;
    f->sink = sink;
    f->calls_max = calls_max;
    assert_int_equal(1000, now->mono_ms);
    return f->start_err == OD_OK
               ? OD_OK
               : od__fail(errmsg, f->start_err, "%s cannot start", f->name);
}

static od_err member_trunk_get(void *ctx, int32_t index, od_trunk_info *out)
{
    const od_test_member *f = ctx;
    if (index < 0 || index >= f->trunks_len) {
        return OD_ERR_NOT_FOUND;
    }
    memset(out, 0, sizeof *out);
    (void)snprintf(out->name, sizeof out->name, index > 0 ? "%s%" PRId32 : "%s",
                   f->name, index + 1);
    out->calls_max = index + 1;
    return OD_OK;
}

static void member_step(void *ctx, const od_now *now, size_t reports_max)
{
    od_test_member *f = ctx;
    (void)now;
    f->shares[f->steps++ % OD__LEN(f->shares)] = reports_max;
    for (size_t i = 0; i < reports_max && f->waiting > 0; i++) {
        f->waiting--;
        od_report report = f->next;
        f->next.slot++;
        f->next.token++;
        od_sink_post(f->sink, &report);
    }
}

static int64_t member_deadline_ms(void *ctx)
{
    const od_test_member *f = ctx;
    return f->deadline_ms;
}

static od_err member_dial(void *ctx, const od_dial *dial)
{
    od_test_member *f = ctx;
    f->dial = *dial;
    f->out++;
    return f->out_err;
}

static void member_hangup(void *ctx, uint32_t slot)
{
    note(ctx, "hangup", slot);
}

static void member_play(void *ctx, uint32_t slot, int32_t play,
                        const od_prompt *const *prompts, size_t prompts_len,
                        int64_t offset_ms)
{
    assert_null(prompts);
    assert_int_equal(7, prompts_len);
    assert_int_equal(8, offset_ms);
    note(ctx, "play", (int64_t)slot * 100 + play);
}

static void member_play_stop(void *ctx, uint32_t slot)
{
    note(ctx, "stop", slot);
}

static od_err member_digits_send(void *ctx, uint32_t slot, const char *digits)
{
    od_test_member *f = ctx;
    assert_string_equal("12#", digits);
    note(f, "digits", slot);
    return f->out_err;
}

static od_err member_send(void *ctx, const od_send *send)
{
    od_test_member *f = ctx;
    f->send = *send;
    f->out++;
    return f->out_err;
}

static void member_received(void *ctx, uint64_t token, od_err err)
{
    char text[64];
    (void)snprintf(text, sizeof text, "received %" PRIx64, token);
    note(ctx, text, err);
}

const od_transport_ops od_test_member_ops = {
    .size = sizeof(od_transport_ops),
    .free = member_free,
    .start = member_start,
    .trunk_get = member_trunk_get,
    .step = member_step,
    .deadline_ms = member_deadline_ms,
    .dial = member_dial,
    .hangup = member_hangup,
    .play = member_play,
    .play_stop = member_play_stop,
    .digits_send = member_digits_send,
    .send = member_send,
    .received = member_received,
};
