/*
 * sim_text.c - simulated texts: what is still to be reported of them.
 *
 * All that becomes of a text is decided when it is sent, and noted with the
 * time at which it comes: its end, its receipts, its replies. So nothing
 * depends on when a report is taken in, and no step needs memory.
 *
 * A part of a text has the network id "sim-<attempt>-<part>". Attempts are
 * durable and never used again, so ids are unique over all lives of a process
 * without a number drawn by chance, and the same in every run of a seed. Notes
 * end with the process, so that no receipt comes of what an earlier one sent.
 *
 * Invariants: a note is in the heap or handed over, never both; there are as
 * many cells as the heap has room, so that a note that is there always finds
 * its place again. Called by sim.c only.
 */
#include "transport/transport.h"

#include <assert.h>
#include <stdlib.h>

#define CELLS_FIRST 64
#define CELLS_MAX (1u << 30)
#define NETWORK_ID_MAX 40

/* Where a token leads. */
typedef struct od__sim_cell {
    od__sim_note *note; /* NULL: free */
    uint32_t generation;
    uint32_t next; /* free: index of the next free one + 1, or 0 */
} cell;

/* -- notes ---------------------------------------------------------------- */

static bool grow(od__sim_mail *mail)
{
    uint32_t len = mail->cells_len != 0 ? mail->cells_len * 2 : CELLS_FIRST;
    if (len > CELLS_MAX) {
        return false;
    }
    cell *cells = realloc(mail->cells, len * sizeof *cells);
    if (cells == NULL) {
        return false;
    }
    mail->cells = cells;
    od__heap timers;
    if (od__heap_init(&timers, len, NULL) != OD_OK) {
        return false;
    }
    for (uint32_t i = 0; i < mail->timers.len; i++) {
        od__timer *timer = mail->timers.items[i].timer;
        timer->index = 0;
        od__heap_set(&timers, timer, timer->at_ms);
    }
    mail->timers.len = 0;
    od__heap_clear(&mail->timers, NULL);
    mail->timers = timers;
    for (uint32_t i = len; i > mail->cells_len; i--) {
        cells[i - 1] = (cell){.next = mail->cells_free};
        mail->cells_free = i;
    }
    mail->cells_len = len;
    return true;
}

/* A note with room for a text; NULL when out of memory. */
static od__sim_note *note_new(od__sim_mail *mail, od_report_kind kind,
                              const char *text)
{
    if (mail->cells_free == 0 && !grow(mail)) {
        return NULL;
    }
    size_t text_size = strlen(text) + 1;
    od__sim_note *note = calloc(1, sizeof *note + text_size);
    if (note == NULL) {
        return NULL;
    }
    memcpy(note->text, text, text_size);
    note->kind = kind;
    note->timer.id = mail->made++;
    note->cell = mail->cells_free - 1;
    cell *place = &mail->cells[note->cell];
    mail->cells_free = place->next;
    place->note = note;
    place->generation++;
    return note;
}

static void note_free(od__sim_mail *mail, od__sim_note *note)
{
    cell *place = &mail->cells[note->cell];
    od__heap_unset(&mail->timers, &note->timer);
    place->note = NULL;
    place->next = mail->cells_free;
    mail->cells_free = note->cell + 1;
    free(note);
}

void od__sim_mail_clear(od__sim_mail *mail)
{
    for (uint32_t i = 0; i < mail->cells_len; i++) {
        if (mail->cells[i].note != NULL) {
            note_free(mail, mail->cells[i].note);
        }
    }
    od__heap_clear(&mail->timers, NULL);
    free(mail->cells);
    memset(mail, 0, sizeof *mail);
}

/* -- a text is sent ------------------------------------------------------- */

/* What is noted of one text. */
typedef struct sending {
    od__sim_mail *mail;
    const od_send *send;
    int64_t at_ms;    /* of the present word */
    int64_t until_ms; /* an answer is waited for */
    int32_t parts;
    od__sim_note *last;  /* made so far */
    od__sim_note *ended; /* NULL: the network says nothing in time */
} sending;

