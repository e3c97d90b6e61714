#include "support/test.h"

#include "media/media.h"
#include "support/report_log.h"
#include "transport/transport.h"

#include <inttypes.h>

#define PHONE 15550120001
#define BEGIN_MS 1000 /* where virtual time begins */

/* -- helpers -------------------------------------------------------------- */

static od_transport *new_sim(const od_sim_options *options)
{
    od_transport *sim = NULL;
    assert_int_equal(OD_OK, od_transport_new_sim(&sim, options, NULL));
    return sim;
}

static void open_sim(od_test_log *log, const od_sim_options *options,
                     uint32_t calls_max)
{
    od_test_log_open(log, new_sim(options), calls_max, false);
}

/* A call in slot 0, attempt 1, that meets this play. */
static void open_play(od_test_log *log, const char *play)
{
    open_sim(log, NULL, 4);
    od_errmsg errmsg = {.text = ""};
    if (od_sim_play(log->transport, "+15550120001", play, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    assert_int_equal(OD_OK, od_test_log_dial(log, 0, 1, PHONE));
}

/* What was reported so far as "0 progress; 300 ringing; ...", ms after begin.*/
static const char *told(const od_test_log *log)
{
    static char text[4096];
    static const char *const names[] = {"?",        "progress", "ringing",
                                        "answered", "digit",    "play",
                                        "ended",    "trunk",    "machine"};
    od__writer writer;
    od__writer_init(&writer, text, sizeof text);
    for (size_t i = 0; i < log->len; i++) {
        const od_report *r = &log->rows[i]->report;
        od__write(&writer, "%s%" PRId64 " %s", i > 0 ? "; " : "",
                  log->rows[i]->at_ms - BEGIN_MS, names[r->kind]);
        if (r->kind == OD_REPORT_DIGIT) {
            od__write(&writer, " %c", r->digit);
        } else if (r->kind == OD_REPORT_PLAY_ENDED) {
            od__write(&writer, " %d heard %" PRId64, (int)r->play, r->heard_ms);
        } else if (r->kind == OD_REPORT_ENDED) {
            od__write(&writer, " %d", (int)r->status);
        }
        if (r->retry_after_s != 0) {
            od__write(&writer, " retry %d", (int)r->retry_after_s);
        }
    }
    assert_false(writer.full);
    return text;
}

static const od_prompt *new_prompt(int64_t ms)
{
    static int16_t samples[8 * 60000];
    const od_prompt *prompt = NULL;
    assert_int_equal(OD_OK,
                     od__prompt_new(&prompt, samples, (size_t)ms * 8, NULL));
    return prompt;
}

/* -- plays of one number -------------------------------------------------- */

static void test_sim_play_happens_at_its_times(void **state)
{
    (void)state;
    static const struct {
        const char *play;
        const char *told;
    } cases[] = {
        {"ring 4s answer wait 2500ms press 12# hangup",
         "0 progress; 0 ringing; 4000 answered; 6500 digit 1; 6750 digit 2; "
         "7000 digit #; 7250 ended 200"},
        {"answer", "0 progress; 0 answered"},
        {"status 486", "0 progress; 0 ended 486"},
        {"wait 1s status 503", "0 progress; 1000 ended 503"},
        {";; ring 1s;status 603 ;", "0 progress; 0 ringing; 1000 ended 603"},
        {"ring 1s ring 2s status 480", "0 progress; 0 ringing; 3000 ended 480"},
        {"ring 0s wait 0ms answer\thangup\n",
         "0 progress; 0 ringing; 0 answered; 0 ended 200"},
        {"answer wait 2s machine press 1 hangup",
         "0 progress; 0 answered; 2000 machine; 2000 digit 1; "
         "2250 ended 200"},
        {"ring 1s answer machine",
         "0 progress; 0 ringing; 1000 answered; 1000 machine"},
        {"status 503 retry 30", "0 progress; 0 ended 503 retry 30"},
        {"ring 1s status 480 retry 86400",
         "0 progress; 0 ringing; 1000 ended 480 retry 86400"},
        {"status 503 retry 0", "0 progress; 0 ended 503"},
        {"silent", ""},
        {"ring 1s silent", "0 progress; 0 ringing"},
        {"wait 86400s answer", "0 progress; 86400000 answered"},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_test_log log;
        open_play(&log, cases[i].play);
        od_test_log_run(&log, 100000000);
        assert_string_equal(cases[i].told, told(&log));
        assert_int_equal(OD_NEVER, log.ops->deadline_ms(log.ctx));
        od_test_log_close(&log);
    }
}

static void test_sim_play_refusal_names_the_word(void **state)
{
    (void)state;
    static const struct {
        const char *play;
        const char *word;
    } cases[] = {
        {"", "\"\""},
        {" ; ", "\"\""},
        {"dance", "\"dance\""},
        {"ANSWER", "\"ANSWER\""},
        {"answerx", "\"answerx\""},
        {"ring", "word 2 of the play, \"\""},
        {"ring 4", "\"4\""},
        {"ring 4m", "\"4m\""},
        {"ring s", "\"s\""},
        {"ring -4s", "\"-4s\""},
        {"ring 1.5s", "\"1.5s\""},
        {"ring 4sec", "\"4sec\""},
        {"ring 86401s", "\"86401s\""},
        {"ring 99999999999999999999s", "\"99999999999999999999s\""},
        {"ring answer", "\"answer\""},
        {"answer ring 2s", "word 2 of the play, \"ring\""},
        {"answer answer", "word 2"},
        {"answer status 486", "\"status\""},
        {"answer silent", "\"silent\""},
        {"press 1", "\"press\""},
        {"answer press", "word 3"},
        {"answer press 1x", "\"1x\""},
        {"answer press 1 hangup wait 1s", "word 5 of the play, \"wait\""},
        {"hangup", "\"hangup\""},
        {"status", "word 2"},
        {"status 200", "\"200\""},
        {"status 700", "\"700\""},
        {"status 48x", "\"48x\""},
        {"status 486 answer", "\"answer\""},
        {"silent answer", "\"answer\""},
        {"machine", "\"machine\", comes before the answer"},
        {"answer machine wait 1s machine", "word 5"},
        {"answer hangup machine", "\"machine\", comes after the end"},
        {"retry 30", "\"retry\", does not follow a status"},
        {"answer retry 30", "\"retry\", does not follow a status"},
        {"silent retry 30", "\"retry\", does not follow a status"},
        {"status 503 retry 5 retry 6", "word 5"},
        {"status 503 retry", "word 4 of the play, \"\""},
        {"status 503 retry 5s", "\"5s\""},
        {"status 503 retry 86401", "\"86401\""},
        {"status 503 retry 999999999", "\"999999999\""},
        {"status 503 answer", "\"answer\", comes after the end"},
        {"each answer", "word 1 of the play, \"each\""},
        {"answer each", "word 3 of the play, \"\""},
        {"answer each each answer", "word 3 of the play, \"each\""},
        {"answer \x1b[2J", "\"?[2J\""},
        {"answer \xff\xfe", "\"?\?\""},
    };
    od_transport *sim = new_sim(NULL);
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_errmsg errmsg = {.text = ""};
        assert_int_equal(OD_ERR_FORMAT, od_sim_play(sim, "15550120001",
                                                    cases[i].play, &errmsg));
        if (strstr(errmsg.text, cases[i].word) == NULL) {
            fail_msg("\"%s\" gives: %s", cases[i].play, errmsg.text);
        }
    }
    od_transport_free(sim);
}

static void test_sim_play_of_any_bytes_is_safe(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "ring ",   "answer ", "wait ", "press ",     "hangup ",  "status ",
        "silent ", "each ",   "4s ",   "1ms ",       "12# ",     "486 ",
        ";",       "\x80",    "x",     "99999999s ", "machine ", "retry "};
    od_transport *sim = new_sim(NULL);
    od__rand rand = {.state = od_test_seed(1)};
    size_t accepted = 0;
    for (int i = 0; i < 20000; i++) {
        char play[256] = "";
        size_t len = od__rand_below(&rand, 12);
        for (size_t k = 0; k < len; k++) {
            size_t piece = od__rand_below(&rand, OD__LEN(pieces));
            (void)strcat(play, pieces[piece]);
        }
        od_err err = od_sim_play(sim, "15550120001", play, NULL);
        assert_true(err == OD_OK || err == OD_ERR_FORMAT);
        accepted += err == OD_OK ? 1 : 0;
    }
    assert_true(accepted > 100);
    od_transport_free(sim);
}

