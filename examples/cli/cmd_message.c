/*
 * cmd_message.c - `outdial message`: what texts will be, what became of them.
 */
#include "cli.h"

#include <string.h>

#define PAGE 100

/* The campaign that the first operand names. */
static cli_exit named(cli *c, od_id *out)
{
    return cli_find(c, "campaign", od_campaign_find, c->operands[0], out);
}

/* == list, export ========================================================== */

struct message_options {
    const char *phone;
    const char *disposition;
    int64_t since;
    int64_t until;
};

#define AT(field) offsetof(struct message_options, field)

static const cli_option message_table[] = {
    {.name = "phone",
     .value = "PHONE",
     .kind = CLI_TEXT,
     .offset = AT(phone),
     .help = "only texts to this number"},
    {.name = "disposition",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = AT(disposition),
     .help =
         "only texts that ended so: sent, undelivered, declined, not_found, "
         "congestion, failed, unknown"},
    {.name = "since",
     .value = "TIME",
     .kind = CLI_TIME,
     .offset = AT(since),
     .help = "only texts sent then or later"},
    {.name = "until",
     .value = "TIME",
     .kind = CLI_TIME,
     .offset = AT(until),
     .help = "only texts sent before"},
    {0},
};

static cli_exit filter_of(cli *c, const struct message_options *options,
                          od_call_filter *filter)
{
    od_call_filter_init(filter);
    filter->phone = options->phone;
    filter->since_utc_ms = options->since != CLI_UNSET ? options->since : 0;
    filter->until_utc_ms = options->until != CLI_UNSET ? options->until : 0;
    for (int32_t i = 1; options->disposition != NULL && i < OD_DISPOSITIONS;
         i++) {
        if (strcmp(od_disposition_name(i), options->disposition) == 0) {
            filter->disposition = i;
        }
    }
    if (options->disposition != NULL && filter->disposition == 0) {
        return cli_usage(c, "no text ends as \"%s\"", options->disposition);
    }
    return named(c, &filter->campaign);
}

static void put_message(cli_rows *out, const od_message *message)
{
    cli_rows_int(out, message->attempt);
    cli_rows_time(out, message->claimed_utc_ms);
    cli_rows_text(out, message->phone);
    cli_rows_text(out, od_disposition_name(message->disposition));
    cli_rows_text(out, od_delivery_name(message->delivery));
    cli_rows_text(out, message->network_code);
    cli_rows_int(out, message->segments);
    cli_rows_text(out, od_notice_name(message->notice));
    cli_rows_text(out, od_text_encoding_name(message->encoding));
    cli_rows_int(out, message->status);
    cli_rows_text(out,
                  message->fault == OD_OK ? "" : od_err_name(message->fault));
    cli_rows_text(out, message->trunk);
    cli_rows_text(out, message->caller_id);
    cli_rows_int(out, message->contact);
    cli_rows_int(out, message->reply);
    cli_rows_time(out, message->ended_utc_ms);
    cli_rows_time(out, message->delivery_utc_ms);
    cli_rows_text(out, message->text);
    cli_rows_end(out);
}

static cli_exit list(cli *c, const void *values)
{
    static const cli_column columns[] = {{"attempt", -7},
                                         {"begun", 19},
                                         {"phone", 16},
                                         {"disposition", 11},
                                         {"delivery", 9},
                                         {"network_code", 0},
                                         {"segments", -8},
                                         {"notice", 0},
                                         {"encoding", 0},
                                         {"status", 0},
                                         {"fault", 0},
                                         {"trunk", 0},
                                         {"caller_id", 0},
                                         {"contact", 0},
                                         {"reply", 0},
                                         {"ended", 0},
                                         {"delivered", 0},
                                         {"text", CLI_REST},
                                         {0}};
    od_call_filter filter;
    od_message rows[PAGE];
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
            od_messages_list(c->engine, &filter, after, rows, PAGE, &count);
        if (err != OD_OK) {
            return cli_fail(c, err, "message list");
        }
        for (size_t i = 0; i < count; i++) {
            put_message(&out, &rows[i]);
            after = rows[i].attempt;
        }
    }
    return CLI_OK;
}

static cli_exit export(cli *c, const void *values)
{
    od_call_filter filter;
    cli_exit rc = filter_of(c, values, &filter);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_messages_export(c->engine, &filter, c->operands[1]);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, c->operands[1]);
}

/* == check, preview ======================================================== */

static void put_spread(const od_template_report *report)
{
    for (int32_t i = 0; i <= OD_SEGMENTS_MAX; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "in %" PRId32 " segment%s", i,
                       i == 1 ? "" : "s");
        if (report->by_segments[i] > 0) {
            (void)printf("  %-20s%8" PRId64 "\n", i == 0 ? "empty" : name,
                         report->by_segments[i]);
        }
    }
}

static void put_report(const od_template_report *report)
{
    const struct {
        const char *name;
        int64_t count;
    } lines[] = {{"contacts", report->contacts},
                 {"segments", report->segments},
                 {"need UCS-2", report->ucs2},
                 {"cut", report->cut},
                 {"too long", report->refused},
                 {"lack a field", report->lacking},
                 {"unknown fields", report->fields_unknown}};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (i < 2 || lines[i].count > 0) {
            (void)printf("  %-20s%8" PRId64 "\n", lines[i].name,
                         lines[i].count);
        }
    }
    put_spread(report);
}