static od__sim_note *put(sending *s, od_report_kind kind, const char *text)
{
    od__sim_note *note = note_new(s->mail, kind, text);
    if (note != NULL) {
        note->made_before = s->last;
        note->trunk = s->send->trunk;
        note->attempt = s->send->attempt;
        s->last = note;
        od__heap_set(&s->mail->timers, &note->timer, s->at_ms);
    }
    return note;
}

static int32_t disposition_of(int32_t status)
{
    switch (status) {
    case OD__SIM_TEXT_THROTTLED:
    case OD__SIM_TEXT_QUEUE_FULL:
        return OD_DISPOSITION_CONGESTION;
    case OD__SIM_TEXT_NOT_FOUND:
        return OD_DISPOSITION_NOT_FOUND;
    default:
        return OD_DISPOSITION_FAILED;
    }
}

static bool put_end(sending *s)
{
    od__sim_note *note = put(s, OD_REPORT_ENDED, "");
    s->ended = note;
    if (note != NULL) {
        note->slot = s->send->slot;
        note->disposition = OD_DISPOSITION_UNKNOWN;
    }
    return note != NULL;
}

/* The network answers, if not too late. */
static bool put_answer(sending *s, const od__sim_text_word *word)
{
    if (s->at_ms > s->until_ms) {
        return true;
    }
    if (!put_end(s)) {
        return false;
    }
    bool accepted = word->verb == OD__SIM_TEXT_ACCEPT;
    s->ended->status = word->status;
    s->ended->disposition =
        accepted ? OD_DISPOSITION_SENT : disposition_of(word->status);
    s->ended->delivery = accepted ? OD_DELIVERY_ACCEPTED : OD_DELIVERY_NONE;
    s->ended->part = accepted ? s->parts : 0;
    return true;
}

static bool put_receipts(sending *s, const od__sim_text_word *word)
{
    bool bad = word->delivery == OD_DELIVERY_FAILED ||
               word->delivery == OD_DELIVERY_EXPIRED;
    for (int32_t part = 1; part <= s->parts; part++) {
        od__sim_note *note = put(s, OD_REPORT_RECEIPT, "");
        if (note == NULL) {
            return false;
        }
        note->delivery = word->delivery;
        note->disposition =
            bad ? OD_DISPOSITION_UNDELIVERED : OD_DISPOSITION_NONE;
        note->part = part;
        memcpy(note->code, word->code, sizeof note->code);
    }
    return true;
}

static bool put_reply(sending *s, const od__sim_text_word *word)
{
    od__sim_note *note = put(s, OD_REPORT_REPLY, word->reply);
    if (note != NULL) {
        note->from = s->send->to;
        note->to = s->send->from;
    }
    return note != NULL;
}

static bool put_word(sending *s, const od__sim_text_word *word)
{
    switch ((od__sim_text_verb)word->verb) {
    case OD__SIM_TEXT_WAIT:
        s->at_ms += word->ms;
        return true;
    case OD__SIM_TEXT_ACCEPT:
    case OD__SIM_TEXT_REJECT:
        return put_answer(s, word);
    case OD__SIM_TEXT_RECEIPT:
        return put_receipts(s, word);
    case OD__SIM_TEXT_REPLY:
        return put_reply(s, word);
    case OD__SIM_TEXT_LOST:
        break;
    }
    return true;
}

od_err od__sim_mail_send(od__sim_mail *mail, const od_send *send,
                         int64_t now_ms, const od__sim_text_word *words,
                         uint32_t words_len, od__sim_note **out)
{
    assert(send->segments >= 1 && send->segments <= OD_SEGMENTS_MAX);
    sending s = {.mail = mail,
                 .send = send,
                 .at_ms = now_ms,
                 .until_ms = now_ms + OD__SIM_ANSWER_MAX_MS,
                 .parts = send->segments};
    bool done = true;
    for (uint32_t i = 0; i < words_len && done; i++) {
        done = put_word(&s, &words[i]);
    }
    if (done && s.ended == NULL) {
        s.at_ms = s.until_ms;
        done = put_end(&s);
    }
    while (!done && s.last != NULL) {
        od__sim_note *before = s.last->made_before;
        note_free(mail, s.last);
        s.last = before;
    }
    if (done) {
        *out = s.ended;
    }
    return done ? OD_OK : OD_ERR_MEMORY;
}

