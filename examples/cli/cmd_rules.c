/*
 * cmd_rules.c - `outdial rules`: the calling rules in force, and sets of one's
 * own.
 */
#include "cli.h"

#include <errno.h>
#include <string.h>

#define PAGE 100
#define TEXT_MAX (256 * 1024)

struct list_options {
    const char *jurisdiction;
};

static const cli_option list_table[] = {
    {.name = "jurisdiction",
     .value = "CODE",
     .kind = CLI_TEXT,
     .offset = offsetof(struct list_options, jurisdiction),
     .help = "those of a place, such as US-FL, of its country and of "
             "everywhere"},
    {0},
};

/* Is `wanted` one of the words, or a part of one: US-FL of US? */
static bool applies(const char *jurisdictions, const char *wanted)
{
    const char *at = jurisdictions;
    while (*at != '\0') {
        size_t len = strcspn(at, " ");
        bool whole = strncasecmp(at, wanted, len) == 0 &&
                     (wanted[len] == '\0' || wanted[len] == '-');
        if (whole || (len == 1 && *at == '*')) {
            return true;
        }
        at += len + strspn(at + len, " ");
    }
    return false;
}

static void put_rule(cli_rows *out, const od_rule *rule)
{
    cli_rows_text(out, rule->id);
    cli_rows_text(out, rule->jurisdiction);
    cli_rows_text(out, od_rule_effect_name(rule->effect));
    cli_rows_text(out, rule->set);
    cli_rows_text(out, rule->from);
    cli_rows_text(out, rule->until);
    cli_rows_bool(out, rule->verified);
    cli_rows_bool(out, rule->lifted);
    cli_rows_bool(out, rule->host);
    cli_rows_text(out, rule->text);
    cli_rows_text(out, rule->citation);
    cli_rows_end(out);
}

static cli_exit list(cli *c, const void *values)
{
    static const cli_column columns[] = {
        {"id", 22},  {"jurisdiction", 12}, {"effect", 0},   {"set", 0},
        {"from", 0}, {"until", 0},         {"verified", 8}, {"lifted", 6},
        {"host", 0}, {"text", CLI_REST},   {"citation", 0}, {0}};
    const struct list_options *options = values;
    cli_rows out;
    od_rule rows[PAGE];
    size_t count = PAGE;
    size_t after = 0;
    cli_rows_begin(&out, c, columns);
    while (count == PAGE) {
        od_err err = od_rules_list(c->engine, after, rows, PAGE, &count);
        if (err != OD_OK) {
            return cli_fail(c, err, "rules list");
        }
        for (size_t i = 0; i < count; i++) {
            if (options->jurisdiction == NULL ||
                applies(rows[i].jurisdiction, options->jurisdiction)) {
                put_rule(&out, &rows[i]);
            }
        }
        after += count;
    }
    return CLI_OK;
}

static cli_exit add(cli *c, const void *values)
{
    static char text[TEXT_MAX + 2]; /* room to see that a file is too long */
    const char *path = c->operands[1];
    (void)values;
    FILE *file = fopen(path, "r");
    size_t len = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    bool failed = file == NULL || ferror(file) != 0;
    if (failed) {
        cli_say("%s: %s", path, strerror(errno));
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    if (failed) {
        return CLI_NOT_FOUND;
    }
    text[len] = '\0';
    if (strlen(text) != len) {
        cli_say("%s: it is no text", path);
        return CLI_FAILURE;
    }
    od_err err = od_rules_add(c->engine, c->operands[0], text);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, path);
}

static cli_exit take_out(cli *c, const void *values)
{
    (void)values;
    od_err err = od_rules_remove(c->engine, c->operands[0]);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "rules remove");
}

static cli_exit hash(cli *c, const void *values)
{
    static const cli_column columns[] = {{"hash", CLI_REST}, {0}};
    cli_rows out;
    uint8_t bytes[32];
    char text[65];
    (void)values;
    od_err err = od_rules_hash(c->engine, bytes);
    if (err != OD_OK) {
        return cli_fail(c, err, "rules hash");
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    }
    cli_rows_begin(&out, c, columns);
    cli_rows_text(&out, text);
    cli_rows_end(&out);
    return CLI_OK;
}

const cli_command cli_rules_commands[] = {
    {.name = "rules list",
     .summary = "list the calling rules in force",
     .notes = "--json has their citations, too. Verified: its words were read "
              "at the source; lifted: an override lifts it for all "
              "campaigns.\n",
     .options = list_table,
     .options_size = sizeof(struct list_options),
     .opens = CLI_OPENS_NEW,
     .run = list},
    {.name = "rules add",
     .operands = "NAME FILE",
     .summary = "add a set of rules; it can only narrow what is allowed",
     .notes = "The format is that of docs/guide/rules.md. It is taken whole or "
              "not at all, and in force with the next decision.\n",
     .opens = CLI_OPENS_NEW,
     .run = add},
    {.name = "rules remove",
     .operands = "NAME",
     .summary = "remove a set that was added",
     .run = take_out},
    {.name = "rules hash",
     .summary = "one hash over all rules, as the ledger keeps it",
     .opens = CLI_OPENS_NEW,
     .run = hash},
    {0},
};
