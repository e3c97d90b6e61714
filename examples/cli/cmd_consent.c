/*
 * cmd_consent.c - `outdial consent`: evidence that people agreed to be called.
 */
#include "cli.h"

#include <string.h>

#define PAGE 100
/* As od_consent_kind, from 1, and od_purpose, from 1. */
#define KINDS "express|written|purchase|inquiry"
#define PURPOSES "marketing|informational|survey|charity|health|debt|emergency"

struct add_options {
    int64_t kind;
    int64_t purpose;
    int64_t obtained;
    const char *seller;
    const char *how;
    const char *text;
    const char *reference;
    const char *who;
    const char *sha256;
};

static const cli_option add_table[] = {
    {.name = "kind",
     .value = KINDS,
     .kind = CLI_WORD,
     .required = true,
     .offset = offsetof(struct add_options, kind),
     .help = "what it is evidence of"},
    {.name = "purpose",
     .value = PURPOSES,
     .kind = CLI_WORD,
     .offset = offsetof(struct add_options, purpose),
     .help = "what the person agreed to; needed for express and written"},
    {.name = "obtained",
     .value = "TIME",
     .kind = CLI_TIME,
     .required = true,
     .offset = offsetof(struct add_options, obtained),
     .help = "when the person agreed, bought or asked"},
    {.name = "seller",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, seller),
     .help = "whom it names, as in the campaign"},
    {.name = "how",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, how),
     .help = "web form, paper, recorded call ..."},
    {.name = "text",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, text),
     .help = "what the person was shown"},
    {.name = "reference",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, reference),
     .help = "where the evidence is kept"},
    {.name = "who",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, who),
     .help = "name of the person who agreed"},
    {.name = "sha256",
     .value = "HEX",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, sha256),
     .help = "hash of the evidence, 64 hexadecimal digits"},
    {0},
};

static bool hash_parse(const char *text, uint8_t out[32])
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    if (strlen(text) != 64) {
        return false;
    }
    for (size_t i = 0; i < 64; i++) {
        const char *digit = strchr(digits, text[i]);
        if (digit == NULL) {
            return false;
        }
        out[i / 2] = (uint8_t)(out[i / 2] * 16 + (digit - digits) % 16);
    }
    return true;
}

static cli_exit add(cli *c, const void *values)
{
    const struct add_options *options = values;
    od_consent consent = {
        .phone = c->operands[0],
        .kind = (int32_t)options->kind + 1,
        .purpose = options->purpose != CLI_UNSET ? (int32_t)options->purpose + 1
                                                 : OD_PURPOSE_UNSTATED,
        .obtained_utc_ms = options->obtained,
        .seller = options->seller,
        .how = options->how,
        .text = options->text,
        .reference = options->reference,
        .who = options->who,
    };
    if (options->sha256 != NULL &&
        !hash_parse(options->sha256, consent.sha256)) {
        return cli_usage(c, "--sha256 takes 64 hexadecimal digits");
    }
    od_err err = od_consent_add(c->engine, &consent);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "consent add");
}

static cli_exit import(cli *c, const void *values)
{
    const cli_intake_options *options = values;
    od_consent_report r;
    od_err err =
        od_consent_import(c->engine, c->operands[0], options->reject, &r);
    if (err != OD_OK) {
        return cli_fail(c, err, "consent import");
    }
    return cli_intake_put(
        c, &(cli_intake){r.rows, r.added, r.present, r.rejected});
}

static void hash_text(const uint8_t hash[32], char out[65])
{
    static const uint8_t none[32];
    out[0] = '\0';
    for (size_t i = 0; i < 32 && memcmp(hash, none, sizeof none) != 0; i++) {
        (void)snprintf(out + 2 * i, 3, "%02x", hash[i]);
    }
}