od_err od__sim_mail_reply(od__sim_mail *mail, const od_report *reply,
                          int64_t at_ms)
{
    od__sim_note *note = note_new(mail, OD_REPORT_REPLY, reply->text);
    if (note == NULL) {
        return OD_ERR_MEMORY;
    }
    note->trunk = reply->trunk;
    note->from = reply->from;
    note->to = reply->to;
    od__heap_set(&mail->timers, &note->timer, at_ms);
    return OD_OK;
}

void od__sim_mail_lose(od__sim_mail *mail, od__sim_note *note, int64_t now_ms)
{
    assert(note->kind == OD_REPORT_ENDED);
    note->status = 0;
    note->disposition = OD_DISPOSITION_UNKNOWN;
    note->delivery = OD_DELIVERY_NONE;
    note->part = 0;
    if (now_ms < note->timer.at_ms) {
        od__heap_set(&mail->timers, &note->timer, now_ms);
    }
}

/* -- reports -------------------------------------------------------------- */

od__sim_note *od__sim_mail_first(const od__sim_mail *mail)
{
    od__timer *timer = od__heap_first(&mail->timers);
    if (timer == NULL) {
        return NULL;
    }
    void *note = (char *)timer - offsetof(od__sim_note, timer);
    return note;
}

static uint64_t token_of(const od__sim_mail *mail, const od__sim_note *note)
{
    uint64_t generation = mail->cells[note->cell].generation;
    return generation << 32 | ((uint64_t)note->cell + 1);
}

/* The note that was handed over with a token, or NULL. */
static od__sim_note *note_of(const od__sim_mail *mail, uint64_t token)
{
    uint64_t place = token & UINT32_MAX;
    if (place == 0 || place > mail->cells_len) {
        return NULL;
    }
    od__sim_note *note = mail->cells[place - 1].note;
    bool fits = note != NULL && note->handed && token_of(mail, note) == token;
    return fits ? note : NULL;
}

/* Network ids of parts first to last, as texts. */
typedef struct network_ids {
    char texts[OD_SEGMENTS_MAX][NETWORK_ID_MAX];
    const char *list[OD_SEGMENTS_MAX];
} network_ids;

static void write_ids(network_ids *out, const od__sim_note *note,
                      od_report *report)
{
    static const char *const nothing[] = {""};
    bool ended = note->kind == OD_REPORT_ENDED;
    int32_t len = ended ? note->part : 1;
    for (int32_t i = 0; i < len; i++) {
        (void)snprintf(out->texts[i], sizeof out->texts[i], "sim-%lld-%d",
                       (long long)note->attempt,
                       (int)(ended ? i + 1 : note->part));
        out->list[i] = out->texts[i];
    }
    report->network_ids_len = len;
    report->network_ids = note->kind == OD_REPORT_REPLY ? nothing
                          : len > 0                     ? out->list
                                                        : NULL;
}

void od__sim_mail_post(od__sim_mail *mail, od__sim_note *note, od_sink *sink)
{
    network_ids ids;
    bool ended = note->kind == OD_REPORT_ENDED;
    od_report report = {.kind = note->kind,
                        .slot = note->slot,
                        .attempt = ended ? note->attempt : 0,
                        .status = note->status,
                        .trunk = note->trunk,
                        .disposition = note->disposition,
                        .delivery = note->delivery,
                        .from = note->from,
                        .to = note->to};
    write_ids(&ids, note, &report);
    if (ended) {
        note_free(mail, note);
    } else {
        report.network_code = note->code[0] != '\0' ? note->code : NULL;
        report.text = note->kind == OD_REPORT_REPLY ? note->text : NULL;
        report.token = token_of(mail, note);
        note->handed = true;
        od__heap_unset(&mail->timers, &note->timer);
    }
    od_sink_post(sink, &report);
}

void od__sim_mail_received(od__sim_mail *mail, uint64_t token, od_err err,
                           int64_t now_ms)
{
    od__sim_note *note = note_of(mail, token);
    if (note == NULL) {
        return;
    }
    if (err == OD_OK) {
        note_free(mail, note);
        return;
    }
    note->handed = false;
    od__heap_set(&mail->timers, &note->timer, now_ms + OD__SIM_AGAIN_MS);
}
