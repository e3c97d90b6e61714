/*
 * cmd_simulate.c - `outdial simulate`: what would a campaign do from here on?
 *
 * The database is copied and the copy dialed over a simulated carrier. Time is
 * what this program says it is: each turn goes straight to the engine's next
 * deadline, so that days pass in seconds. The database itself is not changed.
 *
 * A campaign of texts may end before it is known what became of them. That, and
 * what people reply, is waited for.
 */
#include "cli.h"

#include <stdlib.h>

#define DAY_MS ((int64_t)86400000)
#define MINUTE_MS 60000

struct simulate_options {
    cli_carrier carrier;
    cli_list registries;
    int64_t at;
    int64_t days;
    int64_t calls;
    const char *keep;
};

#define AT(field) offsetof(struct simulate_options, field)

#define PERCENT_OF_TEXTS(option, field, words)                                 \
    {                                                                          \
        .name = option, .value = "PERCENT", .kind = CLI_INT,                   \
        .offset = AT(carrier.crowd.texts.field), .min = 0, .max = 100,         \
        .help = words                                                          \
    }

static const cli_option simulate_table[] = {
    {.name = "seed",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(carrier.seed),
     .min = 1,
     .max = UINT32_MAX,
     .help = "another number, another crowd; default 1"},
    {.name = "answer",
     .value = "PERCENT",
     .kind = CLI_INT,
     .offset = AT(carrier.crowd.answer),
     .min = 0,
     .max = 100,
     .help = "how many answer"},
    {.name = "busy",
     .value = "PERCENT",
     .kind = CLI_INT,
     .offset = AT(carrier.crowd.busy),
     .min = 0,
     .max = 100,
     .help = "how many are busy"},
    {.name = "declined",
     .value = "PERCENT",
     .kind = CLI_INT,
     .offset = AT(carrier.crowd.declined),
     .min = 0,
     .max = 100,
     .help = "how many decline"},
    {.name = "not-found",
     .value = "PERCENT",
     .kind = CLI_INT,
     .offset = AT(carrier.crowd.not_found),
     .min = 0,
     .max = 100,
     .help = "how many numbers do not exist"},
    {.name = "congestion",
     .value = "PERCENT",
     .kind = CLI_INT,
     .offset = AT(carrier.crowd.congestion),
     .min = 0,
     .max = 100,
     .help = "how often the trunk is full"},
    {.name = "voicemail",
     .value = "PERCENT",
     .kind = CLI_INT,
     .offset = AT(carrier.crowd.voicemail),
     .min = 0,
     .max = 100,
     .help = "how many are answered by a machine"},
    {.name = "failed",
     .value = "PERCENT",
     .kind = CLI_INT,
     .offset = AT(carrier.crowd.failed),
     .min = 0,
     .max = 100,
     .help = "how many calls fail with status 500"},
    {.name = "brief",
     .value = "PERCENT",
     .kind = CLI_INT,
     .offset = AT(carrier.crowd.brief),
     .min = 0,
     .max = 100,
     .help = "of those that answer: hang up within a second; default 0"},
    {.name = "opt-out",
     .value = "PERCENT",
     .kind = CLI_INT,
     .offset = AT(carrier.crowd.opt_out),
     .min = 0,
     .max = 100,
     .help = "of the people who answer: press the opt-out key; default 0"},
    {.name = "opt-out-key",
     .value = "KEY",
     .kind = CLI_TEXT,
     .offset = AT(carrier.crowd.opt_out_key),
     .help = "the one that they press; default 9"},
    {.name = "ring-min",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(carrier.crowd.ring_min),
     .min = 0,
     .max = 120000,
     .help = "shortest time to an answer; default 2s"},
    {.name = "ring-max",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(carrier.crowd.ring_max),
     .min = 0,
     .max = 120000,
     .help = "longest; default 20s"},
    {.name = "talk-min",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(carrier.crowd.talk_min),
     .min = 0,
     .max = 3600000,
     .help = "soonest somebody hangs up; default 60s"},
    {.name = "talk-max",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(carrier.crowd.talk_max),
     .min = 0,
     .max = 3600000,
     .help = "latest; default 60s"},
    {.name = "talk",
     .value = "uniform|exponential",
     .kind = CLI_WORD,
     .offset = AT(carrier.crowd.talk),
     .help = "how the time between is spread; exponential: most are short; "
             "default uniform"},
    {.name = "machine-after",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(carrier.crowd.machine_after),
     .min = 0,
     .max = 60000,
     .help = "a machine is known as one so long after it answered; default 0"},
    {.name = "keys",
     .value = "KEYS",
     .kind = CLI_TEXT,
     .offset = AT(carrier.crowd.keys),
     .help = "one of these is pressed, each alike; default 1"},
    {.name = "key-after",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(carrier.crowd.key_after),
     .min = 0,
     .max = 60000,
     .help = "so long after a prompt begins; default 2s"},
    PERCENT_OF_TEXTS("text-not-found", not_found,
                     "of texts: how many numbers do not exist; default 0"),
    PERCENT_OF_TEXTS("text-failed", failed,
                     "how many the network refuses for another reason; "
                     "default 0"),
    PERCENT_OF_TEXTS("text-throttled", throttled,
                     "how many it refuses because they come too fast; default "
                     "0"),
    PERCENT_OF_TEXTS("text-unanswered", unanswered,
                     "of how many it does not say whether it took them; "
                     "default 0"),
    PERCENT_OF_TEXTS("text-undelivered", undelivered,
                     "of those that it takes: not delivered; default 0"),
    PERCENT_OF_TEXTS("text-expired", expired,
                     "of those that it takes: not delivered in time; default "
                     "0"),
    PERCENT_OF_TEXTS("text-silent", silent,
                     "of those that it takes: nothing more is heard; default "
                     "0"),
    PERCENT_OF_TEXTS("text-replies", replies,
                     "of those delivered: answered by --text-reply; default "
                     "0"),
    PERCENT_OF_TEXTS("text-opt-outs", opt_outs,
                     "of those delivered: answered by STOP; default 0"),
    {.name = "text-reply",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .offset = AT(carrier.crowd.texts.reply),
     .help = "what is replied, at most 23 bytes; default 1"},
    {.name = "text-receipt-min",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(carrier.crowd.texts.receipt_min),
     .min = 0,
     .max = DAY_MS,
     .help = "soonest it is known what became of a text; default 1s"},
    {.name = "text-receipt-max",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(carrier.crowd.texts.receipt_max),
     .min = 0,
     .max = DAY_MS,
     .help = "latest; default 5s"},
    {.name = "text-reply-after",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(carrier.crowd.texts.reply_after),
     .min = 1,
     .max = DAY_MS,
     .help = "a reply comes so long after the delivery; default 1m"},
    {.name = "range",
     .value = "PREFIX:KEY=VALUE,...",
     .kind = CLI_LIST,
     .offset = AT(carrier.ranges),
     .help = "how the numbers that begin so behave instead; the keys are the "
             "options above, such as \"+1212:answer=80,voicemail=20\""},
    {.name = "play",
     .value = "PHONE=PLAY",
     .kind = CLI_LIST,
     .offset = AT(carrier.plays),
     .help = "how one number behaves, such as \"+12125550123=ring 4s answer "
             "wait 3s press 2 hangup\""},
    {.name = "text-play",
     .value = "PHONE=PLAY",
     .kind = CLI_LIST,
     .offset = AT(carrier.text_plays),
     .help = "what becomes of texts to one number, such as \"+12125550123="
             "accept wait 2s delivered reply STOP\""},
    {.name = "trunks",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(carrier.trunks),
     .min = 1,
     .max = OD_TRUNKS_MAX,
     .help = "ways out, all alike; default 1"},
    {.name = "trunk-calls",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(carrier.trunk_calls),
     .min = 1,
     .max = 20000,
     .help = "most calls at once that each is given; default 20000"},
    {.name = "trunk-cps",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(carrier.trunk_cps),
     .min = 1,
     .max = 10000,
     .help = "most new calls a second that each is given; default 10000"},
    {.name = "trunk-tps",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(carrier.trunk_tps),
     .min = 1,
     .max = 10000,
     .help = "most texts a second that each is given; default 10000"},
    {.name = "congestion-tps",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(carrier.congestion_tps),
     .min = 1,
     .max = 10000,
     .help = "each throttles what comes faster; default none"},
    {.name = "congestion-cps",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(carrier.congestion_cps),
     .min = 1,
     .max = 10000,
     .help = "each refuses more new calls a second with 503; default none"},
    {.name = "congestion-calls",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(carrier.congestion_calls),
     .min = 1,
     .max = 20000,
     .help = "each refuses more calls at once with 503; default none"},
    {.name = "retry-after",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(carrier.retry_after),
     .min = 0,
     .max = 86400000,
     .help = "Retry-After of these; default none"},
    {.name = "registry",
     .value = "FILE",
     .kind = CLI_LIST,
     .offset = AT(registries),
     .help = "a registry file to ask, made by dnc build"},
    {.name = "at",
     .value = "TIME",
     .kind = CLI_TIME,
     .offset = AT(at),
     .help = "when it begins; default now"},
    {.name = "days",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(days),
     .min = 1,
     .max = 3650,
     .help = "where it ends if the campaign has not; default 30"},
    {.name = "calls",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(calls),
     .min = 1,
     .max = 20000,
     .help = "most calls at once, over all campaigns; default 100"},
    {.name = "keep",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = AT(keep),
     .help = "keep the copy of the database, to look into"},
    {0},
};