static void test_sim_play_of_great_length(void **state)
{
    (void)state;
    char play[OD_TEXT_MAX + 2];
    memset(play, '1', sizeof play);
    memcpy(play, "answer press ", 13);
    play[sizeof play - 1] = '\0';
    od_transport *sim = new_sim(NULL);
    assert_int_equal(OD_ERR_FORMAT,
                     od_sim_play(sim, "15550120001", play, NULL));
    od_transport_free(sim);

    play[OD_TEXT_MAX] = '\0';
    od_test_log log;
    open_play(&log, play);
    od_test_log_run(&log, 10000000);
    assert_int_equal(OD_TEXT_MAX - 13,
                     od_test_log_count(&log, OD_REPORT_DIGIT, 1));
    od_test_log_close(&log);
}

static void test_sim_play_each_call_has_its_own(void **state)
{
    (void)state;
    od_test_log log;
    open_play(&log, "status 486 retry 9 each status 480 each "
                    "answer machine hangup");
    static const int32_t statuses[] = {486, 480, 200, 200, 200};
    for (size_t i = 0; i < OD__LEN(statuses); i++) {
        od_id attempt = (od_id)i + 1;
        if (i > 0) {
            assert_int_equal(OD_OK, od_test_log_dial(&log, 0, attempt, PHONE));
        }
        const od_test_row *row =
            od_test_log_await(&log, OD_REPORT_ENDED, attempt, 1, 1000);
        assert_non_null(row);
        assert_int_equal(statuses[i], row->report.status);
        assert_int_equal(i == 0 ? 9 : 0, row->report.retry_after_s);
        assert_int_equal(i >= 2 ? 1 : 0,
                         od_test_log_count(&log, OD_REPORT_MACHINE, attempt));
    }
    od_test_log_close(&log);
}

