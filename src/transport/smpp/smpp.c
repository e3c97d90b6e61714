/*
 * smpp.c - the transport table of SMPP: the engine's side.
 *
 * Encodes texts, hands them to the agents of their trunks, and posts what these
 * bring back. Never touches a socket. Called by the engine's thread only.
 *
 * A token is the number of the trunk and what the agent calls the thing.
 */
#include "transport/smpp/smpp.h"

#include <assert.h>
#include <stdlib.h>

/* A trunk, as the engine's side has it. */
typedef struct seat {
    od__smpp_door door;
    od__smpp_agent *agent;
    bool is_open;      /* the door is there */
    int32_t live;      /* texts between send and ENDED */
    uint8_t reference; /* of the last text in several parts */
} seat;

typedef struct smpp {
    od__smpp_config config;
    od_sink *sink;
    seat seats[OD_TRUNKS_MAX];
    bool *taken; /* by slot: a text is on its way */
    uint32_t slots_len;
    size_t turn;    /* trunk whose reports come first */
    bool more;      /* the last step left something */
    int64_t now_ms; /* of the last step */
} smpp;

/* == posting ============================================================== */

static void post_health(smpp *s, size_t trunk, const od__smpp_health *health)
{
    od_report report;
    memset(&report, 0, sizeof report);
    report.kind = OD_REPORT_TRUNK;
    report.trunk = (int32_t)trunk;
    report.status = health->status;
    report.up = health->up;
    report.text = health->text;
    od_sink_post(s->sink, &report);
}

static void post_ended(smpp *s, size_t trunk, od__smpp_text *text)
{
    const char *ids[OD_SEGMENTS_MAX];
    od_report report;
    memset(&report, 0, sizeof report);
    report.kind = OD_REPORT_ENDED;
    report.slot = text->slot;
    report.attempt = text->attempt;
    report.trunk = (int32_t)trunk;
    report.status = text->status;
    report.fault = text->fault;
    report.disposition = text->disposition;
    if (text->disposition == OD_DISPOSITION_SENT) {
        /* Receipts of those beyond are not looked for. */
        uint32_t len = text->parts_len < OD_SEGMENTS_MAX ? text->parts_len
                                                         : OD_SEGMENTS_MAX;
        for (uint32_t i = 0; i < len; i++) {
            ids[i] = text->parts[i].id;
        }
        report.delivery = OD_DELIVERY_ACCEPTED;
        report.network_ids = ids;
        report.network_ids_len = (int32_t)len;
    }
    s->seats[trunk].live--;
    s->taken[text->slot] = false;
    od_sink_post(s->sink, &report);
    od__smpp_text_free(text);
}

static void post_news(smpp *s, size_t trunk, od__smpp_news *news)
{
    const char *id = news->receipt.id;
    od_report report;
    memset(&report, 0, sizeof report);
    report.kind = news->is_receipt ? OD_REPORT_RECEIPT : OD_REPORT_REPLY;
    report.trunk = (int32_t)trunk;
    report.token = (uint64_t)trunk << 32 | news->token;
    report.network_ids = &id;
    report.network_ids_len = 1;
    if (news->is_receipt) {
        report.delivery = news->receipt.delivery;
        report.disposition = news->receipt.disposition;
        report.network_code =
            news->receipt.code[0] != '\0' ? news->receipt.code : NULL;
    } else {
        report.from = news->from;
        report.to = news->to;
        report.text = news->text;
    }
    od_sink_post(s->sink, &report);
    free(news);
}

/* One report of a trunk; false: it has none. */
static bool post_one(smpp *s, size_t trunk)
{
    od__smpp_door *door = &s->seats[trunk].door;
    od__smpp_health health;
    od__smpp_text *text;
    od__smpp_news *news;
    if (od__ring_take(door->healths, &health)) {
        post_health(s, trunk, &health);
    } else if (od__ring_take(door->ended, &text)) {
        post_ended(s, trunk, text);
    } else if (od__ring_take(door->news, &news)) {
        post_news(s, trunk, news);
    } else {
        return false;
    }
    return true;
}

/* One report of each trunk in turn, as long as there is room. */
static void smpp_step(void *ctx, const od_now *now, size_t reports_max)
{
    smpp *s = ctx;
    size_t len = s->config.trunks_len;
    size_t silent = 0; /* trunks in a row that had none */
    s->now_ms = now->mono_ms;
    for (size_t i = 0; i < len; i++) {
        od__smpp_door_listen(&s->seats[i].door);
    }
    for (size_t posted = 0; posted < reports_max && silent < len;) {
        bool done = post_one(s, s->turn);
        s->turn = (s->turn + 1) % len;
        silent = done ? 0 : silent + 1;
        posted += done ? 1 : 0;
    }
    s->more = silent < len;
}

static int64_t smpp_deadline_ms(void *ctx)
{
    const smpp *s = ctx;
    return s->more ? s->now_ms : OD_NEVER;
}

/* == texts ================================================================ */