/* Swap c->engine for one on the copy, in virtual time. */
static cli_exit open_copy(cli *c, const struct simulate_options *given,
                          const cli_copy *copy, const od_now *now)
{
    od_engine_options options;
    od_transport *sim = NULL;
    od_storage *storage = NULL;
    od_errmsg errmsg = {""};
    cli_exit rc = cli_carrier_make(c, &given->carrier, &sim);
    if (rc != CLI_OK) {
        return rc;
    }
    od_engine_free(c->engine);
    c->engine = NULL;
    od_err err = cli_copy_open(copy, &storage, &errmsg);
    if (err != OD_OK) {
        od_transport_free(sim);
        return cli_fail_text(copy->path, err, &errmsg);
    }
    od_engine_options_init(&options);
    int64_t seed = given->carrier.seed;
    options.calls_max = given->calls != CLI_UNSET ? (int32_t)given->calls : 100;
    options.seed = seed != CLI_UNSET ? (uint64_t)seed : 1;
    rc = cli_engine_open(c, copy->path, storage, &options, sim, now);
    return rc == CLI_OK ? cli_registries_attach(c, &given->registries) : rc;
}

/* Is a campaign of the command line still under way? */
static bool is_active(cli *c, const od_id *ids, int len)
{
    for (int i = 0; i < len; i++) {
        od_campaign campaign;
        if (od_campaign_get(c->engine, ids[i], &campaign) == OD_OK &&
            (campaign.state == OD_CAMPAIGN_RUNNING ||
             campaign.state == OD_CAMPAIGN_SCHEDULED)) {
            return true;
        }
    }
    return false;
}

