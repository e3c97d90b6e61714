/*
 * cmd_erase.c - `outdial erase`: forget a person, as far as records may go.
 */
#include "cli.h"

struct erase_options {
    const char *reason;
};

static const cli_option erase_table[] = {
    {.name = "reason",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .required = true,
     .offset = offsetof(struct erase_options, reason),
     .help = "kept in the ledger for ever; names no person"},
    {0},
};

static cli_exit erase(cli *c, const void *values)
{
    static const cli_column columns[] = {
        {"contacts", -8},     {"rows_erased", -11}, {"rows_kept", -9},
        {"calls_erased", -12}, {"kept_until", 19},   {0}};
    const struct erase_options *options = values;
    od_erasure done;
    cli_rows out;
    od_err err =
        od_person_erase(c->engine, c->operands[0], options->reason, &done);
    if (err != OD_OK) {
        return cli_fail(c, err, "erase");
    }
    cli_rows_begin(&out, c, columns);
    cli_rows_int(&out, done.contacts);
    cli_rows_int(&out, done.rows_erased);
    cli_rows_int(&out, done.rows_kept);
    cli_rows_int(&out, done.calls_erased);
    cli_rows_time(&out, done.kept_until_utc_ms);
    cli_rows_end(&out);
    return CLI_OK;
}

const cli_command cli_erase_commands[] = {
    {.name = "erase",
     .operands = "PHONE",
     .summary = "erase a person and what may be forgotten of their calls",
     .notes =
         "Removes the contacts with this number, and of records older than "
         "five years what names it; the chain of the ledger still holds. "
         "Younger records must be kept: erase again after the time that is "
         "printed. An entry of the do-not-call list stays for ever.\n",
     .options = erase_table,
     .options_size = sizeof(struct erase_options),
     .run = erase},
    {0},
};
