/*
 * cmd_report.c - `outdial campaign list`, `status`, `results`, `calls`,
 * `answers`, `export`: reading what a campaign is and did.
 */
#include "cli.h"

#include <string.h>

#define PAGE 100

/* The campaign that the first operand names. */
static cli_exit named(cli *c, od_id *out)
{
    return cli_find(c, "campaign", od_campaign_find, c->operands[0], out);
}

static od_err put_campaign(cli *c, cli_rows *out, const od_campaign_row *row)
{
    od_campaign_stats stats;
    od_campaign campaign;
    od_err err = od_campaign_stats_get(c->engine, row->id, &stats);
    if (err == OD_OK) {
        err = od_campaign_get(c->engine, row->id, &campaign);
    }
    if (err == OD_OK) {
        cli_rows_int(out, row->id);
        cli_rows_text(out, od_campaign_state_name(row->state));
        cli_rows_text(out, od_purpose_name(campaign.options.purpose));
        cli_rows_int(out, campaign.options.priority);
        cli_rows_text(out, campaign.options.seller);
        cli_rows_int(out, stats.contacts);
        cli_rows_int(out, stats.finished);
        cli_rows_int(out, stats.blocked);
        cli_rows_text(out, row->name);
        cli_rows_end(out);
    }
    return err;
}

static cli_exit list(cli *c, const void *values)
{
    static const cli_column columns[] = {{"id", -6},         {"state", 10},
                                         {"purpose", 13},    {"priority", 0},
                                         {"seller", 0},      {"contacts", -9},
                                         {"finished", -9},   {"blocked", -8},
                                         {"name", CLI_REST}, {0}};
    cli_rows out;
    od_campaign_row rows[PAGE];
    size_t count = PAGE;
    od_id after = 0;
    (void)values;
    cli_rows_begin(&out, c, columns);
    while (count == PAGE) {
        od_err err = od_campaigns_list(c->engine, after, rows, PAGE, &count);
        for (size_t i = 0; i < count && err == OD_OK; i++) {
            err = put_campaign(c, &out, &rows[i]);
            after = rows[i].id;
        }
        if (err != OD_OK) {
            return cli_fail(c, err, "campaign list");
        }
    }
    return CLI_OK;
}

static cli_exit results(cli *c, const void *values)
{
    od_id id = 0;
    (void)values;
    cli_exit rc = named(c, &id);
    return rc == CLI_OK ? cli_results_print(c, id) : rc;
}

static cli_exit status(cli *c, const void *values)
{
    od_campaign campaign;
    od_campaign_stats stats;
    char line[512];
    od_id id = 0;
    (void)values;
    cli_exit rc = named(c, &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_campaign_stats_get(c->engine, id, &stats);
    if (err == OD_OK) {
        err = od_campaign_get(c->engine, id, &campaign);
    }
    if (err != OD_OK) {
        return cli_fail(c, err, "campaign status");
    }
    if (c->json) {
        cli_json json = {.to = stdout};
        cli_json_open(&json, NULL, '{');
        cli_json_text(&json, "campaign", campaign.options.name);
        cli_json_text(&json, "why", campaign.state_text);
        cli_stats_json(&json, &stats);
        cli_json_close(&json, '}');
        cli_json_line(&json);
        return CLI_OK;
    }
    (void)printf("%s", od_campaign_state_name(stats.state));
    if (campaign.state_text[0] != '\0') {
        (void)fputs(": ", stdout);
        cli_text_put(stdout, campaign.state_text, 0);
    }
    (void)fputs(stats.enrolling ? ", still enrolling" : "", stdout);
    cli_stats_line(&stats, line, sizeof line);
    (void)printf("\n%" PRId64 " of %" PRId64 " finished%s%s\n", stats.finished,
                 stats.contacts, line[0] ? ": " : "", line);
    (void)printf("%" PRId64 " in progress, %" PRId64 " queued, %" PRId64
                 " waiting for a window, %" PRId64 " for a retry\n",
                 stats.in_progress, stats.queued, stats.waiting_window,
                 stats.waiting_retry);
    cli_blocked_line(&stats, line, sizeof line);
    (void)printf("%" PRId64 " blocked%s%s\n", stats.blocked,
                 line[0] ? ": " : "", line);
    if (campaign.options.channel == OD_CHANNEL_TEXT) {
        cli_delivery_line(&stats, line, sizeof line);
        (void)printf("%" PRId64 " replies, %" PRId64 " segments%s%s\n",
                     stats.replies, stats.segments, line[0] ? "; " : "", line);
    }
    return CLI_OK;
}

static cli_exit answers(cli *c, const void *values)
{
    static const cli_column columns[] = {{"time", 19},
                                         {"phone", 16},
                                         {"question", 20},
                                         {"visit", -5},
                                         {"digits", 8},
                                         {"choice", CLI_REST},
                                         {0}};
    cli_rows out;
    od_answer rows[PAGE];
    size_t count = PAGE;
    od_id after = 0;
    od_id id = 0;
    (void)values;
    cli_exit rc = named(c, &id);
    if (rc != CLI_OK) {
        return rc;
    }
    cli_rows_begin(&out, c, columns);
    while (count == PAGE) {
        od_err err = od_answers_list(c->engine, id, after, rows, PAGE, &count);
        if (err != OD_OK) {
            return cli_fail(c, err, "campaign answers");
        }
        for (size_t i = 0; i < count; i++) {
            cli_rows_time(&out, rows[i].utc_ms);
            cli_rows_text(&out, rows[i].phone);
            cli_rows_text(&out, rows[i].question);
            cli_rows_int(&out, rows[i].visit);
            cli_rows_text(&out, rows[i].digits);
            cli_rows_text(&out, rows[i].choice);
            cli_rows_end(&out);
            after = rows[i].id;
        }
    }
    return CLI_OK;
}

struct export_options {
    const char *calls;
    const char *answers;
};

static const cli_option export_table[] = {
    {.name = "calls",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(struct export_options, calls),
     .help = "write every call of the campaign"},
    {.name = "answers",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(struct export_options, answers),
     .help = "write every answer of its survey"},
    {0},
};

static cli_exit export(cli *c, const void *values)
{
    const struct export_options *options = values;
    od_call_filter filter;
    od_err err = OD_OK;
    if (options->calls == NULL && options->answers == NULL) {
        return cli_usage(c, "it needs --calls FILE, --answers FILE or both");
    }
    od_call_filter_init(&filter);
    cli_exit rc = named(c, &filter.campaign);
    if (rc != CLI_OK) {
        return rc;
    }
    if (options->calls != NULL) {
        err = od_calls_export(c->engine, &filter, options->calls);
    }
    if (err == OD_OK && options->answers != NULL) {
        err = od_answers_export(c->engine, filter.campaign, options->answers);
    }
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "campaign export");
}

const cli_command cli_report_commands[] = {
    {.name = "campaign list", .summary = "list the campaigns", .run = list},
    {.name = "campaign status",
     .operands = "NAME",
     .summary = "where its contacts stand now",
     .run = status},
    {.name = "campaign results",
     .operands = "NAME",
     .summary = "how the calls ended, and survey tallies",
     .run = results},
    {.name = "campaign answers",
     .operands = "NAME",
     .summary = "list the answers of its survey",
     .run = answers},
    {.name = "campaign export",
     .operands = "NAME",
     .summary = "write calls and answers to CSV files",
     .options = export_table,
     .options_size = sizeof(struct export_options),
     .run = export},
    {0},
};
