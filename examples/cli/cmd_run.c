/*
 * cmd_run.c - `outdial run`: dial over SIP, and text over SIP and SMPP, every
 * campaign that runs.
 *
 * The loop of a host that has nothing else to do: wait, take events, show
 * them. One process dials from a database; others may manage it meanwhile.
 */
#include "cli.h"

#include <poll.h>
#include <string.h>

#define WAIT_MS 100 /* at most; how soon a signal is seen */

struct run_options {
    cli_list trunks;
    cli_list smpps;
    cli_list registries;
    const char *address;
    int64_t port;
    int64_t rtp_min;
    int64_t rtp_max;
    int64_t media_threads;
    int64_t calls;
    int64_t answer_wait;
    int64_t every;
    bool until_done;
};

#define AT(field) offsetof(struct run_options, field)

static const cli_option run_table[] = {
    {.name = "trunk",
     .value = "SPEC",
     .kind = CLI_LIST,
     .offset = AT(trunks),
     .help = "a SIP trunk, host=NAME,..."},
    {.name = "smpp",
     .value = "SPEC",
     .kind = CLI_LIST,
     .offset = AT(smpps),
     .help = "an SMSC for texts, host=NAME,user=NAME,..."},
    {.name = "registry",
     .value = "FILE",
     .kind = CLI_LIST,
     .offset = AT(registries),
     .help = "a registry file to ask, made by dnc build; one that is renamed "
             "onto it is taken into use"},
    {.name = "address",
     .value = "IP",
     .kind = CLI_TEXT,
     .offset = AT(address),
     .help = "local address; default the one that routes to the first trunk"},
    {.name = "port",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(port),
     .min = 1,
     .max = 65535,
     .help = "local SIP port; default any"},
    {.name = "rtp-min",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(rtp_min),
     .min = 1024,
     .max = 65534,
     .help = "first local RTP port, even; default 20000"},
    {.name = "rtp-max",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(rtp_max),
     .min = 1025,
     .max = 65535,
     .help = "last local RTP port; default 29999"},
    {.name = "media-threads",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(media_threads),
     .min = 1,
     .max = 16,
     .help = "threads that send audio; default 1"},
    {.name = "calls",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(calls),
     .min = 1,
     .max = 20000,
     .help = "most calls at once, over all campaigns; default 100"},
    {.name = "answer-wait",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(answer_wait),
     .min = 0,
     .max = 1500,
     .help = "pause between answer and first audio; default 0"},
    {.name = "until-done",
     .kind = CLI_FLAG,
     .offset = AT(until_done),
     .help = "end when no campaign is running or scheduled"},
    {.name = "every",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(every),
     .min = 50,
     .max = 3600000,
     .help = "how often the monitor is shown; default 5s, on a terminal 200ms"},
    {0},
};

/* Replace a zero that means the default by what was given. */
static void set(int32_t *field, int64_t given)
{
    if (given != CLI_UNSET) {
        *field = (int32_t)given;
    }
}

static cli_exit make_sip(cli *c, const struct run_options *given,
                         od_transport **out)
{
    cli_trunk trunks[OD_TRUNKS_MAX];
    const od_sip_trunk *pointers[OD_TRUNKS_MAX];
    od_sip_options options;
    od_errmsg errmsg = {""};
    if (given->trunks.len > OD_TRUNKS_MAX) {
        return cli_usage(c, "at most %d trunks", OD_TRUNKS_MAX);
    }
    for (size_t i = 0; i < given->trunks.len; i++) {
        cli_exit rc = cli_trunk_parse(c, given->trunks.items[i], &trunks[i]);
        if (rc != CLI_OK) {
            return rc;
        }
        pointers[i] = &trunks[i].trunk;
    }
    od_sip_options_init(&options);
    options.trunks = pointers;
    options.trunks_len = given->trunks.len;
    options.address = given->address;
    set(&options.port, given->port);
    set(&options.rtp_port_min, given->rtp_min);
    set(&options.rtp_port_max, given->rtp_max);
    set(&options.media_threads, given->media_threads);
    od_err err = od_transport_new_sip(out, &options, &errmsg);
    memset(trunks, 0, sizeof trunks);
    if (err != OD_OK) {
        return cli_fail_text("run", err, &errmsg);
    }
    return CLI_OK;
}

