/*
 * sip.c - the transport table of SIP: the engine's side.
 *
 * Keeps per slot what the engine was told, passes commands to the agent (link)
 * and to the media threads, and posts what both report. Never touches libre.
 * Called by the engine's thread only.
 *
 * Order of reports of one call: PROGRESS, RINGING, ANSWERED, then digits and
 * ends of plays, ENDED last. Agent and media report independently, so:
 *   - before a report of the media is posted, what the agent has told of that
 *     call by then is. It connects the media and then tells ANSWERED, so a
 *     report that comes in between waits for that, an instant;
 *   - an ENDED waits for the CLOSED of its media, which follows all their other
 *     reports. So a key that is pressed right before hanging up counts.
 *
 * A text has one report, ENDED. What comes in has a token; its place in the
 * link's table is taken until `received` was told that token.
 */
#include "transport/sip/sip.h"

#include "transport/transport.h"

#include <assert.h>
#include <stdlib.h>

/* What the engine knows of a slot. */
typedef struct sip_seat {
    od_id attempt;
    int32_t trunk;
    bool live; /* between dial or send and ENDED */
    bool is_text;
    bool answered;    /* ANSWERED was posted */
    bool closed;      /* the media have no more to say */
    int64_t heard_ms; /* then: of the whole call */
    unsigned known;   /* OD__TELL_ bits that were seen */
    unsigned posted;  /* those that were posted */
} sip_seat;

typedef struct sip {
    od__config config;
    od__link link;
    od__media *media;
    od__agent *agent;
    od_sink *sink;
    sip_seat *seats;
    uint32_t seats_len;

    uint32_t seat_now;     /* has bits left to post; seats_len: none */
    od__media_report held; /* taken but not posted yet */
    bool is_held;
    bool more;      /* the last step left something */
    int64_t now_ms; /* of the last step */

    int32_t trunk_live[OD_TRUNKS_MAX]; /* calls */
    int32_t trunk_texts[OD_TRUNKS_MAX];
    unsigned trunk_change[OD_TRUNKS_MAX]; /* that was posted */
} sip;

/* == posting ============================================================== */

static od_report report_of(const sip *s, uint32_t slot, od_report_kind kind)
{
    od_report report;
    memset(&report, 0, sizeof report);
    report.kind = kind;
    report.slot = slot;
    report.attempt = s->seats[slot].attempt;
    const char *call_id = s->link.lines[slot].call_id;
    report.sip_call_id = call_id[0] != '\0' ? call_id : NULL;
    return report;
}

static void post_trunks(sip *s, size_t *room)
{
    for (size_t i = 0; i<s->config.trunks_len && * room> 0; i++) {
        unsigned change;
        int32_t status;
        bool up = od__link_trunk(&s->link, i, &change, &status);
        if (change == s->trunk_change[i]) {
            continue;
        }
        s->trunk_change[i] = change;
        od_report report;
        memset(&report, 0, sizeof report);
        report.kind = OD_REPORT_TRUNK;
        report.trunk = (int32_t)i;
        report.status = status;
        report.up = up;
        report.text = up ? "the trunk answers" : "the trunk does not answer";
        od_sink_post(s->sink, &report);
        (*room)--;
    }
}

static void post_ended(sip *s, uint32_t slot)
{
    const od__line *line = &s->link.lines[slot];
    const char *ids[1] = {line->network_id};
    sip_seat *seat = &s->seats[slot];
    od_report report = report_of(s, slot, OD_REPORT_ENDED);
    report.status = line->status;
    report.fault = line->fault;
    report.retry_after_s = line->retry_after_s;
    if (seat->is_text) {
        report.disposition = line->disposition;
        report.delivery = line->delivery;
        if (line->disposition == OD_DISPOSITION_SENT) {
            report.network_ids_len = 1;
            report.network_ids = ids;
        }
        s->trunk_texts[seat->trunk]--;
    } else {
        report.heard_ms = seat->heard_ms;
        report.remote = line->remote;
        s->trunk_live[seat->trunk]--;
    }
    seat->live = false;
    od_sink_post(s->sink, &report);
}

/* What of a slot can be posted next; 0: nothing. */
static unsigned next_told(const sip *s, uint32_t slot)
{
    const sip_seat *seat = &s->seats[slot];
    unsigned waits = seat->known & ~seat->posted;
    unsigned next = waits & (0u - waits); /* lowest bit first */
    if (next == OD__TELL_ENDED && s->link.lines[slot].had_media &&
        !seat->closed) {
        return 0;
    }
    return next;
}