static void test_sim_play_anew_leaves_live_calls_alone(void **state)
{
    (void)state;
    od_test_log log;
    open_play(&log, "ring 1s status 486 each status 404");
    od_test_log_run(&log, 500);
    assert_int_equal(OD_OK, od_sim_play(log.transport, "15550120001",
                                        "status 603 each status 600", NULL));
    const od_test_row *row =
        od_test_log_await(&log, OD_REPORT_ENDED, 1, 1, 1000);
    assert_int_equal(486, row->report.status);
    assert_int_equal(OD_OK, od_test_log_dial(&log, 0, 2, PHONE));
    row = od_test_log_await(&log, OD_REPORT_ENDED, 2, 1, 1000);
    assert_int_equal(603, row->report.status);
    od_test_log_close(&log);
}

static void other_step(void *ctx, const od_now *now, size_t reports_max)
{
    (void)ctx;
    (void)now;
    (void)reports_max;
}

static void other_free(void *ctx)
{
    (void)ctx;
}

static void test_sim_play_checks_arguments(void **state)
{
    (void)state;
    od_transport *sim = new_sim(NULL);
    static const char *const phones[] = {"",
                                         "+",
                                         "0155501",
                                         "+1555x",
                                         "1555 0120001",
                                         "1234567890123456",
                                         "++15550120001"};
    for (size_t i = 0; i < OD__LEN(phones); i++) {
        assert_int_equal(OD_ERR_INVALID,
                         od_sim_play(sim, phones[i], "answer", NULL));
    }
    assert_int_equal(OD_ERR_INVALID, od_sim_play(NULL, "1", "answer", NULL));
    assert_int_equal(OD_ERR_INVALID, od_sim_play(sim, NULL, "answer", NULL));
    assert_int_equal(OD_ERR_INVALID, od_sim_play(sim, "1", NULL, NULL));
    /* A transport that wraps a simulated one is another kind. */
    od_transport_ops ops = *od_transport_ops_get(sim);
    ops.step = other_step;
    ops.free = other_free;
    od_transport *other = NULL;
    assert_int_equal(OD_OK, od_transport_new(&other, &ops, NULL, NULL));
    assert_int_equal(OD_ERR_INVALID, od_sim_play(other, "1", "answer", NULL));
    od_transport_free(other);
    od_transport_free(sim);
}