static void put_report_json(const od_template_report *report)
{
    cli_json json = {.to = stdout};
    cli_json_open(&json, NULL, '{');
    cli_json_int(&json, "contacts", report->contacts);
    cli_json_int(&json, "segments", report->segments);
    cli_json_int(&json, "ucs2", report->ucs2);
    cli_json_int(&json, "ucs2_contact", report->ucs2_contact);
    cli_json_int(&json, "cut", report->cut);
    cli_json_int(&json, "refused", report->refused);
    cli_json_int(&json, "lacking", report->lacking);
    cli_json_int(&json, "fields_unknown", report->fields_unknown);
    cli_json_open(&json, "by_segments", '[');
    for (int32_t i = 0; i <= OD_SEGMENTS_MAX; i++) {
        cli_json_int(&json, NULL, report->by_segments[i]);
    }
    cli_json_close(&json, ']');
    cli_json_close(&json, '}');
    cli_json_line(&json);
}

static cli_exit check(cli *c, const void *values)
{
    od_template_report report;
    od_id id = 0;
    (void)values;
    cli_exit rc = named(c, &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_campaign_text_check(c->engine, id, &report);
    if (err != OD_OK) {
        return cli_fail(c, err, "message check");
    }
    if (c->json) {
        put_report_json(&report);
    } else {
        put_report(&report);
    }
    return CLI_OK;
}

struct preview_options {
    int64_t contact;
    int64_t longest;
};

static const cli_option preview_table[] = {
    {.name = "contact",
     .value = "ID",
     .kind = CLI_INT,
     .offset = offsetof(struct preview_options, contact),
     .min = 1,
     .max = INT64_MAX,
     .help = "the text of this contact"},
    {.name = "longest",
     .value = "N",
     .kind = CLI_INT,
     .offset = offsetof(struct preview_options, longest),
     .min = 1,
     .max = OD_LONGEST_MAX,
     .help = "the N longest texts; default 3 without --contact"},
    {0},
};

static cli_exit put_preview(cli *c, cli_rows *out, od_id campaign,
                            od_id contact)
{
    od_text_info info;
    od_err err = od_campaign_text_preview(c->engine, campaign, contact, &info);
    if (err != OD_OK) {
        return cli_fail(c, err, "message preview");
    }
    cli_rows_int(out, contact);
    cli_rows_text(out, od_text_encoding_name(info.encoding));
    cli_rows_int(out, info.segments);
    cli_rows_int(out, info.units);
    cli_rows_text(out, info.ucs2_text);
    cli_rows_int(out, info.ucs2_at);
    cli_rows_bool(out, info.cut);
    cli_rows_bool(out, info.refused);
    cli_rows_text(out, info.text);
    cli_rows_end(out);
    return CLI_OK;
}

static cli_exit preview(cli *c, const void *values)
{
    static const cli_column columns[] = {{"contact", -7},    {"encoding", 8},
                                         {"segments", -8},   {"units", -5},
                                         {"ucs2_text", 9},   {"ucs2_at", -7},
                                         {"cut", 0},         {"refused", 7},
                                         {"text", CLI_REST}, {0}};
    const struct preview_options *given = values;
    od_template_report report;
    cli_rows out;
    od_id id = 0;
    size_t longest = given->longest != CLI_UNSET   ? (size_t)given->longest
                     : given->contact == CLI_UNSET ? 3
                                                   : 0;
    cli_exit rc = named(c, &id);
    if (rc != CLI_OK) {
        return rc;
    }
    memset(&report, 0, sizeof report);
    if (longest > 0) {
        od_err err = od_campaign_text_check(c->engine, id, &report);
        if (err != OD_OK) {
            return cli_fail(c, err, "message preview");
        }
    }
    cli_rows_begin(&out, c, columns);
    if (given->contact != CLI_UNSET) {
        rc = put_preview(c, &out, id, given->contact);
    }
    for (size_t i = 0; rc == CLI_OK && i < longest && report.longest[i] != 0;
         i++) {
        rc = put_preview(c, &out, id, report.longest[i]);
    }
    return rc;
}

const cli_command cli_message_commands[] = {
    {.name = "message list",
     .operands = "CAMPAIGN",
     .summary = "list its texts, and what became of them",
     .options = message_table,
     .options_size = sizeof(struct message_options),
     .run = list},
    {.name = "message export",
     .operands = "CAMPAIGN FILE",
     .summary = "write its texts to a CSV file",
     .options = message_table,
     .options_size = sizeof(struct message_options),
     .run = export},
    {.name = "message check",
     .operands = "CAMPAIGN",
     .summary = "count the segments of its texts, before they are paid for",
     .run = check},
    {.name = "message preview",
     .operands = "CAMPAIGN",
     .summary = "show what it would send",
     .options = preview_table,
     .options_size = sizeof(struct preview_options),
     .run = preview},
    {0},
};