/* Post what was told of a slot. False: no room. */
static bool post_told(sip *s, uint32_t slot, size_t *room)
{
    sip_seat *seat = &s->seats[slot];
    for (unsigned next; (next = next_told(s, slot)) != 0;) {
        if (*room == 0) {
            return false;
        }
        (*room)--;
        seat->posted |= next;
        if (next == OD__TELL_ENDED) {
            post_ended(s, slot);
            continue;
        }
        od_report_kind kind = OD_REPORT_PROGRESS;
        if (next == OD__TELL_RINGING) {
            kind = OD_REPORT_RINGING;
        } else if (next == OD__TELL_ANSWERED) {
            kind = OD_REPORT_ANSWERED;
            seat->answered = true;
        }
        od_report report = report_of(s, slot, kind);
        od_sink_post(s->sink, &report);
    }
    return true;
}

/* False: no room. */
static bool post_agent(sip *s, size_t *room)
{
    unsigned told;
    do {
        if (s->seat_now < s->seats_len && !post_told(s, s->seat_now, room)) {
            return false;
        }
        s->seat_now = s->seats_len;
        if (od__link_news(&s->link, &s->seat_now, &told)) {
            s->seats[s->seat_now].known |= told;
        }
    } while (s->seat_now < s->seats_len);
    return true;
}

static void post_arrival(sip *s, const od__arrival *arrival)
{
    const char *ids[1] = {arrival->network_id};
    od_report report;
    memset(&report, 0, sizeof report);
    report.kind = arrival->is_receipt ? OD_REPORT_RECEIPT : OD_REPORT_REPLY;
    report.trunk = arrival->trunk;
    report.token = arrival->token;
    report.network_ids_len = 1;
    report.network_ids = ids;
    if (arrival->is_receipt) {
        report.delivery = arrival->delivery;
        report.disposition = arrival->disposition;
        report.network_code = arrival->network_code;
    } else {
        report.from = arrival->from;
        report.to = arrival->to;
        report.text = arrival->text;
    }
    od_sink_post(s->sink, &report);
}

static void post_arrivals(sip *s, size_t *room)
{
    const od__arrival *arrival;
    while (*room > 0 && (arrival = od__link_arrival(&s->link)) != NULL) {
        (*room)--;
        post_arrival(s, arrival);
    }
}

static void post_media(sip *s, const od__media_report *from)
{
    od_report report = report_of(s, from->slot, OD_REPORT_DIGIT);
    report.sip_call_id = NULL;
    if (from->kind == OD__MEDIA_PLAY_ENDED) {
        report.kind = OD_REPORT_PLAY_ENDED;
        report.play = from->play;
        report.heard_ms = from->heard_ms;
    } else {
        report.digit = from->digit;
    }
    od_sink_post(s->sink, &report);
}

/* One report of the media. False: not yet. */
static bool post_held(sip *s, size_t *room)
{
    const od__media_report *held = &s->held;
    sip_seat *seat = &s->seats[held->slot];
    if (!seat->live || seat->attempt != held->attempt) {
        return true;
    }
    seat->known |= atomic_load(&s->link.lines[held->slot].told);
    if (held->kind == OD__MEDIA_CLOSED) {
        seat->closed = true;
        seat->heard_ms = held->heard_ms;
    }
    if (!post_told(s, held->slot, room) || *room == 0) {
        return false;
    }
    if (held->kind == OD__MEDIA_CLOSED) {
        return true;
    }
    if (!seat->answered) {
        return false;
    }
    if (held->kind == OD__MEDIA_SILENT) {
        od__link_hangup(&s->link, held->slot);
    } else {
        post_media(s, held);
        (*room)--;
    }
    return true;
}

/* False: something is left. */
static bool post_all_media(sip *s, size_t *room)
{
    while (s->media != NULL &&
           (s->is_held || od__media_report_next(s->media, &s->held))) {
        assert(s->held.slot < s->seats_len);
        s->is_held = true;
        if (!post_held(s, room)) {
            return false;
        }
        s->is_held = false;
    }
    return true;
}

static void sip_step(void *ctx, const od_now *now, size_t reports_max)
{
    sip *s = ctx;
    size_t room = reports_max;
    s->now_ms = now->mono_ms;
    od__link_listen(&s->link);
    post_trunks(s, &room);
    bool all = post_agent(s, &room) && post_all_media(s, &room);
    post_arrivals(s, &room);
    s->more = !all || room == 0;
}

