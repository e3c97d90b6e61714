/*
 * test_sim_model.c - what numbers do that were told nothing: shares, machines,
 * keys, lengths, and that all of it depends on the seed alone.
 */
#include "support/test.h"

#include "media/media.h"
#include "support/report_log.h"
#include "transport/transport.h"

#include <inttypes.h>

#define PHONE 15550120001
#define BEGIN_MS 1000 /* where virtual time begins */

/* -- helpers -------------------------------------------------------------- */

static void open_sim(od_test_log *log, const od_sim_options *options,
                     uint32_t calls_max)
{
    od_transport *sim = NULL;
    od_errmsg errmsg = {.text = ""};
    if (od_transport_new_sim(&sim, options, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    od_test_log_open(log, sim, calls_max, false);
}

static const od_prompt *new_prompt(int64_t ms)
{
    static int16_t samples[8 * 60000];
    const od_prompt *prompt = NULL;
    assert_int_equal(OD_OK,
                     od__prompt_new(&prompt, samples, (size_t)ms * 8, NULL));
    return prompt;
}

/* Is a count what a share of `of` gives, within five deviations at most? */
static void assert_share(size_t count, size_t of, int32_t share)
{
    double mean = (double)of * share / 1000;
    double off = (double)count - mean;
    if (off * off > 25 * mean * (1000 - share) / 1000) {
        fail_msg("%zu of %zu are no share of %d", count, of, (int)share);
    }
}

/* -- the model ------------------------------------------------------------ */

#define CROWD 2000

/* Call a crowd once, in this order, and note how each call went. */
static void call_crowd(uint64_t seed, bool backwards, int64_t width_ms,
                       int64_t ended_ms[CROWD], int32_t statuses[CROWD])
{
    od_sim_options options;
    od_sim_options_init(&options);
    options.seed = seed;
    od_test_log log;
    open_sim(&log, &options, CROWD);
    log.reports_max = 100000;
    for (uint32_t i = 0; i < CROWD; i++) {
        uint32_t person = backwards ? CROWD - 1 - i : i;
        assert_int_equal(OD_OK,
                         od_test_log_dial(&log, i, person + 1, PHONE + person));
    }
    for (int64_t passed_ms = 0; passed_ms < 120000; passed_ms += width_ms) {
        log.now.mono_ms += width_ms;
        od_test_log_step(&log);
    }
    for (uint32_t i = 0; i < CROWD; i++) {
        ended_ms[i] = 0;
        statuses[i] = 0;
    }
    for (size_t i = 0; i < log.len; i++) {
        const od_report *r = &log.rows[i]->report;
        if (r->kind == OD_REPORT_ENDED) {
            ended_ms[r->attempt - 1] = log.rows[i]->at_ms;
            statuses[r->attempt - 1] = r->status;
        }
    }
    od_test_log_close(&log);
}

static size_t count_status(const int32_t statuses[CROWD], int32_t status)
{
    size_t count = 0;
    for (size_t i = 0; i < CROWD; i++) {
        count += statuses[i] == status ? 1 : 0;
    }
    return count;
}

static int64_t ended[3][CROWD];
static int32_t statuses[3][CROWD];

static void test_sim_model_keeps_its_shares(void **state)
{
    (void)state;
    call_crowd(od_test_seed(7), false, 1000, ended[0], statuses[0]);
    static const int32_t expected[][2] = {{200, 600}, {486, 100}, {603, 50},
                                          {404, 20},  {503, 0},   {0, 230}};
    for (size_t i = 0; i < OD__LEN(expected); i++) {
        assert_share(count_status(statuses[0], expected[i][0]), CROWD,
                     expected[i][1]);
    }
}

static void test_sim_model_does_not_depend_on_order(void **state)
{
    (void)state;
    call_crowd(42, false, 100, ended[0], statuses[0]);
    call_crowd(42, true, 100, ended[1], statuses[1]);
    assert_memory_equal(statuses[0], statuses[1], sizeof statuses[0]);
    assert_memory_equal(ended[0], ended[1], sizeof ended[0]);
    /* Wider steps report later what happened at the same time. */
    call_crowd(42, false, 1000, ended[2], statuses[2]);
    assert_memory_equal(statuses[0], statuses[2], sizeof statuses[0]);
    for (size_t i = 0; i < CROWD; i++) {
        assert_int_equal((ended[0][i] + 999) / 1000 * 1000, ended[2][i]);
    }
    call_crowd(43, false, 100, ended[1], statuses[1]);
    assert_memory_not_equal(statuses[0], statuses[1], sizeof statuses[0]);
}

static void test_sim_model_second_call_differs(void **state)
{
    (void)state;
    od_sim_options options;
    od_sim_options_init(&options);
    options.model.busy = 500;
    options.model.not_found = 500;
    od_test_log log;
    open_sim(&log, &options, 1);
    size_t busy = 0;
    for (od_id attempt = 1; attempt <= 200; attempt++) {
        assert_int_equal(OD_OK, od_test_log_dial(&log, 0, attempt, PHONE));
        const od_test_row *row =
            od_test_log_await(&log, OD_REPORT_ENDED, attempt, 1, 10000);
        assert_non_null(row);
        busy += row->report.status == 486 ? 1 : 0;
    }
    assert_in_range(busy, 60, 140);
    od_test_log_close(&log);
}

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

static void test_sim_model_person_presses_keys(void **state)
{
    (void)state;
    od_sim_options options = keen();
    od_test_log log;
    const od_prompt *prompt = new_prompt(1000);
    open_sim(&log, &options, 2);
    size_t twos = 0;
    for (od_id attempt = 1; attempt <= 100; attempt++) {
        assert_int_equal(OD_OK, od_test_log_dial(&log, 0, attempt,
                                                 PHONE + (uint64_t)attempt));
        assert_non_null(
            od_test_log_await(&log, OD_REPORT_ANSWERED, attempt, 1, 1000));
        int64_t begin_ms = log.now.mono_ms;
        log.ops->play(log.ctx, 0, 1, &prompt, 1, 0);
        const od_test_row *row =
            od_test_log_await(&log, OD_REPORT_DIGIT, attempt, 1, 2000);
        assert_non_null(row);
        assert_int_equal(begin_ms + 1500, row->at_ms);
        assert_true(row->report.digit == '2' || row->report.digit == '7');
        twos += row->report.digit == '2' ? 1 : 0;
        /* One key per play, another with the next. */
        od_test_log_run(&log, 5000);
        assert_int_equal(1, od_test_log_count(&log, OD_REPORT_DIGIT, attempt));
        log.ops->play(log.ctx, 0, 2, &prompt, 1, 0);
        od_test_log_run(&log, 5000);
        assert_int_equal(2, od_test_log_count(&log, OD_REPORT_DIGIT, attempt));
        row = od_test_log_await(&log, OD_REPORT_ENDED, attempt, 1, 60000);
        assert_int_equal(begin_ms + 30000, row->at_ms);
        assert_true(row->report.remote);
    }
    assert_in_range(twos, 25, 75);
    od_test_log_close(&log);
    od_prompt_drop(prompt);
}

static void test_sim_model_person_may_stay(void **state)
{
    (void)state;
    od_sim_options options;
    od_sim_options_init(&options);
    options.model.answer = 1000;
    od_test_log log;
    open_sim(&log, &options, 1);
    assert_int_equal(OD_OK, od_test_log_dial(&log, 0, 1, PHONE));
    od_test_log_run(&log, 1000000);
    assert_int_equal(3, log.len);
    assert_int_equal(OD_REPORT_ANSWERED, log.rows[2]->report.kind);
    od_test_log_close(&log);
}

/* -- machines, failures, short and long calls ----------------------------- */

/* How one call goes with this model, as "0 answered; 3000 machine ...". */
static void expect_call(const od_sim_model *model, const char *expected)
{
    static const char *const names[] = {"?",        "progress", "ringing",
                                        "answered", "digit",    "play",
                                        "ended",    "trunk",    "machine"};
    od_sim_options options;
    od_sim_options_init(&options);
    options.model = *model;
    od_test_log log;
    open_sim(&log, &options, 1);
    assert_int_equal(OD_OK, od_test_log_dial(&log, 0, 1, PHONE));
    od_test_log_run(&log, 1000000);
    char text[256];
    od__writer writer;
    od__writer_init(&writer, text, sizeof text);
    for (size_t i = 0; i < log.len; i++) {
        const od_report *r = &log.rows[i]->report;
        od__write(&writer, "%s%" PRId64 " %s", i > 0 ? "; " : "",
                  log.rows[i]->at_ms - BEGIN_MS, names[r->kind]);
        if (r->kind == OD_REPORT_ENDED) {
            od__write(&writer, " %d", (int)r->status);
        }
    }
    assert_false(writer.full);
    assert_string_equal(expected, text);
    od_test_log_close(&log);
}

static void test_sim_model_machine_answers(void **state)
{
    (void)state;
    od_sim_model model = {.voicemail = 1000,
                          .ring_ms_min = 4000,
                          .ring_ms_max = 4000,
                          .talk_ms_min = 10000,
                          .talk_ms_max = 10000,
                          .machine_ms = 3000};
    expect_call(&model, "0 progress; 0 ringing; 4000 answered; 7000 machine; "
                        "14000 ended 200");
    model.machine_ms = 10000;
    expect_call(&model, "0 progress; 0 ringing; 4000 answered; 14000 machine; "
                        "14000 ended 200");
    /* It hangs up before anyone can tell. */
    model.machine_ms = 10001;
    expect_call(&model, "0 progress; 0 ringing; 4000 answered; "
                        "14000 ended 200");
    model.machine_ms = 0;
    expect_call(&model, "0 progress; 0 ringing; 4000 answered; 4000 machine; "
                        "14000 ended 200");
    model.talk_ms_min = model.talk_ms_max = 0;
    model.machine_ms = 500;
    expect_call(&model, "0 progress; 0 ringing; 4000 answered; 4500 machine");
}

static void test_sim_model_failure(void **state)
{
    (void)state;
    const od_sim_model model = {.failed = 1000};
    expect_call(&model, "0 progress; 200 ended 500");
}

static void test_sim_model_machine_presses_nothing(void **state)
{
    (void)state;
    od_sim_options options = keen();
    options.model.answer = 0;
    options.model.voicemail = 1000;
    options.model.opt_out = 1000;
    options.model.machine_ms = 100;
    od_test_log log;
    const od_prompt *prompt = new_prompt(1000);
    open_sim(&log, &options, 1);
    assert_int_equal(OD_OK, od_test_log_dial(&log, 0, 1, PHONE));
    assert_non_null(od_test_log_await(&log, OD_REPORT_MACHINE, 1, 1, 1000));
    log.ops->play(log.ctx, 0, 1, &prompt, 1, 0);
    assert_non_null(od_test_log_await(&log, OD_REPORT_ENDED, 1, 1, 60000));
    assert_int_equal(0, od_test_log_count(&log, OD_REPORT_DIGIT, 1));
    od_test_log_close(&log);
    od_prompt_drop(prompt);
}

static void test_sim_model_opts_out_once(void **state)
{
    (void)state;
    od_sim_options options = keen();
    options.model.opt_out = 1000;
    od_test_log log;
    const od_prompt *prompt = new_prompt(1000);
    for (int with_key = 0; with_key < 2; with_key++) {
        options.model.opt_out_key = with_key ? '#' : '\0';
        open_sim(&log, &options, 1);
        assert_int_equal(OD_OK, od_test_log_dial(&log, 0, 1, PHONE));
        assert_non_null(
            od_test_log_await(&log, OD_REPORT_ANSWERED, 1, 1, 1000));
        od_test_log_run(&log, 5000);
        int64_t begin_ms = log.now.mono_ms;
        log.ops->play(log.ctx, 0, 1, &prompt, 1, 0);
        /* The next one begins before the key, and takes it not away. */
        od_test_log_run(&log, 1000);
        log.ops->play(log.ctx, 0, 2, &prompt, 1, 0);
        od_test_log_run(&log, 5000);
        log.ops->play(log.ctx, 0, 3, &prompt, 1, 0);
        assert_non_null(od_test_log_await(&log, OD_REPORT_ENDED, 1, 1, 60000));
        assert_int_equal(1, od_test_log_count(&log, OD_REPORT_DIGIT, 1));
        const od_test_row *row = od_test_log_find(&log, OD_REPORT_DIGIT, 1, 1);
        assert_int_equal(begin_ms + 1500, row->at_ms);
        assert_int_equal(with_key ? '#' : '9', row->report.digit);
        od_test_log_close(&log);
    }
    od_prompt_drop(prompt);
}

/* -- many fates ----------------------------------------------------------- */

#define FATES 20000

/* How often each thing happened. */
typedef struct counts {
    size_t answered; /* persons and machines */
    size_t machines;
    size_t brief;
    size_t opt_outs;
    size_t statuses[700];
    size_t unanswered;
} counts;

static int32_t talk_of(const od__sim_fate *fate)
{
    int32_t talk_ms = 0;
    for (uint32_t i = 1; i < fate->words_len; i++) {
        talk_ms += fate->words[i].ms;
    }
    return talk_ms;
}

static void count_fate(counts *c, const od__sim_fate *fate)
{
    const od__sim_word *last = &fate->words[fate->words_len - 1];
    assert_in_range(fate->words_len, 1, OD__SIM_MODEL_WORDS);
    if (last->verb == OD__SIM_STATUS) {
        c->statuses[last->status]++;
    } else if (fate->words_len == 1) {
        c->unanswered++;
    } else {
        assert_int_equal(OD__SIM_ANSWER, fate->words[1].verb);
        c->answered++;
        c->machines += fate->words[2].verb == OD__SIM_MACHINE ? 1 : 0;
        c->brief += talk_of(fate) <= 1000 ? 1 : 0;
        c->opt_outs += fate->habit == OD__SIM_HABIT_OPT_OUT ? 1 : 0;
    }
}

static void test_sim_model_draws_every_share(void **state)
{
    (void)state;
    od_sim_model model = {.answer = 300,
                          .voicemail = 250,
                          .busy = 80,
                          .declined = 70,
                          .not_found = 60,
                          .congestion = 50,
                          .failed = 40,
                          .talk_ms_min = 2000,
                          .talk_ms_max = 9000,
                          .key_ms = 1,
                          .brief = 100,
                          .opt_out = 200};
    assert_int_equal(OD_OK, od__sim_model_check(&model, "the model", NULL));
    od__rand rand = {.state = od_test_seed(3)};
    counts c;
    memset(&c, 0, sizeof c);
    for (int i = 0; i < FATES; i++) {
        od__sim_fate fate;
        od__sim_model_draw(&model, &rand, &fate);
        count_fate(&c, &fate);
    }
    assert_share(c.answered, FATES, 550);
    assert_share(c.machines, FATES, 250);
    assert_share(c.statuses[486], FATES, 80);
    assert_share(c.statuses[603], FATES, 70);
    assert_share(c.statuses[404], FATES, 60);
    assert_share(c.statuses[503], FATES, 50);
    assert_share(c.statuses[500], FATES, 40);
    assert_share(c.unanswered, FATES, 150);
    assert_share(c.brief, c.answered, 100);
    assert_share(c.opt_outs, c.answered - c.machines, 200);
}

/* Without a length of talk only those that are brief hang up. */
static void test_sim_model_is_brief(void **state)
{
    (void)state;
    od_sim_model model = {.answer = 500, .voicemail = 500, .brief = 1000};
    od__rand rand = {.state = od_test_seed(4)};
    int32_t longest = 0;
    for (int i = 0; i < FATES; i++) {
        od__sim_fate fate;
        od__sim_model_draw(&model, &rand, &fate);
        assert_int_equal(OD__SIM_HANGUP, fate.words[fate.words_len - 1].verb);
        assert_in_range(talk_of(&fate), 0, 1000);
        longest = talk_of(&fate) > longest ? talk_of(&fate) : longest;
    }
    assert_in_range(longest, 990, 1000);
}

/* Draw lengths of talk; gives their mean and how many were above `limit_ms`. */
static double draw_lengths(const od_sim_model *model, uint64_t seed,
                           int32_t limit_ms, size_t *above)
{
    od__rand rand = {.state = od_test_seed(seed)};
    double sum = 0;
    *above = 0;
    for (int i = 0; i < FATES; i++) {
        od__sim_fate fate;
        od__sim_model_draw(model, &rand, &fate);
        int32_t ms = talk_of(&fate);
        assert_in_range(ms, model->talk_ms_min, model->talk_ms_max);
        sum += ms;
        *above += ms > limit_ms ? 1 : 0;
    }
    return sum / FATES;
}

static void test_sim_model_lengths_of_talk(void **state)
{
    (void)state;
    od_sim_model model = {
        .answer = 1000, .talk_ms_min = 1000, .talk_ms_max = 41000};
    size_t above = 0;
    double mean = draw_lengths(&model, 5, 31000, &above);
    assert_true(mean > 20500 && mean < 21500);
    assert_share(above, FATES, 250);

    /* Exponential of mean 10 s: half of them are above 10 ln 2 s, 1/e above
     * 10 s, and e^-4 are cut at the most: that takes 183 ms off the mean. */
    model.talk = OD_SIM_TALK_EXPONENTIAL;
    mean = draw_lengths(&model, 6, 1000 + 6931, &above);
    assert_true(mean > 10450 && mean < 11200);
    assert_share(above, FATES, 500);
    (void)draw_lengths(&model, 7, 11000, &above);
    assert_share(above, FATES, 368);
    (void)draw_lengths(&model, 8, 31000, &above);
    assert_share(above, FATES, 50);
    (void)draw_lengths(&model, 9, 40999, &above);
    assert_share(above, FATES, 18);
    model.talk_ms_min = model.talk_ms_max = 5000;
    assert_true(draw_lengths(&model, 10, 0, &above) == 5000);
    model.talk_ms_min = 0;
    model.talk_ms_max = OD__SIM_WAIT_MAX;
    (void)draw_lengths(&model, 11, OD__SIM_WAIT_MAX - 1, &above);
    assert_share(above, FATES, 18);
}

/* -- the same seed, the same far end -------------------------------------- */

#define PEOPLE 1000 /* each called twice */
#define WAVES 2
#define ROWS_MAX (PEOPLE * WAVES * 12)

typedef struct history {
    od_test_row rows[ROWS_MAX]; /* of attempt 1, then of attempt 2 ... */
    size_t len;
} history;

static const od_sim_range two_ranges[] = {
    {.prefix = "+15550122",
     .model = {.answer = 300,
               .voicemail = 600,
               .machine_ms = 2500,
               .talk_ms_max = 30000,
               .talk = OD_SIM_TALK_EXPONENTIAL}},
    {.prefix = "15550124",
     .model = {.answer = 900,
               .brief = 300,
               .opt_out = 300,
               .key_ms = 700,
               .ring_ms_max = 9000,
               .keys = "123"}},
};

/* A crowd that does everything there is. */
static od_sim_options crowd_options(uint64_t seed)
{
    od_sim_options options;
    od_sim_options_init(&options);
    options.seed = seed;
    options.ranges = two_ranges;
    options.ranges_len = OD__LEN(two_ranges);
    options.trunks_len = 3;
    options.model = (od_sim_model){.answer = 300,
                                   .busy = 100,
                                   .declined = 100,
                                   .not_found = 100,
                                   .congestion = 50,
                                   .voicemail = 200,
                                   .failed = 50,
                                   .ring_ms_max = 20000,
                                   .talk_ms_min = 500,
                                   .talk_ms_max = 40000,
                                   .key_ms = 1500,
                                   .keys = "12#",
                                   .machine_ms = 3000,
                                   .brief = 50,
                                   .opt_out = 100,
                                   .talk = OD_SIM_TALK_EXPONENTIAL};
    return options;
}

/* Play two prompts in a row to each call that was answered since `from`. */
static size_t play_to_answered(od_test_log *log, const od_prompt *prompt,
                               size_t from)
{
    const od_prompt *prompts[] = {prompt, prompt};
    size_t len = log->len;
    for (size_t i = from; i < len; i++) {
        const od_report *r = &log->rows[i]->report;
        if (r->kind == OD_REPORT_ANSWERED || r->kind == OD_REPORT_PLAY_ENDED) {
            log->ops->play(log->ctx, r->slot, r->play + 1, prompts, 2, 0);
        }
    }
    return len;
}

static uint32_t person_at(uint32_t i, bool shuffled)
{
    return shuffled ? i * 387 % PEOPLE : i; /* 387 and 1000 share no factor */
}

/* One call to everyone in some order, hung up after two minutes. */
static void call_wave(od_test_log *log, const od_prompt *prompt, uint32_t wave,
                      bool shuffled)
{
    for (uint32_t i = 0; i < PEOPLE; i++) {
        uint32_t person = person_at(i, shuffled);
        od_dial dial = {.slot = i,
                        .trunk = (int32_t)(person % 3),
                        .attempt = person * WAVES + wave + 1,
                        .to = PHONE + (uint64_t)person * 7};
        assert_int_equal(OD_OK, log->ops->dial(log->ctx, &dial));
    }
    int64_t until_ms = log->now.mono_ms + 120000;
    size_t seen = log->len;
    while (log->now.mono_ms < until_ms) {
        od_test_log_advance(log, until_ms);
        seen = play_to_answered(log, prompt, seen);
    }
    for (uint32_t i = 0; i < PEOPLE; i++) {
        log->ops->hangup(log->ctx, i);
    }
    od_test_log_run(log, 1000);
}

/* Reports of each attempt in a row; the slot is the caller's. */
static void sort_rows(const od_test_log *log, history *out)
{
    static size_t places[PEOPLE * WAVES + 2];
    memset(places, 0, sizeof places);
    assert_in_range(log->len, PEOPLE * WAVES * 2, ROWS_MAX);
    for (size_t i = 0; i < log->len; i++) {
        places[log->rows[i]->report.attempt + 1]++;
    }
    for (size_t i = 1; i < OD__LEN(places); i++) {
        places[i] += places[i - 1];
    }
    memset(out, 0, sizeof *out);
    out->len = log->len;
    for (size_t i = 0; i < log->len; i++) {
        od_test_row *row = &out->rows[places[log->rows[i]->report.attempt]++];
        *row = *log->rows[i];
        row->report.slot = 0;
        row->report.sip_call_id = NULL; /* in row->call_id */
    }
}

static void write_history(uint64_t seed, bool shuffled, history *out)
{
    od_sim_options options = crowd_options(seed);
    od_test_log log;
    const od_prompt *prompt = new_prompt(2000);
    open_sim(&log, &options, PEOPLE);
    log.reports_max = 1000000;
    for (uint32_t wave = 0; wave < WAVES; wave++) {
        call_wave(&log, prompt, wave, shuffled);
    }
    sort_rows(&log, out);
    od_test_log_close(&log);
    od_prompt_drop(prompt);
}

static void test_sim_model_repeats_every_report(void **state)
{
    (void)state;
    static history first;
    static history other;
    uint64_t seed = od_test_seed(11);
    write_history(seed, false, &first);
    size_t kinds[OD_REPORT_MACHINE + 1] = {0};
    for (size_t i = 0; i < first.len; i++) {
        kinds[first.rows[i].report.kind]++;
    }
    assert_int_equal(PEOPLE * WAVES, kinds[OD_REPORT_ENDED]);
    assert_true(kinds[OD_REPORT_MACHINE] > 100);
    assert_true(kinds[OD_REPORT_DIGIT] > 100);
    assert_true(kinds[OD_REPORT_PLAY_ENDED] > 100);

    write_history(seed, false, &other);
    assert_memory_equal(&first, &other, sizeof first);
    write_history(seed, true, &other);
    assert_memory_equal(&first, &other, sizeof first);
    write_history(seed + 1, false, &other);
    assert_memory_not_equal(&first, &other, sizeof first);
}

/* -- what is refused ------------------------------------------------------ */

static void test_sim_model_is_checked(void **state)
{
    (void)state;
    static const struct {
        od_sim_model model;
        const char *text;
    } cases[] = {
        {{.voicemail = -1}, "the share voicemail of it is -1, not 0 to 1000"},
        {{.failed = 1001}, "failed of it is 1001"},
        {{.brief = 1001}, "brief of it is 1001"},
        {{.brief = -1}, "brief"},
        {{.opt_out = -1}, "opt_out"},
        {{.opt_out = 1001, .key_ms = 1}, "opt_out"},
        {{.opt_out = 1}, "opt_out of it is 1, but key_ms is 0"},
        {{.opt_out_key = 'x'}, "opt_out_key of it is 'x'"},
        {{.answer = 500, .voicemail = 501}, "the shares of it sum up to 1001"},
        {{.failed = 1000, .not_found = 1}, "1001"},
        {{.machine_ms = -1}, "machine_ms of it is from 0 to -1"},
        {{.machine_ms = OD__SIM_WAIT_MAX + 1}, "machine_ms"},
        {{.talk = 2}, "talk of it is 2, no od_sim_talk"},
        {{.talk = -1}, "talk"},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_sim_model model = cases[i].model;
        od_errmsg errmsg = {.text = ""};
        assert_int_equal(OD_ERR_INVALID,
                         od__sim_model_check(&model, "it", &errmsg));
        if (strstr(errmsg.text, cases[i].text) == NULL) {
            fail_msg("no \"%s\" in: %s", cases[i].text, errmsg.text);
        }
    }
    od_sim_model model = {.answer = 1000, .brief = 1000, .opt_out = 0};
    assert_int_equal(OD_OK, od__sim_model_check(&model, "it", NULL));
    assert_int_equal('9', model.opt_out_key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sim_model_keeps_its_shares),
        cmocka_unit_test(test_sim_model_does_not_depend_on_order),
        cmocka_unit_test(test_sim_model_second_call_differs),
        cmocka_unit_test(test_sim_model_person_presses_keys),
        cmocka_unit_test(test_sim_model_person_may_stay),
        cmocka_unit_test(test_sim_model_machine_answers),
        cmocka_unit_test(test_sim_model_failure),
        cmocka_unit_test(test_sim_model_machine_presses_nothing),
        cmocka_unit_test(test_sim_model_opts_out_once),
        cmocka_unit_test(test_sim_model_draws_every_share),
        cmocka_unit_test(test_sim_model_is_brief),
        cmocka_unit_test(test_sim_model_lengths_of_talk),
        cmocka_unit_test(test_sim_model_repeats_every_report),
        cmocka_unit_test(test_sim_model_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