static cli_exit make_smpp(cli *c, const struct run_options *given,
                          od_transport **out)
{
    cli_smpp accounts[OD_TRUNKS_MAX];
    const od_smpp_trunk *pointers[OD_TRUNKS_MAX];
    od_smpp_options options;
    od_errmsg errmsg = {""};
    if (given->smpps.len > OD_TRUNKS_MAX) {
        return cli_usage(c, "at most %d accounts", OD_TRUNKS_MAX);
    }
    for (size_t i = 0; i < given->smpps.len; i++) {
        cli_exit rc = cli_smpp_parse(c, given->smpps.items[i], &accounts[i]);
        if (rc != CLI_OK) {
            return rc;
        }
        pointers[i] = &accounts[i].trunk;
    }
    od_smpp_options_init(&options);
    options.trunks = pointers;
    options.trunks_len = given->smpps.len;
    od_err err = od_transport_new_smpp(out, &options, &errmsg);
    memset(accounts, 0, sizeof accounts);
    return err == OD_OK ? CLI_OK : cli_fail_text("run", err, &errmsg);
}

/* One transport of all that is given. */
static cli_exit make_transport(cli *c, const struct run_options *given,
                               od_transport **out)
{
    od_transport *parts[2] = {NULL, NULL};
    od_errmsg errmsg = {""};
    size_t len = 0;
    cli_exit rc = CLI_OK;
    if (given->trunks.len + given->smpps.len == 0) {
        return cli_usage(c, "give a --trunk, an --smpp, or both");
    }
    if (given->trunks.len > 0) {
        rc = make_sip(c, given, &parts[len++]);
    }
    if (rc == CLI_OK && given->smpps.len > 0) {
        rc = make_smpp(c, given, &parts[len++]);
    }
    if (rc == CLI_OK && len == 1) {
        *out = parts[0];
        return CLI_OK;
    }
    od_err err = OD_OK;
    if (rc == CLI_OK) {
        err = od_transport_new_joined(out, parts, len, &errmsg);
    }
    if (rc != CLI_OK || err != OD_OK) {
        od_transport_free(parts[0]);
        od_transport_free(parts[1]);
    }
    return err == OD_OK ? rc : cli_fail_text("run", err, &errmsg);
}

/* Open the store with a transport: from now on this process dials. */
static cli_exit open_engine(cli *c, const struct run_options *given)
{
    od_transport *transport = NULL;
    od_engine_options options;
    cli_exit rc = make_transport(c, given, &transport);
    if (rc != CLI_OK) {
        return rc;
    }
    od_engine_options_init(&options);
    set(&options.calls_max, given->calls);
    set(&options.answer_wait_ms, given->answer_wait);
    rc = cli_store_open(c, &options, transport);
    return rc == CLI_OK ? cli_registries_attach(c, &given->registries) : rc;
}

/* Follow every campaign that is running or scheduled; how many are? */
static size_t active_count(cli *c, cli_monitor *monitor)
{
    od_campaign_row rows[100];
    size_t active = 0;
    size_t count = 100;
    od_id after = 0;
    while (count == 100 &&
           od_campaigns_list(c->engine, after, rows, 100, &count) == OD_OK) {
        for (size_t i = 0; i < count; i++) {
            if (rows[i].state == OD_CAMPAIGN_RUNNING ||
                rows[i].state == OD_CAMPAIGN_SCHEDULED) {
                cli_monitor_follow(monitor, rows[i].id);
                active++;
            }
            after = rows[i].id;
        }
    }
    return active;
}

/* One turn of the loop. true: a campaign changed its state. */
static bool turn(cli *c, cli_monitor *monitor)
{
    bool changed = false;
    od_event event;
    if (od_engine_wait(c->engine, WAIT_MS) != OD_OK) {
        (void)poll(NULL, 0, WAIT_MS); /* the event tells; do not spin */
    }
    while (od_engine_next_event(c->engine, &event)) {
        changed = changed || event.type == OD_EVENT_CAMPAIGN_STATE;
        cli_monitor_event(monitor, &event);
        if (c->json) {
            cli_event_json(&event);
        }
    }
    if (!c->json) {
        cli_monitor_draw(monitor, false);
    }
    return changed;
}

