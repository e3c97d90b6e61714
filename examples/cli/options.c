/*
 * options.c - the command line, parsed by the option tables.
 *
 * "--name value" and "--name=value"; options and operands in any order; "--"
 * ends the options. Common options are taken before and after the command.
 */
#include "cli.h"

#include <limits.h>
#include <string.h>

const cli_option cli_common_options[] = {
    {.name = "db",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(cli, db),
     .help = "the database; default outdial.db"},
    {.name = "country",
     .value = "ISO",
     .kind = CLI_TEXT,
     .offset = offsetof(cli, country),
     .help = "country of national phone numbers; default US"},
    {.name = "json",
     .kind = CLI_FLAG,
     .offset = offsetof(cli, json),
     .help = "write JSON, one object a line"},
    {.name = "help",
     .kind = CLI_FLAG,
     .offset = offsetof(cli, help),
     .help = "print this"},
    {0},
};

static bool is_number(const cli_option *option)
{
    return option->kind >= CLI_INT;
}

void cli_options_clear(const cli_option *options, void *values)
{
    for (; options != NULL && options->name != NULL; options++) {
        if (is_number(options)) {
            *(int64_t *)((char *)values + options->offset) = CLI_UNSET;
        }
    }
}

static const cli_option *find(const cli_option *options, const char *name,
                              size_t name_len)
{
    for (; options != NULL && options->name != NULL; options++) {
        if (strlen(options->name) == name_len &&
            strncmp(options->name, name, name_len) == 0) {
            return options;
        }
    }
    return NULL;
}

/*
 * Take argv[0], an option, and its value from argv[1] if it is not in the same
 * word. *used: words taken.
 */
static cli_exit take_option(cli *c, const cli_option *options, void *values,
                            int argc, char **argv, int *used)
{
    const char *name = strcmp(argv[0], "-h") == 0 ? "help" : argv[0] + 2;
    size_t name_len = strcspn(name, "=");
    const cli_option *option = find(options, name, name_len);
    if (option == NULL) {
        option = find(cli_common_options, name, name_len);
        values = c;
    }
    if (option == NULL) {
        return cli_usage(c, "unknown option %s", argv[0]);
    }
    const char *text = name[name_len] == '=' ? name + name_len + 1 : NULL;
    *used = 1;
    if (option->kind == CLI_FLAG && text != NULL) {
        return cli_usage(c, "--%s takes no value", option->name);
    }
    if (option->kind != CLI_FLAG && text == NULL) {
        if (argc < 2) {
            return cli_usage(c, "--%s needs a value: %s", option->name,
                             option->value);
        }
        text = argv[1];
        *used = 2;
    }
    const char *wrong = cli_value_set(option, values, text);
    if (wrong != NULL) {
        char bounds[64];
        cli_bounds_text(option, bounds, sizeof bounds);
        return cli_usage(c, "--%s: \"%s\" %s%s", option->name, text, wrong,
                         bounds);
    }
    return CLI_OK;
}

cli_exit cli_options_parse(cli *c, const cli_option *options, void *values,
                           int argc, char **argv, int *used)
{
    bool only_operands = false;
    int at = 0;
    while (at < argc) {
        const char *word = argv[at];
        bool long_option = strncmp(word, "--", 2) == 0;
        if (only_operands || (!long_option && strcmp(word, "-h") != 0)) {
            if (values == NULL) {
                break;
            }
            c->operands[c->operands_len++] = argv[at++];
        } else if (word[2] == '\0' && long_option) {
            only_operands = true;
            at++;
        } else {
            int taken = 0;
            cli_exit rc =
                take_option(c, options, values, argc - at, argv + at, &taken);
            if (rc != CLI_OK) {
                return rc;
            }
            at += taken;
        }
    }
    *used = at;
    return CLI_OK;
}

static bool is_given(const cli_option *option, const void *values)
{
    const void *at = (const char *)values + option->offset;
    switch (option->kind) {
    case CLI_FLAG:
        return *(const bool *)at;
    case CLI_TEXT:
        return *(const char *const *)at != NULL;
    case CLI_LIST:
        return ((const cli_list *)at)->len > 0;
    default:
        return *(const int64_t *)at != CLI_UNSET;
    }
}

/* How many operands "NAME FILE", "PHONE..." or "[NAME]..." ask for. */
static void operands_count(const char *text, int *min, int *max)
{
    for (; text != NULL && *text != '\0'; text += strspn(text, " ")) {
        size_t len = strcspn(text, " ");
        *min += text[0] == '[' ? 0 : 1;
        *max += 1;
        if (text[len - 1] == '.') {
            *max = INT_MAX;
        }
        text += len;
    }
}

cli_exit cli_options_check(const cli *c, const void *values)
{
    const cli_command *command = c->command;
    const cli_option *option = command->options;
    for (; option != NULL && option->name != NULL; option++) {
        if (option->required && !is_given(option, values)) {
            return cli_usage(c, "--%s %s is missing", option->name,
                             option->value);
        }
    }
    int min = 0;
    int max = 0;
    operands_count(command->operands, &min, &max);
    if (c->operands_len < min) {
        return cli_usage(c, "it needs %s", command->operands);
    }
    if (c->operands_len > max) {
        return cli_usage(c, "one word too many: %s", c->operands[max]);
    }
    return CLI_OK;
}
