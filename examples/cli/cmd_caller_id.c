/*
 * cmd_caller_id.c - `outdial caller-id`: numbers that may be shown.
 */
#include "cli.h"

#define PAGE 100

struct add_options {
    const char *evidence;
};

static const cli_option add_table[] = {
    {.name = "evidence",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .required = true,
     .offset = offsetof(struct add_options, evidence),
     .help = "where the proof is: contract, letter of authorisation"},
    {0},
};

static cli_exit add(cli *c, const void *values)
{
    const struct add_options *options = values;
    cli_exit rc = CLI_OK;
    for (int i = 0; i < c->operands_len && rc == CLI_OK; i++) {
        od_caller_id row = {c->operands[i], options->evidence};
        od_err err = od_caller_id_add(c->engine, &row);
        rc = err == OD_OK ? CLI_OK : cli_fail(c, err, c->operands[i]);
    }
    return rc;
}

static cli_exit take_off(cli *c, const void *values)
{
    cli_exit rc = CLI_OK;
    (void)values;
    for (int i = 0; i < c->operands_len && rc == CLI_OK; i++) {
        od_err err = od_caller_id_remove(c->engine, c->operands[i]);
        rc = err == OD_OK ? CLI_OK : cli_fail(c, err, c->operands[i]);
    }
    return rc;
}

static cli_exit list(cli *c, const void *values)
{
    static const cli_column columns[] = {
        {"phone", 16}, {"evidence", CLI_REST}, {0}};
    cli_rows out;
    od_caller_id rows[PAGE];
    size_t count = PAGE;
    size_t after = 0;
    (void)values;
    cli_rows_begin(&out, c, columns);
    while (count == PAGE) {
        od_err err = od_caller_ids_list(c->engine, after, rows, PAGE, &count);
        if (err != OD_OK) {
            return cli_fail(c, err, "caller-id list");
        }
        for (size_t i = 0; i < count; i++) {
            cli_rows_text(&out, rows[i].phone);
            cli_rows_text(&out, rows[i].evidence);
            cli_rows_end(&out);
        }
        after += count;
    }
    return CLI_OK;
}

const cli_command cli_caller_id_commands[] = {
    {.name = "caller-id add",
     .operands = "PHONE...",
     .summary = "these numbers may be shown as caller ID",
     .options = add_table,
     .options_size = sizeof(struct add_options),
     .opens = CLI_OPENS_NEW,
     .run = add},
    {.name = "caller-id remove",
     .operands = "PHONE...",
     .summary = "take numbers off that list",
     .run = take_off},
    {.name = "caller-id list",
     .summary = "list them with their proof",
     .run = list},
    {0},
};
