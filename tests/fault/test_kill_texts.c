/*
 * test_kill_texts.c - the process dies after its n-th durable write, for every
 * n, while it sends texts, hears of them and takes replies.
 *
 * A child process runs a campaign of texts over SQLite and the simulated
 * carrier and ends itself right after the n-th write that was durable. What the
 * far end saw and said it wrote to a log of its own, which the death does not
 * touch. The parent opens the file again a minute later, has the network hand
 * over every reply once more, as a network may, runs the campaign to its end
 * and checks with nothing but the public API:
 *
 *   1. no text leaves without a durable attempt, and each attempt leaves once;
 *   2. a person is texted again only after the network refused the text before,
 *      or told that it could not be delivered;
 *   3. a reply and a receipt that the network was thanked for are stored;
 *   4. whoever wrote STOP is on the list from then on, gets no text of the
 *      campaign, and one confirmation, not two; one that was throttled may
 *      come again;
 *   5. every attempt ends exactly once, and counters equal what the rows say.
 */
#include "support/deadly.h"
#include "support/lift.h"
#include "support/world.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONTACTS 24
#define ATTEMPTS_MAX 3
#define CONCURRENT_MAX 5
#define ROWS_MAX 2048
#define WRITES_MAX 5000
#define OURS "+12125550100"
#define CONFIRM "You get no more texts from us."
#define HELP "Call +12125550100."

/* -- what the far end saw ---------------------------------------------------- */

typedef enum seen_kind {
    SEEN_TEXT = 1,         /* it left */
    SEEN_END = 2,          /* the network answered, or did not */
    SEEN_RECEIPT = 3,      /* the network told what became of it */
    SEEN_RECEIPT_DONE = 4, /* and that was acknowledged */
    SEEN_REPLY = 5,        /* a person wrote */
    SEEN_REPLY_DONE = 6    /* and that was acknowledged */
} seen_kind;

typedef struct seen {
    seen_kind kind;
    int32_t what; /* END: od_disposition; of receipts: od_delivery */
    uint64_t phone;
    od_id attempt;
    char text[64]; /* TEXT, REPLY, REPLY_DONE */
} seen;

static int seen_log = -1;
static int64_t *reached_utc_ms; /* memory that outlives a death: its time */

static void saw(const seen *row)
{
    assert_int_equal(write(seen_log, row, sizeof *row), sizeof *row);
}

/* -- a transport that keeps the log ------------------------------------------ */

/* Receipts and replies that are not acknowledged yet, by their token. */
typedef struct awaited {
    uint64_t token;
    seen row;
} awaited;

/* Attempts by the network's id of their text. */
typedef struct named {
    char network_id[128];
    od_id attempt;
    uint64_t phone;
} named;

static od_transport_ops carrier;
static od_transport_ops watched;
static od_sink *engine_sink;
static od_sink *own_sink;
static awaited awaiting[ROWS_MAX];
static size_t awaiting_len;
static named names[ROWS_MAX];
static size_t names_len;
static uint64_t phone_of_slot[256];

static od_err on_send(void *ctx, const od_send *send)
{
    seen row;
    od_err err = carrier.send(ctx, send);
    if (err == OD_OK) {
        memset(&row, 0, sizeof row);
        row.kind = SEEN_TEXT;
        row.phone = send->to;
        row.attempt = send->attempt;
        (void)snprintf(row.text, sizeof row.text, "%s", send->text);
        phone_of_slot[send->slot] = send->to;
        saw(&row);
    }
    return err;
}

static void await(uint64_t token, const seen *row)
{
    assert_true(awaiting_len < ROWS_MAX);
    awaiting[awaiting_len++] = (awaited){.token = token, .row = *row};
}

static void saw_end(const od_report *report)
{
    seen row;
    memset(&row, 0, sizeof row);
    row.kind = SEEN_END;
    row.what = report->disposition;
    row.attempt = report->attempt;
    row.phone = phone_of_slot[report->slot];
    saw(&row);
    for (int32_t i = 0; i < report->network_ids_len; i++) {
        assert_true(names_len < ROWS_MAX);
        named *name = &names[names_len++];
        (void)snprintf(name->network_id, sizeof name->network_id, "%s",
                       report->network_ids[i]);
        name->attempt = row.attempt;
        name->phone = row.phone;
    }
}