/* Has the network still to say what became of a text? */
static bool is_awaited(cli *c, const od_id *ids, int len)
{
    for (int i = 0; i < len; i++) {
        od_campaign_stats stats;
        if (od_campaign_stats_get(c->engine, ids[i], &stats) == OD_OK &&
            stats.delivery_by[OD_DELIVERY_ACCEPTED] +
                    stats.delivery_by[OD_DELIVERY_SENT] >
                0) {
            return true;
        }
    }
    return false;
}

static void show(cli *c, cli_progress *progress, od_id campaign, int64_t utc_ms)
{
    od_campaign_stats stats;
    char when[CLI_TIME_SIZE];
    if (progress->shown &&
        od_campaign_stats_get(c->engine, campaign, &stats) == OD_OK) {
        cli_time_text(utc_ms, when);
        cli_progress_show(progress, stats.finished + stats.blocked,
                          stats.contacts, when);
    }
}

/* What there is to wait for. */
struct passage {
    bool active;          /* a campaign is under way */
    int64_t until_utc_ms; /* what follows a text may come until then */
    int64_t tail_ms;
};

static void take_events(cli *c, const od_id *ids, const od_now *now,
                        struct passage *passage)
{
    od_event event;
    while (od_engine_next_event(c->engine, &event)) {
        if (event.type == OD_EVENT_CAMPAIGN_STATE) {
            passage->active = is_active(c, ids, c->operands_len);
        } else if (event.type == OD_EVENT_MESSAGE ||
                   event.type == OD_EVENT_REPLY) {
            passage->until_utc_ms = now->utc_ms + passage->tail_ms;
        }
    }
}

