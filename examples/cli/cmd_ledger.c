/*
 * cmd_ledger.c - `outdial ledger` and `outdial backup`: proof and safety.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#define HASH_DIGITS 64
#define HEAD_SIZE (24 + HASH_DIGITS + 1) /* "SEQ:HASH" */

/* -- heads, written SEQ:HASH ---------------------------------------------- */

static void head_text(const od_ledger_head *head, char out[HEAD_SIZE])
{
    int at = snprintf(out, HEAD_SIZE, "%" PRId64 ":", head->seq);
    for (size_t i = 0; i < sizeof head->hash; i++) {
        (void)snprintf(out + at + 2 * i, 3, "%02x", head->hash[i]);
    }
}

static bool head_parse(const char *text, od_ledger_head *out)
{
    char *end = NULL;
    memset(out, 0, sizeof *out);
    if (*text < '0' || *text > '9') {
        return false;
    }
    out->seq = strtoll(text, &end, 10);
    const char *hash = end + 1;
    if (*end != ':' || strlen(hash) != HASH_DIGITS ||
        strspn(hash, "0123456789abcdefABCDEF") != HASH_DIGITS) {
        return false;
    }
    for (size_t i = 0; i < sizeof out->hash; i++) {
        const char digits[] = {hash[2 * i], hash[2 * i + 1], '\0'};
        out->hash[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return true;
}

struct verify_options {
    const char *from;
    const char *to;
};

static const cli_option verify_table[] = {
    {.name = "from",
     .value = "SEQ:HASH",
     .kind = CLI_TEXT,
     .offset = offsetof(struct verify_options, from),
     .help = "check only what follows this head, which must be in it"},
    {.name = "to",
     .value = "SEQ:HASH",
     .kind = CLI_TEXT,
     .offset = offsetof(struct verify_options, to),
     .help = "check up to this head, which must be in it; default: the end"},
    {0},
};

static cli_exit verify(cli *c, const void *values)
{
    static const cli_column columns[] = {
        {"rows", -10}, {"head", CLI_REST}, {0}};
    const struct verify_options *options = values;
    od_ledger_head from;
    od_ledger_head to;
    char text[HEAD_SIZE];
    int64_t rows = 0;
    cli_rows out;
    od_err err = OD_OK;
    if ((options->from != NULL && !head_parse(options->from, &from)) ||
        (options->to != NULL && !head_parse(options->to, &to))) {
        return cli_usage(c, "a head is a number, ':' and %d hex digits, as "
                            "`outdial ledger head` prints it",
                         HASH_DIGITS);
    }
    if (options->to == NULL) {
        err = od_ledger_head_get(c->engine, &to);
    }
    if (err == OD_OK) {
        const od_ledger_head *begin = options->from != NULL ? &from : NULL;
        bool beyond = options->to == NULL && begin != NULL &&
                      begin->seq > to.seq; /* the library says it best */
        err = od_ledger_verify_range(c->engine, begin, beyond ? NULL : &to,
                                     &rows);
    }
    if (err != OD_OK) {
        return cli_fail(c, err, "ledger verify");
    }
    head_text(&to, text);
    cli_rows_begin(&out, c, columns);
    cli_rows_int(&out, rows);
    cli_rows_text(&out, text);
    cli_rows_end(&out);
    return CLI_OK;
}

static cli_exit head(cli *c, const void *values)
{
    static const cli_column columns[] = {
        {"seq", 0}, {"time", 19}, {"head", CLI_REST}, {0}};
    od_ledger_head now;
    char text[HEAD_SIZE];
    cli_rows out;
    (void)values;
    od_err err = od_ledger_head_get(c->engine, &now);
    if (err != OD_OK) {
        return cli_fail(c, err, "ledger head");
    }
    head_text(&now, text);
    cli_rows_begin(&out, c, columns);
    cli_rows_int(&out, now.seq);
    cli_rows_time(&out, now.utc_ms);
    cli_rows_text(&out, text);
    cli_rows_end(&out);
    return CLI_OK;
}

/* -- export --------------------------------------------------------------- */

struct export_options {
    const char *phone;
    const char *campaign;
    int64_t since;
    int64_t until;
    int64_t format;
};

static const cli_option export_table[] = {
    {.name = "phone",
     .value = "PHONE",
     .kind = CLI_TEXT,
     .offset = offsetof(struct export_options, phone),
     .help = "only what is about this number"},
    {.name = "campaign",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = offsetof(struct export_options, campaign),
     .help = "only what is about this campaign"},
    {.name = "since",
     .value = "TIME",
     .kind = CLI_TIME,
     .offset = offsetof(struct export_options, since),
     .help = "only what was written, or calls that began, at or after"},
    {.name = "until",
     .value = "TIME",
     .kind = CLI_TIME,
     .offset = offsetof(struct export_options, until),
     .help = "only before"},
    {.name = "format",
     .value = "jsonl|calls-csv", /* in the order of od_ledger_format */
     .kind = CLI_WORD,
     .offset = offsetof(struct export_options, format),
     .help = "rows as they are, or one line for each call; default jsonl"},
    {0},
};

static cli_exit export(cli *c, const void *values)
{
    const struct export_options *given = values;
    od_ledger_extract_options options;
    cli_exit rc = CLI_OK;
    od_ledger_extract_options_init(&options);
    options.path = c->operands[0];
    options.phone = given->phone;
    options.since_utc_ms = given->since != CLI_UNSET ? given->since : 0;
    options.until_utc_ms = given->until != CLI_UNSET ? given->until : 0;
    options.format = given->format != CLI_UNSET ? (int32_t)given->format
                                                : OD_LEDGER_JSON_LINES;
    if (given->campaign != NULL) {
        rc = cli_find(c, "campaign", od_campaign_find, given->campaign,
                      &options.campaign);
    }
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_ledger_extract(c->engine, &options);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "ledger export");
}

/* -- backup --------------------------------------------------------------- */

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
         "Prints how many rows hold, and the head: keep it elsewhere, and a "
         "later check with --to can tell that rows up to it are the same. "
         "Exits with 1 and names the first row that does not hold, with 4 if "
         "the ledger ends before a head that was given.\n",
     .options = verify_table,
     .options_size = sizeof(struct verify_options),
     .run = verify},
    {.name = "ledger head",
     .summary = "print the head without checking anything",
     .notes = "The time, number and hash of the last row: enough to prove "
              "later that nothing before it was changed. Keep it, signed and "
              "dated, where whoever can write the database cannot change it.\n",
     .run = head},
    {.name = "ledger export",
     .operands = "FILE",
     .summary = "write the ledger, a part of it, or its calls to a file",
     .notes = "With --format calls-csv one line for each call, with what is "
              "to be kept of it: numbers, times, prompts, proofs, rules.\n",
     .options = export_table,
     .options_size = sizeof(struct export_options),
     .run = export},
    {.name = "backup",
     .operands = "FILE",
     .summary = "write a whole copy of the database",
     .notes = "Also while another process dials. FILE must not exist.\n",
     .run = backup},
    {0},
};