static void work(cli *c, const struct run_options *given, cli_monitor *monitor)
{
    size_t active = active_count(c, monitor);
    cli_signals_catch();
    while (cli_signals_caught() < 2) {
        if (turn(c, monitor)) {
            active = active_count(c, monitor);
        }
        size_t live = od_engine_calls_live(c->engine);
        if (cli_signals_caught() > 0 && !monitor->stopping) {
            monitor->stopping = true;
            (void)od_engine_stop(c->engine);
        }
        bool done = given->until_done && active == 0;
        if ((done || monitor->stopping) && live == 0) {
            break;
        }
    }
    if (!c->json) {
        cli_monitor_draw(monitor, true);
    }
}

/* What became of the campaigns, and of this run. */
static cli_exit finish(cli *c, const struct run_options *given,
                       const cli_monitor *monitor)
{
    cli_exit rc = CLI_OK;
    for (size_t i = 0; i < monitor->followed_len && rc == CLI_OK; i++) {
        (void)fputs(c->json ? "" : "\n", stdout);
        rc = cli_results_print(c, monitor->followed[i]);
    }
    int signals = cli_signals_caught();
    bool early = signals > 0 && given->until_done;
    return rc != CLI_OK ? rc : early || signals > 1 ? CLI_INTERRUPTED : CLI_OK;
}

static cli_exit run(cli *c, const void *values)
{
    const struct run_options *given = values;
    cli_monitor monitor;
    cli_exit rc = open_engine(c, given);
    if (rc != CLI_OK) {
        return rc;
    }
    cli_monitor_begin(&monitor, c->engine, given->every);
    for (int i = 0; i < c->operands_len && rc == CLI_OK; i++) {
        od_id id = 0;
        rc = cli_campaign_begin(c, c->operands[i], &id);
        cli_monitor_follow(&monitor, id);
    }
    if (rc != CLI_OK) {
        return rc;
    }
    work(c, given, &monitor);
    return finish(c, given, &monitor);
}

const cli_command cli_run_commands[] = {
    {.name = "run",
     .operands = "[CAMPAIGN]...",
     .summary = "dial over SIP, text over SIP and SMPP; the campaigns that are "
                "named are started first",
     .notes = "Dials every campaign that is running, and obeys what other "
              "commands change meanwhile on the same database. Ctrl-C hangs up "
              "and ends; twice ends at once, and the calls that were live "
              "count as \"unknown\". With --json every event is a line, and "
              "the results are the last ones. Exits with 130 if a signal ended "
              "it before it was done.\n"
              "\n"
              "A trunk is written as KEY=VALUE, joined by commas:\n"
              "    host=NAME            name or address (required)\n"
              "    name=TEXT            for the call log; default trunk\n"
              "    port=N               default 5060\n"
              "    protocol=udp|tcp     default udp\n"
              "    user=TEXT            for digest authentication\n"
              "    password-file=FILE   its first line is the password\n"
              "    from-host=NAME       host part of From; default that of the "
              "trunk\n"
              "    prefix=TEXT          put before the number; default +\n"
              "    calls=N              most calls at once; default 100\n"
              "    cps=N                most new calls a second; default 10\n"
              "    texts=N              carries texts, too: most that await an "
              "answer\n"
              "    tps=N                most texts a second; default 10\n"
              "    receipts=no|yes      ask for delivery notifications\n"
              "    texts-only=no|yes    carries no calls\n"
              "\n"
              "An account at an SMSC is written so, too:\n"
              "    host=NAME            name or address (required)\n"
              "    user=TEXT            system_id (required)\n"
              "    name=TEXT            for the log; default smpp\n"
              "    port=N               default 2775, with TLS 3550\n"
              "    password-file=FILE   its first line is the password\n"
              "    type=TEXT            system_type\n"
              "    tls=no|yes           with the host's name checked\n"
              "    ca-file=FILE         certificates for that; default the "
              "system's\n"
              "    window=N             most requests that await an answer; "
              "default 10\n"
              "    tps=N                most texts a second; default 10\n"
              "    enquire=N            seconds of silence before "
              "enquire_link\n"
              "    long=udh|payload     how long texts are divided\n"
              "    alphabet=gsm|latin1  what data_coding 0 is there\n"
              "    ids=same|decimal     how receipts write message ids\n"
              "    unknown=\"001 00B\"    receipt codes: no such number\n",
     .options = run_table,
     .options_size = sizeof(struct run_options),
     .opens = CLI_OPENS_ITSELF,
     .run = run},
    {0},
};
