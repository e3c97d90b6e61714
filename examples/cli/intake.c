/*
 * intake.c - files of rows into a list: what `dnc import` and `consent import`
 * share.
 */
#include "cli.h"

const cli_option cli_intake_table[] = {
    {.name = "reject",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(cli_intake_options, reject),
     .help = "write rejected rows to a CSV file"},
    {0},
};

cli_exit cli_intake_put(cli *c, const cli_intake *figures)
{
    static const cli_column columns[] = {{"rows", -10},
                                         {"added", -10},
                                         {"present", -10},
                                         {"rejected", -10},
                                         {0}};
    cli_rows out;
    cli_rows_begin(&out, c, columns);
    cli_rows_int(&out, figures->rows);
    cli_rows_int(&out, figures->added);
    cli_rows_int(&out, figures->present);
    cli_rows_int(&out, figures->rejected);
    cli_rows_end(&out);
    return CLI_OK;
}