static void saw_receipt(const od_report *report)
{
    seen row;
    memset(&row, 0, sizeof row);
    row.kind = SEEN_RECEIPT;
    row.what = report->delivery;
    for (size_t i = 0; i < names_len; i++) {
        if (strcmp(names[i].network_id, report->network_ids[0]) == 0) {
            row.attempt = names[i].attempt;
            row.phone = names[i].phone;
        }
    }
    saw(&row);
    row.kind = SEEN_RECEIPT_DONE;
    await(report->token, &row);
}

static void saw_reply(const od_report *report)
{
    seen row;
    memset(&row, 0, sizeof row);
    row.kind = SEEN_REPLY;
    row.phone = report->from;
    (void)snprintf(row.text, sizeof row.text, "%s", report->text);
    saw(&row);
    row.kind = SEEN_REPLY_DONE;
    await(report->token, &row);
}

static void on_report(void *ctx, const od_report *report)
{
    (void)ctx;
    switch (report->kind) {
    case OD_REPORT_ENDED:
        saw_end(report);
        break;
    case OD_REPORT_RECEIPT:
        saw_receipt(report);
        break;
    case OD_REPORT_REPLY:
        saw_reply(report);
        break;
    default:
        break;
    }
    od_sink_post(engine_sink, report);
}

static void on_wake(void *ctx)
{
    (void)ctx;
    od_sink_wake(engine_sink);
}

static void on_received(void *ctx, uint64_t token, od_err err)
{
    for (size_t i = 0; i < awaiting_len; i++) {
        if (awaiting[i].token == token) {
            if (err == OD_OK) {
                saw(&awaiting[i].row);
            }
            awaiting[i] = awaiting[--awaiting_len];
            break;
        }
    }
    carrier.received(ctx, token, err);
}

static od_err on_start(void *ctx, od_sink *sink, uint32_t calls_max,
                       const od_now *now, od_errmsg *errmsg)
{
    engine_sink = sink;
    assert_int_equal(od_sink_new(&own_sink, on_report, on_wake, NULL), OD_OK);
    return carrier.start(ctx, own_sink, calls_max, now, errmsg);
}

static void on_free(void *ctx)
{
    carrier.free(ctx);
    od_sink_free(own_sink);
    own_sink = NULL;
}

/* -- the campaign ------------------------------------------------------------- */

typedef struct run {
    char db[600];
    char log[600];
    od_engine *engine;
    od_transport *sim; /* a handle: what is in it belongs to the engine */
    od_now now;
} run;

static void phone_of(int i, char out[24])
{
    (void)snprintf(out, 24, "+1212555%04d", 2000 + i);
}

static void open_sim(run *r, od_transport **out)
{
    od_errmsg errmsg = {""};
    od_sim_options sim;
    od_sim_options_init(&sim);
    sim.seed = 11;
    sim.texts = (od_sim_text_model){.not_found = 40,
                                    .failed = 40,
                                    .throttled = 120,
                                    .unanswered = 80,
                                    .undelivered = 150,
                                    .expired = 50,
                                    .silent = 80,
                                    .receipt_ms_min = 500,
                                    .receipt_ms_max = 9000,
                                    .replies = 250,
                                    .opt_outs = 400,
                                    .reply_ms = 4000,
                                    .reply = "HELP"};
    assert_int_equal(od_transport_new_sim(&r->sim, &sim, &errmsg), OD_OK);
    carrier = *od_transport_ops_get(r->sim);
    watched = carrier;
    watched.send = on_send;
    watched.received = on_received;
    watched.start = on_start;
    watched.free = on_free;
    awaiting_len = 0;
    names_len = 0;
    assert_int_equal(od_transport_new(out, &watched,
                                      od_transport_ctx_get(r->sim), &errmsg),
                     OD_OK);
}