static void print_row(cli_rows *out, const od_consent *row)
{
    char hash[65];
    hash_text(row->sha256, hash);
    cli_rows_int(out, row->id);
    cli_rows_text(out, row->phone);
    cli_rows_text(out, od_consent_kind_name(row->kind));
    cli_rows_text(out, row->purpose != OD_PURPOSE_UNSTATED
                           ? od_purpose_name(row->purpose)
                           : "");
    cli_rows_time(out, row->obtained_utc_ms);
    cli_rows_time(out, row->revoked_utc_ms);
    cli_rows_time(out, row->added_utc_ms);
    cli_rows_text(out, row->how);
    cli_rows_text(out, row->text);
    cli_rows_text(out, row->reference);
    cli_rows_text(out, row->who);
    cli_rows_text(out, hash);
    cli_rows_text(out, row->seller);
    cli_rows_end(out);
}

static cli_exit list(cli *c, const void *values)
{
    static const cli_column columns[] = {{"id", 0},
                                         {"phone", 16},
                                         {"kind", 8},
                                         {"purpose", 13},
                                         {"obtained", 19},
                                         {"revoked", 19},
                                         {"added", 0},
                                         {"how", 0},
                                         {"text", 0},
                                         {"reference", 0},
                                         {"who", 0},
                                         {"sha256", 0},
                                         {"seller", CLI_REST},
                                         {0}};
    cli_rows out;
    od_consent rows[PAGE];
    const char *phone = c->operands_len > 0 ? c->operands[0] : NULL;
    size_t count = PAGE;
    od_id after = 0;
    (void)values;
    cli_rows_begin(&out, c, columns);
    while (count == PAGE) {
        od_err err =
            od_consents_list(c->engine, phone, after, rows, PAGE, &count);
        if (err != OD_OK) {
            return cli_fail(c, err, "consent list");
        }
        for (size_t i = 0; i < count; i++) {
            print_row(&out, &rows[i]);
            after = rows[i].id;
        }
    }
    return CLI_OK;
}

struct revoke_options {
    const char *seller;
    const char *reason;
};

static const cli_option revoke_table[] = {
    {.name = "seller",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = offsetof(struct revoke_options, seller),
     .help = "only what was given to this seller"},
    {.name = "reason",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .offset = offsetof(struct revoke_options, reason),
     .help = "kept in the ledger"},
    {0},
};

static cli_exit revoke(cli *c, const void *values)
{
    const struct revoke_options *options = values;
    cli_exit rc = CLI_OK;
    for (int i = 0; i < c->operands_len && rc == CLI_OK; i++) {
        od_err err = od_consent_revoke(c->engine, c->operands[i],
                                       options->seller, options->reason);
        rc = err == OD_OK ? CLI_OK : cli_fail(c, err, c->operands[i]);
    }
    return rc;
}

static cli_exit export(cli *c, const void *values)
{
    (void)values;
    od_err err = od_consent_export(c->engine, c->operands[0]);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "consent export");
}

const cli_command cli_consent_commands[] = {
    {.name = "consent add",
     .operands = "PHONE",
     .summary = "put evidence of consent on record",
     .options = add_table,
     .options_size = sizeof(struct add_options),
     .opens = CLI_OPENS_NEW,
     .run = add},
    {.name = "consent revoke",
     .operands = "PHONE...",
     .summary = "these people do not agree any more",
     .notes = "Their numbers are not on the do-not-call list by that; see dnc "
              "add, which revokes as well.\n",
     .options = revoke_table,
     .options_size = sizeof(struct revoke_options),
     .run = revoke},
    {.name = "consent list",
     .operands = "[PHONE]",
     .summary = "list the evidence, of one number or all",
     .run = list},
    {.name = "consent import",
     .operands = "FILE",
     .summary = "put the rows of a CSV file on record",
     .notes = "The first line names the columns, in any order: phone, kind "
              "and obtained are required, purpose for the kinds express and "
              "written; seller how text reference who sha256 are known. Times "
              "are UTC: 2026-10-18 or 2026-10-18T15:04:05Z.\n",
     .options = cli_intake_table,
     .options_size = sizeof(cli_intake_options),
     .opens = CLI_OPENS_NEW,
     .run = import},
    {.name = "consent export",
     .operands = "FILE",
     .summary = "write all evidence to a CSV file",
     .run = export},
    {0},
};
