/*
 * custom_transport.c - a transport written from scratch: the dry run.
 *
 * It answers every call at once, "plays" each prompt in no time and says what
 * it was told to do. A transport only ever posts reports, from inside its own
 * step; <outdial/backend.h> is the contract of each slot.
 */
#include <outdial/backend.h>

#include "stage.h"

struct dry_run {
    od_sink *sink;
    int64_t now_ms;
    od_id attempts[8];     /* of the live calls, by slot; 0: free */
    od_report waiting[64]; /* for the next step, oldest first */
    size_t waiting_len;
};

/* Only a step may post: what happens in between waits for it. */
static void later(struct dry_run *dry, uint32_t slot, od_report report)
{
    report.slot = slot;
    report.attempt = dry->attempts[slot];
    if (dry->waiting_len < 64 /* more than 8 calls can have */) {
        dry->waiting[dry->waiting_len++] = report;
    }
}

static od_err dry_start(void *ctx, od_sink *sink, uint32_t calls_max,
                        const od_now *now, od_errmsg *errmsg)
{
    struct dry_run *dry = ctx;
    dry->sink = sink;
    dry->now_ms = now->mono_ms;
    snprintf(errmsg->text, sizeof errmsg->text, "at most 8 calls at once");
    return calls_max <= 8 ? OD_OK : OD_ERR_INVALID;
}

static od_err dry_trunk_get(void *ctx, int32_t index, od_trunk_info *out)
{
    (void)ctx;
    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "dry");
    out->calls_max = 8;
    out->calls_per_second_max = 100;
    out->up = true;
    return index == 0 ? OD_OK : OD_ERR_NOT_FOUND;
}

static void dry_step(void *ctx, const od_now *now, size_t reports_max)
{
    struct dry_run *dry = ctx;
    size_t count = 0;
    dry->now_ms = now->mono_ms;
    while (count < dry->waiting_len && count < reports_max) {
        od_sink_post(dry->sink, &dry->waiting[count++]);
    }
    dry->waiting_len -= count;
    memmove(dry->waiting, dry->waiting + count,
            dry->waiting_len * sizeof dry->waiting[0]);
}

static int64_t dry_deadline_ms(void *ctx)
{
    const struct dry_run *dry = ctx;
    return dry->waiting_len > 0 ? dry->now_ms : OD_NEVER;
}

static od_err dry_dial(void *ctx, const od_dial *dial)
{
    struct dry_run *dry = ctx;
    printf("call +%llu\n", (unsigned long long)dial->to);
    dry->attempts[dial->slot] = dial->attempt;
    later(dry, dial->slot, (od_report){.kind = OD_REPORT_ANSWERED});
    return OD_OK;
}

static void dry_hangup(void *ctx, uint32_t slot)
{
    struct dry_run *dry = ctx;
    if (dry->attempts[slot] != 0) { /* the second time changes nothing */
        printf("  hang up\n");
        later(dry, slot, (od_report){.kind = OD_REPORT_ENDED, .status = 200});
        dry->attempts[slot] = 0;
    }
}

static void dry_play(void *ctx, uint32_t slot, int32_t play,
                     const od_prompt *const *prompts, size_t prompts_len,
                     int64_t offset_ms)
{
    od_report ended = {.kind = OD_REPORT_PLAY_ENDED, .play = play};
    for (size_t i = 0; i < prompts_len; i++) {
        ended.heard_ms += od_prompt_duration_ms(prompts[i]);
    }
    ended.heard_ms -= offset_ms;
    printf("  play %lld ms\n", (long long)ended.heard_ms);
    later(ctx, slot, ended);
}

static void dry_play_stop(void *ctx, uint32_t slot)
{
    (void)ctx; /* nothing plays: it has ended in the step that began it */
    (void)slot;
}

static const od_transport_ops dry_ops = {
    sizeof dry_ops, free,       dry_start,
    dry_trunk_get,  dry_step,   dry_deadline_ms,
    dry_dial,       dry_hangup, dry_play,
    dry_play_stop,  NULL /* it cannot send digits */,
    NULL,           NULL /* and it carries no texts */};

int main(void)
{
    od_transport *transport = NULL;
    void *dry = calloc(1, sizeof(struct dry_run));
    check(od_transport_new(&transport, &dry_ops, dry, &why));
    stage_open(NULL, transport);
    stage_play(stage_campaign(stage_people(3), stage_prompt(), 0));
    od_engine_free(engine);
    return 0;
}