static void open_run(run *r, int64_t writes)
{
    od_errmsg errmsg = {""};
    od_engine_options options;
    od_transport *transport = NULL;
    open_sim(r, &transport);
    seen_log = open(r->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    assert_true(seen_log >= 0);
    od_engine_options_init(&options);
    options.seed = (uint64_t)r->now.utc_ms; /* Session-IDs never repeat */
    od_storage *storage = od_deadly_open(r->db, writes);
    if (od_engine_new(&r->engine, &options, storage, transport, &r->now,
                      &errmsg) != OD_OK) {
        fail_msg("open: %s", errmsg.text);
    }
}

static void close_run(run *r)
{
    od_engine_free(r->engine);
    free(r->sim); /* only the handle */
    (void)close(seen_log);
}

/* One step, at the next deadline but not later than `until`. */
static void step(run *r, int64_t until_mono_ms)
{
    od_event event;
    int64_t next = od_engine_deadline_ms(r->engine);
    next = next < until_mono_ms ? next : until_mono_ms;
    if (next > r->now.mono_ms) {
        r->now.utc_ms += next - r->now.mono_ms;
        r->now.mono_ms = next;
    }
    *reached_utc_ms = r->now.utc_ms;
    assert_int_equal(od_engine_step(r->engine, &r->now), OD_OK);
    assert_true(od_engine_calls_live(r->engine) <= CONCURRENT_MAX + CONTACTS);
    while (od_engine_next_event(r->engine, &event)) {
    }
}

/* Set everything up as far as it is not there: after a death it goes on. */
static od_id prepare(run *r)
{
    od_id group = 0;
    od_id campaign = 0;
    const od_override lift = {.name = "us.text.other",
                              .rule = "us.text.other",
                              .reason = "a test of something else",
                              .who = "tests"};
    od_test_lift(r->engine);
    od_err lifted = od_override_add(r->engine, &lift);
    assert_true(lifted == OD_OK || lifted == OD_ERR_EXISTS);
    if (od_group_find(r->engine, "people", &group) != OD_OK) {
        assert_int_equal(od_group_add(r->engine, "people", &group), OD_OK);
    }
    for (int i = 0; i < CONTACTS; i++) {
        char phone[24];
        od_contact contact;
        memset(&contact, 0, sizeof contact);
        phone_of(i, phone);
        contact.phone = phone;
        od_err err = od_contact_add(r->engine, group, &contact, NULL);
        assert_true(err == OD_OK || err == OD_ERR_EXISTS);
    }
    if (od_campaign_find(r->engine, "c", &campaign) != OD_OK) {
        od_campaign_options o;
        od_campaign_options_init(&o);
        o.channel = OD_CHANNEL_TEXT;
        o.purpose = OD_PURPOSE_INFORMATIONAL;
        o.name = "c";
        o.caller_id = OURS;
        o.groups = &group;
        o.groups_len = 1;
        o.text = "{{phone}}, we are closed today.";
        o.opt_out_text = "Reply STOP to opt out";
        o.confirm_text = CONFIRM;
        o.help_text = HELP;
        o.attempts_max = ATTEMPTS_MAX;
        o.concurrent_max = CONCURRENT_MAX;
        o.retry_delay_s = 600;
        o.fail_stop_pct = OD_NONE;
        if (od_campaign_add(r->engine, &o, &campaign) != OD_OK) {
            fail_msg("%s", od_engine_errmsg(r->engine));
        }
    }
    return campaign;
}

static int32_t state_of(run *r, od_id campaign)
{
    od_campaign now;
    assert_int_equal(od_campaign_get(r->engine, campaign, &now), OD_OK);
    return now.state;
}

/* Is nothing left to send? It may still wait for receipts, which the far end
 * has forgotten with its process. */
static bool is_through(run *r, od_id campaign)
{
    od_campaign_stats stats;
    assert_int_equal(od_campaign_stats_get(r->engine, campaign, &stats), OD_OK);
    return stats.contacts == CONTACTS && !stats.enrolling &&
           stats.finished + stats.blocked == stats.contacts;
}

/* Until nothing is left to send, and a quarter of an hour longer. */
static void run_to_end(run *r)
{
    od_id campaign = prepare(r);
    int64_t until_ms = OD_NEVER;
    if (state_of(r, campaign) == OD_CAMPAIGN_IDLE &&
        od_campaign_start(r->engine, campaign) != OD_OK) {
        fail_msg("%s", od_engine_errmsg(r->engine));
    }
    for (int i = 0; i < 200000; i++) {
        bool is_over = is_through(r, campaign);
        if (!is_over) {
            until_ms = OD_NEVER;
        } else if (until_ms == OD_NEVER) {
            until_ms = r->now.mono_ms + 15 * 60000;
        }
        if (is_over && r->now.mono_ms >= until_ms) {
            return;
        }
        step(r, is_over ? until_ms : OD_NEVER);
    }
    fail_msg("the campaign does not end");
}

/* -- what the log and the database say ---------------------------------------- */

typedef struct text_row {
    od_id attempt;
    uint64_t phone;
    int32_t notice;
    int32_t disposition;
    int32_t delivery;
} text_row;

typedef struct facts {
    seen log[ROWS_MAX];
    size_t log_len;
    text_row rows[ROWS_MAX];
    size_t rows_len;
} facts;

static uint64_t digits_of(const char *phone)
{
    return strtoull(phone + 1, NULL, 10);
}

static void read_log(run *r, facts *f)
{
    int fd = open(r->log, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t got = read(fd, f->log, sizeof f->log);
    assert_true(got >= 0 && (size_t)got % sizeof *f->log == 0);
    assert_true((size_t)got < sizeof f->log);
    f->log_len = (size_t)got / sizeof *f->log;
    (void)close(fd);
}

static void read_rows(run *r, facts *f)
{
    static od_message rows[100];
    od_id after = 0;
    size_t count = 0;
    f->rows_len = 0;
    do {
        assert_int_equal(
            od_messages_list(r->engine, NULL, after, rows, 100, &count),
            OD_OK);
        for (size_t i = 0; i < count; i++) {
            after = rows[i].attempt;
            assert_true(f->rows_len < ROWS_MAX);
            f->rows[f->rows_len++] =
                (text_row){.attempt = rows[i].attempt,
                           .phone = digits_of(rows[i].phone),
                           .notice = rows[i].notice,
                           .disposition = rows[i].disposition,
                           .delivery = rows[i].delivery};
        }
    } while (count == 100);
}

static const text_row *row_of(const facts *f, od_id attempt)
{
    const text_row *found = NULL;
    for (size_t i = 0; i < f->rows_len; i++) {
        if (f->rows[i].attempt == attempt) {
            assert_null(found);
            found = &f->rows[i];
        }
    }
    return found;
}

/* The first row of the log of this kind about an attempt, or NULL. */
static const seen *log_of(const facts *f, seen_kind kind, od_id attempt)
{
    for (size_t i = 0; i < f->log_len; i++) {
        if (f->log[i].kind == kind && f->log[i].attempt == attempt) {
            return &f->log[i];
        }
    }
    return NULL;
}

static bool is_notice(const seen *text)
{
    return strcmp(text->text, CONFIRM) == 0 || strcmp(text->text, HELP) == 0;
}

/* -- the invariants ------------------------------------------------------------ */

/* May a person be texted again after this text? */
static bool allows_another(const facts *f, const seen *text)
{
    const seen *end = log_of(f, SEEN_END, text->attempt);
    if (end == NULL || end->what == OD_DISPOSITION_UNKNOWN) {
        return false;
    }
    if (end->what != OD_DISPOSITION_SENT) {
        return true;
    }
    for (size_t i = 0; i < f->log_len; i++) {
        const seen *row = &f->log[i];
        if (row->kind == SEEN_RECEIPT && row->attempt == text->attempt &&
            (row->what == OD_DELIVERY_FAILED ||
             row->what == OD_DELIVERY_EXPIRED)) {
            return true;
        }
    }
    return false;
}

static void check_texts(const facts *f)
{
    for (size_t i = 0; i < f->log_len; i++) {
        const seen *text = &f->log[i];
        if (text->kind != SEEN_TEXT) {
            continue;
        }
        const text_row *row = row_of(f, text->attempt);
        assert_non_null(row); /* 1 */
        assert_true(row->phone == text->phone);
        assert_int_equal(row->notice != OD_NOTICE_NONE, is_notice(text));
        for (size_t j = 0; j < i; j++) {
            const seen *before = &f->log[j];
            if (before->kind != SEEN_TEXT || before->phone != text->phone) {
                continue;
            }
            assert_true(before->attempt != text->attempt); /* 1 */
            if (!is_notice(before) && !is_notice(text) &&
                !allows_another(f, before)) { /* 2 */
                fail_msg("+%" PRIu64 " was texted by attempt %" PRId64
                         " and again by %" PRId64,
                         text->phone, before->attempt, text->attempt);
            }
            if (strcmp(text->text, CONFIRM) == 0 &&
                strcmp(before->text, CONFIRM) == 0) { /* 4 */
                const seen *end = log_of(f, SEEN_END, before->attempt);
                assert_non_null(end); /* the network said that it is too much */
                assert_int_equal(end->what, OD_DISPOSITION_CONGESTION);
            }
        }
    }
}

/* Whoever's STOP was acknowledged gets nothing but the confirmation. */
static void check_stops(const facts *f)
{
    for (size_t i = 0; i < f->log_len; i++) {
        const seen *stop = &f->log[i];
        if (stop->kind != SEEN_REPLY_DONE || strcmp(stop->text, "STOP") != 0) {
            continue;
        }
        size_t confirmed = 0; /* or may be */
        size_t tried = 0;
        for (size_t j = 0; j < f->rows_len; j++) {
            const text_row *row = &f->rows[j];
            bool confirms = row->phone == stop->phone &&
                            row->notice == OD_NOTICE_CONFIRM;
            tried += confirms;
            confirmed += confirms &&
                         row->disposition != OD_DISPOSITION_CONGESTION;
        }
        assert_true(tried > 0); /* 4 */
        assert_true(confirmed <= 1);
        for (size_t j = i + 1; j < f->log_len; j++) {
            const seen *later = &f->log[j];
            assert_false(later->kind == SEEN_TEXT &&
                         later->phone == stop->phone &&
                         strcmp(later->text, CONFIRM) != 0); /* 4 */
        }
    }
}

static void check_receipts(const facts *f)
{
    for (size_t i = 0; i < f->log_len; i++) {
        const seen *receipt = &f->log[i];
        if (receipt->kind != SEEN_RECEIPT_DONE || receipt->attempt == 0) {
            continue;
        }
        const text_row *row = row_of(f, receipt->attempt);
        assert_non_null(row);
        assert_true(od_delivery_rank(row->delivery) >=
                    od_delivery_rank(receipt->what)); /* 3 */
    }
    for (size_t i = 0; i < f->rows_len; i++) {
        const text_row *row = &f->rows[i];
        const seen *end = log_of(f, SEEN_END, row->attempt);
        bool taken = row->disposition == OD_DISPOSITION_SENT ||
                     row->disposition == OD_DISPOSITION_UNDELIVERED;
        assert_true(!taken ||
                    (end != NULL && end->what == OD_DISPOSITION_SENT));
    }
}

/* Right after the death: what was acknowledged is there. */
static void check_acknowledged(run *r, const facts *f)
{
    for (size_t i = 0; i < f->log_len; i++) {
        const seen *reply = &f->log[i];
        static od_reply rows[100];
        od_reply_filter filter;
        char phone[24];
        size_t count = 0;
        bool listed = false;
        if (reply->kind != SEEN_REPLY_DONE) {
            continue;
        }
        (void)snprintf(phone, sizeof phone, "+%" PRIu64, reply->phone);
        od_reply_filter_init(&filter);
        filter.phone = phone;
        assert_int_equal(
            od_replies_list(r->engine, &filter, 0, rows, 100, &count), OD_OK);
        size_t same = 0;
        for (size_t j = 0; j < count; j++) {
            same += strcmp(rows[j].text, reply->text) == 0;
        }
        assert_true(same > 0); /* 3 */
        assert_int_equal(od_dnc_check(r->engine, phone, 0, &listed), OD_OK);
        if (strcmp(reply->text, "STOP") == 0) {
            assert_true(listed); /* 4 */
        }
    }
}

/* Ends in the ledger: as many as attempts, each subject once. */
static void check_ledger(run *r, const facts *f)
{
    static uint8_t ends[ROWS_MAX * 4];
    static uint8_t begins[ROWS_MAX * 4];
    od_ledger_row rows[100];
    int64_t after = 0;
    size_t count = 0;
    memset(ends, 0, sizeof ends);
    memset(begins, 0, sizeof begins);
    assert_int_equal(od_ledger_verify(r->engine, NULL, NULL), OD_OK);
    do {
        assert_int_equal(od_ledger_read(r->engine, after, rows, 100, &count),
                         OD_OK);
        for (size_t i = 0; i < count; i++) {
            after = rows[i].seq;
            if (rows[i].kind == OD_LEDGER_OUTCOME) {
                ends[rows[i].subject]++;
            } else if (rows[i].kind == OD_LEDGER_ATTEMPT) {
                begins[rows[i].subject]++;
            }
        }
    } while (count == 100);
    for (size_t i = 0; i < f->rows_len; i++) {
        assert_int_equal(ends[f->rows[i].attempt], 1); /* 5 */
        assert_int_equal(begins[f->rows[i].attempt], 1);
    }
}

static void check_counters(run *r, const facts *f)
{
    od_id campaign = 0;
    od_campaign_stats s;
    int64_t by[OD_DISPOSITIONS] = {0};
    assert_int_equal(od_campaign_find(r->engine, "c", &campaign), OD_OK);
    assert_int_equal(od_campaign_stats_get(r->engine, campaign, &s), OD_OK);
    for (size_t i = 0; i < f->rows_len; i++) {
        int32_t disposition = f->rows[i].disposition;
        if (f->rows[i].notice == OD_NOTICE_NONE) {
            /* A text that could not be delivered was taken before. */
            by[disposition == OD_DISPOSITION_UNDELIVERED ? OD_DISPOSITION_SENT
                                                         : disposition]++;
        }
    }
    for (size_t i = 0; i < OD_DISPOSITIONS; i++) {
        assert_int_equal(s.attempts_by[i], by[i]); /* 5 */
    }
    assert_int_equal(s.contacts, CONTACTS);
    assert_int_equal(s.in_progress, 0);
    assert_int_equal(od_engine_calls_live(r->engine), 0);
}

/* The network hands over every reply once more. */
static void write_again(run *r, const facts *f)
{
    for (size_t i = 0; i < f->log_len; i++) {
        od_errmsg errmsg;
        char phone[24];
        if (f->log[i].kind == SEEN_REPLY) {
            (void)snprintf(phone, sizeof phone, "+%" PRIu64, f->log[i].phone);
            assert_int_equal(
                od_sim_reply(r->sim, phone, OURS, f->log[i].text, &errmsg),
                OD_OK);
        }
    }
}

/* One death, one life after it. True: the child died of it. */
static bool die_once(const char *folder, int64_t writes)
{
    static facts f;
    run r;
    int status = 0;
    memset(&r, 0, sizeof r);
    (void)snprintf(r.db, sizeof r.db, "%s/%" PRId64 ".db", folder, writes);
    (void)snprintf(r.log, sizeof r.log, "%s/%" PRId64 ".log", folder, writes);
    r.now = (od_now){.mono_ms = 1000,
                     .utc_ms = od_world_time("2027-03-10T15:00:00Z")};
    *reached_utc_ms = r.now.utc_ms;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        open_run(&r, writes);
        run_to_end(&r);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    bool died = WEXITSTATUS(status) == OD_DEADLY_STATUS;
    assert_true(died || WEXITSTATUS(status) == 0);
    read_log(&r, &f);
    r.now.utc_ms = *reached_utc_ms + 60000;
    open_run(&r, 0);
    check_acknowledged(&r, &f);
    write_again(&r, &f);
    run_to_end(&r);
    read_log(&r, &f);
    read_rows(&r, &f);
    check_acknowledged(&r, &f);
    check_texts(&f);
    check_stops(&f);
    check_receipts(&f);
    check_ledger(&r, &f);
    check_counters(&r, &f);
    close_run(&r);
    return died;
}

static void test_kill_texts_after_every_durable_write(void **state)
{
    (void)state;
    char *folder = od_test_folder();
    int64_t writes = 1;
    reached_utc_ms = mmap(NULL, sizeof *reached_utc_ms, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(reached_utc_ms != MAP_FAILED);
    while (writes < WRITES_MAX && die_once(folder, writes)) {
        writes++;
    }
    print_message("died after each of %" PRId64 " durable writes\n",
                  writes - 1);
    assert_true(writes > CONTACTS);
    assert_true(writes < WRITES_MAX);
    od_test_folder_remove(folder);
    (void)munmap(reached_utc_ms, sizeof *reached_utc_ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kill_texts_after_every_durable_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
