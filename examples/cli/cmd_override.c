/*
 * cmd_override.c - `outdial override`: rules that are lifted, by name and for
 * a reason.
 */
#include "cli.h"

#define PAGE 100

struct add_options {
    const char *rule;
    const char *reason;
    const char *who;
    const char *campaign;
};

#define AT(field) offsetof(struct add_options, field)

static const cli_option add_table[] = {
    {.name = "rule",
     .value = "ID",
     .kind = CLI_TEXT,
     .required = true,
     .offset = AT(rule),
     .help = "the rule that is lifted, such as us.hours"},
    {.name = "reason",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .required = true,
     .offset = AT(reason),
     .help = "why that is lawful"},
    {.name = "who",
     .value = "NAME",
     .kind = CLI_TEXT,
     .required = true,
     .offset = AT(who),
     .help = "who answers for it"},
    {.name = "campaign",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = AT(campaign),
     .help = "for this campaign alone; default for all"},
    {0},
};

static cli_exit add(cli *c, const void *values)
{
    const struct add_options *options = values;
    od_override override = {.name = c->operands[0],
                            .rule = options->rule,
                            .reason = options->reason,
                            .who = options->who};
    if (options->campaign != NULL) {
        cli_exit rc = cli_find(c, "campaign", od_campaign_find,
                               options->campaign, &override.campaign);
        if (rc != CLI_OK) {
            return rc;
        }
    }
    od_err err = od_override_add(c->engine, &override);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "override add");
}

static cli_exit take_out(cli *c, const void *values)
{
    (void)values;
    od_err err = od_override_remove(c->engine, c->operands[0]);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "override remove");
}

static cli_exit list(cli *c, const void *values)
{
    static const cli_column columns[] = {{"name", 20},         {"rule", 20},
                                         {"campaign", -8},     {"who", 16},
                                         {"reason", CLI_REST}, {0}};
    cli_rows out;
    od_override rows[PAGE];
    size_t count = PAGE;
    size_t after = 0;
    (void)values;
    cli_rows_begin(&out, c, columns);
    while (count == PAGE) {
        od_err err = od_overrides_list(c->engine, after, rows, PAGE, &count);
        if (err != OD_OK) {
            return cli_fail(c, err, "override list");
        }
        for (size_t i = 0; i < count; i++) {
            cli_rows_text(&out, rows[i].name);
            cli_rows_text(&out, rows[i].rule);
            cli_rows_int(&out, rows[i].campaign);
            cli_rows_text(&out, rows[i].who);
            cli_rows_text(&out, rows[i].reason);
            cli_rows_end(&out);
        }
        after += count;
    }
    return CLI_OK;
}

const cli_command cli_override_commands[] = {
    {.name = "override add",
     .operands = "NAME",
     .summary = "lift a rule, for a reason that the ledger keeps",
     .options = add_table,
     .options_size = sizeof(struct add_options),
     .opens = CLI_OPENS_NEW,
     .run = add},
    {.name = "override remove",
     .operands = "NAME",
     .summary = "put the rule in force again",
     .run = take_out},
    {.name = "override list",
     .summary = "list the rules that are lifted",
     .notes = "Campaign is an id; 0 means all.\n",
     .run = list},
    {0},
};
