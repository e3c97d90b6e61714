/*
 * cmd_calls.c - `outdial campaign calls`: the call log, filtered.
 */
#include "cli.h"

#include <string.h>

#define PAGE 100

struct calls_options {
    const char *phone;
    const char *disposition;
    int64_t since;
    int64_t until;
};

static const cli_option calls_table[] = {
    {.name = "phone",
     .value = "PHONE",
     .kind = CLI_TEXT,
     .offset = offsetof(struct calls_options, phone),
     .help = "only calls to this number"},
    {.name = "disposition",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = offsetof(struct calls_options, disposition),
     .help = "only calls that ended so: answered, busy, no_answer, declined, "
             "not_found, congestion, failed, redirected, cancelled, unknown"},
    {.name = "since",
     .value = "TIME",
     .kind = CLI_TIME,
     .offset = offsetof(struct calls_options, since),
     .help = "only calls begun then or later"},
    {.name = "until",
     .value = "TIME",
     .kind = CLI_TIME,
     .offset = offsetof(struct calls_options, until),
     .help = "only calls begun before"},
    {0},
};

/* The disposition of this name; -1: none has it. */
static int32_t disposition_of(const char *name)
{
    for (int32_t i = 1; i < OD_DISPOSITIONS; i++) {
        if (strcmp(od_disposition_name(i), name) == 0) {
            return i;
        }
    }
    return -1;
}

static cli_exit filter_of(cli *c, const struct calls_options *options,
                          od_call_filter *filter)
{
    od_call_filter_init(filter);
    filter->phone = options->phone;
    if (options->since != CLI_UNSET) {
        filter->since_utc_ms = options->since;
    }
    if (options->until != CLI_UNSET) {
        filter->until_utc_ms = options->until;
    }
    if (options->disposition != NULL) {
        filter->disposition = disposition_of(options->disposition);
        if (filter->disposition < 0) {
            return cli_usage(c, "no call ends as \"%s\"", options->disposition);
        }
    }
    return cli_find(c, "campaign", od_campaign_find, c->operands[0],
                    &filter->campaign);
}

static void put_call(cli_rows *out, const od_call *call)
{
    bool answered = call->answered_utc_ms != 0;
    cli_rows_int(out, call->attempt);
    cli_rows_time(out, call->claimed_utc_ms);
    cli_rows_text(out, call->phone);
    cli_rows_text(out, od_disposition_name(call->disposition));
    cli_rows_int(out, call->sip_status);
    cli_rows_span(out,
                  answered ? call->ended_utc_ms - call->answered_utc_ms : 0);
    cli_rows_span(out, call->heard_ms);
    cli_rows_bool(out, call->survey_done);
    cli_rows_text(out, call->trunk);
    cli_rows_text(out, call->fault == OD_OK ? "" : od_err_name(call->fault));
    cli_rows_int(out, call->contact);
    cli_rows_text(out, call->session_id);
    cli_rows_text(out, call->sip_call_id);
    cli_rows_end(out);
}

static cli_exit calls(cli *c, const void *values)
{
    static const cli_column columns[] = {
        {"attempt", 0},      {"begun", 19},
        {"phone", 16},       {"disposition", 11},
        {"sip_status", -10}, {"talk_ms", -7},
        {"heard_ms", -8},    {"survey_done", 11},
        {"trunk", CLI_REST}, {"fault", 0},
        {"contact", 0},      {"session_id", 0},
        {"sip_call_id", 0},  {0}};
    od_call_filter filter;
    od_call rows[PAGE];
    cli_rows out;
    size_t count = PAGE;
    od_id after = 0;
    cli_exit rc = filter_of(c, values, &filter);
    if (rc != CLI_OK) {
        return rc;
    }
    cli_rows_begin(&out, c, columns);
    while (count == PAGE) {
        od_err err =
            od_calls_list(c->engine, &filter, after, rows, PAGE, &count);
        if (err != OD_OK) {
            return cli_fail(c, err, "campaign calls");
        }
        for (size_t i = 0; i < count; i++) {
            put_call(&out, &rows[i]);
            after = rows[i].attempt;
        }
    }
    return CLI_OK;
}

const cli_command cli_calls_commands[] = {
    {.name = "campaign calls",
     .operands = "NAME",
     .summary = "list its calls",
     .options = calls_table,
     .options_size = sizeof(struct calls_options),
     .run = calls},
    {0},
};
