/*
 * cmd_dnc.c - `outdial dnc`: the do-not-call list.
 *
 * A change is durable when the command ends, and stops a dialing process on
 * the same database before its next call.
 */
#include "cli.h"

#define PAGE 100
#define SCOPES "all|voice|text|campaign" /* in the order of od_dnc_scope */

struct entry_options {
    int64_t scope;
    const char *campaign;
    const char *reason;
    int64_t expires;
};

/* Each command takes the tail of the table that makes sense for it. */
static const cli_option entry_table[] = {
    {.name = "expires",
     .value = "TIME",
     .kind = CLI_TIME,
     .offset = offsetof(struct entry_options, expires),
     .help = "forbids until then; default for ever"},
    {.name = "reason",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .offset = offsetof(struct entry_options, reason),
     .help = "kept with the entry"},
    {.name = "scope",
     .value = SCOPES,
     .kind = CLI_WORD,
     .offset = offsetof(struct entry_options, scope),
     .help = "what it forbids; default all, or campaign with --campaign"},
    {.name = "campaign",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = offsetof(struct entry_options, campaign),
     .help = "only this campaign"},
    {0},
};

/* What --scope and --campaign mean together. */
static cli_exit scope_of(cli *c, const struct entry_options *options,
                         int32_t *scope, od_id *campaign)
{
    bool one = options->campaign != NULL;
    *campaign = 0;
    *scope = options->scope != CLI_UNSET ? (int32_t)options->scope
             : one                       ? OD_DNC_CAMPAIGN
                                         : OD_DNC_ALL;
    if (one != (*scope == OD_DNC_CAMPAIGN)) {
        return cli_usage(c, "--scope campaign and --campaign NAME go together");
    }
    return one ? cli_find(c, "campaign", od_campaign_find, options->campaign,
                          campaign)
               : CLI_OK;
}

static cli_exit add(cli *c, const void *values)
{
    const struct entry_options *options = values;
    od_dnc_entry entry = {.reason = options->reason,
                          .expires_utc_ms = options->expires != CLI_UNSET
                                                ? options->expires
                                                : 0};
    cli_exit rc = scope_of(c, options, &entry.scope, &entry.campaign);
    for (int i = 0; i < c->operands_len && rc == CLI_OK; i++) {
        entry.phone = c->operands[i];
        od_err err = od_dnc_add(c->engine, &entry);
        rc = err == OD_OK ? CLI_OK : cli_fail(c, err, c->operands[i]);
    }
    return rc;
}

static cli_exit take_off(cli *c, const void *values)
{
    int32_t scope = OD_DNC_ALL;
    od_id campaign = 0;
    cli_exit rc = scope_of(c, values, &scope, &campaign);
    for (int i = 0; i < c->operands_len && rc == CLI_OK; i++) {
        od_err err = od_dnc_remove(c->engine, c->operands[i], scope, campaign);
        rc = err == OD_OK ? CLI_OK : cli_fail(c, err, c->operands[i]);
    }
    return rc;
}

static cli_exit check(cli *c, const void *values)
{
    static const cli_column columns[] = {
        {"phone", 18}, {"listed", CLI_REST}, {0}};
    const struct entry_options *options = values;
    cli_rows out;
    od_id campaign = 0;
    cli_exit rc = CLI_OK;
    if (options->campaign != NULL) {
        rc = cli_find(c, "campaign", od_campaign_find, options->campaign,
                      &campaign);
    }
    if (rc != CLI_OK) {
        return rc;
    }
    cli_rows_begin(&out, c, columns);
    for (int i = 0; i < c->operands_len; i++) {
        bool listed = false;
        od_err err = od_dnc_check(c->engine, c->operands[i], campaign, &listed);
        if (err != OD_OK) {
            return cli_fail(c, err, c->operands[i]);
        }
        cli_rows_text(&out, c->operands[i]);
        cli_rows_bool(&out, listed);
        cli_rows_end(&out);
        rc = listed ? CLI_NO : rc;
    }
    return rc;
}

static const char *scope_name(int32_t scope)
{
    static const char *const names[] = {"all", "voice", "text", "campaign"};
    return scope >= 0 && scope < 4 ? names[scope] : "?";
}

static cli_exit list(cli *c, const void *values)
{
    static const cli_column columns[] = {
        {"id", 0},     {"phone", 16}, {"scope", 8},         {"campaign", -8},
        {"added", 19}, {"expires", 19}, {"source", 8}, {"reason", CLI_REST},
        {0}};
    cli_rows out;
    od_dnc_entry rows[PAGE];
    size_t count = PAGE;
    od_id after = 0;
    (void)values;
    cli_rows_begin(&out, c, columns);
    while (count == PAGE) {
        od_err err = od_dnc_list(c->engine, after, rows, PAGE, &count);
        if (err != OD_OK) {
            return cli_fail(c, err, "dnc list");
        }
        for (size_t i = 0; i < count; i++) {
            cli_rows_int(&out, rows[i].id);
            cli_rows_text(&out, rows[i].phone);
            cli_rows_text(&out, scope_name(rows[i].scope));
            cli_rows_int(&out, rows[i].campaign);
            cli_rows_time(&out, rows[i].added_utc_ms);
            cli_rows_time(&out, rows[i].expires_utc_ms);
            cli_rows_text(&out, rows[i].source);
            cli_rows_text(&out, rows[i].reason);
            cli_rows_end(&out);
            after = rows[i].id;
        }
    }
    return CLI_OK;
}

static cli_exit import(cli *c, const void *values)
{
    const cli_intake_options *options = values;
    od_dnc_report r;
    od_err err =
        od_dnc_import(c->engine, c->operands[0], options->reject, &r);
    if (err != OD_OK) {
        return cli_fail(c, err, "dnc import");
    }
    return cli_intake_put(
        c, &(cli_intake){r.rows, r.added, r.present, r.rejected});
}

static cli_exit export(cli *c, const void *values)
{
    (void)values;
    od_err err = od_dnc_export(c->engine, c->operands[0]);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "dnc export");
}

const cli_command cli_dnc_commands[] = {
    {.name = "dnc add",
     .operands = "PHONE...",
     .summary = "never call these numbers again",
     .notes = "With a '*' at the end, every number that begins so: "
              "\"+1900*\". An entry for single numbers, of scope all or voice, "
              "revokes their consents.\n",
     .options = &entry_table[0],
     .options_size = sizeof(struct entry_options),
     .opens = CLI_OPENS_NEW,
     .run = add},
    {.name = "dnc remove",
     .operands = "PHONE...",
     .summary = "take numbers off the list",
     .options = &entry_table[2],
     .options_size = sizeof(struct entry_options),
     .run = take_off},
    {.name = "dnc check",
     .operands = "PHONE...",
     .summary = "are these numbers on the list?",
     .notes = "Exits with 5 if one of them is.\n",
     .options = &entry_table[3],
     .options_size = sizeof(struct entry_options),
     .run = check},
    {.name = "dnc list", .summary = "list the entries", .run = list},
    {.name = "dnc import",
     .operands = "FILE",
     .summary = "add the numbers of a CSV file",
     .notes = "A header with a phone column (and reason scope expires) is used "
              "if there is one; else the first column is the phone, or a "
              "\"+1900*\".\n",
     .options = cli_intake_table,
     .options_size = sizeof(cli_intake_options),
     .opens = CLI_OPENS_NEW,
     .run = import},
    {.name = "dnc export",
     .operands = "FILE",
     .summary = "write the list to a CSV file",
     .run = export},
    {0},
};