static od_err smpp_send(void *ctx, const od_send *send)
{
    smpp *s = ctx;
    if (send->slot >= s->slots_len || s->taken[send->slot]) {
        return OD_ERR_LIMIT;
    }
    if (send->trunk < 0 || (size_t)send->trunk >= s->config.trunks_len) {
        return OD_ERR_TRANSPORT;
    }
    const od__smpp_trunk *trunk = &s->config.trunks[send->trunk];
    seat *at = &s->seats[send->trunk];
    if (!atomic_load(&at->door.up)) {
        return OD_ERR_TRANSPORT;
    }
    if (at->live >= trunk->window) {
        return OD_ERR_LIMIT;
    }
    od__smpp_text *text;
    od_err err = od__smpp_text_new(&text, trunk, send, at->reference);
    if (err != OD_OK) {
        return err;
    }
    if (text->parts_len > 1) {
        at->reference++;
    }
    at->live++;
    s->taken[send->slot] = true;
    od__smpp_door_send(&at->door, text);
    return OD_OK;
}

static void smpp_received(void *ctx, uint64_t token, od_err err)
{
    smpp *s = ctx;
    uint64_t trunk = token >> 32;
    if (trunk < s->config.trunks_len && s->seats[trunk].is_open) {
        od__smpp_door_ack(&s->seats[trunk].door, (uint32_t)token, err);
    }
}

/* == calls, which there are none of ======================================= */

static od_err smpp_dial(void *ctx, const od_dial *dial)
{
    (void)ctx;
    (void)dial;
    return OD_ERR_LIMIT;
}

static void smpp_hangup(void *ctx, uint32_t slot)
{
    (void)ctx;
    (void)slot;
}

static void smpp_play(void *ctx, uint32_t slot, int32_t play,
                      const od_prompt *const *prompts, size_t prompts_len,
                      int64_t offset_ms)
{
    (void)ctx;
    (void)slot;
    (void)play;
    (void)prompts;
    (void)prompts_len;
    (void)offset_ms;
}

/* == begin and end ======================================================== */

static od_err smpp_trunk_get(void *ctx, int32_t index, od_trunk_info *out)
{
    smpp *s = ctx;
    if (index < 0 || (size_t)index >= s->config.trunks_len) {
        return OD_ERR_NOT_FOUND;
    }
    const od__smpp_trunk *trunk = &s->config.trunks[index];
    memset(out, 0, sizeof *out);
    od__text_copy(out->name, sizeof out->name, trunk->name);
    out->up = atomic_load(&s->seats[index].door.up);
    out->texts_max = trunk->window;
    out->texts_per_second_max = trunk->texts_per_second_max;
    return OD_OK;
}

/* Release what start made. */
static void stop(smpp *s)
{
    /* All are told first, so that they end side by side. */
    for (size_t i = 0; i < OD_TRUNKS_MAX; i++) {
        if (s->seats[i].agent != NULL) {
            od__smpp_door_stop(&s->seats[i].door);
        }
    }
    for (size_t i = 0; i < OD_TRUNKS_MAX; i++) {
        seat *at = &s->seats[i];
        od__smpp_agent_free(at->agent);
        if (at->is_open) {
            od__smpp_door_close(&at->door);
        }
        memset(at, 0, sizeof *at);
    }
    free(s->taken);
    s->taken = NULL;
    s->slots_len = 0;
}

static od_err start_trunk(smpp *s, size_t trunk, od_errmsg *errmsg)
{
    seat *at = &s->seats[trunk];
    const od__smpp_trunk *config = &s->config.trunks[trunk];
    od__rand rand;
    od_err err = od__smpp_door_init(&at->door, config->window, s->sink, errmsg);
    if (err != OD_OK) {
        return err;
    }
    at->is_open = true;
    /* Not the one that the last process began with: handsets may still have
     * parts of its texts. */
    if (od__rand_system(&rand) == OD_OK) {
        at->reference = (uint8_t)rand.state;
    }
    return od__smpp_agent_new(&at->agent, config, &at->door, errmsg);
}

static od_err smpp_start(void *ctx, od_sink *sink, uint32_t calls_max,
                         const od_now *now, od_errmsg *errmsg)
{
    smpp *s = ctx;
    if (calls_max < 1 || s->taken != NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "%u calls", calls_max);
    }
    s->sink = sink;
    s->now_ms = now->mono_ms;
    s->slots_len = calls_max;
    s->taken = calloc(calls_max, sizeof *s->taken);
    if (s->taken == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for %u calls",
                        calls_max);
    }
    od_err err = OD_OK;
    for (size_t i = 0; i < s->config.trunks_len && err == OD_OK; i++) {
        err = start_trunk(s, i, errmsg);
    }
    if (err != OD_OK) {
        stop(s);
    }
    return err;
}

static void smpp_free(void *ctx)
{
    smpp *s = ctx;
    stop(s);
    /* The password need not stay in memory that others get. */
    explicit_bzero(&s->config, sizeof s->config);
    free(s);
}

static const od_transport_ops smpp_ops = {
    .size = sizeof(od_transport_ops),
    .free = smpp_free,
    .start = smpp_start,
    .trunk_get = smpp_trunk_get,
    .step = smpp_step,
    .deadline_ms = smpp_deadline_ms,
    .dial = smpp_dial,
    .hangup = smpp_hangup,
    .play = smpp_play,
    .play_stop = smpp_hangup,
    .send = smpp_send,
    .received = smpp_received,
};

od_err od_transport_new_smpp(od_transport **out, const od_smpp_options *options,
                             od_errmsg *errmsg)
{
    if (out == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "no place for the transport");
    }
    smpp *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a transport");
    }
    od_err err = od__smpp_config_read(&s->config, options, errmsg);
    if (err == OD_OK) {
        err = od_transport_new(out, &smpp_ops, s, errmsg);
    }
    if (err != OD_OK) {
        smpp_free(s);
    }
    return err;
}
