/*
 * main.c - the `outdial` command: finds the command, opens the store, runs it.
 *
 * An example first: every command uses the public API in the way a host would.
 */
#include "cli.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

const cli_command *const cli_families[] = {
    cli_import_commands,    cli_group_commands,
    cli_contact_commands,   cli_dnc_commands,
    cli_registry_commands,  cli_consent_commands,
    cli_caller_id_commands, cli_media_commands,
    cli_survey_commands,    cli_campaign_commands,
    cli_show_commands,      cli_control_commands,
    cli_report_commands,    cli_explain_commands,
    cli_calls_commands,     cli_message_commands,
    cli_reply_commands,     cli_run_commands,
    cli_simulate_commands,  cli_rules_commands,
    cli_override_commands,  cli_ledger_commands,
    cli_erase_commands,     NULL};

/* The command whose name is `first`, or `first` and `second`. */
static const cli_command *find_command(const char *first, const char *second)
{
    for (size_t i = 0; cli_families[i] != NULL; i++) {
        const cli_command *command = cli_families[i];
        for (; command->name != NULL; command++) {
            size_t len = strcspn(command->name, " ");
            const char *rest = command->name + len;
            if (strlen(first) != len || strncmp(first, command->name, len)) {
                continue;
            }
            if (*rest == '\0' || strcmp(rest + 1, second) == 0) {
                return command;
            }
        }
    }
    return NULL;
}

/* The first command of the family of that name. */
static const cli_command *find_family(const char *name)
{
    for (size_t i = 0; cli_families[i] != NULL; i++) {
        size_t len = strcspn(cli_families[i]->name, " ");
        if (strlen(name) == len &&
            strncmp(name, cli_families[i]->name, len) == 0) {
            return cli_families[i];
        }
    }
    return NULL;
}

/* No command was named: help if that was asked for, else a usage failure. */
static cli_exit no_command(const cli *c, const char *first, const char *second)
{
    const cli_command *family = find_family(first);
    bool asked = c->help || strcmp(first, "help") == 0 ||
                 strcmp(second, "--help") == 0 || strcmp(second, "-h") == 0;
    FILE *to = asked ? stdout : stderr;
    if (family != NULL && !asked && second[0] != '\0') {
        return cli_usage(c, "unknown command %s %s", first, second);
    }
    if (family != NULL) {
        cli_help_family(to, family);
    } else if (first[0] == '\0' || asked) {
        cli_help_all(to);
    } else {
        return cli_usage(c, "unknown command %s", first);
    }
    return asked ? CLI_OK : CLI_USAGE;
}

static cli_exit run(cli *c, void *values, int argc, char **argv)
{
    int used = 0;
    cli_options_clear(c->command->options, values);
    cli_exit rc =
        cli_options_parse(c, c->command->options, values, argc, argv, &used);
    if (rc == CLI_OK && c->help) {
        cli_help_command(stdout, c->command);
        return CLI_OK;
    }
    if (rc == CLI_OK) {
        rc = cli_options_check(c, values);
    }
    cli_opens opens = c->command->opens;
    if (rc == CLI_OK && opens != CLI_OPENS_NEW && opens != CLI_OPENS_NOTHING) {
        rc = cli_store_exists(c);
    }
    if (rc == CLI_OK &&
        (opens == CLI_OPENS_EXISTING || opens == CLI_OPENS_NEW)) {
        od_engine_options options;
        od_engine_options_init(&options);
        rc = cli_store_open(c, &options, NULL);
    }
    if (rc == CLI_OK) {
        rc = c->command->run(c, values);
    }
    od_engine_free(c->engine);
    return rc;
}

int main(int argc, char **argv)
{
    cli c = {.db = "outdial.db"};
    int used = 0;
    (void)setlocale(LC_TIME, "C");
    cli_exit rc = cli_options_parse(&c, NULL, NULL, argc - 1, argv + 1, &used);
    if (rc != CLI_OK) {
        return (int)rc;
    }
    const char *first = used + 1 < argc ? argv[used + 1] : "";
    const char *second = used + 2 < argc ? argv[used + 2] : "";
    c.command = find_command(first, second);
    if (c.command == NULL) {
        return (int)no_command(&c, first, second);
    }
    int words = strchr(c.command->name, ' ') != NULL ? 2 : 1;
    int skip = used + 1 + words;
    c.operands = calloc((size_t)argc, sizeof *c.operands);
    void *values = calloc(1, c.command->options_size + 1);
    if (c.operands == NULL || values == NULL) {
        cli_say("out of memory");
        rc = CLI_FAILURE;
    } else {
        rc = run(&c, values, argc - skip, argv + skip);
    }
    free(values);
    free(c.operands);
    if (fflush(stdout) != 0 && rc == CLI_OK) {
        cli_say("cannot write the output");
        rc = CLI_FAILURE;
    }
    return (int)rc;
}
