/*
 * cmd_control.c - `outdial campaign start`, `pause`, `resume`, `stop`,
 * `callback`: the life of a campaign.
 *
 * The calls are made by the process that runs `outdial run` on the same
 * database; it obeys within a fraction of a second.
 */
#include "cli.h"

typedef od_err (*change)(od_engine *engine, od_id campaign);

static void print_state(cli *c, const od_campaign *campaign)
{
    static const cli_column columns[] = {
        {"state", 10}, {"campaign", CLI_REST}, {0}};
    cli_rows out;
    cli_rows_begin(&out, c, columns);
    cli_rows_text(&out, od_campaign_state_name(campaign->state));
    cli_rows_text(&out, campaign->options.name);
    cli_rows_end(&out);
}

cli_exit cli_campaign_begin(cli *c, const char *name, od_id *out)
{
    od_campaign campaign;
    cli_exit rc = cli_find(c, "campaign", od_campaign_find, name, out);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_campaign_get(c->engine, *out, &campaign);
    if (err == OD_OK && (campaign.state == OD_CAMPAIGN_RUNNING ||
                         campaign.state == OD_CAMPAIGN_SCHEDULED)) {
        return CLI_OK;
    }
    if (err == OD_OK) {
        err = od_campaign_start(c->engine, *out);
    }
    if (err == OD_ERR_REFUSED) {
        return cli_refused(c, name, *out);
    }
    return err == OD_OK ? CLI_OK : cli_fail(c, err, name);
}

/* Change the state of the campaign that the operand names. */
static cli_exit apply(cli *c, change function)
{
    od_id id = 0;
    od_campaign campaign;
    cli_exit rc =
        cli_find(c, "campaign", od_campaign_find, c->operands[0], &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = function(c->engine, id);
    if (err == OD_ERR_REFUSED) {
        return cli_refused(c, c->operands[0], id);
    }
    if (err == OD_OK) {
        err = od_campaign_get(c->engine, id, &campaign);
    }
    if (err != OD_OK) {
        return cli_fail(c, err, c->command->name);
    }
    print_state(c, &campaign);
    return CLI_OK;
}

static cli_exit start(cli *c, const void *values)
{
    (void)values;
    return apply(c, od_campaign_start);
}

static cli_exit pause_it(cli *c, const void *values)
{
    (void)values;
    return apply(c, od_campaign_pause);
}

static cli_exit resume(cli *c, const void *values)
{
    (void)values;
    return apply(c, od_campaign_resume);
}

static cli_exit stop(cli *c, const void *values)
{
    (void)values;
    return apply(c, od_campaign_stop);
}

static cli_exit callback(cli *c, const void *values)
{
    od_id id = 0;
    int64_t utc_ms = 0;
    (void)values;
    if (!cli_time_parse(c->operands[2], &utc_ms)) {
        return cli_usage(c,
                         "\"%s\" is not a time such as \"2027-03-01 09:00\" "
                         "or 2027-03-01T14:00Z",
                         c->operands[2]);
    }
    cli_exit rc =
        cli_find(c, "campaign", od_campaign_find, c->operands[0], &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_campaign_callback(c->engine, id, c->operands[1], utc_ms);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "campaign callback");
}

const cli_command cli_control_commands[] = {
    {.name = "campaign start",
     .operands = "NAME",
     .summary = "start a campaign, or start it again",
     .notes = "Lists every problem that stands in the way, and exits with 3; "
              "campaign problems has the warnings, too. Calls are made by "
              "`outdial run`.\n",
     .run = start},
    {.name = "campaign pause",
     .operands = "NAME",
     .summary = "begin no new calls; answered ones finish",
     .run = pause_it},
    {.name = "campaign resume",
     .operands = "NAME",
     .summary = "go on after a pause",
     .run = resume},
    {.name = "campaign stop",
     .operands = "NAME",
     .summary = "back to idle; nothing is forgotten",
     .run = stop},
    {.name = "campaign callback",
     .operands = "NAME PHONE TIME",
     .summary = "call one number at a stated time, as the person asked",
     .notes = "Also who answered before, or was not to be called again; rules "
              "and windows are asked when the time has come. It replaces a "
              "time that was stated before.\n",
     .run = callback},
    {0},
};