/* -- time ----------------------------------------------------------------- */

static void test_sim_late_step_changes_no_time(void **state)
{
    (void)state;
    od_test_log log;
    const od_prompt *prompt = new_prompt(10000);
    open_play(&log, "ring 1s answer wait 3s hangup");
    od_test_log_run(&log, 1000);
    log.ops->play(log.ctx, 0, 1, &prompt, 1, 0);
    log.now.mono_ms += 50000;
    od_test_log_step(&log);
    /* The far end hung up 3 s after it answered, however late we look. */
    const od_test_row *row = od_test_log_find(&log, OD_REPORT_ENDED, 1, 1);
    assert_non_null(row);
    assert_int_equal(3000, row->report.heard_ms);
    od_test_log_close(&log);
    od_prompt_drop(prompt);
}

static void test_sim_time_that_goes_back_is_ignored(void **state)
{
    (void)state;
    od_test_log log;
    open_play(&log, "ring 2s answer");
    od_test_log_run(&log, 1000);
    log.now.mono_ms = 0;
    od_test_log_step(&log);
    assert_int_equal(BEGIN_MS + 2000, log.ops->deadline_ms(log.ctx));
    od_test_log_close(&log);
}

static void test_sim_reports_go_on_where_they_stopped(void **state)
{
    (void)state;
    od_test_log log;
    open_play(&log, "ring 1s answer press 12");
    log.reports_max = 1;
    log.now.mono_ms += 100000;
    for (size_t i = 1; i <= 5; i++) {
        assert_true(log.ops->deadline_ms(log.ctx) <= log.now.mono_ms);
        od_test_log_step(&log);
        assert_int_equal(i, log.len);
    }
    assert_int_equal(OD_NEVER, log.ops->deadline_ms(log.ctx));
    od_test_log_close(&log);
}

/* -- our verbs ------------------------------------------------------------ */

static void test_sim_play_out_of_place_is_ignored(void **state)
{
    (void)state;
    od_test_log log;
    const od_prompt *prompt = new_prompt(100);
    open_play(&log, "ring 2s answer");
    log.ops->play(log.ctx, 0, 1, &prompt, 1, 0);
    log.ops->play(log.ctx, 3, 2, &prompt, 1, 0);
    log.ops->play(log.ctx, 999, 3, &prompt, 1, 0);
    log.ops->play_stop(log.ctx, 0);
    log.ops->play_stop(log.ctx, 999);
    log.ops->hangup(log.ctx, 999);
    assert_int_equal(OD_ERR_STATE, log.ops->digits_send(log.ctx, 0, "1"));
    assert_int_equal(OD_ERR_STATE, log.ops->digits_send(log.ctx, 999, "1"));
    od_test_log_run(&log, 5000);
    assert_string_equal("0 progress; 0 ringing; 2000 answered", told(&log));
    log.ops->hangup(log.ctx, 0);
    log.ops->play(log.ctx, 0, 4, &prompt, 1, 0);
    od_test_log_run(&log, 5000);
    assert_string_equal("0 progress; 0 ringing; 2000 answered; 5000 ended 200",
                        told(&log));
    od_test_log_close(&log);
    od_prompt_drop(prompt);
}

