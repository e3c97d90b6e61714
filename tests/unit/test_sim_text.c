/*
 * test_sim_text.c - texts of the simulated carrier: when what is reported of
 * them, until it is received.
 */
#include "support/test.h"

#include "support/report_log.h"
#include "transport/transport.h"

#include <inttypes.h>

#define PHONE 15550120001
#define BEGIN_MS 1000 /* where virtual time begins */
#define TEXTS 64

/* -- helpers -------------------------------------------------------------- */

static void open_sim(od_test_log *log, const od_sim_options *options)
{
    od_transport *sim = NULL;
    od_errmsg errmsg = {.text = ""};
    if (od_transport_new_sim(&sim, options, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    od_test_log_open(log, sim, TEXTS, false);
}

static void tell(od_test_log *log, const char *play)
{
    od_errmsg errmsg = {.text = ""};
    if (od_sim_text_play(log->transport, "+15550120001", play, &errmsg) !=
        OD_OK) {
        fail_msg("%s", errmsg.text);
    }
}

static void open_play(od_test_log *log, const char *play)
{
    open_sim(log, NULL);
    tell(log, play);
}

static void send_ok(od_test_log *log, uint32_t slot, od_id attempt)
{
    assert_int_equal(OD_OK, od_test_log_send(log, slot, attempt, PHONE));
}

static void received(od_test_log *log, const od_report *report, od_err err)
{
    log->ops->received(log->ctx, report->token, err);
}

static bool is_handed(const od_report *report)
{
    return report->kind == OD_REPORT_RECEIPT || report->kind == OD_REPORT_REPLY;
}

/* Go on for so long and receive all that is handed over. */
static void run(od_test_log *log, int64_t for_ms)
{
    int64_t until_ms = log->now.mono_ms + for_ms;
    size_t done = log->len;
    do {
        od_test_log_advance(log, until_ms);
        for (; done < log->len; done++) {
            if (is_handed(&log->rows[done]->report)) {
                received(log, &log->rows[done]->report, OD_OK);
            }
        }
    } while (log->now.mono_ms < until_ms ||
             log->ops->deadline_ms(log->ctx) <= until_ms);
}

/* A report as "ended sent sim-1-1", "receipt delivered sim-1-1 code 034" or
 * "reply 15550120001 to 15550100000 STOP". */
static void say(od__writer *writer, const od_report *r)
{
    static const char *const names[] = {
        [OD_DISPOSITION_NOT_FOUND] = "not found",
        [OD_DISPOSITION_CONGESTION] = "congestion",
        [OD_DISPOSITION_FAILED] = "failed",
        [OD_DISPOSITION_UNKNOWN] = "unknown",
        [OD_DISPOSITION_SENT] = "sent",
        [OD_DISPOSITION_UNDELIVERED] = "undelivered",
    };
    if (r->kind == OD_REPORT_ENDED) {
        od__write(writer, "ended %s", names[r->disposition]);
        if (r->status != 0) {
            od__write(writer, " %d", (int)r->status);
        }
    } else if (r->kind == OD_REPORT_RECEIPT) {
        od__write(writer, "receipt %s", od_delivery_name(r->delivery));
    } else if (r->kind == OD_REPORT_REPLY) {
        od__write(writer, "reply %" PRIu64 " to %" PRIu64 " %s", r->from, r->to,
                  r->text);
    } else {
        od__write(writer, "trunk %s", r->up ? "up" : "down");
    }
    for (int32_t i = 0; i < r->network_ids_len; i++) {
        if (r->network_ids[i][0] != '\0') {
            od__write(writer, " %s", r->network_ids[i]);
        }
    }
    if (r->network_code != NULL) {
        od__write(writer, " code %s", r->network_code);
    }
}

/* What was reported so far, ms after begin: "0 ended sent sim-1-1; ...". */
static const char *told(const od_test_log *log)
{
    static char text[65536];
    od__writer writer;
    od__writer_init(&writer, text, sizeof text);
    for (size_t i = 0; i < log->len; i++) {
        od__write(&writer, "%s%" PRId64 " ", i > 0 ? "; " : "",
                  log->rows[i]->at_ms - BEGIN_MS);
        say(&writer, &log->rows[i]->report);
    }
    assert_false(writer.full);
    return text;
}

static void assert_told(const od_test_log *log, const char *expected)
{
    assert_string_equal(expected, told(log));
}

/* -- what becomes of a text ----------------------------------------------- */

static void test_sim_text_happens_at_its_times(void **state)
{
    (void)state;
    static const struct {
        const char *play;
        const char *told;
    } cases[] = {
        {"accept", "0 ended sent sim-1-1"},
        {"wait 3s accept", "3000 ended sent sim-1-1"},
        {"wait 10s accept", "10000 ended sent sim-1-1"},
        {"accept wait 2s delivered",
         "0 ended sent sim-1-1; 2000 receipt delivered sim-1-1"},
        {"accept delivered",
         "0 ended sent sim-1-1; 0 receipt delivered sim-1-1"},
        {"wait 1s accept wait 1s sent wait 500ms code 034 failed",
         "1000 ended sent sim-1-1; 2000 receipt sent sim-1-1; "
         "2500 receipt failed sim-1-1 code 034"},
        {"accept wait 86400s expired wait 86400s unknown",
         "0 ended sent sim-1-1; 86400000 receipt expired sim-1-1; "
         "172800000 receipt unknown sim-1-1"},
        {"accept wait 1s reply STOP%21+%2B+now",
         "0 ended sent sim-1-1; "
         "1000 reply 15550120001 to 15550100000 STOP! + now"},
        {"reject 11", "0 ended not found 11"},
        {"wait 4s reject 88", "4000 ended congestion 88"},
        {"reject 20", "0 ended congestion 20"},
        {"reject 1", "0 ended failed 1"},
        {"reject 1041", "0 ended failed 1041"},
        {"lost", "10000 ended unknown"},
        {"wait 2s lost", "10000 ended unknown"},
        {"wait 10001ms reject 11", "10000 ended unknown"},
        /* The network took it, only too late to be heard. */
        {"wait 20s accept wait 1s delivered",
         "10000 ended unknown; 21000 receipt delivered sim-1-1"},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_test_log log;
        open_play(&log, cases[i].play);
        send_ok(&log, 0, 1);
        run(&log, 200000000);
        assert_told(&log, cases[i].told);
        assert_int_equal(OD_NEVER, log.ops->deadline_ms(log.ctx));
        od_test_log_close(&log);
    }
}

static void test_sim_text_ends_as_the_contract_says(void **state)
{
    (void)state;
    od_test_log log;
    open_play(&log, "accept failed each reject 11 each accept delivered");
    for (uint32_t i = 0; i < 3; i++) {
        send_ok(&log, i, (od_id)i + 7);
    }
    run(&log, 1000);
    const od_report *sent = &log.rows[0]->report;
    assert_int_equal(OD_REPORT_ENDED, sent->kind);
    assert_int_equal(0, sent->slot);
    assert_int_equal(7, sent->attempt);
    assert_int_equal(OD_DELIVERY_ACCEPTED, sent->delivery);
    assert_int_equal(0, sent->status);
    assert_int_equal(OD_OK, sent->fault);
    const od_report *receipt = &log.rows[1]->report;
    assert_int_equal(0, receipt->attempt);
    assert_int_equal(OD_DISPOSITION_UNDELIVERED, receipt->disposition);
    const od_report *refused = &log.rows[2]->report;
    assert_int_equal(1, refused->slot);
    assert_int_equal(8, refused->attempt);
    assert_int_equal(0, refused->network_ids_len);
    assert_int_equal(OD_DELIVERY_NONE, refused->delivery);
    assert_int_equal(OD_DISPOSITION_NONE, log.rows[4]->report.disposition);
    od_test_log_close(&log);
}

static void test_sim_text_has_an_id_for_each_part(void **state)
{
    (void)state;
    od_test_log log;
    open_play(&log, "accept wait 1s delivered");
    od_send send = od_test_log_text(0, 12, PHONE);
    send.segments = 3;
    assert_int_equal(OD_OK, log.ops->send(log.ctx, &send));
    run(&log, 5000);
    assert_told(&log, "0 ended sent sim-12-1 sim-12-2 sim-12-3; "
                      "1000 receipt delivered sim-12-1; "
                      "1000 receipt delivered sim-12-2; "
                      "1000 receipt delivered sim-12-3");
    send.attempt = 9000000000000000000;
    send.segments = OD_SEGMENTS_MAX;
    assert_int_equal(OD_OK, log.ops->send(log.ctx, &send));
    run(&log, 0);
    const od_report *end = &log.rows[log.len - 1]->report;
    assert_int_equal(OD_SEGMENTS_MAX, end->network_ids_len);
    assert_string_equal("sim-9000000000000000000-10", end->network_ids[9]);
    od_test_log_close(&log);
}

/* A restarted process has the same seed and later attempts. */
static void test_sim_text_ids_are_not_those_of_an_earlier_life(void **state)
{
    (void)state;
    char first[64];
    od_test_log log;
    open_play(&log, "accept wait 1s delivered");
    send_ok(&log, 0, 1);
    od_test_log_run(&log, 0);
    (void)snprintf(first, sizeof first, "%s",
                   log.rows[0]->report.network_ids[0]);
    od_test_log_close(&log);

    open_play(&log, "accept wait 1s delivered");
    send_ok(&log, 0, 2);
    run(&log, 100000);
    assert_int_equal(2, log.len);
    for (size_t i = 0; i < log.len; i++) {
        assert_string_not_equal(first, log.rows[i]->report.network_ids[0]);
    }
    od_test_log_close(&log);
}

static void test_sim_text_each_has_its_own_play(void **state)
{
    (void)state;
    od_test_log log;
    open_play(&log, "reject 88 each accept wait 1s delivered");
    for (od_id i = 1; i <= 3; i++) {
        send_ok(&log, 0, i);
        run(&log, 100);
    }
    tell(&log, "lost each reject 11");
    for (od_id i = 4; i <= 5; i++) {
        send_ok(&log, (uint32_t)i, i);
    }
    run(&log, 10000);
    assert_told(&log, "0 ended congestion 88; 100 ended sent sim-2-1; "
                      "200 ended sent sim-3-1; 300 ended not found 11; "
                      "1100 receipt delivered sim-2-1; "
                      "1200 receipt delivered sim-3-1; 10300 ended unknown");
    od_test_log_close(&log);
}

/* -- what is handed over -------------------------------------------------- */

static void test_sim_text_is_handed_over_until_it_is_received(void **state)
{
    (void)state;
    od_test_log log;
    open_play(&log, "accept wait 1s delivered wait 100ms reply HELP");
    send_ok(&log, 0, 1);
    od_test_log_run(&log, 60000);
    /* Nothing is said again as long as nobody answers, and nobody spins. */
    assert_int_equal(3, log.len);
    assert_int_equal(OD_NEVER, log.ops->deadline_ms(log.ctx));

    received(&log, &log.rows[1]->report, OD_ERR_LIMIT);
    assert_int_equal(log.now.mono_ms + 1000, log.ops->deadline_ms(log.ctx));
    od_test_log_run(&log, 999);
    assert_int_equal(3, log.len);
    od_test_log_run(&log, 1);
    assert_int_equal(4, log.len);
    received(&log, &log.rows[2]->report, OD_ERR_FULL);
    received(&log, &log.rows[3]->report, OD_OK);
    od_test_log_run(&log, 60000);
    assert_told(&log, "0 ended sent sim-1-1; "
                      "1000 receipt delivered sim-1-1; "
                      "1100 reply 15550120001 to 15550100000 HELP; "
                      "61000 receipt delivered sim-1-1; "
                      "62000 reply 15550120001 to 15550100000 HELP");
    received(&log, &log.rows[4]->report, OD_OK);
    assert_int_equal(OD_NEVER, log.ops->deadline_ms(log.ctx));
    od_test_log_close(&log);
}

static void test_sim_text_takes_no_token_twice(void **state)
{
    (void)state;
    od_test_log log;
    open_play(&log, "accept delivered");
    send_ok(&log, 0, 1);
    od_test_log_run(&log, 10);
    const od_report first = log.rows[1]->report;
    /* It waits to be handed over again: it cannot be received meanwhile. */
    received(&log, &first, OD_ERR_LIMIT);
    received(&log, &first, OD_OK);
    od_test_log_run(&log, 2000);
    assert_int_equal(3, log.len);
    received(&log, &log.rows[2]->report, OD_OK);
    received(&log, &first, OD_ERR_LIMIT);
    /* Its place is used again, under another token. */
    send_ok(&log, 0, 2);
    od_test_log_run(&log, 10);
    assert_int_equal(5, log.len);
    assert_int_not_equal(first.token, log.rows[4]->report.token);
    received(&log, &first, OD_OK);
    received(&log, &log.rows[4]->report, OD_ERR_LIMIT);
    od_test_log_run(&log, 2000);
    assert_int_equal(6, log.len);
    od_test_log_close(&log);
}

/* Receives from within the sink, as it may, and sends on in the same place. */
typedef struct eager {
    const od_transport_ops *ops;
    void *ctx;
    int ends;
    int handed;
} eager;

static void on_eager_report(void *ctx, const od_report *report)
{
    eager *e = ctx;
    if (is_handed(report)) {
        e->handed++;
        e->ops->received(e->ctx, report->token,
                         e->handed % 3 == 0 ? OD_ERR_LIMIT : OD_OK);
        return;
    }
    if (report->kind == OD_REPORT_ENDED && ++e->ends < 20) {
        const od_send send = od_test_log_text(report->slot, e->ends + 1, PHONE);
        assert_int_equal(OD_OK, e->ops->send(e->ctx, &send));
    }
}

static void test_sim_text_slots_can_be_used_by_the_sink(void **state)
{
    (void)state;
    od_transport *sim = NULL;
    assert_int_equal(OD_OK, od_transport_new_sim(&sim, NULL, NULL));
    assert_int_equal(OD_OK, od_sim_text_play(sim, "15550120001",
                                             "wait 1s accept delivered reply 1",
                                             NULL));
    eager e = {.ops = od_transport_ops_get(sim),
               .ctx = od_transport_ctx_get(sim)};
    od_sink *sink = NULL;
    od_now now = {.mono_ms = 1000};
    assert_int_equal(OD_OK, od_sink_new(&sink, on_eager_report, NULL, &e));
    assert_int_equal(OD_OK, e.ops->start(e.ctx, sink, 1, &now, NULL));
    const od_send send = od_test_log_text(0, 1, PHONE);
    assert_int_equal(OD_OK, e.ops->send(e.ctx, &send));
    while ((now.mono_ms = e.ops->deadline_ms(e.ctx)) != OD_NEVER) {
        e.ops->step(e.ctx, &now, 3);
    }
    assert_int_equal(20, e.ends);
    /* Every third comes again, so that 40 of 59 are received. */
    assert_int_equal(59, e.handed);
    od_transport_free(sim);
    od_sink_free(sink);
}

/* -- replies of the host -------------------------------------------------- */

static void test_sim_text_person_writes(void **state)
{
    (void)state;
    od_test_log log;
    od_transport *sim = NULL;
    assert_int_equal(OD_OK, od_transport_new_sim(&sim, NULL, NULL));
    /* Before the engine is there, too. */
    assert_int_equal(OD_OK,
                     od_sim_reply(sim, "+15550120009", "12345", "first", NULL));
    od_test_log_open(&log, sim, 4, false);
    od_test_log_step(&log);
    assert_int_equal(OD_OK, od_sim_reply(sim, "15550120001", "+15550100000",
                                         "Gr\u00fc\u00dfe", NULL));
    assert_true(log.ops->deadline_ms(log.ctx) <= log.now.mono_ms);
    od_test_log_step(&log);
    assert_told(&log, "0 reply 15550120009 to 12345 first; "
                      "0 reply 15550120001 to 15550100000 Gr\u00fc\u00dfe");
    received(&log, &log.rows[0]->report, OD_OK);
    received(&log, &log.rows[1]->report, OD_ERR_LIMIT);
    od_test_log_run(&log, 5000);
    assert_int_equal(3, log.len);
    od_test_log_close(&log);
}

static void test_sim_text_replies_are_checked(void **state)
{
    (void)state;
    static char longest[OD_MESSAGE_MAX + 2];
    memset(longest, 'x', sizeof longest - 1);
    static const struct {
        const char *phone;
        const char *to;
        const char *text;
    } cases[] = {
        {NULL, "12345", "a"},          {"", "12345", "a"},
        {"abc", "12345", "a"},         {"15550120001", NULL, "a"},
        {"15550120001", "", "a"},      {"15550120001", "0123", "a"},
        {"15550120001", "1", NULL},    {"15550120001", "1", "\xff"},
        {"15550120001", "1", longest},
    };
    od_test_log log;
    open_sim(&log, NULL);
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_errmsg errmsg = {.text = ""};
        assert_int_equal(OD_ERR_INVALID,
                         od_sim_reply(log.transport, cases[i].phone,
                                      cases[i].to, cases[i].text, &errmsg));
        assert_true(errmsg.text[0] != '\0');
    }
    assert_int_equal(OD_ERR_INVALID,
                     od_sim_reply(NULL, "15550120001", "1", "a", NULL));
    longest[OD_MESSAGE_MAX] = '\0';
    assert_int_equal(
        OD_OK, od_sim_reply(log.transport, "15550120001", "1", longest, NULL));
    od_test_log_step(&log);
    assert_int_equal(1, log.len);
    assert_string_equal(longest, log.rows[0]->report.text);
    od_test_log_close(&log);
}

/* -- slots, trunks, limits ------------------------------------------------ */

static void test_sim_text_and_calls_share_slots(void **state)
{
    (void)state;
    od_test_log log;
    open_play(&log, "wait 2s accept");
    send_ok(&log, 3, 1);
    assert_int_equal(OD_ERR_LIMIT, od_test_log_dial(&log, 3, 2, PHONE));
    assert_int_equal(OD_OK, od_test_log_dial(&log, 4, 3, PHONE));
    assert_int_equal(OD_ERR_LIMIT, od_test_log_send(&log, 4, 4, PHONE));
    assert_int_equal(OD_ERR_LIMIT, od_test_log_send(&log, TEXTS, 4, PHONE));
    /* What is for calls does nothing to a text. */
    log.ops->hangup(log.ctx, 3);
    log.ops->play_stop(log.ctx, 3);
    assert_int_equal(OD_ERR_STATE, log.ops->digits_send(log.ctx, 3, "1"));
    od_test_log_run(&log, 2000);
    assert_int_equal(1, od_test_log_count(&log, OD_REPORT_ENDED, 1));
    assert_int_equal(OD_OK, od_test_log_dial(&log, 3, 5, PHONE));
    od_test_log_close(&log);
}

static void test_sim_text_needs_a_trunk_and_a_number(void **state)
{
    (void)state;
    od_test_log log;
    open_sim(&log, NULL);
    od_send send = od_test_log_text(0, 1, PHONE);
    static const int32_t trunks[] = {-1, 1, INT32_MAX};
    for (size_t i = 0; i < OD__LEN(trunks); i++) {
        send.trunk = trunks[i];
        assert_int_equal(OD_ERR_TRANSPORT, log.ops->send(log.ctx, &send));
    }
    assert_int_equal(OD_ERR_TRANSPORT, od_test_log_send(&log, 0, 1, 0));
    assert_int_equal(OD_OK, od_sim_trunk(log.transport, 0, false, NULL));
    assert_int_equal(OD_ERR_TRANSPORT, od_test_log_send(&log, 0, 1, PHONE));
    assert_int_equal(OD_OK, od_sim_trunk(log.transport, 0, true, NULL));
    assert_int_equal(OD_OK, od_test_log_send(&log, 0, 1, PHONE));
    od_test_log_close(&log);
}

static void test_sim_text_places_of_each_trunk(void **state)
{
    (void)state;
    od_sim_options options;
    od_sim_options_init(&options);
    options.trunks_len = 2;
    options.texts_max = 2;
    options.texts_per_second_max = 77;
    od_test_log log;
    open_sim(&log, &options);
    od_trunk_info info;
    assert_int_equal(OD_OK, log.ops->trunk_get(log.ctx, 1, &info));
    assert_int_equal(2, info.texts_max);
    assert_int_equal(77, info.texts_per_second_max);
    assert_int_equal(0, info.text_bytes_max);
    tell(&log, "wait 1s accept wait 1s delivered");
    od_send send = od_test_log_text(0, 0, PHONE);
    for (uint32_t i = 0; i < 6; i++) {
        send.slot = i;
        send.attempt = (od_id)i + 1;
        send.trunk = (int32_t)i % 2;
        assert_int_equal(i < 4 ? OD_OK : OD_ERR_LIMIT,
                         log.ops->send(log.ctx, &send));
    }
    run(&log, 10000);
    assert_told(&log, "1000 ended sent sim-1-1; 1000 ended sent sim-2-1; "
                      "1000 ended sent sim-3-1; 1000 ended sent sim-4-1; "
                      "2000 receipt delivered sim-1-1; "
                      "2000 receipt delivered sim-2-1; "
                      "2000 receipt delivered sim-3-1; "
                      "2000 receipt delivered sim-4-1");
    for (size_t i = 4; i < 8; i++) {
        assert_int_equal(i % 2, log.rows[i]->report.trunk);
    }
    od_test_log_close(&log);
}

static void test_sim_text_trunk_throttles(void **state)
{
    (void)state;
    od_sim_options options;
    od_sim_options_init(&options);
    options.congestion_tps = 2;
    od_test_log log;
    open_sim(&log, &options);
    /* What is throttled has not reached its number. */
    tell(&log, "accept each reject 11 each reject 69");
    for (uint32_t i = 0; i < 5; i++) {
        send_ok(&log, i, (od_id)i + 1);
        od_test_log_run(&log, i == 3 ? 700 : 100);
    }
    assert_told(&log, "0 ended sent sim-1-1; 100 ended not found 11; "
                      "200 ended congestion 88; 300 ended congestion 88; "
                      "1000 ended failed 69");
    /* Calls go on beside it. */
    assert_int_equal(OD_OK, od_test_log_dial(&log, 9, 9, PHONE));
    od_test_log_close(&log);
}

static void test_sim_text_ends_when_its_trunk_goes_down(void **state)
{
    (void)state;
    od_sim_options options;
    od_sim_options_init(&options);
    options.trunks_len = 2;
    od_test_log log;
    open_sim(&log, &options);
    tell(&log, "wait 5s accept wait 5s delivered each wait 5s reject 11 each "
               "lost each accept wait 1s delivered each wait 5s accept");
    od_send send = od_test_log_text(0, 0, PHONE);
    for (uint32_t i = 0; i < 5; i++) {
        send.slot = i;
        send.attempt = (od_id)i + 1;
        send.trunk = i == 4 ? 1 : 0;
        assert_int_equal(OD_OK, log.ops->send(log.ctx, &send));
    }
    run(&log, 500);
    assert_int_equal(OD_OK, od_sim_trunk(log.transport, 0, false, NULL));
    assert_int_equal(OD_OK, od_sim_trunk(log.transport, 0, false, NULL));
    assert_true(log.ops->deadline_ms(log.ctx) <= log.now.mono_ms);
    run(&log, 100000);
    /* What the network has taken, it delivers. */
    assert_told(&log, "0 ended sent sim-4-1; 500 trunk down; "
                      "500 ended unknown; 500 ended unknown; "
                      "500 ended unknown; 1000 receipt delivered sim-4-1; "
                      "5000 ended sent sim-5-1; "
                      "10000 receipt delivered sim-1-1");
    for (od_id i = 1; i <= 5; i++) {
        assert_int_equal(1, od_test_log_count(&log, OD_REPORT_ENDED, i));
    }
    od_test_log_close(&log);
}

/* -- the same far end ----------------------------------------------------- */

static od_sim_options mixed(uint64_t seed)
{
    od_sim_options options;
    od_sim_options_init(&options);
    options.seed = seed;
    options.texts = (od_sim_text_model){.not_found = 50,
                                        .failed = 50,
                                        .throttled = 50,
                                        .unanswered = 50,
                                        .undelivered = 100,
                                        .expired = 100,
                                        .silent = 100,
                                        .replies = 300,
                                        .opt_outs = 200};
    return options;
}

/* Send to 60 numbers in some order, with reports taken in as `reports_max`
 * says and received well or badly. Gives the lines in the order of phones. */
static void far_end(uint64_t seed, od__rand *rand, size_t reports_max,
                    char (*lines)[512])
{
    od_sim_options options = mixed(seed);
    od_test_log log;
    open_sim(&log, &options);
    log.reports_max = reports_max;
    uint32_t order[60] = {0};
    for (uint32_t i = 0; i < 60; i++) {
        uint32_t at = (uint32_t)od__rand_below(rand, i + 1);
        order[i] = order[at];
        order[at] = i;
    }
    for (uint32_t i = 0; i < 60; i++) {
        assert_int_equal(OD_OK,
                         od_test_log_send(&log, order[i], (od_id)order[i] + 1,
                                          PHONE + order[i]));
        lines[i][0] = '\0';
    }
    size_t done = 0;
    for (int i = 0; i < 20000; i++) {
        od_test_log_advance(&log, log.now.mono_ms + 20000);
        for (; done < log.len; done++) {
            od_report *r = &log.rows[done]->report;
            if (!is_handed(r)) {
                continue;
            }
            bool well = od__rand_below(rand, 2) == 0;
            received(&log, r, well ? OD_OK : OD_ERR_LIMIT);
            r->slot = well ? 1 : 0;
        }
    }
    for (size_t i = 0; i < log.len; i++) {
        const od_report *r = &log.rows[i]->report;
        uint64_t phone = r->kind == OD_REPORT_REPLY ? r->from - PHONE
                         : r->kind == OD_REPORT_ENDED
                             ? (uint64_t)r->attempt - 1
                             : strtoull(r->network_ids[0] + 4, NULL, 10) - 1;
        if (r->kind == OD_REPORT_ENDED || r->slot == 1) {
            size_t len = strlen(lines[phone]);
            od__writer writer;
            od__writer_init(&writer, lines[phone] + len, 512 - len);
            say(&writer, r);
            od__write(&writer, "; ");
            assert_false(writer.full);
        }
    }
    assert_int_equal(OD_NEVER, log.ops->deadline_ms(log.ctx));
    od_test_log_close(&log);
}

static void test_sim_text_far_end_is_the_same_in_any_order(void **state)
{
    (void)state;
    static char first[60][512];
    static char again[60][512];
    od__rand rand = {.state = od_test_seed(41)};
    far_end(7, &rand, 1000, first);
    for (size_t turn = 0; turn < 6; turn++) {
        far_end(7, &rand, turn % 2 == 0 ? 1 : 1000, again);
        for (size_t i = 0; i < 60; i++) {
            assert_string_equal(first[i], again[i]);
        }
    }
    far_end(8, &rand, 1000, again);
    size_t same = 0;
    for (size_t i = 0; i < 60; i++) {
        same += strcmp(first[i], again[i]) == 0 ? 1 : 0;
    }
    assert_true(same < 50);
}

/* Texts draw from streams of their own: calls do not notice them. */
static void test_sim_text_leaves_calls_as_they_were(void **state)
{
    (void)state;
    char calls[2][4096];
    for (size_t with = 0; with < 2; with++) {
        od_sim_options options = mixed(3);
        od_test_log log;
        open_sim(&log, &options);
        od__writer writer;
        od__writer_init(&writer, calls[with], sizeof calls[with]);
        for (uint32_t i = 0; i < 40; i++) {
            uint64_t phone = PHONE + i % 10;
            if (with == 1) {
                assert_int_equal(OD_OK,
                                 od_test_log_send(&log, 1, 1000 + i, phone));
            }
            assert_int_equal(OD_OK,
                             od_test_log_dial(&log, 0, (od_id)i + 1, phone));
            int64_t begin_ms = log.now.mono_ms;
            od_test_log_run(&log, 30000);
            log.ops->hangup(log.ctx, 0);
            const od_test_row *end = od_test_log_await(&log, OD_REPORT_ENDED,
                                                       (od_id)i + 1, 1, 100000);
            od__write(&writer, "%d %" PRId64 "; ", (int)end->report.status,
                      end->at_ms - begin_ms);
        }
        assert_false(writer.full);
        od_test_log_close(&log);
    }
    assert_string_equal(calls[0], calls[1]);
}

/* Steps may be late: what is due comes in its order, once. */
static void test_sim_text_late_steps_change_nothing(void **state)
{
    (void)state;
    od_test_log log;
    open_play(&log, "wait 1s accept wait 1s sent wait 1s delivered");
    send_ok(&log, 0, 1);
    send_ok(&log, 1, 2);
    log.now.mono_ms += 60000;
    od_test_log_step(&log);
    assert_told(&log, "60000 ended sent sim-1-1; 60000 ended sent sim-2-1; "
                      "60000 receipt sent sim-1-1; 60000 receipt sent sim-2-1; "
                      "60000 receipt delivered sim-1-1; "
                      "60000 receipt delivered sim-2-1");
    od_test_log_close(&log);
}

/* More notes than there is room at first, in any order of their times. */
static void test_sim_text_many_wait_for_long(void **state)
{
    (void)state;
    od_sim_options options;
    od_sim_options_init(&options);
    options.texts.receipt_ms_min = 1;
    options.texts.receipt_ms_max = 80000000;
    od_test_log log;
    open_sim(&log, &options);
    size_t sent = 0;
    for (int round = 0; round < 60; round++) {
        for (uint32_t i = 0; i < TEXTS; i++) {
            sent++;
            assert_int_equal(
                OD_OK, od_test_log_send(&log, i, (od_id)sent, PHONE + sent));
        }
        od_test_log_step(&log);
    }
    run(&log, 80000000);
    assert_int_equal(2 * sent, log.len);
    for (size_t i = sent; i < log.len; i++) {
        assert_int_equal(OD_REPORT_RECEIPT, log.rows[i]->report.kind);
        assert_true(log.rows[i]->at_ms >= log.rows[i - 1]->at_ms);
    }
    od_test_log_close(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sim_text_happens_at_its_times),
        cmocka_unit_test(test_sim_text_ends_as_the_contract_says),
        cmocka_unit_test(test_sim_text_has_an_id_for_each_part),
        cmocka_unit_test(test_sim_text_ids_are_not_those_of_an_earlier_life),
        cmocka_unit_test(test_sim_text_each_has_its_own_play),
        cmocka_unit_test(test_sim_text_is_handed_over_until_it_is_received),
        cmocka_unit_test(test_sim_text_takes_no_token_twice),
        cmocka_unit_test(test_sim_text_slots_can_be_used_by_the_sink),
        cmocka_unit_test(test_sim_text_person_writes),
        cmocka_unit_test(test_sim_text_replies_are_checked),
        cmocka_unit_test(test_sim_text_and_calls_share_slots),
        cmocka_unit_test(test_sim_text_needs_a_trunk_and_a_number),
        cmocka_unit_test(test_sim_text_places_of_each_trunk),
        cmocka_unit_test(test_sim_text_trunk_throttles),
        cmocka_unit_test(test_sim_text_ends_when_its_trunk_goes_down),
        cmocka_unit_test(test_sim_text_far_end_is_the_same_in_any_order),
        cmocka_unit_test(test_sim_text_leaves_calls_as_they_were),
        cmocka_unit_test(test_sim_text_late_steps_change_nothing),
        cmocka_unit_test(test_sim_text_many_wait_for_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
