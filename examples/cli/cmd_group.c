/*
 * cmd_group.c - `outdial group`: lists of people, by name.
 */
#include "cli.h"

#define PAGE 100

static cli_exit list(cli *c, const void *values)
{
    static const cli_column columns[] = {
        {"id", -6}, {"members", -9}, {"fresh", 19}, {"name", CLI_REST}, {0}};
    cli_rows out;
    od_group rows[PAGE];
    size_t count = PAGE;
    od_id after = 0;
    (void)values;
    cli_rows_begin(&out, c, columns);
    while (count == PAGE) {
        od_err err = od_groups_list(c->engine, after, rows, PAGE, &count);
        if (err != OD_OK) {
            return cli_fail(c, err, "group list");
        }
        for (size_t i = 0; i < count; i++) {
            cli_rows_int(&out, rows[i].id);
            cli_rows_int(&out, rows[i].members);
            cli_rows_time(&out, rows[i].fresh_utc_ms);
            cli_rows_text(&out, rows[i].name);
            cli_rows_end(&out);
            after = rows[i].id;
        }
    }
    return CLI_OK;
}

static cli_exit add(cli *c, const void *values)
{
    od_id id = 0;
    (void)values;
    od_err err = od_group_add(c->engine, c->operands[0], &id);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "group add");
}

static cli_exit change_name(cli *c, const void *values)
{
    od_id id = 0;
    (void)values;
    cli_exit rc = cli_find(c, "group", od_group_find, c->operands[0], &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_group_rename(c->engine, id, c->operands[1]);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "group rename");
}

static cli_exit leave(cli *c, const void *values)
{
    od_id id = 0;
    (void)values;
    cli_exit rc = cli_find(c, "group", od_group_find, c->operands[0], &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_group_remove(c->engine, id);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "group remove");
}

static cli_exit export(cli *c, const void *values)
{
    od_id id = 0;
    (void)values;
    cli_exit rc = cli_find(c, "group", od_group_find, c->operands[0], &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_group_export(c->engine, id, c->operands[1]);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "group export");
}

struct validate_options {
    int64_t at;
};

static const cli_option validate_table[] = {
    {.name = "at",
     .value = "TIME",
     .kind = CLI_TIME,
     .offset = offsetof(struct validate_options, at),
     .help = "when they were checked; default now"},
    {0},
};

static cli_exit validate(cli *c, const void *values)
{
    const struct validate_options *options = values;
    od_now now;
    od_id id = 0;
    cli_exit rc = cli_find(c, "group", od_group_find, c->operands[0], &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_now_read(&now);
    od_err err = od_engine_wait(c->engine, 0); /* its clock is not behind */
    if (err == OD_OK) {
        err = od_group_validate(
            c->engine, id, options->at != CLI_UNSET ? options->at : now.utc_ms);
    }
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "group validate");
}

const cli_command cli_group_commands[] = {
    {.name = "group list", .summary = "list the groups", .run = list},
    {.name = "group add",
     .operands = "NAME",
     .summary = "add an empty group",
     .opens = CLI_OPENS_NEW,
     .run = add},
    {.name = "group rename",
     .operands = "NAME NEW",
     .summary = "rename a group",
     .run = change_name},
    {.name = "group remove",
     .operands = "NAME",
     .summary = "remove a group; its contacts stay",
     .run = leave},
    {.name = "group validate",
     .operands = "NAME",
     .summary = "its contacts were checked",
     .notes = "A check tells whether the numbers still belong to the people: a "
              "list of reassigned numbers, or the people themselves. campaign "
              "problems warns of groups that are not fresh.\n",
     .options = validate_table,
     .options_size = sizeof(struct validate_options),
     .run = validate},
    {.name = "group export",
     .operands = "NAME FILE",
     .summary = "write a group to a CSV file",
     .notes = "The file imports to the same contacts. It appears whole or not "
              "at all.\n",
     .run = export},
    {0},
};