static void test_sim_hangup_before_an_answer(void **state)
{
    (void)state;
    static const struct {
        const char *play;
        int64_t after_ms;
        int32_t status;
    } cases[] = {
        {"ring 9s answer", 2000, 487},
        {"wait 9s answer", 2000, 487},
        {"ring 9s answer", 0, 487},
        {"ring 9s answer", -1, 0},
        {"silent", -1, 0},
        {"silent", 2000, 0},
        {"ring 1s silent", 2000, 487},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_test_log log;
        open_play(&log, cases[i].play);
        if (cases[i].after_ms >= 0) {
            od_test_log_run(&log, cases[i].after_ms);
        }
        log.ops->hangup(log.ctx, 0);
        log.ops->hangup(log.ctx, 0);
        od_test_log_run(&log, 20000);
        const od_test_row *row = od_test_log_find(&log, OD_REPORT_ENDED, 1, 1);
        assert_non_null(row);
        assert_ptr_equal(row, log.rows[log.len - 1]);
        assert_int_equal(cases[i].status, row->report.status);
        assert_int_equal(OD_OK, row->report.fault);
        assert_false(row->report.remote);
        od_test_log_close(&log);
    }
}

static void test_sim_hears_exactly(void **state)
{
    (void)state;
    od_test_log log;
    const od_prompt *prompts[] = {new_prompt(1000), new_prompt(500)};
    open_play(&log, "answer wait 5s press 1");
    od_test_log_run(&log, 100);
    log.ops->play(log.ctx, 0, 1, prompts, 2, 0);
    od_test_log_run(&log, 2000);
    log.ops->play(log.ctx, 0, 2, prompts, 2, 900);
    od_test_log_run(&log, 333);
    log.ops->play(log.ctx, 0, 3, prompts, 1, 0);
    od_test_log_run(&log, 77);
    log.ops->play_stop(log.ctx, 0);
    od_test_log_run(&log, 490);
    log.ops->play(log.ctx, 0, 4, prompts, 1, 5000);
    od_test_log_run(&log, 100);
    log.ops->play(log.ctx, 0, 5, prompts, 2, 0);
    od_test_log_run(&log, 250);
    log.ops->hangup(log.ctx, 0);
    od_test_log_run(&log, 5000);
    assert_string_equal("0 progress; 0 answered; 1600 play 1 heard 1500; "
                        "2433 play 2 heard 333; 2510 play 3 heard 77; "
                        "3000 play 4 heard 0; 3350 ended 200",
                        told(&log));
    assert_int_equal(1500 + 333 + 77 + 250,
                     log.rows[log.len - 1]->report.heard_ms);
    od_test_log_close(&log);
    od_prompt_drop(prompts[0]);
    od_prompt_drop(prompts[1]);
}

static void test_sim_plays_without_a_step_are_bounded(void **state)
{
    (void)state;
    od_test_log log;
    const od_prompt *prompt = new_prompt(1000);
    open_play(&log, "answer");
    od_test_log_run(&log, 100);
    for (int32_t i = 0; i < 50; i++) {
        log.ops->play(log.ctx, 0, i, &prompt, 1, 0);
    }
    od_test_log_run(&log, 100);
    const od_test_row *row = od_test_log_find(&log, OD_REPORT_ENDED, 1, 1);
    assert_non_null(row);
    assert_int_equal(OD_ERR_LIMIT, row->report.fault);
    od_test_log_close(&log);
    od_prompt_drop(prompt);
}

