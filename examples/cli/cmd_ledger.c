/*
 * cmd_ledger.c - `outdial ledger` and `outdial backup`: proof and safety.
 */
#include "cli.h"

static cli_exit verify(cli *c, const void *values)
{
    static const cli_column columns[] = {
        {"rows", -10}, {"head", CLI_REST}, {0}};
    uint8_t head[32] = {0};
    char hex[65];
    int64_t count = 0;
    cli_rows out;
    (void)values;
    od_err err = od_ledger_verify(c->engine, &count, head);
    if (err != OD_OK) {
        return cli_fail(c, err, "ledger verify");
    }
    for (size_t at = 0; at < sizeof head; at++) {
        (void)snprintf(hex + 2 * at, 3, "%02x", head[at]);
    }
    cli_rows_begin(&out, c, columns);
    cli_rows_int(&out, count);
    cli_rows_text(&out, hex);
    cli_rows_end(&out);
    return CLI_OK;
}

static cli_exit export(cli *c, const void *values)
{
    (void)values;
    od_err err = od_ledger_export(c->engine, c->operands[0]);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "ledger export");
}

static cli_exit backup(cli *c, const void *values)
{
    (void)values;
    od_err err = od_engine_backup(c->engine, c->operands[0]);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "backup");
}

const cli_command cli_ledger_commands[] = {
    {.name = "ledger verify",
     .summary = "check that nobody changed the ledger",
     .notes =
         "Prints how many rows hold and the hash of the last one: keep it "
         "elsewhere, and a later check can tell that rows before it are the "
         "same. Exits with 1 and names the first row that does not hold.\n",
     .run = verify},
    {.name = "ledger export",
     .operands = "FILE",
     .summary = "write the ledger as JSON Lines",
     .run = export},
    {.name = "backup",
     .operands = "FILE",
     .summary = "write a whole copy of the database",
     .notes = "Also while another process dials. FILE must not exist.\n",
     .run = backup},
    {0},
};
