/*
 * cmd_reply.c - `outdial reply`: what people wrote, and which of them ask to be
 * left alone.
 */
#include "cli.h"

#include <string.h>

#define PAGE 100

struct reply_options {
    const char *campaign;
    const char *phone;
    int64_t since;
    int64_t until;
};

#define AT(field) offsetof(struct reply_options, field)

static const cli_option reply_table[] = {
    {.name = "campaign",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = AT(campaign),
     .help = "only replies to texts of this campaign"},
    {.name = "phone",
     .value = "PHONE",
     .kind = CLI_TEXT,
     .offset = AT(phone),
     .help = "only replies from this number"},
    {.name = "since",
     .value = "TIME",
     .kind = CLI_TIME,
     .offset = AT(since),
     .help = "only replies that came then or later"},
    {.name = "until",
     .value = "TIME",
     .kind = CLI_TIME,
     .offset = AT(until),
     .help = "only replies that came before"},
    {0},
};

static cli_exit filter_of(cli *c, const struct reply_options *options,
                          od_reply_filter *filter)
{
    od_reply_filter_init(filter);
    filter->phone = options->phone;
    filter->since_utc_ms = options->since != CLI_UNSET ? options->since : 0;
    filter->until_utc_ms = options->until != CLI_UNSET ? options->until : 0;
    return options->campaign != NULL
               ? cli_find(c, "campaign", od_campaign_find, options->campaign,
                          &filter->campaign)
               : CLI_OK;
}

static void put_reply(cli_rows *out, const od_reply *reply)
{
    cli_rows_int(out, reply->id);
    cli_rows_time(out, reply->utc_ms);
    cli_rows_text(out, reply->phone);
    cli_rows_text(out, od_reply_kind_name(reply->kind));
    cli_rows_text(out, od_notice_name(reply->answered));
    cli_rows_int(out, reply->campaign);
    cli_rows_int(out, reply->attempt);
    cli_rows_text(out, reply->to);
    cli_rows_text(out, reply->trunk);
    cli_rows_text(out, reply->text);
    cli_rows_end(out);
}

static cli_exit list(cli *c, const void *values)
{
    static const cli_column columns[] = {{"id", -6},
                                         {"came", 19},
                                         {"phone", 16},
                                         {"kind", 8},
                                         {"answered", 0},
                                         {"campaign", 0},
                                         {"attempt", 0},
                                         {"to", 0},
                                         {"trunk", 0},
                                         {"text", CLI_REST},
                                         {0}};
    od_reply_filter filter;
    od_reply rows[PAGE];
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
            od_replies_list(c->engine, &filter, after, rows, PAGE, &count);
        if (err != OD_OK) {
            return cli_fail(c, err, "reply list");
        }
        for (size_t i = 0; i < count; i++) {
            put_reply(&out, &rows[i]);
            after = rows[i].id;
        }
    }
    return CLI_OK;
}

static cli_exit export(cli *c, const void *values)
{
    od_reply_filter filter;
    cli_exit rc = filter_of(c, values, &filter);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_replies_export(c->engine, &filter, c->operands[0]);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, c->operands[0]);
}

static cli_exit opt_out(cli *c, const void *values)
{
    (void)values;
    for (int i = 0; i < c->operands_len; i++) {
        int64_t id = 0;
        if (!cli_int_parse(c->operands[i], &id)) {
            return cli_usage(c, "\"%s\" is not the id of a reply",
                             c->operands[i]);
        }
        od_err err = od_reply_opt_out(c->engine, id);
        if (err != OD_OK) {
            return cli_fail(c, err, "reply opt-out");
        }
    }
    return CLI_OK;
}

const cli_command cli_reply_commands[] = {
    {.name = "reply list",
     .summary = "list what people wrote",
     .options = reply_table,
     .options_size = sizeof(struct reply_options),
     .run = list},
    {.name = "reply export",
     .operands = "FILE",
     .summary = "write it to a CSV file",
     .options = reply_table,
     .options_size = sizeof(struct reply_options),
     .run = export},
    {.name = "reply opt-out",
     .operands = "ID...",
     .summary = "say that a reply asks to be left alone",
     .notes = "For replies that ask for it in words of their own: the number "
              "is put on the do-not-call list, for calls and texts of all "
              "campaigns. Words such as STOP are understood without it.\n",
     .run = opt_out},
    {0},
};