static int64_t sip_deadline_ms(void *ctx)
{
    const sip *s = ctx;
    return s->more ? s->now_ms : OD_NEVER;
}

/* == calls ================================================================ */

static bool is_session_id(const char *text)
{
    return strspn(text, "0123456789abcdefABCDEF") == 32 && text[32] == '\0';
}

/* May an attempt begin? */
static od_err check_begin(const sip *s, uint32_t slot, int32_t trunk,
                          const char *session_id)
{
    unsigned change;
    int32_t status;
    if (slot >= s->seats_len || s->seats[slot].live || trunk < 0 ||
        (size_t)trunk >= s->config.trunks_len || !is_session_id(session_id)) {
        return OD_ERR_INVALID;
    }
    return od__link_trunk(&s->link, (size_t)trunk, &change, &status)
               ? OD_OK
               : OD_ERR_TRANSPORT;
}

static void take_seat(sip *s, uint32_t slot, od_id attempt, int32_t trunk)
{
    sip_seat *seat = &s->seats[slot];
    memset(seat, 0, sizeof *seat);
    seat->attempt = attempt;
    seat->trunk = trunk;
    seat->live = true;
}

static od_err sip_dial(void *ctx, const od_dial *dial)
{
    sip *s = ctx;
    od_err err = check_begin(s, dial->slot, dial->trunk, dial->session_id);
    if (err != OD_OK) {
        return err;
    }
    if (s->trunk_live[dial->trunk] >= s->config.trunks[dial->trunk].calls_max ||
        atomic_load(&s->link.closing) >= (unsigned)s->config.closing_max) {
        return OD_ERR_LIMIT;
    }
    take_seat(s, dial->slot, dial->attempt, dial->trunk);
    s->trunk_live[dial->trunk]++;
    od__link_dial(&s->link, dial);
    return OD_OK;
}

/* Is there a call? */
static bool is_live(const sip *s, uint32_t slot)
{
    return slot < s->seats_len && s->seats[slot].live &&
           !s->seats[slot].is_text;
}

static void sip_hangup(void *ctx, uint32_t slot)
{
    sip *s = ctx;
    if (is_live(s, slot)) {
        od__link_hangup(&s->link, slot);
    }
}

static void sip_play(void *ctx, uint32_t slot, int32_t play,
                     const od_prompt *const *prompts, size_t prompts_len,
                     int64_t offset_ms)
{
    sip *s = ctx;
    if (is_live(s, slot) && s->seats[slot].answered) {
        od__media_play(s->media, slot, s->seats[slot].attempt, play, prompts,
                       prompts_len, offset_ms);
    }
}

static void sip_play_stop(void *ctx, uint32_t slot)
{
    sip *s = ctx;
    if (is_live(s, slot) && s->seats[slot].answered) {
        od__media_play_stop(s->media, slot, s->seats[slot].attempt);
    }
}

static od_err sip_digits_send(void *ctx, uint32_t slot, const char *digits)
{
    sip *s = ctx;
    if (!is_live(s, slot) || !s->seats[slot].answered) {
        return OD_ERR_STATE;
    }
    return od__media_digits(s->media, slot, s->seats[slot].attempt, digits);
}

/* == texts ================================================================ */

static od_err sip_send(void *ctx, const od_send *send)
{
    sip *s = ctx;
    if (send->trunk < 0 || (size_t)send->trunk >= s->config.trunks_len) {
        return OD_ERR_TRANSPORT;
    }
    if (send->slot >= s->seats_len || s->seats[send->slot].live) {
        return OD_ERR_LIMIT;
    }
    od_err err = check_begin(s, send->slot, send->trunk, send->session_id);
    if (err != OD_OK) {
        return err;
    }
    size_t len =
        send->text != NULL ? strnlen(send->text, OD_MESSAGE_MAX + 1) : 0;
    if (len == 0 || len > OD_MESSAGE_MAX) {
        return OD_ERR_INVALID;
    }
    if (s->trunk_texts[send->trunk] >=
        s->config.trunks[send->trunk].texts_max) {
        return OD_ERR_LIMIT;
    }
    char *text = malloc(len + 1);
    if (text == NULL) {
        return OD_ERR_MEMORY;
    }
    memcpy(text, send->text, len + 1);
    take_seat(s, send->slot, send->attempt, send->trunk);
    s->seats[send->slot].is_text = true;
    s->trunk_texts[send->trunk]++;
    od__link_send(&s->link, send, text);
    return OD_OK;
}