/* Go from deadline to deadline until all are done or time is up. */
static cli_exit pass_time(cli *c, const od_id *ids, od_now *now,
                          int64_t end_utc_ms, int64_t tail_ms)
{
    cli_progress progress;
    struct passage passage = {.active = true, .tail_ms = tail_ms};
    cli_signals_catch();
    cli_progress_begin(&progress, "simulate");
    while (now->utc_ms < end_utc_ms && cli_signals_caught() == 0) {
        od_err err = od_engine_step(c->engine, now);
        if (err != OD_OK) {
            cli_progress_end(&progress);
            return cli_fail(c, err, "simulate");
        }
        take_events(c, ids, now, &passage);
        int64_t deadline = od_engine_deadline_ms(c->engine);
        int64_t ahead = deadline > now->mono_ms ? deadline - now->mono_ms : 0;
        if (deadline == OD_NEVER ||
            (!passage.active && now->utc_ms + ahead > passage.until_utc_ms &&
             !is_awaited(c, ids, c->operands_len))) {
            break;
        }
        now->utc_ms += ahead;
        now->mono_ms += ahead;
        show(c, &progress, ids[0], now->utc_ms);
    }
    cli_progress_end(&progress);
    return CLI_OK;
}

static cli_exit report(cli *c, const od_id *ids, int64_t begin_utc_ms,
                       int64_t end_utc_ms)
{
    char begin[CLI_TIME_SIZE];
    char end[CLI_TIME_SIZE];
    cli_exit rc = CLI_OK;
    if (!c->json) {
        cli_time_text(begin_utc_ms, begin);
        cli_time_text(end_utc_ms, end);
        (void)printf("from %s\nto   %s\n\n", begin, end);
    }
    for (int i = 0; i < c->operands_len && rc == CLI_OK; i++) {
        rc = cli_results_print(c, ids[i]);
    }
    return rc == CLI_OK && cli_signals_caught() > 0 ? CLI_INTERRUPTED : rc;
}

static cli_exit play(cli *c, const struct simulate_options *given,
                     const cli_copy *copy)
{
    od_id *ids = calloc((size_t)c->operands_len, sizeof *ids);
    od_now now;
    od_now_read(&now);
    now.utc_ms = given->at != CLI_UNSET ? given->at : now.utc_ms;
    int64_t begin = now.utc_ms;
    int64_t days = given->days != CLI_UNSET ? given->days : 30;
    cli_exit rc = ids != NULL ? open_copy(c, given, copy, &now) : CLI_FAILURE;
    for (int i = 0; i < c->operands_len && rc == CLI_OK; i++) {
        rc = cli_campaign_begin(c, c->operands[i], &ids[i]);
    }
    if (rc == CLI_OK) {
        int64_t reply_ms = given->carrier.crowd.texts.reply_after;
        reply_ms = reply_ms != CLI_UNSET ? reply_ms : CLI_REPLY_AFTER_MS;
        rc = pass_time(c, ids, &now, begin + days * DAY_MS,
                       reply_ms + MINUTE_MS);
    }
    if (rc == CLI_OK) {
        rc = report(c, ids, begin, now.utc_ms);
    }
    free(ids);
    return rc;
}

static cli_exit simulate(cli *c, const void *values)
{
    const struct simulate_options *given = values;
    cli_copy copy;
    cli_exit rc = cli_copy_make(c, given->keep, &copy);
    if (rc == CLI_OK) {
        rc = play(c, given, &copy);
    }
    od_engine_free(c->engine);
    c->engine = NULL;
    cli_copy_remove(&copy);
    return rc;
}

const cli_command cli_simulate_commands[] = {
    {.name = "simulate",
     .operands = "CAMPAIGN...",
     .summary =
         "play a campaign through in simulated time and print its results",
     .notes =
         "Works on a copy of the database, in TMPDIR or in memory; nothing is "
         "dialed and nothing is changed. Campaigns that are named are started; "
         "others that are running run as well.\n"
         "\n"
         "Of those who are called 60 % answer, 10 % are busy, 5 % decline and "
         "2 % of the numbers do not exist; the rest does not answer. If one "
         "share is given, those that are not are 0. A range has the same "
         "defaults. Texts are delivered within 5 seconds, and nobody "
         "replies; a range in which nothing is said of them does as all "
         "others do. Receipts and replies are waited for, also when a "
         "campaign is complete.\n",
     .options = simulate_table,
     .options_size = sizeof(struct simulate_options),
     .run = simulate},
    {0},
};