static void test_sim_dial_refuses(void **state)
{
    (void)state;
    od_test_log log;
    open_play(&log, "answer");
    assert_int_equal(OD_ERR_LIMIT, od_test_log_dial(&log, 0, 2, PHONE));
    assert_int_equal(OD_ERR_LIMIT, od_test_log_dial(&log, 4, 2, PHONE));
    assert_int_equal(OD_ERR_TRANSPORT, od_test_log_dial(&log, 1, 2, 0));
    od_dial dial = {.slot = 1, .trunk = 1, .attempt = 2, .to = PHONE};
    assert_int_equal(OD_ERR_TRANSPORT, log.ops->dial(log.ctx, &dial));
    od_test_log_run(&log, 1000);
    assert_string_equal("0 progress; 0 answered", told(&log));
    od_test_log_close(&log);
}

static void test_sim_call_id_names_the_attempt(void **state)
{
    (void)state;
    od_test_log log;
    open_play(&log, "ring 1s answer hangup");
    od_test_log_run(&log, 2000);
    assert_string_equal("sim-1", log.rows[0]->call_id);
    assert_null(log.rows[1]->report.sip_call_id);
    assert_string_equal("sim-1", log.rows[2]->call_id);
    assert_string_equal("sim-1", log.rows[3]->call_id);
    od_test_log_close(&log);
}

/* -- limits and options --------------------------------------------------- */

/* A model in which a person answers at once and presses one of two keys. */
static od_sim_options keen(void)
{
    od_sim_options options;
    od_sim_options_init(&options);
    options.model.answer = 1000;
    options.model.talk_ms_min = 30000;
    options.model.talk_ms_max = 30000;
    options.model.key_ms = 1500;
    memcpy(options.model.keys, "27", 3);
    return options;
}

static void test_sim_holds_20000_calls(void **state)
{
    (void)state;
    od_sim_options options = keen();
    od_test_log log;
    open_sim(&log, &options, 20000);
    log.reports_max = 500;
    for (uint32_t i = 0; i < 20000; i++) {
        assert_int_equal(OD_OK,
                         od_test_log_dial(&log, i, i + 1, PHONE + i * 7));
    }
    assert_int_equal(OD_ERR_LIMIT, od_test_log_dial(&log, 20000, 1, PHONE));
    od_test_log_run(&log, 30000);
    size_t ends = 0;
    for (size_t i = 0; i < log.len; i++) {
        ends += log.rows[i]->report.kind == OD_REPORT_ENDED ? 1 : 0;
    }
    assert_int_equal(20000, ends);
    assert_int_equal(20000 * 4, log.len);
    od_test_log_close(&log);
}

static void ignore_report(void *ctx, const od_report *report)
{
    (void)ctx;
    (void)report;
}

static void test_sim_start_refuses_too_many_calls(void **state)
{
    (void)state;
    od_transport *sim = new_sim(NULL);
    const od_transport_ops *ops = od_transport_ops_get(sim);
    od_sink *sink = NULL;
    assert_int_equal(OD_OK, od_sink_new(&sink, ignore_report, NULL, NULL));
    od_now now = {0, 0};
    od_errmsg errmsg;
    void *ctx = od_transport_ctx_get(sim);
    assert_int_equal(OD_ERR_INVALID, ops->start(ctx, sink, 0, &now, &errmsg));
    assert_int_equal(OD_ERR_INVALID,
                     ops->start(ctx, sink, 20001, &now, &errmsg));
    assert_non_null(strstr(errmsg.text, "20001"));
    assert_int_equal(OD_NEVER, ops->deadline_ms(ctx));
    od_transport_free(sim);
    od_sink_free(sink);
}

/* Make one with one field of the options changed; the text must name it. */
static void refuse_options(const od_sim_options *options, const char *text)
{
    od_transport *sim = NULL;
    od_errmsg errmsg = {.text = ""};
    assert_int_equal(OD_ERR_INVALID,
                     od_transport_new_sim(&sim, options, &errmsg));
    if (strstr(errmsg.text, text) == NULL) {
        fail_msg("no \"%s\" in: %s", text, errmsg.text);
    }
    assert_null(sim);
}