static void sip_received(void *ctx, uint64_t token, od_err err)
{
    sip *s = ctx;
    od__link_received(&s->link, token, err);
}

/* == begin and end ======================================================== */

static od_err sip_trunk_get(void *ctx, int32_t index, od_trunk_info *out)
{
    const sip *s = ctx;
    if (index < 0 || (size_t)index >= s->config.trunks_len) {
        return OD_ERR_NOT_FOUND;
    }
    const od__sip_trunk *trunk = &s->config.trunks[index];
    unsigned change;
    int32_t status;
    memset(out, 0, sizeof *out);
    od__text_copy(out->name, sizeof out->name, trunk->name);
    out->calls_max = trunk->calls_max;
    out->calls_per_second_max = trunk->calls_per_second_max;
    out->texts_max = trunk->texts_max;
    out->texts_per_second_max = trunk->texts_per_second_max;
    out->text_bytes_max = trunk->text_bytes_max;
    out->up = s->agent == NULL ||
              od__link_trunk(&s->link, (size_t)index, &change, &status);
    return OD_OK;
}

/* Release what start made. */
static void stop(sip *s)
{
    od__agent_free(s->agent);
    od__media_free(s->media);
    od__link_close(&s->link);
    free(s->seats);
    s->agent = NULL;
    s->media = NULL;
    s->seats = NULL;
    s->seats_len = 0;
}

static bool has_calls(const sip *s)
{
    for (size_t i = 0; i < s->config.trunks_len; i++) {
        if (s->config.trunks[i].calls_max > 0) {
            return true;
        }
    }
    return false;
}

/* Texts need none. */
static od_err start_media(sip *s, od_errmsg *errmsg)
{
    od__media_options options;
    if (!has_calls(s)) {
        return OD_OK;
    }
    memset(&options, 0, sizeof options);
    options.address = s->config.address;
    options.port_min = s->config.rtp_port_min;
    options.port_max = s->config.rtp_port_max;
    options.threads = s->config.media_threads;
    options.streams_max = s->seats_len;
    options.silent_ms = s->config.silent_ms;
    return od__media_new(&s->media, &options, s->sink, errmsg);
}

static od_err sip_start(void *ctx, od_sink *sink, uint32_t calls_max,
                        const od_now *now, od_errmsg *errmsg)
{
    sip *s = ctx;
    if (calls_max < 1 || s->agent != NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "%u calls", calls_max);
    }
    od_err err = od__address_resolve(&s->config, errmsg);
    if (err != OD_OK) {
        return err;
    }
    s->sink = sink;
    s->now_ms = now->mono_ms;
    s->seats_len = s->seat_now = calls_max;
    s->seats = calloc(calls_max, sizeof *s->seats);
    if (s->seats == NULL) {
        err = od__fail(errmsg, OD_ERR_MEMORY, "no memory for %u calls",
                       calls_max);
    }
    if (err == OD_OK) {
        err = od__link_init(&s->link, calls_max, sink, errmsg);
    }
    if (err == OD_OK) {
        err = start_media(s, errmsg);
    }
    if (err == OD_OK) {
        err = od__agent_new(&s->agent, &s->config, &s->link, s->media, errmsg);
    }
    if (err != OD_OK) {
        stop(s);
    }
    return err;
}

static void sip_free(void *ctx)
{
    sip *s = ctx;
    stop(s);
    /* The password need not stay in memory that others get. */
    explicit_bzero(&s->config, sizeof s->config);
    free(s);
}

static const od_transport_ops sip_ops = {
    .size = sizeof(od_transport_ops),
    .free = sip_free,
    .start = sip_start,
    .trunk_get = sip_trunk_get,
    .step = sip_step,
    .deadline_ms = sip_deadline_ms,
    .dial = sip_dial,
    .hangup = sip_hangup,
    .play = sip_play,
    .play_stop = sip_play_stop,
    .digits_send = sip_digits_send,
    .send = sip_send,
    .received = sip_received,
};

od_err od_transport_new_sip(od_transport **out, const od_sip_options *options,
                            od_errmsg *errmsg)
{
    if (out == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "no place for the transport");
    }
    sip *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a transport");
    }
    od_err err = od__config_read(&s->config, options, errmsg);
    if (err == OD_OK) {
        err = od_transport_new(out, &sip_ops, s, errmsg);
    }
    if (err != OD_OK) {
        sip_free(s);
    }
    return err;
}