static void test_sim_options_are_checked(void **state)
{
    (void)state;
    static const struct {
        size_t offset;
        int32_t value;
        const char *text;
    } cases[] = {
        {offsetof(od_sim_options, calls_max), -1, "calls_max is -1"},
        {offsetof(od_sim_options, calls_max), 20001, "calls_max is 20001"},
        {offsetof(od_sim_options, calls_per_second_max), 10001,
         "calls_per_second_max"},
        {offsetof(od_sim_options, model.busy), -1, "share"},
        {offsetof(od_sim_options, model.busy), 1, "1001"},
        {offsetof(od_sim_options, model.congestion), INT32_MAX, "share"},
        {offsetof(od_sim_options, model.ring_ms_min), 5, "ring_ms"},
        {offsetof(od_sim_options, model.ring_ms_max), 86400001, "ring_ms"},
        {offsetof(od_sim_options, model.talk_ms_min), -5, "talk_ms"},
        {offsetof(od_sim_options, model.key_ms), -5, "key_ms"},
        {offsetof(od_sim_options, model.keys), 'x', "keys"},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_sim_options options = keen();
        memcpy((char *)&options + cases[i].offset, &cases[i].value,
               sizeof cases[i].value);
        refuse_options(&options, cases[i].text);
    }
    od_sim_options options = keen();
    memset(options.model.keys, '1', sizeof options.model.keys);
    refuse_options(&options, "keys");
}

static void test_sim_options_have_versions(void **state)
{
    (void)state;
    struct {
        od_sim_options known;
        int64_t unknown;
    } newer;
    memset(&newer, 0, sizeof newer);
    newer.known.size = sizeof newer;
    od_transport *sim = NULL;
    assert_int_equal(OD_OK, od_transport_new_sim(&sim, &newer.known, NULL));
    od_transport_free(sim);
    sim = NULL;
    newer.unknown = 1;
    assert_int_equal(OD_ERR_VERSION,
                     od_transport_new_sim(&sim, &newer.known, NULL));
    newer.known.size = 0;
    assert_int_equal(OD_ERR_INVALID,
                     od_transport_new_sim(&sim, &newer.known, NULL));
    assert_int_equal(OD_ERR_INVALID, od_transport_new_sim(NULL, NULL, NULL));
    assert_null(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sim_play_happens_at_its_times),
        cmocka_unit_test(test_sim_play_refusal_names_the_word),
        cmocka_unit_test(test_sim_play_of_any_bytes_is_safe),
        cmocka_unit_test(test_sim_play_of_great_length),
        cmocka_unit_test(test_sim_play_each_call_has_its_own),
        cmocka_unit_test(test_sim_play_anew_leaves_live_calls_alone),
        cmocka_unit_test(test_sim_play_checks_arguments),
        cmocka_unit_test(test_sim_late_step_changes_no_time),
        cmocka_unit_test(test_sim_time_that_goes_back_is_ignored),
        cmocka_unit_test(test_sim_reports_go_on_where_they_stopped),
        cmocka_unit_test(test_sim_play_out_of_place_is_ignored),
        cmocka_unit_test(test_sim_hangup_before_an_answer),
        cmocka_unit_test(test_sim_hears_exactly),
        cmocka_unit_test(test_sim_plays_without_a_step_are_bounded),
        cmocka_unit_test(test_sim_dial_refuses),
        cmocka_unit_test(test_sim_call_id_names_the_attempt),
        cmocka_unit_test(test_sim_holds_20000_calls),
        cmocka_unit_test(test_sim_start_refuses_too_many_calls),
        cmocka_unit_test(test_sim_options_are_checked),
        cmocka_unit_test(test_sim_options_have_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
